"""Tables: which of them hold data and are set in columns, and which only lay out a page and flow.

A table knows its cells as ranges of the page's blocks. When it has been read, the blocks are joined where they stand,
so that no table copies what the tables in it have.
"""

from __future__ import annotations

from ._lines import Block, columns

_MOST_CELL_LINES = 3
_MOST_CELL_COLUMNS = 40
_MOST_COLUMNS = 30  # cells side by side
_MOST_LINE_COLUMNS = 120  # a wider table is read more easily cell by cell
_BETWEEN = "  "


class Cell:
    """The blocks from *first* up to *last*, and how many columns and rows they stand for."""

    __slots__ = ("across", "down", "first", "gap", "last", "right")

    def __init__(self, first: int, *, across: int, down: int, right: bool, gap: bool) -> None:
        self.first = first
        self.last = first
        self.across = across
        self.down = down
        self.right = right  # whether its text is aligned to the right
        self.gap = gap  # whether a blank line was due before it


class Table:
    """A table while it is read: rows of cells, the last of them perhaps open."""

    __slots__ = ("flows", "in_row", "prefix", "rows")

    def __init__(self, prefix: str, *, flows: bool) -> None:
        self.prefix = prefix
        self.flows = flows  # whether it cannot hold data: it says so, or has a table in it
        self.rows: list[list[Cell]] = []
        self.in_row = False

    def begin_row(self) -> None:
        """The next cell begins a row."""
        self.in_row = False

    def begin_cell(self, cell: Cell) -> None:
        """A cell is open, in a new row if none is begun."""
        if not self.in_row:
            self.rows.append([])
            self.in_row = True
        self.rows[-1].append(cell)

    def end_cell(self, last: int, *, gap: bool) -> bool:
        """The blocks of the open cell end before *last*; whether a blank line is due then: none for an empty cell."""
        cell = self.rows[-1][-1]
        cell.last = last
        return gap if last > cell.first else cell.gap


class _Placed:
    """A cell's lines at the column where it stands."""

    __slots__ = ("across", "column", "lines", "right")

    def __init__(self, column: int, cell: Cell, lines: list[str]) -> None:
        self.column = column
        self.across = cell.across
        self.right = cell.right
        self.lines = lines


def settle(table: Table, blocks: list[Block], width: int) -> bool:
    """Join the blocks of a table that has been read; whether it held data and is now one block, set in columns."""
    lines = _data_lines(table, blocks)
    if lines:
        _replace(table, blocks, "\n".join(lines))
        return True
    for row in table.rows:
        _join_row(row, blocks, width)
    return False


def _replace(table: Table, blocks: list[Block], text: str) -> None:
    """Put *text* in place of all cells."""
    kept: Block | None = None
    for row in table.rows:
        for cell in row:
            for block in blocks[cell.first : cell.last]:
                kept = kept or block
                block.text = ""
    assert kept is not None  # there are lines, so there was a block
    kept.text, kept.gap, kept.verbatim = text, True, True


def _join_row(row: list[Cell], blocks: list[Block], width: int) -> None:
    """Cells of one line each, if they fit on one, become that line; others stay one under another."""
    if any(cell.last - cell.first > 1 for cell in row):
        return
    filled = [blocks[cell.first] for cell in row if cell.last > cell.first]
    if len(filled) < 2 or not all(map(_is_line, filled)):
        return
    first, *others = filled
    text = _BETWEEN.join(block.text for block in filled)
    if columns(text) <= width - len(first.rest) and all(block.first == first.rest for block in others):
        first.text = text
        for block in others:
            block.text = ""


def _is_line(block: Block) -> bool:
    return not block.verbatim and "\n" not in block.text


def _data_lines(table: Table, blocks: list[Block]) -> list[str]:
    """The lines of a table that holds data; none if it does not."""
    if table.flows or len(table.rows) < 2 or max(map(len, table.rows)) < 2:
        return []
    rows: list[list[_Placed]] = []
    taken: dict[int, int] = {}  # columns that cells of earlier rows reach down into
    for row in table.rows:
        placed = _place(row, table, blocks, taken)
        if placed is None:
            return []
        if placed:
            rows.append(placed)
    filled = sum(len(row) > 1 for row in rows)
    if len(rows) < 2 or filled * 2 < len(rows):
        return []
    return _set(rows)


def _place(row: list[Cell], table: Table, blocks: list[Block], taken: dict[int, int]) -> list[_Placed] | None:
    """The filled cells of *row* in their columns; None if one of them is more than data."""
    placed: list[_Placed] = []
    began: dict[int, int] = {}
    column = 0
    for cell in row:
        while taken.get(column, 0):
            column += 1
        lines = _cell_lines(blocks[cell.first : cell.last], table.prefix)
        if lines is None or column + cell.across > _MOST_COLUMNS:
            return None
        if lines:
            placed.append(_Placed(column, cell, lines))
        began.update(dict.fromkeys(range(column, column + cell.across), cell.down))
        column += cell.across
    for reached, down in [*taken.items(), *began.items()]:
        taken[reached] = max(down - 1, 0)
    return placed


def _cell_lines(blocks: list[Block], prefix: str) -> list[str] | None:
    if len(blocks) > _MOST_CELL_LINES or any(block.verbatim or block.rest != prefix for block in blocks):
        return None
    lines = [line for block in blocks for line in block.text.split("\n") if line]
    if len(lines) > _MOST_CELL_LINES or any(columns(line) > _MOST_CELL_COLUMNS for line in lines):
        return None
    return lines


def _set(rows: list[list[_Placed]]) -> list[str]:
    """The lines of *rows*, their columns aligned; none if they are too wide."""
    widths = _widths(rows)
    starts: list[int] = []
    end = 0
    for width in widths:
        starts.append(end)
        end += width + len(_BETWEEN) if width else 0  # a column that is empty takes no room
    if end - len(_BETWEEN) > _MOST_LINE_COLUMNS:
        return []
    starts.append(end)
    return [_set_line(row, number, starts) for row in rows for number in range(max(len(cell.lines) for cell in row))]


def _widths(rows: list[list[_Placed]]) -> list[int]:
    cells = [(cell, max(map(columns, cell.lines))) for row in rows for cell in row]
    widths = [0] * max(cell.column + cell.across for cell, _ in cells)
    for cell, width in cells:
        if cell.across == 1:
            widths[cell.column] = max(widths[cell.column], width)
    for cell, width in cells:
        if cell.across > 1:
            spanned = [own for own in widths[cell.column : cell.column + cell.across] if own]
            missing = width - sum(spanned) - len(_BETWEEN) * max(len(spanned) - 1, 0)
            if missing > 0:
                last = cell.column + cell.across - 1
                widths[last] += missing if widths[last] or not spanned else max(missing - len(_BETWEEN), 1)
    return widths


def _set_line(row: list[_Placed], number: int, starts: list[int]) -> str:
    line = ""
    for cell in row:
        if number >= len(cell.lines):
            continue
        text = cell.lines[number]
        start = starts[cell.column]
        if cell.right:
            start = max(starts[cell.column + cell.across] - len(_BETWEEN) - columns(text), start)
        line += " " * (start - columns(line)) + text
    return line
