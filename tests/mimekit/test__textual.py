"""The charset of a text, told a piece at a time."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import _textual, charsets
from mimekit._textual import Textual


def told(octets: bytes, *, html: bool = False, piece_size: int = 7) -> Textual:
    """What *octets* are, given in pieces."""
    textual = Textual(html=html)
    for start in range(0, len(octets), piece_size):
        textual.add(octets[start : start + piece_size])
    return textual


@pytest.mark.parametrize(
    ("octets", "charset", "evident"),
    [
        pytest.param(b"plain\r\n", "us-ascii", True, id="ascii"),
        pytest.param(b"", "us-ascii", True, id="nothing"),
        pytest.param("Grüße, wie geht es".encode(), "utf-8", True, id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + b"a", "utf-8", True, id="utf-8 with its mark"),
        pytest.param("Grüße".encode("utf-16"), "utf-16", True, id="utf-16"),
        pytest.param(codecs.BOM_UTF16_BE + "Grüße".encode("utf-16be"), "utf-16", True, id="utf-16 the other way"),
        pytest.param("Grüße".encode("utf-32"), "utf-32", True, id="utf-32"),
        pytest.param(codecs.BOM_UTF32_BE + "Grüße".encode("utf-32be"), "utf-32", True, id="utf-32 the other way"),
        pytest.param("Grüße".encode("utf-16le"), None, False, id="no mark, so it may be anything"),
        pytest.param(b"a\0b", None, False, id="a NUL"),
        pytest.param("Grüße".encode("latin-1"), "windows-1252", False, id="neither"),
        pytest.param("Grüße".encode()[:-2] + b"\xc3", "windows-1252", False, id="a character that is cut at the end"),
        pytest.param("日本語".encode("iso-2022-jp"), "iso-2022-jp", False, id="its escapes"),
        pytest.param(b"\x1b[1mbold\x1b[0m", "us-ascii", True, id="other escapes"),
        pytest.param(b"\x01\x02", "us-ascii", False, id="controls"),
    ],
)
def test_the_charset_is_told(octets: bytes, charset: str | None, *, evident: bool) -> None:
    """By a mark, as ASCII, as UTF-8, by escapes; else it is windows-1252."""
    assert told(octets).charset() == charset
    assert told(octets).is_evident() is evident


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        pytest.param(b"<meta charset=windows-1251>\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", id="it says so"),
        pytest.param(b"<meta charset=shift_jis>\x93\xfa\x96\x7b\x8c\xea", "windows-31j", id="as mail calls it"),
        pytest.param(b"<meta charset=windows-1251>" + "Привет".encode(), "utf-8", id="it is wrong"),
        pytest.param(b"<p>Gr\xfc\xdfe", "windows-1252", id="it says nothing"),
    ],
)
def test_a_page_says_it_of_itself(page: bytes, charset: str) -> None:
    """As browsers look for it."""
    assert told(page, html=True).charset() == charset


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b")), st.integers(1, 9))
def test_a_text_is_read_back_by_its_label(text: str, piece_size: int) -> None:
    """Law 6: a charset is named only if the reader's rules give the same back."""
    octets = text.encode()

    label = told(octets, piece_size=piece_size).charset()

    assert charsets.read(octets, label) == text.removeprefix("\ufeff")


@given(st.binary(), st.integers(1, 9))
def test_where_it_is_cut_changes_nothing(octets: bytes, piece_size: int) -> None:
    """A character that is cut is put together again."""
    assert told(octets, piece_size=piece_size).charset() == told(octets, piece_size=len(octets) + 1).charset()


def test_a_large_text_is_told_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for UTF-8, which all of it must be. The sample ends with a line, so that no character is cut."""
    monkeypatch.setattr(_textual, "_SAMPLE_SIZE", 60)
    page = b"<meta charset=shift_jis>\n" + "日本語日本語日本語\n日本語日本語".encode("shift_jis")

    assert told(page, html=True, piece_size=25).charset() == "windows-31j"
    assert told(b"a" * 100 + "ü".encode(), piece_size=25).charset() == "utf-8"
    assert told(b"a" * 100 + b"\xfc", piece_size=25).charset() == "windows-1252"
