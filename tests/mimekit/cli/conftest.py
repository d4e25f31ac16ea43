"""What the tests of the command share: files of mail, a standard input, and a real terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminals import Terminal, terminals


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], str]:
    """Writes a file of octets, and gives its path."""

    def make(octets: bytes) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.eml"
        path.write_bytes(octets)
        return str(path)

    return make


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Has octets on standard input."""

    def make(octets: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))

    return make


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Terminal]]:
    """Puts a terminal where the named stream of `sys` is."""
    yield from terminals(monkeypatch)


@pytest.fixture
def without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has an interpreter in which rich is not installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.delitem(sys.modules, "mimekit.cli._terminal", raising=False)
