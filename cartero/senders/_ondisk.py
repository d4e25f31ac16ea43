"""Files for mail: written whole or not at all, brought to disk, and what went wrong where that fails."""

from __future__ import annotations

import contextlib
import errno
import os

from .._reason import reason_of
from ..errors import SendingError
from ._foldersync import sync_folder

# pathlib would be more to import than all of this room.
# ruff: noqa: PTH102, PTH106, PTH108, PTH112, PTH120

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .preparation import MailObject

# What another try, later, may well get past.
_TEMPORARY = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EBUSY, errno.EINTR}
)

BLOCK_SIZE = 1 << 20  # octets written at a time

# What a system has not, it does not need.
BINARY: int = getattr(os, "O_BINARY", 0)
NO_LINK: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor wait for the other end of a pipe
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY


class StepFailed(Exception):
    """A step of a delivery that did not work; where the system said so, raised from that.

    Attributes:
        stage: which, as the error will say it.
        doing: what was being done: "write the message".
        reason: why it did not work.
        temporary: whether the same may well succeed later.
        ambiguous: whether the message may be there all the same.
    """

    def __init__(
        self, stage: str, *, doing: str, reason: str, temporary: bool = False, ambiguous: bool = False
    ) -> None:
        super().__init__(stage, doing, reason)
        self.stage, self.doing, self.reason = stage, doing, reason
        self.temporary, self.ambiguous = temporary, ambiguous

    def as_sending_error(self, mail: MailObject, *, sender: str) -> SendingError:
        """What `Sender.send` raises for it."""
        return SendingError(
            f"cannot {self.doing}: {self.reason}",
            sender=sender,
            stage=self.stage,
            temporary=self.temporary,
            ambiguous=self.ambiguous,
            refused={} if self.ambiguous else dict.fromkeys(mail.envelope.recipients, self.reason),
            message_id=mail.message_id,
        )


@contextlib.contextmanager
def step(stage: str, doing: str, *, ambiguous: bool = False) -> Iterator[None]:
    """Whatever the system cannot do inside is a `StepFailed`."""
    try:
        yield
    except OSError as error:
        raise StepFailed(
            stage, doing=doing, reason=reason_of(error), temporary=is_temporary(error), ambiguous=ambiguous
        ) from error


def is_temporary(error: OSError | ValueError) -> bool:
    """Whether the same may well succeed later."""
    return getattr(error, "errno", None) in _TEMPORARY


def parent_of(path: str) -> str:
    """The folder that *path* stands in."""
    return os.path.dirname(path.rstrip(os.sep)) or os.curdir


def advice_on(error: OSError | ValueError, path: str) -> str:
    """What to do where *path* could not be made, if it is known; it goes behind the reason."""
    parent = parent_of(path)
    if not isinstance(error, FileNotFoundError) or os.path.isdir(parent):
        return ""
    return f"; the folder {parent} must be there first"


def make_folder(path: str) -> bool:
    """Whether *path* had to be made; it is a folder now, for its owner alone if it was made."""
    if os.path.isdir(path):
        return False
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None
        return False  # another process was quicker
    return True


def make_folders(*paths: str) -> None:
    """Make of *paths* what is not there, all of it or nothing; the first is the one that the others stand in.

    Raises:
        OSError: one cannot be made.
        ValueError: one holds a NUL.
    """
    made: list[str] = []
    try:
        for path in paths:
            if make_folder(path):
                made.append(path)  # noqa: PERF401 - known even where the next cannot be made
        if made:
            sync_folder(parent_of(paths[0]))
            sync_folder(paths[0])
    except (OSError, ValueError):
        for path in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(path)
        raise


def create(path: str) -> int:
    """A new file, open for writing.

    Raises:
        FileExistsError: something stands there, be it a link that leads nowhere.
        OSError: it cannot be made.
    """
    # SECURITY: readable for the owner alone, whatever the umask; never through a link left there.
    return os.open(path, _NEW, 0o600)


def fill(path: str, file: int, pieces: Iterable[bytes]) -> None:
    """Write *pieces* to the new *file* at *path*, bring them to disk and close it; on any failure it is removed.

    Raises:
        OSError: they cannot be written.
    """
    try:
        try:
            for block in gathered(pieces):
                write_all(file, block)
            os.fsync(file)
        finally:
            os.close(file)
    except BaseException:
        discard(path)
        raise


def place(temporary: str, path: str) -> None:
    """Move the file *temporary* to *path*, where nothing may stand.

    Raises:
        FileExistsError: something does; *temporary* is still there.
        OSError: it cannot be done.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):
        # Not every file system has links: the name is taken with an empty file, which is then replaced.
        os.close(create(path))
        try:
            os.replace(temporary, path)  # noqa: PTH105
        except OSError:
            discard(path)
            raise
        return
    os.unlink(temporary)


def is_at(path: str, found: os.stat_result) -> bool:
    """Whether *found* is still what stands at *path*."""
    try:
        return os.path.samestat(os.lstat(path), found)
    except FileNotFoundError:
        return False


def discard(path: str) -> None:
    """Remove a half-written file, if that can be done."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def write_all(file: int, octets: bytes) -> None:
    """Write all of *octets*, of which the system may take fewer at a time."""
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(file, rest) :]


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The octets of *pieces* in blocks of at least `BLOCK_SIZE`, but for the last one."""
    block: list[bytes] = []
    size = 0
    for piece in pieces:
        block.append(piece)
        size += len(piece)
        if size >= BLOCK_SIZE:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)
