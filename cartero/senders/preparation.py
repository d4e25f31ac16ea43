"""A message made ready to travel: Date, Message-ID, envelope, Bcc."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime

from mimekit import Address, MimeError, MIMEMessage, parse
from mimekit.values.address import Addresses
from mimekit.values.msgid import MessageIds, make_msgid

from .._value import Value
from ..envelope import Envelope
from ..errors import BadEnvelope, BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol, TypeAlias
else:
    Protocol = object


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

    ``envelope, message = mail`` takes it apart.
    """

    __slots__ = ("envelope", "message", "message_id")

    message: MIMEMessage
    envelope: Envelope
    message_id: str

    def __init__(self, message: MIMEMessage, *, envelope: Envelope, message_id: str) -> None:
        self._set(message=message, envelope=envelope, message_id=message_id)

    def __iter__(self) -> Iterator[Envelope | MIMEMessage]:
        yield self.envelope
        yield self.message

    def replace(self, *, message: MIMEMessage | None = None, envelope: Envelope | None = None) -> MailObject:
        """The same mail with another *message*, whose Message-ID it takes, another *envelope*, or both."""
        changed = self.message if message is None else message
        return MailObject(
            changed, envelope=self.envelope if envelope is None else envelope, message_id=_message_id(changed)
        )

    def as_bytes(self, *, linesep: str = "\r\n") -> bytes:
        """The message, as octets. What was composed is written with *linesep*, what was parsed as it came.

        Raises:
            BadMessage: it cannot be written as mail.
        """
        if not self.message.composed:
            return bytes(self.message)  # what came whole goes whole: it is not even copied
        try:
            return self.message.as_bytes(policy=self.message.policy.replace(linesep=linesep))
        except MimeError as error:
            raise BadMessage(str(error)) from error

    def iter_bytes(self, *, linesep: str = "\r\n") -> Iterator[bytes]:
        """The same in pieces, none of them large where the content is a file.

        Raises:
            BadMessage: it cannot be written as mail, or a file in it cannot be read.
        """
        message = self.message
        policy = message.policy.replace(linesep=linesep) if message.composed else None  # what came whole goes whole
        try:
            yield from message.iter_bytes(policy=policy)
        except (MimeError, OSError) as error:
            raise BadMessage(str(error)) from error


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
