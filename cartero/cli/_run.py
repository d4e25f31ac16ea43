"""`cartero-send` from start to exit status."""

from __future__ import annotations

import contextlib
import os
import sys

from mimekit import MimeError

from ..errors import CarteroError
from ._exits import ConfigurationError, Exit, InternalError, NoInputError, UsageError, exit_for
from ._options import Options
from ._parser import asks_for_json, parse_options
from ._report import complain, print_text, report_error, settle_output
from ._road import road

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO, NoReturn

# A command's start is most of its cost: what few need is imported when they do.
# ruff: noqa: PLC0415

# As a shell reports a command that SIGINT or SIGPIPE has ended.
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def command() -> NoReturn:
    """The process ``cartero-send``, or ``sendmail``: `main`, and its end."""
    status = main()
    # All is written and closed; to take the interpreter apart would be a tenth of what sending a message costs.
    os._exit(status)


def main(arguments: Sequence[str] | None = None, *, stdin: BinaryIO | None = None) -> int:
    """Run ``cartero-send``, and return its exit status. What goes wrong is one line on standard error.

    Where the process was called as ``sendmail``, it is that, unless *arguments* are given.

    Args:
        arguments: the command line; that of the process if None.
        stdin: what to read; the standard input if None.
    """
    options = Options(json=asks_for_json(arguments))
    try:
        options = _parsed(arguments)
        return _run(options, stdin)
    except BrokenPipeError:
        return _BROKEN_PIPE
    except (UsageError, NoInputError, ConfigurationError, CarteroError, MimeError, OSError) as error:
        status = exit_for(error)
        with contextlib.suppress(OSError):
            report_error(error, status, options)
        return status
    except Exception as error:  # noqa: BLE001 - the last resort: what was sent is not to be sent again for a traceback
        return _broken(error, options)
    except KeyboardInterrupt:
        complain("interrupted")
        return _INTERRUPTED
    finally:
        settle_output()


def _broken(error: Exception, options: Options) -> Exit:
    """Say that the command itself broke, and how one sees where."""
    if options.verbose or os.environ.get("CARTERO_DEBUG") == "1":
        import traceback

        with contextlib.suppress(OSError):
            traceback.print_exception(error)
    # SECURITY: what it says may be anything, a password too
    text = f"internal error ({type(error).__name__}); mail may have been sent; CARTERO_DEBUG=1 or -v shows where"
    with contextlib.suppress(OSError):
        report_error(InternalError(text), Exit.INTERNAL, options)
    return Exit.INTERNAL


def _parsed(arguments: Sequence[str] | None) -> Options:
    if arguments is not None or "sendmail" not in sys.argv[0]:
        return parse_options(arguments)
    from ._sendmail import called_as_sendmail, parse_sendmail

    return parse_sendmail(arguments) if called_as_sendmail(sys.argv[0]) else parse_options(arguments)


def _run(options: Options, stdin: BinaryIO | None) -> Exit:
    if options.asked:
        print_text(options.asked)
        return Exit.ACCEPTED
    if options.via is None:
        from ._account import settle

        settle(options)
    sender = None if options.dry_run else road(options)
    if options.server_info and sender is not None:
        from ._server_info import show_server

        show_server(sender, options)
        return Exit.ACCEPTED
    if options.several:
        from ._many import run_many

        return run_many(sender, options, stdin)
    from ._one import run_one

    return run_one(sender, options, stdin)
