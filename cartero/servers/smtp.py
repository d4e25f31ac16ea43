"""A server that takes mail by SMTP, and hands it on. RFC 5321; RFC 6409 for submission."""

from __future__ import annotations

import asyncio
import contextlib
import os
from abc import ABC, abstractmethod
from asyncio import sslproto

from ..errors import BadURL, ConnectError
from ..wires.place import Place
from ._door import Door
from ._gauge import Gauge
from ._listening import BACKLOG, bound_at, expect_context, place_of, why_not
from .access import Access
from .delivery import Delivery
from .limits import ServerLimits
from .passwords import Users
from .trace import server_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from ._session import Session
    from .delivery import Destination
    from .passwords import Check

_HANDSHAKE_TIME = 60.0  # seconds that TLS may take to begin


class MailServer(ABC):
    """What servers for SMTP and LMTP share. Abstract."""

    def __init__(  # noqa: PLR0913 - settings are many, and keyword-only
        self,
        host: str = "",
        port: int = 0,
        *,
        to: Destination | Delivery,
        path: str | os.PathLike[str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        users: Users | str | os.PathLike[str] | Check | None = None,
        domains: Iterable[str] = (),
        networks: Iterable[str] = (),
        limits: ServerLimits | None = None,
        own_name: str | None = None,
        trace: bool = True,
    ) -> None:
        if implicit_tls and tls is None:
            raise BadURL("TLS from the first octet on needs a certificate: tls= takes an ssl.SSLContext")
        expect_context(tls)
        self.place = place_of(host, port, path)
        if users is not None and tls is None and not self.place.is_local:
            raise BadURL("nobody logs in without TLS from beyond this machine: tls= takes an ssl.SSLContext")
        limits = limits or ServerLimits()
        known = users if users is None or isinstance(users, Users) else Users(users)
        self._door = Door(
            own_name=server_name(own_name),
            delivery=to if isinstance(to, Delivery) else Delivery(to, hops=limits.hops),
            gauge=Gauge(limits),
            access=Access(users=known, domains=domains, networks=networks, is_local=self.place.is_local),
            tls=tls,
            is_secure=implicit_tls,
            is_local=self.place.is_local,
            is_traced=trace,
        )
        self._server: asyncio.Server | None = None

    @abstractmethod
    def _session_type(self) -> type[Session]:
        """What talks with a client; it needs the extra ``server``."""

    @property
    def port(self) -> int:
        """The port it listens on, while it does; 0 where it is a socket file."""
        return self.place.port

    @property
    def client_count(self) -> int:
        """How many clients are there at the moment."""
        return len(self._door.sessions)

    async def start(self) -> None:
        """Listen.

        Raises:
            ConnectError: nobody can listen there, or mail cannot be handed on.
        """
        try:
            session = self._session_type()
        except ImportError as error:
            raise BadURL("this server needs the extra server: pip install 'cartero-mail[server]'") from error
        if self._server is not None:
            raise ConnectError(f"cannot listen at {self.place}: it does so already", stage="listen")
        await self._door.delivery.open()
        try:
            self._server = await self._listening(session)
        except BaseException as error:
            await self._door.delivery.close()
            if isinstance(error, OSError) and not isinstance(error, ConnectError):
                raise ConnectError(f"cannot listen at {self.place}: {why_not(error)}", stage="listen") from error
            raise
        self._door.is_closing = False

    async def _listening(self, session: type[Session]) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        door = self._door

        arrival = _SecureArrival if door.is_secure else _Arrival

        def welcome() -> _Arrival:
            return arrival(door, lambda: session(door, loop))

        if self.place.path:
            # QUIRK: asyncio takes the socket file away from a server that listens at it; so it is bound here.
            listener = bound_at(self.place.path)
            return await loop.create_unix_server(welcome, sock=listener, backlog=BACKLOG)
        server = await loop.create_server(welcome, self.place.looked_up, self.place.port, backlog=BACKLOG)
        self.place = Place(self.place.host, server.sockets[0].getsockname()[1])
        return server

    async def stop(self) -> None:
        """Listen no more, say goodbye to who is there, and wait until all that was taken has been handed on."""
        if self._server is None:
            return
        server, self._server = self._server, None
        for _ in range(2):
            # QUIRK: asyncio forgets a connection that was made just now, and never closes it.
            await asyncio.sleep(0)
        server.close()
        if self.place.path:
            with contextlib.suppress(OSError):
                os.unlink(self.place.path)  # noqa: PTH108
        self._door.is_closing = True
        inside = tuple(self._door.sessions)
        for session in inside:
            session.close()
        for transport in tuple(self._door.securing):
            transport.abort()
        try:
            await self._door.delivery.close()
        finally:
            # Who is told of what was handed on last is told now.
            await asyncio.gather(*(session.ended() for session in inside))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.place}>"


class SMTPServer(MailServer):
    """Takes mail by SMTP, and hands it on; says yes only when that was done.

    ``async with server:`` listens; `serve` and `running` do it for you. What it receives goes on with a Received
    field in front, and is untouched behind it. A message with a line that does not end in CRLF is refused, for it
    may be two messages to the next server; so is one that has passed too many servers already.

    Where the sender refuses, the client is told so, by its code and its words; where the sender does not know, the
    client is asked to come again. Where some recipients have it and some do not, SMTP has no word for that: the client
    is told that it is refused, and for whom.

    Args:
        host: an address of this machine to listen at; ``127.0.0.1`` is for itself, ``0.0.0.0`` and ``::`` for all.
        port: its port; 0 for one that is free.
        to: who gets the mail: a URL, a sender, or a function, as `Delivery` explains them; or a `Delivery` that
            several servers share.
        path: a socket file to listen at, in place of a host.
        tls: a context with a certificate, of the standard library's `ssl`; STARTTLS is offered with it.
        implicit_tls: whether TLS begins at once.
        users: who may log in, as `Users` has it: a file, or a function. Over TLS alone, but on this machine.
        domains: of which mail is taken from everybody; see `Access`.
        networks: whose hosts need no login.
        limits: how much is taken.
        own_name: the name of this server, if it is not that of the host.
        trace: whether the Received field is put in front. Without it, what the client sent is all there is: for a
            server that hands on to no other, and so cannot be part of a circle.

    Raises:
        BadURL: the settings contradict each other; or nobody is named who may send, and others than this machine can
            come in.

    Attributes:
        place: where it listens.

    RFC 5321; RFC 6409 for submission.
    """

    def _session_type(self) -> type[Session]:
        from ._session import Session  # noqa: PLC0415 - it needs the extra

        return Session


class _Arrival(asyncio.Protocol):
    """A client at the door, who is let in or not. Many may come at once, before the first of them is inside."""

    def __init__(self, door: Door, session: Callable[[], asyncio.Protocol]) -> None:
        self._door = door
        self._session = session

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in, if there is room."""
        assert isinstance(transport, asyncio.Transport)  # of a server
        if self._door.is_closing or len(self._door.sessions) >= self._door.limits.connections:
            why = "this server stops now" if self._door.is_closing else "too many connections; come again later"
            transport.write(f"421 4.3.2 {why}\r\n".encode())
            transport.close()
            return
        session = self._session()
        transport.set_protocol(session)
        session.connection_made(transport)


class _SecureArrival(_Arrival):
    """The same where TLS begins at once: it does for as many as may be inside, and then there is somebody to be told.

    It is what `asyncio` does for a server with a context, which counts nobody meanwhile.
    """

    _plain: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin TLS; and when that has come about, let the client in."""
        assert isinstance(transport, asyncio.Transport)  # of a server
        door = self._door
        if self._plain is not None:
            door.securing.discard(self._plain)
            super().connection_made(transport)
            return
        # SECURITY: each takes a quarter of a megabyte, and need not say a word for it.
        if door.is_closing or door.count_securing() >= door.limits.connections:
            transport.close()
            return
        assert door.tls is not None  # it is secure
        self._plain = transport
        door.securing.add(transport)
        secured = sslproto.SSLProtocol(
            asyncio.get_running_loop(),
            self,
            door.tls,
            None,  # type: ignore[arg-type]  # nobody waits for it
            server_side=True,
            ssl_handshake_timeout=min(door.limits.idle, _HANDSHAKE_TIME),  # type: ignore[arg-type]  # parts as well
        )
        transport.set_protocol(secured)
        secured.connection_made(transport)
