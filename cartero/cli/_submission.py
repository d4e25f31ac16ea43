"""A message as programs give it to ``sendmail``: made whole, and local names in it that mean somebody elsewhere."""

from __future__ import annotations

from mimekit import Address, MIMEMessage, parse
from mimekit.values.address import Addresses

from ..envelope import Envelope, sender_of
from ..errors import BadEnvelope
from ..senders.preparation import complete
from ._addresses import addresses, given_sender, read_recipients, recipients
from ._exits import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._options import Options


def submitted(octets: bytes, options: Options) -> tuple[MIMEMessage, Envelope]:
    """The message for *octets*, with From, Date and Message-ID, and without Bcc; and its envelope.

    A recipient without a domain, such as ``root``, is whoever the account says gets such mail; a sender without one is
    the account's.

    Raises:
        UsageError: nobody is named to send to, or from; or the account does not say who a local name is.
        BadEnvelope: something is no address.
        MimeError: something cannot stand in mail.
    """
    message = parse(octets)
    named = [address.addr_spec for address in recipients(options)]
    if options.read_recipients:
        named += read_recipients(message, required=not named)
    if not named:
        raise UsageError("no recipients: name them, or read them from the message with -t")
    sender = _sender(message, options)
    envelope = Envelope(sender, [_qualified(one, options) for one in named])
    if "From" not in message:
        # RFC 5322 3.6: every message has one; it is not the null sender
        message["From"] = Address(options.sender_name or "", addr_spec=sender or _own(options, "the author"))
    whole = complete(message)
    if "Message-ID" not in message:
        _set_id(whole, sender, options)
    return whole, envelope


def _set_id(message: MIMEMessage, sender: str, options: Options) -> None:
    """Make its new Message-ID one of the domain that sends, where the author has none. RFC 5322, section 3.6.4."""
    author = message["From"]
    is_local = isinstance(author, Addresses) and author.addresses and not author.addresses[0].domain
    if not is_local or not (sender or options.own_address):
        return
    known = MIMEMessage()
    known["From"] = Address("", addr_spec=sender or _own(options, "the author"))
    message["Message-ID"] = complete(known)["Message-ID"]


def _sender(message: MIMEMessage, options: Options) -> str:
    """The envelope's sender: that of -f, else the account's, else the message's."""
    if options.sender is not None:
        given = given_sender(options)
        found = "" if given is None else given.addr_spec
    else:
        try:
            found = sender_of(message)
        except BadEnvelope as error:
            raise UsageError(f"{error}: name one with -f, or with from in the account") from error
    return found if not found or "@" in found else _own(options, found)


def _own(options: Options, name: str) -> str:
    if options.own_address is None:
        raise UsageError(f"{name} has no domain; from = 'me@example.org' in the account says who that is to others")
    return addresses("From", [options.own_address])[0].addr_spec


def _qualified(recipient: str, options: Options) -> str:
    if "@" in recipient:
        return recipient
    if options.local_recipient is None:
        raise UsageError(
            f"{recipient} has no domain; local_recipient = 'me@example.org' in the account says who gets such mail"
        )
    return addresses("To", [options.local_recipient])[0].addr_spec
