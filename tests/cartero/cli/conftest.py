"""What the tests of the command share: no setting of this machine, and a real terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cartero.cli import _account
from tests.terminals import Terminal, terminals


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the machine is set up for."""
    monkeypatch.delenv("CARTERO_URL", raising=False)
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setattr(_account, "SYSTEM_FILE", str(folder / "system.toml"))


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Writes the file of accounts, and gives its path."""
    folder = tmp_path / "own"

    def write(text: str) -> Path:
        folder.mkdir(exist_ok=True)
        path = folder / "cartero.toml"
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
        return path

    return write


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
    monkeypatch.delitem(sys.modules, "cartero.cli._terminal", raising=False)
