"""A page on disk with the files it shows."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit.html.pack import Packed, pack
from tests import corpora

TEMPLATE = """\
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns:v="urn:schemas-microsoft-com:vml">\r
<HEAD><meta charset="utf-8"><title>{{ title|e }} &amp; <img src=a.png></title>
<link rel="stylesheet" href='style.css?v=2'>
<style>td { background: url( "a.png" ) }</style></HEAD>
{% if a < b and c > d %}<body   background=a.png>{% endif %}
<!--[if gte mso 9]><v:fill type="frame" src="a.png" color="#fff" /><![endif]-->
<!--[if !mso]><!-->&nbsp;<img
   SRC = a.png
   srcset="a.png 1x, b.png  2x" alt='{{ alt }}' / ><!--<![endif]-->
<![if !vml]><td style="background:url(&quot;b.png&quot;);color:red"><![endif]>
<a href=a.png>a</a><script>"<img src=a.png>"</script><p>&copy 2026 caf\u00e9 \u00fc</P>
<!-- <img src=a.png> --></body
"""


def files(folder: Path, **made: str | bytes) -> Path:
    """Those files in *folder*; ``__`` in a name is a slash, ``_`` the dot."""
    for name, content in made.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def packed(html: str, folder: Path, root: Path | None = None, *, attach_data: bool = False) -> Packed:
    """*html*, as if it stood in *folder*."""
    return pack(html, str(folder), str(folder if root is None else root), attach_data=attach_data)


def cid_of(octets: bytes) -> str:
    """What octets are called."""
    return f"{hashlib.sha256(octets).hexdigest()[:16]}@mimekit.invalid"


def troubles(found: Packed) -> tuple[tuple[str, ...], ...]:
    """What was left as it is."""
    return found.missing, found.outside, found.frames


class TestPages:
    def test_a_file_is_called_after_its_octets(self, tmp_path: Path) -> None:
        """The same page gives the same message, wherever it is sent from."""
        found = packed("<img src=a.png>", files(tmp_path, a_png=b"octets"))

        assert found.html == f"<img src=cid:{cid_of(b'octets')}>"
        assert [(cid, file.octets, file.name) for cid, file in found.files.items()] == [
            (cid_of(b"octets"), b"octets", "a.png")
        ]
        assert troubles(found) == ((), (), ())

    def test_the_same_octets_are_one_file(self, tmp_path: Path) -> None:
        """A picture that stands there twice is sent once."""
        found = packed("<img src=a.png><img src=b.png><img src=./a.png?v=2>", files(tmp_path, a_png="x", b_png="x"))

        assert list(found.files) == [cid_of(b"x")]
        assert found.html.count(f"cid:{cid_of(b'x')}") == 3

    def test_all_else_of_the_page_stays(self, tmp_path: Path) -> None:
        """Comments for Outlook, templates, spelling and line ends are the author's."""
        files(tmp_path, a_png=b"1", b_png=b"2", style_css="p { background: url(b.png) }")

        found = packed(TEMPLATE, tmp_path)

        sheet = f"p {{ background: url(cid:{cid_of(b'2')}) }}".encode()
        names = {"a.png": cid_of(b"1"), "b.png": cid_of(b"2"), "style.css?v=2": cid_of(sheet)}
        back = found.html
        for name, cid in names.items():
            back = back.replace(f"cid:{cid}", name)
        assert back == TEMPLATE
        assert found.files.keys() == set(names.values())
        # in the title, in a link, in a script and in a comment
        assert found.html.count("a.png") == 4

    @pytest.mark.parametrize(
        "url",
        [
            *("https://example.org/a.png", "HTTP:a.png", "//example.org/a.png", r"\\example.org\a.png", "mailto:a.png"),
            *("data:image/png;base64,AA==", "cid:a.png", "#a.png", "?a.png", ""),
            *("{{ a.png }}", "x/{% b %}"),
        ],
    )
    def test_what_is_elsewhere_is_left_alone(self, url: str, tmp_path: Path) -> None:
        """Schemes, hosts, and the page itself."""
        found = packed(f"<img src='{url}'>", files(tmp_path, a_png="x"))

        assert found.html == f"<img src='{url}'>"
        assert (found.files, *troubles(found)) == ({}, (), (), ())

    @pytest.mark.parametrize("url", ["file:///a.png", "C:/a.png", "FILE://localhost/a.png"])
    def test_what_is_of_this_disk_is_told_to_be_missing(self, url: str, tmp_path: Path) -> None:
        """It is left alone, but whoever gets the page will not see it."""
        found = packed(f"<img src='{url}'>", files(tmp_path, a_png="x"))

        assert found.html == f"<img src='{url}'>"
        assert (found.files, *troubles(found)) == ({}, (url,), (), ())

    @pytest.mark.parametrize("url", ["a.png", "./a.png#top", "b/../a.png", " a.png\n", "a%2Epng", r".\a.png", "/a.png"])
    def test_addresses_are_read_as_browsers_do(self, url: str, tmp_path: Path) -> None:
        """Queries, fragments and white space are no part of a file name; ``/`` is the top of the site."""
        assert list(packed(f"<img src='{url}'>", files(tmp_path, a_png="x")).files) == [cid_of(b"x")]

    @pytest.mark.parametrize(
        ("html", "count"),
        [
            ("<base href='b/c.html'><img src=a.png>", 1),
            ("<base href='b/c.html'><img src=/b/a.png>", 1),
            ("<base href='c.html'><img src=a.png>", 0),
            ("<base href='https://example.org/b/'><img src=a.png>", 0),
            ("<base href='b/'><base href=c/><img src=a.png>", 1),
            ("<base href='/b/'><img src=a.png>", 1),
            ("<base href='mailto:'><img src=a.png>", 0),
            ("<base href='?c'><img src=b/a.png>", 1),
        ],
    )
    def test_a_base_is_where_addresses_start(self, html: str, count: int, tmp_path: Path) -> None:
        """The first one counts; one on the net makes all of them addresses on the net."""
        assert len(packed(html, files(tmp_path, b__a_png="x")).files) == count

    def test_what_is_only_led_to_is_left_alone(self, tmp_path: Path) -> None:
        """A link is no part of the page; a script does not run in mail; a frame is noted."""
        html = "<a href=a.html><script src=a.js></script><iframe src=a.html></iframe><iframe src=//x></iframe>"
        found = packed(html, files(tmp_path, a_html="x", a_js="x"))

        assert (found.html, found.files, found.frames) == (html, {}, ("a.html",))

    @pytest.mark.corpus
    def test_real_pages_without_files_stay_as_they_are(self, tmp_path: Path) -> None:
        """Whatever the page is, it is the same page."""
        for real in corpora.required_messages():
            for part in mimekit.parse(real.octets).walk():
                if part.get_content_type() == "text/html":
                    html = str(part.get_content())
                    assert packed(html, tmp_path).html == html, real


class TestStyleSheets:
    def test_a_sheet_is_followed(self, tmp_path: Path) -> None:
        """What it shows is found from where it stands, and what it imports."""
        files(tmp_path, css__a_css="@import 'b.css'; p { a: url(../c.png) }", css__b_css="q { a: url(../c.png) }")

        found = packed("<link rel=stylesheet href=css/a.css>", files(tmp_path, c_png="x"))

        image = f"cid:{cid_of(b'x')}"
        inner = f"q {{ a: url({image}) }}".encode()
        outer = f"@import 'cid:{cid_of(inner)}'; p {{ a: url({image}) }}".encode()
        assert found.html == f"<link rel=stylesheet href=cid:{cid_of(outer)}>"
        assert {cid: (file.octets, file.kind, file.name) for cid, file in found.files.items()} == {
            cid_of(b"x"): (b"x", None, "c.png"),
            cid_of(inner): (inner, "text/css", "b.css"),
            cid_of(outer): (outer, "text/css", "a.css"),
        }

    def test_sheets_may_import_each_other(self, tmp_path: Path) -> None:
        """Each is one file, and each names the other."""
        files(tmp_path, a_css="@import 'b.css'; @import 'a.css'", b_css="@import 'a.css'")

        found = packed("<link rel=stylesheet href=a.css><link rel=stylesheet href=b.css>", tmp_path)

        assert len(found.files) == 2
        text = found.html + "".join(file.octets.decode() for file in found.files.values())
        assert [text.count(f"cid:{cid}") for cid in found.files] == [2, 3]
        assert "b.css" not in text

    def test_sheets_alike_in_two_folders_are_two(self, tmp_path: Path) -> None:
        """They mean different files."""
        sheet = "@import 'a.css'; p { a: url(b.png) }"
        files(tmp_path, x__a_css=sheet, y__a_css=sheet, x__b_png="1", y__b_png="2")

        found = packed("<style>@import 'x/a.css'; @import 'y/a.css'</style>", tmp_path)

        assert len(found.files) == 4

    def test_a_long_chain_of_imports(self, tmp_path: Path) -> None:
        """Law 5: nothing recurses."""
        for number in range(1_500):
            (tmp_path / f"{number}.css").write_text(f"@import '{number + 1}.css'", encoding="ascii")

        found = packed("<style>@import '0.css'</style>", tmp_path)

        assert (len(found.files), found.missing) == (1_500, ("1500.css",))

    def test_octets_of_no_charset_stay(self, tmp_path: Path) -> None:
        """A style sheet in Latin-1 is not written anew."""
        files(tmp_path, a_css=b"\xe9 { a: url(b.png); content: '\xff' }", b_png="x")

        found = packed("<style>@import 'a.css'</style>", tmp_path)

        assert found.files.popitem()[1].octets == (
            b"\xe9 { a: url(cid:" + cid_of(b"x").encode() + b"); content: '\xff' }"
        )


class TestPlacesOnDisk:
    @pytest.mark.parametrize("url", ["b.png", "a.png/b", "c", "%00", "x" * 5_000, "\ud800", "%FF", ".", "c/", "c/.."])
    def test_what_is_missing_is_noted(self, url: str, tmp_path: Path) -> None:
        """It stays as it is."""
        (tmp_path / "c").mkdir()

        found = packed(f"<img src='{url}'><img src='{url}'>", files(tmp_path, a_png="x"))

        assert (found.html, found.missing) == (f"<img src='{url}'><img src='{url}'>", (url,))

    @pytest.mark.parametrize(
        "url", ["../a.png", "/etc/passwd", "..%2Fa.png", "%2Fetc%2Fpasswd", "x/../../a.png", "../none"]
    )
    def test_what_is_outside_is_noted(self, url: str, tmp_path: Path) -> None:
        """SECURITY: nobody's page sends files of this machine away, nor tells which there are."""
        files(tmp_path, a_png="x", page__b_png="x")

        found = packed(f"<img src='{url}'>", tmp_path / "page")

        assert (found.html, found.files, found.outside) == (f"<img src='{url}'>", {}, (url,))

    def test_a_root_may_be_wider(self, tmp_path: Path) -> None:
        """Pictures often stand beside the folder of the pages."""
        files(tmp_path, a_png="x", page__b_png="y")

        found = packed("<img src=../a.png><img src=b.png><img src=/page/b.png>", tmp_path / "page", tmp_path)

        assert (len(found.files), troubles(found)) == (2, ((), (), ()))

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
    def test_links_on_disk_are_followed_first(self, tmp_path: Path) -> None:
        """SECURITY: where a file is counts, not what it is called."""
        files(tmp_path, other_png="x", page__a_png="y")
        (tmp_path / "page" / "out.png").symlink_to(tmp_path / "other.png")
        (tmp_path / "page" / "in.png").symlink_to(tmp_path / "page" / "a.png")
        (tmp_path / "page" / "up").symlink_to(tmp_path)
        (tmp_path / "page" / "loop").symlink_to("loop")

        found = packed("<img src=out.png><img src=in.png><img src=up/other.png><img src=loop>", tmp_path / "page")

        assert list(found.files) == [cid_of(b"y")]
        assert (found.outside, found.missing) == (("out.png", "up/other.png"), ("loop",))

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
    def test_a_pipe_is_no_file(self, tmp_path: Path) -> None:
        """SECURITY: it would be waited for."""
        os.mkfifo(tmp_path / "pipe")

        assert packed("<img src=pipe>", tmp_path).missing == ("pipe",)

    def test_names_in_any_script(self, tmp_path: Path) -> None:
        """Percent-encoded or not, a name is UTF-8."""
        (tmp_path / "käse 日本.png").write_bytes(b"x")

        assert len(packed("<img src='käse 日本.png'><img src='k%C3%A4se%20日本.png'>", tmp_path).files) == 1


class TestData:
    @pytest.mark.parametrize(
        ("url", "octets", "kind"),
        [
            ("data:image/png;base64,AAEC", b"\0\1\2", "image/png"),
            ("DATA:Image/PNG ; x=y ; BASE64 ,AAEC", b"\0\1\2", "image/png"),
            ("data:image/svg+xml,%3Csvg/>", b"<svg/>", "image/svg+xml"),
            ("data:,a,b", b"a,b", None),
            ("data:text/plain;charset=utf-8,\u00e9", "\u00e9".encode(), "text/plain"),
        ],
    )
    def test_it_becomes_a_file_on_demand(self, url: str, octets: bytes, kind: str | None, tmp_path: Path) -> None:
        """Many mail programs show no data: addresses."""
        html = f'<img src="{url}">'

        assert packed(html, tmp_path).html == html
        found = packed(html, tmp_path, attach_data=True)
        assert found.html == f'<img src="cid:{cid_of(octets)}">'
        assert [(file.octets, file.kind, file.name) for file in found.files.values()] == [(octets, kind, None)]

    def test_a_style_sheet_is_one_wherever_it_stands(self, tmp_path: Path) -> None:
        """Its place says what it is."""
        found = packed("<link rel=stylesheet href='data:,p{}'>", tmp_path, attach_data=True)

        assert [(file.octets, file.kind) for file in found.files.values()] == [(b"p{}", "text/css")]

    @pytest.mark.parametrize("url", ["data:", "data:image/png", "data:image/svg+xml,<svg/>#part"])
    def test_what_cannot_be_one_is_left_alone(self, url: str, tmp_path: Path) -> None:
        """No comma, or only part of a picture is meant."""
        assert packed(f"<img src='{url}'>", tmp_path, attach_data=True).html == f"<img src='{url}'>"


@given(
    st.lists(
        st.sampled_from(
            ["<img src=a.png>", "<td style='b:url(\"a.png\")'>", "<", "&", "{{", "'", '"', "-->", "\r\n", "é"]
        )
    )
)
def test_whatever_the_page_is_only_addresses_change(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    """What is put in is taken out again, and the page is there."""
    folder = files(tmp_path_factory.mktemp("page"), a_png="x")
    html = "".join(pieces)

    assert packed(html, folder).html.replace(f"cid:{cid_of(b'x')}", "a.png") == html
