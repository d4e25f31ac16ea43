"""What mail is made of, for Hypothesis: values, sources that know what is in them, damage, and built messages.

Strategies are plural nouns with keyword-only options that narrow; everything is built from parts, nothing is
filtered. The room is long because it is a list: each strategy is short and uses those above it.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import html
import io
import wave
from typing import Any, NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

import mimekit
from cartero import BadAddress, Cancelled, CarteroError, ConnectError, Envelope, Outcome, Receipt, SendingError
from mimekit import Address, Audio, Calendar, Group, Image, MIMEMessage, Video, Webpage, policy
from mimekit.content.media import Media
from mimekit.content.webpage import Resource
from tests.laws.model import Node

# -- words and values ----------------------------------------------------------------------------------

ASCII_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
ATEXT = ASCII_LETTERS + DIGITS + "!#$%&'*+/=?^_`{|}~-"
TOKEN = ASCII_LETTERS + DIGITS + "!#$&+-.^_`{|}~"
FIELD_NAME = "".join(map(chr, range(33, 127))).replace(":", "")
BOUNDARY = ASCII_LETTERS + DIGITS + "'()+_,-./:=? "

# what makes trouble in one room or another; a text is made of these and of any characters
_PIECES = (
    *(
        " ",
        "  ",
        "\t",
        ",",
        ";",
        ":",
        "<",
        ">",
        "@",
        '"',
        "\\",
        "(",
        ")",
        "'",
        "=",
        "?",
        "=?",
        "?=",
        "_",
        "%",
        "*",
        ".",
    ),
    *("=?utf-8?q?a?=", "=?utf-8?b?4oKs?=", "=?x", "--", "From ", "\x7f", "\x01", "\x0b", "\x0c", "\x85", "\ufeff"),
    *("é", "ß", "€", "日本語", "\u202e", "\u2028", "\U0001f600", "e\u0301", "ﬁ", "\xa0", "x" * 80, "y" * 1_100),
)
_CHARACTERS = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])


@functools.cache
def texts(*, max_size: int = 8, ends: bool = True) -> st.SearchStrategy[str]:
    """Texts that a header value may hold; without *ends* none begins or ends in white space."""
    pieces = st.one_of(st.sampled_from(_PIECES), st.text(_CHARACTERS, max_size=6), st.text(ASCII_LETTERS, max_size=9))
    found = st.lists(pieces, max_size=max_size).map("".join)
    return found if ends else found.map(str.strip)


@functools.cache
def bodies(*, max_size: int = 12, ascii_only: bool = False) -> st.SearchStrategy[str]:
    """Texts that a body may hold: lines of any length, every line end, every character."""
    plain = (
        "\n",
        "\r\n",
        "\n\n",
        " \n",
        "\t\r\n",
        "--",
        "--B",
        ".",
        "From me",
        "=",
        "=3D",
        "word ",
        "x" * 77,
        "y" * 999,
    )
    wide = (
        *plain,
        "é",
        "€",
        "\ufeff",
        "\x00",
        "\r",
        "\x1b$",
        "日本語",
        "\U0001f600",
        "\x85",
        "\u2028",
        "\x80",
        "\u0d0a",
        "\r\r\n",
    )
    characters = st.characters(codec="ascii") if ascii_only else st.characters(exclude_categories=["Cs"])
    pieces = st.one_of(st.sampled_from(plain if ascii_only else wide), st.text(characters, max_size=6))
    return st.lists(pieces, max_size=max_size).map("".join)


@functools.cache
def octets(*, max_size: int = 400) -> st.SearchStrategy[bytes]:
    """Any octets, among them those that look like mail."""
    pieces = st.one_of(
        st.binary(max_size=20), st.sampled_from([b"\r\n", b"\n", b"\r", b"--", b"\0", b"x" * 1_000, b"\xff"])
    )
    return st.lists(pieces, max_size=8).map(b"".join).map(lambda made: made[:max_size])


@st.composite
def octets_around(draw: st.DrawFn, *sizes: int) -> bytes:
    """Many octets, in which something happens about where pieces of these *sizes* end."""
    size = draw(st.sampled_from(sizes)) * draw(st.integers(1, 2)) + draw(st.integers(-4, 4))
    filler = draw(
        st.sampled_from([b"x", b" ", b"=", b"\xff", b"a b\n", b"line of text\r\n", b"\r", "é".encode(), b"\0\1"])
    )
    return (filler * (size // len(filler) + 1))[:size] + draw(octets(max_size=60))


@functools.cache
def header_names(*, free: bool = True) -> st.SearchStrategy[str]:
    """Field names; with *free* only such as no standard gives a meaning to."""
    invented = st.text(FIELD_NAME, min_size=1, max_size=12).map(lambda name: f"X-{name}")
    known = ("Subject", "Comments", "Keywords", "Content-Description", "Organization", "X-Mailer")
    return invented if free else st.one_of(invented, st.sampled_from(known))


@functools.cache
def subjects() -> st.SearchStrategy[str]:
    """What a Subject may say."""
    return texts(max_size=12)


@functools.cache
def display_names() -> st.SearchStrategy[str]:
    """What people are called."""
    usual = st.sampled_from(
        ["", "Ada", "Lovelace, Ada", "J. Doe", 'the "boss"', "Jürgen Weiß", "山田 太郎", "a(b)c", "x@y"]
    )
    return st.one_of(usual, texts(max_size=4, ends=False))


@functools.cache
def domains() -> st.SearchStrategy[str]:
    """Host names in several scripts, and literals."""
    label = st.text(ASCII_LETTERS + DIGITS, min_size=1, max_size=8).map(lambda text: f"d{text}")
    names = st.lists(label, min_size=1, max_size=3).map(".".join)
    return st.one_of(names, st.sampled_from(["example.org", "[192.0.2.1]", "straße.de", "例え.jp", "xn--strae-oqa.de"]))


@functools.cache
def usernames(*, ascii_only: bool = True) -> st.SearchStrategy[str]:
    """Local parts, those among them that must be quoted; without *ascii_only* in any script."""
    atoms = st.lists(st.text(ATEXT, min_size=1, max_size=6), min_size=1, max_size=3).map(".".join)
    quoted = st.sampled_from(["a b", "a..b", ".a", "a@b", 'a"b', "a\\b", "a,b", "<a>", "(a)"])
    return st.one_of(atoms, quoted) if ascii_only else st.one_of(atoms, quoted, st.sampled_from(["jürgen", "用户"]))


@functools.cache
def addresses(*, ascii_only: bool = True) -> st.SearchStrategy[Address]:
    """Addresses that can be written; without *ascii_only* some only by SMTPUTF8."""
    return st.builds(Address, display_names(), usernames(ascii_only=ascii_only), domains())


@functools.cache
def groups() -> st.SearchStrategy[Group]:
    """Groups with a name and any number of members."""
    return st.builds(
        Group, texts(max_size=4, ends=False).map(lambda name: f"g{name}".strip()), st.lists(addresses(), max_size=3)
    )


@functools.cache
def dates() -> st.SearchStrategy[dt.datetime]:
    """Moments that mail can name to the second: in a zone of whole minutes, or naive."""
    zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
    moments = st.datetimes(dt.datetime(1902, 1, 1), dt.datetime(9998, 1, 1))  # noqa: DTZ001 -- the zone comes after
    return st.builds(lambda moment, zone: moment.replace(microsecond=0, tzinfo=zone), moments, st.none() | zones)


@functools.cache
def message_ids() -> st.SearchStrategy[str]:
    """Identifiers with their angle brackets."""
    return st.builds("<{}@{}>".format, st.text(ATEXT, min_size=1, max_size=30), st.text(ATEXT, min_size=1, max_size=30))


@functools.cache
def file_names() -> st.SearchStrategy[str]:
    """What files may be called, kindly or not."""
    usual = st.sampled_from(
        ["a.pdf", "annual report.pdf", "C:\\temp\\a.pdf", "../../etc/passwd", "Übersicht.xlsx", "報告.txt"]
    )
    return st.one_of(usual, texts(max_size=5).map(lambda text: f"f{text}"))


@functools.cache
def disk_names(*, told: bool = False) -> st.SearchStrategy[str]:
    """What a file may be called on disk and mail can carry; with *told* only what every reader of mail tells.

    Dots, quotes and blanks at either end, what changes the direction of writing, and up to 255 octets.
    """
    odd = ("..", "-", "~", "$", "`", "CON", "\u202efdp", "\u2066", "👩\u200d💻", "%41", "''", "utf-8''", "é" * 140)
    usual = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cc", "Cs", "Z"]), max_size=6)
    pieces = st.sampled_from((*_PIECES, *odd)) | usual
    words = st.lists(pieces, max_size=6).map("".join)
    return st.builds(functools.partial(_disk_name, told=told), st.sampled_from(["", ".", " ", "'"]), words, _ENDINGS)


_ENDINGS = st.sampled_from(["", ".", ".pdf", ".txt", ".html", ".eml", ".tar.gz", ".x y", " ", "..", "'", '"', "%"])


def _disk_name(start: str, stem: str, ending: str, *, told: bool) -> str:
    stem = f"{start}{stem}".replace("/", "_").encode()[: 255 - len(ending)].decode(errors="ignore")
    name = stem + ending
    if told:
        # the standard library takes white space off the ends, and tells no controls
        name = "".join(name.split())
        name = "".join(character for character in name if character.isprintable())
    return name if name.strip(".") else f"f{name}"


@functools.cache
def params(*, max_size: int = 4) -> st.SearchStrategy[dict[str, str]]:
    """Parameters of a Content-Type or Content-Disposition, in their order, none that has a meaning."""
    names = st.text(TOKEN.lower(), min_size=1, max_size=8).map(lambda text: f"p-{text.lower()}")
    return st.dictionaries(names, texts(max_size=5), max_size=max_size)


@functools.cache
def boundaries() -> st.SearchStrategy[str]:
    """Boundaries that RFC 2046, section 5.1.1 allows."""
    return st.text(BOUNDARY, max_size=60).map(lambda text: f"b{text.replace('--', '-')}z")


# -- sources that know what is in them -----------------------------------------------------------------


class Leaf(NamedTuple):
    """What a source says of one entity: its type, its fields as they stand, and, if it holds no parts, its body."""

    content_type: str
    fields: tuple[bytes, ...]
    body: bytes | None


class Source(NamedTuple):
    """Octets of a message, and what they hold: every entity in the order of `walk`."""

    octets: bytes
    entities: tuple[Leaf, ...]


class _Pen:
    """Writes lines with the line ends that were drawn, and boundaries that nest without doubt."""

    def __init__(self, draw: st.DrawFn, ends: list[bytes]) -> None:
        self.draw = draw
        self.ends = ends
        self.boundaries = 0

    def end(self) -> bytes:
        """One line end."""
        return self.ends[0] if len(self.ends) == 1 else self.draw(_MIXED)

    def lines(self, lines: list[bytes]) -> bytes:
        """Lines, each with its end."""
        return b"".join(line + self.end() for line in lines)

    def boundary(self) -> str:
        """A boundary that no other begins with, though others may begin as it does."""
        self.boundaries += 1
        stem = self.draw(_STEMS)
        return f"{stem}{self.boundaries}"


_TEXT_LINES = (
    b"",
    b"text",
    b"--",
    b"-- ",
    b"--?",
    b"From me",
    b" x",
    b"\t",
    b"caf\xc3\xa9",
    b"caf\xe9",
    b"a: b",
    b".",
    b"x" * 90,
)
_FIELDS = (
    (b"Subject", b" =?utf-8?q?caf=C3=A9?="),
    (b"subject", b"  two"),
    (b"X-Empty", b""),
    (b"X-Tab", b"\tx  "),
    (b"To", b" Ada <ada@example.org>,{}\tbob@example.org (Bob)"),
    (b"Received", b" from a by b;{} Mon, 2 Nov 2020 10:00:00 +0100"),
    (b"References", b" <1@example.org>{} <2@example.org>"),
    (b"X-8bit", b" caf\xe9"),
    (b"DKIM-Signature", b" v=1; a=rsa-sha256;{}\tb=abc"),
    (b"List-Unsubscribe", b" <mailto:x@example.org>"),
    (b"Date", b" Mon, 2 Nov 2020 10:00:00 +0100 (CET)"),
)
_LEAVES = (
    ("text/plain", None),
    ("text/plain", " text/plain; charset=utf-8"),
    ("text/html", ' text/html; charset="iso-8859-1"'),
    ("image/png", ' image/png; name="a b.png"'),
    ("application/octet-stream", " APPLICATION/Octet-Stream"),
    ("text/plain", " text"),
)
_SOME_FIELDS = st.lists(st.sampled_from(_FIELDS), max_size=3)
_SOME_LINES = st.lists(st.sampled_from(_TEXT_LINES), max_size=3)
_SOME_LEAF = st.sampled_from(_LEAVES)
_ENCODINGS = st.sampled_from([None, b" base64", b" quoted-printable", b" 8bit"])
_MULTIPARTS = st.sampled_from(["mixed", "alternative", "related", "digest", "x-unknown"])
_MESSAGES = st.sampled_from([b"message/rfc822", b"message/global"])
_STEMS = st.sampled_from(["B", "=_", "----=_Part_", "next part", "b'c", "x:y"])
_PADS = st.sampled_from([b"", b"", b" ", b"\t  "])
_PREAMBLES = st.lists(st.sampled_from([b"", b"preamble", b"-- x"]), max_size=2)
_MIXED = st.sampled_from([b"\n", b"\r\n"])
_COUNTS = st.integers(1, 3)
_SIXTHS = st.integers(0, 5)
_BOOLEANS = st.booleans()


class _Entity(NamedTuple):
    octets: bytes
    walked: tuple[Leaf, ...]


def _head(pen: _Pen, content: list[tuple[bytes, bytes]]) -> tuple[bytes, tuple[bytes, ...]]:
    """A header block with *content* behind other fields, and its fields."""
    others = pen.draw(_SOME_FIELDS)
    fields = tuple(pen.lines((name + b":" + body).split(b"{}")) for name, body in [*others, *content])
    return b"".join(fields), fields


def _text(pen: _Pen) -> bytes:
    lines = pen.draw(_SOME_LINES)
    return pen.lines(lines[:-1]) + (lines[-1] if lines else b"")


def _leaf(pen: _Pen) -> _Entity:
    kind, body = pen.draw(_SOME_LEAF)
    content = [] if body is None else [(b"Content-Type", body.encode())]
    encoding = pen.draw(_ENCODINGS)
    text = _text(pen)
    if encoding is not None:
        content.append((b"Content-Transfer-Encoding", encoding))
        if encoding == b" base64":
            text = base64.b64encode(text)
        elif encoding == b" quoted-printable":
            text = text.replace(b"=", b"=3D").replace(b"\xe9", b"=E9")
    head, fields = _head(pen, content)
    return _Entity(head + pen.end() + text, (Leaf(kind, fields, text),))


def _multipart(pen: _Pen, depth: int) -> _Entity:
    subtype = pen.draw(_MULTIPARTS)
    boundary = pen.boundary()
    count = pen.draw(_COUNTS)
    if subtype == "digest":
        parts = [_digested(pen, depth) for _ in range(count)]
    else:
        parts = [_entity(pen, depth - 1) for _ in range(count)]
    return _framed(pen, f"multipart/{subtype}", f' multipart/{subtype}; boundary="{boundary}"', boundary, parts)


def _digested(pen: _Pen, depth: int) -> _Entity:
    """RFC 2046, section 5.1.5: in a digest the default type is message/rfc822."""
    inner = _entity(pen, depth - 2)
    head, fields = _head(pen, [])
    return _Entity(head + pen.end() + inner.octets, (Leaf("message/rfc822", fields, None), *inner.walked))


def _signed(pen: _Pen, depth: int) -> _Entity:
    boundary = pen.boundary()
    signature = b"-----BEGIN PGP SIGNATURE-----" + pen.end() + b"abc"
    head, fields = _head(pen, [(b"Content-Type", b" application/pgp-signature")])
    last = _Entity(head + pen.end() + signature, (Leaf("application/pgp-signature", fields, signature),))
    body = f' multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="{boundary}"'
    return _framed(pen, "multipart/signed", body, boundary, [_entity(pen, depth - 1), last])


def _framed(pen: _Pen, kind: str, body: str, boundary: str, parts: list[_Entity]) -> _Entity:
    """A multipart with all that may stand around its parts."""
    head, fields = _head(pen, [(b"Content-Type", body.encode()), (b"MIME-Version", b" 1.0")])
    draw, dashes = pen.draw, b"--" + boundary.encode()
    pieces = [head, pen.end(), pen.lines(draw(_PREAMBLES))]
    for place, part in enumerate(parts):
        pieces += [pen.end() if place else b"", dashes, draw(_PADS), pen.end(), part.octets]
    if draw(_SIXTHS):  # one in six was cut off
        pieces += [pen.end(), dashes, b"--", draw(_PADS)]
        pieces += [pen.end(), _text(pen)] if draw(_BOOLEANS) else []
    walked = (Leaf(kind, fields, None), *(leaf for part in parts for leaf in part.walked))
    return _Entity(b"".join(pieces), walked)


def _message(pen: _Pen, depth: int) -> _Entity:
    inner = _entity(pen, depth - 1)
    kind = pen.draw(_MESSAGES)
    head, fields = _head(pen, [(b"Content-Type", b" " + kind)])
    return _Entity(head + pen.end() + inner.octets, (Leaf(kind.decode(), fields, None), *inner.walked))


def _wrapped(pen: _Pen, depth: int) -> _Entity:
    """A message/rfc822 in base64, which RFC 2046, section 5.2.1 forbids and people send."""
    inner = _entity(_Pen(pen.draw, pen.ends[:1]), depth - 1)
    content = [(b"Content-Type", b" message/rfc822"), (b"Content-Transfer-Encoding", b" base64")]
    head, fields = _head(pen, content)
    # 16 lines are enough for anybody; octets that are base64 themselves would stand in clear
    lines = base64.encodebytes(inner.octets).split(b"\n")[:-1]
    body = pen.lines(lines[:-1]) + (lines[-1] if lines else b"")
    return _Entity(head + pen.end() + body, (Leaf("message/rfc822", fields, None), *inner.walked))


def _entity(pen: _Pen, depth: int) -> _Entity:
    if depth <= 0:
        return _leaf(pen)
    return pen.draw(_NESTS)(pen, depth) if pen.draw(_BOOLEANS) else _leaf(pen)


_NESTS = st.sampled_from([_multipart, _multipart, _signed, _message, _wrapped])


_USUAL_ENDS = st.sampled_from([[b"\n"], [b"\r\n"], [b"\n", b"\r\n"]])
_ENDS = st.sampled_from([[b"\n"], [b"\r\n"], [b"\n", b"\r\n"], [b"\r"]])


@st.composite
def sources(draw: st.DrawFn, *, max_depth: int = 3, multipart: bool = False, lone_cr: bool = True) -> Source:
    """Messages as they may be received, all of them sound but for a missing end; with *multipart* none is a leaf.

    Line ends are LF, CRLF, a mixture of both, or, with *lone_cr*, CR alone.
    """
    pen = _Pen(draw, draw(_ENDS if lone_cr else _USUAL_ENDS))
    made = _multipart(pen, max_depth) if multipart else _entity(pen, max_depth)
    return Source(made.octets, made.walked)


# -- damage --------------------------------------------------------------------------------------------

_TOKENS = (
    *(
        b"\n",
        b"\r\n",
        b"\r",
        b"\n\n",
        b"\r\n\r\n",
        b"\r\r\n",
        b" ",
        b"\t",
        b":",
        b"--",
        b"\xff",
        b"\0",
        b"\xef\xbb\xbf",
    ),
    *(b"--B\n", b"--B--\n", b"--C\r\n", b"--C--", b"--B", b"--D\n", b"--D--\n", b"--S\n", b"--S--\n", b"--B: x\n"),
    *(b"junk line\n", b"From me Mon\n", b">From me\n", b"hello", b"aGVsbG8=\n", b"=E9=\n", b"Subject :x\n", b"X" * 300),
    b"Content-Type: multipart/mixed; boundary=B\n",
    b'Content-Type: multipart/alternative; boundary="C"\r\n',
    b'Content-Type: multipart/mixed; boundary="B\n C"\n',
    b"Content-Type: multipart/digest; boundary=D\n",
    b"Content-Type: multipart/signed; boundary=S\n",
    b'Content-Type: multipart/related; boundary=B; start="<a@b>"\n',
    b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html; charset=utf-8\n",
    b"Content-Type: text/plain; charset=nonsense; name*0*=x''%; name*1=\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b"Content-Disposition: attachment; filename==?utf-8?q?a?=\n",
    b"Content-Disposition: attachment; filename=a.txt\n",
    b"Subject: =?utf-8?b?=00?= =?x?q?\xe9?=\n",
    b'To: a@b.c, <, "(x\r\n',
    b"Date: 32 Foo 20000 99:99\n",
    b"Message-ID: <a b\n",
    b"Received: from (by; ;\n",
)


@functools.cache
def soups(*, max_size: int = 40) -> st.SearchStrategy[bytes]:
    """What mail is made of, in any order."""
    return st.lists(st.sampled_from(_TOKENS), max_size=max_size).map(b"".join)


@st.composite
def damaged_sources(draw: st.DrawFn) -> bytes:
    """Sound mail with pieces cut out, doubled, or put in."""
    made = draw(sources()).octets
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(made))), draw(st.integers(0, len(made)))))
        piece = draw(st.sampled_from([b"", made[start:end] * 2, *_TOKENS]))
        made = made[:start] + piece + made[min(end, start + 40) :]
    return made


@functools.cache
def anything(*, max_size: int = 40) -> st.SearchStrategy[bytes]:
    """Every byte string, those that look like mail more often than chance would have it."""
    return st.one_of(st.binary(), soups(max_size=max_size), damaged_sources(), sources().map(lambda made: made.octets))


# -- contents and built messages -----------------------------------------------------------------------

_CHARSETS = (
    *("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "ISO-8859-8", "koi8-r", "windows-1251"),
    *("shift_jis", "iso-2022-jp", "euc-jp", "gb2312", "gb18030", "hz-gb-2312", "big5", "euc-kr", "iso-2022-kr"),
    *("utf-16", "utf-16le", "UTF-16BE", "utf-32", "macintosh", "ibm437", "tis-620"),
)


class Text(NamedTuple):
    """Arguments of ``set_content`` for a text, and what is to come back."""

    text: str
    subtype: str
    charset: str


class Data(NamedTuple):
    """Arguments of ``set_content`` for octets."""

    octets: bytes
    maintype: str
    subtype: str


@functools.cache
def text_contents() -> st.SearchStrategy[Text]:
    """Texts for a body, in the charset somebody asks for."""
    charsets = st.sampled_from(
        ["utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "shift_jis", "koi8-r", "utf-16"]
    )
    return st.builds(Text, bodies(), st.sampled_from(["plain", "html", "x-note"]), charsets)


@functools.cache
def data_contents() -> st.SearchStrategy[Data]:
    """Octets for a leaf of any type but text, message and multipart."""
    kinds = st.sampled_from(
        [("application", "pdf"), ("image", "png"), ("application", "octet-stream"), ("audio", "x-y")]
    )
    return st.builds(lambda data, kind: Data(data, *kind), octets(), kinds)


@functools.cache
def text_subtypes() -> st.SearchStrategy[str]:
    """Subtypes of text, known and unknown, in any case."""
    return st.one_of(
        st.sampled_from(["plain", "html", "csv", "HTML", "x-note"]), tokens().map(lambda word: f"x-{word}")
    )


@functools.cache
def tokens() -> st.SearchStrategy[str]:
    """Words of RFC 2045, section 5.1."""
    return st.text(TOKEN, min_size=1, max_size=12)


@functools.cache
def charset_labels() -> st.SearchStrategy[str]:
    """What charsets are called, in each family of them."""
    return st.sampled_from(_CHARSETS)


@functools.cache
def transfer_encodings() -> st.SearchStrategy[str]:
    """Those of RFC 2045, section 6.1, in any case."""
    return st.sampled_from(["7bit", "8bit", "binary", "quoted-printable", "base64", "7BIT", "Base64"])


@functools.cache
def leaf_types() -> st.SearchStrategy[tuple[str, str]]:
    """Main type and subtype of what holds octets, text among them."""
    usual = [("application", "octet-stream"), ("image", "png"), ("text", "plain"), ("TEXT", "HTML"), ("audio", "wav")]
    mains = st.sampled_from(["application", "audio", "image", "video", "font", "model", "text", "x-own"])
    return st.one_of(st.sampled_from(usual), st.tuples(mains, tokens()))


@functools.cache
def resources() -> st.SearchStrategy[Media]:
    """Objects that a page shows, whatever is in them."""
    names = st.none() | file_names()
    subtypes = st.sampled_from(["png", "svg+xml", "x-mine"])
    kinds = st.sampled_from(["font/woff2", "text/css", "application/octet-stream", "text/x-y"])
    return st.one_of(
        st.builds(Image, octets(), subtype=subtypes, filename=names),
        st.builds(Audio, octets(), subtype=subtypes, filename=names),
        st.builds(Video, octets(), subtype=subtypes, filename=names),
        st.builds(Resource, octets(), kinds, filename=names, params=params(max_size=2)),
    )


# how a page refers to something, with its Content-ID percent-encoded
_REFERENCES = (
    '<img src="cid:{}">',
    "<td background=cid:{}>",
    "<IMG srcset='a.png 1x, CID:{} 2x'>",
    '<p style="background: url(&quot;cid:{}&quot;)">',
    '<style>@import "cid:{}";</style>',
    '<!--[if mso]><v:fill src="cid:{}" /><![endif]-->',
    '<a href=" cid:{}\n">',
)


@st.composite
def webpages(draw: st.DrawFn, *, min_size: int = 0) -> Webpage:
    """Pages with at least *min_size* objects, each referred to."""
    ids = st.text(ATEXT.replace("=", "") + ".@", min_size=1, max_size=12)
    shown = draw(st.dictionaries(ids, resources(), min_size=min_size, max_size=4))
    pieces = [html.escape(draw(bodies(max_size=3)))]
    for cid in shown:
        reference = draw(st.sampled_from(_REFERENCES))
        pieces += reference.format(quote(cid, safe="@.!$*+=-_~")), html.escape(draw(bodies(max_size=3)))
    return Webpage("".join(pieces), shown)


@st.composite
def shown_pages(draw: st.DrawFn) -> Webpage:
    """Pages whose objects are all images that a browser knows, each shown once, in the order of the objects."""
    # what begins so is nothing else than is said
    kinds = st.sampled_from([(b"\x89PNG\r\n\x1a\n", "png"), (b"\0", "gif"), (b"\xff\xd8\xff", "jpeg")])
    images = st.builds(lambda kind, rest: Image(kind[0] + rest, subtype=kind[1]), kinds, octets())
    ids = st.text(ATEXT + ".@", min_size=1, max_size=12)
    shown = draw(st.dictionaries(ids, images, min_size=1, max_size=4))
    pieces = [html.escape(draw(bodies(max_size=3)))]
    for cid in shown:
        pieces += f'<img src="cid:{quote(cid, safe="@.")}">', html.escape(draw(bodies(max_size=3)))
    return Webpage("".join(pieces), shown)


@st.composite
def built_messages(
    draw: st.DrawFn, *, max_parts: int = 4, messages: bool = True, option: policy.Policy = policy.default
) -> MIMEMessage:
    """Messages made through the face: fields, a body, versions of it, images in it, files.

    With *messages* some have received messages attached, which keep their line ends and whatever is wrong in them.
    """
    message = MIMEMessage(policy=option)
    message["Subject"] = draw(subjects())
    message["From"] = draw(addresses())
    message["To"] = draw(st.lists(addresses() | groups(), min_size=1, max_size=3))
    message["Date"] = draw(dates())
    if draw(st.booleans()):
        message[draw(header_names())] = draw(texts())
    body = draw(text_contents())
    message.set_content(body.text, body.subtype, charset=body.charset)
    if draw(st.booleans()):
        page = draw(text_contents())
        message.add_alternative(page.text, subtype="html", charset=page.charset)
        if draw(st.booleans()):
            message.embed(draw(octets()), "image", "png")
    for _ in range(draw(st.integers(0, max_parts))):
        _attach(draw, message, messages=messages)
    return message


def _attach(draw: st.DrawFn, message: MIMEMessage, *, messages: bool) -> None:
    if messages and draw(_COUNTS) == 1:
        message.add_attachment(mimekit.parse(draw(sources(max_depth=1, lone_cr=False)).octets))
        return
    data = draw(data_contents())
    message.add_attachment(data.octets, data.maintype, data.subtype, filename=draw(file_names()), params=draw(params()))


# -- what content managers are given ------------------------------------------------------------------


@functools.cache
def said_of_parts() -> st.SearchStrategy[dict[str, Any]]:
    """Arguments by name that say how a part stands among others."""
    dispositions = st.sampled_from(["inline", "attachment", "INLINE", "x-own"])
    said: dict[str, st.SearchStrategy[Any]] = {
        "disposition": dispositions,
        "filename": file_names(),
        "cid": message_ids().map(lambda cid: cid[1:-1]),
        "params": params(),
    }
    return st.fixed_dictionaries({}, optional=said)


class Sound(NamedTuple):
    """A file of wave audio, and the frames in it."""

    octets: bytes
    frames: bytes


@st.composite
def sounds(draw: st.DrawFn) -> Sound:
    """Wave audio of any length, rate, width and number of channels."""
    channels, width = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    rate, count = draw(st.integers(1, 200_000)), draw(st.integers(0, 50))
    frames = draw(st.binary(min_size=channels * width * count, max_size=channels * width * count))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, width, rate, 0, "NONE", "not compressed"))
        writer.writeframes(frames)
    return Sound(file.getvalue(), frames)


@functools.cache
def media() -> st.SearchStrategy[Image | Audio | Video]:
    """Pictures, sound and films, with or without a name."""
    kinds = st.sampled_from([Image, Audio, Video])
    subtypes = st.sampled_from(["png", "x-own", "MP4"]) | tokens()
    names = st.none() | file_names()
    return st.builds(
        lambda kind, data, subtype, name: kind(data, subtype=subtype, filename=name), kinds, octets(), subtypes, names
    )


@functools.cache
def calendars() -> st.SearchStrategy[Calendar]:
    """Invitations, with or without a method."""
    methods = st.sampled_from(["", "METHOD:REQUEST\n", "method:x-Own\r\n", "METHOD:REP\r\n LY\r\n"])
    lines = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=90)
    summaries = st.lists(lines.map(lambda line: f"SUMMARY:{line}\n"), max_size=3).map("".join)
    texts = st.builds("BEGIN:VCALENDAR\n{}{}END:VCALENDAR\n".format, methods, summaries)
    return st.builds(lambda text, name: Calendar(text, filename=name), texts, st.none() | file_names())


@functools.cache
def status_blocks() -> st.SearchStrategy[list[list[tuple[str, str]]]]:
    """Fields of a delivery status: one block for the message, one for each recipient (RFC 3464, section 2.1)."""
    names = st.sampled_from(["Reporting-MTA", "Final-Recipient", "Action", "Status", "Diagnostic-Code", "X-Own"])
    values = st.text(ASCII_LETTERS + DIGITS + "@.;-", min_size=1, max_size=30).map(lambda text: f"x{text}")
    return st.lists(st.lists(st.tuples(names, values), min_size=1, max_size=4), min_size=1, max_size=4)


# -- nodes of a model ----------------------------------------------------------------------------------

_POLICIES = (
    policy.SMTP,
    policy.SMTP.replace(linesep="\n"),
    policy.SMTP.replace(cte_type="8bit"),
    policy.SMTPUTF8,
    policy.SMTPUTF8.replace(linesep="\n"),
    policy.SMTPUTF8.replace(cte_type="7bit"),
)
_PLAIN_WORDS = st.text(st.characters(categories=["L", "N"], max_codepoint=0xFFFF), min_size=1, max_size=12)
_DISPOSITIONS = st.sampled_from([None, None, "inline", "attachment"])
_CIDS = st.sampled_from([None, None, None, "a@b", "c@d", "e@f"])


@functools.cache
def policies() -> st.SearchStrategy[policy.Policy]:
    """Every choice of how a message is written."""
    return st.sampled_from(_POLICIES)


@functools.cache
def plain_sayings() -> st.SearchStrategy[str]:
    """Words of letters and digits, which every reader of mail agrees on."""
    return st.lists(_PLAIN_WORDS, min_size=1, max_size=5).map(" ".join)


@functools.cache
def plain_file_names() -> st.SearchStrategy[str]:
    """Names that every reader agrees on: letters and digits in any script, or printable ASCII with no space around."""
    ascii_names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(str.strip)
    return st.builds("{}.{}".format, _PLAIN_WORDS | ascii_names, st.sampled_from(["pdf", "png", "txt"]))


@functools.cache
def adding_methods() -> st.SearchStrategy[str]:
    """The methods that add a part."""
    return st.sampled_from(["add_related", "add_alternative", "add_attachment"])


@functools.cache
def asked_boundaries() -> st.SearchStrategy[str | None]:
    """None, any, and such as occur in `bodies` or begin with another."""
    return st.one_of(st.none(), st.sampled_from(["B", "Bo", "-", "=3D"]), boundaries())


def _leaves(kinds: list[str], contents: st.SearchStrategy[str] | st.SearchStrategy[bytes]) -> st.SearchStrategy[Node]:
    names = st.none() | plain_file_names()
    return st.builds(Node, st.sampled_from(kinds), contents, disposition=_DISPOSITIONS, filename=names, cid=_CIDS)


@functools.cache
def leaf_nodes() -> st.SearchStrategy[Node]:
    """Texts and octets."""
    delimiters = st.lists(st.sampled_from(["--B\n", "--Bo", "x\n", "\n---\n", "--B--"]), max_size=3).map("".join)
    texts = _leaves(["text/plain", "text/html", "text/html"], bodies(max_size=5) | delimiters)
    return texts | _leaves(["application/pdf", "application/octet-stream", "audio/x-y"], octets(max_size=60))


@functools.cache
def image_nodes() -> st.SearchStrategy[Node]:
    """Images."""
    return _leaves(["image/png", "image/x-own"], octets(max_size=60))


@st.composite
def file_nodes(draw: st.DrawFn) -> Node:
    """Files, given by their paths: octets and texts."""
    node = draw(_leaves(["application/pdf"], octets(max_size=60)) | _leaves(["text/plain"], _FILE_TEXTS))
    node.filename = draw(_PLAIN_WORDS) + (".pdf" if node.kind == "application/pdf" else ".txt")
    node.on_disk = True
    return node


_FILE_LINES = ("", "\n", "\r\n", "\r", "--B\n", "--B--", "x" * 1_100)
_FILE_TEXTS = st.lists(plain_sayings() | st.sampled_from(_FILE_LINES), max_size=4).map("".join)


@st.composite
def page_nodes(draw: st.DrawFn) -> Node:
    """Pages with what they show, with a text before them or without."""
    shown = draw(st.lists(image_nodes(), max_size=2, unique_by=lambda node: node.cid))
    for number, node in enumerate(shown):
        node.disposition, node.cid = "inline", node.cid or f"{number}@page"
    page = draw(bodies(max_size=3)).replace("<", "").replace("&", "")
    page += "".join(f'<img src="cid:{node.cid}">' for node in shown)
    given = Webpage(page, {str(node.cid): _image_of(node) for node in shown})
    root = Node("text/html", page)
    made = Node("multipart/related", parts=[root, *shown]) if shown else root
    if draw(_BOOLEANS):
        made = Node("multipart/alternative", parts=[Node("text/plain", draw(bodies(max_size=3))), made])
    made.given = given
    return made


def _image_of(node: Node) -> Image:
    assert isinstance(node.content, bytes)
    return Image(node.content, subtype=node.kind.partition("/")[2], filename=node.filename)


@functools.cache
def multipart_types() -> st.SearchStrategy[str]:
    """Types of what holds parts, known and unknown."""
    subtypes = ("mixed", "alternative", "related", "digest", "signed", "x-own")
    return st.sampled_from([f"multipart/{subtype}" for subtype in subtypes])


@functools.cache
def list_nodes() -> st.SearchStrategy[Node]:
    """Lists of parts, nested at will, and messages among them."""
    parts = st.deferred(lambda: st.one_of(content_nodes(), _attached(message_nodes()), st.builds(Node)))
    return st.builds(Node, multipart_types(), parts=st.lists(parts, max_size=3), boundary=asked_boundaries())


def _attached(messages: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return messages.map(lambda node: Node("message/rfc822", parts=[node]))


@functools.cache
def message_nodes() -> st.SearchStrategy[Node]:
    """Messages with a subject."""

    def said(node: Node, subject: str) -> Node:
        node.fields = [("Subject", subject)]
        return node

    return st.builds(said, leaf_nodes() | list_nodes(), plain_sayings())


@functools.cache
def content_nodes() -> st.SearchStrategy[Node]:
    """All that content managers make parts of, but messages."""
    return st.one_of(leaf_nodes(), image_nodes(), list_nodes(), file_nodes(), page_nodes())


@functools.cache
def nodes() -> st.SearchStrategy[Node]:
    """All that content managers make parts of."""
    return content_nodes() | _attached(message_nodes())


@functools.cache
def part_nodes() -> st.SearchStrategy[Node]:
    """Parts that are ready: each of those, a message, or nothing yet."""
    return st.one_of(nodes(), message_nodes(), st.builds(Node))


@st.composite
def hostile_pages(draw: st.DrawFn) -> str:
    """Pages of what attacks are made of: elements, attributes, addresses, CSS, halves of each."""
    return "".join(draw(st.lists(_HOSTILE_PIECES, max_size=30)))


_HOSTILE_TAGS = (
    *(
        "a",
        "b",
        "body",
        "div",
        "font",
        "form",
        "iframe",
        "img",
        "image",
        "input",
        "link rel=stylesheet",
        "math",
        "meta",
    ),
    *("noscript", "object", "option", "p", "script", "select", "style", "svg", "table", "td", "template", "textarea"),
    *("title", "xmp", "base", "html", "mglyph", "mtext", "desc", "foreignObject", "plaintext", "o:p", "source", "map"),
)
_HOSTILE_VALUES = (
    *("javascript:alert(1)", "http://leak.test/a", "//leak.test/b", "cid:logo@mk", "data:text/html,<script>", "#x"),
    *(
        "color:red",
        "background:url(http://leak.test/c)",
        "background:u\\72l('//leak.test/d",
        "@import '//leak.test/e';",
    ),
    *(
        "p{background:url(cid:bg@mk)}",
        "}</style><script>",
        "-->",
        "]]>",
        "http://leak.test/f 2x",
        "alert(1)",
        "\\\\leak",
    ),
)
_HOSTILE_NAMES = (
    "src",
    "href",
    "style",
    "onload",
    "srcset",
    "background",
    "id",
    "name",
    "class",
    "xlink:href",
    "title",
)
_HOSTILE_PIECES = st.one_of(
    st.builds("<{}>".format, st.sampled_from(_HOSTILE_TAGS)),
    st.builds("</{}>".format, st.sampled_from(_HOSTILE_TAGS)),
    st.builds(
        "<{} {}={}{}{}>".format,
        st.sampled_from(_HOSTILE_TAGS),
        st.sampled_from(_HOSTILE_NAMES),
        st.sampled_from(["", '"', "'"]),
        st.sampled_from(_HOSTILE_VALUES),
        st.sampled_from(["", '"', "'", "/"]),
    ),
    st.sampled_from(_HOSTILE_VALUES),
    st.sampled_from(["<", ">", "&", "&lt;", "<!--", "-->", "--!>", "<![CDATA[", "<?", '"', "'", "`", "=", "/", "\0"]),
    st.text(max_size=5),
)


# -- what cartero carries ------------------------------------------------------------------------------

# what a road may say or be called: any text at all
_REPLIES = st.text(st.characters(), max_size=20) | st.sampled_from(["2.0.0 queued as 4711", "a\r\nb", "\x1b[2J"])


@functools.cache
def bare_addresses() -> st.SearchStrategy[str]:
    """Addresses such as an envelope holds, in any script."""
    usernames = st.text(ATEXT + "é用\ufffe", min_size=1, max_size=8)
    return st.builds("{}@{}".format, usernames, st.sampled_from(["example.org", "straße.de", "[192.0.2.1]", "a.b"]))


@functools.cache
def envelopes() -> st.SearchStrategy[Envelope]:
    """From somebody, or nobody, to some."""
    return st.builds(
        Envelope, st.just("") | bare_addresses(), st.lists(bare_addresses(), min_size=1, max_size=4, unique=True)
    )


@functools.cache
def outcomes(*, accepted: bool | None = None) -> st.SearchStrategy[Outcome]:
    """What became of it for one recipient; with *accepted* only well, or only badly."""
    return st.builds(
        Outcome,
        accepted=st.booleans() if accepted is None else st.just(accepted),
        reply=_REPLIES,
        code=st.none() | st.integers(200, 599),
        enhanced=st.sampled_from(["", "2.0.0", "4.2.1", "5.1.1"]),
        temporary=st.booleans(),
    )


@functools.cache
def receipts() -> st.SearchStrategy[Receipt]:
    """Receipts, with one recipient at least for whom it was accepted."""
    others = st.dictionaries(bare_addresses(), outcomes(), max_size=3)
    first = st.dictionaries(bare_addresses(), outcomes(accepted=True), min_size=1, max_size=1)
    recipients = st.builds(lambda some, one: {**some, **one}, others, first)
    return st.builds(Receipt, recipients, message_id=_REPLIES, sender=_REPLIES, location=_REPLIES)


@functools.cache
def failures() -> st.SearchStrategy[CarteroError]:
    """Errors of several kinds, with all they know."""
    facts = {
        "sender": _REPLIES,
        "stage": _REPLIES,
        "code": st.none() | st.integers(200, 599),
        "enhanced": st.sampled_from(["", "5.1.1"]),
        "reply": _REPLIES,
        "temporary": st.booleans(),
        "ambiguous": st.booleans(),
        "recipients": st.dictionaries(bare_addresses(), outcomes(), max_size=3),
        "retry_after": st.none() | st.floats(0, 86_400),
        "message_id": _REPLIES,
    }
    problems = _REPLIES.filter(bool)
    return st.one_of(
        st.builds(SendingError, problems, **facts),
        st.builds(ConnectError, problems, **facts),
        st.builds(BadAddress, problems, address=_REPLIES),
        st.builds(Cancelled, problems),
    )
