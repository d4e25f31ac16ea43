"""Mail by XML-RPC for programs that await: what is said of both wires is in ``test_xmlrpc.py``."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from cartero import MemorySender, Receipt
from cartero.aio import AsyncXMLRPCSender, connect
from tests.xmlrpc_servers import ScriptedServer, accepted, mail_server, results

MAIL = b"From: me@x.org\r\nTo: you@x.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nHi!\r\n"


def test_a_token_may_be_awaited() -> None:
    """Where fetching it asks the network."""

    async def token() -> str:
        await asyncio.sleep(0)
        return "s3cret"

    with ScriptedServer([[results(accepted("you@x.org"))]]) as server:
        asyncio.run(AsyncXMLRPCSender(f"http://{server.address}", token=token).send(MAIL))

    assert b"Authorization: Bearer s3cret\r\n" in server.requests[0]


def test_messages_may_be_awaited() -> None:
    """An asynchronous iterable is what a queue gives."""
    road = MemorySender()

    async def messages() -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield MAIL

    async def send(address: str) -> int:
        sender = AsyncXMLRPCSender(f"http://{address}", batch=2)
        return len([receipt async for receipt in sender.send_all(messages())])

    with mail_server(road) as address:
        assert asyncio.run(send(address)) == 3

    assert len(road.outbox) == 3


@pytest.mark.parametrize("http", ["1.0", "1.1"])
def test_tasks_may_share_one(http: str) -> None:
    """Their calls go one after the other, and each gets its own answer."""
    road = MemorySender()

    async def send(address: str) -> list[Receipt]:
        sender = AsyncXMLRPCSender(f"http://{address}")
        mails = [MAIL.replace(b"<1@x>", b"<%d@x>" % number) for number in range(20)]
        return await asyncio.gather(*map(sender.send, mails))

    with mail_server(road, http=http) as address:
        receipts = asyncio.run(send(address))

    assert [receipt.message_id for receipt in receipts] == [f"<{number}@x>" for number in range(20)]
    assert len(road.outbox) == 20


def test_a_task_may_be_cancelled() -> None:
    """Whoever sends next is not given the answer that nobody waited for."""

    async def send(address: str) -> Receipt:
        async with AsyncXMLRPCSender(f"http://{address}") as sender:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sender.send(MAIL), 0.1)
            return await sender.send(MAIL)

    def sleep(connection: socket.socket) -> None:
        connection.recv(1)

    with ScriptedServer([[sleep], [results(accepted("you@x.org", message_id="<2@x>"))]]) as server:
        receipt = asyncio.run(send(server.address))

    assert receipt.message_id == "<2@x>"


def test_a_url_makes_one() -> None:
    """As `cartero.connect` does for programs that block."""
    sender = connect("xmlrpc+https://:s3cret@mx/p")

    assert repr(sender) == "<AsyncXMLRPCSender xmlrpc+https://mx/p>"
