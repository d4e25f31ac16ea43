"""A message composed of the plain fields of a struct, for programs that know no MIME."""

from __future__ import annotations

import contextlib

from mimekit import MimeError, MIMEMessage, Webpage
from mimekit.content.rawdata import type_of_name
from mimekit.content.webpage import Resource
from mimekit.sniff import sniff
from mimekit.values.address import Addresses
from mimekit.values.contenttype import ContentType

from .envelope import Envelope
from .errors import BadAddress, BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._plain import Struct

FIELDS = ("from", "to", "cc", "bcc", "subject", "text", "html", "headers", "attachments")
_FILE = ("filename", "type", "content", "cid", "inline")

_UNKNOWN = "application/octet-stream"
# What `headers` may not hold, beside Content-* and Resent-*: each has a key of its own, or is made here.
_OWN = frozenset({"from", "to", "cc", "bcc", "subject", "mime-version"})


def compose(given: Struct, envelope: Envelope | None) -> MIMEMessage:
    """The message that *given* says, with a Bcc if there is one.

    Raises:
        BadMessage: mail cannot carry something of it; or *envelope* leaves out somebody in ``bcc``.
        BadAddress: something is no address.
    """
    message = MIMEMessage()
    if not given.has("from"):
        raise BadMessage(f"{given.key('from')}: expected the address of the author, found nothing")
    for key in ("from", "to", "cc", "bcc"):
        if given.has(key):
            _set_addresses(message, given, key)
    _expect_delivery(message, envelope)
    if given.has("subject"):
        with _named("subject"):
            message["Subject"] = given.text("subject")
    for name, place, values in given.items("headers"):
        _add_field(message, name, place, values)
    files = list(given.structs("attachments", *_FILE))
    _set_body(message, given, [file for file in files if file.has("cid")])
    for file in files:
        if not file.has("cid"):
            _attach(message, file)
    return message


def _set_addresses(message: MIMEMessage, given: Struct, key: str) -> None:
    with _named(key):
        message[key.title()] = given.texts(key)
    value = message[key.title()]
    assert isinstance(value, Addresses)  # as the field is
    specs = [address.addr_spec for address in value.addresses]
    if specs:
        try:
            Envelope("", specs)
        except BadAddress as error:
            raise BadAddress(f"{key}: {error.args[0]}", address=error.address) from error


def _expect_delivery(message: MIMEMessage, envelope: Envelope | None) -> None:
    hidden = message["Bcc"]
    if envelope is None or hidden is None:
        return
    assert isinstance(hidden, Addresses)  # as the field is
    # Who is there already, by whatever way to write the domain, is not there twice.
    everybody = envelope.replace(recipients=[*envelope.recipients, *hidden.addresses]).recipients
    for left_out in everybody[len(envelope.recipients) :]:
        raise BadMessage(f"bcc: {left_out} is not in recipients, and would get nothing")


def _add_field(message: MIMEMessage, name: str, place: str, values: list[str]) -> None:
    if name.lower() in _OWN or name.lower().startswith(("content-", "resent-")):
        raise BadMessage(f"{place}: cannot be said here; the other keys of the struct say it")
    for value in values:
        before = len(message)
        with _named(place):
            message[name] = value
        if len(message) == before:  # it took the place of another
            raise BadMessage(f"{place}: stands once in a message")


def _set_body(message: MIMEMessage, given: Struct, shown: list[Struct]) -> None:
    """The text, or the page with the objects it shows and the text beside it."""
    text = given.text("text")
    if not given.has("html"):
        if shown:
            raise BadMessage(f"{shown[0].key('cid')}: expected html that shows it, found none")
        with _named("text"):
            message.set_content(text)
        return
    resources: dict[str, object] = {}
    for file in shown:
        cid = file.text("cid")
        if cid in resources:
            raise BadMessage(f"{file.key('cid')}: there are two of {cid!r}")
        with _named(file.key("")):
            kind = _type_of(file)
            resources[cid] = Resource(
                file.octets("content"), kind.content_type, filename=file.text("filename") or None, params=kind.params
            )
    with _named("html"):
        page = Webpage(given.text("html"), resources)
        message.set_content(page, text=text if given.has("text") else None)


def _attach(message: MIMEMessage, file: Struct) -> None:
    with _named(file.key("")):
        kind = _type_of(file)
        message.add_attachment(
            file.octets("content"),
            kind.maintype,
            kind.subtype,
            disposition="inline" if file.flag("inline") else "attachment",
            filename=file.text("filename") or None,
            params=kind.params,
        )


def _type_of(file: Struct) -> ContentType:
    """The type that is said, else the one that follows from the name, else from the octets."""
    name, octets = file.text("filename"), file.octets("content")
    said = file.text("type") or (type_of_name(name) if name else None) or sniff(octets) or _UNKNOWN
    with _named(file.key("type")):
        return ContentType.compose("Content-Type", said)


@contextlib.contextmanager
def _named(key: str) -> Iterator[None]:
    """Whatever mimekit refuses inside is a `BadMessage` that names *key*."""
    try:
        yield
    except MimeError as error:
        raise BadMessage(f"{key.rstrip('.')}: {error}") from error
