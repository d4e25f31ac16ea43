"""What `send_all` gives: receipts that come as they are asked for, and a warning where nobody ever asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Generator
    from typing import Any

    from ..receipt import Receipt


class Receipts(Iterator["Receipt"]):
    """The receipts of *coming*, a generator: ``for`` asks it itself, so that this costs nothing for each message."""

    _is_asked = False

    def __init__(self, coming: Generator[Receipt]) -> None:
        self._coming = coming

    def __iter__(self) -> Iterator[Receipt]:  # noqa: PYI034 - see above
        self._is_asked = True
        return self._coming

    def __next__(self) -> Receipt:
        self._is_asked = True
        return next(self._coming)

    def close(self) -> None:
        """Send nothing more."""
        self._is_asked = True
        self._coming.close()

    def __del__(self) -> None:
        if not self._is_asked:
            _warn(self)


class AsyncReceipts(AsyncIterator["Receipt"]):
    """`Receipts`, to be awaited."""

    _is_asked = False

    def __init__(self, coming: AsyncGenerator[Receipt]) -> None:
        self._coming = coming

    def __aiter__(self) -> AsyncIterator[Receipt]:  # noqa: PYI034 - likewise
        self._is_asked = True
        return self._coming

    def __anext__(self) -> Coroutine[Any, Any, Receipt]:
        self._is_asked = True
        return self._coming.__anext__()

    async def aclose(self) -> None:
        """Send nothing more."""
        self._is_asked = True
        await self._coming.aclose()

    def __del__(self) -> None:
        if not self._is_asked:
            _warn(self)


def _warn(receipts: object) -> None:
    import warnings  # noqa: PLC0415 - few need it

    problem = "nothing was sent: the receipts were never asked for (for receipt in sender.send_all(...): ...)"
    warnings.warn(problem, ResourceWarning, source=receipts, stacklevel=3)
