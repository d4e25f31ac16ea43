"""What all senders do before a message goes."""

from __future__ import annotations

import email
import email.message
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cartero import BadEnvelope, BadMessage, Envelope, MailObject
from cartero.senders.preparation import SupportsAsBytes, complete, prepare
from mimekit import FileManager, MIMEMessage, parse

ENVELOPE = Envelope("bounces@x.org", ["you@example.org"])
READY = b"From: me@example.org\nTo: you@example.org\nBcc: hid@example.org\nSubject:  as it \n\tis\n\nHi!\n"


def composed(**fields: str) -> MIMEMessage:
    """A message built here."""
    message = MIMEMessage()
    for name, value in {"From": "me@example.org", "To": "you@example.org", **fields}.items():
        message[name] = value
    return message.set_content("Hi!\n")


def from_email() -> email.message.EmailMessage:
    """A message of the standard library."""
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Bcc"] = "me@example.org", "you@example.org", "hid@example.org"
    message.set_content("Grüße\n")
    return message


class TestComposed:
    """A message that was built or edited here."""

    def test_it_gets_a_date_now_and_a_message_id(self) -> None:
        """RFC 5322, section 3.6: Date is required, and every message SHOULD have a Message-ID."""
        mail = prepare(composed())

        sent = parse(mail.as_bytes())
        date = sent["Date"]
        assert date is not None
        assert date.datetime is not None
        assert abs(datetime.now(UTC) - date.datetime) < timedelta(minutes=1)
        assert mail.message_id.endswith("@example.org>")
        assert sent["Message-ID"] == mail.message_id

    def test_what_it_has_of_both_stays(self) -> None:
        """A retry of the same message is the same message."""
        fields = {"Date": "Mon, 01 Jan 2024 10:00:00 +0000", "Message-ID": "<1@x.org>"}

        mail = prepare(composed(**fields))

        assert (mail.message["Date"], mail.message_id) == (fields["Date"], "<1@x.org>")

    def test_it_loses_bcc_and_the_envelope_keeps_it(self) -> None:
        """RFC 5322, section 3.6.3: Bcc holds recipients whose addresses are not to be revealed to others."""
        mail = prepare(composed(Bcc="hid@example.org"))

        assert b"hid@" not in mail.as_bytes()
        assert mail.envelope.recipients == ("you@example.org", "hid@example.org")

    def test_it_loses_bcc_under_a_given_envelope_too(self) -> None:
        """Whoever is in it, nobody is to read it."""
        mail = prepare(composed(Bcc="hid@example.org"), envelope=ENVELOPE)

        assert b"hid@" not in mail.as_bytes()
        assert mail.envelope == ENVELOPE

    def test_it_loses_resent_bcc(self) -> None:
        """RFC 5322, section 3.6.6: Resent-Bcc functions as Bcc does."""
        mail = prepare(composed(**{"Resent-From": "a@x.org", "Resent-Bcc": "hid@example.org"}))

        assert b"hid@" not in mail.as_bytes()
        assert mail.envelope == Envelope("a@x.org", ["hid@example.org"])

    def test_one_of_both_is_added_alone(self) -> None:
        """RFC 5322, section 3.6: each at most once."""
        dated = prepare(composed(Date="Mon, 01 Jan 2024 10:00:00 +0000"))
        named = prepare(composed(**{"Message-ID": "<1@x.org>"}))

        assert [name for name in dated.message if name in {"Date", "Message-ID"}] == ["Date", "Message-ID"]
        assert [name for name in named.message if name in {"Date", "Message-ID"}] == ["Message-ID", "Date"]

    def test_the_callers_message_stays_as_it_was(self) -> None:
        """What is sent is a copy; a second sending is not taken for the first."""
        message = composed(Bcc="hid@example.org")
        before = bytes(message)

        first, second = prepare(message), prepare(message)

        assert bytes(message) == before
        assert first.message_id != second.message_id

    def test_a_complete_one_is_not_copied(self) -> None:
        """A large message costs its size once."""
        message = composed(Date="Mon, 01 Jan 2024 10:00:00 +0000", **{"Message-ID": "<1@x.org>"})

        assert complete(message) is message

    @pytest.mark.parametrize(
        ("author", "domain"),
        [
            pytest.param("ana@example.org", "example.org", id="usual"),
            pytest.param("ana@x.org, bo@example.org", "x.org", id="usual-two"),
            pytest.param("ana@straße.example", "xn--strae-oqa.example", id="odd-international"),
            pytest.param("ana@[192.0.2.1]", "localhost", id="odd-literal"),
        ],
    )
    def test_a_message_id_is_of_the_authors_domain_if_that_can_be(self, author: str, domain: str) -> None:
        """RFC 5322, section 3.6.4: id-right is a dot-atom, or a literal nobody expects."""
        mail = prepare(composed(From=author), envelope=ENVELOPE)

        assert mail.message_id.endswith(f"@{domain}>")

    @pytest.mark.parametrize(
        "author",
        [
            pytest.param(b"", id="usual-none"),
            pytest.param(b"From: ana\n", id="odd"),
            pytest.param(b"From:\n", id="odd-empty"),
        ],
    )
    def test_a_message_of_no_domain_has_a_message_id_all_the_same(self, author: bytes) -> None:
        """And a valid one."""
        message = parse(author + b"\n")
        message["Subject"] = "edited"

        assert prepare(message, envelope=ENVELOPE).message_id.endswith("@localhost>")

    def test_a_parsed_one_that_was_edited_counts_as_composed(self) -> None:
        """Only the fields that must change do."""
        message = parse(READY)
        message["Subject"] = "new"

        mail = prepare(message, envelope=ENVELOPE)

        assert mail.as_bytes().startswith(b"From: me@example.org\nTo: you@example.org\nSubject: new\nDate: ")
        assert mail.as_bytes().endswith(b"\n\nHi!\n")

    def test_from_nobody_needs_an_envelope(self) -> None:
        """The text says what was looked for."""
        message = MIMEMessage().set_content("Hi!")

        with pytest.raises(BadEnvelope, match="expected a sender"):
            prepare(message)
        assert prepare(message, envelope=ENVELOPE).envelope == ENVELOPE


class TestReady:
    """A message that came ready."""

    @pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"], ids=["usual-lf", "usual-crlf", "odd-cr"])
    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, parse])
    def test_with_an_envelope_it_goes_octet_for_octet(self, kind: type[bytes], ends: bytes) -> None:
        """Untouched means untouched: no Date, no Message-ID, and a Bcc stays."""
        octets = READY.replace(b"\n", ends)

        mail = prepare(kind(octets), envelope=ENVELOPE)

        assert mail.as_bytes() == mail.as_bytes(linesep="\n") == octets
        assert (mail.envelope, mail.message_id) == (ENVELOPE, "")

    def test_its_message_id_is_known(self) -> None:
        """The receipt can be found by it."""
        assert prepare(b"Message-ID: <1@x.org>\n\n", envelope=ENVELOPE).message_id == "<1@x.org>"

    @pytest.mark.parametrize("kind", [bytes, parse])
    def test_without_one_bcc_goes_and_what_is_missing_comes(self, kind: type[bytes]) -> None:
        """Its envelope comes from its fields; every other octet stays."""
        mail = prepare(kind(READY))

        octets = mail.as_bytes()
        assert mail.envelope == Envelope("me@example.org", ["you@example.org", "hid@example.org"])
        assert octets.startswith(b"From: me@example.org\nTo: you@example.org\nSubject:  as it \n\tis\nDate: ")
        assert octets.endswith(f"\nMessage-ID: {mail.message_id}\n\nHi!\n".encode())

    def test_without_one_a_complete_message_stays_as_it_is(self) -> None:
        """Nothing is to be done."""
        octets = b"From: a@x.org\r\nTo: b@x.org\r\nDate: whenever\r\nMessage-ID: <1@x>\r\n\r\n\0\xff"

        assert prepare(octets).as_bytes() == octets


class TestOthers:
    """Messages that are not of mimekit, and what is none."""

    def test_a_message_of_the_standard_library_counts_as_composed(self) -> None:
        """Nobody can tell whether it was built or parsed; `smtplib` takes its Bcc out, too."""
        message = from_email()

        mail = prepare(message)

        sent = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
        assert sent.get_content() == "Grüße\n"
        assert (sent["Bcc"], sent["Message-ID"], sent["Date"] is None) == (None, mail.message_id, False)
        assert mail.envelope.recipients == ("you@example.org", "hid@example.org")
        assert message["Bcc"] == "hid@example.org"

    @pytest.mark.parametrize(
        "message",
        [pytest.param("From: a@x.org", id="usual-str"), pytest.param(None, id="usual-none"), pytest.param(3, id="odd")],
    )
    def test_what_is_no_message_is_refused(self, message: object) -> None:
        """The text says what was found."""
        with pytest.raises(BadMessage, match=f"found {type(message).__name__}"):
            prepare(message, envelope=ENVELOPE)  # type: ignore[arg-type]

    def test_a_class_is_no_message(self) -> None:
        """It has the method, and nothing to write."""
        with pytest.raises(BadMessage, match="found the class MIMEMessage"):
            prepare(MIMEMessage, envelope=ENVELOPE)  # type: ignore[arg-type]  # the mistake

    @pytest.mark.parametrize("envelope", [("a@b.c", ["d@e.f"]), "x", 3], ids=["tuple", "text", "int"])
    def test_what_is_no_envelope_is_refused(self, envelope: Any) -> None:
        """The text says what was found."""
        with pytest.raises(BadEnvelope, match=f"expected an Envelope, found {type(envelope).__name__}"):
            prepare(composed(), envelope=envelope)

    def test_one_that_cannot_write_itself_is_refused(self) -> None:
        """The standard library finds a lone surrogate only when it writes."""

        class Broken:
            def as_bytes(self) -> bytes:
                return "\ud800".encode()

        broken: SupportsAsBytes = Broken()
        with pytest.raises(BadMessage, match="cannot write itself") as caught:
            prepare(broken, envelope=ENVELOPE)

        assert isinstance(caught.value.__cause__, UnicodeEncodeError)

    def test_one_that_mail_cannot_carry_is_refused(self) -> None:
        """One ``except CarteroError`` is enough, and the cause says what mimekit found."""
        message = composed()
        mail = prepare(message, envelope=ENVELOPE)

        with pytest.raises(BadMessage) as caught:
            mail.as_bytes(linesep="\r")

        assert caught.value.__cause__ is not None


class TestMailObject:
    """What travels."""

    def test_replaced_it_has_the_message_id_of_its_message(self) -> None:
        """A hook that signs, or adds a field, hands on a mail that says of itself what is so."""
        mail = prepare(composed())
        other = parse(b"Message-ID: <other@x.org>\n\n")

        changed = mail.replace(message=other)

        assert (changed.message, changed.envelope, changed.message_id) == (other, mail.envelope, "<other@x.org>")
        assert mail.replace(envelope=ENVELOPE) == MailObject(
            mail.message, envelope=ENVELOPE, message_id=mail.message_id
        )

    def test_it_can_be_taken_apart(self) -> None:
        """As functions that take mail have it: the envelope, and what is in it."""
        mail = prepare(READY, envelope=ENVELOPE)

        envelope, message = mail

        assert (envelope, message) == (ENVELOPE, mail.message)

    def test_a_ready_message_is_not_copied_to_be_written(self) -> None:
        """It may be large."""
        assert prepare(READY, envelope=ENVELOPE).as_bytes() is READY


class TestPieces:
    """A message in pieces, for a road that need not have all of it at once."""

    @pytest.mark.parametrize("linesep", ["\n", "\r\n"], ids=["lf", "crlf"])
    def test_they_are_the_octets_of_the_message(self, linesep: str) -> None:
        """With the same line ends."""
        mail = prepare(composed(Subject="Grüße"))

        assert b"".join(mail.iter_bytes(linesep=linesep)) == mail.as_bytes(linesep=linesep)

    def test_a_ready_message_is_in_them_as_it_is(self) -> None:
        """Octet for octet."""
        assert b"".join(prepare(READY, envelope=ENVELOPE).iter_bytes(linesep="\r\n")) == READY

    def test_a_file_that_cannot_be_read_is_no_message(self, tmp_path: Path) -> None:
        """It was there when it was attached."""
        (tmp_path / "plan.txt").write_bytes(b"one")
        message = composed()
        message.add_attachment(str(tmp_path / "plan.txt"), content_manager=FileManager)
        (tmp_path / "plan.txt").unlink()

        with pytest.raises(BadMessage, match=r"plan\.txt"):
            list(prepare(message).iter_bytes())
