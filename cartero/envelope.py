"""Who a message is from, and to whom it goes: the envelope, which need not be what its fields say.

RFC 5321, section 2.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from mimekit import Address, MimeError, MIMEMessage
from mimekit.values.address import Addresses
from mimekit.values.addrvalue import ascii_domain

from ._value import Value
from .errors import BadAddress, BadEnvelope, BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from mimekit.field import Field

    # a field with its name in lower case
    _Named = tuple[str, Field]

# QUIRK: RFC 5321 4.1.2 wants a dot-atom; mailboxes such as "a..b@" and "a.@" exist and take mail.
_FORBIDDEN = r"\s\x00-\x20\x7f-\x9f()<>\[\]:;@\\,\"\ud800-\udfff"
_LOCAL = rf'[^{_FORBIDDEN}]++|"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\\[ -~])*+"'
# RFC 5321 4.1.3: an address literal stands in brackets.
_DOMAIN = rf"[^{_FORBIDDEN}.]++(?:\.[^{_FORBIDDEN}.]++)*+|\[[0-9A-Za-z.:-]++\]"
# What nearly all are, and quick to see; the rest is compiled when there is another one.
_USUAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")

_OWN = ("sender", "from", "to", "cc", "bcc")
_TRACE = frozenset({"received", "return-path"})


class Envelope(Value):
    """Who the message is from, for bounces, and to whom it goes. A value: frozen, equal by meaning.

    Addresses are bare, such as ``ana@example.org``; domains may be written in any script, for the
    road to encode. A recipient given twice is kept once.

    Args:
        sender: the address failures are reported to; an empty string is the null reverse-path of mail
            that must not be answered, such as a bounce (RFC 5321, section 4.5.5).
        recipients: the addresses it goes to, at least one.

    Raises:
        BadAddress: one of them is no address.
        BadEnvelope: there is no recipient, or what should be recipients is none.

    RFC 5321, section 2.3.1.

    >>> envelope = Envelope("me@example.org", ["you@example.org", "ana@example.net"])
    >>> envelope.recipients
    ('you@example.org', 'ana@example.net')
    """

    __slots__ = ("recipients", "sender")

    sender: str
    recipients: tuple[str, ...]

    def __init__(self, sender: str | Address, recipients: Iterable[str | Address] | Address) -> None:
        given = [recipients] if isinstance(recipients, str | Address) else recipients
        if not isinstance(given, Iterable):
            raise BadEnvelope(f"expected recipients, found {type(given).__name__}")
        checked = [_checked(recipient) for recipient in given]
        if not checked:
            raise BadEnvelope("expected at least one recipient, found none")
        once: dict[tuple[str, str], str] = {}
        for recipient in checked:
            once.setdefault(recipient_key(recipient), recipient)
        self._set(sender=_checked(sender) if sender != "" else "", recipients=tuple(once.values()))

    @classmethod
    def from_message(cls, message: MIMEMessage) -> Envelope:
        """The envelope that *message* itself asks for.

        From is `sender_of` the message, to are all `recipients_of` it.

        Raises:
            BadMessage: *message* is none.
            BadAddress: one of the fields holds something that is no address.
            BadEnvelope: the message names no sender, or no recipient.
        """
        if not isinstance(message, MIMEMessage):
            raise BadMessage(f"expected a MIMEMessage, found {type(message).__name__}")
        fields, prefix = _originals(message)
        return cls(_sender(fields, prefix), _recipients(fields, prefix))

    def replace(
        self, *, sender: str | Address | None = None, recipients: Iterable[str | Address] | None = None
    ) -> Envelope:
        """The same envelope with another *sender*, other *recipients*, or both."""
        return Envelope(
            self.sender if sender is None else sender, self.recipients if recipients is None else recipients
        )

    def _fields(self) -> dict[str, object]:
        return {"sender": self.sender, "recipients": self.recipients}


def sender_of(message: MIMEMessage) -> str:
    """The address in Sender, or the first in From; of the newest Resent-* block if there is one.

    Raises:
        BadEnvelope: neither field names one.

    RFC 5322, section 3.6.2.
    """
    return _sender(*_originals(message))


def _sender(fields: list[_Named], prefix: str) -> str:
    for name in ("sender", "from"):
        for address in _addresses(fields, prefix + name):
            return address
    shown = prefix.title()
    raise BadEnvelope(f"expected a sender, found no address in {shown}Sender or {shown}From")


def recipients_of(message: MIMEMessage) -> tuple[str, ...]:
    """Every address in To, Cc and Bcc; of the newest Resent-* block if there is one.

    Raises:
        BadEnvelope: they name nobody.

    RFC 5322, section 3.6.3, and for the Resent-* fields section 3.6.6.
    """
    return _recipients(*_originals(message))


def _recipients(fields: list[_Named], prefix: str) -> tuple[str, ...]:
    found = [address for name in ("to", "cc", "bcc") for address in _addresses(fields, prefix + name)]
    if not found:
        shown = prefix.title()
        raise BadEnvelope(f"expected a recipient, found no address in {shown}To, {shown}Cc or {shown}Bcc")
    return tuple(found)


def _originals(message: MIMEMessage) -> tuple[list[_Named], str]:
    """The fields that say who and to whom, and what their names begin with."""
    headers = message.headers
    names = [name.lower() for name in headers.names()]
    if not any(name.startswith("resent-") for name in names):
        # as it is with nearly all mail
        return [(name, field) for name in _OWN for field in headers.fields(name)], ""
    fields = list(zip(names, headers, strict=True))
    block = list(_newest_resent(fields))
    return (block, "resent-") if block else (fields, "")


def _newest_resent(fields: list[_Named]) -> Iterator[_Named]:
    """The fields of the last resending.

    RFC 5322 3.6.6: each resending puts its fields, one of a name, in front of those before. So the
    block begins with the first of them, and ends where a trace field stands below it or a name of it
    comes again. QUIRK: "SHOULD be grouped together", and Apple Mail does not; so a later run of
    Resent-* fields belongs to the block too, if no name in it is the block's already.
    """
    seen: set[str] = set()
    for run in _resent_runs(fields):
        names = [name for name, _ in run]
        if seen.intersection(names):
            return
        for name, field in run:
            if name in seen:
                return
            seen.add(name)
            yield name, field


def _resent_runs(fields: list[_Named]) -> Iterator[list[_Named]]:
    """Resent-* fields standing together, run by run, down to the first trace field below the first of them."""
    run: list[_Named] = []
    begun = False
    for name, field in fields:
        if name.startswith("resent-"):
            run.append((name, field))
            begun = True
            continue
        if begun and name in _TRACE:
            break
        if run:
            yield run
            run = []
    if run:
        yield run


def _addresses(fields: list[_Named], wanted: str) -> Iterator[str]:
    for name, field in fields:
        if name == wanted and isinstance(field.value, Addresses):
            refuse_unread(field.value)
            yield from (address.addr_spec for address in field.value.addresses)


def refuse_unread(value: Addresses) -> None:
    """Refuse what stands where an address should be and is none: nobody would learn that it got no mail.

    mimekit reads it as a group of that name without members, which is written with a colon where it is one.
    """
    unread = [group.display_name for group in value.groups if group.display_name and not group.addresses]
    if len(unread) > value.count(":"):
        raise BadAddress(f"expected addresses in {value.name}, found", address=unread[0] or "")


def _checked(given: str | Address) -> str:
    """*given* as a bare address that can stand between the angle brackets of a command."""
    address = given.addr_spec if isinstance(given, Address) else given
    if not isinstance(address, str):
        raise BadAddress(f"expected an address, found {type(address).__name__}")
    if _USUAL.fullmatch(address):
        return address
    local, at, domain = address.rpartition("@")
    # RFC 5321 4.1.1.3: "postmaster" is the one recipient that needs no domain.
    if not at and domain.lower() == "postmaster":
        return address
    # SECURITY: a CR, LF or ">" in an address would be a command of the sender's own; a comma hides a second one.
    if re.fullmatch(_LOCAL, local) is None or re.fullmatch(_DOMAIN, domain) is None:
        raise BadAddress("expected one bare address such as ana@example.org, found", address=address)
    return address


def recipient_key(address: str) -> tuple[str, str]:
    """What is the same for two spellings of one recipient."""
    # RFC 5321 2.4: the domain is compared without case, the local part with it.
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        # A road may encode it, and then there would be one recipient with two names.
        with suppress(MimeError):
            domain = ascii_domain(domain)
    return local, domain.lower()
