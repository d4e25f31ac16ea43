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
    UNKNOWN_HOST = 68
    REFUSED = 69
    INTERNAL = 70
    IO = 74
    TEMPORARY = 75
    PROTOCOL = 76
    NOT_TRUSTED = 77
    CONFIGURATION = 78


class UsageError(Exception):
    """The command line makes no sense."""


class NoInputError(Exception):
    """A file named on the command line cannot be read."""


class ConfigurationError(Exception):
    """No sender is named, or ``$CARTERO_URL`` names none."""


class InternalError(Exception):
    """The command itself broke."""


class StreamError(OSError):
    """Standard input cannot be read, or standard output cannot be written."""


_FIXED = {
    UsageError: Exit.USAGE,
    BadURL: Exit.USAGE,
    NoInputError: Exit.NO_INPUT,
    ConfigurationError: Exit.CONFIGURATION,
}
# RFC 4954 6, RFC 3207 4: what a server says that wants a login or TLS first.
_AUTHENTICATION_REQUIRED = 530
# where the message is refused, and not those who are to get it
_OF_THE_MESSAGE = frozenset({"SIZE", "RSET", "MAIL", "DATA", "BDAT", "body", "dot"})
# of what failed for good, by what was being done
_STAGES = {
    "resolve": Exit.UNKNOWN_HOST,
    "TLS": Exit.NOT_TRUSTED,
    "STARTTLS": Exit.NOT_TRUSTED,
    "AUTH": Exit.NOT_TRUSTED,
    "write": Exit.IO,
}


def exit_for(error: Exception) -> Exit:
    """The exit status for *error*, which is one of ours, of mimekit's, or an `OSError`."""
    if isinstance(error, ConnectError | SendingError):
        return _exit_for_failure(error)
    if isinstance(error, CarteroError | MimeError | UsageError | NoInputError | ConfigurationError):
        if isinstance(error, BadURL) and isinstance(error.__cause__, OSError):
            return Exit.NO_INPUT  # a certificate, or what should be one
        return _FIXED.get(type(error), Exit.BAD_MAIL)
    return Exit.IO


def _exit_for_failure(error: ConnectError | SendingError) -> Exit:
    if error.ambiguous:
        return Exit.AMBIGUOUS
    if error.accepted:
        return Exit.PARTLY_ACCEPTED
    if error.temporary:
        return Exit.TEMPORARY
    return _exit_for_good(error)


def _exit_for_good(error: ConnectError | SendingError) -> Exit:
    """The exit status for what will fail again."""
    if error.stage in _STAGES:
        return _STAGES[error.stage]
    if _is_garbage(error.__cause__):
        return Exit.PROTOCOL
    if isinstance(error.__cause__, OSError):
        return Exit.IO
    if error.code == _AUTHENTICATION_REQUIRED:
        return Exit.NOT_TRUSTED
    is_of_recipients = error.refused and error.stage not in _OF_THE_MESSAGE
    return Exit.REFUSED_RECIPIENTS if is_of_recipients else Exit.REFUSED


def _is_garbage(error: BaseException | None) -> bool:
    """Whether it was no SMTP that came."""
    from ..smtp.replies import GarbageError  # noqa: PLC0415 -- for what goes wrong

    return isinstance(error, GarbageError)
