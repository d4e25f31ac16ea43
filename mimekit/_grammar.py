"""The tokens of mail: character classes, quoted strings, comments, and what no value may hold.

Every value room reads and writes with these. All of it is linear in the text and none of it
recurses, however deeply comments nest.
"""

from __future__ import annotations

import re

from .errors import BadValue

TYPE_CHECKING = False  # typing takes as long to import as ten of these rooms
if TYPE_CHECKING:
    from typing import Any, AnyStr

# RFC 5322 3.2.3: atext. RFC 2045 5.1: a token is any of ASCII but space, controls and tspecials.
ATEXT = r"!#$%&'*+\-/0-9=?A-Z^_`a-z{|}~"
TOKEN = r"!#$%&'*+\-.0-9A-Z^_`a-z{|}~"  # noqa: S105  # no password
SPACE = " \t\r\n"  # RFC 5322 3.2.2: what folding white space is made of, folded or not

_ATOM = rf"[{ATEXT}]++"
_DOT_ATOM = rf"[{ATEXT}]++(?:\.[{ATEXT}]++)*+"
_TOKEN = rf"[{TOKEN}]++"
_FORBIDDEN = re.compile("[\r\n\0\ud800-\udfff]")
_QUOTED_PAIR = r"(?s)\\(.)"
# What matters inside a comment; and outside one, where a quoted string is taken whole. After a quote that
# is never closed, every later quote is a quoted pair, so no text is searched to its end twice.
_IN_COMMENT = r"(?s)\\.|[()]"
_OUTSIDE = r'(?s)"(?:[^"\\]++|\\.)*+"|\\.|\((?:(?P<plain>[^()\\]*+)\)|(?P<odd>))'

_CONTROL_NAMES = {"\r": "a carriage return", "\n": "a line feed", "\0": "a NUL"}


_patterns: dict[str | bytes, re.Pattern[Any]] = {}


def compiled(pattern: AnyStr) -> re.Pattern[AnyStr]:
    """*pattern*, a constant of some room, compiled when it is first needed. To compile all takes half the import."""
    found = _patterns.get(pattern)
    if found is None:
        found = _patterns[pattern] = re.compile(pattern)
    return found


def quote(text: str) -> str:
    r"""*text* as a quoted string, with ``\`` before each ``"`` and ``\``. RFC 5322, section 3.2.4."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(text: str) -> str:
    r"""*text* without the quotes around it and without the ``\`` of its quoted pairs.

    A missing closing quote is forgiven. Text that does not begin with a quote only loses its
    quoted pairs, as the inside of a comment or a domain literal must. A lone ``\`` at the very
    end stays. RFC 5322, sections 3.2.1 and 3.2.4.
    """
    if text.startswith('"'):
        text = text[1:-1] if _is_closed(text) else text[1:]
    if "\\" not in text:
        return text
    return compiled(_QUOTED_PAIR).sub(r"\1", text)


def is_token(text: str) -> bool:
    """Whether *text* is a token of RFC 2045, section 5.1."""
    return compiled(_TOKEN).fullmatch(text) is not None


def is_atom(text: str) -> bool:
    """Whether *text* is an atom without space around it. RFC 5322, section 3.2.3."""
    return compiled(_ATOM).fullmatch(text) is not None


def is_dot_atom(text: str) -> bool:
    """Whether *text* is atoms joined by single dots. RFC 5322, section 3.2.3."""
    return compiled(_DOT_ATOM).fullmatch(text) is not None


def check_text(text: str, name: str = "") -> None:
    """Refuse what no field can carry.

    Raises:
        BadValue: *text*, called *name*, holds a CR, LF or NUL, or a lone surrogate; it says which, and where.
    """
    found = _FORBIDDEN.search(text)
    if found is not None:
        # SECURITY: a CR or LF would forge another field, a NUL ends the text for some readers.
        what = _CONTROL_NAMES.get(found[0], "a lone surrogate")
        begin = f"{name}: " if name else ""
        raise BadValue(f"{begin}{what} (U+{ord(found[0]):04X}) at {found.start()} cannot stand in a value")


def check_str(value: object, what: str) -> None:
    """Refuse what is no text where *what* is wanted, such as "a field name".

    Raises:
        BadValue: *value* is no `str`.
    """
    if not isinstance(value, str):
        raise BadValue(f"{what} is a str, not {type(value).__name__}")


def clean(text: str) -> tuple[str, bool]:
    """*text* with each CR, LF, NUL and lone surrogate as U+FFFD, and whether there were any."""
    if _FORBIDDEN.search(text) is None:
        return text, False
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), True


def skip_cfws(text: str, pos: int) -> int:
    """The position after the white space and comments that begin at *pos*.

    A comment that is never closed runs to the end of *text*. RFC 5322, section 3.2.2.
    """
    pos = _skip_spaces(text, pos)
    while text.startswith("(", pos):
        pos = _skip_spaces(text, _comment_ends(text, pos)[1])
    return pos


def strip_comments(text: str) -> tuple[str, tuple[str, ...]]:
    """*text* without its comments, and what the comments say, their quoted pairs undone.

    Quoted strings are left as they are. Two words that only a comment kept apart get a space
    between them, for that is what a comment means. A comment inside a comment stays in it,
    parentheses and all; one that is never closed runs to the end. RFC 5322, section 3.2.2.
    """
    if "(" not in text:
        return text, ()
    kept: list[str] = []
    comments: list[str] = []
    start = pos = 0
    while (found := compiled(_OUTSIDE).search(text, pos)) is not None:
        pos = found.end()
        if found.lastgroup == "plain":
            comments.append(found["plain"])
        elif found.lastgroup == "odd":
            inside_end, pos = _comment_ends(text, found.start())
            comments.append(compiled(_QUOTED_PAIR).sub(r"\1", text[found.end() : inside_end]))
        else:
            continue
        kept.append(text[start : found.start()])
        start = pos
    kept.append(text[start:])
    return _join_words(kept), tuple(comments)


def _is_closed(text: str) -> bool:
    """Whether *text*, which begins with a quote, ends with one that no quoted pair takes away."""
    if len(text) < 2 or not text.endswith('"'):
        return False
    inside = text[1:-1]
    return (len(inside) - len(inside.rstrip("\\"))) % 2 == 0


def _skip_spaces(text: str, pos: int) -> int:
    while pos < len(text) and text[pos] in SPACE:
        pos += 1
    return pos


def _comment_ends(text: str, start: int) -> tuple[int, int]:
    """Where the inside of the comment that opens at *start* ends, and where the comment does."""
    depth = 0
    for found in compiled(_IN_COMMENT).finditer(text, start):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if depth == 0:
                return found.start(), found.end()
    return len(text), len(text)


def _join_words(pieces: list[str]) -> str:
    """*pieces* joined, with a space where two words would run together."""
    joined: list[str] = []
    for piece in filter(None, pieces):
        if joined and joined[-1][-1] not in SPACE and piece[0] not in SPACE:
            joined.append(" ")
        joined.append(piece)
    return "".join(joined)
