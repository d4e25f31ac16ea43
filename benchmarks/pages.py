"""The pages of real mail made safe, and made text: by us, and the same or a part of it by others."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable

import mimekit
from mimekit.html._cleaner import OPTIONS
from mimekit.html.sanitize import sanitize
from mimekit.html.totext import totext

NH3 = "nh3"
INSCRIPTIS = "inscriptis"
Clean = Callable[..., str]
Texts = Callable[[Iterable[str]], list[str]]


def of(messages: Iterable[bytes]) -> list[str]:
    """The text of every HTML part of *messages*."""
    parts = (part for octets in messages for part in mimekit.parse(octets).walk())
    return [str(part.get_content()) for part in parts if part.get_content_type() == "text/html"]


def sanitised(pages: Iterable[str]) -> list[str]:
    """Each as a page of its own, with an image for whatever it asks for."""
    return [sanitize(page, resolve=lambda _reference: "image.png") for page in pages]


def cleaned(pages: Iterable[str]) -> list[str]:
    """The body of each by nh3: no look at addresses and styles, no head, nothing against pages that take long."""
    clean: Clean = importlib.import_module("nh3").clean
    return [clean(page, **OPTIONS) for page in pages]


def texts(pages: Iterable[str]) -> list[str]:
    """Each as plain text."""
    return [totext(page) for page in pages]


def texts_by_inscriptis() -> Texts | None:
    """The same by inscriptis, with the addresses of links; None where it is not installed."""
    try:
        inscriptis = importlib.import_module("inscriptis")
        settings = importlib.import_module("inscriptis.model.config")
    except ImportError:
        return None
    config = settings.ParserConfig(display_links=True)
    return lambda pages: [inscriptis.get_text(page, config) for page in pages]
