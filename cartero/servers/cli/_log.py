"""What `cartero-serve` says on standard error: a line for each thing that happens."""

from __future__ import annotations

import contextlib
import logging
import sys

from ..._display import one_line, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from ._options import Options

_NAME = "cartero-serve"


def say(text: str) -> None:
    """Write *text* on a line of standard error, if there is one."""
    stderr: TextIO | None = sys.stderr
    if stderr is not None:
        with contextlib.suppress(OSError):
            show(f"{_NAME}: {one_line(text)}\n", stderr)


class Lines(logging.Handler):
    """Writes each record on one line; where a mistake happened only if that is asked for."""

    def __init__(self, *, with_tracebacks: bool) -> None:
        super().__init__()
        self._with_tracebacks = with_tracebacks

    def emit(self, record: logging.LogRecord) -> None:
        """Write it."""
        kind = record.exc_info[0] if record.exc_info else None
        # SECURITY: what clients said is in it, and must not begin a line of its own.
        say(record.getMessage() + (f" ({kind.__name__}; -v shows where)" if kind and not self._with_tracebacks else ""))
        if kind and self._with_tracebacks and sys.stderr is not None:
            with contextlib.suppress(OSError):
                show(f"{logging.Formatter().formatException(record.exc_info)}\n", sys.stderr)  # type: ignore[arg-type]  # as it is


def begin(options: Options) -> Lines:
    """Have what happens written, as much of it as *options* say."""
    handler = Lines(with_tracebacks=options.verbose)
    own = logging.getLogger("cartero")
    own.setLevel(logging.WARNING if options.quiet else logging.DEBUG if options.verbose else logging.INFO)
    # Of other libraries, what goes wrong; not what a client of aiosmtpd's did, which is said already.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    logging.getLogger().addHandler(handler)
    return handler


def end(handler: Lines) -> None:
    """Have nothing written any more."""
    logging.getLogger().removeHandler(handler)
