"""What a conversation asks of the wire under it: the steps its generator yields.

A conversation is a generator of steps: it knows what is to be said, and neither socket nor clock. A wire
runs it: it takes each step, sends the result in, and throws in the `OSError` where a step fails. One
conversation so serves a program that blocks and one that awaits.
"""

from __future__ import annotations

from .errors import CarteroError, ConnectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable
    from typing import Protocol, TypeAlias, TypeVar

    _T = TypeVar("_T")
    Step: TypeAlias = "Send | Receive | Secure | Ask"
    # a conversation, or a part of one, that ends in a _T
    Steps: TypeAlias = Generator[Step, bool | str | None, _T]
else:
    Protocol = object


class Reader(Protocol):
    """What is waited for: it is fed octets as they come until it has enough."""

    def feed(self, octets: bytes) -> bool:
        """Take *octets*, none of them where the other side has closed; whether this is enough."""


class Send:
    """Write octets, in pieces; the result is whether all went: the system has taken them.

    It is False where the other side hung up and had said something before, which is still to be received.
    If the step watches, it is False too where an answer is there before its time: the wire looks between
    pieces, and whenever the other side takes no more. Where it does not, what is said in the meantime is
    kept for later. An `OSError` says that not all went, and nothing was said.

    Attributes:
        pieces: what is written.
        timeout: seconds that may pass while the other side takes nothing.
        watch: whether an answer before its time stops it.
        sent_size: octets that may have gone, said by the wire; all of a piece count only when it has gone whole.
    """

    __slots__ = ("pieces", "sent_size", "timeout", "watch")

    def __init__(self, pieces: Iterable[bytes], *, timeout: float, watch: bool = False) -> None:
        self.pieces = pieces
        self.timeout = timeout
        self.watch = watch
        self.sent_size = 0


class Receive:
    """Read until *reader* has enough; the result is None.

    Attributes:
        reader: what takes the octets.
        timeout: seconds, for all of it.
    """

    __slots__ = ("reader", "timeout")

    def __init__(self, reader: Reader, *, timeout: float) -> None:
        self.reader = reader
        self.timeout = timeout


class Secure:
    """Begin TLS on the open connection, with the certificate checked; the result is None (RFC 3207, section 4).

    Attributes:
        timeout: seconds, for all of it.
    """

    __slots__ = ("timeout",)

    def __init__(self, *, timeout: float) -> None:
        self.timeout = timeout


class Ask:
    """Call a function of the user's, such as one that fetches a token; the result is what it returns.

    Attributes:
        question: the function. What it returns may be awaitable where the wire awaits.
    """

    __slots__ = ("question",)

    def __init__(self, question: Callable[[], str | Awaitable[str]]) -> None:
        self.question = question


def asked(question: Callable[[], str | Awaitable[str]]) -> Steps[str]:
    """The password or token that *question* gives, a function of the user's.

    Raises:
        ConnectError: it raised something; the text does not say what, which may hold anything.
    """
    try:
        answer = yield Ask(question)
    except CarteroError:
        raise
    except Exception as error:
        what = getattr(error, "strerror", None) or type(error).__name__
        raise ConnectError(f"the password or token cannot be fetched: {what}", stage="AUTH") from error
    assert isinstance(answer, str)  # the wire has seen to it
    return answer
