"""The locks on a mailbox that is one file, against real processes and threads."""

from __future__ import annotations

import errno
import fcntl
import mailbox
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cartero.senders import _lockfile, _locks
from cartero.senders._locks import check_mailbox, locked, open_mailbox
from cartero.senders._ondisk import StepFailed

ROOT = Path(__file__).parents[3]
HOST = os.uname().nodename


@contextmanager
def another_program(script: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs *script*; it is ready when it prints, and lives until the end."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


WAIT = "\nprint(flush=True); sys.stdin.read()"
HOLD = (
    "import sys; from cartero.senders._locks import locked\n"
    "held = locked(sys.argv[1], timeout=5); mailbox = held.__enter__(); mailbox.note(3, 9, b'x')" + WAIT
)
LOCKF = "import sys, fcntl; file = open(sys.argv[1], 'rb+'); fcntl.lockf(file, fcntl.LOCK_EX)" + WAIT
STDLIB = "import sys, mailbox; box = mailbox.mbox(sys.argv[1]); box.lock()" + WAIT


def refusal(path: Path, *, timeout: float = 0.0) -> StepFailed:
    """How locking *path* fails."""
    with pytest.raises(StepFailed) as caught, locked(str(path), timeout=timeout):
        raise AssertionError("it is locked")
    return caught.value


class TestLocked:
    def test_a_lock_file_stands_beside_it_and_goes(self, tmp_path: Path) -> None:
        """It says who holds it: the number of the process, as other programs write it, and the machine."""
        path = tmp_path / "box"

        with locked(str(path), timeout=0) as found:
            said = (tmp_path / "box.lock").read_text()
            os.write(found.file, b"Hi!")

        assert said == f"{os.getpid()}\n{HOST} cartero\n"
        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]
        assert path.read_bytes() == b"Hi!"
        assert path.stat().st_mode & 0o777 == 0o600

    def test_the_standard_library_is_kept_out(self, tmp_path: Path) -> None:
        """It takes both locks too."""
        path = tmp_path / "box"
        path.touch()
        script = (
            "import sys, mailbox; box = mailbox.mbox(sys.argv[1])\n"
            "try: box.lock()\n"
            "except mailbox.ExternalClashError: sys.exit(9)"
        )

        with locked(str(path), timeout=0):
            done = subprocess.run([sys.executable, "-c", script, path], check=False)

        assert done.returncode == 9

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            pytest.param(STDLIB, "another program holds {path}.lock since 20", id="usual-mailbox"),
            pytest.param(LOCKF, "another program has it locked", id="usual-lockf"),
            pytest.param(HOLD, f"process {{pid}} on {HOST} holds {{path}}.lock since 20", id="usual-cartero"),
        ],
    )
    def test_what_another_process_holds_is_waited_for_and_then_an_error(
        self, tmp_path: Path, script: str, said: str
    ) -> None:
        """A bounded wait; the error says who holds it, as far as it is known."""
        path = tmp_path / "box"
        path.touch()
        with another_program(script, path) as process:
            error = refusal(path, timeout=0.1)

        assert error.reason.startswith(said.format(path=path, pid=process.pid))
        assert error.reason.endswith(", for 0.1 s")
        assert (error.stage, error.temporary, error.ambiguous) == ("lock", True, False)

    def test_it_is_had_as_soon_as_it_is_free(self, tmp_path: Path) -> None:
        """Within the time."""
        path = tmp_path / "box"
        (tmp_path / "box.lock").touch()
        timer = threading.Timer(0.1, (tmp_path / "box.lock").unlink)
        timer.start()

        with locked(str(path), timeout=30) as found:
            assert found.undo is None
        timer.join()

    def test_the_threads_of_a_process_wait_for_each_other(self, tmp_path: Path) -> None:
        """What the system locks it locks for all of them alike."""
        with locked(str(tmp_path / "box"), timeout=0):
            error = refusal(tmp_path / "." / "box")

        assert error.reason == "another thread of this program is writing to it, for 0 s"
        with locked(str(tmp_path / "box"), timeout=0):
            pass

    def test_a_file_put_in_its_place_meanwhile_is_the_one_that_is_locked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`mailbox` writes a new file when something is removed, and what is appended to the old one is lost."""
        path = tmp_path / "box"
        path.write_bytes(b"old")
        (tmp_path / "new").write_bytes(b"new")
        real = fcntl.lockf

        def lockf(file: int, command: int) -> None:
            real(file, command)
            if (tmp_path / "new").exists():
                (tmp_path / "new").rename(path)

        monkeypatch.setattr(fcntl, "lockf", lockf)
        with locked(str(path), timeout=5) as found:
            os.write(found.file, b"er")

        assert path.read_bytes() == b"newer"

    def test_a_file_removed_meanwhile_is_made_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Some programs remove an empty mailbox."""
        path = tmp_path / "box"
        real = fcntl.lockf
        removed: list[Path] = []

        def lockf(file: int, command: int) -> None:
            real(file, command)
            if not removed:
                path.unlink()
                removed.append(path)

        monkeypatch.setattr(fcntl, "lockf", lockf)
        with locked(str(path), timeout=5) as found:
            os.write(found.file, b"here")

        assert path.read_bytes() == b"here"

    def test_where_nobody_may_make_a_lock_file_the_system_s_lock_does(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in the folder of all mail of a machine."""
        refuse_to_open(monkeypatch, ".lock", errno.EACCES)

        with locked(str(tmp_path / "box"), timeout=0) as found:
            found.note(0, 1, b"")
            found.leave()
            with another_program(LOCKF.replace("LOCK_EX", "LOCK_EX | fcntl.LOCK_NB"), tmp_path / "box") as process:
                pass

        assert process.returncode == 1
        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]

    @pytest.mark.parametrize("name", [".lock", "box"])
    def test_other_trouble_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """And nothing is left."""
        refuse_to_open(monkeypatch, name, errno.ENOSPC)

        with pytest.raises(OSError, match="No space left"), locked(str(tmp_path / "box"), timeout=5):
            pass

        assert list(tmp_path.iterdir()) == []
        assert _locks._BUSY == {}

    @pytest.mark.parametrize("name", ["lockf", "flock"])
    def test_a_file_system_without_locks_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """ENOLCK is no reason to go on, nor one to wait."""

        def fail(_file: int, _command: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, name, fail)
        with pytest.raises(OSError, match="No locks available"), locked(str(tmp_path / "box"), timeout=5):
            pass

        assert not (tmp_path / "box.lock").exists()

    def test_a_system_without_fcntl_has_lock_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows; there nothing that was left behind is taken over."""
        monkeypatch.setattr(_locks, "HAS_FCNTL", False)
        monkeypatch.setattr(_lockfile, "HAS_FCNTL", False)
        monkeypatch.delattr(os, "uname")
        path = tmp_path / "box"

        with locked(str(path), timeout=0) as found:
            found.note(0, 1, b"")
            said = (tmp_path / "box.lock").read_text()
        (tmp_path / "box.lock").write_text(said)
        error = refusal(path)

        assert said.startswith(f"{os.getpid()}\n cartero\n")
        assert f"process {os.getpid()} holds" in error.reason


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """From now on, whatever is called like this cannot be opened."""
    real: Callable[..., int] = os.open

    def refuse(path: str, *arguments: Any) -> int:
        if name in Path(path).name:
            raise OSError(number, os.strerror(number))
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)


class TestTheFile:
    """What is a mailbox, and what is none."""

    @pytest.mark.parametrize("opens", [open_mailbox, check_mailbox], ids=["open", "check"])
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            pytest.param("link", "it is a symbolic link; give the path of the file itself", id="hostile-link"),
            pytest.param("nowhere", "it is a symbolic link; give the path of the file itself", id="hostile-dangling"),
            pytest.param("folder", "it is a folder; expected a file", id="usual-folder"),
            pytest.param("pipe", "it is no ordinary file", id="hostile-pipe"),
            pytest.param("missing/box", "No such file or directory", id="usual-no-parent"),
            pytest.param("file/box", "Not a directory", id="odd-below-a-file"),
        ],
    )
    def test_what_is_no_file_is_refused(
        self, tmp_path: Path, opens: Callable[[str], object], name: str, reason: str
    ) -> None:
        """Through a link, mail would go where its owner never said."""
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "file")
        (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
        os.mkfifo(tmp_path / "pipe")
        before = sorted(tmp_path.iterdir())

        with pytest.raises(OSError, match=reason):
            opens(str(tmp_path / name))

        assert sorted(tmp_path.iterdir()) == before

    @pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
    def test_a_device_is_refused(self, device: str) -> None:
        """Mail in it is lost."""
        with pytest.raises(OSError, match="it is no ordinary file"):
            check_mailbox(device)

    def test_a_link_put_there_meanwhile_is_not_followed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between a look and the opening there is time."""
        (tmp_path / "box").symlink_to(tmp_path / "elsewhere")
        monkeypatch.setattr(_locks, "_expect_file", lambda _found: None)

        with pytest.raises(OSError, match="symbolic links"):
            open_mailbox(str(tmp_path / "box"))

        assert not (tmp_path / "elsewhere").exists()

    def test_a_pipe_put_there_meanwhile_is_closed_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was opened is looked at."""
        os.mkfifo(tmp_path / "pipe")
        monkeypatch.setattr(os, "lstat", missing)

        with pytest.raises(OSError, match="it is no ordinary file"):
            open_mailbox(str(tmp_path / "pipe"))

    def test_a_file_without_permission_is_told_before_anything_is_sent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The superuser may always, so the system's answer is said here."""
        (tmp_path / "box").touch()
        monkeypatch.setattr(os, "access", lambda _path, _mode: False)

        with pytest.raises(PermissionError):
            check_mailbox(str(tmp_path / "box"))

    def test_a_file_that_is_there_or_can_be_made_is_none_of_these(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A relative path too; nothing is made by looking."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "box").touch()

        check_mailbox("box")
        check_mailbox("new")

        assert [entry.name for entry in tmp_path.iterdir()] == ["box"]


def missing(_path: str) -> os.stat_result:
    """Nothing stands there."""
    raise FileNotFoundError


def test_the_standard_library_can_lock_it_afterwards(tmp_path: Path) -> None:
    """Nothing of ours is left."""
    with locked(str(tmp_path / "box"), timeout=0):
        pass

    box = mailbox.mbox(tmp_path / "box")
    box.lock()
    box.close()
