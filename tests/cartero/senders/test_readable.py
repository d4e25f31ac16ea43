"""A message as people read it."""

from __future__ import annotations

import re

from hypothesis import given

from cartero import Envelope, MailObject
from cartero.senders._readable import readable
from mimekit import Image, MIMEMessage, Webpage, parse
from tests import strategies


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
    assert [line.partition(" (")[0] for line in lines[1:3]] == ["to you@example.org", "to hid@example.org"]
    assert "Subject: Grüße" in lines
    assert "Schöne Grüße" in lines
    assert "[attachment: Bericht März.pdf, application/pdf, 4 octets]" in lines
    assert set(lines[-1]) == {"-"}


def test_a_page_is_shown_as_text() -> None:
    """With the addresses of its links, which are what one wants to see of a page that a program makes."""
    lines = shown(MIMEMessage().set_content('<p>Hi, <a href="https://x.org/1">click</a>!', subtype="html")).splitlines()

    assert lines[-3].strip("-") == " page, as text "
    assert lines[-2] == "Hi, click <https://x.org/1>!"


def test_text_and_page_stand_one_below_the_other() -> None:
    """A program may have made both, and made one of them badly."""
    message = MIMEMessage()
    message.set_content("Hi from the text!\n")
    message.add_alternative("<p>Hi from the page!", subtype="html")

    lines = shown(message).splitlines()

    at = lines.index("Hi from the text!")
    assert lines[at - 1].strip("-") == " text "
    assert lines[at + 1].strip("-") == " page, as text "
    assert lines[at + 2] == "Hi from the page!"


def test_images_in_the_page_are_listed() -> None:
    """By the name that the page has for them."""
    message = MIMEMessage()
    logo = Image(b"GIF89a", subtype="gif", filename="logo.gif")
    message.set_content(Webpage('<p>Hi! <img src="cid:logo" alt="Our logo"></p>', resources={"logo": logo}))

    lines = shown(message).splitlines()

    assert "Hi! [Our logo]" in lines
    assert lines[-3].strip("-") == " files "
    assert lines[-2] == "[inline: logo.gif, image/gif, 6 octets, cid:logo]"


def test_an_attached_message_is_called_by_its_subject() -> None:
    """It has no other name."""
    inner = MIMEMessage()
    inner["From"], inner["Subject"] = "me@example.org", "Fwd: one\ttwo"
    message = MIMEMessage().set_content("See below.\n")
    message.add_attachment(inner.set_content("x"))

    assert "[attachment: Fwd: one two, message/rfc822, " in shown(message)


def test_a_recipient_whom_no_field_names_is_told() -> None:
    """A Bcc is taken out before, and whoever looks for it finds it here."""
    message = MIMEMessage().set_content("Hi!\n")
    message["To"] = "You <YOU@example.org>"
    message["Subject"] = "hid@example.org"

    lines = shown(message).splitlines()

    assert lines[1:3] == ["to you@example.org", "to hid@example.org (hidden: in neither To nor Cc)"]


def test_one_octet_is_one() -> None:
    """And a field that is folded stands on one line."""
    text = shown(parse(b"Subject: one\n two\nContent-Disposition: attachment; filename=a\n\n1"))

    assert "Subject: one two\n" in text
    assert "[attachment: a, text/plain, 1 octet]" in text


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


@given(strategies.anything())
def test_whatever_it_holds_it_is_text_that_harms_no_terminal(octets: bytes) -> None:
    """Bad mail is never an exception."""
    text = shown(parse(octets))

    assert text.encode().decode() == text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
