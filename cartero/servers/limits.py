"""How much a server takes, and for how long: the settings."""

from __future__ import annotations

from .._value import Value
from ..errors import BadURL

_OPTIONAL = ("rate",)


class ServerLimits(Value):
    """How much a server takes, and for how long; of several with the same limits, each does. A value.

    What is over a limit is refused before memory is spent on it, and the client is told whether to come again.

    Attributes:
        size: octets of one message. RFC 1870, section 4.
        recipients: recipients of one message. RFC 5321, section 4.5.3.1.8 wants at least 100.
        line: octets on one line of a message, its end included. RFC 5321, section 4.5.3.1.6 wants at least 1,000.
        connections: open at once; where TLS begins at once, as many again may be about to begin it.
        held: octets of all messages that are being received or handed on.
        idle: seconds without a word from a client. RFC 5321, section 4.5.3.2.7 wants at least 300.
        time: seconds that one message may take to arrive.
        rate: messages that a host may begin in a second, on the average of a minute; None for as many as it likes.
        hops: servers that a message may have passed: it has a Received field of each. RFC 5321, section 6.3.

    Raises:
        BadURL: one of them is no number above 0.
    """

    __slots__ = ("connections", "held", "hops", "idle", "line", "rate", "recipients", "size", "time")

    size: int
    recipients: int
    line: int
    connections: int
    held: int
    idle: float
    time: float
    rate: float | None
    hops: int

    def __init__(  # noqa: PLR0913 - each is a limit of its own, by name
        self,
        *,
        size: int = 52_428_800,
        recipients: int = 1_000,
        line: int = 65_536,
        connections: int = 200,
        held: int = 268_435_456,
        idle: float = 300.0,
        time: float = 1_800.0,
        rate: float | None = None,
        hops: int = 100,
    ) -> None:
        given = {
            "size": size,
            "recipients": recipients,
            "line": line,
            "connections": connections,
            "held": held,
            "idle": idle,
            "time": time,
            "rate": rate,
            "hops": hops,
        }
        for name, number in given.items():
            wanted = int | float if name in {"idle", "time", "rate"} else int
            is_number = isinstance(number, wanted) and not isinstance(number, bool) and number > 0
            if not is_number and not (number is None and name in _OPTIONAL):
                raise BadURL(f"expected a number above 0 as limit {name}, found {number!r}")
        self._set(**given)
