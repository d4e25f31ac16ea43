"""How deeply elements stand in one another, and the limit to it."""

from __future__ import annotations

import pytest

from mimekit.html import _outline
from mimekit.html._nesting import is_steep, limit
from tests import corpora
from tests.laws import work


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
            pytest.param("".join(f"<font size={n}>" for n in range(200)) + "<p>a</b>" * 5000, id="ended"),
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
