"""Where a server listens, and why it cannot."""

from __future__ import annotations

import errno
import os
import socket
import stat

from .._reason import reason_of
from ..errors import BadURL
from ..wires.place import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

BACKLOG = 1_024  # connections that wait to be looked at


def place_of(host: str, port: int, path: str | os.PathLike[str] | None) -> Place:
    """Where a server is to listen.

    Raises:
        BadURL: these say no place, or two.
    """
    for name, given, kind in (("host", host, str), ("port", port, int), ("path", path, str | os.PathLike | None)):
        if not isinstance(given, kind) or isinstance(given, bool):
            raise BadURL(f"expected a {name} to listen at, found {given!r}")
    if bool(host) == (path is not None):
        raise BadURL("expected a host to listen at, such as 127.0.0.1, or the path of a socket file")
    if not 0 <= port < 65_536:
        raise BadURL(f"expected a port up to 65535, or 0 for one that is free, found {port}")
    return Place(host, port) if path is None else Place(path=os.fspath(path))


def expect_context(tls: ssl.SSLContext | None) -> None:
    """Refuse as *tls* what is no context.

    Raises:
        BadURL: it is something else.
    """
    if tls is not None and not hasattr(tls, "wrap_bio"):  # `ssl` is imported by who has a certificate
        raise BadURL(f"expected an ssl.SSLContext as tls, found {type(tls).__name__}")


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
