"""`mimekit` from start to exit status: which command it is, and what went wrong."""

from __future__ import annotations

from ..errors import MimeError
from ._exits import Exit, NoInputError, UsageError, exit_for
from ._options import Options, parse_options
from ._output import complain, flush_output, print_line, settle_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``mimekit``, and return its exit status. What goes wrong is one line on standard error.

    Args:
        arguments: the command line; that of the process if None.
    """
    try:
        status = _run(parse_options(arguments))
        flush_output()
    except BrokenPipeError:
        return Exit.BROKEN_PIPE
    except (UsageError, NoInputError, MimeError, OSError) as error:
        complain(_told(error))
        return exit_for(error)
    except KeyboardInterrupt:
        complain("interrupted")
        return Exit.INTERRUPTED
    finally:
        settle_output()
    return status


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'input or output'}: {error.strerror}"
    return str(error)


def _run(options: Options) -> Exit:
    if options.asked:
        print_line(options.asked.rstrip("\n"))
        return Exit.WELL
    return _command(options.command)(options)


# Each command is imported when it is asked for: its start is most of what a command costs.
def _command(name: str) -> Callable[[Options], Exit]:
    if name in {"show", "text"}:
        from . import _show  # noqa: PLC0415

        return _show.show if name == "show" else _show.text
    if name == "extract":
        from ._extract import extract  # noqa: PLC0415

        return extract
    if name == "html":
        from ._html import html  # noqa: PLC0415

        return html
    from ._lint import lint  # noqa: PLC0415

    return lint
