"""What the tests of the SMTP senders begin with: both senders, with one face."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import pytest

from cartero import SMTPSender
from cartero.aio import AsyncSMTPSender
from tests.mailservers import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cartero import Receipt
    from cartero.senders._smtproad import SMTPRoad


class Awaited:
    """An `AsyncSMTPSender` with the face of an `SMTPSender`."""

    def __init__(self, sender: AsyncSMTPSender, runner: asyncio.Runner) -> None:
        self.sender = sender
        self._runner = runner

    def send(self, message: Any, **options: Any) -> Receipt:
        """As the sender's."""
        return self._runner.run(self.sender.send(message, **options))

    def send_all(self, messages: Any, **options: Any) -> Iterator[Receipt]:
        """As the sender's."""
        receipts = self.sender.send_all(messages, **options)
        try:
            while True:
                try:
                    yield self._runner.run(anext(receipts))  # type: ignore[arg-type]  # what it gives is a coroutine
                except StopAsyncIteration:
                    return
        finally:
            self._runner.run(receipts.aclose())  # type: ignore[attr-defined]  # it is a generator

    def __enter__(self) -> Self:
        self._runner.run(self.sender.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self.sender.__aexit__(None, None, None))

    @property
    def name(self) -> str:
        """As the sender's."""
        return self.sender.name

    def __repr__(self) -> str:
        return repr(self.sender)


class Blocking:
    """An `SMTPSender`, with what is under the face."""

    def __init__(self, sender: SMTPSender) -> None:
        self.sender: SMTPRoad = sender
        self.send = sender.send
        self.send_all = sender.send_all
        self.name = sender.name
        self.__enter = sender

    def __enter__(self) -> Self:
        self.__enter.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.__enter.__exit__(None, None, None)

    def __repr__(self) -> str:
        return repr(self.sender)


@pytest.fixture(params=["blocking", "awaiting"])
def smtp(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes a sender of either kind, of what an `SMTPSender` takes; or of a server's address, and the rest of it."""
    with ExitStack() as stack:

        def made(*arguments: Any, **settings: Any) -> Any:
            if arguments and isinstance(arguments[0], Address):
                address, *arguments = arguments  # type: ignore[assignment]
                arguments = () if address.path else (address.host, address.port)
                settings |= {"path": address.path} if address.path else {}
            if request.param == "blocking":
                return Blocking(SMTPSender(*arguments, **settings))
            runner = stack.enter_context(asyncio.Runner())
            return Awaited(AsyncSMTPSender(*arguments, **settings), runner)

        yield made
