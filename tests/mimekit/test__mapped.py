"""A mapped file: it answers as `bytes` does."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import _mapped
from mimekit._mapped import Mapped

_few = st.binary(min_size=1, max_size=3).map(
    lambda octets: octets.translate(bytes(b"ab\r\n"[n % 4] for n in range(256)))
)
_many = st.lists(_few, min_size=1, max_size=12).map(b"".join)
_places = st.integers(-5, 40)


@contextmanager
def mapped(octets: bytes) -> Iterator[Mapped]:
    """*octets* in a file, mapped."""
    with TemporaryFile() as file:
        file.write(octets)
        file.flush()
        with Mapped(file.fileno(), 0, access=mmap.ACCESS_READ) as found:
            yield found


@given(_many, _few, _places, st.none() | _places)
def test_it_answers_as_bytes_do(octets: bytes, wanted: bytes, start: int, end: int | None) -> None:
    """Whoever reads a source needs not know which of the two it is."""
    with mapped(octets) as found:
        assert found.startswith(wanted, start, end) == octets.startswith(wanted, start, end)
        assert found.endswith(wanted, start, end) == octets.endswith(wanted, start, end)
        assert found.startswith((wanted, b"a")) == octets.startswith((wanted, b"a"))
        assert found.endswith((wanted, b"a")) == octets.endswith((wanted, b"a"))
        assert found.count(wanted, start, end) == octets.count(wanted, start, end)
        assert found.count(wanted) == octets.count(wanted)
        assert (wanted in found) == (wanted in octets)
        assert [found.find(wanted), found.rfind(wanted)] == [octets.find(wanted), octets.rfind(wanted)]
        assert found[start:end] == octets[start:end]
        assert len(found) == len(octets)


@given(_many, st.integers(0, 11), st.integers(1, 3))
def test_what_is_there_has_a_place(octets: bytes, start: int, size: int) -> None:
    """``index`` finds the first."""
    wanted = octets[start : start + size] or octets[:1]

    with mapped(octets) as found:
        assert found.index(wanted) == octets.index(wanted)


def test_what_is_not_there_has_none() -> None:
    """``index`` raises where ``find`` says -1."""
    with mapped(b"abc") as found, pytest.raises(ValueError, match="not found"):
        found.index(b"c", 0, 2)


def test_only_octets_stand_in_it() -> None:
    """No text and no number does."""
    with mapped(b"abc") as found:
        assert [item in found for item in (b"b", "b", None)] == [True, False, False]


def test_a_tuple_of_nothing_begins_nothing() -> None:
    """As with `bytes`."""
    with mapped(b"abc") as found:
        assert not found.startswith(())
        assert not found.endswith(())


def test_patterns_run_on_it_and_give_bytes() -> None:
    """No octet is copied but those that matched."""
    with mapped(b"a\r\nb\r\n") as found:
        matches = re.findall(rb"\w\r\n", found)

    assert matches == [b"a\r\n", b"b\r\n"]


@given(_many, _few, _places, st.none() | _places, st.integers(1, 9))
def test_what_is_large_is_searched_in_windows(
    octets: bytes, wanted: bytes, start: int, end: int | None, window: int
) -> None:
    """Also what stands where two of them meet is found."""
    with pytest.MonkeyPatch.context() as patch, mapped(octets) as found:
        patch.setattr(_mapped, "_WINDOW", window)

        assert found.find(wanted, start, end) == octets.find(wanted, start, end)


@pytest.mark.parametrize("can", [True, False])
def test_what_was_let_go_is_there_again(monkeypatch: pytest.MonkeyPatch, *, can: bool) -> None:
    """It is read anew when it is asked for; not every system can let go."""
    if not can:
        monkeypatch.setattr(_mapped, "_LET_GO", None)
    octets = bytes(range(256)) * 1_000

    with mapped(octets) as found:
        found.let_go(5_000, 100_000)

        assert found[:] == octets


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is counted on Linux")
def test_a_search_keeps_nothing_in_memory() -> None:
    """What is searched and let go is no memory of this process."""

    def resident() -> int:
        found = re.search(r"RssFile:\s*(\d+)", Path("/proc/self/status").read_text())
        assert found is not None
        return int(found[1]) * 1024

    with TemporaryFile() as file:
        file.truncate(64 << 20)
        with Mapped(file.fileno(), 0, access=mmap.ACCESS_READ) as found:
            before = resident()

            assert found.find(b"x") == -1
            assert resident() - before < 16 << 20
