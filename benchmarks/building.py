"""What people do to send mail: build and write, by us and by the standard library."""

from __future__ import annotations

import email
import email.headerregistry
import email.policy
import random
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pybase64

import mimekit
from mimekit.content.objects import ObjectManager

_SUBJECT = "Die Zahlen für März, wie gestern im Café besprochen"
_TEXT = "Hello Zoë,\n\n" + "the numbers are in the file. The café is still the best place to talk about them.\n" * 8
_PAGE = '<p>Hello Zoë,</p>\n<p><img src="cid:logo@example.org"></p>\n' + "<p>the numbers are in the file.</p>\n" * 20
_IMAGES = 20
_ANA = ("Ana Gómez", "ana", "example.org")
_OTHERS = (("Zoë Müller", "zoe", "example.com"), ("Bo", "bo", "example.net"))


def octets(size: int) -> bytes:
    """The content of an attachment: the same each time, and nothing that could be text."""
    return random.Random(size).randbytes(size)  # noqa: S311 -- no secret


def text() -> bytes:
    """A text message: subject and names that are not ASCII, two recipients."""
    return bytes(_letter().set_content(_TEXT))


def _letter() -> mimekit.MIMEMessage:
    msg = mimekit.MIMEMessage()
    msg["From"] = mimekit.Address(*_ANA)
    msg["To"] = [mimekit.Address(*other) for other in _OTHERS]
    msg["Subject"] = _SUBJECT
    return msg


def text_stdlib() -> bytes:
    """The same by ``email``."""
    msg = _letter_stdlib()
    msg.set_content(_TEXT)
    return bytes(msg)


def _letter_stdlib() -> EmailMessage:
    msg = EmailMessage()
    msg["From"] = email.headerregistry.Address(*_ANA)
    msg["To"] = [email.headerregistry.Address(*other) for other in _OTHERS]
    msg["Subject"] = _SUBJECT
    return msg


def rich(image: bytes, attachment: bytes) -> bytes:
    """Text, the same as HTML with an inline image, and an attachment."""
    msg = _letter().set_content(_TEXT)
    page = msg.add_alternative(_PAGE, "html")
    page.add_related(image, "image", "png", cid="logo@example.org")
    msg.add_attachment(attachment, "application", "pdf", filename="numbers.pdf")
    return bytes(msg)


def rich_stdlib(image: bytes, attachment: bytes) -> bytes:
    """The same by ``email``."""
    msg = _letter_stdlib()
    msg.set_content(_TEXT)
    msg.add_alternative(_PAGE, subtype="html")
    page = cast("list[EmailMessage]", msg.get_payload())[1]
    page.add_related(image, "image", "png", cid="<logo@example.org>")
    msg.add_attachment(attachment, "application", "pdf", filename="numbers.pdf")
    return bytes(msg)


def page_on_disk(folder: Path, *, image_size: int) -> Path:
    """A page in *folder* that shows twenty images, each with octets of its own."""
    pieces = ["<!DOCTYPE html>\n<title>Images</title>\n<style>body { margin: 0 }</style>\n"]
    for number in range(_IMAGES):
        name = f"image-{number}.png"
        (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n" + octets(image_size + number))
        pieces.append(f'<p class="image"><img src="{name}" alt="image {number}"> the numbers of day {number}</p>\n')
    path = folder / "page.html"
    path.write_text("".join(pieces), encoding="utf-8")
    return path


def page(path: Path) -> bytes:
    """A message of that page, with its images and its text."""
    return bytes(_letter().set_content(mimekit.Webpage.from_file(path), content_manager=ObjectManager))


def page_octets(path: Path) -> list[bytes]:
    """What of it cannot be done without: the files read, and encoded in lines."""
    return [pybase64.encodebytes(file.read_bytes()) for file in path.parent.iterdir()]


def attach(content: bytes) -> bytes:
    """A text with one attachment."""
    msg = _letter().set_content(_TEXT)
    msg.add_attachment(content, "application", "octet-stream", filename="large.bin")
    return bytes(msg)


def attach_stdlib(content: bytes) -> bytes:
    """The same by ``email``."""
    msg = _letter_stdlib()
    msg.set_content(_TEXT)
    msg.add_attachment(content, "application", "octet-stream", filename="large.bin")
    return bytes(msg)


def detach(source: bytes) -> bytes:
    """The octets of the attachment of what `attach` wrote."""
    [part] = mimekit.parse(source).iter_attachments()
    return part.octets


def detach_stdlib(source: bytes) -> bytes:
    """The same by ``email``."""
    msg = email.message_from_bytes(source, policy=email.policy.default)
    [part] = msg.iter_attachments()
    return cast("bytes", part.get_payload(decode=True))


def people(count: int) -> list[tuple[str, str, str]]:
    """*count* people: display name, username, domain."""
    return [(f"Person Number {number}", f"person.{number}", f"host{number % 97}.example") for number in range(count)]


def crowd(addresses: Sequence[mimekit.Address]) -> bytes:
    """A message to all *addresses*."""
    msg = mimekit.MIMEMessage()
    msg["To"] = addresses
    return bytes(msg)


def crowd_stdlib(addresses: Sequence[email.headerregistry.Address]) -> bytes:
    """The same by ``email``."""
    msg = EmailMessage()
    msg["To"] = addresses
    return bytes(msg)


def crowd_read(source: bytes) -> list[tuple[str, str]]:
    """Every address of what `crowd` wrote."""
    to = mimekit.parse(source)["to"]
    assert to is not None
    return [(address.display_name, address.addr_spec) for address in to.addresses]


def crowd_read_stdlib(source: bytes) -> list[tuple[str, str]]:
    """The same by ``email``."""
    msg = email.message_from_bytes(source, policy=email.policy.default)
    return [(address.display_name, address.addr_spec) for address in msg["to"].addresses]
