"""The registry every content manager is: functions found by MIME type, and by Python type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .._grammar import check_str
from ..entity import Entity
from ..errors import BadValue, NoHandler

Getter = Callable[..., object]  # of the part, and of what else get_content() was given
Setter = Callable[..., object]  # of the part, the object, and of what else set_content() was given


class ContentManager:
    """Two mappings: from MIME types to functions that get content, from Python types to functions that set it.

    Entries belong to the instance; a subclass adds its own in ``__init__``. Nothing that is
    registered in one place shows in another.
    """

    def __init__(self) -> None:
        self._getters: dict[str, Getter] = {}
        self._setters: dict[type | str | None, Setter] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ContentManager):
            return NotImplemented
        mine, theirs = (self._getters, self._setters), (other._getters, other._setters)
        return type(self) is type(other) and mine == theirs

    __hash__ = object.__hash__  # it is mutable, so it is found by identity

    def add_get_handler(self, key: str, handler: Getter) -> None:
        """Get content of type *key* by ``handler(part, ...)``. *key* is "type/subtype", "type" or "" for the rest.

        Raises:
            BadValue: *key* is no such text, or *handler* no function.
        """
        check_str(key, "the key of a get handler")
        if "*" in key:
            raise BadValue(f"a get handler for {key!r} is added as {key.partition('/')[0].strip('*')!r}")
        _check_handler(handler)
        self._getters[key.lower()] = handler

    def add_set_handler(self, typekey: type | str | None, handler: Setter) -> None:
        """Set objects of *typekey* by ``handler(part, object, ...)``, which fills *part*.

        *typekey* is a type, or its ``__qualname__`` or ``__name__`` (with the module and a dot in front, or
        alone), so that a type can be registered whose library is not imported; None is for all others.

        Raises:
            BadValue: *typekey* is none of them, or *handler* no function.
        """
        if not isinstance(typekey, type | str | None):
            raise BadValue(f"the key of a set handler is a type, its name or None, not {type(typekey).__name__}")
        _check_handler(handler)
        self._setters[typekey] = handler

    def get_content(self, part: Entity, /, *args: object, **kw: object) -> object:
        """What *part* holds, made by the function for its type; further arguments are passed to it.

        Raises:
            BadValue: the function takes no such arguments.
            NoHandler: no function for the type.
        """
        kind = part._kind()
        getters = self._getters
        handler = getters.get(kind.content_type) or getters.get(kind.maintype) or getters.get("")
        if handler is None:
            raise NoHandler(f"{type(self).__name__} has no get handler for {kind.content_type}")
        try:
            return handler(part, *args, **kw)
        except TypeError:
            _check_arguments(f"get_content() of {kind.content_type}", handler, (part, *args), kw, own=1)
            raise

    def set_content(self, part: Entity, /, *args: object, **kw: object) -> None:
        """Fill *part* with the first of *args*, by the function for its Python type; the others are passed to it.

        Raises:
            BadValue: there is no content among *args*, or the function takes no such arguments.
            NoHandler: no function for the type, or for one it derives from.
        """
        if not args:
            raise BadValue("set_content needs the content as its first argument")
        content, *others = args
        for key in _keys(type(content)):
            handler = self._setters.get(key)
            if handler is not None:
                part.clear_for_content()
                hand_on(handler, part, content, *others, **kw)
                return
        found = type(content).__qualname__
        raise NoHandler(f"{type(self).__name__} has no set handler for {found}{_advice(content)}")


def hand_on(handler: Setter, part: Entity, content: object, /, *args: object, **kw: object) -> None:
    """Have *handler* fill *part*; for what a handler leaves to another one, too.

    Raises:
        BadValue: it takes no such arguments.
    """
    try:
        handler(part, content, *args, **kw)
    except TypeError:
        _check_arguments(f"set_content() of {type(content).__name__}", handler, (part, content, *args), kw, own=2)
        raise


def _check_handler(handler: object) -> None:
    if not callable(handler):
        raise BadValue(f"a handler is a function, not {type(handler).__name__}")


def _check_arguments(
    call: str, handler: Callable[..., object], args: tuple[object, ...], kw: dict[str, object], *, own: int
) -> None:
    """Refuse arguments that *handler* does not take; where it takes them, what it raised is its own affair.

    Raises:
        BadValue: it names *call*, and the parameters of *handler* but the first *own*, which are not the caller's.
    """
    import inspect  # noqa: PLC0415 -- slow to import, and wanted for mistakes only

    try:
        signature = inspect.signature(handler)
    except ValueError:  # a built-in function that does not say
        return
    try:
        signature.bind(*args, **kw)
    except TypeError as wrong:
        named = [
            name for name, parameter in signature.parameters.items() if parameter.kind is not parameter.VAR_KEYWORD
        ]
        taken = ", ".join(named[own:]) or "nothing else"
        raise BadValue(f"{call}: {wrong}; it takes {taken}") from wrong


def _advice(content: object) -> str:
    if hasattr(content, "__fspath__"):
        return "; content_manager=FileManager takes paths, or read the file first: path.read_bytes()"
    if hasattr(content, "as_bytes"):
        return "; mimekit.interop.from_email() makes one of ours of it"
    if hasattr(content, "encoding") and hasattr(content, "read"):
        return "; open a file for octets, open(path, 'rb'), or give the text that it holds, file.read()"
    return "; read it first: file.read()" if hasattr(content, "read") else "; add_set_handler() is how one is added"


def _keys(kind: type) -> Iterator[type | str | None]:
    """What a type is looked up by: itself, then its names; then so for each type it derives from; None at last."""
    for base in kind.__mro__:
        yield base
        yield f"{base.__module__}.{base.__qualname__}"
        yield base.__qualname__
        yield base.__name__
    yield None
