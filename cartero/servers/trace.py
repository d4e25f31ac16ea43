"""The Received field that a server puts in front of what it takes in, and the name of the server in it.

RFC 5321, section 4.4.
"""

from __future__ import annotations

import random
import re
import socket
import time
from datetime import UTC, datetime
from functools import lru_cache

from mimekit.values.date import format_date

from ..errors import BadURL

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LITERAL = re.compile(r"\[[A-Za-z0-9.:]+\]")  # RFC 5321, section 4.1.3
_WORDS = frozenset({"from", "by", "via", "with", "id", "for"})  # which stand in front of what the field says
_LONGEST_NAME = 255  # RFC 5321, section 4.5.3.1.2
_LONGEST_PATH = 254  # RFC 5321, section 4.5.3.1.3, without the brackets


def received(*, greeted: str, host: str, own_name: str, protocol: str, recipient: str | None) -> bytes:
    """The field, as octets, with its line ends.

    Args:
        greeted: the name the client said it has, which may be anything.
        host: its address; an empty string where it came by a socket file.
        own_name: the name of this server.
        protocol: ``SMTP``, ``ESMTPS``, ``LMTP`` and so on. RFC 3848.
        recipient: the one recipient; None where there are several, who shall not see each other.
    """
    name = _name(greeted)
    address = f"IPv6:{host}" if ":" in host else host
    source = f"{name} ([{address}])" if host else name
    # RFC 5321 7.2: with more than one, who got a blind copy would be told to the others.
    target = f"\r\n\tfor <{recipient}>" if recipient is not None and _can_be_named(recipient) else ""
    number = f"{random.getrandbits(64):016x}"  # nobody gains by guessing it
    date = _date(int(time.time()))
    line = f"by {_name(own_name)} with {protocol} id {number}"
    return f"Received: from {source}\r\n\t{line}{target};\r\n\t{date}\r\n".encode()


def server_name(given: object) -> str:
    """The name of this server: *given*, or that of the host.

    Raises:
        BadURL: no host is called so; it is said to clients, and stands in the field.
    """
    if given is None:
        return socket.gethostname()
    if not isinstance(given, str) or len(given) > _LONGEST_NAME or not given or _name(given) != given:
        raise BadURL(f"expected the domain name of this server, such as mx.example.org, found {given!r:.80}")
    return given


def _can_be_named(recipient: str) -> bool:
    # RFC 5322 2.1.1: a line has at most 998 characters, and an address may be longer.
    return recipient.isascii() and len(recipient) <= _LONGEST_PATH


def _name(given: str) -> str:
    """*given* where it is the name of a host, or what is left of it: one word, and nothing else."""
    name = given[:_LONGEST_NAME]
    if _LITERAL.fullmatch(name):
        return name
    name = _UNSAFE.sub("?", name)
    return name if name and name.lower() not in _WORDS else "unknown"


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return format_date(datetime.fromtimestamp(second, UTC).astimezone())
