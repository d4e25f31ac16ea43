"""The server for LMTP; what is said in it is tested with the session."""

from __future__ import annotations

import logging
import smtplib
from typing import TYPE_CHECKING
from urllib.parse import quote

from cartero import Envelope, Outcome, Receipt, connect
from cartero.servers import LMTPServer
from tests.receiving import HOST, TEXT, Kept, serving

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class TestLMTPServer:
    def test_a_sender_of_this_project_delivers(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """By a socket file; each recipient is told of himself, and the log has it all."""
        caplog.set_level(logging.INFO, "cartero")
        yes, no = Outcome(accepted=True), Outcome(accepted=False, code=452, enhanced="4.2.2", reply="full")
        kept = Kept(Receipt({"a@example.org": yes, "b@example.org": no}))
        with serving(LMTPServer, kept, path=tmp_path / "lmtp"):
            receipt = connect(f"lmtp://{quote(str(tmp_path / 'lmtp'))}").send(
                TEXT, envelope=Envelope("me@example.org", ["a@example.org", "b@example.org"])
            )

        assert receipt.accepted == ("a@example.org",)
        assert receipt.recipients["b@example.org"].code == 452
        assert "a@example.org: 250 2.0.0 taken; b@example.org: 452 4.2.2 full" in caplog.text
        assert kept.texts == [TEXT]

    def test_the_standard_library_delivers(self) -> None:
        """It does not know that LMTP has a reply for each, so there is one recipient."""
        kept = Kept()
        with serving(LMTPServer, kept) as server, smtplib.LMTP(HOST, server.port) as client:
            assert client.sendmail("me@example.org", ["you@example.org"], TEXT) == {}

        assert kept.texts == [TEXT]
