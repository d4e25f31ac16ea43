"""Dates: read in every form that mail has known, written in the one of RFC 5322."""

from __future__ import annotations

import datetime as dt
import re

from .._grammar import check_text
from ..errors import BadValue, Defect
from .base import HeaderValue
from .brackets import are_comments
from .obsdate import MONTHS, read_date
from .verbatim import readable, write_verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS = {f"{day},": number for number, day in enumerate(_DAYS)}
# RFC 5322 3.3: -0000 says nothing of the local zone, so the time is naive. 4.3: GMT, obsolete and still everywhere.
_USUAL_ZONES = {"-0000": "", "GMT": "+0000"}
_MONTH_NUMBERS = {month[:3].title(): f"{number:02}" for number, month in enumerate(MONTHS, 1)}

# RFC 5322 3.3, without what section 4.3 allows only to readers. Names know no case. Compiled at first use.
_STRICT = r"""(?xai)
    [ \t]*+ (?: (?P<weekday> mon|tue|wed|thu|fri|sat|sun ) , [ \t]*+ )?
    [0-9]{1,2} [ \t]++ (?: jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec ) [ \t]++ (?P<year> [0-9]{4} )
    [ \t]++ (?: [01][0-9] | 2[0-3] ) : [0-9]{2} (?: : [0-9]{2} )?
    [ \t]++ [+-] (?: [01][0-9] | 2[0-3] ) [0-5][0-9] [ \t]*+
    """
# A longer date is written anew, without its comment, which means nothing: so that it fits a line.
_KEPT_LENGTH = 900

_Reading = tuple[dt.datetime | None, tuple[Defect, ...]]
_SOUND: tuple[Defect, ...] = ()
_OBSOLETE = (Defect("obsolete-date"),)


class Date(HeaderValue):
    """A date and time. The text is the field body as it stands; `datetime` is what it means.

    RFC 5322, section 3.6.1.
    """

    __slots__ = ()

    _meaning: _Reading | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The unfolded text; the date in it is read when it is asked for."""
        text, defects = readable(body)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a `datetime.datetime`, or for a text that can be read as a date.

        A text that RFC 5322 allows is kept; any other is written anew.

        Raises:
            BadValue: neither of them; no date in the text; a year outside 1900 to 9999.
        """
        if isinstance(value, dt.datetime):
            text = format_date(value)
        elif isinstance(value, str):
            text = normal_date(value)
        else:
            raise BadValue(f"expected a datetime or a str, found {type(value).__name__}")
        return cls._make(name, text)

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The text itself."""
        return write_verbatim(self, utf8=utf8)

    @property
    def datetime(self) -> dt.datetime | None:
        """When: aware, or naive UTC where the sender's zone is not known (``-0000``); None if it cannot be read."""
        meaning = self._meaning
        return (self._read() if meaning is None else meaning)[0]

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        return self._defects + self._read()[1]

    def _read(self) -> _Reading:
        if self._meaning is None:
            text = str(self)
            self._meaning = _usual(text) or parse_date(text)
        return self._meaning


def parse_date(text: str) -> tuple[dt.datetime | None, tuple[Defect, ...]]:
    """The date in *text*, and what is wrong with it. Never raises.

    Aware where the zone is known, else naive and to be taken for UTC: ``-0000`` and what RFC 5322, section 4.3,
    says to treat like it (unknown and military zones). A leap second is the one before it. None if there is no date.

    >>> parse_date("Mon, 11 Nov 2002 11:11:11 +0100 (CET)")[0].isoformat()
    '2002-11-11T11:11:11+01:00'
    """
    if usual := _usual(text):
        return usual
    moment = read_date(text)
    if moment is None:
        return None, (Defect("bad-date"),)
    return moment, _SOUND if _is_strict(text, moment) else _OBSOLETE


def format_date(moment: dt.datetime) -> str:
    """*moment* as mail writes it, to the second, in English whatever the locale.

    A naive one is written with ``-0000``. Mail has offsets of whole minutes only: any other is written as UTC.

    Raises:
        BadValue: the year is outside 1900 to 9999.

    RFC 5322, section 3.3.

    >>> format_date(dt.datetime(2002, 11, 11, 11, 11, 11))
    'Mon, 11 Nov 2002 11:11:11 -0000'
    """
    offset = moment.utcoffset()
    zone = "-0000"
    if offset is not None:
        moment, zone = _zoned(moment, offset)
    if moment.year < 1900:
        raise BadValue(f"a date in mail is in the years 1900 to 9999, not {moment.year}")
    day = f"{_DAYS[moment.weekday()]}, {moment.day:02} {MONTHS[moment.month - 1][:3].title()} {moment.year}"
    return f"{day} {moment.hour:02}:{moment.minute:02}:{moment.second:02} {zone}"


def normal_date(text: str) -> str:
    """*text* if it is a date that may be written, else the date in it written anew.

    Raises:
        BadValue: there is no date in it, or its year is outside 1900 to 9999; CR, LF or NUL.
    """
    check_text(text)
    moment, _ = parse_date(text)
    if moment is None:
        raise BadValue(f"expected a date such as 'Mon, 11 Nov 2002 11:11:11 +0100', not {text[:80]!r}")
    written = format_date(moment)
    if len(text) <= _KEPT_LENGTH and re.fullmatch(r"[\t -~]*", text) and _is_strict(text, moment):
        return text.strip(" \t")
    return written


def _usual(text: str) -> _Reading | None:
    """What `parse_date` gives if *text* stands in the form nearly all mail has, else None."""
    if text[-1:] == ")":
        text, _, comment = text.partition("(")
        if "(" in comment or "\\" in comment or comment.find(")") != len(comment) - 1:
            return None
    words = text.split(maxsplit=6)
    if len(words) == 5:
        # RFC 5322 3.3: the day of the week may be left out
        words.insert(0, "")
    if len(words) != 6:
        return None
    weekday, day, month, year, time, zone = words
    number = _MONTH_NUMBERS.get(month)
    offset = _USUAL_ZONES.get(zone, zone)
    if (
        number is None
        or not (len(year) == 4 and "1900" <= year < "9999")
        or not (len(time) == 8 and time[2] == time[5] == ":" and time < "24")
        or not (offset == "" or (len(offset) == 5 and offset[0] in "+-" and offset[3] < "6"))
    ):
        return None
    try:
        moment = dt.datetime.fromisoformat(f"{year}-{number}-{day:0>2}T{time}{offset}")
    except ValueError:
        return None
    if weekday and moment.weekday() != _WEEKDAYS.get(weekday):
        return None
    return moment, _OBSOLETE if zone == "GMT" else _SOUND


def _is_strict(text: str, moment: dt.datetime) -> bool:
    """Whether *text*, read as *moment*, is what RFC 5322, section 3.3, lets a writer write."""
    head, opening, tail = text.partition("(")
    match = re.fullmatch(_STRICT, head)
    if match is None or match["year"] < "1900" or not are_comments(opening + tail):
        return False
    # RFC 5322 3.3: the day-of-week MUST be the day implied by the date.
    return match["weekday"] is None or match["weekday"].title() == _DAYS[moment.weekday()]


def _zoned(moment: dt.datetime, offset: dt.timedelta) -> tuple[dt.datetime, str]:
    if offset % dt.timedelta(minutes=1):
        moment, offset = _in_utc(moment), dt.timedelta()
    _in_utc(moment)
    minutes = offset // dt.timedelta(minutes=1)
    return moment, f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as cause:
        raise BadValue("a date in mail is in the years 1900 to 9999, in UTC too") from cause
