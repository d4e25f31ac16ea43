"""The fields that hold addresses: one, or lists of them and of groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .. import _folding, _grammar, charsets
from ..errors import BadValue, Defect
from .addrtokens import Reading
from .addrvalue import Address, Content, Entry, Group, Wire, ascii_domain, read, read_given, show
from .base import HeaderValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, Self, TypeGuard

    class _AddressLike(Protocol):
        @property
        def display_name(self) -> str: ...
        @property
        def username(self) -> str: ...
        @property
        def domain(self) -> str: ...

    class _GroupLike(Protocol):
        @property
        def display_name(self) -> str | None: ...
        @property
        def addresses(self) -> Iterable[object]: ...


__all__ = ["Address", "Addresses", "Group"]

# RFC 5322 3.6.2, 3.6.6: fields with one address, and never a group.
_SINGLE = frozenset({"sender", "resent-sender"})
_SHORT = 60  # characters, in which there is nothing that cannot be folded
# RFC 5322 3.6.3, 3.6.6: only the fields that hide their addresses may be without any.
_MAY_BE_EMPTY = frozenset({"bcc", "resent-bcc"})


class Addresses(HeaderValue):
    """The addresses in From, Sender, Reply-To, To, Cc, Bcc and their Resent-* kin.

    The text is the field body as it stands where that is ASCII on one line, else the addresses as people read them,
    from which the same ones are read again.

    >>> value = Addresses.parse("To", " =?utf-8?q?J=C3=BCrgen_Dr=2E_Wei=C3=9F?= <j@example.org>, Ana <ana@example.org>")
    >>> value
    '"Jürgen Dr. Weiß" <j@example.org>, Ana <ana@example.org>'
    >>> [address.username for address in value.addresses]
    ['j', 'ana']

    RFC 5322, sections 3.4 and 3.6.2.
    """

    __slots__ = ()

    _meaning: Content | None

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field; the addresses in it are looked for when they are asked for."""
        text = body.strip(" \t\r\n")
        if text.isascii() and "=?" not in text and not ("\n" in text or "\r" in text or "\0" in text):
            return cls._make(name, text)
        text, has_8bit = charsets.decode_8bit(_folding.unfold(text))
        text, has_controls = _grammar.clean(text)
        content = None
        if "=?" in text:
            content = read(text, words_in_quotes=True)
            text = show(content.entries)
        found = ("8bit-in-header",) * has_8bit + ("control-in-value",) * has_controls
        self = cls._make(name, text, defects=tuple(map(Defect, found)))
        self._meaning = content
        return self

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for addresses and groups, ours or the standard library's, for a text, or for an iterable of these.

        A text is read as a received one is, but nothing may be lost or guessed. Encoded words outside quotes are
        read. What the grammar allows is kept as it stands; comments are not kept.

        Raises:
            BadValue: no address is where one should be, none at all (but in Bcc, or where that was received), more
                than one in Sender or Resent-Sender, a text that leaves room for doubt, or a domain that no host can
                have.
        """
        text, content = _given(value, may_be_null=name.lower() == "return-path")
        is_chosen = bool(content.entries) or text == "<>" or isinstance(value, Addresses)
        if not is_chosen and name.lower() not in _MAY_BE_EMPTY:
            raise BadValue("expected at least one address; leave the field out where there is none")
        if not all(address.domain.isascii() for address in content.addresses):
            # RFC 5890 2.3.2.1: what is written is the A-label, so what is set is the A-label too
            text, content = "", Content(tuple(map(_in_ascii, content.entries)))
        if name.lower() in _SINGLE:
            _single(content.entries)
        if not _can_stand(text, content):
            text, content = show(content.entries), Content(content.entries)
        self = cls._make(name, text)
        self._meaning = content
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:
        """The field body as it is written; `parse` gives the same addresses back.

        Raises:
            BadValue: a local part is not ASCII and *utf8* is not allowed; a domain that no host can have.
        """
        content = self._known()
        if _can_stand(self, content) or (content.reading is None and _is_plain(self)):
            return str(self)
        return show(content.entries, Wire(utf8=utf8, offset=offset))

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address in order, those in groups among them."""
        content = self._meaning
        return (self._known() if content is None else content).addresses

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups in order; an address outside of any is a group of its own whose name is None."""
        return tuple([Group(None, (e,)) if isinstance(e, Address) else e for e in self._known().entries])

    @property
    def address(self) -> Address | None:
        """The first address, which in Sender is the only one; None if there is none."""
        found = self._known().addresses
        return found[0] if found else None

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        reading = self._known().reading
        if self == "<>" and self._name.lower() == "return-path":
            # RFC 5321 4.5.5: the null reverse-path, on every bounce
            return self._defects
        return self._defects if reading is None else self._defects + tuple(map(Defect, reading.defect_codes()))

    def _known(self) -> Content:
        if self._meaning is None:
            self._meaning = read(self, words_in_quotes=True)
        return self._meaning


def _is_plain(text: str) -> bool:
    """Whether composed addresses that are shown as *text* are written so, too."""
    return len(text) < _SHORT and text.isascii() and text.isprintable() and "=?" not in text


def _can_stand(text: str, content: Content) -> bool:
    """Whether *text* is written as it stands: it is what RFC 5322 wants of writers, and can be folded."""
    return (
        content.reading is not None
        and content.reading.is_strict
        and not content.reading.has_comments
        and text.isascii()
        and text.isprintable()
        and "=?" not in text
        and (len(text) < _SHORT or re.search("[^ ]{900}| {60}", text) is None)
    )


def _given(value: object, *, may_be_null: bool) -> tuple[str, Content]:
    """The text and what it holds; no text where something else was given."""
    if isinstance(value, str):
        if may_be_null and value.strip(" \t") == "<>":
            return "<>", Content((), Reading())
        return _from_text(value)
    return "", Content(tuple(_entries(value)))


def _from_text(value: str) -> tuple[str, Content]:
    if isinstance(value, Addresses):
        return str(value), value._known()
    text = value.strip(" \t")
    return text, read_given(text)


def _entries(value: object) -> Iterator[Entry]:
    if _is_address(value) or _is_group(value):
        yield from _entry(value)
    elif isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | Mapping):
        for item in value:
            if isinstance(item, str):
                yield from _from_text(item)[1].entries
            else:
                yield from _entry(item)
    else:
        raise BadValue(f"expected addresses, groups or a str, found {type(value).__name__}")


def _entry(value: object) -> Iterator[Entry]:
    if isinstance(value, Address):
        yield value
    elif isinstance(value, Group):
        yield from value.addresses if value.display_name is None else [value]
    elif _is_group(value) and not _is_address(value):
        yield from _entry(Group(value.display_name, map(_address, value.addresses)))
    else:
        yield _address(value)


def _address(value: object) -> Address:
    if isinstance(value, Address):
        return value
    if _is_address(value) and isinstance(value.username, str):
        return Address(value.display_name, value.username, value.domain)
    raise BadValue(f"expected an address, a group or a str, found {type(value).__name__}")


def _in_ascii(entry: Entry) -> Entry:
    """The same address, or group of them, with domains that every host can look up."""
    if isinstance(entry, Group):
        return entry.replace(display_name=entry.display_name, addresses=map(_address_in_ascii, entry.addresses))
    return _address_in_ascii(entry)


def _address_in_ascii(address: Address) -> Address:
    return address.replace(domain=ascii_domain(address.domain))


def _single(entries: tuple[Entry, ...]) -> None:
    if len(entries) != 1 or isinstance(entries[0], Group):
        found = "a group" if any(isinstance(entry, Group) for entry in entries) else len(entries)
        raise BadValue(f"expected one address, found {found}")


def _is_address(value: object) -> TypeGuard[_AddressLike]:
    """Whether it is an address, ours, the standard library's, or anybody's who took its names."""
    return hasattr(value, "username") and hasattr(value, "domain") and hasattr(value, "display_name")


def _is_group(value: object) -> TypeGuard[_GroupLike]:
    """Whether it is a group, in the same way."""
    return hasattr(value, "addresses") and hasattr(value, "display_name")
