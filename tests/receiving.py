"""Servers of cartero that run for a test, what they hand mail to, and how a test talks with them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cartero.servers import LMTPServer, SMTPServer, running
from mimekit.values.received import Received
from tests.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cartero import Envelope
    from cartero.servers.smtp import MailServer
    from mimekit import MIMEMessage

HOST = "127.0.0.1"
TEXT = b"Subject: hello\r\n\r\nHow are you?\r\n"
BOTH = (SMTPServer, LMTPServer)


class Kept:
    """A function that takes mail: it keeps it, and then does what it is told to.

    Attributes:
        mails: what it was called with.
        begun: set when it was called.
        may_end: cleared by who wants it to wait.
    """

    def __init__(self, *results: object) -> None:
        self.mails: list[tuple[Envelope, MIMEMessage]] = []
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self._results = list(results)

    def __call__(self, envelope: Envelope, message: MIMEMessage) -> Any:
        """Take it."""
        self.begun.set()
        assert self.may_end.wait(5)
        self.mails.append((envelope, message))
        result = self._results.pop(0) if self._results else None
        if isinstance(result, BaseException):
            raise result
        return result

    @property
    def texts(self) -> list[bytes]:
        """What was taken, without the Received field in front."""
        return [untraced(message.as_bytes()) for _, message in self.mails]

    @property
    def hop(self) -> Received:
        """The Received field of the last one."""
        found = self.mails[-1][1].headers.value("Received")
        assert isinstance(found, Received)
        return found


def untraced(octets: bytes) -> bytes:
    """*octets* without the first field, which is Received."""
    assert octets.startswith(b"Received: ")
    return octets.split(b"\r\n", 3)[3] if b"\r\n\tfor <" not in octets[:2000] else octets.split(b"\r\n", 4)[4]


@contextmanager
def serving(kind: type[MailServer], to: Any, **settings: Any) -> Iterator[MailServer]:
    """A server of this *kind*, while it runs."""
    settings = {"own_name": "mx.example"} | settings
    server = kind(**settings, to=to) if "path" in settings else kind(settings.pop("host", HOST), **settings, to=to)
    with running(server):
        yield server


def hello(kind: type[MailServer]) -> bytes:
    """The greeting of its protocol."""
    return b"LHLO me.example" if kind is LMTPServer else b"EHLO me.example"


@contextmanager
def talking(server: MailServer) -> Iterator[Client]:
    """A client that has been greeted, and has greeted."""
    with Client(server.place.path or server.port) as client:
        assert client.reply().startswith(b"220 mx.example")
        assert client.ask(hello(type(server))).startswith(b"250")
        yield client


def enveloped(client: Client, *recipients: bytes, sender: bytes = b"me@example.org", parameters: bytes = b"") -> None:
    """Say all that comes before the text."""
    assert client.ask(b"MAIL FROM:<" + sender + b">" + parameters)[:3] == b"250"
    for recipient in recipients or (b"you@example.org",):
        assert client.ask(b"RCPT TO:<" + recipient + b">")[:3] == b"250"
    assert client.ask(b"DATA")[:3] == b"354"


def sent(client: Client, *recipients: bytes, text: bytes = TEXT, replies: int = 1, **said: bytes) -> Sequence[bytes]:
    """The replies to a message; *text* is stuffed with dots already."""
    enveloped(client, *recipients, **said)
    client.say(text + b".\r\n")
    return [client.reply() for _ in range(replies)]
