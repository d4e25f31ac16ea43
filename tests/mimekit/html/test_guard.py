"""Which elements and attributes stay, and what stands in them."""

from __future__ import annotations

import pytest

from mimekit.html._guard import ATTRIBUTES, CLEANED, TAGS, Guard
from mimekit.html._resources import Resources


def _guard(resolve: dict[str, str] | None = None) -> Guard:
    return Guard(Resources((resolve or {}).get), lambda value: value.upper() or None, "<a name=a><p ID = 'a b'>")


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        pytest.param("align", "left", "left", id="usual"),
        pytest.param("rel", "noopener noreferrer", "noopener noreferrer", id="usual-rel"),
        pytest.param("href", "https://u", "https://u", id="usual-link"),
        pytest.param("href", "javascript:x", None, id="hostile-link"),
        pytest.param("src", "cid:a", "a.png", id="usual-image"),
        pytest.param("src", "cid:b", None, id="usual-unknown-image"),
        pytest.param("srcset", "cid:a 2x", "a.png 2x", id="usual-images"),
        pytest.param("background", "cid:a", "a.png", id="usual-background"),
        pytest.param("style", "color:red", "COLOR:RED", id="usual-style"),
        pytest.param("id", "a", "m-a", id="usual-id"),
        pytest.param("name", "", None, id="odd-no-name"),
        pytest.param("headers", "a  b", "m-a m-b", id="usual-headers"),
        pytest.param("href", "#a", "#m-a", id="usual-place"),
        pytest.param("href", "#a%20b", "#m-a%20b", id="usual-place-with-a-space"),
        pytest.param("href", "#c", "#c", id="odd-place-there-is-not"),
        pytest.param("href", "#top", "#top", id="usual-top"),
        pytest.param("usemap", " #a", "#m-a", id="usual-map"),
        pytest.param("usemap", "http://u/#a", None, id="hostile-map"),
    ],
)
def test_what_stands_in_an_attribute(attribute: str, value: str, expected: str | None) -> None:
    """Some are left as they are; of those that may do harm, each has its rule."""
    assert _guard({"cid:a": "a.png"})("p", attribute, value) == expected


def test_the_places_of_a_page_are_looked_up_once() -> None:
    """Each link to one is told by what was found."""
    guard = _guard()

    assert [guard("a", "href", place) for place in ("#a", "#a b", "#c")] == ["#m-a", "#m-a b", "#c"]


def test_a_rule_that_fails_leaves_the_attribute_out() -> None:
    """nh3 may keep an attribute whose filter raises."""

    def style(_value: str) -> str:
        raise RuntimeError

    assert Guard(Resources(None), style)("p", "style", "color:red") is None


def test_no_element_is_both_kept_and_cleaned() -> None:
    """nh3 refuses to be asked for that."""
    assert not TAGS & CLEANED


@pytest.mark.parametrize("name", ["style", "svg", "math", "noscript", "template", "title", "textarea", "script", "xmp"])
def test_elements_that_are_read_in_another_way_never_stay(name: str) -> None:
    """What is text to one parser is markup to the next."""
    assert name in CLEANED


def test_no_handler_is_an_attribute_that_stays() -> None:
    """Nor one that a browser submits, opens, plays or sends to."""
    names = set().union(*ATTRIBUTES.values())

    assert [name for name in names if name.startswith("on")] == []
    assert names & {"action", "formaction", "ping", "poster", "data", "srcdoc", "target", "http-equiv", "rel"} == set()
