"""Standard input and the command line as a message and its envelope."""

from __future__ import annotations

import io
import locale
import re
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from cartero import BadAddress, BadEnvelope, BadMessage, Envelope
from cartero.cli._exits import NoInputError, StreamError, UsageError
from cartero.cli._input import read_input, read_mail, standard_input
from cartero.cli._parser import parse_options
from mimekit import MIMEMessage
from mimekit.errors import BadValue
from tests import corpora

if TYPE_CHECKING:
    from pathlib import Path

READY = b"From: me@example.org\nTo: you@example.org\nBcc: hid@example.org\nSubject: as it  is\n\nHi!\n"


def mail(octets: bytes, *arguments: str) -> tuple[MIMEMessage, Envelope]:
    """What is sent for *octets* and *arguments*."""
    found = read_mail(octets, parse_options(arguments))
    assert found is not None
    return found


def without_separator(octets: bytes) -> bytes:
    """*octets* without the line of an mbox."""
    return octets.partition(b"\n")[2] if re.match(b"From [^ :]", octets) else octets


class TestKind:
    """What standard input is."""

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(READY, id="usual"),
            pytest.param(READY.replace(b"\n", b"\r\n"), id="usual-crlf"),
            pytest.param(b"Return-Path: <a@x.org>\nReceived: by mx\n\n", id="usual-received"),
            pytest.param(b"X-Spam: no\nFrom: me@x.org\n\n", id="usual-any-field-first"),
            pytest.param(b"Subject: hello\n\nHi!\n", id="usual-subject-alone"),
            pytest.param(b"To: you@x.org\n\nHi!\n", id="usual-recipient-alone"),
            pytest.param(b"Subject: x\nContent-Type: text/html\n\n<p>", id="usual-page"),
            pytest.param(b"From: me@x.org", id="odd-no-body"),
            pytest.param(b"Subject: x\nFrom: me@x.org\n", id="odd-no-empty-line"),
            pytest.param(b"X-Note: a\n\tb\n \n c\nFrom: me@x.org\n\n", id="odd-continued"),
            pytest.param(b"\xef\xbb\xbfFrom: me@x.org\n\n", id="odd-byte-order-mark"),
            pytest.param(b"FROM : me@x.org\n\n", id="odd-space-before-colon"),
            pytest.param(b"From: me@x.org\rTo: you@x.org\r\rHi!\r", id="odd-cr"),
            pytest.param(b"From: me@x.org\r\r\nTo: you@x.org\r\r\n\r\r\nHi!", id="odd-cr-cr-lf"),
            pytest.param(b"From: me@x.org\nstray line\nTo: you@x.org\n\nHi!\n", id="odd-damaged"),
            pytest.param(b"Received: by mx\nstray\n>From x\nhere\n", id="odd-damaged-without-from"),
            pytest.param(b"Message-ID: \0\xff\n\n\0\xff", id="hostile-octets"),
        ],
    )
    def test_what_begins_with_fields_that_mail_has_is_a_ready_message(self, octets: bytes) -> None:
        """It is sent as it is, octet for octet."""
        message, envelope = mail(octets, "-f", "me@x.org", "you@x.org")

        assert bytes(message) == octets
        assert not message.composed
        assert envelope == Envelope("me@x.org", ["you@x.org"])

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"Hi!\n", id="usual"),
            pytest.param(b"", id="usual-empty"),
            pytest.param(b"Note: buy milk\nLater: more\n\nbye\n", id="odd-looks-like-fields"),
            pytest.param(b"Date: tomorrow\nBring the cake, Bo: hers is gone.\n", id="odd-line-that-is-no-field"),
            pytest.param(b"To: do list\n- milk\n", id="odd-list"),
            pytest.param(b"Subject: disk full on host7\n", id="odd-one-line"),
            pytest.param(b"To: do list\nDate: tomorrow\n\n- milk\n", id="odd-fields-that-say-nothing"),
            pytest.param(b"X-To: you@x.org\n\nmilk\n", id="odd-fields-nobody-knows"),
            pytest.param(b"To: you@x.org\nSubject: x\n", id="odd-fields-alone-without-from"),
            pytest.param(b"From: me@x.org\n \nHi!\n", id="odd-space-in-the-empty-line"),
            pytest.param(b"From here\nto there\n", id="odd-like-an-mbox-line"),
            pytest.param(b"\nFrom: me@x.org\n", id="odd-fields-behind-an-empty-line"),
            pytest.param(b"Dear Ana,\nSubject: mine\n", id="odd-fields-behind-text"),
            pytest.param(b"https://x.org\n", id="odd-url"),
            pytest.param(b"From me to you\n", id="odd-from"),
            pytest.param(b"From Bob on:\nDate: Friday\nTo: the beach\n\nBring it\n", id="odd-from-and-fields"),
            pytest.param(b"From Bob\nDate: Friday\nTo: the beach\n\nBring it\n", id="odd-like-an-mbox-line-and-fields"),
        ],
    )
    def test_what_does_not_is_text(self, octets: bytes) -> None:
        """A message is composed of it."""
        message, _ = mail(octets, "-f", "me@x.org", "you@x.org")

        assert message.composed
        assert message.get_content() == octets.decode()

    def test_a_large_one_is_told_by_its_header(self) -> None:
        """What it holds is neither copied nor gone over."""
        octets = b"From: me@x.org\n\n" + b"Hi!\n" * 5_000_000
        tracemalloc.start()

        mail(octets, "you@x.org")

        assert tracemalloc.get_traced_memory()[1] < 1_000_000
        tracemalloc.stop()

    @pytest.mark.corpus
    def test_all_real_mail_is_ready(self) -> None:
        """Nothing of it is taken for text to be wrapped, whatever its line ends and however damaged."""
        options = parse_options(["-f", "me@x.org", "you@x.org"])

        for real in corpora.required_messages():
            found = read_mail(real.octets, options)
            assert found is not None
            assert bytes(found[0]) == without_separator(real.octets), real

    def test_raw_and_compose_decide(self) -> None:
        """Where the guess would not do."""
        raw, _ = mail(b"Hi!", "--raw", "-f", "me@x.org", "you@x.org")
        composed, _ = mail(READY, "--compose", "-f", "me@x.org", "you@x.org")

        assert bytes(raw) == b"Hi!"
        assert composed.get_content() == READY.decode()

    def test_composing_options_decide(self) -> None:
        """A subject makes no sense for a message that has one."""
        assert mail(READY, "-s", "Fwd", "-f", "me@x.org", "you@x.org")[0].get_content() == READY.decode()


class TestSeparator:
    """The line that stands before a message in an mbox."""

    @pytest.mark.parametrize(
        ("line", "ends"),
        [
            pytest.param(b"From me@x.org Mon Jan  1 10:00:00 2024", b"\n", id="usual"),
            pytest.param(b"From me@x.org", b"\r\n", id="usual-crlf"),
            pytest.param(b"From -", b"\r", id="odd-cr"),
            pytest.param(b"\xef\xbb\xbfFrom me@x.org", b"\n", id="odd-byte-order-mark"),
        ],
    )
    @pytest.mark.parametrize("arguments", [["you@x.org"], ["-t"]], ids=["guessed", "t"])
    def test_it_is_not_sent(self, line: bytes, ends: bytes, arguments: list[str]) -> None:
        """RFC 4155: it stands before the message, and is none of its lines."""
        octets = b"From: a@x.org\nTo: b@x.org\nDate: x\nMessage-ID: <1@x>\n\nFrom me\n".replace(b"\n", ends)

        assert bytes(mail(line + ends + octets, *arguments)[0]) == octets

    def test_it_is_sent_with_raw(self) -> None:
        """Which is octet for octet."""
        octets = b"From me@x.org\nFrom: me@x.org\n\n"

        assert bytes(mail(octets, "--raw", "you@x.org")[0]) == octets

    def test_a_field_is_none(self) -> None:
        """RFC 5322, section 4.5.8: white space may stand before the colon."""
        octets = b"From : me@x.org\nTo: you@x.org\n\n"

        assert bytes(mail(octets, "you@x.org")[0]) == octets


class TestReady:
    """A ready message on standard input."""

    def test_without_f_the_sender_is_that_of_the_message(self) -> None:
        """Recipients are always said, or asked for with -t."""
        assert mail(READY, "ana@x.org")[1] == Envelope("me@example.org", ["ana@x.org"])

    @pytest.mark.parametrize("null", ["", "<>", " "])
    def test_the_null_sender_can_be_said(self, null: str) -> None:
        """As with sendmail."""
        assert mail(READY, "-f", null, "ana@x.org")[1].sender == ""

    def test_recipients_may_have_names_and_stand_together(self) -> None:
        """As in a field."""
        _, envelope = mail(READY, "Ana <ana@x.org>, b@x.org", "c@x.org")

        assert envelope.recipients == ("ana@x.org", "b@x.org", "c@x.org")

    def test_a_bcc_that_goes_with_it_is_warned_of(self, capsys: pytest.CaptureFixture[str]) -> None:
        """RFC 5322, section 3.6.3: nobody is to read it; and a ready message is not touched."""
        message, _ = mail(READY, "you@example.org")

        assert bytes(message) == READY
        assert "the message has a Bcc, which all who get it can read; -t takes it out" in capsys.readouterr().err

    def test_t_adds_those_of_the_message_and_removes_bcc(self) -> None:
        """And completes it, as mail programs that call sendmail -t expect."""
        message, envelope = mail(READY, "-t", "ana@x.org")

        assert envelope.recipients == ("ana@x.org", "you@example.org", "hid@example.org")
        assert bytes(message).startswith(READY.replace(b"Bcc: hid@example.org\n", b"").partition(b"\n\n")[0])
        assert "Bcc" not in message
        assert message["Message-ID"].endswith("@example.org>")  # type: ignore[union-attr]

    def test_t_leaves_a_complete_message_as_it_is(self) -> None:
        """Octet for octet."""
        octets = b"From: a@x.org\nTo: b@x.org\nDate: x\nMessage-ID: <1@x>\n\n"

        assert bytes(mail(octets, "-t")[0]) == octets

    def test_t_needs_somebody(self) -> None:
        """In the message, or on the command line."""
        assert mail(b"From: a@x.org\n\n", "-t", "b@x.org")[1].recipients == ("b@x.org",)
        with pytest.raises(BadEnvelope, match="found no address in To, Cc or Bcc"):
            mail(b"From: a@x.org\n\n", "-t")

    def test_nobody_to_send_to_is_refused(self) -> None:
        """A ready message alone does not say where it goes."""
        with pytest.raises(UsageError, match="no recipients"):
            mail(READY)

    def test_nobody_to_send_from_is_refused(self) -> None:
        """The text says what to do."""
        with pytest.raises(UsageError, match="name one with -f"):
            mail(b"To: you@x.org\nSubject: x\n\n", "you@x.org")


class TestComposed:
    """A message composed of text and options."""

    def test_it_has_what_the_command_line_says(self) -> None:
        """From, To, Cc, Subject, fields; Bcc for the envelope."""
        message, envelope = mail(
            "Schöne Grüße\n".encode(),
            *("-f", "me@x.org", "--sender-name", "Ich, ich", "-s", "Grüße", "-c", "c@x.org", "-b", "b@x.org"),
            *("-H", "X-Tag: 1", "-H", "Reply-To: re@x.org", "Ana <a@x.org>", "d@x.org, e@x.org"),
        )

        assert str(message["From"]) == '"Ich, ich" <me@x.org>'
        assert str(message["To"]) == "Ana <a@x.org>, d@x.org, e@x.org"
        assert (message["Cc"], message["Subject"], message["X-Tag"]) == ("c@x.org", "Grüße", "1")
        assert (message["Reply-To"], message.get_content()) == ("re@x.org", "Schöne Grüße\n")
        assert envelope == Envelope("me@x.org", ["a@x.org", "d@x.org", "e@x.org", "c@x.org", "b@x.org"])

    def test_the_sender_may_have_a_name(self) -> None:
        """As in a field."""
        message, envelope = mail(b"Hi!", "-f", "Me <me@x.org>", "you@x.org")

        assert (str(message["From"]), envelope.sender) == ("Me <me@x.org>", "me@x.org")

    def test_from_may_be_a_field(self) -> None:
        """With -f or without, with a null sender too."""
        assert mail(b"Hi!", "-H", "From: me@x.org", "you@x.org")[1].sender == "me@x.org"
        assert mail(b"Hi!", "-H", "From: me@x.org", "-f", "", "you@x.org")[1].sender == ""

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            pytest.param(["-f", "me@x.org", "-s", "x"], "no recipients", id="usual-nobody"),
            pytest.param(["you@x.org"], "name one with -f", id="usual-no-sender"),
            pytest.param(["-f", "", "you@x.org"], "found no From: name one with -f", id="usual-null-sender"),
            pytest.param(["-H", "Sender: me@x.org", "you@x.org"], "found no From", id="odd-sender-alone"),
            pytest.param(["-f", "a@x.org, b@x.org", "you@x.org"], "behind -f, found 2", id="odd-two-senders"),
            pytest.param(["-f", "me@x.org", "-H", "X-Tag", "you@x.org"], "found no colon", id="usual-no-field"),
            pytest.param(["-f", "me@x.org", "-H", "To: a@x.org", "you@x.org"], "To is there", id="usual-twice"),
            pytest.param(["-f", "me@x.org", "-H", "Resent-To: a@x.org", "you@x.org"], "is new", id="odd-sent-on"),
            pytest.param(
                ["-f", "me@x.org", "-H", "content-type: x/y", "you@x.org"], "content-type follows", id="odd-own-field"
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, arguments: list[str], problem: str) -> None:
        """The text says what to do."""
        with pytest.raises(UsageError, match=problem):
            mail(b"Hi!", *arguments)

    @pytest.mark.parametrize(
        "recipient",
        [
            pytest.param("nobody", id="usual-no-domain"),
            pytest.param("", id="usual-empty"),
            pytest.param("a@x.org\nBcc: b@x.org", id="hostile-line-end"),
        ],
    )
    def test_what_is_no_address_is_refused(self, recipient: str) -> None:
        """As an error of ours, or of mimekit's."""
        with pytest.raises((BadAddress, BadEnvelope, BadValue)):
            mail(b"Hi!", "-f", "me@x.org", recipient)

    def test_a_hidden_recipient_is_somebody(self) -> None:
        """RFC 5322, section 3.6.3: Bcc may be empty; an option that names nobody is a mistake."""
        with pytest.raises(BadEnvelope, match="Bcc: expected an address, found ''"):
            mail(b"Hi!", "-f", "me@x.org", "-b", "", "you@x.org")

    def test_a_field_of_two_lines_is_refused(self) -> None:
        """No field is smuggled in."""
        with pytest.raises(BadValue):
            mail(b"Hi!", "-f", "me@x.org", "-s", "a\r\nBcc: b@x.org", "you@x.org")

    def test_an_empty_one_can_be_skipped(self, tmp_path: Path) -> None:
        """As with mailx -E: a nightly job that had nothing to say."""
        file = tmp_path / "a.txt"
        file.write_bytes(b"a")

        assert read_mail(b" \n", parse_options(["-E", "-f", "me@x.org", "you@x.org"])) is None
        assert read_mail(b"x\n", parse_options(["-E", "-f", "me@x.org", "you@x.org"])) is not None
        assert read_mail(b"", parse_options(["-E", "-a", str(file), "-f", "me@x.org", "you@x.org"])) is not None


class TestText:
    """The text on standard input."""

    def test_text_is_utf8_with_or_without_a_mark(self) -> None:
        """Nothing else looks like UTF-8."""
        assert mail("\ufeffGrüße".encode(), "-f", "me@x.org", "you@x.org")[0].get_content() == "Grüße"

    def test_other_text_is_as_the_locale_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever works in an old locale has text in it."""
        monkeypatch.setattr(locale, "getencoding", lambda: "iso-8859-1")

        assert mail("Grüße".encode("latin-1"), "-f", "me@x.org", "you@x.org")[0].get_content() == "Grüße"

    @pytest.mark.parametrize(
        ("own", "expected"), [("utf-8", "UTF-8"), ("UTF-8", "UTF-8"), ("ascii", "UTF-8 or ascii")], ids=str
    )
    def test_text_that_is_neither_is_refused(self, monkeypatch: pytest.MonkeyPatch, own: str, expected: str) -> None:
        """Nothing is guessed, and nothing replaced."""
        monkeypatch.setattr(locale, "getencoding", lambda: own)

        with pytest.raises(BadMessage, match=rf"expected text in {expected} on standard input \(--raw"):
            mail(b"\xff", "-f", "me@x.org", "you@x.org")


class TestStandardInput:
    def test_one_that_cannot_be_read_is_an_error(self) -> None:
        """A disk that fails, for one."""

        class Broken(io.BytesIO):
            def read(self, _size: int | None = -1) -> bytes:
                raise OSError(5, "Input/output error")

        with pytest.raises(StreamError, match="cannot read standard input: Input/output error"):
            read_input(parse_options(["you@x.org"]), Broken())

    def test_nobody_is_kept_waiting_for_a_text_beside_a_page(self) -> None:
        """At a terminal there is none, unless somebody types."""

        class Terminal(io.BytesIO):
            def isatty(self) -> bool:
                return True

            def read(self, _size: int | None = -1) -> bytes:
                return b"typed"

        assert read_input(parse_options(["--html", "page.html", "you@x.org"]), Terminal()) == b""
        assert read_input(parse_options(["you@x.org"]), Terminal()) == b"typed"

    def test_a_process_may_have_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A service may be started without one."""
        monkeypatch.setattr("sys.stdin", None)

        with pytest.raises(NoInputError, match="there is no standard input"):
            standard_input(None)
