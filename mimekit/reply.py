"""`reply`, `reply_all` and `forward`: a new message for one that was received, which stays as it is.

They are functions, and no methods of `MIMEMessage`, because this room stands on that one: the other way round would be
a circle. ``from mimekit.reply import reply`` imports them; the package shows none, for `reply` would hide the room.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from . import _quoted, _walk, transfer
from ._grammar import check_str, compiled
from .content.body import read_body
from .content.rawdata import RawDataManager, get_text
from .errors import BadValue, Forbidden
from .message import MIMEMessage, MIMEPart
from .values.address import Address, Addresses
from .values.contenttype import ContentType
from .values.date import Date, format_date
from .values.disposition import safe_filename
from .values.msgid import MessageIds

__all__ = ["forward", "reply", "reply_all"]

# Words in front of a subject that say it is an answer or was passed on, in the languages of the programs that write
# them, counted or not; and, before such a word, the name a mailing list puts there.
_PREFIX = (
    r"(?i)[ \t]*+(?P<list>(?:\[[^\[\]]*+\][ \t]*+)?+)(?:re|aw|sv|antw|fwd?|wg)[ \t]*+(?:\[\d++\]|\(\d++\)|[\^*]\d++)?+"
    "[ \t]*+[:\N{FULLWIDTH COLON}]"
)
# RFC 5537 3.4.4: References are trimmed where they would be longer, its name among them
_REFERENCES_SIZE = 998
_SHOWN_FIELDS = ("From", "Date", "Subject", "To", "Cc")
_FORWARDED = "---------- Forwarded message ----------"


def reply(  # noqa: PLR0913 -- choices, and keyword-only
    message: MIMEPart,
    text: str = "",
    *,
    sender: Address | str | None = None,
    me: Address | str | Iterable[Address | str] | None = None,
    quote: bool = True,
    cut_signature: bool = False,
) -> MIMEMessage:
    """A reply to whoever wrote *message*, to the addresses in its Reply-To if it has one, else to its From.

    It has *text*, a line that says who wrote what follows, and the text of *message*, quoted. A reply to what you
    wrote yourself, by *sender* and *me*, goes to those you wrote to. Whether a bounce or any message with an empty
    Return-Path is to be answered is for you to decide.

    Args:
        message: what is answered; it is not changed.
        text: what you write, above what is quoted.
        sender: who answers, for the From field.
        me: all addresses of the one who answers; without *sender* From is the first that *message* was sent to, else
            the first.
        quote: whether *message* is quoted at all.
        cut_signature: whether its signature, from the line ``"-- "`` on, is left out.

    Raises:
        Forbidden: *message* names nobody who could be answered.
        BadValue: *message* is no message, *text* no `str`, *sender* no address; or one of those to be answered cannot
            be written, such as a local part that is not ASCII unless the policy of *message* is one for SMTPUTF8.

    RFC 5322, sections 3.6.2 to 3.6.5.
    """
    _check(message, text)
    own = _own(sender, me)
    quoted = _cited(message, quote=quote, cut_signature=cut_signature)
    return _answer(message, text, own, sender=sender, everybody=False, quoted=quoted)


def reply_all(  # noqa: PLR0913 -- as reply
    message: MIMEPart,
    text: str = "",
    *,
    sender: Address | str | None = None,
    me: Address | str | Iterable[Address | str] | None = None,
    quote: bool = True,
    cut_signature: bool = False,
) -> MIMEMessage:
    """A reply as `reply` makes it, with a copy to everybody in To and Cc of *message*.

    Nobody stands there twice, and not the one who answers (*sender* and *me*). Mail-Followup-To and Mail-Reply-To are
    not obeyed: no standard has them, most readers do not show them, and they take people off the list without a word.

    Args:
        message: what is answered; it is not changed.
        text: what you write, above what is quoted.
        sender: who answers, for the From field.
        me: all addresses of the one who answers.
        quote: whether *message* is quoted at all.
        cut_signature: whether its signature is left out.

    Raises:
        Forbidden, BadValue: as `reply`.

    RFC 5322, section 3.6.3.
    """
    _check(message, text)
    own = _own(sender, me)
    quoted = _cited(message, quote=quote, cut_signature=cut_signature)
    return _answer(message, text, own, sender=sender, everybody=True, quoted=quoted)


def forward(
    message: MIMEPart,
    text: str = "",
    *,
    to: Address | str | Iterable[Address | str] | None = None,
    sender: Address | str | None = None,
    attached: bool = False,
) -> MIMEMessage:
    """*message* passed on: its text below yours and its files with it, or all of it as one attachment.

    Inline, the new message has a text, a page too if *message* has one, with the images it shows, and every file. The
    page is the stranger's as it came, links, scripts and all. Attached, it is a message/rfc822 with every octet as
    it is; only a part with a line too long for that, a NUL or a CR on its own (RFC 2046, section 5.2.1) is encoded
    anew, and what is signed, by DKIM too, or cannot stand there even so is attached as application/octet-stream.

    Args:
        message: what is passed on; it is not changed.
        text: what you write, above it.
        to: who gets it.
        sender: who passes it on, for the From field.
        attached: as one attachment.

    Raises:
        BadValue: *message* is no message, *text* no `str`, *to* or *sender* no address.
    """
    _check(message, text)
    made = MIMEMessage(policy=message.policy)
    if sender is not None:
        made["From"] = sender
    if to is not None:
        made["To"] = to
    made["Subject"] = _subject("Fwd:", message)
    if attached:
        if text:
            made.set_content(text, content_manager=RawDataManager)
        made.add_attachment(_enclosed(message))
    else:
        _pass_on(made, message, text)
    return made


def _check(message: object, text: object) -> None:
    if not isinstance(message, MIMEPart):
        hint = "; mimekit.interop.from_email() makes one of the standard library's" * hasattr(message, "get_payload")
        raise BadValue(f"expected a MIMEMessage, found {type(message).__qualname__}{hint}")
    check_str(text, "the text")


# -- who ---------------------------------------------------------------------------------------------


def _own(*given: Address | str | Iterable[Address | str] | None) -> list[Address]:
    """The addresses of the one who answers."""
    return [
        address for people in given if people is not None for address in Addresses.compose("From", people).addresses
    ]


def _answer(  # noqa: PLR0913 -- what two public functions share
    message: MIMEPart,
    text: str,
    own: Sequence[Address],
    *,
    sender: Address | str | None,
    everybody: bool,
    quoted: str,
) -> MIMEMessage:
    to, cc = _recipients(message, own, everybody=everybody)
    made = MIMEMessage(policy=message.policy)
    if sender is not None:
        made["From"] = sender
    elif own:
        made["From"] = _addressed(message, own)
    made["To"] = to
    if cc:
        made["Cc"] = cc
    made["Subject"] = _subject("Re:", message)
    parent = _ids(message, "Message-ID")[:1]
    if parent:
        made["In-Reply-To"] = parent
    if references := _references(message, parent):
        made["References"] = references
    made.set_content(_stacked(text, quoted), content_manager=RawDataManager)
    return made


def _recipients(
    message: MIMEPart, own: Sequence[Address], *, everybody: bool
) -> tuple[Sequence[Address], Sequence[Address]]:
    authors = _addresses(message, "Reply-To") or _addresses(message, "From")
    if not authors:
        raise Forbidden("nobody can be answered: no address stands in From, nor in Reply-To; set To of a new message")
    to, cc = _addresses(message, "To"), _addresses(message, "Cc")
    others = [*to, *cc] if everybody else to
    # who answers what they wrote themselves goes on writing to the others
    first = _distinct(authors, own) or _distinct(to, own) or _distinct(others, own) or _distinct(authors)
    return first, _distinct(others, [*own, *first]) if everybody else []


def _addresses(message: MIMEPart, name: str) -> list[Address]:
    """The addresses of all fields of that *name*, for real mail has a To twice."""
    values = message.get_all(name, [])
    return [address for value in values or () if isinstance(value, Addresses) for address in value.addresses]


def _distinct(addresses: Iterable[Address], but: Iterable[Address] = ()) -> list[Address]:
    """Each address once, without those in *but*, whatever names stand beside them."""
    found: dict[Address, Address] = {}
    for address in addresses:
        found.setdefault(_bare(address), address)
    unwanted = set(map(_bare, but))
    return [address for bare, address in found.items() if bare not in unwanted]


def _bare(address: Address) -> Address:
    """The mailbox it is, to compare. RFC 5321, section 2.4: servers may tell case in a local part; none does."""
    return address.replace(display_name="", username=address.username.casefold())


def _addressed(message: MIMEPart, own: Sequence[Address]) -> Address:
    """Which of one's *own* addresses *message* was sent to, else the first."""
    reached = {_bare(address) for name in ("To", "Cc") for address in _addresses(message, name)}
    return next((address for address in own if _bare(address) in reached), own[0])


# -- which thread ------------------------------------------------------------------------------------


def _subject(prefix: str, message: MIMEPart) -> str:
    """The subject of *message* behind *prefix*, instead of all such words it has. RFC 5322, section 3.6.5."""
    subject = str(message["Subject"] or "")
    lists: dict[str, None] = {}
    place = 0
    while match := compiled(_PREFIX).match(subject, place):
        lists[match["list"].strip()] = None
        place = match.end()
    return " ".join(filter(None, [prefix, *lists, subject[place:].strip(" \t")]))


def _ids(message: MIMEPart, name: str) -> list[str]:
    """The identifiers in a field that can be written again, those without an ``@`` too: the thread hangs on them."""
    value = message[name]
    found = value.ids if isinstance(value, MessageIds) else ()
    return [text for text in found if _is_writable(text, utf8=message.policy.utf8)]


def _is_writable(text: str, *, utf8: bool) -> bool:
    try:
        MessageIds.compose("Message-ID", text).encode_body(utf8=utf8)
    except BadValue:
        return False
    return True


def _references(message: MIMEPart, parent: Sequence[str]) -> list[str]:
    """RFC 5322, section 3.6.4: the References of *message*, else its one In-Reply-To, and its own identifier."""
    earlier = _ids(message, "References")
    if not earlier and len(answered := _ids(message, "In-Reply-To")) == 1:
        earlier = answered
    ids = [*dict.fromkeys(text for text in earlier if text not in parent), *parent]
    # RFC 5537 3.4.4: the first and the last two stay, and as many before these as there is room for
    start = max(len(ids) - 2, 1)
    size = len("References:") + sum(len(text) + 1 for text in (*ids[:1], *ids[start:]))
    while start > 1 and size + len(ids[start - 1]) < _REFERENCES_SIZE:
        start -= 1
        size += len(ids[start]) + 1
    return [*ids[:1], *ids[start:]]


# -- what is quoted ----------------------------------------------------------------------------------


def _cited(message: MIMEPart, *, quote: bool, cut_signature: bool) -> str:
    """Who wrote it, and the quoted text; empty where nothing is to be quoted."""
    text = message.get_text() if quote else ""
    if cut_signature:
        text = _quoted.without_signature(text)
    quoted = _quoted.quote(text)
    return f"{_attribution(message)}\n{quoted}" if quoted else ""


def _attribution(message: MIMEPart) -> str:
    when = _when(message)
    authors = _addresses(message, "From") or _addresses(message, "Reply-To")
    return f"{when}{', '.join(author.display_name or author.addr_spec for author in authors)} wrote:"


def _when(message: MIMEPart) -> str:
    date = message["Date"]
    moment = date.datetime if isinstance(date, Date) else None
    if moment is None:
        return ""
    try:
        return f"On {format_date(moment)}, "
    except BadValue:  # a year that no mail can have, which people are shown as it came
        return f"On {date}, "


def _stacked(*texts: str) -> str:
    """*texts* one under another, a blank line between two, those without anything in them left out."""
    stripped = [text.rstrip("\r\n") for text in texts]
    return "\n\n".join(filter(None, stripped)) + "\n"


# -- what is passed on -------------------------------------------------------------------------------


def _enclosed(message: MIMEPart) -> MIMEPart:
    """A part that holds all of *message*."""
    name = safe_filename(f"{message['Subject'] or 'message'}.eml")
    part = MIMEPart(policy=message.policy)
    octets = bytes(message)
    # RFC 2046 5.2.1: a long line, a NUL or a CR on its own is encoded in a message/rfc822, and what is signed never is
    if transfer.is_lines(octets) or "dkim-signature" not in message:
        try:
            return part.set_content(copy.copy(message), filename=name, content_manager=RawDataManager)
        except (BadValue, Forbidden):
            pass  # it cannot be encoded either
    return part.set_content(octets, "application", "octet-stream", filename=name, content_manager=RawDataManager)


def _pass_on(made: MIMEMessage, message: MIMEPart, text: str) -> None:
    body, read = read_body(message)
    page = message.get_body(("html",))
    # what is read in the text is there; of pages, only the one that is passed on as a page
    done = {id(leaf) for leaf in read if leaf.get_content_type() != "text/html"} | {id(page)}
    head = _head(message)
    made.set_content(_stacked(text, head, body), content_manager=RawDataManager)
    shown: frozenset[str] = frozenset()
    above: MIMEPart = made
    if page is not None:
        source = get_text(page)
        shown = _shown_ids(source)
        above = made.add_alternative(_above(source, _stacked(text, head)), "html", content_manager=RawDataManager)
    files = []
    for leaf in _leaves(message):
        if id(leaf) in done:
            continue
        if page is not None and _is_shown(leaf, shown):
            _carry(leaf, above.add_related)
        else:
            files.append(leaf)
    if files:
        made.make_mixed()
    for leaf in files:
        _carry(leaf, made.attach)


def _head(message: MIMEPart) -> str:
    """The fields that people read, as they read them."""
    fields = [f"{name}: {value}" for name in _SHOWN_FIELDS if (value := message[name]) is not None]
    return "\n".join([_FORWARDED, *fields])


def _above(page: str, text: str) -> str:
    """*page* with *text* on top of it."""
    import html  # noqa: PLC0415 -- its table of names is large

    # SECURITY: before all but the doctype, not behind a <body> that may stand in a comment and hide it
    doctype = re.match(r"(?i)\ufeff?\s*+(?:<!doctype\b[^>]*+>)?+", page)
    assert doctype is not None  # it may be empty
    lines = "<br>\n".join(html.escape(text, quote=False).split("\n"))
    return f"{doctype[0]}<div>{lines}</div>\n{page[doctype.end() :]}"


def _shown_ids(page: str) -> frozenset[str]:
    """The Content-IDs that *page* names. RFC 2392."""
    from html import unescape  # noqa: PLC0415 -- only few need them
    from urllib.parse import unquote  # noqa: PLC0415

    return frozenset(unquote(unescape(name)) for name in re.findall(r"(?i)\bcid:([^\s\"'<>()]++)", page))


def _is_shown(leaf: MIMEPart, shown: frozenset[str]) -> bool:
    around = leaf._parent
    # RFC 2557 4: a page may name it by its place, too
    is_placed = around is not None and around.get_content_type() == "multipart/related" and "content-location" in leaf
    return is_placed or _walk.own_id(leaf) in shown


def _leaves(message: MIMEPart) -> Iterator[MIMEPart]:
    """All that is no multipart with parts; attached messages whole."""
    stack = [message]
    while stack:
        node = stack.pop()
        if node.is_multipart() and node.get_content_maintype() == "multipart":
            stack.extend(reversed(node.parts))
        else:
            yield node


def _carry(leaf: MIMEPart, add: Callable[[MIMEPart], object]) -> None:
    """Add a copy of *leaf*, its octets as they are."""
    part = _copied(leaf)
    try:
        add(part)
    except Forbidden:
        # lines that end in CR alone cannot stand beside others
        add(_made_anew(leaf))


def _copied(leaf: MIMEPart) -> MIMEPart:
    twin = copy.copy(leaf)
    if not isinstance(twin, MIMEMessage):
        return twin
    # a message that is itself one file: without the fields of a message
    twin.make_mixed()
    part = twin.parts[0]
    twin.remove(part)
    return part


def _made_anew(leaf: MIMEPart) -> MIMEPart:
    kind = leaf["Content-Type"]
    maintype, subtype, params = "application", "octet-stream", {}
    if isinstance(kind, ContentType) and kind.maintype not in {"multipart", "message"}:
        maintype, subtype, params = kind.maintype, kind.subtype, dict(kind.params)
    name = leaf.get_filename() or None
    part = MIMEPart(policy=leaf.policy)
    part.set_content(leaf.octets, maintype, subtype, filename=name, params=params, content_manager=RawDataManager)
    if leaf["Content-ID"] is not None:
        part.set_header("Content-ID", leaf["Content-ID"])
    return part
