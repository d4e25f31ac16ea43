"""One client of an SMTP or LMTP server: aiosmtpd, with what it leaves open closed.

RFC 5321 and RFC 6409; RFC 2033 for LMTP; RFC 3207 for STARTTLS; RFC 4954 for AUTH; RFC 2920 for PIPELINING.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
from base64 import b64decode, b64encode
from collections import defaultdict
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, AuthResult, TLSSetupException, syntax
from aiosmtpd.smtp import Session as AnyClient

from . import trace
from ._answers import as_one_reply, as_reply
from ._body import Body
from ._reader import Reader
from ._transaction import CommandError, Transaction, parse_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import AnyStr

    from ..outcome import Outcome
    from ._door import Door

# The names of its methods are aiosmtpd's: the commands they answer.
# ruff: noqa: N802, N815

_log = logging.getLogger("cartero")
_BARE = re.compile(r"(?:221|250(?= OK)|454|50[0-4]|530) (?![245]\.[0-9])")
_CHUNK = 262_144  # octets that are read at a time
_LONGEST_COMMAND = 4_096  # RFC 5321, section 4.5.3.1.4 wants 512, and each extension some more
_LONGEST_NAMED = 100  # characters of what a client said that it is told again
_MOST_LOGINS = 3  # that may fail
_MOST_REFUSALS = 100  # replies that refuse for good, after which it is of no use to go on
_GOODBYE = 0.5  # seconds that a client has to read what is said last
_PAUSE = 1.0  # seconds that one takes who guesses
_MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH", "RET", "ENVID"})
_RCPT_PARAMETERS = frozenset({"NOTIFY", "ORCPT"})


class Client(AnyClient):
    """What is known of a client. Mutable."""

    # QUIRK: aiosmtpd sets this at each login, and each time it warns, for all to read, that nobody should.
    login_data = None


class Session(SMTP):
    """The talk with one client. Mutable."""

    line_length_limit = _CHUNK  # of what the stream holds; lines are looked at here
    command_size_limit = _LONGEST_COMMAND
    is_lmtp = False

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            None,
            data_size_limit=door.limits.size,
            enable_SMTPUTF8=True,
            hostname=door.own_name,
            ident="cartero",
            tls_context=door.tls if not door.is_secure else None,
            timeout=door.limits.idle,
            auth_require_tls=not door.is_local,
            loop=loop,
        )
        # QUIRK: aiosmtpd keeps these for all sessions together, and lets them grow with each greeting.
        self.command_size_limits = defaultdict(lambda: _LONGEST_COMMAND)
        self._door = door
        self._failed_logins = 0
        self._refusal_count = 0
        self._is_handing_on = False
        self._gone = asyncio.Event()
        if door.access.users is None:
            self._smtp_methods.pop("AUTH")

    # -- the connection --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there, or TLS has begun."""
        is_anew = self.transport is not None
        super().connection_made(transport)
        if is_anew:
            return
        if self._door.is_secure:
            self._tls_protocol = transport.get_extra_info("sslcontext")
        self._socket = transport.get_extra_info("socket")
        _log.debug("%s has come", self._who())
        self._door.sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        _log.debug("%s has gone", self._who())
        self._door.sessions.discard(self)
        self._gone.set()
        super().connection_lost(error)

    def _cb_client_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines = Reader(reader)
        super()._cb_client_connected(self._lines, writer)  # type: ignore[arg-type]  # it has all that is asked of one

    def eof_received(self) -> bool:
        """The client says no more; whether it may still be told something."""
        # It may wait for the reply to its last command all the same; the reader notices when there is none left.
        self._lines.feed_eof()
        return self._tls_protocol is None

    def close(self) -> None:
        """Say goodbye, unless a message is being handed on; then as soon as that is done."""
        if not self._is_handing_on:
            self._hang_up("421 4.3.2 this server stops now")

    def _hang_up(self, reply: str) -> None:
        # QUIRK: what is closed twice under TLS can neither be written to nor aborted any more.
        if self.transport is not None and not self.transport.is_closing():
            self._writer.write(f"{reply}\r\n".encode())
            self.transport.close()
        assert self._handler_coroutine is not None  # connected
        self._handler_coroutine.cancel()

    async def ended(self) -> None:
        """Wait until the talk is over; who does not read what is said last is not waited for."""
        assert self._handler_coroutine is not None  # connected
        await asyncio.wait([self._handler_coroutine])
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), _GOODBYE)
            return
        with contextlib.suppress(OSError, TimeoutError):
            self._socket.shutdown(socket.SHUT_RDWR)
            await asyncio.wait_for(self._gone.wait(), _GOODBYE)

    def _timeout_cb(self) -> None:
        """Leave a client who is silent for too long, or does not read."""
        assert isinstance(self.transport, asyncio.Transport)  # else the time would not be counted
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self._hang_up("421 4.4.2 nothing was said for too long")

    def peer(self) -> str:
        """The client's address; an empty string where it came by a socket file."""
        peer: object = self._client().peer
        return str(peer[0]).partition("%")[0] if isinstance(peer, tuple) else ""

    async def handle_exception(self, error: Exception) -> str:
        """The reply where something went wrong here, which says nothing of what that is."""
        if not isinstance(error, TLSSetupException):
            _log.error("a session with %s went wrong", self.peer(), exc_info=error)
        return "451 4.3.0 something went wrong here; come again later"

    def _create_session(self) -> Client:
        return Client(self.loop)

    def _create_envelope(self) -> Transaction:  # type: ignore[override]  # all that is asked of one is asked here
        return Transaction()

    # Methods and no properties: aiosmtpd reads all of those before there is a client.

    def _client(self) -> AnyClient:
        assert self.session is not None  # there has been one since it was connected
        return self.session

    def _transaction(self) -> Transaction:
        assert isinstance(self.envelope, Transaction)  # see _create_envelope
        return self.envelope

    def _greeted(self) -> str:
        return str(self._client().host_name or "")

    def _has_logged_in(self) -> bool:
        return bool(self._client().authenticated)

    async def push(self, status: AnyStr) -> None:
        """Say a reply; aiosmtpd's own get an enhanced status code. RFC 2034, section 4."""
        if isinstance(status, str) and _BARE.match(status):  # type: ignore[redundant-expr]  # octets, too
            await super().push(f"{status[:4]}{status[0]}.0.0 {status[4:]}")
        else:
            await super().push(status)
        if status.startswith("5" if isinstance(status, str) else b"5"):  # type: ignore[redundant-expr]  # as above
            self._refusal_count += 1
            if self._refusal_count > _MOST_REFUSALS:
                self._hang_up("421 4.7.0 too many refusals on one connection")

    # -- greeting and login ----------------------------------------------------------------------------

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:
        """Say what can be done. RFC 5321, section 4.1.1.1."""
        if not hostname:
            await self.push("501 5.5.4 expected the name of the client")
            return
        self.envelope = self._create_envelope()  # type: ignore[assignment]  # as there
        self._client().extended_smtp = True
        self._client().host_name = hostname
        said = [self.hostname, f"SIZE {self._door.limits.size}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        said.append("ENHANCEDSTATUSCODES")
        if self.tls_context and not self._tls_protocol:
            said.append("STARTTLS")
        if self._may_log_in():
            said.append("AUTH PLAIN LOGIN")
        lines = [f"250-{line}" for line in said[:-1]]
        await self.push("\r\n".join([*lines, f"250 {said[-1]}"]))

    def _may_log_in(self) -> bool:
        return self._door.access.users is not None and (bool(self._tls_protocol) or not self._auth_require_tls)

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str) -> None:
        """Begin TLS. RFC 3207, section 4."""
        if self._tls_protocol:
            await self.push("503 5.5.1 TLS has begun already")
            return
        try:
            await super().smtp_STARTTLS(arg)
        except asyncio.CancelledError:
            # QUIRK: asyncio tells nobody that a connection is lost while TLS begins.
            self.connection_lost(None)
            raise

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, _: str) -> None:
        """Say nothing of who is here. RFC 5321, section 7.3."""
        await self.push("252 2.5.0 send it, and see")

    @syntax("AUTH <mechanism>")
    async def smtp_AUTH(self, arg: str | None) -> None:
        """Log in. RFC 4954, section 4."""
        if self._transaction().sender is not None:
            await self.push("503 5.5.1 log in before MAIL")
            return
        mechanism, space, rest = (arg or "").strip().partition(" ")
        await super().smtp_AUTH(f"{mechanism.upper()}{space}{rest}")

    async def auth_PLAIN(self, _: object, args: list[str]) -> AuthResult:
        """The user and the password at once. RFC 4616."""
        answer = await self._answered(args, "")
        if answer is None:
            return AuthResult(success=False, handled=True)
        identity, _, credentials = answer.partition(b"\0")
        user, separator, password = credentials.partition(b"\0")
        if identity not in {b"", user}:
            # RFC 4616 2: who may not act for somebody else is not to believe that this is what happens.
            await self.push("535 5.7.8 nobody acts for others here")
            return AuthResult(success=False, handled=True)
        return await self._logged_in(user, password if separator else b"")

    async def auth_LOGIN(self, _: object, args: list[str]) -> AuthResult:
        """The user, and then the password; older than RFC 4954 and in none of its own."""
        user = await self._answered(args, "Username:")
        if user is None:
            return AuthResult(success=False, handled=True)
        password = await self._asked("Password:")
        if password is None:
            return AuthResult(success=False, handled=True)
        return await self._logged_in(user, password)

    async def _answered(self, args: list[str], challenge: str) -> bytes | None:
        """What the client says first, with the command or behind it; None where it has been told that it is nothing."""
        if len(args) == 1:
            return await self._asked(challenge)
        return b"" if args[1] == "=" else await self._decoded(args[1])

    async def _asked(self, challenge: str) -> bytes | None:
        """What the client says to *challenge*; None where it has been told that it is nothing."""
        # SECURITY: that of aiosmtpd puts into its log what is no base64, as a password is that was not encoded.
        await self.push(f"334 {b64encode(challenge.encode()).decode()}")
        line = (await self._lines.readuntil()).strip()
        if line == b"*":
            await self.push("501 5.7.0 as you like; no login then")
            return None
        return await self._decoded(line)

    async def _decoded(self, text: str | bytes) -> bytes | None:
        try:
            return b64decode(text, validate=True)
        except ValueError:
            await self.push("501 5.5.2 expected base64")
            return None

    async def _logged_in(self, user: bytes, password: bytes) -> AuthResult:
        name = user.decode("utf-8", "replace")
        users = self._door.access.users
        assert users is not None  # else there is no AUTH
        try:
            is_known = await users.knows(name, password.decode("utf-8", "replace"))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the client has to be told something
            # RFC 4954 6: the password may be right, and is not to be asked for again.
            _log.error("whether %r may log in cannot be found out", name, exc_info=error)
            return AuthResult(success=False, handled=False, message="454 4.7.0 nobody can log in now; come again later")
        if is_known:
            return AuthResult(success=True, auth_data=name)
        self._failed_logins += 1
        _log.warning("a login of %r from %s failed", name, self.peer())
        await asyncio.sleep(_PAUSE)
        if self._failed_logins >= _MOST_LOGINS:
            self._hang_up("421 4.7.0 too many logins failed")
            return AuthResult(success=False, handled=True)
        return AuthResult(success=False, handled=False, message="535 5.7.8 no such user, or not this password")

    # -- the envelope ----------------------------------------------------------------------------------

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a message. RFC 5321, section 4.1.1.2."""
        await self._answer(self._mail, arg or "")

    def _mail(self, argument: str) -> str:  # noqa: PLR0911 - one for each thing that may be wrong
        transaction = self._transaction()
        if not self._greeted():
            return "503 5.5.1 expected a greeting first"
        if transaction.sender is not None:
            return "503 5.5.1 one message at a time"
        path = parse_path("FROM", argument)
        if unknown := path.parameters.keys() - _MAIL_PARAMETERS:
            return f"555 5.5.4 no such parameter: {', '.join(sorted(unknown))[:_LONGEST_NAMED]}"
        if (path.parameters.get("BODY", "7BIT") or "").upper() not in {"7BIT", "8BITMIME"}:
            return "501 5.5.4 expected BODY=7BIT or BODY=8BITMIME"
        size = path.parameters.get("SIZE") or "0"
        limits = self._door.limits
        if not (size.isascii() and size.isdigit() and len(size) <= 20):
            return "501 5.5.4 expected SIZE= and a number"
        if int(size) > limits.size:
            return f"552 5.3.4 the message is larger than the {limits.size} octets that are taken"
        transaction.is_utf8 = "SMTPUTF8" in path.parameters
        self._expect_utf8(path.address)
        if not self._door.gauge.may_begin(self.peer()):
            return "450 4.7.1 too many messages from this host; come again later"
        transaction.sender = path.address
        return "250 2.1.0 go on"

    @syntax("RCPT TO: <address>", extended=" [SP <rcpt-parameters>]")
    async def smtp_RCPT(self, arg: str | None) -> None:
        """Name a recipient. RFC 5321, section 4.1.1.3."""
        await self._answer(self._rcpt, arg or "")

    def _rcpt(self, argument: str) -> str:
        transaction = self._transaction()
        if transaction.sender is None:
            return "503 5.5.1 expected MAIL first"
        path = parse_path("TO", argument)
        if unknown := path.parameters.keys() - _RCPT_PARAMETERS:
            return f"555 5.5.4 no such parameter: {', '.join(sorted(unknown))[:_LONGEST_NAMED]}"
        self._expect_utf8(path.address)
        if len(transaction.recipients) >= self._door.limits.recipients:
            # RFC 5321 4.5.3.1.10
            return f"452 4.5.3 more than {self._door.limits.recipients} recipients; the others by another message"
        if not self._door.access.may_send(path.address, host=self.peer(), has_logged_in=self._has_logged_in()):
            return "550 5.7.1 mail for others is not carried on without a login"
        transaction.add(path.address)
        return "250 2.1.5 go on"

    def _expect_utf8(self, address: str) -> None:
        if not address.isascii() and not self._transaction().is_utf8:
            # RFC 6531 3.4
            raise CommandError("553 5.6.7 this address needs SMTPUTF8 behind MAIL")

    async def _answer(self, take: Callable[[str], str], argument: str) -> None:
        try:
            reply = take(argument)
        except CommandError as error:
            reply = str(error)
        if reply[0] != "2":
            _log.info("%s: %s: %s", self._who(), argument, reply)
        await self.push(reply)

    def _who(self) -> str:
        """The client, for people."""
        host = self.peer() or "a program of this machine"
        return f"{host} as {self._client().auth_data}" if self._has_logged_in() else host

    def _note(self, replies: list[str], transaction: Transaction, size: int) -> None:
        """Say in the log what became of a message: from whom, to whom, and how large it is."""
        if not _log.isEnabledFor(logging.INFO):
            return
        recipients = ", ".join(dict.fromkeys(transaction.recipients))
        what = replies[0]
        if len(set(replies)) > 1:
            what = "; ".join(f"{who}: {reply}" for who, reply in zip(transaction.recipients, replies, strict=True))
        _log.info("%s: from <%s> to %s, %d octets: %s", self._who(), transaction.sender, recipients, size, what)

    # -- the message -----------------------------------------------------------------------------------

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Take the message, and hand it on. RFC 5321, section 4.1.1.4."""
        transaction = self._transaction()
        if arg:
            await self.push("501 5.5.4 expected DATA alone")
            return
        if not transaction.recipients:
            await self.push("503 5.5.1 expected MAIL and RCPT first")
            return
        await self.push("354 go on, and end with a line of one dot")
        body = Body(self._door.gauge, self._trace(transaction))
        try:
            await self._read(body)
            if body.refusal:
                self._note([body.refusal], transaction, body.size)
                await self._say([body.refusal], transaction)
            else:
                await self._hand_on(transaction, body)
        except Exception as error:
            # SECURITY: what comes next might be text that would be taken for commands.
            self._hang_up(await self.handle_exception(error))
            raise asyncio.CancelledError from error
        finally:
            body.let_go()
        self.envelope = self._create_envelope()  # type: ignore[assignment]  # as there

    async def _read(self, body: Body) -> None:
        deadline = self.loop.time() + self._door.limits.time
        while not body.is_done:
            left = deadline - self.loop.time()
            if left <= 0:
                self._hang_up("421 4.4.2 the message takes too long to arrive")
                raise asyncio.CancelledError
            self._reset_timeout(min(left, self._door.limits.idle))
            body.feed(await self._lines.read(_CHUNK))
        self._lines.put_back(body.rest)

    async def _hand_on(self, transaction: Transaction, body: Body) -> None:
        # Whoever hangs up now does not know whether it was taken; so it takes the time that it takes.
        assert self._timeout_handle is not None  # it was set when the text came
        self._timeout_handle.cancel()
        self._is_handing_on = True
        try:
            outcomes = await self._door.delivery.take(transaction.envelope, body.octets, then=body.handed_on())
        finally:
            self._is_handing_on = False
        replies = self._replies(outcomes, transaction)
        self._note(replies, transaction, body.size)
        self._reset_timeout()
        await self._say(replies, transaction)
        if self._door.is_closing:
            self.close()

    def _replies(self, outcomes: Mapping[str, Outcome], _: Transaction) -> list[str]:
        return [as_one_reply(outcomes)]

    async def _say(self, replies: list[str], _: Transaction) -> None:
        await self.push("\r\n".join(replies))

    def _trace(self, transaction: Transaction) -> bytes:
        if not self._door.is_traced:
            return b""
        return trace.received(
            greeted=self._greeted(),
            host=self.peer(),
            own_name=self._door.own_name,
            protocol=self._protocol(),
            recipient=transaction.recipients[0] if len(transaction.recipients) == 1 else None,
        )

    def _protocol(self) -> str:
        """What is spoken, in the words of RFC 3848 and, with UTF-8, of RFC 6531, section 4.3."""
        if not self._client().extended_smtp:
            return "SMTP"
        return self._with_marks("UTF8SMTP" if self._transaction().is_utf8 else "ESMTP")

    def _with_marks(self, name: str) -> str:
        return f"{name}{'S' if self._tls_protocol else ''}{'A' if self._has_logged_in() else ''}"


class LMTPSession(Session):
    """The same for LMTP, which has a reply for each recipient. RFC 2033, section 4.2."""

    is_lmtp = True

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:
        """Say what can be done. RFC 2033, section 4.1."""
        await super().smtp_EHLO(hostname)

    async def smtp_EHLO(self, _: str) -> None:
        """Refuse the greeting of another protocol."""
        await self.push("500 5.5.1 LMTP is spoken here, which begins with LHLO")

    smtp_HELO = smtp_EHLO

    def _replies(self, outcomes: Mapping[str, Outcome], transaction: Transaction) -> list[str]:
        return [as_reply(outcomes[recipient]) for recipient in transaction.recipients]

    async def _say(self, replies: list[str], transaction: Transaction) -> None:
        await super()._say(replies * len(transaction.recipients) if len(replies) == 1 else replies, transaction)

    def _protocol(self) -> str:
        return self._with_marks("UTF8LMTP" if self._transaction().is_utf8 else "LMTP")
