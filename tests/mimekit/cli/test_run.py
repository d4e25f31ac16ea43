"""`mimekit` from start to exit status, inside this process and as one of its own."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mimekit.cli import main
from mimekit.cli._exits import Exit
from tests import corpora

Write = Callable[[bytes], str]
Give = Callable[[bytes], None]


class TestWhatIsAsked:
    def test_help_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """And nothing read."""
        assert main(["--help"]) == 0
        assert capsys.readouterr().out.startswith("usage: mimekit COMMAND")

    def test_python_runs_it_too(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """As ``python -m mimekit``."""
        monkeypatch.setattr(sys, "argv", ["python", "--version"])
        # QUIRK: pytest loads what is installed beside a plugin of its own by a loader that cannot run a module.
        finders = [finder for finder in sys.meta_path if "AssertionRewriting" not in type(finder).__name__]
        monkeypatch.setattr(sys, "meta_path", finders)

        with pytest.raises(SystemExit) as left:
            runpy.run_module("mimekit", run_name="__main__")

        assert left.value.code == 0
        assert capsys.readouterr().out.startswith("mimekit ")


class TestTrouble:
    def test_a_command_line_without_sense(self, capsys: pytest.CaptureFixture[str]) -> None:
        """One line, and a status."""
        assert main(["nonsense"]) == 64
        assert capsys.readouterr().err.startswith("mimekit: ")

    @pytest.mark.skipif(sys.platform != "linux", reason="who stands in a folder may not remove it")
    def test_a_folder_that_takes_no_file(
        self, tmp_path: Path, give: Give, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What the system says is told, with the path."""
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        give(b"Content-Disposition: attachment; filename=a\nContent-Type: a/b\n\nx")

        assert main(["extract"]) == 74
        assert capsys.readouterr().err == "mimekit: .: No such file or directory\n"

    def test_output_that_fails(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A full disk is told."""

        class Full(io.StringIO):
            def write(self, _text: str) -> int:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(sys, "stdout", Full())

        assert main(["show", write(b"Subject: x\n\n")]) == 74
        assert capsys.readouterr().err == "mimekit: input or output: No space left on device\n"

    def test_interrupted(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Quietly, as a shell reports it."""

        class Interrupted(io.BytesIO):
            def read(self, _size: int | None = -1) -> bytes:
                raise KeyboardInterrupt

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Interrupted()))

        assert main(["show"]) == 130
        assert capsys.readouterr().err == "mimekit: interrupted\n"

    def test_nobody_reads(self, write: Write) -> None:
        """It ends quietly."""
        many = write(b"Subject: x\n\n" + b"x\n" * 99_999)
        command = [sys.executable, "-m", "mimekit", "show", many]

        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()) as done:
            assert done.stdout is not None
            assert done.stderr is not None
            done.stdout.close()
            assert done.stderr.read() == b""

        assert done.returncode == 141

    def test_nobody_reads_in_here_either(self, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """What is left is dropped."""

        class Broken(io.TextIOWrapper):
            is_broken = True

            def flush(self) -> None:
                if self.is_broken:
                    raise BrokenPipeError
                super().flush()

        with (tmp_path / "out").open("wb") as file:
            broken = Broken(file)
            monkeypatch.setattr(sys, "stdout", broken)

            assert main(["show", write(b"Subject: x\n\n")]) == 141

            monkeypatch.undo()
            broken.is_broken = False
            broken.detach()


def test_it_starts_with_nothing_heavy(write: Write) -> None:
    """A command's start is most of its cost."""
    script = "import sys; from mimekit.cli import main; main(); print(*sys.modules)"
    path = write(b"Subject: x\n\n")

    done = subprocess.run(
        [sys.executable, "-c", script, "show", path], capture_output=True, text=True, check=True, env=_environment()
    )

    loaded = set(done.stdout.split())
    assert not loaded & {"rich", "nh3", "json", "shutil", "email", "mimekit.html.sanitize", "mimekit.cli._lint"}


def _environment() -> dict[str, str]:
    # without the variables by which coverage and others load themselves into every interpreter
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}


@pytest.mark.corpus
def test_real_mail_is_shown_and_judged(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Whatever it is: every fiftieth of the corpora."""
    pytest.importorskip("nh3", reason="the extra html is not installed")
    paths: list[Any] = sorted({str(real.path) for real in corpora.required_messages()})[::50]

    assert main(["show", *paths]) == 0
    assert main(["text", *paths]) == 0
    assert main(["lint", *paths]) == 1
    assert main(["html", "-d", str(tmp_path), *paths]) == 0
    assert main(["extract", "-d", str(tmp_path), *paths]) == 0
    assert capsys.readouterr().err == ""


def test_every_command_is_there(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    """Each by its name."""
    pytest.importorskip("nh3", reason="the extra html is not installed")
    for name in ("show", "text", "html", "extract", "lint"):
        give(b"Subject: x\n\n")

        assert main([name]) == Exit.WELL

    assert capsys.readouterr().err == ""
