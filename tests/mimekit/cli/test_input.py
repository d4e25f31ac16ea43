"""The messages `mimekit` looks at: in files, in mboxes, on standard input."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mimekit.cli._exits import Exit
from mimekit.cli._input import Input

Write = Callable[[bytes], str]
Give = Callable[[bytes], None]
# it can be opened, and not read; elsewhere it is not there
_UNREADABLE = "/proc/self/mem"
MBOX = b"From a@b Thu Aug 22 12:46:39 2002\nSubject: one\n\n1\n\nFrom a@b Thu Aug 22 12:46:40 2002\nSubject: two\n\n2\n"


def subjects(*paths: str) -> list[tuple[str, str]]:
    """What each message is called, and its Subject."""
    return [(name, str(message["subject"])) for name, message in Input(paths)]


class TestMessages:
    def test_of_an_mbox_each_has_its_number(self, write: Write) -> None:
        """From 1 on; a file of one message is called by its path."""
        one, many, single = write(b"Subject: x\n\n"), write(MBOX), write(MBOX[: MBOX.index(b"\nFrom")])

        assert subjects(one, many, single) == [
            (one, "x"),
            (f"{many}#1", "one"),
            (f"{many}#2", "two"),
            (single, "one"),
        ]

    def test_standard_input_may_hold_either(self, give: Give) -> None:
        """A message, or an mbox."""
        give(MBOX)

        assert subjects("-") == [("-#1", "one"), ("-#2", "two")]

    def test_an_odd_first_line_makes_no_mbox(self, write: Write) -> None:
        """RFC 5322, section 2.1.1: no separator line is that long."""
        path = write(b"From " + b"x" * 2_000 + b"\nSubject: a\n\nhello")

        assert subjects(path) == [(path, "a")]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_a_pipe_is_read(self, tmp_path: Path) -> None:
        """As a shell hands one over for ``<(command)``."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(b"Subject: x\n\n",))
        writer.start()

        assert subjects(str(path)) == [(str(path), "x")]
        writer.join()

    def test_a_large_message_is_mapped(self, write: Write) -> None:
        """It is read as it is needed."""
        path = write(b"Subject: x\n\n" + b"0123456789abcde\n" * (1 << 19))

        [(_name, message)] = Input([path])

        assert type(message._whole.source.data).__name__ == "Mapped"  # type: ignore[union-attr]
        assert message.get_text().endswith("e\n")


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("path", ["no/such.eml", ".", "a\0b", _UNREADABLE])
    def test_it_is_named_and_passed_over(self, path: str, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Others are read all the same."""
        good = write(b"Subject: x\n\n")
        messages = Input([path, good])

        assert [name for name, _message in messages] == [good]
        assert messages.status is Exit.NO_INPUT
        assert capsys.readouterr().err.startswith(f"mimekit: cannot read {path.partition(chr(0))[0]}")

    def test_there_may_be_no_standard_input(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A shell can close it."""
        monkeypatch.setattr(sys, "stdin", None)

        assert subjects("-") == []
        assert capsys.readouterr().err == "mimekit: there is no standard input\n"

    def test_standard_input_may_fail(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """It is called what it is."""
        with (tmp_path / "only-written").open("w") as file:
            monkeypatch.setattr(sys, "stdin", file)
            file.buffer.close()

            assert subjects("-") == []

        assert capsys.readouterr().err.startswith("mimekit: cannot read standard input: ")


class TestSize:
    def test_that_of_all_files(self, write: Write) -> None:
        """In octets."""
        assert Input([write(b"123"), write(b"4567")]).size() == 7

    @pytest.mark.parametrize("path", ["-", ".", "a\0b"])
    def test_it_may_be_unknown(self, path: str, write: Write) -> None:
        """Of what is no file."""
        assert Input([write(b"123"), path]).size() is None
