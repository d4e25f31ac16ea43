"""Connections kept for the next message: which may be used again, and how many there may be."""

from __future__ import annotations

import os
from threading import Lock

from .._value import Value
from ..errors import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Generic, Protocol, TypeVar

    from ..smtp.conversation import Conversation

    class SomeWire(Protocol):
        """What is asked of either wire here."""

        def has_input(self) -> bool:
            """Whether something came that was not asked for."""

        def close(self) -> None:
            """Close the connection."""

    _W = TypeVar("_W", bound=SomeWire)
else:
    # what a connection is of is for type checkers alone
    _W, Generic = None, {None: object}


class Limits(Value):
    """How many connections there are, and for how long. A value.

    Attributes:
        connections: open at once; who finds them all in use waits for one. `send_all` keeps one until it ends.
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
            if number is not None and not (isinstance(number, wanted) and number > 0):
                raise BadURL(f"expected a number above 0 as limit {name}, found {number!r}")
        self._set(**given)


class Connection(Generic[_W]):
    """An open connection and the talk over it. Mutable.

    Attributes:
        wire: the connection.
        conversation: the talk.
        message_count: messages that were begun on it.
        process: the process that opened it.
        used_at: when it was opened or used last, on a clock that only goes on.
    """

    __slots__ = ("conversation", "message_count", "process", "used_at", "wire")

    def __init__(self, wire: _W, conversation: Conversation, *, now: float) -> None:
        self.wire = wire
        self.conversation = conversation
        self.message_count = 0
        self.process = os.getpid()
        self.used_at = now

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it: a fork of it has the socket too, and what both say would be one talk."""
        return self.process == os.getpid()

    @property
    def may_part(self) -> bool:
        """Whether a goodbye would be understood. Where a message was announced, it would be taken for its text."""
        conversation = self.conversation
        return self.is_ours and conversation.is_usable and conversation.begun is None and not self.wire.has_input()


class Shelf(Generic[_W]):
    """Connections that wait for a message. Mutable; waits for nothing; threads may share it.

    Attributes:
        limits: how many there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._waiting: list[Connection[_W]] = []
        self._next_start = 0.0
        self._lock = Lock()

    def take(self) -> Connection[_W] | None:
        """The connection that has waited the shortest time, fit or not; None where none waits."""
        with self._lock:
            return self._waiting.pop() if self._waiting else None

    def is_fit(self, connection: Connection[_W], now: float) -> bool:
        """Whether *connection* may take another message: ours, young, usable, and nothing came unasked for."""
        return (
            connection.is_ours
            and connection.conversation.is_usable
            and connection.message_count < self.limits.messages
            and now - connection.used_at <= self.limits.idle
            # RFC 5321 3.8: what a server says of its own accord is 421, and then it closes.
            and (connection.conversation.begun is not None or not connection.wire.has_input())
        )

    def may_ride(self, connection: Connection[_W]) -> bool:
        """Whether the next message may begin before the one on *connection* has ended."""
        return self.limits.rate is None and connection.message_count < self.limits.messages

    def put(self, connection: Connection[_W]) -> bool:
        """Whether *connection* is kept, which else is to be closed."""
        conversation = connection.conversation
        if not (connection.is_ours and conversation.is_usable) or conversation.begun is not None:
            return False
        with self._lock:
            self._waiting.append(connection)
        return True

    def empty(self) -> list[Connection[_W]]:
        """All that wait, to be closed."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        return waiting

    def pause(self, now: float) -> float:
        """Seconds to wait before the next message may begin."""
        rate = self.limits.rate
        if rate is None:
            return 0.0
        with self._lock:  # else two threads would take the same time
            start = max(now, self._next_start)
            self._next_start = start + 1 / rate
        return start - now
