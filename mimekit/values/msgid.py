"""Message identifiers: one, or a list of them, and how a new one is made."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable

from .._grammar import is_dot_atom
from ..errors import BadValue, Defect
from .base import HeaderValue
from .brackets import find_brackets
from .verbatim import RUN_SIZE, check_verbatim, readable, write_verbatim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

# RFC 5322 3.6.4 and 3.6.6, RFC 2045 7: fields that name one thing, not many.
_SINGLE = frozenset({"message-id", "resent-message-id", "content-id"})
# Identifiers without parentheses and quotes, and nothing else. Compiled at first use.
_USUAL = r"(?:<[!#-'*-;=?A-~]++@[!#-'*-;=?A-~]++>[ \t]*+)++"


class MessageIds(HeaderValue):
    """The identifiers in Message-ID, Content-ID, In-Reply-To, References and their like.

    The text is the field body as it stands; `ids` are what it means. Never written in encoded words.

    >>> MessageIds.parse("In-Reply-To", ' Your message of "Mon, 11 Nov" <1@example.org>').ids
    ('<1@example.org>',)

    RFC 5322, section 3.6.4.
    """

    __slots__ = ()

    _meaning: tuple[tuple[str, ...], tuple[Defect, ...]] | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The unfolded text; the identifiers in it are looked for when they are asked for."""
        text, defects = readable(body)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for an identifier or several, as a `str` or as an iterable of them.

        Angle brackets are added where they are missing. A text that the grammar allows is kept with its comments.
        Of a value that was read and does not keep to the grammar, only the identifiers are written.

        Raises:
            BadValue: there is none, or several where the field names one thing; an identifier with white space,
                controls or angle brackets in it, or longer than a line; a text with more than identifiers in it.
        """
        if isinstance(value, str):
            text, ids = _from_text(value, is_single=name.lower() in _SINGLE)
        elif isinstance(value, Iterable):
            ids = tuple(_checked(item) for item in value)
            text = " ".join(ids)
        else:
            raise BadValue(f"expected a str or several, found {type(value).__name__}")
        if not ids:
            raise BadValue("expected an identifier such as <1@example.org>, found none")
        if len(ids) > 1 and name.lower() in _SINGLE:
            raise BadValue(f"expected one identifier, found {len(ids)}")
        self = cls._make(name, text)
        self._meaning = ids, ()
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The text itself."""
        return write_verbatim(self, utf8=utf8)

    @property
    def ids(self) -> tuple[str, ...]:
        """The identifiers in order, each with its angle brackets and without white space."""
        return self._read()[0]

    @property
    def id(self) -> str:
        """The first identifier; empty if there is none."""
        return self.ids[0] if self.ids else ""

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        return self._defects + self._read()[1]

    def _read(self) -> tuple[tuple[str, ...], tuple[Defect, ...]]:
        if self._meaning is None:
            ids, is_strict = _find_ids(self, is_single=self._name.lower() in _SINGLE)
            self._meaning = ids, () if is_strict else (Defect("bad-message-id"),)
        return self._meaning


def make_msgid(*, domain: str = "localhost") -> str:
    """A new identifier, angle brackets and all: the time, chance, and *domain*.

    Nothing is looked up, and nothing of this machine is in it unless *domain* tells.

    Raises:
        BadValue: *domain* cannot stand in an identifier; a name in another script is wanted in its ``xn--`` form.

    RFC 5322, section 3.6.4.
    """
    if not is_dot_atom(domain) or len(domain) > 255:
        raise BadValue(f"expected a domain such as 'example.org', not {domain[:80]!r}")
    # SECURITY: no host name, process number or user, which identifiers have told the world for decades.
    return f"<{time.time_ns():x}.{os.urandom(10).hex()}@{domain}>"


def _find_ids(text: str, *, is_single: bool) -> tuple[tuple[str, ...], bool]:
    """The identifiers in *text*, and whether the grammar allows it all."""
    # The usual: one, or a list of them, and nothing else.
    if re.fullmatch(_USUAL, text):
        ids = tuple(text.replace("><", "> <").split())
        return ids, len(ids) == 1 or not is_single
    found = find_brackets(text)
    if not found.items:
        return _bare_ids(found.rest, is_single=is_single), False
    ids = tuple(f"<{item}>" for item in found.items)
    if len(ids) > 1 and re.match(r"message from\b[^<]*+<>", found.rest, re.IGNORECASE):
        return ids[1:], False  # QUIRK: "Message from Ana <ana@example.org> of last Monday <1@example.org>"
    is_strict = found.is_whole and not found.rest.replace("<>", "").strip(" \t") and all("@" in item for item in ids)
    return ids, is_strict and (len(ids) == 1 or not is_single)


def _bare_ids(text: str, *, is_single: bool) -> tuple[str, ...]:
    """What may have been meant as identifiers where no angle brackets are."""
    words = [word for word in re.split(r'[\s,;<>"]++', text) if word]
    if is_single:
        words = [next((word for word in words if "@" in word), "".join(words))] if words else []
    elif len(words) > 1 and not all("@" in word for word in words):
        return ()  # QUIRK: a phrase, as in old replies: "Your message of last Monday" (RFC 5322 4.5.4)
    return tuple(f"<{word}>" for word in words)


def _from_text(value: str, *, is_single: bool) -> tuple[str, tuple[str, ...]]:
    """*value* as it can be written, and the identifiers in it."""
    text = value.strip(" \t")
    ids, is_strict = _find_ids(text, is_single=is_single)
    if is_strict:
        check_verbatim(text)
    elif not isinstance(value, MessageIds):
        ids = tuple(re.split(r"[ \t,]++", text)) if text else ()
        if len(ids) > 1 and not all("@" in item for item in ids):
            raise BadValue(f"expected an identifier, which has no spaces in it, found {text[:80]!r}")
    ids = tuple(_checked(item) for item in ids)
    return (text if is_strict else " ".join(ids)), ids


def _checked(value: object) -> str:
    """*value* with its angle brackets, if it can stand in a field."""
    if not isinstance(value, str):
        raise BadValue(f"expected identifiers as str, found {type(value).__name__}")
    text = value.strip(" \t")
    inner = text[1:-1] if text[:1] == "<" and text[-1:] == ">" else text
    if not inner or not inner.isprintable() or re.search(r"[\s<>]", inner):
        raise BadValue(f"an identifier has no white space, controls or angle brackets in it: {value[:80]!r}")
    if len(inner.encode()) > RUN_SIZE - 2:
        raise BadValue(f"an identifier fits on a line of mail, not {len(inner)} characters: {value[:40]!r}...")
    return f"<{inner}>"
