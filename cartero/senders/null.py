"""Mail nowhere, with a line in the log."""

from __future__ import annotations

from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..receipt import Receipt
    from .preparation import MailObject


class NullSender(Sender):
    """Takes every message, does nothing with it, and says so in the log ``cartero`` at the level INFO.

    What any other sender would refuse, it refuses too.
    """

    @property
    def name(self) -> str:
        """``null:``."""
        return "null:"

    def _deliver(self, mail: MailObject) -> Receipt:
        # Imported at the first mail: half of what starting `cartero-send` may cost, and no other road needs it.
        import logging  # noqa: PLC0415

        octet_count = len(mail.as_bytes())
        logging.getLogger("cartero").info(
            "a message of %d octets from <%s> to %s goes nowhere: %s",
            octet_count,
            mail.envelope.sender,
            ", ".join(mail.envelope.recipients),
            mail.message_id or "no Message-ID",
        )
        return self._accepted(mail)
