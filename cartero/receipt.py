"""What became of a message, for every recipient."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ._value import Value
from .errors import BadEnvelope
from .outcome import Outcome


class Receipt(Value):
    """What became of one message, for every recipient of its envelope. A value: frozen, equal by meaning.

    There is a receipt only where at least one recipient was accepted (else there is an exception), so
    it is always true in a condition: ask `refused` whether somebody was left out.

    Attributes:
        recipients: every recipient of the envelope, in its order, with the `Outcome`.
        message_id: the Message-ID the message was sent with; an empty string where a ready one had none.
        sender: the name of the sender that took it.
        location: where the message was put, for a road that puts it somewhere: the path of the file.

    Raises:
        BadEnvelope: *recipients* is no mapping of recipients to outcomes.
    """

    __slots__ = ("location", "message_id", "recipients", "sender")

    recipients: Mapping[str, Outcome]
    message_id: str
    sender: str
    location: str

    def __init__(
        self, recipients: Mapping[str, Outcome], *, message_id: str = "", sender: str = "", location: str = ""
    ) -> None:
        if not isinstance(recipients, Mapping):
            raise BadEnvelope(f"expected an Outcome for each recipient, found {type(recipients).__name__}")
        for recipient, outcome in recipients.items():
            if not isinstance(outcome, Outcome):
                raise BadEnvelope(f"expected an Outcome for {recipient}, found {type(outcome).__name__}")
        self._set(
            recipients=MappingProxyType(dict(recipients)), message_id=message_id, sender=sender, location=location
        )

    @property
    def accepted(self) -> tuple[str, ...]:
        """The recipients for whom it was taken, in the envelope's order."""
        return tuple(recipient for recipient, outcome in self.recipients.items() if outcome.accepted)

    @property
    def refused(self) -> Mapping[str, str]:
        """The recipients for whom it was not, each with what the other side said."""
        return {recipient: outcome.reply for recipient, outcome in self.recipients.items() if not outcome.accepted}

    def _fields(self) -> dict[str, object]:
        return {
            "recipients": dict(self.recipients),
            "message_id": self.message_id,
            "sender": self.sender,
            "location": self.location,
        }

    def __hash__(self) -> int:
        return hash((tuple(self.recipients.items()), self.message_id, self.sender, self.location))
