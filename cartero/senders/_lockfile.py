"""A lock file: held, found held by another program, or taken over from a program of ours that was killed.

It says who holds it, and what is about to be done to the mailbox; its holder has it locked too (`fcntl.flock`). So it
is known of one left behind by a program that was killed that nobody holds it, whatever its number, and what that
program had begun can be undone. Lock files of other programs are left alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import NamedTuple

try:
    import fcntl
except ImportError:  # pragma: no cover -- Windows
    HAS_FCNTL = False
else:
    HAS_FCNTL = True

from ._ondisk import BINARY, NO_LINK, create, discard, is_at, place, write_all

# ruff: noqa: PTH108

_SIGN = "cartero"
_LONGEST = 1 << 12  # octets of a lock file that are read
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class HeldError(Exception):
    """Somebody else holds a lock; its text says who, as far as it is known."""


class Undo(NamedTuple):
    """What a program is about to append to a file, noted so that another one can undo it.

    Attributes:
        device: with *inode*, which file it is.
        inode: see *device*.
        before: the size of the file before.
        after: its size with all of it.
        opening: how what is appended begins.
    """

    device: int
    inode: int
    before: int
    after: int
    opening: bytes

    @classmethod
    def parse(cls, line: str) -> Undo | None:
        """What *line* of a lock file notes; None where it notes nothing."""
        *numbers, opening = line.split(" ")
        try:
            device, inode, before, after = map(int, numbers)
            return cls(device, inode, before, after, bytes.fromhex(opening))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.device} {self.inode} {self.before} {self.after} {self.opening.hex()}"


class LockFile:
    """A lock file of ours, held.

    Attributes:
        undo: what was noted in it by a program that was killed, or None.
        is_left: whether it stays when it is closed, for the next one to take over.
    """

    def __init__(self, path: str, file: int, *, undo: Undo | None = None) -> None:
        self._path, self._file = path, file
        self.undo = undo
        # What is to be undone is told to the next one, too, if it is not done now.
        self.is_left = undo is not None

    def note(self, undo: Undo) -> None:
        """Note what is about to be done; it is on disk then."""
        self.is_left = False
        _rewrite(self._file, f"{_signature()}{undo}\n")
        os.fsync(self._file)

    def close(self) -> None:
        """Give it back."""
        if not HAS_FCNTL:  # Windows removes no open file
            os.close(self._file)
        if not self.is_left:
            with contextlib.suppress(OSError):
                os.unlink(self._path)
        if HAS_FCNTL:
            # At last, or another program would take it for left behind.
            os.close(self._file)


def take_lock_file(path: str) -> LockFile | None:
    """The lock file at *path*, held; None where nobody may make one, and the system has locks of its own.

    Raises:
        HeldError: somebody else has one there.
        OSError: it cannot be made.
    """
    if os.path.lexists(path):
        return _left_behind(path)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        file = create(temporary)
    except OSError as error:
        if HAS_FCNTL and error.errno in _NOT_ALLOWED:
            return None  # As where all mail of a machine stands in one folder: the system's lock must do.
        raise
    try:
        # It gets its name when it is locked and signed: a program may be killed anywhere in between.
        _lock(file)
        _rewrite(file, _signature())
        place(temporary, path)
    except BaseException as error:
        os.close(file)
        discard(temporary)
        if isinstance(error, FileExistsError):
            return _left_behind(path)
        raise
    return LockFile(path, file)


def _left_behind(path: str) -> LockFile:
    """The lock file at *path*, taken over from a program of ours, on this machine, that is no more.

    Raises:
        HeldError: it is another's, or not left.
    """
    try:
        file = os.open(path, os.O_RDWR | NO_LINK | BINARY)
    except OSError as error:
        raise HeldError(f"another program holds {path}") from error
    try:
        return _taken_over(path, file)
    except BaseException:
        os.close(file)
        raise


def _taken_over(path: str, file: int) -> LockFile:
    said, found = os.read(file, _LONGEST).decode("utf-8", "surrogateescape"), os.fstat(file)
    holder = _holder(path, said, found)
    # SECURITY: what another user has put there is not believed.
    if not (HAS_FCNTL and found.st_uid == os.geteuid() and _is_ours(said)):
        raise HeldError(holder)
    try:
        _lock(file)
    except OSError as error:
        raise HeldError(holder) from error
    if not is_at(path, found):
        raise HeldError(holder)  # It was removed, and may be another's by now.
    undo = Undo.parse(said.split("\n")[2])
    if undo is None:
        _rewrite(file, _signature())
    return LockFile(path, file, undo=undo)


def _lock(file: int) -> None:
    if HAS_FCNTL:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _rewrite(file: int, text: str) -> None:
    octets = text.encode("utf-8", "surrogateescape")
    os.lseek(file, 0, os.SEEK_SET)
    write_all(file, octets)
    os.ftruncate(file, len(octets))


def _signature() -> str:
    """The number of this process, as other programs write it in lock files; its machine, and whose it is."""
    host = os.uname().nodename if hasattr(os, "uname") else ""
    return f"{os.getpid()}\n{host} {_SIGN}\n"


def _is_ours(said: str) -> bool:
    """Whether a program of ours has signed it, on this machine."""
    return said.partition("\n")[2].startswith(_signature().partition("\n")[2])


def _holder(path: str, said: str, found: os.stat_result) -> str:
    """Who holds the lock file at *path*, as far as it says so."""
    number, _, rest = said.partition("\n")
    process = f"process {int(number)}" if number.strip().isdecimal() else "another program"
    host = rest.partition(" ")[0] if _SIGN in rest else ""
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.st_mtime))
    return (
        f"{process}{f' on {host}' if host else ''} holds {path} since {since} "
        "(remove that file if there is no such program any more)"
    )
