"""Servers that run: until the program is told to end, or beside what it does."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from cartero import ConnectError
from cartero.servers import LMTPServer, SMTPServer, running, serve
from tests.client import Client
from tests.ports import unused_port
from tests.receiving import HOST, TEXT, Kept, enveloped, sent, talking

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys, time
from cartero.servers import LMTPServer, SMTPServer, serve

def slowly(envelope, message):
    print("begun", flush=True)
    time.sleep(0.25)
    print("kept", flush=True)

serve(SMTPServer("127.0.0.1", int(sys.argv[1]), to=slowly), LMTPServer(path=sys.argv[2], to=slowly))
print("ended", flush=True)
"""


class TestRunning:
    def test_several_beside_the_program(self, tmp_path: Path) -> None:
        """In a thread that is gone when it ends."""
        kept = Kept()
        one, other = SMTPServer(HOST, to=kept, own_name="mx.example"), LMTPServer(path=tmp_path / "l", to=kept)
        other._door.own_name = "mx.example"
        with running(one, other):
            for server in (one, other):
                with talking(server) as client:
                    assert sent(client)[0].startswith(b"250 ")

        assert len(kept.mails) == 2
        assert "cartero-servers" not in {thread.name for thread in threading.enumerate()}
        with pytest.raises(ConnectionRefusedError):
            Client(one.port)

    def test_the_first_is_what_the_with_names(self) -> None:
        """One line less."""
        with running(SMTPServer(HOST, to="null:", own_name="mx.example")) as server, talking(server) as client:
            assert sent(client)[0].startswith(b"250 ")

    def test_what_a_function_left_behind_is_ended(self) -> None:
        """A task of its own, in the loop that ends."""
        left: list[asyncio.Task[None]] = []

        async def take(*_: object) -> None:
            left.append(asyncio.create_task(asyncio.sleep(100)))

        with running(SMTPServer(HOST, to=take, own_name="mx.example")) as server, talking(server) as client:
            sent(client)

        assert left[0].cancelled()

    def test_what_a_start_raises_is_raised(self) -> None:
        """And those that were started before it are stopped."""
        one = SMTPServer(HOST, to="null:")
        with (
            socket.create_server((HOST, 0)) as taken,
            pytest.raises(ConnectError, match="cannot listen at"),
            running(one, SMTPServer(HOST, taken.getsockname()[1], to="null:")),
        ):
            pytest.fail("it runs")

        with pytest.raises(ConnectionRefusedError):
            Client(one.port)
        assert "cartero-servers" not in {thread.name for thread in threading.enumerate()}

    def test_what_the_program_raises_ends_it(self) -> None:
        """As any other way out."""
        server = SMTPServer(HOST, to="null:")
        with pytest.raises(LookupError), running(server):
            raise LookupError

        with pytest.raises(ConnectionRefusedError):
            Client(server.port)


class TestServing:
    def test_no_server_is_refused(self) -> None:
        """It would wait for a signal, and do nothing."""
        with pytest.raises(TypeError, match="expected a server to run"):
            serve()

    def test_until_the_program_is_told_to_end(self, tmp_path: Path) -> None:
        """What was taken has been handed on then, and its client knows; the others are told."""
        port, path = unused_port(), tmp_path / "lmtp"
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(port), str(path)], stdout=subprocess.PIPE, text=True
        ) as program:
            assert program.stdout is not None
            try:
                with self._connected(port) as client, self._connected(port) as idle:
                    client.reply()
                    client.ask(b"EHLO me.example")
                    enveloped(client)
                    client.say(TEXT + b".\r\n")
                    assert program.stdout.readline() == "begun\n"
                    program.send_signal(signal.SIGTERM)
                    assert client.rest().startswith(b"250 2.0.0 taken\r\n421 ")
                    assert b"421 4.3.2" in idle.rest()
                assert program.stdout.read() == "kept\nended\n"
                assert program.wait(5) == 0
            finally:
                program.kill()

        assert not path.exists()

    @staticmethod
    def _connected(port: int) -> Client:
        for _ in range(200):
            try:
                return Client(port)
            except ConnectionRefusedError:
                threading.Event().wait(0.02)
        pytest.fail("nobody listens")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_here(self, number: signal.Signals) -> None:
        """What there was to signals is there again."""
        before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

        class Server(SMTPServer):
            async def start(self) -> None:
                await super().start()
                asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)

        server = Server(HOST, to="null:")

        serve(server)

        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
        with pytest.raises(ConnectionRefusedError):
            Client(server.port)

    def test_what_a_start_raises_is_raised(self) -> None:
        """There is nothing to wait for."""
        with socket.create_server((HOST, 0)) as taken, pytest.raises(ConnectError, match="cannot listen at"):
            serve(SMTPServer(HOST, taken.getsockname()[1], to="null:"))
