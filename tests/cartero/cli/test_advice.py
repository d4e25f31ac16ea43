"""What to do about what went wrong."""

from __future__ import annotations

import pytest

from cartero import AuthenticationFailed, BadURL, ConnectError, SendingError
from cartero.cli._advice import explained


def caused(error: Exception, cause: Exception) -> Exception:
    """*error*, raised from *cause*."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "start"),
    [
        pytest.param(
            caused(ConnectError("x", temporary=True), ConnectionRefusedError()), "the port for mail", id="usual-port"
        ),
        pytest.param(ConnectError("x", stage="resolve"), "check the name of the host", id="usual-host"),
        pytest.param(ConnectError("x", stage="resolve", temporary=True), "", id="odd-no-name-server"),
        pytest.param(ConnectError("x", stage="TLS"), "--ca FILE or --fingerprint", id="usual-fingerprint"),
        pytest.param(caused(ConnectError("x", stage="TLS"), OSError()), "", id="usual-no-tls-there"),
        pytest.param(ConnectError("x", stage="TLS", temporary=True), "", id="odd-broken-off"),
        pytest.param(ConnectError("x", stage="STARTTLS"), "--tls off", id="usual-no-tls"),
        pytest.param(ConnectError("x", stage="STARTTLS", code=454, temporary=True), "", id="odd-not-now"),
        pytest.param(ConnectError("x", stage="greeting", temporary=True), "is it a mail server", id="usual-silence"),
        pytest.param(ConnectError("x", stage="greeting", code=554), "", id="usual-refused"),
        pytest.param(AuthenticationFailed("x", stage="AUTH", code=535), "check --user", id="usual-password"),
        pytest.param(AuthenticationFailed("x", stage="AUTH"), "", id="usual-no-mechanism"),
        pytest.param(ConnectError("x", stage="AUTH"), "check --user", id="usual-no-secret"),
        pytest.param(AuthenticationFailed("x", stage="AUTH", code=454, temporary=True), "", id="usual-busy"),
        pytest.param(BadURL("expected a password or token for me, found none"), "--password-command", id="usual-none"),
        pytest.param(BadURL("x"), "", id="usual-url"),
        pytest.param(SendingError("x", stage="RCPT"), "", id="usual-sending"),
        pytest.param(ValueError("x"), "", id="odd-other"),
    ],
)
def test_it_is_said_in_the_words_of_the_command_line(error: Exception, start: str) -> None:
    """Where the text of the error does not say it, and something can be done."""
    found = explained(error).removeprefix(str(error))

    assert found.startswith(f"; {start}") if start else found == ""
