"""Two or more ways to do one thing, timed in turns, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

Work = Callable[[], object]


class Figure(NamedTuple):
    """How long each way took, in seconds of CPU time for one round, and how it compares with ours."""

    seconds: dict[str, float]
    ratios: dict[str, float]


def compare(ways: Mapping[str, Work], *, rounds: int, ours: str = "mimekit") -> Figure:
    """Run each of *ways* once a round, in turns; medians of the times, and of the ratios to *ours* in one round.

    A first round warms up and does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, work in ways.items():
            taken = _timed(work)
            if number:
                times[name].append(taken)
    seconds = {name: statistics.median(taken) for name, taken in times.items()}
    ratios = {
        name: statistics.median(theirs / mine for theirs, mine in zip(taken, times[ours], strict=True))
        for name, taken in times.items()
    }
    return Figure(seconds, ratios)


def _timed(work: Work) -> float:
    gc.collect()
    gc.disable()
    try:
        before = time.process_time()
        work()
        return time.process_time() - before
    finally:
        gc.enable()
