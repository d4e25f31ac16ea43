"""The command: what is asked for, row by row, to the terminal and to a file."""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import corpus, growth, machine, report
from .outcome import Row, Setting
from .rows import ROWS


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the rows that *arguments* ask for, print the table, write JSON."""
    options = _options().parse_args(arguments)
    gc.freeze()  # a collection before each timing goes over what was made since
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(chosen(options.only), _setting(options, Path(folder)))
    if options.json is not None:
        options.json.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _options() -> argparse.ArgumentParser:
    names = ", ".join(row.name for row in ROWS)
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Every figure beside the peers', measured side by side in one run."
    )
    parser.add_argument("--rounds", type=_positive, metavar="N", help="how often each is timed (default 9)")
    parser.add_argument("--messages", type=_positive, metavar="N", help="how many real messages (default 400)")
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help=f"of {names}, or what they begin with")
    parser.add_argument("--quick", action="store_true", help="less of everything: a look, not a measurement")
    parser.add_argument("--mbox-size", type=_positive, metavar="MB", help="of the mbox (default 200)")
    parser.add_argument("--huge-size", type=_positive, metavar="MB", help="of the file for memory (default 1000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _setting(options: argparse.Namespace, folder: Path) -> Setting:
    quick = bool(options.quick)
    return Setting(
        messages=corpus.messages(count=options.messages or (80 if quick else 400)),
        rounds=options.rounds or (3 if quick else 9),
        builds=50 if quick else 200,
        large_size=2_500_000 if quick else 25_000_000,
        addresses=1_000 if quick else 10_000,
        mbox_size=(options.mbox_size or (20 if quick else 200)) * 1_000_000,
        file_size=(10 if quick else 100) * 1_000_000,
        huge_size=(options.huge_size or (100 if quick else 1_000)) * 1_000_000,
        growth_sizes=tuple(size // 16 for size in growth.SIZES) if quick else growth.SIZES,
        folder=folder,
    )


def chosen(names: Sequence[str]) -> list[Row]:
    """The rows that *names* ask for; all where there are none.

    Raises:
        SystemExit: there is no row of that name.
    """
    for name in names:
        if not any(row.name.startswith(name) for row in ROWS):
            raise SystemExit(f"no row {name!r}; there are {', '.join(row.name for row in ROWS)}")
    return [row for row in ROWS if not names or row.name.startswith(tuple(names))]


def measure(rows: Iterable[Row], setting: Setting) -> dict[str, object]:
    """Measure *rows* and print each when it is done; all of it as data."""
    on, sizes = machine.described(), setting.sizes()
    _show(report.head(on, sizes))
    data = []
    for row in rows:
        outcome = row.run(setting)
        _show(report.lines(row, outcome))
        data.append(report.as_data(row, outcome))
    return {"machine": on, "setting": sizes, "rows": data}


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
