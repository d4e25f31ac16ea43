"""HTML as plain text, for people: what a page shows, in lines.

The page is read once, from its first tag to its last. The room is long because it has a short function for every kind
of element.
"""

from __future__ import annotations

import re

from .._grammar import check_str
from ..errors import BadValue
from ._lines import write
from ._page import Page
from ._tables import Cell, Table
from ._tokens import ATTRIBUTES, NAME, SLASH, TOKEN, attributes
from ._visible import BREAKING, DROPPED, EMPTIED, VOID, Hidden, look
from ._words import BREAK, address, squeeze

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._page import Links

    _Handler = Callable[[Page, str, str], None]

__all__ = ["totext"]

_RULE_LENGTH = 72
_USUAL_WIDTH = 76
_RIGHT = re.compile(r"(?<![\w-])text-align\s*+:\s*+right", re.IGNORECASE)
_TELLS_OF_CELL = re.compile(r"span|right", re.IGNORECASE)
_NUMBER = re.compile(r"\s*+([+-]?[0-9]{1,6}+)(?![0-9])")


def totext(html: str, *, width: int | None = _USUAL_WIDTH, links: Links = "inline") -> str:
    r"""What *html* shows, as lines of plain text, whatever it holds; in time that grows with its size.

    Hidden elements, scripts and styles are left out. Quotes are marked with ``>``, lists with ``*`` and numbers, an
    image is its ``[alternative text]``. A table that holds data is set in columns, one that only lays out the page
    flows. The lines end in ``\n``, the last in nothing.

    Args:
        width: most columns of a line; a longer word (an address), data and preformatted lines are not broken.
            With None, a paragraph is one line.
        links: where addresses go: ``inline`` has them behind their text, in ``<>``, unless the text is the address;
            ``footnotes`` a number there and a list at the end; ``none`` leaves them out.

    Raises:
        BadValue: *html* is no `str`, *width* is under 1, or *links* is none of the three.

    >>> totext('<p>Hello, <a href="https://example.org/ana">Ana</a>!</p><ul><li>tea<li>milk</ul>')
    'Hello, Ana <https://example.org/ana>!\n\n * tea\n * milk'
    """
    check_str(html, "a page")
    if width is not None and width < 1:
        raise BadValue(f"expected a width of 1 or more, found {width}")
    if links not in {"inline", "footnotes", "none"}:
        raise BadValue(f"expected links to be inline, footnotes or none, found {links!r}")
    page = Page(_USUAL_WIDTH if width is None else width, links)
    _read(page, html.replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\r\n", "\n").replace("\r", "\n"))
    return write(page.blocks, width)


def _read(page: Page, html: str) -> None:
    """Read all of *html*: a loop over its tags, with the text before each."""
    place = 0
    for found in TOKEN.finditer(html):
        start, end = found.span()
        if start > place and page.hidden is None:
            page.add_text(html[place:start])
        place = end
        slash, name, text = found.group(SLASH, NAME, ATTRIBUTES)
        if name:
            _read_tag(page, slash, name.lower(), text)
    if page.hidden is None:
        page.add_text(html[place:])
    page.finish()


def _read_tag(page: Page, slash: str, name: str, text: str) -> None:
    if page.hidden is not None and _is_hidden(page, page.hidden, slash, name):
        return
    if slash:
        if page.muted is not None:
            page.count_muted(name, -1)
        if (handler := _END.get(name)) is not None:
            handler(page, name, text)
    elif text or name in DROPPED:
        _begin(page, name, text)
    else:
        _show(page, name, text)


def _is_hidden(page: Page, hidden: Hidden, slash: str, name: str) -> bool:
    """Whether a tag belongs to what is hidden, which may end with it."""
    if slash and hidden.is_ended_by(name):
        page.hidden = None
        return True
    if hidden.ends(name, page.open) if slash else hidden.begins(name):
        return True
    page.hidden = None
    return False


def _begin(page: Page, name: str, text: str) -> None:
    """A start tag whose element may look in some way."""
    seen = look(name, text)
    if seen.hides or name in DROPPED:
        _hide(page, name, text)
        return
    _show(page, name, text)
    if seen.sized:
        page.muted = None
    elif seen.mutes and name not in VOID:
        page.mute(name)


def _hide(page: Page, name: str, text: str) -> None:
    if name in VOID or (name in EMPTIED and text.endswith("/")):
        return
    page.hidden = Hidden(name)
    if name in BREAKING:
        page.open["p"] = 0  # no block stands in a paragraph


def _show(page: Page, name: str, text: str) -> None:
    if page.muted is not None:
        page.count_muted(name, 1)
    if (handler := _START.get(name)) is not None:
        handler(page, name, text)


# -- what each element does ----------------------------------------------------------------------------


def _break(page: Page, _name: str, _text: str) -> None:
    page.parts.append(BREAK)


def _quotation_mark(page: Page, _name: str, _text: str) -> None:
    page.parts.append('"')


def _begin_block(page: Page, name: str, _text: str) -> None:
    page.flush()
    page.open[name] = page.open.get(name, 0) + 1


def _end_block(page: Page, name: str, _text: str) -> None:
    page.flush()
    if page.open.get(name):
        page.open[name] -= 1


def _begin_paragraph(page: Page, name: str, _text: str) -> None:
    page.flush()
    page.open[name] = 1  # a paragraph ends the one before it
    page.gap = True


def _end_paragraph(page: Page, name: str, _text: str) -> None:
    page.flush()
    page.open[name] = 0
    page.gap = True


def _rule(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.add_block("-" * min(_RULE_LENGTH, page.width))
    page.blocks[-1].verbatim = True


def _begin_quote(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.push("blockquote")
    page.gap = True
    page.quote()


def _begin_verbatim(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.push("pre")
    page.gap = page.verbatim = True


def _begin_list(page: Page, name: str, text: str) -> None:
    page.flush()
    page.gap = page.gap or not page.in_list()
    frame = page.push("ol" if name == "ol" else "ul")
    frame.number = _number(attributes(text).get("start"), 1)


def _begin_item(page: Page, _name: str, text: str) -> None:
    page.flush()
    page.close_top("li")
    around = page.stack[-1] if page.stack else None
    page.push("li")
    if around is None or around.name != "ol":
        page.indent(" * ")
        return
    number = _number(attributes(text).get("value"), around.number)
    around.number = number + 1
    page.indent(f" {number}. ")


def _begin_descriptions(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.push("dl")
    page.gap = True


def _begin_term(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.close_top("dd")


def _begin_description(page: Page, _name: str, _text: str) -> None:
    page.flush()
    page.close_top("dd")
    page.push("dd")
    page.indent("    ")


def _begin_table(page: Page, _name: str, text: str) -> None:
    page.flush()
    if page.table is not None:
        page.table.flows = True
    page.push("table")
    page.open = {"table": 1}
    flows = attributes(text).get("role", "").strip().lower() in {"presentation", "none"}
    page.table = Table(page.prefix, flows=flows)


def _row(page: Page, _name: str, _text: str) -> None:
    """Where a row begins or ends, or a group of rows."""
    page.flush()
    if page.table is not None:
        page.close("td")
        page.table.begin_row()


def _begin_cell(page: Page, _name: str, text: str) -> None:
    page.flush()
    if page.table is None:
        return
    page.close("td")
    page.table.begin_cell(_cell(text, page))
    page.push("td")


def _cell(text: str, page: Page) -> Cell:
    if not _TELLS_OF_CELL.search(text):
        return Cell(len(page.blocks), across=1, down=1, right=False, gap=page.gap)
    found = attributes(text)
    return Cell(
        len(page.blocks),
        across=max(_number(found.get("colspan"), 1), 1),
        down=max(_number(found.get("rowspan"), 1), 1),
        right=found.get("align", "").strip().lower() == "right" or _RIGHT.search(found.get("style", "")) is not None,
        gap=page.gap,
    )


def _begin_link(page: Page, _name: str, text: str) -> None:
    page.end_link()  # a link in a link ends it
    if page.links == "none":
        return
    url = address(attributes(text).get("href", ""))
    if url:
        page.begin_link(url)


def _image(page: Page, _name: str, text: str) -> None:
    found = attributes(text)
    if _is_tiny(found.get("width")) or _is_tiny(found.get("height")):
        return  # it counts who reads, or fills a gap
    if page.link is not None:
        page.link.pictured = True
    alternative = squeeze(found.get("alt", ""))
    if alternative:
        page.parts.append(f"[{alternative}]")


def _end_frame(page: Page, name: str, _text: str) -> None:
    page.flush()
    page.close(_FRAMES[name])


def _end_link(page: Page, _name: str, _text: str) -> None:
    page.end_link()


_FRAMES = {
    **{name: name for name in ("blockquote", "pre", "ul", "ol", "li", "dl", "dd", "table", "td")},
    "th": "td",
    "listing": "pre",
    "xmp": "pre",
    "menu": "ul",
    "dir": "ul",
}
_ROWS = ("tr", "tbody", "thead", "tfoot")
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "figure")
_START: dict[str, _Handler] = {
    **dict.fromkeys(BREAKING, _begin_block),
    **dict.fromkeys(_PARAGRAPHS, _begin_paragraph),
    **dict.fromkeys(_ROWS, _row),
    **dict.fromkeys(("td", "th"), _begin_cell),
    **dict.fromkeys(("pre", "listing", "xmp"), _begin_verbatim),
    **dict.fromkeys(("ul", "ol", "menu", "dir"), _begin_list),
    "li": _begin_item,
    "dl": _begin_descriptions,
    "dt": _begin_term,
    "dd": _begin_description,
    "blockquote": _begin_quote,
    "table": _begin_table,
    "hr": _rule,
    "br": _break,
    "q": _quotation_mark,
    "a": _begin_link,
    "img": _image,
    "image": _image,  # QUIRK: as browsers have it
}
_END: dict[str, _Handler] = {
    **dict.fromkeys(BREAKING - {"hr"}, _end_block),
    **dict.fromkeys(_PARAGRAPHS, _end_paragraph),
    **dict.fromkeys(_ROWS, _row),
    **dict.fromkeys(_FRAMES, _end_frame),
    "br": _break,  # QUIRK: as browsers have it
    "q": _quotation_mark,
    "a": _end_link,
}


def _number(text: str | None, usual: int) -> int:
    found = _NUMBER.match(text) if text else None
    return int(found[1]) if found else usual


def _is_tiny(size: str | None) -> bool:
    return size is not None and size.strip().lower().removesuffix("px") in {"0", "1"}
