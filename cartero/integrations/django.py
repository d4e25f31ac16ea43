"""Django's mail by any of cartero's senders: an e-mail backend."""

from __future__ import annotations

import re
import threading
from collections import deque
from functools import lru_cache
from urllib.parse import quote

from mimekit import Address, MimeError, MissingExtra

from .._connect import connect
from ..envelope import Envelope
from ..errors import BadAddress, BadURL, CarteroError, ConnectError
from ..url import SenderURL, said_or_set

try:
    from django import conf
    from django.core.mail.backends.base import BaseEmailBackend
except ImportError as error:
    raise MissingExtra("the backend for Django needs the extra django: pip install 'cartero-mail[django]'") from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ..senders.base import Sender
    from ..senders.preparation import Sendable

_MOST = 16  # senders kept in a thread: one for each mailer, and some for logins given with the mail
_WITH_HOST = re.compile(r"(?P<scheme>[^:/?(]+://)(?P<authority>[^/?(]*)(?P<rest>.*)", re.DOTALL)


class EmailBackend(BaseEmailBackend):  # type: ignore[misc]  # Django says nothing of its types
    """Sends Django's mail by the sender that a URL names. It needs the extra ``django``.

    A message goes from its ``from_email``, of which ``<>`` is the null sender, to all of its ``recipients()``. A Bcc in
    its ``headers`` is not written. It gets an attribute ``receipt``: the `Receipt`, or None if it could not be sent.

    Threads may share a backend. In each of them, the backends of one URL have one sender between them, so that it
    remembers which server rests and whose turn it is, though Django makes a backend for each mail.

    Args:
        url: as `cartero.connect` takes it. Else it is the setting ``CARTERO_URL``, else the environment variable
            of that name.
        username, password: who logs in, in place of whom the URL names; either may be given alone.
        fail_silently: whether what cannot be sent is left out without an error.
        alias: what the mailer is called in ``MAILERS``; Django 6.1 gives it.
        options: more options of the URL: ``timeout=10`` is what ``?timeout=10`` is in it. Values are taken as they
            are, ``$`` and ``%`` too; True and False are ``on`` and ``off``, a list has commas in between, and None is
            as if it were not there.

    Attributes:
        fail_silently: as above.
        alias: as above.

    Raises:
        BadURL: there is no URL, no sender has it, or it cannot do what is said.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        fail_silently: bool = False,
        alias: str | None = None,
        **options: object,
    ) -> None:
        super().__init__()
        options.pop("_ignore_unknown_kwargs", None)  # Django 6.1: names of what get_connection() was given
        self.fail_silently = fail_silently
        self.alias = alias
        self._url = _with_options(_with_login(_said(url), username, password), options)
        self._lock = threading.Lock()
        self._held: Sender | None = None
        _SENDERS.of(self.make_sender, self._url)  # so that a mistake is found at once

    @classmethod
    def make_sender(cls, url: str) -> Sender:
        """The sender for *url*: called once in each thread.

        Override it in a backend of your own, to give the sender hooks or settings that no URL has.
        """
        return connect(url)

    @property
    def sender(self) -> Sender:
        """The sender of this thread."""
        return _SENDERS.of(self.make_sender, self._url)

    def open(self) -> bool | None:
        """Keep open, until `close`, what the sender opens for the first message.

        Returns:
            whether it was not open before; None where that failed silently.

        Raises:
            ConnectError: the road is closed.
        """
        with self._lock:
            if self._held is not None:
                return False
            sender = self.sender
            try:
                sender.__enter__()
            except ConnectError:
                if not self.fail_silently:
                    raise
                return None
            self._held = sender
            return True

    def close(self) -> None:
        """Close what `open` keeps open."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.__exit__(None, None, None)

    def send_messages(self, email_messages: Iterable[Any]) -> int:
        """Send Django's messages, all over one connection, and say how many went, each to one recipient at least.

        A message without recipients is left out. The first that cannot be sent ends it with an error, which has a
        note of how many went before. Silently, the others are sent; but where the road is closed, nothing more is
        tried.

        Raises:
            CarteroError: as for `Sender.send`.
            ValueError: Django cannot write a message: its ``BadHeaderError``, for a line break in a field.
        """
        messages = [message for message in email_messages or () if message.recipients()]
        if not messages:
            return 0
        batch = _Batch(messages, is_silent=self.fail_silently)
        try:
            batch.send(self.sender)
        except (CarteroError, ValueError) as error:
            if not (self.fail_silently and isinstance(error, CarteroError)):
                if len(messages) > 1:
                    error.add_note(f"{batch.sent_count} of {len(messages)} messages were sent before it")
                raise
        return batch.sent_count


class _Senders(threading.local):
    """The senders of one thread, which may be such as no other may use; by what makes them and the URL."""

    def __init__(self) -> None:
        self._kept = lru_cache(maxsize=_MOST)(_made)

    def of(self, make: Callable[[str], Sender], url: str) -> Sender:
        return self._kept(make, url)


def _made(make: Callable[[str], Sender], url: str) -> Sender:
    return make(url)


_SENDERS = _Senders()


class _Batch:
    """Messages of Django's that are sent together. Mutable.

    Attributes:
        sent_count: how many were.
    """

    def __init__(self, messages: Sequence[Any], *, is_silent: bool) -> None:
        self.sent_count = 0
        self._messages = messages
        self._is_silent = is_silent
        self._under_way: deque[Any] = deque()

    def send(self, sender: Sender) -> None:
        for message in self._messages:
            message.receipt = None
        for receipt in sender.send_all(self._written(), on_failure=self._failed):
            self._under_way.popleft().receipt = receipt
            self.sent_count += 1

    def _written(self) -> Iterator[tuple[Sendable, Envelope]]:
        """Each message as the standard library has it, with its envelope."""
        for message in self._messages:
            try:
                mail = message.message(), _envelope(message)
            except ValueError:
                if not self._is_silent:
                    raise
                continue
            self._under_way.append(message)
            yield mail

    def _failed(self, _mail: Sendable, error: CarteroError) -> None:
        self._under_way.popleft()
        # A server that is down would be waited for, and a wrong password said, again for each.
        if not self._is_silent or isinstance(error, ConnectError):
            raise error


def _envelope(message: Any) -> Envelope:  # noqa: ANN401 - Django's
    sender = str(message.from_email).strip()
    recipients = [_address(recipient) for recipient in message.recipients()]
    return Envelope("" if sender == "<>" else _address(sender), recipients)


def _address(given: object) -> Address:
    """The one address that *given* is, which may have a name, and may be one of Django's lazy texts."""
    try:
        address = Address.parse(str(given))
    except MimeError as error:
        raise BadAddress("expected one address such as Ana <ana@example.org>, found", address=str(given)) from error
    # QUIRK: the standard library writes such a local part as an encoded word: RFC 2047 5(3) forbids it, and nobody
    # could answer to that.
    if not address.username.isascii():
        raise BadAddress("Django cannot write an address with more than ASCII before the @, found", address=str(given))
    return address


def _said(url: str | None) -> str:
    try:
        return said_or_set(getattr(conf.settings, "CARTERO_URL", None) if url is None else url)
    except BadURL as error:
        raise BadURL(
            "expected the setting CARTERO_URL, or the option url of the mailer, or $CARTERO_URL, found none of them"
        ) from error


def _with_login(url: str, username: str | None, password: str | None) -> str:
    """*url*, in which log in who is said."""
    if username is None and password is None:
        return url
    found = _WITH_HOST.fullmatch(url)
    if found is None:
        raise BadURL("username and password belong to a URL with a host, such as smtp://mail.example.org")
    userinfo, _, place = found["authority"].rpartition("@")
    user, _, secret = userinfo.partition(":")
    user = user if username is None else quote(username, safe="")
    secret = secret if password is None else quote(password, safe="")
    login = user + (f":{secret}" if secret else "")
    return f"{found['scheme']}{login}{'@' if login else ''}{place}{found['rest']}"


def _with_options(url: str, options: dict[str, object]) -> str:
    """*url*, with *options* behind those it has."""
    pairs = [f"{name}={quote(_text(value), safe='')}" for name, value in options.items() if value is not None]
    if not pairs:
        return url
    return f"{url}{'&' if SenderURL.parse(url).query else '?'}{'&'.join(pairs)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
