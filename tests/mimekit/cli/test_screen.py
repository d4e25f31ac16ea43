"""How results look: in plain lines, or in colours where a terminal shows them and rich is there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from mimekit.cli._screen import Plain, screen

Open = Callable[..., Any]
TREE = [(0, [("root", "bold")]), (1, [("a", ""), ("b", "dim")]), (2, [("deep", "")])]


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Pieces are joined, depth is two blanks."""
    out = screen()
    out.line(("x", "bold"), ("y", ""))
    out.tree(TREE)

    assert capsys.readouterr().out == "xy\nroot\n  ab\n    deep\n"


def test_a_terminal_gets_colours(terminal: Open) -> None:
    """Where rich is installed."""
    pytest.importorskip("rich", reason="rich is not installed")
    shown = terminal("stdout")

    screen().line(("x", "bold"), ("y", ""))

    assert shown.shown() == "\x1b[1mx\x1b[0my\n"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_not_where_somebody_says_so(name: str, value: str, terminal: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """no-color.org: NO_COLOR is set, and not empty."""
    terminal("stdout")
    monkeypatch.setenv(name, value)

    assert isinstance(screen(), Plain)


def test_not_without_rich(terminal: Open, without_rich: None) -> None:
    """It is an extra."""
    del without_rich
    terminal("stdout")

    assert isinstance(screen(), Plain)


def test_nobody_pays_for_rich_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command's start is most of its cost."""
    monkeypatch.delitem(sys.modules, "mimekit.cli._terminal", raising=False)

    screen()

    assert "mimekit.cli._terminal" not in sys.modules
