"""Servers that take mail over XML-RPC, ours and the standard library's, each a process of its own; and who calls."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from xmlrpc.client import Binary, dumps

from .receiving import Server, running

_BARE = """
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"

class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True

def send(structs):
    return [{"recipients": [{"address": who, "accepted": True} for who in each["recipients"]]} for each in structs]

server = Server(("127.0.0.1", 0), requestHandler=Handler, logRequests=False, use_builtin_types=True)
server.register_function(send, "mail.send")
print(server.server_address[1], flush=True)
server.serve_forever()
"""
_OURS = """
import asyncio
from cartero.servers import XMLRPCServer

async def main():
    async with XMLRPCServer("127.0.0.1", 0, to=lambda envelope, message: None) as server:
        print(server.port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@contextlib.contextmanager
def ours() -> Iterator[Server]:
    """Our server, which gives the mail to a function that throws it away."""
    with running(_OURS) as server:
        yield server


@contextlib.contextmanager
def bare() -> Iterator[Server]:
    """The standard library's, with a thread for each client, which throws the mail away."""
    with running(_BARE) as server:
        yield server


def call(size: int) -> bytes:
    """A call of mail.send with one message of about *size* octets, as it goes over the wire."""
    message = b"From: ana@example.org\r\nTo: bo@example.net\r\nSubject: Plans\r\n\r\n" + (b"x" * 70 + b"\r\n") * (
        size // 72
    )
    struct = {"sender": "ana@example.org", "recipients": ["bo@example.net"], "message": Binary(message)}
    body = dumps(([struct],), "mail.send").encode()
    head = f"POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def make(port: int, request: bytes, *, count: int) -> None:
    """Make the call *count* times over one connection; one client for both, so that it is the server that counts."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            connection.sendall(request)
            answer = b""
            while b"</methodResponse>" not in answer:
                answer += connection.recv(65_536)
            assert b"<boolean>1" in answer
