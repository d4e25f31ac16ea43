"""Servers that take mail in, and hand it on: `SMTPServer`, `LMTPServer`, `XMLRPCServer`.

Each gives what it receives to a sender, or to a function of yours, and says yes only when that has said yes.
`serve` runs them until the program is told to end; `running` runs them in a thread, beside what the program does.
"""

from .delivery import Delivery
from .limits import ServerLimits
from .lmtp import LMTPServer
from .running import running, serve
from .smtp import SMTPServer
from .xmlrpc import XMLRPCServer

__all__ = [
    "Delivery",
    "LMTPServer",
    "SMTPServer",
    "ServerLimits",
    "XMLRPCServer",
    "running",
    "serve",
]
