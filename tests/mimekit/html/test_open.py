"""Which elements are open: the same as in the parser."""

from __future__ import annotations

import re

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mimekit.html._open import Format, Open
from mimekit.html._tokens import ATTRIBUTES, NAME, SLASH, TOKEN

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


def _counted(html: str) -> Open:
    """What is open behind *html*, as it is counted."""
    elements = Open(formatting=True, tables=True)
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
        assert elements._weight == sum(entry.length for entry in [*entries, *pending] if isinstance(entry, Format))

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
