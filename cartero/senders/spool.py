"""Mail onto the disk of this machine, for a runner to send."""

from __future__ import annotations

import time

from ..errors import SendingError
from ._spooled import Spooled
from ._spoolfolder import SpoolFolder, is_temporary, reason_of
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
            name = self._spool.write(mail.iter_bytes(), record)
        except OSError as error:
            raise self._failure("write", error, mail) from error
        try:
            path = self._spool.move(name, "tmp", "new")
        except OSError as error:
            self._spool.discard(name)
            raise self._failure("move", error, mail) from error
        try:
            self._spool.sync("new")
        except OSError as error:
            # It is there, and may be gone after a power cut.
            raise self._failure("sync", error, mail, ambiguous=True) from error
        return self._accepted(mail, reply=path, location=path)

    def _failure(self, stage: str, error: OSError, mail: MailObject, *, ambiguous: bool = False) -> SendingError:
        reason = reason_of(error)
        return SendingError(
            f"cannot {stage} the message in the spool: {reason}",
            sender=self.name,
            stage=stage,
            temporary=is_temporary(error),
            ambiguous=ambiguous,
            refused={} if ambiguous else dict.fromkeys(mail.envelope.recipients, reason),
            message_id=mail.message_id,
        )
