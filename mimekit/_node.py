"""How an entity holds what it holds: as it was received, with edits beside it, or composed.

`MIMEPart` is what people see of this; here stand the state and what keeps it true: what an edit
touches, what the octets of a body mean once a header changes, and how the parts of a received body
are made when somebody asks for them. The room is long because it is one machine.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from . import _boundary, _structure, _writer, charsets, transfer
from . import policy as policies
from ._mapped import Octets
from ._scanner import Layout, Source, head, is_encoded, scan
from .entity import Content, Entity, Frame, Raw
from .errors import BadValue, Defect, Forbidden
from .field import Field
from .headers import Headers
from .policy import Policy
from .values.contenttype import ContentType, Summary, summary
from .values.registry import compose_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_TEXT = summary("text/plain")
_MESSAGE = summary("message/rfc822")
_DIGEST = "multipart/digest"
_SIGNED = "multipart/signed"
_CTE = "Content-Transfer-Encoding"
_PIECE = 1 << 20  # octets of a file read at a time
_MAX_WRAPS = 8  # transfer-encoded messages inside each other that are opened; each costs its size anew
# how a part stands among others, which outlasts its content
_PLACE_FIELDS = frozenset({"content-id", "content-location", "content-disposition", "content-description"})
_WRITTEN = frozenset({"base64", "quoted-printable"})  # uuencode is read only (RFC 2045, section 6.1 has none)
_BODY_FIELDS = frozenset({"content-type", "content-transfer-encoding"})
_IDENTIFYING = frozenset({"content-id", *_BODY_FIELDS})

Body = Content | Raw | Frame | None
State = tuple[Headers, Body, list[Entity] | None, list[tuple[Entity, bool, bool]]]


def whole(octets: Octets) -> Raw:
    """All of *octets* as one entity, nothing of it read yet."""
    return Raw(Source(octets), Layout(0, len(octets)))


def check_policy(policy: object, *, hint: str = "") -> None:
    """Refuse what is no policy.

    Raises:
        BadValue: *policy* is none; *hint* says what else may have been wanted.
    """
    if not isinstance(policy, Policy):
        raise BadValue(f"expected a mimekit Policy, such as policy.SMTP, found {type(policy).__qualname__}{hint}")


class Node(Entity):
    """An entity with its state; abstract, because it does not say what its parts are made of."""

    __slots__ = ("_policy",)

    @abstractmethod
    def _child(self, raw: Raw, *, message: bool, wraps: int) -> Entity:
        """The part, or the message, that stands at *raw* below this one."""

    def _children(self) -> list[Entity]:
        """The direct parts, made at the first call."""
        if self._parts is None:
            self._parts = self._open()
        return self._parts

    def __init__(self, policy: Policy = policies.default) -> None:
        check_policy(policy, hint="; parse() reads a message")
        self._policy = policy
        self._headers: Headers | None = Headers()
        self._body: Body = None
        self._parts: list[Entity] | None = []
        self._parent: Entity | None = None
        self._whole: Raw | None = None
        self._edited = False
        self._separate = False
        self._wraps = 0

    @classmethod
    def _received(cls, raw: Raw, policy: Policy, *, parent: Entity | None = None, wraps: int = 0) -> Self:
        self = cls.__new__(cls)
        self._policy = policy
        self._headers = None
        self._body = self._whole = raw
        self._parts = None
        self._parent = parent
        self._edited = self._separate = False
        self._wraps = wraps
        return self

    @property
    def policy(self) -> Policy:
        """The options of reading and writing."""
        return self._policy

    @property
    def options(self) -> Policy:
        """The options of reading and writing, as the workers know them."""
        return self._policy

    @property
    def headers(self) -> Headers:
        """The fields, in order."""
        if self._headers is None:
            self._headers = Headers(self._head().block)
        return self._headers

    def _head(self) -> Layout:
        assert self._whole is not None  # asked for received entities only
        layout = self._whole.layout
        if layout.fields_end < 0:
            head(self._whole.source, layout, max_header_size=self._policy.max_header_size)
        return layout

    def _kind(self) -> Summary:
        """What its Content-Type says, or its default. RFC 2045, section 5.2; RFC 2046, section 5.1.5."""
        whole = self._whole
        if whole is not None and not self._edited:
            layout = whole.layout
            return layout.kind if layout.fields_end >= 0 else self._head().kind
        field = self.headers.first("content-type")
        if field is not None:
            return field.kind
        return _MESSAGE if self._is_in_digest() else _TEXT

    def _is_in_digest(self) -> bool:
        """Whether its place makes a message of it, where it says nothing else. RFC 2046, section 5.1.5."""
        return self._parent is not None and self._parent.get_content_type() == _DIGEST

    def _open(self) -> list[Entity]:
        raw, kind = self._body, self._kind()
        assert isinstance(raw, Raw)  # only a received body has parts nobody asked for yet
        if not (kind.is_message or kind.maintype == "multipart"):
            return []
        places = self._find_parts(raw, kind)
        if places is None and kind.is_message and not raw.layout.opaque:
            return self._unwrap()
        source, is_message, wraps = raw.source, kind.is_message, self._wraps
        return [self._child(Raw(source, place), message=is_message, wraps=wraps) for place in places or ()]

    def _find_parts(self, raw: Raw, kind: Summary) -> list[Layout] | None:
        """Where the parts of a received body stand; None where there are none in clear."""
        layout = raw.layout
        if not layout.scanned and kind.is_message and self._whole is not raw:
            # it became a message here, and its header says now in which encoding it stands
            layout.scanned = is_encoded(raw.source, layout, self.transfer_encoding())
        if not layout.scanned and not layout.opaque:
            layout.kind = kind
            limits = self._policy
            scan(
                raw.source,
                layout,
                max_depth=limits.max_depth,
                max_parts=limits.max_parts,
                max_header_size=limits.max_header_size,
            )
        return layout.parts

    def _unwrap(self) -> list[Entity]:
        """The message inside a message/rfc822 that is transfer encoded."""
        if self._wraps >= _MAX_WRAPS:
            raw = self._body
            assert isinstance(raw, Raw)  # what is opened was received
            raw.layout.opaque = True
            raw.layout.defects.append(Defect("depth-limit", raw.layout.body))
            return []
        return [self._child(whole(self.octets), message=True, wraps=self._wraps + 1)]

    def transfer_encoding(self) -> str:
        """The transfer encoding its header names, in lower case; "" where it names none. RFC 2045, section 6.1."""
        body = self.headers.body("content-transfer-encoding")
        return "" if body is None else transfer.token(body)[0]

    def body_chunks(self) -> Iterator[bytes]:
        """The body as it is written, in chunks."""
        return _writer.write_body(self, self._policy)

    def blank(self) -> Self:
        """An entity of its kind and policy with nothing in it."""
        return type(self)(policy=self._policy)

    def _before_field(self, name: str, field: Field | None) -> None:
        """Get ready for a change of *name* to *field*, or to nothing."""
        self._refuse_in_signed()
        if name.lower() in _BODY_FIELDS:
            if field is not None:
                self._refuse_boundary_around(field)
            self._loosen(name.lower(), field)
        if self._whole is not None and not self._separate:
            self._separate = self._needs_separator(name, field)
        if name.lower() in _IDENTIFYING:
            self._forget_ids()
        self._mark()

    def _needs_separator(self, name: str, field: Field | None) -> bool:
        """Whether a body that came without an empty line before it would be read otherwise after that change."""
        layout = self._head()
        if not layout.fields_end == layout.body < layout.end:
            return False
        # without fields in front, or without the one that names its delimiter, its first line would become one
        if name.lower() == "content-type":
            return True
        if field is not None:
            return layout.fields_end == layout.fields
        return len(self.headers) == len(self.headers.fields(name))

    def _refuse_boundary_around(self, field: Field) -> None:
        new = field.kind.boundary
        # its own, that of a copy put into what it is a copy of, is chosen anew once it is written
        own = self._frame().boundary if self._is_open_multipart() else None
        node = None if new in {None, own} else self._parent
        while node is not None:
            if new == node._kind().boundary:
                raise Forbidden("this boundary stands around the part already; without one in the type, it is chosen")
            node = node._parent

    def _loosen(self, name: str, field: Field | None) -> None:
        """Let go of what is known of the body, where a new type or transfer encoding gives its octets another meaning.

        Raises:
            Forbidden: the boundary of a multipart would change under its parts; composed text would read otherwise.
            BadValue: that transfer encoding cannot carry the composed content.
        """
        if self._body is None:
            return
        if name == "content-type":
            default = _MESSAGE if self._is_in_digest() else _TEXT
            self._retype(field, default if field is None else field.kind)
        else:
            self._reencode("" if field is None else transfer.token(field.value.encode_body())[0])

    def _retype(self, field: Field | None, new: Summary) -> None:
        body, old = self._body, self._kind()
        if new.is_message and old.is_message:
            return
        if new.maintype == "multipart" and self._is_open_multipart():
            self._keep_boundary(field, new)
            # RFC 2046 5.1.5: a digest, once it is none, holds parts of another default type
            if (new.content_type == _DIGEST) is not (old.content_type == _DIGEST):
                self._let_go()
        elif isinstance(body, Frame) and body.origin is None:
            if self._parts:
                raise Forbidden(
                    f"{old.content_type} was composed of parts, which as {new.content_type} it would not hold; "
                    "another multipart type can be set, and clear_content() drops them"
                )
            self._body = None
        elif self._children() or new.maintype in {"multipart", "message"}:
            # what was received keeps every octet, and is opened again once its type is there again
            self._let_go()
        elif isinstance(body, Content) and body.text and new.maintype == "text":
            self._keep_text(body, old, new)

    def _keep_boundary(self, field: Field | None, new: Summary) -> None:
        given = field.value if field is not None else None
        # one that came 8-bit, or folded, is another once it is written: then it is chosen anew (_boundary.collisions)
        same = isinstance(given, ContentType) and given.params.get("boundary") == self._stated_boundary()
        if not same and new.boundary is not None and new.boundary != self._frame().boundary:
            raise Forbidden("the boundary of a multipart with parts cannot be set; it is chosen anew where it must be")

    def _stated_boundary(self) -> str | None:
        field = self.headers.first("content-type")
        return field.value.params.get("boundary") if field and isinstance(field.value, ContentType) else None

    def _keep_text(self, content: Content, old: Summary, new: Summary) -> None:
        if not charsets.means_same(content.octets, old.charset, new.charset):
            raise Forbidden("the text stands in another charset; set_content(text, charset=...) writes it anew")

    def _reencode(self, encoding: str) -> None:
        body = self._body
        encoded = isinstance(body, Raw) and body.layout.parts is None
        if isinstance(body, Content) and not self._parts:
            encoding = encoding or "7bit"
            # what holds anything is not looked at, for it may be a large file
            transfer.check(body.octets if transfer.is_limited(encoding) else b"", encoding, text=body.text)
            self._body = body.encoded_as(encoding, asked=True)
        elif self.is_multipart() and not encoded:
            if not transfer.is_identity(encoding):
                # RFC 2045 6.4
                raise Forbidden(f"{self.get_content_type()} holds parts, and is 7bit, 8bit or binary, not {encoding}")
        elif self._children():
            self._let_go()

    def _let_go(self) -> None:
        """Take the body for the octets it is written as, to be opened again by what the header then says."""
        body, parts = self._body, self._parts or ()
        if isinstance(body, Raw) and not any(part._edited for part in parts):
            # a source of its own: what told its lines from the delimiters around it is gone
            source, layout = Source(body.source.data), Layout(body.layout.body, body.layout.end)
        else:
            octets = b"".join(self.body_chunks())
            source, layout = Source(octets), Layout(0, len(octets))
        for part in parts:
            part._parent = None
        layout.body = layout.fields_end = layout.start
        self._body = Raw(source, layout)
        self._parts = None

    def _state(self) -> State:
        flags = []
        node: Entity | None = self
        while node is not None:
            flags.append((node, node._edited, node._separate))
            node = node._parent
        parts = None if self._parts is None else list(self._parts)
        body = self._body.copy() if isinstance(self._body, Frame) else self._body
        return self.headers.copy(), body, parts, flags

    def _restore(self, state: State) -> None:
        kept = state[2] or ()
        for part in self._parts or ():
            if part not in kept:
                part._parent = None
        for part in kept:
            part._parent = self
        self._headers, self._body, self._parts, flags = state
        for node, edited, separate in flags:
            node._edited, node._separate = edited, separate
        self._forget_ids()

    def clear_for_content(self) -> None:
        """Drop the content and the fields that describe it; a part among others keeps how it stands among them."""
        placed = self._parent is not None
        self._drop_body()
        self.headers._take("content-", but=_PLACE_FIELDS if placed else frozenset())

    def _drop_body(self) -> None:
        for part in self._parts or ():
            part._parent = None
        self._put(None, [])

    def _put(self, body: Body, parts: list[Entity] | None) -> None:
        """Set another body."""
        whole = self._whole
        if whole is not None:
            layout = self._head()
            self._separate = self._separate or layout.fields_end == layout.body
        self.headers  # noqa: B018 -- found while the old body is there
        self._body = body
        self._parts = parts
        self._forget_ids()
        self._mark()

    def put_content(self, content: Content) -> None:
        """Make it a leaf that holds *content*."""
        self._put(content, [])
        if isinstance(self._parent, Node):
            self._parent._carry(self)

    def put_parts(self, parts: Sequence[Entity], *, boundary: str | None = None) -> None:
        """Make it hold *parts*; its Content-Type says already whether as a multipart or as a message.

        Raises:
            BadValue: a boundary RFC 2046, section 5.1.1 does not allow.
            Forbidden: a part stands elsewhere already.
        """
        _structure.check_adoption(self, parts)
        if self._kind().maintype == "message":
            self._put(Content(b"", "8bit", text=False), [])
        else:
            frame = Frame(_boundary.check(boundary or _boundary.choose()).encode())
            frame.seams = [None] * len(parts)
            self._put(frame, [])
            self._write_boundary(frame)
        for part in parts:
            self._adopt(part)

    def _write_boundary(self, frame: Frame) -> None:
        field = self.headers.first("content-type")
        kind = None if field is None else field.value
        current = kind if isinstance(kind, ContentType) else ContentType.build("multipart", "mixed")
        self.headers._replace(
            "Content-Type", Field("Content-Type", current.with_param("boundary", frame.boundary.decode()))
        )

    @property
    def octets(self) -> bytes:
        """The content with its transfer encoding undone and nothing else; the body as it stands for a multipart."""
        body = self._body
        if isinstance(body, Content) and not self._parts:
            eol = _writer.line_end(self, self._policy)
            lines = body.text and body.encoding not in {"base64", "binary"} and eol != b"\r\n"
            return body.octets.replace(b"\r\n", eol) if lines else body.octets
        if isinstance(body, Raw) and (self._parts is None or not any(part._edited for part in self._parts)):
            encoding = self._encoding_of(body)
            return transfer.undo(body.view, encoding) if encoding else body.octets
        octets = b"".join(self.body_chunks())
        # a message that stands transfer encoded in this one, and was edited there, is encoded again
        encoded = isinstance(body, Raw) and body.layout.parts is None
        return transfer.undo(octets, self.transfer_encoding()) if encoded else octets

    def octet_pieces(self) -> Iterator[bytes]:
        """Its `octets` in pieces, none of them large where the content stands in a file or in a source."""
        body = self._body
        if isinstance(body, Content) and not self._parts and not body.text:
            return body.pieces(_PIECE)
        if isinstance(body, Raw) and (self._parts is None or not any(part._edited for part in self._parts)):
            from ._piecewise import undo_pieces  # noqa: PLC0415 -- few need it

            encoding = self._encoding_of(body)  # for which its header is read, behind which it begins
            return undo_pieces(_writer.pieces(body.source, body.layout.body, body.layout.end), encoding)
        return iter((self.octets,))

    def text_octets(self) -> bytes:
        """The octets of a text, each of its line ends with an LF in it."""
        body = self._body
        if isinstance(body, Content):
            return body.octets
        if isinstance(body, Raw) and body.source.form.newline == b"\r":
            # QUIRK: RFC 5322 2.1 has CRLF; where lines end in CR alone, a CR behind a transfer encoding is none
            return transfer.undo(body.octets.replace(b"\r", b"\n"), self.transfer_encoding())
        return self.octets

    def _decoded(self) -> tuple[bytes, tuple[Defect, ...]]:
        """Its octets, and what is wrong with their transfer encoding."""
        raw = self._body
        assert isinstance(raw, Raw)  # asked for received bodies only
        encoding = self._encoding_of(raw)
        return transfer.decode(raw.view, encoding) if encoding else (raw.octets, ())

    def _encoding_of(self, raw: Raw) -> str:
        """The transfer encoding that the received body stands in; "" where that changes nothing."""
        encoding = self.transfer_encoding()
        if transfer.is_identity(encoding):
            return ""
        kind = self._kind()
        # QUIRK: RFC 2045 6.4 allows only 7bit, 8bit and binary on a multipart; what claims more stands in clear
        if (kind.maintype == "multipart" or kind.is_message) and self._find_parts(raw, kind) is not None:
            return ""
        return encoding

    def _open_head(self) -> None:
        if self._whole is not None:
            self._head()

    def _is_open_multipart(self) -> bool:
        return isinstance(self._body, Frame) or (self._kind().maintype == "multipart" and bool(self._children()))

    def _frame(self) -> Frame:
        body = self._body
        if isinstance(body, Frame):
            return body
        assert isinstance(body, Raw)  # a multipart with parts was received or has its frame
        return Frame.received(body.source, body.layout)

    def _own_frame(self) -> Frame:
        """The frame, to be changed."""
        frame = self._frame()
        self._body = frame
        frame.closed = True
        self._mark()
        return frame

    def _adopt(self, part: Entity) -> None:
        assert self._parts is not None  # the caller has just made or read them
        kind = self._kind()
        if kind.maintype == "multipart" and isinstance(part, Node):
            part._settle_type(digest=kind.content_type == _DIGEST)
        self._parts.append(part)
        part._parent = self
        if kind.maintype == "multipart":
            version = part.headers.first("mime-version")
            if version is not None and not version.is_received:
                # RFC 2045 4: it is for the top of a message; one that was received stays
                part.headers._remove("mime-version")
        self._carry(part)
        self._forget_ids()
        self._mark()
        if len(self._parts) == 1:
            _structure.tell_root(self)

    def _carry(self, part: Entity) -> None:
        """Have all that was composed around *part* say so, where it is 8bit. RFC 2045, section 6.4."""
        node: Entity | None = self if _structure.is_8bit(part) else None
        while node is not None:
            body = node._body
            if isinstance(body, Raw) and body.layout.parts is None:
                # a message that stands transfer encoded: what is 8bit in it is not out here
                return
            received = isinstance(body, Raw) or (isinstance(body, Frame) and body.origin is not None)
            if not received and node.transfer_encoding() in {"", "7bit"}:
                node.headers._replace(_CTE, Field(_CTE, compose_value(_CTE, "8bit")))
            node = node._parent

    def _settle_type(self, *, digest: bool) -> None:
        """Say in a field what only its place says, before it leaves that: a digest has another default type.

        RFC 2046, section 5.1.5.
        """
        kind = self._kind()
        if self.headers.first("content-type") is None and kind.is_message is not digest:
            self.set_header("Content-Type", kind.content_type)

    def _mark(self) -> None:
        """Note an edit here and in everything around it; around what was edited before, all is noted already."""
        node: Entity | None = self
        while node is not None and not node._edited:
            node._edited = True
            around = node._parent
            if isinstance(around, Node) and around._whole is not None and around._kind().is_message:
                # what now stands first in it must not be taken for one of its fields
                layout = around._head()
                around._separate = around._separate or layout.fields_end == layout.body
            node = around

    def _forget_ids(self) -> None:
        """Have nobody around it rely on Content-IDs that may now be others."""
        node: Entity | None = self
        while node is not None:
            if isinstance(node._body, Frame):
                node._body.ids = None
            node = node._parent

    def _refuse_in_signed(self, *, itself: bool = False) -> None:
        node = self if itself else self._parent
        while node is not None:
            if node.get_content_type() == _SIGNED:
                raise Forbidden("a part inside multipart/signed cannot be changed without breaking the signature")
            if isinstance(node, Node) and node is not self and node._is_sealed():
                raise Forbidden("a message that stands uuencoded in another cannot be changed; change a copy of it")
            node = node._parent

    def _is_sealed(self) -> bool:
        """Whether it holds a message in a transfer encoding that is read and not written."""
        raw = self._body
        return (
            isinstance(raw, Raw)
            and raw.layout.parts is None
            and self._kind().is_message
            and self.transfer_encoding() not in _WRITTEN
        )

    def _rebound(self) -> None:
        """Choose a boundary anew, because the old one would occur in a part."""
        frame = self._own_frame()
        frame.boundary = _boundary.choose().encode()
        frame.seams = [None] * len(frame.seams)
        frame.close = None
        frame.origin = None
        self._write_boundary(frame)
