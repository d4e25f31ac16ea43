"""What of a page is seen: which styles hide an element, and where a hidden element ends.

Newsletters hide a line that only the list of a mailbox shows, and versions of a paragraph for other programs.
"""

from __future__ import annotations

import re

from ._tokens import attributes

#: Elements without an end tag.
VOID = frozenset(
    {
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input"),
        *("keygen", "link", "meta", "param", "source", "track", "wbr"),
    }
)
#: Elements whose content is not read as text.
DROPPED = frozenset({"noscript", "template", "svg", "math", "select", "object", "audio", "video"})
#: Those of them that may end in their start tag.
EMPTIED = frozenset({"svg", "math"})
#: Elements that begin on a line of their own, and so end a paragraph.
BREAKING = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "xmp"),
    }
)

_ROWS = frozenset({"tr", "tbody", "thead", "tfoot"})
_CELLS = _ROWS | {"td", "th"}
# Elements that may end without an end tag, and what begins behind them.
_ENDED_BY = {
    "p": BREAKING,
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "td": _CELLS,
    "th": _CELLS,
    "tr": _ROWS,
}
# An end tag may be that of an element around the hidden one: which one has to be open for that.
_AROUND = {"th": "td", **dict.fromkeys(_ROWS, "table")}
_NEVER = frozenset({"html", "body"})  # a page without any text helps nobody

_ZERO = r"\s*+:\s*+0*+(?:\.0*+)?+(?:[a-z]++|%)?+\s*+(?:!|;|$)"
_HIDES = re.compile(
    r"(?<![\w-])(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden|mso-hide\s*+:\s*+all|(?:max-height|opacity)"
    + _ZERO
    + ")"
)
_MUTES = re.compile(r"(?<![\w-])font-size" + _ZERO)
_SIZED = re.compile(r"(?<![\w-])font(?:-size)?+\s*+:")


class Look:
    """What the attributes of an element say of how it looks."""

    __slots__ = ("hides", "mutes", "sized")

    def __init__(self, *, hides: bool = False, mutes: bool = False, sized: bool = False) -> None:
        self.hides = hides  # nothing of it is seen
        self.mutes = mutes  # its own text has no size; an element in it may have one again
        self.sized = sized


_PLAIN = Look()


def look(name: str, text: str) -> Look:
    """How an element looks whose start tag has the attributes *text*."""
    lowered = text.lower()
    # Nearly all elements: a word is looked for in far less time than attributes are read.
    if not ("hid" in lowered or ("style" in lowered and _says_much(lowered))) or name in _NEVER:
        return _PLAIN
    found = attributes(text)
    style = found.get("style", "").lower()
    if "hidden" in found or _HIDES.search(style):
        return Look(hides=True)
    if _MUTES.search(style):
        return Look(mutes=True)
    return Look(sized=_SIZED.search(style) is not None)


def _says_much(lowered: str) -> bool:
    return (
        "none" in lowered
        or "font-size" in lowered
        or "font:" in lowered
        or "max-height" in lowered
        or "opacity" in lowered
    )


class Hidden:
    """An element that is passed over, and what is open in it."""

    __slots__ = ("_ended_by", "_name", "_open")

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: dict[str, int] = {}
        self._ended_by = _ENDED_BY.get(name, frozenset())

    def begins(self, name: str) -> bool:
        """Whether a start tag stands in it still."""
        inside = self._open
        if name in self._ended_by and not (inside.get("table") or inside.get("ul") or inside.get("ol")):
            return False
        if name not in VOID:
            inside[name] = inside.get(name, 0) + 1
        return True

    def ends(self, name: str, around: dict[str, int]) -> bool:
        """Whether an end tag stands in it still, not being that of one of the elements *around* it."""
        if self._open.get(name):
            self._open[name] -= 1
            return True
        return not around.get(_AROUND.get(name, name))

    def is_ended_by(self, name: str) -> bool:
        """Whether this is its own end tag."""
        return name == self._name and not self._open.get(name)
