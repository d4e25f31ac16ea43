"""A page while it is read: paragraphs, what is open, links."""

from __future__ import annotations

import pytest

from mimekit.html.totext import totext


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("a\n <b>b</b>  c", "a b c", id="usual-white-space"),
        pytest.param("a<br>b<br/>c</br>d", "a\nb\nc\nd", id="usual-breaks"),
        pytest.param("a<br><br><br><br>b", "a\n\nb", id="usual-many-breaks"),
        pytest.param("<p>a</p><p>b</p>", "a\n\nb", id="usual-paragraphs"),
        pytest.param("<div>a</div><div>b</div>c", "a\nb\nc", id="usual-divisions"),
        pytest.param("<div>a</div><div><br></div><div>b</div>", "a\n\nb", id="wild-blank-line-of-gmail"),
        pytest.param("<div>a<br></div><div>b</div>", "a\nb", id="wild-break-at-the-end"),
        pytest.param("<div>a<br><br></div><div>b</div>", "a\n\nb", id="wild-breaks-at-the-end"),
        pytest.param("<div>a</div><div><br>b</div>", "a\n\nb", id="wild-break-at-the-start"),
        pytest.param("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb", id="wild-blank-line-of-word"),
        pytest.param("<h1>a</h1>b<h2>c</h2>", "a\n\nb\n\nc", id="usual-headings"),
        pytest.param("a</p></div></ul>b", "a\n\nb", id="odd-end-tags"),
        pytest.param("<pre>\na\n  b<br>c\n</pre>d", "a\n  b\nc\n\nd", id="usual-preformatted"),
        pytest.param("<pre>\n \n</pre>a", "a", id="odd-preformatted-nothing"),
        pytest.param("a\x00b", "a\ufffdb", id="hostile-nul"),
    ],
)
def test_paragraphs(html: str, expected: str) -> None:
    """White space is collapsed, blocks stand on lines of their own, blank lines where a browser has a margin."""
    assert totext(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<td style='font-size:0'>a<div style='font-size:9px'>b</div></td>", "b", id="usual-sized-again"),
        pytest.param("<span style='font-size:0'>a<span>b</span>c</span>d", "d", id="usual-nested"),
        pytest.param("<span style='font-size:0'>a<b style='font-size:0'>b</b>c</span>d", "d", id="usual-twice"),
        pytest.param("<td style='font-size:0'><img alt=a></td>", "[a]", id="usual-image"),
        pytest.param("<table><tr><td style='font-size:0'>a<td>b</table>", "b", id="odd-no-end-tag"),
        pytest.param("<table><tr><td><b style='font-size:0'>a<td>b</table>", "b", id="odd-open-in-a-cell"),
        pytest.param("<img style='font-size:0'>a", "a", id="odd-without-an-end"),
    ],
)
def test_text_without_a_size_is_not_seen(html: str, expected: str) -> None:
    """Newsletters set it around their columns, and a size again in each."""
    assert totext(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<a href=http://u>text</a>, more", "text <http://u>, more", id="usual"),
        pytest.param("<a href=http://u>text <br></a>more", "text <http://u>\nmore", id="usual-break-in-a-link"),
        pytest.param("<a href=http://www.u.org/>u.org</a>", "u.org", id="usual-same"),
        pytest.param("<a href='#top'>text</a>", "text", id="usual-nowhere"),
        pytest.param("<a name=x>text</a>", "text", id="usual-target"),
        pytest.param("<a href=http://u><img src=x></a>", "<http://u>", id="usual-image"),
        pytest.param("<a href=http://u><img src=x alt=Logo></a>", "[Logo] <http://u>", id="usual-image-with-a-text"),
        pytest.param("<a href=http://u><img></a><a href=http://u><img></a>", "<http://u>", id="wild-image-in-slices"),
        pytest.param("<a href=http://u><img width=1></a>", "", id="usual-image-that-counts"),
        pytest.param("<a href=http://u></a>", "", id="usual-nothing"),
        pytest.param("<a href=http://u><div>a</div></a>b", "a <http://u>\nb", id="usual-block-in-a-link"),
        pytest.param("<a href=http://u.org><div>u.org</div></a>b", "u.org\nb", id="odd-block-that-is-the-address"),
        pytest.param("<a href=http://u><ul><li>a</ul></a>", " * a\n\n<http://u>", id="odd-list-in-a-link"),
        pytest.param("<a href=http://u><pre>a</pre></a>", "a\n\n<http://u>", id="odd-preformatted-in-a-link"),
        pytest.param("<a href=http://u><div>a</div>b</a>", "a\nb <http://u>", id="odd-half-a-block"),
        pytest.param("<a href=http://u>a<a href=http://v>b</a>", "a <http://u>b <http://v>", id="odd-link-in-a-link"),
        pytest.param("<a href=http://u>a", "a <http://u>", id="odd-open"),
        pytest.param("<table><td><a href=http://u>a<td>b", "a <http://u>  b", id="odd-open-in-a-cell"),
    ],
)
def test_addresses_of_links_are_kept(html: str, expected: str) -> None:
    """The first thing that people miss in a text is where its links went."""
    assert totext(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<blockquote>a</blockquote>b", "> a\n\nb", id="usual-quote"),
        pytest.param("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n>> b", id="usual-quotes"),
        pytest.param("<ul><li>a<li>b<ul><li>c</ul></ul>d", " * a\n * b\n    * c\n\nd", id="usual-list"),
        pytest.param("<ol start=9><li>a<li>b<li value=3>c</ol>", " 9. a\n 10. b\n 3. c", id="usual-numbers"),
        pytest.param("<ul><li><li>a</ul>", " * a", id="usual-empty-item"),
        pytest.param("<ul><li><p>a</ul>", " * a", id="usual-paragraph-in-an-item"),
        pytest.param("<li>a</li>b", " * a\nb", id="odd-item-of-no-list"),
        pytest.param("<ol start=x><li value=''>a</ol>", " 1. a", id="odd-no-number"),
        pytest.param("<ul><li><ol><li>a</ol></ul>", " *  1. a", id="odd-list-at-once"),
        pytest.param("<ul><li><blockquote>a<p>b</blockquote></ul>", " * > a\n   >\n   > b", id="odd-quote-at-once"),
        pytest.param("<dl><dt>a<dd>b<dt>c<dd>d<dd>e</dl>f", "a\n    b\nc\n    d\n    e\n\nf", id="usual-descriptions"),
        pytest.param("<ul><li>a<table><tr><td></ul>b</table>c</ul>", " * a\n   b\n   c", id="odd-end-tag-in-a-table"),
    ],
)
def test_what_is_open_is_marked_on_each_line(html: str, expected: str) -> None:
    """Quotes by their marks, items by a bullet or number, and as far indented."""
    assert totext(html) == expected


def test_there_is_an_end_to_indenting() -> None:
    """However deep it goes, a line keeps some room, and the whole is no square of its size."""
    lines = totext("<ul><li>a" * 100 + "<blockquote>b" * 100).split("\n")

    assert max(map(len, lines)) < 80
    assert lines[50] == " " * 60 + " * a"
