"""A connection, against the clock."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from cartero.servers._incoming import Incoming


@pytest.fixture
def pair() -> Iterator[tuple[Incoming, socket.socket]]:
    """One end of a connection as a server has it, and the other as it is."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        incoming = Incoming(ours, pause=0.2)
        incoming.expect(within=10)
        yield incoming, theirs


class TestReading:
    """What comes is given as it is asked for."""

    @pytest.mark.parametrize("step", [1, 3, 100])
    def test_it_may_be_cut_anywhere(self, pair: tuple[Incoming, socket.socket], step: int) -> None:
        """TCP knows no messages."""
        incoming, theirs = pair
        octets = b"head\r\n\r\nbody and more"

        def say() -> None:
            for start in range(0, len(octets), step):
                theirs.sendall(octets[start : start + step])
                time.sleep(0.001)

        threading.Thread(target=say).start()

        assert incoming.has_more()
        assert incoming.until(b"\r\n\r\n", limit=100) == b"head\r\n\r\n"
        assert incoming.read(4) == b"body"
        assert incoming.has_more()
        assert incoming.read(9) == b" and more"

    def test_no_more_is_looked_through_than_is_allowed(self, pair: tuple[Incoming, socket.socket]) -> None:
        """A head without an end may not fill the memory."""
        incoming, theirs = pair
        theirs.sendall(b"x" * 50 + b"\n")

        assert incoming.until(b"\n", limit=20) == b"x" * 20
        assert incoming.read(31) == b"x" * 30 + b"\n"

    def test_at_the_end_there_is_less(self, pair: tuple[Incoming, socket.socket]) -> None:
        """The client has gone."""
        incoming, theirs = pair
        theirs.sendall(b"abcd")
        theirs.shutdown(socket.SHUT_WR)

        assert incoming.until(b"c", limit=100) == b"abc"
        assert incoming.read(5) == b"d"
        assert incoming.until(b"\n", limit=100) == b""
        assert not incoming.has_more()

    def test_what_is_passed_over_is_gone(self, pair: tuple[Incoming, socket.socket]) -> None:
        """To the end."""
        incoming, theirs = pair
        theirs.sendall(b"abcd")
        theirs.shutdown(socket.SHUT_WR)

        incoming.pass_over()

        assert not incoming.has_more()


def _watch(incoming: Incoming, seconds: float) -> threading.Thread:
    """Look at the clock of *incoming* for so many *seconds*."""

    def look() -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.02)
            incoming.look_at_the_clock()

    thread = threading.Thread(target=look)
    thread.start()
    return thread


class TestClock:
    """Who is slow is cut off."""

    def test_a_pause_is_not_too_long(self, pair: tuple[Incoming, socket.socket]) -> None:
        """A client that says nothing is no client."""
        incoming, _ = pair
        watch = _watch(incoming, 1)
        begin = time.monotonic()

        with pytest.raises(TimeoutError):
            incoming.has_more()

        assert 0.2 <= time.monotonic() - begin < 1
        watch.join()

    def test_all_of_it_has_its_time(self, pair: tuple[Incoming, socket.socket]) -> None:
        """An octet now and then holds a connection for ever."""
        incoming, theirs = pair
        incoming.expect(within=0.5)
        watch = _watch(incoming, 1.5)

        def drip() -> None:
            with suppress(OSError):
                for _ in range(12):
                    theirs.sendall(b"x")
                    time.sleep(0.1)

        dripping = threading.Thread(target=drip)
        dripping.start()

        with pytest.raises(TimeoutError):
            incoming.read(1_000)

        watch.join()
        dripping.join()

    def test_who_was_late_can_be_told(self, pair: tuple[Incoming, socket.socket]) -> None:
        """It is only not listened to any more."""
        incoming, theirs = pair
        watch = _watch(incoming, 0.5)
        with pytest.raises(TimeoutError):
            incoming.has_more()

        incoming.write(b"too late", within=1)

        assert theirs.recv(100) == b"too late"
        watch.join()

    def test_who_does_not_read_is_cut_off(self, pair: tuple[Incoming, socket.socket]) -> None:
        """Or the thread that writes would wait for ever."""
        incoming, _ = pair
        watch = _watch(incoming, 1)

        with pytest.raises(OSError, match=r"(?i)pipe|reset"):
            incoming.write(bytes(10_000_000), within=0.2)

        watch.join()

    def test_who_is_in_time_is_left_alone(self, pair: tuple[Incoming, socket.socket]) -> None:
        """While nothing is waited for, no time goes by."""
        incoming, theirs = pair
        theirs.sendall(b"ab")
        assert incoming.has_more()
        watch = _watch(incoming, 0.5)
        watch.join()
        theirs.sendall(b"cd")

        assert incoming.read(4) == b"abcd"

    def test_what_is_closed_already_can_be_cut_off(self) -> None:
        """It is the clock that looks, and not who has the connection."""
        ours, theirs = socket.socketpair()
        incoming = Incoming(ours, pause=1)
        ours.close()
        theirs.close()

        incoming.cut_off()
