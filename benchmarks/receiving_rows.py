"""The part of the table on receiving: each row with its targets, and how it is measured."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from . import calling, receiving
from .measure import OURS, compare
from .outcome import Outcome, Row, Setting, Target
from .sending import wall

AIOSMTPD = "aiosmtpd"
LIBRARY = "xmlrpc.server"
MEMORY = "resident memory"
_CONNECTIONS = 10
_AT_ONCE = 4


def _small(setting: Setting) -> Outcome:
    """Small messages over several connections: ours brings each to disk, the other throws it away."""
    command = receiving.find_source()
    if command is None:
        return Outcome(notes=(receiving.MISSING,))
    count = max(_CONNECTIONS, min(setting.builds * 10, 2_000))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=setting.folder)))
        servers = {OURS: stack.enter_context(receiving.ours(folder)), AIOSMTPD: stack.enter_context(receiving.bare())}
        ways = {
            name: wall(partial(receiving.send, command, server.port, count=count, size=2_000, connections=_CONNECTIONS))
            for name, server in servers.items()
        }
        figure = compare(ways, rounds=setting.rounds)
    return Outcome(figure.seconds[OURS] / count, figure.ratios, ("ours to disk, the other nowhere; on the clock",))


def _large(setting: Setting) -> Outcome:
    """Large messages at once: how much memory the server takes."""
    command = receiving.find_source()
    if command is None:
        return Outcome(notes=(receiving.MISSING,))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=setting.folder)))
        ours, theirs = stack.enter_context(receiving.ours(folder)), stack.enter_context(receiving.bare())
        size = {"count": 2 * _AT_ONCE, "size": setting.large_size, "connections": _AT_ONCE}
        seconds = wall(partial(receiving.send, command, ours.port, **size))()
        others = wall(partial(receiving.send, command, theirs.port, **size))()
        figures = {AIOSMTPD: others / seconds, MEMORY: ours.most_memory / max(theirs.most_memory, 1)}
    return Outcome(seconds / (2 * _AT_ONCE), figures, ("on the clock; memory as a multiple of aiosmtpd's",))


def _calls(setting: Setting) -> Outcome:
    """One message a call, over a connection that is kept."""
    request = calling.call(2_000)
    count = max(10, min(setting.builds * 5, 1_000))
    with calling.ours() as ours, calling.bare() as theirs:
        ways = {
            OURS: wall(partial(calling.make, ours.port, request, count=count)),
            LIBRARY: wall(partial(calling.make, theirs.port, request, count=count)),
        }
        figure = compare(ways, rounds=setting.rounds)
    return Outcome(figure.seconds[OURS] / count, figure.ratios, ("on the clock",))


RECEIVING_ROWS: tuple[Row, ...] = (
    Row("receive-2k", "take in 2 kB, 10 connections", {AIOSMTPD: Target(0.6)}, _small),
    Row("calls-2k", "take in 2 kB by XML-RPC", {LIBRARY: Target(0.8)}, _calls),
    Row("receive-25M", "take in 25 MB, 4 at once", {MEMORY: Target(2, low=True)}, _large),
)
