"""``mimekit show`` and ``mimekit text``: a message as people read it."""

from __future__ import annotations

from ._input import Input
from ._output import print_line
from ._screen import screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..message import MIMEMessage, MIMEPart
    from ._exits import Exit
    from ._options import Options
    from ._screen import Plain
    from ._terminal import Coloured

_FIELDS = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Subject")
_EXACT = 10_000  # octets below which a size is given to the octet
_LARGE = 1 << 20  # octets from which on content is not decoded at once
_UNITS = ("kB", "MB", "GB", "TB")


def show(options: Options) -> Exit:
    """Print what people look for in each message."""
    messages = Input(options.files)
    out = screen()
    for number, (name, message) in enumerate(messages):
        if number:
            out.line(("\n" + "-" * 72, "dim"))
        if [name] != options.files:
            out.line((f"{name}\n", "bold"))
        _show_one(message, out)
    return messages.status


def text(options: Options) -> Exit:
    """Print the body of each message as text, with an empty line between two."""
    messages = Input(options.files)
    is_first = True
    for _name, message in messages:
        if body := message.get_text().rstrip("\n"):
            print_line(body if is_first else f"\n{body}")
            is_first = False
    return messages.status


def _show_one(message: MIMEMessage, out: Plain | Coloured) -> None:
    fields = [(name, value) for name in _FIELDS if (value := message[name]) is not None]
    for name, value in fields:
        out.line((f"{name}:", "bold cyan"), (f" {value}", "bold" if name == "Subject" else ""))
    if fields:
        out.line(("", ""))
    out.tree((depth, _described(part)) for depth, part in _tree(message))
    if body := message.get_text().strip("\n"):
        print_line(f"\n{body}")


def _tree(message: MIMEPart) -> Iterator[tuple[int, MIMEPart]]:
    stack = [(0, message)]
    while stack:
        depth, part = stack.pop()
        yield depth, part
        stack.extend((depth + 1, inner) for inner in reversed(part.parts))


def _described(part: MIMEPart) -> list[tuple[str, str]]:
    words = [(part.get_content_type(), "green")]
    if part.get_content_maintype() == "text":
        words.append((part.get_content_charset() or "us-ascii", "dim"))
    # a message is a file too
    if part.get_content_maintype() == "message" or not part.is_multipart():
        words.append((_size(_octets_in(part)), ""))
    if (name := part.get_filename()) is not None:
        words.append((repr(str(name)), "yellow"))
    if part.is_attachment():
        words.append(("attachment", "magenta"))
    return [piece for word in words for piece in ((", ", "dim"), word)][1:]


def _octets_in(part: MIMEPart) -> int:
    start, end = part.span or (0, 0)
    if end - start < _LARGE:
        return len(part.octets)
    return sum(map(len, part.octet_pieces()))


def _size(octets: int) -> str:
    if octets < _EXACT:
        return f"{octets:,} octet{'' if octets == 1 else 's'}"
    size, unit = octets / 1_000, 0
    while size >= 999.95 and unit + 1 < len(_UNITS):  # which would be written 1000.0
        size, unit = size / 1_000, unit + 1
    return f"{size:.1f} {_UNITS[unit]}"
