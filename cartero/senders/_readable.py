"""A message as people read it: what console and file senders write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mimekit.content.rawdata import get_text

from .._display import harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mimekit import MIMEPart

    from .preparation import MailObject


def readable(mail: MailObject) -> str:
    """*mail* for people: its envelope, its fields and text decoded, its attachments by name, type and size.

    Characters that a terminal would obey are shown as escapes.
    """
    text = "\n".join(_lines(mail)).replace("\r\n", "\n")
    return harmless(text) + "\n"


def _lines(mail: MailObject) -> Iterator[str]:
    message, envelope = mail.message, mail.envelope
    yield f"{' mail from ' + (envelope.sender or '<>') + ' ':-^78}"
    yield from (f"to {recipient}" for recipient in envelope.recipients)
    yield ""
    yield from (f"{name}: {value}" for name, value in message.items())
    yield ""
    body = message.get_body(("plain", "html"))
    if body is not None:
        yield get_text(body)
    yield from (_attachment(part) for part in message.iter_attachments(recursive=True))
    yield "-" * 78


def _attachment(part: MIMEPart) -> str:
    name = part.get_filename() or "without a name"
    return f"[attachment: {name}, {part.get_content_type()}, {len(part.octets)} octets]"
