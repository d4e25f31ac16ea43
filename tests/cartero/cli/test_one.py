"""One message in one run."""

from __future__ import annotations

import io

import pytest

from cartero import MailObject, Outcome, Receipt, Sender, SendingError
from cartero.cli._exits import Exit
from cartero.cli._one import run_one
from cartero.cli._parser import parse_options

TEXT = ("-f", "me@x.org", "a@x.org", "b@x.org")
OK = Outcome(accepted=True)
BUSY = Outcome(accepted=False, reply="busy", temporary=True)


class Scripted(Sender):
    """A sender that answers as it is told, one try after another."""

    name = "scripted:"

    def __init__(self, *answers: dict[str, Outcome] | Exception) -> None:
        super().__init__()
        self._answers = iter(answers)
        self.ids: list[str] = []

    def _deliver(self, mail: MailObject) -> Receipt:
        self.ids.append(mail.message_id)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return Receipt(answer, message_id=mail.message_id)


def run(sender: Sender | None, *arguments: str) -> Exit:
    """A run with that sender."""
    return run_one(sender, parse_options(arguments), io.BytesIO(b"Hi!\n"))


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_it_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """Each recipient has a line."""
    assert run(Scripted({"a@x.org": OK, "b@x.org": OK}), *TEXT) is Exit.ACCEPTED

    assert capsys.readouterr().out == "a@x.org: accepted\nb@x.org: accepted\n"


def test_for_some_is_not_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --retry, it is tried once."""
    assert run(Scripted({"a@x.org": OK, "b@x.org": BUSY}), *TEXT) is Exit.PARTLY_ACCEPTED

    assert capsys.readouterr().err == "cartero-send: b@x.org: refused (busy)\n"


def test_with_retry_it_is_sent_again(capsys: pytest.CaptureFixture[str]) -> None:
    """RFC 5322, section 3.6.4: the same message, with the same Message-ID."""
    sender = Scripted({"a@x.org": OK, "b@x.org": BUSY}, {"b@x.org": OK})

    assert run(sender, "--retry", "3", *TEXT) is Exit.ACCEPTED

    assert sender.ids[0] == sender.ids[1]
    out, err = capsys.readouterr()
    assert out == "a@x.org: accepted\nb@x.org: accepted\n"
    assert err == "cartero-send: trying again in 5 s: b@x.org refused (busy)\n"


def test_what_fails_at_last_is_the_error() -> None:
    """That of the last try."""
    errors = [SendingError("busy", temporary=True), SendingError("still busy", temporary=True)]

    with pytest.raises(SendingError, match="still busy"):
        run(Scripted(*errors), "--retry", "1", *TEXT)


def test_without_a_sender_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """As it would be sent."""
    assert run(None, *TEXT) is Exit.ACCEPTED

    assert capsys.readouterr().out.startswith("envelope sender: me@x.org\n")
