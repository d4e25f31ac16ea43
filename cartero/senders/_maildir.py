"""A Maildir: each message a file of its own, written in ``tmp`` and moved to ``new``.

See `the Maildir page <https://cr.yp.to/proto/maildir.html>`_ for the format.
"""

from __future__ import annotations

import os
import time

from ._foldersync import sync_folder
from ._ondisk import create, discard, fill, make_folders, step

# ruff: noqa: PTH104, PTH118

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Maildir:
    """The Maildir at *path*."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._tmp, self._new, self._cur = (os.path.join(path, name) for name in ("tmp", "new", "cur"))
        self._delivered = 0

    def open(self) -> None:
        """Make of it what is not there."""
        make_folders(self._path, self._tmp, self._new, self._cur)

    def deliver(self, pieces: Iterable[bytes], _author: str) -> str:
        """Put a message in, and give its path."""
        with step("write", "write the message in the Maildir"):
            name, written, file = self._create()
            fill(written, file, pieces)
        path = f"{self._new}{os.sep}{name}"
        with step("move", "move the message in the Maildir"):
            try:
                os.rename(written, path)
            except OSError:
                discard(written)
                raise
        # It is there, and may be gone after a power cut.
        with step("sync", "sync the message in the Maildir", ambiguous=True):
            sync_folder(self._new)
        return path

    def _create(self) -> tuple[str, str, int]:
        """The name of a new file in ``tmp`` that neither ``tmp`` nor ``new`` has, its path, and the file."""
        for name in self._names():
            path = f"{self._tmp}{os.sep}{name}"
            if os.path.lexists(f"{self._new}{os.sep}{name}"):
                continue
            try:
                return name, path, create(path)
            except FileExistsError:
                continue
        raise AssertionError("names do not end")  # pragma: no cover -- for the type checker: the loop has no end

    def _names(self) -> Iterator[str]:
        """Unique names, as the Maildir page makes them: seconds, then what this delivery alone has, then the host."""
        host = _host().replace("/", r"\057").replace(":", r"\072")
        while True:
            self._delivered += 1
            seconds, nanoseconds = divmod(time.time_ns(), 10**9)
            unique = f"M{nanoseconds // 1000}P{os.getpid()}Q{self._delivered}R{os.urandom(4).hex()}"
            yield f"{seconds}.{unique}.{host}"


def _host() -> str:
    # `socket` knows it on every system, and would be half of what a delivery costs.
    return (os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME")) or "localhost"
