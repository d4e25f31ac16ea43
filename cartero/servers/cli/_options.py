"""What was said on the command line of `cartero-serve`."""

from __future__ import annotations

import argparse

from ...cli._exits import UsageError


class Options(argparse.Namespace):
    """What the command line said.

    Attributes:
        asked: the text that is wanted in place of a server, by --help or --version.
        add_user: a file of users and the name of one, who is to be added.
    """

    asked: str = ""
    add_user: list[str] | None = None

    smtp: list[str]
    smtps: list[str]
    lmtp: list[str]
    xmlrpc: list[str]
    xmlrpcs: list[str]
    via: str | None = None

    tls_cert: str | None = None
    tls_key: str | None = None
    users: str | None = None
    domain: list[str]
    allow: list[str]
    token_file: str | None = None
    own_name: str | None = None

    max_size: int | None = None
    max_recipients: int | None = None
    max_line: int | None = None
    max_connections: int | None = None
    max_held: int | None = None
    max_hops: int | None = None
    idle_timeout: float | None = None
    message_timeout: float | None = None
    rate: float | None = None

    verbose: bool = False
    quiet: bool = False

    @property
    def doors(self) -> bool:
        """Whether a place to listen at is named."""
        return bool(self.smtp or self.smtps or self.lmtp or self.xmlrpc or self.xmlrpcs)


def check(options: Options) -> None:
    """Refuse what makes no sense together.

    Raises:
        UsageError: it does not.
    """
    if options.asked or options.add_user is not None:
        return
    if not options.doors:
        raise UsageError(
            "no place to listen at: name one, as in cartero-serve --smtp 127.0.0.1:2525 --via console: (try --help)"
        )
    if options.tls_key is not None and options.tls_cert is None:
        raise UsageError("--tls-key is the key of a certificate; name that with --tls-cert")
    for option, given in (("--smtps", options.smtps), ("--xmlrpcs", options.xmlrpcs)):
        if given and options.tls_cert is None:
            raise UsageError(f"{option} needs a certificate: --tls-cert FILE, and --tls-key FILE")
    if options.users is not None and not (options.smtp or options.smtps):
        raise UsageError("--users is for --smtp and --smtps")
    if options.token_file is not None and not (options.xmlrpc or options.xmlrpcs):
        raise UsageError("--token-file is for --xmlrpc and --xmlrpcs")
    if options.verbose and options.quiet:
        raise UsageError("-v and --quiet do not go together; use one of them")
