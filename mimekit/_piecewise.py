"""Transfer encodings undone a piece at a time, for what is too large to be held; the result is that of `transfer`."""

from __future__ import annotations

from . import transfer
from ._grammar import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLANKS = b" \t"
_UNDECIDED = _BLANKS + b"="  # what ends a line, or does not
_ESCAPE_BEGUN = rb"=[0-9A-Fa-f]\Z"
_MOST_PADDING = 4  # as much as ever changes anything


def undo_pieces(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """What *pieces*, one behind the other, stand for in *encoding*, as `transfer.undo` has it; never raises.

    What is held meanwhile is about a piece, but for uuencode, which is held whole, and for blanks and
    signs of equality that go on and on in quoted-printable. RFC 2045, section 6.
    """
    encoding = encoding.lower()
    if encoding == "base64":
        return _undo_base64(pieces)
    if encoding == "quoted-printable":
        return _undo_quoted_printable(pieces)
    if transfer.is_identity(encoding) or not transfer.is_known(encoding):
        return iter(pieces)
    return (transfer.undo(octets, encoding) for octets in (b"".join(pieces),))


def _undo_base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""  # digits that are no group of four yet, and the padding behind them
    for piece in pieces:
        kept = rest + transfer.only_base64(piece)
        stem = kept.rstrip(b"=")  # how much padding stands there is not known yet
        *ended, last = transfer.base64_runs(stem)
        yield from map(transfer.base64_run, ended)
        whole = len(last) // 4 * 4
        yield transfer.base64_run(last[:whole])
        rest = last[whole:] + kept[len(stem) : len(stem) + _MOST_PADDING]
    yield transfer.base64_run(rest.rstrip(b"="))


def _undo_quoted_printable(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    for piece in pieces:
        held.append(piece)
        if piece.strip(_UNDECIDED):
            octets = b"".join(held)
            end = _safe_end(octets)
            yield transfer.undo(octets[:end], "quoted-printable")
            held = [octets[end:]]
    yield transfer.undo(b"".join(held), "quoted-printable")


def _safe_end(octets: bytes) -> int:
    """Up to where *octets* mean the same whatever follows; there no blank, escape or line end is cut."""
    line_end = octets.rfind(b"\n") + 1
    if line_end:
        return line_end
    # a line without end: the blanks that end it may be none of it, and what begins an escape is none yet
    if octets.endswith(b"\r") and not octets[:-1].rstrip(_BLANKS).endswith(b"="):
        return len(octets)
    begun = compiled(_ESCAPE_BEGUN).search(octets, max(0, len(octets) - 2))
    return len(octets[: None if begun is None else begun.start()].removesuffix(b"\r").rstrip(_UNDECIDED))
