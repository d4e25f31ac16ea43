"""Where a connection goes: a host and port, or a socket file."""

from __future__ import annotations

import re
from errno import ECONNREFUSED

from mimekit import MimeError
from mimekit.values.addrvalue import ascii_domain

from .._reason import reason_of
from .._value import Value
from ..errors import ConnectError


class Place(Value):
    """A host and port, or the path of a Unix socket. A value.

    Attributes:
        host: a name in any script, or an address; an empty string where there is a *path*.
        port: its port.
        path: the path of a Unix socket, or an empty string.
    """

    __slots__ = ("host", "path", "port")

    host: str
    port: int
    path: str

    def __init__(self, host: str = "", port: int = 0, *, path: str = "") -> None:
        self._set(host=host, port=port, path=path)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, where nobody listens on the way."""
        return bool(self.path) or self.host.lower().rstrip(".") in _LOCAL or _LOOPBACK.fullmatch(self.host) is not None

    @property
    def looked_up(self) -> str:
        """The host as it is looked up and stands in certificates: in ASCII. RFC 5891, section 4.4."""
        try:
            return host_name(self.host)
        except ValueError as error:
            raise ConnectError(f"no host can be called {self.host}", stage="resolve") from error

    def __str__(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_LOOPBACK = re.compile(r"127(?:\.[0-9]{1,3}){3}")
_LOCAL = frozenset({"localhost", "::1", "localhost.localdomain", "ip6-localhost"})


def host_name(text: str) -> str:
    """*text* as it is looked up and stands in certificates: in ASCII. RFC 5891, section 4.4.

    Raises:
        ValueError: no host can be called so.
    """
    try:
        name = ascii_domain(text)
    except MimeError as error:
        raise ValueError(str(error)) from error
    # RFC 1035 2.3.4: what looks names up raises on others, and not as it does on names that are not found.
    if text and not (name.isprintable() and all(0 < len(label) < 64 for label in name.removesuffix(".").split("."))):
        raise ValueError("a part of it between dots is empty, or too long")
    return name


def describe_failure(error: OSError, place: Place) -> str:
    """Why no connection to *place* came about, and what to do."""
    if isinstance(error, TimeoutError):
        hint = "; many networks let no mail out by port 25: 587, with a user, is for handing it in"
        return f"{place} does not answer{hint if place.port == 25 else ''}"
    # QUIRK: asyncio makes one error of those of several addresses, of which the text alone is left.
    if not place.path and (error.errno == ECONNREFUSED or f"[Errno {ECONNREFUSED}]" in str(error)):
        return f"nothing listens at {place}: is the port right?"
    return f"cannot connect to {place}: {reason_of(error)}"
