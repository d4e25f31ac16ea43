"""Names in a folder brought to disk."""

from __future__ import annotations

import errno
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from cartero.senders import _foldersync
from cartero.senders._foldersync import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 10.0


class Disk:
    """A disk that is as slow as a test wants it."""

    def __init__(self) -> None:
        self.is_busy = threading.Semaphore(0)  # one for each time it was asked
        self.may_end = threading.Semaphore(0)
        self.count = 0
        self.error: BaseException | None = None

    def fsync(self, _: int) -> None:
        """What stands in for `os.fsync`."""
        self.count += 1
        self.is_busy.release()
        assert self.may_end.acquire(timeout=_PATIENCE)
        if self.error is not None:
            raise self.error


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A slow disk."""
    slow = Disk()
    monkeypatch.setattr(os, "fsync", slow.fsync)
    return slow


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Some threads."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def together(pool: ThreadPoolExecutor, disk: Disk, path: str) -> tuple[Future[None], list[Future[None]]]:
    """One that the disk is busy with, and five that came meanwhile."""
    first = pool.submit(sync_folder, path)
    assert disk.is_busy.acquire(timeout=_PATIENCE)
    others = [pool.submit(sync_folder, path) for _ in range(5)]
    while _foldersync._coming.get(path) is None or any(not other.running() for other in others):
        pass
    return first, others


class TestSyncFolder:
    def test_a_folder_is_brought_to_disk(self, tmp_path: Path) -> None:
        """POSIX, fsync: of a folder, too; nobody is left to wait for."""
        sync_folder(str(tmp_path))

        assert (_foldersync._coming, _foldersync._under_way) == ({}, {})

    def test_who_comes_meanwhile_shares_the_next_time(
        self, tmp_path: Path, disk: Disk, threads: ThreadPoolExecutor
    ) -> None:
        """The one under way may have begun before the name was made; the next one has not."""
        first, others = together(threads, disk, str(tmp_path))

        disk.may_end.release()
        first.result(_PATIENCE)
        assert disk.is_busy.acquire(timeout=_PATIENCE)
        assert not any(other.done() for other in others)
        late = threads.submit(sync_folder, str(tmp_path))
        disk.may_end.release(2)
        for other in [*others, late]:
            other.result(_PATIENCE)

        assert disk.count in {3, 4}  # the first, that of the five, and the late one; one of five may have come late too

    def test_another_folder_is_another_matter(self, tmp_path: Path, disk: Disk, threads: ThreadPoolExecutor) -> None:
        """Nobody waits for a folder that is not theirs."""
        (tmp_path / "a").mkdir()
        first = threads.submit(sync_folder, str(tmp_path))
        assert disk.is_busy.acquire(timeout=_PATIENCE)

        other = threads.submit(sync_folder, str(tmp_path / "a"))

        assert disk.is_busy.acquire(timeout=_PATIENCE)
        disk.may_end.release(2)
        first.result(_PATIENCE)
        other.result(_PATIENCE)

    def test_all_who_shared_it_are_told_that_it_failed(
        self, tmp_path: Path, disk: Disk, threads: ThreadPoolExecutor
    ) -> None:
        """None of them may say that a message is on disk; the next one may."""
        first, others = together(threads, disk, str(tmp_path))
        disk.error = OSError(errno.EIO, "broken")

        disk.may_end.release(8)
        for each in [first, *others]:
            with pytest.raises(OSError, match="broken"):
                each.result(_PATIENCE)

        disk.error = None
        sync_folder(str(tmp_path))

    def test_who_is_interrupted_says_yes_for_nobody(
        self, tmp_path: Path, disk: Disk, threads: ThreadPoolExecutor
    ) -> None:
        """The others may come again, and nobody waits for ever."""
        first, others = together(threads, disk, str(tmp_path))

        disk.may_end.release()
        first.result(_PATIENCE)
        assert disk.is_busy.acquire(timeout=_PATIENCE)
        disk.error = KeyboardInterrupt()
        disk.may_end.release(7)
        failures = [type(other.exception(_PATIENCE)) for other in others]

        assert {KeyboardInterrupt, InterruptedError} >= set(failures) >= {KeyboardInterrupt}
        assert (_foldersync._coming, _foldersync._under_way) == ({}, {})

    def test_who_is_interrupted_in_waiting_is_waited_for_by_nobody(self, tmp_path: Path, disk: Disk) -> None:
        """The one that is to be next never begins; those who come later do not stand behind it."""

        class Interrupted:
            def __enter__(self) -> None:
                raise KeyboardInterrupt

            def __exit__(self, *_: object) -> None: ...

        before = _foldersync._Round()
        before.ended = Interrupted()  # type: ignore[assignment]  # a lock that a signal comes in while it is waited for
        path = str(tmp_path)
        _foldersync._under_way[path] = before
        with pytest.raises(KeyboardInterrupt):
            sync_folder(path)
        assert _foldersync._coming == {}
        assert _foldersync._under_way.pop(path) is before

        disk.may_end.release()
        sync_folder(path)

    def test_a_folder_that_is_not_there_is_an_error(self, tmp_path: Path) -> None:
        """And leaves nothing behind."""
        with pytest.raises(FileNotFoundError):
            sync_folder(str(tmp_path / "gone"))
        assert _foldersync._coming == {}

    def test_a_system_without_it_needs_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows."""
        monkeypatch.delattr(os, "O_DIRECTORY")

        sync_folder(str(tmp_path / "gone"))

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_a_fork_waits_for_nobody(self, tmp_path: Path, disk: Disk, threads: ThreadPoolExecutor) -> None:
        """The thread that would end what is under way is not there."""
        first = threads.submit(sync_folder, str(tmp_path))
        assert disk.is_busy.acquire(timeout=_PATIENCE)

        child = os.fork()
        if not child:  # pragma: no cover -- another process
            disk.may_end.release()
            sync_folder(str(tmp_path))
            os._exit(0)

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        disk.may_end.release()
        first.result(_PATIENCE)
