"""A received page as files: sanitised, with the images it shows beside it."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from mimekit import BadValue, ChangedFile, FileManager, Forbidden, MIMEMessage, MIMEPart, MissingFile, parse
from mimekit.content._names import Names, parts_by_id
from mimekit.content.pagefiles import _Images, save_page
from tests.trees import leaf, multipart

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))
GIF = b"GIF89a" + bytes(40)


def related(html: str, *parts: bytes, fields: str = "") -> MIMEMessage:
    """A page with these beside it, as it was received."""
    return parse(multipart("related", leaf("text/html; charset=utf-8", html, fields), *parts))


def image(cid: str = "a@b", octets: bytes = PNG, kind: str = "image/png", fields: str = "") -> bytes:
    """A part with something that a page may show."""
    coded = f"Content-Transfer-Encoding: base64\nContent-ID: <{cid}>" + (f"\n{fields}" if fields else "")
    return leaf(kind, base64.b64encode(octets).decode(), coded)


def sources(path: str) -> list[str]:
    """What the images of a page lead to."""
    return re.findall(r'<img src="([^"]*)"', Path(path).read_text(encoding="utf-8"))


class TestAPage:
    def test_it_shows_what_stands_beside_it(self, tmp_path: Path) -> None:
        """A browser that opens it finds the images where it looks for them."""
        path = save_page(
            related('<img src="cid:a@b"><img src="cid:c">', image(), image("c", GIF, "image/gif")), str(tmp_path)
        )

        assert Path(path) == tmp_path / "page.html"
        assert sources(path) == ["page_files/image-1.png", "page_files/image-2.gif"]
        assert (tmp_path / "page_files" / "image-1.png").read_bytes() == PNG
        assert (tmp_path / "page_files" / "image-2.gif").read_bytes() == GIF

    def test_it_is_sanitised(self, tmp_path: Path) -> None:
        """No script of a stranger's runs on your disk."""
        path = save_page(related("<p onclick=alert(1)>Grüße<script>alert(2)</script>"), str(tmp_path))

        text = Path(path).read_text(encoding="utf-8")
        assert "Grüße" in text
        assert "alert" not in text

    def test_nothing_is_written_that_it_does_not_show(self, tmp_path: Path) -> None:
        """A page without images has no folder."""
        save_page(related("<p>", image()), str(tmp_path))

        assert [path.name for path in tmp_path.iterdir()] == ["page.html"]

    def test_nothing_is_written_over(self, tmp_path: Path) -> None:
        """What stands there keeps its name, and the new page and its folder get a number."""
        message = related('<img src="cid:a@b">', image())
        save_page(message, str(tmp_path))

        path = save_page(message, str(tmp_path))

        assert Path(path).name == "page (2).html"
        assert sources(path) == ["page_files%20%282%29/image-1.png"]

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            pytest.param("letter.htm", "letter.html", id="its own ending"),
            pytest.param("../../x.exe", "x.html", id="a path and a program"),
            pytest.param(".htaccess", "htaccess.html", id="hidden"),
            pytest.param("x" * 300, "x" * 200 + ".html", id="long"),
            pytest.param("CON", "_CON.html", id="a device"),
        ],
    )
    def test_it_is_called_as_it_calls_itself(self, tmp_path: Path, name: str, expected: str) -> None:
        """But never something else than a page, nor elsewhere."""
        page = related("<p>", fields=f'Content-Disposition: inline; filename="{name}"')

        assert Path(save_page(page, str(tmp_path))) == tmp_path / expected

    def test_a_page_alone_shows_what_stands_around_it(self, tmp_path: Path) -> None:
        """QUIRK: senders put images into a mixed, beside the page that shows them."""
        message = parse(multipart("mixed", leaf("text/html", '<img src="cid:a@b">'), image()))

        path = save_page(message.parts[0], str(tmp_path), around=message)

        assert sources(path) == ["page_files/image-1.png"]

    def test_versions_of_a_page_may_stand_inside(self, tmp_path: Path) -> None:
        """QUIRK: Apple Mail makes a related of an alternative and images."""
        versions = multipart("alternative", leaf(), leaf("text/html", '<img src="cid:a@b">'))
        path = save_page(parse(multipart("related", versions, image())), str(tmp_path))

        assert sources(path) == ["page_files/image-1.png"]


class TestImages:
    def test_their_names_are_not_the_senders(self, tmp_path: Path) -> None:
        """SECURITY: the ending decides which program opens a file; it follows from the octets."""
        path = save_page(
            related(
                '<img src="cid:a@b">', image(kind="text/html", fields="Content-Disposition: inline; filename=a.hta")
            ),
            str(tmp_path),
        )

        assert sources(path) == ["page_files/image-1.png"]

    @pytest.mark.parametrize(
        ("octets", "kind", "written"),
        [
            pytest.param(PNG, "application/octet-stream", ["image-1.png"], id="told by its octets"),
            pytest.param(b"damaged", "image/jpeg", ["image-1.jpg"], id="told by its type"),
            pytest.param(
                b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", [], id="a page that is called one"
            ),
            pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", [], id="and in disguise"),
            pytest.param(b"%PDF-1.7", "image/png", [], id="something else"),
            pytest.param(b"text", "text/plain", [], id="no image"),
        ],
    )
    def test_only_images_are_written(self, tmp_path: Path, octets: bytes, kind: str, written: list[str]) -> None:
        """What runs something when it is opened is left out."""
        save_page(related('<p>x<img src="cid:a@b">', image(octets=octets, kind=kind)), str(tmp_path))

        assert [path.name for path in tmp_path.rglob("image-*")] == written

    def test_one_part_is_one_file(self, tmp_path: Path) -> None:
        """However often it is shown."""
        html = '<img src="cid:a@b"><p style="background: url(cid:a%40b)"><img src="http://x/a.png">'
        path = save_page(related(html, image(fields="Content-Location: http://x/a.png")), str(tmp_path))

        assert sources(path) == ["page_files/image-1.png"] * 2
        assert len(list(tmp_path.rglob("image-*"))) == 1

    def test_places_may_be_relative(self, tmp_path: Path) -> None:
        """RFC 2557, section 5: a relative address starts from the Content-Location around it."""
        page = related(
            '<img src="a.png">',
            image(fields="Content-Location: http://x/y/a.png"),
            fields="Content-Location: http://x/y/index.html",
        )

        assert sources(save_page(page, str(tmp_path))) == ["page_files/image-1.png"]

    def test_a_sheet_goes_into_the_page(self, tmp_path: Path) -> None:
        """It is filtered, and what it shows is a file, too."""
        sheet = leaf(
            "text/css", "p { color: red; background: url(cid:a@b) } @import url(http://x/y);", "Content-ID: <s>"
        )
        html = "".join(f'<link rel=stylesheet href="cid:{cid}">' for cid in ("s", "a@b", "nothing")) + "<p>x"

        text = Path(save_page(related(html, sheet, image()), str(tmp_path))).read_text(encoding="utf-8")

        assert "color: red" in text.replace("color:red", "color: red")
        assert "page_files/image-1.png" in text
        assert "http://x" not in text


class TestFailures:
    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(leaf("text/plain"), id="a text"),
            pytest.param(multipart("related", leaf("image/png")), id="a related that begins with something else"),
            pytest.param(multipart("mixed", leaf("text/html")), id="another multipart"),
        ],
    )
    def test_where_there_is_no_page_it_says_so(self, tmp_path: Path, source: bytes) -> None:
        """A caller's mistake."""
        with pytest.raises(Forbidden, match="does not begin with a page"):
            save_page(parse(source), str(tmp_path))

    def test_what_is_no_part_is_refused(self, tmp_path: Path) -> None:
        """As where `get_body` found nothing."""
        nothing: Any = None

        with pytest.raises(BadValue, match="expected a part with a page, found NoneType"):
            save_page(nothing, str(tmp_path))

    def test_a_missing_directory_is_named(self, tmp_path: Path) -> None:
        """With images and without."""
        for html in ("<p>", '<img src="cid:a@b">'):
            with pytest.raises(MissingFile, match="nowhere"):
                save_page(related(html, image()), str(tmp_path / "nowhere"))

    def test_nothing_is_left_behind(self, tmp_path: Path) -> None:
        """Half a page helps nobody."""
        source = tmp_path / "a.png"
        source.write_bytes(PNG)
        target = tmp_path / "target"
        target.mkdir()
        message = MIMEMessage().set_content('<img src="cid:b"><img src="cid:a"><img src="cid:c">', "html")
        message.add_related(GIF, "image", "gif", cid="b")
        message.add_related(GIF, "image", "gif", cid="c")
        message.add_related(str(source), cid="a", content_manager=FileManager)
        source.write_bytes(PNG + b"more")

        with pytest.raises(ChangedFile):
            save_page(message, str(target))

        assert list(target.iterdir()) == []

    def test_what_others_do_meanwhile_hides_no_error(self, tmp_path: Path) -> None:
        """An image that is gone, a file that came: what is told is what went wrong, and nobody's file is lost."""
        message = related("", image(), image("c"), image("d"))
        images = _Images(Names(parts_by_id(message.parts[1:]), message, message.parts[0]), str(tmp_path), "page_files")
        folder = tmp_path / "page_files"
        images.resolve("cid:a@b")
        images.resolve("cid:c")
        (folder / "image-1.png").unlink()
        (folder / "mine").touch()

        images.remove()

        assert [path.name for path in folder.iterdir()] == ["mine"]

    def test_a_folder_that_goes_meanwhile_is_named(self, tmp_path: Path) -> None:
        """And there is no page without its images."""
        message = related("", image(), image("c"), image("d"))
        images = _Images(Names(parts_by_id(message.parts[1:]), message, message.parts[0]), str(tmp_path), "page_files")
        images.resolve("cid:a@b")
        shutil.rmtree(tmp_path / "page_files")

        assert images.resolve("cid:c") is None
        assert images.resolve("cid:d") is None

        with pytest.raises(MissingFile, match="page_files"):
            images.check()
        images.remove()
        assert list(tmp_path.iterdir()) == []


def test_the_file_manager_gives_a_related_so(tmp_path: Path) -> None:
    """The email6 proposal: the filename returned, passed to a web browser, displays the content."""
    message = related('<img src="cid:a@b"><img src="https://x.example/y.png">', image())

    path: Any = message.get_content(content_manager=FileManager(tmp_path))
    shown: Any = message.get_content(remote_images=True, content_manager=FileManager(tmp_path))

    assert sources(path) == ["page_files/image-1.png"]
    assert sources(shown) == ["page_files%20%282%29/image-1.png", "https://x.example/y.png"]


def test_a_related_that_could_not_be_opened_is_a_file(tmp_path: Path) -> None:
    """Bad mail is never an exception."""
    path: Any = MIMEPart.get_content(
        parse(b"Content-Type: multipart/related\n\nunopened"), content_manager=FileManager(tmp_path)
    )

    assert Path(path).read_bytes() == b"unopened"
