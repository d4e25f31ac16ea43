"""The command line of `cartero-send`: what may be said, and what was."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from ._exits import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EPILOG = """\
Standard input is a ready message, and sent as it is, octet for octet, if it begins with a header field, and
has one that only mail has (Received, Return-Path, Message-ID, MIME-Version, ...); or has nothing but fields up
to an empty line, and a Subject, a Content-Type, a Date with a date or one of From, To, Cc, ... with an address
among them. The line "From ..." of an mbox in front is not sent. Any other standard input, and any with -s, -c,
-b, -a, -H or --sender-name, is the text of a message that is composed. -t, --raw and --compose decide where
that guess would not do; --raw sends every octet.

exit status: 0 accepted for all; 3 for some; 4 perhaps sent; 64 usage; 65 bad message or address; 66 a file
cannot be read; 67 all recipients refused; 69 refused; 74 input or output failed; 75 try again later;
78 no sender configured; 130 interrupted; 141 nobody reads what -n, --help or --version print
"""
# How Python keeps an octet of the command line that is no text.
_OCTET = re.compile("[\udc80-\udcff]")


class Options(argparse.Namespace):
    """What the command line said.

    Attributes:
        asked: the text that is wanted in place of mail, by --help or --version.
    """

    asked: str = ""
    json: bool = False
    recipients: list[str]
    via: str | None
    sender: str | None
    sender_name: str | None
    read_recipients: bool
    subject: str | None
    cc: list[str]
    bcc: list[str]
    attach: list[str]
    header: list[str]
    skip_empty: bool
    raw: bool
    compose: bool
    dry_run: bool
    verbose: bool
    quiet: bool

    @property
    def composing(self) -> str:
        """The option that says a message is to be composed, or an empty string."""
        said = {
            "--compose": self.compose,
            "-s": self.subject is not None,
            "-c": self.cc,
            "-b": self.bcc,
            "-a": self.attach,
            "-H": self.header,
            "--sender-name": self.sender_name is not None,
        }
        return next((option for option, given in said.items() if given), "")

    @property
    def ready(self) -> str:
        """The option that says a ready message is on standard input, or an empty string."""
        said = {"--raw": self.raw, "-t": self.read_recipients}
        return next((option for option, given in said.items() if given), "")


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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (try --help)")


def parse_options(arguments: Sequence[str] | None) -> Options:
    """What *arguments* say; those of the process if None.

    Raises:
        UsageError: they make no sense.
    """
    said, recipients = _divided(arguments)
    try:
        options = _parser().parse_intermixed_args(said, namespace=Options())
    except _Asked as asked:
        return Options(asked=str(asked))
    options.recipients += recipients
    _refuse_octets(options)
    if options.composing and options.ready:
        raise UsageError(f"{options.ready} sends a ready message, {options.composing} composes one; use one of them")
    return options


def asks_for_json(arguments: Sequence[str] | None) -> bool:
    """Whether --json stands among *arguments*, even where they make no sense."""
    return "--json" in _divided(arguments)[0]


def _divided(arguments: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """What stands before "--", and behind it: argparse before 3.13 loses that among options and recipients."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    last = given.index("--") if "--" in given else len(given)
    return given[:last], given[last + 1 :]


def _refuse_octets(options: Options) -> None:
    for name, text in _texts(options):
        if _OCTET.search(text):
            shown = _OCTET.sub(lambda octet: f"\\x{ord(octet[0]) - 0xDC00:02x}", text)
            encoding = sys.getfilesystemencoding().upper()
            raise UsageError(f"{name}: '{shown}' is not text in {encoding} (your locale's encoding)")


def _texts(options: Options) -> Iterator[tuple[str, str]]:
    """What is said as text, with the name of the option; paths may hold any octets."""
    for name, text in (("-f", options.sender), ("--sender-name", options.sender_name), ("-s", options.subject)):
        if text is not None:
            yield name, text
    for name, texts in (
        ("RECIPIENT", options.recipients),
        ("-c", options.cc),
        ("-b", options.bcc),
        ("-H", options.header),
    ):
        yield from ((name, text) for text in texts)


def _parser() -> _Parser:
    parser = _Parser(
        prog="cartero-send",
        usage="%(prog)s [options] RECIPIENT... < message-or-text",
        description="Send the message, or a message with the text, on standard input.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("-h", "--help", action=_Help, nargs=0, help="print this, and do nothing else")
    add("recipients", nargs="*", metavar="RECIPIENT", help="an address; in To, too, if the message is composed")
    add("--via", metavar="URL", help="the road: maildir:PATH, console:, null:, ... (default: $CARTERO_URL)")
    add("-f", "--from", dest="sender", metavar="ADDRESS", help="envelope sender ('': none), and From if composed")
    add("-t", "--read-recipients", action="store_true", help="send to To, Cc and Bcc of the message, and remove Bcc")
    add("--raw", action="store_true", help="standard input is a ready message, whatever it looks like")
    add("--compose", action="store_true", help="standard input is text, whatever it looks like")
    compose = parser.add_argument_group("composing")
    add = compose.add_argument
    add("--sender-name", metavar="NAME", help="the name beside the address in From")
    add("-s", "--subject", metavar="TEXT")
    add("-c", "--cc", action="append", default=[], metavar="ADDRESS")
    add("-b", "--bcc", action="append", default=[], metavar="ADDRESS", help="a recipient nobody else sees")
    add("-a", "--attach", action="append", default=[], metavar="FILE")
    add("-H", "--header", action="append", default=[], metavar="'NAME: VALUE'", help="one more header field")
    add("-E", "--skip-empty", action="store_true", help="send nothing if there is neither text nor attachment")
    output = parser.add_argument_group("output")
    add = output.add_argument
    add("-n", "--dry-run", action="store_true", help="print envelope and message, send nothing")
    add("-v", "--verbose", action="store_true", help="say on standard error what is sent where")
    add("-q", "--quiet", action="store_true", help="print nothing about recipients that were accepted")
    add("--json", action="store_true", help="print one JSON object about all recipients, the dry run, or the error")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and do nothing else")
    # What sendmail is told out of habit: a line with a dot alone is not the end, and other ways of its own.
    parser.add_argument("-i", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-o", action="append", help=argparse.SUPPRESS)
    return parser
