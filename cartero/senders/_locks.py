"""The locks on a mailbox that is one file: a lock file beside it, and the system's own lock, as ``mailbox`` has them.

The lock file, ``PATH.lock``, keeps out programs that make one too. The system's lock (`fcntl.lockf`) keeps out those
that take that one. Neither is waited for while the other is held, so that no two programs wait for each other.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time

from ._lockfile import HAS_FCNTL, HeldError, LockFile, Undo, take_lock_file
from ._ondisk import BINARY, NO_LINK, StepFailed, is_at

if HAS_FCNTL:  # pragma: no branch -- Windows has none
    import fcntl

# ruff: noqa: PTH116

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.25  # seconds
_HELD_ELSEWHERE = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})

# The mailboxes this process is writing to. State of the process, as the locks it mirrors are: what the system locks
# it locks for all threads of a process alike, and unlocks when any of them closes the file.
_BUSY: dict[tuple[int, str], object] = {}


class Locked:
    """A mailbox while it is locked.

    Attributes:
        file: its descriptor, open for reading and appending.
        undo: what the lock file of a program that was killed says, or None.
    """

    def __init__(self, file: int, lock: LockFile | None) -> None:
        self.file = file
        self._lock = lock
        self.undo = None if lock is None else lock.undo

    def note(self, before: int, after: int, opening: bytes) -> None:
        """Note in the lock file what is about to be appended, so that it can be undone; it is on disk then."""
        if self._lock is not None:
            found = os.fstat(self.file)
            self._lock.note(Undo(found.st_dev, found.st_ino, before, after, opening))

    def leave(self) -> None:
        """Leave the lock file where it is: who comes next takes it over, and undoes what was noted."""
        if self._lock is not None:
            self._lock.is_left = True


@contextlib.contextmanager
def locked(path: str, *, timeout: float) -> Iterator[Locked]:
    """The mailbox at *path*, made if there is none, and locked until the end.

    Args:
        path: where it stands.
        timeout: seconds to wait for other programs.

    Raises:
        StepFailed: they take longer.
        OSError: it cannot be opened.
    """
    with contextlib.ExitStack() as held:
        yield _wait(path, held, timeout)


def _wait(path: str, held: contextlib.ExitStack, timeout: float) -> Locked:
    until = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        try:
            with contextlib.ExitStack() as taken:
                found = _take(path, taken)
                held.push(taken.pop_all())
                return found
        except HeldError as error:
            left = until - time.monotonic()
            if left <= 0:
                raise StepFailed(
                    "lock", doing="lock the mailbox", reason=f"{error}, for {timeout:g} s", temporary=True
                ) from error
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)


def _take(path: str, held: contextlib.ExitStack) -> Locked:
    """Take every lock, or none.

    Raises:
        HeldError: somebody else holds one.
        OSError: the mailbox, or its lock file, cannot be opened.
    """
    held.enter_context(_alone(path))
    lock = take_lock_file(f"{path}.lock")
    if lock is not None:
        held.callback(lock.close)
    file = open_mailbox(path)
    held.callback(os.close, file)
    if HAS_FCNTL:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD_ELSEWHERE:
                raise HeldError("another program has it locked") from error
            raise
    if not is_at(path, os.fstat(file)):
        # Another program has put a new file in its place, and what is appended to this one is lost.
        raise HeldError("another program is replacing it")
    return Locked(file, lock)


@contextlib.contextmanager
def _alone(path: str) -> Iterator[None]:
    """Keep out the other threads of this process."""
    key, token = (os.getpid(), os.path.realpath(path)), object()
    if _BUSY.setdefault(key, token) is not token:
        raise HeldError("another thread of this program is writing to it")
    try:
        yield
    finally:
        del _BUSY[key]


def check_mailbox(path: str) -> None:
    """See that a mailbox can be opened at *path*, and open nothing.

    Raises:
        OSError: it cannot.
        ValueError: the path holds a NUL.
    """
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        os.stat(os.path.dirname(path) or os.curdir)  # noqa: PTH120
        return
    _expect_file(found)
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def open_mailbox(path: str) -> int:
    """The file at *path*, made if there is none, open for reading and appending.

    Raises:
        OSError: it cannot be opened; or it is a link, a folder or a device.
    """
    with contextlib.suppress(FileNotFoundError):
        _expect_file(os.lstat(path))
    # SECURITY: readable for the owner alone, whatever the umask; never through a link that was put there since.
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | NO_LINK | BINARY, 0o600)
    try:
        _expect_file(os.fstat(file))
    except BaseException:
        os.close(file)
        raise
    return file


def _expect_file(found: os.stat_result) -> None:
    """Refuse what is no ordinary file: through a link, mail would go where its owner never said."""
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "it is a symbolic link; give the path of the file itself")
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder; expected a file")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")
