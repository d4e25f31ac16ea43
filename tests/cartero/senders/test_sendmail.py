"""Mail to the ``sendmail`` command: scripts that are run for real."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadAddress, BadMessage, BadURL, ConnectError, Envelope, SendingError, SendmailSender
from cartero.senders.sendmail import _local_lines
from mimekit import FileManager, MIMEMessage, parse
from tests.rich_mail import RICH, rich_message, told

MAIL = b"From: me@x.org\nTo: you@x.org\nDate: x\nMessage-ID: <1@x>\n\nHi!\n"
ENVELOPE = Envelope("me@x.org", ["you@x.org", "ana@x.org"])
TAKES = 'printf "%s\\n" "$@" > "$0.arguments"; cat > "$0.message"'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the command is."""
    return tmp_path / "sendmail"


def command(place: Path, script: str) -> Path:
    """A command that does *script*."""
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o700)
    return place


def arguments(place: Path) -> list[str]:
    """What the command was told."""
    return Path(f"{place}.arguments").read_text(encoding="utf-8").splitlines()


def message(place: Path) -> bytes:
    """What the command read."""
    return Path(f"{place}.message").read_bytes()


class TestDelivery:
    """What the command gets."""

    def test_it_is_told_who_from_and_who_to(self, place: Path) -> None:
        """As the envelope has it; ``-i``, so that a line with a dot alone does not end the message."""
        receipt = SendmailSender(command(place, TAKES)).send(MAIL, envelope=ENVELOPE)

        assert arguments(place) == ["-i", "-f", "me@x.org", "--", "you@x.org", "ana@x.org"]
        assert message(place) == MAIL
        assert (receipt.accepted, receipt.sender) == (ENVELOPE.recipients, f"sendmail:{place}")

    def test_a_rich_message_is_read_back_equal(self, place: Path) -> None:
        """Text, page, inline image and attachment, without the Bcc, whose reader is in the arguments."""
        SendmailSender(command(place, TAKES)).send(rich_message())

        assert told(message(place)) == RICH
        assert arguments(place)[-2:] == ["you@example.org", "hid@example.org"]
        assert b"\r" not in message(place)

    @pytest.mark.parametrize(
        ("octets", "read"),
        [
            pytest.param(b"a: b\r\n\r\nc\r\n", b"a: b\n\nc\n", id="usual-crlf"),
            pytest.param(b"a: b\n\n.\n..\n", b"a: b\n\n.\n..\n", id="usual-dots"),
            pytest.param(b"a: b\n\nc\r\nd\re\r", b"a: b\n\nc\nd\re\r", id="odd-mixed"),
            pytest.param(b"", b"", id="odd-empty"),
        ],
    )
    def test_lines_are_those_of_a_local_command(self, place: Path, octets: bytes, read: bytes) -> None:
        """CRLF is for the wire; everything else stays as it is."""
        SendmailSender(command(place, TAKES)).send(octets, envelope=ENVELOPE)

        assert message(place) == read

    @given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"b\r", b"\nc", b""])))
    def test_a_line_end_across_two_chunks_is_one(self, chunks: list[bytes]) -> None:
        """A large message comes in pieces, wherever those end."""
        assert b"".join(_local_lines(chunks)) == b"".join(chunks).replace(b"\r\n", b"\n")

    @pytest.mark.parametrize(
        ("address", "argument"),
        [
            pytest.param("", "<>", id="usual-null"),
            pytest.param("postmaster", "postmaster", id="odd-no-domain"),
            pytest.param("ana@münchen.example", "ana@xn--mnchen-3ya.example", id="odd-domain-of-another-script"),
            pytest.param("jörg@münchen.example", "jörg@münchen.example", id="odd-local-part-of-another-script"),
            pytest.param("-oQ/tmp@x.org", "-oQ/tmp@x.org", id="hostile-option"),
            pytest.param('"$(id); a"@x.org', '"$(id); a"@x.org', id="hostile-shell"),
        ],
    )
    def test_addresses_are_arguments_and_nothing_else(self, place: Path, address: str, argument: str) -> None:
        """Never an option, never a shell's; a domain is what DNS knows, where all of the address is ASCII then."""
        envelope = Envelope(address, [address or "you@x.org"])

        SendmailSender(command(place, TAKES)).send(MAIL, envelope=envelope)

        assert arguments(place) == ["-i", "-f", argument, "--", argument if address else "you@x.org"]

    def test_a_domain_that_no_host_can_have_is_refused(self, place: Path) -> None:
        """Before the command is started."""
        with pytest.raises(BadAddress, match="internationalized domain name"):
            SendmailSender(command(place, TAKES)).send(MAIL, envelope=Envelope("", ["ana@☃☃" + "ü" * 70]))

        assert not Path(f"{place}.message").exists()

    def test_it_is_looked_for_on_the_path(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """By name, among what can be run."""
        monkeypatch.setenv("PATH", f"{place.parent}/none:{place.parent}:{os.environ['PATH']}")
        command(place, TAKES)

        receipt = SendmailSender().send(MAIL)

        assert message(place) == MAIL
        assert receipt.sender == "sendmail:"

    def test_a_large_file_is_streamed(self, place: Path, tmp_path: Path) -> None:
        """The command's slowness is waited for."""
        (tmp_path / "a.bin").write_bytes(os.urandom(3_000_000))
        mail = MIMEMessage()
        mail["From"], mail["To"] = "me@x.org", "you@x.org"
        mail.add_attachment(tmp_path / "a.bin", content_manager=FileManager)

        SendmailSender(command(place, "sleep 0.2; " + TAKES)).send(mail)

        [part] = parse(message(place)).iter_attachments()
        assert part.octets == (tmp_path / "a.bin").read_bytes()


class TestFailures:
    """How a command ends."""

    @pytest.mark.parametrize(
        ("status", "temporary", "meaning"),
        [
            pytest.param(75, True, " (temporary failure)", id="usual-tempfail"),
            pytest.param(71, True, " (operating system error)", id="usual-oserr"),
            pytest.param(74, True, " (input/output error)", id="usual-ioerr"),
            pytest.param(69, False, " (service unavailable)", id="usual-unavailable"),
            pytest.param(65, False, " (bad data)", id="usual-dataerr"),
            pytest.param(77, False, " (permission denied)", id="usual-noperm"),
            pytest.param(1, False, "", id="odd-any-other"),
        ],
    )
    def test_its_status_says_whether_to_try_again(
        self, place: Path, status: int, temporary: bool, meaning: str
    ) -> None:
        """Statuses as ``sysexits.h`` has them, temporary as sendmail itself takes them."""
        script = f"cat > /dev/null; echo >&2; echo '  queue\tfull' >&2; echo more >&2; exit {status}"

        with pytest.raises(SendingError) as caught:
            SendmailSender(command(place, script)).send(MAIL, envelope=ENVELOPE)

        error = caught.value
        assert (error.temporary, error.ambiguous, error.stage, error.message_id) == (temporary, False, "run", "<1@x>")
        assert error.refused == dict.fromkeys(ENVELOPE.recipients, "queue full")
        assert str(error) == f"{place} ended with status {status}{meaning} (run, sendmail:{place}): queue full"

    @pytest.mark.parametrize("status", [72, 78], ids=["usual-osfile", "usual-config"])
    def test_a_server_that_is_not_set_up_is_a_closed_road(self, place: Path, status: int) -> None:
        """Nothing was sent."""
        with pytest.raises(ConnectError, match=f"status {status}") as caught:
            SendmailSender(command(place, f"echo no main.cf >&2; exit {status}")).send(MAIL)

        assert (caught.value.reply, caught.value.temporary) == ("no main.cf", False)

    @pytest.mark.parametrize(
        ("recipients", "ambiguous"),
        [pytest.param(["you@x.org"], False, id="usual-one"), pytest.param(["a@x.org", "b@x.org"], True, id="odd-two")],
    )
    def test_an_unknown_user_may_be_one_of_several(self, place: Path, recipients: list[str], ambiguous: bool) -> None:
        """The command delivers to the others; the status does not say to whom."""
        with pytest.raises(SendingError, match=r"status 67 \(no such user\)") as caught:
            SendmailSender(command(place, "exit 67")).send(MAIL, envelope=Envelope("", recipients))

        assert caught.value.ambiguous is ambiguous
        assert list(caught.value.refused) == ([] if ambiguous else recipients)

    @pytest.mark.parametrize(
        ("script", "size", "ambiguous", "problem"),
        [
            pytest.param("cat > /dev/null; kill -9 $$", 10, True, "was killed by signal 9", id="usual-behind-the-end"),
            pytest.param("head -c 9; kill -9 $$", 10**6, False, "by signal 9 before it had the", id="usual-in-between"),
            pytest.param("cat > /dev/null; sleep 60", 10, True, "took too long", id="usual-hangs-behind-the-end"),
            pytest.param("exec sleep 60", 10**6, False, "took too long before it had the", id="usual-hangs-in-between"),
            pytest.param("sleep 60 | sleep 61", 10**6, False, "took too long before it", id="odd-others-hang"),
        ],
    )
    def test_what_breaks_off_is_ambiguous_once_it_has_the_whole_message(
        self, place: Path, script: str, size: int, ambiguous: bool, problem: str
    ) -> None:
        """RFC 1047: nobody can say what a server that has all of a message did with it."""
        timeout = 0.5 if "sleep" in script else 60
        started = time.monotonic()

        with pytest.raises(SendingError, match=problem) as caught:
            SendmailSender(command(place, script), timeout=timeout).send(MAIL + b"x" * size)

        assert (caught.value.ambiguous, caught.value.temporary) == (ambiguous, True)
        assert time.monotonic() - started < 30

    def test_success_without_the_whole_message_is_none(self, place: Path) -> None:
        """Half of it may have been sent, and nobody is told that all was well."""
        with pytest.raises(SendingError, match="status 0 before it had the whole message") as caught:
            SendmailSender(command(place, "exec true")).send(MAIL + b"x" * 1_000_000)

        assert (caught.value.ambiguous, caught.value.temporary) == (True, False)

    def test_a_message_that_cannot_be_written_to_its_end_is_not_sent_by_half(self, place: Path, tmp_path: Path) -> None:
        """SECURITY: the command never sees the end of its input, which would make half a message a whole one."""
        (tmp_path / "a.bin").write_bytes(os.urandom(3_000_000))
        mail = MIMEMessage()
        mail["From"], mail["To"] = "me@x.org", "you@x.org"
        mail.add_attachment(tmp_path / "a.bin", content_manager=FileManager)
        script = f'head -c 10 > "$0.begun"; : > {tmp_path}/a.bin; cat > /dev/null; : > "$0.message"'

        with pytest.raises(BadMessage):
            SendmailSender(command(place, script)).send(mail)

        assert Path(f"{place}.begun").exists()
        assert not Path(f"{place}.message").exists()

    def test_a_message_that_cannot_be_written_starts_nothing(self, place: Path, tmp_path: Path) -> None:
        """What can be known before is."""
        (tmp_path / "a.bin").write_bytes(b"x")
        mail = MIMEMessage()
        mail["From"], mail["To"] = "me@x.org", "you@x.org"
        mail.add_attachment(tmp_path / "a.bin", content_manager=FileManager)
        (tmp_path / "a.bin").unlink()

        with pytest.raises(BadMessage):
            SendmailSender(command(place, ': > "$0.begun"')).send(mail)

        assert not Path(f"{place}.begun").exists()

    def test_what_it_says_is_bounded_and_harmless(self, place: Path) -> None:
        """It ends in logs and on terminals."""
        script = r"""printf '\033[31mred\377 %0100000d\n' 7 >&2; cat > /dev/null; exit 69"""

        with pytest.raises(SendingError) as caught:
            SendmailSender(command(place, script)).send(MAIL)

        assert caught.value.reply.startswith(r"\x1b[31mred� 000")
        assert len(caught.value.reply) < 600

    def test_a_command_that_is_killed_by_its_own_pipe_says_so(self, place: Path) -> None:
        """SIGPIPE is what it is for every command, though Python ignores it."""
        with pytest.raises(SendingError, match=f"signal {int(signal.SIGPIPE)}"):
            SendmailSender(command(place, "cat > /dev/null; kill -PIPE $$; exit 69")).send(MAIL)


class TestConnectErrors:
    """What keeps the command from being started."""

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            pytest.param("none", "No such file or directory", id="usual-missing"),
            pytest.param("file", "Permission denied", id="usual-no-command"),
            pytest.param("a\0b", "null", id="hostile-nul"),
        ],
    )
    def test_a_command_that_cannot_be_run(self, tmp_path: Path, path: str, reason: str) -> None:
        """Nothing was sent, and the text names the command."""
        (tmp_path / "file").write_bytes(b"")

        with pytest.raises(ConnectError, match=f"cannot start .*: .*{reason}") as caught:
            SendmailSender(tmp_path / path).send(MAIL)

        assert (caught.value.stage, caught.value.temporary) == ("start", False)
        assert isinstance(caught.value.__cause__, OSError | ValueError)

    def test_no_command_at_all(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The text says what to do."""
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr("cartero.senders.sendmail._PLACES", ())

        with pytest.raises(ConnectError, match="a command called sendmail on \\$PATH, found none; install"):
            SendmailSender().send(MAIL)

    def test_a_process_that_ignores_its_children(self, place: Path) -> None:
        """The system keeps no status then, and Python would take that for 0: success."""
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            with pytest.raises(ConnectError, match="ignores SIGCHLD"):
                SendmailSender(command(place, "exit 1")).send(MAIL)
        finally:
            signal.signal(signal.SIGCHLD, before)

    def test_no_more_processes(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Later there may be room."""

        def refuse(*_: object, **__: object) -> None:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

        monkeypatch.setattr(subprocess, "Popen", refuse)
        with pytest.raises(ConnectError, match="Resource temporarily unavailable") as caught:
            SendmailSender(command(place, TAKES)).send(MAIL)

        assert caught.value.temporary

    def test_no_temporary_files(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the command says needs a place."""

        def refuse() -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
        with pytest.raises(ConnectError, match="temporary file: No space left") as caught:
            SendmailSender(command(place, TAKES)).send(MAIL)

        assert caught.value.temporary

    @pytest.mark.parametrize(
        ("said", "problem"),
        [
            pytest.param({"command": ""}, "the path of a command, found ''", id="usual-empty"),
            pytest.param({"command": b"sendmail"}, "found b'sendmail'", id="odd-octets"),
            pytest.param({"timeout": 0}, "seconds for timeout, .*, found 0", id="usual-no-time"),
            pytest.param({"timeout": float("inf")}, "at most 1000000, found inf", id="odd-endless"),
            pytest.param({"timeout": "60"}, "found '60'", id="odd-text"),
            pytest.param({"timeout": float("nan")}, "found nan", id="odd-nan"),
        ],
    )
    def test_what_is_none_is_refused(self, said: Any, problem: str) -> None:
        """At once, not at the first message."""
        with pytest.raises(BadURL, match=problem):
            SendmailSender(**said)
