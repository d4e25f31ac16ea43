"""Many messages in one run."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cartero import ConnectError, Envelope, MailObject, Outcome, Receipt, Sender, SendingError
from cartero.cli import _progress
from cartero.cli._exits import Exit, UsageError
from cartero.cli._mails import Mail, Unsendable
from cartero.cli._many import run_many, send_many
from cartero.cli._parser import parse_options
from mimekit import parse

Open = Callable[..., Any]
OK = Outcome(accepted=True)
NO = Outcome(accepted=False, reply="no such user")
FAILURE = SendingError("refused", refused={"x@x.org": "no"})
DOUBT = SendingError("perhaps", ambiguous=True)
CLOSED = ConnectError("closed")


class Scripted(Sender):
    """A sender that answers as it is told, one message after another."""

    name = "scripted:"

    def __init__(self, *answers: Receipt | Exception) -> None:
        super().__init__()
        self._answers = iter(answers)

    def _deliver(self, _mail: MailObject) -> Receipt:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Several:
    """So many messages."""

    def __init__(self, count: int, *, lost: bool = False) -> None:
        self.total: int | None = count
        self.done = 0
        self._count = count
        self._lost = lost

    def __iter__(self) -> Iterator[Mail | Unsendable]:
        for number in range(1, self._count + 1):
            message = parse(b"From: me@x.org\n\n")
            yield Mail(f"message {number}", MailObject(message, envelope=Envelope("", ["x@x.org"]), message_id=""))
            self.done += 1
        if self._lost:
            yield Unsendable("message 0", UsageError("name one with -f"))


def receipt(**recipients: Outcome) -> Receipt:
    """A receipt for those."""
    return Receipt({f"{name}@x.org": outcome for name, outcome in recipients.items()})


def run(*answers: Receipt | Exception, arguments: tuple[str, ...] = (), lost: bool = False) -> Exit:
    """What comes of a run with those answers."""
    mails = Several(len(answers), lost=lost)
    return send_many(Scripted(*answers), mails, parse_options(arguments))


class TestWhatIsSaid:
    def test_all_is_well_in_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Nobody reads a thousand."""
        assert run(*[receipt(x=OK)] * 1_200) == Exit.ACCEPTED

        assert capsys.readouterr() == ("1,200 of 1,200 messages accepted\n", "")

    def test_each_that_failed_has_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """And each recipient who was refused."""
        assert run(receipt(x=OK), receipt(x=OK, y=NO), FAILURE, lost=True) == Exit.PARTLY_ACCEPTED

        out, err = capsys.readouterr()
        assert out == "1 of 4 messages accepted, 1 for some of their recipients, 2 failed\n"
        assert err.splitlines() == [
            "cartero-send: message 2: y@x.org refused (no such user)",
            "cartero-send: message 3: refused",
            "cartero-send: message 0: name one with -f",
        ]

    def test_quiet_says_only_what_went_wrong(self, capsys: pytest.CaptureFixture[str]) -> None:
        """For a cron job."""
        run(receipt(x=OK), FAILURE, arguments=("-q",))

        assert capsys.readouterr() == ("", "cartero-send: message 2: refused\n")

    def test_programs_are_told_all_one_object_on_each_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The last is the summary."""
        run(receipt(x=OK), FAILURE, arguments=("--json",))

        first, second, last = map(json.loads, capsys.readouterr().out.splitlines())
        assert (first["message"], first["recipients"]["x@x.org"]["accepted"]) == ("message 1", True)
        assert (second["message"], second["error"], second["status"]) == ("message 2", "refused", 67)
        assert last == {"summary": {"messages": 2, "accepted": 1, "partly": 0, "failed": 1, "status": 3}}

    def test_a_closed_road_is_said_with_what_was_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What was not tried is not counted."""
        assert run(receipt(x=OK), CLOSED, receipt(x=OK)) == Exit.PARTLY_ACCEPTED

        assert capsys.readouterr() == ("1 of 1 messages accepted\n", "cartero-send: stopped: closed\n")

    def test_a_file_that_cannot_be_read_on_is_said_with_what_was_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What was accepted must not be sent again."""

        class Broken(Several):
            def __iter__(self) -> Iterator[Mail | Unsendable]:
                yield from super().__iter__()
                raise OSError(5, "Input/output error")

        assert send_many(Scripted(receipt(x=OK)), Broken(1), parse_options([])) is Exit.PARTLY_ACCEPTED

        out, err = capsys.readouterr()
        assert (out, "stopped: " in err, "Input/output error" in err) == ("1 of 1 messages accepted\n", True, True)

    def test_an_interruption_leaves_a_summary(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Whoever types Control-C wants to know what was sent."""

        class Interrupted(Scripted):
            def _deliver(self, mail: MailObject) -> Receipt:
                try:
                    return super()._deliver(mail)
                except StopIteration:
                    raise KeyboardInterrupt from None

        with pytest.raises(KeyboardInterrupt):
            send_many(Interrupted(receipt(x=OK)), Several(3), parse_options([]))

        assert capsys.readouterr().out == "1 of 1 messages accepted\n"

    @pytest.mark.parametrize(
        ("error", "complaint"),
        [
            pytest.param(BrokenPipeError(32, "Broken pipe"), "", id="usual-pipe"),
            pytest.param(
                OSError(28, "No space left on device"),
                "cartero-send: sending goes on, but cannot write to standard output: No space left on device\n",
                id="usual-full",
            ),
        ],
    )
    def test_what_cannot_be_printed_does_not_stop_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError, complaint: str
    ) -> None:
        """It is said once."""

        class Failing(io.StringIO):
            def write(self, _text: str) -> int:
                raise error

        monkeypatch.setattr("sys.stdout", Failing())

        assert run(*[receipt(x=OK)] * 3, arguments=("--json",)) == Exit.ACCEPTED
        assert capsys.readouterr().err == complaint


class TestStatus:
    @pytest.mark.parametrize(
        ("answers", "status"),
        [
            pytest.param([receipt(x=OK), receipt(x=OK)], Exit.ACCEPTED, id="usual-all"),
            pytest.param([receipt(x=OK), receipt(x=OK, y=NO)], Exit.PARTLY_ACCEPTED, id="usual-some-recipients"),
            pytest.param([receipt(x=OK), FAILURE], Exit.PARTLY_ACCEPTED, id="usual-some-messages"),
            pytest.param([FAILURE, FAILURE], Exit.REFUSED_RECIPIENTS, id="usual-none"),
            pytest.param([SendingError("x", temporary=True), FAILURE], Exit.TEMPORARY, id="odd-the-first-counts"),
            pytest.param([receipt(x=OK), DOUBT, FAILURE], Exit.AMBIGUOUS, id="odd-doubt"),
            pytest.param([CLOSED], Exit.REFUSED, id="usual-closed"),
            pytest.param([], Exit.ACCEPTED, id="odd-nothing-to-send"),
        ],
    )
    def test_it_is_of_all_messages(self, answers: list[Receipt | Exception], status: Exit) -> None:
        """What a script must not send again is never a plain failure."""
        assert run(*answers) is status


class TestProgress:
    def test_it_makes_room_for_what_is_said(self, monkeypatch: pytest.MonkeyPatch, terminal: Open) -> None:
        """And is gone in the end."""
        pytest.importorskip("rich", reason="rich is not installed")
        monkeypatch.setattr(_progress, "_PATIENCE", -1.0)
        shown = terminal("stderr")

        run(receipt(x=OK), FAILURE, receipt(x=OK))

        out = shown.shown()
        assert "1 messages" in out
        assert "cartero-send: message 2: refused\n" in out

    def test_a_wait_is_said(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """It may be long."""
        monkeypatch.setattr("time.sleep", lambda _seconds: None)
        sender = Scripted(SendingError("busy", temporary=True), receipt(x=OK))

        assert send_many(sender, Several(1), parse_options(["--retry", "1"])) is Exit.ACCEPTED

        assert capsys.readouterr().err == "cartero-send: trying again in 5 s: busy\n"


def test_there_may_be_nothing_to_send(capsys: pytest.CaptureFixture[str]) -> None:
    """With -E, nobody is told."""
    options = parse_options(["-E", "--each", "-f", "me@x.org", "you@x.org"])

    assert run_many(Scripted(), options, io.BytesIO(b"\n")) is Exit.ACCEPTED

    assert capsys.readouterr() == ("", "")
