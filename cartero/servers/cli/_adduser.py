"""A user for a file of users: ``cartero-serve --add-user``."""

from __future__ import annotations

import contextlib
import os
import stat
import sys

from ..._reason import reason_of
from ...cli._exits import NoInputError, UsageError
from ...errors import BadURL
from ..passwords import password_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# ruff: noqa: PTH105, PTH108, PTH116, PTH123 - a few calls, of which the rights of a file matter


def add_user(path: str, name: str) -> None:
    """Ask for a password, and write the line of *name* into the file at *path*, in place of one that is there.

    Raises:
        UsageError: nobody can be called *name*, or it is no password.
        NoInputError: the file cannot be read.
        OSError: it cannot be written.
    """
    try:
        password_line(name, "")  # before anybody is asked for anything
    except BadURL as error:
        raise UsageError(f"--add-user: {error}") from error
    line = password_line(name, _password(name))
    _replace(path, [*(kept for kept in _lines(path) if not kept.startswith(f"{name}:")), line])


def _password(name: str) -> str:
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise UsageError("--add-user: expected a password on standard input")
    if stdin.isatty():
        from getpass import getpass  # noqa: PLC0415 - for those who are asked

        password = getpass(f"password of {name}: ")
        if getpass("once more: ") != password:
            raise UsageError("--add-user: these are two passwords; nothing was written")
    else:
        password = stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError("--add-user: expected a password, found nothing")
    return password


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise NoInputError(f"cannot read {path}: {reason_of(error)}") from error


def _replace(path: str, lines: list[str]) -> None:
    """Have *lines* in the file at *path*, which is the old one or the new one at any time, with the rights it had."""
    fresh = f"{path}.new"
    known = os.stat(path) if os.path.exists(path) else None  # noqa: PTH110
    mode = 0o600 if known is None else stat.S_IMODE(known.st_mode)
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise OSError(f"cannot write {fresh}, which takes the place of {path}: {reason_of(error)}") from error
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        if known is not None:
            os.chmod(fresh, mode)  # noqa: PTH101
            # root writes it for whoever the server runs as
            with contextlib.suppress(PermissionError):
                os.chown(fresh, known.st_uid, known.st_gid)
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise
