"""Finds what a page refers to, each with its place in the source: in attributes, lists of candidates, and styles.

Nothing is parsed into a tree, so that who changes what stands at these places changes nothing else of the page.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ._cssurls import addresses
from ._references import unescape_attribute, unescape_with_places
from ._tokens import ATTRIBUTE, ATTRIBUTES, NAME, RAW_ATTRIBUTES, RAW_NAME, RAW_TEXT, SLASH, TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: What a reference is for: something the page shows; a style sheet; a frame, with a page in it; something it leads to;
#: the address that all the others start from.
SHOWN, SHEET, FRAME, LED, BASE = "shown", "sheet", "frame", "led", "base"

_BACKGROUND = {"background": SHOWN}
_VECTOR = {"href": SHOWN, "xlink:href": SHOWN, "src": SHOWN}
# element -> its attributes that hold an address, and what for
_SOUGHT: dict[str, dict[str, str]] = {
    **dict.fromkeys(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"), _BACKGROUND),
    "img": {"src": SHOWN, "srcset": SHOWN, "lowsrc": SHOWN, "dynsrc": SHOWN},
    "image": _VECTOR,  # of SVG; elsewhere browsers take it for an img
    "feimage": _VECTOR,
    "source": {"src": SHOWN, "srcset": SHOWN},
    "video": {"src": SHOWN, "poster": SHOWN},
    "audio": {"src": SHOWN},
    "track": {"src": SHOWN},
    "embed": {"src": SHOWN},
    "object": {"data": SHOWN},
    "input": {"src": SHOWN},
    "bgsound": {"src": SHOWN},
    "link": {"href": LED, "imagesrcset": SHOWN},
    # of Outlook, in its comments
    "v:fill": {"src": SHOWN},
    "v:image": {"src": SHOWN},
    "v:imagedata": {"src": SHOWN},
    "a": {"href": LED},
    "area": {"href": LED},
    "script": {"src": LED},
    "iframe": {"src": FRAME},
    "frame": {"src": FRAME},
    "base": {"href": BASE},
}
_CANDIDATES = frozenset({"srcset", "imagesrcset"})
_ICONS = frozenset({"icon", "apple-touch-icon"})
_SPACE = r" \t\n\f\r"
_CANDIDATE = re.compile(rf"([^{_SPACE},][^{_SPACE}]*+)(?:(?<!,)(?:[^(,]++|\([^)]*+\)?+)++)?+")
_CONDITIONAL = re.compile(r"<!--\[(?i:if)\b")
_COMMENT_BEGINS_SIZE = 4
_TRIMMED = re.compile(r"[\t\n\r]++")  # as browsers read an address
_CONTROLS = "".join(map(chr, range(0x21)))


class Link:
    """A reference: where it begins and ends in the source, what it says, and what for."""

    __slots__ = ("end", "start", "url", "use")

    def __init__(self, start: int, end: int, url: str, use: str) -> None:
        self.start = start
        self.end = end
        self.url = _TRIMMED.sub("", url).strip(_CONTROLS)
        self.use = use


def links(html: str) -> Iterator[Link]:
    """Every reference in *html*, in order, those in Outlook's comments too; in time that grows with its size.

    What is put in the place of one needs no quoting if it has no space, quote, comma, parenthesis, backslash, angle
    bracket or ampersand.
    """
    for found in TOKEN.finditer(html):
        if found[NAME] or found[RAW_NAME]:
            yield from _in_token(html, found)
        elif _CONDITIONAL.match(html, found.start()):
            # a comment in a comment is none, so that this goes no deeper
            for inner in TOKEN.finditer(html, found.start() + _COMMENT_BEGINS_SIZE, found.end()):
                yield from _in_token(html, inner)


def links_of_sheet(css: str) -> Iterator[Link]:
    """Every reference in a style sheet, in order."""
    for found in addresses(css):
        yield Link(found.start, found.end, found.url, SHEET if found.imported else SHOWN)


def exchange(text: str, edits: Iterable[tuple[Link, str]]) -> str:
    """*text* with what is to stand in the place of each link; these in their order."""
    pieces: list[str] = []
    last = 0
    for link, new in edits:
        pieces += text[last : link.start], new
        last = link.end
    return "".join(pieces) + text[last:]


def id_of(url: str) -> str | None:
    """The Content-ID that *url* is of, decoded; None for another address. RFC 2392, section 2."""
    return unquote(url[4:]) if url[:4].lower() == "cid:" else None


def _in_token(html: str, found: re.Match[str]) -> Iterator[Link]:
    if found[RAW_NAME]:
        name = found[RAW_NAME].lower()
        yield from _in_tag(html, name, *found.span(RAW_ATTRIBUTES))
        if name == "style" and found[RAW_TEXT]:
            yield from _in_style(html, *found.span(RAW_TEXT))
    elif found[NAME] and not found[SLASH]:
        yield from _in_tag(html, found[NAME].lower(), *found.span(ATTRIBUTES))


def _in_tag(html: str, name: str, start: int, end: int) -> Iterator[Link]:
    sought = _SOUGHT.get(name, {})
    if not sought and "style" not in html[start:end].lower():
        return
    places = _values(html, start, end)
    if name == "link" and "rel" in places:
        sought = {**sought, "href": _use_of_link(html[slice(*places["rel"])])}
    for attribute, place in places.items():
        if attribute == "style":
            yield from _in_style_attribute(html, *place)
        elif attribute not in sought:
            continue
        elif attribute in _CANDIDATES:
            yield from _in_candidates(html, *place)
        else:
            yield Link(*place, unescape_attribute(html[slice(*place)]), sought[attribute])


def _values(html: str, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Where the values of the attributes stand, by their names in lower case; the first of a name counts."""
    found: dict[str, tuple[int, int]] = {}
    for attribute in ATTRIBUTE.finditer(html, start, end):
        group = attribute.lastindex
        if group is not None and group > 1:
            found.setdefault(attribute[1].lower(), attribute.span(group))
    return found


def _use_of_link(rel: str) -> str:
    words = set(unescape_attribute(rel).lower().split())
    if "stylesheet" in words:
        return SHEET
    return SHOWN if words & _ICONS else LED


def _in_style(html: str, start: int, end: int) -> Iterator[Link]:
    for address in addresses(html, start, end):
        yield Link(address.start, address.end, address.url, SHEET if address.imported else SHOWN)


def _in_style_attribute(html: str, start: int, end: int) -> Iterator[Link]:
    text, places = _unescaped(html, start, end)
    for address in addresses(text):
        yield Link(places[address.start], places[address.end], address.url, SHOWN)


def _in_candidates(html: str, start: int, end: int) -> Iterator[Link]:
    text, places = _unescaped(html, start, end)
    for found in _CANDIDATE.finditer(text):
        url = found[1].rstrip(",")
        yield Link(places[found.start()], places[found.start() + len(url)], url, SHOWN)


def _unescaped(html: str, start: int, end: int) -> tuple[str, Sequence[int]]:
    """A value, and where in *html* each of its characters stands; at last the end."""
    value = html[start:end]
    if "&" not in value:
        return value, range(start, end + 1)
    text, places = unescape_with_places(value)
    return text, [start + place for place in places]
