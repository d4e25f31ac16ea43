"""Sanitised pages in a real browser: it asks for nothing but files beside the page, and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from mimekit.html.sanitize import sanitize
from tests import attacks, chromium, corpora

pytestmark = pytest.mark.browser

Show = Callable[[str], chromium.Visit]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Chromium]:
    """One for all pages."""
    with chromium.started(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def show(browser: chromium.Chromium, tmp_path: Path) -> Show:
    """Shows a page that stands beside the images of the attack pages."""
    attacks.extract(tmp_path)
    path = tmp_path / "page.html"

    def show(html: str) -> chromium.Visit:
        path.write_text(html, encoding="utf-8", errors="replace")
        visit = browser.visit(path)
        return visit._replace(requests=[url for url in visit.requests if not _is_beside(url, tmp_path)])

    return show


def _is_beside(url: str, folder: Path) -> bool:
    asked = urlsplit(url)
    path = Path(unquote(asked.path))
    return asked.scheme == "file" and not asked.netloc and path.is_relative_to(folder) and path.is_file()


def _does_something(visit: chromium.Visit) -> bool:
    return bool(visit.requests or visit.dialogs or visit.scripts)


def test_unsanitised_attacks_do_something(show: Show) -> None:
    """The control: were nothing seen here, nothing would be proven by the others."""
    visits = [show(page.html) for page in attacks.pages()]

    assert sum(map(_does_something, visits)) > 70
    assert sum(bool(visit.requests) for visit in visits) > 50
    assert sum(bool(visit.dialogs) for visit in visits) > 10
    assert sum(bool(visit.scripts) for visit in visits) > 15


@pytest.mark.parametrize("remote_images", [False, True], ids=["local", "remote"])
def test_sanitised_attacks_do_nothing(show: Show, *, remote_images: bool) -> None:
    """No request, no dialog, no script; also where https images may be got, as no attack asks for one."""
    found = {
        page.name: visit
        for page in attacks.pages()
        if _does_something(
            visit := show(
                sanitize(
                    page.html,
                    resolve=attacks.resolve,
                    stylesheet=attacks.stylesheet,
                    remote_images=remote_images,
                )
            )
        )
    }

    assert found == {}


def test_images_of_the_message_are_shown(show: Show) -> None:
    """They are loaded from beside the page, as elements and by CSS, with the policy that stands in it."""
    visit = show(
        sanitize(
            "<img src=cid:logo@mk><img srcset='cid:a+b/c@mk 2x'><img src=cid:unknown@mk>"
            "<body background=cid:bg@mk>"
            f"<img src='data:image/gif;base64,{attacks.PIXEL}'>",
            resolve=attacks.resolve,
        )
    )

    assert visit.images["logo.png"] == 1
    assert not _does_something(visit)
    assert max(width for address, width in visit.images.items() if address.startswith("data:")) == 1


def test_remote_images_are_asked_for_by_request(show: Show) -> None:
    """And nothing else is."""
    html = (
        "<img src=https://leak.test/a><p style='background:url(https://leak.test/b)'>c</p><img src=http://leak.test/d>"
        "<script src=https://leak.test/e></script><link rel=stylesheet href=https://leak.test/f>"
    )

    assert sorted(show(sanitize(html, remote_images=True)).requests) == ["https://leak.test/a", "https://leak.test/b"]
    assert show(sanitize(html)).requests == []


def test_a_link_to_a_place_on_the_page_finds_it(browser: chromium.Chromium, tmp_path: Path) -> None:
    """Names are other ones than they were, and so are the addresses that lead to them."""
    page = tmp_path / "page.html"
    page.write_text(sanitize("<a href=#x>a</a><div style='height:9000px'></div><a name=x>b</a>"), encoding="utf-8")

    assert browser.scrolled_by_link(page) > 0


@pytest.mark.corpus
def test_real_pages_do_nothing(show: Show) -> None:
    """Every page of real mail, with an image for whatever it asks for."""
    pages = corpora.required_pages()
    visits = [show(sanitize(html, resolve=lambda _: "logo.png")) for html in pages]

    assert [visit for visit in visits if _does_something(visit)] == []
    assert {visit.images.get("logo.png", 1) for visit in visits} == {1}
