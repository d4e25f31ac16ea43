"""The blocking wire."""

from __future__ import annotations

import select
import socket
import time
from typing import TYPE_CHECKING, TypeVar

import pytest

from cartero import TLS
from cartero.wires.blocking import Wire
from tests.cartero.wires.contract import OFF, TheWire, Way, at, wait
from tests.certificates import WRONG
from tests.peer import Peer, read_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cartero.steps import Steps
    from cartero.wires.place import Place

_T = TypeVar("_T")


class Blocking:
    """Over a socket."""

    wire: Wire

    def open(self, place: Place, tls: TLS = OFF, *, timeout: float = 5, secure: bool = False) -> None:
        """Open it."""
        self.wire = Wire.open(place, tls, timeout=timeout, secure=secure)

    def run(self, steps: Steps[_T]) -> _T:
        """Run *steps*."""
        return self.wire.run(steps)

    def idle(self, seconds: float = 0.05) -> None:
        """Sleep."""
        time.sleep(seconds)

    def early(self) -> bytes:
        """What it keeps."""
        return self.wire._early

    def close(self) -> None:
        """Close it."""
        if hasattr(self, "wire"):
            self.wire.close()


@pytest.fixture
def way() -> Iterator[Way]:
    """It blocks."""
    way = Blocking()
    yield way
    way.close()


class TestBlocking(TheWire):
    """All that both wires do."""

    def test_a_system_without_poll_waits_as_well(self, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows has `select.select` alone."""
        monkeypatch.delattr(select, "poll")
        self.test_who_does_not_watch_hears_it_later(way)
        self.test_an_answer_before_its_time_stops_who_watches(way)
        self.test_silence_is_an_error_in_time(way, b"")
        self.test_a_quiet_connection_has_no_input(way)

    def test_a_certificate_can_be_read_whoever_signed_it(self, way: Way) -> None:
        """Who looks into a server wants to see what is wrong with it."""

        def serve(peer: socket.socket) -> None:
            with WRONG.wrap_socket(peer, server_side=True) as under_tls:
                read_line(under_tls)

        with Peer(serve) as peer:
            way.open(at(peer), TLS("opportunistic"), secure=True)

            assert isinstance(way.wire, Wire)
            assert way.wire.certificate_info["subjectAltName"] == (("DNS", "other.example"),)
            way.close()

    def test_in_clear_there_is_none(self, way: Way) -> None:
        """It is asked for after STARTTLS, or not at all."""
        with Peer(wait) as peer:
            way.open(at(peer))

            assert isinstance(way.wire, Wire)
            assert way.wire.certificate_info == {}
            way.close()
