"""What was said on the command line of `cartero-send`, and what follows from it."""

from __future__ import annotations

import argparse
import re
import sys

from ._exits import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# How Python keeps an octet of the command line that is no text.
_OCTET = "[\udc80-\udcff]"


class Options(argparse.Namespace):
    """What the command line said, and an account where it left something open.

    Attributes:
        asked: the text that is wanted in place of mail, by --help or --version.
        origin: where the road was named, if not on the command line.
        sendmail: whether the command was called as ``sendmail``, and does what that does.
        own_address: who sends, by the account.
        local_recipient: who gets mail for a recipient without a domain, by the account.
        password: what the account's file holds; no option does.
        composing: the option that says a message is to be composed, or an empty string.
        ready: the option that says a ready message is on standard input, or an empty string.
    """

    asked: str = ""
    sendmail: bool = False
    origin: str = ""
    own_address: str | None = None
    local_recipient: str | None = None
    password: str | None = None
    composing: str = ""
    ready: str = ""

    recipients: list[str]
    via: str | None = None
    account: str | None = None
    sender: str | None = None
    sender_name: str | None = None
    read_recipients: bool = False
    raw: bool = False
    compose: bool = False

    subject: str | None = None
    cc: list[str]
    bcc: list[str]
    html: str | None = None
    inline: list[str]
    attach: list[str]
    header: list[str]
    skip_empty: bool = False

    mbox: str | None = None
    each: bool = False
    recipients_file: str | None = None

    tls: str | None = None
    ca: str | None = None
    fingerprint: str | None = None
    server_name: str | None = None
    cert: str | None = None
    key: str | None = None
    user: str | None = None
    auth: str | None = None
    password_command: str | None = None
    token_command: str | None = None
    timeout: float | None = None
    retry: int | None = None
    dsn: str | None = None
    dkim: list[str]

    dry_run: bool = False
    server_info: bool = False
    verbose: bool = False
    quiet: bool = False
    json: bool = False

    @property
    def several(self) -> bool:
        """Whether it may be more than one message that is sent."""
        return self.each or self.mbox is not None


def kind_of_input(options: Options) -> tuple[str, str]:
    """The option that says a message is to be composed, and the one that says a ready one comes; or empty strings."""
    composing = {
        "--compose": options.compose,
        "-s": options.subject is not None,
        "-c": options.cc,
        "-b": options.bcc,
        "--html": options.html is not None,
        "--inline": options.inline,
        "-a": options.attach,
        "-H": options.header,
        "--sender-name": options.sender_name is not None,
    }
    ready = {"--raw": options.raw, "-t": options.read_recipients, "--mbox": options.mbox is not None}
    return _first_said(composing), _first_said(ready)


def _first_said(said: Mapping[str, object]) -> str:
    return next((option for option, given in said.items() if given), "")


def divided(arguments: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """What stands before "--", and behind it: argparse before 3.13 loses that among options and recipients."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    last = given.index("--") if "--" in given else len(given)
    return given[:last], given[last + 1 :]


def check(options: Options) -> None:
    """Refuse what makes no sense together.

    Raises:
        UsageError: it does not.
    """
    _refuse_octets(options)
    if options.composing and options.ready:
        raise UsageError(f"{options.ready} sends a ready message, {options.composing} composes one; use one of them")
    clashes = [
        ("--each", options.each, "-t", options.read_recipients),
        ("--each", options.each, "--mbox", options.mbox is not None),
        ("--each", options.each, "-c", options.cc),
        ("--each", options.each, "-b", options.bcc),
        ("--account", options.account is not None, "--via", options.via is not None),
        ("--server-info", options.server_info, "-n", options.dry_run),
        ("--password-command", options.password_command is not None, "--token-command", options.token_command),
    ]
    for one, is_said, other, is_other_said in clashes:
        if is_said and is_other_said:
            raise UsageError(f"{one} and {other} do not go together; use one of them")
    if options.key is not None and options.cert is None:
        raise UsageError("--key is the key of a certificate; name that with --cert")


def _refuse_octets(options: Options) -> None:
    for name, text in _texts(options):
        if not text.isascii() and re.search(_OCTET, text):
            shown = re.sub(_OCTET, lambda octet: f"\\x{ord(octet[0]) - 0xDC00:02x}", text)
            encoding = sys.getfilesystemencoding().upper()
            raise UsageError(f"{name}: '{shown}' is not text in {encoding} (your locale's encoding)")


def _texts(options: Options) -> Iterator[tuple[str, str]]:
    """What is said as text, with the name of the option; paths may hold any octets."""
    for name, text in (
        ("-f", options.sender),
        ("--sender-name", options.sender_name),
        ("-s", options.subject),
        ("--user", options.user),
    ):
        if text is not None:
            yield name, text
    for name, texts in (
        ("RECIPIENT", options.recipients),
        ("-c", options.cc),
        ("-b", options.bcc),
        ("-H", options.header),
    ):
        yield from ((name, text) for text in texts)
