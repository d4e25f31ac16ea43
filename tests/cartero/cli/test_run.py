"""`cartero-send` from start to exit status, inside this process and as one of its own."""

from __future__ import annotations

import email.message
import io
import json
import mailbox
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cartero.cli import command, main
from tests import corpora

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-W", "error", "-c", "from cartero.cli import command; command()"]
MAIL = b"From: me@example.org\nTo: list@example.org\nCc: hid@x.org\nSubject:  as it is\n\nHi!\n"


def run(octets: bytes, *arguments: str | Path) -> int:
    """The exit status of a run inside this process."""
    return main([str(argument) for argument in arguments], stdin=io.BytesIO(octets))


def process(octets: bytes, *arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A run as a process of its own, in *cwd*."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([*COMMAND, *arguments], input=octets, capture_output=True, cwd=cwd, env=env, check=False)


def content(part: email.message.Message) -> bytes:
    """What the standard library reads in *part*."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


class TestProcess:
    """The command as a process of its own."""

    def test_the_command_of_the_readme(self, tmp_path: Path) -> None:
        """Text and a file from a shell into a Maildir; the standard library reads both."""
        (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7\r\n\0\xff")

        done = process(
            "Schöne Grüße\n".encode(),
            *("--via", "maildir:outbox", "-s", "Hello", "-a", "report.pdf", "-f", "me@example.org", "you@example.org"),
            cwd=tmp_path,
        )

        [file] = (tmp_path / "outbox" / "new").iterdir()
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode() == f"you@example.org: accepted (outbox/new/{file.name})\n"
        [read] = mailbox.Maildir(tmp_path / "outbox", create=False)
        _, text, attachment = read.walk()
        assert (read["Subject"], read["From"], read["To"]) == ("Hello", "me@example.org", "you@example.org")
        assert content(text).decode().splitlines() == ["Schöne Grüße"]
        assert (attachment.get_filename(), content(attachment)) == ("report.pdf", b"%PDF-1.7\r\n\0\xff")

    def test_a_ready_message_goes_octet_for_octet(self, tmp_path: Path) -> None:
        """Nothing is added, and its Cc is whoever's made it."""
        done = process(MAIL, "you@example.org", cwd=tmp_path, CARTERO_URL="maildir:outbox")

        [file] = (tmp_path / "outbox" / "new").iterdir()
        assert (done.returncode, file.read_bytes()) == (0, MAIL)

    def test_it_imports_neither_asyncio_nor_email(self, tmp_path: Path) -> None:
        """A command's start is most of its cost."""
        script = (
            "import sys; from cartero.cli import main; status = main()\n"
            "print(status, *sorted({'asyncio', 'email', 'logging', 'ssl'} & sys.modules.keys()))"
        )

        done = subprocess.run(
            [sys.executable, "-c", script, "--via", "maildir:outbox", "-q", "-s", "x", "-f", "me@x.org", "you@x.org"],
            input=b"Hi!",
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )

        assert done.stdout.split() == [b"0"]

    @pytest.mark.parametrize(("name", "status"), [("sendmail", 64), ("not-sendmail", 0)])
    def test_it_is_what_it_is_called(self, tmp_path: Path, name: str, status: int) -> None:
        """A sendmail knows no --version."""
        link = tmp_path / name
        link.write_text(f"#!{sys.executable}\nfrom cartero.cli import command\ncommand()\n", encoding="utf-8")
        link.chmod(0o755)

        done = subprocess.run(
            [link, "--version"], capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
        )

        assert done.returncode == status

    def test_an_error_is_one_line_and_a_status(self, tmp_path: Path) -> None:
        """Never a traceback."""
        done = process(b"Hi!", "--via", "maildir:a/b", "-f", "me@x.org", "you@x.org", cwd=tmp_path)

        assert (done.returncode, done.stdout) == (74, b"")
        assert done.stderr == (
            b"cartero-send: cannot open the Maildir: No such file or directory; the folder a must be there first "
            b"(open, maildir:a/b)\n"
        )

    def test_output_that_cannot_be_printed_is_no_failure_of_the_mail(self, tmp_path: Path) -> None:
        """Another exit status would have a script send again what was delivered."""
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "--via", "maildir:outbox", "you@x.org"],
                input=MAIL,
                stdout=full,
                stderr=subprocess.PIPE,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                check=False,
            )

        assert done.returncode == 0
        assert done.stderr == b"cartero-send: sent, but cannot write to standard output: No space left on device\n"
        assert len(list((tmp_path / "outbox" / "new").iterdir())) == 1

    @pytest.mark.parametrize("option", ["-n", "--help", "--version"])
    def test_output_that_nobody_reads_ends_it_quietly(self, tmp_path: Path, option: str) -> None:
        """With the status of a command that SIGPIPE ends, as in a shell's ``| head -1``."""
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb") as pipe:  # noqa: PTH123
            done = subprocess.run(
                [*COMMAND, option, "you@x.org"],
                input=MAIL,
                stdout=pipe,
                stderr=subprocess.PIPE,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                check=False,
            )

        assert (done.returncode, done.stderr) == (141, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("option", ["-n", "--help", "--version"])
    def test_output_that_cannot_be_written_is_an_io_error(self, tmp_path: Path, option: str) -> None:
        """In the same words, whatever was to be printed."""
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, option, "you@x.org"],
                input=MAIL,
                stdout=full,
                stderr=subprocess.PIPE,
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                check=False,
            )

        assert done.returncode == 74
        assert done.stderr == b"cartero-send: cannot write to standard output: No space left on device\n"

    def test_closed_streams_are_no_traceback(self, tmp_path: Path) -> None:
        """As a daemon may start it."""
        line = " ".join(f"'{word}'" for word in COMMAND)
        env = {**os.environ, "PYTHONPATH": str(ROOT)}

        done = subprocess.run(
            ["/bin/sh", "-c", f"{line} --via null: you@x.org <&- >&-"],
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=env,
            check=False,
        )

        assert (done.returncode, done.stderr) == (66, b"cartero-send: there is no standard input\n")

    @pytest.mark.corpus
    def test_real_mail_goes_octet_for_octet(self, tmp_path: Path) -> None:
        """Whatever it is: every hundredth of the corpora."""
        for message in corpora.required_messages()[::200]:
            arguments = ("--via", "maildir:box", "--json", "-f", "me@x.org", "you@x.org")
            done = process(message.octets, *arguments, cwd=tmp_path)
            written = (tmp_path / json.loads(done.stdout)["location"]).read_bytes()
            # the line of an mbox is none of the message
            assert written in {message.octets, message.octets.partition(b"\n")[2]}


class TestRun:
    """The command inside this process."""

    def test_the_setting_names_the_road(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """--via goes before it."""
        monkeypatch.setenv("CARTERO_URL", "nonsense:")

        assert run(MAIL, "you@x.org") == 78
        assert run(MAIL, "--via", "null:", "you@x.org") == 0

    @pytest.mark.parametrize(
        ("octets", "arguments", "status", "text"),
        [
            pytest.param(MAIL, ["you@x.org"], 78, "name one with --via", id="usual-no-road"),
            pytest.param(MAIL, ["--via", "x:", "you@x.org"], 64, "no sender is called x:", id="usual-unknown-road"),
            pytest.param(MAIL, ["--via", "null:"], 64, "no recipients", id="usual-no-recipient"),
            pytest.param(MAIL, ["--nonsense"], 64, "try --help", id="usual-unknown-option"),
            pytest.param(MAIL, ["--via", "null:", "you"], 65, "one bare address", id="usual-no-address"),
            pytest.param(b"\n", ["--via", "null:", "-t"], 65, "expected a recipient", id="usual-nobody-in-the-message"),
            pytest.param(
                b"x",
                ["--via", "null:", "-f", "a@x.org", "-s", "\n", "b@x.org"],
                65,
                "",
                id="hostile-subject-of-two-lines",
            ),
            pytest.param(
                b"x",
                ["--via", "null:", "-f", "a@x.org", "-a", "/none", "b@x.org"],
                66,
                "cannot read /none",
                id="usual-no-file",
            ),
            pytest.param(
                b"x",
                ["--via", "maildir:/dev/null", "-f", "a@x.org", "b@x.org"],
                74,
                "Not a directory",
                id="usual-no-maildir",
            ),
        ],
    )
    def test_each_mistake_has_a_line_and_a_status(
        self, capsys: pytest.CaptureFixture[str], octets: bytes, arguments: list[str], status: int, text: str
    ) -> None:
        """One line on standard error, and nothing else."""
        assert run(octets, *arguments) == status

        out, err = capsys.readouterr()
        assert (out, err.count("\n"), err.startswith("cartero-send: "), text in err) == ("", 1, True, True)

    def test_an_error_is_told_to_programs_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json."""
        assert run(MAIL, "--json", "--via", "maildir:/dev/null", "you@x.org") == 74

        facts = json.loads(capsys.readouterr().out)
        assert (facts["status"], facts["stage"], facts["ambiguous"]) == (74, "open", False)

    def test_a_line_that_makes_no_sense_is_told_to_programs_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        """As long as --json can be read in it."""
        assert run(MAIL, "--json", "--nonsense") == 64

        assert json.loads(capsys.readouterr().out)["status"] == 64

    @pytest.mark.parametrize("option", ["--help", "--version"])
    def test_what_is_asked_for_is_printed(self, capsys: pytest.CaptureFixture[str], option: str) -> None:
        """And nothing else is done."""
        assert run(MAIL, option, "--nonsense") == 0

        out, err = capsys.readouterr()
        assert "cartero-send" in out
        assert err == ""

    def test_a_dry_run_sends_nothing_and_needs_no_road(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It shows what would be sent."""
        monkeypatch.chdir(tmp_path)

        assert run(b"Hi!\n", "-n", "--via", "maildir:box", "-f", "me@x.org", "-b", "hid@x.org", "you@x.org") == 0

        out = capsys.readouterr().out
        assert out.startswith("envelope sender: me@x.org\nenvelope recipients: you@x.org, hid@x.org\n\nFrom: me@x.org")
        assert "Message-ID: <" in out
        assert "hid@x.org" not in out.partition("\n\n")[2]
        assert list(tmp_path.iterdir()) == []

    def test_a_dry_run_shows_each_message_and_which_cannot_be_sent(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """Of an mbox."""
        line = b"From me@x.org Thu Jan  1 00:00:00 2026\n"
        (tmp_path / "box").write_bytes(line + b"Subject: x\n\n\n" + line + b"From: a@x.org\nTo: b@x.org\n\nHi!\n")

        assert run(b"", "-n", "--mbox", tmp_path / "box") == 64

        out, err = capsys.readouterr()
        assert out.startswith("envelope sender: a@x.org\nenvelope recipients: b@x.org\n\nFrom: a@x.org\n")
        assert err.startswith("cartero-send: message 1: expected a sender")

    def test_each_message_of_an_mbox_is_sent(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        """Without standard input."""
        line = b"From me@x.org Thu Jan  1 00:00:00 2026\n"
        (tmp_path / "box").write_bytes((line + b"From: a@x.org\nTo: b@x.org\n\nHi!\n\n") * 3)

        assert run(b"", "--mbox", tmp_path / "box", "--via", f"maildir:{tmp_path}/new") == 0

        assert capsys.readouterr() == ("3 of 3 messages accepted\n", "")
        assert len(mailbox.Maildir(tmp_path / "new", create=False)) == 3

    def test_verbose_says_what_goes_where(self, capsys: pytest.CaptureFixture[str]) -> None:
        """On standard error, before it goes."""
        assert run(MAIL, "-v", "--via", "null:", "a@x.org", "b@x.org") == 0

        assert capsys.readouterr().err.splitlines() == [
            "cartero-send: sending by null: from <me@example.org> to a@x.org, b@x.org",
            "cartero-send: Message-ID none",
        ]

    def test_an_empty_text_can_be_skipped(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing is sent, and nothing is wrong."""
        assert run(b"\n", "-E", "--via", "console:", "-f", "me@x.org", "you@x.org") == 0

        assert capsys.readouterr() == ("", "")

        assert run(b"\n", "-E", "--json", "--via", "console:", "-f", "me@x.org", "you@x.org") == 0

        assert json.loads(capsys.readouterr().out) == {"skipped": True}

    @pytest.mark.parametrize(
        ("arguments", "debug", "is_shown"),
        [
            pytest.param([], "", False, id="usual"),
            pytest.param(["-v"], "", True, id="usual-verbose"),
            pytest.param([], "1", True, id="usual-debug"),
        ],
    )
    def test_what_nobody_foresaw_is_one_line_and_a_status_of_its_own(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        debug: str,
        *,
        is_shown: bool,
    ) -> None:
        """Status 1 and a traceback, behind mail that was sent, would have it sent again."""

        class Broken(io.StringIO):
            def write(self, _text: str) -> int:
                raise ZeroDivisionError("sec$ret")

        monkeypatch.setattr(sys, "stdout", Broken())
        monkeypatch.setenv("CARTERO_DEBUG", debug)

        assert run(MAIL, "--via", "null:", *arguments, "you@x.org") == 70

        err = capsys.readouterr().err
        assert err.endswith(
            "cartero-send: internal error (ZeroDivisionError); mail may have been sent; "
            "CARTERO_DEBUG=1 or -v shows where\n"
        )
        assert ("Traceback" in err, "sec$ret" in err) == (is_shown, is_shown)

    def test_it_ends_without_ado(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The process `cartero-send`, with the status of `main`."""
        ended: list[int] = []
        monkeypatch.setattr(os, "_exit", ended.append)
        monkeypatch.setattr(sys, "argv", ["cartero-send", "--nonsense"])

        command()

        assert ended == [64]

    def test_called_as_sendmail_it_is_one(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """By the name of the process."""
        monkeypatch.setattr(sys, "argv", ["/usr/sbin/sendmail", "-bs"])

        assert main() == 64
        assert "this sendmail sends a message" in capsys.readouterr().err

    def test_the_console_is_a_road(self, capsys: pytest.CaptureFixture[str]) -> None:
        """To see what would come."""
        assert run("Grüße\n".encode(), "--via", "console:", "-s", "Hallo", "-f", "me@x.org", "you@x.org") == 0

        out = capsys.readouterr().out
        assert "Subject: Hallo\n" in out
        assert "\nGrüße\n" in out
        assert out.endswith("you@x.org: accepted\n")

    def test_standard_input_is_read_where_nothing_else_is_given(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As octets."""
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(MAIL)))

        assert main(["--via", "null:", "you@x.org"]) == 0
        assert capsys.readouterr().out == "you@x.org: accepted\n"

    def test_a_standard_input_that_cannot_be_read_is_an_io_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A disk that fails, for one."""

        class Broken(io.BytesIO):
            def read(self, _size: int | None = -1) -> bytes:
                raise OSError(5, "Input/output error")

        assert main(["--via", "null:", "you@x.org"], stdin=Broken()) == 74
        assert capsys.readouterr().err == "cartero-send: cannot read standard input: Input/output error\n"

    def test_an_interruption_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Who types Control-C knows why."""

        class Interrupted(io.BytesIO):
            def read(self, _size: int | None = -1) -> bytes:
                raise KeyboardInterrupt

        assert main(["--via", "null:", "you@x.org"], stdin=Interrupted()) == 130
        assert capsys.readouterr().err == "cartero-send: interrupted\n"

    def test_an_error_that_cannot_be_printed_keeps_its_status(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Standard output may be the disk that is full."""
        monkeypatch.setattr(sys, "stdout", Full())

        assert run(b"\n", "--json", "--via", "null:", "-t") == 65

    def test_no_standard_input_is_no_input(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A service may be started without one."""
        monkeypatch.setattr(sys, "stdin", None)

        assert main(["--via", "null:", "you@x.org"]) == 66
        assert "there is no standard input" in capsys.readouterr().err

    def test_what_was_sent_is_sent_even_if_nobody_can_be_told(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As in the process above."""
        monkeypatch.setattr(sys, "stdout", Full())

        assert run(MAIL, "--via", "null:", "you@x.org") == 0
        assert "sent, but cannot write to standard output: No space left on device" in capsys.readouterr().err

    def test_a_dry_run_that_nobody_reads_ends_quietly(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As in the process above."""
        monkeypatch.setattr(sys, "stdout", Unread())

        assert run(MAIL, "-n", "you@x.org") == 141
        assert capsys.readouterr().err == ""

    def test_what_was_sent_is_sent_even_if_nobody_reads_of_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """And nobody is told that either."""
        monkeypatch.setattr(sys, "stdout", Unread())

        assert run(MAIL, "--via", "null:", "you@x.org") == 0
        assert capsys.readouterr().err == ""


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text: str) -> int:
        """Fail."""
        raise OSError(28, "No space left on device")


class Unread(io.StringIO):
    """A pipe that nobody reads."""

    def write(self, _text: str) -> int:
        """Fail."""
        raise BrokenPipeError(32, "Broken pipe")
