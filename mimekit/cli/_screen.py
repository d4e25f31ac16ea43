"""How results look: in plain lines, or in colours where a terminal shows them and rich is there."""

from __future__ import annotations

import os
import sys

from ._output import is_watched, print_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._output import Pieces
    from ._terminal import Coloured


class Plain:
    """Standard output, in plain lines."""

    def line(self, *pieces: tuple[str, str]) -> None:
        """Print one line."""
        print_line("".join(text for text, _style in pieces))

    def tree(self, nodes: Iterable[tuple[int, Pieces]]) -> None:
        """Print the nodes of a tree, given with their depths, each before what is below it."""
        for depth, pieces in nodes:
            self.line(("  " * depth, ""), *pieces)


def screen() -> Plain | Coloured:
    """What to print on."""
    # no-color.org: set, and not empty
    if os.environ.get("NO_COLOR") or not is_watched(sys.stdout):
        return Plain()
    try:
        from ._terminal import Coloured  # noqa: PLC0415 -- slow, and for terminals only
    except ImportError:
        return Plain()
    return Coloured()
