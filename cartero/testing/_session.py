"""One connection from greeting to end: what a well-behaved server says, except where the script says otherwise.

What follows from a reply follows from its code: a scripted 250 to RCPT is a recipient more, a scripted 220 to
STARTTLS begins TLS.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from ._body import Body
from ._sasl import MECHANISMS, challenge, decode
from ._stream import GoneError
from .record import Transaction
from .script import Drop, Octets, Reply, Sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._sasl import Dialogue
    from ._settings import Settings
    from ._stream import Stream
    from .record import Connection
    from .script import Reset, Script

_PATH = re.compile(r'<(?P<path>(?:[^<>"]|"(?:[^"\\]|\\.)*+")*+)>(?: +(?P<parameters>.*))?')
# Which extension has to be announced for a parameter of MAIL or RCPT.
_PARAMETERS = {"BODY": "8BITMIME", "RET": "DSN", "ENVID": "DSN", "NOTIFY": "DSN", "ORCPT": "DSN"}


class Session:
    """What is said on one connection."""

    def __init__(self, stream: Stream, *, settings: Settings, script: Script, log: Connection) -> None:
        self._stream = stream
        self._settings = settings
        self._script = script
        self._log = log
        self._authenticated = False
        self._transaction: Transaction | None = None
        self._body: Body | None = None
        self._commands: dict[str, Callable[[str], object]] = {
            "EHLO": partial(self._ehlo, "EHLO"),
            "HELO": self._helo,
            "LHLO": partial(self._ehlo, "LHLO"),
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "BDAT": self._bdat,
            "RSET": self._rset,
            "NOOP": lambda _: self._happen("NOOP", b"250 2.0.0 ok"),
            "VRFY": lambda _: self._happen("VRFY", b"252 2.5.0 send some mail and see"),
            "QUIT": self._quit,
        }

    def run(self) -> None:
        """Until one side ends it."""
        with suppress(GoneError):
            if self._settings.implicit_tls:
                self._begin_tls()
            self._happen("connect", b"220 localhost LMTP" if self._settings.lmtp else b"220 localhost ESMTP")
            while True:
                line = self._line()
                self._log.commands.append(line)
                self._answer(line)

    def _line(self) -> str:
        try:
            octets = self._stream.line(self._settings.idle)
        except TimeoutError:
            self._happen("idle", b"421 4.4.2 idle for too long")
            self._stream.drop()
        return octets.decode("utf-8", "surrogateescape")

    def _answer(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        command = self._commands.get(verb.upper())
        if command is None:
            self._stream.write(b"500 5.5.2 no such command\r\n")
        else:
            command(rest)

    # what happens

    def _happen(self, event: str, *defaults: bytes) -> int:
        """Let happen what the script says to *event*, or say *defaults*; the code of the first reply, or 0."""
        steps = self._coming(event, *defaults)
        self._do(steps)
        return next(iter(_codes(steps)), 0)

    def _says_yes(self, event: str, default: bytes) -> bool:
        return 200 <= self._happen(event, default) < 300

    def _coming(self, event: str, *defaults: bytes) -> list[Reply | Octets | Drop | Reset | Sleep]:
        """What is going to happen."""
        steps: list[Reply | Octets | Drop | Reset | Sleep] = []
        for step in self._script.next(event):
            if step is None:
                steps += map(Reply, defaults)
            elif isinstance(step, Reply) and step.each:
                steps += [step] * max(1, len(defaults))
            else:
                steps.append(step)
        return steps

    def _do(self, steps: Iterable[Reply | Octets | Drop | Reset | Sleep]) -> None:
        for step in steps:
            match step:
                case Reply() | Octets():
                    self._stream.write(step.octets)
                case Sleep():
                    self._stream.wait(step.seconds)
                case Drop():
                    self._stream.drop()
                case _:
                    self._stream.reset()

    # greetings

    def _ehlo(self, verb: str, rest: str) -> None:
        # RFC 2033 4.1: LHLO in place of EHLO, and neither beside the other.
        if (verb == "LHLO") is not self._settings.lmtp:
            self._happen(verb, b"500 5.5.1 no such command here")
            return
        self._transaction = None
        lines = [f"localhost greets {rest}", *self._announced()]
        marked = [*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]
        self._happen(verb, "\r\n".join(marked).encode("utf-8", "surrogateescape"))

    def _announced(self) -> list[str]:
        announced = list(self._settings.extensions)
        if self._settings.tls and not self._log.secure:
            announced.append("STARTTLS")
        if self._settings.users:
            announced.append(f"AUTH {' '.join(self._settings.mechanisms)}")
        return announced

    def _extension(self, name: str) -> list[str] | None:
        """What is announced behind *name*; None where it is not announced."""
        for announced in self._announced():
            first, *rest = announced.split()
            if first.upper() == name:
                return rest
        return None

    def _helo(self, _rest: str) -> None:
        self._transaction = None
        self._happen("HELO", b"500 5.5.1 LHLO is wanted" if self._settings.lmtp else b"250 localhost")

    def _starttls(self, _rest: str) -> None:
        possible = self._extension("STARTTLS") is not None
        default = b"220 2.0.0 go ahead" if possible else b"502 5.5.1 no TLS here"
        if self._says_yes("STARTTLS", default) and possible:
            self._begin_tls()

    def _begin_tls(self) -> None:
        assert self._settings.tls is not None
        self._stream.secure(self._settings.tls)
        self._log.secure = True
        # RFC 3207 4.2: nothing is known any more of what was said before.
        self._transaction = None
        self._authenticated = False

    def _rset(self, _rest: str) -> None:
        if self._says_yes("RSET", b"250 2.0.0 ok"):
            self._transaction = None

    def _quit(self, _rest: str) -> None:
        if self._says_yes("QUIT", b"221 2.0.0 bye"):
            self._stream.drop()

    # AUTH: RFC 4954, section 4

    def _auth(self, rest: str) -> None:
        name, _, initial = rest.partition(" ")
        if name.upper() not in self._settings.mechanisms or not self._settings.users:
            self._happen("AUTH", b"504 5.5.4 no such mechanism")
            return
        dialogue = MECHANISMS[name.upper()](self._settings.users)
        first = challenge(next(dialogue))
        code = self._happen("AUTH", self._reply_to(dialogue, initial) if initial else first)
        while code == 334:
            response = self._line()
            self._log.responses.append(response)
            code = self._happen("auth", self._reply_to(dialogue, response))
        self._authenticated = code == 235

    def _reply_to(self, dialogue: Dialogue, line: str) -> bytes:
        response = decode(line)
        if response is None:
            return b"501 5.5.2 cancelled" if line == "*" else b"501 5.5.2 expected base64"
        try:
            return challenge(dialogue.send(response))
        except StopIteration as end:
            self._log.user = end.value or ""
        return b"235 2.7.0 welcome" if self._log.user else b"535 5.7.8 not with these credentials"

    # a transaction

    def _mail(self, rest: str) -> None:
        path, parameters = _path_and_parameters("FROM:", rest)
        if self._says_yes("MAIL", self._to_mail(path, parameters)):
            self._transaction = Transaction(path or "", parameters)
            self._body = self._body_of(self._transaction)
            self._log.transactions.append(self._transaction)

    def _to_mail(self, path: str | None, parameters: dict[str, str]) -> bytes:
        if self._transaction is not None:
            return b"503 5.5.1 there is a transaction already"
        if self._settings.users and not self._authenticated:
            return b"530 5.7.0 authentication is wanted"
        size = parameters.get("SIZE", "")
        if size.isdecimal() and self._is_too_large(int(size)):
            return b"552 5.3.4 too large"
        return self._to_path(path, parameters)

    def _is_too_large(self, size: int) -> bool:
        limit = self._extension("SIZE")
        return size > int(limit[0]) if limit else False

    def _to_path(self, path: str | None, parameters: dict[str, str]) -> bytes:
        if path is None:
            return b"501 5.5.4 expected an address in angle brackets"
        for name in parameters:
            if self._extension(_PARAMETERS.get(name, name)) is None:
                return f"555 5.5.4 no such parameter: {name}".encode("utf-8", "surrogateescape")
        return b"250 2.1.0 ok"

    def _rcpt(self, rest: str) -> None:
        path, parameters = _path_and_parameters("TO:", rest)
        default = self._to_path(path, parameters) if self._transaction else b"503 5.5.1 MAIL comes first"
        if self._says_yes("RCPT", default) and self._transaction:
            self._transaction.recipients[path or ""] = parameters

    def _body_of(self, transaction: Transaction) -> Body:
        event = partial(self._happen, "body")
        return Body(self._stream, transaction, after=self._settings.body_after, event=event)

    def _data(self, _rest: str) -> None:
        transaction = self._transaction or Transaction("", {})
        default = b"354 go ahead" if transaction.recipients else b"503 5.5.1 no recipients"
        if self._happen("DATA", default) == 354:
            self._body_of(transaction).until_dot()
            self._finish(transaction)

    def _bdat(self, rest: str) -> None:
        size, _, last = rest.partition(" ")
        if not size.isdecimal():
            self._happen("BDAT", b"501 5.5.4 expected a size")
            return
        transaction = self._transaction or Transaction("", {})
        body = self._body if self._transaction and self._body else self._body_of(transaction)
        body.chunk(int(size))  # a chunk is read whether it is wanted or not
        if not transaction.recipients or self._extension("CHUNKING") is None:
            self._happen("BDAT", b"503 5.5.1 no recipients")
        elif last.upper() == "LAST":
            self._finish(transaction)
        elif not self._says_yes("BDAT", b"250 2.0.0 %b octets" % size.encode()):
            self._transaction = None

    def _finish(self, transaction: Transaction) -> None:
        """The message is whole: over LMTP with a reply for each recipient (RFC 2033, section 4.2)."""
        recipients = list(transaction.recipients)
        too_large = self._is_too_large(len(transaction.octets))
        default = b"552 5.3.4 too large" if too_large else b"250 2.0.0 accepted"
        steps = self._coming("dot", *[default] * (len(recipients) if self._settings.lmtp else 1))
        codes = _codes(steps) if self._settings.lmtp else _codes(steps)[:1] * len(recipients)
        # Known before it is said: who has heard it may look at once.
        transaction.complete = True
        transaction.accepted += [name for name, code in zip(recipients, codes, strict=False) if 200 <= code < 300]
        self._transaction = None
        self._do(steps)


def _codes(steps: Iterable[object]) -> list[int]:
    """The codes of the replies among *steps*; 0 for one that has none."""
    starts = [step.octets[:3] for step in steps if isinstance(step, Reply)]
    return [int(start) if start.isdigit() else 0 for start in starts]


def _path_and_parameters(prefix: str, rest: str) -> tuple[str | None, dict[str, str]]:
    """What stands between the angle brackets, if any, and behind them."""
    found = _PATH.fullmatch(rest[len(prefix) :].lstrip(" ")) if rest.upper().startswith(prefix) else None
    if found is None:
        return None, {}
    pairs = (parameter.partition("=") for parameter in (found["parameters"] or "").split())
    return found["path"], {name.upper(): value for name, _, value in pairs}
