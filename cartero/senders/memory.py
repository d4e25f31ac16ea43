"""Mail into a list, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mimekit import parse

from .base import Sender
from .preparation import MailObject

if TYPE_CHECKING:
    from ..receipt import Receipt


class MemorySender(Sender):
    r"""Keeps what is sent in `outbox`, for tests to look at.

    Attributes:
        outbox: a `MailObject` for each message sent, oldest first: its `message` as the recipients get
            it (a copy, parsed again), its `envelope`, its `message_id`. Clear it as you like.

    >>> sender = MemorySender()
    >>> receipt = sender.send(b"From: me@example.org\r\nTo: you@example.org\r\nSubject: Hello\r\n\r\nHi!")
    >>> [mail] = sender.outbox
    >>> mail.message["Subject"], mail.envelope.recipients
    ('Hello', ('you@example.org',))
    """

    outbox: list[MailObject]

    def __init__(self) -> None:
        super().__init__()
        self.outbox = []

    @property
    def name(self) -> str:
        """``memory:``."""
        return "memory:"

    def _deliver(self, mail: MailObject) -> Receipt:
        self.outbox.append(MailObject(parse(mail.as_bytes()), envelope=mail.envelope, message_id=mail.message_id))
        return self._accepted(mail)
