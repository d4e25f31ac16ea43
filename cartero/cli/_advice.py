"""What went wrong, and what to do about it, in the words of the command line."""

from __future__ import annotations

from ..errors import AuthenticationFailed, BadURL, ConnectError


def explained(error: Exception) -> str:
    """The text of *error*, and what to do about it where the text does not say that, or nothing helps."""
    found = _for_road(error) if isinstance(error, ConnectError) else _for_url(error)
    return _in_own_words(str(error)) + (f"; {found}" if found else "")


def is_distrust(error: Exception) -> bool:
    """Whether *error* is of a server under TLS that is not believed to be the right one."""
    # Of another fingerprint there is no cause: `ssl` has nothing against it.
    cause = error.__cause__
    is_believable = cause is not None and not hasattr(cause, "verify_message")
    return isinstance(error, ConnectError) and error.stage == "TLS" and not (is_believable or error.temporary)


# what the library advises who writes a program, and what that is on the command line; nothing, where advice follows
_OWN_WORDS = {
    "; ca= or fingerprint= says which certificate to believe": "",
    " (tls=off sends in the clear)": "",
    ": if this port speaks TLS at once, its scheme is smtps:": "",
    "(user= and password=, or tls=)": "(--user and --password-command, or --tls require)",
    "use TLS, or ask for the mechanism by its name": "--tls require, or name the mechanism by --auth",
    "(tls=require)": "(--tls require)",
    "server_name= or fingerprint= says": "--server-name or --fingerprint says",
    "server_name= says": "--server-name says",
}


def _in_own_words(text: str) -> str:
    for words, own in _OWN_WORDS.items():
        text = text.replace(words, own)
    return text


def _for_road(error: ConnectError) -> str:
    if error.code is not None and not isinstance(error, AuthenticationFailed):
        return ""  # the server said itself what is wrong
    if isinstance(error.__cause__, ConnectionRefusedError):
        return "the port for mail that users send is 587, or 465 with smtps:"
    if error.stage == "greeting":
        return "is it a mail server? One that wants TLS at once, as on port 465, is smtps:"
    if error.stage == "TLS":
        return _for_certificate(error) if is_distrust(error) else ""
    if isinstance(error, AuthenticationFailed) and error.code is None:
        return ""  # nobody was asked whether the password is right
    return "" if error.temporary else _BY_STAGE.get(error.stage, "")


# of `ssl`: the certificate is for another host, or for another address
_OTHER_NAME = frozenset({62, 64})


def _for_certificate(error: ConnectError) -> str:
    if getattr(error.__cause__, "verify_code", None) in _OTHER_NAME:
        return "--server-name NAME says what its certificate is for, if you know it to be the right one"
    return (
        "--ca FILE or --fingerprint HEX says so here, if you know it to be the right one "
        "(--server-info prints its fingerprint)"
    )


_BY_STAGE = {
    "resolve": "check the name of the host",
    "STARTTLS": "--tls off says so here",
    "AUTH": "check --user, and what --password-command or --token-command prints",
}


def _for_url(error: Exception) -> str:
    if isinstance(error, BadURL) and "expected a password or token for" in str(error):
        return "--password-command COMMAND prints it, or smtp://me:$NAME@host has it from the environment"
    return ""
