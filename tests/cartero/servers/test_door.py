"""What the sessions of one server share."""

from __future__ import annotations

from cartero.servers import Delivery, ServerLimits
from cartero.servers._door import Door
from cartero.servers._gauge import Gauge
from cartero.servers.access import Access


def test_it_begins_open_and_empty() -> None:
    """The limits are those of what is counted against them."""
    limits = ServerLimits(size=7)
    door = Door(
        own_name="mx.example",
        delivery=Delivery("null:"),
        gauge=Gauge(limits),
        access=Access(is_local=True),
        tls=None,
        is_secure=False,
        is_local=True,
    )

    assert door.limits is limits
    assert (door.sessions, door.count_securing(), door.is_closing) == (set(), 0, False)
