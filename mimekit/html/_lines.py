"""Blocks of text into lines: a prefix before each, wrapped where white space stands, blank lines between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# What is written without spaces may be broken before any character but one that closes.
_WIDE = (
    r"\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003fffd"
)
_CLOSING = r"\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d"
_UNIT = re.compile(rf" ?+(?:[{_WIDE}][{_CLOSING}]*+|[^ {_WIDE}]++)")
_LEAST_ROOM = 20  # columns beside a prefix, however long that is


class Block:
    """A paragraph, or lines that stay as they are; mutable while the page is read.

    A block whose text was taken into another has none, and is passed over.
    """

    __slots__ = ("first", "gap", "rest", "text", "verbatim")

    def __init__(self, text: str, first: str, rest: str, *, gap: bool, verbatim: bool) -> None:
        self.text = text
        self.first = first  # the prefix of its first line
        self.rest = rest
        self.gap = gap  # whether a blank line stands before it
        self.verbatim = verbatim


def columns(text: str) -> int:
    """How many columns *text* takes on a screen: a character of East Asia two, one that combines none."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(character) in {"W", "F"} else not unicodedata.combining(character)
        for character in text
    )


def write(blocks: list[Block], width: int | None) -> str:
    """The text of *blocks*, in lines of at most *width* columns where that is possible."""
    lines: list[str] = []
    before = ""
    for block in blocks:
        if not block.text:
            continue
        if block.gap and lines:
            lines.append(_shared_quote(before, block.first))
        before = block.rest
        prefix = block.first
        for line in _lines_of(block, width):
            lines.append(prefix + line if line else prefix.rstrip())
            prefix = block.rest
    return "\n".join(lines)


def _shared_quote(before: str, after: str) -> str:
    """What marks a blank line between two blocks: the quotes that both are in."""
    if not before or not after:
        return ""
    length = min(len(before), len(after))
    while before[:length] != after[:length]:
        length -= 1
    return before[: before.rfind(">", 0, length) + 1]


def _lines_of(block: Block, width: int | None) -> Iterator[str]:
    lines = block.text.split("\n")
    if width is None or block.verbatim:
        yield from lines
        return
    room = max(width - len(block.rest), min(width, _LEAST_ROOM))
    for line in lines:
        if len(line) * 2 <= room or columns(line) <= room:
            yield line
        elif line.isascii():
            yield from _wrap(line, room)
        else:
            yield from _wrap_units(line, room)


def _wrap(line: str, room: int) -> Iterator[str]:
    """ASCII, whose columns are its characters, broken at spaces; a longer word is left whole."""
    start = 0
    while len(line) - start > room:
        end = line.rfind(" ", start, start + room + 1)
        if end < 0 and (end := line.find(" ", start + room)) < 0:
            break
        yield line[start:end]
        start = end + 1
    yield line[start:]


def _wrap_units(line: str, room: int) -> Iterator[str]:
    """The same for any text, which may be broken between characters of East Asia, too."""
    units: list[str] = []
    taken = 0
    for unit in _UNIT.findall(line):
        size = columns(unit)
        if units and taken + size > room:
            yield "".join(units)
            units, taken = [unit.lstrip(" ")], size - unit.startswith(" ")
        else:
            units.append(unit)
            taken += size
    yield "".join(units)
