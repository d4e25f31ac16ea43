"""From a URL to what an SMTP sender is told: ``smtp://user@host:587?tls=require&ca=...``."""

from __future__ import annotations

from .._numbers import read_number
from ..errors import BadURL
from ..smtp.commands import DSN
from ..smtp.conversation import Timeouts
from ..url import escapes
from ..wires.tls import TLS
from ._pool import Limits
from ._secret import from_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..smtp.conversation import Secret
    from ..url import SenderURL

_TLS = ("tls", "ca", "fingerprint", "certificate", "key", "server_name")
_TIMEOUTS = ("connect", "command", "data", "final")
_LIMITS = {"connections": int, "messages": int, "idle": float, "rate": float}
_DSN = ("notify", "ret", "envid")
_OWN = ("auth", "password_command", "token_command", "own_name", "repair", "chunking", "timeout")


def settings(url: SenderURL, *, fetched: Callable[[str], Secret] = from_command) -> dict[str, Any]:
    """The arguments of an SMTP sender that *url* says.

    Args:
        url: the URL.
        fetched: makes what fetches a secret of the command that prints it.

    Raises:
        BadURL: it says something that no such sender can do.
    """
    if url.members:
        raise BadURL(f"{url.scheme}: takes no parentheses")
    place = url.endpoint()
    options = url.options(*_OWN, *_TLS, *_TIMEOUTS, *_LIMITS, *_DSN)
    found: dict[str, Any] = {"protocol": url.scheme, **_where(url, place.host, place.port)}
    if place.user is not None:
        found["user"] = place.user
    found |= _secrets(place.password, options, fetched)
    if tls := {name: options[name] for name in _TLS if name in options}:
        mode = tls.pop("tls", "require")
        if mode == "off" and tls:
            raise BadURL(f"{', '.join(tls)}: of no use where tls=off")
        found["tls"] = TLS(mode, **tls)  # type: ignore[arg-type]  # which modes there are, is its to say
    if timeouts := _timeouts(options):
        found["timeouts"] = Timeouts(**timeouts)
    if limits := {name: read_number(name, options[name], kind) for name, kind in _LIMITS.items() if name in options}:
        found["limits"] = Limits(**limits)
    if any(name in options for name in _DSN):
        found["dsn"] = DSN(
            filter(None, options.get("notify", "").split(",")), ret=options.get("ret"), envid=options.get("envid", "")
        )
    found |= {name: options[name] for name in ("auth", "own_name") if name in options}
    return found | {name: _is_on(name, options[name]) for name in ("repair", "chunking") if name in options}


def _where(url: SenderURL, host: str, port: int | None) -> dict[str, Any]:
    path = url.path if url.path != "/" else ""
    if not host:
        return {"path": path} if path else {}
    if path:
        raise BadURL(f"{url.scheme}: takes no path behind its host{escapes(url)}")
    return {"host": host} if port is None else {"host": host, "port": port}


def _secrets(password: str | None, options: dict[str, str], fetched: Callable[[str], Secret]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if password is not None:
        given["password"] = password
    if "password_command" in options:
        if password is not None:
            raise BadURL("expected a password or a password_command, found both")
        given["password"] = fetched(options["password_command"])
    if "token_command" in options:
        given["token"] = fetched(options["token_command"])
    return given


def _timeouts(options: dict[str, str]) -> dict[str, float]:
    """Of ``timeout``, which stands for all but the last, and of each by its name."""
    said = {name: read_number(name, options[name], float) for name in ("timeout", *_TIMEOUTS) if name in options}
    if "timeout" in said:
        timeout = said.pop("timeout")
        said = {"connect": timeout, "command": timeout, "data": timeout} | said
    return said


def _is_on(name: str, text: str) -> bool:
    if text not in {"on", "off"}:
        raise BadURL(f"expected on or off as {name}, found {text!r}")
    return text == "on"
