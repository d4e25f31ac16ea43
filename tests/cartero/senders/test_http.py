"""One HTTP connection, without a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero.senders._http import BrokenOffError, Client, Response
from cartero.steps import Receive, Send
from tests.xmlrpc_servers import response

OK = response(b"answer")


class Body:
    """What is sent."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self.size = sum(map(len, pieces))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)


def exchange(
    client: Client,
    *answers: bytes | Exception,
    body: Body | None = None,
    sent: Exception | bool = True,
    is_handed_over: bool = True,
) -> tuple[list[bytes], Response]:
    """What is written, and the answer, where the wire reads *answers* and says *sent* of the writing."""
    steps = client.post(
        "/x", {"Host": "mx"}, Body(b"body") if body is None else body, limit=100, timeout=5, answer_timeout=60
    )
    send = next(steps)
    assert isinstance(send, Send)
    assert send.timeout == 5
    pieces = iter(send.pieces)
    written = list(pieces) if is_handed_over else [next(pieces)]
    try:
        receive = steps.throw(sent) if isinstance(sent, Exception) else steps.send(sent)
        assert isinstance(receive, Receive)
        assert receive.timeout == 60
        for octets in answers:
            if isinstance(octets, Exception):
                steps.throw(octets)
            try:
                is_enough = receive.reader.feed(octets) if isinstance(octets, bytes) else False
            except Exception as error:
                steps.throw(error)
                raise
            if is_enough:
                break
        steps.send(None)
    except StopIteration as ended:
        answer: Response = ended.value
        return written, answer
    raise AssertionError("the conversation does not end")


class TestRequest:
    """What is written."""

    def test_a_small_one_is_one_piece(self) -> None:
        """One write, one packet: head and body."""
        written, _ = exchange(Client(), OK)

        assert written == [b"POST /x HTTP/1.1\r\nHost: mx\r\nContent-Length: 4\r\n\r\nbody"]

    def test_a_large_one_goes_as_it_comes(self) -> None:
        """What is large is not put together again."""
        large = b"x" * 10_000
        written, _ = exchange(Client(), OK, body=Body(b"a", large, large, b"z"))

        assert written[0].startswith(b"POST /x HTTP/1.1\r\n")
        assert written[0].endswith(b"\r\n\r\na" + large)
        assert written[1:] == [large, b"z"]

    def test_it_is_made_anew_for_each(self) -> None:
        """Another request, the same connection."""
        client = Client()

        first, _ = exchange(client, OK)
        assert client.begin_again()
        second, _ = exchange(client, OK)

        assert first == second


class TestAnswer:
    """What is read."""

    @pytest.mark.parametrize("size", [1, 7, 1_000])
    def test_it_comes_in_any_pieces(self, size: int) -> None:
        """As TCP cuts them."""
        answer = response(b"a" * 100, status="503 Busy", headers=["Retry-After: 5"])

        _, found = exchange(Client(), *(answer[start : start + size] for start in range(0, len(answer), size)))

        assert (found.status, found.reason, found.body) == (503, "Busy", b"a" * 100)
        assert found.headers["retry-after"] == "5"
        assert not found.is_early

    def test_one_that_ends_with_the_connection_is_whole(self) -> None:
        """RFC 9112, section 6.3: of a server that speaks HTTP/1.0."""
        _, found = exchange(Client(), b"HTTP/1.0 200 OK\r\n\r\nbody", b"")

        assert found.body == b"body"

    def test_one_in_chunks_is_put_together(self) -> None:
        """RFC 9112, section 7.1."""
        _, found = exchange(
            Client(), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        )

        assert found.body == b"abc"

    def test_what_comes_before_it_is_passed_over(self) -> None:
        """RFC 9110, section 15.2: a client must take 1xx answers it did not ask for."""
        _, found = exchange(Client(), b"HTTP/1.1 100 Continue\r\n\r\n" + OK)

        assert (found.status, found.body) == (200, b"answer")

    def test_one_before_its_time_says_so(self) -> None:
        """The server did not read all of it."""
        _, found = exchange(Client(), OK, sent=False, is_handed_over=False)

        assert found.is_early

    @pytest.mark.parametrize(
        ("answers", "problem"),
        [
            pytest.param([b""], "closed the connection without an answer", id="usual-closed"),
            pytest.param([ConnectionResetError(104, "Connection reset")], "Connection reset", id="usual-reset"),
            pytest.param([TimeoutError("not in time")], "not in time", id="usual-late"),
            pytest.param([OSError()], "OSError", id="odd-nameless"),
            pytest.param([OK[:-1], b""], "without sending complete message body", id="odd-cut-off"),
            pytest.param([b"SSH-2.0-OpenSSH\r\n\r\n"], "illegal", id="hostile-other-protocol"),
            pytest.param([response(b"x" * 101)], "larger than 100 octets", id="hostile-large"),
            pytest.param([b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000], "too long|too large", id="hostile-headers"),
        ],
    )
    def test_without_one_it_may_have_been_done(self, answers: list[bytes | Exception], problem: str) -> None:
        """The request had gone whole."""
        client = Client()

        with pytest.raises(BrokenOffError, match=problem) as caught:
            exchange(client, *answers)

        assert caught.value.is_whole
        assert caught.value.__cause__ is not None
        assert not client.begin_again()

    def test_what_did_not_go_whole_was_not_done(self) -> None:
        """RFC 9112, section 8: a request that is cut off is not to be processed."""
        with pytest.raises(BrokenOffError, match="Broken pipe") as caught:
            exchange(Client(), sent=BrokenPipeError(32, "Broken pipe"), is_handed_over=False)

        assert not caught.value.is_whole

    def test_what_was_stopped_and_not_answered_was_not_done(self) -> None:
        """The wire saw that the other side closed, in the middle."""
        with pytest.raises(BrokenOffError, match="without an answer") as caught:
            exchange(Client(), b"", body=Body(b"x" * 5_000, b"y"), sent=False, is_handed_over=False)

        assert not caught.value.is_whole


_PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            *(
                b"HTTP/1.1 200 OK\r\n",
                b"HTTP/1.0 500\r\n",
                b"HTTP/1.1 100 Continue\r\n\r\n",
                b"\r\n",
                b"\r\n\r\n",
                b"\n",
                b"",
            ),
            *(
                b"Content-Length: 3\r\n",
                b"Content-Length: -1\r\n",
                b"Transfer-Encoding: chunked\r\n",
                b"3\r\nabc\r\n",
                b"0\r\n\r\n",
            ),
            *(
                b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
                b"HTTP/1.1 204 None\r\n\r\n",
                b"Upgrade: x\r\n",
                b": x\r\n",
                b" x\r\n",
            ),
        ]
    ),
)


@given(st.lists(_PIECES, max_size=8), st.integers(1, 50))
def test_whatever_a_server_says_is_an_answer_or_none(pieces: list[bytes], size: int) -> None:
    """A server is not trusted, and nothing but `BrokenOffError` is raised."""
    octets = b"".join(pieces)
    cut = [octets[start : start + size] for start in range(0, len(octets), size)]

    try:
        _, found = exchange(Client(), *cut, b"")
    except BrokenOffError:
        return

    assert 200 <= found.status < 1_000


class TestKeeping:
    """Whether another request may follow. RFC 9112, section 9.3."""

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            pytest.param(OK, True, id="usual-1.1"),
            pytest.param(response(headers=["Connection: close"]), False, id="usual-close"),
            pytest.param(OK.replace(b"1.1", b"1.0"), False, id="usual-1.0"),
            pytest.param(OK + response(), False, id="hostile-two-at-once"),
        ],
    )
    def test_the_server_decides(self, answer: bytes, expected: bool) -> None:
        """Each version by its rule."""
        client = Client()
        exchange(client, answer)

        assert client.begin_again() is expected
        assert client.is_used is expected

    def test_never_behind_an_early_answer(self) -> None:
        """Half of a request stands on the wire."""
        client = Client()
        exchange(client, OK, sent=False, is_handed_over=False)

        assert not client.begin_again()

    def test_never_before_the_first(self) -> None:
        """There is nothing to begin again, and nothing was used."""
        assert not Client().begin_again()
