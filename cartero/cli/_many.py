"""Many messages in one run: a bar while it takes its time, a line for each that failed, and a summary."""

from __future__ import annotations

from ..errors import SendingError
from ..receipt import Receipt
from ._deliver import deliver
from ._exits import Exit, exit_for
from ._mails import Unsendable, read_mails
from ._progress import Progress
from ._report import (
    complain,
    print_json,
    print_text,
    report_dry_run,
    report_one_of_many,
    report_skipped,
    report_wait,
)
from ._road import signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO, Protocol

    from ..senders.base import Sender
    from ._mails import Mail
    from ._options import Options

    class _Mails(Protocol):
        """What is sent, in its order, to be gone over once."""

        @property
        def total(self) -> int | None:
            """How much there is to do, in a unit of its own; None where that is not known."""

        @property
        def done(self) -> int:
            """How much of it is done."""

        def __iter__(self) -> Iterator[Mail | Unsendable]: ...


class _Tally:
    """What became of the messages so far."""

    def __init__(self) -> None:
        self.accepted = 0
        self.partly = 0
        self.failed = 0
        self.ambiguous = 0
        self._first_failure = Exit.ACCEPTED

    @property
    def messages(self) -> int:
        return self.accepted + self.partly + self.failed

    def count(self, result: Receipt | Exception) -> None:
        """One more message, of which that became."""
        if isinstance(result, Receipt):
            self.partly += bool(result.refused)
            self.accepted += not result.refused
            return
        self.failed += 1
        self.ambiguous += isinstance(result, SendingError) and result.ambiguous
        self.stop_for(result)

    def stop_for(self, error: Exception) -> None:
        """It went wrong for that reason."""
        self._first_failure = self._first_failure or exit_for(error)

    @property
    def status(self) -> Exit:
        """The exit status: a script must not take for failure, and send again, what was accepted in part."""
        if self.ambiguous:
            return Exit.AMBIGUOUS
        if self.partly or (self.accepted and self._first_failure):
            return Exit.PARTLY_ACCEPTED
        return self._first_failure


def run_many(sender: Sender | None, options: Options, stdin: BinaryIO | None) -> Exit:
    """Read the messages, send each or show it where there is no *sender*, and return the exit status.

    Raises:
        UsageError, NoInputError, CarteroError, MimeError, OSError: as for `read_mails`; nothing was sent.
    """
    mails = read_mails(options, stdin)
    if mails is None:
        report_skipped(options)
        return Exit.ACCEPTED
    return _show(mails, options) if sender is None else send_many(sender, mails, options)


def _show(mails: _Mails, options: Options) -> Exit:
    """Print what would be sent."""
    status = Exit.ACCEPTED
    for mail in mails:
        if isinstance(mail, Unsendable):
            status = status or exit_for(mail.error)
            report_one_of_many(mail.label, mail.error, options)
        else:
            report_dry_run(signed(mail.prepared, options), options)
    return status


def send_many(sender: Sender, mails: _Mails, options: Options) -> Exit:
    """Send each of *mails*, say what became of it, and return the exit status."""
    tally = _Tally()
    say = _Speaker(options)
    with Progress(mails.total, is_wanted=not (options.quiet or options.verbose)) as progress:

        def wait(seconds: float, reason: str) -> None:
            progress.pause()
            report_wait(seconds, reason)

        try:
            for label, result in deliver(sender, mails, retry=options.retry or 0, told=wait):
                tally.count(result)
                if options.json or not isinstance(result, Receipt) or result.refused:
                    progress.pause()
                    say.result(label, result)
                progress.reach(mails.done, tally.messages)
        except OSError as error:  # the road, or the file that is read
            progress.pause()
            tally.stop_for(error)
            say.result("stopped", error)
        finally:
            progress.pause()
            say.summary(tally)
    return tally.status


class _Speaker:
    """Says what became of the messages, as long as somebody listens: what is accepted is so without that."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._is_heard = True

    def result(self, label: str, result: Receipt | Exception) -> None:
        self._try(lambda: report_one_of_many(label, result, self._options))

    def summary(self, tally: _Tally) -> None:
        self._try(lambda: self._summarise(tally))

    def _summarise(self, tally: _Tally) -> None:
        if self._options.json:
            facts = {"messages": tally.messages, "accepted": tally.accepted, "partly": tally.partly}
            print_json({"summary": {**facts, "failed": tally.failed, "status": int(tally.status)}})
        elif not self._options.quiet:
            print_text(_sentence(tally))

    def _try(self, speak: Callable[[], None]) -> None:
        if not self._is_heard:
            return
        try:
            speak()
        except OSError as error:
            self._is_heard = False
            if not isinstance(error, BrokenPipeError):
                complain(f"sending goes on, but {error}")


def _sentence(tally: _Tally) -> str:
    pieces = [f"{tally.accepted:,} of {tally.messages:,} messages accepted"]
    if tally.partly:
        pieces.append(f"{tally.partly:,} for some of their recipients")
    if tally.failed:
        pieces.append(f"{tally.failed:,} failed")
    return ", ".join(pieces) + "\n"
