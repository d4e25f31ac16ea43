"""A message with everything in it that people send, and what there is to be read back of it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from mimekit import Image, MIMEMessage, Webpage

_SUBJECT = "Grüße, 世界 😀"
_TEXT = "Grüße\n.\n..und Küsse"  # lines that are dots have a meaning on some roads
_PAGE = '<p>Grüße <img src="cid:logo" alt="Logo"></p>'
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
_DATA = bytes(range(256)) * 300
_NAME = "Pläne für März, 報告 😀.bin"
# what is told of it, wherever it went
RICH = {
    "from": "Zoë <me@example.org>",
    "to": "Зоя <you@example.org>",
    "bcc": None,
    "subject": _SUBJECT,
    "text": _TEXT,
    "page": _PAGE,
    "files": [
        ("image/png", "inline", "<logo>", None, _PNG),
        ("application/octet-stream", "attachment", None, _NAME, _DATA),
    ],
}


def rich_message(**settings: Any) -> MIMEMessage:
    """Text, page, inline image and attachment, names and subject in other scripts; one recipient in hiding."""
    message = MIMEMessage(**settings)
    message["From"], message["To"], message["Bcc"] = RICH["from"], RICH["to"], "hid@example.org"
    message["Subject"] = _SUBJECT
    message.set_content(Webpage(f"{_PAGE}\n", {"logo": Image(_PNG)}), text=f"{_TEXT}\n")
    message.add_attachment(_DATA, "application", "octet-stream", filename=_NAME)
    return message


def told(octets: bytes) -> dict[str, object]:
    """What the standard library reads in *octets*."""
    message = email.message_from_bytes(octets, EmailMessage, policy=email.policy.default)
    text, page, *files = [part for part in message.walk() if not part.is_multipart()]
    return {
        **{name: message[name] for name in ("from", "to", "bcc", "subject")},
        "text": _lines(text),
        "page": _lines(page),
        "files": [
            (
                file.get_content_type(),
                file.get_content_disposition(),
                file["Content-ID"],
                file.get_filename(),
                file.get_payload(decode=True),
            )
            for file in files
        ],
    }


def _lines(part: EmailMessage) -> str:
    content: str = part.get_content()
    return content.replace("\r\n", "\n").rstrip()
