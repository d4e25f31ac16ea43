"""Servers to send to: Debian's ``smtp-sink``, which throws away what it gets, and a proxy that makes it far away."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

#: What the table says where there is none.
MISSING = "left out: smtp-sink, of Debian's postfix, is not installed"
_PATIENCE = 5.0
_Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def find() -> str | None:
    """The command, or None; it stands where administrators' commands do."""
    return shutil.which("smtp-sink") or next(
        (str(path) for path in map(Path, ("/usr/sbin/smtp-sink", "/usr/local/sbin/smtp-sink")) if path.exists()), None
    )


@contextlib.contextmanager
def running(command: str) -> Iterator[int]:
    """The port of a sink on this machine, for as long as the context lasts."""
    port = free_port()
    # started by the administrator, it wants to be somebody else
    process = subprocess.Popen(
        [command, "-u", "root", f"127.0.0.1:{port}", "1000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


class Far:
    """A proxy in a thread, with *delay* seconds each way. Mutable.

    Attributes:
        port: where it listens.
        trip_count: how often a client spoke after it had been answered: each of these is a round trip.
    """

    def __init__(self, target: int, *, delay: float) -> None:
        self.port = 0
        self.trip_count = 0
        self._target = target
        self._delay = delay
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._writers: list[asyncio.StreamWriter] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        # who still talks hears the end of it
        for writer in self._writers:
            writer.close()
        self._loop.run_until_complete(self._drained())
        self._loop.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near = reader, writer
        far = await asyncio.open_connection("127.0.0.1", self._target)
        turn = {"answered": False}
        self._writers += [near[1], far[1]]
        await asyncio.gather(
            self._carry(near[0], far[1], turn, is_client=True), self._carry(far[0], near[1], turn, is_client=False)
        )

    async def _drained(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, turn: dict[str, bool], *, is_client: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while octets := await source.read(65_536):
            if is_client and turn["answered"]:
                self.trip_count += 1
            turn["answered"] = not is_client
            loop.call_later(self._delay, _write, target, octets)
        loop.call_later(self._delay, target.close)


def _write(target: asyncio.StreamWriter, octets: bytes) -> None:
    if not target.is_closing():
        target.write(octets)
