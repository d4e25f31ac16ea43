"""``mimekit show`` and ``mimekit text``: a message as people read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mimekit.cli import main
from mimekit.cli._show import _size

MESSAGE = (
    b"Subject: Plans\nFrom: =?utf-8?q?Ana_G=C3=B3mez?= <ana@example.org>\nReply-To: list@example.org\n"
    b"To: bo@example.net\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: text/plain; charset=utf-8\n\ncaf\xc3\xa9\n"
    b"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=../a.pdf\n\nP\n"
    b"--b\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\nSubject: inner\n\ni\n"
    b"--b\nContent-Type: application/x-nobody\nContent-Disposition: attachment\n\n" + b"x" * 12_345 + b"\n--b--\n"
)
MBOX = b"From a@b Thu Aug 22 12:46:39 2002\nSubject: one\n\n1\n\nFrom a@b Thu Aug 22 12:46:40 2002\nSubject: two\n\n2\n"
Write = Callable[[bytes], str]
Give = Callable[[bytes], None]


class TestShow:
    def test_what_people_look_for(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Fields in one order, structure with sizes, text."""
        assert main(["show", write(MESSAGE)]) == 0

        assert capsys.readouterr().out == (
            "From: Ana Gómez <ana@example.org>\nReply-To: list@example.org\nTo: bo@example.net\nSubject: Plans\n\n"
            "multipart/mixed\n"
            "  text/plain, utf-8, 5 octets\n"
            "  application/pdf, 1 octet, '../a.pdf', attachment\n"
            "  message/rfc822, 17 octets, attachment\n"
            "    text/plain, us-ascii, 1 octet\n"
            "  application/x-nobody, 12.3 kB, attachment\n"
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

    def test_of_nothing_there_is_little_to_show(self, give: Give, capsys: pytest.CaptureFixture[str]) -> None:
        """An empty message is one."""
        give(b"")

        assert main(["show"]) == 0
        assert capsys.readouterr().out == "text/plain, us-ascii, 0 octets\n"

    def test_a_large_part_has_its_size(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Counted a piece at a time."""
        body = b"QUJD" * (1 << 19)

        assert main(["show", write(b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + body)]) == 0
        assert capsys.readouterr().out == "a/b, 1.6 MB\n"

    @pytest.mark.parametrize(
        ("octets", "said"),
        [
            (0, "0 octets"),
            (1, "1 octet"),
            (9_999, "9,999 octets"),
            (10_000, "10.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (999_949_999, "999.9 MB"),
            (5_000_000_000, "5.0 GB"),
            (10**16, "10000.0 TB"),
        ],
    )
    def test_sizes_are_for_people(self, octets: int, said: str) -> None:
        """To the octet while they are small."""
        assert _size(octets) == said


class TestOnATerminal:
    def test_it_has_colours_and_a_tree(self, write: Write, terminal: Callable[..., Any]) -> None:
        """The same words, in the same order."""
        pytest.importorskip("rich", reason="rich is not installed")
        shown = terminal("stdout")

        assert main(["show", write(MESSAGE)]) == 0

        out = shown.shown()
        assert out.startswith("\x1b[1;36mFrom:\x1b[0m Ana Gómez <ana@example.org>\n")
        assert "├── \x1b[0m\x1b[32mtext/plain" in out
        assert out.endswith("\n\ncafé\n")


class TestText:
    def test_the_text_alone(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Of each message, with an empty line between two."""
        silent = write(b"Content-Type: a/b\n\nx")

        assert main(["text", silent, write(MESSAGE), write(b"Content-Type: text/html\n\n<p>page"), silent]) == 0
        assert capsys.readouterr().out == "café\n\npage\n"
