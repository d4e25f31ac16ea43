"""Mail appended to one file: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import mailbox
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cartero import CarteroError, Envelope, MailboxSender, SendingError
from cartero.senders import _appended
from cartero.senders._appended import AppendedFile
from cartero.senders._ondisk import StepFailed

ROOT = Path(__file__).parents[3]
MAIL = b"From: me@x.org\nTo: you@x.org\n\nOne\n"
NEXT = b"From: me@x.org\nTo: you@x.org\n\nTwo\n"
LARGE = MAIL + b"All work and no play\n" * 150_000  # 3 MB
ENVELOPE = Envelope("me@x.org", ["you@x.org"])

READERS = {"mbox": mailbox.mbox, "mmdf": mailbox.MMDF, "babyl": mailbox.Babyl}
FORMS = pytest.mark.parametrize("form", READERS)


def append(path: Path, form: str, *messages: bytes) -> None:
    """Append *messages* to the mailbox at *path*."""
    for message in messages:
        assert AppendedFile(str(path), form, timeout=5).deliver([message], "me@x.org") == str(path)


def messages(path: Path, form: str) -> list[bytes]:
    """What the standard library reads in it."""
    with contextlib.closing(READERS[form](path, create=False)) as box:
        return [box.get_bytes(key) for key in sorted(box.keys())]


def process(path: Path, form: str, octets: bytes, *, first: str) -> subprocess.CompletedProcess[bytes]:
    """A delivery by a process of its own that does something else *first*."""
    script = (
        "import sys, os, resource, signal; from cartero import CarteroError, Envelope, MailboxSender, SendingError\n"
        f"{first}\n"
        "sender = MailboxSender(sys.argv[1], format=sys.argv[2])\n"
        "try: sender.send(sys.stdin.buffer.read(), envelope=Envelope('me@x.org', ['you@x.org']))\n"
        "except SendingError as error: print(error.temporary, error.stage, list(error.refused), error)"
    )
    command = [sys.executable, "-c", script, str(path), form]
    return subprocess.run(command, input=octets, capture_output=True, cwd=ROOT, check=False)


# A write to the mailbox stops in the middle, and the process is killed.
KILLED = (
    "real = os.write\n"
    "def write(file, octets):\n"
    "    if not os.readlink(f'/proc/self/fd/{file}').endswith('/box'): return real(file, octets)\n"
    "    real(file, octets[:len(octets) // 2]); os.kill(os.getpid(), signal.SIGKILL)\n"
    "os.write = write"
)


@FORMS
class TestAppending:
    @pytest.mark.parametrize("sizes", [(1, 1, 1), (3_000_000, 1, 1_100_000)], ids=["usual-small", "odd-large"])
    def test_messages_stand_one_behind_the_other(self, tmp_path: Path, form: str, sizes: tuple[int, ...]) -> None:
        """And the standard library reads them."""
        mail = [MAIL + b"x" * 70 + b"\n" + b"y\n" * (size // 2) for size in sizes]

        append(tmp_path / "box", form, *mail)

        assert messages(tmp_path / "box", form) == mail
        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]

    def test_what_the_standard_library_wrote_is_added_to(self, tmp_path: Path, form: str) -> None:
        """And the other way round."""
        path = tmp_path / "box"
        for mail in (MAIL, NEXT):
            box = READERS[form](path)
            box.add(mail)
            box.close()
            append(path, form, mail)

        assert messages(path, form) == [MAIL, MAIL, NEXT, NEXT]

    def test_a_file_of_line_ends_is_empty(self, tmp_path: Path, form: str) -> None:
        """Some programs leave one in a new file."""
        (tmp_path / "box").write_bytes(b"\n")

        append(tmp_path / "box", form, MAIL)

        assert messages(tmp_path / "box", form) == [MAIL]

    def test_what_is_no_such_mailbox_is_left_as_it_is(self, tmp_path: Path, form: str) -> None:
        """A path mistyped destroys nothing."""
        (tmp_path / "box").write_bytes(b"[settings]\n")

        with pytest.raises(StepFailed) as caught:
            append(tmp_path / "box", form, MAIL)

        assert caught.value.reason.startswith(r"it is none: it begins with '[settings]\n', not with '")
        assert (tmp_path / "box").read_bytes() == b"[settings]\n"

    def test_processes_that_deliver_at_once_lose_nothing(self, tmp_path: Path, form: str) -> None:
        """Nor do two of a process's threads; see the tests of the locks."""
        script = (
            "import sys; from cartero import MailboxSender\n"
            "sender = MailboxSender(sys.argv[1], format=sys.argv[2], timeout=60)\n"
            "for _ in range(20): sender.send(b'From: a@x.org\\nTo: b@x.org\\n\\n' + b'x' * 500 + b'\\n')"
        )
        command = [sys.executable, "-c", script, str(tmp_path / "box"), form]
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(subprocess.Popen(command, cwd=ROOT)) for _ in range(3)]
            assert [process.wait() for process in running] == [0, 0, 0]

        assert len(messages(tmp_path / "box", form)) == 60


@FORMS
class TestKilled:
    """A process that is killed while it writes."""

    @pytest.mark.parametrize("octets", [MAIL, LARGE], ids=["usual-small", "odd-large"])
    @pytest.mark.parametrize("before", [(), (NEXT,)], ids=["odd-new", "usual"])
    def test_the_next_delivery_takes_back_what_was_begun(
        self, tmp_path: Path, form: str, before: tuple[bytes, ...], octets: bytes
    ) -> None:
        """Nobody was told that it was accepted; what was there before is as it was."""
        path = tmp_path / "box"
        append(path, form, *before)
        size = path.stat().st_size if before else 0

        done = process(path, form, octets, first=KILLED)

        assert done.returncode == -signal.SIGKILL
        assert path.stat().st_size > size
        append(path, form, NEXT)
        assert messages(path, form) == [*before, NEXT]
        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]

    def test_what_was_written_to_its_end_stays(self, tmp_path: Path, form: str) -> None:
        """It is a message, though nobody was told."""
        kill = (
            "real = os.fsync\n"
            "def fsync(file):\n"
            "    if os.readlink(f'/proc/self/fd/{file}').endswith('/box'): os.kill(os.getpid(), signal.SIGKILL)\n"
            "    real(file)\n"
            "os.fsync = fsync"
        )
        assert process(tmp_path / "box", form, MAIL, first=kill).returncode == -signal.SIGKILL

        append(tmp_path / "box", form, NEXT)

        assert messages(tmp_path / "box", form) == [MAIL, NEXT]

    @pytest.mark.parametrize("glue", [b"", b"\n"], ids=["odd-glued", "odd-behind"])
    def test_what_another_program_has_appended_since_is_not_taken_back(
        self, tmp_path: Path, form: str, glue: bytes
    ) -> None:
        """A program that knows nothing of lock files; mail that it accepted is not ours to lose."""
        path = tmp_path / "box"
        append(path, form, MAIL)
        process(path, form, LARGE, first=KILLED)
        append(tmp_path / "other", form, b"From: x@x.org\n\nOf another\n")
        with path.open("ab") as file:
            file.write(glue + (tmp_path / "other").read_bytes())

        append(path, form, NEXT)

        assert b"Of another" in path.read_bytes()
        assert b"Two\n" in path.read_bytes()
        if (form, glue) != ("mmdf", b"\n"):  # there, the line that begins the other message ends the one begun
            assert messages(path, form)[0] == MAIL
            assert messages(path, form)[-1] == NEXT

    def test_what_another_program_has_written_in_its_place_is_not_taken_back(self, tmp_path: Path, form: str) -> None:
        """As one that removes messages without a lock file, and moves up what stands behind them."""
        path = tmp_path / "box"
        append(path, form, MAIL)
        size = path.stat().st_size
        process(path, form, LARGE, first=KILLED)
        append(tmp_path / "other", form, MAIL, b"From: x@x.org\n\nOf another\n")
        other = (tmp_path / "other").read_bytes()
        with path.open("r+b") as file:
            file.write(other)
            file.truncate()
        assert len(other) > size

        append(path, form, NEXT)

        assert messages(path, form) == [MAIL, b"From: x@x.org\n\nOf another\n", NEXT]

    def test_a_file_that_is_another_one_now_is_left_as_it_is(self, tmp_path: Path, form: str) -> None:
        """As one that a program has written anew, without a message of it."""
        path = tmp_path / "box"
        append(path, form, MAIL)
        process(path, form, LARGE, first=KILLED)
        append(tmp_path / "new", form, MAIL, NEXT)
        (tmp_path / "new").rename(path)

        append(path, form, NEXT)

        assert messages(path, form) == [MAIL, NEXT, NEXT]


# Sends messages of many sizes until it is killed, and tells of each that was accepted what is in it.
_WORKER = (
    "import sys, os; from cartero import Envelope, MailboxSender\n"
    "sender = MailboxSender(sys.argv[1], format=sys.argv[2], timeout=60)\n"
    "while True:\n"
    "    for lines in (1, 50, 20_000):\n"
    "        mark = os.urandom(8).hex().encode()\n"
    "        sender.send(b'From: a@x.org\\nTo: b@x.org\\n\\n' + (mark + b'y' * 60 + b'\\n') * lines)\n"
    "        os.write(1, mark + b' %d\\n' % lines)"
)


@FORMS
def test_in_a_storm_of_kills_nothing_that_was_accepted_is_lost(tmp_path: Path, form: str) -> None:
    """Nor is anything there by halves, or twice."""
    command = [sys.executable, "-c", _WORKER, str(tmp_path / "box"), form]
    with (tmp_path / "told").open("ab") as told, contextlib.ExitStack() as stack:
        for _ in range(6):
            workers = [stack.enter_context(subprocess.Popen(command, stdout=told, cwd=ROOT)) for _ in range(2)]
            size = os.fstat(told.fileno()).st_size
            while os.fstat(told.fileno()).st_size == size:  # until one more is accepted
                time.sleep(0.01)
            for worker in workers:
                worker.kill()
    append(tmp_path / "box", form, MAIL)

    found = [message.partition(b"\n\n")[2].split() for message in messages(tmp_path / "box", form)[:-1]]
    counted = {lines[0][:16].decode(): len(lines) for lines in found if len(set(lines)) == 1}
    assert len(counted) == len(found)
    assert (
        dict(line.split() for line in (tmp_path / "told").read_text().splitlines()).items()
        <= {mark: str(count) for mark, count in counted.items()}.items()
    )


def name_of(file: int) -> str:
    """What the open *file* is called."""
    return Path(f"/proc/self/fd/{file}").readlink().name


class Full:
    """Writing to the mailbox fails in the middle, once, as on a full disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, number: int = errno.ENOSPC) -> None:
        self._write, self._number = os.write, number
        self.failed = False
        monkeypatch.setattr(os, "write", self)

    def __call__(self, file: int, octets: bytes) -> int:
        """Write, or fail."""
        if self.failed or name_of(file) != "box":
            return self._write(file, octets)
        self.failed = True
        self._write(file, octets[:9])
        raise OSError(self._number, os.strerror(self._number))


@FORMS
class TestFailures:
    @pytest.mark.parametrize("octets", [MAIL, LARGE], ids=["usual-small", "odd-large"])
    def test_a_full_disk_leaves_what_was_there(self, tmp_path: Path, form: str, octets: bytes) -> None:
        """The file limit of a real process stands in for the disk."""
        path = tmp_path / "box"
        append(path, form, MAIL)
        before = path.read_bytes()
        limit = len(before) + 20 if octets is MAIL else 2_000_000
        first = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"

        done = process(path, form, octets, first=first)

        assert done.stdout.decode().startswith("False write ['you@x.org'] cannot write the message to the ")
        assert "File too large" in done.stdout.decode()
        assert path.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]

    @pytest.mark.parametrize(
        ("number", "temporary"),
        [pytest.param(errno.ENOSPC, True, id="usual"), pytest.param(errno.EIO, False, id="odd-broken")],
    )
    def test_a_write_that_fails_is_taken_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, number: int, *, temporary: bool
    ) -> None:
        """And says so, with the recipients."""
        append(tmp_path / "box", form, MAIL)
        before = (tmp_path / "box").read_bytes()
        Full(monkeypatch, number=number)

        with pytest.raises(SendingError, match=os.strerror(number)) as caught:
            MailboxSender(tmp_path / "box", format=form).send(NEXT, envelope=ENVELOPE)  # type: ignore[arg-type] # a row

        error = caught.value
        assert (error.stage, error.temporary, error.ambiguous) == ("write", temporary, False)
        assert error.refused == {"you@x.org": os.strerror(number)}
        assert (tmp_path / "box").read_bytes() == before

    def test_what_cannot_be_taken_back_is_by_the_next_delivery(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
    ) -> None:
        """The lock file stays for it."""
        path = tmp_path / "box"
        append(path, form, MAIL)
        real = os.ftruncate

        def ftruncate(file: int, size: int) -> None:
            if name_of(file) == "box":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            real(file, size)

        with monkeypatch.context() as patched:
            Full(patched)
            patched.setattr(os, "ftruncate", ftruncate)
            with pytest.raises(StepFailed) as caught:
                append(path, form, NEXT)

        assert caught.value.__cause__ is not None
        assert caught.value.__cause__.__notes__ == ["what was written could not be taken back: Input/output error"]
        assert (tmp_path / "box.lock").exists()
        append(path, form, NEXT)
        assert messages(path, form) == [MAIL, NEXT]

    def test_a_new_file_whose_folder_cannot_be_synced_is_ambiguous(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
    ) -> None:
        """It is there, and may be gone after a power cut."""

        def fail(_path: str) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(_appended, "sync_folder", fail)
        with pytest.raises(StepFailed) as caught:
            append(tmp_path / "box", form, MAIL)

        assert (caught.value.stage, caught.value.ambiguous) == ("sync", True)
        assert messages(tmp_path / "box", form) == [MAIL]


class TestLargeMail:
    """What does not fit in a small piece of memory."""

    def test_where_the_folder_takes_no_file_another_does(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As where nobody may make files beside the mailbox."""
        real: Any = tempfile.TemporaryFile

        def refuse(*, dir: str | None = None, buffering: int = -1) -> Any:  # noqa: A002
            if dir is not None:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return real(buffering=buffering)

        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
        append(tmp_path / "box", "mbox", LARGE)

        assert messages(tmp_path / "box", "mbox") == [LARGE]

    def test_a_message_that_cannot_be_made_does_not_touch_the_mailbox(self, tmp_path: Path) -> None:
        """It is made ready before the mailbox is locked, or even made."""

        def pieces() -> Iterator[bytes]:
            yield LARGE
            yield LARGE
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with pytest.raises(StepFailed):
            AppendedFile(str(tmp_path / "box"), "mbox", timeout=0).deliver(pieces(), "")

        assert list(tmp_path.iterdir()) == []


def mounted(path: Path) -> Iterator[Path]:
    """A file system of 64 kB at *path*."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    command: list[str | Path] = [mount or "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path]
    if not (mount and umount) or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only the superuser may make a small file system")
    try:
        yield path
    finally:
        subprocess.run([umount, path], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    (tmp_path / "disk").mkdir()
    yield from mounted(tmp_path / "disk")


@pytest.mark.parametrize("form", ["mbox", "mmdf", "babyl", "mh", "maildir"])
def test_a_real_disk_that_is_full_holds_what_was_accepted(small_disk: Path, form: Any) -> None:
    """Messages until there is no more room: what is said to be accepted is there, and nothing else."""
    sender = MailboxSender(small_disk / "box", format=form)
    failures: list[CarteroError] = []
    mail = [(MAIL + b"x" * 3000 + b"\n", ENVELOPE)] * 30

    accepted = len(list(sender.send_all(mail, on_failure=lambda _mail, error: failures.append(error))))

    readers = {**READERS, "mh": mailbox.MH, "maildir": mailbox.Maildir}
    with contextlib.closing(readers[form](small_disk / "box", create=False)) as box:
        assert 3 < len(box) == accepted < 30
        assert {len(box.get_bytes(key)) for key in box.keys()} == {len(MAIL) + 3001}  # noqa: SIM118 - no mapping
    assert all("No space left on device" in str(error) for error in failures)
    assert {(error.temporary, error.ambiguous) for error in failures if isinstance(error, SendingError)} == {
        (True, False)
    }
