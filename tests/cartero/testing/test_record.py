"""What a scripted server saw."""

from __future__ import annotations

import pytest

from cartero import BadEnvelope, Envelope
from cartero.testing import Connection, Transaction


class TestTransaction:
    def test_the_envelope_has_those_it_was_accepted_for(self) -> None:
        """A recipient may be taken by RCPT and refused at the dot."""
        transaction = Transaction("a@x", {"SIZE": "9"})
        transaction.recipients = {"b@x": {}, "c@x": {}}
        transaction.accepted = ["c@x"]

        assert transaction.envelope == Envelope("a@x", ["c@x"])
        assert repr(transaction) == "<Transaction from 'a@x' to ['b@x', 'c@x']>"

    def test_there_is_no_envelope_without_recipients(self) -> None:
        """Of a message that nobody got."""
        with pytest.raises(BadEnvelope):
            _ = Transaction("a@x", {}).envelope


class TestConnection:
    def test_its_verbs_are_the_first_words(self) -> None:
        """What a test usually asks: in which order was what said?"""
        connection = Connection()
        connection.commands = ["ehlo me", "MAIL FROM:<a@x>", "QUIT"]

        assert connection.verbs == ["EHLO", "MAIL", "QUIT"]
        assert repr(connection) == "<Connection EHLO MAIL QUIT>"
