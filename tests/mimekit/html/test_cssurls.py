"""Addresses in style sheets, with their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.html._cssurls import addresses


def _urls(css: str) -> list[str]:
    return [found.url for found in addresses(css)]


@pytest.mark.parametrize(
    ("css", "urls"),
    [
        pytest.param("p { background: url(a.png) }", ["a.png"], id="usual"),
        pytest.param("p { background: url( \"a b.png\" ), url('c.png') }", ["a b.png", "c.png"], id="usual-quoted"),
        pytest.param("@font-face { src: URL(a.woff2) format('woff2') }", ["a.woff2"], id="usual-font"),
        pytest.param("@import 'a.css'; @IMPORT url(b.css) screen;", ["a.css", "b.css"], id="usual-import"),
        pytest.param("/* url(a) */ p { content: 'url(b)' \"url(c)\" }", [], id="usual-comment-and-strings"),
        pytest.param("@import/**/ /* 'a' */\n'b.css'", ["b.css"], id="odd-comments-behind-import"),
        pytest.param(r"p { background: url(a\20 b\).png) }", ["a b).png"], id="odd-escapes"),
        pytest.param('p { background: url("a\\\nb\\"\\z") }', ['ab"z'], id="odd-line-continued"),
        pytest.param(r"p { background: url(\0\110000\d800 a) }", ["\ufffd\ufffd\ufffda"], id="odd-no-character"),
        pytest.param("p { a: url() b: url( ) c: url('') }", ["", "", ""], id="odd-empty"),
        pytest.param("p { a: my-url(b) _url(c) myurl(d) }", [], id="odd-other-functions"),
        pytest.param("p { a: url(b'c) 'url(d)' url(e) }", ["e"], id="odd-no-browser-takes-it"),
        pytest.param("p { a: url('b' c) url(d) }", ["d"], id="odd-more-than-a-string"),
        pytest.param("p { a: url(b", ["b"], id="hostile-open"),
        pytest.param("p { a: url('b", [], id="hostile-open-string"),
        pytest.param("@import 'a", ["a"], id="hostile-open-import"),
        pytest.param("/* url(a)", [], id="hostile-open-comment"),
        pytest.param("p { a: 'b\nurl(c) }", ["c"], id="hostile-string-ended-by-its-line"),
    ],
)
def test_addresses_are_found_where_browsers_find_them(css: str, urls: list[str]) -> None:
    """CSS Syntax, level 3: what stands in comments and strings is no address, but behind ``@import``."""
    assert _urls(css) == urls


def test_an_imported_sheet_says_so() -> None:
    """What is imported is a style sheet, whose own addresses count too."""
    assert [found.imported for found in addresses("@import 'a'; @import url(b); p { c: url(d) }")] == [
        True,
        True,
        False,
    ]


def test_an_address_is_put_in_the_place_of_another() -> None:
    """Quotes and spaces around it stay."""
    css = "@import 'a'; p { b: url( \"c\" ) url( d ) }"

    for found in reversed(list(addresses(css))):
        css = f"{css[: found.start]}X{css[found.end :]}"

    assert css == "@import 'X'; p { b: url( \"X\" ) url( X ) }"


def test_part_of_a_text_is_looked_at() -> None:
    """A style sheet may stand in a page."""
    text = "url(a) url(b) url(c)"

    assert [(found.url, found.start) for found in addresses(text, 6, 13)] == [("b", 11)]


@pytest.mark.parametrize(
    "bomb",
    [
        *("url(", "url( ", "url('", 'url("', "url(a ", "url(a\\) ", "url(\\", "-url(", "@import", "@import ", "'\n"),
        *("@import/*", "@import/**/", "@import url(", "@import'", "/*", '"', 'url("\\\n', "@", "\\", "*/", "/", "u"),
    ],
)
def test_hostile_sheets_take_no_longer(bomb: str) -> None:
    """Law 5: a character is gone over a bounded number of times; quadratic work would take minutes here."""
    size = 1_000_000 // len(bomb)

    assert len(list(addresses(bomb * size))) <= size
    assert len(list(addresses(f"url({' ' * 1_000_000}"))) == 1


@given(st.text("url(@import'\"\\/*) \na", max_size=40))
def test_what_is_found_stands_there(css: str) -> None:
    """Places are in order, and an address without escapes is what stands at its own."""
    found = list(addresses(css))
    places = [place for one in found for place in (one.start, one.end)]

    assert places == sorted(places)
    assert all("\\" in css or one.url == css[one.start : one.end] for one in found)
