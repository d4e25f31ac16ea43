"""The command line of `cartero-serve`: what may be said."""

from __future__ import annotations

import re

from ...cli._parser import Asked, Help, Parser, Version, formatter, seconds
from ._options import Options, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
PLACE is HOST:PORT, a PORT of 127.0.0.1, or unix:PATH for a socket file. Each can be said several times, and all run
in one process. A client is told yes when the road of --via has said yes, and no sooner. SIGTERM ends it; what was
taken has been handed on by then.

Who may send, over SMTP and LMTP: everybody to whom this machine or the socket file is open, where no --domain and no
--users is named. Beyond this machine: everybody to a --domain; to anywhere, who logs in as one of --users or comes
from an --allow. Over XML-RPC: who has the token, which no option takes, but --token-file or $CARTERO_TOKEN.

examples:
  catch what a web application sends, and look at it:  cartero-serve --smtp 127.0.0.1:2525 --via console:
  the same into files:                                 cartero-serve --smtp 127.0.0.1:2525 --via file:outbox
  take mail from Postfix, by LMTP, into a Maildir:     cartero-serve --lmtp unix:run/lmtp --via maildir:inbox

exit status: 0 stopped by a signal; 64 usage; 66 a file cannot be read; 68 host unknown; 69 cannot listen there, or
not hand on; 70 internal error; 74 input or output failed; 77 not permitted to listen there; 78 no road, or who may
send is not said
"""
_SIZE = re.compile(r"(?i)([0-9]{1,15})([KMG]?)")
_UNITS = {"": 1, "K": 1_024, "M": 1_048_576, "G": 1_073_741_824}


def parse_options(arguments: Sequence[str] | None) -> Options:
    """What *arguments* say; those of the process if None.

    Raises:
        UsageError: they make no sense.
    """
    try:
        options = _parser().parse_args(arguments, namespace=Options())
    except Asked as asked:
        return Options(asked=str(asked))
    check(options)
    return options


def octets(text: str) -> int:
    """How many octets *text* says, as ``50M`` is 50 times 1,048,576.

    Raises:
        ValueError: it is no such number, or nothing.
    """
    found = _SIZE.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError
    return int(found[1]) * _UNITS[found[2].upper()]


def count(text: str) -> int:
    """How many *text* says, at least one.

    Raises:
        ValueError: it is no such number.
    """
    found = int(text)
    if not 0 < found < 1_000_000_000:
        raise ValueError
    return found


def messages(text: str) -> float:
    """How many messages in a second *text* says, which is more than none.

    Raises:
        ValueError: it is no such number.
    """
    return seconds(text)


def _parser() -> Parser:
    parser = Parser(
        prog="cartero-serve",
        usage="%(prog)s --smtp PLACE [--lmtp PLACE] [--xmlrpc PLACE] ... [options] --via URL",
        description="Take mail by SMTP, LMTP and XML-RPC, and hand it on.",
        epilog=_EPILOG,
        formatter_class=formatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("-h", "--help", action=Help, nargs=0, help="print this, and do nothing else")
    add("--smtp", action="append", default=[], metavar="PLACE", help="take mail by SMTP; STARTTLS with --tls-cert")
    add("--smtps", action="append", default=[], metavar="PLACE", help="the same, over TLS at once")
    add("--lmtp", action="append", default=[], metavar="PLACE", help="take mail by LMTP")
    add("--xmlrpc", action="append", default=[], metavar="PLACE", help="take calls of mail.send by XML-RPC")
    add("--xmlrpcs", action="append", default=[], metavar="PLACE", help="the same, over TLS")
    add("--via", metavar="URL", help="where mail goes: console:, maildir:PATH, smtp://host (default: $CARTERO_URL)")
    _add_access(parser)
    _add_limits(parser)
    add = parser.add_argument_group("output, on standard error").add_argument
    add("-v", "--verbose", action="store_true", help="say who comes and goes as well, and where a mistake happened")
    add("-q", "--quiet", action="store_true", help="say what is wrong, and nothing of mail that was taken or refused")
    add("--version", action=Version, nargs=0, help="print the version, and do nothing else")
    return parser


def _add_access(parser: Parser) -> None:
    add = parser.add_argument_group("who may send, and how").add_argument
    add("--tls-cert", metavar="FILE", help="the certificate of the server, in PEM form, with those behind it")
    add("--tls-key", metavar="FILE", help="its key, if that is not in the same file")
    add("--users", metavar="FILE", help="who may log in, as --add-user writes it")
    add(
        "--add-user",
        nargs=2,
        metavar=("FILE", "NAME"),
        help="ask for a password, write NAME into the file of users, and do nothing else",
    )
    add("--domain", action="append", default=[], metavar="DOMAIN", help="take mail for it from everybody")
    add("--allow", action="append", default=[], metavar="NETWORK", help="take all mail from there, as 10.0.0.0/8")
    add("--token-file", metavar="FILE", help="its first line is the token for XML-RPC (default: $CARTERO_TOKEN)")
    add("--own-name", metavar="NAME", help="the name of the server, if it is not that of the machine")


def _add_limits(parser: Parser) -> None:
    add = parser.add_argument_group("limits").add_argument
    add("--max-size", type=octets, metavar="SIZE", help="octets of a message (default: 50M)")
    add("--max-recipients", type=count, metavar="NUMBER", help="recipients of a message (default: 1000)")
    add("--max-line", type=octets, metavar="SIZE", help="octets of a line of a message (default: 64K)")
    add("--max-connections", type=count, metavar="NUMBER", help="clients at a time, at each place (default: 200)")
    add(
        "--max-held",
        type=octets,
        metavar="SIZE",
        help="octets of all mail under way, at each place (default: 256M)",
    )
    add("--max-hops", type=count, metavar="NUMBER", help="servers that a message may have passed (default: 100)")
    add("--idle-timeout", type=seconds, metavar="SECONDS", help="without a word of a client (default: 300)")
    add("--message-timeout", type=seconds, metavar="SECONDS", help="for a message to arrive (default: 1800)")
    add("--rate", type=messages, metavar="NUMBER", help="messages of a host in a second, on average (default: any)")
