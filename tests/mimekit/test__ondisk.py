"""Octets in a file: what it was is noted, and it must be that still."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, ChangedFile, MissingFile
from mimekit._ondisk import OnDisk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of ten octets."""
    path = tmp_path / "ten"
    path.write_bytes(b"0123456789")
    return path


class TestReading:
    @given(st.binary(max_size=40), st.integers(1, 50))
    def test_the_pieces_are_the_file(
        self, tmp_path_factory: pytest.TempPathFactory, octets: bytes, piece_size: int
    ) -> None:
        """In order, each of the size that was asked for but the last one."""
        path = tmp_path_factory.getbasetemp() / "pieces"
        path.write_bytes(octets)
        file = OnDisk(str(path))

        pieces = list(file.pieces(piece_size))

        assert b"".join(pieces) == octets == file.read()
        assert {len(piece) for piece in pieces[:-1]} <= {piece_size}
        assert file.size == len(octets)

    def test_it_is_found_wherever_the_program_goes(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path means what it meant when it was given."""
        monkeypatch.chdir(path.parent)
        file = OnDisk("ten")

        monkeypatch.chdir("/")

        assert file.read() == b"0123456789"
        assert file.path == str(path)

    def test_a_file_that_is_not_read_to_its_end_is_closed(self, path: Path) -> None:
        """A warning of an open file would be an error here."""
        pieces = OnDisk(str(path)).pieces(3)

        assert next(pieces) == b"012"
        del pieces


def _grow(path: Path) -> None:
    path.write_bytes(b"0123456789a")


def _shrink(path: Path) -> None:
    path.write_bytes(b"012345678")


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _replace(path: Path) -> None:
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"9876543210")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def _listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(path))  # no long path is taken


class TestChanges:
    @pytest.mark.parametrize("change", [_grow, _shrink, _touch, _replace])
    def test_a_file_that_changed_is_an_error(self, path: Path, change: Callable[[Path], None]) -> None:
        """Law 7: a file attached by path that changed meanwhile is an error, not another message."""
        file = OnDisk(str(path))

        change(path)

        with pytest.raises(ChangedFile, match="ten is not what it was") as raised:
            file.read()
        assert raised.value.filename == str(path)
        with pytest.raises(ChangedFile):
            file.check()

    @pytest.mark.parametrize("change", [_grow, _shrink, _touch])
    def test_a_file_that_changes_while_it_is_read_is_an_error(self, path: Path, change: Callable[[Path], None]) -> None:
        """It is looked at again at its end."""
        pieces = OnDisk(str(path)).pieces(4)

        next(pieces)
        change(path)

        with pytest.raises(ChangedFile):
            list(pieces)

    @pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc")
    def test_a_file_that_holds_more_than_the_system_says(self) -> None:
        """Files of /proc are of no size, and hold something."""
        with pytest.raises(ChangedFile):
            OnDisk("/proc/version").read()

    def test_a_file_that_is_gone_is_missed(self, path: Path) -> None:
        """That too is an error, and no message without it."""
        file = OnDisk(str(path))

        path.unlink()

        with pytest.raises(MissingFile, match="ten"):
            file.check()

    @pytest.mark.parametrize("become", [os.mkfifo, os.mkdir, _listen], ids=["a pipe", "a folder", "a socket"])
    def test_a_file_that_became_something_else_is_another(self, path: Path, become: Callable[[Path], None]) -> None:
        """SECURITY: nobody waits for what comes out of a pipe."""
        file = OnDisk(str(path))
        path.unlink()

        become(path)

        for use in (file.check, file.read):
            with pytest.raises(ChangedFile) as raised:
                use()
            assert raised.value.filename == str(path)

    def test_a_file_that_cannot_be_read_any_more(self, path: Path) -> None:
        """What the system refuses comes as it is."""
        file = OnDisk(str(path))
        path.unlink()

        path.symlink_to(path.name)

        with pytest.raises(OSError, match="ten") as raised:
            file.read()
        assert raised.value.errno == errno.ELOOP


class TestRefusals:
    @pytest.mark.parametrize("name", ["none", "ten/none", "no/such/folder"])
    def test_a_file_that_is_not_there_is_named(self, path: Path, name: str) -> None:
        """Also one below a file."""
        with pytest.raises(MissingFile) as raised:
            OnDisk(str(path.parent / name))
        assert raised.value.filename == str(path.parent / name)

    @pytest.fixture
    def odd(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Things that are no regular files."""
        monkeypatch.chdir(tmp_path)
        Path("folder").mkdir()
        os.mkfifo("pipe")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            yield

    @pytest.mark.usefixtures("odd")
    @pytest.mark.parametrize(
        ("name", "kind"), [("folder", "folder"), ("pipe", "pipe"), ("socket", "socket"), ("/dev/null", "device")]
    )
    def test_only_regular_files_are_taken(self, name: str, kind: str) -> None:
        """What has no size cannot be checked, and some things cannot be read twice."""
        with pytest.raises(BadValue, match=f"only a regular file can be attached, and '{name}' is a {kind}"):
            OnDisk(name)

    def test_a_text_that_is_no_path(self) -> None:
        """No file has a NUL in its name."""
        with pytest.raises(BadValue, match="no path"):
            OnDisk("a\0b")

    @pytest.mark.skipif(os.geteuid() == 0, reason="who may do everything is refused nothing")
    def test_a_file_that_may_not_be_read(self, path: Path) -> None:
        """It is named."""
        path.chmod(0)

        with pytest.raises(PermissionError, match="ten"):
            OnDisk(str(path))

    def test_what_the_system_refuses_comes_as_it_is(self) -> None:
        """An `OSError` names the file."""
        with pytest.raises(OSError, match="x" * 300):
            OnDisk("x" * 300)
