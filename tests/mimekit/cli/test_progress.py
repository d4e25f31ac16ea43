"""How far long work has come: shown where a terminal looks on, rich is there, and it takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from mimekit.cli import _progress

Open = Callable[..., Any]


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_PATIENCE", -1.0)


@pytest.mark.usefixtures("_impatient")
class TestWhatIsShown:
    def test_octets_of_the_whole(self, terminal: Open) -> None:
        """And nothing when it is over."""
        pytest.importorskip("rich", reason="rich is not installed")
        shown = terminal("stderr")

        with _progress.Progress(lambda: 2_000_000) as progress:
            progress.reach(1_500_000)

        assert "1.5/2.0 MB" in shown.shown()

    def test_a_whole_of_unknown_size(self, terminal: Open) -> None:
        """Standard input has none before it is read."""
        pytest.importorskip("rich", reason="rich is not installed")
        shown = terminal("stderr")

        with _progress.Progress(lambda: None) as progress:
            progress.reach(1_500_000)

        assert "1.5/? MB" in shown.shown()

    def test_not_more_often_than_can_be_seen(self, terminal: Open) -> None:
        """It is drawn again after a pause, and after a while."""
        pytest.importorskip("rich", reason="rich is not installed")
        shown = terminal("stderr")

        with _progress.Progress(lambda: 2_000_000) as progress:
            progress.reach(100_000)
            progress.reach(200_000)
            progress.pause()
            time.sleep(0.15)
            progress.reach(300_000)

        out = shown.shown()
        assert "0.1/2.0 MB" in out
        assert "0.2/2.0 MB" not in out
        assert "0.3/2.0 MB" in out

    def test_without_rich_there_is_none(self, terminal: Open, without_rich: None) -> None:
        """It is an extra."""
        del without_rich
        shown = terminal("stderr")

        with _progress.Progress(lambda: 2) as progress:
            progress.reach(1)
            progress.reach(2)
            progress.pause()

        assert shown.shown() == ""

    def test_nobody_looks_on(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A file gets no bar."""
        with _progress.Progress(lambda: 2) as progress:
            progress.reach(1)

        assert capsys.readouterr().err == ""


def test_short_work_is_over_before_anybody_wonders(terminal: Open) -> None:
    """Half a second."""
    shown = terminal("stderr")

    with _progress.Progress(lambda: 2) as progress:
        progress.reach(1)

    assert shown.shown() == ""
