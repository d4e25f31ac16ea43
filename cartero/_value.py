"""What every frozen value shares: equality by meaning, a hash, a repr, pickling, and no change.

Written by hand, as in mimekit: dataclasses would be a third of what starting `cartero-send` costs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Self


class Value:
    """Abstract. A subclass names its fields in ``__slots__`` and takes each of them by keyword."""

    __slots__ = ()

    def _set(self, **fields: object) -> None:
        """Fill the slots, once, while the value is made."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def _fields(self) -> dict[str, object]:
        """The fields, by name, such as they are given to make an equal value."""
        names: tuple[str, ...] = self.__slots__
        return {name: getattr(self, name) for name in names}

    @classmethod
    def _make(cls, fields: dict[str, object]) -> Self:
        return cls(**fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(self) is not type(other):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(tuple(self._fields().values()))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._fields().items())
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[object, tuple[dict[str, object]]]:
        return self._make, (self._fields(),)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")
