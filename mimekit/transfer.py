"""Transfer encodings: octets to the octets they stand for, and back.

Decoding takes whatever stands there and never raises; encoding obeys the standard to the letter.
RFC 2045, section 6.
"""

from __future__ import annotations

import binascii
import itertools
import re
import struct

import pybase64

from ._grammar import TOKEN, compiled, is_token, strip_comments
from .errors import BadValue, Defect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Decoded = tuple[bytes, tuple[Defect, ...]]

_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_UUENCODE = frozenset({"uuencode", "x-uuencode", "uue", "x-uue"})
_USUAL = _IDENTITY | {"quoted-printable", "base64"}
_COUNTED = 4096  # octets at a time
_LINE_LIMIT = 998  # RFC 5322 2.1.1: most octets on a line, its CRLF not counted
_WIDTH = 76  # RFC 2045 6.7(5), 6.8: most octets on an encoded line
_LINE_COUNT = 32  # lines that are taken apart at a time
_LINES = struct.Struct(f"{_WIDTH}s" * _LINE_COUNT)

_ESCAPE = 0x3D  # "="
_RISKY = b"-.F"  # how a line may not begin, see _wrap; also b"" is in it

_BLANKS = b" \t\r\n"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64 + b"="))
_NO_ESCAPE = rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)"
_FEW = 8
# as much of a line as goes before a soft line break, no escape cut
_FULL_LINE = rb"(?s).{1,75}(?<!=)(?<!=.)"
# RFC 2045 6.7: printable ASCII but "=", and the two blanks, stand for themselves; here as 0, all else as 1.
_IS_ESCAPED = bytes(octet not in {*range(0x20, 0x7F), 0x09} or octet == _ESCAPE for octet in range(256))
_PLAIN = bytes(octet for octet in range(256) if not _IS_ESCAPED[octet])


def token(body: str) -> tuple[str, bool]:
    """The transfer encoding that a field body names, in lower case, and whether nothing else stands there.

    White space and comments are allowed; quotes, a semicolon, a second word are not, and do no
    harm. A body that names nothing gives ``""``. RFC 2045, section 6.1.
    """
    word = body.strip().lower()
    if word in _USUAL or not word:
        return word, True
    word = strip_comments(word)[0].strip()
    if is_token(word):
        return word.strip("'"), "'" not in word
    found = re.search(rf"[{TOKEN}]++", word.replace("'", " "))
    return ("" if found is None else found[0]), False


def decode(octets: bytes | memoryview, encoding: str) -> _Decoded:
    """What *octets* stand for in *encoding*, and what was wrong with them; never raises.

    *encoding* is as `token` gives it. An encoding that is unknown leaves the octets as they are.
    Offsets of defects count from the start of *octets*. RFC 2045, section 6.
    """
    decoded, is_sound = _undo(octets, encoding)
    return decoded, () if is_sound else _blame(bytes(octets), encoding.lower())


def undo(octets: bytes | memoryview, encoding: str) -> bytes:
    """What *octets* stand for alone, as `decode` has it."""
    return _undo(octets, encoding)[0]


def _undo(octets: bytes | memoryview, encoding: str) -> tuple[bytes, bool]:
    """What *octets* stand for, and whether there is nothing wrong with them."""
    encoding = encoding.lower()
    if encoding == "base64":
        return _undo_base64(octets)
    octets = bytes(octets)
    if encoding == "quoted-printable":
        return _undo_quoted_printable(octets)
    if encoding in _UUENCODE:
        decoded, damage = _undo_uuencode(octets)
        return decoded, damage is None
    return octets, is_identity(encoding)


def _blame(octets: bytes, encoding: str) -> tuple[Defect, ...]:
    """What is wrong with *octets*, in which something is."""
    if encoding == "base64":
        return (Defect("bad-base64", _base64_trouble(octets)),)
    if encoding == "quoted-printable":
        wrong = re.search(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:[\r\n]|\Z))", octets)
        return () if wrong is None else (Defect("bad-quoted-printable", wrong.start()),)
    if encoding in _UUENCODE:
        return (Defect("bad-uuencode", _undo_uuencode(octets)[1]),)
    return (Defect("unknown-transfer-encoding"),)


def encode(octets: bytes, encoding: str, *, linesep: bytes = b"\r\n", text: bool = False) -> bytes:
    """*octets* as they travel in *encoding*; no line end is added behind them.

    With *text*, each CRLF in *octets* is a line end of the content and is written as *linesep*;
    otherwise a CR or an LF is an octet as any other. Encoded lines end in *linesep* too.

    Raises:
        BadValue: *encoding* is unknown. Whether it can carry *octets* is `check`'s question.

    RFC 2045, section 6.
    """
    encoding = _known(encoding)
    if encoding == "base64":
        return linesep.join(base64_lines(octets))
    if encoding == "quoted-printable":
        return linesep.join(_quoted_printable_lines(octets, text=text))
    if text and encoding != "binary" and linesep != b"\r\n":
        return octets.replace(b"\r\n", linesep)
    return octets


def base64_lines(octets: bytes) -> list[bytes]:
    """The lines of base64 that *octets* are. RFC 2045, section 6.8."""
    written = pybase64.b64encode(octets)
    if len(written) <= _WIDTH:
        return [written]
    line_count = -(-len(written) // _WIDTH)
    lines: list[bytes] = []
    # Taken apart many at a time: less than half of what it takes to have them written one by one.
    for many in _LINES.iter_unpack(written.ljust(-(-line_count // _LINE_COUNT) * _LINES.size)):
        lines += many
    del lines[line_count:]
    lines[-1] = lines[-1].rstrip()
    return lines


def choose(octets: bytes, *, text: bool, allow_8bit: bool = False) -> str:
    """The transfer encoding that carries *octets* unchanged and takes least room.

    That is ``"7bit"``, ``"8bit"`` (if *allow_8bit*), ``"quoted-printable"`` or ``"base64"``.
    Sizes are reckoned, not tried out. *text* is as for `encode`.
    """
    if (allow_8bit or octets.isascii()) and not _obstacle(octets, text=text):
        return "7bit" if octets.isascii() else "8bit"
    room = _base64_size(len(octets))
    return "quoted-printable" if _quoted_printable_size(octets, text=text, room=room) <= room else "base64"


def check(octets: bytes, encoding: str, *, text: bool) -> None:
    """Refuse an *encoding* that does not carry *octets* unchanged. *text* is as for `encode`.

    Raises:
        BadValue: it does not, or it is none of RFC 2045, section 6.1.
    """
    encoding = _known(encoding)
    if encoding == "7bit" and not octets.isascii():
        raise BadValue("7bit cannot carry 8-bit octets")
    if encoding in {"7bit", "8bit"} and (obstacle := _obstacle(octets, text=text)):
        raise BadValue(f"{encoding} cannot carry {obstacle}")


def is_lines(octets: bytes) -> bool:
    """Whether these are lines as they may stand in mail: at most 998 octets, without NUL, without a CR on its own.

    RFC 2045, section 2.8; RFC 5322, section 2.1.1.
    """
    return b"\0" not in octets and octets.count(b"\r") == octets.count(b"\r\n") and not _has_long_line(octets)


def are_lines(pieces: Iterable[bytes]) -> bool:
    """Whether *pieces*, one behind the other, are such lines; no more is held than a piece and a line."""
    rest = b""
    for piece in pieces:
        octets = rest + piece
        end = octets.rfind(b"\n") + 1
        if not is_lines(octets[:end]):
            return False
        rest = octets[end:]
        if len(rest) > _LINE_LIMIT + 1:  # a CR may be half of its end
            return False
    return is_lines(rest)


def is_known(encoding: str) -> bool:
    """Whether *encoding*, as `token` gives it, is one that can be read. RFC 2045, section 6.1."""
    return encoding in _USUAL or encoding in _UUENCODE


def is_identity(encoding: str) -> bool:
    """Whether *encoding*, as `token` gives it, leaves octets as they are. RFC 2045, section 6."""
    return encoding in _IDENTITY or not encoding


def is_limited(encoding: str) -> bool:
    """Whether there are octets that *encoding* cannot carry. RFC 2045, sections 2.7 and 2.8."""
    return encoding.lower() in {"7bit", "8bit"}


class Tally:
    """Which of quoted-printable and base64 takes less room, told a piece at a time.

    It is for octets that are no text and too many to stand in clear, which over 998 octets are always: they have
    too long a line or line ends. The answer is that of `choose`.

    Args:
        size: how many octets there are.
    """

    __slots__ = ("_room", "_size")

    def __init__(self, size: int) -> None:
        self._room = _base64_size(size)
        self._size = size  # in quoted-printable, without line ends

    @property
    def is_settled(self) -> bool:
        """Whether what follows cannot change the answer."""
        return self._size > self._room

    def add(self, piece: bytes) -> None:
        """Count the next octets."""
        self._size += _escapes_size(piece, room=self._room - self._size)

    @property
    def encoding(self) -> str:
        """The one that takes less room."""
        fits = _with_line_ends(self._size, 0) <= self._room
        return "quoted-printable" if fits else "base64"


def _known(encoding: str) -> str:
    # a blank beside it would stand in the header, and whoever writes compares the name
    name = encoding.lower()
    if name not in _USUAL:
        raise BadValue(
            f"unknown transfer encoding {encoding!r}; there are 7bit, 8bit, binary, quoted-printable and base64"
        )
    return name


def _undo_base64(octets: bytes | memoryview) -> tuple[bytes, bool]:
    try:
        return pybase64.b64decode(octets, validate=True, ignorechars=_BLANKS), True
    except binascii.Error:
        return _salvage_base64(bytes(octets)), False


def _salvage_base64(octets: bytes) -> bytes:
    """Every octet that damaged base64 still holds."""
    # QUIRK: RFC 2045 6.8 ends the data at the padding. Mail with several encoded runs one behind the other
    # exists, so right padding only ends a run; anything else that is no digit is passed over.
    return b"".join(map(base64_run, base64_runs(only_base64(octets))))


def only_base64(octets: bytes) -> bytes:
    """The digits and the padding among *octets*; what else stands there means nothing. RFC 2045, section 6.8."""
    return octets.translate(None, _NOT_BASE64)


def base64_runs(kept: bytes) -> list[bytes]:
    """The digits of each run in *kept*, digits and padding; behind padding that ends one the next begins."""
    runs: list[bytes] = []
    run: list[bytes] = []
    digits = start = 0
    for padding in re.finditer(rb"=(=*+)", kept):
        run.append(kept[start : padding.start()])
        digits += padding.start() - start
        start = padding.end()
        if digits % 4 and digits % 4 + len(padding[0]) >= 4:
            runs.append(b"".join(run))
            run, digits = [], 0
    return [*runs, b"".join([*run, kept[start:]])]


def base64_run(digits: bytes) -> bytes:
    """What *digits* stand for, without padding; a last lone digit stands for nothing."""
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    return pybase64.b64decode(whole + b"=" * (-len(whole) % 4))


def _base64_trouble(octets: bytes) -> int:
    """Where base64 first goes wrong: something that is no digit, else padding, else the end."""
    found = re.search(rb"[^A-Za-z0-9+/= \t\r\n]|=(?![ \t\r\n]*+=?[ \t\r\n]*+\Z)", octets)
    return len(octets) if found is None else found.start()


def _undo_quoted_printable(octets: bytes) -> tuple[bytes, bool]:
    # RFC 2045 6.7(3): blanks at the end of a line were added on the way, and go.
    clean = _without_trailing_blanks(octets)
    # binascii reads malformed escapes in ways of its own
    if compiled(_NO_ESCAPE).search(clean) is None:
        return binascii.a2b_qp(clean), True
    return _salvage_quoted_printable(clean), False


def _without_trailing_blanks(octets: bytes) -> bytes:
    """*octets* without blanks at the ends of lines."""
    eol = b"\r\n" if b"\r" in octets else b"\n"
    if eol == b"\r\n" and not octets.count(b"\n") == octets.count(b"\r") == octets.count(eol):
        return re.sub(rb"(?<![ \t])[ \t]++(?=[\r\n]|\Z)", b"", octets)
    # to look for blanks takes a quarter of what taking them off takes
    if b" " + eol[:1] in octets or (b"\t" in octets and b"\t" + eol[:1] in octets) or octets.endswith((b" ", b"\t")):
        octets = eol.join([line.rstrip(b" \t") for line in octets.split(eol)])
    return octets


def _salvage_quoted_printable(clean: bytes) -> bytes:
    """Quoted-printable with escapes that are none: those stand for themselves."""
    return re.sub(rb"=(?:([0-9A-Fa-f]{2})|\r\n?|\n|\Z)", lambda found: bytes.fromhex((found[1] or b"").decode()), clean)


def _undo_uuencode(octets: bytes) -> tuple[bytes, int | None]:
    """What *octets* stand for, and where they first go wrong."""
    # The form is no RFC's: POSIX uuencode. What stands before "begin" and after "end" is no content.
    begin = re.search(rb"^begin [0-7]++[^\r\n]*+", octets, re.MULTILINE)
    if begin is None:
        return octets, 0
    decoded: list[bytes] = []
    damage: int | None = None
    for line in re.compile(rb"[^\r\n]++").finditer(octets, begin.end()):
        if line[0].rstrip() == b"end":
            break
        piece = _uuencoded_line(line[0].rstrip())
        if piece is not None:
            decoded.append(piece)
        elif damage is None:
            damage = line.start()
    else:
        damage = len(octets) if damage is None else damage
    return b"".join(decoded), damage


def _uuencoded_line(line: bytes) -> bytes | None:
    """What one line stands for; None for a line that is none of uuencode's."""
    if not line:
        return b""
    size = line[0] - 0x20
    if not 0 <= size <= 64:
        return None
    # QUIRK: some writers add a check character; some lose the blanks at the end, which binascii takes for granted.
    digits = line[: 1 + (size % 64 + 2) // 3 * 4]
    try:
        return binascii.a2b_uu(digits)
    except binascii.Error:
        return None


def _quoted_printable_lines(octets: bytes, *, text: bool) -> Iterator[bytes]:
    escaped = _escaped(octets)
    if not text:
        return iter(_wrap(escaped))
    # Every CR and LF is an escape now: only a line end of the content gives both in this order. RFC 2045 6.7(3):
    # a blank before a line end is an escape.
    escaped = escaped.replace(b" =0D=0A", b"=20=0D=0A").replace(b"\t=0D=0A", b"=09=0D=0A")
    return itertools.chain.from_iterable(
        (line,) if len(line) <= _WIDTH and line[:1] not in _RISKY else _wrap(line) for line in escaped.split(b"=0D=0A")
    )


def _escaped(octets: bytes) -> bytes:
    """*octets* with escapes, on one line. RFC 2045 6.7(3): a blank at the end is one."""
    odd = octets.translate(None, _PLAIN)
    found: list[bytes] = []
    while odd and len(found) < _FEW:
        found.append(odd[:1])
        odd = odd.translate(None, odd[:1])
    if odd:
        # binascii escapes quickly, but its lines can be longer than 76, so its soft line breaks are taken out again;
        # and a full stop that begins one of them is no matter here
        escaped = binascii.b2a_qp(octets, istext=False).replace(b"=\r\n", b"").replace(b"=\n", b"")
        return escaped.replace(b"=2E", b".")
    # but in most texts that need it only line ends do, and some few letters
    escaped = octets.replace(b"=", b"=3D")
    for octet in found:
        if octet != b"=":
            escaped = escaped.replace(octet, b"=%02X" % octet[0])
    return escaped[:-1] + b"=%02X" % escaped[-1] if escaped.endswith((b" ", b"\t")) else escaped


def _wrap(line: bytes) -> Iterable[bytes]:
    """*line*, which is escaped already, in lines of at most 76 octets."""
    if b"--" in line or b"From " in line or line.endswith(b"."):
        return _wrap_carefully(line)
    lines = compiled(_FULL_LINE).findall(line)
    if len(lines) > 1 and len(lines[-2]) + len(lines[-1]) <= _WIDTH:
        lines[-2:] = [lines[-2] + lines[-1]]
    return [*[full + b"=" for full in lines[:-1]], *(lines[-1:] or [b""])]


def _wrap_carefully(line: bytes) -> Iterator[bytes]:
    """The same where a line could begin with what must not begin one."""
    start = 0
    while True:
        first = b""
        # A line of mail that begins so could be taken for a delimiter, the end of the mail, or another mail.
        if line.startswith((b"--", b"From "), start) or (len(line) == start + 1 and line.endswith(b".")):
            first = b"=%02X" % line[start]
            start += 1
        room = _WIDTH - len(first)
        if len(line) - start <= room:
            yield first + line[start:]
            return
        end = start + room - 1
        end -= 1 if line[end - 1] == _ESCAPE else 2 if line[end - 2] == _ESCAPE else 0
        yield first + line[start:end] + b"="
        start = end


def _obstacle(octets: bytes, *, text: bool) -> str:
    """What keeps *octets* from standing as they are, as a noun; else ``""``. RFC 2045, sections 2.7 and 2.8."""
    if b"\0" in octets:
        return "a NUL"
    line_ends = octets.count(b"\r\n") if text else 0
    if octets.count(b"\r") != line_ends or octets.count(b"\n") != line_ends:
        return "a CR or LF that is no line end"
    if _has_long_line(octets):
        return f"a line of more than {_LINE_LIMIT} octets"
    return ""


def _has_long_line(octets: bytes) -> bool:
    start = 0
    while len(octets) - start > _LINE_LIMIT:
        end = octets.rfind(b"\n", start, start + _LINE_LIMIT + 2)
        if end < 0:
            return True
        start = end + 1
    return False


def _quoted_printable_size(octets: bytes, *, text: bool, room: int) -> int:
    """The octets it takes in quoted-printable, or some number over *room*."""
    line_ends = octets.count(b"\r\n") if text else 0
    size = len(octets) - 4 * line_ends
    size += _escapes_size(octets, room=room - size)
    return size if size > room else _with_line_ends(size, line_ends)


def _escapes_size(octets: bytes, *, room: int) -> int:
    """The octets that escapes add, or some number over *room*."""
    size = 0
    for start in range(0, len(octets), _COUNTED):
        if size > room:
            break
        # an octet that is escaped takes two more; what nobody could make up for is counted no further
        # (bits are counted, for to count octets that nobody can foresee takes a processor four times as long)
        size += 2 * int.from_bytes(octets[start : start + _COUNTED].translate(_IS_ESCAPED)).bit_count()
    return size


def _with_line_ends(size: int, line_ends: int) -> int:
    return size + 3 * max(0, size // (_WIDTH - 1) - line_ends)


def _base64_size(size: int) -> int:
    """The octets that *size* octets take in base64."""
    size = (size + 2) // 3 * 4
    return size + 2 * (size // _WIDTH)
