"""What `mimekit` prints: lines on standard output and error that no terminal obeys."""

from __future__ import annotations

import os
import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    #: pieces of a line, each with the name of a style, or ""
    Pieces = Sequence[tuple[str, str]]

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH123

# SECURITY: control characters drive a terminal, and the bidirectional ones make text read as other text.
_OBEYED = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"


def print_line(text: str) -> None:
    """Write *text* and a line end to standard output, if there is one.

    Raises:
        OSError: it cannot be written; a `BrokenPipeError` where nobody reads it any more.
    """
    stdout: TextIO | None = sys.stdout
    if stdout is not None:
        stdout.write(harmless(text, stdout) + "\n")


def print_page(html: str) -> None:
    """Write *html* to standard output as it is, in UTF-8; harmless where a terminal shows it.

    Raises:
        OSError: as for `print_line`.
    """
    stdout: TextIO | None = sys.stdout
    if stdout is None:
        return
    if stdout.isatty():
        print_line(html.rstrip("\n"))
        return
    stdout.flush()
    # the page says of itself that it is UTF-8, whatever is spoken here
    stdout.buffer.write(html.encode())


def complain(line: str) -> None:
    """Write *line* to standard error, if there is one."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        try:  # noqa: SIM105 -- contextlib is nothing to import for this
            stderr.write(harmless(f"mimekit: {line}", stderr) + "\n")
        except OSError:
            pass  # there is nobody left to tell


def flush_output() -> None:
    """Write what is left of standard output.

    Raises:
        OSError: as for `print_line`.
    """
    stdout: TextIO | None = sys.stdout
    if stdout is not None:
        stdout.flush()


def settle_output() -> None:
    """Write what is left of standard output; where that fails, drop it, or the interpreter fails over it at its end."""
    try:
        flush_output()
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def harmless(text: str, stream: TextIO) -> str:
    """*text* with the characters a terminal obeys, or *stream* has not, as escapes."""
    shown = re.sub(_OBEYED, lambda found: found[0].encode("unicode_escape").decode(), text)
    encoding = stream.encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def is_watched(stream: TextIO | None) -> bool:
    """Whether *stream* is a terminal that can do more than print lines."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
