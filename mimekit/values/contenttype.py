"""Content-Type: what an entity is, with its parameters."""

from __future__ import annotations

import functools
import re

from .. import _folding, _grammar
from .._grammar import compiled
from ..errors import BadValue, Defect
from .base import HeaderValue
from .parameters import (
    Parameters,
    Reading,
    checked,
    encode_parameters,
    is_plain,
    octets_of,
    read_parameters,
    show_parameters,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

_DEFAULT = "text/plain"  # RFC 2045 5.2
# RFC 6838 4.2: 127 characters on each side of the slash, so that a type always fits on a line
_WORD = rf"[{_grammar.TOKEN}]{{1,127}}"
_PART = rf"{_WORD}(?![{_grammar.TOKEN}\x80-\xff])"
_TYPE = rf"({_WORD})/({_WORD})[ \t]*+(?=;|\Z)"
_FOLD = r"[\r\n]++[ \t]++"
_HAS_WHITE = rb"[ \t]"

# Nearly every Content-Type there is: the three parameters asked for at most once, no quoted-pair, no 8-bit, no fold
# inside quotes. Alternatives exclude each other, so that a failure does not try them all again.
_COMMON = re.compile(
    r"""
    [ \t\r\n]*+ ([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,127}/[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,127})
    (?: [ \t\r\n]*+ ; [ \t\r\n]*+
        (?: (?i:charset) = (?(2)(?!)) ("[!#$%&*+\-.0-9A-Z^_`a-z{|}~]++"|[!#$%&*+\-.0-9A-Z^_`a-z{|}~]++)
          | (?i:boundary) = (?(3)(?!)) ("[ !#-\[\]-~]++"|[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]++)
          | (?!(?i:charset|boundary)=) [!#$&+\-.0-9A-Z^_`a-z{|}~]{1,127} =
            (?: [!#$%&'*+\-.0-9A-Z^_`a-z{|}~]++ | "[\t !#-\[\]-~]*+" )
        )
    )* [ \t\r\n]*+ ;?+ [ \t\r\n]*+
    """,
    re.VERBOSE,
)
_CACHED_LENGTH = 400
_CACHED_PARAMS = 4
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})


class Summary:
    """What finding the parts of an entity needs of its Content-Type."""

    __slots__ = ("alternate", "boundary", "charset", "content_type", "is_message", "maintype", "subtype")

    def __init__(
        self,
        content_type: str,
        *,
        boundary: bytes | None = None,
        alternate: bytes | None = None,
        charset: str | None = None,
    ) -> None:
        self.content_type = content_type
        self.maintype, _slash, self.subtype = content_type.partition("/")
        self.boundary = boundary
        self.alternate = alternate
        self.charset = charset
        self.is_message = content_type in _MESSAGES


def summary(body: str) -> Summary:
    """What *body*, a raw field body (latin-1, folded), says in short. Never raises.

    ``boundary`` is the octets to look for, None where there are none; ``alternate`` the same without
    the white space of a fold inside it.
    """
    if len(body) <= _CACHED_LENGTH:  # SECURITY: a cache bounded in entries is bounded in octets so
        return _cached_summary(body)
    return _slow_summary(body)


@functools.lru_cache(maxsize=512)
def _cached_summary(body: str) -> Summary:
    match = _COMMON.fullmatch(body)
    if match is None:
        return _slow_summary(body)
    content_type, charset, quoted = match.groups()
    boundary = None
    if quoted is not None:
        boundary = quoted.strip('"').rstrip(" ").encode("latin-1") or None
    if charset is not None:
        charset = charset.strip('"')
    return Summary(content_type.lower(), boundary=boundary, charset=charset)


def _slow_summary(body: str) -> Summary:
    text = _folding.unfold(body)
    maintype, subtype, rest, _sound = _split(text)
    params = read_parameters(rest).params
    boundary = _boundary(rest) if "boundary" in params else None
    alternate = None
    if boundary is not None and compiled(_HAS_WHITE).search(boundary):
        # QUIRK: a boundary folded inside its quotes: RFC 5322 2.2.3 keeps the white space, some programs do not
        alternate = _boundary(_split(compiled(_FOLD).sub("", body).strip(" \t"))[2])
    return Summary(
        f"{maintype}/{subtype}",
        boundary=boundary,
        alternate=None if alternate == boundary else alternate,
        charset=params.get("charset"),
    )


def _boundary(parameters: str) -> bytes | None:
    # RFC 2046 5.1.1: a boundary does not end in white space; what ends a delimiter line is padding
    return (octets_of(parameters, "boundary") or b"").rstrip(b" \t\r\n") or None


def _split(text: str) -> tuple[str, str, str, bool]:
    """Main type, subtype (lower case), the text of the parameters, and whether there was a valid type."""
    match = compiled(_TYPE).match(text)
    if match:
        return match[1].lower(), match[2].lower(), text[match.end() :], True
    first = compiled(_PART).match(text, _grammar.skip_cfws(text, 0))
    if first:
        slash = _grammar.skip_cfws(text, first.end())
        second = (
            compiled(_PART).match(text, _grammar.skip_cfws(text, slash + 1)) if text[slash : slash + 1] == "/" else None
        )
        if second:
            return first[0].lower(), second[0].lower(), text[second.end() :], True
    # RFC 2045 5.2: what cannot be read is text/plain. QUIRK: "text; charset=x" has parameters even so
    return "text", "plain", text if "=" in text.partition(";")[0] else "".join(text.partition(";")[1:]), False


class ContentType(HeaderValue):
    """The value of a Content-Type field, such as ``text/plain; charset=utf-8``. Frozen.

    As text it stands as it came where that is valid and plain, else in order: decoded, each parameter
    once, quoted where it must be. RFC 2045, section 5; RFC 2231.
    """

    __slots__ = ("_maintype", "_params", "_plain", "_rfc2047_name", "_subtype")

    _maintype: str
    _subtype: str
    _params: Parameters
    _plain: bool
    _rfc2047_name: bool
    _meaning: tuple[bool, str] | None  # whether with UTF-8, and how it is written then

    @classmethod
    def parse(cls, name: str, body: str) -> Self:
        """The value of a received field; ``text/plain`` where there is no valid type (RFC 2045, section 5.2)."""
        return cls._read(name, _folding.unfold(body))[0]

    @classmethod
    def build(
        cls,
        maintype: str,
        subtype: str,
        params: Mapping[str, str] | None = None,
        *,
        name: str = "Content-Type",
        rfc2047_name: bool = False,
    ) -> Self:
        """The value for this type and these parameters, in their order.

        With *rfc2047_name* a ``name`` parameter that is not ASCII is written as RFC 2047 encoded words
        in quotes, for mail programs that do not read RFC 2231.

        Raises:
            BadValue: a type or a parameter's name is no token, or a value holds CR, LF, NUL or a lone surrogate.
        """
        pairs = tuple(params.items()) if params else ()
        # a boundary comes once
        is_short = (
            maintype != "multipart"
            and len(pairs) <= _CACHED_PARAMS
            and all(type(text) is str for pair in pairs for text in pair)
        )
        if is_short and sum(len(value) for _name, value in pairs) <= _CACHED_LENGTH:
            return cls._built(maintype, subtype, pairs, name, rfc2047_name)
        return cls._build(maintype, subtype, pairs, name, rfc2047_name)

    @classmethod
    @functools.lru_cache(maxsize=256)
    def _built(  # a cached function takes its arguments by position
        cls,
        maintype: str,
        subtype: str,
        params: tuple[tuple[str, str], ...],
        name: str,
        rfc2047_name: bool,  # noqa: FBT001
    ) -> Self:
        # a program writes few kinds of content
        return cls._build(maintype, subtype, params, name, rfc2047_name)

    @classmethod
    def _build(
        cls,
        maintype: str,
        subtype: str,
        params: tuple[tuple[str, str], ...],
        name: str,
        rfc2047_name: bool,  # noqa: FBT001 -- as _built
    ) -> Self:
        for token in (maintype, subtype):
            main, slash, sub = token.partition("/")
            if slash and compiled(_PART).fullmatch(main) and compiled(_PART).fullmatch(sub):
                raise BadValue(f"main type and subtype are given apart: {main!r} and {sub!r}, not {token!r} in one")
            if not compiled(_PART).fullmatch(token):
                raise BadValue(f"a media type is a token of at most 127 characters: {token[:130]!r}")
        reading = Reading(checked(dict(params)), plain=False)
        return cls._of(name, (maintype.lower(), subtype.lower()), reading, "", rfc2047_name=rfc2047_name)

    @classmethod
    def compose(cls, name: str, value: object) -> Self:
        """The value for a field to be written: a `ContentType`, or text such as ``text/html; charset="x"``.

        Raises:
            BadValue: the text has no valid type, or something in it could not be kept.
        """
        if isinstance(value, ContentType):
            return cls._copy(name, value)
        if not isinstance(value, str):
            raise BadValue(f"expected a str or a ContentType, found {type(value).__name__}")
        _grammar.check_text(value)
        composed, lost = cls._read(name, str(value).encode().decode("latin-1").strip(" \t"))
        if lost:
            raise BadValue(f"this cannot be written as a content type: {value[:200]!r}")
        composed._defects = ()
        return composed

    @classmethod
    def _read(cls, name: str, text: str) -> tuple[Self, bool]:
        maintype, subtype, rest, sound = _split(text)
        reading = read_parameters(rest)
        if not sound:
            reading = Reading(reading.params, ("bad-content-type", *reading.codes), lost=True, plain=False)
        return cls._of(name, (maintype, subtype), reading, text), reading.lost

    @classmethod
    def _of(cls, name: str, kind: tuple[str, str], reading: Reading, body: str, *, rfc2047_name: bool = False) -> Self:
        plain = reading.plain and is_plain(body)
        text = body if plain else f"{kind[0]}/{kind[1]}{show_parameters(reading.params)}"
        self = cls._make(name, text, body=body, defects=tuple(Defect(code) for code in reading.codes))
        self._maintype, self._subtype = kind
        self._params = reading.params
        self._plain = plain
        self._rfc2047_name = rfc2047_name
        return self

    @classmethod
    def _copy(cls, name: str, value: ContentType) -> Self:
        self = cls._make(name, str(value), body=value._body)
        self._maintype, self._subtype = value._maintype, value._subtype
        self._params = value._params
        self._plain = value._plain
        self._rfc2047_name = value._rfc2047_name
        self._meaning = value._meaning
        return self

    def encode_body(self, *, utf8: bool = False, offset: int = 0) -> str:  # noqa: ARG002
        """The field body as it is written, on one line, to be folded at white space."""
        if self._plain:
            return str(self)
        # it is asked for when the value is set, and when it is written
        if self._meaning is None or self._meaning[0] is not utf8:
            encoded = encode_parameters(self._params, utf8=utf8, rfc2047_name=self._rfc2047_name)
            self._meaning = utf8, self.content_type + encoded
        return self._meaning[1]

    @property
    def content_type(self) -> str:
        """``maintype/subtype`` in lower case."""
        return f"{self._maintype}/{self._subtype}"

    @property
    def maintype(self) -> str:
        """What stands before the slash, in lower case."""
        return self._maintype

    @property
    def subtype(self) -> str:
        """What stands behind the slash, in lower case."""
        return self._subtype

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters, decoded, by name in any case, in their order."""
        return self._params

    def get(self, name: str, default: str | None = None) -> str | None:
        """The parameter *name*, in any case."""
        return self._params.get(name, default)

    def with_param(self, name: str, value: str) -> Self:
        """The same type with parameter *name* set to *value*, in its place if it has one.

        Raises:
            BadValue: *name* is no token, or *value* holds CR, LF, NUL or a lone surrogate.
        """
        _grammar.check_str(name, "a parameter name")
        return self._with({**self._params, name.lower(): value})

    def without_param(self, name: str) -> Self:
        """The same type without parameter *name*; nothing changes where there is none."""
        return self._with({key: value for key, value in self._params.items() if key != name.lower()})

    def _with(self, params: Mapping[str, str]) -> Self:
        return self.build(self._maintype, self._subtype, params, name=self._name, rfc2047_name=self._rfc2047_name)
