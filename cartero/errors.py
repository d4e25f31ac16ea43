"""What goes wrong between a message and its recipients: the exceptions of every road.

The tree, sorted by what you can do about it::

    CarteroError
    |- BadURL        (ValueError)         no sender has this URL: fix the setting
    |- BadKey        (ValueError)         no signing with this key, or for this domain: fix the setting
    |- BadMessage    (ValueError)         what you gave cannot be sent as mail: fix the message
    |- BadEnvelope   (ValueError)         nobody to send to, or from: fix the call
    |  `- BadAddress (ValueError)         this is no address: fix it
    |- Cancelled                          a before_send hook of yours did not let it go
    |- ConnectError  (ConnectionError)    nothing was sent; the same message may be sent again
    |  `- AuthenticationFailed            the other side knows you not: fix the settings
    `- SendingError                       a transaction began: see temporary, ambiguous, accepted, refused

One ``except CarteroError`` is always enough. The last two carry facts as attributes, and the cause
is chained; all of them can be pickled. No text here ever holds a password.
"""

from __future__ import annotations

from ._display import one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .outcome import Outcome


class CarteroError(Exception):
    """Root of everything cartero raises; never raised itself."""


class BadURL(CarteroError, ValueError):
    """There is no sender for the URL you gave, or it says, or the sender is given, something it cannot do."""


class BadKey(CarteroError, ValueError):
    """Mail cannot be signed with the key you gave, or for that domain and selector; the text never shows the key."""


class BadMessage(CarteroError, ValueError):
    """You gave something that cannot be sent as mail; the cause says what mimekit found."""


class BadEnvelope(CarteroError, ValueError):
    """You gave, or the message names, nobody to send to, or nobody to send from."""


class BadAddress(BadEnvelope):
    """You gave, or the message names, an address that no envelope can hold.

    Attributes:
        address: what was given, as it was given.
    """

    def __init__(self, problem: str, *, address: str = "") -> None:
        super().__init__(problem)
        self.address = address

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.address!r}" if self.address else str(self.args[0])


class Cancelled(CarteroError):
    """A ``before_send`` hook did not let the message go; raised by hooks alone. Nothing was sent."""


class _FailureError(CarteroError):
    """What a failed delivery knows about itself.

    Attributes:
        sender: the name of the sender that failed.
        stage: what was being done, in a word or two of the road's own ("open", "write", "RCPT").
        code: the reply code, where the road has one (RFC 5321, section 4.2).
        enhanced: the enhanced status code, such as ``"5.1.1"`` (RFC 3463), or an empty string.
        reply: what the other side said, or an empty string.
        temporary: whether the same may well succeed later; of recipients who were refused, for one of them at least.
        ambiguous: whether the message may have been delivered all the same; sending it again may deliver it twice.
        accepted: the recipients for whom it was delivered.
        refused: the recipients for whom it was not, each with the reason.
        recipients: of those accepted and refused, the `Outcome` of each, where the road tells so much.
        retry_after: seconds after which the other side wants it tried again, where it said so; else None.
        message_id: the Message-ID it was sent with, where it came that far.
    """

    def __init__(  # noqa: PLR0913 - the facts of a failure, each by name
        self,
        problem: str,
        *,
        sender: str = "",
        stage: str = "",
        code: int | None = None,
        enhanced: str = "",
        reply: str = "",
        temporary: bool = False,
        ambiguous: bool = False,
        accepted: Sequence[str] = (),
        refused: Mapping[str, str] | None = None,
        recipients: Mapping[str, Outcome] | None = None,
        retry_after: float | None = None,
        message_id: str = "",
    ) -> None:
        super().__init__(problem)
        self.sender = sender
        self.stage = stage
        self.code = code
        self.enhanced = enhanced
        self.reply = reply
        self.temporary = temporary
        self.ambiguous = ambiguous
        self.accepted = tuple(accepted)
        self.refused = dict(refused or {})
        self.recipients = dict(recipients or {})
        self.retry_after = retry_after
        self.message_id = message_id

    def __str__(self) -> str:
        said = " ".join(filter(None, (str(self.code or ""), self.enhanced, self.reply)))
        doubt = "; it may have been delivered all the same" if self.ambiguous else ""
        place = ", ".join(filter(None, (self.stage, self.sender)))
        return one_line(f"{self.args[0]}{f' ({place})' if place else ''}{': ' if said else ''}{said}{doubt}")


class ConnectError(_FailureError, ConnectionError):
    """The way to the other side could not be opened; nothing was sent."""


class AuthenticationFailed(ConnectError):
    """The other side does not take these credentials, or none of the mechanisms it has will do; nothing was sent."""


class SendingError(_FailureError):
    """A transaction began and did not end well; `accepted` and `refused` say for whom."""
