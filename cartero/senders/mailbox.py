"""Mail into a mailbox on this machine: a Maildir.

See `the Maildir page <https://cr.yp.to/proto/maildir.html>`_ for the format.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING

from ..errors import BadURL, ConnectError, SendingError
from .base import Sender

# pathlib would be more to import than all of this room.
# ruff: noqa: PTH102, PTH104, PTH106, PTH108, PTH112, PTH118, PTH119, PTH120

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..receipt import Receipt
    from .preparation import MailObject

# What another try, later, may well get past.
_TEMPORARY = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EBUSY, errno.EINTR}
)


class MailboxSender(Sender):
    """Puts each message into a Maildir, for everybody in its envelope, as a file of its own in ``new``.

    The mailbox is made where there is none, in a directory that exists. A file is written in ``tmp``,
    brought to disk, and only then moved to ``new``: a reader finds the whole message or none, whatever
    happens meanwhile. The receipt's `location` is its path.

    What is composed gets the platform's line ends. A ready message is written octet for octet, as the
    standard library's ``mailbox`` writes octets.

    Args:
        path: the Maildir; ``~`` is not expanded.

    Raises:
        BadURL: *path* is none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        given = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(given, str):
            raise BadURL(f"expected the path of a Maildir, found {type(given).__name__}")
        if not given:
            raise BadURL("expected the path of a Maildir, found nothing")
        super().__init__()
        self._path = given
        self._delivered = 0

    @property
    def name(self) -> str:
        """``maildir:`` and the path."""
        return f"maildir:{self._path}"

    def _open(self) -> None:
        made: list[str] = []
        try:
            for path in (self._path, *map(self._folder, ("tmp", "new", "cur"))):
                if _make_directory(path):
                    made.append(path)  # noqa: PERF401 - known even where the next cannot be made
            if made:
                _sync_directory(self._parent())
                _sync_directory(self._path)
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            for path in reversed(made):
                with contextlib.suppress(OSError):
                    os.rmdir(path)
            raise ConnectError(
                f"cannot open the Maildir: {_reason(error)}{self._advice(error)}",
                sender=self.name,
                stage="open",
                temporary=getattr(error, "errno", None) in _TEMPORARY,
            ) from error

    def _advice(self, error: OSError | ValueError) -> str:
        if not isinstance(error, FileNotFoundError) or os.path.isdir(self._parent()):
            return ""
        return f"; the folder {self._parent()} must be there first"

    def _parent(self) -> str:
        """The folder the Maildir stands in."""
        return os.path.dirname(self._path.rstrip(os.sep)) or os.curdir

    def _deliver(self, mail: MailObject) -> Receipt:
        octets = mail.as_bytes(linesep=os.linesep)
        try:
            written = self._write(octets)
        except OSError as error:
            raise self._failure("write", error, mail) from error
        path = os.path.join(self._folder("new"), os.path.basename(written))
        try:
            os.rename(written, path)
        except OSError as error:
            _discard(written)
            raise self._failure("move", error, mail) from error
        try:
            _sync_directory(self._folder("new"))
        except OSError as error:
            # It is there, and may be gone after a power cut.
            raise self._failure("sync", error, mail, ambiguous=True) from error
        return self._accepted(mail, reply=path, location=path)

    def _write(self, octets: bytes) -> str:
        """The path, in ``tmp``, of a new file that holds *octets* and is on disk."""
        path, file = self._create()
        try:
            try:
                rest = memoryview(octets)
                while rest:
                    rest = rest[os.write(file, rest) :]
                os.fsync(file)
            finally:
                os.close(file)
        except BaseException:
            _discard(path)
            raise
        return path

    def _create(self) -> tuple[str, int]:
        """A new file in ``tmp``, under a name that neither ``tmp`` nor ``new`` has."""
        for name in self._names():
            path = os.path.join(self._folder("tmp"), name)
            if os.path.lexists(os.path.join(self._folder("new"), name)):
                continue
            try:
                # SECURITY: readable for the owner alone, whatever the umask; never through a link left there.
                return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
            except FileExistsError:
                continue
        raise AssertionError("names do not end")  # pragma: no cover -- for the type checker: the loop has no end

    def _names(self) -> Iterator[str]:
        """Unique names, as the Maildir page makes them: seconds, then what this delivery alone has, then the host."""
        host = _host().replace("/", r"\057").replace(":", r"\072")
        while True:
            self._delivered += 1
            seconds, nanoseconds = divmod(time.time_ns(), 10**9)
            unique = f"M{nanoseconds // 1000}P{os.getpid()}Q{self._delivered}R{os.urandom(4).hex()}"
            yield f"{seconds}.{unique}.{host}"

    def _folder(self, name: str) -> str:
        return os.path.join(self._path, name)

    def _failure(self, stage: str, error: OSError, mail: MailObject, *, ambiguous: bool = False) -> SendingError:
        reason = _reason(error)
        return SendingError(
            f"cannot {stage} the message in the Maildir: {reason}",
            sender=self.name,
            stage=stage,
            temporary=error.errno in _TEMPORARY,
            ambiguous=ambiguous,
            refused={} if ambiguous else dict.fromkeys(mail.envelope.recipients, reason),
            message_id=mail.message_id,
        )


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _make_directory(path: str) -> bool:
    """Whether *path* had to be made; it is a directory now."""
    if os.path.isdir(path):
        return False
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None
        return False  # another process was quicker
    return True


def _sync_directory(path: str) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot, and need not
        return
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _discard(path: str) -> None:
    """Remove a half-written file, if that can be done."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _host() -> str:
    # `socket` knows it on every system, and would be half of what a delivery costs.
    return (os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME")) or "localhost"
