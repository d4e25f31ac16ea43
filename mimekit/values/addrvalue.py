"""One address with the name people read beside it, groups of them, and how both are read and written as text."""

from __future__ import annotations

from collections.abc import Iterable

from .. import _grammar
from ..errors import BadValue
from .addrgrammar import COMMENTED, SPEC, SURELY_SHORT, USUAL, read_addresses, read_usual
from .addrspec import flaw, is_dot_atom, phrase, shown_phrase, shown_spec
from .addrtokens import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Address:
    """One address, with the name people read beside it. A value: frozen, hashable, equal by meaning.

    The case of a domain, and whether it is written in its own script or in its ``xn--`` form, make no difference.

    Args:
        display_name: any text.
        username: the local part, without quotes.
        domain: a host name in any script, or a literal such as ``[192.0.2.1]``; empty for local mail.
        addr_spec: username and domain in one, quoted where that must be, instead of both.

    Raises:
        BadValue: a username is missing; one of them is no `str`; mail cannot carry one of them, such as a CR or LF.
        TypeError: *addr_spec* and one of its parts.

    RFC 5322, section 3.4.

    >>> print(Address("Lovelace, Ada", "ada", "example.org"))
    "Lovelace, Ada" <ada@example.org>
    """

    __slots__ = ("_display_name", "_domain", "_spec", "_username")

    _display_name: str
    _username: str
    _domain: str
    _spec: str  # the addr_spec, once that is known, else empty

    def __init__(
        self, display_name: str = "", username: str = "", domain: str = "", addr_spec: str | None = None
    ) -> None:
        if addr_spec is not None:
            if username or domain:
                raise TypeError("expected an addr_spec, or a username and a domain; found both")
            username, domain = _split(addr_spec)
        _grammar.check_str(display_name, "display_name")
        _grammar.check_str(username, "username")
        _grammar.check_str(domain, "domain")
        # SECURITY: a CR or LF in a name would forge another field.
        _grammar.check_text(display_name)
        if not _is_usual(username, domain) and (wrong := flaw(username, domain)):
            is_text = not username and "@" in display_name
            raise BadValue(wrong + "; Address.parse() reads an address from text" * is_text)
        self._display_name = display_name
        self._username = username
        self._domain = domain
        self._spec = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that *text* is: ``Ada <ada@example.org>``, or ``ada@example.org`` alone.

        Raises:
            BadValue: it is not exactly one address, or something in it would be lost.
        """
        found = read_given(text).entries
        if len(found) != 1 or not isinstance(found[0], Address):
            raise BadValue(f"expected one address, found {text[:80]!r}")
        return cls(found[0].display_name, found[0].username, found[0].domain)

    @property
    def display_name(self) -> str:
        """The name people read; empty if there is none."""
        return self._display_name

    @property
    def username(self) -> str:
        """The local part, without quotes."""
        return self._username

    @property
    def domain(self) -> str:
        """The domain as it was given or received; empty if there is none."""
        return self._domain

    @property
    def addr_spec(self) -> str:
        """The bare address, such as ``ada@example.org``, its local part quoted where it must be."""
        if not self._spec:
            self._spec = shown_spec(self._username, self._domain)
        return self._spec

    def replace(
        self,
        *,
        display_name: str | None = None,
        username: str | None = None,
        domain: str | None = None,
        addr_spec: str | None = None,
    ) -> Self:
        """The same address with changes made.

        Raises:
            BadValue: as for a new address.
        """
        name = self._display_name if display_name is None else display_name
        if addr_spec is not None:
            return type(self)(name, username or "", domain or "", addr_spec)
        return type(self)(
            name, self._username if username is None else username, self._domain if domain is None else domain
        )

    def _key(self) -> tuple[str, str, str]:
        domain = self._domain
        if not domain.isascii():
            domain = _as_looked_up(domain)
        return self._display_name, self._username, domain.lower()

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Address) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[type[Address], tuple[str, str, str]]:
        return type(self), (self._display_name, self._username, self._domain)

    def __str__(self) -> str:
        return show([self])

    def __repr__(self) -> str:
        parts = f"display_name={self._display_name!r}, username={self._username!r}, domain={self._domain!r}"
        return f"{type(self).__name__}({parts})"


def _as_looked_up(domain: str) -> str:
    try:
        return ascii_domain(domain)
    except BadValue:  # no host has that name
        return domain


def _is_usual(username: str, domain: str) -> bool:
    """Whether these make an address that nobody doubts."""
    return len(username) + len(domain) < SURELY_SHORT and SPEC.fullmatch(f"{username}@{domain}") is not None


class Group:
    """Addresses under one name, of which there may be none. A value: frozen, hashable, equal by meaning.

    Args:
        display_name: any text; None for addresses that stand by themselves.
        addresses: the members.

    Raises:
        BadValue: mail cannot carry the name, or it is no `str`; a member is no `Address`.

    RFC 5322, section 3.4.

    >>> print(Group("Undisclosed recipients"))
    Undisclosed recipients:;
    """

    __slots__ = ("_addresses", "_display_name")

    _display_name: str | None
    _addresses: tuple[Address, ...]

    def __init__(self, display_name: str | None = None, addresses: Iterable[Address] = ()) -> None:
        if not isinstance(addresses, Iterable):
            raise BadValue(f"expected the addresses of a group, found {type(addresses).__name__}")
        members = tuple(addresses)
        for member in members:
            if not isinstance(member, Address):
                raise BadValue(f"expected addresses in a group, found {type(member).__name__}")
        if display_name is not None:
            _grammar.check_str(display_name, "the name of a group")
            _grammar.check_text(display_name)
        self._display_name = display_name
        self._addresses = members

    @property
    def display_name(self) -> str | None:
        """The name of the group; None for addresses that stand by themselves."""
        return self._display_name

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The members, in order."""
        return self._addresses

    def replace(self, *, display_name: str | None = None, addresses: Iterable[Address] | None = None) -> Self:
        """The same group with changes made.

        Raises:
            BadValue: as for a new group.
        """
        return type(self)(
            self._display_name if display_name is None else display_name,
            self._addresses if addresses is None else addresses,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Group):
            return NotImplemented
        return self._display_name == other._display_name and self._addresses == other._addresses

    def __hash__(self) -> int:
        return hash((self._display_name, self._addresses))

    def __reduce__(self) -> tuple[type[Group], tuple[str | None, tuple[Address, ...]]]:
        return type(self), (self._display_name, self._addresses)

    def __str__(self) -> str:
        return show([self] if self._display_name is not None else self._addresses)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(display_name={self._display_name!r}, addresses={self._addresses!r})"


Entry = Address | Group  # a group here has a name


_SOUND = Reading()
_SOUND_WITH_COMMENT = Reading()
_SOUND_WITH_COMMENT.has_comments = True


class Content:
    """What an `Addresses` holds, once it is known; `reading` says how it was read, if it was."""

    __slots__ = ("addresses", "entries", "reading")

    def __init__(self, entries: tuple[Entry, ...], reading: Reading | None = None) -> None:
        self.entries = entries
        self.reading = reading
        self.addresses = tuple([a for e in entries for a in ((e,) if isinstance(e, Address) else e.addresses)])


def read(text: str, *, words_in_quotes: bool) -> Content:
    """The addresses in *text*: the usual ones by one expression, from the first odd one on by the full grammar."""
    if text[-1:] != "," and "=?" not in text and (match := USUAL.fullmatch(text)):
        # Nearly every field there is: one address.
        quoted, words, _, username, domain = match.groups()
        if len(text) < SURELY_SHORT and not (words and "." in words):
            # as `Content` and `_made` have it, at less cost
            address = object.__new__(Address)
            address._display_name = quoted or words or ""
            address._username = username
            address._domain = domain
            address._spec = f"{username}@{domain}"
            self = object.__new__(Content)
            self.entries = self.addresses = (address,)
            self.reading = _SOUND
            return self
    if (
        text[-1:] == ")"
        and len(text) < SURELY_SHORT
        and (match := _grammar.compiled(COMMENTED).fullmatch(text))
        and "=?" not in text
    ):
        username, domain, name = match.groups()
        return Content((_made(name, username, domain),), _SOUND_WITH_COMMENT)
    return _read_several(text, words_in_quotes=words_in_quotes)


def _read_several(text: str, *, words_in_quotes: bool) -> Content:
    reading = Reading()
    found, place = read_usual(text, 0, reading)
    entries: list[Entry] = [_made(*parts) for parts in found]
    if place < len(text) or text[-1:] == ",":
        for group, found in read_addresses(text, place, reading, words_in_quotes=words_in_quotes):
            members = [_made(*parts) for parts in found]
            entries += members if group is None else [Group(group, members)]
    return Content(tuple(entries), reading)


def _made(display_name: str, username: str, domain: str) -> Address:
    """The address of parts that are known to be sound."""
    self = object.__new__(Address)
    self._display_name = display_name
    self._username = username
    self._domain = domain
    self._spec = ""
    return self


def read_given(text: str) -> Content:
    """The addresses in a text that a caller gave; encoded words in quotes are text.

    Raises:
        BadValue: something in it would be lost, or had to be guessed.
    """
    _grammar.check_str(text, "an address")
    _grammar.check_text(text)
    content = read(text, words_in_quotes=False)
    if content.reading is not None and content.reading.trouble is not None:
        expected, place = content.reading.trouble
        found = repr(text[place : place + 40]) if place < len(text) else "the end"
        raise BadValue(f"expected {expected} at {place}, found {found}")
    return content


def _split(addr_spec: str) -> tuple[str, str]:
    found = read_given(addr_spec).entries
    if len(found) != 1 or not isinstance(found[0], Address) or found[0].display_name or "<" in addr_spec[:1]:
        raise BadValue(f"expected an addr_spec such as ada@example.org, found {addr_spec[:80]!r}")
    return found[0].username, found[0].domain


class _Shown:
    """How names and addresses are written for people."""

    __slots__ = ()

    def phrase(self, name: str) -> str:
        """*name*, quoted where it must be."""
        return shown_phrase(name)

    def spec(self, address: Address) -> str:
        """The bare address."""
        return address.addr_spec


class Wire(_Shown):
    """How they are written in mail."""

    __slots__ = ("_offset", "_utf8")

    def __init__(self, *, utf8: bool, offset: int) -> None:
        self._utf8 = utf8
        self._offset = offset

    def phrase(self, name: str) -> str:
        """*name* as it is written."""
        offset, self._offset = self._offset, 1  # any other name may come to stand on a line of its own
        return phrase(name, utf8=self._utf8, offset=offset)

    def spec(self, address: Address) -> str:
        """The bare address, its domain as DNS knows it unless UTF-8 may stand there.

        Raises:
            BadValue: it needs UTF-8.
        """
        if self._utf8:
            return address.addr_spec
        # RFC 6531 3.3; RFC 2047 5: no encoded word in an address.
        if not address.username.isascii():
            raise BadValue(
                f"expected SMTPUTF8 for a local part that is not ASCII, {address.username!r}; it is not in use"
            )
        return shown_spec(address.username, ascii_domain(address.domain))


def show(entries: Iterable[Entry], form: _Shown | None = None) -> str:
    """*entries* as text, for people unless *form* says else."""
    form = form or _Shown()
    entries = list(entries)
    shown = []
    for entry in entries:
        if isinstance(entry, Address):
            shown.append(_show_address(entry, form, is_alone=len(entries) == 1))
            continue
        name = form.phrase(entry.display_name or "")
        # RFC 2047 5 (3): white space between an encoded word and what is special.
        colon = " :" if name.startswith("=?") else ":"
        members = ", ".join([_show_address(member, form, is_alone=False) for member in entry.addresses])
        shown.append(f"{name}{colon}{' ' * bool(members)}{members};")
    return ", ".join(shown)


def _show_address(address: Address, form: _Shown, *, is_alone: bool) -> str:
    if address.display_name:
        return f"{form.phrase(address.display_name)} <{form.spec(address)}>"
    spec = form.spec(address)
    # A word without a domain is an address only if nothing else is there; before others it may be half a name.
    is_bare = address.domain or (is_alone and spec.isascii() and is_dot_atom(spec))
    return spec if is_bare else f"<{spec}>"


def ascii_domain(domain: str) -> str:
    """*domain* with its labels in the form that DNS knows.

    Raises:
        BadValue: no host can have that name.
    """
    if domain.isascii():
        return domain
    import idna  # noqa: PLC0415  # costs more to import than all of this, and is seldom needed

    try:
        # RFC 5891: nontransitional, so that straße.de does not become another domain.
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii")
    except UnicodeError as wrong:
        raise BadValue(f"expected an internationalized domain name, found {domain[:80]!r}: {wrong}") from None
