"""Text that others wrote, made fit to be shown on a terminal or in a log."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# SECURITY: control characters drive a terminal, and the bidirectional ones make text read as other text.
# Compiled when first there may be one: a command's start is most of its cost.
_OBEYED = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"


def harmless(text: str) -> str:
    """*text*, its lines kept, with the characters a terminal obeys as escapes."""
    if text.isprintable():
        return text
    return re.sub(_OBEYED, lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """*text* on one line, with the characters a terminal obeys as escapes."""
    return harmless(" ".join(text.split()))


def show(text: str, stream: TextIO) -> None:
    """Write *text* and flush; what *stream* has no character for becomes an escape.

    Raises:
        OSError: it cannot be written.
    """
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
