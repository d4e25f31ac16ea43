"""What `mimekit` tells the shell: exit statuses, as far as they go those of ``sysexits.h``."""

from __future__ import annotations

from enum import IntEnum

from ..errors import MissingExtra


class Exit(IntEnum):
    """How a run ended."""

    WELL = 0
    FOUND = 1
    USAGE = 64
    NO_INPUT = 66
    MISSING_EXTRA = 69
    IO = 74
    # as a shell reports a command that SIGINT or SIGPIPE has ended
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class UsageError(Exception):
    """The command line makes no sense."""


class NoInputError(Exception):
    """Something named on the command line cannot be read, or is no folder."""


def exit_for(error: Exception) -> Exit:
    """The exit status for *error*, which is one of ours, of mimekit's, or an `OSError`."""
    if isinstance(error, UsageError):
        return Exit.USAGE
    if isinstance(error, NoInputError):
        return Exit.NO_INPUT
    return Exit.MISSING_EXTRA if isinstance(error, MissingExtra) else Exit.IO
