"""Files for mail: written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import Envelope, MailObject
from cartero.senders import _ondisk
from cartero.senders._ondisk import (
    StepFailed,
    advice_on,
    create,
    discard,
    fill,
    gathered,
    is_temporary,
    make_folders,
    parent_of,
    place,
    step,
    write_all,
)
from mimekit import MIMEMessage

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class TestSteps:
    """What went wrong."""

    def test_what_the_system_cannot_do_is_a_step_that_failed(self) -> None:
        """With the system's reason, and whether it is worth another try."""
        with pytest.raises(StepFailed) as caught, step("write", "write the message"):
            raise FULL

        failed = caught.value
        assert (failed.stage, failed.doing, failed.reason) == ("write", "write the message", "No space left on device")
        assert (failed.temporary, failed.ambiguous) == (True, False)
        assert failed.__cause__ is FULL

    @pytest.mark.parametrize("ambiguous", [False, True], ids=["certain", "ambiguous"])
    def test_it_becomes_the_error_of_the_sender(self, *, ambiguous: bool) -> None:
        """Nobody is refused where it may be there all the same."""
        mail = MailObject(MIMEMessage(), envelope=Envelope("", ["you@x.org"]), message_id="<1@x>")
        failed = StepFailed("sync", doing="sync it", reason="why", temporary=True, ambiguous=ambiguous)

        error = failed.as_sending_error(mail, sender="mbox:box")

        assert str(error).startswith("cannot sync it: why (sync, mbox:box)")
        assert (error.stage, error.temporary, error.ambiguous) == ("sync", True, ambiguous)
        assert error.refused == ({} if ambiguous else {"you@x.org": "why"})
        assert error.message_id == "<1@x>"

    @pytest.mark.parametrize(
        ("error", "temporary"),
        [
            pytest.param(FULL, True, id="usual-full"),
            pytest.param(OSError(errno.EACCES, os.strerror(errno.EACCES)), False, id="usual-forbidden"),
            pytest.param(OSError("odd"), False, id="odd-no-number"),
            pytest.param(ValueError("embedded null byte"), False, id="hostile-nul"),
        ],
    )
    def test_some_may_well_succeed_later(self, error: OSError | ValueError, *, temporary: bool) -> None:
        """Python's own errors have no number, and nobody knows."""
        assert is_temporary(error) == temporary


class TestFolders:
    @pytest.mark.parametrize(
        ("path", "parent"),
        [
            pytest.param("box", ".", id="usual"),
            pytest.param("a/box/", "a", id="odd-slash-behind"),
            pytest.param("/box", "/", id="odd-root"),
        ],
    )
    def test_each_path_has_a_folder_it_stands_in(self, path: str, parent: str) -> None:
        """The current one, for a name."""
        assert parent_of(path) == parent

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        """Whoever sees it knows what to do; of other trouble nobody does."""
        missing = FileNotFoundError()

        assert advice_on(missing, f"{tmp_path}/a/box") == f"; the folder {tmp_path}/a must be there first"
        assert advice_on(missing, f"{tmp_path}/box") == ""
        assert advice_on(FULL, f"{tmp_path}/a/box") == ""

    def test_what_is_there_already_is_used(self, tmp_path: Path) -> None:
        """And nothing is synced."""
        make_folders(str(tmp_path), str(tmp_path / "new"))
        make_folders(str(tmp_path), str(tmp_path / "new"))

        assert (tmp_path / "new").is_dir()

    def test_all_are_made_or_none(self, tmp_path: Path) -> None:
        """A typing error leaves nothing."""
        (tmp_path / "file").touch()

        with pytest.raises(NotADirectoryError):
            make_folders(str(tmp_path / "box"), str(tmp_path / "box" / "new"), str(tmp_path / "file"))

        assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


class TestFiles:
    def test_a_file_that_cannot_be_written_is_removed(self, tmp_path: Path) -> None:
        """Half a message is worse than none."""
        path = str(tmp_path / "a")

        with pytest.raises(ZeroDivisionError):
            fill(path, create(path), (bytes(1 // size) for size in (1, 0)))

        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("links", [True, False], ids=["links", "no-links"])
    def test_a_file_gets_a_name_that_is_free(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
    ) -> None:
        """Nothing is ever written over, on a file system without links either."""
        if not links:
            monkeypatch.setattr(os, "link", refuse)
        for name in ("one", "two"):
            (tmp_path / name).write_text(name)

        with pytest.raises(FileExistsError):
            place(str(tmp_path / "one"), str(tmp_path / "two"))
        place(str(tmp_path / "one"), str(tmp_path / "three"))

        assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == {"two": "two", "three": "one"}

    def test_a_name_that_was_taken_in_vain_is_given_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An empty file is no message."""
        monkeypatch.setattr(os, "link", refuse)
        monkeypatch.setattr(os, "replace", refuse)
        (tmp_path / "one").touch()

        with pytest.raises(PermissionError):
            place(str(tmp_path / "one"), str(tmp_path / "two"))

        assert [entry.name for entry in tmp_path.iterdir()] == ["one"]

    def test_what_is_gone_need_not_be_discarded(self, tmp_path: Path) -> None:
        """Another program has cleaned up."""
        discard(str(tmp_path / "gone"))

    def test_a_system_may_take_fewer_octets_at_a_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """write(2) says so."""
        real = os.write
        monkeypatch.setattr(os, "write", lambda file, octets: real(file, octets[:7]))
        file = create(str(tmp_path / "a"))

        write_all(file, bytes(range(100)))

        os.close(file)
        assert (tmp_path / "a").read_bytes() == bytes(range(100))


def refuse(_source: str, _target: str) -> None:
    """As a file system does that has no links."""
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20))
def test_blocks_are_all_of_the_pieces(pieces: list[bytes], size: int) -> None:
    """Each as large as it has to be, but for the last."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_ondisk, "BLOCK_SIZE", size)

        blocks = list(gathered(pieces))

    assert b"".join(blocks) == b"".join(pieces)
    assert all(len(block) >= size for block in blocks[:-1])
