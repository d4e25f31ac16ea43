"""What becomes of mail when servers and networks fail: each failure by real sockets, on both wires.

The classes are the ways in which mail fails. What they have in common: nothing that may have been delivered is
sent again, nothing that was not delivered is said to be, and the error says where it failed and whether to try again.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.message
import re
import signal
import socket
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartero import (
    AuthenticationFailed,
    BadAddress,
    BadMessage,
    CarteroError,
    ConnectError,
    Envelope,
    Receipt,
    SendingError,
    SMTPSender,
)
from cartero.aio import AsyncSMTPSender
from cartero.senders._pool import Limits
from cartero.smtp.conversation import Timeouts
from cartero.testing import Drop, FaultyServer, Octets, Reset, Sleep
from cartero.testing.script import Action, Actions
from cartero.wires.tls import TLS
from tests.certificates import AUTHORITY, STRANGER, server_context
from tests.ports import unused_port

MAIL = b"From: me@x.org\r\nTo: you@x.org\r\nDate: x\r\nMessage-ID: <1@x.org>\r\n\r\nHi!\r\n"
OTHER = MAIL.replace(b"<1@", b"<2@")
# More than the buffers on the way hold, so that it never goes at once.
LARGE = MAIL + (b"x" * 76 + b"\r\n") * 130_000
ENVELOPE = Envelope("me@x.org", ["you@x.org"])
THREE = Envelope("me@x.org", ["ana@x.org", "ben@x.org", "eva@x.org"])
NEVER = Sleep(60)

IN_BODY = ("body", "BDAT")

BARE = ("SIZE",)
PIPELINING = ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8")
CHUNKING = (*PIPELINING, "CHUNKING")


class Program(Protocol):
    """A program that sends, over connections that are kept while it runs."""

    def __init__(self, port: int | None, **settings: Any) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def send(self, octets: bytes, envelope: Envelope | None) -> Receipt:
        """Send one."""

    def send_each(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several, one after another, each to three; what became of each."""

    def send_all(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several in one go."""

    def send_together(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several at the same time."""

    def wait(self, seconds: float) -> None:
        """Do nothing for so long."""

    def give_up(self, octets: bytes, seconds: float) -> None:
        """Begin to send one, and be interrupted after so long."""

    def send_one_of(self, *several: bytes) -> Receipt:
        """Begin to send several, and leave it at the first."""


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    return {"host": "127.0.0.1", "own_name": "me.x.org", **settings}


class _OneByOne:
    """What both do alike."""

    def send_each(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several, one after another."""
        became: list[Receipt | CarteroError] = []
        for octets in several:
            try:
                became.append(self.send(octets, THREE))
            except CarteroError as error:
                became.append(error)
        return became

    def send(self, octets: bytes, envelope: Envelope | None) -> Receipt:
        """Send one."""
        raise NotImplementedError


class Blocking(_OneByOne):
    """One that blocks."""

    def __init__(self, port: int | None, **settings: Any) -> None:
        self.sender = SMTPSender(port=port, **_settings(settings))

    def __enter__(self) -> Self:
        self.sender.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.sender.__exit__(None, None, None)

    def send(self, octets: bytes, envelope: Envelope | None) -> Receipt:
        """Send one."""
        return self.sender.send(octets, envelope=envelope)

    def send_all(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several."""
        became: list[Receipt | CarteroError] = []
        for receipt in self.sender.send_all(several, on_failure=lambda _, error: became.append(error)):
            became.append(receipt)  # noqa: PERF402 - in the order of what failed
        return became

    def send_together(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several, each in a thread of its own."""

        def became(octets: bytes) -> Receipt | CarteroError:
            try:
                return self.sender.send(octets, envelope=ENVELOPE)
            except CarteroError as error:
                return error

        with ThreadPoolExecutor(len(several)) as threads:
            return list(threads.map(became, several))

    def wait(self, seconds: float) -> None:
        """Do nothing for so long."""
        time.sleep(seconds)

    def give_up(self, octets: bytes, seconds: float) -> None:
        """Begin to send one, and be interrupted, as by Ctrl-C."""

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            with pytest.raises(KeyboardInterrupt):
                self.sender.send(octets, envelope=ENVELOPE)
        finally:
            signal.signal(signal.SIGALRM, before)

    def send_one_of(self, *several: bytes) -> Receipt:
        """Begin to send several, and leave it at the first."""
        with contextlib.closing(self.sender.send_all(several)) as receipts:  # type: ignore[type-var]  # a generator
            return next(receipts)


class Awaiting(_OneByOne):
    """One that awaits."""

    def __init__(self, port: int | None, **settings: Any) -> None:
        self.runner = asyncio.Runner()
        self.sender = AsyncSMTPSender(port=port, **_settings(settings))

    def __enter__(self) -> Self:
        self.runner.run(self.sender.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self.runner.run(self.sender.__aexit__(None, None, None))
        self.runner.close()

    def send(self, octets: bytes, envelope: Envelope | None) -> Receipt:
        """Send one."""
        return self.runner.run(self.sender.send(octets, envelope=envelope))

    def send_all(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several."""

        async def gathered() -> list[Receipt | CarteroError]:
            became: list[Receipt | CarteroError] = []
            async for receipt in self.sender.send_all(several, on_failure=lambda _, error: became.append(error)):
                became.append(receipt)  # noqa: PERF401 - in the order of what failed
            return became

        return self.runner.run(gathered())

    def send_together(self, *several: bytes) -> list[Receipt | CarteroError]:
        """Send several, each in a task of its own."""

        async def became(octets: bytes) -> Receipt | CarteroError:
            try:
                return await self.sender.send(octets, envelope=ENVELOPE)
            except CarteroError as error:
                return error

        async def gathered() -> list[Receipt | CarteroError]:
            return await asyncio.gather(*map(became, several))

        return self.runner.run(gathered())

    def wait(self, seconds: float) -> None:
        """Do nothing for so long."""
        self.runner.run(asyncio.sleep(seconds))

    def give_up(self, octets: bytes, seconds: float) -> None:
        """Begin to send one, and be cancelled."""

        async def cancelled() -> None:
            async with asyncio.timeout(seconds):
                await self.sender.send(octets, envelope=ENVELOPE)

        with pytest.raises(TimeoutError):
            self.runner.run(cancelled())

    def send_one_of(self, *several: bytes) -> Receipt:
        """Begin to send several, and leave it at the first."""

        async def first() -> Receipt:
            async with contextlib.aclosing(self.sender.send_all(several)) as receipts:  # type: ignore[type-var]  # so is it
                return await anext(receipts)

        return self.runner.run(first())


@pytest.fixture(params=[Blocking, Awaiting], ids=["blocking", "awaiting"])
def program(request: pytest.FixtureRequest) -> type[Program]:
    """Each of the two ways to wait."""
    kind: type[Program] = request.param
    return kind


@pytest.fixture(params=[BARE, PIPELINING, CHUNKING], ids=["one-by-one", "pipelined", "chunked"])
def extensions(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Each of the ways in which commands and a message are sent."""
    names: tuple[str, ...] = request.param
    return names


def limits(**seconds: float) -> Timeouts:
    """Limits that nothing meets but what is slow by script, for which they are said."""
    return Timeouts(**{"connect": 5.0, "command": 5.0, "data": 5.0, "final": 5.0, **seconds})


def failure(program: Program, octets: bytes = MAIL, envelope: Envelope = ENVELOPE) -> SendingError:
    """The error with which sending fails."""
    with pytest.raises(SendingError) as caught:
        program.send(octets, envelope)
    return caught.value


def no_connection(program: Program) -> ConnectError:
    """The error with which connecting fails."""
    with pytest.raises(ConnectError) as caught:
        program.send(MAIL, ENVELOPE)
    return caught.value


def is_unsent(error: SendingError, *stages: str) -> bool:
    """Whether *error* says: not delivered for certain, at one of these stages, and worth another try."""
    facts = (error.temporary, error.ambiguous, error.accepted, list(error.refused), error.message_id)
    return error.stage in stages and facts == (True, False, (), ["you@x.org"], "<1@x.org>")


def is_ambiguous(error: SendingError) -> bool:
    """Whether *error* says: it may have been delivered, and it is not known for whom."""
    facts = (error.temporary, error.ambiguous, error.accepted, error.refused, error.message_id)
    return facts == (False, True, (), {}, "<1@x.org>")


ENDS = [pytest.param(Drop(), id="drop"), pytest.param(Reset(), id="reset")]


class TestNobodyThere:
    """1: no connection, or no greeting."""

    def test_nobody_listens(self, program: type[Program]) -> None:
        """Nothing was sent, another try may do, and the text says where there was nobody."""
        port = unused_port()

        with program(port) as sender:
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("connect", True)
        assert f"127.0.0.1:{port}" in str(error)
        assert isinstance(error.__cause__, ConnectionRefusedError)

    def test_the_greeting_does_not_come(self, program: type[Program]) -> None:
        """As from a server that is overloaded."""
        with FaultyServer({"connect": NEVER}) as server, program(server.port, timeouts=limits(connect=0.1)) as sender:
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("greeting", True)
        assert f"127.0.0.1:{server.port}" in str(error)


class TestDropBeforeTheMessage:
    """2: the connection ends while nothing of the message has gone."""

    @pytest.mark.parametrize("end", ENDS)
    @pytest.mark.parametrize("event", ["connect", "EHLO"])
    def test_before_a_transaction(self, program: type[Program], event: str, end: Action) -> None:
        """No transaction began, and the error says so by its class."""
        with FaultyServer({event: end}) as server, program(server.port) as sender:
            error = no_connection(sender)

        # a reset may be there before the connection is
        assert error.stage in ({"connect", "greeting"} if event == "connect" else {event})
        assert error.temporary
        assert isinstance(error.__cause__, OSError)

    @pytest.mark.parametrize("end", ENDS)
    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA"])
    def test_in_the_envelope(self, program: type[Program], event: str, end: Action) -> None:
        """Unsent for certain."""
        with FaultyServer({event: end}, extensions=BARE) as server, program(server.port) as sender:
            error = failure(sender)

        assert is_unsent(error, event)
        assert isinstance(error.__cause__, OSError)

    @pytest.mark.parametrize("event", ["MAIL", "RCPT"])
    def test_in_an_envelope_that_went_at_once(
        self, program: type[Program], event: str, extensions: tuple[str, ...]
    ) -> None:
        """The replies that came before the end are counted."""
        with FaultyServer({event: Drop()}, extensions=extensions) as server, program(server.port) as sender:
            assert is_unsent(failure(sender), event)

    @pytest.mark.parametrize("end", ENDS)
    @pytest.mark.parametrize("event", ["MAIL", "RCPT"])
    def test_on_a_kept_connection_it_is_tried_once_more(
        self, program: type[Program], event: str, end: Action, extensions: tuple[str, ...]
    ) -> None:
        """It was safe: nothing had been sent. The Message-ID is the same."""
        with FaultyServer({event: [None, end]}, extensions=extensions) as server, program(server.port) as sender:
            sender.send(MAIL, ENVELOPE)
            sender.send(OTHER, ENVELOPE)

        assert len(server.connections) == 2
        assert [octets for _, octets in server.accepted] == [MAIL, OTHER]

    def test_and_only_once(self, program: type[Program]) -> None:
        """A server that always drops is not asked for ever."""
        with FaultyServer({"MAIL": [None, Drop(), Drop(), Drop()]}) as server, program(server.port) as sender:
            sender.send(OTHER, ENVELOPE)
            error = failure(sender)

        assert is_unsent(error, "MAIL")
        assert len(server.connections) == 2


class TestDropInTheMessage:
    """3: the connection ends in the middle of the message."""

    @pytest.mark.parametrize("end", ENDS)
    def test_it_was_not_sent(self, program: type[Program], end: Action, extensions: tuple[str, ...]) -> None:
        """Its end has not gone, so no server can have taken it."""
        with (
            FaultyServer({"body": end}, body_after=10_000, extensions=extensions) as server,
            program(server.port) as sender,
        ):
            error = failure(sender, LARGE)

        assert is_unsent(error, *IN_BODY)
        assert [transaction.complete for transaction in server.transactions] == [False]

    def test_it_is_not_tried_again_by_itself(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """On a kept connection either: a large message twice is for the caller to decide."""
        with (
            FaultyServer({"body": [None, Drop()]}, body_after=100, extensions=extensions) as server,
            program(server.port) as sender,
        ):
            sender.send(OTHER + b"y" * 100, ENVELOPE)
            error = failure(sender, LARGE)

        assert is_unsent(error, *IN_BODY)
        assert len(server.transactions) == 2


class TestNoAnswerToTheMessage:
    """4: the message has gone, and nobody says what became of it."""

    @pytest.mark.parametrize("what", [*ENDS, pytest.param(NEVER, id="silence")])
    def test_it_may_have_been_delivered(
        self, program: type[Program], what: Action, extensions: tuple[str, ...]
    ) -> None:
        """RFC 1047: the server had it all."""
        with (
            FaultyServer({"dot": what}, extensions=extensions) as server,
            program(server.port, timeouts=limits(final=0.1)) as sender,
        ):
            error = failure(sender)

        assert is_ambiguous(error)
        assert error.stage == "dot"
        assert "it may have been delivered all the same" in str(error)
        assert [transaction.octets for transaction in server.transactions] == [MAIL]

    @pytest.mark.parametrize("what", [*ENDS, pytest.param(NEVER, id="silence")])
    def test_it_is_never_sent_again_by_itself(self, program: type[Program], what: Action) -> None:
        """On a kept connection either."""
        with FaultyServer({"dot": [None, what]}) as server, program(server.port, timeouts=limits(final=0.1)) as sender:
            sender.send(OTHER, ENVELOPE)
            error = failure(sender)

        assert is_ambiguous(error)
        assert [transaction.octets for transaction in server.transactions] == [OTHER, MAIL]

    def test_what_comes_behind_it_is_sent(self, program: type[Program]) -> None:
        """Its envelope had gone ahead: no more than that, so it is sent on another connection."""
        with FaultyServer({"dot": [Drop()]}) as server, program(server.port) as sender:
            first, second = sender.send_all(MAIL, OTHER)

        assert isinstance(first, SendingError)
        assert is_ambiguous(first)
        assert isinstance(second, Receipt)
        assert [octets for _, octets in server.accepted] == [OTHER]


class TestGoingDown:
    """5: 421 at every stage: the server is about to close."""

    @pytest.mark.parametrize(("event", "stage"), [("connect", "greeting"), ("EHLO", "EHLO")])
    def test_before_a_transaction(self, program: type[Program], event: str, stage: str) -> None:
        """RFC 5321, section 3.8; no other greeting is tried."""
        with FaultyServer({event: b"421 4.3.2 going down"}) as server, program(server.port) as sender:
            error = no_connection(sender)

        assert (error.stage, error.code, error.enhanced, error.temporary) == (stage, 421, "4.3.2", True)
        assert "HELO" not in server.connections[0].verbs

    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA", "dot"])
    def test_in_a_transaction(self, program: type[Program], event: str, extensions: tuple[str, ...]) -> None:
        """It was not sent, whether the server then closes or not, and the connection is not used again."""
        if event == "DATA" and extensions == CHUNKING:
            event = "dot"
        script: Actions = {event: [b"421 4.3.2 going down"]}
        with FaultyServer(script, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert is_unsent(error, event)
        assert (error.code, error.enhanced, error.reply) == (421, "4.3.2", "going down")
        assert len(server.connections) == 2
        assert [octets for _, octets in server.accepted] == [OTHER]

    def test_in_the_message(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """The rest of a large message is not sent."""
        with (
            FaultyServer({"body": (b"421 4.3.2 going down", Drop())}, body_after=1000, extensions=extensions) as server,
            program(server.port) as sender,
        ):
            error = failure(sender, LARGE)

        assert (error.temporary, error.ambiguous, error.accepted) == (True, False, ())
        assert [transaction.complete for transaction in server.transactions] == [False]


class TestClosedWhileIdle:
    """6 and 7: the server closes a connection that nobody uses."""

    @pytest.mark.parametrize("pause", [pytest.param(0.0, id="at-once"), pytest.param(0.05, id="later")])
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param((b"250 ok", b"421 idle", Drop()), id="with-the-last-reply"),
            pytest.param((b"250 ok", b"421 idle"), id="without-closing"),
            pytest.param((b"250 ok", Sleep(0.01), b"421 idle", Drop()), id="a-little-later"),
            pytest.param((b"250 ok", Drop()), id="without-a-word"),
            pytest.param((b"250 ok", Reset()), id="broken"),
        ],
    )
    def test_the_next_message_goes_over_another(self, program: type[Program], said: Action, pause: float) -> None:
        """RFC 5321, section 3.8; nobody notices, and nothing is sent twice."""
        with FaultyServer({"dot": [said]}) as server, program(server.port) as sender:
            sender.send(MAIL, ENVELOPE)
            sender.wait(pause)
            sender.send(OTHER, ENVELOPE)

        assert [octets for _, octets in server.accepted] == [MAIL, OTHER]

    def test_whatever_the_server_waits_for(self, program: type[Program]) -> None:
        """As often as it happens."""
        with FaultyServer(idle=0.05) as server, program(server.port) as sender:
            for _ in range(3):
                sender.send(MAIL, ENVELOPE)
                sender.wait(0.1)

        assert len(server.connections) == len(server.accepted) == 3

    def test_whether_the_program_listens_meanwhile_or_not(self, program: type[Program]) -> None:
        """An event loop that was busy finds out when it sends."""
        with FaultyServer(idle=0.05) as server, program(server.port) as sender:
            sender.send(MAIL, ENVELOPE)
            time.sleep(0.1)
            sender.send(MAIL, ENVELOPE)

        assert len(server.connections) == len(server.accepted) == 2


class TestRefused:
    """8 to 11: recipients, or the message, are refused."""

    def test_each_recipient_has_its_own_answer(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """8: who was refused, and whether for good."""
        script: Actions = {"RCPT": [b"450 4.2.1 full", None, b"550 5.1.1 nobody"]}
        with FaultyServer(script, extensions=extensions) as server, program(server.port) as sender:
            receipt = sender.send(MAIL, THREE)

        assert receipt.accepted == ("ben@x.org",)
        assert receipt.refused == {"ana@x.org": "full", "eva@x.org": "nobody"}
        assert [(each.code, each.enhanced, each.temporary) for each in receipt.recipients.values()] == [
            (450, "4.2.1", True),
            (250, "2.0.0", False),
            (550, "5.1.1", False),
        ]
        assert server.accepted == [(Envelope("me@x.org", ["ben@x.org"]), MAIL)]

    @pytest.mark.parametrize(
        ("replies", "temporary"),
        [
            pytest.param([b"550 5.1.1 a", b"550 5.1.1 b", b"550 5.1.1 c"], False, id="usual-for-good"),
            pytest.param([b"451 4.7.1 a", b"451 4.7.1 b", b"451 4.7.1 c"], True, id="usual-for-now"),
            pytest.param([b"550 5.1.1 a", b"451 4.7.1 b", b"550 5.1.1 c"], True, id="odd-one-for-now"),
        ],
    )
    def test_all_are_refused(
        self, program: type[Program], extensions: tuple[str, ...], replies: list[Action], temporary: bool
    ) -> None:
        """9: worth another try if it is for one of them; the connection is used again."""
        with FaultyServer({"RCPT": replies}, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender, MAIL, THREE)
            sender.send(OTHER, ENVELOPE)

        assert (error.temporary, error.ambiguous, error.accepted) == (temporary, False, ())
        assert error.refused == {"ana@x.org": "a", "ben@x.org": "b", "eva@x.org": "c"}
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (1, [OTHER])

    def test_greylisting(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """9: the same again is accepted, and the error says after how long."""
        script: Actions = {"RCPT": [b"451 4.7.1 greylisted, try again in 300 seconds"]}
        with FaultyServer(script, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender)
            receipt = sender.send(MAIL, ENVELOPE)

        assert (error.temporary, error.retry_after, receipt.accepted) == (True, 300.0, ("you@x.org",))
        assert server.accepted == [(ENVELOPE, MAIL)]

    def test_data_is_wanted_for_nobody(self, program: type[Program]) -> None:
        """9: RFC 2920, section 3.1: DATA had gone ahead, and nothing is delivered."""
        script: Actions = {"RCPT": b"550 5.1.1 nobody", "DATA": b"354 go on"}
        with FaultyServer(script, extensions=PIPELINING) as server, program(server.port) as sender:
            error = failure(sender)

        assert (error.temporary, error.refused) == (False, {"you@x.org": "nobody"})
        assert server.accepted == []

    @pytest.mark.parametrize("reply", [b"252 2.1.5 cannot tell", b"251 2.1.5 forwarded", b"299 why not"])
    def test_any_yes_is_one(self, program: type[Program], reply: bytes) -> None:
        """10: RFC 5321, section 4.2.1: the first digit counts."""
        with FaultyServer({"RCPT": reply}) as server, program(server.port) as sender:
            receipt = sender.send(MAIL, ENVELOPE)

        assert receipt.accepted == ("you@x.org",)
        assert server.accepted == [(ENVELOPE, MAIL)]

    @pytest.mark.parametrize(
        ("event", "reply", "temporary"),
        [
            pytest.param("dot", b"550 5.7.1 spam", False, id="message"),
            pytest.param("dot", b"452 4.2.2 full", True, id="message-for-now"),
            pytest.param("MAIL", b"550 5.7.1 not you", False, id="sender"),
            pytest.param("MAIL", b"451 4.3.0 later", True, id="sender-for-now"),
        ],
    )
    def test_the_message_is_refused(
        self, program: type[Program], extensions: tuple[str, ...], event: str, reply: bytes, temporary: bool
    ) -> None:
        """11: for everybody, and the connection is used again."""
        with FaultyServer({event: [reply]}, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender, MAIL, THREE)
            sender.send(OTHER, ENVELOPE)

        assert (error.stage, error.code, error.temporary) == (event, int(reply[:3]), temporary)
        assert (error.ambiguous, list(error.refused)) == (False, list(THREE.recipients))
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (1, [OTHER])

    def test_and_the_next_one_had_begun(self, program: type[Program]) -> None:
        """11: with `send_all` its envelope rides with the message that is refused."""
        with FaultyServer({"dot": [b"550 5.7.1 spam"]}) as server, program(server.port) as sender:
            first, second, third = sender.send_all(MAIL, OTHER, MAIL)

        assert isinstance(first, SendingError)
        assert (first.stage, first.code) == ("dot", 550)
        assert isinstance(second, Receipt)
        assert isinstance(third, Receipt)
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (1, [OTHER, MAIL])

    def test_and_the_next_one_is_refused(self, program: type[Program]) -> None:
        """8: each answer is of its own message."""
        script: Actions = {"MAIL": [None, b"550 5.7.1 not you"], "RCPT": [None, None, b"550 5.1.1 nobody"]}
        with FaultyServer(script, extensions=PIPELINING) as server, program(server.port) as sender:
            first, second, third, fourth = sender.send_all(MAIL, OTHER, OTHER, MAIL)

        assert isinstance(first, Receipt)
        assert isinstance(second, SendingError)
        assert isinstance(third, SendingError)
        assert isinstance(fourth, Receipt)
        assert (second.stage, third.stage) == ("MAIL", "RCPT")
        assert [octets for _, octets in server.accepted] == [MAIL, MAIL]


class TestAnswerBeforeItsTime:
    """12: the server answers in the middle of the message."""

    def test_no_answer_is_taken_for_another(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """The connection is closed, so that the next message is not answered by what this one was."""
        script: Actions = {"body": [b"552 5.3.4 too large"]}
        with (
            FaultyServer(script, body_after=1000, extensions=extensions) as server,
            program(server.port) as sender,
        ):
            error = failure(sender, LARGE)
            receipt = sender.send(OTHER, ENVELOPE)

        assert (error.ambiguous, error.accepted, list(error.refused)) == (False, (), ["you@x.org"])
        assert (error.code, error.reply, error.temporary) == (552, "too large", False)
        assert len(server.connections) == 2
        assert receipt.accepted == ("you@x.org",)

    def test_a_server_that_answers_and_closes(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """What it said may be lost on the way; then it is a connection that broke, and worth another try."""
        script: Actions = {"body": [(b"552 5.3.4 too large", Drop())]}
        with (
            FaultyServer(script, body_after=1000, extensions=extensions) as server,
            program(server.port) as sender,
        ):
            error = failure(sender, LARGE)
            receipt = sender.send(OTHER, ENVELOPE)

        assert (error.ambiguous, error.accepted, list(error.refused)) == (False, (), ["you@x.org"])
        assert (error.code, error.temporary) in {(552, False), (None, True)}
        assert receipt.accepted == ("you@x.org",)

    def test_a_small_message_that_had_gone(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """Two answers to one message: the second is not taken for the next one's."""
        script: Actions = {"body": [b"552 5.3.4 too large"], "dot": [b"250 ok"]}
        with FaultyServer(script, body_after=50, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender)
            sender.wait(0.05)
            receipt = sender.send(OTHER, ENVELOPE)

        assert (error.code, error.ambiguous) == (552, False)
        assert receipt.recipients["you@x.org"].reply == "accepted"
        assert len(server.connections) == 2


class TestTooLarge:
    """13: the message is larger than the server takes."""

    def test_it_is_not_even_begun(self, program: type[Program]) -> None:
        """RFC 1870, section 6.1: the server said how much it takes."""
        with FaultyServer(extensions=["SIZE 50"]) as server, program(server.port) as sender:
            error = failure(sender)

        assert (error.stage, error.temporary, list(error.refused)) == ("SIZE", False, ["you@x.org"])
        assert f"the message has {len(MAIL)} octets, and the server takes 50" in str(error)
        assert "MAIL" not in server.connections[0].verbs

    def test_or_the_server_says_so(self, program: type[Program]) -> None:
        """RFC 1870, section 6.1: to this user, here."""
        with FaultyServer({"MAIL": [b"552 5.3.4 too large"]}) as server, program(server.port) as sender:
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert (error.stage, error.code, error.temporary) == ("MAIL", 552, False)
        assert server.transactions[0].parameters == {"SIZE": str(len(OTHER))}


class TestSlow:
    """14: the server takes its time."""

    @pytest.mark.parametrize("event", ["EHLO", "MAIL", "RCPT", "DATA"])
    def test_each_command_has_a_limit(self, program: type[Program], event: str) -> None:
        """RFC 5321, section 4.5.3.2; the message was not sent."""
        with (
            FaultyServer({event: NEVER}, extensions=BARE) as server,
            program(server.port, timeouts=limits(command=0.15)) as sender,
            pytest.raises((ConnectError, SendingError)) as caught,
        ):
            sender.send(MAIL, ENVELOPE)

        assert (caught.value.stage, caught.value.temporary, caught.value.ambiguous) == (event, True, False)
        assert isinstance(caught.value.__cause__, TimeoutError)
        assert "did not answer in time" in str(caught.value)

    def test_a_message_that_is_not_taken_has_a_limit(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """For each piece, not for all of it."""
        with (
            FaultyServer({"body": NEVER}, body_after=1, extensions=extensions) as server,
            program(server.port, timeouts=limits(data=0.1)) as sender,
        ):
            error = failure(sender, LARGE)

        assert is_unsent(error, *IN_BODY)

    @pytest.mark.parametrize(("slow", "limit"), [("RCPT", "command"), ("dot", "final")])
    def test_the_limits_are_apart(self, program: type[Program], slow: str, limit: str) -> None:
        """Who may be slow at one of them need not be at the others."""
        seconds = {"connect": 0.15, "command": 0.15, "data": 0.15, "final": 0.15, limit: 5.0}
        with (
            FaultyServer({slow: Sleep(0.2)}, extensions=BARE) as server,
            program(server.port, timeouts=limits(**seconds)) as sender,
        ):
            assert sender.send(MAIL, ENVELOPE).accepted == ("you@x.org",)

    def test_an_answer_that_comes_after_all_is_nobody_elses(self, program: type[Program]) -> None:
        """A connection on which something was given up is closed."""
        with (
            FaultyServer({"RCPT": [Sleep(0.25)]}, extensions=BARE) as server,
            program(server.port, timeouts=limits(command=0.15)) as sender,
        ):
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert is_unsent(error, "RCPT")
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (2, [OTHER])

    def test_what_a_large_message_is_given(self) -> None:
        """RFC 5321, section 4.5.3.2.6: ten minutes, or it may be delivered twice."""
        assert Timeouts().final == 600


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such signals here")
class TestGivenUp:
    """It is the program itself that does not wait."""

    @pytest.mark.parametrize("event", ["connect", "EHLO", "MAIL", "RCPT", "dot"])
    def test_what_was_under_way_is_no_part_of_what_follows(
        self, program: type[Program], extensions: tuple[str, ...], event: str
    ) -> None:
        """The connection is closed, so that no answer is taken for the next message's."""
        with FaultyServer({event: [Sleep(0.15)]}, extensions=extensions) as server, program(server.port) as sender:
            sender.give_up(MAIL, 0.05)
            receipt = sender.send(OTHER, ENVELOPE)

        assert receipt.recipients["you@x.org"].reply == "accepted"
        assert [octets for _, octets in server.accepted][-1] == OTHER
        assert len(server.connections) == 2

    def test_as_often_as_it_happens(self, program: type[Program]) -> None:
        """No connection is counted that is gone."""
        with (
            FaultyServer({"MAIL": [NEVER] * 3}) as server,
            program(server.port, limits=Limits(connections=1)) as sender,
        ):
            for _ in range(3):
                sender.give_up(MAIL, 0.03)
            sender.send(OTHER, ENVELOPE)

        assert [octets for _, octets in server.accepted] == [OTHER]

    def test_several_of_which_no_more_are_wanted(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """The next one's envelope had gone ahead; nothing else of it goes."""
        with FaultyServer(extensions=extensions) as server, program(server.port) as sender:
            receipt = sender.send_one_of(MAIL, OTHER, OTHER)
            sender.send(MAIL, ENVELOPE)

        assert receipt.accepted == ("you@x.org",)
        assert [octets for _, octets in server.accepted] == [MAIL, MAIL]
        assert [transaction for transaction in server.transactions if b"QUIT" in transaction.wire] == []


class TestCertificates:
    """15: the server is another one, or nobody vouches for it."""

    @pytest.mark.parametrize("implicit", [pytest.param(True, id="smtps"), pytest.param(False, id="starttls")])
    @pytest.mark.parametrize(
        ("name", "trusted", "settings", "said"),
        [
            pytest.param("other.example", True, {}, ["as 127.0.0.1", "for other.example"], id="another-name"),
            pytest.param("127.0.0.1", False, {}, ["as 127.0.0.1"], id="unknown-authority"),
            pytest.param("127.0.0.1", True, {"server_name": "b.example"}, ["as b.example"], id="other-than-asked-for"),
            pytest.param("127.0.0.1", False, {"fingerprint": "00" * 32}, ["fingerprint"], id="fingerprint"),
        ],
    )
    def test_it_is_not_believed(
        self,
        program: type[Program],
        implicit: bool,
        name: str,
        trusted: bool,
        settings: dict[str, str],
        said: list[str],
    ) -> None:
        """RFC 8314, section 5: nothing is sent, and the error names whom we wanted and whom we found."""
        ca = AUTHORITY if trusted else STRANGER
        given: dict[str, Any] = settings if "fingerprint" in settings else {"ca": ca, **settings}
        with (
            FaultyServer(tls=server_context(name), implicit_tls=implicit) as server,
            program(server.port, protocol="smtps" if implicit else "smtp", tls=TLS(**given)) as sender,
        ):
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("TLS", False)
        assert all(words in str(error) for words in said)
        assert server.transactions == []

    @pytest.mark.parametrize("implicit", [pytest.param(True, id="smtps"), pytest.param(False, id="starttls")])
    @pytest.mark.parametrize(
        ("name", "settings"),
        [
            pytest.param("127.0.0.1", {}, id="as-it-is-called"),
            pytest.param("a.example", {"server_name": "a.example"}, id="as-told"),
        ],
    )
    def test_one_that_is_right_is_believed(
        self, program: type[Program], implicit: bool, name: str, settings: dict[str, Any]
    ) -> None:
        """RFC 3207, section 4: and after it, the server is asked anew what it can do."""
        with (
            FaultyServer(tls=server_context(name), implicit_tls=implicit) as server,
            program(server.port, protocol="smtps" if implicit else "smtp", tls=TLS(ca=AUTHORITY, **settings)) as sender,
        ):
            sender.send(MAIL, ENVELOPE)
            sender.send(LARGE[:3_900_070], ENVELOPE)

        assert [octets for _, octets in server.accepted] == [MAIL, LARGE[:3_900_070]]
        assert server.connections[0].secure

    def test_tls_is_not_spoken(self, program: type[Program]) -> None:
        """15: the port of the other protocol; the error says which is which."""
        with FaultyServer() as server, program(server.port, protocol="smtps", tls=TLS()) as sender:
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("TLS", False)
        assert "does not speak TLS at once" in str(error)

    @pytest.mark.parametrize("end", ENDS)
    def test_the_connection_ends_when_tls_is_to_begin(self, program: type[Program], end: Action) -> None:
        """2: which is none of the certificate's."""
        context = server_context("127.0.0.1")
        with (
            FaultyServer({"STARTTLS": (b"220 go", end)}, tls=context) as server,
            program(server.port, tls="require") as sender,
        ):
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("TLS", True)

    def test_a_handshake_that_does_not_end(self, program: type[Program]) -> None:
        """14: it has the limit of a connection."""
        context = server_context("127.0.0.1")
        with (
            FaultyServer({"STARTTLS": (b"220 go", NEVER)}, tls=context) as server,
            program(server.port, tls="require", timeouts=limits(connect=0.2)) as sender,
        ):
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("TLS", True)


class TestUnderTLS:
    """2 to 7, and 12: the same failures where everything is encrypted."""

    @pytest.fixture
    @staticmethod
    def secure() -> Callable[..., tuple[FaultyServer, dict[str, Any]]]:
        """A server whose certificate is believed, and the settings for that."""
        context = server_context("127.0.0.1")
        return lambda script, **options: (
            FaultyServer(script, tls=context, **options),
            {"tls": TLS(ca=AUTHORITY)},
        )

    @pytest.mark.parametrize("end", ENDS)
    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA"])
    def test_in_the_envelope_it_was_not_sent(
        self, program: type[Program], secure: Callable[..., Any], event: str, end: Action
    ) -> None:
        """Unsent for certain."""
        server, settings = secure({event: end}, extensions=BARE)
        with server, program(server.port, **settings) as sender:
            assert is_unsent(failure(sender), event)

    @pytest.mark.parametrize("end", ENDS)
    def test_in_the_message_it_was_not_sent(
        self, program: type[Program], secure: Callable[..., Any], extensions: tuple[str, ...], end: Action
    ) -> None:
        """Its end has not gone."""
        server, settings = secure({"body": end}, extensions=extensions, body_after=10_000)
        with server, program(server.port, **settings) as sender:
            assert is_unsent(failure(sender, LARGE), *IN_BODY)

    @pytest.mark.parametrize("end", ENDS)
    def test_behind_the_message_nobody_knows(
        self, program: type[Program], secure: Callable[..., Any], extensions: tuple[str, ...], end: Action
    ) -> None:
        """And it is not sent again."""
        server, settings = secure({"dot": [None, end]}, extensions=extensions)
        with server, program(server.port, **settings) as sender:
            sender.send(OTHER, ENVELOPE)
            error = failure(sender)

        assert is_ambiguous(error)
        assert len(server.transactions) == 2

    @pytest.mark.parametrize(
        "said", [pytest.param((None, b"421 idle", Drop()), id="said"), pytest.param((None, Drop()), id="unsaid")]
    )
    @pytest.mark.parametrize("pause", [0.0, 0.05])
    def test_a_connection_that_is_closed_while_idle_is_replaced(
        self, program: type[Program], secure: Callable[..., Any], said: Action, pause: float
    ) -> None:
        """And nobody notices."""
        server, settings = secure({"dot": [said]})
        with server, program(server.port, **settings) as sender:
            sender.send(MAIL, ENVELOPE)
            sender.wait(pause)
            sender.send(OTHER, ENVELOPE)

        assert [octets for _, octets in server.accepted] == [MAIL, OTHER]

    def test_an_answer_before_its_time_is_heard(
        self, program: type[Program], secure: Callable[..., Any], extensions: tuple[str, ...]
    ) -> None:
        """And the connection is closed."""
        server, settings = secure({"body": [b"552 5.3.4 too large"]}, extensions=extensions, body_after=1000)
        with server, program(server.port, **settings) as sender:
            error = failure(sender, LARGE)
            sender.send(OTHER, ENVELOPE)

        assert (error.code, error.ambiguous) == (552, False)
        assert len(server.connections) == 2

    def test_a_message_that_is_not_taken_has_a_limit(
        self, program: type[Program], secure: Callable[..., Any], extensions: tuple[str, ...]
    ) -> None:
        """For each piece."""
        server, settings = secure({"body": NEVER}, extensions=extensions, body_after=1)
        with server, program(server.port, timeouts=limits(data=0.1), **settings) as sender:
            assert is_unsent(failure(sender, LARGE), *IN_BODY)


class TestTLSTakenOut:
    """16 and 17: somebody in the middle does not want TLS, or wants to be heard in it."""

    # A name that means this machine to the system, and another to us.
    ELSEWHERE = "0x7f.1"

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"host": ELSEWHERE}, id="as-it-is-for-a-host-elsewhere"),
            pytest.param({"tls": "require"}, id="as-told"),
        ],
    )
    def test_without_it_nothing_is_sent(self, program: type[Program], settings: dict[str, str]) -> None:
        """RFC 8314, section 5.1: what was not offered may have been taken out on the way."""
        with FaultyServer() as server, program(server.port, **settings) as sender:
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("STARTTLS", False)
        assert "TLS is required" in str(error)
        assert server.connections[0].verbs[:1] == ["EHLO"]
        assert server.transactions == []

    @pytest.mark.parametrize(
        ("reply", "temporary"), [pytest.param(b"454 4.7.0 not now", True, id="for-now"), (b"502 5.5.1 no", False)]
    )
    def test_or_it_is_refused(self, program: type[Program], reply: bytes, temporary: bool) -> None:
        """RFC 3207, section 4.1: 454 is not for ever."""
        context = server_context("127.0.0.1")
        with FaultyServer({"STARTTLS": reply}, tls=context) as server, program(server.port, tls="require") as sender:
            error = no_connection(sender)

        assert (error.stage, error.code, error.temporary) == ("STARTTLS", int(reply[:3]), temporary)
        assert server.transactions == []

    def test_unless_that_is_what_was_asked_for(self, program: type[Program]) -> None:
        """Opportunistic TLS keeps out who only listens (RFC 7435)."""
        context = server_context("127.0.0.1")
        with (
            FaultyServer({"STARTTLS": b"454 4.7.0 not now"}, tls=context) as server,
            program(server.port, tls="opportunistic") as sender,
        ):
            sender.send(MAIL, ENVELOPE)

        assert server.accepted == [(ENVELOPE, MAIL)]

    @pytest.mark.parametrize("tls", ["require", "opportunistic"])
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(b"220 go\r\n250 injected\r\n", id="behind-the-reply"),
            pytest.param(Octets(b"220 go\r\n250-inj"), id="half-a-reply"),
            pytest.param((b"220 go", Sleep(0.02), b"250 injected"), id="a-little-later"),
        ],
    )
    def test_what_was_said_before_tls_is_not_taken_for_what_is_said_in_it(
        self, program: type[Program], said: Action, tls: str
    ) -> None:
        """17: CVE-2011-0411; whoever is in the middle is not talked to."""
        context = server_context("127.0.0.1")
        with FaultyServer({"STARTTLS": said}, tls=context) as server, program(server.port, tls=tls) as sender:
            error = no_connection(sender)

        assert error.stage in {"STARTTLS", "TLS"}
        assert server.transactions == []


class TestLineEnds:
    """18 and 19: what could be taken for the end of the message, and is none."""

    @pytest.mark.parametrize(
        "end",
        [
            pytest.param(b"\r.\r\n", id="cr"),
            pytest.param(b"\r.\r", id="crs"),
            pytest.param(b"\n.\r", id="lf-and-cr"),
            pytest.param(b"\r\n.\r", id="crlf-and-cr"),
        ],
    )
    def test_a_lone_cr_does_not_leave(self, program: type[Program], extensions: tuple[str, ...], end: bytes) -> None:
        """RFC 5321, section 2.3.8, and CVE-2023-51764: some servers end a message there."""
        smuggled = MAIL + b"x" + end + b"MAIL FROM:<evil@x.org>"
        lone = re.search(rb"\r(?!\n)", smuggled)
        assert lone is not None
        with (
            FaultyServer(extensions=extensions) as server,
            program(server.port) as sender,
            pytest.raises(BadMessage, match=f"a carriage return without a line feed at octet {lone.start()}:"),
        ):
            sender.send(smuggled, ENVELOPE)

        assert server.transactions == []

    @pytest.mark.parametrize("end", [b"\r.\r\n", b"\r.\r", b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r\n"])
    def test_or_becomes_a_line_end(self, program: type[Program], extensions: tuple[str, ...], end: bytes) -> None:
        """Where that is asked for; a lone LF always does, and the dot stays a dot."""
        smuggled = MAIL + b"x" + end + b"MAIL FROM:<evil@x.org>"
        with FaultyServer(extensions=extensions) as server, program(server.port, repair=True) as sender:
            sender.send(smuggled, ENVELOPE)

        [(_, octets)] = server.accepted
        assert octets.removesuffix(b"\r\n") == MAIL + b"x\r\n.\r\nMAIL FROM:<evil@x.org>"
        assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b".", id="a-dot"),
            pytest.param(b".\r\n", id="a-dot-alone"),
            pytest.param(b"..\r\n...\r\n", id="dots"),
            pytest.param(b".a\r\n\r\n.\r\n\r\n.b", id="dots-and-no-end"),
            pytest.param(b"a\r\n\r\n\r\n", id="empty-lines"),
            pytest.param(b"no end", id="no-end"),
        ],
    )
    def test_dots_come_as_they_were(self, program: type[Program], extensions: tuple[str, ...], body: bytes) -> None:
        """19: RFC 5321, section 4.5.2; the last line is ended where it was not."""
        octets = MAIL + body
        with FaultyServer(extensions=extensions) as server, program(server.port) as sender:
            sender.send(octets, ENVELOPE)

        [(_, came)] = server.accepted
        assert came == (octets if octets.endswith(b"\r\n") else octets + b"\r\n")

    @pytest.mark.parametrize("shift", range(-3, 4))
    def test_wherever_they_stand(self, program: type[Program], extensions: tuple[str, ...], shift: int) -> None:
        """19: a large message goes in pieces, and one may begin with a dot."""
        line = b"." + b"y" * 61 + b"\r\n"  # 64 octets, so that they meet every border that is a power of two
        octets = MAIL + b"z" * (64 - len(MAIL) % 64 + shift) + b"\r\n" + line * 20_000
        with FaultyServer(extensions=extensions) as server, program(server.port) as sender:
            sender.send(octets, ENVELOPE)

        assert server.accepted == [(ENVELOPE, octets)]


class TestAddresses:
    """20 and 22: addresses that the server cannot take, or nobody should."""

    def test_one_that_needs_smtputf8_is_refused_before_anything_is_sent(self, program: type[Program]) -> None:
        """20: RFC 6531, section 3.2; also where it is the second of them."""
        envelope = Envelope("me@x.org", ["you@x.org", "jörg@x.org"])
        with FaultyServer(extensions=["PIPELINING"]) as server, program(server.port) as sender:
            with pytest.raises(BadAddress, match="SMTPUTF8"):
                sender.send(MAIL, envelope)
            sender.send(OTHER, ENVELOPE)

        assert len(server.transactions) == 1
        assert [octets for _, octets in server.accepted] == [OTHER]

    def test_or_goes_as_it_is_where_it_can(self, program: type[Program]) -> None:
        """20: RFC 6531, section 3.4: with the parameter that says so."""
        envelope = Envelope("me@x.org", ["jörg@bücher.example"])
        with FaultyServer() as server, program(server.port) as sender:
            sender.send(MAIL, envelope)

        assert "SMTPUTF8" in server.transactions[0].parameters
        assert server.accepted == [(envelope, MAIL)]

    def test_a_domain_goes_in_ascii(self, program: type[Program]) -> None:
        """20: RFC 5891, section 4.4: every server knows it by that."""
        with FaultyServer(extensions=[]) as server, program(server.port) as sender:
            receipt = sender.send(MAIL, Envelope("me@x.org", ["jane@bücher.example"]))

        assert list(server.transactions[0].recipients) == ["jane@xn--bcher-kva.example"]
        assert receipt.accepted == ("jane@bücher.example",)

    @pytest.mark.parametrize(
        "address",
        [
            pytest.param("b@x.org>\r\nRCPT TO:<evil@x.org", id="hostile-command"),
            pytest.param("b@x.org\n", id="hostile-line-end"),
            pytest.param("a@x.org, b@x.org", id="hostile-second"),
            pytest.param("b@x.org> SIZE=1", id="hostile-parameter"),
            pytest.param("b\0@x.org", id="hostile-nul"),
        ],
    )
    def test_what_is_no_address_is_refused_before_there_is_a_connection(
        self, program: type[Program], address: str
    ) -> None:
        """22: on every version of Python, in an envelope and in a field."""
        message = email.message.Message()
        message["From"], message["Subject"] = "me@x.org", "Hi"
        with FaultyServer() as server, program(server.port) as sender:
            with pytest.raises(BadAddress):
                sender.send(MAIL, Envelope("me@x.org", [address]))
            with pytest.raises(BadAddress):
                sender.send(MAIL, Envelope(address, ["you@x.org"]))

        assert server.connections == []


class TestLogin:
    """21: the server does not let us in."""

    @pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"])
    def test_by_each_mechanism(self, program: type[Program], mechanism: str) -> None:
        """RFC 4954, section 4; whoever has the secret is let in."""
        secret = {"token" if "OAUTH" in mechanism else "password": "s3cret"}
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=[mechanism]) as server,
            program(server.port, user="ana", **secret) as sender,
        ):
            sender.send(MAIL, ENVELOPE)

        assert server.connections[0].user == "ana"
        assert server.accepted == [(ENVELOPE, MAIL)]

    @pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"])
    def test_a_wrong_password_is_said_once(self, program: type[Program], mechanism: str) -> None:
        """Another mechanism would be another failure, and a few of them lock the user out."""
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=[mechanism, "PLAIN"]) as server,
            program(server.port, user="ana", password="wr0ng", auth=mechanism) as sender,
            pytest.raises(AuthenticationFailed) as caught,
        ):
            sender.send(MAIL, ENVELOPE)

        error = caught.value
        assert (error.stage, error.code, error.enhanced, error.temporary) == ("AUTH", 535, "5.7.8", False)
        assert f"(it offers {', '.join(dict.fromkeys([mechanism, 'PLAIN']))})" in str(error)
        assert "wr0ng" not in f"{error!s}{error!r}"
        assert server.connections[0].verbs.count("AUTH") == len(server.connections) == 1

    @pytest.mark.parametrize(
        ("script", "code", "temporary"),
        [
            pytest.param({"AUTH": b"454 4.7.0 later"}, 454, True, id="for-now"),
            pytest.param({"AUTH": b"421 4.3.2 going down"}, 421, True, id="going-down"),
            pytest.param({"auth": b"454 4.7.0 later"}, 454, True, id="for-now-in-the-dialogue"),
            pytest.param({"AUTH": b"534 5.7.9 too weak"}, 534, False, id="too-weak"),
        ],
    )
    def test_another_refusal(self, program: type[Program], script: Actions, code: int, temporary: bool) -> None:
        """RFC 4954, section 6: 454 is not the password's."""
        with (
            FaultyServer(script, users={"ana": "s3cret"}) as server,
            program(server.port, user="ana", password="s3cret") as sender,
            pytest.raises(AuthenticationFailed) as caught,
        ):
            sender.send(MAIL, ENVELOPE)

        assert (caught.value.code, caught.value.temporary) == (code, temporary)
        assert "(it offers SCRAM-SHA-256, " in str(caught.value)

    @pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
    def test_why_a_token_is_refused(self, program: type[Program], mechanism: str) -> None:
        """RFC 7628, section 3.2.3: the server explains it in a challenge."""
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=[mechanism]) as server,
            program(server.port, user="ana", token=lambda: "0ld") as sender,
            pytest.raises(AuthenticationFailed, match='"status":"invalid_token"') as caught,
        ):
            sender.send(MAIL, ENVELOPE)

        assert "0ld" not in str(caught.value)

    def test_none_in_common(self, program: type[Program]) -> None:
        """The error says what the server offers."""
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=["XOAUTH2"]) as server,
            program(server.port, user="ana", password="s3cret") as sender,
            pytest.raises(AuthenticationFailed, match=r"no mechanism will do: .* the server offers XOAUTH2"),
        ):
            sender.send(MAIL, ENVELOPE)

        assert "AUTH" not in server.connections[0].verbs

    def test_a_password_is_not_shown_to_who_listens(self, program: type[Program]) -> None:
        """RFC 4954, section 4: to a host elsewhere, without TLS."""
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=["PLAIN", "LOGIN"]) as server,
            program(server.port, host=TestTLSTakenOut.ELSEWHERE, tls="off", user="ana", password="s3cret") as sender,
            pytest.raises(AuthenticationFailed, match="the connection is not encrypted, and PLAIN would show"),
        ):
            sender.send(MAIL, ENVELOPE)

        assert "AUTH" not in server.connections[0].verbs

    @pytest.mark.parametrize(
        "script",
        [
            pytest.param({"auth": b"235 come in"}, id="unproved"),
            pytest.param({"AUTH": b"235 come in"}, id="unasked"),
            pytest.param({"auth": b"334 dj1BQUFB"}, id="false-proof"),
            pytest.param({"auth": b"334 ?"}, id="no-base64"),
        ],
    )
    def test_a_server_that_does_not_know_the_password(self, program: type[Program], script: Actions) -> None:
        """RFC 5802, section 3: SCRAM tells it from one that does."""
        with (
            FaultyServer(script, users={"ana": "s3cret"}, mechanisms=["SCRAM-SHA-256"]) as server,
            program(server.port, user="ana", password="s3cret") as sender,
        ):
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("AUTH", False)
        assert server.transactions == []


GARBAGE = [
    pytest.param(b"what?", id="words"),
    pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="another-protocol"),
    pytest.param(b"", id="an-empty-line"),
    pytest.param(b"\x00\xff\xfe", id="octets"),
    pytest.param(b"999 what?", id="a-code-that-there-is-not"),
    pytest.param(b"250-one\r\n251 two\r\n", id="two-codes"),
    pytest.param(b"250 " + b"x" * 9_000, id="a-long-line"),
    pytest.param(Octets(b"x" * 9_000), id="a-line-without-an-end"),
    pytest.param(b"250-on and on\r\n" * 100_000, id="a-long-reply"),
]


class TestGarbage:
    """23: the server says what it should not."""

    @pytest.mark.parametrize("said", GARBAGE)
    @pytest.mark.parametrize("event", ["connect", "EHLO"])
    def test_before_a_transaction(self, program: type[Program], event: str, said: Action) -> None:
        """RFC 5321, section 4.2: it is no mail server."""
        with FaultyServer({event: said}) as server, program(server.port) as sender:
            error = no_connection(sender)

        assert (error.stage, error.temporary) == ("greeting" if event == "connect" else event, False)
        assert len(str(error)) < 300

    @pytest.mark.parametrize("said", GARBAGE)
    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA"])
    def test_in_the_envelope(self, program: type[Program], event: str, said: Action) -> None:
        """It was not sent, and the connection is closed."""
        with FaultyServer({event: [said]}, extensions=BARE) as server, program(server.port) as sender:
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert (error.stage, error.ambiguous, list(error.refused)) == (event, False, ["you@x.org"])
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (2, [OTHER])

    @pytest.mark.parametrize("said", [*GARBAGE, pytest.param(b"354 go on", id="another-code")])
    def test_about_the_message(self, program: type[Program], said: Action, extensions: tuple[str, ...]) -> None:
        """Whether it was delivered, nobody can tell."""
        with FaultyServer({"dot": [said]}, extensions=extensions) as server, program(server.port) as sender:
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert is_ambiguous(error)
        assert len(server.connections) == 2

    @pytest.mark.parametrize("reply", [b"250 ok", b"200 ok", b"334 ok", b"220 ok"])
    def test_data_that_is_not_gone_ahead_with(self, program: type[Program], reply: bytes) -> None:
        """RFC 5321, section 4.1.1.4: 354, and no other code, asks for the message."""
        with FaultyServer({"DATA": [reply]}, extensions=PIPELINING) as server, program(server.port) as sender:
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert (error.stage, error.ambiguous, list(error.refused)) == ("DATA", False, ["you@x.org"])
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (2, [OTHER])

    def test_another_code_that_says_yes(self, program: type[Program]) -> None:
        """RFC 5321, section 4.2.1: the first digit counts, at the end too."""
        with FaultyServer({"dot": b"200 fine"}) as server, program(server.port) as sender:
            receipt = sender.send(MAIL, ENVELOPE)

        assert receipt.recipients["you@x.org"].code == 200

    @pytest.mark.parametrize(
        ("reply", "text"),
        [
            pytest.param("550 5.1.1 café".encode("latin-1"), "café", id="latin-1"),
            pytest.param("550 5.1.1 café".encode(), "café", id="utf-8"),
            pytest.param(b"550", "", id="nothing"),
            pytest.param(b"550-5.1.1 one\r\n550 5.1.1 two\r\n", "one two", id="two-lines"),
            pytest.param(b"550 5.1.1 lone lf\n", "lone lf", id="a-lone-lf"),
            pytest.param(b"550 \x1b[2J", "\x1b[2J", id="what-terminals-obey"),
        ],
    )
    def test_what_is_said_in_other_words_is_understood(self, program: type[Program], reply: bytes, text: str) -> None:
        """RFC 5321, section 4.2; what an error shows drives no terminal."""
        with FaultyServer({"RCPT": reply}) as server, program(server.port) as sender:
            error = failure(sender)

        assert (error.code, error.reply) == (550, text)
        assert "\x1b" not in str(error)

    @pytest.mark.parametrize("said", [b"what?", Octets(b"2"), Octets(b"x" * 9_000), b"250 two"])
    def test_what_comes_behind_an_answer_is_none(
        self, program: type[Program], said: bytes | Octets, extensions: tuple[str, ...]
    ) -> None:
        """What was said first counts, and the connection is closed."""
        script: Actions = {"dot": [(b"250 one", said)]}
        with FaultyServer(script, extensions=extensions) as server, program(server.port) as sender:
            receipt = sender.send(MAIL, ENVELOPE)
            sender.wait(0.01)
            sender.send(OTHER, ENVELOPE)

        assert receipt.recipients["you@x.org"].reply == "one"
        assert (len(server.connections), [octets for _, octets in server.accepted]) == (2, [MAIL, OTHER])

    def test_garbage_behind_the_answer_to_the_first_of_several(self, program: type[Program]) -> None:
        """What went at once is not waited for in vain."""
        with FaultyServer({"MAIL": (None, b"what?")}, extensions=PIPELINING) as server, program(server.port) as sender:
            error = failure(sender)

        assert (error.stage, error.ambiguous) == ("RCPT", False)

    def test_what_nobody_asked_for_fills_no_memory(self, program: type[Program]) -> None:
        """However much a server says while nobody listens, or while a message is sent."""
        flood: Action = (b"250 ok", Sleep(0.01), *[(Octets(b"x" * 1_000_000), Sleep(0))] * 30)
        tracemalloc.start()
        with FaultyServer({"dot": [flood]}) as server, program(server.port) as sender:
            sender.send(MAIL, ENVELOPE)
            for _ in range(20):
                sender.wait(0.005)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            sender.send(OTHER, ENVELOPE)

        assert most < 10_000_000
        assert [octets for _, octets in server.accepted] == [MAIL, OTHER]

    @pytest.mark.parametrize("end", ENDS)
    def test_a_reply_that_is_cut(self, program: type[Program], end: Action) -> None:
        """2: half a reply is none."""
        with FaultyServer({"RCPT": (Octets(b"25"), end)}, extensions=BARE) as server, program(server.port) as sender:
            assert is_unsent(failure(sender), "RCPT")


class TestLMTP:
    """24: a reply for each recipient."""

    @pytest.fixture(params=[PIPELINING, CHUNKING], ids=["pipelined", "chunked"])
    @staticmethod
    def lmtp(request: pytest.FixtureRequest) -> Callable[[Actions], FaultyServer]:
        """A server that speaks it."""
        return lambda script: FaultyServer(script, lmtp=True, extensions=request.param)

    def test_each_recipient_has_its_own_answer(
        self, program: type[Program], lmtp: Callable[[Actions], FaultyServer]
    ) -> None:
        """RFC 2033, section 4.2; and the next message has its own."""
        script: Actions = {"dot": [(b"250 2.1.5 ana", b"452 4.2.2 ben is full", b"250 2.1.5 eva")]}
        with lmtp(script) as server, program(server.port, protocol="lmtp") as sender:
            receipt = sender.send(MAIL, THREE)
            second = sender.send(OTHER, THREE)

        assert receipt.accepted == ("ana@x.org", "eva@x.org")
        assert receipt.refused == {"ben@x.org": "ben is full"}
        assert receipt.recipients["ben@x.org"].temporary
        assert second.accepted == THREE.recipients
        assert len(server.connections) == 1

    def test_only_those_who_were_taken_have_one(
        self, program: type[Program], lmtp: Callable[[Actions], FaultyServer]
    ) -> None:
        """RFC 2033, section 4.2: those whom RCPT refused have had theirs."""
        script: Actions = {"RCPT": [None, b"550 5.1.1 no ben"], "dot": [(b"450 4.2.1 ana", b"250 2.1.5 eva")]}
        with lmtp(script) as server, program(server.port, protocol="lmtp") as sender:
            receipt = sender.send(MAIL, THREE)
            sender.send(OTHER, ENVELOPE)

        assert receipt.refused == {"ana@x.org": "ana", "ben@x.org": "no ben"}
        assert receipt.accepted == ("eva@x.org",)
        assert len(server.connections) == 1

    def test_all_are_refused(self, program: type[Program], lmtp: Callable[[Actions], FaultyServer]) -> None:
        """Which is an error."""
        with lmtp({"dot": b"550 5.7.1 spam"}) as server, program(server.port, protocol="lmtp") as sender:
            error = failure(sender, MAIL, THREE)

        assert (error.stage, error.refused) == ("dot", dict.fromkeys(THREE.recipients, "spam"))
        assert (error.ambiguous, error.temporary) == (False, False)
        assert len(server.connections) == 1

    def test_some_of_the_answers_are_lost(
        self, program: type[Program], lmtp: Callable[[Actions], FaultyServer]
    ) -> None:
        """4: what is known is told, and of the rest it is not known."""
        script: Actions = {"dot": (b"250 2.1.5 ana", b"550 5.1.1 ben", Drop())}
        with lmtp(script) as server, program(server.port, protocol="lmtp") as sender:
            error = failure(sender, MAIL, THREE)

        assert (error.ambiguous, error.temporary) == (True, False)
        assert (error.accepted, error.refused) == (("ana@x.org",), {"ben@x.org": "ben"})

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
    def test_over_a_socket_that_is_a_file(self, program: type[Program], tmp_path: Path) -> None:
        """As Dovecot and Cyrus listen."""
        path = tmp_path / "lmtp"
        with (
            FaultyServer({"dot": [Drop()]}, lmtp=True, path=path) as server,
            program(None, host="", path=path, protocol="lmtp") as sender,
        ):
            error = failure(sender)
            sender.send(OTHER, ENVELOPE)

        assert is_ambiguous(error)
        assert server.accepted == [(ENVELOPE, OTHER)]


class TestGoodbye:
    """25: the end of a connection is nobody's concern."""

    @pytest.mark.parametrize(
        "what",
        [
            *ENDS,
            pytest.param(NEVER, id="silence"),
            pytest.param(b"500 5.5.1 no", id="refusal"),
            pytest.param(b"what?", id="garbage"),
            pytest.param(Octets(b"2"), id="half-a-reply"),
        ],
    )
    def test_what_was_accepted_is_accepted(self, program: type[Program], what: Action) -> None:
        """RFC 5321, section 4.1.1.10; and nobody waits for long."""
        before = time.monotonic()
        with FaultyServer({"QUIT": what}) as server, program(server.port, timeouts=limits(command=0.15)) as sender:
            receipt = sender.send(MAIL, ENVELOPE)

        assert receipt.accepted == ("you@x.org",)
        assert server.accepted == [(ENVELOPE, MAIL)]
        assert time.monotonic() - before < 2


class TestDuplicates:
    """26: what is tried again is the same message."""

    def test_what_the_server_has_can_be_found_by_what_the_error_says(self, program: type[Program]) -> None:
        """RFC 5322, section 3.6.4: a composed message gets its Message-ID before it is sent first."""
        message = b"From: me@x.org\r\nTo: you@x.org\r\n\r\nHi!\r\n"
        with (
            FaultyServer({"dot": [Drop()]}) as server,
            program(server.port) as sender,
            pytest.raises(SendingError) as caught,
        ):
            sender.send(message, None)

        [transaction] = server.transactions
        assert re.search(rb"^Message-ID: (\S+)\r$", transaction.octets, re.MULTILINE)
        assert caught.value.message_id.encode() in transaction.octets

    def test_no_failure_delivers_twice(self, program: type[Program], extensions: tuple[str, ...]) -> None:
        """At whatever stage a connection breaks, once: each message arrives at most once by itself."""
        events = ["MAIL", "RCPT", "dot"]
        for event in events:
            several = [MAIL.replace(b"<1@", b"<%d@" % number) for number in range(6)]
            with (
                FaultyServer({event: [None, None, Drop()]}, extensions=extensions) as server,
                program(server.port) as sender,
            ):
                became = sender.send_all(*several)

            whole = [transaction.octets for transaction in server.transactions if transaction.complete]
            unknown = [error for error in became if isinstance(error, SendingError) and error.ambiguous]
            assert len(became) == len(several)
            assert len(whole) == len(set(whole))
            assert len(server.accepted) == sum(isinstance(receipt, Receipt) for receipt in became)
            assert len(unknown) == (event == "dot")


_FAULTS: st.SearchStrategy[Action] = st.one_of(
    st.none(),
    st.sampled_from([Drop(), Reset(), (None, Drop()), (None, b"421 4.3.2 going down", Drop()), (None, b"what?")]),
    st.sampled_from([b"421 4.3.2 going down", b"450 4.2.1 later", b"550 5.1.1 no", b"what?", Octets(b"25"), b"354 on"]),
)


@st.composite
def scripts(draw: st.DrawFn) -> Actions:
    """Scripts of servers that fail now and then, at any stage."""
    events = draw(st.lists(st.sampled_from(["EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "dot"]), max_size=4))
    script: dict[str, list[Action]] = {event: draw(st.lists(_FAULTS, max_size=5)) for event in events}
    for event in draw(st.sets(st.sampled_from(["connect", "body"]))):
        script[event] = draw(st.lists(st.sampled_from([None, Drop(), Reset()]), max_size=4))
    # half a reply is waited for no longer than until its other half
    return {
        event: [(action, Drop()) if isinstance(action, Octets) else action for action in actions]
        for event, actions in script.items()
    }


@pytest.mark.parametrize("way", ["send_each", "send_all", "send_together"])
@given(script=scripts(), extensions=st.sampled_from([BARE, PIPELINING, CHUNKING]), is_lmtp=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_said_to_have_become_of_it_is_what_became_of_it(
    program: type[Program], way: str, script: Actions, extensions: tuple[str, ...], is_lmtp: bool
) -> None:
    """However a server fails: nothing is said to be delivered that is not, nor the other way; nothing is twice."""
    several = [MAIL.replace(b"<1@", b"<%d@" % number) for number in range(4)]
    protocol = "lmtp" if is_lmtp else "smtp"
    with (
        FaultyServer(script, lmtp=is_lmtp, extensions=extensions, body_after=30) as server,
        program(server.port, protocol=protocol, timeouts=limits()) as sender,
    ):
        became: list[Receipt | CarteroError] = getattr(sender, way)(*several)

    delivered = [[to for t in server.transactions if t.octets == octets for to in t.accepted] for octets in several]
    for result, arrived in zip(became, delivered, strict=True):
        assert len(arrived) == len(set(arrived))
        if isinstance(result, Receipt):
            assert sorted(result.accepted) == sorted(arrived)
        elif isinstance(result, SendingError):
            assert set(result.accepted) <= set(arrived)
            assert not set(result.refused) & set(arrived)
            assert result.ambiguous or set(arrived) == set(result.accepted)
        else:
            assert arrived == []
