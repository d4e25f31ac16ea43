"""The ``mimekit`` command: look at mail, take its files out, say what is wrong with it."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO

from .content.files import save
from .errors import Defect, MimeError
from .mbox import read_mbox
from .message import MIMEMessage, MIMEPart
from .parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn, TextIO

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH123, PTH112

_FIELDS = ("From", "To", "Cc", "Date", "Subject")
# SECURITY: control characters drive a terminal, and the bidirectional ones make text read as other text.
_OBEYED = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
# what these say may have cost content; the others were read as they were meant
_ERRORS = frozenset(
    {"missing-boundary", "boundary-not-found", "depth-limit", "part-limit", "header-limit", "bad-base64"}
    | {"bad-uuencode", "unknown-transfer-encoding", "undecodable-octets", "bad-date", "bad-content-type"}
)
_NO_INPUT, _USAGE, _IO, _BROKEN_PIPE = 66, 64, 74, 141  # as in sysexits.h; a shell's for SIGPIPE
_DESCRIPTION = "Look at mail, take its files out, say what is wrong with it."
_EPILOG = """\
FILE is a message or an mbox; without one, or for -, standard input is read.

exit status: 0 all is well; 1 lint found something; 64 usage; 66 a file cannot be read; 74 output failed
"""


class _UsageError(Exception):
    """The command line makes no sense."""


class _NoInputError(Exception):
    """Something named on the command line cannot be read, or is no folder."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message} (try --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``mimekit``, and return its exit status. What goes wrong is one line on standard error.

    Args:
        arguments: the command line; that of the process if None.
    """
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
    except _UsageError as error:
        return _complain(error, _USAGE)
    except _NoInputError as error:
        return _complain(error, _NO_INPUT)
    except BrokenPipeError:
        # what is left of it would fail once more at the end of the interpreter
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (OSError, MimeError) as error:
        return _complain(error, _IO)
    return status


def _parser() -> _Parser:
    parser = _Parser(
        prog="mimekit",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, said in (
        ("show", _show, "the fields people read, the structure with sizes, and the text"),
        ("text", _text, "the body as text"),
        ("extract", _extract, "write the attachments into a folder, never over another file"),
        ("lint", _lint, "what is wrong, with its place and the rule it breaks"),
    ):
        command = commands.add_parser(name, help=said, description=said, allow_abbrev=False)
        command.add_argument("files", nargs="*", default=["-"], metavar="FILE", help="a message or an mbox")
        command.set_defaults(run=run)
        if name == "extract":
            command.add_argument("-d", "--directory", default=".", metavar="DIR", help="where to (default: here)")
        if name == "lint":
            command.add_argument("--json", action="store_true", help="print one JSON list")
    return parser


# -- reading ---------------------------------------------------------------------------------------


def _messages(paths: Iterable[str]) -> Iterator[tuple[str, MIMEMessage]]:
    """Each message with what it is called: its file and, in an mbox, its number."""
    for path in paths:
        file = BytesIO(sys.stdin.buffer.read()) if path == "-" else _opened(path)
        with file:
            if file.read(5) != b"From ":
                yield path, parse(_all(file))
                continue
            file.seek(0)
            try:
                found = read_mbox(file)
            except MimeError:
                # a message with an odd first line
                yield path, parse(_all(file))
                continue
            for number, message in enumerate(found, 1):
                yield f"{path}#{number}", message


def _all(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _opened(path: str) -> BinaryIO:
    try:
        file = open(path, "rb")  # noqa: SIM115 -- closed by whoever asked for it
        file.peek(1)
    except (OSError, ValueError) as error:  # a NUL in it is a ValueError
        raise _NoInputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    return file


# -- the commands ----------------------------------------------------------------------------------


def _show(options: argparse.Namespace) -> int:
    for number, (name, message) in enumerate(_messages(options.files)):
        if number:
            _print("\n" + "-" * 72)
        if len(options.files) > 1 or "#" in name:
            _print(f"{name}\n")
        for field in _FIELDS:
            if (value := message[field]) is not None:
                _print(f"{field}: {value}")
        _print("")
        for depth, part in _tree(message):
            _print("  " * depth + _described(part))
        if text := message.get_text().strip("\n"):
            _print(f"\n{text}")
    return 0


def _tree(message: MIMEPart) -> Iterator[tuple[int, MIMEPart]]:
    stack = [(0, message)]
    while stack:
        depth, part = stack.pop()
        yield depth, part
        stack.extend((depth + 1, inner) for inner in reversed(part.parts))


def _described(part: MIMEPart) -> str:
    words = [part.get_content_type()]
    if part.get_content_maintype() == "text":
        words.append(part.get_content_charset() or "us-ascii")
    if not part.is_multipart():
        words.append(f"{len(part.octets):,} octets")
    if (name := part.get_filename()) is not None:
        words.append(repr(str(name)))
    if part.is_attachment():
        words.append("attachment")
    return ", ".join(words)


def _text(options: argparse.Namespace) -> int:
    for _name, message in _messages(options.files):
        _print(message.get_text().rstrip("\n"))
    return 0


def _extract(options: argparse.Namespace) -> int:
    if not os.path.isdir(options.directory):
        raise _NoInputError(f"there is no folder {options.directory}")
    for _name, message in _messages(options.files):
        for number, part in enumerate(message.iter_attachments(recursive=True), 1):
            # a name without blanks is easier to go on with in a shell
            _print(save(part, options.directory, unnamed=f"part-{number}", numbered="-{}"))
    return 0


def _lint(options: argparse.Namespace) -> int:
    facts = [_facts(name, defect) for name, message in _messages(options.files) for defect in message.all_defects()]
    if options.json:
        import json  # noqa: PLC0415 -- rarely needed

        _print(json.dumps(facts, indent=1))
    else:
        for fact in facts:
            place = "" if fact["offset"] is None else f" at {fact['offset']}"
            _print(f"{fact['file']}: {fact['severity']}{place}: {fact['message']} [{fact['code']}; {fact['rfc']}]")
    return 1 if facts else 0


def _facts(name: str, defect: Defect) -> dict[str, str | int | None]:
    return {
        "file": name,
        "severity": "error" if defect.code in _ERRORS else "warning",
        "offset": defect.offset,
        "code": defect.code,
        "message": defect.message,
        "rfc": defect.rfc,
    }


# -- output ----------------------------------------------------------------------------------------


def _complain(error: Exception, status: int) -> int:
    print(_harmless(f"mimekit: {error}", sys.stderr), file=sys.stderr)  # noqa: T201 -- a command
    return status


def _print(text: str) -> None:
    print(_harmless(text, sys.stdout))  # noqa: T201 -- a command


def _harmless(text: str, stream: TextIO) -> str:
    """*text* with the characters a terminal obeys, or *stream* has not, as escapes."""
    shown = re.sub(_OBEYED, lambda found: found[0].encode("unicode_escape").decode(), text)
    encoding = stream.encoding or "utf-8"
    return shown.encode(encoding, "backslashreplace").decode(encoding)
