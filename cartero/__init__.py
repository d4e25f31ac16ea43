"""Carries mail: senders for every road it can take.

`connect` makes a sender from a URL; ``sender.send(message)`` sends, and its `Receipt` says what
became of the message for every recipient.
"""

from ._connect import connect
from .envelope import Envelope
from .errors import (
    AuthenticationFailed,
    BadAddress,
    BadEnvelope,
    BadKey,
    BadMessage,
    BadURL,
    Cancelled,
    CarteroError,
    ConnectError,
    SendingError,
)
from .outcome import Outcome
from .receipt import Receipt
from .senders._pool import Limits
from .senders.appengine import AppEngineSender
from .senders.base import AsyncSender, Sender
from .senders.chain import FailoverSender, RoundRobinSender
from .senders.console import ConsoleSender
from .senders.dkim import DKIMSigner
from .senders.file import FileSender
from .senders.mailbox import MailboxSender
from .senders.memory import MemorySender
from .senders.null import NullSender
from .senders.preparation import MailObject
from .senders.runner import SpoolRunner
from .senders.sendmail import SendmailSender
from .senders.smtp import SMTPSender
from .senders.spool import SpoolSender
from .senders.xmlrpc import XMLRPCSender
from .smtp.commands import DSN
from .smtp.conversation import Timeouts
from .wires.tls import TLS

__all__ = [
    "DSN",
    "TLS",
    "AppEngineSender",
    "AsyncSender",
    "AuthenticationFailed",
    "BadAddress",
    "BadEnvelope",
    "BadKey",
    "BadMessage",
    "BadURL",
    "Cancelled",
    "CarteroError",
    "ConnectError",
    "ConsoleSender",
    "DKIMSigner",
    "Envelope",
    "FailoverSender",
    "FileSender",
    "Limits",
    "MailObject",
    "MailboxSender",
    "MemorySender",
    "NullSender",
    "Outcome",
    "Receipt",
    "RoundRobinSender",
    "SMTPSender",
    "Sender",
    "SendingError",
    "SendmailSender",
    "SpoolRunner",
    "SpoolSender",
    "Timeouts",
    "XMLRPCSender",
    "connect",
]
