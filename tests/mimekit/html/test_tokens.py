"""Tags, comments and text, cut where browsers cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.html._tokens import (
    ATTRIBUTE,
    ATTRIBUTES,
    NAME,
    RAW_ATTRIBUTES,
    RAW_NAME,
    RAW_TEXT,
    SLASH,
    TOKEN,
    attributes,
)


def _tags(html: str) -> list[str]:
    return [f"{found[SLASH]}{found[NAME]}" for found in TOKEN.finditer(html) if found[NAME]]


@pytest.mark.parametrize(
    ("html", "text", "tags"),
    [
        pytest.param("<p class=a>b</p>c", "bc", ["p", "/p"], id="usual"),
        pytest.param("<br/>a<br />", "a", ["br", "br"], id="usual-self-closing"),
        pytest.param("<!DOCTYPE html>a", "a", [], id="usual-doctype"),
        pytest.param("a<!-- <b> -- > -->b", "ab", [], id="usual-comment"),
        pytest.param("<title>a <b> </titles> </TITLE >b", "b", [], id="usual-title"),
        pytest.param('<a title="x > y" href=z>b', "b", ["a"], id="usual-greater-than-in-quotes"),
        pytest.param("<o:p>a</o:p>", "a", ["o:p", "/o:p"], id="wild-word"),
        pytest.param("<![if !mso]>a<![endif]>", "a", [], id="wild-outlook"),
        pytest.param("<?xml:namespace prefix = o />a", "a", [], id="wild-namespace"),
        pytest.param("<!-->a<!--->b<!-- --!>c", "abc", [], id="odd-comments"),
        pytest.param('<a b"c>d">e', 'd">e', ["a"], id="odd-quote-in-a-name"),
        pytest.param("<a =b =>c", "c", ["a"], id="odd-equals-signs"),
        pytest.param("<a b = >c", "c", ["a"], id="odd-no-value"),
        pytest.param("1 < 2 <3 <", "1 < 2 <3 <", [], id="odd-less-than"),
        pytest.param("</>a</3>b", "ab", [], id="odd-end-tags"),
        pytest.param("a</", "a</", [], id="odd-end"),
        pytest.param("<titles>a</title>b", "ab", ["titles"], id="odd-like-a-title"),
        pytest.param("a<!-- b", "a", [], id="hostile-open-comment"),
        pytest.param('a<b c="d>e', "a", ["b"], id="hostile-open-value"),
        pytest.param("a<script>b</script", "a", [], id="hostile-open-end-tag"),
        pytest.param("a<style>b</styles>", "a", [], id="hostile-open-style"),
        pytest.param("a<textarea", "a", ["textarea"], id="hostile-half-a-tag"),
        pytest.param("a<iframe src=b", "a", [], id="hostile-open-tag"),
    ],
)
def test_html_is_cut_where_browsers_cut_it(html: str, text: str, tags: list[str]) -> None:
    """The WHATWG's tokenizer, state by state."""
    assert TOKEN.sub("", html) == text
    assert _tags(html) == tags


def test_a_raw_element_is_one_token_with_its_text() -> None:
    """What a style holds is no markup."""
    found = TOKEN.fullmatch("<STYLE type=a>p > b {} </b></style\n>")

    assert found is not None
    assert found.group(RAW_NAME, RAW_ATTRIBUTES, RAW_TEXT) == ("STYLE", " type=a", "p > b {} </b>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" href=\"a\" Title='b c' id=d", {"href": "a", "title": "b c", "id": "d"}, id="usual"),
        pytest.param(" hidden", {"hidden": ""}, id="usual-no-value"),
        pytest.param(' href="?a&amp;b"', {"href": "?a&b"}, id="usual-reference"),
        pytest.param(" a = 1 a=2", {"a": "1"}, id="odd-twice"),
        pytest.param(' a=""b=c/ /d', {"a": "", "b": "c/", "d": ""}, id="odd-slashes"),
        pytest.param(' =a="b', {"=a": "b"}, id="hostile-open"),
    ],
)
def test_attributes_are_read_as_browsers_read_them(text: str, expected: dict[str, str]) -> None:
    """Names in lower case, values without quotes, and of two the first."""
    assert attributes(text) == expected


@given(st.lists(st.sampled_from(["<", "a", ">", " ", "/", "=", '"', "'", "!", "-", "script", "\n"])).map("".join))
def test_an_attribute_stands_where_it_was_found(html: str) -> None:
    """Who edits a value at its place has to be told the place."""
    for tag in TOKEN.finditer(html):
        for found in ATTRIBUTE.finditer(html, *tag.span(ATTRIBUTES)) if tag[NAME] else ():
            assert html[found.start(1) : found.end(1)] == found[1]
            assert tag.start(ATTRIBUTES) <= found.start() <= found.end() <= tag.end(ATTRIBUTES)
