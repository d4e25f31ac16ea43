"""What an answer means for the messages of a call."""

from __future__ import annotations

from typing import Any
from xmlrpc.client import Fault, dumps

import pytest

from cartero import (
    AuthenticationFailed,
    BadAddress,
    CarteroError,
    ConnectError,
    Envelope,
    MailObject,
    Outcome,
    Receipt,
    SendingError,
)
from cartero.senders._http import BrokenOffError, Response
from cartero.senders._verdicts import Result, Verdict, results_of, verdict_of
from cartero.struct import FaultCode
from mimekit import parse
from tests.xmlrpc_servers import accepted

NAME = "xmlrpc+https://mx/"
MAIL = MailObject(parse(b""), envelope=Envelope("me@x", ["a@x", "b@x"]), message_id="<1@x>")


def answered(
    body: object = b"",
    status: int = 200,
    reason: str = "",
    headers: dict[str, str] | None = None,
    *,
    early: bool = False,
) -> Response:
    """An answer; *body* is what a call returned, unless it is octets."""
    octets = body if isinstance(body, bytes) else dumps((body,), methodresponse=True).encode()  # type: ignore[arg-type]
    return Response(status, reason, headers or {}, octets, is_early=early)


def error_of(response: Response) -> Any:
    """The error for the one message of a call."""
    results = results_of(response, [MAIL], NAME)
    assert isinstance(results, list)
    [error] = results
    assert isinstance(error, CarteroError)
    return error


class TestStatus:
    """What a status code means. RFC 9110, section 15."""

    @pytest.mark.parametrize(
        ("status", "kind", "temporary", "ambiguous"),
        [
            pytest.param(204, SendingError, False, True, id="odd-204-no-content"),
            pytest.param(301, ConnectError, False, False, id="usual-301-moved"),
            pytest.param(400, SendingError, False, False, id="usual-400-bad-request"),
            pytest.param(401, AuthenticationFailed, False, False, id="usual-401-unauthorized"),
            pytest.param(403, AuthenticationFailed, False, False, id="usual-403-forbidden"),
            pytest.param(404, ConnectError, False, False, id="usual-404-not-found"),
            pytest.param(405, ConnectError, False, False, id="usual-405-no-post"),
            pytest.param(408, SendingError, True, False, id="odd-408-too-slow"),
            pytest.param(429, SendingError, True, False, id="usual-429-too-many"),
            pytest.param(500, SendingError, True, True, id="usual-500-broke"),
            pytest.param(501, ConnectError, False, False, id="odd-501-no-post"),
            pytest.param(502, SendingError, True, True, id="usual-502-bad-gateway"),
            pytest.param(503, SendingError, True, False, id="usual-503-busy"),
            pytest.param(504, SendingError, True, True, id="usual-504-gateway-time-out"),
            pytest.param(599, SendingError, True, True, id="hostile-599"),
        ],
    )
    def test_it_decides_what_is_raised(self, status: int, kind: Any, temporary: bool, ambiguous: bool) -> None:
        """By what can be done about it, and whether the message may be on its way."""
        error: Any = error_of(answered(status=status, reason="Because"))

        assert type(error) is kind
        assert (error.temporary, error.ambiguous) == (temporary, ambiguous)
        assert (error.sender, error.stage, error.message_id) == (NAME, "mail.send", "<1@x>")
        assert error.refused == (
            {} if ambiguous or kind is not SendingError else dict.fromkeys(["a@x", "b@x"], f"HTTP {status} Because")
        )

    def test_a_server_that_broke_before_it_had_all_sent_nothing(self) -> None:
        """RFC 9112, section 8: it had no whole request."""
        error = error_of(answered(status=500, early=True))

        assert (error.temporary, error.ambiguous) == (True, False)

    @pytest.mark.parametrize(
        ("said", "seconds"),
        [
            pytest.param("120", 120.0, id="usual-seconds"),
            pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", None, id="odd-date"),
            pytest.param("99999", None, id="hostile-long"),
            pytest.param("9" * 5_000, None, id="hostile-endless"),
            pytest.param("²", None, id="hostile-digit"),
        ],
    )
    def test_it_says_when_it_has_time(self, said: str, seconds: float | None) -> None:
        """RFC 9110, section 10.2.3."""
        assert error_of(answered(status=503, headers={"retry-after": said})).retry_after == seconds

    def test_a_redirection_is_told_and_not_followed(self) -> None:
        """Mail and token go where you said."""
        error = error_of(answered(status=308, headers={"location": "https://evil.test/\x1b"}))

        assert "it says that it is at https://evil.test/\\x1b" in str(error)

    def test_what_is_too_large_together_is_a_verdict(self) -> None:
        """Each may be small enough alone."""
        verdict = results_of(answered(status=413), [MAIL, MAIL], NAME)

        assert isinstance(verdict, Verdict)
        [error] = verdict.errors([MAIL], NAME)
        assert "larger than the server takes" in str(error)

    def test_a_traceback_that_is_sent_is_a_note(self) -> None:
        """The standard library's server sends one in a field, if it is made to."""
        error = error_of(answered(status=500, headers={"x-traceback": "Traceback: \x1b boom"}))

        assert error.__notes__ == ["on the other side:\nTraceback: \\x1b boom"]


class TestFault:
    """What a fault means."""

    @pytest.mark.parametrize(
        ("code", "kind", "temporary", "ambiguous"),
        [
            pytest.param(FaultCode.NOT_XML, SendingError, False, False, id="usual-not-xml"),
            pytest.param(FaultCode.NOT_A_CALL, SendingError, False, False, id="usual-not-a-call"),
            pytest.param(FaultCode.NO_SUCH_METHOD, ConnectError, False, False, id="usual-no-such-method"),
            pytest.param(FaultCode.BAD_PARAMETERS, SendingError, False, False, id="usual-bad-parameters"),
            pytest.param(FaultCode.BROKEN, SendingError, True, True, id="usual-broken"),
            pytest.param(FaultCode.UNAUTHORIZED, AuthenticationFailed, False, False, id="usual-unauthorized"),
            pytest.param(FaultCode.BUSY, SendingError, True, False, id="usual-busy"),
            pytest.param(1, SendingError, False, True, id="odd-of-the-standard-library"),
            pytest.param(-5, SendingError, False, True, id="odd-unknown"),
        ],
    )
    def test_it_decides_what_is_raised(self, code: int, kind: Any, temporary: bool, ambiguous: bool) -> None:
        """A code that nobody knows may be of a server that had sent some."""
        error: Any = error_of(answered(dumps(Fault(code, "no luck")).encode()))

        assert type(error) is kind
        assert (error.temporary, error.ambiguous, error.reply) == (temporary, ambiguous, "no luck")
        assert error.__cause__ is not None

    def test_too_large_is_a_verdict(self) -> None:
        """Each may be small enough alone."""
        fault = dumps(Fault(FaultCode.TOO_LARGE, "too much")).encode()

        assert isinstance(results_of(answered(fault), [MAIL, MAIL], NAME), Verdict)

    def test_a_traceback_in_it_is_a_note(self) -> None:
        """The error is one line, and the rest is there for who needs it."""
        error = error_of(answered(dumps(Fault(-32603, "boom\nTraceback:\n  \x85" + "x" * 9_000)).encode()))

        assert error.reply == "boom"
        assert error.__notes__[0].startswith("on the other side:\nboom\nTraceback:\n  \\x85xxx")
        assert len(error.__notes__[0]) < 8_300

    def test_it_may_say_nothing(self) -> None:
        """An empty text is a text."""
        assert error_of(answered(dumps(Fault(-32602, " ")).encode())).reply == ""


class TestResults:
    """What is said of each message."""

    def test_a_receipt_is_told_by_the_sender_here(self) -> None:
        """In the order of the envelope; a Message-ID made on the other side is known here."""
        struct = accepted("b@x", "a@x", message_id="<2@y>", sender="memory:", location="/box")

        results = results_of(answered([struct]), [MAIL], NAME)

        assert isinstance(results, list)
        [receipt] = results
        assert receipt == Receipt(
            {"a@x": Outcome(accepted=True), "b@x": Outcome(accepted=True)},
            message_id="<2@y>",
            sender=NAME,
            location="/box",
        )
        assert isinstance(receipt, Receipt)
        assert list(receipt.recipients) == ["a@x", "b@x"]

    def test_a_failure_is_told_by_the_sender_here(self) -> None:
        """Who failed on the other side is a note."""
        struct = {"error": {"kind": "ConnectError", "problem": "no route", "temporary": True}, "sender": "smtp://m\nx"}

        error = error_of(answered([struct]))

        assert type(error) is ConnectError
        assert (error.sender, error.message_id, error.temporary) == (NAME, "<1@x>", True)
        assert error.__notes__ == ["on the other side it was sent by smtp://m x"]

    def test_a_senderless_failure_has_no_note(self) -> None:
        """There is nothing to tell."""
        error = error_of(answered([{"error": {"kind": "SendingError", "problem": "no"}, "message_id": "<9@x>"}]))

        assert not hasattr(error, "__notes__")
        assert error.message_id == "<9@x>"

    def test_what_is_wrong_with_a_message_is_raised_as_it_is(self) -> None:
        """It was found there, and is to be fixed here."""
        error = error_of(answered([{"error": {"kind": "BadAddress", "problem": "no", "address": "a b"}}]))

        assert isinstance(error, BadAddress)
        assert error.address == "a b"

    def test_each_message_has_its_own(self) -> None:
        """In their order."""
        failed = {"error": {"problem": "no"}}

        results: list[Result] | Verdict = results_of(answered([failed, accepted("a@x", "b@x")]), [MAIL, MAIL], NAME)

        assert isinstance(results, list)
        assert [type(result) for result in results] == [SendingError, Receipt]

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            pytest.param(b"<html>", "no well-formed XML", id="usual-page"),
            pytest.param("ok", "expected a list of 1 results", id="usual-text"),
            pytest.param([], "expected a list of 1 results", id="odd-too-few"),
            pytest.param([{}, {}], "expected a list of 1 results", id="odd-too-many"),
            pytest.param([True], "result: expected a struct, found a boolean", id="odd-boolean"),
            pytest.param([{}], "result.recipients: expected at least one", id="odd-empty"),
            pytest.param([accepted("a@x")], "it is not about these recipients", id="hostile-too-few-recipients"),
            pytest.param([accepted("a@x", "c@x")], "it is not about these recipients", id="hostile-others"),
        ],
    )
    def test_what_cannot_be_read_is_ambiguous(self, body: object, problem: str) -> None:
        """The call was made; what it did, nobody knows."""
        error = error_of(answered(body))

        assert isinstance(error, SendingError)
        assert (error.ambiguous, error.temporary, error.refused) == (True, False, {})
        assert problem in str(error)
        assert error.__cause__ is not None


@pytest.mark.parametrize("is_whole", [True, False])
def test_without_an_answer_it_is_ambiguous_if_all_had_gone(is_whole: bool) -> None:
    """The line between what may be sent again at once and what may arrive twice."""
    cause = BrokenOffError("connection reset", is_whole=is_whole)

    [error] = verdict_of(cause).errors([MAIL], NAME, cause)

    assert isinstance(error, SendingError)
    assert (error.ambiguous, error.temporary) == (is_whole, True)
    assert bool(error.refused) is not is_whole
    assert error.__cause__ is cause
