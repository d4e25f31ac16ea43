"""Senders for programs that await, by their URL."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from cartero import BadURL, Limits
from cartero.aio import (
    AsyncFailoverSender,
    AsyncLocalSender,
    AsyncMemorySender,
    AsyncRoundRobinSender,
    AsyncSender,
    AsyncSMTPSender,
    connect,
)
from tests.house.sources import ROOT
from tests.mailservers import Inbox, serve

MAIL = b"From: me@example.org\r\nTo: you@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        pytest.param("smtp://127.0.0.1", AsyncSMTPSender, "smtp://127.0.0.1:25", id="usual-smtp"),
        pytest.param("smtps://mx", AsyncSMTPSender, "smtps://mx:465", id="usual-smtps"),
        pytest.param("lmtp:///run/lmtp", AsyncSMTPSender, "lmtp:///run/lmtp", id="usual-lmtp"),
        pytest.param("memory:", AsyncMemorySender, "memory:", id="usual-memory"),
        pytest.param("console:", AsyncLocalSender, "console:", id="usual-console"),
        pytest.param("null:", AsyncLocalSender, "null:", id="usual-null"),
        pytest.param("file:sent", AsyncLocalSender, "file:sent", id="usual-file"),
        pytest.param("spool:queue", AsyncLocalSender, "spool:queue", id="usual-spool"),
        *(
            pytest.param(f"{form}:box", AsyncLocalSender, f"{form}:box", id=f"usual-{form}")
            for form in ("babyl", "maildir", "mbox", "mh", "mmdf")
        ),
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
        pytest.param("gae:", r"no sender that awaits is called gae: \(there are babyl:, console:,", id="usual-other"),
        pytest.param("maildir:", "expected the path of a mailbox behind maildir:", id="usual-no-path"),
        pytest.param("failover:", "one sender at least", id="usual-failover-of-none"),
        pytest.param("failover:(sendmail:)", "no sender that awaits is called sendmail:", id="usual-blocking-member"),
        pytest.param("memory:x", "expected nothing behind memory:", id="odd-memory-path"),
        pytest.param("memory:?x=1", "memory: has no such option", id="odd-memory-option"),
    ],
)
def test_what_a_sender_cannot_do_is_refused(url: str, problem: str) -> None:
    """Never a part of a setting that is silently ignored."""
    with pytest.raises(BadURL, match=problem):
        connect(url)


def test_the_options_are_those_of_cartero() -> None:
    """One table for both."""
    sender = connect("smtp://mx?connections=2")

    assert isinstance(sender, AsyncSMTPSender)
    assert sender.shelf.limits == Limits(connections=2)


def test_a_message_is_sent() -> None:
    """The shortest program."""
    inbox = Inbox()
    with serve(inbox) as address:
        receipt = asyncio.run(connect(f"smtp://{address.host}:{address.port}").send(MAIL))

    assert receipt.accepted == ("you@example.org",)
    assert inbox.mails[0].octets == MAIL


def test_only_who_asks_for_it_imports_asyncio() -> None:
    """A command's start is most of its cost."""
    script = "import sys, cartero; a = 'asyncio' in sys.modules; import cartero.aio; print(a, 'asyncio' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["False", "True"]
