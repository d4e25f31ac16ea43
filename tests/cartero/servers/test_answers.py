"""What a client is told of what became of its message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import (
    AuthenticationFailed,
    BadAddress,
    BadEnvelope,
    BadMessage,
    BadURL,
    Cancelled,
    CarteroError,
    ConnectError,
    Envelope,
    Outcome,
    SendingError,
)
from cartero.servers._answers import as_one_reply, as_reply, outcomes_of, refusal
from tests import strategies

ENVELOPE = Envelope("me@example.org", ["a@example.org", "b@example.org"])
TAKEN = Outcome(accepted=True)


def no(code: int | None = None, reply: str = "no", **said: Any) -> Outcome:
    """A refusal as some road has it."""
    return Outcome(accepted=False, code=code, reply=reply, **said)


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "reply"),
        [
            pytest.param(ConnectError("secret"), "451 4.4.1 the next server cannot be reached now", id="usual-closed"),
            pytest.param(AuthenticationFailed("secret", code=535), "451 4.4.1 the next server", id="odd-login"),
            pytest.param(
                SendingError("x", code=550, enhanced="5.1.1", reply="no such user"),
                "550 5.1.1 no such user",
                id="usual-code",
            ),
            pytest.param(SendingError("x", code=452, reply="full"), "452 4.0.0 full", id="usual-no-enhanced-code"),
            pytest.param(SendingError("x", temporary=True), "451 4.0.0 not taken", id="usual-temporary"),
            pytest.param(SendingError("secret"), "554 5.0.0 not taken", id="usual-for-good"),
            pytest.param(SendingError("x", code=250), "554 5.0.0 not taken", id="odd-yes"),
            pytest.param(SendingError("x", code=354, temporary=True), "451 4.0.0 not taken", id="odd-go-on"),
            pytest.param(SendingError("x", code=421, reply="bye"), "451 4.0.0 bye", id="odd-closing"),
            pytest.param(SendingError("x", code=550, enhanced="2.0.0"), "550 5.0.0 not taken", id="odd-enhanced-yes"),
            pytest.param(SendingError("x", code=550, enhanced="5 no"), "550 5.0.0 not taken", id="odd-enhanced-code"),
            pytest.param(SendingError("x", code=550, ambiguous=True), "451 4.4.2 the way on broke", id="odd-ambiguous"),
            pytest.param(BadMessage("secret"), "554 5.6.0 the message cannot", id="usual-message"),
            pytest.param(BadAddress("secret", address="x"), "553 5.1.3 an address cannot", id="usual-address"),
            pytest.param(BadEnvelope("secret"), "553 5.1.3 an address cannot", id="usual-envelope"),
            pytest.param(Cancelled("secret"), "550 5.7.1 the message is not wanted", id="usual-cancelled"),
            pytest.param(BadURL("secret"), "451 4.3.0 the message cannot be taken now", id="odd-setting"),
            pytest.param(CarteroError("secret"), "451 4.3.0 the message cannot be taken now", id="odd-any"),
        ],
    )
    def test_each_becomes_a_reply(self, error: CarteroError, reply: str) -> None:
        """RFC 5321, section 4.2.1: 4 is for now, 5 for good; 421 is for who closes the connection (section 3.8)."""
        outcomes = outcomes_of(error, ENVELOPE)

        assert list(outcomes) == ["a@example.org", "b@example.org"]
        said = as_one_reply(outcomes)
        assert said.startswith(reply)
        assert "secret" not in said
        assert as_reply(outcomes["a@example.org"]) == said

    def test_what_is_known_of_each_is_said_of_each(self) -> None:
        """RFC 2033, section 4.2: one has it; one is refused; of the third it is not known."""
        envelope = ENVELOPE.replace(recipients=["a@example.org", "b@example.org", "c@example.org", "d@example.org"])
        error = SendingError(
            "x",
            ambiguous=True,
            accepted=["a@example.org"],
            recipients={"b@example.org": no(550, enhanced="5.1.1"), "d@example.org": TAKEN},
        )

        replies = [as_reply(outcome) for outcome in outcomes_of(error, envelope).values()]

        assert [reply[:9] for reply in replies] == ["250 2.0.0", "550 5.1.1", "451 4.4.2", "250 2.0.0"]

    @given(strategies.failures())
    def test_nobody_is_told_yes_who_is_not_known_to_have_it(self, error: CarteroError) -> None:
        """Whatever else an error says."""
        accepted = getattr(error, "accepted", ())
        recipients = getattr(error, "recipients", {})
        known = {*accepted, *(each for each, outcome in recipients.items() if outcome.accepted), "x@example.org"}
        envelope = Envelope("", [*{*accepted, *recipients, "x@example.org"}])

        for recipient, outcome in outcomes_of(error, envelope).items():
            if outcome.accepted:
                assert recipient in known - {"x@example.org"}
                assert as_reply(outcome).startswith("250 ")
            else:
                assert as_reply(outcome)[0] in "45"


class TestReplies:
    @given(strategies.outcomes())
    def test_yes_is_said_of_what_was_accepted_alone(self, outcome: Outcome) -> None:
        """One line of printable ASCII, as RFC 5321, section 4.2.1 and 4.5.3.1.5 have it."""
        reply = as_reply(outcome)

        assert reply.startswith("250 ") is outcome.accepted
        assert reply[:3].isdigit()
        assert reply[3] == " "
        assert len(reply) <= 510
        assert all(" " <= character <= "~" for character in reply)

    @pytest.mark.parametrize(
        ("outcome", "reply"),
        [
            pytest.param(no(250, temporary=True), "451 4.0.0 no", id="hostile-refused-with-yes"),
            pytest.param(no(None), "554 5.0.0 no", id="usual-no-code"),
            pytest.param(no(550, "one\r\n250 two"), "550 5.0.0 one 250 two", id="hostile-two-replies"),
            pytest.param(no(550, "\u00fc\x00"), "550 5.0.0 ??", id="odd-characters"),
            pytest.param(no(550, "x" * 999), f"550 5.0.0 {'x' * 387}...", id="hostile-long"),
        ],
    )
    def test_whatever_a_road_gave_it_is_a_refusal(self, outcome: Outcome, reply: str) -> None:
        """It is a function of somebody's, or a server that says what it likes."""
        assert as_reply(outcome) == reply
        assert as_one_reply({"a@example.org": outcome}) == reply

    def test_a_refusal_made_here_is_said_as_it_is(self) -> None:
        """Its code says whether to come again."""
        outcome = refusal(452, "4.3.1", "later")

        assert outcome.temporary
        assert as_reply(outcome) == "452 4.3.1 later"


class TestOneReply:
    def test_yes_for_all(self) -> None:
        """All have it."""
        assert as_one_reply({"a@example.org": TAKEN, "b@example.org": TAKEN}) == "250 2.0.0 taken"

    def test_what_may_be_tried_again_for_one_is_for_all(self) -> None:
        """Nobody has it, so nobody gets it twice."""
        outcomes = {"a@example.org": no(550), "b@example.org": no(451, "later"), "c@example.org": no(550)}

        assert as_one_reply(outcomes) == "451 4.0.0 later"

    def test_some_have_it_and_some_do_not(self) -> None:
        """It is no for good, so that nobody gets it twice, and says for whom."""
        outcomes = {"a@example.org": TAKEN, "b@example.org": no(451, "full"), "c@example.org": TAKEN}

        reply = "554 5.3.0 delivered to others, and not to <b@example.org> (full)"
        assert as_one_reply(outcomes) == reply

    def test_it_fits_on_a_line_for_any_number(self) -> None:
        """RFC 5321, section 4.5.3.1.5: 512 octets."""
        outcomes = {f"a{number}@example.org": no(550) for number in range(1_000)} | {"b@example.org": TAKEN}

        assert len(as_one_reply(outcomes)) <= 510

    @given(st.dictionaries(strategies.bare_addresses(), strategies.outcomes(), min_size=1))
    def test_yes_is_said_where_all_have_it_alone(self, outcomes: dict[str, Outcome]) -> None:
        """No message is lost that was acknowledged."""
        is_yes = as_one_reply(outcomes).startswith("250 ")

        assert is_yes is all(outcome.accepted for outcome in outcomes.values())
