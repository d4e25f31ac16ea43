"""What a charset label means."""

from __future__ import annotations

import codecs
import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import _labels

LABELS: dict[str, str] = importlib.import_module("webencodings.labels").LABELS  # nobody typed it
_NO_CHARSETS = """
    idna rot13 rot_13 hex base64 base64_codec zip zlib bz2 uu quopri punycode undefined charmap unicode_escape
    raw_unicode_escape mbcs oem ansi dbcs utf_7 u7 palmos
"""
_REFUSED_BY_THE_WHATWG = {"replacement", "x-user-defined"}


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        pytest.param("utf-8", "utf-8", id="usual-utf-8"),
        pytest.param("us-ascii", "windows-1252", id="usual-ascii"),
        pytest.param("iso-8859-1", "windows-1252", id="usual-latin-1"),
        pytest.param("iso-8859-2", "iso-8859-2", id="usual-latin-2"),
        pytest.param("iso-8859-9", "windows-1254", id="usual-latin-5"),
        pytest.param("gb2312", "gb18030", id="usual-gb2312"),
        pytest.param("gbk", "gb18030", id="usual-gbk"),
        pytest.param("ks_c_5601-1987", "cp949", id="usual-ks-c-5601"),
        pytest.param("euc-kr", "cp949", id="usual-euc-kr"),
        pytest.param("shift_jis", "cp932", id="usual-shift-jis"),
        pytest.param("big5", "big5hkscs", id="usual-big5"),
        pytest.param("koi8-r", "koi8-r", id="usual-koi8"),
        pytest.param("windows-1251", "windows-1251", id="usual-windows"),
        pytest.param("utf8", "utf-8", id="odd-utf8"),
        pytest.param(" UTF-8 ", "utf-8", id="odd-space-and-case"),
        pytest.param("'utf-8'", "utf-8", id="odd-quotes"),
        pytest.param("x-utf-8", "utf-8", id="odd-x"),
        pytest.param("utf-8-sig", "utf-8", id="odd-sig"),
        pytest.param("iso-8859-8-i", "iso-8859-8", id="odd-hebrew-logical"),
        pytest.param("windows-874", "cp874", id="odd-thai"),
        pytest.param("cp-850", "cp850", id="odd-cp-850"),
        pytest.param("ibm437", "cp437", id="odd-not-of-the-whatwg"),
        pytest.param("win-1251", "windows-1251", id="odd-win"),
        pytest.param("8859-1", "windows-1252", id="odd-number-alone"),
        pytest.param("ISO_8859-1:1987", "windows-1252", id="odd-iana-in-full"),
        pytest.param("macintosh", "mac-roman", id="odd-macintosh"),
        pytest.param("hz-gb-2312", "hz", id="odd-refused-by-browsers-only"),
        pytest.param("iso-2022-kr", "iso-2022-kr", id="odd-korean-escapes"),
        pytest.param("utf-16", "utf-16", id="odd-order-of-octets-left-open"),
        pytest.param("utf-16be", "utf-16be", id="odd-utf-16be"),
        pytest.param("unicode-1-1-utf-7", None, id="hostile-utf-7"),
        pytest.param("utf-7", None, id="hostile-utf-7-plain"),
        pytest.param("DEFAULT", None, id="hostile-default"),
        pytest.param("x-unknown", None, id="hostile-x-unknown"),
        pytest.param("unknown-8bit", None, id="hostile-unknown-8bit"),
        pytest.param("x-user-defined", None, id="hostile-x-user-defined"),
        pytest.param("replacement", None, id="hostile-replacement"),
        *(pytest.param(name, None, id=f"hostile-{name}") for name in _NO_CHARSETS.split()),
        pytest.param("", None, id="hostile-empty"),
        pytest.param("-", None, id="hostile-nothing-but-marks"),
        pytest.param("utf-8" * 20, None, id="hostile-long"),
        pytest.param("../../etc/passwd", None, id="hostile-path"),
    ],
)
def test_a_label_means_a_real_charset_or_nothing_wild_05_wild_06(label: str, codec: str | None) -> None:
    """RFC 2046, section 4.1.2, and the WHATWG's table: a label is one charset, never a codec that is none."""
    assert _labels.find_codec(label) == codec


@pytest.mark.parametrize("label", [label for label, name in LABELS.items() if name not in _REFUSED_BY_THE_WHATWG])
def test_every_label_of_the_whatwg_is_known_to_python(label: str) -> None:
    """The codec that is named can be used."""
    codec = _labels.find_codec(label)

    assert codec is not None
    assert codecs.lookup(codec)._is_text_encoding


@pytest.mark.parametrize(
    ("charset", "codec", "label"),
    [
        pytest.param("latin1", "latin_1", "iso-8859-1", id="usual-latin-1"),
        pytest.param("UTF8", "utf_8", "utf-8", id="usual-utf-8"),
        pytest.param("ASCII", "ascii", "us-ascii", id="usual-ascii"),
        pytest.param("cp1252", "cp1252", "windows-1252", id="usual-windows"),
        pytest.param("gb2312", "gb2312", "gb2312", id="usual-narrow-stays-narrow"),
        pytest.param("sjis", "shift_jis", "shift_jis", id="usual-shift-jis"),
        pytest.param("iso-8859-8-i", "iso-8859-8", "iso-8859-8-i", id="odd-logical-stays-logical"),
        pytest.param("x-cp1252", "windows-1252", "windows-1252", id="odd-only-the-whatwg-knows-it"),
    ],
)
def test_a_charset_is_written_as_its_name_says(charset: str, codec: str, label: str) -> None:
    """What other readers take literally is written literally, under the name IANA prefers."""
    assert _labels.writing_codec(charset) == (codec, label)


def test_an_unknown_charset_is_not_written() -> None:
    """There is no codec for it."""
    assert _labels.writing_codec("rot13") is None


@pytest.mark.parametrize("module", sorted(_labels._REAL))
def test_what_is_written_can_be_read(module: str) -> None:
    """Every label that is written names a codec to read with."""
    written = _labels.writing_codec(module)

    assert written is not None
    assert _labels.find_codec(written[1]) is not None


@pytest.mark.parametrize(
    ("codec", "kept"),
    [
        pytest.param("utf-8", True, id="usual"),
        pytest.param("iso-2022-jp", True, id="odd-only-escapes-matter"),
        pytest.param("hz", False, id="odd-tilde"),
        pytest.param("cp037", False, id="odd-ebcdic"),
        pytest.param("utf-16", False, id="odd-wide"),
    ],
)
def test_some_charsets_are_no_supersets_of_ascii(codec: str, kept: bool) -> None:
    """Those cannot take the short way for ASCII octets."""
    assert _labels.keeps_ascii(codec) is kept


@given(st.text())
def test_no_label_raises(label: str) -> None:
    """Reading never raises, and what is found is a codec of Python's."""
    codec = _labels.find_codec(label)

    assert codec is None or codecs.lookup(codec)
