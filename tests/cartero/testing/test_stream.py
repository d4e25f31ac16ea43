"""The octets of one connection."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from cartero.testing._stream import GoneError, Stream
from tests.peer import reset


class Pair:
    """A stream, and the socket at its other end."""

    def __init__(self) -> None:
        self.closing = threading.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        self.other = socket.create_connection(listener.getsockname(), timeout=5)
        self.stream = Stream(listener.accept()[0], self.closing)
        listener.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    """One of each test's own."""
    pair = Pair()
    yield pair
    pair.stream.close()
    pair.other.close()


class TestReading:
    def test_a_line_ends_in_crlf_and_nothing_else(self, pair: Pair) -> None:
        """RFC 5321, section 2.3.8: neither CR nor LF ends a line alone."""
        pair.other.sendall(b"a\nb\rc\r\nrest")

        assert pair.stream.line() == b"a\nb\rc"
        assert bytes(pair.stream.buffer) == b"rest"

    def test_a_line_may_come_in_pieces(self, pair: Pair) -> None:
        """Also between its CR and its LF."""
        pair.other.sendall(b"NOOP\r")
        pair.stream.more()
        pair.other.sendall(b"\n")

        assert pair.stream.line() == b"NOOP"

    def test_nothing_comes_in_time(self, pair: Pair) -> None:
        """The session says what happens then."""
        with pytest.raises(TimeoutError):
            pair.stream.line(0.01)

    def test_the_other_side_has_closed(self, pair: Pair) -> None:
        """A line that has no end is none."""
        pair.other.sendall(b"QUI")
        pair.other.close()

        with pytest.raises(GoneError):
            pair.stream.line()

    def test_the_other_side_is_broken(self, pair: Pair) -> None:
        """A reset is an end as well."""
        reset(pair.other)

        with pytest.raises(GoneError):
            pair.stream.line()


class TestWriting:
    def test_what_is_written_goes_together_when_more_has_to_be_read(self, pair: Pair) -> None:
        """RFC 2920, section 3.2: replies to commands that came together are sent together."""
        pair.stream.write(b"250 a\r\n")
        pair.stream.write(b"250 b\r\n")
        pair.other.sendall(b"x\r\n")

        pair.stream.line()

        assert pair.other.recv(100) == b"250 a\r\n250 b\r\n"

    def test_what_was_written_goes_before_a_wait(self, pair: Pair) -> None:
        """Who waits for the second reply has the first."""
        pair.stream.write(b"250 a\r\n")

        pair.stream.wait(0.01)

        assert pair.other.recv(100) == b"250 a\r\n"

    def test_a_wait_ends_with_the_server(self, pair: Pair) -> None:
        """However long it was to be."""
        pair.closing.set()

        with pytest.raises(GoneError):
            pair.stream.wait(60)

    def test_nobody_is_there_to_read(self, pair: Pair) -> None:
        """A client that has given up is no failure of the server."""
        pair.stream.close()
        pair.stream.write(b"250 a\r\n")

        with pytest.raises(GoneError):
            pair.stream.flush()


class TestEnds:
    def test_a_drop_is_an_end_after_what_was_written(self, pair: Pair) -> None:
        """Also where something lies there unread."""
        pair.stream.write(b"421 bye\r\n")
        pair.other.sendall(b"unread")

        with pytest.raises(GoneError):
            pair.stream.drop()

        assert [pair.other.recv(100), pair.other.recv(100)] == [b"421 bye\r\n", b""]

    def test_a_reset_is_none(self, pair: Pair) -> None:
        """RFC 9293, section 3.5.2: a reset ends what the other side still does."""
        with pytest.raises(GoneError):
            pair.stream.reset()
        pair.stream.close()

        with pytest.raises(ConnectionResetError):
            pair.other.recv(100)

    def test_a_reader_is_woken(self, pair: Pair) -> None:
        """What closes a server may not wait for its clients."""
        threading.Timer(0.05, pair.stream.wake).start()

        with pytest.raises(GoneError):
            pair.stream.line()


class TestTLS:
    def test_what_is_no_handshake_ends_it(self, pair: Pair) -> None:
        """RFC 3207, section 4: whoever is asked to begin TLS and does not is gone."""
        pair.other.sendall(b"EHLO in clear\r\n" * 10)

        with pytest.raises(GoneError):
            pair.stream.secure(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))

    def test_none_begins_in_a_server_that_closes(self, pair: Pair) -> None:
        """Nothing waits for a client then."""
        pair.closing.set()

        with pytest.raises(GoneError):
            pair.stream.secure(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
