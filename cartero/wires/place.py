"""Where a connection goes: a host and port, or a socket file."""

from __future__ import annotations

from mimekit import MimeError
from mimekit.values.addrvalue import ascii_domain

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
        return bool(self.path) or self.host.lower().rstrip(".") in _LOCAL or self.host.startswith("127.")

    @property
    def looked_up(self) -> str:
        """The host as it is looked up and stands in certificates: in ASCII. RFC 5891, section 4.4."""
        try:
            found = ascii_domain(self.host)
        except MimeError as error:
            raise ConnectError(f"no host can be called {self.host}", stage="resolve") from error
        # RFC 1035 2.3.4: a label has 1 to 63 octets; `socket` has an error of its own kind for others.
        if not all(0 < len(label) < 64 for label in found.removesuffix(".").split(".")):
            raise ConnectError(f"no host can be called {self.host}", stage="resolve")
        return found

    def __str__(self) -> str:
        if self.path:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_LOCAL = frozenset({"localhost", "::1", "localhost.localdomain", "ip6-localhost"})


def describe_failure(error: OSError, place: Place) -> str:
    """Why no connection to *place* came about, and what to do."""
    if isinstance(error, TimeoutError):
        return f"{place} does not answer"
    return f"cannot connect to {place}: {error.strerror or error}"
