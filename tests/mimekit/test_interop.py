"""To and from the standard library."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage, Message
from email.mime.text import MIMEText
from typing import Any

import pytest

from mimekit import BadValue, MIMEMessage
from mimekit.interop import from_email, to_email


class TestFromEmail:
    def test_a_modern_message_is_the_same_message(self) -> None:
        """What the standard library writes, parsed."""
        theirs = EmailMessage()
        theirs["Subject"] = "Grüße"
        theirs.set_content("hello\n")
        theirs.add_attachment(b"x", maintype="image", subtype="png", filename="a.png")

        ours = from_email(theirs)

        assert ours["subject"] == "Grüße"
        assert [part.get_content_type() for part in ours.walk()] == ["multipart/mixed", "text/plain", "image/png"]

    def test_an_old_message_is_the_same_message(self) -> None:
        """``email.message.Message`` too."""
        assert from_email(MIMEText("hello", "plain", "utf-8")).get_content() == "hello"

    def test_what_is_no_message_is_refused(self) -> None:
        """A caller's mistake is a BadValue."""
        theirs: Any = "Subject: a"

        with pytest.raises(BadValue, match="found str"):
            from_email(theirs)

    def test_what_it_cannot_write_is_refused_with_the_cause(self) -> None:
        """The standard library raises whatever its parts raise."""
        theirs = Message(email.policy.default)
        theirs.set_payload([3])  # type: ignore[list-item]  # what a caller may do

        with pytest.raises(BadValue) as caught:
            from_email(theirs)

        assert caught.value.__cause__ is not None


class TestToEmail:
    @pytest.mark.parametrize("given", [None, "x", EmailMessage()], ids=["None", "text", "the standard library's"])
    def test_what_is_no_message_of_ours_is_refused(self, given: Any) -> None:
        """A caller's mistake is a BadValue."""
        with pytest.raises(BadValue, match=f"expected a MIMEMessage or a MIMEPart, found {type(given).__name__}"):
            to_email(given)

    def test_the_other_way_round(self) -> None:
        """The standard library reads what we write."""
        ours = MIMEMessage()
        ours["Subject"] = "Grüße"
        ours.set_content("hällo\n")
        ours.add_attachment(b"x\r\ny\n", "application", "pdf", filename="Übersicht.pdf")

        theirs = to_email(ours)
        body = theirs.get_body()

        assert theirs["subject"] == "Grüße"
        assert body is not None
        assert body.get_content() == "hällo\n"
        (attachment,) = theirs.iter_attachments()
        assert attachment.get_filename() == "Übersicht.pdf"
        assert attachment.get_content() == b"x\r\ny\n"
