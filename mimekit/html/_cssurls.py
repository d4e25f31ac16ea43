"""Finds the addresses in a style sheet, with their places: in ``url()``, and what ``@import`` names.

Every repeat is possessive, and what is not closed goes to the end or is passed over at once, so that a character is
gone over a bounded number of times.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = r"[ \t\n\r\f]*+"
_COMMENT = r"/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)"
_DOUBLE = r'(?:[^"\\\n]++|\\(?s:.))*+'
_SINGLE = r"(?:[^'\\\n]++|\\(?s:.))*+"
_BARE = r"""(?:[^\s"'()\\]++|\\(?:[0-9a-fA-F]{1,6}+[ \t\n\r\f]?+|[^\n]))*+"""

# Comments and strings are matched so that nothing is found in them. A group is the inside of what holds an address.
_ADDRESS = re.compile(
    rf"{_COMMENT}"
    rf"|(?P<imported>@(?i:import)(?:[ \t\n\r\f]++|{_COMMENT})*+)?(?:"
    rf"""(?<![\w-])(?i:url)\({_SPACE}(?:"({_DOUBLE})"|'({_SINGLE})'|({_BARE})){_SPACE}(?:\)|\Z)"""
    rf"""|"({_DOUBLE})"?+|'({_SINGLE})'?+)"""
    r"|(?<![\w-])(?i:url)\((?:[^)\\]++|\\(?s:.))*+"  # one that no browser takes, up to where they go on
)
_STRINGS = (5, 6)  # the groups of a string, an address behind @import only
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6}+)(?:\r\n|[ \t\n\r\f])?|(\n)|(?s:(.)))")


class Address:
    """An address in a style sheet: where it begins and ends, what it says, and whether a style sheet stands there."""

    __slots__ = ("end", "imported", "start", "url")

    def __init__(self, start: int, end: int, url: str, *, imported: bool) -> None:
        self.start = start
        self.end = end
        self.url = url
        self.imported = imported


def addresses(css: str, start: int = 0, end: int | None = None) -> Iterator[Address]:
    """Every address in *css*, or in what stands there from *start* to *end*, in order.

    What is put in the place of one needs no quoting if it has no space, quote, parenthesis or backslash.
    """
    for found in _ADDRESS.finditer(css, start, len(css) if end is None else end):
        group = found.lastindex
        imported = found["imported"] is not None
        if group is not None and (imported or group not in _STRINGS):
            yield Address(found.start(group), found.end(group), _unescape(found[group]), imported=imported)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_resolve, text) if "\\" in text else text


def _resolve(found: re.Match[str]) -> str:
    digits, newline, character = found.groups()
    if digits is None:
        return "" if newline else str(character)
    number = int(digits, 16)
    is_none = number == 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000
    return "\N{REPLACEMENT CHARACTER}" if is_none else chr(number)
