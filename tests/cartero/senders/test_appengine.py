"""Mail through the SDK's own mail stub, as it goes over the API.

What the stub keeps has its binary files changed, so it is not looked at.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cartero
from cartero import AppEngineSender, BadMessage, ConnectError, Envelope, SendingError
from mimekit import MIMEMessage

ROOT = Path(__file__).parents[3]
MAIL = b"From: me@x.org\r\nTo: you@x.org\r\nSubject: Hi\r\n\r\nHi!\r\n"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's, for many things, and only here: the stubs import most of it
    from google.appengine.api import apiproxy_stub_map, mail, mail_errors, mail_service_pb2
    from google.appengine.ext import testbed
    from google.appengine.runtime import apiproxy_errors


@pytest.fixture
def wire() -> Iterator[list[Any]]:
    """What goes over the API, while there is one."""
    calls: list[Any] = []

    def note(service: str, call: str, request: Any, _response: Any) -> None:
        assert (service, call) == ("mail", "Send")
        calls.append(mail_service_pb2.MailMessage.FromString(request.SerializeToString()))

    bed = testbed.Testbed()
    bed.activate()
    try:
        bed.init_mail_stub()
        apiproxy_stub_map.apiproxy.GetPreCallHooks().Append("note", note)
        yield calls
    finally:
        bed.deactivate()


@pytest.fixture
def failing(wire: list[Any]) -> Any:
    """A function that makes the next calls fail."""
    assert wire == []

    def fail(error: Exception) -> None:
        def refuse(*_call: object) -> None:
            raise error

        apiproxy_stub_map.apiproxy.GetPreCallHooks().Append("refuse", refuse)

    return fail


class TestSending:
    def test_a_rich_message_arrives_whole(self, wire: list[Any]) -> None:
        """Text, page, image and file, octet for octet, and characters of every script."""
        message = MIMEMessage()
        message["From"], message["To"] = "Ana Ávila <ana@x.org>", "bo@x.org, Zoë <zoe@bücher.example>"
        message["Cc"], message["Bcc"] = "cy@x.org", "di@x.org"
        message["Reply-To"], message["Subject"] = "Büro <desk@x.org>", "Grüße 世界"
        message["References"] = "<1@x.org>"
        message.set_content("Schöne Grüße\n")
        message.add_alternative("<p>Schöne Grüße <img src='cid:logo'></p>", subtype="html")
        message.embed(bytes(range(256)), "image", "png", cid="logo")
        message.add_attachment(bytes(range(256)) * 4, "application", "octet-stream", filename="März 世界.bin")

        receipt = cartero.connect("gae:").send(message)

        [sent] = wire
        assert sent.Sender == "=?utf-8?q?Ana_=C3=81vila?= <ana@x.org>"
        assert list(sent.To) == ["bo@x.org", "=?utf-8?q?Zo=C3=AB?= <zoe@xn--bcher-kva.example>"]
        assert (list(sent.Cc), list(sent.Bcc)) == (["cy@x.org"], ["di@x.org"])
        assert (sent.ReplyTo, sent.Subject) == ("=?utf-8?b?QsO8cm8=?= <desk@x.org>", "Grüße 世界")
        assert [(header.name, header.value) for header in sent.Header] == [("References", "<1@x.org>")]
        assert (sent.TextBody, sent.HtmlBody) == ("Schöne Grüße\n", "<p>Schöne Grüße <img src='cid:logo'></p>")
        assert [(file.FileName, file.Data, file.ContentID) for file in sent.Attachment] == [
            ("image1.png", bytes(range(256)), "<logo>"),
            ("März 世界.bin", bytes(range(256)) * 4, ""),
        ]
        assert receipt.accepted == ("bo@x.org", "zoe@xn--bcher-kva.example", "cy@x.org", "di@x.org")

    def test_the_receipt_has_no_message_id(self, wire: list[Any]) -> None:
        """The API writes one of its own, and does not say which."""
        receipt = AppEngineSender().send(MAIL)

        assert (receipt.message_id, receipt.sender, receipt.accepted) == ("", "gae:", ("you@x.org",))
        assert len(wire) == 1

    def test_two_files_are_two_files(self, wire: list[Any]) -> None:
        """The SDK takes two of anything for a name and its content, if they are texts."""
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"
        for name in ("a.txt", "b.txt"):
            message.add_attachment("text", filename=name)

        AppEngineSender().send(message)

        assert [file.FileName for file in wire[0].Attachment] == ["a.txt", "b.txt"]

    def test_many_go_one_by_one(self, wire: list[Any]) -> None:
        """The SDK is imported once."""
        receipts = list(AppEngineSender().send_all([MAIL, (MAIL, Envelope("me@x.org", ["you@x.org", "bo@x.org"]))]))

        assert [receipt.accepted for receipt in receipts] == [("you@x.org",), ("you@x.org", "bo@x.org")]
        assert [list(sent.Bcc) for sent in wire] == [[], ["bo@x.org"]]

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"X-Tag: a\r\n" + MAIL, id="usual-field"),
            pytest.param("To: jörg@x.org\r\nFrom: me@x.org\r\n\r\n".encode(), id="odd-smtputf8"),
        ],
    )
    def test_what_cannot_be_carried_is_not_sent(self, wire: list[Any], octets: bytes) -> None:
        """Not even without it."""
        with pytest.raises(BadMessage):
            AppEngineSender().send(octets)
        assert wire == []


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "temporary", "ambiguous"),
        [
            pytest.param(apiproxy_errors.OverQuotaError(), True, False, id="usual-quota"),
            pytest.param(apiproxy_errors.CapabilityDisabledError(), True, False, id="usual-maintenance"),
            pytest.param(apiproxy_errors.FeatureNotEnabledError(), False, False, id="usual-not-enabled"),
            pytest.param(apiproxy_errors.RequestTooLargeError(), False, False, id="usual-too-large"),
            pytest.param(apiproxy_errors.DeadlineExceededError(), True, True, id="usual-no-answer"),
            pytest.param(apiproxy_errors.RPCFailedError(), True, True, id="odd-connection"),
            pytest.param(apiproxy_errors.CancelledError(), True, True, id="odd-cancelled"),
            pytest.param(apiproxy_errors.CallNotFoundError(), False, False, id="odd-no-such-call"),
        ],
    )
    def test_what_the_call_raises(self, failing: Any, error: Exception, *, temporary: bool, ambiguous: bool) -> None:
        """Later it may work, or not; and whoever cannot know whether it was sent says so."""
        failing(error)

        with pytest.raises(SendingError, match=type(error).__name__) as caught:
            AppEngineSender().send(MAIL)

        failure = caught.value
        assert (failure.sender, failure.stage) == ("gae:", "send")
        assert (failure.temporary, failure.ambiguous) == (temporary, ambiguous)
        assert set(failure.refused) == (set() if ambiguous else {"you@x.org"})
        assert failure.__cause__ is error

    @pytest.mark.parametrize(
        ("code", "kind", "temporary"),
        [
            pytest.param("BAD_REQUEST", "BadRequestError", False, id="usual-bad"),
            pytest.param("UNAUTHORIZED_SENDER", "InvalidSenderError", False, id="usual-sender"),
            pytest.param("INVALID_ATTACHMENT_TYPE", "InvalidAttachmentTypeError", False, id="odd-file"),
            pytest.param("INVALID_HEADER_NAME", "InvalidHeaderNameError", False, id="odd-header"),
            pytest.param("INVALID_CONTENT_ID", "ApplicationError", False, id="odd-content-id"),
            pytest.param("INTERNAL_ERROR", "ApplicationError", True, id="odd-internal"),
        ],
    )
    def test_what_the_service_answers(self, failing: Any, code: str, kind: str, *, temporary: bool) -> None:
        """An error of its own may have come before or behind the sending; the others are for good."""
        number = getattr(mail_service_pb2.MailServiceError, code)
        failing(apiproxy_errors.ApplicationError(number, "not this"))

        with pytest.raises(SendingError, match=rf"{kind}.* \(send, gae:\): .*not this") as caught:
            AppEngineSender().send(MAIL)

        assert (caught.value.temporary, caught.value.ambiguous) == (temporary, temporary)

    def test_a_sender_who_may_not_is_told_what_to_do(self, failing: Any) -> None:
        """The setting is far from the program."""
        failing(apiproxy_errors.ApplicationError(mail_service_pb2.MailServiceError.UNAUTHORIZED_SENDER, "no"))

        with pytest.raises(SendingError, match="only an address that is authorised in the settings") as caught:
            AppEngineSender().send(MAIL)
        assert isinstance(caught.value.__cause__, mail_errors.InvalidSenderError)

    def test_what_is_too_large_all_in_all_is_for_good(self, wire: list[Any]) -> None:
        """The fields count too; the stub has the API's limit."""
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"

        with pytest.raises(SendingError, match="RequestTooLargeError") as caught:
            AppEngineSender().send(message.set_content("x" * (32 << 20)))

        assert not caught.value.temporary
        assert len(wire) == 1

    def test_a_program_without_a_ticket_cannot_call(self, failing: Any) -> None:
        """Nothing was sent."""
        failing(apiproxy_errors.RpcAuthorityError("no API_HOST"))

        with pytest.raises(ConnectError, match="RpcAuthorityError: no API_HOST"):
            AppEngineSender().send(MAIL)

    def test_elsewhere_there_is_no_api(self) -> None:
        """The text says what makes one."""
        with pytest.raises(ConnectError, match="there is no mail API here; on App Engine it takes") as caught:
            AppEngineSender().send(MAIL)

        assert (caught.value.stage, caught.value.temporary) == ("open", False)

    def test_the_sdk_is_not_left_to_send_over_smtp(self, wire: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """It looks at no certificate."""
        monkeypatch.setenv("APPENGINE_USE_SMTP_MAIL_SERVICE", "true")

        with pytest.raises(ConnectError, match="send by an SMTP sender instead"):
            AppEngineSender().send(MAIL)
        assert wire == []

    def test_a_missing_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says what to install."""
        monkeypatch.setitem(sys.modules, "google.appengine.api", None)

        with pytest.raises(ConnectError, match=r"pip install 'cartero-mail\[appengine\]'"):
            AppEngineSender().send(MAIL)


def test_the_sdk_warns_nobody_of_its_imports() -> None:
    """A program that makes errors of warnings, as these tests do, can send."""
    script = (
        "import cartero, sys; sender = cartero.connect('gae:'); assert 'google.appengine' not in sys.modules\n"
        f"try: sender.send({MAIL!r})\n"
        "except cartero.ConnectError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("cannot send by App Engine: there is no mail API here")
    assert done.stderr == ""


def test_the_endings_that_are_refused_are_the_sdks(wire: list[Any]) -> None:
    """Not a list of our own, which would grow old."""
    assert "vbs" in mail.EXTENSION_BLACKLIST
    message = MIMEMessage()
    message["From"], message["To"] = "me@x.org", "you@x.org"
    message.add_attachment("x", filename="a.VBS")

    with pytest.raises(BadMessage, match=r"'a\.VBS'"):
        AppEngineSender().send(message)
    assert wire == []
