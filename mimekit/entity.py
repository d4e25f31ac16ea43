"""The contract between a message and those who work on it: what writer, walk and managers know of an entity.

RFC 2045, section 2.4: an entity is a message or a part. Here stands its state and nothing else, so
that no worker has to know the class people see.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from ._scanner import Layout, Source
from .headers import Headers
from .values.contenttype import Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from abc import ABC
    from typing import Protocol, Self

    from ._ondisk import OnDisk
else:
    # an abstract class would be asked about its instances in a roundabout way, and they are asked for often
    ABC = Protocol = object


class Options(Protocol):
    """What of a policy the workers need."""

    @property
    def linesep(self) -> str:
        """The line end of what is composed."""

    @property
    def max_line_length(self) -> int:
        """Where composed fields are folded, in characters; 0 for 998 alone."""

    @property
    def utf8(self) -> bool:
        """Whether UTF-8 may stand in headers."""

    @property
    def cte_type(self) -> str:
        """``"7bit"`` or ``"8bit"``: what bodies may hold."""

    @property
    def outlook_names(self) -> bool:
        """Whether a file name is written a second time, as older programs read it."""


class Content:
    """A composed leaf: content with its transfer encoding still to be done, in memory or in a file. Frozen."""

    __slots__ = ("_held", "asked", "encoding", "text")

    def __init__(self, octets: bytes | OnDisk, encoding: str, *, text: bool, asked: bool = False) -> None:
        self._held = octets
        self.encoding = encoding
        self.text = text  # CRLF pairs in the octets are line ends, and take the writer's form
        self.asked = asked  # the encoding is the caller's choice, not the policy's

    @property
    def octets(self) -> bytes:
        """All of it; a file is read, which may raise what `OnDisk.pieces` does."""
        return self._held if isinstance(self._held, bytes) else self._held.read()

    @property
    def size(self) -> int:
        """How many octets it is."""
        return len(self._held) if isinstance(self._held, bytes) else self._held.size

    def pieces(self, size: int) -> Iterator[bytes]:
        """Its octets, in order, in pieces of *size*, but for the last one; a file raises what `OnDisk.pieces` does."""
        held = self._held
        if not isinstance(held, bytes):
            return held.pieces(size)
        return (held[start : start + size] for start in range(0, len(held), size))

    def check(self) -> None:
        """Refuse a file that is not what it was, as `OnDisk.check` does."""
        if not isinstance(self._held, bytes):
            self._held.check()

    def encoded_as(self, encoding: str, *, asked: bool) -> Content:
        """The same content in another transfer encoding."""
        return Content(self._held, encoding, text=self.text, asked=asked)


class Raw:
    """A body as it stands on the wire, in the source it came from. Frozen but for what `_scanner` finds in it."""

    __slots__ = ("layout", "source")

    def __init__(self, source: Source, layout: Layout) -> None:
        self.source = source
        self.layout = layout

    @property
    def octets(self) -> bytes:
        """The body, still transfer encoded."""
        return self.source.data[self.layout.body : self.layout.end]

    @property
    def view(self) -> memoryview:
        """The same, not copied."""
        return memoryview(self.source.data)[self.layout.body : self.layout.end]


class Frame:
    """What stands around the parts of a multipart.

    ``seams[i]`` is the delimiter before part *i* as it came, or None where it is to be composed;
    so is ``close``, and None twice over where a received multipart never had one (``closed`` is False).
    """

    __slots__ = ("boundary", "close", "closed", "epilogue", "ids", "origin", "preamble", "seams")

    def __init__(self, boundary: bytes) -> None:
        self.boundary = boundary
        self.preamble = b""
        self.seams: list[bytes | None] = []
        self.close: bytes | None = None
        self.closed = True
        self.epilogue = b""
        self.origin: Raw | None = None  # where the boundary was received; None for one of ours
        self.ids: set[str] | None = None  # the Content-IDs of the multipart and what is in it, while they are known

    @classmethod
    def received(cls, source: Source, layout: Layout) -> Frame:
        """The frame of a multipart as it stands in its source."""
        frame = cls(layout.boundary)
        data = source.data
        first = layout.seams[0][0]
        frame.preamble = data[layout.body : first]
        frame.seams = [data[start:end] for start, end in layout.seams]
        frame.origin = Raw(source, layout)
        if layout.close is None:
            frame.closed = False
        else:
            frame.close = data[layout.close[0] : layout.close[1]]
            frame.epilogue = data[layout.close[1] : layout.end]
        return frame

    def copy(self) -> Frame:
        """The same, to be changed apart."""
        twin = Frame(self.boundary)
        twin.preamble, twin.seams, twin.close = self.preamble, list(self.seams), self.close
        twin.closed, twin.epilogue, twin.origin = self.closed, self.epilogue, self.origin
        return twin


class Entity(ABC):
    """A message or a part, as the workers know it.

    The body is one of: None (nothing was set), `Content` (composed leaf), `Raw` (as received; its
    parts are made when asked for) or `Frame` (a multipart with its parts beside it, edited or composed).
    """

    __slots__ = ("_body", "_edited", "_headers", "_parent", "_parts", "_separate", "_whole", "_wraps")

    _headers: Headers | None
    _separate: bool  # it came without the empty line behind its headers, and now needs one
    _body: Content | Raw | Frame | None
    _parts: list[Entity] | None  # the parts that were made; None: not asked for yet, or a leaf
    _parent: Entity | None
    _whole: Raw | None  # the span of all of it in its source; None when it was composed
    _edited: bool  # it, or something below it, differs from _whole
    _wraps: int  # how many transfer-encoded messages it stands in

    #: Whether it is made to be a message on its own, and no part of one.
    stands_alone = False

    @property
    @abstractmethod
    def headers(self) -> Headers:
        """The fields, in order."""

    @property
    @abstractmethod
    def options(self) -> Options:
        """How it is written."""

    @property
    @abstractmethod
    def parts(self) -> Sequence[Entity]:
        """The direct parts; the one message of a message/rfc822; empty for a leaf."""

    @property
    @abstractmethod
    def octets(self) -> bytes:
        """The content with its transfer encoding undone."""

    @abstractmethod
    def octet_pieces(self) -> Iterator[bytes]:
        """The same in pieces, none of them large where the content stands in a file or in a source."""

    @abstractmethod
    def text_octets(self) -> bytes:
        """The octets of a text, each of its line ends with an LF in it."""

    @abstractmethod
    def is_multipart(self) -> bool:
        """Whether it has parts, or is a message/rfc822."""

    @abstractmethod
    def _kind(self) -> Summary:
        """What its Content-Type says, or its default."""

    @abstractmethod
    def get_content_type(self) -> str:
        """``"maintype/subtype"``, lower case."""

    @abstractmethod
    def get_content_disposition(self) -> str | None:
        """``"inline"``, ``"attachment"`` or whatever else was said, lower case."""

    @abstractmethod
    def get_filename(self) -> str | None:
        """The file name it was given, or None."""

    @abstractmethod
    def get_content_charset(self) -> str | None:
        """The charset label of its Content-Type, lower case, or None."""

    @abstractmethod
    def transfer_encoding(self) -> str:
        """The transfer encoding its header names, as a token in lower case."""

    @abstractmethod
    def set_header(self, name: str, value: object) -> None:
        """Set one field, in the place of those called *name*."""

    @abstractmethod
    def __setitem__(self, name: str, value: object) -> None:
        """Set a field that stands once, append any other."""

    @abstractmethod
    def blank(self) -> Self:
        """An entity of its kind and policy with nothing in it."""

    @abstractmethod
    def blank_part(self) -> Entity:
        """A part of its policy with nothing in it."""

    @abstractmethod
    def clear_for_content(self) -> None:
        """Drop the content and the fields that describe it; a part keeps those that say how it stands among others."""

    @abstractmethod
    def iter_bytes(self) -> Iterator[bytes]:
        """All of it as it is written."""

    @abstractmethod
    def body_chunks(self) -> Iterator[bytes]:
        """The body as it is written."""

    @abstractmethod
    def put_content(self, content: Content) -> None:
        """Make it a leaf that holds *content*."""

    @abstractmethod
    def put_parts(self, parts: Sequence[Entity], *, boundary: str | None = None) -> None:
        """Make it hold *parts*; its Content-Type is set already."""

    @abstractmethod
    def parse_part(self, octets: bytes) -> Entity:
        """Those octets as a message of its own."""
