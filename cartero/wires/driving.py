"""Runs a generator that asks for things to its end: once for who blocks, once for who awaits."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from typing import TypeVar

    _Asked = TypeVar("_Asked")
    _Given = TypeVar("_Given")
    _T = TypeVar("_T")


def drive(asking: Generator[_Asked, _Given, _T], do: Callable[[_Asked], _Given]) -> _T:
    """What *asking* returns or raises in the end.

    Args:
        asking: the generator. The result of each thing done is sent in; an error is thrown in, for it may know better.
        do: does what was asked for.
    """
    try:
        asked = next(asking)
        while True:
            try:
                given = do(asked)
            except Exception as error:  # noqa: BLE001 - whatever it is, who asked has to know
                asked = asking.throw(error)
            else:
                asked = asking.send(given)
    except StopIteration as ended:
        value: _T = ended.value
        return value
    finally:
        # Whatever else stops it in the middle, it has to know at once: a connection must not be used again.
        asking.close()


async def drive_awaiting(asking: Generator[_Asked, _Given, _T], do: Callable[[_Asked], Awaitable[_Given]]) -> _T:
    """As `drive`, where what is done is awaited."""
    try:
        asked = next(asking)
        while True:
            try:
                given = await do(asked)
            except Exception as error:  # noqa: BLE001 - whatever it is, who asked has to know
                asked = asking.throw(error)
            else:
                asked = asking.send(given)
    except StopIteration as ended:
        value: _T = ended.value
        return value
    finally:
        asking.close()
