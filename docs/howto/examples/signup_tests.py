"""Tests of an application that sends mail, with the fixtures that cartero has for pytest."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import cartero
from mimekit import MIMEMessage

if TYPE_CHECKING:
    from cartero.senders.memory import Outbox
    from cartero.testing import MailCatcher


def welcome(address: str, *, host: str, port: int) -> None:
    """The application's: it knows nothing of cartero."""
    with smtplib.SMTP(host, port) as server:
        server.sendmail("club@example.org", [address], "Subject: Welcome!\n\nHello!\n")


def tell_secretary(address: str) -> None:
    """The application's: it sends by cartero, to where its environment says."""
    message = MIMEMessage()
    message["From"], message["To"], message["Subject"] = "club@example.org", "secretary@example.org", "A newcomer"
    message.set_content(f"{address} has signed up.\n")
    cartero.connect().send(message)


def test_newcomers_are_welcomed(mailcatcher: MailCatcher) -> None:
    """They get a message."""
    welcome("ana@example.org", host=mailcatcher.host, port=mailcatcher.port)

    mailcatcher.outbox.assert_sent(to="ana@example.org", subject="Welcome!", count=1)


def test_the_secretary_is_told(outbox: Outbox) -> None:
    """Nobody else is."""
    tell_secretary("ana@example.org")

    [mail] = outbox.assert_sent(to="secretary@example.org")
    assert mail.message.get_content() == "ana@example.org has signed up.\n"
