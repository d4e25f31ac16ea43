"""What ``&amp;`` and its kin stand for."""

from __future__ import annotations

import html
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.html._references import unescape, unescape_attribute, unescape_with_places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a &lt; b &amp;&amp; c", "a < b && c", id="usual-named"),
        pytest.param("&#8364;&#x20AC;&#X20ac;", "€€€", id="usual-numbered"),
        pytest.param("&nbsp;", "\xa0", id="usual-hard-space"),
        pytest.param("&NotEqualTilde;", "\u2242\u0338", id="usual-two-characters"),
        pytest.param("&copy2026 &notit;", "©2026 ¬it;", id="odd-no-semicolon"),
        pytest.param("&lt &#65 &#x41", "< A A", id="odd-no-semicolon-at-all"),
        pytest.param("&#128;&#150;", "€–", id="odd-windows-1252"),
        pytest.param("&#129;", "\x81", id="odd-nothing-in-windows-1252"),
        pytest.param("&#13;", "\n", id="odd-carriage-return"),
        pytest.param("&bogus; & &; &# &#x;", "&bogus; & &; &# &#x;", id="odd-nothing"),
        pytest.param("&#0;&#xD800;&#x110000;", "\ufffd" * 3, id="hostile-no-characters"),
        pytest.param(f"&#{'1' * 5000};", "\ufffd", id="hostile-number-of-5000-digits"),
        pytest.param(f"&#{'0' * 5000}65;", "A", id="hostile-5000-zeros"),
        pytest.param(f"&{'a' * 5000};", f"&{'a' * 5000};", id="hostile-long-name"),
    ],
)
def test_references_in_text_are_resolved_as_in_browsers(text: str, expected: str) -> None:
    """The WHATWG's character reference state, with its table for windows-1252."""
    assert unescape(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("?a=1&amp;b=2", "?a=1&b=2", id="usual"),
        pytest.param("/plain", "/plain", id="usual-none"),
        pytest.param("&#97;", "a", id="usual-numbered"),
        pytest.param("?a=1&copy=2&sectionid=3", "?a=1&copy=2&sectionid=3", id="odd-parameters-called-like-characters"),
        pytest.param("a &lt b", "a < b", id="odd-no-semicolon"),
        pytest.param("&copy;=", "©=", id="odd-semicolon-before-an-equals-sign"),
        pytest.param("&bogus;", "&bogus;", id="odd-nothing"),
    ],
)
def test_addresses_in_attributes_keep_their_parameters(text: str, expected: str) -> None:
    """The WHATWG: in an attribute, a name without a semicolon before ``=`` or a letter is no reference."""
    assert unescape_attribute(text) == expected


@given(st.lists(st.sampled_from(["&", "#", "x", ";", "amp", "lt", "copy", "65", "128", "a", "=", " "])).map("".join))
def test_the_standard_library_agrees(text: str) -> None:
    """`html.unescape` is right but for the numbers that make it raise and the letters that have no character."""
    assert unescape(text) == html.unescape(text)


@given(st.text("&amp;#x41;copy=<a", max_size=30))
def test_a_value_knows_where_its_characters_stood(text: str) -> None:
    """What is exchanged in a value is exchanged in its source, at the place before references were resolved."""
    resolved, places = unescape_with_places(text)

    assert resolved == unescape_attribute(text)
    assert len(places) == len(resolved) + 1
    assert places == sorted(places)
    assert "".join(unescape_attribute(text[a:b]) for a, b in itertools.pairwise([*places]) if a != b) == resolved
