"""RawDataManager: text and octets with every MIME detail in the caller's hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, Forbidden, MIMEMessage, MIMEPart, RawDataManager, parse, policy
from mimekit.content.rawdata import decode_text

RAW = policy.default.replace(content_manager=RawDataManager)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def back(part: MIMEPart) -> MIMEMessage:
    """What another reader gets."""
    return parse(bytes(part), policy=RAW)


class TestText:
    @pytest.mark.parametrize(
        ("text", "charset", "label", "encoding"),
        [
            pytest.param("plain", "utf-8", "us-ascii", "7bit", id="ascii first"),
            pytest.param(
                "Grüße, wie geht es dir", "latin-1", "iso-8859-1", "quoted-printable", id="then what was asked"
            ),
            pytest.param("10 €, sagte er zu uns", "latin-1", "utf-8", "quoted-printable", id="then utf-8"),
            pytest.param("Привет, как дела", "utf-8", "utf-8", "base64", id="base64 where it is smaller"),
            pytest.param("x" * 2000, "utf-8", "us-ascii", "quoted-printable", id="a long line"),
            pytest.param("some words\rand others", "utf-8", "us-ascii", "quoted-printable", id="a lone CR"),
            pytest.param("", "utf-8", "us-ascii", "7bit", id="nothing"),
        ],
    )
    def test_charset_and_transfer_encoding_follow_from_the_text(
        self, text: str, charset: str, label: str, encoding: str
    ) -> None:
        """The charset is ASCII first, then what was asked, then UTF-8; the encoding the smallest that is valid."""
        part = MIMEPart(policy=RAW).set_content(text, charset=charset)

        assert part.get_content_charset() == label
        assert part["content-transfer-encoding"] == encoding
        assert back(part).get_content() == text

    @given(texts, st.sampled_from(["utf-8", "latin-1", "windows-1252", "koi8-r", "shift_jis", "gb18030", "us-ascii"]))
    def test_a_text_comes_back_equal(self, text: str, charset: str) -> None:
        r"""A `str` comes back equal, its CRLFs as ``\n``."""
        part = MIMEPart(policy=RAW).set_content(text, charset=charset)

        assert back(part).get_content() == text.replace("\r\n", "\n") == part.get_content()

    def test_policy_lets_text_stay_8bit(self) -> None:
        """8bit by policy (RFC 6152)."""
        part = MIMEPart(policy=RAW.replace(cte_type="8bit")).set_content("Grüße")

        assert part["content-transfer-encoding"] == "8bit"
        assert bytes(part).endswith("Grüße".encode())

    def test_line_ends_of_the_message_around_it_are_taken(self) -> None:
        """What is added takes the line ends the source uses most."""
        message = parse(b"Subject: x\n\nold\n")

        message.set_content("one\ntwo\n")

        assert message.octets == b"one\ntwo\n"
        assert b"\r" not in bytes(message)

    def test_params_name_the_charset_too(self) -> None:
        """The proposal: params, which for the text type includes charset."""
        part = MIMEPart(policy=RAW).set_content("Grüße", params={"Charset": "latin-1", "format": "flowed"})

        assert part["content-type"] == "text/plain; charset=iso-8859-1; format=flowed"

    def test_which_rule_decoded_a_text_is_known(self) -> None:
        """Charset decoding says which rule fired."""
        part = parse(b"Content-Type: text/plain; charset=us-ascii\n\nGr\xfc\xdfe")

        assert decode_text(part).text == "Grüße"
        assert decode_text(part).rule == "latin"


class TestOctets:
    @given(st.binary(max_size=300))
    def test_octets_come_back_octet_for_octet_wild_20(self, octets: bytes) -> None:
        """Bytes come back octet for octet; line ends are neither added nor changed."""
        part = MIMEPart(policy=RAW).set_content(octets, "text", "csv", filename="a.csv")

        assert back(part).octets == octets
        assert parse(part.as_bytes(policy=RAW.replace(linesep="\n"))).octets == octets

    def test_the_type_follows_from_the_file_name_wild_23(self) -> None:
        """``add_attachment(bytes, filename="a.pdf")``: the type is guessed."""
        message = MIMEMessage(policy=RAW).set_content("see below")

        part = message.add_attachment(b"%PDF-", filename="a.pdf")

        assert part.get_content_type() == "application/pdf"
        assert part["content-disposition"] == "attachment; filename=a.pdf"

    @pytest.mark.parametrize(
        ("filename", "expected"),
        [
            pytest.param("a.tar.gz", "application/gzip", id="compressed"),
            pytest.param("data:a.txt", "text/plain", id="no URL"),
        ],
    )
    def test_odd_file_names(self, filename: str, expected: str) -> None:
        """A file name is a name, and what it holds is what the whole of it holds."""
        assert MIMEPart(policy=RAW).set_content(b"x", filename=filename).get_content_type() == expected

    def test_long_lines_never_exceed_998_wild_20(self) -> None:
        """RFC 5322, section 2.1.1: each line must be no more than 998 characters."""
        part = MIMEPart(policy=RAW).set_content(b"y" * 5000, "text", "plain")

        assert max(map(len, bytes(part).splitlines())) <= 78

    def test_a_file_name_is_written_for_every_program_wild_22(self) -> None:
        """RFC 2231 in the disposition, and beside it RFC 2047 in the type; one switch turns that off."""
        part = MIMEPart(policy=RAW).set_content(b"x", "application", "pdf", filename="Übersicht.pdf")
        plain = MIMEPart(policy=RAW.replace(outlook_names=False))
        plain.set_content(b"x", "application", "pdf", filename="Übersicht.pdf")

        assert b"filename*=utf-8''%C3%9Cbersicht.pdf" in bytes(part)
        assert b'name="=?utf-8?' in bytes(part)
        assert b"name=" not in bytes(plain)
        assert back(part).get_filename() == back(plain).get_filename() == "Übersicht.pdf"

    def test_a_disposition_and_an_id_are_set(self) -> None:
        """The proposal: disposition, filename and cid are keywords of `set_content`."""
        part = MIMEPart(policy=RAW).set_content(b"x", "image", "png", None, "inline", "l.png", "logo", {"x-a": "b"})

        assert part["content-type"] == "image/png; x-a=b"
        assert part["content-disposition"] == "inline; filename=l.png"
        assert part["content-id"] == "<logo>"

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
    def test_every_kind_of_octets_will_do(self, kind: Any) -> None:
        """What holds octets is octets."""
        assert MIMEPart(policy=RAW).set_content(kind(b"ab"), "image", "png").get_content() == b"ab"


class TestLineEnds:
    @pytest.mark.parametrize("linesep", ["\r\n", "\n"])
    @pytest.mark.parametrize(
        ("text", "charset"),
        [
            pytest.param("\u0d0a", "utf-16", id="octets like a line end in one character"),
            pytest.param("a\u0d0ab\n", "utf-32", id="and a line end beside it"),
            pytest.param("a\r\r\nb", "utf-8", id="a CR before a line end"),
            pytest.param("\r\r\n\r", "latin-1", id="nothing but CRs"),
        ],
    )
    def test_what_looks_like_a_line_end_is_none(self, text: str, charset: str, linesep: str) -> None:
        """A `str` comes back equal, its CRLFs as LFs, and nothing else."""
        part = MIMEPart(policy=RAW.replace(linesep=linesep)).set_content(text, charset=charset)

        assert part.get_content() == back(part).get_content() == text.replace("\r\n", "\n")

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            pytest.param("7bit", b"one\rtwo\r", id="in clear"),
            pytest.param("quoted-printable", b"one\rt=77=\ro\r", id="quoted-printable"),
            pytest.param("base64", b"b25lCnR3\rbwo=\r", id="base64"),
        ],
    )
    def test_lines_that_end_in_cr_alone_are_lines(self, encoding: str, body: bytes) -> None:
        """A text body comes back with LF line ends, whatever the mail had."""
        message = parse(b"Content-Transfer-Encoding: %b\r\r%b" % (encoding.encode(), body))

        assert message.get_content() == "one\ntwo\n"

    def test_a_cr_that_is_encoded_is_no_line_end(self) -> None:
        """It was content where the mail was made."""
        message = parse(b"Content-Transfer-Encoding: quoted-printable\r\rone=0Dtwo\rthree")

        assert message.get_content() == "one\rtwo\nthree"


class TestMessageTypes:
    @pytest.mark.parametrize(("octets", "encoding"), [(b"a: b\n\nc: d\n", "7bit"), (b"a: \xe4\r\n", "8bit")])
    def test_they_are_7bit_or_8bit(self, octets: bytes, encoding: str) -> None:
        """RFC 2045, section 6.4: no encoding other than 7bit, 8bit or binary for message."""
        part = MIMEPart(policy=RAW).set_content(octets, "message", "delivery-status")

        assert part["content-transfer-encoding"] == encoding
        assert back(part).get_content() == octets

    @pytest.mark.parametrize(
        ("octets", "cte"),
        [
            pytest.param(b"x" * 1200, None, id="a long line"),
            pytest.param(b"a\rb", None, id="a lone CR"),
            pytest.param(b"\0", None, id="a NUL"),
            pytest.param(b"a", "base64", id="asked for base64"),
            pytest.param(b"\xe4", "7bit", id="asked for 7bit"),
        ],
    )
    def test_what_is_neither_is_refused(self, octets: bytes, cte: str | None) -> None:
        """RFC 2045, section 6.4: it cannot be encoded."""
        with pytest.raises(BadValue, match="message/partial"):
            MIMEPart(policy=RAW).set_content(octets, "message", "partial", cte)


class TestHeaders:
    def test_fields_may_come_as_lines_or_as_a_mapping(self) -> None:
        """``headers=`` as people know it from the standard library."""
        one = MIMEPart(policy=RAW).set_content("x", headers=["X-A: b", "X-C:  d"])
        two = MIMEPart(policy=RAW).set_content("x", headers={"X-A": "b", "X-C": "d"})

        assert (one["x-a"], one["x-c"]) == (two["x-a"], two["x-c"]) == ("b", "d")

    def test_a_line_without_colon_is_refused(self) -> None:
        """RFC 5322, section 2.2: a field is a name, a colon and a body."""
        with pytest.raises(BadValue, match="expected 'Name: value'"):
            MIMEPart(policy=RAW).set_content("x", headers=["nonsense"])

    def test_lines_of_one_name_are_all_kept(self) -> None:
        """RFC 5322, section 3.6: a field that may stand more than once is appended, as in the standard library."""
        part = MIMEPart(policy=RAW).set_content(
            "x", headers=["X-A: 1", "X-A: 2", "Content-Language: de", "Content-Language: fr"]
        )

        assert part.get_all("x-a") == ["1", "2"]
        assert part.get_all("content-language") == ["fr"]

    @pytest.mark.parametrize(
        ("arguments", "line"),
        [
            pytest.param({"filename": "a.txt"}, "Content-Disposition: inline", id="a file name"),
            pytest.param({"disposition": "inline"}, "content-disposition: attachment", id="a disposition"),
            pytest.param({"cid": "a@b"}, "Content-ID: <c@d>", id="an identifier"),
        ],
    )
    def test_what_an_argument_has_said_is_not_said_again(self, arguments: dict[str, Any], line: str) -> None:
        """One of them would be lost."""
        part = MIMEPart(policy=RAW).set_content("before")

        with pytest.raises(BadValue, match="said twice"):
            part.set_content("x", headers=[line], **arguments)

        assert part.get_content() == "before"
        assert MIMEPart(policy=RAW).set_content("x", headers=[line])[line.partition(":")[0]] is not None


class TestMessages:
    def test_a_message_is_7bit_or_8bit_wild_21(self) -> None:
        """RFC 2046, section 5.2.1: no encoding other than 7bit, 8bit or binary is permitted."""
        ascii_only, eight = parse(b"Subject: a\n\nb\n"), parse(b"Subject: a\n\n\xe4\n")

        assert MIMEPart(policy=RAW).set_content(ascii_only)["content-transfer-encoding"] == "7bit"
        assert MIMEPart(policy=RAW).set_content(eight)["content-transfer-encoding"] == "8bit"

    def test_a_message_comes_back_as_itself(self) -> None:
        """`get_content` gives the message, octet for octet."""
        source = b"Subject: a\n\n\xe4\n"
        part = MIMEPart(policy=RAW).set_content(parse(source), disposition="attachment", filename="a.eml", cid="m")

        assert bytes(back(part).parts[0]) == source
        assert back(part).get_filename() == "a.eml"

    def test_a_long_line_inside_is_encoded_where_it_stands_wild_21(self) -> None:
        """A line over 998 octets inside it means that its inner leaf is encoded anew."""
        long = b"y" * 2000
        head = b"Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n"
        inner = parse(head + b"--b\n\n" + long + b"\n--b\n\nshort\n--b--\n")

        part = MIMEPart(policy=RAW).set_content(inner)

        assert max(map(len, bytes(part).splitlines())) <= 998
        first, second = back(part).parts[0].parts
        assert first.octets == long
        assert second.source == b"\nshort"

    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(b"Subject: " + b"y" * 2000 + b"\n\nx\n", id="in a header"),
            pytest.param(
                b"Content-Type: multipart/signed; boundary=b\n\n--b\n\n" + b"y" * 2000 + b"\n--b--\n",
                id="in a signed part",
            ),
        ],
    )
    def test_a_long_line_that_cannot_be_encoded_is_refused(self, source: bytes) -> None:
        """What cannot be kept is refused."""
        inner = parse(source)

        with pytest.raises((BadValue, Forbidden)):
            MIMEPart(policy=RAW).set_content(inner)

        assert bytes(inner) == source

    def test_octets_of_a_message_become_a_message(self) -> None:
        """A message/rfc822 given as octets has the same rules."""
        part = MIMEPart(policy=RAW).set_content(b"Subject: a\n\nb\n", "message", "rfc822")

        assert part.parts[0]["subject"] == "a"

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            pytest.param({"cte": "base64"}, "7bit or 8bit", id="encoded"),
            pytest.param({"subtype": "partial"}, "message/rfc822", id="no message"),
            pytest.param({"cte": "7Bit"}, "as '7Bit'", id="7bit, and it has 8-bit octets"),
        ],
    )
    def test_what_a_message_cannot_be_is_refused(self, arguments: dict[str, Any], problem: str) -> None:
        """RFC 2046, section 5.2.1; RFC 2045, section 6.4."""
        message = parse(b"Subject: a\n\nb\xe4\n")

        with pytest.raises(BadValue, match=problem):
            MIMEPart(policy=RAW).set_content(message, **arguments)

        MIMEPart(policy=RAW).set_content(message, cte="8BIT")  # it stands nowhere, and can be carried so

    def test_other_message_types_are_octets(self) -> None:
        """A delivery status is no message, and is given as it stands."""
        part = parse(b"Content-Type: message/delivery-status\n\nStatus: 5.1.1\n", policy=RAW)

        assert part.get_content() == b"Status: 5.1.1\n"


class TestParts:
    def test_a_list_becomes_a_multipart(self) -> None:
        """The proposal: ``set_content(partslist, subtype, boundary=None, params=None)``."""
        parts = [MIMEPart(policy=RAW).set_content("a"), MIMEPart(policy=RAW).set_content("b", "html")]

        message = MIMEMessage(policy=RAW).set_content(parts, "alternative", "bb", {"x-a": "c"}, headers={"X-B": "d"})

        assert message["content-type"] == "multipart/alternative; x-a=c; boundary=bb"
        assert [part.get_content() for part in back(message).parts] == ["a", "b"]
        assert message["x-b"] == "d"

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            pytest.param(([],), "needs a subtype", id="no subtype"),
            pytest.param((["text"], "mixed"), "found str in it; content_manager=FileManager", id="a text or a path"),
            pytest.param(([b"octets"], "mixed"), "found bytes in it$", id="no part"),
            pytest.param(([], "mixed", "a b "), "boundary", id="a boundary that ends in a space"),
            pytest.param(([], "mixed", "x" * 71), "boundary", id="a boundary too long"),
        ],
    )
    def test_what_is_no_multipart_is_refused(self, arguments: tuple[Any, ...], problem: str) -> None:
        """RFC 2046, section 5.1.1."""
        with pytest.raises(BadValue, match=problem):
            MIMEPart(policy=RAW).set_content(*arguments)

    def test_a_multipart_has_no_single_content(self) -> None:
        """It is the manager's task to refuse `get_content` on a multipart; the error names what helps."""
        message = MIMEMessage(policy=RAW).set_content([MIMEPart(policy=RAW).set_content("a")], "mixed")

        with pytest.raises(Forbidden, match="get_body"):
            message.get_content()

    def test_a_multipart_that_could_not_be_opened_is_its_octets(self) -> None:
        """Bad mail is never an exception."""
        assert parse(b"Content-Type: multipart/mixed\n\nhello").get_content() == b"hello"


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "keywords", "problem"),
        [
            pytest.param(("x",), {"cte": "x-foo"}, "transfer encoding", id="an unknown transfer encoding"),
            pytest.param(("ü",), {"cte": "7bit"}, "7bit", id="one that cannot carry the text"),
            pytest.param(("x",), {"cte": "base64 "}, "transfer encoding", id="a transfer encoding with a blank"),
            pytest.param((b"x" * 80, "image", "png"), {"cte": " BASE64"}, "transfer encoding", id="a blank in front"),
            pytest.param((b"A: b\n\n\xe4", "message", "rfc822"), {"cte": "7bit"}, "7bit", id="8-bit message as 7bit"),
            pytest.param((b"A: b\n\n", "message", "rfc822"), {"cte": "base64"}, "7bit", id="a message as base64"),
            pytest.param(("x",), {"charset": "klingon"}, "charset", id="an unknown charset"),
            pytest.param(("x",), {"filename": "a\nb"}, "line feed", id="a line feed in a file name"),
            pytest.param(("x", "a b"), {}, "token", id="a subtype that is none"),
            pytest.param((b"x",), {}, "maintype and subtype", id="octets of no type"),
            pytest.param((b"x",), {"filename": "a.qqq"}, "a.qqq", id="a file name that tells no type"),
            pytest.param((b"x", "image"), {}, "both", id="half a type"),
            pytest.param((b"x", "multipart", "mixed"), {}, "list of parts", id="octets as multipart"),
            pytest.param((b"a\nb", "image", "png"), {"cte": "7bit"}, "7bit", id="octets that would change"),
            pytest.param((b"x", "image", "png"), {"filename": Path("a.png")}, "filename is a str", id="a path as name"),
            pytest.param(("x",), {"headers": {"Content-Type": "text/html"}}, "follows from", id="a type as header"),
            pytest.param(("x",), {"headers": ["content-transfer-encoding: base64"]}, "cte=", id="encoding as header"),
            pytest.param(("x",), {"params": ["a"]}, "params is a mapping", id="params of another kind"),
            pytest.param(("x",), {"params": {"a": 5}}, "params holds str", id="a parameter that is a number"),
        ],
    )
    def test_a_mistake_leaves_the_part_as_it_was(
        self, arguments: tuple[Any, ...], keywords: dict[str, Any], problem: str
    ) -> None:
        """A caller's mistake is a BadValue that says what was expected, and changes nothing."""
        message = parse(b"Subject: kept\nContent-Type: text/html\n\nbefore\n", policy=RAW)

        with pytest.raises(BadValue, match=problem):
            message.set_content(*arguments, **keywords)

        assert bytes(message) == b"Subject: kept\nContent-Type: text/html\n\nbefore\n"


def test_a_boundary_may_come_among_the_parameters() -> None:
    """RFC 2046, section 5.1.1: it is one."""
    part = MIMEPart(policy=RAW).set_content(
        [MIMEPart(policy=RAW).set_content("x")], "mixed", params={"boundary": "zz", "x": "y"}
    )

    assert (part.get_boundary(), part.get_param("x")) == ("zz", "y")
    assert len(back(part).parts) == 1


@pytest.mark.parametrize(
    ("subtype", "types", "param", "expected"),
    [
        pytest.param("signed", ["text/plain", "application/pgp-signature"], "protocol", "application/pgp-signature"),
        pytest.param("encrypted", ["application/pgp-encrypted", "a/b"], "protocol", "application/pgp-encrypted"),
        pytest.param("report", ["text/plain", "message/delivery-status"], "report-type", "delivery-status"),
        pytest.param("report", ["text/plain"], "report-type", None, id="half a report"),
    ],
)
def test_what_follows_from_the_parts_is_said(subtype: str, types: list[str], param: str, expected: str | None) -> None:
    """RFC 1847, sections 2.1 and 2.2; RFC 6522, section 3: these parameters are required."""
    parts = [MIMEPart(policy=RAW).set_content(b"x", *kind.split("/")) for kind in types]

    made = MIMEMessage(policy=RAW).set_content(parts, subtype)

    assert back(made).get_param(param) == expected
    assert back(made).get_content_subtype() == subtype


def test_what_is_said_of_the_parts_stays() -> None:
    """Explicit params win."""
    parts = [MIMEPart(policy=RAW).set_content("x"), MIMEPart(policy=RAW).set_content("x")]

    assert (
        MIMEMessage().set_content(parts, "report", params={"Report-Type": "x-own"}).get_param("report-type") == "x-own"
    )


def test_a_refused_list_leaves_its_parts_as_they_were() -> None:
    """A caller's mistake changes nothing, also not what was handed over."""
    part = MIMEMessage(policy=RAW).set_content("x")
    before = bytes(part)

    with pytest.raises(BadValue):
        MIMEMessage(policy=RAW).set_content([part], "mixed", headers=["nonsense"])

    assert bytes(part) == before


@pytest.mark.parametrize("given", [("text", "html"), ("TEXT",), ("application", "json")], ids=str)
def test_a_text_takes_no_main_type(given: tuple[str, ...]) -> None:
    """The proposal's signature: a text has a subtype only, octets have both."""
    with pytest.raises(BadValue, match="a text takes a subtype only, such as subtype="):
        MIMEMessage(policy=RAW).set_content("hé", *given)
