"""Connections kept for the next message: which may be used again, and how many there may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from .._value import Value
from ..errors import BadURL

if TYPE_CHECKING:
    from ..smtp.conversation import Conversation


class Limits(Value):
    """How many connections there are, and for how long. A value.

    Attributes:
        connections: open at once.
        messages: sent over one connection, after which another is opened.
        idle: seconds without a message, after which a connection is not used again.
        rate: messages that are begun in a second, over all connections; None for as many as go.

    Raises:
        BadURL: one of them is no number above 0.
    """

    __slots__ = ("connections", "idle", "messages", "rate")

    connections: int
    messages: int
    idle: float
    rate: float | None

    def __init__(
        self, *, connections: int = 4, messages: int = 100, idle: float = 60.0, rate: float | None = None
    ) -> None:
        given = {"connections": connections, "messages": messages, "idle": idle, "rate": rate}
        for name, number in given.items():
            wanted = int if name in {"connections", "messages"} else int | float
            if number is not None and (not isinstance(number, wanted) or number <= 0):
                raise BadURL(f"expected a number above 0 as limit {name}, found {number!r}")
        self._set(**given)


class SomeWire(Protocol):
    """What is asked of either wire here."""

    def has_input(self) -> bool:
        """Whether something came that was not asked for."""

    def close(self) -> None:
        """Close the connection."""


_W = TypeVar("_W", bound=SomeWire)


class Connection(Generic[_W]):
    """An open connection and the talk over it. Mutable.

    Attributes:
        wire: the connection.
        conversation: the talk.
        message_count: messages that were begun on it.
        used_at: when it was used last, on a clock that only goes on.
    """

    __slots__ = ("conversation", "message_count", "used_at", "wire")

    def __init__(self, wire: _W, conversation: Conversation) -> None:
        self.wire = wire
        self.conversation = conversation
        self.message_count = 0
        self.used_at = 0.0


class Shelf(Generic[_W]):
    """Connections that wait for a message, and the count of those in use. Mutable; waits for nothing.

    Attributes:
        limits: how many there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: list[Connection[_W]] = []
        self._used_count = 0
        self._next_start = 0.0

    @property
    def has_room(self) -> bool:
        """Whether one more may be in use."""
        return self._used_count < self.limits.connections

    def take(self, now: float) -> tuple[Connection[_W] | None, list[Connection[_W]]]:
        """A connection to use, or None where a new one is to be opened; and those found unfit, to be closed."""
        self._used_count += 1
        unfit: list[Connection[_W]] = []
        while self._waiting:
            connection = self._waiting.pop()
            if self.is_fit(connection, now):
                return connection, unfit
            unfit.append(connection)
        return None, unfit

    def is_fit(self, connection: Connection[_W], now: float) -> bool:
        """Whether *connection* may take another message: young, usable, and nothing came that was not asked for."""
        return (
            connection.conversation.is_usable
            and connection.message_count < self.limits.messages
            and now - connection.used_at <= self.limits.idle
            # RFC 5321 3.8: what a server says of its own accord is 421, and then it closes.
            and (connection.conversation.begun is not None or not connection.wire.has_input())
        )

    def may_ride(self, connection: Connection[_W]) -> bool:
        """Whether the next message may begin before the one on *connection* has ended."""
        return self.limits.rate is None and connection.message_count < self.limits.messages

    def put(self, connection: Connection[_W] | None, now: float) -> bool:
        """One less is in use; whether *connection* is kept, which else is to be closed."""
        self._used_count -= 1
        if connection is None or not connection.conversation.is_usable or connection.conversation.begun is not None:
            return False
        connection.used_at = now
        self._waiting.append(connection)
        return True

    def empty(self) -> list[Connection[_W]]:
        """All that wait, to be closed."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def pause(self, now: float) -> float:
        """Seconds to wait before the next message may begin."""
        rate = self.limits.rate
        if rate is None:
            return 0.0
        start = max(now, self._next_start)
        self._next_start = start + 1 / rate
        return start - now
