"""Where mail goes, as a URL: the text of a setting taken apart."""

from __future__ import annotations

import os
import re

from ._value import Value
from .errors import BadURL

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+(?=:)")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class SenderURL(Value):
    """A sender's URL. A value: frozen, equal by meaning; its repr shows the scheme alone.

    Attributes:
        scheme: what stands before the first colon, in lower case.
        authority: what stands between ``//`` and the next ``/``, as it was written.
        path: what follows, without its percent-encoding: ``outbox`` of ``maildir:outbox``,
            ``/var/mail/ana`` of ``maildir:///var/mail/ana``. A ``~`` is a ``~``.
        query: what follows a ``?``, as it was written.

    RFC 3986, section 3, without fragments, which mean nothing here.
    """

    __slots__ = ("authority", "path", "query", "scheme")

    scheme: str
    authority: str
    path: str
    query: str

    def __init__(self, scheme: str, *, authority: str = "", path: str = "", query: str = "") -> None:
        self._set(scheme=scheme, authority=authority, path=path, query=query)

    @classmethod
    def parse(cls, text: str) -> SenderURL:
        """The parts of *text*.

        Raises:
            BadURL: it is no `str`; it has no scheme, a fragment, a control character or a NUL, or a ``%`` without two
                hexadecimal digits behind it.
        """
        if not isinstance(text, str):
            raise BadURL(f"expected a URL such as maildir:outbox, found {type(text).__name__}")
        scheme = _SCHEME.match(text)
        if scheme is None:
            raise BadURL("expected a URL such as maildir:outbox, found no scheme")
        if found := _CONTROL.search(text):
            raise BadURL(f"a control character (U+{ord(found[0]):04X}) at {found.start()} cannot stand in a URL")
        if "#" in text:
            raise BadURL(f"{scheme[0].lower()}: takes no fragment; a # in a path is written %23")
        rest, _, query = text[scheme.end() + 1 :].partition("?")
        authority = ""
        if rest.startswith("//"):
            authority, slash, path = rest[2:].partition("/")
            rest = slash + path
        return cls(scheme[0].lower(), authority=authority, path=_decoded(rest), query=query)

    def __repr__(self) -> str:
        # SECURITY: the rest may hold a password.
        return f"<SenderURL {self.scheme}:>"


def _decoded(path: str) -> str:
    """*path* without percent-encoding: octets become what this system calls a file of that name."""
    if _BAD_ESCAPE.search(path):
        raise BadURL("expected two hexadecimal digits behind each % of the URL; a % itself is written %25")
    try:
        octets = _ESCAPE.sub(lambda escape: bytes.fromhex(escape[1].decode()), os.fsencode(path))
    except UnicodeEncodeError as error:
        raise BadURL("the URL holds characters that no file name can have") from error
    if b"\0" in octets:
        raise BadURL("the URL holds a NUL, which no file name can have")
    return os.fsdecode(octets)
