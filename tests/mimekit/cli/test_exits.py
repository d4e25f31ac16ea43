"""What `mimekit` tells the shell."""

from __future__ import annotations

import pytest

from mimekit import BadValue, MissingExtra, MissingFile
from mimekit.cli._exits import Exit, NoInputError, UsageError, exit_for


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(UsageError(), Exit.USAGE, id="usage"),
        pytest.param(NoInputError(), Exit.NO_INPUT, id="no-input"),
        pytest.param(MissingExtra(), Exit.MISSING_EXTRA, id="missing-extra"),
        pytest.param(OSError(28, "full"), Exit.IO, id="system"),
        pytest.param(MissingFile(2, "gone"), Exit.IO, id="folder-gone-meanwhile"),
        pytest.param(BadValue(), Exit.IO, id="mimekit"),
    ],
)
def test_each_error_has_its_status(error: Exception, status: Exit) -> None:
    """As sysexits.h has them."""
    assert exit_for(error) is status
