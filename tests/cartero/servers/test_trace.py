"""The Received field in front of what comes in."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadURL
from cartero.servers.trace import received, server_name
from mimekit import parse
from mimekit.values.received import Received
from tests import strategies


def field(**said: Any) -> bytes:
    """The field for a usual client, but for what is *said*."""
    usual: dict[str, Any] = {
        "greeted": "me.example",
        "host": "192.0.2.1",
        "own_name": "mx.example",
        "protocol": "ESMTPS",
        "recipient": "you@example.org",
    }
    return received(**(usual | said))


def value(octets: bytes) -> Received:
    """What mimekit reads in it."""
    message = parse(octets + b"Subject: x\r\n\r\n")
    assert [name.lower() for name in message.headers.names()] == ["received", "subject"]
    found = next(iter(message.headers.fields("Received"))).value
    assert isinstance(found, Received)
    return found


class TestReceived:
    def test_it_says_who_where_how_for_whom_and_when(self) -> None:
        """RFC 5321, section 4.4; RFC 3848 for the protocol."""
        read = value(field())

        assert read.tokens["from"] == "me.example"
        assert read.comments == ("[192.0.2.1]",)
        assert read.tokens["by"] == "mx.example"
        assert read.tokens["with"] == "ESMTPS"
        assert read.tokens["for"] == "<you@example.org>"
        assert read.datetime is not None
        assert abs(read.datetime - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)
        assert read.defects == ()

    def test_each_has_a_name_of_its_own(self) -> None:
        """RFC 5321, section 4.4: ID."""
        assert value(field()).tokens["id"] != value(field()).tokens["id"]

    @pytest.mark.parametrize(
        ("said", "source"),
        [
            pytest.param({"host": "2001:db8::1"}, b"from me.example ([IPv6:2001:db8::1])\r\n", id="usual-ipv6"),
            pytest.param({"host": ""}, b"from me.example\r\n", id="usual-socket-file"),
            pytest.param({"greeted": "[192.0.2.7]"}, b"from [192.0.2.7] ([192.0.2.1])\r\n", id="usual-literal"),
            pytest.param({"greeted": "[IPv6:::1]"}, b"from [IPv6:::1] ([192.0.2.1])\r\n", id="usual-ipv6-literal"),
            pytest.param({"greeted": "a_b.local"}, b"from a_b.local ([192.0.2.1])\r\n", id="odd-underscore"),
            pytest.param({"greeted": "me you"}, b"from me?you ([192.0.2.1])\r\n", id="odd-blank"),
            pytest.param({"greeted": "b\u00fccher.example"}, b"from b?cher.example ([192.0.2.1])\r\n", id="odd-utf8"),
            pytest.param({"greeted": "by"}, b"from unknown ([192.0.2.1])\r\n", id="hostile-keyword"),
            pytest.param({"greeted": ""}, b"from unknown ([192.0.2.1])\r\n", id="hostile-nothing"),
            pytest.param({"greeted": "a\r\nBcc: b"}, b"from a??Bcc??b ([192.0.2.1])\r\n", id="hostile-field"),
            pytest.param({"greeted": "a(b"}, b"from a?b ([192.0.2.1])\r\n", id="hostile-comment"),
            pytest.param({"greeted": "a;b"}, b"from a?b ([192.0.2.1])\r\n", id="hostile-semicolon"),
            pytest.param({"greeted": "x" * 4_000}, b"from " + b"x" * 255 + b" ([192.0.2.1])\r\n", id="hostile-long"),
        ],
    )
    def test_a_client_is_named_by_what_it_said_and_where_it_came_from(self, said: Any, source: bytes) -> None:
        """RFC 5321, section 4.4: the name from the greeting, and the address of the connection."""
        assert field(**said).startswith(b"Received: " + source)

    @pytest.mark.parametrize(
        "recipient",
        [
            pytest.param(None, id="usual-several"),
            pytest.param("j\u00f6rg@example.org", id="odd-utf8"),
            pytest.param("a" * 1_000 + "@example.org", id="hostile-long"),
        ],
    )
    def test_not_every_recipient_is_named(self, recipient: str | None) -> None:
        """RFC 5321, section 7.2: one of several would be told to the others; RFC 5322, section 2.1.1: no long lines."""
        assert "for" not in value(field(recipient=recipient)).tokens

    def test_a_quoted_recipient_is_named_as_it_is(self) -> None:
        """What looks like the end of the field is none."""
        read = value(field(recipient='"a;b (c"@example.org'))

        assert read.tokens["for"] == '<"a;b (c"@example.org>'
        assert read.datetime is not None

    def test_the_name_of_the_server_is_one_word_too(self) -> None:
        """It comes from the system, or from a setting."""
        assert b"by mx?example with" in field(own_name="mx\r\nexample").replace(b"??", b"?")

    @given(strategies.texts(max_size=300), st.sampled_from(["192.0.2.1", "::1", ""]))
    def test_no_greeting_breaks_it(self, greeted: str, host: str) -> None:
        """RFC 5322, section 2.1.1; mimekit and the standard library find the same one field."""
        octets = field(greeted=greeted, host=host)

        read = value(octets)
        assert set(read.tokens) == {"from", "by", "with", "id", "for"}
        assert (read.tokens["by"], read.tokens["with"]) == ("mx.example", "ESMTPS")
        assert read.datetime is not None
        assert max(map(len, octets.split(b"\r\n"))) <= 998
        others = email.message_from_bytes(octets + b"Subject: x\r\n\r\n", policy=email.policy.default)
        assert others.keys() == ["Received", "Subject"]
        assert others.defects == []


class TestServerName:
    @pytest.mark.parametrize("name", ["mx.example.org", "localhost", "mail_1", "[192.0.2.1]"])
    def test_it_is_the_one_that_is_said(self, name: str) -> None:
        """RFC 5321, section 4.1.3, for an address."""
        assert server_name(name) == name

    def test_it_is_that_of_the_host_where_none_is_said(self) -> None:
        """As the system has it."""
        assert server_name(None) == socket.gethostname()

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param("", id="odd-nothing"),
            pytest.param("the mail server", id="odd-words"),
            pytest.param("b\u00fccher.example", id="odd-not-ascii"),
            pytest.param("a" * 256, id="hostile-long"),
            pytest.param("mx\r\n250 SIZE", id="hostile-line"),
            pytest.param(7, id="odd-number"),
        ],
    )
    def test_what_no_host_is_called_is_refused(self, name: Any) -> None:
        """It stands in the greeting, which is a line, and in the Received field, where it is a word."""
        with pytest.raises(BadURL, match="expected the domain name of this server"):
            server_name(name)
