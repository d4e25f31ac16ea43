"""Mail nowhere."""

from __future__ import annotations

import logging

import pytest

from cartero import BadEnvelope, Envelope, NullSender
from cartero.senders.preparation import prepare
from tests.rich_mail import rich_message

MAIL = b"From: me@x.org\nTo: a@x.org, b@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!"


def test_it_logs_that_it_got_a_message(caplog: pytest.LogCaptureFixture) -> None:
    """From whom, to whom, how much: enough to see that mail would have gone."""
    caplog.set_level(logging.INFO, logger="cartero")

    receipt = NullSender().send(MAIL)

    assert caplog.messages == [
        f"a message of {len(MAIL)} octets from <me@x.org> to a@x.org, b@x.org goes nowhere: <1@x>"
    ]
    assert receipt.accepted == ("a@x.org", "b@x.org")


def test_a_rich_message_is_taken_whole(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing arrives, so all there is to be seen is that all of it was there."""
    message = rich_message()
    message["Date"], message["Message-ID"] = "Thu, 26 Nov 2026 10:00:00 +0100", "<1@example.org>"
    size = len(prepare(message).as_bytes())

    with caplog.at_level(logging.INFO, "cartero"):
        receipt = NullSender().send(message)

    assert receipt.accepted == ("you@example.org", "hid@example.org")
    assert f"a message of {size} octets" in caplog.text


def test_a_message_without_a_message_id_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    """A ready one is sent as it is."""
    caplog.set_level(logging.INFO, logger="cartero")

    NullSender().send(b"\n", envelope=Envelope("", ["a@x.org"]))

    assert caplog.messages == ["a message of 1 octets from <> to a@x.org goes nowhere: no Message-ID"]


def test_what_any_sender_refuses_it_refuses() -> None:
    """Or the mistake shows only in production."""
    with pytest.raises(BadEnvelope):
        NullSender().send(b"To: a@x.org\n\n")
