"""Octets in the forms that a DKIM signature is made over: as they go on the wire, and relaxed."""

from __future__ import annotations

import re
from itertools import chain

from ..errors import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Compiled at the first signature, for few sign.
_LINE = rb"\r\n(?![ \t])"
# RFC 6376 3.4.2: white space before the colon is no part of the name.
_NAME = rb"([!-9;-~]++)[ \t]*+:"
_LONE_CR = rb"\r(?!\n)"
_SPACE = rb"[ \t]++"


def on_the_wire(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The octets of *chunks* with each line end as CRLF, none of them cut in two.

    Raises:
        BadMessage: there is a CR alone, of which nobody can say whether it ends a line.

    RFC 5321, section 2.3.8; RFC 6376, section 5.3.
    """
    held = b""
    passed = 0
    for chunk in chunks:
        octets = held + chunk if held else chunk
        held = b"\r" if octets.endswith(b"\r") else b""
        octets = octets.removesuffix(b"\r")
        if lone := re.search(_LONE_CR, octets):
            raise _no_line_end(passed + lone.start())
        passed += len(octets)
        # without a CR alone, there are as many CRs as CRLFs; to count those would take three times as long
        is_canonical = octets.count(b"\n") == octets.count(b"\r")
        yield octets if is_canonical else octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if held:
        raise _no_line_end(passed)


def _no_line_end(place: int) -> BadMessage:
    return BadMessage(f"a CR alone, as at octet {place} of the message, cannot be signed: not everybody takes it alike")


def split(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The header, the empty line behind it with it, and the rest of *chunks*, which have CRLF line ends."""
    head = bytearray()
    for chunk in chunks:
        searched = max(len(head) - 3, 0)
        head += chunk
        if head.startswith(b"\r\n"):
            return b"\r\n", chain((bytes(head[2:]),), chunks)
        end = head.find(b"\r\n\r\n", searched)
        if end >= 0:
            return bytes(head[: end + 4]), chain((bytes(head[end + 4 :]),), chunks)
    return bytes(head), iter(())


def fields(head: bytes) -> dict[bytes, list[bytes]]:
    """The fields of a header as it stands on the wire: relaxed lines by their names, in lower case; the last one first.

    The last is the one a verifier takes first (RFC 6376, section 5.4.2).

    Raises:
        BadMessage: a line is no field.
    """
    found: dict[bytes, list[bytes]] = {}
    text = head.removesuffix(b"\r\n").removesuffix(b"\r\n")
    for line in re.split(_LINE, text) if text else ():
        name = re.match(_NAME, line)
        if name is None:
            found_there = line[:40].decode("ascii", "backslashreplace")
            raise BadMessage(f"expected a header field, found a line over which no signature holds: {found_there}")
        lower = name[1].lower()
        found.setdefault(lower, []).append(relaxed_field(lower, line[name.end() :]))
    return {name: lines[::-1] for name, lines in found.items()}


def relaxed_field(name: bytes, body: bytes) -> bytes:
    """One field, its *name* in lower case, on one line with its line end: white space is one space, none at the ends.

    RFC 6376, section 3.4.2.
    """
    return name + b":" + re.sub(_SPACE, b" ", body.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


class RelaxedBody:
    """The digest of a body that comes in pieces, whatever their number and size.

    White space in a line is one space, none at its end, and empty lines at the end of the body do not count.
    RFC 6376, section 3.4.4.
    """

    def __init__(self) -> None:
        # Imported at the first signature: hashlib brings OpenSSL, and no road needs it.
        import hashlib  # noqa: PLC0415

        self._hash = hashlib.sha256()
        self._held = b""  # a space that is kept if the line goes on
        self._line_ends = 0  # those behind the text that was hashed, which count if more text follows
        self._is_empty = True

    def update(self, octets: bytes) -> None:
        """Go on with *octets*, whose line ends are CRLF, whole ones."""
        text = self._held + octets if self._held else octets
        self._held = b""
        if b" " in text or b"\t" in text:
            text = text.replace(b"\t", b" ")
            # Each time the runs are half as long: far quicker than a regular expression, and linear all the same.
            while b"  " in text:
                text = text.replace(b"  ", b" ")
            self._held = b" " if text.endswith(b" ") else b""
            text = text.removesuffix(b" ").replace(b" \r\n", b"\r\n")
        size = len(text)
        text = text.rstrip(b"\r\n")
        if text:
            self._hash.update(b"\r\n" * self._line_ends)
            self._hash.update(text)
            self._line_ends = 0
            self._is_empty = False
        self._line_ends += (size - len(text)) // 2

    def digest(self) -> bytes:
        """The SHA-256 of it all; a text ends in one line end, whether there was one or not."""
        whole = self._hash.copy()
        if not self._is_empty:
            whole.update(b"\r\n")
        return whole.digest()
