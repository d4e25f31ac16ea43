"""mimekit.values.date: dates are read in every form and written in one."""
# ruff: noqa: DTZ001 - a naive datetime is what -0000 means

from __future__ import annotations

import copy
import datetime as dt
import email.utils
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.date import Date, format_date, parse_date
from mimekit.values.obsdate import read_date

offsets = st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
moments = st.builds(
    lambda moment, offset: moment.replace(microsecond=0, tzinfo=offset),
    st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(9999, 12, 30)),
    st.none() | offsets,
)
# What a date is made of, and what it is not made of: nearer to trouble than any text.
scraps = st.lists(
    st.sampled_from(
        [
            *"Mon, 11 Nov 2002 11 : 11 . 60 - + +0100 -0000 GMT EST PM ( ) \\ T 0 2400 20021111 ; /".split(),  # noqa: SIM905
            " ",
            "²",
            "٣",
        ]
    )
).map("".join)


def written(value: Date) -> str:
    """The field body of *value* as it goes out, folded, its octets as characters."""
    return fold(value.name, value.encode_body(), line_length=40).partition(":")[2].removesuffix("\r\n")


class TestReading:
    """What came is read."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00", id="usual: RFC 5322 A.1.1"),
            pytest.param("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T10:52:37+02:00", id="usual: RFC 5322 A.1.2"),
            pytest.param("Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-13T23:32:54-03:30", id="usual: RFC 5322 A.1.3"),
            pytest.param("21 Nov 1997 09:55 -0600", "1997-11-21T09:55:00-06:00", id="usual: no day name, no seconds"),
            pytest.param("Mon, 11 Nov 2002 11:11:11 +0100 (CET)", "2002-11-11T11:11:11+01:00", id="usual: comment"),
            pytest.param("Mon, 11 Nov 2002 11:11:11 -0000", "2002-11-11T11:11:11", id="usual: zone not told"),
            pytest.param(
                "Thu,\t13\tFeb  1969 23:32\t-0330 (Newfoundland Time)",
                "1969-02-13T23:32:00-03:30",
                id="odd: RFC 5322 A.5",
            ),
            pytest.param("mon, 1 JAN 2001 01:02:03 +0000", "2001-01-01T01:02:03+00:00", id="odd: any case"),
            pytest.param("Mon,1 Jan 2001 01:02:03 +0000", "2001-01-01T01:02:03+00:00", id="odd: no space"),
            pytest.param("Sat, 31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00", id="odd: a leap second"),
            pytest.param(
                "Mon, 11 Nov 2002 11:11:11 +0100 (C(E)T) (a \\) b)", "2002-11-11T11:11:11+01:00", id="odd: comments"
            ),
        ],
    )
    def test_what_the_grammar_allows_is_read_without_a_defect(self, text: str, expected: str) -> None:
        """RFC 5322, section 3.3: date-time = [ day-of-week "," ] date time [CFWS]."""
        moment, defects = parse_date(text)

        assert moment is not None
        assert (moment.isoformat(), defects) == (expected, ())

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00", id="usual: RFC 5322 A.6.2"),
            pytest.param("Mon, 11 Nov 2002 11:11:11 GMT", "2002-11-11T11:11:11+00:00", id="usual: GMT"),
            pytest.param(
                "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
                "1997-11-21T09:55:06-06:00",
                id="usual: RFC 5322 A.6.3",
            ),
            *[
                pytest.param(f"11 Nov 2002 11:11:11 {zone}", f"2002-11-11T11:11:11{offset}", id=f"odd: {zone}")
                for zone, offset in {
                    "UT": "+00:00", "UTC": "+00:00", "Z": "+00:00", "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00",
                    "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "pdt": "-07:00",
                    "A": "", "m": "", "Y": "", "J": "", "CET": "", "Eastern Time": "", "": "",
                    "+01": "+01:00", "+1": "+01:00", "+100": "+01:00", "+01:30": "+01:30", "GMT+1": "+01:00",
                    "+0100 CET": "+01:00", "+-0500": "-05:00", "-00:00": "", "+0175": "", "-2400": "", "+99999": "",
                    "0100": "", "EST5EDT": "-05:00", "+0000 GMT": "+00:00",
                }.items()
            ],
            pytest.param("1 Jan 49 00:00 +0000", "2049-01-01T00:00:00+00:00", id="odd: two-digit year"),
            pytest.param("1 Jan 50 00:00 +0000", "1950-01-01T00:00:00+00:00", id="odd: two digits, last century"),
            pytest.param("1 Jan 102 00:00 +0000", "2002-01-01T00:00:00+00:00", id="odd: three-digit year"),
            pytest.param("1 Jan 1066 00:00 +0000", "1066-01-01T00:00:00+00:00", id="odd: before mail"),
            pytest.param("1 Jan 2002", "2002-01-01T00:00:00", id="odd: no time"),
            pytest.param("1 Jan 2002 +0100", "2002-01-01T00:00:00+01:00", id="odd: no time but a zone"),
            pytest.param("1 Jan 2002 9.5.7", "2002-01-01T09:05:07", id="odd: dots in the time"),
            pytest.param("1 Jan 2002 09 05 07 +0100", "2002-01-01T09:05:07+01:00", id="odd: spaces in the time"),
            pytest.param("1 Jan 2002 090507 +0100", "2002-01-01T09:05:07+01:00", id="odd: nothing in the time"),
            pytest.param("1 Jan 2002 905 +0100", "2002-01-01T09:05:00+01:00", id="odd: three digits"),
            pytest.param("1 Jan 2002 9 +0100", "2002-01-01T09:00:00+01:00", id="odd: an hour"),
            pytest.param("1 Jan 2002 09:05:07.250 +0100", "2002-01-01T09:05:07+01:00", id="odd: a fraction"),
            pytest.param("1 Jan 2002 12:05 AM", "2002-01-01T00:05:00", id="odd: after midnight"),
            pytest.param("1 Jan 2002 9:05 pm -0300", "2002-01-01T21:05:00-03:00", id="odd: in the evening"),
            pytest.param("1 Jan 2002 13:05 pm", "2002-01-01T13:05:00", id="odd: doubly in the evening"),
            pytest.param("Tue, 31 Dec 2002 24:00:00 +0000", "2003-01-01T00:00:00+00:00", id="odd: the end of the day"),
            pytest.param("Monday, 11. November 2002 11:11", "2002-11-11T11:11:00", id="odd: full names"),
            pytest.param("11th of SEPT. '02 11:11", "2002-09-11T11:11:00", id="odd: in words"),
            pytest.param("Sun, 11 Nov 2002 11:11:11 +0000", "2002-11-11T11:11:11+00:00", id="odd: wrong day name"),
            pytest.param("Foo, 11 Nov 2002 11:11:11 +0000", "2002-11-11T11:11:11+00:00", id="odd: no day name"),
            pytest.param("1-Jan-2002 10:00 +0100", "2002-01-01T10:00:00+01:00", id="odd: dashes"),
            pytest.param("1Jan2002 10:00", "2002-01-01T10:00:00", id="odd: no spaces"),
            pytest.param("(a)1(b)Jan(c)2002(d)10:00(e)", "2002-01-01T10:00:00", id="odd: comments anywhere"),
            pytest.param("1 Jan 2002 10:00 +0100 (", "2002-01-01T10:00:00+01:00", id="odd: comment without an end"),
            pytest.param("1 Jan 2002 10:00 +0100 (a) b", "2002-01-01T10:00:00+01:00", id="odd: more behind it"),
            pytest.param("Tue Jan  1 10:00:00 2002", "2002-01-01T10:00:00", id="odd: asctime"),
            pytest.param("Tue Jan  1 10.00.00 EST 2002", "2002-01-01T10:00:00-05:00", id="odd: asctime with a zone"),
            pytest.param("Tue Jan 1 10:00:00 2002 +0100", "2002-01-01T10:00:00+01:00", id="odd: asctime, zone behind"),
            pytest.param("Tue Jan 1 10:00:00 +0100 2002", "2002-01-01T10:00:00+01:00", id="odd: asctime, zone before"),
            pytest.param("Aug, 28 2002 9:58:22 PM -0300", "2002-08-28T21:58:22-03:00", id="odd: American"),
            pytest.param("January 1st, 2002 10:00", "2002-01-01T10:00:00", id="odd: American in words"),
            pytest.param("2002-01-15", "2002-01-15T00:00:00", id="odd: ISO 8601 day"),
            pytest.param("2002-01-15T10:00:00Z", "2002-01-15T10:00:00+00:00", id="odd: ISO 8601"),
            pytest.param("2002-01-15 10:00:00.5+01:00", "2002-01-15T10:00:00+01:00", id="odd: RFC 3339"),
            pytest.param("20020115T100000Z", "2002-01-15T10:00:00+00:00", id="odd: ISO 8601 basic"),
            pytest.param("2002/09/14 Sat 02:29:32 CDT", "2002-09-14T02:29:32-05:00", id="odd: day name behind"),
            pytest.param("2002 Nov 11 10:00", "2002-11-11T10:00:00", id="odd: year first"),
            pytest.param(" " * 500 + "1 Jan 2002 10:00" + " " * 500, "2002-01-01T10:00:00", id="hostile: spaces"),
            pytest.param("1 Jan 2002 10:00 " + "x" * 500, "2002-01-01T10:00:00", id="hostile: much behind it"),
            pytest.param("\u00a01 Jan 2002 10:00", "2002-01-01T10:00:00", id="hostile: other white space"),
        ],
    )  # fmt: skip
    def test_obsolete_and_foreign_forms_are_read_wild_14(self, text: str, expected: str) -> None:
        """RFC 5322, section 4.3: zones that mean nothing, military ones among them, are read as -0000."""
        moment, defects = parse_date(text)

        assert moment is not None
        assert moment.isoformat() == expected
        assert [defect.code for defect in defects] == ["obsolete-date"]

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="usual: empty"),
            pytest.param("yesterday", id="usual: words"),
            pytest.param("22/08/2002 09:59:40", id="odd: nobody knows which is the month"),
            pytest.param("1 Jan", id="odd: no year"),
            pytest.param("Jan 1 10:00", id="odd: no year behind the time"),
            pytest.param("Jan", id="odd: a month"),
            pytest.param("11", id="odd: a number"),
            pytest.param("2002", id="odd: a year"),
            pytest.param("2002-W46-1", id="odd: a week"),
            pytest.param("2002-00-10", id="odd: no month"),
            pytest.param("1 Jan 2 10:00", id="odd: one-digit year"),
            pytest.param("1 Jan 0000 10:00:00 +0000", id="hostile: year 0"),
            pytest.param("1 Jan 20022 10:00:00 +0000", id="hostile: year 20022"),
            pytest.param("Fri, 31 Dec 9999 23:59:59 -0100", id="hostile: past the last year in UTC"),
            pytest.param("31 Dec 9999 24:00:00", id="hostile: past the last year"),
            pytest.param("1 Jan 0001 00:00:00 +0100", id="hostile: before the first year in UTC"),
            pytest.param("Mon, 32 Nov 2002 11:11:11 +0100", id="hostile: day 32"),
            pytest.param("Mon, 31 Nov 2002 11:11:11 +0100", id="hostile: 31 November"),
            pytest.param("Mon, 0 Nov 2002 11:11:11 +0100", id="hostile: day 0"),
            pytest.param("Mon, 11 Nov 2002 25:11:11 +0100", id="hostile: hour 25"),
            pytest.param("Mon, 11 Nov 2002 24:11:11 +0100", id="hostile: hour 24"),
            pytest.param("Mon, 11 Nov 2002 11:60:11 +0100", id="hostile: minute 60"),
            pytest.param("Mon, 11 Nov 2002 11:11:61 +0100", id="hostile: second 61"),
            pytest.param("1 Jan 2002 1111111", id="hostile: seven digits of time"),
            pytest.param("9" * 5000 + " Jan 2002", id="hostile: digits"),
            pytest.param("1 Jan 2002 " + "9" * 5000, id="hostile: digits of time"),
            pytest.param("² Jan 2002", id="hostile: a digit that is none"),
            pytest.param("2002-²-01", id="hostile: a digit that is none, as month"),
            pytest.param("(" * 1000, id="hostile: comments"),
        ],
    )
    def test_what_is_no_date_gives_none_wild_14(self, text: str) -> None:
        """DESIGN, law 4: bad mail is never an exception."""
        moment, defects = parse_date(text)

        assert moment is None
        assert [defect.code for defect in defects] == ["bad-date"]

    @given(scraps | st.text())
    def test_nothing_raises(self, text: str) -> None:
        """DESIGN, law 4; and what is read can be compared with any other time."""
        moment, defects = parse_date(text)

        if moment is None:
            assert defects
        elif moment.tzinfo is not None:
            assert moment.astimezone(dt.UTC) == moment

    @given(moments)
    def test_the_short_way_and_the_long_way_agree(self, moment: dt.datetime) -> None:
        """A date in the usual form means what the tolerant reader makes of it."""
        text = format_date(moment)

        assert parse_date(text)[0] == read_date(text)

    @given(moments.filter(lambda moment: moment.year > 1969))
    def test_the_standard_library_agrees(self, moment: dt.datetime) -> None:
        """`email.utils` is right about dates in the usual form."""
        text = format_date(moment)

        assert parse_date(text)[0] == email.utils.parsedate_to_datetime(text)


class TestDate:
    """The value of a field."""

    def test_the_text_is_the_body_unfolded(self) -> None:
        """RFC 5322, section 2.2.3: unfolding removes the CRLF and nothing else."""
        value = Date.parse("Date", " Mon, 11 Nov 2002\r\n 11:11:11 +0100 (CET)\t")

        assert value == "Mon, 11 Nov 2002 11:11:11 +0100 (CET)"
        assert value.datetime == dt.datetime(2002, 11, 11, 10, 11, 11, tzinfo=dt.UTC)
        assert (value.defects, value.name) == ((), "Date")

    def test_every_defect_is_told(self) -> None:
        """Raw octets are one thing wrong, no date another."""
        value = Date.parse("Date", " demain \xc3\xa0 l'aube\0")

        assert value == "demain à l'aube\N{REPLACEMENT CHARACTER}"
        assert value.datetime is None
        assert [defect.code for defect in value.defects] == ["8bit-in-header", "control-in-value", "bad-date"]

    def test_a_value_is_copied_and_pickled(self) -> None:
        """Reading before or after a copy gives the same."""
        value = Date.parse("Date", " Mon, 11 Nov 2002 11:11:11 +0100")
        copies = [copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))]  # noqa: S301 - our own

        assert [(str(each), each.datetime, each.name) for each in copies] == [(str(value), value.datetime, "Date")] * 3


class TestComposing:
    """What goes out is valid."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(dt.datetime(2002, 11, 1, 9, 8, 7), "Fri, 01 Nov 2002 09:08:07 -0000", id="usual: naive"),
            pytest.param(
                dt.datetime(2002, 11, 1, 9, 8, 7, tzinfo=dt.UTC), "Fri, 01 Nov 2002 09:08:07 +0000", id="usual: UTC"
            ),
            pytest.param(
                dt.datetime(2002, 11, 1, 9, 8, 7, 999_999, dt.timezone(-dt.timedelta(hours=3, minutes=30))),
                "Fri, 01 Nov 2002 09:08:07 -0330",
                id="usual: seconds are cut",
            ),
            pytest.param(
                dt.datetime(2002, 11, 1, 9, 0, 50, tzinfo=dt.timezone(dt.timedelta(minutes=53, seconds=28))),
                "Fri, 01 Nov 2002 08:07:22 +0000",
                id="odd: an offset with seconds",
            ),
            pytest.param(
                "Fri, 1 Nov 2002 09:08 +0100 (C\tE T)", "Fri, 1 Nov 2002 09:08 +0100 (C\tE T)", id="usual: valid text"
            ),
            pytest.param(" 1 Nov 02 9:08 EST ", "Fri, 01 Nov 2002 09:08:00 -0500", id="odd: obsolete text"),
            pytest.param("Mon, 1 Nov 2002 09:08 +0100", "Fri, 01 Nov 2002 09:08:00 +0100", id="odd: wrong day name"),
            pytest.param("1 Nov 2002 09:08 +0100 (é)", "Fri, 01 Nov 2002 09:08:00 +0100", id="odd: other than ASCII"),
            pytest.param(
                f"1 Nov 2002 09:08 +0100 ({'x' * 999})", "Fri, 01 Nov 2002 09:08:00 +0100", id="hostile: a long line"
            ),
        ],
    )
    def test_a_date_is_written_as_rfc_5322_wants_it(self, value: object, expected: str) -> None:
        """RFC 5322, section 3.3; section 4.3 is for readers."""
        composed = Date.compose("Date", value)

        assert composed == composed.encode_body() == expected
        assert composed.defects == ()

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("tomorrow", id="usual: no date"),
            pytest.param(1036141687, id="usual: a number"),
            pytest.param(dt.date(2002, 11, 1), id="usual: a day"),
            pytest.param(dt.datetime(1899, 12, 31), id="odd: too early"),
            pytest.param("31 Dec 1899 10:00:00 +0000", id="odd: too early a text"),
            pytest.param(
                dt.datetime(9999, 12, 31, 23, tzinfo=dt.timezone(-dt.timedelta(hours=2))), id="odd: too late in UTC"
            ),
            pytest.param(
                dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(seconds=5))), id="hostile: before all years"
            ),
            pytest.param("1 Jan 2002\r\nBcc: x@example.org", id="hostile: another field"),
        ],
    )
    def test_what_is_no_date_of_mail_is_refused_wild_18(self, value: object) -> None:
        """RFC 5322, section 3.3: the year is any numeric year 1900 or later, in four digits."""
        with pytest.raises(BadValue):
            Date.compose("Date", value)

    def test_what_is_read_with_other_octets_needs_utf8(self) -> None:
        """RFC 6532, section 3: other than ASCII stands in a header only where both sides know."""
        value = Date.parse("Date", " 1 Nov 2002 (\xe9)")

        assert value.encode_body(utf8=True) == value
        with pytest.raises(BadValue):
            value.encode_body()

    @given(moments)
    def test_a_datetime_written_is_read_back(self, moment: dt.datetime) -> None:
        """DESIGN, law 6."""
        composed = Date.compose("Date", moment)
        read = Date.parse("Date", written(composed))

        assert (read, read.datetime, read.defects) == (composed, moment, ())
        assert (read.datetime == moment and read.datetime.utcoffset()) == moment.utcoffset()

    @given(scraps)
    def test_a_text_written_is_read_back(self, text: str) -> None:
        """DESIGN, law 6: whatever can be composed; and composing it again changes nothing."""
        try:
            composed = Date.compose("Date", Date.parse("Date", text))
        except BadValue:
            return
        read = Date.parse("Date", written(composed))

        assert (read, read.datetime, read.defects) == (composed, composed.datetime, ())
        assert Date.compose("Date", read) == composed
