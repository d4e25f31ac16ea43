"""Servers to call ``mail.send`` on: the standard library's, and one that says whatever it is told to."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from socketserver import ThreadingMixIn
from typing import Any, NamedTuple, Self, TypeAlias
from xmlrpc.client import Fault, dumps
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

from cartero import CarteroError, MemorySender, Sender
from cartero.struct import failure_to_struct, from_struct, receipt_to_struct


class Early(NamedTuple):
    """What a server does before it has read the whole request."""

    act: Callable[[socket.socket], None]


# What the scripted server answers to a request: octets; nothing, but it closes; or what is done before it closes.
Answer: TypeAlias = bytes | Callable[[socket.socket], None] | Early | None


class _Quick(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"


class _Slow(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.0"


class _Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients hang up."""


def taken(sender: Sender, structs: list[Any]) -> list[Any]:
    """What became of each of *structs*, sent on by *sender*, as a struct."""
    results: list[Any] = []
    for struct in structs:
        try:
            message, envelope = from_struct(struct)
            results.append(receipt_to_struct(sender.send(message, envelope=envelope)))
        except CarteroError as error:
            results.append(failure_to_struct(error))
    return results


@contextlib.contextmanager
def mail_server(
    sender: Sender | Callable[[list[Any]], Any] | None = None,
    *,
    http: str = "1.1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """The address, such as ``127.0.0.1:8025``, of a server of the standard library's that sends by *sender*.

    Or it answers what that function returns.
    """
    road = MemorySender() if sender is None else sender
    function: Any = (lambda structs: taken(road, structs)) if isinstance(road, Sender) else road
    handler = {"1.0": _Slow, "1.1": _Quick}[http]
    server = _Server(("127.0.0.1", 0), requestHandler=handler, logRequests=False, use_builtin_types=True)
    server.register_function(function, "mail.send")
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class ScriptedServer:
    """One connection after the other, and one answer after the other on each, as the script has them.

    Attributes:
        requests: each request, its head and its body, as it came.
    """

    def __init__(self, script: Sequence[Sequence[Answer]], *, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        if tls is not None:
            self._listener = tls.wrap_socket(self._listener, server_side=True)
        self._thread = threading.Thread(target=self._serve)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            for number, answers in enumerate(self._script, 1):
                connection, _ = self._listener.accept()
                if number == len(self._script):
                    # whoever comes now is refused
                    self._listener.close()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(10)
                    self._answer(connection, answers)

    def _answer(self, connection: socket.socket, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, Early):
                self.requests.append(connection.recv(1_000))
                answer.act(connection)
                return
            self.requests.append(_request(connection))
            if answer is None:
                return
            if callable(answer):
                answer(connection)
                return
            connection.sendall(answer)
        # until the client goes
        connection.recv(1)


def answer_and_close(octets: bytes) -> Callable[[socket.socket], None]:
    """Answer, as if the connection was to be kept, and close it."""
    return lambda connection: connection.sendall(octets)


def _request(connection: socket.socket) -> bytes:
    octets = b""
    while b"\r\n\r\n" not in octets:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionResetError
        octets += piece
    size = re.search(rb"(?i)content-length: (\d+)", octets)
    assert size is not None
    whole = octets.index(b"\r\n\r\n") + 4 + int(size[1])
    pieces, got = [octets], len(octets)
    while got < whole:
        pieces.append(connection.recv(65_536))
        got += len(pieces[-1])
    return b"".join(pieces)


def response(body: bytes = b"", *, status: str = "200 OK", headers: Sequence[str] = ()) -> bytes:
    """An HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def results(*structs: Any) -> bytes:
    """The answer with these results."""
    return response(dumps((list(structs),), methodresponse=True).encode())


def fault(code: Any, text: Any) -> bytes:
    """A fault."""
    return response(dumps(Fault(code, text)).encode())


def accepted(*recipients: str, **more: Any) -> dict[str, Any]:
    """The result for a message that was taken for everybody."""
    outcomes = [{"address": recipient, "accepted": True, "temporary": False} for recipient in recipients]
    return {"recipients": outcomes, **more}
