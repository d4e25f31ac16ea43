"""What `send_all` gives."""

from __future__ import annotations

import asyncio
import gc

import pytest

from cartero import AsyncSender, MemorySender, Sender, SMTPSender, XMLRPCSender
from cartero.aio import AsyncMemorySender, AsyncSMTPSender, AsyncXMLRPCSender

ONE, TWO = (f"From: a@x.org\nTo: b@x.org\nDate: x\nMessage-ID: <{number}@x>\n\n".encode() for number in (1, 2))


@pytest.mark.parametrize(
    "road",
    [
        pytest.param(MemorySender(), id="usual"),
        pytest.param(AsyncMemorySender(), id="usual-awaiting"),
        pytest.param(SMTPSender("localhost"), id="usual-smtp"),
        pytest.param(AsyncSMTPSender("localhost"), id="usual-smtp-awaiting"),
        pytest.param(XMLRPCSender("http://localhost/"), id="usual-xmlrpc"),
        pytest.param(AsyncXMLRPCSender("http://localhost/"), id="usual-xmlrpc-awaiting"),
    ],
)
def test_who_never_asks_is_warned(road: Sender | AsyncSender) -> None:
    """The call alone looks like sending, and sends nothing."""
    with pytest.warns(ResourceWarning, match="nothing was sent: the receipts were never asked for"):
        road.send_all([ONE])


def test_who_asks_is_not() -> None:
    """By a loop, for one of them, or for none any more."""
    for_all, for_one, for_none = (MemorySender().send_all([ONE, TWO]) for _ in range(3))

    assert len(list(for_all)) == 2
    assert next(for_one).message_id == "<1@x>"
    assert [receipt.message_id for receipt in for_one] == ["<2@x>"]
    for_none.close()  # type: ignore[attr-defined]  # it is much like a generator
    del for_all, for_one, for_none
    gc.collect()


def test_who_awaits_them_is_not() -> None:
    """Likewise."""

    async def use() -> tuple[int, str, str]:
        for_all, for_one, for_none = (AsyncMemorySender().send_all([ONE, TWO]) for _ in range(3))
        count = len([receipt async for receipt in for_all])
        first = await anext(for_one)
        [second] = [receipt async for receipt in for_one]
        await for_none.aclose()  # type: ignore[attr-defined]  # it is much like a generator
        return count, first.message_id, second.message_id

    assert asyncio.run(use()) == (2, "<1@x>", "<2@x>")
    gc.collect()
