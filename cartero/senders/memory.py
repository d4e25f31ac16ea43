"""Mail into a list, for tests."""

from __future__ import annotations

from mimekit import parse

from ..receipt import Receipt
from ._outbox import Outbox
from ._scripted import Answer, Answers, answering, outcomes
from .base import AsyncSender, Sender
from .preparation import MailObject

__all__ = ["AsyncMemorySender", "MemorySender", "Outbox"]  # the last for who names the type of a fixture


class MemorySender(Sender):
    r"""Keeps what is sent in `outbox`, for tests to look at; nobody refuses anything unless you want it.

    Args:
        answers: what becomes of the messages, as `script` takes it.

    Attributes:
        outbox: an `Outbox`, a list with a `MailObject` for each message that somebody accepted, oldest first:
            its `message` as the recipients get it (a copy, parsed again), its `envelope` with those who
            accepted it, its `message_id`.

    >>> sender = MemorySender()
    >>> receipt = sender.send(b"From: me@example.org\r\nTo: you@example.org\r\nSubject: Hello\r\n\r\nHi!")
    >>> [mail] = sender.outbox
    >>> mail.message["Subject"], mail.envelope.recipients
    ('Hello', ('you@example.org',))
    """

    outbox: Outbox

    def __init__(self, answers: Answers = ()) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.script(answers)

    @property
    def name(self) -> str:
        """``memory:``."""
        return "memory:"

    def script(self, answers: Answers) -> None:
        """From here on, let *answers* become of the messages.

        Args:
            answers: one for each message, in order, everybody accepting those behind the last; or a function that
                is given the `MailObject` and returns one. Each is

                - ``None``: everybody accepts it;
                - a reply, such as ``"450 4.2.1 Try later"`` or ``"550 5.1.1 No such user"``, or an `Outcome`: so say
                  all recipients;
                - a mapping of recipients to these; those who are not in it accept it;
                - an error of cartero's, to be raised: ``ConnectError("...")``, ``SendingError("...", ambiguous=True)``.

        Raises:
            BadEnvelope: they are none.
        """
        self._answer = answering(answers)

    def _deliver(self, mail: MailObject) -> Receipt:
        return _kept(mail, self._answer(mail), self.outbox, self.name)


class AsyncMemorySender(AsyncSender):
    """`MemorySender` for programs that await: the same `outbox`, the same script."""

    outbox: Outbox

    def __init__(self, answers: Answers = ()) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.script(answers)

    @property
    def name(self) -> str:
        """``memory:``."""
        return "memory:"

    def script(self, answers: Answers) -> None:
        """From here on, let *answers* become of the messages; as `MemorySender.script`."""
        self._answer = answering(answers)

    async def _deliver(self, mail: MailObject) -> Receipt:
        return _kept(mail, self._answer(mail), self.outbox, self.name)


def _kept(mail: MailObject, answer: Answer, outbox: Outbox, sender: str) -> Receipt:
    """The receipt for *mail*, which those who accept it have in the *outbox*."""
    # Written first: what cannot be written as mail is refused, whatever the script says.
    octets = mail.as_bytes()
    receipt = Receipt(outcomes(answer, mail, sender=sender), message_id=mail.message_id, sender=sender)
    envelope = mail.envelope.replace(recipients=receipt.accepted)
    outbox.append(MailObject(parse(octets), envelope=envelope, message_id=mail.message_id))
    return receipt
