"""The lines and the text that a client sends, as the session reads them."""

from __future__ import annotations

import asyncio

_BAD = b"\r\n"  # what a session takes for a line with nothing on it, which is no command


class Reader:
    """A stream of lines that end in CRLF, and of text between them; what was read too much can be put back. Mutable.

    At the end of the stream the task that reads is cancelled: nobody is left to talk to.
    """

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self._is_amid_line = False

    async def readuntil(self) -> bytes:
        """The next line.

        One with a CR or LF before its end is an empty line, whatever else stands on it; so is one that is longer than
        the stream holds.
        """
        while True:
            was_amid_line = self._is_amid_line
            line = await self._ended()
            self._is_amid_line = not line.endswith(b"\r\n")
            # SECURITY: what stands behind a CR or LF that is a line end to some would be a command of somebody else's.
            if not was_amid_line:
                return _BAD if self._is_amid_line or b"\r" in line[:-2] else line

    async def _ended(self) -> bytes:
        """What there is up to the next LF."""
        is_long = False
        while True:
            try:
                line = await self._stream.readuntil(b"\n")
            except asyncio.LimitOverrunError as error:
                # the last octet may be the CR of its end
                await self._stream.readexactly(error.consumed - 1)
                is_long = True
            except asyncio.IncompleteReadError:
                raise asyncio.CancelledError from None
            else:
                return line[-2:] if is_long and line.endswith(b"\r\n") else line

    async def read(self, size: int) -> bytes:
        """Octets as soon as there are some, at most *size*."""
        octets = await self._stream.read(size)
        if not octets:
            raise asyncio.CancelledError
        return octets

    def feed_eof(self) -> None:
        """Note that nothing more comes."""
        self._stream.feed_eof()

    def put_back(self, octets: bytes) -> None:
        """Have *octets* read next."""
        self._stream._buffer[:0] = octets  # type: ignore[attr-defined]  # asyncio has no other way

    def clear(self) -> None:
        """Forget what was sent before TLS began. RFC 3207, section 4.2."""
        self._is_amid_line = False
        self._stream._buffer.clear()  # type: ignore[attr-defined]  # asyncio has no other way

    # -- what the session asks for when TLS begins, by the names it knows ------------------------------

    @property
    def _buffer(self) -> Reader:
        return self

    @property
    def _transport(self) -> object:
        return self._stream._transport  # type: ignore[attr-defined]  # as above

    @_transport.setter
    def _transport(self, transport: object) -> None:
        self._stream._transport = transport  # type: ignore[attr-defined]  # as above
