"""What a scripted server saw: connections, their commands, and transactions with every octet."""

from __future__ import annotations

from ..envelope import Envelope


class Transaction:
    """One message, from the MAIL that was accepted to wherever it came.

    Attributes:
        sender: the reverse-path, without its angle brackets.
        parameters: what stood behind it: of ``SIZE=99 SMTPUTF8``, ``{"SIZE": "99", "SMTPUTF8": ""}``.
        recipients: each recipient that RCPT was accepted for, with the parameters that stood behind it.
        wire: the body as it came, octet for octet: from DATA dots and all, from BDAT the chunks in a row.
        octets: the message itself, the dots taken out; empty if it did not come whole.
        complete: whether the body came whole.
        accepted: the recipients for whom the server then said so.
    """

    def __init__(self, sender: str, parameters: dict[str, str]) -> None:
        self.sender = sender
        self.parameters = parameters
        self.recipients: dict[str, dict[str, str]] = {}
        self.wire = b""
        self.octets = b""
        self.complete = False
        self.accepted: list[str] = []

    @property
    def envelope(self) -> Envelope:
        """The envelope, with the recipients for whom it was accepted.

        Raises:
            BadEnvelope: there are none, or one of them is no address.
        """
        return Envelope(self.sender, self.accepted)

    def __repr__(self) -> str:
        return f"<Transaction from {self.sender!r} to {list(self.recipients)!r}>"


class Connection:
    """One connection, with what was said on it.

    Attributes:
        commands: every command line as it came, in order.
        responses: every line of an AUTH dialogue behind the command.
        secure: whether TLS was begun on it.
        user: who authenticated, or an empty string.
        transactions: the transactions on it, in order.
    """

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.responses: list[str] = []
        self.secure = False
        self.user = ""
        self.transactions: list[Transaction] = []

    @property
    def verbs(self) -> list[str]:
        """The first word of each command, in capitals."""
        return [command.partition(" ")[0].upper() for command in self.commands]

    def __repr__(self) -> str:
        return f"<Connection {' '.join(self.verbs)}>"
