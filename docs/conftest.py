"""Every page's examples run in an empty folder of their own; those that send mail, against a server on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests.mailservers import PASSWORD, Inbox, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Pages that send: they find a server's URL in $CARTERO_URL, and what it took in `inbox`.
_SMTP_PAGES = {"send", "send-over-smtp", "send-many", "coming-from-smtplib", "smtp", "django"}
_LMTP_PAGES = {"deliver-by-lmtp"}
_DJANGO_PAGES = {"django", "integrations"}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _with_a_server(
    request: pytest.FixtureRequest, doctest_namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    page = request.node.path.stem
    if page in _DJANGO_PAGES and not settings.configured:
        settings.configure()
    if page not in _SMTP_PAGES | _LMTP_PAGES:
        yield
        return
    inbox = Inbox("PIPELINING")
    with serve(inbox, lmtp=page in _LMTP_PAGES, auth_require_tls=False) as address:
        scheme = "lmtp" if page in _LMTP_PAGES else "smtp"
        monkeypatch.setenv("CARTERO_URL", f"{scheme}://{address.host}:{address.port}")
        monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
        monkeypatch.setitem(doctest_namespace, "inbox", inbox.mails)
        yield
