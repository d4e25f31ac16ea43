"""Mail onto the disk of this machine, for a runner to send."""

from __future__ import annotations

import time

from ._ondisk import StepFailed, step
from ._spooled import Spooled
from ._spoolfolder import SpoolFolder
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from ..receipt import Receipt
    from .preparation import MailObject


class SpoolSender(Sender):
    """Puts each message into a spool, a folder on this machine, from which a `SpoolRunner` sends it.

    A message is accepted when it is on disk, with a Date and a Message-ID that stay the same however often it is tried.
    It is whole in the spool or not there, whatever happens meanwhile. The folder is made where there is none, in one
    that exists. The receipt's `location` is the message's own folder in it.

    Args:
        path: the spool; ``~`` is not expanded.

    Raises:
        BadURL: *path* is none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self._spool = SpoolFolder.at_path(path)

    @property
    def name(self) -> str:
        """``spool:`` and the path."""
        return f"spool:{self._spool.path}"

    def _open(self) -> None:
        self._spool.open()

    def _deliver(self, mail: MailObject) -> Receipt:
        now = time.time()
        record = Spooled(
            sender=mail.envelope.sender,
            recipients=mail.envelope.recipients,
            message_id=mail.message_id,
            spooled_at=now,
            next_try=now,
        )
        try:
            path = self._write(mail, record)
        except StepFailed as failed:
            raise failed.as_sending_error(mail, sender=self.name) from failed.__cause__
        return self._accepted(mail, reply=path, location=path)

    def _write(self, mail: MailObject, record: Spooled) -> str:
        with step("write", "write the message in the spool"):
            name = self._spool.write(mail.iter_bytes(), record)
        with step("move", "move the message in the spool"):
            try:
                path = self._spool.move(name, "tmp", "new")
            except OSError:
                self._spool.discard(name)
                raise
        # It is there, and may be gone after a power cut.
        with step("sync", "sync the message in the spool", ambiguous=True):
            self._spool.sync("new")
        return path
