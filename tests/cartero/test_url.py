"""A sender's URL, taken apart."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadURL, aio, connect
from cartero.url import Endpoint, SenderURL, said_or_set

if TYPE_CHECKING:
    from collections.abc import Callable


class TestParse:
    """The text of a setting."""

    @pytest.mark.parametrize(
        ("text", "url"),
        [
            pytest.param("maildir:outbox", SenderURL("maildir", path="outbox"), id="usual-relative"),
            pytest.param("maildir:///var/box", SenderURL("maildir", path="/var/box"), id="usual-absolute"),
            pytest.param("maildir:/var/box", SenderURL("maildir", path="/var/box"), id="usual-absolute-short"),
            pytest.param("console:", SenderURL("console"), id="usual-nothing-more"),
            pytest.param(
                "smtp://mx.org:25?tls=off", SenderURL("smtp", authority="mx.org:25", query="tls=off"), id="usual-host"
            ),
            pytest.param("MailDir:a%20b", SenderURL("maildir", path="a b"), id="odd-case-and-escape"),
            pytest.param("maildir:a%2Fb%3fc", SenderURL("maildir", path="a/b?c"), id="odd-escaped-delimiters"),
            pytest.param("maildir:~/a%23b", SenderURL("maildir", path="~/a#b"), id="odd-no-shell"),
            pytest.param("maildir:Grüße", SenderURL("maildir", path="Grüße"), id="odd-any-script"),
            pytest.param(
                "maildir:%FF", SenderURL("maildir", path=os.fsdecode(b"\xff")), id="odd-octets-of-a-file-name"
            ),
            pytest.param("maildir:C:/box", SenderURL("maildir", path="C:/box"), id="odd-drive"),
            pytest.param(
                "failover:(smtp://a?tls=off  maildir:b%20c)?retry=9",
                SenderURL("failover", members=["smtp://a?tls=off", "maildir:b%20c"], query="retry=9"),
                id="usual-members",
            ),
            pytest.param(
                "spool:(roundrobin:(a: b:) c:)",
                SenderURL("spool", members=["roundrobin:(a: b:)", "c:"]),
                id="odd-members-of-members",
            ),
        ],
    )
    def test_the_parts_are_found(self, text: str, url: SenderURL) -> None:
        """RFC 3986, section 3: scheme, authority, path, query."""
        assert SenderURL.parse(text) == url

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("", id="usual-empty"),
            pytest.param("outbox", id="usual-no-scheme"),
            pytest.param("/var/box", id="usual-path"),
            pytest.param("1mail:x", id="odd-digit-first"),
            pytest.param("maildir:100%", id="odd-percent"),
            pytest.param("maildir:%zz", id="odd-no-hexadecimal"),
            pytest.param("failover:(a: b:", id="odd-open-parenthesis"),
            pytest.param("failover:(a:)b", id="odd-behind-the-parenthesis"),
            pytest.param("maildir:%00", id="hostile-nul-escaped"),
            pytest.param("maildir:\0", id="hostile-nul"),
            pytest.param("maildir:\ud800", id="hostile-surrogate"),
            pytest.param("failover:(" * 1000 + "null:" + ")" * 1000, id="hostile-nested"),
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        """A setting that is wrong is an error at once, not mail in a place nobody looks."""
        with pytest.raises(BadURL):
            SenderURL.parse(text)

    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
    def test_every_path_can_be_written(self, path: str) -> None:
        """RFC 3986, section 2.1: percent-encoding carries any octet."""
        escaped = "".join(f"%{octet:02x}" for octet in os.fsencode(path))

        assert SenderURL.parse(f"maildir:{escaped}").path == path


class TestEndpoint:
    """What an authority says."""

    @pytest.mark.parametrize(
        ("authority", "endpoint"),
        [
            pytest.param("mx.org", Endpoint("mx.org"), id="usual-host"),
            pytest.param("mx.org:25", Endpoint("mx.org", port=25), id="usual-port"),
            pytest.param("me:s3%40@mx.org", Endpoint("mx.org", user="me", password="s3@"), id="usual-password"),
            pytest.param("me@x.org@mx.org", Endpoint("mx.org", user="me@x.org"), id="odd-address-as-user"),
            pytest.param("[::1]:25", Endpoint("::1", port=25), id="odd-ipv6"),
            pytest.param("[fe80::1%25eth0]", Endpoint("fe80::1%eth0"), id="odd-zone"),
            pytest.param("[fe80::1%eth0]", Endpoint("fe80::1%eth0"), id="odd-zone-as-it-is"),
            pytest.param("", Endpoint(""), id="odd-nothing"),
            pytest.param("$ENDPOINT_USER:${ENDPOINT_SECRET}@h", Endpoint("h", user="me", password="%$:"), id="odd-env"),
            pytest.param("me:$HOME$@h", Endpoint("h", user="me", password="$HOME$"), id="odd-dollar-in-password"),
        ],
    )
    def test_its_parts_are_found(self, authority: str, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
        """RFC 3986, section 3.2; a variable of the environment stands for what it holds, as it stands."""
        monkeypatch.setenv("ENDPOINT_USER", "me")
        monkeypatch.setenv("ENDPOINT_SECRET", "%$:")

        assert SenderURL.parse(f"smtp://{authority}/").endpoint() == endpoint

    @pytest.mark.parametrize(
        "authority", ["h:99999", "h:x", "[::1", "a b", "me:$NO_SUCH_VARIABLE_HERE@h"], ids=lambda text: f"odd-{text}"
    )
    def test_what_is_none_is_refused(self, authority: str) -> None:
        """Before anything is asked of the network."""
        with pytest.raises(BadURL):
            SenderURL.parse(f"smtp://{authority}").endpoint()

    def test_its_repr_shows_the_host_alone(self) -> None:
        """What is shown ends in logs."""
        assert repr(Endpoint("h", user="me", password="s3cret")) == "<Endpoint h>"


class TestOptions:
    """What a query says."""

    def test_they_are_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Names that are known, once each; a variable of the environment stands for what it holds."""
        monkeypatch.setenv("OPTION_TOKEN", "t&k")

        url = SenderURL.parse("smtp://h?tls=off&&ca=a%26b&token=$OPTION_TOKEN")

        assert url.options("tls", "ca", "token") == {"tls": "off", "ca": "a&b", "token": "t&k"}

    @pytest.mark.parametrize("query", ["tls", "tls=a&tls=b", "tsl=off"], ids=["odd-bare", "odd-twice", "odd-unknown"])
    def test_what_is_not_understood_is_refused(self, query: str) -> None:
        """A setting that is silently ignored is a setting that is wrong."""
        with pytest.raises(BadURL):
            SenderURL.parse(f"smtp://h?{query}").options("tls")


class TestSeconds:
    """What a query says, in seconds."""

    def test_they_are_numbers(self) -> None:
        """With or without a fraction; those that are not said are not there."""
        assert SenderURL.parse("smtp://h?retry=1.5").seconds("retry", "timeout") == {"retry": 1.5}

    def test_what_is_no_number_is_refused(self) -> None:
        """Never a setting that is silently ignored."""
        with pytest.raises(BadURL, match="expected a number as retry, found 'soon'"):
            SenderURL.parse("smtp://h?retry=soon").seconds("retry")


def test_a_password_is_never_shown() -> None:
    """What is shown ends in logs."""
    url = SenderURL.parse("smtp://me:s3cret@mx.example.org/?token=s3cret")

    assert "s3cret" not in f"{url} {url!r}"


class TestSaidOrSet:
    """A setting of the program, or of its environment."""

    def test_what_is_said_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment is asked where the program says nothing, and nothing else is made up."""
        monkeypatch.setenv("CARTERO_URL", "null:")
        assert said_or_set("memory:") == "memory:"
        assert said_or_set(None) == "null:"

        monkeypatch.delenv("CARTERO_URL")
        with pytest.raises(BadURL, match="environment variable CARTERO_URL, found neither"):
            said_or_set(None)

    @pytest.mark.parametrize("connected", [connect, aio.connect])
    def test_connect_needs_no_url(self, monkeypatch: pytest.MonkeyPatch, connected: Callable[[], object]) -> None:
        """The same program prints its mail here, and sends it there."""
        monkeypatch.setenv("CARTERO_URL", "memory:")

        assert str(connected()).endswith("MemorySender memory:>")
