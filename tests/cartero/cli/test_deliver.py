"""Every message of a run over one connection, and what failed for now again."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from typing import TypeAlias

import pytest

from cartero import (
    BadMessage,
    CarteroError,
    ConnectError,
    Envelope,
    MailObject,
    Outcome,
    Receipt,
    Sender,
    SendingError,
)
from cartero.cli import _deliver
from cartero.cli._deliver import deliver
from cartero.cli._mails import Mail, Unsendable
from cartero.senders.base import Enveloped, OnFailure
from mimekit import parse

OK = Outcome(accepted=True, reply="ok")
BUSY = Outcome(accepted=False, reply="busy", temporary=True)
NOBODY = Outcome(accepted=False, reply="nobody")
# what comes of one message: outcomes by recipient, or an error
Answer: TypeAlias = dict[str, Outcome] | CarteroError


class Scripted(Sender):
    """A sender that answers as it is told, one message after another."""

    name = "scripted:"

    def __init__(self, *answers: Answer, opening: Sequence[ConnectError | None] = ()) -> None:
        super().__init__()
        self._answers = iter(answers)
        self._opening = iter(opening)
        self.seen: list[tuple[str, ...]] = []
        self.ids: list[str] = []

    def _open(self) -> None:
        error = next(self._opening, None)
        if error is not None:
            raise error

    def _deliver(self, mail: MailObject) -> Receipt:
        self.seen.append(mail.envelope.recipients)
        self.ids.append(mail.message_id)
        answer = next(self._answers)
        if isinstance(answer, CarteroError):
            raise answer
        return Receipt(answer, message_id=mail.message_id, sender=self.name)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, none of which takes its time."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def mail(label: str, *recipients: str) -> Mail:
    """A message to *recipients*."""
    message = parse(f"From: me@x.org\nMessage-ID: <{label}@x.org>\n\nHi!\n".encode())
    return Mail(label, MailObject(message, envelope=Envelope("me@x.org", recipients), message_id=f"<{label}@x.org>"))


def collected(sender: Sender, mails: Iterable[Mail | Unsendable], *, retry: int = 0) -> list[tuple[str, object]]:
    """What is known of them when the road is closed."""
    results: list[tuple[str, object]] = []
    with pytest.raises(ConnectError):  # noqa: PT012 - what came before it counts
        for result in deliver(sender, mails, retry=retry, told=lambda _seconds, _reason: None):
            results.append(result)  # noqa: PERF402 - kept where the last one raises
    return results


def sent(sender: Sender, *mails: Mail | Unsendable, retry: int = 0) -> dict[str, Receipt | Exception]:
    """What became of each."""
    return dict(deliver(sender, mails, retry=retry, told=lambda _seconds, _reason: None))


class TestOneRound:
    def test_each_has_its_result(self) -> None:
        """Whatever it is, and whatever became of the others."""
        failure = SendingError("no", refused={"b@x.org": "no"})
        lost = BadMessage("lost")
        sender = Scripted({"a@x.org": OK}, failure, {"d@x.org": OK})

        found = sent(sender, mail("1", "a@x.org"), mail("2", "b@x.org"), Unsendable("3", lost), mail("4", "d@x.org"))

        assert list(found) == ["1", "2", "3", "4"]
        assert (found["2"], found["3"]) == (failure, lost)
        receipt = found["4"]
        assert isinstance(receipt, Receipt)
        assert receipt.accepted == ("d@x.org",)

    def test_they_are_in_the_order_of_the_messages(self) -> None:
        """Where the sender asks for a message before it has sent the one in front of it, too."""

        class Ahead(Scripted):
            def _send_all(self, messages: Iterable[Enveloped], on_failure: OnFailure | None) -> Generator[Receipt]:
                return super()._send_all(list(messages), on_failure)

        failure, lost = SendingError("no"), BadMessage("lost")
        mails: list[Mail | Unsendable] = [
            Unsendable("1", lost),
            mail("2", "b@x.org"),
            Unsendable("3", lost),
            mail("4", "d@x.org"),
        ]

        found = sent(Ahead({"b@x.org": OK}, failure), *mails, Unsendable("5", lost))

        assert list(found) == ["1", "2", "3", "4", "5"]
        assert found["4"] is failure

    def test_the_last_ones_have_theirs(self) -> None:
        """Where no receipt follows."""
        failure = SendingError("no")

        found = sent(Scripted({"a@x.org": OK}, failure), mail("1", "a@x.org"), mail("2", "b@x.org"))

        assert found["2"] is failure

    def test_without_retry_nothing_is_sent_again(self, waits: list[float]) -> None:
        """However temporary it was."""
        failure = SendingError("busy", temporary=True)

        assert sent(Scripted(failure), mail("1", "a@x.org")) == {"1": failure}
        assert waits == []

    def test_a_closed_road_ends_it(self) -> None:
        """Every further message would wait for it as long."""
        sender = Scripted({"a@x.org": OK}, SendingError("no"), ConnectError("closed"))
        results = collected(sender, [mail(name, f"{name}@x.org") for name in "abcd"])

        assert [label for label, _result in results] == ["a", "b"]
        assert len(sender.seen) == 3


class TestAgain:
    def test_it_goes_to_those_for_whom_it_failed_for_now(self, waits: list[float]) -> None:
        """With the same Message-ID; the receipt is of all tries."""
        first = {"a@x.org": OK, "b@x.org": BUSY, "c@x.org": NOBODY}
        sender = Scripted(first, {"b@x.org": BUSY}, {"b@x.org": OK})

        found = sent(sender, mail("1", "a@x.org", "b@x.org", "c@x.org"), retry=2)

        receipt = found["1"]
        assert isinstance(receipt, Receipt)
        assert receipt.recipients == {"a@x.org": OK, "b@x.org": OK, "c@x.org": NOBODY}
        assert sender.seen == [("a@x.org", "b@x.org", "c@x.org"), ("b@x.org",), ("b@x.org",)]
        assert sender.ids == ["<1@x.org>"] * 3
        assert waits == [5.0, 10.0]

    def test_it_goes_to_those_of_whom_nothing_is_known(self, waits: list[float]) -> None:
        """A connection that broke says of some that they were refused, and nothing of the rest."""
        broken = SendingError("broke", temporary=True, recipients={"a@x.org": NOBODY})
        sender = Scripted(broken, {"b@x.org": OK})

        receipt = sent(sender, mail("1", "a@x.org", "b@x.org"), retry=1)["1"]

        assert isinstance(receipt, Receipt)
        assert receipt.recipients == {"a@x.org": NOBODY, "b@x.org": OK}
        assert sender.seen == [("a@x.org", "b@x.org"), ("b@x.org",)]
        assert waits == [5.0]

    def test_it_is_over_when_it_was_tried_often_enough(self, waits: list[float]) -> None:
        """The last answer counts."""
        errors = [SendingError(f"busy {number}", temporary=True) for number in range(3)]

        found = sent(Scripted(*errors), mail("1", "a@x.org"), retry=2)

        assert found["1"] is errors[-1]
        assert len(waits) == 2

    def test_what_may_have_been_delivered_is_not_sent_again(self, waits: list[float]) -> None:
        """It might come twice."""
        failure = SendingError("perhaps", temporary=True, ambiguous=True)

        assert sent(Scripted(failure), mail("1", "a@x.org"), retry=5) == {"1": failure}
        assert waits == []

    @pytest.mark.parametrize(
        "failure",
        [
            pytest.param(SendingError("no"), id="usual-refused"),
            pytest.param(BadMessage("changed"), id="odd-bad"),
            pytest.param(SendingError("no", recipients={"a@x.org": NOBODY}), id="usual-refused-in-detail"),
        ],
    )
    def test_what_failed_for_good_is_not_sent_again(self, waits: list[float], failure: CarteroError) -> None:
        """It would fail again."""
        assert sent(Scripted(failure), mail("1", "a@x.org"), retry=5) == {"1": failure}
        assert waits == []

    def test_the_others_go_first(self, waits: list[float]) -> None:
        """Nobody waits for a busy mailbox."""
        busy = SendingError("busy", temporary=True)
        sender = Scripted(busy, {"b@x.org": OK}, {"a@x.org": OK})

        found = sent(sender, mail("1", "a@x.org"), mail("2", "b@x.org"), retry=1)

        assert list(found) == ["2", "1"]
        assert waits == [5.0]

    def test_the_other_side_may_ask_for_a_longer_wait(self, waits: list[float]) -> None:
        """Greylisting says how long; nobody waits for ever."""
        errors = [
            SendingError("later", temporary=True, retry_after=60.0),
            SendingError("later", temporary=True, retry_after=86_400.0),
        ]

        sent(Scripted(*errors, {"a@x.org": OK}), mail("1", "a@x.org"), retry=2)

        assert waits == [60.0, 300.0]

    @pytest.mark.parametrize(("asked", "wait"), [(2.0, 2.0), (0.0, 1.0)], ids=["usual", "odd-at-once"])
    def test_the_other_side_may_ask_for_a_shorter_wait(self, waits: list[float], asked: float, wait: float) -> None:
        """It knows; but nobody asks without a pause."""
        sender = Scripted(SendingError("later", temporary=True, retry_after=asked), {"a@x.org": OK})

        sent(sender, mail("1", "a@x.org"), retry=1)

        assert waits == [wait]

    def test_the_longest_wait_of_several_recipients_counts(self, waits: list[float]) -> None:
        """All of them are tried at once."""
        replies = ["greylisted, come back in 7 seconds", "greylisted, come back in 9 seconds", "busy"]
        busy = [Outcome(accepted=False, reply=reply, code=450, temporary=True) for reply in replies]
        first = dict(zip(("a@x.org", "b@x.org", "c@x.org"), busy, strict=True)) | {"d@x.org": OK}
        sender = Scripted(first, dict.fromkeys(("a@x.org", "b@x.org", "c@x.org"), OK))

        sent(sender, mail("1", "a@x.org", "b@x.org", "c@x.org", "d@x.org"), retry=1)

        assert waits == [9.0]

    def test_somebody_is_told_why(self, waits: list[float]) -> None:
        """It takes a while."""
        told: list[tuple[float, str]] = []
        sender = Scripted({"a@x.org": OK, "b@x.org": BUSY}, SendingError("busy", temporary=True), {"b@x.org": OK})

        list(
            deliver(
                sender,
                [mail("1", "a@x.org", "b@x.org")],
                retry=2,
                told=lambda seconds, reason: told.append((seconds, reason)),
            )
        )

        assert told == [(5.0, "b@x.org refused (busy)"), (10.0, "busy")]
        assert waits == [5.0, 10.0]


class TestAtLast:
    """What is said of a message that was accepted for some, and then no more."""

    @pytest.mark.parametrize(
        "last",
        [
            pytest.param(SendingError("no", temporary=True), id="usual-refused"),
            pytest.param(BadMessage("changed"), id="odd-bad"),
        ],
    )
    def test_there_is_a_receipt(self, waits: list[float], last: CarteroError) -> None:
        """At least one recipient was accepted."""
        sender = Scripted({"a@x.org": OK, "b@x.org": BUSY}, last)

        receipt = sent(sender, mail("1", "a@x.org", "b@x.org"), retry=1)["1"]

        assert isinstance(receipt, Receipt)
        assert (receipt.accepted, list(receipt.refused)) == (("a@x.org",), ["b@x.org"])
        assert waits == [5.0]

    def test_a_doubt_stays_an_error(self, waits: list[float]) -> None:
        """Which says for whom it was accepted."""
        doubt = SendingError("perhaps", ambiguous=True)
        sender = Scripted({"a@x.org": OK, "b@x.org": BUSY}, doubt)

        assert sent(sender, mail("1", "a@x.org", "b@x.org"), retry=1)["1"] is doubt
        assert (doubt.accepted, list(doubt.recipients)) == (("a@x.org",), ["a@x.org"])
        assert waits == [5.0]

    def test_a_closed_road_leaves_what_is_known(self, waits: list[float]) -> None:
        """The receipt of the first try is not lost."""
        openings = [None, ConnectError("closed")]
        sender = Scripted({"a@x.org": OK, "b@x.org": BUSY}, opening=openings)

        [(label, receipt)] = collected(sender, [mail("1", "a@x.org", "b@x.org")], retry=1)

        assert isinstance(receipt, Receipt)
        assert (label, receipt.accepted, list(receipt.refused)) == ("1", ("a@x.org",), ["b@x.org"])
        assert waits == [5.0]


class TestClosedRoad:
    """Nothing was sent, and all of it may be sent again."""

    def test_what_was_not_sent_is_sent_later(self, waits: list[float]) -> None:
        """Nothing is left out."""
        openings = [ConnectError("closed", temporary=True)]
        sender = Scripted({"a@x.org": OK}, {"b@x.org": OK}, opening=openings)

        found = sent(sender, mail("1", "a@x.org"), mail("2", "b@x.org"), retry=1)

        assert list(found) == ["1", "2"]
        assert waits == [5.0]

    def test_it_may_close_on_the_way(self, waits: list[float]) -> None:
        """What was accepted before is not sent twice."""
        busy, closed = SendingError("busy", temporary=True), ConnectError("closed", temporary=True)
        sender = Scripted({"a@x.org": OK}, busy, closed, {"b@x.org": OK}, {"c@x.org": OK}, {"d@x.org": OK})

        found = sent(sender, *(mail(name, f"{name}@x.org") for name in "abcd"), retry=1)

        assert sorted(found) == ["a", "b", "c", "d"]
        assert [recipient for [recipient] in sender.seen] == [f"{name}@x.org" for name in "abcbcd"]
        assert waits == [5.0]

    def test_what_is_closed_for_good_is_not_tried_again(self, waits: list[float]) -> None:
        """A wrong password, for one."""
        openings = [ConnectError("wrong password")]

        with pytest.raises(ConnectError):
            sent(Scripted(opening=openings), mail("1", "a@x.org"), retry=3)

        assert waits == []


def test_waits_grow_and_end() -> None:
    """RFC 5321, section 4.5.4.1: a client does not try all the time."""
    waits = [_deliver._wait(attempt, ValueError("x")) for attempt in range(8)]

    assert waits == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]
