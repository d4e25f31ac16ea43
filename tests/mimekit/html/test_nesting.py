"""How deeply elements stand in one another, and the limit to it."""

from __future__ import annotations

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mimekit.html import _outline
from mimekit.html._nesting import _Format, _Open, is_steep, limit
from mimekit.html._tokens import ATTRIBUTES, NAME, SLASH, TOKEN
from tests import corpora
from tests.laws import work

_NAMES = (
    *("b", "button", "caption", "col", "colgroup", "dd", "dialog", "div", "dt", "fieldset", "font", "h1", "h2", "hr"),
    *("i", "li", "nobr", "ol", "option", "p", "rb", "rp", "rt", "rtc", "ruby", "search", "span", "table", "tbody"),
    *("td", "th", "thead", "tr", "ul", "x", "br"),
)
_VOID = {"br", "col", "hr"}
_TAGS = st.one_of(
    st.builds("<{}>".format, st.sampled_from(_NAMES)),
    st.builds("<{} z={}>".format, st.sampled_from(["b", "i", "font"]), st.integers(0, 2)),
    st.builds("</{}>".format, st.sampled_from(_NAMES)),
)
soups = st.lists(_TAGS | st.just("text"), min_size=1, max_size=40).map("".join)


def _depth(html: str) -> int:
    """How deep a text behind *html* is in the tree that nh3's parser makes of it."""
    cleaned = nh3.clean(f"{html}END", tags={*_NAMES}, clean_content_tags=set(), attributes={"*": {"z"}}, link_rel=None)
    tags = re.findall(r"<(/?)([a-z0-9]+)", cleaned[: cleaned.index("END")])
    return sum(-1 if slash else 1 for slash, name in tags if name not in _VOID)


def _counted(html: str) -> _Open:
    """What is open behind *html*, as it is counted."""
    elements = _Open(formatting=True, tables=True)
    behind = 0
    for found in TOKEN.finditer(html):
        elements.add_text(html, behind, found.start())
        behind = found.end()
        if found[SLASH]:
            elements.end(found[NAME])
        else:
            elements.begin(found[NAME], found[ATTRIBUTES])
    elements.add_text(f"{html}END", behind, len(html) + 3)
    return elements


class TestLimit:
    @pytest.mark.parametrize(
        "html",
        [
            pytest.param("<div><p>a</p></div>", id="usual"),
            pytest.param("<p>a" * 2000, id="usual-paragraphs"),
            pytest.param("<div><!----></div>" * 2000, id="usual-comments"),
            pytest.param("<ul>" + "<li>a" * 2000, id="usual-items"),
            pytest.param("<dl>" + "<dt>a<dd>b" * 1000, id="usual-descriptions"),
            pytest.param("<table>" + "<tr><td>a<td>b" * 1000 + "</table>", id="usual-rows"),
            pytest.param("<table>" + "<tbody><tr><th>a</th></tr></tbody>" * 1000 + "</table>", id="usual-groups"),
            pytest.param("<table><tr><td>a</td></tr></table>" * 1000, id="usual-tables"),
            pytest.param("<table><caption>b</caption><tr><td>a</tr></table>" * 1000, id="usual-captions"),
            pytest.param("<h1>a<h2>b</h3>" * 1000, id="odd-headings"),
            pytest.param("<a href=x>a" * 2000, id="odd-links"),
            pytest.param("<p><font size=1>a</p>" * 2000, id="odd-formatting"),
            pytest.param("<td>a</td><tr></tr>" * 1000, id="odd-cells-without-a-table"),
            pytest.param("<ruby>" + "<rt>a" * 2000, id="odd-ruby"),
            pytest.param("<table>" + "<tr><td>a</tr>" * 1000, id="odd-rows"),
            pytest.param("<button>a" * 2000, id="odd-buttons"),
            pytest.param("<table><table>" * 1000, id="odd-tables-in-tables"),
            pytest.param(
                "<form>" * 2000 + "</form><hr></x></div></td></table></object></tr>" * 1000, id="odd-end-tags"
            ),
            pytest.param("<b><i>a</b></i>" * 1000, id="odd-crossed"),
            pytest.param("<li><div><p><li>" * 50, id="odd-items"),
        ],
    )
    def test_what_is_not_deep_is_left_alone(self, html: str) -> None:
        """Elements that end without an end tag are not in one another."""
        assert limit(html) == html

    def test_what_is_too_deep_is_left_out_with_its_end_tag(self) -> None:
        """The end tag of what is not there would be that of another element."""
        html = "<div>" * 300 + "a" + "</div>" * 299 + "b</div>"

        assert limit(html).replace("<!---->", "") == "<div>" * 250 + "a" + "</div>" * 249 + "b</div>"

    @pytest.mark.parametrize(
        "html",
        [
            pytest.param("".join(f"<font size={n}>" for n in range(1000)) + "<p>a" * 5000, id="open"),
            pytest.param("".join(f"<p><font size={n}>a</p>" for n in range(1000)), id="lost"),
            pytest.param("<i><p>" * 2000 + "</i>" * 2000, id="nested"),
        ],
    )
    def test_formatting_goes_where_it_would_begin_too_often(self, html: str) -> None:
        """A million elements would come of some thousands."""
        assert "<font" not in limit(html)
        assert html.count("a") == limit(html).count("a")

    @pytest.mark.parametrize("unit", ["<table>x<tr>", "<table><div>", "<p><table>x</table>", "<table><td></tr>x"])
    def test_tables_go_where_too_much_would_be_put_before_them(self, unit: str) -> None:
        """Each time, a parser looks through all that stands there."""
        assert "<table" not in limit(unit * 1000)

    @pytest.mark.parametrize(
        "start", ["<td></tr>", "<tr><th></tbody>", "<td><col>", "<caption></caption>", "<thead></td>"]
    )
    def test_it_is_known_when_a_cell_has_ended(self, start: str) -> None:
        """By end tags of what had no start tag, too: what follows stands in no cell."""
        assert "<table" not in limit(f"<table>{start}" + "<p>x" * 500)

    @pytest.mark.corpus
    def test_real_pages_are_left_alone(self) -> None:
        """None of them is deep, or has that much lost formatting."""
        for html in corpora.required_pages():
            left = _outline.read(html).html

            assert limit(left) == left

    @pytest.mark.parametrize(
        "unit", ["<div>", "<b><p>", "<table><tr><td>", "<span><div></span>", "<ul><li>", "<x></y>"]
    )
    def test_work_grows_with_the_size_of_a_page(self, unit: str) -> None:
        """Law 5."""
        assert work.growth(lambda count: work.of(lambda: limit(unit * count)), 300) < work.LIMIT


class TestSteep:
    def test_most_pages_are_not(self) -> None:
        """The limit costs time, and they need none."""
        assert not is_steep(300, {"font size=1"}, 10_000)

    def test_many_tags_are(self) -> None:
        """They may be in one another."""
        assert is_steep(2000, set(), 10_000)

    def test_much_formatting_is(self) -> None:
        """It may begin anew at every tag."""
        assert is_steep(1000, {"font face=" + "a" * 1000}, 10_000)


class TestWhatIsOpen:
    @settings(max_examples=300)
    @given(soups)
    def test_it_is_what_the_parser_has_open(self, html: str) -> None:
        """Were it fewer, a page could be made that is deep in the parser and not here."""
        assert _depth(html) <= _counted(html)._depth

    @given(soups)
    def test_nothing_is_counted_twice(self, html: str) -> None:
        """Depth and length are sums over what is open and what will begin anew."""
        elements = _counted(html)
        entries = [entry for within in elements._walls for entry in within]
        pending = [entry for found in {id(found): found for found in elements._pendings}.values() for entry in found]

        assert elements._depth == len(entries) - 1
        assert elements._weight == sum(entry.length for entry in [*entries, *pending] if isinstance(entry, _Format))

    @pytest.mark.parametrize(
        ("html", "depth"),
        [
            pytest.param("<form><div></form>", 1, id="form"),
            pytest.param("<form><form><p></form>", 0, id="form-in-form"),
            pytest.param("<form><table><td></form><form>", 6, id="form-out-of-reach"),
            pytest.param("<table><form><tr>", 3, id="form-in-table"),
            pytest.param("<form>" * 300 + "</form>" * 300, 0, id="forms"),
            pytest.param("<a><p><a>", 2, id="link-in-link"),
            pytest.param("<a><table><a>", 2, id="link-beside-table"),
            pytest.param("<b z=1><b z=1><b z=1><b z=1></b></b></b></b>", 0, id="four-alike"),
            pytest.param("<b>" + "<div>" * 9 + "</b>", 10, id="blocks-in-formatting"),
            pytest.param("<nobr><x><nobr>", 1, id="nobr"),
            pytest.param("<option><option>", 1, id="option"),
        ],
    )
    def test_rules_of_one_element(self, html: str, depth: int) -> None:
        """Those of the tree construction."""
        assert _counted(html)._depth == depth
