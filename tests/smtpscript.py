"""An SMTP or LMTP server in memory, that answers as it is told to, and what drives a conversation with it.

There is no socket here, and no clock: the steps of a conversation go in, and its octets come out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cartero.steps import Ask, Receive, Secure, Send

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from cartero.steps import Steps

    Answer: TypeAlias = int | str

_T = TypeVar("_T")


class Delivered(NamedTuple):
    """A message that the server answers for."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes


class ScriptedServer:
    """Keeps to RFC 5321, section 4.1.4: what may follow what; and says of each command what it was told to say.

    Args:
        replies: codes by command: ``"MAIL"``, ``"RCPT"``, ``"DATA"``, ``"dot"``, ``"BDAT"`` for what is no last
            chunk, and others; each may name whom it is for: the recipient, and in SMTP and for others the sender
            (``"dot a@b"``). 250 and 354 where nothing is said. A text is
            said as it is; after ``"drop"`` nothing more is said. A list is said one by one, the last one for ever.
        extensions: what it answers to EHLO.
        is_lmtp: whether there is a reply for each recipient.
        lets_data_begin: whether DATA is taken where nobody is to get it. RFC 2920, section 3.1.
        dies_after: octets that it takes before it is gone; None for all.
    """

    def __init__(
        self,
        replies: Mapping[str, Answer | list[Answer]] | None = None,
        *,
        extensions: Iterable[str] = ("PIPELINING",),
        is_lmtp: bool = False,
        lets_data_begin: bool = False,
        dies_after: int | None = None,
    ) -> None:
        self.replies = {name: _listed(told) for name, told in (replies or {}).items()}
        self.extensions = tuple(extensions)
        self.is_lmtp = is_lmtp
        self.lets_data_begin = lets_data_begin
        self.dies_after = dies_after
        self.is_gone = False
        self.commands: list[str] = []
        self.delivered: list[Delivered] = []
        self._input = b""
        self._output = bytearray()
        self._wants: str = "command"
        self._chunk_size, self._chunk_is_last = 0, False
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._chunks: bytes | None = b""
        self._last_code = 220
        self.say("220 here")

    # -- octets ----------------------------------------------------------------------------------------

    def take(self, octets: bytes) -> int:
        """Take *octets*; how many of them."""
        taken = octets
        if self.dies_after is not None:
            taken = octets[: self.dies_after]
            self.dies_after -= len(taken)
        self._input += taken
        while self._step():
            pass
        if self.dies_after == 0:
            self.is_gone = True
        return len(taken)

    def give(self, size: int) -> bytes:
        """The next *size* octets of what it said and nobody heard."""
        said = bytes(self._output[:size])
        del self._output[:size]
        return said

    @property
    def has_said(self) -> bool:
        """Whether something was said that nobody has heard."""
        return bool(self._output)

    def say(self, text: str) -> None:
        """Say *text*, a line of it or several."""
        self._output += f"{text}\r\n".encode()

    # -- commands --------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """Whether there was enough to go on."""
        if self._wants == "chunk":
            return self._take_chunk()
        end = b"\r\n.\r\n" if self._wants == "message" else b"\r\n"
        text, found, rest = self._input.partition(end)
        if not found:
            return False
        self._input = rest
        if self._wants == "message":
            self._wants = "command"
            self._end(_unstuffed(text))
            return True
        line = text.decode()
        self.commands.append(line)
        self._command(line)
        return True

    def _command(self, line: str) -> None:  # noqa: C901 - a table of commands
        verb, _, rest = line.partition(" ")
        path = re.sub(r"(?:FROM|TO):<([^>]*)>.*", r"\1", rest)
        match verb:
            case "EHLO" | "LHLO":
                lines = ["here", *self.extensions]
                said = [f"250-{each}" for each in lines[:-1]] + [f"250 {lines[-1]}"]
                self._answer(verb, "\r\n".join(said))
            case "MAIL" if self._sender is None:
                if self._answer("MAIL", 250, path):
                    self._sender = path
            case "RCPT" if self._sender is not None:
                if self._answer("RCPT", 250, path):
                    self._recipients.append(path)
            case "DATA" if self._sender is not None and (self._recipients or self.lets_data_begin):
                if self._answer("DATA", 354, self._sender) and self._last_code == 354:
                    # the CRLF that ended DATA may be the one before the dot
                    self._wants, self._input = "message", b"\r\n" + self._input
            case "BDAT":
                size, _, last = rest.partition(" ")
                self._wants, self._chunk_size, self._chunk_is_last = "chunk", int(size), bool(last)
            case "RSET":
                self._reset()
                self._answer("RSET", 250)
            case "MAIL" | "RCPT" | "DATA":
                self.say("503 5.5.1 not now")
            case "QUIT":
                self._answer("QUIT", 221)
                self.is_gone = True
            case _:
                self._answer(verb, 250)

    def _take_chunk(self) -> bool:
        if len(self._input) < self._chunk_size:
            return False
        octets, self._input = self._input[: self._chunk_size], self._input[self._chunk_size :]
        self._wants = "command"
        if not self._recipients or self._chunks is None:
            self.say("503 5.5.1 not now")
        elif self._chunk_is_last:
            self._end(self._chunks + octets)
        elif self._answer("BDAT", 250, self._sender):
            self._chunks += octets
        else:
            self._chunks = None
        return True

    def _end(self, octets: bytes) -> None:
        """The message has come to its end."""
        taken = [self._answer("dot", 250, who) for who in (self._recipients if self.is_lmtp else [self._sender])]
        who = [each for each, is_taken in zip(self._recipients, taken, strict=False) if is_taken]
        recipients = who if self.is_lmtp else self._recipients
        if any(taken) and recipients:
            self.delivered.append(Delivered(self._sender or "", tuple(recipients), octets))
        self._reset()

    def _reset(self) -> None:
        self._sender, self._recipients, self._chunks = None, [], b""

    def _answer(self, name: str, usual: Answer, of: str | None = None) -> bool:
        """Say what is to be said to *name*; whether that is a yes."""
        told = self.replies.get(f"{name} {of}") or self.replies.get(name) or [usual]
        said = told.pop(0) if len(told) > 1 else told[0]
        if said == "drop":
            self.is_gone = True
            return True
        text = f"{said} {name}" if isinstance(said, int) else said
        self.say(text)
        self._last_code = int(text[:3]) if text[:3].isdigit() else 999
        if self._last_code == 421:
            self.is_gone = True
        return self._last_code < 400


def _listed(told: Answer | list[Answer]) -> list[Answer]:
    return list(told) if isinstance(told, list) else [told]


def _unstuffed(text: bytes) -> bytes:
    """The message in *text*, which begins with the CRLF before it."""
    return (text + b"\r\n").replace(b"\r\n.", b"\r\n").removeprefix(b"\r\n")


def drive(steps: Steps[_T], server: ScriptedServer, *, piece_size: int = 1 << 20) -> _T:
    """Run *steps* against *server*, as a wire would; what they return or raise.

    Args:
        steps: a conversation, or a part of one.
        server: what answers.
        piece_size: octets of an answer that come at once.
    """
    try:
        step = next(steps)
        while True:
            try:
                result = _done(step, server, piece_size)
            except OSError as error:
                step = steps.throw(error)
            else:
                step = steps.send(result)
    except StopIteration as ended:
        value: _T = ended.value
        return value


def _done(step: object, server: ScriptedServer, piece_size: int) -> bool | str | None:
    match step:
        case Send():
            return _sent(step, server)
        case Receive():
            _received(step, server, piece_size)
        case Secure():
            return None
        case Ask():
            return str(step.question())
    return None


def _sent(step: Send, server: ScriptedServer) -> bool:
    for number, piece in enumerate(step.pieces):
        if step.watch and number and server.has_said:
            return False
        taken = 0 if server.is_gone else server.take(piece)
        step.sent_size += taken
        if taken < len(piece):
            if server.has_said:
                return False
            raise BrokenPipeError(32, "Broken pipe")
    return True


def _received(step: Receive, server: ScriptedServer, piece_size: int) -> None:
    while octets := server.give(piece_size):
        if step.reader.feed(octets):
            return
    if not server.is_gone:
        raise TimeoutError("the server says nothing")
    step.reader.feed(b"")


def recite(steps: Steps[_T], octets: bytes, *, piece_size: int = 1 << 20) -> _T:
    """Run *steps* against a server that says *octets*, whatever it is told, and hangs up; what they return or raise."""
    rest = [octets[place : place + piece_size] for place in range(0, len(octets), piece_size)][::-1]
    try:
        step = next(steps)
        while True:
            if isinstance(step, Send):
                step.sent_size += sum(map(len, step.pieces))
            elif isinstance(step, Receive):
                while not step.reader.feed(rest.pop() if rest else b""):
                    pass
            step = steps.send(step.question() if isinstance(step, Ask) else isinstance(step, Send))  # type: ignore[arg-type]
    except StopIteration as ended:
        value: _T = ended.value
        return value
