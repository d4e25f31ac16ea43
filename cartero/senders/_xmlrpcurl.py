"""From a URL to what an XML-RPC sender is told: ``xmlrpc+https://:$TOKEN@host/path?timeout=30``."""

from __future__ import annotations

from .._numbers import read_number
from ..errors import BadURL
from ..url import SenderURL
from ..wires.tls import TLS
from ._secret import from_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TLS = ("tls", "ca", "fingerprint", "certificate", "key", "server_name")
_NUMBERS = {"timeout": float, "answer_timeout": float, "idle": float, "batch": int}


def settings(url: SenderURL) -> dict[str, Any]:
    """The arguments of an XML-RPC sender that *url* says.

    Raises:
        BadURL: it says something that no such sender can do.
    """
    if url.members:
        raise BadURL(f"{url.scheme}: takes no parentheses")
    options = url.options(*_NUMBERS, *_TLS, "token_command")
    found: dict[str, Any] = {
        "url": SenderURL(url.scheme.removeprefix("xmlrpc+"), authority=url.authority, path=url.path),
        **{name: read_number(name, options[name], kind) for name, kind in _NUMBERS.items() if name in options},
    }
    if "token_command" in options:
        if url.endpoint().password is not None:
            raise BadURL("expected a token or a token_command, found both")
        found["token"] = from_command(options["token_command"])
    if tls := {name: options[name] for name in _TLS if name in options}:
        found["tls"] = TLS(tls.pop("tls", "require"), **tls)  # type: ignore[arg-type]  # its to say which modes there are
    return found
