"""What a call of ``mail.send`` does: structs to messages, these to a delivery, and what became of them to XML."""

from __future__ import annotations

import asyncio
import binascii
import logging
from xmlrpc.client import Fault

from .._xmlrpc import GarbageError, NotXMLError, Reader, write
from ..errors import BadMessage, CarteroError, ConnectError, SendingError
from ..receipt import Receipt
from ..senders.preparation import MailObject, prepare
from ..struct import failure_to_struct, from_struct, receipt_to_struct
from . import _refusals, trace
from ._refusals import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mimekit import MIMEMessage

    from .._plain import Plain
    from ..envelope import Envelope
    from ._gauge import Gauge
    from .delivery import Delivery

_MOST_MESSAGES = 1_000  # in a call
_log = logging.getLogger("cartero")


class MailCalls:
    """The methods that can be called. Frozen; threads may share it.

    Args:
        delivery: where mail goes.
        gauge: what there may be.
        own_name: the name of the server, for the trace.
        protocol: what is spoken, for the trace.
        loop: where it is awaited, if that has to be.
    """

    def __init__(
        self, delivery: Delivery, gauge: Gauge, *, own_name: str, protocol: str, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._delivery = delivery
        self._gauge = gauge
        self._own_name = own_name
        self._protocol = protocol
        self._loop = loop

    def answer(self, call: Call, *, host: str) -> bytes:
        """What is answered to *call* from *host*, whose address that is.

        Raises:
            RefusedError: it is no call that can be answered.
        """
        method, parameters = call.read()
        if method == "mail.send":
            return _written(self._send(parameters, host))
        if method != "system.listMethods":
            raise RefusedError(_refusals.NO_SUCH_METHOD)
        if parameters:
            raise RefusedError(_refusals.NO_PARAMETERS)
        return _written(["mail.send", "system.listMethods"])

    def _send(self, parameters: tuple[object, ...], host: str) -> list[Plain]:
        structs = parameters[0] if len(parameters) == 1 else None
        if not isinstance(structs, list):
            raise RefusedError(_refusals.NO_LIST)
        if len(structs) > _MOST_MESSAGES:
            raise RefusedError(_refusals.TOO_MANY)
        return [self._result(struct, host) for struct in structs]

    def _result(self, struct: object, host: str) -> Plain:
        result = self._sent(struct, host)
        return receipt_to_struct(result) if isinstance(result, Receipt) else failure_to_struct(result)

    def _sent(self, struct: object, host: str) -> Receipt | CarteroError:
        if not self._gauge.may_begin(host):
            return self._too_often()
        try:
            mail = _mail(*from_struct(struct))
            octets = mail.as_bytes()
        except CarteroError as error:
            return error
        except Exception:  # noqa: BLE001 - the other messages of the call are answered
            # SECURITY: its text may hold anything, and goes to the log alone.
            _log.exception("a message from %s cannot be read", host)
            return BadMessage("the message cannot be read")
        if (problem := self._beyond(mail, octets)) is not None:
            return problem
        result = _told(self._delivered(mail.envelope, self._trace(mail.envelope, host, octets) + octets), mail)
        _note(host, mail.envelope, len(octets), result)
        return result

    def _too_often(self) -> SendingError:
        return SendingError(
            "there are too many messages from this host",
            code=450,
            enhanced="4.7.1",
            temporary=True,
            retry_after=1 / (self._gauge.limits.rate or 1),
        )

    def _beyond(self, mail: MailObject, octets: bytes) -> SendingError | None:
        """Which limit *mail* is beyond; None if it is not."""
        limits = self._gauge.limits
        if len(octets) > limits.size:
            problem, code, enhanced = (
                f"the message is larger than the {limits.size} octets that are taken",
                552,
                "5.3.4",
            )
        elif len(mail.envelope.recipients) > limits.recipients:
            problem, code, enhanced = f"there are more than {limits.recipients} recipients", 550, "5.5.3"
        else:
            return None
        return SendingError(
            problem, code=code, enhanced=enhanced, refused=dict.fromkeys(mail.envelope.recipients, problem)
        )

    def _trace(self, envelope: Envelope, host: str, octets: bytes) -> bytes:
        field = trace.received(
            greeted="",
            host=host,
            own_name=self._own_name,
            protocol=self._protocol,
            recipient=envelope.recipients[0] if len(envelope.recipients) == 1 else None,
        )
        # A message keeps the line ends that it has all over.
        end = octets.find(b"\n")
        return field if octets[max(end - 1, 0) : end] == b"\r" else field.replace(b"\r\n", b"\n")

    def _delivered(self, envelope: Envelope, octets: bytes) -> Receipt | CarteroError:
        if not self._delivery.is_async:
            return self._delivery.result_here(envelope, octets)
        return asyncio.run_coroutine_threadsafe(self._delivery.result(envelope, octets), self._loop).result()


class Call:
    """A call, as it arrives. Mutable."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._garbage: GarbageError | None = None

    def feed(self, octets: bytes | bytearray) -> None:
        """Take *octets*. What is garbage is said at the end, for then there is somebody to hear it."""
        if self._garbage is not None:
            return
        try:
            self._reader.feed(octets)
        except GarbageError as error:
            self._garbage = error

    def read(self) -> tuple[str, tuple[object, ...]]:
        """The method that is called, and its parameters.

        Raises:
            RefusedError: it is no call.
        """
        try:
            if self._garbage is not None:
                raise self._garbage
            parameters = self._reader.values()
        except NotXMLError as error:
            raise RefusedError(_refusals.NOT_XML) from error
        except (GarbageError, Fault) as error:
            raise RefusedError(_refusals.NOT_A_CALL) from error
        if self._reader.method is None:
            raise RefusedError(_refusals.NOT_A_CALL)
        return self._reader.method, parameters


def _mail(message: MIMEMessage, envelope: Envelope | None) -> MailObject:
    """What travels: *message* as a `Sender` has it."""
    if envelope is None or message.composed:
        return prepare(message, envelope=envelope)
    return MailObject(message, envelope=envelope, message_id="")  # the client knows which one it has


def _told(result: Receipt | CarteroError, mail: MailObject) -> Receipt | CarteroError:
    """*result* with what is known of *mail* besides."""
    if isinstance(result, Receipt):
        if result.message_id or not mail.message_id:
            return result
        return Receipt(result.recipients, message_id=mail.message_id, sender=result.sender, location=result.location)
    if isinstance(result, ConnectError | SendingError):
        result.message_id = result.message_id or mail.message_id
    return result


def _note(host: str, envelope: Envelope, size: int, result: Receipt | CarteroError) -> None:
    """Say in the log what became of a message: from whom, to whom, and how large it is."""
    who = host or "a program of this machine"
    what = str(result) if isinstance(result, CarteroError) else "taken"
    if isinstance(result, Receipt) and result.refused:
        what = f"taken, but for {'; '.join(f'{recipient}: {reply}' for recipient, reply in result.refused.items())}"
    recipients = ", ".join(envelope.recipients)
    _log.info("%s: from <%s> to %s, %d octets: %s", who, envelope.sender, recipients, size, what)


def _written(value: Plain) -> bytes:
    markup = ["<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"]
    write(value, markup, lambda octets: markup.append(binascii.b2a_base64(octets, newline=False).decode()))
    markup.append("</param>\n</params>\n</methodResponse>\n")
    return "".join(markup).encode()
