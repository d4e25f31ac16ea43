"""What the parts beside a page may be referred to by: Content-ID and Content-Location. RFC 2392; RFC 2557."""

from __future__ import annotations

from .. import _walk
from ..entity import Entity
from ..errors import BadValue
from ..values.msgid import MessageIds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_ADDRESS = 2_000  # SECURITY: a base is gone over for each reference; what is longer is no address of a part


def page_of(part: Entity) -> Entity | None:
    """The page that a multipart/related begins with, or None."""
    root = _walk.root_of_related(part) if part.get_content_type() == "multipart/related" else None
    if root is None or _walk.is_attachment(root):
        return None
    # QUIRK: Apple Mail has the versions inside: a related of an alternative and images. It is looked into no deeper,
    # for whoever reads all of many relateds in each other would go through them again and again
    versions = root.parts if root.get_content_type() == "multipart/alternative" else (root,)
    pages = [one for one in versions if one.get_content_type() == "text/html" and not _walk.is_attachment(one)]
    return pages[-1] if pages else None


def parts_by_id(parts: Iterable[Entity]) -> dict[str, Entity]:
    """Parts by Content-ID. One that has none, that of another, or no proper one gets a new one."""
    found: dict[str, Entity] = {}
    for number, part in enumerate(parts, 1):
        cid = _walk.own_id(part)
        while cid is None or cid in found or not _is_proper(cid):
            cid = f"{number}@mimekit.invalid" if cid is None or not _is_proper(cid) else f"{number}.{cid}"
        found[cid] = part
    return found


def _is_proper(cid: str) -> bool:
    try:
        return MessageIds.compose("Content-ID", cid).ids == (f"<{cid}>",)
    except BadValue:
        return False


class Names:
    """What parts may be referred to by, from a page that stands in *around*."""

    def __init__(self, parts: Mapping[str, Entity], around: Entity, page: Entity) -> None:
        self.ids = parts
        self.other_ids: dict[str, str] = {}
        self.places: dict[str, str] = {}
        for cid, part in parts.items():
            for name in (cid, _walk.own_id(part) or cid):
                self.other_ids.setdefault(name, cid)
                self.other_ids.setdefault(name.lower(), cid)
            if place := _location(part):
                self.places.setdefault(place, cid)
        self.base = _location(page) or _location(around)

    def start_from(self, base: str) -> None:
        """Have all addresses start from *base*, if that is any, as well as they may."""
        self.base = _joined(self.base, base)
        for place, cid in list(self.places.items()):
            self.places.setdefault(_joined(self.base, place), cid)

    def part(self, url: str) -> Entity | None:
        """The part that *url* means, or None."""
        from ..html._links import id_of  # noqa: PLC0415 -- few need it

        cid = self.find(url) or id_of(url)
        return None if cid is None else self.ids.get(cid)

    def find(self, url: str) -> str | None:
        """The Content-ID that *url* should name; None where it does, or where there is no part for it."""
        from ..html._links import id_of  # noqa: PLC0415 -- few need it

        cid = id_of(url)
        if cid is None:
            return self.places.get(url) or self.places.get(_joined(self.base, url)) if url and self.places else None
        if cid in self.ids:
            return None
        # QUIRK: RFC 2392 2: it is percent-encoded, without angle brackets, and case counts; not so in all mail
        names = (cid, url[4:], _walk.bare_id(cid), "".join(cid.split()), cid.lower())
        return next((self.other_ids[name] for name in names if name in self.other_ids), None)


def _location(part: Entity) -> str:
    field = part.headers.first("content-location")
    return "" if field is None else "".join(str(field.value).split()).strip("<>")


def _joined(base: str, url: str) -> str:
    from urllib.parse import urljoin  # noqa: PLC0415 -- few need it

    if len(base) + len(url) > _LONGEST_ADDRESS:
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url
