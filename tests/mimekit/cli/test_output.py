"""What `mimekit` prints: lines on standard output and error that no terminal obeys."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mimekit.cli import _output

if TYPE_CHECKING:
    import pytest

HOSTILE = "a\x1b[2J\x9b\x07 \u202eabc\u2066 \ud800"


class TestLines:
    def test_a_terminal_obeys_nobody(self, capsys: pytest.CaptureFixture[str]) -> None:
        """SECURITY: what is mailed drives no terminal, and does not read as other text."""
        _output.print_line(HOSTILE)

        assert capsys.readouterr().out == r"a\x1b[2J\x9b\x07 \u202eabc\u2066 \ud800" + "\n"

    def test_what_a_stream_has_not_is_escaped(self) -> None:
        """Whatever the locale is."""
        assert _output.harmless("é—", io.TextIOWrapper(io.BytesIO(), "latin-1")) == r"é\u2014"
        assert _output.harmless("é—", io.StringIO()) == "é—"

    def test_there_may_be_no_streams(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A shell can close them."""
        monkeypatch.setattr(sys, "stdout", None)
        monkeypatch.setattr(sys, "stderr", None)

        _output.print_line("x")
        _output.print_page("x")
        _output.complain("x")
        _output.flush_output()
        assert not _output.is_watched(sys.stdout)

    def test_a_complaint_that_cannot_be_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is not made."""

        class Full(io.StringIO):
            def write(self, _text: str) -> int:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(sys, "stderr", Full())

        _output.complain("x")


class TestPage:
    def test_it_is_utf_8_whatever_is_spoken_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As it says itself; and it stands behind what was printed before."""
        file = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(file, "ascii"))

        _output.print_line("before")
        _output.print_page("<p>é\x1b\n")
        sys.stdout.flush()

        assert file.getvalue().replace(b"\r\n", b"\n") == "before\n<p>é\x1b\n".encode()

    def test_a_terminal_obeys_no_page(self, terminal: Callable[..., Any]) -> None:
        """SECURITY: on a terminal it is text like any other."""
        shown = terminal("stdout")

        _output.print_page("<p>é\x1b\n")

        assert shown.shown() == "<p>é\\x1b\n"


class TestWatched:
    def test_by_a_terminal(self, terminal: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """But for one that says it can do nothing."""
        terminal("stdout")

        assert _output.is_watched(sys.stdout)
        monkeypatch.setenv("TERM", "dumb")
        assert not _output.is_watched(sys.stdout)

    def test_not_by_a_file(self) -> None:
        """Nor by a pipe."""
        assert not _output.is_watched(io.StringIO())
