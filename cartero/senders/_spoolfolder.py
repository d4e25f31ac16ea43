"""The folders of a spool on disk: messages are whole in them or not there, and one process at a time has each."""

from __future__ import annotations

import contextlib
import os
import time

from .._reason import reason_of
from ..errors import BadURL, ConnectError
from ._foldersync import sync_folder
from ._ondisk import BLOCK_SIZE, advice_on, create, discard, fill, is_temporary, make_folders
from ._spooled import Spooled, UnreadableError

# pathlib would be more to import than all of this room.
# ruff: noqa: PTH102, PTH104, PTH105, PTH106, PTH108, PTH116, PTH118, PTH123, PTH208

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Self

FOLDERS = ("tmp", "new", "held", "failed")
MESSAGE, ENVELOPE, REPLY = "message.eml", "envelope.json", "reply.txt"
# As the Maildir page has it: what stands in tmp so long was left by somebody who is dead.
_LEFT_AFTER = 36 * 3600


class SpoolFolder:
    """A spool: a folder with four in it, in each of which every message is a folder of its own.

    - ``tmp``: being written, or taken away.
    - ``new``: to be sent.
    - ``held``: may have been sent; somebody is to look.
    - ``failed``: cannot be delivered.

    Args:
        path: where it stands.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    @classmethod
    def at_path(cls, path: object) -> Self:
        """The spool at *path*.

        Raises:
            BadURL: it is none.
        """
        given = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(given, str) or not given:
            raise BadURL(f"expected the path of a spool, found {given!r}")
        return cls(given)

    def open(self) -> None:
        """Make what is not there, in a folder that exists.

        Raises:
            ConnectError: it cannot be made.
        """
        try:
            make_folders(self.path, *map(self.at, FOLDERS))
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            raise self._closed(error) from error

    def _closed(self, error: OSError | ValueError) -> ConnectError:
        return ConnectError(
            f"cannot open the spool: {reason_of(error)}{advice_on(error, self.path)}",
            sender=f"spool:{self.path}",
            stage="open",
            temporary=is_temporary(error),
        )

    def at(self, *names: str) -> str:
        """The path of what has these names in it."""
        return os.path.join(self.path, *names)

    def write(self, pieces: Iterable[bytes], record: Spooled) -> str:
        """The name of a new message in ``tmp``, which is on disk.

        Raises:
            OSError: it cannot be written; nothing of it is left.
        """
        name = f"{time.time_ns():020}.{os.getpid()}.{os.urandom(4).hex()}"
        path = self.at("tmp", name)
        os.mkdir(path, 0o700)
        try:
            _write(os.path.join(path, MESSAGE), pieces)
            _write(os.path.join(path, ENVELOPE), [record.as_bytes()])
            sync_folder(path)
        except BaseException:
            _remove(path)
            raise
        return name

    def discard(self, name: str) -> None:
        """Remove a message from ``tmp``, as far as that can be done."""
        _remove(self.at("tmp", name))

    def move(self, name: str, source: str, target: str) -> str:
        """Move a message from one folder to another, and return its path there; `sync` makes it last."""
        path = self.at(target, name)
        os.rename(self.at(source, name), path)
        return path

    def sync(self, *folders: str) -> None:
        """Bring to disk what stands in these."""
        for folder in folders:
            sync_folder(self.at(folder))

    def waiting(self) -> list[str]:
        """The names of what stands in ``new``, the oldest first.

        Raises:
            ConnectError: that cannot be read.
        """
        try:
            return sorted(os.listdir(self.at("new")))
        except OSError as error:
            raise self._closed(error) from error

    def sweep(self) -> None:
        """Remove from ``tmp`` what was left there long ago, as far as that can be done."""
        old = time.time() - _LEFT_AFTER
        with contextlib.suppress(OSError), os.scandir(self.at("tmp")) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < old:
                        _remove(entry.path)

    @contextlib.contextmanager
    def claim(self, name: str) -> Iterator[Claim | None]:
        """The message in ``new``, locked for as long as this lasts; None where another process has it, or had it.

        The lock is on the file of the message, and is gone with the process that holds it.
        """
        path = self.at("new", name, MESSAGE)
        try:
            file = os.open(path, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            yield None
            return
        try:
            yield Claim(self, name) if _locks(file) and _stands_at(file, path) else None
        finally:
            os.close(file)


class Claim:
    """A message in ``new`` that is ours alone.

    Args:
        spool: where it stands.
        name: what it is called there.
    """

    def __init__(self, spool: SpoolFolder, name: str) -> None:
        self.name = name
        self._spool = spool
        self._path = spool.at("new", name)

    @property
    def message_path(self) -> str:
        """The file with its octets."""
        return os.path.join(self._path, MESSAGE)

    def read(self) -> Spooled:
        """What is known of it.

        Raises:
            UnreadableError: nothing is.
        """
        try:
            with open(os.path.join(self._path, ENVELOPE), "rb") as file:
                return Spooled.parse(file.read())
        except FileNotFoundError as error:
            raise UnreadableError(f"there is no {ENVELOPE}") from error

    def write(self, record: Spooled) -> None:
        """Write down what is known of it: all of it or, where the disk is full, nothing."""
        path = os.path.join(self._path, ENVELOPE)
        _write(f"{path}.new", [record.as_bytes()])
        os.replace(f"{path}.new", path)
        sync_folder(self._path)

    def finish(self) -> None:
        """Take it away: everybody has it."""
        self._spool.move(self.name, "new", "tmp")
        self._spool.sync("new")
        self._spool.discard(self.name)

    def put_aside(self, folder: str, record: Spooled) -> None:
        """Move it to *folder*, with what became of it for people to read."""
        self.write(record)
        self.put_aside_unread(folder, record.report())

    def put_aside_unread(self, folder: str, report: str) -> None:
        """Move it to *folder*, with a *report*."""
        _write(os.path.join(self._path, REPLY), [report.encode("utf-8", "backslashreplace")])
        self._spool.move(self.name, "new", folder)
        self._spool.sync(folder, "new")

    def copy_aside(self, folder: str, record: Spooled) -> None:
        """Put a copy of it into *folder*, for some of its recipients."""
        with open(self.message_path, "rb") as file:
            name = self._spool.write(_blocks(file), record)
        _write(self._spool.at("tmp", name, REPLY), [record.report().encode("utf-8", "backslashreplace")])
        self._spool.move(name, "tmp", folder)
        self._spool.sync(folder)


def _locks(file: int) -> bool:
    """Whether the lock on *file* is ours now."""
    import fcntl  # noqa: PLC0415 - Windows has none, and can spool all the same

    try:
        # One of the open file and not of the process: it is not lost where somebody closes the same file elsewhere.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stands_at(file: int, path: str) -> bool:
    """Whether *path* is still that file: between a look and a lock, another process may have sent it."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _write(path: str, pieces: Iterable[bytes]) -> None:
    """A file at *path* with *pieces* in it, on disk, in place of one that stands there."""
    discard(path)
    fill(path, create(path), pieces)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK_SIZE):
        yield block


def _remove(path: str) -> None:
    """Remove a message, as far as that can be done; `SpoolFolder.sweep` does the rest."""
    with contextlib.suppress(OSError):
        for name in os.listdir(path):
            os.unlink(os.path.join(path, name))
        os.rmdir(path)
