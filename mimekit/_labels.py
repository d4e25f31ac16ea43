"""What a charset label means: the codec to read it with, and the one to write it with.

Labels follow the WHATWG's table, then Python's own names, in any spelling; what is no charset is not found.
"""

from __future__ import annotations

import encodings.aliases
import functools
import re

_LATIN = "windows-1252"
_LABEL_LIMIT = 64  # the longest label anybody defined has 26 characters

# Python's names of the real charsets. SECURITY: nothing else of its registry is ever used: not utf-7, in which text
# hides from every filter, and not what is no charset at all: idna, rot13, hex, base64, zip, unicode_escape and more.
_NAMES = """
    ascii big5 big5hkscs cp037 cp1006 cp1026 cp1125 cp1140 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257
    cp1258 cp273 cp424 cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864
    cp865 cp866 cp869 cp874 cp875 cp932 cp949 cp950 euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hp_roman8
    hz iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr iso8859_10 iso8859_11
    iso8859_13 iso8859_14 iso8859_15 iso8859_16 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8
    iso8859_9 johab koi8_r koi8_t koi8_u kz1048 latin_1 mac_arabic mac_croatian mac_cyrillic mac_farsi mac_greek
    mac_iceland mac_latin2 mac_roman mac_romanian mac_turkish ptcp154 shift_jis shift_jis_2004 shift_jisx0213 tis_620
    utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_8
"""
_REAL = frozenset(_NAMES.split())
# What is said, and the larger charset that is meant: by Python's names, and by those of the WHATWG's table.
_MEANT = {
    "ascii": _LATIN, "latin_1": _LATIN, "iso8859_9": "windows-1254", "iso8859_11": "cp874", "tis_620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "euc-kr": "cp949", "shift_jis": "cp932",
    "big5": "big5hkscs", "utf_16_le": "utf-16le", "utf_16_be": "utf-16be", "utf_32_le": "utf-32le",
    "utf_32_be": "utf-32be", "iso-8859-8-i": "iso-8859-8", "x-mac-cyrillic": "mac-cyrillic", "macintosh": "mac-roman",
    "windows-874": "cp874",
}  # fmt: skip
# The label to write for a module, where it is not the name with hyphens.
_LABELS = {
    "ascii": "us-ascii", "latin_1": "iso-8859-1", "shift_jis": "shift_jis", "cp874": "windows-874",
    "cp932": "windows-31j", "big5hkscs": "big5-hkscs", "mac_roman": "macintosh", "utf_16_le": "utf-16le",
    "utf_16_be": "utf-16be", "utf_32_le": "utf-32le", "utf_32_be": "utf-32be",
}  # fmt: skip
_USUAL = {"utf8": "utf-8", "usascii": _LATIN, "iso88591": _LATIN, "windows1252": _LATIN}


def find_codec(label: str) -> str | None:
    """Python's name of the codec to read *label* with; None for what is no charset, or is refused.

    A label means what browsers take it for: gb2312 is gb18030, shift_jis is cp932, iso-8859-1 is
    windows-1252. Spelling hardly matters: ``cp-850``, ``UTF8`` and ``ISO_8859-1:1987`` are found.
    """
    return _find_codec(label) if 0 < len(label) <= _LABEL_LIMIT else None


@functools.lru_cache(maxsize=64)
def writing_codec(charset: str) -> tuple[str, str] | None:
    """The codec to write *charset* with, as strict as its name, and the label to write."""
    module = _modules().get(_squash(charset))
    if module is not None:
        return module, _LABELS.get(module, _codec_name(module))
    codec = find_codec(charset)
    if codec is None:
        return None
    return codec, codec if codec in {"utf-8", _LATIN} else charset.strip().lower()


@functools.lru_cache(maxsize=128)
def keeps_ascii(codec: str) -> bool:
    """Whether ASCII octets without ESC are ASCII text in *codec*."""
    ascii_octets = bytes(range(128))
    return ascii_octets.decode(codec, "replace") == ascii_octets.decode("ascii")


@functools.lru_cache(maxsize=512)
def _find_codec(label: str) -> str | None:
    squashed = _squash(label)
    if squashed in _USUAL:
        return _USUAL[squashed]
    table = _meanings()
    for spelling in (squashed, squashed.removeprefix("x"), f"iso{squashed}", squashed.replace("win", "windows", 1)):
        if spelling in table:
            return table[spelling]
    return None


@functools.lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    """Every label anybody defined, squashed, and the codec that it means."""
    # Imported here, for only mail in the rarer charsets has to pay for it.
    from webencodings.labels import LABELS  # type: ignore[import-untyped]  # noqa: PLC0415  # nobody typed it

    table = {alias: _MEANT.get(module, _codec_name(module)) for alias, module in _modules().items()}
    for label, name in LABELS.items():
        # "replacement" is what browsers may not show (iso-2022-kr, hz): mail has to be read. "utf-16" says nothing
        # of the order of octets, so it keeps Python's meaning.
        if name not in {"replacement", "x-user-defined"} and label != "utf-16":
            table[_squash(label)] = _MEANT.get(name, name)
    return {**table, "utf8sig": "utf-8", "utf8mb4": "utf-8"}


@functools.lru_cache(maxsize=1)
def _modules() -> dict[str, str]:
    """Every label that Python knows for a real charset, squashed, and the module of its codec."""
    named = {**encodings.aliases.aliases, **dict(zip(_REAL, _REAL, strict=True))}
    return {_squash(alias): module for alias, module in named.items() if module in _REAL}


def _squash(label: str) -> str:
    return re.sub(r"[^a-z0-9]++", "", label.lower())


def _codec_name(module: str) -> str:
    """A module of Python's as people write the charset; Python finds it by that name as well."""
    name = module.replace("_", "-")
    for short, long in (("iso8859-", "iso-8859-"), ("iso2022-", "iso-2022-"), ("cp125", "windows-125")):
        name = name.replace(short, long)
    return name
