"""The real messages that are read: a folder of ``.eml`` files, as they are and with CRLF line ends."""

from __future__ import annotations

import os
import re
from pathlib import Path


def folder() -> Path:
    """Where they are: what ``CARTERO_CORPORA`` names, else ``shared/corpora`` beside the project."""
    named = os.environ.get("CARTERO_CORPORA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "corpora"


def messages(*, count: int) -> list[bytes]:
    """*count* of the messages with LF line ends, taken evenly from the whole folder, or all where there are fewer.

    Raises:
        SystemExit: there are none.
    """
    paths = sorted((folder() / "spamassassin").glob("*.eml"))
    if not paths:
        raise SystemExit(f"no messages in {folder()}; CARTERO_CORPORA names the folder that holds spamassassin/*.eml")
    step = max(1, len(paths) // count)
    return [re.sub(rb"\r\n?", b"\n", path.read_bytes()) for path in paths[::step]]


def with_crlf(octets: bytes) -> bytes:
    """The same message as it is on the wire."""
    return octets.replace(b"\n", b"\r\n")
