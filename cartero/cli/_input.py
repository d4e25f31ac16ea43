"""What `cartero-send` sends: standard input and the command line as a message and its envelope."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from mimekit import Address, MimeError, MIMEMessage, parse
from mimekit.values.address import Addresses
from mimekit.values.date import Date
from mimekit.values.registry import compose_value, is_unique

from ..envelope import Envelope, recipients_of, sender_of
from ..errors import BadEnvelope, BadMessage
from ..senders.preparation import complete
from ._exits import NoInputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH119, PTH123

# RFC 4155: the line before a message in an mbox. It ends in a date, or is one word and stands before a field; a byte
# order mark may stand before it.
_SEPARATOR = re.compile(
    rb"""(?x) (?: \xef\xbb\xbf )?+ From\x20
    (?: [^\n]*? \b (?: Mon|Tue|Wed|Thu|Fri|Sat|Sun ) \b [^\n]*? \d:\d\d [^\n]*+ \n
      | [^\x20\t\r\n:]++ [\x20\t\r]*+ \n (?= [!-9;-~]++ [\x20\t]*+ : ) )"""
)
# RFC 5322 2.2, 4.5.8: a name, perhaps white space, a colon.
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?+[!-9;-~]++[ \t]*+:")
_BLANK = re.compile(rb"\n\r*+\n|\r\r")
# what only mail has
_TRACES = frozenset(
    {"received", "return-path", "delivered-to", "message-id", "mime-version", "dkim-signature"}
    | {"resent-from", "resent-to", "resent-date"}
)
_ADDRESSES = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_DAMAGED = frozenset({"stray-line", "missing-separator"})
_OWN_FIELD = re.compile(r"content-.*|mime-version", re.IGNORECASE)


def read_mail(octets: bytes, options: Options) -> tuple[MIMEMessage, Envelope] | None:
    """The message and envelope for *octets*, the standard input; None where *options* say to skip it as empty.

    Raises:
        UsageError: the options do not say what is needed.
        NoInputError: a file to attach cannot be read.
        BadMessage: *octets* are to be text, and are not; or a file cannot be attached.
        BadEnvelope: something in the options is no address.
        MimeError: something in the options cannot stand in mail.
    """
    if options.skip_empty and not octets.strip() and not options.attach:
        return None
    if options.raw:
        return _ready(parse(octets), options)
    if options.ready or (not options.composing and _is_message(octets)):
        return _ready(parse(octets[_separator_size(octets) :]), options)
    return _composed(_decoded(octets), options)


def _is_message(octets: bytes) -> bool:
    """Whether *octets* are a message, and not the text of one.

    They are, if they begin with a field, and there is one among the fields that only mail has. Else these have to say
    what such fields say in mail, and nothing but fields may stand before the first empty line.
    """
    octets = octets[_separator_size(octets) :]
    if _FIELD.match(octets) is None:
        return False
    message = parse(octets)
    if not _TRACES.isdisjoint(name.lower() for name in message):
        return True
    said = {name.lower() for name, value in message.items() if _says(name.lower(), value)}
    if _DAMAGED.isdisjoint(defect.code for defect in message.defects):
        return bool(said) if _BLANK.search(octets) else "from" in said
    return "from" in said and len(said) > 1


def _says(name: str, value: object) -> bool:
    """Whether *value* is what a field called *name* holds in mail; "Date: tomorrow" begins a text."""
    if isinstance(value, Addresses):
        return name in _ADDRESSES and any(address.domain for address in value.addresses)
    if isinstance(value, Date):
        return value.datetime is not None
    return name in {"subject", "content-type"}


def _separator_size(octets: bytes) -> int:
    """How long the separator line of an mbox is with which *octets* begin; 0 where there is none."""
    separator = _SEPARATOR.match(_with_line_feeds(octets))
    return 0 if separator is None else separator.end()


def _with_line_feeds(octets: bytes) -> bytes:
    """*octets*, of the same size, with LF where lines end in CR alone."""
    return octets if b"\n" in octets else octets.replace(b"\r", b"\n")


def _ready(message: MIMEMessage, options: Options) -> tuple[MIMEMessage, Envelope]:
    recipients = [address.addr_spec for address in _addresses("To", options.recipients)]
    if options.read_recipients:
        recipients += _read_recipients(message, required=not recipients)
    if not recipients:
        raise UsageError("no recipients: name them, or read them from the message with -t")
    envelope = Envelope(_envelope_sender(options, message), recipients)
    if options.read_recipients:
        message = complete(message)
    return message, envelope


def _read_recipients(message: MIMEMessage, *, required: bool) -> tuple[str, ...]:
    try:
        return recipients_of(message)
    except BadEnvelope:
        if required:
            raise
        return ()


def _composed(text: str, options: Options) -> tuple[MIMEMessage, Envelope]:
    if not (options.recipients or options.cc or options.bcc):
        raise UsageError("no recipients: name them")
    message = MIMEMessage()
    _add_from(message, options)
    for field, given in (("To", options.recipients), ("Cc", options.cc), ("Bcc", options.bcc)):
        if given:
            message[field] = list(_addresses(field, given))
    if options.subject is not None:
        message["Subject"] = options.subject
    for line in options.header:
        _add_field(message, line)
    if "From" not in message:
        # RFC 5322 3.6: every message has one
        raise UsageError("expected an author, found no From: name one with -f, or with -H 'From: ...' if -f is empty")
    message.set_content(text)
    for path in options.attach:
        _attach(message, path)
    return message, Envelope(_envelope_sender(options, message), recipients_of(message))


def _add_from(message: MIMEMessage, options: Options) -> None:
    given = _given_sender(options)
    if given is not None:
        name = given.display_name if options.sender_name is None else options.sender_name
        message["From"] = Address(name, addr_spec=given.addr_spec)


def _envelope_sender(options: Options, message: MIMEMessage) -> str:
    """The bare address behind -f, an empty string for the null sender; that of *message* where there is no -f."""
    if options.sender is not None:
        given = _given_sender(options)
        return "" if given is None else given.addr_spec
    try:
        return sender_of(message)
    except BadEnvelope as error:
        raise UsageError(f"{error}: name one with -f") from error


def _given_sender(options: Options) -> Address | None:
    if options.sender is None or options.sender.strip() in {"", "<>"}:
        return None
    addresses = _addresses("From", [options.sender])
    if len(addresses) > 1:
        raise UsageError(f"expected one address behind -f, found {len(addresses)}")
    return addresses[0]


def _addresses(field: str, given: Sequence[str]) -> list[Address]:
    """The addresses in *given*, each of which may hold several."""
    found: list[Address] = []
    for text in given:
        value = compose_value(field, text)
        assert isinstance(value, Addresses)  # each of these fields holds them
        if not value.addresses:
            raise BadEnvelope(f"{field}: expected an address, found {text!r}")
        found += value.addresses
    return found


def _add_field(message: MIMEMessage, line: str) -> None:
    name, colon, value = line.partition(":")
    if not colon:
        raise UsageError("expected -H 'Name: value', found no colon")
    if _OWN_FIELD.fullmatch(name.strip()):
        raise UsageError(f"{name.strip()} follows from what is sent, and cannot be set with -H")
    if is_unique(name.strip()) and name.strip() in message:
        # it would replace what an option said, and with it those who get the mail
        raise UsageError(f"{name.strip()} is there already, from an option or another -H, and stands only once")
    message[name.strip()] = value.strip()


def _attach(message: MIMEMessage, path: str) -> None:
    octets = _file(path)
    maintype, _, subtype = _media_type(path).partition("/")
    try:
        charset = {"charset": "utf-8"} if maintype == "text" and not octets.isascii() and _is_utf8(octets) else None
        message.add_attachment(octets, maintype, subtype, filename=_file_name(path), params=charset)
    except MimeError as error:
        raise BadMessage(f"cannot attach {path}: {error}") from error


def _file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:  # a NUL in it is a ValueError
        raise NoInputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _file_name(path: str) -> str:
    """The name of the file at *path* as text: octets that are none in this locale are read as windows-1252."""
    name = os.path.basename(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
    return name


def _media_type(path: str) -> str:
    # Imported when a file is attached, not before: it reads the system's tables.
    import mimetypes  # noqa: PLC0415

    guessed, compression = mimetypes.guess_type(os.path.basename(path))
    if compression is not None:
        return "application/gzip" if compression == "gzip" else "application/octet-stream"
    return guessed or "application/octet-stream"


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(octets: bytes) -> str:
    """*octets* as text: UTF-8, which nothing else looks like, or else as the locale says."""
    import locale  # noqa: PLC0415 - rarely needed

    own = locale.getencoding()
    for charset in ("utf-8-sig", own):
        try:
            return octets.decode(charset)
        except UnicodeDecodeError:
            continue
    other = "" if own.lower() in {"utf-8", "utf8"} else f" or {own}"
    raise BadMessage(f"expected text in UTF-8{other} on standard input (--raw: a ready message)")
