"""The command line of `cartero-send`: what may be said, and what was."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from ._exits import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
A message that begins with header fields (From:, Subject:, ...) is ready: it is sent as it is, octet for
octet. Any other standard input, and any with -s, -c, -b, -a, -H or --sender-name, is the text of a message
that is composed. --raw and --compose decide where that guess would not do.

exit status: 0 accepted for all; 3 for some; 4 perhaps sent; 64 usage; 65 bad message or address; 66 a file
cannot be read; 67 all recipients refused; 69 refused; 74 input or output failed; 75 try again later;
78 no sender configured
"""


class Options(argparse.Namespace):
    """What the command line said."""

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
    json: bool

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


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_said: object) -> NoReturn:
        # Imported when it is asked for: it would be most of what starting the command costs.
        from importlib.metadata import version  # noqa: PLC0415

        print(f"{parser.prog} {version('cartero-mail')}")  # noqa: T201 - as argparse would
        parser.exit()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (try --help)")


def parse_options(arguments: Sequence[str] | None) -> Options:
    """What *arguments* say; those of the process if None.

    Raises:
        UsageError: they make no sense.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # argparse before 3.13 loses what stands behind "--" when options and recipients are mixed.
    last = given.index("--") if "--" in given else len(given)
    options = _parser().parse_intermixed_args(given[:last], namespace=Options())
    options.recipients += given[last + 1 :]
    if options.composing and options.ready:
        raise UsageError(f"{options.ready} sends a ready message, {options.composing} composes one; use one of them")
    return options


def _parser() -> _Parser:
    parser = _Parser(
        prog="cartero-send",
        usage="%(prog)s [options] RECIPIENT... < message-or-text",
        description="Send the message, or a message with the text, on standard input.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
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
    add("--json", action="store_true", help="print one JSON object about all recipients, or about the error")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version, and do nothing else")
    # What sendmail is told out of habit: a line with a dot alone is not the end, and other ways of its own.
    parser.add_argument("-i", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-o", action="append", help=argparse.SUPPRESS)
    return parser
