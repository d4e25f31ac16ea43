"""A message without what a server does not take: 8-bit octets in its bodies, or lines that are none. RFC 6152."""

from __future__ import annotations

import re
from copy import deepcopy

from mimekit.entity import Content

from ..errors import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mimekit import MIMEMessage, MIMEPart

_CODING = "Content-Transfer-Encoding"
_SEALED = frozenset({"multipart/signed", "multipart/encrypted"})
_LONE_LF = re.compile(rb"(?<!\r)\n")


def seven_bit(message: MIMEMessage) -> MIMEMessage:
    """A copy of *message* with 8-bit bodies in base64 or quoted-printable; itself if there are none.

    Raises:
        BadMessage: that would break a signature in it.

    RFC 6152, section 3.
    """
    return _encoded(message, _is_wide, "7bit", "the server takes no 8-bit octets (8BITMIME)")


def without_binary(message: MIMEMessage) -> MIMEMessage:
    """A copy of *message* with binary bodies in base64 if a line feed in them ends no line; itself if there are none.

    Raises:
        BadMessage: that would break a signature in it.

    RFC 2045, section 2.9; RFC 3030, section 3, on what a server would have to take.
    """
    return _encoded(message, _is_binary, "8bit", "binary octets have no lines, in which SMTP carries mail")


def _encoded(message: MIMEMessage, is_wanted: Callable[[MIMEPart], bool], widest: str, why: str) -> MIMEMessage:
    """A copy of *message*, each leaf that *is_wanted* encoded, the others at most of the transfer encoding *widest*."""
    copy = deepcopy(message)
    found = [(part, sealed) for part, sealed in _leaves(copy) if is_wanted(part)]
    if not found:
        return message
    if "DKIM-Signature" in message or any(sealed for _, sealed in found):
        raise BadMessage(f"{why}, and to encode them would break a signature")
    for part, _ in found:
        _encode(part)
    for part in copy.walk():
        if part.is_multipart() and part.transfer_encoding() not in {"", "7bit", widest}:
            part.set_header(_CODING, widest)
    return copy


def _leaves(message: MIMEMessage) -> Iterator[tuple[MIMEPart, bool]]:
    """Each leaf, and whether it stands in something signed."""
    stack: list[tuple[MIMEPart, bool]] = [(message, False)]
    while stack:
        part, sealed = stack.pop()
        if part.parts:
            sealed = sealed or part.get_content_type() in _SEALED
            stack += [(child, sealed) for child in reversed(part.parts)]
        else:
            yield part, sealed


def _is_wide(part: MIMEPart) -> bool:
    """Whether there are 8-bit octets in its body as written."""
    return not all(chunk.isascii() for chunk in part.body_chunks())


def _is_binary(part: MIMEPart) -> bool:
    """Whether a line feed in its body is one of its octets, and ends no line."""
    return part.transfer_encoding() == "binary" and not _has_lines(part) and bool(_LONE_LF.search(part.octets))


def _has_lines(part: MIMEPart) -> bool:
    """Whether it is a text, whose line ends may be written in more than one way. RFC 2045, section 2.8."""
    # In these, an octet that looks like a line feed is half a character, or less.
    wide = (part.get_content_charset() or "").startswith(("utf-16", "utf-32"))
    return part.get_content_maintype() == "text" and not wide


def _encode(part: MIMEPart) -> None:
    octets = part.octets
    has_lines = _has_lines(part)
    if has_lines:
        # on the way its line ends would have become these
        octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    encoding = "quoted-printable" if has_lines else "base64"
    part.set_header(_CODING, encoding)
    part.put_content(Content(octets, encoding, text=has_lines, asked=True))
