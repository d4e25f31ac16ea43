"""What App Engine's mail API can carry of a message; what it cannot is refused, by its name.

The API takes no message, but its parts: see the table in the docstring of `AppEngineSender`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mimekit import Address, MIMEMessage, MIMEPart, RawDataManager
from mimekit.values.address import Addresses

from ..envelope import refuse_unread
from ..errors import BadEnvelope, BadMessage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from mimekit.field import Field
    from mimekit.values.base import HeaderValue

    from .preparation import MailObject

# The fields that have a place of their own, or that the API makes itself; a Sender must say what From says.
_PLACED = frozenset({"from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version"})
# The header fields the API lets through, spelled as it wants them.
_PASSED = {
    name.lower(): name
    for name in (
        *("Auto-Submitted", "In-Reply-To", "List-Id", "List-Unsubscribe", "On-Behalf-Of", "References"),
        *("Resent-Date", "Resent-From", "Resent-To"),
    )
}
_CONTAINERS = frozenset({"multipart/mixed", "multipart/alternative", "multipart/related"})
_AMP = "text/x-amp-html"
# how the name of an image may end, by its type
_ENDINGS = {
    **{f"image/{subtype}": subtype for subtype in ("bmp", "gif", "png", "tiff", "webp")},
    "image/jpeg": "jpg",
}
# what stands where octets could not be decoded
_REPLACED = "\N{REPLACEMENT CHARACTER}"

_SIZE_LIMIT = 32 << 20  # octets the API takes in a call


class File(NamedTuple):
    """A file as the API takes it."""

    name: str
    octets: bytes
    content_id: str | None


class Carried(NamedTuple):
    """A message as the API takes it: the properties of its ``EmailMessage``, and the files."""

    properties: dict[str, object]
    files: list[File]


def carried(mail: MailObject, *, forbidden: Collection[str]) -> Carried:
    """What the API is given for *mail*.

    Args:
        forbidden: what names of files must not end in, without the dot, in lower case.

    Raises:
        BadMessage: the API cannot carry part of the message; the text names it.
        BadEnvelope: the API cannot have that sender, or leave out somebody named in To or Cc.
    """
    message = mail.message
    properties: dict[str, object] = {"sender": _sender(mail), "subject": _subject(message)}
    properties.update({name: people for name, people in _recipients(mail).items() if people})
    reply_to = _listed(message, "Reply-To")
    if len(reply_to) > 1:
        raise BadMessage(f"App Engine takes one address in Reply-To, and there are {len(reply_to)}")
    if reply_to:
        properties["reply_to"] = _written("Reply-To", reply_to[0])
    headers = dict(_headers(message.headers))
    if headers:
        properties["headers"] = headers
    parts = _Parts(message)
    properties.update(parts.bodies)
    used = sum(len(text.encode()) for text in parts.bodies.values())
    return Carried(properties, list(_files(parts.files, forbidden, used)))


def _sender(mail: MailObject) -> str:
    """The author, who is the sender too: the API has no envelope, and reports failures to the application."""
    authors = _listed(mail.message, "From")
    if len(authors) != 1:
        raise BadMessage(f"App Engine takes one address in From, and there are {len(authors)}")
    author = _bare(authors[0].addr_spec)
    if any(_bare(sender.addr_spec) != author for sender in _listed(mail.message, "Sender")):
        raise BadMessage("App Engine cannot carry a Sender who is not the author in From")
    if not mail.envelope.sender or _bare(mail.envelope.sender) != author:
        raise BadEnvelope(
            f"App Engine sends from the address in From, {authors[0].addr_spec}, not from "
            f"{mail.envelope.sender or 'the null sender'}"
        )
    return _written("From", authors[0])


def _subject(message: MIMEMessage) -> str:
    _expect_one(message, "Subject")
    subject = message["Subject"]
    return "" if subject is None else _whole(str(subject), subject.defects, "the Subject")


def _recipients(mail: MailObject) -> dict[str, list[str]]:
    """To, Cc and Bcc such that it goes to the envelope's recipients and nobody else."""
    wanted = {_bare(recipient): recipient for recipient in mail.envelope.recipients}
    named = {name: _listed(mail.message, name) for name in ("To", "Cc")}
    shown = {_bare(address.addr_spec): address for people in named.values() for address in people}
    for key, address in shown.items():
        if key not in wanted:
            raise BadEnvelope(
                f"App Engine sends to everybody in To and Cc, and the envelope leaves out {address.addr_spec}"
            )
    hidden = [Address(addr_spec=recipient) for key, recipient in wanted.items() if key not in shown]
    found = {name.lower(): [_written(name, address) for address in people] for name, people in named.items()}
    return {**found, "bcc": [_written("Bcc", address) for address in hidden]}


def _listed(message: MIMEMessage, name: str) -> tuple[Address, ...]:
    """The addresses in the one field called *name*."""
    _expect_one(message, name)
    value = message[name]
    if value is None:
        return ()
    assert isinstance(value, Addresses)  # those of that name are
    refuse_unread(value)
    for group in value.groups:
        if group.display_name is not None and group.addresses:
            raise BadMessage(f"App Engine knows no groups, such as the one in {name}: {group.display_name}")
    return tuple(value.addresses)


def _expect_one(message: MIMEMessage, name: str) -> None:
    count = len(message.get_all(name) or ())
    if count > 1:
        raise BadMessage(f"App Engine takes one field {name}, and there are {count}")


def _bare(addr_spec: str) -> Address:
    """*addr_spec* as it is compared: the same for every way to write its domain."""
    return Address(addr_spec=addr_spec)


def _written(name: str, address: Address) -> str:
    """*address* as it stands in a field, in ASCII."""
    return Addresses.compose(name, address).encode_body()


def _headers(fields: Iterable[Field]) -> Iterator[tuple[str, str]]:
    """The other fields, those that may stand there."""
    seen: set[str] = set()
    for field in fields:
        name = field.name.lower()
        if name in _PLACED or name.startswith("content-"):
            continue
        if name not in _PASSED:
            raise BadMessage(
                f"App Engine cannot carry the field {field.name}; a before_send hook may delete it from the message"
            )
        if name in seen:
            raise BadMessage(f"App Engine takes one field {field.name}, and there are more")
        seen.add(name)
        yield _PASSED[name], field.value.encode_body()


class _Parts:
    """The parts of a message, sorted by the place the API has for them."""

    def __init__(self, message: MIMEMessage) -> None:
        self.files = list(message.iter_attachments(recursive=True))
        self.bodies: dict[str, str] = {}
        known = {id(part) for part in self.files}
        places = {id(message.get_body((kind,))): place for kind, place in (("text", "body"), ("html", "html"))}
        for part in message.walk():
            kind = part.get_content_type()
            if part.get_content_maintype() == "message" or (part.is_multipart() and kind not in _CONTAINERS):
                raise BadMessage(f"App Engine cannot carry a part of type {kind}")
            if part.is_multipart() or id(part) in known:
                continue
            place = "amp_html" if kind == _AMP else places.get(id(part))
            if place is None or place in self.bodies:
                raise BadMessage(
                    f"App Engine carries one plain text and one page, not a further version or text: {kind}"
                )
            self._add(place, part)

    def _add(self, place: str, part: MIMEPart) -> None:
        text = part.get_content(content_manager=RawDataManager)
        assert isinstance(text, str)  # it is a text
        text = _whole(text, part.defects, f"the text of type {part.get_content_type()}")
        # An empty page is nothing, and the API refuses one.
        if text or place == "body":
            self.bodies[place] = text


def _whole(text: str, defects: Collection[object], what: str) -> str:
    """*text*, unless characters of it were lost before."""
    if defects and _REPLACED in text:
        raise BadMessage(f"{what} holds octets that are no characters, which App Engine cannot carry")
    return text


def _files(parts: Iterable[MIMEPart], forbidden: Collection[str], used: int) -> Iterator[File]:
    """Each of *parts* as a file, as long as there is room beside what is *used*."""
    _expect_room(used, "the text")
    for number, part in enumerate(parts, 1):
        name = _checked(part.get_filename() or _given_name(part, number), part, forbidden)
        octets = bytearray()
        for piece in part.octet_pieces():
            used += len(piece)
            _expect_room(used, name)
            octets += piece
        content_id: HeaderValue | None = part["Content-ID"]
        yield File(name, bytes(octets), None if content_id is None else content_id.encode_body())


def _expect_room(used: int, what: str) -> None:
    if used > _SIZE_LIMIT:
        raise BadMessage(f"App Engine takes {_SIZE_LIMIT >> 20} MB in all, and {what} is what goes beyond")


def _given_name(part: MIMEPart, number: int) -> str:
    """A name for an image that a page shows, which needs none but for the API."""
    ending = _ENDINGS.get(part.get_content_type())
    return f"image{number}.{ending}" if ending and "Content-ID" in part else ""


def _checked(name: str, part: MIMEPart, forbidden: Collection[str]) -> str:
    ending = name.rpartition(".")[2].lower()
    if not name:
        raise BadMessage(f"App Engine takes files with a name, and one of type {part.get_content_type()} has none")
    if "." not in name or name.startswith(".") or ending in forbidden:
        raise BadMessage(f"App Engine takes no file with a name such as {name!r:.80}")
    return name
