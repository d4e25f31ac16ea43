"""By which exponent time grows with the size of the input, for each kind of input alone."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import mimekit

from . import measure
from .kinds import STRUCTURES, Kind

#: What a design that is linear measures at most, noise included.
LIMIT = 1.15
#: Four doublings up to a megabyte.
SIZES = (65_536, 131_072, 262_144, 524_288, 1_048_576)
#: So much that no limit stands in the way.
WIDE = mimekit.policy.default.replace(max_depth=1_000_000, max_parts=1_000_000, max_header_size=1 << 30)
# a measurement is repeated until it has taken so long, or so often
_LEAST_SECONDS = 0.02
_MOST_REPEATS = 5
# nothing is doubled again after it took so long
_PATIENCE = 20.0
# an exponent above this is measured again, twice, and the median counts; on larger inputs, for what takes a
# millisecond fits into the processor's caches and is quicker than its size says
_SUSPICIOUS = 1.1
_LARGER = 4


class Growth(NamedTuple):
    """How one kind of input grows: the exponent, and the seconds at each size."""

    kind: str
    policy: str
    exponent: float
    seconds: tuple[float, ...]


def read_all(octets: bytes, policy: mimekit.Policy) -> bytes:
    """Parse; every header value's text and attributes, every leaf's content, all defects; write."""
    msg = mimekit.parse(octets, policy=policy)
    for part in msg.walk():
        for value in part.values():
            str(value)
            for attribute in _attributes(type(value)):
                getattr(value, attribute)
        if not part.is_multipart():
            part.get_content()
    list(msg.all_defects())
    return bytes(msg)


@cache
def _attributes(kind: type) -> tuple[str, ...]:
    return tuple(name for name in dir(kind) if isinstance(getattr(kind, name), property))


def of_kinds(kinds: Mapping[str, Kind], *, sizes: Sequence[int] = SIZES) -> Iterator[Growth]:
    """The growth of each kind, with the default policy and, where that leaves something unopened, without limits."""
    for name, kind in kinds.items():
        yield _growth(name, kind, "default", sizes)
        if name in STRUCTURES and _is_limited(kind(sizes[-1])):
            yield _growth(name, kind, "wide", sizes)


def _is_limited(octets: bytes) -> bool:
    """Whether the default policy leaves something unopened."""
    return any(defect.code.endswith("-limit") for defect in mimekit.parse(octets).all_defects())


def _growth(name: str, kind: Kind, policy: str, sizes: Sequence[int]) -> Growth:
    found = [_once(name, kind, policy, sizes)]
    if found[0].exponent > _SUSPICIOUS:
        larger = [_LARGER * size for size in sizes]
        found += [_once(name, kind, policy, larger) for _ in range(2)]
    return sorted(found, key=lambda growth: growth.exponent)[len(found) // 2]


def _once(name: str, kind: Kind, policy: str, sizes: Sequence[int]) -> Growth:
    chosen = WIDE if policy == "wide" else mimekit.policy.default
    taken: list[float] = []
    for size in sizes:
        taken.append(_seconds(kind(size), chosen))
        if taken[-1] > _PATIENCE:
            break
    return Growth(name, policy, exponent(sizes[: len(taken)], taken), tuple(taken))


def _seconds(octets: bytes, policy: mimekit.Policy) -> float:
    """CPU time of one reading; the median of a few where it is short."""
    sample = measure.timed(lambda: read_all(octets, policy))
    started = time.process_time()
    taken = [sample()]
    while time.process_time() - started < _LEAST_SECONDS and len(taken) < _MOST_REPEATS:
        taken.append(sample())
    return statistics.median(taken)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of the straight line through the logarithms of both, by least squares."""
    across = [math.log(size) for size in sizes]
    up = [math.log(max(taken, 1e-9)) for taken in seconds]
    return statistics.linear_regression(across, up).slope
