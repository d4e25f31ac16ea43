"""What a terminal shows with the help of rich: a bar of how far the sending has come. Imported when one looks on."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_INTERVAL = 0.1  # seconds between two looks of the bar


class Bar:
    """How much of the mail is sent, on standard error.

    Args:
        total: how much there is, or None where that is not known.
    """

    def __init__(self, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("sending"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[sent]} messages"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,  # no thread
            redirect_stdout=False,  # which would put on standard error what is printed
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=total, sent=0)
        self._drawn = 0.0

    def show(self, done: int, sent: int) -> None:
        """Draw it for so much done, and so many messages sent, unless that was done just now."""
        now = time.monotonic()
        if now - self._drawn >= _INTERVAL:
            self._drawn = now
            self._progress.update(self._task, completed=done, sent=f"{sent:,}")
            self._progress.start()
            self._progress.refresh()

    def hide(self) -> None:
        """Leave the line as if it had never been there."""
        self._progress.stop()
