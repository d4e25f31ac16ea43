"""The manager that deals in objects: text, messages, sound; and octets where Python has no object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO

from .._file import read_octets
from .._grammar import check_str, compiled
from ..entity import Entity
from ..errors import BadValue, NoHandler
from ..sniff import sniff
from . import rawdata, related
from .manager import ContentManager, hand_on
from .media import Calendar, Media
from .webpage import Webpage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Protocol
    from wave import Wave_read

    class _Foreign(Protocol):
        def as_bytes(self) -> bytes: ...


# the names audio of this form goes by; the last is that of RFC 2361
_WAVES = ("wav", "wave", "x-wav", "x-pn-wav", "vnd.wave")
# RFC 3464 2.1, RFC 6533 4, RFC 3886, RFC 8098 3.1, RFC 5965 3: fields, in blocks with an empty line between them
_BLOCKS = frozenset(
    {"delivery-status", "global-delivery-status", "tracking-status", "disposition-notification", "feedback-report"}
)
# what files open for octets derive from, and what `tempfile` wraps one in
_FILES = ("_io._BufferedIOBase", "_io._RawIOBase", "tempfile._TemporaryFileWrapper")
_HEAD_SIZE = 64
_EMPTY_LINES = rb"(?:\r?\n[ \t]*+)(?:\r?\n[ \t]*+)+"


class ObjectManager(ContentManager):
    """Content as the objects Python has for it.

    ::

        set_content(str, subtype="plain", cte=None, disposition=None, filename=None, cid=None, params=None)
        set_content(octets_or_binary_file, ...)     # maintype, subtype; or a subtype of application; or none
        set_content(message, subtype="rfc822", ...) # ours, or the standard library's
        set_content(image, ...)                     # an Image, an Audio, a Video or a Calendar
        set_content(wave_reader, ...)
        set_content(webpage, text=None, alternative=None, charset=None, boundary=None, headers=None)
        set_content(parts, subtype, boundary=None, params=None)

    Without a type that of octets follows from *filename*, else from how they begin. ``get_content()`` gives `str` for
    text; the message for a message/rfc822; a list of messages that are fields alone for a message/delivery-status and
    its kin; a `wave.Wave_read` for wave audio, where it can be read; a `Webpage` for a multipart/related whose root is
    a page; and `bytes` for everything else.
    """

    def __init__(self) -> None:
        super().__init__()
        self.add_get_handler("text", rawdata.get_text)
        self.add_get_handler("multipart", rawdata.get_multipart)
        self.add_get_handler("multipart/related", related.get_webpage)
        self.add_get_handler("message", get_message)
        for subtype in _WAVES:
            self.add_get_handler(f"audio/{subtype}", get_wave)
        self.add_get_handler("", rawdata.get_octets)
        self.add_set_handler(str, rawdata.set_text)
        for kind in (bytes, bytearray, memoryview):
            self.add_set_handler(kind, set_octets)
        for name in _FILES:
            self.add_set_handler(name, set_file)
        self.add_set_handler(Entity, rawdata.set_message)
        self.add_set_handler("email.message.Message", set_foreign)
        self.add_set_handler(Media, set_media)
        self.add_set_handler("wave.Wave_read", set_wave)
        self.add_set_handler(Webpage, set_webpage)
        self.add_set_handler(list, rawdata.set_parts)
        self.add_set_handler(tuple, rawdata.set_parts)


# -- getting ---------------------------------------------------------------------------------------


def get_message(part: Entity) -> object:
    """The message inside a message/rfc822; the blocks of fields of a delivery status; else octets."""
    subtype = part._kind().subtype
    if subtype not in _BLOCKS:
        return rawdata.get_message(part)
    blocks = compiled(_EMPTY_LINES).split(part.octets.strip(b" \t\r\n"))
    return [part.parse_part(block + b"\r\n") for block in blocks if block]


def get_wave(part: Entity) -> object:
    """A reader of the sound, or octets where that cannot be read."""
    import wave  # noqa: PLC0415 -- few need it

    octets = part.octets
    try:
        return wave.open(BytesIO(octets))
    except Exception:  # noqa: BLE001 -- it raises many things on damaged sound
        return octets


# -- setting ---------------------------------------------------------------------------------------


def set_octets(  # noqa: PLR0913 -- the proposal's signature
    part: Entity,
    octets: object,
    maintype: str | None = None,
    subtype: str | None = None,
    cte: str | None = None,
    disposition: str | None = None,
    filename: str | None = None,
    cid: str | None = None,
    params: Mapping[str, str] | None = None,
    *,
    headers: rawdata.Headers | None = None,
) -> None:
    """Make *part* a leaf of any type: as `RawDataManager` does, but that one word is a subtype of ``application``.

    Without any word the type follows from *filename*, else from how the octets begin.

    Raises:
        BadValue: no type is given and none follows, or a main type without its subtype; or as `RawDataManager` has it.
    """
    assert isinstance(octets, bytes | bytearray | memoryview)  # registered for these
    if maintype is None and subtype is None:
        rawdata.check_types(None, filename=filename)
        found = (rawdata.type_of_name(filename) if filename else None) or sniff(bytes(octets))
        if found is None:
            raise BadValue(
                'no type follows from these octets; give main type and subtype, such as "application", "pdf", '
                "or a filename= with an ending that tells"
            )
        maintype, _slash, subtype = found.partition("/")
    elif maintype is None:
        maintype = "application"
    elif subtype is None:
        if maintype in rawdata.MAIN_TYPES:
            raise BadValue(f"{maintype!r} is a main type; give its subtype too")
        maintype, subtype = "application", maintype
    rawdata.set_octets(part, octets, maintype, subtype, cte, disposition, filename, cid, params, headers=headers)


def set_file(
    part: Entity,
    file: object,
    maintype: str | None = None,
    subtype: str | None = None,
    *,
    filename: str | None = None,
    **kw: object,
) -> None:
    """Make *part* a leaf of what is left to read in a binary file, as `set_octets` does.

    Without a *filename* it is called what a file on disk is.

    Raises:
        BadValue: as `set_octets`; or the file is closed, or not open for reading.
        OSError: it cannot be read.
    """
    source: IO[bytes] = file  # type: ignore[assignment]  # registered for these
    octets = read_octets(source)
    # what unpacks a file while it is read has the name of what is packed, and a temporary file one of its own
    name = getattr(file, "name", None) if type(file).__module__ == "_io" else None
    if filename is None and isinstance(name, str):
        filename = os.path.basename(name)  # noqa: PTH119 -- pathlib costs as much to import as mimekit
    hand_on(set_octets, part, octets, maintype, subtype, filename=filename, **kw)


def set_foreign(part: Entity, message: object, *args: object, **kw: object) -> None:
    """Make *part* a message/rfc822 that holds a message of the standard library's, as that writes it.

    Raises:
        BadValue: it cannot be written; or as `RawDataManager` has it.
    """
    foreign: _Foreign = message  # type: ignore[assignment]  # registered for it
    try:
        octets = foreign.as_bytes()
    except Exception as error:  # email raises whatever its parts raise
        raise BadValue(f"the standard library cannot write this message: {error}") from error
    hand_on(rawdata.set_message, part, part.parse_part(octets), *args, **kw)


def set_media(
    part: Entity,
    media: object,
    disposition: str | None = None,
    *,
    filename: str | None = None,
    params: Mapping[str, str] | None = None,
    **kw: object,
) -> None:
    """Make *part* an `Image`, an `Audio`, a `Video`, or a `Calendar`, which is text, with its METHOD.

    It is called as it calls itself, unless *filename* says otherwise. RFC 6047, section 2.4.

    Raises:
        BadValue: as `RawDataManager` has it.
    """
    assert isinstance(media, Media)  # registered for it
    filename = media.filename if filename is None else filename
    kw |= {"disposition": disposition, "filename": filename, "params": {**media.params, **(params or {})}}
    if isinstance(media, Calendar):
        hand_on(rawdata.set_text, part, media.text, media.subtype, **kw)
    else:
        hand_on(rawdata.set_octets, part, media.octets, media.maintype, media.subtype, **kw)


def set_wave(part: Entity, reader: object, subtype: str = "wav", **kw: object) -> None:
    """Make *part* the sound that *reader*, a `wave.Wave_read`, reads: all of it, wherever it stands.

    Raises:
        BadValue: it is closed; or as `RawDataManager` has it.
    """
    import wave  # noqa: PLC0415 -- few need it

    sound: Wave_read = reader  # type: ignore[assignment]  # registered for it
    file = BytesIO()
    try:
        place = sound.tell()
        sound.rewind()
        frames = sound.readframes(sound.getnframes())
        sound.setpos(place)
        with wave.open(file, "wb") as copy:
            # how long it says that it is may not be true
            copy.setparams(sound.getparams()._replace(nframes=0))
            copy.writeframes(frames)
    except Exception as error:  # it raises many things on damaged sound
        raise BadValue(f"this sound cannot be read: {error}") from error
    hand_on(set_octets, part, file.getvalue(), "audio", subtype, **kw)


def set_webpage(  # noqa: PLR0913 -- keyword-only
    part: Entity,
    page: object,
    *,
    text: str | None = None,
    alternative: bool | None = None,
    charset: str | None = None,
    boundary: str | None = None,
    headers: rawdata.Headers | None = None,
) -> None:
    """Make *part* a page with what it shows, and a text for those who read no HTML before it.

    A page with objects is a multipart/related; one without is the text/html alone, which comes back as a `str`.

    Args:
        part: what is filled.
        page: a `Webpage`.
        text: the text; by default what the page says, as `mimekit.html.totext.totext` has it.
        alternative: whether there is a text. By default there is one in a message, and none in a part, which is one of
            several versions or pieces (what ``add_alternative`` makes), unless it is given.
        charset: what the page is sent in; by default what it was read in.
        boundary: the boundary of the multipart.
        headers: more fields.

    Raises:
        BadValue: there is a *text*, and ``alternative=False``; or as the objects and the page itself have it.
        Forbidden: a part among the objects cannot stand here.
    """
    assert isinstance(page, Webpage)  # registered for it
    if text is not None:
        check_str(text, "text")
        if alternative is False:
            raise BadValue("there is no text where alternative=False; leave one of them out")
        alternative = True
    if alternative is None:
        around = part._parent
        alternative = part.stands_alone and (around is None or around._kind().is_message)
    related.fill(
        part, page, _put, text=text, alternative=alternative, charset=charset, boundary=boundary, headers=headers
    )


def _put(part: Entity, content: object, cid: str) -> None:
    """Fill *part* with something a page shows."""
    if isinstance(content, Media):
        # what begins as no text is worth no reckoning, which takes as long as all else
        head = b"" if content.maintype == "text" else content.octets[:_HEAD_SIZE]
        set_media(part, content, "inline", cid=cid, cte="base64" if b"\0" in head or not head.isascii() else None)
        return
    types = () if not isinstance(content, bytes) or sniff(content) else ("octet-stream",)
    try:
        ObjectManager().set_content(part, content, *types, disposition="inline", cid=cid)
    except NoHandler as error:
        found = f"{type(content).__qualname__} at {cid.strip('<>')!r}"
        raise NoHandler(f"no object of a page: {found}; give an Image, or Resource(octets, type) of any") from error
