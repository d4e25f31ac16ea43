"""Mail into a list."""

from __future__ import annotations

from cartero import Envelope, MemorySender
from mimekit import MIMEMessage


def hello() -> MIMEMessage:
    """A message to one in the open, and one in hiding."""
    message = MIMEMessage()
    message["From"], message["To"], message["Bcc"] = "me@example.org", "you@example.org", "hid@example.org"
    message["Subject"] = "Grüße"
    return message.set_content("Hi!\n")


def test_what_was_sent_can_be_looked_at() -> None:
    """Message and envelope, as a recipient and a server would have them."""
    sender = MemorySender()

    receipt = sender.send(hello())

    [mail] = sender.outbox
    assert (mail.message["Subject"], mail.message.get_content()) == ("Grüße", "Hi!\n")
    assert "Bcc" not in mail.message
    assert mail.envelope == Envelope("me@example.org", ["you@example.org", "hid@example.org"])
    assert mail.message_id == receipt.message_id == mail.message["Message-ID"]


def test_everybody_accepts() -> None:
    """The receipt is that of a road where nothing goes wrong."""
    receipt = MemorySender().send(hello())

    assert receipt.accepted == ("you@example.org", "hid@example.org")
    assert receipt.refused == {}
    assert receipt.location == ""


def test_what_was_sent_does_not_change_with_the_message() -> None:
    """A test looks at what went, not at what became of it later."""
    sender, message = MemorySender(), hello()
    message["Date"], message["Message-ID"] = "Mon, 01 Jan 2024 10:00:00 +0000", "<1@x.org>"
    del message["Bcc"]

    sender.send(message)
    message["Subject"] = "other"

    assert sender.outbox[0].message["Subject"] == "Grüße"


def test_each_sender_has_its_own() -> None:
    """Tests do not meet each other's mail; oldest first."""
    first, second = MemorySender(), MemorySender()

    list(first.send_all([b"From: a@x.org\nTo: b@x.org\n\n1", b"From: a@x.org\nTo: b@x.org\n\n2"]))

    assert [mail.message.get_content() for mail in first.outbox] == ["1", "2"]
    assert second.outbox == []
