"""An HTTP request, as a server reads it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given

from cartero.servers import _refusals
from cartero.servers._incoming import Incoming
from cartero.servers._refusals import Refusal, RefusedError
from cartero.servers._request import pieces, read_head
from tests import strategies

_POST = b"POST /RPC2 HTTP/1.1\r\n"
_HOST = b"Host: localhost\r\n"


@pytest.fixture
def said() -> Iterator[Callable[[bytes], Incoming]]:
    """What comes from a client that says octets, and goes."""
    open_ones: list[socket.socket] = []

    def say(client: socket.socket, octets: bytes) -> None:
        with client, suppress(OSError):
            client.sendall(octets)

    def incoming(octets: bytes) -> Incoming:
        ours, theirs = socket.socketpair()
        open_ones.append(ours)
        threading.Thread(target=say, args=(theirs, octets)).start()
        found = Incoming(ours, pause=1)
        found.expect(within=1)
        return found

    yield incoming
    for each in open_ones:
        each.close()


class TestHead:
    """RFC 9112, sections 3 to 5."""

    def test_it_says_what_is_to_be_done(self, said: Callable[[bytes], Incoming]) -> None:
        """Names are in lower case, and white space around values is none of them."""
        head = read_head(said(_POST + _HOST + b"CONTENT-TYPE:text/xml \t\r\nX-Empty:\r\n\r\n"))

        assert (head.method, head.target) == ("POST", "/RPC2")
        assert head.fields == {"host": "localhost", "content-type": "text/xml", "x-empty": ""}
        assert not head.is_last

    def test_fields_of_one_name_are_one(self, said: Callable[[bytes], Incoming]) -> None:
        """RFC 9110, section 5.3: a recipient may combine them with commas."""
        head = read_head(said(_POST + _HOST + b"A: x\r\nB: y\r\na: z\r\n\r\n"))

        assert head.fields["a"] == "x, z"

    def test_an_empty_line_in_front_is_passed_over(self, said: Callable[[bytes], Incoming]) -> None:
        """RFC 9112, section 2.2: a server should ignore at least one."""
        assert read_head(said(b"\r\n" + _POST + _HOST + b"\r\n")).method == "POST"

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(_POST + _HOST + b"Connection: close\r\n\r\n", id="usual-close"),
            pytest.param(_POST + _HOST + b"Connection: TE, Close\r\n\r\n", id="usual-list"),
            pytest.param(b"POST / HTTP/1.0\r\n\r\n", id="odd-old"),
            pytest.param(b"POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", id="odd-old-kept"),
        ],
    )
    def test_the_last_one_is_known(self, said: Callable[[bytes], Incoming], octets: bytes) -> None:
        """RFC 9112, section 9.3."""
        assert read_head(said(octets)).is_last

    @pytest.mark.parametrize(
        ("octets", "refusal"),
        [
            pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03", _refusals.BAD_REQUEST, id="usual-tls"),
            pytest.param(_POST + _HOST, _refusals.BAD_REQUEST, id="usual-cut-off"),
            pytest.param(b"GET /\r\n\r\n", _refusals.BAD_REQUEST, id="odd-0.9"),
            pytest.param(b"PRI * HTTP/2.0\r\n\r\n", _refusals.NOT_THIS_HTTP, id="odd-2"),
            pytest.param(b"POST / HTTP/1\r\n\r\n", _refusals.BAD_REQUEST, id="odd-version"),
            pytest.param(b"POST  / HTTP/1.1\r\n" + _HOST + b"\r\n", _refusals.BAD_REQUEST, id="odd-spaces"),
            pytest.param(_POST + b"\r\n", _refusals.BAD_REQUEST, id="odd-no-host"),
            pytest.param(_POST + _HOST * 2 + b"\r\n", _refusals.BAD_REQUEST, id="hostile-two-hosts"),
            pytest.param(_POST + _HOST + b"A : x\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-space-in-name"),
            pytest.param(_POST + _HOST + b"A: x\r\n y\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-folded"),
            pytest.param(_POST + _HOST + b"A\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-no-colon"),
            pytest.param(_POST + _HOST + b"A: x\ny: z\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-bare-lf"),
            pytest.param(_POST + _HOST + b"A: x\ry: z\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-bare-cr"),
            pytest.param(_POST + _HOST + b"A: \0\r\n\r\n", _refusals.BAD_REQUEST, id="hostile-nul"),
            pytest.param(_POST + b"A: b\r\n" * 20_000 + b"\r\n", _refusals.LONG_HEAD, id="hostile-many"),
            pytest.param(b"POST /" + b"x" * 70_000, _refusals.LONG_HEAD, id="hostile-long"),
        ],
    )
    def test_what_is_none_is_refused(self, said: Callable[[bytes], Incoming], octets: bytes, refusal: Refusal) -> None:
        """RFC 9112, section 2.2: what one server reads in it must not be something else to the next."""
        with pytest.raises(RefusedError) as caught:
            read_head(said(octets))

        assert caught.value.refusal == refusal

    @given(strategies.octets())
    def test_nothing_else_is_raised(self, octets: bytes) -> None:
        """Whatever the octets are."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(octets)
            theirs.shutdown(socket.SHUT_WR)
            incoming = Incoming(ours, pause=1)

            with pytest.raises(RefusedError):
                read_head(incoming)


class TestBody:
    """RFC 9112, sections 6 and 7."""

    @pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 1_000_000])
    def test_it_is_as_long_as_it_says(self, size: int) -> None:
        """What comes behind it is the next request."""
        octets = bytes(range(256)) * (size // 256 + 1)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            incoming = Incoming(ours, pause=1)
            saying = threading.Thread(target=theirs.sendall, args=(octets[:size] + b"next",))
            saying.start()

            read = b"".join(pieces(incoming, {"content-length": str(size)}, limit=size))

            assert read == octets[:size]
            assert incoming.read(4) == b"next"
            saying.join()

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"0\r\n\r\n", id="usual-nothing"),
            pytest.param(b"5\r\nabcde\r\n0\r\n\r\n", id="usual-one"),
            pytest.param(b"3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n", id="usual-two"),
            pytest.param(b'5;a="b"\r\nabcde\r\n0;c\r\nA: b\r\n\r\n', id="odd-extensions-and-trailers"),
        ],
    )
    def test_it_may_come_in_chunks(self, said: Callable[[bytes], Incoming], octets: bytes) -> None:
        """RFC 9112, section 7.1: a recipient must be able to decode them."""
        incoming = said(octets + b"next")

        read = b"".join(pieces(incoming, {"transfer-encoding": "Chunked"}, limit=5))

        assert read == (b"abcde" if b"d" in octets else b"")
        assert incoming.read(4) == b"next"

    def test_many_small_chunks_are_one_piece(self, said: Callable[[bytes], Incoming]) -> None:
        """The parser is not called for an octet."""
        incoming = said(b"5\r\nabcde\r\n" * 80_000 + b"0\r\n\r\n")

        sizes = [len(piece) for piece in pieces(incoming, {"transfer-encoding": "chunked"}, limit=400_000)]

        assert sizes == [262_145, 137_855]

    @pytest.mark.parametrize(
        ("fields", "octets", "refusal"),
        [
            pytest.param({}, b"", _refusals.NO_LENGTH, id="usual-no-length"),
            pytest.param({"content-length": "11"}, b"", _refusals.TOO_LARGE, id="usual-too-large"),
            pytest.param({"content-length": "5"}, b"abcd", _refusals.BAD_REQUEST, id="usual-cut-off"),
            pytest.param({"transfer-encoding": "gzip"}, b"", _refusals.NO_SUCH_CODING, id="odd-gzip"),
            pytest.param({"transfer-encoding": "gzip, chunked"}, b"", _refusals.NO_SUCH_CODING, id="odd-both"),
            pytest.param({"content-length": "-5"}, b"", _refusals.BAD_REQUEST, id="hostile-negative"),
            pytest.param({"content-length": "5, 5"}, b"", _refusals.BAD_REQUEST, id="hostile-twice"),
            pytest.param({"content-length": "٣"}, b"", _refusals.BAD_REQUEST, id="hostile-digit"),
            pytest.param({"content-length": "9" * 5_000}, b"", _refusals.BAD_REQUEST, id="hostile-huge"),
            pytest.param(
                {"content-length": "5", "transfer-encoding": "chunked"}, b"", _refusals.BAD_REQUEST, id="hostile-two"
            ),
            pytest.param({"transfer-encoding": "chunked"}, b"b\r\n", _refusals.TOO_LARGE, id="hostile-large-chunk"),
            pytest.param(
                {"transfer-encoding": "chunked"},
                b"6\r\nabcdef\r\n5\r\nabcde\r\n",
                _refusals.TOO_LARGE,
                id="hostile-chunks",
            ),
            pytest.param(
                {"transfer-encoding": "chunked"}, b"+5\r\nabcde\r\n", _refusals.BAD_REQUEST, id="hostile-sign"
            ),
            pytest.param(
                {"transfer-encoding": "chunked"}, b"5\nabcde\r\n", _refusals.BAD_REQUEST, id="hostile-bare-lf"
            ),
            pytest.param({"transfer-encoding": "chunked"}, b"5\r\nabcdefg", _refusals.BAD_REQUEST, id="hostile-no-end"),
            pytest.param({"transfer-encoding": "chunked"}, b"f" * 9_000, _refusals.BAD_REQUEST, id="hostile-no-line"),
            pytest.param({"transfer-encoding": "chunked"}, b"0\r\nA: b", _refusals.BAD_REQUEST, id="hostile-trailer"),
            pytest.param(
                {"transfer-encoding": "chunked"},
                b"0\r\n" + b"A: b\r\n" * 200,
                _refusals.BAD_REQUEST,
                id="hostile-trailers",
            ),
        ],
    )
    def test_what_is_none_is_refused(
        self, said: Callable[[bytes], Incoming], fields: dict[str, str], octets: bytes, refusal: Refusal
    ) -> None:
        """RFC 9112, section 6.3."""
        with pytest.raises(RefusedError) as caught:
            list(pieces(said(octets), fields, limit=10))

        assert caught.value.refusal == refusal
