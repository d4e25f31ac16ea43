"""A message without 8-bit octets, for a server that takes none."""

from __future__ import annotations

import email
import email.policy

import pytest

from cartero import BadMessage
from cartero.senders._sevenbit import seven_bit, without_binary
from mimekit import parse

GREETING = "Grüße\r\n".encode()
MIXED = (
    b"From: a@x.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + GREETING + b"\r\n"
    b"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff\xfe\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nplain =3D\r\n--b--\r\n"
)


def test_wide_bodies_are_encoded_and_nothing_else() -> None:
    """RFC 6152, section 3: text in quoted-printable, the rest in base64; contents stay the same."""
    message = parse(MIXED)

    narrowed = seven_bit(message)

    octets = bytes(narrowed)
    assert octets.isascii()
    read = email.message_from_bytes(octets, policy=email.policy.SMTP)
    assert read["Content-Transfer-Encoding"] == "7bit"
    text, binary, plain = read.iter_parts()
    assert text["Content-Transfer-Encoding"] == "quoted-printable"
    assert text.get_payload(decode=True) == GREETING
    assert (binary["Content-Transfer-Encoding"], binary.get_content()) == ("base64", b"\xff\xfe")
    assert (plain["Content-Transfer-Encoding"], plain.get_payload()) == (None, "plain =3D")
    assert bytes(message) == MIXED


def test_line_ends_are_those_it_would_have_had() -> None:
    """A text with LF goes with CRLF over the wire, so CRLF is what is encoded."""
    narrowed = seven_bit(parse(b"Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9fe\none\r\n"))

    on_the_wire = bytes(narrowed).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert email.message_from_bytes(on_the_wire).get_payload(decode=True) == GREETING + b"one\r\n"


def test_a_message_without_any_is_left_alone() -> None:
    """There is nothing to do; and 8-bit octets outside of all bodies are not its business."""
    message = parse(b"Subject: gr\xfc\xdfe\r\n\r\nplain\r\n")

    assert seven_bit(message) is message


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"DKIM-Signature: v=1\r\n" + MIXED, id="usual-dkim"),
        pytest.param(MIXED.replace(b"multipart/mixed", b"multipart/signed"), id="usual-signed"),
        pytest.param(MIXED.replace(b"multipart/mixed", b"multipart/encrypted"), id="odd-encrypted"),
        pytest.param(
            b"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n" + MIXED + b"\r\n--s--\r\n", id="odd-deep"
        ),
    ],
)
def test_a_signature_is_not_broken(octets: bytes) -> None:
    """RFC 1847, section 2.1: what is signed is not changed on the way; so it cannot be sent there."""
    with pytest.raises(BadMessage, match="would break a signature"):
        seven_bit(parse(octets))


def test_what_stands_beside_the_signed_part_may_be_encoded() -> None:
    """Its signature is not over that."""
    signed = (
        b"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        b"--o\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n"
        b"--s\r\n\r\nplain\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nxx\r\n--s--\r\n"
        b"--o\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + GREETING + b"--o--\r\n"
    )

    octets = bytes(seven_bit(parse(signed)))

    assert octets.isascii()
    assert b"--s\r\n\r\nplain\r\n--s\r\n" in octets


BINARY = b"\x00\n\xff\n.\nabc"


def binary(kind: str, octets: bytes, *, line_end: bytes = b"\r\n", around: str = "mixed") -> bytes:
    """A message with one leaf of that type, in the transfer encoding binary."""
    lines = [
        *("From: a@x.org", f"Content-Type: multipart/{around}; boundary=b", "Content-Transfer-Encoding: binary", ""),
        *("--b", f"Content-Type: {kind}", "Content-Transfer-Encoding: binary", ""),
    ]
    return line_end.join([*map(str.encode, lines), octets, b"--b--", b""])


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        pytest.param("application/octet-stream", BINARY, id="usual-octets"),
        pytest.param("text/plain; charset=utf-16", "caf\xe9\n\u0a0d".encode("utf-16"), id="odd-wide-text"),
    ],
)
def test_binary_bodies_keep_their_line_feeds(kind: str, octets: bytes) -> None:
    """RFC 2045, section 2.8: only what has lines may be given other line ends."""
    message = parse(binary(kind, octets))

    lined = without_binary(message)

    [leaf] = lined.parts
    assert (leaf["Content-Transfer-Encoding"], leaf.octets) == ("base64", octets)
    assert lined["Content-Transfer-Encoding"] == "8bit"
    assert bytes(message) == binary(kind, octets)


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        pytest.param("text/plain", b"one\ntwo\n", id="usual-text"),
        pytest.param("application/octet-stream", b"\x00\r\n\xff", id="odd-octets-in-lines"),
    ],
)
def test_what_goes_in_lines_is_no_binary(kind: str, octets: bytes) -> None:
    """Many programs say binary of a text."""
    message = parse(binary(kind, octets))

    assert without_binary(message) is message


def test_binary_under_a_signature_is_refused() -> None:
    """It can neither be encoded nor go as it is."""
    with pytest.raises(BadMessage, match=r"^binary octets have no lines, .*break a signature"):
        without_binary(parse(binary("application/octet-stream", BINARY, around="signed")))
