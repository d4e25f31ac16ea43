"""Mail into a Maildir, and what the standard library reads there."""

from __future__ import annotations

import email.message
import errno
import mailbox
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cartero import ConnectError, Envelope, MailboxSender, SendingError
from mimekit import MIMEMessage
from tests import corpora

MAIL = b"From: me@x.org\nTo: you@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org", "ana@x.org"])


def files(maildir: Path) -> dict[str, list[bytes]]:
    """What stands in each folder of *maildir*."""
    return {folder: [path.read_bytes() for path in (maildir / folder).iterdir()] for folder in ("tmp", "new", "cur")}


def content(part: email.message.Message) -> bytes:
    """What the standard library reads in *part*."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


class TestDelivery:
    """What stands in the mailbox."""

    def test_the_mailbox_is_made_and_the_message_stands_in_new(self, tmp_path: Path) -> None:
        """The Maildir page: three directories, and unread mail in ``new``."""
        receipt = MailboxSender(tmp_path / "box").send(MAIL, envelope=ENVELOPE)

        assert files(tmp_path / "box") == {"tmp": [], "new": [MAIL], "cur": []}
        assert Path(receipt.location).read_bytes() == MAIL
        assert Path(receipt.location).parent == tmp_path / "box" / "new"

    def test_one_file_is_for_everybody_in_the_envelope(self, tmp_path: Path) -> None:
        """The receipt says for each where it is."""
        receipt = MailboxSender(tmp_path / "box").send(MAIL, envelope=ENVELOPE)

        assert receipt.accepted == ENVELOPE.recipients
        assert {outcome.reply for outcome in receipt.recipients.values()} == {receipt.location}
        assert receipt.sender == f"maildir:{tmp_path}/box"

    def test_a_relative_path_is_taken_from_where_one_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As everywhere, and told back as it was given."""
        monkeypatch.chdir(tmp_path)

        receipt = MailboxSender("box").send(MAIL)

        assert receipt.location.startswith("box/new/")
        assert files(tmp_path / "box")["new"] == [MAIL]

    def test_the_standard_library_reads_what_was_composed(self, tmp_path: Path) -> None:
        """Text and attachment come back equal."""
        message = MIMEMessage()
        message["From"], message["To"], message["Subject"] = "me@x.org", "you@x.org", "Grüße, 世界"
        message.set_content("Schöne Grüße\n")
        message.add_attachment(bytes(range(256)), "application", "octet-stream", filename="März.bin")

        MailboxSender(tmp_path / "box").send(message)

        [read] = mailbox.Maildir(tmp_path / "box", factory=None, create=False)
        _, text, attachment = read.walk()
        assert content(text).decode().splitlines() == ["Schöne Grüße"]
        assert content(attachment) == bytes(range(256))
        assert attachment.get_filename() == "März.bin"

    def test_composed_mail_has_the_line_ends_of_the_platform(self, tmp_path: Path) -> None:
        """As `mailbox` writes it; CRLF is for the wire."""
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"

        receipt = MailboxSender(tmp_path / "box").send(message.set_content("one\r\ntwo\n"))

        assert b"\r" not in Path(receipt.location).read_bytes()

    def test_an_existing_mailbox_is_added_to(self, tmp_path: Path) -> None:
        """What is in it stays."""
        box = mailbox.Maildir(tmp_path / "box")
        box.add(b"old\n")

        list(MailboxSender(tmp_path / "box").send_all([MAIL, MAIL]))

        assert sorted(files(tmp_path / "box")["new"]) == sorted([b"old\n", MAIL, MAIL])

    def test_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        """Mail is private, whatever the umask."""
        before = os.umask(0)
        try:
            receipt = MailboxSender(tmp_path / "box").send(MAIL)
        finally:
            os.umask(before)

        assert Path(receipt.location).stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "box").stat().st_mode & 0o777 == 0o700


class TestLineEnds:
    """Line ends in the mailbox."""

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"a: b\n\nc\n", id="usual-lf"),
            pytest.param(b"a: b\r\n\r\nc\r\n", id="usual-crlf"),
            pytest.param(b"a: b\n\nc\r\nd\n", id="odd-mixed"),
            pytest.param(b"a: b\r\rc\r", id="odd-cr"),
            pytest.param(b"", id="odd-empty"),
            pytest.param(b"no line end", id="odd-none"),
        ],
    )
    def test_a_ready_message_is_written_octet_for_octet(self, tmp_path: Path, octets: bytes) -> None:
        """A ready message with a given envelope goes untouched."""
        receipt = MailboxSender(tmp_path / "box").send(octets, envelope=ENVELOPE)

        assert Path(receipt.location).read_bytes() == octets


@pytest.mark.corpus
def test_real_mail_is_delivered_unchanged(tmp_path: Path) -> None:
    """Every twentieth as it is, and in the form of the wire; the standard library reads the same."""
    sample = corpora.required_messages()[::40] + corpora.required_messages()[1::40]
    box = tmp_path / "box"

    with MailboxSender(box) as sender:
        for message in sample:
            receipt = sender.send(message.octets, envelope=ENVELOPE)
            written = mailbox.Maildir(box, create=False).get_bytes(Path(receipt.location).name)
            assert written == message.octets


class TestNames:
    """The names of files."""

    def test_a_name_has_seconds_process_count_and_host(self, tmp_path: Path) -> None:
        """The Maildir page: seconds, a dot, what is unique, a dot, the host."""
        now = int(time.time())

        receipt = MailboxSender(tmp_path / "box").send(MAIL)

        name = re.fullmatch(r"(\d+)\.M(\d+)P(\d+)Q1R[0-9a-f]{8}\.([^/:]+)", Path(receipt.location).name)
        assert name is not None
        assert now <= int(name[1]) <= now + 60
        assert int(name[2]) < 10**6
        assert int(name[3]) == os.getpid()

    @pytest.mark.parametrize(
        ("host", "written"),
        [
            pytest.param("mx.example.org", "mx.example.org", id="usual"),
            pytest.param("a/b:c", r"a\057b\072c", id="odd-slash-and-colon"),
            pytest.param("", "localhost", id="odd-none"),
        ],
    )
    def test_the_host_is_escaped(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, written: str
    ) -> None:
        r"""The Maildir page: ``/`` is replaced with ``\057`` and ``:`` with ``\072``."""
        monkeypatch.setattr(os, "uname", lambda: os.uname_result(("x", host, "x", "x", "x")))

        receipt = MailboxSender(tmp_path / "box").send(MAIL)

        assert Path(receipt.location).name.endswith(f".{written}")

    def test_a_system_without_uname_has_a_host_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows."""
        monkeypatch.delattr(os, "uname")
        monkeypatch.setenv("COMPUTERNAME", "DESK")

        receipt = MailboxSender(tmp_path / "box").send(MAIL)

        assert receipt.location.endswith(".DESK")

    @pytest.mark.parametrize("folder", ["tmp", "new"])
    def test_a_name_that_is_taken_is_not_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
    ) -> None:
        """Nothing is ever written over."""
        monkeypatch.setattr(time, "time_ns", lambda: 10**18)
        monkeypatch.setattr(os, "urandom", bytes)
        first = MailboxSender(tmp_path / "box").send(MAIL).location
        taken = tmp_path / "box" / folder / Path(first).name
        Path(first).rename(taken)
        taken.write_bytes(b"mine")

        second = MailboxSender(tmp_path / "box").send(MAIL).location

        assert taken.read_bytes() == b"mine"
        assert "Q2R" in second

    def test_processes_that_deliver_at_once_collide_nowhere(self, tmp_path: Path) -> None:
        """The Maildir page: two programs deliver to the same directory without locks."""
        script = (
            "import sys; from cartero import MailboxSender\n"
            "for _ in range(25): MailboxSender(sys.argv[1]).send(b'From: a@x.org\\nTo: b@x.org\\n\\n')"
        )
        running = [subprocess.Popen([sys.executable, "-c", script, tmp_path / "box"], cwd=ROOT) for _ in range(4)]

        assert [process.wait() for process in running] == [0] * 4
        assert len(files(tmp_path / "box")["new"]) == 100


ROOT = Path(__file__).parents[3]


def delivery(first: str, box: Path, mail: bytes) -> subprocess.CompletedProcess[bytes]:
    """A delivery of *mail* by a process of its own that does something else *first*."""
    script = (
        "import sys, os, resource, signal; from cartero import MailboxSender, SendingError\n"
        f"{first}\n"
        "try: MailboxSender(sys.argv[1]).send(sys.stdin.buffer.read())\n"
        "except SendingError as error: print(error.temporary, error.stage, list(error.refused), error)"
    )
    return subprocess.run([sys.executable, "-c", script, box], input=mail, capture_output=True, cwd=ROOT, check=False)


class TestFailures:
    """What goes wrong, and what is left of it."""

    def test_a_disk_that_is_full_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """Half a message is worse than none: the file limit of a real process stands in for the disk."""
        box = tmp_path / "box"
        mailbox.Maildir(box)

        done = delivery("resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))", box, MAIL + b"x" * 10_000)

        assert done.stdout.decode().startswith("False write ['you@x.org'] cannot write the message in the Maildir: ")
        assert files(box) == {"tmp": [], "new": [], "cur": []}

    def test_a_process_that_is_killed_delivers_nothing(self, tmp_path: Path) -> None:
        """The Maildir page: a file in ``tmp`` is not mail, and readers clean it away after 36 hours."""
        box = tmp_path / "box"
        mailbox.Maildir(box)
        kill = "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)"

        done = delivery(kill, box, MAIL)

        assert done.returncode == -signal.SIGKILL
        assert files(box) == {"tmp": [MAIL], "new": [], "cur": []}

    @pytest.mark.parametrize(
        ("number", "temporary"),
        [
            pytest.param(errno.ENOSPC, True, id="usual-disk-full"),
            pytest.param(errno.EDQUOT, True, id="usual-quota"),
            pytest.param(errno.EIO, False, id="odd-broken-disk"),
        ],
    )
    def test_a_write_that_fails_says_so(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, temporary: bool
    ) -> None:
        """With the recipients who did not get it, and whether it is worth another try."""

        def write(_file: int, _octets: bytes) -> int:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "write", write)
        with pytest.raises(SendingError) as caught:
            MailboxSender(tmp_path / "box").send(MAIL, envelope=ENVELOPE)

        error = caught.value
        assert (error.stage, error.temporary, error.ambiguous, error.message_id) == ("write", temporary, False, "<1@x>")
        assert error.refused == dict.fromkeys(ENVELOPE.recipients, os.strerror(number))
        assert isinstance(error.__cause__, OSError)
        assert files(tmp_path / "box") == {"tmp": [], "new": [], "cur": []}

    def test_a_slow_disk_is_written_to_piece_by_piece(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """write(2) may take less than it is given."""
        real = os.write
        monkeypatch.setattr(os, "write", lambda file, octets: real(file, octets[:7]))

        MailboxSender(tmp_path / "box").send(MAIL)

        assert files(tmp_path / "box")["new"] == [MAIL]

    def test_a_move_that_fails_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing was delivered."""

        def rename(_source: str, _target: str) -> None:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

        monkeypatch.setattr(os, "rename", rename)
        with pytest.raises(SendingError) as caught:
            MailboxSender(tmp_path / "box").send(MAIL)

        assert (caught.value.stage, caught.value.ambiguous) == ("move", False)
        assert files(tmp_path / "box") == {"tmp": [], "new": [], "cur": []}

    def test_a_directory_that_cannot_be_synced_is_ambiguous(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The message is there now, and may be gone after a power cut: nobody can say."""
        box = tmp_path / "box"
        mailbox.Maildir(box)
        real = os.open

        def refuse(path: str, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_DIRECTORY:
                raise OSError
            return real(path, flags, mode)

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(SendingError) as caught:
            MailboxSender(box).send(MAIL)

        assert (caught.value.stage, caught.value.ambiguous, caught.value.refused) == ("sync", True, {})
        assert str(caught.value).endswith(
            f"cannot sync the message in the Maildir: OSError (sync, maildir:{box}); "
            "it may have been delivered all the same"
        )
        assert files(box)["new"] == [MAIL]

    def test_a_system_that_cannot_sync_directories_need_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Windows."""
        monkeypatch.delattr(os, "O_DIRECTORY")

        MailboxSender(tmp_path / "box").send(MAIL)

        assert files(tmp_path / "box")["new"] == [MAIL]

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            pytest.param("missing/box", "No such file or directory", id="usual-no-parent"),
            pytest.param("file", "Not a directory", id="usual-a-file"),
            pytest.param("file/box", "Not a directory", id="odd-below-a-file"),
            pytest.param("half", "Not a directory", id="odd-new-is-a-file"),
            pytest.param("~/box", "No such file or directory", id="odd-home"),
            pytest.param("a\0b", "null", id="hostile-nul"),
        ],
    )
    def test_a_mailbox_that_cannot_be_opened_is_a_connect_error(self, tmp_path: Path, path: str, reason: str) -> None:
        """Nothing was sent; one level is made, as `mailbox` does, so that a typing error makes no tree."""
        (tmp_path / "file").write_bytes(b"")
        (tmp_path / "half").mkdir()
        (tmp_path / "half" / "new").write_bytes(b"")
        before = sorted(tmp_path.rglob("*"))

        with pytest.raises(ConnectError, match=reason) as caught:
            MailboxSender(tmp_path / path).send(MAIL)

        assert (caught.value.stage, caught.value.temporary) == ("open", False)
        assert isinstance(caught.value.__cause__, OSError | ValueError)
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_folder_that_is_missing_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever sees it knows what to do; the path stands there once."""
        monkeypatch.chdir(tmp_path)
        expected = (
            "cannot open the Maildir: No such file or directory; the folder a must be there first (open, maildir:a/b/)"
        )

        with pytest.raises(ConnectError) as caught:
            MailboxSender("a/b/").send(MAIL)

        assert str(caught.value) == expected

    def test_what_cannot_be_made_below_an_existing_folder_needs_no_advice(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody knows any."""

        def refuse(_path: str, _mode: int) -> None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

        monkeypatch.setattr(os, "mkdir", refuse)
        with pytest.raises(ConnectError) as caught:
            MailboxSender(tmp_path / "box").send(MAIL)

        assert str(caught.value) == f"cannot open the Maildir: No such file or directory (open, maildir:{tmp_path}/box)"

    def test_a_mailbox_another_process_makes_meanwhile_is_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two first deliveries at once."""
        real = os.mkdir

        def race(path: str, mode: int) -> None:
            real(path, mode)
            raise FileExistsError

        monkeypatch.setattr(os, "mkdir", race)
        MailboxSender(tmp_path / "box").send(MAIL)

        assert files(tmp_path / "box")["new"] == [MAIL]
