"""What a terminal shows with the help of rich: colours, trees and a progress bar. Imported when one looks on."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text
from rich.tree import Tree

from ._output import harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._output import Pieces

_ENDLESS = 1 << 30  # columns: it is the terminal that breaks lines
_INTERVAL = 0.1  # seconds between two looks of the bar


class Coloured:
    """Standard output, in colours."""

    def __init__(self) -> None:
        # SECURITY: rich would cut off the end of a long name in a tree, and so hide what it is
        self._console = Console(file=sys.stdout, width=_ENDLESS, markup=False, emoji=False, highlight=False)

    def line(self, *pieces: tuple[str, str]) -> None:
        """Print one line."""
        self._console.print(_text(pieces), soft_wrap=True)

    def tree(self, nodes: Iterable[tuple[int, Pieces]]) -> None:
        """Print the nodes of a tree, given with their depths, each before what is below it; the first is the root."""
        branches: list[Tree] = []
        for depth, pieces in nodes:
            del branches[depth:]
            node = Tree(_text(pieces), guide_style="dim")
            if branches:
                branches[-1].children.append(node)
            branches.append(node)
        self._console.print(branches[0], soft_wrap=True)


def _text(pieces: Iterable[tuple[str, str]]) -> Text:
    # SECURITY: a Text is never read as markup, and nothing in it drives the terminal
    return Text.assemble(*((harmless(text, sys.stdout), style) for text, style in pieces))


class Bar:
    """How much of the input is done, on standard error.

    Args:
        total: the octets of the input, or None where that is not known.
    """

    def __init__(self, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("extracting"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,  # no thread
            redirect_stdout=False,  # which would put on standard error what is printed
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("", total=total)
        self._drawn = 0.0

    def show(self, octets: int) -> None:
        """Draw it for so many octets done, unless that was done just now."""
        now = time.monotonic()
        if now - self._drawn >= _INTERVAL:
            self._drawn = now
            self._progress.update(self._task, completed=octets)
            self._progress.start()
            self._progress.refresh()

    def hide(self) -> None:
        """Leave the line as if it had never been there."""
        self._progress.stop()
