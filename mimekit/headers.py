"""The fields of one entity: ordered, repeatable, found by name without regard to case.

A received block is searched where it stands: a field becomes an object when it is asked for, and
the block is divided into all its fields only when that is needed, which is for iteration and edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ._grammar import check_str
from ._scanner import Source
from .errors import BadValue
from .field import Field

# a field with its continuation lines, or a line that is none; the same rule as the scanner's
_LINE = re.compile(r"(?:(?!--)([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?)|[^\n]*+\n?")
_NAME = re.compile(r"(?!--)[!-9;-~]++")
_lowered = str.lower  # which no octets have, unlike name.lower()


class Headers:
    """The header block of one entity. The message changes it, by what begins with ``_``; to others it is read-only.

    Lines that are no field are kept in their places and written back, and never show.
    """

    __slots__ = ("_end", "_found", "_index", "_items", "_lower", "_source", "_start", "_text")

    def __init__(self, source: Source | None = None, start: int = 0, end: int = 0) -> None:
        self._source = source
        self._start = start
        self._end = end
        self._text = ""
        self._lower = ""
        self._found: dict[str, tuple[Field, ...]] = {}
        # where the fields of each name stand in _items, once that was asked for; places stay while fields go
        self._index: dict[str, list[int]] | None = None
        # None while nothing but single names was asked for; a field that was dropped leaves a None
        self._items: list[Field | bytes | None] | None = None if source is not None else []

    # -- reading -----------------------------------------------------------------------------------

    def fields(self, name: str) -> tuple[Field, ...]:
        """Every field called *name*, in order.

        Raises:
            BadValue: *name* is no `str`.
        """
        try:
            wanted = _lowered(name)
        except TypeError as wrong:
            raise BadValue(f"a field name is a str, not {type(name).__name__}") from wrong
        if self._items is not None:
            found = [self._items[place] for place in self._places().get(wanted, ())]
            return tuple([item for item in found if isinstance(item, Field)])
        fields = self._found.get(wanted)
        if fields is None:
            fields = self._found[wanted] = tuple(self._search(wanted))
        return fields

    def _places(self) -> dict[str, list[int]]:
        """Where the fields of a divided or composed block stand, by their names in lower case."""
        if self._index is None:
            self._index = {}
            for place, item in enumerate(self._all()):
                if isinstance(item, Field):
                    self._index.setdefault(item.name.lower(), []).append(place)
        return self._index

    def first(self, name: str) -> Field | None:
        """The first field called *name*, or None.

        Raises:
            BadValue: *name* is no `str`.
        """
        if self._items is None:
            found = self.fields(name)
            return found[0] if found else None
        check_str(name, "a field name")
        places = self._places().get(name.lower())
        item = self._items[places[0]] if places else None
        return item if isinstance(item, Field) else None

    def __iter__(self) -> Iterator[Field]:
        return (item for item in self._all() if isinstance(item, Field))

    def __len__(self) -> int:
        return sum(1 for _field in self)

    def items(self) -> tuple[Field | bytes, ...]:
        """Every field in order, and between them, as octets, the lines that are none."""
        return tuple([item for item in self._all() if item is not None])

    def _all(self) -> list[Field | bytes | None]:
        if self._items is None:
            self._items = list(self._divide())
            self._text = self._lower = ""
        return self._items

    def _load(self) -> None:
        assert self._source is not None  # composed headers have items from the start
        text = self._source.data[self._start : self._end].decode("latin-1")
        # QUIRK: where lines end in CR alone, offsets stay true and one set of rules serves
        self._text = text if self._source.form.newline == b"\n" else text.replace("\r", "\n")
        self._lower = "\n" + self._text.lower()

    def _search(self, wanted: str) -> Iterator[Field]:
        if not self._lower:
            self._load()
        text, lower, needle = self._text, self._lower, "\n" + wanted
        # _lower has one character more in front, so an offset in it is that of the line in _text
        at = lower.find(needle)
        while at >= 0:
            colon = at + len(wanted)
            while text[colon : colon + 1] in (" ", "\t"):
                colon += 1
            if text[colon : colon + 1] != ":" or not _NAME.fullmatch(wanted):
                at = lower.find(needle, at + 1)
                continue
            stop = text.find("\n", colon)
            while stop >= 0 and text[stop + 1 : stop + 2] in (" ", "\t"):
                stop = text.find("\n", stop + 1)
            stop = stop if stop >= 0 else len(text)
            yield self._field(text[at : at + len(wanted)], at, stop + 1, text[colon + 1 : stop])
            at = lower.find(needle, stop)

    def _divide(self) -> Iterator[Field | bytes]:
        if not self._lower:
            self._load()
        assert self._source is not None  # composed headers have items from the start
        known = {field.span: field for fields in self._found.values() for field in fields}
        self._found = {}
        for line in _LINE.finditer(self._text):
            start, end = line.span()
            if start == end:
                continue
            if line[1] is None:
                yield self._source.data[self._start + start : self._start + end]
            else:
                span = (self._start + start, self._start + end)
                yield known.get(span) or self._field(line[1], start, end, line[2])

    def _field(self, name: str, start: int, end: int, body: str) -> Field:
        assert self._source is not None  # only received blocks are searched
        raw = self._source.data[self._start + start : min(self._start + end, self._end)]
        return Field.received(name, body.rstrip("\r"), raw=raw, offset=self._start + start)

    # -- editing -----------------------------------------------------------------------------------

    def _append(self, field: Field) -> None:
        """Add *field* behind all others."""
        items = self._all()
        if self._index is not None:
            self._index.setdefault(field.name.lower(), []).append(len(items))
        items.append(field)

    def _replace(self, name: str, field: Field) -> None:
        """Put *field* in the place of the first called *name* and drop the others; append it where there is none."""
        first = self.first(name)
        if first is None:
            self._append(field)
            return
        self._swap(first, field)
        self._drop(self._places()[name.lower()][1:])

    def _swap(self, old: Field, new: Field) -> None:
        """Put *new*, which is called the same, in the place of *old*, which stands here."""
        items = self._all()
        place = next(place for place in self._places()[old.name.lower()] if items[place] is old)
        items[place] = new

    def _remove(self, name: str) -> None:
        """Drop every field called *name*."""
        self._drop(self._places().get(name.lower(), ()))

    def _take(self, prefix: str, *, but: frozenset[str] = frozenset()) -> list[Field]:
        """Remove and return the fields whose lower-case name begins with *prefix* and is none of *but*, in order."""
        names = [name for name in self._places() if name.startswith(prefix) and name not in but]
        places = sorted(place for name in names for place in self._places()[name])
        taken = [item for item in (self._all()[place] for place in places) if isinstance(item, Field)]
        self._drop(places)
        return taken

    def _drop(self, places: Sequence[int]) -> None:
        """Drop the fields that stand at *places*."""
        items, index = self._all(), self._places()
        for place in tuple(places):
            item = items[place]
            assert isinstance(item, Field)  # a name has the places of fields
            index[item.name.lower()].remove(place)
            items[place] = None
        while items and items[-1] is None:
            items.pop()
        if items and not isinstance(items[-1], Field):
            self._settle_strays(items)

    def _settle_strays(self, items: list[Field | bytes | None]) -> None:
        """Find a place for lines that are no field, and stand behind the last field now.

        They are lines of the header by the field behind them, without one they would be body. So they go before the
        last field, and where there is none, they go with it.
        """
        last = max((place for place, item in enumerate(items) if isinstance(item, Field)), default=0)
        items[last:] = [*items[last + 1 :], items[last]] if isinstance(items[last], Field) else []
        self._index = None

    def copy(self) -> Headers:
        """The same fields, to be changed apart; the fields themselves are frozen and shared."""
        twin = Headers(self._source, self._start, self._end)
        twin._items = None if self._items is None else list(self._items)
        return twin
