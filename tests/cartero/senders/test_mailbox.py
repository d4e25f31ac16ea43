"""Mail into a mailbox of any format, read back by the standard library."""

from __future__ import annotations

import contextlib
import email.header
import email.message
import mailbox
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from cartero import BadMessage, BadURL, ConnectError, Envelope, MailboxSender, SendingError, connect
from mimekit import FileManager, MIMEMessage
from tests import corpora
from tests.rich_mail import RICH, rich_message, told

ROOT = Path(__file__).parents[3]
MAIL = b"From: me@x.org\nTo: you@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org", "ana@x.org"])

READERS: dict[Any, Any] = {
    "maildir": mailbox.Maildir,
    "mbox": mailbox.mbox,
    "mh": mailbox.MH,
    "babyl": mailbox.Babyl,
    "mmdf": mailbox.MMDF,
}
EACH_FORMAT = pytest.mark.parametrize("form", READERS)
EACH_FILE = pytest.mark.parametrize("form", ["mbox", "babyl", "mmdf"])


def messages(path: Path, form: str) -> list[email.message.Message]:
    """What the standard library reads in the mailbox, in order."""
    with contextlib.closing(READERS[form](path, create=False)) as box:
        found = [box.get_bytes(key) for key in sorted(box.keys())]
    # what was quoted in an mbox is to be read without
    quotes = re.compile(rb"^>(?=>*From )" if form == "mbox" else rb"(?!)", re.MULTILINE)
    return [email.message_from_bytes(quotes.sub(b"", octets)) for octets in found]


def content(part: email.message.Message) -> bytes:
    """What the standard library reads in *part*."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


@EACH_FORMAT
class TestDelivery:
    def test_the_standard_library_reads_what_was_composed(self, tmp_path: Path, form: Any) -> None:
        """Text, page, image and attachment come back equal; a Bcc does not."""
        receipt = MailboxSender(tmp_path / "box", format=form).send(rich_message())

        [read] = messages(tmp_path / "box", form)
        assert read["Message-ID"] == receipt.message_id
        assert told(read.as_bytes()) == RICH

    def test_it_is_for_everybody_in_the_envelope(self, tmp_path: Path, form: Any) -> None:
        """The receipt says for each where it is."""
        receipt = MailboxSender(tmp_path / "box", format=form).send(MAIL, envelope=ENVELOPE)

        assert receipt.accepted == ENVELOPE.recipients
        assert {outcome.reply for outcome in receipt.recipients.values()} == {receipt.location}
        assert receipt.sender == f"{form}:{tmp_path}/box"
        assert MAIL in Path(receipt.location).read_bytes().replace(b"*** EOOH ***\n" + MAIL[:-4], b"")

    def test_composed_mail_has_the_line_ends_of_the_platform(self, tmp_path: Path, form: Any) -> None:
        """As `mailbox` writes it; CRLF is for the wire."""
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"

        receipt = MailboxSender(tmp_path / "box", format=form).send(message.set_content("one\r\ntwo\n"))

        assert b"\r" not in Path(receipt.location).read_bytes()

    def test_many_go_one_behind_the_other(self, tmp_path: Path, form: Any) -> None:
        """A URL makes the same sender, for a relative path too."""
        with contextlib.chdir(tmp_path), connect(f"{form}:box") as sender:
            receipts = list(sender.send_all([MAIL, MAIL, rich_message()]))

        assert len(receipts) == len(messages(tmp_path / "box", form)) == 3

    def test_only_its_owner_can_read_it(self, tmp_path: Path, form: Any) -> None:
        """Mail is private, whatever the umask."""
        before = os.umask(0)
        try:
            receipt = MailboxSender(tmp_path / "box", format=form).send(MAIL)
        finally:
            os.umask(before)

        assert Path(receipt.location).stat().st_mode & 0o777 == 0o600

    def test_a_file_that_changed_meanwhile_is_no_message(self, tmp_path: Path, form: Any) -> None:
        """Nothing of it is written."""
        (tmp_path / "plan.txt").write_bytes(b"one")
        message = MIMEMessage()
        message["From"], message["To"] = "me@x.org", "you@x.org"
        message.set_content("See the plan.")
        message.add_attachment(str(tmp_path / "plan.txt"), content_manager=FileManager)
        (tmp_path / "plan.txt").write_bytes(b"another one")

        with pytest.raises(BadMessage):
            MailboxSender(tmp_path / "box", format=form).send(message)

        if (tmp_path / "box").exists():
            assert messages(tmp_path / "box", form) == []

    @pytest.mark.corpus
    def test_real_mail_is_read_back(self, tmp_path: Path, form: Any) -> None:
        """By the standard library, with the same subject and the same parts."""
        sample = corpora.required_messages()[::40]
        with MailboxSender(tmp_path / "box", format=form) as sender:
            for message in sample:
                sender.send(message.octets, envelope=ENVELOPE)

        wanted = [email.message_from_bytes(message.octets) for message in sample]
        assert sorted(map(described, messages(tmp_path / "box", form))) == sorted(map(described, wanted))

    def test_a_large_file_goes_in_constant_memory(self, tmp_path: Path, form: Any) -> None:
        """64 MB in no more than a quarter of it."""
        with (tmp_path / "small.bin").open("wb") as small, (tmp_path / "large.bin").open("wb") as large:
            small.truncate(1_000)
            large.truncate(64_000_000)

        small_peak, large_peak = (peak(tmp_path / "box", form, tmp_path / name) for name in ("small.bin", "large.bin"))

        assert large_peak - small_peak < 16_000_000
        assert sum(path.stat().st_size for path in tmp_path.rglob("*")) > 64_000_000 * 2

    def test_a_folder_that_is_missing_is_named(self, tmp_path: Path, form: Any) -> None:
        """Nothing was sent, and whoever sees it knows what to do."""
        with pytest.raises(ConnectError) as caught:
            MailboxSender(tmp_path / "a" / "b", format=form).send(MAIL)

        assert str(caught.value).endswith(
            f": No such file or directory; the folder {tmp_path}/a must be there first (open, {form}:{tmp_path}/a/b)"
        )
        assert (caught.value.stage, caught.value.temporary) == ("open", False)


def described(message: email.message.Message) -> str:
    """What of a message the standard library reads alike wherever it stands."""
    leaves = [content(part).replace(b"\r\n", b"\n").strip() for part in message.walk() if not part.is_multipart()]
    return repr((str(message["Subject"]).replace("\r\n", "\n"), leaves))


def peak(box: Path, form: str, file: Path) -> int:
    """The octets of memory that a process needs, at most, that sends *file* as an attachment."""
    script = (
        "import sys, resource; from cartero import MailboxSender; from mimekit import MIMEMessage, FileManager\n"
        "message = MIMEMessage(); message['From'] = message['To'] = 'me@x.org'; message.set_content('See the file.')\n"
        "message.add_attachment(sys.argv[3], content_manager=FileManager)\n"
        "MailboxSender(sys.argv[1], format=sys.argv[2]).send(message)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    command = [sys.executable, "-c", script, str(box), form, str(file)]
    return int(subprocess.run(command, capture_output=True, cwd=ROOT, check=True).stdout)


@EACH_FILE
class TestOneFile:
    def test_a_lock_that_is_held_is_a_temporary_failure(self, tmp_path: Path, form: Any) -> None:
        """It may well succeed later; nothing was written."""
        (tmp_path / "box.lock").write_text("1234\n")

        with pytest.raises(SendingError, match=r"cannot lock the mailbox: process 1234 holds .*/box\.lock") as caught:
            MailboxSender(tmp_path / "box", format=form, timeout=0.05).send(MAIL, envelope=ENVELOPE)

        error = caught.value
        assert (error.stage, error.temporary, error.ambiguous, error.message_id) == ("lock", True, False, "<1@x>")
        assert list(error.refused) == list(ENVELOPE.recipients)
        assert not (tmp_path / "box").exists()

    def test_a_link_is_refused(self, tmp_path: Path, form: Any) -> None:
        """Mail would go where its owner never said."""
        (tmp_path / "box").symlink_to(tmp_path / "elsewhere")

        with pytest.raises(ConnectError, match="it is a symbolic link"):
            MailboxSender(tmp_path / "box", format=form).send(MAIL)

        assert not (tmp_path / "elsewhere").exists()

    def test_what_becomes_a_link_meanwhile_is_refused(self, tmp_path: Path, form: Any) -> None:
        """While the sender is held open, much may happen."""
        with MailboxSender(tmp_path / "box", format=form) as sender:
            (tmp_path / "box").symlink_to(tmp_path / "elsewhere")
            with pytest.raises(SendingError, match="it is a symbolic link") as caught:
                sender.send(MAIL)

        assert caught.value.stage == "open"

    def test_threads_with_a_sender_each_lose_nothing(self, tmp_path: Path, form: Any) -> None:
        """As in a web server."""

        def deliver() -> None:
            list(MailboxSender(tmp_path / "box", format=form, timeout=60).send_all([MAIL] * 10))

        threads = [threading.Thread(target=deliver) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(messages(tmp_path / "box", form)) == 40


@pytest.mark.parametrize(
    ("form", "octets"), [("mmdf", b"\n\n\x01\x01\x01\x01\n"), ("babyl", b"\n\n\x1f\n")], ids=["mmdf", "babyl"]
)
def test_what_a_format_cannot_hold_is_refused(tmp_path: Path, form: Any, octets: bytes) -> None:
    """For good; the error says which can."""
    with pytest.raises(SendingError, match="an mbox or a Maildir can hold it") as caught:
        MailboxSender(tmp_path / "box", format=form).send(MAIL + octets, envelope=ENVELOPE)

    assert (caught.value.stage, caught.value.temporary) == ("write", False)
    assert not (tmp_path / "box").exists()


class PathOfOctets(os.PathLike[bytes]):
    """What few systems have."""

    def __fspath__(self) -> bytes:
        """Octets."""
        return b"box"


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("maildir", "a Maildir"),
        ("mbox", "an mbox"),
        ("mh", "an MH folder"),
        ("babyl", "a Babyl file"),
        ("mmdf", "an MMDF file"),
    ],
)
@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param(None, "NoneType", id="usual-none"),
        pytest.param("", "nothing", id="usual-empty"),
        pytest.param(3, "int", id="odd-number"),
        pytest.param(b"box", "bytes", id="odd-octets"),
        pytest.param(PathOfOctets(), "bytes", id="odd-path-of-octets"),
    ],
)
def test_what_is_no_path_is_refused(path: Any, found: str, form: Any, kind: str) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match=f"expected the path of {kind}, found {found}"):
        MailboxSender(path, format=form)


@pytest.mark.parametrize("form", ["Maildir", "", None, 3, ["mbox"]], ids=repr)
def test_what_is_no_format_is_refused(form: Any) -> None:
    """The text says which there are."""
    with pytest.raises(BadURL, match="expected a format, which is maildir, mbox, mh, babyl, mmdf, found "):
        MailboxSender("box", format=form)


@pytest.mark.parametrize("timeout", [-1, float("nan"), None, "3", True], ids=repr)
def test_what_is_no_timeout_is_refused(timeout: Any) -> None:
    """Nor would anybody wait for ever by mistake."""
    with pytest.raises(BadURL, match="expected seconds for timeout, 0 or more, found "):
        MailboxSender("box", format="mbox", timeout=timeout)
