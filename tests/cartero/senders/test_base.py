"""The contract of senders."""

from __future__ import annotations

import asyncio
import copy
import email.message
import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from cartero import (
    AsyncSender,
    BadAddress,
    BadEnvelope,
    BadMessage,
    Cancelled,
    CarteroError,
    ConnectError,
    Envelope,
    FailoverSender,
    MailObject,
    MemorySender,
    Receipt,
    Sender,
    SendingError,
    SMTPSender,
    XMLRPCSender,
)
from mimekit import MIMEMessage, parse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Road(Sender):
    """A sender that notes when it is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []

    @property
    def name(self) -> str:
        """What receipts call it."""
        return "road:"

    def _open(self) -> None:
        self.log.append("open")

    def _close(self) -> None:
        self.log.append("close")

    def _deliver(self, mail: MailObject) -> Receipt:
        self.log.append(mail.message_id)
        if "no" in mail.envelope.recipients[0]:
            raise SendingError("refused", sender=self.name)
        return self._accepted(mail)


class AsyncRoad(AsyncSender):
    """Its twin."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []

    @property
    def name(self) -> str:
        """What receipts call it."""
        return "road:"

    async def _open(self) -> None:
        self.log.append("open")

    async def _close(self) -> None:
        self.log.append("close")

    async def _deliver(self, mail: MailObject) -> Receipt:
        await asyncio.sleep(0)
        self.log.append(mail.message_id)
        if "no" in mail.envelope.recipients[0]:
            raise SendingError("refused", sender=self.name)
        return self._accepted(mail)


class SlowRoad(AsyncRoad):
    """One that takes its time to open and close, and cannot open so many times."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self._failures = failures

    async def _open(self) -> None:
        self.log.append("opening")
        await asyncio.sleep(0.01)
        if self._failures:
            self._failures -= 1
            raise ConnectError("not now")
        self.log.append("open")

    async def _close(self) -> None:
        self.log.append("closing")
        await asyncio.sleep(0.01)
        self.log.append("close")


class Plain(AsyncSender):
    """An asynchronous road with nothing to open."""

    @property
    def name(self) -> str:
        """What receipts call it."""
        return "plain:"

    async def _deliver(self, mail: MailObject) -> Receipt:
        return self._accepted(mail)


ONE, TWO = (f"From: a@x.org\nTo: b@x.org\nDate: x\nMessage-ID: <{number}@x>\n\n".encode() for number in (1, 2))
BAD = b"From: a@x.org\nTo: no@x.org\nDate: x\nMessage-ID: <3@x>\n\n"


class TestSender:
    """The contract."""

    def test_each_sending_opens_and_closes(self) -> None:
        """Nothing is left open that nobody will close."""
        road = Road()

        road.send(ONE)
        road.send(TWO)

        assert road.log == ["open", "<1@x>", "close", "open", "<2@x>", "close"]

    def test_with_holds_it_open(self) -> None:
        """One connection for many messages, and nested as you like."""
        road = Road()

        with road as same:
            assert same is road
            with road:
                road.send(ONE)
            road.send(TWO)

        assert road.log == ["open", "<1@x>", "<2@x>", "close"]

    def test_send_all_yields_a_receipt_each_over_one_connection(self) -> None:
        """In the order of the messages."""
        road = Road()

        receipts = list(road.send_all([ONE, TWO]))

        assert [receipt.message_id for receipt in receipts] == ["<1@x>", "<2@x>"]
        assert road.log == ["open", "<1@x>", "<2@x>", "close"]

    def test_send_all_stops_at_an_error_with_the_receipts_before_it_given(self) -> None:
        """What was sent before is known, and the road is closed."""
        road = Road()
        receipts = road.send_all([ONE, b"no sender", TWO])

        first = next(receipts)
        with pytest.raises(BadEnvelope):
            next(receipts)

        assert first.accepted == ("b@x.org",)
        assert road.log == ["open", "<1@x>", "close"]

    @pytest.mark.parametrize(
        ("messages", "problem"),
        [
            pytest.param(5, "expected messages, found int", id="usual-none"),
            pytest.param(ONE, "expected several messages, found one: bytes", id="usual-octets"),
            pytest.param(MIMEMessage(), "expected several messages, found one: MIMEMessage", id="usual-message"),
            pytest.param(email.message.EmailMessage(), "messages, found one: EmailMessage", id="odd-of-email"),
        ],
    )
    def test_send_all_takes_several_messages(self, messages: Any, problem: str) -> None:
        """A caller's mistake says what was expected and found, and opens nothing."""
        road = Road()

        with pytest.raises(BadMessage, match=problem):
            list(road.send_all(messages))

        assert road.log == []

    def test_a_callers_mistake_opens_nothing(self) -> None:
        """Refused before anything is done."""
        road = Road()

        with pytest.raises(BadAddress):
            road.send(b"From: a\nTo: b\n\n")

        assert road.log == []

    def test_most_roads_have_nothing_to_open(self) -> None:
        """The contract asks for a name and a delivery alone."""
        with MemorySender() as sender:
            assert sender.send(ONE).sender == "memory:"

    def test_send_all_takes_envelopes_too(self) -> None:
        """Each message may have one of its own."""
        road = Road()

        [first, second] = road.send_all([(ONE, Envelope("x@x.org", ["you@x.org"])), (TWO, None)])

        assert (first.accepted, second.accepted) == (("you@x.org",), ("b@x.org",))

    def test_three_things_are_no_message_with_its_envelope(self) -> None:
        """The text says what was expected."""
        with pytest.raises(BadMessage, match="found 3 things"):
            list(Road().send_all([(ONE, None, None)]))  # type: ignore[list-item]  # the mistake

    def test_send_all_goes_on_behind_a_failure_that_somebody_is_told_of(self) -> None:
        """One bad message does not keep the others back."""
        road = Road()
        failed: list[tuple[object, CarteroError]] = []

        receipts = list(road.send_all([ONE, BAD, TWO], on_failure=lambda *what: failed.append(what)))

        assert [receipt.message_id for receipt in receipts] == ["<1@x>", "<2@x>"]
        [(message, error)] = failed
        assert message is BAD
        assert isinstance(error, SendingError)


class TestHooks:
    """Functions of the user's, before and after."""

    def test_before_send_may_put_another_mail_in_place(self) -> None:
        """Its message, its envelope, or both; in turn."""
        sender = MemorySender()
        tagged = parse(b"From: a@x.org\nX-Tag: 1\nMessage-ID: <t@x>\n\n")
        sender.before_send.append(lambda mail: mail.replace(message=tagged))
        sender.before_send.append(lambda mail: mail.replace(envelope=Envelope("", mail.envelope.recipients)))

        receipt = sender.send(ONE)

        [mail] = sender.outbox
        assert (mail.message["X-Tag"], mail.envelope.sender, receipt.message_id) == ("1", "", "<t@x>")

    def test_before_send_may_cancel(self) -> None:
        """What it raises is what `send` raises, and nothing is opened."""
        road = Road()

        def cancel(_: MailObject) -> MailObject:
            raise Cancelled("not on Sundays")

        road.before_send.append(cancel)
        with pytest.raises(Cancelled, match="not on Sundays"):
            road.send(ONE)

        assert road.log == []

    def test_a_hook_that_returns_nothing_is_a_mistake(self) -> None:
        """Forgetting the return must not look like sending."""
        road = Road()
        road.before_send.append(lambda _: None)  # type: ignore[arg-type, return-value]  # the mistake

        with pytest.raises(BadMessage, match="expected a MailObject from a before_send hook, found NoneType"):
            road.send(ONE)

    def test_after_send_is_told_what_became_of_it(self) -> None:
        """The receipt, or the error that is about to be raised."""
        road = Road()
        told: list[tuple[str, object]] = []
        road.after_send.append(lambda mail, result: told.append((mail.message_id, result)))

        receipt = road.send(ONE)
        with pytest.raises(SendingError) as caught:
            road.send(BAD)

        assert told == [("<1@x>", receipt), ("<3@x>", caught.value)]

    @pytest.mark.parametrize("raised", [ConnectError("no log server"), ValueError("a mistake")])
    def test_what_after_send_raises_is_not_what_became_of_the_message(
        self, raised: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Else who sends by the next road, or tries again, would send a second time what has arrived."""
        first, second, told = MemorySender(), MemorySender(), list[object]()

        def fails(_mail: MailObject, _result: object) -> None:
            raise raised

        first.after_send += [fails, lambda _, result: told.append(result)]
        receipt = FailoverSender([first, second]).send(ONE)

        assert (receipt.sender, len(first.outbox), len(second.outbox), told) == ("memory:", 1, 0, [receipt])
        [record] = caplog.records
        assert record.getMessage() == "an after_send hook failed, for <1@x>"
        assert record.exc_info is not None
        assert record.exc_info[1] is raised

    def test_after_send_is_told_what_a_hook_did_not_let_go(self) -> None:
        """It too is what is about to be raised; but nothing is told of what was never a mail."""
        road = Road()
        told: list[tuple[str, object]] = []
        road.after_send.append(lambda mail, result: told.append((mail.message_id, result)))

        def cancel(_: MailObject) -> MailObject:
            raise Cancelled("not on Sundays")

        road.before_send.append(cancel)
        with pytest.raises(Cancelled) as caught:
            road.send(ONE)
        with pytest.raises(BadEnvelope):
            road.send(b"no sender")

        assert told == [("<1@x>", caught.value)]

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(parse(ONE), id="usual-nothing-to-add"),
            pytest.param(MIMEMessage(), id="usual-composed"),
        ],
    )
    def test_what_a_hook_changes_is_not_the_callers_message(self, message: MIMEMessage) -> None:
        """Else a field would pile up, once for each time it is sent."""
        sender = MemorySender()

        def mark(mail: MailObject) -> MailObject:
            mail.message.add_header("X-App", "shop")
            return mail

        sender.before_send.append(mark)
        before = bytes(message)
        for _ in range(2):
            sender.send(message, envelope=Envelope("a@x.org", ["b@x.org"]))

        assert bytes(message) == before
        assert [mail.message.get_all("X-App") for mail in sender.outbox] == [["shop"]] * 2

    def test_hooks_that_change_nothing_leave_what_is_ready_as_it_is(self) -> None:
        """Octet for octet, whatever it looks like."""
        sender = MemorySender()
        sender.before_send.append(lambda mail: mail)
        octets = b"From: a@x.org\nSubject:  odd \r\nBcc: c@x.org\n\nto\rhim\n"

        sender.send(octets, envelope=Envelope("a@x.org", ["b@x.org"]))

        assert bytes(sender.outbox[0].message) == octets

    def test_without_hooks_nothing_is_copied(self) -> None:
        """It would cost time for each message."""
        message = parse(ONE)
        sent: list[MailObject] = []

        class Kept(Road):
            def _deliver(self, mail: MailObject) -> Receipt:
                sent.append(mail)
                return super()._deliver(mail)

        Kept().send(message)

        assert sent[0].message is message

    @pytest.mark.parametrize("message", [pytest.param(ONE, id="usual-sent"), pytest.param(BAD, id="usual-refused")])
    def test_an_after_send_hook_that_raises_changes_nothing(
        self, message: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Who is told that it failed sends it again, though it has gone; so it is logged, and the others are called."""
        road = Road()
        told: list[object] = []

        def fail(_: MailObject, _result: object) -> None:
            raise LookupError("no such table")

        road.after_send += [fail, lambda _, result: told.append(result)]
        try:
            result: object = road.send(message)
        except SendingError as error:
            result = error

        assert told == [result]
        [record] = caplog.records
        assert (record.name, record.levelno) == ("cartero", logging.ERROR)
        assert "no such table" in caplog.text

    def test_a_before_send_hook_is_a_plain_function(self) -> None:
        """Of one that is asynchronous nobody would ever await what it says."""

        async def late(mail: MailObject) -> MailObject:
            return mail

        road = Road()
        road.before_send.append(late)  # type: ignore[arg-type]  # the mistake
        with pytest.raises(BadMessage, match="expected a plain function as hook, found an asynchronous one"):
            road.send(ONE)

        assert road.log == []

    def test_an_after_send_hook_is_a_plain_function(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is too late to raise; the log says it."""

        async def late(_: MailObject, result: object) -> None:
            pass

        road = Road()
        road.after_send.append(late)

        assert road.send(ONE).accepted == ("b@x.org",)
        assert "expected a plain function as hook, found an asynchronous one" in caplog.text


class TestSecrets:
    """What holds a password is not handed around."""

    @pytest.mark.parametrize(
        "sender",
        [
            SMTPSender("mail.example.org", user="me", password="sesame"),
            XMLRPCSender("https://:sesame@mail.example.org/"),
            FailoverSender([XMLRPCSender("https://:sesame@mail.example.org/")]),
        ],
        ids=lambda sender: type(sender).__name__,
    )
    @pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
    def test_a_sender_is_neither_pickled_nor_copied(self, sender: Sender, copied: Callable[[Sender], object]) -> None:
        """The error says what to do instead."""
        with pytest.raises(TypeError, match=f"^a {type(sender).__name__} is not pickled or copied; make it where it"):
            copied(sender)


class TestAsyncSender:
    """The contract, for those who await."""

    def test_it_does_what_its_twin_does(self) -> None:
        """The same names, the same order of things, the same hooks."""
        road = AsyncRoad()
        told: list[object] = []
        road.after_send.append(lambda _, result: told.append(result))

        async def use() -> None:
            await road.send(ONE)
            async with road as same:
                assert same is road
                async with road:
                    await road.send(TWO)
                with pytest.raises(SendingError):
                    await road.send(BAD)

        asyncio.run(use())

        assert road.log == ["open", "<1@x>", "close", "open", "<2@x>", "<3@x>", "close"]
        assert [type(result) for result in told] == [Receipt, Receipt, SendingError]

    def test_send_all_takes_both_kinds_of_iterables(self) -> None:
        """A list, or messages that come when they come."""

        async def coming() -> AsyncIterator[bytes]:
            yield ONE
            yield TWO

        async def use() -> list[str]:
            plain = [receipt.message_id async for receipt in AsyncRoad().send_all([ONE, TWO])]
            return plain + [receipt.message_id async for receipt in Plain().send_all(coming())]

        assert asyncio.run(use()) == ["<1@x>", "<2@x>"] * 2

    def test_send_all_stops_or_goes_on_as_its_twin_does(self) -> None:
        """At a failure: raised, or told."""
        failed: list[object] = []

        async def use() -> list[str]:
            road = AsyncRoad()
            with pytest.raises(SendingError):
                [receipt async for receipt in road.send_all([BAD, ONE])]
            told = road.send_all([BAD, ONE], on_failure=lambda message, _: failed.append(message))
            return [receipt.message_id async for receipt in told]

        assert asyncio.run(use()) == ["<1@x>"]
        assert failed == [BAD]

    @pytest.mark.parametrize("messages", [5, ONE], ids=["usual-none", "usual-octets"])
    def test_send_all_takes_several_messages(self, messages: Any) -> None:
        """A caller's mistake is told at the call."""
        with pytest.raises(BadMessage):
            AsyncRoad().send_all(messages)

    def test_tasks_that_share_it_open_it_once(self) -> None:
        """Who comes while it is being opened waits for that, and who leaves first leaves it open."""
        road = SlowRoad()

        async def use() -> None:
            await asyncio.gather(*(road.send(ONE) for _ in range(3)))

        asyncio.run(use())
        asyncio.run(use())

        assert road.log == [*["opening", "open", *["<1@x>"] * 3, "closing", "close"] * 2]

    def test_who_comes_while_it_is_being_closed_opens_it_again(self) -> None:
        """Behind that, and not in the middle."""
        road = SlowRoad()

        async def use() -> None:
            first = asyncio.create_task(road.send(ONE))
            while "closing" not in road.log:  # noqa: ASYNC110 - the log is all there is
                await asyncio.sleep(0)
            await road.send(TWO)
            await first

        asyncio.run(use())

        once = ["opening", "open", "<{}@x>", "closing", "close"]
        assert road.log == [step.format(number) for number in (1, 2) for step in once]

    def test_who_waits_opens_it_where_the_first_could_not(self) -> None:
        """An error is one task's own; the other one tries for itself."""
        road = SlowRoad(failures=1)

        async def use() -> list[object]:
            return [*await asyncio.gather(road.send(ONE), road.send(TWO), return_exceptions=True)]

        failed, receipt = asyncio.run(use())

        assert isinstance(failed, ConnectError)
        assert isinstance(receipt, Receipt)
        assert road.log == ["opening", "opening", "open", "<2@x>", "closing", "close"]

    def test_who_gives_up_waiting_leaves_nothing_open(self) -> None:
        """Cancelled just when the road was open, and the last who held it."""
        road = SlowRoad()

        async def use() -> None:
            first, second = (asyncio.create_task(road.send(one)) for one in (ONE, TWO))
            while "open" not in road.log:  # noqa: ASYNC110 - the log is all there is
                await asyncio.sleep(0)
            second.cancel()
            await asyncio.gather(first, second, return_exceptions=True)

        asyncio.run(use())

        assert road.log == ["opening", "open", "<1@x>", "closing", "close"]
