"""Several roads as one: the next one where one fails, or each in its turn."""

from __future__ import annotations

from ..errors import ConnectError, SendingError
from ._team import Team, expect_harmless, members, nobody_took_it
from .base import AsyncSender, Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..receipt import Receipt
    from .preparation import MailObject


class FailoverSender(Sender):
    """Sends by the first of *senders* that takes the message; the others are there for when it does not.

    It goes on to the next only where nobody can have got the message: after a `ConnectError`, or where all recipients
    were refused, for now and not for good. It never goes on where the message may have been delivered all the same,
    and a message that is taken for some recipients is not sent again for the others: the receipt says who was refused.

    A sender that could not connect rests for *retry_after* seconds, or as long as the other side said; meanwhile it is
    only tried if all the others rest too. The receipt's `sender` is the one that took the message. Where none does,
    the error says what each said, and has the last one as its cause.

    ``with sender:`` holds each of *senders* open from its first message on.

    Args:
        senders: the senders, the best first.
        retry_after: seconds.

    Raises:
        BadURL: there are none, one of them is none, or *retry_after* is no number.
    """

    def __init__(self, senders: Iterable[Sender], *, retry_after: float = 60.0) -> None:
        super().__init__()
        self._team: Team[Sender] = Team(members(senders, Sender), retry_after)
        self._held: set[int] = set()

    @property
    def name(self) -> str:
        """``failover:(...)``, with the names of the senders."""
        return f"failover:{self._team.names}"

    def _close(self) -> None:
        for number in sorted(self._held):
            self._let_go(number)

    def _deliver(self, mail: MailObject) -> Receipt:
        failures: list[ConnectError | SendingError] = []
        for number in self._team.order(self._first()):
            try:
                return self._held_open(number)._carry(mail)
            except ConnectError as error:
                self._let_go(number)  # so that it is opened anew when it has rested
                self._team.rest(number, error)
                failures.append(error)
            except SendingError as error:
                failures.append(expect_harmless(error, failures))
        raise nobody_took_it(failures, mail, self.name) from failures[-1]

    def _first(self) -> int:
        return 0

    def _held_open(self, number: int) -> Sender:
        sender = self._team.senders[number]
        if number not in self._held:
            sender.__enter__()
            self._held.add(number)
        return sender

    def _let_go(self, number: int) -> None:
        if number in self._held:
            self._held.remove(number)
            self._team.senders[number].__exit__(None, None, None)


class RoundRobinSender(FailoverSender):
    """Sends each message by the next of *senders*, in turn; where one fails, by the one behind it.

    All else is as with `FailoverSender`.
    """

    @property
    def name(self) -> str:
        """``roundrobin:(...)``, with the names of the senders."""
        return f"roundrobin:{self._team.names}"

    def _first(self) -> int:
        return self._team.turn()


class AsyncFailoverSender(AsyncSender):
    """`FailoverSender` for programs that await, over senders for such."""

    def __init__(self, senders: Iterable[AsyncSender], *, retry_after: float = 60.0) -> None:
        super().__init__()
        self._team: Team[AsyncSender] = Team(members(senders, AsyncSender), retry_after)
        self._held: set[int] = set()

    @property
    def name(self) -> str:
        """``failover:(...)``, with the names of the senders."""
        return f"failover:{self._team.names}"

    async def _close(self) -> None:
        for number in sorted(self._held):
            await self._let_go(number)

    async def _deliver(self, mail: MailObject) -> Receipt:
        failures: list[ConnectError | SendingError] = []
        for number in self._team.order(self._first()):
            try:
                sender = await self._held_open(number)
                return await sender._carry(mail)
            except ConnectError as error:
                await self._let_go(number)
                self._team.rest(number, error)
                failures.append(error)
            except SendingError as error:
                failures.append(expect_harmless(error, failures))
        raise nobody_took_it(failures, mail, self.name) from failures[-1]

    def _first(self) -> int:
        return 0

    async def _held_open(self, number: int) -> AsyncSender:
        sender = self._team.senders[number]
        if number not in self._held:
            self._held.add(number)  # first, since others may come while this one waits
            try:
                await sender.__aenter__()
            except BaseException:
                self._held.discard(number)
                raise
        return sender

    async def _let_go(self, number: int) -> None:
        if number in self._held:
            self._held.remove(number)
            await self._team.senders[number].__aexit__(None, None, None)


class AsyncRoundRobinSender(AsyncFailoverSender):
    """`RoundRobinSender` for programs that await, over senders for such."""

    @property
    def name(self) -> str:
        """``roundrobin:(...)``, with the names of the senders."""
        return f"roundrobin:{self._team.names}"

    def _first(self) -> int:
        return self._team.turn()
