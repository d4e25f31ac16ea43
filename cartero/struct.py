"""Messages, and what became of them, as plain structs of text, octets, numbers and lists, as XML-RPC carries them.

`to_struct` and `from_struct` are for messages, `receipt_to_struct`, `failure_to_struct` and `result_from_struct` for
what the other side answers. `XMLRPCSender` is one side of this. No struct holds None, and none a text that XML
cannot carry unchanged: such a text is its UTF-8 octets, and these are read as text wherever text is expected.
"""

from __future__ import annotations

from mimekit import MIMEMessage, parse

from ._display import harmless
from ._fields import FIELDS, compose
from ._plain import Plain, Struct, carried
from .envelope import Envelope
from .errors import (
    AuthenticationFailed,
    BadAddress,
    BadEnvelope,
    BadMessage,
    Cancelled,
    CarteroError,
    ConnectError,
    SendingError,
)
from .outcome import Outcome
from .receipt import Receipt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RESULT = ("recipients", "message_id", "sender", "location", "error")
_OUTCOME = ("address", "accepted", "reply", "code", "enhanced", "temporary")
_FACTS = ("stage", "code", "enhanced", "reply", "temporary", "ambiguous", "retry_after")
_ERROR = ("kind", "problem", "address", *_FACTS, "traceback")
_KINDS: dict[str, type[CarteroError]] = {
    kind.__name__: kind
    for kind in (
        AuthenticationFailed,
        ConnectError,
        SendingError,
        BadAddress,
        BadEnvelope,
        BadMessage,
        Cancelled,
    )
}


class FaultCode:
    """Why a whole call failed. What is wrong with one message is in its result, and no fault.

    The first five are those of the `specification of fault codes
    <https://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php>`_; the others are cartero's own. They are plain
    numbers, as the standard library marshals no others.
    """

    #: The call is no well-formed XML, or has a document type. Nothing was sent.
    NOT_XML = -32700
    #: It is no XML-RPC call. Nothing was sent.
    NOT_A_CALL = -32600
    #: There is no such method. Nothing was sent.
    NO_SUCH_METHOD = -32601
    #: Its parameters are not one list of message structs. Nothing was sent.
    BAD_PARAMETERS = -32602
    #: The server broke; some of it may have been sent.
    BROKEN = -32603
    #: The token is missing or wrong. Nothing was sent.
    UNAUTHORIZED = -32501
    #: The call is larger, or holds more messages, than the server takes. Nothing was sent.
    TOO_LARGE = -32502
    #: The server has too much to do; later it may take the same. Nothing was sent.
    BUSY = -32503


def to_struct(octets: bytes, envelope: Envelope) -> dict[str, Plain]:
    r"""The struct of a message that is ready, octet for octet.

    >>> struct = to_struct(b"Subject: Hello\r\n\r\nHi!", Envelope("me@example.org", ["you@example.org"]))
    >>> struct["sender"], struct["recipients"], struct["message"]
    ('me@example.org', ['you@example.org'], b'Subject: Hello\r\n\r\nHi!')
    """
    return {
        "sender": carried(envelope.sender),
        "recipients": [carried(recipient) for recipient in envelope.recipients],
        "message": octets,
    }


def from_struct(struct: object) -> tuple[MIMEMessage, Envelope | None]:
    """The message of *struct* and its envelope: what `Sender.send` takes.

    A struct has ``sender`` and ``recipients``, or neither: then the message itself says who gets it, and there is no
    envelope. Either it has a ``message``, octets, which are parsed; or fields, of which a message is composed.

    Raises:
        BadMessage: it is no struct, a key is unknown, missing or has another type than it should, or mail cannot
            carry what stands there. The text names the key.
        BadEnvelope: there is no recipient, or one of ``sender`` and ``recipients`` without the other.
        BadAddress: something is no address.

    >>> message, envelope = from_struct({"from": "me@example.org", "to": "Ana <ana@example.org>", "text": "Hello"})
    >>> message["To"].addresses[0].display_name, message.get_content(), envelope
    ('Ana', 'Hello', None)
    """
    known = ("sender", "recipients")
    if isinstance(struct, dict) and "message" in struct:
        given = Struct(struct, *known, "message")
        return parse(given.octets("message")), _envelope(given)
    given = Struct(struct, *known, *FIELDS)
    envelope = _envelope(given)
    return compose(given, envelope), envelope


def receipt_to_struct(receipt: Receipt) -> dict[str, Plain]:
    """The struct that says what *receipt* does."""
    return {
        "recipients": _outcomes(receipt.recipients),
        **_texts(message_id=receipt.message_id, sender=receipt.sender, location=receipt.location),
    }


def failure_to_struct(error: CarteroError, *, traceback: str = "") -> dict[str, Plain]:
    """The struct that says what *error* does.

    Args:
        error: what a sender raised.
        traceback: what the other side is to read of where that was; nothing, unless you trust it.
    """
    kind = next((base.__name__ for base in type(error).__mro__ if base.__name__ in _KINDS), "SendingError")
    problem = str(error.args[0]) if error.args else ""
    said: dict[str, Plain] = {"kind": kind, **_texts(problem=problem, traceback=traceback)}
    if isinstance(error, BadAddress):
        return {"error": {**said, **_texts(address=error.address)}}
    if not isinstance(error, ConnectError | SendingError):
        return {"error": said}
    said |= {"temporary": bool(error.temporary), "ambiguous": bool(error.ambiguous)}
    said |= _texts(stage=error.stage, enhanced=error.enhanced, reply=error.reply)
    said |= {} if error.code is None else {"code": int(error.code)}
    said |= {} if error.retry_after is None else {"retry_after": float(error.retry_after)}
    outcomes = {address: Outcome(accepted=True) for address in error.accepted}
    outcomes |= {
        address: Outcome(accepted=False, reply=reason, temporary=error.temporary)
        for address, reason in error.refused.items()
    }
    return {
        "recipients": _outcomes({**outcomes, **error.recipients}),
        **_texts(message_id=error.message_id, sender=error.sender),
        "error": said,
    }


def result_from_struct(struct: object) -> Receipt | CarteroError:
    """What *struct* says: the receipt, or the error, to be raised.

    Where nobody was accepted it is a `SendingError`, even if the struct holds no ``error``. An error of a kind that
    is not known here is one too.

    Raises:
        BadMessage: it is no such struct; the text names the key.
    """
    given = Struct(struct, *_RESULT, place="result")
    outcomes = dict(_read_outcomes(given))
    message_id, sender = given.text("message_id"), given.text("sender")
    if "error" in given:
        return _error(given.struct("error", *_ERROR), outcomes, message_id=message_id, sender=sender)
    if not outcomes:
        raise BadMessage("result.recipients: expected at least one, found nothing")
    if not any(outcome.accepted for outcome in outcomes.values()):
        return SendingError(
            "no recipient was accepted",
            sender=sender,
            temporary=any(outcome.temporary for outcome in outcomes.values()),
            refused={address: outcome.reply for address, outcome in outcomes.items()},
            recipients=outcomes,
            message_id=message_id,
        )
    return Receipt(outcomes, message_id=message_id, sender=sender, location=given.text("location"))


def _envelope(given: Struct) -> Envelope | None:
    if "sender" not in given and "recipients" not in given:
        return None
    for key, other in (("sender", "recipients"), ("recipients", "sender")):
        if key not in given:
            raise BadEnvelope(f"{key}: expected beside {other}, found nothing")
    sender, recipients = given.text("sender"), given.texts("recipients")
    try:
        return Envelope(sender, recipients)
    except BadAddress as error:
        key = "sender" if error.address == sender else "recipients"
        raise BadAddress(f"{key}: {error.args[0]}", address=error.address) from error
    except BadEnvelope as error:
        raise BadEnvelope(f"recipients: {error}") from error


def _texts(**texts: str) -> dict[str, Plain]:
    """Those that say something, as they are carried."""
    return {key: carried(text) for key, text in texts.items() if text}


def _outcomes(recipients: Mapping[str, Outcome]) -> list[Plain]:
    return [
        {
            "address": carried(address),
            "accepted": bool(outcome.accepted),
            "temporary": bool(outcome.temporary),
            **({} if outcome.code is None else {"code": int(outcome.code)}),
            **_texts(enhanced=outcome.enhanced, reply=outcome.reply),
        }
        for address, outcome in recipients.items()
    ]


def _read_outcomes(given: Struct) -> Iterator[tuple[str, Outcome]]:
    seen: set[str] = set()
    for item in given.structs("recipients", *_OUTCOME):
        address = item.text("address")
        if not address or address in seen:
            raise BadMessage(f"{item.key('address')}: expected each recipient, once, found {address!r}")
        seen.add(address)
        yield (
            address,
            Outcome(
                accepted=item.flag("accepted"),
                reply=item.text("reply"),
                code=item.integer("code"),
                enhanced=item.text("enhanced"),
                temporary=item.flag("temporary"),
            ),
        )


def _error(given: Struct, outcomes: Mapping[str, Outcome], *, message_id: str, sender: str) -> CarteroError:
    kind = _KINDS.get(given.text("kind"), SendingError)
    problem = given.text("problem") or "the other side does not say what is wrong"
    error: CarteroError
    if issubclass(kind, BadAddress):
        error = BadAddress(problem, address=given.text("address"))
    elif issubclass(kind, ConnectError | SendingError):
        error = kind(
            problem,
            sender=sender,
            stage=given.text("stage"),
            code=given.integer("code"),
            enhanced=given.text("enhanced"),
            reply=given.text("reply"),
            temporary=given.flag("temporary"),
            ambiguous=given.flag("ambiguous"),
            accepted=[address for address, outcome in outcomes.items() if outcome.accepted],
            refused={address: outcome.reply for address, outcome in outcomes.items() if not outcome.accepted},
            recipients=outcomes,
            retry_after=given.seconds("retry_after"),
            message_id=message_id,
        )
    else:
        error = kind(problem)
    if traceback := given.text("traceback"):
        error.add_note(f"on the other side:\n{harmless(traceback)}")
    return error
