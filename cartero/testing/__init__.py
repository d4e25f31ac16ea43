"""A server for tests that fails as it is told to, and keeps what it was sent.

``FaultyServer({"RCPT": b"451 4.7.1 come back later"})`` listens on this machine; what happens at which
event is a reply (octets), `Drop`, `Reset`, `Sleep`, or several of them.
"""

from .record import Connection, Transaction
from .script import Drop, Octets, Reset, Sleep
from .server import FaultyServer

__all__ = ["Connection", "Drop", "FaultyServer", "Octets", "Reset", "Sleep", "Transaction"]
