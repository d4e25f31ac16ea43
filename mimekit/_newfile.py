"""A new file: written whole or not at all, and never over another one."""

from __future__ import annotations

import os

from .errors import BadValue, MissingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# pathlib costs as much to import as mimekit.
# ruff: noqa: PTH102, PTH105, PTH108, PTH118

_NAME_SIZE = 255  # octets a name may have nearly everywhere
_ENDING_SIZE = 64  # what is longer is no ending
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NUMBERED = " ({})"  # how a number is put into a name that is taken
_MODE = 0o666  # less what the umask takes


def write_new(directory: str, name: str, pieces: Iterable[bytes], *, numbered: str = _NUMBERED) -> str:
    """Write a new file in *directory*, and give its path; on any failure nothing is left behind.

    It is written under a temporary name that begins with a dot, and gets its own when it is whole.

    Args:
        directory: where to; ``""`` is the current one.
        name: what it is called, one that `safe_filename` made; where something of that name stands, be it a link
            that leads nowhere, it is called by another one with a number.
        pieces: its octets.
        numbered: how the number is put between the stem of the name and its ending.

    Raises:
        MissingFile: there is no such directory, or it is gone before the file is whole.
        BadValue: no directory is such a text.
        OSError: it cannot be written; it names the file.
    """
    temporary = os.path.join(directory, f".{os.urandom(8).hex()}.tmp")
    descriptor = _create(temporary, directory)
    try:
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor
                file.writelines(pieces)
        except OSError as error:
            if error.filename is not None:
                raise
            # what a full disk says names no file
            raise OSError(error.errno, error.strerror, _joined(directory, name)) from error
        try:
            return _place(temporary, directory, name, numbered)
        except FileNotFoundError as error:
            raise MissingFile(error.errno, error.strerror, directory) from error
    finally:
        try:  # noqa: SIM105 -- contextlib is nothing to import for this
            os.unlink(temporary)
        except FileNotFoundError:
            pass  # it was moved


def make_folder(directory: str, name: str) -> str:
    """Make a new folder in *directory*, called as a new file would be, and give its path.

    Raises:
        MissingFile: there is no such directory.
        BadValue: no directory is such a text.
        OSError: it cannot be made.
    """
    candidates = _candidates(directory, name, _NUMBERED)
    while True:
        path = _joined(directory, next(candidates))
        try:
            os.mkdir(path)
        except FileExistsError:
            continue
        except FileNotFoundError as error:
            raise MissingFile(error.errno, error.strerror, directory) from error
        except ValueError as error:
            raise BadValue(f"no directory: {directory!r:.200} ({error})") from error
        return path


def _create(path: str, directory: str) -> int:
    try:
        return os.open(path, _NEW, _MODE)
    except FileNotFoundError as error:
        raise MissingFile(error.errno, error.strerror, directory) from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, directory or os.curdir) from error
    except ValueError as error:
        raise BadValue(f"no directory: {directory!r:.200} ({error})") from error


def _place(temporary: str, directory: str, name: str, numbered: str) -> str:
    """Give what is written the first of its names that is free."""
    candidates = _candidates(directory, name, numbered)
    while True:
        path = _joined(directory, next(candidates))
        try:
            _move(temporary, path)
        except FileExistsError:
            continue
        return path


def _move(temporary: str, path: str) -> None:
    """Move a file where nothing stands.

    Raises:
        FileExistsError: something does.
        OSError: it cannot be done.
    """
    # SECURITY: neither call follows a link that stands there, and both refuse in one step what a look before
    # would only have seen
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # not every file system has links: the name is taken with an empty file, which is then replaced
        os.close(os.open(path, _NEW, _MODE))
        try:
            os.replace(temporary, path)
        except OSError:
            os.unlink(path)
            raise


def _candidates(directory: str, name: str, numbered: str) -> Iterator[str]:
    """*name*, then *name* with numbers: the first that is free, and those behind it."""
    yield name

    def is_taken(number: int) -> bool:
        return os.path.lexists(_joined(directory, _with_number(name, numbered.format(number))))

    number = _first_free(is_taken)
    while True:
        yield _with_number(name, numbered.format(number))
        number += 1


def _first_free(is_taken: Callable[[int], bool]) -> int:
    """A number from 2 on that is free behind one that is not, found in few steps however many are taken."""
    # SECURITY: a mail of ten thousand files of one name would otherwise cost fifty million looks
    taken, free = 1, 2
    while is_taken(free):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(middle):
            taken = middle
        else:
            free = middle
    return free


def _with_number(name: str, number: str) -> str:
    """*name* with *number* before its ending, in no more octets than a name may have."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) >= _ENDING_SIZE:
        stem, dot, ending = name, "", ""
    room = _NAME_SIZE - len(f"{number}{dot}{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + number + dot + ending


def _joined(directory: str, name: str) -> str:
    return os.path.join(directory, name)
