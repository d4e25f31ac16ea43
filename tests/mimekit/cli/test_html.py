"""``mimekit html``: a message as a page that is safe to open in a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mimekit import Image, MIMEMessage, Webpage
from mimekit.cli import main

Write = Callable[[bytes], str]
Give = Callable[[bytes], None]
PAGE = (
    b"Content-Type: text/html; charset=utf-8\n\n<p onclick=x()>caf\xc3\xa9<script>x()</script><img src=https://w/x.png>"
)
MBOX = b"From a@b Thu Aug 22 12:46:39 2002\nSubject: one\n\n1\n\nFrom a@b Thu Aug 22 12:46:40 2002\nSubject: two\n\n2\n"


def body(page: str) -> str:
    """What stands in its body."""
    return page[page.index("<body>") + 6 : page.index("</body>")]


@pytest.fixture(autouse=True)
def _sanitiser() -> None:
    pytest.importorskip("nh3", reason="the extra html is not installed")


class TestPrinted:
    def test_the_page_is_sanitised(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """SECURITY: nothing in it runs, or is got from elsewhere."""
        assert main(["html", write(PAGE)]) == 0
        assert body(capsys.readouterr().out) == "<p>café<img></p>"

    def test_images_of_the_web_by_request(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Who sent it sees that they are got."""
        assert main(["html", "--remote-images", write(PAGE)]) == 0
        assert "https://w/x.png" in body(capsys.readouterr().out)

    def test_a_text_becomes_a_page(self, give: Give, capsys: pytest.CaptureFixture[str]) -> None:
        """With nothing in it taken for markup, and lines as they are."""
        give(b"Subject: a < b\n\n\n<script>x()</script> &amp;\n  b\n")

        assert main(["html"]) == 0

        page = capsys.readouterr().out
        assert "<title>a &lt; b</title>" in page
        assert body(page) == ('<pre style="white-space:pre-wrap">&lt;script&gt;x()&lt;/script&gt; &amp;amp;\n  b</pre>')

    def test_one_page_is_one_message(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        """Two pages behind each other are none."""
        assert main(["html", write(MBOX)]) == 64

        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("mimekit: more than one message")

    def test_where_nothing_can_be_read_nothing_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """But an error."""
        assert main(["html", "no/such.eml"]) == 66
        assert capsys.readouterr().out == ""


class TestInAFolder:
    def test_images_stand_beside_the_page(
        self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The path of the page is printed."""
        logo = Image(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
        message = MIMEMessage().set_content(Webpage('<p><img src="cid:logo">', {"logo": logo}))
        message.add_attachment(b"x", "application", "pdf", filename="a.pdf")

        assert main(["html", "-d", str(tmp_path), write(bytes(message))]) == 0

        assert capsys.readouterr().out == f"{tmp_path / 'page.html'}\n"
        assert 'src="page_files/image-1.png"' in (tmp_path / "page.html").read_text("utf-8")
        assert (tmp_path / "page_files" / "image-1.png").is_file()

    def test_each_message_has_its_page(self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """None is written over another."""
        assert main(["html", "--remote-images", "-d", str(tmp_path), write(MBOX), write(PAGE)]) == 0

        pages = [Path(line).read_text("utf-8") for line in capsys.readouterr().out.splitlines()]
        assert ["1" in pages[0], "2" in pages[1], "https://w/x.png" in pages[2]] == [True, True, True]

    def test_a_folder_that_is_not_there_is_missed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Before anything is read."""
        assert main(["html", "-d", "no/such/folder"]) == 66
        assert capsys.readouterr().err == "mimekit: there is no folder no/such/folder\n"


def test_without_the_extra_there_is_no_page(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SECURITY: never one that is not sanitised."""
    monkeypatch.delitem(sys.modules, "mimekit.html._cleaner", raising=False)
    monkeypatch.delattr("mimekit.html._cleaner", raising=False)
    monkeypatch.setitem(sys.modules, "nh3", None)

    assert main(["html", write(PAGE)]) == 69

    out, err = capsys.readouterr()
    assert out == ""
    assert err == "mimekit: sanitising needs nh3, which is not installed: pip install 'cartero-mail[html]'\n"
