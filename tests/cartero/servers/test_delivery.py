"""Where mail goes that a server took in."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import TYPE_CHECKING, Any

import pytest

from cartero import (
    BadMessage,
    BadURL,
    Cancelled,
    ConnectError,
    Envelope,
    MemorySender,
    Outcome,
    Receipt,
    SendingError,
)
from cartero.aio import AsyncSMTPSender
from cartero.servers import Delivery
from cartero.servers import delivery as room
from cartero.testing import FaultyServer
from tests.ports import unused_port
from tests.receiving import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mimekit import MIMEMessage

ENVELOPE = Envelope("me@example.org", ["a@example.org", "b@example.org"])
TRACE = b"Received: from me.example by mx.example; Mon, 11 Nov 2002 11:11:11 +0100\r\n"
TEXT = TRACE + b"Subject: hello\r\nBcc: c@example.org\r\n\r\nHow are you?\r\n"


def taken(to: Any, *, octets: bytes = TEXT, times: int = 1, **settings: Any) -> Mapping[str, Outcome]:
    """What became of a message that was given to *to*, the last time."""

    async def main() -> Mapping[str, Outcome]:
        delivery = Delivery(to, **settings)
        await delivery.open()
        try:
            for _ in range(times):
                outcomes = await delivery.take(ENVELOPE, octets)
            return outcomes
        finally:
            await delivery.close()

    return asyncio.run(main())


def codes(outcomes: Mapping[str, Outcome]) -> list[int]:
    """250 for who was accepted, and the code of who was not."""
    assert list(outcomes) == list(ENVELOPE.recipients)
    return [250 if outcome.accepted else outcome.code or 0 for outcome in outcomes.values()]


class Awaited:
    """An object that is called."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def __call__(self, envelope: Envelope, _message: MIMEMessage) -> None:
        """Take it."""
        self.mails.append(envelope)


class TestDestinations:
    def test_a_url(self, tmp_path: Path) -> None:
        """The message is put there as it came, with its Bcc: nobody here composed it."""
        outcomes = taken(f"maildir:{tmp_path}/inbox", times=3)

        assert codes(outcomes) == [250, 250]
        files = [*(tmp_path / "inbox" / "new").iterdir()]
        assert len(files) == 3
        assert files[0].read_bytes().replace(b"\r\n", b"\n").endswith(TEXT.replace(b"\r\n", b"\n"))

    def test_a_sender(self) -> None:
        """It is held open for as long as it runs, and then let go."""
        sender = MemorySender()

        assert codes(taken(sender)) == [250, 250]
        assert [(mail.envelope, mail.message.as_bytes()) for mail in sender.outbox] == [(ENVELOPE, TEXT)]
        assert sender._holders == 0

    def test_a_sender_that_awaits(self) -> None:
        """Over one connection."""
        with FaultyServer() as server:
            assert codes(taken(AsyncSMTPSender("127.0.0.1", server.port), times=2)) == [250, 250]

        assert [envelope for envelope, _ in server.accepted] == [ENVELOPE, ENVELOPE]
        assert len(server.connections) == 1

    def test_a_function(self) -> None:
        """It is called in another thread, with the envelope and the message."""
        kept = Kept()

        assert codes(taken(kept)) == [250, 250]
        ((envelope, message),) = kept.mails
        assert (envelope, message.as_bytes()) == (ENVELOPE, TEXT)
        assert str(message["Subject"]) == "hello"

    def test_functions_that_await(self) -> None:
        """Whatever they look like."""
        found: list[Envelope] = []

        async def take(_: str, envelope: Envelope, _message: MIMEMessage) -> None:
            found.append(envelope)

        called = Awaited()

        assert codes(taken(functools.partial(take, "x"))) == codes(taken(called)) == [250, 250]
        assert codes(taken(called.__call__)) == [250, 250]
        assert (found, called.mails) == ([ENVELOPE], [ENVELOPE, ENVELOPE])

    @pytest.mark.parametrize("to", [None, 7, b"null:", ["null:"]])
    def test_what_is_none_of_these_is_refused(self, to: Any) -> None:
        """At once."""
        with pytest.raises(BadURL, match="expected a URL, a sender or a function"):
            Delivery(to)

    def test_what_is_wrong_with_a_url_is_said_at_once(self) -> None:
        """And not to the first client."""
        with pytest.raises(BadURL):
            Delivery("nowhere:")


class TestRefusals:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            pytest.param(ConnectError("x"), 451, id="usual-closed"),
            pytest.param(SendingError("x", code=550, enhanced="5.1.1"), 550, id="usual-for-good"),
            pytest.param(SendingError("x", temporary=True), 451, id="usual-temporary"),
            pytest.param(SendingError("x", code=250, ambiguous=True), 451, id="odd-ambiguous"),
            pytest.param(BadMessage("x"), 554, id="usual-message"),
            pytest.param(Cancelled("x"), 550, id="usual-cancelled"),
            pytest.param(LookupError("secret"), 451, id="odd-mistake"),
            pytest.param(MemoryError(), 451, id="odd-memory"),
            pytest.param(SystemExit("secret"), 451, id="odd-exit"),
        ],
    )
    def test_what_is_raised_becomes_a_refusal_of_all(
        self, error: Exception | SystemExit, code: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A function that raises did not take it; the log says why, and the client is not told."""

        async def take(_envelope: Envelope, _message: MIMEMessage) -> None:
            raise error

        for to in (Kept(error), take):
            outcomes = taken(to)

            assert codes(outcomes) == [code, code]
            assert all("secret" not in outcome.reply for outcome in outcomes.values())
        assert len(caplog.records) == 2
        assert all("mail from <me@example.org> was not taken" in record.message for record in caplog.records)

    @pytest.mark.parametrize(
        "returned",
        [
            pytest.param(True, id="odd-truth"),
            pytest.param("250 ok", id="odd-reply"),
            pytest.param(Receipt({"a@example.org": Outcome(accepted=True)}), id="odd-half-a-receipt"),
        ],
    )
    def test_what_is_no_answer_is_a_mistake(self, returned: Any, caplog: pytest.LogCaptureFixture) -> None:
        """Nobody is told yes by it."""
        assert codes(taken(Kept(returned))) == [451, 451]
        assert "expected None, or a Receipt for all recipients" in caplog.text

    def test_a_receipt_says_it_for_each(self) -> None:
        """For those it was asked for; what else it names is of no concern."""
        yes, no = Outcome(accepted=True), Outcome(accepted=False, code=452)
        receipt = Receipt({"x@example.org": no, "b@example.org": no, "a@example.org": yes})

        assert codes(taken(Kept(receipt))) == [250, 452]

    def test_what_a_server_refuses_is_refused(self) -> None:
        """For each recipient, by its own code."""
        with FaultyServer({"RCPT": [b"250 ok", b"550 5.1.1 no such user"]}) as server:
            outcomes = taken(server.url)

        assert codes(outcomes) == [250, 550]
        assert outcomes["b@example.org"].enhanced == "5.1.1"

    def test_a_server_that_is_not_there_is_temporary(self) -> None:
        """Nothing was sent; the client comes again."""
        assert codes(taken(f"smtp://127.0.0.1:{unused_port()}")) == [451, 451]

    def test_a_sender_that_failed_is_used_again(self) -> None:
        """The next message may go well."""
        with FaultyServer({"dot": [b"451 later"]}) as server:
            assert codes(taken(server.url, times=2)) == [250, 250]

        assert len(server.accepted) == 1

    @pytest.mark.parametrize(("count", "code"), [(3, 250), (4, 554)])
    def test_what_goes_round_in_circles_is_refused(self, count: int, code: int) -> None:
        """RFC 5321, section 6.3: by the Received fields that it came with; that of this server does not count."""
        octets = TRACE + b"received: from x by y; Mon, 11 Nov 2002 11:11:11 +0100\r\n" * count + b"A: b\r\n" * 9
        kept = Kept()
        awaited = Awaited()

        outcomes = taken(kept, octets=octets + b"\r\n", hops=3)

        assert codes(outcomes) == codes(taken(awaited, octets=octets + b"\r\n", hops=3)) == [code, code]
        assert len(kept.mails) == len(awaited.mails) == (code == 250)
        assert code == 250 or outcomes["a@example.org"].enhanced == "5.4.6"


class TestOpening:
    def test_several_servers_may_share_it(self) -> None:
        """It is closed when the last of them is."""
        sender = MemorySender()

        async def main() -> None:
            delivery = Delivery(sender)
            await delivery.open()
            await delivery.open()
            await delivery.close()
            assert sender._holders == 1
            assert codes(await delivery.take(ENVELOPE, TEXT)) == [250, 250]
            await delivery.close()

        asyncio.run(main())

        assert sender._holders == 0

    @pytest.mark.parametrize("form", ["blocking", "awaiting"])
    def test_one_that_cannot_be_opened_can_be_tried_again(self, form: str, tmp_path: Path) -> None:
        """What is missing may be put there."""
        folder = tmp_path / "folder"

        class Fussy(MemorySender):
            def _open(self) -> None:
                if not folder.is_dir():
                    raise ConnectError("the folder is not there")

        class AsyncFussy(AsyncSMTPSender):
            async def __aenter__(self) -> Any:
                if not folder.is_dir():
                    raise ConnectError("the folder is not there")
                return await super().__aenter__()

        delivery = Delivery(Fussy() if form == "blocking" else AsyncFussy("127.0.0.1"))

        async def main() -> None:
            with pytest.raises(ConnectError, match="the folder is not there"):
                await delivery.open()
            folder.mkdir()
            await delivery.open()
            await delivery.close()

        asyncio.run(main())

    def test_it_can_be_opened_again(self, tmp_path: Path) -> None:
        """In another loop, too."""
        delivery = Delivery(f"maildir:{tmp_path}/inbox")

        async def main() -> None:
            await delivery.open()
            assert codes(await delivery.take(ENVELOPE, TEXT)) == [250, 250]
            await delivery.close()

        asyncio.run(main())
        asyncio.run(main())

        assert len([*(tmp_path / "inbox" / "new").iterdir()]) == 2

    def test_one_that_cannot_be_closed_keeps_nothing_else_open(self) -> None:
        """Neither the other senders nor the threads; and the error is raised."""
        stuck, other = Stuck(), MemorySender()

        async def main() -> None:
            delivery = Delivery("null:")
            await delivery.open()
            delivery._idle = [other.__enter__(), stuck.__enter__(), other.__enter__()]
            with pytest.raises(ConnectError, match="it is stuck"):
                await delivery.close()
            assert delivery._workers is None

        asyncio.run(main())
        assert other._holders == 0


class Stuck(MemorySender):
    """A sender that cannot be closed."""

    def _close(self) -> None:
        raise ConnectError("it is stuck")


class TestEnds:
    def test_what_was_begun_is_ended(self) -> None:
        """Whoever waits for it may go; closing waits for it."""
        kept = Kept()
        kept.may_end.clear()
        ends: list[int] = []

        async def main() -> None:
            delivery = Delivery(kept)
            await delivery.open()
            task = asyncio.create_task(delivery.take(ENVELOPE, TEXT, then=lambda: ends.append(len(kept.mails))))
            await asyncio.to_thread(kept.begun.wait, 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert ends == []
            asyncio.get_running_loop().call_later(0.05, kept.may_end.set)
            await delivery.close()

        asyncio.run(main())

        assert len(kept.mails) == 1
        assert ends == [1]

    def test_a_plain_function_has_one_message_at_a_time(self) -> None:
        """It need not know of threads."""
        inside: list[int] = []
        most: list[int] = []

        def take(_envelope: Envelope, _message: MIMEMessage) -> None:
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()

        async def main() -> None:
            delivery = Delivery(take)
            await delivery.open()
            await asyncio.gather(*(delivery.take(ENVELOPE, TEXT) for _ in range(8)))
            await delivery.close()

        asyncio.run(main())

        assert most == [1] * 8

    def test_a_url_has_several_at_once(self) -> None:
        """Each by a sender of its own, which is used again."""

        async def main(delivery: Delivery) -> None:
            await delivery.open()
            await asyncio.gather(*(delivery.take(ENVELOPE, TEXT) for _ in range(2 * room._WORKERS)))
            await delivery.close()

        with FaultyServer() as server:
            asyncio.run(main(Delivery(server.url)))
            assert len(server.accepted) == 2 * room._WORKERS
            assert 1 <= len(server.connections) <= room._WORKERS

    def test_it_can_be_used_without_a_loop(self) -> None:
        """As a server does that has a thread for each client."""
        kept = Kept()

        assert codes(Delivery(kept).take_here(ENVELOPE, TEXT)) == [250, 250]
        assert codes(Delivery("null:").take_here(ENVELOPE, TEXT)) == [250, 250]
        assert len(kept.mails) == 1
