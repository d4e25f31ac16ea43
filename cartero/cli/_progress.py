"""How far the sending has come: a bar on a terminal, if rich is there, and it takes its time."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, TextIO

    from ._terminal import Bar

_PATIENCE = 0.5  # seconds that nobody wonders about


class Progress:
    """What of the mail is sent, shown while it is open.

    Args:
        total: how much there is, or None where that is not known.
        is_wanted: whether it is shown at all.
    """

    def __init__(self, total: int | None, *, is_wanted: bool = True) -> None:
        self._total = total
        self._begun = time.monotonic()
        self._is_wanted = is_wanted and _is_watched(sys.stderr)
        self._bar: Bar | None = None

    def reach(self, done: int, sent: int) -> None:
        """So much is done, and so many messages are sent."""
        if self._is_wanted and time.monotonic() - self._begun > _PATIENCE:
            self._show(done, sent)

    def _show(self, done: int, sent: int) -> None:
        if self._bar is None:
            try:
                from ._terminal import Bar  # noqa: PLC0415 -- slow, and for terminals only
            except ImportError:
                self._is_wanted = False
                return
            self._bar = Bar(self._total)
        self._bar.show(done, sent)

    def pause(self) -> None:
        """Make room for what is printed, until more is done."""
        if self._bar is not None:
            self._bar.hide()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()


def _is_watched(stream: TextIO | None) -> bool:
    """Whether *stream* is a terminal that can do more than print lines."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
