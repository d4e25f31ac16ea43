"""What people and programs are told."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from cartero import Envelope, MailObject, Outcome, Receipt, SendingError
from cartero.cli._exits import Exit, StreamError
from cartero.cli._options import Options
from cartero.cli._parser import parse_options
from cartero.cli._report import (
    complain,
    print_text,
    report_dry_run,
    report_error,
    report_receipt,
    report_skipped,
    report_talk,
    settle_output,
)
from mimekit import parse

RECEIPT = Receipt(
    {
        "a@x.org": Outcome(accepted=True, reply="queued as 4F1", code=250),
        "b@x.org": Outcome(accepted=False, reply="no such\r\nuser", code=550, enhanced="5.1.1"),
        "c@x.org": Outcome(accepted=True),
    },
    message_id="<1@x>",
    sender="smtp://mx",
)


def options(*arguments: str) -> Options:
    """The options for *arguments*."""
    return parse_options(arguments)


class TestReceipt:
    """What became of a message."""

    def test_a_line_for_each_recipient(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Those accepted on standard output, those refused where errors go."""
        report_receipt(RECEIPT, options())

        assert capsys.readouterr() == (
            "a@x.org: accepted (queued as 4F1)\nc@x.org: accepted\n",
            "cartero-send: b@x.org: refused (550 5.1.1 no such user)\n",
        )

    def test_quiet_says_only_what_went_wrong(self, capsys: pytest.CaptureFixture[str]) -> None:
        """For a cron job."""
        report_receipt(RECEIPT, options("-q"))

        assert capsys.readouterr() == ("", "cartero-send: b@x.org: refused (550 5.1.1 no such user)\n")

    @pytest.mark.parametrize("reply", ["OK", "Accepted.", "Message accepted for delivery", "Ok, mail accepted!"])
    def test_a_reply_that_says_no_more_is_left_out(self, capsys: pytest.CaptureFixture[str], reply: str) -> None:
        """One that names a queue does."""
        report_receipt(Receipt({"a@x.org": Outcome(accepted=True, reply=reply)}), options())

        assert capsys.readouterr().out == "a@x.org: accepted\n"

    def test_verbose_says_the_message_id(self, capsys: pytest.CaptureFixture[str]) -> None:
        """By which it is found in logs."""
        report_receipt(RECEIPT, options("-v", "-q"))
        report_receipt(Receipt(RECEIPT.recipients), options("-v", "-q"))

        assert "cartero-send: Message-ID <1@x>\n" in capsys.readouterr().err

    def test_json_is_one_object(self, capsys: pytest.CaptureFixture[str]) -> None:
        """For programs."""
        report_receipt(RECEIPT, options("--json"))

        facts = json.loads(capsys.readouterr().out)
        assert facts["message_id"] == "<1@x>"
        assert facts["recipients"]["b@x.org"] == {
            "accepted": False,
            "reply": "no such\r\nuser",
            "code": 550,
            "enhanced": "5.1.1",
            "temporary": False,
        }


class TestError:
    """What went wrong."""

    def test_it_is_one_line_on_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Whatever is in it."""
        report_error(ValueError("one\ntwo \x1b[2J"), Exit.BAD_MAIL, options())

        assert capsys.readouterr() == ("", "cartero-send: one two \\x1b[2J\n")

    def test_json_has_every_fact(self, capsys: pytest.CaptureFixture[str]) -> None:
        """So that a program need not read the text."""
        outcome = Outcome(accepted=False, reply="no", code=450, enhanced="4.2.1", temporary=True)
        error = SendingError(
            "refused",
            sender="smtp://mx",
            stage="RCPT",
            refused={"a@x.org": "no"},
            recipients={"a@x.org": outcome},
            temporary=True,
            retry_after=60.0,
        )

        report_error(error, Exit.TEMPORARY, options("--json"))

        facts = json.loads(capsys.readouterr().out)
        assert (facts["status"], facts["stage"], facts["refused"]) == (75, "RCPT", {"a@x.org": "no"})
        assert (facts["temporary"], facts["retry_after"]) == (True, 60.0)
        assert facts["recipients"]["a@x.org"] == {
            "accepted": False,
            "reply": "no",
            "code": 450,
            "enhanced": "4.2.1",
            "temporary": True,
        }
        assert facts.keys() >= vars(error).keys()

    def test_json_of_a_mistake_is_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing was sent, so there is nothing else to say."""
        report_error(ValueError("x"), Exit.USAGE, options("--json"))

        assert json.loads(capsys.readouterr().out) == {"error": "x", "status": 64}


class TestDryRun:
    """What would be sent."""

    MAIL = MailObject(
        parse(b"From: me@x.org\r\n\r\nHi\xff!"), envelope=Envelope("", ["a@x.org", "b@x.org"]), message_id="<1@x>"
    )

    def test_it_shows_envelope_and_octets(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """The message as it would be sent."""
        report_dry_run(self.MAIL, options("-n"))

        assert capsysbinary.readouterr().out == (
            b"envelope sender: <>\nenvelope recipients: a@x.org, b@x.org\n\nFrom: me@x.org\r\n\r\nHi\xff!"
        )

    def test_json_is_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        """For programs, which have the message."""
        report_dry_run(self.MAIL, options("-n", "--json"))

        assert json.loads(capsys.readouterr().out) == {
            "dry_run": {"sender": "", "recipients": ["a@x.org", "b@x.org"], "message_id": "<1@x>", "size": 22}
        }


class TestSkipped:
    """Nothing is to be sent."""

    def test_people_are_told_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A nightly job is quiet."""
        report_skipped(options("-E"))

        assert capsys.readouterr() == ("", "")

    def test_json_says_so(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A program gets an object in any case."""
        report_skipped(options("-E", "--json"))

        assert json.loads(capsys.readouterr().out) == {"skipped": True}


class Failing(io.StringIO):
    """A stream that fails with *error*."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        """Fail."""
        raise self.error


class TestStreams:
    """Standard output and error, or none."""

    def test_without_standard_output_and_error_nothing_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A service may be started with both closed."""
        monkeypatch.setattr(sys, "stdout", None)
        monkeypatch.setattr(sys, "stderr", None)

        report_receipt(RECEIPT, options())
        report_dry_run(TestDryRun.MAIL, options("-n"))
        complain("x")
        report_talk(">", "NOOP")
        settle_output()

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            pytest.param(OSError(28, "No space left on device"), "No space left on device", id="usual"),
            pytest.param(OSError("odd"), "odd", id="odd-without-a-number"),
        ],
    )
    def test_what_cannot_be_printed_is_told_in_words(
        self, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
    ) -> None:
        """Without the number that the system has for it."""
        monkeypatch.setattr(sys, "stdout", Failing(error))

        with pytest.raises(StreamError) as caught:
            print_text("x")

        assert str(caught.value) == f"cannot write to standard output: {reason}"

    def test_a_broken_pipe_is_what_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody wants to read any more, and nothing is wrong."""
        monkeypatch.setattr(sys, "stdout", Failing(BrokenPipeError()))

        with pytest.raises(BrokenPipeError):
            print_text("x")

    def test_refusals_are_told_even_if_nothing_can_be_printed(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """They go elsewhere."""
        monkeypatch.setattr(sys, "stdout", Failing(BrokenPipeError()))

        with pytest.raises(BrokenPipeError):
            report_receipt(RECEIPT, options())

        assert capsys.readouterr().err == "cartero-send: b@x.org: refused (550 5.1.1 no such user)\n"

    def test_a_standard_output_that_is_no_file_is_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As in tests of those who call `main`."""

        class Broken(io.StringIO):
            def flush(self) -> None:
                raise BrokenPipeError

        monkeypatch.setattr(sys, "stdout", Broken())

        settle_output()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_output_that_cannot_be_written_is_dropped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Or the interpreter says so at its end, in words of its own."""
        with Path("/dev/full").open("w", encoding="utf-8") as file:
            monkeypatch.setattr(sys, "stdout", file)
            file.write("x")

            settle_output()

    def test_output_that_can_be_written_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is lost."""
        with (tmp_path / "out").open("w", encoding="utf-8") as file:
            monkeypatch.setattr(sys, "stdout", file)
            file.write("x")

            settle_output()

            assert (tmp_path / "out").read_bytes() == b"x"
