"""Carries mail: senders for every road it can take.

`connect` makes a sender from a URL; ``sender.send(message)`` sends, and its `Receipt` says what
became of the message for every recipient.
"""

from ._connect import connect
from .envelope import Envelope
from .errors import BadAddress, BadEnvelope, BadMessage, BadURL, CarteroError, ConnectError, SendingError
from .receipt import Outcome, Receipt
from .senders.base import MailObject, Sender
from .senders.console import ConsoleSender
from .senders.mailbox import MailboxSender
from .senders.memory import MemorySender
from .senders.null import NullSender

__all__ = [
    "BadAddress",
    "BadEnvelope",
    "BadMessage",
    "BadURL",
    "CarteroError",
    "ConnectError",
    "ConsoleSender",
    "Envelope",
    "MailObject",
    "MailboxSender",
    "MemorySender",
    "NullSender",
    "Outcome",
    "Receipt",
    "Sender",
    "SendingError",
    "connect",
]
