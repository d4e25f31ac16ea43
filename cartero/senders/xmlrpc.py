"""Mail by a call of ``mail.send`` on a server elsewhere."""

from __future__ import annotations

import time

from ..errors import CarteroError, ConnectError
from ._xmlrpcroad import Batch, Item, XMLRPCRoad, item_of, received
from .base import Sender, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from ..receipt import Receipt
    from ..wires import blocking
    from ._http import Client
    from ._verdicts import Result, Verdict
    from .base import Enveloped, OnFailure
    from .preparation import MailObject

# What only a call needs is imported by the first one: a command's start is most of its cost.
# ruff: noqa: PLC0415


class XMLRPCSender(XMLRPCRoad, Sender):
    """Calls the method ``mail.send`` on a server, with a list of message structs, those of ``cartero.struct``.

    Under ``with sender:`` one connection is kept for all calls, if the server keeps it too. One that was closed
    meanwhile is replaced, as long as nothing can have been sent over it.

    `send_all` puts several messages into one call. The receipts of a call come together, and a failure among them is
    raised behind them; its notes name the other messages of the call that failed too. If the server wants less at
    once, each goes alone.

    It needs the extra ``xmlrpc``.

    Args:
        url: where the server is: ``https://host/path``, or ``http://`` to this machine.
        token: sent as ``Authorization: Bearer``; or a function that returns it, called for each call. It may stand
            in the URL, too: ``https://:$TOKEN@host/path`` takes it from the environment variable ``TOKEN``.
        tls: which certificate is believed. ``"off"`` allows ``http://`` to other machines, where everybody on the way
            reads mail and token.
        timeout: seconds that a connection may take to open, and that may pass while the server takes nothing.
        answer_timeout: seconds that the server may take to send and to answer.
        idle: seconds after which a connection that nothing was sent over is replaced.
        batch: the most messages in one call. Several are never more than half a megabyte together.

    Raises:
        BadURL: one of them is none of these.

    RFC 6750, section 2.1; RFC 9110, section 9.3.3.
    """

    _wire: blocking.Wire | None = None
    _client: Client | None = None

    def _open(self) -> None:
        from ..wires import blocking

        self._client = self._new_client()
        try:
            self._wire = blocking.Wire.open(self._place, self._tls, timeout=self._timeout, secure=self._is_secure)
        except ConnectError as error:
            error.sender = self.name
            raise
        self._used_at = time.monotonic()

    def _close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = self._client = None

    def _deliver(self, mail: MailObject) -> Receipt:
        [result] = self._call([item_of(mail.message, mail)])
        return received(result)

    def _send_all(self, messages: Iterable[Enveloped], on_failure: OnFailure | None) -> Generator[Receipt]:
        batch = Batch(self._batch_count)
        with self:
            for given in messages:
                message, envelope = unpack(given)
                try:
                    item = self._item(message, envelope)
                except CarteroError as error:
                    yield from self._send_batch(batch.take(), on_failure)
                    if on_failure is None:
                        raise
                    on_failure(message, error)
                    continue
                if not batch.has_room(item):
                    yield from self._send_batch(batch.take(), on_failure)
                batch.add(item)
            yield from self._send_batch(batch.take(), on_failure)

    def _send_batch(self, items: list[Item], on_failure: OnFailure | None) -> Iterator[Receipt]:
        if items:
            yield from self._told(items, self._call(items), on_failure)

    def _call(self, items: Sequence[Item]) -> list[Result]:
        answer = self._answer(items)
        if isinstance(answer, list):
            return answer
        if len(items) == 1:
            return answer.errors([items[0].mail], self.name)
        return [result for item in items for result in self._call([item])]

    def _answer(self, items: Sequence[Item]) -> list[Result] | Verdict:
        from ._http import BrokenOffError

        try:
            return self._exchange(items)
        except (BrokenOffError, ConnectError) as error:
            return self._failed(error, items)

    def _exchange(self, items: Sequence[Item]) -> list[Result] | Verdict:
        from ._http import BrokenOffError

        if self._wire is not None and self._client is not None and self._is_fit(self._wire):
            is_kept = self._client.is_used
            try:
                return self._run(self._wire, self._client, items)
            except BrokenOffError as error:
                # It may have been left idle for too long; what did not go whole was not sent, and may go again.
                if error.is_whole or not is_kept:
                    raise
        self._close()
        self._open()
        assert self._wire is not None  # open
        assert self._client is not None
        return self._run(self._wire, self._client, items)

    def _run(self, wire: blocking.Wire, client: Client, items: Sequence[Item]) -> list[Result] | Verdict:
        try:
            return wire.run(self._request(client, items))
        finally:
            self._used_at = time.monotonic()
            if not client.begin_again():
                self._close()
