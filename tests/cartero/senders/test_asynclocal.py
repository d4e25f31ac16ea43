"""A sender of this machine, for programs that await."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from cartero import BadURL, ConnectError, MailboxSender, MailObject, MemorySender, SpoolSender
from cartero.aio import AsyncLocalSender, AsyncMemorySender
from tests.rich_mail import RICH, rich_message, told

if TYPE_CHECKING:
    from pathlib import Path

MAIL = b"From: me@example.org\r\nTo: you@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"


def test_a_message_arrives_as_by_the_sender_it_has(tmp_path: Path) -> None:
    """The receipt is that sender's, too."""
    sender = AsyncLocalSender(MailboxSender(tmp_path / "box"))

    receipt = asyncio.run(sender.send(rich_message()))

    assert (receipt.sender, receipt.accepted) == (sender.name, ("you@example.org", "hid@example.org"))
    assert told((tmp_path / receipt.location).read_bytes()) == RICH


def test_hooks_of_both_are_called() -> None:
    """Those of the one that awaits come first."""
    inner = MemorySender()
    sender = AsyncLocalSender(inner)

    def hook(name: str) -> Any:
        def mark(mail: MailObject) -> MailObject:
            mail.message.add_header("X-By", name)
            return mail

        return mark

    sender.before_send.append(hook("outer"))
    inner.before_send.append(hook("inner"))
    asyncio.run(sender.send(MAIL))

    assert inner.outbox[0].message.get_all("X-By") == ["outer", "inner"]


def test_it_is_held_open_once_for_many(tmp_path: Path) -> None:
    """As with every sender."""
    sender = AsyncLocalSender(SpoolSender(tmp_path / "queue"))

    async def use() -> list[str]:
        async with sender:
            return [receipt.message_id async for receipt in sender.send_all([MAIL, MAIL])]

    assert asyncio.run(use()) == ["<1@x>"] * 2


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """The error is that of the sender it has."""
    (tmp_path / "box").write_text("no Maildir")
    sender = AsyncLocalSender(MailboxSender(tmp_path / "box"))

    with pytest.raises(ConnectError):
        asyncio.run(sender.send(MAIL))


@pytest.mark.parametrize(
    ("sender", "problem"),
    [
        pytest.param("console:", r"found str: cartero\.aio\.connect\(url\)", id="usual-url"),
        pytest.param(AsyncMemorySender(), "expected a Sender, found AsyncMemorySender", id="usual-one-that-awaits"),
    ],
)
def test_what_is_no_sender_is_refused(sender: Any, problem: str) -> None:
    """A caller's mistake."""
    with pytest.raises(BadURL, match=problem):
        AsyncLocalSender(sender)
