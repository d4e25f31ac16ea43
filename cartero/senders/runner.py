"""What stands in a spool, sent: as often as it takes, and to each recipient once."""

from __future__ import annotations

import time

from mimekit import parse_file

from .._display import one_line
from .._reason import reason_of
from ..errors import BadURL, CarteroError, ConnectError
from ._retrying import Next, Rules, begun, broken_off, not_begun, what_next
from ._spooled import Spooled, UnreadableError
from ._spoolfolder import SpoolFolder
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from typing import Literal

    from mimekit import MIMEMessage

    from ..envelope import Envelope
    from ..receipt import Receipt
    from ._spoolfolder import Claim


class SpoolRunner:
    """Sends what stands in a spool, and tries again what is refused for now.

    Any number of runners may be at one spool, in as many processes: each message is with one of them at a time. It is
    sent to those of its recipients who have not accepted it yet. What cannot be delivered is put into ``failed``, with
    a ``reply.txt`` that says why.

    Before each try it is written down that it begins, and behind it what became of it. A try without an end, since the
    runner or the machine died in the middle, may have delivered the message, as may one whose failure is
    ``ambiguous``. That is doubt: a message is sent again, and may come twice, or it is put into ``held`` for somebody
    to look at. A mistake in a ``before_send`` hook of the sender is none, since nothing was sent: the message is tried
    again.

    What happens is said in the log ``cartero``: acceptance at the level INFO, all else as a WARNING.

    Args:
        path: the spool.
        via: the sender by which it is sent.
        delays: seconds from each try to the next; the last holds for all that follow.
        give_up_after: seconds from the spooling on, after which a refusal for now is one for good.
        on_doubt: what is done with a message that may have been sent: ``"resend"``, for the *resend_for* seconds from
            the first doubt on, and then hold; or ``"hold"``.
        resend_for: seconds.

    Raises:
        BadURL: one of them is none.

    RFC 5321, section 4.5.4.1; for doubt, RFC 1047.
    """

    def __init__(  # noqa: PLR0913 - what there is to set, each by name
        self,
        path: str | os.PathLike[str],
        *,
        via: Sender,
        delays: Sequence[float] = (60.0, 300.0, 900.0, 1800.0, 3600.0),
        give_up_after: float = 5 * 86_400.0,
        on_doubt: Literal["resend", "hold"] = "resend",
        resend_for: float = 4 * 3600.0,
    ) -> None:
        if not isinstance(via, Sender):
            raise BadURL(f"expected a sender to send by, found {type(via).__name__}")
        self._spool = SpoolFolder.at_path(path)
        self._rules = Rules(delays=delays, give_up_after=give_up_after, on_doubt=on_doubt, resend_for=resend_for)
        self._road = _Road(via)
        self._due: dict[str, float] = {}

    def run(self, *, stop: Callable[[], bool] | None = None, pause: float = 1.0) -> None:
        """Send what comes, until *stop* says so.

        Args:
            stop: asked before each message and each look into the spool; None runs for ever. It may be the ``is_set``
                of a `threading.Event`. The message in hand is sent to its end.
            pause: seconds between two looks into the spool.

        Raises:
            ConnectError: the spool cannot be opened.
        """
        while stop is None or not stop():
            self.run_once(stop=stop)
            time.sleep(pause)

    def run_once(self, *, stop: Callable[[], bool] | None = None) -> int:
        """Try each message that is due, over one connection, and return how many there were.

        Where no connection can be made, all that is due waits as if each had been tried.

        Args:
            stop: as for `run`.

        Raises:
            ConnectError: the spool cannot be opened.
        """
        self._spool.open()
        self._spool.sweep()
        names = self._spool.waiting()
        self._due = {name: self._due[name] for name in names if name in self._due}
        tried = 0
        with self._road:
            for name in names:
                if stop is not None and stop():
                    break
                tried += self._look_at(name)
        return tried

    def _look_at(self, name: str) -> bool:
        """Whether the message was tried."""
        if self._due.get(name, 0.0) > time.time():
            return False
        try:
            with self._spool.claim(name) as claim:
                return claim is not None and self._attend(claim)
        except OSError as error:
            # Such as a full disk: before a try nothing has happened, behind it the message is in doubt.
            self._due[name] = time.time() + self._rules.delay(1)
            _say("warning", name, f"left for later: {reason_of(error)}")
            return False

    def _attend(self, claim: Claim) -> bool:
        try:
            record = claim.read()
        except UnreadableError as error:
            claim.put_aside_unread("held", f"envelope.json cannot be read: {error}\n")
            _say("warning", claim.name, f"held: its envelope.json cannot be read: {error}")
            return False
        now = time.time()
        if record.started is not None:
            self._settle(claim, record, broken_off())
            return False
        if record.next_try > now:
            self._due[claim.name] = record.next_try
            return False
        # Mapped: a large message costs no memory. Nobody else writes to it.
        message = parse_file(claim.message_path, mmap=True)
        closed = self._road.open()
        record = begun(record, now)
        if closed is None:
            claim.write(record)
        self._settle(claim, record, closed or self._road.send(message, record.envelope))
        return True

    def _settle(self, claim: Claim, record: Spooled, result: Receipt | Exception) -> None:
        """Write down what became of a try, and put the message where it belongs now."""
        after = what_next(record, result, time.time(), self._rules)
        aside = [
            (folder, part) for folder, part in (("failed", after.failed), ("held", after.held)) if part is not None
        ]
        for folder, part in aside if after.waiting is not None else aside[1:]:
            claim.copy_aside(folder, part)
        if after.waiting is not None:
            self._due[claim.name] = after.waiting.next_try
            claim.write(after.waiting)
        elif aside:
            claim.put_aside(*aside[0])
        else:
            claim.finish()
        _tell(claim.name, record, after)


class _Road:
    """The sender of a runner: opened for the first message of a round, closed behind the last one."""

    def __init__(self, via: Sender) -> None:
        self._via = via
        self._is_open = False
        self._closed: ConnectError | None = None

    def __enter__(self) -> None:
        self._closed = None

    def __exit__(self, *_: object) -> None:
        if self._is_open:
            self._is_open = False
            self._via.__exit__(None, None, None)

    def open(self) -> ConnectError | None:
        """Why nothing can be sent in this round; None where it can."""
        if not self._is_open and self._closed is None:
            try:
                self._via.__enter__()
                self._is_open = True
            except ConnectError as error:
                self._closed = error
        return self._closed

    def send(self, message: MIMEMessage, envelope: Envelope) -> Receipt | Exception:
        """What became of the *message*."""
        # What is no error of ours is a mistake, in a hook or a road: the others are to be sent all the same.
        try:
            mail = self._via._prepare(message, envelope)
        except CarteroError as error:
            return error
        except Exception as error:  # noqa: BLE001 - as above
            return not_begun(error)
        try:
            return self._via._hand_over(mail)
        except ConnectError as error:
            self._closed = error
            return error
        except Exception as error:  # noqa: BLE001 - as above
            return error


def _tell(name: str, record: Spooled, after: Next) -> None:
    """Say in the log what becomes of each recipient."""
    accepted = dict.fromkeys(record.recipients)
    for where, part in (("tried again", after.waiting), ("failed", after.failed), ("held", after.held)):
        if part is not None:
            _say("warning", name, f"{where}: {'; '.join(map(': '.join, part.replies.items()))}")
            for recipient in part.recipients:
                del accepted[recipient]
    if accepted:
        _say("info", name, f"accepted for {', '.join(accepted)}")


def _say(level: str, name: str, what: str) -> None:
    import logging  # noqa: PLC0415 - half of what starting a command may cost

    getattr(logging.getLogger("cartero"), level)("spooled message %s: %s", name, one_line(what))
