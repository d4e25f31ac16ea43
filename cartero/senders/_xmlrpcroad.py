"""What both XML-RPC senders share: the settings, what is asked, and what is told."""

from __future__ import annotations

import os
import time
from copy import copy

from .._numbers import expect_seconds
from ..errors import BadURL, CarteroError, ConnectError
from ..receipt import Receipt
from ..steps import asked
from ..struct import to_struct
from ..url import SenderURL
from ..wires.place import Place
from ..wires.tls import TLS
from .base import OnFailure, Road
from .preparation import MailObject, Sendable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from typing import Protocol, TypeAlias

    from .._plain import Plain
    from ..envelope import Envelope
    from ..steps import Steps
    from ..wires.tls import Mode
    from ._http import BrokenOffError, Client
    from ._verdicts import Result, Verdict
else:
    Protocol = object

# What only a call needs is imported by the first one: a command's start is most of its cost.
# ruff: noqa: PLC0415

Token: TypeAlias = "str | Callable[[], str | Awaitable[str]]"  # noqa: S105 - a type

_PORTS = {"http": 80, "https": 443}
# RFC 3986 3.3: what stands in a path as it is, besides letters and digits.
_IN_PATH = "/!$&'()*+,;=:@-._~"
# octets of several messages in one call; proxies often take a megabyte, base64 among it
_BATCH_SIZE = 2**19
_ANSWER_SIZE = 2**20  # most octets of an answer, whatever it says,
_RESULT_SIZE = 2**16  # and for each message,
_OUTCOME_SIZE = 2**11  # and each recipient more


class _Wire(Protocol):
    def has_input(self) -> bool: ...


class Item:
    """A message on its way: what was *given*, what of it travels, and its octets."""

    __slots__ = ("given", "mail", "octets")

    def __init__(self, given: Sendable, mail: MailObject, octets: bytes) -> None:
        self.given = given
        self.mail = mail
        self.octets = octets


class XMLRPCRoad(Road):
    """The settings of an XML-RPC sender. Abstract."""

    def __init__(  # noqa: PLR0913 - settings are many, and keyword-only
        self,
        url: str | SenderURL,
        *,
        token: Token | None = None,
        tls: TLS | Mode | None = None,
        timeout: float = 60.0,
        answer_timeout: float = 600.0,
        idle: float = 30.0,
        batch: int = 20,
    ) -> None:
        super().__init__()
        parsed = url if isinstance(url, SenderURL) else SenderURL.parse(url)
        if parsed.scheme not in _PORTS:
            raise BadURL(f"expected the URL of an XML-RPC server, http: or https:, found {parsed.scheme}:")
        parsed.options()
        end = parsed.endpoint()
        if not end.host:
            raise BadURL(f"expected a host behind {parsed.scheme}://")
        if end.user:
            raise BadURL(
                f"{parsed.scheme}: takes no user; a token stands behind a colon: {parsed.scheme}://:$TOKEN@host"
            )
        self._place = Place(end.host, end.port or _PORTS[parsed.scheme])
        self._is_secure = parsed.scheme == "https"
        self._tls = _chosen_tls(tls, self._place, is_secure=self._is_secure)
        self._token = end.password if token is None else token
        if isinstance(self._token, str) and not _is_token(self._token):
            raise BadURL(f"{parsed.scheme}: expected a token of visible ASCII characters")
        self._timeout = expect_seconds("timeout", timeout, is_waited=True)
        self._answer_timeout = expect_seconds("answer_timeout", answer_timeout, is_waited=True)
        self._idle = expect_seconds("idle", idle, is_waited=True)
        self._batch_count = _count(batch)
        self._used_at = 0.0
        self._process = 0
        self._port = "" if self._place.port == _PORTS[parsed.scheme] else f":{self._place.port}"
        self._target = _escaped(parsed.path) or "/"
        self._name = f"xmlrpc+{parsed.scheme}://{_in_brackets(end.host)}{self._port}{self._target}"
        self._ready()

    def _ready(self) -> None:
        """Make what the way of waiting needs."""

    @property
    def name(self) -> str:
        """``xmlrpc+`` and the URL, without the token."""
        return self._name

    def _is_fit(self, wire: _Wire) -> bool:
        """Whether the connection of *wire* may be used again: nothing came over it, and it did not lie idle for long.

        A server that closes it just when a call is made leaves that in doubt; so it is not tried to its end. Nor is
        one used that the process opened of which this one is a fork.
        """
        if self._process != os.getpid():
            return False
        return not wire.has_input() and time.monotonic() - self._used_at < self._idle

    # -- what is asked ---------------------------------------------------------------------------------

    def _new_client(self) -> Client:
        """What is to be known of a new connection.

        Raises:
            ConnectError: what only this road needs is not installed.
        """
        try:
            from . import _calls, _http  # noqa: F401 - both have needs of their own
        except ImportError as error:
            raise ConnectError(
                "XML-RPC needs the extra xmlrpc: pip install 'cartero-mail[xmlrpc]'", sender=self.name, stage="open"
            ) from error
        self._process = os.getpid()
        return _http.Client()

    def _request(self, client: Client, items: Sequence[Item]) -> Steps[list[Result] | Verdict]:
        """The conversation that sends *items*, and what became of each; a verdict if they are too large together.

        Raises:
            BrokenOffError: there is no answer.
            ConnectError: a function of the user's gave a token that is none.
        """
        from ._calls import Call
        from ._verdicts import results_of

        structs: list[Plain] = [to_struct(item.octets, item.mail.envelope) for item in items]
        recipient_count = sum(len(item.mail.envelope.recipients) for item in items)
        response = yield from client.post(
            self._target,
            (yield from self._headers()),
            Call("mail.send", structs),
            limit=_ANSWER_SIZE + _RESULT_SIZE * len(items) + _OUTCOME_SIZE * recipient_count,
            timeout=self._timeout,
            answer_timeout=self._answer_timeout,
        )
        return results_of(response, [item.mail for item in items], self.name)

    def _headers(self) -> Steps[Mapping[str, str]]:
        headers = {
            "Host": _in_brackets(self._place.looked_up) + self._port,
            "User-Agent": "cartero",
            "Content-Type": "text/xml",
            "Accept": "text/xml",
            "Accept-Encoding": "identity",
        }
        if self._token is None:
            return headers
        token = self._token if isinstance(self._token, str) else (yield from asked(self._token))
        if not _is_token(token):
            raise ConnectError("expected a token of visible ASCII characters", stage="token")
        return {**headers, "Authorization": f"Bearer {token}"}

    def _item(self, message: Sendable, envelope: Envelope | None) -> Item:
        """*message*, prepared, on its way; raises as `_prepare` and `item_of` do."""
        mail = self._prepare(message, envelope)
        try:
            return item_of(message, mail)
        except CarteroError as error:
            self._tell(mail, error)
            raise

    # -- what became of it -----------------------------------------------------------------------------

    def _failed(self, error: BrokenOffError | ConnectError, items: Sequence[Item]) -> list[Result]:
        """What each of *items* fails with where a whole call failed with *error*."""
        from ._verdicts import verdict_of

        mails = [item.mail for item in items]
        if not isinstance(error, ConnectError):
            return verdict_of(error).errors(mails, self.name, error)
        results: list[Result] = []
        for mail in mails:
            each = copy(error)
            each.sender, each.message_id = self.name, mail.message_id
            each.__cause__ = error.__cause__
            results.append(each)
        return results

    def _told(
        self, items: Sequence[Item], results: Sequence[Result], on_failure: OnFailure | None
    ) -> Iterator[Receipt]:
        """The receipts among *results*, after every hook has been told.

        Raises:
            CarteroError: the first failure, if there is no *on_failure*, with the others as notes.
        """
        for item, result in zip(items, results, strict=True):
            self._tell(item.mail, result)
        failures: list[CarteroError] = []
        for item, result in zip(items, results, strict=True):
            if isinstance(result, Receipt):
                yield result
            elif on_failure is None:
                failures.append(result)
            else:
                on_failure(item.given, result)
        if failures:
            first, *others = failures
            for other in others:
                first.add_note(f"in the same call failed too: {getattr(other, 'message_id', '')}: {other}")
            raise first


class Batch:
    """Messages that are to go in one call, *most* of them. Mutable."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: list[Item] = []
        self._size = 0

    def has_room(self, item: Item) -> bool:
        """Whether *item* may go with the others."""
        return not self._items or (len(self._items) < self._most and self._size + len(item.octets) <= _BATCH_SIZE)

    def add(self, item: Item) -> None:
        """Let *item* go with the others."""
        self._items.append(item)
        self._size += len(item.octets)

    def take(self) -> list[Item]:
        """All of them, and begin anew."""
        items, self._items, self._size = self._items, [], 0
        return items


def item_of(given: Sendable, mail: MailObject) -> Item:
    """*mail*, which was made of what was *given*, on its way.

    Raises:
        BadMessage: it cannot be written as mail.
    """
    # What came whole goes whole: it is not even copied.
    return Item(given, mail, b"".join(mail.iter_bytes()) if mail.message.composed else bytes(mail.message))


def received(result: Result) -> Receipt:
    """*result*, if it is a receipt; else it is raised."""
    if isinstance(result, Receipt):
        return result
    raise result


def _chosen_tls(given: TLS | Mode | None, place: Place, *, is_secure: bool) -> TLS:
    tls = given if isinstance(given, TLS) else TLS(given or "require")
    if is_secure and tls.mode != "require":
        raise BadURL("https: is TLS from the first octet on; http: can do without")
    if not is_secure and tls.mode == "require" and not (given is None and place.is_local):
        raise BadURL(f"http: to {place.host} would show mail and token to others; take https:, or allow it by tls=off")
    return tls


def _is_token(text: str) -> bool:
    # SECURITY: a line end would begin a field of somebody else's. RFC 6750 2.1 allows fewer characters still.
    return text.isascii() and text.isprintable() and text != "" and " " not in text


def _count(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise BadURL(f"expected a number of messages, 1 or more, as batch, found {given!r}")
    return given


def _in_brackets(host: str) -> str:
    # RFC 3986 3.2.2: an IPv6 address stands in brackets.
    return f"[{host}]" if ":" in host else host


def _escaped(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path), safe=_IN_PATH)
