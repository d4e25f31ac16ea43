"""`Webpage`: a page with all that it shows, which mail carries as a multipart/related."""

from __future__ import annotations

import os
from collections.abc import Mapping
from errno import ENOENT
from types import MappingProxyType

from .. import charsets
from .._file import Opened, path_of, read_octets
from .._grammar import check_str, clean
from .._walk import bare_id
from ..entity import Entity
from ..errors import BadValue, MissingFile
from ..sniff import sniff
from ..values.contenttype import ContentType
from ..values.msgid import MessageIds
from . import rawdata
from .media import Audio, Calendar, Image, Media, Video, name_of, octets_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, Self

    from ..html.pack import File

_SNIFFED: dict[str, type[Image | Audio | Video]] = {"image": Image, "audio": Audio, "video": Video}
_STYLE = "text/css"
_PAGES = frozenset({"text/html", "image/svg+xml"})
_UNKNOWN = "application/octet-stream"
_ENDINGS = (".html", ".htm", ".xhtml")


class PageWarning(UserWarning):
    """A page that is not whole: what ``strict=False`` makes of an error, and frames."""


class Resource(Media):
    """Something a page needs that is no image, sound or film: a style sheet, a font.

    Args:
        source: the octets, a path or a file open for reading them.
        content_type: such as ``"text/css"``.
        filename: by default the last part of the path.
        params: parameters of the type, such as the charset.

    Raises:
        BadValue: that is no type of a single part, or no field can hold the name or a parameter.
        MissingFile: there is no such file.
        OSError: it cannot be read.
    """

    __slots__ = ()

    def __init__(
        self,
        source: bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes],
        content_type: str,
        *,
        filename: str | None = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        check_str(content_type, "content_type")
        kind = _built(content_type, params)
        if kind.maintype in {"multipart", "message"}:
            raise BadValue(f"a page shows single parts, and {kind.content_type} is none")
        super().__init__(octets_of(source), kind, name_of(source, filename))


class Webpage:
    r"""HTML, and the objects it shows by their Content-IDs. A value: frozen, equal by meaning.

    Args:
        html: the page, or a file of it, open for text or for octets.
        resources: the objects, by the Content-IDs that the page names them by: ``<img src="cid:logo">`` shows the one
            at ``"logo"``. An object is whatever `ObjectManager` knows, but a `str`: an `Image` and its kin, a
            `Resource` of any type, octets whose type can be told, a binary file or a path that is no `str`, a part.
            Octets, files and paths are read at once; a part is copied into each message.
        strict: whether a page that is not whole is refused. If not, it is warned of (`PageWarning`).

    Raises:
        BadValue: the page names a Content-ID and there is no object, or there is an object that nothing refers to; an
            object is a `str`, or octets of no known type; a Content-ID is none; or *html* looks like a path.
        MissingFile: there is no file at a path.

    Two are equal whose pages are equal, line ends aside, and whose objects are. RFC 2387; RFC 2392, section 2.
    """

    __slots__ = ("_charset", "_html", "_resources")

    _charset: str
    _html: str
    _resources: dict[str, object]

    def __init__(
        self,
        html: str | IO[str] | IO[bytes],
        resources: Mapping[str, object] | None = None,
        *,
        strict: bool = True,
    ) -> None:
        self._html, self._charset, damaged = _page_of(html)
        self._resources = {}
        if not isinstance(resources, Mapping | None):
            raise BadValue(f"the objects of a page are a mapping, by Content-ID, not {type(resources).__qualname__}")
        for key, given in (resources or {}).items():
            cid = MessageIds.compose("Content-ID", bare_id(key)).id[1:-1]
            if cid in self._resources:
                raise BadValue(f"two objects have the Content-ID {cid!r}")
            self._resources[cid] = _object_of(cid, given)
        _complain(_mistaken(html) + _damage("the page", damaged=damaged) + self._faults(), strict=strict)

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        root: str | os.PathLike[str] | None = None,
        *,
        strict: bool = True,
        attach_data: bool = False,
    ) -> Self:
        """A page on disk with the files it shows: images, style sheets and what these need, sound, films.

        In the page, and in style sheets, the addresses of these files become ``cid:`` ones; nothing else is changed.
        Files with the same octets become one object. Left alone are addresses on the net, ``cid:`` addresses (give
        their objects to `Webpage`, with the `html` and the `resources` that were found), those with something in them
        that a template is to fill in, such as ``{{ url }}``, links that lead elsewhere, scripts and frames. Frames on
        this disk are warned of. A ``file:`` address, or one with a drive, is that of a missing file.

        Args:
            path: where the page is. Its charset is the one it says, else UTF-8 or windows-1252.
            root: the folder that every file must be in; by default that of the page. An address that begins with ``/``
                begins there.
            strict: whether a file that is missing, or not in *root*, is an error. If not, its address stays as it
                is, and there is a warning (`PageWarning`).
            attach_data: whether what stands in ``data:`` addresses becomes objects too.

        Raises:
            BadValue: a file the page shows is not in *root*, or the page has octets that its charset has not; or a path
                is none.
            MissingFile: there is no page, no such *root*, or no file where the page refers to one; these are all named.
            OSError: a file cannot be read.

        SECURITY: nothing outside *root* is opened, wherever links on disk lead.
        """
        from ..html.pack import pack  # noqa: PLC0415 -- few need it

        name = path_of(path)
        with Opened(name) as file:
            html, charset, damaged = _decoded(read_octets(file))
        folder = os.path.dirname(os.path.abspath(name))  # noqa: PTH100, PTH120 -- links on disk are not followed here
        packed = pack(html, folder, folder if root is None else path_of(root), attach_data=attach_data)
        faults = _damage(name, damaged=damaged)
        if packed.outside:
            whose = "its folder (root= names a wider one)" if root is None else f"{os.fspath(root)!r}"
            faults.append(f"{name} refers to files outside {whose}: {_listed(packed.outside)}")
        if packed.missing:
            missing = f"{name} refers to files that are missing: {_listed(packed.missing)}"
            if strict and not faults:
                raise MissingFile(ENOENT, missing)
            faults.append(missing)
        _complain(faults, strict=strict)
        if packed.frames:
            _complain([f"{name} has pages in frames, which mail has not: {_listed(packed.frames)}"], strict=False)
        return cls._made(packed.html, {cid: _file_of(found) for cid, found in packed.files.items()}, charset)

    @classmethod
    def _made(cls, html: str, resources: dict[str, object], charset: str) -> Self:
        """Those, whatever they are."""
        self = cls.__new__(cls)
        self._html, self._resources, self._charset = html, resources, charset
        return self

    @property
    def html(self) -> str:
        """The page, its line ends as they came."""
        return self._html

    @property
    def resources(self) -> Mapping[str, object]:
        """The objects by Content-ID, without angle brackets, in their order."""
        return MappingProxyType(self._resources)

    @property
    def charset(self) -> str:
        """What the page is sent in, if that has its characters: the charset it was read from, else ``"utf-8"``."""
        return self._charset

    def _faults(self) -> list[str]:
        """What is not whole: both directions."""
        from ..html._links import id_of, links, links_of_sheet  # noqa: PLC0415 -- few need it

        found = list(links(self._html))
        for resource in self._resources.values():
            kind, octets = _text_of(resource)
            if kind in _PAGES:
                found += links(octets.decode("utf-8", "replace"))
            elif kind == _STYLE:
                found += links_of_sheet(octets.decode("utf-8", "replace"))
        named = dict.fromkeys(cid for link in found if (cid := id_of(link.url)) is not None)
        faults = []
        if missing := [cid for cid in named if cid not in self._resources]:
            faults.append(f"the page refers to objects that were not given: {_listed(missing)}")
        if spare := [cid for cid in self._resources if cid not in named]:
            faults.append(f"the page does not refer by cid: to these objects: {_listed(spare)}")
        return faults

    def _meaning(self) -> tuple[str, dict[str, object]]:
        # each time it is read from mail, the CR before a line end may be one less
        *lines, last = self._html.split("\n")
        return "\n".join([*(line.rstrip("\r") for line in lines), last]), self._resources

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Webpage):
            return NotImplemented
        return self._meaning() == other._meaning()

    def __hash__(self) -> int:
        # objects of any type cannot be hashed
        return hash((self._meaning()[0], frozenset(self._resources)))

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} of {len(self._html)} characters, resources: {_listed(self._resources) or 'none'}>"
        )


# -- objects ---------------------------------------------------------------------------------------


def media_of(octets: bytes, kind: ContentType, filename: str | None) -> Media:
    """The object for octets of that type: an image, sound, film, calendar, or else a `Resource`."""
    made = _SNIFFED.get(kind.maintype)
    if made is not None:
        return made(octets, subtype=kind.subtype, filename=filename)
    if kind.content_type == "text/calendar":
        try:
            return Calendar(octets, filename=filename)
        except BadValue:
            pass  # of any octets it is a resource all the same
    params = {name: value for name, value in kind.params.items() if name.lower() != "name"}
    return Resource(octets, kind.content_type, filename=filename, params=params)


def _object_of(cid: str, given: object) -> object:
    if isinstance(given, str):
        # SECURITY: a text is not taken for a path, so that nobody's text opens a file; and no page shows a mere text
        raise BadValue(f"the object at {cid!r} is a str; give Image(path), a pathlib.Path, or Resource(octets, type)")
    if isinstance(given, Resource):
        return media_of(given.octets, given._type, given.filename)
    if isinstance(given, bytes | bytearray | memoryview | os.PathLike) or _is_binary_file(given):
        octets, name = octets_of(given), name_of(given, None)
        kind = sniff(octets) or (rawdata.type_of_name(name) if name else None)
        if kind is None:
            raise BadValue(f"no type follows from the octets at {cid!r}; Resource(octets, type) says which they are")
        return media_of(octets, _built(kind), name)
    return given


def _is_binary_file(given: object) -> bool:
    return hasattr(given, "read") and not isinstance(given, Entity)


def _file_of(file: File) -> Media:
    """A file that was found beside the page. What it begins as counts, then where it was said, then its name."""
    kind = file.kind if file.kind == _STYLE else sniff(file.octets) or file.kind
    kind = kind or (rawdata.type_of_name(file.name) if file.name else None) or _UNKNOWN
    params = {}
    if kind == _STYLE and not file.octets.isascii() and charsets.decode(file.octets).charset == "utf-8":
        params["charset"] = "utf-8"
    name = None if file.name is None else clean(file.name)[0]
    try:
        return media_of(file.octets, _built(kind, params), name)
    except BadValue:  # a data: URL may say anything
        return Resource(file.octets, _UNKNOWN, filename=name)


def _built(kind: str, params: Mapping[str, str] | None = None) -> ContentType:
    maintype, _slash, subtype = kind.partition("/")
    return ContentType.build(maintype, subtype, params)


def _text_of(found: object) -> tuple[str, bytes]:
    """The type and the octets of an object, in which there may be references."""
    if isinstance(found, Media):
        return found.content_type, found.octets
    if isinstance(found, Entity) and not found.is_multipart():
        return found.get_content_type(), found.octets
    return "", b""


# -- the page --------------------------------------------------------------------------------------


def _page_of(html: object) -> tuple[str, str, bool]:
    """The text of a page, the charset it is sent in, and whether octets of it were none."""
    if isinstance(html, str):
        return html, "utf-8", False
    if isinstance(html, bytes | bytearray | memoryview):
        raise BadValue(f"a page is a str or a file, not {type(html).__qualname__}; io.BytesIO makes a file of octets")
    if not hasattr(html, "read"):
        raise BadValue(f"a page is a str or a file, not {type(html).__qualname__}; from_file() reads one from a path")
    try:
        text = html.read()
    except ValueError as error:  # it is closed, or has another charset than it was opened with
        raise BadValue(
            f"expected a file of a page, open for octets (mode 'rb'), and reading it failed: {error}"
        ) from error
    if isinstance(text, bytes):
        return _decoded(text)
    if not isinstance(text, str):
        raise BadValue(f"expected a file of a page, and reading it gave {type(text).__qualname__}")
    return text, "utf-8", False


def _decoded(octets: bytes) -> tuple[str, str, bool]:
    found = charsets.decode(octets, html=True)
    damaged = any(defect.code == "undecodable-octets" for defect in found.defects)
    # mail is not sent in UTF-16, nor in what has no name there
    return found.text, found.charset if charsets.keeps_ascii(found.charset) else "utf-8", damaged


# -- complaints ------------------------------------------------------------------------------------


def _mistaken(html: object) -> list[str]:
    """What is said of a path that was given for a page."""
    if isinstance(html, str) and html.lower().endswith(_ENDINGS) and not set(html) & set("<\n"):
        return [
            f"expected a page, found what may be its path, {html!r:.80}; Webpage.from_file(path) reads one from disk"
        ]
    return []


def _damage(name: str, *, damaged: bool) -> list[str]:
    return [f"{name} has octets that its charset has not"] if damaged else []


def _complain(faults: list[str], *, strict: bool) -> None:
    if not faults:
        return
    if strict:
        raise BadValue("; ".join(faults))
    import warnings  # noqa: PLC0415 -- few need it

    for fault in faults:
        warnings.warn(fault, PageWarning, stacklevel=3)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name!r:.80}" for name in names)
