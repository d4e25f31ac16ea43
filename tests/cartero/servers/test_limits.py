"""How much a server takes: the settings."""

from __future__ import annotations

from typing import Any

import pytest

from cartero import BadURL
from cartero.servers import ServerLimits


class TestServerLimits:
    def test_what_is_taken_without_a_word(self) -> None:
        """RFC 5321, section 4.5.3: at least 100 recipients, lines of 1,000 octets, 300 seconds; 6.3: 100 hops."""
        limits = ServerLimits()

        assert limits.recipients >= 100
        assert limits.line >= 1_000
        assert limits.idle >= 300
        assert limits.hops >= 100
        assert limits.rate is None
        assert limits.held >= limits.size

    def test_it_is_a_value(self) -> None:
        """Equal by meaning, and changed by nobody."""
        limits = ServerLimits(size=1, rate=0.5)

        assert limits == ServerLimits(size=1, rate=0.5)
        with pytest.raises(AttributeError):
            limits.size = 3

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"size": 0}, id="odd-nothing"),
            pytest.param({"recipients": -1}, id="odd-below"),
            pytest.param({"connections": 1.5}, id="odd-half-a-connection"),
            pytest.param({"line": None}, id="odd-none"),
            pytest.param({"hops": True}, id="odd-truth"),
            pytest.param({"held": "10"}, id="odd-text"),
            pytest.param({"rate": 0}, id="odd-rate-of-nothing"),
            pytest.param({"idle": float("nan")}, id="hostile-not-a-number"),
        ],
    )
    def test_what_is_no_number_above_0_is_refused(self, settings: dict[str, Any]) -> None:
        """When it is set, by its name."""
        with pytest.raises(BadURL, match=f"as limit {next(iter(settings))}, found"):
            ServerLimits(**settings)
