"""Questions about a tree: its bodies, its attachments, its parts by Content-ID.

Every walk is a loop over a stack: nesting costs no recursion.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

from ._grammar import check_str
from .entity import Entity
from .errors import BadValue
from .values.contenttype import ContentType
from .values.msgid import MessageIds

_BODY_TYPES = frozenset({"text/plain", "text/html"})
_BODY_CONTAINERS = frozenset({"multipart/alternative", "multipart/related"})


def walk(entity: Entity) -> Iterator[Entity]:
    """*entity* and everything below it, each before its parts."""
    stack = [entity]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.parts))


def is_attachment(entity: Entity) -> bool:
    """Whether it says so itself (RFC 2183, section 2.2)."""
    return entity.get_content_disposition() == "attachment"


def root_of_related(entity: Entity) -> Entity | None:
    """The part a multipart/related begins with: the one its ``start`` names, else the first (RFC 2387, section 3.2)."""
    parts = entity.parts
    start = params_of(entity).get("start")
    if start:
        for part in parts:
            if has_id(part, start):
                return part
    return parts[0] if parts else None


def params_of(entity: Entity) -> Mapping[str, str]:
    """The parameters of its Content-Type; none where it has none."""
    field = entity.headers.first("content-type")
    return field.value.params if field is not None and isinstance(field.value, ContentType) else {}


def related_around(page: Entity) -> Entity | None:
    """The multipart/related that *page* is the root of, or a version of the root, or None."""
    root, around = page, page._parent
    while around is not None:
        kind = around.get_content_type()
        if kind == "multipart/related":
            return around if root_of_related(around) is root else None
        if kind != "multipart/alternative":
            return None
        root, around = around, around._parent
    return None


def has_id(entity: Entity, cid: str) -> bool:
    """Whether the Content-ID of *entity* is *cid*, brackets or not."""
    return own_id(entity) == bare_id(cid)


def own_id(entity: Entity) -> str | None:
    """The Content-ID of *entity* without brackets, as it stands where it is none; None without the field."""
    field = entity.headers.first("content-id")
    if field is None:
        return None
    value = field.value
    return bare_id((value.id if isinstance(value, MessageIds) else "") or str(value))


def bare_id(cid: str) -> str:
    """A Content-ID without its angle brackets, and without the ``cid:`` of a URL of it (RFC 2392).

    Raises:
        BadValue: it is no `str`.
    """
    check_str(cid, "a Content-ID")
    cid = cid.strip().removeprefix("cid:")
    return cid[1:-1] if cid.startswith("<") and cid.endswith(">") else cid


def find_id(entity: Entity, cid: str) -> Entity | None:
    """The first part at or below *entity* with that Content-ID; attached messages are not entered.

    Raises:
        BadValue: *cid* is no `str`.
    """
    wanted = bare_id(cid)
    return next((node for node in _in_message(entity) if own_id(node) == wanted), None)


def all_ids(entity: Entity) -> set[str]:
    """The Content-IDs of *entity* and what is below it, as `own_id` has them; attached messages are not entered."""
    return {cid for node in _in_message(entity) if (cid := own_id(node)) is not None}


def _in_message(entity: Entity) -> Iterator[Entity]:
    stack = [entity]
    while stack:
        node = stack.pop()
        yield node
        if _is_container(node):
            stack.extend(reversed(node.parts))


def _is_container(entity: Entity) -> bool:
    """Whether it is a multipart that was opened; an attached message is none."""
    return entity._kind().maintype == "multipart" and entity.is_multipart()


# -- bodies ----------------------------------------------------------------------------------------


def preferences(preferencelist: Sequence[str]) -> tuple[str, ...]:
    """The caller's preferences, checked, "text" under its other name "plain".

    Raises:
        BadValue: there is neither "text" nor "html" among them.
    """
    try:
        wanted = _wanted((preferencelist,) if isinstance(preferencelist, str) else tuple(preferencelist))
    except TypeError:
        wanted = ()
    if not wanted:
        raise BadValue(f'preferencelist must hold "text" or "html", and is {preferencelist!r}')
    return wanted


@functools.lru_cache(maxsize=32)
def _wanted(names: tuple[str, ...]) -> tuple[str, ...]:
    """*names* with "text" as "plain"; none at all where neither text nor html is among them."""
    wanted = tuple("plain" if name == "text" else name for name in names)
    return wanted if "plain" in wanted or "html" in wanted else ()


def find_body(entity: Entity, preferencelist: Sequence[str]) -> Entity | None:
    """The body of *entity* that comes first in *preferencelist*, or None."""
    wanted = preferences(preferencelist)
    kind = entity._kind()
    if kind.maintype == "text":
        # nearly every message there is: one leaf, which is the body
        return entity if kind.subtype in wanted and not is_attachment(entity) else None
    best: Entity | None = None
    best_rank = len(wanted)
    for name, candidate in candidates(entity):
        rank = wanted.index(name) if name in wanted else best_rank
        if rank < best_rank:
            best, best_rank = candidate, rank
            if rank == 0:
                break
    return best


def candidates(entity: Entity) -> Iterator[tuple[str, Entity]]:
    """Every version of the body, in the order of the message, with its name in a preference list.

    A multipart/related is named "related", a text leaf by its subtype. In any multipart but
    alternative and related only the first text/plain or text/html leaf is one; containers are
    entered, attachments and attached messages never.
    """
    stack = [entity]
    while stack:
        node = stack.pop()
        if is_attachment(node):
            continue
        kind = node._kind()
        subtype = kind.subtype
        if kind.maintype == "text":
            yield subtype, node
        elif not _is_container(node):
            continue
        elif subtype == "related":
            yield "related", node
            root = root_of_related(node)
            if root is not None:
                stack.append(root)
        elif subtype == "alternative":
            stack.extend(reversed(node.parts))
        else:
            stack.extend(reversed(list(_in_mixed(node))))


def _in_mixed(entity: Entity) -> Iterator[Entity]:
    """The parts of a mixed, or of a multipart not known better, that may hold the body. RFC 2046, section 5.1.7."""
    first = first_text(entity)
    for part in entity.parts:
        if part is first or _is_container(part):
            yield part


def first_text(entity: Entity) -> Entity | None:
    """The first direct part that is text/plain or text/html and no attachment, or None."""
    for part in entity.parts:
        if part.get_content_type() in _BODY_TYPES and not is_attachment(part):
            return part
    return None


# -- attachments -----------------------------------------------------------------------------------


def attachments(entity: Entity) -> Iterator[Entity]:
    """Every direct part but the body candidates, by the rule of the email6 proposal."""
    if not _is_container(entity):
        return
    kind = entity._kind().subtype
    if kind == "alternative":
        return
    if kind == "related":
        root = root_of_related(entity)
        yield from (part for part in entity.parts if part is not root)
        return
    first = first_text(entity)
    for part in entity.parts:
        if is_attachment(part) or not (part is first or part.get_content_type() in _BODY_CONTAINERS):
            yield part


def files(entity: Entity) -> Iterator[Entity]:
    """Every file at or below *entity*, flat: containers are entered, attached messages are files themselves."""
    if not _is_container(entity):
        if _is_file(entity, alone=True):
            yield entity
        return
    # (part, how it stands: "body" may be a body, "version" is one of several, "file" is none)
    stack = [(entity, "body")]
    while stack:
        node, stands = stack.pop()
        if _is_container(node):
            stack.extend(reversed(list(_standing(node, "file" if is_attachment(node) else stands))))
        elif stands == "file" or (stands == "version" and _is_file(node, alone=False)):
            yield node


def _is_file(entity: Entity, *, alone: bool) -> bool:
    """Whether a leaf that could be the body, or a version of it, is a file all the same."""
    if is_attachment(entity):
        return True
    if entity.get_content_type() in _BODY_TYPES:
        return False
    return alone or entity.get_filename() is not None


def _standing(entity: Entity, stands: str) -> Iterator[tuple[Entity, str]]:
    kind = entity.get_content_type()
    if stands == "file":
        yield from ((part, "file") for part in entity.parts)
    elif kind == "multipart/alternative":
        yield from ((part, "version") for part in entity.parts)
    elif kind == "multipart/related":
        root = root_of_related(entity)
        yield from ((part, "version" if part is root else "file") for part in entity.parts)
    else:
        first = first_text(entity)
        for part in entity.parts:
            yield part, ("version" if part is first or (_is_container(part) and not is_attachment(part)) else "file")
