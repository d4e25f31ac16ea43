"""Senders for programs that await.

`connect` makes one from a URL; ``await sender.send(message)`` sends. Names and meaning are those of
`cartero`, which stays free of asyncio.
"""

from __future__ import annotations

from . import _connect
from .errors import BadURL
from .senders import _smtpurl, _xmlrpcurl
from .senders._secret import awaited_from_command
from .senders.asynclocal import AsyncLocalSender
from .senders.asyncsmtp import AsyncSMTPSender
from .senders.asyncxmlrpc import AsyncXMLRPCSender
from .senders.base import AsyncSender
from .senders.chain import AsyncFailoverSender, AsyncRoundRobinSender
from .senders.memory import AsyncMemorySender
from .url import SenderURL, nearest, said_or_set

__all__ = [
    "AsyncFailoverSender",
    "AsyncLocalSender",
    "AsyncMemorySender",
    "AsyncRoundRobinSender",
    "AsyncSMTPSender",
    "AsyncSender",
    "AsyncXMLRPCSender",
    "connect",
]


def connect(url: str | None = None) -> AsyncSender:
    """The sender for *url*, or for ``$CARTERO_URL``, as `cartero.connect` has them.

    ``console:``, ``file:``, ``null:``, ``spool:`` and the mailboxes are an `AsyncLocalSender`, which has its disk wait
    in the event loop. There is none for ``sendmail:`` and ``gae:``.

    Raises:
        BadURL: *url* is none, or no such sender awaits.
    """
    parsed = SenderURL.parse(said_or_set(url))
    road = _ROADS.get(parsed.scheme)
    if road is None:
        known = ", ".join(f"{scheme}:" for scheme in sorted(_ROADS))
        meant = nearest(parsed.scheme, _ROADS)
        hint = f"; did you mean {meant}:?" if meant else ""
        raise BadURL(f"no sender that awaits is called {parsed.scheme}:{hint} (there are {known})")
    return road(parsed)


def _smtp(url: SenderURL) -> AsyncSender:
    return AsyncSMTPSender(**_smtpurl.settings(url, fetched=awaited_from_command))


def _local(url: SenderURL) -> AsyncSender:
    return AsyncLocalSender(_connect._ROADS[url.scheme](url))


def _memory(url: SenderURL) -> AsyncSender:
    url.options()
    if url.path or url.authority or url.members:
        raise BadURL("expected nothing behind memory:")
    return AsyncMemorySender()


def _failover(url: SenderURL) -> AsyncSender:
    return AsyncFailoverSender(map(connect, url.members), **url.seconds("retry_after"))


def _roundrobin(url: SenderURL) -> AsyncSender:
    return AsyncRoundRobinSender(map(connect, url.members), **url.seconds("retry_after"))


def _xmlrpc(url: SenderURL) -> AsyncSender:
    return AsyncXMLRPCSender(**_xmlrpcurl.settings(url))


_ROADS = {
    "babyl": _local,
    "console": _local,
    "failover": _failover,
    "file": _local,
    "lmtp": _smtp,
    "maildir": _local,
    "mbox": _local,
    "memory": _memory,
    "mh": _local,
    "mmdf": _local,
    "null": _local,
    "roundrobin": _roundrobin,
    "smtp": _smtp,
    "smtps": _smtp,
    "spool": _local,
    "xmlrpc+http": _xmlrpc,
    "xmlrpc+https": _xmlrpc,
}
