"""Received: where a message was, as each hop wrote it."""

from __future__ import annotations

import re
from types import MappingProxyType

from .._grammar import strip_comments
from ..errors import BadValue, Defect
from .base import HeaderValue
from .date import normal_date, parse_date
from .verbatim import check_verbatim, readable, write_verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from typing import Self

_KEYWORDS = frozenset({"from", "by", "via", "with", "id", "for"})


class Received(HeaderValue):
    """One hop. The text is the field body as it stands; what it says is read when it is asked for.

    >>> hop = Received.parse("Received", " from a.example by b.example id 7; Mon, 11 Nov 2002 11:11:11 +0100")
    >>> hop.tokens["by"]
    'b.example'

    RFC 5321, section 4.4; RFC 5322, section 3.6.7.
    """

    __slots__ = ()

    _meaning: tuple[dict[str, str], tuple[str, ...], dt.datetime | None, tuple[Defect, ...]] | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The unfolded text."""
        text, defects = readable(body)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for the text of a hop. A date that may not be written so is written anew.

        Raises:
            BadValue: not a `str`; no date behind a semicolon; controls; a run without white space that no line holds.
        """
        if not isinstance(value, str):
            raise BadValue(f"expected a str, found {type(value).__name__}")
        text = value.strip(" \t")
        check_verbatim(text)
        place = _date_place(text)
        if place < 0:
            raise BadValue(f"expected a semicolon and a date at the end, found {text[-80:]!r}")
        date = text[place + 1 :]
        written = normal_date(date)
        return cls._make(name, text if written == date.strip(" \t") else f"{text[: place + 1]} {written}")

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The text itself."""
        return write_verbatim(self, utf8=utf8)

    @property
    def tokens(self) -> Mapping[str, str]:
        """What stands behind each of ``from by via with id for``, comments left out. Those that are there."""
        return MappingProxyType(self._read()[0])

    @property
    def comments(self) -> tuple[str, ...]:
        """What the comments say, in order."""
        return self._read()[1]

    @property
    def datetime(self) -> dt.datetime | None:
        """When it arrived there, as `Date.datetime`; None if no date can be read behind the last semicolon."""
        return self._read()[2]

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        return self._defects + self._read()[3]

    def _read(self) -> tuple[dict[str, str], tuple[str, ...], dt.datetime | None, tuple[Defect, ...]]:
        if self._meaning is None:
            place = _date_place(self)
            hop, comments = strip_comments(self if place < 0 else self[:place])
            moment, defects = (None, (Defect("bad-received"),)) if place < 0 else parse_date(self[place + 1 :])
            self._meaning = _tokens(hop), comments, moment, defects
        return self._meaning


def _date_place(text: str) -> int:
    """The place of the semicolon before the date, -1 if there is none: the last one outside comments and quotes."""
    depth = 0
    place = -1
    for match in re.finditer(r'"(?:[^"\\]++|\\.)*+"?|\\.|[();]', text):
        mark = match[0]
        if mark == ";" and depth == 0:
            place = match.start()
        depth += (mark == "(") - (mark == ")" and depth > 0)
    # QUIRK: a quote or comment that never ends (RFC 5322 3.2.2) took the semicolon with it.
    return text.rfind(";") if place < 0 else place


def _tokens(hop: str) -> dict[str, str]:
    """The keywords of *hop* and what stands behind each, up to the next that was not there before."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for word in re.findall(r'(?:"(?:[^"\\]++|\\.)*+"?|[^\s"]++)++', hop):
        keyword = word.lower()
        if keyword in _KEYWORDS and keyword not in found:
            found[keyword] = words = []
        else:
            words.append(word)
    return {keyword: " ".join(words) for keyword, words in found.items()}
