"""The octets of one connection: lines in, replies out, TLS under them, and every way to end."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import ssl
    import threading

_READ_SIZE = 1 << 18


class GoneError(Exception):
    """The connection is at its end, by whose will ever."""


class Stream:
    """One connection. What is written waits until more has to be read, and then goes together."""

    def __init__(self, connected: socket.socket, closing: threading.Event) -> None:
        self.buffer = bytearray()
        self._socket = connected
        self._closing = closing
        self._replies = bytearray()

    def line(self, timeout: float | None = None) -> bytes:
        """The next line, without its CRLF.

        Raises:
            TimeoutError: nothing came for so many seconds.
            GoneError: the other side has closed.
        """
        looked = 0
        while (end := self.buffer.find(b"\r\n", looked)) < 0:
            looked = max(0, len(self.buffer) - 1)
            self.more(timeout)
        return self.take(end + 2)[:-2]

    def take(self, size: int) -> bytes:
        """The first *size* octets of what has come."""
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def more(self, timeout: float | None = None) -> None:
        """Wait until more has come; raises as `line` does."""
        self.flush()
        try:
            self._socket.settimeout(timeout)
            octets = self._socket.recv(_READ_SIZE)
        except TimeoutError:
            raise
        except OSError as error:
            raise GoneError from error
        if not octets:
            raise GoneError
        self.buffer += octets

    def write(self, octets: bytes) -> None:
        """Have *octets* go with the next flush."""
        self._replies += octets

    def flush(self) -> None:
        """Let everything go that was written."""
        if not self._replies:  # on a socket that is a file, writing nothing fails too where nobody reads
            return
        octets = bytes(self._replies)
        self._replies.clear()
        try:
            self._socket.settimeout(None)
            self._socket.sendall(octets)
        except OSError as error:
            raise GoneError from error

    def wait(self, seconds: float) -> None:
        """Do nothing for so long; what was written before goes first."""
        self.flush()
        if self._closing.wait(seconds):
            raise GoneError

    def secure(self, context: ssl.SSLContext) -> None:
        """Begin TLS. What the other side had sent in clear before is lost (RFC 3207, section 4.2)."""
        self.flush()
        self.buffer.clear()
        try:
            self._socket.settimeout(None)
            self._socket = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            if self._closing.is_set():  # while the socket changed hands, `wake` had none to wake
                raise GoneError
            self._socket.do_handshake()
        except OSError as error:
            raise GoneError from error

    def drop(self) -> NoReturn:
        """Close, so that the other side sees the end after all that was written."""
        self.flush()
        with suppress(OSError):
            # The plain socket's own methods: under TLS there is nothing to say good-bye to.
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
            # What lies there unread would make it a reset.
            self._socket.settimeout(0)
            socket.socket.recv(self._socket, _READ_SIZE)
        raise GoneError

    def reset(self) -> NoReturn:
        """Close, so that the other side is told the connection is broken."""
        self.flush()
        with suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise GoneError

    def wake(self) -> None:
        """End whatever another thread waits for here."""
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give back the socket."""
        self._socket.close()
