"""A server for tests that keeps the mail it is sent."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from ..senders._outbox import Outbox
from ..senders.preparation import MailObject, prepare
from ..servers import LMTPServer, SMTPServer, running
from ..servers.passwords import Users

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from mimekit import MIMEMessage

    from ..envelope import Envelope
    from ..servers import ServerLimits
    from ..servers.passwords import Check

_HOST = "127.0.0.1"
_LEAVING = 0.05  # seconds in which a client that is about to say goodbye may do so, before it is told 421
_LOOK = 0.002


class MailCatcher:
    """An SMTP or LMTP server on this machine, for tests of whatever sends mail; it keeps all it is sent.

    ``with MailCatcher() as mail:`` runs it in a thread, ``async with MailCatcher() as mail:`` in the loop that runs
    already. It says yes when the message is in `outbox`: who has sent one can look at once. Any number may run beside
    each other, and any number of clients may come to each. It needs the extra ``server``.

    One that refuses, breaks off or keeps waiting is a `FaultyServer`.

    Args:
        lmtp: whether it speaks LMTP (RFC 2033).
        tls: with a certificate, and STARTTLS is offered; see the standard library's `ssl`.
        implicit_tls: whether TLS begins at once, and not by STARTTLS.
        users: the password of each user. AUTH is offered where there are users, and nobody else may send.
        path: a socket in the file system to listen on, in place of a port.
        limits: how much it takes.

    Attributes:
        outbox: an `Outbox`, as a `MemorySender` has it: a list with a `MailObject` for each message, oldest first.
            ``envelope, message = outbox[0]`` is what it came in and what it is; ``bytes(message)`` is, octet for octet,
            what the client sent, with no field added.

    Raises:
        BadURL: the settings contradict each other; or, when it is to run, the extra is not there.
        ConnectError: nobody can listen there.
    """

    def __init__(  # noqa: PLR0913 - what a server can be told, each by name
        self,
        *,
        lmtp: bool = False,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        users: Mapping[str, str] | None = None,
        path: str | os.PathLike[str] | None = None,
        limits: ServerLimits | None = None,
    ) -> None:
        self.outbox = Outbox()
        self._arrival = threading.Condition()
        self._awaiting: set[Callable[[], object]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: AbstractContextManager[object] | None = None
        self._scheme = "lmtp" if lmtp else "smtps" if implicit_tls else "smtp"
        self._server = (LMTPServer if lmtp else SMTPServer)(
            "" if path is not None else _HOST,
            to=self._take,
            path=None if path is None else os.path.abspath(os.fspath(path)),  # noqa: PTH100 - pathlib for one line
            tls=tls,
            implicit_tls=implicit_tls,
            users=Users(_known(users)) if users else None,
            limits=limits,
            own_name="localhost",
            trace=False,
        )

    # -- where it is -----------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The address it listens at; an empty string where that is a socket file."""
        return self._server.place.host

    @property
    def port(self) -> int:
        """The port it listens at, from when it runs first; 0 where that is a socket file.

        Raises:
            RuntimeError: it has not run yet.
        """
        if not (self._server.port or self._server.place.path):
            raise RuntimeError("this MailCatcher does not run yet: use it as `with MailCatcher() as mail:`")
        return self._server.port

    @property
    def url(self) -> str:
        """Where it is, such as ``smtp://127.0.0.1:40125``: for `cartero.connect`, and for settings of others.

        Raises:
            RuntimeError: it has not run yet.
        """
        path = self._server.place.path
        return f"{self._scheme}://{quote(path) if path else f'{self.host}:{self.port}'}"

    # -- what came -------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Empty the outbox."""
        self.outbox.clear()

    def wait(self, count: int = 1, *, timeout: float = 5.0) -> list[MailObject]:
        """All messages in the outbox, as soon as there are *count*: for what another thread or program sends.

        Args:
            count: how many there must be at least.
            timeout: the seconds that it waits at most.

        Raises:
            TimeoutError: there are fewer by then; it says which.
            RuntimeError: this is the loop that it runs in, which cannot take mail while it waits.
        """
        __tracebackhide__ = True  # so that pytest points to the line in the test
        if self._loop is not None and self._loop is _running_loop():
            raise RuntimeError("this loop cannot take mail while it waits: use `await mail.wait_async()`")
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self.outbox) >= count, timeout):
                raise self._too_few(count, timeout)
        return list(self.outbox)

    async def wait_async(self, count: int = 1, *, timeout: float = 5.0) -> list[MailObject]:
        """The same for programs that await, in any loop.

        Raises:
            TimeoutError: there are fewer by then; it says which.
        """
        __tracebackhide__ = True
        arrived = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, arrived.set)
        # First this, then a look: what comes between the two is not missed.
        self._awaiting.add(wake)
        try:
            async with asyncio.timeout(timeout):
                while len(self.outbox) < count:
                    arrived.clear()
                    await arrived.wait()
        except TimeoutError:
            raise self._too_few(count, timeout) from None
        finally:
            self._awaiting.discard(wake)
        return list(self.outbox)

    async def _take(self, envelope: Envelope, message: MIMEMessage) -> None:
        with self._arrival:
            self.outbox.append(prepare(message, envelope=envelope))
            self._arrival.notify_all()
        for wake in tuple(self._awaiting):
            with suppress(RuntimeError):  # its loop was closed meanwhile
                wake()

    def _too_few(self, count: int, timeout: float) -> TimeoutError:
        expected = f"expected {count} message{'s' if count != 1 else ''} within {timeout:g} seconds"
        return TimeoutError(self.outbox._report(expected, [], len(self.outbox)))

    # -- running ---------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        thread = running(self._server)
        thread.__enter__()
        self._thread = thread
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._thread is not None  # entered
        thread, self._thread = self._thread, None
        end = time.monotonic() + _LEAVING
        while self._server.client_count and time.monotonic() < end:
            time.sleep(_LOOK)
        thread.__exit__(None, None, None)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop = None
        end = time.monotonic() + _LEAVING
        while self._server.client_count and time.monotonic() < end:  # noqa: ASYNC110 - it is for a moment only
            await asyncio.sleep(_LOOK)
        await self._server.stop()

    def __repr__(self) -> str:
        return f"<MailCatcher {self._scheme} {self._server.place}>"


def _known(users: Mapping[str, str]) -> Check:
    passwords = dict(users)

    async def is_right(user: str, password: str) -> bool:
        return passwords.get(user) == password

    return is_right


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
