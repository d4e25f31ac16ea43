"""The contract of senders: what `send` takes, does and gives, whatever the road."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable, Iterator
from copy import deepcopy

from ..envelope import Envelope
from ..errors import BadMessage, CarteroError
from ..outcome import Outcome
from ..receipt import Receipt
from ._receipts import AsyncReceipts, Receipts
from .preparation import MailObject, Sendable, prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Generator
    from types import TracebackType
    from typing import NoReturn, Self, TypeAlias

# A message, alone or with the envelope it is to have.
Enveloped: TypeAlias = Sendable | tuple[Sendable, Envelope | None]
# Called with each message that could not be sent, so that the others are.
OnFailure: TypeAlias = Callable[[Sendable, CarteroError], object]

_IS_ASYNC = "expected a plain function as hook, found an asynchronous one, which nobody awaits"


class Road(ABC):
    """What senders share, whichever way they wait."""

    before_send: list[Callable[[MailObject], MailObject]]
    after_send: list[Callable[[MailObject, Receipt | CarteroError], object]]

    def __init__(self) -> None:
        self.before_send = []
        self.after_send = []
        self._holders = 0

    @property
    @abstractmethod
    def name(self) -> str:
        """What the sender is called in receipts and errors: the URL it has, without passwords."""

    def _prepare(self, message: Sendable, envelope: Envelope | None) -> MailObject:
        """What travels when *message* is sent: prepared, and as the hooks leave it."""
        return self._hooked(prepare(message, envelope=envelope))

    def _hooked(self, mail: MailObject) -> MailObject:
        """What travels: *mail* as the hooks leave it, who are given a copy of its message."""
        if not self.before_send:
            return mail
        mail = MailObject(deepcopy(mail.message), envelope=mail.envelope, message_id=mail.message_id)
        try:
            for hook in self.before_send:
                mail = _expect_mail(hook(mail))
        except CarteroError as error:
            self._tell(mail, error)
            raise
        return mail

    def _tell(self, mail: MailObject, result: Receipt | CarteroError) -> None:
        """Call the ``after_send`` hooks; what one raises is logged, for what they are told has happened."""
        for hook in self.after_send:
            try:
                returned = hook(mail, result)
                if isinstance(returned, Coroutine):
                    returned.close()
                    raise TypeError(_IS_ASYNC)  # noqa: TRY301 - it is logged as all else
            except Exception:
                import logging  # noqa: PLC0415 - few need it

                logging.getLogger("cartero").exception("an after_send hook failed, for %s", mail.message_id)

    def _accepted(self, mail: MailObject, *, reply: str = "", location: str = "") -> Receipt:
        """The receipt for *mail* taken for everybody in its envelope."""
        outcome = Outcome(accepted=True, reply=reply)
        return Receipt(
            dict.fromkeys(mail.envelope.recipients, outcome),
            message_id=mail.message_id,
            sender=self.name,
            location=location,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def __reduce__(self) -> NoReturn:
        # SECURITY: what is pickled is stored and sent around, and many senders hold a password.
        raise TypeError(f"a {type(self).__name__} is not pickled or copied; make it where it sends")


class Sender(Road):
    """One road for mail. Abstract.

    ``with sender:`` holds what the road holds open (a connection, a mailbox) for as many messages as
    you like, and may be nested; without it, each `send` opens and closes. A sender is for one thread
    at a time, if it does not say otherwise; threads have one each. It is neither pickled nor copied.

    Every sender takes a `mimekit.MIMEMessage`, octets, or one of the standard library's messages,
    and treats them alike:

    - A message *composed* (built here, or parsed and then edited) goes without its Bcc, and with a
      Date and a Message-ID if it has none. Your own message is left as it was; the Message-ID is in
      the receipt. A message of the standard library counts as composed.
    - A message that is *ready* (octets, or parsed and not edited) and has an *envelope* goes as it is,
      octet for octet. Without one it is treated as a composed one is.
    - Without an *envelope*, it is made from the message: from Sender or From, to everybody in To, Cc
      and Bcc; or the same of the newest Resent-* block if there is one (RFC 5322, section 3.6.6).

    Attributes:
        before_send: a list of your functions, called in turn before anything is sent. Each is given a
            `MailObject` and returns the one to go on with: the same, or another made by its
            ``replace``. Its message is a copy, which a hook may change. A hook that raises
            `Cancelled` stops this message. What a hook returns goes as it is: no Bcc is taken out of it.
        after_send: a list of your functions, called in turn with the `MailObject` and what became of
            it: the `Receipt`, or the `CarteroError` that `send` is about to raise. That of a ``before_send``
            hook is one, such as `Cancelled`; where the message was refused before there was a `MailObject`, as
            by `BadEnvelope`, they are not called. What one of them raises is logged as an error, in the log
            ``cartero``, and goes no further: the message has gone, or it has not.

    Hooks are plain functions, for senders that await too.
    """

    def send(self, message: Sendable, *, envelope: Envelope | None = None) -> Receipt:
        """Send *message*, and say what became of it for each recipient.

        Raises:
            BadMessage: *message* is none, or cannot be written as mail.
            BadEnvelope: no envelope is given, and *message* names no sender or no recipients; or it is none.
            Cancelled: a hook did not let it go.
            ConnectError: the road is closed; nothing was sent.
            SendingError: it was not sent to anybody, or it is not known whether it was.
        """
        return self._carry(prepare(message, envelope=envelope))

    def _carry(self, mail: MailObject) -> Receipt:
        """Send *mail*, which is prepared: hooks and delivery."""
        return self._hand_over(self._hooked(mail))

    def _hand_over(self, mail: MailObject) -> Receipt:
        """Send *mail*, which is as the hooks left it: delivery alone."""
        try:
            with self:
                receipt = self._deliver(mail)
        except CarteroError as error:
            self._tell(mail, error)
            raise
        self._tell(mail, receipt)
        return receipt

    def send_all(self, messages: Iterable[Enveloped], *, on_failure: OnFailure | None = None) -> Iterator[Receipt]:
        """Send each of *messages* in turn, all over one connection, and yield its receipt as it comes.

        Nothing is sent that is not asked for: iterate over the receipts. Who never does is told by a
        `ResourceWarning`.

        Args:
            messages: what `send` takes, each alone or as ``(message, envelope)``.
            on_failure: called with the message and the `CarteroError` where one could not be sent; the
                others are. Without it the error is raised and ends the sending; the receipts until then are
                yours already.

        Raises:
            BadMessage: *messages* are none, or a single one.
            CarteroError: as for `send`.
        """
        expect_several(messages)
        if not isinstance(messages, Iterable):
            raise BadMessage(f"expected messages, found {type(messages).__name__}")
        return Receipts(self._send_all(messages, on_failure))

    def _send_all(self, messages: Iterable[Enveloped], on_failure: OnFailure | None) -> Generator[Receipt]:
        with self:
            for given in messages:
                message, envelope = unpack(given)
                try:
                    receipt = self.send(message, envelope=envelope)
                except CarteroError as error:
                    if on_failure is None:
                        raise
                    on_failure(message, error)
                else:
                    yield receipt

    def __enter__(self) -> Self:
        if not self._holders:
            self._open()
        self._holders += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._holders -= 1
        if not self._holders:
            self._close()

    def _open(self) -> None:
        """Open the road; raises `ConnectError`."""

    def _close(self) -> None:
        """Close the road; never raises: what was accepted is accepted."""

    @abstractmethod
    def _deliver(self, mail: MailObject) -> Receipt:
        """Carry *mail* over the open road; raises `SendingError` if no recipient was accepted."""


class AsyncSender(Road):
    """One road for mail, for programs that await. Abstract; everything is as with `Sender`, and its hooks too.

    ``async with sender:`` holds what the road holds open. A sender belongs to one event loop; as many tasks as
    you like may hold it.
    """

    _is_open = False
    _gate: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def send(self, message: Sendable, *, envelope: Envelope | None = None) -> Receipt:
        """Send *message*, and say what became of it for each recipient; raises as `Sender.send` does."""
        return await self._carry(prepare(message, envelope=envelope))

    async def _carry(self, mail: MailObject) -> Receipt:
        """Send *mail*, which is prepared: hooks and delivery."""
        mail = self._hooked(mail)
        try:
            async with self:
                receipt = await self._deliver(mail)
        except CarteroError as error:
            self._tell(mail, error)
            raise
        self._tell(mail, receipt)
        return receipt

    def send_all(
        self, messages: Iterable[Enveloped] | AsyncIterable[Enveloped], *, on_failure: OnFailure | None = None
    ) -> AsyncIterator[Receipt]:
        """Send each of *messages* in turn, all over one connection, and yield its receipt as it comes.

        As `Sender.send_all`; *messages* may be an asynchronous iterable too.
        """
        expect_several(messages)
        if not isinstance(messages, Iterable | AsyncIterable):
            raise BadMessage(f"expected messages, found {type(messages).__name__}")
        return AsyncReceipts(self._send_all(messages, on_failure))

    async def _send_all(
        self, messages: Iterable[Enveloped] | AsyncIterable[Enveloped], on_failure: OnFailure | None
    ) -> AsyncGenerator[Receipt]:
        async with self:
            async for given in one_by_one(messages):
                message, envelope = unpack(given)
                try:
                    receipt = await self.send(message, envelope=envelope)
                except CarteroError as error:
                    if on_failure is None:
                        raise
                    on_failure(message, error)
                else:
                    yield receipt

    async def __aenter__(self) -> Self:
        self._holders += 1  # first, so that nobody closes it meanwhile
        if not self._is_open:
            try:
                await self._open_in_turn()
            except BaseException:
                await self._leave()
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._leave()

    async def _open_in_turn(self) -> None:
        async with self._turn_to_open():
            if self._is_open:
                return
            await self._open()
            self._is_open = True

    async def _leave(self) -> None:
        self._holders -= 1
        if self._holders or not self._is_open:
            return
        self._is_open = False
        async with self._turn_to_open():
            await self._close()

    def _turn_to_open(self) -> asyncio.Lock:
        """What tasks have in turn to open and close it."""
        import asyncio  # noqa: PLC0415 - who awaits has it

        loop = asyncio.get_running_loop()
        if self._gate is None or self._gate[0] is not loop:
            self._gate = loop, asyncio.Lock()
        return self._gate[1]

    async def _open(self) -> None:
        """Open the road; raises `ConnectError`."""

    async def _close(self) -> None:
        """Close the road; never raises."""

    @abstractmethod
    async def _deliver(self, mail: MailObject) -> Receipt:
        """Carry *mail* over the open road; raises `SendingError` if no recipient was accepted."""


def _expect_mail(returned: object) -> MailObject:
    """What a ``before_send`` hook *returned*, if it is mail."""
    if isinstance(returned, MailObject):
        return returned
    if isinstance(returned, Coroutine):
        returned.close()
        raise BadMessage(_IS_ASYNC)
    raise BadMessage(f"expected a MailObject from a before_send hook, found {type(returned).__name__}")


def expect_several(messages: object) -> None:
    """Refuse a single message where several are expected."""
    if isinstance(messages, bytes | bytearray | memoryview | str) or hasattr(messages, "as_bytes"):
        raise BadMessage(f"expected several messages, found one: {type(messages).__name__}")


def unpack(given: Enveloped) -> tuple[Sendable, Envelope | None]:
    """The message and the envelope it is to have."""
    if isinstance(given, tuple):
        if len(given) != 2:
            raise BadMessage(f"expected a message, or (message, envelope), found {len(given)} things")
        return given
    return given, None


async def one_by_one(messages: Iterable[Enveloped] | AsyncIterable[Enveloped]) -> AsyncIterator[Enveloped]:
    """*messages*, to be awaited."""
    if isinstance(messages, AsyncIterable):
        async for message in messages:
            yield message
        return
    for message in messages:
        yield message
