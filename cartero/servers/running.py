"""Servers that run: until the program is told to end, or in a thread beside what it does."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import AsyncExitStack, contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Protocol, Self, TypeVar

    class Startable(Protocol):
        """Any server here."""

        async def __aenter__(self) -> Self: ...
        async def __aexit__(
            self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
        ) -> None: ...

    _S = TypeVar("_S", bound="Startable")


def serve(*servers: Startable) -> None:
    """Run *servers* until the program gets SIGTERM or SIGINT; then end them, and return.

    All that was taken has been handed on by then. A second signal ends the program at once.

    Raises:
        ConnectError: one of them cannot listen, or cannot hand on.
        TypeError: there are none.
    """
    if not servers:
        raise TypeError("expected a server to run, found none")
    asyncio.run(_served(servers))


async def _served(servers: tuple[Startable, ...]) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def end() -> None:
        for each in signals:
            loop.remove_signal_handler(each)
        ended.set()

    for each in signals:
        loop.add_signal_handler(each, end)
    async with AsyncExitStack() as running_ones:
        for server in servers:
            await running_ones.enter_async_context(server)
        await ended.wait()


@contextmanager
def running(server: _S, *others: Startable) -> Iterator[_S]:
    """Run *server*, which is what ``as`` names, and *others* in a thread, until the ``with`` ends.

    All that was taken has been handed on by then.

    Raises:
        ConnectError: one of them cannot listen, or cannot hand on.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="cartero-servers", daemon=True)
    thread.start()

    async def start() -> AsyncExitStack:
        async with AsyncExitStack() as started:
            await started.enter_async_context(server)
            for other in others:
                await started.enter_async_context(other)
            return started.pop_all()

    try:
        started = asyncio.run_coroutine_threadsafe(start(), loop).result()
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(_ended(started), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(started: AsyncExitStack) -> None:
    """End the servers, and whatever goes on in this loop beside them."""
    await started.aclose()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # QUIRK: before 3.13, asyncio has no way to end a connection whose TLS has begun and not come about.
    for transport in tuple(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        transport.abort()
    await asyncio.sleep(0)
