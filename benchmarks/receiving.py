"""Servers that take mail in, ours and bare aiosmtpd, each a process of its own; and who sends to them."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: What the table says where there is nobody to send.
MISSING = "left out: smtp-source, of Debian's postfix, is not installed"
_BARE = """
import asyncio
from aiosmtpd.smtp import SMTP

class Discard:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Discard(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
_OURS = """
import asyncio, sys
from cartero.servers import SMTPServer

async def main():
    async with SMTPServer("127.0.0.1", 0, to="maildir:" + sys.argv[1]) as server:
        print(server.port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def find_source() -> str | None:
    """The command that sends, or None; it stands where administrators' commands do."""
    places = map(Path, ("/usr/sbin/smtp-source", "/usr/local/sbin/smtp-source"))
    return shutil.which("smtp-source") or next((str(path) for path in places if path.exists()), None)


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self._process = process

    @property
    def most_memory(self) -> int:
        """Octets that it had in memory at most; 0 where the system does not say."""
        status = Path(f"/proc/{self._process.pid}/status")
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii")) if status.exists() else None
        return int(found[1]) * 1024 if found else 0


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """Our server, which keeps the mail in a Maildir in *folder*."""
    with running(_OURS, str(folder / "received")) as server:
        yield server


@contextlib.contextmanager
def bare() -> Iterator[Server]:
    """Aiosmtpd as it is, which throws the mail away."""
    with running(_BARE) as server:
        yield server


@contextlib.contextmanager
def running(program: str, *arguments: str) -> Iterator[Server]:
    """A server that the Python *program* is, which prints its port."""
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # it was asked for
            yield Server(process, int(process.stdout.readline()))
        finally:
            process.kill()


def send(command: str, port: int, *, count: int, size: int, connections: int) -> None:
    """Send *count* messages of *size* octets, over *connections* that are kept."""
    subprocess.run(
        [command, "-d", "-s", str(connections), "-m", str(count), "-l", str(size), f"127.0.0.1:{port}"], check=True
    )
