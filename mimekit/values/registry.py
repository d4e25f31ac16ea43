"""Which class of value a field has, by its name."""

from __future__ import annotations

import functools
import re

from .._grammar import check_str
from ..errors import BadValue
from .address import Addresses
from .base import HeaderValue
from .contenttype import ContentType
from .date import Date
from .disposition import Disposition
from .listing import ListField, ListId
from .mime import MimeVersion, TransferEncoding
from .msgid import MessageIds
from .received import Received
from .text import Text
from .verbatim import Verbatim

_NAMES: dict[type[HeaderValue], str] = {
    # RFC 5322 3.6.2, 3.6.3, 3.6.6, 3.6.7; RFC 8098 2.1; the others are in use without a standard
    Addresses: """from sender reply-to to cc bcc return-path
        resent-from resent-sender resent-reply-to resent-to resent-cc resent-bcc
        disposition-notification-to return-receipt-to errors-to mail-followup-to mail-reply-to apparently-to""",
    # RFC 5322 3.6.1, 3.6.6; RFC 2156 5; RFC 5536 3.1
    Date: "date resent-date delivery-date injection-date expiry-date original-date",
    # RFC 5322 3.6.4, 3.6.6; RFC 2045 7; RFC 5536 3.2; RFC 8098 3.2.5
    MessageIds: "message-id in-reply-to references resent-message-id content-id supersedes original-message-id",
    # RFC 2369 3; RFC 8058 3.1; RFC 5064 2
    ListField: """list-help list-unsubscribe list-subscribe list-post list-owner list-archive list-unsubscribe-post
        archived-at""",
    ListId: "list-id",
    Received: "received",
    ContentType: "content-type",
    Disposition: "content-disposition",
    TransferEncoding: "content-transfer-encoding",
    MimeVersion: "mime-version",
    # RFC 6376 3.5; RFC 8617 4.1; RFC 8601 2.2; RFC 7208 9.1: others find the octets again, or nothing verifies
    Verbatim: """dkim-signature domainkey-signature arc-seal arc-message-signature arc-authentication-results
        authentication-results x-google-dkim-signature received-spf""",
}
# types, encodings and versions repeat, and values are frozen. SECURITY: bounded in entries and, so, in octets
_CACHED_LENGTH = 200
# the text of these is their body, if that is ASCII without encoded words
_PLAIN = frozenset({Addresses, Date, ListField, MessageIds, Received, Text, Verbatim})
# of these there are few different values
_FEW = frozenset({MimeVersion, TransferEncoding})
_CLASSES: dict[str, type[HeaderValue]] = {name: kind for kind, names in _NAMES.items() for name in names.split()}

# RFC 5322 3.6: at most once. RFC 2045 4 to 8, RFC 2183 2, RFC 3282 2, RFC 2557 4: one says it all.
_UNIQUE = frozenset(
    """date from sender reply-to to cc bcc message-id in-reply-to references subject mime-version content-type
    content-transfer-encoding content-id content-description content-disposition content-language content-location
    content-md5 content-duration""".split()  # noqa: SIM905 - a list of words reads as one
)

# RFC 5322 2.2: printable ASCII but the colon. 2.1.1: 998 octets a line, one of them the colon.
_LONGEST_NAME = 997
_match_name = re.compile(r"(?!--)[!-9;-~]++").fullmatch


def parse_value(lower: str, name: str, body: str) -> HeaderValue:
    """The value of a received field: of the class its name asks for, of `Text` for any other. Never raises.

    Args:
        lower: the field name in lower case.
        name: the field name as it was spelled.
        body: what follows the colon, one character an octet, folded as it came.
    """
    kind = _CLASSES.get(lower, Text)
    if kind in _PLAIN:
        # nearly every field there is: ASCII. A line end in the body of a block folds it, and does nothing else
        text = body.strip(" \t\r\n")
        if "\n" in text:
            if "\r" in text:
                text = text.replace("\r\n", "\n")
            text = text.replace("\n", "")
        if text.isascii() and ("=" not in text or "=?" not in text) and "\r" not in text and "\0" not in text:
            # what HeaderValue._make does, at less cost
            self = kind(text)  # type: ignore[abstract]  # those that are plain are whole
            self._name = name
            self._body = ""
            self._defects = ()
            self._meaning = None
            return self
    return _parse(kind, name, body)


def _parse(kind: type[HeaderValue], name: str, body: str) -> HeaderValue:
    if kind in _PLAIN or len(body) > _CACHED_LENGTH:
        return kind.parse(name, body)
    return _parse_repeated(kind, name, body)


@functools.lru_cache(maxsize=512)
def _parse_repeated(kind: type[HeaderValue], name: str, body: str) -> HeaderValue:
    return kind.parse(name, body)


def compose_value(name: str, value: object) -> HeaderValue:
    """The value for a field to be written.

    It is *value* itself where that was received in a field of the same name, and no value made of it would come back
    as the same text: it is to be written as it stands, for what is read can always be written.

    Raises:
        BadValue: *name* is no field name, or mail cannot carry *value* in this field.
    """
    check_str(name, "a field name")
    # SECURITY: a name with a colon, a space or a line end in it would forge another field.
    # Two dashes in front would make a delimiter of it for some readers; ours takes it for no field.
    if not _match_name(name):
        raise BadValue(f"a field name is printable ASCII without space and colon, not {name!r:.80}")
    if len(name) > _LONGEST_NAME:
        raise BadValue(f"a field name fits on a line, {_LONGEST_NAME} characters, not {len(name)}")
    kind = _CLASSES.get(name.lower(), Text)
    if isinstance(value, ContentType | Disposition) and type(value) is kind and _is_built(value):
        value.encode_body()  # which copies have too, then
        return kind.compose(name, value)
    is_received = isinstance(value, kind) and value.name.lower() == name.lower() and _needs_no_utf8(value)
    try:
        composed = (
            _compose_repeated(kind, name, value) if kind in _FEW and type(value) is str else kind.compose(name, value)
        )
        if not is_received or _parse(kind, name, composed.encode_body()) == value:
            return composed
    except BadValue as refusal:
        if not is_received:
            raise BadValue(f"{name}: {refusal}") from None
    assert isinstance(value, kind)  # it was received
    return value


@functools.lru_cache(maxsize=64)
def _compose_repeated(kind: type[HeaderValue], name: str, value: str) -> HeaderValue:
    return kind.compose(name, value)


def _is_built(value: ContentType | Disposition) -> bool:
    """Whether it was made of its parts, and of no text."""
    return not value._body and not value._defects


def _needs_no_utf8(value: HeaderValue) -> bool:
    """Whether *value* may stand as it is whatever the policy: what came with 8-bit octets has a defect."""
    return value.isascii() or bool(value.defects)


def is_unique(name: str) -> bool:
    """Whether a field of this *name* stands at most once: setting it replaces it. RFC 5322, section 3.6.

    Raises:
        BadValue: *name* is no `str`.
    """
    check_str(name, "a field name")
    return name.lower() in _UNIQUE
