"""What a server has taken on, against its limits."""

from __future__ import annotations

import threading
import time

from cartero.servers import ServerLimits
from cartero.servers import _gauge as room
from cartero.servers._gauge import Gauge


class TestHolding:
    def test_no_more_is_held_than_may_be(self) -> None:
        """And what is let go may be held by another."""
        gauge = Gauge(ServerLimits(held=10))

        assert [gauge.hold(6), gauge.hold(5), gauge.hold(4)] == [True, False, True]
        gauge.let_go(6)
        assert gauge.hold(6)

    def test_threads_may_share_it(self) -> None:
        """In the end all that was held was let go."""
        gauge = Gauge(ServerLimits(held=1_000))

        def work() -> None:
            for _ in range(2_000):
                assert gauge.hold(100)
                gauge.let_go(100)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert gauge.hold(1_000)


class TestRate:
    def test_without_a_limit_everybody_may(self) -> None:
        """As many as they like."""
        gauge = Gauge(ServerLimits())

        assert all(gauge.may_begin("192.0.2.1") for _ in range(1_000))

    def test_a_host_has_what_it_may_send_in_a_minute_at_once(self) -> None:
        """And then as many as come to it; other hosts have their own."""
        gauge = Gauge(ServerLimits(rate=0.05))

        assert [gauge.may_begin("192.0.2.1") for _ in range(4)] == [True, True, True, False]
        assert gauge.may_begin("192.0.2.2")

    def test_it_comes_back_with_time(self) -> None:
        """One message in a twentieth of a second."""
        gauge = Gauge(ServerLimits(rate=20))
        while gauge.may_begin("192.0.2.1"):
            pass

        time.sleep(0.07)

        assert gauge.may_begin("192.0.2.1")

    def test_even_a_small_rate_lets_one_begin(self) -> None:
        """One in an hour is one at first."""
        gauge = Gauge(ServerLimits(rate=1 / 3600))

        assert [gauge.may_begin("192.0.2.1") for _ in range(2)] == [True, False]

    def test_it_does_not_grow_without_end(self) -> None:
        """Who was quiet for the longest time is forgotten."""
        gauge = Gauge(ServerLimits(rate=1 / 60))

        for number in range(room._MOST_HOSTS + 10):
            gauge.may_begin(str(number))

        assert len(gauge._left) == room._MOST_HOSTS
        assert not gauge.may_begin(str(room._MOST_HOSTS))
        assert gauge.may_begin("0")
