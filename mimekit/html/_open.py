"""Which elements are open at a place of a page, as the WHATWG's tree construction has it.

Followed are all rules by which an element may stay open, or begin anew, without a tag of its own. That is most of the
standard's chapter, so the room is long; each rule is a short function.
"""

from __future__ import annotations

from typing import NamedTuple

from ._outline import FORMATTING
from ._tokens import attributes
from ._visible import VOID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Real mail: 39 at most.
_DEEPEST = 250
_MOST_PENDING = 100

_CELLS = frozenset({"td", "th", "caption"})
_ROWS = frozenset({"colgroup", "tbody", "tfoot", "thead", "tr"})
_PARTS = _CELLS | _ROWS
_TABLES = _PARTS | {"col", "table"}
_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_ROW = frozenset({"tr"})
_AROUND = {"tr": (_GROUPS,), **dict.fromkeys(("td", "th"), (_GROUPS, _ROW))}
_IMPLIED = ("tbody", "tr")
# No end tag of another element reaches out of these.
_WALLS = _CELLS | {"table"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_RUBY = frozenset({"rb", "rp", "rt", "rtc"})
_PARAGRAPH = frozenset({"p"})
_BUTTON = frozenset({"button"})
_ENDING_P = _HEADINGS | {
    *("address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "header", "hgroup", "hr", "li", "listing", "main", "menu", "nav"),
    *("ol", "p", "pre", "search", "section", "summary", "ul"),
}
# Elements that end with all that is in them at their end tag, wherever that stands.
_BLOCKS = (_ENDING_P - _HEADINGS) | _BUTTON
# The end tag of any other element reaches out of none of these.
_SPECIAL = (_ENDING_P - {"dialog", "search"}) | _WALLS | _ROWS | {"button", "form", ""}
_WALLS_OF = {"li": frozenset({"ol", "ul"}), "p": _BUTTON}
_NO_ITEM_WALLS = _SPECIAL - {"address", "div", "p"}
_ITEMS = {"li": frozenset({"li"}), **dict.fromkeys(("dd", "dt"), frozenset({"dd", "dt"}))}
# Elements that formatting does not begin anew before.
_QUIET = _ENDING_P | _RUBY | _TABLES | {"form", "param", "source", "track"}
_IMPLIED_ENDS = _RUBY | {"dd", "dt", "li", "optgroup", "option", "p"}


class Format(NamedTuple):
    """A formatting element."""

    name: str
    attributes: frozenset[tuple[str, str]]
    length: int


Entry = str | Format


class Open:
    """The elements that are open: a list for each wall, which begins it, of what is open within it."""

    __slots__ = (
        *("_depth", "_dropped", "_form", "_formatting", "_pendings", "_tables", "_walls", "_weight", "cost"),
        "fostered",
    )

    def __init__(self, *, formatting: bool, tables: bool) -> None:
        self._formatting = formatting
        self._tables = tables
        self._walls: list[list[Entry]] = [[""]]
        self._depth = 0
        self._dropped: dict[str, int] = {}
        self._form = False  # whether there is a form that another one cannot stand in
        # For each wall, the formatting that will begin anew where there is something to be formatted.
        self._pendings: list[list[Format]] = [[]]
        self._weight = 0  # the length of all formatting that is open or pending
        self.cost = 0  # the characters that formatting may have added
        self.fostered = 0  # how often something stood in a table but in no cell, and so before the table

    def add_text(self, html: str, start: int, end: int) -> None:
        """Count a text, if it stands where none can; formatting begins anew in it."""
        if start == end:
            return
        in_table = self._walls[-1][0] == "table"
        if (in_table or self._pendings[-1]) and not (in_table and html[start:end].isspace()):
            if in_table:
                self._foster()
            self._begin_anew()

    def _foster(self) -> None:
        """Count what stands in a table but in no cell; columns end before it."""
        within = self._walls[-1]
        if within[0] == "table":
            self.fostered += 1
            if within[-1] == "colgroup":
                within.pop()
                self._depth -= 1

    def begin(self, name: str, text: str) -> bool:
        """Whether a start tag is to stay; it is open then."""
        if name in FORMATTING:
            return self._formatting and self._begin_format(name, text)
        self.cost += self._weight
        if name in _TABLES:
            return self._tables and self._begin_table("colgroup" if name == "col" else name)
        self._foster()
        if name == "form":
            return self._begin_form()
        self._end_implied(name)
        if name in VOID:
            if name not in _QUIET:
                self._begin_anew()
            return True
        return self._push(name)

    def _begin_table(self, name: str) -> bool:
        if name == "table":
            self._end_table_before()
        elif not self._back_to_table(name):
            return True  # it means nothing there
        return self._push(name)

    def _begin_form(self) -> bool:
        if self._form:
            return True  # it means nothing there
        in_table = self._walls[-1][0] == "table"
        if not in_table:
            self._end_paragraph()
        stays = in_table or self._push("form")
        self._form = stays
        return stays

    def _push(self, name: str) -> bool:
        if self._is_too_deep(name):
            return False
        if name not in _QUIET:
            self._begin_anew()
        if name in _WALLS:
            self._walls.append([name])
            self._pendings.append([] if name in _CELLS else self._pendings[-1])
        else:
            self._walls[-1].append(name)
        return True

    def end(self, name: str) -> bool:
        """Whether an end tag is to stay; what it ends is closed then."""
        if self._dropped.get(name):
            self._dropped[name] -= 1
            return False
        if name in FORMATTING:
            if self._formatting:
                self._end_format(name)
            return self._formatting
        self.cost += self._weight
        if not self._tables and name in _TABLES:
            return False
        within = self._walls[-1]
        if within[-1] == name and len(within) > 1 and name != "form":
            within.pop()
            self._depth -= 1
        else:
            self._end_what_holds_more(name)
        return True

    def _end_what_holds_more(self, name: str) -> None:
        within = self._walls[-1]
        if name == "br":
            self._begin_anew()  # QUIRK: it is read as a start tag
        elif name in _WALLS:
            self._end_wall(name)
        elif name in _ROWS:
            self._end_row(name)
        elif name == "form":
            self._end_form()
        elif name in _HEADINGS:
            self._end_first(_HEADINGS, frozenset())
        elif name in within:
            self._end_first(frozenset({name}), _WALLS_OF.get(name, _SPECIAL if name not in _BLOCKS else frozenset()))

    def _is_too_deep(self, name: str) -> bool:
        if self._depth >= _DEEPEST:
            self._dropped[name] = self._dropped.get(name, 0) + 1
            return True
        self._depth += 1
        return False

    # -- formatting ------------------------------------------------------------------------------------

    def _begin_format(self, name: str, text: str) -> bool:
        self._foster()
        if name == "a":
            self._end_link_before()
        elif name == "nobr":
            self._begin_anew()
            self._end_format(name)
        if self._is_too_deep(name):
            return False
        self._begin_anew()
        entry = Format(name, frozenset(attributes(text).items()) if text else frozenset(), len(text) + 3)
        self._let_go(entry)
        self._walls[-1].append(entry)
        self._weight += entry.length
        return True

    def _begin_anew(self) -> None:
        pending = self._pendings[-1]
        if pending:
            self._walls[-1] += pending
            self._depth += len(pending)
            pending.clear()

    def _formats(self) -> Iterator[tuple[list[Entry], int]]:
        """Where formatting stands that is open, down to what ends all formatting in it."""
        for within in reversed(self._walls):
            for place in range(len(within) - 1, 0, -1):
                if isinstance(within[place], Format):
                    yield within, place
            if within[0] in _CELLS:
                return

    def _let_go(self, entry: Format) -> None:
        """Of formatting that is like *entry*, two stay beside it; any before them is an element like another now."""
        alike = [(within, place) for within, place in self._formats() if within[place] == entry]
        for within, place in alike[2:]:
            within[place] = entry.name
            self._weight -= entry.length

    def _end_link_before(self) -> None:
        """A link ends one that is open, also where its end tag would not reach it."""
        self._end_format("a")
        for within, place in self._formats():
            entry = within[place]
            if isinstance(entry, Format) and entry.name == "a":
                self._weight -= entry.length
                self._depth -= 1
                del within[place]
                return

    def _end_format(self, name: str) -> None:
        pending = self._pendings[-1]
        for place in range(len(pending) - 1, -1, -1):
            if pending[place].name == name:
                self._weight -= pending[place].length
                del pending[place]
                return
        within = self._walls[-1]
        for place in range(len(within) - 1, 0, -1):
            entry = within[place]
            if isinstance(entry, Format) and entry.name == name:
                self._adopt(within, place, entry)
                return
        if name in within:
            self._end_first(frozenset({name}), _SPECIAL)

    def _adopt(self, within: list[Entry], place: int, entry: Format) -> None:
        """End formatting with all in it; but blocks in it go on without it, by the adoption agency algorithm."""
        above = within[place + 1 :]
        self._depth -= len(within) - place
        del within[place:]
        self._weight -= entry.length
        if above:
            self.cost += self._weight
        for _ in range(8):
            block = next((number for number, one in enumerate(above) if one in _SPECIAL), None)
            if block is None:
                self._forget(above)
                return
            between = above[:block]
            kept = [one for one in between[-3:] if isinstance(one, Format)]
            self._weight -= sum(one.length for one in between[:-3] if isinstance(one, Format))
            within += [*kept, above[block]]
            self._depth += len(kept) + 1
            above = above[block + 1 :]
        within += [entry, *above]
        self._depth += 1 + len(above)
        self._weight += entry.length

    def _forget(self, entries: list[Entry]) -> None:
        """Formatting that was not closed before what held it begins anew."""
        pending = self._pendings[-1]
        pending[:0] = [entry for entry in entries if isinstance(entry, Format)]
        if len(pending) > _MOST_PENDING:
            self.cost = 1 << 62

    # -- what ends -------------------------------------------------------------------------------------

    def _end_first(self, names: frozenset[str], walls: frozenset[str]) -> None:
        """End the last of *names* within the wall and all in it, unless one of *walls* is open in it."""
        within = self._walls[-1]
        for place in range(len(within) - 1, 0, -1):
            entry = within[place]
            if isinstance(entry, Format):
                continue
            if entry in names:
                ended = within[place + 1 :]
                self._depth -= 1 + len(ended)
                del within[place:]
                self._forget(ended)
                return
            if entry in walls:
                return

    def _end_paragraph(self) -> None:
        if "p" in self._walls[-1]:
            self._end_first(_PARAGRAPH, _BUTTON)

    def _end_implied(self, name: str) -> None:
        """End what cannot go on behind the start tag of *name*."""
        if name in _ITEMS:
            self._end_first(_ITEMS[name], _NO_ITEM_WALLS)
        if name in _ENDING_P:
            self._end_paragraph()
        within = self._walls[-1]
        if name == "button" and name in within:
            self._end_first(_BUTTON, frozenset())
        elif name in _HEADINGS and within[-1] in _HEADINGS:
            within.pop()
            self._depth -= 1
        elif name in _RUBY and "ruby" in within:
            self._end_implied_ends(_IMPLIED_ENDS if name in {"rb", "rtc"} else _IMPLIED_ENDS - {"rtc"})
        elif name in {"option", "optgroup"}:
            self._end_implied_ends(frozenset({"option"}))

    def _end_implied_ends(self, names: frozenset[str]) -> None:
        """End what is last within the wall, as long as it needs no end tag."""
        within = self._walls[-1]
        while len(within) > 1 and within[-1] in names:
            within.pop()
            self._depth -= 1

    def _end_form(self) -> None:
        """The end tag of a form takes only the form out of what is open."""
        within = self._walls[-1]
        if self._form and "form" in within:
            self._end_implied_ends(_IMPLIED_ENDS)
            del within[len(within) - 1 - within[::-1].index("form")]
            self._depth -= 1
        self._form = False

    def _end_table_before(self) -> None:
        """A table right in a table, not in a cell, ends that; or a paragraph."""
        if self._walls[-1][0] == "table":
            self._cut_walls(len(self._walls) - 1)
        else:
            self._end_paragraph()

    def _cut_walls(self, place: int) -> None:
        """End the wall at *place* and all in it."""
        while len(self._walls) > place:
            within, pending = self._walls.pop(), self._pendings.pop()
            self._depth -= len(within)
            if within[0] in _CELLS:
                ended = [*within, *pending]
                self._weight -= sum(entry.length for entry in ended if isinstance(entry, Format))
            else:
                self._forget(within)

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
            if wall == "table":
                return

    def _end_row(self, name: str) -> None:
        place = self._table()
        if place and name in self._walls[place]:
            self._cut_walls(place + 1)
            self._end_first(frozenset({name}), frozenset())
