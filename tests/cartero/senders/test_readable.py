"""A message as people read it."""

from __future__ import annotations

from cartero import Envelope, MailObject
from cartero.senders._readable import readable
from mimekit import MIMEMessage, parse


def shown(message: MIMEMessage) -> str:
    """*message* from me to two people, for people."""
    envelope = Envelope("me@example.org", ["you@example.org", "hid@example.org"])
    return readable(MailObject(message, envelope=envelope, message_id=""))


def test_it_shows_envelope_fields_text_and_attachments() -> None:
    """Everything decoded, what cannot be read by name and size."""
    message = MIMEMessage()
    message["Subject"] = "Grüße"
    message.set_content("Schöne Grüße\n", cte="base64")
    message.add_attachment(b"%PDF", "application", "pdf", filename="Bericht März.pdf")

    lines = shown(message).splitlines()

    assert lines[0].strip("-") == " mail from me@example.org "
    assert lines[1:3] == ["to you@example.org", "to hid@example.org"]
    assert "Subject: Grüße" in lines
    assert "Schöne Grüße" in lines
    assert "[attachment: Bericht März.pdf, application/pdf, 4 octets]" in lines
    assert set(lines[-1]) == {"-"}


def test_a_page_is_shown_where_there_is_no_text() -> None:
    """As its source; nobody is kept from reading it."""
    assert "<p>Hi!</p>" in shown(MIMEMessage().set_content("<p>Hi!</p>", subtype="html"))


def test_an_attachment_without_a_name_and_a_null_sender_have_words() -> None:
    """A message that is one file has no text."""
    mail = MailObject(
        parse(b"Content-Type: image/png\nContent-Disposition: attachment\n\n\x89PNG"),
        envelope=Envelope("", ["a@x.org"]),
        message_id="",
    )

    text = readable(mail)

    assert " mail from <> " in text
    assert "[attachment: without a name, image/png, 4 octets]" in text


def test_mail_commands_no_terminal() -> None:
    """Mail is a stranger's text, and its names and fields are too."""
    text = shown(
        parse(b"Subject: =?utf-8?q?=1B[2J?=\nContent-Type: text/plain; charset=utf-8\n\n\x1b]0;owned\x07\xe2\x80\xae")
    )

    assert "\x1b" not in text
    assert "\\x1b]0;owned\\x07\\u202e" in text
