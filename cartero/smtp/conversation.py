"""A conversation with an SMTP or LMTP server: its beginning, its end, and the replies between.

RFC 5321, section 3.1 to 3.3; RFC 2033 for LMTP; RFC 3207 for STARTTLS; RFC 4954 for AUTH.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from .._numbers import expect_seconds
from .._reason import reason_of
from .._value import Value
from ..errors import AuthenticationFailed, CarteroError, ConnectError
from ..steps import Receive, Secure, Send, asked
from . import auth, commands
from .capabilities import Capabilities
from .replies import GarbageError, Reply, ReplyReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import TypeAlias, TypedDict

    from ..steps import Steps

    # A password or token, or a function of the user's that fetches it.
    Secret: TypeAlias = str | Callable[[], str | Awaitable[str]]
    # Called with each line said: ">" or "<", and the line without secrets.
    Trace: TypeAlias = Callable[[str, str], object]

    class Said(TypedDict):
        """What an error says of a reply."""

        code: int
        enhanced: str
        reply: str
        temporary: bool
        retry_after: float | None


_SHORTEST = 5.0  # seconds that a goodbye takes at most
_HIDDEN = "****"
_ASKING = frozenset({"DATA", "AUTH"})  # what a server may answer by 3yz, which is to say: go on


class Timeouts(Value):
    """How long is waited, in seconds. A value.

    Attributes:
        connect: for a connection, the greeting included, and for TLS.
        command: for the reply to each command.
        data: for each piece of a message to be taken.
        final: for the reply to a whole message. RFC 5321 wants ten minutes here: who gives up earlier may
            find the message delivered twice.

    Raises:
        BadURL: one of them is no number above 0, or more than 1,000,000.

    RFC 5321, section 4.5.3.2.
    """

    __slots__ = ("command", "connect", "data", "final")

    connect: float
    command: float
    data: float
    final: float

    def __init__(
        self, *, connect: float = 30.0, command: float = 60.0, data: float = 180.0, final: float = 600.0
    ) -> None:
        given = {"connect": connect, "command": command, "data": data, "final": final}
        for name, seconds in given.items():
            expect_seconds(f"the timeout {name}", seconds, is_waited=True)
        self._set(**given)


class Login:
    """Who is to be logged in, and how.

    Attributes:
        user: the name.
        password: the password, or what fetches it.
        token: an OAuth 2 access token, or what fetches it, in place of a password.
        mechanism: the SASL mechanism, in upper case; the best that both sides have if empty.
        host: the server's name, which some mechanisms sign.
        port: its port, likewise.
    """

    __slots__ = ("host", "mechanism", "password", "port", "token", "user")

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        user: str,
        *,
        password: Secret | None = None,
        token: Secret | None = None,
        mechanism: str = "",
        host: str = "",
        port: int = 0,
    ) -> None:
        self.user = user
        self.password = password
        self.token = token
        self.mechanism = mechanism
        self.host = host
        self.port = port

    def __repr__(self) -> str:
        # SECURITY: who, and never by which secret.
        return f"<Login {self.user}>"


class Conversation:
    """One connection's worth of talk. Mutable.

    Attributes:
        capabilities: what the server said it can do.
        greeting: what it said first; None before that.
        is_usable: whether another transaction may begin on it.
        stage: what is being done, in the protocol's words.
        begun: the transaction whose envelope has been sent ahead, or None.
        must_reset: whether a transaction is open that came to nothing.
        is_lmtp: whether LMTP is spoken. RFC 2033.
        timeouts: how long is waited.
    """

    def __init__(self, *, own_name: str, timeouts: Timeouts, is_lmtp: bool = False, trace: Trace | None = None) -> None:
        self.capabilities = Capabilities()
        self.greeting: Reply | None = None
        self.is_usable = True
        self.stage = "connect"
        self.begun: object = None
        self.must_reset = False
        self.is_lmtp = is_lmtp
        self.timeouts = timeouts
        self._own_name = own_name
        self._trace = trace
        self._reader = ReplyReader()

    # -- what all parts of it use ----------------------------------------------------------------------

    def say(self, lines: Iterable[bytes]) -> Send:
        """The step that sends command *lines*, all in one write."""
        self.note(lines)
        return Send([b"".join(lines)], timeout=self.timeouts.command)

    def note(self, lines: Iterable[bytes]) -> None:
        """Tell the trace of *lines* sent."""
        if self._trace is not None:
            for line in lines:
                self._trace(">", line.decode("utf-8", "replace").rstrip("\r\n"))

    def reply(self, stage: str, timeout: float | None = None) -> Steps[Reply]:
        """The next reply.

        Raises:
            OSError: the connection broke, or was closed.
            GarbageError: what came is no reply.
        """
        reply = self.heard(stage)
        while reply is None:
            if self._reader.is_closed:
                raise ConnectionResetError("the server closed the connection")
            yield Receive(self._reader, timeout=self.timeouts.command if timeout is None else timeout)
            reply = self.heard(stage)
        return reply

    def heard(self, stage: str) -> Reply | None:
        """The next reply if it has come already; raises `GarbageError` as `reply` does."""
        self.stage = stage
        reply = self._reader.take()
        if reply is None:
            return None
        if self._trace is not None:
            for line in reply.lines:
                self._trace("<", f"{reply.code} {line}")
        # RFC 5321 3.8: a server that says 421 closes the channel, whatever it is about.
        if reply.code == 421:
            self.is_usable = False
        elif 300 <= reply.code < 400 and stage not in _ASKING:
            raise GarbageError(f"it answers {reply.code}, which means nothing here")
        return reply

    @property
    def is_in_step(self) -> bool:
        """Whether nothing has been said that was not asked for."""
        return self._reader.is_idle and not self._reader.is_closed

    # -- its beginning ---------------------------------------------------------------------------------

    def open(self, *, starttls: str, login: Login | None, is_private: bool, is_believed: bool = True) -> Steps[None]:
        """Hear the greeting, say EHLO, begin TLS, log in.

        Args:
            starttls: ``"require"``, ``"opportunistic"`` or ``"off"``.
            login: who is to be logged in, or None.
            is_private: whether nobody listens on the way before STARTTLS: under TLS already, or on this machine.
            is_believed: whether TLS makes sure who the server is, so that nobody else hears what is said under it.

        Raises:
            ConnectError: it cannot be; nothing was sent.
            AuthenticationFailed: the login is refused.
        """
        try:
            self.greeting = yield from self.reply("greeting", self.timeouts.connect)
            self._expect(self.greeting, "the server takes no mail now")
            yield from self._hello()
            if starttls != "off" and (yield from self._secure(starttls)):
                # SECURITY: who takes any certificate may be talking to somebody in the middle.
                is_private = is_private or is_believed
            if login is not None:
                yield from self._log_in(login, is_private=is_private)
        except CarteroError as error:
            # RFC 5321 4.1.1.10: who was refused says QUIT all the same. Anything else is nobody to talk to.
            if self.is_usable and getattr(error, "code", None) is not None:
                yield from self.quit()
            self.is_usable = False
            raise
        except (OSError, GarbageError) as error:
            self.is_usable = False
            # A server that waits for TLS, and so for us to begin, says nothing either.
            hint = ": if this port speaks TLS at once, its scheme is smtps:" if _is_silence(error, self.stage) else ""
            raise ConnectError(
                f"{reason(error)}{hint}", stage=self.stage, temporary=isinstance(error, OSError)
            ) from error

    def _expect(self, reply: Reply, problem: str) -> None:
        if not reply.is_positive:
            raise ConnectError(problem, stage=self.stage, **said(reply))

    def _hello(self) -> Steps[None]:
        verb = "LHLO" if self.is_lmtp else "EHLO"
        yield self.say([commands.line(verb, self._own_name)])
        reply = yield from self.reply(verb)
        if 500 <= reply.code <= 504 and not self.is_lmtp:
            # RFC 5321 3.2: an old server knows HELO alone.
            yield self.say([commands.line("HELO", self._own_name)])
            reply = yield from self.reply("HELO")
            reply = Reply(reply.code, reply.lines[:1])
        self._expect(reply, "the server does not want to talk to this host")
        self.capabilities = Capabilities.of(reply)

    def _secure(self, wanted: str) -> Steps[bool]:
        """Whether TLS has begun."""
        if "STARTTLS" not in self.capabilities:
            if wanted == "require":
                raise ConnectError(
                    "TLS is required and the server does not offer STARTTLS (tls=off sends in the clear)",
                    stage="STARTTLS",
                )
            return False
        yield self.say([commands.line("STARTTLS")])
        reply = yield from self.reply("STARTTLS")
        if reply.code != 220:
            if wanted == "require" or not self.is_usable:
                raise ConnectError("the server refuses STARTTLS", stage="STARTTLS", **said(reply))
            return False
        if not self._reader.is_idle:
            # SECURITY: it was said in the clear, and would be taken for what is said under TLS.
            raise ConnectError("the server spoke on before TLS began: somebody may be in the middle", stage="STARTTLS")
        self.stage = "TLS"
        yield Secure(timeout=self.timeouts.connect)
        # RFC 3207 4.2: what was said before is forgotten.
        self._reader = ReplyReader()
        yield from self._hello()
        return True

    def _log_in(self, login: Login, *, is_private: bool) -> Steps[None]:
        self.stage = "AUTH"
        try:
            mechanism = auth.choose(
                self.capabilities.mechanisms,
                has_password=login.password is not None,
                has_token=login.token is not None,
                wanted=login.mechanism or None,
                encrypted=is_private,
            )
        except AuthenticationFailed as error:
            if "STARTTLS" not in self.capabilities:
                raise
            # RFC 4954 4: many a server lets nobody log in before it.
            raise AuthenticationFailed(f"{error.args[0]}; it offers STARTTLS (tls=require)", stage="AUTH") from None
        secret = yield from _fetched(login.token if mechanism in auth.TOKEN_MECHANISMS else login.password)
        dialogue = auth.start(mechanism, user=login.user, secret=secret, host=login.host, port=login.port)
        first = next(dialogue)
        words = ["AUTH", mechanism] if first is None else ["AUTH", mechanism, _encoded(first) or "="]
        yield Send([commands.line(*words)], timeout=self.timeouts.command)
        self.note([f"AUTH {mechanism} {_HIDDEN}".encode()])
        reply = yield from self.reply("AUTH")
        challenge = b""
        while reply.code == 334:
            challenge = _challenge(reply)
            answer = dialogue.send(challenge) or b""
            yield Send([commands.line(_encoded(answer))], timeout=self.timeouts.command)
            self.note([_HIDDEN.encode()])
            reply = yield from self.reply("AUTH")
        if reply.is_positive:
            auth.finish(dialogue)
            return
        problem = _refused(reply, mechanism, self.capabilities, auth.explain(mechanism, challenge))
        raise AuthenticationFailed(problem, stage="AUTH", **said(reply))

    # -- its end ---------------------------------------------------------------------------------------

    def quit(self) -> Steps[None]:
        """Say goodbye; whatever the answer is, nothing depends on it."""
        self.is_usable = False
        if self.begun is not None:
            # It would stand in the message that the server waits for.
            return
        timeout = min(_SHORTEST, self.timeouts.command)
        try:
            line = commands.line("QUIT")
            self.note([line])
            yield Send([line], timeout=timeout)
            yield from self.reply("QUIT", timeout)
        except (OSError, GarbageError):
            return


def said(reply: Reply) -> Said:
    """What an error says of *reply*."""
    return {
        "code": reply.code,
        "enhanced": reply.enhanced,
        "reply": reply.text,
        "temporary": reply.is_temporary,
        "retry_after": reply.retry_after,
    }


def reason(error: Exception) -> str:
    """What became of a connection, in a few words."""
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    text = reason_of(error)
    return f"the connection broke: {text}" if isinstance(error, OSError) else text


def _is_silence(error: Exception, stage: str) -> bool:
    """Whether the server did not even say who it is."""
    return stage == "greeting" and isinstance(error, TimeoutError)


def _fetched(secret: Secret | None) -> Steps[str]:
    if callable(secret):
        return (yield from asked(secret))
    assert secret is not None  # the mechanism was chosen by what there is
    return secret


def _encoded(response: bytes) -> str:
    return b2a_base64(response, newline=False).decode()


def _challenge(reply: Reply) -> bytes:
    try:
        return a2b_base64(reply.lines[0])
    except ValueError as error:
        raise GarbageError("its challenge is no base64") from error


def _refused(reply: Reply, mechanism: str, capabilities: Capabilities, explanation: str) -> str:
    offered = ", ".join(capabilities.mechanisms)
    why = f": {explanation}" if explanation else ""
    if reply.is_temporary:
        return f"the server cannot log in now, by {mechanism} (it offers {offered}){why}"
    return f"the server does not take these credentials, by {mechanism} (it offers {offered}){why}"
