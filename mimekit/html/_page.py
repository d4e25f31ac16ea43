"""A page while it is read: the blocks so far, and the elements that are open.

What is open stands on a stack, so nothing recurses over nesting; what has been read stands in one list of blocks.
"""

from __future__ import annotations

import re

from ._lines import Block
from ._references import unescape
from ._tables import Table, settle
from ._visible import Hidden
from ._words import BREAK, is_address, squeeze

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Links = Literal["inline", "footnotes", "none"]

_DEEPEST = 60  # columns of a prefix beyond which nothing is indented any more
_BLANK_LINES = re.compile(r"\n{3,}+")
_APART = frozenset({"blockquote", "pre", "dl"})  # blank lines stand around them
_LISTS = frozenset({"ul", "ol"})


class _Frame:
    """An open element on the stack, and what is to come back when it ends."""

    __slots__ = ("name", "number", "open", "prefix", "table", "verbatim")

    def __init__(self, name: str, page: Page) -> None:
        self.name = name
        self.prefix = page.prefix
        self.verbatim = page.verbatim
        self.open = page.open
        self.table = page.table
        self.number = 1  # of a list's next item


class _Link:
    """An open link: where its text began, and whether a picture is in it."""

    __slots__ = ("block", "part", "pictured", "url")

    def __init__(self, url: str, page: Page) -> None:
        self.url = url
        self.part = len(page.parts)
        self.block = len(page.blocks)
        self.pictured = False


class _Muted:
    """An open element whose text has no size, and how many of its name are open in it."""

    __slots__ = ("depth", "level", "name")

    def __init__(self, name: str, level: int) -> None:
        self.name = name
        self.level = level  # of the stack: what ends around it ends it, too
        self.depth = 1


class Page:
    """A page while it is read."""

    __slots__ = (
        *("blocks", "gap", "hidden", "link", "linked", "links", "marker", "muted", "notes", "open", "parts", "prefix"),
        *("stack", "table", "verbatim", "width"),
    )

    def __init__(self, width: int, links: Links) -> None:
        self.width = width
        self.links = links
        self.blocks: list[Block] = []
        self.parts: list[str] = []  # of the paragraph that is read
        self.gap = False  # whether a blank line stands before it
        self.prefix = ""
        self.marker = ""  # what its first line has for a prefix, if that is another
        self.verbatim = False
        self.stack: list[_Frame] = []
        # How many elements of a name are open. Each table has an account of its own: nothing in it ends what is around.
        self.open: dict[str, int] = {}
        self.table: Table | None = None
        self.link: _Link | None = None
        self.linked = ""  # the address that was written last
        self.notes: dict[str, int] = {}
        self.hidden: Hidden | None = None
        self.muted: _Muted | None = None

    def add_text(self, text: str) -> None:
        """Text as it stands in the page."""
        if self.muted is not None:
            return
        if not self.parts:
            if self.verbatim:
                text = text.removeprefix("\n")  # behind <pre>
            elif text.isspace() and text.isascii():
                return
        self.parts.append(unescape(text))

    def mute(self, name: str) -> None:
        """The text of that element, which has just begun, is not seen."""
        if self.muted is None:
            self.muted = _Muted(name, len(self.stack))

    def count_muted(self, name: str, step: int) -> None:
        """An element of that name begins or ends."""
        if self.muted is not None and name == self.muted.name:
            self.muted.depth += step
            if not self.muted.depth:
                self.muted = None

    def finish(self) -> None:
        """All that is open ends with the page."""
        self.end_link()
        while self.stack:
            self.pop()
        self.flush()
        if self.notes:
            notes = "\n".join(f"[{number}] {url}" for url, number in self.notes.items())
            self.blocks.append(Block(notes, "", "", gap=True, verbatim=True))

    # -- paragraphs ------------------------------------------------------------------------------------

    def flush(self) -> None:
        """What was read since the last one is a block of its own, if there is anything in it."""
        if not self.parts:
            return
        read = "".join(self.parts)
        self.parts.clear()
        if self.link is not None:
            self.link.part = 0
        if self.verbatim:
            text = read.replace(BREAK, "\n").strip("\n")
            if not text.isspace():
                self.add_block(text)
        elif BREAK in read:
            self._flush_lines(read)
        else:
            text = squeeze(read)
            self.add_block(text)
            self.gap = self.gap or not (text or read.isascii())  # a paragraph of one hard space is a blank line

    def _flush_lines(self, read: str) -> None:
        lines = "\n".join(map(squeeze, read.split(BREAK)))
        text = lines.strip("\n")
        self.gap = self.gap or lines.startswith("\n")
        self.add_block(_BLANK_LINES.sub("\n\n", text))
        self.gap = self.gap or not text or lines.endswith("\n\n")

    def add_block(self, text: str) -> None:
        """A block of *text*, if there is any, where the page has come to."""
        if text:
            block = Block(text, self.marker or self.prefix, self.prefix, gap=self.gap, verbatim=self.verbatim)
            self.blocks.append(block)
            self.marker = ""
            self.gap = False

    # -- the stack -------------------------------------------------------------------------------------

    def push(self, name: str) -> _Frame:
        """An element is open that has to end."""
        frame = _Frame(name, self)
        self.stack.append(frame)
        self.open[name] = self.open.get(name, 0) + 1
        return frame

    def pop(self) -> None:
        """The innermost element on the stack ends."""
        if self.stack[-1].name == "td":
            self.end_link()
        self.flush()
        frame = self.stack.pop()
        if frame.name == "td":
            self._end_cell()
        elif frame.name == "table":
            self._end_table()
        elif frame.name == "li":
            self.marker = ""
        self.prefix, self.verbatim, self.table, self.open = frame.prefix, frame.verbatim, frame.table, frame.open
        self.open[frame.name] -= 1
        if frame.name in _APART or (frame.name in _LISTS and not self.in_list()):
            self.gap = True
        if self.muted is not None and len(self.stack) < self.muted.level:
            self.muted = None

    def close(self, name: str) -> None:
        """The innermost element of that name ends, and what is open in it; nothing happens if none is open."""
        ended = "" if self.open.get(name) else name
        while ended != name:
            ended = self.stack[-1].name
            self.pop()

    def close_top(self, *names: str) -> None:
        """The innermost element ends, if it is one of *names*."""
        if self.stack and self.stack[-1].name in names:
            self.pop()

    def in_list(self) -> bool:
        """Whether a list is open, within the innermost table."""
        return bool(self.open.get("ul") or self.open.get("ol"))

    def quote(self) -> None:
        """What follows is a quote, up to the end of the element."""
        if len(self.prefix) < _DEEPEST:
            self.prefix = _quoted(self.prefix)
            self.marker = self.marker and _quoted(self.marker)

    def indent(self, mark: str) -> None:
        """The next block has *mark* before it, and all up to the end of the element is indented as far."""
        if len(self.prefix) >= _DEEPEST:
            self.marker = self.prefix + mark
        else:
            self.marker = (self.marker or self.prefix) + mark
            self.prefix += " " * len(mark)

    # -- tables ----------------------------------------------------------------------------------------

    def _end_cell(self) -> None:
        assert self.table is not None  # as a cell is only pushed within one
        self.gap = self.table.end_cell(len(self.blocks), gap=self.gap)

    def _end_table(self) -> None:
        assert self.table is not None
        self.gap = settle(self.table, self.blocks, self.width) or self.gap

    # -- links -----------------------------------------------------------------------------------------

    def begin_link(self, url: str) -> None:
        """What follows is a link."""
        self.link = _Link(url, self)

    def end_link(self) -> None:
        """The address of the open link, if there is one, comes behind its text."""
        link, self.link = self.link, None
        if link is None:
            return
        read = "".join(self.parts[link.part :])
        text = read.rstrip(f"{BREAK} \t\n\f\xa0")
        if text:
            mark = "" if is_address(text, link.url) else f" {self._mark(link.url)}"
            self.parts[link.part :] = [text, mark, read[len(text) :]]
        elif len(self.blocks) > link.block:
            self._mark_block(self.blocks[-1], link.url)
        elif link.pictured and link.url != self.linked:  # a picture in slices leads to one place
            self.parts.append(self._mark(link.url))

    def _mark_block(self, block: Block, url: str) -> None:
        """The address behind a whole block that is a link."""
        if block.verbatim or not block.text or block.rest != self.prefix:
            self.parts.append(self._mark(url))
        elif not is_address(block.text, url):
            block.text += f" {self._mark(url)}"

    def _mark(self, url: str) -> str:
        self.linked = url
        if self.links == "inline":
            return f"<{url}>"
        return f"[{self.notes.setdefault(url, len(self.notes) + 1)}]"


def _quoted(prefix: str) -> str:
    # RFC 3676 4.5: quotes in quotes have their marks side by side
    return f"{prefix.removesuffix(' ') if prefix.endswith('> ') else prefix}> "
