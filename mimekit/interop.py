"""To and from the standard library's ``email``; the only room that knows it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage, Message

from . import policy as policies
from .errors import BadValue
from .message import MIMEMessage, MIMEPart
from .parser import parse
from .policy import Policy


def from_email(message: EmailMessage | Message, *, policy: Policy = policies.default) -> MIMEMessage:
    """The same message as a `MIMEMessage`: what the standard library writes, parsed.

    Raises:
        BadValue: *message* is no message of the standard library's, or it cannot write it.
    """
    if not isinstance(message, Message):
        raise BadValue(f"expected a message of the standard library's email, found {type(message).__qualname__}")
    try:
        octets = message.as_bytes()
    except Exception as error:  # email raises whatever its parts raise
        raise BadValue(f"the standard library cannot write this message: {error}") from error
    return parse(octets, policy=policy)


def to_email(message: MIMEPart) -> EmailMessage:
    r"""The same message as the standard library's ``EmailMessage``, under its ``email.policy.default``.

    What was composed here gets the ``\n`` line ends the standard library keeps inside.

    Raises:
        BadValue: *message* is no message of ours, or a composed field cannot be written under its policy.
    """
    if not isinstance(message, MIMEPart):
        raise BadValue(f"expected a MIMEMessage or a MIMEPart, found {type(message).__qualname__}")
    octets = message.as_bytes(policy=message.policy.replace(linesep="\n"))
    return email.message_from_bytes(octets, policy=email.policy.default)
