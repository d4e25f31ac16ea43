"""A message with everything in it that people send, and what there is to be read back of it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

from mimekit import Image, MIMEMessage, Webpage

_PAGE = "<p>Grüße <img src='cid:logo'></p>\n"
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
_DATA = bytes(range(256)) * 3
# what is told of it, wherever it went
RICH = {
    "from": "Zoë <me@example.org>",
    "subject": "Grüße, 世界",
    "bcc": None,
    "text": "Grüße",
    "page": _PAGE.rstrip(),
    "files": [("image/png", None, _PNG), ("application/octet-stream", "März.bin", _DATA)],
}


def rich_message() -> MIMEMessage:
    """Text, page, inline image and attachment, subject and file name in other scripts; one recipient in hiding."""
    message = MIMEMessage()
    message["From"], message["To"], message["Bcc"] = "Zoë <me@example.org>", "you@example.org", "hid@example.org"
    message["Subject"] = "Grüße, 世界"
    message.set_content(Webpage(_PAGE, {"logo": Image(_PNG)}), text="Grüße\n")
    message.add_attachment(_DATA, "application", "octet-stream", filename="März.bin")
    return message


def told(octets: bytes) -> dict[str, object]:
    """What the standard library reads in *octets*."""
    message = email.message_from_bytes(octets, EmailMessage, policy=email.policy.default)
    text, page, *files = [part for part in message.walk() if not part.is_multipart()]
    return {
        "from": message["From"],
        "subject": message["Subject"],
        "bcc": message["Bcc"],
        "text": text.get_content().rstrip(),
        "page": page.get_content().rstrip(),
        "files": [(file.get_content_type(), file.get_filename(), file.get_payload(decode=True)) for file in files],
    }
