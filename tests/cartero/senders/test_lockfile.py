"""Lock files that a program left behind, and those of others, against real processes."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cartero.senders._lockfile import Undo
from cartero.senders._locks import locked
from cartero.senders._ondisk import StepFailed

ROOT = Path(__file__).parents[3]
HOLD = (
    "import sys; from cartero.senders._locks import locked\n"
    "held = locked(sys.argv[1], timeout=5); mailbox = held.__enter__(); mailbox.note(3, 9, b'x')\n"
    "print(flush=True); sys.stdin.read()"
)


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


def refusal(path: Path) -> StepFailed:
    """How locking *path* fails."""
    with pytest.raises(StepFailed) as caught, locked(str(path), timeout=0):
        raise AssertionError("it is locked")
    return caught.value


class TestLeftBehind:
    """Lock files whose program is no more."""

    def killed(self, path: Path, script: str = HOLD) -> None:
        """A program that holds the lock is killed."""
        with another_program(script, path) as process:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def test_what_a_killed_program_left_is_taken_over(self, tmp_path: Path) -> None:
        """With what it noted of the mailbox."""
        path = tmp_path / "box"
        self.killed(path)
        assert (tmp_path / "box.lock").exists()

        with locked(str(path), timeout=0) as found:
            assert found.undo is not None
            assert found.undo == Undo(path.stat().st_dev, path.stat().st_ino, 3, 9, b"x")
            found.note(0, 0, b"")

        assert not (tmp_path / "box.lock").exists()

    def test_what_was_noted_stays_until_something_else_is(self, tmp_path: Path) -> None:
        """Who takes it over may be killed as well, or fail."""
        path = tmp_path / "box"
        self.killed(path)
        self.killed(path, HOLD.replace("mailbox.note(3, 9, b'x')", ""))

        for _ in range(2):
            with locked(str(path), timeout=0) as found:
                assert found.undo is not None

    def test_one_that_was_left_before_anything_was_noted_says_nothing(self, tmp_path: Path) -> None:
        """Nothing had been written."""
        path = tmp_path / "box"
        self.killed(path, HOLD.replace("mailbox.note(3, 9, b'x')", ""))

        with locked(str(path), timeout=0) as found:
            assert found.undo is None
            assert (tmp_path / "box.lock").read_text().startswith(f"{os.getpid()}\n")

    def test_one_that_is_left_on_purpose_is_too(self, tmp_path: Path) -> None:
        """Where something could not be taken back."""
        with locked(str(tmp_path / "box"), timeout=0) as found:
            found.note(1, 2, b"x")
            found.leave()

        with locked(str(tmp_path / "box"), timeout=0) as found:
            assert found.undo is not None

    @pytest.mark.parametrize(
        ("said", "who"),
        [
            pytest.param("", "another program", id="usual-mailbox"),
            pytest.param("1234\n", "process 1234", id="usual-liblockfile"),
            pytest.param("1234\nelsewhere.example cartero\n", "process 1234 on elsewhere.example", id="odd-elsewhere"),
            pytest.param("\0\udcff\n" * 5000, "another program", id="hostile-octets"),
        ],
    )
    def test_those_of_others_are_left_alone(self, tmp_path: Path, said: str, who: str) -> None:
        """Nobody can say whether that program is still there; the error says what to do."""
        (tmp_path / "box.lock").write_bytes(said.encode("utf-8", "surrogateescape"))

        error = refusal(tmp_path / "box")

        assert error.reason.startswith(f"{who} holds {tmp_path}/box.lock since 20")
        assert "(remove that file if there is no such program any more)" in error.reason
        assert (tmp_path / "box.lock").exists()

    def test_what_another_user_has_put_there_is_not_believed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It could say what to take away."""
        self.killed(tmp_path / "box")
        monkeypatch.setattr(os, "geteuid", lambda: 4711)

        assert "(remove that file if there is no such program any more)" in refusal(tmp_path / "box").reason

    def test_a_lock_file_that_cannot_be_read_is_left_alone(self, tmp_path: Path) -> None:
        """A folder, or a link to who knows where."""
        (tmp_path / "box.lock").symlink_to(tmp_path / "elsewhere")

        assert refusal(tmp_path / "box").reason.startswith(f"another program holds {tmp_path}/box.lock, for")
        assert not (tmp_path / "elsewhere").exists()

    def test_one_that_another_program_makes_meanwhile_is_its(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name is taken in one step."""
        (tmp_path / "box.lock").touch()
        monkeypatch.setattr(os.path, "lexists", lambda _path: False)

        assert refusal(tmp_path / "box").reason.startswith("another program holds")
        assert [entry.name for entry in tmp_path.iterdir()] == ["box.lock"]

    def test_one_that_was_removed_meanwhile_is_not_taken_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was given back, and what stands there now may be another's."""
        path = tmp_path / "box"
        self.killed(path)
        real = fcntl.flock
        times: list[int] = []

        def flock(file: int, command: int) -> None:
            real(file, command)
            times.append(file)
            if len(times) == 1:
                (tmp_path / "box.lock").unlink()

        monkeypatch.setattr(fcntl, "flock", flock)
        with locked(str(path), timeout=5) as found:
            assert found.undo is None

        assert len(times) == 2


def test_many_programs_that_are_killed_and_write_collide_nowhere(tmp_path: Path) -> None:
    """Each adds one to a number in the file, or is killed holding the lock."""
    path = tmp_path / "box"
    path.write_bytes(b"0")
    script = (
        "import sys, os, signal; from cartero.senders._locks import locked\n"
        "for turn in range(20):\n"
        "    with locked(sys.argv[1], timeout=60) as box:\n"
        "        os.lseek(box.file, 0, 0); number = int(os.read(box.file, 99))\n"
        "        os.ftruncate(box.file, 0); os.write(box.file, b'%d' % (number + 1))\n"
        "        if turn == int(sys.argv[2]): os.kill(os.getpid(), signal.SIGKILL)"
    )
    with ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen([sys.executable, "-c", script, path, turn], cwd=ROOT))
            for turn in ("99", "3", "99", "7")
        ]
        codes = [process.wait() for process in running]

    assert codes == [0, -signal.SIGKILL, 0, -signal.SIGKILL]
    assert path.read_bytes() == b"52"


class TestUndo:
    def test_what_is_noted_is_read_back(self) -> None:
        """By another process."""
        undo = Undo(1, 2, 3, 4, b"From \xff\n")

        assert Undo.parse(str(undo)) == undo

    @pytest.mark.parametrize(
        "line",
        [
            pytest.param("", id="usual-nothing"),
            pytest.param("1 2 3", id="odd-too-few"),
            pytest.param("1 2 3 4 5 66", id="odd-too-many"),
            pytest.param("1 2 3 x 66", id="odd-no-number"),
            pytest.param("1 2 3 4 6", id="odd-cut-off"),
        ],
    )
    def test_what_notes_nothing_says_nothing(self, line: str) -> None:
        """As one that a power cut has cut off."""
        assert Undo.parse(line) is None
