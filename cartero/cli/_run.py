"""`cartero-send` from start to exit status: read, send, report."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO

from mimekit import MimeError

from .._connect import connect
from ..errors import BadURL, CarteroError
from ..senders.base import prepare
from ._exits import ConfigurationError, Exit, NoInputError, UsageError, exit_for
from ._input import read_mail
from ._options import Options, parse_options
from ._report import complain, report_dry_run, report_error, report_receipt, settle_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..receipt import Receipt
    from ..senders.base import Sender


def main(arguments: Sequence[str] | None = None, *, stdin: BinaryIO | None = None) -> int:
    """Run ``cartero-send``, and return its exit status. What goes wrong is one line on standard error.

    Args:
        arguments: the command line; that of the process if None.
        stdin: what to read; the standard input if None.
    """
    options = Options(json=False)
    try:
        options = parse_options(arguments)
        return _run(options, stdin)
    except (UsageError, NoInputError, ConfigurationError, CarteroError, MimeError, OSError) as error:
        status = exit_for(error)
        with contextlib.suppress(OSError):
            report_error(error, status, options)
        return status
    except KeyboardInterrupt:
        complain("interrupted")
        return 130  # as a shell reports SIGINT
    finally:
        settle_output()


def _run(options: Options, stdin: BinaryIO | None) -> Exit:
    sender = None if options.dry_run else _sender(options)
    mail = read_mail(_read(stdin), options)
    if mail is None:
        return Exit.ACCEPTED
    message, envelope = mail
    if sender is None:
        report_dry_run(prepare(message, envelope=envelope), options)
        return Exit.ACCEPTED
    if options.verbose:
        complain(f"sending by {sender.name} from <{envelope.sender}> to {', '.join(envelope.recipients)}")
    receipt = sender.send(message, envelope=envelope)
    _report(receipt, options)
    return Exit.PARTLY_ACCEPTED if receipt.refused else Exit.ACCEPTED


def _sender(options: Options) -> Sender:
    if options.via is not None:
        return connect(options.via)
    url = os.environ.get("CARTERO_URL")
    if not url:
        raise ConfigurationError("no sender: name one with --via, such as --via maildir:outbox, or in $CARTERO_URL")
    try:
        return connect(url)
    except BadURL as error:
        raise ConfigurationError(f"$CARTERO_URL: {error}") from error


def _read(stdin: BinaryIO | None) -> bytes:
    if stdin is not None:
        return stdin.read()
    own: TextIO | None = sys.stdin
    if own is None:
        raise NoInputError("there is no standard input")
    return own.buffer.read()


def _report(receipt: Receipt, options: Options) -> None:
    try:
        report_receipt(receipt, options)
    except OSError as error:
        # What is accepted is accepted: another exit status would have it sent again.
        complain(f"sent, but what became of it cannot be printed: {error.strerror}")
