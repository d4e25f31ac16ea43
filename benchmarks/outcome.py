"""What a row of the table says: how long ours takes, what stands beside it, and what it has to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How much of everything is measured.

    Args:
        messages: the real messages, with LF line ends.
        rounds: how often each way is timed; what takes long is timed less often.
        builds: how many small messages are built in a round.
        large_size: octets of the large attachment.
        addresses: how many addresses the large To has.
        mbox_size: octets of the mbox.
        file_size: octets of the file that is attached and extracted for time.
        huge_size: octets of the file that is attached and extracted for memory.
        growth_sizes: octets of what is grown, smallest first.
        folder: where files may be made.
    """

    messages: tuple[bytes, ...]
    rounds: int
    builds: int
    large_size: int
    addresses: int
    mbox_size: int
    file_size: int
    huge_size: int
    growth_sizes: tuple[int, ...]
    folder: Path

    def sizes(self) -> dict[str, int]:
        """How much, in numbers."""
        return {
            "messages": len(self.messages),
            "rounds": self.rounds,
            "builds": self.builds,
            "large_size": self.large_size,
            "addresses": self.addresses,
            "mbox_size": self.mbox_size,
            "file_size": self.file_size,
            "huge_size": self.huge_size,
            "growth_size": self.growth_sizes[-1],
        }

    @property
    def few_rounds(self) -> int:
        """For what takes a second or more."""
        return min(self.rounds, 3)


class Target(NamedTuple):
    """What a figure has to be, and what we aim at: at least that much, unless it is something to be kept low."""

    must: float
    aim: float | None = None
    unit: str = "x"
    low: bool = False

    def is_met(self, value: float, limit: float) -> bool:
        """Whether *value* keeps to *limit*."""
        return value <= limit if self.low else value >= limit


@dataclass(frozen=True)
class Outcome:
    """What was measured: seconds of ours for one of what the row does, and figures by what they are beside."""

    seconds: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    data: object = None


class Row(NamedTuple):
    """One line of work: its name for ``--only``, its title, its targets by what they are beside, and how it is done."""

    name: str
    title: str
    targets: Mapping[str, Target]
    run: Callable[[Setting], Outcome]
