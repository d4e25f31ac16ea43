"""The three examples at the end of the email6 proposal: what comes of them, as others read it."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mimekit import FileManager, Image, MIMEMessage, Webpage, parse
from tests import attacks, chromium

PAGE = '<p>My test <img src="cid:image1"></p>\n'
TEXT = "My test [image1]\n"
Make = Callable[[], MIMEMessage]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of the examples, in the folder where they are run."""
    monkeypatch.chdir(tmp_path)
    Path("myimage.jpg").write_bytes(base64.b64decode(attacks.PIXEL))
    Path("spreadsheet.xml").write_bytes(b"<?xml version='1.0'?><sheet/>")


def by_parts() -> MIMEMessage:
    """The first: each part by itself, files by their paths."""
    msg = MIMEMessage()
    msg["To"] = "email-sig@python.org"
    msg["From"] = "rdmurray@bitdance.com"
    msg["Subject"] = "A sample basic modern email"
    msg.set_content(TEXT)
    rel = MIMEMessage()
    rel.set_content(PAGE, "html")
    rel.add_related("myimage.jpg", cid="image1", content_manager=FileManager)
    msg.make_alternative()
    msg.add_alternative(rel)
    msg.add_attachment("spreadsheet.xml", content_manager=FileManager)
    return msg


def by_page() -> MIMEMessage:
    """The second: a page with its images."""
    msg = MIMEMessage()
    msg["To"] = "email-sig@python.org"
    msg["From"] = "rdmurray@bitdance.com"
    msg["Subject"] = "A sample basic modern email"
    msg.set_content(TEXT)
    rel = Webpage(PAGE, {"image1": Image("myimage.jpg")})
    msg.add_alternative(rel)
    msg.add_attachment("spreadsheet.xml", content_manager=FileManager)
    return msg


def by_page_alone() -> MIMEMessage:
    """The third: the text follows from the page."""
    msg = MIMEMessage()
    msg["To"] = "email-sig@python.org"
    msg["From"] = "rdmurray@bitdance.com"
    msg["Subject"] = "A sample basic modern email"
    body = Webpage(PAGE, {"image1": Image("myimage.jpg")})
    msg.set_content(body)
    msg.add_attachment("spreadsheet.xml", content_manager=FileManager)
    return msg


EXAMPLES = pytest.mark.parametrize("make", [by_parts, by_page, by_page_alone])


@EXAMPLES
def test_the_standard_library_reads_it(make: Make) -> None:
    """Structure, text, page, image and file, and how they stand to each other."""
    theirs: Any = email.message_from_bytes(bytes(make()), policy=email.policy.default)

    assert [part.get_content_type() for part in theirs.walk()][:5] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
    ]
    assert not any(part.defects for part in theirs.walk())
    text = "My test" if make is by_page_alone else "My test [image1]"
    assert theirs.get_body(("plain",)).get_content().strip() == text
    assert theirs.get_body(("html",)).get_content().replace("\r\n", "\n") == PAGE
    related = theirs.get_body(("related",))
    [image] = related.iter_attachments()
    assert (image["content-id"], image.get_content()) == ("<image1>", Path("myimage.jpg").read_bytes())
    [sheet] = theirs.iter_attachments()
    assert (sheet.get_filename(), sheet.get_payload(decode=True)) == (
        "spreadsheet.xml",
        Path("spreadsheet.xml").read_bytes(),
    )


@EXAMPLES
def test_it_comes_back(make: Make) -> None:
    """As the page it was."""
    received = parse(bytes(make()))

    page: Any = received.get_body().get_content()  # type: ignore[union-attr]  # it has one

    assert page.html == PAGE
    assert page.resources["image1"].octets == Path("myimage.jpg").read_bytes()


@pytest.mark.browser
@EXAMPLES
def test_a_browser_shows_it(make: Make, tmp_path: Path) -> None:
    """The proposal: if the filename returned were passed to a web browser, it could actually display the content."""
    received = parse(bytes(make()))
    path: Any = received.get_body().get_content(content_manager=FileManager(tmp_path))  # type: ignore[union-attr]

    with chromium.started(tmp_path / "profile") as browser:
        visit = browser.visit(Path(path))

    assert visit.images == {"page_files/image-1.gif": 1}
    assert (visit.dialogs, visit.scripts) == ([], 0)
    assert [Path(url).name for url in visit.requests] == ["image-1.gif"]
