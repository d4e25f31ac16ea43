"""What a page says outside its body, and what is cut of it."""

from __future__ import annotations

import pytest

from mimekit.html._outline import read


class TestHead:
    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            pytest.param("<!doctype html>", "<!DOCTYPE html>", id="usual"),
            pytest.param(
                "<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 3.2//EN'>",
                '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2//EN">',
                id="usual-public",
            ),
            pytest.param(
                "<!DOCTYPE html PUBLIC \"a\"\n'http://www.w3.org/TR/x.dtd'>",
                '<!DOCTYPE html PUBLIC "a" "http://www.w3.org/TR/x.dtd">',
                id="usual-system",
            ),
            pytest.param(" <!-- a --><!DOCTYPE html>", "<!DOCTYPE html>", id="odd-comment-before"),
            pytest.param("<p><!DOCTYPE html>", "", id="odd-late"),
            pytest.param("<!DOCTYPE html><!DOCTYPE html PUBLIC 'a'>", "<!DOCTYPE html>", id="odd-twice"),
            pytest.param("<!DOCTYPE svg>", "", id="hostile-name"),
            pytest.param(
                '\ufeff\n<?xml version="1.0"?><![if x]><!DOCTYPE html>', "<!DOCTYPE html>", id="odd-instruction-before"
            ),
            pytest.param("a<!DOCTYPE html>", "", id="odd-text-before"),
            pytest.param("<html><!DOCTYPE html>", "", id="odd-root-before"),
            pytest.param("<!DOCTYPE html SYSTEM 'about:legacy-compat'>", "<!DOCTYPE html>", id="usual-legacy"),
            pytest.param("<!DOCTYPEhtml[]>", "", id="odd-inside"),
            pytest.param("<!DOCTYPE html 'a'>", "", id="odd-no-keyword"),
            pytest.param("<!DOCTYPE html PUBLIC 'a' SYSTEM 'b'>", "", id="odd-both-keywords"),
            pytest.param(
                "<!DOCTYPE html PUBLIC 'a' 'http://www.w3.org/b' [<!ENTITY c 'd'>]>",
                '<!DOCTYPE html PUBLIC "a" "http://www.w3.org/b">',
                id="odd-entity",
            ),
            pytest.param("<!DOCTYPE html SYSTEM 'http://u/x.dtd'>", "<!DOCTYPE html>", id="hostile-system"),
            pytest.param(
                "<!DOCTYPE html PUBLIC 'a' 'http://u/x.dtd'>", '<!DOCTYPE html PUBLIC "a" "">', id="hostile-address"
            ),
            pytest.param(f"<!DOCTYPE html PUBLIC '{'a' * 100}'>", "", id="hostile-long"),
        ],
    )
    def test_doctypes(self, html: str, expected: str) -> None:
        """They decide on sizes and colours, and those that do so stay; what else they say does not."""
        assert read(html).doctype == expected

    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            pytest.param("<title>\n a &amp; b </title>", "a & b", id="usual"),
            pytest.param("<title>a</title><title>b</title>", "a", id="odd-twice"),
            pytest.param("<title>", "", id="odd-open"),
            pytest.param("<title", "", id="odd-half"),
            pytest.param(f"<title>{'a' * 90_000}", "a" * 1000, id="hostile-long"),
        ],
    )
    def test_titles(self, html: str, expected: str) -> None:
        """Text, on one line."""
        assert read(html).title == expected

    def test_sheets(self) -> None:
        """In their order, as elements and links, with their media."""
        page = read(
            "<style media=print>a</style><link rel='StyleSheet x' href='b&amp;c'><link rel=icon href=d>"
            "<link rel=stylesheet><link rel='alternate stylesheet' href=e>"
            "<style type=text/less>f</style><STYLE type=Text/CSS>g</STYLE><style "
        )

        assert [(sheet.media, sheet.text, sheet.address) for sheet in page.sheets] == [
            ("print", "a", ""),
            ("", "", "b&c"),
            ("", "g", ""),
            ("", "", ""),
        ]

    def test_a_hundred_sheets_are_enough(self) -> None:
        """More are an attack."""
        assert len(read("<style>a{}</style>" * 1000).sheets) == 100

    def test_attributes_of_the_page(self) -> None:
        """Of several bodies, each may say what none before it did."""
        page = read(
            "<html lang=a x=y dir=sideways><body text=b onload=c><body text=d link=e>"
            "<html lang=f dir=rtl></html></body>"
        )

        assert page.root == {"lang": "a", "dir": "rtl"}
        assert page.body == {"text": "b", "link": "e"}
        assert page.html == ""

    def test_the_first_base_counts(self) -> None:
        """As in browsers."""
        assert read("<base target=a><base href=b><base href=c>").base == "b"
        assert read("").base is None


class TestWhatIsLeft:
    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            pytest.param("<p class=a>b</p>", "<p class=a>b</p>", id="usual"),
            pytest.param("a<!-- b -->c<script>d</script>e", "ace", id="usual-no-markup"),
            pytest.param("<head><meta charset=a></head><p>", "<p>", id="usual-head"),
            pytest.param("a<svg><g>b</g></svg>c", "ac", id="usual-svg"),
            pytest.param("a<svg/>b<math x=/ />c", "abc", id="usual-empty-svg"),
            pytest.param("a<svg><svg></svg>b</svg>c", "ac", id="usual-nested-svg"),
            pytest.param("a<svg><style><p>b</svg>c", "a<p>bc", id="odd-svg-broken-out-of"),
            pytest.param("a<svg><foreignObject><p>b</p></foreignObject></svg>c", "ac", id="usual-html-in-svg"),
            pytest.param("a<math><mi>b<p></math>c", "ac", id="usual-html-in-math"),
            pytest.param("a<svg></g>b", "a", id="odd-open-svg"),
            pytest.param("<div>a<svg>b</div>c", "<div>a</div>c", id="odd-svg-ended-by-what-is-around"),
            pytest.param("a<svg><a>b</a>c</a>d", "a</a>d", id="odd-svg-ended-behind-one-like-it"),
            pytest.param("a<svg><g>b</p>c", "a</p>c", id="odd-svg-ended-by-paragraph"),
            pytest.param("a<svg>b</img>c</svg>d", "ad", id="odd-end-tag-of-nothing-in-svg"),
            pytest.param("a<svg><font size=1>b", "a<font size=1>b", id="odd-font-in-svg"),
            pytest.param("a<svg><font x=y>b</font>c</svg>d", "ad", id="usual-font-of-svg"),
            pytest.param("a<svg><!-- </svg> -->b<![CDATA[</svg>]]]>c</svg>d", "ad", id="hostile-ends-in-svg"),
            pytest.param("a<svg><desc><script></svg></script><p></desc><g/>b</svg>c", "ac", id="hostile-script-in-svg"),
            pytest.param("a<svg><title><p>b</title><g><p>c", "a<p>c", id="odd-svg-broken-out-of-behind-title"),
            pytest.param("a<svg><desc/><mi><p>b</svg>c", "a<p>bc", id="odd-nothing-that-holds-html"),
            pytest.param("a<text>b</text><limit>c<annotation-xml>d", "abcd", id="odd-no-element-of-html"),
            pytest.param("a<o:p>b</o:p>", "a<o:p>b</o:p>", id="usual-of-office"),
            pytest.param("a<template><template></template><p></template>b", "ab", id="usual-template"),
            pytest.param("a<template><script></template></script>b</template>c", "ac", id="hostile-end-in-template"),
            pytest.param("a<template><p>b", "a", id="odd-open-template"),
            pytest.param("a<noscript><p title='</noscript >b", "ab", id="usual-noscript"),
            pytest.param("a<select><option>b</select>c", "ac", id="usual-select"),
            pytest.param("a<select><script></select></script>b</select>c", "ac", id="hostile-end-in-select"),
            pytest.param("a<select>b<select>c", "ac", id="odd-select-ended-by-another"),
            pytest.param("a<select>b<input>c", "a<input>c", id="odd-select-ended-by-input"),
            pytest.param("<td><select>b<td>c</table>", "<td><td>c</table>", id="odd-select-ended-by-cell"),
            pytest.param("<select>b<table></table>c", "</table>c", id="odd-select-ended-by-table"),
            pytest.param("a<select>b", "a", id="odd-open-select"),
            pytest.param("a<xmp><p></xmp>b<xmp>c", "ab", id="odd-open-xmp"),
            pytest.param("a<plaintext>b</plaintext>c", "a", id="odd-plaintext"),
            pytest.param("a<object><object>b</object>c</object>d", "ad", id="usual-object"),
            pytest.param("a<object><script></object></script>b</object>c", "ac", id="hostile-end-in-object"),
            pytest.param("a<applet><p>b", "a<p>b", id="odd-open-applet"),
            pytest.param("a<object><p>b<object>c</object>", "a<p>bc", id="odd-open-object"),
            pytest.param("a<marquee>b</marquee>", "ab", id="usual-marquee"),
            pytest.param("a</svg></template>b", "ab", id="odd-end-tags"),
            pytest.param("<<!-- -->svg>", "<<!---->svg>", id="hostile-between"),
            pytest.param("<<svg/>p>", "<<!---->p>", id="hostile-between-svg"),
        ],
    )
    def test_what_is_cut(self, html: str, expected: str) -> None:
        """What holds no markup or another language; and no tag comes of what stands around it."""
        assert read(html).html == expected

    def test_more_attributes_than_anyone_writes_are_cut(self) -> None:
        """A parser compares each with all before it."""
        many = " ".join(f"a{number}=bcdefghijk" for number in range(200))

        assert read(f"<p {many}>c").html == "<p " + many[: many.index("a100")] + ">c"
        assert read(f"<p title='{'a' * 2000}' id=b>").html == f"<p title='{'a' * 2000}' id=b>"

    def test_an_attribute_with_very_many_references_is_cut(self) -> None:
        """Writing it takes quadratic time."""
        assert read(f"<p title='{'&' * 2000}'>a<p title='{'a' * 2000}&'>").html == f"<p>a<p title='{'a' * 2000}&'>"
        assert read(f"<p title='{chr(0xA0) * 2000}'>a").html == "<p>a"

    def test_a_text_with_very_many_references_is_two(self) -> None:
        """Writing it takes quadratic time."""
        assert read("&amp;" * 1500).html == "&amp;" * 1024 + "<!---->" + "&amp;" * 476

    def test_tags_and_formats_are_counted(self) -> None:
        """They tell whether a page may take long."""
        page = read("<p><b><font size=1><FONT size=1><font size=2></font></p>")

        assert page.tags == 7
        assert page.formats == {"font size=1", "font size=2"}
