"""What a received page says outside its body, and its body without what cannot stay in any case.

One pass over the tags. What is cut is what leads a parser into another language than HTML, or holds no markup: behind
this pass, tags are read alike by all. What is safe is decided there, by the parser that builds the tree.
"""

from __future__ import annotations

import re
from itertools import islice

from ._guard import CLEANED, TAGS
from ._references import unescape
from ._tokens import (
    ATTRIBUTE,
    ATTRIBUTES,
    COMMENT,
    FOREIGN_TOKEN,
    NAME,
    RAW_ATTRIBUTES,
    RAW_NAME,
    RAW_TEXT,
    SLASH,
    TOKEN,
    attributes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    # what is to be done at a start tag; returns where to go on
    _Act = Callable[["Outline", str, re.Match[str]], int]

_LONGEST_TITLE_LENGTH = 1000
_MOST_SHEETS = 100
_MOST_ATTRIBUTES = 100
# Fewer characters than this hold no number of attributes or references that takes long.
_LONG_LENGTH = 1024
# A text with many references takes nh3 quadratic time; a comment makes two of it. No tag that stays has so many of
# them that the comment could stand in it.
_REFERENCES = re.compile(rf"((?:[&\xa0][^&\xa0<]*+){{{_LONG_LENGTH}}})|(?:[&\xa0][^&\xa0<]*+){{1,{_LONG_LENGTH - 1}}}+")
# WHATWG HTML, the "initial" insertion mode: a doctype counts if nothing but comments stands before it.
_DOCTYPE = re.compile(
    rf"\ufeff?(?:[\t\n\f\r ]++|<(?:{COMMENT}|\?[^>]*+>|!(?!--|doctype)[^>]*+>))*+"
    r"<!doctype\s*+html\s*+(?:public\s*+([\"'])([A-Za-z0-9 /.+-]{0,99}+)\1\s*+)?"
    r"(?:(system\s*+)?([\"'])([^>]*?)\4[^>]*+)?>",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"https?://www\.w3\.org/[A-Za-z0-9/._-]{0,99}+", re.IGNORECASE)
#: Elements that begin anew behind a block which ended before them, with all their attributes.
FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
# HTML that ends SVG and MathML wherever it stands in them, but for places that are made to hold HTML.
_BREAKING_OUT = frozenset(
    {
        *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre"),
        *("ruby", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tt", "u", "ul", "var"),
    }
)
_HOLDING_HTML = {
    "math": frozenset({"annotation-xml", "mi", "mn", "mo", "ms", "mtext"}),
    "svg": frozenset({"desc", "foreignobject", "title"}),
}
# Of these the end tags end it too, where their start tags stand before it.
_AROUND = (TAGS | {"button", "fieldset", "form", "label", "marquee"}) - {"area", "col", "hr", "img", "source", "wbr"}
_FONT = frozenset({"color", "face", "size"})
# Elements of HTML. The tags of others go: `<text>` or `<limit>` would be taken for SVG or MathML gone astray, and all
# that is in them would go.
_KNOWN = (
    TAGS
    | CLEANED
    | {"button", "dialog", "fieldset", "form", "image", "input", "keygen", "label", "legend", "listing", "param", "rb"}
    | {"rtc", "search", "track"}
)
# What ends a list to choose from without being its end tag; of a table, what the list stands in.
_ENDING_SELECT = frozenset({"caption", "input", "keygen", "tbody", "td", "tfoot", "th", "thead", "tr"})

#: The attributes of ``<body>`` that stay; the rest of them is for scripts.
BODY = frozenset(
    {
        *("alink", "background", "bgcolor", "class", "dir", "id", "lang", "leftmargin", "link", "marginheight"),
        *("marginwidth", "style", "text", "topmargin", "vlink"),
    }
)
# SECURITY: what stands before the charset of the page is short. Browsers look for that in the first 1024 octets.
_ROOT = {"dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE), "lang": re.compile(r"[A-Za-z0-9-]{1,35}+")}


class Sheet:
    """A style sheet of the page: its text, or the address it stands at; and what media it is for."""

    __slots__ = ("address", "media", "text")

    def __init__(self, media: str, *, text: str = "", address: str = "") -> None:
        self.media = media
        self.text = text
        self.address = address


class Outline:
    """What a page says outside its body; `html` is what is left of it."""

    __slots__ = ("base", "body", "doctype", "formats", "html", "root", "sheets", "tags", "title", "unclosed")

    def __init__(self) -> None:
        self.doctype = ""
        self.title = ""
        self.base: str | None = None
        self.root: dict[str, str] = {}  # those attributes of <html> that stay
        self.body: dict[str, str] = {}
        self.sheets: list[Sheet] = []
        self.html = ""
        self.tags = 0  # how many there are in it
        self.unclosed = False  # whether an object does not end
        self.formats: set[str] = set()  # the different ones among those of `FORMATTING`


def read(html: str) -> Outline:
    """The outline of *html*: a loop over its tags, with what is cut between them."""
    page = Outline()
    page.doctype = _doctype(html)
    kept: list[str] = []
    place: int | None = 0
    while place is not None:
        place = _read_on(page, html, place, kept)
    page.html = "".join(kept)
    if page.html.count("&") + page.html.count("\xa0") >= _LONG_LENGTH:
        page.html = _REFERENCES.sub(_split, page.html)
    return page


def _read_on(page: Outline, html: str, place: int, kept: list[str]) -> int | None:
    """Read on from *place*, and keep what is to be kept; where to go on behind what is passed over, or None."""
    formats = page.formats
    tags = 0
    for found in TOKEN.finditer(html, place):
        name = found[NAME]
        act = None
        if name:
            name = name.lower()
            act = _ACTS.get(name) or (None if name in _KNOWN or ":" in name else _pass_over)
            if act is None:
                tags += 1
                if name in FORMATTING and (text := found[ATTRIBUTES]):
                    formats.add(name + text)
                start, end = found.span()
                if end - start < _LONG_LENGTH or (last := _end_of_attributes(found)) is None:
                    continue
                kept += html[place:last], ">"
                place = end
                continue
        start, end = found.span()
        kept.append(html[place:start])
        if html.endswith("<", place, start):
            kept.append("<!---->")  # what is cut must not make a tag of what stands around it
        place = end
        if act is None:
            _read_raw(page, found)
        elif not found[SLASH]:
            place = act(page, html, found)
            if place != end:
                page.tags += tags
                return place
    kept.append(html[place:])
    page.tags += tags
    return None


def _split(found: re.Match[str]) -> str:
    return f"{found[0]}<!---->" if found[1] else found[0]


def _end_of_attributes(found: re.Match[str]) -> int | None:
    """Where the attributes of a tag have to end if it has more than anyone writes; None if it has not."""
    start, end = found.span(ATTRIBUTES)
    if found.string.count("&", start, end) + found.string.count("\xa0", start, end) >= _LONG_LENGTH:
        return start
    over = next(islice(ATTRIBUTE.finditer(found.string, start, end), _MOST_ATTRIBUTES, None), None)
    return None if over is None else over.start()


def _doctype(html: str) -> str:
    """The doctype of a page by which browsers read it as they did; of one they do not know, nothing."""
    found = _DOCTYPE.match(html)
    if found is None:
        return ""
    _, public, word, quote, system = found.groups()
    if public is None:
        return "<!DOCTYPE html>" if word or quote is None else ""
    if word:
        return ""
    # with any address at all, even of nothing, some are read in another way than without
    system = "" if quote is None else f' "{system if _SYSTEM.fullmatch(system) else ""}"'
    return f'<!DOCTYPE html PUBLIC "{public}"{system}>'


def _read_raw(page: Outline, found: re.Match[str]) -> None:
    """A raw element; not a comment."""
    raw = (found[RAW_NAME] or "").lower()
    if raw == "style":
        asked = attributes(found[RAW_ATTRIBUTES])
        if asked.get("type", "").strip().lower() in {"", "text/css"}:
            _add_sheet(page, Sheet(asked.get("media", ""), text=found[RAW_TEXT] or ""))
    elif raw == "title" and not page.title:
        page.title = " ".join(unescape((found[RAW_TEXT] or "")[: 9 * _LONGEST_TITLE_LENGTH]).split())
        page.title = page.title[:_LONGEST_TITLE_LENGTH]


def _add_sheet(page: Outline, sheet: Sheet) -> None:
    if len(page.sheets) < _MOST_SHEETS:
        page.sheets.append(sheet)


# -- what is done at a start tag that is cut -----------------------------------------------------------


def _pass_over(_page: Outline, _html: str, found: re.Match[str]) -> int:
    return found.end()


def _root(page: Outline, _html: str, found: re.Match[str]) -> int:
    for name, value in attributes(found[ATTRIBUTES]).items():
        if name in _ROOT and _ROOT[name].fullmatch(value):
            page.root.setdefault(name, value)
    return found.end()


def _body(page: Outline, _html: str, found: re.Match[str]) -> int:
    for name, value in attributes(found[ATTRIBUTES]).items():
        if name in BODY:
            page.body.setdefault(name, value)
    return found.end()


def _base(page: Outline, _html: str, found: re.Match[str]) -> int:
    if page.base is None:
        page.base = attributes(found[ATTRIBUTES]).get("href")
    return found.end()


def _link(page: Outline, _html: str, found: re.Match[str]) -> int:
    asked = attributes(found[ATTRIBUTES])
    kinds = asked.get("rel", "").lower().split()
    if "stylesheet" in kinds and "alternate" not in kinds and "href" in asked:
        _add_sheet(page, Sheet(asked.get("media", ""), address=asked["href"]))
    return found.end()


def _to_end_tag(_page: Outline, html: str, found: re.Match[str]) -> int:
    ended = _END_TAGS[found[NAME].lower()].search(html, found.end())
    return len(html) if ended is None else ended.end()


def _to_end(_page: Outline, html: str, _found: re.Match[str]) -> int:
    return len(html)


def _closed(page: Outline, html: str, found: re.Match[str]) -> int:
    """Where an object ends; where it does not, what is in it stays."""
    outer = found[NAME].lower()
    depth = 0 if page.unclosed else 1
    for tag in TOKEN.finditer(html, found.end()) if depth else ():
        if tag[NAME] and tag[NAME].lower() == outer:
            depth += -1 if tag[SLASH] else 1
            if not depth:
                return tag.end()
    page.unclosed = True  # looking for the end of each of many would take quadratic time
    return found.end()


def _template(_page: Outline, html: str, found: re.Match[str]) -> int:
    """Where a template ends, which may hold others."""
    depth = 1
    for tag in TOKEN.finditer(html, found.end()):
        if tag[NAME] and tag[NAME].lower() == "template":
            depth += -1 if tag[SLASH] else 1
            if not depth:
                return tag.end()
    return len(html)


def _select(_page: Outline, html: str, found: re.Match[str]) -> int:
    """Where a list to choose from ends."""
    for tag in TOKEN.finditer(html, found.end()):
        name = (tag[NAME] or "").lower()
        if name == "select":
            return tag.end()
        if name == "table" if tag[SLASH] else name in _ENDING_SELECT:
            return tag.start()
    return len(html)


def _foreign(_page: Outline, html: str, found: re.Match[str]) -> int:
    """Where SVG or MathML ends, which other HTML may end too."""
    if found[ATTRIBUTES].endswith("/"):
        return found.end()
    outer = found[NAME].lower()
    place = found.end()
    begun = {outer: 1}
    holder = ""  # what holds HTML in it
    # `TOKEN` knows no end tag of a title without its start tag
    while (tag := (FOREIGN_TOKEN if holder in {"", "title"} else TOKEN).search(html, place)) is not None:
        place = tag.end()
        name = (tag[NAME] or "").lower()
        if not holder and _breaks_out(name, tag, begun):
            return tag.start()
        if tag[SLASH]:
            begun[name] = begun.get(name, 0) - 1
            if not begun[outer]:
                return place
            holder = "" if name == holder else holder
        elif name and not tag[ATTRIBUTES].endswith("/"):
            begun[name] = begun.get(name, 0) + 1
            holder = holder or (name if name in _HOLDING_HTML[outer] else "")
    return len(html)


def _breaks_out(name: str, tag: re.Match[str], begun: dict[str, int]) -> bool:
    """Whether a tag ends SVG or MathML in which elements are *begun*: an end tag does if it is of what is around."""
    if tag[SLASH]:
        return name in _AROUND and begun.get(name, 0) < 1
    return name in _BREAKING_OUT or (name == "font" and not _FONT.isdisjoint(attributes(tag[ATTRIBUTES])))


_END_TAGS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])[^>]*+>?+", re.IGNORECASE) for name in ("noscript", "xmp")}
_ACTS: dict[str, _Act] = {
    **dict.fromkeys(("applet", "object"), _closed),
    **dict.fromkeys(("frameset", "head", "marquee", "meta"), _pass_over),
    **dict.fromkeys(("math", "svg"), _foreign),
    **dict.fromkeys(_END_TAGS, _to_end_tag),
    "base": _base,
    "body": _body,
    "html": _root,
    "link": _link,
    "plaintext": _to_end,
    "select": _select,
    "template": _template,
}
