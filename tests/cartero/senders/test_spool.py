"""Mail onto the disk: real files, real processes, real kills."""

from __future__ import annotations

import errno
import mailbox
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cartero import (
    BadMessage,
    BadURL,
    ConnectError,
    Envelope,
    FailoverSender,
    MailboxSender,
    MemorySender,
    SendingError,
    SendmailSender,
    SpoolRunner,
    SpoolSender,
)
from mimekit import FileManager, MIMEMessage, parse
from tests.rich_mail import RICH, rich_message, told
from tests.spools import MAIL, names, record

if TYPE_CHECKING:
    from collections.abc import Callable


ROOT = Path(__file__).parents[3]


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Where the spool is."""
    return tmp_path / "queue"


class TestSpooling:
    """The sender: mail is accepted when it is on disk."""

    def test_the_message_is_in_new_with_its_envelope(self, queue: Path) -> None:
        """As it will go over the wire."""
        receipt = SpoolSender(queue).send(MAIL, envelope=Envelope("", ["ana@x.org"]))

        assert (Path(receipt.location) / "message.eml").read_bytes() == MAIL
        assert (receipt.accepted, receipt.sender, receipt.message_id) == (("ana@x.org",), f"spool:{queue}", "<1@x>")
        assert record(queue).envelope == Envelope("", ["ana@x.org"])
        assert names(queue, "tmp") == []

    def test_it_has_its_date_and_its_identifier_before_the_first_try(self, queue: Path) -> None:
        """So that whoever gets it twice can tell."""
        message = MIMEMessage()
        message["From"], message["To"], message["Bcc"] = "me@x.org", "ana@x.org", "hid@x.org"

        receipt = SpoolSender(queue).send(message)

        spooled = parse((Path(receipt.location) / "message.eml").read_bytes())
        assert spooled["Message-ID"] == receipt.message_id == record(queue).message_id
        assert spooled["Date"] is not None
        assert spooled["Bcc"] is None
        assert record(queue).recipients == ("ana@x.org", "hid@x.org")

    def test_a_rich_message_is_read_back_equal(self, queue: Path, tmp_path: Path) -> None:
        """Through the spool and into a Maildir, octet for octet as it was spooled."""
        receipt = SpoolSender(queue).send(rich_message())
        spooled = (Path(receipt.location) / "message.eml").read_bytes()

        SpoolRunner(queue, via=MailboxSender(tmp_path / "box")).run_once()

        box = mailbox.Maildir(tmp_path / "box", create=False)
        [key] = box.keys()
        assert box.get_bytes(key) == spooled
        assert told(spooled) == RICH

    def test_a_message_that_cannot_be_written_is_not_there(self, queue: Path, tmp_path: Path) -> None:
        """Not by half."""
        (tmp_path / "a.bin").write_bytes(b"x")
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "ana@x.org"
        message.add_attachment(tmp_path / "a.bin", content_manager=FileManager)
        (tmp_path / "a.bin").unlink()

        with pytest.raises(BadMessage):
            SpoolSender(queue).send(message)

        assert names(queue, "tmp") == names(queue, "new") == []

    def test_a_disk_that_is_full_leaves_nothing_behind(self, queue: Path) -> None:
        """The file limit of a real process stands in for the disk."""
        script = (
            "import sys, resource, cartero; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
            "try: cartero.SpoolSender(sys.argv[1]).send(sys.stdin.buffer.read())\n"
            "except cartero.SendingError as error: print(error.stage, list(error.refused), error)"
        )

        done = subprocess.run(
            [sys.executable, "-c", script, queue], input=MAIL + b"x" * 10_000, capture_output=True, cwd=ROOT, check=True
        )

        assert done.stdout.startswith(b"write ['ana@x.org', 'zoe@x.org'] cannot write the message in the spool: File")
        assert names(queue, "tmp") == names(queue, "new") == []

    def test_a_process_that_is_killed_spools_nothing(self, queue: Path) -> None:
        """What stands in ``tmp`` is not mail; nobody was told that it was accepted."""
        script = (
            "import sys, os, signal, cartero; os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
            "cartero.SpoolSender(sys.argv[1]).send(sys.stdin.buffer.read())"
        )
        SpoolSender(queue).__enter__()

        done = subprocess.run([sys.executable, "-c", script, queue], input=MAIL, cwd=ROOT, check=False)

        assert done.returncode == -signal.SIGKILL
        assert SpoolRunner(queue, via=MemorySender()).run_once() == 0

    @pytest.mark.parametrize(
        ("call", "stage", "ambiguous"),
        [
            pytest.param("mkdir", "write", False, id="usual-write"),
            pytest.param("rename", "move", False, id="usual-move"),
            pytest.param("fsync", "sync", True, id="odd-sync"),
        ],
    )
    def test_each_step_may_fail(
        self, queue: Path, monkeypatch: pytest.MonkeyPatch, call: str, stage: str, ambiguous: bool
    ) -> None:
        """The message is in ``new`` before that folder is on disk: it may be gone after a power cut."""
        real: Callable[..., object] = getattr(os, call)

        def refuse(*args: object) -> object:
            if call == "fsync" and not list((queue / "new").iterdir()):
                return real(*args)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with SpoolSender(queue) as sender:
            monkeypatch.setattr(os, call, refuse)
            with pytest.raises(SendingError) as caught:
                sender.send(MAIL)
            monkeypatch.undo()

        error = caught.value
        assert (error.stage, error.ambiguous, error.temporary, error.message_id) == (stage, ambiguous, True, "<1@x>")
        assert list(error.refused) == ([] if ambiguous else ["ana@x.org", "zoe@x.org"])
        assert isinstance(error.__cause__, OSError)
        assert names(queue, "tmp") == []
        assert len(names(queue, "new")) == ambiguous

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            pytest.param(
                "none/queue", "No such file or directory; the folder .*/none must be there first", id="usual-missing"
            ),
            pytest.param("file", "Not a directory", id="usual-file"),
            pytest.param("a\0b", "null", id="hostile-nul"),
        ],
    )
    def test_a_spool_that_cannot_be_opened_is_a_connect_error(self, tmp_path: Path, path: str, reason: str) -> None:
        """Nothing was sent; for the runner too."""
        (tmp_path / "file").write_bytes(b"")

        with pytest.raises(ConnectError, match=f"cannot open the spool: .*{reason}") as caught:
            SpoolSender(tmp_path / path).send(MAIL)
        with pytest.raises(ConnectError):
            SpoolRunner(tmp_path / path, via=MemorySender()).run_once()

        assert (caught.value.stage, caught.value.temporary) == ("open", False)

    @pytest.mark.parametrize("path", ["", None, b"queue"], ids=["usual-empty", "usual-none", "odd-octets"])
    def test_a_spool_is_a_path(self, path: Any) -> None:
        """A caller's mistake is told at once."""
        with pytest.raises(BadURL, match="expected the path of a spool"):
            SpoolSender(path)


def test_a_spool_may_be_the_last_of_a_chain(queue: Path) -> None:
    """Where the server is down, mail is kept for later: that is what both are for."""
    receipt = FailoverSender([SendmailSender("/no/such/command"), SpoolSender(queue)]).send(MAIL)

    assert receipt.sender == f"spool:{queue}"
    assert len(names(queue, "new")) == 1
