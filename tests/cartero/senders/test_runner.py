"""What stands in a spool, sent: real files, real processes, real kills."""

from __future__ import annotations

import errno
import logging
import mailbox
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cartero import (
    BadURL,
    Cancelled,
    ConnectError,
    Envelope,
    MailboxSender,
    MemorySender,
    Outcome,
    SendingError,
    SMTPSender,
    SpoolRunner,
    SpoolSender,
)
from cartero.senders._spooled import Spooled
from tests.mailservers import Inbox, serve
from tests.ports import unused_port
from tests.rich_mail import RICH, rich_message, told
from tests.spools import BUSY, GONE, LOST, MAIL, names, record

if TYPE_CHECKING:
    from cartero import MailObject, Receipt

ROOT = Path(__file__).parents[3]


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Where the spool is."""
    return tmp_path / "queue"


def mended(queue: Path, **changes: object) -> None:
    """Change what is known of the only message in ``new``."""
    [path] = (queue / "new").glob("*/envelope.json")
    path.write_bytes(Spooled.parse(path.read_bytes()).replace(**changes).as_bytes())


class Road(MemorySender):
    """One that notes when it is opened and closed, and opens only so often."""

    def __init__(self, *args: Any, opens: int = 99) -> None:
        super().__init__(*args)
        self.log: list[str] = []
        self._opens = opens

    def _open(self) -> None:
        self.log.append("open")
        self._opens -= 1
        if self._opens < 0:
            raise ConnectError("no route", sender=self.name, stage="connect")

    def _close(self) -> None:
        self.log.append("close")


class TestRunning:
    """The runner: each message to those who have not accepted it."""

    def test_what_is_spooled_is_sent_over_one_connection(self, queue: Path) -> None:
        """In the order it came, and then it is gone."""
        road = Road()
        list(SpoolSender(queue).send_all([MAIL, MAIL.replace(b"Hi!", b"Ho!")]))

        assert SpoolRunner(queue, via=road).run_once() == 2

        assert [mail.message.get_content() for mail in road.outbox] == ["Hi!\n", "Ho!\n"]
        assert road.outbox[0].envelope == Envelope("me@x.org", ["ana@x.org", "zoe@x.org"])
        assert road.log == ["open", "close"]
        assert names(queue, "new") == names(queue, "tmp") == []

    def test_nothing_is_opened_for_nothing(self, queue: Path) -> None:
        """An empty spool costs a look."""
        road = Road()

        assert SpoolRunner(queue, via=road).run_once() == 0
        assert road.log == []

    def test_who_refused_it_for_now_is_tried_again_and_nobody_else(
        self, queue: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When it is time; by another runner too."""
        now = [time.time()]
        monkeypatch.setattr(time, "time", lambda: now[0])
        road = MemorySender([{"zoe@x.org": BUSY}])
        SpoolSender(queue).send(MAIL)
        runner = SpoolRunner(queue, via=road)

        tried = [runner.run_once()]
        now[0] += 59
        tried += [runner.run_once(), SpoolRunner(queue, via=road).run_once()]
        now[0] += 1
        tried += [runner.run_once()]

        assert tried == [1, 0, 0, 1]
        assert [mail.envelope.recipients for mail in road.outbox] == [("ana@x.org",), ("zoe@x.org",)]
        assert names(queue, "new") == names(queue, "failed") == []

    def test_who_refused_it_for_good_is_in_failed_with_the_reply(self, queue: Path) -> None:
        """At once, while others wait: somebody is to be told."""
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=MemorySender([{"ana@x.org": BUSY, "zoe@x.org": GONE}])).run_once()

        assert record(queue).recipients == ("ana@x.org",)
        assert record(queue, "failed").recipients == ("zoe@x.org",)
        [reply] = (queue / "failed").glob("*/reply.txt")
        assert reply.read_text().endswith("\nzoe@x.org: 550 5.1.1 Gone\n")
        [octets] = (queue / "failed").glob("*/message.eml")
        assert octets.read_bytes() == MAIL

    def test_what_all_refused_for_good_is_moved(self, queue: Path) -> None:
        """Nothing waits."""
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=MemorySender([GONE])).run_once()

        assert names(queue, "new") == []
        assert record(queue, "failed").replies == {"ana@x.org": "550 5.1.1 Gone", "zoe@x.org": "550 5.1.1 Gone"}

    def test_what_is_moved_back_is_tried_again(self, queue: Path) -> None:
        """By hand, when what was wrong is mended."""
        road = MemorySender([GONE])
        SpoolSender(queue).send(MAIL)
        runner = SpoolRunner(queue, via=road)
        runner.run_once()
        [failed] = (queue / "failed").iterdir()

        failed.rename(queue / "new" / failed.name)
        runner.run_once()

        road.outbox.assert_sent(to=["ana@x.org", "zoe@x.org"], count=1)
        assert names(queue, "new") == names(queue, "tmp") == []

    def test_after_five_days_it_is_given_up(self, queue: Path) -> None:
        """RFC 5321, section 4.5.4.1."""
        SpoolSender(queue).send(MAIL)
        mended(queue, spooled_at=time.time() - 5 * 86_400, attempts=50)

        SpoolRunner(queue, via=MemorySender([BUSY])).run_once()

        assert record(queue, "failed").attempts == 51

    def test_a_closed_road_is_asked_once_for_all(self, queue: Path) -> None:
        """Thousands of messages do not wait for a time-out each; all wait for their next try."""
        road = Road(opens=0)
        list(SpoolSender(queue).send_all([MAIL] * 3))

        runner = SpoolRunner(queue, via=road, delays=[0])
        assert [runner.run_once(), len(names(queue, "new"))] == [3, 3]
        assert road.log == ["open"]
        assert all(b'"started": null' in path.read_bytes() for path in queue.glob("new/*/envelope.json"))

        road._opens = 1
        assert [runner.run_once(), len(names(queue, "new"))] == [3, 0]
        assert road.log == ["open", "open", "close"]

    def test_a_road_that_closes_in_between_is_closed_for_the_others(self, queue: Path) -> None:
        """Until the next look."""
        road = Road([None, ConnectError("gone")])
        list(SpoolSender(queue).send_all([MAIL] * 3))

        SpoolRunner(queue, via=road).run_once()

        assert len(road.outbox) == 1
        assert [Spooled.parse(path.read_bytes()).attempts for path in queue.glob("new/*/envelope.json")] == [1, 1]

    def test_what_happens_is_in_the_log(self, queue: Path, caplog: pytest.LogCaptureFixture) -> None:
        """One line for each end, harmless in a terminal."""
        caplog.set_level(logging.INFO, "cartero")
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=MemorySender([{"zoe@x.org": "450 a\x1b[2Jb"}])).run_once()

        [name] = names(queue, "new")
        assert caplog.messages == [
            f"spooled message {name}: tried again: zoe@x.org: 450 a\\x1b[2Jb",
            f"spooled message {name}: accepted for ana@x.org",
        ]

    def test_an_envelope_that_cannot_be_read_is_held(self, queue: Path) -> None:
        """And does not keep the others back."""
        road = MemorySender()
        list(SpoolSender(queue).send_all([MAIL] * 2))
        [first, _] = sorted((queue / "new").iterdir())
        (first / "envelope.json").write_bytes(b"{")

        assert SpoolRunner(queue, via=road).run_once() == 1

        assert len(road.outbox) == 1
        assert "cannot be read: JSONDecodeError" in (queue / "held" / first.name / "reply.txt").read_text()

    def test_a_disk_that_is_full_keeps_a_message_from_being_tried(
        self, queue: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What cannot be written down is not done; a minute later there may be room."""
        road = MemorySender()
        SpoolSender(queue).send(MAIL)
        runner = SpoolRunner(queue, via=road)

        def refuse(_file: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", refuse)
        tried = [runner.run_once(), runner.run_once()]
        monkeypatch.undo()

        assert tried == [0, 0]
        assert road.outbox == []
        assert [message.partition(": ")[2] for message in caplog.messages] == [
            "left for later: No space left on device"
        ]
        assert SpoolRunner(queue, via=road).run_once() == 1

    def test_hooks_of_the_sender_are_called(self, queue: Path) -> None:
        """Such as one that signs."""
        road = MemorySender()
        road.before_send.append(lambda mail: mail.replace(envelope=Envelope("", ["test@x.org"])))
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=road).run_once()

        road.outbox.assert_sent(to="test@x.org", count=1)
        assert names(queue, "new") == []

    def test_a_mistake_in_a_hook_is_no_doubt(self, queue: Path) -> None:
        """Nothing was sent, and that is known; all are tried, and tried again when somebody may have mended it."""
        road = MemorySender()

        def fail(mail: MailObject) -> MailObject:
            return mail.replace(envelope=Envelope("", [f"test@{1 // 0}.org"]))

        road.before_send.append(fail)
        list(SpoolSender(queue).send_all([MAIL, MAIL]))
        runner = SpoolRunner(queue, via=road, delays=[0], on_doubt="hold")

        assert runner.run_once() == 2

        assert [names(queue, folder) for folder in ("failed", "held")] == [[], []]
        found = [Spooled.parse(path.read_bytes()) for path in (queue / "new").glob("*/envelope.json")]
        assert [(spooled.in_doubt_since, spooled.started) for spooled in found] == [(None, None)] * 2
        assert found[0].replies["zoe@x.org"] == (
            "preparing the message failed, and nothing was sent: ZeroDivisionError: integer division or modulo by zero"
            " (before_send)"
        )
        road.before_send.clear()
        assert runner.run_once() == 2
        assert [mail.envelope.recipients for mail in road.outbox] == [("ana@x.org", "zoe@x.org")] * 2

    def test_a_message_that_a_hook_cancels_has_failed(self, queue: Path) -> None:
        """And goes nowhere, unless somebody moves it back."""
        road = MemorySender()

        def cancel(_: MailObject) -> MailObject:
            raise Cancelled("not on Sundays")

        road.before_send.append(cancel)
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=road).run_once()

        assert record(queue, "failed").replies["zoe@x.org"] == "not on Sundays"
        assert road.outbox == []

    def test_a_mistake_in_a_road_is_doubt(self, queue: Path) -> None:
        """Nobody knows how far it came; the others are sent all the same."""

        class Broken(MemorySender):
            def _deliver(self, mail: MailObject) -> Receipt:
                super()._deliver(mail)
                raise KeyError("oh")

        road = Broken()
        list(SpoolSender(queue).send_all([MAIL, MAIL]))

        SpoolRunner(queue, via=road).run_once()

        assert len(road.outbox) == 2
        found = [Spooled.parse(path.read_bytes()) for path in (queue / "new").glob("*/envelope.json")]
        assert None not in {spooled.in_doubt_since for spooled in found}

    def test_it_is_sent_by_a_sender(self, queue: Path) -> None:
        """A caller's mistake is told at once."""
        with pytest.raises(BadURL, match="expected a sender to send by, found str"):
            SpoolRunner(queue, via="memory:")  # type: ignore[arg-type]  # the mistake


def test_a_server_that_is_down_and_then_has_no_room_for_one(queue: Path) -> None:
    """Over SMTP, for real: three tries, the same octets each time, and to each recipient once."""
    SpoolSender(queue).send(rich_message())
    inbox = Inbox()
    inbox.replies = [None, "452 4.2.2 Full"]
    with serve(inbox) as server:
        down, up = (
            SpoolRunner(queue, via=SMTPSender("127.0.0.1", port), delays=[0]) for port in (unused_port(), server.port)
        )

        tried = [down.run_once(), up.run_once(), up.run_once(), up.run_once()]

    assert tried == [1, 1, 1, 0]
    first, second = inbox.mails
    assert (first.recipients, second.recipients) == (["you@example.org"], ["hid@example.org"])
    assert first.octets == second.octets
    assert told(first.octets) == RICH


class TestStopping:
    """An end to running for ever."""

    def test_it_runs_until_it_is_told_to_stop(self, queue: Path) -> None:
        """From another thread, or a signal."""
        road, stop = MemorySender(), threading.Event()
        runner = SpoolRunner(queue, via=road)
        running = threading.Thread(target=runner.run, kwargs={"stop": stop.is_set, "pause": 0.01})
        running.start()

        SpoolSender(queue).send(MAIL)
        while not road.outbox:
            time.sleep(0.01)
        stop.set()
        running.join(30)

        assert not running.is_alive()
        road.outbox.assert_sent(count=1)

    def test_no_other_message_is_begun(self, queue: Path) -> None:
        """The one in hand is sent to its end."""
        stop = threading.Event()
        road = MemorySender(lambda _: stop.set())
        list(SpoolSender(queue).send_all([MAIL] * 3))

        assert SpoolRunner(queue, via=road).run_once(stop=stop.is_set) == 1
        assert len(names(queue, "new")) == 2

    def test_without_anybody_to_stop_it_it_runs_for_ever(self, queue: Path) -> None:
        """As a service; here an error of the spool ends it."""
        SpoolSender(queue).send(MAIL)

        def break_it(_: MailObject) -> None:
            (queue / "held").rmdir()
            (queue / "held").write_bytes(b"")

        with pytest.raises(ConnectError, match="Not a directory"):
            SpoolRunner(queue, via=MemorySender(break_it)).run(pause=0)


class TestDoubt:
    """A message that may have been sent."""

    def test_a_failure_that_is_ambiguous_is_sent_again(self, queue: Path) -> None:
        """To all who may not have it, with the same Message-ID."""
        road = MemorySender([LOST])
        SpoolSender(queue).send(MAIL)
        runner = SpoolRunner(queue, via=road, delays=[0])

        runner.run_once()
        assert record(queue).in_doubt_since is not None
        runner.run_once()

        [mail] = road.outbox.assert_sent(to=["ana@x.org", "zoe@x.org"])
        assert mail.message_id == "<1@x>"

    def test_or_held(self, queue: Path) -> None:
        """For somebody to look at, with what was said; those known to wait still wait."""
        told_of = {"ana@x.org": Outcome(accepted=False, temporary=True, reply="busy")}
        road = MemorySender([SendingError("lost", ambiguous=True, recipients=told_of)])
        SpoolSender(queue).send(MAIL)

        SpoolRunner(queue, via=road, on_doubt="hold").run_once()

        assert record(queue).recipients == ("ana@x.org",)
        assert record(queue, "held").recipients == ("zoe@x.org",)
        [reply] = (queue / "held").glob("*/reply.txt")
        assert "zoe@x.org: lost (memory:); it may have been delivered all the same" in reply.read_text()

    def test_after_four_hours_it_is_held(self, queue: Path) -> None:
        """Whoever filters duplicates does not do so for ever."""
        SpoolSender(queue).send(MAIL)
        mended(queue, in_doubt_since=time.time() - 4 * 3600)

        SpoolRunner(queue, via=MemorySender([LOST])).run_once()

        assert record(queue, "held").recipients == ("ana@x.org", "zoe@x.org")

    def test_some_may_fail_and_some_be_held(self, queue: Path) -> None:
        """Each has a place."""
        gone = {"ana@x.org": Outcome(accepted=False, reply="gone")}
        SpoolSender(queue).send(MAIL)

        road = MemorySender([SendingError("lost", ambiguous=True, recipients=gone)])
        SpoolRunner(queue, via=road, on_doubt="hold").run_once()

        assert names(queue, "new") == []
        assert record(queue, "failed").recipients == ("ana@x.org",)
        assert record(queue, "held").recipients == ("zoe@x.org",)

    @pytest.mark.parametrize(("on_doubt", "times"), [("resend", 2), ("hold", 1)])
    def test_a_connection_that_breaks_behind_the_final_dot(self, queue: Path, on_doubt: Any, times: int) -> None:
        """Over SMTP, for real: what comes twice is the same, octet for octet, with the same Message-ID."""
        SpoolSender(queue).send(rich_message())
        inbox = Inbox()
        inbox.drops = 1
        with serve(inbox) as server:
            runner = SpoolRunner(queue, via=SMTPSender("127.0.0.1", server.port), on_doubt=on_doubt, delays=[0])
            for _ in range(3):
                runner.run_once()

        assert len(inbox.mails) == times
        assert len({(mail.sender, *mail.recipients, mail.octets) for mail in inbox.mails}) == 1
        assert len(names(queue, "held")) == 2 - times

    @pytest.mark.parametrize("on_doubt", ["resend", "hold"])
    def test_a_runner_that_is_killed_in_the_middle_leaves_doubt(
        self, queue: Path, tmp_path: Path, on_doubt: Any
    ) -> None:
        """Kill -9 when the other side has the message: the next runner finds the beginning of a try, and no end."""
        command = tmp_path / "sendmail"
        command.write_text(f'#!/bin/sh\ncat > /dev/null; echo "$@" >> {tmp_path}/log; kill -9 $PPID; sleep 1\n')
        command.chmod(0o700)
        SpoolSender(queue).send(MAIL)
        killed = run_runner(queue, f"cartero.SendmailSender({str(command)!r})")
        assert killed.wait(60) == -signal.SIGKILL
        assert record(queue).started is not None
        road = MemorySender()
        runner = SpoolRunner(queue, via=road, on_doubt=on_doubt, delays=[0])

        runner.run_once()
        runner.run_once()

        assert len((tmp_path / "log").read_text().splitlines()) == 1
        if on_doubt == "resend":
            road.outbox.assert_sent(to=["ana@x.org", "zoe@x.org"], count=1)
            assert names(queue, "new") == names(queue, "held") == []
        else:
            road.outbox.assert_not_sent()
            assert record(queue, "held").replies["ana@x.org"].startswith("the runner ended while it was sending")

    def test_a_runner_that_is_killed_before_it_could_connect_leaves_none(self, queue: Path) -> None:
        """Nothing was sent, and that is known."""
        SpoolSender(queue).send(MAIL)

        killed = run_runner(
            queue, "Killed()", "class Killed(cartero.MemorySender):\n def _open(self): os.kill(os.getpid(), 9)"
        )

        assert killed.wait(60) == -signal.SIGKILL
        assert record(queue).started is None


def run_runner(queue: Path, via: str, first: str = "") -> subprocess.Popen[bytes]:
    """A process of its own that runs a runner until nothing is left, or it is killed."""
    script = (
        f"import os, sys, time, cartero\n{first}\n"
        f"runner = cartero.SpoolRunner(sys.argv[1], via={via}, delays=[0])\n"
        "while os.listdir(sys.argv[1] + '/new'): runner.run_once() or time.sleep(0.01)\n"
    )
    return subprocess.Popen([sys.executable, "-c", script, queue], cwd=ROOT)


class TestSeveral:
    """Any number of runners at one spool."""

    def test_no_message_is_sent_twice(self, queue: Path, tmp_path: Path) -> None:
        """Four processes, sixty messages, each to a real command that writes down what it gets."""
        command = tmp_path / "sendmail"
        command.write_text(f'#!/bin/sh\ncat > /dev/null; echo "$5" >> {tmp_path}/log\n')
        command.chmod(0o700)
        recipients = [f"r{number}@x.org" for number in range(60)]
        list(SpoolSender(queue).send_all((MAIL, Envelope("", [recipient])) for recipient in recipients))

        runners = [run_runner(queue, f"cartero.SendmailSender({str(command)!r})") for _ in range(4)]

        assert [runner.wait(120) for runner in runners] == [0] * 4
        assert sorted((tmp_path / "log").read_text().split()) == sorted(recipients)
        assert names(queue, "new") == names(queue, "tmp") == names(queue, "failed") == []

    def test_no_message_is_lost_however_often_they_are_killed(self, queue: Path, tmp_path: Path) -> None:
        """Kill -9 at any moment: each message comes at least once, and twice at most where a runner was killed."""
        messages = 150
        for number in range(messages):
            SpoolSender(queue).send(MAIL.replace(b"<1@x>", b"<%d@x>" % number))
        box = f"cartero.MailboxSender({str(tmp_path / 'box')!r})"
        MailboxSender(tmp_path / "box").__enter__()
        kills = 0

        while names(queue, "new"):
            runners = [run_runner(queue, box) for _ in range(2)]
            time.sleep(0.15 + kills * 0.05)
            for runner in runners:
                runner.kill()
                kills += runner.wait(60) != 0

        came = Counter(message["Message-ID"] for message in mailbox.Maildir(tmp_path / "box", create=False))
        assert sorted(came) == sorted(f"<{number}@x>" for number in range(messages))
        assert 0 <= sum(came.values()) - messages <= kills
        assert names(queue, "failed") == names(queue, "held") == []
