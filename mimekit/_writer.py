"""Entity to octets, in chunks: what was not touched is copied from its source, the rest is composed.

Nothing recurses: what is still to be written stands on a stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from . import transfer
from ._mapped import Mapped
from ._scanner import Layout, Source
from .entity import Content, Entity, Frame, Options, Raw
from .field import Field
from .values.registry import compose_value

# octets of content encoded at a time; a multiple of 57, which is one line of base64 (RFC 2045, section 6.8), and few
# enough to stay in a processor's cache
_CHUNK = 57 * 1_024
_PIECE = 1 << 20  # octets of a source, or of content that needs no encoding, written at a time
_CODING = "Content-Transfer-Encoding"
_UNDECIDED = b" \t\r"  # in a text, what stands before a line end, or does not


class _Seam:
    """A delimiter still to be written, as it came or composed."""

    __slots__ = ("closing", "eol", "octets")

    def __init__(self, octets: bytes, eol: bytes, *, closing: bool = False) -> None:
        self.octets = octets
        self.eol = eol
        self.closing = closing


class _Leaf:
    """Composed content still to be encoded and written."""

    __slots__ = ("content", "eol")

    def __init__(self, content: Content, eol: bytes) -> None:
        self.content = content
        self.eol = eol


class _Wrapped:
    """The end of an edited message that stands transfer encoded in another: what was written since is encoded."""

    __slots__ = ("encoding", "eol", "outer")

    def __init__(self, encoding: str, eol: bytes, outer: list[bytes]) -> None:
        self.encoding = encoding
        self.eol = eol
        self.outer = outer


def line_end(entity: Entity, options: Options) -> bytes:
    """The line end that what is composed inside *entity* takes: its source's own, or the policy's."""
    node: Entity | None = entity
    while node is not None:
        if node._whole is not None:
            return node._whole.source.eol
        node = node._parent
    return options.linesep.encode()


class _Unwritten(bytes):
    """As many octets of base64 as would be written. Nothing but its length and its end is asked for."""

    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: object) -> bytes:  # type: ignore[override]  # its end, whatever is asked
        return b"=" if self.size else b""


def write(entity: Entity, options: Options, *, anew: bool = False, measured: bool = False) -> Iterator[bytes]:
    """The octets of *entity*, in order, in chunks of any size.

    Args:
        entity: what is written.
        options: how what is composed is written.
        anew: whether content that was to be 8bit by other options is encoded anew where these allow only 7bit.
        measured: whether only the length of the chunks is wanted, and base64 need not be written for that.

    Raises:
        BadValue: a composed field cannot be written under *options*.
    """
    whole = entity._whole
    if whole is not None and not entity._edited:
        # nothing is composed, so nobody needs to know how its lines end, for which all of it would be read
        return pieces(whole.source, whole.layout.start, whole.layout.end)
    encode = _measured if measured else _encoded
    writer = _Writer(options, is_narrow=anew and options.cte_type == "7bit", encode=encode)
    eol = line_end(entity, options)
    if isinstance(entity._body, Raw) and entity._edited and not _has_edited_parts(entity):
        # received, and nothing but its fields edited
        body = entity._body
        return chain((writer.head(entity, eol),), pieces(body.source, body.layout.body, body.layout.end))
    if entity._whole is None and isinstance(entity._body, Content) and not entity._parts:
        # composed, and a leaf
        content = writer.narrowed(entity) or entity._body
        return chain((writer.head(entity, eol),), encode(content, eol))
    writer.stack.append((entity, eol))
    return writer.run()


def write_body(entity: Entity, options: Options) -> Iterator[bytes]:
    """The octets behind the empty line of *entity*."""
    entity.headers  # noqa: B018 -- a body begins where the header block ends
    writer = _Writer(options)
    writer.push_body(entity, line_end(entity, options))
    return writer.run()


_Encode = Callable[[Content, bytes], Iterator[bytes]]
_Item = tuple[Entity, bytes] | _Seam | _Leaf | _Wrapped | Raw | bytes


class _Writer:
    def __init__(self, options: Options, *, is_narrow: bool = False, encode: _Encode | None = None) -> None:
        self.stack: list[_Item] = []
        self._options = options
        self._encode = encode or _encoded
        self._is_narrow = is_narrow  # nothing composed is written 8bit unless the caller asked for that
        self._wrapped: list[bytes] | None = None
        # content stands before this place, so a delimiter must bring a line end of its own
        self._glued = False
        self._last = b""  # the octet written last

    def run(self) -> Iterator[bytes]:
        while self.stack:
            item = self.stack.pop()
            for chunk in self._write(item):
                self._last = chunk[-1:] or self._last
                if self._wrapped is None:
                    yield chunk
                else:
                    self._wrapped.append(chunk)

    def _write(self, item: _Item) -> Iterator[bytes]:
        if isinstance(item, bytes):
            if item:
                self._glued = True
                yield item
        elif isinstance(item, Raw):
            self._glued = _ends_in_content(item.layout)
            yield from pieces(item.source, item.layout.body, item.layout.end)
        elif isinstance(item, _Leaf):
            self._glued = self._glued or item.content.size > 0
            # of a file that was empty it is seen here whether it still is
            encode = self._encode if self._wrapped is None else _encoded
            yield from encode(item.content, item.eol)
        elif isinstance(item, _Seam):
            if self._glued and not item.octets.startswith((b"\r", b"\n")):
                yield item.eol
            elif self._last == b"\r" and item.octets.startswith(b"\n"):
                # what was content must not become half of this line end
                yield b"\r"
            self._glued = item.closing
            yield item.octets
        elif isinstance(item, _Wrapped):
            inner, self._wrapped = b"".join(self._wrapped or ()), item.outer if item.outer is not _NOWHERE else None
            self._glued = True
            yield transfer.encode(inner, item.encoding, linesep=item.eol)
        else:
            yield from self._write_entity(*item)

    def _write_entity(self, entity: Entity, eol: bytes) -> Iterator[bytes]:
        whole = entity._whole
        if whole is not None:
            if not entity._edited:
                self._glued = _ends_in_content(whole.layout)
                yield from pieces(whole.source, whole.layout.start, whole.layout.end)
                return
            eol = whole.source.eol
        head = self.head(entity, eol)
        if head and self._last and not _is_ended(self._last, eol):
            # the source ended in the delimiter before it
            yield eol
        yield head
        self._glued = False
        self.push_body(entity, eol)

    def narrowed(self, entity: Entity) -> Content | None:
        """Its content as it is written, if that is not as it was composed."""
        return _narrowed(entity) if self._is_narrow else None

    def head(self, entity: Entity, eol: bytes) -> bytes:
        """The header of *entity* and the empty line behind it."""
        options = self._options
        linesep = eol.decode()
        lines: list[bytes] = []
        items = entity.headers.runs()
        if (content := self.narrowed(entity)) is not None:
            coding = Field(_CODING, compose_value(_CODING, content.encoding))
            items = [
                coding if isinstance(item, Field) and item.name.lower() == _CODING.lower() else item for item in items
            ]
        line_length, utf8 = options.max_line_length, options.utf8
        last = b"\n"
        for item in items:
            if not last.endswith(b"\n") and not _is_ended(last, eol):
                lines.append(eol)
            last = item if isinstance(item, bytes) else item.write(linesep=linesep, line_length=line_length, utf8=utf8)
            lines.append(last)
        whole = entity._whole
        start = b"" if whole is None else whole.source.data[whole.layout.start : whole.layout.fields]
        if whole is not None and not entity._separate:
            return start + b"".join(lines) + whole.source.data[whole.layout.fields_end : whole.layout.body]
        if lines and not _is_ended(lines[-1], eol):
            lines.append(eol)
        return start + b"".join(lines) + eol

    def push_body(self, entity: Entity, eol: bytes) -> None:
        """Put the body of *entity* on the stack, its last piece first."""
        body, parts = entity._body, entity._parts
        if isinstance(body, Frame) and parts is not None:
            self._push_frame(entity, body, parts, eol)
        elif parts and _has_edited_parts(entity):
            self._push_edited(entity, parts, eol)
        elif isinstance(body, Raw):
            self.stack.append(body)
        elif isinstance(body, Content):
            if parts:
                self.stack.append((parts[0], eol))
            else:
                self.stack.append(_Leaf(self.narrowed(entity) or body, eol))

    def _push_edited(self, entity: Entity, parts: list[Entity], eol: bytes) -> None:
        """A received body whose parts were edited, all of them still in their places."""
        body = entity._body
        if isinstance(body, Raw) and body.layout.parts is None:
            # a transfer-encoded message: what is edited in it is encoded again as it came
            outer = self._wrapped if self._wrapped is not None else _NOWHERE
            self.stack.append(_Wrapped(entity.transfer_encoding(), eol, outer))
            self._wrapped = []
            self._last = b""  # what is encoded begins anew
            self.stack.append((parts[0], eol))
        elif isinstance(body, Raw) and body.layout.seams:
            self._push_frame(entity, Frame.received(body.source, body.layout), parts, eol)
        else:
            self.stack.append((parts[0], eol))

    def _push_frame(self, entity: Entity, frame: Frame, parts: list[Entity], eol: bytes) -> None:
        delimiter = b"--" + frame.boundary
        stack = self.stack
        if frame.closed:
            ours = frame.close is None
            stack.append(eol if ours and not frame.epilogue and entity._parent is None else frame.epilogue)
            stack.append(_Seam(frame.close or eol + delimiter + b"--", eol, closing=True))
        composed = eol + delimiter + eol
        first = composed if frame.preamble else delimiter + eol
        for place in range(len(parts) - 1, -1, -1):
            stack.append((parts[place], eol))
            stack.append(_Seam(frame.seams[place] or (composed if place else first), eol))
        if not parts:
            # RFC 2046 5.1.1: a multipart has a part, if only one with nothing in it
            stack.append(eol)
            stack.append(_Seam(first, eol))
        if frame.preamble:
            stack.append(frame.preamble)


_NOWHERE: list[bytes] = []


def _has_edited_parts(entity: Entity) -> bool:
    return any(part._edited for part in entity._parts or ())


def _ends_in_content(layout: Layout) -> bool:
    """Whether it ends in content; the line end of an empty line before a delimiter is none."""
    while layout.parts and (layout.close is None or layout.kind.is_message):
        layout = layout.parts[-1]
    return layout.body < layout.end


def _is_ended(octets: bytes, eol: bytes) -> bool:
    """Whether a line ends at their end: in LF always, in CR alone only where the lines around it do."""
    return octets.endswith((b"\n", eol))


def _narrowed(entity: Entity) -> Content | None:
    """Its content in 7bit, where it was 8bit by the choice of a policy and nobody signed it."""
    content = entity._body
    if not isinstance(content, Content) or content.encoding != "8bit" or content.asked or entity._parts:
        return None
    node = entity._parent
    while node is not None:
        if node.get_content_type() == "multipart/signed":
            return None
        node = node._parent
    return content.encoded_as(transfer.choose(content.octets, text=content.text), asked=False)


def pieces(source: Source, start: int, end: int) -> Iterator[bytes]:
    """What stands in *source* from *start* to *end*, never much of it at a time."""
    data = source.data
    for place in range(start, end, _PIECE):
        stop = min(place + _PIECE, end)
        yield data[place:stop]
        if isinstance(data, Mapped) and end - start > _PIECE:
            data.let_go(place, stop)


def _encoded(content: Content, eol: bytes) -> Iterator[bytes]:
    encoding, text = content.encoding, content.text
    if encoding == "base64":
        left = content.size
        for piece in content.pieces(_CHUNK):
            left -= len(piece)
            lines = transfer.base64_lines(piece)
            # all but the last piece bring the line end behind them, so that nobody has to add it
            yield eol.join([*lines, b""] if left else lines)
    elif encoding == "quoted-printable":
        yield from _quoted_printable(content.pieces(_CHUNK), eol, text=text)
    else:
        yield from _in_clear(content.pieces(_PIECE), encoding, eol, text=text)


def _measured(content: Content, eol: bytes) -> Iterator[bytes]:
    """What is as long as `_encoded`. RFC 2045, section 6.8: four characters for three octets, 76 on a line."""
    if content.encoding != "base64":
        yield from _encoded(content, eol)
        return
    unwritten = _Unwritten()
    line_count = -(-content.size // 57)
    unwritten.size = -(-content.size // 3) * 4 + max(line_count - 1, 0) * len(eol)
    yield unwritten


def _in_clear(octets: Iterator[bytes], encoding: str, eol: bytes, *, text: bool) -> Iterator[bytes]:
    rest = b""
    for piece in octets:
        whole = rest + piece
        # a line end of the text, which takes another form, stays whole
        rest = b"\r" if text and whole.endswith(b"\r") else b""
        yield transfer.encode(whole[: len(whole) - len(rest)], encoding, linesep=eol, text=text)
    yield rest


def _quoted_printable(octets: Iterator[bytes], eol: bytes, *, text: bool) -> Iterator[bytes]:
    held = [next(octets, b"")]
    for piece in octets:
        if text and not piece.strip(_UNDECIDED):
            # joined once it is known what follows, for blanks may go on and on
            held.append(piece)
            continue
        rest = b"".join(held)
        # Lines are filled from the front, so all but the last are what they would be without a cut. But a blank at
        # the end is an escape, and takes the room of three: so something stands behind it, as in the whole. In a
        # text that may be a line end, which takes no room; so there it is left for later, and half a line end, too.
        head = rest.rstrip(_UNDECIDED) if text else rest + b"x"
        lines, line_end, last = transfer.encode(head, "quoted-printable", linesep=eol, text=text).rpartition(eol)
        yield lines + line_end
        held = [rest[len(head) - len(transfer.undo(last, "quoted-printable")) :], piece]
    yield transfer.encode(b"".join(held), "quoted-printable", linesep=eol, text=text)
