"""The command line of `cartero-send`: what may be said."""

from __future__ import annotations

import argparse

from ._exits import UsageError
from ._options import Options, check, divided, kind_of_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

TLS = ("require", "opportunistic", "off")
DSN = ("never", "delay", "failure", "success")

_EPILOG = """\
Standard input is a ready message, and sent as it is, octet for octet, if it begins with a header field, and
has one that only mail has (Received, Return-Path, Message-ID, MIME-Version, ...); or has nothing but fields up
to an empty line, and a Subject, a Content-Type, a Date with a date or one of From, To, Cc, ... with an address
among them. The line "From ..." of an mbox in front is not sent. Any other standard input, and any with -s, -c,
-b, -a, -H, --html, --inline or --sender-name, is the text of a message that is composed. -t, --raw and
--compose decide where that guess would not do; --raw sends every octet.

The road is that of --via or --account; else that of $CARTERO_URL; else the account [default] in
~/.config/cartero.toml. No option takes a password.

exit status: 0 accepted for all; 3 for some; 4 perhaps sent; 64 usage; 65 bad message or address; 66 a file
cannot be read; 67 all recipients refused; 68 host unknown; 69 refused; 70 internal error; 74 input or output
failed; 75 try again later; 76 the other side speaks no SMTP; 77 password or certificate not accepted, or login
required; 78 no sender configured; 130 interrupted; 141 nobody reads what -n, --help or --version print
"""


class Asked(Exception):
    """A text is asked for, and nothing else matters."""


class Help(argparse.Action):
    """Asks for the help, and nothing else."""

    def __call__(self, parser: argparse.ArgumentParser, *_said: object) -> NoReturn:
        raise Asked(parser.format_help())


class Version(argparse.Action):
    """Asks for the version, and nothing else."""

    def __call__(self, parser: argparse.ArgumentParser, *_said: object) -> NoReturn:
        # Imported when it is asked for: it would be most of what starting the command costs.
        from importlib.metadata import version  # noqa: PLC0415

        raise Asked(f"{parser.prog} {version('cartero-mail')}\n")


class Parser(argparse.ArgumentParser):
    """One that raises `UsageError` where others end the process."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(f"{message} (try --help)")


def parse_options(arguments: Sequence[str] | None) -> Options:
    """What *arguments* say; those of the process if None.

    Raises:
        UsageError: they make no sense.
    """
    said, recipients = divided(arguments)
    try:
        options = _parser().parse_intermixed_args(said, namespace=Options())
    except Asked as asked:
        return Options(asked=str(asked))
    options.recipients += recipients
    options.composing, options.ready = kind_of_input(options)
    check(options)
    return options


def asks_for_json(arguments: Sequence[str] | None) -> bool:
    """Whether --json stands among *arguments*, even where they make no sense."""
    return "--json" in divided(arguments)[0]


def seconds(text: str) -> float:
    """How long *text* says, which is more than nothing.

    Raises:
        ValueError: it is no such number.
    """
    found = float(text)
    if not 0 < found < 1e6:
        raise ValueError
    return found


def times(text: str) -> int:
    """How often *text* says: never, or some times.

    Raises:
        ValueError: it is no such number.
    """
    found = int(text)
    if not 0 <= found <= 100:
        raise ValueError
    return found


def notices(text: str) -> str:
    """What of a message is to be told, by words and commas.

    Raises:
        ValueError: there is no such word; or "never" is not alone.

    RFC 3461, section 4.1.
    """
    words = [word.strip().lower() for word in text.split(",")]
    if not set(words) <= set(DSN) or ("never" in words and len(words) > 1):
        raise ValueError
    return ",".join(words)


def formatter(prog: str) -> argparse.HelpFormatter:
    """What makes the help, as wide as it is."""
    # to find out how wide a terminal is, argparse imports half of what packs files, even where no help is asked for
    return argparse.RawDescriptionHelpFormatter(prog, width=110)


def _parser() -> Parser:
    parser = Parser(
        prog="cartero-send",
        usage="%(prog)s [options] RECIPIENT... < message-or-text",
        description="Send the message, or a message with the text, on standard input.",
        epilog=_EPILOG,
        formatter_class=formatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("-h", "--help", action=Help, nargs=0, help="print this, and do nothing else")
    add("recipients", nargs="*", metavar="RECIPIENT", help="an address; in To, too, if the message is composed")
    add("--via", metavar="URL", help="the road: smtp://me@host:587, maildir:PATH, console:, ...")
    add("--account", metavar="NAME", help="the account of that name in ~/.config/cartero.toml")
    add("-f", "--from", dest="sender", metavar="ADDRESS", help="envelope sender ('': none), and From if composed")
    add("-t", "--read-recipients", action="store_true", help="send to To, Cc and Bcc of the message, and remove Bcc")
    add("--raw", action="store_true", help="standard input is a ready message, whatever it looks like")
    add("--compose", action="store_true", help="standard input is text, whatever it looks like")
    _add_composing(parser)
    _add_many(parser)
    _add_network(parser)
    _add_output(parser)
    # What sendmail is told out of habit: a line with a dot alone is not the end, and other ways of its own.
    add("-i", action="store_true", help=argparse.SUPPRESS)
    add("-o", action="append", help=argparse.SUPPRESS)
    return parser


def _add_composing(parser: Parser) -> None:
    add = parser.add_argument_group("composing").add_argument
    add("--sender-name", metavar="NAME", help="the name beside the address in From")
    add("-s", "--subject", metavar="TEXT")
    add("-c", "--cc", action="append", default=[], metavar="ADDRESS")
    add("-b", "--bcc", action="append", default=[], metavar="ADDRESS", help="a recipient nobody else sees")
    add("--html", metavar="FILE", help="a page, with the images beside it that it shows; the text is its other version")
    add("--inline", action="append", default=[], metavar="FILE", help="shown, by the page as cid:NAME")
    add("-a", "--attach", action="append", default=[], metavar="FILE")
    add("-H", "--header", action="append", default=[], metavar="'NAME: VALUE'", help="one more header field")
    add("-E", "--skip-empty", action="store_true", help="send nothing if there is neither text nor file")


def _add_many(parser: Parser) -> None:
    add = parser.add_argument_group("many").add_argument
    add("--mbox", metavar="FILE", help="send each message of an mbox, to RECIPIENTs or to its own; -: standard input")
    add("--recipients", dest="recipients_file", metavar="FILE", help="more recipients, one on each line")
    add("--each", action="store_true", help="a message for each recipient, who sees none of the others")


def _add_network(parser: Parser) -> None:
    add = parser.add_argument_group("network").add_argument
    add("--tls", choices=TLS, help="default: require, but for this machine")
    add("--ca", metavar="FILE", help="who may certify the server, in place of those the system trusts")
    add("--fingerprint", metavar="HEX", help="SHA-256 of the server's certificate, in place of all other checks")
    add("--server-name", metavar="NAME", help="the name in the server's certificate, if it is not the host")
    add("--cert", metavar="FILE", help="a certificate of yours, for the server")
    add("--key", metavar="FILE", help="its key, if that is not in the same file")
    add("--user", metavar="NAME", help="who logs in")
    add("--auth", metavar="MECHANISM", help="how: PLAIN, SCRAM-SHA-256, XOAUTH2, ... (default: the best there is)")
    add("--password-command", metavar="COMMAND", help="prints the password")
    add("--token-command", metavar="COMMAND", help="prints a token for XOAUTH2 or OAUTHBEARER")
    add("--timeout", type=seconds, metavar="SECONDS", help="for connecting, and for each answer")
    add("--retry", type=times, metavar="TIMES", help="try again what failed for now, with growing waits")
    add("--dsn", type=notices, metavar="never|delay,failure,success", help="which notices the sender gets")
    add("--dkim", action="append", default=[], metavar="DOMAIN:SELECTOR:KEYFILE", help="sign, as that domain")


def _add_output(parser: Parser) -> None:
    add = parser.add_argument_group("output").add_argument
    add("-n", "--dry-run", action="store_true", help="print envelope and message, send nothing")
    add("--server-info", action="store_true", help="print what the server can do, send nothing")
    add("-v", "--verbose", action="store_true", help="say on standard error what is sent where, and what is answered")
    add("-q", "--quiet", action="store_true", help="print nothing about recipients that were accepted")
    add("--json", action="store_true", help="print JSON: what became of it, the dry run, or the error")
    add("--version", action=Version, nargs=0, help="print the version, and do nothing else")
