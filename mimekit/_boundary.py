"""Boundaries: chosen once, and again only where one would occur in a part (RFC 2046, section 5.1.1)."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ._grammar import check_str, compiled
from ._mapped import Octets
from ._scanner import Layout, Source
from .entity import Content, Entity, Frame, Raw
from .errors import BadValue

# RFC 2046 5.1.1: bchars
_ALLOWED = frozenset("'()+_,-./:=? ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_LONGEST = 70
_ENCODED = frozenset({"base64", "quoted-printable"})
_DASHED = rb"--(?<![^\r\n]--)([^\r\n]*+)"
_WINDOW = 1 << 20  # octets of content searched at a time
_OVERLAP = 1 << 16  # longer than boundaries are: ours have 70 octets at most, and received ones stand in one field
_Text = tuple[Octets, int, int]  # octets, and where in them a text begins, with a line, and ends


def choose() -> str:
    """A boundary that occurs nowhere else. RFC 2045, section 6.7: "=_" stands in no encoded content."""
    return f"=_{os.urandom(14).hex()}"


class _Opened:
    """The edited multiparts around a place, found by how a line begins: depth costs nothing."""

    __slots__ = ("_depth", "_from", "_homes", "_lengths", "_places", "_renewed")

    def __init__(self) -> None:
        # by the beginning of the boundary, then by their home
        self._places: dict[bytes, dict[object, list[tuple[Entity, bytes]]]] = {}
        self._renewed: dict[bytes, list[Entity]] = {}  # those with delimiters that are composed, by their boundary
        self._homes: dict[Source, list[tuple[object, Layout]]] = {}
        self._lengths: dict[int, int] = {}
        self._from: dict[object, int] = {}
        self._depth = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self._depth

    def home(self, origin: Raw | None) -> object:
        """What stands for all that was received around *origin* and is around it still, or None.

        A copy that was put elsewhere, be it into what it is a copy of, has left its home.
        """
        homes = None if origin is None else self._homes.get(origin.source)
        if origin is None or not homes:
            return None
        home, around = homes[-1]
        end = around.end if around.close is None else around.close[0]
        return home if around.seams[0][1] <= origin.layout.start and origin.layout.end <= end else None

    def enter(self, entity: Entity, frame: Frame) -> None:
        """Go into *entity*."""
        home = None
        if frame.origin is not None:
            home = self.home(frame.origin) or object()
            self._homes.setdefault(frame.origin.source, []).append((home, frame.origin.layout))
        if None in frame.seams or (frame.closed and frame.close is None):
            self._renewed.setdefault(frame.boundary, []).append(entity)
        key = frame.boundary[:_LONGEST]
        self._places.setdefault(key, {}).setdefault(home, []).append((entity, frame.boundary))
        self._note(key, home, 1)

    def leave(self, entity: Entity, frame: Frame) -> None:
        """Come out of *entity*, the one entered last."""
        home = None if frame.origin is None else self._homes[frame.origin.source].pop()[0]
        renewed = self._renewed.get(frame.boundary)
        if renewed and renewed[-1] is entity:
            renewed.pop()
        key = frame.boundary[:_LONGEST]
        places = self._places[key].get(home)
        if places and places[-1][0] is entity:
            places.pop()
        if not places:
            self._places[key].pop(home, None)
        self._note(key, home, -1)

    def _note(self, key: bytes, home: object, step: int) -> None:
        self._depth += step
        self._from[home] = self._from.get(home, 0) + step
        self._lengths[len(key)] = self._lengths.get(len(key), 0) + step
        if not self._lengths[len(key)]:
            del self._lengths[len(key)]

    def look(self, text: _Text, home: object, found: dict[int, Entity]) -> None:
        """Add to *found* the multiparts whose boundary begins a line in *text*, which stands in *home*."""
        # what was received together was told apart by the boundary already
        known = 0 if home is None else self._from.get(home, 0)
        if known == self._depth:
            return
        for line in _dashed_lines(*text):
            for length in self._lengths:
                homes = self._places.get(line[:length], {})
                for other in [one for one in homes if one is None or one is not home]:
                    _find(line, homes[other], found)
                    if not homes[other]:
                        del homes[other]

    def compare(self, boundary: bytes, found: dict[int, Entity]) -> None:
        """Add to *found* the multiparts with new delimiters that one of the same *boundary* would take for its own."""
        found.update((id(entity), entity) for entity in self._renewed.pop(boundary, ()))


def _find(line: bytes, places: list[tuple[Entity, bytes]], found: dict[int, Entity]) -> None:
    """Move to *found* those of *places* whose boundary begins *line*."""
    # RFC 2046 5.1.1: a boundary must not even begin a line
    hit = [(entity, boundary) for entity, boundary in places if line.startswith(boundary)]
    if hit:
        found.update((id(entity), entity) for entity, _boundary in hit)
        places[:] = [place for place in places if not line.startswith(place[1])]


class _End:
    """Where an edited entity with parts ends, and what was open before it."""

    __slots__ = ("entity", "frame", "opened")

    def __init__(self, opened: _Opened, entity: Entity, frame: Frame | None) -> None:
        self.opened = opened
        self.entity = entity
        self.frame = frame

    def close(self) -> _Opened:
        """What is open again behind it."""
        if self.frame is not None:
            self.opened.leave(self.entity, self.frame)
        return self.opened


def collisions(root: Entity) -> list[Entity]:
    """The edited or composed multiparts at or below *root* whose boundary occurs in one of their parts.

    And those whose boundary their header cannot name any more.
    """
    found: dict[int, Entity] = {}
    opened = _Opened()
    stack: list[Entity | _End] = [root]
    while stack:
        entity = stack.pop()
        if isinstance(entity, _End):
            opened = entity.close()
            continue
        if _is_renamed(entity):
            found[id(entity)] = entity
        frame = _checked_frame(entity)
        if not opened.is_empty:
            for text, origin in _clear_text(entity) if frame is None else _frame_text(frame):
                opened.look(text, opened.home(origin), found)
            for boundary in _boundaries(entity) if frame is None else (frame.boundary,):
                opened.compare(boundary, found)
        parts = _written_parts(entity)
        if frame is None and not parts:
            continue
        stack.append(_End(opened, entity, frame))
        stack.extend(parts)
        if frame is not None:
            opened.enter(entity, frame)
        elif isinstance(entity._body, Raw) and entity._body.layout.parts is None:
            # no line of a message that stands transfer encoded is a line out here
            opened = _Opened()
    return list(found.values())


def _is_renamed(entity: Entity) -> bool:
    """Whether its Content-Type was set, and cannot say by which delimiters its parts came: 8-bit, or folded ones."""
    body = entity._body
    origin = body.origin if isinstance(body, Frame) else body
    if not (entity._edited and isinstance(origin, Raw) and origin.layout.seams):
        return False
    field = entity.headers.first("content-type")
    if field is None or field.is_received:
        return False
    return origin.layout.kind.alternate is not None or entity._kind().boundary != origin.layout.boundary


def _written_parts(entity: Entity) -> list[Entity]:
    """The parts that are written one by one; none of them where the body is written as it came."""
    parts = entity._parts or []
    as_it_came = isinstance(entity._body, Raw) and not any(part._edited for part in parts)
    return [] if as_it_came else parts


def _frame_text(frame: Frame) -> Iterator[tuple[_Text, Raw | None]]:
    """What around the parts of a multipart could begin with another boundary, and where it was received."""
    texts = (b"--" + frame.boundary, frame.preamble, frame.epilogue)
    return (((text, 0, len(text)), frame.origin) for text in texts)


def _checked_frame(entity: Entity) -> Frame | None:
    """The frame of a multipart that has something new in it, or None."""
    body = entity._body
    if isinstance(body, Frame):
        return body
    if isinstance(body, Raw) and body.layout.seams and _written_parts(entity):
        return Frame.received(body.source, body.layout)
    return None


def _clear_text(entity: Entity) -> Iterator[tuple[_Text, Raw | None]]:
    """What of a leaf or an untouched part could hold a line that begins with a boundary, and where it was received."""
    whole, body = entity._whole, entity._body
    if _written_parts(entity):
        return
    if whole is not None and not entity._edited:
        yield (whole.source.data, whole.layout.start, whole.layout.end), whole
    elif isinstance(body, Raw) and body.layout.fields > body.layout.start:
        # behind a byte order mark no line began; behind the fields that were added one does
        octets = body.octets
        yield (octets, 0, len(octets)), None
    elif isinstance(body, Raw):
        yield (body.source.data, body.layout.body, body.layout.end), body
    elif isinstance(body, Content) and body.encoding not in _ENCODED:
        yield from ((text, None) for text in _windows(body))


def _windows(content: Content) -> Iterator[_Text]:
    """*content* in texts of bounded size, each with so much of the one before it that no boundary is cut."""
    # what stands first was seen before, and is there to say whether a line begins behind it
    before = b""
    for piece in content.pieces(_WINDOW):
        octets = before + piece
        yield octets, min(1, len(before)), len(octets)
        before = octets[-_OVERLAP:]


def _boundaries(entity: Entity) -> Iterator[bytes]:
    """The boundaries of the multiparts in what is not written part by part, whether they occur or not."""
    if _written_parts(entity):
        return
    entity.parts  # noqa: B018 -- what nobody asked for yet is opened, and so is what was given another type
    body = entity._body
    kinds = [entity._kind()]
    layouts = list(body.layout.parts or ()) if isinstance(body, Raw) else []
    while layouts:
        layout = layouts.pop()
        kinds.append(layout.kind)
        layouts.extend(layout.parts or ())
    for kind in kinds:
        if kind.maintype == "multipart":
            yield from (boundary for boundary in (kind.boundary, kind.alternate) if boundary)


def _dashed_lines(octets: Octets, start: int, end: int) -> Iterator[bytes]:
    """What stands behind the dashes of each line from *start* to *end* that begins with "--"."""
    # the dashes stand first in the pattern, so that a body without any is passed at the speed of memory
    return (found[1] for found in compiled(_DASHED).finditer(octets, start, end))


def check(boundary: str) -> str:
    """*boundary*, if it may be one: 1 to 70 of RFC 2046's characters, the last no space.

    Raises:
        BadValue: it may not.
    """
    check_str(boundary, "a boundary")
    if not 1 <= len(boundary) <= _LONGEST or boundary.endswith(" ") or not _ALLOWED.issuperset(boundary):
        raise BadValue(
            f"a boundary is 1 to 70 letters, digits and '()+_,-./:=? and ends in no space: {boundary[:80]!r}"
        )
    return boundary
