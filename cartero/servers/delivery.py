"""Where mail goes that a server took in: to a sender, or to a function."""

from __future__ import annotations

import asyncio
import inspect
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from threading import BoundedSemaphore, Lock

from mimekit import MIMEMessage, parse

from .._connect import connect
from ..envelope import Envelope
from ..errors import BadURL, CarteroError, ConnectError, SendingError
from ..outcome import Outcome
from ..receipt import Receipt
from ..senders.base import AsyncSender, Sender
from ._answers import BROKEN, LOOPING, outcomes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from typing import Any, TypeAlias, TypeVar

    _T = TypeVar("_T")

    Destination: TypeAlias = (
        "str | Sender | AsyncSender | Callable[[Envelope, MIMEMessage], Receipt | Awaitable[Receipt | None] | None]"
    )

_WORKERS = 4  # threads that hand on mail; most of their time goes by in waiting
_log = logging.getLogger("cartero")


class Delivery:
    """Hands on what servers take in; several of them may share one. Mutable.

    Args:
        to: who gets it.

            - A URL, such as ``"maildir:inbox"``: several messages at once, each by a sender of its own.
            - A `Sender`: one message after the other.
            - An asynchronous sender, of ``cartero.aio``: several at once.
            - A function of yours, which is called with the `Envelope` and the `mimekit.MIMEMessage`. A plain one is
              called in another thread, for one message after the other; an asynchronous one is awaited, for several at
              once. The message is taken when it returns: None for everybody, or a `Receipt`. When it raises a
              `CarteroError`, the client is told as if a sender had; when anything else, the client is asked to come
              again later, and is not told what went wrong, which is in the log ``cartero``.
        hops: servers that a message may have passed already. RFC 5321, section 6.3.

    Raises:
        BadURL: *to* is none of these.
    """

    def __init__(self, to: Destination, *, hops: int = 100) -> None:
        if not (isinstance(to, str | Sender | AsyncSender) or callable(to)):
            raise BadURL(f"expected a URL, a sender or a function that takes mail, found {type(to).__name__}")
        if isinstance(to, str):
            connect(to)  # what is wrong with it is said now, and not to the first client
        self._to = to
        self._hops = hops
        self._is_async = isinstance(to, AsyncSender) or _is_coroutine_function(to)
        self._workers: ThreadPoolExecutor | None = None
        self._idle: list[Sender] = []
        self._lock = Lock()
        self._alone = Lock()  # of what is for one thread at a time
        self._together = BoundedSemaphore(_WORKERS)  # of what is for several; the threads may be a server's own
        self._users = 0
        self._under_way: set[asyncio.Future[Receipt | CarteroError]] = set()

    # -- open and closed -------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make ready; as often as it is opened, it has to be closed.

        Raises:
            ConnectError: the sender cannot be opened.
        """
        self._users += 1
        if self._users > 1:
            return
        try:
            self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="cartero-delivery")
            if isinstance(self._to, AsyncSender):
                await self._to.__aenter__()
            elif isinstance(self._to, Sender):
                await self._in_worker(self._to.__enter__)
            elif isinstance(self._to, str):
                await self._in_worker(self._try_road, self._to)
        except BaseException:
            self._users -= 1
            self._dismiss()
            raise

    def _try_road(self, url: str) -> None:
        """Open the first sender: a mailbox that cannot be is told at once, and a server that is away may come back."""
        try:
            self._idle.append(connect(url).__enter__())
        except ConnectError as error:
            if not error.temporary:
                raise

    async def close(self) -> None:
        """Wait until all that was taken on has been handed on, and let the senders go."""
        self._users -= 1
        if self._users:
            return
        if self._under_way:
            await asyncio.wait(self._under_way)
        held = [self._to] if isinstance(self._to, Sender) else self._idle
        self._idle = []
        # One that cannot be closed keeps none of the others.
        async with AsyncExitStack() as leaving:
            leaving.callback(self._dismiss)
            for sender in held:
                leaving.push_async_callback(self._in_worker, sender.__exit__, None, None, None)
            if isinstance(self._to, AsyncSender):
                leaving.push_async_callback(self._to.__aexit__, None, None, None)

    def _dismiss(self) -> None:
        assert self._workers is not None  # opened
        self._workers.shutdown(wait=False)
        self._workers = None

    async def _in_worker(self, work: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work, *arguments)

    # -- handing on ------------------------------------------------------------------------------------

    @property
    def is_async(self) -> bool:
        """Whether it awaits; then `result_here` is not for it."""
        return self._is_async

    async def take(
        self, envelope: Envelope, octets: bytes, *, then: Callable[[], None] = lambda: None
    ) -> Mapping[str, Outcome]:
        """Hand on a message; what became of it for every recipient. Never raises.

        It goes on to its end where the one who waits for it is cancelled; *then* is called at its end.
        """
        return _outcomes(await self.result(envelope, octets, then=then), envelope)

    def take_here(self, envelope: Envelope, octets: bytes) -> Mapping[str, Outcome]:
        """The same in this thread, for what does not await."""
        return _outcomes(self.result_here(envelope, octets), envelope)

    async def result(
        self, envelope: Envelope, octets: bytes, *, then: Callable[[], None] = lambda: None
    ) -> Receipt | CarteroError:
        """As `take`, but what the sender says: a receipt for every recipient, or why there is none."""
        work: Coroutine[Any, Any, Receipt | CarteroError] = (
            self._awaited(envelope, octets) if self._is_async else self._in_worker(self.result_here, envelope, octets)
        )
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        task.add_done_callback(lambda _: then())
        return await asyncio.shield(task)

    def result_here(self, envelope: Envelope, octets: bytes) -> Receipt | CarteroError:
        """The same in this thread, for what does not await."""
        try:
            message = parse(octets)
            if self._is_looping(message):
                return _refused(LOOPING, envelope)
            return self._carried(envelope, message)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the client has to be told something
            return self._failed(envelope, error)

    async def _awaited(self, envelope: Envelope, octets: bytes) -> Receipt | CarteroError:
        try:
            message = parse(octets)
            if self._is_looping(message):
                return _refused(LOOPING, envelope)
            if isinstance(self._to, AsyncSender):
                return await self._to.send(message, envelope=envelope)
            assert callable(self._to)  # it is no sender
            return _accepted(envelope, await self._to(envelope, message))  # type: ignore[misc]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the client has to be told something
            return self._failed(envelope, error)

    def _carried(self, envelope: Envelope, message: MIMEMessage) -> Receipt:
        to = self._to
        if isinstance(to, str):
            with self._together:
                return self._sent(to, envelope, message)
        with self._alone:
            if isinstance(to, Sender):
                return to.send(message, envelope=envelope)
            return _accepted(envelope, to(envelope, message))  # type: ignore[operator]

    def _sent(self, url: str, envelope: Envelope, message: MIMEMessage) -> Receipt:
        with self._lock:
            sender = self._idle.pop() if self._idle else None
        if sender is None:
            made = connect(url)
            sender = made.__enter__()
        try:
            return sender.send(message, envelope=envelope)
        finally:
            with self._lock:
                self._idle.append(sender)

    def _is_looping(self, message: MIMEMessage) -> bool:
        names = message.headers.names()
        most = self._hops + 1  # for the one of this server is among them
        return len(names) > most and sum(name.lower() == "received" for name in names) > most

    def _failed(self, envelope: Envelope, error: Exception | SystemExit) -> CarteroError:
        if isinstance(error, CarteroError):
            _log.warning("mail from <%s> was not taken: %s", envelope.sender, error)
            return error
        # SECURITY: its text may hold anything, and goes to the log alone.
        _log.error("mail from <%s> was not taken", envelope.sender, exc_info=error)
        return _refused(BROKEN, envelope)


def _is_coroutine_function(to: object) -> bool:
    call = getattr(type(to), "__call__", None)  # noqa: B004 - not whether there is one, but what it is
    return inspect.iscoroutinefunction(to) or inspect.iscoroutinefunction(call)


def _accepted(envelope: Envelope, returned: object) -> Receipt:
    """What a function *returned*, as a receipt."""
    if returned is None:
        return Receipt(dict.fromkeys(envelope.recipients, Outcome(accepted=True)))
    if isinstance(returned, Receipt) and set(envelope.recipients) <= set(returned.recipients):
        if len(returned.recipients) == len(envelope.recipients):
            return returned
        known = {recipient: returned.recipients[recipient] for recipient in envelope.recipients}
        return Receipt(known, message_id=returned.message_id, sender=returned.sender, location=returned.location)
    raise TypeError(f"expected None, or a Receipt for all recipients, from what takes mail, found {returned!r}")


def _refused(outcome: Outcome, envelope: Envelope) -> SendingError:
    """What stands for *outcome* for all of *envelope*, where nobody else says it."""
    return SendingError(
        "the message was not taken",
        code=outcome.code,
        enhanced=outcome.enhanced,
        reply=outcome.reply,
        temporary=outcome.temporary,
        recipients=dict.fromkeys(envelope.recipients, outcome),
    )


def _outcomes(result: Receipt | CarteroError, envelope: Envelope) -> Mapping[str, Outcome]:
    if not isinstance(result, Receipt):
        return outcomes_of(result, envelope)
    return {recipient: result.recipients[recipient] for recipient in envelope.recipients}
