"""A user for a file of users."""

from __future__ import annotations

import asyncio
import io
import resource
import stat
import sys
from pathlib import Path

import pytest

from cartero.cli._exits import NoInputError, UsageError
from cartero.servers.cli import main
from cartero.servers.cli._adduser import add_user
from cartero.servers.passwords import Users
from tests.serving import run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("päss word\nmore\n"))


def knows(path: Path, user: str, password: str) -> bool:
    """Whether the file at *path* lets *user* in."""
    return asyncio.run(Users(path).knows(user, password))


@pytest.mark.usefixtures("typed")
def test_a_line_of_standard_input_is_the_password(tmp_path: Path) -> None:
    """So that a script can add somebody; no command line holds a password."""
    path = tmp_path / "users"

    assert main(["--add-user", str(path), "ana"]) == 0

    assert knows(path, "ana", "päss word")
    assert "word" not in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_user_who_is_there_gets_another_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others, and the rights of the file, stay as they are."""
    path = tmp_path / "users"
    for user, password in (("ana", "one"), ("bo", "two"), ("ana", "three")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        add_user(str(path), user)
        path.chmod(0o640)

    assert [line.partition(":")[0] for line in path.read_text(encoding="utf-8").splitlines()] == ["bo", "ana"]
    assert (knows(path, "ana", "one"), knows(path, "ana", "three"), knows(path, "bo", "two")) == (False, True, True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_command_adds_somebody(tmp_path: Path) -> None:
    """As a process, whose standard input is a pipe."""
    done = run("--add-user", str(tmp_path / "users"), "ana", given="x1\n")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert knows(tmp_path / "users", "ana", "x1")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answers", "is_added"),
    [pytest.param(["x1", "x1"], True, id="usual"), pytest.param(["x1", "x2"], False, id="odd-a-slip")],
)
def test_a_terminal_is_asked_twice(
    answers: list[str], is_added: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sees what is typed there."""
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: answers.pop(0))

    status = main(["--add-user", str(tmp_path / "users"), "ana"])

    assert (status == 0, (tmp_path / "users").exists()) == (is_added, is_added)


@pytest.mark.parametrize("name", ["", "a:b", "#ana", "a\nb"])
@pytest.mark.usefixtures("typed")
def test_not_everything_is_a_name(name: str, tmp_path: Path) -> None:
    """What would be another line, or two."""
    with pytest.raises(UsageError, match="--add-user: expected the name of a user"):
        add_user(str(tmp_path / "users"), name)


def test_nothing_is_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script whose variable is empty lets everybody in."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    with pytest.raises(UsageError, match="found nothing"):
        add_user(str(tmp_path / "users"), "ana")

    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError, match="on standard input"):
        add_user(str(tmp_path / "users"), "ana")


@pytest.mark.usefixtures("typed")
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    """What is in it would be lost."""
    path = tmp_path / "users"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(NoInputError, match="cannot read"):
        add_user(str(path), "ana")

    assert path.read_bytes() == b"\xff\xfe"


@pytest.mark.usefixtures("typed")
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the system's words."""
    assert main(["--add-user", str(tmp_path / "no" / "users"), "ana"]) == 74

    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.usefixtures("typed")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """It is the old one or the new one at any time."""
    path = tmp_path / "users"
    path.write_text("# nobody\n", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5, limits[1]))

    try:
        with pytest.raises(OSError, match="File too large"):
            add_user(str(path), "ana")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["# nobody\n"]
