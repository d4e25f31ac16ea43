"""One client of an XML-RPC server."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from xmlrpc.client import dumps

import pytest

from cartero import Envelope, MemorySender, Outcome, Receipt
from cartero.struct import FaultCode
from mimekit import MIMEMessage
from tests.xmlrpc_clients import STRUCT, Client, call, request, serving

_CALL = call(STRUCT)


def chunked(body: bytes, size: int = 100) -> bytes:
    """*body* in chunks."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def in_chunks(body: bytes) -> bytes:
    """A request with *body* in chunks, which are written already."""
    return request(b"", Content_Length=None, Transfer_Encoding="chunked") + body


class TestConnections:
    """They are kept."""

    def test_a_connection_takes_one_call_after_the_other(self) -> None:
        """RFC 9112, section 9.3: persistence is the default."""
        sender = MemorySender()
        with serving(sender) as server, Client(server.port) as client:
            for _ in range(3):
                assert "error" not in client.mail(STRUCT)[0]

        assert len(sender.outbox) == 3

    def test_calls_may_come_before_they_are_answered(self) -> None:
        """RFC 9112, section 9.3.2: the answers come in the order of the requests."""
        with serving() as server, Client(server.port) as client:
            client.say(request(dumps((), "system.listMethods").encode()) + request(_CALL))
            answers = [client.hear(), client.hear()]

        assert [answer and type(answer.results[0]) for answer in answers] == [str, dict]

    def test_a_client_may_want_no_more(self) -> None:
        """RFC 9112, section 9.6."""
        with serving() as server, Client(server.port) as client:
            answer = client.ask(request(_CALL, Connection="close"))

            assert answer.fields["connection"] == "close"
            assert client.hear() is None

    def test_a_call_may_come_in_chunks(self) -> None:
        """From a client that does not know how long it will be."""
        with serving() as server, Client(server.port) as client:
            assert "error" not in client.ask(in_chunks(chunked(_CALL))).results[0]
            assert "error" not in client.mail(STRUCT)[0]

    def test_a_client_may_wait_until_it_is_told_to_go_on(self) -> None:
        """RFC 9110, section 10.1.1."""
        with serving() as server, Client(server.port) as client:
            going_on = client.ask(request(_CALL, Expect="100-continue")[: -len(_CALL)])
            answer = client.ask(_CALL)

        assert (going_on.status, answer.status) == (100, 200)

    def test_a_fault_ends_nothing(self) -> None:
        """What is wrong with a call is nothing that is wrong with HTTP."""
        with serving() as server, Client(server.port) as client:
            for body, code in [
                (b"<a", FaultCode.NOT_XML),
                (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", FaultCode.NOT_XML),
                (b"<a/>", FaultCode.NOT_A_CALL),
                (call(method="x"), FaultCode.NO_SUCH_METHOD),
                (dumps((), "mail.send").encode(), FaultCode.BAD_PARAMETERS),
            ]:
                answer = client.ask(request(body))
                assert (answer.status, answer.fault) == (200, code)
            assert "error" not in client.mail(STRUCT)[0]

    def test_a_client_that_breaks_off_harms_nobody(self) -> None:
        """Nothing was taken."""
        sender = MemorySender()
        with serving(sender) as server:
            with Client(server.port) as client:
                client.say(request(_CALL)[:-10])
                time.sleep(0.2)
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with Client(server.port) as client:
                assert "error" not in client.mail(STRUCT)[0]

        assert len(sender.outbox) == 1


_TOKEN = "Bearer s3cret"


class TestRefusals:
    """What is not taken is refused before its body is read, and the connection ends."""

    @pytest.mark.parametrize(
        ("octets", "status", "code"),
        [
            pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 405, FaultCode.NOT_A_CALL, id="usual-get"),
            pytest.param(request(_CALL, method="OPTIONS"), 405, FaultCode.NOT_A_CALL, id="hostile-preflight"),
            pytest.param(request(_CALL, target="/other"), 404, FaultCode.NO_SUCH_METHOD, id="usual-path"),
            pytest.param(request(_CALL, target="/RPC2?x"), 404, FaultCode.NO_SUCH_METHOD, id="odd-query"),
            pytest.param(request(_CALL, Content_Length=None), 411, FaultCode.NOT_A_CALL, id="usual-no-length"),
            pytest.param(request(_CALL, Content_Length="99999999"), 413, FaultCode.TOO_LARGE, id="usual-too-large"),
            pytest.param(request(_CALL, Content_Encoding="gzip"), 415, FaultCode.NOT_A_CALL, id="usual-gzip"),
            pytest.param(request(_CALL, Content_Type="text/plain"), 415, FaultCode.NOT_A_CALL, id="hostile-form"),
            pytest.param(request(_CALL, Content_Type=None), 415, FaultCode.NOT_A_CALL, id="hostile-no-type"),
            pytest.param(request(_CALL, Origin="http://x"), 403, FaultCode.UNAUTHORIZED, id="hostile-page"),
            pytest.param(request(_CALL, Origin="null"), 403, FaultCode.UNAUTHORIZED, id="hostile-sandbox"),
            pytest.param(request(_CALL, Sec_Fetch_Site="same-origin"), 403, FaultCode.UNAUTHORIZED, id="hostile-site"),
            pytest.param(request(_CALL, Transfer_Encoding="chunked"), 400, FaultCode.NOT_A_CALL, id="hostile-both"),
            pytest.param(in_chunks(b"zz\r\n"), 400, FaultCode.NOT_A_CALL, id="hostile-chunk"),
            pytest.param(in_chunks(chunked(b" " * 3_000_000, 50_000)), 413, FaultCode.TOO_LARGE, id="hostile-endless"),
            pytest.param(request(_CALL, X="y" * 70_000), 431, FaultCode.TOO_LARGE, id="hostile-head"),
            pytest.param(b"\x16\x03\x01\r\n\r\n", 400, FaultCode.NOT_A_CALL, id="odd-tls"),
        ],
    )
    def test_it_is_told_why(self, octets: bytes, status: int, code: int) -> None:
        """By HTTP, and by a fault."""
        sender = MemorySender()
        with serving(sender, limits={"size": 1_000_000}) as server, Client(server.port) as client:
            answer = client.ask(octets)

            assert (answer.status, answer.fault) == (status, code)
            assert client.hear() is None
        assert sender.outbox == []

    def test_an_answer_to_head_has_no_body(self) -> None:
        """RFC 9110, section 9.3.2."""
        with serving() as server, Client(server.port) as client:
            client.say(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            octets = b"".join(iter(lambda: client.socket.recv(4_096), b""))

        assert octets.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize(
        "token",
        [
            pytest.param(None, id="usual-none"),
            pytest.param("Bearer wrong", id="usual-wrong"),
            pytest.param("Basic s3cret", id="usual-basic"),
            pytest.param("s3cret", id="odd-bare"),
            pytest.param("Bearer", id="odd-empty"),
            pytest.param("Bearer s3cre", id="hostile-shorter"),
            pytest.param("Bearer s3crets", id="hostile-longer"),
            pytest.param("Bearer s3cr\xe9t", id="hostile-charset"),
            pytest.param("Bearer S3CRET", id="hostile-case"),
        ],
    )
    def test_a_wrong_token_lets_nobody_in(self, token: str | None) -> None:
        """RFC 6750, section 3: 401, and the scheme that is wanted."""
        sender = MemorySender()
        with serving(sender, token="s3cret") as server, Client(server.port) as client:
            answer = client.ask(request(_CALL, Authorization=token))

        assert (answer.status, answer.fault) == (401, FaultCode.UNAUTHORIZED)
        assert answer.fields["www-authenticate"] == "Bearer"
        assert sender.outbox == []

    def test_two_tokens_are_none(self) -> None:
        """A right one beside a wrong one is no right one."""
        with serving(token="s3cret") as server, Client(server.port) as client:
            octets = request(_CALL, Authorization="Bearer wrong")
            answer = client.ask(octets.replace(b"\r\n", b"\r\nauthorization: Bearer s3cret\r\n", 1))

        assert answer.status == 401

    @pytest.mark.parametrize("token", ["Bearer s3cret", "bearer  s3cret"])
    def test_the_right_token_does(self, token: str) -> None:
        """RFC 9110, section 11.1: the scheme is told apart without regard to case."""
        with serving(token="s3cret") as server, Client(server.port) as client:
            assert client.ask(request(_CALL, Authorization=token)).status == 200

    def test_who_still_writes_can_read_why(self) -> None:
        """A connection that is reset says nothing."""
        with serving(limits={"size": 1_000}) as server, Client(server.port) as client:
            octets = request(b" " * 20_000_000)
            writing = threading.Thread(target=_say_all, args=(client, octets))
            writing.start()
            answer = client.hear()
            writing.join()

        assert answer is not None
        assert answer.status == 413

    def test_what_goes_wrong_here_is_not_told(self, caplog: pytest.LogCaptureFixture) -> None:
        """A fault that may mean that something was sent."""

        def to(envelope: Envelope, _message: MIMEMessage) -> Receipt:
            odd = Outcome(accepted=True, code="s3cret")  # type: ignore[arg-type]  # a mistake of somebody's
            return Receipt(dict.fromkeys(envelope.recipients, odd))

        with serving(to) as server, Client(server.port) as client:
            answer = client.ask(request(_CALL))

        assert answer.fault == FaultCode.BROKEN
        assert b"s3cret" not in answer.body
        assert "s3cret" in caplog.text


def _say_all(client: Client, octets: bytes) -> None:
    try:
        client.say(octets)
    except OSError:
        return


class TestLimits:
    """Memory and time are bounded."""

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(call({**STRUCT, "message": bytes(100_000)}), id="usual-large"),
            pytest.param(
                b"<methodCall><params><param><value><array><data>"
                + b"<array/>" * 10_000
                + b"</data></array></value></param></params></methodCall>",
                id="hostile-many-values",
            ),
        ],
    )
    def test_more_than_can_be_held_is_for_later(self, body: bytes) -> None:
        """RFC 9110, section 15.6.4: 503, and when to come again."""
        with serving(limits={"held": 100_000}) as server:
            with Client(server.port) as client:
                answer = client.ask(request(body))
            with Client(server.port) as client:
                assert "error" not in client.mail(STRUCT)[0]

        assert (answer.status, answer.fault) == (503, FaultCode.BUSY)
        assert answer.fields["retry-after"] == "30"

    @pytest.mark.parametrize(
        "say",
        [
            pytest.param(lambda client: client.say(b"POST"), id="usual-head"),
            pytest.param(lambda client: client.say(request(_CALL)[:-1]), id="usual-body"),
            pytest.param(lambda client: client.say(in_chunks(b"5\r\nab")), id="usual-chunk"),
        ],
    )
    def test_who_says_no_more_is_told(self, say: Callable[[Client], object]) -> None:
        """RFC 9110, section 15.5.9: 408."""
        with serving(limits={"idle": 0.3}) as server, Client(server.port) as client:
            say(client)
            answer = client.hear()

        assert answer is not None
        assert (answer.status, answer.fault) == (408, FaultCode.BUSY)

    def test_who_says_nothing_is_told_nothing(self) -> None:
        """A kept connection just ends."""
        with serving(limits={"idle": 0.3}) as server, Client(server.port) as client:
            assert "error" not in client.mail(STRUCT)[0]
            assert client.hear() is None

    def test_who_says_little_at_a_time_is_told(self) -> None:
        """An octet now and then holds a connection for ever."""
        with serving(limits={"idle": 5.0, "time": 0.5}) as server, Client(server.port) as client:
            client.say(request(_CALL)[: -len(_CALL)])
            dripping = threading.Thread(target=_drip, args=(client,))
            dripping.start()
            begin = time.monotonic()
            answer = client.hear()
            taken = time.monotonic() - begin
            dripping.join()

        assert answer is not None
        assert answer.status == 408
        assert taken < 2

    def test_an_idle_client_holds_up_nobody(self) -> None:
        """Each has a thread of its own."""
        with serving() as server, Client(server.port) as idle, Client(server.port) as slow:
            assert "error" not in idle.mail(STRUCT)[0]
            slow.say(request(_CALL)[:-1])
            with Client(server.port) as client:
                begin = time.monotonic()
                assert "error" not in client.mail(STRUCT)[0]

        assert time.monotonic() - begin < 2


def _drip(client: Client) -> None:
    try:
        for octet in _CALL[:12]:
            client.say(bytes([octet]))
            time.sleep(0.1)
    except OSError:
        return
