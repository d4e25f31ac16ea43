"""Where mail goes, as a URL: the text of a setting taken apart."""

from __future__ import annotations

import os
import re

from ._numbers import read_number
from ._value import Value
from .errors import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Each is compiled when it is needed: a URL is read once, and a command's start is most of its cost.
_CONTROL = r"[\x00-\x1f\x7f]"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*+(?=:)"
_ESCAPE = rb"%([0-9A-Fa-f]{2})"
_BAD_ESCAPE = r"%(?![0-9A-Fa-f]{2})"
_VARIABLE = r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))"
_OPTION = r"[A-Za-z_]{1,20}"
# RFC 3986 3.2.2: an IPv6 address stands in brackets.
_HOST = r"(?P<host>\[[0-9A-Fa-f:.%A-Za-z]++\]|[^\[\]:@/\s]*+)(?::(?P<port>[0-9]{1,5}))?"
_DEEPEST = 20


class Endpoint(Value):
    """What an authority says: host, port and user. A value; its repr never shows the password.

    Attributes:
        host: a name or an address, without the brackets of an IPv6 address.
        port: the number, or None where none is said.
        user: the user, decoded; None where none is said.
        password: the password, decoded; None where none is said.

    RFC 3986, section 3.2.
    """

    __slots__ = ("host", "password", "port", "user")

    host: str
    port: int | None
    user: str | None
    password: str | None

    def __init__(
        self, host: str, *, port: int | None = None, user: str | None = None, password: str | None = None
    ) -> None:
        self._set(host=host, port=port, user=user, password=password)

    def __repr__(self) -> str:
        # SECURITY: neither the password nor who has it.
        return f"<Endpoint {self.host}>"


class SenderURL(Value):
    """A sender's URL. A value: frozen, equal by meaning; its repr shows the scheme alone.

    Attributes:
        scheme: what stands before the first colon, in lower case.
        authority: what stands between ``//`` and the next ``/``, as it was written.
        path: what follows, without its percent-encoding: ``outbox`` of ``maildir:outbox``,
            ``/var/mail/ana`` of ``maildir:///var/mail/ana``. A ``~`` is a ``~``.
        query: what follows a ``?``, as it was written.
        members: the URLs in the parentheses of ``failover:(a b)``, as they were written.

    RFC 3986, section 3, without fragments, which mean nothing here.
    """

    __slots__ = ("authority", "members", "path", "query", "scheme")

    scheme: str
    authority: str
    path: str
    query: str
    members: tuple[str, ...]

    def __init__(
        self, scheme: str, *, authority: str = "", path: str = "", query: str = "", members: Iterable[str] = ()
    ) -> None:
        self._set(scheme=scheme, authority=authority, path=path, query=query, members=tuple(members))

    @classmethod
    def parse(cls, text: str) -> SenderURL:
        """The parts of *text*.

        Raises:
            BadURL: it is no `str`; it has no scheme, a fragment, a control character or a NUL, a ``%`` without two
                hexadecimal digits behind it, or a parenthesis that is not closed.
        """
        if not isinstance(text, str):
            raise BadURL(f"expected a URL such as maildir:outbox, found {type(text).__name__}")
        scheme = re.match(_SCHEME, text)
        if scheme is None:
            raise BadURL("expected a URL such as maildir:outbox or smtp://host:587, found no scheme")
        if found := re.search(_CONTROL, text):
            raise BadURL(f"a control character (U+{ord(found[0]):04X}) at {found.start()} cannot stand in a URL")
        name, rest = scheme[0].lower(), text[scheme.end() + 1 :]
        if "#" in text:
            raise BadURL(f"{name}: takes no fragment; a # is written %23")
        if rest.startswith("("):
            return cls._group(name, rest)
        rest, _, query = rest.partition("?")
        authority = ""
        if rest.startswith("//"):
            authority, slash, path = rest[2:].partition("/")
            rest = slash + path
        return cls(name, authority=authority, path=_decoded(rest), query=query)

    @classmethod
    def _group(cls, scheme: str, rest: str) -> SenderURL:
        inside, end = _in_parentheses(rest)
        behind = rest[end:]
        if behind and not behind.startswith("?"):
            raise BadURL(f"expected nothing or a ? behind the parentheses of {scheme}:(...)")
        return cls(scheme, query=behind[1:], members=_members(inside))

    def endpoint(self) -> Endpoint:
        """What the authority says.

        A user or a password that is ``$NAME`` or ``${NAME}`` as a whole is what the environment variable of that
        name holds.

        Raises:
            BadURL: it is no ``user:password@host:port``, or there is no such variable.
        """
        userinfo, at, place = self.authority.rpartition("@")
        found = re.fullmatch(_HOST, place)
        if found is None or int(found["port"] or 0) > 65_535:
            raise BadURL(f"expected a host, or host:port, behind {self.scheme}://{escapes(self)}")
        user, colon, password = userinfo.partition(":")
        return Endpoint(
            # A % is written %25 in a URL, here the one before the zone of an address.
            found["host"].strip("[]").replace("%25", "%", 1),
            port=int(found["port"]) if found["port"] else None,
            user=self._said(user) if at else None,
            password=self._said(password) if colon else None,
        )

    def _said(self, text: str) -> str:
        variable = re.fullmatch(_VARIABLE, text) if "$" in text else None
        if variable is None:
            return _decoded(text)
        name = variable[1] or variable[2]
        if name not in os.environ:
            raise BadURL(f"{self.scheme}: expected the environment variable {name}, found none of that name")
        return os.environ[name]

    def options(self, *known: str) -> dict[str, str]:
        """What the query says, ``name=value`` by ``name=value`` between ``&``, decoded.

        A value that is ``$NAME`` as a whole is what the environment variable of that name holds.

        Raises:
            BadURL: one of them is not *known*, comes twice, or has no value.
        """
        found: dict[str, str] = {}
        for pair in filter(None, self.query.split("&")):
            name, equals, value = pair.partition("=")
            if name not in known:
                meant = self._mistyped(name, known) if equals else ""
                raise BadURL(f"{self.scheme}: has no such option{meant} ({_there_are(known)})")
            if not equals or name in found:
                raise BadURL(f"{self.scheme}: expected {name}=VALUE, once")
            found[name] = self._said(value)
        return found

    def _mistyped(self, name: str, known: Iterable[str]) -> str:
        """*name*, and which of those *known* it may stand for."""
        # SECURITY: a ? in a password makes a query of the rest of it.
        if "@" in self.query or not re.fullmatch(_OPTION, name):
            return ""
        meant = nearest(name, known)
        return f" as {name}{f'; did you mean {meant}?' if meant else ''}"

    def seconds(self, *known: str) -> dict[str, float]:
        """What the query says, as `options` has it, each a number of seconds.

        Raises:
            BadURL: one of them is none, or as for `options`.
        """
        return {name: read_number(name, value, float) for name, value in self.options(*known).items()}

    def __repr__(self) -> str:
        # SECURITY: the rest may hold a password.
        return f"<SenderURL {self.scheme}:>"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Which of those *known* whoever wrote *name* may have meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - for mistakes alone

    return next(iter(get_close_matches(name, list(known), 1)), None)


def escapes(url: SenderURL) -> str:
    """How a password is written that may have cut *url* short; an empty string where there is none."""
    cut = url.path + url.query if "@" not in url.authority else ""
    return "; in a password, @ / ? and : are written %40, %2F, %3F and %3A" if "@" in cut else ""


def said_or_set(url: str | None) -> str:
    """*url*, or what ``$CARTERO_URL`` holds if it is None.

    Raises:
        BadURL: there is neither.
    """
    if url is not None:
        return url
    if "CARTERO_URL" not in os.environ:
        raise BadURL("expected a URL, or one in the environment variable CARTERO_URL, found neither")
    return os.environ["CARTERO_URL"]


def _there_are(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"there are {names}" if names else "it takes none; a ? in a path is written %3F"


def _in_parentheses(text: str) -> tuple[str, int]:
    """What stands between the parenthesis that *text* begins with and its partner, and where that ends."""
    depth = 0
    for found in re.finditer(r"[()]", text):
        depth += 1 if found[0] == "(" else -1
        if depth > _DEEPEST:
            raise BadURL(f"expected at most {_DEEPEST} parentheses inside each other")
        if not depth:
            return text[1 : found.start()], found.end()
    raise BadURL("expected a ) for each ( in the URL; in a path they are written %28 and %29")


def _members(inside: str) -> list[str]:
    """The URLs in *inside*, which are divided by spaces outside parentheses."""
    found: list[str] = []
    depth = 0
    for word in inside.split(" "):
        if depth:
            found[-1] += f" {word}"
        elif word:
            found.append(word)
        depth += word.count("(") - word.count(")")
    return found


def _decoded(path: str) -> str:
    """*path* without percent-encoding: octets become what this system calls a file of that name."""
    if "%" not in path and path.isascii():
        return path
    if re.search(_BAD_ESCAPE, path):
        raise BadURL("expected two hexadecimal digits behind each % of the URL; a % itself is written %25")
    try:
        octets = re.sub(_ESCAPE, lambda escape: bytes.fromhex(escape[1].decode()), os.fsencode(path))
    except UnicodeEncodeError as error:
        raise BadURL("the URL holds characters that no file name can have") from error
    if b"\0" in octets:
        raise BadURL("the URL holds a NUL, which no file name can have")
    return os.fsdecode(octets)
