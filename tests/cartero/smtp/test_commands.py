"""What a client says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import DSN, BadEnvelope
from cartero.smtp import commands


class TestLines:
    def test_a_command_is_words_and_an_end(self) -> None:
        """RFC 5321, section 4.1.1."""
        assert commands.line("EHLO", "me.example") == b"EHLO me.example\r\n"

    def test_addresses_stand_in_brackets(self) -> None:
        """RFC 5321, sections 4.1.1.2 and 4.1.1.3: the null reverse-path is a pair of them."""
        assert commands.mail("", ["SIZE=3"]) == b"MAIL FROM:<> SIZE=3\r\n"
        assert commands.rcpt("jörg@x.org") == "RCPT TO:<jörg@x.org>\r\n".encode()

    @pytest.mark.parametrize("character", ["\r", "\n", "\0", "\t", "\x7f", "\r\n"], ids=repr)
    def test_a_control_character_is_refused(self, character: str) -> None:
        """SECURITY: the rest would be a command of somebody else's."""
        with pytest.raises(BadEnvelope, match="control character"):
            commands.rcpt(f"b@x.org>{character}RCPT TO:<evil@x.org")

    def test_what_cannot_be_printed_but_is_harmless_goes(self) -> None:
        """RFC 6531, section 3.3: a local part may have a zero-width joiner in it."""
        assert commands.rcpt("a\u200db@x.org") == "RCPT TO:<a\u200db@x.org>\r\n".encode()


class TestDSN:
    def test_what_is_asked_for_is_said_by_mail_and_rcpt(self) -> None:
        """RFC 3461, sections 4.1 to 4.4."""
        dsn = DSN(["success", "delay"], ret="full", envid="order 7+1=8")

        assert list(dsn.mail_parameters()) == ["RET=FULL", "ENVID=order+207+2B1+3D8"]
        assert list(dsn.rcpt_parameters("a+b@x.org")) == ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;a+2Bb@x.org"]

    def test_what_is_not_asked_for_is_not_said(self) -> None:
        """RFC 3461, section 4: each parameter is optional."""
        assert list(DSN().mail_parameters()) == []
        assert list(DSN().rcpt_parameters("a@x.org")) == ["ORCPT=rfc822;a@x.org"]

    def test_an_address_beyond_ascii_is_no_original_recipient(self) -> None:
        """RFC 3461, section 4.2: the type rfc822 is ASCII."""
        assert list(DSN(["never"]).rcpt_parameters("jörg@x.org")) == ["NOTIFY=NEVER"]

    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({"notify": ["sometimes"]}, id="odd-notify"),
            pytest.param({"notify": "never"}, id="odd-notify-is-text"),
            pytest.param({"notify": ["never", "delay"]}, id="odd-never-and-more"),
            pytest.param({"ret": "HDRS"}, id="odd-ret"),
            pytest.param({"envid": "größer"}, id="odd-envid"),
            pytest.param({"envid": "a\r\nRSET"}, id="hostile-envid"),
            pytest.param({"envid": "x" * 101}, id="odd-envid-long"),
            pytest.param({"envid": "=" * 34}, id="odd-envid-long-as-it-is-said"),
        ],
    )
    def test_anything_else_is_refused(self, settings: dict[str, object]) -> None:
        """RFC 3461, sections 4.1, 4.3 and 4.4."""
        with pytest.raises(BadEnvelope):
            DSN(**settings)  # type: ignore[arg-type]  # that is the point

    def test_it_is_a_value(self) -> None:
        """Equal by meaning; a list of words is no other than a tuple of them."""
        assert DSN(["delay"]) == DSN(("delay",))
        assert repr(DSN(["delay"], ret="hdrs")) == "DSN(envid='', notify=('delay',), ret='hdrs')"


@given(st.text(max_size=40))
def test_xtext_is_printable_and_read_back(text: str) -> None:
    """RFC 3461, section 4: "+" and two hexadecimal digits, in capitals, for what would be in the way."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return
    encoded = commands.xtext(text)

    assert re.fullmatch(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*", encoded)
    assert re.sub(rb"\+(..)", lambda found: bytes.fromhex(found[1].decode()), encoded.encode()) == octets
