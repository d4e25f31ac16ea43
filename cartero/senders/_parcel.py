"""A message packed for one server: addresses, line ends and octets in the form it takes."""

from __future__ import annotations

from mimekit import MimeError
from mimekit.values.addrvalue import ascii_domain

from ..errors import BadAddress, BadMessage, SendingError
from ..smtp.data import crlf_ended, with_crlf
from ..smtp.parcel import Parcel
from ._sevenbit import seven_bit, without_binary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mimekit import MIMEMessage, Policy

    from ..smtp.capabilities import Capabilities
    from ..smtp.commands import DSN
    from .preparation import MailObject

# octets up to which a message is written at once; a larger one is written in pieces while it is sent
_SMALL = 1 << 20
_NARROW = frozenset({"7bit", "base64", "quoted-printable"})


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
    size, most = octets.size, capabilities.most_octets
    if most is not None and size > most:
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

    __slots__ = ("has_utf8", "is_8bit", "is_mended", "pieces", "size")

    def __init__(
        self, pieces: Callable[[], Iterable[bytes]], *, size: int, is_8bit: bool, has_utf8: bool, is_mended: bool
    ) -> None:
        self.pieces = pieces
        self.size = size
        self.is_8bit = is_8bit
        self.has_utf8 = has_utf8
        self.is_mended = is_mended


def _octets(message: MIMEMessage, capabilities: Capabilities, *, repair: bool) -> _Octets:
    policy = _policy(message, capabilities) if message.composed else None
    try:
        octets = _small(message, policy, repair=repair) or _large(message, policy, repair=repair)
    except (MimeError, OSError) as error:
        raise BadMessage(str(error)) from error
    if octets.is_mended and (lined := without_binary(message)) is not message:
        # RFC 6152 3: what has no lines takes more than 8BITMIME; a line feed in it ends none, and stays one.
        return _octets(lined, capabilities, repair=repair)
    if not octets.is_8bit or "8BITMIME" in capabilities:
        return octets
    narrowed = seven_bit(message)
    if narrowed is message:
        raise BadMessage("there are 8-bit octets outside all parts, and the server takes none (8BITMIME)")
    return _octets(narrowed, capabilities, repair=repair)


def _policy(message: MIMEMessage, capabilities: Capabilities) -> Policy | None:
    """How a composed *message* is written for this server; None for its own policy, which is looked at less often."""
    own = message.policy
    if own.linesep == "\r\n" and not own.utf8 and (own.cte_type == "7bit" or "8BITMIME" in capabilities):
        return None
    is_signed = "DKIM-Signature" in message  # by a hook, over what that policy writes
    utf8 = own.utf8 and (is_signed or "SMTPUTF8" in capabilities)
    cte_type = own.cte_type if is_signed or "8BITMIME" in capabilities else "7bit"
    if (own.linesep, own.utf8, own.cte_type) == ("\r\n", utf8, cte_type):
        return None
    return own.replace(linesep="\r\n", utf8=utf8, cte_type=cte_type)


def _small(message: MIMEMessage, policy: Policy | None, *, repair: bool) -> _Octets | None:
    """All of *message*, if that is little."""
    found: list[bytes] = []
    size = 0
    for piece in filter(None, message.iter_bytes(policy=policy)):
        found.append(piece)
        size += len(piece)
        if size > _SMALL:
            return None
    sent_size = size
    if not _is_right(message):
        found = [with_crlf(found[0] if len(found) == 1 else b"".join(found), repair=repair)]
        sent_size = len(found[0])
    is_8bit = not all(map(bytes.isascii, found))
    has_utf8 = is_8bit and _has_utf8(found[0])
    is_mended = sent_size != size
    return _Octets(
        lambda: found, size=sent_size + _end_size(found[-1]), is_8bit=is_8bit, has_utf8=has_utf8, is_mended=is_mended
    )


def _large(message: MIMEMessage, policy: Policy | None, *, repair: bool) -> _Octets:
    """What is known of *message* before it is sent, in pieces, and none of it kept."""
    is_right = _is_right(message)
    # UTF-8 in a header, of a part too, is not ASCII, whatever the encodings of the contents are.
    end = _known_end(message) if is_right and not (policy or message.policy).utf8 else None
    if end is not None and all(part.is_multipart() or part.transfer_encoding() in _NARROW for part in message.walk()):
        size, is_ascii = message.written_size(policy=policy), True
        head = next(iter(message.iter_bytes(policy=policy)))
    else:
        size, is_ascii, head, end = 0, True, b"", b""
        for piece in _written(message, policy, is_right=is_right, repair=repair):
            head = head or piece
            end = piece[-1:] or end
            size += len(piece)
            is_ascii = is_ascii and piece.isascii()

    def pieces() -> Iterator[bytes]:
        try:
            yield from _written(message, policy, is_right=is_right, repair=repair)
        except (MimeError, OSError) as error:
            raise BadMessage(str(error)) from error

    is_mended = not is_right and size != message.written_size(policy=policy)
    size += _end_size(end)
    return _Octets(pieces, size=size, is_8bit=not is_ascii, has_utf8=_has_utf8(head), is_mended=is_mended)


def _known_end(message: MIMEMessage) -> bytes | None:
    """The last octet of a large *message* built here, if it is known without a look at all of it."""
    if message.get_content_maintype() == "multipart":
        return b"\n"
    return b"=" if message.transfer_encoding() == "base64" else None


def _end_size(end: bytes) -> int:
    """How many octets longer a message goes that ends in *end*: its last line is ended. RFC 1870, section 5."""
    return 0 if end.endswith(b"\n") or not end else 2


def _written(message: MIMEMessage, policy: Policy | None, *, is_right: bool, repair: bool) -> Iterable[bytes]:
    """*message* in pieces of CRLF line ends alone; those of one that *is_right* are not looked at."""
    pieces = message.iter_bytes(policy=policy)
    return pieces if is_right else crlf_ended(pieces, repair=repair)


def _is_right(message: MIMEMessage) -> bool:
    """Whether nothing in it came from elsewhere, so that each line end in it is ours: CRLF, if its policy says so."""
    return message.composed and all(
        part.span is None and part.transfer_encoding() != "binary" for part in message.walk()
    )


def _has_utf8(octets: bytes) -> bool:
    """Whether the header that *octets* begin with holds UTF-8; other 8-bit octets are nobody's."""
    if octets.isascii():
        return False
    head = octets.partition(b"\r\n\r\n")[0]
    try:
        return not head.isascii() and bool(head.decode())
    except UnicodeDecodeError:
        return False
