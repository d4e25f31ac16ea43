"""A sender's URL, taken apart."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadURL
from cartero.url import SenderURL


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
            pytest.param("maildir:%00", id="hostile-nul-escaped"),
            pytest.param("maildir:\0", id="hostile-nul"),
            pytest.param("maildir:\ud800", id="hostile-surrogate"),
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


def test_a_password_is_never_shown() -> None:
    """What is shown ends in logs."""
    url = SenderURL.parse("smtp://me:s3cret@mx.example.org/?token=s3cret")

    assert "s3cret" not in f"{url} {url!r}"
