"""Senders lent to the threads of a server: to each one that nobody else has meanwhile."""

from __future__ import annotations

import contextlib
import os

from ..senders.chain import FailoverSender
from ..senders.smtp import SMTPSender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..senders.base import Sender

# Those that keep connections, and open none before they have a message. Others are opened by each message: so they find
# a folder that was moved, or a server that was away, as it is then.
_KEEPING = (SMTPSender, FailoverSender)


class Lender:
    """Lends senders that are all alike. Threads may share it, and so may a process and its forks.

    An `SMTPSender` is lent to all at once: it has connections for as many as want to send. Of others there come to be
    as many as threads that send at the same time. Connections are kept from one loan to the next, until `close`.

    Args:
        make: makes a sender; it is called at once for the first.
    """

    def __init__(self, make: Callable[[], Sender]) -> None:
        self._make = make
        self._held: list[Sender] = []
        first = self._new()
        self._shared = first if isinstance(first, SMTPSender) else None
        # By process: what a fork has of its parent's senders is their parent's connections.
        self._idle: dict[int, list[Sender]] = {os.getpid(): [first]}

    @contextlib.contextmanager
    def lend(self) -> Iterator[Sender]:
        """A sender, to be had until the end of the block."""
        if self._shared is not None:
            yield self._shared
            return
        # Without a lock, which a fork could find locked for ever: what is done to the dictionary and the list here, no
        # thread sees half of.
        idle = self._idle.setdefault(os.getpid(), [])
        try:
            sender = idle.pop()
        except IndexError:
            sender = self._new()
        try:
            yield sender
        finally:
            idle.append(sender)

    def _new(self) -> Sender:
        sender = self._make()
        if isinstance(sender, _KEEPING):
            sender.__enter__()
            self._held.append(sender)
        return sender

    def close(self) -> None:
        """Close what is kept open. A sender that is lent meanwhile is opened by each message from now on."""
        while self._held:
            self._held.pop().__exit__(None, None, None)
