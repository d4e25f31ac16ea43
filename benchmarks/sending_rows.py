"""The part of the table on sending: each row with its targets, and how it is measured."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec

from . import sending, sink
from .measure import OURS, Sample, compare, timed
from .outcome import Outcome, Row, Setting, Target

SMTPLIB = "smtplib"
SMTPLIB_MESSAGE = "send_message"
AIOSMTPLIB = "aiosmtplib"
DJANGO = "Django"
ALLOCATED = "allocated memory"
TRIPS = "round trips"
_DELAY = 0.01  # seconds each way
_CONNECTIONS = 4


def _on_sink(run: Callable[[Setting, int], Outcome]) -> Callable[[Setting], Outcome]:
    """*run* with the port of a sink, where there is one."""

    def measured(setting: Setting) -> Outcome:
        command = sink.find()
        if command is None:
            return Outcome(notes=(sink.MISSING,))
        with sink.running(command) as port:
            return run(setting, port)

    return measured


def _message(setting: Setting, port: int, *, size: int, raw: bool = False) -> Outcome:
    """One message over a kept connection."""
    size = min(size, setting.large_size) if size > 1_000_000 else size
    sent = sending.letter(size)
    times = max(1, min(setting.builds, 2_000_000 // size))
    with sending.Ways(port).open() as ways, ExitStack() as stack:
        aiosmtplib = stack.enter_context(sending.aiosmtplib(port))
        django = stack.enter_context(sending.django(port))
        samples: dict[str, Sample] = {
            OURS: _times(ways.ours_raw if raw else ways.ours, sent, times),
            SMTPLIB: _times(ways.smtplib_octets, sent, times),
        }
        if not raw:
            samples[SMTPLIB_MESSAGE] = _times(ways.smtplib_message, sent, times)
        for name, peer in ((AIOSMTPLIB, aiosmtplib), (DJANGO, None if raw else django)):
            if peer is not None:
                samples[name] = _times(peer, sent, times)
        figure = compare(samples, rounds=setting.rounds if size < 1_000_000 else setting.few_rounds)
        figures = dict(figure.ratios)
        if size > 1_000_000:
            figures[ALLOCATED] = _allocated(partial(ways.ours_raw if raw else ways.ours, sent)) / len(sent.octets)
    return Outcome(figure.seconds[OURS] / times, figures)


def _times(way: Callable[[sending.Letter], None], sent: sending.Letter, times: int) -> Sample:
    return timed(partial(_several, way, sent, times))


def _several(way: Callable[[sending.Letter], None], sent: sending.Letter, times: int) -> None:
    for _ in range(times):
        way(sent)


def _allocated(work: Callable[[], None]) -> int:
    """The octets allocated at most while *work* is done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _trips(setting: Setting, port: int, *, recipient_count: int) -> Outcome:
    """One message each over a connection with 20 ms there and back."""
    sent = sending.letter(2_000, recipient_count=recipient_count)
    times = max(2, min(setting.builds, 20))
    figures: dict[str, float] = {}
    with sink.Far(port, delay=_DELAY) as far, sending.Ways(far.port).open() as ways:
        seconds = {}
        for name, way in ((OURS, ways.ours), (SMTPLIB, ways.smtplib_octets)):
            way(sent)
            far.trip_count = 0
            seconds[name] = sending.wall(partial(_several, way, sent, times))() / times
            figures[TRIPS if name == OURS else f"{TRIPS}, {name}"] = far.trip_count / times
        figures[SMTPLIB] = seconds[SMTPLIB] / seconds[OURS]
    return Outcome(seconds[OURS], figures, ("on the clock",))


def _trips_all(setting: Setting, port: int) -> Outcome:
    """Many messages in a row over the same connection."""
    sent = sending.letter(2_000)
    count = max(5, min(setting.builds, 50))
    with sink.Far(port, delay=_DELAY) as far, sending.Ways(far.port).open() as ways:
        ways.ours(sent)
        far.trip_count = 0
        seconds = sending.wall(lambda: ways.ours_all(sent, count))() / count
        return Outcome(seconds, {TRIPS: far.trip_count / count}, ("on the clock",))


def _many(setting: Setting, port: int, *, awaiting: bool) -> Outcome:
    """A thousand messages over four connections."""
    sent = sending.letter(2_000)
    count = max(_CONNECTIONS, min(setting.builds * 5, 1_000))
    arguments = {"count": count, "connections": _CONNECTIONS}
    ours = sending.many_async if awaiting else sending.many
    ways = {
        OURS: sending.wall(partial(ours, port, sent, **arguments)),
        SMTPLIB: sending.wall(partial(sending.many_smtplib, port, sent, **arguments)),
    }
    if find_spec(AIOSMTPLIB) is not None:
        ways[AIOSMTPLIB] = sending.wall(partial(sending.many_aiosmtplib, port, sent, **arguments))
    figure = compare(ways, rounds=setting.rounds)
    return Outcome(figure.seconds[OURS], figure.ratios, (f"{count} messages, on the clock",))


def _command(setting: Setting, port: int) -> Outcome:
    ways = {OURS: partial(sending.command, port), SMTPLIB: partial(sending.command_smtplib, port)}
    figure = compare(ways, rounds=2 * setting.rounds - 1)
    return Outcome(figure.seconds[OURS], figure.ratios, ("the whole process, its start included",))


def _row(name: str, title: str, targets: dict[str, Target], run: Callable[..., Outcome], **kw: object) -> Row:
    return Row(name, title, targets, _on_sink(partial(run, **kw)))


_SLOW = {SMTPLIB: Target(4), SMTPLIB_MESSAGE: Target(15)}
_FLAT = {TRIPS: Target(2, unit="", low=True)}
SENDING_ROWS: tuple[Row, ...] = (
    _row("send-2k", "send 2 kB", {SMTPLIB: Target(1.5), SMTPLIB_MESSAGE: Target(4)}, _message, size=2_000),
    _row("send-120k", "send 120 kB", _SLOW, _message, size=120_000),
    _row("send-25M", "send 25 MB", _SLOW | {ALLOCATED: Target(1, low=True)}, _message, size=25_000_000),
    _row("raw-120k", "send octets, 120 kB", {SMTPLIB: Target(2)}, _message, size=120_000, raw=True),
    _row("raw-25M", "send octets, 25 MB", {SMTPLIB: Target(2)}, _message, size=25_000_000, raw=True),
    *(
        _row(f"trips-{count}", f"20 ms away, {count} recipients", _FLAT, _trips, recipient_count=count)
        for count in (1, 10, 50)
    ),
    _row("trips-all", "20 ms away, send_all", {TRIPS: Target(1.2, unit="", low=True)}, _trips_all),
    _row("many", "1,000 messages, 4 threads", {SMTPLIB: Target(1), AIOSMTPLIB: Target(1)}, _many, awaiting=False),
    _row("many-async", "1,000 messages, 4 tasks", {SMTPLIB: Target(1), AIOSMTPLIB: Target(1)}, _many, awaiting=True),
    _row("command", "cartero-send, one message", {SMTPLIB: Target(1)}, _command),
)
