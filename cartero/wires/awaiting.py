"""The awaiting wire: drives a conversation over asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
from typing import TYPE_CHECKING, Self, TypeVar

from ..errors import ConnectError
from ..steps import Ask, Receive, Secure, Send
from . import place as places
from . import tls as secrets
from .driving import drive_awaiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..steps import Reader, Step, Steps
    from .place import Place
    from .tls import TLS

_T = TypeVar("_T")
_SLICE_SIZE = 262_144
_MOST_EARLY = 262_144  # octets that are kept while nobody wants them


class _Ends(asyncio.Protocol):
    """What comes in, and whether more may go out."""

    def __init__(self) -> None:
        self.early = b""
        self.reader: Reader | None = None
        self.waiting: asyncio.Future[None] | None = None
        self.error: Exception | None = None
        self.is_closed = False
        self.is_full = False
        self.transport: asyncio.Transport | None = None
        self.is_paused = False

    def data_received(self, data: bytes) -> None:
        if self.reader is not None:
            if self.reader.feed(data):
                self.reader = None
                self._wake()
            return
        self.early += data
        if len(self.early) >= _MOST_EARLY and self.transport is not None:
            self.transport.pause_reading()
            self.is_paused = True
        # Who waits for room is told that an answer is there.
        self._wake()

    def eof_received(self) -> bool:
        self._close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = self.error or exc
        self._close()

    def _close(self) -> None:
        self.is_closed = True
        if self.reader is not None and self.error is None:
            self.reader.feed(b"")
            self.reader = None
        self._wake()

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        self._wake()

    def _wake(self) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)


class Wire:
    """One open connection, in one event loop. Mutable."""

    def __init__(self, transport: asyncio.Transport, ends: _Ends, place: Place, tls: TLS) -> None:
        self._transport = transport
        self._ends = ends
        self._place = place
        self._tls = tls
        self._raw = transport  # the same under TLS, which does not tell that it is closing
        ends.transport = transport
        # What was written has gone, as far as that can be known: the system has taken it.
        transport.set_write_buffer_limits(0)

    @classmethod
    async def open(cls, place: Place, tls: TLS, *, timeout: float, secure: bool = False) -> Self:
        """A connection to *place*; arguments and errors as of the blocking wire's."""
        loop = asyncio.get_running_loop()
        host = place.looked_up
        try:
            async with asyncio.timeout(timeout):
                if place.path:
                    transport, ends = await loop.create_unix_connection(_Ends, place.path)
                else:
                    transport, ends = await loop.create_connection(
                        _Ends, host, place.port, happy_eyeballs_delay=0.25, interleave=1
                    )
        except OSError as error:
            stage = "resolve" if isinstance(error, socket.gaierror) else "connect"
            temporary = not isinstance(error, socket.gaierror) or error.errno == socket.EAI_AGAIN
            raise ConnectError(places.describe_failure(error, place), stage=stage, temporary=temporary) from error
        wire = cls(transport, ends, place, tls)
        if secure:
            try:
                await wire._secure(timeout)
            except BaseException:
                wire.close()
                raise
        return wire

    async def run(self, steps: Steps[_T]) -> _T:
        """Do what the conversation *steps* asks for, to its end; what it returns or raises."""
        return await drive_awaiting(steps, self._do)

    def has_input(self) -> bool:
        """Whether something came that was not asked for, the end of the connection included."""
        return bool(self._ends.early) or self._ends.is_closed or self._transport.is_closing()

    def close(self) -> None:
        """Close the connection; never raises."""
        self._transport.abort()

    @property
    def own_address(self) -> str:
        """The address of this end, or an empty string where that is a file."""
        name = self._transport.get_extra_info("sockname")
        return str(name[0]) if isinstance(name, tuple) else ""

    @property
    def peer_certificate(self) -> bytes | None:
        """The server's certificate in DER form, under TLS."""
        connection = self._transport.get_extra_info("ssl_object")
        return connection.getpeercert(binary_form=True) if connection else None

    @property
    def tls_version(self) -> str:
        """The version of TLS and the cipher, or an empty string in the clear."""
        connection = self._transport.get_extra_info("ssl_object")
        return f"{connection.version()} {connection.cipher()[0]}" if connection else ""

    # -- steps -----------------------------------------------------------------------------------------

    async def _do(self, step: Step) -> bool | str | None:
        if isinstance(step, Receive):
            await self._receive(step.reader, step.timeout)
            return None
        if isinstance(step, Send):
            return await self._send(step)
        if isinstance(step, Secure):
            await self._secure(step.timeout)
            return None
        return await _asked(step)

    async def _receive(self, reader: Reader, timeout: float) -> None:
        ends = self._ends
        if ends.early:
            early, ends.early = ends.early, b""
            if ends.is_paused:
                self._transport.resume_reading()
                ends.is_paused = False
            if reader.feed(early):
                return
        if ends.is_closed:
            self._raise_error()
            reader.feed(b"")
            return
        ends.reader = reader
        try:
            await self._wait(timeout)
        finally:
            is_enough, ends.reader = ends.reader is None, None
        if not is_enough:
            self._raise_error()

    async def _send(self, step: Send) -> bool:
        try:
            is_first = True
            for piece in _slices(step.pieces):
                if not is_first:
                    # Where writing fails, asyncio reads no more, not even why.
                    await _look()
                is_first = False
                if not (self._may_go_on(step) and await self._send_piece(piece, step)):
                    return False
        except BaseException:
            self._transport.abort()  # as below
            raise
        return True

    async def _send_piece(self, piece: bytes | memoryview, step: Send) -> bool:
        ends, transport = self._ends, self._transport
        transport.write(piece)
        if self._raw.is_closing():
            # It failed at once; why is heard in a moment.
            self._hear_last_words()
            while not ends.is_closed:
                await self._wait(step.timeout)
            return self._may_go_on(step)
        # It may have gone from here on, but for its last octet.
        step.sent_size += len(piece) - 1
        while ends.is_full:
            if not self._may_go_on(step):
                return False
            await self._wait(step.timeout)
        step.sent_size += 1
        return True

    def _hear_last_words(self) -> None:
        """Keep what was said before writing failed, after which asyncio reads no more; under TLS it is lost."""
        if self._transport is not self._raw:
            return
        with contextlib.suppress(OSError), self._transport.get_extra_info("socket").dup() as rest:
            self._ends.early += rest.recv(_MOST_EARLY)

    def _may_go_on(self, step: Send) -> bool:
        """Whether nothing stops *step*."""
        ends = self._ends
        if ends.is_closed:
            # What the transport still holds would go after it was said not to have gone.
            self._transport.abort()
            if ends.early:
                return False
            self._raise_error()
            raise ConnectionResetError("the server closed the connection")
        return not (step.watch and ends.early)

    async def _wait(self, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        waiting = self._ends.waiting = loop.create_future()
        # cheaper than `asyncio.timeout`, and there is one for each reply
        timer = loop.call_later(timeout, _give_up, waiting)
        try:
            await waiting
        finally:
            timer.cancel()
            self._ends.waiting = None

    def _raise_error(self) -> None:
        error, self._ends.error = self._ends.error, None
        if error is not None:
            raise error

    async def _secure(self, timeout: float) -> None:
        name, context = self._tls.expected(self._place.looked_up)
        if self._ends.early:
            raise secrets.injected()
        if self._ends.is_closed:
            raise ConnectError("the server closed the connection", stage="TLS", temporary=True)
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._transport, self._ends, context, server_hostname=name, ssl_handshake_timeout=timeout
            )
        except OSError as error:
            raise secrets.failure(error, name or str(self._place)) from error
        assert transport is not None  # a connection lost has raised
        self._transport = self._ends.transport = transport
        # QUIRK: under TLS, asyncio takes a buffer of nothing for full where the limit is 0.
        transport.set_write_buffer_limits(1, 0)
        self._tls.check_certificate(self.peer_certificate)


async def _look() -> None:
    """Let what has come be seen: the event loop looks in the first turn, and tells in the second."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _slices(pieces: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    """*pieces*, none so large that asyncio would hold much of it."""
    for piece in pieces:
        if len(piece) <= _SLICE_SIZE:
            yield piece
            continue
        view = memoryview(piece)
        for start in range(0, len(view), _SLICE_SIZE):
            yield view[start : start + _SLICE_SIZE]


def _give_up(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError("the other side did not answer in time"))


async def _asked(step: Ask) -> str:
    answer = step.question()
    if inspect.isawaitable(answer):
        answer = await answer
    if not isinstance(answer, str):
        raise ConnectError(f"expected a password or token as text, found {type(answer).__name__}", stage="AUTH")
    return answer
