"""What the parts beside a page may be referred to by."""

from __future__ import annotations

import pytest

from mimekit import parse
from mimekit.content._names import Names, page_of, parts_by_id
from tests.trees import leaf, multipart


class TestParts:
    def test_each_has_an_id(self) -> None:
        """One that has none, or that of another, gets one; none is lost."""
        parts = [
            parse(leaf("image/png", "x", *fields)) for fields in (["Content-ID: <a@b>"], [], ["Content-ID: <a@b>"])
        ]

        found = parts_by_id(parts)

        assert list(found) == ["a@b", "2@mimekit.invalid", "3.a@b"]
        assert list(found.values()) == parts


class TestNames:
    @pytest.mark.parametrize(
        ("url", "place"),
        [
            pytest.param("cid:a@b", 0, id="its id"),
            pytest.param("CID:A@B", 0, id="in another case"),
            pytest.param("cid:a%40b", 0, id="percent-encoded"),
            pytest.param("http://x/y.png", 1, id="its place"),
            pytest.param("y.png", 1, id="its place, relative to that of the page"),
            pytest.param("cid:nothing", None, id="an id of nothing"),
            pytest.param("z.png", None, id="a place of nothing"),
        ],
    )
    def test_a_part_is_found(self, url: str, place: int | None) -> None:
        """RFC 2392, section 2; RFC 2557, section 5."""
        parts = [
            parse(leaf("image/png", "x", "Content-ID: <a@b>")),
            parse(leaf("image/png", "x", "Content-Location: http://x/y.png")),
        ]
        page = parse(leaf("text/html", "x", "Content-Location: http://x/index.html"))

        found = Names(parts_by_id(parts), page, page).part(url)

        assert found is (None if place is None else parts[place])


class TestPages:
    @pytest.mark.parametrize(
        ("source", "body"),
        [
            pytest.param(multipart("related", leaf("text/html", "page"), leaf("text/html")), "page", id="its root"),
            pytest.param(
                multipart("related", multipart("alternative", leaf(), leaf("text/html", "page"))),
                "page",
                id="a version",
            ),
            pytest.param(multipart("related", leaf()), None, id="a text"),
            pytest.param(multipart("mixed", leaf("text/html")), None, id="no related"),
            pytest.param(leaf("text/html"), None, id="a page alone"),
            pytest.param(leaf("multipart/related; boundary=x"), None, id="unopened"),
            pytest.param(
                multipart("related", leaf("text/html", "x", "Content-Disposition: attachment")), None, id="a file"
            ),
        ],
    )
    def test_a_related_may_begin_with_one(self, source: bytes, body: str | None) -> None:
        """RFC 2387, section 3.2."""
        page = page_of(parse(source))

        assert body == (None if page is None else page.octets.decode())
