"""The figures as a table for people, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .outcome import Outcome, Row, Target

_COLUMNS = "{:<38}{:>10}  {:<17}{:>9}  {:>8} {:<4} {:>8} {:<4}"


def head(machine: Mapping[str, str], sizes: Mapping[str, int]) -> Iterator[str]:
    """What everything was measured on, how much of it, and the head of the table."""
    for name, value in machine.items():
        yield f"{name + ':':<18}{value}"
    yield f"{'measured:':<18}{', '.join(f'{name} {size:,}' for name, size in sizes.items())}"
    yield ""
    yield _COLUMNS.format("work", "ours", "beside", "", "must", "", "aim", "").rstrip()


def lines(row: Row, outcome: Outcome) -> Iterator[str]:
    """A row: ours, and what stands beside it, a peer's time as a multiple of ours; then what is to be known."""
    title, ours = row.title, _time(outcome.seconds)
    for beside, value in outcome.figures.items() or [("", None)]:
        cells = ("", "", "", "", "") if value is None else _cells(value, row.targets.get(beside))
        yield _COLUMNS.format(title, ours, beside, *cells).rstrip()
        title = ours = ""
    for note in outcome.notes:
        yield f"    {note}"


def _cells(value: float, target: Target | None) -> tuple[str, str, str, str, str]:
    if target is None:
        return f"{value:.1f}x", "", "", "", ""
    return (_number(value, target), *_verdict(value, target, target.must), *_verdict(value, target, target.aim))


def _verdict(value: float, target: Target, limit: float | None) -> tuple[str, str]:
    if limit is None:
        return "", ""
    sign = "<" if target.low else ">"
    return f"{sign} {_number(limit, target)}", "yes" if target.is_met(value, limit) else "NO"


def _number(value: float, target: Target) -> str:
    return f"{value:.{1 if value >= 10 else 2}f}".rstrip("0").rstrip(".") + target.unit


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def as_data(row: Row, outcome: Outcome) -> dict[str, object]:
    """The row for JSON."""
    return {
        "name": row.name,
        "title": row.title,
        "seconds": outcome.seconds,
        "figures": [_figure(beside, value, row.targets.get(beside)) for beside, value in outcome.figures.items()],
        "notes": list(outcome.notes),
        "data": outcome.data,
    }


def _figure(beside: str, value: float, target: Target | None) -> dict[str, object]:
    figure: dict[str, object] = {"beside": beside, "value": value}
    if target is not None:
        for name, limit in (("must", target.must), ("aim", target.aim)):
            if limit is not None:
                figure |= {name: limit, f"{name}_met": target.is_met(value, limit)}
        figure["low"] = target.low
    return figure
