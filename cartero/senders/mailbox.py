"""Mail into a mailbox on this machine: a Maildir, an mbox, an MH folder, a Babyl file or an MMDF file."""

from __future__ import annotations

import os

from .._numbers import expect_seconds
from .._reason import reason_of
from ..errors import BadURL, ConnectError
from ._ondisk import StepFailed, advice_on, is_temporary
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from ..receipt import Receipt
    from ._appended import AppendedFile
    from ._maildir import Maildir
    from ._mh import MHFolder
    from .preparation import MailObject

    MailboxFormat: TypeAlias = Literal["maildir", "mbox", "mh", "babyl", "mmdf"]

_KINDS = {
    "maildir": "a Maildir",
    "mbox": "an mbox",
    "mh": "an MH folder",
    "babyl": "a Babyl file",
    "mmdf": "an MMDF file",
}


class MailboxSender(Sender):
    r"""Puts each message into a mailbox of this machine, for everybody in its envelope.

    The mailbox is made where there is none, in a folder that exists, for its owner alone. What the sender
    says is accepted is on disk. The receipt's `location` is the path of the file it stands in.

    ``maildir``, ``mh``: each message is a file of its own, in ``new``, or called by the next number. It is
    written under another name and gets its own when it is whole: a reader finds the whole message or none,
    whatever happens meanwhile.

    ``mbox``, ``mmdf``, ``babyl``: each message is appended to one file. It is locked meanwhile, by
    `fcntl.lockf` and a file ``PATH.lock``, as the standard library's ``mailbox`` does it; readers that lock it
    find whole messages. What fails is taken back at once. Where the program is killed while it appends, the part
    of a message stays there, and the lock file with it, until the next delivery takes both away. A link, a folder,
    a device, or a file that begins as no mailbox of the format does, is refused and left as it is.

    What is composed gets the platform's line ends. A ready message is written octet for octet, as the
    standard library's ``mailbox`` writes octets, with these exceptions:

    - In an mbox, which is of the form mboxrd, one ``>`` is put before each line that begins with "From ", or with
      any number of ``>`` and "From "; `mimekit.read_mbox` takes it off. A line end is added at the end where there
      is none.
    - A message with a line that begins with four ^A (U+0001) is refused by ``mmdf``, with a ^_ (U+001F) by
      ``babyl``: it would end there. That is a `SendingError`.

    Args:
        path: the mailbox; ``~`` is not expanded.
        format: what it is.
        timeout: seconds to wait for other programs that have the mailbox locked; then it is a `SendingError` that
            is temporary, of the stage "lock". A Maildir and an MH folder need no lock.

    Raises:
        BadURL: *path* is none, there is no such format, or *timeout* is no number of seconds.

    RFC 4155.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        format: MailboxFormat = "maildir",  # noqa: A002 - what the standard library's mailboxes are, too
        timeout: float = 10.0,
    ) -> None:
        if format not in tuple(_KINDS):
            raise BadURL(f"expected a format, which is {', '.join(_KINDS)}, found {format!r}")
        given = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(given, str):
            raise BadURL(f"expected the path of {_KINDS[format]}, found {type(given).__name__}")
        if not given:
            raise BadURL(f"expected the path of {_KINDS[format]}, found nothing")
        super().__init__()
        self._path, self._format = given, format
        self._box = _box(given, format, expect_seconds("timeout", timeout))

    @property
    def name(self) -> str:
        """The format and the path, as in ``mbox:outbox``."""
        return f"{self._format}:{self._path}"

    def _open(self) -> None:
        try:
            self._box.open()
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            raise ConnectError(
                f"cannot open the {_KINDS[self._format].partition(' ')[2]}: "
                f"{reason_of(error)}{advice_on(error, self._path)}",
                sender=self.name,
                stage="open",
                temporary=is_temporary(error),
            ) from error

    def _deliver(self, mail: MailObject) -> Receipt:
        try:
            path = self._box.deliver(mail.iter_bytes(linesep=os.linesep), mail.envelope.sender)
        except StepFailed as failed:
            raise failed.as_sending_error(mail, sender=self.name) from failed.__cause__
        return self._accepted(mail, reply=path, location=path)


def _box(path: str, form: MailboxFormat, timeout: float) -> Maildir | MHFolder | AppendedFile:
    # Each is imported when a mailbox of it is asked for: a command's start is most of its cost.
    # ruff: noqa: PLC0415
    if form == "maildir":
        from ._maildir import Maildir

        return Maildir(path)
    if form == "mh":
        from ._mh import MHFolder

        return MHFolder(path)
    from ._appended import AppendedFile

    return AppendedFile(path, form, timeout=timeout)
