"""What to do about what went wrong, in the words of the command line."""

from __future__ import annotations

from ..errors import AuthenticationFailed, BadURL, ConnectError


def advice(error: Exception) -> str:
    """What to do about *error*, to stand behind its text; an empty string where that says it, or nothing helps."""
    found = _for_road(error) if isinstance(error, ConnectError) else _for_url(error)
    return f"; {found}" if found else ""


def _for_road(error: ConnectError) -> str:
    if error.code is not None and not isinstance(error, AuthenticationFailed):
        return ""  # the server said itself what is wrong
    if isinstance(error.__cause__, ConnectionRefusedError):
        return "the port for mail that users send is 587, or 465 with smtps:"
    if error.stage == "greeting":
        return "is it a mail server? One that wants TLS at once, as on port 465, is smtps:"
    return "" if error.temporary else _BY_STAGE.get(error.stage, "")


_BY_STAGE = {
    "resolve": "check the name of the host",
    "STARTTLS": "--tls off says so here",
    "TLS": "--ca FILE or --fingerprint HEX says so here, if you know it to be the right one",
    "AUTH": "check --user, and what --password-command or --token-command prints",
}


def _for_url(error: Exception) -> str:
    if isinstance(error, BadURL) and "expected a password or token for" in str(error):
        return "--password-command COMMAND prints it, or smtp://me:$NAME@host has it from the environment"
    return ""
