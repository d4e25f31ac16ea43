"""Mail by XML-RPC, over both wires: what is not said here of one is so of both."""

from __future__ import annotations

import asyncio
import mailbox
import os
import socket
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings

from cartero import (
    TLS,
    AuthenticationFailed,
    BadEnvelope,
    BadMessage,
    Cancelled,
    CarteroError,
    ConnectError,
    Envelope,
    MailboxSender,
    MailObject,
    MemorySender,
    Receipt,
    SendingError,
    XMLRPCSender,
    connect,
)
from cartero.aio import AsyncXMLRPCSender
from cartero.senders.base import Enveloped, OnFailure
from cartero.struct import FaultCode
from mimekit import FileManager, parse
from tests import strategies
from tests.certificates import AUTHORITY
from tests.mailservers import SECURE
from tests.peer import reset
from tests.rich_mail import RICH, rich_message, told
from tests.xmlrpc_servers import (
    Answer,
    Early,
    ScriptedServer,
    accepted,
    answer_and_close,
    fault,
    mail_server,
    response,
    results,
)

MAIL = b"From: me@x.org\r\nTo: you@x.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nHi!\r\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org"])


class Awaited:
    """A sender that awaits, driven as one that blocks is."""

    def __init__(self, url: str, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.sender = AsyncXMLRPCSender(url, **options)

    def send(self, message: Any, *, envelope: Envelope | None = None) -> Receipt:
        """As `Sender.send`."""
        return self.runner.run(self.sender.send(message, envelope=envelope))

    def send_all(self, messages: Iterable[Enveloped], *, on_failure: OnFailure | None = None) -> Iterator[Receipt]:
        """As `Sender.send_all`."""
        receipts = self.sender.send_all(messages, on_failure=on_failure)
        try:
            while True:
                yield self.runner.run(anext(receipts))  # type: ignore[arg-type]  # it takes what can be awaited
        except StopAsyncIteration:
            return
        finally:
            self.runner.run(receipts.aclose())  # type: ignore[attr-defined]  # a generator

    def __enter__(self) -> Self:
        self.runner.run(self.sender.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self.runner.run(self.sender.__aexit__(*error))  # type: ignore[arg-type]  # what it is called with

    def wait(self, seconds: float) -> None:
        """Let the loop see what comes meanwhile."""
        self.runner.run(asyncio.sleep(seconds))


class Blocking:
    """A sender that blocks, under the same names."""

    def __init__(self, url: str, **options: Any) -> None:
        self.sender = XMLRPCSender(url, **options)
        self.send = self.sender.send
        self.send_all = self.sender.send_all

    def __enter__(self) -> Self:
        self.sender.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.sender.__exit__(*error)  # type: ignore[arg-type]  # what it is called with

    def wait(self, seconds: float) -> None:
        """Let something come meanwhile."""
        time.sleep(seconds)


Either = Blocking | Awaited
Make = Callable[..., Either]


@pytest.fixture(params=["blocking", "awaiting"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes a sender to the server at an address."""
    made: list[Either] = []

    def sender(address: str, *, scheme: str = "http", **options: Any) -> Either:
        kind = Blocking if request.param == "blocking" else Awaited
        made.append(kind(f"{scheme}://{address}/RPC2", **{"answer_timeout": 20, **options}))
        return made[-1]

    yield sender
    for each in made:
        if isinstance(each, Awaited):
            each.runner.close()


class TestSending:
    """Messages that arrive."""

    @pytest.mark.parametrize("http", ["1.0", "1.1"])
    def test_a_rich_message_arrives_in_a_maildir(self, make: Make, tmp_path: Path, http: str) -> None:
        """Sent on by another sender behind a server of the standard library's, and read by its `mailbox`."""
        with mail_server(MailboxSender(tmp_path / "box"), http=http) as address:
            receipt = make(address).send(rich_message())

        [read] = mailbox.Maildir(tmp_path / "box", factory=None, create=False)
        assert receipt.accepted == ("you@example.org", "hid@example.org")
        assert receipt.sender == f"xmlrpc+http://{address}/RPC2"
        assert receipt.location.startswith(str(tmp_path))
        assert read["Message-ID"] == receipt.message_id
        assert told(read.as_bytes()) == RICH

    def test_a_ready_message_goes_octet_for_octet(self, make: Make) -> None:
        """Whatever it holds: XML never sees it."""
        octets = b"Subject: \xff\x00\x1b]]>\r\n\r\nlone \r and \n" + bytes(range(256))
        road = MemorySender()
        with mail_server(road) as address:
            make(address).send(octets, envelope=ENVELOPE)

        assert bytes(road.outbox[0].message) == octets
        assert road.outbox[0].envelope == ENVELOPE

    def test_25_megabytes_arrive(self, make: Make) -> None:
        """And are never in memory a second time here."""
        octets = MAIL + b"x" * 25_000_000
        with ScriptedServer([[results(accepted("you@x.org"))]]) as server:
            sender = make(server.address)
            tracemalloc.start()
            try:
                sender.send(octets, envelope=ENVELOPE)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()

        # what the server in the same process holds is twice that of the wire
        assert len(server.requests[0]) > 33_000_000
        assert peak < 2 * len(server.requests[0]) + 5_000_000

    def test_the_server_refuses_what_it_refuses(self, make: Make) -> None:
        """What its sender raises is raised here."""

        def refuse(_mail: MailObject) -> MailObject:
            raise Cancelled("not on Sundays")

        road = MemorySender()
        road.before_send.append(refuse)
        with mail_server(road) as address, pytest.raises(Cancelled, match="not on Sundays"):
            make(address).send(MAIL)

    def test_hooks_are_told(self, make: Make) -> None:
        """As with every sender."""
        told: list[object] = []
        with ScriptedServer([[fault(1, "no"), results(accepted("you@x.org"))]]) as server:
            sender = make(server.address)
            sender.sender.after_send.append(lambda _mail, result: told.append(result))
            with sender:
                with pytest.raises(SendingError):
                    sender.send(MAIL)
                receipt = sender.send(MAIL)

        assert [type(result) for result in told] == [SendingError, Receipt]
        assert told[1] == receipt

    def test_it_asks_as_http_wants_it(self, make: Make) -> None:
        """RFC 9112, section 3.2: a Host field; and what the specification of XML-RPC requires."""
        with ScriptedServer([[results(accepted("you@x.org"))]]) as server:
            make(server.address, token="s3cret").send(MAIL)

        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.split(b"\r\n") == [
            b"POST /RPC2 HTTP/1.1",
            b"Host: " + server.address.encode(),
            b"User-Agent: cartero",
            b"Content-Type: text/xml",
            b"Accept: text/xml",
            b"Accept-Encoding: identity",
            b"Authorization: Bearer s3cret",
            b"Content-Length: %d" % len(body),
        ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(octets=strategies.octets(), envelope=strategies.envelopes())
def test_every_message_and_envelope_arrive(octets: bytes, envelope: Envelope) -> None:
    """There and back through the standard library's server."""
    road = MemorySender()
    with mail_server(road) as address:
        receipt = XMLRPCSender(f"http://{address}").send(octets, envelope=envelope)

    assert bytes(road.outbox[0].message) == octets
    assert (road.outbox[0].envelope, receipt.accepted) == (envelope, envelope.recipients)


def mails(*numbers: int) -> list[bytes]:
    """A message for each of *numbers*, which is its Message-ID."""
    return [MAIL.replace(b"<1@x>", f"<{number}@x>".encode()) for number in numbers]


class TestMany:
    """Several messages in one call."""

    def test_a_receipt_comes_for_each(self, make: Make) -> None:
        """In their order, over one connection, some to a call."""
        answers = [results(*[accepted("you@x.org")] * count) for count in (3, 3, 1)]
        with ScriptedServer([answers]) as server:
            receipts = list(make(server.address, batch=3).send_all(mails(*range(7))))

        assert [receipt.message_id for receipt in receipts] == [f"<{number}@x>" for number in range(7)]
        assert [request.count(b"<name>message</name>") for request in server.requests] == [3, 3, 1]

    def test_nothing_is_sent_that_is_not_asked_for(self, make: Make) -> None:
        """But what goes in the same call."""
        with ScriptedServer([[results(*[accepted("you@x.org")] * 2)]]) as server:
            receipts: Any = make(server.address, batch=2).send_all(mails(1, 2, 3))
            first = next(receipts)
            receipts.close()

        assert first.message_id == "<1@x>"
        assert len(server.requests) == 1

    def test_hooks_are_told_what_cannot_be_written(self, make: Make, tmp_path: Path) -> None:
        """As where it is sent alone: there was a mail, and it failed."""
        told: list[object] = []
        path = tmp_path / "gone.bin"
        path.write_bytes(b"gone")
        message = parse(MAIL)
        message.add_attachment(path, content_manager=FileManager())
        path.unlink()
        with ScriptedServer([[]]) as server:
            sender = make(server.address)
            sender.sender.after_send.append(lambda _mail, result: told.append(result))
            with pytest.raises(BadMessage) as caught:
                list(sender.send_all([message]))

        assert told == [caught.value]

    def test_no_message_is_no_call(self, make: Make) -> None:
        """There is nothing to say."""
        with ScriptedServer([[]]) as server:
            assert list(make(server.address).send_all([])) == []

        assert server.requests == []

    def test_each_may_have_its_envelope(self, make: Make) -> None:
        """As everywhere."""
        road = MemorySender()
        other = Envelope("", ["ana@x.org"])
        with mail_server(road) as address:
            receipts = list(make(address).send_all([MAIL, (MAIL, other)]))

        assert [mail.envelope for mail in road.outbox] == [ENVELOPE, other]
        assert [receipt.accepted for receipt in receipts] == [("you@x.org",), ("ana@x.org",)]

    def test_a_failure_is_raised_behind_the_receipts_of_its_call(self, make: Make) -> None:
        """What was sent is known; the other failures are notes; and what follows is not sent."""
        failed = {"error": {"problem": "no room", "temporary": True}}
        with ScriptedServer([[results(failed, accepted("you@x.org"), failed)]]) as server:
            receipts = make(server.address, batch=3).send_all(mails(1, 2, 3, 4))
            first = next(receipts)
            with pytest.raises(SendingError, match="no room") as caught:
                next(receipts)

        assert first.message_id == "<2@x>"
        assert caught.value.message_id == "<1@x>"
        [note] = caught.value.__notes__
        assert note.startswith("in the same call failed too: <3@x>: no room")
        assert len(server.requests) == 1

    def test_on_failure_the_others_are_sent(self, make: Make) -> None:
        """The function is given the message, and the error."""
        failed = {"error": {"kind": "BadMessage", "problem": "too odd"}}
        failures: list[tuple[object, CarteroError]] = []
        answers = [results(failed, accepted("you@x.org")), results(accepted("you@x.org"))]
        with ScriptedServer([answers]) as server:
            sender = make(server.address, batch=2)
            receipts = list(
                sender.send_all(mails(1, 2, 3), on_failure=lambda message, error: failures.append((message, error)))
            )

        assert [receipt.message_id for receipt in receipts] == ["<2@x>", "<3@x>"]
        [(message, error)] = failures
        assert (message, str(error), type(error)) == (mails(1)[0], "too odd", BadMessage)

    def test_a_bad_message_ends_it_behind_those_before_it(self, make: Make) -> None:
        """The receipts until then are yours, and nothing behind it is sent."""
        road = MemorySender()
        with mail_server(road) as address:
            receipts = make(address).send_all([*mails(1, 2), b"no sender", *mails(3)])
            ids = [next(receipts).message_id, next(receipts).message_id]
            with pytest.raises(BadEnvelope):
                next(receipts)

        assert ids == ["<1@x>", "<2@x>"]
        assert len(road.outbox) == 2

    def test_a_bad_message_may_be_passed_over(self, make: Make) -> None:
        """By the same function."""
        failures: list[object] = []
        with mail_server() as address:
            receipts = list(
                make(address).send_all(
                    [*mails(1), b"no sender", *mails(2)], on_failure=lambda message, _error: failures.append(message)
                )
            )

        assert len(receipts) == 2
        assert failures == [b"no sender"]

    @pytest.mark.parametrize(
        "refusal",
        [response(status="413 Too Large"), fault(FaultCode.TOO_LARGE, "too much")],
        ids=["usual-status", "usual-fault"],
    )
    def test_what_is_too_large_together_goes_alone(self, make: Make, refusal: bytes) -> None:
        """And what is too large alone is refused."""
        with ScriptedServer([[refusal, results(accepted("you@x.org")), refusal]]) as server:
            receipts = make(server.address).send_all(mails(1, 2))
            first = next(receipts)
            with pytest.raises(SendingError) as caught:
                next(receipts)

        assert first.message_id == "<1@x>"
        assert (caught.value.message_id, caught.value.temporary, caught.value.ambiguous) == ("<2@x>", False, False)
        assert [request.count(b"<name>message</name>") for request in server.requests] == [2, 1, 1]

    def test_a_call_that_breaks_off_leaves_each_in_doubt(self, make: Make) -> None:
        """Nobody knows how far it came."""
        failures: list[Any] = []
        with ScriptedServer([[None], [results(accepted("you@x.org"))]]) as server:
            receipts = list(
                make(server.address, batch=2).send_all(
                    mails(1, 2, 3), on_failure=lambda _message, error: failures.append(error)
                )
            )

        assert [receipt.message_id for receipt in receipts] == ["<3@x>"]
        assert [(error.message_id, error.ambiguous) for error in failures] == [("<1@x>", True), ("<2@x>", True)]

    def test_a_server_that_is_gone_fails_each(self, make: Make) -> None:
        """Each error has its own Message-ID."""
        failures: list[Any] = []
        with ScriptedServer([[response(status="503 Busy", headers=["Connection: close"])]]) as server:
            sender = make(server.address, batch=1)
            list(sender.send_all(mails(1, 2), on_failure=lambda _message, error: failures.append(error)))

        assert [type(error) for error in failures] == [SendingError, ConnectError]
        assert [error.message_id for error in failures] == ["<1@x>", "<2@x>"]
        assert all(error.sender == sender.sender.name for error in failures)


class TestConnection:
    """One connection, as long as it lives."""

    def test_it_is_kept(self, make: Make) -> None:
        """For all that is sent under ``with``."""
        with ScriptedServer([[results(accepted("you@x.org"))] * 3]) as server, make(server.address) as sender:
            for _ in range(3):
                sender.send(MAIL)

        assert len(server.requests) == 3

    def test_one_of_http_1_0_is_opened_for_each(self, make: Make) -> None:
        """RFC 9112, section 9.3: it ends with the answer."""
        road = MemorySender()
        with mail_server(road, http="1.0") as address, make(address) as sender:
            for _ in range(3):
                sender.send(MAIL)

        assert len(road.outbox) == 3

    def test_one_that_died_idle_is_replaced(self, make: Make) -> None:
        """Nothing was sent over it, so nobody has to hear of it."""
        ok = results(accepted("you@x.org"))
        with ScriptedServer([[answer_and_close(ok)], [ok]]) as server, make(server.address) as sender:
            sender.send(MAIL)
            sender.wait(0.1)
            receipt = sender.send(MAIL)

        assert receipt.accepted == ("you@x.org",)
        assert len(server.requests) == 2

    def test_one_of_the_process_that_this_is_a_fork_of_is_replaced(
        self, make: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Both have the socket, and the answer to one would be taken for that to the other."""
        ok = results(accepted("you@x.org"))
        with ScriptedServer([[ok], [ok]]) as server, make(server.address) as sender:
            sender.send(MAIL)
            process = os.getpid()
            monkeypatch.setattr(os, "getpid", lambda: process + 1)
            receipt = sender.send(MAIL)

        assert receipt.accepted == ("you@x.org",)
        assert len(server.requests) == 2

    def test_one_that_lay_idle_for_long_is_replaced(self, make: Make) -> None:
        """Whether the server closes it just then, nobody can know."""
        ok = results(accepted("you@x.org"))
        with ScriptedServer([[ok, reset], [ok]]) as server, make(server.address, idle=0.05) as sender:
            sender.send(MAIL)
            sender.wait(0.1)
            receipt = sender.send(MAIL)

        assert receipt.accepted == ("you@x.org",)

    def test_one_that_dies_as_it_is_used_again_is_replaced(self, make: Make) -> None:
        """What did not go whole was not sent, and may go again."""
        ok = results(accepted("you@x.org"))
        large = MAIL + b"x" * 10_000_000
        with ScriptedServer([[ok, Early(reset)], [ok]]) as server, make(server.address) as sender:
            sender.send(MAIL)
            receipt = sender.send(large, envelope=ENVELOPE)

        assert receipt.accepted == ("you@x.org",)
        assert len(server.requests[2]) > 13_000_000

    def test_a_new_one_is_not_replaced(self, make: Make) -> None:
        """It would die again; but it can be said that nothing was sent."""
        large = MAIL + b"x" * 10_000_000
        with ScriptedServer([[Early(reset)]]) as server, pytest.raises(SendingError, match="handed over") as caught:
            make(server.address).send(large, envelope=ENVELOPE)

        error = caught.value
        assert (error.temporary, error.ambiguous) == (True, False)
        assert list(error.refused) == ["you@x.org"]

    @pytest.mark.parametrize("pause", [0, 0.05], ids=["usual-at-once", "odd-later"])
    def test_one_that_says_something_unasked_is_replaced(self, make: Make, pause: float) -> None:
        """An answer to nothing would be taken for that of the next call."""
        ok = results(accepted("you@x.org"))

        def chat(connection: socket.socket) -> None:
            connection.sendall(ok if pause else ok + response(status="408 Too Slow"))
            time.sleep(pause)
            connection.sendall(response(status="408 Too Slow"))
            connection.recv(1)

        with ScriptedServer([[chat], [ok]]) as server, make(server.address) as sender:
            sender.send(MAIL)
            sender.wait(pause * 3)
            receipt = sender.send(MAIL)

        assert receipt.accepted == ("you@x.org",)


def wait_for_the_end(connection: socket.socket) -> None:
    """Say nothing until the client goes."""
    connection.recv(1)


class TestFailures:
    """Row by row, what can go wrong."""

    @pytest.mark.parametrize(
        ("answer", "kind", "temporary", "ambiguous"),
        [
            pytest.param(fault(1, "<class 'TypeError'>:no"), SendingError, False, True, id="usual-fault"),
            pytest.param(fault(FaultCode.BUSY, "later"), SendingError, True, False, id="usual-busy"),
            pytest.param(response(status="401 Unauthorized"), AuthenticationFailed, False, False, id="usual-401"),
            pytest.param(response(status="404 Not Found"), ConnectError, False, False, id="usual-404"),
            pytest.param(response(status="500 Oops"), SendingError, True, True, id="usual-500"),
            pytest.param(response(status="503 Busy"), SendingError, True, False, id="usual-503"),
            pytest.param(None, SendingError, True, True, id="usual-drop-after-the-body"),
            pytest.param(reset, SendingError, True, True, id="usual-reset-after-the-body"),
            pytest.param(answer_and_close(response(b"x" * 50)[:-9]), SendingError, True, True, id="odd-cut-off"),
            pytest.param(response(b"<html>"), SendingError, False, True, id="odd-page"),
            pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", SendingError, True, True, id="hostile-other-protocol"),
            pytest.param(response(b"x" * 2_000_000), SendingError, True, True, id="hostile-large"),
        ],
    )
    def test_each_says_what_may_have_been_sent(
        self, make: Make, answer: Answer, kind: Any, temporary: bool, ambiguous: bool
    ) -> None:
        """And whether it may well succeed later."""
        with ScriptedServer([[answer]]) as server, pytest.raises(CarteroError) as caught:
            make(server.address).send(MAIL)

        error: Any = caught.value
        assert type(error) is kind
        assert (error.temporary, error.ambiguous) == (temporary, ambiguous)
        assert (error.stage, error.message_id) == ("mail.send", "<1@x>")
        assert error.sender == f"xmlrpc+http://{server.address}/RPC2"
        assert len(str(error).splitlines()) == 1

    def test_a_function_that_raises_is_a_fault_of_the_standard_library(self, make: Make) -> None:
        """It says which exception; what was sent before, nobody knows."""

        def broken(_structs: object) -> object:
            raise KeyError("oops")

        with mail_server(broken) as address, pytest.raises(SendingError, match="fault 1") as caught:
            make(address).send(MAIL)

        assert caught.value.ambiguous
        assert "KeyError" in caught.value.reply

    def test_an_answer_that_does_not_come_is_ambiguous(self, make: Make) -> None:
        """The time is set by ``answer_timeout``."""
        with (
            ScriptedServer([[wait_for_the_end]]) as server,
            pytest.raises(SendingError, match="in time") as caught,
        ):
            make(server.address, answer_timeout=0.2).send(MAIL)

        assert (caught.value.ambiguous, caught.value.temporary) == (True, True)

    def test_a_server_that_does_not_read_is_given_up(self, make: Make) -> None:
        """The time is set by ``timeout``; nothing was sent."""
        with (
            ScriptedServer([[Early(lambda _connection: time.sleep(1))]]) as server,
            pytest.raises(SendingError, match="in time") as caught,
        ):
            make(server.address, timeout=0.3).send(MAIL + b"x" * 20_000_000, envelope=ENVELOPE)

        assert (caught.value.ambiguous, caught.value.temporary) == (False, True)

    def test_an_answer_before_its_time_is_heard(self, make: Make) -> None:
        """A server that says no need not read 25 MB first."""

        def refuse(connection: socket.socket) -> None:
            connection.sendall(response(status="413 Too Large"))
            time.sleep(0.3)

        with ScriptedServer([[Early(refuse)]]) as server, pytest.raises(SendingError, match="larger") as caught:
            make(server.address).send(MAIL + b"x" * 25_000_000, envelope=ENVELOPE)

        assert (caught.value.ambiguous, caught.value.reply) == (False, "HTTP 413 Too Large")

    def test_nobody_listens(self, make: Make) -> None:
        """Nothing was sent."""
        with ScriptedServer([]) as server:
            address = server.address

        with pytest.raises(ConnectError, match=address) as caught:
            make(address).send(MAIL)

        assert caught.value.sender == f"xmlrpc+http://{address}/RPC2"
        assert caught.value.temporary

    def test_a_missing_extra_is_named(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """At the call that needs it."""
        monkeypatch.delitem(sys.modules, "cartero.senders._http", raising=False)
        monkeypatch.delattr("cartero.senders._http", raising=False)
        monkeypatch.setitem(sys.modules, "h11", None)

        with pytest.raises(ConnectError, match=r"extra xmlrpc: pip install 'cartero-mail\[xmlrpc\]'"):
            make("127.0.0.1:9").send(MAIL)


class TestTokens:
    """Who calls."""

    def test_a_function_is_asked_for_each_call(self, make: Make) -> None:
        """A token that lasts an hour is fetched when it is needed."""
        tokens = iter(["one", "two"])
        with (
            ScriptedServer([[results(accepted("you@x.org"))] * 2]) as server,
            make(server.address, token=lambda: next(tokens)) as sender,
        ):
            sender.send(MAIL)
            sender.send(MAIL)

        assert b"Bearer one\r\n" in server.requests[0]
        assert b"Bearer two\r\n" in server.requests[1]

    @pytest.mark.parametrize("token", ["", "a\r\nX: y", "é"], ids=["empty", "line-end", "letter"])
    def test_what_is_none_is_not_sent(self, make: Make, token: str) -> None:
        """A line end would begin a field of somebody else's."""
        with (
            ScriptedServer([[]]) as server,
            pytest.raises(ConnectError, match="expected a token of visible ASCII") as caught,
        ):
            make(server.address, token=lambda: token).send(MAIL)

        assert caught.value.sender == f"xmlrpc+http://{server.address}/RPC2"
        assert server.requests == []

    def test_a_function_that_raises_sends_nothing(self, make: Make) -> None:
        """One ``except CarteroError`` is enough; what it raised is the cause, and the sender can be used again."""

        def broken() -> str:
            raise RuntimeError("no vault")

        with ScriptedServer([[], [results(accepted("you@x.org"))]]) as server:
            sender = make(server.address, token=broken)
            with sender:
                with pytest.raises(ConnectError, match="the password or token cannot be fetched: Runtime") as caught:
                    sender.send(MAIL)
                sender.sender._token = None
                assert sender.send(MAIL).accepted == ("you@x.org",)

        assert (caught.value.stage, str(caught.value.__cause__)) == ("AUTH", "no vault")
        assert "no vault" not in str(caught.value)

    def test_no_error_and_no_name_shows_it(self, make: Make) -> None:
        """What goes wrong ends in logs."""
        with ScriptedServer([[response(status="401 No")]]) as server, pytest.raises(AuthenticationFailed) as caught:
            make(server.address, token="s3cret").send(MAIL)

        assert "s3cret" not in f"{caught.value!r} {caught.value}"


class TestTLS:
    """Calls that nobody else reads."""

    def test_a_certificate_that_is_believed(self, make: Make) -> None:
        """The server's authority is named."""
        road = MemorySender()
        with mail_server(road, tls=SECURE) as address:
            sender = make(address, scheme="https", tls=TLS(ca=AUTHORITY), token="s3cret")
            receipt = sender.send(rich_message())

        assert receipt.sender == f"xmlrpc+https://{address}/RPC2"
        assert told(bytes(road.outbox[0].message)) == RICH

    def test_a_certificate_that_is_not(self, make: Make) -> None:
        """Nothing was sent, and the token was not shown."""
        with mail_server(tls=SECURE) as address, pytest.raises(ConnectError, match="not to be trusted") as caught:
            make(address, scheme="https", token="s3cret").send(MAIL)

        assert (caught.value.stage, caught.value.sender) == ("TLS", f"xmlrpc+https://{address}/RPC2")

    def test_a_connection_that_is_kept(self, make: Make) -> None:
        """As without TLS."""
        ok = results(accepted("you@x.org"))
        with (
            ScriptedServer([[ok, ok]], tls=SECURE) as server,
            make(server.address, scheme="https", tls=TLS(ca=AUTHORITY)) as sender,
        ):
            sender.send(MAIL)
            sender.send(MAIL)

        assert len(server.requests) == 2


def test_a_url_makes_one() -> None:
    """``xmlrpc+http:`` and the address of the server."""
    road = MemorySender()
    with mail_server(road) as address:
        connect(f"xmlrpc+http://{address}/RPC2?timeout=5").send(MAIL)

    assert [mail.message_id for mail in road.outbox] == ["<1@x>"]
