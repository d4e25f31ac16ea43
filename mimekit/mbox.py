"""The door to an mbox: a file of many messages, each behind a line "From ", to its messages, one at a time.

No standard says more of the format than RFC 4155, which describes the least that all forms have in common. The four
that exist differ in how a line "From " inside a message is kept from being taken for a separator: it is quoted with
``>`` (mboxo), and so are the quoted ones (mboxrd); or the octets are counted in a Content-Length (mboxcl2); or both
(mboxcl).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from . import policy as policies
from ._file import Opened, read_octets
from ._grammar import compiled
from ._node import check_policy
from .errors import BadValue
from .message import MIMEMessage
from .parser import message_of
from .policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Literal

_CHUNK = 1 << 18  # octets read at a time: what stays in a processor's cache is searched fastest
_AHEAD = 1 << 24  # octets read ahead, at most, to see whether a Content-Length is true
_LOOK = 1_400  # octets from the beginning of a separator line that are needed to tell that it is one

# RFC 5322 2.1.1: no line has more than 998 octets, and a separator is to be told from what is no mail at all
_LINE = rb"From [^\n]{0,998}(?:\n|\Z)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# the dates of asctime, and those of RFC 5322 3.3, which some programs write there
_DATED = (
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,2}"
    rb"(?:" + _MONTH + rb" {1,2}\d{1,2}|\d{1,2} {1,2}" + _MONTH + rb" {1,2}\d{4}) {1,2}\d{1,2}:\d\d"
)
# one word, which is a sender; or a header field in the next line
_PLAIN = rb"From (?:[^ \t\r\n]++[ \t\r]*+(?:\n|\Z)|[^\n]*+\n[!-9;-~]{1,99}+[ \t]{0,9}+:)"

_FROM = rb"\n(>*+)From "  # a line that may be a separator, or a quoted one
_RUN = b">" * (_LOOK // 2)
_HEAD = rb"\n(?:\r?\n|(?i:content-length)[ \t]*+:[ \t]*+(\d{1,15})[ \t\r]*+\n)"
_BLANK = rb"\n\r?\n"
_BEHIND = rb"\n(?:\r?\n)?(?=From |\Z)"

# the octet looked for stands first, so that a long body is passed at the speed of memory
_QUOTED = rb">(?<![^\n]>)(?=>*+From )"
_QUOTED_ONCE = rb">(?<![^\n]>)(?=From )"
# what is believed of a Content-Length; which quotes are taken off where none is true, and where one is
_Reading = tuple[bool, bytes | None, bytes | None]
_VARIANTS: dict[str | None, _Reading] = {
    None: (True, _QUOTED, None),
    "mboxrd": (False, _QUOTED, _QUOTED),
    "mboxo": (False, _QUOTED_ONCE, _QUOTED_ONCE),
    "mboxcl": (True, _QUOTED_ONCE, _QUOTED_ONCE),
    "mboxcl2": (True, None, None),
}


def read_mbox(
    path_or_file: str | os.PathLike[str] | IO[bytes],
    *,
    variant: Literal["mboxrd", "mboxo", "mboxcl", "mboxcl2"] | None = None,
    policy: Policy = policies.default,
) -> Iterator[MIMEMessage]:
    """The messages in an mbox, in order, one in memory at a time.

    What is held is a piece of the file and, while it is taken out, the message twice. A file that was opened here
    is closed at the end, or when the iterator is dropped. The line before a message is its
    `~MIMEMessage.get_unixfrom`; the empty line behind it is the file's. The rest is the message as it was before it
    was put there, octet for octet, except for a last line end that was added.

    A line that begins with "From " is a separator where it has a date, whatever stands before it; or behind an
    empty line, where nothing but one word follows the ``From``, or a header field stands in the next line.

    Args:
        path_or_file: where it stands; it may be a pipe.
        variant: how lines "From " inside the messages were kept. ``"mboxrd"``: one ``>`` is taken off all that
            begin with any number of ``>`` and "From "; ``"mboxo"``: only off ">From "; ``"mboxcl2"``: they stand
            as they are, the Content-Length is believed; ``"mboxcl"``: it is believed, and ">From " unquoted. By
            default it depends on the message: where its Content-Length is true its octets are taken as they
            stand, others are read as mboxrd. A Content-Length is true if a separator or the end of the file stands
            behind that many octets, in a pipe within 16 MiB.
        policy: the options of reading, and of writing what is changed.

    Raises:
        MissingFile: there is no such file.
        BadValue: it is no mbox: something stands before the first "From "; or the file is open for reading text.
        OSError: it cannot be read.
        ParseError: under ``policy.strict``, the first defect; the messages behind it are not read.

    RFC 4155.
    """
    check_policy(policy)
    if variant not in tuple(_VARIANTS):
        raise BadValue(f"expected one of {', '.join(filter(None, _VARIANTS))} or None, found {variant!r}")
    pieces = _divide(path_or_file, *_VARIANTS[variant])
    next(pieces)  # it is opened now, so that a missing one is missed here
    return (_message(line, octets, policy) for line, octets in pieces)


def _message(line: bytes, octets: bytes, policy: Policy) -> MIMEMessage:
    message = message_of(octets, policy)
    message._unixfrom = line
    return message


def _divide(
    path_or_file: str | os.PathLike[str] | IO[bytes],
    believed: bool,  # noqa: FBT001 -- a row of the table
    quotes: bytes | None,
    quotes_measured: bytes | None,
) -> Iterator[tuple[bytes, bytes]]:
    """Two empty ones once it is open, then each separator line, and the message behind it."""
    with Opened(path_or_file) as file:
        window = _Window(file)
        window.begin()
        yield b"", b""
        data = window.data
        while data:
            start = data.find(b"\n") + 1 or len(data)
            end, following, quoted = window.find_separator(start)
            off = quotes if quoted else None
            if believed and (measured := window.measure(start, following)) is not None:
                (end, following), off = measured, quotes_measured
            line, octets = bytes(data[:start]), bytes(memoryview(data)[start:end])
            del data[:following]
            window.reach(_LOOK)
            yield line, octets if off is None else compiled(off).sub(b"", octets)


class _Window:
    """What of the file is in memory: from the separator line looked at to what was read last."""

    __slots__ = ("_ended", "_file", "data")

    def __init__(self, file: IO[bytes]) -> None:
        self.data = bytearray()
        self._file = file
        self._ended = False

    def reach(self, size: int) -> None:
        """Read on until *size* octets are there, or no more come."""
        while len(self.data) < size and self._read():
            pass

    def _read(self) -> bool:
        if not self._ended:
            octets = read_octets(self._file, _CHUNK)
            self.data += octets
            self._ended = not octets
        return not self._ended

    def begin(self) -> None:
        """Go to the first separator line.

        Raises:
            BadValue: there is something else.
        """
        data = self.data
        while not data and self._read():
            # QUIRK: some programs leave an empty line at the beginning of a new file
            del data[: len(data) - len(data.lstrip(b"\r\n"))]
        self.reach(_LOOK)
        if data and not compiled(_LINE).match(data):
            found = bytes(data[:40]).splitlines()[0]
            raise BadValue(f"expected an mbox, which begins with a line 'From ', and found {found!r}")

    def find_separator(self, start: int) -> tuple[int, int, bool]:
        """Where the message that begins at *start* ends, and where the separator behind it begins, or the file ends.

        What was gone over is not gone over again when more is read.

        Returns:
            the offsets, and whether a line in the message looks quoted.
        """
        data = self.data
        at = start - 1
        quoted = False
        while True:
            found = compiled(_FROM).search(data, at)
            if found is None:
                # a quoted line may begin before what is gone over again
                quoted = quoted or _RUN in data[-_LOOK:]
                at = max(at, len(data) - _LOOK)
                if self._read():
                    continue
                at = len(data)
                return at - _blank_before(data, at), at, quoted
            at = found.start() + 1
            if found[1]:
                quoted = True
                continue
            self.reach(at + _LOOK)
            blank = _blank_before(data, at)
            if _separates(data, at, behind_blank=blank > 0):
                return at - blank, at, quoted

    def measure(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the message at *start* ends by its Content-Length, and where the next separator line begins.

        None where it has none, or it is not true. Its header block ends before *end*.
        """
        length = compiled(_HEAD).search(self.data, start - 1, end)
        if length is None or length[1] is None:
            return None
        blank = compiled(_BLANK).search(self.data, length.end() - 1, end)
        if blank is None:
            return None
        stop = blank.end() + int(length[1])
        around = self._look(stop - 1)
        behind = compiled(_BEHIND).match(around)
        # without a last line end it can be true only at the end of the file
        place = behind.end() if behind else 1
        if place != len(around) and not (behind and _separates(around, place, behind_blank=True)):
            return None
        self.reach(stop - 1 + place)
        return stop, stop - 1 + place

    def _look(self, place: int) -> bytes:
        """What stands at *place*, enough of it to know a separator line by; less only where the file ends."""
        if place + _LOOK - len(self.data) <= _AHEAD:
            self.reach(place + _LOOK)
            return bytes(self.data[place : place + _LOOK])
        # SECURITY: a Content-Length is anybody's claim, and must not fill the memory
        if not self._file.seekable():
            return b""
        here = self._file.tell()
        self._file.seek(here - len(self.data) + place)
        found = read_octets(self._file, _LOOK)
        self._file.seek(here)
        return found


def _separates(data: bytes | bytearray, at: int, *, behind_blank: bool) -> bool:
    """Whether the line at *at*, which begins with "From ", is a separator."""
    line = compiled(_LINE).match(data, at)
    if line is None:
        return False
    # QUIRK: some programs write no empty line before it
    return compiled(_DATED).search(data, at, line.end()) is not None or (
        behind_blank and compiled(_PLAIN).match(data, at) is not None
    )


def _blank_before(data: bytes | bytearray, at: int) -> int:
    """The octets of the empty line before *at*; 0 where there is none."""
    if data.endswith(b"\n\r\n", 0, at):
        return 2
    return 1 if data.endswith(b"\n\n", 0, at) else 0
