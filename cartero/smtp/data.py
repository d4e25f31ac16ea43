"""A message on its way through DATA: CRLF line ends, and dots. RFC 5321, sections 2.3.8 and 4.5.2."""

from __future__ import annotations

import re

from ..errors import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FEW = 400  # octets to a dot
_LONE_CR = re.compile(rb"\r(?!\n)")


def crlf_ended(pieces: Iterable[bytes], *, repair: bool) -> Iterator[bytes]:
    """The same octets with CRLF at the end of each line, in pieces none of which ends within a CRLF.

    LF becomes CRLF. So does a lone CR if *repair* is true.

    Raises:
        BadMessage: there is a lone CR, and it is not to be repaired; the text says where.

    RFC 5321, section 2.3.8.
    """
    place = 0
    for piece in _whole_line_ends(pieces):
        yield with_crlf(piece, repair=repair, place=place)
        place += len(piece)


def _whole_line_ends(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same octets in pieces that end in no CR, but for the last one."""
    held = b""
    for given in pieces:
        piece = held + given if held else given
        held = b""
        if piece.endswith(b"\r"):
            piece, held = piece[:-1], b"\r"
        if piece:
            yield piece
    if held:
        yield held


def with_crlf(piece: bytes, *, repair: bool, place: int = 0) -> bytes:
    """*piece*, which stands at the octet *place* of a message, as `crlf_ended` has it."""
    if has_crlf_alone(piece):
        return piece
    # SECURITY: a server may take "\r.\r\n" for the end of the message, and what follows for commands.
    if not repair and (lone := _LONE_CR.search(piece)):
        raise BadMessage(
            f"a carriage return without a line feed at octet {place + lone.start()}: send it in a transfer encoding, "
            "or let it become a line end with repair=True"
        )
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def has_crlf_alone(piece: bytes) -> bool:
    """Whether each line end in *piece* is CRLF."""
    # What is no line is the line ends. Several times quicker than an expression over a body that is right, as most are.
    lines = piece.splitlines()
    end_count = len(lines) if piece.endswith((b"\n", b"\r")) else max(len(lines) - 1, 0)
    return len(piece) - sum(map(len, lines)) == 2 * end_count


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What follows DATA: *pieces*, which hold CRLF line ends alone and none cut in two, and the end of the message.

    A line that begins with a dot gets another one; the last line is ended. RFC 5321, section 4.5.2.
    """
    is_line_start = True
    for piece in filter(None, pieces):
        if is_line_start and piece.startswith(b"."):
            yield b"."
        yield _dotted(piece)
        is_line_start = piece.endswith(b"\n")
    yield b".\r\n" if is_line_start else b"\r\n.\r\n"


def _dotted(piece: bytes) -> bytes:
    """*piece* with another dot before each that stands behind a CRLF."""
    place = piece.find(b".")
    # Where dots are few, as in base64, to look at each is quicker than to look for both.
    for _ in range(len(piece) // _FEW + 1):
        if place < 0:
            return piece
        if piece[max(place - 2, 0) : place] == b"\r\n":
            break
        place = piece.find(b".", place + 1)
    return piece.replace(b"\r\n.", b"\r\n..")
