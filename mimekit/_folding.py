"""Folding: one field body over several lines (RFC 5322, section 2.2.3).

A line is broken only before white space that already stands there, so that unfolding, which only removes
line ends, gives the body back unchanged.
"""

from __future__ import annotations

import re

from ._grammar import check_text, compiled
from .errors import BadValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# RFC 5322 2.1.1: a line must not be longer than this, its end not counted.
_LONGEST_LINE = 998
# RFC 2047 2: a line that holds an encoded word.
_LONGEST_WORD_LINE = 76

_FOLDS = r"(?<![\r\n])[\r\n]++(?=[ \t])"
_SPACE = r"[ \t]+"
# Encoded words are passed over, a quote in one is none. An unclosed quote runs to the end and is seen by its
# empty group.
_KEPT = r'(?s)=\?[^?\s]*+\?[bBqQ]\?[^?\s]*+\?=|"(?:[^"\\]++|\\.)*+(?P<close>"?)|(?P<angle><[^<>"]*+>)'
_ANGLES = r"<[^<>]*+>"

# Fields of plain text: quotes, angles and commas have no meaning there.
_UNSTRUCTURED = frozenset({"comments", "content-description", "subject"})


def unfold(body: str) -> str:
    r"""*body* on one line: line ends before white space removed, the white space kept, none at both ends.

    Tolerant of LF and CR alone and of empty lines. A CR or LF that folds nothing is left where it is.

    RFC 5322, section 2.2.3.

    >>> unfold(" one\r\n  two\r\n")
    'one  two'
    """
    body = body.strip(" \t\r\n")
    if "\n" in body or "\r" in body:
        return compiled(_FOLDS).sub("", body)
    return body


def fold(name: str, body: str, *, line_length: int = 78, linesep: str = "\r\n", long_lines: bool = False) -> str:
    r"""The whole field ``name: body`` with its line ends, broken only where white space stands.

    Breaks after a comma or semicolon are preferred; a quoted string is kept on one line unless that would be
    longer than 998. In Subject, Comments and Content-Description these mean nothing, and lines are filled.

    A line has *line_length* octets at most, its end not counted, or 76 if it holds an encoded word; 0 asks for
    lines of up to 998. A stretch without white space may be longer; longer than 998 only with *long_lines*.

    Raises:
        BadValue: *body* holds CR, LF, NUL or a lone surrogate, or a line would be longer than 998.

    RFC 5322, sections 2.1.1 and 2.2.3; RFC 2047, section 2.

    >>> fold("Subject", "one two three", line_length=14)
    'Subject: one\r\n two three\r\n'
    """
    check_text(body)
    line = f"{name}: {body}"
    limit = min(line_length, _LONGEST_LINE) if line_length > 0 else _LONGEST_LINE
    if _width(line) <= (min(limit, _LONGEST_WORD_LINE) if "=?" in body else limit):
        return line + linesep
    word_limit = min(limit, _LONGEST_WORD_LINE) if line_length > 0 else limit
    structured = name.lower() not in _UNSTRUCTURED
    if not structured and len(line) <= _LONGEST_LINE and line.isascii() and _is_spaced(body):
        return linesep.join(_filled(name, body.split(" "), limit, word_limit)) + linesep
    lines = _Lines(name, limit, word_limit, long_lines=long_lines)
    for chunk, is_clause_end in _chunks(body, structured=structured):
        lines.add(chunk, is_clause_end=is_clause_end)
    lines.end()
    return linesep.join(lines.done) + linesep


def _is_spaced(body: str) -> bool:
    """Whether it is words with one space between any two of them, and nothing else."""
    return "  " not in body and "\t" not in body and body.strip(" ") == body


def _filled(name: str, words: list[str], limit: int, word_limit: int) -> list[str]:
    """*words* in lines behind the name, as `_Lines` has them where nothing stands between them but one space."""
    done: list[str] = []
    line, rest = f"{name}:", ""
    bound = limit
    for word in words:
        own = word_limit if "=?" in word else limit
        size = len(word) + 1
        bound = min(bound, own)
        # behind the name alone, what fits on no line is as well off as on the next
        if len(line) + size > bound and (rest or done or size <= own):
            done.append(line)
            line, bound = "", own
        line = rest = f"{line} {word}"
    return [*done, line]


def _width(text: str) -> int:
    """The octets of *text* on a line; RFC 6532 3.4 counts them, not characters."""
    return len(text) if text.isascii() else len(text.encode())


def _chunks(body: str, *, structured: bool) -> Iterator[tuple[str, bool]]:
    """The stretches of *body* that stay together, white space in front, and whether a clause ends with each."""
    kept, angles = _kept(body) if structured else ([], [])
    start, lead = 0, " "
    for space in compiled(_SPACE).finditer(body):
        place = space.start()
        if place == 0 or space.end() == len(body) or _inside(kept, place):
            continue
        is_clause_end = structured and body[place - 1] in ",;" and not _inside(angles, place)
        yield from _breakable(lead + body[start:place], is_clause_end=is_clause_end)
        start, lead = place, ""
    yield from _breakable(lead + body[start:], is_clause_end=False)


def _breakable(chunk: str, *, is_clause_end: bool) -> Iterator[tuple[str, bool]]:
    """*chunk*, in pieces if it is a quoted string that no line can hold."""
    if _width(chunk) <= _LONGEST_LINE:
        yield chunk, is_clause_end
        return
    pieces = re.findall(r"[ \t]*+[^ \t]++(?:[ \t]++\Z)?|[ \t]++\Z", chunk)
    for piece in pieces[:-1]:
        yield piece, False
    yield pieces[-1], is_clause_end


def _kept(body: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The spans of quoted strings, and those in angle brackets; the last one first, to be taken from the end."""
    quoted: list[tuple[int, int]] = []
    angles: list[tuple[int, int]] = []
    for match in compiled(_KEPT).finditer(body):
        if match["close"] is None:
            if match["angle"]:
                angles.append(match.span())
        elif not match["close"]:
            # A lone quote means nothing, and nothing behind it is quoted.
            angles += [angle.span() for angle in compiled(_ANGLES).finditer(body, match.start() + 1)]
        elif "=?" not in match[0]:
            # RFC 2047 5: no encoded word stands in a quoted string, so what holds one is none.
            quoted.append(match.span())
    return quoted[::-1], angles[::-1]


def _inside(spans: list[tuple[int, int]], place: int) -> bool:
    """Whether *place* is in one of *spans*; those before it are dropped: places are asked for in order."""
    while spans and spans[-1][1] <= place:
        spans.pop()
    return bool(spans) and spans[-1][0] < place


class _Lines:
    """Lines being filled, each chunk put on the line it fits."""

    __slots__ = ("_clauses", "_limit", "_line", "_long_lines", "_name", "_used", "_with_word", "_word_limit", "done")

    def __init__(self, name: str, limit: int, word_limit: int, *, long_lines: bool) -> None:
        self.done: list[str] = []
        self._name = name
        self._long_lines = long_lines
        self._limit = limit
        self._word_limit = word_limit
        self._line = [f"{name}:"]
        self._used = _width(self._line[0])
        self._with_word = False
        # How many chunks of the line end with the last whole clause.
        self._clauses = 0

    def add(self, chunk: str, *, is_clause_end: bool) -> None:
        """Put *chunk* on the line, or on a new one where it does not fit."""
        chunk = self._peel(chunk)
        if not self._fits(chunk):
            self._break_before(chunk)
        self._put(chunk)
        if is_clause_end:
            self._clauses = len(self._line)

    def end(self) -> None:
        """Finish the line.

        Raises:
            BadValue: the line is too long for mail.
        """
        line = "".join(self._line)
        if _width(line) > _LONGEST_LINE and not self._long_lines:
            raise BadValue(
                f"expected white space to fold {self._name} at, found {_width(line)} octets that make one line; "
                f"mail allows {_LONGEST_LINE} (RFC 5322, section 2.1.1)"
            )
        self.done.append(line)
        self._line = []
        self._used = self._clauses = 0
        self._with_word = False

    def _fits(self, chunk: str) -> bool:
        return self._used + _width(chunk) <= (self._word_limit if self._with_word else self._bound(chunk))

    def _bound(self, chunk: str) -> int:
        return self._word_limit if "=?" in chunk else self._limit

    def _put(self, chunk: str) -> None:
        self._line.append(chunk)
        self._used += _width(chunk)
        self._with_word = self._with_word or "=?" in chunk

    def _break_before(self, chunk: str) -> None:
        if 0 < self._clauses < len(self._line):
            rest = self._line[self._clauses :]
            del self._line[self._clauses :]
            self.end()
            for moved in rest:
                self._put(moved)
            if self._fits(chunk):
                return
        width = _width(chunk)
        if not self.done and len(self._line) == 1 and not self._gains(chunk, width):
            return
        self.end()

    def _gains(self, chunk: str, width: int) -> bool:
        """Whether the first chunk is better off on the second line, nothing but the name on the first."""
        if not chunk.strip(" \t"):
            return False
        return width <= self._bound(chunk) or self._used + width > _LONGEST_LINE

    def _peel(self, chunk: str) -> str:
        """*chunk* without as much of the white space before it as makes it too long for a line of its own."""
        excess = _width(chunk) - self._bound(chunk)
        space = len(chunk) - len(chunk.lstrip(" \t"))
        if 0 < excess < space and self._used + excess <= (self._word_limit if self._with_word else self._limit):
            self._line[-1] += chunk[:excess]
            self._used += excess
            return chunk[excess:]
        return chunk
