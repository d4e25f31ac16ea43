"""The command ``cartero-serve`` as a process of its own, as somebody starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
START = [sys.executable, "-c", "from cartero.servers.cli import command; command()"]
_PATIENCE = 20.0


def environment(**settings: str) -> dict[str, str]:
    """What a process finds: this package, *settings*, and nothing this machine is set up for."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARTERO_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **settings}


class Serving:
    """``cartero-serve`` with *arguments*, listening when the ``with`` begins, and stopped when it ends.

    Args:
        arguments: of the command.
        before: Python that runs before the command does.
        within: a command that runs the process, of which its own is the end.
        settings: of its environment.
    """

    def __init__(self, *arguments: str, before: str = "", within: Sequence[str] = (), **settings: str) -> None:
        code = f"{before}\nfrom cartero.servers.cli import command; command()"
        self.process = subprocess.Popen(
            [*within, sys.executable, "-c", code, *arguments],
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: list[str] = []
        self._is_listening = threading.Event()
        self._readers = [threading.Thread(target=self._read), threading.Thread(target=self._read_output)]
        self.output = ""
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append(line)
            if "listening: " in line:
                self._is_listening.set()
        self._is_listening.set()

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        self.output = self.process.stdout.read()

    @property
    def said(self) -> str:
        """What it has said on standard error."""
        return "".join(self._lines)

    @property
    def ports(self) -> list[int]:
        """The ports it listens on, in the order of its options' names in the line that says so."""
        return [int(port) for port in re.findall(r" at [^ ,;]*:([0-9]+)[,;]", self._lines[0])]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait, and give the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended, and give the exit status."""
        status = self.process.wait(_PATIENCE)
        for reader in self._readers:
            reader.join(_PATIENCE)
        return status

    def __enter__(self) -> Self:
        assert self._is_listening.wait(_PATIENCE)
        assert self.process.poll() is None, self.said
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


def run(*arguments: str, given: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """``cartero-serve`` that ends by itself, with *given* as its standard input."""
    return subprocess.run(
        [*START, *arguments],
        env=environment(**settings),
        input=given or "",
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
