"""Connections kept for the next message."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest

from cartero import BadURL, Limits
from cartero.senders._pool import Connection, Shelf
from cartero.smtp.conversation import Conversation, Timeouts


class Wire:
    """A connection that goes nowhere."""

    def __init__(self) -> None:
        self.spoke = False

    def has_input(self) -> bool:
        """Whether the other side spoke of its own accord."""
        return self.spoke

    def close(self) -> None:
        """Close it."""


def connection(*, now: float = 0.0) -> Connection[Wire]:
    """A connection that was just opened."""
    return Connection(Wire(), Conversation(own_name="me.example", timeouts=Timeouts()), now=now)


class TestLimits:
    def test_they_are_a_value(self) -> None:
        """Equal by meaning; the defaults are what most servers take."""
        assert Limits() == Limits(connections=4, messages=100, idle=60, rate=None)
        assert hash(Limits(rate=2)) == hash(Limits(rate=2))

    @pytest.mark.parametrize("name", ["connections", "messages", "idle", "rate"])
    @pytest.mark.parametrize("number", [0, -1, math.nan, "3"])
    def test_each_is_above_zero(self, name: str, number: Any) -> None:
        """The error says which is not."""
        with pytest.raises(BadURL, match=f"expected a number above 0 as limit {name}, found"):
            Limits(**{name: number})

    @pytest.mark.parametrize("name", ["connections", "messages"])
    def test_what_is_counted_is_whole(self, name: str) -> None:
        """There is no half connection."""
        with pytest.raises(BadURL, match=name):
            Limits(**{name: 1.5})  # type: ignore[arg-type]  # as the mistake is


class TestShelf:
    def test_the_last_one_used_is_taken_first(self) -> None:
        """The others may grow old, and are found unfit some day."""
        shelf: Shelf[Wire] = Shelf(Limits())
        one, two = connection(), connection()

        assert shelf.put(one)
        assert shelf.put(two)

        assert [shelf.take(), shelf.take(), shelf.take()] == [two, one, None]

    def test_one_in_the_middle_of_something_is_not_kept(self) -> None:
        """What follows on it would be taken for something else."""
        shelf: Shelf[Wire] = Shelf(Limits())
        broken, ahead = connection(), connection()
        broken.conversation.is_usable = False
        ahead.conversation.begun = object()

        assert not shelf.put(broken)
        assert not shelf.put(ahead)

        assert shelf.empty() == []
        assert not broken.may_part
        assert not ahead.may_part

    def test_fit_is_what_is_young_and_silent(self) -> None:
        """RFC 5321, section 3.8: what a server says of its own accord is that it closes."""
        shelf: Shelf[Wire] = Shelf(Limits(idle=10, messages=2))
        one = connection(now=100)

        assert shelf.is_fit(one, 110)
        assert not shelf.is_fit(one, 111)
        one.message_count = 2
        assert not shelf.is_fit(one, 101)
        one.message_count = 1
        one.wire.spoke = True
        assert not shelf.is_fit(one, 101)
        assert not one.may_part

    def test_a_fork_leaves_the_connection_to_the_process_that_opened_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has the socket too; what both say would be one conversation, and its goodbye would end the other's."""
        shelf: Shelf[Wire] = Shelf(Limits())
        one = connection()

        monkeypatch.setattr(os, "getpid", lambda: one.process + 1)

        assert not shelf.is_fit(one, 0)
        assert not shelf.put(one)
        assert not one.may_part

    def test_an_answer_that_is_awaited_is_no_reason(self) -> None:
        """Replies to an envelope that rode ahead come while nobody reads."""
        shelf: Shelf[Wire] = Shelf(Limits())
        one = connection()
        one.conversation.begun, one.wire.spoke = object(), True

        assert shelf.is_fit(one, 1)

    def test_the_rate_is_kept_over_all(self) -> None:
        """Each gets a time of its own, from now on; time that nobody used is not made up for."""
        shelf: Shelf[Wire] = Shelf(Limits(rate=2))

        assert [shelf.pause(10), shelf.pause(10), shelf.pause(10.25)] == [0, 0.5, 0.75]
        assert shelf.pause(100) == 0

    def test_without_a_rate_nobody_waits(self) -> None:
        """As many as go."""
        assert Shelf(Limits()).pause(5) == 0

    def test_nothing_rides_where_time_is_kept(self) -> None:
        """An envelope that rode ahead would begin before its time; and one too many is not begun."""
        one = connection()

        timely: Shelf[Wire] = Shelf(Limits(rate=1))
        short: Shelf[Wire] = Shelf(Limits(messages=1))

        assert short.may_ride(one)
        assert not timely.may_ride(one)
        one.message_count = 1
        assert not short.may_ride(one)
