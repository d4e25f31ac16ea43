"""What a client is told of what became of its message: errors to outcomes, and outcomes to replies.

RFC 5321, section 4.2; RFC 3463 for the enhanced status codes.
"""

from __future__ import annotations

import re

from ..errors import BadEnvelope, BadMessage, Cancelled, ConnectError, SendingError
from ..outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..envelope import Envelope
    from ..errors import CarteroError

_ENHANCED = re.compile(r"[45](?:\.[0-9]{1,3}){2}")  # RFC 3463, section 2
# RFC 5321 3.8: 421 is said by who ends the connection, and that is the other server. RFC 4954 6: the others want a
# login, and that of this server.
_MEANT_FOR_US = frozenset({421, 454, 530, 534, 535, 538})
_LONGEST = 400  # characters of a reply: RFC 5321, section 4.5.3.1.5 has 512 octets for all of it


def refusal(code: int, enhanced: str, text: str) -> Outcome:
    """The outcome of a message that is refused with this reply."""
    return Outcome(accepted=False, code=code, enhanced=enhanced, reply=text, temporary=code < 500)


_TAKEN = Outcome(accepted=True)
BROKEN = refusal(451, "4.3.0", "the message cannot be taken now; come again later")
LOOPING = refusal(554, "5.4.6", "the message has passed too many servers: it goes round in circles")
_OTHERS: dict[type[CarteroError], Outcome] = {
    ConnectError: refusal(451, "4.4.1", "the next server cannot be reached now; come again later"),
    BadEnvelope: refusal(553, "5.1.3", "an address cannot be carried on"),
    BadMessage: refusal(554, "5.6.0", "the message cannot be carried on as it is"),
    Cancelled: refusal(550, "5.7.1", "the message is not wanted here"),
}


def outcomes_of(error: CarteroError, envelope: Envelope) -> Mapping[str, Outcome]:
    """What *error* means for every recipient of *envelope*: nobody is told yes who is not sure to have it."""
    general = _general(error)
    known = dict.fromkeys(getattr(error, "accepted", ()), _TAKEN) | getattr(error, "recipients", {})
    return {recipient: _specific(known.get(recipient, general)) for recipient in envelope.recipients}


def _general(error: CarteroError) -> Outcome:
    if isinstance(error, SendingError):
        if error.ambiguous:
            # RFC 5321 6.1: twice is better than never
            return refusal(451, "4.4.2", "the way on broke; come again later")
        return Outcome(
            accepted=False,
            code=error.code,
            enhanced=error.enhanced,
            reply=error.reply,
            temporary=error.temporary,
        )
    return next((outcome for kind, outcome in _OTHERS.items() if isinstance(error, kind)), BROKEN)


def _specific(outcome: Outcome) -> Outcome:
    """*outcome*, and of a refusal one with a code that refuses, whatever the road that gave it has."""
    if outcome.accepted:
        return outcome
    code = outcome.code if outcome.code is not None and 400 <= outcome.code < 600 else 451 if outcome.temporary else 554
    code = 451 if code in _MEANT_FOR_US else code
    digit = str(code)[0]
    is_right = _ENHANCED.fullmatch(outcome.enhanced) is not None and outcome.enhanced.startswith(digit)
    enhanced = outcome.enhanced if is_right else f"{digit}.0.0"
    return refusal(code, enhanced, outcome.reply or "not taken")


def as_reply(outcome: Outcome) -> str:
    """The line that tells a client of *outcome*."""
    if outcome.accepted:
        return "250 2.0.0 taken"
    plain = _specific(outcome)
    return _line(f"{plain.code} {plain.enhanced} {plain.reply}")


def as_one_reply(outcomes: Mapping[str, Outcome]) -> str:
    """The line that tells a client what became of a message for all its recipients.

    SMTP has one reply for all. Where some have it and some do not, it is no for good, with the names of those who do
    not: whoever sent it is told by the client, and nobody gets it twice.
    """
    refused = {recipient: _specific(outcome) for recipient, outcome in outcomes.items() if not outcome.accepted}
    if not refused:
        return as_reply(_TAKEN)
    if len(refused) == len(outcomes):
        # what may be tried again is, for all
        return as_reply(max(refused.values(), key=lambda outcome: outcome.temporary))
    who = ", ".join(f"<{recipient}> ({outcome.reply})" for recipient, outcome in refused.items())
    return _line(f"554 5.3.0 delivered to others, and not to {who}")


def _line(text: str) -> str:
    """*text* as one line of printable ASCII."""
    shown = "".join(character if " " <= character <= "~" else "?" for character in " ".join(text.split()))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
