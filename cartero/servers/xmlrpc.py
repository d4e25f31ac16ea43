"""A server that takes mail by XML-RPC, the method ``mail.send``, and hands it on."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import ExitStack, suppress

from ..errors import BadURL, ConnectError
from ..wires.place import Place
from ._listening import BACKLOG, bound_at, expect_context, place_of, why_not
from .delivery import Delivery
from .limits import ServerLimits
from .trace import server_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

    from ._lobby import Lobby
    from .delivery import Destination

_TARGETS = ("/", "/RPC2")  # where calls are taken everywhere


class XMLRPCServer:
    """Takes mail by calls of ``mail.send``, and hands it on; it is what `cartero.XMLRPCSender` sends to.

    ``async with server:`` listens; `serve` and `running` do it for you. The structs of messages and results are those
    of ``cartero.struct``. Each message is treated as a `cartero.Sender` treats it: one that is ready and has an
    envelope goes untouched, behind a Received field; others get a Date and a Message-ID, and lose their Bcc. What
    became of it is in its result, recipient by recipient: the receipt of the sender that mail goes to, or its error.

    Connections are kept, and each has a thread of its own. Only ``POST`` is taken, of the type ``text/xml``, and
    nothing from a page in a browser.

    Args:
        host: an address of this machine to listen at; ``127.0.0.1`` is for itself, ``0.0.0.0`` and ``::`` for all.
        port: its port; 0 for one that is free.
        to: who gets the mail: a URL, a sender, or a function, as `Delivery` explains them; or a `Delivery` that
            several servers share.
        path: a socket file to listen at, in place of a host.
        url_path: the path of its URL, as it stands in one; without it, these are ``/`` and ``/RPC2``.
        token: what clients have to show, as ``Authorization: Bearer``. Others than this machine cannot come in
            without one.
        tls: a context with a certificate, of the standard library's `ssl`; then it is ``https:``.
        limits: how much is taken. There is no limit on lines.
        own_name: the name of this server, if it is not that of the host.

    Raises:
        BadURL: the settings contradict each other; or there is no token, and others than this machine can come in.

    Attributes:
        place: where it listens.

    RFC 9110 and RFC 9112; RFC 6750, section 2.1.
    """

    def __init__(  # noqa: PLR0913 - settings are many, and keyword-only
        self,
        host: str = "",
        port: int = 0,
        *,
        to: Destination | Delivery,
        path: str | os.PathLike[str] | None = None,
        url_path: str = "",
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        limits: ServerLimits | None = None,
        own_name: str | None = None,
    ) -> None:
        expect_context(tls)
        self.place = place_of(host, port, path)
        if token is not None and not _is_visible(token):
            raise BadURL("expected a token of visible ASCII characters")
        # SECURITY: a server that carries on anything for anybody is found within hours, and used.
        if token is None and not self.place.is_local:
            raise BadURL("who may send by this server? It listens beyond this machine: set a token")
        if url_path and not (url_path.startswith("/") and _is_visible(url_path)):
            raise BadURL(f"expected a path as it stands in a URL, such as /RPC2, found {url_path!r}")
        self._targets = (url_path,) if url_path else _TARGETS
        self._token = token
        self._tls = tls
        self._limits = limits or ServerLimits()
        self._delivery = to if isinstance(to, Delivery) else Delivery(to, hops=self._limits.hops)
        self._own_name = server_name(own_name)
        self._lobby: Lobby | None = None

    @property
    def port(self) -> int:
        """The port it listens on, while it does; 0 where it is a socket file."""
        return self.place.port

    # -- start and stop --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen.

        Raises:
            BadURL: what it needs is not installed.
            ConnectError: nobody can listen there, or mail cannot be handed on.
        """
        try:
            from ._lobby import Lobby  # noqa: PLC0415 - it needs the extra
        except ImportError as error:
            raise BadURL("this server needs the extra server: pip install 'cartero-mail[server]'") from error
        await self._delivery.open()
        try:
            listeners = await self._listening()
        except BaseException as error:
            await self._delivery.close()
            if isinstance(error, OSError) and not isinstance(error, ConnectError):
                raise ConnectError(f"cannot listen at {self.place}: {why_not(error)}", stage="listen") from error
            raise
        self._lobby = Lobby(
            listeners,
            self._delivery,
            self._limits,
            own_name=self._own_name,
            targets=self._targets,
            token=self._token,
            tls=self._tls,
        )

    async def _listening(self) -> list[socket.socket]:
        if self.place.path:
            listener = bound_at(self.place.path)
            listener.listen(BACKLOG)
            listener.settimeout(0)
            return [listener]
        found = await asyncio.get_running_loop().getaddrinfo(
            self.place.looked_up, self.place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with ExitStack() as opened:
            listeners: list[socket.socket] = []
            for family, _, _, _, address in found:
                # A free port is chosen for the first address, and is that of the others too.
                listeners.append(opened.enter_context(_listener(family, (address[0], self.place.port, *address[2:]))))
                self.place = Place(self.place.host, listeners[0].getsockname()[1])
            opened.pop_all()
        return listeners

    async def stop(self) -> None:
        """Listen no more, answer the calls that have come, and wait until all that was taken has been handed on."""
        if self._lobby is None:
            return
        lobby, self._lobby = self._lobby, None
        await lobby.close()
        await self._delivery.close()
        if self.place.path:
            with suppress(OSError):
                os.unlink(self.place.path)  # noqa: PTH108

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.place}>"


def _listener(family: int, address: tuple[str | int, ...]) -> socket.socket:
    """A socket that listens at *address*, and waits for nobody."""
    listener = socket.create_server(address, family=family, backlog=BACKLOG)
    listener.settimeout(0)
    return listener


def _is_visible(text: object) -> bool:
    # SECURITY: what holds a line end or a space could not be shown by anybody, or by somebody who guesses less.
    return isinstance(text, str) and text != "" and text.isascii() and text.isprintable() and " " not in text
