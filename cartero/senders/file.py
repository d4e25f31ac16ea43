"""Mail into a folder, each message a text file for people to read."""

from __future__ import annotations

import os
import re
import time
from unicodedata import normalize

from .._reason import reason_of
from ..errors import BadURL, ConnectError
from ._foldersync import sync_folder
from ._ondisk import (
    StepFailed,
    advice_on,
    create,
    discard,
    fill,
    is_temporary,
    make_folders,
    place,
    step,
)
from ._readable import readable
from .base import Sender

# ruff: noqa: PTH118

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..receipt import Receipt
    from .preparation import MailObject

_SUBJECT_LENGTH = 40
_MICROSECONDS = 10**6


class FileSender(Sender):
    """Writes each message into a file of its own, for people to read: the text that `ConsoleSender` prints, in UTF-8.

    For looking at what a program sends; to keep mail, use `MailboxSender`. The files are called by the time, in UTC
    and to the microsecond, and by the subject, as in ``20261126T061500.123456Z-welcome-to-the-club.txt``: sorted by
    name they are in order. A file gets its name when it is whole and on disk. The receipt's `location` is its path.

    Args:
        folder: where they are written; it is made where there is none, in a folder that exists, for its owner
            alone, as the files are. ``~`` is not expanded.

    Raises:
        BadURL: *folder* is no path.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        given = os.fspath(folder) if isinstance(folder, os.PathLike) else folder
        if not isinstance(given, str):
            raise BadURL(f"expected the path of a folder, found {type(given).__name__}")
        if not given:
            raise BadURL("expected the path of a folder, found nothing")
        super().__init__()
        self._folder = given
        self._latest = 0  # microseconds: when the last message was written

    @property
    def name(self) -> str:
        """``file:`` and the path."""
        return f"file:{self._folder}"

    def _open(self) -> None:
        try:
            make_folders(self._folder)
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            raise ConnectError(
                f"cannot open the folder: {reason_of(error)}{advice_on(error, self._folder)}",
                sender=self.name,
                stage="open",
                temporary=is_temporary(error),
            ) from error

    def _deliver(self, mail: MailObject) -> Receipt:
        octets = readable(mail).encode()
        try:
            path = self._write(octets, _words(str(mail.message["Subject"] or "")))
        except StepFailed as failed:
            raise failed.as_sending_error(mail, sender=self.name) from failed.__cause__
        return self._accepted(mail, reply=path, location=path)

    def _write(self, octets: bytes, words: str) -> str:
        with step("write", "write the message in the folder"):
            temporary = os.path.join(self._folder, f".{os.urandom(8).hex()}.tmp")
            fill(temporary, create(temporary), (octets,))
        with step("move", "move the message in the folder"):
            try:
                path = self._place(temporary, words)
            except OSError:
                discard(temporary)
                raise
        # It is there, and may be gone after a power cut.
        with step("sync", "sync the message in the folder", ambiguous=True):
            sync_folder(self._folder)
        return path

    def _place(self, temporary: str, words: str) -> str:
        """Give what is written a name of its own, later than those before."""
        while True:
            self._latest = max(time.time_ns() // 1000, self._latest + 1)
            seconds, microseconds = divmod(self._latest, _MICROSECONDS)
            moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
            path = os.path.join(self._folder, "-".join(filter(None, (f"{moment}.{microseconds:06}Z", words))) + ".txt")
            try:
                place(temporary, path)
            except FileExistsError:
                continue
            return path


def _words(subject: str) -> str:
    """What every system takes as part of a file's name, of *subject*: small letters a to z, digits, and hyphens."""
    # SECURITY: a subject is anybody's text, and may hold slashes, dots, control characters, and names of devices.
    plain = normalize("NFKD", subject.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_SUBJECT_LENGTH].strip("-")
