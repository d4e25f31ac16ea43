"""Senders for programs that await, by their URL."""

from __future__ import annotations

import pytest

from cartero import BadURL
from cartero.aio import (
    AsyncFailoverSender,
    AsyncMemorySender,
    AsyncRoundRobinSender,
    AsyncSender,
    AsyncSMTPSender,
    connect,
)


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        pytest.param("smtp://127.0.0.1", AsyncSMTPSender, "smtp://127.0.0.1:25", id="usual-smtp"),
        pytest.param("memory:", AsyncMemorySender, "memory:", id="usual-memory"),
        pytest.param(
            "failover:(smtp://a roundrobin:(memory: memory:))?retry_after=5",
            AsyncFailoverSender,
            "failover:(smtp://a:25 roundrobin:(memory: memory:))",
            id="usual-failover",
        ),
        pytest.param("roundrobin:(memory:)", AsyncRoundRobinSender, "roundrobin:(memory:)", id="usual-roundrobin"),
    ],
)
def test_each_scheme_has_its_sender(url: str, kind: type[AsyncSender], name: str) -> None:
    """The sender is called after its URL."""
    sender = connect(url)

    assert type(sender) is kind
    assert sender.name == name


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param(
            "maildir:box", r"no sender that awaits is called maildir: \(there are failover:,", id="usual-other"
        ),
        pytest.param("failover:", "one sender at least", id="usual-failover-of-none"),
        pytest.param("failover:(maildir:box)", "no sender that awaits is called maildir:", id="usual-blocking-member"),
        pytest.param("memory:x", "expected nothing behind memory:", id="odd-memory-path"),
        pytest.param("memory:?x=1", "memory: has no such option", id="odd-memory-option"),
    ],
)
def test_what_a_sender_cannot_do_is_refused(url: str, problem: str) -> None:
    """Never a part of a setting that is silently ignored."""
    with pytest.raises(BadURL, match=problem):
        connect(url)
