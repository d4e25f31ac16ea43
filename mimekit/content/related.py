"""A page and what it shows, as parts of a message and back: multipart/related. RFC 2387; RFC 2557."""

from __future__ import annotations

from .. import _structure, _walk, charsets
from ..entity import Entity
from ..values.contenttype import ContentType
from . import rawdata
from ._names import Names, page_of, parts_by_id
from .webpage import Webpage, media_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Put = Callable[[Entity, object, str], None]  # fill a part with an object, under its Content-ID

_UNQUOTED = "@.!$*+=-_~"


# -- getting ---------------------------------------------------------------------------------------


def get_webpage(part: Entity) -> object:
    """The page of a multipart/related with its objects: what `Webpage` a sender may have made it of.

    A reference by Content-Location becomes one by Content-ID, and so does one that is spelled otherwise than the part
    has it. A message among the objects is itself, a multipart a part. RFC 2557, section 4.

    Raises:
        Forbidden: its root is no page.
    """
    page = page_of(part)
    if page is None:
        return rawdata.get_multipart(part)
    root = _walk.root_of_related(part)
    # which has an id of its own, and is not what it shows
    parts = parts_by_id(other for other in part.parts if other is not root)
    html = _with_ids(rawdata.get_text(page), Names(parts, part, page))
    charset = page._kind().charset or ""
    resources = {cid: _object_of(other) for cid, other in parts.items()}
    return Webpage._made(html, resources, charset if charsets.keeps_ascii(charset) else "utf-8")


def _object_of(part: Entity) -> object:
    kind = part._kind()
    if kind.maintype == "multipart":
        return part
    if kind.maintype == "message":
        return rawdata.get_message(part)
    # what was read can be written, so that nothing is refused here
    built = ContentType.build(kind.maintype, kind.subtype, _walk.params_of(part))
    return media_of(part.octets, built, part.get_filename() or None)


def _with_ids(html: str, names: Names) -> str:
    """*html*, in which what refers to a part does so by its Content-ID."""
    from urllib.parse import quote  # noqa: PLC0415 -- few need it

    from ..html._links import BASE, LED, exchange, links  # noqa: PLC0415

    found = list(links(html))
    if names.places:
        names.start_from(next((link.url for link in found if link.use == BASE), ""))
    named = ((link, names.find(link.url)) for link in found if link.use not in {BASE, LED})
    return exchange(html, [(link, f"cid:{quote(cid, safe=_UNQUOTED)}") for link, cid in named if cid is not None])


# -- setting ---------------------------------------------------------------------------------------


def fill(  # noqa: PLR0913 -- what a caller may say
    part: Entity,
    page: Webpage,
    put: Put,
    *,
    text: str | None,
    boundary: str | None,
    headers: rawdata.Headers | None,
    charset: str | None,
    alternative: bool,
) -> None:
    """Make *part* a page with its objects, which *put* sets; with *alternative*, behind *text* or what the page says.

    RFC 2046, section 5.1.4: the text comes first, because the last version is the best.

    Raises:
        BadValue: as those have it who set text, octets and objects.
        Forbidden: a part among the objects cannot stand here.
    """
    if not alternative:
        _fill_related(part, page, put, boundary=boundary, headers=headers, charset=charset)
        return
    if text is None:
        from ..html.totext import totext  # noqa: PLC0415 -- few need it

        text = totext(page.html)
    plain, shown = part.blank_part(), part.blank_part()
    rawdata.set_text(plain, text)
    _fill_related(shown, page, put, boundary=None, headers=None, charset=charset)
    rawdata.set_parts(part, [plain, shown], "alternative", boundary, headers=headers)


def _fill_related(  # noqa: PLR0913 -- as fill
    part: Entity,
    page: Webpage,
    put: Put,
    *,
    boundary: str | None,
    headers: rawdata.Headers | None,
    charset: str | None,
) -> None:
    charset = page.charset if charset is None else charset
    if not page.resources:
        # nothing is related to it
        rawdata.set_text(part, page.html, "html", charset=charset, headers=headers)
        return
    root = part.blank_part()
    rawdata.set_text(root, page.html, "html", charset=charset)
    parts = [root, *(_part_of(part, found, put, cid) for cid, found in page.resources.items())]
    # RFC 2387 3.2: the root comes first, so that no start is needed
    rawdata.set_parts(part, parts, "related", boundary, headers=headers)


def _part_of(around: Entity, found: object, put: Put, cid: str) -> Entity:
    if isinstance(found, Entity) and not _structure.is_message(found):
        part = _structure.copy_tree(found)
        part.set_header("Content-ID", f"<{cid}>")
        if part.get_content_disposition() is None:
            part.set_header("Content-Disposition", "inline")
        return part
    part = around.blank_part()
    put(part, _structure.copy_tree(found) if isinstance(found, Entity) else found, f"<{cid}>")
    return part
