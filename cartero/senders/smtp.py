"""Mail over SMTP, submission or LMTP. RFC 5321, RFC 6409, RFC 2033."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TypeVar

from ..errors import CarteroError
from ..wires import blocking
from ._errand import Errand, Give, Need, Needs, Say, Take, prepared, with_following
from ._pool import Connection
from ._smtproad import SMTPRoad
from .base import Sender

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from ..receipt import Receipt
    from .base import Enveloped, OnFailure
    from .preparation import MailObject

_T = TypeVar("_T")


class SMTPSender(SMTPRoad, Sender):
    """Sends over SMTP; over LMTP where *protocol* says so.

    Threads may share it: it has as many connections as they need, up to its limits. ``with sender:``
    keeps connections for the next message, and so does `send_all` while it runs. One that died while
    nobody used it is replaced without a word, for nothing was sent over it.

    `send_all` sends the envelope of a message together with the end of the one before it, where the
    server can pipeline; so it asks for each message while the one before it is being sent.

    RFC 5321; RFC 6409 for submission; RFC 2033 for LMTP.
    """

    def _ready(self) -> None:
        self._change = threading.Condition()

    def __enter__(self) -> Self:
        with self._change:
            return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._change:
            super().__exit__(kind, error, traceback)

    def _close(self) -> None:
        for connection in self.shelf.empty():
            _hang_up(connection)

    def _deliver(self, mail: MailObject) -> Receipt:
        errand = Errand(self)
        try:
            return self._run(errand.carry(mail))
        finally:
            self._run(errand.end())

    def _send_all(self, messages: Iterable[Enveloped], on_failure: OnFailure | None) -> Iterator[Receipt]:
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
        try:
            need = next(needs)
            while True:
                try:
                    result = self._meet(need)
                except BaseException as error:  # noqa: BLE001 - whatever it is, the errand has to know
                    need = needs.throw(error)
                else:
                    need = needs.send(result)
        except StopIteration as ended:
            value: _T = ended.value
            return value

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
        with self._change:
            self._change.wait_for(lambda: self.shelf.has_room)
            kept, unfit = self.shelf.take(time.monotonic())
        for connection in unfit:
            _hang_up(connection)
        if kept is not None:
            return kept
        try:
            return self._opened()
        except BaseException:
            self._given(None)
            raise

    def _opened(self) -> Connection[blocking.Wire]:
        wire = blocking.Wire.open(
            self._place, self._tls, timeout=self._timeouts.connect, secure=self._protocol == "smtps"
        )
        try:
            conversation = self._conversation(wire.own_address)
            wire.run(self._opening(conversation))
        except BaseException:
            wire.close()
            raise
        return Connection(wire, conversation)

    def _given(self, connection: Connection[blocking.Wire] | None) -> None:
        with self._change:
            is_kept = self.shelf.put(connection, time.monotonic())
            self._change.notify()
        if connection is not None and not is_kept:
            _hang_up(connection)


def _hang_up(connection: Connection[blocking.Wire]) -> None:
    if connection.conversation.is_usable and not connection.wire.has_input():
        connection.wire.run(connection.conversation.quit())
    connection.wire.close()
