"""The charset of a text that is too large to be held, told a piece at a time by the rules of `charsets`."""

from __future__ import annotations

import codecs

from . import charsets
from ._grammar import compiled
from ._labels import writing_codec

_SAMPLE_SIZE = 1 << 20  # octets at the beginning that tell charsets which are not UTF-8 from each other
# the marks of UTF-32 before those of UTF-16, which they begin with
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# what no text has, but for the escapes of terminals and of ISO-2022
_CONTROLS = rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]"


class Textual:
    """What octets are as text; they are given in pieces, by `add`.

    Args:
        html: whether a page may say it of itself.
    """

    __slots__ = ("_has_nul", "_html", "_is_ascii", "_sample", "_size", "_utf8")

    def __init__(self, *, html: bool = False) -> None:
        self._html = html
        self._sample = b""
        self._size = 0
        self._has_nul = False
        self._is_ascii = True
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def add(self, piece: bytes) -> None:
        """Look at the next octets."""
        if len(self._sample) < _SAMPLE_SIZE:
            self._sample += piece[: _SAMPLE_SIZE - len(self._sample)]
        self._size += len(piece)
        self._has_nul = self._has_nul or b"\0" in piece
        is_ascii = piece.isascii()
        if self._utf8 is not None and not (is_ascii and self._is_ascii):
            try:
                self._utf8.decode(piece)
            except UnicodeDecodeError:
                self._utf8 = None
        self._is_ascii = self._is_ascii and is_ascii

    def charset(self) -> str | None:
        """The label of the charset; None where it is no text, for it has a NUL and no mark of UTF-16 or UTF-32.

        It is told by a byte order mark, by the escapes of ISO-2022, by being ASCII or UTF-8, by what a page says of
        itself, and is else windows-1252.
        """
        for mark, label in _MARKS:
            if self._sample.startswith(mark):
                return label
        if self._has_nul:
            return None
        is_utf8 = self._is_utf8()
        sample = self._sample
        if self._size > len(sample):
            sample = sample[: sample.rfind(b"\n") + 1] or sample  # no character is cut at the end of a line
        found = charsets.decode(sample, html=self._html and not is_utf8)
        if found.rule in {"escape", "meta"}:
            own = writing_codec(found.charset)
            return found.charset if own is None else own[1]
        if is_utf8:
            return "us-ascii" if self._is_ascii else "utf-8"
        return "windows-1252"

    def is_evident(self) -> bool:
        """Whether it is text by itself, whatever it is called: marked, or ASCII or UTF-8 without controls."""
        charset = self.charset()
        if charset in {"us-ascii", "utf-8"}:
            return self._is_utf8() and compiled(_CONTROLS).search(self._sample) is None
        return charset is not None and charset.startswith("utf-")

    def _is_utf8(self) -> bool:
        """Whether all of it is; a character that is cut at the end is none."""
        return self._utf8 is not None and not self._utf8.getstate()[0]
