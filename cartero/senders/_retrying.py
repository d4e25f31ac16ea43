"""What becomes of a spooled message behind each try: decisions, without a disk and without a clock."""

from __future__ import annotations

from .._numbers import expect_seconds
from .._value import Value
from ..errors import BadURL, CarteroError, ConnectError, SendingError
from ..outcome import Outcome
from ..receipt import Receipt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal, TypeAlias

    from ._spooled import Spooled

    OnDoubt: TypeAlias = Literal["resend", "hold"]

_TAKEN = Outcome(accepted=True)


class Rules(Value):
    """How often a message is tried, for how long, and what is done where it may have been sent.

    RFC 5321, section 4.5.4.1.
    """

    __slots__ = ("delays", "give_up_after", "on_doubt", "resend_for")

    delays: tuple[float, ...]
    give_up_after: float
    on_doubt: OnDoubt
    resend_for: float

    def __init__(self, *, delays: Sequence[float], give_up_after: float, on_doubt: OnDoubt, resend_for: float) -> None:
        if on_doubt not in {"resend", "hold"}:
            raise BadURL(f"expected on_doubt to be 'resend' or 'hold', found {on_doubt!r}")
        checked = tuple(expect_seconds("delays", delay) for delay in delays)
        if not checked:
            raise BadURL("expected one delay at least, found none")
        self._set(
            delays=checked,
            give_up_after=expect_seconds("give_up_after", give_up_after),
            on_doubt=on_doubt,
            resend_for=expect_seconds("resend_for", resend_for),
        )

    def delay(self, attempts: int) -> float:
        """Seconds from the end of that try to the next one."""
        return self.delays[min(max(attempts, 1), len(self.delays)) - 1]


class Next(Value):
    """Where a message goes from here, for which of its recipients; all None where everybody has it.

    Attributes:
        waiting: it is tried again.
        failed: it cannot be delivered.
        held: it may have been delivered, and somebody is to look.
    """

    __slots__ = ("failed", "held", "waiting")

    waiting: Spooled | None
    failed: Spooled | None
    held: Spooled | None

    def __init__(self, *, waiting: Spooled | None, failed: Spooled | None, held: Spooled | None) -> None:
        self._set(waiting=waiting, failed=failed, held=held)


def begun(record: Spooled, now: float) -> Spooled:
    """What is written down before a try, so that it is known if its end is not."""
    return record.replace(attempts=record.attempts + 1, started=now)


def broken_off() -> SendingError:
    """What became of a try of which the beginning is written down, and no end."""
    return SendingError("the runner ended while it was sending", temporary=True, ambiguous=True)


def not_begun(error: Exception) -> SendingError:
    """What became of a try that ended with *error*, a mistake in a hook, say, before the road had the message."""
    what = ": ".join(filter(None, (type(error).__name__, str(error))))
    # It may have been mended by the next try.
    return SendingError(
        f"preparing the message failed, and nothing was sent: {what}", stage="before_send", temporary=True
    )


def what_next(record: Spooled, result: Receipt | Exception, now: float, rules: Rules) -> Next:
    """Where the message of *record* goes from here, *result* being what became of the try."""
    outcomes = _outcomes(record.recipients, result)
    replies = {recipient: _reply(outcome, result) for recipient, outcome in outcomes.items()}
    in_doubt = [recipient for recipient, outcome in outcomes.items() if outcome is None]
    failed = [name for name, outcome in outcomes.items() if outcome and not outcome.accepted and not outcome.temporary]
    waiting = [name for name, outcome in outcomes.items() if outcome and not outcome.accepted and outcome.temporary]
    since = record.in_doubt_since
    if in_doubt and since is None:
        since = now
    if since is not None and in_doubt and rules.on_doubt == "resend" and now - since < rules.resend_for:
        waiting, in_doubt = waiting + in_doubt, []
    # RFC 5321 4.5.4.1: giving up takes 4 to 5 days at least.
    if now - record.spooled_at >= rules.give_up_after:
        failed, waiting = failed + waiting, []
    ended = record.replace(started=None, in_doubt_since=since, replies=replies)
    delay = max(rules.delay(record.attempts), getattr(result, "retry_after", None) or 0.0)
    return Next(
        waiting=_part(ended.replace(next_try=now + delay), waiting),
        failed=_part(ended, failed),
        held=_part(ended, in_doubt),
    )


def _part(record: Spooled, recipients: Iterable[str]) -> Spooled | None:
    """*record* for those of its recipients alone, in its order."""
    chosen = set(recipients)
    if not chosen:
        return None
    ordered = [recipient for recipient in record.recipients if recipient in chosen]
    return record.replace(recipients=ordered, replies={recipient: record.replies[recipient] for recipient in ordered})


def _outcomes(recipients: Sequence[str], result: Receipt | Exception) -> dict[str, Outcome | None]:
    """What became of it for each of *recipients*; None where nobody knows."""
    known: dict[str, Outcome] = {}
    others: Outcome | None = None
    if isinstance(result, Receipt):
        # Who is not in the receipt was taken out by a hook.
        known, others = dict(result.recipients), _TAKEN
    elif isinstance(result, SendingError):
        known = _told(result)
        if not result.ambiguous:
            others = Outcome(accepted=False, reply=str(result), temporary=result.temporary)
    elif isinstance(result, CarteroError):
        # Nothing was sent. A road may open again, whatever closed it; a message does not mend itself.
        others = Outcome(accepted=False, reply=str(result), temporary=isinstance(result, ConnectError))
    return {recipient: known.get(recipient, others) for recipient in recipients}


def _told(error: SendingError) -> dict[str, Outcome]:
    refused = {
        recipient: Outcome(accepted=False, reply=reply, temporary=error.temporary)
        for recipient, reply in error.refused.items()
    }
    return dict.fromkeys(error.accepted, _TAKEN) | refused | error.recipients


def _reply(outcome: Outcome | None, result: Receipt | Exception) -> str:
    if outcome is None:
        return str(result) or type(result).__name__
    return " ".join(filter(None, (str(outcome.code or ""), outcome.enhanced, outcome.reply)))
