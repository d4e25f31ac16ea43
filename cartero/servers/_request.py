"""An HTTP request as a server reads it: its head, and its body piece by piece. Strict, for proxies may stand in front.

RFC 9112, sections 2 to 7.
"""

from __future__ import annotations

import re

from .._value import Value
from . import _refusals
from ._refusals import RefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ._incoming import Incoming

_HEAD_SIZE = 65_536  # octets of the lines in front of the body
_LEAST = 262_144  # octets of a piece of the body, if there are so many
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\r\n\0]*)")
_LENGTH = re.compile("[0-9]{1,15}")
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_LINE = 4_096
_MOST_TRAILERS = 100


class Head(Value):
    """What stands in front of a body. A value.

    Attributes:
        method: what is to be done.
        target: with what.
        fields: the header fields, their names in lower case; those of one name are one, with commas.
        is_last: whether the connection ends behind the answer.
    """

    __slots__ = ("fields", "is_last", "method", "target")

    method: str
    target: str
    fields: Mapping[str, str]
    is_last: bool

    def __init__(self, method: str, target: str, fields: Mapping[str, str], *, is_last: bool) -> None:
        self._set(method=method, target=target, fields=fields, is_last=is_last)


def read_head(incoming: Incoming) -> Head:
    """The head that comes next.

    Raises:
        RefusedError: it is none that can be understood.
    """
    octets = incoming.until(b"\r\n\r\n", limit=_HEAD_SIZE)
    if not octets.endswith(b"\r\n\r\n"):
        raise RefusedError(_refusals.LONG_HEAD if len(octets) == _HEAD_SIZE else _refusals.BAD_REQUEST)
    # RFC 9112 2.2: an empty line in front is to be passed over.
    first, *lines = octets.removeprefix(b"\r\n")[:-4].split(b"\r\n")
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        raise RefusedError(_refusals.BAD_REQUEST)
    method, target, major, minor = (part.decode("ascii") for part in found.groups())
    if major != "1":
        raise RefusedError(_refusals.NOT_THIS_HTTP)
    fields = _fields(lines)
    is_old = minor == "0"
    if not is_old and ("host" not in fields or "," in fields["host"]):
        # RFC 9112 3.2
        raise RefusedError(_refusals.BAD_REQUEST)
    return Head(method, target, fields, is_last=is_old or "close" in _listed(fields.get("connection", "")))


def _fields(lines: list[bytes]) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            # SECURITY: what one server passes over may be a field to the next.
            raise RefusedError(_refusals.BAD_REQUEST)
        name, value = found[1].decode("ascii").lower(), found[2].decode("latin-1").rstrip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _listed(value: str) -> list[str]:
    return [item.strip().lower() for item in value.split(",")]


def pieces(incoming: Incoming, fields: Mapping[str, str], *, limit: int) -> Iterator[bytes | bytearray]:
    """The body behind a head with these *fields*, in pieces that are the larger the more there was already.

    Raises:
        RefusedError: now or later: its length cannot be told, it is longer than *limit*, or not whole.
    """
    length = fields.get("content-length")
    coding = fields.get("transfer-encoding")
    if coding is not None:
        # SECURITY: RFC 9112 6.1: with both, what is another request to one server is none to the next.
        if length is not None:
            raise RefusedError(_refusals.BAD_REQUEST)
        if _listed(coding) != ["chunked"]:
            raise RefusedError(_refusals.NO_SUCH_CODING)
        return _chunked(incoming, limit)
    if length is None:
        raise RefusedError(_refusals.NO_LENGTH)
    if not _LENGTH.fullmatch(length):
        raise RefusedError(_refusals.BAD_REQUEST)
    if int(length) > limit:
        raise RefusedError(_refusals.TOO_LARGE)
    return _cut(incoming, int(length))


def _cut(incoming: Incoming, length: int) -> Iterator[bytes | bytearray]:
    left = length
    while left:
        # What parses XML looks at a long name from its start again with each piece.
        wanted = min(left, max(_LEAST, (length - left) // 4))
        piece = incoming.read(wanted)
        if len(piece) < wanted:
            raise RefusedError(_refusals.BAD_REQUEST)
        left -= wanted
        yield piece


def _chunked(incoming: Incoming, limit: int) -> Iterator[bytes | bytearray]:
    held = bytearray()
    passed_size = 0
    while size := _chunk_size(incoming):
        if passed_size + len(held) + size > limit:
            raise RefusedError(_refusals.TOO_LARGE)
        for piece in _cut(incoming, size):
            held += piece
            if len(held) >= max(_LEAST, passed_size // 4):
                passed_size += len(held)
                yield held
                held = bytearray()
        if incoming.read(2) != b"\r\n":
            raise RefusedError(_refusals.BAD_REQUEST)
    _pass_trailers(incoming)
    yield held


def _chunk_size(incoming: Incoming) -> int:
    found = _CHUNK_HEAD.fullmatch(incoming.until(b"\r\n", limit=_LONGEST_LINE))
    if found is None:
        raise RefusedError(_refusals.BAD_REQUEST)
    return int(found[1], 16)


def _pass_trailers(incoming: Incoming) -> None:
    """Read the fields behind the last chunk, of which none is wanted."""
    for _ in range(_MOST_TRAILERS):
        line = incoming.until(b"\r\n", limit=_LONGEST_LINE)
        if line == b"\r\n":
            return
        if not line.endswith(b"\r\n"):
            break
    raise RefusedError(_refusals.BAD_REQUEST)
