"""HTML of received mail as a safe page: attacks, what is kept, and any page whatever."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, MissingExtra
from mimekit.html._guard import ATTRIBUTES, TAGS
from mimekit.html._outline import BODY
from mimekit.html.sanitize import sanitize
from tests import attacks, corpora
from tests.strategies import hostile_pages

_PAGES = attacks.pages()
_HEAD = {
    "html": {"dir", "lang"},
    "head": set(),
    "meta": {"charset", "content", "http-equiv", "name"},
    "title": set(),
    "style": set(),
    "body": BODY,
}
_ALLOWED = {tag: ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"rel"} for tag in TAGS} | _HEAD
_LOADED = {"src", "srcset", "background"}
_LEAKING = re.compile(r"(?:url|image-set|src)\([^)]*leak|@import|\\75", re.IGNORECASE)

# what takes time in one room or another, and in what stands behind them
_HOSTILE = (
    *("<div>", "<b>", "<b><p>", "<font size=1><p>x", "<p><font size=2>x</p>", "<a href=x><div>", "<table><tr><td>"),
    *("<table>x<tr>", "<table><div>", "<p><table>", "<ul><li>", "<svg>", "<svg><desc>", "<svg><p>", "<svg><style><g>"),
    *("<select>", "<template>", "<noscript>", "<style>a{color:red}</style>", "<title>", "<body a=b>", "<base href=x>"),
    *(
        "<link rel=stylesheet href=cid:a>",
        "<p style='color:red;a:b(c)'>",
        "<img src=cid:a>",
        "<span><div></span></div>",
    ),
    *("<form><div></form>", "<", "<!--", "</", "<a ", "&", "\xa0", "&amp;", "<p title='&'>", "\0", "\ud800", "<h1>"),
)
_NUMBERED = (
    "<html a%d>",
    "<body a%d=b>",
    "<b i%d>",
    "<font size=%d><p>x",
    "<p><font size=%d>x",
    "<p style='width:%dpx'>",
)
_WHOLE = (
    *("<p %s>", '<p title="%s">', "<style>%s</style>", '<p style="%s">', "<img srcset='%s'>", "<title>%s</title>"),
    *("<base href='%s'>", "<body style='%s'>", "<img src='data:image/png;base64,%s'>", "<a href='%s'>", "<!--%s-->"),
)
_FILLS = ("a ", "a=b ", "(", "{", "[", "calc(", "@media x{", "url(", '"\n', ":not(", "x 1x,", ",", "&", "../", "a:b;")


def body_of(page: str) -> str:
    """What stands in the body of a sanitised page."""
    return page[page.index("<body") :].removesuffix("</body></html>\n").partition(">")[2]


class _Reader(HTMLParser):
    """What of a page is not allowed."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wrong += [tag] if tag not in _ALLOWED else []
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name not in _ALLOWED.get(tag, ())]
        self.wrong += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if value and ((name in _LOADED and "leak" in value) or (name == "href" and "script" in value.split(":")[0]))
        ]
        self.wrong += [f"{tag} {value}" for name, value in attrs if name == "style" and _LEAKING.search(value or "")]

    def handle_data(self, data: str) -> None:
        self.wrong += [data] if self.lasttag == "style" and _LEAKING.search(data) else []

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"<!--{data}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"<?{data}")


def _wrong(page: str) -> list[str]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.wrong


class TestAttacks:
    @pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
    def test_nothing_of_an_attack_is_left(self, page: attacks.AttackPage) -> None:
        """What the attacker wants is not in it; what people wrote is."""
        sanitised = sanitize(page.html, resolve=attacks.resolve, stylesheet=attacks.stylesheet)

        assert [text for text in page.must_not_contain if text.lower() in sanitised.lower()] == []
        assert [text for text in page.must_contain if text not in sanitised] == []
        assert _wrong(sanitised) == []

    def test_the_charset_stands_where_browsers_look_for_it(self) -> None:
        """In the first 1024 octets: else the page could be read in another, in which other tags are found."""
        long = "a" * 2000
        page = sanitize(
            f"<!DOCTYPE html PUBLIC '{long}' 'http://www.w3.org/{long}'><html lang={long} dir=' {long}'><title>{long}"
        )

        assert page.index('<meta charset="utf-8">') < 100

    def test_there_are_many(self) -> None:
        """Every name is that of one page."""
        names = [page.name for page in _PAGES]

        assert len(names) > 120
        assert len(set(names)) == len(names)


class TestWhatIsKept:
    def test_a_page(self) -> None:
        """Doctype, title, colours of the body, style sheets, tables, links."""
        page = sanitize(
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">'
            "<HTML lang=de><HEAD><TITLE>A &amp; B</TITLE><STYLE>td{color:red}</STYLE></HEAD>"
            "<BODY bgcolor=#ffffff onload=x()><table width=1><tr><td align=right>1 &lt; 2</td></tr></table>"
            "<a href=https://example.org/?a=1&b=2>c</a></BODY></HTML>"
        )

        assert page.startswith(
            '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">'
            '<html lang="de"><head><meta charset="utf-8">'
        )
        assert "<title>A &amp; B</title><style>td{color:red}</style></head>" in page
        assert '<body bgcolor="#ffffff"><table width="1"><tbody><tr><td align="right">1 &lt; 2</td></tr>' in page
        assert '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">c</a></body></html>' in page

    def test_images_of_the_message(self) -> None:
        """Each is asked for as the page has it, and stands as the file it was extracted to."""
        asked: list[str] = []

        def resolve(reference: str) -> str:
            asked.append(reference)
            return "my logo.png"

        html = "<img src=' cid:a%40b '><td background='c\n:d'>"
        page = sanitize(f"{html}<p style='background:url(e.png)'>", resolve=resolve, base="https://u.example/x/y")

        assert body_of(page) == ('<img src="my%20logo.png"><p style="background:url(&quot;my%20logo.png&quot;)"></p>')
        assert asked == ["cid:a%40b", "https://u.example/x/e.png"]

    @pytest.mark.parametrize("address", ["file:///C:/a/b.png", "thismessage:/b.png"])
    def test_images_of_a_saved_page(self, address: str) -> None:
        """Programs that save pages say where an image was on their own disk; it is got from there by nobody."""
        html = f"<img src='{address}'>"

        assert body_of(sanitize(html, resolve={address: "b.png"}.get)) == '<img src="b.png">'
        assert body_of(sanitize(html, remote_images=True)) == "<img>"

    def test_a_style_sheet_of_the_message(self) -> None:
        """It is written into the page, its addresses relative to its own."""
        page = sanitize(
            "<base href=http://u.example/a/><link rel=stylesheet href=css/b.css media=print><p>x",
            resolve={"http://u.example/a/css/c.png": "c.png"}.get,
            stylesheet={"http://u.example/a/css/b.css": "p{background:url(c.png)}@import 'd'"}.get,
        )

        assert '<style>@media print{p{background:url("c.png")}}</style>' in page

    def test_without_a_stylesheet_there_is_none(self) -> None:
        """Nor where there is no such sheet."""
        html = "<link rel=stylesheet href=cid:a>"

        assert "<style>" not in sanitize(html)
        assert "<style>" not in sanitize(html, stylesheet=lambda _: None)
        assert "<style>" not in sanitize("<link rel=stylesheet href=''>", stylesheet=lambda _: "p{color:red}")

    def test_images_in_the_page_itself(self) -> None:
        """Nothing is asked for them."""
        image = "data:image/png;base64,iVBORw0KGgo="

        assert body_of(sanitize(f"<img src='{image}'>")) == f'<img src="{image}">'

    def test_remote_images_by_request(self) -> None:
        """By https only, and only what is an image."""
        html = (
            "<img src=https://u.example/a><img src=http://u.example/b><img srcset='https://u.example/c 2x'>"
            "<p style='background:url(https://u.example/d)'><link rel=stylesheet href=https://u.example/e>"
        )
        page = sanitize(html, remote_images=True)

        assert re.findall("u.example/(.)", page) == ["a", "c", "d"]
        assert "img-src file: data: https:;" in page
        assert "u.example" not in sanitize(html)
        assert "https:" not in sanitize(html)

    def test_places_on_the_page(self) -> None:
        """A link to a place leads there, under the name that it has now."""
        page = sanitize("<a href=#x>a</a><h1 id=x>b</h1><style>#x{color:red}</style>")

        assert 'href="#m-x"' in page
        assert '<h1 id="m-x">' in page
        assert "#m-x{color:red}" in page

    def test_what_a_resolver_raises_leaves_the_image_out(self) -> None:
        """A filter that fails must not let pass what it was to filter."""

        def resolve(reference: str) -> str:
            raise LookupError(reference)

        html = (
            "<img src=cid:a alt=b><body background=cid:c><p style='background:url(cid:d);color:red'>"
            "<style>p{background:url(cid:e)}</style>"
        )
        page = sanitize(html, resolve=resolve)

        assert "cid:" not in page
        assert '<img alt="b">' in page


class TestTheExtra:
    @pytest.mark.parametrize("name", ["nh3", "tinycss2"])
    def test_without_it_there_is_no_page(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Never unsanitised HTML; the error names what to install."""
        for room in ("_cleaner", "_css"):
            monkeypatch.delitem(sys.modules, f"mimekit.html.{room}", raising=False)
            monkeypatch.delattr(f"mimekit.html.{room}", raising=False)
        monkeypatch.setitem(sys.modules, name, None)

        with pytest.raises(MissingExtra, match=rf"sanitising needs {name}, .*: pip install 'cartero-mail\[html\]'"):
            sanitize("<p>a")


class TestAnyPage:
    @given(hostile_pages())
    def test_any_page_becomes_a_safe_one(self, html: str) -> None:
        """No exception, and no element or attribute that is not allowed."""
        page = sanitize(html, resolve=attacks.resolve, stylesheet=attacks.stylesheet)

        assert _wrong(page) == []
        assert page.encode()

    @given(st.text(st.characters()))
    def test_any_text_becomes_a_page(self, html: str) -> None:
        """Lone surrogates and NULs too."""
        assert sanitize(html).encode()

    @pytest.mark.corpus
    def test_real_pages_become_safe_ones(self) -> None:
        """And keep their words."""
        for html in corpora.required_pages():
            page = sanitize(html, resolve=lambda _: "image.png")

            assert _wrong(page) == []
            assert "http" not in "".join(re.findall(r'(?:src|background|style)="([^"]*)"', page))


class TestLinear:
    @pytest.mark.parametrize("unit", _HOSTILE)
    def test_a_page_of_many(self, unit: str) -> None:
        """Law 5: were one looked for from every other, this would not end."""
        page = sanitize(unit * (300_000 // len(unit)), resolve=lambda _: "a", stylesheet=lambda _: "p{color:red}")

        assert len(page) < 15 * 300_000

    @pytest.mark.parametrize("pattern", _NUMBERED)
    def test_a_page_of_many_that_differ(self, pattern: str) -> None:
        """Law 5: what is kept of each is looked through by none."""
        page = sanitize("".join(pattern % number for number in range(15_000)))

        assert len(page) < 5_000_000

    @pytest.mark.parametrize("pattern", _WHOLE)
    @pytest.mark.parametrize("fill", _FILLS)
    def test_one_that_is_long(self, pattern: str, fill: str) -> None:
        """Law 5: long values are gone over once, or not at all."""
        assert len(sanitize(pattern % (fill * (100_000 // len(fill))))) < 3_000_000

    def test_a_hundred_thousand_attributes(self) -> None:
        """The first hundred stay."""
        page = sanitize("<p " + " ".join(f"a{number}=b" for number in range(100_000)) + " class=c><b>d")

        assert body_of(page) == "<p><b>d</b></p>"

    def test_a_hundred_thousand_elements_one_in_another(self) -> None:
        """What is in them is kept."""
        assert "end" in sanitize("<div>" * 100_000 + "end")


@pytest.mark.parametrize(
    ("html", "keywords", "problem"),
    [
        pytest.param(b"<p>", {}, "a page is a str, not bytes", id="octets"),
        pytest.param("<p>", {"resolve": {}}, "resolve is a function .* not dict", id="a mapping"),
        pytest.param("<p>", {"stylesheet": "p {}"}, "stylesheet is a function .* not str", id="a sheet"),
    ],
)
def test_what_is_no_page_and_no_function_is_refused(html: Any, keywords: dict[str, Any], problem: str) -> None:
    """Else every image would be left out in silence."""
    with pytest.raises(BadValue, match=problem):
        sanitize(html, **keywords)
