"""What a scripted server has and can do, beside its script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._value import Value
from ._sasl import MECHANISMS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping


class Settings(Value):
    """What a server has and can do; see `FaultyServer`."""

    __slots__ = ("body_after", "extensions", "idle", "implicit_tls", "lmtp", "mechanisms", "tls", "users")

    lmtp: bool
    tls: ssl.SSLContext | None
    implicit_tls: bool
    extensions: tuple[str, ...]
    users: Mapping[str, str]
    mechanisms: tuple[str, ...]
    idle: float | None
    body_after: int

    def __init__(  # noqa: PLR0913 - what a server can be told, each by name
        self,
        *,
        lmtp: bool,
        tls: ssl.SSLContext | None,
        implicit_tls: bool,
        extensions: Iterable[str],
        users: Mapping[str, str],
        mechanisms: Iterable[str],
        idle: float | None,
        body_after: int,
    ) -> None:
        self._set(
            lmtp=lmtp,
            tls=tls,
            implicit_tls=implicit_tls,
            extensions=tuple(extensions),
            users=dict(users),
            mechanisms=tuple(mechanisms),
            idle=idle,
            body_after=body_after,
        )
        for mechanism in self.mechanisms:
            if mechanism not in MECHANISMS:
                raise ValueError(f"expected a mechanism ({', '.join(MECHANISMS)}), found {mechanism!r}")
        if implicit_tls and tls is None:
            raise ValueError("expected tls=, a context with a certificate, for implicit_tls")
