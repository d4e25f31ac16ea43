"""HTML as plain text: each element, the options, and any page whatever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import BadValue
from mimekit.html.totext import totext
from tests import corpora
from tests.laws import work

_TAGS = (
    *("a", "b", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "hr", "img", "li", "math", "noscript", "ol", "p"),
    *("pre", "q", "script", "span", "style", "svg", "table", "tbody", "td", "th", "title", "tr", "ul", "o:p"),
)
_ATTRIBUTES = (
    *("", " hidden", " href=http://u", " alt=a", " colspan=3", " rowspan=2", " start=5", " align=right", " width=1"),
    *(
        " style='display:none'",
        " style='font-size:0'",
        " style='font-size:9px'",
        " /",
        ' title="',
        " role=presentation",
    ),
)
_PIECES = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(_TAGS), st.sampled_from(_ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(_TAGS)),
    st.sampled_from(
        ["<", ">", "&", "&#", "&amp;", "&nbsp;", "<!--", "-->", '"', "'", "\n", "\0", "漢", "\u200c", "text "]
    ),
    st.text(max_size=5),
)
pages = st.lists(_PIECES, max_size=40).map("".join)

# what makes trouble in one rule or another
_HOSTILE = (
    *("<div>", "<ul><li>", "<ol><li>a", "<blockquote>a", "<table><tr><td>a", "<table>", "<dl><dd>a", "<pre>", "<p>a"),
    *("</ul><ul></ol>", "<a href=x>b", "<a href=x><div>b</div>", "<div hidden>", "<p hidden>a", "<p hidden>a</b></p>"),
    *("<p style='font-size:0'>a", "<td><tr>", "<svg>", "<svg></b>", "<q>", "<br>", "<br>x", "<img alt=x>", "<hr>"),
    *("<", "<!", "<!--", "<!-- -- ", "</", "<?", '<p title="', "<title>", "<script></scrip", "&", "&#1", "&amp", "a"),
    *(" ", "&nbsp;", "a ", "字", "é ", "\u200c", "\n", "<li>", "<li><table>", "</table>", "<b><i>", "</b></i>"),
)
_IN_A_TABLE = (
    *("<tr><td>a<td>b", "<td>a", "<tr>", "<td rowspan=9>a<tr>", "a", "<tbody>"),
    *("<tr><td colspan=999 rowspan=999>a<td>b", "<tr><td rowspan=999>a<td>b", "<tr><td colspan=29>a<td>b"),
)
_MARKS = ("<", '<p title="', "<!--", "<!-- -- ", "&", "<script></scrip", "<a b=c ", "&#1")


class TestElements:
    @pytest.mark.parametrize(
        "html",
        [
            pytest.param(f"a{element} b", id=f"usual-{element[1:6].strip('>')}")
            for element in (
                "<script>x</script>",
                "<style>x</style>",
                "<title>x</title>",
                "<noscript>x</noscript>",
                "<template>x</template>",
                "<svg width=1><text>x</text></svg>",
                "<svg width=1 />",
                "<math>x</math>",
                "<select><option>x</select>",
                "<textarea>x</textarea>",
                "<object data=x>x</object>",
                "<audio>x</audio>",
                "<video>x</video>",
                "<iframe>x</iframe>",
                "<!-- x -->",
                "<!--[if mso]>x<![endif]-->",
                "<span style='display:none'>x</span>",
            )
        ],
    )
    def test_what_is_no_text_is_left_out(self, html: str) -> None:
        """Scripts, styles, pictures of paths, forms, comments."""
        assert totext(html) == "a b"

    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            pytest.param("<img alt=' A  cat '>", "[A cat]", id="usual"),
            pytest.param("<img>a<img alt=''>", "a", id="usual-decoration"),
            pytest.param("<img alt=x width=1 height=1>", "", id="usual-counter"),
            pytest.param("<img alt=x height=0px>", "", id="usual-spacer"),
            pytest.param("<img alt=x width=10>", "[x]", id="usual-sized"),
            pytest.param("<image alt=x>", "[x]", id="odd-name"),
        ],
    )
    def test_images_are_their_alternative_text(self, html: str, expected: str) -> None:
        """In brackets, so that it is not read as a sentence."""
        assert totext(html) == expected

    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            pytest.param("a<hr>b", f"a\n{'-' * 72}\nb", id="usual-rule"),
            pytest.param("<q>a</q> <b>b</b> <button>c</button>", '"a" b c', id="usual-inline"),
            pytest.param("<o:p>a</o:p><blink>b</blink>", "ab", id="odd-unknown"),
            pytest.param("<LEFT>a</LEFT><DIV>b</DIV>", "a\nb", id="odd-capitals"),
            pytest.param("a\r\nb<pre>c\r\nd\re</pre>", "a b\n\nc\nd\ne", id="odd-line-ends"),
            pytest.param("1 < 2 & 3 > 2", "1 < 2 & 3 > 2", id="odd-no-markup"),
            pytest.param("", "", id="odd-nothing"),
        ],
    )
    def test_other_elements(self, html: str, expected: str) -> None:
        """What is known is shown as browsers show it; of what is not known, the text."""
        assert totext(html) == expected


class TestOptions:
    def test_footnotes(self) -> None:
        """A number for each address, and the list of them at the end."""
        html = "<a href=http://u>a</a> <a href=http://v>b</a> <a href=http://u><div>c</div></a>"

        assert totext(html, links="footnotes") == "a [1] b [2]\nc [1]\n\n[1] http://u\n[2] http://v"

    def test_no_addresses(self) -> None:
        """Where only the words are wanted."""
        assert totext("<a href=http://u>a</a><a href=http://v><img></a>", links="none") == "a"

    def test_width(self) -> None:
        """A narrower column, and a narrower rule; without a width a paragraph is a line."""
        assert totext(f"{'word ' * 9}<hr>", width=24) == f"{'word ' * 4}word\n{'word ' * 3}word\n{'-' * 24}"
        assert totext("word " * 90, width=None) == "word " * 89 + "word"

    def test_what_an_option_cannot_be_is_refused(self) -> None:
        """A caller's mistake is an error, not another text."""
        with pytest.raises(BadValue, match="width of 1 or more, found 0"):
            totext("", width=0)
        with pytest.raises(BadValue, match="found 'outline'"):
            totext("", links="outline")  # type: ignore[arg-type]  # the mistake
        with pytest.raises(BadValue, match="a page is a str, not bytes"):
            totext(b"<p>")  # type: ignore[arg-type]  # the mistake


class TestAnyPage:
    @given(pages, st.sampled_from(["inline", "footnotes", "none"]), st.none() | st.integers(1, 90))
    def test_any_page_is_some_text(self, html: str, links: str, width: int | None) -> None:
        """Bad HTML is never an exception, and a text has no NUL and no line end but LF."""
        text = totext(html, links=links, width=width)  # type: ignore[arg-type]  # one of the three

        assert "\0" not in text
        assert "\r" not in text

    @given(st.lists(st.text("abc", min_size=1), min_size=1))
    def test_words_of_a_page_are_the_words_of_its_text(self, words: list[str]) -> None:
        """Nothing is lost, doubled or moved."""
        html = "".join(f"<p><table><tr><td><b>{word}</b></table>" for word in words)

        assert totext(html).split() == words

    @pytest.mark.corpus
    def test_every_page_of_real_mail_has_a_text(self) -> None:
        """No cell of a table is left in it as markup, and no blank line around it."""
        for real in corpora.required_messages():
            for part in mimekit.parse(real.octets).walk():
                if part.get_content_type() == "text/html":
                    html = part.get_content()
                    assert isinstance(html, str)
                    text = totext(html)
                    assert "</td>" not in text.lower(), real
                    assert text == text.strip("\n"), real


class TestLinear:
    @pytest.mark.parametrize("unit", _HOSTILE)
    def test_work_grows_with_the_size_of_a_page(self, unit: str) -> None:
        """Law 5: however it is made, lines and calls grow no faster than the page."""
        assert work.growth(lambda count: work.of(lambda: totext(unit * count)), 250) < work.LIMIT

    @pytest.mark.parametrize("unit", _IN_A_TABLE)
    def test_work_grows_with_the_size_of_a_table(self, unit: str) -> None:
        """Law 5: cells are gone over a bounded number of times."""
        assert work.growth(lambda count: work.of(lambda: totext(f"<table>{unit * count}")), 250) < work.LIMIT

    @pytest.mark.parametrize("unit", _HOSTILE)
    def test_a_text_grows_with_its_page(self, unit: str) -> None:
        """Law 5: no prefix grows without an end."""
        assert len(totext(unit * 4000)) <= 2.2 * len(totext(unit * 2000)) + 100

    @pytest.mark.parametrize("unit", ["<div>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<b>", "<a href=u>"])
    def test_nothing_recurses_over_nesting(self, unit: str) -> None:
        """Law 5: a hundred thousand elements, one in another."""
        assert "end" in totext(unit * 100_000 + "end")

    @pytest.mark.parametrize("unit", _MARKS)
    def test_a_million_marks_are_gone_over_once(self, unit: str) -> None:
        """Law 5: would one be looked for from every other, this would not end."""
        assert isinstance(totext(unit * 1_000_000), str)
