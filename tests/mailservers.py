"""Servers on this machine that the tests of SMTP send to: aiosmtpd, Debian's ``smtp-sink``, and one with a script.

with mailservers.serve(inbox) as server:
    SMTPSender(server.host, server.port).send(message)
[mail] = inbox.mails
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.certificates import server_context
from tests.ports import unused_port

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

HOST = "127.0.0.1"
NAME = "localhost"
PASSWORD = "s3cr3t-pass"
SECURE = server_context(NAME, HOST)
SINK = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
NO_SINK = "there is no smtp-sink here: it is in Debian's package postfix"


class Address(NamedTuple):
    """Where a server listens; a path where that is a file."""

    host: str
    port: int
    path: str = ""


class Mail(NamedTuple):
    """What a server took."""

    sender: str
    recipients: list[str]
    octets: bytes
    connection: int
    mail_options: list[str]
    login: str


class Inbox:
    """What a server does: it takes mail, and refuses ``no`` and ``nobody`` and, for now, ``later``.

    In LMTP, it refuses those called ``full`` once it has the message.

    Attributes:
        mails: what it took.
        hellos: who it was greeted by.
        replies: what is said to the recipients that come next, in order; to a None and behind the last, as above.
        drops: how many messages it still takes without an answer: the connection is gone.
    """

    def __init__(self, *extensions: str, without: tuple[str, ...] = ()) -> None:
        self.mails: list[Mail] = []
        self.replies: list[str | None] = []
        self.drops = 0
        self.hellos: list[str] = []
        self._extensions = extensions
        self._without = without
        self._connections: list[object] = []

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's signature
        self, server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what it can."""
        session.host_name = hostname
        self.hellos.append(hostname)
        if server not in self._connections:
            self._connections.append(server)
        kept = [line for line in responses if line[4:].split(" ")[0] not in self._without]
        kept[-1:-1] = [f"250-{extension}" for extension in self._extensions]
        return kept

    async def handle_LHLO(  # noqa: N802 - aiosmtpd's signature
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """As for EHLO."""
        return await self.handle_EHLO(server, session, envelope, hostname, responses)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's signature
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Refuse some."""
        reply = self.replies.pop(0) if self.replies else None
        if reply is not None:
            return reply
        local = address.partition("@")[0]
        if local in {"no", "nobody"}:
            return "550 5.1.1 nobody here"
        if local == "later":
            return "450 4.2.1 try again in 30 seconds"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        """Keep the message; the queue id is its number."""
        content = envelope.original_content
        login = session.auth_data.login.decode() if session.auth_data else ""
        number = self._connections.index(server)
        self.mails.append(
            Mail(envelope.mail_from, envelope.rcpt_tos, content, number, list(envelope.mail_options), login)
        )
        if self.drops:
            self.drops -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if b"Subject: spam" in content:
            return "554 5.7.1 no spam please"
        done = f"250 2.0.0 queued as {len(self.mails)}"
        if isinstance(server, LMTP):
            return "\r\n".join(
                "552 5.2.2 the mailbox is full" if name.startswith("full@") else done for name in envelope.rcpt_tos
            )
        return done

    @property
    def connection_count(self) -> int:
        """How many connections said who they are."""
        return len(self._connections)


def _authenticated(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    if data.password == PASSWORD.encode():
        return AuthResult(success=True, auth_data=data)
    return AuthResult(success=False, handled=False)


@contextmanager
def serve(
    handler: object,
    *,
    lmtp: bool = False,
    secure: bool = False,
    starttls: bool = False,
    tls: ssl.SSLContext = SECURE,
    path: str = "",
    **options: Any,
) -> Iterator[Address]:
    """An aiosmtpd that does what *handler* says, on a port of its own or at *path*.

    Args:
        handler: what it does, such as an `Inbox`.
        lmtp: whether it speaks LMTP.
        secure: whether it speaks TLS from the first octet on.
        starttls: whether it offers STARTTLS.
        tls: how it speaks TLS.
        path: the file it listens at, in place of a port.
        options: more for `aiosmtpd.smtp.SMTP`.
    """
    kind = LMTP if lmtp else SMTP
    settings = {"hostname": NAME, "authenticator": _authenticated, **options}
    loop = asyncio.new_event_loop()

    def made() -> SMTP:
        return kind(handler, tls_context=tls if starttls else None, loop=loop, **settings)

    async def listen() -> asyncio.Server:
        ssl_context = tls if secure else None
        if path:
            return await loop.create_unix_server(made, path, ssl=ssl_context)
        return await loop.create_server(made, HOST, 0, ssl=ssl_context)

    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Address("", 0, path) if path else Address(*server.sockets[0].getsockname()[:2])
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.01)


# What a scripted server does at a point: reply, or None to close, or do something with the connection and say
# whether to go on.
Answer: TypeAlias = "bytes | Callable[[socket.socket], bool] | None"


def closing(reply: bytes) -> Answer:
    """Reply, and close."""

    def answer(connection: socket.socket) -> bool:
        connection.sendall(reply)
        return False

    return answer


def sleeping(seconds: float) -> Answer:
    """Say nothing for so long, and close."""

    def answer(_connection: socket.socket) -> bool:
        time.sleep(seconds)
        return False

    return answer


class Script:
    """A server that answers as its table says. What stands in a list is for one time each, and the last for all others.

    Attributes:
        address: where it listens.
        said: each line it heard, with the number of the connection.
        messages: each message that came to its end, without the dots that were doubled.
    """

    def __init__(self, *extensions: str, **table: Answer | Sequence[Answer]) -> None:
        hello = b"".join(b"250-%s\r\n" % line.encode() for line in ("script", *extensions)) + b"250 HELP\r\n"
        self._table: dict[str, Answer | Sequence[Answer]] = {
            "connect": b"220 hello\r\n",
            "EHLO": hello,
            "LHLO": hello,
            "DATA": b"354 go on\r\n",
            "QUIT": closing(b"221 bye\r\n"),
            "STARTTLS": b"220 go on\r\n",
            **table,
        }
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.said: list[tuple[int, str]] = []
        self.messages: list[bytes] = []
        self._listener = socket.create_server((HOST, 0))
        self.address = Address(*self._listener.getsockname())
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def verbs(self, number: int | None = None) -> list[str]:
        """The commands it heard, without arguments; of one connection if that is said."""
        return [line.split(" ")[0].upper() for one, line in self.said if number in {None, one}]

    @property
    def connection_count(self) -> int:
        """How many connections there were."""
        return len(self._connections)

    def _begin(self, task: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=task, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._begin(self._talk, connection, len(self._connections) - 1)

    def _talk(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            if self._answer("connect", connection) is None:
                return
            with connection.makefile("rb") as lines:
                while (line := lines.readline()) and self._hear(line, lines, connection, number):
                    pass

    def _hear(self, line: bytes, lines: Any, connection: socket.socket, number: int) -> bool:
        self.said.append((number, line.decode("latin-1").rstrip("\r\n")))
        verb = line.split()[0].decode("latin-1").upper()
        if verb == "BDAT":
            count = int(line.split()[1])
            octets = lines.read(count)
            if len(octets) < count:
                return False
            if line.upper().rstrip().endswith(b"LAST"):
                self.messages.append(octets)
        reply = self._answer(verb, connection)
        if verb == "DATA" and reply is not None and reply.startswith(b"3"):
            return self._take(lines, connection)
        return reply is not None

    def _take(self, lines: Any, connection: socket.socket) -> bool:
        found = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return False
            found.append(line[1:] if line.startswith(b".") else line)
        self.messages.append(b"".join(found))
        return self._answer("dot", connection) is not None

    def _answer(self, event: str, connection: socket.socket) -> bytes | None:
        """What was replied; nothing where the table did so itself, and None where the connection is to be closed."""
        answers = self._table.get(event, b"250 ok\r\n")
        several: Sequence[Any] = answers if isinstance(answers, list) else [answers]
        with self._lock:
            answer: Answer = several[min(self._counts[event], len(several) - 1)]
            self._counts[event] += 1
        if answer is None:
            return None
        if callable(answer):
            return b"" if answer(connection) else None
        connection.sendall(answer)
        return answer


_ADDED = re.compile(rb"\A(?:X-[\w-]+: [^\n]*\n)*Received: [^\n]*\n(?:[ \t][^\n]*\n)*")


class Sink:
    """A running ``smtp-sink``, that keeps each message in a file.

    Attributes:
        address: where it listens.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        assert SINK is not None
        self.address = Address(HOST, unused_port())
        user = ["-u", "root"] if os.geteuid() == 0 else []
        self._folder = folder
        self._process = subprocess.Popen(
            [SINK, *user, *options, "-d", "mail.", f"{HOST}:{self.address.port}", "100"], cwd=folder
        )

    def __enter__(self) -> Self:
        for _ in range(500):
            with suppress(OSError), socket.create_connection(self.address[:2], 1):
                return self
            time.sleep(0.01)
        raise AssertionError("smtp-sink does not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def messages(self) -> list[bytes]:
        """Each message, without what the sink adds to it, and with CRLF line ends; in the order they came."""
        files = sorted(self._folder.glob("mail.*"), key=lambda path: path.stat().st_mtime_ns)
        written = [_ADDED.sub(b"", file.read_bytes(), count=1) for file in files]
        return [octets.removesuffix(b"\n").replace(b"\n", b"\r\n") for octets in written]
