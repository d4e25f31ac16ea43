"""What systemd is told: the protocol of sd_notify(3)."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartero.servers.cli._announce import Announcement, notify
from cartero.servers.cli._options import Options
from cartero.servers.cli._places import Listening


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket that systemd reads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(5)
        channel.bind(str(tmp_path / "notify"))
        yield channel


def announced(options: Options) -> None:
    """Begin and end."""

    async def run() -> None:
        async with Announcement(Listening([], "null:"), options):
            pass

    asyncio.run(run())


def test_it_is_told_of_the_beginning_and_of_the_end(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Units that need the server wait for READY=1."""
    monkeypatch.setenv("NOTIFY_SOCKET", systemd.getsockname())

    announced(Options())

    assert (systemd.recv(100), systemd.recv(100)) == (b"READY=1", b"STOPPING=1")
    assert capsys.readouterr().err.splitlines()[-1] == "cartero-serve: stopping"


def test_people_may_want_to_hear_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """--quiet."""
    options = Options()
    options.quiet = True

    announced(options)

    assert capsys.readouterr().err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_the_socket_may_have_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that begins with @ is in the abstract namespace."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(5)
        channel.bind("\0cartero-test-notify")
        monkeypatch.setenv("NOTIFY_SOCKET", "@cartero-test-notify")

        notify("READY=1")

        assert channel.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all"])
def test_who_does_not_listen_is_not_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs all the same."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    notify("READY=1")
