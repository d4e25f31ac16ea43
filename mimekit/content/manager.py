"""The registry every content manager is: functions found by MIME type, and by Python type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        """Get content of type *key* by ``handler(part, ...)``. *key* is "type/subtype", "type" or "" for the rest."""
        self._getters[key] = handler

    def add_set_handler(self, typekey: type | str | None, handler: Setter) -> None:
        """Set objects of *typekey* by ``handler(part, object, ...)``.

        *typekey* is a type, or its ``__qualname__`` or ``__name__`` (with the module and a dot in front, or
        alone), so that a type can be registered whose library is not imported; None is for all others.
        """
        self._setters[typekey] = handler

    def get_content(self, part: Entity, /, *args: object, **kw: object) -> object:
        """What *part* holds, made by the function for its type; further arguments are passed to it.

        Raises:
            NoHandler: no function for the type.
        """
        content_type = part.get_content_type()
        for key in (content_type, content_type.partition("/")[0], ""):
            handler = self._getters.get(key)
            if handler is not None:
                return handler(part, *args, **kw)
        raise NoHandler(f"{type(self).__name__} has no get handler for {content_type}")

    def set_content(self, part: Entity, /, *args: object, **kw: object) -> None:
        """Fill *part* with the first of *args*, by the function for its Python type; the others are passed to it.

        Raises:
            BadValue: there is no content among *args*.
            NoHandler: no function for the type, or for one it derives from.
        """
        if not args:
            raise BadValue("set_content needs the content as its first argument")
        content, *others = args
        for key in _keys(type(content)):
            handler = self._setters.get(key)
            if handler is not None:
                part.clear_for_content()
                handler(part, content, *others, **kw)
                return
        raise NoHandler(f"{type(self).__name__} has no set handler for {type(content).__qualname__}")


def _keys(kind: type) -> Iterator[type | str | None]:
    """What a type is looked up by: itself, then its names; then so for each type it derives from; None at last."""
    for base in kind.__mro__:
        yield base
        yield f"{base.__module__}.{base.__qualname__}"
        yield base.__qualname__
        yield base.__name__
    yield None
