"""Mail as it is found: each thing that readers and writers get wrong, through the face, a class for each kind.

The number at the end of a name is the line of the list it proves; the rooms prove most of them too, in detail.
Outside readers are the standard library, where that is right, and a DKIM verifier where one is installed.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from typing import Any

import pytest

from cartero.senders.memory import MemorySender
from mimekit import Address, BadValue, MIMEMessage, MIMEPart, parse, policy
from mimekit.values.address import Addresses
from mimekit.values.date import Date
from tests.trees import called, leaf, message, multipart, shape

ODD = {
    # usual
    "long lines": leaf("text/plain", "y" * 5_000, f"X-Long: {'x' * 5_000}"),
    "8-bit headers": b"Subject: gr\xfc\xdfe \xc3\xbc\nTo: \xfc <a@b.c>\n\nbody",
    "empty headers": b"Subject:\nTo: \nX-Tab:\t\n\nbody",
    "spacing after the colon": b"Subject:x\nTo:   a@b.c\t \nX-Y:\n folded\n\nbody",
    # odd
    "mixed line ends": b"A: b\r\nC: d\ne: f\r\n g\n\r\nx\ry\nz\r\n",
    "CR alone": b"A: b\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rx\r--b--\r",
    "no close delimiter": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n",
    "padding after a delimiter": b"Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nx\n--b  \n\ny\n--b-- \t\nend",
    "no final newline": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--",
    "blank lines between nested delimiters": multipart("mixed", multipart("mixed", leaf()) + b"\n\n\n"),
    # hostile
    "a header block without a blank line": b"Subject: x\nTo: a@b.c",
    "a body without a blank line": b"Subject: x\nTo: a@b.c\nthis is no field\n",
    "a line that is no field": b"From me Mon Nov  2\nSubject: x\nno field\nTo: a@b.c\n\nbody",
    "nothing": b"",
}


def in_subject(text: str) -> str | None:
    """How *text*, as it stands in a Subject, is read."""
    return parse(f"Subject: {text}\n\n".encode())["subject"]


def in_to(octets: bytes) -> Addresses:
    """How a To field is read."""
    value = parse(b"To: " + octets + b"\n\n")["To"]
    assert isinstance(value, Addresses)
    return value


def theirs(octets: bytes) -> Any:
    """What the standard library makes of it."""
    return email.message_from_bytes(octets, policy=email.policy.default)


class TestKeeping:
    @pytest.mark.parametrize("octets", ODD.values(), ids=ODD)
    def test_an_untouched_message_is_its_source_wild_01(self, octets: bytes) -> None:
        """An untouched message: its source octets, also after all of it was read."""
        tree = parse(octets)

        for part in tree.walk():
            part.items(), part.octets, part.get_content_charset(), part.get_filename()
        tree.get_body(), list(tree.iter_attachments(recursive=True)), tree.all_defects(), str(tree)

        assert bytes(tree) == octets

    @pytest.mark.parametrize(
        "octets", [octets for octets in ODD.values() if octets], ids=[name for name in ODD if ODD[name]]
    )
    def test_one_edited_field_changes_nothing_else_wild_02(self, octets: bytes) -> None:
        """One header edited: only that field changes."""
        tree = parse(octets)
        fields, body = [field.raw or b"" for field in tree.headers], tree.octets

        tree["X-New"] = "a"
        read = parse(bytes(tree))

        # a line end is completed where something is added behind it
        *kept, last = fields
        assert [field.raw for field in read.headers][: len(kept)] == kept
        assert bytes(tree).count(last) >= 1
        assert (read.keys(), read["x-new"], read.octets) == ([*parse(octets).keys(), "X-New"], "a", body)

    @pytest.mark.parametrize(
        "name",
        ["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "Authentication-Results"],
    )
    def test_a_signature_is_never_written_anew_wild_02(self, name: str) -> None:
        """RFC 6376, section 3.5: its folding and its white space are the signer's."""
        field = f"{name}: v=1;  a=rsa-sha256;\n\tb={'A' * 300}\n  {'B' * 700}; x=gr\xfc\n".encode("latin-1")
        tree = parse(field + multipart("mixed", leaf(), leaf("image/png")))

        tree["Subject"] = "new"
        tree.parts[0].set_content("new")
        tree.add_attachment(b"x", "image", "png")

        assert bytes(tree).startswith(field)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("References", " ".join(f"<{n:040}@mail.example.org>" for n in range(40)), id="References"),
            pytest.param("In-Reply-To", f"<{'x' * 900}@example.org>", id="In-Reply-To"),
            pytest.param(
                "List-Unsubscribe", f"<https://example.org/{'u' * 900}>, <mailto:u@example.org>", id="List-Unsubscribe"
            ),
            pytest.param("X-Token", "t" * 900, id="a token"),
            pytest.param("Subject", "word " * 100 + "t" * 300 + " end", id="a token among words"),
        ],
    )
    def test_long_ascii_is_folded_and_never_encoded_wild_03(self, name: str, value: str) -> None:
        """At white space only, left long up to 998 (RFC 5322, section 2.1.1); every reader finds it."""
        tree = MIMEMessage()
        tree[name] = value

        octets = bytes(tree)

        assert b"=?" not in octets
        assert max(map(len, octets.split(b"\r\n"))) <= 998
        assert re.sub(r"\r\n(?=[ \t])", "", octets.decode()) == f"{name}: {value}\r\n\r\n"
        assert parse(octets)[name] == value

    def test_signed_parts_are_octet_exact_after_edits_elsewhere_wild_04(self) -> None:
        """multipart/signed parts: octet-exact, always."""
        odd = b"Content-Type: text/plain\t;  charset=us-ascii\n\nodd  \n\n\x80\r\n--not a boundary\n"
        signed = multipart("signed", odd, leaf("application/pgp-signature"), params="; micalg=pgp-sha256")
        tree = parse(multipart("mixed", signed, leaf("image/png")))

        tree.set_header("Subject", "a")
        tree.parts[1].set_content("b")
        tree.add_attachment(b"c", "application", "pdf")
        tree.remove(tree.parts[1])

        assert parse(bytes(tree)).parts[0].source == signed
        assert bytes(tree).count(odd) == 1

    def test_a_dkim_signature_still_verifies_wild_02(self) -> None:
        """An edit of a field that is not signed leaves the signature good, by its own verifier."""
        dkim = pytest.importorskip("dkim")

        def verifies(octets: bytes) -> bool:
            return bool(dkim.verify(octets, dnsfunc=lambda _name, timeout=5: DKIM_KEY))  # noqa: ARG005 -- dkimpy's call

        tree = parse(DKIM_SIGNED)
        before = verifies(bytes(tree))
        tree["X-Unsigned"] = "new"
        tree.set_header("X-Spam-Flag", "NO")
        after = verifies(bytes(tree))
        tree["Subject"] = "signed"

        assert (before, after, verifies(bytes(tree))) == (True, True, False)


class TestCharsets:
    @pytest.mark.parametrize(
        "label", ["DEFAULT", "x-unknown", "unknown-8bit", "idna", "rot13", "hex", "unicode-1-1-utf-7", "utf-7"]
    )
    @pytest.mark.parametrize(
        ("octets", "text"), [(b"gr\xfc\xdfe", "grüße"), ("grüße".encode(), "grüße"), (b"+AOk-", "+AOk-")]
    )
    def test_a_label_of_nothing_is_a_defect_and_a_text_wild_05(self, label: str, octets: bytes, text: str) -> None:
        """Unknown or nonsense charset label: decoded by the rules; a defect."""
        tree = parse(f"Content-Type: text/plain; charset={label}\n\n".encode() + octets)

        assert tree.get_content() == text
        assert "unknown-charset" in {defect.code for defect in tree.defects}

    @pytest.mark.parametrize(
        ("label", "octets", "text"),
        [
            pytest.param("", "grüße €".encode(), "grüße €", id="nothing said, UTF-8"),
            pytest.param("", b"gr\xfc\xdfe \x80", "grüße €", id="nothing said, windows-1252"),
            pytest.param("us-ascii", "grüße".encode(), "grüße", id="us-ascii, UTF-8"),
            pytest.param("us-ascii", b"\x93gr\xfc\xdfe\x94", "“grüße”", id="us-ascii, windows-1252"),
            pytest.param("iso-8859-1", b"\x80 gr\xfc\xdfe", "€ grüße", id="latin-1 is windows-1252"),
            pytest.param("gb2312", "中龍€".encode("gb18030"), "中龍€", id="gb2312 is gb18030"),
            pytest.param("ks_c_5601-1987", "갂가".encode("cp949"), "갂가", id="ks_c_5601 is cp949"),
            pytest.param("shift_jis", "①髙".encode("cp932"), "①髙", id="shift_jis is cp932"),
            pytest.param("iso-8859-8-i", b"\xe0", "א", id="iso-8859-8-i"),
            pytest.param("windows-874", b"\xa1", "ก", id="windows-874"),
            pytest.param("cp-850", b"gr\x81\xe1e", "grüße", id="cp-850"),
            pytest.param("utf8", "grüße".encode(), "grüße", id="utf8"),
        ],
    )
    def test_octets_are_what_their_senders_meant_wild_06(self, label: str, octets: bytes, text: str) -> None:
        """Undeclared or us-ascii 8-bit: UTF-8 if valid, else windows-1252; code pages are their supersets."""
        field = f"Content-Type: text/plain; charset={label}\n".encode() if label else b""

        assert parse(field + b"\n" + octets).get_content() == text


class TestFields:
    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            pytest.param(b"info@x.org <real@y.org>", [("info@x.org", "real@y.org")], id="an address as name"),
            pytest.param(b"ana@x.org (Ana)", [("Ana", "ana@x.org")], id="a name in a comment"),
            pytest.param(b"a@x.org; b@y.org", [("", "a@x.org"), ("", "b@y.org")], id="a semicolon"),
            pytest.param(b"All: a@x.org, B <b@y.org>;", [("", "a@x.org"), ("B", "b@y.org")], id="a group"),
            pytest.param(b"Ana (a (b (c)) d) <a@x.org>", [("Ana", "a@x.org")], id="nested comments"),
            pytest.param(b'"Ana <a@x.org>', [("Ana", "a@x.org")], id="a lone quote"),
            pytest.param(b"<>", [], id="empty brackets"),
            pytest.param(b"a@x.org, ,,", [("", "a@x.org")], id="trailing commas"),
            pytest.param(b"unlisted-recipients:; (no To-header)", [], id="nobody"),
            pytest.param(b"", [], id="nothing"),
        ],
    )
    def test_addresses_are_found_wild_07(self, octets: bytes, expected: list[tuple[str, str]]) -> None:
        """A value, never an error."""
        assert [(one.display_name, one.addr_spec) for one in in_to(octets).addresses] == expected

    @pytest.mark.parametrize(
        "octets", ["Jürgen Weiß".encode(), "Jürgen Weiß".encode("cp1252")], ids=["utf-8", "windows-1252"]
    )
    def test_raw_8bit_is_readable_wild_08(self, octets: bytes) -> None:
        """Raw UTF-8 or windows-1252 in any header, name or file name: readable text."""
        tree = parse(
            b"Subject: "
            + octets
            + b"\nTo: "
            + octets
            + b" <a@x.org>\nX-Any: "
            + octets
            + b'\nContent-Type: image/png; name="'
            + octets
            + b'"\nContent-Disposition: attachment; filename="'
            + octets
            + b'"\n\n'
        )

        assert [tree["subject"], tree["x-any"], tree.get_filename(), tree.get_param("name")] == ["Jürgen Weiß"] * 4
        assert [one.display_name for one in in_to(octets + b" <a@x.org>").addresses] == ["Jürgen Weiß"]
        assert tree["to"] == "Jürgen Weiß <a@x.org>"

    @pytest.mark.parametrize(
        ("field", "kind", "charset"),
        [
            pytest.param("text/plain; name*", "text/plain", None, id="a parameter without a value"),
            pytest.param("text", "text/plain", None, id="no subtype"),
            pytest.param("text/html charset=koi8-r", "text/html", "koi8-r", id="no semicolon"),
            pytest.param(";;;;;", "text/plain", None, id="nothing but semicolons"),
            pytest.param("text/html; charset=a; charset=b", "text/html", "a", id="duplicates"),
        ],
    )
    def test_a_damaged_type_is_read_wild_09(self, field: str, kind: str, charset: str | None) -> None:
        """Whatever stands there: a type."""
        tree = parse(f"Content-Type: {field}\n\nbody".encode())

        assert (tree.get_content_type(), tree.get_content_charset(), tree.get_content()) == (kind, charset, "body")
        assert tree.defects

    @pytest.mark.parametrize(
        ("parameter", "delimiter"),
        [
            pytest.param('boundary="a\n b"', "a b", id="folded inside its quotes"),
            pytest.param('boundary="a\n b"', "ab", id="folded inside its quotes, its white space lost"),
            pytest.param("boundary==_b1=x", "=_b1=x", id="unquoted"),
            pytest.param('boundary="<<x>>"', "<<x>>", id="in angle brackets"),
            pytest.param("boundary=a; boundary=b", "a", id="duplicate"),
        ],
    )
    def test_a_damaged_boundary_is_found_wild_09(self, parameter: str, delimiter: str) -> None:
        """The parts are there."""
        tree = parse(f"Content-Type: multipart/mixed; {parameter}\n\n--{delimiter}\n\none\n--{delimiter}--\n".encode())

        assert [part.get_content() for part in tree.parts] == ["one"]

    @pytest.mark.parametrize(
        ("parameters", "name", "safe"),
        [
            pytest.param("filename=annual report.pdf", "annual report.pdf", "annual report.pdf", id="unquoted"),
            pytest.param("filename=a; filename*=utf-8''%C3%BC", "ü", "ü", id="filename* wins"),
            pytest.param("filename*=utf-8''%C3%BC; filename=a", "ü", "ü", id="filename* wins when it is first"),
            pytest.param("filename*1=b; filename*2=c; filename*0=a", "abc", "abc", id="continuations in any order"),
            pytest.param("filename*1*=%BC; filename*0*=utf-8''%C3", "ü", "ü", id="a character in two continuations"),
            pytest.param("filename==?utf-8?q?=C3=BC?=", "ü", "ü", id="an encoded word"),
            pytest.param('filename="=?utf-8?q?=C3=BC?= =?utf-8?q?=C3=BC?="', "üü", "üü", id="quoted encoded words"),
            pytest.param(r'filename="C:\\temp\\a.pdf"', r"C:\temp\a.pdf", "a.pdf", id="a path"),
            pytest.param(r'filename="C:\temp\a.pdf"', r"C:\temp\a.pdf", "a.pdf", id="a path, not escaped"),
        ],
    )
    def test_a_file_name_is_found_wild_10(self, parameters: str, name: str, safe: str) -> None:
        """The whole name, however it is written; and a safe one."""
        tree = parse(f"Content-Disposition: attachment; {parameters}\n\n".encode())

        assert (tree.get_filename(), tree.get_filename(safe=True)) == (name, safe)

    @pytest.mark.parametrize(
        ("octets", "left"),
        [
            pytest.param(b"\xef\xbb\xbfSubject: x\nTo: a@b.c\n\nbody", ["Subject", "To"], id="a byte order mark"),
            pytest.param(b"To: a@b.c\nbroken line\nSubject: x\n\nbody", ["To", "Subject"], id="a broken line"),
            pytest.param(b"broken\nTo: a@b.c\n  folded\n--\nSubject: x\n\nbody", ["To", "Subject"], id="broken lines"),
            pytest.param(b"Subject :x\nTo: a@b.c\n\nbody", ["Subject", "To"], id="a space before the colon"),
            pytest.param(b">From me Mon\nSubject: x\nTo: a@b.c\n\nbody", ["Subject", "To"], id=">From"),
            pytest.param(
                b"From me Mon Nov  2 10:00:00 2020\nSubject: x\nTo: a@b.c\n\nbody", ["Subject", "To"], id="From"
            ),
        ],
    )
    def test_the_other_headers_survive_wild_12(self, octets: bytes, left: list[str]) -> None:
        """A broken line among them costs no field and no body."""
        tree = parse(octets)

        assert (tree.keys(), tree["subject"], tree.get_content()) == (left, "x", "body")
        assert bytes(tree) == octets

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("=?utf-8?q?gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "grüße", id="a character over two words"),
            pytest.param("=?utf-8?b?w7w=?=\n =?utf-8?b?w58=?=", "üß", id="over two lines"),
            pytest.param("=?utf-8?q?a?==?utf-8?q?b?=", "ab", id="no space between"),
            pytest.param("a=?utf-8?q?b?=c", "abc", id="no space around"),
            pytest.param("=?utf-8?b?w7w?=", "ü", id="a bad length"),
            pytest.param("=?UTF-8?Q?=c3=bc?=", "ü", id="lower case"),
            pytest.param("=?x-unknown?q?=C3=BC?=", "ü", id="an unknown charset"),
            pytest.param('"=?utf-8?q?=C3=BC?="', '"ü"', id="in quotes"),
            pytest.param("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", id="no space lost"),
        ],
    )
    def test_encoded_words_are_text_wild_13(self, text: str, expected: str) -> None:
        """However they are broken."""
        assert in_subject(text) == expected

    def test_encoded_words_in_quoted_names_are_text_wild_13(self) -> None:
        """In quoted strings too, which RFC 2047, section 5 forbids."""
        assert in_to(b'"=?utf-8?q?J=C3=BCrgen?= x" <a@x.org>').addresses == (Address("Jürgen x", "a", "x.org"),)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param(
                "(a) Mon (b), 2 (c(d)) Nov 2020 10:00:00 +0100 (e)", "2020-11-02T10:00:00+01:00", id="comments"
            ),
            pytest.param("2 Nov 2020 10:00:00 EST", "2020-11-02T10:00:00-05:00", id="an obsolete zone"),
            pytest.param("2 Nov 2020 10:00:00 A", "2020-11-02T10:00:00", id="a military zone, which means nothing"),
            pytest.param("2 Nov 2020 10:00:00 +01", "2020-11-02T10:00:00+01:00", id="half a zone"),
            pytest.param("2 Nov 20 10:00:00 +0100", "2020-11-02T10:00:00+01:00", id="a two-digit year"),
            pytest.param("2 Nov 99 10:00:00 +0100", "1999-11-02T10:00:00+01:00", id="a two-digit year of before"),
            pytest.param("2 Nov 2020 10:00 +0100", "2020-11-02T10:00:00+01:00", id="no seconds"),
            pytest.param("2 Nov 20200 10:00:00 +0100", None, id="an absurd year"),
            pytest.param("32 Nov 2020 99:00:00 +0100", None, id="an absurd day"),
            pytest.param("yesterday", None, id="no date"),
        ],
    )
    def test_a_date_is_a_datetime_or_none_wild_14(self, text: str, expected: str | None) -> None:
        """Never an error; what stands there is still its text."""
        value = parse(f"Date: {text}\n\n".encode())["Date"]

        assert isinstance(value, Date)
        assert value.datetime == (None if expected is None else dt.datetime.fromisoformat(expected))
        assert value == text


class TestEncodings:
    @pytest.mark.parametrize(
        "field", ["base64 ", "base64;", '"base64"', "base64 (x)", "BASE64", "\tbase64", "base64\n (x)"]
    )
    def test_the_token_is_what_counts_wild_11(self, field: str) -> None:
        """As the token says."""
        assert parse(f"Content-Transfer-Encoding: {field}\n\naGVsbG8=".encode()).octets == b"hello"

    def test_what_nobody_knows_is_taken_as_it_is_wild_11(self) -> None:
        """Unknown: as is, and a defect."""
        tree = parse(b"Content-Transfer-Encoding: x-own\n\naGVsbG8=")

        assert tree.octets == b"aGVsbG8="
        assert [defect.code for defect in tree.defects] == ["unknown-transfer-encoding"]

    @pytest.mark.parametrize(
        ("body", "octets"),
        [
            pytest.param("aGVsbA==\nbyB5b3U=", b"hello you", id="padding inside"),
            pytest.param("aGV*sb G8\x80=", b"hello", id="junk"),
            pytest.param("aGVsbG8", b"hello", id="no padding"),
            pytest.param("aGVsbG8=\n--\nfooter", b"hello", id="what is added below"),
            pytest.param("", b"", id="nothing"),
        ],
    )
    def test_all_of_it_comes_out_wild_11(self, body: str, octets: bytes) -> None:
        """base64 with padding inside, junk, no padding: all of it."""
        found = parse(b"Content-Transfer-Encoding: base64\n\n" + body.encode("latin-1")).octets

        assert found.startswith(octets)
        assert body.endswith("footer") or found == octets

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            pytest.param("base64", "U3ViamVjdDogaW4KCmJvZHk=", id="base64"),
            pytest.param("quoted-printable", "Subject:=20in\n\nbo=\ndy", id="quoted-printable"),
        ],
    )
    def test_an_encoded_message_is_the_message_it_is_wild_11(self, encoding: str, body: str) -> None:
        """A base64 or quoted-printable message/rfc822: read as the message it is."""
        tree = parse(leaf("message/rfc822", body, f"Content-Transfer-Encoding: {encoding}"))

        inner = tree.get_content()

        assert isinstance(inner, MIMEMessage)
        assert (inner["subject"], inner.get_content()) == ("in", "body")


class TestTrees:
    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(multipart("signed", multipart("mixed", leaf(body="t"), leaf("image/png", "f"))), id="signed"),
            pytest.param(multipart("mixed", leaf(body="t"), multipart("mixed", leaf("image/png", "f"))), id="nested"),
            pytest.param(
                multipart("alternative", leaf(), multipart("related", leaf("text/html"), leaf("image/png", "f"))),
                id="related",
            ),
            pytest.param(leaf("image/png", "f"), id="the top-level part itself"),
        ],
    )
    def test_a_file_is_found_wild_15(self, source: bytes) -> None:
        """Files in signed, nested or related parts, or the top-level part itself: found."""
        assert [called(part) for part in parse(source).iter_attachments(recursive=True)] == ["f"]

    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(
                multipart("related", leaf("image/png"), leaf("text/html", "b", "Content-ID: <r>"), params="; start=r"),
                id="start=",
            ),
            pytest.param(multipart("signed", leaf(body="b"), leaf("application/pgp-signature")), id="signed"),
            pytest.param(
                multipart("report", leaf(body="b"), leaf("message/delivery-status"), message(leaf())), id="report"
            ),
            pytest.param(multipart("mixed", multipart("mixed", leaf("image/png"), leaf(body="b"))), id="nested mixed"),
            pytest.param(multipart("mixed", leaf(body="b"), leaf("image/png"), leaf(body="c")), id="text, image, text"),
            pytest.param(
                multipart("mixed", message(leaf("text/html", "not me")), leaf(body="b")), id="behind a message"
            ),
        ],
    )
    def test_a_body_is_found_wild_15(self, source: bytes) -> None:
        """Never one from an attached message."""
        assert called(parse(source).get_body(("html", "text"))) == "b"

    @pytest.mark.parametrize(
        ("octets", "depth"),
        [
            pytest.param(
                b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(500)),
                501,
                id="multiparts",
            ),
            pytest.param(b"Content-Type: message/rfc822\n\n" * 1_000 + b"\nbody", 1_001, id="messages"),
        ],
    )
    def test_nesting_is_no_recursion_wild_16(self, octets: bytes, depth: int) -> None:
        """500 nested multiparts, 1,000 nested messages: every call that goes over a tree."""
        tree = parse(octets)

        tree.get_body(), list(tree.iter_attachments(recursive=True)), tree.all_defects(), tree.get_part("x"), str(tree)

        assert len(list(tree.walk())) == depth
        tree["X-New"] = "a"
        assert len(list(parse(bytes(tree)).walk())) == depth

    def test_nested_comments_are_no_recursion_wild_16(self) -> None:
        """900 nested comments, in every field that has them."""
        comment = "(" * 900 + ")" * 900

        assert in_to(f"{comment} a@x.org {comment}".encode()).addresses[0].addr_spec == "a@x.org"
        tree = parse(f"Date: 2 Nov 2020 10:00:00 +0100 {comment}\nContent-Type: {comment} text/html\n\n".encode())
        assert tree["Date"] is not None
        assert tree.get_content_type() == "text/html"

    def test_limits_are_defects_wild_16(self) -> None:
        """What is beyond a limit is one part, unopened, and nothing of it is lost."""
        octets = b"Content-Type: message/rfc822\n\n" * 3_000 + b"\nbody"

        tree = parse(octets)

        assert [defect.code for defect in tree.all_defects()] == ["depth-limit"]
        assert bytes(tree) == octets


class TestWritingFields:
    def test_a_local_part_outside_ascii_wild_17(self) -> None:
        """SMTPUTF8 or an error, never an encoded word."""
        wide = MIMEMessage(policy=policy.SMTPUTF8)
        wide["To"] = "jürgen@example.org"

        with pytest.raises(BadValue, match="SMTPUTF8"):
            MIMEMessage()["To"] = "jürgen@example.org"
        assert "To: jürgen@example.org\r\n".encode() in bytes(wide)

    def test_a_domain_in_another_script_is_an_a_label_wild_17(self) -> None:
        """By IDNA 2008; the built-in codec turns straße.de into another domain."""
        tree = MIMEMessage()
        tree["To"] = "Ana <ana@straße.de>"

        assert b"To: Ana <ana@xn--strae-oqa.de>\r\n" in bytes(tree)

    @pytest.mark.parametrize(
        "name", ["Lovelace, Ada", "J. Doe", 'the "boss"', "a@b", "x" * 90 + ", " + "y" * 90, "Weiß, Jürgen " * 9]
    )
    def test_a_display_name_is_one_name_wild_17(self, name: str) -> None:
        """With a comma or a dot: quoted, also when folded; the standard library reads the same."""
        tree = MIMEMessage()
        tree["To"] = [Address(name.strip(), "a", "x.org"), "b@x.org"]

        (one, _two) = theirs(bytes(tree))["to"].addresses

        assert [found.display_name for found in in_to(tree_field(tree)).addresses] == [name.strip(), ""]
        # the standard library puts a second space between two encoded words of a name
        assert (re.sub(" +", " ", one.display_name), one.addr_spec) == (name.strip(), "a@x.org")

    @pytest.mark.parametrize("text", ["ü ü", " ü", "ü ", "a  ü", "ü\tb", "ü" * 80, "a ü b ü c", "=?utf-8?q?x?= ü"])
    def test_no_space_is_gained_or_lost_wild_17(self, text: str) -> None:
        """Encoded words are separated by white space, never gaining or losing a space."""
        tree = MIMEMessage()
        tree["Subject"] = text

        words = re.findall(r"\S*=\?\S*", bytes(tree).decode())

        assert parse(bytes(tree))["subject"] == text
        assert all(re.fullmatch(r"=\?utf-8\?[qb]\?[^ ?]*\?=", word) and len(word) <= 75 for word in words)

    @pytest.mark.parametrize("character", ["\r", "\n", "\0"])
    def test_no_value_holds_a_line_end_wild_18(self, character: str) -> None:
        """CR, LF, NUL in a value, a name or a parameter: refused when set."""
        tree, text = MIMEMessage(), f"a{character}b"

        for call in (
            lambda: tree.set_header("Subject", text),
            lambda: tree.set_header("To", Address(text, "a", "x.org")),
            lambda: tree.set_header(text, "x"),
            lambda: tree.set_param("name", text),
            lambda: tree.add_header("Content-Disposition", "attachment", filename=text),
            lambda: tree.set_content("x", filename=text),
            lambda: tree.set_content("x", cid=text),
            lambda: tree.set_content("x", text),
            lambda: tree.set_content("x", headers={"X-Y": text}),
        ):
            with pytest.raises(BadValue):
                call()

        assert bytes(tree) == b"\r\n"

    @pytest.mark.parametrize("name", ["X Y", "X:", "Bcc:x", " X", "X\t"])
    def test_no_name_holds_a_space_or_a_colon_wild_18(self, name: str) -> None:
        """A field name with a space or colon: refused when set."""
        with pytest.raises(BadValue, match="field name"):
            MIMEMessage()[name] = "x"


def tree_field(tree: MIMEMessage) -> bytes:
    """The To field as it is written."""
    field = parse(bytes(tree)).field("To")
    assert field is not None
    return field.raw_body.encode("latin-1").strip()


class TestWritingContent:
    @pytest.mark.parametrize("octets", ODD.values(), ids=ODD)
    def test_everything_can_be_written_wild_19(self, octets: bytes) -> None:
        """Every message can be written to bytes and to str, whatever was parsed, edited, or attached."""
        edited, outer = parse(octets), MIMEMessage().set_content("see below")
        edited["X-New"] = "a"
        lone = b"\r" in octets.replace(b"\r\n", b"")
        outer.add_alternative(octets if lone else parse(octets), *(["application", "x"] if lone else []))

        for tree in (parse(octets), edited, outer):
            assert bytes(tree).decode("utf-8", "replace").replace("\r\n", "\n") == str(tree).replace("\r\n", "\n")
        assert lone or parse(bytes(outer)).parts[1].source.startswith(octets)

    @pytest.mark.parametrize(
        "text",
        ["a\nb", "a\n\nb\n", "a\r\nb\r\n", "a\rb", "\n", "", "x" * 3_000, "ü" * 3_000, "From me\n.\n", " \n\t\n"],
    )
    def test_a_text_file_is_octet_exact_wild_20(self, text: str) -> None:
        """Line ends neither added nor changed; 998 is never exceeded: the transfer encoding takes care."""
        tree = MIMEMessage().set_content("see below")
        octets = text.encode()

        tree.add_attachment(octets, "text", "plain", filename="a.txt")

        for written in (bytes(tree), tree.as_bytes(policy=policy.default.replace(linesep="\n")), str(tree).encode()):
            assert parse(written).parts[1].octets == octets
            assert theirs(written).get_payload()[1].get_payload(decode=True) == octets
            assert max(map(len, written.split(b"\n"))) <= 998

    @pytest.mark.parametrize(
        ("inner", "encoding"),
        [
            pytest.param(leaf("text/plain", "x", "Subject: s"), "7bit", id="ascii"),
            pytest.param(leaf("text/plain; charset=utf-8", "ü", "Subject: s"), "8bit", id="8-bit"),
            pytest.param(leaf("text/plain", "x" * 3_000, "Subject: s"), "7bit", id="a long line"),
        ],
    )
    def test_an_attached_message_is_never_encoded_wild_21(self, inner: bytes, encoding: str) -> None:
        """7bit or 8bit, never base64 (RFC 2046, section 5.2.1)."""
        tree = MIMEMessage().set_content("see below")

        part = tree.add_attachment(parse(inner))

        read = parse(bytes(tree)).parts[1]
        assert part["content-transfer-encoding"] == read["content-transfer-encoding"] == encoding
        assert read.parts[0].get_content() == parse(inner).get_content()
        assert max(map(len, bytes(tree).split(b"\n"))) <= 998

    def test_a_file_name_is_readable_everywhere_wild_22(self) -> None:
        """RFC 2231 ``filename*`` and, beside it, a ``name=`` in RFC 2047; one switch turns that off."""
        tree = MIMEMessage().set_content("see below")
        lean = MIMEMessage(policy=policy.default.replace(outlook_names=False)).set_content("see below")

        for one in (tree, lean):
            one.add_attachment(b"x", "application", "pdf", filename="Übersicht 2020.pdf")

        assert b"filename*=utf-8''%C3%9Cbersicht%202020.pdf" in bytes(tree)
        assert re.search(rb'\bname="=\?utf-8\?[qb]\?[^?]*\?="', bytes(tree))
        assert b" name=" not in bytes(lean)
        for one in (tree, lean):
            assert parse(bytes(one)).parts[1].get_filename() == "Übersicht 2020.pdf"
            assert theirs(bytes(one)).get_payload()[1].get_filename() == "Übersicht 2020.pdf"

    @pytest.mark.parametrize(
        ("filename", "kind"),
        [("a.pdf", "application/pdf"), ("a.PNG", "image/png"), ("a.html", "text/html"), ("a b.zip", "application/zip")],
    )
    def test_the_type_is_guessed_from_a_name_wild_23(self, filename: str, kind: str) -> None:
        """``add_attachment(bytes, filename="a.pdf")``: the type is guessed."""
        tree = MIMEMessage().set_content("see below")

        part = tree.add_attachment(b"x", filename=filename)

        assert part.get_content_type() == parse(bytes(tree)).parts[1].get_content_type() == kind

    @pytest.mark.parametrize("first", ["page", "versions"])
    def test_two_inline_images_are_one_related_wild_23(self, first: str) -> None:
        """Whichever way they are added."""
        tree = MIMEMessage()
        if first == "versions":
            tree.set_content("text")
            page = tree.add_alternative("<img src=cid:a@x><img src=cid:b@x>", "html")
        else:
            page = tree.set_content("<img src=cid:a@x><img src=cid:b@x>", "html")

        tree.embed(b"1", "image", "png", cid="a@x")
        page.add_related(b"2", "image", "png", cid="b@x")
        tree.add_attachment(b"3", "application", "pdf")

        related = "related(html png png)"
        body = related if first == "page" else f"alternative(plain {related})"
        assert shape(parse(bytes(tree))) == f"mixed({body} pdf)"

    @pytest.mark.parametrize("kind", ["text", "files", "octets"])
    def test_what_a_message_needs_is_there_when_it_is_sent_wild_23(self, kind: str) -> None:
        """Date, Message-ID and MIME-Version (RFC 5322, section 3.6; RFC 2045, section 4); yours is left alone."""
        tree = MIMEMessage()
        tree["From"], tree["To"], tree["Subject"] = "ana@example.org", "bob@example.net", "hello"
        tree.set_content("hello")
        if kind == "files":
            tree.add_attachment(b"x", filename="a.pdf")
        sender, before = MemorySender(), bytes(tree)

        receipt = sender.send(before if kind == "octets" else tree)

        (mail,) = sender.outbox
        sent = mail.message
        names = [name.lower() for name in sent]
        assert [names.count(name) for name in ("date", "message-id", "mime-version")] == [1, 1, 1]
        date = sent["Date"]
        assert date is not None
        assert date.datetime is not None
        assert abs(date.datetime - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
        assert sent["message-id"] == receipt.message_id
        assert sent["mime-version"] == "1.0"
        assert bytes(tree) == before

    def test_a_message_can_be_printed_wild_24(self, capsys: pytest.CaptureFixture[str]) -> None:
        """``print(msg)``, ``as_string()``: never raise; ``bytes()``: what goes on the wire, save line ends."""
        tree = MIMEMessage()
        tree["Subject"] = "grüße 😀"
        tree.set_content("hällo\n")
        tree.add_attachment(b"\xff\x00\r\n", "application", "octet-stream")
        tree.add_attachment(parse(b"Subject: \xff\n\n\xff\n"))

        print(tree)  # noqa: T201 -- what is claimed

        assert capsys.readouterr().out == tree.as_string() + "\n"
        assert tree.as_string() == bytes(tree).replace(b"\r\n", b"\n").decode("utf-8", "replace")

    @pytest.mark.parametrize("octets", [*ODD.values(), b"Subject: \xff\n\n\x80\xfe", b"\xed\xa0\x80"])
    def test_whatever_was_parsed_can_be_printed_wild_24(self, octets: bytes) -> None:
        """Octets that decode to nothing are shown as U+FFFD."""
        assert str(parse(octets)) == octets.decode("utf-8", "replace")


def test_a_part_is_written_like_a_message_wild_19() -> None:
    """``bytes`` and ``str`` of any entity."""
    assert (bytes(MIMEPart().set_content("a"))[-1:], str(MIMEPart().set_content("a"))[-1:]) == (b"a", "a")


# -- a message that was signed, with the key of that day ------------------------------------------------------

DKIM_KEY = (
    b"v=DKIM1; k=rsa; p="
    b"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDYGgSu7BVAWtjJSCaBDQFf0ApK4Pc1oVVoRLMEzN5ni/VU0KvR6bYHBqRKCLBoSsOhPTSx"
    b"xV8dEW39C9grnxPb42VRzHSfdiJV4p+kT7BsUA93Tmi2KWGhb1tbGN8ryEyqPGPjU0Uq6HqZwdV8Nbg2JlP1uxrzBeJEGG9tls4AtwIDAQAB"
)
DKIM_SIGNED = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.org;\r\n"
    b" i=@example.org; q=dns/txt; s=s; t=1795251346; h=from : to : subject :\r\n"
    b" date : mime-version : content-type;\r\n"
    b" bh=viRH4pWejSW1VqZQLpSXUWjBXzVAPZXsBUmGZWcblAg=;\r\n"
    b" b=Gvg7OZlyxr1nvWHoQFxYi6VyI9oNIgdwHeatYrWIUYm8+AqSPyE46VFf/2F06WUmJlz8w\r\n"
    b" ZmVfgWe00qswKqc3FV9SLGl5kC8ISelHVpSLWzzfzn4DWlDk9LTGb0wmjQ1vzPcL3LCcNz0\r\n"
    b" 0YlapK09M7VQjFaFu9HQUz6jDMrGaDo=\r\n"
    b"Received: from a.example by b.example; Mon, 2 Nov 2020 10:00:00 +0100\r\n"
    b"From: =?utf-8?q?Ana_Garc=C3=ADa?= <ana@example.org>\r\n"
    b"To:  Bob  <bob@example.net>,\r\n\tcarol@example.net\r\n"
    b"Subject: a  subject with\r\n  odd   spaces\r\n"
    b"Date: Mon, 2 Nov 2020 10:00:00 +0100\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n'
    b"X-Unsigned: old\r\n\r\n"
    b"preamble\r\n--b \r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"gr\xc3\xbc\xc3\x9fe  \r\n--b\r\n"
    b"Content-Type: image/png\r\n\r\nx\r\n--b--\r\n"
)
