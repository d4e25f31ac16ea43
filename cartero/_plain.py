"""Plain values that somebody else wrote, read key by key: each of the type it should have, and none left over."""

from __future__ import annotations

import re

from .errors import BadMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

# What XML-RPC carries, and Python's own marshaller takes: no None, and keys are text.
Plain: TypeAlias = "str | bytes | bool | int | float | list[Plain] | dict[str, Plain]"

# https://www.w3.org/TR/xml/#charsets has none of these, and https://www.w3.org/TR/xml/#sec-line-ends makes of each
# carriage return a line feed.
# Compiled when it is asked for first: that takes as long as to import all of this.
_NOT_CARRIED = "[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"

_ENDLESS = 10**9
_INT = 2**31  # what an <int> of XML-RPC holds
_KINDS = {dict: "a struct", list: "a list", str: "text", bytes: "octets", bool: "a boolean", type(None): "nothing"}
_ROOM = 80  # characters of a key that an error shows


def carried(text: str) -> str | bytes:
    """*text* as XML carries it unchanged: itself, or where XML cannot hold it, its UTF-8 octets."""
    # QUIRK: the standard library marshals no subclass of a type; the value of a field is one.
    return text.encode("utf-8", "surrogatepass") if re.search(_NOT_CARRIED, text) else str.__str__(text)


class Struct:
    """A plain struct, of which nothing is known yet.

    Whatever is wrong with it is a `BadMessage` that names the key. Text may be given as UTF-8 octets everywhere.

    Args:
        given: what should be a struct.
        known: the keys it may have.
        place: where it stands, as errors name it.
    """

    def __init__(self, given: object, *known: str, place: str = "") -> None:
        if not isinstance(given, dict):
            raise BadMessage(f"{place or 'message'}: expected a struct, found {_kind(given)}")
        self._place = place
        self._given: Mapping[str, object] = given
        for key in given:
            if key not in known:
                raise BadMessage(f"{self.key(_shown(key))}: no such key (there are {', '.join(known)})")

    def key(self, key: str) -> str:
        """*key* as errors name it."""
        return f"{self._place}.{key}" if self._place else key

    def __contains__(self, key: str) -> bool:
        return key in self._given

    def has(self, key: str) -> bool:
        """Whether something stands there: empty text, octets or lists are as nothing."""
        return self._given.get(key, "") not in ("", b"", [])

    def text(self, key: str, default: str = "") -> str:
        """The text there, or *default*."""
        return _text(self._given.get(key, default), self.key(key))

    def texts(self, key: str) -> list[str]:
        """The texts there: a list of them, or one alone; none where there is nothing."""
        given = self._given.get(key, [])
        if not isinstance(given, list):
            return [_text(given, self.key(_shown(key)))]
        return [_text(item, f"{self.key(_shown(key))}[{number}]") for number, item in enumerate(given)]

    def octets(self, key: str) -> bytes:
        """The octets there."""
        given = self._given.get(key)
        if not isinstance(given, bytes):
            found = "nothing" if key not in self._given else _kind(given)
            raise BadMessage(f"{self.key(key)}: expected octets (base64), found {found}")
        return given

    def flag(self, key: str) -> bool:
        """The truth value there; False where there is none."""
        given = self._given.get(key, False)
        if not isinstance(given, bool):
            raise BadMessage(f"{self.key(key)}: expected a boolean, found {_kind(given)}")
        return given

    def integer(self, key: str) -> int | None:
        """The integer there, or None."""
        given = self._given.get(key)
        if not isinstance(given, int | None) or isinstance(given, bool) or (given is None and key in self._given):
            raise BadMessage(f"{self.key(key)}: expected an integer, found {_kind(given)}")
        if given is not None and not -_INT <= given < _INT:
            raise BadMessage(f"{self.key(key)}: expected an integer of 32 bits, found a larger one")
        return given

    def seconds(self, key: str) -> float | None:
        """The number of seconds there, which is neither negative nor endless, or None."""
        given = self._given.get(key)
        if given is None and key not in self._given:
            return None
        if not isinstance(given, int | float) or isinstance(given, bool) or not 0 <= given < _ENDLESS:
            raise BadMessage(f"{self.key(key)}: expected a number of seconds, from 0 to {_ENDLESS}")
        return float(given)

    def struct(self, key: str, *known: str) -> Struct:
        """The struct there."""
        return Struct(self._given.get(key), *known, place=self.key(key))

    def structs(self, key: str, *known: str) -> Iterator[Struct]:
        """The structs in the list there; none where there is nothing."""
        given = self._given.get(key, [])
        if not isinstance(given, list):
            raise BadMessage(f"{self.key(key)}: expected a list of structs, found {_kind(given)}")
        for number, item in enumerate(given):
            yield Struct(item, *known, place=f"{self.key(key)}[{number}]")

    def items(self, key: str) -> Iterator[tuple[str, str, list[str]]]:
        """Each name in the struct there, the same as errors name it, and its texts; none where there is nothing."""
        given = self._given.get(key, {})
        if not isinstance(given, dict):
            raise BadMessage(f"{self.key(key)}: expected a struct, found {_kind(given)}")
        inside = Struct(given, *given, place=self.key(key))
        for name in given:
            place = inside.key(_shown(name))
            yield _text(name, place), place, inside.texts(name)


def _text(given: object, place: str) -> str:
    if isinstance(given, str):
        return given
    if not isinstance(given, bytes):
        raise BadMessage(f"{place}: expected text, found {_kind(given)}")
    try:
        return given.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise BadMessage(f"{place}: expected text, found octets that are no UTF-8") from error


def _kind(given: object) -> str:
    return _KINDS.get(type(given), type(given).__name__)


def _shown(given: object) -> str:
    """*given* in so many characters as an error has room for."""
    text = given if isinstance(given, str) and given.isprintable() else repr(given)
    return text if len(text) <= _ROOM else f"{text[:_ROOM]}..."
