"""What became of a message, for every recipient."""

from __future__ import annotations

from typing import Any

import pytest

from cartero import BadEnvelope, Outcome, Receipt

TAKEN = Outcome(accepted=True, reply="queued as 4F1")
LEFT = Outcome(accepted=False, reply="no such user", code=550, enhanced="5.1.1")
RECEIPT = Receipt({"a@x.org": TAKEN, "b@x.org": LEFT, "c@x.org": TAKEN}, message_id="<1@x>", sender="smtp://mx")


class TestReceipt:
    """The value."""

    def test_accepted_are_those_it_was_taken_for_in_order(self) -> None:
        """Never a bare count: who was left out must be known."""
        assert RECEIPT.accepted == ("a@x.org", "c@x.org")

    def test_refused_says_why(self) -> None:
        """Each with what the other side said."""
        assert RECEIPT.refused == {"b@x.org": "no such user"}

    def test_every_recipient_has_an_outcome(self) -> None:
        """And the outcome has the codes, for programs."""
        assert RECEIPT.recipients["b@x.org"].code == 550
        assert list(RECEIPT.recipients) == ["a@x.org", "b@x.org", "c@x.org"]

    def test_its_mapping_cannot_be_changed(self) -> None:
        """A receipt is a value."""
        with pytest.raises(TypeError):
            RECEIPT.recipients["d@x.org"] = TAKEN  # type: ignore[index]

    def test_the_callers_mapping_is_copied(self) -> None:
        """A sender that goes on with its dict changes no receipt."""
        outcomes = {"a@x.org": TAKEN}
        receipt = Receipt(outcomes)

        outcomes.clear()

        assert receipt.accepted == ("a@x.org",)

    def test_receipts_of_the_same_meaning_are_equal(self) -> None:
        """And can be kept in a set."""
        other = Receipt(dict(RECEIPT.recipients), message_id="<1@x>", sender="smtp://mx")

        assert {RECEIPT, other} == {RECEIPT}

    def test_it_is_true_even_where_somebody_was_refused(self) -> None:
        """``if not receipt: send_again()`` would send twice to those who have it; ask `refused`."""
        assert bool(RECEIPT) is True

    @pytest.mark.parametrize(
        ("recipients", "problem"),
        [
            pytest.param(5, "expected an Outcome for each recipient, found int", id="usual"),
            pytest.param(
                ["a@x.org"], "expected an Outcome for each recipient, found list", id="usual-recipients-alone"
            ),
            pytest.param({"a@x.org": True}, "expected an Outcome for a@x.org, found bool", id="odd-outcome"),
        ],
    )
    def test_what_are_no_outcomes_is_refused(self, recipients: Any, problem: str) -> None:
        """A mistake of who writes a sender says what was expected and found."""
        with pytest.raises(BadEnvelope, match=problem):
            Receipt(recipients)
