"""Mail over SMTP for programs that await; what is the same for both senders is with the other one."""

from __future__ import annotations

import asyncio
import gc
import time
from typing import TYPE_CHECKING, Any

import pytest

from cartero import TLS, ConnectError, Limits, SendingError, Timeouts
from cartero.aio import AsyncSMTPSender
from tests.certificates import AUTHORITY
from tests.mailservers import PASSWORD, Inbox, Script, serve, sleeping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EXTENSIONS = ("PIPELINING", "8BITMIME")


def mail(number: int = 1, *, to: str = "you@example.org", size: int = 0) -> bytes:
    """A ready message."""
    return (
        f"From: me@example.org\r\nTo: {to}\r\nDate: x\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
        + "Hello again, and again\r\n" * (size // 24)
    ).encode()


class TestTasks:
    """Tasks of one loop share a sender."""

    def test_each_message_has_a_connection_to_itself(self) -> None:
        """There are no more than was said, and they are used again."""
        inbox = Inbox("PIPELINING")

        async def main() -> None:
            async with AsyncSMTPSender(address.host, address.port, limits=Limits(connections=3)) as sender:
                await asyncio.gather(*(sender.send(mail(one, to=f"you{one}@example.org")) for one in range(60)))

        with serve(inbox) as address:
            asyncio.run(main())

        assert inbox.connection_count <= 3
        assert len({one.octets for one in inbox.mails}) == len(inbox.mails) == 60
        assert all(f"To: {one.recipients[0]}\r\n".encode() in one.octets for one in inbox.mails)

    def test_the_rate_is_kept_over_all(self) -> None:
        """Each waits for a time of its own."""

        async def main() -> float:
            start = time.monotonic()
            async with AsyncSMTPSender(*server.address[:2], limits=Limits(rate=50)) as sender:
                await asyncio.gather(*(sender.send(mail(one)) for one in range(6)))
            return time.monotonic() - start

        with Script(*EXTENSIONS) as server:
            assert 0.1 <= asyncio.run(main()) < 2

    @pytest.mark.parametrize("size", [0, 1_000_000], ids=["small", "large"])
    def test_large_messages_go_under_tls(self, size: int) -> None:
        """More than the system and TLS keep for later; the answer comes when all has gone."""
        inbox = Inbox()

        async def main(**settings: Any) -> None:
            sender = AsyncSMTPSender(address.host, address.port, tls=TLS(ca=AUTHORITY), **settings)
            async with asyncio.timeout(20):
                assert (
                    len([receipt async for receipt in sender.send_all([mail(one, size=size) for one in range(3)])]) == 3
                )

        with serve(inbox, starttls=True) as address:
            asyncio.run(main())
        with serve(inbox, secure=True) as address:
            asyncio.run(main(protocol="smtps"))

        assert [one.octets for one in inbox.mails] == [mail(one, size=size) for one in range(3)] * 2


class TestGivingUp:
    """A task may be cancelled anywhere."""

    @pytest.mark.parametrize("event", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "dot"])
    def test_what_was_begun_is_not_gone_on_with(self, event: str) -> None:
        """The next message has a connection of its own, and the only place there is."""
        replies = {"EHLO": b"250 hi\r\n", "DATA": b"354 go\r\n", "connect": b"220 hi\r\n"}
        table: dict[str, Any] = {event: [sleeping(0.4), replies.get(event, b"250 ok\r\n")]}

        async def main() -> None:
            async with AsyncSMTPSender(*server.address[:2], limits=Limits(connections=1)) as sender:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(sender.send(mail(1)), 0.15)
                await sender.send(mail(2))

        with Script(*EXTENSIONS, **table) as server:
            asyncio.run(main())

        assert server.connection_count == 2
        assert server.messages[-1] == mail(2)

    def test_who_waits_for_a_place_that_never_comes_free_is_told(self) -> None:
        """One more between the receipts of `send_all` needs one more; no program is to hang for ever."""

        async def main() -> None:
            limits, timeouts = Limits(connections=1), Timeouts(final=0.3)
            async with AsyncSMTPSender(*server.address[:2], limits=limits, timeouts=timeouts) as sender:
                receipts = sender.send_all([mail(1), mail(2)])
                await anext(receipts)
                with pytest.raises(ConnectError, match="no connection came free: 1 may be open, and 1 are in use"):
                    await sender.send(mail(3))
                assert [receipt.message_id async for receipt in receipts] == ["<2@example.org>"]

        with Script(*EXTENSIONS) as server:
            asyncio.run(main())

    def test_who_waits_for_a_place_may_give_up(self) -> None:
        """It is left to the others."""

        async def main() -> None:
            async with AsyncSMTPSender(*server.address[:2], limits=Limits(connections=1)) as sender:
                slow = asyncio.create_task(sender.send(mail(1)))
                await asyncio.sleep(0.05)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(sender.send(mail(2)), 0.1)
                with pytest.raises(SendingError):
                    await slow
                await sender.send(mail(3))

        with Script(*EXTENSIONS, MAIL=[sleeping(0.3), b"250 ok\r\n"]) as server:
            asyncio.run(main())

        assert server.messages == [mail(3)]

    def test_who_stops_iterating_leaves_nothing_open(self) -> None:
        """The connection is closed when the iterator is; Python does so when nobody has it any more."""
        inbox = Inbox("PIPELINING")

        async def main() -> None:
            async with AsyncSMTPSender(address.host, address.port, limits=Limits(connections=1)) as sender:
                async for _ in sender.send_all([mail(one) for one in range(5)]):
                    break
                gc.collect()
                await sender.send(mail(9))

        with serve(inbox) as address:
            asyncio.run(main())

        assert [one.octets for one in inbox.mails] == [mail(0), mail(9)]


class TestLoops:
    """A sender belongs to one event loop at a time."""

    def test_it_may_be_used_in_one_after_the_other(self) -> None:
        """Between them nothing is open."""

        async def main() -> None:
            await asyncio.gather(*(sender.send(mail(one)) for one in range(4)))

        with Script(*EXTENSIONS) as server:
            sender = AsyncSMTPSender(*server.address[:2], limits=Limits(connections=1))
            asyncio.run(main())
            asyncio.run(main())

        assert len(server.messages) == 8

    def test_it_cannot_be_held_in_one_and_used_in_another(self) -> None:
        """The error says what to do."""

        async def in_another() -> None:
            with pytest.raises(ConnectError, match="in use in another event loop: make one for each loop"):
                await sender.send(mail(2))

        async def main() -> None:
            async with sender:
                await sender.send(mail(1))
                await asyncio.to_thread(asyncio.run, in_another())
                await sender.send(mail(3))

        with Script(*EXTENSIONS) as server:
            sender = AsyncSMTPSender(*server.address[:2])
            asyncio.run(main())

        assert server.messages == [mail(1), mail(3)]

    def test_it_is_made_without_a_loop(self) -> None:
        """In a setting at the top of a module, say."""
        assert AsyncSMTPSender("mx").name == "smtp://mx:25"


class TestSendAll:
    def test_an_asynchronous_iterable_is_asked_for_one_at_a_time(self) -> None:
        """It may be a queue: the next one is not waited for before this one goes."""

        async def letters() -> AsyncIterator[bytes]:
            for number in range(3):
                assert len(server.messages) == number
                yield mail(number)

        async def main() -> list[str]:
            return [receipt.message_id async for receipt in AsyncSMTPSender(*server.address[:2]).send_all(letters())]

        with Script(*EXTENSIONS) as server:
            assert asyncio.run(main()) == [f"<{one}@example.org>" for one in range(3)]

        assert server.connection_count == 1


class TestSecrets:
    def test_a_function_may_be_awaited(self) -> None:
        """Such as one that asks a server of tokens."""
        inbox = Inbox()

        async def password() -> str:
            await asyncio.sleep(0.01)
            return PASSWORD

        async def main() -> None:
            await AsyncSMTPSender(address.host, address.port, user="me", password=password, tls=TLS(ca=AUTHORITY)).send(
                mail()
            )

        with serve(inbox, starttls=True) as address:
            asyncio.run(main())

        assert inbox.mails[0].login == "me"
