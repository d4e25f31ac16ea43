"""The sender that the options name, with what they say of the network, of signing and of talking."""

from __future__ import annotations

from .._connect import connect
from ..errors import BadKey, BadURL
from ..url import SenderURL
from ._exits import ConfigurationError, UsageError
from ._report import report_talk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..senders.base import Sender
    from ..senders.preparation import MailObject
    from ._options import Options

_NETWORK = ("smtp", "smtps", "lmtp", "xmlrpc+http", "xmlrpc+https")
# each option of the network, and what it is called in a URL
_IN_URL = {
    "tls": "tls",
    "ca": "ca",
    "fingerprint": "fingerprint",
    "server_name": "server_name",
    "cert": "certificate",
    "key": "key",
    "auth": "auth",
    "password_command": "password_command",
    "token_command": "token_command",
    "timeout": "timeout",
    "dsn": "notify",
}
_SECRETS = ("password", "password_command", "token_command")
_UNQUOTED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def road(options: Options) -> Sender:
    """The sender that *options* name; nothing is opened yet.

    Raises:
        ConfigurationError: they name none, or what the environment or an account names is none.
        BadURL: what the command line names is none.
        UsageError: an option is not for such a road, or makes no sense.
    """
    if options.via is None:
        raise ConfigurationError(
            "no sender: name one with --via, such as --via smtp://me@mail.example.org:587, in $CARTERO_URL, "
            "or in an account (--help says where)"
        )
    try:
        sender = connect(_url(options.via, options))
    except (BadURL, UsageError) as error:
        if options.origin:
            raise ConfigurationError(f"{options.origin}: {error}") from error
        raise
    sender.before_send += signers(options)
    if options.verbose and hasattr(sender, "trace"):
        sender.trace = report_talk
    return sender


def signers(options: Options) -> list[Callable[[MailObject], MailObject]]:
    """What signs a message, for each --dkim.

    Raises:
        UsageError: one of them makes no sense.
        ConfigurationError: a key does not.
    """
    return [_signer(given) for given in options.dkim]


def signed(mail: MailObject, options: Options) -> MailObject:
    """*mail* as each --dkim leaves it, to be shown.

    Raises:
        UsageError, ConfigurationError: as for `signers`.
    """
    for sign in signers(options):
        mail = sign(mail)
    return mail


def _signer(given: str) -> Callable[[MailObject], MailObject]:
    domain, _, rest = given.partition(":")
    selector, _, path = rest.partition(":")
    if not path:
        raise UsageError(f"expected DOMAIN:SELECTOR:KEYFILE behind --dkim, found {given!r}")
    from ..senders.dkim import DKIMSigner  # noqa: PLC0415 - for those who sign

    try:
        return DKIMSigner(domain, selector, path)
    except BadKey as error:
        raise ConfigurationError(f"--dkim {domain}:{selector}: {error}") from error


# -- what options say in place of the URL ----------------------------------------------------------


def _url(url: str, options: Options) -> str:
    """*url* with what *options* say of the network."""
    said = {name: value for name in _IN_URL if (value := getattr(options, name)) is not None}
    if not said and options.user is None and options.password is None:
        return url
    parsed = SenderURL.parse(url)
    if parsed.scheme not in _NETWORK:
        wrong = next(iter(said), "user" if options.user is not None else "password").replace("_", "-")
        raise UsageError(
            f"--{wrong} is for {', '.join(f'{name}:' for name in _NETWORK)}, and this road is {parsed.scheme}:"
        )
    has_secret = any(getattr(options, name) is not None for name in _SECRETS)
    dropped = {_IN_URL[name] for name in said}
    if has_secret:
        dropped |= {"password_command", "token_command"}
    if "timeout" in said:
        dropped |= {"connect", "command", "data"}
    kept = [pair for pair in parsed.query.split("&") if pair and pair.partition("=")[0] not in dropped]
    added = [f"{_IN_URL[name]}={_quoted(str(value))}" for name, value in said.items()]
    query = "&".join(kept + added)
    authority = _authority(parsed.authority, options, has_secret=has_secret)
    return f"{parsed.scheme}://{authority}{_quoted(parsed.path, '/')}{'?' if query else ''}{query}"


def _authority(given: str, options: Options, *, has_secret: bool) -> str:
    """User, password, host and port, where *options* may name the first two."""
    userinfo, _, place = given.rpartition("@")
    user, colon, password = userinfo.partition(":")
    if options.user is not None:
        user = _quoted(options.user)
    if has_secret:
        colon, password = (":", _quoted(options.password)) if options.password is not None else ("", "")
    return f"{user}{colon}{password}{'@' if user or colon else ''}{place}"


def _quoted(text: str, also: str = "") -> str:
    """*text* as it stands in a URL; a ``$`` in it names no variable."""
    return "".join(
        chr(octet) if octet in _UNQUOTED or chr(octet) in also else f"%{octet:02X}"
        for octet in text.encode("utf-8", "surrogateescape")
    )
