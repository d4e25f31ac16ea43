"""A mail server that fails as it is told to: the one that listens, its threads and its end."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ._sasl import MECHANISMS
from ._session import Session
from ._settings import Settings
from ._stream import Stream
from .record import Connection, Transaction
from .script import Actions, Script

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from ..envelope import Envelope

# How often the listening thread looks whether it is to end, where nothing wakes it.
_POLL_SECONDS = 0.2


class FaultyServer:
    """An SMTP or LMTP server on this machine, in threads of its own, for tests; it fails as its script says.

    It listens from the moment it is made until `close`, which ends its threads within a second;
    ``with FaultyServer() as server:`` closes it. Where the script says nothing, it is a server that
    behaves, and keeps all it is sent.

    Args:
        script: what happens, by event; see below.
        lmtp: whether it speaks LMTP (RFC 2033).
        tls: with a certificate, and STARTTLS is offered; see the standard library's `ssl`.
        implicit_tls: whether TLS begins at once, and not by STARTTLS.
        extensions: what is announced in the reply to EHLO, beside STARTTLS and AUTH.
        users: the password, or the token, of each user. AUTH is announced where there are users, and
            nobody else may send.
        mechanisms: the mechanisms of AUTH that are announced; all that are known here, if it is not said.
        idle: after how many seconds without a command the event ``idle`` happens; None for never.
        body_after: after how many octets of a body the event ``body`` happens.
        path: a socket in the file system to listen on, in place of a port.

    Attributes:
        port: the port it listens on, at 127.0.0.1; 0 where it listens on a *path*.
        connections: a `Connection` for each that was made, in order.

    Raises:
        ValueError: the script has an event that there is not, or *mechanisms* one that is not known.
        TypeError: something in the script is no action.
    """

    def __init__(  # noqa: PLR0913 - what a server can be told, each by name
        self,
        script: Actions | None = None,
        *,
        lmtp: bool = False,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        extensions: Iterable[str] = (
            "PIPELINING",
            "SIZE",
            "8BITMIME",
            "SMTPUTF8",
            "CHUNKING",
            "DSN",
            "ENHANCEDSTATUSCODES",
        ),
        users: Mapping[str, str] | None = None,
        mechanisms: Iterable[str] = tuple(MECHANISMS),
        idle: float | None = None,
        body_after: int = 0,
        path: str | os.PathLike[str] | None = None,
    ) -> None:
        self.connections: list[Connection] = []
        self._script = Script(script or {})
        self._settings = Settings(
            lmtp=lmtp,
            tls=tls,
            implicit_tls=implicit_tls,
            extensions=extensions,
            users=users or {},
            mechanisms=mechanisms,
            idle=idle,
            body_after=body_after,
        )
        self._closing = threading.Event()
        self._streams: list[Stream] = []
        self._path = "" if path is None else os.path.abspath(os.fspath(path))  # noqa: PTH100 - pathlib for one line
        self._listener = _listen(self._path)
        self.port: int = 0 if self._path else self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="FaultyServer", daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """What `cartero.connect` takes to send there."""
        if self._settings.lmtp:
            return f"lmtp://{quote(self._path)}" if self._path else f"lmtp://127.0.0.1:{self.port}"
        return f"{'smtps' if self._settings.implicit_tls else 'smtp'}://127.0.0.1:{self.port}"

    @property
    def transactions(self) -> list[Transaction]:
        """Every transaction that began, of all connections."""
        return [transaction for connection in self.connections for transaction in connection.transactions]

    @property
    def accepted(self) -> list[tuple[Envelope, bytes]]:
        """Every message that was accepted for somebody: the envelope of those, and its octets."""
        return [(each.envelope, each.octets) for each in self.transactions if each.accepted]

    def close(self) -> None:
        """End every connection, and listen no more; what was recorded stays."""
        self._closing.set()
        with suppress(OSError):  # which wakes the listening thread, on most systems
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for stream in self._streams:
            stream.wake()
        end = time.monotonic() + 1
        for thread in self._threads:
            thread.join(max(0, end - time.monotonic()))
        if self._path:
            with suppress(FileNotFoundError):
                os.unlink(self._path)  # noqa: PTH108 - pathlib for one line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<FaultyServer {self.url}>"

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connected, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            log = Connection()
            stream = Stream(connected, self._closing)
            thread = threading.Thread(target=self._talk, args=(stream, log), name="FaultyServer", daemon=True)
            self.connections.append(log)
            self._streams.append(stream)
            self._threads.append(thread)
            thread.start()

    def _talk(self, stream: Stream, log: Connection) -> None:
        try:
            Session(stream, settings=self._settings, script=self._script, log=log).run()
        finally:
            stream.close()


def _listen(path: str) -> socket.socket:
    if path:
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(path)
        except OSError:
            listener.close()
            raise
        listener.listen()
    else:
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.settimeout(_POLL_SECONDS)
    return listener
