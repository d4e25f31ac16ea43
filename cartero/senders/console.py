"""Mail to the console, for people to read."""

from __future__ import annotations

import sys
from io import BufferedIOBase, RawIOBase

from .._display import show
from .._reason import reason_of
from ..errors import BadURL, SendingError
from ._readable import readable
from .base import Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from ..receipt import Receipt
    from .preparation import MailObject


class ConsoleSender(Sender):
    """Prints each message for people to read: envelope, fields and text decoded, page as text, files by name and size.

    Args:
        stream: where it is printed; ``sys.stdout`` as it is at each message if None.

    Raises:
        BadURL: *stream* is nothing that text can be written to.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        if stream is not None and (not hasattr(stream, "write") or isinstance(stream, RawIOBase | BufferedIOBase)):
            raise BadURL(f"expected a text stream open for writing, found {type(stream).__name__}")
        super().__init__()
        self._stream = stream

    @property
    def name(self) -> str:
        """``console:``."""
        return "console:"

    def _deliver(self, mail: MailObject) -> Receipt:
        stream: TextIO | None = sys.stdout if self._stream is None else self._stream
        text = readable(mail)
        if stream is None:
            raise self._failure(mail, "there is no standard output")
        try:
            show(text, stream)
        except (OSError, ValueError) as error:  # a closed stream is a ValueError
            raise self._failure(mail, reason_of(error)) from error
        return self._accepted(mail)

    def _failure(self, mail: MailObject, reason: str) -> SendingError:
        return SendingError(
            f"cannot write the message: {reason}",
            sender=self.name,
            stage="write",
            refused=dict.fromkeys(mail.envelope.recipients, reason),
            message_id=mail.message_id,
        )
