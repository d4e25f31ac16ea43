"""_file: a path or a file, and what is said where it is neither."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from mimekit import BadValue, MissingFile
from mimekit._file import Opened, path_of, read_octets


class TestOpened:
    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_path_is_opened_and_closed(self, kind: type[str | Path], tmp_path: Path) -> None:
        """What was opened here is closed here."""
        path = tmp_path / "a"
        path.write_bytes(b"\r\n")

        with Opened(kind(path)) as file:
            octets = read_octets(file)

        assert octets == b"\r\n"
        assert file.closed

    def test_a_file_is_left_open(self) -> None:
        """Who opened it closes it."""
        file = io.BytesIO(b"ab")

        with Opened(file) as opened:
            assert read_octets(opened, 1) == b"a"

        assert not file.closed

    @pytest.mark.parametrize("name", ["none", "file/none"])
    def test_a_missing_file_is_named(self, name: str, tmp_path: Path) -> None:
        """An exception names what cannot be read."""
        (tmp_path / "file").touch()

        with pytest.raises(MissingFile) as caught:
            Opened(tmp_path / name)

        assert caught.value.filename == str(tmp_path / name)

    def test_a_text_that_is_no_path_is_refused(self) -> None:
        """No path has a NUL in it."""
        with pytest.raises(BadValue, match="no path"):
            Opened("a\0b")


class TestReadOctets:
    @pytest.mark.parametrize(
        "file",
        [
            pytest.param(3, id="a number"),
            pytest.param(None, id="nothing"),
            pytest.param(b"octets", id="octets"),
            pytest.param(io.StringIO("text"), id="text"),
            pytest.param(io.TextIOWrapper(io.BytesIO(b"\xff"), "ascii"), id="octets that are no text"),
            pytest.param(io.BufferedWriter(io.BytesIO()), id="a file for writing"),
        ],
    )
    def test_what_gives_no_octets_is_refused(self, file: object) -> None:
        """Mail is octets; a file open for text has lost some of them."""
        with pytest.raises(BadValue, match="expected a"):
            read_octets(file)  # type: ignore[arg-type]  # the mistake looked at


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="there is no file here that cannot be read")  # noqa: PTH110
def test_a_file_that_cannot_be_read_is_named() -> None:
    """What the system says of a broken disk names no file."""
    with Opened("/proc/self/mem") as file, pytest.raises(OSError, match="/proc/self/mem"):
        read_octets(file)


def test_a_path_is_a_text() -> None:
    """Octets are none, be it those of an os.PathLike."""

    class Odd:
        def __fspath__(self) -> bytes:
            return b"a"

    assert path_of(Path("a")) == "a" == path_of("a")
    for given in (Odd(), b"a", None):
        with pytest.raises(BadValue, match="expected a path"):
            path_of(given)
