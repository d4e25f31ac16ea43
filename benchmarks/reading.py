"""What people do with received mail, done by each of the peers."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import mimekit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def typical(octets: bytes) -> object:
    """Subject, from and to addresses, date, best body as str, every attachment's name and octets."""
    msg = mimekit.parse(octets)
    sender, to, date = msg["from"], msg["to"], msg["date"]
    body = msg.get_body()
    return (
        msg["subject"],
        sender and sender.addresses,
        to and to.addresses,
        date and date.datetime,
        body and mimekit_text(body),
        [(part.get_filename(), part.octets) for part in msg.iter_attachments()],
    )


def mimekit_text(body: mimekit.MIMEPart) -> object:
    """The text of a body; of a related, that of the page it begins with."""
    text = body if body.get_content_maintype() == "text" else body.get_body(("html", "text"))
    return text and text.get_content()


def typical_stdlib(octets: bytes) -> object:
    """The same by ``email`` with ``policy.default``; what it raises on is left out, as its users have to."""
    msg = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(msg, EmailMessage)
    found: list[object] = []
    for step in _STEPS:
        try:
            found.append(step(msg))
        except Exception as wrong:  # noqa: BLE001 -- it raises many things on real mail
            found.append(wrong)
    return found


def _stdlib_text(msg: EmailMessage) -> object:
    body = msg.get_body()
    if body is not None and body.get_content_maintype() != "text":
        body = body.get_body(("html", "plain"))
    return body and body.get_content()


_STEPS: Sequence[Callable[[EmailMessage], object]] = (
    lambda msg: msg["subject"],
    lambda msg: msg["from"] and msg["from"].addresses,
    lambda msg: msg["to"] and msg["to"].addresses,
    lambda msg: msg["date"] and msg["date"].datetime,
    _stdlib_text,
    lambda msg: [(part.get_filename(), part.get_payload(decode=True)) for part in msg.iter_attachments()],
)


def everything(octets: bytes) -> object:
    """Every header value as str, every leaf's content."""
    msg = mimekit.parse(octets)
    return [(part.items(), None if part.is_multipart() else part.get_content()) for part in msg.walk()]


def everything_stdlib(octets: bytes) -> object:
    """The same by ``email``; a leaf whose content raises gives its octets."""
    msg = email.message_from_bytes(octets, policy=email.policy.default)
    found: list[object] = []
    for part in msg.walk():
        try:
            found.append(part.items())
        except Exception as wrong:  # noqa: BLE001 -- it raises many things on real mail
            found.append(wrong)
        if part.is_multipart():
            continue
        assert isinstance(part, EmailMessage)
        try:
            found.append(part.get_content())
        except Exception:  # noqa: BLE001 -- see above
            found.append(part.get_payload(decode=True))
    return found


def unchanged(octets: bytes) -> object:
    """Parse and write back."""
    return bytes(mimekit.parse(octets))


def unchanged_stdlib(octets: bytes) -> object:
    """The same by ``email``."""
    return _stdlib_octets(email.message_from_bytes(octets, policy=email.policy.default))


def subject_set(octets: bytes) -> object:
    """Parse, set Subject, write."""
    msg = mimekit.parse(octets)
    msg["Subject"] = "another subject"
    return bytes(msg)


def subject_set_stdlib(octets: bytes) -> object:
    """The same by ``email``."""
    msg = email.message_from_bytes(octets, policy=email.policy.default)
    del msg["Subject"]
    msg["Subject"] = "another subject"
    return _stdlib_octets(msg)


def _stdlib_octets(msg: EmailMessage) -> object:
    try:
        return bytes(msg)
    except Exception as wrong:  # noqa: BLE001 -- it raises many things on real mail
        return wrong
