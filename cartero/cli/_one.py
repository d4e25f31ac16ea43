"""One message in one run: a line for each recipient, or the error."""

from __future__ import annotations

from ..senders.preparation import prepare
from ._exits import Exit, StreamError
from ._input import read_input, read_mail
from ._report import complain, report_dry_run, report_receipt, report_skipped, report_wait
from ._road import signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from ..receipt import Receipt
    from ..senders.base import Sender
    from ..senders.preparation import MailObject
    from ._options import Options


def run_one(sender: Sender | None, options: Options, stdin: BinaryIO | None) -> Exit:
    """Read the message, send it or show it where there is no *sender*, and return the exit status.

    Raises:
        UsageError, NoInputError, CarteroError, MimeError, OSError: it was not sent.
    """
    mail = read_mail(read_input(options, stdin), options)
    if mail is None:
        report_skipped(options)
        return Exit.ACCEPTED
    message, envelope = mail
    # its Date and Message-ID are there before the first try, so that every try sends the same
    prepared = prepare(message, envelope=envelope)
    if sender is None:
        report_dry_run(signed(prepared, options), options)
        return Exit.ACCEPTED
    if options.verbose:
        complain(f"sending by {sender.name} from <{envelope.sender}> to {', '.join(envelope.recipients)}")
    receipt = _sent(sender, prepared, options)
    _report(receipt, options)
    return Exit.PARTLY_ACCEPTED if receipt.refused else Exit.ACCEPTED


def _sent(sender: Sender, prepared: MailObject, options: Options) -> Receipt:
    if not options.retry:
        return sender.send(prepared.message, envelope=prepared.envelope)
    from ._deliver import deliver  # noqa: PLC0415 - few need it
    from ._mails import Mail  # noqa: PLC0415 - as this

    mails = [Mail("the message", prepared)]
    [(_label, result)] = list(deliver(sender, mails, retry=options.retry, told=report_wait))
    if isinstance(result, Exception):
        raise result
    return result


def _report(receipt: Receipt, options: Options) -> None:
    # What is accepted is accepted: another exit status would have it sent again.
    try:
        report_receipt(receipt, options)
    except BrokenPipeError:
        pass
    except StreamError as error:
        complain(f"sent, but {error}")
