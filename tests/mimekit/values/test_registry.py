"""mimekit.values.registry: which class of value a field has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.address import Addresses
from mimekit.values.base import HeaderValue
from mimekit.values.contenttype import ContentType
from mimekit.values.date import Date
from mimekit.values.disposition import Disposition
from mimekit.values.listing import ListField, ListId
from mimekit.values.mime import MimeVersion, TransferEncoding
from mimekit.values.msgid import MessageIds
from mimekit.values.received import Received
from mimekit.values.registry import compose_value, is_unique, parse_value
from mimekit.values.text import Text
from mimekit.values.verbatim import Verbatim

NAMES = [
    "From",
    "Date",
    "Message-ID",
    "References",
    "List-Help",
    "List-Id",
    "List-Unsubscribe-Post",
    "Received",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "DKIM-Signature",
    "Subject",
]


class TestRegistry:
    """Names and classes."""

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            pytest.param("From", Addresses, id="usual: From"),
            pytest.param("return-path", Addresses, id="usual: Return-Path"),
            pytest.param("RESENT-BCC", Addresses, id="usual: any case"),
            pytest.param("Date", Date, id="usual: Date"),
            pytest.param("Message-Id", MessageIds, id="usual: Message-ID"),
            pytest.param("Content-ID", MessageIds, id="usual: Content-ID"),
            pytest.param("List-Unsubscribe", ListField, id="usual: List-Unsubscribe"),
            pytest.param("List-ID", ListId, id="usual: List-Id"),
            pytest.param("Received", Received, id="usual: Received"),
            pytest.param("Content-Type", ContentType, id="usual: Content-Type"),
            pytest.param("Content-Disposition", Disposition, id="usual: Content-Disposition"),
            pytest.param("Content-Transfer-Encoding", TransferEncoding, id="usual: Content-Transfer-Encoding"),
            pytest.param("MIME-Version", MimeVersion, id="usual: MIME-Version"),
            pytest.param("Subject", Text, id="usual: Subject"),
            pytest.param("X-Anything", Text, id="usual: unknown"),
            pytest.param("Delivered-To", Text, id="odd: no address list by any standard"),
            pytest.param("DKIM-Signature", Verbatim, id="odd: DKIM-Signature"),
            pytest.param("ARC-Seal", Verbatim, id="odd: ARC-Seal"),
            pytest.param("", Text, id="hostile: no name"),
            pytest.param("Dat\xe9", Text, id="hostile: raw octets"),
        ],
    )
    def test_a_name_has_its_class(self, name: str, kind: type[HeaderValue]) -> None:
        """RFC 5322, section 3.6; names know no case (section 1.2.2)."""
        value = parse_value(name.lower(), name, " <a@b>")

        assert type(value) is kind
        assert value.name == name

    @given(st.sampled_from(NAMES), st.text(st.characters(max_codepoint=255)))
    def test_nothing_raises(self, name: str, body: str) -> None:
        """DESIGN, laws 4 and 6: no value, decoded, holds CR, LF or NUL."""
        value = parse_value(name.lower(), name, body)

        assert value.defects is not None
        assert not set(value) & set("\r\n\0")

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            pytest.param(
                "Date", dt.datetime(2002, 11, 11, tzinfo=dt.UTC), "Mon, 11 Nov 2002 00:00:00 +0000", id="usual: Date"
            ),
            pytest.param("References", ["a@b", "c@d"], "<a@b> <c@d>", id="usual: References"),
            pytest.param("Subject", "a b", "a b", id="usual: Subject"),
            pytest.param("a" * 900, "b", "b", id="odd: a long name"),
        ],
    )
    def test_a_value_is_composed(self, name: str, value: object, expected: str) -> None:
        """What the class makes of it, under the name as it is spelled."""
        composed = compose_value(name, value)

        assert (composed, composed.name) == (expected, name)

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("", id="usual: empty"),
            pytest.param("Sub ject", id="usual: a space"),
            pytest.param("Subject:", id="usual: a colon"),
            pytest.param("Sübject", id="usual: other than ASCII"),
            pytest.param("Subject\r\nBcc", id="hostile: another field"),
            pytest.param("Subject\n", id="hostile: a line end"),
            pytest.param("Subject\0", id="hostile: NUL"),
            pytest.param("\x7f", id="hostile: a control"),
            pytest.param("a" * 998, id="hostile: no line holds it"),
        ],
    )
    def test_what_is_no_field_name_is_refused_wild_18(self, name: str) -> None:
        """RFC 5322, section 2.2: printable US-ASCII characters except colon."""
        with pytest.raises(BadValue):
            compose_value(name, "a")

    @pytest.mark.parametrize("length", [76, 900, 997])
    @pytest.mark.parametrize("text", ["a", "a b", "é", "x" * 900])
    def test_the_longest_name_can_be_written(self, length: int, text: str) -> None:
        """RFC 5322, section 2.1.1: 998 characters on a line, the CRLF not counted."""
        name = "a" * length
        composed = compose_value(name, text)
        lines = fold(name, composed.encode_body(offset=length + 2)).split("\r\n")

        assert max(map(len, lines)) <= 998
        assert parse_value(name.lower(), name, "\r\n".join(lines).partition(":")[2]) == text

    @pytest.mark.parametrize("name", NAMES)
    def test_a_refusal_names_the_field(self, name: str) -> None:
        """What was expected and found, and where."""
        with pytest.raises(BadValue, match=f"^{name}: "):
            compose_value(name, 3)

    @pytest.mark.parametrize("name", [3, None, b"Subject"], ids=["int", "None", "bytes"])
    def test_a_name_of_another_type_is_refused(self, name: Any) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue, match="a field name is a str, not"):
            compose_value(name, "a")

    @pytest.mark.parametrize(
        ("name", "body", "is_itself"),
        [
            pytest.param("To", "a@b.c", False, id="usual: sound"),
            pytest.param("Subject", "caf\xe9", False, id="usual: encoded words say it"),
            pytest.param("Date", "tomorrow", True, id="odd: refused"),
            pytest.param("Date", "1 May 2026 09:30 GMT", True, id="odd: written otherwise"),
            pytest.param("To", "\xfc@b.c", True, id="odd: not without UTF-8"),
        ],
    )
    def test_a_value_that_was_read_stands_where_no_other_can(self, name: str, body: str, is_itself: bool) -> None:
        """What is read can always be written, as the same text."""
        value = parse_value(name.lower(), name, body)

        composed = compose_value(name.upper(), value)

        assert composed == value
        assert (composed is value) is is_itself

    def test_a_value_that_was_read_can_be_set_again(self) -> None:
        """DESIGN, law 6."""
        for name in NAMES:
            body = {
                "Date": "Mon, 11 Nov 2002 11:11:11 +0100",
                "Received": "by b; Mon, 11 Nov 2002 11:11:11 +0100",
                "Content-Type": "text/plain",
                "Content-Disposition": "inline",
                "Content-Transfer-Encoding": "base64",
                "MIME-Version": "1.0",
                "List-Help": "<http:a>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }.get(name, "<a@b>" if name != "List-Id" else "<a.b>")
            value = parse_value(name.lower(), name, f" {body}")

            assert compose_value(name, value) == value


class TestIsUnique:
    """Fields that stand once."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            *[
                (name, True)
                for name in (
                    "Date",
                    "From",
                    "Sender",
                    "Reply-To",
                    "To",
                    "Cc",
                    "Bcc",
                    "Message-ID",
                    "In-Reply-To",
                    "References",
                    "Subject",
                    "MIME-Version",
                    "Content-Type",
                    "Content-Transfer-Encoding",
                    "Content-ID",
                    "Content-Description",
                    "content-disposition",
                )
            ],
            *[
                (name, False)
                for name in (
                    "Received",
                    "Return-Path",
                    "Resent-To",
                    "Comments",
                    "Keywords",
                    "X-Tag",
                    "DKIM-Signature",
                    "",
                )
            ],
        ],
    )
    def test_some_fields_stand_at_most_once(self, name: str, *, expected: bool) -> None:
        """RFC 5322, section 3.6, the table; RFC 2045, section 3."""
        assert is_unique(name) is expected
