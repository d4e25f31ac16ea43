"""Content that brings its own media type: `Image`, `Audio`, `Video`, `Calendar`."""

from __future__ import annotations

import os

from .._file import Opened, read_octets
from .._grammar import check_str, check_text, compiled
from ..errors import BadValue
from ..sniff import sniff
from ..values.contenttype import ContentType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO, ClassVar


class Media:
    """Octets with their media type and perhaps a file name: what a part is made of. A value: frozen, equal by meaning.

    Abstract: what there is are `Image`, `Audio`, `Video` and `Calendar`. A handler that is registered for this type
    in a content manager serves them all.
    """

    __slots__ = ("_filename", "_octets", "_type")

    _maintype: ClassVar[str]

    def __init__(self, octets: bytes, kind: ContentType, filename: str | None) -> None:
        if filename is not None:
            check_str(filename, "filename")
            check_text(filename, "filename")
        self._octets = octets
        self._type = kind
        self._filename = filename

    @property
    def octets(self) -> bytes:
        """The content, before any transfer encoding."""
        return self._octets

    @property
    def content_type(self) -> str:
        """``maintype/subtype`` in lower case."""
        return self._type.content_type

    @property
    def maintype(self) -> str:
        """What stands before the slash, in lower case."""
        return self._type.maintype

    @property
    def subtype(self) -> str:
        """What stands behind the slash, in lower case."""
        return self._type.subtype

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters that the type needs, in their order; none but for a `Calendar`."""
        return self._type.params

    @property
    def filename(self) -> str | None:
        """The name for whoever saves it: the one given, else the last part of the path it was read from, else None."""
        return self._filename

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Media):
            return NotImplemented
        return self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash(self._meaning())

    def _meaning(self) -> tuple[type, str, str | None, bytes]:
        return type(self), str(self._type), self._filename, self._octets

    def __repr__(self) -> str:
        name = "" if self._filename is None else f", {self._filename!r}"
        return f"<{type(self).__name__} {self._type}, {len(self._octets)} octets{name}>"


class _Sniffed(Media):
    """What is told by how it begins."""

    __slots__ = ()

    def __init__(
        self,
        source: bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes],
        *,
        subtype: str | None = None,
        filename: str | None = None,
    ) -> None:
        super().__init__(*_read(source, self._maintype, subtype, filename))


class Image(_Sniffed):
    """A picture, from its octets, a path or a file open for reading them; the type is what the octets begin as.

    Args:
        source: the octets, where they stand, or a file of them, which is read to its end.
        subtype: such as ``"png"``: taken in place of looking, whatever the octets are.
        filename: by default the last part of the path; a path's only.

    Raises:
        BadValue: there is no *subtype*, and the octets begin as nothing known or as no image; or *subtype* is no
            token, or a file name has characters that no field can hold.
        MissingFile: there is no such file.
        OSError: it cannot be read.

    RFC 2046, section 4.2.
    """

    __slots__ = ()
    _maintype = "image"


class Audio(_Sniffed):
    """Sound, made as an `Image` is.

    Raises:
        BadValue: there is no *subtype*, and the octets begin as nothing known or as no sound; and as `Image` does.
            What can hold films too (MP4, 3GP, Matroska) may need one though it holds none.
        MissingFile: there is no such file.
        OSError: it cannot be read.

    RFC 2046, section 4.3.
    """

    __slots__ = ()
    _maintype = "audio"


class Video(_Sniffed):
    """A film, made as an `Image` is.

    Raises:
        BadValue: there is no *subtype*, and the octets begin as nothing known or as no film; and as `Image` does.
        MissingFile: there is no such file.
        OSError: it cannot be read.

    RFC 2046, section 4.4.
    """

    __slots__ = ()
    _maintype = "video"


class Calendar(Media):
    """An invitation, or another iCalendar text, with the parameters of its type: the charset, and the method it has.

    It is kept in the one form it is sent in: UTF-8, each line ended by CRLF, without a byte order mark. Nothing else
    is changed or checked: what stands in the lines is the affair of whoever made them.

    Args:
        source: the text; or its octets, a path that is no `str`, or a file open for reading octets.
        filename: by default the last part of the path.

    Raises:
        BadValue: it does not begin with ``BEGIN:VCALENDAR`` and end with ``END:VCALENDAR``; it is not UTF-8, or holds
            a NUL, a lone CR or a lone surrogate; a method is no token, or there are two; or as `Image` does.
        MissingFile: there is no such file.
        OSError: it cannot be read.

    RFC 5545, sections 3.1, 3.7.2 and 8.1; RFC 6047, section 2.4.
    """

    __slots__ = ()
    _maintype = "text"

    def __init__(
        self,
        source: str | bytes | bytearray | memoryview | os.PathLike[str] | IO[bytes],
        *,
        filename: str | None = None,
    ) -> None:
        # SECURITY: a text is never taken for a path, so that nobody's text opens a file
        octets = _encoded(source) if isinstance(source, str) else octets_of(source)
        canonical = _canonical(octets)
        method = _method(_unfolded(canonical).decode())
        params = {"charset": "utf-8"} if method is None else {"charset": "utf-8", "method": method}
        name = filename if isinstance(source, str) else name_of(source, filename)
        super().__init__(canonical, ContentType.build(self._maintype, "calendar", params), name)

    @property
    def text(self) -> str:
        r"""The text, its line ends as ``\n``, lines folded as they are."""
        return self._octets.decode().replace("\r\n", "\n")

    @property
    def method(self) -> str | None:
        """What is to be done with it, such as ``REQUEST``, as it is spelled there; None where it does not say.

        A calendar without a method is shown and not acted upon. RFC 5545, section 3.7.2.
        """
        return self._type.params.get("method")


# -- reading a source ------------------------------------------------------------------------------


def octets_of(source: object) -> bytes:
    """The octets that were given, or those of a file, by its path or open.

    Raises:
        BadValue: it is none of these.
        MissingFile: there is no such file.
        OSError: it cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if not (isinstance(source, str | os.PathLike) or hasattr(source, "read")):
        raise BadValue(f"expected octets, a path or a file, found {type(source).__qualname__}")
    with Opened(source) as file:  # type: ignore[arg-type]  # as was just seen
        return read_octets(file)


def name_of(source: object, filename: str | None) -> str | None:
    """*filename*, else the last part of *source* if that is a path."""
    if filename is None and isinstance(source, str | os.PathLike):
        return os.path.basename(os.fsdecode(source))  # noqa: PTH119 -- pathlib is slow to import
    return filename


def _read(
    source: object, maintype: str, subtype: str | None, filename: str | None
) -> tuple[bytes, ContentType, str | None]:
    """The octets of *source*, their type and their file name."""
    octets = octets_of(source)
    if subtype is None:
        subtype = _sniffed(octets, maintype)
    check_str(subtype, "subtype")
    return octets, ContentType.build(maintype, subtype), name_of(source, filename)


def _sniffed(octets: bytes, maintype: str) -> str:
    found = sniff(octets)
    if found is None:
        begin = f"begin with {octets[:16]!r}" if octets else "are none"
        raise BadValue(f"expected octets of a known {maintype} type, and these {begin}; say subtype= if you know it")
    main, _slash, subtype = found.partition("/")
    if main != maintype:
        wanted = "an image" if maintype == "image" else maintype
        raise BadValue(
            f"expected {wanted}, and the octets begin as {found}; with subtype= they are called {maintype} even so"
        )
    return subtype


# -- calendars -------------------------------------------------------------------------------------

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = rb"\r?\n"
_LONE_CR_OR_NUL = rb"\r(?!\n)|\0"
_FOLD = rb"\r?\n[ \t]"
_CONTENT_LINE = r'([A-Za-z0-9-]++)(?:;(?:[^":]++|"[^"]*+")*+)?:(.*+)'  # a parameter in quotes may hold a colon
_METHOD_WORD = "[A-Za-z0-9-]{1,127}"


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadValue(f"the text has a lone surrogate at {error.start}") from error


def _canonical(octets: bytes) -> bytes:
    """*octets* as they are sent: UTF-8 without a byte order mark, each line ended by CRLF."""
    bad = compiled(_LONE_CR_OR_NUL).search(octets)
    if bad is not None:
        raise BadValue(f"a calendar is lines, and this one has {bad[0]!r} at {bad.start()}")
    octets = _in_utf8(octets).removeprefix(_BYTE_ORDER_MARK)
    return compiled(_LINE_END).sub(b"\r\n", octets.strip(b"\r\n") + b"\n")


def _in_utf8(octets: bytes) -> bytes:
    """*octets*, unfolded where they are UTF-8 only then."""
    try:
        octets.decode()
    except UnicodeDecodeError as error:
        # QUIRK: RFC 5545 3.1: some programs fold lines in the middle of a character
        unfolded = _unfolded(octets)
        if unfolded.decode(errors="ignore").encode() == unfolded:
            return unfolded
        raise BadValue(f"a calendar is UTF-8, and {octets[error.start]:#04x} at {error.start} is not") from error
    return octets


def _unfolded(octets: bytes) -> bytes:
    """RFC 5545 3.1: a line break and one white space mean nothing."""
    return compiled(_FOLD).sub(b"", octets)


def _method(text: str) -> str | None:
    """The method of the calendar in *text*, unfolded; of several calendars, the one they share.

    Raises:
        BadValue: it is no calendar, a method is no token, or there is more than one.
    """
    lines = [line.rstrip() for line in text.split("\r\n")]
    lines.pop()  # behind the last line end
    if lines[0].upper() != "BEGIN:VCALENDAR" or lines[-1].upper() != "END:VCALENDAR":
        raise BadValue(f"expected BEGIN:VCALENDAR up to END:VCALENDAR, found a text that begins {lines[0][:60]!r}")
    methods = _methods(lines)
    # RFC 6047 2.4: calendars of different methods are parts of their own, for the parameter says but one
    if len({method and method.upper() for method in methods}) > 1:
        raise BadValue(f"calendars in one part share one METHOD, and these have {', '.join(map(str, methods))}")
    return methods[0]


def _methods(lines: list[str]) -> list[str | None]:
    """What METHOD each calendar has, or None; those of what is nested in it are not its own."""
    methods: list[str | None] = []
    depth = 0
    for name, value in filter(None, map(_property, lines)):
        if name == "BEGIN":
            depth += 1
            if depth == 1:
                methods.append(None)
        elif name == "END":
            depth -= 1
        elif name == "METHOD" and depth == 1:
            # RFC 5545 3.6: it must not occur more than once
            if methods[-1] is not None or not compiled(_METHOD_WORD).fullmatch(value):
                raise BadValue(f"a calendar has one METHOD, which is a word, and this one says METHOD:{value[:60]}")
            methods[-1] = value
    return methods


def _property(line: str) -> tuple[str, str] | None:
    found = compiled(_CONTENT_LINE).match(line)
    return (found[1].upper(), found[2].strip()) if found else None
