"""DKIM: mail signed for its domain, so that its receivers can tell that it came as it was sent.

RFC 6376; for Ed25519 keys, RFC 8463.
"""

from __future__ import annotations

import re
import time
from binascii import b2a_base64

from mimekit import Address, BadValue, MimeError, parse, parse_file
from mimekit.field import Field
from mimekit.values.address import Addresses
from mimekit.values.registry import compose_value

from .._reason import reason_of
from ..errors import BadKey, BadMessage, ConnectError
from ._canonical import RelaxedBody, fields, on_the_wire, relaxed_field, split
from ._ondisk import is_temporary
from ._signingkey import SigningKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO, Self

    from mimekit import MIMEMessage
    from mimekit.policy import Policy

    from ._signingkey import PrivateKey
    from .preparation import MailObject

#: The fields that are signed if nothing else is said. RFC 6376, section 5.4.1; RFC 8058, section 4.
HEADERS = (
    "From", "Sender", "Reply-To", "Subject", "Date", "Message-ID", "To", "Cc", "In-Reply-To", "References",
    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    "List-Id", "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe", "List-Post",
    "List-Owner", "List-Archive",
)  # fmt: skip

# RFC 6376 3.1: labels of letters, digits and hyphens (RFC 5321 4.1.2); RFC 1035 2.3.4 has their length
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})++"
_SELECTOR = rf"{_LABEL}(?:\.{_LABEL})*+"
_FIELD_NAME = r"[!-9<-~]{1,100}+"  # RFC 6376 3.5: no semicolon, which would end the tag
_LONGEST = 253  # characters of a name in the DNS

_IN_MEMORY = 64 * 1024 * 1024  # octets of a message above which the signed one stands in a temporary file
_DIGEST_SIZE = 32  # octets of SHA-256


class DKIMSigner:
    """Signs each message for *domain*: a ``before_send`` hook for any sender, to stand last among its hooks.

    What is signed goes as it was signed, octet for octet: text that may be 8-bit is encoded first (what you gave
    ``cte="8bit"`` stays), line ends are CRLF, and the signature stands in front. It covers the whole body and every
    field named in *headers*, as often as it stands there. Both are relaxed, so that white space may change on the way.
    Several signers may follow each other, such as one for each kind of key.

    A message above 64 MiB is kept in a temporary file while it is sent, where `tempfile` puts those, not in memory.

    A signer may be used by many threads at once. It cannot be pickled, for it holds a private key, and shows none of
    it: make it where it signs.

    Args:
        domain: the domain that answers for the mail, in any script.
        selector: the name of the key, by which receivers find its public half in the DNS.
        key: the private key, RSA of at least 1024 bits (take 2048) or Ed25519: PEM without a passphrase, as text or
            octets; the path of a file of it; or a key of ``cryptography``. It is read once.
        headers: the names of the fields that are signed where they stand; From is in any case.
        oversigned: names of fields of which one more than there are is signed, so that nobody can add one; From is
            in any case, and those that `headers` has not are signed, too.
        lifetime: seconds from now until receivers are to take the signature for nothing; None is for ever.

    Raises:
        BadKey: *key* is none of these, *domain*, *selector* or a field name is none, or ``cryptography`` is not
            installed: the extra ``dkim`` brings it.

    RFC 6376; RFC 8463. Neither ``l=``, with which anybody could add to the body, nor SHA-1 is used.
    """

    __slots__ = ("_domain", "_headers", "_key", "_lifetime", "_oversigned", "_selector")

    def __init__(  # noqa: PLR0913 - the choices of a signature, each by name
        self,
        domain: str,
        selector: str,
        key: PrivateKey,
        *,
        headers: Iterable[str] = HEADERS,
        oversigned: Iterable[str] = ("From",),
        lifetime: int | None = None,
    ) -> None:
        self._domain = _checked_domain(domain)
        if not _is_all(_SELECTOR, selector):
            raise BadKey(f"expected a selector such as mail2026, letters, digits and hyphens, found {selector!r:.80}")
        self._selector = selector
        # RFC 6376 5.4: the From field is signed
        self._oversigned = ("from", *_names(oversigned))
        self._headers = tuple(dict.fromkeys(("from", *_names(headers), *self._oversigned)))
        if lifetime is not None and (type(lifetime) is not int or lifetime < 1):
            raise BadKey(f"expected the lifetime of a signature in whole seconds, found {lifetime!r:.80}")
        self._lifetime = lifetime
        self._key = SigningKey(key)

    @property
    def record_name(self) -> str:
        """The name of the DNS record in which receivers look for the public key. RFC 6376, section 3.6.2.1."""
        return f"{self._selector}._domainkey.{self._domain}"

    @property
    def record(self) -> str:
        """The text of that record, of type TXT. RFC 6376, section 3.6.1."""
        return f"v=DKIM1; {self._key.record}"

    @property
    def zone_line(self) -> str:
        """The whole record as a zone file has it, the text in strings that are short enough for one.

        RFC 6376, section 3.6.2.2; RFC 1035, section 3.3.14.
        """
        text = self.record
        strings = " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))
        return f"{self.record_name}. IN TXT ( {strings} )"

    def __call__(self, mail: MailObject) -> MailObject:
        """*mail* with its message signed.

        Raises:
            BadMessage: it has no From; a line of its header is no field, or a line ends in a CR alone, so that no
                signature would hold; or it cannot be written as mail.
            ConnectError: a file it holds cannot be read, or there is no room for a temporary one.
        """
        try:
            return mail.replace(message=self._signed(mail.message))
        except MimeError as error:
            raise BadMessage(str(error)) from error
        except OSError as error:
            raise ConnectError(
                f"cannot sign the message: {reason_of(error)}",
                stage="sign",
                temporary=is_temporary(error),
                message_id=mail.message_id,
            ) from error

    def _signed(self, message: MIMEMessage) -> MIMEMessage:
        head, body = split(on_the_wire(_octets(message)))
        names, lines = self._chosen(fields(head))
        tags = self._tags(names)
        hashed = RelaxedBody()
        # the field is as long as one with any other digest and signature in it
        with _Kept(head, lambda: len(_field(tags, bytes(_DIGEST_SIZE), bytes(self._key.signature_size)))) as kept:
            for chunk in body:
                hashed.update(chunk)
                kept.add(chunk)
            digest = hashed.digest()
            # RFC 6376 3.7: its own field is hashed last, with an empty b= and no line end
            own = relaxed_field(b"dkim-signature", _text(tags, digest, b"").encode())
            signature = self._key.sign(b"".join(lines) + own.removesuffix(b"\r\n"))
            return kept.message(_field(tags, digest, signature), message.policy.replace(strict=False))

    def _chosen(self, found: dict[bytes, list[bytes]]) -> tuple[list[str], list[bytes]]:
        """The names that are signed, one for each field and for each that must not be added, and the fields."""
        if b"from" not in found:
            raise BadMessage("expected a From field, which a signature must cover, found none")
        names: list[str] = []
        lines: list[bytes] = []
        for name in self._headers:
            standing = found.get(name.encode(), [])
            lines += standing
            names += [name] * (len(standing) + (name in self._oversigned))
        return names, lines

    def _tags(self, names: list[str]) -> str:
        """What the signature says but for the digest and itself. RFC 6376, section 3.5."""
        now = int(time.time())
        expiry = "" if self._lifetime is None else f" x={now + self._lifetime};"
        where = f"d={self._domain}; s={self._selector}"
        # with white space here and there, where the field may be folded
        signed = ": ".join(":".join(names[start : start + 4]) for start in range(0, len(names), 4))
        return f"v=1; a={self._key.algorithm}; c=relaxed/relaxed; {where}; t={now};{expiry} h={signed}"

    def __repr__(self) -> str:
        return f"<DKIMSigner {self.record_name} {self._key.algorithm}>"


class _Kept:
    """The octets of a message, behind room for a field: in memory, or in a temporary file once they are many."""

    def __init__(self, head: bytes, room: Callable[[], int]) -> None:
        self._room = room
        self._chunks = [head]
        self._size = len(head)
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, chunk: bytes) -> None:
        """Put *chunk* behind what there is."""
        if self._file is not None:
            self._file.write(chunk)
            return
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > _IN_MEMORY:
            from tempfile import TemporaryFile  # noqa: PLC0415 -- few messages are that large

            self._file = TemporaryFile()  # noqa: SIM115 -- closed with what keeps it
            self._file.seek(self._room())
            self._file.writelines(self._chunks)
            self._chunks.clear()

    def message(self, field: bytes, policy: Policy) -> MIMEMessage:
        """All of it behind *field*, which takes the room that was left for it."""
        if self._file is None:
            return parse(b"".join((field, *self._chunks)), policy=policy)
        self._file.seek(0)
        self._file.write(field)
        self._file.seek(0)
        # The file has no name that anybody could write to, and goes when the message does.
        return parse_file(self._file, policy=policy, mmap=True)


def _octets(message: MIMEMessage) -> Iterator[bytes]:
    """The octets of *message* in the form no server needs to change: 7bit, and in ASCII if that can be.

    RFC 6376, section 5.3.
    """
    plain = message.policy.replace(linesep="\r\n", cte_type="7bit", utf8=False)
    try:
        return message.iter_bytes(policy=plain)
    except BadValue:
        # an address that only SMTPUTF8 can carry
        return message.iter_bytes(policy=plain.replace(utf8=True))


def _text(tags: str, digest: bytes, signature: bytes) -> str:
    """The body of the field, on one line, with white space where it may be folded."""
    encoded = b2a_base64(signature, newline=False).decode()
    pieces = " ".join(encoded[start : start + 64] for start in range(0, len(encoded), 64))
    return f"{tags}; bh={b2a_base64(digest, newline=False).decode()}; b={pieces}"


def _field(tags: str, digest: bytes, signature: bytes) -> bytes:
    name = "DKIM-Signature"
    return Field(name, compose_value(name, _text(tags, digest, signature))).write()


def _checked_domain(domain: str) -> str:
    """*domain* in ASCII, as it stands in the DNS."""
    if isinstance(domain, str):
        try:
            # Written in a field, a name in another script takes its ASCII form.
            written = Addresses.compose("From", Address("", "id", domain)).encode_body().partition("@")[2]
        except MimeError:
            written = ""
        if _is_all(_DOMAIN, written):
            return written.lower()
    raise BadKey(f"expected a domain such as example.org, found {domain!r:.80}")


def _names(given: Iterable[str]) -> list[str]:
    """*given* in lower case."""
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if not _is_all(_FIELD_NAME, name):
            raise BadKey(f"expected the name of a header field, found {name!r:.80}")
    return [name.lower() for name in names]


def _is_all(pattern: str, given: object) -> bool:
    return isinstance(given, str) and len(given) <= _LONGEST and re.fullmatch(pattern, given) is not None
