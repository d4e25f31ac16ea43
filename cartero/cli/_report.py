"""What `cartero-send` tells people and programs: lines on standard output and error, or JSON."""

from __future__ import annotations

import contextlib
import os
import re
import sys

from .._display import one_line, show
from .._reason import reason_of
from ..errors import ConnectError, SendingError
from ._advice import explained
from ._exits import StreamError, exit_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from ..outcome import Outcome
    from ..receipt import Receipt
    from ..senders.preparation import MailObject
    from ._exits import Exit
    from ._options import Options


# what a reply may say that tells nothing but that it is accepted
_WORDLESS = frozenset({"ok", "okay", "accepted", "message", "mail", "for", "delivery"})


def report_receipt(receipt: Receipt, options: Options) -> None:
    """Say for every recipient what became of it: of refusals first, as they are told even if nothing can be printed.

    Raises:
        OSError: as for `print_text`.
    """
    if options.verbose:
        complain(f"Message-ID {receipt.message_id or 'none'}")
    if options.json:
        print_json(_receipt_facts(receipt))
        return
    for recipient in receipt.refused:
        complain(f"{recipient}: refused{_in_brackets(said(receipt.recipients[recipient]))}")
    if not options.quiet:
        for recipient in receipt.accepted:
            reply = receipt.recipients[recipient].reply
            more = "" if _WORDLESS.issuperset(re.findall(r"\w+", reply.lower())) else reply
            print_text(one_line(f"{recipient}: accepted{_in_brackets(more)}") + "\n")


def report_error(error: Exception, status: Exit, options: Options) -> None:
    """Say on one line what went wrong, and what to do.

    Raises:
        OSError: as for `print_text`.
    """
    complain(explained(error))
    if options.json:
        print_json(_error_facts(error, status))


def report_one_of_many(label: str, result: Receipt | Exception, options: Options) -> None:
    """Say on one line, if it went wrong, what became of the message that is called *label*; to programs, always.

    Raises:
        OSError: as for `print_text`.
    """
    if isinstance(result, Exception):
        complain(f"{label}: {explained(result)}")
    else:
        for recipient in result.refused:
            complain(f"{label}: {recipient} refused{_in_brackets(said(result.recipients[recipient]))}")
    if options.json:
        facts = _error_facts(result, exit_for(result)) if isinstance(result, Exception) else _receipt_facts(result)
        print_json({"message": label, **facts})


def report_dry_run(mail: MailObject, options: Options) -> None:
    """Print what would be sent.

    Raises:
        OSError: as for `print_text`.
    """
    octets = mail.as_bytes(linesep=os.linesep)
    sender, recipients = mail.envelope.sender, mail.envelope.recipients
    if options.json:
        facts = {"sender": sender, "recipients": recipients, "message_id": mail.message_id, "size": len(octets)}
        print_json({"dry_run": facts})
        return
    print_text(f"envelope sender: {sender or '<>'}\nenvelope recipients: {', '.join(recipients)}\n\n")
    stdout: TextIO | None = sys.stdout
    if stdout is not None:
        with _writing():
            stdout.buffer.write(octets)
            stdout.flush()


def report_skipped(options: Options) -> None:
    """Say to programs that nothing was to be sent; people are told nothing.

    Raises:
        OSError: as for `print_text`.
    """
    if options.json:
        print_json({"skipped": True})


def print_text(text: str) -> None:
    """Write *text* to standard output, if there is one.

    Raises:
        BrokenPipeError: nobody reads it any more.
        StreamError: it cannot be written.
    """
    stdout: TextIO | None = sys.stdout
    if stdout is not None:
        with _writing():
            show(text, stdout)


def complain(line: str) -> None:
    """Write *line* to standard error, if there is one."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError):
            show(f"cartero-send: {one_line(line)}\n", stderr)


def report_wait(seconds: float, reason: str) -> None:
    """Say on standard error that something is tried again, and why."""
    complain(f"trying again in {seconds:.0f} s: {reason}")


def report_talk(direction: str, line: str) -> None:
    """Say on standard error what was said to a server, or by it: *direction* is ``>`` or ``<``."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError):
            show(f"{direction} {one_line(line)}\n", stderr)


def settle_output() -> None:
    """Write what is left of standard output; where that fails, drop it, or the interpreter fails over it at its end."""
    stdout: TextIO | None = sys.stdout
    try:
        if stdout is not None:
            stdout.flush()
    except OSError:
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Whatever else than a broken pipe fails inside is a `StreamError`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamError(f"cannot write to standard output: {reason_of(error)}") from error


def said(outcome: Outcome) -> str:
    """The reply code, the enhanced status code and the reply, as far as there are some."""
    return " ".join(filter(None, (str(outcome.code or ""), outcome.enhanced, outcome.reply)))


def _in_brackets(reply: str) -> str:
    return f" ({reply})" if reply else ""


def print_json(facts: dict[str, object]) -> None:
    """Write *facts* on one line, for programs.

    Raises:
        OSError: as for `print_text`.
    """
    import json  # noqa: PLC0415 - rarely needed

    print_text(json.dumps(facts) + "\n")


def _receipt_facts(receipt: Receipt) -> dict[str, object]:
    return {
        "sender": receipt.sender,
        "message_id": receipt.message_id,
        "location": receipt.location,
        "recipients": _outcome_facts(receipt.recipients),
    }


def _outcome_facts(recipients: Mapping[str, Outcome]) -> dict[str, object]:
    return {
        recipient: {
            "accepted": outcome.accepted,
            "reply": outcome.reply,
            "code": outcome.code,
            "enhanced": outcome.enhanced,
            "temporary": outcome.temporary,
        }
        for recipient, outcome in recipients.items()
    }


def _error_facts(error: Exception, status: Exit) -> dict[str, object]:
    facts: dict[str, object] = {"error": explained(error), "status": int(status)}
    if isinstance(error, ConnectError | SendingError):
        facts |= {
            "sender": error.sender,
            "stage": error.stage,
            "code": error.code,
            "enhanced": error.enhanced,
            "reply": error.reply,
            "temporary": error.temporary,
            "ambiguous": error.ambiguous,
            "accepted": error.accepted,
            "refused": error.refused,
            "recipients": _outcome_facts(error.recipients),
            "retry_after": error.retry_after,
            "message_id": error.message_id,
        }
    return facts
