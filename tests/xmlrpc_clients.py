"""A server for mail by XML-RPC that runs, and a client that says the octets it is told to."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from xmlrpc.client import Fault, dumps, loads

from cartero import MemorySender
from cartero.servers import ServerLimits, XMLRPCServer, running

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

MAIL = b"From: me@x.org\r\nTo: you@x.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nHi!\r\n"
STRUCT = {"sender": "me@x.org", "recipients": ["you@x.org"], "message": MAIL}
_FIELDS = {"Host": "localhost", "Content-Type": "text/xml"}


class Answer(NamedTuple):
    """What a server said."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def results(self) -> Any:
        """What the call returned."""
        [results] = loads(self.body, use_builtin_types=True)[0]
        return results

    @property
    def fault(self) -> int | None:
        """The number of the fault, if it is one."""
        try:
            loads(self.body)
        except Fault as fault:
            return fault.faultCode
        return None


@contextlib.contextmanager
def serving(to: Any = None, *, limits: dict[str, Any] | None = None, **settings: Any) -> Iterator[XMLRPCServer]:
    """A server that runs."""
    found = ServerLimits(**(limits or {}))
    server = XMLRPCServer("127.0.0.1", 0, to=MemorySender() if to is None else to, limits=found, **settings)
    with running(server):
        yield server


def call(*structs: Any, method: str = "mail.send") -> bytes:
    """A call with one parameter, the list of *structs*."""
    return dumps((list(structs),), method).encode()


def request(body: bytes, *, method: str = "POST", target: str = "/RPC2", **fields: str | None) -> bytes:
    """A request with *body*; the *fields* are added to the usual ones, ``_`` for ``-``, and None takes one away."""
    given: dict[str, str | None] = {**_FIELDS, "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{name}: {value}\r\n" for name, value in given.items() if value is not None]
    return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1") + body


class Client:
    """A connection to a server on this machine."""

    def __init__(self, address: int | str, *, tls: ssl.SSLContext | None = None) -> None:
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(("127.0.0.1", address))
        self.socket.settimeout(10)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def say(self, octets: bytes) -> None:
        """Send *octets*."""
        self.socket.sendall(octets)

    def hear(self) -> Answer | None:
        """The next answer; None where the server has closed."""
        line = self._file.readline()
        if not line:
            return None
        fields: dict[str, str] = {}
        while (field := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = field.decode().partition(":")
            fields[name.lower()] = value.strip()
        return Answer(int(line.split()[1]), fields, self._file.read(int(fields.get("content-length", 0))))

    def ask(self, octets: bytes) -> Answer:
        """Send *octets*, and hear the answer."""
        self.say(octets)
        answer = self.hear()
        assert answer is not None
        return answer

    def mail(self, *structs: Any, **fields: str | None) -> Any:
        """What became of *structs*."""
        return self.ask(request(call(*structs), method="POST", target="/RPC2", **fields)).results
