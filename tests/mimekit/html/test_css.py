"""CSS of a received page: what stays, how it is written, and what goes."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.html._css import PROPERTIES, Styles
from mimekit.html._resources import Resources

_FILES = {"cid:a": "a.png", "https://u.example/css/b.png": "b 1.png"}
_PIECES = st.one_of(
    st.sampled_from(
        ["color", "background", "width", "font-family", "position", "--x", "mso-x", "url", "u\\72l", "rgb"]
    ),
    st.sampled_from([":", ";", "(", ")", "{", "}", '"', "'", ",", "\\", "/*", "*/", "@media", "@import", "!important"]),
    st.sampled_from(
        ["red", "1px", "50%", "#fff", "#x", ".c", ">", "<", "calc(", "url(cid:a)", "url(//u)", " ", "\n", "<!--"]
    ),
    st.text(max_size=3),
)
pieces = st.lists(_PIECES, max_size=30).map("".join)


def _styles() -> Styles:
    return Styles(Resources(_FILES.get))


def _from_below(depth: int, call: Callable[[], str | None]) -> str | None:
    return _from_below(depth - 1, call) if depth else call()


class TestAttributes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("color:red", "color:red", id="usual"),
            pytest.param(" COLOR : Red ; width:1px; ", "color:Red;width:1px", id="usual-spaces"),
            pytest.param(
                "color:red!important;margin:0 -1px", "color:red!important;margin:0 -1px", id="usual-important"
            ),
            pytest.param("font-family:'A B',\"C\", serif", "font-family:'A B',\"C\", serif", id="usual-strings"),
            pytest.param("color:rgb(1, 2,3);margin:0", "color:rgb(1, 2,3);margin:0", id="usual-colour"),
            pytest.param("mso-x:y;position:fixed;color:red", "color:red", id="usual-not-allowed"),
            pytest.param("width:calc(100% - (1px*2))", "width:calc(100% - (1px*2))", id="usual-function"),
            pytest.param("color:red ! IMPORTANT", "color:red!important", id="odd-important"),
            pytest.param("color:;;;margin:1px", "margin:1px", id="odd-no-value"),
            pytest.param("color:/**/;margin:1px", "margin:1px", id="odd-only-a-comment"),
            pytest.param("color;margin:1px", "margin:1px", id="odd-no-colon"),
            pytest.param("color:r/**/ed", "color:r ed", id="odd-comment"),
            pytest.param("background:url/**/(a)", "background:url (a)", id="hostile-comment"),
            pytest.param("width:calc/**/(1px/**/+ 1px)", "width:calc (1px + 1px)", id="odd-comment-in-brackets"),
            pytest.param("font-family:'\\3c b\\22'", 'font-family:"\\3c b\\22 "', id="odd-string"),
            pytest.param("background:url(cid:a) no-repeat", 'background:url("a.png") no-repeat', id="usual-url"),
            pytest.param("background:url( 'cid:a' )", 'background:url("a.png")', id="usual-url-in-quotes"),
            pytest.param(
                "background:linear-gradient(red,#fff 5%)", "background:linear-gradient(red,#fff 5%)", id="gradient"
            ),
            pytest.param("background:url(cid:b);color:red", "color:red", id="usual-unknown-url"),
            pytest.param("background:url('cid:a' x),url()", None, id="odd-url"),
            pytest.param("background:url(1)", None, id="odd-url-number"),
            pytest.param("color:{};color:red\\9;color:(}", None, id="hostile-blocks"),
            pytest.param("width:attr(x);width:expression(1)", None, id="hostile-functions"),
            pytest.param("width:calc(url(//u))", None, id="hostile-url-in-function"),
            pytest.param("width:(url(//u))", None, id="hostile-url-in-brackets"),
            pytest.param(f"width:{'calc(' * 9}1px", None, id="hostile-nested-functions"),
            pytest.param(f"width:{'(' * 9}1px", None, id="hostile-nested-brackets"),
            pytest.param(f"width:{'calc(' * 5000}1px", None, id="hostile-very-nested-functions"),
            pytest.param("width:1\\3c px;width:#\\3c a", None, id="hostile-less-than"),
            pytest.param("color:red;color:U+26;color:@x;color:!", "color:red", id="hostile-tokens"),
            pytest.param(f"color:red;{' ' * 40_000}", None, id="hostile-long"),
            pytest.param("", None, id="odd-nothing"),
            pytest.param(" ; ", None, id="odd-hardly-anything"),
        ],
    )
    def test_what_stays(self, text: str, expected: str | None) -> None:
        """Properties and values that are allowed, in their order; nothing that is not."""
        assert _styles().attribute(text) == expected

    def test_what_is_too_much_for_the_parser_goes(self) -> None:
        """Wherever the stack ends, what is left is nothing, or an error of who called from so deep."""
        found = []
        for depth in range(sys.getrecursionlimit()):
            try:
                found.append(_from_below(depth, lambda: _styles().attribute("width:calc(1px)")))
            except RecursionError:
                break

        assert found[0] == "width:calc(1px)"
        assert found[-1] is None

    def test_the_same_again_is_not_parsed_again(self) -> None:
        """Mail says the same in every cell."""
        styles = _styles()

        assert styles.attribute("width:calc(1px + 1px)") is styles.attribute("width:calc(1px + 1px)")

    @pytest.mark.parametrize(
        "name", ["position", "behavior", "-moz-binding", "filter", "content", "cursor", "mask", "src"]
    )
    def test_properties_that_never_stay(self, name: str) -> None:
        """What gets something, covers something, or runs something."""
        assert name not in PROPERTIES

    @given(pieces)
    def test_whatever_stays_is_safe(self, text: str) -> None:
        """No address but of the page's files, no way out of an element."""
        kept = _styles().attribute(text) or ""

        assert "<" not in kept
        assert "url(" not in kept.replace('url("a.png")', "")
        assert "@" not in kept

    @given(pieces)
    def test_what_stays_would_stay_again(self, text: str) -> None:
        """What is written is read as it was meant."""
        kept = _styles().attribute(text) or ""
        if "url(" not in kept:
            again = _styles().attribute(kept) or ""

            assert again.replace(" ", "") == kept.replace(" ", "")


class TestSheets:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("p , .a > b#c{color:red;x:y}", "p , .a > b#m-c{color:red}", id="usual"),
            pytest.param("/* a */p/**/.a /* b */{/*c*/color:red}", "p/**/.a /**/{color:red}", id="usual-comments"),
            pytest.param("<!-- p{color:red} -->", "p{color:red}", id="usual-comment"),
            pytest.param(
                "a:hover{color:red}p::before{color:red}", "a:hover{color:red}\np::before{color:red}", id="pseudo"
            ),
            pytest.param(
                "a:not(.b):nth-child(2n+1){color:red}", "a:not(.b):nth-child(2n+1){color:red}", id="functions"
            ),
            pytest.param("a[href^='x']{color:red}", 'a[href^="x"]{color:red}', id="usual-attribute"),
            pytest.param(".sm\\:w{color:red}", ".sm\\:w{color:red}", id="usual-escaped-class"),
            pytest.param(
                "@media (max-width:9px){p{color:red}}", "@media (max-width:9px){p{color:red}}", id="usual-media"
            ),
            pytest.param("@media (width>=9px){p{color:red}}", "@media (width>=9px){p{color:red}}", id="usual-range"),
            pytest.param(
                "@supports (display:grid){p{color:red}}", "@supports (display:grid){p{color:red}}", id="supports"
            ),
            pytest.param("p{color:red}@import 'x';@media x;p{}", "p{color:red}", id="usual-not-allowed"),
            pytest.param("@font-face{src:url(cid:a)}@keyframes x{p{color:red}}", "", id="usual-at-rules"),
            pytest.param("@media x{}@media x{@import 'y'}", "", id="odd-nothing-in-it"),
            pytest.param("@media x(y){p{color:red}}@media {}{}", "", id="hostile-media"),
            pytest.param(f"@media {'(' * 9}a{')' * 9}{{p{{color:red}}}}", "", id="hostile-deep-media"),
            pytest.param(f"{'@media x{' * 6}p{{color:red}}{'}' * 6}", "", id="hostile-nested-media"),
            pytest.param("a:not(:foo(b)){color:red}a:foo(b){color:red}foo(a){color:red}", "", id="hostile-functions"),
            pytest.param(f"{':not(' * 9}a{')' * 9}{{color:red}}", "", id="hostile-nested-functions"),
            pytest.param(
                "a\\3c b{color:red}[a=b(c)]{color:red}a;b{color:red}#\\3c{color:red}", "", id="hostile-selectors"
            ),
            pytest.param("'a'{color:red}%{color:red}", "", id="odd-selectors"),
            pytest.param("{color:red}", "", id="odd-no-selector"),
            pytest.param("p{color:red;& b{color:blue}}", "p{color:red}", id="usual-nested"),
            pytest.param("{" * 5000, "", id="hostile-blocks"),
            pytest.param("p{" + "width:calc(" * 5000, "", id="hostile-open"),
        ],
    )
    def test_what_stays(self, text: str, expected: str) -> None:
        """Rules whose selector and declarations are allowed, also under conditions."""
        assert _styles().sheet(text) == expected

    @pytest.mark.parametrize(
        ("media", "expected"),
        [
            pytest.param("print", "@media print{p{color:red}}", id="usual"),
            pytest.param(" ", "p{color:red}", id="odd-nothing"),
            pytest.param("a){", "", id="hostile"),
            pytest.param("(" * 5000, "", id="hostile-brackets"),
        ],
    )
    def test_media(self, media: str, expected: str) -> None:
        """A sheet for other media stays one for them."""
        assert _styles().sheet("p{color:red}", media=media) == expected

    def test_addresses_in_a_sheet_are_relative_to_it(self) -> None:
        """Not to the page."""
        sheet = _styles().sheet("p{background:url(b.png)}", base="https://u.example/css/a.css")

        assert sheet == 'p{background:url("b%201.png")}'

    def test_sheets_have_a_length_together(self) -> None:
        """A page of a megabyte of CSS is not mail."""
        styles = _styles()

        assert styles.sheet("p{color:red}" * 10_000)
        assert styles.sheet("p{color:red}" * 20_000) == ""
        assert styles.sheet("p{color:red}") == ""

    @given(pieces)
    def test_whatever_stays_is_safe(self, text: str) -> None:
        """No address but of the page's files, no way out of the element."""
        kept = _styles().sheet(text)

        assert "<" not in kept
        assert "url(" not in kept.replace('url("a.png")', "")
        assert "@" not in kept.replace("@media", "").replace("@supports", "")
