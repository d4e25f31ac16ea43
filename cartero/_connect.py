"""From a URL to the sender it names; the only room that knows them all."""

from __future__ import annotations

import re

from .errors import BadURL
from .url import SenderURL, nearest, said_or_set

_PORT = "[0-9]{1,5}"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .senders.base import Sender
    from .senders.mailbox import MailboxFormat

# Each road is imported when its scheme is asked for: a command's start is most of its cost.
# ruff: noqa: PLC0415


def connect(url: str | None = None) -> Sender:
    """The sender for *url*, or for that in the environment variable ``CARTERO_URL``; nothing is opened before it sends.

    ======================  ====================================================================
    ``maildir:outbox``      a `MailboxSender` for the Maildir ``outbox``, a relative path
    ``maildir:///var/box``  the same, an absolute path; ``%20`` and the like stand for characters
    ``mbox:outbox``         a `MailboxSender` for the mbox ``outbox``; with ``?timeout=60``, it waits for
                            60 seconds where another program has it locked. So do ``babyl:`` and ``mmdf:``
    ``mh:outbox``           a `MailboxSender` for the MH folder ``outbox``
    ``file:folder``         a `FileSender`: each message a file for people, in ``folder``
    ``console:``            a `ConsoleSender`: printed, for people
    ``gae:``                an `AppEngineSender`: by the mail API, for programs on App Engine
    ``memory:``             a `MemorySender`: kept in a list, for tests
    ``null:``               a `NullSender`: nowhere, with a line in the log
    ``smtp://host``         an `SMTPSender`; ``smtp://me:$SECRET@host:587?tls=require`` and more
    ``smtps://host``        the same, TLS from the first octet on
    ``lmtp:///run/lmtp``    the same over LMTP, here to a socket file; ``lmtp://host:24``
    ``sendmail:``           a `SendmailSender`: the ``sendmail`` command of this machine's mail server
    ``sendmail:/usr/x``     the same, by the path of the command; ``?timeout=60`` in seconds
    ``spool:queue``         a `SpoolSender` for the spool ``queue``, a relative path; ``spool:///var/queue``
    ``failover:(a b)``      a `FailoverSender` of the senders that the URLs ``a`` and ``b`` name;
                            ``?retry_after=60`` in seconds
    ``roundrobin:(a b)``    a `RoundRobinSender`, likewise
    ``xmlrpc+https://h/p``  an `XMLRPCSender`; ``xmlrpc+https://:$TOKEN@host/path?timeout=30`` and more
    ``xmlrpc+http://h/p``   the same without TLS, to this machine
    ======================  ====================================================================

    Raises:
        BadURL: *url* is none, or neither it nor ``$CARTERO_URL`` is there; no sender has this scheme (the text says
            which there are); or it cannot do what is said.
    """
    parsed = SenderURL.parse(said_or_set(url))
    road = _ROADS.get(parsed.scheme)
    if road is None:
        raise BadURL(_unknown(parsed))
    return road(parsed)


def _unknown(url: SenderURL) -> str:
    """That no sender is called so, and what may have been meant."""
    if re.fullmatch(_PORT, url.path) and not url.authority:
        return f"expected a URL, found a host and a port; a mail server is smtp://{url.scheme}:{url.path}"
    meant = nearest(url.scheme, _ROADS)
    known = ", ".join(f"{scheme}:" for scheme in sorted(_ROADS))
    return f"no sender is called {url.scheme}:{f'; did you mean {meant}:?' if meant else ''} (there are {known})"


def _expect_local(url: SenderURL) -> None:
    """Refuse a host and options, of which a road on this machine has none."""
    _expect_no_host(url)
    _expect_no_members(url)
    url.options()


def _expect_no_host(url: SenderURL) -> None:
    if url.authority:
        raise BadURL(f"{url.scheme}: takes no host; a path stands right behind the colon, or behind ///")


def _expect_no_members(url: SenderURL) -> None:
    if url.members:
        raise BadURL(f"{url.scheme}: takes no parentheses; in a path they are written %28 and %29")


def _mailbox(url: SenderURL) -> Sender:
    from .senders.mailbox import MailboxSender

    form = _FORMATS[url.scheme]
    _expect_no_host(url)
    _expect_no_members(url)
    # A Maildir and an MH folder are never waited for.
    known = ("timeout",) if form in {"mbox", "babyl", "mmdf"} else ()
    seconds = url.seconds(*known)
    if not url.path:
        raise BadURL(f"expected the path of a mailbox behind {form}:, found nothing")
    return MailboxSender(url.path, format=form, **seconds)


def _file(url: SenderURL) -> Sender:
    from .senders.file import FileSender

    _expect_local(url)
    if not url.path:
        raise BadURL("expected the path of a folder behind file:, found nothing")
    return FileSender(url.path)


def _console(url: SenderURL) -> Sender:
    from .senders.console import ConsoleSender

    _expect_no_path(url)
    return ConsoleSender()


def _gae(url: SenderURL) -> Sender:
    from .senders.appengine import AppEngineSender

    _expect_no_path(url)
    return AppEngineSender()


def _memory(url: SenderURL) -> Sender:
    from .senders.memory import MemorySender

    _expect_no_path(url)
    return MemorySender()


def _null(url: SenderURL) -> Sender:
    from .senders.null import NullSender

    _expect_no_path(url)
    return NullSender()


def _sendmail(url: SenderURL) -> Sender:
    from .senders.sendmail import SendmailSender

    _expect_no_host(url)
    _expect_no_members(url)
    return SendmailSender(url.path or None, **url.seconds("timeout"))


def _spool(url: SenderURL) -> Sender:
    from .senders.spool import SpoolSender

    _expect_local(url)
    if not url.path:
        raise BadURL("expected the path of a spool behind spool:, found nothing")
    return SpoolSender(url.path)


def _failover(url: SenderURL) -> Sender:
    from .senders.chain import FailoverSender

    return FailoverSender(map(connect, url.members), **url.seconds("retry_after"))


def _roundrobin(url: SenderURL) -> Sender:
    from .senders.chain import RoundRobinSender

    return RoundRobinSender(map(connect, url.members), **url.seconds("retry_after"))


def _expect_no_path(url: SenderURL) -> None:
    _expect_local(url)
    if url.path:
        raise BadURL(f"expected nothing behind {url.scheme}:, found a path")


def _smtp(url: SenderURL) -> Sender:
    from .senders._smtpurl import settings
    from .senders.smtp import SMTPSender

    return SMTPSender(**settings(url))


_FORMATS: dict[str, MailboxFormat] = {
    "babyl": "babyl",
    "maildir": "maildir",
    "mbox": "mbox",
    "mh": "mh",
    "mmdf": "mmdf",
}


def _xmlrpc(url: SenderURL) -> Sender:
    from .senders._xmlrpcurl import settings
    from .senders.xmlrpc import XMLRPCSender

    return XMLRPCSender(**settings(url))


_ROADS = {
    "babyl": _mailbox,
    "console": _console,
    "failover": _failover,
    "file": _file,
    "gae": _gae,
    "lmtp": _smtp,
    "maildir": _mailbox,
    "mbox": _mailbox,
    "memory": _memory,
    "mh": _mailbox,
    "mmdf": _mailbox,
    "null": _null,
    "roundrobin": _roundrobin,
    "sendmail": _sendmail,
    "smtp": _smtp,
    "smtps": _smtp,
    "spool": _spool,
    "xmlrpc+http": _xmlrpc,
    "xmlrpc+https": _xmlrpc,
}
