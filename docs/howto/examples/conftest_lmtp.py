"""A ``conftest.py``: all tests have a catcher that speaks LMTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cartero.testing import MailCatcher


@pytest.fixture
def mailcatcher() -> Iterator[MailCatcher]:
    """One that speaks LMTP."""
    with MailCatcher(lmtp=True) as catcher:
        yield catcher
