"""The page around the body."""

from __future__ import annotations

from mimekit.html import _outline
from mimekit.html._guard import Guard
from mimekit.html._resources import Resources
from mimekit.html._skeleton import page

_POLICY = (
    "default-src 'none'; img-src file: data:; media-src file:; font-src file: data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def _page(html: str, *, css: str = "", remote_images: bool = False) -> str:
    guard = Guard(Resources(None), str)
    return page(_outline.read(html), guard, css, "<p>a</p>", remote_images=remote_images)


def test_a_page_without_anything() -> None:
    """No doctype where there was none: with one, tables would have other sizes."""
    assert _page("") == (
        f'<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="referrer" content="no-referrer"></head><body><p>a</p></body></html>\n'
    )


def test_nothing_gets_out_of_its_place() -> None:
    """What the page says is text: in the title, in attributes, in the style."""
    made = _page("<title>&lt;/title>&lt;b></title><body text='\"><b>' id='a'>", css="a{}</style><b>")

    assert "<title>&lt;/title&gt;&lt;b&gt;</title><style>a{}\\3c /style>\\3c b></style></head>" in made
    assert '<body text="&quot;&gt;&lt;b&gt;" id="m-a"><p>' in made


def test_attributes_are_guarded() -> None:
    """A background is got without a click."""
    assert "<body><p>" in _page("<body background=http://u>")


def test_remote_images() -> None:
    """The policy knows of them."""
    assert "img-src file: data: https:;" in _page("", remote_images=True)
