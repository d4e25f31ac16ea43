"""A generator that asks, run to its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cartero.wires.driving import drive, drive_awaiting

if TYPE_CHECKING:
    from collections.abc import Generator


def asking(log: list[str]) -> Generator[str, int, int]:
    """Asks for two numbers, makes do without the second, and notes that it has ended."""
    try:
        first = yield "one"
        try:
            second = yield "two"
        except OSError:
            second = 0
        return first + second
    finally:
        log.append("ended")


def given(asked: str) -> int:
    """What is asked for."""
    if asked == "two":
        raise OSError(asked)
    return 1


def stopped(_: str) -> int:
    """Nothing: somebody pressed a key."""
    raise KeyboardInterrupt


class TestDrive:
    @pytest.mark.parametrize("awaits", [False, True], ids=["blocking", "awaiting"])
    def test_results_are_sent_in_and_errors_are_thrown_in(self, awaits: bool) -> None:
        """What asks may know what to do without."""
        log: list[str] = []

        assert _driven(asking(log), given, awaits=awaits) == 1
        assert log == ["ended"]

    @pytest.mark.parametrize("awaits", [False, True], ids=["blocking", "awaiting"])
    def test_who_is_stopped_in_the_middle_knows_at_once(self, awaits: bool) -> None:
        """Not when it happens to be collected: its connection must not be used meanwhile."""
        log: list[str] = []
        asks = asking(log)

        with pytest.raises(KeyboardInterrupt):
            _driven(asks, stopped, awaits=awaits)

        assert log == ["ended"]


def _driven(asks: Generator[str, int, int], do: object, *, awaits: bool) -> int:
    assert callable(do)
    if not awaits:
        return drive(asks, do)

    async def done(asked: str) -> int:
        return int(do(asked))

    async def main() -> int:
        return await drive_awaiting(asks, done)

    return asyncio.run(main())
