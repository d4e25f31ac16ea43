"""What a test wants to become of a message: answers made to what a road would give."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..errors import BadEnvelope, CarteroError, ConnectError, SendingError
from ..outcome import Outcome
from .preparation import MailObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

# What becomes of a message: everybody takes it (None); each recipient does with it what a reply such as
# "550 5.1.1 No such user" says, or an `Outcome`, one for all or by recipient; or an error of ours is raised.
Answer: TypeAlias = str | Outcome | Mapping[str, str | Outcome] | CarteroError | None
# Answers in the order of the messages, everybody taking those behind the last; or a function that has one for each.
Answers: TypeAlias = Iterable[Answer] | Callable[[MailObject], Answer]

# RFC 5321 4.2: three digits and a text, which may begin with an enhanced status code (RFC 3463)
_REPLY = r"([245]\d\d)(?: ([245]\.\d{1,3}\.\d{1,3})(?!\S))?(?: (.*))?"


def answering(answers: Answers) -> Callable[[MailObject], Answer]:
    """A function with the next of *answers* for each message."""
    if callable(answers):
        return answers
    if isinstance(answers, str | Mapping) or not isinstance(answers, Iterable):
        raise BadEnvelope(f"expected a list of answers, or a function that has them, found {type(answers).__name__}")
    coming: Iterator[Answer] = iter(answers)
    return lambda _: next(coming, None)


def outcomes(answer: Answer, mail: MailObject, *, sender: str) -> dict[str, Outcome]:
    """What *answer* makes of each recipient of *mail*, of whom one at least accepts it.

    Raises:
        CarteroError: the answer is one; it is raised as the road called *sender* would.
        SendingError: nobody accepts it.
        BadEnvelope: it is no answer, or names somebody who is no recipient.
    """
    if isinstance(answer, CarteroError):
        raise _raised(answer, mail, sender)
    recipients = mail.envelope.recipients
    if isinstance(answer, Mapping):
        if strangers := [name for name in answer if name not in recipients]:
            raise BadEnvelope(f"expected answers for recipients of the message alone, found one for {strangers[0]}")
        found = {recipient: _outcome(answer.get(recipient)) for recipient in recipients}
    else:
        found = dict.fromkeys(recipients, _outcome(answer))
    if not any(outcome.accepted for outcome in found.values()):
        raise _refusal(found, mail, sender)
    return found


def _outcome(answer: object) -> Outcome:
    if answer is None:
        return Outcome(accepted=True)
    if isinstance(answer, Outcome):
        return answer
    if not isinstance(answer, str) or (said := re.fullmatch(_REPLY, answer, re.DOTALL)) is None:
        raise BadEnvelope(f"expected an answer such as '550 5.1.1 No such user', found {answer!r}")
    # RFC 5321 4.2.1: 2 accepts, 4 refuses for now, 5 for good.
    return Outcome(
        accepted=answer.startswith("2"),
        code=int(said[1]),
        enhanced=said[2] or "",
        reply=said[3] or "",
        temporary=answer.startswith("4"),
    )


def _raised(error: CarteroError, mail: MailObject, sender: str) -> CarteroError:
    """*error* anew, since one that was raised holds its traceback, with what the test left out."""
    again = copy.copy(error)
    if isinstance(again, ConnectError | SendingError):
        again.sender = again.sender or sender
        again.message_id = again.message_id or mail.message_id
    return again


def _refusal(found: dict[str, Outcome], mail: MailObject, sender: str) -> SendingError:
    first = next(iter(found.values()))
    alike = all(outcome == first for outcome in found.values())
    return SendingError(
        "no recipient was accepted",
        sender=sender,
        code=first.code if alike else None,
        enhanced=first.enhanced if alike else "",
        reply=first.reply if alike else "",
        temporary=any(outcome.temporary for outcome in found.values()),
        refused={recipient: outcome.reply for recipient, outcome in found.items()},
        recipients=found,
        message_id=mail.message_id,
    )
