"""What the spool knows of a message beside its octets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import Envelope
from cartero.senders._spooled import Spooled, UnreadableError

RECORD = Spooled(
    sender="me@x.org",
    recipients=["jörg@x.org", "ana@x.org"],
    message_id="<1@x>",
    spooled_at=1_000_000_000.5,
    next_try=1_000_000_060.0,
    attempts=1,
    replies={"jörg@x.org": "450 4.2.1 später\x1b[2J"},
)


class TestBytes:
    """Written and read."""

    @given(
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.one_of(st.none(), st.floats(allow_nan=False)),
        st.text(st.characters()),
    )
    def test_what_is_written_is_read_back(self, started: float | None, doubt: float | None, reply: str) -> None:
        """Whatever a server said."""
        record = RECORD.replace(started=started, in_doubt_since=doubt, replies={"ana@x.org": reply})

        assert Spooled.parse(record.as_bytes()) == record

    def test_people_can_read_it(self) -> None:
        """JSON, in lines, in every script."""
        text = RECORD.as_bytes().decode()

        assert '\n    "jörg@x.org",\n' in text
        assert json.loads(text)["version"] == 1

    @pytest.mark.parametrize(
        ("octets", "problem"),
        [
            pytest.param(b"", "JSONDecodeError", id="usual-empty"),
            pytest.param(b"[]", "TypeError", id="odd-list"),
            pytest.param(b"{}", "KeyError: 'version'", id="odd-nothing-said"),
            pytest.param(b'{"version": 2}', "expected version 1, found 2", id="usual-later-version"),
            pytest.param(b"\xff", "UnicodeDecodeError", id="hostile-octets"),
            pytest.param(b"[" * 100_000, "RecursionError", id="hostile-nesting"),
            pytest.param(RECORD.as_bytes().replace(b'"me@', b'"me> RCPT@'), "BadAddress", id="hostile-address"),
            pytest.param(
                RECORD.as_bytes().replace(b'"attempts": 1', b'"attempts": 1e999'), "Overflow", id="odd-number"
            ),
            pytest.param(RECORD.as_bytes().replace(b'"started": null', b'"started": []'), "TypeError", id="odd-time"),
            *(
                pytest.param(
                    RECORD.replace(spooled_at=time).as_bytes(), "expected seconds since 1970", id=f"hostile-{time}"
                )
                for time in (1e300, -1.0, float("nan"), float("inf"))
            ),
            pytest.param(RECORD.replace(replies={}).as_bytes().replace(b"{}", b"[]"), "Attribute", id="odd-replies"),
        ],
    )
    def test_what_none_of_us_wrote_is_told(self, octets: bytes, problem: str) -> None:
        """A file on a disk is as untrusted as mail."""
        with pytest.raises(UnreadableError, match=problem):
            Spooled.parse(octets)


def test_it_is_a_value() -> None:
    """Equal by meaning, with a hash."""
    assert hash(RECORD) == hash(Spooled.parse(RECORD.as_bytes()))
    assert RECORD.envelope == Envelope("me@x.org", ["jörg@x.org", "ana@x.org"])


def test_its_report_is_for_people() -> None:
    """Who got no mail, and why; harmless on a terminal."""
    assert RECORD.report() == (
        "Message-ID: <1@x>\n"
        "From: <me@x.org>\n"
        "Spooled: 2001-09-09 01:46:40 UTC; tried 1 time\n"
        "\n"
        "jörg@x.org: 450 4.2.1 später\\x1b[2J\n"
        "ana@x.org: \n"
    )
    assert "tried 2 times" in RECORD.replace(attempts=2).report()
