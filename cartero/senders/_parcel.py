"""A message packed for one server: addresses, line ends and octets in the form it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mimekit import BadValue, MimeError
from mimekit.values.addrvalue import ascii_domain

from ..errors import BadAddress, BadMessage, SendingError
from ..smtp.data import crlf_ended
from ..smtp.parcel import Parcel
from ._sevenbit import seven_bit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mimekit import MIMEMessage, Policy

    from ..smtp.capabilities import Capabilities
    from ..smtp.commands import DSN
    from .preparation import MailObject

# octets up to which a message is written at once; a larger one is written in pieces while it is sent
_SMALL = 1 << 20


def pack(mail: MailObject, capabilities: Capabilities, *, repair: bool = False, dsn: DSN | None = None) -> Parcel:
    """*mail* in the form that a server of these *capabilities* takes.

    Args:
        mail: what is to be sent.
        capabilities: what the server can do.
        repair: whether a lone CR becomes a line end.
        dsn: which notifications are asked for.

    Raises:
        BadAddress: an address needs SMTPUTF8 (RFC 6531), which the server has not.
        BadMessage: the message cannot be sent as it is: the text says why.
        SendingError: it is larger than what the server takes (RFC 1870).
    """
    takes_utf8 = "SMTPUTF8" in capabilities
    paths = [_path(address, takes_utf8=takes_utf8) for address in (mail.envelope.sender, *mail.envelope.recipients)]
    octets = _octets(mail.message, capabilities, repair=repair)
    size = octets.size
    most = capabilities.most_octets
    if size is not None and most is not None and size > most:
        problem = f"the message has {size} octets, and the server takes {most}"
        raise SendingError(
            problem, stage="SIZE", refused=dict.fromkeys(mail.envelope.recipients, problem), message_id=mail.message_id
        )
    return Parcel(
        paths[0],
        dict(zip(paths[1:], mail.envelope.recipients, strict=True)),
        octets.pieces,
        size=size,
        is_8bit=octets.is_8bit,
        is_utf8=takes_utf8 and (octets.has_utf8 or not all(map(str.isascii, paths))),
        dsn=dsn,
    )


def _path(address: str, *, takes_utf8: bool) -> str:
    """*address* as it stands in a command."""
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    # RFC 6531 3.2: a domain is known by its ASCII form to everybody; the local part by the server that has it.
    if local.isascii():
        try:
            return f"{local}{at}{ascii_domain(domain)}"
        except MimeError as error:
            raise BadAddress("expected a domain that can be looked up, found", address=address) from error
    if takes_utf8:
        return address
    raise BadAddress("the server takes no address with more than ASCII before the @ (SMTPUTF8)", address=address)


class _Octets:
    """What is written, and what is known of it."""

    __slots__ = ("has_utf8", "is_8bit", "pieces", "size")

    def __init__(
        self, pieces: Callable[[], Iterable[bytes]], *, size: int | None, is_8bit: bool, has_utf8: bool
    ) -> None:
        self.pieces = pieces
        self.size = size
        self.is_8bit = is_8bit
        self.has_utf8 = has_utf8


def _octets(message: MIMEMessage, capabilities: Capabilities, *, repair: bool) -> _Octets:
    write = _writing(message, capabilities, repair=repair)
    first = _up_to(write(), _SMALL)
    if first is None:
        octets = _large(write)
    else:
        octets = _Octets(lambda: (first,), size=len(first), is_8bit=not first.isascii(), has_utf8=_has_utf8(first))
    if not octets.is_8bit or "8BITMIME" in capabilities:
        return octets
    narrowed = seven_bit(message)
    if narrowed is message:
        raise BadMessage("there are 8-bit octets outside all parts, and the server takes none (8BITMIME)")
    return _octets(narrowed, capabilities, repair=repair)


def _large(write: Callable[[], Iterable[bytes]]) -> _Octets:
    """What is known of a large message by writing it once and keeping nothing."""
    size, is_ascii, head = 0, True, b""
    for piece in write():
        head = head or piece
        size += len(piece)
        is_ascii = is_ascii and piece.isascii()
    return _Octets(write, size=size, is_8bit=not is_ascii, has_utf8=_has_utf8(head))


def _writing(message: MIMEMessage, capabilities: Capabilities, *, repair: bool) -> Callable[[], Iterable[bytes]]:
    """What writes *message*, in pieces of CRLF line ends alone."""
    policy = _policy(message, capabilities)
    is_right = policy is not None and _is_composed_throughout(message)

    def write() -> Iterator[bytes]:
        try:
            pieces = message.iter_bytes(policy=policy)
            yield from pieces if is_right else crlf_ended(pieces, repair=repair)
        except (MimeError, OSError) as error:
            raise BadMessage(str(error)) from error

    return write


def _policy(message: MIMEMessage, capabilities: Capabilities) -> Policy | None:
    """How *message* is written; None where it goes as it came.

    Raises:
        BadMessage: it cannot be written for this server.
    """
    if not message.composed:
        return None
    own = message.policy
    narrow = own if "8BITMIME" in capabilities else own.replace(cte_type="7bit")
    plain = narrow.replace(linesep="\r\n", utf8=False)
    if "SMTPUTF8" not in capabilities:
        return plain
    if own.utf8:
        return plain.replace(utf8=True)
    try:
        message.iter_bytes(policy=plain)
    except BadValue:
        # an address that only SMTPUTF8 can carry
        return plain.replace(utf8=True)
    return plain


def _is_composed_throughout(message: MIMEMessage) -> bool:
    """Whether nothing in it came from elsewhere, so that each line end in it is ours."""
    return all(part.span is None and part.transfer_encoding() != "binary" for part in message.walk())


def _up_to(pieces: Iterable[bytes], most: int) -> bytes | None:
    """All of *pieces* as one, if that is at most *most* octets."""
    found: list[bytes] = []
    size = 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > most:
            return None
    return found[0] if len(found) == 1 else b"".join(found)


def _has_utf8(octets: bytes) -> bool:
    """Whether the header that *octets* begin with holds UTF-8; other 8-bit octets are nobody's."""
    if octets.isascii():
        return False
    head = octets.partition(b"\r\n\r\n")[0]
    try:
        return not head.isascii() and bool(head.decode())
    except UnicodeDecodeError:
        return False
