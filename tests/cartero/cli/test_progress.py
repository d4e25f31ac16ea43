"""How far the sending has come: shown where a terminal looks on, rich is there, and it takes its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cartero.cli import _progress

Open = Callable[..., Any]


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_PATIENCE", -1.0)


@pytest.mark.usefixtures("_impatient")
class TestWhatIsShown:
    def test_how_much_is_done(self, terminal: Open) -> None:
        """And nothing when it is over."""
        pytest.importorskip("rich", reason="rich is not installed")
        shown = terminal("stderr")

        with _progress.Progress(200) as progress:
            progress.reach(50, 7)
            progress.reach(60, 8)

        assert "25%" in shown.shown()

    def test_without_rich_there_is_nothing(self, terminal: Open, without_rich: None) -> None:
        """It is an extra."""
        del without_rich
        shown = terminal("stderr")

        with _progress.Progress(2) as progress:
            progress.reach(1, 1)
            progress.reach(2, 2)
            progress.pause()

        assert shown.shown() == ""

    @pytest.mark.parametrize("term", ["dumb", "xterm"])
    def test_nobody_looks_on(self, terminal: Open, monkeypatch: pytest.MonkeyPatch, term: str) -> None:
        """A terminal that can only print lines, or where it is not wanted."""
        shown = terminal("stderr")
        monkeypatch.setenv("TERM", term)

        with _progress.Progress(2, is_wanted=term == "dumb") as progress:
            progress.reach(1, 1)

        assert shown.shown() == ""

    def test_a_file_gets_no_bar(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It would be read later."""
        with _progress.Progress(2) as progress:
            progress.reach(1, 1)

        assert capsys.readouterr().err == ""


def test_short_work_is_over_before_anybody_wonders(terminal: Open) -> None:
    """It is not worth the import."""
    shown = terminal("stderr")

    with _progress.Progress(2) as progress:
        progress.reach(2, 2)

    assert shown.shown() == ""
