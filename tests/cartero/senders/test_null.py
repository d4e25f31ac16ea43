"""Mail nowhere."""

from __future__ import annotations

import logging

import pytest

from cartero import BadEnvelope, Envelope, NullSender

MAIL = b"From: me@x.org\nTo: a@x.org, b@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!"


def test_it_logs_that_it_got_a_message(caplog: pytest.LogCaptureFixture) -> None:
    """From whom, to whom, how much: enough to see that mail would have gone."""
    caplog.set_level(logging.INFO, logger="cartero")

    receipt = NullSender().send(MAIL)

    assert caplog.messages == [
        f"a message of {len(MAIL)} octets from <me@x.org> to a@x.org, b@x.org goes nowhere: <1@x>"
    ]
    assert receipt.accepted == ("a@x.org", "b@x.org")


def test_a_message_without_a_message_id_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    """A ready one is sent as it is."""
    caplog.set_level(logging.INFO, logger="cartero")

    NullSender().send(b"\n", envelope=Envelope("", ["a@x.org"]))

    assert caplog.messages == ["a message of 1 octets from <> to a@x.org goes nowhere: no Message-ID"]


def test_what_any_sender_refuses_it_refuses() -> None:
    """Or the mistake shows only in production."""
    with pytest.raises(BadEnvelope):
        NullSender().send(b"To: a@x.org\n\n")
