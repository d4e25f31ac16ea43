"""`cartero-serve` from start to exit status."""

from __future__ import annotations

import sys
import traceback

from ...cli._exits import ConfigurationError, NoInputError, UsageError
from ...errors import CarteroError
from ..running import serve
from ._adduser import add_user
from ._announce import Announcement
from ._exits import Exit, exit_for, explained
from ._log import begin, end, say
from ._options import Options
from ._parser import parse_options
from ._places import servers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

_INTERRUPTED = 130


def command() -> NoReturn:
    """The process ``cartero-serve``: `main`, and its end."""
    sys.exit(main())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``cartero-serve`` until a signal ends it, and return its exit status. What goes wrong is one line on stderr.

    Args:
        arguments: the command line; that of the process if None.
    """
    options = Options()
    try:
        options = parse_options(arguments)
        return _run(options)
    except (UsageError, NoInputError, ConfigurationError, CarteroError, OSError) as error:
        say(explained(error))
        return exit_for(error)
    except KeyboardInterrupt:
        say("interrupted")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort
        if options.verbose:
            traceback.print_exception(error)
        # SECURITY: what it says may be anything, a password too
        say(f"internal error ({type(error).__name__}); -v shows where")
        return Exit.INTERNAL


def _run(options: Options) -> Exit:
    if options.asked:
        sys.stdout.write(options.asked)
        sys.stdout.flush()
        return Exit.STOPPED
    if options.add_user is not None:
        add_user(*options.add_user)
        return Exit.STOPPED
    listening = servers(options)
    handler = begin(options)
    try:
        serve(*(server for _, server in listening.servers), Announcement(listening, options))
    finally:
        end(handler)
    if not options.quiet:
        say("stopped")
    return Exit.STOPPED
