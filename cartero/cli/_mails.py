"""The messages of a run of several, each with its envelope: a copy for each recipient, or those of an mbox."""

from __future__ import annotations

import os
import stat
from copy import deepcopy
from functools import partial

from mimekit import MimeError, read_mbox

from .._reason import reason_of
from ..envelope import Envelope, recipients_of
from ..errors import CarteroError
from ..senders.preparation import complete, prepare
from ._addresses import recipients
from ._exits import NoInputError, UsageError
from ._input import envelope_sender, read_input, read_mail, standard_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from mimekit import Address, MIMEMessage

    from ..outcome import Outcome
    from ..senders.preparation import MailObject
    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH123


class Mail:
    """One message of a run; its Date and Message-ID are there before the first try, so that every try sends the same.

    Attributes:
        label: what it is called in what is said of it.
        prepared: what travels, to those to whom it is still to be sent.
        settled: what became of it in earlier tries, for all others.
    """

    __slots__ = ("label", "prepared", "settled")

    def __init__(self, label: str, prepared: MailObject) -> None:
        self.label = label
        self.prepared = prepared
        self.settled: dict[str, Outcome] = {}


class Unsendable:
    """What would be a message of a run, and cannot be sent.

    Attributes:
        label: what it is called in what is said of it.
        error: why.
    """

    __slots__ = ("error", "label")

    def __init__(self, label: str, error: Exception) -> None:
        self.label = label
        self.error = error


class Copies:
    """A copy for each recipient, who alone stands in the To of what was composed; a ready message stays as it is.

    Attributes:
        total: how many there are.
        done: how many of them were taken.
    """

    def __init__(self, message: MIMEMessage, envelope: Envelope, options: Options) -> None:
        self._message, self._sender = message, envelope.sender
        self._composed = bool(message.composed)
        self._recipients = [address for address in recipients(options) if address.addr_spec in envelope.recipients]
        self.total = len(self._recipients)
        self.done = 0

    def __iter__(self) -> Iterator[Mail | Unsendable]:
        for recipient in self._recipients:
            yield _mail(recipient.addr_spec, partial(self._copy, recipient))
            self.done += 1

    def _copy(self, recipient: Address) -> tuple[MIMEMessage, Envelope]:
        message = self._message
        if self._composed:
            message = deepcopy(message)
            message["To"] = recipient
        return message, Envelope(self._sender, [recipient])


class Mbox:
    """The messages of an mbox, one in memory at a time; as they are if recipients are named, else without Bcc.

    Attributes:
        total: the octets of the file; None where that is not known.
    """

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._file, self._options = file, options
        self._named = [address.addr_spec for address in recipients(options)]
        self.total = _size(file)
        # opened now, so that what is no mbox is refused before anything is sent
        try:
            self._messages = read_mbox(file)
        except BaseException:
            file.close()
            raise

    @property
    def done(self) -> int:
        """Octets that are read."""
        if self.total is None:
            return 0
        # a sender that reads one message ahead reports the last ones when the file is closed already
        return self.total if self._file.closed else self._file.tell()

    def __iter__(self) -> Iterator[Mail | Unsendable]:
        with self._file:
            for number, message in enumerate(self._messages, 1):
                yield _mail(f"message {number}", partial(self._addressed, message))

    def _addressed(self, message: MIMEMessage) -> tuple[MIMEMessage, Envelope]:
        envelope = Envelope(envelope_sender(self._options, message), self._named or recipients_of(message))
        return (message if self._named else complete(message)), envelope


def _mail(label: str, made: Callable[[], tuple[MIMEMessage, Envelope]]) -> Mail | Unsendable:
    """What *made* makes, or the error that it raises."""
    try:
        message, envelope = made()
        return Mail(label, prepare(message, envelope=envelope))
    except (CarteroError, MimeError, UsageError) as error:
        return Unsendable(label, error)


def read_mails(options: Options, stdin: BinaryIO | None) -> Copies | Mbox | None:
    """The messages that *options* and the standard input describe; None where they say to skip it as empty.

    Raises:
        NoInputError: a file cannot be read.
        UsageError, CarteroError, MimeError: as for `read_mail`.
        StreamError: the standard input cannot be read.
    """
    if options.mbox is not None:
        return Mbox(standard_input(stdin) if options.mbox == "-" else _opened(options.mbox), options)
    mail = read_mail(read_input(options, stdin), options)
    return None if mail is None else Copies(*mail, options)


def _opened(path: str) -> BinaryIO:
    try:
        file = open(path, "rb")  # noqa: SIM115 -- closed by who reads it
        file.peek(1)
    except OSError as error:
        raise NoInputError(f"cannot read {path}: {reason_of(error)}") from error
    return file


def _size(file: BinaryIO) -> int | None:
    try:
        found = os.fstat(file.fileno())
    except (OSError, AttributeError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
