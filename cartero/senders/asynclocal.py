"""Mail onto this machine, for programs that await: a sender that does not, in the event loop."""

from __future__ import annotations

from ..errors import BadURL
from .base import AsyncSender, Sender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..receipt import Receipt
    from .preparation import MailObject


class AsyncLocalSender(AsyncSender):
    """Carries each message by a *sender* of this machine, such as a `ConsoleSender`, in the event loop.

    So nothing else goes on in the loop for as long as the disk takes; or, at an mbox that another program has
    locked, for as long as that is waited for. It is for development, and for programs that send little. A sender
    over the network has one of its own that awaits, and should not be used here.

    Args:
        sender: the sender; its hooks are called, too.

    Raises:
        BadURL: it is none.
    """

    def __init__(self, sender: Sender) -> None:
        if not isinstance(sender, Sender):
            hint = ": cartero.aio.connect(url) makes all of it" if isinstance(sender, str) else ""
            raise BadURL(f"expected a Sender, found {type(sender).__name__}{hint}")
        super().__init__()
        self._sender = sender

    @property
    def name(self) -> str:
        """That of its sender."""
        return self._sender.name

    async def _open(self) -> None:
        self._sender.__enter__()

    async def _close(self) -> None:
        self._sender.__exit__(None, None, None)

    async def _deliver(self, mail: MailObject) -> Receipt:
        return self._sender._carry(mail)
