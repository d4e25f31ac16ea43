"""The messages of a run of several: copies, or those of an mbox."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from cartero import BadEnvelope, Envelope
from cartero.cli._exits import NoInputError, UsageError
from cartero.cli._mails import Copies, Mail, Mbox, Unsendable, read_mails
from cartero.cli._parser import parse_options
from mimekit import BadValue

READY = b"From: me@x.org\nTo: list@x.org\nBcc: hid@x.org\nSubject: x\n\nHi!\n"
SEPARATOR = b"From me@x.org Thu Jan  1 00:00:00 2026\n"


def mails(octets: bytes, *arguments: str | Path) -> Copies | Mbox:
    """What is sent for *octets* and *arguments*."""
    found = read_mails(parse_options([str(one) for one in arguments]), io.BytesIO(octets))
    assert found is not None
    return found


def sendable(found: Copies | Mbox) -> list[Mail]:
    """All of them, which can be sent."""
    listed = list(found)
    assert not any(isinstance(one, Unsendable) for one in listed)
    return [one for one in listed if isinstance(one, Mail)]


class TestCopies:
    def test_each_recipient_stands_alone_in_to(self) -> None:
        """Nobody sees the others; each copy has a Message-ID of its own."""
        found = mails(b"Hi!", "--each", "-f", "me@x.org", "Ana <ana@x.org>, b@x.org", "c@x.org")

        copies = [mail.prepared for mail in sendable(found)]

        assert [str(copy.message["To"]) for copy in copies] == ["Ana <ana@x.org>", "b@x.org", "c@x.org"]
        assert [copy.envelope.recipients for copy in copies] == [("ana@x.org",), ("b@x.org",), ("c@x.org",)]
        assert len({copy.message_id for copy in copies}) == 3
        assert (found.total, found.done) == (3, 3)

    def test_a_ready_message_stays_as_it_is(self) -> None:
        """Octet for octet."""
        copies = sendable(mails(READY, "--each", "a@x.org", "b@x.org"))

        assert [bytes(copy.prepared.message) for copy in copies] == [READY, READY]
        assert [copy.prepared.envelope.recipients for copy in copies] == [("a@x.org",), ("b@x.org",)]

    def test_there_may_be_nothing_to_send(self) -> None:
        """As with -E."""
        options = parse_options(["-E", "--each", "-f", "me@x.org", "you@x.org"])

        assert read_mails(options, io.BytesIO(b" ")) is None

    def test_each_has_its_date_and_message_id_before_it_is_sent(self) -> None:
        """RFC 5322, section 3.6.4: each try sends the same message."""
        [copy] = sendable(mails(b"Hi!", "--each", "-f", "me@x.org", "you@x.org"))

        assert "Date" in copy.prepared.message
        assert copy.prepared.message_id

    def test_a_recipient_given_twice_gets_one(self) -> None:
        """As in an envelope."""
        assert len(sendable(mails(b"Hi!", "--each", "-f", "me@x.org", "a@x.org", "A <a@X.org>"))) == 1


class TestMbox:
    @pytest.fixture
    def box(self, tmp_path: Path) -> Callable[[bytes], Path]:
        """An mbox of that."""

        def make(octets: bytes) -> Path:
            (tmp_path / "box").write_bytes(octets)
            return tmp_path / "box"

        return make

    def test_each_message_goes_where_it_says(self, box: Callable[[bytes], Path]) -> None:
        """Without Bcc, and with a Message-ID, as by any sender."""
        found = mails(b"", "--mbox", box((SEPARATOR + READY + b"\n") * 2))

        first, second = (mail.prepared for mail in sendable(found))

        assert first.envelope == Envelope("me@x.org", ["list@x.org", "hid@x.org"])
        assert "Bcc" not in first.message
        assert first.message_id != second.message_id

    def test_each_message_goes_where_the_command_line_says(self, box: Callable[[bytes], Path]) -> None:
        """It is then as it is, octet for octet."""
        path = box((SEPARATOR + READY + b"\n") * 2)

        first, second = sendable(mails(b"", "--mbox", path, "-f", "box@x.org", "new@x.org"))

        assert first.prepared.envelope == second.prepared.envelope == Envelope("box@x.org", ["new@x.org"])
        assert bytes(first.prepared.message) == READY

    def test_it_may_be_standard_input(self) -> None:
        """How far it has come is not known, then."""
        found = mails(SEPARATOR + READY, "--mbox", "-")

        assert (len(sendable(found)), found.total, found.done) == (1, None, 0)

    def test_how_far_it_has_come_is_known_of_a_file(self, box: Callable[[bytes], Path]) -> None:
        """In octets."""
        found = mails(b"", "--mbox", box(SEPARATOR + READY))

        for _ in found:
            assert found.total == found.done == len(SEPARATOR + READY)

    def test_it_has_come_to_the_end_when_all_is_read(self, box: Callable[[bytes], Path]) -> None:
        """A sender that reads one message ahead reports the last one later."""
        found = mails(b"", "--mbox", box(SEPARATOR + READY))

        sendable(found)

        assert found.done == found.total

    def test_one_that_cannot_be_sent_does_not_stop_the_others(self, box: Callable[[bytes], Path]) -> None:
        """The error says which it is."""
        lost = SEPARATOR + b"Subject: x\n\nHi!\n\n"

        first, second, third = mails(b"", "--mbox", box(lost + SEPARATOR + b"From: me@x.org\n\n\n" + SEPARATOR + READY))

        assert isinstance(first, Unsendable)
        assert isinstance(second, Unsendable)
        assert (first.label, type(first.error), type(second.error)) == ("message 1", UsageError, BadEnvelope)
        assert third.label == "message 3"

    def test_one_that_is_none_is_refused_before_anything_is_sent(self, box: Callable[[bytes], Path]) -> None:
        """The text says what was expected."""
        with pytest.raises(BadValue, match="expected an mbox"):
            mails(b"", "--mbox", box(READY))

    @pytest.mark.parametrize("name", ["none", "."], ids=["usual-missing", "odd-folder"])
    def test_one_that_cannot_be_read_is_named(self, tmp_path: Path, name: str) -> None:
        """With the reason."""
        with pytest.raises(NoInputError, match="cannot read"):
            mails(b"", "--mbox", tmp_path / name)

    def test_standard_input_has_no_size_where_it_is_a_pipe(self) -> None:
        """As it mostly is."""
        import os  # noqa: PLC0415 -- pipes

        reading, writing = os.pipe()
        os.write(writing, SEPARATOR + READY)
        os.close(writing)
        pipe: BinaryIO = os.fdopen(reading, "rb")

        found = read_mails(parse_options(["--mbox", "-"]), pipe)

        assert found is not None
        assert (found.total, len(sendable(found))) == (None, 1)
