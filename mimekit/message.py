"""`MIMEPart` and `MIMEMessage`: the one mutable thing, a tree over the octets it was parsed from.

The room is long because it is the face: most of it is one short method for each name people know
from the standard library. What the methods do stands in the rooms below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import UnsupportedOperation

from . import _boundary, _structure, _walk, _writer, charsets, transfer
from . import policy as policies
from ._grammar import check_str
from ._node import Node, check_policy, whole
from .content.body import text_of
from .entity import Entity, Frame, Raw
from .errors import BadValue, Defect, Forbidden, MissingField
from .field import Field
from .policy import Manager, Policy
from .values import registry
from .values.address import Addresses
from .values.base import HeaderValue
from .values.contenttype import ContentType
from .values.date import Date
from .values.disposition import Disposition, safe_filename

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Literal, Self, TypeVar, overload

    _T = TypeVar("_T")
    # for type checkers: what these names give
    _AddressField = Literal[
        "From", "from", "Sender", "sender", "Reply-To", "reply-to", "To", "to", "Cc", "cc", "Bcc", "bcc"
    ]


class MIMEPart(Node):
    """One entity: its fields, and a body that is text, octets, a message or parts. Mutable.

    If you know ``email.message.EmailMessage``, you know it: the same names mean the same. What was
    parsed is kept as it came, and an edit changes what it edits and no other octet. RFC 2045, section 2.4.

    Args:
        policy: the options of reading and writing.
    """

    __slots__ = ()

    @property
    def parts(self) -> tuple[MIMEPart, ...]:
        """The direct parts, the one message of a message/rfc822; empty for a leaf."""
        return tuple(self._children())  # type: ignore[arg-type]  # every entity is one

    def _child(self, raw: Raw, *, message: bool, wraps: int) -> MIMEPart:
        made = MIMEMessage if message else MIMEPart
        return made._received(raw, self._policy, parent=self, wraps=wraps)

    def parse_part(self, octets: bytes) -> MIMEMessage:
        """*octets* as a message of its own."""
        return MIMEMessage._received(whole(octets), self._policy)

    def blank_part(self) -> MIMEPart:
        """A part of its policy with nothing in it."""
        return MIMEPart(policy=self._policy)

    # -- fields ----------------------------------------------------------------------------------------

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, name: _AddressField) -> Addresses | None: ...
        @overload
        def __getitem__(self, name: Literal["Date", "date"]) -> Date | None: ...
        @overload
        def __getitem__(self, name: Literal["Content-Type", "content-type"]) -> ContentType | None: ...
        @overload
        def __getitem__(self, name: Literal["Content-Disposition", "content-disposition"]) -> Disposition | None: ...
        @overload
        def __getitem__(self, name: str) -> HeaderValue | None: ...

    def __getitem__(self, name: str) -> HeaderValue | None:
        """The value of the first field called *name*, or None."""
        headers = self._headers
        return (self.headers if headers is None else headers).value(name)

    def __setitem__(self, name: str, value: object) -> None:
        """Set a field that RFC 5322, section 3.6 allows once, in its place; append any other.

        Raises:
            BadValue: no field can be called that, or this field cannot carry the value.
            Forbidden: the part is signed.
        """
        if registry.is_unique(name):
            self.set_header(name, value)
        else:
            self.add_header(name, value)

    def __delitem__(self, name: str) -> None:
        """Delete every field called *name*; nothing happens where there is none."""
        if self.headers.first(name) is not None:
            self._before_field(name, None)
            self.headers._remove(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.headers.first(name) is not None

    def __len__(self) -> int:
        return len(self.headers)

    def __bool__(self) -> bool:
        # a part without fields is a part all the same
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """The field names, in order, each as often as it stands there."""
        return self.headers.names()

    def values(self) -> list[HeaderValue]:
        """The field values, in order."""
        return self.headers.values()

    def items(self) -> list[tuple[str, HeaderValue]]:
        """Names and values of the fields, in order."""
        return list(zip(self.headers.names(), self.headers.values(), strict=True))

    def raw_items(self) -> Iterator[tuple[str, str]]:
        """Names and bodies of the fields as they came: folded, one character an octet, all behind the colon."""
        return ((field.name, field.raw_body) for field in self.headers)

    def get(self, name: str, failobj: _T | None = None) -> HeaderValue | _T | None:
        """The value of the first field called *name*, or *failobj*."""
        found = self.headers.first(name)
        return failobj if found is None else found.value

    def get_all(self, name: str, failobj: _T | None = None) -> list[HeaderValue] | _T | None:
        """The values of all fields called *name*, or *failobj* where there is none."""
        found = self.headers.fields(name)
        return [field.value for field in found] if found else failobj

    def field(self, name: str) -> Field | None:
        """The first field called *name* itself, with its octets and its place in the source, or None."""
        return self.headers.first(name)

    def set_header(self, name: str, value: object) -> None:
        """Set the field *name*: in the place of the first so called, the others dropped, or else behind all.

        Raises:
            BadValue: no field can be called that, or this field cannot carry the value.
            Forbidden: the part is signed.
        """
        field = self._compose(name, value)
        self._before_field(name, field)
        self.headers._replace(name, field)

    def add_header(self, name: str, value: object, /, **params: str | None) -> None:
        """Append a field, also where one of that name stands already.

        Args:
            params: parameters of a Content-Type or Content-Disposition; ``_`` in their names is written ``-``.

        Raises:
            BadValue: no field can be called that, or this field cannot carry the value.
            Forbidden: the part is signed.
        """
        field = self._compose(name, value)
        for param, text in params.items():
            if not isinstance(field.value, ContentType | Disposition):
                raise BadValue(f"{name} takes no parameters")
            if text is not None:
                field = Field(name, field.value.with_param(param.replace("_", "-"), text))
        # behind another of its name it says nothing of the body
        self._before_field("" if name in self else name, field)
        self.headers._append(field)

    def replace_header(self, name: str, value: object) -> None:
        """Replace the first field called *name* where it stands, its name spelled as it was.

        Raises:
            MissingField: there is none.
            BadValue: this field cannot carry the value.
            Forbidden: the part is signed.
        """
        found = self.headers.first(name)
        if found is None:
            raise MissingField(f"there is no {name!r} to replace; set_header() adds one")
        field = self._compose(found.name, value)
        self._before_field(name, field)
        self.headers._swap(found, field)

    def _compose(self, name: str, value: object) -> Field:
        """The field, proved to be writable."""
        composed = registry.compose_value(name, value)
        if isinstance(composed, ContentType) and composed.maintype == "multipart" and "boundary" not in composed.params:
            boundary = self.get_boundary() if self._is_open_multipart() else None
            composed = composed if boundary is None else composed.with_param("boundary", boundary)
        field = Field(name, composed, as_it_is=composed is value)
        field.write(line_length=self._policy.max_line_length, utf8=self._policy.utf8)
        return field

    # -- the content type and its kin ------------------------------------------------------------------

    def get_content_type(self) -> str:
        """``"maintype/subtype"`` in lower case; ``"text/plain"`` where none is given or it cannot be read."""
        return self._kind().content_type

    def get_content_maintype(self) -> str:
        """The main type, such as ``"text"``."""
        return self._kind().maintype

    def get_content_subtype(self) -> str:
        """The subtype, such as ``"plain"``."""
        return self._kind().subtype

    def get_content_charset(self, failobj: str | None = None) -> str | None:
        """The charset label of the Content-Type, in lower case, or *failobj*."""
        charset = self._kind().charset
        return charset.lower() if charset else failobj

    def get_content_disposition(self) -> str | None:
        """What its Content-Disposition says, mostly ``"inline"`` or ``"attachment"``, in lower case; or None."""
        value = self["content-disposition"]
        return value.content_disposition if isinstance(value, Disposition) else None

    def is_attachment(self) -> bool:
        """Whether its Content-Disposition says that it is an attachment."""
        return self.get_content_disposition() == "attachment"

    def is_multipart(self) -> bool:
        """Whether it holds parts: a multipart that could be opened, or a message/rfc822 with its message."""
        return isinstance(self._body, Frame) or bool(self._children())

    def get_filename(self, failobj: str | None = None, *, safe: bool = False) -> str | None:
        """The file name of its Content-Disposition, else the ``name`` of its Content-Type, else *failobj*.

        Args:
            safe: the name as one that may be given to a file here: no folders, nothing hidden, no
                device, readable characters kept. SECURITY: what a sender calls a file is the sender's choice.
        """
        name = self.get_param("filename", header="content-disposition") or self.get_param("name")
        if name is None:
            return failobj
        return safe_filename(name) if safe else name

    def get_boundary(self, failobj: str | None = None) -> str | None:
        """The boundary of its Content-Type, or *failobj*. RFC 2046, section 5.1.1."""
        return self.get_param("boundary", failobj)

    def get_param(self, param: str, failobj: str | None = None, header: str = "content-type") -> str | None:
        """A parameter of the Content-Type, or of *header*, decoded; *failobj* where there is none."""
        value = self[header]
        if isinstance(value, ContentType | Disposition):
            return value.params.get(param, failobj)
        check_str(param, "a parameter name")
        return failobj

    def set_param(self, param: str, value: str, header: str = "Content-Type") -> None:
        """Set a parameter of the Content-Type, or of *header*, in its place.

        Raises:
            BadValue: no parameter can be called that, or hold that.
            MissingField: there is no such field (a Content-Type is made).
            Forbidden: it is the boundary of a multipart with parts, or the part is signed.
        """
        current = self[header]
        if current is None and header.lower() == "content-type":
            current = ContentType.build(self.get_content_maintype(), self.get_content_subtype())
        if current is None:
            raise MissingField(f"there is no {header!r} to take a parameter")
        if not isinstance(current, ContentType | Disposition):
            raise BadValue(f"{header} takes no parameters")
        self.set_header(current.name if header in self else header, current.with_param(param, value))

    # -- content ---------------------------------------------------------------------------------------

    def get_content(
        self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object
    ) -> object:
        """What it holds, as its content manager gives it.

        By default that is a `str` for text, the message for a message/rfc822, `bytes` for most else: see
        `ObjectManager`.

        Raises:
            Forbidden: it is a multipart, which has no single content.
            NoHandler: the manager knows nothing for its type.
        """
        return self._manager(content_manager).get_content(self, *args, **kw)

    def set_content(self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object) -> Self:
        """Fill it with content, which the content manager turns into MIME; returns the part itself.

        By default, where ``more`` is ``cte=None, disposition=None, filename=None, cid=None, params=None,
        headers=None``::

            set_content(text, subtype="plain", *, charset="utf-8", **more)
            set_content(octets, maintype, subtype, **more)  # of a file open for reading them, too
            set_content(octets, **more)                     # its type follows from filename=, else from how it begins
            set_content(message, **more)                    # ours, or the standard library's
            set_content(image, **more)                      # or an Audio, a Video, a Calendar, a wave.Wave_read
            set_content(parts, subtype, boundary=None, params=None, headers=None)

        A part that stands among others keeps its Content-ID, its disposition and its file name unless new ones are
        given. See `ObjectManager`.

        Raises:
            BadValue: mail cannot carry what was given.
            NoHandler: the manager knows nothing for the type of the first argument.
            Forbidden: it holds parts, which would be lost, or it is signed. It is then as it was before.
        """
        self._refuse_in_signed()
        if self._is_open_multipart():
            raise Forbidden(
                f"{self.get_content_type()} holds parts, which set_content() would drop; {_structure.advise_text(self)}"
            )
        before = self._state()
        try:
            self._manager(content_manager).set_content(self, *args, **kw)
        except BaseException:
            self._restore(before)
            raise
        return self

    def _manager(self, content_manager: Manager | type[Manager] | None) -> Manager:
        if content_manager is None:
            return self._policy.content_manager
        return policies._manager_of(content_manager)

    def clear_content(self) -> None:
        """Drop the content and every Content-* field.

        Raises:
            Forbidden: the part is signed.
        """
        self._refuse_in_signed()
        self._drop_body()
        self.headers._take("content-")

    @property
    def source(self) -> bytes:
        """Its own octets as they stand: those it was parsed from, or those it would be written as once edited."""
        if self._whole is not None and not self._edited:
            layout = self._whole.layout
            return self._whole.source.data[layout.start : layout.end]
        return bytes(self)

    @property
    def span(self) -> tuple[int, int] | None:
        """Where it stood in what was parsed, in octets; None when it was composed.

        Below a message that stands transfer encoded in another, it is the place in the decoded octets.
        """
        return None if self._whole is None else (self._whole.layout.start, self._whole.layout.end)

    @property
    def composed(self) -> bool:
        """Whether it was built here, or edited since it was parsed."""
        return self._whole is None or self._edited

    # -- bodies and attachments ------------------------------------------------------------------------

    def get_body(self, preferencelist: Sequence[str] = ("related", "html", "text")) -> MIMEPart | None:
        """The part that is the body, by preference; None where there is none of what was asked.

        ``"related"`` stands for a page with its images, ``"html"`` and ``"text"`` (or ``"plain"``) for one text. A
        part marked as attachment is never the body, and attached messages are not looked into.

        Raises:
            BadValue: there is neither "text" nor "html" in *preferencelist*.
        """
        return _part(_walk.find_body(self, preferencelist))

    def get_text(self) -> str:
        r"""The text people read in it, whatever versions it has; empty where there is none.

        That is the plain version, ``format=flowed`` unfolded (RFC 3676); where there is no plain one with something in
        it, the HTML as text. Texts in a row, around an image or with a list's footer, are joined. Attachments and
        attached messages are none of it. Lines end in ``\n``.
        """
        return text_of(self)

    def iter_attachments(self, *, recursive: bool = False) -> Iterator[MIMEPart]:
        """The direct parts that are not the body; with *recursive* every file, flat, wherever it stands.

        An alternative has none, a related its related parts, a leaf none. With *recursive* signed, nested and
        related containers are entered, attached messages are not, and a message that is itself one file yields itself.
        """
        found = _walk.files(self) if recursive else _walk.attachments(self)
        return (part for part in found if isinstance(part, MIMEPart))

    def iter_parts(self) -> Iterator[MIMEPart] | None:
        """The direct parts, or the one message of a message/rfc822; None for what has no parts."""
        return iter(self.parts) if self.is_multipart() else None

    def walk(self) -> Iterator[MIMEPart]:
        """It and everything below it, attached messages too, each before its parts."""
        return (part for part in _walk.walk(self) if isinstance(part, MIMEPart))

    def get_part(self, cid: str) -> MIMEPart | None:
        """The part with that Content-ID, with or without angle brackets, or None. RFC 2392."""
        return _part(_walk.find_id(self, cid))

    # -- structure -------------------------------------------------------------------------------------

    def make_related(self, boundary: str | None = None) -> None:
        """Turn it into a multipart/related whose first part is what it was. RFC 2387.

        Raises:
            Forbidden: only what is no multipart can become related; the error names the call that helps.
            BadValue: a boundary RFC 2046, section 5.1.1 does not allow.
        """
        self._promote("make_related", "related", boundary)

    def make_alternative(self, boundary: str | None = None) -> None:
        """Turn it into a multipart/alternative whose first version is what it was. RFC 2046, section 5.1.4.

        Raises:
            Forbidden: an alternative or a mixed cannot become one; the error names the call that helps.
            BadValue: a boundary RFC 2046, section 5.1.1 does not allow.
        """
        self._promote("make_alternative", "alternative", boundary)

    def make_mixed(self, boundary: str | None = None) -> None:
        """Turn it into a multipart/mixed whose first part is what it was. RFC 2046, section 5.1.3.

        Raises:
            Forbidden: a mixed is one already.
            BadValue: a boundary RFC 2046, section 5.1.1 does not allow.
        """
        self._promote("make_mixed", "mixed", boundary)

    def add_related(
        self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object
    ) -> MIMEPart:
        """Add something the content refers to, such as an image; what is no related yet becomes one.

        Args:
            args: as for `set_content`, or a part that is to stand there itself.

        Returns:
            the new part; its disposition is ``inline`` unless said otherwise.

        Raises:
            Forbidden: an alternative or a mixed takes none; `embed` finds the page inside.
            BadValue: a part of it has the same Content-ID already; or as `set_content`.
            NoHandler: as `set_content`. The message is then as it was before.
        """
        return self._add("add_related", "related", "inline", args, content_manager, kw)

    def add_alternative(
        self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object
    ) -> MIMEPart:
        """Add another version of the content, a richer one; what is no alternative yet becomes one.

        Args:
            args: as for `set_content`, or a part that is to stand there itself.

        Returns:
            the new part; with a file name its disposition is ``inline`` unless said otherwise.

        Raises:
            Forbidden: a mixed takes none; ``get_body().add_alternative()`` adds a version of the body.
            BadValue, NoHandler: as `set_content`. The message is then as it was before.
        """
        return self._add("add_alternative", "alternative", None, args, content_manager, kw)

    def add_attachment(
        self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object
    ) -> MIMEPart:
        """Add a file; what is no mixed yet becomes one.

        Args:
            args: as for `set_content`, or a part that is to stand there itself. A message, which has fields
                beside the Content-* ones, is attached whole, as message/rfc822.

        Returns:
            the new part; its disposition is ``attachment`` unless said otherwise.

        Raises:
            BadValue, NoHandler: as `set_content`. The message is then as it was before.
        """
        return self._add("add_attachment", "mixed", "attachment", args, content_manager, kw)

    def embed(
        self,
        *args: object,
        cid: str | None = None,
        content_manager: Manager | type[Manager] | None = None,
        **kw: object,
    ) -> str:
        """Add something the HTML body shows, such as an image, wherever in the tree that body is.

        Args:
            args: as for `set_content`, or a part that is to stand there itself.
            cid: the Content-ID, as the page names it in ``cid:...``. Without one it is that of the part, or a new one.

        Returns:
            the Content-ID without angle brackets, ready for ``f'<img src="cid:{cid}">'``.

        Raises:
            Forbidden: there is no HTML body, or it is signed.
            BadValue: something beside the page has that Content-ID already; or as `set_content`.
            NoHandler: as `set_content`. The message is then as it was before.
        """
        page = self.get_body(("html",))
        if page is None:
            raise Forbidden(f"there is no HTML body to embed in; {_structure.advise_page(self)}")
        around = _part(_walk.related_around(page)) or page
        given = args[0] if args and isinstance(args[0], MIMEPart) else None
        own = None if given is None or cid is not None else _walk.own_id(given)
        if own is not None:
            around.add_related(*args, content_manager=content_manager, **kw)
            return own
        cid = _structure.make_cid() if cid is None else _walk.bare_id(cid)
        if given is None:
            around.add_related(*args, content_manager=content_manager, cid=cid, **kw)
            return cid
        before = given._state()
        given.set_header("Content-ID", cid)
        try:
            around.add_related(*args, content_manager=content_manager, **kw)
        except BaseException:
            given._restore(before)
            raise
        return cid

    def attach(self, part: MIMEPart) -> None:
        """Add *part* itself behind the other parts of a multipart.

        Raises:
            BadValue: *part* is no `MIMEPart`.
            Forbidden: it is no multipart, it is signed, or *part* stands elsewhere already.
        """
        _check_part(part)
        self._refuse_in_signed(itself=True)
        if not self._is_open_multipart() and not (self._kind().maintype == "multipart" and self._body is None):
            raise Forbidden(
                f"{self.get_content_type()} holds no parts; add_attachment() or make_mixed() makes it a multipart"
            )
        _structure.check_adoption(self, (part,))
        if self._body is None:
            frame = Frame(_boundary.check(self.get_boundary() or _boundary.choose()).encode())
            self._put(frame, [])
            self._write_boundary(frame)
            self._finish()
        self._own_frame().seams.append(None)
        self._adopt(part)

    def remove(self, part: MIMEPart) -> None:
        """Take *part*, one of the parts at any depth below, out; it can be added elsewhere.

        Raises:
            BadValue: *part* is no `MIMEPart`.
            Forbidden: it stands in no multipart below this one, or it is signed.
        """
        _check_part(part)
        holder: Entity | None = part._parent
        around = holder
        while around is not None and around is not self:
            around = around._parent
        if around is None or not isinstance(holder, MIMEPart) or not holder._is_open_multipart():
            raise Forbidden("what is removed must be a part of a multipart, here or below")
        holder._refuse_in_signed(itself=True)
        if holder.get_content_type() == "multipart/digest":
            part._settle_type(digest=False)
        frame, parts = holder._own_frame(), holder._children()
        holder._forget_ids()
        place = next(at for at, one in enumerate(parts) if one is part)
        # the first delimiter may stand without a line end of its own, so it stays and the next one goes
        del frame.seams[1 if place == 0 and len(parts) > 1 else place]
        del parts[place]
        part._parent = None
        if part._body is not None:
            part._finish()

    def _promote(self, method: str, subtype: str, boundary: str | None) -> None:
        self._refuse_in_signed()
        _structure.allow(self, method)
        frame = Frame(_boundary.check(boundary or _boundary.choose()).encode())
        fields = [field for field in self.headers if field.name.lower().startswith("content-")]
        inner: list[Entity] = []
        if self._body is not None or (fields and self.get_content_maintype() != "multipart"):
            inner.append(self._move_content())
        frame.seams = [None] * len(inner)
        self._put(frame, inner)
        for part in inner:
            part._parent = self
            self._carry(part)
        kind = ContentType.build("multipart", subtype, {"boundary": frame.boundary.decode()})
        self.headers._replace("Content-Type", Field("Content-Type", kind))
        _structure.tell_root(self)
        self._finish()

    def _move_content(self) -> MIMEPart:
        """A new part that has the content of this one, its Content-* fields as they stand."""
        part = MIMEPart(policy=self._policy)
        if self.headers.first("content-type") is None and self._kind().is_message:
            part.set_header("Content-Type", "message/rfc822")
        self._open_head()
        self.parts  # noqa: B018 -- found while the old header still says how
        for item in self.headers._take("content-"):
            part.headers._append(item)
        part._body, part._parts, part._wraps = self._body, self._parts, self._wraps
        for below in part._parts or ():
            below._parent = part
        part._edited = True
        return part

    def _finish(self) -> None:
        """What a message needs once it holds content; a part needs nothing."""

    def _add(  # noqa: PLR0913 -- what three public methods share
        self,
        method: str,
        subtype: str,
        disposition: str | None,
        args: tuple[object, ...],
        content_manager: Manager | type[Manager] | None,
        kw: dict[str, object],
    ) -> MIMEPart:
        self._refuse_in_signed()
        _structure.allow(self, method)
        given = args[0] if args else None
        handed = given if isinstance(given, list | tuple) else (given,)
        _structure.check_adoption(self, [item for item in handed if isinstance(item, MIMEPart)])
        part = self._new_part(method, args, content_manager, kw)
        ids = _structure.check_id(self, part) if method == "add_related" else None
        stated = part["content-disposition"]
        if disposition is not None and stated is None:
            part.set_header("Content-Disposition", disposition)
        elif disposition != "attachment" and isinstance(stated, Disposition) and part is not given:
            # a file name makes an attachment of it, where nobody said that it is one
            said = [word.lower() for word in (kw.get("disposition"), *args[1:]) if isinstance(word, str)]
            if stated.content_disposition not in said:
                part.set_header("Content-Disposition", Disposition.build("inline", stated.params))
        begun = self._is_open_multipart() or self._body is None
        if self.get_content_type() != f"multipart/{subtype}" or not begun:
            self._promote(f"make_{subtype}", subtype, None)
        self.attach(part)
        if ids is not None:
            _structure.keep_ids(self, ids, part)
        return part

    def _new_part(
        self,
        method: str,
        args: tuple[object, ...],
        content_manager: Manager | type[Manager] | None,
        kw: dict[str, object],
    ) -> MIMEPart:
        given = args[0] if args else None
        if isinstance(given, MIMEPart) and not (method == "add_attachment" and _structure.is_message(given)):
            if len(args) > 1 or kw:
                raise BadValue(f"{method}() takes a part as it is, and nothing beside it; set its fields instead")
            return given
        part = MIMEPart(policy=self._policy)
        part.set_content(*args, content_manager=content_manager, **kw)
        return part

    # -- defects ---------------------------------------------------------------------------------------

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong with this entity: its structure, its fields and the encoding of its content. Not its parts."""
        found: list[Defect] = []
        if self._whole is not None:
            self._open_head()
        parts = self.parts
        if isinstance(self._body, Raw):
            found += self._body.layout.defects
        elif self._whole is not None:
            found += self._whole.layout.defects
        seen: set[str] = set()
        for field in self.headers:
            name = field.name.lower()
            wrong = field.value.defects
            if name in seen and registry.is_unique(name):
                wrong = (*wrong, Defect("repeated-field"))
            seen.add(name)
            place = field.span[0] if wrong and field.span is not None else None
            found += [
                defect if defect.offset is not None else defect.at(place)
                for defect in wrong
                if not (defect.code == "8bit-in-header" and self._policy.utf8 and field.is_utf8)
            ]
        if self._kind().maintype == "multipart" and not transfer.is_identity(self.transfer_encoding()):
            coding = self.field("content-transfer-encoding")
            found.append(Defect("multipart-encoded", None if coding is None or coding.span is None else coding.span[0]))
        if isinstance(self._body, Raw) and not parts and not self._body.layout.opaque:
            found += self._content_defects(self._body)
        return tuple(found)

    def _content_defects(self, raw: Raw) -> list[Defect]:
        octets, defects = self._decoded()
        found = [defect.at(raw.layout.body + (defect.offset or 0)) for defect in defects]
        if self._kind().maintype == "text":
            html = self.get_content_type() == "text/html"
            decoded = charsets.decode(octets, self.get_content_charset(), html=html)
            found += [defect.at(raw.layout.body) for defect in decoded.defects]
        return found

    def all_defects(self) -> tuple[Defect, ...]:
        """What is wrong with it and with everything below it."""
        return tuple(defect for part in self.walk() for defect in part.defects)

    # -- writing ---------------------------------------------------------------------------------------

    def iter_bytes(self, *, policy: Policy | None = None) -> Iterator[bytes]:
        """The octets it is written as, in chunks; untouched parts as they came, large ones in pieces.

        Under a *policy* whose ``cte_type`` is ``"7bit"``, text that another one left 8-bit is encoded, but for what
        is signed and what was given ``cte="8bit"``.

        Raises:
            BadValue: a composed field cannot be written under *policy*, or *policy* is no `Policy`.
            ChangedFile: a file that was attached by its path changed; `MissingFile`: it is gone.
        """
        return self._written(policy)

    def written_size(self, *, policy: Policy | None = None) -> int:
        """How many octets `iter_bytes` gives: the size of a message before it is sent (RFC 1870, section 4).

        Content in base64, which is what large content is in, is not encoded for that, and a file not read.

        Raises:
            BadValue, ChangedFile, MissingFile: as `iter_bytes`.
        """
        return sum(map(len, self._written(policy, measured=True)))

    def _written(self, policy: Policy | None, *, measured: bool = False) -> Iterator[bytes]:
        chosen = self._policy if policy is None else policy
        check_policy(chosen)
        if policy is not None:
            _structure.check_fields(self, policy)
        _structure.check_files(self)
        # a boundary that was chosen anew may begin as one around it does, so it is looked at again
        while self._may_collide() and (found := _boundary.collisions(self)):
            for entity in found:
                assert isinstance(entity, MIMEPart)  # every entity is one
                entity._rebound()
        return _writer.write(self, chosen, anew=policy is not None, measured=measured)

    def _may_collide(self) -> bool:
        """Whether a boundary may occur in a part: not in what was received with its parts, nor in a leaf."""
        if isinstance(self._body, Raw):
            return self._edited and self._kind().maintype in {"multipart", "message"}
        return bool(self._parts)

    def as_bytes(self, *, policy: Policy | None = None) -> bytes:
        """The octets it is written as. What was not edited is, octet for octet, what was parsed.

        Raises:
            BadValue: a composed field cannot be written under *policy*.
        """
        whole = self._whole
        if whole is not None and not self._edited and policy is None:
            return whole.source.data[whole.layout.start : whole.layout.end]
        return b"".join(self.iter_bytes(policy=policy))

    def as_string(self, *, policy: Policy | None = None) -> str:
        r"""The message for people to look at: what is composed with ``\n``, octets that decode to nothing as U+FFFD."""
        chosen = self._policy.replace(linesep="\n") if policy is None else policy
        return self.as_bytes(policy=chosen).decode("utf-8", "replace")

    def write_to(self, file: BinaryIO, *, policy: Policy | None = None) -> None:
        """Write its octets to a binary *file*, in chunks.

        Raises:
            BadValue: a composed field cannot be written under *policy*, or *file* takes no octets.
        """
        chunks = self.iter_bytes(policy=policy)
        try:
            file.writelines(chunks)
        except (AttributeError, TypeError, UnsupportedOperation) as wrong:
            found = type(file).__qualname__
            raise BadValue(f"write_to() expects a file open for writing octets (mode 'wb'), not {found}") from wrong

    def __bytes__(self) -> bytes:
        return self.as_bytes()

    def __str__(self) -> str:
        return self.as_string()

    # -- copies ----------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        # a part has one place, so a copy has parts of its own
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return _structure.copy_tree(self)

    def __reduce__(self) -> tuple[object, ...]:
        source = bytes(_structure.copy_tree(self)) if _structure.is_message_by_place(self) else self.source
        return _restored, (type(self), source, self._policy, self.composed, self._body is None)

    def __repr__(self) -> str:
        state = "composed" if self._whole is None else "edited" if self._edited else "parsed"
        # nothing is read to be shown
        kind = f" {self.get_content_type()}" if self._whole is None or self._whole.layout.fields_end >= 0 else ""
        span = "" if self.span is None else f" {self.span[0]}:{self.span[1]}"
        return f"<{type(self).__name__} {state}{kind}{span}>"


class MIMEMessage(MIMEPart):
    """A message: an entity on its own, with MIME-Version as soon as it holds content. RFC 2045, section 4."""

    __slots__ = ("_unixfrom",)
    stands_alone = True

    _unixfrom: bytes | None  # set where there was one

    def get_unixfrom(self) -> str | None:
        """The line "From ..." that stood before it in an mbox, without its end; None where there was none.

        It is no part of the message, and not written with it. One character an octet.
        """
        line = self._separator()
        return None if line is None else line.rstrip(b"\r\n").decode("latin-1")

    def _separator(self) -> bytes | None:
        return getattr(self, "_unixfrom", None)

    def set_content(self, *args: object, content_manager: Manager | type[Manager] | None = None, **kw: object) -> Self:
        """Fill it with content, as `MIMEPart.set_content` does, and make sure of its MIME-Version."""
        super().set_content(*args, content_manager=content_manager, **kw)
        self._finish()
        return self

    def _finish(self) -> None:
        placed = self._parent is not None and self._parent.get_content_type().startswith("multipart/")
        if not placed and "mime-version" not in self:
            self.set_header("MIME-Version", "1.0")

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        twin = super().__deepcopy__(memo)
        twin._unixfrom = self._separator()
        return twin

    def __reduce__(self) -> tuple[object, ...]:
        return (*super().__reduce__(), (None, {"_unixfrom": self._separator()}))


def _restored(made: type[MIMEPart], octets: bytes, policy: Policy, composed: bool, empty: bool) -> MIMEPart:  # noqa: FBT001 -- pickle's
    part = made._received(whole(octets), policy)
    if empty:
        part._put(None, [])
    part._edited = composed
    return part


def _check_part(part: object) -> None:
    if not isinstance(part, MIMEPart):
        raise BadValue(f"expected a MIMEPart, found {type(part).__name__}")


def _part(entity: Entity | None) -> MIMEPart | None:
    return entity if isinstance(entity, MIMEPart) else None
