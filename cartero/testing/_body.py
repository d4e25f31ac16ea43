"""A message on its way in: until its dot or chunk by chunk, with the event that may happen in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._stream import GoneError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._stream import Stream
    from .record import Transaction


class Body:
    """What comes of one transaction's body.

    Args:
        stream: where it comes from.
        transaction: whose `wire` it becomes, as far as it comes.
        after: how many octets have come when `event` is called.
        event: what happens then.
    """

    def __init__(self, stream: Stream, transaction: Transaction, *, after: int, event: Callable[[], object]) -> None:
        self._stream = stream
        self._transaction = transaction
        self._after = after
        self._event: Callable[[], object] | None = event

    def until_dot(self) -> None:
        """Read to the dot on a line of its own."""
        self._read(_end_of_data)
        self._transaction.octets = _without_dots(self._transaction.wire)

    def chunk(self, size: int) -> None:
        """Read *size* octets more (RFC 3030, section 2)."""
        self._read(lambda buffer, _: size if len(buffer) >= size else -1)
        self._transaction.octets = self._transaction.wire

    def _read(self, end_in: Callable[[bytearray, int], int]) -> None:
        """Read to where *end_in* finds the end of what has come; it is told where it has not looked yet."""
        buffer = self._stream.buffer
        before = len(self._transaction.wire)
        looked = 0
        size = -1
        try:
            while size < 0:
                size = end_in(buffer, looked)
                looked = len(buffer)
                if self._event and before + (looked if size < 0 else size) >= self._after:
                    event, self._event = self._event, None
                    event()
                if size < 0:
                    self._stream.more()
        except GoneError:
            self._transaction.wire += bytes(buffer if size < 0 else buffer[:size])
            raise
        self._transaction.wire += self._stream.take(size)


def _end_of_data(buffer: bytearray, looked: int) -> int:
    """Where the data ends: only a CRLF ends a line (RFC 5321, section 4.1.1.4); -1 where it does not."""
    if buffer.startswith(b".\r\n"):
        return 3
    found = buffer.find(b"\r\n.\r\n", max(0, looked - 4))
    return found + 5 if found >= 0 else -1


def _without_dots(wire: bytes) -> bytes:
    """The message in a body: without its last line, and the first dot of each (RFC 5321, section 4.5.2)."""
    return wire[:-3].removeprefix(b".").replace(b"\r\n.", b"\r\n")
