"""One message over an open conversation: MAIL, RCPT, DATA or BDAT, and what became of it for each recipient.

RFC 5321, section 3.3; RFC 2920 for PIPELINING; RFC 3030 for CHUNKING; RFC 2033 for LMTP.
"""

from __future__ import annotations

from ..errors import SendingError
from ..outcome import Outcome
from ..steps import Send
from . import commands
from .conversation import reason, said
from .data import stuffed
from .replies import GarbageError, Reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..steps import Steps
    from .conversation import Conversation
    from .parcel import Parcel

_RSET = commands.line("RSET")
_DATA = commands.line("DATA")
_LONG = 262_144  # octets of a message over which it is of use to hear whether the server wants the rest of it
_SMALL = 65_536  # octets that are joined, so that they go in one write


class Transaction:
    """One message and what becomes of it, while it goes. Mutable.

    Args:
        conversation: over which it goes; open, and usable.
        parcel: what goes.
        chunked: whether it goes by BDAT, which the server must be able to take.
    """

    def __init__(self, conversation: Conversation, parcel: Parcel, *, chunked: bool = False) -> None:
        self._conversation = conversation
        self._parcel = parcel
        self._chunked = chunked
        self._outcomes: dict[str, Outcome] = {}
        self._refusal: tuple[str, Reply] | None = None
        self._lines: list[bytes] = []
        self._is_whole = False

    def run(self, *, following: Transaction | None = None) -> Steps[Mapping[str, Outcome]]:
        """What became of it for every recipient.

        Args:
            following: whose envelope rides with the end of this message, where the server can pipeline.

        Raises:
            SendingError: no recipient was accepted, or it is not known.
            BadMessage: the message could not be read to its end; nobody has got it.
        """
        conversation = self._conversation
        assert conversation.begun is None or conversation.begun is self  # who rides is next
        try:
            yield from self._envelope()
            if not self._is_settled:
                yield from self._content(following)
        except (OSError, GarbageError) as error:
            conversation.is_usable = False
            if not self._is_settled:
                raise self._broken(error) from error
        except BaseException:
            # What has gone of the message is no message; nothing can follow it here.
            conversation.is_usable = False
            raise
        if conversation.begun is None and not conversation.is_in_step:
            conversation.is_usable = False
        outcomes = {recipient: self._outcomes[recipient] for recipient in self._parcel.recipients.values()}
        if not any(outcome.accepted for outcome in outcomes.values()):
            raise self._refused(outcomes)
        return outcomes

    # -- the envelope ----------------------------------------------------------------------------------

    def opening(self) -> list[bytes]:
        """The commands of its envelope, up to DATA."""
        if not self._lines:
            lines = [commands.mail(self._parcel.sender, self._mail_parameters())]
            lines += [commands.rcpt(path, self._rcpt_parameters(path)) for path in self._parcel.recipients]
            self._lines = lines if self._chunked else [*lines, _DATA]
        return self._lines

    def _mail_parameters(self) -> Iterator[str]:
        parcel, capabilities = self._parcel, self._conversation.capabilities
        if parcel.size is not None and "SIZE" in capabilities:
            yield f"SIZE={parcel.size}"
        if parcel.is_8bit and "8BITMIME" in capabilities:
            yield "BODY=8BITMIME"
        if parcel.is_utf8:
            yield "SMTPUTF8"
        if parcel.dsn is not None and "DSN" in capabilities:
            yield from parcel.dsn.mail_parameters()

    def _rcpt_parameters(self, path: str) -> Iterator[str]:
        if self._parcel.dsn is not None and "DSN" in self._conversation.capabilities:
            yield from self._parcel.dsn.rcpt_parameters(path)

    def _envelope(self) -> Steps[None]:
        conversation = self._conversation
        conversation.stage = "MAIL"
        lines = self.opening()
        pipelined = "PIPELINING" in conversation.capabilities
        if conversation.begun is self:
            conversation.begun = None
        elif pipelined:
            yield conversation.say([_RSET, *lines] if conversation.must_reset else lines)
        if conversation.must_reset:
            reply = yield from self._ask(_RSET, "RSET", pipelined)
            conversation.must_reset = False
            if not conversation.is_usable:
                self._refuse_rest("RSET", reply)
                return
        reply = yield from self._ask(lines[0], "MAIL", pipelined)
        if reply.is_positive:
            conversation.must_reset = True
        else:
            self._refuse_rest("MAIL", reply)
        yield from self._recipients(lines[1:], pipelined=pipelined)

    def _recipients(self, lines: list[bytes], *, pipelined: bool) -> Steps[None]:
        """Name each recipient, and say DATA; what was sent ahead is answered, whatever came before."""
        conversation = self._conversation
        for line, recipient in zip(lines, self._parcel.recipients.values(), strict=False):
            if not conversation.is_usable or (self._is_settled and not pipelined):
                return
            # Most answers to what was sent ahead came with the first, and are heard without a step.
            reply = (pipelined and conversation.heard("RCPT")) or (yield from self._ask(line, "RCPT", pipelined))
            if not conversation.is_usable:
                self._refuse_rest("RCPT", reply)
            elif not reply.is_positive and recipient not in self._outcomes:
                self._refuse([recipient], "RCPT", reply)
        if self._chunked or not conversation.is_usable or (self._is_settled and not pipelined):
            return
        reply = (pipelined and conversation.heard("DATA")) or (yield from self._ask(_DATA, "DATA", pipelined))
        if reply.code >= 400:
            self._refuse_rest("DATA", reply)
        elif self._is_settled:
            # RFC 2920 3.1: it waits for a message that goes to nobody. Hanging up is the shortest answer.
            conversation.is_usable = False
        elif reply.code != 354:
            raise GarbageError(f"expected 354 after DATA, found {reply.code}")

    def _ask(self, line: bytes, stage: str, was_sent: bool) -> Steps[Reply]:  # noqa: FBT001
        """The reply to *line*, which is sent first if it was not."""
        if not was_sent:
            yield self._conversation.say([line])
        return (yield from self._conversation.reply(stage))

    # -- the content -----------------------------------------------------------------------------------

    def _content(self, following: Transaction | None) -> Steps[None]:
        conversation = self._conversation
        conversation.stage = "body"
        riders = following if following is not None and "PIPELINING" in conversation.capabilities else None
        if self._chunked:
            if conversation.is_in_step:
                yield from self._chunks(riders)
            else:
                # No DATA asks for the message, so what the server said too much would be taken for its verdict.
                yield from self._answered_early()
            return
        size = self._parcel.size
        if size is not None and size <= _SMALL:
            yield from self._last([*stuffed(self._parcel.pieces())], riders)
            return
        pieces = _AllButLast(_joined(stuffed(self._parcel.pieces())))
        # It may answer before the end, so that the rest need not be sent.
        is_long = size is None or size > _LONG
        if (yield Send(pieces, timeout=conversation.timeouts.data, watch=is_long)):
            yield from self._last([pieces.last], riders)
        else:
            yield from self._answered_early()

    def _chunks(self, riders: Transaction | None) -> Steps[None]:
        """Send it by BDAT; where the server can pipeline, a chunk goes while the one before it is answered."""
        conversation, unanswered = self._conversation, 0
        most = 1 if "PIPELINING" in conversation.capabilities else 0
        chunks = _AllButLast(_joined(_ended(self._parcel.pieces())))
        for octets in chunks:
            command = commands.line("BDAT", str(len(octets)))
            conversation.note([command])
            if not (yield from self._has_gone(Send([command, octets], timeout=conversation.timeouts.data))):
                yield from self._answered_early(unanswered)
            elif unanswered < most:
                unanswered += 1
            else:
                yield from self._chunk_reply()
            if self._is_settled:
                return
        command = commands.line("BDAT", str(len(chunks.last)), "LAST")
        conversation.note([command])
        yield from self._last([command, chunks.last], riders, unanswered=unanswered)

    def _chunk_reply(self) -> Steps[None]:
        """Hear whether a chunk was taken that is not the last."""
        reply = yield from self._conversation.reply("BDAT", self._conversation.timeouts.data)
        if not reply.is_positive:
            # RFC 3030 2: no other chunk may follow; it has some already perhaps.
            self._conversation.is_usable = False
            self._refuse_rest("BDAT", reply)

    def _last(self, pieces: list[bytes], riders: Transaction | None, *, unanswered: int = 0) -> Steps[None]:
        """Send the *pieces* that end the message, and the envelope that rides with them; hear what becomes of it."""
        conversation = self._conversation
        behind = riders.opening() if riders is not None else []
        if behind and self._chunked:
            # RFC 3030 2: where a chunk is refused, nothing but RSET ends the transaction.
            behind = [_RSET, *behind]
        step = Send([b"".join([*pieces, *behind])], timeout=conversation.timeouts.data)
        try:
            yield from self._has_gone(step)
        finally:
            self._is_whole = step.sent_size >= sum(map(len, pieces))
        if not self._is_whole:
            yield from self._answered_early(unanswered)
            return
        conversation.begun = riders
        conversation.note(behind)
        for _ in range(unanswered):
            yield from self._chunk_reply()
        if not self._is_settled:
            yield from self._verdict()

    def _has_gone(self, step: Send) -> Steps[bool]:
        """Whether all of *step* has gone; it has not where the server hung up, and a reply says why."""
        try:
            return bool((yield step))
        except OSError:
            if self._conversation.is_in_step:
                raise
            return False

    def _answered_early(self, unanswered: int = 0) -> Steps[None]:
        """The server has answered in the middle of the message, behind its answers to *unanswered* chunks."""
        for _ in range(unanswered):
            yield from self._chunk_reply()
        if self._is_settled:
            return
        reply = yield from self._conversation.reply("body")
        self._conversation.is_usable = False
        if reply.is_positive:
            raise GarbageError(f"it answers {reply.code} in the middle of the message")
        self._refuse_rest("body", reply)

    def _verdict(self) -> Steps[None]:
        """The reply to the whole message; in LMTP, one for each recipient. RFC 2033, section 4.2."""
        conversation = self._conversation
        conversation.must_reset = self._chunked and conversation.begun is not None
        waiting = [recipient for recipient in self._parcel.recipients.values() if recipient not in self._outcomes]
        for decided in [[recipient] for recipient in waiting] if conversation.is_lmtp else [waiting]:
            reply = yield from conversation.reply("dot", conversation.timeouts.final)
            if reply.is_positive:
                self._outcomes |= dict.fromkeys(decided, outcome(reply))
            else:
                self._refuse(decided, "dot", reply)
                conversation.must_reset = self._chunked

    # -- what became of it -----------------------------------------------------------------------------

    @property
    def _is_settled(self) -> bool:
        """Whether it is known what became of it for everybody."""
        return len(self._outcomes) == len(self._parcel.recipients)

    def _refuse(self, recipients: Iterable[str], stage: str, reply: Reply) -> None:
        self._outcomes |= dict.fromkeys(recipients, outcome(reply))
        self._refusal = stage, reply

    def _refuse_rest(self, stage: str, reply: Reply) -> None:
        """Nobody who was not refused before gets it."""
        rest = [recipient for recipient in self._parcel.recipients.values() if recipient not in self._outcomes]
        if rest:
            self._refuse(rest, stage, reply)

    def _refused(self, outcomes: Mapping[str, Outcome]) -> SendingError:
        assert self._refusal is not None  # else somebody was accepted
        stage, reply = self._refusal
        facts = said(reply)
        facts["temporary"] = any(outcome.temporary for outcome in outcomes.values())
        # RFC 4954 6, RFC 3207 4: 530 is what a server says that wants one of these first.
        hint = ": it wants a login or TLS first (user= and password=, or tls=)" if reply.code == 530 else ""
        return SendingError(
            f"the server refuses the message for everybody{hint}",
            stage=stage,
            refused={recipient: outcome.reply for recipient, outcome in outcomes.items()},
            recipients=outcomes,
            **facts,
        )

    def _broken(self, error: OSError | GarbageError) -> SendingError:
        """The connection broke, or was no longer understood."""
        known = self._outcomes
        is_ambiguous = self._is_whole and not self._is_settled
        refused = {recipient: outcome.reply for recipient, outcome in known.items() if not outcome.accepted}
        if not self._is_whole:
            refused |= {who: reason(error) for who in self._parcel.recipients.values() if who not in known}
        return SendingError(
            reason(error),
            stage=self._conversation.stage,
            temporary=not is_ambiguous,
            ambiguous=is_ambiguous,
            accepted=[recipient for recipient, outcome in known.items() if outcome.accepted],
            refused=refused,
            recipients=known,
        )


def outcome(reply: Reply) -> Outcome:
    """What *reply* means for a recipient."""
    return Outcome(
        accepted=reply.is_positive,
        reply=reply.text,
        code=reply.code,
        enhanced=reply.enhanced,
        temporary=reply.is_temporary,
    )


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """*pieces*, small ones in one, so that a small message is one write."""
    held: list[bytes] = []
    held_size = 0
    for piece in pieces:
        held.append(piece)
        held_size += len(piece)
        if held_size >= _SMALL:
            yield from held if len(held) == 1 else [b"".join(held[:-1]), held[-1]]
            held, held_size = [], 0
    if held:
        yield b"".join(held)


def _ended(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """*pieces*, the last line of which is ended."""
    is_ended = True
    for piece in filter(None, pieces):
        yield piece
        is_ended = piece.endswith(b"\n")
    if not is_ended:
        yield b"\r\n"


class _AllButLast:
    """*pieces* but the last, which is *last* when the others have gone. Mutable."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.last = b""

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if self.last:
                yield self.last
            self.last = piece
