"""Tables: data in columns, layout in lines."""

from __future__ import annotations

import pytest

from mimekit.html.totext import totext

_LONG = "a sentence that is longer than any cell of data"


def _table(*rows: str, attributes: str = "") -> str:
    return f"<table {attributes}>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        pytest.param(
            _table("<th>Item<th>Qty<th align=right>Price", "<td>Green tea<td>2<td align=right>9.00"),
            ["Item       Qty  Price", "Green tea  2     9.00"],
            id="usual",
        ),
        pytest.param(
            _table("<td>a<td style='text-align: right'>100", "<td>b<td style='text-align:right'>1"),
            ["a  100", "b    1"],
            id="usual-style",
        ),
        pytest.param(
            _table("<td>a<td>b<td align=right>10,000", "<td colspan=2>Total<td align=right>1"),
            ["a  b   10,000", "Total       1"],
            id="usual-colspan",
        ),
        pytest.param(
            _table("<td>a<td>b", "<td colspan=2>as wide as both"),
            ["a  b", "as wide as both"],
            id="usual-wide-colspan",
        ),
        pytest.param(
            _table("<td>a<td>b<td>c", "<td colspan=2>twice<td>d", "<td><td><td>e"),
            ["a  b   c", "twice  d", "       e"],
            id="usual-colspan-makes-room",
        ),
        pytest.param(
            _table("<td>x<td colspan=2>spans<td>y", "<td>x<td>a<td><td>y"),
            ["x  spans  y", "x  a      y"],
            id="odd-colspan-over-an-empty-column",
        ),
        pytest.param(
            _table("<td colspan=2>spans<td>y", "<td colspan=2>s<td>z"), ["spans  y", "s      z"], id="odd-only-colspan"
        ),
        pytest.param(
            _table("<td rowspan=2>A<td>b<td>c", "<td>d<td>e", "<td>f<td>g<td>h"),
            ["A  b  c", "   d  e", "f  g  h"],
            id="usual-rowspan",
        ),
        pytest.param(
            _table("<td>a<td>", "<td>b<td>", "<td><td>c", "<td>d<td>e", "<td>f<td>g", "<td>h<td>i"),
            ["a", "b", "   c", "d  e", "f  g", "h  i"],
            id="usual-empty-cells",
        ),
        pytest.param(_table("<td>a<td>&nbsp;<td>b", "<td>c<td><td>d"), ["a  b", "c  d"], id="usual-empty-column"),
        pytest.param(_table("<td>名前<td>x", "<td>abcde<td>y"), ["名前   x", "abcde  y"], id="usual-east-asian-width"),
        pytest.param(
            _table("<td>a<br>b<td><p>c</p>", "<td>d<td>e<div>f</div>"),
            ["a  c", "b", "d  e", "   f"],
            id="usual-lines-in-cells",
        ),
        pytest.param(_table("<td>a<td>b", "", "<td>c<td>d"), ["a  b", "c  d"], id="odd-empty-row"),
        pytest.param("<table><td>a<td>b<tr><td>c<td>d", ["a  b", "c  d"], id="odd-no-end-tags"),
        pytest.param(
            _table("<td colspan=0 rowspan=x>a<td>b", "<td>c<td>d"), ["a  b", "c  d"], id="hostile-spans-of-nothing"
        ),
    ],
)
def test_data_is_set_in_columns(html: str, lines: list[str]) -> None:
    """Two rows and two columns at least, short cells, half of the rows with two of them filled."""
    assert totext(html) == "\n".join(lines)


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        pytest.param(_table("<td>Home<td>News"), ["Home  News"], id="usual-one-row"),
        pytest.param(_table("<td>a", "<td>b"), ["a", "b"], id="usual-one-column"),
        pytest.param(_table("<td>a<td>", "<td>b<td>"), ["a", "b"], id="usual-one-column-filled"),
        pytest.param(_table("<td><td>", "<td><td>"), [""], id="usual-spacers"),
        pytest.param(_table(f"<td>{_LONG}<td>b", "<td>c<td>ddd"), [f"{_LONG}  b", "c  ddd"], id="usual-long-cell"),
        pytest.param(_table(f"<td>{_LONG}<td>{_LONG}", "<td>c<td>d"), [_LONG, _LONG, "c  d"], id="usual-two-columns"),
        pytest.param(
            _table("<td>a<br>b<br>c<br>d<td>e", "<td>f<td>g"), ["a", "b", "c", "d", "e", "f  g"], id="usual-high"
        ),
        pytest.param(
            _table("<td>e<td>a<br>b<br>c<br>d", "<td>f<td>g"), ["e", "a", "b", "c", "d", "f  g"], id="usual-high-right"
        ),
        pytest.param(
            _table("<td><div>a</div><div>b</div><div>c</div><div>d</div><td>e", "<td>f<td>g"),
            ["a", "b", "c", "d", "e", "f  g"],
            id="usual-many-blocks",
        ),
        pytest.param(
            _table("<td>a<td>b", "<td>ccc<td>d", attributes="role=Presentation"), ["a  b", "ccc  d"], id="usual-role"
        ),
        pytest.param(
            _table(f"<td>{_table('<td>a<td>b')}<td>c", "<td>ddd<td>e"), ["a  b", "c", "ddd  e"], id="usual-nested"
        ),
        pytest.param("<table><tr><td><table><tr><td>a</table>b<td>c</table>d", ["a", "b", "c", "d"], id="usual-around"),
        pytest.param(_table("<td><ul><li>a</ul><td>b", "<td>c<td>d"), [" * a", "", "b", "c  d"], id="usual-list"),
        pytest.param(
            _table("<td>b<td><pre>a</pre>", "<td>c<td>d"), ["b", "", "a", "", "c  d"], id="usual-preformatted"
        ),
        pytest.param(_table("<td>b<td><ul><li>a</ul>"), ["b", "", " * a"], id="usual-list-at-the-right"),
        pytest.param(_table("<td><ul><li>a</ul><td>b"), [" * a", "", "b"], id="usual-list-at-the-left"),
        pytest.param(_table("<td><hr><td>a"), ["-" * 72, "a"], id="usual-rule"),
        pytest.param(
            f"<ul><li>{_table('<td>' + 'a' * 36 + '<td>' + 'b' * 36)}",
            [" * " + "a" * 36, "   " + "b" * 36],
            id="odd-indented",
        ),
        pytest.param("<table>stray<tr><td>a</table>", ["stray", "a"], id="odd-text-in-no-cell"),
        pytest.param("<table><form><tr><td>a<tr><td>b</form></table>", ["a", "b"], id="odd-form-in-a-table"),
        pytest.param("<table><caption>c</caption><tr><td>a</table>", ["c", "a"], id="odd-caption"),
        pytest.param("<table><tr><td>a</table></td></table>b", ["a", "b"], id="odd-end-tags"),
        pytest.param("<tr><td>a</td></tr>b", ["a", "b"], id="odd-no-table"),
        pytest.param(_table("<td>a" * 31, "<td>b<td>c"), ["a", *["a"] * 30, "b  c"], id="hostile-many-columns"),
        pytest.param(_table("<td colspan=999999>a<td>b", "<td>ccc<td>d"), ["a  b", "ccc  d"], id="hostile-colspan"),
        pytest.param(
            _table(f"<td>{'a' * 39}<td>{'b' * 39}<td>{'c' * 39}", "<td>d<td>e<td>f"),
            ["a" * 39, "b" * 39, "c" * 39, "d  e  f"],
            id="hostile-too-wide-for-columns",
        ),
    ],
)
def test_layout_flows(html: str, lines: list[str]) -> None:
    """Cells stand one under another, or on one line where each has but one and all fit on it."""
    assert totext(html) == "\n".join(lines)


def test_blank_lines_stand_around_data_only() -> None:
    """What is around a layout is part of it."""
    assert totext(f"a{_table('<td>b')}c") == "a\nb\nc"
    assert totext(f"a{_table('<td>b<td>c', '<td>d<td>e')}f") == "a\n\nb  c\nd  e\n\nf"


def test_data_in_an_item_has_its_bullet() -> None:
    """The columns are indented as a whole."""
    assert totext(f"<ul><li>{_table('<td>a<td>b', '<td>c<td>d')}</ul>") == " * a  b\n   c  d"
