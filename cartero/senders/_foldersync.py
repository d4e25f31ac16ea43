"""Names in a folder brought to disk: once for all who ask meanwhile, in whichever thread."""

from __future__ import annotations

import errno
import os
from threading import Lock


class _Round:
    """One time that a folder is brought to disk.

    Attributes:
        ended: held until it is over.
        error: what went wrong, or None.
    """

    __slots__ = ("ended", "error")

    def __init__(self) -> None:
        self.ended = Lock()
        self.ended.acquire()
        self.error: OSError | None = None


_guard = Lock()
_coming: dict[str, _Round] = {}  # of each folder, the round that has not begun
_under_way: dict[str, _Round] = {}  # and the one that has


def sync_folder(path: str) -> None:
    """Bring the names in the folder *path* to disk.

    Whoever asks while the disk is busy with that folder shares the next time with all others who do: the disk takes as
    long for one name as for many.

    Raises:
        OSError: it cannot be done.
    """
    if not hasattr(os, "O_DIRECTORY"):  # Windows cannot, and need not
        return
    with _guard:
        mine = _coming.get(path)
        leads = mine is None
        if mine is None:
            mine = _coming[path] = _Round()
        before = _under_way.get(path)
    if leads:
        _lead(path, mine, before)
    else:
        with mine.ended:
            pass
    if mine.error is not None:
        raise OSError(*mine.error.args) from mine.error


def _lead(path: str, mine: _Round, before: _Round | None) -> None:
    try:
        if before is not None:
            with before.ended:
                pass
        with _guard:
            # Who comes from here on may have made a name too late for this time.
            del _coming[path]
            _under_way[path] = mine
        _sync(path)
    except OSError as error:
        mine.error = error
    except BaseException:
        # Whoever is interrupted leads no longer, and the others are not to take that for a name on disk.
        mine.error = OSError(errno.EINTR, os.strerror(errno.EINTR))
        raise
    finally:
        with _guard:
            for rounds in (_coming, _under_way):
                if rounds.get(path) is mine:
                    del rounds[path]
        mine.ended.release()


def _forget() -> None:  # pragma: no cover -- in a fork, where coverage is not counted
    """Begin anew in a fork, where nobody ends what the other threads began."""
    global _guard  # noqa: PLW0603 - it may be held by one of them
    _guard = Lock()
    _coming.clear()
    _under_way.clear()


if hasattr(os, "register_at_fork"):  # pragma: no branch -- Windows has no forks
    os.register_at_fork(after_in_child=_forget)


def _sync(path: str) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
