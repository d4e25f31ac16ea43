"""Where the road comes from: the command line, the environment, or an account in the user's file."""

from __future__ import annotations

import os
import re
import stat

from .._reason import reason_of
from ._exits import ConfigurationError
from ._parser import DSN, TLS, notices
from ._report import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._options import Options

# pathlib would be a good part of what starting the command may cost.
# ruff: noqa: PTH111, PTH113, PTH116, PTH118, PTH120, PTH123

#: Where mail programs that run as nobody in particular find the account of the machine.
SYSTEM_FILE = "/etc/cartero.toml"
_DEFAULT = "default"
_SECRETS = ("password", "password_command", "token_command")
_PASSWORD_IN_URL = re.compile(r"//[^/@]*:[^/@$][^/@]*@")
_PATHS = frozenset({"ca", "cert", "key"})
# each setting of an account, and the option it stands for
_SETTINGS = {
    "url": "via",
    "from": "sender",
    "sender_name": "sender_name",
    "local_recipient": "local_recipient",
    "user": "user",
    "password": "password",
    "password_command": "password_command",
    "token_command": "token_command",
    "auth": "auth",
    "tls": "tls",
    "ca": "ca",
    "fingerprint": "fingerprint",
    "server_name": "server_name",
    "cert": "cert",
    "key": "key",
    "timeout": "timeout",
    "retry": "retry",
    "dsn": "dsn",
    "dkim": "dkim",
}


def settle(options: Options) -> None:
    """Fill what *options* leave open: from the account they name, else from ``$CARTERO_URL``, else from [default].

    A road that is named on the command line or in the environment takes nothing from an account: passwords would go
    where they do not belong.

    Raises:
        ConfigurationError: there is no such account, or its file cannot be read, or makes no sense.
    """
    if options.via is not None:
        return
    url = os.environ.get("CARTERO_URL")
    if url and options.account is None:
        options.via, options.origin = url, "$CARTERO_URL"
        return
    path = _path()
    if path is not None:
        _settle_from(path, options)
    elif options.account is not None:
        raise ConfigurationError(f"no account is called {options.account}: there is no file {own_file()}")


def own_file() -> str:
    """Where the user's accounts are: ``~/.config/cartero.toml``, or where ``$XDG_CONFIG_HOME`` says."""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(folder, "cartero.toml")


def _path() -> str | None:
    return next((path for path in (own_file(), SYSTEM_FILE) if os.path.isfile(path)), None)


def _settle_from(path: str, options: Options) -> None:
    accounts = _read(path)
    name = options.account or _DEFAULT
    account = accounts.get(name)
    if account is None and options.account is None:
        return
    origin = f"[{name}] in {path}"
    if not isinstance(account, dict):
        known = ", ".join(sorted(accounts)) or "none"
        raise ConfigurationError(f"no account is called {name} in {path} (there is {known})")
    if "url" not in account:
        raise ConfigurationError(f"{origin}: expected url = 'smtp://me@host:587', or another road")
    _warn_of_readers(path, accounts)
    options.origin = origin
    # who says on the command line how to log in means that alone
    own = [key for key in account if key not in _SECRETS] if _says_secret(options) else list(account)
    for key in own:
        _apply(options, key, _checked(key, account[key], origin, os.path.dirname(path)))


def _read(path: str) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 -- for those who have accounts

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {reason_of(error)}") from error
    except ValueError as error:  # of TOML, or of UTF-8
        raise ConfigurationError(f"{path} is no TOML: {error}") from error


def _checked(key: str, value: object, origin: str, folder: str) -> object:
    """What *value* is for the option; paths begin in the folder of the file."""
    if key not in _SETTINGS:
        raise ConfigurationError(f"{origin}: there is no setting {key} (there are {', '.join(_SETTINGS)})")
    if key == "dkim":
        return [_key_file(one, origin, folder) for one in (value if isinstance(value, list) else [value])]
    kind = {"timeout": (int, float), "retry": (int,)}.get(key, (str,))
    if not isinstance(value, kind) or isinstance(value, bool) or (isinstance(value, int | float) and value < 0):
        expected = "a text, in quotes" if kind == (str,) else "a number"
        raise ConfigurationError(f"{origin}: expected {expected}, for {key}")
    if key == "tls" and value not in TLS:
        raise ConfigurationError(f"{origin}: expected one of {', '.join(TLS)}, for tls")
    if key == "dsn":
        try:
            return notices(str(value))
        except ValueError:
            raise ConfigurationError(f"{origin}: expected some of {', '.join(DSN)}, for dsn") from None
    return _expanded(str(value), folder) if key in _PATHS else value


def _key_file(value: object, origin: str, folder: str) -> str:
    domain, _, rest = str(value).partition(":")
    selector, colon, path = rest.partition(":")
    if not isinstance(value, str) or not colon:
        raise ConfigurationError(f"{origin}: expected 'DOMAIN:SELECTOR:KEYFILE', for dkim")
    return f"{domain}:{selector}:{_expanded(path, folder)}"


def _expanded(path: str, folder: str) -> str:
    return os.path.join(folder, os.path.expanduser(path))


def _apply(options: Options, key: str, value: object) -> None:
    """Set the option that *key* stands for, where the command line has not."""
    name = _SETTINGS[key]
    if key == "from":
        options.own_address = str(value)
    if getattr(options, name) in (None, []):
        setattr(options, name, value)


def _says_secret(options: Options) -> bool:
    return any(getattr(options, key) is not None for key in _SECRETS)


def _warn_of_readers(path: str, accounts: dict[str, Any]) -> None:
    """Complain if others can read a password in the file; a group may, in that of the machine."""
    # SECURITY: what others can read is no secret
    others = stat.S_IROTH if path == SYSTEM_FILE else stat.S_IROTH | stat.S_IRGRP
    has_password = any(isinstance(account, dict) and _has_password(account) for account in accounts.values())
    if has_password and os.name == "posix" and os.stat(path).st_mode & others:
        complain(f"warning: others can read the password in {path}: chmod 600 {path}")


def _has_password(account: dict[str, Any]) -> bool:
    return "password" in account or _PASSWORD_IN_URL.search(str(account.get("url"))) is not None
