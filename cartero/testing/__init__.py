"""Servers for tests: one that keeps what it is sent, and one that fails as it is told to.

``with MailCatcher() as mail:`` takes all mail into ``mail.outbox``.
``FaultyServer({"RCPT": b"451 4.7.1 come back later"})`` listens on this machine; what happens at which
event is a reply (octets), `Drop`, `Reset`, `Sleep`, or several of them.
"""

from .catcher import MailCatcher
from .record import Connection, Transaction
from .script import Drop, Octets, Reset, Sleep
from .server import FaultyServer

__all__ = ["Connection", "Drop", "FaultyServer", "MailCatcher", "Octets", "Reset", "Sleep", "Transaction"]
