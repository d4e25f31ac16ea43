"""A message on its way in."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from cartero.testing import Transaction
from cartero.testing._body import Body
from cartero.testing._stream import GoneError, Stream


class Incoming:
    """A body, the socket it comes from, and how much had come at the event."""

    def __init__(self, after: int = 0) -> None:
        mine, self.other = socket.socketpair()
        self.stream = Stream(mine, threading.Event())
        self.transaction = Transaction("a@x", {})
        self.come: list[int] = []
        self.body = Body(self.stream, self.transaction, after=after, event=self._event)

    def _event(self) -> None:
        self.come.append(len(self.stream.buffer))

    def close(self) -> None:
        """Give back both sockets."""
        self.stream.close()
        self.other.close()


@pytest.fixture
def incoming() -> Iterator[Incoming]:
    """One of each test's own."""
    incoming = Incoming()
    yield incoming
    incoming.close()


class TestDots:
    @pytest.mark.parametrize(
        ("wire", "octets"),
        [
            pytest.param(b"Hi!\r\n.\r\n", b"Hi!\r\n", id="usual-text"),
            pytest.param(b".\r\n", b"", id="usual-nothing"),
            pytest.param(b"..\r\n..a\r\n.\r\n", b".\r\n.a\r\n", id="usual-dots-are-taken-out"),
            pytest.param(b"a\n.\nb\r.\r\n.\nc\r\n.\r\n", b"a\n.\nb\r.\r\n\nc\r\n", id="hostile-ends-that-are-none"),
            pytest.param(b"a\r\n.\r.\r\n\r\n.\r\n", b"a\r\n\r.\r\n\r\n", id="hostile-dot-before-a-bare-cr"),
        ],
    )
    def test_the_body_ends_at_a_dot_between_crlfs(self, incoming: Incoming, wire: bytes, octets: bytes) -> None:
        """RFC 5321, sections 4.1.1.4 and 4.5.2: only that ends it, and the first dot of a line is not the message's."""
        incoming.other.sendall(wire + b"QUIT\r\n")

        incoming.body.until_dot()

        assert (incoming.transaction.wire, incoming.transaction.octets) == (wire, octets)
        assert bytes(incoming.stream.buffer) == b"QUIT\r\n"

    def test_the_end_may_come_octet_by_octet(self, incoming: Incoming) -> None:
        """TCP keeps no borders."""
        sender = threading.Thread(target=lambda: [incoming.other.send(bytes([each])) for each in b"Hi!\r\n.\r\n"])
        sender.start()

        incoming.body.until_dot()
        sender.join()

        assert incoming.transaction.octets == b"Hi!\r\n"

    def test_what_came_of_it_is_kept(self, incoming: Incoming) -> None:
        """A client that breaks off in the middle has sent so much."""
        incoming.other.sendall(b"From: me\r\n")
        incoming.other.close()

        with pytest.raises(GoneError):
            incoming.body.until_dot()

        assert (incoming.transaction.wire, incoming.transaction.octets) == (b"From: me\r\n", b"")


class TestChunks:
    def test_chunks_are_the_message_as_they_stand(self, incoming: Incoming) -> None:
        """RFC 3030, section 2: no dots, no line ends, so many octets."""
        incoming.other.sendall(b".\r\n" + b"\r\n.\r\n" + b"QUIT\r\n")

        incoming.body.chunk(3)
        incoming.body.chunk(5)

        assert incoming.transaction.octets == incoming.transaction.wire == b".\r\n\r\n.\r\n"
        assert bytes(incoming.stream.buffer) == b"QUIT\r\n"

    def test_what_came_of_one_is_kept(self, incoming: Incoming) -> None:
        """With all that came before it."""
        incoming.other.sendall(b"onetw")
        incoming.other.close()
        incoming.body.chunk(3)

        with pytest.raises(GoneError):
            incoming.body.chunk(3)

        assert incoming.transaction.wire == b"onetw"


class TestEvent:
    def test_it_happens_before_anything_has_come(self, incoming: Incoming) -> None:
        """So a server can refuse at once."""
        incoming.other.sendall(b"Hi!\r\n.\r\n")

        incoming.body.until_dot()

        assert incoming.come == [0]

    @pytest.mark.parametrize(
        ("after", "come"),
        [
            pytest.param(5, [8], id="usual-in-the-middle"),
            pytest.param(8, [8], id="odd-with-the-last-octet"),
            pytest.param(9, [], id="odd-never"),
        ],
    )
    def test_it_happens_once_so_much_has_come(self, after: int, come: list[int]) -> None:
        """And once."""
        incoming = Incoming(after)
        incoming.other.sendall(b"Hi!\r\n.\r\n")

        incoming.body.until_dot()
        incoming.close()

        assert incoming.come == come

    def test_it_counts_all_the_chunks(self) -> None:
        """However they are cut."""
        incoming = Incoming(5)
        incoming.other.sendall(b"onetwo")

        incoming.body.chunk(3)
        before = list(incoming.come)
        incoming.body.chunk(3)
        incoming.close()

        assert (before, incoming.come) == ([], [3])

    def test_an_event_that_ends_the_connection_keeps_what_came(self) -> None:
        """Of what came, the part that belongs to the body."""
        incoming = Incoming(2)
        incoming.body = Body(incoming.stream, incoming.transaction, after=2, event=incoming.stream.reset)
        incoming.other.sendall(b"oneQUIT\r\n")

        with pytest.raises(GoneError):
            incoming.body.chunk(3)
        incoming.close()

        assert incoming.transaction.wire == b"one"
