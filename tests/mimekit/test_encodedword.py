"""Encoded words are read as senders mean them, and written so that everybody reads them back (RFC 2047)."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.encodedword import decode, encode, encode_text
from mimekit.errors import BadValue, Defect

BAD = (Defect("bad-encoded-word"),)

# What a header value may hold: everything but line ends, NUL and lone surrogates.
characters = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
# What goes wrong first: white space, marks of encoded words, controls, long stretches.
awkward = st.sampled_from([
    "=?utf-8?q?x?=", "=?utf-8?q?", "=?", "?=", "?", "=", "_", " ", "  ", "\t", " " * 30, " " * 90, "é", "e\u0301",
    "\N{GRINNING FACE}", "日本語", "\x01", "\x7f", "\x85", "\u2028", "\ufeff", "\u3000", "x" * 70, "y" * 998,
])  # fmt: skip
texts = st.text(characters) | st.lists(awkward | st.text(characters, max_size=5)).map("".join)
offsets = st.integers(0, 120)


class TestTheExamplesOfTheStandard:
    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ("=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"),
            ("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld Jørn Simonsen"),
            ("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard"),
            (
                (
                    "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= "
                    "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="
                ),
                "If you can read this you understand the example.",
            ),
            ("=?ISO-8859-1?Q?Olle_J=E4rnefors?=", "Olle Järnefors"),
            ("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström"),
            (
                "Nathaniel Borenstein (=?iso-8859-8?b?7eXs+SDv4SDs8fjw?=)",
                "Nathaniel Borenstein (\u05dd\u05d5\u05dc\u05e9 \u05df\u05d1 \u05dc\u05e1\u05e8\u05e0)",
            ),
            ("(=?ISO-8859-1?Q?a?=)", "(a)"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
            ("=?iso-8859-1?q?this=20is=20some=20text?=", "this is some text"),
        ],
        ids=lambda row: row[:40],
    )
    def test_read_as_it_says(self, written: str, text: str) -> None:
        """RFC 2047, sections 2 and 8: what each example shall be displayed as."""
        assert decode(written) == (text, ())

    def test_a_language_after_the_charset_is_passed_over(self) -> None:
        """RFC 2231, section 5: encoded words may say their language, `*` before it."""
        assert decode("=?US-ASCII*EN?Q?Keith_Moore?=") == ("Keith Moore", ())


class TestReading:
    @pytest.mark.parametrize(
        ("written", "text"),
        [
            pytest.param("", "", id="usual-empty"),
            pytest.param("plain text", "plain text", id="usual-plain"),
            pytest.param("a =? b ?= c", "a =? b ?= c", id="usual-marks-alone"),
            pytest.param("=?utf-8?x?a?=", "=?utf-8?x?a?=", id="odd-unknown-encoding"),
            pytest.param("=?utf-8?q?a?= \t b", "a \t b", id="usual-white-space-before-text-stays"),
            pytest.param("a  =?utf-8?q?b?=", "a  b", id="usual-white-space-behind-text-stays"),
            pytest.param("=?utf-8?q?a?= \t =?utf-8?b?Yg==?=", "ab", id="usual-white-space-between-words-goes"),
            pytest.param("=?utf-8?q?=61=6a=6A?=", "ajj", id="usual-hexadecimal-in-either-case"),
            pytest.param("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本", id="usual-escapes"),
        ],
    )
    def test_a_sound_text_has_no_defect(self, written: str, text: str) -> None:
        """RFC 2047, section 6.2: white space between adjacent encoded words is ignored, all other stays."""
        assert decode(written) == (text, ())

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            pytest.param("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é", id="two-words-in-q"),
            pytest.param("=?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "€", id="two-words-in-b"),
            pytest.param("=?utf-8?q?=C3?= =?utf-8?b?qQ==?=", "é", id="q-then-b"),
            pytest.param("=?UTF-8?b?ww==?= =?utf-8?Q?=A9?=", "é", id="b-then-q-labels-in-both-cases"),
            pytest.param("=?utf-8*de?q?=C3?= =?utf-8*en?q?=A9?=", "é", id="in-two-languages"),
            pytest.param("=?gb2312?q?=D6?= =?gb2312?q?=D0?=", "中", id="in-another-charset"),
        ],
    )
    def test_a_character_cut_in_two_is_joined_wild_13(self, written: str, text: str) -> None:
        """Lamson's rule: join encoded words of one charset before decoding."""
        assert decode(written) == (text, ())

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            pytest.param("=?utf-8?q?a?==?utf-8?q?b?=", "ab", id="odd-no-space-between-words"),
            pytest.param("Re:=?utf-8?q?a?=", "Re:a", id="odd-no-space-before"),
            pytest.param("=?utf-8?q?a?=b", "ab", id="odd-no-space-behind"),
            pytest.param("What?=?utf-8?q?_else?=", "What? else", id="odd-a-question-before"),
            pytest.param('"=?utf-8?q?a?="', '"a"', id="odd-in-a-quoted-string"),
            pytest.param(f"=?utf-8?q?{'a' * 200}?=", "a" * 200, id="odd-too-long"),
            pytest.param("=?utf-8?q?a b?=", "a b", id="odd-a-space-inside-q"),
            pytest.param("=?utf-8?q?What??=", "What?", id="odd-a-question-inside"),
            pytest.param("=?utf-8?b?YWJj ZGVm?=", "abcdef", id="odd-a-space-inside-b"),
            pytest.param("=?utf-8?b?YWI?=", "ab", id="odd-no-padding"),
            pytest.param("=?utf-8?b?YQ==Yg==?=", "ab", id="odd-padding-inside"),
            pytest.param("=?utf-8?b?YWJjZ?=", "abc", id="odd-one-character-too-many"),
            pytest.param("=?utf-8?b??=", "", id="odd-empty-b"),
            pytest.param("=?utf-8?q??=", "", id="odd-empty-q"),
            pytest.param("=?utf-8?b? ?=", "", id="odd-blank-b"),
            pytest.param("=?iso-8859-1?q??= x", " x", id="odd-empty-in-another-charset"),
            pytest.param("=?utf-8?q?100=_=4?=", "100= =4", id="odd-equals-alone"),
            pytest.param("=?utf-8?q?caf\xe9=C3=A9?=", "caféé", id="odd-8bit-inside-q"),
            pytest.param("=?iso-8859-1?q?caf\xe9=E9?=", "caféé", id="odd-8bit-of-another-charset-inside-q"),
            pytest.param("=?utf-8?q?open =?utf-8?q?=41?=", "=?utf-8?q?open A", id="odd-opened-twice"),
            pytest.param("=?utf-8?q?open", "=?utf-8?q?open", id="odd-never-closed"),
            pytest.param("a =?utf-8?b?!!?= b", "a =?utf-8?b?!!?= b", id="hostile-no-base64"),
            pytest.param("=?utf-8?b?Y?=", "=?utf-8?b?Y?=", id="hostile-base64-of-nothing"),
            pytest.param("=?utf-8?b?Y\xe9?=", "=?utf-8?b?Y\xe9?=", id="hostile-8bit-in-base64"),
            pytest.param("=?iso-8859-2?q?\u3042?=", "=?iso-8859-2?q?\u3042?=", id="hostile-foreign-characters"),
            pytest.param("=?utf-8?q?a?= =?utf-8?b?!?= =?utf-8?q?b?=", "a =?utf-8?b?!?= b", id="hostile-between"),
        ],
    )
    def test_a_broken_word_is_read_where_it_can_be_wild_13(self, written: str, text: str) -> None:
        """No space between, bad length, raw octets inside: still text; what cannot be read stays as it stands."""
        assert decode(written) == (text, BAD)

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            pytest.param("=?x-unknown?q?caf=C3=A9?=", "café", id="unknown"),
            pytest.param("=?rot13?q?caf=E9?=", "café", id="no-charset"),
            pytest.param("=?DEFAULT?b?Y2Fm6Q==?=", "café", id="nonsense"),
        ],
    )
    def test_an_unknown_charset_is_read_by_the_rules_wild_13(self, written: str, text: str) -> None:
        """UTF-8 where it is valid, else windows-1252; never an exception."""
        assert decode(written) == (text, (Defect("unknown-charset"),))

    def test_no_charset_at_all_is_read_too(self) -> None:
        """The octets decide."""
        assert decode("=??q?caf=C3=A9?=")[0] == "café"

    def test_invalid_utf8_is_read_and_noted(self) -> None:
        """A label that lies is a defect, not an exception."""
        text, defects = decode("=?utf-8?q?caf=E9?=")

        assert text == "café"
        assert defects

    def test_a_byte_order_mark_is_taken_off(self) -> None:
        """A BOM belongs to the encoding, not to the text."""
        assert decode("=?utf-8?b?77u/YQ==?=")[0] == "a"

    @pytest.mark.parametrize(
        "written", ["=?utf-8?q?a=0Db?=", "=?utf-8?q?a=0Ab?=", "=?utf-8?b?YQBi?=", "a\rb", "a\nb", "a\0b"], ids=repr
    )
    def test_line_ends_and_nul_become_a_replacement_character(self, written: str) -> None:
        """What is read can always be written: no decoded value holds CR, LF or NUL."""
        assert decode(written) == ("a\ufffdb", (Defect("control-in-value"),))

    @given(st.text() | st.lists(awkward | st.text(max_size=5)).map("".join))
    def test_any_text_is_read(self, text: str) -> None:
        """Bad mail is never an exception, and never leaves a line end in a value."""
        decoded, _ = decode(text)

        assert not set(decoded) & set("\r\n\0")

    @given(st.lists(st.sampled_from(["=?", "?=", "=?utf-8?q?", "=?utf-8?b?", "YQ==", "=41", " ", "?", "\xe9"])))
    def test_reading_gives_the_defects_once_each(self, pieces: list[str]) -> None:
        """A million broken words are one kind of defect."""
        _, defects = decode("".join(pieces))

        assert len(set(defects)) == len(defects)


class TestWritingWords:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            pytest.param("", "", id="usual-empty"),
            pytest.param("Where is the café?", "=?utf-8?q?Where_is_the_caf=C3=A9=3F?=", id="usual-sentence"),
            pytest.param("Where?", "=?utf-8?q?Where=3F?=", id="usual-q-where-they-are-even"),
            pytest.param("abcdé", "=?utf-8?b?YWJjZMOp?=", id="usual-b-where-it-is-shorter"),
            pytest.param("日本", "=?utf-8?b?5pel5pys?=", id="usual-b"),
            pytest.param("a=b and c?d and e_f", "=?utf-8?q?a=3Db_and_c=3Fd_and_e=5Ff?=", id="odd-its-own-marks"),
            pytest.param("(a, b)", "=?utf-8?q?(a,_b)?=", id="usual-readable"),
        ],
    )
    def test_q_or_b_is_chosen_by_length(self, text: str, written: str) -> None:
        """RFC 2047, section 4: B where most is not ASCII, Q where most is."""
        assert encode(text) == written

    def test_in_a_phrase_only_some_characters_stand(self) -> None:
        """RFC 2047, section 5 (3): letters, digits, `!`, `*`, `+`, `-`, `/`, `=` and `_` only."""
        assert encode("Some more of it (a!)", phrase=True) == "=?utf-8?q?Some_more_of_it_=28a!=29?="

    @given(texts, offsets, st.booleans())
    def test_every_word_keeps_the_limits(self, text: str, offset: int, phrase: bool) -> None:
        """RFC 2047, sections 2 and 5: 75 characters a word, whole characters in each, printable ASCII only."""
        words = encode(text, offset=offset, phrase=phrase).split(" ") if text else []

        assert all(len(word) <= 75 and word.isascii() and word.isprintable() for word in words)
        assert "".join(decode(word)[0] for word in words).replace("\ufeff", "") == text.replace("\ufeff", "")

    @given(texts, st.integers(0, 52))
    def test_the_first_word_fits_its_line(self, text: str, offset: int) -> None:
        """RFC 2047, section 2: a line that holds an encoded word has 76 characters at most."""
        assert offset + len(encode(text, offset=offset).partition(" ")[0]) <= 76

    @given(texts, offsets, st.booleans())
    def test_words_are_read_back(self, text: str, offset: int, phrase: bool) -> None:
        """decode(encode(x)) == x, without a defect."""
        assert decode(encode(text, offset=offset, phrase=phrase)) == (text, ())

    @given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1), offsets)
    def test_the_standard_library_reads_the_same(self, text: str, offset: int) -> None:
        """Somebody else's reader agrees."""
        assert str(make_header(decode_header(encode(text, offset=offset)))) == text

    @pytest.mark.parametrize("text", ["a\rb", "a\nb", "a\0b", "a\ud800b"], ids=repr)
    def test_what_mail_cannot_carry_is_refused_wild_18(self, text: str) -> None:
        """An encoded line end is a line end for whoever decodes it."""
        with pytest.raises(BadValue, match="at 1"):
            encode(text)
        with pytest.raises(BadValue, match="at 1"):
            encode_text(text)


class TestWritingText:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            pytest.param("", "", id="usual-empty"),
            pytest.param("Re: all of it", "Re: all of it", id="usual-ascii"),
            pytest.param("to  two spaces\tor a tab", "to  two spaces\tor a tab", id="usual-white-space-inside"),
            pytest.param("a = b? c =? d ?= e", "a = b? c =? d ?= e", id="usual-marks-alone"),
            pytest.param("25 € now", "25 =?utf-8?b?4oKs?= now", id="usual-one-word"),
            pytest.param("ä ö x", "=?utf-8?b?w6Qgw7Y=?= x", id="usual-neighbours-together"),
            pytest.param("ä x ö", "=?utf-8?b?w6Q=?= x =?utf-8?b?w7Y=?=", id="usual-ascii-between-stands"),
            pytest.param("ä\tx", "=?utf-8?b?w6Q=?=\tx", id="odd-a-tab-stands"),
            pytest.param("x   ä", "x =?utf-8?q?__=C3=A4?=", id="odd-more-space-before"),
            pytest.param("ä   x", "=?utf-8?q?=C3=A4__?= x", id="odd-more-space-behind"),
            pytest.param(" x y", "=?utf-8?q?_x?= y", id="odd-leading-space"),
            pytest.param("x y ", "x =?utf-8?q?y_?=", id="odd-trailing-space"),
            pytest.param("  x  ", "=?utf-8?q?_?= x =?utf-8?q?_?=", id="odd-two-spaces-at-each-end"),
            pytest.param(" ", "=?utf-8?q?_?=", id="odd-one-space"),
            pytest.param("Bell\x07rings", "=?utf-8?q?Bell=07rings?=", id="odd-control"),
            pytest.param("x\x7f", "=?utf-8?q?x=7F?=", id="odd-delete"),
            pytest.param("see =?utf-8?q?x?=", "see =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=", id="hostile-look-alike"),
            pytest.param("=?utf-8?q? y?=", "=?utf-8?b?PT91dGYtOD9xPw==?= y?=", id="hostile-look-alike-with-space"),
            pytest.param("\ufeffx", "=?utf-8?b?77u/77u/eA==?=", id="hostile-byte-order-mark"),
        ],
    )
    def test_only_what_must_be_is_encoded(self, text: str, written: str) -> None:
        """RFC 2047, section 5 (1): encoded words in place of words, white space around them."""
        assert encode_text(text) == written

    def test_a_long_token_stands_as_it_is_wild_03(self) -> None:
        """Any token of ASCII, however long a line can hold, is never an encoded word."""
        token = "https://example.org/?" + "x" * 976

        assert encode_text(f"see {token} there", offset=9) == f"see {token} there"

    def test_a_token_over_998_is_encoded_wild_03(self) -> None:
        """RFC 5322, section 2.1.1: no line may hold it, the space that begins the line included."""
        written = encode_text("x" * 998)

        assert max(map(len, written.split(" "))) <= 75
        assert decode(written) == ("x" * 998, ())

    def test_a_long_stretch_of_spaces_is_encoded_in_the_middle(self) -> None:
        """No folded line shall begin with a screen of spaces; its neighbours stand as they are."""
        assert encode_text(f"a{' ' * 80}b") == f"a =?utf-8?q?{'_' * 62}?= =?utf-8?q?{'_' * 16}?= b"

    def test_a_word_that_fits_the_next_line_is_not_cut(self) -> None:
        """One word on the next line is better than two on two."""
        assert encode_text(f"{'a' * 40} {'é' * 15}") == f"{'a' * 40} =?utf-8?b?{'w6nDqcOp' * 5}?="

    def test_with_utf8_only_the_dangerous_is_encoded(self) -> None:
        """RFC 6532, section 3.2: UTF-8 may stand; controls, foreign line ends and look-alikes still may not."""
        text = "Grüße =?utf-8?q?x?= \x85 ok"

        assert encode_text(text, utf8=True) == "Grüße =?utf-8?b?PT91dGYtOD9xP3g/PSDChQ==?= ok"

    def test_with_utf8_octets_count(self) -> None:
        """RFC 6532, section 3.4: the limit of 998 is one of octets."""
        assert encode_text("é" * 499, utf8=True).isascii()
        assert encode_text("é" * 498, utf8=True) == "é" * 498

    @given(texts, offsets, st.booleans())
    def test_text_is_read_back_wild_17(self, text: str, offset: int, utf8: bool) -> None:
        """Never gaining or losing a space: decode(encode_text(x)) == x for all that mail can carry."""
        assert decode(encode_text(text, offset=offset, utf8=utf8)) == (text, ())

    @given(texts, offsets)
    def test_encoded_words_are_separated_by_white_space_wild_17(self, text: str, offset: int) -> None:
        """RFC 2047, section 5: what is written has white space around each word, and no controls."""
        written = encode_text(text, offset=offset)

        assert written.isascii()
        assert written.replace("\t", "").isprintable()
        assert all(token.startswith("=?") for token in written.split() if "=?utf-8?" in token)
        assert written.strip(" \t") == written

    @given(texts)
    def test_writing_twice_is_writing_once(self, text: str) -> None:
        """Encoding what was read back changes nothing."""
        written = encode_text(text)

        assert encode_text(decode(written)[0]) == written
