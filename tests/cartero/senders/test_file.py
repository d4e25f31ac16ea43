"""Mail into a folder, for people to read."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadURL, ConnectError, ConsoleSender, Envelope, FileSender, SendingError
from cartero.senders import file as room
from mimekit import Image, MIMEMessage, Webpage
from tests import corpora, strategies

ROOT = Path(__file__).parents[3]
MAIL = b"From: me@x.org\nTo: you@x.org\nDate: x\nMessage-ID: <1@x>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nHi!\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org", "ana@x.org"])


class TestFiles:
    def test_a_file_holds_what_the_console_shows(self, tmp_path: Path) -> None:
        """The very same text, in UTF-8."""
        message = MIMEMessage()
        message["From"], message["To"], message["Subject"] = "me@x.org", "you@x.org", "Grüße, 世界"
        message["Date"], message["Message-ID"] = "Thu, 22 Aug 2002 12:36:23 +0000", "<1@x>"
        message.set_content(
            Webpage('<p>Schöne Grüße<img src="cid:a">', resources={"a": Image(b"GIF89a", subtype="gif")})
        )
        message.add_attachment(b"%PDF", "application", "pdf", filename="März.pdf")
        console = io.StringIO()
        ConsoleSender(console).send(message)

        receipt = FileSender(tmp_path / "out").send(message)

        shown = Path(receipt.location).read_text(encoding="utf-8")
        assert shown == console.getvalue()
        assert "Subject: Grüße, 世界\n" in shown
        assert "März.pdf" in shown

    def test_the_receipt_says_where(self, tmp_path: Path) -> None:
        """And for whom."""
        receipt = FileSender(tmp_path / "out").send(MAIL, envelope=ENVELOPE)

        assert Path(receipt.location).parent == tmp_path / "out"
        assert receipt.accepted == ENVELOPE.recipients
        assert receipt.sender == f"file:{tmp_path}/out"
        assert receipt.message_id == "<1@x>"

    def test_names_tell_time_and_subject(self, tmp_path: Path) -> None:
        """Sorted, they are in order."""
        now = time.time()

        receipts = list(FileSender(tmp_path / "out").send_all([MAIL] * 20))

        names = [Path(receipt.location).name for receipt in receipts]
        assert names == sorted(set(names))
        found = re.fullmatch(r"(\d{8}T\d{6})\.(\d{6})Z-grusse\.txt", names[0])
        assert found is not None
        assert found[1] >= time.strftime("%Y%m%dT%H%M%S", time.gmtime(now))

    def test_names_are_in_order_where_the_clock_stands_still(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or is put back; and where another sender has had the same idea."""
        monkeypatch.setattr(time, "time_ns", lambda: 10**18)

        for _ in range(2):
            list(FileSender(tmp_path / "out").send_all([MAIL] * 2))

        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            f"20010909T014640.00000{number}Z-grusse.txt" for number in range(4)
        ]

    @pytest.mark.parametrize(
        ("subject", "words"),
        [
            pytest.param("Welcome to the Club!", "welcome-to-the-club", id="usual"),
            pytest.param("Straße, Zoë & Ångström", "strasse-zoe-angstrom", id="usual-letters"),
            pytest.param("世界", "", id="odd-no-letters-of-ours"),
            pytest.param("x" * 300, "x" * 40, id="odd-long"),
            pytest.param("../../etc/passwd", "etc-passwd", id="hostile-path"),
            pytest.param("a\\b:c|d\x1b[2J\u202e", "a-b-c-d-2j", id="hostile-characters"),
        ],
    )
    def test_of_a_subject_only_what_is_safe_is_in_a_name(self, tmp_path: Path, subject: str, words: str) -> None:
        """It is anybody's text."""
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"
        message["Subject"] = subject

        receipt = FileSender(tmp_path / "out").send(message.set_content("Hi!"))

        assert Path(receipt.location).name.partition("Z")[2] == (f"-{words}.txt" if words else ".txt")

    def test_only_their_owner_can_read_them(self, tmp_path: Path) -> None:
        """Mail is private, whatever the umask."""
        before = os.umask(0)
        try:
            receipt = FileSender(tmp_path / "out").send(MAIL)
        finally:
            os.umask(before)

        assert Path(receipt.location).stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700

    @pytest.mark.corpus
    def test_real_mail_is_written(self, tmp_path: Path) -> None:
        """Whatever it holds."""
        with FileSender(tmp_path / "out") as sender:
            for message in corpora.required_messages()[::20]:
                receipt = sender.send(message.octets, envelope=ENVELOPE)
                assert "\nto you@x.org" in Path(receipt.location).read_text(encoding="utf-8")


@given(st.one_of(strategies.subjects(), st.text()))
def test_a_name_of_a_subject_is_always_safe(subject: str) -> None:
    """Small letters, digits and hyphens, and not too many."""
    assert re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)?", room._words(subject))


class TestFailures:
    def test_a_full_disk_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """The file limit of a real process stands in for the disk."""
        script = (
            "import sys, resource; from cartero import FileSender, SendingError\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
            "try: FileSender(sys.argv[1]).send(sys.stdin.buffer.read())\n"
            "except SendingError as error: print(error.temporary, error.stage, list(error.refused), error)"
        )
        command = [sys.executable, "-c", script, str(tmp_path / "out")]

        done = subprocess.run(command, input=MAIL + b"x\n" * 9999, capture_output=True, cwd=ROOT, check=True)

        assert done.stdout.decode().startswith("False write ['you@x.org'] cannot write the message in the folder: File")
        assert list((tmp_path / "out").iterdir()) == []

    def test_a_process_that_is_killed_leaves_no_message(self, tmp_path: Path) -> None:
        """What begins with a dot is none."""
        script = (
            "import sys, os, signal; from cartero import FileSender\n"
            "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
            "FileSender(sys.argv[1]).send(sys.stdin.buffer.read())"
        )
        (tmp_path / "out").mkdir()

        done = subprocess.run([sys.executable, "-c", script, tmp_path / "out"], input=MAIL, cwd=ROOT, check=False)

        assert done.returncode == -signal.SIGKILL
        assert list((tmp_path / "out").glob("[!.]*")) == []

    def test_a_move_that_fails_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """And says so."""

        def fail(_temporary: str, _path: str) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(room, "place", fail)
        with pytest.raises(SendingError, match="cannot move the message in the folder") as caught:
            FileSender(tmp_path / "out").send(MAIL)

        assert (caught.value.temporary, caught.value.ambiguous) == (True, False)
        assert list((tmp_path / "out").iterdir()) == []

    def test_a_folder_that_cannot_be_synced_is_ambiguous(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is there, and may be gone after a power cut."""
        (tmp_path / "out").mkdir()

        def fail(_path: str) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(room, "sync_folder", fail)
        with pytest.raises(SendingError) as caught:
            FileSender(tmp_path / "out").send(MAIL)

        assert (caught.value.stage, caught.value.ambiguous) == ("sync", True)

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            pytest.param("a/b", "No such file or directory; the folder .*/a must be there first", id="usual-no-parent"),
            pytest.param("file", "Not a directory", id="usual-a-file"),
            pytest.param("a\0b", "null", id="hostile-nul"),
        ],
    )
    def test_a_folder_that_cannot_be_made_is_a_connect_error(self, tmp_path: Path, path: str, reason: str) -> None:
        """Nothing was sent."""
        (tmp_path / "file").touch()

        with pytest.raises(ConnectError, match=f"cannot open the folder: .*{reason}") as caught:
            FileSender(tmp_path / path).send(MAIL)

        assert (caught.value.stage, caught.value.temporary) == ("open", False)


@pytest.mark.parametrize(("path", "found"), [(None, "NoneType"), ("", "nothing"), (3, "int"), (b"out", "bytes")])
def test_what_is_no_path_is_refused(path: Any, found: str) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match=f"expected the path of a folder, found {found}"):
        FileSender(path)
