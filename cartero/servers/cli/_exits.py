"""What `cartero-serve` tells the shell: exit statuses, as far as they go those of ``sysexits.h``."""

from __future__ import annotations

import errno
import socket
from enum import IntEnum

from ...cli._exits import ConfigurationError, NoInputError, UsageError
from ...errors import BadURL, ConnectError


class Exit(IntEnum):
    """How a run ended."""

    STOPPED = 0
    USAGE = 64
    NO_INPUT = 66
    UNKNOWN_HOST = 68
    UNAVAILABLE = 69
    INTERNAL = 70
    IO = 74
    NOT_PERMITTED = 77
    CONFIGURATION = 78


_FIXED = {
    UsageError: Exit.USAGE,
    BadURL: Exit.USAGE,
    NoInputError: Exit.NO_INPUT,
    ConfigurationError: Exit.CONFIGURATION,
}


def exit_for(error: Exception) -> Exit:
    """The exit status for *error*, which is one of ours, or an `OSError`."""
    cause = error.__cause__
    if isinstance(error, BadURL) and isinstance(cause, OSError):
        return Exit.NO_INPUT  # a file of users
    if isinstance(error, ConnectError):
        if error.stage == "resolve" or isinstance(cause, socket.gaierror):
            return Exit.UNKNOWN_HOST
        return Exit.NOT_PERMITTED if isinstance(cause, PermissionError) else Exit.UNAVAILABLE
    return _FIXED.get(type(error), Exit.IO)


def explained(error: Exception) -> str:
    """The text of *error*, and what to do about it where the text does not say that."""
    text = str(error)
    for words, own in _OWN_WORDS.items():
        text = text.replace(words, own)
    found = _advice(error.__cause__) if isinstance(error, ConnectError) and error.stage == "listen" else ""
    return text + (f"; {found}" if found else "")


# what the library advises who writes a program, and what that is on the command line
_OWN_WORDS = {
    "set a token": "--token-file FILE or $CARTERO_TOKEN says so, or 127.0.0.1 as its host keeps others out",
    "name users, domains of its own, or the networks that need no login": (
        "--users, --domain or --allow says so, or 127.0.0.1 as its host keeps others out"
    ),
}
_BY_NUMBER = {
    errno.EADDRINUSE: "stop the program that listens there, or name another place",
    errno.EEXIST: "that is no socket file; name another path",
    errno.EADDRNOTAVAIL: "name an address that this machine has, or 0.0.0.0 for all of them",
    errno.EACCES: "below port 1024 it takes root or CAP_NET_BIND_SERVICE; a socket file, a folder you may write to",
    errno.ENOENT: "make the folder of the socket file first",
    errno.ENAMETOOLONG: "name a shorter path",
}


def _advice(cause: BaseException | None) -> str:
    if isinstance(cause, socket.gaierror):
        return "check the name of the host"
    # QUIRK: for an address that is not here, asyncio keeps the number to itself from Python 3.13 on.
    if isinstance(cause, OSError) and cause.errno is None and "could not bind" in str(cause):
        return _BY_NUMBER[errno.EADDRNOTAVAIL]
    return _BY_NUMBER.get(cause.errno or 0, "") if isinstance(cause, OSError) else ""
