"""The parameters of Content-Type and Content-Disposition: read in whatever form they come, written in a valid one.

Reading goes in two steps, each linear: `_Reader` cuts the text into names and raw values, then
`_Decoder` makes text of each name's values, the extended form before continuations before the plain
one. Writing tries its forms on that reader, which is why both are one room, and a long one.
"""

from __future__ import annotations

import re
from collections.abc import ItemsView, Iterable, Iterator, Mapping

from .. import _grammar, charsets, encodedword
from .._grammar import compiled
from ..errors import BadValue, Defect

# RFC 2231 7: an attribute is a token without * ' %.  RFC 6838 4.3: at most 127 characters; a longer one is none
_ATTRIBUTE_CHAR = r"[!#$&+\-.0-9A-Z^_`a-z{|}~]"
_ATTRIBUTE = re.compile(rf"{_ATTRIBUTE_CHAR}{{1,127}}")
_UNMARKED = rf"{_ATTRIBUTE_CHAR}++"
_NAME = rf"({_ATTRIBUTE_CHAR}{{1,127}})(?:(\*)|\*([0-9]{{1,9}})(\*)?)?"
# One parameter in the form nearly all mail has: nothing here needs decoding
_USUAL = re.compile(rf';[ \t]*+({_ATTRIBUTE_CHAR}{{1,127}})=(?:([{_grammar.TOKEN}]++)|"([\t !#-\[\]-~]*+)")[ \t]*+')
_SEPARATORS = r";[; \t\r\n]*+"
_WORD = r'[^ \t\r\n;="(]*+'
_UNQUOTED = r"[^ \t\r\n;(]*+"
_COMMENTED = r"([^ \t()]++)[ \t]++\([^()]*+\)"
_QUOTED = r'(?s)"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_NEXT = rf"[{_grammar.TOKEN}]++[ \t]*+="
_WINDOWS_PATH = r'(?:[A-Za-z]:|\\\\(?=[^\\"])[^\\"]++)(?:\\(?=[^\\"])[^\\"]++)++'
_PERCENT = r"%([0-9A-Fa-f]{2})"
_READABLE = r"[\t -~]*+"
_PRINTABLE = r"[ -~]*+"
_SURE = r"[0-9A-Za-z_.=+/@-]++(?: [0-9A-Za-z_.=+/@-]++)*+"  # words without anything that could mean more
_ESCAPED = tuple(chr(octet) if re.match(_ATTRIBUTE_CHAR, chr(octet)) else f"%{octet:02X}" for octet in range(256))

# RFC 5322 2.1.1: a line has at most 998 characters; what a name, the quotes and a field name need is kept free
_PLAIN_LENGTH = 800
_SEGMENT_LENGTH = 76
# These hold what people call files: spaces and parentheses in them are part of the name
_FILE_NAMES = frozenset({"filename", "name"})


class Parameters(Mapping[str, str]):
    """Parameters by name, in their order: names in lower case and looked up in any, values decoded. Frozen."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._pairs = {name.lower(): value for name, value in items}

    def __getitem__(self, name: str) -> str:
        try:
            return self._pairs[name.lower()]
        except (AttributeError, KeyError):
            _grammar.check_str(name, "a parameter name")
            raise

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> ItemsView[str, str]:
        """Names and values, in order."""
        return self._pairs.items()  # in a tenth of the time that a mapping takes by itself

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs.items()))

    def __repr__(self) -> str:
        return f"Parameters({self._pairs!r})"


class Reading:
    """What was read: the parameters, the codes of what was wrong, and what that means for writing.

    ``lost`` is true where something could not be kept at all; ``plain`` where the text is valid and
    means what it shows, so that it may be written again as it stands.
    """

    __slots__ = ("codes", "lost", "params", "plain")

    def __init__(self, params: Parameters, codes: tuple[str, ...] = (), *, lost: bool = False, plain: bool) -> None:
        self.params = params
        self.codes = codes
        self.lost = lost
        self.plain = plain


def parse_parameters(text: str) -> tuple[Parameters, tuple[Defect, ...]]:
    """The parameters in *text*: what follows the value of a field, unfolded, one character an octet (latin-1).

    Never raises; a value holds no CR, LF or NUL. RFC 2045, section 5.1; RFC 2231.
    """
    reading = read_parameters(text)
    return reading.params, tuple(Defect(code) for code in reading.codes)


def read_parameters(text: str) -> Reading:
    """As `parse_parameters`, with what is needed to write the text again."""
    usual = _usual(text)
    if usual is not None:
        return Reading(Parameters(usual), plain=True)
    reader = _Reader(text)
    reader.read()
    decoder = _Decoder(reader)
    params = Parameters({name: decoder.value(found) for name, found in reader.found.items()})
    plain = decoder.literal and not (reader.codes or reader.spaced) and is_plain(text)
    return Reading(params, tuple(reader.codes), lost=reader.lost, plain=plain)


def is_plain(text: str) -> bool:
    """Whether *text* may stand in a field as it is: short, and nothing but printable ASCII."""
    return len(text) <= _PLAIN_LENGTH and compiled(_READABLE).fullmatch(text) is not None


def octets_of(text: str, name: str) -> bytes | None:
    """The octets that parameter *name* stands for in *text*, no encoded word undone; None where it is missing."""
    reader = _Reader(text)
    reader.read()
    found = reader.found.get(name)
    return None if found is None else b"".join(octets for octets, _ in _pieces(found)[0])


def _usual(text: str) -> dict[str, str] | None:
    if "=?" in text or len(text) > _PLAIN_LENGTH:
        return None
    params: dict[str, str] = {}
    offset = 0
    while offset < len(text):
        match = _USUAL.match(text, offset)
        if match is None:
            return None
        name, token, quoted = match.groups()
        name = name.lower()
        if name in params or (name == "charset" and token is not None and token[0] == "'"):
            return None
        params[name] = quoted if token is None else token
        offset = match.end()
    return params


class _Found:
    """The raw values one name came with, quotes and quoted-pairs undone, still one character an octet."""

    __slots__ = ("extended", "plain", "segments")

    def __init__(self) -> None:
        self.plain: str | None = None
        self.extended: str | None = None
        self.segments: dict[int, tuple[str, bool]] = {}


class _Reader:
    """Cuts the text into names and raw values. Every step moves past all it has looked at, so time is linear."""

    __slots__ = ("_end", "_text", "codes", "found", "lost", "spaced")

    def __init__(self, text: str) -> None:
        # One semicolon more: every value ends at one, and a comment that runs over it was never closed
        self._text = text + ";"
        self._end = len(text)
        self.found: dict[str, _Found] = {}
        self.codes: dict[str, None] = {}  # a set that keeps its order
        self.lost = False
        self.spaced = False

    def read(self) -> None:
        separated = False
        offset = self._skip(0)
        while offset < self._end:
            separators = compiled(_SEPARATORS).match(self._text, offset, self._end)
            if separators:
                if separated or separators[0].count(";") > 1:
                    self._note("bad-parameter")
                separated = True
                offset = separators.end()
            else:
                if not separated:  # QUIRK: "text/plain charset=x"; RFC 2045 5.1 wants a semicolon
                    self._note("bad-parameter")
                separated = False
                offset = self._parameter(offset)
            offset = self._skip(offset)
        if separated:
            self._note("bad-parameter")

    def _note(self, code: str, *, lost: bool = False) -> None:
        self.codes[code] = None
        self.lost = self.lost or lost

    def _skip(self, offset: int) -> int:
        """Past white space and comments."""
        text = self._text
        while text[offset] in " \t\r\n(":
            if text[offset] == "(":
                offset = _grammar.skip_cfws(text, offset)
                if offset > self._end:  # it runs to the end, as RFC 5322 3.2.2 does not allow
                    self._note("bad-parameter", lost=True)
                    return self._end
            else:
                offset += 1
        return offset

    def _parameter(self, offset: int) -> int:
        text = self._text
        word = compiled(_WORD).match(text, offset)
        assert word is not None  # though it may be empty
        equals = self._skip(word.end())
        if text[equals] == "=":
            value = self._skip_white(equals + 1)
            # RFC 2045 5.1 puts nothing beside the "=". Many readers want it so, and it is not written otherwise
            self.spaced = self.spaced or value - word.end() > 1
            return self._value(word[0], value)
        self._note("bad-parameter", lost=True)
        return equals if word[0] else text.index(";", offset)

    def _skip_white(self, offset: int) -> int:
        while self._text[offset] in " \t\r\n":
            offset += 1
        return offset

    def _value(self, word: str, offset: int) -> int:
        text = self._text
        if text[offset] == '"':
            raw, offset = self._quoted(offset)
        elif word.partition("*")[0].lower() in _FILE_NAMES:
            raw, offset = self._unquoted_name(offset)
        else:
            offset = self._skip(offset)
            raw, offset = (
                self._quoted(offset)
                if text[offset] == '"'
                else self._unquoted(offset, is_charset=word.lower() == "charset")
            )
        self._keep(word, raw)
        return offset

    def _quoted(self, offset: int) -> tuple[str, int]:
        text = self._text
        match = compiled(_QUOTED).match(text, offset)
        if match is None:  # QUIRK: no closing quote; the value ends where the next parameter begins
            self._note("bad-parameter")
            after = text.index(";", offset)
            return _grammar.unquote(text[offset + 1 : after].rstrip(" \t\r\n")), after
        raw = self._unquote(match[1])
        after = self._skip(match.end())
        if text[after] == ";" or compiled(_NEXT).match(text, after):
            return raw, after
        self._note("bad-parameter", lost=True)
        return raw, text.index(";", after)

    def _unquote(self, quoted: str) -> str:
        if "\\" not in quoted:
            return quoted
        # QUIRK: "C:\temp\a.pdf" from programs without quoted-pairs (RFC 5322 3.2.1); those that know them double all
        if compiled(_WINDOWS_PATH).fullmatch(quoted):
            self._note("bad-parameter")
            return quoted
        return _grammar.unquote(quoted)

    def _unquoted_name(self, offset: int) -> tuple[str, int]:
        after = self._text.index(";", offset)
        raw = self._text[offset:after].rstrip(" \t\r\n")
        commented = compiled(_COMMENTED).fullmatch(raw)
        return self._word(commented[1] if commented else raw), after

    def _unquoted(self, offset: int, *, is_charset: bool) -> tuple[str, int]:
        text = self._text
        word = compiled(_UNQUOTED).match(text, offset)
        assert word is not None  # though it may be empty
        raw = word[0]
        after = self._skip(word.end())
        if text[after] != ";" and not is_charset and not compiled(_NEXT).match(text, after):
            after = text.index(";", after)
            raw = text[offset:after].rstrip(" \t\r\n")
        raw = self._word(raw)
        if is_charset and len(raw) > 2 and raw[0] == raw[-1] == "'":
            # QUIRK: charset='utf-8' as in a shell; no label has quotes (RFC 2978 2.3)
            self._note("bad-parameter")
            raw = raw[1:-1]
        return raw, after

    def _word(self, raw: str) -> str:
        # QUIRK: filename=annual report.pdf, boundary==_b1=x; RFC 2045 5.1 wants quotes around all but tokens
        if _grammar.is_token(raw):
            return raw
        self._note("bad-parameter")
        return raw[:-1] if raw[-1:] == '"' and raw.count('"') == 1 else raw

    def _keep(self, word: str, raw: str) -> None:
        match = compiled(_NAME).fullmatch(word)
        if match is None:  # RFC 2231 7: what is no attribute names no parameter
            self._note("bad-parameter", lost=True)
            return
        name, extended, number, encoded = match.groups()
        if extended and not raw:
            self._note("bad-extended-parameter", lost=True)
            return
        found = self.found.setdefault(name.lower(), _Found())
        if extended and found.extended is None:
            found.extended = raw
        elif number and int(number) not in found.segments:
            found.segments[int(number)] = (raw, bool(encoded))
        elif not (extended or number) and found.plain is None:
            found.plain = raw
        else:  # RFC 2045 5: one of a kind; the first counts
            self._note("duplicate-parameter", lost=True)


def _pieces(found: _Found) -> tuple[list[tuple[bytes, bool]], str | None, list[str]]:
    """The octets of a value in runs, each with whether it was percent-encoded; the charset label; defect codes.

    A character may be cut between two encoded segments, so neighbours of one kind are joined before decoding.
    """
    if found.extended is not None:
        label, rest = _label(found.extended)
        octets, clean = _unescape(rest)
        return [(octets, True)], label, [] if clean and label is not None else ["bad-extended-parameter"]
    if not found.segments:
        return [((found.plain or "").encode("latin-1"), False)], None, []
    return _join(found.segments)


def _join(segments: dict[int, tuple[str, bool]]) -> tuple[list[tuple[bytes, bool]], str | None, list[str]]:
    numbers = sorted(segments)
    # QUIRK: RFC 2231 3 counts from 0 without gaps; what is there is joined, for a name keeps its ending so
    clean = numbers[-1] == len(numbers) - 1
    label = None
    runs: list[tuple[list[bytes], bool]] = []
    for number in numbers:
        raw, encoded = segments[number]
        if encoded and number == numbers[0]:
            label, raw = _label(raw)
            clean = clean and label is not None
        octets, sound = _unescape(raw) if encoded else (raw.encode("latin-1"), True)
        clean = clean and sound and not (encoded and label is None)
        if runs and runs[-1][1] is encoded:
            runs[-1][0].append(octets)
        else:
            runs.append(([octets], encoded))
    return [(b"".join(run), encoded) for run, encoded in runs], label, [] if clean else ["bad-extended-parameter"]


def _label(raw: str) -> tuple[str | None, str]:
    """The charset of ``charset'language'value`` (None where there is none) and the value."""
    label, quote, rest = raw.partition("'")
    _language, second, value = rest.partition("'")
    return (label, value) if quote and second else (None, raw)


def _unescape(raw: str) -> tuple[bytes, bool]:
    """The octets of a percent-encoded value, and whether every percent sign began an escape."""
    escaped, count = compiled(_PERCENT).subn(lambda match: chr(int(match[1], 16)), raw)
    return escaped.encode("latin-1"), count == raw.count("%")


class _Decoder:
    """Raw values to text; notes what was wrong with the reader it works for."""

    __slots__ = ("_codes", "literal")

    def __init__(self, reader: _Reader) -> None:
        self._codes = reader.codes
        self.literal = True

    def value(self, found: _Found) -> str:
        runs, label, codes = _pieces(found)
        if found.extended is not None or found.segments:
            self.literal = False
        for code in codes:
            self._codes[code] = None
        text = "".join(self._extended(octets, label) if encoded else self._plain(octets) for octets, encoded in runs)
        text, damaged = _grammar.clean(text)
        if damaged:
            self._codes["control-in-value"] = None
        return text

    def _extended(self, octets: bytes, label: str | None) -> str:
        if label is None and b"=?" in octets:  # QUIRK: an encoded word under the extended name
            return self._plain(octets)
        decoded = charsets.decode(octets, label or None)
        for defect in decoded.defects:
            self._codes[defect.code] = None
        return decoded.text

    def _plain(self, octets: bytes) -> str:
        text, has_8bit = charsets.decode_8bit(octets.decode("latin-1"))
        if has_8bit:
            self._codes["8bit-in-header"] = None
        if "=?" not in text:
            return text
        # QUIRK: RFC 2047 5 forbids encoded words in parameters; half of the world's mail programs write them
        decoded, defects = encodedword.decode(text)
        if decoded != text:
            self._codes["encoded-word-in-parameter"] = None
            for defect in defects:
                self._codes[defect.code] = None
        return decoded


def checked(pairs: Mapping[str, str]) -> Parameters:
    """*pairs* as parameters that mail can carry.

    Raises:
        BadValue: a name is no attribute (RFC 2231, section 7) or stands twice, or a value holds CR,
            LF, NUL or a lone surrogate.
    """
    for name, value in pairs.items():
        _grammar.check_str(name, "a parameter name")
        if not _ATTRIBUTE.fullmatch(name):
            raise BadValue(f"a parameter name is a token of at most 127 characters, without * ' %: {name[:130]!r}")
        _grammar.check_str(value, f"the parameter {name}")
        _grammar.check_text(value, name)
    # str(): a value may be another field's (filename=msg["Subject"]), whose encode() is not a str's
    params = Parameters((name, str(value)) for name, value in pairs.items())
    if len(params) < len(pairs):
        raise BadValue("a parameter cannot stand twice; case makes no difference")
    return params


def show_parameters(pairs: Mapping[str, str]) -> str:
    """The parameters as people read them: decoded, quoted as they are written."""
    return "".join(f"; {name}={_literal(value)}" for name, value in pairs.items())


def encode_parameters(pairs: Mapping[str, str], *, utf8: bool, rfc2047_name: bool = False) -> str:
    """The parameters as they are written, ``; a=b; c="d e"`` on one line, to be folded at white space.

    Each is a token, a quoted string or extended (in segments that keep lines to 78 characters),
    whichever comes first of those that are valid and read back equal. ASCII stays plain up to 800
    characters: every program reads that, and not every one reads segments.

    With *utf8*, UTF-8 stands in quoted strings (RFC 6532, section 3.2). With *rfc2047_name* a
    ``name`` that is not ASCII is written as encoded words in quotes: RFC 2047, section 5, forbids
    that; some mail programs read nothing else.
    """
    return "".join("; " + _encoded(name, value, utf8=utf8, words=rfc2047_name) for name, value in pairs.items())


def _encoded(name: str, value: str, *, utf8: bool, words: bool) -> str:
    if len(value) <= _SEGMENT_LENGTH and compiled(_SURE).fullmatch(value):
        # nearly all that is written; no reader takes it for anything else
        return f"{name}={_literal(value)}"
    for form in _short_forms(name, value, utf8=utf8, words=words):
        view = form.encode().decode("latin-1")
        if len(view) <= _PLAIN_LENGTH and read_parameters("; " + view).params == {name.lower(): value}:
            return form
    return _extended(name, value)


def _short_forms(name: str, value: str, *, utf8: bool, words: bool) -> Iterator[str]:
    if len(value) > _PLAIN_LENGTH:
        return
    is_plain = bool(compiled(_PRINTABLE).fullmatch(value))
    if is_plain or (utf8 and value.isprintable()):
        yield f"{name}={_literal(value)}"
    if words and name.lower() == "name" and not is_plain:
        # phrase: a Q word of the strict kind holds neither quotes nor backslashes (RFC 2047 5 (3))
        # a quote and a semicolon stand behind the last
        yield f'{name}="{encodedword.encode(value, offset=len(name) + 3, phrase=True, behind=2)}"'


def _literal(value: str) -> str:
    # QUIRK: RFC 2045 5.1 has * ' and % in a token; readers take them for the marks of RFC 2231, unless quoted
    return value if compiled(_UNMARKED).fullmatch(value) else _grammar.quote(value)


def _extended(name: str, value: str) -> str:
    """*value* in the extended form, in segments where it is long (RFC 2231, sections 3 and 4)."""
    octets, label = charsets.encode(value)
    characters = ["".join([_ESCAPED[octet] for octet in character.encode()]) for character in octets.decode()]
    whole = f"{name}*={label}''{''.join(characters)}"
    if len(whole) <= _SEGMENT_LENGTH:
        return whole
    segments = []
    segment = start = f"{name}*0*={label}''"
    for character in characters:
        if len(segment) + len(character) > _SEGMENT_LENGTH and segment != start:
            segments.append(segment)
            segment = start = f"{name}*{len(segments)}*="
        segment += character
    segments.append(segment)
    return "; ".join(segments)
