"""A received page as files: sanitised, with the images it shows beside it, so that a browser needs nothing else."""

from __future__ import annotations

import os
from itertools import chain

from .. import _walk
from .._newfile import make_folder, write_new
from ..entity import Entity
from ..errors import BadValue, Forbidden
from ..sniff import sniff
from ..values.disposition import safe_filename
from . import rawdata
from ._names import Names, page_of, parts_by_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# pathlib costs as much to import as mimekit.
# ruff: noqa: PTH119, PTH122

# SECURITY: what an image is called, and so which program opens it, is not the sender's choice. One in SVG is left out:
# opened on its own it is a page that runs scripts.
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/vnd.microsoft.icon": ".ico",
}
_STEM_SIZE = 200  # octets, so that there is room behind it


def save_page(part: Entity, directory: str, *, around: Entity | None = None, remote_images: bool = False) -> str:
    """Write the page in *part* into a new file in *directory*, and its images into a new folder beside it.

    The page is what ``sanitize`` leaves of it. It shows those images that it names by their Content-ID or
    Content-Location; what is called ``page.html`` has them in ``page_files``, as ``image-1.png`` and so on.

    Args:
        part: a page, or a multipart/related that begins with one.
        directory: where to; ``""`` is the current one.
        around: whose parts the page may show; those of *part* by default.
        remote_images: whether the page may get images from the web when it is opened.

    Returns:
        the path of the page.

    Raises:
        BadValue: *part* is no part.
        Forbidden: there is no page in *part*.
        MissingExtra: what sanitises is not installed.
        MissingFile: there is no such directory.
        OSError: something cannot be written; then nothing is left behind.

    RFC 2387; RFC 2392, section 2; RFC 2557, section 4.
    """
    from ..html.sanitize import sanitize  # noqa: PLC0415 -- few need it

    if not isinstance(part, Entity):
        raise BadValue(f"expected a part with a page, found {type(part).__qualname__}")
    page = part if part.get_content_type() == "text/html" else page_of(part)
    if page is None:
        raise Forbidden(
            f'{part.get_content_type()} does not begin with a page; get_body(("related", "html")) finds one, or None'
        )
    stem = _stem(page)
    parts = [other for other in _walk.walk(around or part) if other is not page and not other.is_multipart()]
    images = _Images(Names(parts_by_id(parts), part, page), directory, f"{stem}_files")
    try:
        html = sanitize(
            rawdata.get_text(page),
            resolve=images.resolve,
            stylesheet=images.stylesheet,
            remote_images=remote_images,
            base=images.base,
        )
        images.check()
        return write_new(directory, f"{stem}.html", [html.encode()])
    except BaseException:
        images.remove()
        raise


def _stem(page: Entity) -> str:
    """What the page is called, without an ending, so that another one fits behind it."""
    name = os.path.splitext(safe_filename(page.get_filename() or "page"))[0]
    return name.encode()[:_STEM_SIZE].decode(errors="ignore").rstrip(". ") or "page"


class _Images:
    """The images of a page, each written when it is asked for first, into a folder that is made for the first."""

    def __init__(self, names: Names, directory: str, folder: str) -> None:
        self.base = names.base or None
        self._names = names
        self._directory = directory
        self._folder = folder
        self._made = ""  # the path of the folder, once there is one
        self._paths: list[str] = []
        self._addresses: dict[int, str | None] = {}  # by the part
        self._error: Exception | None = None

    def resolve(self, reference: str) -> str | None:
        """The address of the image that *reference* means, relative to the page; None where there is none."""
        part = self._names.part(reference)
        if part is None:
            return None
        if id(part) not in self._addresses:
            self._addresses[id(part)] = self._save(part)
        return self._addresses[id(part)]

    def stylesheet(self, reference: str) -> str | None:
        """The text of the style sheet that *reference* means, or None."""
        part = self._names.part(reference)
        return rawdata.get_text(part) if part is not None and part.get_content_type() == "text/css" else None

    def _save(self, part: Entity) -> str | None:
        if self._error is not None:
            return None
        try:
            return self._write(part)
        except Exception as error:  # noqa: BLE001 -- whoever asks leaves the image out and goes on
            self._error = error
            return None

    def _write(self, part: Entity) -> str | None:
        pieces = part.octet_pieces()
        first = next(pieces, b"")
        ending = _ENDINGS.get(sniff(first) or part.get_content_type())
        if ending is None:
            return None
        self._made = self._made or make_folder(self._directory, self._folder)
        path = write_new(self._made, f"image-{len(self._paths) + 1}{ending}", chain((first,), pieces))
        self._paths.append(path)
        return f"{os.path.basename(self._made)}/{os.path.basename(path)}"

    def check(self) -> None:
        """Raise what went wrong while images were written."""
        if self._error is not None:
            raise self._error

    def remove(self) -> None:
        """Leave nothing behind, but for what others have put there meanwhile."""
        for path in self._paths:
            _try(os.unlink, path)
        if self._made:
            _try(os.rmdir, self._made)


def _try(remove: Callable[[str], None], path: str) -> None:
    try:  # noqa: SIM105 -- contextlib is nothing to import for this
        remove(path)
    except OSError:
        pass  # what is told is what went wrong first
