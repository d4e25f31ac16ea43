"""Mail into an MH folder, and what the standard library reads there."""

from __future__ import annotations

import errno
import mailbox
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cartero import Envelope, MailboxSender, SendingError
from cartero.senders import _mh
from cartero.senders._mh import MHFolder
from tests import corpora

ROOT = Path(__file__).parents[3]
MAIL = b"From: me@x.org\nTo: you@x.org\n\nHi!\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org"])


def delivered(path: Path, *messages: bytes) -> list[str]:
    """The names of the files that *messages* get."""
    folder = MHFolder(str(path))
    folder.open()
    return [Path(folder.deliver([message], "")).name for message in messages]


def numbered(path: Path) -> dict[int, bytes]:
    """What the standard library reads in it, by number."""
    box: Any = mailbox.MH(path)  # its types are those of other mailboxes
    return {key: box.get_bytes(key) for key in box.keys() if (path / str(key)).is_file()}  # noqa: SIM118 - no mapping


def test_the_folder_is_made_and_messages_are_numbered(tmp_path: Path) -> None:
    """For its owner alone, with the file of sequences that the standard library wants."""
    assert delivered(tmp_path / "box", MAIL, MAIL) == ["1", "2"]

    assert {entry.name: entry.stat().st_mode & 0o777 for entry in (tmp_path / "box").iterdir()} == {
        ".mh_sequences": 0o600,
        "1": 0o600,
        "2": 0o600,
    }
    assert (tmp_path / "box").stat().st_mode & 0o777 == 0o700


def test_the_number_is_the_next_behind_the_highest(tmp_path: Path) -> None:
    """Gaps stay; what is no number of a message counts not."""
    box = mailbox.MH(tmp_path / "box")
    box.add(MAIL)
    (tmp_path / "box" / "17").mkdir()
    for name in (",20", "x21", "٣٠", "²"):
        (tmp_path / "box" / name).touch()

    assert delivered(tmp_path / "box", MAIL) == ["18"]
    assert (tmp_path / "box" / "18").read_bytes() == MAIL


def test_sequences_are_left_alone(tmp_path: Path) -> None:
    """They are the reader's."""
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / ".mh_sequences").write_text("unseen: 1-3\n")

    delivered(tmp_path / "box", MAIL)

    assert (tmp_path / "box" / ".mh_sequences").read_text() == "unseen: 1-3\n"


def test_a_number_that_another_program_takes_meanwhile_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is ever written over."""
    box = tmp_path / "box"
    delivered(box, MAIL)
    monkeypatch.setattr(os, "listdir", lambda _path: [])

    assert delivered(box, b"second") == ["2"]
    assert (box / "1").read_bytes() == MAIL


@pytest.mark.corpus
def test_real_mail_comes_back(tmp_path: Path) -> None:
    """Octet for octet."""
    messages = [message.octets for message in corpora.required_messages()[::7]]

    names = delivered(tmp_path / "box", *messages)

    assert numbered(tmp_path / "box") == dict(zip(map(int, names), messages, strict=True))


def test_processes_that_deliver_at_once_collide_nowhere(tmp_path: Path) -> None:
    """A name is taken in one step."""
    script = (
        "import sys; from cartero import MailboxSender\n"
        "for _ in range(20): MailboxSender(sys.argv[1], format='mh').send(b'From: a@x.org\\nTo: b@x.org\\n\\n')"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, tmp_path / "box"], cwd=ROOT) for _ in range(3)]

    assert [process.wait() for process in running] == [0, 0, 0]
    assert sorted(numbered(tmp_path / "box")) == list(range(1, 61))


def test_a_process_that_is_killed_delivers_nothing(tmp_path: Path) -> None:
    """What begins with a dot is no message."""
    script = (
        "import sys, os, signal; from cartero import MailboxSender\n"
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "MailboxSender(sys.argv[1], format='mh').send(b'From: a@x.org\\nTo: b@x.org\\n\\n')"
    )
    delivered(tmp_path / "box", MAIL)

    done = subprocess.run([sys.executable, "-c", script, tmp_path / "box"], cwd=ROOT, check=False)

    assert done.returncode == -signal.SIGKILL
    assert list(numbered(tmp_path / "box")) == [1]
    assert delivered(tmp_path / "box", MAIL) == ["2"]


@pytest.mark.parametrize("call", ["write", "listdir"])
def test_what_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """And says so."""
    delivered(tmp_path / "box", MAIL)

    def fail(*_arguments: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(SendingError, match=r"cannot .* in the MH folder") as caught:
            MailboxSender(tmp_path / "box", format="mh").send(MAIL, envelope=ENVELOPE)

    assert (caught.value.temporary, caught.value.ambiguous) == (True, False)
    assert sorted(entry.name for entry in (tmp_path / "box").iterdir()) == [".mh_sequences", "1"]


def test_a_folder_that_cannot_be_synced_is_ambiguous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, and may be gone after a power cut."""
    delivered(tmp_path / "box")

    def fail(_path: str) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(_mh, "sync_folder", fail)
    with pytest.raises(SendingError) as caught:
        MailboxSender(tmp_path / "box", format="mh").send(MAIL, envelope=ENVELOPE)

    assert (caught.value.stage, caught.value.ambiguous) == ("sync", True)
