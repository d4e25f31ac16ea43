"""`cartero-serve` from start to exit status."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import cartero
from cartero.servers.cli import _run, command, main
from cartero.servers.cli._exits import Exit
from cartero.servers.passwords import password_line
from tests.certificates import AUTHORITY
from tests.ports import unused_port
from tests.serving import Serving, run

MAIL = b"From: me@example.org\r\nTo: you@example.org\r\nSubject: Hi\r\n\r\nHello!\r\n"


def served(arguments: list[str], visit: Callable[[], None]) -> int:
    """The exit status of the command in this process, which gets SIGTERM after *visit*."""

    def come() -> None:
        try:
            visit()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    visitor = threading.Timer(0.0, come)
    visitor.start()
    try:
        return main(arguments)
    finally:
        visitor.join()


def send(port: int, recipient: str = "you@example.org") -> None:
    """Send mail, as soon as somebody listens."""
    for _ in range(200):
        try:
            client = smtplib.SMTP("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            threading.Event().wait(0.02)
    with client:
        client.sendmail("me@example.org", [recipient], MAIL)


class TestServing:
    def test_it_takes_mail_until_it_is_told_to_stop(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A line when it listens, one for each message, and two at its end."""
        port = unused_port()

        status = served(["--smtp", f"127.0.0.1:{port}", "--via", f"maildir:{tmp_path}/box"], lambda: send(port))

        assert status == Exit.STOPPED
        [path] = (tmp_path / "box" / "new").iterdir()
        assert path.read_bytes().endswith(b"Subject: Hi\r\n\r\nHello!\r\n")
        lines = capsys.readouterr().err.splitlines()
        assert lines[0] == f"cartero-serve: listening: SMTP at 127.0.0.1:{port}; mail goes to maildir:{tmp_path}/box"
        assert re.fullmatch(
            r"cartero-serve: 127\.0\.0\.1: from <me@example\.org> to you@example\.org, \d+ octets: 250 2\.0\.0 taken",
            lines[1],
        )
        assert lines[2:] == ["cartero-serve: stopping", "cartero-serve: stopped"]

    def test_it_can_be_quiet(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What goes well is not said."""
        port = unused_port()

        assert served(["--smtp", str(port), "--via", "null:", "--quiet"], lambda: send(port)) == Exit.STOPPED

        assert capsys.readouterr().err == ""

    def test_any_mix_runs_in_one_process(self, tmp_path: Path, certificate: tuple[str, str]) -> None:
        """SMTP, LMTP and XML-RPC, with TLS and without, into one Maildir."""
        cert, key = certificate
        places = ["--smtp", "0", "--smtp", "0", "--smtps", "0", "--lmtp", f"unix:{tmp_path}/lmtp"]
        places += ["--xmlrpc", "0", "--xmlrpcs", "localhost:0"]
        with Serving(
            *places, "--tls-cert", cert, "--tls-key", key, "--via", f"maildir:{tmp_path}/box", CARTERO_TOKEN="s3cret"
        ) as serving:
            one, other, secure, called, called_securely = serving.ports
            for url in (
                f"smtp://localhost:{one}?ca={AUTHORITY}&tls=require",
                f"smtp://127.0.0.1:{other}?tls=off",
                f"smtps://localhost:{secure}?ca={AUTHORITY}",
                f"lmtp://{tmp_path}/lmtp",
                f"xmlrpc+http://:s3cret@127.0.0.1:{called}/",
                f"xmlrpc+https://:s3cret@localhost:{called_securely}/?ca={AUTHORITY}",
            ):
                assert cartero.connect(url).send(MAIL).accepted == ("you@example.org",)
            assert serving.end() == Exit.STOPPED

        assert len(list((tmp_path / "box" / "new").iterdir())) == 6
        assert serving.said.count(": from <me@example.org> to you@example.org, ") == 6
        assert "s3cret" not in serving.said
        assert not (tmp_path / "lmtp").exists()

    def test_users_log_in(self, tmp_path: Path, certificate: tuple[str, str]) -> None:
        """As --add-user wrote them; over TLS here, as it is beyond this machine."""
        users = tmp_path / "users"
        users.write_text(password_line("ana", "s3cret"), encoding="utf-8")
        cert, key = certificate
        arguments = ["--smtp", "0", "--tls-cert", cert, "--tls-key", key, "--users", str(users), "--via", "console:"]
        with Serving(*arguments) as serving:
            [port] = serving.ports
            where = f"localhost:{port}?ca={AUTHORITY}&tls=require"

            with pytest.raises(cartero.SendingError) as refused:
                cartero.connect(f"smtp://{where}").send(MAIL)
            with pytest.raises(cartero.AuthenticationFailed):
                cartero.connect(f"smtp://ana:wrong@{where}").send(MAIL)
            cartero.connect(f"smtp://ana:s3cret@{where}").send(MAIL)

            assert serving.end() == Exit.STOPPED
        assert refused.value.code == 550
        assert "127.0.0.1: TO:<you@example.org>: 550 5.7.1" in serving.said
        assert "127.0.0.1 as ana: from <me@example.org> to you@example.org" in serving.said
        assert "s3cret" not in serving.said
        assert "Subject: Hi" in serving.output

    def test_systemd_is_told(self, tmp_path: Path) -> None:
        """Type=notify."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(20)
            channel.bind(str(tmp_path / "notify"))
            place, url = f"unix:{tmp_path}/smtp", f"maildir:{tmp_path}/box"
            with Serving("--lmtp", place, "--via", url, NOTIFY_SOCKET=str(tmp_path / "notify")) as serving:
                assert channel.recv(100) == b"READY=1"
                assert (tmp_path / "smtp").exists()
                assert serving.end() == Exit.STOPPED
            assert channel.recv(100) == b"STOPPING=1"

    def test_what_is_refused_is_told(self) -> None:
        """Why mail is missing stands in the log."""
        with Serving("--smtp", "0", "--via", "null:", "--max-size", "1K") as serving:
            with smtplib.SMTP("127.0.0.1", serving.ports[0]) as client:
                client.ehlo()
                client.mail("me@example.org")
                client.rcpt("you@example.org")
                assert client.data(MAIL + b"x" * 2_000)[0] == 552
            serving.end()

        assert re.search(r"from <me@example\.org> to you@example\.org, 2\d{3} octets: 552 5\.3\.4", serving.said)


class TestMistakes:
    def test_the_help_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """On standard output, and with the status of success."""
        assert main(["--help"]) == 0

        assert capsys.readouterr().out.startswith("usage: cartero-serve --smtp PLACE")

    def test_nothing_is_a_line_with_an_example(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Who is new copies it."""
        assert main([]) == Exit.USAGE

        [line] = capsys.readouterr().err.splitlines()
        assert "cartero-serve --smtp 127.0.0.1:2525 --via console:" in line

    @pytest.mark.parametrize("place", ["--smtp", "--lmtp", "--xmlrpc"])
    def test_an_address_in_use_is_told(self, place: str) -> None:
        """And nothing listens at the other place."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

            done = run("--smtp", "0", place, f"127.0.0.1:{port}", "--via", "null:")

        assert done.returncode == Exit.UNAVAILABLE
        assert done.stderr.startswith(f"cartero-serve: cannot listen at 127.0.0.1:{port}: ")
        assert "in use" in done.stderr
        assert done.stderr.endswith("(listen); stop the program that listens there, or name another place\n")

    @pytest.mark.parametrize("door", ["--smtp", "--xmlrpc"])
    def test_a_socket_file_in_use_stays_with_who_has_it(self, door: str, tmp_path: Path) -> None:
        """Asyncio takes it away."""
        place = f"unix:{tmp_path}/smtp"
        with Serving(door, place, "--via", "null:") as serving:
            done = run(door, place, "--via", "null:")

            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(tmp_path / "smtp"))
            assert serving.end() == Exit.STOPPED

        assert done.returncode == Exit.UNAVAILABLE

    @pytest.mark.parametrize("door", ["--smtp", "--xmlrpc"])
    def test_a_socket_file_of_who_was_killed_is_taken(self, door: str, tmp_path: Path) -> None:
        """Nobody listens at it."""
        place = f"unix:{tmp_path}/smtp"
        with Serving(door, place, "--via", "null:") as killed:
            killed.end(signal.SIGKILL)
        assert stat.S_ISSOCK((tmp_path / "smtp").stat().st_mode)

        with Serving(door, place, "--via", "null:") as serving:
            assert serving.end() == Exit.STOPPED

    @pytest.mark.parametrize("door", ["--smtp", "--xmlrpc"])
    def test_a_file_that_is_no_socket_stays(self, door: str, tmp_path: Path) -> None:
        """A slip must cost nobody a file."""
        path = tmp_path / "thesis.txt"
        path.write_text("all of it", encoding="utf-8")

        done = run(door, f"unix:{path}", "--via", "null:")

        assert done.returncode == Exit.UNAVAILABLE
        assert path.read_text(encoding="utf-8") == "all of it"

    @pytest.mark.parametrize(
        ("place", "status", "text"),
        [
            pytest.param("nowhere.invalid:2525", Exit.UNKNOWN_HOST, "check the name of the host", id="usual-no-host"),
            pytest.param("192.0.2.1:2525", Exit.UNAVAILABLE, "name an address that this machine has", id="usual-other"),
            pytest.param("unix:no/folder/smtp", Exit.UNAVAILABLE, "make the folder", id="usual-no-folder"),
            pytest.param("unix:" + "x" * 200, Exit.UNAVAILABLE, "path too long", id="odd-long-path"),
        ],
    )
    def test_a_place_that_is_none_is_told(self, place: str, status: Exit, text: str) -> None:
        """One line, with what to do."""
        done = run("--smtp", place, "--allow", "192.0.2.0/24", "--via", "null:")

        assert done.returncode == status
        assert text in done.stderr
        assert done.stderr.count("\n") == 1

    def test_an_open_relay_does_not_start(self) -> None:
        """RFC 5321, section 7.9."""
        done = run("--smtp", "0.0.0.0:0", "--via", "null:")

        assert done.returncode == Exit.CONFIGURATION
        assert "--users, --domain or --allow says so" in done.stderr

    def test_an_interrupt_before_it_runs_is_no_traceback(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As a shell has it."""

        def interrupted(_options: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(_run, "_run", interrupted)

        assert main(["--help"]) == 130
        assert capsys.readouterr().err == "cartero-serve: interrupted\n"

    @pytest.mark.parametrize(("options", "is_told"), [([], False), (["-v"], True)])
    def test_a_mistake_of_its_own_is_one_line(
        self,
        options: list[str],
        is_told: bool,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Its text may hold anything; -v shows where it happened."""

        def broken(_options: object) -> None:
            raise LookupError("the secret")

        monkeypatch.setattr(_run, "_run", broken)

        assert main(["--smtp", "1", *options]) == Exit.INTERNAL

        error = capsys.readouterr().err
        assert error.endswith("cartero-serve: internal error (LookupError); -v shows where\n")
        assert ("the secret" in error) == is_told

    def test_the_process_ends_with_the_status(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the entry point calls."""
        monkeypatch.setattr(sys, "argv", ["cartero-serve"])

        with pytest.raises(SystemExit) as ended:
            command()

        assert ended.value.code == Exit.USAGE
