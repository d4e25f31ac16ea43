"""Messages sent to a sink, by us and by others."""

from __future__ import annotations

import asyncio
import resource
import smtplib
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, NamedTuple

from cartero import Envelope, Limits, SMTPSender
from cartero.aio import AsyncSMTPSender
from mimekit import MIMEMessage

from . import building

SENDER = "ana@example.org"
RECIPIENT = "bo@example.net"
_LINE = "Monday, noon, by the river; who comes last brings the bread.\n"
_HOST = "127.0.0.1"


class Letter(NamedTuple):
    """One message in each form that somebody takes."""

    ours: MIMEMessage
    stdlib: EmailMessage
    octets: bytes
    envelope: Envelope


def letter(size: int, *, recipient_count: int = 1) -> Letter:
    """A message of about *size* octets: a text, or a text and a file."""
    ours, theirs = MIMEMessage(), EmailMessage()
    for message in (ours, theirs):
        message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, "Plans"
        message["Date"], message["Message-ID"] = "Thu, 26 Nov 2026 10:00:00 +0100", "<1@example.org>"
    is_small = size < 10_000
    text = _LINE * (size // len(_LINE) if is_small else 10)
    ours.set_content(text)
    theirs.set_content(text)
    if not is_small:
        content = building.octets(size * 3 // 4)
        ours.add_attachment(content, "application", "octet-stream", filename="plan.bin")
        theirs.add_attachment(content, "application", "octet-stream", filename="plan.bin")
    recipients = (
        [RECIPIENT] if recipient_count == 1 else [f"bo{number}@example.net" for number in range(recipient_count)]
    )
    return Letter(ours, theirs, bytes(ours), Envelope(SENDER, recipients))


class Ways:
    """The ways to send, each over a connection that is kept."""

    def __init__(self, port: int) -> None:
        self._ours = SMTPSender(_HOST, port, limits=Limits(messages=1_000_000))
        self._smtplib = smtplib.SMTP(_HOST, port)
        self._loop = asyncio.new_event_loop()
        self._port = port

    @contextmanager
    def open(self) -> Iterator[Ways]:
        """With the connections open."""
        with self._ours:
            yield self
        self._smtplib.quit()
        self._loop.close()

    def ours(self, sent: Letter) -> None:
        """A message of ours."""
        self._ours.send(sent.ours, envelope=sent.envelope)

    def ours_raw(self, sent: Letter) -> None:
        """Octets, which are looked at."""
        self._ours.send(sent.octets, envelope=sent.envelope)

    def ours_all(self, sent: Letter, count: int) -> None:
        """Messages of ours, one behind the other."""
        for _ in self._ours.send_all((sent.ours, sent.envelope) for _ in range(count)):
            pass

    def smtplib_octets(self, sent: Letter) -> None:
        """Octets by smtplib."""
        self._smtplib.sendmail(sent.envelope.sender, list(sent.envelope.recipients), sent.octets)

    def smtplib_message(self, sent: Letter) -> None:
        """A message of the standard library by smtplib."""
        self._smtplib.send_message(sent.stdlib, sent.envelope.sender, list(sent.envelope.recipients))


@contextmanager
def aiosmtplib(port: int) -> Iterator[Callable[[Letter], None] | None]:
    """Octets by aiosmtplib over a kept connection; None where it is not installed."""
    try:
        import aiosmtplib as library  # noqa: PLC0415 - a peer, where there is one
    except ImportError:
        yield None
        return
    loop = asyncio.new_event_loop()
    client = library.SMTP(hostname=_HOST, port=port, start_tls=False)
    loop.run_until_complete(client.connect())

    def send(sent: Letter) -> None:
        loop.run_until_complete(client.sendmail(sent.envelope.sender, list(sent.envelope.recipients), sent.octets))

    yield send
    loop.run_until_complete(client.quit())
    loop.close()


@contextmanager
def django(port: int) -> Iterator[Callable[[Letter], None] | None]:
    """The same text by Django's backend, which builds its message each time; None where it is not installed."""
    try:
        from django.conf import settings  # noqa: PLC0415 - a peer, where there is one
        from django.core.mail import EmailMessage as Message  # noqa: PLC0415
        from django.core.mail.backends.smtp import EmailBackend  # noqa: PLC0415
    except ImportError:
        yield None
        return
    if not settings.configured:
        settings.configure()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from Django 6.1 on, it wants to make it itself
        backend = EmailBackend(host=_HOST, port=port, username="", password="", use_tls=False, use_ssl=False)
    backend.open()

    def send(sent: Letter) -> None:
        files = [
            (part.get_filename(), part.get_content(), "application/octet-stream")
            for part in sent.stdlib.iter_attachments()
        ]
        body = sent.stdlib.get_body()
        assert body is not None
        message: Any = Message("Plans", body.get_content(), SENDER, list(sent.envelope.recipients), attachments=files)
        backend.send_messages([message])

    yield send
    backend.close()


def wall(work: Callable[[], object]) -> Callable[[], float]:
    """What takes the time of *work* on the clock: of interest where it waits."""

    def sample() -> float:
        before = time.perf_counter()
        work()
        return time.perf_counter() - before

    return sample


def many(port: int, sent: Letter, *, count: int, connections: int) -> None:
    """*count* messages over *connections*, by threads that share a sender."""
    with (
        SMTPSender(_HOST, port, limits=Limits(connections=connections, messages=count)) as sender,
        ThreadPoolExecutor(connections) as threads,
    ):
        share = count // connections

        def some(_: int) -> None:
            for _receipt in sender.send_all((sent.ours, sent.envelope) for _ in range(share)):
                pass

        list(threads.map(some, range(connections)))


def many_async(port: int, sent: Letter, *, count: int, connections: int) -> None:
    """The same by tasks."""

    async def work() -> None:
        sender = AsyncSMTPSender(_HOST, port, limits=Limits(connections=connections, messages=count))

        async def some() -> None:
            async for _receipt in sender.send_all([(sent.ours, sent.envelope)] * (count // connections)):
                pass

        async with sender:
            await asyncio.gather(*(some() for _ in range(connections)))

    asyncio.run(work())


def many_smtplib(port: int, sent: Letter, *, count: int, connections: int) -> None:
    """The same by threads with smtplib, a connection each."""

    def some() -> None:
        with smtplib.SMTP(_HOST, port) as client:
            for _ in range(count // connections):
                client.sendmail(sent.envelope.sender, list(sent.envelope.recipients), sent.octets)

    threads = [threading.Thread(target=some) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def many_aiosmtplib(port: int, sent: Letter, *, count: int, connections: int) -> None:
    """The same by tasks with aiosmtplib, a connection each."""
    import aiosmtplib as library  # noqa: PLC0415 - a peer, where there is one

    async def some() -> None:
        async with library.SMTP(hostname=_HOST, port=port, start_tls=False) as client:
            for _ in range(count // connections):
                await client.sendmail(sent.envelope.sender, list(sent.envelope.recipients), sent.octets)

    async def work() -> None:
        await asyncio.gather(*(some() for _ in range(connections)))

    asyncio.run(work())


_BY_SMTPLIB = """
import smtplib, sys
from email.message import EmailMessage
message = EmailMessage()
message["From"], message["To"], message["Subject"] = sys.argv[2], sys.argv[3], "Plans"
message.set_content(sys.stdin.read())
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as client:
    client.send_message(message)
"""
_BY_US = "from cartero.cli import command; command()"  # as the installed script does


def command(port: int) -> float:
    """Seconds of CPU that ``cartero-send`` takes for one message, its start included."""
    url = f"smtp://{_HOST}:{port}"
    return _process(_BY_US, "--via", url, "-q", "-s", "Plans", "-f", SENDER, RECIPIENT)


def command_smtplib(port: int) -> float:
    """The same for a script with smtplib."""
    return _process(_BY_SMTPLIB, str(port), SENDER, RECIPIENT)


def _process(script: str, *arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", script, *arguments], input=_LINE.encode(), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
