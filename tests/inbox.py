"""A mail server on this machine that keeps what it gets."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator


def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


class Inbox:
    """What a server got; and what it is to say to the recipients that come next, in order.

    Attributes:
        port: where it listens, on 127.0.0.1.
        got: recipients and octets of each message.
        replies: what is said to the next recipients; None, and behind the last, accepts.
        drops: how many messages it still gets without an answer: the connection is gone.
    """

    def __init__(self) -> None:
        self.port = unused_port()
        self.got: list[tuple[list[str], bytes]] = []
        self.replies: list[str | None] = []
        self.drops = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse, or accept, one recipient."""
        reply = self.replies.pop(0) if self.replies else None
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 ok"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Keep a message."""
        self.got.append((list(envelope.rcpt_tos), envelope.content))
        if self.drops:
            self.drops -= 1
            server.transport.abort()
        return "250 ok"


@contextlib.contextmanager
def inbox() -> Iterator[Inbox]:
    """A server that runs."""
    handler = Inbox()
    server = Controller(handler, hostname="127.0.0.1", port=handler.port)
    server.start()
    try:
        yield handler
    finally:
        server.stop()
