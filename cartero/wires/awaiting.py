"""The awaiting wire: drives a conversation over asyncio."""

from __future__ import annotations

import asyncio
import inspect
import socket
from typing import TYPE_CHECKING, Self, TypeVar

from ..errors import ConnectError
from ..steps import Ask, Receive, Secure, Send
from . import place as places
from . import tls as secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..steps import Reader, Step, Steps
    from .place import Place
    from .tls import TLS

_T = TypeVar("_T")


class _Ends(asyncio.Protocol):
    """What comes in, and whether more may go out."""

    def __init__(self) -> None:
        self.early = b""
        self.reader: Reader | None = None
        self.waiting: asyncio.Future[None] | None = None
        self.error: Exception | None = None
        self.is_closed = False
        self.is_full = False

    def data_received(self, data: bytes) -> None:
        if self.reader is None:
            self.early += data
            # Who waits for room is told that an answer is there.
            self._wake()
            return
        self._feed(data)

    def _feed(self, octets: bytes) -> None:
        assert self.reader is not None
        try:
            if self.reader.feed(octets):
                self._wake()
        except Exception as error:  # noqa: BLE001 - it is for who waits
            self.error = error
            self._wake()

    def eof_received(self) -> bool:
        self._close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and self.error is None:
            self.error = exc
        self._close()

    def _close(self) -> None:
        self.is_closed = True
        if self.reader is not None and self.error is None:
            self._feed(b"")
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
        self._is_secure = False
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
        try:
            step = next(steps)
            while True:
                try:
                    result = await self._do(step)
                except Exception as error:  # noqa: BLE001 - whatever it is, the conversation has to know
                    step = steps.throw(error)
                else:
                    step = steps.send(result)
        except StopIteration as ended:
            value: _T = ended.value
            return value

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
            return await self._send(step.pieces, step.timeout, watch=step.watch)
        if isinstance(step, Secure):
            await self._secure(step.timeout)
            return None
        return await _asked(step)

    async def _receive(self, reader: Reader, timeout: float) -> None:
        ends = self._ends
        if ends.early:
            early, ends.early = ends.early, b""
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
            ends.reader = None
        self._raise_error()

    async def _send(self, pieces: Iterable[bytes], timeout: float, *, watch: bool) -> bool:
        ends, is_first = self._ends, True
        for piece in pieces:
            if watch and not is_first and (ends.early or ends.is_closed):
                return False
            is_first = False
            if self._transport.is_closing() or ends.is_closed:
                self._raise_error()
                raise ConnectionResetError("the server closed the connection")
            self._transport.write(piece)
            while ends.is_full:
                await self._wait(timeout)
                if watch and (ends.early or (ends.is_closed and ends.error is None)):
                    return False
                self._raise_error()
                if ends.is_closed:
                    raise ConnectionResetError("the server closed the connection")
        return True

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
        name = self._tls.server_name or self._place.looked_up
        context = self._tls.context()
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._transport, self._ends, context, server_hostname=name, ssl_handshake_timeout=timeout
            )
        except OSError as error:
            raise secrets.failure(error, name or str(self._place)) from error
        if transport is None:
            raise ConnectError("the server closed the connection", stage="TLS", temporary=True)
        self._transport = transport
        transport.set_write_buffer_limits(0)
        self._tls.check_certificate(self.peer_certificate)


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
