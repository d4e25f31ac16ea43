"""The other end of one connection: a socket of this machine, and a function that talks over it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


_PATIENCE = 5.0


class Peer:
    """Listens on the loopback, and gives the first connection to *serve*, in a thread.

    Args:
        serve: what talks; the socket is closed when it returns. A connection that breaks under it is its end.
        family: ``socket.AF_INET6``, or ``socket.AF_UNIX`` with the *path* of a socket.
        path: of a socket.
    """

    def __init__(
        self,
        serve: Callable[[socket.socket], object],
        *,
        family: socket.AddressFamily = socket.AF_INET,
        path: str = "",
    ) -> None:
        self._serve = serve
        self._listener = socket.socket(family)
        self._listener.bind(path or ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        self._listener.listen()
        self._listener.settimeout(_PATIENCE)
        self.port = 0 if path else self._listener.getsockname()[1]
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with self._listener:
            connection, _ = self._listener.accept()
        connection.settimeout(_PATIENCE)
        with connection, contextlib.suppress(OSError):
            self._serve(connection)
        self.done.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive()


def read_line(connection: socket.socket) -> bytes:
    """Octets up to a line feed, or to the end."""
    line = b""
    while not line.endswith(b"\n") and (octet := connection.recv(1)):
        line += octet
    return line


def read_all(connection: socket.socket) -> bytes:
    """Octets up to the end."""
    found = bytearray()
    while octets := connection.recv(65_536):
        found += octets
    return bytes(found)


def reset(connection: socket.socket) -> None:
    """Break *connection*: a RST, as of a machine that crashed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hold(_connection: socket.socket) -> None:
    """Read nothing for a while."""
    time.sleep(0.3)
