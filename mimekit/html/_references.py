"""Character references: what ``&amp;`` and its kin stand for.

`html.unescape` is not used: a number of 5000 digits makes it raise, and in attributes it changes addresses, where
``?a=1&copy=2`` has no copyright sign in it.
"""

from __future__ import annotations

import re
from html.entities import html5

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]++)|([0-9]++))|([a-zA-Z][a-zA-Z0-9]{1,31}+));?+")
_LONGEST_LEGACY_LENGTH = max(len(name) for name in html5 if not name.endswith(";"))
# QUIRK: numbers of windows-1252 octets are meant as such, as browsers have it.
_LATIN = {number: bytes((number,)).decode("cp1252", "ignore") or chr(number) for number in range(0x80, 0xA0)}
_ODD = {0: _REPLACEMENT, 13: "\n", **_LATIN}


def unescape(text: str) -> str:
    """*text* with its references resolved; what refers to nothing stays as it stands. No NUL comes of it."""
    return _REFERENCE.sub(_resolve, text) if "&" in text else text


def unescape_attribute(text: str) -> str:
    """The same for the value of an attribute: a name that goes on without a ``;`` is no reference there."""
    return _REFERENCE.sub(_resolve_in_attribute, text) if "&" in text else text


def unescape_with_places(text: str) -> tuple[str, list[int]]:
    """The same as `unescape_attribute`, and where in *text* each of its characters stood; at last the end."""
    pieces: list[str] = []
    places: list[int] = []
    last = 0
    for found in _REFERENCE.finditer(text):
        character = _resolve_in_attribute(found)
        if character != found[0]:
            pieces += text[last : found.start()], character
            places += range(last, found.start())
            places += [found.start()] * len(character)
            last = found.end()
    places += range(last, len(text) + 1)
    return "".join(pieces) + text[last:], places


def _resolve(found: re.Match[str]) -> str:
    name = found[3]
    if name is None:
        return _numbered(found)
    whole = found[0][1:]
    if whole in html5:
        return html5[whole]
    # QUIRK: a few old names are known without their semicolon, whatever follows: &copy2026.
    for end in range(min(len(name), _LONGEST_LEGACY_LENGTH), 1, -1):
        if name[:end] in html5:
            return html5[name[:end]] + whole[end:]
    return found[0]


def _resolve_in_attribute(found: re.Match[str]) -> str:
    if found[3] is None:
        return _numbered(found)
    whole = found[0][1:]
    if not whole.endswith(";") and found.string.startswith("=", found.end()):
        return found[0]
    return html5.get(whole, found[0])


def _numbered(found: re.Match[str]) -> str:
    digits = (found[1] or found[2]).lstrip("0")
    if len(digits) > 7:  # more than any character has
        return _REPLACEMENT
    number = int(digits or "0", 16 if found[1] else 10)
    if number in _ODD:
        return _ODD[number]
    return _REPLACEMENT if number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)
