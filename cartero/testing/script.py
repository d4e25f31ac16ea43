"""What a scripted server does, and when: the actions, and the script that says which comes next."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from .._value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

# What can be scripted: the commands, and what happens beside them.
EVENTS: Final = (
    "connect",
    "EHLO",
    "HELO",
    "LHLO",
    "STARTTLS",
    "AUTH",
    "auth",
    "MAIL",
    "RCPT",
    "DATA",
    "BDAT",
    "body",
    "dot",
    "RSET",
    "NOOP",
    "VRFY",
    "QUIT",
    "idle",
)


class Drop(Value):
    """Closes the connection: a FIN, as of a server that ends."""

    __slots__ = ()


class Reset(Value):
    """Breaks the connection: a RST, as of a server that crashes. A FIN on a socket that is a file."""

    __slots__ = ()


class Octets(Value):
    """Writes these octets and no more: half a reply, for one.

    Attributes:
        octets: what is written.
    """

    __slots__ = ("octets",)

    octets: bytes

    def __init__(self, octets: bytes) -> None:
        self._set(octets=octets)


class Sleep(Value):
    """Does nothing for a while, and then what would have happened.

    Attributes:
        seconds: how long.
        then: what happens instead, or None.
    """

    __slots__ = ("seconds", "then")

    seconds: float
    then: Action

    def __init__(self, seconds: float, *, then: Action = None) -> None:
        self._set(seconds=seconds, then=then)


class Reply(Value):
    """A reply to be written, whole; what octets in a script are read as.

    Attributes:
        octets: the reply, with its line end.
        each: whether it is for each recipient of a message over LMTP.
    """

    __slots__ = ("each", "octets")

    octets: bytes
    each: bool

    def __init__(self, octets: bytes, *, each: bool = False) -> None:
        self._set(octets=octets if octets.endswith(b"\n") else octets + b"\r\n", each=each)


# Octets are a reply; several things in a tuple happen one after another; None is what happens without a script.
Action: TypeAlias = bytes | Octets | Drop | Reset | Sleep | tuple["Action", ...] | None
# For each event what happens every time, or a list of what happens each time.
Actions: TypeAlias = Mapping[str, Action | list[Action]]
# What an action comes down to. A Sleep here has nothing behind it.
Step: TypeAlias = Reply | Octets | Drop | Reset | Sleep | None


class Script:
    """Which action comes next for each event. Two threads may ask at the same time.

    Args:
        actions: for each event an action, which happens every time; or a list of them, one for each
            time, after which it is again as if nothing were said.

    Raises:
        ValueError: there is no such event.
        TypeError: something in it is no action.
    """

    def __init__(self, actions: Actions) -> None:
        if not isinstance(actions, Mapping):
            raise TypeError(f"expected the actions of each event, as in {{'RCPT': b'550 No'}}, found {actions!r}")
        for event, said in actions.items():
            if event not in EVENTS:
                raise ValueError(f"expected an event ({', '.join(EVENTS)}), found {event!r}")
            for action in said if isinstance(said, list) else [said]:
                _expect_action(event, action)
        self._actions = dict(actions)
        self._happened: dict[str, int] = {}
        self._lock = threading.Lock()

    def next(self, event: str) -> list[Step]:
        """The steps of what happens now that *event* does."""
        with self._lock:
            times = self._happened.get(event, 0)
            self._happened[event] = times + 1
        said = self._actions.get(event)
        if isinstance(said, list):
            said = said[times] if times < len(said) else None
        return list(_steps(said))


def _expect_action(event: str, action: object) -> None:
    if isinstance(action, tuple):
        for member in action:
            _expect_action(event, member)
    elif isinstance(action, Sleep):
        _expect_action(event, action.then)
    elif not isinstance(action, bytes | Octets | Drop | Reset | None):
        raise TypeError(f"expected octets, Octets, Drop, Reset, Sleep or a tuple for {event}, found {action!r}")


def _steps(action: Action) -> Iterator[Step]:
    """What *action* comes down to where it stands alone."""
    if isinstance(action, bytes):
        yield Reply(action, each=True)
    elif isinstance(action, Sleep):
        yield Sleep(action.seconds)
        yield from _steps(action.then)
    elif isinstance(action, tuple):
        for member in action:
            yield from _member(member)
    else:
        yield action


def _member(action: Action) -> Iterator[Step]:
    """What *action* comes down to in a tuple, where all that happens is said."""
    if isinstance(action, bytes):
        yield Reply(action)
    elif isinstance(action, Sleep) and action.then is None:
        yield action
    else:
        yield from _steps(action)
