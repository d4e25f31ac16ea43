"""HTML of received mail as a page that is safe to open from disk."""

from __future__ import annotations

import re

from .._grammar import check_str
from ..errors import BadValue, MissingExtra
from . import _nesting, _outline, _skeleton
from ._guard import Guard
from ._resources import Resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ._css import Styles

__all__ = ["sanitize"]

_SURROGATES = re.compile("[\ud800-\udfff]")


def sanitize(
    html: str,
    *,
    resolve: Callable[[str], str | None] | None = None,
    stylesheet: Callable[[str], str | None] | None = None,
    remote_images: bool = False,
    base: str | None = None,
) -> str:
    r"""*html* as a whole page that, opened in a browser, runs nothing and gets nothing but files beside it.

    What is allowed is kept and all else goes: scripts and handlers, forms, frames, embedded objects, SVG and MathML,
    addresses that a browser would get without a click, CSS that could get something or move it out of its place.
    The time this takes grows with the size of *html*, and no *html* is an exception. Write the page as UTF-8.

    Args:
        html: the page or piece of a page, decoded.
        resolve: asked for every address of an image or background, in attributes and CSS: as it stands there but for
            white space around it and line ends in it, and made whole where it is relative to something known. Gives
            the name of the file beside the page, or None to leave the image out. What it raises leaves it out too.
        stylesheet: asked in the same way for every ``<link rel="stylesheet">``; gives the text of the sheet, which is
            filtered and written into the page, or None.
        remote_images: whether images and backgrounds may be got by ``https:``. Who sent the mail sees that, and when.
        base: the address that the page's own are relative to, such as its Content-Location (RFC 2557, section 4). A
            ``<base>`` of the page comes before it.

    Raises:
        BadValue: *html* is no `str`, or *resolve* or *stylesheet* no function.
        MissingExtra: nh3 or tinycss2 is not installed.

    >>> page = sanitize("<p onclick=alert(1)>Hello<script src=http://u></script> <img src=cid:a@b>")
    >>> page[page.index("<body>") :]
    '<body><p>Hello <img></p></body></html>\n'
    """
    check_str(html, "a page")
    for name, given in (("resolve", resolve), ("stylesheet", stylesheet)):
        if not (given is None or callable(given)):
            raise BadValue(
                f"{name} is a function of an address, not {type(given).__qualname__}; a mapping has its .get"
            )
    cleaner, styles_room = _extra()
    if not html.isascii():
        html = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", html)
    outline = _outline.read(html)
    left = outline.html
    if _nesting.is_steep(outline.tags, outline.formats, len(left)):
        left = _nesting.limit(left)
    resources = Resources(resolve, base=base, remote=remote_images).below(outline.base)
    styles = styles_room.Styles(resources)
    guard = Guard(resources, styles.attribute, html)
    css = "\n".join(filter(None, _sheets(outline, resources, styles, stylesheet)))
    return _skeleton.page(outline, guard, css, cleaner.clean(left, guard), remote_images=remote_images)


def _extra() -> tuple[ModuleType, ModuleType]:
    """The rooms that need the extra, which few callers of mimekit have."""
    try:
        from . import _cleaner, _css  # noqa: PLC0415
    except ImportError as missing:
        # SECURITY: never a page that is not sanitised.
        raise MissingExtra(
            f"sanitising needs {missing.name}, which is not installed: pip install 'cartero-mail[html]'"
        ) from missing
    return _cleaner, _css


def _sheets(
    outline: _outline.Outline,
    resources: Resources,
    styles: Styles,
    stylesheet: Callable[[str], str | None] | None,
) -> list[str]:
    """The style sheets of the page, filtered, in their order."""
    filtered = []
    for sheet in outline.sheets:
        if not sheet.address:
            filtered.append(styles.sheet(sheet.text, media=sheet.media))
        elif stylesheet is not None and (address := resources.address(sheet.address)) is not None:
            text = stylesheet(address)
            if text is not None:
                filtered.append(styles.sheet(text, media=sheet.media, base=address))
    return filtered
