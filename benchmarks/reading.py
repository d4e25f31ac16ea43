"""What people do with received mail: by us, and the same by the standard library.

What both give is alike, so that it can be compared: see `benchmarks.agreement`. Where the standard library raises on
real mail, its users go on without, and so do these.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import cast

import mimekit

#: What `typical` gives, piece by piece.
TYPICAL = ("subject", "from", "to", "date", "body", "attachments")


def typical(octets: bytes) -> tuple[object, ...]:
    """Subject, from and to addresses, date, best body as str, every attachment's name and octets."""
    msg = mimekit.parse(octets)
    date = msg["date"]
    return (
        msg["subject"],
        _addresses(msg["from"]),
        _addresses(msg["to"]),
        date and date.datetime,
        _text(msg),
        [(part.get_filename(), part.octets) for part in msg.iter_attachments()],
    )


def _addresses(field: mimekit.values.address.Addresses | None) -> list[tuple[str, str]] | None:
    return None if field is None else [(address.display_name, address.addr_spec) for address in field.addresses]


def _text(msg: mimekit.MIMEMessage) -> object:
    """The text of the best body; of a related, that of the page it begins with."""
    body = msg.get_body()
    if body is not None and body.get_content_maintype() != "text":
        body = body.get_body(("html", "text"))
    return body and body.get_content()


def typical_stdlib(octets: bytes) -> tuple[object, ...]:
    """The same by ``email`` with ``policy.default``; in place of what raises stands what was raised."""
    msg = _stdlib(octets)
    return tuple([_tried(step, msg) for step in _STEPS])


def _tried(step: Callable[[EmailMessage], object], msg: EmailMessage) -> object:
    try:
        return step(msg)
    except Exception as wrong:  # noqa: BLE001 -- it raises many things on real mail
        return wrong


def _stdlib(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)


def _stdlib_addresses(msg: EmailMessage, name: str) -> object:
    field = msg[name]
    return None if field is None else [(address.display_name, address.addr_spec) for address in field.addresses]


def _stdlib_text(msg: EmailMessage) -> object:
    body = msg.get_body()
    if body is not None and body.get_content_maintype() != "text":
        body = cast("EmailMessage", body).get_body(("html", "plain"))
    return body and cast("EmailMessage", body).get_content()


def _stdlib_octets(part: EmailMessage) -> object:
    """The octets of an attachment; those of an attached message are the message, and None stands for a multipart."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return bytes(cast("EmailMessage", part.get_payload(0)))
    return part.get_payload(decode=True)


_STEPS: Sequence[Callable[[EmailMessage], object]] = (
    lambda msg: msg["subject"],
    lambda msg: _stdlib_addresses(msg, "from"),
    lambda msg: _stdlib_addresses(msg, "to"),
    lambda msg: msg["date"] and msg["date"].datetime,
    _stdlib_text,
    lambda msg: [(part.get_filename(), _stdlib_octets(part)) for part in _files(msg)],
)


def _files(msg: EmailMessage) -> list[EmailMessage]:
    return cast("list[EmailMessage]", list(msg.iter_attachments()))


def everything(octets: bytes) -> tuple[list[object], list[object]]:
    """Every header value as str, every leaf's content."""
    fields: list[object] = []
    contents: list[object] = []
    for part in mimekit.parse(octets).walk():
        fields.append(part.items())
        if not part.is_multipart():
            contents.append(part.get_content())
    return fields, contents


def everything_stdlib(octets: bytes) -> tuple[list[object], list[object]]:
    """The same by ``email``; where a leaf's content raises, its octets, as its users have to."""
    fields: list[object] = []
    contents: list[object] = []
    for part in _stdlib(octets).walk():
        fields.append(_tried(lambda entity: entity.items(), part))
        if not part.is_multipart():
            content = _tried(lambda entity: entity.get_content(), part)
            contents.append(part.get_payload(decode=True) if isinstance(content, Exception) else content)
    return fields, contents


def unchanged(octets: bytes) -> object:
    """Parse and write back."""
    return bytes(mimekit.parse(octets))


def unchanged_stdlib(octets: bytes) -> object:
    """The same by ``email``."""
    return _tried(bytes, _stdlib(octets))


def subject_set(octets: bytes) -> object:
    """Parse, set Subject, write."""
    msg = mimekit.parse(octets)
    msg["Subject"] = "another subject"
    return bytes(msg)


def subject_set_stdlib(octets: bytes) -> object:
    """The same by ``email``, which keeps the place of a field only if it is told so."""
    msg = _stdlib(octets)
    if "subject" in msg:
        msg.replace_header("Subject", "another subject")
    else:
        msg["Subject"] = "another subject"
    return _tried(bytes, msg)
