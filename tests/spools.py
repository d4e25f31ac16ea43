"""What tests of the spool's two ends share: mail for it, and a look into its folders."""

from __future__ import annotations

from pathlib import Path

from cartero import SendingError
from cartero.senders._spooled import Spooled

MAIL = b"From: me@x.org\nTo: ana@x.org, zoe@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!\n"
BUSY, GONE = "450 4.2.1 Busy", "550 5.1.1 Gone"
LOST = SendingError("lost", ambiguous=True)


def names(queue: Path, folder: str) -> list[str]:
    """What stands in *folder*."""
    return sorted(path.name for path in (queue / folder).iterdir())


def record(queue: Path, folder: str = "new") -> Spooled:
    """What is known of the only message in *folder*."""
    [path] = (queue / folder).glob("*/envelope.json")
    return Spooled.parse(path.read_bytes())
