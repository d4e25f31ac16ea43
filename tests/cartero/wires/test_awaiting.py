"""The awaiting wire."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, TypeVar

import pytest

from cartero import TLS
from cartero.steps import Ask, Receive, Send
from cartero.wires.awaiting import Wire, _give_up
from tests.cartero.wires.contract import OFF, Line, TheWire, at, line, one, wait
from tests.peer import Peer, hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cartero.steps import Steps
    from cartero.wires.place import Place

_T = TypeVar("_T")


class Awaiting:
    """In an event loop that goes on only while something is run."""

    wire: Wire

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def open(self, place: Place, tls: TLS = OFF, *, timeout: float = 5, secure: bool = False) -> None:
        """Open it."""
        self.wire = self._runner.run(Wire.open(place, tls, timeout=timeout, secure=secure))

    def run(self, steps: Steps[_T]) -> _T:
        """Run *steps*."""
        return self._runner.run(self.wire.run(steps))

    def idle(self, seconds: float = 0.05) -> None:
        """Let the loop go on."""
        self._runner.run(asyncio.sleep(seconds))

    def early(self) -> bytes:
        """What it keeps."""
        return self.wire._ends.early

    def close(self) -> None:
        """Close it."""
        if hasattr(self, "wire"):
            self.wire.close()
            self.idle(0.01)


@pytest.fixture
def way() -> Iterator[Awaiting]:
    """It awaits."""
    with asyncio.Runner() as runner:
        way = Awaiting(runner)
        yield way
        way.close()


class TestAwaiting(TheWire):
    """All that both wires do."""

    def test_a_secret_may_be_awaited(self, way: Awaiting) -> None:
        """A token often is."""

        async def fetch() -> str:
            await asyncio.sleep(0)
            return "token"

        with Peer(wait) as peer:
            way.open(at(peer))

            assert way.run(one(Ask(fetch))) == "token"
            way.close()

    @pytest.mark.parametrize("step", [Send([b"x" * 20_000_000], timeout=5), Receive(Line(), timeout=5)])
    def test_a_task_that_is_cancelled_ends_the_conversation(self, way: Awaiting, step: Send | Receive) -> None:
        """It knows at once, wherever it stood."""
        known: list[str] = []

        def steps() -> Steps[None]:
            try:
                yield step
            finally:
                known.append("stopped")

        async def cancelled() -> None:
            task = asyncio.create_task(way.wire.run(steps()))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        with Peer(wait if isinstance(step, Receive) else hold) as peer:
            way.open(at(peer))

            way._runner.run(cancelled())

            assert known == ["stopped"]
            way.close()

    def test_an_answer_in_time_is_one_although_the_time_is_over(self, way: Awaiting) -> None:
        """The two may come in one turn of the loop."""
        waiting = way._runner.get_loop().create_future()
        waiting.set_result(None)

        _give_up(waiting)

        assert waiting.exception() is None

    def test_nothing_goes_after_it_was_said_not_to_have_gone(self, way: Awaiting) -> None:
        """Of a message, its last octets above all: it would be sent a second time."""

        def serve(peer: socket.socket) -> None:
            peer.recv(1_000)
            time.sleep(0.1)
            peer.sendall(b"421 going down\n")
            peer.shutdown(socket.SHUT_WR)
            hold(peer)

        with Peer(serve) as peer:
            way.open(at(peer))

            assert way.run(one(Send([b"x" * 20_000_000], timeout=5))) is False
            assert way.wire._transport.get_write_buffer_size() == 0
            assert line(way) == b"421 going down\n"
            way.close()
