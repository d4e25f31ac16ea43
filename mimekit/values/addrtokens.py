"""Cuts a list of addresses into tokens, and joins them to what may be an address.

Every token is looked at a bounded number of times. A comment that once did not end is not looked for again: that would
be quadratic.
"""

from __future__ import annotations

import re

from .. import encodedword
from .._grammar import is_dot_atom, unquote
from .addrspec import LITERAL
from .brackets import comment_end

# Its kind, its text, its place. Kinds: space, comment, encoded word, word, quoted, literal; a mark is its own kind.
Token = tuple[str, str, int]

# Compiled at first use: most fields need none of it.
_PART = r"""(?xs)([ \t]++)
    | (=\?[^?\s]{1,100}+\?[bBqQ]\?(?:[^?\s]*+|[^?<>@,;"()]*+)\?=)  # one that holds specials is one word all the same
    | ([^ \t"(,:;<>@\[\\]++|\\(?!["\\]))
    | \\(["\\])
    | (.)
    """
_KINDS = "? ewww"


class Reading:
    """How a text was read.

    `trouble` is the first thing that was lost or guessed: what was expected, and where. `is_strict` tells whether
    RFC 5322 wants it all written so. `codes` are of the defects in encoded words.
    """

    __slots__ = ("codes", "has_comments", "is_strict", "trouble")

    def __init__(self) -> None:
        self.trouble: tuple[str, int] | None = None
        self.is_strict = True
        self.has_comments = False
        self.codes: dict[str, None] = {}

    def blame(self, expected: str, place: int, *, is_strict: bool = False) -> None:
        """Note that *expected* was not what stands at *place*."""
        self.is_strict &= is_strict
        if self.trouble is None:
            self.trouble = expected, place

    def decode(self, text: str) -> str:
        """*text* with its encoded words read."""
        if "=?" not in text:
            return text
        text, defects = encodedword.decode(text)
        self.codes.update(dict.fromkeys([defect.code for defect in defects]))
        return text

    def defect_codes(self) -> tuple[str, ...]:
        """The codes of all defects, each once."""
        return (*self.codes, *(() if self.is_strict else ("bad-address",)))


def tokenize(text: str, place: int, reading: Reading) -> list[Token]:
    """The tokens of *text* from *place* on; *reading* takes what does not end."""
    tokens: list[Token] = []
    quoted = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
    comments = True
    last = ""  # the last kind but for space
    part = re.compile(_PART)
    while match := part.match(text, place):
        start, place = place, match.end()
        index = match.lastindex or 0
        kind, value = (_KINDS[index], match[index]) if index < 5 else (match[5], match[5])
        if kind == '"':
            found = quoted.match(text, start)
            if found is None:
                # QUIRK: a lone quote means nothing. All quotes behind it are quoted pairs: this happens once.
                reading.blame("a closing quote", start)
                continue
            kind, value, place = "q", found[0], found.end()
        elif kind == "(":
            end = comment_end(text, start) if comments else -1
            if end < 0:
                comments, kind = False, "w"  # QUIRK: a lone parenthesis is text.
                reading.blame("a closing parenthesis", start)
            else:
                kind, value, place = "c", text[start + 1 : end - 1], end
                reading.has_comments = True
        elif kind == "[":
            found = re.compile(LITERAL).match(text, start) if last == "@" else None
            kind, value, place = ("l", found[0], found.end()) if found else ("w", "[", place)
        elif index == 4:
            reading.blame("quoted pairs inside quotes", start)
        tokens.append((kind, value, start))
        last = kind if kind not in " c" else last
    return tokens


def solid_of(tokens: list[Token]) -> list[Token]:
    """The tokens that are neither white space nor comments."""
    return [token for token in tokens if token[0] not in " c"]


def is_mailto(token: Token) -> bool:
    """Whether *token* is what stands before the colon of a mailto URL."""
    return token[0] == "w" and token[1].lower() == "mailto"


def without_prefix(tokens: list[Token], reading: Reading) -> list[Token]:
    """*tokens* without white space and comments around them, without ``mailto:`` and source route."""
    kinds = "".join([token[0] for token in tokens])
    start = len(kinds) - len(kinds.lstrip(" c"))
    if kinds[start : start + 2] == "w:" and is_mailto(tokens[start]):
        reading.is_strict = False
        start += 2
    start += len(kinds[start:]) - len(kinds[start:].lstrip(" c"))
    colon = kinds.find(":", start)
    if kinds[start : start + 1] == "@" and colon >= 0:
        # RFC 5322 4.4: obs-route, to be ignored.
        reading.blame("an address without a route", tokens[start][2])
        start = colon + 1
        start += len(kinds[start:]) - len(kinds[start:].lstrip(" c"))
    return tokens[start : len(kinds.rstrip(" c"))]


def glue(tokens: list[Token]) -> tuple[str, bool]:
    """*tokens* as one side of an address, quotes undone, and whether they are one word of the grammar.

    RFC 5322 4.4: white space and comments may stand around dots; elsewhere a space is kept.
    """
    pieces: list[str] = []
    is_sound = True
    gap = False
    for kind, text, _ in tokens:
        if kind in " c":
            gap = True
            is_sound &= kind == "c"
            continue
        piece = unquote(text) if kind == "q" else text
        if gap and pieces and not pieces[-1].endswith(".") and not piece.startswith("."):
            pieces.append(" ")
            is_sound = False
        pieces.append(piece)
        gap = False
        is_sound &= kind in "wqle"
    username = "".join(pieces)
    return username, is_sound and (len(pieces) == 1 or is_dot_atom(username))


def chunks(words: list[Token]) -> list[list[Token]]:
    """*words* in pieces that may each be an address: parted at white space, but not around ``@`` and dots."""
    chunks: list[list[Token]] = [[]]
    last: Token | None = None
    has_at = False
    gaps: list[Token] = []
    for token in words:
        kind, text, _ = token
        if kind in " c":
            gaps.append(token)
            continue
        if last is not None:
            glued = "@" in (kind, last[0]) or text[:1] == "."
            if gaps:
                # RFC 5322 4.4: `john. doe@example.org` is an obs-local-part; behind other words it is none.
                glued |= last[1][-1:] == "." and (has_at or len(chunks) == 1)
            else:
                # QUIRK: no space between a quoted name, or an encoded one, and the address.
                glued |= has_at or last[0] not in "qe"
            if not glued:
                chunks.append([])
                has_at = False
        chunks[-1] += gaps
        gaps = []
        chunks[-1].append(token)
        has_at |= kind == "@"
        last = token
    chunks[-1] += gaps
    return chunks
