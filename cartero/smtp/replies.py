"""What an SMTP server says: octets to replies. RFC 5321, section 4.2."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache

from .._value import Value

# RFC 5321 4.2.1: three digits, a space or a hyphen, text. QUIRK: the text, and the space before it, may be missing.
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*+))?\r?\n")
# RFC 2034 4: class.subject.detail, and the class is the first digit of the reply code.
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ ]|$)")
_WAIT = r"(?i)\b(\d{1,5})\s*+(s|sec|seconds?|m|min|minutes?)\b"  # compiled when somebody is to wait

# RFC 5321 4.5.3.1.5: a line has at most 512 octets. QUIRK: some are longer. SECURITY: none may fill the memory.
_MOST_OCTETS = 65_536
_MOST_LINE_OCTETS = 4_096
_LONGEST_WAIT = 86_400


class GarbageError(Exception):
    """The server says something that is no reply, or more than a reply can be; what follows cannot be understood."""


class Reply(Value):
    """One reply. A value: frozen, equal by meaning.

    Attributes:
        code: the reply code.
        lines: its text, line by line, without the code; UTF-8, or what is none as latin-1.
    """

    __slots__ = ("code", "lines")

    code: int
    lines: tuple[str, ...]

    def __init__(self, code: int, lines: tuple[str, ...]) -> None:
        # one for each line of a conversation, so without a detour
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "lines", lines)

    @property
    def is_positive(self) -> bool:
        """Whether it was done: 2yz. RFC 5321, section 4.2.1."""
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        """Whether it was not done, and the same may be tried again: 4yz."""
        return 400 <= self.code < 500

    @property
    def enhanced(self) -> str:
        """The enhanced status code, such as ``"5.1.1"``, or an empty string. RFC 3463, section 2."""
        found = _ENHANCED.match(self.lines[0])
        return found[1] if found and found[1][0] == str(self.code)[0] else ""

    @property
    def text(self) -> str:
        """What it says, on one line, without the codes."""
        enhanced = self.enhanced
        if not enhanced:
            return " ".join(filter(None, self.lines))
        said = [f"{line} ".removeprefix(f"{enhanced} ").strip(" ") for line in self.lines]
        return " ".join(filter(None, said))

    @property
    def retry_after(self) -> float | None:
        """Seconds after which it wants to be tried again, if it is temporary and says so; greylisting often does."""
        found = re.search(_WAIT, self.text) if self.is_temporary else None
        if found is None:
            return None
        seconds = int(found[1]) * (60 if found[2].lower().startswith("m") else 1)
        return float(seconds) if seconds <= _LONGEST_WAIT else None


class ReplyReader:
    """Puts replies together from octets as they come, cut anywhere. Mutable.

    Attributes:
        is_closed: whether the other side has closed; nothing more comes.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._codes: bytes | None = None
        self._lines: list[bytes] = []
        self._octet_count = 0
        self._ready: deque[Reply] = deque()
        self._garbage = ""
        self.is_closed = False

    def feed(self, octets: bytes) -> bool:
        """Take *octets*, none where the other side has closed; whether there is a reply, or none will ever be."""
        if not octets:
            self.is_closed = True
        elif not self._garbage:
            self._rest += octets
            try:
                self._read_lines()
            except GarbageError as error:
                # What was said before holds: it may be that the message was taken.
                self._garbage = str(error)
        return bool(self._ready or self._garbage or self.is_closed)

    def _read_lines(self) -> None:
        place = 0
        rest = self._rest
        while end := rest.find(b"\n", place) + 1:
            line = rest[place:end]
            reply = None if self._lines else _single(line)
            if reply is None:
                self._read_line(line)
            else:
                self._ready.append(reply)
            place = end
        self._rest = rest[place:]
        if len(self._rest) > _MOST_LINE_OCTETS:
            raise GarbageError("a line of its reply does not end")

    def _read_line(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None or len(line) > _MOST_LINE_OCTETS or self._codes not in {None, found[1]}:
            raise GarbageError("what it says is no reply")
        self._lines.append(found[3] or b"")
        self._octet_count += len(line)
        if self._octet_count > _MOST_OCTETS:
            raise GarbageError("its reply does not end")
        if found[2] == b"-":
            self._codes = found[1]
            return
        self._ready.append(Reply(int(found[1]), tuple(map(_decoded, self._lines))))
        self._codes, self._lines, self._octet_count = None, [], 0

    def take(self) -> Reply | None:
        """The next reply, if one is there.

        Raises:
            GarbageError: what came is no reply, or one that does not end.
        """
        if self._ready:
            return self._ready.popleft()
        if self._garbage:
            raise GarbageError(self._garbage)
        return None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left: neither a reply nor a part of one."""
        return not (self._rest or self._ready or self._lines)


@lru_cache(maxsize=64)  # for a server says the same to most commands
def _single(line: bytes) -> Reply | None:
    """The reply that *line* is, if it is all of one."""
    found = _LINE.fullmatch(line)
    if found is None or found[2] == b"-" or len(line) > _MOST_LINE_OCTETS:
        return None
    return Reply(int(found[1]), (_decoded(found[3] or b""),))


def _decoded(line: bytes) -> str:
    # RFC 6531 3.7.4: UTF-8 where SMTPUTF8 is spoken; else it should be ASCII, and is what it is.
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
