"""mimekit.values.obsdate: dates in obsolete, foreign and damaged forms; its table of forms is in test_date."""
# ruff: noqa: DTZ001 - a naive datetime is what -0000 means

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.values.obsdate import MONTHS, read_date

moments = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)


class TestReadDate:
    """The tolerant reader."""

    def test_a_zone_that_is_told_makes_it_aware(self) -> None:
        """RFC 5322, section 4.3: EST is semantically equivalent to -0500."""
        moment = read_date("11 Nov 02 11:11 EST")

        assert moment is not None
        assert moment.utcoffset() == -dt.timedelta(hours=5)

    @pytest.mark.parametrize("zone", [*"ABCDEFGHIJKLMNOPQRSTUVWXYabcdefghijklmnopqrstuvwxy"])
    def test_military_zones_mean_nothing_wild_14(self, zone: str) -> None:
        """RFC 5322, section 4.3: they SHOULD all be considered equivalent to -0000."""
        assert read_date(f"11 Nov 2002 11:11:11 {zone}") == dt.datetime(2002, 11, 11, 11, 11, 11)

    @pytest.mark.parametrize("month", MONTHS)
    def test_months_go_by_any_beginning_of_their_names_wild_14(self, month: str) -> None:
        """RFC 5322, section 3.3 has three letters; people have all, in any case."""
        moments = {read_date(f"11 {name} 2002") for name in (month, month[:3].upper(), month[:4].title())}

        assert moments == {dt.datetime(2002, MONTHS.index(month) + 1, 11)}

    @given(moments)
    def test_asctime_is_read(self, moment: dt.datetime) -> None:
        """C, section 7.27.3.1: the form of asctime."""
        assert read_date(moment.ctime()) == moment

    @given(moments)
    def test_iso_8601_is_read(self, moment: dt.datetime) -> None:
        """RFC 3339, section 5.6."""
        assert read_date(moment.isoformat()) == moment

    def test_what_is_no_date_gives_none(self) -> None:
        """DESIGN, law 4."""
        assert read_date("sine die") is None
