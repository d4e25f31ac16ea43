"""The command line of ``sendmail``."""

from __future__ import annotations

import pytest

from cartero.cli._exits import UsageError
from cartero.cli._sendmail import called_as_sendmail, parse_sendmail


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        pytest.param("/usr/sbin/sendmail", True, id="usual"),
        pytest.param("sendmail", True, id="usual-bare"),
        pytest.param("C:\\bin\\sendmail.exe", True, id="odd-windows"),
        pytest.param("/usr/bin/cartero-send", False, id="usual-not"),
        pytest.param("/sendmail/x", False, id="odd-folder"),
        pytest.param("", False, id="odd-none"),
    ],
)
def test_it_is_known_by_its_name(name: str, is_it: bool) -> None:
    """As busybox knows what it is."""
    assert called_as_sendmail(name) is is_it


@pytest.mark.parametrize(
    ("arguments", "sender", "name", "reads", "recipients"),
    [
        pytest.param(["-t", "-i"], None, None, True, [], id="usual-php"),
        pytest.param(["-i", "you@x.org"], None, None, False, ["you@x.org"], id="usual-script"),
        pytest.param(
            ["-oi", "-oem", "-f", "me@x.org", "--", "you@x.org"],
            "me@x.org",
            None,
            False,
            ["you@x.org"],
            id="usual-mutt",
        ),
        pytest.param(
            ["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"], None, "CronDaemon", False, ["root"], id="usual-cron"
        ),
        pytest.param(
            ["-FCron", "-odi", "-oem", "-oi", "-t", "-f", "root"], "root", "Cron", True, [], id="usual-cronie"
        ),
        pytest.param(
            ["-bm", "-r", "me@x.org", "-X", "log", "a@x.org"], "me@x.org", None, False, ["a@x.org"], id="odd-many"
        ),
        pytest.param(
            ["-em", "-n", "-G", "-Am", "-Ooption=1", "a@x.org"], None, None, False, ["a@x.org"], id="odd-rare"
        ),
        pytest.param(["-f", "", "a@x.org"], "", None, False, ["a@x.org"], id="odd-null-sender"),
    ],
)
def test_what_programs_say_is_known(
    arguments: list[str], sender: str | None, name: str | None, reads: bool, recipients: list[str]
) -> None:
    """By heart, and in every order."""
    options = parse_sendmail(arguments)

    assert (options.sender, options.sender_name) == (sender, name)
    assert (options.read_recipients, options.recipients) == (reads, recipients)
    assert (options.sendmail, options.quiet, options.dry_run) == (True, True, False)


def test_notices_and_talk_can_be_asked_for() -> None:
    """RFC 3461, section 4.1: NOTIFY."""
    options = parse_sendmail(["-N", "never", "-v", "a@x.org"])

    assert (options.dsn, options.verbose) == ("never", True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(
            ["-bs"], "-bs: this sendmail sends a message, and has neither queue nor server", id="usual-server"
        ),
        pytest.param(["-bp"], "-bp", id="usual-queue"),
        pytest.param(["-q"], "-q: this sendmail", id="usual-run"),
        pytest.param(["-q15m"], "-q15m", id="usual-interval"),
        pytest.param(["--via", "null:"], "--via", id="odd-option-of-ours"),
        pytest.param(["caf\udce9"], "is not text in", id="odd-octets"),
    ],
)
def test_what_it_is_not_is_refused(arguments: list[str], problem: str) -> None:
    """Whoever asks for it would wait for ever."""
    with pytest.raises(UsageError, match=problem):
        parse_sendmail(arguments)


def test_help_says_what_it_is() -> None:
    """Somebody may wonder."""
    asked = parse_sendmail(["--help", "-bs"]).asked

    assert "This is cartero-send, called as sendmail" in asked
