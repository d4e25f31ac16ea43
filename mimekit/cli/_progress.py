"""How far long work has come: a bar on standard error, if that is a terminal, rich is there, and it takes its time."""

from __future__ import annotations

import sys
import time

from ._output import is_watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from ._terminal import Bar

_PATIENCE = 0.5  # seconds that nobody wonders about


class Progress:
    """Octets of the input that are done, shown while it is open.

    Args:
        total: gives the octets of the whole input, or None where that is not known; asked when it is shown.
    """

    def __init__(self, total: Callable[[], int | None]) -> None:
        self._total = total
        self._begun = time.monotonic()
        self._is_wanted = is_watched(sys.stderr)
        self._bar: Bar | None = None

    def reach(self, octets: int) -> None:
        """So many octets are done."""
        if self._is_wanted and time.monotonic() - self._begun > _PATIENCE:
            self._show(octets)

    def _show(self, octets: int) -> None:
        if self._bar is None:
            try:
                from ._terminal import Bar  # noqa: PLC0415 -- slow, and for terminals only
            except ImportError:
                self._is_wanted = False
                return
            self._bar = Bar(self._total())
        self._bar.show(octets)

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
