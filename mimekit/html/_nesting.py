"""How deeply elements of a page stand in one another, and a limit to it.

Parsers of HTML look through all that is open at many a tag: a page of nothing but start tags takes them quadratic time.
And an element such as ``<font>`` that is not closed begins anew in every paragraph behind it: a page of a thousand of
each is a million elements. What stands in a table but in no cell is put before the table, for which all is looked
through that stands there. So a tag that would stand too deep is left out, and where formatting would begin, or be put
elsewhere, too often, there is none.

What is open is followed as the WHATWG's tree construction does it, but for cases that can only make the count too high.
"""

from __future__ import annotations

from ._outline import FORMATTING
from ._tokens import ATTRIBUTES, NAME, SLASH, TOKEN
from ._visible import VOID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # a name, or that of a formatting element with its attributes
    _Entry = str | tuple[str, str]

# Real mail: 39 at most.
_DEEPEST = 250
# Pages of fewer tags take no long time, however they are nested.
_MANY_TAGS = 1500
_MOST_PENDING = 100
# Each takes a look at all that stands before the table.
_MOST_FOSTERED = 200
# Characters that formatting may add by beginning anew: some for each of the page, and these.
_SPARE_LENGTH = 2 << 20
_TIMES = 10

_CELLS = frozenset({"td", "th", "caption"})
_ROWS = frozenset({"colgroup", "tbody", "tfoot", "thead", "tr"})
_PARTS = _CELLS | _ROWS
_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_ROW = frozenset({"tr"})
_TABLES = _PARTS | {"col", "table"}
_AROUND = {"tr": (_GROUPS,), **dict.fromkeys(("td", "th"), (_GROUPS, _ROW))}
_IMPLIED = ("tbody", "tr")
# No end tag of another element reaches out of these.
_WALLS = _CELLS | {"applet", "button", "marquee", "object", "table"}
# Formatting that is open in these ends with them.
_ENDING_FORMATS = _WALLS - {"button", "table"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_RUBY = frozenset({"rb", "rp", "rt", "rtc"})
_ENDING_P = _HEADINGS | {
    *("address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "header", "hgroup", "li", "listing", "main", "menu", "nav", "ol"),
    *("p", "pre", "section", "summary", "table", "ul"),
}
# An end tag of an ordinary element reaches out of none of these.
_SPECIAL = (_ENDING_P - {"dialog"}) | _WALLS | _ROWS | {"search", "object", ""}
_BLOCKS = _ENDING_P | {"hr"}
_NO_ITEM_WALLS = _SPECIAL - {"address", "div", "p"}
_ITEMS = {"li": frozenset({"li"}), **dict.fromkeys(("dd", "dt"), frozenset({"dd", "dt"}))}


def is_steep(tags: int, formats: Iterable[str], length: int) -> bool:
    """Whether a page of so many *tags*, with these different *formats* among them, may take long."""
    return tags > _MANY_TAGS or 3 * sum(map(len, formats)) * tags > _allowed(length)


def limit(html: str) -> str:
    """*html* with no element too deep in others; without formatting or tables if they made too much of it."""
    formatting = tables = True
    while True:
        elements = _Open(formatting=formatting, tables=tables)
        limited = _limited(html, elements)
        if limited is not None:
            return limited
        if elements.fostered > _MOST_FOSTERED:
            tables = False
        else:
            formatting = False


def _allowed(length: int) -> int:
    return _TIMES * length + _SPARE_LENGTH


def _limited(html: str, elements: _Open) -> str | None:
    kept = []
    place = behind = 0
    allowed = _allowed(len(html))
    for found in TOKEN.finditer(html):
        elements.add_text(html, behind, found.start())
        behind = found.end()
        if not found[NAME]:
            continue
        name = found[NAME].lower()
        stays = elements.end(name) if found[SLASH] else elements.begin(name, found[ATTRIBUTES])
        if not stays:
            kept.append(html[place : found.start()])
            place = found.end()
        if elements.cost > allowed or elements.fostered > _MOST_FOSTERED:
            return None
    kept.append(html[place:])
    return "<!---->".join(kept)


class _Open:
    """The elements that are open: a list for each wall, which begins it, of what is open within it."""

    __slots__ = ("_depth", "_dropped", "_formatting", "_pending", "_tables", "_walls", "_weight", "cost", "fostered")

    def __init__(self, *, formatting: bool, tables: bool) -> None:
        self._formatting = formatting
        self._tables = tables
        self._walls: list[list[_Entry]] = [[""]]
        self._depth = 0
        self._dropped: dict[str, int] = {}
        self._pending: list[_Entry] = []  # formatting that will begin anew where there is something to be formatted
        self._weight = 0  # the length of all formatting that is open or pending
        self.cost = 0  # the characters that formatting may have added
        self.fostered = 0  # how often something stood in a table but in no cell, and so before the table

    def add_text(self, html: str, start: int, end: int) -> None:
        """Count a text, if it stands where none can; formatting begins anew in it."""
        in_table = self._walls[-1][0] == "table"
        if start < end and (in_table or self._pending) and not html[start:end].isspace():
            self.fostered += in_table
            self._begin_anew()

    def begin(self, name: str, text: str) -> bool:
        """Whether a start tag is to stay; it is open then."""
        if name in FORMATTING:
            return self._formatting and self._begin_format(name, text)
        self.cost += self._weight
        if name in _TABLES:
            return self._tables and self._begin_table("colgroup" if name == "col" else name)
        self.fostered += self._walls[-1][0] == "table"
        self._end_implied(name)
        if name not in _BLOCKS:
            self._begin_anew()
        # Of forms, one at most is open.
        return name in VOID or name == "form" or self._push(name)

    def _begin_table(self, name: str) -> bool:
        if name == "table":
            self._end_table_before()
        elif not self._back_to_table(name):
            return True  # it means nothing there
        return self._push(name)

    def _push(self, name: str) -> bool:
        if self._is_too_deep(name):
            return False
        if name in _WALLS:
            self._walls.append([name])
        else:
            self._walls[-1].append(name)
        return True

    def end(self, name: str) -> bool:
        """Whether an end tag is to stay; what it ends is closed then."""
        if self._dropped.get(name):
            self._dropped[name] -= 1
            return False
        if name in FORMATTING:
            return self._formatting and self._end_format(name)
        self.cost += self._weight
        if not self._tables and name in _TABLES:
            return False
        within = self._walls[-1]
        if within[-1] == name and len(within) > 1:
            within.pop()
            self._depth -= 1
        elif name in _WALLS:
            self._end_wall(name)
        elif name in _ROWS:
            self._end_row(name)
        elif name in _HEADINGS:
            self._end_first(_HEADINGS, frozenset())
        elif name in _SPECIAL:
            self._end_all(name)
        elif name in within:
            self._end_first(frozenset({name}), _SPECIAL)
        return True

    def _is_too_deep(self, name: str) -> bool:
        if self._depth >= _DEEPEST:
            self._dropped[name] = self._dropped.get(name, 0) + 1
            return True
        self._depth += 1
        return False

    # -- formatting ------------------------------------------------------------------------------------

    def _begin_format(self, name: str, text: str) -> bool:
        if name == "a":
            self._end_format(name)
            self._drop_pending_links()
        self._begin_anew()
        if self._is_too_deep(name):
            return False
        self._walls[-1].append((name, text))
        self._weight += len(text) + 3
        return True

    def _begin_anew(self) -> None:
        if self._pending:
            self._walls[-1] += self._pending
            self._depth += len(self._pending)
            self._pending.clear()

    def _drop_pending_links(self) -> None:
        """One link ends another."""
        for entry in [entry for entry in self._pending if entry[0] == "a"]:
            self._pending.remove(entry)
            self._weight -= len(entry[1]) + 3

    def _end_format(self, name: str) -> bool:
        within = self._walls[-1]
        for place in range(len(within) - 1, 0, -1):
            entry = within[place]
            if entry[0] == name and isinstance(entry, tuple):
                self._depth -= 1
                del within[place]
                if _SPECIAL.isdisjoint(within[place:]):
                    self._weight -= len(entry[1]) + 3
                    self._depth -= len(within) - place
                    self._forget(within[place:])
                    del within[place:]
                else:
                    self._lose(entry)
                    self.cost += self._weight
                break
        return True

    def _lose(self, entry: _Entry) -> None:
        """Formatting that was not closed before the block around it; the same one begins anew three times at most."""
        if not isinstance(entry, tuple):
            return
        if self._pending.count(entry) == 3:
            self._weight -= len(entry[1]) + 3
            return
        self._pending.append(entry)
        if len(self._pending) > _MOST_PENDING:
            self.cost = 1 << 62

    # -- what ends -------------------------------------------------------------------------------------

    def _end_all(self, name: str) -> None:
        """End the last *name* within the wall, with all in it."""
        within = self._walls[-1]
        if name not in within:
            return
        while True:
            entry = within.pop()
            self._depth -= 1
            if entry == name:
                return
            self._lose(entry)

    def _end_first(self, names: frozenset[str], walls: frozenset[str]) -> None:
        """End the last of *names* within the wall, unless one of *walls* is open in it."""
        for entry in reversed(self._walls[-1]):
            if isinstance(entry, tuple):
                continue
            if entry in names:
                self._end_all(entry)
                return
            if entry in walls:
                return

    def _end_implied(self, name: str) -> None:
        """End what cannot go on behind the start tag of *name*."""
        if name in _ITEMS:
            self._end_first(_ITEMS[name], _NO_ITEM_WALLS)
        if name in _ENDING_P:
            self._end_all("p")
        within = self._walls[-1]
        if name == "button" == within[0]:
            self._cut_walls(len(self._walls) - 1)
        elif (name in _HEADINGS and within[-1] in _HEADINGS) or (
            name in _RUBY and within[-1] in _RUBY and "ruby" in within
        ):
            within.pop()
            self._depth -= 1

    def _end_table_before(self) -> None:
        """A table right in a table, not in a cell, ends that; and a paragraph."""
        self._end_all("p")
        for place in range(len(self._walls) - 1, 0, -1):
            wall = self._walls[place][0]
            if wall == "table":
                self._cut_walls(place)
                return
            if wall in _CELLS:
                return

    def _cut_walls(self, place: int) -> None:
        """End the wall at *place* and all in it."""
        for within in self._walls[place:]:
            self._depth -= len(within)
            self._forget(within, ends_formats=within[0] in _ENDING_FORMATS)
        del self._walls[place:]

    def _forget(self, entries: list[_Entry], *, ends_formats: bool = False) -> None:
        for entry in entries:
            if not isinstance(entry, tuple):
                continue
            if ends_formats:
                self._weight -= len(entry[1]) + 3
            else:
                self._lose(entry)

    def _table(self) -> int:
        """The place of the table that is open; 0 if there is none."""
        for place in range(len(self._walls) - 1, 0, -1):
            if self._walls[place][0] == "table":
                return place
        return 0

    def _back_to_table(self, name: str) -> bool:
        """End what is open in the table up to where *name* may stand; False if there is no table."""
        place = self._table()
        if not place:
            return False
        self._cut_walls(place + 1)
        within = self._walls[place]
        around = _AROUND.get(name, ())
        kept = 1
        while kept <= len(around) and kept < len(within) and within[kept] in around[kept - 1]:
            kept += 1
        self._forget(within[kept:])
        self._depth += 1 + len(around) - len(within)
        del within[kept:]
        # A row stands in a group and a cell in a row, whether they have tags or not.
        within += _IMPLIED[kept - 1 : len(around)]
        return True

    def _end_wall(self, name: str) -> None:
        for place in range(len(self._walls) - 1, 0, -1):
            wall = self._walls[place][0]
            if wall == name:
                self._cut_walls(place)
                return
            if name != "table" and (wall == "table" or name not in _CELLS):
                return

    def _end_row(self, name: str) -> None:
        place = self._table()
        if place and name in self._walls[place]:
            self._cut_walls(place + 1)
            self._end_all(name)
