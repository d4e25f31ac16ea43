"""One header field: its octets as they came, its value when it is asked for."""

from __future__ import annotations

from . import _folding
from .errors import BadValue
from .values.contenttype import summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._block import Block
    from .values.base import HeaderValue
    from .values.contenttype import Summary


class Field:
    """One field of a header block. Frozen.

    A field that was received keeps its octets and is written as them; one that was composed is
    folded when it is written. RFC 5322, section 2.2.

    Args:
        as_it_is: whether *value* was received elsewhere and is to be written as that text, in UTF-8, whatever
            rules that breaks.
    """

    __slots__ = ("_as_it_is", "_block", "_kind", "_name", "_place", "_value", "_written")

    def __init__(self, name: str, value: HeaderValue, *, as_it_is: bool = False) -> None:
        self._name = name
        self._as_it_is = as_it_is
        self._value: HeaderValue | None = value
        self._block: Block | None = None
        self._place = 0
        self._written: tuple[int, bool, bytes] | None = None  # the last folding: its line length, its utf8, the octets
        self._kind: Summary | None = None

    @classmethod
    def received(cls, block: Block, place: int) -> Field:
        """The field at *place* of a header block that was parsed."""
        self = cls.__new__(cls)
        self._name = block.spelled[place]
        self._value = None
        self._block = block
        self._place = place
        self._written = self._kind = None
        return self

    @property
    def name(self) -> str:
        """The field name, as it was spelled."""
        return self._name

    @property
    def value(self) -> HeaderValue:
        """The field body, parsed at the first call: a `str` with attributes."""
        if self._value is None:
            assert self._block is not None  # what has no value yet was received
            self._value = self._block.value(self._place)
        return self._value

    @property
    def kind(self) -> Summary:
        """What it says in short, if it is a Content-Type."""
        if self._kind is None:
            self._kind = summary(self.value.encode_body() if self._block is None else self.raw_body)
        return self._kind

    @property
    def is_received(self) -> bool:
        """Whether it came in a message, and is written as it came."""
        return self._block is not None

    @property
    def raw(self) -> bytes | None:
        """The octets it was received as, line ends and all; None when it was composed."""
        return None if self._block is None else self._block.octets(self._place)

    @property
    def raw_body(self) -> str:
        """What follows the colon as it was received, one character an octet; the value where it was composed."""
        return str(self.value) if self._block is None else self._block.body(self._place).rstrip("\r")

    @property
    def is_utf8(self) -> bool:
        """Whether its octets are UTF-8, as RFC 6532, section 3.2 lets them be."""
        try:
            (self.raw or b"").decode()
        except UnicodeDecodeError:
            return False
        return True

    @property
    def span(self) -> tuple[int, int] | None:
        """Where it begins and ends in what was parsed, in octets; None when it was composed."""
        return None if self._block is None else self._block.span(self._place)

    def write(self, *, linesep: str = "\r\n", line_length: int = 78, utf8: bool = False) -> bytes:
        """The octets to be written: those it came as, or the value folded.

        Raises:
            BadValue: it needs *utf8*, or a line of more than 998 octets, and does not stand as it is.
        """
        written = self._written
        if written is None or written[0] != line_length or written[1] is not utf8:
            if self._block is not None:
                return self._block.octets(self._place)
            body = str(self.value) if self._as_it_is else self._encoded(utf8=utf8)
            folded = _folding.fold(self._name, body, line_length=line_length, long_lines=self._as_it_is)
            written = self._written = (line_length, utf8, folded.encode())
        return written[2] if linesep == "\r\n" else written[2].replace(b"\r\n", linesep.encode())

    def _encoded(self, *, utf8: bool) -> str:
        try:
            return self.value.encode_body(utf8=utf8, offset=len(self._name) + 2)
        except BadValue as refusal:
            raise BadValue(f"{self._name}: {refusal}") from None

    def _key(self) -> tuple[str, bytes | None, str]:
        return self._name, self.raw, self.raw_body

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Field) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        shown = self.raw_body.strip() if self._value is None else str(self._value)
        return f"<Field {self._name}: {shown[:60]!r}>"
