"""What the spool knows of a message beside its octets: for whom it still is, and what became of it so far."""

from __future__ import annotations

import time

from .._display import harmless, one_line
from .._value import Value
from ..envelope import Envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

# json is imported where it is needed: the face of the package has this room, and few programs spool.
# ruff: noqa: PLC0415

_VERSION = 1
_END_OF_TIME = 10**11  # seconds, behind which systems know no date


class UnreadableError(ValueError):
    """An ``envelope.json`` that none of us wrote."""


class Spooled(Value):
    """What the spool knows of a message. A value: frozen, equal by meaning.

    Times are seconds since 1970, as the clock of the machine has them.

    Attributes:
        sender: who the envelope is from.
        recipients: those who are still to get the message, in the envelope's order.
        message_id: its Message-ID, for people who look for it.
        spooled_at: when it was accepted.
        attempts: how often it was tried, with the try that is going on.
        next_try: when it is to be tried next.
        started: when the try began that is going on; None where none is. One that no runner is at did not end well.
        in_doubt_since: when it was first not known whether it had been sent; None where it always was.
        replies: what was last said for each recipient.
    """

    __slots__ = (
        "attempts",
        "in_doubt_since",
        "message_id",
        "next_try",
        "recipients",
        "replies",
        "sender",
        "spooled_at",
        "started",
    )

    sender: str
    recipients: tuple[str, ...]
    message_id: str
    spooled_at: float
    attempts: int
    next_try: float
    started: float | None
    in_doubt_since: float | None
    replies: Mapping[str, str]

    def __init__(  # noqa: PLR0913 - what there is to know, each by name
        self,
        *,
        sender: str,
        recipients: Iterable[str],
        message_id: str,
        spooled_at: float,
        next_try: float,
        attempts: int = 0,
        started: float | None = None,
        in_doubt_since: float | None = None,
        replies: Mapping[str, str] | None = None,
    ) -> None:
        self._set(
            sender=sender,
            recipients=tuple(recipients),
            message_id=message_id,
            spooled_at=spooled_at,
            next_try=next_try,
            attempts=attempts,
            started=started,
            in_doubt_since=in_doubt_since,
            replies=dict(replies or {}),
        )

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """What `as_bytes` wrote.

        Raises:
            UnreadableError: it is something else.
        """
        import json

        try:
            said = json.loads(octets)
            if said["version"] != _VERSION:
                raise UnreadableError(f"expected version {_VERSION}, found {said['version']!r}")
            envelope = Envelope(said["sender"], said["recipients"])
            return cls(
                sender=envelope.sender,
                recipients=envelope.recipients,
                message_id=str(said["message_id"]),
                spooled_at=_date(said["spooled_at"]),
                next_try=float(said["next_try"]),
                attempts=int(said["attempts"]),
                started=_time(said["started"]),
                in_doubt_since=_time(said["in_doubt_since"]),
                replies={str(recipient): str(reply) for recipient, reply in said["replies"].items()},
            )
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise UnreadableError(one_line(f"{type(error).__name__}: {error}")) from error

    def as_bytes(self) -> bytes:
        """It, as JSON that people can read and mend."""
        import json

        said = {"version": _VERSION, **self._fields()}
        # A lone surrogate becomes an escape of JSON's own.
        return json.dumps(said, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"

    def replace(self, **changes: object) -> Self:
        """The same with *changes*."""
        return self._make(self._fields() | changes)

    @property
    def envelope(self) -> Envelope:
        """Who the message is from, and to whom it still goes."""
        return Envelope(self.sender, self.recipients)

    def report(self) -> str:
        """It, for people: who got no mail, and why."""
        spooled = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.spooled_at))
        lines = [
            f"Message-ID: {one_line(self.message_id)}",
            f"From: <{self.sender}>",
            f"Spooled: {spooled}; tried {self.attempts} time{'' if self.attempts == 1 else 's'}",
            "",
            *(f"{recipient}: {one_line(self.replies.get(recipient, ''))}" for recipient in self.recipients),
        ]
        return harmless("\n".join(lines)) + "\n"

    def __hash__(self) -> int:
        return hash((self.sender, self.recipients, self.message_id, self.spooled_at, self.attempts))


def _date(said: object) -> float:
    seconds = float(said)  # type: ignore[arg-type]  # what it cannot take it refuses
    if not 0 <= seconds < _END_OF_TIME:
        raise UnreadableError(f"expected seconds since 1970, found {seconds!r}")
    return seconds


def _time(said: object) -> float | None:
    return None if said is None else float(said)  # type: ignore[arg-type]  # as above
