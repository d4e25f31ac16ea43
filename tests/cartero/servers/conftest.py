"""What holds for SMTP and LMTP alike is tested with both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.receiving import BOTH

if TYPE_CHECKING:
    from cartero.servers.smtp import MailServer


@pytest.fixture(params=BOTH, ids=["smtp", "lmtp"])
def kind(request: pytest.FixtureRequest) -> type[MailServer]:
    """A server for either protocol."""
    found: type[MailServer] = request.param
    return found
