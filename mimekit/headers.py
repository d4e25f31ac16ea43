"""The fields of one entity: ordered, repeatable, found by name without regard to case.

What was received is a `Block`, and stays one; what was edited stands beside it, by its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ._block import Block
from .errors import BadValue
from .field import Field
from .values.base import HeaderValue

_lowered = str.lower  # which no octets have, unlike name.lower()
_EMPTY = Block(b"", 0, 0, [], [], [], [])


class Headers:
    """The header block of one entity. The message changes it, by what begins with ``_``; to others it is read-only.

    Lines that are no field are kept in their places and written back; they show in `items` alone.
    """

    __slots__ = ("_at", "_block", "_edits", "_fields", "_next", "_size")

    def __init__(self, block: Block | None = None) -> None:
        self._block = _EMPTY if block is None else block
        self._fields: dict[int, Field] = {}  # those of the block that were asked for, by their places
        # what stands at a place in the block now, None for nothing; and behind the block, in order, what was added
        self._edits: dict[int, Field | None] = {}
        self._at: dict[str, list[int]] = {}  # the places of each name that was edited, in lower case
        self._next = self._size = len(self._block.names)  # the place of the next field that is added; how many stand

    # -- reading -----------------------------------------------------------------------------------

    def first(self, name: str) -> Field | None:
        """The first field called *name*, or None.

        Raises:
            BadValue: *name* is no `str`.
        """
        place = self._first(name)
        return None if place is None else self._field(place)

    def value(self, name: str) -> HeaderValue | None:
        """The value of the first field called *name*, or None.

        Raises:
            BadValue: *name* is no `str`.
        """
        if self._edits:
            found = self.first(name)
            return None if found is None else found.value
        try:
            return self._block.value_of(_lowered(name))
        except TypeError as wrong:
            raise _no_name(name) from wrong

    def body(self, name: str) -> str | None:
        """The body of the first field called *name* (lower case) as it is read: folded as it came, or composed."""
        if not self._edits:
            return self._block.body_of(name)
        place = self._first(name)
        if place is None:
            return None
        edited = self._edits.get(place)
        if edited is None:
            return self._block.body(place)
        return edited.raw_body if edited.is_received else edited.value.encode_body()

    def fields(self, name: str) -> tuple[Field, ...]:
        """Every field called *name*, in order.

        Raises:
            BadValue: *name* is no `str`.
        """
        return tuple(map(self._field, self._places(_wanted(name))))

    def __iter__(self) -> Iterator[Field]:
        return map(self._field, self._order() if self._edits else range(len(self._block.names)))

    def __len__(self) -> int:
        return self._size

    def names(self) -> list[str]:
        """The name of each field, in order, as it was spelled."""
        return [field.name for field in self] if self._edits else list(self._block.spelled)

    def values(self) -> list[HeaderValue]:
        """The value of each field, in order."""
        return [field.value for field in self] if self._edits else self._block.values()

    def items(self) -> tuple[Field | bytes, ...]:
        """Every field in order, and between them, as octets, the lines that are none."""
        places = self._order_with_strays()
        return tuple([self._block.octets(place) if place < 0 else self._field(place) for place in places])

    def runs(self) -> list[Field | bytes]:
        """What is written: the octets that came, in runs as long as they stand together, and composed fields."""
        block, edits = self._block, self._edits
        if not edits:
            return [block.data[block.start : block.end]] if block.start < block.end else []
        if block.has_strays:
            return [item if isinstance(item, bytes) else item.raw or item for item in self.items()]
        runs: list[Field | bytes] = []
        size = len(block.names)
        kept = block.start
        for place in sorted(edits):
            if place >= size:
                break
            start, end = block.span(place)
            if kept < start:
                runs.append(block.data[kept:start])
            kept = end
            edited = edits[place]
            if edited is not None:
                runs.append(edited)
        if kept < block.end:
            runs.append(block.data[kept : block.end])
        return [*runs, *self._added()]

    def _first(self, name: str) -> int | None:
        try:
            wanted = _lowered(name)
        except TypeError as wrong:
            raise _no_name(name) from wrong
        if self._at and (places := self._at.get(wanted)) is not None:
            return places[0] if places else None
        return self._block.first(wanted)

    def _field(self, place: int) -> Field:
        """The field at *place*, which was not dropped."""
        found = self._edits.get(place) or self._fields.get(place)
        if found is None:
            found = self._fields[place] = Field.received(self._block, place)
        return found

    def _places(self, wanted: str) -> list[int]:
        places = self._at.get(wanted)
        return self._block.places(wanted) if places is None else places

    def _order(self) -> list[int]:
        """The place of every field."""
        size, edits = len(self._block.names), self._edits
        kept = [place for place in range(size) if place not in edits or edits[place] is not None]
        return [*kept, *(place for place in edits if place >= size)]

    def _order_with_strays(self) -> list[int]:
        """The place of every field, and of lines that are none as `Block.order` has them.

        Such a line is one of the header by the field behind it, without one it would be body. Where that was dropped,
        it goes before the last field; where there is none, it goes too.
        """
        if not (self._edits and self._block.has_strays):
            return self._order() if self._edits else self._block.order()
        kept = set(self._order())
        places = [place for place in self._block.order() if place < 0 or place in kept]
        places += [place for place in self._edits if place >= len(self._block.names)]
        last = max((at for at, place in enumerate(places) if place >= 0), default=-1)
        if last < 0:
            return []
        places = [*places[:last], *places[last + 1 :], places[last]]
        if places[0] < 0 and self._block.octets(places[0]).startswith(b"\xef\xbb\xbf"):
            # in front of all it would be read as a byte order mark, and the rest of its line as a field
            first = next(at for at, place in enumerate(places) if place >= 0)
            places = [places[first], *places[:first], *places[first + 1 :]]
            if first == len(places) - 1:
                return places[:1]
        return places

    def _added(self) -> list[Field]:
        size = len(self._block.names)
        return [field for place, field in self._edits.items() if place >= size and field is not None]

    # -- editing -----------------------------------------------------------------------------------

    def _append(self, field: Field) -> None:
        """Add *field* behind all others."""
        self._to_edit(field.name.lower()).append(self._next)
        self._edits[self._next] = field
        self._next += 1
        self._size += 1

    def _replace(self, name: str, field: Field) -> None:
        """Put *field* in the place of the first called *name* and drop the others; append it where there is none."""
        places = self._to_edit(name.lower())
        if not places:
            self._append(field)
            return
        self._edits[places[0]] = field
        self._drop(places[1:])
        del places[1:]

    def _swap(self, old: Field, new: Field) -> None:
        """Put *new*, which is called the same, in the place of *old*, the first so called."""
        self._edits[self._to_edit(old.name.lower())[0]] = new

    def _remove(self, name: str) -> None:
        """Drop every field called *name*."""
        places = self._to_edit(name.lower())
        self._drop(places)
        places.clear()

    def _take(self, prefix: str, *, but: frozenset[str] = frozenset()) -> list[Field]:
        """Remove and return the fields whose lower-case name begins with *prefix* and is none of *but*, in order."""
        taken = [field for field in self if (name := field.name.lower()).startswith(prefix) and name not in but]
        for field in taken:
            self._remove(field.name)
        return taken

    def _to_edit(self, wanted: str) -> list[int]:
        """The places of the fields of that name, to be changed."""
        places = self._at.get(wanted)
        if places is None:
            places = self._at[wanted] = list(self._block.places(wanted))
        return places

    def _drop(self, places: Iterable[int]) -> None:
        for place in places:
            self._size -= 1
            if place < len(self._block.names):
                self._edits[place] = None
            else:
                del self._edits[place]

    def copy(self) -> Headers:
        """The same fields, to be changed apart; the fields themselves are frozen and shared."""
        twin = Headers(self._block)
        twin._fields = self._fields
        twin._edits = dict(self._edits)
        twin._at = {name: list(places) for name, places in self._at.items()}
        twin._next, twin._size = self._next, self._size
        return twin


def _wanted(name: str) -> str:
    try:
        return _lowered(name)
    except TypeError as wrong:
        raise _no_name(name) from wrong


def _no_name(name: object) -> BadValue:
    return BadValue(f"a field name is a str, not {type(name).__name__}")
