"""An MH folder: each message a file of its own, called by a number."""

from __future__ import annotations

import contextlib
import os

from ._foldersync import sync_folder
from ._ondisk import create, discard, fill, make_folders, place, step

# ruff: noqa: PTH118, PTH208

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_SEQUENCES = ".mh_sequences"


class MHFolder:
    """The MH folder at *path*."""

    def __init__(self, path: str) -> None:
        self._path = path

    def open(self) -> None:
        """Make of it what is not there; the standard library's ``mailbox`` reads none without its sequences."""
        make_folders(self._path)
        with contextlib.suppress(FileExistsError):
            os.close(create(self._inside(_SEQUENCES)))

    def deliver(self, pieces: Iterable[bytes], _author: str) -> str:
        """Put a message in, and give its path."""
        with step("write", "write the message in the MH folder"):
            # What begins with a dot is no message to any program.
            temporary = self._inside(f".{os.urandom(8).hex()}.tmp")
            fill(temporary, create(temporary), pieces)
        with step("move", "move the message in the MH folder"):
            try:
                path = self._number(temporary)
            except OSError:
                discard(temporary)
                raise
        # It is there, and may be gone after a power cut.
        with step("sync", "sync the message in the MH folder", ambiguous=True):
            sync_folder(self._path)
        return path

    def _number(self, temporary: str) -> str:
        """Give what is written the number behind the highest; another program may be quicker, and gets it."""
        number = 1 + max(map(int, filter(_is_number, os.listdir(self._path))), default=0)
        while True:
            path = self._inside(str(number))
            try:
                place(temporary, path)
            except FileExistsError:
                number += 1
            else:
                return path

    def _inside(self, name: str) -> str:
        return os.path.join(self._path, name)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()
