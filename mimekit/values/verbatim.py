"""Fields that are written as they stand: no encoded words, folded at white space only."""

from __future__ import annotations

import re

from .._folding import unfold
from .._grammar import check_text, clean
from ..charsets import decode_8bit
from ..errors import BadValue, Defect
from .base import HeaderValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

# RFC 5322 2.1.1: 998 octets a line, one of them the white space before a run, one perhaps a comma after it.
RUN_SIZE = 996
_CONTROLS = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"


class Verbatim(HeaderValue):
    """A signature or a result of checking one: what others computed over it must find every octet again.

    The text is the field body unfolded, its encoded words left as they are. RFC 6376, section 3.5.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The unfolded text."""
        text, defects = readable(body)
        return cls._make(name, text, defects=defects)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The text as given, white space around it aside.

        Raises:
            BadValue: not a `str`; controls; a run without white space that no line can hold.
        """
        if not isinstance(value, str):
            raise BadValue(f"expected a str, found {type(value).__name__}")
        text = value.strip(" \t")
        check_verbatim(text)
        return cls._make(name, text)

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The text itself."""
        return write_verbatim(self, utf8=utf8)


def readable(body: str) -> tuple[str, tuple[Defect, ...]]:
    """The unfolded text of a received *body* with its octets decoded, and what was wrong with it."""
    if body.isascii() and "\n" not in body and "\r" not in body and "\0" not in body:
        return body.strip(" \t"), ()
    decoded, is_8bit = decode_8bit(unfold(body))
    text, has_controls = clean(decoded)
    found = ("8bit-in-header",) * is_8bit + ("control-in-value",) * has_controls
    return text, tuple(map(Defect, found))


def check_verbatim(text: str) -> None:
    """Refuse *text* if no field can be written with it as it stands, UTF-8 allowed.

    Raises:
        BadValue: controls; a run without white space that no line can hold.
    """
    check_text(text)
    if control := re.search(_CONTROLS, text):
        raise BadValue(f"a control character cannot stand here ({control[0]!r} at {control.start()})")
    if (longest := _longest_run(text)) > RUN_SIZE:
        raise BadValue(f"expected white space to fold at, found {longest} octets without; a line carries {RUN_SIZE}")


def can_stand(text: str, *, utf8: bool) -> bool:
    """Whether *text*, without CR, LF and NUL, can be written as it stands."""
    return (utf8 or text.isascii()) and not re.search(_CONTROLS, text) and _longest_run(text) <= RUN_SIZE


def write_verbatim(value: HeaderValue, *, utf8: bool) -> str:
    """The text of *value* as it is written.

    Raises:
        BadValue: it is not ASCII, and *utf8* is not allowed.
    """
    if not utf8 and not value.isascii():
        raise BadValue("only ASCII can stand here without SMTPUTF8, for the field takes no encoded words")
    return str(value)


def _longest_run(text: str) -> int:
    """The octets of the longest word with the white space before it, which go on a line together."""
    octets = text if text.isascii() else text.encode().decode("latin-1")
    return max(map(len, re.findall(r"[ \t]*+[^ \t]++", octets)), default=0)
