"""The messages `mimekit` looks at: in files, in mboxes, on standard input."""

from __future__ import annotations

import os
import stat
import sys
from io import BufferedReader, BytesIO

from ..errors import MimeError
from ..mbox import read_mbox
from ..parser import parse, parse_file
from ._exits import Exit, NoInputError
from ._output import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO, TextIO

    from ..message import MIMEMessage

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH123, PTH116

_LARGE = 8 << 20  # octets from which on a file is mapped and not read


class Input:
    """The messages at some paths, each with what it is called: its file and, in an mbox of several, its number.

    A path that cannot be read is complained of and passed over; `status` says so. A large message is mapped, and an
    mbox read message by message; standard input and pipes are read whole.

    Args:
        paths: ``-`` is standard input.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.status = Exit.WELL
        self._paths = paths

    def __iter__(self) -> Iterator[tuple[str, MIMEMessage]]:
        for path in self._paths:
            try:
                file = _opened(path)
            except NoInputError as error:
                complain(str(error))
                self.status = Exit.NO_INPUT
                continue
            with file:
                yield from _messages(path, file)

    def size(self) -> int | None:
        """The octets there are to read; None where that is known only when they are read."""
        total = 0
        for path in self._paths:
            try:
                status = os.stat(path)
            except (OSError, ValueError):
                return None
            if not stat.S_ISREG(status.st_mode):
                return None
            total += status.st_size
        return total


def _messages(path: str, file: BinaryIO) -> Iterator[tuple[str, MIMEMessage]]:
    is_mbox = file.read(5) == b"From "
    file.seek(0)
    if not is_mbox:
        yield path, _message(file)
        return
    try:
        found = read_mbox(file)
    except MimeError:
        # a message with an odd first line
        file.seek(0)
        yield path, _message(file)
        return
    number = 0
    waiting = next(found)
    for number, message in enumerate(found, 1):
        yield f"{path}#{number}", waiting
        waiting = message
    yield f"{path}#{number + 1}" if number else path, waiting


def _message(file: BinaryIO) -> MIMEMessage:
    if isinstance(file, BytesIO):
        return parse(file.getvalue())
    return parse_file(file, mmap=os.fstat(file.fileno()).st_size >= _LARGE)


def _opened(path: str) -> BinaryIO:
    """What stands there, at its beginning, to be read from any place.

    Raises:
        NoInputError: nothing that can be read.
    """
    try:
        if path == "-":
            return BytesIO(_stdin().read())
        return _from_disk(open(path, "rb"))
    except (OSError, ValueError) as error:  # a NUL in it is a ValueError
        said = getattr(error, "strerror", None) or error
        raise NoInputError(f"cannot read {'standard input' if path == '-' else path}: {said}") from error


def _from_disk(file: BufferedReader) -> BinaryIO:
    """*file*, or what is in it where it is a pipe."""
    try:
        file.peek(1)
        if file.seekable():
            return file
        octets = file.read()
    except OSError:
        file.close()
        raise
    file.close()
    return BytesIO(octets)


def _stdin() -> BinaryIO:
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise NoInputError("there is no standard input")
    return stdin.buffer
