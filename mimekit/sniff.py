"""What media type some octets begin as, by a table of our own.

A magic number of a few letters is also the beginning of a sentence (``BM``, ``GIF89a``, ``ID3``, ``P6``), so what
stands behind one is looked at too. Text is no type to be found here: it has no beginning of its own, SVG and RTF
apart. The room is long because it is a table.
"""

from __future__ import annotations

from ._grammar import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = str | Callable[[bytes], str | None]

LOOK_SIZE = 4096  # octets looked at, at most


def sniff(octets: bytes) -> str | None:
    """The media type that *octets* begin as, such as ``image/png``, in lower case; None where nothing fits.

    Images, sound, films, PDF, office documents, archives and fonts. Names are those registered with IANA, else those
    of `mimetypes`. What holds several kinds is called by what is seen of it: an MP4 by its brand, Ogg, WebM and
    Matroska by the codecs in them, a ZIP archive by its first entries.

    No more than the first 4096 octets are looked at, and it never raises. An answer is a likeness and no proof: what
    stands behind the beginning may be anything.

    >>> sniff(b"%PDF-1.7")
    'application/pdf'
    """
    head = bytes(octets[:LOOK_SIZE])
    for magic, answer in _BY_FIRST_OCTET.get(head[:1], ()):
        if head.startswith(magic):
            found = answer if isinstance(answer, str) else answer(head)
            if found is not None:
                return found
    for look in _BY_LATER_OCTETS:
        found = look(head)
        if found is not None:
            return found
    return None


def _number(head: bytes, start: int, end: int, *, little: bool = False) -> int:
    return int.from_bytes(head[start:end], "little" if little else "big")


# -- images ----------------------------------------------------------------------------------------


def _gif(head: bytes) -> str | None:
    if len(head) < 13:
        return None
    flags = head[10]
    colours = 3 << (flags & 7) + 1 if flags & 0x80 else 0
    # text has no NUL in the measures, and no octet over 127 for the flags; then comes a block of one of three kinds
    is_text = not colours and b"\0" not in head[6:13]
    block = head[13 + colours : 14 + colours]
    return None if is_text or (block and block not in b"!,;") else "image/gif"


def _bmp(head: bytes) -> str | None:
    size = _number(head, 14, 18, little=True)
    if size not in {12, 16, 40, 52, 56, 64, 108, 124} or _number(head, 10, 14, little=True) < 14 + size:
        return None
    planes = _number(head, 22, 24, little=True) if size == 12 else _number(head, 26, 28, little=True)
    return "image/bmp" if planes == 1 else None


def _icon(head: bytes) -> str | None:
    """An icon or a cursor: a directory, whose first entry is looked at."""
    count = _number(head, 4, 6, little=True)
    size, offset = _number(head, 14, 18, little=True), _number(head, 18, 22, little=True)
    fits = 0 < count <= 256 and head[9:10] in (b"\0", b"\xff") and size >= 40 and offset >= 6 + 16 * count
    return "image/vnd.microsoft.icon" if fits else None


def _tiff(head: bytes) -> str | None:
    return "image/tiff" if _number(head, 4, 8, little=head[:1] == b"I") >= 8 else None


# a line break before the width: nobody begins a sentence so
_PNM = rb"P[1-6][ \t]*+(?:\#[^\n]*+)?\r?\n" + rb"(?:[ \t\r\n]++|\#[^\n]*+\n)*+[1-9][0-9]{0,6}[ \t\r\n]" * 2
_PNM_SCALE = rb"(?:[ \t\r\n]++|\#[^\n]*+\n)*+[1-9][0-9]{0,4}[ \t\r\n]"
_PNM_BITS = rb"[01 \t\r\n]*+\Z"
_PNM_TYPES = {b"1": "bitmap", b"2": "graymap", b"3": "pixmap", b"4": "bitmap", b"5": "graymap", b"6": "pixmap"}
_PAM = rb"P7\n(?:\#[^\n]*+\n|\n)*+(?:WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE) "


def _pnm(head: bytes) -> str | None:
    """The width, the height and, but for a bitmap, the largest value stand there in digits."""
    found = compiled(_PNM).match(head)
    if found is None:
        return "image/x-portable-arbitrarymap" if compiled(_PAM).match(head) else None
    kind = head[1:2]
    rest = {b"1": _PNM_BITS, b"4": b""}.get(kind, _PNM_SCALE)
    return f"image/x-portable-{_PNM_TYPES[kind]}" if compiled(rest).match(head, found.end()) else None


_XBM = rb"\#define[ \t]++\w{0,99}width[ \t]++\d{1,5}[ \t]*+\r?\n\#define[ \t]++\w{0,99}height[ \t]++\d{1,5}[ \t]*+\r?\n"


def _xbm(head: bytes) -> str | None:
    return "image/x-xbitmap" if compiled(_XBM).match(head) else None


def _sgi(head: bytes) -> str | None:
    fits = head[2:3] in (b"\0", b"\1") and head[3:4] in (b"\1", b"\2") and head[4:6] in (b"\0\1", b"\0\2", b"\0\3")
    return "image/x-rgb" if fits else None


def _photoshop(head: bytes) -> str | None:
    return "image/vnd.adobe.photoshop" if head[4:12] in (b"\0\1" + bytes(6), b"\0\2" + bytes(6)) else None


def _djvu(head: bytes) -> str | None:
    return "image/vnd.djvu" if head[12:16] in (b"DJVU", b"DJVM") else None


def _emf(head: bytes) -> str | None:
    return "image/emf" if head[40:44] == b" EMF" else None


_JPEG_2000 = {b"jp2 ": "image/jp2", b"jpx ": "image/jpx", b"jpm ": "image/jpm", b"mjp2": "video/mj2"}


def _jpeg_2000(head: bytes) -> str | None:
    return _JPEG_2000.get(head[20:24])


_SVG_ROOT = r"<(?:[\w.-]{1,99}:)?svg[\s/>]"
_SVG_NAMES = ("http://www.w3.org/2000/svg", "-//W3C//DTD SVG")


def _svg(head: bytes) -> str | None:
    """The root element of an XML text is looked for behind what may stand before it: no HTML that holds a drawing."""
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    text = text.removeprefix("\xef\xbb\xbf")
    if not any(name in text for name in _SVG_NAMES):
        return None
    start = _skip_space(text, 0)
    while (behind := _prolog_end(text, start)) > start:
        start = _skip_space(text, behind)
    return "image/svg+xml" if compiled(_SVG_ROOT).match(text, start) else None


def _skip_space(text: str, start: int) -> int:
    space = compiled(r"\s*+").match(text, start)
    assert space is not None  # nothing is also a match
    return space.end()


def _prolog_end(text: str, start: int) -> int:
    """Behind the comment, processing instruction or doctype at *start*; *start* itself where none is, or it is cut."""
    for opening, closing in (("<!--", "-->"), ("<?", "?>")):
        if text.startswith(opening, start):
            end = text.find(closing, start + len(opening))
            return start if end < 0 else end + len(closing)
    doctype = compiled(r"<!DOCTYPE[^\[>]*+(?:>|\[)").match(text, start)
    if doctype is None or doctype[0].endswith(">"):
        return doctype.end() if doctype else start
    subset = compiled(r"\]\s*+>").search(text, doctype.end())
    return subset.end() if subset else start


# -- sound and films -------------------------------------------------------------------------------


def _riff(head: bytes) -> str | None:
    return _RIFF.get(head[8:12])


_RIFF = {b"WAVE": "audio/vnd.wave", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp", b"RMID": "audio/midi"}


def _iff(head: bytes) -> str | None:
    return _IFF.get(head[8:12])


_IFF = {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff", b"8SVX": "audio/x-8svx"}


def _sun_audio(head: bytes) -> str | None:
    start, coding, channels = _number(head, 4, 8), _number(head, 12, 16), _number(head, 20, 24)
    return "audio/basic" if 24 <= start < 1 << 16 and 0 < coding < 28 and 0 < channels < 256 else None


def _id3(head: bytes) -> str | None:
    """A tag before MPEG sound, and sometimes before other sound."""
    if len(head) < 10 or head[3] not in {2, 3, 4} or any(octet > 0x7F for octet in head[6:10]):
        return None
    size = 0
    for octet in head[6:10]:  # seven bits each
        size = size << 7 | octet
    behind = head[10 + size :]
    if behind.startswith(b"fLaC"):
        return "audio/flac"
    return _mpeg_frames(behind) or "audio/mpeg"


# kbit/s by the four bits that say it; by version 1 or 2, and by layer
_BIT_RATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = (44_100, 48_000, 32_000)
# the two bits of the version -> the version for the bit rate, and what the sample rate is divided by
_MPEG_VERSIONS = {3: (1, 1), 2: (2, 2), 0: (2, 4)}


def _mpeg_frames(head: bytes) -> str | None:
    """MPEG sound has no beginning of its own: eleven bits are set, and set again where the next frame must be."""
    size = _frame_size(head[:7])
    if size == 0 or _frame_size(head[size : size + 7]) == 0 or head[:2] != head[size : size + 2]:
        return None
    return "audio/mpeg" if head[1] & 6 else "audio/aac"


def _frame_size(header: bytes) -> int:
    """The octets of the MPEG or ADTS frame with this *header*; 0 where it is none."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    layer = 4 - (header[1] >> 1 & 3)
    if layer == 4:  # the value MPEG reserves, by which ADTS is told
        is_adts = header[1] & 0xF0 == 0xF0 and header[2] >> 2 & 15 < 13
        size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        return size if is_adts and size >= 7 else 0
    version, rate, sampling = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or sampling == 3:
        return 0
    kind, divisor = _MPEG_VERSIONS[version]
    bits, samples = _BIT_RATES[kind, layer][rate] * 1000, _SAMPLE_RATES[sampling] // divisor
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // samples + padding) * 4
    return (72 if kind == 2 and layer == 3 else 144) * bits // samples + padding


_OGG_FILMS = (b"\x80theora", b"BBCD\0", b"OVP80")
_OGG_SOUNDS = (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC")


def _ogg(head: bytes) -> str | None:
    # RFC 5334 5: video/ogg has a film in it, audio/ogg nothing but sound; each says so in its first page
    if any(codec in head for codec in _OGG_FILMS):
        return "video/ogg"
    return "audio/ogg" if any(codec in head for codec in _OGG_SOUNDS) else "application/ogg"


_DOCUMENT_TYPE = rb"\x42\x82[\x01-\xff][\x00-\xff]{0,7}?(webm|matroska)"  # the size between takes up to eight octets


def _matroska(head: bytes) -> str | None:
    # RFC 8794 11.2: the document type stands in the first element
    found = compiled(_DOCUMENT_TYPE).search(head)
    if found is None:
        return None
    sort = "audio" if _is_sound_only(head) else "video"
    return f"{sort}/{found[1].decode()}"


def _is_sound_only(head: bytes) -> bool:
    """Whether all the tracks are in sight, and none is a film. RFC 9559, section 5.1.4."""
    start = head.find(b"\x16\x54\xae\x6b") + 4
    if start < 4 or start >= len(head) or head[start] == 0:
        return False
    width = 9 - head[start].bit_length()
    size = _number(head, start, start + width) & ((1 << 7 * width) - 1)
    tracks = head[start + width : start + width + size]
    return len(tracks) == size and b"A_" in tracks and b"V_" not in tracks


_ASF_SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_ASF_FILM = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


def _asf(head: bytes) -> str | None:
    if _ASF_FILM in head:
        return "video/x-ms-wmv"
    return "audio/x-ms-wma" if _ASF_SOUND in head else "video/x-ms-asf"


def _mpeg_pack(head: bytes) -> str | None:
    mark = head[4] if len(head) > 4 else 0
    return "video/mpeg" if mark & 0xC4 == 0x44 or mark & 0xF1 == 0x21 else None


def _mpeg_sequence(head: bytes) -> str | None:
    return "video/mpeg" if len(head) > 7 and _number(head, 4, 6) >> 4 and head[7] >> 4 else None


def _flash(head: bytes) -> str | None:
    return "video/x-flv" if head[5:9] == b"\0\0\0\x09" else None


_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic-sequence"),
    b"msf1": "image/heif-sequence",
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "), "audio/mp4"),
    b"qt  ": "video/quicktime",
    b"mj2s": "video/mj2",
    b"mjp2": "video/mj2",
    **dict.fromkeys((b"isom", b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"M4VH", b"M4VP", b"F4V "), "video/mp4"),
    **dict.fromkeys((b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"dash", b"MSNV", b"mmp4"), "video/mp4"),
}
_BRAND_FAMILIES = {b"3gp": "video/3gpp", b"3gr": "video/3gpp", b"3gs": "video/3gpp", b"3ge": "video/3gpp"}
_BRAND_FAMILIES |= {b"3gg": "video/3gpp", b"3g2": "video/3gpp2"}


def _base_media(head: bytes) -> str | None:
    """ISO base media (MP4, 3GP, HEIF, AVIF): the brand, else the first known of those it is compatible with."""
    size = _number(head, 0, 4)
    if head[4:8] != b"ftyp" or size < 16 or size % 4 or size > LOOK_SIZE:
        return None
    brands = [head[start : start + 4] for start in (8, *range(16, size, 4))]
    if brands[0] in (b"mif1", b"mif2"):  # a picture, in whatever coding one of the others says
        coded = (_BRANDS.get(brand) for brand in brands if brand[:3] in (b"avi", b"hei"))
        return next(filter(None, coded), "image/heif")
    return next(filter(None, map(_brand_type, brands)), None)


def _brand_type(brand: bytes) -> str | None:
    return _BRANDS.get(brand) or _BRAND_FAMILIES.get(brand[:3])


def _quicktime(head: bytes) -> str | None:
    """Films older than brands begin with the film itself, or with room left free before it."""
    start = 0
    while head[start + 4 : start + 8] in (b"wide", b"free", b"skip"):
        # text says "the free ..." too, but not of so few octets
        start += max(_number(head, start, start + 4), 8)
    # no text: a letter in the first octet would make it a box of half a gigabyte
    is_film = head[start + 4 : start + 8] in (b"moov", b"mdat") and head[start] < 0x20
    return "video/quicktime" if is_film else None


def _transport_stream(head: bytes) -> str | None:
    """Packets of 188 octets that begin with the same one; on discs four octets stand before each."""
    for start, step in ((0, 188), (4, 192)):
        packets = [head[at : at + 4] for at in range(start, len(head) - 3, step)]
        if len(packets) >= 3 and all(_is_packet(packet) for packet in packets):
            return "video/mp2t"
    return None


def _is_packet(packet: bytes) -> bool:
    return packet[0] == 0x47 and packet[1] < 0x80 and bool(packet[3] & 0x30) and packet[3] & 0xC0 != 0x40


# -- documents, archives, fonts --------------------------------------------------------------------


def _pdf(head: bytes) -> str | None:
    return "application/pdf" if compiled(rb"%PDF-\d").match(head) else None


_PACKAGES = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    b"visio/": "application/vnd.ms-visio.drawing",
}
_PACKAGE_MARKS = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/")
_SAID_IN_ZIP = rb"(?:application/(?:epub\+zip|vnd\.oasis\.opendocument\.[a-z-]{1,40})|image/openraster)(?=PK|\s|\Z)"


def _zip(head: bytes) -> str | None:
    if head[26:38] == b"\x08\0\0\0mimetype":  # OpenDocument and EPUB say it themselves, in the first entry
        said = compiled(_SAID_IN_ZIP).match(head, 38)
        return said[0].decode() if said else "application/zip"
    names = _entry_names(head)
    if any(name.startswith(_PACKAGE_MARKS) for name in names):
        for folder, kind in _PACKAGES.items():
            if any(name.startswith(folder) for name in names):
                return kind
    if names and names[0] in (b"META-INF/", b"META-INF/MANIFEST.MF"):
        return "application/java-archive"
    return "application/zip"


def _entry_names(head: bytes) -> list[bytes]:
    """The names of the entries in sight. Sizes are not believed: some programs write them behind the entry."""
    names = []
    start = 0
    while start >= 0:
        size = min(_number(head, start + 26, start + 28, little=True), 99)  # enough of it to know it by
        names.append(head[start + 30 : start + 30 + size])
        start = head.find(b"PK\x03\x04", start + 4)
    return names


_STORED = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}


def _ole(head: bytes) -> str | None:
    """An older office document, by the names in its directory, where that is in sight."""
    for name, kind in _STORED.items():
        if (name + "\0").encode("utf-16-le") in head:
            return kind
    return "application/x-ole-storage"


def _gzip(head: bytes) -> str | None:
    return "application/gzip" if head[3:4] < b"\x20" else None  # RFC 1952 2.3.1: the three other bits are zero


def _bzip2(head: bytes) -> str | None:
    block, end = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")
    return "application/x-bzip2" if head[4:10] in (block, end) and head[3:4] in b"123456789" else None


def _tar(head: bytes) -> str | None:
    return "application/x-tar" if head[257:].startswith((b"ustar\0", b"ustar  \0")) else None


def _dicom(head: bytes) -> str | None:
    return "application/dicom" if head[128:134] == b"DICM\2\0" else None


_FONT_KINDS = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf")


def _woff(head: bytes) -> str | None:
    kind = "font/woff2" if head.startswith(b"wOF2") else "font/woff"
    return kind if head[4:8] in _FONT_KINDS else None


def _open_type(head: bytes) -> str | None:
    """The number of tables, and the largest power of two in it, times 16."""
    count = _number(head, 4, 6)
    if not 0 < count < 256 or _number(head, 6, 8) != 16 << count.bit_length() - 1:
        return None
    return "font/otf" if head.startswith(b"OTTO") else "font/ttf"


# -- the table -------------------------------------------------------------------------------------

_BEGINNINGS: tuple[tuple[bytes, Answer], ...] = (
    # images
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"BM", _bmp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"II+\0\x08\0\0\0", "image/tiff"),
    (b"MM\0+\0\x08\0\0", "image/tiff"),
    (b"\0\0\1\0", _icon),
    (b"\0\0\2\0", _icon),
    (b"\0\0\0\x0cjP  \r\n\x87\n", _jpeg_2000),
    (b"\xff\x4f\xff\x51", "image/j2c"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\xff\n", "image/jxl"),
    (b"II\xbc\1", "image/jxr"),
    (b"8BPS", _photoshop),
    (b"gimp xcf ", "image/x-xcf"),
    (b"AT&TFORM", _djvu),
    (b"\1\0\0\0", _emf),
    (b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (b"P", _pnm),
    (b"#define", _xbm),
    (b"#?RADIANCE\n", "image/vnd.radiance"),
    (b"v/1\1", "image/x-exr"),
    (b"Y\xa6j\x95", "image/x-cmu-raster"),
    (b"\1\xda", _sgi),
    *((first, _svg) for first in (b"<", b" ", b"\t", b"\r", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")),
    # sound and films
    *((magic, _riff) for magic in (b"RIFF", b"RIFX", b"RF64", b"BW64")),
    (b"FORM", _iff),
    (b"ID3", _id3),
    (b"\xff", _mpeg_frames),
    (b"OggS\0", _ogg),
    (b"fLaC\0\0\0\x22", "audio/flac"),
    (b"fLaC\x80\0\0\x22", "audio/flac"),
    (b".snd", _sun_audio),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"caff\0\1\0\0", "audio/x-caf"),
    (b"Creative Voice File\x1a", "audio/x-voc"),
    (b"\x1a\x45\xdf\xa3", _matroska),
    (b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel", _asf),
    (b"\0\0\1\xba", _mpeg_pack),
    (b"\0\0\1\xb3", _mpeg_sequence),
    (b"FLV\1", _flash),
    # documents, archives, fonts
    (b"%PDF-", _pdf),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"{\\rtf1", "application/rtf"),
    (b"PK\3\4", _zip),
    (b"PK\5\6" + bytes(16), "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _ole),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"\x1f\x8b\x08", _gzip),
    (b"BZh", _bzip2),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\0asm\1\0\0\0", "application/wasm"),
    (b"wOFF", _woff),
    (b"wOF2", _woff),
    (b"OTTO", _open_type),
    (b"\0\1\0\0", _open_type),
    (b"ttcf\0\1\0\0", "font/collection"),
    (b"ttcf\0\2\0\0", "font/collection"),
)
_BY_LATER_OCTETS = (_base_media, _quicktime, _transport_stream, _tar, _dicom)


def _indexed(rows: tuple[tuple[bytes, Answer], ...]) -> Mapping[bytes, list[tuple[bytes, Answer]]]:
    index: dict[bytes, list[tuple[bytes, Answer]]] = {}
    for magic, answer in rows:
        index.setdefault(magic[:1], []).append((magic, answer))
    return index


_BY_FIRST_OCTET = _indexed(_BEGINNINGS)
