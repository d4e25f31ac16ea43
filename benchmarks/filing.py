"""A file on disk into a message on disk, and back, by us and by the standard library."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import mimekit

from . import building

_TEXT = "The numbers are in the file.\n"


def make(path: Path, size: int) -> Path:
    """Write a file of *size* octets that are nothing known."""
    path.write_bytes(building.octets(size))
    return path


def make_huge(path: Path, size: int) -> Path:
    """Make a file of *size* octets that takes no room; how much memory is needed does not depend on what they are."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


def attach(path: Path) -> Path:
    """Attach a file by its path, and write the message to another."""
    msg = mimekit.MIMEMessage().set_content(_TEXT)
    msg.add_attachment(path, content_manager=mimekit.FileManager)
    written = path.with_suffix(".eml")
    with written.open("wb") as file:
        msg.write_to(file)
    return written


def attach_stdlib(path: Path) -> Path:
    """The same by ``email``, whose file must be read first."""
    msg = EmailMessage()
    msg.set_content(_TEXT)
    msg.add_attachment(path.read_bytes(), "application", "octet-stream", filename=path.name)
    written = path.with_suffix(".stdlib.eml")
    written.write_bytes(msg.as_bytes())
    return written


def extract(path: Path) -> None:
    """Write the attachment of the message that `attach` wrote to a file, which is deleted."""
    [part] = mimekit.parse_file(path, mmap=True).iter_attachments()
    saved = part.get_content(content_manager=mimekit.FileManager(path.parent))
    Path(cast("str", saved)).unlink()


def extract_stdlib(path: Path) -> None:
    """The same by ``email``."""
    with path.open("rb") as file:
        msg = email.message_from_binary_file(file, policy=email.policy.default)
    [part] = msg.iter_attachments()
    saved = path.with_suffix(".saved")
    saved.write_bytes(cast("bytes", part.get_payload(decode=True)))
    saved.unlink()
