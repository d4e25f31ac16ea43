"""Encoded words: text in header fields that ASCII cannot hold (RFC 2047).

Reading is one pass over the places where a word opens and closes. Neighbours of one charset are joined as
octets before they are decoded, because senders cut characters in two; what cannot be read stays as it stands.

Writing is UTF-8, in whole characters. Whatever `decode` would take for an encoded word is written as one, so
that reading back what was written gives exactly the same text.

One room, though a long one: reading and writing must agree on every character that makes a word.
"""

from __future__ import annotations

import binascii
import functools
import re

from . import charsets
from ._grammar import check_text, clean, compiled
from .errors import Defect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# RFC 2047 2: an encoded word is 75 characters at most, a line that holds one 76.
_LONGEST_WORD = 75
_LONGEST_LINE = 76
_FRAME = len("=?utf-8?q??=")
_LONGEST_PAYLOAD = _LONGEST_WORD - _FRAME
# One character of four octets in Q: less room than this on a line is no room.
_LEAST_PAYLOAD = 12
_split_words = re.compile(r"([ \t]+)").split
# RFC 5322 2.1.1: 998 on a line, of which one is the space that a folded line begins with.
_LONGEST_TOKEN = 997

_SPACE = " \t\r\n"
_OPENING = r"=\?([^?\s]{0,100}+)\?([bBqQ])\?"
_OPEN = _OPENING
_SOUND_Q = r"(?:[!-<>@-~]++|=[0-9A-Fa-f]{2})++"
_MUST_ENCODE = rf"[^\t\x20-\x7e]|{_OPENING}"
_BASE64 = r"[A-Za-z0-9+/= \t\r\n]*+"


def decode(text: str) -> tuple[str, tuple[Defect, ...]]:
    """*text* with its encoded words read, and what was wrong with them; each kind of defect once, without a place.

    Tolerant: words without space around them, too long, with spaces inside, in lower case or without padding
    are read. White space goes where it stands between two words, and only there. CR, LF and NUL in the
    result, decoded or not, become U+FFFD.

    RFC 2047, section 6.
    """
    found: dict[str, None] = {}
    if "=?" in text:
        text = _read_words(text, found)
    text, changed = clean(text)
    if changed:
        found["control-in-value"] = None
    return text, tuple([Defect(code) for code in found])


class _Word:
    """One encoded word as it stands in a text: its place and its three fields."""

    __slots__ = ("charset", "encoding", "end", "payload", "start")

    def __init__(self, start: int, end: int, charset: str, encoding: str, payload: str) -> None:
        self.start = start
        self.end = end
        # RFC 2231 5: "*" and a language may follow the charset. Labels know no case.
        self.charset = charset.partition("*")[0].lower()
        self.encoding = encoding
        self.payload = payload


def _read_words(text: str, found: dict[str, None]) -> str:
    """*text* with its words read; codes of defects are added to *found*."""
    pieces: list[str] = []
    run: list[bytes] = []
    charset, end = "", 0
    for word in _words(text, found):
        octets = _octets(word, found)
        if octets is None:
            continue
        gap = text[end : word.start]
        adjacent = bool(run) and not gap.strip(_SPACE)
        if not (adjacent and word.charset == charset):
            pieces.append(_characters(run, charset, found))
            run = []
        if not adjacent:
            pieces.append(gap)
        run.append(octets)
        charset, end = word.charset, word.end
        if not _stands_apart(text, word):
            found["bad-encoded-word"] = None
    pieces.append(_characters(run, charset, found))
    pieces.append(text[end:])
    return "".join(pieces)


def _words(text: str, found: dict[str, None]) -> Iterator[_Word]:
    """Everything in *text* that opens and closes as an encoded word does.

    An opening that another one follows before anything closes is text. Each stretch is searched once.
    """
    opening = compiled(_OPEN).search(text)
    close = -1
    while opening is not None:
        start = opening.end()
        if close < start:
            close = text.find("?=", start)
        if close < 0:
            found["bad-encoded-word"] = None
            return
        # The last "?" of an opening may itself look like a close: "=?utf-8?q?=41?=".
        inner = compiled(_OPEN).search(text, start, close + 1)
        if inner is not None:
            found["bad-encoded-word"] = None
            opening = inner
            continue
        yield _Word(opening.start(), close + 2, opening[1], opening[2], text[start:close])
        opening = compiled(_OPEN).search(text, close + 2)


def _stands_apart(text: str, word: _Word) -> bool:
    """Whether *word* is as long as it may be and has white space, or a comment's parentheses, on both sides."""
    # RFC 2047 5: separated from what is around it, and in a comment by its parentheses.
    before, after = text[word.start - 1 : word.start], text[word.end : word.end + 1]
    return word.end - word.start <= _LONGEST_WORD and before in " \t\r\n(" and after in " \t\r\n)"


def _octets(word: _Word, found: dict[str, None]) -> bytes | None:
    """What *word* carries, or None if it cannot be told."""
    if word.encoding in "qQ":
        if compiled(_SOUND_Q).fullmatch(word.payload):
            return binascii.a2b_qp(word.payload, header=True)
        octets = _odd_q(word)
    else:
        try:
            octets = binascii.a2b_base64(word.payload, strict_mode=True)
        except ValueError:
            octets = _odd_base64(word.payload)
        else:
            if octets:
                return octets
    found["bad-encoded-word"] = None
    return octets


def _odd_q(word: _Word) -> bytes | None:
    # QUIRK: RFC 2047 4.2 knows no spaces, no raw 8-bit octets and no "=" alone here; all of them occur.
    payload = word.payload.replace("_", " ")
    try:
        octets = payload.encode("ascii" if payload.isascii() else charsets.find_codec(word.charset) or "utf-8")
    except UnicodeError:
        return None
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda escape: bytes.fromhex(escape[1].decode()), octets)


def _odd_base64(payload: str) -> bytes | None:
    # QUIRK: RFC 2045 6.8 wants padding at the end and only there. Here it is missing, or stands between
    # pieces, or a character is missing: whatever makes whole octets is read.
    if not compiled(_BASE64).fullmatch(payload):
        return None
    pieces = []
    for piece in "".join(payload.split()).split("="):
        sound = piece[:-1] if len(piece) % 4 == 1 else piece
        pieces.append(binascii.a2b_base64(sound + "=" * (-len(sound) % 4)))
    octets = b"".join(pieces)
    return octets if octets or not payload.strip(_SPACE) else None


def _characters(run: list[bytes], charset: str, found: dict[str, None]) -> str:
    """The text of adjacent words of one charset."""
    octets = b"".join(run)
    # What `charsets.decode` does with UTF-8 that is labelled so and valid, without its cost.
    if charset == "utf-8" and not octets.startswith(b"\xef\xbb\xbf"):
        try:
            return octets.decode()
        except UnicodeDecodeError:
            pass
    if not octets:
        return ""
    decoded = charsets.decode(octets, charset or None)
    for defect in decoded.defects:
        found[defect.code] = None
    return decoded.text


def encode(text: str, *, offset: int = 0, phrase: bool = False, behind: int = 0) -> str:
    """The whole of *text* as encoded words, one space between them.

    Each is at most 75 characters and holds whole characters, in Q or B, whichever is shorter in all. The
    first begins at column *offset* and ends by column 76; where too little room is left for that, it is made
    for a line of its own. With *phrase*, only what may stand in the name of an address is left as it is.
    *behind* characters will follow the last on its line.

    Raises:
        BadValue: *text* holds CR, LF, NUL or a lone surrogate.

    RFC 2047, sections 2 to 5.

    >>> encode("Where is the café?")
    '=?utf-8?q?Where_is_the_caf=C3=A9=3F?='
    """
    check_text(text)
    if text.startswith("\ufeff"):
        # A first U+FEFF is taken for a byte order mark when read.
        text = "\ufeff" + text
    octets = text.encode()
    escaped = octets.decode("latin-1").translate(_q_table(phrase))
    longest = _LONGEST_PAYLOAD - behind
    room = _LONGEST_LINE - offset - behind - _FRAME
    room = longest if room < _LEAST_PAYLOAD else min(room, longest)
    if len(escaped) <= (len(octets) + 2) // 3 * 4:
        if 0 < len(escaped) <= room:
            return f"=?utf-8?q?{escaped}?="
        return " ".join([f"=?utf-8?q?{payload}?=" for payload in _cut_q(escaped, room, longest)])
    return " ".join([f"=?utf-8?b?{payload}?=" for payload in _cut_base64(octets, room, longest)])


@functools.lru_cache(maxsize=2)
def _q_table(phrase: bool) -> dict[int, str]:  # noqa: FBT001 - a cached function takes its arguments by position
    # RFC 2047 5 (3): what Q leaves alone in a phrase; elsewhere all that is printable but its own marks.
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    alone = letters + "!*+-/" + ("" if phrase else "\"#$%&'(),.:;<>@[\\]^`{|}~")
    return {octet: f"={octet:02X}" for octet in range(256) if chr(octet) not in alone} | {0x20: "_"}


def _cut_q(escaped: str, room: int, longest: int) -> Iterator[str]:
    start = 0
    while start < len(escaped):
        end = start + room
        if end < len(escaped):
            # Not inside an escape, nor (=80 to =BF follow in UTF-8) inside a character.
            end -= 1 if escaped[end - 1] == "=" else 2 if escaped[end - 2] == "=" else 0
            while escaped[end] == "=" and escaped[end + 1] in "89AB":
                end -= 3
        yield escaped[start:end]
        start, room = end, longest


def _cut_base64(octets: bytes, room: int, longest: int) -> Iterator[str]:
    start = 0
    while start < len(octets):
        end = start + room // 4 * 3
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1
        yield binascii.b2a_base64(octets[start:end], newline=False).decode()
        start, room = end, longest


def encode_text(text: str, *, offset: int = 0, utf8: bool = False) -> str:
    """*text* for an unstructured field, encoded only where it must be; to be folded at white space only.

    `decode` gives *text* back exactly. Words of printable ASCII stand as they are, however long, up to 997
    characters. Encoded are other characters, controls, what looks like an encoded word, white space at both
    ends (with the word beside it where it must be) and long stretches of white space.

    The text begins at column *offset*. With *utf8*, UTF-8 may stand as it is (RFC 6532).

    Raises:
        BadValue: *text* holds CR, LF, NUL or a lone surrogate.

    RFC 2047, section 5 (1).

    >>> encode_text("Re: 25 € a day")
    'Re: 25 =?utf-8?b?4oKs?= a day'
    """
    if _is_plain(text):
        return text
    check_text(text)
    line = _Line(offset)
    for gap, run, encoded in _runs(text, utf8=utf8):
        line.add(gap, run, encoded=encoded)
    return "".join(line.pieces)


def _is_plain(text: str) -> bool:
    """Whether *text* can stand as it is: the quick answer, sometimes no where it could be yes."""
    return (
        text.isascii()
        and text.isprintable()
        and "=?" not in text
        and "   " not in text
        and len(text) < _LONGEST_TOKEN
        and text.strip(" ") == text
    )


def _runs(text: str, *, utf8: bool) -> Iterator[tuple[str, str, bool]]:
    """*text* as stretches that are encoded or stand: the white space left before each, the stretch, and which."""
    parts = _split_words(text)
    tokens, gaps = parts[::2], parts[1::2]
    flags = _flags(tokens, gaps, utf8=utf8)
    gap, run = "", [tokens[0]]
    for index, space in enumerate(gaps):
        token = tokens[index + 1]
        before, after = flags[index], flags[index + 1]
        if before and after:
            run += (space, token)
            continue
        if not before and not after and _is_long(space, token):
            # A stretch of white space in the middle is a run of its own.
            yield gap, "".join(run), False
            yield space[0], space[1:-1], True
            gap, run = space[-1], [token]
            continue
        # One character of white space stands between a word that is encoded and one that is not; more of it
        # goes into the encoded one, where nobody loses it.
        if before:
            run.append(space[:-1])
            yield gap, "".join(run), True
            gap, run = space[-1], [token]
        elif after:
            yield gap, "".join(run), False
            gap, run = space[0], [space[1:], token]
        else:
            yield gap, "".join(run), False
            gap, run = space, [token]
    yield gap, "".join(run), flags[-1]


def _flags(tokens: list[str], gaps: list[str], *, utf8: bool) -> list[bool]:
    """Which tokens must be encoded. White space at an end is that of an empty token, and encoded with it."""
    flags = [_must_encode(token, utf8=utf8) for token in tokens]
    for end, inner in ((0, 1), (-1, -2)):
        if gaps and not tokens[end]:
            flags[end] = True
            # The only space there is would be the one between the words: the next word comes with it.
            flags[inner] = flags[inner] or len(gaps[end]) == 1
    return flags


def _must_encode(token: str, *, utf8: bool) -> bool:
    if not utf8:
        if len(token) <= _LONGEST_TOKEN and token.isascii() and token.isprintable() and "=?" not in token:
            return False
        return len(token) > _LONGEST_TOKEN or compiled(_MUST_ENCODE).search(token) is not None
    return len(token.encode()) > _LONGEST_TOKEN or _must_encode_8bit().search(token) is not None


@functools.lru_cache(maxsize=1)
def _must_encode_8bit() -> re.Pattern[str]:
    # RFC 6532 3.2 allows all of UTF-8. C1 controls, other line ends and U+FEFF are not safe on the way.
    return re.compile(rf"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]|{_OPENING}")


def _is_long(space: str, token: str) -> bool:
    """Whether white space is too long to begin a folded line of 78 with *token* behind it."""
    return len(space) > 2 and len(space) + len(token) > 78


class _Line:
    """Text as it is put together, and the column reached if it is folded greedily."""

    __slots__ = ("_column", "pieces")

    def __init__(self, offset: int) -> None:
        self._column = offset
        self.pieces: list[str] = []

    def add(self, gap: str, run: str, *, encoded: bool) -> None:
        column = self._column + len(gap)
        words = encode(run, offset=column) if encoded else run
        if encoded and self.pieces and " " in words and len(run) < _LONGEST_WORD:
            # One word on the next line is better than two on two.
            alone = encode(run, offset=len(gap))
            words = words if " " in alone else alone
        self.pieces += (gap, words)
        last = words[words.rfind(" ") + 1 :]
        is_folded = len(last) < len(words) or column + len(words) > _LONGEST_LINE
        self._column = (len(gap) if is_folded else column) + len(last)
