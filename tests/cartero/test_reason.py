"""Why something failed."""

from __future__ import annotations

import errno

import pytest

from cartero._reason import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left on device", "/x"), "No space left on device", id="usual"),
        pytest.param(ValueError("embedded null byte"), "embedded null byte", id="odd-no-system"),
        pytest.param(ValueError("I/O operation on closed file."), "I/O operation on closed file", id="odd-full-stop"),
        pytest.param(OSError("odd"), "odd", id="odd-no-number"),
        pytest.param(OSError(), "OSError", id="odd-nothing"),
    ],
)
def test_there_is_always_a_reason(error: Exception, reason: str) -> None:
    """A text that ends in a colon helps nobody; and it ends without a full stop, for more may stand behind it."""
    assert reason_of(error) == reason
