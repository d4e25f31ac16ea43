"""Every message of a run over one connection, and what failed for now again: in rounds, with growing waits."""

from __future__ import annotations

import time
from collections import deque
from itertools import chain

from ..errors import CarteroError, ConnectError, SendingError
from ..outcome import Outcome
from ..receipt import Receipt
from ._mails import Mail, Unsendable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from ..envelope import Envelope
    from ..senders.base import Sender
    from ..senders.preparation import Sendable

    # what a message is called, and what became of it
    Result: TypeAlias = tuple[str, Receipt | Exception]

_FIRST_WAIT = 5.0  # seconds, and twice as many each time
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
        handed: deque[Mail] = deque()
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


def _round(
    sender: Sender, source: Iterator[Mail | Unsendable], handed: deque[Mail]
) -> Iterator[tuple[Mail | Unsendable, Receipt | Exception]]:
    """What became of each of *source*; what *sender* was handed and has not answered stands in *handed*."""
    failed: deque[tuple[Mail | Unsendable, Exception]] = deque()

    def hand_over() -> Iterator[tuple[Sendable, Envelope]]:
        for mail in source:
            if isinstance(mail, Unsendable):
                failed.append((mail, mail.error))
                continue
            handed.append(mail)
            yield mail.prepared.message, mail.prepared.envelope

    def on_failure(_message: Sendable, error: CarteroError) -> None:
        if isinstance(error, ConnectError):
            raise error
        # a sender answers in the order in which it was handed them
        failed.append((handed.popleft(), error))

    try:
        for receipt in sender.send_all(hand_over(), on_failure=on_failure):
            while failed:
                yield failed.popleft()
            yield handed.popleft(), receipt
    except ConnectError:
        yield from failed
        raise
    yield from failed


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
    asked = reason.retry_after if isinstance(reason, ConnectError | SendingError) else None
    longer: float = _FIRST_WAIT * 2**attempt
    return min(max(longer, asked or 0.0), _LONGEST_WAIT)


def _said(reason: Receipt | Exception) -> str:
    if isinstance(reason, Receipt):
        return "; ".join(f"{recipient} refused ({reply})" for recipient, reply in reason.refused.items())
    return str(reason)
