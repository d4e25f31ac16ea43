"""The contract of senders."""

from __future__ import annotations

import asyncio
import copy
import email.message
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
        assert record.getMessage() == "an after_send hook failed behind the message <1@x>"
        assert record.exc_info is not None
        assert record.exc_info[1] is raised


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
