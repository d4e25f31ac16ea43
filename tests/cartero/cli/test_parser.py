"""The command line: what may be said."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from cartero.cli._exits import UsageError
from cartero.cli._parser import asks_for_json, parse_options


def test_options_and_recipients_stand_in_any_order() -> None:
    """People add an option at the end of the line they have."""
    options = parse_options(["a@x.org", "-s", "Hello", "b@x.org", "--via", "null:"])

    assert (options.recipients, options.subject, options.via) == (["a@x.org", "b@x.org"], "Hello", "null:")


def test_a_recipient_may_stand_behind_two_hyphens() -> None:
    """Whatever it begins with."""
    options = parse_options(["a@x.org", "-s", "Hello", "b@x.org", "--", "-odd@x.org", "--", "-n"])

    assert options.recipients == ["a@x.org", "b@x.org", "-odd@x.org", "--", "-n"]
    assert not options.dry_run


def test_the_process_has_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is used where no other is given."""
    monkeypatch.setattr("sys.argv", ["cartero-send", "-n", "a@x.org"])

    assert parse_options(None).recipients == ["a@x.org"]


def test_what_may_be_given_often_is_kept_in_order() -> None:
    """Copies, attachments, fields."""
    options = parse_options(["-a", "1", "-c", "a@x.org", "-a", "2", "-b", "b@x.org", "-H", "X: 1", "-H", "Y: 2"])

    assert (options.attach, options.cc, options.bcc) == (["1", "2"], ["a@x.org"], ["b@x.org"])
    assert options.header == ["X: 1", "Y: 2"]


@pytest.mark.parametrize("habit", [["-i"], ["-oi"], ["-oem"], ["-o", "i", "-i"]])
def test_habits_of_sendmail_change_nothing(habit: list[str]) -> None:
    """Scripts that call sendmail say ``-oi``."""
    options = parse_options([*habit, "-t", "-f", "me@x.org"])

    assert (options.recipients, options.sender, options.ready) == ([], "me@x.org", "-t")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["--timeout", "0"], "invalid seconds value: '0'", id="usual-no-time"),
        pytest.param(["--timeout", "soon"], "invalid seconds value: 'soon'", id="odd-no-number"),
        pytest.param(["--retry", "-1"], "invalid times value: '-1'", id="odd-less-than-never"),
        pytest.param(["--tls", "maybe"], "invalid choice: 'maybe'", id="usual-no-choice"),
        pytest.param(["--dsn", "never,delay"], "invalid notices value", id="odd-never-and-sometimes"),
        pytest.param(["--dsn", "always"], "invalid notices value", id="usual-no-notice"),
        pytest.param(["--password", "secret"], "unrecognized arguments: --password", id="hostile-password"),
        pytest.param(["--nonsense"], "--nonsense", id="usual-unknown"),
        pytest.param(["--sub", "Hello"], "--sub", id="odd-abbreviated"),
        pytest.param(["-s"], "expected one argument", id="usual-missing"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(arguments: list[str], problem: str) -> None:
    """Nothing is guessed, and no abbreviation that a later version makes ambiguous is taken."""
    with pytest.raises(UsageError, match=problem):
        parse_options(arguments)


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        pytest.param(["--json", "--nonsense"], True, id="usual"),
        pytest.param(["-n"], False, id="usual-not"),
        pytest.param(["--", "--json"], False, id="odd-recipient"),
    ],
)
def test_json_is_asked_for_even_where_the_line_makes_no_sense(arguments: list[str], asked: bool) -> None:
    """Programs that read JSON are told of that in JSON."""
    assert asks_for_json(arguments) is asked


def test_help_says_what_the_exit_status_means() -> None:
    """It is all of the documentation that is at hand in a shell."""
    text = parse_options(["--help", "--nonsense"]).asked

    assert "69 refused;" in text
    assert "--via URL" in text
    assert "-oi" not in text


def test_the_version_is_that_of_the_distribution() -> None:
    """A report of a fault begins with it."""
    assert parse_options(["--version"]).asked == f"cartero-send {version('cartero-mail')}\n"


def test_numbers_and_words_are_read() -> None:
    """What they are for is said by their names."""
    options = parse_options(["--timeout", "2.5", "--retry", "3", "--dsn", "Delay, failure", "--tls", "off"])

    assert (options.timeout, options.retry, options.dsn, options.tls) == (2.5, 3, "delay,failure", "off")


def test_the_page_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what packs files is imported to measure a terminal."""
    monkeypatch.setenv("COLUMNS", "20")

    assert max(map(len, parse_options(["--help"]).asked.splitlines())) > 80
