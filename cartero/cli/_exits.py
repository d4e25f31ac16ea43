"""What `cartero-send` tells the shell: exit statuses, as far as they go those of ``sysexits.h``."""

from __future__ import annotations

from enum import IntEnum

from mimekit import MimeError

from ..errors import BadURL, CarteroError, ConnectError, SendingError


class Exit(IntEnum):
    """How a run ended."""

    ACCEPTED = 0
    PARTLY_ACCEPTED = 3
    AMBIGUOUS = 4
    USAGE = 64
    BAD_MAIL = 65
    NO_INPUT = 66
    REFUSED_RECIPIENTS = 67
    REFUSED = 69
    IO = 74
    TEMPORARY = 75
    CONFIGURATION = 78


class UsageError(Exception):
    """The command line makes no sense."""


class NoInputError(Exception):
    """A file named on the command line cannot be read."""


class ConfigurationError(Exception):
    """No sender is named, or ``$CARTERO_URL`` names none."""


class StreamError(OSError):
    """Standard input cannot be read, or standard output cannot be written."""


_FIXED = {
    UsageError: Exit.USAGE,
    BadURL: Exit.USAGE,
    NoInputError: Exit.NO_INPUT,
    ConfigurationError: Exit.CONFIGURATION,
}


def exit_for(error: Exception) -> Exit:
    """The exit status for *error*, which is one of ours, of mimekit's, or an `OSError`."""
    if isinstance(error, ConnectError | SendingError):
        return _exit_for_failure(error)
    if isinstance(error, CarteroError | MimeError | UsageError | NoInputError | ConfigurationError):
        return _FIXED.get(type(error), Exit.BAD_MAIL)
    return Exit.IO


def _exit_for_failure(error: ConnectError | SendingError) -> Exit:
    if error.ambiguous:
        return Exit.AMBIGUOUS
    if error.accepted:
        return Exit.PARTLY_ACCEPTED
    if error.temporary:
        return Exit.TEMPORARY
    if isinstance(error.__cause__, OSError):
        return Exit.IO
    return Exit.REFUSED_RECIPIENTS if error.refused else Exit.REFUSED
