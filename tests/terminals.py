"""A real terminal for tests of commands: a pseudoterminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

import pytest


class Terminal:
    """A pseudoterminal: what is written to `stream` is shown there."""

    def __init__(self, encoding: str) -> None:
        pty = pytest.importorskip("pty", reason="there are no pseudoterminals here")
        self._ours, theirs = pty.openpty()
        self._pieces: list[bytes] = []
        self.stream: TextIO = os.fdopen(theirs, "w", encoding=encoding)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        try:
            while piece := os.read(self._ours, 65_536):
                self._pieces.append(piece)
        except OSError:
            pass  # what Linux says once nobody writes any more

    def shown(self) -> str:
        """All that came, when it is over; lines end in LF."""
        self.close()
        return b"".join(self._pieces).decode().replace("\r\n", "\n")

    def close(self) -> None:
        """Nobody writes any more."""
        if not self.stream.closed:
            self.stream.close()
            self._reader.join()
            os.close(self._ours)


def terminals(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Terminal]]:
    """Puts a terminal where the named stream of `sys` is, for a fixture."""
    made: list[Terminal] = []
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")

    def make(name: str, encoding: str = "utf-8") -> Terminal:
        made.append(Terminal(encoding))
        monkeypatch.setattr(sys, name, made[-1].stream)
        return made[-1]

    yield make
    for one in made:
        one.close()
