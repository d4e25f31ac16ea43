"""`cartero-serve` that is stopped, killed or out of room while mail comes in: what it said yes to is there, whole."""

from __future__ import annotations

import contextlib
import mailbox
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

import cartero
from cartero import CarteroError, Envelope
from tests.serving import Serving

_CLIENTS = 6
_APART = ("unshare", "--map-root-user", "--mount")  # a name space of its own, in which disks are its own
_ENVELOPE = Envelope("me@example.org", ["you@example.org"])
_FILLING = b"x" * 70 + b"\r\n"
_NUMBER = re.compile(rb"^X-Number: (\S+)\r?$", re.MULTILINE)


def mail(number: str, size: int) -> bytes:
    """A message of about so many octets that knows when it is whole."""
    return b"X-Number: %s\r\nFrom: me@example.org\r\n\r\n%s-- end --\r\n" % (number.encode(), _FILLING * (size // 72))


def whole(octets: bytes) -> bool:
    """Whether it is as it was sent, to its last line."""
    number = _NUMBER.search(octets)
    assert number is not None
    sent = mail(number[1].decode(), octets.count(b"x" * 70) * 72)
    return octets.endswith(sent)


class Clients:
    """Senders in threads, each of which sends until it is refused or its connection is broken, or the ``with`` ends."""

    def __init__(self, url: str, *, size: int) -> None:
        self.accepted: list[str] = []
        self.failures: list[CarteroError] = []
        self._url, self._size = url, size
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(name,)) for name in "abcdefgh"[:_CLIENTS]]

    def _send(self, name: str) -> None:
        number = 0
        try:
            with cartero.connect(self._url) as sender:
                while not self._is_over.is_set():
                    number += 1
                    sender.send(mail(f"{name}-{number}", self._size), envelope=_ENVELOPE)
                    self.accepted.append(f"{name}-{number}")
        except CarteroError as error:
            self.failures.append(error)

    def wait_for(self, number: int) -> None:
        """Wait until so many messages are accepted."""
        until = time.monotonic() + 20
        while len(self.accepted) < number:
            assert time.monotonic() < until, self.failures
            time.sleep(0.002)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()


def arrived(box: Path) -> dict[str, bytes]:
    """What stands in the Maildir, by its number."""
    found = [path.read_bytes() for path in (box / "new").iterdir()]
    numbers = [number for octets in found if (number := _NUMBER.search(octets))]
    assert len(numbers) == len(found)
    return {number[1].decode(): octets for number, octets in zip(numbers, found, strict=True)}


@contextlib.contextmanager
def serving(door: str, folder: Path) -> Iterator[tuple[Serving, str]]:
    """The process, and the URL of its door."""
    place = f"unix:{folder}/lmtp" if door == "lmtp" else "127.0.0.1:0"
    with Serving(f"--{door}", place, "--via", f"maildir:{folder}/box") as process:
        yield process, f"lmtp://{folder}/lmtp" if door == "lmtp" else f"smtp://127.0.0.1:{process.ports[0]}"


@pytest.mark.parametrize("door", ["smtp", "lmtp"])
@pytest.mark.parametrize("size", [pytest.param(500, id="small"), pytest.param(1_000_000, id="large")])
class TestStopping:
    def test_sigterm_ends_it_within_seconds_and_nothing_is_lost(self, door: str, size: int, tmp_path: Path) -> None:
        """RFC 5321, section 4.2.5: who says 250 has taken responsibility."""
        with serving(door, tmp_path) as (process, url), Clients(url, size=size) as clients:
            clients.wait_for(30)
            began = time.monotonic()
            status = process.end(signal.SIGTERM)
            took = time.monotonic() - began

        assert (status, took < 5) == (0, True), process.said
        mails = arrived(tmp_path / "box")
        assert set(clients.accepted) <= set(mails)
        assert all(map(whole, mails.values()))
        assert list((tmp_path / "box" / "tmp").iterdir()) == []

    def test_sigkill_loses_nothing(self, door: str, size: int, tmp_path: Path) -> None:
        """What was in the middle stands in ``tmp``, which nobody reads, or came without a yes."""
        with serving(door, tmp_path) as (process, url), Clients(url, size=size) as clients:
            clients.wait_for(30)
            process.end(signal.SIGKILL)

        mails = arrived(tmp_path / "box")
        assert set(clients.accepted) <= set(mails)
        assert all(map(whole, mails.values()))
        assert len(clients.failures) == _CLIENTS


def test_a_client_in_the_middle_of_a_message_does_not_hold_it_up(tmp_path: Path) -> None:
    """Nobody has been told yes; who sends mail tries again."""
    from tests.client import Client  # noqa: PLC0415 - for this one

    with serving("smtp", tmp_path) as (process, url), Client(int(url.rpartition(":")[2])) as client:
        client.reply()
        for command in (b"EHLO me", b"MAIL FROM:<me@example.org>", b"RCPT TO:<you@example.org>", b"DATA"):
            client.ask(command)
        client.say(b"half of it\r\n")
        began = time.monotonic()
        status = process.end(signal.SIGTERM)
        rest = client.rest()

    assert (status, time.monotonic() - began < 5) == (0, True)
    assert rest.startswith(b"421 ")
    assert not (tmp_path / "box").exists() or arrived(tmp_path / "box") == {}


class TestFullDisk:
    _FULL = """
import errno, os
_fsync = os.fsync
def fsync(file):
    if os.path.exists(os.environ["FULL"]):
        raise OSError(errno.ENOSPC, "No space left on device")
    _fsync(file)
os.fsync = fsync
"""

    def test_mail_is_refused_for_now_and_taken_again_later(self, tmp_path: Path) -> None:
        """RFC 5321, section 4.2.2: 452 is for a system without storage; nothing is left behind, half or whole."""
        full, box = tmp_path / "full", tmp_path / "box"
        mailbox.Maildir(box)
        arguments = ["--smtp", "0", "--lmtp", f"unix:{tmp_path}/lmtp", "--via", f"maildir:{box}"]
        with Serving(*arguments, before=self._FULL, FULL=str(full)) as process:
            for url in (f"smtp://127.0.0.1:{process.ports[0]}", f"lmtp://{tmp_path}/lmtp"):
                full.touch()
                with pytest.raises(cartero.SendingError) as refused:
                    cartero.connect(url).send(mail("1", 500), envelope=_ENVELOPE)
                assert (refused.value.temporary, refused.value.ambiguous) == (True, False)
                assert refused.value.recipients["you@example.org"].code in {451, 452}
                assert list(box.glob("*/*")) == []
                full.unlink()

                cartero.connect(url).send(mail("2", 500), envelope=_ENVELOPE)
                assert arrived(box).keys() == {"2"}
                next((box / "new").iterdir()).unlink()
            assert process.end() == 0
        assert "No space left on device" in process.said

    def test_a_disk_that_fills_up_has_what_was_taken(self, tmp_path: Path) -> None:
        """A real one, of 400 kB, in a name space of its own; skipped where none may be mounted."""
        disk = tmp_path / "disk"
        disk.mkdir()
        if shutil.which("unshare") is None or not _may_mount(disk):
            pytest.skip("no disk can be mounted here")
        mount = f'mount -t tmpfs -o size=400k tmpfs {disk} && exec "$@"'
        with Serving(
            "--smtp", "0", "--via", f"maildir:{disk}/box", within=[*_APART, "sh", "-c", mount, "sh"]
        ) as process:
            url = f"smtp://127.0.0.1:{process.ports[0]}"
            accepted: list[str] = []
            with cartero.connect(url) as sender, pytest.raises(cartero.SendingError) as refused:
                _send_many(sender, accepted)
            seen = Path(f"/proc/{process.process.pid}/root{disk}/box")
            mails = arrived(seen)
            tmp = list((seen / "tmp").iterdir())

        assert refused.value.temporary
        assert refused.value.code in {451, 452}
        assert 3 < len(accepted) < 9
        assert set(accepted) == set(mails)
        assert all(map(whole, mails.values()))
        assert tmp == []


def _send_many(sender: cartero.Sender, accepted: list[str]) -> None:
    for number in range(20):
        sender.send(mail(str(number), 50_000), envelope=_ENVELOPE)
        accepted.append(str(number))


def _may_mount(folder: Path) -> bool:
    mount = [*_APART, "mount", "-t", "tmpfs", "tmpfs", str(folder)]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0
