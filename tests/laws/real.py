"""The messages at hand in a few batches, so that collecting them is quick, and a failure that names each file."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest

from tests import corpora

Batch = tuple[corpora.RealMessage, ...]
_SHOWN = 10


def _batches() -> list[object]:
    ordered = sorted(corpora.messages(), key=_batch)
    return [pytest.param(tuple(found), id=name) for name, found in itertools.groupby(ordered, key=_batch)]


def _batch(real: corpora.RealMessage) -> str:
    form = "crlf" if real.crlf else "as-it-is"
    return f"{real.folder}-{form}"


_ABSENT = pytest.param((), id="absent", marks=pytest.mark.skip(reason=corpora.ABSENT))

#: Runs a test once for every folder and form of line ends, with all its messages as ``batch``.
every_batch = pytest.mark.parametrize("batch", [*_batches(), *(() if corpora.messages(corpora.FOLDER) else (_ABSENT,))])


def hold(batch: Batch, law: Callable[[bytes], None]) -> None:
    """Try *law* on each message, and fail with the names of those it does not hold for."""
    broken = []
    for real in batch:
        try:
            law(real.octets)
        except Exception as found:  # noqa: BLE001 -- whatever it is, the file's name has to come with it
            broken.append(f"{real}: {type(found).__name__}: {str(found)[:300]}")
    more = f"\n... and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
    assert not broken, f"{len(broken)} of {len(batch)}:\n" + "\n".join(broken[:_SHOWN]) + more


def chance(octets: bytes) -> random.Random:
    """The same dice for the same message, in every run."""
    return random.Random(octets)  # noqa: S311 -- no secret
