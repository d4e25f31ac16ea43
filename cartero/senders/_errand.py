"""What an SMTP sender does with a message, as a generator of needs: once for both ways of waiting.

A need is to a sender what a step is to a wire: a connection, something said over it, time.
"""

from __future__ import annotations

from copy import deepcopy
from time import monotonic

from ..errors import CarteroError, SendingError
from .base import unpack
from .preparation import MailObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import Any, TypeAlias, TypeVar

    from ..receipt import Receipt
    from ..smtp.transaction import Transaction
    from ..steps import Steps
    from ._pool import Connection
    from ._smtproad import SMTPRoad
    from .base import Enveloped
    from .preparation import Sendable

    _T = TypeVar("_T")
    Need: TypeAlias = "Take | Give | Say | Wait"
    Needs: TypeAlias = Generator[Need, Any, _T]

# Where a transaction stands while it is certain that nothing was sent.
_ENVELOPE = frozenset({"RSET", "MAIL", "RCPT", "DATA"})


class Take:
    """A connection is needed, kept or new; the result."""

    __slots__ = ()


class Give:
    """A connection is no longer needed."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection


class Say:
    """Something is to be said over a connection; the result is that of the steps."""

    __slots__ = ("connection", "steps")

    def __init__(self, connection: Connection[Any], steps: Steps[Any]) -> None:
        self.connection = connection
        self.steps = steps


class Wait:
    """Nothing may be done for so many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Item:
    """A message that is to be sent, and what it was prepared to, or why it was not."""

    __slots__ = ("error", "mail", "message")

    def __init__(self, message: Sendable, mail: MailObject | None = None, error: CarteroError | None = None) -> None:
        self.message = message
        self.mail = mail
        self.error = error


class Errand:
    """Messages carried one after the other, over one connection as long as it lasts. Mutable."""

    def __init__(self, road: SMTPRoad) -> None:
        self._road = road
        self._connection: Connection[Any] | None = None
        self._ahead: tuple[MailObject, Transaction] | None = None

    def carry(self, mail: MailObject, *, following: MailObject | None = None) -> Needs[Receipt]:
        """Send *mail*; the receipt.

        Args:
            mail: what is sent.
            following: what will be sent next, so that its envelope may ride with the end of this one.

        Raises:
            CarteroError: as `Sender.send`.
        """
        pause = self._road.shelf.pause(monotonic())
        if pause:
            yield Wait(pause)
        try:
            while True:
                try:
                    return (yield from self._try(mail, following))
                except _StaleError:
                    # It had died while nobody used it: nothing was sent, so nothing is sent twice. Others that
                    # were kept may have died as well; a new one is none of them.
                    continue
        except CarteroError as error:
            self._road.named(error, mail)
            raise

    def end(self) -> Needs[None]:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            yield Give(connection)

    def _try(self, mail: MailObject, following: MailObject | None) -> Needs[Receipt]:
        connection = yield from self._fit()
        transaction = self._begun(mail) or self._road.transaction(connection, mail)
        connection.message_count += 1
        rider = self._rider(connection, following)
        try:
            outcomes = yield Say(connection, transaction.run(following=rider))
        except SendingError as error:
            if _is_stale(connection, error):
                yield from self.end()
                raise _StaleError from error
            raise
        finally:
            connection.used_at = monotonic()
            self._ahead = (following, rider) if rider is not None and following is not None else None
        return self._road.receipt(mail, outcomes)

    def _fit(self) -> Needs[Connection[Any]]:
        """The connection that is held, if it will do, else another one."""
        connection = self._connection
        if connection is not None:
            if self._road.shelf.is_fit(connection, monotonic()):
                return connection
            yield from self.end()
        self._ahead = None
        self._connection = yield Take()
        assert self._connection is not None  # else there was an error
        return self._connection

    def _begun(self, mail: MailObject) -> Transaction | None:
        ahead, self._ahead = self._ahead, None
        return ahead[1] if ahead is not None and ahead[0] is mail else None

    def _rider(self, connection: Connection[Any], following: MailObject | None) -> Transaction | None:
        if following is None or not self._road.shelf.may_ride(connection):
            return None
        try:
            return self._road.transaction(connection, following)
        except CarteroError:
            return None  # said when its turn comes


class _StaleError(Exception):
    """The connection had died before the message came."""


def _is_stale(connection: Connection[Any], error: SendingError) -> bool:
    cause = error.__cause__
    has_broken = isinstance(cause, OSError) and not isinstance(cause, TimeoutError)
    return (
        connection.message_count > 1
        and error.stage in _ENVELOPE
        and not connection.conversation.is_usable
        and (has_broken or error.code == 421)  # RFC 5321 3.8
    )


def with_following(items: Iterable[Item]) -> Iterator[tuple[Item, Item | None]]:
    """*items*, each with the one behind it; None behind the last, and where that cannot be had, before the error."""
    coming = iter(items)
    held = next(coming, None)
    while held is not None:
        try:
            behind = next(coming, None)
        except Exception:
            yield held, None
            raise
        yield held, behind
        held = behind


def prepared(road: SMTPRoad, given: Enveloped) -> Item:
    """*given* as an item."""
    message, envelope = unpack(given)
    try:
        mail = road._prepare(message, envelope)
    except CarteroError as error:
        return Item(message, error=error)
    if mail.message is message:
        # It may be changed to make the next one of it, which is asked for before this one goes.
        mail = MailObject(deepcopy(mail.message), envelope=mail.envelope, message_id=mail.message_id)
    return Item(message, mail)
