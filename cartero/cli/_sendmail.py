"""The command line of ``sendmail``, which programs know by heart: what may be said, and what is ignored."""

from __future__ import annotations

import argparse

from ._exits import UsageError
from ._options import Options, check, divided
from ._parser import Asked, Help, Parser, formatter, notices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
This is cartero-send, called as sendmail. A message stands on standard input, to its end: a line with a dot alone
is a line. It gets a From, a Date and a Message-ID if it has none, and loses its Bcc. The road is that of
$CARTERO_URL, or of the account [default] in ~/.config/cartero.toml or /etc/cartero.toml. Other options that
sendmail has for a message are accepted, and change nothing.
"""
# Of the options that mean nothing here, those that take a value, and those that take none.
_IGNORED_VALUES = "ABCeLOohpRVX"
_IGNORED = "Gimn"


def called_as_sendmail(name: str) -> bool:
    """Whether *name*, by which the command was called, is that of ``sendmail``."""
    return name.replace("\\", "/").rpartition("/")[2].removesuffix(".exe") == "sendmail"


def parse_sendmail(arguments: Sequence[str] | None) -> Options:
    """What *arguments*, those of a ``sendmail``, say; those of the process if None.

    Raises:
        UsageError: they make no sense, or ask for what only a mail server does.
    """
    said, recipients = divided(arguments)
    try:
        options = _parser().parse_intermixed_args(said, namespace=Options())
    except Asked as asked:
        return Options(asked=str(asked))
    options.recipients += recipients
    # as sendmail, it says nothing where nothing is wrong
    options.sendmail = options.quiet = True
    check(options)
    return options


class _Refused(argparse.Action):
    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        _options: argparse.Namespace,
        value: object,
        option: str | None = None,
    ) -> None:
        if value != "m":
            raise UsageError(f"{option}{value or ''}: this sendmail sends a message, and has neither queue nor server")


def _parser() -> Parser:
    parser = Parser(
        prog="sendmail",
        usage="%(prog)s [options] RECIPIENT... < message",
        description="Send the message on standard input.",
        epilog=_EPILOG,
        formatter_class=formatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("--help", action=Help, nargs=0, help="print this, and do nothing else")
    add("recipients", nargs="*", metavar="RECIPIENT")
    add("-f", "-r", dest="sender", metavar="ADDRESS", help="envelope sender")
    add("-F", dest="sender_name", metavar="NAME", help="the name beside the address, in a From that is added")
    add("-t", dest="read_recipients", action="store_true", help="send to To, Cc and Bcc of the message")
    add("-N", dest="dsn", type=notices, metavar="never|delay,failure,success", help="which notices the sender gets")
    add("-v", dest="verbose", action="store_true", help="say on standard error what is sent, and what is answered")
    add("-b", action=_Refused, help=argparse.SUPPRESS)
    add("-q", action=_Refused, nargs="?", help=argparse.SUPPRESS)
    for letter in _IGNORED_VALUES:
        add(f"-{letter}", dest="ignored", help=argparse.SUPPRESS)
    for letter in _IGNORED:
        add(f"-{letter}", dest="ignored", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(cc=[], bcc=[], inline=[], attach=[], header=[], dkim=[])
    return parser
