"""The contract of senders, and the preparation all of them share: Date, Message-ID, envelope, Bcc."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from mimekit import Address, MimeError, MIMEMessage, parse
from mimekit.values.address import Addresses
from mimekit.values.msgid import MessageIds, make_msgid

from .._value import Value
from ..envelope import Envelope
from ..errors import BadEnvelope, BadMessage
from ..receipt import Outcome, Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


class SupportsAsBytes(Protocol):
    """Anything that can write itself as a message: the standard library's ``Message`` and ``EmailMessage``."""

    def as_bytes(self) -> bytes:
        """The message, as octets."""


Sendable: TypeAlias = MIMEMessage | bytes | bytearray | memoryview | SupportsAsBytes


class MailObject(Value):
    """What travels: a message, ready to go, in its envelope. A value, as far as its message is left alone.

    RFC 5321, section 2.3.1.

    Attributes:
        message: what the recipients get: never with a Bcc that was to be hidden, and never the caller's own
            message where anything had to be changed.
        envelope: who it is from, and to whom it goes.
        message_id: its Message-ID; an empty string where a ready message has none.
    """

    __slots__ = ("envelope", "message", "message_id")

    message: MIMEMessage
    envelope: Envelope
    message_id: str

    def __init__(self, message: MIMEMessage, *, envelope: Envelope, message_id: str) -> None:
        self._set(message=message, envelope=envelope, message_id=message_id)

    def as_bytes(self, *, linesep: str = "\r\n") -> bytes:
        """The message, as octets. What was composed is written with *linesep*, what was parsed as it came.

        Raises:
            BadMessage: it cannot be written as mail.
        """
        try:
            return self.message.as_bytes(policy=self.message.policy.replace(linesep=linesep))
        except MimeError as error:
            raise BadMessage(str(error)) from error


class Sender(ABC):
    """One road for mail. Abstract.

    ``with sender:`` holds what the road holds open (a connection, a mailbox) for as many messages as
    you like, and may be nested; without it, each `send` opens and closes. A sender is for one thread
    at a time; threads have one each.

    Every sender takes a `mimekit.MIMEMessage`, octets, or one of the standard library's messages,
    and treats them alike:

    - A message *composed* (built here, or parsed and then edited) goes without its Bcc, and with a
      Date and a Message-ID if it has none. Your own message is left as it was; the Message-ID is in
      the receipt. A message of the standard library counts as composed.
    - A message that is *ready* (octets, or parsed and not edited) and has an *envelope* goes as it is,
      octet for octet. Without one it is treated as a composed one is.
    - Without an *envelope*, it is made from the message: from Sender or From, to everybody in To, Cc
      and Bcc; or the same of the newest Resent-* block if there is one (RFC 5322, section 3.6.6).
    """

    _holders: int = 0

    @property
    @abstractmethod
    def name(self) -> str:
        """What the sender is called in receipts and errors: the URL it has, without passwords."""

    def send(self, message: Sendable, *, envelope: Envelope | None = None) -> Receipt:
        """Send *message*, and say what became of it for each recipient.

        Raises:
            BadMessage: *message* is none, or cannot be written as mail.
            BadEnvelope: no envelope is given, and *message* names no sender or no recipients; or it is none.
            ConnectError: the road is closed; nothing was sent.
            SendingError: it was not sent to anybody, or it is not known whether it was.
        """
        mail = prepare(message, envelope=envelope)
        with self:
            return self._deliver(mail)

    def send_all(self, messages: Iterable[Sendable]) -> Iterator[Receipt]:
        """Send each of *messages* in turn, all over one connection, and yield its receipt.

        Nothing is sent that is not asked for: iterate over the receipts. An error ends the sending; the
        receipts until then are yours already.

        Raises:
            BadMessage: *messages* are none, or a single one.
            CarteroError: as for `send`.
        """
        if isinstance(messages, bytes | bytearray | memoryview) or hasattr(messages, "as_bytes"):
            raise BadMessage(f"expected several messages, found one: {type(messages).__name__}")
        if not isinstance(messages, Iterable):
            raise BadMessage(f"expected messages, found {type(messages).__name__}")
        with self:
            for message in messages:
                yield self.send(message)

    def __enter__(self) -> Self:
        if not self._holders:
            self._open()
        self._holders += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._holders -= 1
        if not self._holders:
            self._close()

    def _open(self) -> None:  # noqa: B027 - most roads have nothing to open
        """Open the road; raises `ConnectError`."""

    def _close(self) -> None:  # noqa: B027
        """Close the road; never raises: what was accepted is accepted."""

    @abstractmethod
    def _deliver(self, mail: MailObject) -> Receipt:
        """Carry *mail* over the open road; raises `SendingError` if no recipient was accepted."""

    def _accepted(self, mail: MailObject, *, reply: str = "", location: str = "") -> Receipt:
        """The receipt for *mail* taken for everybody in its envelope."""
        outcome = Outcome(accepted=True, reply=reply)
        return Receipt(
            dict.fromkeys(mail.envelope.recipients, outcome),
            message_id=mail.message_id,
            sender=self.name,
            location=location,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


def prepare(message: Sendable, *, envelope: Envelope | None = None) -> MailObject:
    """What travels when *message* is sent, by the rules that `Sender` states.

    Raises:
        BadMessage: *message* is none.
        BadEnvelope: there is no *envelope*, and *message* names no sender or no recipients; or it is none.
    """
    if not isinstance(envelope, Envelope | None):
        raise BadEnvelope(f"expected an Envelope, found {type(envelope).__name__}")
    tree, ready = _read(message)
    if envelope is None:
        envelope, ready = Envelope.from_message(tree), False
    if not ready:
        tree = complete(tree)
    return MailObject(tree, envelope=envelope, message_id=_message_id(tree))


def complete(message: MIMEMessage) -> MIMEMessage:
    """*message* without Bcc, and with Date and Message-ID: itself where nothing is to do, else a copy.

    RFC 5322, sections 3.6, 3.6.3 and 3.6.4.
    """
    hidden = [name for name in ("Bcc", "Resent-Bcc") if name in message]
    missing = [name for name in ("Date", "Message-ID") if name not in message]
    if not hidden and not missing:
        return message
    copy = deepcopy(message)
    for name in hidden:
        del copy[name]
    if "Date" in missing:
        copy["Date"] = datetime.now(UTC).astimezone()
    if "Message-ID" in missing:
        copy["Message-ID"] = _new_id(copy)
    return copy


def _new_id(message: MIMEMessage) -> str:
    """An identifier of the author's domain; of ``localhost`` where that is none, as an address literal is none."""
    author = message["From"]
    domain = author.addresses[0].domain if isinstance(author, Addresses) and author.addresses else ""
    try:
        # Written in a field, a name in another script takes its ASCII form.
        written = Addresses.compose("From", Address("", "id", domain)).encode_body()
        return make_msgid(domain=written.partition("@")[2])
    except MimeError:
        return make_msgid()


def _read(message: Sendable) -> tuple[MIMEMessage, bool]:
    """*message* as mimekit has it, and whether it is ready: not composed here."""
    if isinstance(message, MIMEMessage):
        return message, not message.composed
    if isinstance(message, bytes | bytearray | memoryview):
        return parse(bytes(message)), True
    if isinstance(message, type):
        raise BadMessage(f"expected a message or its octets, found the class {message.__name__}")
    if not hasattr(message, "as_bytes"):
        raise BadMessage(f"expected a message or its octets, found {type(message).__name__}")
    try:
        octets = message.as_bytes()
    except (ValueError, LookupError) as error:
        # The standard library finds out about lone surrogates and unknown charsets only here.
        raise BadMessage(f"the message cannot write itself: {error}") from error
    return parse(octets), False


def _message_id(message: MIMEMessage) -> str:
    value = message["Message-ID"]
    return value.id if isinstance(value, MessageIds) else ""
