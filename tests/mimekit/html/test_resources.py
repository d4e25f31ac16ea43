"""Addresses on a received page: which stay."""

from __future__ import annotations

import pytest

from mimekit.html._resources import Resources, link

_FILES = {
    "cid:a": "a.png",
    "b.png": "b b.png",
    "http://u/x/b.png": "folder/b.png",
    "cid:root": "/etc/passwd",
    "cid:net": "//host/share",
    "cid:name": "a:b\\c?d#e.png",
    "cid:odd": "\udcff.png",
    "cid:none": "",
}


class TestLinks:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            pytest.param("https://u/a?b=c#d", "https://u/a?b=c#d", id="usual"),
            pytest.param("HTTP://u", "HTTP://u", id="usual-capitals"),
            pytest.param("mailto:a@b", "mailto:a@b", id="usual-mail"),
            pytest.param("tel:1", "tel:1", id="usual-telephone"),
            pytest.param("ftp://u/a", "ftp://u/a", id="usual-ftp"),
            pytest.param("#a", "#a", id="usual-place"),
            pytest.param("#", "#", id="usual-top"),
            pytest.param("#top", "#top", id="usual-top-by-name"),
            pytest.param(" \x00ht\ntp://u\t ", "http://u", id="odd-white-space"),
            pytest.param("a.html", None, id="usual-relative"),
            pytest.param("", None, id="odd-nothing"),
            pytest.param("http:u", None, id="hostile-no-slashes"),
            pytest.param("http:///u", None, id="hostile-three-slashes"),
            pytest.param("https:\\\\u", None, id="hostile-backslashes"),
            pytest.param("//u", None, id="hostile-no-scheme"),
            pytest.param("java\nscript:x", None, id="hostile-script"),
            pytest.param("cid:a", None, id="hostile-file"),
            pytest.param("file:///a", None, id="hostile-disk"),
        ],
    )
    def test_where_links_may_lead(self, reference: str, expected: str | None) -> None:
        """To the web, to mail, to a telephone, and to a place on the page."""
        assert link(reference) == expected


class TestResources:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            pytest.param("cid:a", "a.png", id="usual"),
            pytest.param("b.png", "b%20b.png", id="usual-relative"),
            pytest.param("data:image/png;base64,AA==", "data:image/png;base64,AA==", id="usual-data"),
            pytest.param(" DATA:image/GIF,%41", "DATA:image/GIF,%41", id="odd-data"),
            pytest.param("cid:unknown", None, id="usual-unknown"),
            pytest.param("", None, id="odd-nothing"),
            pytest.param("cid:name", "a%3Ab%5Cc%3Fd%23e.png", id="odd-name"),
            pytest.param("cid:odd", "%FF.png", id="odd-octets"),
            pytest.param("cid:none", None, id="odd-no-name"),
            pytest.param("cid:root", None, id="hostile-root"),
            pytest.param("cid:net", None, id="hostile-machine"),
            pytest.param("data:image/svg+xml,a", None, id="hostile-svg"),
            pytest.param("data:image/png,<svg>", None, id="hostile-markup"),
            pytest.param("data:text/html,a", None, id="hostile-html"),
            pytest.param("https://u/a", None, id="usual-remote"),
            pytest.param("a" * 9000, None, id="hostile-long"),
        ],
    )
    def test_what_is_got_without_a_click(self, reference: str, expected: str | None) -> None:
        """Files beside the page, and images in it."""
        assert Resources(_FILES.get).url(reference) == expected

    def test_a_resolver_that_raises_gives_nothing(self) -> None:
        """What it was to decide on does not stay."""

        def resolve(_reference: str) -> str:
            raise LookupError

        assert Resources(resolve, remote=True).url("http://u/a") is None

    def test_images_in_the_page_have_a_size(self) -> None:
        """Not many megabytes."""
        start = "data:image/png;base64,"

        assert Resources(None).url(start + "A" * (4 << 20)) is None
        assert Resources(None).url(start + "A" * (3 << 20)) is not None

    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            pytest.param("https://u/a", "https://u/a", id="usual"),
            pytest.param("http://u/a", None, id="usual-not-private"),
            pytest.param("https:/u", None, id="hostile-one-slash"),
            pytest.param("//u/a", None, id="hostile-no-scheme"),
            pytest.param("cid:a", "a.png", id="usual-file"),
        ],
    )
    def test_remote_images(self, reference: str, expected: str | None) -> None:
        """By request, and by https."""
        assert Resources(_FILES.get, remote=True).url(reference) == expected

    @pytest.mark.parametrize(
        ("base", "below", "expected"),
        [
            pytest.param("http://u/x/y", None, "folder/b.png", id="usual"),
            pytest.param(None, "http://u/x/", "folder/b.png", id="usual-below"),
            pytest.param("http://u/z", "x/", "folder/b.png", id="usual-relative"),
            pytest.param("http://u/z", None, "b%20b.png", id="odd-not-whole"),
            pytest.param("x/", None, "b%20b.png", id="odd-relative-to-nothing"),
            pytest.param("http://u/x/", "", "folder/b.png", id="odd-nothing"),
            pytest.param("http://[/", None, None, id="hostile"),
            pytest.param("http://u/" + "x" * 9000, None, "b%20b.png", id="hostile-long"),
        ],
    )
    def test_relative_addresses(self, base: str | None, below: str | None, expected: str | None) -> None:
        """They are made whole, and asked for as they stand if that is unknown."""
        assert Resources(_FILES.get, base=base).below(below).url("b.png") == expected

    @pytest.mark.parametrize(
        ("srcset", "expected"),
        [
            pytest.param("cid:a 2x, b.png 1.5x", "a.png 2x, b%20b.png 1.5x", id="usual"),
            pytest.param("cid:a", "a.png", id="usual-alone"),
            pytest.param("cid:a, b.png 100w", "a.png, b%20b.png 100w", id="usual-comma"),
            pytest.param("\n, cid:a 2x,, b.png", "a.png 2x, b%20b.png", id="odd-commas"),
            pytest.param("data:image/png;base64,AA== 2x", "data:image/png;base64,AA== 2x", id="usual-data"),
            pytest.param("https://u/a 2x, cid:a 1x", "a.png 1x", id="usual-remote"),
            pytest.param("cid:a 2y, cid:a x(1, cid:a", "a.png", id="odd-descriptors"),
            pytest.param("", None, id="odd-nothing"),
            pytest.param(" , ", None, id="odd-comma-alone"),
            pytest.param("cid:a 1x," * 1000, ", ".join(["a.png 1x"] * 64), id="hostile-many"),
        ],
    )
    def test_candidates(self, srcset: str, expected: str | None) -> None:
        """Each is an image of its own."""
        assert Resources(_FILES.get).candidates(srcset) == expected
