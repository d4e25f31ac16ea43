"""Work counted, not timed: lines run, functions called, and octets a scan goes over.

A stopwatch says something else on every machine; these counts are the same on each. What happens inside one call of C
is counted where octets are searched, by a source that keeps the account.
"""

from __future__ import annotations

import math
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import mimekit
from mimekit import MIMEMessage, policy
from mimekit._scanner import Form, Layout, Source
from mimekit.entity import Raw

if TYPE_CHECKING:
    from typing import SupportsIndex

    from _typeshed import TraceFunction
    from typing_extensions import Buffer

#: Wide enough for whatever is tried here.
WIDE = policy.default.replace(max_depth=1_000_000, max_parts=1_000_000)
DOUBLINGS = 4
#: Time and memory grow by this exponent at most.
LIMIT = 1.15


class Account:
    """How much was done."""

    def __init__(self) -> None:
        self.done = 0

    def trace(self, frame: FrameType, event: str, _arg: object) -> TraceFunction | None:
        """Count a call of Python and each of its lines."""
        if event == "call" and "mimekit" not in frame.f_code.co_filename:
            return None
        self.done += 1
        return self.trace


@contextmanager
def _counted(account: Account) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(account.trace)
    try:
        yield
    finally:
        sys.settrace(before)


class _Octets(bytes):
    """Octets that keep account of how many of them were gone over."""

    account: Account

    def find(self, wanted: Buffer | SupportsIndex, *within: SupportsIndex | None) -> int:
        found = super().find(wanted, *within)
        start, end = slice(*(*within, None, None)[:2]).indices(len(self))[:2]
        self.account.done += max(0, (found if found >= 0 else end) - start)
        return found

    def __getitem__(self, key: object) -> bytes:  # type: ignore[override]  # slices only
        found = super().__getitem__(key)  # type: ignore[call-overload]  # handed on
        assert isinstance(found, bytes)
        self.account.done += len(found)
        return found


class _Pattern:
    """A pattern that keeps account; it is possessive, so that it goes over an octet once."""

    def __init__(self, pattern: re.Pattern[bytes], account: Account) -> None:
        self._pattern = pattern
        self._account = account

    def search(self, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
        found = self._pattern.search(data, start, end)
        self._account.done += (found.end() if found else end) - start
        return found

    def match(self, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
        found = self._pattern.match(data, start, end)
        self._account.done += found.end() - start if found else 0
        return found


class _CountedForm(Form):
    __slots__ = ("account",)

    def __init__(self, newline: bytes, account: Account) -> None:
        super().__init__(newline)
        self.blank = _Pattern(self.blank, account)  # type: ignore[assignment]  # searches as one
        self.fields = _Pattern(self.fields, account)  # type: ignore[assignment]  # matches as one


def of(action: Callable[[], object]) -> int:
    """The lines and calls of mimekit that *action* takes."""
    account = Account()
    with _counted(account):
        action()
    return account.done


def of_reading(octets: bytes, action: Callable[[MIMEMessage], object]) -> int:
    """The lines, the calls and the octets gone over while *action* reads a message."""
    account = Account()
    data = _Octets(octets)
    data.account = account
    source = Source(data)
    source._form = _CountedForm(source.form.newline, account)
    message = MIMEMessage._received(Raw(source, Layout(0, len(data))), WIDE)
    with _counted(account):
        action(message)
    return account.done


def growth(work: Callable[[int], int], size: int) -> float:
    """The exponent by which *work* grows while *size* doubles four times."""
    first, last = work(size), work(size << DOUBLINGS)
    return math.log2(last / max(first, 1)) / DOUBLINGS


def parse_wide(octets: bytes) -> MIMEMessage:
    """A message within no limits."""
    return mimekit.parse(octets, policy=WIDE)


class Memory:
    """How much memory Python took, at most, beside what it had."""

    def __init__(self) -> None:
        self.peak = 0


@contextmanager
def peak_memory() -> Iterator[Memory]:
    """What is allocated meanwhile, at its peak."""
    memory = Memory()
    tracemalloc.start()
    try:
        yield memory
        memory.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
