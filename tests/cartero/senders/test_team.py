"""What a chain of senders decides."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cartero import BadURL, ConnectError, MemorySender, NullSender, Outcome, Sender, SendingError
from cartero.senders._team import Team, expect_harmless, members, nobody_took_it
from cartero.senders.preparation import prepare

MAIL = prepare(b"From: me@x.org\nTo: ana@x.org\nMessage-ID: <1@x>\nDate: x\n\n")
GOOD = Outcome(accepted=False, temporary=False)
BUSY = Outcome(accepted=False, temporary=True)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param([], "one sender at least, .*, found none", id="usual-none"),
        pytest.param(NullSender(), "a list of senders, found NullSender", id="usual-one"),
        pytest.param("null:", r"each to be a Sender, found str: cartero\.connect\(url\) makes one", id="odd-url"),
        pytest.param(["null:"], "each to be a Sender, found str", id="odd-urls"),
    ],
)
def test_members_are_senders(given: Any, problem: str) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match=problem):
        members(given, Sender)


class TestTeam:
    """Who is tried, and who rests."""

    def test_all_are_tried_in_a_circle(self) -> None:
        """From the first one on."""
        team = Team([NullSender(), MemorySender(), NullSender()], 60)

        assert [team.order(first) for first in range(3)] == [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
        assert [team.turn() for _ in range(4)] == [0, 1, 2, 0]
        assert team.names == "(null: memory: null:)"

    def test_one_that_could_not_connect_rests(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """For as long as is said, here or by the other side; unless all rest."""
        now = [1000.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        team = Team([NullSender(), NullSender()], 60)

        team.rest(0, ConnectError("no route"))
        assert team.order(0) == [1]
        team.rest(1, ConnectError("busy", retry_after=5))
        assert team.order(0) == [0, 1]
        now[0] += 5
        assert team.order(0) == [1]
        now[0] += 55
        assert team.order(0) == [0, 1]

    @pytest.mark.parametrize("seconds", [-1, float("nan"), "60", None], ids=str)
    def test_its_rest_is_a_number_of_seconds(self, seconds: Any) -> None:
        """At once, not at the first failure."""
        with pytest.raises(BadURL, match="expected seconds for retry_after, 0 or more, found"):
            Team([NullSender()], seconds)


class TestGoingOn:
    """Behind which failures another sender may be tried."""

    @pytest.mark.parametrize(
        "facts",
        [
            pytest.param({"temporary": True}, id="usual-for-now"),
            pytest.param({"temporary": True, "recipients": {"a": BUSY, "b": BUSY}}, id="usual-all-for-now"),
        ],
    )
    def test_nobody_has_it_and_nobody_refused_it_for_good(self, facts: Any) -> None:
        """Then nothing is sent twice, and nobody is asked again who has said no."""
        error = SendingError("refused", **facts)

        assert expect_harmless(error, []) is error

    @pytest.mark.parametrize(
        "facts",
        [
            pytest.param({}, id="usual-for-good"),
            pytest.param({"temporary": True, "ambiguous": True}, id="usual-ambiguous"),
            pytest.param({"temporary": True, "accepted": ["a"]}, id="odd-accepted"),
            pytest.param({"temporary": True, "recipients": {"a": BUSY, "b": GOOD}}, id="odd-one-for-good"),
        ],
    )
    def test_every_other_failure_is_the_end(self, facts: Any) -> None:
        """It is raised as it is, with what was said before in its notes."""
        error = SendingError("refused", **facts)

        with pytest.raises(SendingError) as caught:
            expect_harmless(error, [ConnectError("no route", sender="smtp://a")])

        assert caught.value is error
        assert error.__notes__ == ["before it: no route (smtp://a)"]


class TestNobody:
    """The error where no sender took the message."""

    def test_nothing_was_sent_where_no_connection_was_made(self) -> None:
        """Then it is a ConnectError too; and worth another try if it is with one of them."""
        failures = [
            ConnectError("no route", sender="a:", stage="connect", temporary=True, retry_after=9),
            ConnectError("no such name", sender="b:", stage="resolve"),
        ]

        error = nobody_took_it(failures, MAIL, "failover:(a: b:)")

        assert isinstance(error, ConnectError)
        assert (error.temporary, error.retry_after, error.message_id, error.refused) == (True, 9, "<1@x>", {})
        assert str(error) == (
            "no sender took the message: no route (connect, a:); no such name (resolve, b:) (failover:(a: b:))"
        )

    def test_who_refused_it_is_told(self) -> None:
        """A transaction began with one of them."""
        refusal = SendingError("no", temporary=True, refused={"ana@x.org": "busy"}, recipients={"ana@x.org": BUSY})

        error = nobody_took_it([refusal, ConnectError("no route")], MAIL, "failover:(a: b:)")

        assert isinstance(error, SendingError)
        assert (error.refused, error.recipients) == ({"ana@x.org": "busy"}, {"ana@x.org": BUSY})
        assert (error.temporary, error.retry_after) == (True, None)
