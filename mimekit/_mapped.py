"""A file mapped into memory, with those methods of `bytes` that reading a message takes.

A slice of it is `bytes`, and regular expressions run on the map itself; so whoever reads a source needs not know
which of the two it is.
"""

from __future__ import annotations

import mmap
import re


class Mapped(mmap.mmap):
    """The octets of a file, mapped; what is not asked for is never read. Their number must not shrink."""

    __slots__ = ()

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
