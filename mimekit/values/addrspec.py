"""Writes the parts of an address: names as phrases, local parts and domains; and says what cannot be one."""

from __future__ import annotations

import re

from .. import encodedword
from .._grammar import compiled, quote

_SPECIALS = r'()<>\[\]:;@\\,."'
_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# RFC 6532 3.2: an atom may hold all that is not ASCII.
_ATOM = rf"[^ {_SPECIALS}{_CONTROLS}]++"
_DOT_ATOM = rf"{_ATOM}(?:\.{_ATOM})*+"
_WORDS = rf"{_ATOM}(?: {_ATOM})*+"
_CONTROL = rf"[{_CONTROLS}]"
LITERAL = r"\[[!-Z^-~]*+\]"  # RFC 5322 3.4.1
_LONGEST_SPEC = 800  # octets; far more than RFC 5321 4.5.3.1 allows, and still no more than a line of mail
_LONGEST_NAME = 500  # a longer one goes into encoded words, which can be folded anywhere


def is_dot_atom(text: str) -> bool:
    """Whether *text* is atoms joined by single dots; they need not be ASCII. RFC 6532, section 3.2."""
    return compiled(_DOT_ATOM).fullmatch(text) is not None


def flaw(username: str, domain: str) -> str | None:
    """Why there can be no address of these two, or None."""
    control = compiled(_CONTROL).search(f"{username}@{domain}")
    if control:
        return f"a control character or lone surrogate (U+{ord(control[0]):04X}) cannot stand in an address"
    if not username:
        return "expected a username, found none"
    if not domain and "@" in username:
        return f"expected a username, found {username[:80]!r}; an addr_spec holds a username and a domain"
    if domain and not is_dot_atom(domain) and not compiled(LITERAL).fullmatch(domain):
        return f"expected a domain such as example.org or [192.0.2.1], found {domain[:80]!r}"
    size = len(shown_spec(username, domain).encode())
    return f"expected an address of at most {_LONGEST_SPEC} octets, found {size}" if size > _LONGEST_SPEC else None


def shown_spec(username: str, domain: str) -> str:
    """The bare address, its local part quoted where it must be."""
    # Quotes keep what looks like an encoded word, or like single quotes around it all, from being read so.
    if not is_dot_atom(username) or "=?" in username or username[0] == "'":
        username = quote(username)
    return f"{username}@{domain}" if domain else username


def shown_phrase(name: str) -> str:
    """*name* as people read it, quoted unless it is plain words. RFC 5322, section 3.2.5."""
    # In quotes, what looks like an encoded word is none (RFC 2047 5), and "mailto:" is the name of a group.
    if compiled(_WORDS).fullmatch(name) and "=?" not in name and name.lower() != "mailto":
        return name
    return quote(name)


def phrase(name: str, *, utf8: bool, offset: int) -> str:
    """*name* as it is written: words, a quoted string or, where it cannot stand in either, encoded words."""
    shown = shown_phrase(name)
    # Not all that is allowed (RFC 6532 3.2) is safe on the way: C1 controls, other line ends, U+FEFF.
    is_safe = not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]", shown) if utf8 else shown.isascii()
    if is_safe and (utf8 or shown.isprintable()) and "=?" not in shown and len(shown.encode()) <= _LONGEST_NAME:
        return shown
    return encodedword.encode(name, offset=offset, phrase=True)
