"""What became of a message for one recipient."""

from __future__ import annotations

import pickle

from cartero import Outcome


class TestOutcome:
    def test_it_is_a_value(self) -> None:
        """Equal by meaning, and the same on the other side of a pickle."""
        outcome = Outcome(accepted=False, reply="no such user", code=550, enhanced="5.1.1")

        assert pickle.loads(pickle.dumps(outcome)) == outcome  # noqa: S301 - our own
        assert outcome != Outcome(accepted=False, reply="no such user", code=550)
        assert (outcome.temporary, Outcome(accepted=True).reply) == (False, "")
