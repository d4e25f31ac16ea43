"""The settings of XML-RPC senders, and how many messages go at once."""

from __future__ import annotations

from typing import Any

import pytest

from cartero import TLS, BadURL, Envelope, XMLRPCSender
from cartero.senders._xmlrpcroad import Batch, item_of
from cartero.senders.preparation import prepare
from cartero.url import SenderURL
from mimekit import MIMEMessage

ENVELOPE = Envelope("me@x.org", ["you@x.org"])


class TestSettings:
    """What the sender is told."""

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            pytest.param("https://mx.example/RPC2", "xmlrpc+https://mx.example/RPC2", id="usual-https"),
            pytest.param("http://localhost:8025", "xmlrpc+http://localhost:8025/", id="usual-http"),
            pytest.param("https://mx:443/", "xmlrpc+https://mx/", id="odd-usual-port"),
            pytest.param("http://[::1]:80/a", "xmlrpc+http://[::1]/a", id="odd-ipv6"),
            pytest.param("https://mx/a%20b/é?", "xmlrpc+https://mx/a%20b/%C3%A9", id="odd-escapes"),
            pytest.param("https://:s3cret@mx/", "xmlrpc+https://mx/", id="hostile-token"),
        ],
    )
    def test_it_is_called_after_its_url(self, url: str, name: str) -> None:
        """Without the token."""
        assert XMLRPCSender(url).name == name

    def test_a_url_may_be_taken_apart_already(self) -> None:
        """As `connect` has it."""
        assert XMLRPCSender(SenderURL.parse("https://mx/a")).name == "xmlrpc+https://mx/a"

    @pytest.mark.parametrize(
        ("url", "options", "problem"),
        [
            pytest.param("smtp://mx", {}, "expected the URL of an XML-RPC server, .* found smtp:", id="usual-scheme"),
            pytest.param("https:///x", {}, "expected a host behind https://", id="usual-no-host"),
            pytest.param("https:(a)", {}, "expected a host behind https://", id="odd-members"),
            pytest.param("https://me:x@mx", {}, r"takes no user; .* https://:\$TOKEN@host", id="usual-user"),
            pytest.param("https://mx?a=b", {}, "https: has no such option", id="usual-query"),
            pytest.param("http://mx", {}, "http: to mx would show mail and token to others", id="usual-in-the-clear"),
            pytest.param("http://mx", {"token": "x"}, "allow it by tls=off", id="usual-token-in-the-clear"),
            pytest.param("http://127.0.0.1", {"tls": "require"}, "would show mail", id="odd-required"),
            pytest.param("https://mx", {"tls": "off"}, "https: is TLS from the first octet on", id="odd-https-off"),
            pytest.param("https://mx", {"tls": TLS("opportunistic")}, "https: is TLS", id="odd-opportunistic"),
            pytest.param("https://mx", {"tls": "no"}, "found 'no'", id="odd-tls"),
            pytest.param("https://mx", {"timeout": 0}, "seconds for timeout, .*, found 0", id="odd-no-time"),
            pytest.param("https://mx", {"timeout": True}, "seconds for timeout, .*, found True", id="odd-true"),
            pytest.param(
                "https://mx", {"answer_timeout": "5"}, "seconds for answer_timeout, .*, found '5'", id="odd-text"
            ),
            pytest.param("https://mx", {"answer_timeout": float("inf")}, "found inf", id="odd-endless"),
            pytest.param(
                "https://mx",
                {"timeout": 1e7},
                "seconds for timeout, above 0 and at most 1000000",
                id="odd-more-than-poll-waits",
            ),
            pytest.param("https://mx", {"idle": -1}, "seconds for idle, .*, found -1", id="odd-idle"),
            pytest.param("https://mx", {"batch": 0}, "1 or more, as batch, found 0", id="odd-none-at-once"),
            pytest.param("https://mx", {"batch": True}, "as batch, found True", id="odd-batch-true"),
            pytest.param("https://mx", {"batch": 2.0}, "as batch, found 2.0", id="odd-batch-float"),
            pytest.param("https://mx", {"token": ""}, "expected a token of visible ASCII", id="odd-empty-token"),
            pytest.param("https://mx", {"token": "a\r\nX: y"}, "token of visible ASCII", id="hostile-token"),
            pytest.param("https://:%0d%0a@mx", {}, "token of visible ASCII", id="hostile-token-in-url"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, url: str, options: dict[str, Any], problem: str) -> None:
        """Before anything is opened."""
        with pytest.raises(BadURL, match=problem):
            XMLRPCSender(url, **options)

    @pytest.mark.parametrize("tls", ["off", "opportunistic", TLS("off")], ids=["off", "opportunistic", "TLS"])
    def test_the_clear_is_allowed_by_name(self, tls: Any) -> None:
        """On a network of one's own."""
        assert XMLRPCSender("http://mx", token="t", tls=tls).name == "xmlrpc+http://mx/"


class TestBatch:
    """Which messages go together."""

    def test_one_has_room_whatever_its_size(self) -> None:
        """25 MB are one call."""
        batch = Batch(1)

        assert batch.has_room(item_of(b"", prepare(b"x" * 10**6, envelope=ENVELOPE)))

    def test_there_is_an_end_to_number_and_size(self) -> None:
        """What is read as one must fit into memory, and into what a proxy takes."""
        batch = Batch(2)
        small, large = (item_of(b"", prepare(b"x" * size, envelope=ENVELOPE)) for size in (10, 2**19))

        batch.add(small)
        assert batch.has_room(small)
        assert not batch.has_room(large)
        batch.add(small)
        assert not batch.has_room(small)
        assert batch.take() == [small, small]
        assert batch.has_room(large)

    def test_octets_that_came_are_not_copied(self) -> None:
        """A large message is in memory once."""
        octets = b"Subject: x\r\n\r\n" + b"x" * 10_000

        assert item_of(octets, prepare(octets, envelope=ENVELOPE)).octets is octets

    def test_what_was_composed_is_written(self) -> None:
        """With the line ends of the wire."""
        message = MIMEMessage().set_content("one\ntwo\n")

        assert b"one\r\ntwo\r\n" in item_of(message, prepare(message, envelope=ENVELOPE)).octets
