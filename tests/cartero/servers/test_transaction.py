"""What MAIL and RCPT say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import Envelope
from cartero.servers._transaction import CommandError, Transaction, parse_path
from tests import strategies


class TestPaths:
    @pytest.mark.parametrize(
        ("argument", "address", "parameters"),
        [
            pytest.param("FROM:<me@example.org>", "me@example.org", {}, id="usual"),
            pytest.param("from: <me@example.org>", "me@example.org", {}, id="odd-blank-and-case"),
            pytest.param("FROM:<>", "", {}, id="usual-null"),
            pytest.param("FROM:<> SIZE=12", "", {"SIZE": "12"}, id="usual-null-with-size"),
            pytest.param('FROM:<"a b>"@example.org>', '"a b>"@example.org', {}, id="odd-quoted"),
            pytest.param('FROM:<"a\\"@b"@example.org>', '"a\\"@b"@example.org', {}, id="odd-quoted-pair"),
            pytest.param("FROM:<@a.example,@b.example:me@example.org>", "me@example.org", {}, id="odd-route"),
            pytest.param("FROM:<@a.example:me@example.org>", "me@example.org", {}, id="odd-short-route"),
            pytest.param('FROM:<"@a:b"@example.org>', '"@a:b"@example.org', {}, id="odd-no-route"),
            pytest.param("FROM:<me@[192.0.2.1]>", "me@[192.0.2.1]", {}, id="odd-literal"),
            pytest.param("FROM:<postmaster>", "postmaster", {}, id="odd-postmaster"),
            pytest.param(
                "FROM:<j\u00f6@example.org> SMTPUTF8", "j\u00f6@example.org", {"SMTPUTF8": None}, id="usual-utf8"
            ),
            pytest.param(
                "FROM:<me@example.org>  body=8BitMime ret=HDRS  ENVID=a+2Bb",
                "me@example.org",
                {"BODY": "8BitMime", "RET": "HDRS", "ENVID": "a+2Bb"},
                id="usual-parameters",
            ),
        ],
    )
    def test_a_path_is_an_address_in_angle_brackets(
        self, argument: str, address: str, parameters: dict[str, str | None]
    ) -> None:
        """RFC 5321, section 4.1.2; a source route is ignored, by appendix F.2."""
        path = parse_path("FROM", argument)

        assert (path.address, path.parameters) == (address, parameters)

    @pytest.mark.parametrize(
        ("argument", "reply"),
        [
            pytest.param("", "501 5.5.4", id="odd-nothing"),
            pytest.param("TO:<me@example.org>", "501 5.5.4", id="odd-other-verb"),
            pytest.param("FROM:me@example.org", "501 5.5.4", id="odd-no-brackets"),
            pytest.param("FROM <me@example.org>", "501 5.5.4", id="odd-no-colon"),
            pytest.param("FROM:<me@example.org", "501 5.5.4", id="odd-half"),
            pytest.param("FROM:<me@example.org>SIZE=1", "501 5.5.4", id="odd-no-blank"),
            pytest.param("FROM:<<me@example.org>>", "501 5.5.4", id="odd-twice"),
            pytest.param("FROM:<me@example.org> SIZE=", "501 5.5.4", id="odd-parameter-without-value"),
            pytest.param("FROM:<me@example.org> =1", "501 5.5.4", id="odd-parameter-without-name"),
            pytest.param("FROM:<me@example.org> a=b=c", "501 5.5.4", id="odd-parameter-twice"),
            pytest.param("FROM:<me>", "501 5.1.7", id="odd-no-domain"),
            pytest.param("FROM:<me@a,you@b>", "501 5.1.7", id="hostile-two-addresses"),
            pytest.param("FROM:<me@example..org>", "501 5.1.7", id="odd-dots"),
            pytest.param("FROM:<me@exam\x00ple.org>", "501 5.1.7", id="hostile-null"),
            pytest.param("FROM:<\udcff@example.org> SMTPUTF8", "501 5.1.7", id="hostile-no-utf8"),
            pytest.param('FROM:<"' + "\\" * 4_001 + ">", "501 5.5.4", id="hostile-escapes"),
            pytest.param("FROM:<" + '"a"' * 1_300 + "\r", "501 5.5.4", id="hostile-quotes"),
        ],
    )
    def test_what_is_none_is_refused(self, argument: str, reply: str) -> None:
        """RFC 5321, section 4.3.2: 501 for an argument; RFC 3463, section 3.2 for an address."""
        with pytest.raises(CommandError, match=f"^{reply} "):
            parse_path("FROM", argument)

    @pytest.mark.parametrize("argument", ["TO:<>", "TO:<@a.example:>", "TO:<you>"])
    def test_nobody_is_no_recipient(self, argument: str) -> None:
        """RFC 5321, section 4.1.1.3: the null path is for senders."""
        with pytest.raises(CommandError, match=r"^501 5\.1\.3 "):
            parse_path("TO", argument)

    @given(strategies.bare_addresses())
    def test_every_address_of_an_envelope_can_be_said(self, address: str) -> None:
        """What this project sends it takes in."""
        assert parse_path("TO", f"TO:<{address}>").address == address

    @given(st.text(max_size=60))
    def test_nothing_else_is_raised(self, text: str) -> None:
        """What comes is anything."""
        for argument in (text, f"TO:<{text}>", f"TO:<a@b.c> {text}"):
            try:
                Envelope("", [parse_path("TO", argument).address])
            except CommandError as error:
                assert str(error).startswith("501 5.")  # noqa: PT017 - it need not be raised


class TestTransaction:
    def test_a_recipient_is_named_as_often_as_he_was(self) -> None:
        """RFC 2033, section 4.2: a reply each; the envelope has him once, by the spelling that came first."""
        transaction = Transaction()
        transaction.sender = ""
        for recipient in ("a@example.org", "b@example.org", "a@Example.ORG"):
            transaction.add(recipient)

        assert transaction.recipients == ["a@example.org", "b@example.org", "a@example.org"]
        assert transaction.envelope == Envelope("", ["a@example.org", "b@example.org"])
