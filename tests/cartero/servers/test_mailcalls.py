"""What a call of ``mail.send`` does."""

from __future__ import annotations

import asyncio
from typing import Any
from xmlrpc.client import dumps, loads

import pytest

from cartero import Cancelled, Envelope, MemorySender, Outcome, Receipt, SendingError
from cartero.servers import Delivery, ServerLimits, _refusals
from cartero.servers._gauge import Gauge
from cartero.servers._mailcalls import Call, MailCalls
from cartero.servers._refusals import Refusal, RefusedError
from mimekit import MIMEMessage
from tests.xmlrpc_clients import MAIL, STRUCT
from tests.xmlrpc_clients import call as written

_FIELDS = {"from": "me@x.org", "to": "you@x.org", "bcc": "hid@x.org", "subject": "Hé", "text": "Hi!"}


def answered(to: Any, *structs: Any, octets: bytes = b"", **limits: Any) -> Any:
    """What is answered to a call with *structs*, or in these *octets*."""
    gauge = Gauge(ServerLimits(**limits))
    loop = asyncio.new_event_loop()
    loop.close()
    calls = MailCalls(Delivery(to), gauge, own_name="mx.x.org", protocol="HTTP", loop=loop)
    call = Call()
    call.feed(octets or written(*structs))
    return loads(calls.answer(call, host="192.0.2.1"), use_builtin_types=True)[0][0]


class TestMessages:
    """What goes on."""

    def test_a_ready_one_goes_untouched_behind_its_trace(self) -> None:
        """RFC 5321, section 4.4; and ``HTTP`` is in the registry of with-protocol types."""
        sender = MemorySender()

        answered(sender, STRUCT)

        [mail] = sender.outbox
        octets = bytes(mail.message)
        assert octets.endswith(MAIL)
        assert octets.startswith(b"Received: from unknown ([192.0.2.1])\r\n\tby mx.x.org with HTTP id ")
        assert b"\r\n\tfor <you@x.org>;" in octets
        assert mail.envelope == Envelope("me@x.org", ["you@x.org"])

    def test_its_line_ends_stay_all_alike(self) -> None:
        """What has LF everywhere has no CRLF in front."""
        sender = MemorySender()

        answered(sender, {**STRUCT, "message": MAIL.replace(b"\r\n", b"\n")})

        assert b"\r" not in bytes(sender.outbox[0].message)

    @pytest.mark.parametrize("message", [b"", b"\n", b"x", b"\r\n"], ids=repr)
    def test_there_may_be_nothing_in_it(self, message: bytes) -> None:
        """Octets are octets."""
        sender = MemorySender()

        answered(sender, {**STRUCT, "message": message})

        assert bytes(sender.outbox[0].message).endswith(message)

    def test_several_recipients_do_not_see_each_other(self) -> None:
        """RFC 5321, section 7.2: the trace would tell of who got a blind copy."""
        sender = MemorySender()

        answered(sender, {**STRUCT, "recipients": ["you@x.org", "hid@x.org"]})

        assert b"hid@" not in bytes(sender.outbox[0].message)

    def test_fields_become_a_message(self) -> None:
        """With what every message has, and without its Bcc."""
        sender = MemorySender()

        [result] = answered(sender, _FIELDS)

        [mail] = sender.outbox
        assert mail.envelope.recipients == ("you@x.org", "hid@x.org")
        assert "Bcc" not in mail.message
        assert "Date" in mail.message
        assert mail.message["Message-ID"] == result["message_id"]

    def test_a_ready_one_without_an_envelope_is_as_a_sender_has_it(self) -> None:
        """It says itself who gets it, and its Bcc goes."""
        sender = MemorySender()

        answered(sender, {"message": b"Bcc: hid@x.org\r\n" + MAIL})

        [mail] = sender.outbox
        assert mail.envelope.recipients == ("you@x.org", "hid@x.org")
        assert "Bcc" not in mail.message


class TestResults:
    """What is answered of each message."""

    def test_it_says_what_became_of_each_recipient(self) -> None:
        """In the order of the envelope, and of no others."""
        accepted, refused = Outcome(accepted=True, reply="ok"), Outcome(accepted=False, reply="no", code=550)

        def to(_envelope: Envelope, _message: MIMEMessage) -> Receipt:
            return Receipt({"b@x": refused, "c@x": accepted, "a@x": accepted}, message_id="<2@x>", location="here")

        [result] = answered(to, {**STRUCT, "recipients": ["a@x", "b@x"]})

        assert [(each["address"], each["accepted"], each.get("code")) for each in result["recipients"]] == [
            ("a@x", True, None),
            ("b@x", False, 550),
        ]
        assert (result["message_id"], result["location"]) == ("<2@x>", "here")

    def test_what_fails_is_told_beside_what_does_not(self) -> None:
        """One result each."""
        sender = MemorySender()

        results = answered(sender, STRUCT, "nonsense", {**STRUCT, "recipients": []}, {"x": 1}, STRUCT)

        assert [result.get("error", {}).get("kind") for result in results] == [
            None,
            "BadMessage",
            "BadEnvelope",
            "BadMessage",
            None,
        ]
        assert len(sender.outbox) == 2

    def test_a_function_need_not_know_the_message_id(self) -> None:
        """What was composed here has one, and the client is told."""
        [result] = answered(lambda *_: None, _FIELDS)

        assert result["message_id"].endswith("@x.org>")

    def test_errors_of_the_sender_are_told_as_they_are(self) -> None:
        """With all that is known."""

        def to(_envelope: Envelope, _message: MIMEMessage) -> None:
            raise SendingError("full", code=452, enhanced="4.2.2", reply="later", temporary=True, sender="smtp://x")

        [result] = answered(to, _FIELDS)

        error = result["error"]
        assert (error["problem"], error["code"], error["temporary"]) == ("full", 452, True)
        assert result["message_id"].endswith("@x.org>")

    def test_errors_without_facts_are_told_too(self) -> None:
        """A hook says no."""

        def to(_envelope: Envelope, _message: MIMEMessage) -> None:
            raise Cancelled("not today")

        [result] = answered(to, STRUCT)

        assert result == {"error": {"kind": "Cancelled", "problem": "not today"}}

    def test_what_else_goes_wrong_is_not_told(self, caplog: pytest.LogCaptureFixture) -> None:
        """The text of an exception may hold anything."""

        def to(_envelope: Envelope, _message: MIMEMessage) -> None:
            raise KeyError("s3cret")

        [result] = answered(to, STRUCT)

        assert result["error"]["temporary"]
        assert "s3cret" not in str(result)
        assert "s3cret" in caplog.text

    def test_what_cannot_be_read_is_not_told(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor where it is in the message; and the others are taken."""
        monkeypatch.setattr("cartero.servers._mailcalls.prepare", lambda *_, **__: 1 / 0)

        results = answered(MemorySender(), _FIELDS, STRUCT)

        assert results[0] == {"error": {"kind": "BadMessage", "problem": "the message cannot be read"}}
        assert "error" not in results[1]
        assert "ZeroDivisionError" in caplog.text

    def test_a_loop_is_ended(self) -> None:
        """RFC 5321, section 6.3."""
        message = b"Received: x\r\n" * 101 + MAIL

        [result] = answered(MemorySender(), {**STRUCT, "message": message})

        assert (result["error"]["code"], result["error"]["enhanced"]) == (554, "5.4.6")


class TestLimits:
    """What is beyond them is refused, message by message."""

    @pytest.mark.parametrize(
        ("limits", "code", "temporary"),
        [
            pytest.param({"size": len(MAIL) - 1}, 552, False, id="usual-size"),
            pytest.param({"recipients": 1}, 550, False, id="usual-recipients"),
        ],
    )
    def test_a_message_is_refused(self, limits: dict[str, Any], code: int, temporary: bool) -> None:
        """For good: the same will be as large tomorrow."""
        sender = MemorySender()

        [result] = answered(sender, {**STRUCT, "recipients": ["a@x.org", "b@x.org"]}, **limits)

        assert (result["error"]["code"], result["error"]["temporary"]) == (code, temporary)
        assert not any(each["accepted"] for each in result["recipients"])
        assert sender.outbox == []

    def test_a_host_may_begin_so_many(self) -> None:
        """The others are for later."""
        results = answered(MemorySender(), *[STRUCT] * 4, rate=0.05)

        assert ["error" in result for result in results] == [False, False, False, True]
        assert results[3]["error"]["temporary"]
        assert results[3]["error"]["retry_after"] == 20


class TestCalls:
    """What is called, and how."""

    def test_the_methods_are_listed(self) -> None:
        """As others do."""
        assert answered(MemorySender(), octets=dumps((), "system.listMethods").encode()) == [
            "mail.send",
            "system.listMethods",
        ]

    def test_no_messages_have_no_results(self) -> None:
        """It is a list all the same."""
        assert answered(MemorySender()) == []

    @pytest.mark.parametrize(
        ("octets", "refusal"),
        [
            pytest.param(b"", _refusals.NOT_XML, id="usual-nothing"),
            pytest.param(b"<methodCall>", _refusals.NOT_XML, id="usual-cut-off"),
            pytest.param(b"<html/>", _refusals.NOT_A_CALL, id="usual-page"),
            pytest.param(dumps(([],), methodresponse=True).encode(), _refusals.NOT_A_CALL, id="odd-answer"),
            pytest.param(
                b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value>"
                b"</member><member><name>faultString</name><value>x</value></member></struct></value></fault>"
                b"</methodResponse>",
                _refusals.NOT_A_CALL,
                id="odd-fault",
            ),
            pytest.param(dumps((), "mail.receive").encode(), _refusals.NO_SUCH_METHOD, id="usual-method"),
            pytest.param(dumps((), "mail.send").encode(), _refusals.NO_LIST, id="usual-no-parameter"),
            pytest.param(dumps(({},), "mail.send").encode(), _refusals.NO_LIST, id="usual-no-list"),
            pytest.param(dumps(([], []), "mail.send").encode(), _refusals.NO_LIST, id="usual-two-lists"),
            pytest.param(dumps((1,), "system.listMethods").encode(), _refusals.NO_PARAMETERS, id="odd-parameter"),
            pytest.param(written(*[1] * 1_001), _refusals.TOO_MANY, id="hostile-many"),
            pytest.param(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", _refusals.NOT_XML, id="hostile-bomb"),
        ],
    )
    def test_what_is_none_is_refused(self, octets: bytes, refusal: Refusal) -> None:
        """By the specification of fault codes."""
        with pytest.raises(RefusedError) as caught:
            answered(MemorySender(), octets=octets or b" ")

        assert caught.value.refusal == refusal

    def test_what_comes_behind_garbage_is_not_looked_at(self) -> None:
        """The first mistake is the one."""
        call = Call()
        for octets in (b"<a", b"<b", written()):
            call.feed(octets)

        with pytest.raises(RefusedError):
            call.read()


def test_odd_text_comes_back_as_octets() -> None:
    """XML has no control characters; whoever reads a result knows."""

    def to(_envelope: Envelope, _message: MIMEMessage) -> None:
        raise SendingError("no", reply="\x07")

    [result] = answered(to, STRUCT)

    assert result["error"]["reply"] == b"\x07"
