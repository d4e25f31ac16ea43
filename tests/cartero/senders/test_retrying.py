"""What becomes of a spooled message behind each try."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadMessage, BadURL, Cancelled, ConnectError, Outcome, Receipt, SendingError
from cartero.senders._retrying import Next, Rules, begun, broken_off, not_begun, what_next
from cartero.senders._spooled import Spooled

ANA, BOB, ZOE = "ana@x.org", "bob@x.org", "zoe@x.org"
RULES = Rules(delays=[60, 300], give_up_after=1000, on_doubt="resend", resend_for=500)
RECORD = Spooled(sender="", recipients=[ANA, BOB, ZOE], message_id="<1@x>", spooled_at=0, next_try=0)
TRIED = begun(RECORD, 10)
TAKEN = Outcome(accepted=True)
BUSY = Outcome(accepted=False, temporary=True, code=450, enhanced="4.2.1", reply="Busy")
GONE = Outcome(accepted=False, code=550, reply="Gone")
LOST = SendingError("lost", ambiguous=True)


def who(after: Next) -> tuple[list[str], list[str], list[str]]:
    """Who waits, who failed, and for whom it is held."""
    waiting, failed, held = (
        list(part.recipients if part else ()) for part in (after.waiting, after.failed, after.held)
    )
    return waiting, failed, held


class TestWhoIsTriedAgain:
    """RFC 5321, section 4.2.1: a 4yz reply asks for another try, a 5yz one for none."""

    @pytest.mark.parametrize(
        ("result", "waiting", "failed"),
        [
            pytest.param(Receipt({ANA: TAKEN, BOB: TAKEN, ZOE: TAKEN}), [], [], id="usual-taken"),
            pytest.param(Receipt({ANA: TAKEN, BOB: BUSY, ZOE: GONE}), [BOB], [ZOE], id="usual-partly"),
            pytest.param(Receipt({"test@x.org": TAKEN}), [], [], id="odd-a-hook-took-all-elsewhere"),
            pytest.param(ConnectError("no route"), [ANA, BOB, ZOE], [], id="usual-closed"),
            pytest.param(SendingError("no", temporary=True), [ANA, BOB, ZOE], [], id="usual-all-for-now"),
            pytest.param(not_begun(KeyError("a hook")), [ANA, BOB, ZOE], [], id="odd-a-mistake-in-a-hook"),
            pytest.param(SendingError("no"), [], [ANA, BOB, ZOE], id="usual-all-for-good"),
            pytest.param(
                SendingError("no", recipients={ZOE: BUSY, BOB: GONE, ANA: BUSY}), [ANA, ZOE], [BOB], id="odd-mixed"
            ),
            pytest.param(
                SendingError("no", accepted=[ANA], refused={BOB: "450 busy"}, temporary=True),
                [BOB, ZOE],
                [],
                id="odd-told",
            ),
            pytest.param(SendingError("no", refused={BOB: "550 gone"}), [], [ANA, BOB, ZOE], id="odd-one-told"),
            pytest.param(BadMessage("8-bit"), [], [ANA, BOB, ZOE], id="usual-bad-message"),
            pytest.param(Cancelled("no"), [], [ANA, BOB, ZOE], id="odd-cancelled"),
        ],
    )
    def test_those_who_may_take_it_later(self, result: Any, waiting: list[str], failed: list[str]) -> None:
        """Never those who have it, and never those who refused it for good."""
        assert who(what_next(TRIED, result, 20, RULES)) == (waiting, failed, [])

    def test_what_was_said_is_kept(self) -> None:
        """In the words of the other side, or of the error."""
        after = what_next(TRIED, Receipt({ANA: TAKEN, BOB: BUSY, ZOE: GONE}), 20, RULES)
        closed = what_next(TRIED, ConnectError("no route", sender="smtp://mx"), 20, RULES)

        assert after.waiting is not None
        assert after.failed is not None
        assert closed.waiting is not None
        assert (after.waiting.replies, after.failed.replies) == ({BOB: "450 4.2.1 Busy"}, {ZOE: "550 Gone"})
        assert closed.waiting.replies[ANA] == "no route (smtp://mx)"

    @pytest.mark.parametrize(
        ("attempts", "retry_after", "delay"),
        [
            pytest.param(1, None, 60, id="usual-first"),
            pytest.param(2, None, 300, id="usual-second"),
            pytest.param(9, None, 300, id="usual-the-last-holds"),
            pytest.param(1, 120, 120, id="usual-the-other-side-says"),
            pytest.param(1, 5, 60, id="odd-the-other-side-is-hasty"),
            pytest.param(0, None, 60, id="odd-none"),
        ],
    )
    def test_it_waits(self, attempts: int, retry_after: float | None, delay: float) -> None:
        """RFC 5321, section 4.5.4.1: the sender MUST delay retrying a particular destination."""
        error = SendingError("busy", temporary=True, retry_after=retry_after)

        after = what_next(TRIED.replace(attempts=attempts), error, 20, RULES)

        assert after.waiting is not None
        assert (after.waiting.next_try, after.waiting.started) == (20 + delay, None)

    def test_in_the_end_it_is_given_up(self) -> None:
        """RFC 5321, section 4.5.4.1: the give-up time generally needs to be at least 4-5 days."""
        busy = Receipt({ANA: TAKEN, BOB: BUSY, ZOE: GONE})

        assert who(what_next(TRIED, busy, 999, RULES)) == ([BOB], [ZOE], [])
        assert who(what_next(TRIED, busy, 1000, RULES)) == ([], [BOB, ZOE], [])


class TestDoubt:
    """RFC 1047: nobody knows whether it was sent."""

    @pytest.mark.parametrize(
        ("result", "in_doubt", "failed"),
        [
            pytest.param(LOST, [ANA, BOB, ZOE], [], id="usual-all"),
            pytest.param(broken_off(), [ANA, BOB, ZOE], [], id="usual-dead-runner"),
            pytest.param(KeyError("a mistake in a road"), [ANA, BOB, ZOE], [], id="odd-any-other-error"),
            pytest.param(
                SendingError("lost", ambiguous=True, recipients={ANA: TAKEN, BOB: GONE}),
                [ZOE],
                [BOB],
                id="odd-some-told",
            ),
        ],
    )
    def test_it_is_sent_again_or_held(self, result: Exception, in_doubt: list[str], failed: list[str]) -> None:
        """As the rules say; to those alone who may not have it."""
        hold = RULES.__class__(delays=[60], give_up_after=1000, on_doubt="hold", resend_for=500)

        assert who(what_next(TRIED, result, 20, RULES)) == (in_doubt, failed, [])
        assert who(what_next(TRIED, result, 20, hold)) == ([], failed, in_doubt)

    def test_it_is_sent_again_for_some_time_from_the_first_doubt_on(self) -> None:
        """Whoever filters duplicates does not do so for ever."""
        first = what_next(TRIED, LOST, 20, RULES).waiting
        assert first is not None

        assert first.in_doubt_since == 20
        assert who(what_next(first, LOST, 519, RULES)) == ([ANA, BOB, ZOE], [], [])
        assert who(what_next(first, LOST, 520, RULES)) == ([], [], [ANA, BOB, ZOE])

    def test_a_refusal_behind_a_doubt_is_a_refusal(self) -> None:
        """It waits as long as any."""
        first = what_next(TRIED, LOST, 20, RULES).waiting
        assert first is not None

        assert who(what_next(first, Receipt({ANA: TAKEN, BOB: BUSY, ZOE: TAKEN}), 700, RULES)) == ([BOB], [], [])

    def test_who_is_told_nothing_has_the_error_as_reply(self) -> None:
        """Whoever looks at what is held sees why."""
        after = what_next(TRIED, KeyError(), 20, RULES)

        assert after.waiting is not None
        assert after.waiting.replies[ANA] == "KeyError"


@given(
    st.dictionaries(st.sampled_from([ANA, BOB, ZOE]), st.sampled_from([TAKEN, BUSY, GONE])),
    st.sampled_from(["receipt", "ambiguous", "temporary", "for good"]),
    st.sampled_from(["resend", "hold"]),
    st.sampled_from([20, 600, 2000]),
)
def test_nobody_is_lost_and_nobody_is_in_two_places(
    outcomes: dict[str, Outcome], kind: str, on_doubt: Any, now: float
) -> None:
    """Whatever is told of whom: each has it, waits, failed or is held; and who has it, or refused it, is not tried."""
    result = (
        Receipt(outcomes)
        if kind == "receipt"
        else SendingError("no", ambiguous=kind == "ambiguous", temporary=kind == "temporary", recipients=outcomes)
    )
    rules = Rules(delays=[60], give_up_after=1000, on_doubt=on_doubt, resend_for=500)

    waiting, failed, held = who(what_next(TRIED, result, now, rules))

    accepted = [name for name in RECORD.recipients if outcomes.get(name, TAKEN if kind == "receipt" else BUSY).accepted]
    assert sorted(accepted + waiting + failed + held) == [ANA, BOB, ZOE]
    assert not [name for name in waiting + held if outcomes.get(name) == GONE]


class TestBegun:
    """What is written down before a try."""

    def test_it_counts_and_says_when(self) -> None:
        """So that a try without an end is found."""
        assert (TRIED.attempts, TRIED.started) == (1, 10)


class TestRules:
    """What may be set."""

    @pytest.mark.parametrize(
        ("said", "problem"),
        [
            pytest.param({"delays": []}, "one delay at least, found none", id="usual-no-delay"),
            pytest.param({"delays": [60, "300"]}, "seconds for delays, 0 or more, found '300'", id="usual-text"),
            pytest.param({"give_up_after": -1}, "seconds for give_up_after, 0 or more, found -1", id="odd-negative"),
            pytest.param({"resend_for": None}, "seconds for resend_for, 0 or more, found None", id="odd-none"),
            pytest.param({"on_doubt": "ask"}, "'resend' or 'hold', found 'ask'", id="usual-doubt"),
        ],
    )
    def test_what_is_none_is_refused(self, said: Any, problem: str) -> None:
        """At once, not in the middle of the night."""
        rules = {"delays": [60], "give_up_after": 1, "on_doubt": "hold", "resend_for": 1}

        with pytest.raises(BadURL, match=problem):
            Rules(**(rules | said))
