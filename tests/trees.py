"""Trees of parts for tables: small sources written as calls, and the shape of what came of them as a line of text."""

from __future__ import annotations

import zlib

from mimekit import MIMEPart

END = b"\n"


def leaf(content_type: str = "", body: str = "text", *fields: str) -> bytes:
    """A part that holds *body*; *fields* are further header lines."""
    lines = [*([f"Content-Type: {content_type}"] if content_type else []), *fields, "", body]
    return "\n".join(lines).encode()


def multipart(subtype: str, *parts: bytes, params: str = "", fields: tuple[str, ...] = ()) -> bytes:
    """A multipart of *parts*; its boundary follows from them, so that no two are the same."""
    boundary = f"b{zlib.crc32(b''.join(parts)):x}"
    head = leaf(f'multipart/{subtype}; boundary="{boundary}"{params}', "", *fields)
    delimiter = f"--{boundary}".encode()
    return head + b"".join(delimiter + END + part + END for part in parts) + delimiter + b"--" + END


def message(body: bytes, *fields: str) -> bytes:
    """A message/rfc822 that holds a message of *body*, which begins with its Content-* fields."""
    lines = ["Content-Type: message/rfc822", *fields, "", "Subject: attached", ""]
    return "\n".join(lines).encode() + body


def shape(part: MIMEPart) -> str:
    """The subtypes of a tree, such as ``mixed(alternative(plain html) pdf)``."""
    if not part.is_multipart():
        return part.get_content_subtype()
    return f"{part.get_content_subtype()}({' '.join(map(shape, part.parts))})"


def called(part: MIMEPart | None) -> str | None:
    """What a part is called in a table: a leaf by its octets, what has parts by its subtype."""
    if part is None:
        return None
    return part.get_content_subtype() if part.is_multipart() else part.octets.decode()
