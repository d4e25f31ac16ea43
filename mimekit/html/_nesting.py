"""A limit to how deeply elements of a page stand in one another.

Parsers of HTML look through all that is open at many a tag: a page of nothing but start tags takes them quadratic time.
And an element such as ``<font>`` that is not closed begins anew in every paragraph behind it: a page of a thousand of
each is a million elements. What stands in a table but in no cell is put before the table, for which all is looked
through that stands there. So a tag that would stand too deep is left out, and where formatting would begin too often,
or too much would be put before tables, there is no formatting, or are no tables.
"""

from __future__ import annotations

from ._open import Open
from ._tokens import ATTRIBUTES, NAME, SLASH, TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Pages of fewer tags take no long time, however they are nested.
_MANY_TAGS = 1500
# Each takes a look at all that stands before the table.
_MOST_FOSTERED = 200
# Characters that formatting may add by beginning anew: some for each of the page, and these.
_SPARE_LENGTH = 2 << 20
_TIMES = 10


def is_steep(tags: int, formats: Iterable[str], length: int) -> bool:
    """Whether a page of so many *tags*, with these different *formats* among them, may take long."""
    return tags > _MANY_TAGS or 3 * sum(map(len, formats)) * tags > _allowed(length)


def limit(html: str) -> str:
    """*html* with no element too deep in others; without formatting or tables if they made too much of it."""
    formatting = tables = True
    while True:
        elements = Open(formatting=formatting, tables=tables)
        limited = _limited(html, elements)
        if limited is not None:
            return limited
        if elements.fostered > _MOST_FOSTERED:
            tables = False
        else:
            formatting = False


def _allowed(length: int) -> int:
    return _TIMES * length + _SPARE_LENGTH


def _limited(html: str, elements: Open) -> str | None:
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
