"""What `cartero-send` tells people and programs: lines on standard output and error, or JSON."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

from .._display import one_line, show
from ..errors import ConnectError, SendingError

if TYPE_CHECKING:
    from ..receipt import Receipt
    from ..senders.base import MailObject
    from ._exits import Exit
    from ._options import Options


def report_receipt(receipt: Receipt, options: Options) -> None:
    """Say for every recipient what became of it."""
    if options.verbose:
        complain(f"Message-ID {receipt.message_id or 'none'}")
    if options.json:
        _print_json(_receipt_facts(receipt))
        return
    for recipient, outcome in receipt.recipients.items():
        said = f" ({outcome.reply})" if outcome.reply else ""
        if not outcome.accepted:
            complain(f"{recipient}: refused{said}")
        elif not options.quiet:
            _print(one_line(f"{recipient}: accepted{said}"))


def report_error(error: Exception, status: Exit, options: Options) -> None:
    """Say on one line what went wrong."""
    complain(str(error))
    if options.json:
        _print_json(_error_facts(error, status))


def report_dry_run(mail: MailObject, options: Options) -> None:
    """Print what would be sent."""
    octets = mail.as_bytes(linesep=os.linesep)
    sender, recipients = mail.envelope.sender, mail.envelope.recipients
    if options.json:
        facts = {"sender": sender, "recipients": recipients, "message_id": mail.message_id, "size": len(octets)}
        _print_json({"dry_run": facts})
        return
    _print(f"envelope sender: {sender or '<>'}")
    _print(f"envelope recipients: {', '.join(recipients)}\n")
    sys.stdout.buffer.write(octets)
    sys.stdout.flush()


def complain(line: str) -> None:
    """Write *line* to standard error, if there is one."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError):
            show(f"cartero-send: {one_line(line)}\n", stderr)


def settle_output() -> None:
    """Write what is left of standard output; where that fails, drop it, or the interpreter fails over it at its end."""
    stdout: TextIO | None = sys.stdout
    try:
        if stdout is not None:
            stdout.flush()
    except OSError:
        with contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _print(line: str) -> None:
    stdout: TextIO | None = sys.stdout
    if stdout is not None:
        show(line + "\n", stdout)


def _print_json(facts: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - rarely needed

    _print(json.dumps(facts))


def _receipt_facts(receipt: Receipt) -> dict[str, object]:
    return {
        "sender": receipt.sender,
        "message_id": receipt.message_id,
        "location": receipt.location,
        "recipients": {
            recipient: {
                "accepted": outcome.accepted,
                "reply": outcome.reply,
                "code": outcome.code,
                "enhanced": outcome.enhanced,
                "temporary": outcome.temporary,
            }
            for recipient, outcome in receipt.recipients.items()
        },
    }


def _error_facts(error: Exception, status: Exit) -> dict[str, object]:
    facts: dict[str, object] = {"error": str(error), "status": int(status)}
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
            "message_id": error.message_id,
        }
    return facts
