"""The mimekit command: look at mail, take its files out, say what is wrong with it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mimekit import MIMEMessage
from mimekit.cli import main
from tests import corpora

MESSAGE = (
    b"From: =?utf-8?q?Ana_G=C3=B3mez?= <ana@example.org>\nTo: bo@example.net\nSubject: Plans\n"
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\ncaf\xc3\xa9\n"
    b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=../a.pdf\n\nP\n"
    b"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: inner\n\ni\n"
    b"--b\nContent-Type: application/x-nobody\nContent-Disposition: attachment\n\nx\n--b--\n"
)
MBOX = b"From a@b Thu Aug 22 12:46:39 2002\nSubject: one\n\n1\n\nFrom a@b Thu Aug 22 12:46:40 2002\nSubject: two\n\n2\n"
Write = Callable[[bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of octets, and gives its path."""

    def make(octets: bytes) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.eml"
        path.write_bytes(octets)
        return str(path)

    return make


def give(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    """Have *octets* on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))


class TestShow:
    def test_what_people_look_for(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Fields, structure, text."""
        assert main(["show", write(MESSAGE)]) == 0

        assert capsys.readouterr().out == (
            "From: Ana Gómez <ana@example.org>\nTo: bo@example.net\nSubject: Plans\n\n"
            "multipart/mixed\n"
            "  text/plain, utf-8, 5 octets\n"
            "  application/pdf, 1 octets, '../a.pdf', attachment\n"
            "  message/rfc822, attachment\n"
            "    text/plain, us-ascii, 1 octets\n"
            "  application/x-nobody, 1 octets, attachment\n"
            "\ncafé\n"
        )

    def test_several_are_told_apart(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """By their files, and by their numbers in an mbox."""
        one, mbox = write(b"Subject: x\n\n"), write(MBOX)

        assert main(["show", one, mbox]) == 0

        out = capsys.readouterr().out
        assert [line for line in out.splitlines() if line.startswith(str(Path(one).parent))] == [
            one,
            f"{mbox}#1",
            f"{mbox}#2",
        ]
        assert out.count("-" * 72) == 2

    def test_standard_input_is_read(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Where no file is named."""
        give(monkeypatch, b"Subject: x\n\nhello")

        assert main(["show"]) == 0
        assert capsys.readouterr().out.startswith("Subject: x\n")

    def test_a_terminal_obeys_nobody(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """SECURITY: what is mailed drives no terminal, and does not read as other text."""
        give(monkeypatch, "Subject: a\x1b[2J\n\n\x1b]0;x\x07 \u202eabc".encode())

        assert main(["show"]) == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(capsys.readouterr().out)


class TestText:
    def test_the_text_alone(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Of each message."""
        assert main(["text", write(MESSAGE), write(b"Content-Type: text/html\n\n<p>page")]) == 0
        assert capsys.readouterr().out == "café\npage\n"

    def test_a_message_with_an_odd_first_line_is_one(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It begins like an mbox, and is none."""
        give(monkeypatch, b"From " + b"x" * 2_000 + b"\nSubject: a\n\nhello")

        assert main(["text", "-"]) == 0
        assert capsys.readouterr().out == "hello\n"


class TestExtract:
    def test_files_are_written_under_safe_names(
        self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Never out of the folder; what has no name gets one."""
        source = write(MESSAGE)
        folder = tmp_path / "out"
        folder.mkdir()

        assert main(["extract", "-d", str(folder), source]) == 0

        found = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert found == {"a.pdf": b"P", "part-2.eml": b"Subject: inner\n\ni", "part-3.bin": b"x"}
        assert capsys.readouterr().out.splitlines() == [
            str(folder / name) for name in ("a.pdf", "part-2.eml", "part-3.bin")
        ]

    def test_nothing_is_written_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """SECURITY: nor through a link; a number makes the name another one."""
        monkeypatch.chdir(tmp_path)
        message = MIMEMessage().set_content("x")
        for name in ("a.pdf", "a.pdf", "README"):
            message.add_attachment(b"new", "application", "pdf", filename=name)
        (tmp_path / "README").write_bytes(b"old")
        (tmp_path / "a-2.pdf").symlink_to(tmp_path / "nowhere")
        give(monkeypatch, bytes(message))

        assert main(["extract"]) == 0

        assert capsys.readouterr().out.split() == [os.path.join(".", n) for n in ("a.pdf", "a-3.pdf", "README-2")]  # noqa: PTH118 -- as it is shown
        assert (tmp_path / "README").read_bytes() == b"old"
        assert not (tmp_path / "nowhere").exists()

    def test_a_folder_that_is_not_there_is_missed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Before anything is read."""
        assert main(["extract", "-d", "no/such/folder"]) == 66
        assert capsys.readouterr().err == "mimekit: there is no folder no/such/folder\n"


class TestLint:
    SOURCE = b"Subject: x\nstray\nDate: never\n\n"

    def test_each_defect_has_its_line(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """With severity, place, code and rule."""
        path = write(self.SOURCE)

        assert main(["lint", path]) == 1
        assert capsys.readouterr().out.splitlines() == [
            f"{path}: warning at 11: a line among the headers is no field [stray-line; RFC 5322, section 2.2]",
            f"{path}: error at 17: a date that cannot be read [bad-date; RFC 5322, section 3.3]",
        ]

    def test_a_defect_without_a_place(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not every one stands somewhere."""
        give(monkeypatch, b"Content-Type: text/plain; charset=utf-8\n\n\xff")

        assert main(["lint"]) == 1
        assert "-: " in capsys.readouterr().out

    def test_programs_read_json(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """One list."""
        path = write(self.SOURCE)

        assert main(["lint", "--json", path]) == 1

        first, second = json.loads(capsys.readouterr().out)
        assert (first["file"], first["code"], first["offset"], first["severity"]) == (path, "stray-line", 11, "warning")
        assert second["rfc"] == "RFC 5322, section 3.3"

    def test_good_mail_is_good(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing to say."""
        assert main(["lint", write(b"Subject: x\n\nhello\n")]) == 0
        assert capsys.readouterr().out == ""


class TestTrouble:
    @pytest.mark.parametrize("arguments", [[], ["nonsense"], ["show", "--nonsense"]])
    def test_a_command_line_without_sense(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """One line, and a status."""
        assert main(arguments) == 64
        assert capsys.readouterr().err.startswith("mimekit: ")

    @pytest.mark.parametrize("path", ["no/such.eml", ".", "a\0b"])
    def test_a_file_that_cannot_be_read(self, path: str, capsys: pytest.CaptureFixture[str]) -> None:
        """It is named."""
        assert main(["show", path]) == 66
        assert capsys.readouterr().err.startswith(f"mimekit: cannot read {path.partition(chr(0))[0]}")

    def test_output_that_fails(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        """A full disk is told."""

        class Full(io.StringIO):
            def write(self, _text: str) -> int:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(sys, "stdout", Full())

        assert main(["show", write(MESSAGE)]) == 74

    def test_nobody_reads(self, write: Write) -> None:
        """It ends quietly."""
        many = write(b"Subject: x\n\n" + b"x\n" * 99_999)
        command = [sys.executable, "-c", "import sys; from mimekit.cli import main; sys.exit(main())", "show", many]

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

            assert main(["show", write(MESSAGE)]) == 141

            monkeypatch.undo()
            broken.is_broken = False
            broken.detach()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


@pytest.mark.corpus
def test_real_mail_is_shown_and_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it is: every fiftieth of the corpora."""
    paths: list[Any] = sorted({str(real.path) for real in corpora.required_messages()})[::50]

    assert main(["show", *paths]) == 0
    assert main(["text", *paths]) == 0
    assert main(["lint", *paths]) == 1
    assert capsys.readouterr().err == ""
