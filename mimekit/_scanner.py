"""Bytes to spans: where the fields, the body, the delimiters and the parts of a message stand.

Nothing is copied or decoded here and nothing is refused. `head` finds where a header block ends;
`scan` finds the whole tree below an entity in one pass, with a stack of open boundaries in place of
recursion, so that time grows with the size of the source however it is nested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import transfer
from ._block import Block, divide, divide_fields
from ._mapped import Octets
from .errors import Defect
from .values.contenttype import Summary, summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _T = TypeVar("_T")

_ENCODED = frozenset({"base64", "quoted-printable", "uuencode", "x-uuencode", "uue", "x-uue"})
_BOM = b"\xef\xbb\xbf"
_DEFAULT = summary("text/plain")
_DIGEST_DEFAULT = summary("message/rfc822")

# any number of fields, as `Block` has them
_FIELDS = rb"(?:(?!--)[!-9;-~]++[ \t]*+:[^\n]*+(?:\n|\Z)(?:[ \t][^\n]*+(?:\n|\Z))*+)*+"


class Form:
    """One form of line end: its octet, and the patterns that depend on it."""

    __slots__ = ("blank", "dashes", "fields", "newline")

    def __init__(self, newline: bytes) -> None:
        self.newline = newline
        self.dashes = newline + b"--"
        # QUIRK: mail whose line ends were converted twice ends its lines with CR CR LF
        self.blank = re.compile(rb"\n\r*+\n" if newline == b"\n" else rb"\r\r")
        self.fields = re.compile(_FIELDS if newline == b"\n" else _FIELDS.replace(rb"\n", rb"\r"))


_LF = Form(b"\n")
_CR = Form(b"\r")


class Source:
    """The octets a message was parsed from, and the line ends they use."""

    __slots__ = ("_eol", "_form", "data")

    def __init__(self, data: Octets) -> None:
        self.data = data
        self._form: Form | None = None
        self._eol = b""

    @property
    def form(self) -> Form:
        """How lines end: in LF (a CR before it is part of the end), or in CR where there is no LF at all."""
        if self._form is None:
            # QUIRK: RFC 5322 2.1 knows CRLF only; LF is what files hold, and CR alone what very old ones do
            self._form = _CR if b"\n" not in self.data and b"\r" in self.data else _LF
        return self._form

    @property
    def eol(self) -> bytes:
        """The line end used most, which what is added takes; CRLF where there is none."""
        if not self._eol:
            if self.form is _CR:
                self._eol = b"\r"
            else:
                self._eol = b"\r\n" if _is_mostly_crlf(self.data) else b"\n"
        return self._eol


def _is_mostly_crlf(data: Octets) -> bool:
    if b"\r" not in data:
        return b"\n" not in data
    newlines = data.count(b"\n")
    returns = data.count(b"\r")
    if returns == newlines:
        # one CR for each LF, as in nearly all mail that has any: they stand as the first ones do
        return data.find(b"\n") == data.find(b"\r") + 1
    # to count pairs takes ten times as long as to count octets
    return 2 * returns >= newlines and newlines <= 2 * data.count(b"\r\n")


class Layout:
    """Where one entity stands in its source. All numbers are offsets in octets.

    ``start`` .. ``fields`` is a byte order mark or nothing; ``fields`` .. ``fields_end`` the header
    lines; ``fields_end`` .. ``body`` the empty line; ``body`` .. ``end`` the body. ``parts`` is None
    for a leaf. ``seams[i]`` is the span of the delimiter before part *i*, with the line end in front
    that belongs to it (RFC 2046, section 5.1.1); ``close`` the span of the closing one, without what follows.
    ``block`` is its header, divided, once it was found.
    """

    __slots__ = (
        "block",
        "body",
        "boundary",
        "close",
        "defects",
        "end",
        "fields",
        "fields_end",
        "kind",
        "opaque",
        "parts",
        "scanned",
        "seams",
        "start",
    )

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.block: Block | None = None
        self.fields = start
        self.fields_end = -1
        self.body = -1
        self.kind = _DEFAULT
        self.boundary = b""
        self.parts: list[Layout] | None = None
        self.seams: list[tuple[int, int]] = []
        self.close: tuple[int, int] | None = None
        self.defects: list[Defect] = []
        self.scanned = False
        self.opaque = False


def head(source: Source, layout: Layout, *, max_header_size: int) -> Block:
    """Find where the header block of *layout* ends, and its type; the block may reach to the end of the entity."""
    blank = source.form.blank.search(source.data, layout.start, layout.end)
    return _head(source, layout, blank, layout.end, {}, _DEFAULT, is_clear=True, max_header_size=max_header_size)


def _head(  # noqa: PLR0913 -- what one entity and its surroundings are
    source: Source,
    layout: Layout,
    blank: re.Match[bytes] | None,
    end: int,
    delimiters: Mapping[bytes, object],
    default: Summary,
    *,
    is_clear: bool,
    max_header_size: int,
) -> Block:
    """Divide what stands before *blank* (or else *end*), and see what is a field in it and what the entity is.

    Args:
        source: where it stands.
        layout: the entity.
        blank: the empty line, if there is one.
        end: where the entity ends at the latest.
        delimiters: the open ones; a line that is one ends the block.
        default: what an entity here is without a Content-Type.
        is_clear: whether no line that begins with "--" stands before the empty line.
        max_header_size: of the policy.
    """
    block_end, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    block = None
    # nearly every header there is: fields, and nothing else. A block that may belong to another entity in part is
    # not divided twice, which is what keeps many of them linear
    if (
        is_clear
        and block_end - layout.start <= max_header_size
        and source.data[layout.start : layout.start + 1] > b"\r"
    ):
        block = divide_fields(source.data, layout.start, block_end, newline=source.form.newline)
    if block is not None:
        layout.fields_end, layout.body = block_end, body
    else:
        _find_fields(source, layout, block_end, body, end, delimiters)
        _limit_header(source, layout, max_header_size)
        block = divide(source.data, layout.fields, layout.fields_end, newline=source.form.newline)
    layout.block = block
    kind = block.body_of("content-type")
    layout.kind = default if kind is None else summary(kind)
    return block


def _find_fields(  # noqa: PLR0913 -- as _head
    source: Source, layout: Layout, block_end: int, body: int, end: int, delimiters: Mapping[bytes, object]
) -> None:
    """Find the fields before *block_end*, some lines among which are none, and where the body begins.

    The block ends at a line that is one of the open *delimiters*, and at the entity's own first delimiter where the
    empty line is missing.
    """
    data, form, start = source.data, source.form, layout.start
    if data.startswith(_BOM, start, end):
        # QUIRK: saved by an editor that marks UTF-8 so; attached like that, it stands inside another message
        layout.fields = start = start + len(_BOM)
        layout.defects.append(Defect("byte-order-mark", layout.start))
    if data[start : min(start + 3, end)].lstrip(b"\r" if form is _LF else b"").startswith(form.newline):
        # the block is empty: the entity begins with the empty line
        layout.fields_end = start
        layout.body = data.index(form.newline, start) + 1
        return
    good = form.fields.match(data, start, block_end)
    assert good is not None  # the pattern matches the empty string
    if good.end() == block_end:
        layout.fields_end, layout.body = block_end, body
        return
    layout.fields_end, stopped = _skip_strays(source, start, good.end(), block_end, delimiters)
    if layout.fields_end == block_end and not stopped:
        layout.body = body
        layout.defects.append(Defect("stray-line", good.end()))
        return
    # QUIRK: no field follows, so the body begins here, its empty line missing (RFC 5322 2.1)
    layout.body = layout.fields_end
    if layout.fields_end > good.end():
        layout.defects.append(Defect("stray-line", good.end()))
    if not stopped:
        layout.defects.append(Defect("missing-separator", layout.body))


def _skip_strays(
    source: Source, start: int, position: int, block_end: int, delimiters: Mapping[bytes, object]
) -> tuple[int, bool]:
    """Where the last field before *block_end* ends, given that the line at *position* is no field.

    Returns:
        the offset, and whether a delimiter stopped the search.
    """
    data, form = source.data, source.form
    fields_end = position
    checked = start
    own: tuple[bytes, bytes] | None = None  # the boundary of this entity, once its Content-Type was met
    while position < block_end:
        line_end = data.find(form.newline, position, block_end) + 1 or block_end
        if data.startswith(b"--", position):
            # QUIRK: a multipart whose first delimiter stands where the empty line is missing
            if own is None:
                own = _boundaries(divide(data, checked, position, newline=form.newline))
            checked = position
            name = data[position + 2 : line_end].rstrip()
            if name and ((own and name in own) or delimiters.get(name) or _closed(name, delimiters)):
                return fields_end, True
        run = form.fields.match(data, line_end, block_end)
        assert run is not None  # the pattern matches the empty string
        position = run.end()
        if position > line_end:
            fields_end = position
    return fields_end, False


def _boundaries(block: Block) -> tuple[bytes, bytes] | None:
    """What the delimiters of its multipart are made of, empty where they are not known; None without a type."""
    body = block.body_of("content-type")
    if body is None:
        return None
    kind = summary(body)
    return kind.boundary or b"", kind.alternate or b""


def _closed(name: bytes, delimiters: Mapping[bytes, _T]) -> _T | None:
    """Whose closing delimiter ``--`` *name* is; *name* ends in "--" then."""
    if not name.endswith(b"--"):
        return None
    return delimiters.get(name[:-2]) or delimiters.get(name[:-2].rstrip())


def _limit_header(source: Source, layout: Layout, max_header_size: int) -> None:
    if layout.fields_end - layout.fields <= max_header_size:
        return
    newline = source.form.newline
    cut = source.data.rfind(newline, layout.fields, layout.fields + max_header_size) + 1
    layout.fields_end = layout.body = cut or layout.fields
    layout.defects.append(Defect("header-limit", layout.body))
    layout.opaque = True


def is_encoded(source: Source, layout: Layout, encoding: str) -> bool:
    """Whether the body of a message/rfc822 is transfer encoded, against RFC 2046, section 5.2.1.

    Args:
        source: where it stands.
        layout: its body, the start of it known.
        encoding: the body of its Content-Transfer-Encoding field, or the token in it.
    """
    claimed = transfer.token(encoding)[0]
    # QUIRK: labelled base64 and in clear; a field name and its colon are no base64
    begin = source.data[layout.body : min(layout.body + 512, layout.end)]
    line = begin.lstrip().split(source.form.newline, 1)[0]
    if claimed == "base64" and b":" in line and not line.startswith(b"--"):
        return False
    return claimed in _ENCODED


class _Open:
    """A multipart whose closing delimiter was not met yet."""

    __slots__ = ("boundaries", "full", "height", "layout")

    def __init__(self, layout: Layout, boundaries: tuple[bytes, ...], height: int) -> None:
        self.layout = layout
        self.boundaries = boundaries
        self.height = height  # how many entities are open, this one included
        self.full = False


def scan(source: Source, root: Layout, *, max_depth: int, max_parts: int, max_header_size: int) -> None:
    """Find every part below *root*, whose header block is known, and place it.

    The loop has two states: an entity whose head was just read is opened (as multipart, message
    or leaf), then the next delimiter of an open boundary decides which entities end.
    """
    root.scanned = True
    pass_ = _Pass(source, root, max_depth, max_parts, max_header_size)
    entity = root
    while True:
        pass_.open(entity)
        following = pass_.next_part()
        if following is None:
            return
        entity = following


class _Pass:
    """The state of one `scan`. Both cursors only move forward, which is what makes it linear."""

    def __init__(self, source: Source, root: Layout, max_depth: int, max_parts: int, max_header_size: int) -> None:
        self._source = source
        self._data = source.data
        self._form = source.form
        self._root = root
        self._max_depth, self._max_parts, self._max_header_size = max_depth, max_parts, max_header_size
        self._entities: list[Layout] = []  # open ones, outermost first
        self._multiparts: list[_Open] = []
        self._by_boundary: dict[bytes, list[_Open]] = {}
        self._count = 1
        self._blank: re.Match[bytes] | None = None
        self._blank_from = -1
        self._line = -1  # where the next line that begins with "--" stands

    # -- opening -----------------------------------------------------------------------------------

    def open(self, entity: Layout) -> None:
        """Put *entity* and, where it is a message, the entity inside it on the stack of open ones."""
        while True:
            entity.scanned = True
            self._entities.append(entity)
            kind = entity.kind
            if entity.opaque:
                return
            if kind.is_message:
                inner = self._open_message(entity)
                if inner is None:
                    return
                entity = inner
                continue
            if kind.maintype == "multipart":
                self._open_multipart(entity)
            return

    def _open_message(self, entity: Layout) -> Layout | None:
        # what was given another type has no header here, and its transfer encoding was looked at
        encoding = None if entity.block is None else entity.block.body_of("content-transfer-encoding")
        if encoding is not None and is_encoded(self._source, entity, encoding):
            entity.defects.append(Defect("message-encoded", entity.start))
            return None
        if len(self._entities) >= self._max_depth:
            entity.defects.append(Defect("depth-limit", entity.body))
            entity.opaque = True
            return None
        inner = Layout(entity.body, self._root.end)
        entity.parts = [inner]
        self._count += 1
        self._read_head(inner, _DEFAULT)
        return inner

    def _open_multipart(self, entity: Layout) -> None:
        kind = entity.kind
        if kind.boundary is None:
            entity.defects.append(Defect("missing-boundary", entity.start))
            return
        if len(self._entities) >= self._max_depth:
            entity.defects.append(Defect("depth-limit", entity.body))
            entity.opaque = True
            return
        boundaries = (kind.boundary,) if kind.alternate is None else (kind.boundary, kind.alternate)
        multipart = _Open(entity, boundaries, len(self._entities))
        entity.parts = []
        self._multiparts.append(multipart)
        for boundary in boundaries:
            self._by_boundary.setdefault(boundary, []).append(multipart)

    def _read_head(self, entity: Layout, default: Summary) -> None:
        """Find the head of a new entity; it ends at the empty line or at an open delimiter, whichever comes first."""
        start = entity.start
        blank = self._next_blank(start)
        if self._line < start:
            self._line = self._first_line(start)
        is_clear = blank is not None and blank.start() < self._line
        _head(
            self._source,
            entity,
            blank,
            self._root.end,
            self._by_boundary,
            default,
            is_clear=is_clear,
            max_header_size=self._max_header_size,
        )

    # -- finding -----------------------------------------------------------------------------------

    def _next_blank(self, start: int) -> re.Match[bytes] | None:
        """The first empty line after the line that begins at *start*."""
        if self._blank_from < 0 or (self._blank is not None and self._blank.start() < start):
            self._blank = self._form.blank.search(self._data, start, self._root.end)
            self._blank_from = start
        return self._blank

    def _first_line(self, start: int) -> int:
        """Where the next line that begins with "--" stands, from the one at *start* on; the end where there is none."""
        data = self._data
        begins_line = start == 0 or data[start - 1 : start] == self._form.newline
        if begins_line and data.startswith(b"--", start):
            return start
        found = data.find(self._form.dashes, start, self._root.end)
        return found + 1 if found >= 0 else self._root.end

    def _next_delimiter(self, start: int) -> tuple[int, int, _Open, bytes, bool] | None:
        """The next line from *start* on that is a delimiter of an open multipart.

        Returns:
            where the line begins and ends, whose it is, what stands behind its dashes, whether it closes.
        """
        if self._line < start:
            self._line = self._first_line(start)
        data, newline, end = self._data, self._form.newline, self._root.end
        while self._line < end:
            line = self._line
            line_end = data.find(newline, line, end) + 1 or end
            name = data[line + 2 : line_end].rstrip()
            opened = self._by_boundary.get(name)
            if opened:
                return line, line_end, opened[-1], name, False
            opened = _closed(name, self._by_boundary)
            if opened:
                return line, line_end, opened[-1], name, True
            self._line = self._first_line(line_end)
        return None

    def _before_line(self, line: int) -> int:
        """Where the line end before *line* begins."""
        data = self._data
        if line and data[line - 1 : line] == self._form.newline:
            line -= 1
            if line and self._form is _LF and data[line - 1 : line] == b"\r":
                line -= 1
        return line

    # -- closing -----------------------------------------------------------------------------------

    def next_part(self) -> Layout | None:
        """Go on to the next delimiter and what it opens; None at the end of the source."""
        while True:
            entity = self._entities[-1]
            found = self._next_delimiter(entity.body)
            if found is None:
                self._close(0, self._root.end)
                return None
            line, line_end, multipart, name, closing = found
            self._line = self._first_line(line_end)
            if multipart.full and not closing:
                continue
            # RFC 2046 5.1.1: the line end before a delimiter belongs to it, unless it ends the head of an empty part
            content_end = max(self._before_line(line), min(entity.body, line))
            self._close(multipart.height, content_end)
            if closing:
                multipart.layout.close = (content_end, line + 2 + len(name))
                self._forget()
                continue
            multipart.layout.boundary = multipart.layout.boundary or name
            return self._start_part(multipart, content_end, line_end)

    def _start_part(self, multipart: _Open, content_end: int, line_end: int) -> Layout:
        layout = multipart.layout
        assert layout.parts is not None  # set when it was opened
        part = Layout(line_end, self._root.end)
        layout.parts.append(part)
        layout.seams.append((content_end, line_end))
        self._read_head(part, _DIGEST_DEFAULT if layout.kind.content_type == "multipart/digest" else _DEFAULT)
        self._count += 1
        if self._count > self._max_parts:
            # SECURITY: a part costs objects; past the limit the rest of this multipart is one unopened part
            part.opaque = multipart.full = True
            part.defects.append(Defect("part-limit", part.start))
        return part

    def _close(self, height: int, end: int) -> None:
        """End every entity above *height*, the innermost first. RFC 2046, section 5.1.2."""
        entities = self._entities
        while len(entities) > height:
            if self._multiparts and self._multiparts[-1].height == len(entities):
                self._forget()
            entity = entities.pop()
            entity.end = end
            entity.body = min(entity.body, end)
            entity.fields_end = min(entity.fields_end, entity.body)
            if entity.parts is None or entity.kind.is_message:
                continue
            if not entity.parts:
                entity.parts = None
                entity.close = None
                entity.defects.append(Defect("boundary-not-found", entity.start))
            elif entity.close is None:
                entity.defects.append(Defect("missing-close-delimiter", end))

    def _forget(self) -> None:
        """Take the innermost open multipart off the open boundaries."""
        for boundary in self._multiparts.pop().boundaries:
            self._by_boundary[boundary].pop()
