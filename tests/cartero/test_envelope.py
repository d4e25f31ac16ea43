"""Who a message is from, and to whom it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadAddress, BadEnvelope, BadMessage, Envelope
from cartero.envelope import recipients_of, sender_of
from mimekit import Address, MIMEMessage, parse

_envelope: Any = Envelope  # what type checkers know nothing of


def message(*fields: str) -> MIMEMessage:
    """A received message with these fields."""
    return parse("\r\n".join([*fields, "", "Hi!"]).encode())


class TestEnvelope:
    """The value."""

    def test_it_holds_a_sender_and_recipients(self) -> None:
        """RFC 5321, section 2.3.1: the originator address, and one or more recipient addresses."""
        envelope = Envelope("me@example.org", ["you@example.org", "ana@example.net"])

        assert (envelope.sender, envelope.recipients) == ("me@example.org", ("you@example.org", "ana@example.net"))

    def test_one_recipient_may_stand_alone(self) -> None:
        """A `str` is an address, not a row of one-letter addresses."""
        assert Envelope("me@example.org", "you@example.org").recipients == ("you@example.org",)

    def test_addresses_of_mimekit_are_taken_without_their_names(self) -> None:
        """An envelope has no display names."""
        ana = Address("Ana", "ana", "example.org")

        assert Envelope(ana, ana) == Envelope("ana@example.org", ["ana@example.org"])

    def test_a_recipient_given_twice_is_kept_once(self) -> None:
        """RFC 5321, section 2.4: domains are compared without case, local parts with it."""
        envelope = Envelope("me@x.org", ["a@x.org", "B@x.org", "a@X.ORG", "b@x.org", "a@x.org"])

        assert envelope.recipients == ("a@x.org", "B@x.org", "b@x.org")

    def test_a_domain_in_two_scripts_is_one_domain(self) -> None:
        """RFC 5890, section 2.3.2.1: an A-label and its U-label are the same name; one that is none is left alone."""
        recipients = ["a@b\u00fccher.example", "a@XN--bcher-kva.example", "a@\u2665.example", "a@\u2665.EXAMPLE"]

        assert Envelope("me@x.org", recipients).recipients == (recipients[0], recipients[2])

    def test_the_sender_may_be_null(self) -> None:
        """RFC 5321, section 4.5.5: notifications have a null reverse-path."""
        assert Envelope("", ["you@example.org"]).sender == ""

    def test_without_recipients_there_is_none(self) -> None:
        """RFC 5321, section 3.3: a transaction has one or more RCPT commands."""
        with pytest.raises(BadEnvelope, match="at least one recipient"):
            Envelope("me@example.org", [])

    @pytest.mark.parametrize(
        "address",
        [
            pytest.param("ana@example.org", id="usual"),
            pytest.param("ana+list=x!y@mail-1.example.org", id="usual-atext"),
            pytest.param("Postmaster", id="usual-postmaster"),
            pytest.param("ana@[192.0.2.1]", id="odd-ipv4-literal"),
            pytest.param("ana@[IPv6:2001:db8::1]", id="odd-ipv6-literal"),
            pytest.param('"a, b"@example.org', id="odd-quoted-comma"),
            pytest.param('"a\\"b <x>"@example.org', id="odd-quoted-pair"),
            pytest.param('""@example.org', id="odd-empty-quotes"),
            pytest.param("a..b.@example.org", id="odd-dots"),
            pytest.param("jörg@straße.example", id="odd-international"),
            pytest.param("ana@localhost", id="odd-one-label"),
        ],
    )
    def test_an_address_is_kept_as_it_was_written(self, address: str) -> None:
        """RFC 5321, section 4.1.2, and a little more where mail does more."""
        assert Envelope(address, [address]) == Envelope(address, (address,))
        assert Envelope(address, [address]).recipients == (address,)

    @pytest.mark.parametrize(
        "address",
        [
            pytest.param("ana", id="usual-no-domain"),
            pytest.param("@example.org", id="usual-no-local-part"),
            pytest.param("ana@", id="usual-empty-domain"),
            pytest.param("Ana <ana@example.org>", id="usual-with-a-name"),
            pytest.param("<ana@example.org>", id="usual-in-brackets"),
            pytest.param("a@x.org, b@x.org", id="odd-two"),
            pytest.param("a@x.org b@x.org", id="odd-two-by-space"),
            pytest.param("a@x.org;b@x.org", id="odd-two-by-semicolon"),
            pytest.param("a@b@x.org", id="odd-two-ats"),
            pytest.param("ana@example..org", id="odd-empty-label"),
            pytest.param("ana@example.org.", id="odd-final-dot"),
            pytest.param("ana@[192.0.2.1", id="odd-open-literal"),
            pytest.param('"ana@example.org', id="odd-open-quotes"),
            pytest.param('"a"b"@example.org', id="odd-quote-in-quotes"),
            pytest.param("b>\r\nRCPT TO:<evil@example.org", id="hostile-command"),
            pytest.param('"a\r\nb"@example.org', id="hostile-command-in-quotes"),
            pytest.param("ana@example.org\n", id="hostile-line-end"),
            pytest.param("ana\0@example.org", id="hostile-nul"),
            pytest.param("ana@exa\u2028mple.org", id="hostile-unicode-line-end"),
            pytest.param("ana@example.org\x7f", id="hostile-delete"),
            pytest.param("an\udcffa@example.org", id="hostile-surrogate"),
            pytest.param('"\udcff"@example.org', id="hostile-surrogate-in-quotes"),
        ],
    )
    def test_what_is_no_bare_address_is_refused(self, address: str) -> None:
        """Whatever would end a command, open another, or hide a recipient."""
        for sender, recipients in ((address, ["you@x.org"]), ("me@x.org", ["you@x.org", address])):
            with pytest.raises(BadAddress) as caught:
                Envelope(sender, recipients)

            assert caught.value.address == address

    def test_an_empty_recipient_is_refused(self) -> None:
        """Only a sender may be null."""
        with pytest.raises(BadAddress):
            Envelope("me@x.org", [""])

    @given(st.text(max_size=20))
    def test_whatever_is_accepted_can_stand_in_a_command(self, text: str) -> None:
        """RFC 5321, section 4.1.1.3: one line, and one pair of angle brackets."""
        address = f"{text}@example.org"
        try:
            Envelope("", [address])
        except BadAddress:
            return

        assert len(address.splitlines()) == 1
        assert text.startswith('"') or not set(text) & set(' <>,;:()[]@\\"\0')

    def test_replace_makes_another(self) -> None:
        """A frozen value is changed by making another."""
        envelope = Envelope("me@x.org", ["you@x.org"])

        assert envelope.replace(sender="") == Envelope("", ["you@x.org"])
        assert envelope.replace(recipients=["ana@x.org"]) == Envelope("me@x.org", ["ana@x.org"])
        assert envelope.sender == "me@x.org"


class TestFromMessage:
    """The envelope a message asks for."""

    def test_from_goes_to_to_cc_and_bcc(self) -> None:
        """RFC 5322, section 3.6.3: the three destination fields."""
        mail = message("From: me@x.org", "Bcc: c@x.org", "To: A <a@x.org>, G: g@x.org, h@x.org;", "Cc: b@x.org")

        assert Envelope.from_message(mail) == Envelope(
            "me@x.org", ["a@x.org", "g@x.org", "h@x.org", "b@x.org", "c@x.org"]
        )

    def test_sender_goes_before_from(self) -> None:
        """RFC 5322, section 3.6.2: Sender is the mailbox of the agent responsible for the actual transmission."""
        assert sender_of(message("From: a@x.org, b@x.org", "Sender: c@x.org")) == "c@x.org"

    @pytest.mark.parametrize("fields", [["From: a@x.org, b@x.org"], ["Sender:", "From: a@x.org"]])
    def test_the_first_of_from_stands_in_for_sender(self, fields: list[str]) -> None:
        """Mail without Sender is common, and somebody must get the bounces."""
        assert sender_of(message(*fields)) == "a@x.org"

    def test_fields_that_stand_twice_count_twice(self) -> None:
        """RFC 5322, section 4.5.3: destination fields may occur several times in obsolete mail."""
        assert recipients_of(message("To: a@x.org", "To: b@x.org")) == ("a@x.org", "b@x.org")

    def test_a_message_from_nobody_is_refused(self) -> None:
        """The error says which fields were looked at."""
        with pytest.raises(BadEnvelope, match="no address in Sender or From"):
            Envelope.from_message(message("To: you@x.org"))

    def test_a_message_to_nobody_is_refused(self) -> None:
        """An empty group is nobody."""
        with pytest.raises(BadEnvelope, match="no address in To, Cc or Bcc"):
            Envelope.from_message(message("From: me@x.org", "To: undisclosed-recipients:;"))

    def test_a_message_to_what_is_no_address_is_refused(self) -> None:
        """Never a recipient that is silently lost."""
        with pytest.raises(BadAddress):
            Envelope.from_message(message("From: me@x.org", "To: you@x.org, nobody"))


NEW = ["Resent-From: me@x.org", "Resent-To: you@x.org"]
OLDER = ["Resent-Cc: old@x.org", "Resent-From: old@x.org", "Resent-To: old@x.org"]
OLD = ["From: author@x.org", "To: first@x.org", "Cc: second@x.org"]


class TestResent:
    """The envelope of a message that is sent again."""

    @pytest.mark.parametrize(
        "fields",
        [
            pytest.param([*NEW, *OLD], id="usual"),
            pytest.param([*OLD, *NEW], id="usual-behind"),
            pytest.param(["Received: by c", *NEW, "Received: by b", *OLDER, "Received: by a", *OLD], id="usual-traced"),
            pytest.param(["Resent-Date: x", *NEW, "Resent-Date: y", *OLDER[1:], *OLD], id="usual-blocks-together"),
            pytest.param([*NEW, "X-Loop: 1", *OLDER, *OLD], id="odd-blocks-with-another-field-between"),
            pytest.param(["Resent-Date: x", "X-Mailer: y", NEW[1], *OLD, NEW[0]], id="odd-one-block-in-pieces"),
            pytest.param([*NEW, "Return-Path: <a@x.org>", OLDER[0], *OLD], id="odd-return-path-ends-a-block"),
            pytest.param(["Resent-From: a@x.org", "Resent-Sender: me@x.org", NEW[1], *OLD], id="odd-resent-sender"),
            pytest.param(["RESENT-FROM: me@x.org", "resent-to: you@x.org", *OLD], id="odd-case"),
        ],
    )
    def test_the_newest_block_is_the_envelope(self, fields: list[str]) -> None:
        """RFC 5322, section 3.6.6: the most recent set of resent fields appears earlier in the message."""
        assert Envelope.from_message(message(*fields)) == Envelope("me@x.org", ["you@x.org"])

    def test_every_destination_of_the_block_counts(self) -> None:
        """RFC 5322, section 3.6.6: Resent-To, Resent-Cc and Resent-Bcc function as To, Cc and Bcc do."""
        fields = ["Resent-From: me@x.org", "Resent-Bcc: c@x.org", "Resent-Cc: b@x.org", "Resent-To: a@x.org", *OLD]

        assert recipients_of(message(*fields)) == ("a@x.org", "b@x.org", "c@x.org")

    def test_a_block_to_nobody_does_not_go_to_those_of_the_first_time(self) -> None:
        """They have the message already: list software resends without a Resent-To, and its envelope says to whom."""
        with pytest.raises(BadEnvelope, match="Resent-To, Resent-Cc or Resent-Bcc"):
            recipients_of(message("Resent-From: me@x.org", *OLD))

    def test_a_block_from_nobody_is_refused(self) -> None:
        """The author of the first time does not get the bounces of this one."""
        with pytest.raises(BadEnvelope, match="Resent-Sender or Resent-From"):
            sender_of(message("Resent-To: you@x.org", *OLD))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param(["To: junk junk, c@x.org"], "junk junk", id="usual-words"),
        pytest.param(["To: c@x.org", "Cc: @x, g@x.org"], "@x", id="odd-half-an-address"),
    ],
)
def test_a_recipient_that_cannot_be_read_is_not_passed_over(fields: list[str], found: str) -> None:
    """Never a silently lost recipient: the others alone are not who the message is for."""
    with pytest.raises(BadAddress) as caught:
        recipients_of(message(*fields))

    assert caught.value.address == found


def test_a_group_without_members_is_nobody() -> None:
    """RFC 5322, section 3.4: a group may be empty, as where the recipients are not disclosed."""
    assert recipients_of(message("To: undisclosed-recipients:;", "Cc: c@x.org")) == ("c@x.org",)


@pytest.mark.parametrize(
    ("make", "error", "problem"),
    [
        pytest.param(
            lambda: _envelope(None, ["a@b.c"]), BadAddress, "expected an address, found NoneType", id="sender"
        ),
        pytest.param(lambda: _envelope("a@b.c", [3]), BadAddress, "expected an address, found int", id="recipient"),
        pytest.param(lambda: _envelope("a@b.c", None), BadEnvelope, "recipients, found NoneType", id="recipients"),
        pytest.param(lambda: _envelope.from_message(None), BadMessage, "a MIMEMessage, found NoneType", id="message"),
    ],
)
def test_things_of_another_type_are_refused(make: Callable[[], object], error: type[Exception], problem: str) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(error, match=problem):
        make()
