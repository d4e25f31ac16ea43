"""What the sessions of one server share: its settings, and who is inside."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    import ssl
    from typing import Protocol

    from ._gauge import Gauge
    from .access import Access
    from .delivery import Delivery
    from .limits import ServerLimits

    class Inside(Protocol):
        """A session, as far as the server that holds it knows it."""

        def close(self) -> None:
            """Say goodbye."""

        async def ended(self) -> None:
            """Wait until it is over."""


class Door:
    """What one server is set to, and who is inside. Mutable.

    Attributes:
        own_name: the name by which the server greets.
        delivery: where mail goes.
        gauge: what there may be, and is.
        access: who may send to whom.
        tls: with which certificate; None where there is no TLS.
        is_secure: whether TLS begins at once.
        is_local: whether only this machine can come in.
        is_traced: whether what comes gets a Received field.
        sessions: the open ones.
        securing: the connections of those whose TLS has begun and not come about.
        is_closing: whether the server is about to stop.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        *,
        own_name: str,
        delivery: Delivery,
        gauge: Gauge,
        access: Access,
        tls: ssl.SSLContext | None,
        is_secure: bool,
        is_local: bool,
        is_traced: bool = True,
    ) -> None:
        self.own_name = own_name
        self.delivery = delivery
        self.gauge = gauge
        self.access = access
        self.tls = tls
        self.is_secure = is_secure
        self.is_local = is_local
        self.is_traced = is_traced
        self.sessions: set[Inside] = set()
        self.securing: set[asyncio.Transport] = set()
        self.is_closing = False

    @property
    def limits(self) -> ServerLimits:
        """How much is taken, and for how long."""
        return self.gauge.limits

    def count_securing(self) -> int:
        """How many are between the door and the inside; of those who are gone, asyncio tells nobody."""
        self.securing = {transport for transport in self.securing if not transport.is_closing()}
        return len(self.securing)
