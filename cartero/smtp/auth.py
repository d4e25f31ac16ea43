"""SASL mechanisms, as generators of responses: no socket, no step. RFC 4422, RFC 4954."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AuthenticationFailed

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

TOKEN_MECHANISMS = frozenset({"OAUTHBEARER", "XOAUTH2"})


def choose(
    offered: Sequence[str], *, has_password: bool, has_token: bool, wanted: str | None = None, encrypted: bool
) -> str:
    """The best mechanism that both sides have."""
    if wanted:
        return wanted
    if has_password and encrypted and "PLAIN" in offered and not has_token:
        return "PLAIN"
    raise AuthenticationFailed("no mechanism will do", stage="AUTH")


def start(mechanism: str, *, user: str, secret: str, host: str, port: int) -> Generator[bytes | None, bytes, None]:
    """The responses of *mechanism*; each challenge is sent in."""
    yield f"\0{user}\0{secret}".encode()
