"""The door to received mail: octets, text or a file to a message."""

from __future__ import annotations

import os
from typing import IO

from . import policy as policies
from ._node import check_policy, whole
from .errors import BadValue, MissingFile, ParseError
from .message import MIMEMessage
from .policy import Policy


def parse(source: bytes | bytearray | memoryview | str, *, policy: Policy = policies.default) -> MIMEMessage:
    """The message in *source*. Whatever its octets are, it is a message, with defects where it breaks rules.

    Nothing is read before it is asked for, and nothing is lost: ``bytes(parse(b)) == b``.

    Args:
        source: the octets; a `str` is taken as UTF-8, with what ``surrogateescape`` made of other octets undone.
        policy: the options of reading, and of writing what is changed.

    Raises:
        BadValue: *source* is neither, or a `str` that no octets stand for.
        ParseError: under ``policy.strict``, the first defect.
    """
    if isinstance(source, str):
        try:
            octets = source.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise BadValue(f"the text has a lone surrogate at {error.start}") from error
    elif isinstance(source, bytes | bytearray | memoryview):
        octets = bytes(source)
    else:
        raise BadValue(f"expected bytes or str, found {type(source).__qualname__}")
    check_policy(policy)
    message = MIMEMessage._received(whole(octets), policy)
    if policy.strict:
        for defect in message.all_defects():
            raise ParseError(defect)
    return message


def parse_file(path_or_file: str | os.PathLike[str] | IO[bytes], *, policy: Policy = policies.default) -> MIMEMessage:
    """The message in a file, given by its path or open for reading octets.

    Raises:
        MissingFile: there is no such file.
        BadValue: the file is open for reading text.
        OSError: it cannot be read.
        ParseError: under ``policy.strict``, the first defect.
    """
    if not isinstance(path_or_file, str | os.PathLike):
        return parse(_read_octets(path_or_file), policy=policy)
    try:
        with open(path_or_file, "rb") as file:  # noqa: PTH123 -- pathlib costs as much to import as mimekit
            return parse(file.read(), policy=policy)
    except FileNotFoundError as error:
        raise MissingFile(error.errno, error.strerror, os.fspath(path_or_file)) from error


def _read_octets(file: IO[bytes]) -> bytes:
    if not hasattr(file, "read"):
        raise BadValue(f"expected a path or a file, found {type(file).__qualname__}")
    octets = file.read()
    if not isinstance(octets, bytes):
        raise BadValue(f"expected a file open for octets (mode 'rb'), and reading it gave {type(octets).__qualname__}")
    return octets
