"""What a test wants to become of a message."""

from __future__ import annotations

from typing import Any

import pytest

from cartero import BadEnvelope, Cancelled, CarteroError, ConnectError, Envelope, MailObject, Outcome, SendingError
from cartero.senders._scripted import answering, outcomes
from cartero.senders.preparation import prepare

MAIL = prepare(b"Message-ID: <1@x>\n\n", envelope=Envelope("me@x.org", ["ana@x.org", "zoe@x.org"]))
TAKEN = Outcome(accepted=True)


class TestOutcomes:
    """From an answer to what becomes of each recipient."""

    @pytest.mark.parametrize(
        ("answer", "ana", "zoe"),
        [
            pytest.param(None, TAKEN, TAKEN, id="usual-none"),
            pytest.param("250 ok", *[Outcome(accepted=True, code=250, reply="ok")] * 2, id="usual-reply"),
            pytest.param(
                "250 2.1.5 Ok: queued",
                *[Outcome(accepted=True, code=250, enhanced="2.1.5", reply="Ok: queued")] * 2,
                id="usual-enhanced",
            ),
            pytest.param("250", *[Outcome(accepted=True, code=250)] * 2, id="odd-code-alone"),
            pytest.param("250 2.1.5", *[Outcome(accepted=True, code=250, enhanced="2.1.5")] * 2, id="odd-no-text"),
            pytest.param(TAKEN, TAKEN, TAKEN, id="usual-outcome"),
            pytest.param(
                {"zoe@x.org": "550 5.1.1 No such user"},
                TAKEN,
                Outcome(accepted=False, code=550, enhanced="5.1.1", reply="No such user"),
                id="usual-one-refused",
            ),
            pytest.param(
                {"ana@x.org": "450 4.2.1 Try later", "zoe@x.org": TAKEN},
                Outcome(accepted=False, code=450, enhanced="4.2.1", reply="Try later", temporary=True),
                TAKEN,
                id="usual-one-refused-for-now",
            ),
        ],
    )
    def test_each_recipient_has_one(self, answer: Any, ana: Outcome, zoe: Outcome) -> None:
        """RFC 5321, section 4.2.1: 2 accepts, 4 refuses for now, 5 for good."""
        assert outcomes(answer, MAIL, sender="memory:") == {"ana@x.org": ana, "zoe@x.org": zoe}

    @pytest.mark.parametrize(
        ("answer", "temporary", "code", "reply"),
        [
            pytest.param("550 5.1.1 No such user", False, 550, "No such user", id="usual-for-good"),
            pytest.param("450 4.2.1 Try later", True, 450, "Try later", id="usual-for-now"),
            pytest.param({"ana@x.org": "450 a", "zoe@x.org": "550 b"}, True, None, "", id="odd-both"),
            pytest.param({"ana@x.org": "450 a", "zoe@x.org": "421 b"}, True, None, "", id="odd-both-for-now"),
        ],
    )
    def test_where_nobody_accepts_there_is_an_error(
        self, answer: Any, temporary: bool, code: int | None, reply: str
    ) -> None:
        """As with every road; temporary where it is so for one of them."""
        with pytest.raises(SendingError) as caught:
            outcomes(answer, MAIL, sender="memory:")

        error = caught.value
        assert (error.temporary, error.code, error.reply, error.ambiguous) == (temporary, code, reply, False)
        assert list(error.refused) == list(error.recipients) == ["ana@x.org", "zoe@x.org"]
        assert (error.sender, error.message_id, error.accepted) == ("memory:", "<1@x>", ())

    @pytest.mark.parametrize(
        "error",
        [
            pytest.param(ConnectError("no route", temporary=True), id="usual-connect"),
            pytest.param(SendingError("lost the connection", stage="final dot", ambiguous=True), id="usual-ambiguous"),
            pytest.param(Cancelled("not on Sundays"), id="odd-cancelled"),
        ],
    )
    def test_an_error_is_raised_with_its_facts(self, error: CarteroError) -> None:
        """Anew each time: an error that was raised keeps where, and a script may raise it twice."""
        with pytest.raises(type(error)) as caught:
            outcomes(error, MAIL, sender="memory:")

        assert caught.value is not error
        assert vars(caught.value) == vars(error) | (
            {} if isinstance(error, Cancelled) else {"sender": "memory:", "message_id": "<1@x>"}
        )

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            pytest.param("no", "such as '550 5.1.1 No such user', found 'no'", id="usual-no-code"),
            pytest.param("354 go on", "found '354 go on'", id="odd-no-verdict"),
            pytest.param(3, "found 3", id="odd-number"),
            pytest.param({"ana@x.org": 3}, "found 3", id="odd-number-for-one"),
            pytest.param({"bob@x.org": "250"}, "one for bob@x.org", id="usual-no-recipient"),
        ],
    )
    def test_what_is_no_answer_is_a_mistake(self, answer: Any, problem: str) -> None:
        """A test that means something else than it says tests nothing."""
        with pytest.raises(BadEnvelope, match=problem):
            outcomes(answer, MAIL, sender="memory:")


class TestAnswering:
    """A script, and a function."""

    def test_a_script_is_consumed_in_order(self) -> None:
        """Behind its end everybody accepts."""
        answer = answering(["450 a", "550 b"])

        assert [answer(MAIL), answer(MAIL), answer(MAIL)] == ["450 a", "550 b", None]

    def test_a_function_is_asked_each_time(self) -> None:
        """With what would travel."""
        asked: list[MailObject] = []

        answering(asked.append)(MAIL)

        assert asked == [MAIL]

    @pytest.mark.parametrize("answers", ["550 no", {"a@x.org": "550 no"}, 3], ids=["reply", "mapping", "number"])
    def test_a_single_answer_is_a_mistake(self, answers: Any) -> None:
        """It would be taken letter by letter."""
        with pytest.raises(BadEnvelope, match=f"a list of answers, .*, found {type(answers).__name__}"):
            answering(answers)
