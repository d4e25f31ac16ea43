"""A message packed for one server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import DSN, BadAddress, BadMessage, Envelope, MailObject, SendingError
from cartero.senders._parcel import pack
from cartero.senders.preparation import prepare
from cartero.smtp.capabilities import Capabilities
from cartero.smtp.data import stuffed
from mimekit import ChangedFile, FileManager, MIMEMessage, parse, policy, transfer

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from cartero.smtp.parcel import Parcel

ENVELOPE = Envelope("a@x.org", ["b@x.org"])
MIB = 1 << 20


def can(*keywords: str) -> Capabilities:
    """What a server of these extensions can do."""
    return Capabilities({keyword.partition(" ")[0]: keyword.partition(" ")[2] for keyword in keywords})


def ready(octets: bytes, *, envelope: Envelope = ENVELOPE) -> MailObject:
    """A message that goes as it is."""
    return prepare(octets, envelope=envelope)


def octets_of(parcel: Parcel) -> bytes:
    """All that goes over the wire."""
    return b"".join(parcel.pieces())


def sent_size(parcel: Parcel) -> int:
    """How many octets arrive, the doubled dots and the one that ends it not counted."""
    sent = b"".join(stuffed(parcel.pieces())).removesuffix(b".\r\n")
    return len(sent) - sent.count(b"\n..") - sent.startswith(b"..")


class TestPaths:
    @pytest.mark.parametrize(
        ("address", "keywords", "path"),
        [
            pytest.param("a@x.org", (), "a@x.org", id="usual"),
            pytest.param("a@bücher.example", (), "a@xn--bcher-kva.example", id="usual-domain"),
            pytest.param("a@bücher.example", ("SMTPUTF8",), "a@xn--bcher-kva.example", id="odd-domain-though-it-could"),
            pytest.param("jörg@bücher.example", ("SMTPUTF8",), "jörg@bücher.example", id="usual-local-part"),
        ],
    )
    def test_an_address_takes_the_form_the_server_knows(
        self, address: str, keywords: tuple[str, ...], path: str
    ) -> None:
        """RFC 6531, section 3.2; the receipt has it as it was given."""
        parcel = pack(ready(b"\r\n", envelope=Envelope("", [address])), can(*keywords))

        assert parcel.recipients == {path: address}
        assert parcel.sender == ""
        assert parcel.is_utf8 is (not path.isascii())

    def test_a_domain_that_cannot_be_is_refused(self) -> None:
        """No name has a label as long as this one."""
        with pytest.raises(BadAddress, match="a domain that can be looked up"):
            pack(ready(b"\r\n", envelope=Envelope("", [f"a@{'ü' * 70}.example"])), can())

    def test_the_senders_address_is_looked_at_too(self) -> None:
        """Before MAIL, where else it would fail."""
        with pytest.raises(BadAddress, match="SMTPUTF8"):
            pack(ready(b"\r\n", envelope=Envelope("jörg@x.org", ["b@x.org"])), can("8BITMIME"))


class TestOctets:
    @given(st.binary(max_size=200).map(lambda octets: octets.replace(b"\r", b"")))
    def test_a_ready_message_changes_in_its_line_ends_alone(self, body: bytes) -> None:
        """RFC 5321, section 2.3.8."""
        parcel = pack(ready(b"Subject: x\n\n" + body), can("8BITMIME"))

        assert octets_of(parcel) == (b"Subject: x\n\n" + body).replace(b"\n", b"\r\n")
        assert parcel.size == sent_size(parcel)
        assert parcel.is_8bit is (not body.isascii())

    def test_a_composed_message_is_written_with_crlf(self) -> None:
        """Whatever its policy says of files."""
        message = MIMEMessage(policy=policy.default).set_content("one\ntwo\n")
        message["From"], message["To"] = "a@x.org", "b@x.org"

        octets = octets_of(pack(prepare(message), can()))

        assert octets.count(b"\n") == octets.count(b"\r\n") > 4

    def test_a_signature_over_a_composed_message_stays_valid(self) -> None:
        """RFC 6376, section 5.3: what was signed goes; or it is refused, where it cannot."""
        message = MIMEMessage(policy=policy.default.replace(cte_type="8bit")).set_content("Grüße\n" * 20)
        message["From"], message["To"], message["DKIM-Signature"] = "a@x.org", "b@x.org", "v=1"
        mail = prepare(message)

        assert octets_of(pack(mail, can("8BITMIME"))).endswith("Grüße\r\n".encode())
        with pytest.raises(BadMessage, match="would break a signature"):
            pack(mail, can())

    @pytest.mark.parametrize("size", [10, 2 * MIB], ids=["usual-small", "odd-large"])
    def test_a_line_feed_that_ends_no_line_stays_one(self, size: int) -> None:
        """RFC 6152, section 3: binary octets take more than 8BITMIME, and would arrive as others."""
        head = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        octets = b"\xff\n" * size

        parcel = pack(ready(head + octets), can("8BITMIME"))

        assert parse(octets_of(parcel)).octets == octets
        assert (parcel.size, parcel.is_8bit) == (sent_size(parcel), False)

    def test_octets_outside_of_all_bodies_cannot_be_encoded(self) -> None:
        """There is no way to write them."""
        octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\ngr\xfc\xdfe\r\n--b\r\n\r\n\r\n--b--\r\n"

        with pytest.raises(BadMessage, match="8-bit octets outside all parts"):
            pack(ready(octets), can())
        assert octets_of(pack(ready(octets), can("8BITMIME"))) == octets

    @pytest.mark.parametrize(
        ("octets", "is_utf8"),
        [
            pytest.param("Subject: Grüße\r\n\r\n".encode(), True, id="usual-header"),
            pytest.param("Subject: x\r\n\r\nGrüße\r\n".encode(), False, id="usual-body"),
            pytest.param("Subject: Grüße\r\n\r\n".encode("latin-1"), False, id="odd-latin-1"),
        ],
    )
    def test_utf8_in_the_header_is_announced(self, octets: bytes, is_utf8: bool) -> None:
        """RFC 6531, section 3.4; other octets are nobody's, and go as they are."""
        assert pack(ready(octets), can("8BITMIME", "SMTPUTF8")).is_utf8 is is_utf8
        assert pack(ready(octets), can("8BITMIME")).is_utf8 is False

    def test_notifications_are_passed_on(self) -> None:
        """The transaction knows what to do with them."""
        assert pack(ready(b"\r\n"), can(), dsn=DSN(ret="full")).dsn == DSN(ret="full")


class TestSize:
    def test_more_than_the_server_takes_is_refused(self) -> None:
        """RFC 1870, section 6.1: whoever knows both numbers need not ask."""
        assert pack(ready(b"\n\n12\n"), can("SIZE 8")).size == 8
        with pytest.raises(SendingError, match="has 9 octets, and the server takes 8") as caught:
            pack(ready(b"\n\n123\n"), can("SIZE 8"))

        assert (caught.value.stage, list(caught.value.refused)) == ("SIZE", ["b@x.org"])

    @pytest.mark.parametrize("count", [0, 1, 1000, MIB], ids=str)
    @pytest.mark.parametrize("end", ["", "\n"], ids=["not-ended", "ended"])
    @pytest.mark.parametrize("cte", ["7bit", "base64", "quoted-printable", "8bit", "ready"])
    def test_the_end_of_the_last_line_counts(self, cte: str, end: str, count: int) -> None:
        """RFC 1870, section 5: each CRLF does, and a message ends with one, which goes whether it is there or not."""
        text = ".x\n" * count + "y" + end
        message = MIMEMessage().set_content(text, cte="7bit" if cte == "ready" else cte)
        message["From"], message["To"] = "a@x.org", "b@x.org"

        parcel = pack(ready(bytes(message)) if cte == "ready" else prepare(message), can("8BITMIME"))

        assert parcel.size == sent_size(parcel)

    def test_nothing_has_no_octets(self) -> None:
        """There is no line to end."""
        assert pack(ready(b""), can()).size == 0


class TestLarge:
    def message(self, path: Path, octets: bytes) -> MIMEMessage:
        """A message with a file."""
        path.write_bytes(octets)
        message = MIMEMessage().set_content("see there\n")
        message["From"], message["To"] = "a@x.org", "b@x.org"
        message.add_attachment(path, content_manager=FileManager)
        return message

    def test_its_size_is_known_before_it_goes(self, tmp_path: Path) -> None:
        """Such as it is, and kept in pieces far smaller than itself."""
        parcel = pack(prepare(self.message(tmp_path / "a.bin", b"x" * 3 * MIB)), can())

        sizes = [len(piece) for piece in parcel.pieces()]
        assert sum(sizes) == parcel.size == sent_size(parcel)
        assert max(sizes) < MIB
        assert not parcel.is_8bit
        assert octets_of(parcel) == octets_of(parcel)

    def test_base64_is_not_written_to_know_its_size(self, tmp_path: Path) -> None:
        """Only as much of it as a small message has; the rest is written while it goes."""
        mail = prepare(self.message(tmp_path / "a.bin", bytes(range(256)) * (20 * MIB // 256)))
        encoded: list[int] = []

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code is transfer.base64_lines.__code__:
                encoded.append(len(frame.f_locals["octets"]))

        sys.setprofile(note)
        try:
            pack(mail, can())
        finally:
            sys.setprofile(None)

        assert 0 < sum(encoded) < 2 * MIB

    @pytest.mark.parametrize("cte", ["base64", "8bit"])
    @pytest.mark.parametrize("count", [10_000, 100_000], ids=["small", "large"])
    def test_composed_text_goes_as_it_was_composed(self, cte: str, count: int) -> None:
        """Whatever its size, it is known whether there are 8-bit octets in it."""
        message = MIMEMessage().set_content("Grüße aus Köln\n" * count, cte=cte)
        message["From"], message["To"] = "a@x.org", "b@x.org"

        parcel = pack(prepare(message), can("8BITMIME"))

        octets = octets_of(parcel)
        assert (parcel.size, parcel.is_8bit) == (sent_size(parcel), not octets.isascii())
        assert parcel.is_8bit is (cte == "8bit")
        assert octets.count(b"\n") == octets.count(b"\r\n")

    @pytest.mark.parametrize("where", ["header", "part"])
    @pytest.mark.parametrize("size", [MIB // 2, 3 * MIB], ids=["small", "large"])
    def test_utf8_in_its_fields_is_8_bit(self, size: int, where: str) -> None:
        """RFC 6532, section 3.1: though base64 is the encoding of all that it holds."""
        message = MIMEMessage(policy=policy.SMTPUTF8)
        message["From"], message["To"] = "a@x.org", "b@x.org"
        message["Subject"] = "Grüße" if where == "header" else "hello"
        message.set_content("see there\n")
        message.add_attachment(bytes(range(256)) * (size // 256), filename="a.bin" if where == "header" else "ä.bin")

        parcel = pack(prepare(message), can("8BITMIME", "SMTPUTF8"))

        assert parcel.is_8bit
        assert not octets_of(parcel).isascii()
        assert parcel.size == sent_size(parcel)

    def test_a_ready_one_is_made_right_piece_by_piece(self) -> None:
        """Line ends, and the place of what is refused, are those of the whole."""
        head, line = b"Subject: x\n\n", b"12345678\n"
        octets = head + line * MIB

        assert octets_of(pack(ready(octets), can())) == octets.replace(b"\n", b"\r\n")
        with pytest.raises(BadMessage, match=f"at octet {len(octets) + 3}:"):
            pack(ready(octets + b"one\rtwo\n"), can())

    def test_8_bit_octets_are_found_wherever_they_stand(self) -> None:
        """And encoded."""
        octets = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"12345678\r\n" * MIB + "Grüße\r\n".encode()

        assert pack(ready(octets), can("8BITMIME")).is_8bit
        parcel = pack(ready(octets), can())
        assert not parcel.is_8bit
        assert octets_of(parcel).endswith(b"Gr=C3=BC=C3=9Fe\r\n")

    def test_a_file_that_is_gone_is_an_error(self, tmp_path: Path) -> None:
        """Before anything is said; or, if it goes later, while the message is sent."""
        path = tmp_path / "a.bin"
        mail = prepare(self.message(path, b"x" * 3 * MIB))
        parcel = pack(mail, can())
        path.write_bytes(b"y" * 100)

        with pytest.raises(BadMessage) as caught:
            octets_of(parcel)
        assert isinstance(caught.value.__cause__, ChangedFile)
        path.unlink()
        with pytest.raises(BadMessage):
            pack(mail, can())

    def test_what_was_received_in_it_is_looked_at(self, tmp_path: Path) -> None:
        """A composed message may hold one with line ends of its own."""
        message = self.message(tmp_path / "a.bin", b"x" * 3 * MIB)
        message.add_attachment(parse(b"Subject: inner\n\none\ntwo\n"))

        octets = octets_of(pack(prepare(message), can()))

        assert octets.count(b"\n") == octets.count(b"\r\n")
        assert b"one\r\ntwo\r\n" in octets
