"""What `cartero-send` sends: standard input and the command line as a message and its envelope."""

from __future__ import annotations

import re
import sys

from mimekit import MIMEMessage, parse
from mimekit.values.address import Addresses
from mimekit.values.date import Date

from .._reason import reason_of
from ..envelope import Envelope, recipients_of, sender_of
from ..errors import BadEnvelope, BadMessage
from ..senders.preparation import complete
from ._addresses import given_sender, read_recipients, recipients
from ._exits import NoInputError, StreamError, UsageError
from ._report import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, TextIO

    from ._options import Options

# RFC 4155: the line before a message in an mbox. It ends in a date, or is one word and stands before a field; a byte
# order mark may stand before it.
_SEPARATOR = rb"""(?x) (?: \xef\xbb\xbf )?+ From\x20
    (?: [^\n]*? \b (?: Mon|Tue|Wed|Thu|Fri|Sat|Sun ) \b [^\n]*? \d:\d\d [^\n]*+ \n
      | [^\x20\t\r\n:]++ [\x20\t\r]*+ \n (?= [!-9;-~]++ [\x20\t]*+ : ) )"""
_MARK = b"\xef\xbb\xbf"
# RFC 5322 2.2, 4.5.8: a name, perhaps white space, a colon.
_FIELD = rb"(?:\xef\xbb\xbf)?+[!-9;-~]++[ \t]*+:"
_BLANK = rb"\n\r*+\n|\r\r"
# what only mail has
_TRACES = frozenset(
    {"received", "return-path", "delivered-to", "message-id", "mime-version", "dkim-signature"}
    | {"resent-from", "resent-to", "resent-date"}
)
_ADDRESSES = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"})
_DAMAGED = frozenset({"stray-line", "missing-separator"})


def read_input(options: Options, stdin: BinaryIO | None) -> bytes:
    """The standard input, which is *stdin*, or that of the process.

    Raises:
        NoInputError: there is none.
        StreamError: it cannot be read.
    """
    source = standard_input(stdin)
    try:
        # a page needs no other text, and nobody is kept waiting for one
        return b"" if options.html is not None and source.isatty() else source.read()
    except OSError as error:
        raise StreamError(f"cannot read standard input: {reason_of(error)}") from error


def standard_input(stdin: BinaryIO | None) -> BinaryIO:
    """*stdin*, or that of the process.

    Raises:
        NoInputError: there is none.
    """
    if stdin is not None:
        return stdin
    own: TextIO | None = sys.stdin
    if own is None:
        raise NoInputError("there is no standard input")
    return own.buffer


def read_mail(octets: bytes, options: Options) -> tuple[MIMEMessage, Envelope] | None:
    """The message and envelope for *octets*, the standard input; None where *options* say to skip it as empty.

    Raises:
        UsageError: the options do not say what is needed.
        NoInputError: a file to attach cannot be read.
        BadMessage: *octets* are to be text, and are not; or a file cannot be attached.
        BadEnvelope: something in the options is no address.
        MimeError: something in the options cannot stand in mail.
    """
    if options.skip_empty and not octets.strip() and not (options.attach or options.html or options.inline):
        return None
    if options.sendmail:
        from ._submission import submitted  # noqa: PLC0415 - a command's start is most of its cost

        return submitted(octets[_separator_size(octets) :], options)
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
    if re.match(_FIELD, octets) is None:
        return False
    blank = re.search(_BLANK, octets)
    # what a large message holds is not looked at
    message = parse(octets if blank is None else octets[: blank.end()])
    if not _TRACES.isdisjoint(name.lower() for name in message):
        return True
    said = {name.lower() for name, value in message.items() if _says(name.lower(), value)}
    if _DAMAGED.isdisjoint(defect.code for defect in message.defects):
        return bool(said) if blank is not None else "from" in said
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
    if not octets[: len(_MARK) + 5].removeprefix(_MARK).startswith(b"From "):
        return 0
    separator = re.match(_SEPARATOR, _with_line_feeds(octets))
    return 0 if separator is None else separator.end()


def _with_line_feeds(octets: bytes) -> bytes:
    """*octets*, of the same size, with LF where lines end in CR alone."""
    return octets if b"\n" in octets else octets.replace(b"\r", b"\n")


def _ready(message: MIMEMessage, options: Options) -> tuple[MIMEMessage, Envelope]:
    named = [address.addr_spec for address in recipients(options)]
    if options.read_recipients:
        named += read_recipients(message, required=not named)
    if not named:
        raise UsageError("no recipients: name them, or read them from the message with -t")
    envelope = Envelope(envelope_sender(options, message), named)
    if options.read_recipients:
        return complete(message), envelope
    if "Bcc" in message:
        # Untouched is what was asked for; that these are read by everybody may not have been.
        complain("warning: the message has a Bcc, which all who get it can read; -t takes it out")
    return message, envelope


def _composed(text: str, options: Options) -> tuple[MIMEMessage, Envelope]:
    from ._compose import composed  # noqa: PLC0415 - as above

    message = composed(text, options)
    return message, Envelope(envelope_sender(options, message), recipients_of(message))


def envelope_sender(options: Options, message: MIMEMessage) -> str:
    """The bare address behind -f, an empty string for the null sender; that of *message* where there is no -f.

    Raises:
        UsageError: there is none, or there are several.
        BadEnvelope: what stands there is none.
    """
    if options.sender is not None:
        given = given_sender(options)
        if given is not None and not given.domain:
            place = "from of the account" if options.sender == options.own_address else "-f"
            raise BadEnvelope(f"{place}: expected an address such as me@example.org, found {options.sender!r}")
        return "" if given is None else given.addr_spec
    try:
        return sender_of(message)
    except BadEnvelope as error:
        raise UsageError(f"{error}: name one with -f") from error


def _decoded(octets: bytes) -> str:
    """*octets* as text: UTF-8, which nothing else looks like, or else as the locale says."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded_as_here(octets)


def _decoded_as_here(octets: bytes) -> str:
    import locale  # noqa: PLC0415 - rarely needed

    own = locale.getencoding()
    try:
        return octets.decode(own)
    except UnicodeDecodeError:
        other = "" if own.lower() in {"utf-8", "utf8"} else f" or {own}"
        raise BadMessage(f"expected text in UTF-8{other} on standard input (--raw: a ready message)") from None
