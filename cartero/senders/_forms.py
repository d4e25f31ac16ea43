r"""Mailboxes that are one file: how a message stands in an mbox, an MMDF file and a Babyl file. No file is known here.

- **mbox**, as mboxrd: a line ``From sender date``, the message, an empty line. A line of the message that begins with
  any number of ``>`` and "From " gets one ``>`` more, so that it is none of the former; who reads takes it off
  (RFC 4155, and `mimekit.read_mbox`).
- **MMDF**: a line of four ^A (U+0001), the same line ``From``, the message as it is, a line of four ^A.
- **Babyl**, version 5: a ^L, a line of labels, the header block as it is, a line ``*** EOOH ***``, the header block for
  people, the body as it is, a ^_ (U+001F).

They are written as the standard library's ``mailbox`` reads them. A message with a line that would end it in its
form, where that cannot be quoted, is refused.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, NamedTuple

from ._ondisk import StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_EOL = os.linesep.encode()
_MMDF = b"\x01\x01\x01\x01"
_EOOH = b"*** EOOH ***"
_SENDER_SIZE = 256  # RFC 5321 4.5.3.1: no path has more octets

_FROM = re.compile(rb"^(?=>*From )", re.MULTILINE)
_EMPTY_LINE = re.compile(rb"\n\r?\n")


class Form(NamedTuple):
    """One of the forms.

    Attributes:
        kind: what a file of it is called.
        head: what it begins with.
        mark: what stands before a message, or behind it.
        marks: how many of these an entry has that is not written to its end.
        entry: how a message, in pieces, from an envelope's sender, stands in it.
        before: what must stand before an entry, behind a file that ends like this; behind an empty one for ``b""``.
    """

    kind: str
    head: bytes
    mark: re.Pattern[bytes]
    marks: int
    entry: Callable[[Iterable[bytes], str], Iterator[bytes]]
    before: Callable[[bytes], bytes]


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The octets of *pieces* in blocks that begin where a line begins; none is empty."""
    begun: list[bytes] = []
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join((*begun, piece[:end]))
            begun = []
        if end < len(piece):
            begun.append(piece[end:])
    if begun:
        yield b"".join(begun)


def _mbox_entry(pieces: Iterable[bytes], sender: str) -> Iterator[bytes]:
    yield _from_line(sender)
    last = b""
    for block in whole_lines(pieces):
        last = block
        # The search for a plain string is a hundred times as fast.
        yield _FROM.sub(b">", block) if b"From " in block else block
    if not last.endswith(b"\n"):
        yield _EOL
    yield _EOL


def _before_in_mbox(tail: bytes) -> bytes:
    if not tail or tail.endswith((b"\n\n", b"\n\r\n")):
        return b""
    return _EOL if tail.endswith(b"\n") else 2 * _EOL


def _mmdf_entry(pieces: Iterable[bytes], sender: str) -> Iterator[bytes]:
    yield _MMDF + _EOL
    yield _from_line(sender)
    yield from _without(_MMDF, whole_lines(pieces), "an MMDF file", "four ^A")
    yield _EOL + _MMDF + _EOL


def _before_in_mmdf(tail: bytes) -> bytes:
    if not tail or tail.endswith((_MMDF + b"\n", _MMDF + b"\r\n")):
        return b""
    # What was begun and not ended, as by a program that was killed, is ended here.
    return _EOL + _MMDF + _EOL


def _babyl_entry(pieces: Iterable[bytes], _sender: str) -> Iterator[bytes]:
    yield b"\f" + _EOL + b"1,," + _EOL
    blocks = _without(b"\x1f", whole_lines(pieces), "a Babyl file", "^_")
    begun = bytearray()
    end = None
    for block in blocks:
        looked_at = max(len(begun) - 2, 0)
        begun += block
        end = _EMPTY_LINE.search(begun, looked_at)
        if end is not None:
            break
    header = bytes(begun[: end.end()]) if end is not None else b""
    shown = [line.rstrip(b"\r") for line in header.split(b"\n")]
    if _EOOH in shown or not header:
        # All of it stands as body: a header block that holds the line that ends it, and a message that has none.
        yield _EOOH + _EOL + _EOL + bytes(begun)
    else:
        yield header
        yield _EOOH + _EOL + b"".join(line + _EOL for line in shown if line) + _EOL
        yield bytes(begun[len(header) :])
    yield from blocks
    yield _EOL + b"\x1f"


def _before_in_babyl(tail: bytes) -> bytes:
    if not tail:
        return b"BABYL OPTIONS:" + _EOL + b"Version: 5" + _EOL + b"Labels:" + _EOL + b"\x1f"
    return b"" if tail.endswith(b"\x1f") else _EOL + b"\x1f"


def _from_line(sender: str) -> bytes:
    """The line before a message in mbox and MMDF: who it is from, and when it came, in universal time."""
    # The standard library reads ASCII alone there.
    author = sender.encode("ascii", "backslashreplace")
    if not 0 < len(author) <= _SENDER_SIZE:
        author = b"MAILER-DAEMON"
    return b"From " + author + b" " + time.asctime(time.gmtime()).encode() + _EOL


def _without(mark: bytes, blocks: Iterable[bytes], kind: str, called: str) -> Iterator[bytes]:
    """*blocks*, in which no line begins with *mark*.

    Raises:
        StepFailed: one does.
    """
    for block in blocks:
        if block.startswith(mark) or b"\n" + mark in block:
            raise StepFailed(
                "write",
                doing=f"write the message to {kind}",
                reason=f"a line of it begins with {called}, which would end it there; an mbox or a Maildir can hold it",
            )
        yield block


# Wherever it stands in a line: a program that appends does not always see that the line before was not ended.
_MBOX_MARK = re.compile(rb"From \S++ ++(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) ")
_MMDF_MARK = re.compile(rb"^\x01{4}", re.MULTILINE)
_BABYL_MARK = re.compile(rb"^\x1f", re.MULTILINE)

FORMS = {
    "mbox": Form("mbox", b"From ", _MBOX_MARK, 1, _mbox_entry, _before_in_mbox),
    "mmdf": Form("MMDF file", _MMDF, _MMDF_MARK, 1, _mmdf_entry, _before_in_mmdf),
    "babyl": Form("Babyl file", b"BABYL OPTIONS:", _BABYL_MARK, 0, _babyl_entry, _before_in_babyl),
}
