"""A message as programs give it to ``sendmail``."""

from __future__ import annotations

import pytest

from cartero import BadEnvelope, Envelope
from cartero.cli._exits import UsageError
from cartero.cli._input import read_mail
from cartero.cli._sendmail import parse_sendmail
from mimekit import MIMEMessage

MAIL = b"From: Me <me@x.org>\nTo: you@x.org\nBcc: hid@x.org\nSubject:  as it is\n\nHi!\n.\nBye!\n"
CRON = b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@host> backup\n\ndone\n"


def submit(octets: bytes, *arguments: str, **account: str) -> tuple[MIMEMessage, Envelope]:
    """The message and envelope for those; *account* is what an account has."""
    options = parse_sendmail(arguments)
    for name, value in account.items():
        setattr(options, name, value)
    found = read_mail(octets, options)
    assert found is not None
    return found


class TestMessage:
    def test_it_is_made_whole(self) -> None:
        """RFC 6409, section 8: Date and Message-ID are added where there is none; Bcc is read and removed."""
        message, envelope = submit(MAIL, "-t")

        assert envelope == Envelope("me@x.org", ["you@x.org", "hid@x.org"])
        assert ("Bcc" in message, "Date" in message, "Message-ID" in message) == (False, True, True)
        assert b"Subject:  as it is\n" in bytes(message)

    def test_a_dot_is_a_line(self) -> None:
        """With or without -i: nothing behind it is lost."""
        assert submit(MAIL, "-t")[0].get_content() == "Hi!\n.\nBye!\n"

    def test_the_line_of_an_mbox_is_none_of_it(self) -> None:
        """RFC 4155: it stands before the message."""
        message, _ = submit(b"From me@x.org Thu Jan  1 00:00:00 2026\n" + MAIL, "a@x.org")

        assert bytes(message).startswith(b"From: Me")

    @pytest.mark.parametrize(
        ("arguments", "account", "author"),
        [
            pytest.param(["-f", "me@x.org"], {}, "me@x.org", id="usual-f"),
            pytest.param(["-f", "me@x.org", "-F", "Me, me"], {}, '"Me, me" <me@x.org>', id="usual-name"),
            pytest.param([], {"sender": "me@x.org", "sender_name": "Me"}, "Me <me@x.org>", id="usual-account"),
            pytest.param(["-f", ""], {"own_address": "Me <me@x.org>"}, "me@x.org", id="odd-null-sender"),
            pytest.param(["-f", "www"], {"own_address": "me@x.org"}, "me@x.org", id="usual-local"),
        ],
    )
    def test_it_gets_an_author(self, arguments: list[str], account: dict[str, str], author: str) -> None:
        """RFC 5322, section 3.6: every message has one."""
        message, _ = submit(b"Subject: x\n\nHi!\n", *arguments, "you@x.org", **account)

        assert str(message["From"]) == author

    def test_a_text_without_fields_is_sent(self) -> None:
        """As with any sendmail."""
        message, _ = submit(b"disk full\n", "-f", "me@x.org", "you@x.org")

        assert message.get_content() == "disk full\n"


class TestLocalNames:
    """Those of this machine, which mean nothing elsewhere."""

    def test_they_are_whom_the_account_says(self) -> None:
        """Cron's mail is to root, from root."""
        message, envelope = submit(
            CRON, "-i", "root", "you@x.org", own_address="me@x.org", local_recipient="Me <me@x.org>"
        )

        assert envelope == Envelope("me@x.org", ["me@x.org", "you@x.org"])
        assert (message["To"], str(message["From"])) == ("root", "root (Cron Daemon)")

    @pytest.mark.parametrize(
        ("arguments", "own"),
        [
            pytest.param(["you@y.org"], "Me <me@x.org>", id="usual-account"),
            pytest.param(["-f", "", "you@y.org"], "me@x.org", id="odd-null-sender"),
            pytest.param(["-f", "www@x.org", "you@y.org"], None, id="odd-f"),
        ],
    )
    def test_the_message_id_is_of_the_domain_that_sends(self, arguments: list[str], own: str | None) -> None:
        """RFC 5322, section 3.6.4: of localhost there are many."""
        message, _ = submit(CRON, *arguments, **({"own_address": own} if own else {}))

        assert str(message["Message-ID"]).endswith("@x.org>")

    @pytest.mark.parametrize(
        ("octets", "end"),
        [
            pytest.param(b"Message-ID: <1@y.org>\n" + CRON, "<1@y.org>", id="usual-there-is-one"),
            pytest.param(CRON.replace(b"root (Cron Daemon)", b"me@y.org"), "@y.org>", id="usual-author"),
        ],
    )
    def test_the_message_id_is_the_authors_if_that_can_be(self, octets: bytes, end: str) -> None:
        """As with any other message."""
        message, _ = submit(octets, "you@y.org", own_address="me@x.org")

        assert str(message["Message-ID"]).endswith(end)

    def test_nobody_knows_a_domain(self) -> None:
        """The null sender, and no account."""
        message, _ = submit(CRON, "-f", "", "you@y.org")

        assert str(message["Message-ID"]).endswith("@localhost>")

    @pytest.mark.parametrize(
        ("arguments", "account", "problem"),
        [
            pytest.param(
                ["root"], {"own_address": "me@x.org"}, "root has no domain; local_recipient = ", id="recipient"
            ),
            pytest.param(["you@x.org"], {}, "root has no domain; from = 'me@example.org' in the account", id="sender"),
        ],
    )
    def test_without_that_they_are_refused(self, arguments: list[str], account: dict[str, str], problem: str) -> None:
        """The text says what to do."""
        with pytest.raises(UsageError, match=problem):
            submit(CRON, *arguments, **account)


class TestMistakes:
    @pytest.mark.parametrize(
        ("octets", "arguments", "problem"),
        [
            pytest.param(MAIL, [], "no recipients", id="usual-nobody"),
            pytest.param(
                b"Subject: x\n\n", ["you@x.org"], "name one with -f, or with from in the account", id="usual-author"
            ),
            pytest.param(b"Subject: x\n\n", ["-f", "", "you@x.org"], "the author has no domain", id="odd-null-author"),
        ],
    )
    def test_each_is_said(self, octets: bytes, arguments: list[str], problem: str) -> None:
        """With what to do."""
        with pytest.raises(UsageError, match=problem):
            submit(octets, *arguments)

    def test_nobody_in_the_message_is_a_mistake_of_its_own(self) -> None:
        """RFC 5322, section 3.6.3."""
        with pytest.raises(BadEnvelope, match="found no address in To, Cc or Bcc"):
            submit(b"From: me@x.org\n\n", "-t")
