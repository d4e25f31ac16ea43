"""Who is let in, and who is turned away."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import ssl
import struct
import threading
import time

import pytest

from cartero import ConnectError, Envelope, MemorySender, SendingError, connect
from cartero.servers import ServerLimits, XMLRPCServer
from cartero.struct import FaultCode
from mimekit import MIMEMessage
from tests.certificates import RIGHT, client_context
from tests.xmlrpc_clients import MAIL, STRUCT, Client, call, request, serving


class TestDoors:
    """There is room for so many."""

    def test_one_too_many_is_told(self) -> None:
        """RFC 9110, section 15.6.4; and there is room again when somebody goes."""
        with serving(limits={"connections": 1}) as server:
            with Client(server.port) as inside:
                assert "error" not in inside.mail(STRUCT)[0]
                with Client(server.port) as outside:
                    answer = outside.ask(request(call(STRUCT)))
                    assert outside.hear() is None
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                with Client(server.port) as again:
                    if again.ask(request(call(STRUCT))).status == 200:
                        break

        assert (answer.status, answer.fault) == (503, FaultCode.BUSY)
        assert time.monotonic() < deadline

    def test_a_sender_that_is_too_many_may_come_again(self) -> None:
        """It is temporary, and nothing was sent."""
        with serving(limits={"connections": 1}) as server, Client(server.port) as inside:
            assert "error" not in inside.mail(STRUCT)[0]
            with pytest.raises(SendingError) as caught:
                connect(f"xmlrpc+http://127.0.0.1:{server.port}").send(MAIL)

        assert caught.value.temporary
        assert not caught.value.ambiguous

    def test_a_thousand_too_many_harm_nobody(self) -> None:
        """Who is inside is served meanwhile, and there is no thread for each."""
        with serving(limits={"connections": 5}) as server, contextlib.ExitStack() as stack:
            inside = [stack.enter_context(Client(server.port)) for _ in range(5)]
            assert all("error" not in client.mail(STRUCT)[0] for client in inside)
            thread_count = threading.active_count()

            statuses = []
            for _ in range(20):
                with contextlib.ExitStack() as crowd:
                    outside = [crowd.enter_context(Client(server.port)) for _ in range(50)]
                    statuses += [answer.status for client in outside if (answer := client.hear())]

            assert all("error" not in client.mail(STRUCT)[0] for client in inside)
            assert statuses == [503] * 1_000
            assert threading.active_count() <= thread_count

    def test_who_does_not_go_is_let_go(self) -> None:
        """A client that was turned away holds a file no longer than it takes to read why."""
        with (
            serving(limits={"connections": 1}) as server,
            Client(server.port) as inside,
            Client(server.port) as outside,
        ):
            outside.say(request(call(STRUCT)))
            assert outside.hear() is not None
            time.sleep(1.2)

            outside.say(b"x")  # which is answered by a reset
            time.sleep(0.1)
            with pytest.raises(OSError, match=r"(?i)pipe|reset"):
                outside.say(b"x")
            assert "error" not in inside.mail(STRUCT)[0]

    def test_one_too_many_for_tls_is_closed(self) -> None:
        """There is no common language to tell it in."""
        with (
            serving(limits={"connections": 1}, tls=RIGHT) as server,
            Client(server.port, tls=client_context()) as inside,
        ):
            assert "error" not in inside.mail(STRUCT)[0]
            with pytest.raises(OSError, match=r"(?i)eof|reset"):
                Client(server.port, tls=client_context())

    def test_without_threads_it_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The system has limits too."""

        def start(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        with serving() as server:
            with monkeypatch.context() as without:
                without.setattr(threading.Thread, "start", start)
                with Client(server.port) as client:
                    assert client.ask(request(call(STRUCT))).status == 503
            with Client(server.port) as client:
                assert "error" not in client.mail(STRUCT)[0]

    def test_without_files_it_waits(self) -> None:
        """Until there are some again."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with serving() as server, socket.socket() as plain:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                plain.connect(("127.0.0.1", server.port))
                time.sleep(0.3)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            plain.settimeout(5)
            plain.sendall(request(call(STRUCT)))

            assert plain.recv(12) == b"HTTP/1.1 200"


class TestTLS:
    """RFC 9110, section 4.2.2."""

    def test_what_is_no_tls_is_closed(self) -> None:
        """And nobody else notices."""
        with serving(tls=RIGHT) as server:
            with Client(server.port) as client, contextlib.suppress(ConnectionResetError):
                client.say(request(call(STRUCT)))
                assert client.hear() is None
            with Client(server.port, tls=client_context()) as client:
                assert "error" not in client.mail(STRUCT)[0]

    def test_one_that_has_gone_before_is_forgotten(self) -> None:
        """It was reset before it was looked at."""

        async def scenario() -> int:
            server = XMLRPCServer("127.0.0.1", 0, to=MemorySender(), tls=RIGHT)
            async with server:
                with socket.create_connection(("127.0.0.1", server.port)) as client:
                    client.sendall(b"x")
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                await asyncio.sleep(0.1)
                return await asyncio.to_thread(_status, server.port)

        assert asyncio.run(scenario()) == 200

    def test_a_wrong_name_is_the_clients_to_find(self) -> None:
        """A client that does not believe the server hangs up."""
        with serving(tls=RIGHT) as server:
            with pytest.raises(ssl.SSLError):
                Client(server.port, tls=ssl.create_default_context())
            assert _status(server.port) == 200


def _status(port: int) -> int:
    with Client(port, tls=client_context()) as client:
        return client.ask(request(call(STRUCT))).status


class TestEnd:
    """What was taken is answered."""

    def test_a_call_under_way_is_answered(self) -> None:
        """Whoever would not hear of it would send it again."""
        begun, may_end = threading.Event(), threading.Event()
        taken: list[Envelope] = []

        def to(envelope: Envelope, _message: MIMEMessage) -> None:
            begun.set()
            may_end.wait(5)
            taken.append(envelope)

        with contextlib.ExitStack() as stack:
            server = stack.enter_context(serving(to))
            client = Client(server.port)
            client.say(request(call(STRUCT)))
            assert begun.wait(5)
            stopping = threading.Thread(target=stack.pop_all().close)
            stopping.start()
            time.sleep(0.2)
            assert stopping.is_alive()
            may_end.set()
            answer = client.hear()
            stopping.join(5)

        with client:
            assert answer is not None
            assert "error" not in answer.results[0]
            assert answer.fields["connection"] == "close"
            assert client.hear() is None
        assert len(taken) == 1

    def test_a_call_that_has_half_come_is_refused(self) -> None:
        """Nothing was taken, and it may come again."""
        sender = MemorySender()
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(serving(sender))
            client = Client(server.port)
            client.say(request(call(STRUCT))[:-5])
            time.sleep(0.2)

        with client:
            answer = client.hear()
        assert answer is not None
        assert (answer.status, answer.fault) == (503, FaultCode.BUSY)
        assert sender.outbox == []

    def test_who_waits_is_let_go(self) -> None:
        """At once."""
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(serving())
            client = Client(server.port)
            assert "error" not in client.mail(STRUCT)[0]
            begin = time.monotonic()

        assert time.monotonic() - begin < 1
        with client:
            assert client.hear() is None

    def test_who_was_turned_away_is_let_go(self) -> None:
        """And nobody comes in any more."""
        with serving(limits={"connections": 1}) as server:
            inside, outside = Client(server.port), Client(server.port)
            assert outside.hear() is not None

        with inside, outside:
            assert outside.hear() is None
        with pytest.raises(ConnectError):
            connect(f"xmlrpc+http://127.0.0.1:{server.port}").send(MAIL)

    def test_a_server_may_start_again(self) -> None:
        """At the same port."""

        async def scenario() -> list[int]:
            server = XMLRPCServer("127.0.0.1", 0, to=MemorySender(), limits=ServerLimits())
            ports = []
            for _ in range(2):
                async with server:
                    ports.append(server.port)
            return ports

        first, second = asyncio.run(scenario())
        assert first == second
