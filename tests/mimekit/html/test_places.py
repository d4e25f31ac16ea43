"""Files of one folder, by the addresses in a page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, MissingFile
from mimekit.html._places import Places, local_path


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        pytest.param("a/b.png?c#d", "", "a/b.png", id="usual"),
        pytest.param("a.png#b?c", "", "a.png", id="fragment-first"),
        pytest.param("/a.png", "b/c", "/a.png", id="from-the-top"),
        pytest.param("a.png", "b/c", "b/a.png", id="base"),
        pytest.param("a.png", "b", "a.png", id="base-beside"),
        pytest.param("a.png", "/b/c/", "/b/c/a.png", id="base-from-the-top"),
        pytest.param("a.png", "https://example.org/", "", id="base-on-the-net"),
        pytest.param("a.png", "https:", "", id="base-of-a-scheme"),
        pytest.param("a\\b", "", "a/b", id="backslash"),
        pytest.param("ab:c", "", "", id="scheme"),
        pytest.param("file:///etc/passwd", "", "file:///etc/passwd", id="file"),
        pytest.param("a.png", "FILE:///b/c", "FILE:///b/a.png", id="base-of-a-file"),
        pytest.param("C:\\a.png", "", "C:/a.png", id="drive"),
        pytest.param("//a", "b/", "", id="host"),
        pytest.param("", "b/", "", id="empty"),
        pytest.param("?a", "b/", "", id="query"),
        pytest.param("{{ a }}", "", "", id="template"),
        pytest.param("a/{% b %}?c", "", "", id="template-jinja"),
        pytest.param("a?b=<%= c %>", "", "", id="template-erb"),
        pytest.param("a/${b}.png", "", "", id="template-mako"),
    ],
)
def test_what_an_address_says_of_a_place(url: str, base: str, expected: str) -> None:
    """RFC 3986: a scheme or a host is elsewhere; queries and fragments are no part of a path."""
    assert local_path(url, base) == expected


def test_a_file_is_found_once(tmp_path: Path) -> None:
    """What is asked for again is not looked for again, and an address is noted once."""
    (tmp_path / "a").write_bytes(b"x")
    places = Places(str(tmp_path))

    assert [places.find(str(tmp_path), "a", "a") for _ in range(2)] == [os.path.realpath(tmp_path / "a")] * 2
    assert [places.find(str(tmp_path), "b", "b?c") for _ in range(2)] == [None, None]
    assert (list(places.missing), list(places.outside)) == (["b?c"], [])


def test_the_top_of_the_disk_may_be_the_root(tmp_path: Path) -> None:
    """Then all of it is inside."""
    (tmp_path / "a").write_bytes(b"x")

    assert Places(tmp_path.anchor).find(str(tmp_path), "a", "a") is not None


@pytest.mark.parametrize(
    ("root", "error"),
    [
        pytest.param("none", MissingFile, id="missing"),
        pytest.param("a", MissingFile, id="a-file"),
        pytest.param("a\0b", BadValue, id="nul"),
    ],
)
def test_a_folder_that_is_none_is_refused(root: str, error: type[Exception], tmp_path: Path) -> None:
    """An exception names it, before anything is looked for."""
    (tmp_path / "a").write_bytes(b"x")

    with pytest.raises(error, match=root.partition("\0")[0]):
        Places(str(tmp_path / root))


@pytest.mark.parametrize("root", ["", "."])
def test_the_current_folder_may_be_the_root(root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As elsewhere, nothing is where the program is."""
    monkeypatch.chdir(tmp_path)

    assert Places(root).root == os.path.realpath(tmp_path)


@pytest.mark.parametrize("beside", ["rootless", "roo", "Root"])
def test_a_folder_of_a_like_name_is_outside(beside: str, tmp_path: Path) -> None:
    """SECURITY: the beginning of a name is not the name of a folder."""
    for name in ("root", beside):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "a").write_bytes(b"x")
    places = Places(str(tmp_path / "root"))

    if not (tmp_path / "root").samefile(tmp_path / beside):
        assert places.find(str(tmp_path / "root"), f"../{beside}/a", "u") is None
        assert list(places.outside) == ["u"]


@given(
    st.lists(st.sampled_from(["..", ".", "/", "a", "in", "out", "%2F", "%2e", "%00", "\ud800", "~", "C:"]), max_size=9)
)
def test_nothing_outside_is_found(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    """SECURITY: however a place is spelled, what is found is a file in the folder."""
    folder = tmp_path_factory.getbasetemp() / "places"
    if not folder.exists():
        (folder / "root" / "a").mkdir(parents=True)
        (folder / "out").write_bytes(b"secret")
        (folder / "root" / "in").write_bytes(b"x")
        (folder / "root" / "a" / "in").write_bytes(b"x")
        (folder / "root" / "a" / "out").symlink_to(folder / "out")
        (folder / "root" / "a" / "..a").symlink_to("../..")
    places = Places(str(folder / "root"))
    local = "".join(pieces) or "x"

    found = places.find(str(folder / "root" / "a"), local, local)

    if found is None:
        assert [*places.missing, *places.outside] == [local]
    else:
        assert Path(found).read_bytes() == b"x"
