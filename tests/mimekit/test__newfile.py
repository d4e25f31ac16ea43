"""A new file: whole or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, MissingFile
from mimekit._newfile import _first_free, _with_number, make_folder, write_new
from mimekit.values.disposition import safe_filename


def names(folder: Path) -> list[str]:
    """What stands in *folder*, hidden things too."""
    return sorted(os.listdir(folder))  # noqa: PTH208 -- names


class TestNames:
    def test_it_is_written_under_its_name(self, tmp_path: Path) -> None:
        """All of it, and nothing else."""
        path = write_new(str(tmp_path), "a.txt", [b"one ", b"two"])

        assert path == str(tmp_path / "a.txt")
        assert Path(path).read_bytes() == b"one two"
        assert names(tmp_path) == ["a.txt"]

    def test_the_current_folder_has_no_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path comes back as it was given."""
        monkeypatch.chdir(tmp_path)

        assert write_new("", "a", []) == "a"

    def test_a_name_that_is_taken_gets_a_number(self, tmp_path: Path) -> None:
        """Never over another file, be it one of the same message."""
        paths = [write_new(str(tmp_path), "a.tar.gz", [b"%d" % n]) for n in range(7)]

        assert [Path(path).name for path in paths] == ["a.tar.gz", *(f"a.tar ({n}).gz" for n in range(2, 8))]
        assert [Path(path).read_bytes() for path in paths] == [b"%d" % n for n in range(7)]

    def test_the_number_can_be_put_otherwise(self, tmp_path: Path) -> None:
        """For those who want no blanks."""
        assert [Path(write_new(str(tmp_path), "README", [], numbered="-{}")).name for _ in range(2)] == [
            "README",
            "README-2",
        ]

    @pytest.mark.parametrize("target", ["nowhere", "there"])
    def test_a_link_is_not_followed(self, tmp_path: Path, target: str) -> None:
        """SECURITY: a link that stands there leads out of the folder."""
        (tmp_path / "there").write_bytes(b"old")
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "a.txt").symlink_to(tmp_path / target)

        path = write_new(str(folder), "a.txt", [b"new"])

        assert path == str(folder / "a (2).txt")
        assert not (tmp_path / "nowhere").exists()
        assert (tmp_path / "there").read_bytes() == b"old"

    def test_a_folder_of_that_name_stays(self, tmp_path: Path) -> None:
        """Whatever stands there has the name."""
        (tmp_path / "a").mkdir()

        assert write_new(str(tmp_path), "a", []) == str(tmp_path / "a (2)")

    @given(st.text(max_size=300) | st.text("é日.a ", min_size=200, max_size=400), st.integers(2, 10**9))
    def test_a_numbered_name_is_a_safe_one(self, name: str, number: int) -> None:
        """At most 255 octets, its ending kept; never hidden, a device, or empty."""
        safe = safe_filename(name)

        numbered = _with_number(safe, f" ({number})")

        assert safe_filename(numbered) == numbered != safe
        assert len(numbered.encode()) <= 255

    def test_the_ending_is_kept(self) -> None:
        """It says what the file is."""
        assert _with_number("x" * 251 + ".pdf", " (2)") == "x" * 247 + " (2).pdf"
        assert _with_number("a." + "x" * 70, " (2)") == "a." + "x" * 70 + " (2)"
        assert _with_number("a .pdf", " (2)") == "a (2).pdf"

    @given(st.sets(st.integers(2, 60)))
    def test_a_free_number_is_found(self, taken: set[int]) -> None:
        """Behind one that is taken, or the first."""
        found = _first_free(taken.__contains__)

        assert found not in taken
        assert found == 2 or found - 1 in taken

    def test_a_free_number_is_found_in_few_steps(self) -> None:
        """Law 5: many files of one name are not looked at one by one, each time."""
        looks: list[int] = []

        def is_taken(number: int) -> bool:
            looks.append(number)
            return number < 10_000

        assert _first_free(is_taken) == 10_000
        assert len(looks) < 30

    def test_a_number_that_is_taken_meanwhile_is_passed(self, tmp_path: Path) -> None:
        """What is free when it is looked at need not be when it is taken; here it is by what is written."""

        def pieces() -> Iterator[bytes]:
            yield b"x"
            (tmp_path / "a").write_bytes(b"old")

        assert write_new(str(tmp_path), "a", pieces()) == str(tmp_path / "a (2)")


class TestLinks:
    """Not every file system has hard links."""

    @pytest.fixture(autouse=True)
    def _without_links(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_source: str, _target: str) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)

    def test_nothing_is_written_over(self, tmp_path: Path) -> None:
        """The name is taken first."""
        (tmp_path / "a").write_bytes(b"old")
        (tmp_path / "a (2)").symlink_to(tmp_path / "nowhere")

        assert write_new(str(tmp_path), "a", [b"new"]) == str(tmp_path / "a (3)")
        assert names(tmp_path) == ["a", "a (2)", "a (3)"]
        assert [(tmp_path / name).read_bytes() for name in ("a", "a (3)")] == [b"old", b"new"]

    def test_a_number_is_taken_between_look_and_write(self, tmp_path: Path) -> None:
        """Then the next one."""
        found: list[str] = []

        class Sly(str):
            __slots__ = ()

            def format(self, *args: object, **_kw: object) -> str:
                name = f" ({args[0]})"
                if found:  # it was looked at before
                    (tmp_path / f"a{found[0]}").touch()
                found.append(name)
                return name

        (tmp_path / "a").touch()

        assert write_new(str(tmp_path), "a", [b"new"], numbered=Sly()) == str(tmp_path / "a (3)")

    def test_what_cannot_be_moved_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither the name that was taken nor the temporary one."""

        def refuse(_source: str, _target: str) -> None:
            raise OSError(errno.EIO, "Input/output error", "a")

        monkeypatch.setattr(os, "replace", refuse)

        with pytest.raises(OSError, match="'a'"):
            write_new(str(tmp_path), "a", [b"x"])
        assert names(tmp_path) == []


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file can grow beyond *size* octets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFailures:
    def test_a_full_disk_is_told_and_leaves_nothing(self, tmp_path: Path) -> None:
        """A limit on the size of files stands for it: the same call fails in the same way."""
        with limited(100_000), pytest.raises(OSError, match=re.escape(str(tmp_path / "large.bin"))) as raised:
            write_new(str(tmp_path), "large.bin", [bytes(60_000), bytes(60_000)])

        assert raised.value.errno == errno.EFBIG
        assert names(tmp_path) == []

    def test_what_fails_while_it_is_made_leaves_nothing(self, tmp_path: Path) -> None:
        """The pieces may come from a file that changed; what they raise comes as it is."""

        def pieces() -> Iterator[bytes]:
            yield b"x"
            raise OSError(errno.EIO, "Input/output error", "elsewhere")

        with pytest.raises(OSError, match="elsewhere"):
            write_new(str(tmp_path), "a", pieces())
        assert names(tmp_path) == []

    def test_who_stops_it_finds_nothing(self, tmp_path: Path) -> None:
        """Neither half a file nor a temporary one."""

        def pieces() -> Iterator[bytes]:
            yield b"x"
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_new(str(tmp_path), "a", pieces())
        assert names(tmp_path) == []

    def test_a_folder_that_goes_meanwhile_is_named(self, tmp_path: Path) -> None:
        """With what stood in it already."""
        folder = tmp_path / "folder"
        folder.mkdir()

        def pieces() -> Iterator[bytes]:
            yield b"x"
            shutil.rmtree(folder)

        with pytest.raises(MissingFile) as raised:
            write_new(str(folder), "a", pieces())
        assert raised.value.filename == str(folder)
        assert names(tmp_path) == []

    @pytest.mark.parametrize(
        ("directory", "error"),
        [
            pytest.param("none", MissingFile, id="not there"),
            pytest.param("file", NotADirectoryError, id="a file"),
        ],
    )
    def test_a_folder_that_is_none_is_named(
        self, tmp_path: Path, directory: str, error: type[OSError], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And not the name that nobody gave."""
        monkeypatch.chdir(tmp_path)
        Path("file").touch()

        with pytest.raises(error) as raised:
            write_new(directory, "a", [b"x"])
        assert raised.value.filename == directory
        assert names(tmp_path) == ["file"]

    def test_a_text_that_is_no_folder(self) -> None:
        """A mistake of the caller's."""
        with pytest.raises(BadValue, match="no directory"):
            write_new("a\0b", "a", [])

    def test_the_umask_is_respected(self, tmp_path: Path) -> None:
        """A file is as readable as any other that the user makes."""
        before = os.umask(0o027)
        try:
            path = write_new(str(tmp_path), "a", [])
        finally:
            os.umask(before)

        assert Path(path).stat().st_mode & 0o777 == 0o640


class TestFolders:
    def test_a_folder_that_is_there_is_never_used(self, tmp_path: Path) -> None:
        """The new one has a number, as a file would."""
        made = [make_folder(str(tmp_path), "a_files") for _ in range(3)]

        assert made == [str(tmp_path / name) for name in ("a_files", "a_files (2)", "a_files (3)")]
        assert names(tmp_path) == ["a_files", "a_files (2)", "a_files (3)"]

    def test_where_there_is_no_place_for_it_it_says_so(self, tmp_path: Path) -> None:
        """It names the directory."""
        with pytest.raises(MissingFile, match="nowhere"):
            make_folder(str(tmp_path / "nowhere"), "a")
        with pytest.raises(BadValue, match="no directory"):
            make_folder("a\0b", "a")
