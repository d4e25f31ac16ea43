"""Who may send mail to whom by a server."""

from __future__ import annotations

import ipaddress

from ..envelope import Envelope, recipient_key
from ..errors import BadEnvelope, BadURL
from .passwords import Users

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Access:
    """Who may send mail to whom. Frozen.

    Everybody may send to a recipient in *domains*, but for one whose local part names a way on, as ``a%b.org`` does. To
    others may send: who has logged in; who comes from one of
    *networks*; and everybody, where the server is for this machine alone and no *users* or *domains* are named.

    Args:
        users: who may log in.
        domains: of which the server takes mail from everybody. ``postmaster`` without a domain is among them.
        networks: addresses, and networks such as ``10.0.0.0/8``, whose hosts need no login.
        is_local: whether only this machine can come in.

    Raises:
        BadURL: one of them is none of these; or nobody could send anything.
    """

    def __init__(
        self,
        *,
        users: Users | None = None,
        domains: Iterable[str] = (),
        networks: Iterable[str] = (),
        is_local: bool = False,
    ) -> None:
        self.users = users
        self._domains = frozenset(map(_domain, _several(domains)))
        self._networks = tuple(map(_network, _several(networks)))
        self._is_open = is_local and not (self._domains or users)
        # SECURITY: a server that carries on anything for anybody is found within hours, and used.
        if not (self._is_open or self._domains or self._networks or users):
            raise BadURL(
                "who may send by this server? It listens beyond this machine: name users, domains of its own, or the "
                "networks that need no login"
            )

    def may_send(self, recipient: str, *, host: str, has_logged_in: bool) -> bool:
        """Whether a client at *host*, an address or an empty string for this machine, may send to *recipient*."""
        if self._is_open or has_logged_in or self._is_among(host):
            return True
        local, domain = recipient_key(recipient)
        # SECURITY: RFC 5321 F.2: to an old server these are routes, by which it would carry mail on to anybody.
        if any(mark in local for mark in "%!@"):
            return False
        # RFC 5321 4.5.1: "postmaster" needs no domain, and is always there.
        return domain in self._domains if local else bool(self._domains)

    def _is_among(self, host: str) -> bool:
        if not self._networks or not host:
            return False
        address = ipaddress.ip_address(host)
        # A socket for both versions tells of an IPv4 client as ::ffff:192.0.2.1.
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)


def _several(given: Iterable[str]) -> Iterable[str]:
    return (given,) if isinstance(given, str) else given


def _domain(given: object) -> str:
    try:
        Envelope("", [f"a@{given}" if isinstance(given, str) else ""])
    except BadEnvelope as error:
        raise BadURL(f"expected a domain such as example.org, found {given!r}") from error
    return recipient_key(f"a@{given}")[1]


def _network(given: str) -> Network:
    try:
        return ipaddress.ip_network(str(given))  # a number would be an address as well
    except ValueError as error:
        raise BadURL(f"expected an address, or a network such as 10.0.0.0/8, found {given!r}") from error
