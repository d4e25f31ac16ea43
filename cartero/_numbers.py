"""Numbers that settings are: read from text, and checked."""

from __future__ import annotations

from .errors import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _T = TypeVar("_T", int, float)

_LONGEST = 1_000_000  # seconds that a system can be asked to wait: 2**31 milliseconds are twice as much


def read_number(name: str, text: str, kind: Callable[[str], _T]) -> _T:
    """The number of this *kind* that *text* says for the setting *name*.

    Raises:
        BadURL: it says none.
    """
    try:
        return kind(text)
    except ValueError as error:
        raise BadURL(f"expected a number as {name}, found {text!r}") from error


def expect_seconds(name: str, given: object, *, is_waited: bool = False) -> float:
    """*given*, which is how many seconds the setting *name* is.

    Args:
        is_waited: whether a system is asked to wait so long: more than nothing, and at most 1,000,000 seconds.
            Else there may be none, and any number of them.

    Raises:
        BadURL: it is no such number.
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        is_right = 0 < given <= _LONGEST if is_waited else given >= 0
        if is_right:
            return given
    wanted = f"above 0 and at most {_LONGEST}" if is_waited else "0 or more"
    raise BadURL(f"expected seconds for {name}, {wanted}, found {given!r:.80}")
