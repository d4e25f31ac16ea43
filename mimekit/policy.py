"""The choices of reading and writing, and the content manager in use: frozen, passed along, never global."""

from __future__ import annotations

from .content.objects import ObjectManager
from .entity import Entity
from .errors import BadValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

_LINE_ENDS = ("\r\n", "\n")


class Manager(Protocol):
    """What a content manager must have: two methods whose first argument is the part."""

    def get_content(self, part: Entity, /, *args: object, **kw: object) -> object:
        """What *part* holds."""

    def set_content(self, part: Entity, /, *args: object, **kw: object) -> object:
        """Fill *part*."""


class Policy:
    r"""Options of reading and writing. Frozen; `replace` makes others.

    Args:
        linesep: the line end of what is composed, ``"\r\n"`` or ``"\n"``. What was received keeps its own.
        max_line_length: where composed fields are folded, in characters, at white space only; 0 for
            the 998 of RFC 5322, section 2.1.1 alone.
        utf8: whether UTF-8 stands in headers as it is (RFC 6532), and in local parts at all.
        cte_type: ``"7bit"``, or ``"8bit"`` where composed text may stay 8-bit (RFC 6152).
        outlook_names: whether a file name that is not ASCII is also written as a ``name`` in the
            Content-Type with RFC 2047 words, for programs that know no RFC 2231. It counts when the
            content is set.
        max_depth: how deeply parts may nest before one is left unopened; counted anew inside a message that stands
            transfer encoded.
        max_parts: how many parts a message may have before the rest is left unopened; counted so, too.
        max_header_size: octets of one header block; what stands beyond is left in the body.
        strict: whether parsing raises the first defect as `ParseError`.
        content_manager: what ``get_content`` and ``set_content`` use when they are told nothing else; an
            instance, or a class to make one of.

    Raises:
        BadValue: a line end or a cte_type there is none of, a limit below 1, or an option of another type.
    """

    __slots__ = (
        "_content_manager",
        "_cte_type",
        "_linesep",
        "_max_depth",
        "_max_header_size",
        "_max_line_length",
        "_max_parts",
        "_outlook_names",
        "_strict",
        "_utf8",
    )

    def __init__(  # noqa: PLR0913 -- options are many, and keyword-only
        self,
        *,
        linesep: str = "\r\n",
        max_line_length: int = 78,
        utf8: bool = False,
        cte_type: str = "7bit",
        outlook_names: bool = True,
        max_depth: int = 1024,
        max_parts: int = 10_000,
        max_header_size: int = 16 * 1024 * 1024,
        strict: bool = False,
        content_manager: Manager | type[Manager] | None = None,
    ) -> None:
        if linesep not in _LINE_ENDS:
            raise BadValue(f"linesep is CRLF or LF, not {linesep!r}")
        if cte_type not in ("7bit", "8bit"):
            raise BadValue(f'cte_type is "7bit" or "8bit", not {cte_type!r}')
        _check_limit("max_line_length", max_line_length, least=0)
        _check_limit("max_depth", max_depth)
        _check_limit("max_parts", max_parts)
        _check_limit("max_header_size", max_header_size)
        for name, choice in {"utf8": utf8, "outlook_names": outlook_names, "strict": strict}.items():
            if not isinstance(choice, bool):
                raise BadValue(f"{name} is True or False, not {choice!r:.60}")
        self._linesep = linesep
        self._max_line_length = max_line_length
        self._utf8 = utf8
        self._cte_type = cte_type
        self._outlook_names = outlook_names
        self._max_depth = max_depth
        self._max_parts = max_parts
        self._max_header_size = max_header_size
        self._strict = strict
        self._content_manager = ObjectManager() if content_manager is None else _manager_of(content_manager)

    @property
    def linesep(self) -> str:
        """The line end of what is composed."""
        return self._linesep

    @property
    def max_line_length(self) -> int:
        """Where composed fields are folded, in characters."""
        return self._max_line_length

    @property
    def utf8(self) -> bool:
        """Whether UTF-8 stands in headers as it is."""
        return self._utf8

    @property
    def cte_type(self) -> str:
        """``"7bit"`` or ``"8bit"``: what composed bodies may hold."""
        return self._cte_type

    @property
    def outlook_names(self) -> bool:
        """Whether file names are also written as older programs read them."""
        return self._outlook_names

    @property
    def max_depth(self) -> int:
        """How deeply parts may nest."""
        return self._max_depth

    @property
    def max_parts(self) -> int:
        """How many parts a message may have."""
        return self._max_parts

    @property
    def max_header_size(self) -> int:
        """Octets of one header block."""
        return self._max_header_size

    @property
    def strict(self) -> bool:
        """Whether parsing raises the first defect."""
        return self._strict

    @property
    def content_manager(self) -> Manager:
        """The content manager in use."""
        return self._content_manager

    def replace(self, **changes: object) -> Policy:
        """The same choices with *changes* made.

        Raises:
            BadValue: there is no option of that name, or it does not take that value.
        """
        options = {name[1:]: getattr(self, name) for name in self.__slots__}
        unknown = changes.keys() - options.keys()
        if unknown:
            raise BadValue(f"a policy has no {min(unknown)!r}; it has {', '.join(sorted(options))}")
        return Policy(**{**options, **changes})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__ if name != "_content_manager"))

    def __repr__(self) -> str:
        options = (f"{name[1:]}={getattr(self, name)!r}" for name in self.__slots__ if name != "_content_manager")
        return f"Policy({', '.join(options)})"


def _manager_of(given: Manager | type[Manager]) -> Manager:
    """The content manager that was given, or one of the class that was given.

    Raises:
        BadValue: it is none, or one of the standard library's.
    """
    manager = given() if isinstance(given, type) else given
    kind = type(manager)
    if any(base.__module__ == "email.contentmanager" for base in kind.__mro__):
        raise BadValue("the standard library's content managers know its own messages only; use mimekit.RawDataManager")
    if not (hasattr(manager, "get_content") and hasattr(manager, "set_content")):
        raise BadValue(f"expected a content manager, with get_content() and set_content(), found {kind.__qualname__}")
    return manager


def _check_limit(name: str, limit: object, *, least: int = 1) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise BadValue(f"{name} is an int, not {type(limit).__name__}")
    if limit < least:
        raise BadValue(f"{name} is at least {least}, not {limit}")


#: What is used where nothing else is said.
default = Policy()
#: For SMTP: the same as `default`, which writes CRLF already.
SMTP = default
#: For SMTP servers that announce SMTPUTF8: UTF-8 in headers, addresses and bodies (RFC 6531, RFC 6532).
SMTPUTF8 = Policy(utf8=True, cte_type="8bit", outlook_names=False)
