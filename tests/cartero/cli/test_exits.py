"""What the shell is told."""

from __future__ import annotations

import pytest

from cartero import AuthenticationFailed, BadAddress, BadEnvelope, BadMessage, BadURL, ConnectError, SendingError
from cartero.cli._exits import ConfigurationError, Exit, NoInputError, StreamError, UsageError, exit_for
from cartero.smtp.replies import GarbageError
from mimekit import MimeError
from mimekit.errors import BadValue, MissingFile

REFUSED = {"you@x.org": "no such user"}


def caused(error: Exception, cause: Exception) -> Exception:
    """*error*, raised from *cause*."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(UsageError("x"), 64, id="usual-usage"),
        pytest.param(BadURL("x"), 64, id="usual-url"),
        pytest.param(BadAddress("x"), 65, id="usual-address"),
        pytest.param(BadEnvelope("x"), 65, id="usual-envelope"),
        pytest.param(BadMessage("x"), 65, id="usual-message"),
        pytest.param(BadValue("x"), 65, id="usual-value"),
        pytest.param(NoInputError("x"), 66, id="usual-input"),
        pytest.param(SendingError("x", refused=REFUSED), 67, id="usual-refused-recipients"),
        pytest.param(SendingError("x", stage="RCPT", code=550, refused=REFUSED), 67, id="usual-no-such-user"),
        pytest.param(SendingError("x", stage="SIZE", refused=REFUSED), 69, id="usual-too-large"),
        pytest.param(SendingError("x", stage="MAIL", code=552, refused=REFUSED), 69, id="usual-too-large-it-says"),
        pytest.param(SendingError("x", stage="dot", code=554, refused=REFUSED), 69, id="usual-content"),
        pytest.param(SendingError("x", stage="MAIL", code=530, refused=REFUSED), 77, id="usual-login-required"),
        pytest.param(SendingError("x", stage="write", refused=REFUSED), 74, id="odd-no-mailbox-of-this-form"),
        pytest.param(SendingError("x"), 69, id="usual-refused"),
        pytest.param(ConnectError("x"), 69, id="usual-connect"),
        pytest.param(OSError("x"), 74, id="usual-io"),
        pytest.param(StreamError("x"), 74, id="usual-stream"),
        pytest.param(caused(ConnectError("x"), PermissionError()), 74, id="usual-connect-io"),
        pytest.param(caused(SendingError("x", refused=REFUSED), OSError()), 74, id="usual-sending-io"),
        pytest.param(ConnectError("x", temporary=True), 75, id="usual-connect-temporary"),
        pytest.param(caused(SendingError("x", temporary=True), OSError()), 75, id="usual-sending-temporary"),
        pytest.param(caused(ConnectError("x", stage="resolve"), OSError()), 68, id="usual-host"),
        pytest.param(caused(ConnectError("x", stage="TLS"), OSError()), 77, id="usual-certificate"),
        pytest.param(ConnectError("x", stage="STARTTLS"), 77, id="usual-no-tls"),
        pytest.param(AuthenticationFailed("x", stage="AUTH", code=535), 77, id="usual-password"),
        pytest.param(AuthenticationFailed("x", stage="AUTH", code=454, temporary=True), 75, id="usual-password-later"),
        pytest.param(caused(ConnectError("x", stage="greeting"), GarbageError()), 76, id="usual-no-smtp"),
        pytest.param(caused(SendingError("x", stage="MAIL"), GarbageError()), 76, id="odd-no-smtp-later"),
        pytest.param(ConfigurationError("x"), 78, id="usual-configuration"),
        pytest.param(SendingError("x", accepted=["a@x.org"], temporary=True), 3, id="odd-partly"),
        pytest.param(SendingError("x", accepted=["a@x.org"], ambiguous=True), 4, id="odd-ambiguous"),
        pytest.param(MissingFile("x"), 65, id="odd-os-error-of-mimekit"),
    ],
)
def test_every_error_has_its_status(error: Exception, status: int) -> None:
    """``sysexits.h``, and 3 and 4 for what a script must never take for either success or failure."""
    assert exit_for(error) == Exit(status)


def test_every_mistake_found_by_mimekit_is_bad_mail() -> None:
    """Whatever it is called."""
    assert exit_for(MimeError("x")) is Exit.BAD_MAIL
