"""What makes no sense together on the command line."""

from __future__ import annotations

import pytest

from cartero.cli._exits import UsageError
from cartero.servers.cli._parser import parse_options


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param([], "cartero-serve --smtp 127.0.0.1:2525 --via console:", id="usual-nothing"),
        pytest.param(["--via", "console:"], "no place to listen at", id="usual-no-door"),
        pytest.param(["--smtp", "1", "--tls-key", "k"], "--tls-cert", id="usual-key-alone"),
        pytest.param(["--smtps", "1"], "--smtps needs a certificate", id="usual-smtps"),
        pytest.param(["--xmlrpcs", "1"], "--xmlrpcs needs a certificate", id="usual-xmlrpcs"),
        pytest.param(["--lmtp", "1", "--users", "f"], "--users is for --smtp and --smtps", id="odd-users"),
        pytest.param(["--smtp", "1", "--token-file", "f"], "--token-file is for --xmlrpc", id="odd-token"),
        pytest.param(["--smtp", "1", "-v", "-q"], "do not go together", id="odd-loud-and-quiet"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], text: str) -> None:
    """It says what to do."""
    with pytest.raises(UsageError, match=text):
        parse_options(arguments)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--add-user", "f", "ana"]])
def test_what_serves_nobody_needs_no_place(arguments: list[str]) -> None:
    """A user is added before a server runs."""
    parse_options(arguments)
