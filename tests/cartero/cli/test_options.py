"""What was said on the command line, and what follows from it."""

from __future__ import annotations

import pytest

from cartero.cli._exits import UsageError
from cartero.cli._parser import parse_options


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
        pytest.param(["--html", "p.html"], "--html", "", id="usual-page"),
        pytest.param(["--inline", "a.png"], "--inline", "", id="usual-picture"),
        pytest.param(["--mbox", "box"], "", "--mbox", id="usual-mbox"),
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
        pytest.param(["--mbox", "box", "-a", "x"], "--mbox sends a ready message, -a composes one", id="usual-mbox"),
        pytest.param(["--each", "-t"], "--each and -t do not go together", id="usual-each-and-read"),
        pytest.param(["--each", "--mbox", "box"], "--each and --mbox", id="usual-each-and-mbox"),
        pytest.param(["--each", "-c", "a@x.org"], "--each and -c", id="usual-each-and-copy"),
        pytest.param(["--each", "-b", "a@x.org"], "--each and -b", id="usual-each-and-blind-copy"),
        pytest.param(["--account", "a", "--via", "null:"], "--account and --via", id="usual-two-roads"),
        pytest.param(["--server-info", "-n"], "--server-info and -n", id="odd-nothing-at-all"),
        pytest.param(
            ["--password-command", "a", "--token-command", "b"], "--password-command and --token", id="odd-two-secrets"
        ),
        pytest.param(["--key", "k.pem"], "name that with --cert", id="odd-key-alone"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str], problem: str) -> None:
    """None of the two is silently left out."""
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
    ("arguments", "several"),
    [
        pytest.param([], False, id="usual-one"),
        pytest.param(["--each"], True, id="usual-each"),
        pytest.param(["--mbox", "box"], True, id="usual-mbox"),
    ],
)
def test_it_may_be_several_messages(arguments: list[str], several: bool) -> None:
    """They are counted, then."""
    assert parse_options(arguments).several is several
