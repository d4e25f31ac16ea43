"""Boundaries: chosen once, and again only where one would occur in a part (RFC 2046, section 5.1.1)."""

from __future__ import annotations

import os
from collections.abc import Iterator

from . import transfer
from ._scanner import Source
from .entity import Content, Entity, Frame, Raw
from .errors import BadValue

# RFC 2046 5.1.1: bchars
_ALLOWED = frozenset("'()+_,-./:=? ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_ENCODED = frozenset({"base64", "quoted-printable"})


def choose() -> str:
    """A boundary that occurs nowhere else. RFC 2045, section 6.7: "=_" stands in no encoded content."""
    return f"=_{os.urandom(14).hex()}"


class _Enclosing:
    """The edited multiparts around a place, the innermost first."""

    __slots__ = ("entity", "frame", "outer", "source")

    def __init__(self, entity: Entity, frame: Frame, outer: _Enclosing | None) -> None:
        self.entity = entity
        self.frame = frame
        self.outer = outer
        # where the boundary was received; what stands in there too was told apart by it already
        self.source = None if frame.composed or entity._whole is None else entity._whole.source


def collisions(root: Entity) -> list[Entity]:
    """The edited or composed multiparts at or below *root* whose boundary occurs in one of their parts."""
    found: dict[int, Entity] = {}
    stack: list[tuple[Entity, _Enclosing | None]] = [(root, None)]
    while stack:
        entity, enclosing = stack.pop()
        frame = _checked_frame(entity)
        if frame is not None:
            if enclosing is not None:
                source = None if entity._whole is None else entity._whole.source
                for text in (b"--" + frame.boundary, frame.preamble, frame.epilogue):
                    _look(text, source, enclosing, found)
            enclosing = _Enclosing(entity, frame, enclosing)
        if entity._parts and (frame is not None or entity._edited):
            # no line of a message that stands transfer encoded is a line out here
            encoded = isinstance(entity._body, Raw) and entity._body.layout.parts is None
            stack.extend((part, None if encoded else enclosing) for part in entity._parts)
        elif enclosing is not None:
            for octets, source in _clear_text(entity):
                _look(octets, source, enclosing, found)
    return list(found.values())


def _checked_frame(entity: Entity) -> Frame | None:
    """The frame of a multipart that has something new in it, or None."""
    body, parts = entity._body, entity._parts
    if isinstance(body, Frame):
        return body
    if isinstance(body, Raw) and body.layout.seams and parts and any(part._edited for part in parts):
        return Frame.received(body.source, body.layout)
    return None


def _clear_text(entity: Entity) -> Iterator[tuple[bytes, Source | None]]:
    """What of a leaf or an untouched part could hold a line that begins with a boundary, and where it was received."""
    whole, body = entity._whole, entity._body
    if whole is not None and not entity._edited:
        yield whole.source.data[whole.layout.start : whole.layout.end], whole.source
    elif isinstance(body, Raw):
        yield body.octets, body.source
    elif isinstance(body, Content) and body.encoding not in _ENCODED:
        yield transfer.encode(body.octets, body.encoding, linesep=b"\n", text=body.text), None


def _look(octets: bytes, source: Source | None, enclosing: _Enclosing, found: dict[int, Entity]) -> None:
    """Add to *found* the multiparts around *octets* whose boundary begins a line in them."""
    places: list[_Enclosing] = []
    place: _Enclosing | None = enclosing
    while place is not None:
        if source is None or place.source is not source:
            places.append(place)
        place = place.outer
    if not places:
        return
    for line in _dashed_lines(octets):
        for place in places:
            # RFC 2046 5.1.1: a boundary must not even begin a line
            if line.startswith(place.frame.boundary):
                found[id(place.entity)] = place.entity


def _dashed_lines(octets: bytes) -> Iterator[bytes]:
    """What stands behind the dashes of each line that begins with "--"."""
    at = 0 if octets.startswith(b"--") else octets.find(b"\n--") + 1
    while at or octets.startswith(b"--"):
        end = octets.find(b"\n", at)
        yield octets[at + 2 : end if end >= 0 else len(octets)]
        at = octets.find(b"\n--", end) + 1 if end >= 0 else 0
        if not at:
            return


def check(boundary: str) -> str:
    """*boundary*, if it may be one: 1 to 70 of RFC 2046's characters, the last no space.

    Raises:
        BadValue: it may not.
    """
    if not 1 <= len(boundary) <= 70 or boundary.endswith(" ") or not _ALLOWED.issuperset(boundary):
        raise BadValue(
            f"a boundary is 1 to 70 letters, digits and '()+_,-./:=? and ends in no space: {boundary[:80]!r}"
        )
    return boundary
