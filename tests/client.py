"""A client that says what it is told to, on a socket: for tests of servers."""

from __future__ import annotations

import socket
import ssl
from typing import Self


class Client:
    """A socket, connected to a server on this machine; nothing is read or written that is not asked for."""

    def __init__(self, address: int | str) -> None:
        if isinstance(address, int):
            self.socket = socket.create_connection(("127.0.0.1", address), timeout=5)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(5)
            self.socket.connect(address)

    def say(self, octets: bytes) -> None:
        """Write *octets*."""
        self.socket.sendall(octets)

    def hear(self) -> bytes:
        """One line; nothing where the other side has closed."""
        line = bytearray()
        while not line.endswith(b"\n") and (octet := self.socket.recv(1)):
            line += octet
        return bytes(line)

    def reply(self) -> bytes:
        """One reply, all of its lines."""
        lines = [self.hear()]
        while lines[-1][3:4] == b"-":
            lines.append(self.hear())
        return b"".join(lines)

    def ask(self, command: bytes) -> bytes:
        """Say a command, and hear the reply to it."""
        self.say(command + b"\r\n")
        return self.reply()

    def codes(self, number: int) -> list[int]:
        """The codes of the next so many replies."""
        return [int(self.reply()[:3]) for _ in range(number)]

    def rest(self) -> bytes:
        """All there is until the other side closes."""
        return b"".join(iter(lambda: self.socket.recv(65_536), b""))

    def secure(self, context: ssl.SSLContext, name: str = "127.0.0.1") -> None:
        """Begin TLS."""
        self.socket = context.wrap_socket(self.socket, server_hostname=name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
