"""The command line of `mimekit`: what may be said, and what was."""

from __future__ import annotations

import argparse
import sys

from ._exits import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

#: each command, and what it prints
COMMANDS = {
    "show": "the fields people read, the structure with sizes, and the text",
    "text": "the body as text",
    "html": "the page, or the text as a page, safe to open in a browser",
    "extract": "write the attachments into a folder, and print their paths",
    "lint": "what is wrong, with its place and the rule it breaks",
}
_DESCRIPTION = "Look at mail, take its files out, say what is wrong with it."
_FILES = "FILE is a message or an mbox; without one, or for -, standard input is read.\n"
_STATUSES = """
exit status: 0 all is well; 1 lint found something; 64 usage; 66 a file cannot
be read; 69 an extra is not installed; 74 input or output failed;
130 interrupted; 141 nobody reads what is printed
"""


class Options(argparse.Namespace):
    """What the command line said.

    Attributes:
        asked: the text that is wanted in place of anything else, by --help or --version.
        command: which of the commands.
        files: the paths, ``-`` for standard input; at least one.
        directory: where files are written; None where a page is printed.
        remote_images: whether a page may get images from the web.
        json: whether to print for programs.
    """

    asked: str = ""
    command: str = ""
    files: list[str]
    directory: str | None = None
    remote_images: bool = False
    json: bool = False


class _Asked(Exception):
    """A text is asked for, and nothing else matters."""


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_said: object) -> NoReturn:
        raise _Asked(parser.format_help())


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_said: object) -> NoReturn:
        # Imported when it is asked for: it would be most of what starting the command costs.
        from importlib.metadata import version  # noqa: PLC0415

        raise _Asked(f"{parser.prog} {version('cartero-mail')}\n")


def _formatter(prog: str) -> argparse.HelpFormatter:
    # to find out how wide a terminal is, argparse imports half of what packs files, even where no help is asked for
    return argparse.RawDescriptionHelpFormatter(prog, width=80)


class _Parser(argparse.ArgumentParser):
    def __init__(self, prog: str, usage: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            usage=f"{prog} {usage}",
            description=description,
            epilog=epilog,
            formatter_class=_formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="print this, and do nothing else")

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (try --help)")


def parse_options(arguments: Sequence[str] | None) -> Options:
    """What *arguments* say; those of the process if None.

    Raises:
        UsageError: they make no sense.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not given or given[0] not in COMMANDS:
            _parser().parse_args(given[:1])
        return _parsed(given[0], given[1:])
    except _Asked as asked:
        return Options(asked=str(asked))


def _parsed(command: str, given: list[str]) -> Options:
    # argparse before 3.13 loses "--" among options and files
    last = given.index("--") if "--" in given else len(given)
    options = _command_parser(command).parse_intermixed_args(given[:last], namespace=Options(command=command))
    options.files = [*options.files, *given[last + 1 :]] or ["-"]
    return options


def _parser() -> _Parser:
    """The parser of whatever is no command."""
    listed = "\n".join(f"  {name:<8} {said}" for name, said in COMMANDS.items())
    parser = _Parser(
        "mimekit",
        "COMMAND [options] [FILE ...]",
        f"{_DESCRIPTION}\n\ncommands:\n{listed}",
        f"{_FILES}mimekit COMMAND --help says more of each.\n{_STATUSES}",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and do nothing else")
    parser.add_argument("command", choices=list(COMMANDS), metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


def _command_parser(command: str) -> _Parser:
    parser = _Parser(
        f"mimekit {command}",
        "[options] [FILE ...]",
        f"Print {COMMANDS[command]}.".replace("Print write", "Write"),
        _FILES,
    )
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help=argparse.SUPPRESS)
    if command == "extract":
        add("-d", "--directory", metavar="DIR", help="where to write (default: here)")
    if command == "html":
        add("-d", "--directory", metavar="DIR", help="write the page and its images there, and print its path")
        add("--remote-images", action="store_true", help="let the page get images by https, which its sender sees")
    if command == "lint":
        add("--json", action="store_true", help="print one JSON list")
    return parser
