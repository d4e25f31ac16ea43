"""The real messages that are read: a folder of ``.eml`` files, as they are and with CRLF line ends."""

from __future__ import annotations

import os
import re
from pathlib import Path


def folder() -> Path:
    """Where they are: what ``CARTERO_CORPORA`` names, else ``shared/corpora`` beside the project."""
    named = os.environ.get("CARTERO_CORPORA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "corpora"


def messages(*, count: int) -> tuple[bytes, ...]:
    """*count* of the messages with LF line ends, taken evenly from the whole folder; all where there are fewer."""
    paths = sorted((folder() / "spamassassin").glob("*.eml"))
    chosen = [paths[number * len(paths) // count] for number in range(count)] if count < len(paths) else paths
    return tuple(re.sub(rb"\r\n?", b"\n", path.read_bytes()) for path in chosen)


def with_crlf(octets: bytes) -> bytes:
    """The same message as it is on the wire."""
    return octets.replace(b"\n", b"\r\n")
