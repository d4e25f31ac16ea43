"""Gathers what a page on disk shows: its files, with a Content-ID each, and the page that refers to them by it.

The page is not written anew: addresses are exchanged where they stand, and every other character stays.
"""

# ruff: noqa: PTH119, PTH120

from __future__ import annotations

import hashlib
import os
import re
from urllib.parse import unquote_to_bytes

from .. import transfer
from .._file import Opened, read_octets
from ._links import BASE, FRAME, LED, SHEET, Link, exchange, links, links_of_sheet
from ._places import Places, local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["File", "Packed", "pack"]

_DOMAIN = "mimekit.invalid"
_ID_LENGTH = 16
_STYLE = "text/css"
_DATA = re.compile(r"(?is)data:([^,;]*+)((?:;[^,;]*+)*+),([^#]*+)")
_BASE64 = re.compile(r"(?i);\s*+base64\s*+\Z")
_CODE = "surrogateescape"  # so that the octets of a style sheet are the same again, whatever its charset


class File:
    """Something that a page shows: its octets, the media type that its place says it has, or None, and its name."""

    __slots__ = ("kind", "name", "octets")

    def __init__(self, octets: bytes, kind: str | None, name: str | None) -> None:
        self.octets = octets
        self.kind = kind
        self.name = name


class Packed:
    """What came of a page.

    `html` is the page, `files` what it shows by Content-ID; then addresses as they stand there: `missing`, where no
    file is; `outside`, where none may be taken from; and `frames`, pages in the page, which mail has not.
    """

    __slots__ = ("files", "frames", "html", "missing", "outside")

    def __init__(self, html: str, files: dict[str, File], found: _Search) -> None:
        self.html = html
        self.files = files
        self.missing = tuple(found.places.missing)
        self.outside = tuple(found.places.outside)
        self.frames = tuple(found.frames)


def pack(html: str, folder: str, root: str, *, attach_data: bool = False) -> Packed:
    """What the page *html*, which stands in *folder*, shows of the files in *root*.

    Style sheets are followed, and what they import. Left alone are addresses with a scheme (``cid:`` too, not
    ``file:``) or a host, those with something in them that a template is to fill in, and those that only lead
    somewhere.

    Args:
        attach_data: whether what stands in a ``data:`` address becomes a file too.

    Raises:
        MissingFile: there is no folder *root*.
        BadValue: no folder is such a text.
        OSError: a file is there and cannot be read.

    SECURITY: no file is opened that is not in *root* once links on disk are followed.
    """
    search = _Search(root, attach_data=attach_data)
    page = _Document(html, folder, links(html))
    opened = [page]
    while True:
        sheet = search.go_on(opened[-1])
        if sheet is not None:
            opened.append(sheet)
        elif len(opened) > 1:
            search.close(opened.pop())
        else:
            return Packed(page.edited(), search.files, search)


class _Document:
    """The page, or a style sheet of it, on its way."""

    __slots__ = ("base", "cyclic", "edits", "folder", "own_id", "path", "text", "waiting")

    def __init__(self, text: str, folder: str, found: Iterable[Link], path: str = "") -> None:
        self.text = text
        self.folder = folder
        self.waiting = list(found)[::-1]
        self.base = next((link.url for link in reversed(self.waiting) if link.use == BASE), "")
        self.edits: list[tuple[Link, str]] = []
        self.path = path
        self.own_id = ""
        self.cyclic = False

    def edited(self) -> str:
        return exchange(self.text, self.edits)


class _Search:
    """What was found so far."""

    def __init__(self, root: str, *, attach_data: bool) -> None:
        self.places = Places(root)
        self.attach_data = attach_data
        self.files: dict[str, File] = {}
        self.frames: dict[str, None] = {}
        self._ids: dict[str, str] = {}
        self._open: dict[str, _Document] = {}

    def go_on(self, document: _Document) -> _Document | None:
        """Go through the references of *document*, up to a style sheet that is to be gone through first, or the end."""
        while document.waiting:
            link = document.waiting[-1]
            if link.use == SHEET:
                sheet = self._begun(document, link)
                if sheet is not None:
                    return sheet
            document.waiting.pop()
            cid = self._id(document, link)
            if cid is not None:
                document.edits.append((link, f"cid:{cid}"))
        return None

    def close(self, sheet: _Document) -> None:
        """Keep a style sheet with what it now says."""
        octets = sheet.edited().encode("utf-8", _CODE)
        # a sheet that comes to itself again has to be called something before it is known what it says
        cid = sheet.own_id if sheet.cyclic else _id_of_octets(octets)
        self.files.setdefault(cid, File(octets, _STYLE, _name(sheet.path)))
        self._ids[sheet.path] = cid
        del self._open[sheet.path]

    def _begun(self, document: _Document, link: Link) -> _Document | None:
        """The style sheet at *link*, if it is a file that was not gone through."""
        path = self._file(document, link.url)
        if path is None or path in self._ids or path in self._open:
            return None
        octets = _read(path)
        text = octets.decode("utf-8", _CODE)
        sheet = self._open[path] = _Document(text, os.path.dirname(path), links_of_sheet(text), path)
        sheet.own_id = _id_of_octets(os.fsencode(os.path.relpath(path, self.places.root)) + b"\0" + octets)
        return sheet

    def _id(self, document: _Document, link: Link) -> str | None:
        """The Content-ID of what stands at *link*, which is then among the files; None if it is left alone."""
        if link.use == FRAME and local_path(link.url, document.base):
            self.frames[link.url] = None
        if link.use in {FRAME, LED, BASE}:
            return None
        if link.url[:5].lower() == "data:":
            return self._id_of_data(link) if self.attach_data else None
        path = self._file(document, link.url)
        if path is None:
            return None
        if path in self._open:
            self._open[path].cyclic = True
            return self._open[path].own_id
        if path not in self._ids:
            octets = _read(path)
            self._ids[path] = self._keep(File(octets, None, _name(path)))
        return self._ids[path]

    def _file(self, document: _Document, url: str) -> str | None:
        local = local_path(url, document.base)
        return self.places.find(document.folder, local, url) if local else None

    def _id_of_data(self, link: Link) -> str | None:
        found = _DATA.fullmatch(link.url)
        if found is None:
            return None
        octets = unquote_to_bytes(found[3])
        if _BASE64.search(found[2]):
            octets = transfer.undo(octets, "base64")
        kind = _STYLE if link.use == SHEET else found[1].strip().lower() or None
        return self._keep(File(octets, kind, None))

    def _keep(self, file: File) -> str:
        cid = _id_of_octets(file.octets)
        self.files.setdefault(cid, file)
        return cid


def _name(path: str) -> str:
    return os.path.basename(path)


def _read(path: str) -> bytes:
    with Opened(path) as file:
        return read_octets(file)


def _id_of_octets(octets: bytes) -> str:
    return f"{hashlib.sha256(octets).hexdigest()[:_ID_LENGTH]}@{_DOMAIN}"
