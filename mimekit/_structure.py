"""The rules of structure: what may be made of what, who may stand where, and how a tree is copied."""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import _walk, _writer, transfer
from .entity import Content, Entity, Frame, Options, Raw
from .errors import BadValue, Forbidden
from .field import Field
from .values.contenttype import ContentType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _E = TypeVar("_E", bound=Entity)

_UNFIT = "a message/rfc822 (RFC 2046, section 5.2.1) has no line of more than 998 octets, no NUL and no CR on its own"
_AS_FILE = 'bytes(message) can be attached as "application", "octet-stream"'

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
_ADD_TEXT = "attach(MIMEPart().set_content(text)) adds a text"
_ADD_PAGE = 'attach(MIMEPart().set_content(html, "html")) adds one'


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
        if advice is not None and "body" in advice and _walk.find_body(entity, ("html", "text")) is None:
            advice = f"it has no body yet; {_ADD_TEXT}"
        advice = advice or "it can only be wrapped whole, by make_mixed() or add_attachment()"
        raise Forbidden(f"{method}() does not work on {maintype}/{subtype}: {advice}")


def advise_text(entity: Entity) -> str:
    """What to call where a multipart was to be given a text."""
    empties = "clear_content() empties it first"
    if entity.get_content_type() == "multipart/signed":
        return empties
    if _walk.find_body(entity, ("html", "text")) is None:
        return f"{_ADD_TEXT}, {empties}"
    return f'get_body(("html", "text")).set_content() changes one text of it, {empties}'


def advise_page(entity: Entity) -> str:
    """What to call where there is no page."""
    body: Entity | None = _walk.find_body(entity, ("text",)) or entity
    while body is not None:
        if body.get_content_type() == "multipart/signed":
            return "and what is signed cannot be changed"
        body = body._parent
    if not entity.is_multipart():
        return 'set_content(html, "html") or add_alternative(html, "html") makes one'
    if _walk.find_body(entity, ("text",)) is None:
        return _ADD_PAGE
    return 'get_body().add_alternative(html, "html") makes one'


def tell_root(related: Entity) -> None:
    """Have an entity that has just become a multipart/related say of which type its root is. RFC 2387, section 3.1."""
    field = related.headers.first("content-type")
    if field is None or field.is_received or related.get_content_type() != "multipart/related":
        return
    kind, root = field.value, _walk.root_of_related(related)
    assert isinstance(kind, ContentType)  # it was composed
    if root is not None and "type" not in kind.params:
        told = kind.with_param("type", root.get_content_type())
        related.headers._replace("Content-Type", Field("Content-Type", told))


def check_fields(entity: Entity, options: Options) -> None:
    """Refuse what cannot be written under *options*, before the first octet is.

    Raises:
        BadValue: a composed field needs SMTPUTF8.
    """
    stack = [entity]
    while stack:
        node = stack.pop()
        if node._whole is None or node._edited:
            for field in node.headers:
                field.write(line_length=options.max_line_length, utf8=options.utf8)
            stack.extend(node._parts or ())


def check_files(entity: Entity) -> None:
    """Refuse files that are not what they were when they were attached, before the first octet is written.

    Raises:
        ChangedFile, MissingFile, OSError: as `Content.check` has it.
    """
    stack = [entity]
    while stack:
        node = stack.pop()
        if isinstance(node._body, Content):
            node._body.check()
        if node._whole is None or node._edited:
            stack.extend(node._parts or ())


def is_8bit(entity: Entity) -> bool:
    """Whether what it is written as holds 8-bit octets behind its header."""
    if entity._whole is not None or isinstance(entity._body, Raw):
        return any(not chunk.isascii() for chunk in entity.body_chunks())
    # what was composed says so
    return entity.transfer_encoding() in {"8bit", "binary"}


def check_adoption(parent: Entity, parts: Sequence[Entity]) -> None:
    """Refuse a part that has a place already.

    Raises:
        Forbidden: a part stands elsewhere, comes twice, or is *parent* or around it; or its lines end in another form.
        BadValue: a field of it needs SMTPUTF8, which *parent* is not written with.
    """
    seen: set[int] = set()
    attached = False
    for part in parts:
        if part._parent is not None or id(part) in seen:
            raise Forbidden(
                "a part has one place, and this one stands in a message already; add a copy of it (copy.copy)"
            )
        seen.add(id(part))
    node: Entity | None = parent
    while node is not None:
        if id(node) in seen:
            raise Forbidden("a message cannot be added to itself; add a copy of it (copy.copy)")
        attached = attached or node._kind().is_message
        node = node._parent
    _check_form(parent, parts)
    if attached:
        for part in parts:
            fit_message(part)


def check_id(related: Entity, part: Entity) -> set[str] | None:
    """Refuse *part* where its Content-ID is taken: the page would show the one that stands there for both.

    Returns:
        the Content-IDs there are, to be kept once *part* is added; None where they are not known.

    Raises:
        BadValue: *related*, or a part of it, has that Content-ID. RFC 2045, section 7.
    """
    cid = _walk.own_id(part)
    taken = related._body.ids if isinstance(related._body, Frame) else None
    if cid is None:
        return taken
    if taken is None:
        taken = _walk.all_ids(related)
    if cid in taken:
        raise BadValue(f"a Content-ID names one part, and there is one that has {cid!r} already")
    return taken


def keep_ids(related: Entity, ids: set[str], part: Entity) -> None:
    """Keep what Content-IDs there are in *related*, to which *part* was added, until one of them may be another."""
    assert isinstance(related._body, Frame)  # it has just got a part
    ids.update(_walk.all_ids(part))
    related._body.ids = ids


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
    if _is_fit(message):
        return
    # what is refused must not be half done, so it is tried first
    _encode_long_lines(copy_tree(message))
    _encode_long_lines(message)


def _encode_long_lines(message: Entity) -> None:
    for entity in _walk.walk(message):
        if entity.is_multipart() or transfer.are_lines(entity.body_chunks()):
            continue
        octets = entity.octets
        encoding = transfer.choose(octets, text=False, allow_8bit=entity.options.cte_type == "8bit")
        try:
            entity.set_header("Content-Transfer-Encoding", encoding)
        except Forbidden as signed:
            raise Forbidden(f"{_UNFIT}, which cannot be encoded inside multipart/signed; {_AS_FILE}") from signed
        entity.put_content(Content(octets, encoding, text=False))
    if not _is_fit(message):
        raise BadValue(f"{_UNFIT}, here in a header or between parts; {_AS_FILE}")


def _is_fit(message: Entity) -> bool:
    return transfer.are_lines(_writer.write(message, message.options))


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
