"""Two or more ways to do one thing, timed in turns, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

#: What the others are compared with.
OURS = "mimekit"
Work = Callable[[], object]
#: Does something once, and says how many seconds of CPU time that took.
Sample = Callable[[], float]
# a cache of fewer entries holds a table that is made once, not what was read
_LEAST_ENTRIES = 16


class Figure(NamedTuple):
    """How long each way took, in seconds of CPU time for one round, and how many times as long as ours."""

    seconds: dict[str, float]
    ratios: dict[str, float]


def compare(ways: Mapping[str, Sample], *, rounds: int, warm_up: bool = True) -> Figure:
    """Take each of *ways* once a round, in turns; medians of the times, and of the ratios to ours in one round.

    Every other round goes backwards, so that nobody always follows the same other. A first round, unless *warm_up*
    is false, does not count.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-1 if warm_up else 0, rounds):
        for name in reversed(tuple(ways)) if number % 2 else ways:
            taken = ways[name]()
            if number >= 0:
                times[name].append(taken)
    seconds = {name: statistics.median(taken) for name, taken in times.items()}
    ratios = {
        name: statistics.median(theirs / mine for theirs, mine in zip(taken, times[OURS], strict=True))
        for name, taken in times.items()
        if name != OURS
    }
    return Figure(seconds, ratios)


def timed(work: Work) -> Sample:
    """What takes the CPU time of *work*, with nothing kept from the time before and no collection in between."""

    def sample() -> float:
        forget()
        gc.collect()
        gc.disable()
        try:
            before = time.process_time()
            work()
            return time.process_time() - before
        finally:
            gc.enable()

    return sample


def forget() -> None:
    """Empty our caches of what was read, such as Content-Types: the next round sees its messages for the first time."""
    for cache in _caches():
        cache()


def _caches() -> Iterator[Callable[[], None]]:
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != OURS:
            continue
        for value in vars(module).values():
            if hasattr(value, "cache_parameters") and (value.cache_parameters()["maxsize"] or 0) >= _LEAST_ENTRIES:
                yield value.cache_clear
