"""Senders lent to threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cartero import ConsoleSender, MemorySender, connect
from cartero.integrations._lending import Lender
from tests import mailservers
from tests.house.sources import ROOT

MAIL = b"From: me@x.org\nTo: you@x.org\n\nHi!\n"

_FORKING = """
import os, sys
from cartero import connect
from cartero.integrations._lending import Lender

def send():
    with lender.lend() as sender:
        sender.send(b"From: me@x.org\\nTo: you@x.org\\n\\nHi!\\n")

lender = Lender(lambda: connect(sys.argv[1]))
send()
if not (child := os.fork()):
    send()
    lender.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
send()
lender.close()
"""


def url_of(server: mailservers.Address) -> str:
    """The URL of a sender to *server*."""
    return f"smtp://{server.host}:{server.port}"


def send(lender: Lender) -> None:
    """Send a message by a sender of the *lender*'s."""
    with lender.lend() as sender:
        sender.send(MAIL)


class TestLoans:
    def test_no_two_have_the_same_sender_at_once(self) -> None:
        """A sender is for one thread at a time, if it does not say otherwise."""
        lender = Lender(MemorySender)

        with lender.lend() as one, lender.lend() as other:
            assert one is not other

    def test_a_sender_that_comes_back_is_lent_again(self) -> None:
        """There come to be as many as are needed at once, and no more."""
        lender = Lender(MemorySender)

        with lender.lend() as first:
            pass
        with lender.lend() as second:
            pass

        assert first is second

    def test_what_fails_gives_its_sender_back(self) -> None:
        """Else each failure would cost a new one."""
        lender = Lender(MemorySender)

        with pytest.raises(KeyError), lender.lend() as first:
            raise KeyError
        with lender.lend() as second:
            pass

        assert first is second

    def test_smtp_is_lent_to_all(self) -> None:
        """An `SMTPSender` may be shared, and has limits that are to hold for all."""
        lender = Lender(lambda: connect("smtp://127.0.0.1"))

        with lender.lend() as one, lender.lend() as other:
            assert one is other

    def test_the_first_is_made_at_once(self) -> None:
        """A URL that is none is found out about when the program starts."""
        with pytest.raises(ValueError, match="no sender is called"):
            Lender(lambda: connect("nothing:"))

    @pytest.mark.parametrize("kind", ["maildir", "mbox", "spool", "file", "mh", "failover", "roundrobin"])
    def test_threads_lose_nothing(self, kind: str, tmp_path: Path) -> None:
        """Whichever sender it is, a message that was accepted is there."""
        url = f"{kind}:(maildir:{tmp_path}/box)" if kind in {"failover", "roundrobin"} else f"{kind}:{tmp_path}/box"
        lender = Lender(lambda: connect(url))

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: send(lender), range(40)))
        lender.close()

        if kind == "mbox":
            assert (tmp_path / "box").read_bytes().count(b"\nHi!\n") == 40
        else:
            found = [path for path in (tmp_path / "box").rglob("*") if path.is_file() and path.name != "envelope.json"]
            assert sum(b"\nHi!" in path.read_bytes().replace(b"\r", b"") for path in found) == 40


class TestConnections:
    @pytest.mark.parametrize("form", ["{}", "failover:({})", "roundrobin:({})"])
    def test_one_is_kept_from_loan_to_loan(self, form: str) -> None:
        """A connection is much of what a message costs."""
        with mailservers.Script() as server:
            lender = Lender(lambda: connect(form.format(url_of(server.address))))

            send(lender)
            send(lender)
            lender.close()

            assert server.connection_count == 1
            assert server.verbs().count("QUIT") == 1

    def test_threads_are_held_to_the_limits(self) -> None:
        """Servers count connections, whichever thread they are for."""
        inbox = mailservers.Inbox()
        with mailservers.serve(inbox) as server:
            lender = Lender(lambda: connect(f"{url_of(server)}?connections=2"))

            with ThreadPoolExecutor(8) as threads:
                list(threads.map(lambda _: send(lender), range(40)))
            lender.close()

        assert len(inbox.mails) == 40
        assert inbox.connection_count <= 2

    def test_threads_do_not_wait_for_each_other(self) -> None:
        """Nothing is locked while mail goes: both have a recipient's reply pending at the same time."""
        meeting = threading.Barrier(2, timeout=10)

        def meet(connection: object) -> bool:
            meeting.wait()
            connection.sendall(b"250 ok\r\n")  # type: ignore[attr-defined]  # a socket
            return True

        with mailservers.Script(RCPT=meet) as server:
            lender = Lender(lambda: connect(url_of(server.address)))
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(lambda _: send(lender), range(2)))
            lender.close()

            assert server.connection_count == 2

    def test_closed_it_sends_all_the_same(self) -> None:
        """A thread that is still at work when the program ends has its connection to itself."""
        with mailservers.Script() as server:
            lender = Lender(lambda: connect(url_of(server.address)))
            lender.close()

            send(lender)

            assert server.verbs()[-1] == "QUIT"

    @pytest.mark.parametrize("url", ["console:", "memory:"])
    def test_what_keeps_none_is_opened_by_each_message(self, url: str) -> None:
        """A folder may be moved meanwhile; held open, it would not be found again."""
        lender = Lender(lambda: connect(url))

        with lender.lend() as sender:
            assert isinstance(sender, ConsoleSender | MemorySender)
            assert sender._holders == 0

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
    @pytest.mark.parametrize("form", ["{}", "failover:({})"])
    def test_a_fork_has_connections_of_its_own(self, form: str) -> None:
        """A server that loads the application first forks then; two processes on one connection would talk at once."""
        with mailservers.Script() as server:
            url = form.format(url_of(server.address))
            subprocess.run([sys.executable, "-W", "error", "-c", _FORKING, url], check=True, cwd=ROOT, timeout=60)

            heard = [number for number, line in server.said if line.startswith("MAIL")]
            parted = sorted(number for number, line in server.said if line == "QUIT")

        assert heard == [0, 1, 0]
        assert parted == [0, 1]
