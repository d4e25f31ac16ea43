"""Mail over SMTP, submission or LMTP, for programs that await. RFC 5321, RFC 6409, RFC 2033."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Iterable
from typing import TYPE_CHECKING, Self, TypeVar

from ..errors import CarteroError, ConnectError
from ..wires import awaiting
from ..wires.driving import drive_awaiting
from ._errand import Errand, Give, Item, Say, Take, prepared, with_following
from ._pool import Connection
from ._smtproad import SMTPRoad
from .base import AsyncSender

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from ..receipt import Receipt
    from ._errand import Need, Needs
    from .base import Enveloped, OnFailure
    from .preparation import MailObject

_T = TypeVar("_T")


class AsyncSMTPSender(SMTPRoad, AsyncSender):
    """Sends over SMTP or LMTP, for programs that await; settings and behaviour are those of `SMTPSender`.

    Tasks of one event loop may share it. *password* and *token* may be functions whose result is awaited.
    `send_all` asks a list for the message behind the one that is being sent, and an asynchronous iterable
    for none before its time.
    """

    def _ready(self) -> None:
        self._room = asyncio.Semaphore(self._limits.connections)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._holders:
                problem = "the sender is in use in another event loop: make one for each loop"
                raise ConnectError(problem, sender=self.name, stage="connect")
            self._loop, self._room = loop, asyncio.Semaphore(self._limits.connections)
        # Nothing is opened before there is a message, so nobody waits for who says goodbye.
        self._holders += 1
        self._is_open = True
        return self

    async def _close(self) -> None:
        await asyncio.gather(*map(_hang_up, self.shelf.empty()))

    async def _deliver(self, mail: MailObject) -> Receipt:
        errand = Errand(self)
        try:
            return await self._run(errand.carry(mail))
        finally:
            await self._run(errand.end())

    async def _send_all(
        self, messages: Iterable[Enveloped] | AsyncIterable[Enveloped], on_failure: OnFailure | None
    ) -> AsyncGenerator[Receipt]:
        errand = Errand(self)
        async with self:
            try:
                async for item, following in self._items(messages):
                    try:
                        if item.error is not None:
                            raise item.error
                        assert item.mail is not None  # else there was an error
                        receipt = await self._told(item.mail, errand, following.mail if following else None)
                    except CarteroError as error:
                        if on_failure is None:
                            raise
                        on_failure(item.message, error)
                    else:
                        yield receipt
            finally:
                await self._run(errand.end())

    async def _items(
        self, messages: Iterable[Enveloped] | AsyncIterable[Enveloped]
    ) -> AsyncIterator[tuple[Item, Item | None]]:
        if isinstance(messages, AsyncIterable):
            async for given in messages:
                yield prepared(self, given), None
            return
        for pair in with_following(prepared(self, given) for given in messages):
            yield pair

    async def _told(self, mail: MailObject, errand: Errand, following: MailObject | None) -> Receipt:
        """Send *mail*, and tell the hooks."""
        try:
            receipt = await self._run(errand.carry(mail, following=following))
        except CarteroError as error:
            self._tell(mail, error)
            raise
        self._tell(mail, receipt)
        return receipt

    # -- needs -----------------------------------------------------------------------------------------

    async def _run(self, needs: Needs[_T]) -> _T:
        return await drive_awaiting(needs, self._meet)

    async def _meet(self, need: Need) -> object:
        if isinstance(need, Say):
            return await need.connection.wire.run(need.steps)
        if isinstance(need, Take):
            return await self._taken()
        if isinstance(need, Give):
            await self._given(need.connection)
        else:
            await asyncio.sleep(need.seconds)
        return None

    async def _taken(self) -> Connection[awaiting.Wire]:
        try:
            async with asyncio.timeout(self._timeouts.final):
                await self._room.acquire()
        except TimeoutError as error:
            raise self.crowded() from error
        try:
            while (kept := self.shelf.take()) is not None:
                if self.shelf.is_fit(kept, time.monotonic()):
                    return kept
                await _hang_up(kept)
            return await self._opened()
        except BaseException:
            self._room.release()
            raise

    async def _opened(self) -> Connection[awaiting.Wire]:
        wire = await awaiting.Wire.open(
            self._place, self._tls, timeout=self._timeouts.connect, secure=self._protocol == "smtps"
        )
        try:
            conversation = self._conversation(wire.own_address)
            await wire.run(self._opening(conversation))
        except BaseException:
            wire.close()
            raise
        return Connection(wire, conversation, now=time.monotonic())

    async def _given(self, connection: Connection[awaiting.Wire]) -> None:
        try:
            if not self.shelf.put(connection):
                await _hang_up(connection)
        finally:
            self._room.release()


async def _hang_up(connection: Connection[awaiting.Wire]) -> None:
    try:
        if connection.may_part:
            await connection.wire.run(connection.conversation.quit())
    finally:
        connection.wire.close()
