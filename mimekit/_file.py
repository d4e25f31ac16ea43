"""A file to be read, given by its path or open already."""

from __future__ import annotations

import os

from .errors import BadValue, MissingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO


def path_of(given: object, *, advice: str = "") -> str:
    """The path that a caller gave, as text.

    Raises:
        BadValue: it is none.
    """
    path = os.fspath(given) if isinstance(given, str | os.PathLike) else None
    if not isinstance(path, str):
        raise BadValue(f"expected a path (a str or an os.PathLike), found {type(given).__qualname__}{advice}")
    return path


class Opened:
    """A file, open for reading inside ``with``; closed behind it if it was not open before.

    Raises:
        MissingFile: there is none.
        BadValue: no path is such a text.
    """

    __slots__ = ("_file", "_own")

    def __init__(self, path_or_file: str | os.PathLike[str] | IO[bytes]) -> None:
        self._own = isinstance(path_or_file, str | os.PathLike)
        if not isinstance(path_or_file, str | os.PathLike):
            self._file = path_or_file
            return
        try:
            self._file = open(path_or_file, "rb")  # noqa: PTH123, SIM115 -- pathlib costs as much to import as mimekit
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFile(error.errno, error.strerror, os.fspath(path_or_file)) from error
        except ValueError as error:
            raise BadValue(f"no path: {path_or_file!r:.200} ({error})") from error

    def __enter__(self) -> IO[bytes]:
        return self._file

    def __exit__(self, *_raised: object) -> None:
        if self._own:
            self._file.close()


def read_octets(file: IO[bytes], *size: int) -> bytes:
    """What *file* gives: all that is left, or at most *size* octets.

    Raises:
        BadValue: it is no file, or one that is closed, or not open for reading octets.
        OSError: it cannot be read; it names the file, if that has a name.
    """
    if isinstance(file, bytes | bytearray | memoryview):
        found = type(file).__qualname__
        raise BadValue(
            f"expected a path or a file, found {found}; parse() reads octets, io.BytesIO makes a file of them"
        )
    if not hasattr(file, "read"):
        raise BadValue(f"expected a path or a file, found {type(file).__qualname__}")
    try:
        octets = file.read(*size)
    except ValueError as error:  # octets that are no text, a file that is closed, or open for writing (an OSError too)
        raise BadValue(f"expected a file open for octets (mode 'rb'), and reading it failed: {error}") from error
    except OSError as error:
        # what a broken disk says names no file
        error.filename = error.filename or getattr(file, "name", None)
        raise
    if not isinstance(octets, bytes):
        raise BadValue(f"expected a file open for octets (mode 'rb'), and reading it gave {type(octets).__qualname__}")
    return octets
