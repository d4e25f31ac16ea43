"""Where a server listens: at a socket file; and why it cannot."""

from __future__ import annotations

import errno
import os
import socket
import stat

from .._reason import reason_of

BACKLOG = 1_024  # connections that wait to be looked at


def bound_at(path: str) -> socket.socket:
    """A socket at *path*, in place of one at which nobody listens any more.

    Raises:
        OSError: something else is there, or it cannot be bound.
    """
    # QUIRK: a socket file of a program that was killed stays.
    if _is_stale(path):
        os.unlink(path)  # noqa: PTH108
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(path)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE and not _is_socket(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        raise
    return listener


def _is_socket(path: str) -> bool:
    return stat.S_ISSOCK(os.stat(path).st_mode)  # noqa: PTH116


def _is_stale(path: str) -> bool:
    """Whether a socket file is there at which nobody listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # noqa: FBT003 - the standard library's
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            return _is_socket(path)
        except OSError:
            return False
    return False


def why_not(error: OSError) -> str:
    """Why nobody can listen somewhere: what the system said, without what asyncio says before it."""
    if isinstance(error, socket.gaierror):
        return reason_of(error)
    if error.errno is None and "bind on any address" in str(error):
        # QUIRK: from Python 3.13 on, asyncio keeps the number to itself where no address of a host is of this machine.
        return os.strerror(errno.EADDRNOTAVAIL)
    return reason_of(error) if error.errno is None else os.strerror(error.errno)
