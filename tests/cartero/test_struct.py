"""Messages, and what became of them, as plain structs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from xmlrpc.client import MAXINT, dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import (
    AuthenticationFailed,
    BadAddress,
    BadEnvelope,
    BadMessage,
    BadURL,
    CarteroError,
    ConnectError,
    Envelope,
    MemorySender,
    Outcome,
    Receipt,
    SendingError,
)
from cartero.struct import (
    FaultCode,
    failure_to_struct,
    from_struct,
    receipt_to_struct,
    result_from_struct,
    to_struct,
)
from mimekit import parse
from tests import strategies

ENVELOPE = Envelope("me@x.org", ["you@x.org", "ana@x.org"])
MAIL = b"From: me@x.org\r\nTo: you@x.org\r\n\r\nHi!"

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-MAXINT, MAXINT) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def over_the_wire(struct: object) -> Any:
    """*struct* as the standard library's XML-RPC carries it."""
    (read,), _ = loads(dumps((struct,)), use_builtin_types=True)  # type: ignore[arg-type]  # its stubs
    return read


class TestReadyMessage:
    """A struct with a message in it."""

    @given(strategies.octets(), strategies.envelopes())
    def test_message_and_envelope_come_back(self, octets: bytes, envelope: Envelope) -> None:
        """Octet for octet, whatever they are, and address for address, in every script."""
        message, given_envelope = from_struct(over_the_wire(to_struct(octets, envelope)))

        assert (bytes(message), given_envelope) == (octets, envelope)

    def test_it_goes_on_untouched(self) -> None:
        """A ready message with a given envelope is not changed; so a struct is what `send` takes."""
        message, envelope = from_struct(to_struct(MAIL, ENVELOPE))
        sender = MemorySender()

        sender.send(message, envelope=envelope)

        assert bytes(sender.outbox[0].message) == MAIL
        assert sender.outbox[0].envelope == ENVELOPE

    def test_without_an_envelope_the_message_says_who_gets_it(self) -> None:
        """Then it is treated as any ready message without an envelope is."""
        message, envelope = from_struct({"message": MAIL})

        assert (bytes(message), envelope) == (MAIL, None)

    def test_a_message_stands_alone(self) -> None:
        """Fields beside it would be lost."""
        with pytest.raises(BadMessage, match=r"^subject: no such key \(there are sender, recipients, message\)"):
            from_struct({"message": MAIL, "subject": "x"})

    def test_a_message_is_octets(self) -> None:
        """Text would have lost its charset, and its line ends on the way through XML."""
        with pytest.raises(BadMessage, match=r"^message: expected octets \(base64\), found text"):
            from_struct({"message": "Subject: x\n\n"})


class TestEnvelope:
    """Sender and recipients."""

    @pytest.mark.parametrize(
        ("fields", "kind", "problem"),
        [
            pytest.param(
                {"sender": "a@x"}, BadEnvelope, "^recipients: expected beside sender", id="usual-sender-alone"
            ),
            pytest.param({"recipients": ["a@x"]}, BadEnvelope, "^sender: expected beside", id="usual-recipients-alone"),
            pytest.param({"sender": "a@x", "recipients": []}, BadEnvelope, "^recipients: expected at", id="odd-nobody"),
            pytest.param({"sender": 3, "recipients": ["a@x"]}, BadMessage, "^sender: expected text", id="odd-number"),
            pytest.param(
                {"sender": "", "recipients": [3]}, BadMessage, r"^recipients\[0\]: expected", id="odd-numbers"
            ),
            pytest.param(
                {"sender": "", "recipients": ["a@x", "b@x>\r\nRCPT TO:<evil"]},
                BadAddress,
                r"^recipients: .*'b@x>\\r\\n",
                id="hostile-line-end",
            ),
            pytest.param({"sender": "a b", "recipients": ["a@x"]}, BadAddress, "^sender: .*'a b'", id="hostile-space"),
        ],
    )
    def test_what_is_wrong_names_the_key(self, fields: dict[str, Any], kind: type[CarteroError], problem: str) -> None:
        """Junk is refused before anything is sent."""
        with pytest.raises(kind, match=problem):
            from_struct({"message": MAIL, **fields})


@given(plain)
def test_no_plain_value_raises_anything_else(value: Any) -> None:
    """What comes over the wire is anything at all."""
    for read in (from_struct, result_from_struct):
        with pytest.raises((BadMessage, BadEnvelope)):
            read(value)


class TestReceipts:
    """What became of a message, there and back."""

    @given(strategies.receipts())
    def test_a_receipt_comes_back(self, receipt: Receipt) -> None:
        """With every outcome, in the order of the envelope, whatever the replies hold."""
        again = result_from_struct(over_the_wire(receipt_to_struct(receipt)))

        assert again == receipt
        assert isinstance(again, Receipt)
        assert list(again.recipients) == list(receipt.recipients)

    def test_its_struct_is_plain(self) -> None:
        """As a program in any language reads it."""
        receipt = Receipt({"a@x": Outcome(accepted=True, reply="ok", code=250)}, message_id="<1@x>", sender="memory:")

        assert receipt_to_struct(receipt) == {
            "recipients": [{"address": "a@x", "accepted": True, "temporary": False, "code": 250, "reply": "ok"}],
            "message_id": "<1@x>",
            "sender": "memory:",
        }

    def test_values_of_other_types_are_made_plain(self) -> None:
        """The standard library marshals neither the value of a field nor a number that has a name."""
        message_id = parse(b"Message-ID: <1@x>")["Message-ID"]
        outcome = Outcome(accepted=True, code=HTTPStatus.OK)

        struct = receipt_to_struct(Receipt({"a@x": outcome}, message_id=message_id or ""))

        assert over_the_wire(struct)["message_id"] == "<1@x>"

    def test_a_receipt_for_nobody_is_an_error(self) -> None:
        """There is a receipt only where at least one recipient was accepted."""
        refused = {"address": "a@x", "accepted": False, "reply": "busy", "temporary": True}

        error = result_from_struct({"recipients": [refused], "message_id": "<1@x>"})

        assert isinstance(error, SendingError)
        assert (error.refused, error.temporary, error.message_id) == ({"a@x": "busy"}, True, "<1@x>")

    def test_it_is_temporary_if_it_is_so_for_one(self) -> None:
        """As over SMTP: what is sent again may succeed, for that one."""
        refusals = [{"address": who, "accepted": False, "temporary": who == "b@x"} for who in ("a@x", "b@x")]

        error = result_from_struct({"recipients": refusals})

        assert isinstance(error, SendingError)
        assert error.temporary

    @pytest.mark.parametrize(
        ("struct", "problem"),
        [
            pytest.param([], "^result: expected a struct, found a list", id="usual-list"),
            pytest.param({}, "^result.recipients: expected at least one, found nothing", id="usual-nothing"),
            pytest.param({"ok": True}, "^result.ok: no such key", id="usual-unknown-key"),
            pytest.param({"recipients": ["a@x"]}, r"^result.recipients\[0\]: expected a struct", id="usual-addresses"),
            pytest.param({"recipients": [{}]}, "expected each recipient, once, found ''", id="odd-no-address"),
            pytest.param({"recipients": [{"address": "a"}] * 2}, r"\[1\].address: .* once, found 'a'", id="odd-twice"),
            pytest.param({"error": "no"}, "^result.error: expected a struct", id="odd-error"),
            pytest.param({"error": {"code": "550"}}, "^result.error.code: expected an integer", id="odd-code"),
        ],
    )
    def test_what_is_wrong_names_the_key(self, struct: Any, problem: str) -> None:
        """A server is not trusted either."""
        with pytest.raises(BadMessage, match=problem):
            result_from_struct(struct)


def facts(error: CarteroError) -> dict[str, object]:
    """All that *error* knows but for whom it was accepted, which follows from `recipients`."""
    return {name: value for name, value in vars(error).items() if name not in {"accepted", "refused"}}


class TestFailures:
    """What went wrong, there and back."""

    @given(strategies.failures())
    def test_a_failure_comes_back(self, error: CarteroError) -> None:
        """Its kind, its text, and all its facts."""
        again = result_from_struct(over_the_wire(failure_to_struct(error)))

        assert isinstance(again, CarteroError)
        assert (type(again), again.args, facts(again)) == (type(error), error.args, facts(error))

    def test_accepted_and_refused_come_back(self) -> None:
        """The reasons are the replies, and what is temporary of the whole is so for each."""
        error = SendingError("no", accepted=["a@x"], refused={"b@x": "busy"}, temporary=True)

        again = result_from_struct(failure_to_struct(error))

        assert isinstance(again, SendingError)
        assert (again.accepted, again.refused) == (("a@x",), {"b@x": "busy"})
        assert again.recipients["b@x"] == Outcome(accepted=False, reply="busy", temporary=True)

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            pytest.param(AuthenticationFailed("x"), AuthenticationFailed, id="usual-leaf"),
            pytest.param(type("Mine", (ConnectError,), {})("x"), ConnectError, id="odd-a-kind-of-ones-own"),
            pytest.param(BadURL("x"), SendingError, id="odd-no-kind-of-message"),
            pytest.param(CarteroError(), SendingError, id="odd-nothing-said"),
        ],
    )
    def test_the_kind_is_the_nearest_there_is(self, error: CarteroError, kind: type[CarteroError]) -> None:
        """What the other side catches says what it can do."""
        assert type(result_from_struct(failure_to_struct(error))) is kind

    def test_a_kind_that_is_not_known_is_a_sending_error(self) -> None:
        """A newer server has more kinds."""
        error = result_from_struct({"error": {"kind": "Overslept", "problem": "too late", "temporary": True}})

        assert isinstance(error, SendingError)
        assert error.temporary

    def test_a_traceback_is_a_note(self) -> None:
        """Shown below the error, with nothing in it that a terminal obeys."""
        error = result_from_struct(failure_to_struct(SendingError("no"), traceback="Traceback:\n  \x1b[2J"))

        assert isinstance(error, SendingError)
        assert error.__notes__ == ["on the other side:\nTraceback:\n  \\x1b[2J"]


def test_fault_codes_are_numbers_xml_rpc_carries() -> None:
    """The same on both sides."""
    codes = [code for name, code in vars(FaultCode).items() if name.isupper()]

    assert over_the_wire(codes) == codes
    assert len(set(codes)) == 8
