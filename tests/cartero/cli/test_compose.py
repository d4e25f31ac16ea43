"""A message composed of a text, a page, files, and what the command line says."""

from __future__ import annotations

import gzip
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from cartero import BadMessage
from cartero.cli._compose import composed
from cartero.cli._exits import NoInputError, UsageError
from cartero.cli._parser import parse_options
from mimekit import MIMEMessage, parse
from mimekit.errors import BadValue

READY = b"From: me@example.org\nTo: you@example.org\nBcc: hid@example.org\nSubject: as it  is\n\nHi!\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"


def mail(octets: bytes, *arguments: str) -> tuple[MIMEMessage, None]:
    """What is composed of *octets* and *arguments*."""
    return composed(octets.decode(), parse_options(arguments)), None


def page(*arguments: str | Path, text: str = "") -> MIMEMessage:
    """What is composed of *text* and *arguments*, written and read again."""
    options = parse_options(["-f", "me@x.org", *map(str, arguments), "you@x.org"])
    return parse(bytes(composed(text, options)))


class TestFiles:
    """Files of the command line."""

    @pytest.mark.parametrize(
        ("name", "octets", "media_type"),
        [
            pytest.param("a.pdf", b"%PDF\r\n\0", "application/pdf", id="usual-pdf"),
            pytest.param("März.png", b"\x89PNG", "image/png", id="usual-picture"),
            pytest.param("a.txt", b"one\r\ntwo\n", "text/plain", id="usual-text"),
            pytest.param("a.nonsense", b"\0", "application/octet-stream", id="odd-unknown"),
            pytest.param("a.tar.gz", gzip.compress(b"x"), "application/gzip", id="odd-compressed"),
            pytest.param("a.tar.xz", b"x", "application/xz", id="odd-otherwise-compressed"),
            pytest.param("a", b"Hi!", "text/plain", id="odd-no-extension"),
        ],
    )
    def test_a_file_comes_back_octet_for_octet(self, tmp_path: Path, name: str, octets: bytes, media_type: str) -> None:
        """Under its name, with the type its name says."""
        (tmp_path / name).write_bytes(octets)

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", str(tmp_path / name), "you@x.org")

        text, attachment = parse(bytes(message)).parts
        assert text.get_content() == "Hi!"
        assert (attachment.get_filename(), attachment.octets) == (name, octets)
        assert (attachment.get_content_type(), attachment.is_attachment()) == (media_type, True)

    @pytest.mark.parametrize(
        ("octets", "charset"),
        [
            pytest.param("Grüße".encode(), "utf-8", id="usual-utf8"),
            pytest.param("Grüße".encode("latin-1"), "windows-1252", id="odd-other"),
            pytest.param(b"Gr", "us-ascii", id="usual-ascii"),
        ],
    )
    def test_a_text_file_says_its_charset_if_it_is_known(
        self, tmp_path: Path, octets: bytes, charset: str | None
    ) -> None:
        """RFC 2046, section 4.1.2: without a charset it is US-ASCII."""
        (tmp_path / "a.csv").write_bytes(octets)

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", str(tmp_path / "a.csv"), "you@x.org")

        assert message.parts[1].get_content_charset() == charset
        assert message.parts[1].octets == octets

    def test_a_message_is_attached_as_a_message(self, tmp_path: Path) -> None:
        """RFC 2046, section 5.2.1: message/rfc822 is not encoded."""
        (tmp_path / "a.eml").write_bytes(READY)

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", str(tmp_path / "a.eml"), "you@x.org")

        attachment = parse(bytes(message)).parts[1]
        assert attachment.get_content_type() == "message/rfc822"
        assert attachment.parts[0]["Subject"] == "as it  is"

    @pytest.mark.parametrize("name", ["missing", ""])
    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path, name: str) -> None:
        """The folder itself is none either."""
        with pytest.raises(NoInputError, match="cannot read"):
            mail(b"Hi!", "-f", "me@x.org", "-a", f"{tmp_path}/{name}", "you@x.org")

    @pytest.mark.parametrize(
        ("name", "read"),
        [
            pytest.param(b"caf\xe9.pdf", "café.pdf", id="usual-latin-1"),
            pytest.param(b"\x80 5.pdf", "€ 5.pdf", id="usual-windows-1252"),
            pytest.param(b"a\x81\xff.pdf", "a\ufffdÿ.pdf", id="odd-neither"),
        ],
    )
    def test_a_name_that_is_no_utf8_is_read_as_windows_1252(self, tmp_path: Path, name: bytes, read: str) -> None:
        """Where such names come from."""
        file = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - of octets
        with open(file, "wb") as written:  # noqa: PTH123
            written.write(b"%PDF")

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", os.fsdecode(file), "you@x.org")

        assert parse(bytes(message)).parts[1].get_filename() == read

    def test_a_file_that_mail_cannot_carry_is_named(self, tmp_path: Path) -> None:
        """A name of two lines, for one."""
        file = tmp_path / "a\nb.pdf"
        file.write_bytes(b"%PDF")

        with pytest.raises(BadMessage, match="cannot attach") as caught:
            mail(b"Hi!", "-f", "me@x.org", "-a", str(file), "you@x.org")

        assert isinstance(caught.value.__cause__, BadValue)

    def test_a_large_file_is_not_read_into_memory(self, tmp_path: Path) -> None:
        """It is encoded a piece at a time when the message is written."""
        file = tmp_path / "a.bin"
        with file.open("wb") as written:
            written.seek(30_000_000)
            written.write(b"\xff")
        tracemalloc.start()

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", str(file), "you@x.org")
        size = sum(len(piece) for piece in message.iter_bytes())

        assert size > 40_000_000
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
        tracemalloc.stop()

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe_is_read_at_once(self, tmp_path: Path) -> None:
        """As in a shell's ``-a <(command)``; it cannot be read twice."""
        pipe = tmp_path / "63"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(b"%PDF-1.7\n",))
        writer.start()

        message, _ = mail(b"Hi!", "-f", "me@x.org", "-a", str(pipe), "you@x.org")

        writer.join()
        assert (message.parts[1].octets, message.parts[1].get_content_type()) == (b"%PDF-1.7\n", "application/pdf")


class TestPage:
    """A page from disk."""

    def test_it_has_its_images_and_a_text(self, tmp_path: Path) -> None:
        """RFC 2046, section 5.1.4: the text comes first, and says what the page says."""
        (tmp_path / "logo.png").write_bytes(PNG)
        (tmp_path / "page.html").write_text('<h1>Hello</h1><img src="logo.png">', encoding="utf-8")

        message = page("--html", tmp_path / "page.html")

        text, related = message.parts
        assert (text.get_content_type(), text.get_text().strip()) == ("text/plain", "Hello")
        shown, image = related.parts
        assert (image.octets, str(image["Content-ID"])[1:-1] in str(shown.get_content())) == (PNG, True)

    def test_the_text_on_standard_input_is_its_other_version(self, tmp_path: Path) -> None:
        """Where there is one."""
        (tmp_path / "page.html").write_text("<p>Grüße", encoding="utf-8")

        message = page("--html", tmp_path / "page.html", "-a", tmp_path / "page.html", text="Greetings\n")

        body, attachment = message.parts
        assert [str(part.get_content()).strip() for part in body.parts] == ["Greetings", "<p>Grüße"]
        assert attachment.get_filename() == "page.html"

    def test_its_charset_is_that_of_the_file(self, tmp_path: Path) -> None:
        """It says so itself, and that stays true."""
        (tmp_path / "page.html").write_bytes("<meta charset=iso-8859-15><p>5 €".encode("iso-8859-15"))

        message = page("--html", tmp_path / "page.html")

        assert message.parts[1].get_content_charset() == "iso-8859-15"
        assert message.parts[1].get_content() == "<meta charset=iso-8859-15><p>5 €"

    def test_an_inline_file_is_shown_by_its_name(self, tmp_path: Path) -> None:
        """RFC 2392, section 2: ``cid:`` and the Content-ID."""
        (tmp_path / "logo.png").write_bytes(PNG)
        (tmp_path / "mail").mkdir()
        (tmp_path / "mail" / "page.html").write_text('<img src="cid:logo.png">', encoding="utf-8")

        message = page("--html", tmp_path / "mail" / "page.html", "--inline", tmp_path / "logo.png")

        image = message.parts[1].parts[1]
        assert (image["Content-ID"], image.get_content_disposition()) == ("<logo.png>", "inline")
        assert image.octets == PNG

    @pytest.mark.parametrize(
        ("html", "arguments", "problem"),
        [
            pytest.param('<img src="cid:logo.png">', [], "'logo.png'; what it shows as cid:NAME is", id="usual-none"),
            pytest.param("<p>", ["--inline", "logo.png"], "does not refer by cid: to .*'logo.png'", id="usual-unseen"),
            pytest.param('<img src="../x.png">', [], "outside its folder", id="hostile-elsewhere"),
        ],
    )
    def test_a_page_that_is_not_whole_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, html: str, arguments: list[str], problem: str
    ) -> None:
        """The text says what is missing, and what to do."""
        monkeypatch.chdir(tmp_path)
        Path("logo.png").write_bytes(PNG)
        Path("page.html").write_text(html, encoding="utf-8")

        with pytest.raises(BadMessage, match=problem):
            page("--html", "page.html", *arguments)

    def test_a_missing_image_is_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        """As is a missing page."""
        (tmp_path / "page.html").write_text('<img src="logo.png">', encoding="utf-8")

        with pytest.raises(NoInputError, match=r"refers to files that are missing: 'logo\.png'"):
            page("--html", tmp_path / "page.html")
        with pytest.raises(NoInputError, match=r"cannot read .*none.html: No such file"):
            page("--html", tmp_path / "none.html")

    def test_what_mail_has_not_is_said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The page goes all the same."""
        (tmp_path / "page.html").write_text('<iframe src="x.html"></iframe><p>Hi!', encoding="utf-8")
        (tmp_path / "x.html").write_text("<p>", encoding="utf-8")

        page("--html", tmp_path / "page.html")

        assert "has pages in frames, which mail has not: 'x.html'" in capsys.readouterr().err


class TestInline:
    """A picture beside a text."""

    def test_it_is_shown_behind_the_text(self, tmp_path: Path) -> None:
        """RFC 2183, section 2.1: inline, in mail programs that can."""
        (tmp_path / "a.png").write_bytes(PNG)

        message = page("--inline", tmp_path / "a.png", "-a", tmp_path / "a.png", text="See:")

        assert [part.get_content_disposition() for part in message.parts] == [None, "inline", "attachment"]


class TestRecipients:
    """Who stands in To."""

    def test_a_file_of_recipients_adds_to_them(self, tmp_path: Path) -> None:
        """One on each line."""
        file = tmp_path / "list"
        file.write_text("Ana <ana@x.org>\n", encoding="utf-8")

        assert page("--recipients", file)["To"] == "you@x.org, Ana <ana@x.org>"

    def test_nobody_is_refused(self) -> None:
        """The text says what to do."""
        with pytest.raises(UsageError, match="name them, or a file of them with --recipients"):
            composed("Hi!", parse_options(["-f", "me@x.org"]))
