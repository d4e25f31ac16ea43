"""A message as people read it: what console and file senders write."""

from __future__ import annotations

from mimekit.content.rawdata import get_text
from mimekit.values.address import Addresses

from .._display import harmless, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from mimekit import MIMEMessage, MIMEPart

    from .preparation import MailObject

_WIDTH = 78
_SHOWN = frozenset({"to", "cc", "resent-to", "resent-cc"})


def readable(mail: MailObject) -> str:
    """*mail* for people: its envelope, fields and text decoded, its page as text, its files by name, type and size.

    Characters that a terminal would obey are shown as escapes.
    """
    text = "\n".join(_lines(mail)).replace("\r\n", "\n")
    return harmless(text) + "\n"


def _lines(mail: MailObject) -> Iterator[str]:
    yield _rule(f"mail from {mail.envelope.sender or '<>'}")
    named = _named(mail.message)
    for recipient in mail.envelope.recipients:
        yield f"to {recipient}{'' if recipient.lower() in named else ' (hidden: in neither To nor Cc)'}"
    yield ""
    yield from (f"{name}: {one_line(value)}" for name, value in mail.message.items())
    yield from _texts(mail.message)
    files = [_file(part) for part in mail.message.iter_attachments(recursive=True)]
    if files:
        yield _rule("files")
        yield from files
    yield "-" * _WIDTH


def _named(message: MIMEMessage) -> set[str]:
    """Every address that the recipients see."""
    fields = (field.value for field in message.headers if field.name.lower() in _SHOWN)
    return {
        address.addr_spec.lower() for value in fields if isinstance(value, Addresses) for address in value.addresses
    }


def _texts(message: MIMEMessage) -> Iterator[str]:
    """The text of *message*, and its page as text, each under its name if there is more than a text."""
    plain, page = message.get_body(("text",)), message.get_body(("html",))
    if plain is not None:
        yield "" if page is None else _rule("text")
        yield get_text(plain).rstrip("\n")
    if page is not None:
        # Much to import, for a message without a page.
        from mimekit.html.totext import totext  # noqa: PLC0415

        yield _rule("page, as text")
        yield totext(get_text(page), width=_WIDTH)


def _file(part: MIMEPart) -> str:
    """One line on a part that is no text of the message: how it goes, and its name, type, size and Content-ID."""
    kind = "inline" if part.get_content_disposition() == "inline" else "attachment"
    name = part.get_filename()
    if name is None and part.parts:  # a message/rfc822
        name = part.parts[0]["Subject"]
    said = [name or "without a name", part.get_content_type(), _size(part)]
    identifier = part["Content-ID"]
    if identifier:
        said.append(f"cid:{str(identifier).strip().strip('<>')}")
    return one_line(f"[{kind}: {', '.join(said)}]")


def _size(part: MIMEPart) -> str:
    # A file that is attached by its path is not read into memory.
    size = sum(map(len, part.octet_pieces()))
    return f"{size} octet{'' if size == 1 else 's'}"


def _rule(text: str) -> str:
    return f"{f' {text} ':-^{_WIDTH}}"
