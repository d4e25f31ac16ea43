"""Mail over SMTP, submission or LMTP. RFC 5321, RFC 6409, RFC 2033."""

from __future__ import annotations

import threading
import time

from ..errors import CarteroError
from ..wires.driving import drive
from ._errand import Errand, Give, Say, Take, prepared, with_following
from ._pool import Connection
from ._smtproad import SMTPRoad
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from types import TracebackType
    from typing import Self, TypeVar

    from ..receipt import Receipt
    from ..wires import blocking
    from ._errand import Need, Needs
    from .base import Enveloped, OnFailure
    from .preparation import MailObject

    _T = TypeVar("_T")


class SMTPSender(SMTPRoad, Sender):
    """Sends over SMTP; over LMTP where *protocol* says so.

    Threads may share it: it has as many connections as they need, up to its limits. So may a process and its
    forks, each with connections of its own. ``with sender:`` keeps connections for the next message, and so
    does `send_all` while it runs. One that died while nobody used it is replaced without a word, for nothing
    was sent over it. Nothing else is tried a second time: what may have been delivered is an error that says
    so.

    `send_all` sends the envelope of a message together with the end of the one before it, where the
    server can pipeline. So it asks for a message, and calls the ``before_send`` hooks for it, before it
    sends the one in front of it. It has a connection for itself until it ends: who sends something else
    between its receipts needs another one.

    Args:
        host: the server, a name in any script or an address.
        port: its port. Else 25 for smtp, 587 where there is a *user*; 465 for smtps; 24 for lmtp.
        protocol: ``"smtp"``; ``"smtps"``, where TLS comes first of all; or ``"lmtp"``.
        path: the socket file of a server on this machine, in place of a host.
        user: who logs in; nobody does without.
        password: the password, or a function that returns it, which is called for each connection.
        token: an OAuth 2 access token, or a function that returns one, in place of a password.
        auth: the SASL mechanism; else the best that both sides have.
        tls: how TLS is spoken; or ``"require"``, ``"opportunistic"`` or ``"off"``. Required if it is not said,
            but for a server on this machine, where nobody listens on the way.
        timeouts: how long is waited.
        limits: how many connections there are, and for how long.
        dsn: which delivery status notifications are asked for, where the server can send them.
        own_name: the domain name of this host that it greets the server with, if not its own.
        repair: whether a lone CR in a message becomes a line end; else the message is refused.
        chunking: whether messages go in chunks (BDAT) to a server that takes them. RFC 3030.
        trace: called with ``">"`` or ``"<"`` and each line that is said; passwords and tokens are ``****``.
            What it raises is written to the log ``cartero``.

    Attributes:
        trace: the function; it can be set later, too.

    Raises:
        BadURL: the settings contradict each other, or one of them cannot be.

    RFC 5321; RFC 6409 for submission; RFC 2033 for LMTP.
    """

    def _ready(self) -> None:
        self._room = threading.Semaphore(self._limits.connections)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with self._lock:
            return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._holders -= 1
            parting = [] if self._holders else self.shelf.empty()
        for connection in parting:
            _hang_up(connection)

    def _deliver(self, mail: MailObject) -> Receipt:
        errand = Errand(self)
        try:
            return self._run(errand.carry(mail))
        finally:
            self._run(errand.end())

    def _send_all(self, messages: Iterable[Enveloped], on_failure: OnFailure | None) -> Generator[Receipt]:
        errand = Errand(self)
        with self:
            try:
                for item, following in with_following(prepared(self, given) for given in messages):
                    try:
                        if item.error is not None:
                            raise item.error
                        assert item.mail is not None  # else there was an error
                        receipt = self._told(item.mail, errand, following.mail if following else None)
                    except CarteroError as error:
                        if on_failure is None:
                            raise
                        on_failure(item.message, error)
                    else:
                        yield receipt
            finally:
                self._run(errand.end())

    def _told(self, mail: MailObject, errand: Errand, following: MailObject | None) -> Receipt:
        """Send *mail*, and tell the hooks."""
        try:
            receipt = self._run(errand.carry(mail, following=following))
        except CarteroError as error:
            self._tell(mail, error)
            raise
        self._tell(mail, receipt)
        return receipt

    # -- needs -----------------------------------------------------------------------------------------

    def _run(self, needs: Needs[_T]) -> _T:
        return drive(needs, self._meet)

    def _meet(self, need: Need) -> object:
        if isinstance(need, Say):
            return need.connection.wire.run(need.steps)
        if isinstance(need, Take):
            return self._taken()
        if isinstance(need, Give):
            self._given(need.connection)
        else:
            time.sleep(need.seconds)
        return None

    def _taken(self) -> Connection[blocking.Wire]:
        if not self._room.acquire(timeout=self._timeouts.final):
            raise self.crowded()
        try:
            while (kept := self.shelf.take()) is not None:
                if self.shelf.is_fit(kept, time.monotonic()):
                    return kept
                _hang_up(kept)
            return self._opened()
        except BaseException:
            self._room.release()
            raise

    def _opened(self) -> Connection[blocking.Wire]:
        from ..wires import blocking  # noqa: PLC0415 - it imports the network, which few senders need

        wire = blocking.Wire.open(
            self._place, self._tls, timeout=self._timeouts.connect, secure=self._protocol == "smtps"
        )
        try:
            conversation = self._conversation(wire.own_address)
            wire.run(self._opening(conversation))
        except BaseException:
            wire.close()
            raise
        return Connection(wire, conversation, now=time.monotonic())

    def _given(self, connection: Connection[blocking.Wire]) -> None:
        try:
            if not self.shelf.put(connection):
                _hang_up(connection)
        finally:
            self._room.release()


def _hang_up(connection: Connection[blocking.Wire]) -> None:
    try:
        if connection.may_part:
            connection.wire.run(connection.conversation.quit())
    finally:
        connection.wire.close()
