"""What both SMTP senders share: the settings, and what is made of them."""

from __future__ import annotations

import os
import re
from abc import abstractmethod

from ..errors import BadURL, ConnectError, SendingError
from ..receipt import Receipt
from ..smtp.auth import MECHANISMS, TOKEN_MECHANISMS
from ..smtp.commands import DSN
from ..smtp.conversation import Conversation, Login, Timeouts
from ..smtp.transaction import Transaction
from ..wires.place import Place
from ..wires.tls import TLS
from ._parcel import pack
from ._pool import Connection, Limits, Shelf
from .base import Road

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, TypeAlias

    from ..errors import CarteroError
    from ..outcome import Outcome
    from ..smtp.conversation import Secret, Trace
    from ..steps import Steps
    from ..wires.tls import Mode
    from .preparation import MailObject

    Protocol: TypeAlias = Literal["smtp", "smtps", "lmtp"]

_PORTS = {"smtp": 25, "smtps": 465, "lmtp": 24}
_SUBMISSION = 587  # RFC 6409 3.1: where users hand in their mail
# RFC 5321 4.1.1.1: a client says its fully qualified domain name, or else its address.
_SPECIAL = re.compile(r"[^A-Za-z0-9._~!*'(),;=@+-]")  # RFC 3986 3.2.1, and what a variable begins with
_NAME = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+|\[[0-9A-Za-z.:]+\]")

_WITH_PORT = re.compile(r"[^:]*:[0-9]*|\[.*\](?::[0-9]*)?")


class SMTPRoad(Road):
    """The settings of an SMTP or LMTP sender, as `SMTPSender` explains them. Abstract."""

    def __init__(  # noqa: PLR0913 - settings are many, and keyword-only
        self,
        host: str = "",
        port: int | None = None,
        *,
        protocol: Protocol = "smtp",
        path: str | os.PathLike[str] | None = None,
        user: str | None = None,
        password: Secret | None = None,
        token: Secret | None = None,
        auth: str | None = None,
        tls: TLS | Mode | None = None,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        dsn: DSN | None = None,
        own_name: str | None = None,
        repair: bool = False,
        chunking: bool = True,
        trace: Trace | None = None,
    ) -> None:
        super().__init__()
        _expect("timeouts", timeouts, Timeouts)
        _expect("limits", limits, Limits)
        _expect("dsn", dsn, DSN)
        for name, text in {"host": host or None, "user": user, "auth": auth, "own_name": own_name}.items():
            _expect(name, text, str)
        if trace is not None and not callable(trace):
            raise BadURL(f"expected a function as trace, found {trace!r}")
        if protocol not in tuple(_PORTS):
            raise BadURL(f"expected smtp, smtps or lmtp, found {protocol!r}")
        if own_name is not None and _NAME.fullmatch(own_name) is None:
            raise BadURL(f"expected a domain name of this host, found {own_name!r}")
        self.trace = trace
        self._protocol = protocol
        self._place = _place(host, port, path, _SUBMISSION if user and protocol == "smtp" else _PORTS[protocol])
        self._name = _name(protocol, user, self._place)
        self._login = _login(user, password, token, auth, self._place)
        self._tls = _chosen_tls(tls, self._place, protocol)
        self._timeouts = timeouts or Timeouts()
        self._limits = limits or Limits()
        self._dsn = dsn
        self._own_name = own_name
        self._repair = repair
        self._chunking = chunking
        self.shelf: Shelf[Any] = Shelf(self._limits)
        self._ready()

    @abstractmethod
    def _ready(self) -> None:
        """Make what the waiting for a connection needs."""

    @property
    def name(self) -> str:
        """The URL it has, without a password."""
        return self._name

    # -- what is said ----------------------------------------------------------------------------------

    def _conversation(self, own_address: str) -> Conversation:
        return Conversation(
            own_name=self._own_name or _own_name(own_address),
            timeouts=self._timeouts,
            is_lmtp=self._protocol == "lmtp",
            trace=None if self.trace is None else _unfailing(self.trace),
        )

    def _opening(self, conversation: Conversation) -> Steps[None]:
        is_secure = self._protocol == "smtps"
        return conversation.open(
            starttls="off" if is_secure else self._tls.mode,
            login=self._login,
            is_private=is_secure or self._place.is_local,
            is_believed=self._tls.is_believed,
        )

    def transaction(self, connection: Connection[Any], mail: MailObject) -> Transaction:
        capabilities = connection.conversation.capabilities
        parcel = pack(mail, capabilities, repair=self._repair, dsn=self._dsn)
        return Transaction(connection.conversation, parcel, chunked=self._chunking and "CHUNKING" in capabilities)

    # -- what became of it -----------------------------------------------------------------------------

    def crowded(self) -> ConnectError:
        """What is raised where no connection came free in the time that a message may take."""
        count = self._limits.connections
        return ConnectError(
            f"no connection came free: {count} may be open, and {count} are in use (Limits(connections=) allows more)",
            stage="connect",
            temporary=True,
        )

    def receipt(self, mail: MailObject, outcomes: Mapping[str, Outcome]) -> Receipt:
        """The receipt for *mail*."""
        return Receipt(outcomes, message_id=mail.message_id, sender=self.name)

    def named(self, error: CarteroError, mail: MailObject) -> None:
        """Say in *error* who failed, and on what."""
        if isinstance(error, ConnectError | SendingError):
            error.sender = self.name
            error.message_id = mail.message_id


def _unfailing(trace: Trace) -> Trace:
    """*trace*, what it raises written to the log: it would be taken for what became of the message."""

    def tell(direction: str, line: str) -> None:
        try:
            trace(direction, line)
        except Exception:
            import logging  # noqa: PLC0415 - half of what starting `cartero-send` may cost

            logging.getLogger("cartero").exception("a trace function failed")

    return tell


def _expect(name: str, given: object, kind: type) -> None:
    if given is not None and not isinstance(given, kind):
        wanted = "text" if kind is str else f"{kind.__name__}(...)"
        raise BadURL(f"expected {wanted} as {name}, found {given!r}")


def _name(protocol: str, user: str | None, place: Place) -> str:
    userinfo = f"{_SPECIAL.sub(_escaped, user)}@" if user else ""
    is_relative = place.path and not place.path.startswith("/")
    return f"{protocol}:{'' if is_relative else '//'}{userinfo}{place}"


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in found[0].encode())


def _place(host: str, port: int | None, path: str | os.PathLike[str] | None, default: int) -> Place:
    if path is not None:
        if host or port is not None:
            raise BadURL("expected a host or the path of a socket, found both")
        if not isinstance(path, str | os.PathLike):
            raise BadURL(f"expected the path of a socket, found {path!r}")
        return Place(path=os.fspath(path))
    if not host:
        raise BadURL("expected the host of a mail server, found none")
    # SECURITY: what is in a URL may be a password, which is not shown.
    if "/" in host:
        raise BadURL("expected the name of a host alone, found a URL: cartero.connect(url) takes one")
    if _WITH_PORT.fullmatch(host):
        raise BadURL(f"expected the name of a host alone, found {host}: the port is an argument of its own")
    if port is not None and not isinstance(port, int):
        raise BadURL(f"expected a number as port, found {port!r}")
    if port is not None and not 0 < port < 65_536:
        raise BadURL(f"expected a port from 1 to 65535, found {port!r}")
    return Place(host, port or default)


def _login(
    user: str | None, password: Secret | None, token: Secret | None, auth: str | None, place: Place
) -> Login | None:
    if user is None:
        if password is not None or token is not None or auth is not None:
            raise BadURL("a password or token is of use only beside its user")
        return None
    if password is None and token is None:
        raise BadURL(f"expected a password or token for {user}, found none")
    mechanism = (auth or "").upper()
    if mechanism and mechanism not in MECHANISMS:
        raise BadURL(f"expected one of {', '.join(MECHANISMS)} as auth, found {auth!r}")
    if mechanism and (token if mechanism in TOKEN_MECHANISMS else password) is None:
        raise BadURL(
            f"expected a {'token' if mechanism in TOKEN_MECHANISMS else 'password'} for {mechanism}, found none"
        )
    return Login(
        user,
        password=password,
        token=token,
        mechanism=mechanism,
        host=place.host,
        port=place.port,
    )


def _chosen_tls(given: TLS | Mode | None, place: Place, protocol: Protocol) -> TLS:
    if given is None:
        # On this machine nobody listens on the way.
        given = "off" if place.is_local and protocol != "smtps" else "require"
    tls = given if isinstance(given, TLS) else TLS(given)
    if protocol == "smtps" and tls.mode != "require":
        raise BadURL("smtps is TLS from the first octet on; smtp can do without")
    if place.path and tls.mode != "off" and not (tls.server_name or tls.fingerprint):
        raise BadURL("a socket file has no host: server_name= or fingerprint= says whose certificate is expected")
    return tls


def _own_name(address: str) -> str:
    """What this host is called in EHLO: its domain name, or else *address*, its own on this connection."""
    # `socket` would ask the network for it, and wait.
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    if _NAME.fullmatch(name) or not address:
        return name if _NAME.fullmatch(name) else "localhost"
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"
