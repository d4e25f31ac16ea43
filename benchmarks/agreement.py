"""Do both do the same? On how many messages they differ, and on how many the peer raises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from . import peers, reading


def typical(messages: Sequence[bytes]) -> list[str]:
    """What is to be known when a typical read is compared with the standard library's."""
    raised: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for octets in messages:
        ours, theirs = reading.typical(octets), reading.typical_stdlib(octets)
        for name, mine, other in zip(reading.TYPICAL, ours, theirs, strict=True):
            if isinstance(other, Exception):
                raised[name] += 1
            elif _plain(mine) != _plain(other):
                differing[name] += 1
    return list(_notes(len(messages), raised, differing))


def everything(messages: Sequence[bytes]) -> list[str]:
    """The same of reading everything."""
    raised: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for octets in messages:
        fields, contents = reading.everything(octets)
        their_fields, their_contents = reading.everything_stdlib(octets)
        raised["fields"] += any(isinstance(found, Exception) for found in their_fields)
        differing["number of leaves"] += len(contents) != len(their_contents)
        differing["fields"] += _spelled_alike(fields) != _spelled_alike(their_fields)
        differing["contents"] += _plain(contents) != _plain(their_contents)
    return list(_notes(len(messages), raised, differing))


def refused(messages: Iterable[bytes]) -> list[str]:
    """How many messages fast-mail-parser refuses."""
    parse = peers.fast()
    if parse is None:
        return []
    read = peers.tolerant(parse)
    number = sum(1 for octets in messages if read(octets) is None)
    return [f"{peers.FAST} refuses {number}"] if number else []


def _notes(total: int, raised: Counter[str], differing: Counter[str]) -> Iterator[str]:
    if any(raised.values()):
        yield f"of {total} messages {peers.STDLIB} raises on: {_counts(raised)}"
    if any(differing.values()):
        yield f"of {total} messages {peers.STDLIB} differs in: {_counts(differing)}"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counter.items() if number)


def _plain(found: object) -> object:
    """*found* without what no reader would call a difference: line ends, and one at the end; kinds of str."""
    if isinstance(found, str):
        return found.replace("\r\n", "\n").rstrip("\n")
    if isinstance(found, bytes):
        return found.replace(b"\r\n", b"\n").rstrip(b"\n")
    if isinstance(found, list | tuple):
        return [_plain(piece) for piece in found]
    return found


def _spelled_alike(found: object) -> object:
    """Fields without white space, quotes and brackets: the standard library spells many of them anew."""
    if isinstance(found, str):
        return re.sub(r'[\s"<>]', "", found)
    return [_spelled_alike(piece) for piece in found] if isinstance(found, list | tuple) else found
