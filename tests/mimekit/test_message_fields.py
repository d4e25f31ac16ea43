"""The fields of a message: item access, setting and replacing, and what Content-Type and its kin say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from mimekit import Address, BadValue, Forbidden, MIMEMessage, MIMEPart, MissingField, parse, policy
from mimekit.values.address import Addresses
from mimekit.values.date import Date
from tests.trees import leaf, multipart, shape

SOURCE = (
    b"Received: from a by b\nreceived:  from c\n by d\nSubject:  =?utf-8?q?gr=C3=BC=C3=9Fe?=\n"
    b"To: Ana <ana@example.org>\nX-Empty:\nno field\nX-Last: z \n\nbody"
)
_NAIVE = dt.datetime(2020, 11, 2, 10)  # noqa: DTZ001 -- what a caller may give


class TestReading:
    def test_a_field_is_found_by_its_name_in_any_case(self) -> None:
        """RFC 5322, section 1.2.2: field names are not sensitive to case."""
        message = parse(SOURCE)

        assert message["SUBJECT"] == message.get("subject") == "grüße"
        assert "sUbJect" in message
        assert message["received"] == "from a by b"

    def test_what_is_not_there_is_none(self) -> None:
        """As in the standard library; a default may be given."""
        message = parse(SOURCE)

        assert message["Cc"] is None
        assert message.get("Cc", "nobody") == "nobody"
        assert message.get_all("Cc") is None
        assert message.get_all("Cc", []) == []
        assert message.field("Cc") is None
        assert "Cc" not in message

    @pytest.mark.parametrize("name", [b"Subject", 3, None])
    def test_what_is_no_name_is_not_there(self, name: object) -> None:
        """``in`` takes anything, and finds names."""
        assert name not in parse(SOURCE)

    def test_all_of_one_name_in_order(self) -> None:
        """`get_all` gives each value."""
        assert parse(SOURCE).get_all("Received") == ["from a by b", "from c by d"]

    def test_names_and_values_come_in_order(self) -> None:
        """As often as they stand there; a line that is no field is none."""
        message = parse(SOURCE)
        names = ["Received", "received", "Subject", "To", "X-Empty", "X-Last"]
        values = ["from a by b", "from c by d", "grüße", "Ana <ana@example.org>", "", "z"]

        assert message.keys() == list(message) == names
        assert message.values() == values
        assert message.items() == list(zip(names, values, strict=True))
        assert len(message) == 6

    def test_raw_items_are_the_fields_as_they_came(self) -> None:
        """Folded, with their white space, one character an octet."""
        raw = dict(parse(SOURCE).raw_items())

        assert raw["received"] == "  from c\n by d"
        assert raw["Subject"] == "  =?utf-8?q?gr=C3=BC=C3=9Fe?="
        assert raw["X-Last"] == " z "

    def test_a_value_is_a_text_with_attributes(self) -> None:
        """``msg["Subject"]`` is a str; of its class are the attributes."""
        to = parse(SOURCE)["to"]

        assert isinstance(to, Addresses)
        assert to.addresses == (Address("Ana", "ana", "example.org"),)

    def test_a_field_knows_its_place(self) -> None:
        """``msg.field("to").span``: where it stands in what was parsed."""
        message = parse(SOURCE)
        field = message.field("to")

        assert field is not None
        assert field.span is not None
        assert SOURCE[slice(*field.span)] == field.raw == b"To: Ana <ana@example.org>\n"

    def test_a_composed_field_has_no_place(self) -> None:
        """What was not parsed stood nowhere."""
        message = MIMEMessage()
        message["Subject"] = "a"
        field = message.field("subject")

        assert field is not None
        assert (field.span, field.raw) == (None, None)
        assert list(message.raw_items()) == [("Subject", "a")]

    def test_a_part_without_fields_is_a_part(self) -> None:
        """``if part:`` asks whether there is one; the standard library says False here and hides parts."""
        assert bool(MIMEPart())
        assert len(MIMEPart()) == 0


class TestSetting:
    @pytest.mark.parametrize(
        "name",
        ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "In-Reply-To", "References", "Message-ID", "Subject", "Date"],
    )
    def test_a_field_that_stands_once_is_set_in_its_place(self, name: str) -> None:
        """RFC 5322, section 3.6: these occur at most once, so a second assignment replaces the first."""
        value = "Mon, 2 Nov 2020 10:00:00 +0100" if name == "Date" else "<a@example.org>"
        source = f"X-First: 1\n{name.upper()}: {value}\nX-Last: 2\n{name}: {value}\n\nbody".encode()
        message = parse(source)

        message[name] = value

        assert bytes(message) == f"X-First: 1\n{name}: {value}\nX-Last: 2\n\nbody".encode()

    def test_any_other_field_is_appended(self) -> None:
        """As in the standard library: ``msg["X-Tag"]`` may stand many times."""
        message = parse(b"X-Tag: a\n\nbody")

        message["X-Tag"] = "b"

        assert message.get_all("x-tag") == ["a", "b"]
        assert bytes(message) == b"X-Tag: a\nX-Tag: b\n\nbody"

    def test_set_header_sets_any(self) -> None:
        """In the place of the first so called; the others go."""
        message = parse(b"X-Tag: a\nX-Other: o\nx-tag: b\n\nbody")

        message.set_header("X-Tag", "c")
        message.set_header("X-New", "d")

        assert bytes(message) == b"X-Tag: c\nX-Other: o\nX-New: d\n\nbody"

    def test_replace_header_keeps_place_and_spelling(self) -> None:
        """As in the standard library: only the first, where it stands, its name as it was."""
        message = parse(b"x-TAG: a\nX-Other: o\nX-Tag: b\n\nbody")

        message.replace_header("X-Tag", "c")

        assert bytes(message) == b"x-TAG: c\nX-Other: o\nX-Tag: b\n\nbody"

    def test_replacing_what_is_not_there_is_an_error(self) -> None:
        """MissingField is a KeyError, and names the call that adds one."""
        with pytest.raises(MissingField, match="set_header") as caught:
            parse(SOURCE).replace_header("Cc", "a@example.org")

        assert isinstance(caught.value, KeyError)

    def test_deleting_drops_every_field_of_the_name(self) -> None:
        """``del msg[name]``; nothing happens where there is none."""
        message = parse(SOURCE)

        del message["RECEIVED"]
        del message["Cc"]

        assert bytes(message) == SOURCE[SOURCE.index(b"Subject") :]

    def test_deleting_what_is_not_there_is_no_edit(self) -> None:
        """An untouched message stays untouched."""
        message = parse(SOURCE)

        del message["Cc"]

        assert not message.composed

    @pytest.mark.parametrize(
        ("name", "value", "written"),
        [
            pytest.param("To", Address("Ana", "ana", "example.org"), b"To: Ana <ana@example.org>", id="an address"),
            pytest.param("Cc", [Address("", "a", "b.c"), "d@e.f"], b"Cc: a@b.c, d@e.f", id="a list"),
            pytest.param(
                "Date",
                dt.datetime(2020, 11, 2, 10, tzinfo=dt.UTC),
                b"Date: Mon, 02 Nov 2020 10:00:00 +0000",
                id="a datetime",
            ),
            pytest.param("Date", _NAIVE, b"Date: Mon, 02 Nov 2020 10:00:00 -0000", id="a naive one"),
            pytest.param("References", ["a@b", "<c@d>"], b"References: <a@b> <c@d>", id="identifiers"),
            pytest.param("Subject", "grüße", b"Subject: =?utf-8?b?Z3LDvMOfZQ==?=", id="a text"),
        ],
    )
    def test_a_value_may_be_what_it_means(self, name: str, value: object, written: bytes) -> None:
        """Text, addresses and datetimes; a naive datetime is written ``-0000`` (RFC 5322, section 3.3)."""
        message = MIMEMessage()

        message[name] = value

        assert bytes(message) == written + b"\r\n\r\n"

    def test_a_value_that_was_read_can_be_set(self) -> None:
        """A value read can be composed again."""
        message = MIMEMessage()

        message["To"] = parse(SOURCE)["to"]

        assert message["to"] == "Ana <ana@example.org>"

    @pytest.mark.parametrize("character", ["\r", "\n", "\r\n ", "\0", "\ud800"])
    @pytest.mark.parametrize(
        "name", ["Subject", "To", "X-Any", "Message-ID", "Content-Type", "Content-Disposition", "Date"]
    )
    def test_what_would_forge_a_field_is_refused_wild_18(self, name: str, character: str) -> None:
        """CR, LF and NUL in a value are refused when it is set, whichever call sets it; nothing has changed."""
        message = parse(SOURCE)
        value = f"a{character}Bcc: eve@example.net"

        for call in (message.__setitem__, message.set_header, message.add_header):
            with pytest.raises(BadValue):
                call(name, value)

        assert bytes(message) == SOURCE
        assert not message.composed

    @pytest.mark.parametrize("name", ["", "X Y", "X:", "X\nY", "X\0", "Sübject", "X\r\nBcc", " X", "x" * 998])
    def test_what_is_no_field_name_is_refused_wild_18(self, name: str) -> None:
        """RFC 5322, section 2.2: a field name is printable ASCII without space and colon."""
        message = parse(SOURCE)

        for call in (message.__setitem__, message.set_header, message.add_header):
            with pytest.raises(BadValue, match="field name"):
                call(name, "x")

        assert bytes(message) == SOURCE

    def test_what_needs_smtputf8_is_refused_without_it_wild_17(self) -> None:
        """Non-ASCII local part: SMTPUTF8 or an error, never an encoded word."""
        with pytest.raises(BadValue, match="SMTPUTF8"):
            MIMEMessage()["To"] = "jürgen@example.org"

    def test_fields_are_added_before_a_body_that_had_none(self) -> None:
        """What stands first in the body never becomes part of a header."""
        message = parse(b"\xef\xbb\xbf\n\nSubject: no field\n")

        message["X-New"] = "a"

        read = parse(bytes(message))
        assert read.keys() == ["X-New"]
        assert read.octets == b"\nSubject: no field\n"


class TestAddHeader:
    def test_params_are_parameters(self) -> None:
        """As in the standard library: ``_`` in their names is written ``-``."""
        part = MIMEPart()

        part.add_header("Content-Disposition", "attachment", filename="ü b.pdf", creation_date="today", x=None)

        assert part["content-disposition"] == 'attachment; filename="ü b.pdf"; creation-date=today'
        assert part.get_filename() == "ü b.pdf"

    def test_it_appends_what_stands_there_already(self) -> None:
        """``add_header`` is the call that repeats a field."""
        message = parse(b"Subject: a\n\n")

        message.add_header("Subject", "b")

        assert message.get_all("subject") == ["a", "b"]

    def test_other_fields_take_no_parameters(self) -> None:
        """A parameter that would be lost is refused."""
        part = MIMEPart()

        with pytest.raises(BadValue, match="takes no parameters"):
            part.add_header("X-Any", "a", filename="b")

        assert part.keys() == []

    @pytest.mark.parametrize("params", [{"filename": "a\nb"}, {"f ": "a"}, {"x" * 200: "a"}])
    def test_a_bad_parameter_is_refused(self, params: dict[str, str]) -> None:
        """RFC 2045, section 5.1."""
        part = MIMEPart()

        with pytest.raises(BadValue):
            part.add_header("Content-Disposition", "attachment", **params)

        assert part.keys() == []


class TestContentType:
    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            pytest.param("Text/HTML; Charset=UTF-8", ("text/html", "text", "html", "utf-8"), id="any case"),
            pytest.param("image/svg+xml", ("image/svg+xml", "image", "svg+xml", None), id="no charset"),
            pytest.param("text", ("text/plain", "text", "plain", None), id="no subtype"),
            pytest.param("", ("text/plain", "text", "plain", None), id="nothing"),
        ],
    )
    def test_it_says_what_the_part_is(self, field: str, expected: tuple[str | None, ...]) -> None:
        """RFC 2045, section 5.2: what is not given or cannot be read is text/plain."""
        part = parse(f"Content-Type: {field}\n\n".encode())

        found = (
            part.get_content_type(),
            part.get_content_maintype(),
            part.get_content_subtype(),
            part.get_content_charset(),
        )

        assert found == expected

    def test_without_one_it_is_plain_text(self) -> None:
        """RFC 2045, section 5.2."""
        part = MIMEPart()

        assert part.get_content_type() == "text/plain"
        assert part.get_content_charset("none") == "none"
        assert part.get_boundary("none") == "none"

    def test_in_a_digest_it_is_a_message(self) -> None:
        """RFC 2046, section 5.1.5: the default type of a part of a digest is message/rfc822."""
        digest = parse(multipart("digest", b"\nSubject: a\n\nb", leaf("text/plain")))

        assert shape(digest) == "digest(rfc822(plain) plain)"

    @pytest.mark.parametrize(
        ("field", "disposition", "marked"),
        [
            pytest.param("Attachment; filename=a", "attachment", True, id="attachment"),
            pytest.param("inline", "inline", False, id="inline"),
            pytest.param("x-other", "x-other", False, id="another"),
            pytest.param("filename=a", "attachment", True, id="no disposition"),
            pytest.param("", None, False, id="nothing"),
        ],
    )
    def test_a_disposition_is_read(self, field: str, disposition: str | None, marked: bool) -> None:
        """RFC 2183, section 2.8: what is not known is an attachment."""
        part = parse(f"Content-Disposition: {field}\n\n".encode())

        assert (part.get_content_disposition(), part.is_attachment()) == (disposition, marked)

    @pytest.mark.parametrize(
        ("fields", "name", "safe"),
        [
            pytest.param("Content-Disposition: attachment; filename=a.pdf", "a.pdf", "a.pdf", id="filename"),
            pytest.param("Content-Type: image/png; name=b.png", "b.png", "b.png", id="name"),
            pytest.param(
                "Content-Type: image/png; name=b\nContent-Disposition: inline; filename=a", "a", "a", id="both"
            ),
            pytest.param(
                "Content-Type: image/png; name=b\nContent-Disposition: inline; filename=", "b", "b", id="one is empty"
            ),
            pytest.param("Content-Disposition: inline; filename*=utf-8''%C3%BC", "ü", "ü", id="extended"),
            pytest.param(
                'Content-Disposition: inline; filename="../../etc/pass wd"', "../../etc/pass wd", "pass wd", id="a path"
            ),
            pytest.param(r'Content-Disposition: inline; filename="C:\\x\\CON"', r"C:\x\CON", "_CON", id="a device"),
            pytest.param("Content-Disposition: inline; filename=.bashrc", ".bashrc", "bashrc", id="hidden"),
            pytest.param("Content-Disposition: inline", None, None, id="none"),
        ],
    )
    def test_a_file_name_is_read_and_made_safe_wild_10(self, fields: str, name: str | None, safe: str | None) -> None:
        """What a sender calls a file is the sender's choice; ``safe=True`` gives a name that may be used here."""
        part = parse(f"{fields}\n\n".encode())

        assert part.get_filename() == name
        assert part.get_filename(safe=True) == safe
        assert part.get_filename("none") == ("none" if name is None else name)

    def test_parameters_are_read_from_two_fields(self) -> None:
        """``get_param(param, failobj, header)`` as in the standard library."""
        part = parse(
            b"Content-Type: text/plain; Format=Flowed\nContent-Disposition: inline; size=3\nSubject: a; b=c\n\n"
        )

        assert part.get_param("FORMAT") == "Flowed"
        assert part.get_param("size", header="Content-Disposition") == "3"
        assert part.get_param("delsp", "no") == "no"
        assert part.get_param("b", header="subject") is None

    @pytest.mark.parametrize(
        ("source", "call", "written"),
        [
            pytest.param(
                "Content-Type: text/plain; a=b; c=d",
                ("a", "x y"),
                'Content-Type: text/plain; a="x y"; c=d',
                id="in its place",
            ),
            pytest.param(
                "content-type: text/plain",
                ("charset", "utf-8"),
                "content-type: text/plain; charset=utf-8",
                id="behind the others",
            ),
            pytest.param(
                "X: y", ("charset", "utf-8"), "X: y\nContent-Type: text/plain; charset=utf-8", id="of no Content-Type"
            ),
            pytest.param(
                "Content-Disposition: inline",
                ("filename", "a", "content-disposition"),
                "Content-Disposition: inline; filename=a",
                id="of the disposition",
            ),
        ],
    )
    def test_a_parameter_is_set(self, source: str, call: tuple[str, ...], written: str) -> None:
        """In its place if it has one; a Content-Type is made where there is none."""
        part = parse(f"{source}\n\n".encode())

        part.set_param(*call)

        assert bytes(part) == f"{written}\n\n".encode()

    def test_what_has_no_parameters_gets_none(self) -> None:
        """A field that is not there, or takes none, is the caller's mistake."""
        part = parse(b"Subject: a\n\n")

        with pytest.raises(MissingField, match="Content-Disposition"):
            part.set_param("filename", "a", "Content-Disposition")
        with pytest.raises(BadValue, match="takes no parameters"):
            part.set_param("a", "b", "Subject")

        assert not part.composed


class TestChangingTheType:
    """A change of Content-Type changes what the body is, and never an octet of it."""

    SOURCE = multipart("mixed", leaf("text/plain", "one"), leaf("text/html", "two"), fields=("Subject: s",))

    def test_a_multipart_without_its_type_is_text(self) -> None:
        """Deleting the Content-Type of a parsed multipart keeps every octet."""
        message = parse(self.SOURCE)
        body = message.octets

        del message["Content-Type"]

        assert bytes(message) == self.SOURCE.partition(b"\n")[2]
        assert (message.get_content_type(), message.is_multipart(), message.octets) == ("text/plain", False, body)

    def test_setting_it_back_opens_it_again(self) -> None:
        """The parts are where they were, and know it."""
        message = parse(self.SOURCE)
        field = message["Content-Type"]
        spans = [part.span for part in message.parts]

        del message["Content-Type"]
        message["Content-Type"] = field

        assert shape(message) == "mixed(plain html)"
        assert [part.get_content() for part in message.parts] == ["one", "two"]
        assert [part.span for part in message.parts] == spans

    def test_edits_inside_survive_it(self) -> None:
        """What was changed before is what is opened again."""
        message = parse(self.SOURCE)
        field = message["Content-Type"]
        message.parts[1].set_content("new", "html")

        del message["Content-Type"]
        message["Content-Type"] = field

        assert [part.get_content() for part in message.parts] == ["one", "new"]

    @pytest.mark.parametrize("subtype", ["alternative", "related", "x-own"])
    def test_another_subtype_keeps_parts_and_boundary(self, subtype: str) -> None:
        """The boundary need not be repeated."""
        message = parse(self.SOURCE)
        part = message.parts[0]

        message["Content-Type"] = f"multipart/{subtype}"

        assert message.parts[0] is part
        assert shape(parse(bytes(message))) == f"{subtype}(plain html)"
        assert message.octets == parse(self.SOURCE).octets

    def test_a_digest_of_it_reads_its_parts_anew(self) -> None:
        """RFC 2046, section 5.1.5: the default type of its parts is another, so they are others."""
        message = parse(multipart("mixed", b"\nSubject: a\n\nb", leaf("text/html")))

        message["Content-Type"] = "multipart/digest"
        digest = shape(message), shape(parse(bytes(message)))
        message["Content-Type"] = "multipart/mixed"

        assert digest == ("digest(rfc822(plain) html)",) * 2
        assert shape(message) == shape(parse(bytes(message))) == "mixed(plain html)"

    def test_the_boundary_of_a_parsed_multipart_cannot_be_set(self) -> None:
        """It stands in the body, which a header cannot change."""
        message = parse(self.SOURCE)

        with pytest.raises(Forbidden, match="boundary"):
            message.set_param("boundary", "other")
        for call in (message.set_header, message.replace_header, message.__setitem__):
            with pytest.raises(Forbidden, match="boundary"):
                call("Content-Type", "multipart/mixed; boundary=other")

        assert bytes(message) == self.SOURCE
        assert not message.composed

    def test_the_boundary_it_has_may_be_said(self) -> None:
        """Nothing changes by it."""
        message = parse(self.SOURCE)

        message.set_param("boundary", message.get_boundary() or "")

        assert shape(parse(bytes(message))) == "mixed(plain html)"

    def test_a_leaf_may_become_what_its_octets_are(self) -> None:
        """A body that holds parts is opened once its header says so."""
        body = parse(self.SOURCE).octets
        message = parse(b"Content-Type: text/plain\n\n" + body)

        message["Content-Type"] = parse(self.SOURCE)["Content-Type"]

        assert shape(message) == "mixed(plain html)"
        assert bytes(message).endswith(b"\n\n" + body)

    def test_a_text_may_become_a_message_and_back(self) -> None:
        """The octets of a body are what its type says."""
        message = parse(leaf("text/plain", "Subject: in\n\nbody"))

        message["Content-Type"] = "message/rfc822"
        inner = shape(message)
        message["Content-Type"] = "message/global"
        still = shape(message)
        message["Content-Type"] = "text/x-log"

        assert (inner, still, shape(message)) == ("rfc822(plain)", "global(plain)", "x-log")
        assert message.octets == b"Subject: in\n\nbody"

    def test_a_new_type_of_a_leaf_keeps_its_content(self) -> None:
        """What is composed is not let go of where nothing depends on it."""
        message = MIMEMessage().set_content("grüße\n")

        message["Content-Type"] = "text/html; charset=utf-8"

        assert parse(bytes(message)).get_content() == message.get_content() == "grüße\n"

    @pytest.mark.parametrize("encoding", ["base64", "8bit"])
    def test_another_transfer_encoding_of_a_received_leaf_reads_its_octets_so(self, encoding: str) -> None:
        """The field says how the octets are to be read; it encodes nothing."""
        message = parse(leaf("text/plain", "aGVsbG8=", "Content-Transfer-Encoding: 7bit"))

        message["Content-Transfer-Encoding"] = encoding

        assert message.get_content() == {"base64": "hello", "8bit": "aGVsbG8="}[encoding]
        assert bytes(message).endswith(b"\n\naGVsbG8=")

    def test_another_transfer_encoding_of_a_multipart_changes_nothing(self) -> None:
        """RFC 2045, section 6.4: a multipart is never encoded as a whole."""
        message = parse(self.SOURCE)
        part = message.parts[0]

        message["Content-Transfer-Encoding"] = "8bit"

        assert message.parts[0] is part

    def test_another_transfer_encoding_of_composed_content_carries_the_same_text(self) -> None:
        """RFC 2045, section 6.1: what is read is what would be sent, and what was set."""
        message = MIMEMessage().set_content("grüße", cte="quoted-printable")

        message["Content-Transfer-Encoding"] = "base64"

        assert message.get_content() == parse(bytes(message)).get_content() == "grüße"
        assert bytes(message).endswith(b"\r\n\r\nZ3LDvMOfZQ==")

    @pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii", "utf-16", "nonsense"])
    def test_another_charset_of_composed_text_is_refused(self, charset: str) -> None:
        """RFC 2046, section 4.1.2: the parameter says in which charset the text stands, and it stands in UTF-8."""
        message = MIMEMessage().set_content("grüße")
        before = bytes(message)

        with pytest.raises(Forbidden, match="another charset"):
            message.set_param("charset", charset)

        assert bytes(message) == before

    @pytest.mark.parametrize(("text", "charset"), [("grüße", "UTF-8"), ("hello", "iso-8859-1"), ("hello", "utf-8")])
    def test_a_charset_in_which_the_text_is_the_same_may_be_said(self, text: str, charset: str) -> None:
        """RFC 2046, section 4.1.2: ASCII is the same in most of them."""
        message = MIMEMessage().set_content(text)

        message.set_param("charset", charset)

        assert message.get_content() == parse(bytes(message)).get_content() == text


class TestPolicies:
    def test_smtputf8_writes_headers_as_they_are(self) -> None:
        """RFC 6532: UTF-8 in header fields, local parts among them."""
        message = MIMEMessage(policy=policy.SMTPUTF8)
        message["To"] = "Jürgen <jürgen@straße.de>"
        message["Subject"] = "grüße"

        assert "To: Jürgen <jürgen@".encode() in bytes(message)
        assert "Subject: grüße\r\n".encode() in bytes(message)
        assert parse(bytes(message))["subject"] == "grüße"

    def test_a_policy_is_asked_for_each_writing(self) -> None:
        """The same message, for a server with SMTPUTF8 and for one without."""
        message = MIMEMessage()
        message["Subject"] = "grüße"

        assert "grüße".encode() in message.as_bytes(policy=policy.SMTPUTF8)
        assert message.as_bytes().isascii()

    def test_what_a_policy_cannot_write_is_refused(self) -> None:
        """A local part outside ASCII has no other form."""
        message = MIMEMessage(policy=policy.SMTPUTF8)
        message["To"] = "jürgen@example.org"

        with pytest.raises(BadValue, match="SMTPUTF8"):
            message.as_bytes(policy=policy.default)

    def test_lines_are_folded_where_the_policy_says(self) -> None:
        """``max_line_length``, at white space only; 0 for 998 alone."""
        words = " ".join(["word"] * 30)
        lengths = {}
        for limit in (40, 78, 0):
            message = MIMEMessage(policy=policy.default.replace(max_line_length=limit))
            message["Subject"] = words
            lengths[limit] = max(map(len, bytes(message).split(b"\r\n")))
            assert parse(bytes(message))["subject"] == words

        assert lengths[40] <= 40 < lengths[78] <= 78 < lengths[0]

    def test_headers_are_refused_by_type(self) -> None:
        """A caller's mistake is a BadValue that says what was expected."""
        value: Any = 3

        with pytest.raises(BadValue, match="int"):
            MIMEMessage()["To"] = value


def test_a_date_that_was_read_has_its_datetime() -> None:
    """``.datetime`` of a Date."""
    value = parse(b"Date: Mon, 2 Nov 2020 10:00:00 +0100\n\n")["date"]

    assert isinstance(value, Date)
    assert value.datetime == dt.datetime(2020, 11, 2, 9, tzinfo=dt.UTC)


def test_a_parameter_may_be_called_name() -> None:
    """``add_header(name, value, **params)``, as the standard library has it."""
    part = MIMEPart()

    part.add_header("Content-Type", "application/pdf", name="a.pdf")

    assert part["content-type"] == "application/pdf; name=a.pdf"


def test_a_name_that_begins_like_a_delimiter_is_refused() -> None:
    """RFC 2046, section 5.1.1: a line that begins with two dashes may end a part."""
    with pytest.raises(BadValue, match="field name"):
        MIMEPart().set_header("--x", "y")


_NO_NAMES: dict[str, Callable[[Any, Any], object]] = {
    "looked up": lambda message, name: message[name],
    "got": lambda message, name: message.get(name),
    "all of it": lambda message, name: message.get_all(name),
    "field": lambda message, name: message.field(name),
    "set": lambda message, name: message.__setitem__(name, "x"),
    "set_header": lambda message, name: message.set_header(name, "x"),
    "added": lambda message, name: message.add_header(name, "x"),
    "replaced": lambda message, name: message.replace_header(name, "x"),
    "deleted": lambda message, name: message.__delitem__(name),
    "header of a parameter": lambda message, name: message.get_param("charset", header=name),
    "header of a set parameter": lambda message, name: message.set_param("charset", "x", name),
}


@pytest.mark.parametrize("name", [3, None, b"Subject"], ids=["int", "None", "bytes"])
@pytest.mark.parametrize("call", _NO_NAMES.values(), ids=_NO_NAMES)
@pytest.mark.parametrize("message", [parse(SOURCE), MIMEMessage()], ids=["parsed", "composed"])
def test_a_field_name_is_text(message: MIMEMessage, call: Callable[[Any, Any], object], name: object) -> None:
    """A caller's mistake says what was expected and found, and is never taken for a field that is not there."""
    before = bytes(message)

    with pytest.raises(BadValue, match=f"a field name is a str, not {type(name).__name__}"):
        call(message, name)

    assert bytes(message) == before


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        pytest.param(lambda part: part.get_param(3), "a parameter name is a str, not int", id="a name got"),
        pytest.param(lambda part: part.get_param(b"x"), "a parameter name is a str, not bytes", id="octets got"),
        pytest.param(lambda part: part.get_param(3, header="x"), "a parameter name is a str", id="a name of nothing"),
        pytest.param(lambda part: part["content-type"].params[3], "a parameter name is a str", id="a name looked up"),
        pytest.param(lambda part: part.set_param(3, "x"), "a parameter name is a str, not int", id="a name set"),
        pytest.param(
            lambda part: part.set_param("charset", 3), "the parameter charset is a str, not int", id="a value"
        ),
        pytest.param(
            lambda part: part.set_param(3, "x", "content-disposition"),
            "a parameter name is a str",
            id="a disposition's",
        ),
    ],
)
def test_a_parameter_is_text(call: Callable[[Any], object], problem: str) -> None:
    """A caller's mistake says what was expected and found, and leaves the message as it was."""
    part = parse(leaf("text/plain; charset=utf-8", "x", "Content-Disposition: inline"))
    before = bytes(part)

    with pytest.raises(BadValue, match=problem):
        call(part)

    assert bytes(part) == before


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("To: ", id="no address"),
        pytest.param("To: Ana <>, (b", id="damaged addresses"),
        pytest.param("Date: tomorrow", id="no date"),
        pytest.param("In-Reply-To: your message of Monday", id="a phrase"),
        pytest.param("DKIM-Signature: " + "x" * 1_200, id="a line too long for mail"),
        pytest.param("From: jürgen@example.org", id="a local part in UTF-8"),
        pytest.param("Received: by größe", id="8-bit octets"),
    ],
)
def test_a_value_that_was_read_is_taken_as_it_is(body: str) -> None:
    """What is read can always be written: no rule it breaks stands against its own field in another message."""
    source = parse(f"{body}\n\n")
    [(name, value)] = source.items()
    message = MIMEMessage()

    message[name.lower()] = value

    assert parse(bytes(message))[name] == message[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("Sender", parse("To: a@b.c, d@e.f\n\n")["To"], id="too many for another field"),
        pytest.param("Date", str(parse("Date: tomorrow\n\n")["Date"]), id="only its text"),
        pytest.param("From", Addresses.compose("From", "jürgen@example.org"), id="composed for SMTPUTF8"),
    ],
)
def test_no_other_value_is_taken_as_it_is(name: str, value: object) -> None:
    """A field that is composed obeys its rules; that it was received is what excuses one."""
    with pytest.raises(BadValue, match=f"^{name}: "):
        MIMEMessage()[name] = value
