"""The body of a message as one plain text, whatever versions and pieces it came in."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _quoted, _walk
from ..entity import Entity
from . import rawdata

_NOTHING, _PAGE, _PLAIN = range(3)
# their first part is what they are about; what follows are signatures, machines' reports and what is not for people
_FIRST_ONLY = frozenset({"multipart/signed", "multipart/report"})
_UNREADABLE = frozenset({"multipart/encrypted", "multipart/digest"})


def text_of(entity: Entity) -> str:
    """The text people read in *entity*: plain where there is such a version, else that of its page; "" without any.

    Texts that stand in a row, as Apple Mail has them around an image and mailing lists below the body, are joined by
    an empty line. Attachments, and what has a file name, are none of the text, unless nothing else is; attached
    messages are not entered.
    """
    return read_body(entity)[0]


def read_body(entity: Entity) -> tuple[str, list[Entity]]:
    """The text that `text_of` gives, and the parts it stands in, in order."""
    found: dict[int, str] = {}  # what is plain, once it was looked at
    ranks = _ranks(entity, found)
    leaves: list[Entity] = []
    stack = [entity]
    while stack:
        node = stack.pop()
        inside = [part for part in _inside(node) if ranks[id(part)]]
        if inside and node.get_content_type() == "multipart/alternative":
            plain = [part for part in inside if ranks[id(part)] == _PLAIN]
            # RFC 2046 5.1.4: the last version is the richest
            inside = [plain[0] if plain else inside[-1]]
        stack.extend(reversed(inside))
        if not inside and ranks[id(node)]:
            leaves.append(node)
    if not leaves and (other := _walk.find_body(entity, ("text", "html"))) is not None:
        # it stands where a body is not looked for, or is called like a file
        leaves.append(other)
    texts = [found[id(leaf)] if id(leaf) in found else _read(leaf) for leaf in leaves]
    if len(texts) == 1:
        return texts[0], leaves
    return "\n\n".join(filter(None, [text.strip("\n") for text in texts])), leaves


def _ranks(entity: Entity, found: dict[int, str]) -> dict[int, int]:
    """What there is to read in each entity that may hold some of the body; *found* takes what is plain."""
    order = [entity]
    for node in order:  # which grows meanwhile
        order.extend(_inside(node))
    ranks: dict[int, int] = {}
    for node in reversed(order):
        kind = node.get_content_type()
        if _walk.is_attachment(node):
            ranks[id(node)] = _NOTHING
        elif kind == "text/plain":
            found[id(node)] = _plain(node)
            ranks[id(node)] = _PLAIN if found[id(node)].strip() else _NOTHING
        elif kind == "text/html":
            ranks[id(node)] = _PAGE
        else:
            ranks[id(node)] = max([ranks[id(part)] for part in _inside(node)], default=_NOTHING)
    return ranks


def _inside(entity: Entity) -> Sequence[Entity]:
    """The parts that may hold the body, or some of it."""
    kind = entity.get_content_type()
    if not kind.startswith("multipart/") or kind in _UNREADABLE or _walk.is_attachment(entity):
        return ()
    if kind == "multipart/alternative":
        return entity.parts
    if kind == "multipart/related":
        root = _walk.root_of_related(entity)
        return () if root is None else (root,)
    if kind in _FIRST_ONLY:
        return entity.parts[:1]
    return [part for part in entity.parts if part.get_filename() is None]


def _plain(part: Entity) -> str:
    text = rawdata.get_text(part)
    params = _walk.params_of(part)
    if params.get("format", "").strip().lower() == "flowed":
        return _quoted.unfold_flowed(text, delete_space=params.get("delsp", "").strip().lower() == "yes")
    return text


def _read(leaf: Entity) -> str:
    if leaf.get_content_type() != "text/html":
        return _plain(leaf)
    from ..html.totext import totext  # noqa: PLC0415 -- few need it

    return totext(rawdata.get_text(leaf))
