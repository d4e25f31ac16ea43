"""What became of a message for one recipient."""

from __future__ import annotations

from ._value import Value


class Outcome(Value):
    """What became of it for one recipient. A value: frozen, equal by meaning.

    Attributes:
        accepted: whether the other side took it, and so answers for it from here on.
        reply: what the other side said, or where it put it; may be an empty string.
        code: the reply code, where the road has one (RFC 5321, section 4.2).
        enhanced: the enhanced status code, such as ``"5.1.1"`` (RFC 3463), or an empty string.
        temporary: of a refusal, whether the same may well be accepted later.
    """

    __slots__ = ("accepted", "code", "enhanced", "reply", "temporary")

    accepted: bool
    reply: str
    code: int | None
    enhanced: str
    temporary: bool

    def __init__(
        self, *, accepted: bool, reply: str = "", code: int | None = None, enhanced: str = "", temporary: bool = False
    ) -> None:
        self._set(accepted=accepted, reply=reply, code=code, enhanced=enhanced, temporary=temporary)
