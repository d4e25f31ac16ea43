"""A connection as a server has it, against the clock: who is slow holds nobody up for long."""

from __future__ import annotations

import math
import socket
import time
from contextlib import suppress
from ssl import SSLSocket

_STEP = 65_536  # octets that are read at a time


class Incoming:
    """The octets that come from a client, and go to it, until the time is over. Mutable.

    The socket itself has no timeout, which would take the time of several calls of the system for each octet that
    comes; somebody else calls `look_at_the_clock` now and then, from another thread.

    Args:
        connection: the socket.
        pause: seconds that may go by without any octets.
    """

    def __init__(self, connection: socket.socket, *, pause: float) -> None:
        self._connection = connection
        self._pause = pause
        self._end = math.inf  # when all has to be there
        self._deadline = math.inf  # when the next octets have to be there, or those that are written gone
        self._is_writing = False
        self._is_late = False
        self._held = b""

    # -- the clock -------------------------------------------------------------------------------------

    def expect(self, *, within: float) -> None:
        """From now on, give *within* seconds for all that is read."""
        self._end = time.monotonic() + within

    def look_at_the_clock(self) -> None:
        """Cut the client off if it is late: what reads hears that there is no more."""
        if time.monotonic() > self._deadline:
            self._is_late = True
            self.cut_off(socket.SHUT_RDWR if self._is_writing else socket.SHUT_RD)

    def cut_off(self, how: int = socket.SHUT_RD) -> None:
        """Let nothing more come in, or go."""
        with suppress(OSError):  # it is gone already
            # QUIRK: that of TLS would forget how to write.
            socket.socket.shutdown(self._connection, how)

    def _wait(self) -> None:
        self._deadline = min(self._end, time.monotonic() + self._pause)

    def _got(self, size: int) -> None:
        self._deadline = math.inf
        if not size and self._is_late:
            raise TimeoutError

    # -- reading and writing ---------------------------------------------------------------------------

    def begin(self, *, within: float) -> None:
        """Begin TLS, if there is to be some; and from now on, send what is written at once.

        Raises:
            OSError: the client cannot do it.
        """
        self._deadline = time.monotonic() + within
        if isinstance(self._connection, SSLSocket):
            self._connection.do_handshake()
        if self._connection.family != socket.AF_UNIX:
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deadline = math.inf

    def write(self, octets: bytes, *, within: float) -> None:
        """Send *octets*, all of them.

        Raises:
            OSError: the client is gone, or does not read.
        """
        self._deadline, self._is_writing = time.monotonic() + within, True
        self._connection.sendall(octets)
        self._deadline, self._is_writing = math.inf, False

    def _receive(self) -> bytes:
        self._wait()
        piece = self._connection.recv(_STEP)
        self._got(len(piece))
        return piece

    def has_more(self) -> bool:
        """Wait for something to come; whether it does. If not, this is the end.

        Raises:
            TimeoutError: nothing came in time.
        """
        if self._held:
            return True
        self._held = self._receive()
        return bool(self._held)

    def until(self, end: bytes, *, limit: int) -> bytes:
        """What comes until *end*, with it; less at the end of all, and where *end* is not in *limit* octets.

        Raises:
            TimeoutError: it did not come in time.
        """
        held = self._held
        start = 0
        while (found := held.find(end, start)) < 0 and len(held) < limit:
            piece = self._receive()
            if not piece:
                break
            start = max(len(held) - len(end), 0)
            held += piece
        cut = min(found + len(end), limit) if found >= 0 else limit
        self._held = held[cut:]
        return held[:cut]

    def read(self, size: int) -> bytes | bytearray:
        """The next *size* octets; fewer at the end of all.

        Raises:
            TimeoutError: they did not come in time.
        """
        if len(self._held) >= size:
            octets, self._held = self._held[:size], self._held[size:]
            return octets
        read = bytearray(size)
        length = len(self._held)
        read[:length] = self._held
        self._held = b""
        with memoryview(read) as view:
            while length < size:
                self._wait()
                got = self._connection.recv_into(view[length:])
                self._got(got)
                if not got:
                    break
                length += got
        del read[length:]
        return read

    def pass_over(self) -> None:
        """Read to the end of all, and keep nothing.

        Raises:
            TimeoutError: it did not come in time.
        """
        self._held = b""
        while self.has_more():
            self._held = b""
