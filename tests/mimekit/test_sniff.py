"""sniff: the table of beginnings, and what only looks like one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mimetypes
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import wave
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit.sniff import _BEGINNINGS, LOOK_SIZE, sniff
from tests import corpora

_FILE = shutil.which("file")
_OFFICE = "application/vnd.openxmlformats-officedocument"


# -- files, made here ------------------------------------------------------------------------------


def _chunk(name: bytes, octets: bytes) -> bytes:
    return struct.pack(">I", len(octets)) + name + octets + struct.pack(">I", zlib.crc32(name + octets))


def _png() -> bytes:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0\0")) + _chunk(b"IEND", b"")


def _gif(*, colours: bool = True) -> bytes:
    measures = struct.pack("<HHBBB", 1, 1, 0x80 if colours else 0, 0, 0)
    table = b"\0\0\0\xff\xff\xff" if colours else b""
    return b"GIF89a" + measures + table + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2D\1\0;"


def _bmp() -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + info + b"\0\0\xff\0"


def _bmp_os2() -> bytes:
    return b"BM" + struct.pack("<IHHI", 30, 0, 0, 26) + struct.pack("<IHHHH", 12, 1, 1, 1, 24) + b"\0\0\xff\0"


def _icon(kind: int = 1, count: int = 1) -> bytes:
    return struct.pack("<HHHBBBBHHII", 0, kind, count, 16, 16, 0, 0, 1, 32, 1128, 6 + 16 * count) + bytes(64)


def _tiff(order: str) -> bytes:
    return {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIH", 42, 8, 0) + bytes(4)


def _svg(before: str = "", root: str = "svg") -> bytes:
    prefix = f":{root.partition(':')[0]}" if ":" in root else ""
    return f'{before}<{root} xmlns{prefix}="http://www.w3.org/2000/svg" width="1" height="1"/>'.encode()


def _wave() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(160))
    return file.getvalue()


def _riff(kind: bytes, inside: bytes = bytes(8)) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(inside)) + kind + inside


def _aiff(kind: bytes = b"AIFF") -> bytes:
    sound = b"COMM" + struct.pack(">IhIh", 18, 1, 0, 16) + bytes.fromhex("400bfa00000000000000")
    return b"FORM" + struct.pack(">I", 4 + len(sound)) + kind + sound


def _frames(header: str, size: int, count: int = 2) -> bytes:
    octets = bytes.fromhex(header)
    return (octets + bytes(size - len(octets))) * count


MP3 = _frames("fffb9000", 417)
ADTS = _frames("fff15080029ffc", 20)


def _id3(behind: bytes, *, size: int = 20) -> bytes:
    return (
        b"ID3\4\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + bytes(size) + behind
    )


def _ogg(*packets: bytes) -> bytes:
    return b"".join(
        b"OggS\0\2" + bytes(8) + struct.pack("<III", 1, 0, 0) + bytes([1, len(packet)]) + packet for packet in packets
    )


def _element(name: str, inside: bytes, *, width: int = 1) -> bytes:
    size = (len(inside) | 1 << 7 * width).to_bytes(width, "big")
    return bytes.fromhex(name) + size + inside


def _matroska(kind: bytes, *codecs: bytes, width: int = 1) -> bytes:
    head = _element("1a45dfa3", _element("4286", b"\1") + _element("4282", kind, width=width))
    tracks = b"".join(_element("ae", _element("86", codec)) for codec in codecs)
    return head + _element("18538067", _element("1654ae6b", tracks, width=8) if codecs else b"")


def _boxes(*brands: bytes) -> bytes:
    major, *others = brands
    return struct.pack(">I", 16 + 4 * len(others)) + b"ftyp" + major + bytes(4) + b"".join(others) + bytes(8) + b"mdat"


def _zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, octets in entries:
            archive.writestr(name, octets)
    return file.getvalue()


def _office(folder: str, *, first: str = "[Content_Types].xml") -> bytes:
    return _zipped((first, b"<Types/>"), (f"{folder}/main.xml", b"<x/>"), ("_rels/.rels", b"<Relationships/>"))


def _saying(kind: str) -> bytes:
    return _zipped(("mimetype", kind.encode()), ("content.xml", b"<x/>"), compression=zipfile.ZIP_STORED)


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return file.getvalue()


def _sqlite() -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute("create table t (x)")
    octets = database.serialize()
    database.close()
    return octets


def _ole(name: str = "") -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + f"Root Entry\0{name}\0".encode("utf-16-le")


def _transport(start: bytes = b"", *, packets: int = 4) -> bytes:
    return (start + b"\x47\x40\0\x10" + bytes(184)) * packets


def _font(kind: bytes) -> bytes:
    return kind + struct.pack(">HHHH", 10, 128, 3, 32) + bytes(16)


IMAGES = [
    pytest.param(_png(), "image/png", id="png"),
    pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9", "image/jpeg", id="jpeg, JFIF"),
    pytest.param(b"\xff\xd8\xff\xee\0\x0eAdobe\0d\0\0\0\0\1", "image/jpeg", id="jpeg, Adobe"),
    pytest.param(_gif(), "image/gif", id="gif"),
    pytest.param(_gif(colours=False), "image/gif", id="gif without colours"),
    pytest.param(_gif()[:13], "image/gif", id="gif, cut"),
    pytest.param(_riff(b"WEBP", b"VP8L" + bytes(4)), "image/webp", id="webp"),
    pytest.param(_boxes(b"avif", b"mif1"), "image/avif", id="avif"),
    pytest.param(_boxes(b"mif1", b"avif", b"miaf"), "image/avif", id="avif among others"),
    pytest.param(_boxes(b"heic", b"mif1"), "image/heic", id="heic"),
    pytest.param(_boxes(b"mif1", b"mif1", b"heic"), "image/heic", id="heic among others"),
    pytest.param(_boxes(b"mif1", b"mif1"), "image/heif", id="heif"),
    pytest.param(_boxes(b"mif1", b"avio", b"avif"), "image/avif", id="avif behind a brand of its kin"),
    pytest.param(_boxes(b"mif1", b"heiz")[:-1], "image/heif", id="heif cut short"),
    pytest.param(_boxes(b"msf1", b"hevc"), "image/heif-sequence", id="heif sequence"),
    pytest.param(_bmp(), "image/bmp", id="bmp"),
    pytest.param(_bmp_os2(), "image/bmp", id="bmp of OS/2"),
    pytest.param(_tiff("<"), "image/tiff", id="tiff, little-endian"),
    pytest.param(_tiff(">"), "image/tiff", id="tiff, big-endian"),
    pytest.param(b"II+\0\x08\0\0\0" + bytes(8), "image/tiff", id="big tiff"),
    pytest.param(_icon(), "image/vnd.microsoft.icon", id="ico"),
    pytest.param(_icon(2), "image/vnd.microsoft.icon", id="cursor"),
    pytest.param(_svg(), "image/svg+xml", id="svg"),
    pytest.param(_svg('<?xml version="1.0"?>\n<!-- > -->\n'), "image/svg+xml", id="svg with a prolog"),
    pytest.param(b"\xef\xbb\xbf" + _svg(), "image/svg+xml", id="svg with a byte order mark"),
    pytest.param(_svg().decode().encode("utf-16"), "image/svg+xml", id="svg in UTF-16"),
    pytest.param(_svg(root="svg:svg"), "image/svg+xml", id="svg with a prefix"),
    pytest.param(
        _svg('<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">'), "image/svg+xml", id="svg with a doctype"
    ),
    pytest.param(_svg('<!DOCTYPE svg [<!ENTITY a "b>c">]  >'), "image/svg+xml", id="svg with entities"),
    pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 ", "image/jp2", id="jpeg 2000"),
    pytest.param(b"\xff\x4f\xff\x51\0\x29", "image/j2c", id="jpeg 2000, bare"),
    pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl", id="jpeg xl"),
    pytest.param(b"\xff\n\xfa\x1f\x01\x90", "image/jxl", id="jpeg xl, bare"),
    pytest.param(b"8BPS\0\1" + bytes(6) + b"\0\3", "image/vnd.adobe.photoshop", id="photoshop"),
    pytest.param(b"P4\n8 1\n\xff", "image/x-portable-bitmap", id="pbm"),
    pytest.param(b"P1\n# a\n2 1\n0 1\n", "image/x-portable-bitmap", id="pbm in digits"),
    pytest.param(b"P5\n1 1\n255\n\0", "image/x-portable-graymap", id="pgm"),
    pytest.param(b"P6\n# made by hand\n1 1 255\n\0\0\0", "image/x-portable-pixmap", id="ppm"),
    pytest.param(b"P7\nWIDTH 1\nHEIGHT 1\n", "image/x-portable-arbitrarymap", id="pam"),
    pytest.param(b"#define a_width 8\n#define a_height 1\nstatic char a_bits[] = {", "image/x-xbitmap", id="xbm"),
    pytest.param(b"\1\xda\1\1\0\3\0\1\0\1\0\3", "image/x-rgb", id="sgi"),
    pytest.param(b"AT&TFORM\0\0\0\x14DJVUINFO", "image/vnd.djvu", id="djvu"),
    pytest.param(b"\1\0\0\0\x6c\0\0\0" + bytes(32) + b" EMF", "image/emf", id="emf"),
    pytest.param(b"\xd7\xcd\xc6\x9a\0\0", "image/wmf", id="wmf"),
]

SOUNDS_AND_FILMS = [
    pytest.param(_wave(), "audio/vnd.wave", id="wav"),
    pytest.param(MP3, "audio/mpeg", id="mp3"),
    pytest.param(_frames("fff39000", 261), "audio/mpeg", id="mp3, MPEG 2"),
    pytest.param(_frames("fffd9000", 522), "audio/mpeg", id="mp2"),
    pytest.param(_frames("ffff9000", 312), "audio/mpeg", id="mp1"),
    pytest.param(_id3(MP3), "audio/mpeg", id="mp3 behind a tag"),
    pytest.param(_id3(b"", size=70_000), "audio/mpeg", id="a long tag"),
    pytest.param(_id3(b"fLaC"), "audio/flac", id="flac behind a tag"),
    pytest.param(_id3(ADTS), "audio/aac", id="aac behind a tag"),
    pytest.param(ADTS, "audio/aac", id="aac"),
    pytest.param(_ogg(b"\x01vorbis"), "audio/ogg", id="ogg, vorbis"),
    pytest.param(_ogg(b"OpusHead\1"), "audio/ogg", id="ogg, opus"),
    pytest.param(_ogg(b"\x80theora", b"\x01vorbis"), "video/ogg", id="ogg, theora"),
    pytest.param(_ogg(b"something"), "application/ogg", id="ogg of another kind"),
    pytest.param(b"fLaC\0\0\0\x22" + bytes(34), "audio/flac", id="flac"),
    pytest.param(_aiff(), "audio/aiff", id="aiff"),
    pytest.param(_aiff(b"AIFC"), "audio/aiff", id="aifc"),
    pytest.param(b".snd" + struct.pack(">IIIII", 24, 8, 1, 8000, 1), "audio/basic", id="au"),
    pytest.param(b"MThd\0\0\0\x06\0\0\0\1\0\x60MTrk", "audio/midi", id="midi"),
    pytest.param(b"#!AMR\n\x3c", "audio/amr", id="amr"),
    pytest.param(b"#!AMR-WB\n\x3c", "audio/amr-wb", id="amr, wide"),
    pytest.param(_boxes(b"M4A ", b"isom", b"mp42"), "audio/mp4", id="m4a"),
    pytest.param(_matroska(b"webm", b"A_OPUS"), "audio/webm", id="webm, sound only"),
    pytest.param(_matroska(b"webm", b"A_OPUS", b"V_VP9"), "video/webm", id="webm"),
    pytest.param(_matroska(b"webm", b"A_OPUS")[:-1], "video/webm", id="webm, cut in the tracks"),
    pytest.param(_matroska(b"webm") + b"\x16\x54\xae\x6b", "video/webm", id="webm, cut before the tracks"),
    pytest.param(_matroska(b"webm") + b"\x16\x54\xae\x6b\0", "video/webm", id="webm, no size of the tracks"),
    pytest.param(_matroska(b"matroska", width=8), "video/matroska", id="mkv"),
    pytest.param(_boxes(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4", id="mp4"),
    pytest.param(_boxes(b"XAVC", b"mp42"), "video/mp4", id="mp4 of a maker"),
    pytest.param(_boxes(b"qt  "), "video/quicktime", id="mov"),
    pytest.param(b"\0\0\0\x08wide\0\0\1\0mdat", "video/quicktime", id="mov without a brand"),
    pytest.param(b"\0\0\1\0moov\0\0\0\x6cmvhd", "video/quicktime", id="mov, moov first"),
    pytest.param(_boxes(b"3gp4", b"isom"), "video/3gpp", id="3gp"),
    pytest.param(_boxes(b"3g2a"), "video/3gpp2", id="3g2"),
    pytest.param(_riff(b"AVI ", b"LIST" + bytes(4) + b"hdrlavih"), "video/x-msvideo", id="avi"),
    pytest.param(b"\0\0\1\xba\x44\0\4\0\4\1", "video/mpeg", id="mpeg"),
    pytest.param(b"\0\0\1\xb3\x16\0\xf0\x15", "video/mpeg", id="mpeg without packs"),
    pytest.param(_transport(), "video/mp2t", id="mpeg transport stream"),
    pytest.param(_transport(bytes(4)), "video/mp2t", id="mpeg transport stream of a disc"),
    pytest.param(b"FLV\1\5\0\0\0\x09", "video/x-flv", id="flv"),
    pytest.param(
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c c0ef19bc4d5bcf11a8fd00805f5c442b"), "video/x-ms-wmv", id="wmv"
    ),
    pytest.param(
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c 409e69f84d5bcf11a8fd00805f5c442b"), "audio/x-ms-wma", id="wma"
    ),
    pytest.param(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "video/x-ms-asf", id="asf"),
]

DOCUMENTS = [
    pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf", id="pdf"),
    pytest.param(b"%!PS-Adobe-3.0\n", "application/postscript", id="postscript"),
    pytest.param(b"{\\rtf1\\ansi Hello}", "application/rtf", id="rtf"),
    pytest.param(_office("word"), f"{_OFFICE}.wordprocessingml.document", id="docx"),
    pytest.param(_office("xl"), f"{_OFFICE}.spreadsheetml.sheet", id="xlsx"),
    pytest.param(_office("xl", first="docProps/app.xml"), f"{_OFFICE}.spreadsheetml.sheet", id="xlsx, another order"),
    pytest.param(_office("ppt"), f"{_OFFICE}.presentationml.presentation", id="pptx"),
    pytest.param(_office("other"), "application/zip", id="a package of another kind"),
    pytest.param(
        _saying("application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text", id="odt"
    ),
    pytest.param(
        _saying("application/vnd.oasis.opendocument.spreadsheet"),
        "application/vnd.oasis.opendocument.spreadsheet",
        id="ods",
    ),
    pytest.param(
        _saying("application/vnd.oasis.opendocument.presentation"),
        "application/vnd.oasis.opendocument.presentation",
        id="odp",
    ),
    pytest.param(_saying("application/epub+zip"), "application/epub+zip", id="epub"),
    pytest.param(_saying("text/html"), "application/zip", id="a zip that says it is another type"),
    pytest.param(_zipped(("META-INF/MANIFEST.MF", b"")), "application/java-archive", id="jar"),
    pytest.param(_zipped(("word/a.txt", b"a")), "application/zip", id="zip"),
    pytest.param(_zipped(), "application/zip", id="an empty zip"),
    pytest.param(_ole(), "application/x-ole-storage", id="ole"),
    pytest.param(_ole("WordDocument"), "application/msword", id="doc"),
    pytest.param(_ole("Workbook"), "application/vnd.ms-excel", id="xls"),
    pytest.param(b"\x78\x9f\x3e\x22\1\0", "application/ms-tnef", id="winmail.dat"),
    pytest.param(gzip.compress(b"a"), "application/gzip", id="gzip"),
    pytest.param(bz2.compress(b"a"), "application/x-bzip2", id="bzip2"),
    pytest.param(lzma.compress(b"a"), "application/x-xz", id="xz"),
    pytest.param(b"\x28\xb5\x2f\xfd\x04\0", "application/zstd", id="zstd"),
    pytest.param(b"7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed", id="7z"),
    pytest.param(b"Rar!\x1a\x07\1\0", "application/vnd.rar", id="rar"),
    pytest.param(_tar(), "application/x-tar", id="tar"),
    pytest.param(_sqlite(), "application/vnd.sqlite3", id="sqlite"),
    pytest.param(bytes(128) + b"DICM\2\0\0\0", "application/dicom", id="dicom"),
    pytest.param(b"wOFF\0\1\0\0", "font/woff", id="woff"),
    pytest.param(b"wOF2OTTO", "font/woff2", id="woff2"),
    pytest.param(_font(b"\0\1\0\0"), "font/ttf", id="ttf"),
    pytest.param(_font(b"OTTO"), "font/otf", id="otf"),
]

SAMPLES = [*IMAGES, *SOUNDS_AND_FILMS, *DOCUMENTS]
_OCTETS = [octets for octets in (param.values[0] for param in SAMPLES) if isinstance(octets, bytes)]

TEXTS = [
    "BM stands for bitmap, and for many other things as well; this one is a text that has a few words.",
    "BMW is a maker of cars",
    "GIF89a is a format of pictures, and GIF87a another",
    "GIF89a",
    "ID3 tags hold the title",
    "ID3",
    "P6 is a street",
    "P6 10 20 30 are the numbers",
    "P1\n10 20\nare my numbers\n",
    "P5\n10 20\nare my numbers\n",
    "P7 332",
    "FORM 1040 is due",
    ".snd is what Sun called its sound files",
    "#define x 1\n#define y 2\n",
    "%PDF- is how one begins",
    "PK is short for Phil Katz",
    "RIFF, as of a guitar",
    "RIFFLES AND MORE",
    "MM is a thousand thousand",
    "OggSomething",
    "wOFF is a format of fonts",
    "8BPS is Photoshop's",
    "the free and the wide",
    "FLV\1deo",
    "BZh9 is how bzip2 begins",
    "AT&TFORM is a strange word",
    "G" * 700,
    "<!-- svg http://www.w3.org/2000/svg --><html><body><svg></svg></body></html>",
    "<svg>no namespace, no drawing</svg>",
    "<!-- http://www.w3.org/2000/svg",
    "<?xml http://www.w3.org/2000/svg",
    "<!DOCTYPE svg [ http://www.w3.org/2000/svg ",
    "<!DOCTYPE http://www.w3.org/2000/svg",
    "<p>About http://www.w3.org/2000/svg</p>",
    "{\\rtf is how one begins",
    "BEGIN:VCALENDAR\r\n",
    "From: me@example.org\r\n\r\nHello\r\n",
    " ",
    "",
]

DAMAGED = [
    pytest.param(b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 1, 1, 1, 24), id="bmp whose picture begins in its head"),
    pytest.param(_bmp()[:26] + b"\7" + _bmp()[27:], id="bmp of seven planes"),
    pytest.param(_icon(count=0), id="ico without entries"),
    pytest.param(b"II*\0\0\0\0\0", id="tiff with nothing behind"),
    pytest.param(b"\1\xda\7\1\0\3", id="sgi of another form"),
    pytest.param(b"\1\0\0\0", id="four octets of emf"),
    pytest.param(b"\0\0\0\x0cjP  \r\n\x87\n", id="jpeg 2000 without a brand"),
    pytest.param(_gif()[:19] + b"\0", id="gif without a block"),
    pytest.param(MP3[:400], id="one frame of mp3"),
    pytest.param(b"\xff\xfb\x90\0" + bytes(500), id="no second frame of mp3"),
    pytest.param(_frames("ffeb9000", 417), id="mp3 of a reserved version"),
    pytest.param(_frames("fffb0000", 417), id="mp3 of a free bit rate"),
    pytest.param(_frames("fffb9c00", 417), id="mp3 of a reserved sample rate"),
    pytest.param(_frames("fff17c80029ffc", 20), id="aac of a reserved sample rate"),
    pytest.param(_frames("fff150800000fc", 20), id="aac of no size"),
    pytest.param(_frames("ffe15080029ffc", 20), id="aac with eleven bits"),
    pytest.param(b"\xff" * 600, id="only ones"),
    pytest.param(b"\0" * 600, id="only zeros"),
    pytest.param(b".snd" + struct.pack(">IIIII", 24, 8, 99, 8000, 1), id="au of an unknown coding"),
    pytest.param(_boxes(b"none", b"nor1"), id="no known brand"),
    pytest.param(b"\0\0\0\x0fftypisom", id="brands cut short"),
    pytest.param(b"\0\0\0\x08free\0\0\0\x08skip", id="nothing but room"),
    pytest.param(b"\x1a\x45\xdf\xa3\x80", id="ebml of no document type"),
    pytest.param(b"\0\0\1\xba", id="mpeg, cut"),
    pytest.param(b"\0\0\1\xb3\0\0", id="mpeg sequence, cut"),
    pytest.param(_transport(packets=2), id="too few packets"),
    pytest.param(b"\x1f\x8b\x08\xff", id="gzip of reserved flags"),
    pytest.param(b"\0\1\0\0\0\3\0\7", id="ttf of odd tables"),
    pytest.param(b"OTTO\0\0\0\0", id="otf without tables"),
    pytest.param(b"RIFF\0\0\0\0NONE", id="riff of nothing known"),
]


class TestSniff:
    @pytest.mark.parametrize(("octets", "expected"), SAMPLES)
    def test_a_file_is_known_by_how_it_begins(self, octets: bytes, expected: str) -> None:
        """Each format has a beginning of its own."""
        assert sniff(octets) == expected

    @pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
    def test_a_text_is_no_picture_though_it_begins_so(self, text: str) -> None:
        """A magic number of a few letters is also the beginning of a sentence."""
        assert sniff(text.encode("latin-1")) is None
        assert sniff(text.encode() + b"\n" * 300) is None

    @pytest.mark.parametrize("octets", DAMAGED)
    def test_what_stands_behind_a_beginning_is_looked_at(self, octets: bytes) -> None:
        """A few octets may come up by chance; a header of which each number can be true does not."""
        assert sniff(octets) is None

    @pytest.mark.parametrize("kind", [bytearray, memoryview])
    def test_what_holds_octets_is_octets(self, kind: type) -> None:
        """What a caller has mapped or read into a buffer needs no copy of the whole."""
        assert sniff(kind(_png())) == "image/png"

    def test_a_comment_of_any_length_is_passed_in_one_step(self) -> None:
        """The time is linear: many comments are no search each."""
        comments = "<!-- -->" * 400

        assert sniff(_svg(comments)) == "image/svg+xml"
        assert sniff(_svg(comments + "<!--" * 400)) is None


beginnings = st.sampled_from([*(magic for magic, _ in _BEGINNINGS), *_OCTETS])
cuts = st.integers(0, 64) | st.integers(0, LOOK_SIZE)
likenesses = st.builds(
    lambda start, cut, rest: start[:cut] + rest,
    beginnings,
    cuts,
    st.binary(max_size=200) | st.binary(min_size=LOOK_SIZE, max_size=LOOK_SIZE + 99),
)


@given(st.binary(max_size=600) | likenesses)
def test_any_octets_have_a_type_or_none(octets: bytes) -> None:
    """It never raises; an answer is a media type in lower case, as RFC 6838, section 4.2 writes one."""
    found = sniff(octets)

    assert found is None or (found == found.lower() and found.count("/") == 1 and found.isascii())


@given(likenesses, st.binary(max_size=99))
def test_the_beginning_decides(octets: bytes, behind: bytes) -> None:
    """What stands behind the octets looked at changes nothing."""
    head = octets.ljust(LOOK_SIZE, b"\0")[:LOOK_SIZE]

    assert sniff(head + behind) == sniff(head)


class TestAgreement:
    @pytest.mark.parametrize(
        "extension",
        [
            "png",
            "jpeg",
            "gif",
            "bmp",
            "tiff",
            "svg",
            "pbm",
            "pgm",
            "ppm",
            "xbm",
            "ico",
            "mp3",
            "mp4",
            "mov",
            "avi",
            "webm",
            "mpeg",
            "au",
            "pdf",
            "zip",
            "tar",
            "doc",
            "xls",
            "wasm",
        ],
    )
    def test_types_are_named_as_in_mimetypes(self, extension: str) -> None:
        """A file whose type follows from its name gets the type it would get without one."""
        named, _ = mimetypes.MimeTypes(filenames=()).guess_type(f"a.{extension}")

        assert named in {param.values[1] for param in SAMPLES} | {"application/wasm"}

    @pytest.mark.skipif(_FILE is None, reason="there is no command `file` here")
    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            param
            for param in SAMPLES
            if param.id in {"png", "jpeg, JFIF", "gif", "bmp", "webp", "mp3", "ogg, vorbis", "flac", "m4a", "mp4"}
            or param.id in {"pdf", "rtf", "odt", "ods", "odp", "epub", "gzip", "xz", "tar", "tiff, big-endian"}
        ],
    )
    def test_libmagic_says_the_same(self, octets: bytes, expected: str) -> None:
        """Another table, of other people: both are right about what is common."""
        assert _FILE is not None
        other_names = {"text/rtf": "application/rtf", "video/x-m4a": "audio/mp4", "audio/x-m4a": "audio/mp4"}

        done = subprocess.run([_FILE, "--brief", "--mime-type", "-"], input=octets, capture_output=True, check=True)

        said = done.stdout.decode().strip()
        assert other_names.get(said, said) == expected

    @pytest.mark.corpus
    def test_real_pictures_are_what_they_are_said_to_be_and_texts_are_nothing(self) -> None:
        """What a mail program labels png is one; a text in mail is no picture, no sound and no film."""
        for real in corpora.required_messages():
            for part in mimekit.parse(real.octets).walk():
                if part.is_multipart():
                    continue
                found = sniff(part.octets)
                if part.get_content_maintype() == "text":
                    assert (found or "").partition("/")[0] not in {"image", "audio", "video"}, real
                elif part.get_content_type() in {"image/png", "image/gif"} and part.octets:
                    assert found in {"image/png", "image/gif", "image/jpeg"}, real


def test_each_row_of_the_table_has_a_sample_or_is_one() -> None:
    """A row that nobody meets is a row that may be wrong: it is the beginning of something it says."""
    for magic, answer in _BEGINNINGS:
        if isinstance(answer, str):
            assert sniff(magic) == answer
        else:
            assert any(octets.startswith(magic) for octets in _OCTETS) or magic in _UNSAMPLED


_UNSAMPLED = {b"GIF87a", b"RIFX", b"RF64", b"BW64", b" ", b"\t", b"\r", b"\n", b"\xfe\xff"}


def test_a_file_on_disk_is_known(tmp_path: Path) -> None:
    """A caller reads the beginning only."""
    path = tmp_path / "a.wav"
    path.write_bytes(_wave())

    with path.open("rb") as file:
        assert sniff(file.read(LOOK_SIZE)) == "audio/vnd.wave"
