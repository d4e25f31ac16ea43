"""Boundaries: chosen once, and again only where one would occur in a part (RFC 2046, section 5.1.1)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from . import transfer
from ._scanner import Source
from .entity import Content, Entity, Frame, Raw
from .errors import BadValue

# RFC 2046 5.1.1: bchars
_ALLOWED = frozenset("'()+_,-./:=? ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_LONGEST = 70
_ENCODED = frozenset({"base64", "quoted-printable"})


def choose() -> str:
    """A boundary that occurs nowhere else. RFC 2045, section 6.7: "=_" stands in no encoded content."""
    return f"=_{os.urandom(14).hex()}"


class _Opened:
    """The edited multiparts around a place, found by how a line begins: depth costs nothing."""

    __slots__ = ("_depth", "_from", "_lengths", "_places")

    def __init__(self) -> None:
        # by the beginning of the boundary, then by where it was received
        self._places: dict[bytes, dict[Source | None, list[tuple[Entity, bytes]]]] = {}
        self._lengths: dict[int, int] = {}
        self._from: dict[Source | None, int] = {}
        self._depth = 0

    def enter(self, entity: Entity, frame: Frame) -> None:
        """Go into *entity*."""
        key = frame.boundary[:_LONGEST]
        self._places.setdefault(key, {}).setdefault(frame.source, []).append((entity, frame.boundary))
        self._note(key, frame, 1)

    def leave(self, entity: Entity, frame: Frame) -> None:
        """Come out of *entity*, the one entered last."""
        key = frame.boundary[:_LONGEST]
        places = self._places[key][frame.source]
        if places and places[-1][0] is entity:
            places.pop()
        self._note(key, frame, -1)

    def _note(self, key: bytes, frame: Frame, step: int) -> None:
        self._depth += step
        self._from[frame.source] = self._from.get(frame.source, 0) + step
        self._lengths[len(key)] = self._lengths.get(len(key), 0) + step
        if not self._lengths[len(key)]:
            del self._lengths[len(key)]

    def look(self, octets: bytes, source: Source | None, found: dict[int, Entity]) -> None:
        """Add to *found* the multiparts whose boundary begins a line in *octets*, which were received in *source*."""
        # what was received together was told apart by the boundary already
        known = 0 if source is None else self._from.get(source, 0)
        if known == self._depth:
            return
        for line in _dashed_lines(octets):
            for length in self._lengths:
                for origin, places in self._places.get(line[:length], {}).items():
                    if origin is None or origin is not source:
                        _find(line, places, found)


def _find(line: bytes, places: list[tuple[Entity, bytes]], found: dict[int, Entity]) -> None:
    """Move to *found* those of *places* whose boundary begins *line*."""
    # RFC 2046 5.1.1: a boundary must not even begin a line
    hit = [(entity, boundary) for entity, boundary in places if line.startswith(boundary)]
    if hit:
        found.update((id(entity), entity) for entity, _boundary in hit)
        places[:] = [place for place in places if not line.startswith(place[1])]


class _End:
    """Where a multipart, or a message that stands transfer encoded, ends."""

    __slots__ = ("entity", "frame", "opened")

    def __init__(self, opened: _Opened, entity: Entity, frame: Frame | None) -> None:
        self.opened = opened
        self.entity = entity
        self.frame = frame


def collisions(root: Entity) -> list[Entity]:
    """The edited or composed multiparts at or below *root* whose boundary occurs in one of their parts."""
    found: dict[int, Entity] = {}
    opened = _Opened()
    stack: list[Entity | _End] = [root]
    while stack:
        entity = stack.pop()
        if isinstance(entity, _End):
            opened = entity.opened
            if entity.frame is not None:
                opened.leave(entity.entity, entity.frame)
            continue
        frame = _checked_frame(entity)
        if frame is not None:
            for text in (b"--" + frame.boundary, frame.preamble, frame.epilogue):
                opened.look(text, frame.source, found)
            opened.enter(entity, frame)
        if entity._parts and (frame is not None or entity._edited):
            stack.append(_End(opened, entity, frame))
            stack.extend(entity._parts)
            if isinstance(entity._body, Raw) and entity._body.layout.parts is None:
                # no line of a message that stands transfer encoded is a line out here
                opened = _Opened()
            continue
        for octets, source in _clear_text(entity):
            opened.look(octets, source, found)
        if frame is not None:
            opened.leave(entity, frame)
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


def _dashed_lines(octets: bytes) -> Iterator[bytes]:
    """What stands behind the dashes of each line that begins with "--"."""
    # the dashes stand first in the pattern, so that a body without any is passed at the speed of memory
    return (found[1] for found in re.finditer(rb"--(?<![^\r\n]--)([^\r\n]*+)", octets))


def check(boundary: str) -> str:
    """*boundary*, if it may be one: 1 to 70 of RFC 2046's characters, the last no space.

    Raises:
        BadValue: it may not.
    """
    if not 1 <= len(boundary) <= _LONGEST or boundary.endswith(" ") or not _ALLOWED.issuperset(boundary):
        raise BadValue(
            f"a boundary is 1 to 70 letters, digits and '()+_,-./:=? and ends in no space: {boundary[:80]!r}"
        )
    return boundary
