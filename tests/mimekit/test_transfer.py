"""Transfer encodings."""

from __future__ import annotations

import base64
import binascii
import quopri
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mimekit import transfer
from mimekit.errors import BadValue, Defect

ENCODINGS = ["7bit", "8bit", "binary", "quoted-printable", "base64"]
# Octets made of what encodings care about, long runs included, so that lines are broken at awkward places.
pieces = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b" ", b"\t", b".", b"--", b"-", b"From ", b"=", b"\0", b"a", b"\xff", b"\xc3\xa9", b"=3D"]
) | st.integers(1, 90).map(lambda size: b"x" * size)
octet_strings = st.binary() | st.lists(pieces, max_size=40).map(b"".join)
encoded_strings = st.binary() | st.lists(
    st.sampled_from(
        [b"QUJD", b"QQ==", b"QQ=", b"Q", b"=", b"==", b"=\r", b"=\n", b"=4", b"=41", b"=zz", b" ", b"\t", b"\r\n", b"!"]
    )
    | st.sampled_from([b"begin 644 a\n", b"#0V%T\n", b"end\n", b"`\n", b"\xff"]),
    max_size=30,
).map(b"".join)


def codes(defects: tuple[Defect, ...]) -> list[tuple[str, int | None]]:
    """Code and place of each of *defects*."""
    return [(defect.code, defect.offset) for defect in defects]


class TestToken:
    @pytest.mark.parametrize(
        ("body", "token", "clean"),
        [
            pytest.param(" base64", "base64", True, id="usual"),
            pytest.param(" Quoted-Printable\r\n ", "quoted-printable", True, id="usual-case"),
            pytest.param("", "", True, id="usual-nothing"),
            pytest.param(" x-uuencode", "x-uuencode", True, id="usual-extension"),
            pytest.param("base64 ", "base64", True, id="wild-space"),
            pytest.param("base64;", "base64", False, id="wild-semicolon"),
            pytest.param('"base64"', "base64", False, id="wild-quotes"),
            pytest.param("base64 (x)", "base64", True, id="wild-comment"),
            pytest.param("BASE64", "base64", True, id="wild-case"),
            pytest.param("'base64'", "base64", False, id="odd-single-quotes"),
            pytest.param("8bit; charset=utf-8", "8bit", False, id="odd-parameter"),
            pytest.param("(only) (comments)", "", False, id="odd-comment-alone"),
            pytest.param("\xe9", "", False, id="hostile-8bit"),
            pytest.param(";" * 1000, "", False, id="hostile-semicolons"),
        ],
    )
    def test_the_token_is_found_wild_11(self, body: str, token: str, clean: bool) -> None:
        """RFC 2045, section 6.1: a mechanism is a token, in any case."""
        assert transfer.token(body) == (token, clean)

    @given(st.text(st.characters(max_codepoint=255)))
    def test_no_body_raises(self, body: str) -> None:
        """Reading never raises, and gives lower case."""
        token, _clean = transfer.token(body)

        assert token == token.lower()


class TestBase64:
    @pytest.mark.parametrize(
        ("encoded", "octets", "offset"),
        [
            pytest.param(b"QUJD\r\nREVG\r\n", b"ABCDEF", None, id="usual"),
            pytest.param(b"QUI=", b"AB", None, id="usual-padded"),
            pytest.param(b"", b"", None, id="usual-empty"),
            pytest.param(b"Q U\tJ\nD \r\n\r\n", b"ABC", None, id="usual-blanks-anywhere"),
            pytest.param(b"QQ==QUI=\r\nQUJD", b"AABABC", 2, id="wild-padding-inside"),
            pytest.param(b"QUJD!*REVG", b"ABCDEF", 4, id="wild-junk"),
            pytest.param(b"QUJDRA", b"ABCD", 6, id="wild-no-padding"),
            pytest.param(b"QUJDREU", b"ABCDE", 7, id="wild-no-padding-of-one"),
            pytest.param(b"QUJDRA=", b"ABCD", 7, id="wild-half-the-padding"),
            pytest.param(b"QUI=====", b"AB", 3, id="odd-too-much-padding"),
            pytest.param(b"QUJD=", b"ABC", 5, id="odd-padding-without-need"),
            pytest.param(b"QQ=\r\n=\r\nQUI=", b"AAB", 2, id="odd-padding-over-two-lines"),
            pytest.param(b"QUJDR", b"ABC", 5, id="odd-a-digit-too-many"),
            pytest.param(b"Q=UJD", b"ABC", 1, id="odd-padding-where-none-can-be"),
            pytest.param(b"====", b"", 0, id="hostile-padding-alone"),
            pytest.param(b"\xff\0", b"", 0, id="hostile-no-digit"),
            pytest.param(b"QU-_JD", b"ABC", 2, id="hostile-url-safe-is-junk"),
        ],
    )
    def test_all_of_it_comes_out_wild_11(self, encoded: bytes, octets: bytes, offset: int | None) -> None:
        """RFC 2045, section 6.8: all other characters must be ignored by decoding software."""
        decoded, defects = transfer.decode(encoded, "base64")

        assert decoded == octets
        assert codes(defects) == ([] if offset is None else [("bad-base64", offset)])

    @given(st.lists(st.binary(), min_size=1, max_size=8))
    def test_concatenated_runs_come_out_whole(self, runs: list[bytes]) -> None:
        """Padding inside ends a run, not the content."""
        encoded = b"\r\n".join(base64.b64encode(run) for run in runs)

        assert transfer.decode(encoded, "base64")[0] == b"".join(runs)

    @given(st.binary(), st.lists(st.tuples(st.integers(0, 400), st.sampled_from([b"!", b"\xff", b" ", b"\r\n", b"-"]))))
    def test_junk_costs_no_octet(self, octets: bytes, junk: list[tuple[int, bytes]]) -> None:
        """RFC 2045, section 6.8: all other characters must be ignored by decoding software."""
        encoded = base64.b64encode(octets).rstrip(b"=")
        for place, piece in junk:
            encoded = encoded[:place] + piece + encoded[place:]

        assert transfer.decode(encoded, "base64")[0] == octets

    @given(st.binary(max_size=400))
    def test_lines_are_those_of_the_standard_library(self, octets: bytes) -> None:
        """RFC 2045, section 6.8: lines of no more than 76 characters; no line end behind the last."""
        assert transfer.encode(octets, "base64", linesep=b"\n") == base64.encodebytes(octets).removesuffix(b"\n")


class TestQuotedPrintableDecoding:
    @pytest.mark.parametrize(
        ("encoded", "octets", "offset"),
        [
            pytest.param(b"caf=E9 =3D\r\n", b"caf\xe9 =\r\n", None, id="usual"),
            pytest.param(b"one =\r\nline", b"one line", None, id="usual-soft-break"),
            pytest.param(b"plain", b"plain", None, id="usual-plain"),
            pytest.param(b"caf=e9=3d", b"caf\xe9=", None, id="odd-lower-case"),
            pytest.param(b"one =\nline", b"one line", None, id="odd-lf"),
            pytest.param(b"one =\rline\r", b"one line\r", None, id="odd-cr"),
            pytest.param(b"one = \t\r\nline", b"one line", None, id="odd-blank-behind-soft-break"),
            pytest.param(b"one \t \r\ntwo\t\n three ", b"one\r\ntwo\n three", None, id="odd-blanks-at-line-ends"),
            pytest.param(b"the end =", b"the end ", None, id="odd-soft-break-at-the-end"),
            pytest.param(b"a_b", b"a_b", None, id="odd-underscore-is-no-space"),
            pytest.param(b"1 = 2", b"1 = 2", 2, id="odd-bare-equals-sign"),
            pytest.param(b"a=zz", b"a=zz", 1, id="odd-no-hexadecimals"),
            pytest.param(b"=4", b"=4", 0, id="odd-half-an-escape"),
            pytest.param(b"==41", b"=A", 0, id="odd-two-equals-signs"),
            pytest.param(b"==\r\nx", b"=x", 0, id="odd-equals-sign-before-soft-break"),
            pytest.param(b"\xe9=41", b"\xe9A", None, id="hostile-8bit"),
            pytest.param(b"=", b"", None, id="hostile-lone"),
        ],
    )
    def test_what_is_no_escape_stands_for_itself(self, encoded: bytes, octets: bytes, offset: int | None) -> None:
        """RFC 2045, section 6.7: a robust decoder includes what is malformed without any transformation."""
        decoded, defects = transfer.decode(encoded, "quoted-printable")

        assert decoded == octets
        assert codes(defects) == ([] if offset is None else [("bad-quoted-printable", offset)])

    @given(encoded_strings)
    def test_the_short_way_and_the_long_way_agree(self, encoded: bytes) -> None:
        """What binascii decodes is what the tolerant decoder makes of it."""
        clean = transfer._without_trailing_blanks(encoded)

        assert transfer.undo(encoded, "quoted-printable") == transfer._salvage_quoted_printable(clean)


class TestQuotedPrintableEncoding:
    @pytest.mark.parametrize(
        ("octets", "text", "encoded"),
        [
            pytest.param(b"caf\xe9 = x\r\n", True, b"caf=E9 =3D x\r\n", id="usual-text"),
            pytest.param(b"a\r\nb\nc", False, b"a=0D=0Ab=0Ac", id="usual-octets"),
            pytest.param(b"a\tb \r\n\t\r\n ", True, b"a\tb=20\r\n=09\r\n=20", id="usual-blanks-at-line-ends"),
            pytest.param(b"", True, b"", id="usual-empty"),
            pytest.param(b"\r\n\r\n", True, b"\r\n\r\n", id="usual-empty-lines"),
            pytest.param(b"a\rb\nc\r\r\n", True, b"a=0Db=0Ac=0D\r\n", id="odd-lone-cr-and-lf"),
            pytest.param(b"=0D=0A", True, b"=3D0D=3D0A", id="odd-looks-like-an-escaped-line-end"),
            pytest.param(
                b"--x\r\n.\r\nFrom me\r\n", True, b"=2D-x\r\n=2E\r\n=46rom me\r\n", id="odd-lines-that-mean-something"
            ),
            pytest.param(b"-x\r\n..\r\nFrom\r\n", True, b"-x\r\n..\r\nFrom\r\n", id="odd-lines-that-do-not"),
            pytest.param(b"x" * 76, True, b"x" * 76, id="odd-76"),
            pytest.param(b"x" * 77, True, b"x" * 75 + b"=\r\nxx", id="odd-77"),
            pytest.param(b"x" * 74 + b"\xff", True, b"x" * 74 + b"=\r\n=FF", id="odd-escape-over-the-edge"),
            pytest.param(b"x" * 73 + b"\xff ", True, b"x" * 73 + b"=\r\n=FF=20", id="odd-escape-two-over"),
            pytest.param(b"x" * 72 + b"\xff-", True, b"x" * 72 + b"=FF-", id="odd-escape-fits"),
            pytest.param(b"x" * 74 + b" \r\n", True, b"x" * 74 + b"=\r\n=20\r\n", id="odd-blank-over-the-edge"),
            pytest.param(b"x" * 75 + b"--", True, b"x" * 75 + b"=\r\n=2D-", id="odd-soft-break-before-hyphens"),
            pytest.param(b"x" * 75 + b"y.", True, b"x" * 75 + b"=\r\ny.", id="odd-two-on-the-next-line"),
            pytest.param(b"-" * 77, True, b"=2D" + b"-" * 72 + b"=\r\n=2D---", id="odd-hyphens"),
        ],
    )
    def test_every_rule_is_kept(self, octets: bytes, text: bool, encoded: bytes) -> None:
        """RFC 2045, section 6.7, rules 1 to 5; and no line that another reader takes for something else."""
        assert transfer.encode(octets, "quoted-printable", text=text) == encoded

    @given(octet_strings, st.booleans())
    def test_few_odd_octets_are_escaped_as_many_are(self, octets: bytes, text: bool) -> None:
        """The quick way, a kind of octet at a time, and that of binascii agree."""
        few = transfer.encode(octets, "quoted-printable", text=text)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transfer, "_FEW", 0)
            many = transfer.encode(octets, "quoted-printable", text=text)

        assert few == many

    @given(octet_strings)
    def test_lines_are_cut_as_where_it_takes_care(self, octets: bytes) -> None:
        """What no line could begin wrongly with needs none."""
        escaped = transfer._escaped(octets)
        if b"--" not in escaped and b"From " not in escaped and not escaped.endswith(b"."):
            assert list(transfer._wrap(escaped)) == list(transfer._wrap_carefully(escaped))

    @given(octet_strings, st.booleans(), st.sampled_from([b"\r\n", b"\n"]))
    def test_every_line_is_valid(self, octets: bytes, text: bool, linesep: bytes) -> None:
        """RFC 2045, section 6.7: printable ASCII, at most 76 a line, no blank before a line end."""
        lines = transfer.encode(octets, "quoted-printable", text=text, linesep=linesep).split(linesep)

        for line in lines:
            assert re.fullmatch(rb"(?:[ \t!-<>-~]|=[0-9A-F]{2})*=?", line)
            assert len(line) <= 76
            assert not line.endswith((b" ", b"\t"))
            assert not line.startswith((b"--", b"From "))
            assert line != b"."

    @given(octet_strings, st.booleans())
    def test_the_standard_library_reads_it(self, octets: bytes, text: bool) -> None:
        """The oracle is right for what is well-formed."""
        assert quopri.decodestring(transfer.encode(octets, "quoted-printable", text=text)) == octets

    def test_line_ends_of_text_are_written_as_asked(self) -> None:
        """Hard and soft breaks alike."""
        encoded = transfer.encode(b"a\r\n" + b"x" * 77, "quoted-printable", linesep=b"\n", text=True)

        assert encoded == b"a\n" + b"x" * 75 + b"=\nxx"


class TestUuencode:
    @pytest.mark.parametrize("name", ["x-uuencode", "uuencode", "uue", "x-uue", "X-UUENCODE"])
    def test_every_name_is_known(self, name: str) -> None:
        """Nobody registered it, and so everybody named it."""
        assert transfer.decode(b"begin 644 cat\n#0V%T\n`\nend\n", name) == (b"Cat", ())

    @pytest.mark.parametrize(
        ("encoded", "octets", "offset"),
        [
            pytest.param(b"begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", b"Cat", None, id="usual-crlf"),
            pytest.param(b"begin 644 cat\r#0V%T\r \rend", b"Cat", None, id="odd-cr"),
            pytest.param(b"hello\n\nbegin 0644 a b\n#0V%T\n\nend\nbye", b"Cat", None, id="odd-text-around"),
            pytest.param(b"begin 644 cat\n#0V%TX\nend\n", b"Cat", None, id="odd-check-character"),
            pytest.param(b'begin 644 cat\n"0V\nend\n', b"C`", None, id="odd-lost-blanks"),
            pytest.param(b"begin 644 cat\n#0V%T\n", b"Cat", 20, id="odd-no-end"),
            pytest.param(b"begin 644 cat\n#\xff\xff\xff\xff\n#0V%T\n\xff\nend\n", b"Cat", 14, id="odd-damaged-lines"),
            pytest.param(b"begin 644 cat\n#\xff\n", b"", 14, id="odd-damaged-and-no-end"),
            pytest.param(b"no begin", b"no begin", 0, id="hostile-nothing"),
        ],
    )
    def test_what_can_be_read_is_read(self, encoded: bytes, octets: bytes, offset: int | None) -> None:
        """POSIX, uuencode: a begin line, lines that tell their length, an end line."""
        decoded, defects = transfer.decode(encoded, "uuencode")

        assert decoded == octets
        assert [defect.offset for defect in defects] == ([] if offset is None else [offset])

    @given(st.binary())
    def test_it_agrees_with_the_standard_library(self, octets: bytes) -> None:
        """The oracle writes it."""
        lines = [binascii.b2a_uu(octets[start : start + 45]) for start in range(0, len(octets), 45)]
        encoded = b"".join([b"begin 644 file\n", *lines, b" \nend\n"])

        assert transfer.decode(encoded, "x-uuencode") == (octets, ())


class TestIdentity:
    @pytest.mark.parametrize("encoding", ["7bit", "8bit", "binary", "", "7BIT"])
    def test_nothing_is_undone(self, encoding: str) -> None:
        """RFC 2045, section 6.2: these three mean the identity transformation."""
        assert transfer.decode(b"=41 QUJD\r\n", encoding) == (b"=41 QUJD\r\n", ())

    def test_an_unknown_encoding_is_taken_as_it_stands_wild_11(self) -> None:
        """RFC 2045, section 6.4: what has an unrecognized encoding is opaque."""
        decoded, defects = transfer.decode(b"=41", "x-mystery")

        assert decoded == b"=41"
        assert codes(defects) == [("unknown-transfer-encoding", None)]

    @pytest.mark.parametrize(
        ("encoding", "text", "linesep", "encoded"),
        [
            pytest.param("7bit", True, b"\r\n", b"a\r\nb", id="usual"),
            pytest.param("7bit", True, b"\n", b"a\nb", id="usual-lf"),
            pytest.param("8bit", True, b"\n", b"a\nb", id="usual-8bit"),
            pytest.param("8bit", False, b"\n", b"a\r\nb", id="odd-octets"),
            pytest.param("binary", True, b"\n", b"a\r\nb", id="odd-binary"),
        ],
    )
    def test_only_the_line_ends_of_text_are_written_anew(
        self, encoding: str, text: bool, linesep: bytes, encoded: bytes
    ) -> None:
        """Octets stay what they are."""
        assert transfer.encode(b"a\r\nb", encoding, text=text, linesep=linesep) == encoded


class TestChoice:
    @pytest.mark.parametrize(
        ("octets", "text", "allow_8bit", "encoding"),
        [
            pytest.param(b"hello\r\n", True, False, "7bit", id="usual-ascii"),
            pytest.param(b"", True, False, "7bit", id="usual-empty"),
            pytest.param(b"hello", False, False, "7bit", id="usual-octets-on-one-line"),
            pytest.param(
                "ein Gruß aus Köln, wo der Rhein fließt\r\n".encode() * 9,
                True,
                False,
                "quoted-printable",
                id="usual-german",
            ),
            pytest.param("привет\r\n".encode(), True, False, "base64", id="usual-russian"),
            pytest.param("привет\r\n".encode(), True, True, "8bit", id="usual-8bit"),
            pytest.param(bytes(range(256)) * 40, False, True, "base64", id="usual-binary"),
            pytest.param(b"a line of text\n" * 9, False, False, "quoted-printable", id="usual-text-file"),
            pytest.param(b"a line of text\n" * 9, True, True, "quoted-printable", id="odd-lone-lf"),
            pytest.param(b"a line of text\r\n" * 9, False, True, "quoted-printable", id="odd-crlf-that-is-content"),
            pytest.param(b"x" * 998 + b"\r\n", True, False, "7bit", id="odd-998"),
            pytest.param(b"x" * 999 + b"\r\n", True, True, "quoted-printable", id="odd-999"),
            pytest.param(b"x" * 999, False, True, "quoted-printable", id="odd-999-at-the-end"),
            pytest.param((b"y" * 500 + b"\r\n") * 3 + b"x" * 998, True, True, "7bit", id="odd-998-at-the-end"),
            pytest.param((b"y" * 500 + b"\r\n") * 3 + b"x" * 999, True, True, "quoted-printable", id="odd-late-999"),
            pytest.param(b"a text with a \0\r\n" * 9, True, True, "quoted-printable", id="hostile-nul"),
            pytest.param(b"\r" * 99, True, True, "base64", id="hostile-crs"),
        ],
    )
    def test_the_smallest_valid_encoding_is_chosen_wild_20(
        self, octets: bytes, text: bool, allow_8bit: bool, encoding: str
    ) -> None:
        """RFC 2045, sections 2.7 and 2.8: 7bit and 8bit have lines of at most 998, no NUL, CR and LF in pairs only."""
        assert transfer.choose(octets, text=text, allow_8bit=allow_8bit) == encoding

    @given(octet_strings, st.booleans(), st.booleans())
    def test_what_is_chosen_carries_the_octets(self, octets: bytes, text: bool, allow_8bit: bool) -> None:
        """Law 6: written, then read, is the same."""
        encoding = transfer.choose(octets, text=text, allow_8bit=allow_8bit)

        transfer.check(octets, encoding, text=text)
        encoded = transfer.encode(octets, encoding, text=text)

        assert transfer.decode(encoded, encoding) == (octets, ())
        assert allow_8bit or encoded.isascii()
        assert max(map(len, encoded.split(b"\r\n"))) <= 998

    @given(octet_strings, st.booleans())
    def test_the_reckoned_sizes_are_close(self, octets: bytes, text: bool) -> None:
        """Sizes are reckoned: soft line breaks and risky lines may cost a little more than was thought."""
        reckoned = transfer._quoted_printable_size(octets, text=text, room=3 * len(octets) + 80)
        needed = len(transfer.encode(octets, "quoted-printable", text=text))

        assert abs(needed - reckoned) <= 16 + needed // 8 + 6 * octets.count(b"\r\n") + 4 * octets.count(b"--")
        room = transfer._base64_size(len(octets))
        assert room - 2 <= len(transfer.encode(octets, "base64")) <= room


class TestCheck:
    @pytest.mark.parametrize(
        ("octets", "encoding", "text", "message"),
        [
            pytest.param(b"\xe9", "7bit", True, "7bit cannot carry 8-bit octets", id="usual-8bit"),
            pytest.param(b"a\n", "7bit", True, "CR or LF that is no line end", id="usual-lone-lf"),
            pytest.param(b"a\r\n", "8bit", False, "CR or LF that is no line end", id="usual-octets"),
            pytest.param(b"a\0", "8bit", True, "a NUL", id="odd-nul"),
            pytest.param(b"x" * 999, "7bit", True, "more than 998 octets", id="odd-long-line"),
            pytest.param(b"", "uuencode", True, "unknown transfer encoding", id="odd-not-for-writing"),
            pytest.param(b"", "", True, "unknown transfer encoding", id="hostile-empty"),
        ],
    )
    def test_what_would_change_octets_is_refused(self, octets: bytes, encoding: str, text: bool, message: str) -> None:
        """Law 8: what cannot be kept is refused."""
        with pytest.raises(BadValue, match=message):
            transfer.check(octets, encoding, text=text)

    @pytest.mark.parametrize("encoding", [*ENCODINGS, "BASE64"])
    def test_every_encoding_carries_short_lines(self, encoding: str) -> None:
        """RFC 2045, section 6.1: these five names."""
        transfer.check(b"hello\r\n", encoding, text=True)

    @pytest.mark.parametrize("encoding", ["binary", "quoted-printable", "base64"])
    def test_three_carry_anything(self, encoding: str) -> None:
        """RFC 2045, section 6.2."""
        transfer.check(b"\0\r\n\n\xff" + b"x" * 999, encoding, text=True)

    def test_an_unknown_encoding_is_not_written(self) -> None:
        """It could not be read."""
        with pytest.raises(BadValue, match="unknown transfer encoding"):
            transfer.encode(b"", "x-mystery")


@given(octet_strings, st.booleans(), st.sampled_from(["quoted-printable", "base64", "binary"]))
def test_any_octets_come_back(octets: bytes, text: bool, encoding: str) -> None:
    """Law 6: octet for octet, with nothing to complain of."""
    assert transfer.decode(transfer.encode(octets, encoding, text=text), encoding) == (octets, ())


@given(encoded_strings, st.sampled_from([*ENCODINGS, "x-uuencode", "x-mystery", ""]))
def test_nothing_raises_on_any_octets(encoded: bytes, encoding: str) -> None:
    """Law 4: no byte string makes a body raise; and a defect lies inside it."""
    _decoded, defects = transfer.decode(encoded, encoding)

    assert all(defect.offset is None or 0 <= defect.offset <= len(encoded) for defect in defects)


class TestTally:
    @given(octet_strings.map(lambda octets: octets * 20), st.integers(1, 5_000))
    def test_it_chooses_as_the_whole_would_be(self, octets: bytes, piece_size: int) -> None:
        """Over 998 octets that are no text only two encodings are left."""
        assume(len(octets) > 998)
        tally = transfer.Tally(len(octets))

        for start in range(0, len(octets), piece_size):
            settled = tally.is_settled
            tally.add(octets[start : start + piece_size])
            assert tally.is_settled or not settled

        assert tally.encoding == transfer.choose(octets, text=False)

    def test_it_is_settled_early(self) -> None:
        """What cannot be made up for any more."""
        tally = transfer.Tally(10_000)

        tally.add(b"\xff" * 2_000)

        assert tally.is_settled
        assert tally.encoding == "base64"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_some_encodings_carry_everything(encoding: str) -> None:
    """RFC 2045, sections 2.7 and 2.8: the others have lines."""
    assert transfer.is_limited(encoding) is (encoding in {"7bit", "8bit"})


class TestLines:
    @given(
        st.lists(
            st.sampled_from([b"a", b"\r\n", b"\n", b"\r", b"\0", b"x" * 400, b"y" * 998, b"z" * 999]), max_size=12
        ),
    )
    def test_lines_in_pieces_are_lines(self, pieces: list[bytes]) -> None:
        """RFC 2045, section 2.8: wherever they are cut, also between CR and LF."""
        octets = b"".join(pieces)

        assert transfer.are_lines(pieces) is transfer.is_lines(octets)
        assert transfer.are_lines(octets[place : place + 1] for place in range(len(octets))) is transfer.is_lines(
            octets
        )
