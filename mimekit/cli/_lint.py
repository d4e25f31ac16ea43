"""``mimekit lint``: what is wrong with a message, for people and for programs."""

from __future__ import annotations

from ._exits import Exit
from ._input import Input
from ._output import print_line
from ._screen import screen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import Defect
    from ..message import MIMEPart
    from ._options import Options

    #: the name of a message, that of the field the defect is in, if it is in one, and the defect
    Found = Iterator[tuple[str, str | None, Defect]]

# what these say may have cost content; the others were read as they were meant
_ERRORS = frozenset(
    {"missing-boundary", "boundary-not-found", "depth-limit", "part-limit", "header-limit", "bad-base64"}
    | {"bad-uuencode", "unknown-transfer-encoding", "undecodable-octets", "bad-date", "bad-content-type"}
)
_STYLES = {"error": "bold red", "warning": "yellow"}


def lint(options: Options) -> Exit:
    """Print each defect of each message."""
    messages = Input(options.files)
    found = (
        (name, field, defect)
        for name, message in messages
        for part in message.walk()
        for field, defect in _defects(part)
    )
    count = _print_json(found) if options.json else _print_lines(found)
    return messages.status or (Exit.FOUND if count else Exit.WELL)


def _defects(part: MIMEPart) -> Iterator[tuple[str | None, Defect]]:
    defects = part.defects
    fields: dict[tuple[str, int | None], str] = {}
    for field in part.headers if defects else ():
        for code in ("repeated-field", *(wrong.code for wrong in field.value.defects)):
            fields.setdefault((code, field.span[0] if field.span else None), field.name)
    for defect in defects:
        yield fields.get((defect.code, defect.offset)), defect


def _print_json(found: Found) -> int:
    import json  # noqa: PLC0415 -- rarely needed

    facts = [
        {
            "file": name,
            "severity": _severity(defect),
            "offset": defect.offset,
            "field": field,
            "code": defect.code,
            "message": defect.message,
            "rfc": defect.rfc,
        }
        for name, field, defect in found
    ]
    print_line(json.dumps(facts, indent=1))
    return len(facts)


def _print_lines(found: Found) -> int:
    out = screen()
    count = 0
    for name, field, defect in found:
        count += 1
        severity = _severity(defect)
        place = "" if defect.offset is None else f" at {defect.offset}"
        out.line(
            (f"{name}: ", ""),
            (severity, _STYLES[severity]),
            (f"{place}: {'' if field is None else f'{field}: '}{defect.message} ", ""),
            (f"[{defect.code}; {defect.rfc}]", "dim"),
        )
    return count


def _severity(defect: Defect) -> str:
    return "error" if defect.code in _ERRORS else "warning"
