"""What was sent, in a list that a test can ask."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cartero import Envelope, MemorySender
from mimekit import Address, MIMEMessage


def sender() -> MemorySender:
    """One that has sent two messages: a greeting with an attachment to two, and a bounce."""
    greeting = MIMEMessage()
    greeting["From"], greeting["To"], greeting["Bcc"] = "me@example.org", "zoe@example.org", "ana@example.org"
    greeting["Subject"] = "Willkommen, Zoë"
    greeting.set_content("Schöne Grüße!\n")
    greeting.add_attachment(b"%PDF", "application", "pdf", filename="März.pdf")
    memory = MemorySender()
    memory.send(greeting)
    memory.send(b"Content-Type: text/html\n\n<p>no such user", envelope=Envelope("", ["me@example.org"]))
    return memory


class TestAssertSent:
    """What passes, and what does not."""

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"to": "zoe@example.org"}, id="usual-to"),
            pytest.param({"to": Address.parse("Ana <ana@example.org>")}, id="usual-to-an-address"),
            pytest.param({"to": ["ana@example.org", "zoe@example.org"]}, id="usual-to-several"),
            pytest.param({"sender": "me@example.org"}, id="usual-sender"),
            pytest.param({"subject": "Willkommen, Zoë"}, id="usual-subject"),
            pytest.param({"subject": re.compile("^Willkommen")}, id="usual-pattern-of-a-subject"),
            pytest.param({"text": "Schöne Gr"}, id="usual-text"),
            pytest.param({"text": re.compile(r"Gr.+!$", re.MULTILINE)}, id="usual-pattern-of-a-text"),
            pytest.param({"attachment": "März.pdf"}, id="usual-attachment"),
            pytest.param({"to": "zoe@example.org", "subject": "Willkommen, Zoë", "count": 1}, id="usual-all-of-it"),
        ],
    )
    def test_the_messages_that_are_so_come_back(self, said: dict[str, Any]) -> None:
        """So that more can be asked of them."""
        memory = sender()

        assert memory.outbox.assert_sent(**said) == [memory.outbox[0]]

    def test_a_null_sender_and_html_can_be_asked_for(self) -> None:
        """A bounce is from nobody; its page is its text where it has no other."""
        memory = sender()

        assert memory.outbox.assert_sent(sender="", text="no such user") == [memory.outbox[1]]

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"to": "other@example.org"}, id="usual-to"),
            pytest.param({"to": ["zoe@example.org", "other@example.org"]}, id="usual-to-one-of-two"),
            pytest.param({"sender": "zoe@example.org"}, id="usual-sender"),
            pytest.param({"subject": "Willkommen"}, id="usual-half-a-subject"),
            pytest.param({"text": "Tschüss"}, id="usual-text"),
            pytest.param({"attachment": "März"}, id="usual-attachment"),
            pytest.param({"to": "me@example.org", "subject": "Willkommen, Zoë"}, id="odd-of-two-messages"),
        ],
    )
    def test_what_is_not_so_fails_and_the_contrary_passes(self, said: dict[str, Any]) -> None:
        """All of what is said holds for one and the same message."""
        memory = sender()

        memory.outbox.assert_not_sent(**said)
        with pytest.raises(AssertionError, match=r"^expected at least 1 message .*, found 0; these were sent:"):
            memory.outbox.assert_sent(**said)

    def test_what_is_so_fails_where_it_must_not_be(self) -> None:
        """The contrary says which messages."""
        with pytest.raises(AssertionError, match=r"^expected no message to zoe@example.org, found 1; these were sent:"):
            sender().outbox.assert_not_sent(to="zoe@example.org")

    def test_the_failure_says_what_was_sent_and_why_it_is_not_the_one(self) -> None:
        """Whoever reads it knows what to change, in the test or in the program."""
        with pytest.raises(AssertionError) as caught:
            sender().outbox.assert_sent(to="zoe@example.org", subject=re.compile("^Hello"), count=2)

        reason = "not with '^Hello' in its subject"
        assert str(caught.value).splitlines() == [
            "expected 2 messages to zoe@example.org with '^Hello' in its subject, found 0; these were sent:",
            "  1. 'Willkommen, Zoë' from me@example.org to zoe@example.org, ana@example.org: " + reason,
            "  2. '' from <> to me@example.org: not to zoe@example.org, not with '^Hello' in its subject",
        ]

    def test_nothing_at_all_is_told(self) -> None:
        """The usual failure: the program never came as far."""
        memory = MemorySender()

        memory.outbox.assert_not_sent()
        with pytest.raises(AssertionError, match=r"^expected 1 message from <>, found 0; nothing was sent$"):
            memory.outbox.assert_sent(sender="", count=1)

    def test_a_full_outbox_is_not_told_in_full(self) -> None:
        """Twenty are enough to see what is wrong."""
        memory = MemorySender()
        list(memory.send_all([b"From: a@x.org\nTo: b@x.org\n\n"] * 23))

        with pytest.raises(AssertionError, match=r"(?s)^expected no message, found 23; .*\n  and 3 more$") as caught:
            memory.outbox.assert_not_sent()
        assert len(str(caught.value).splitlines()) == 22

    def test_a_message_without_a_text_has_none(self) -> None:
        """An attachment alone."""
        memory = MemorySender()
        memory.send(b"From: a@x.org\nTo: b@x.org\nContent-Disposition: attachment\n\nx")

        memory.outbox.assert_not_sent(text="x")

    def test_clear_empties_it(self) -> None:
        """It is a list."""
        memory = sender()

        memory.outbox.clear()

        memory.outbox.assert_not_sent()
        assert memory.outbox == []
