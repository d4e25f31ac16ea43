"""Webpage: a page with what it shows, given or found beside it on disk."""

from __future__ import annotations

import copy
import io
import pickle
import sys
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given

from mimekit import Audio, BadValue, Calendar, Image, MIMEMessage, MIMEPart, MissingFile, NoHandler, Video, Webpage
from mimekit.content.objects import ObjectManager
from mimekit.content.webpage import PageWarning, Resource
from tests import strategies

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
GIF = b"GIF89a\1\0\1\0\0\0\0;"
CALENDAR = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"


def on_disk(folder: Path, **made: str | bytes) -> Path:
    """The page among those files in *folder*; ``_`` in their names is the dot."""
    for name, content in made.items():
        (folder / name.replace("_", ".")).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "page.html"


def only(page: Webpage) -> Any:
    """The one object it has."""
    [found] = page.resources.values()
    return found


class TestPages:
    @pytest.mark.parametrize(
        "html",
        [
            pytest.param("<p>é", id="text"),
            pytest.param(io.StringIO("<p>é"), id="file-of-text"),
            pytest.param(io.BytesIO("<p>é".encode()), id="file-of-octets"),
            pytest.param(io.BytesIO("<p>é".encode("latin-1")), id="file-in-another-charset"),
        ],
    )
    def test_a_page_is_a_text_or_a_file_of_it(self, html: str | IO[str] | IO[bytes]) -> None:
        """The proposal: a string or a file-like object."""
        assert Webpage(html).html == "<p>é"

    @pytest.mark.parametrize("html", [None, 3, b"<p>", Path("page.html")], ids=type)
    def test_what_is_no_page_is_refused(self, html: Any) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue):
            Webpage(html)

    def test_a_file_that_gives_neither_is_refused(self) -> None:
        """Reading gives text or octets."""

        class Odd:
            def read(self) -> int:
                return 3

        with pytest.raises(BadValue, match="int"):
            Webpage(Odd())  # type: ignore[arg-type]  # the mistake looked at

    def test_what_is_no_mapping_is_refused(self) -> None:
        """Objects have names."""
        with pytest.raises(BadValue, match="mapping"):
            Webpage("<p>", [Image(PNG)])  # type: ignore[arg-type]  # the mistake looked at

    def test_octets_that_are_no_text_are_refused(self) -> None:
        """Law 8: no character is lost in silence."""
        octets = b"<meta charset=euc-kr>" + "가나다라마바사아자차카타파하".encode("euc-kr") + b"\xff"
        with pytest.raises(BadValue, match="charset"):
            Webpage(io.BytesIO(octets))
        with pytest.warns(PageWarning, match="charset"):
            page = Webpage(io.BytesIO(octets), strict=False)

        assert page.html.endswith("하\ufffd")


class TestObjects:
    @pytest.mark.parametrize(
        ("given_object", "expected"),
        [
            pytest.param(Image(PNG), Image(PNG), id="image"),
            pytest.param(PNG, Image(PNG), id="octets"),
            pytest.param(bytearray(PNG), Image(PNG), id="bytearray"),
            pytest.param(io.BytesIO(PNG), Image(PNG), id="file"),
            pytest.param(b"fLaC\0\0\0\x22", Audio(b"fLaC\0\0\0\x22"), id="sound"),
            pytest.param(b"%PDF-1.7", Resource(b"%PDF-1.7", "application/pdf"), id="pdf"),
            pytest.param(Resource(PNG, "image/png"), Image(PNG), id="resource-of-an-image"),
            pytest.param(Resource(b"x", "video/x-y"), Video(b"x", subtype="x-y"), id="resource-of-a-film"),
            pytest.param(Resource(CALENDAR.encode(), "text/calendar"), Calendar(CALENDAR), id="resource-of-a-calendar"),
            pytest.param(
                Resource(b"x", "text/calendar"), Resource(b"x", "text/calendar"), id="resource-of-no-calendar"
            ),
        ],
    )
    def test_an_object_is_what_comes_back(self, given_object: object, expected: object) -> None:
        """Octets are told apart when they are given, so that a page that was read is equal to it."""
        assert only(Webpage("<img src=cid:a>", {"a": given_object})) == expected

    @pytest.mark.parametrize("opened", [False, True], ids=["path", "file"])
    def test_a_file_on_disk_is_read_at_once(self, opened: bool, tmp_path: Path) -> None:
        """A path has a name; who opens a file gives its octets."""
        path = tmp_path / "a.css"
        path.write_bytes(b"p {}")

        if opened:
            (tmp_path / "a.png").write_bytes(PNG)
            with (tmp_path / "a.png").open("rb") as file:
                assert only(Webpage("<img src=cid:a>", {"a": file})) == Image(PNG)
        else:
            assert only(Webpage("<img src=cid:a>", {"a": path})) == Resource(b"p {}", "text/css", filename="a.css")

    def test_a_text_is_refused(self) -> None:
        """SECURITY: nobody's text opens a file; and a picture that is a file name in a text would be a silent loss."""
        with pytest.raises(BadValue, match=r"Image\(path\)"):
            Webpage("<img src=cid:a>", {"a": "logo.png"})

    def test_octets_of_no_known_type_are_refused(self) -> None:
        """Who gives them knows what they are."""
        with pytest.raises(BadValue, match="Resource"):
            Webpage("<img src=cid:a>", {"a": b"octets"})

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        """A path that leads to no file."""
        with pytest.raises(MissingFile, match="none"):
            Webpage("<img src=cid:a>", {"a": tmp_path / "none.png"})

    @pytest.mark.parametrize("kind", ["text", "", "multipart/mixed", "message/rfc822", "a b/c", 3])
    def test_a_resource_has_a_type_of_a_single_part(self, kind: Any) -> None:
        """RFC 2045, section 5.1."""
        with pytest.raises(BadValue):
            Resource(b"x", kind)

    def test_a_resource_has_parameters(self) -> None:
        """Such as a charset."""
        made = Resource(b"x", "Text/CSS", filename="a.css", params={"charset": "koi8-r"})

        assert (made.content_type, dict(made.params), made.filename) == ("text/css", {"charset": "koi8-r"}, "a.css")


class TestBothDirections:
    @pytest.mark.parametrize(
        "html",
        [
            pytest.param("<img src=cid:a%40b>", id="encoded"),
            pytest.param("<img src='\n CID:a@b '>", id="case-and-spaces"),
            pytest.param("<img src='cid:a&#64;b'>", id="reference"),
            pytest.param("<p style='background: url(cid:a@b)'>", id="style-attribute"),
            pytest.param("<style>p { background: url('cid:a@b') }</style>", id="style"),
            pytest.param("<img srcset='cid:a@b 2x'>", id="srcset"),
            pytest.param("<!--[if mso]><v:fill src=cid:a@b><![endif]-->", id="outlook"),
            pytest.param("<a href=cid:a@b>", id="link"),
        ],
    )
    @pytest.mark.parametrize("key", ["a@b", "<a@b>", "cid:a@b"])
    def test_an_object_is_found_wherever_it_is_named(self, html: str, key: str) -> None:
        """RFC 2392, section 2."""
        assert list(Webpage(html, {key: Image(PNG)}).resources) == ["a@b"]

    def test_all_that_is_missing_is_named(self) -> None:
        """Every ``cid:`` has its object."""
        with pytest.raises(BadValue, match=r"not given: 'b', 'c d'$"):
            Webpage("<img src=cid:a><img src=cid:b><img src=cid:c%20d>", {"a": PNG})

    def test_all_that_is_to_spare_is_named(self) -> None:
        """Every object is referred to: case counts."""
        with pytest.raises(BadValue, match=r"given: 'A'; .* objects: 'a', 'b'$"):
            Webpage("<img src=cid:A><!-- cid:a -->cid:b", {"a": PNG, "b": PNG})

    def test_a_warning_is_enough_on_demand(self) -> None:
        """A template is not whole yet; the warning points to the call."""
        with pytest.warns(PageWarning) as warned:
            page = Webpage("<img src=cid:{{a}}>", {"b": PNG}, strict=False)

        assert [str(one.message).rpartition(":")[2] for one in warned] == [" '{{a}}'", " 'b'"]
        assert {one.filename for one in warned} == {__file__}
        assert list(page.resources) == ["b"]

    @pytest.mark.parametrize(
        "sheet",
        [
            pytest.param(Resource(b"p { a: url(cid:b) }", "text/css"), id="sheet"),
            pytest.param(Image(b"<svg><image href='cid:b'/></svg>", subtype="svg+xml"), id="vector"),
            pytest.param(Resource(b"<img src=cid:b>", "text/html"), id="page"),
            pytest.param(MIMEPart().set_content("<img src=cid:b>", "html", content_manager=ObjectManager), id="part"),
        ],
    )
    def test_an_object_may_refer_to_another(self, sheet: object) -> None:
        """Style sheets, and pictures that are made of others."""
        assert len(Webpage("<link href=cid:a>", {"a": sheet, "b": PNG}).resources) == 2
        with pytest.raises(BadValue, match="'b'"):
            Webpage("<link href=cid:a>", {"a": sheet})

    def test_other_objects_refer_to_nothing(self) -> None:
        """A message is not looked into."""
        message = MIMEMessage().set_content("<img src=cid:b>", "html").add_attachment("x")

        assert Webpage("<a href=cid:a>", {"a": message}).resources["a"] is message
        assert Webpage("<a href=cid:a>", {"a": [message]}).resources["a"] == [message]

    @pytest.mark.parametrize("key", ["", "a b", "a>", "x" * 2_000, 3])
    def test_what_is_no_content_id_is_refused(self, key: Any) -> None:
        """RFC 2045, section 7."""
        with pytest.raises(BadValue):
            Webpage("<p>", {key: PNG}, strict=False)

    def test_two_of_one_name_are_refused(self) -> None:
        """Brackets do not tell them apart."""
        with pytest.raises(BadValue, match="two objects"):
            Webpage("<img src=cid:a>", {"a": PNG, "<a>": PNG})


class TestValues:
    def test_it_is_equal_by_meaning(self) -> None:
        """Line ends change on the way, the order of objects means nothing."""
        html = "<img src=cid:a>\n<img src=cid:b>\n"
        page = Webpage(html, {"a": PNG, "b": GIF})

        assert page == Webpage(html.replace("\n", "\r\n"), {"b": GIF, "a": PNG})
        assert hash(page) == hash(Webpage(html.replace("\n", "\r\n"), {"b": GIF, "a": PNG}))
        assert page != Webpage(html, {"a": PNG, "b": PNG})
        assert page != Webpage(html + "x", {"a": PNG, "b": GIF})
        assert page != html

    @given(strategies.webpages())
    def test_copies_are_equal(self, page: Webpage) -> None:
        """A value is the same wherever it goes."""
        assert pickle.loads(pickle.dumps(page)) == copy.deepcopy(page) == copy.copy(page) == page  # noqa: S301 -- ours

    def test_it_is_frozen(self) -> None:
        """It can be sent twice."""
        page = Webpage("<img src=cid:a>", {"a": PNG})

        with pytest.raises(TypeError):
            page.resources["b"] = PNG  # type: ignore[index]  # the mistake looked at
        with pytest.raises(AttributeError):
            page.html = ""  # type: ignore[misc]  # the mistake looked at

    def test_it_says_what_it_is(self) -> None:
        """Without its content."""
        assert repr(Webpage("<img src=cid:a>", {"a": PNG})) == "<Webpage of 15 characters, resources: 'a'>"
        assert repr(Webpage("")) == "<Webpage of 0 characters, resources: none>"


class TestFromFile:
    def test_a_page_with_its_files(self, tmp_path: Path) -> None:
        """What it shows, by name and type; sheets with what they need."""
        path = on_disk(
            tmp_path,
            page_html="<link rel=stylesheet href=a.css><img src=a.png><img src=b.dat>",
            a_css="p { background: url(a.png); content: 'é' }",
            a_png=PNG,
            b_dat=b"octets",
        )

        page = Webpage.from_file(path)

        [image, sheet, other] = page.resources.values()
        assert image == Image(PNG, filename="a.png")
        assert isinstance(sheet, Resource)
        assert (sheet.content_type, dict(sheet.params), sheet.filename) == ("text/css", {"charset": "utf-8"}, "a.css")
        assert other == Resource(b"octets", "application/octet-stream", filename="b.dat")
        assert page == Webpage(page.html, page.resources)

    @pytest.mark.parametrize(
        ("octets", "text", "charset"),
        [
            pytest.param("<p>é\r\n".encode(), "<p>é\r\n", "utf-8", id="utf-8"),
            pytest.param(b"<p>e\n", "<p>e\n", "us-ascii", id="ascii"),
            pytest.param(b"\xef\xbb\xbf<p>\xc3\xa9", "<p>é", "utf-8", id="byte order mark"),
            pytest.param(b"<meta charset=iso-8859-2>\xb1", "<meta charset=iso-8859-2>ą", "iso-8859-2", id="meta"),
            pytest.param("\ufeff<p>é".encode("utf-16-le"), "<p>é", "utf-8", id="wide"),
            pytest.param(b"<p>\xe9", "<p>é", "windows-1252", id="nothing said"),
            pytest.param(PNG, PNG.decode("cp1252"), "windows-1252", id="no page at all"),
            pytest.param(b"", "", "us-ascii", id="nothing"),
        ],
    )
    def test_its_charset_is_found_and_kept(self, octets: bytes, text: str, charset: str, tmp_path: Path) -> None:
        """What the page says of itself stays true."""
        page = Webpage.from_file(on_disk(tmp_path, page_html=octets))

        assert (page.html, page.charset) == (text, charset)

    def test_all_that_is_missing_is_named(self, tmp_path: Path) -> None:
        """Nothing is left out in silence."""
        path = on_disk(tmp_path, page_html="<img src=a.png><img src=b.png>")

        with pytest.raises(MissingFile, match=r"'a\.png', 'b\.png'"):
            Webpage.from_file(path)
        with pytest.warns(PageWarning, match=r"'a\.png', 'b\.png'") as warned:
            page = Webpage.from_file(path, strict=False)
        assert page == Webpage("<img src=a.png><img src=b.png>")
        assert [one.filename for one in warned] == [__file__]

    def test_a_root_that_is_a_file_is_named(self, tmp_path: Path) -> None:
        """Else everything would be outside of it."""
        path = on_disk(tmp_path, page_html="<img src=a.png>", a_png=PNG)

        with pytest.raises(MissingFile, match=r"a\.png"):
            Webpage.from_file(path, tmp_path / "a.png")

    def test_what_is_outside_is_refused(self, tmp_path: Path) -> None:
        """SECURITY: a page sends no other files away."""
        on_disk(tmp_path, a_png=PNG)
        (tmp_path / "site").mkdir()
        path = on_disk(tmp_path / "site", page_html="<img src=../a.png><img src=b.png>")

        with pytest.raises(BadValue, match=r"outside .*'\.\./a\.png'; .* missing: 'b\.png'"):
            Webpage.from_file(path)
        with pytest.warns(PageWarning):
            assert not Webpage.from_file(path, strict=False).resources
        (tmp_path / "site" / "b.png").write_bytes(PNG)
        assert only(Webpage.from_file(path, tmp_path)) == Image(PNG, filename="a.png")

    @pytest.mark.parametrize("address", ["file:///etc/passwd", "FILE:a.png", "C:\\a.png"])
    def test_an_address_of_this_disk_is_told(self, address: str, tmp_path: Path) -> None:
        """It leads nowhere for those who get the page, so it is not passed over in silence."""
        path = on_disk(tmp_path, page_html=f"<img src='{address}'>", a_png=PNG)

        with pytest.raises((MissingFile, BadValue), match="refers to files"):
            Webpage.from_file(path)

    def test_a_root_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        """Though the page shows nothing."""
        with pytest.raises(MissingFile, match="none"):
            Webpage.from_file(on_disk(tmp_path, page_html="x"), tmp_path / "none")

    def test_objects_may_be_added(self, tmp_path: Path) -> None:
        """Content-IDs that the page has stay, for those who have their objects."""
        page = Webpage.from_file(on_disk(tmp_path, page_html="<img src=a.png><img src=cid:chart>", a_png=PNG))

        whole = Webpage(page.html, {**page.resources, "chart": GIF})

        assert list(whole.resources.values()) == [Image(PNG, filename="a.png"), Image(GIF)]
        with pytest.raises(BadValue, match="chart"):
            Webpage(page.html, page.resources)

    def test_damage_is_refused(self, tmp_path: Path) -> None:
        """Law 8: no character is lost in silence."""
        with pytest.raises(BadValue, match="charset"):
            Webpage.from_file(on_disk(tmp_path, page_html=b"\xef\xbb\xbf\xff"))

    def test_frames_are_warned_of(self, tmp_path: Path) -> None:
        """Mail has none, and who writes one would like to know."""
        path = on_disk(tmp_path, page_html="<iframe src=a.html></iframe>", a_html="x")

        with pytest.warns(PageWarning, match=r"frames.*'a\.html'"):
            assert Webpage.from_file(path) == Webpage("<iframe src=a.html></iframe>")

    def test_data_may_become_objects(self, tmp_path: Path) -> None:
        """By what they begin as, else by what the address says, as far as that is a type."""
        path = on_disk(
            tmp_path, page_html="<img src=data:x/y,GIF89a%01%00%01%00%00%00%00;><img src=data:x/y,a><img src=data:x,b>"
        )

        assert not Webpage.from_file(path).resources
        assert list(Webpage.from_file(path, attach_data=True).resources.values()) == [
            Image(GIF),
            Resource(b"a", "x/y"),
            Resource(b"b", "application/octet-stream"),
        ]

    @pytest.mark.skipif(sys.platform == "win32", reason="no file has such a name there")
    def test_a_name_that_no_field_can_hold_is_made_one(self, tmp_path: Path) -> None:
        """CR and LF are no part of a value."""
        (tmp_path / "a\n.png").write_bytes(PNG)

        assert only(Webpage.from_file(on_disk(tmp_path, page_html="<img src=a%0A.png>"))).filename == "a\ufffd.png"

    def test_a_page_in_the_folder_one_is_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A path need not be absolute."""
        on_disk(tmp_path, page_html="<img src=a.png>", a_png=PNG)
        monkeypatch.chdir(tmp_path)

        assert only(Webpage.from_file("page.html")) == Image(PNG, filename="a.png")

    def test_a_missing_page_is_named(self, tmp_path: Path) -> None:
        """A path that leads to no file."""
        with pytest.raises(MissingFile):
            Webpage.from_file(tmp_path / "page.html")

    @pytest.mark.parametrize(("path", "root"), [(io.BytesIO(b"<p>"), None), (3, None), ("page.html", 3)])
    def test_what_is_no_path_is_refused(
        self, path: Any, root: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An open file has no folder."""
        monkeypatch.chdir(on_disk(tmp_path, page_html="<p>").parent)
        with pytest.raises(BadValue, match="path"):
            Webpage.from_file(path, root)


class TestMistakes:
    @pytest.mark.parametrize("given", ["page.html", "a/b.HTM", "my page.xhtml"])
    def test_a_path_is_no_page(self, given: str) -> None:
        """A text is never taken for a path; but who gives one is told."""
        with pytest.raises(BadValue, match=r"may be its path, .*Webpage\.from_file"):
            Webpage(given)

    @pytest.mark.parametrize("given", ["<p>page.html", "See:\npage.html", "page.html!"])
    def test_what_may_be_a_page_is_one(self, given: str) -> None:
        """HTML is any text."""
        assert Webpage(given).html == given

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            pytest.param(b"<p>", "bytes; io.BytesIO", id="octets"),
            pytest.param(
                io.TextIOWrapper(io.BytesIO(b"\xe9"), "utf-8"), r"\(mode 'rb'\), and reading it failed", id="text"
            ),
        ],
    )
    def test_what_gives_no_page_is_refused(self, given: Any, problem: str) -> None:
        """A caller's mistake says what was expected and found."""
        with pytest.raises(BadValue, match=problem):
            Webpage(given)

    def test_an_object_that_nobody_knows_is_named(self) -> None:
        """There may be many."""
        page = Webpage("<img src=cid:a>", {"a": 5})

        with pytest.raises(NoHandler, match=r"int at 'a'; give an Image"):
            MIMEMessage().set_content(page, content_manager=ObjectManager)
