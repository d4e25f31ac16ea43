"""Plain text as it is quoted in an answer: unfolded, without its signature, a mark before every line.

Strings in, strings out; no message is known here.
"""

from __future__ import annotations

import re

# RFC 3676 4.3: a line of its own, with the space
_SEPARATOR = "-- "


def quote(text: str) -> str:
    r"""*text* with ``"> "`` before every line, ``">"`` before those that are quoted already and those without text.

    Blank lines at its end are left out. What ends a line here is LF, CRLF or CR, so that no line goes without a mark.

    >>> quote("> How are you?\n\nFine.\n")
    '>> How are you?\n>\n> Fine.'

    RFC 3676, section 4.5.
    """
    quoted = [f">{line}" if line.startswith(">") or not line else f"> {line}" for line in _lines(text)]
    while quoted and not quoted[-1].strip("> \t"):
        quoted.pop()
    return "\n".join(quoted)


def unfold_flowed(text: str, *, delete_space: bool = False) -> str:
    r"""*text* of ``format=flowed`` with each paragraph on one line; quoted ones keep their marks in front.

    Args:
        text: the lines as they came.
        delete_space: whether the space at which a line was broken is to go (``DelSp=yes``).

    >>> unfold_flowed("a long \nline\n> and a quoted \n> one\n-- \nAda")
    'a long line\n> and a quoted one\n-- \nAda'

    RFC 3676, sections 4.1, 4.3, 4.4 and 4.5.
    """
    paragraphs: list[str] = []
    pieces: list[str] = []  # of the paragraph that is open
    depth = 0
    for line in _lines(text):
        inside = line.lstrip(">")
        own_depth = len(line) - len(inside)
        content = inside.removeprefix(" ")
        is_separator = content == _SEPARATOR
        # RFC 3676 4.5: a flowed line before one of another depth ends its paragraph all the same, as one before
        # a signature does
        if pieces and (own_depth != depth or is_separator):
            paragraphs.append(_marked(depth, pieces))
            pieces = []
        depth = own_depth
        flows = content.endswith(" ") and not is_separator
        pieces.append(content[:-1] if flows and delete_space else content)
        if not flows:
            paragraphs.append(_marked(depth, pieces))
            pieces = []
    if pieces:
        paragraphs.append(_marked(depth, pieces))
    return "\n".join(paragraphs)


def _marked(depth: int, pieces: list[str]) -> str:
    content = "".join(pieces)
    if depth:
        return f"{'>' * depth} {content}" if content else ">" * depth
    # what was stuffed because it looked like a quoted line is none, and must not become one
    return f" {content}" if content.startswith(">") else content


def without_signature(text: str) -> str:
    r"""*text* up to its signature: the first line that is ``"-- "``. What a mailing list adds goes with it.

    >>> without_signature("Hello\n-- \nAda\n")
    'Hello\n'

    RFC 3676, section 4.3.
    """
    lines = _lines(text)
    if _SEPARATOR not in lines:
        return text
    return "".join(f"{line}\n" for line in lines[: lines.index(_SEPARATOR)])


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n?|\n", text)
