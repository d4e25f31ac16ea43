"""Fixtures of pytest's for programs that send mail: `mailcatcher` and `outbox`.

pytest loads it for every run, so a server is imported when a test asks for mail, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .senders.memory import Outbox
    from .testing import MailCatcher


@pytest.fixture
def mailcatcher() -> Iterator[MailCatcher]:
    """A `cartero.testing.MailCatcher` that runs during the test: an SMTP server at ``mailcatcher.url``."""
    from .testing import MailCatcher  # noqa: PLC0415 - when a test asks for it

    with MailCatcher() as catcher:
        yield catcher


@pytest.fixture
def outbox(mailcatcher: MailCatcher, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """The mail that `mailcatcher` has; ``$CARTERO_URL`` is where it is, so that ``cartero.connect()`` sends there."""
    monkeypatch.setenv("CARTERO_URL", mailcatcher.url)
    return mailcatcher.outbox
