"""A header block, divided into its fields: their names, their bodies, where each stands, what each means.

The block is divided once, by one expression, however many fields are asked for; a value is made when it
is asked for, and kept. RFC 5322, section 2.2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from ._mapped import Octets
from .values.registry import parse_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values.base import HeaderValue

# RFC 5322 2.2: a field is a name, a colon and a body, which goes on where a line begins with white space; 4.5.3 lets
# white space stand before the colon. Possessive throughout: there is one way to match, so failing costs nothing twice.
# Between fields: a line end no white space follows; then what stands for a name, and for its colon.
_split = re.compile(r"\n(?![ \t])([!-9;-~]*+)([ \t]*+:?+)").split
# QUIRK: a line that begins with "--" may be a delimiter with a colon in its boundary; no field is called so.
_LINE = re.compile(r"((?!--)[!-9;-~]++)([ \t]*+:)(.*+(?:\n[ \t].*+)*+)\n?+|.*+\n?")
_SHORT = 200  # fields


class Block:
    """The header lines of one entity. Frozen, but for the values that are made when they are asked for.

    A *place* is the number of a field in the block, from 0.

    Args:
        data: the source.
        start: where the block begins in it.
        end: where it ends.
        spelled: the names of the fields, as they came.
        names: the same in lower case.
        colons: what stands behind each, white space and the colon.
        bodies: what stands behind that, the line end left out.
        strays: the lines that are no field, before each field and behind the last; nothing where there are none.
    """

    __slots__ = (
        "_bodies",
        "_colons",
        "_ends",
        "_first",
        "_index",
        "_is_measured",
        "_strays",
        "_values",
        "data",
        "end",
        "names",
        "spelled",
        "start",
    )

    def __init__(  # noqa: PLR0913 -- what was divided, piece by piece
        self,
        data: Octets,
        start: int,
        end: int,
        spelled: list[str],
        names: list[str],
        colons: list[str],
        bodies: list[str],
        strays: Sequence[str] = (),
    ) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.spelled = spelled
        self.names = names
        self._colons = colons
        self._bodies = bodies
        self._strays = strays
        self._first: dict[str, int] | None = None
        self._index: dict[str, list[int]] | None = None
        self._ends: list[int] | None = None
        self._is_measured = False  # whether a place was asked for
        self._values: dict[int, HeaderValue] = {}

    @property
    def has_strays(self) -> bool:
        """Whether there are lines that are no field."""
        return any(self._strays)

    def body(self, place: int) -> str:
        """What follows its colon, one character an octet, folded as it came, without the line end behind it."""
        return self._bodies[place]

    def first(self, name: str) -> int | None:
        """The place of the first field called *name* (lower case), or None."""
        names = self.names
        if len(names) <= _SHORT:
            # few names are asked for: to look through a short block takes less than to index it
            return names.index(name) if name in names else None
        if self._first is None:
            self._first = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
        return self._first.get(name)

    def body_of(self, name: str) -> str | None:
        """The body of the first field called *name* (lower case), or None."""
        place = self.first(name)
        return None if place is None else self._bodies[place]

    def places(self, name: str) -> list[int]:
        """The places of all fields called *name* (lower case), in order; not to be changed."""
        place = self.first(name)
        if place is None:
            return []
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
        place = self.first(name)
        return None if place is None else self.value(place)

    def value(self, place: int) -> HeaderValue:
        """What the field at *place* means."""
        found = self._values.get(place)
        if found is None:
            found = self._values[place] = parse_value(self.names[place], self.spelled[place], self._bodies[place])
        return found

    def values(self) -> list[HeaderValue]:
        """What all fields mean."""
        if self._values:
            return list(map(self.value, range(len(self.names))))
        made = list(map(parse_value, self.names, self.spelled, self._bodies))
        self._values = dict(enumerate(made))
        return made

    def order(self) -> list[int]:
        """All places, in order; among them, for the lines before the field at *place* that are none, ``~place``."""
        order: list[int] = []
        for place in range(len(self.names) + 1):
            if self._strays and self._strays[place]:
                order.append(~place)
            order.append(place)
        order.pop()  # behind the last field there may be lines, and is no field
        return order

    def span(self, place: int) -> tuple[int, int]:
        """Where the field at *place* stands in the source, its line end included; or the lines that ``~place`` is."""
        if place < 0:
            place = ~place
            start = self._end_before(place)
            return start, min(start + len(self._strays[place]), self.end)
        start = self._end_before(place)
        if self._strays:
            start += len(self._strays[place])
        size = len(self.spelled[place]) + len(self._colons[place]) + len(self._bodies[place])
        return start, min(start + size + 1, self.end)

    def _end_before(self, place: int) -> int:
        """Where the field before *place* ends, its line end included."""
        if self._ends is None and not self._is_measured and not self._strays:
            # one place is nearly always all that is asked for; to put together what stands before it takes least
            self._is_measured = True
            pieces = (*self.spelled[:place], *self._colons[:place], *self._bodies[:place])
            return self.start + len("".join(pieces)) + place
        if self._ends is None:
            fields = zip(self.spelled, self._colons, self._bodies, strict=True)
            sizes = [len(name) + len(colon) + len(body) + 1 for name, colon, body in fields]
            if self._strays:
                sizes = [size + len(stray) for size, stray in zip(sizes, self._strays, strict=False)]
            self._ends = list(accumulate(sizes, initial=self.start))
        return self._ends[place]

    def octets(self, place: int) -> bytes:
        """The octets at `span`."""
        start, end = self.span(place)
        return self.data[start:end]


def divide_fields(data: Octets, start: int, end: int, *, newline: bytes) -> Block | None:
    """The block from *start* to *end*, whose lines end in *newline*, if all of them are of fields.

    Nearly every header there is; this is the quick way.
    """
    text = str(data[start:end], "latin-1")
    if newline == b"\r":
        # QUIRK: where lines end in CR alone, offsets stay true and one set of rules serves
        text = text.replace("\r", "\n")
    pieces = _split("\n" + text)
    # what is no field, a name, its colon, a body, a name, ...
    names, colons, bodies = pieces[1::3], pieces[2::3], pieces[3::3]
    if names and not (names[-1] or colons[-1] or bodies[-1]):
        # behind the last line end
        del names[-1], colons[-1], bodies[-1]
    if pieces[0] or "" in names:
        return None
    if colons.count(":") != len(colons) and not all(colon.endswith(":") for colon in colons):
        return None
    lowered = "\n".join(names).lower()
    if "--" in lowered and (lowered.startswith("--") or "\n--" in lowered):
        return None
    return Block(data, start, end, names, lowered.split("\n") if names else [], colons, bodies)


def divide(data: Octets, start: int, end: int, *, newline: bytes) -> Block:
    """The block from *start* to *end*, whose lines end in *newline*, whatever they are."""
    names: list[str] = []
    colons: list[str] = []
    bodies: list[str] = []
    strays: list[str] = []
    stray: list[str] = []
    text = str(data[start:end].replace(newline, b"\n"), "latin-1")
    for line in _LINE.finditer(text):
        if line[1] is None:
            stray.append(line[0])
        else:
            names.append(line[1])
            colons.append(line[2])
            bodies.append(line[3])
            strays.append("".join(stray))
            stray.clear()
    strays.append("".join(stray))
    return Block(data, start, end, names, [name.lower() for name in names], colons, bodies, strays)
