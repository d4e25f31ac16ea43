"""What the octets must be after an edit, worked out from the octets before it and not by the writer.

An edit is known by the path of the entity it is made in. What is expected is a list of pieces: octets as they stood,
octets that are new, and, where validity may force one, a choice of line ends. Where the path leads through a
transfer-encoded message, what stands around the encoded octets must be as it was, and the rest is asked of what is
inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import mimekit
from mimekit import MIMEPart
from mimekit._scanner import Layout

Path = tuple[int, ...]
Piece = bytes | frozenset[bytes]

_ENDS = frozenset({b"\r\n", b"\n", b"\r"})
MAYBE_END = _ENDS | {b""}
_NEWLINES = (b"\n", b"\r")
_EMPTY_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")


class Place(NamedTuple):
    """Where an entity stands in the octets it was parsed from."""

    part: MIMEPart
    source: bytes
    layout: Layout

    @property
    def before(self) -> bytes:
        """What stands before it."""
        return self.source[: self.layout.start]

    @property
    def after(self) -> bytes:
        """What stands behind it."""
        return self.source[self.layout.end :]

    @property
    def body(self) -> bytes:
        """What stands behind its fields and the empty line."""
        return self.source[self.layout.body : self.layout.end]

    def raw_fields(self, *, content: bool) -> list[bytes]:
        """Its Content-* fields or all others, as they stand but for the last line end."""
        fields = (field for field in self.part.headers if field.name.lower().startswith("content-") is content)
        return [(field.raw or b"").rstrip(b"\r\n") for field in fields]


def fits(octets: Piece, *pieces: Piece) -> bool:
    """Whether *octets* are these *pieces*, one behind the other, one choice taken wherever there are several."""
    assert isinstance(octets, bytes)
    places = {0}
    for piece in pieces:
        choices = {piece} if isinstance(piece, bytes) else piece
        places = {at + len(one) for at in places for one in choices if octets.startswith(one, at)}
    return len(octets) in places


def without_line_ends(piece: Piece) -> Piece:
    """The same without CR and LF."""
    if isinstance(piece, bytes):
        return piece.translate(None, b"\r\n")
    return frozenset(one.translate(None, b"\r\n") for one in piece)


def has_empty_part(place: Place) -> bool:
    """Whether it, or something below it, has fields at most, and no octet behind its empty line."""
    layouts = [place.layout]
    for layout in layouts:
        layouts += layout.parts or ()
    return any(layout.body >= layout.end for layout in layouts)


def paths(message: MIMEPart) -> Iterator[tuple[Path, MIMEPart]]:
    """Every entity with the way to it, in the order of `walk`."""
    stack: list[tuple[Path, MIMEPart]] = [((), message)]
    while stack:
        path, part = stack.pop()
        yield path, part
        stack.extend(reversed([((*path, place), below) for place, below in enumerate(part.parts)]))


def find(message: MIMEPart, path: Path) -> MIMEPart:
    """The entity that *path* leads to."""
    for place in path:
        message = message.parts[place]
    return message


def locate(before: bytes, after: bytes, path: Path) -> tuple[Place, Place]:
    """The entity at *path* in both, once what stands around it in other octets has been compared."""
    old: MIMEPart = mimekit.parse(before)
    new: MIMEPart = mimekit.parse(after)
    for step in path:
        old_below, new_below = old.parts[step], new.parts[step]
        if place_of(old_below).source is not place_of(old).source:
            outer, changed = place_of(old), place_of(new)
            assert changed.source.startswith(outer.source[: outer.layout.body])
            assert changed.source.endswith(outer.after)
        old, new = old_below, new_below
    return place_of(old), place_of(new)


def place_of(part: MIMEPart) -> Place:
    """Where a parsed entity stands."""
    assert part.defects is not None  # asked for, head and structure have been found
    assert part._whole is not None
    octets = part._whole.source.data
    assert isinstance(octets, bytes)  # nothing is mapped here
    return Place(part, octets, part._whole.layout)


def _completed(octets: bytes) -> Piece:
    """A line end, where *octets* do not end in one."""
    return b"" if not octets or octets.endswith(_NEWLINES) else _ENDS


def _parted(rest: bytes) -> Piece:
    """The line end that a delimiter may bring which had none of its own."""
    return b"" if not rest or rest.startswith(_NEWLINES) else MAYBE_END


# -- fields --------------------------------------------------------------------------------------------


def field_set(old: Place, new: Place, name: str) -> list[Piece]:
    """*name* is set: in the place of the first so called, the others gone; behind all where there was none."""
    fields = [field for field in new.part.headers if field.name.lower() == name.lower()]
    assert len(fields) == 1
    spans = _spans(old, name)
    if not spans:
        return _appended(old, fields[0].raw or b"")
    return _replaced(old.source, [(spans[0], fields[0].raw or b""), *((span, b"") for span in spans[1:])])


def field_added(old: Place, new: Place, name: str) -> list[Piece]:
    """A field is put behind all others."""
    return _appended(old, [field.raw or b"" for field in new.part.headers if field.name.lower() == name.lower()][-1])


def field_replaced(old: Place, new: Place, name: str) -> list[Piece]:
    """The first field of that name is another."""
    field = new.part.field(name)
    assert field is not None
    return _replaced(old.source, [(_spans(old, name)[0], field.raw or b"")])


def field_deleted(old: Place, name: str) -> list[Piece]:
    """Every field of that name is gone; lines behind the last that are no fields go before the one that is last now."""
    kept = [item for item in old.part.headers.items() if isinstance(item, bytes) or item.name.lower() != name.lower()]
    strays: list[Piece] = []
    while kept and isinstance(stray := kept[-1], bytes):
        strays.insert(0, stray)
        kept.pop()
    fields: list[Piece] = [item if isinstance(item, bytes) else item.raw or b"" for item in kept]
    block = [*fields[:-1], *strays, *fields[-1:]] if fields else []
    # without any field, what no empty line parts from them needs one
    parted = b"" if block or old.layout.fields_end < old.layout.body else MAYBE_END
    return [old.source[: old.layout.fields], *block, parted, old.source[old.layout.fields_end :]]


def _spans(old: Place, name: str) -> list[tuple[int, int]]:
    return [field.span for field in old.part.headers if field.span and field.name.lower() == name.lower()]


def _replaced(source: bytes, changes: list[tuple[tuple[int, int], bytes]]) -> list[Piece]:
    made: list[Piece] = []
    at = 0
    for (start, end), octets in sorted(changes):
        made += [source[at:start], octets]
        at = end
    return [*made, source[at:]]


def _appended(old: Place, raw: bytes) -> list[Piece]:
    source, layout = old.source, old.layout
    head = source[layout.fields : layout.fields_end]
    # fields or not, the source may have ended in the line before
    completed = _completed(head or source[: layout.fields].replace(b"\xef\xbb\xbf", b""))
    # RFC 5322 2.1: a body that no empty line parts from the fields would become one of them
    parted = MAYBE_END if layout.fields_end == layout.body else b""
    return [source[: layout.fields_end], completed, raw, parted, source[layout.fields_end :]]


# -- content and parts ---------------------------------------------------------------------------------


def entity_changed(old: Place, new: Place) -> list[Piece]:
    """Nothing around the entity has changed."""
    inside = new.source[new.layout.start : new.layout.end]
    return [old.before, _completed(old.before), inside, _parted(old.after), old.after]


def part_attached(old: Place, new: Place) -> list[Piece]:
    """A part stands behind the others, a delimiter before it, and a closing delimiter where there was none."""
    layout, made = old.layout, new.layout
    assert layout.parts
    assert made.parts
    at = layout.parts[-1].end
    part = new.source[made.parts[-1].start : made.parts[-1].end]
    delimiter: list[Piece] = [MAYBE_END, b"--" + layout.boundary, _ENDS]
    rest = old.source[at:]
    if part.endswith(_EMPTY_LINES):
        return [old.source[:at], *delimiter, part, *_closing(old), *_maybe_ended(rest)]
    return [old.source[:at], *delimiter, part, *_closing(old), _parted(rest), rest]


def part_removed(old: Place, place: int) -> list[Piece]:
    """The part is gone with one of the delimiters beside it, and a closing delimiter stands where there was none."""
    source, parts = old.source, old.layout.parts
    assert parts
    last = parts[-1].end
    if place == 0 and len(parts) > 1:
        return [source[: parts[0].start], source[parts[1].start : last], *_closing(old), source[last:]]
    if len(parts) == 1:
        # RFC 2046 5.1.1: a multipart has a part, and be it an empty one
        boundary: list[Piece] = [MAYBE_END, b"--" + old.layout.boundary, _ENDS, _ENDS]
        return [source[: old.layout.seams[0][0]], *boundary, *_closing(old), _parted(source[last:]), source[last:]]
    gap = source[parts[place].end :]
    kept = source[: old.layout.seams[place][0]]
    if kept.endswith(_EMPTY_LINES) and place == len(parts) - 1:
        return [kept, *_closing(old), *_maybe_ended(gap)]
    # what stood before the part must not become half a line end of the next delimiter, either
    glue = MAYBE_END if gap.startswith(b"\n") else _parted(gap)
    return [kept, glue, source[parts[place].end : last], *_closing(old), source[last:]]


def _maybe_ended(rest: bytes) -> list[Piece]:
    """What stands behind an empty line: a line end that was completed before it may be gone, or one be there now."""
    for end in (b"\r\n", *_NEWLINES):
        if rest.startswith(end):
            return [MAYBE_END, rest[len(end) :]]
    return [MAYBE_END if rest else b"", rest]


def _closing(old: Place) -> list[Piece]:
    if old.layout.close is not None:
        return []
    return [MAYBE_END, b"--" + old.layout.boundary + b"--", MAYBE_END]
