"""Mail by a call of ``mail.send`` on a server elsewhere, for programs that await."""

from __future__ import annotations

import asyncio
import time

from ..errors import CarteroError, ConnectError
from ..wires import awaiting
from ._xmlrpcroad import Batch, Item, XMLRPCRoad, item_of, received
from .base import AsyncSender, one_by_one, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence

    from ..receipt import Receipt
    from ._http import Client
    from ._verdicts import Result, Verdict
    from .base import Enveloped, OnFailure
    from .preparation import MailObject

# What only a call needs is imported by the first one: a command's start is most of its cost.
# ruff: noqa: PLC0415


class AsyncXMLRPCSender(XMLRPCRoad, AsyncSender):
    """Calls the method ``mail.send``, for programs that await; settings and behaviour are those of `XMLRPCSender`.

    *token* may be a function whose result is awaited. Tasks of one event loop may share it; their calls go one
    after the other.
    """

    _wire: awaiting.Wire | None = None
    _client: Client | None = None

    def _ready(self) -> None:
        self._turn = asyncio.Lock()

    async def _open(self) -> None:
        self._client = self._new_client()
        try:
            self._wire = await awaiting.Wire.open(self._place, self._tls, timeout=self._timeout, secure=self._is_secure)
        except ConnectError as error:
            error.sender = self.name
            raise
        self._used_at = time.monotonic()

    async def _close(self) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = self._client = None

    async def _deliver(self, mail: MailObject) -> Receipt:
        async with self._turn:
            [result] = await self._call([item_of(mail.message, mail)])
        return received(result)

    async def _send_all(
        self, messages: Iterable[Enveloped] | AsyncIterable[Enveloped], on_failure: OnFailure | None
    ) -> AsyncGenerator[Receipt]:
        batch = Batch(self._batch_count)
        async with self:
            async for given in one_by_one(messages):
                message, envelope = unpack(given)
                try:
                    item = self._item(message, envelope)
                except CarteroError as error:
                    async for receipt in self._send_batch(batch.take(), on_failure):
                        yield receipt
                    if on_failure is None:
                        raise
                    on_failure(message, error)
                    continue
                if not batch.has_room(item):
                    async for receipt in self._send_batch(batch.take(), on_failure):
                        yield receipt
                batch.add(item)
            async for receipt in self._send_batch(batch.take(), on_failure):
                yield receipt

    async def _send_batch(self, items: list[Item], on_failure: OnFailure | None) -> AsyncIterator[Receipt]:
        if items:
            async with self._turn:
                results = await self._call(items)
            for receipt in self._told(items, results, on_failure):
                yield receipt

    async def _call(self, items: Sequence[Item]) -> list[Result]:
        answer = await self._answer(items)
        if isinstance(answer, list):
            return answer
        if len(items) == 1:
            return answer.errors([items[0].mail], self.name)
        return [result for item in items for result in await self._call([item])]

    async def _answer(self, items: Sequence[Item]) -> list[Result] | Verdict:
        from ._http import BrokenOffError

        try:
            return await self._exchange(items)
        except (BrokenOffError, ConnectError) as error:
            return self._failed(error, items)

    async def _exchange(self, items: Sequence[Item]) -> list[Result] | Verdict:
        from ._http import BrokenOffError

        if self._wire is not None and self._client is not None and self._is_fit(self._wire):
            is_kept = self._client.is_used
            try:
                return await self._run(self._wire, self._client, items)
            except BrokenOffError as error:
                if error.is_whole or not is_kept:
                    raise
        self._hang_up()
        await self._open()
        assert self._wire is not None  # open
        assert self._client is not None
        return await self._run(self._wire, self._client, items)

    async def _run(self, wire: awaiting.Wire, client: Client, items: Sequence[Item]) -> list[Result] | Verdict:
        try:
            return await wire.run(self._request(client, items))
        finally:
            self._used_at = time.monotonic()
            if not client.begin_again():
                self._hang_up()
