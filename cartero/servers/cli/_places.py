"""The servers that the options name, with what they say of access, limits and TLS; nothing listens yet."""

from __future__ import annotations

import os
import re

from ..._connect import connect
from ..._reason import reason_of
from ...cli._exits import ConfigurationError, NoInputError, UsageError
from ...errors import BadURL
from ...wires.place import Place
from ..delivery import Delivery
from ..limits import ServerLimits
from ..lmtp import LMTPServer
from ..passwords import Users
from ..smtp import SMTPServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any, TypeAlias

    from ..xmlrpc import XMLRPCServer
    from ._options import Options

    Server: TypeAlias = SMTPServer | LMTPServer | XMLRPCServer

# each limit, and the option that says it
_LIMITS = {
    "size": "max_size",
    "recipients": "max_recipients",
    "line": "max_line",
    "connections": "max_connections",
    "held": "max_held",
    "hops": "max_hops",
    "idle": "idle_timeout",
    "time": "message_timeout",
    "rate": "rate",
}
_PLACE = re.compile(r"(?:(?:\[(?P<six>[^\]]*)\]|(?P<host>[^:/\[\]]+)):)?(?P<port>[0-9]{1,5})")


class Listening:
    """The servers, by the names people know them by, and where mail goes.

    Attributes:
        servers: each with its name.
        road: where mail goes, without passwords.
    """

    def __init__(self, servers: list[tuple[str, Server]], road: str) -> None:
        self.servers = servers
        self.road = road

    def __str__(self) -> str:
        places = ", ".join(f"{name} at {server.place}" for name, server in self.servers)
        return f"listening: {places}; mail goes to {self.road}"


def servers(options: Options) -> Listening:
    """The servers that *options* name.

    Raises:
        UsageError: an option makes no sense.
        ConfigurationError: it is not said where mail goes, or who may send.
        NoInputError: a file cannot be read.
        BadURL: what --via names is no road; or a file of users is none.
    """
    limits = ServerLimits(**{name: said for name, option in _LIMITS.items() if (said := getattr(options, option))})
    url = _road(options)
    delivery = Delivery(url, hops=limits.hops)
    shared: dict[str, Any] = {"to": delivery, "limits": limits, "own_name": options.own_name}
    tls = None if options.tls_cert is None else _certificate(options.tls_cert, options.tls_key)
    try:
        found = [*_mail_servers(options, shared, tls), *_call_servers(options, shared, tls)]
    except BadURL as error:
        if isinstance(error.__cause__, OSError):
            raise
        raise ConfigurationError(str(error)) from error
    return Listening(found, connect(url).name)


def _road(options: Options) -> str:
    if options.via is not None:
        return options.via
    url = os.environ.get("CARTERO_URL")
    if not url:
        raise ConfigurationError(
            "where shall mail go? Name that with --via, as --via console: or --via maildir:inbox, or in $CARTERO_URL"
        )
    try:
        connect(url)
    except BadURL as error:
        raise ConfigurationError(f"$CARTERO_URL: {error}") from error
    return url


def _mail_servers(options: Options, shared: dict[str, Any], tls: ssl.SSLContext | None) -> list[tuple[str, Server]]:
    shared = {**shared, "domains": options.domain, "networks": options.allow, "tls": tls}
    users = None if options.users is None else Users(options.users)
    found: list[tuple[str, Server]] = []
    for option, given in (("--smtp", options.smtp), ("--smtps", options.smtps)):
        for text in given:
            place = _place(option, text)
            if users is not None and tls is None and not place.is_local:
                # SECURITY: a password that everybody on the way can read is none.
                raise ConfigurationError(
                    f"{option} {text}: who logs in from elsewhere does so over TLS: --tls-cert FILE"
                )
            server = SMTPServer(**_at(place), users=users, implicit_tls=option == "--smtps", **shared)
            found.append((option[2:].upper(), server))
    # Who may open the socket file, or comes from an --allow, delivers by LMTP; nobody logs in to do so.
    found += [("LMTP", LMTPServer(**_at(_place("--lmtp", text)), **shared)) for text in options.lmtp]
    return found


def _call_servers(options: Options, shared: dict[str, Any], tls: ssl.SSLContext | None) -> list[tuple[str, Server]]:
    if not (options.xmlrpc or options.xmlrpcs):
        return []
    from ..xmlrpc import XMLRPCServer  # noqa: PLC0415 - for those who are called

    token = _token(options)
    found: list[tuple[str, Server]] = []
    for name, given, context in (("XML-RPC", options.xmlrpc, None), ("XML-RPC over TLS", options.xmlrpcs, tls)):
        for text in given:
            place = _place("--xmlrpcs" if context else "--xmlrpc", text)
            found.append((name, XMLRPCServer(**_at(place), token=token, tls=context, **shared)))
    return found


def _at(place: Place) -> dict[str, Any]:
    return {"path": place.path} if place.path else {"host": place.host, "port": place.port}


def _place(option: str, text: str) -> Place:
    if text.startswith("unix:"):
        path = text.removeprefix("unix:")
        if not path:
            raise UsageError(f"{option}: expected the path of a socket file behind unix:")
        return Place(path=path)
    found = _PLACE.fullmatch(text)
    if found is None or int(found["port"]) > 65_535:
        raise UsageError(
            f"{option}: expected HOST:PORT, such as 127.0.0.1:2525, or a port up to 65535, or unix:PATH, found {text!r}"
        )
    return Place(found["six"] or found["host"] or "127.0.0.1", int(found["port"]))


def _certificate(path: str, key: str | None) -> ssl.SSLContext:
    import ssl  # noqa: PLC0415 - for those who have one

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name in filter(None, (path, key)):
        try:
            with open(name, "rb"):  # noqa: PTH123 - `ssl` does not say which of the two it is
                pass
        except OSError as error:
            raise NoInputError(f"cannot read {name}: {reason_of(error)}") from error
    try:
        # nobody is there who could be asked for a passphrase
        context.load_cert_chain(path, key, password="")
    except (OSError, ValueError) as error:
        where = path if key is None else f"{path} and {key}"
        hint = "; a key in a file of its own is named with --tls-key" if key is None else ""
        raise NoInputError(
            f"expected a certificate and its key in {where}, in PEM form and without a passphrase: {reason_of(error)}"
            f"{hint}"
        ) from error
    return context


def _token(options: Options) -> str | None:
    """The token that who calls has to have; None where none is named."""
    if options.token_file is None:
        return os.environ.get("CARTERO_TOKEN") or None
    try:
        with open(options.token_file, encoding="utf-8") as file:  # noqa: PTH123
            token = file.readline().strip()
    except (OSError, ValueError) as error:
        raise NoInputError(f"cannot read {options.token_file}: {reason_of(error)}") from error
    if not token:
        raise NoInputError(f"expected a token on the first line of {options.token_file}, found nothing")
    return token
