"""The door to received mail: octets, text or a file to a message."""

from __future__ import annotations

import mmap as mapping
import os
import stat
from io import FileIO

from . import policy as policies
from ._file import Opened, read_octets
from ._mapped import Mapped, Octets
from ._node import check_policy, whole
from .errors import BadValue, ParseError
from .message import MIMEMessage
from .policy import Policy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from typing_extensions import Buffer


def parse(source: Buffer | str, *, policy: Policy = policies.default) -> MIMEMessage:
    """The message in *source*. Whatever its octets are, it is a message, with defects where it breaks rules.

    Nothing is read before it is asked for, and nothing is lost: ``bytes(parse(b)) == b``.

    Args:
        source: the octets, or anything that holds some (`bytearray`, `memoryview`, `mmap.mmap`); a `str` is taken as
            UTF-8, with what ``surrogateescape`` made of other octets undone.
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
    elif isinstance(source, bytes):
        octets = source
    else:
        try:
            octets = bytes(memoryview(source))
        except (TypeError, ValueError):
            advice = "; parse_file() reads a file" if hasattr(source, "read") or hasattr(source, "__fspath__") else ""
            raise BadValue(f"expected bytes or str, found {type(source).__qualname__}{advice}") from None
    return message_of(octets, policy)


def parse_file(
    path_or_file: str | os.PathLike[str] | IO[bytes], *, policy: Policy = policies.default, mmap: bool = False
) -> MIMEMessage:
    """The message in a file, given by its path or open for reading octets.

    Args:
        path_or_file: where it stands.
        policy: the options of reading, and of writing what is changed.
        mmap: the file is mapped into memory and not read, so that of a large message only what is asked for costs
            anything. It must stand at its beginning, on disk, and not change: what is written over it changes the
            message, and **a file that is cut short kills the process** at the next look at what is gone. Nothing
            can be caught then, so map only what nobody else writes to.

    Raises:
        MissingFile: there is no such file.
        BadValue: the file is open for reading text, or cannot be mapped; or no path is such a text.
        OSError: it cannot be read.
        ParseError: under ``policy.strict``, the first defect.
    """
    with Opened(path_or_file) as file:
        return message_of(_map(file) if mmap else read_octets(file), policy)


def message_of(octets: Octets, policy: Policy) -> MIMEMessage:
    """The message that *octets* are.

    Raises:
        BadValue: *policy* is no `Policy`.
        ParseError: it is strict, and this the first defect.
    """
    check_policy(policy)
    message = MIMEMessage._received(whole(octets), policy)
    if policy.strict:
        for defect in message.all_defects():
            raise ParseError(defect)
    return message


def _map(file: IO[bytes]) -> Octets:
    # what is unpacked while it is read has the file number of what is packed, so only a plain file will do
    plain = file if isinstance(file, FileIO) else getattr(file, "raw", None)
    if not isinstance(plain, FileIO):
        raise BadValue(f"only a file on disk, open for octets, can be mapped, not {type(file).__qualname__}")
    status = os.fstat(plain.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise BadValue("only a file on disk can be mapped, not a pipe or a device")
    if file.tell():
        raise BadValue(f"a file is mapped from its beginning, and this one stands at {file.tell()}")
    if not status.st_size:
        return read_octets(file)  # nothing cannot be mapped; and /proc says so of files that hold something
    return Mapped(plain.fileno(), 0, access=mapping.ACCESS_READ)
