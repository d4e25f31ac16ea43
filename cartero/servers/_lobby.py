"""Who is inside a server of XML-RPC: clients are let in, each with a thread of its own, or turned away."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from ._gauge import Gauge
from ._httpsession import Desk, HTTPSession
from ._mailcalls import MailCalls
from ._refusals import FULL

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from .delivery import Delivery
    from .limits import ServerLimits

_PAUSE = 0.1  # seconds until another client is looked at where there are too many files open
_LEAVING_TIME = 1.0  # seconds in which a client that is turned away is expected to read why
_MOST_LEAVING = 100
_TICK = 1.0  # seconds between two looks at the clock


class Lobby:
    """The clients of one server, from its start to its end. Mutable; it belongs to the loop that it was made in.

    Args:
        listeners: where they come in.
        delivery: where mail goes.
        limits: how much is taken.
        own_name: the name of the server.
        targets: the paths at which calls are taken.
        token: what a client has to show; None where that is nothing.
        tls: with which certificate; None where there is no TLS.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        listeners: list[socket.socket],
        delivery: Delivery,
        limits: ServerLimits,
        *,
        own_name: str,
        targets: tuple[str, ...],
        token: str | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._tls = tls
        self._most = limits.connections
        gauge = Gauge(limits)
        protocol = "HTTP" if tls is None else "HTTPS"
        calls = MailCalls(delivery, gauge, own_name=own_name, protocol=protocol, loop=self._loop)
        self._desk = Desk(calls, gauge, targets=targets, token=token)
        self._inside: dict[HTTPSession, asyncio.Future[None]] = {}
        self._leaving: set[socket.socket] = set()
        self._listeners = listeners
        self._welcoming = [self._loop.create_task(self._welcome(listener)) for listener in listeners]
        self._watching = self._loop.create_task(self._watch(min(_TICK, limits.idle / 4, limits.time / 4)))

    async def close(self) -> None:
        """Let nobody in any more, answer the calls that have come, and wait until everybody is gone."""
        self._desk.is_closing = True
        for task in self._welcoming:
            task.cancel()
        await asyncio.wait(self._welcoming)
        for listener in (*self._listeners, *self._leaving):
            listener.close()
        for session in self._inside:
            # Who waits for a request hears that there is none; who has one answers it.
            session.incoming.cut_off()
        if self._inside:
            await asyncio.wait(self._inside.values())
        self._watching.cancel()
        await asyncio.wait([self._watching])

    async def _welcome(self, listener: socket.socket) -> None:
        """Let clients in, one after the other."""
        while True:
            try:
                connection, peer = await self._loop.sock_accept(listener)
            except OSError:  # there are too many files open
                await asyncio.sleep(_PAUSE)
                continue
            if len(self._inside) >= self._most:
                self._turn_away(connection)
            else:
                self._let_in(connection, peer)

    async def _watch(self, tick: float) -> None:
        """Look at the clock now and then, for all who are inside."""
        while True:
            await asyncio.sleep(tick)
            for session in self._inside:
                session.incoming.look_at_the_clock()

    def _let_in(self, plain: socket.socket, peer: object) -> None:
        """Give a client a thread of its own."""
        try:
            connection = plain if self._tls is None else _secured(plain, self._tls)
        except OSError:  # it is gone
            plain.close()
            return
        connection.settimeout(None)
        session = HTTPSession(connection, _host(peer), self._desk)
        left: asyncio.Future[None] = self._loop.create_future()
        thread = threading.Thread(
            target=self._talk, args=(session, connection, left), name="cartero-xmlrpc", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # there are too many
            connection.settimeout(0)
            self._turn_away(connection)
            return
        self._inside[session] = left
        left.add_done_callback(lambda _: self._inside.pop(session))

    def _talk(self, session: HTTPSession, connection: socket.socket, left: asyncio.Future[None]) -> None:
        """Talk with a client to the end, in a thread."""
        try:
            with suppress(OSError), connection:
                session.run()
        finally:
            with suppress(RuntimeError):  # nobody stopped the server before the loop
                self._loop.call_soon_threadsafe(left.set_result, None)

    def _turn_away(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._tls is None:
                connection.send(FULL.response())
            socket.socket.shutdown(connection, socket.SHUT_WR)
        if len(self._leaving) >= _MOST_LEAVING:
            connection.close()
            return
        self._leaving.add(connection)
        self._loop.call_later(_LEAVING_TIME, self._let_go, connection)

    def _let_go(self, connection: socket.socket) -> None:
        # What came and was not read would tell the client that the connection is broken, and not why.
        with suppress(OSError):
            connection.recv(65_536)
        connection.close()
        self._leaving.discard(connection)


def _secured(connection: socket.socket, tls: ssl.SSLContext) -> socket.socket:
    """*connection* with TLS, which is yet to begin."""
    return tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)


def _host(peer: object) -> str:
    return str(peer[0]).partition("%")[0] if isinstance(peer, tuple) else ""
