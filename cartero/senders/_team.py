"""What a chain of senders decides, without waiting for any: who is tried, who rests, and when it ends."""

from __future__ import annotations

import time

from .._numbers import expect_seconds
from ..errors import BadURL, ConnectError, SendingError
from .base import AsyncSender, Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Generic, TypeVar

    from .preparation import MailObject

    _S = TypeVar("_S", Sender, AsyncSender)
else:
    # of what kind its members are is for type checkers alone
    _S, Generic = None, {None: object}


def members(senders: Iterable[_S], kind: type) -> list[_S]:
    """*senders*, of which there is one at least, each a sender of this *kind*.

    Raises:
        BadURL: they are none.
    """
    if not hasattr(senders, "__iter__"):
        raise BadURL(f"expected a list of senders, found {type(senders).__name__}")
    found = list(senders)
    if not found:
        raise BadURL("expected one sender at least, as in failover:(a b), found none")
    for sender in found:
        if not isinstance(sender, kind):
            hint = f": {'cartero' if kind is Sender else 'cartero.aio'}.connect(url) makes one"
            raise BadURL(
                f"expected each to be a {kind.__name__}, found {type(sender).__name__}"
                f"{hint if isinstance(sender, str) else ''}"
            )
    return found


class Team(Generic[_S]):
    """The senders of a chain, and which of them rest.

    Args:
        senders: the senders.
        retry_after: seconds for which one rests that could not connect, where the other side says nothing else.

    Raises:
        BadURL: *retry_after* is no number of seconds.
    """

    def __init__(self, senders: Sequence[_S], retry_after: float) -> None:
        self.senders: Sequence[_S] = senders
        self._retry_after = expect_seconds("retry_after", retry_after)
        self._rested_at: dict[int, float] = {}
        self._next = 0

    @property
    def names(self) -> str:
        """What the senders are called, in parentheses."""
        return f"({' '.join(sender.name for sender in self.senders)})"

    def turn(self) -> int:
        """Whose turn it is, among all in a circle."""
        number = self._next
        self._next = (number + 1) % len(self.senders)
        return number

    def order(self, first: int) -> list[int]:
        """Who is tried, one behind the other, *first* at first; those who rest only where all do."""
        circle = [(first + step) % len(self.senders) for step in range(len(self.senders))]
        now = time.monotonic()
        return [number for number in circle if self._rested_at.get(number, now) <= now] or circle

    def rest(self, number: int, error: ConnectError) -> None:
        """Let the sender rest that could not connect."""
        seconds = self._retry_after if error.retry_after is None else error.retry_after
        self._rested_at[number] = time.monotonic() + seconds


def expect_harmless(error: SendingError, earlier: Sequence[ConnectError | SendingError]) -> SendingError:
    """*error*, behind which another sender may be tried: nobody has the message, and nobody refused it for good.

    Raises:
        SendingError: it is another; it is raised, with what *earlier* senders said in its notes.
    """
    refused_for_good = any(not outcome.temporary for outcome in error.recipients.values())
    if error.ambiguous or error.accepted or refused_for_good or not error.temporary:
        for failure in earlier:
            error.add_note(f"before it: {failure}")
        raise error
    return error


def nobody_took_it(
    failures: Sequence[ConnectError | SendingError], mail: MailObject, name: str
) -> ConnectError | SendingError:
    """The error for *mail* that no sender took: nothing was sent, or recipients refused it for now."""
    refusals = [failure for failure in failures if isinstance(failure, SendingError)]
    kind = SendingError if refusals else ConnectError
    return kind(
        f"no sender took the message: {'; '.join(map(str, failures))}",
        sender=name,
        temporary=any(failure.temporary for failure in failures),
        refused=refusals[-1].refused if refusals else None,
        recipients=refusals[-1].recipients if refusals else None,
        retry_after=min((failure.retry_after for failure in failures if failure.retry_after is not None), default=None),
        message_id=mail.message_id,
    )
