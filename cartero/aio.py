"""Senders for programs that await.

`connect` makes one from a URL; ``await sender.send(message)`` sends. Names and meaning are those of
`cartero`, which stays free of asyncio.
"""

from __future__ import annotations

from .errors import BadURL
from .senders._smtpurl import settings
from .senders.asyncsmtp import AsyncSMTPSender
from .senders.base import AsyncSender
from .url import SenderURL

__all__ = ["AsyncSMTPSender", "AsyncSender", "connect"]


def connect(url: str) -> AsyncSender:
    """The sender for *url*, as `cartero.connect` has them: ``smtp:``, ``smtps:`` and ``lmtp:``.

    Raises:
        BadURL: *url* is none, or no such sender awaits.
    """
    parsed = SenderURL.parse(url)
    road = _ROADS.get(parsed.scheme)
    if road is None:
        known = ", ".join(f"{scheme}:" for scheme in sorted(_ROADS))
        raise BadURL(f"no sender that awaits is called {parsed.scheme}: (there are {known})")
    return road(parsed)


def _smtp(url: SenderURL) -> AsyncSender:
    return AsyncSMTPSender(**settings(url))


_ROADS = {"lmtp": _smtp, "smtp": _smtp, "smtps": _smtp}
