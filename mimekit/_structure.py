"""The rules of structure: what may be made of what, who may stand where, and how a tree is copied."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from . import _walk, _writer, transfer
from .entity import Content, Entity, Frame, Raw
from .errors import BadValue, Forbidden
from .field import Field
from .values.contenttype import ContentType

_E = TypeVar("_E", bound=Entity)

# The matrix of the email6 proposal: what it is -> what may be called. One can promote, never demote.
_ALL = frozenset({"make_related", "make_alternative", "make_mixed", "add_related", "add_alternative", "add_attachment"})
_MATRIX = {
    "related": _ALL - {"make_related"},
    "alternative": frozenset({"add_alternative", "add_attachment", "make_mixed"}),
    "mixed": frozenset({"add_attachment"}),
}
# signed, encrypted, report, digest and whatever else: only to be wrapped whole
_WHOLE = frozenset({"make_mixed", "add_attachment"})
_ADVICE = {
    ("related", "make_related"): "it is one already; add_related() adds to it",
    ("alternative", "make_related"): "embed() adds to its HTML version",
    ("alternative", "make_alternative"): "it is one already; add_alternative() adds to it",
    ("alternative", "add_related"): "embed() adds to its HTML version",
    ("mixed", "make_related"): "embed() adds to its HTML body",
    ("mixed", "make_alternative"): "get_body().make_alternative() does it to its body",
    ("mixed", "make_mixed"): "it is one already; add_attachment() adds to it",
    ("mixed", "add_related"): "embed() adds to its HTML body",
    ("mixed", "add_alternative"): "get_body().add_alternative() adds a version of its body",
}


def allow(entity: Entity, method: str) -> None:
    """Refuse what the matrix does not allow.

    Raises:
        Forbidden: it names the call that does what was wanted.
    """
    maintype, _slash, subtype = entity.get_content_type().partition("/")
    if maintype != "multipart":
        return
    opened = entity.is_multipart()
    if method not in (_MATRIX.get(subtype, _WHOLE) if opened else _WHOLE):
        advice = _ADVICE.get((subtype, method)) if opened else None
        advice = advice or "it can only be wrapped whole, by make_mixed() or add_attachment()"
        raise Forbidden(f"{method}() does not work on {maintype}/{subtype}: {advice}")


def check_adoption(parent: Entity, parts: Sequence[Entity]) -> None:
    """Refuse a part that has a place already.

    Raises:
        Forbidden: a part stands elsewhere, comes twice, or is *parent* or around it; or its lines end in another form.
        BadValue: a field of it needs SMTPUTF8, which *parent* is not written with.
    """
    seen: set[int] = set()
    for part in parts:
        if part._parent is not None or id(part) in seen:
            raise Forbidden("a part has one place, and this one stands in a message already; add a copy of it")
        seen.add(id(part))
    node: Entity | None = parent
    while node is not None:
        if id(node) in seen:
            raise Forbidden("a message cannot be added to itself; add a copy of it")
        node = node._parent
    _check_form(parent, parts)


def _check_form(parent: Entity, parts: Sequence[Entity]) -> None:
    """Refuse what cannot be written in one message with *parent*, now and not when it is written.

    A reader takes a message for one form, so lines that end in CR alone cannot stand beside lines that end in LF.
    """
    lone = _writer.line_end(parent, parent.options) == b"\r"
    stack = list(parts)
    while stack:
        entity = stack.pop()
        if entity.options.utf8 and not parent.options.utf8:
            for field in entity.headers:
                field.write(line_length=parent.options.max_line_length)
        whole = entity._whole
        if whole is not None and (b"\n" in whole.source.data if lone else whole.source.eol == b"\r"):
            raise Forbidden("lines that end in CR alone cannot stand beside lines ending in LF; add the content alone")
        if whole is None or entity._edited:
            stack.extend(entity._parts or ())


def is_message(entity: Entity) -> bool:
    """Whether it has fields of a message, beside those that describe content."""
    return any(not name.startswith("content-") and name != "mime-version" for name in _names(entity))


def _names(entity: Entity) -> list[str]:
    return [field.name.lower() for field in entity.headers]


def make_cid() -> str:
    """A new Content-ID without its brackets. SECURITY: it tells nothing of the machine it is made on."""
    return f"{os.urandom(12).hex()}@mimekit.invalid"


def fit_message(message: Entity) -> None:
    """Make a message fit for message/rfc822, which is 7bit or 8bit: a leaf with too long a line is encoded anew.

    RFC 2046, section 5.2.1; RFC 2045, section 2.8.

    Raises:
        Forbidden: the line stands in a signed part, which cannot be changed.
        BadValue: the line stands in a header, or between parts.
    """
    if _is_fit(b"".join(_writer.write(message, message.options))):
        return
    # what is refused must not be half done, so it is tried first
    _encode_long_lines(copy_tree(message))
    _encode_long_lines(message)


def _encode_long_lines(message: Entity) -> None:
    for entity in _walk.walk(message):
        if entity.is_multipart() or _is_fit(b"".join(entity.body_chunks())):
            continue
        octets = entity.octets
        text = False
        encoding = transfer.choose(octets, text=text, allow_8bit=entity.options.cte_type == "8bit")
        entity.set_header("Content-Transfer-Encoding", encoding)
        entity.put_content(Content(octets, encoding, text=text))
    if not _is_fit(b"".join(_writer.write(message, message.options))):
        raise BadValue(
            "a line of more than 998 octets in a header, or between parts, cannot be attached (RFC 5322, section 2.1.1)"
        )


def _is_fit(octets: bytes) -> bool:
    """Whether these are lines of at most 998 octets, without NUL and without a CR on its own."""
    if b"\0" in octets or octets.count(b"\r") != octets.count(b"\r\n"):
        return False
    return len(octets) <= 998 or max(map(len, octets.replace(b"\r\n", b"\n").split(b"\n"))) <= 998


def is_message_by_place(entity: Entity) -> bool:
    """Whether it holds a message because it stands in a digest, and says so nowhere itself."""
    around = entity._parent
    in_digest = around is not None and around.get_content_type() == "multipart/digest"
    return in_digest and entity.headers.first("content-type") is None


def copy_tree(entity: _E) -> _E:
    """The same entity with parts of its own; octets and fields, which never change, are shared."""
    top = _copy_one(entity)
    stack: list[tuple[Entity, Entity]] = [(entity, top)]
    while stack:
        original, twin = stack.pop()
        if twin._parts is None:
            continue
        twin._parts = []
        for part in original._parts or ():
            below = _copy_one(part)
            below._parent = twin
            twin._parts.append(below)
            stack.append((part, below))
    if is_message_by_place(entity):
        # RFC 2046 5.1.5: in a digest its place alone says that it is a message, and a copy stands nowhere
        top.headers._append(Field("Content-Type", ContentType.build("message", "rfc822")))
        top._edited = True
    return top


def _copy_one(entity: _E) -> _E:
    twin = entity.blank()
    untouched = entity._whole is not None and not entity._edited
    twin._headers = None if untouched else entity.headers.copy()
    twin._body = entity._body.copy() if isinstance(entity._body, Frame) else entity._body
    twin._whole = entity._whole
    twin._edited, twin._separate, twin._wraps = entity._edited, entity._separate, entity._wraps
    twin._parent = None
    # an untouched entity finds its parts again where they stand
    twin._parts = None if untouched or (isinstance(entity._body, Raw) and entity._parts is None) else []
    return twin
