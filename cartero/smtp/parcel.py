"""What an SMTP transaction carries: envelope and octets, as they go over the wire."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .commands import DSN


class Parcel:
    """A message in the form one server takes.

    Attributes:
        sender: the reverse-path, without brackets.
        recipients: the forward-path of each recipient, without brackets, and the address it was made of.
        pieces: makes the octets, in pieces that hold CRLF line ends alone and none cut in two.
        size: how many octets that is, with the end of the last line, or None where it is not known.
        is_8bit: whether there may be octets over 127 in it.
        is_utf8: whether addresses or header fields hold UTF-8. RFC 6531, section 3.4.
        dsn: which notifications are asked for.
    """

    __slots__ = ("dsn", "is_8bit", "is_utf8", "pieces", "recipients", "sender", "size")

    def __init__(  # noqa: PLR0913 - each is a fact of its own
        self,
        sender: str,
        recipients: Mapping[str, str],
        pieces: Callable[[], Iterable[bytes]],
        *,
        size: int | None,
        is_8bit: bool = False,
        is_utf8: bool = False,
        dsn: DSN | None = None,
    ) -> None:
        self.sender = sender
        self.recipients = recipients
        self.pieces = pieces
        self.size = size
        self.is_8bit = is_8bit
        self.is_utf8 = is_utf8
        self.dsn = dsn
