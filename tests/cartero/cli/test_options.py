"""The command line."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from cartero.cli._exits import UsageError
from cartero.cli._options import asks_for_json, parse_options


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
    ("arguments", "composing", "ready"),
    [
        pytest.param([], "", "", id="usual-neither"),
        pytest.param(["-s", ""], "-s", "", id="usual-subject-even-empty"),
        pytest.param(["-c", "a@x.org"], "-c", "", id="usual-copy"),
        pytest.param(["-b", "a@x.org"], "-b", "", id="usual-blind-copy"),
        pytest.param(["-a", "x"], "-a", "", id="usual-attachment"),
        pytest.param(["-H", "X: y"], "-H", "", id="usual-field"),
        pytest.param(["--sender-name", "x"], "--sender-name", "", id="usual-name"),
        pytest.param(["--compose"], "--compose", "", id="usual-compose"),
        pytest.param(["--raw"], "", "--raw", id="usual-raw"),
        pytest.param(["-t"], "", "-t", id="usual-read"),
        pytest.param(["-f", "me@x.org", "-E"], "", "", id="odd-for-both"),
    ],
)
def test_options_say_what_standard_input_is(arguments: list[str], composing: str, ready: str) -> None:
    """What only makes sense for one kind of input decides for it."""
    options = parse_options(arguments)

    assert (options.composing, options.ready) == (composing, ready)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(["--raw", "-s", "Hello"], "--raw sends a ready message, -s composes one", id="usual-both"),
        pytest.param(["--raw", "--compose"], "use one of them", id="usual-both-forced"),
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
    ("arguments", "name"),
    [
        pytest.param(["caf\udce9"], "RECIPIENT", id="usual-recipient"),
        pytest.param(["-f", "caf\udce9"], "-f", id="usual-sender"),
        pytest.param(["--sender-name", "caf\udce9"], "--sender-name", id="usual-name"),
        pytest.param(["-s", "caf\udce9"], "-s", id="usual-subject"),
        pytest.param(["-c", "a@x.org", "-c", "caf\udce9"], "-c", id="usual-copy"),
        pytest.param(["-b", "caf\udce9"], "-b", id="usual-blind-copy"),
        pytest.param(["-H", "caf\udce9"], "-H", id="usual-field"),
        pytest.param(["--", "caf\udce9"], "RECIPIENT", id="odd-behind-two-hyphens"),
    ],
)
def test_what_is_no_text_in_the_locale_is_refused(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], name: str
) -> None:
    """In words for somebody who has never heard of surrogates."""
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: "utf-8")

    with pytest.raises(UsageError) as caught:
        parse_options(arguments)

    assert str(caught.value) == rf"{name}: 'caf\xe9' is not text in UTF-8 (your locale's encoding)"


def test_paths_may_hold_any_octets() -> None:
    """Files have such names."""
    options = parse_options(["-a", "caf\udce9", "--via", "maildir:caf\udce9"])

    assert (options.attach, options.via) == (["caf\udce9"], "maildir:caf\udce9")


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

    assert "75 try again later" in text
    assert "--via URL" in text
    assert "-oi" not in text


def test_the_version_is_that_of_the_distribution() -> None:
    """A report of a fault begins with it."""
    assert parse_options(["--version"]).asked == f"cartero-send {version('cartero-mail')}\n"
