"""The other libraries: which of them are installed, and what reading a message means with each."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable
from importlib import metadata

STDLIB = "stdlib"
FAST = "fast-mail-parser"
MAILPARSER = "mail-parser"
Reading = Callable[[bytes], object]


def versions() -> dict[str, str | None]:
    """The version of each library, ours first; None for one that is not installed."""
    return {name: _version(name) for name in ("cartero-mail", FAST, MAILPARSER)} | {
        STDLIB: f"email of Python {platform.python_version()}"
    }


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def fast() -> Reading | None:
    """fast-mail-parser's parse, None where it is not installed. It makes everything it knows of a message at once.

    Raises:
        ParseError: in the reading, its own, on some real mail; see `refused`.
    """
    if _version(FAST) is None:
        return None
    parse: Reading = importlib.import_module("fast_mail_parser").parse_email
    return parse


def tolerant(parse: Reading) -> Reading:
    """*parse* as its users have to call it: what it refuses is None."""
    error: type[Exception] = importlib.import_module("fast_mail_parser").ParseError

    def read(octets: bytes) -> object:
        try:
            return parse(octets)
        except error:
            return None

    return read


def mailparser_typical() -> Reading | None:
    """Subject, addresses, date, body and attachments by mail-parser; None where it is not installed."""
    return _mailparser(lambda mail: (mail.subject, mail.from_, mail.to, mail.date, mail.body, mail.attachments))


def mailparser_everything() -> Reading | None:
    """All that mail-parser knows of a message; None where it is not installed."""
    return _mailparser(lambda mail: (mail.headers, mail.body, mail.attachments))


def _mailparser(look: Callable[..., object]) -> Reading | None:
    if _version(MAILPARSER) is None:
        return None
    parse: Callable[[bytes], object] = importlib.import_module("mailparser").parse_from_bytes

    def read(octets: bytes) -> object:
        try:
            return look(parse(octets))
        except Exception:  # noqa: BLE001 -- it raises many things on real mail
            return None

    return read
