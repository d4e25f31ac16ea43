"""``mimekit extract``: the attachments as files in a folder."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mimekit import MIMEMessage
from mimekit.cli import main

MESSAGE = (
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n"
    b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=../a.pdf\n\nP\n"
    b"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: inner\n\ni\n"
    b"--b\nContent-Type: application/x-nobody\nContent-Disposition: attachment\n\nx\n--b--\n"
)
Write = Callable[[bytes], str]
Give = Callable[[bytes], None]


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
        self, tmp_path: Path, give: Give, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """SECURITY: nor through a link; a number makes the name another one."""
        monkeypatch.chdir(tmp_path)
        message = MIMEMessage().set_content("x")
        for name in ("a.pdf", "a.pdf", "README"):
            message.add_attachment(b"new", "application", "pdf", filename=name)
        (tmp_path / "README").write_bytes(b"old")
        (tmp_path / "a-2.pdf").symlink_to(tmp_path / "nowhere")
        give(bytes(message))

        assert main(["extract"]) == 0

        assert capsys.readouterr().out.split() == [os.path.join(".", n) for n in ("a.pdf", "a-3.pdf", "README-2")]  # noqa: PTH118 -- as it is shown
        assert (tmp_path / "README").read_bytes() == b"old"
        assert not (tmp_path / "nowhere").exists()

    def test_a_folder_that_is_not_there_is_missed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Before anything is read."""
        assert main(["extract", "-d", "no/such/folder"]) == 66
        assert capsys.readouterr().err == "mimekit: there is no folder no/such/folder\n"

    def test_a_large_message_is_written_a_piece_at_a_time(
        self, tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Octet for octet."""
        content = bytes(range(256)) * (40 << 10)
        message = MIMEMessage().set_content("x")
        message.add_attachment(content, "application", "octet-stream", filename="large.bin")

        assert main(["extract", "-d", str(tmp_path), write(bytes(message))]) == 0
        assert capsys.readouterr().out.strip() == str(tmp_path / "large.bin")
        assert (tmp_path / "large.bin").read_bytes() == content


class TestProgress:
    def test_long_work_shows_a_bar_and_leaves_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: Callable[..., Any]
    ) -> None:
        """On standard error; what is printed on the same terminal has lines of its own."""
        pytest.importorskip("rich", reason="rich is not installed")

        class Slow(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                time.sleep(0.6)
                return super().read(size)

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Slow(MESSAGE)))
        shown = terminal("stderr")
        monkeypatch.setattr(sys, "stdout", shown.stream)

        assert main(["extract", "-d", str(tmp_path)]) == 0

        out = shown.shown()
        assert "extracting" in out
        assert out.rpartition("extracting")[2].endswith(
            f"\x1b[2K{tmp_path / 'a.pdf'}\n{tmp_path / 'part-2.eml'}\n{tmp_path / 'part-3.bin'}\n"
        )

    def test_short_work_shows_none(self, tmp_path: Path, write: Write, terminal: Callable[..., Any]) -> None:
        """Nor does rich cost anything then."""
        shown = terminal("stderr")

        assert main(["extract", "-d", str(tmp_path), write(MESSAGE)]) == 0
        assert shown.shown() == ""
