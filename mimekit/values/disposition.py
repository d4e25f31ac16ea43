"""Content-Disposition: how a part is meant to be shown, with its parameters, and the file names in them made safe."""

from __future__ import annotations

import re

from .. import _folding, _grammar
from .._grammar import compiled
from ..errors import BadValue, Defect
from .base import HeaderValue
from .parameters import Parameters, Reading, checked, encode_parameters, is_plain, read_parameters, show_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

# As in a media type: 127 characters, so that it always fits on a line; then nothing that would make it another word
_WORD = rf'("?)([{_grammar.TOKEN}]{{1,127}}+)\1(?![{_grammar.TOKEN}\x80-\xff])'


class Disposition(HeaderValue):
    """The value of a Content-Disposition field, such as ``attachment; filename="a b.pdf"``. Frozen.

    As text it stands as it came where that is valid and plain, else in order: decoded, each parameter
    once, quoted where it must be. RFC 2183; RFC 2231.
    """

    __slots__ = ("_disposition", "_params", "_plain")

    _disposition: str | None
    _params: Parameters
    _plain: bool
    _meaning: tuple[bool, str] | None  # whether with UTF-8, and how it is written then

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field; an attachment where it cannot be read (RFC 2183, section 2.8)."""
        return cls._read(name, _folding.unfold(body))[0]

    @classmethod
    def build(
        cls, disposition: str, params: Mapping[str, str] | None = None, *, name: str = "Content-Disposition"
    ) -> Self:
        """The value for this disposition and these parameters.

        Raises:
            BadValue: the disposition or a parameter's name is no token, or a value holds CR, LF, NUL or
                a lone surrogate.
        """
        if not compiled(_WORD).fullmatch(disposition) or disposition[0] == '"':
            raise BadValue(f"a disposition is a token of at most 127 characters: {disposition[:130]!r}")
        return cls._of(name, disposition.lower(), Reading(checked(params or {}), plain=False), "")

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a field to be written: a `Disposition`, or text such as ``attachment; filename=a.pdf``.

        Raises:
            BadValue: the text names no disposition, or something in it could not be kept.
        """
        if isinstance(value, Disposition) and value._disposition is not None:
            return cls._copy(name, value)
        if not isinstance(value, str):
            raise BadValue(f"expected a str or a Disposition, found {type(value).__name__}")
        _grammar.check_text(value)
        composed, lost = cls._read(name, str(value).encode().decode("latin-1").strip(" \t"))
        if lost:
            raise BadValue(f"this cannot be written as a disposition: {value[:200]!r}")
        composed._defects = ()
        return composed

    @classmethod
    def _read(cls, name: str, text: str) -> tuple[Self, bool]:
        start = _grammar.skip_cfws(text, 0)
        if start == len(text):
            return cls._of(name, None, Reading(Parameters(), ("bad-disposition",), lost=True, plain=False), ""), True
        match = compiled(_WORD).match(text, start)
        if match is None or text[_grammar.skip_cfws(text, match.end()) :][:1] == "=":
            # QUIRK: "filename=a.pdf" with no disposition before it. RFC 2183 2.8: what is not known is an attachment
            reading = read_parameters(text[start:])
            damaged = Reading(reading.params, ("bad-disposition", *reading.codes), lost=True, plain=False)
            return cls._of(name, "attachment", damaged, text), True
        reading = read_parameters(text[match.end() :])
        if match[1]:  # QUIRK: "attachment" in quotes
            reading = Reading(reading.params, ("bad-disposition", *reading.codes), lost=reading.lost, plain=False)
        return cls._of(name, match[2].lower(), reading, text), reading.lost

    @classmethod
    def _of(cls, name: str, disposition: str | None, reading: Reading, body: str) -> Self:
        plain = reading.plain and is_plain(body)
        text = body if plain else f"{disposition or ''}{show_parameters(reading.params)}"
        self = cls._make(name, text, body=body, defects=tuple(Defect(code) for code in reading.codes))
        self._disposition = disposition
        self._params = reading.params
        self._plain = plain
        return self

    @classmethod
    def _copy(cls, name: str, value: Disposition) -> Self:
        self = cls._make(name, str(value), body=value._body)
        self._disposition = value._disposition
        self._params = value._params
        self._plain = value._plain
        self._meaning = value._meaning
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The field body as it is written, on one line, to be folded at white space."""
        if self._plain:
            return str(self)
        # it is asked for when the value is set, and when it is written
        if self._meaning is None or self._meaning[0] is not utf8:
            encoded = encode_parameters(self._params, utf8=utf8)
            self._meaning = utf8, (self._disposition or "") + encoded
        return self._meaning[1]

    @property
    def content_disposition(self) -> str | None:
        """``attachment``, ``inline`` or whatever it says, in lower case; None where nothing stands there."""
        return self._disposition

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters, decoded, by name in any case, in their order."""
        return self._params

    def get(self, name: str, default: str | None = None) -> str | None:
        """The parameter *name*, in any case."""
        return self._params.get(name, default)

    def with_param(self, name: str, value: str) -> Self:
        """The same disposition with parameter *name* set to *value*, in its place if it has one.

        Raises:
            BadValue: *name* is no token, or *value* holds CR, LF, NUL or a lone surrogate.
        """
        _grammar.check_str(name, "a parameter name")
        return self._with({**self._params, name.lower(): value})

    def without_param(self, name: str) -> Self:
        """The same disposition without parameter *name*; nothing changes where there is none."""
        return self._with({key: value for key, value in self._params.items() if key != name.lower()})

    def _with(self, params: Mapping[str, str]) -> Self:
        return self.build(self._disposition or "attachment", params, name=self._name)


# What Windows keeps for devices, whatever ending follows; the superscript digits count as digits there
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [port + digit for port in ("COM", "LPT") for digit in "0123456789\xb9\xb2\xb3"]
)
_BREAKS = "[\t\n\v\f\r\x85\u2028\u2029]"
# SECURITY: U+202E and its like show "exe.fdp" as "pdf.exe" reversed: a name that lies about what it is
_UNSEEN = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
_FORBIDDEN = '[<>:"|?*]'
_SPACES = " \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_NAME_SIZE = 255
_ENDING_SIZE = 64


def safe_filename(name: str) -> str:
    """*name* as one that may be given to a file, on any system, in a directory of your choice.

    The last part of a path of either kind, at most 255 octets in UTF-8 with its ending kept, without
    control and direction characters, without dots in front, never the name of a device and never
    empty (``attachment``). What people can read stays, but for ``<>:"|?*``, which become ``_``.
    Doing it twice changes nothing. RFC 2183, section 2.3.
    """
    # SECURITY: characters go first, or taking them out would put "..", a slash or a device together again
    name = re.sub(_UNSEEN, "", re.sub(_BREAKS, " ", str(name)))
    name = name.replace("\\", "/").rstrip("/" + _SPACES).rpartition("/")[2]
    name = re.sub(_FORBIDDEN, "_", re.sub(r"\A[A-Za-z]:", "", name)).strip("." + _SPACES)
    # a second time, for cutting "CON   ....pdf" short can make a device of it
    return _no_device(_shortened(_no_device(name))) or "attachment"


def _no_device(name: str) -> str:
    return f"_{name}" if name.partition(".")[0].rstrip(_SPACES).upper() in _DEVICES else name


def _shortened(name: str) -> str:
    if len(name.encode()) <= _NAME_SIZE:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) >= _ENDING_SIZE:
        stem, dot, ending = name, "", ""
    room = _NAME_SIZE - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip("." + _SPACES) + dot + ending
