"""The one that listens, and its end."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from cartero.testing import Drop, FaultyServer, Sleep
from tests.certificates import server_context
from tests.client import Client


class TestAddress:
    @pytest.mark.parametrize(
        ("lmtp", "scheme"), [pytest.param(False, "smtp", id="smtp"), pytest.param(True, "lmtp", id="lmtp")]
    )
    def test_it_listens_on_a_free_port(self, lmtp: bool, scheme: str) -> None:
        """Two of them do not meet."""
        with FaultyServer(lmtp=lmtp) as one, FaultyServer(lmtp=lmtp) as other:
            assert one.port != other.port
            assert one.url == f"{scheme}://127.0.0.1:{one.port}"
            assert repr(one) == f"<FaultyServer {one.url}>"

    def test_with_tls_from_the_first_octet_it_has_the_scheme_for_that(self) -> None:
        """RFC 8314, section 7.3: ``submissions``, which everybody calls smtps."""
        context = server_context("localhost")
        with FaultyServer(tls=context, implicit_tls=True) as server:
            assert server.url == f"smtps://127.0.0.1:{server.port}"

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
    def test_it_listens_on_a_socket_that_is_a_file(self, tmp_path: Path) -> None:
        """As Dovecot's LMTP does."""
        path = tmp_path / "a b"
        with FaultyServer(lmtp=True, path=path) as server, Client(str(path)) as client:
            assert (server.url, server.port) == (f"lmtp://{tmp_path}/a%20b", 0)
            assert client.reply() == b"220 localhost LMTP\r\n"

        assert not path.exists()

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
    def test_a_path_that_is_taken_is_an_error(self, tmp_path: Path) -> None:
        """Of the system's own."""
        (tmp_path / "taken").touch()

        with pytest.raises(OSError, match="in use"):
            FaultyServer(path=tmp_path / "taken")

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
    def test_a_socket_that_is_gone_already(self, tmp_path: Path) -> None:
        """Somebody cleaned up."""
        with FaultyServer(path=tmp_path / "gone"):
            (tmp_path / "gone").unlink()


class TestRecord:
    def test_each_connection_is_kept(self) -> None:
        """One that said nothing, too."""
        with FaultyServer({"connect": [Drop()]}) as server:
            for _ in range(2):
                with Client(server.port) as client:
                    client.say(b"QUIT\r\n")
                    client.hear()

        assert [connection.commands for connection in server.connections] == [[], ["QUIT"]]


class TestEnd:
    @pytest.mark.parametrize(
        "script", [pytest.param({}, id="usual-waiting"), pytest.param({"NOOP": Sleep(60)}, id="hostile-asleep")]
    )
    def test_it_ends_within_a_second_whatever_it_does(self, script: dict[str, Sleep]) -> None:
        """A test that failed may not hang."""
        server = FaultyServer(script)
        before = time.monotonic()
        with Client(server.port) as client:
            client.reply()
            client.say(b"NOOP\r\n")

            server.close()

            assert client.rest() in {b"", b"250 2.0.0 ok\r\n"}
        assert time.monotonic() - before < 1
        assert [thread for thread in threading.enumerate() if thread.name == "FaultyServer"] == []

    def test_it_may_be_closed_twice(self) -> None:
        """By hand and by ``with``."""
        with FaultyServer() as server:
            server.close()

    def test_nobody_listens_then(self) -> None:
        """The port is free."""
        with FaultyServer() as server:
            pass

        with pytest.raises(ConnectionRefusedError):
            Client(server.port)

    def test_it_ends_where_nothing_wakes_it(self) -> None:
        """It looks by itself, for systems on which a listening socket cannot be shut down."""
        server = FaultyServer()
        time.sleep(0.25)

        server.close()

        assert not server._threads[0].is_alive()
