"""What a terminal shows with the help of rich. It is a real one: a pseudoterminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

_terminal = pytest.importorskip("mimekit.cli._terminal", reason="rich is not installed")
Open = Callable[..., Any]
TREE = [(0, [("root", "bold")]), (1, [("a", ""), ("b", "dim")]), (2, [("deep", "")]), (1, [("last", "")])]


def bare(shown: str) -> str:
    """What is read: without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", shown)


class TestColoured:
    def test_a_tree_has_branches(self, terminal: Open) -> None:
        """From a walk with depths."""
        shown = terminal("stdout")

        _terminal.Coloured().tree(TREE)

        assert bare(shown.shown()) == "root\n├── ab\n│   └── deep\n└── last\n"

    def test_where_there_are_no_such_characters_others_do(self, terminal: Open) -> None:
        """Whatever the locale is."""
        shown = terminal("stdout", "ascii")

        _terminal.Coloured().tree([*TREE, (1, [("é", "")])])

        assert bare(shown.shown()) == "root\n+-- ab\n|   `-- deep\n+-- last\n`-- \\xe9\n"

    def test_a_long_line_is_left_to_the_terminal(self, terminal: Open) -> None:
        """So that it can be copied."""
        shown = terminal("stdout")
        out = _terminal.Coloured()

        out.line(("word " * 50, ""))
        out.tree([(0, [("word " * 50, "")])])

        assert shown.shown() == ("word " * 50 + "\n") * 2

    def test_nothing_mailed_is_markup(self, terminal: Open) -> None:
        """SECURITY: neither rich nor the terminal obeys."""
        shown = terminal("stdout")
        out = _terminal.Coloured()
        hostile = "[red]a[/red] [link=http://x]:smile: \x1b]0;x\x07\u202e 'b' 1.5"

        out.line((hostile, ""))
        out.tree([(0, [(hostile, "")])])

        assert shown.shown() == "[red]a[/red] [link=http://x]:smile: \\x1b]0;x\\x07\\u202e 'b' 1.5\n" * 2


def test_a_bar_leaves_no_trace(terminal: Open) -> None:
    """What it drew is taken back, and the cursor is seen again."""
    shown = terminal("stderr")
    bar = _terminal.Bar(2_000_000)

    bar.show(1_000_000)
    bar.hide()

    out = shown.shown()
    assert "1.0/2.0 MB" in out
    assert out.endswith("\x1b[2K")
    assert "\x1b[?25h" in out
