"""Several roads as one."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import (
    BadMessage,
    ConnectError,
    Envelope,
    FailoverSender,
    MailboxSender,
    MailObject,
    MemorySender,
    Receipt,
    RoundRobinSender,
    SendingError,
    aio,
    connect,
)
from cartero.aio import AsyncFailoverSender, AsyncMemorySender, AsyncRoundRobinSender
from cartero.senders._scripted import Answers
from mimekit import MIMEMessage, parse
from tests.mailservers import Inbox, serve
from tests.ports import unused_port
from tests.rich_mail import RICH, rich_message, told

MAIL = b"From: me@x.org\nTo: ana@x.org, zoe@x.org\nDate: x\nMessage-ID: <1@x>\n\n"
DOWN = ConnectError("no route", stage="connect", temporary=True)
BUSY = "450 4.2.1 Busy"


class Road(MemorySender):
    """One that notes when it is opened and closed, and may not open."""

    def __init__(self, name: str, answers: Answers = (), *, opens: bool = True) -> None:
        super().__init__(answers)
        self.opens = opens
        self.log: list[str] = []
        self._name = name

    @property
    def name(self) -> str:
        """What receipts call it."""
        return self._name

    def _open(self) -> None:
        self.log.append("open")
        if not self.opens:
            raise ConnectError("no route", sender=self.name, stage="connect", temporary=True)

    def _close(self) -> None:
        self.log.append("close")

    def _deliver(self, mail: MailObject) -> Receipt:
        self.log.append(mail.message_id)
        return super()._deliver(mail)


class AsyncRoad(AsyncMemorySender):
    """Its twin."""

    def __init__(self, name: str, answers: Answers = (), *, opens: bool = True) -> None:
        super().__init__(answers)
        self.opens = opens
        self.log: list[str] = []
        self._name = name

    @property
    def name(self) -> str:
        """What receipts call it."""
        return self._name

    async def _open(self) -> None:
        await asyncio.sleep(0)
        self.log.append("open")
        if not self.opens:
            raise ConnectError("no route", sender=self.name, stage="connect", temporary=True)

    async def _close(self) -> None:
        self.log.append("close")

    async def _deliver(self, mail: MailObject) -> Receipt:
        self.log.append(mail.message_id)
        return await super()._deliver(mail)


def send(kind: str, roads: list[tuple[Answers, bool]]) -> tuple[Receipt | SendingError | ConnectError, list[int], Any]:
    """What comes of a message through a chain of *roads*, how often each was tried, and the chain."""
    if kind == "async":
        awaited = [AsyncRoad(f"{letter}:", answers, opens=opens) for letter, (answers, opens) in zip("abc", roads)]  # noqa: B905
        later = AsyncFailoverSender(awaited)

        async def use() -> Receipt | SendingError | ConnectError:
            try:
                return await later.send(MAIL)
            except (SendingError, ConnectError) as error:
                return error

        return asyncio.run(use()), [road.log.count("<1@x>") for road in awaited], later
    blocking = [Road(f"{letter}:", answers, opens=opens) for letter, (answers, opens) in zip("abc", roads)]  # noqa: B905
    chain = FailoverSender(blocking)
    try:
        return chain.send(MAIL), [road.log.count("<1@x>") for road in blocking], chain
    except (SendingError, ConnectError) as error:
        return error, [road.log.count("<1@x>") for road in blocking], chain


@pytest.mark.parametrize("kind", ["blocking", "async"])
class TestFailover:
    """The next one where one fails, on both roads."""

    @pytest.mark.parametrize(
        ("first", "opens", "tries"),
        [
            pytest.param([None], True, [1, 0], id="usual-nothing-fails"),
            pytest.param([None], False, [0, 1], id="usual-does-not-open"),
            pytest.param([DOWN], True, [1, 1], id="usual-does-not-connect"),
            pytest.param([BUSY], True, [1, 1], id="usual-all-busy"),
            pytest.param([{"zoe@x.org": BUSY}], True, [1, 0], id="odd-one-busy"),
        ],
    )
    def test_a_message_is_taken_once(self, kind: str, first: Answers, opens: bool, tries: list[int]) -> None:
        """By the first that takes it, who is in the receipt; for some recipients is taken too."""
        receipt, tried, _ = send(kind, [(first, opens), ((), True)])

        assert isinstance(receipt, Receipt)
        assert tried == tries
        assert receipt.sender == ("a:" if tries == [1, 0] else "b:")
        assert "ana@x.org" in receipt.accepted

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param("550 5.1.1 No such user", id="usual-for-good"),
            pytest.param({"ana@x.org": BUSY, "zoe@x.org": "550 no"}, id="odd-one-for-good"),
            pytest.param(SendingError("broken off", ambiguous=True, temporary=True), id="usual-ambiguous"),
        ],
    )
    def test_it_ends_where_somebody_has_it_or_nobody_wants_it(self, kind: str, answer: Any) -> None:
        """Never twice to anybody; and who said no for good is not asked again."""
        error, tried, _ = send(kind, [((), False), ([answer], True), ((), True)])

        assert isinstance(error, SendingError)
        assert (tried, error.sender) == ([0, 1, 0], "b:")
        assert error.__notes__ == ["before it: no route (connect, a:)"]

    def test_where_none_takes_it_each_is_told(self, kind: str) -> None:
        """In the text, and the last as the cause."""
        error, tried, _ = send(kind, [([BUSY], True), ((), False)])

        assert isinstance(error, SendingError)
        assert tried == [1, 0]
        assert isinstance(error.__cause__, ConnectError)
        assert "no recipient was accepted (a:): 450 4.2.1 Busy; no route (connect, b:)" in str(error)
        assert error.refused == {"ana@x.org": "Busy", "zoe@x.org": "Busy"}
        assert error.sender == "failover:(a: b:)"

    def test_a_closed_road_rests(self, kind: str) -> None:
        """The next message does not wait for it."""
        _, _, chain = send(kind, [((), False), ((), True)])

        chain.send(MAIL) if kind == "blocking" else asyncio.run(chain.send(MAIL))

        assert chain._team.senders[0].log == ["open"]
        assert chain._team.senders[1].log == ["open", "<1@x>", "close"] * 2


_SAID = st.sampled_from([None, BUSY, "550 no"])
_ANSWERS = st.one_of(
    st.builds(lambda ana, zoe: {"ana@x.org": ana, "zoe@x.org": zoe}, _SAID, _SAID),
    st.sampled_from([DOWN, SendingError("lost", ambiguous=True, temporary=True)]),
)


@given(st.lists(_ANSWERS, min_size=1, max_size=4))
def test_nobody_gets_it_twice_and_nobody_who_said_no_is_asked_again(answers: list[Any]) -> None:
    """Whatever each of them does: behind the first that may have delivered it to anybody, none is tried."""
    roads = [Road(f"{number}:", [_without_none(answer)]) for number, answer in enumerate(answers)]
    ends = [
        not isinstance(answer, ConnectError) and answer != {"ana@x.org": BUSY, "zoe@x.org": BUSY} for answer in answers
    ]

    try:
        receipt = FailoverSender(roads).send(MAIL)
    except (ConnectError, SendingError):
        receipt = None

    tried = ["<1@x>" in road.log for road in roads]
    expected = ends.index(True) + 1 if True in ends else len(roads)
    assert tried == [number < expected for number in range(len(roads))]
    assert [len(road.outbox) for road in roads] == [
        receipt is not None and receipt.sender == road.name for road in roads
    ]


def _without_none(answer: Any) -> Any:
    return {name: said for name, said in answer.items() if said} if isinstance(answer, dict) else answer


class TestWith:
    """What is held open."""

    def test_each_is_held_from_its_first_message_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One connection for many messages, none for those who have none; a failed one is made anew."""
        monkeypatch.setattr(time, "monotonic", lambda: 0.0)
        first, second, third = Road("a:", [None, BUSY, DOWN]), Road("b:"), Road("c:")

        with FailoverSender([first, second, third], retry_after=0) as chain:
            for _ in range(4):
                chain.send(MAIL)

        assert first.log == ["open", "<1@x>", "<1@x>", "<1@x>", "close", "open", "<1@x>", "close"]
        assert second.log == ["open", "<1@x>", "<1@x>", "close"]
        assert third.log == []

    def test_its_twin_does_the_same(self) -> None:
        """And none is opened twice where several messages go at once."""
        first, second = AsyncRoad("a:", [None, None, DOWN]), AsyncRoad("b:", opens=False)

        async def use() -> None:
            async with AsyncFailoverSender([first, second], retry_after=0) as chain:
                await chain.send(MAIL)
                await asyncio.gather(chain.send(MAIL), chain.send(MAIL), return_exceptions=True)
                await chain.send(MAIL)

        asyncio.run(use())

        assert first.log == ["open", "<1@x>", "<1@x>", "<1@x>", "close", "open", "<1@x>", "close"]
        assert second.log == ["open"]

    def test_a_mistake_in_the_message_is_no_senders_fault(self) -> None:
        """It is raised as it is, and everything is closed."""
        first, second = Road("a:"), Road("b:")
        first.before_send.append(lambda _: None)  # type: ignore[arg-type, return-value]  # the mistake

        with pytest.raises(BadMessage):
            FailoverSender([first, second]).send(MAIL)

        assert (first.log, second.log) == (["open", "close"], [])


class TestRoundRobin:
    """Each in its turn."""

    def test_messages_are_spread(self) -> None:
        """And the one behind a closed one takes its messages too."""
        roads = [Road("a:"), Road("b:", opens=False), Road("c:")]
        chain = RoundRobinSender(roads)

        receipts = list(chain.send_all([MAIL] * 6))

        assert [receipt.sender for receipt in receipts] == ["a:", "c:", "c:", "a:", "c:", "c:"]
        assert roads[1].log == ["open"]
        assert chain.name == "roundrobin:(a: b: c:)"

    def test_its_twin_does_the_same(self) -> None:
        """For programs that await."""
        chain = AsyncRoundRobinSender([AsyncRoad("a:"), AsyncRoad("b:")])

        async def use() -> list[str]:
            return [receipt.sender async for receipt in chain.send_all([MAIL] * 3)]

        assert asyncio.run(use()) == ["a:", "b:", "a:"]
        assert chain.name == "roundrobin:(a: b:)"


def test_hooks_of_the_chain_and_of_its_senders_are_called() -> None:
    """Such as one that signs for one road alone; the message is prepared once, so a Bcc that a hook sets stays."""
    first, second = Road("a:", [BUSY]), Road("b:")
    chain = FailoverSender([first, second])
    signed = parse(b"From: me@x.org\nBcc: all@x.org\nX-Signed: yes\n\n")
    second.before_send.append(lambda mail: mail.replace(message=signed))
    results: list[object] = []
    for sender in (chain, first, second):
        sender.after_send.append(lambda _, result: results.append(result))

    receipt = chain.send(MAIL)

    [mail] = second.outbox
    assert (mail.message["X-Signed"], mail.message["Bcc"]) == ("yes", "all@x.org")
    assert [type(result) for result in results] == [SendingError, Receipt, Receipt]
    assert results[-1] is receipt


def test_a_rich_message_is_read_back_equal(tmp_path: Path) -> None:
    """Through the second of two Maildirs, the first of which is not there."""
    receipt = FailoverSender([MailboxSender(tmp_path / "none/box"), MailboxSender(tmp_path / "box")]).send(
        rich_message()
    )

    assert told(Path(receipt.location).read_bytes()) == RICH


def test_two_servers_of_which_one_is_down_and_one_is_busy() -> None:
    """Over SMTP, for real: nothing listens at the first, the second refuses for now, the third takes it."""
    busy, idle = Inbox(), Inbox()
    busy.replies = ["451 4.7.1 Greylisted"] * 2
    with serve(busy) as second, serve(idle) as third:
        urls = [f"smtp://127.0.0.1:{port}" for port in (unused_port(), second.port, third.port)]

        receipt = connect(f"failover:({' '.join(urls)})").send(rich_message())

        assert receipt.sender == urls[2]
        assert receipt.accepted == ("you@example.org", "hid@example.org")
        assert (busy.mails, [told(mail.octets) for mail in idle.mails]) == ([], [RICH])


@pytest.mark.parametrize("awaits", [False, True], ids=["blocking", "async"])
def test_a_connection_that_breaks_behind_the_final_dot_is_the_end(awaits: bool) -> None:
    """Over SMTP, for real: the first server has the message, and nobody sends it again."""
    broken, idle = Inbox(), Inbox()
    broken.drops = 1
    with serve(broken) as first, serve(idle) as second:
        url = f"failover:(smtp://127.0.0.1:{first.port} smtp://127.0.0.1:{second.port})"

        with pytest.raises(SendingError) as caught:
            asyncio.run(aio.connect(url).send(MAIL)) if awaits else connect(url).send(MAIL)

        assert caught.value.ambiguous
        assert (len(broken.mails), len(idle.mails)) == (1, 0)


def test_all_tries_have_one_message_id() -> None:
    """So that whoever gets it twice can tell."""
    first, second = Road("a:", [BUSY]), Road("b:")
    message = MIMEMessage()
    message["From"] = "me@x.org"

    receipt = FailoverSender([first, second]).send(message, envelope=Envelope("", ["ana@x.org"]))

    assert first.log == second.log == ["open", receipt.message_id, "close"]
