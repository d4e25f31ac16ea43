"""A message without 8-bit octets in its bodies, for a server that takes none. RFC 6152, section 3."""

from __future__ import annotations

from copy import deepcopy

from mimekit.entity import Content

from ..errors import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from mimekit import MIMEMessage, MIMEPart

_CODING = "Content-Transfer-Encoding"
_SEALED = frozenset({"multipart/signed", "multipart/encrypted"})


def seven_bit(message: MIMEMessage) -> MIMEMessage:
    """A copy of *message* with 8-bit bodies in base64 or quoted-printable; itself if there are none.

    Raises:
        BadMessage: that would break a signature in it.
    """
    copy = deepcopy(message)
    wide = list(_wide_leaves(copy))
    if not wide:
        return message
    if "DKIM-Signature" in message or any(sealed for _, sealed in wide):
        raise BadMessage("the server takes no 8-bit octets (8BITMIME), and to encode them would break a signature")
    for part, _ in wide:
        _encode(part)
    for part in copy.walk():
        if part.is_multipart() and _CODING in part:
            part.set_header(_CODING, "7bit")
    return copy


def _wide_leaves(message: MIMEMessage) -> Iterator[tuple[MIMEPart, bool]]:
    """Each leaf with 8-bit octets in its body as written, and whether it stands in something signed."""
    stack: list[tuple[MIMEPart, bool]] = [(message, False)]
    while stack:
        part, sealed = stack.pop()
        if part.parts:
            sealed = sealed or part.get_content_type() in _SEALED
            stack += [(child, sealed) for child in reversed(part.parts)]
        elif not all(chunk.isascii() for chunk in part.body_chunks()):
            yield part, sealed


def _encode(part: MIMEPart) -> None:
    octets = part.octets
    is_text = part.get_content_maintype() == "text"
    if is_text:
        # on the way its line ends would have become these
        octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    encoding = "quoted-printable" if is_text else "base64"
    part.set_header(_CODING, encoding)
    part.put_content(Content(octets, encoding, text=is_text, asked=True))
