"""`cartero-send` from start to exit status: read, send, report."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, BinaryIO, TextIO

from mimekit import MimeError

from .._connect import connect
from ..errors import BadURL, CarteroError
from ..senders.preparation import prepare
from ._exits import ConfigurationError, Exit, NoInputError, StreamError, UsageError, exit_for
from ._input import read_mail
from ._options import Options, asks_for_json, parse_options
from ._report import complain, print_text, report_dry_run, report_error, report_receipt, report_skipped, settle_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..receipt import Receipt
    from ..senders.base import Sender

# As a shell reports a command that SIGINT or SIGPIPE has ended.
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None, *, stdin: BinaryIO | None = None) -> int:
    """Run ``cartero-send``, and return its exit status. What goes wrong is one line on standard error.

    Args:
        arguments: the command line; that of the process if None.
        stdin: what to read; the standard input if None.
    """
    options = Options(json=asks_for_json(arguments))
    try:
        options = parse_options(arguments)
        return _run(options, stdin)
    except BrokenPipeError:
        return _BROKEN_PIPE
    except (UsageError, NoInputError, ConfigurationError, CarteroError, MimeError, OSError) as error:
        status = exit_for(error)
        with contextlib.suppress(OSError):
            report_error(error, status, options)
        return status
    except KeyboardInterrupt:
        complain("interrupted")
        return _INTERRUPTED
    finally:
        settle_output()


def _run(options: Options, stdin: BinaryIO | None) -> Exit:
    if options.asked:
        print_text(options.asked)
        return Exit.ACCEPTED
    sender = None if options.dry_run else _sender(options)
    mail = read_mail(_read(stdin), options)
    if mail is None:
        report_skipped(options)
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
    try:
        return _source(stdin).read()
    except OSError as error:
        raise StreamError(f"cannot read standard input: {error.strerror or error}") from error


def _source(stdin: BinaryIO | None) -> BinaryIO:
    if stdin is not None:
        return stdin
    own: TextIO | None = sys.stdin
    if own is None:
        raise NoInputError("there is no standard input")
    return own.buffer


def _report(receipt: Receipt, options: Options) -> None:
    # What is accepted is accepted: another exit status would have it sent again.
    try:
        report_receipt(receipt, options)
    except BrokenPipeError:
        pass
    except StreamError as error:
        complain(f"sent, but {error}")
