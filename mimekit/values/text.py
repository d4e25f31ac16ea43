"""Unstructured fields: text that means nothing but itself (RFC 5322, section 3.6.5)."""

from __future__ import annotations

from .._folding import unfold
from .._grammar import check_text
from ..charsets import decode_8bit
from ..encodedword import decode, encode_text
from ..errors import BadValue, Defect
from .base import HeaderValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Text(HeaderValue):
    """The text of Subject, Comments, Content-Description, X-* and every field nobody knows.

    >>> Text.parse("Subject", " =?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    'Grüße'
    >>> Text.compose("Subject", "25 € a day").encode_body()
    '25 =?utf-8?b?4oKs?= a day'

    RFC 5322, section 3.2.5; RFC 2047, section 5 (1).
    """

    __slots__ = ()

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The text of a received field: unfolded, 8-bit octets and encoded words read, without CR, LF and NUL."""
        text = body.strip(" \t\r\n")
        if text.isascii() and "=?" not in text and not ("\n" in text or "\r" in text or "\0" in text):
            return cls._make(name, text)
        text, has_8bit = decode_8bit(unfold(body))
        text, defects = decode(text)
        if has_8bit:
            defects = (Defect("8bit-in-header"), *defects)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The text as it is given; spaces at its ends count.

        Raises:
            BadValue: *value* is no str, or holds CR, LF, NUL or a lone surrogate.
        """
        if not isinstance(value, str):
            raise BadValue(f"expected a str, found {type(value).__name__}")
        check_text(value)
        return cls._make(name, value)

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:
        """The field body as it is written; `parse` gives the same text back."""
        return encode_text(str(self), offset=offset, utf8=utf8)
