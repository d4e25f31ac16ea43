"""Numbers that settings are."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cartero import BadURL
from cartero._numbers import expect_seconds, read_number


class TestReading:
    """From the text of a setting."""

    def test_it_is_of_the_kind_that_is_asked_for(self) -> None:
        """A number of messages has no halves."""
        assert read_number("timeout", "1.5", float) == 1.5
        with pytest.raises(BadURL, match=r"^expected a number as batch, found '1\.5'$"):
            read_number("batch", "1.5", int)


class TestSeconds:
    """How long something lasts."""

    @pytest.mark.parametrize("given", [0, 0.0, 60, 1e9, math.inf], ids=str)
    def test_there_may_be_none_and_any_number_of_them(self, given: float) -> None:
        """A pause may be left out, and something may go on for ever."""
        assert expect_seconds("pause", given) == given

    @pytest.mark.parametrize("given", [1e-3, 60, 1_000_000], ids=str)
    def test_a_system_can_wait_so_long(self, given: float) -> None:
        """What poll takes is 2**31 milliseconds."""
        assert expect_seconds("timeout", given, is_waited=True) == given

    @pytest.mark.parametrize("given", [-1, -math.inf, math.nan, True, None, "60", [1]], ids=repr)
    @pytest.mark.parametrize("is_waited", [True, False])
    def test_what_is_no_number_of_seconds_is_refused(self, given: Any, is_waited: bool) -> None:
        """True is no number that anybody means."""
        with pytest.raises(BadURL, match=r"^expected seconds for timeout, .*, found .+$"):
            expect_seconds("timeout", given, is_waited=is_waited)

    @pytest.mark.parametrize("given", [0, 0.0, 1_000_001, math.inf, 10**400], ids=lambda given: f"{given!r:.20}")
    def test_nor_can_a_system_wait_for_none_or_for_ever(self, given: float) -> None:
        """The text says how long it can, on a line that can be read."""
        with pytest.raises(BadURL, match="expected seconds for timeout, above 0 and at most 1000000, found") as caught:
            expect_seconds("timeout", given, is_waited=True)

        assert len(str(caught.value)) < 160
