"""A file mapped into memory, with those methods of `bytes` that reading a message takes.

A slice of it is `bytes`, and regular expressions run on the map itself; so whoever reads a source needs not know
which of the two it is.
"""

from __future__ import annotations

import mmap
import re

_WINDOW = 4 << 20  # octets searched at a time
_LET_GO: int | None = getattr(mmap, "MADV_DONTNEED", None)  # not every system has it


class Mapped(mmap.mmap):
    """The octets of a file, mapped; what is not asked for is never read. Their number must not shrink."""

    __slots__ = ()

    def find(  # type: ignore[override]  # we look for bytes only
        self, wanted: bytes, start: int = 0, end: int | None = None
    ) -> int:
        """Where *wanted* stands first from *start* to *end*; -1 where it does not. What was passed over is let go."""
        start, end, _step = slice(start, end).indices(len(self))
        while end - start > _WINDOW:
            stop = start + _WINDOW
            found = super().find(wanted, start, stop + len(wanted) - 1)
            if found >= 0:
                return found
            self.let_go(start, stop)
            start = stop
        return super().find(wanted, start, end)

    def let_go(self, start: int, end: int) -> None:
        """Keep what stands there no longer in this process' memory; it is read again when it is asked for."""
        if _LET_GO is not None:
            start -= start % mmap.PAGESIZE
            self.madvise(_LET_GO, start, end - start)

    def startswith(self, prefix: bytes | tuple[bytes, ...], start: int = 0, end: int | None = None) -> bool:
        """Whether what stands from *start* to *end* begins with *prefix*, or with one of several."""
        start, end, _step = slice(start, end).indices(len(self))
        return self[start : min(end, start + _longest(prefix))].startswith(prefix)

    def endswith(self, suffix: bytes | tuple[bytes, ...], start: int = 0, end: int | None = None) -> bool:
        """Whether what stands from *start* to *end* ends with *suffix*, or with one of several."""
        start, end, _step = slice(start, end).indices(len(self))
        return self[max(start, end - _longest(suffix)) : end].endswith(suffix)

    def index(self, wanted: bytes, start: int = 0, end: int | None = None) -> int:
        """Where *wanted* stands first.

        Raises:
            ValueError: nowhere.
        """
        found = self.find(wanted, *slice(start, end).indices(len(self))[:2])
        if found < 0:
            raise ValueError("subsection not found")
        return found

    def count(self, wanted: bytes, start: int = 0, end: int | None = None) -> int:
        """How often *wanted* stands there, one behind the other."""
        return sum(1 for _ in re.compile(re.escape(wanted)).finditer(self, *slice(start, end).indices(len(self))[:2]))

    def __contains__(self, wanted: object) -> bool:
        return isinstance(wanted, bytes) and self.find(wanted, 0) >= 0


#: What a source is made of.
Octets = bytes | Mapped


def _longest(affix: bytes | tuple[bytes, ...]) -> int:
    return len(affix) if isinstance(affix, bytes) else max(map(len, affix), default=0)
