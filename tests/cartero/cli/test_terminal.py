"""What a terminal shows with the help of rich. It is a real one: a pseudoterminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

_terminal = pytest.importorskip("cartero.cli._terminal", reason="rich is not installed")
Open = Callable[..., Any]


def test_a_bar_leaves_no_trace(terminal: Open) -> None:
    """What it drew is taken back, and the cursor is seen again."""
    shown = terminal("stderr")
    bar = _terminal.Bar(2_000_000)

    bar.show(1_000_000, 1_234)
    bar.hide()

    out = shown.shown()
    assert "50%" in out
    assert "1,234 messages" in out
    assert out.endswith("\x1b[2K")
    assert "\x1b[?25h" in out


def test_it_is_not_drawn_more_often_than_can_be_seen(terminal: Open) -> None:
    """It is drawn again after a while, or after a pause."""
    shown = terminal("stderr")
    bar = _terminal.Bar(None)

    bar.show(1, 11)
    bar.show(2, 22)
    bar.hide()
    time.sleep(0.15)
    bar.show(3, 33)
    bar.hide()

    out = shown.shown()
    assert ("11 messages" in out, "22 messages" in out, "33 messages" in out) == (True, False, True)
