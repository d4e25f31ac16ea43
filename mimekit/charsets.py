"""Octets to text and back: which charset a label means, and what to do where labels lie.

The rules of `decode`, in order: a byte order mark; the label, where it says more than the usual two; the
escapes of ISO-2022-JP; UTF-8 wherever it is valid; the label again, if only a few octets are damaged;
windows-1252 for what calls itself Latin-1 or ASCII; what an HTML page says of itself; windows-1252.
"""

from __future__ import annotations

import codecs
import functools
import re

from . import _labels
from ._labels import find_codec, writing_codec
from .errors import BadValue, Defect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Rule = Literal["ascii", "bom", "label", "escape", "utf-8", "damaged", "latin", "meta", "fallback"]
    _Choice = tuple[str, str, Rule]  # the text, the codec, what decided

__all__ = ["Decoded", "decode", "decode_8bit", "encode", "find_codec"]


_LATIN = "windows-1252"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_HEAD_SIZE = 1024  # how far browsers look for what a page says of itself
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
# Looked for only under a label of UTF-32: the first is also a UTF-16 mark before a NUL.
_MARKS_32 = ((codecs.BOM_UTF32_LE, "utf-32le"), (codecs.BOM_UTF32_BE, "utf-32be"))
# QUIRK: five octets are nothing in windows-1252; they become the C1 controls of the same number, as in browsers.
_LATIN_TABLE = "".join(
    character if character < "\udc80" or character > "\udcff" else chr(ord(character) - 0xDC00)
    for character in bytes(range(256)).decode("cp1252", "surrogateescape")
)

# QUIRK: what mail calls by these names is more than Python's first codec for them knows.
_ALSO = {
    "big5hkscs": ("cp950",),
    "euc-jp": ("euc-jis-2004",),
    "iso-2022-jp": ("iso-2022-jp-2", "iso-2022-jp-ext"),
}


class Decoded:
    """Octets as text, the charset they were taken for, and why. A value: frozen, equal by meaning.

    `charset` is a codec name for Python, in lower case; `rule` says what decided.
    """

    __slots__ = ("_charset", "_defects", "_rule", "_text")

    def __init__(self, text: str, charset: str, rule: Rule, *, defects: tuple[Defect, ...] = ()) -> None:
        self._text = text
        self._charset = charset
        self._rule = rule
        self._defects = defects

    @property
    def text(self) -> str:
        """The text, its line ends as they came."""
        return self._text

    @property
    def charset(self) -> str:
        """The codec that was used."""
        return self._charset

    @property
    def rule(self) -> Rule:
        """What decided for that codec."""
        return self._rule

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the label or the octets."""
        return self._defects

    def _all(self) -> tuple[str, str, Rule, tuple[Defect, ...]]:
        return self._text, self._charset, self._rule, self._defects

    def __eq__(self, other: object) -> bool:
        return self._all() == other._all() if isinstance(other, Decoded) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return f"<Decoded {self._charset} by {self._rule}: {self._text[:40]!r}>"


def decode(octets: bytes, label: str | None = None, *, html: bool = False) -> Decoded:
    """*octets* as text, whatever *label* claims; never raises.

    *label* is the charset parameter as it came, or None. With *html*, a page's own ``<meta charset>``
    is asked before windows-1252 is taken. A byte order mark is taken off; all else comes back as it
    stands, line ends too.

    RFC 2046, section 4.1.2; the rules, in order, are those of this module.
    """
    label = label.strip() if label else ""
    codec = find_codec(label)
    if octets.isascii() and b"\x1b" not in octets and (codec is None or keeps_ascii(codec)):
        unknown = (Defect("unknown-charset"),) if label and codec is None else ()
        return Decoded(octets.decode("ascii"), codec or "us-ascii", "label" if codec else "ascii", defects=unknown)
    choice = _choose(octets, codec, html=html)
    return Decoded(*choice, defects=_blame(octets, label, codec, choice))


def _choose(octets: bytes, codec: str | None, *, html: bool) -> _Choice:
    return (
        _by_mark(octets, codec)
        or _by_label(octets, codec)
        or _by_escape(octets)
        or _by_utf8(octets)
        or _by_damaged(octets, codec)
        or (_by_page(octets) if html and codec != _LATIN else None)
        or (_decode_latin(octets), _LATIN, "latin" if codec == _LATIN else "fallback")
    )


def read(octets: bytes, label: str | None = None, *, html: bool = False) -> str:
    """The text of *octets* alone, as `decode` has it."""
    # nearly all mail: ASCII in a charset that has it
    if octets.isascii() and (not label or keeps_ascii(label)) and b"\x1b" not in octets:
        return str(octets, "ascii")
    return _choose(octets, find_codec(label.strip() if label else ""), html=html)[0]


def encode(text: str, charset: str = "utf-8") -> tuple[bytes, str]:
    """*text* as octets, and the label that makes `decode` read them back as *text*.

    That is us-ascii where it will do, else *charset*, else utf-8.

    Raises:
        BadValue: nobody defined *charset*, or *text* holds a lone surrogate.
    """
    own = writing_codec(charset)
    if own is None:
        raise BadValue(f"unknown charset {charset!r}")
    for codec, label in (("ascii", "us-ascii"), own):
        octets = _encode_strictly(text, codec)
        # The reader's rules have the last word: Latin-1 octets that happen to be valid UTF-8 would be read as that.
        if octets is not None and decode(octets, label).text == text:
            return octets, label
    octets = _encode_strictly(text, "utf_8")
    if octets is None:
        raise BadValue("a lone surrogate is no character of any charset")
    return octets, "utf-8"


@functools.lru_cache(maxsize=128)
def keeps_ascii(label: str) -> bool:
    """Whether ASCII in that charset is what it is in ASCII, so that a CRLF in its octets is a line end and no other."""
    own = writing_codec(label)
    return own is not None and _labels.keeps_ascii(own[0])


def means_same(octets: bytes, old: str | None, new: str | None) -> bool:
    """Whether *octets* are the same text under both labels, taken at their word; None is us-ascii."""
    texts = []
    for label in (old, new):
        own = writing_codec(label or "us-ascii")
        texts.append(None if own is None else _decode_strictly(octets, own[0]))
    return texts[0] == texts[1] is not None


def decode_8bit(text: str) -> tuple[str, bool]:
    """Header octets, one character each, as readable text; and whether 8-bit octets were among them.

    They are UTF-8 if that is valid, else windows-1252.
    """
    if text.isascii():
        return text, False
    octets = _encode_strictly(text, "latin-1")
    if octets is None:  # more than octets: somebody decoded it already
        return text, True
    utf8 = _decode_strictly(octets, "utf-8")
    return _decode_latin(octets) if utf8 is None else utf8, True


def _by_mark(octets: bytes, codec: str | None) -> _Choice | None:
    marks = (*_MARKS_32, *_MARKS) if codec is not None and codec.startswith("utf-32") else _MARKS
    for mark, charset in marks:
        if octets.startswith(mark):
            return octets[len(mark) :].decode(charset, "replace"), charset, "bom"
    return None


def _by_label(octets: bytes, codec: str | None) -> _Choice | None:
    if codec is None or codec == _LATIN:
        return None
    if codec.startswith(("utf-16", "utf-32")):
        return _by_wide_label(octets, codec)
    for candidate in (codec, *_ALSO.get(codec, ())):
        text = _decode_strictly(octets, candidate)
        if text is not None:
            return text, candidate, "label"
    text = _decode_strictly(_shift(octets), "cp932") if codec == "iso-2022-jp" and b"\x1b$" in octets else None
    return None if text is None else (text, codec, "label")


def _by_wide_label(octets: bytes, codec: str) -> _Choice | None:
    # QUIRK: pages are labelled utf-16 that are not. Real UTF-16 of any length has a NUL, if only in its line ends;
    # and with NULs it is nothing else, even where an octet is missing.
    if b"\0" not in octets and _decode_strictly(octets, "utf-8") is not None:
        return None
    codec = _with_order(octets, codec)
    text = _decode_strictly(octets, codec)
    return _by_damaged(octets, codec) if text is None else (text, codec, "label")


def _shift(octets: bytes) -> bytes:
    """ISO-2022-JP as Shift_JIS: its escapes taken out, what they shift moved to where Shift_JIS has it."""
    # QUIRK: Outlook writes characters of its own code page (circled digits, some names) under this label.
    shifted: list[bytes] = []
    escape = b""
    for run in re.split(rb"(\x1b(?:\$[@B]|\([BIJ]))", octets):
        if run.startswith(b"\x1b"):
            escape = run
        elif escape.startswith(b"\x1b$"):
            shifted.append(re.sub(rb"[!-~]{2}", _shift_pair, run))
        else:
            shifted.append(bytes(octet | 0x80 for octet in run) if escape == b"\x1b(I" else run)
    return b"".join(shifted)


def _shift_pair(pair: re.Match[bytes]) -> bytes:
    row, cell = pair[0]
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    trail = cell + 0x7E if row % 2 == 0 else cell + (0x20 if cell >= 0x60 else 0x1F)
    return bytes((lead, trail))


def _with_order(octets: bytes, codec: str) -> str:
    """*codec*, or where it leaves the order of octets open, the one that has more NULs in front."""
    if codec not in {"utf-16", "utf-32"}:
        return codec
    width = 2 if codec == "utf-16" else 4
    big = octets[::width].count(0) > octets[width - 1 :: width].count(0)
    return f"{codec}be" if big else f"{codec}le"


def _by_escape(octets: bytes) -> _Choice | None:
    # to look for one octet takes a tenth of the time
    if b"\x1b" not in octets or b"\x1b$" not in octets:
        return None
    chosen = _by_label(octets, "iso-2022-kr" if b"\x1b$)C" in octets else "iso-2022-jp")
    return None if chosen is None else (chosen[0], chosen[1], "escape")


def _by_utf8(octets: bytes) -> _Choice | None:
    text = _decode_strictly(octets, "utf-8")
    if text is None:
        return None
    return (text, "us-ascii", "ascii") if octets.isascii() else (text, "utf-8", "utf-8")


def _by_damaged(octets: bytes, codec: str | None) -> _Choice | None:
    """The label's codec after all, if ten characters come out right for each that does not."""
    if codec is None or codec == _LATIN:
        return None
    codec = _with_order(octets, codec)
    text = octets.decode(codec, "replace")
    # ASCII comes out right in nearly every charset and tells nothing, but in UTF-16 it does.
    told = len(text) - (len(text.encode("ascii", "ignore")) if _labels.keeps_ascii(codec) else 0)
    return (text, codec, "damaged") if told > 10 * text.count(_REPLACEMENT) else None


def _by_page(octets: bytes) -> _Choice | None:
    """By what an HTML page says of itself at its beginning, as browsers look for it."""
    codec = find_codec(_page_label(octets[:_HEAD_SIZE].decode("latin-1")))
    if codec is not None and codec.startswith("utf-16"):
        codec = "utf-8"  # a page whose ASCII could be read is not in UTF-16
    chosen = _by_label(octets, codec) or _by_damaged(octets, codec)
    return None if chosen is None else (chosen[0], chosen[1], "meta")


def _page_label(head: str) -> str:
    tags = r"""<!--.*?(?:-->|\Z)|<(meta|\?xml)(?=[\s/])((?:"[^"]*+"|'[^']*+'|[^>"'])*+)"""
    for tag in re.finditer(tags, head, re.DOTALL | re.IGNORECASE):
        if tag[1] is not None and (label := _tag_label(tag[2])):
            return label
    return ""


def _tag_label(attributes: str) -> str:
    pairs = r"""(?<![^\s/"'])([^\s=/>"']++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++))"""
    found = {name.lower(): "".join(values) for name, *values in re.findall(pairs, attributes)}
    if found.get("http-equiv", "").lower() == "content-type":
        inside = re.search(r"""charset\s*+=\s*+["']?([^\s"';]++)""", found.get("content", ""), re.IGNORECASE)
        return "" if inside is None else inside[1]
    return found.get("charset") or found.get("encoding") or ""


def _blame(octets: bytes, label: str, codec: str | None, choice: _Choice) -> tuple[Defect, ...]:
    """What was wrong with *label*, seen from what was chosen; and the first place that decodes to nothing."""
    text, charset, rule = choice
    defects: list[Defect] = []
    if label and codec is None:
        defects.append(Defect("unknown-charset"))
    elif codec is None or writing_codec(label) == ("ascii", "us-ascii"):
        if not octets.isascii():
            defects.append(Defect("undeclared-8bit"))
    elif _contradicts(codec, charset, rule):
        defects.append(Defect("wrong-charset"))
    if _REPLACEMENT in text and (damage := _first_damage(octets, charset)) is not None:
        defects.append(Defect("undecodable-octets", damage))
    return tuple(defects)


def _contradicts(codec: str, charset: str, rule: Rule) -> bool:
    """Whether the choice says that a label for *codec* was wrong."""
    if rule == "ascii":
        return not _labels.keeps_ascii(codec)
    if rule == "bom":
        return not charset.startswith(codec[:6])  # utf-16 is right for utf-16le
    return rule not in {"label", "latin", "damaged"}


def _first_damage(octets: bytes, codec: str) -> int | None:
    try:
        octets.decode(codec)
    except UnicodeDecodeError as damage:
        return damage.start
    return None  # a replacement character that was sent


def _decode_strictly(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except UnicodeDecodeError:
        return None


def _encode_strictly(text: str, codec: str) -> bytes | None:
    if codec in {"utf_16", "utf_32"}:  # RFC 2781 4.3: a mark, and big-endian
        text, codec = f"\ufeff{text}", f"{codec}_be"
    elif text.startswith("\ufeff") and codec.startswith("utf"):
        text = f"\ufeff{text}"  # the reader takes one off
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


def _decode_latin(octets: bytes) -> str:
    return codecs.charmap_decode(octets, "strict", _LATIN_TABLE)[0]
