"""What an answer over HTTP means for the messages of a call: a receipt or an error each."""

from __future__ import annotations

from .._display import harmless, one_line
from .._value import Value
from .._xmlrpc import GarbageError
from ..errors import AuthenticationFailed, BadMessage, CarteroError, ConnectError, SendingError
from ..receipt import Receipt
from ..struct import FaultCode, result_from_struct
from ._calls import FaultError, read_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._http import BrokenOffError, Response
    from .preparation import MailObject

Kind = type[AuthenticationFailed] | type[ConnectError] | type[SendingError]
Result = Receipt | CarteroError

_NOTE_LENGTH = 8_192  # characters of what the other side says that are worth showing
_LONGEST_WAIT = 86_400

# RFC 9110 15: these say that nothing was done, and that the same may be done later.
_LATER = frozenset({408, 425, 429, 503})
# And these that there is no such thing here, now or later.
_NOT_HERE = frozenset({404, 405, 410, 421, 426, 501, 505})
_UNAUTHORIZED = frozenset({401, 403, 407})
_TOO_LARGE = 413

_STAGE = "mail.send"
_NO_TOKEN = "the server does not take this token, or wants one"  # noqa: S105 - it is none
_NOTHING_DONE = frozenset(
    {
        FaultCode.NOT_XML,
        FaultCode.NOT_A_CALL,
        FaultCode.NO_SUCH_METHOD,
        FaultCode.BAD_PARAMETERS,
        FaultCode.UNAUTHORIZED,
        FaultCode.TOO_LARGE,
        FaultCode.BUSY,
    }
)


class Verdict(Value):
    """Why a call came to nothing. A value.

    Attributes:
        kind: what is raised for each of its messages.
        problem: the text.
        reply: what the other side said.
        temporary: whether the same may well succeed later.
        ambiguous: whether they may have been delivered all the same.
        retry_after: seconds after which it wants to be asked again.
        is_too_large: whether fewer messages at once may well succeed.
        note: more that the other side said, for who looks for the fault there.
    """

    __slots__ = ("ambiguous", "is_too_large", "kind", "note", "problem", "reply", "retry_after", "temporary")

    kind: Kind
    problem: str
    reply: str
    temporary: bool
    ambiguous: bool
    retry_after: float | None
    is_too_large: bool
    note: str

    def __init__(  # noqa: PLR0913 - the facts of a failure, each by name
        self,
        kind: Kind,
        problem: str,
        reply: str = "",
        *,
        temporary: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        is_too_large: bool = False,
        note: str = "",
    ) -> None:
        self._set(
            kind=kind,
            problem=problem,
            reply=reply,
            temporary=temporary,
            ambiguous=ambiguous,
            retry_after=retry_after,
            is_too_large=is_too_large,
            note=note,
        )

    def errors(self, mails: Iterable[MailObject], name: str, cause: Exception | None = None) -> list[Result]:
        """The error for each of *mails*, as the sender *name* raises it."""
        return [self._error(mail, name, cause) for mail in mails]

    def _error(self, mail: MailObject, name: str, cause: Exception | None) -> CarteroError:
        was_refused = self.kind is SendingError and not self.ambiguous
        reason = self.reply or self.problem
        error = self.kind(
            self.problem,
            sender=name,
            stage=_STAGE,
            reply=self.reply,
            temporary=self.temporary,
            ambiguous=self.ambiguous,
            refused=dict.fromkeys(mail.envelope.recipients, reason) if was_refused else {},
            retry_after=self.retry_after,
            message_id=mail.message_id,
        )
        error.__cause__ = cause
        if self.note:
            error.add_note(f"on the other side:\n{harmless(self.note[:_NOTE_LENGTH])}")
        return error


def results_of(response: Response, mails: Sequence[MailObject], name: str) -> list[Result] | Verdict:
    """What *response* says of each of *mails*; a verdict if nothing was done because they were too large together."""
    cause: Exception | None = None
    try:
        if response.status == 200:
            structs = _structs(response.body, len(mails))
            return [_result(struct, mail, name) for struct, mail in zip(structs, mails, strict=True)]
        verdict = _of_status(response)
    except FaultError as fault:
        verdict, cause = _of_fault(fault), fault
    except GarbageError as garbage:
        verdict, cause = _garbage(str(garbage)), garbage
    return verdict if verdict.is_too_large else verdict.errors(mails, name, cause)


def _structs(body: bytes, count: int) -> list[object]:
    answer = read_answer(body)
    if not isinstance(answer, list) or len(answer) != count:
        raise GarbageError(f"expected a list of {count} results")
    return answer


def verdict_of(error: BrokenOffError) -> Verdict:
    """What it means that there is no answer."""
    what = "no answer could be read" if error.is_whole else "the message could not be handed over"
    return Verdict(SendingError, f"{what}: {error}", temporary=True, ambiguous=error.is_whole)


def _of_status(response: Response) -> Verdict:
    status = response.status
    reply = f"HTTP {status} {response.reason}".strip()
    if status in _UNAUTHORIZED:
        return Verdict(AuthenticationFailed, _NO_TOKEN, reply)
    if 300 <= status < 400:
        place = response.headers.get("location", "elsewhere")
        # SECURITY: mail and token go where you said, not where somebody else says.
        return Verdict(ConnectError, f"there is no server here; it says that it is at {place[:200]}", reply)
    if status in _NOT_HERE:
        return Verdict(ConnectError, "there is no server for mail here; look at the host and the path", reply)
    if status in _LATER:
        wait = _wait(response.headers.get("retry-after", ""))
        return Verdict(SendingError, "the server has no time", reply, temporary=True, retry_after=wait)
    return _of_failure(response, reply)


def _of_failure(response: Response, reply: str) -> Verdict:
    """What a status means that is none of those with a meaning of their own."""
    if response.status == _TOO_LARGE:
        return Verdict(SendingError, "the message is larger than the server takes", reply, is_too_large=True)
    if 400 <= response.status < 500:
        return Verdict(SendingError, "the server refuses the call", reply)
    if response.status >= 500:
        # QUIRK: the standard library's server tells so where it broke, if it is made to.
        note = response.headers.get("x-traceback", "")
        ambiguous = not response.is_early
        return Verdict(SendingError, "the server broke", reply, temporary=True, ambiguous=ambiguous, note=note)
    return _garbage(f"expected HTTP 200, found {response.status}")


def _wait(text: str) -> float | None:
    """The seconds that a Retry-After asks for, if that is a number. RFC 9110, section 10.2.3."""
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return float(text) if is_number and int(text) <= _LONGEST_WAIT else None


def _of_fault(fault: FaultError) -> Verdict:
    first, *rest = fault.text.strip().splitlines() or [""]
    reply, note = first[:_NOTE_LENGTH], fault.text if rest else ""
    if fault.code == FaultCode.UNAUTHORIZED:
        return Verdict(AuthenticationFailed, _NO_TOKEN, reply, note=note)
    if fault.code == FaultCode.NO_SUCH_METHOD:
        return Verdict(ConnectError, "the server has no method mail.send", reply, note=note)
    if fault.code not in _NOTHING_DONE:
        # Whoever raised it may have sent some of it before.
        temporary = fault.code == FaultCode.BROKEN
        problem = f"the call failed with fault {fault.code}"
        return Verdict(SendingError, problem, reply, temporary=temporary, ambiguous=True, note=note)
    return Verdict(
        SendingError,
        f"the server refuses the call with fault {fault.code}",
        reply,
        temporary=fault.code == FaultCode.BUSY,
        is_too_large=fault.code == FaultCode.TOO_LARGE,
        note=note,
    )


def _garbage(problem: str) -> Verdict:
    return Verdict(SendingError, f"the server's answer cannot be read: {problem}", ambiguous=True)


def _result(struct: object, mail: MailObject, name: str) -> Result:
    """What *struct* says of *mail*, told as the sender *name* tells it."""
    try:
        result = _read(struct, mail)
    except (BadMessage, GarbageError) as garbage:
        [error] = _garbage(str(garbage)).errors([mail], name, garbage)
        return error
    if isinstance(result, Receipt):
        return Receipt(
            {recipient: result.recipients[recipient] for recipient in mail.envelope.recipients},
            message_id=result.message_id or mail.message_id,
            sender=name,
            location=result.location,
        )
    if isinstance(result, ConnectError | SendingError):
        if result.sender:
            result.add_note(f"on the other side it was sent by {one_line(result.sender)}")
        result.sender, result.message_id = name, result.message_id or mail.message_id
    return result


def _read(struct: object, mail: MailObject) -> Result:
    result = result_from_struct(struct)
    if isinstance(result, Receipt) and set(result.recipients) != set(mail.envelope.recipients):
        raise GarbageError("it is not about these recipients")
    return result
