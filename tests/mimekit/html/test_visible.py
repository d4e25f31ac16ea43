"""What hides an element, and where it ends."""

from __future__ import annotations

import pytest

from mimekit.html import totext as room
from mimekit.html._visible import look


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(' style="display:none"', id="usual-display"),
        pytest.param(" STYLE='color: red; DISPLAY : NONE !important'", id="usual-important"),
        pytest.param(' style="visibility:hidden"', id="usual-visibility"),
        pytest.param(' style="mso-hide:all"', id="usual-outlook"),
        pytest.param(' style="max-height:0px;overflow:hidden"', id="usual-max-height"),
        pytest.param(' style="opacity: 0.0"', id="usual-opacity"),
        pytest.param(" hidden", id="usual-attribute"),
    ],
)
def test_an_element_is_hidden_by(text: str) -> None:
    """All the ways in which newsletters hide their first line."""
    assert look("div", text).hides


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("div", "", id="usual-nothing"),
        pytest.param("div", ' style="display:block"', id="usual-display"),
        pytest.param("div", ' style="max-height:0.5em"', id="usual-max-height"),
        pytest.param("div", ' style="opacity:0.9"', id="usual-opacity"),
        pytest.param("div", ' style="border:none"', id="usual-border"),
        pytest.param("div", ' aria-hidden="true"', id="odd-for-readers-aloud"),
        pytest.param("div", ' title="display:none"', id="odd-title"),
        pytest.param("div", ' style="x-display:none"', id="odd-property"),
        pytest.param("body", ' style="display:none"', id="odd-body"),
    ],
)
def test_an_element_is_not_hidden_by(name: str, text: str) -> None:
    """A text that is lost is worse than one too many."""
    assert not look(name, text).hides


@pytest.mark.parametrize(
    ("text", "mutes", "sized"),
    [
        pytest.param(' style="font-size:0"', True, False, id="usual-zero"),
        pytest.param(' style="font-size:0px;color:red"', True, False, id="usual-zero-px"),
        pytest.param(' style="font-size:13px"', False, True, id="usual-size"),
        pytest.param(' style="font: 14px Arial"', False, True, id="usual-shorthand"),
        pytest.param(' style="font-family:none"', False, False, id="odd-family"),
    ],
)
def test_a_size_of_nothing_is_not_seen(text: str, mutes: bool, sized: bool) -> None:
    """An element in it may have a size again, so it is another thing than to be hidden."""
    seen = look("td", text)

    assert (seen.mutes, seen.sized) == (mutes, sized)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<div hidden>a<div>b</div>c</div>d", "d", id="usual-nested"),
        pytest.param("<div hidden>a</p>b<br>c</div>d", "d", id="usual-strange-end-tag"),
        pytest.param("<p hidden>a<p>b", "b", id="usual-next-paragraph"),
        pytest.param("<p hidden>a<div>b</div>", "b", id="usual-next-block"),
        pytest.param("<ul><li hidden>a<ul><li>b</ul><li>c</ul>", " * c", id="usual-next-item"),
        pytest.param("<table><tr><td hidden>a<table><tr><td>b</table>c<td>d</table>", "d", id="usual-next-cell"),
        pytest.param("<table><tr hidden><td>a<td>b<tr><td>c</table>", "c", id="usual-next-row"),
        pytest.param("<dl><dt hidden>a<dd>b</dl>", "    b", id="usual-next-description"),
        pytest.param("<div><span hidden>a</div>b", "b", id="odd-end-of-what-is-around"),
        pytest.param("<p><span hidden>a</p>b", "b", id="odd-end-of-the-paragraph"),
        pytest.param("<p>x<div hidden>a</p>b</div>c", "x\nc".replace("\n", ""), id="odd-end-of-no-paragraph"),
        pytest.param("<table><tr><td><b hidden>a</td><td>b</table>", "b", id="odd-end-of-the-cell"),
        pytest.param("<table><tr><th><b hidden>a</tr><tr><td>b</table>", "b", id="odd-end-of-the-row"),
        pytest.param("<img hidden alt=a><br style='display:none'>b", "b", id="odd-without-an-end"),
        pytest.param("<div hidden>a", "", id="hostile-open"),
    ],
)
def test_a_hidden_element_ends_where_it_ends_in_browsers(html: str, expected: str) -> None:
    """An end tag that is left out hides no more than it does there."""
    assert room.totext(html) == expected
