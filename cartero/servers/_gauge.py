"""What a server has taken on at the moment, against its limits. Mutable; waits for nothing; threads may share it."""

from __future__ import annotations

import time
from threading import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .limits import ServerLimits

_MINUTE = 60.0
_MOST_HOSTS = 10_000  # hosts whose messages are counted; of more, those that are quiet are forgotten


class Gauge:
    """What is held, and who sent how much of late.

    Attributes:
        limits: what there may be.
    """

    def __init__(self, limits: ServerLimits) -> None:
        self.limits = limits
        self._held_size = 0
        self._lock = Lock()
        # of each host, how many messages it may still begin, and when that was so
        self._left: dict[str, tuple[float, float]] = {}

    def hold(self, size: int) -> bool:
        """Whether *size* octets more can be held; they are, until they are let go."""
        with self._lock:
            if self._held_size + size > self.limits.held:
                return False
            self._held_size += size
        return True

    def let_go(self, size: int) -> None:
        """Hold *size* octets less."""
        with self._lock:
            self._held_size -= size

    def may_begin(self, host: str) -> bool:
        """Whether *host* may begin another message now."""
        rate = self.limits.rate
        if rate is None:
            return True
        most = max(rate * _MINUTE, 1.0)
        now = time.monotonic()
        with self._lock:
            left, then = self._left.pop(host, (most, now))
            left = min(left + (now - then) * rate, most)
            if len(self._left) >= _MOST_HOSTS:
                self._left.pop(next(iter(self._left)))  # who was quiet for the longest time
            self._left[host] = (left - 1 if left >= 1 else left), now
        return left >= 1
