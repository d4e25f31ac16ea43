"""mimekit.field: one field, as it came or as it will be written."""

from __future__ import annotations

import pytest

from mimekit import parse
from mimekit._block import divide
from mimekit.errors import BadValue
from mimekit.field import Field
from mimekit.values import registry
from mimekit.values.address import Addresses


def composed(name: str, value: object) -> Field:
    """A field that is set."""
    return Field(name, registry.compose_value(name, value))


def received(raw: bytes, *, offset: int = 0) -> Field:
    """A field as it came."""
    data = b"." * offset + raw
    return Field.received(divide(data, offset, len(data), newline=b"\n"), 0)


class TestReceived:
    """A field of parsed mail."""

    def test_it_knows_its_octets_and_its_place(self) -> None:
        """``msg.field("to").span``."""
        field = received(b"Subject:  a\r\n\tb\r\n", offset=40)

        assert (field.name, field.raw, field.raw_body) == ("Subject", b"Subject:  a\r\n\tb\r\n", "  a\r\n\tb")
        assert field.span == (40, 57)

    def test_its_value_is_parsed_once(self) -> None:
        """A value is made when it is asked for, and kept."""
        field = received(b"To: Ada <ada@example.org>\n")

        value = field.value

        assert isinstance(value, Addresses)
        assert value.addresses[0].username == "ada"
        assert field.value is value

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"Subject: a\r\n", id="usual"),
            pytest.param(b"subject :a\n", id="odd: spelling"),
            pytest.param(b"Subject: " + b"x" * 2_000 + b"\n", id="odd: too long a line"),
            pytest.param(b"Subject: caf\xe9", id="odd: 8-bit, no line end"),
            pytest.param(b"DKIM-Signature: v=1;  a=b;\r\n\tb=c\r\n", id="odd: signed as it stands"),
            pytest.param(b"Subject: \0\r\rx\n", id="hostile: controls"),
        ],
    )
    def test_it_is_written_as_it_came_wild_02(self, raw: bytes) -> None:
        """A field that was not edited keeps every octet, whatever the options say (RFC 6376, section 3.5)."""
        field = received(raw)

        field.value  # noqa: B018 -- reading changes nothing

        assert field.write() == field.write(linesep="\n", line_length=20, utf8=True) == raw

    def test_showing_it_parses_nothing(self) -> None:
        """Being asked is the only trigger: `repr` forces nothing."""
        field = received(b"Subject: =?utf-8?q?a?=\n")

        before, _value, after = repr(field), field.value, repr(field)

        assert (before, after) == ("<Field Subject: '=?utf-8?q?a?='>", "<Field Subject: 'a'>")


class TestComposed:
    """A field that was set."""

    def test_it_stands_nowhere_yet(self) -> None:
        """It has a value; octets and a place only what was parsed has."""
        field = composed("subject", "Grüße")

        assert (field.name, field.value, field.raw, field.span) == ("subject", "Grüße", None, None)
        assert field.raw_body == "Grüße"
        assert repr(field) == "<Field subject: 'Grüße'>"

    def test_it_is_folded_when_it_is_written(self) -> None:
        """RFC 5322, section 2.1.1: each line should be no more than 78 characters, and folds at white space."""
        field = composed("Subject", "word " * 30 + "end")

        assert max(map(len, field.write().split(b"\r\n"))) <= 78
        assert field.write().replace(b"\r\n ", b" ") == b"Subject: " + b"word " * 30 + b"end\r\n"
        assert field.write(line_length=0).count(b"\r\n") == 1

    @pytest.mark.parametrize(
        ("linesep", "expected"),
        [
            pytest.param("\r\n", b"Subject: aaaa\r\n bbbb\r\n", id="usual: CRLF"),
            pytest.param("\n", b"Subject: aaaa\n bbbb\n", id="usual: LF"),
            pytest.param("\r", b"Subject: aaaa\r bbbb\r", id="odd: CR alone"),
        ],
    )
    def test_its_lines_end_as_those_around_it(self, linesep: str, expected: bytes) -> None:
        """What is added to parsed mail takes the line ends it uses."""
        field = composed("Subject", "aaaa bbbb")

        assert field.write(linesep=linesep, line_length=14) == expected

    def test_the_options_of_each_writing_count(self) -> None:
        """The last folding is kept, and made again where it would be another."""
        field = composed("Subject", "Grüße an alle")

        written = [field.write(), field.write(utf8=True), field.write(), field.write(utf8=True, line_length=16)]

        assert written[0] == written[2] == b"Subject: =?utf-8?b?R3LDvMOfZQ==?= an alle\r\n"
        assert written[1] == "Subject: Grüße an alle\r\n".encode()
        assert written[3] == "Subject: Grüße\r\n an alle\r\n".encode()

    def test_what_needs_utf8_is_refused_without_it_wild_17(self) -> None:
        """RFC 6531, section 3.2: a local part that is not ASCII needs SMTPUTF8; an encoded word may not stand there."""
        field = composed("To", "jürgen@example.org")

        with pytest.raises(BadValue, match=r"^To: expected SMTPUTF8"):
            field.write()

        assert field.write(utf8=True) == "To: jürgen@example.org\r\n".encode()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("Subject", "x" * 2_000, id="usual: a long word"),
            pytest.param("References", f"<{'x' * 982}@example.org>", id="odd: an identifier that just fits"),
            pytest.param("X" * 997, "x" * 996, id="hostile: the longest name there is"),
            pytest.param("Subject", " " * 2_000 + "x", id="hostile: white space"),
        ],
    )
    def test_no_line_is_longer_than_998_octets_wild_03(self, name: str, value: str) -> None:
        """RFC 5322, section 2.1.1: each line must be no more than 998 characters, excluding the CRLF."""
        written = composed(name, value).write()

        assert max(map(len, written.split(b"\r\n"))) <= 998
        assert received(written).value == value

    def test_a_token_that_no_line_can_carry_is_refused_wild_03(self) -> None:
        """Long ASCII is folded at white space only; an identifier never becomes an encoded word."""
        with pytest.raises(BadValue, match="1014 octets"):
            composed("References", f"<{'x' * 1_000}@example.org>")

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("Tomorrow, \xfcber", id="odd: octets that are no ASCII"),
            pytest.param(f"a {'x' * 2_000} b", id="hostile: no place to fold"),
        ],
    )
    def test_what_stands_as_it_is_is_written_whatever_it_breaks(self, body: str) -> None:
        """What is read can always be written."""
        value = registry.parse_value("date", "Date", body)

        written = Field("Date", value, as_it_is=True).write()

        assert received(written).value == value
        assert all(len(line) <= 78 or b"x" * 2_000 in line for line in written.split(b"\r\n"))


def test_fields_are_equal_by_what_they_say() -> None:
    """Values are equal by meaning; where a field stood does not count."""
    first, second = parse(b"X-A: b\n\n"), parse(b"X-C: d\nX-A: b\n\n")

    assert first.field("x-a") == second.field("x-a")
    assert hash(first.field("x-a")) == hash(second.field("x-a"))
    assert first.field("x-a") != second.field("x-c")
    assert first.field("x-a") != "X-A: b"
