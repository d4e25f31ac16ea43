"""The contract of header values: a `str` that knows its field and how it is written."""

from __future__ import annotations

from abc import abstractmethod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from ..errors import Defect


class HeaderValue(str):
    """A field body as text; what it means hangs on it as attributes. Abstract.

    A value is frozen. It is made by `parse` from what was received, or by `compose` from what a
    caller gives; as text it is on one line, decoded, without CR, LF and NUL. It equals every
    `str` of the same text.
    """

    __slots__ = ("_body", "_defects", "_meaning", "_name")

    _name: str
    _body: str  # the raw field body for lazy attributes, unfolded, one character an octet ("" when composed)
    _defects: tuple[Defect, ...]
    _meaning: object  # what was made of the text, once that was asked for

    @classmethod
    def _make(cls, name: str, text: str, *, body: str = "", defects: tuple[Defect, ...] = ()) -> Self:
        self = str.__new__(cls, text)
        self._name = name
        self._body = body
        self._defects = defects
        self._meaning = None
        return self

    @classmethod
    @abstractmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field. Whatever stands there: a value, with defects; never an exception.

        Args:
            name: the field name as it was spelled.
            body: what follows the colon, one character an octet (latin-1), folded as it came.
        """

    @classmethod
    @abstractmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a field to be written.

        Raises:
            BadValue: mail cannot carry *value* in this field.
        """

    @abstractmethod
    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:
        """The field body as it is written: on one line, ASCII unless *utf8*, to be folded at white space only.

        Args:
            utf8: whether UTF-8 may stand in headers (RFC 6532).
            offset: the column at which the body begins; the first encoded word makes room for it.

        Raises:
            BadValue: it cannot be written without *utf8*.
        """

    @property
    def name(self) -> str:
        """The field name, as it was spelled."""
        return self._name

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was wrong with the field as it came."""
        return self._defects
