"""A mailbox that is one file: messages are appended to it, whole or not at all as far as one file can have that.

A message is made ready first, in memory or in an unnamed file; then the mailbox is locked, and it is appended. So the
time in which a program that is killed leaves half a message behind is short, and what it leaves is taken back by the
next delivery: the lock file says how large the mailbox was. What fails while the program lives is taken back at once.
"""

from __future__ import annotations

import contextlib
import os
from itertools import chain

from .._reason import reason_of
from ._foldersync import sync_folder
from ._forms import FORMS, whole_lines
from ._locks import Locked, check_mailbox, locked
from ._ondisk import BLOCK_SIZE, StepFailed, gathered, parent_of, step, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from ._lockfile import Undo

_TAIL_SIZE = 8  # octets at the end of a mailbox that say how an entry has to begin
_HEAD_SIZE = 64
_OPENING_SIZE = 256  # octets of an entry that tell it from others


class AppendedFile:
    """The mailbox at *path*, of the form of that name."""

    def __init__(self, path: str, form: str, *, timeout: float) -> None:
        self._path = path
        self._form = FORMS[form]
        self._timeout = timeout

    def open(self) -> None:
        """See that it can be opened."""
        check_mailbox(self._path)

    def deliver(self, pieces: Iterable[bytes], author: str) -> str:
        """Append a message, and give the path."""
        doing = f"write the message to the {self._form.kind}"
        with contextlib.ExitStack() as held:
            with step("write", doing):
                entry = held.enter_context(_ready(self._form.entry(pieces, author), parent_of(self._path)))
            with step("open", f"open the {self._form.kind}"):
                mailbox = held.enter_context(locked(self._path, timeout=self._timeout))
            with step("write", doing):
                size = self._sound_size(mailbox)
                self._append(mailbox, size, entry)
            if not size:
                with step("sync", f"sync the {self._form.kind}", ambiguous=True):
                    sync_folder(parent_of(self._path))
        return self._path

    def _sound_size(self, mailbox: Locked) -> int:
        """The size of the mailbox, without what a program that was killed had begun to write."""
        size = os.fstat(mailbox.file).st_size
        if mailbox.undo is None or not self._is_begun(mailbox.file, size, mailbox.undo):
            return size
        os.ftruncate(mailbox.file, mailbox.undo.before)
        return mailbox.undo.before

    def _is_begun(self, file: int, size: int, undo: Undo) -> bool:
        """Whether what *undo* notes, a part of it, and nothing else stands at the end of *file*.

        What was written to its end is a message, whether or not anybody was told. And what another program has
        appended since, or written in its place, is not ours to take back.
        """
        found = os.fstat(file)
        if (found.st_dev, found.st_ino) != (undo.device, undo.inode) or not undo.before < size < undo.after:
            return False
        opening = next(_read(file, undo.before, len(undo.opening)), b"")
        if not opening or not undo.opening.startswith(opening):
            return False
        expected = self._form.marks + (0 if undo.before else len(self._form.mark.findall(self._form.before(b""))))
        blocks = whole_lines(_read(file, undo.before))
        return sum(len(self._form.mark.findall(block)) for block in blocks) <= expected

    def _append(self, mailbox: Locked, size: int, entry: _Ready) -> None:
        before = self._before(mailbox.file, size)
        blocks = gathered(chain((before,), entry.blocks()))
        first = next(blocks)
        mailbox.note(size, size + len(before) + entry.size, first[:_OPENING_SIZE])
        try:
            # A small message is one write.
            for block in chain((first,), blocks):
                write_all(mailbox.file, block)
            os.fsync(mailbox.file)
        except BaseException as error:
            try:
                os.ftruncate(mailbox.file, size)
            except OSError as failed:
                mailbox.leave()
                error.add_note(f"what was written could not be taken back: {reason_of(failed)}")
            raise

    def _before(self, file: int, size: int) -> bytes:
        """What has to stand before an entry.

        Raises:
            StepFailed: the file is no mailbox of this form.
        """
        head = next(_read(file, 0, _HEAD_SIZE), b"").lstrip(b"\r\n")
        if head and not head.startswith(self._form.head):
            raise StepFailed(
                "write",
                doing=f"write the message to the {self._form.kind}",
                reason=f"it is none: it begins with {_shown(head[:20])}, not with {_shown(self._form.head)}",
            )
        return self._form.before(next(_read(file, max(size - _TAIL_SIZE, 0), _TAIL_SIZE), b"") if head else b"")


class _Ready:
    """An entry, made ready: in memory, or in a file if it is large."""

    def __init__(self, octets: bytes, file: IO[bytes] | None = None) -> None:
        self._octets, self._file = octets, file
        self.size = len(octets) if file is None else os.fstat(file.fileno()).st_size

    def blocks(self) -> Iterator[bytes]:
        """Its octets."""
        return iter((self._octets,)) if self._file is None else _read(self._file.fileno(), 0)


@contextlib.contextmanager
def _ready(pieces: Iterable[bytes], folder: str) -> Iterator[_Ready]:
    """The octets of *pieces*, made ready; a file for them has no name, and stands in *folder* if it can."""
    blocks = gathered(pieces)
    first, second = next(blocks, b""), next(blocks, None)
    if second is None:
        yield _Ready(first)
        return
    with _unnamed_file(folder) as file:
        for block in chain((first, second), blocks):
            write_all(file.fileno(), block)
        yield _Ready(b"", file)


def _unnamed_file(folder: str) -> IO[bytes]:
    # Few messages are that large.
    from tempfile import TemporaryFile  # noqa: PLC0415

    try:
        return TemporaryFile(dir=folder, buffering=0)
    except PermissionError:
        return TemporaryFile(buffering=0)


def _shown(octets: bytes) -> str:
    return repr(octets.decode("latin-1"))


def _read(file: int, start: int, size: int = BLOCK_SIZE) -> Iterator[bytes]:
    """The octets of *file* from *start* on, in blocks of *size*."""
    os.lseek(file, start, os.SEEK_SET)
    while block := os.read(file, size):
        yield block
