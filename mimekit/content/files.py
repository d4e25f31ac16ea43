"""The manager that deals in files: a path becomes a part, and a part a file, neither of them read into memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from .. import transfer
from .._file import path_of
from .._grammar import check_text
from ..entity import Content, Entity
from ..errors import BadValue
from ..sniff import sniff
from ..values.contenttype import ContentType
from ..values.disposition import safe_filename
from . import rawdata
from .manager import ContentManager, hand_on
from .media import Calendar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .._ondisk import OnDisk

# pathlib costs as much to import as mimekit.
# ruff: noqa: PTH118, PTH119

_PIECE = 1 << 20  # octets of a file read at a time
_UNKNOWN = "application/octet-stream"
_OTHERWISE = "; what is no file is for content_manager=ObjectManager, the usual one"
_MESSAGES = frozenset({"message/rfc822", "message/global"})


class FileManager(ContentManager):
    """Content as files, given and got by their names.

    ::

        set_content(path, cte=None, disposition=None, filename=None, cid=None, params=None, *, headers=None)
        set_content(message, subtype="rfc822", ...)   # as RawDataManager does
        set_content(paths_and_parts, subtype, boundary=None, params=None)

    A path is a `str` or an `os.PathLike`. The type follows from *filename*, which is by default the last part of the
    path; else from the path; else from how the file begins: it is ``text/plain`` if it reads as such, and
    ``application/octet-stream`` where nothing is known. A ``text`` type gets the charset the file is in, and an
    invitation its method, unless *params* name them; what is called a text and has NULs in it, without a mark of
    UTF-16, is no text.

    The file is looked at once, and read again each time the message is written; its octets come back as they are.
    It must not change meanwhile: that is a `ChangedFile`. But a message (``.eml``) becomes a message/rfc822 if it can
    stand in one as it is, and is read whole.

    ``get_content()`` writes the content into a new file, and gives its path. It is called by what
    ``get_filename(safe=True)`` gives, else ``part`` with the ending that goes with its type; where that name is
    taken, by one with a number, such as ``plan (2).pdf``. What is written are the octets as they stand once the
    transfer encoding is undone, text in its own charset; of a message/rfc822 it is the message. A multipart/related
    becomes a page, sanitised, and a folder with what it shows: see `save_page`. Another multipart that has parts is
    no one file, and `Forbidden`.

    Args:
        directory: where paths start that are not absolute, and where files are written; the current one by default.

    Raises:
        BadValue: *directory* is no path.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        super().__init__()
        self._directory = "" if directory is None else path_of(directory)
        self.add_get_handler("", self._save)
        self.add_get_handler("multipart", self._save_unopened)
        self.add_get_handler("multipart/related", self._save_related)
        self.add_set_handler(Entity, rawdata.set_message)
        self.add_set_handler(list, self._set_list)
        self.add_set_handler(tuple, self._set_list)
        self.add_set_handler(None, self._set_path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileManager):
            return NotImplemented
        return (type(self), self._directory, self._handlers()) == (type(other), other._directory, other._handlers())

    __hash__ = object.__hash__

    def _handlers(self) -> list[tuple[object, object]]:
        """What is registered, its own methods as functions."""
        entries = (*self._getters.items(), *self._setters.items())
        own = [(key, handler, getattr(handler, "__self__", None) is self) for key, handler in entries]
        return [(key, getattr(handler, "__func__", handler) if is_own else handler) for key, handler, is_own in own]

    def _save(self, part: Entity) -> str:
        return save(part, self._directory)

    def _save_unopened(self, part: Entity) -> str:
        if part.is_multipart():
            rawdata.get_multipart(part)  # which refuses it
        return save(part, self._directory)

    def _save_related(self, part: Entity, *, remote_images: bool = False) -> str:
        if not part.is_multipart():
            return save(part, self._directory)
        from .pagefiles import save_page  # noqa: PLC0415 -- few need it

        return save_page(part, self._directory, remote_images=remote_images)

    def _set_path(self, part: Entity, path: object, *args: object, **kw: object) -> None:
        hand_on(set_file, part, os.path.join(self._directory, path_of(path, advice=_OTHERWISE)), *args, **kw)

    def _set_list(self, part: Entity, items: object, *args: object, **kw: object) -> None:
        assert isinstance(items, list | tuple)  # registered for these
        parts = [item if isinstance(item, Entity) else self._made(part, item) for item in items]
        hand_on(rawdata.set_parts, part, parts, *args, **kw)

    def _made(self, around: Entity, path: object) -> Entity:
        part = around.blank_part()
        self.set_content(part, path)
        return part


# -- getting ---------------------------------------------------------------------------------------


def save(
    part: Entity,
    directory: str,
    *,
    unnamed: str = "part",
    numbered: str = " ({})",
    told: Callable[[int], None] | None = None,
) -> str:
    """Write the content of *part* into a new file in *directory*, and give its path.

    Args:
        part: what is saved; a message/rfc822 as the message in it.
        directory: where to; ``""`` is the current one.
        unnamed: what it is called, before the ending that goes with its type, if it has no name itself.
        numbered: how a number is put into a name that is taken.
        told: called as the file is written, with the octets of it that are done.

    Raises:
        MissingFile: there is no such directory.
        BadValue: no directory is such a text.
        ChangedFile: the content was to come from a file that changed.
        OSError: it cannot be written; nothing is left behind.
    """
    from .._newfile import write_new  # noqa: PLC0415 -- few need it

    # SECURITY: the sender chooses the name, its ending too, as people expect of attachments; so a file that was
    # saved may be a program, and is not to be opened by whoever saves it
    name = part.get_filename()
    safe = unnamed + _ending(part.get_content_type()) if name is None else safe_filename(name)
    pieces = _octets(part) if told is None else _counted(_octets(part), told)
    return write_new(directory, safe, pieces, numbered=numbered)


def _ending(kind: str) -> str:
    import mimetypes  # noqa: PLC0415 -- as in type_of_name

    if kind in _MESSAGES:
        return ".eml"
    return mimetypes.guess_extension(kind) or (".txt" if kind.startswith("text/") else ".bin")


def _octets(part: Entity) -> Iterator[bytes]:
    return part.parts[0].iter_bytes() if part._kind().is_message and part.parts else part.octet_pieces()


def _counted(pieces: Iterator[bytes], told: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        told(done)


# -- setting ---------------------------------------------------------------------------------------


def set_file(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    path: str,
    cte: str | None = None,
    disposition: str | None = None,
    filename: str | None = None,
    cid: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    headers: rawdata.Headers | None = None,
) -> None:
    """Make *part* a leaf that holds what stands in a file, or a message/rfc822 of a message that does.

    Raises:
        MissingFile: there is no such file.
        BadValue: it is no regular file; an unknown transfer encoding, or one that cannot carry the file; or a value
            no field can hold.
        ChangedFile: it changes while it is looked at.
        OSError: it cannot be read.
    """
    from .._ondisk import OnDisk  # noqa: PLC0415 -- few need it

    rawdata.check_types(params, cte=cte, disposition=disposition, filename=filename, cid=cid)
    file = OnDisk(path)
    if filename is None:
        filename = os.path.basename(path)
        check_text(filename, "the name of the file (filename= gives it another)")
    said = _Said(cte, params or {}, {"disposition": disposition, "filename": filename, "cid": cid, "headers": headers})
    guessed = rawdata.type_of_name(filename) or rawdata.type_of_name(os.path.basename(path)) or ""
    if guessed.startswith("message/") and _set_message(part, file.read(), guessed, said):
        return
    look = _Look(file, _UNKNOWN if guessed.startswith(("message/", "multipart/")) else guessed, said)
    maintype, _slash, subtype = look.content_type.partition("/")
    found = {name: value for name, value in look.params.items() if name not in said.names}
    kind = ContentType.build(maintype, subtype, {**found, **said.params})
    encoding = look.choose_encoding(allow_8bit=part.options.cte_type == "8bit")
    rawdata.fill(part, kind, Content(file, encoding, text=False, asked=cte is not None), **said.fields)


class _Said:
    """What the caller says of a file; *fields* are the arguments that `rawdata` takes by the same names."""

    __slots__ = ("cte", "fields", "names", "params")

    def __init__(self, cte: str | None, params: Mapping[str, str], fields: dict[str, Any]) -> None:
        self.cte = cte
        self.params = params
        self.fields = fields
        self.names = frozenset(name.lower() for name in params)


def _set_message(part: Entity, octets: bytes, kind: str, said: _Said) -> bool:
    """Make *part* a message of that type if *octets* can stand in one as they are; whether it was done."""
    # RFC 2046 5.2.1: it is 7bit or 8bit; what does not fit is a file as any other
    if not transfer.is_lines(octets) or (kind in _MESSAGES and not _comes_back(part, octets)):
        return False
    subtype = kind.partition("/")[2]
    if kind in _MESSAGES:
        rawdata.set_message(part, part.parse_part(octets), subtype, said.cte, params=said.params, **said.fields)
    else:
        rawdata.set_octets(part, octets, "message", subtype, said.cte, params=said.params, **said.fields)
    return True


def _comes_back(part: Entity, octets: bytes) -> bool:
    """Whether a message is read from among other parts as it was: one that ends in a header gets an empty line."""
    around, inner = part.blank_part(), part.blank_part()
    rawdata.set_message(inner, part.parse_part(octets))
    rawdata.set_parts(around, [inner, part.blank_part()], "mixed")
    read = part.parse_part(b"".join(around.iter_bytes()))
    for _level in ("multipart", "message"):
        if not read.parts:
            return False  # it stands deeper than the policy allows
        read = read.parts[0]
    return b"".join(read.iter_bytes()) == octets


class _Look:
    """What is told by one look at a file, which ends where nothing more can be told: type, charset, encoding."""

    __slots__ = ("_cte", "_first", "_size", "_tally", "_textual", "content_type", "params")

    def __init__(self, file: OnDisk, guessed: str, said: _Said) -> None:
        from .._textual import Textual  # noqa: PLC0415 -- few need it

        self._cte = said.cte
        self._first = b""
        self._size = file.size
        self._tally = transfer.Tally(file.size)
        is_text = guessed.startswith("text/") and "charset" not in said.names
        self._textual = Textual(html=guessed == "text/html") if is_text or not guessed else None
        self._read(file, is_known=bool(guessed))
        self.content_type, self.params = guessed, dict[str, str]()
        if not guessed or self._textual is not None:
            self._settle_type(guessed)
        if self.content_type == "text/calendar" and file.size == len(self._first):
            self.params |= _method(self._first)

    def _read(self, file: OnDisk, *, is_known: bool) -> None:
        for piece in file.pieces(_PIECE):
            if not self._first:
                self._first = piece
                if not is_known and sniff(piece) is not None:
                    self._textual = None
            if self._textual is not None:
                self._textual.add(piece)
            if self._cte is None:
                self._tally.add(piece)
            if self._textual is None and (self._cte is not None or self._tally.is_settled):
                return

    def _settle_type(self, guessed: str) -> None:
        textual = self._textual
        charset = None if textual is None or not (guessed or textual.is_evident()) else textual.charset()
        if charset is None:
            self.content_type = sniff(self._first) or _UNKNOWN
        else:
            self.content_type, self.params = guessed or "text/plain", {"charset": charset}

    def choose_encoding(self, *, allow_8bit: bool) -> str:
        """The transfer encoding, chosen where the caller did not.

        Raises:
            BadValue: the caller's is unknown, or does not carry the file.
        """
        if self._cte is not None:
            # in more than is looked at first there is always what 7bit and 8bit do not carry
            transfer.check(self._first, self._cte, text=False)
            return self._cte.lower()
        if self._size > len(self._first):
            return self._tally.encoding
        return transfer.choose(self._first, text=False, allow_8bit=allow_8bit)


def _method(calendar: bytes) -> dict[str, str]:
    """The parameter that an invitation needs, if it is one. RFC 6047, section 2.4."""
    try:
        method = Calendar(calendar).method
    except BadValue:
        return {}
    return {} if method is None else {"method": method}
