"""Every message of a run over one connection, and what failed for now again: in rounds, with growing waits."""

from __future__ import annotations

import time
from collections import deque
from itertools import chain

from ..errors import CarteroError, ConnectError, SendingError
from ..outcome import Outcome
from ..receipt import Receipt
from ._mails import Mail, Unsendable
from ._report import said

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from ..envelope import Envelope
    from ..senders.base import Sender
    from ..senders.preparation import Sendable

    # what a message is called, and what became of it
    Result: TypeAlias = tuple[str, Receipt | Exception]
    _Settled: TypeAlias = tuple[Mail | Unsendable, Receipt | Exception]

_FIRST_WAIT = 5.0  # seconds, and twice as many each time
_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 300.0


def deliver(
    sender: Sender, mails: Iterable[Mail | Unsendable], *, retry: int = 0, told: Callable[[float, str], object]
) -> Iterator[Result]:
    """Send each of *mails*, and yield what it is called, and what became of it in the end.

    What failed for now is sent again when all others have had their turn, to those for whom it failed. What may have
    been delivered is not.

    Args:
        sender: the road.
        mails: in their order.
        retry: how often that is done, at most.
        told: called before each wait, with the seconds and the reason.

    Raises:
        ConnectError: the road is closed; nothing was sent of what was not yielded.
    """
    source = iter(mails)
    tried: dict[int, tuple[Mail, Receipt | Exception]] = {}
    attempt = 0
    while True:
        again: list[Mail] = []
        handed: deque[Mail | Unsendable] = deque()
        failure: ConnectError | None = None
        try:
            for mail, result in _round(sender, source, handed):
                if attempt < retry and isinstance(mail, Mail) and _is_unfinished(mail, result):
                    again.append(mail)
                    tried[id(mail)] = mail, result
                else:
                    tried.pop(id(mail), None)
                    yield mail.label, _in_all(mail, result)
        except ConnectError as error:
            if attempt == retry or not error.temporary or error.ambiguous:
                yield from ((mail.label, _in_all(mail, result)) for mail, result in tried.values())
                raise
            failure = error
        if failure is None and not again:
            return
        reason = failure or tried[id(again[0])][1]
        source = chain(again, handed, source)
        wait = _wait(attempt, reason)
        told(wait, _said(reason))
        time.sleep(wait)
        attempt += 1


def _round(sender: Sender, source: Iterator[Mail | Unsendable], handed: deque[Mail | Unsendable]) -> Iterator[_Settled]:
    """What became of each of *source*, in its order; what is not known to have been tried stands in *handed*."""
    settled: deque[_Settled] = deque()

    def hand_over() -> Iterator[tuple[Sendable, Envelope]]:
        for mail in source:
            handed.append(mail)
            if isinstance(mail, Mail):
                yield mail.prepared.message, mail.prepared.envelope

    def on_failure(_message: Sendable, error: CarteroError) -> None:
        if isinstance(error, ConnectError):
            raise error
        _settle(handed, settled, error)

    try:
        for receipt in sender.send_all(hand_over(), on_failure=on_failure):
            _settle(handed, settled, receipt)
            while settled:
                yield settled.popleft()
    except ConnectError:
        _settle_unsendable(handed, settled)
        yield from settled
        raise
    _settle_unsendable(handed, settled)
    yield from settled


def _settle(handed: deque[Mail | Unsendable], settled: deque[_Settled], result: Receipt | Exception) -> None:
    """That is what became of the first that was handed over: a sender answers in the order in which it was."""
    _settle_unsendable(handed, settled)
    settled.append((handed.popleft(), result))


def _settle_unsendable(handed: deque[Mail | Unsendable], settled: deque[_Settled]) -> None:
    """What cannot be sent has its result as soon as all before it have theirs."""
    while handed and isinstance(handed[0], Unsendable):
        settled.append((handed[0], handed[0].error))
        handed.popleft()


def _is_unfinished(mail: Mail, result: Receipt | Exception) -> bool:
    """Whether *mail* is to be sent again; it is then for those alone for whom it failed for now."""
    if isinstance(result, SendingError) and result.ambiguous:
        return False
    outcomes = _outcomes(mail, result)
    left = [recipient for recipient, outcome in outcomes.items() if not outcome.accepted and outcome.temporary]
    if not left:
        return False
    mail.settled |= {recipient: outcome for recipient, outcome in outcomes.items() if recipient not in left}
    mail.prepared = mail.prepared.replace(envelope=mail.prepared.envelope.replace(recipients=left))
    return True


def _outcomes(mail: Mail, result: Receipt | Exception) -> Mapping[str, Outcome]:
    """What *result* says of each recipient; where it says nothing of one, what it says of the message."""
    if isinstance(result, Receipt):
        return result.recipients
    known = result.recipients if isinstance(result, SendingError) else {}
    is_temporary = isinstance(result, SendingError) and result.temporary
    rest = Outcome(accepted=False, reply=str(result), temporary=is_temporary)
    return {recipient: known.get(recipient, rest) for recipient in mail.prepared.envelope.recipients}


def _in_all(mail: Mail | Unsendable, result: Receipt | Exception) -> Receipt | Exception:
    """*result* of the last try, with what became of *mail* for others before."""
    if isinstance(mail, Unsendable) or not mail.settled:
        return result
    accepted = [recipient for recipient, outcome in mail.settled.items() if outcome.accepted]
    if isinstance(result, SendingError) and (result.ambiguous or not accepted):
        result.accepted = (*accepted, *result.accepted)
        result.recipients = {**mail.settled, **result.recipients}
        return result
    return Receipt(
        {**mail.settled, **_outcomes(mail, result)},
        message_id=mail.prepared.message_id,
        sender=getattr(result, "sender", ""),
        location=getattr(result, "location", ""),
    )


def _wait(attempt: int, reason: Receipt | Exception) -> float:
    """What the other side asks for; where it does not say, twice as long each time."""
    asked = _asked_wait(reason)
    wait: float = _FIRST_WAIT * 2**attempt if asked is None else max(asked, _SHORTEST_WAIT)
    return min(wait, _LONGEST_WAIT)


def _asked_wait(reason: Receipt | Exception) -> float | None:
    if not isinstance(reason, Receipt):
        return reason.retry_after if isinstance(reason, ConnectError | SendingError) else None
    from ..smtp.replies import Reply  # noqa: PLC0415 - for what goes wrong

    replies = (Reply(outcome.code, (outcome.reply,)) for outcome in reason.recipients.values() if outcome.code)
    return max((reply.retry_after for reply in replies if reply.retry_after is not None), default=None)


def _said(reason: Receipt | Exception) -> str:
    if isinstance(reason, Receipt):
        return "; ".join(f"{recipient} refused ({said(reason.recipients[recipient])})" for recipient in reason.refused)
    return str(reason)
