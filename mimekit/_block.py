"""A header block, divided into its fields: their names, their bodies, where each stands, what each means.

The block is divided once, by one expression, however many fields are asked for; a value is made when it
is asked for, and kept. RFC 5322, section 2.2.
"""

from __future__ import annotations

import re
from itertools import accumulate

from ._mapped import Octets
from .values.registry import parse_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values.base import HeaderValue

# RFC 5322 2.2: a field is a name, a colon and a body, which goes on where a line begins with white space; 4.5.3 lets
# white space stand before the colon. Possessive throughout: there is one way to match, so failing costs nothing twice.
# QUIRK: a line that begins with "--" may be a delimiter with a colon in its boundary; no field is called so.
_FIELD = r"((?!--)[!-9;-~]++[ \t]*+):(.*+(?:\n[ \t].*+)*+)\n?+"
_SHORT = 200  # fields
_split = re.compile(_FIELD).split
_LINE = re.compile(rf"{_FIELD}|.*+\n?")


class Block:
    """The header lines of one entity. Frozen, but for the values that are made when they are asked for.

    A *place* is the number of a field in the block, from 0. ``names`` are in lower case; ``first`` gives
    the place of the first field of a name.
    """

    __slots__ = ("_ends", "_index", "_is_padded", "_pieces", "_values", "data", "end", "first", "names", "start")

    def __init__(self, data: Octets, start: int, end: int, *, newline: bytes, is_whole: bool = True) -> None:
        self.data = data
        self.start = start
        self.end = end
        text = str(data[start:end], "latin-1")
        if newline == b"\r":
            # QUIRK: where lines end in CR alone, offsets stay true and one set of rules serves
            text = text.replace("\r", "\n")
        # what is no field, a name, a body, what is no field, ... (the line end behind a body is in none of them)
        self._pieces: list[str] = _split(text) if is_whole else _pieces(text)
        lowered = "\n".join(self._pieces[1::3]).lower()
        names = lowered.split("\n") if lowered else []
        self._is_padded = " " in lowered or "\t" in lowered
        self.names = [name.rstrip(" \t") for name in names] if self._is_padded else names
        self.first = dict(zip(self.names[::-1], range(len(names) - 1, -1, -1), strict=False))
        self._index: dict[str, list[int]] | None = None
        self._ends: list[int] | None = None
        self._values: dict[int, HeaderValue] = {}

    @property
    def has_strays(self) -> bool:
        """Whether there are lines that are no field."""
        return any(self._pieces[::3])

    def name(self, place: int) -> str:
        """The name of the field at *place*, as it was spelled."""
        return self._pieces[3 * place + 1].rstrip(" \t")

    def body(self, place: int) -> str:
        """What follows its colon, one character an octet, folded as it came, without the line end behind it."""
        return self._pieces[3 * place + 2]

    def body_of(self, name: str) -> str | None:
        """The body of the first field called *name* (lower case), or None."""
        place = self.first.get(name)
        return None if place is None else self._pieces[3 * place + 2]

    def places(self, name: str) -> list[int]:
        """The places of all fields called *name* (lower case), in order; not to be changed."""
        place = self.first.get(name)
        if place is None:
            return []
        if len(self.first) == len(self.names):
            return [place]
        if self._index is None:
            # a short block is gone over at the speed of memory, a long one once
            if len(self.names) <= _SHORT and name not in self.names[place + 1 :]:
                return [place]
            self._index = {}
            for at, other in enumerate(self.names):
                self._index.setdefault(other, []).append(at)
        return self._index[name]

    def value_of(self, name: str) -> HeaderValue | None:
        """What the first field called *name* (lower case) means, or None."""
        place = self.first.get(name)
        return None if place is None else self.value(place)

    def value(self, place: int) -> HeaderValue:
        """What the field at *place* means."""
        found = self._values.get(place)
        if found is None:
            _stray, name, body = self._pieces[3 * place : 3 * place + 3]
            if self._is_padded:
                name = name.rstrip(" \t")
            found = self._values[place] = parse_value(self.names[place], name, body)
        return found

    def values(self) -> list[HeaderValue]:
        """What all fields mean."""
        kept = self._values
        if not kept:
            made = map(parse_value, self.names, self.spelled(), self._pieces[2::3])
            kept = self._values = dict(enumerate(made))
        if len(kept) == len(self.names):
            return [kept[place] for place in range(len(kept))] if kept else []
        return list(map(self.value, range(len(self.names))))

    def spelled(self) -> list[str]:
        """The names of all fields, as they were spelled."""
        names = self._pieces[1::3]
        return [name.rstrip(" \t") for name in names] if self._is_padded else names

    def order(self) -> list[int]:
        """All places, in order; among them, for the lines before the field at *place* that are none, ``~place``."""
        order: list[int] = []
        for place, stray in enumerate(self._pieces[::3]):
            if stray:
                order.append(~place)
            order.append(place)
        order.pop()  # behind the last field there may be lines, and is no field
        return order

    def span(self, place: int) -> tuple[int, int]:
        """Where the field at *place* stands in the source, its line end included; or the lines that ``~place`` is."""
        if self._ends is None:
            # a colon and a line end belong to each field, and stand in none of its pieces
            self._ends = list(accumulate(map(len, self._pieces)))
        ends = self._ends
        if place < 0:
            place = ~place
            start = self.start + (ends[3 * place - 1] + 2 * place if place else 0)
            return start, min(start + len(self._pieces[3 * place]), self.end)
        start = self.start + ends[3 * place] + 2 * place
        return start, min(self.start + ends[3 * place + 2] + 2 * place + 2, self.end)

    def octets(self, place: int) -> bytes:
        """The octets at `span`."""
        start, end = self.span(place)
        return self.data[start:end]


def _pieces(text: str) -> list[str]:
    """*text* divided as `Block` has it, where some of its lines are no fields."""
    pieces: list[str] = []
    strays: list[str] = []
    for line in _LINE.finditer(text):
        if line[1] is None:
            strays.append(line[0])
        else:
            pieces += ("".join(strays), line[1], line[2])
            strays.clear()
    return [*pieces, "".join(strays)]
