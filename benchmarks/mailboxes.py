"""An mbox of real messages, and the subject of each, by us and by the standard library."""

from __future__ import annotations

import contextlib
import itertools
import mailbox
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import mimekit


def make(path: Path, messages: Sequence[bytes], *, size: int) -> int:
    """Write an mbox of at least *size* octets, of *messages* again and again; how many it holds."""
    entries = [
        b"From ana@example.org Thu Nov  5 10:00:00 2026\n" + re.sub(rb"(?m)^(>*From )", rb">\1", octets) + b"\n\n"
        for octets in messages
    ]
    count = written = 0
    with path.open("wb") as file:
        for entry in itertools.cycle(entries):
            written += file.write(entry)
            count += 1
            if written >= size:
                return count
    raise AssertionError  # cycles end where there are no messages


def can_read() -> bool:
    """Whether we can yet."""
    return hasattr(mimekit, "read_mbox")


def subjects(path: Path) -> int:
    """How many messages there are, the subject of each having been read."""
    read: Callable[[Path], Iterable[mimekit.MIMEMessage]] = getattr(mimekit, "read_mbox")  # noqa: B009 -- not yet there
    count = 0
    for message in read(path):
        message["subject"]
        count += 1
    return count


def subjects_stdlib(path: Path) -> int:
    """The same by ``mailbox``."""
    count = 0
    with contextlib.closing(mailbox.mbox(path, create=False)) as box:
        for message in box:
            message["subject"]
            count += 1
    return count
