"""Mail into a list."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cartero import BadMessage, ConnectError, Envelope, MemorySender, SendingError
from cartero.aio import AsyncMemorySender
from mimekit import FileManager, MIMEMessage
from tests.rich_mail import RICH, rich_message, told

if TYPE_CHECKING:
    from pathlib import Path

    from cartero import Receipt


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


def test_a_rich_message_is_read_back_equal() -> None:
    """Text, page, inline image and attachment, with names in another script."""
    sender = MemorySender()

    sender.send(rich_message())

    [mail] = sender.outbox
    assert told(bytes(mail.message)) == RICH


class TestScript:
    """Outcomes on order."""

    def test_the_outbox_has_what_was_accepted_by_those_who_accepted_it(self) -> None:
        """As the other side would have it: nothing of what it refused."""
        sender = MemorySender(["450 4.2.1 Try later", {"hid@example.org": "550 5.1.1 No such user"}])

        with pytest.raises(SendingError) as caught:
            sender.send(hello())
        receipt = sender.send(hello())

        assert caught.value.temporary
        assert receipt.refused == {"hid@example.org": "No such user"}
        [mail] = sender.outbox
        assert mail.envelope.recipients == receipt.accepted == ("you@example.org",)

    def test_a_new_script_replaces_the_old_one(self) -> None:
        """A fixture makes the sender, the test says what becomes of its mail."""
        sender = MemorySender(["550 no"])
        sender.script(lambda mail: ConnectError(f"no route for {mail.envelope.sender}"))

        with pytest.raises(ConnectError, match=r"no route for me@example.org"):
            sender.send(hello())

    def test_what_cannot_be_written_is_refused_whatever_the_script_says(self, tmp_path: Path) -> None:
        """As with every road."""
        sender, message = MemorySender([None, "550 no"]), hello()
        (tmp_path / "a.txt").write_bytes(b"one")
        message.add_attachment(tmp_path / "a.txt", content_manager=FileManager)
        (tmp_path / "a.txt").unlink()

        with pytest.raises(BadMessage):
            sender.send(message)

        assert sender.outbox == []


def test_the_twin_does_what_its_twin_does() -> None:
    """The same outbox, the same script."""
    sender = AsyncMemorySender(["550 no", None])

    async def use() -> Receipt:
        with pytest.raises(SendingError):
            await sender.send(hello())
        return await sender.send(hello())

    receipt = asyncio.run(use())

    assert (receipt.sender, sender.name) == ("memory:", "memory:")
    sender.outbox.assert_sent(to=["you@example.org", "hid@example.org"], count=1)
    sender.script(["450 no"])
    with pytest.raises(SendingError):
        asyncio.run(sender.send(hello()))


def test_each_sender_has_its_own() -> None:
    """Tests do not meet each other's mail; oldest first."""
    first, second = MemorySender(), MemorySender()

    list(first.send_all([b"From: a@x.org\nTo: b@x.org\n\n1", b"From: a@x.org\nTo: b@x.org\n\n2"]))

    assert [mail.message.get_content() for mail in first.outbox] == ["1", "2"]
    assert second.outbox == []
