"""What a page refers to, with its place in the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit.html._links import BASE, FRAME, LED, SHEET, SHOWN, exchange, id_of, links, links_of_sheet
from tests import corpora


def _found(html: str) -> list[tuple[str, str]]:
    return [(link.url, link.use) for link in links(html)]


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        pytest.param("<img src=a.png>", ["a.png"], id="img"),
        pytest.param("<IMG lowsrc='a' DynSrc=b SRC = c >", ["a", "b", "c"], id="img-old"),
        pytest.param('<img srcset="a.png 1x, b.png 2x">', ["a.png", "b.png"], id="srcset"),
        pytest.param("<source src=a srcset=b>", ["a", "b"], id="source"),
        pytest.param("<video src=a poster=b>", ["a", "b"], id="video"),
        pytest.param("<audio src=a><track src=b><embed src=c>", ["a", "b", "c"], id="sound"),
        pytest.param("<object data=a><input type=image src=b>", ["a", "b"], id="object-input"),
        pytest.param(
            "<body background=a><table background=b><tr background=c><td background=d><th background=e>",
            list("abcde"),
            id="background",
        ),
        pytest.param("<link rel='shortcut icon' href=a><link rel=icon imagesrcset='b 1x'>", ["a", "b"], id="icons"),
        pytest.param("<svg><image href=a /><image xlink:href=b /></svg>", ["a", "b"], id="svg"),
        pytest.param("<p style='background: url(a)'>", ["a"], id="style-attribute"),
        pytest.param("<style>p { background: url(a) }</style>", ["a"], id="style"),
        pytest.param("<style>p { background: url(a)", ["a"], id="style-open"),
        pytest.param("<!--[if mso]><v:fill src=a /><v:imagedata src=b /><![endif]-->", ["a", "b"], id="outlook"),
        pytest.param("<!--[if gte mso 9]><style>p{b:url(c)}</style><![endif]-->", ["c"], id="outlook-style"),
        pytest.param("<!--[if !mso]><!--><img src=a><!--<![endif]-->", ["a"], id="all-but-outlook"),
        pytest.param("<![if !mso]><img src=a><![endif]>", ["a"], id="all-but-outlook-revealed"),
        pytest.param("{% if a < b %}<img src=a>{% endif %}", ["a"], id="template"),
        pytest.param('<p style="background:url(&quot;a&amp;b&quot;)">', ["a&b"], id="references-in-style"),
        pytest.param('<img src=" a&amp;b?c=1&copy=2\n">', ["a&b?c=1&copy=2"], id="references"),
        pytest.param("<img srcset='a&#32;1x,b,c'>", ["a", "b,c"], id="references-in-srcset"),
        pytest.param("<img srcset=' , a, b (1, 2) 2x , d:x,A= 3x,'>", ["a", "b", "d:x,A="], id="srcset-odd"),
        pytest.param("<img src=a src=b>", ["a"], id="twice"),
        pytest.param("<img src><img src=>", [], id="no-value"),
        pytest.param("</img src=a><p src=b><img alt=style>", [], id="no-reference"),
        pytest.param("<!-- <img src=a> --><script>'<img src=b>'</script><textarea><img src=c>", [], id="no-markup"),
        pytest.param("<!--[if mso]><!--[if mso]><img src=a>", [], id="comment-in-comment"),
    ],
)
def test_what_a_page_shows_is_found(html: str, urls: list[str]) -> None:
    """Attributes, lists of candidates and styles; Outlook's comments are read by Outlook."""
    assert _found(html) == [(url, SHOWN) for url in urls]


@pytest.mark.parametrize(
    ("html", "use"),
    [
        pytest.param("<link href=a rel='alternate StyleSheet'>", SHEET, id="sheet"),
        pytest.param("<style>@import 'a'</style>", SHEET, id="import"),
        pytest.param("<a href=a>", LED, id="a"),
        pytest.param("<area href=a>", LED, id="area"),
        pytest.param("<script src=a></script>", LED, id="script"),
        pytest.param("<link href=a>", LED, id="link-of-no-kind"),
        pytest.param("<link href=a rel=canonical>", LED, id="link-of-another-kind"),
        pytest.param("<iframe src=a></iframe>", FRAME, id="iframe"),
        pytest.param("<frameset><frame src=a>", FRAME, id="frame"),
        pytest.param("<base href=a>", BASE, id="base"),
    ],
)
def test_it_is_said_what_for(html: str, use: str) -> None:
    """A style sheet is followed; what is only led to is not shown."""
    assert _found(html) == [("a", use)]


def test_a_style_sheet_refers_too() -> None:
    """What it imports is another one."""
    assert [(link.url, link.use) for link in links_of_sheet("@import 'a'; p { b: url( c ) }")] == [
        ("a", SHEET),
        ("c", SHOWN),
    ]


@pytest.mark.parametrize(
    ("url", "cid"),
    [
        ("cid:logo", "logo"),
        ("CID:a%2Bb@c", "a+b@c"),
        ("cid:", ""),
        ("cid:100%", "100%"),
        ("mid:a", None),
        ("a/cid:b", None),
    ],
)
def test_a_cid_is_decoded(url: str, cid: str | None) -> None:
    """RFC 2392, section 2: it is the percent-encoded form of a Content-ID; a scheme has no case."""
    assert id_of(url) == cid


def test_only_the_address_is_exchanged() -> None:
    """Quotes, references and spaces around it are the author's."""
    html = (
        "<td BACKGROUND=a style=\"b:url(&quot;c&quot;)\"><img srcset='d 1x,  e 2x' src = ' f '>"
        "<!--[if mso]><v:fill src=g /><![endif]--><style>@import 'h'</style>{{ i&nbsp;}}"
    )

    assert exchange(html, [(link, "X") for link in links(html)]) == (
        "<td BACKGROUND=X style=\"b:url(&quot;X&quot;)\"><img srcset='X 1x,  X 2x' src = 'X'>"
        "<!--[if mso]><v:fill src=X /><![endif]--><style>@import 'X'</style>{{ i&nbsp;}}"
    )


@pytest.mark.parametrize(
    "bomb",
    [
        *("<!--[if mso]>", "<!--[if mso]><!--[if mso]>-->", "<style>", "<style></style>", "<td style=", "<img src="),
        *("<p style='a'", "<img srcset='a (", "<iframe src='", "<img srcset=a ", "<base href=", "<link rel="),
    ],
)
def test_hostile_pages_take_no_longer(bomb: str) -> None:
    """Law 5: a character is gone over a bounded number of times; quadratic work would take minutes here."""
    size = 1_000_000 // len(bomb)

    assert len(list(links(bomb * size))) <= size


@pytest.mark.parametrize(
    "bomb", [" ", ",", "(", "a, ", "a (", "a (,", "&quot;", "&", "url(", "url( ", "&quot;url(", "'"]
)
@pytest.mark.parametrize("attribute", ["srcset", "style", "src"])
def test_hostile_values_take_no_longer(bomb: str, attribute: str) -> None:
    """Law 5, for what stands in one attribute."""
    html = f'<img {attribute}="{bomb * (1_000_000 // len(bomb))}'

    assert len(list(links(html))) <= len(html)


@given(st.text("<>!-[if mso]styleimg src='\"=&;#url(),a1 \n", max_size=60))
def test_every_reference_can_be_exchanged(html: str) -> None:
    """Places are in order and do not overlap, whatever the page is."""
    found = list(links(html))
    places = [place for link in found for place in (link.start, link.end)]

    assert places == sorted(places)
    assert exchange(html, [(link, html[link.start : link.end]) for link in found]) == html


@pytest.mark.corpus
def test_real_pages_stay_as_they_are_but_for_addresses() -> None:
    """What is exchanged for another address and back is the page again."""
    pages = 0
    for real in corpora.required_messages():
        for part in mimekit.parse(real.octets).walk():
            if part.get_content_type() == "text/html":
                html = str(part.get_content())
                pieces = list(links(html))
                new = exchange(html, [(link, "cid:0123456789abcdef@mimekit.invalid") for link in pieces])
                old = exchange(
                    new, [(link, html[was.start : was.end]) for link, was in zip(links(new), pieces, strict=True)]
                )
                assert old == html, real
                pages += 1
    assert pages
