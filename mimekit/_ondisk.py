"""Octets that stay in a file until they are written: what the file was is noted, and it must be that still."""

from __future__ import annotations

import os
import stat
from errno import EISDIR, ENXIO

from ._file import read_octets
from .errors import BadValue, ChangedFile, MissingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# pathlib costs as much to import as mimekit.
# ruff: noqa: PTH100, PTH116

# SECURITY: what became a pipe since it was looked at must not keep us waiting
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NO_FILE = frozenset({EISDIR, ENXIO})  # a folder, a socket
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


class OnDisk:
    """The octets of a regular file, given by its path, which must be what it is now whenever they are read.

    Its size, its number and the time of its last change are noted; the file itself is open only while it is read.

    Raises:
        MissingFile: there is none.
        BadValue: it is no regular file, or no path is such a text.
        OSError: it cannot be read.
    """

    __slots__ = ("_noted", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            _check_kind(os.stat(path), path)  # SECURITY: to open a device may do something
            with self._opened() as file:
                self._noted = _note(file)
                _check_kind(os.fstat(file.fileno()), path)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFile(error.errno, error.strerror, path) from error
        except ValueError as error:
            if isinstance(error, BadValue):
                raise
            raise BadValue(f"no path: {path!r:.200} ({error})") from error
        self._path = os.path.abspath(path)  # whatever folder the program goes to meanwhile

    @property
    def path(self) -> str:
        """Where it stands."""
        return self._path

    @property
    def size(self) -> int:
        """How many octets it had."""
        return self._noted[0]

    def check(self) -> None:
        """Refuse it if it is another file now.

        Raises:
            ChangedFile: it is.
            MissingFile: it is gone.
            OSError: it cannot be read any more.
        """
        with self._opened() as file:
            self._compare(file)

    def pieces(self, size: int) -> Iterator[bytes]:
        """Its octets, in order, in pieces of *size*, but for the last one.

        Raises:
            ChangedFile: it is not what it was, or changes while it is read.
            MissingFile: it is gone.
            OSError: it cannot be read any more.
        """
        count = 0
        with self._opened() as file:
            self._compare(file)
            while piece := read_octets(file, size):
                count += len(piece)
                if count > self.size:
                    break
                yield piece
            self._compare(file)
        if count != self.size:
            raise ChangedFile(self._path)

    def read(self) -> bytes:
        """All of it, with what `pieces` raises."""
        return b"".join(self.pieces(self.size + 1))

    def _opened(self) -> IO[bytes]:
        try:
            return open(self._path, "rb", opener=lambda path, flags: os.open(path, flags | _NO_WAITING))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFile(error.errno, error.strerror, self._path) from error
        except OSError as error:
            if error.errno in _NO_FILE:
                raise ChangedFile(self._path) from error
            raise

    def _compare(self, file: IO[bytes]) -> None:
        if _note(file) != self._noted:
            raise ChangedFile(self._path)


def _note(file: IO[bytes]) -> tuple[int, int, int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


def _check_kind(found: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "a device")
        raise BadValue(f"only a regular file can be attached, and {path!r:.200} is {kind}")
