"""What is said when servers listen, and when they are about to stop: to people, and to systemd."""

from __future__ import annotations

import contextlib
import os
import socket

from ._log import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from ._options import Options
    from ._places import Listening


class Announcement:
    """What runs behind the servers: it begins when all of them listen, and ends before the first of them stops."""

    def __init__(self, listening: Listening, options: Options) -> None:
        self._listening = listening
        self._is_quiet = options.quiet

    async def __aenter__(self) -> Self:
        if not self._is_quiet:
            say(str(self._listening))
        notify("READY=1")
        return self

    async def __aexit__(self, *_: object) -> None:
        notify("STOPPING=1")
        if not self._is_quiet:
            say("stopping")


def notify(state: str) -> None:
    """Tell systemd of *state*, where it wants to know: the protocol of sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
