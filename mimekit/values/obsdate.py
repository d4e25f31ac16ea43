"""Reads dates in obsolete, foreign and damaged forms."""

from __future__ import annotations

import datetime as dt
import re

from .._grammar import strip_comments

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

# RFC 5322 4.3: zones that had a meaning everywhere, in minutes. Military ones were defined with the wrong sign, so that
# they mean nothing (Z aside, which was right either way); nor do any other names.
_ZONES = {
    "ut": 0,
    "gmt": 0,
    "utc": 0,
    "z": 0,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}
_TOKENS = r"[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]"
# No date is longer, and what a sender wrote behind it is none of ours.
_DATE_LENGTH = 128

_Day = tuple[str, int, str]  # year ("" if it stands behind the time), month, day


class _Cursor:
    """A place among the tokens of a date. Changes as it is read."""

    __slots__ = ("_place", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = re.findall(_TOKENS, text)
        self._place = 0

    def peek(self, ahead: int = 0) -> str:
        """The token here or *ahead* of here; empty at the end."""
        return self._tokens[self._place + ahead] if self._place + ahead < len(self._tokens) else ""

    def take(self) -> str:
        """The token here, gone past."""
        token = self.peek()
        self._place += 1
        return token

    def skip(self, *tokens: str) -> None:
        """Go past all of *tokens* (in small letters) that stand here."""
        while self.peek().lower() in tokens:
            self._place += 1

    def number_after(self, separators: str) -> str:
        """The number behind one of *separators*, gone past; empty and nothing gone past if there is none."""
        if not (self.peek() and self.peek() in separators and _is_number(self.peek(1))):
            return ""
        self._place += 1
        return self.take()


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdigit()


def read_date(text: str) -> dt.datetime | None:
    """The date in *text*: aware, or naive UTC where it tells no zone; None if there is none to be read.

    Day and month by name or as in ISO 8601, year before or behind the time; names of days are not looked at.
    """
    words = strip_comments(text)[0].split(maxsplit=_DATE_LENGTH)[:_DATE_LENGTH]
    cursor = _Cursor(" ".join(words)[:_DATE_LENGTH])
    while cursor.peek() and not _is_number(cursor.peek()) and not _month(cursor.peek()):
        cursor.take()
    day = _day(cursor)
    if day is None:
        return None
    while cursor.peek() == "," or (cursor.peek().isalpha() and cursor.peek().lower() not in _ZONES):
        cursor.take()  # T, at, and names of days
    time = _time(cursor)
    zone = _zone(cursor)
    year = day[0]
    if not year:  # asctime: Mon Nov 11 11:11:11 2002
        year = cursor.take()
        zone = _zone(cursor) if zone is None else zone
    return _moment((year, *day[1:]), time, zone)


def _month(word: str) -> int:
    """The month that *word* is the name of, or begins the name of; 0 if none."""
    if len(word) < 3:
        return 0
    return next((number for number, month in enumerate(MONTHS, 1) if month.startswith(word.lower())), 0)


def _day(cursor: _Cursor) -> _Day | None:
    first = cursor.take()
    if month := _month(first):
        return _american_day(cursor, month)
    if len(first) == 8:  # ISO 8601, basic: 20021111T111111Z
        return first[:4], int(first[4:6]), first[6:]
    cursor.skip("st", "nd", "rd", "th", "of", "-", "/", ".", ",")
    second = cursor.take()
    month = _month(second)
    if not month and len(first) == 4 and _is_number(second):
        month = int(second)
    if not month:
        return None
    cursor.skip("-", "/", ".", ",", "'")
    third = cursor.take()
    return (first, month, third) if len(first) == 4 else (third, month, first)


def _american_day(cursor: _Cursor, month: int) -> _Day:
    """Nov 11, 2002 and, with the year behind the time, Nov 11."""
    cursor.skip("-", "/", ".", ",")
    day = cursor.take()
    cursor.skip("st", "nd", "rd", "th", "-", "/", ",", "'")
    is_time = cursor.peek(1) in {":", "."} and _is_number(cursor.peek(2))
    return "" if is_time else cursor.take(), month, day


def _time(cursor: _Cursor) -> tuple[int, int, int]:
    """Hours, minutes, seconds; zeros for what is not there."""
    if not _is_number(cursor.peek()):
        return 0, 0, 0
    first = cursor.take()
    if len(first) > 2:  # QUIRK: 111111 or 1111 (RFC 5322 3.3 has colons)
        digits = first.zfill(len(first) + len(first) % 2)
        hour, minute, second = digits[:2], digits[2:4], digits[4:]
    else:
        hour, minute = first, _behind(cursor)
        second = minute and _behind(cursor)
        cursor.number_after(".")  # RFC 3339 5.6: a fraction of a second
    hours = int(hour)
    if cursor.peek().lower() in {"am", "pm"} and hours <= 12:
        hours = hours % 12 + 12 * (cursor.take().lower() == "pm")
    return hours, int(minute or 0), int(second or 0)


def _behind(cursor: _Cursor) -> str:
    """The next part of a time: behind a colon, or, as seen, behind a dot or nothing."""
    if len(cursor.peek()) == 2 and _is_number(cursor.peek()):
        return cursor.take()
    return cursor.number_after(":.")


def _zone(cursor: _Cursor) -> int | None:
    """Minutes east of Greenwich; None if the zone is not told or means nothing. An offset goes before a name."""
    named = None
    while cursor.peek() and not _is_number(cursor.peek()):
        sign = cursor.peek()
        if offset := cursor.number_after("+-"):
            return _offset(sign, offset, cursor.number_after(":"))
        name = cursor.take().lower()
        named = _ZONES.get(name) if named is None else named
    return named


def _offset(sign: str, hours: str, minutes: str) -> int | None:
    if len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    if len(hours) > 2 or int(hours) > 23 or int(minutes or 0) > 59:
        return None
    offset = int(hours) * 60 + int(minutes or 0)
    if sign == "+":
        return offset
    return -offset or None  # RFC 5322 3.3: -0000 says nothing of the local zone.


def _moment(day: _Day, time: tuple[int, int, int], zone: int | None) -> dt.datetime | None:
    year = _year(day[0])
    hour, minute, second = time
    carry = dt.timedelta()
    if time == (24, 0, 0):  # ISO 8601: the end of the day
        hour, carry = 0, dt.timedelta(days=1)
    if second == 60:  # RFC 5322 3.3: a leap second, which Python has not
        second = 59
    tzinfo = None if zone is None else dt.timezone(dt.timedelta(minutes=zone))
    try:
        moment = dt.datetime(year, day[1], int(day[2]), hour, minute, second, tzinfo=tzinfo) + carry
        if tzinfo is not None:
            moment.astimezone(dt.UTC)  # or its caller's astimezone would raise
    except (ValueError, OverflowError):
        return None
    return moment


def _year(digits: str) -> int:
    """The year; 0, which is none, if it cannot be one."""
    if not _is_number(digits) or not 2 <= len(digits) <= 4:
        return 0
    year = int(digits)
    if len(digits) == 4:
        return year
    # RFC 5322 4.3: two digits up to 49 are in this century, the others and three count from 1900.
    return year + (2000 if len(digits) == 2 and year < 50 else 1900)
