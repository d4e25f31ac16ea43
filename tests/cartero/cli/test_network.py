"""`cartero-send` as somebody new to it meets a mail server: aiosmtpd, with what goes wrong on the way."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cartero.cli import main
from mimekit import MIMEMessage, parse
from tests import mailservers
from tests.certificates import AUTHORITY, context, fingerprint, issued
from tests.ports import unused_port

ROOT = Path(__file__).parents[3]
TEXT = "Schöne Grüße\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"


class Box:
    """What a server accepted, and whom it refuses."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refusals: dict[str, list[str]] = {}
        self.mail_options: list[str] = []
        self.rcpt_options: list[str] = []

    @property
    def messages(self) -> list[MIMEMessage]:
        """The messages, read again."""
        contents = [envelope.content for envelope in self.envelopes]
        return [parse(content) for content in contents if isinstance(content, bytes)]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take *address*, unless it is to be refused."""
        if self.refusals.get(address):
            return self.refusals[address].pop(0)
        self.rcpt_options += options
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Keep it."""
        self.envelopes.append(envelope)
        return "250 2.0.0 queued as 4F1"


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    """Whether it is me."""
    assert isinstance(given, LoginPassword)
    return AuthResult(success=given == LoginPassword(b"me", b"sec$ret"), handled=False)


class Server:
    """aiosmtpd on a free port."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, at_once: bool = False, **settings: Any) -> None:
        self.box = Box()
        settings = {"hostname": "mail.test", "authenticator": None, **settings}
        if tls is not None:
            settings |= {"tls": tls, "secure": at_once, "starttls": not at_once}
        self._serving = mailservers.serve(self.box, **settings)
        self.port = self._serving.__enter__().port

    def close(self) -> None:
        """Serve nobody any more."""
        self._serving.__exit__(None, None, None)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers."""
    started: list[Server] = []

    def start(**settings: Any) -> Server:
        started.append(Server(**settings))
        return started[-1]

    yield start
    for server in started:
        server.close()


class Certificates:
    """A certificate for localhost, and who made it."""

    def __init__(self) -> None:
        own = issued("localhost", "mail.test")
        self.context = context(own)
        self.fingerprint = fingerprint(own)
        self.ca = AUTHORITY


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """One certificate for all."""
    return Certificates()


@pytest.fixture
def secure(serve: Callable[..., Server], certificates: Certificates) -> Server:
    """A server that wants to know who sends, and begins TLS by STARTTLS."""
    return serve(tls=certificates.context, authenticator=authenticate, auth_required=True)


def send(text: str, *arguments: str | Path) -> int:
    """The exit status of a run from me to you."""
    given = ["-s", "Hello", "-f", "me@x.org", *map(str, arguments), "you@x.org"]
    return main(given, stdin=io.BytesIO(text.encode()))


class TestSending:
    def test_a_rich_message_arrives_as_it_was_made(
        self, serve: Callable[..., Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A text, a page with its image, a file with a name in another script; read back equal."""
        server = serve()
        (tmp_path / "logo.png").write_bytes(PNG)
        (tmp_path / "page.html").write_text('<h1>Grüße</h1><img src="logo.png">', encoding="utf-8")
        (tmp_path / "レポート.pdf").write_bytes(b"%PDF-1.7\r\n\0\xff\n.\n")

        status = send(
            TEXT,
            *("--via", f"smtp://localhost:{server.port}", "-s", "Grüße", "--html", tmp_path / "page.html"),
            *("-a", tmp_path / "レポート.pdf"),
        )

        assert (status, capsys.readouterr().out) == (0, "you@x.org: accepted (queued as 4F1)\n")
        [message] = server.box.messages
        body, file = message.parts
        text, page = body.parts
        assert (message["Subject"], text.get_content(), page.parts[1].octets) == ("Grüße", TEXT, PNG)
        assert (file.get_filename(), file.octets) == ("レポート.pdf", b"%PDF-1.7\r\n\0\xff\n.\n")
        assert server.box.envelopes[0].rcpt_tos == ["you@x.org"]

    def test_a_ready_message_goes_octet_for_octet(self, serve: Callable[..., Server]) -> None:
        """But for line ends, which are CRLF on the way. RFC 5321, section 2.3.8."""
        server = serve()
        ready = b"From: me@x.org\nTo: list@x.org\nSubject:  as it is\n\n.\n..\nHi!\n"

        assert main(["--via", f"smtp://localhost:{server.port}", "you@x.org"], stdin=io.BytesIO(ready)) == 0

        assert server.box.envelopes[0].content == ready.replace(b"\n", b"\r\n")

    def test_one_who_is_refused_is_told(self, serve: Callable[..., Server], capsys: pytest.CaptureFixture[str]) -> None:
        """Exit status 3: a script must not send it to all again."""
        server = serve()
        server.box.refusals["ana@x.org"] = ["550 5.1.1 no such user"]

        assert send(TEXT, "--via", f"smtp://localhost:{server.port}", "ana@x.org") == 3

        out, err = capsys.readouterr()
        assert out == "you@x.org: accepted (queued as 4F1)\n"
        assert err == "cartero-send: ana@x.org: refused (550 5.1.1 no such user)\n"

    def test_what_is_refused_for_now_is_tried_again(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """To him alone, with the same Message-ID."""
        waits: list[float] = []
        monkeypatch.setattr("time.sleep", waits.append)
        server = serve()
        server.box.refusals["ana@x.org"] = ["451 4.7.1 greylisted, come back in 7 seconds"]

        assert send(TEXT, "--via", f"smtp://localhost:{server.port}", "--retry", "2", "ana@x.org") == 0

        assert [envelope.rcpt_tos for envelope in server.box.envelopes] == [["you@x.org"], ["ana@x.org"]] or [
            envelope.rcpt_tos for envelope in server.box.envelopes
        ] == [["ana@x.org", "you@x.org"]]
        first, second = server.box.messages
        assert first["Message-ID"] == second["Message-ID"]
        assert waits == [7.0]
        assert "trying again in 7 s: ana@x.org refused (451 4.7.1 greylisted" in capsys.readouterr().err

    def test_all_refused_for_now_is_worth_another_try(self, serve: Callable[..., Server]) -> None:
        """Exit status 75."""
        server = serve()
        server.box.refusals["you@x.org"] = ["451 4.7.1 greylisted"]

        assert send(TEXT, "--via", f"smtp://localhost:{server.port}") == 75

    def test_all_refused_for_good_is_not(self, serve: Callable[..., Server]) -> None:
        """Exit status 67."""
        server = serve()
        server.box.refusals["you@x.org"] = ["550 5.1.1 no such user"]

        assert send(TEXT, "--via", f"smtp://localhost:{server.port}") == 67

    def test_many_go_over_one_connection(
        self, serve: Callable[..., Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each recipient sees himself alone."""
        server = serve()
        (tmp_path / "list").write_text("\n".join(f"{number}@x.org" for number in range(20)), encoding="utf-8")
        server.box.refusals["7@x.org"] = ["550 5.1.1 no such user"]

        status = send(TEXT, "--via", f"smtp://localhost:{server.port}", "--each", "--recipients", tmp_path / "list")

        out, err = capsys.readouterr()
        assert (status, out) == (3, "20 of 21 messages accepted, 1 failed\n")
        assert err.startswith("cartero-send: 7@x.org: ")
        assert {str(message["To"]) for message in server.box.messages} == {
            "you@x.org",
            *(f"{number}@x.org" for number in range(20) if number != 7),
        }
        assert len({envelope.rcpt_tos[0] for envelope in server.box.envelopes}) == 20

    @pytest.mark.parametrize("refused", ["", "a2@x.org"], ids=["usual", "odd-the-last-is-refused"])
    def test_an_mbox_goes_over_one_connection(
        self, serve: Callable[..., Server], tmp_path: Path, capsys: pytest.CaptureFixture[str], refused: str
    ) -> None:
        """Of a file, which is read to its end before the last message has gone."""
        server = serve()
        server.box.refusals[refused] = ["550 5.1.1 no such user"]
        line = "From me@x.org Thu Jan  1 00:00:00 2026\n"
        entries = [f"{line}From: me@x.org\nTo: a{number}@x.org\n\nHi!\n\n" for number in range(3)]
        (tmp_path / "box").write_text("".join(entries), encoding="utf-8")

        status = main(["--mbox", str(tmp_path / "box"), "--via", f"smtp://localhost:{server.port}"])

        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert (status, len(server.box.envelopes)) == ((3, 2) if refused else (0, 3))
        assert out == ("2 of 3 messages accepted, 1 failed\n" if refused else "3 of 3 messages accepted\n")

    def test_a_message_that_is_too_large_is_no_fault_of_those_who_would_get_it(
        self, serve: Callable[..., Server]
    ) -> None:
        """Exit status 69, and not 67."""
        server = serve(data_size_limit=1_000)

        assert send("x" * 2_000, "--via", f"smtp://localhost:{server.port}") == 69

    def test_notices_can_be_asked_for(self, serve: Callable[..., Server]) -> None:
        """RFC 3461, section 4.1; a server without the extension is not asked."""
        server = serve()

        assert send(TEXT, "--via", f"smtp://localhost:{server.port}", "--dsn", "failure,delay") == 0

        assert server.box.rcpt_options == []

    def test_it_imports_neither_asyncio_nor_email(self, serve: Callable[..., Server], tmp_path: Path) -> None:
        """A command's start is most of its cost; without TLS, no ssl either."""
        server = serve()
        script = (
            "import sys; from cartero.cli import main; status = main()\n"
            "heavy = {'asyncio', 'email', 'logging', 'ssl', 'subprocess', 'http', 'dataclasses'}\n"
            "print(status, *sorted((heavy | {'tomllib', 'rich', 'pathlib'}) & sys.modules.keys()))"
        )

        done = subprocess.run(
            [
                *(sys.executable, "-c", script, "--via", f"smtp://localhost:{server.port}", "-q"),
                *("-s", "x", "-f", "me@x.org", "you@x.org"),
            ],
            input=b"Hi!",
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )

        assert done.stdout.split() == [b"0"]


class TestSigning:
    """RFC 6376."""

    @pytest.fixture
    def key(self, tmp_path: Path) -> tuple[Path, bytes]:
        """The file of a private key, and the DNS record of the public one."""
        made = rsa.generate_private_key(65_537, 2048)
        path = tmp_path / "key.pem"
        path.write_bytes(
            made.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        public = made.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return path, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)

    def test_what_arrives_is_signed(self, serve: Callable[..., Server], key: tuple[Path, bytes]) -> None:
        """An outside reader says so."""
        server = serve()

        status = send(TEXT, "--via", f"smtp://localhost:{server.port}", "--dkim", f"x.org:s1:{key[0]}")

        assert status == 0
        octets = server.box.envelopes[0].content
        records = {b"s1._domainkey.x.org.": key[1]}
        assert dkim.verify(octets, dnsfunc=lambda name, **_: records[name])

    def test_a_dry_run_shows_the_signature(self, capsys: pytest.CaptureFixture[str], key: tuple[Path, bytes]) -> None:
        """It is what would be sent."""
        assert send(TEXT, "-n", "--dkim", f"x.org:s1:{key[0]}") == 0

        assert "\nDKIM-Signature: v=1; a=rsa-sha256;" in capsys.readouterr().out


class TestTalk:
    def test_it_is_shown_without_secrets(
        self, secure: Server, certificates: Certificates, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """SECURITY: neither the password nor what is made of it."""
        status = send(
            TEXT,
            *("-v", "--via", f"smtp://me@localhost:{secure.port}", "--password-command", "echo 'sec$ret'"),
            *("--tls", "require", "--ca", certificates.ca),
        )

        out, err = capsys.readouterr()
        assert status == 0
        assert "\n> EHLO " in err
        assert "\n< 250" in err
        assert "> AUTH " in err
        assert "****" in err
        assert "> MAIL FROM:<me@x.org>" in err
        assert "sec$ret" not in out + err


class TestTrust:
    def test_a_certificate_of_an_authority_that_is_named(self, secure: Server, certificates: Certificates) -> None:
        """And the password from a command."""
        status = send(
            TEXT,
            *("--via", f"smtp://me@localhost:{secure.port}", "--password-command", "echo 'sec$ret'; echo more"),
            *("--tls", "require", "--ca", certificates.ca),
        )

        assert (status, len(secure.box.envelopes)) == (0, 1)

    def test_a_certificate_of_a_fingerprint_that_is_named(
        self, serve: Callable[..., Server], certificates: Certificates
    ) -> None:
        """TLS from the first octet on."""
        server = serve(tls=certificates.context, at_once=True)

        status = send(TEXT, "--via", f"smtps://localhost:{server.port}", "--fingerprint", certificates.fingerprint)

        assert (status, len(server.box.envelopes)) == (0, 1)

    def test_the_account_has_it_all(
        self, secure: Server, certificates: Certificates, accounts: Callable[[str], Path]
    ) -> None:
        """So that the command line is short."""
        accounts(
            f"[default]\nurl = 'smtp://localhost:{secure.port}'\nuser = 'me'\npassword = 'sec$ret'\n"
            f"from = 'me@x.org'\nsender_name = 'Me'\ntls = 'require'\nca = '{certificates.ca}'\n"
        )

        assert main(["-s", "Hello", "you@x.org"], stdin=io.BytesIO(b"Hi!")) == 0

        assert str(secure.box.messages[0]["From"]) == "Me <me@x.org>"

    def test_called_as_sendmail_it_does_what_that_does(
        self, secure: Server, certificates: Certificates, tmp_path: Path
    ) -> None:
        """A link of that name, and a message as cron writes it."""
        (tmp_path / "cartero.toml").write_text(
            f"[default]\nurl = 'smtp://me:sec%24ret@localhost:{secure.port}?tls=require&ca={certificates.ca}'\n"
            "from = 'me@x.org'\nlocal_recipient = 'admin@x.org'\n",
            encoding="utf-8",
        )
        (tmp_path / "cartero.toml").chmod(0o600)
        command = tmp_path / "sendmail"
        command.write_text(f"#!{sys.executable}\nimport sys\nfrom cartero.cli import main\nsys.exit(main())\n")
        command.chmod(0o755)

        done = subprocess.run(
            [command, "-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"],
            input=b"From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\ndone\n.\nreally\n",
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)},
            check=False,
        )

        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        [envelope] = secure.box.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == ("me@x.org", ["admin@x.org"])
        assert secure.box.messages[0].get_content() == "done\n.\nreally\n"


class TestServerInfo:
    def test_people_are_told(
        self, secure: Server, certificates: Certificates, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing is sent, and standard input is not read."""
        arguments = ["--via", f"smtp://localhost:{secure.port}", "--tls", "require", "--ca", str(certificates.ca)]

        assert main([*arguments, "--server-info"], stdin=None) == 0

        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == f"smtp://localhost:{secure.port}"
        assert lines[1].startswith("greeting: 220 mail.test ")
        assert lines[2].startswith("TLS: TLSv1.3 ")
        assert lines[3] == "certificate: for localhost, mail.test"
        assert lines[4].startswith("certified by: trustme")
        assert lines[6] == f"fingerprint: {certificates.fingerprint}"
        assert "largest message: 33,554,432 octets" in lines
        assert "log in by: LOGIN, PLAIN" in lines
        assert "  SMTPUTF8" not in lines
        assert "  8BITMIME" in lines
        assert secure.box.envelopes == []

    def test_the_name_in_the_certificate_may_be_another(
        self, secure: Server, certificates: Certificates, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With --server-name."""
        road = ["--via", f"smtp://127.0.0.1:{secure.port}?tls=require", "--ca", str(certificates.ca)]

        assert main([*road, "--server-name", "mail.test", "--server-info"]) == 0

        assert "\nbelieved: yes\n" in capsys.readouterr().out

    @pytest.mark.parametrize("at_once", [False, True], ids=["usual-starttls", "usual-smtps"])
    @pytest.mark.parametrize("given", [[], ["--fingerprint", "00" * 32]], ids=["usual-ca", "usual-fingerprint"])
    def test_one_that_is_not_believed_is_shown(
        self,
        serve: Callable[..., Server],
        certificates: Certificates,
        capsys: pytest.CaptureFixture[str],
        given: list[str],
        *,
        at_once: bool,
    ) -> None:
        """SECURITY: it is said so, and nobody logs in."""
        logins: list[str] = []

        def note(*said: Any) -> AuthResult:
            logins.append(said[3])
            return AuthResult(success=True)

        server = serve(tls=certificates.context, at_once=at_once, authenticator=note)
        road = f"{'smtps' if at_once else 'smtp'}://me@localhost:{server.port}?password_command=echo%20x"

        assert main(["--via", road, *given, *([] if at_once else ["--tls", "require"]), "--server-info"]) == 77

        out, err = capsys.readouterr()
        lines = out.splitlines()
        assert lines[3] == "certificate: for localhost, mail.test"
        assert lines[4].startswith("certified by: trustme")
        assert lines[5].startswith("valid until: ")
        assert lines[6:8] == [f"fingerprint: {certificates.fingerprint}", "believed: no; this may be any server"]
        assert "; --ca FILE or --fingerprint HEX says so here" in err
        assert logins == []

    def test_one_that_does_not_come_a_second_time_is_not_shown(
        self, certificates: Certificates, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is wrong is said."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]

            def serve_once() -> None:
                connection, _ = listener.accept()
                listener.close()
                with connection, contextlib.suppress(OSError):
                    certificates.context.wrap_socket(connection, server_side=True)

            thread = threading.Thread(target=serve_once)
            thread.start()
            status = main(["--via", f"smtps://localhost:{port}", "--server-info"])
            thread.join()

        out, err = capsys.readouterr()
        assert (status, out, err.count("\n")) == (77, "", 1)
        assert "is not to be trusted as localhost" in err

    def test_programs_are_told(self, serve: Callable[..., Server], capsys: pytest.CaptureFixture[str]) -> None:
        """In the clear there is no certificate."""
        server = serve(data_size_limit=None)

        assert main(["--via", f"smtp://localhost:{server.port}", "--server-info", "--json"]) == 0

        facts = json.loads(capsys.readouterr().out)["server_info"]
        assert (facts["tls"], facts["certificate"], facts["most_octets"]) == ("", None, None)
        assert facts["extensions"]["8BITMIME"] == ""

    def test_a_server_that_is_not_there_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        """As when something is sent."""
        port = unused_port()

        assert main(["--via", f"smtp://localhost:{port}", "--server-info"]) == 75

        assert f"(connect, smtp://localhost:{port}); the port for mail" in capsys.readouterr().err

    def test_a_road_without_a_server_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The text says which roads have one."""
        assert main(["--via", "null:", "--server-info"]) == 64

        assert "--server-info is for smtp:, smtps: and lmtp:, and this road is null:" in capsys.readouterr().err


class Talker:
    """A server that says one thing to each who comes, or nothing."""

    def __init__(self, said: bytes) -> None:
        self._said = said
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            connection.sendall(self._said)

    def close(self) -> None:
        """Serve nobody any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._open:
            connection.close()


@pytest.fixture
def talk() -> Iterator[Callable[[bytes], Talker]]:
    """Starts servers that say one thing."""
    started: list[Talker] = []

    def start(said: bytes) -> Talker:
        started.append(Talker(said))
        return started[-1]

    yield start
    for server in started:
        server.close()


class TestMistakes:
    """Each is one line that says what to do next, and a status."""

    @pytest.fixture
    def fail(self, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
        """A run that fails: its status, and its one line."""

        def run(*arguments: str | Path) -> tuple[int, str]:
            status = send(TEXT, *arguments)
            out, err = capsys.readouterr()
            assert (out, err.count("\n"), err.startswith("cartero-send: ")) == ("", 1, True)
            assert "sec$ret" not in err
            return status, err

        return run

    def test_no_road(self, fail: Callable[..., tuple[int, str]]) -> None:
        """It says what one looks like, and where it may stand."""
        status, line = fail()

        assert status == 78
        assert (
            "name one with --via, such as --via smtp://me@mail.example.org:587, in $CARTERO_URL, or in an acc" in line
        )

    def test_an_unknown_road(self, fail: Callable[..., tuple[int, str]]) -> None:
        """It says which there are."""
        status, line = fail("--via", "smpt://localhost")

        assert status == 64
        assert "no sender is called smpt:; did you mean smtp:? (there are " in line
        assert "smtp:, smtps:" in line

    def test_a_wrong_port(self, fail: Callable[..., tuple[int, str]]) -> None:
        """It says which ports are usual; a server may be down for a while, too."""
        port = unused_port()

        status, line = fail("--via", f"smtp://localhost:{port}")

        assert status == 75
        assert f"localhost:{port}" in line
        assert line.endswith("; the port for mail that users send is 587, or 465 with smtps:\n")

    def test_the_port_of_something_else(
        self, fail: Callable[..., tuple[int, str]], talk: Callable[[bytes], Talker]
    ) -> None:
        """A web server, for one."""
        server = talk(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        status, line = fail("--via", f"smtp://localhost:{server.port}")

        assert status == 76
        assert "is it a mail server?" in line

    def test_a_port_that_wants_tls_at_once(
        self, fail: Callable[..., tuple[int, str]], serve: Callable[..., Server], certificates: Certificates
    ) -> None:
        """Both wait for the other to begin."""
        server = serve(tls=certificates.context, at_once=True)

        status, line = fail("--via", f"smtp://localhost:{server.port}", "--timeout", "0.5")

        assert status == 75
        assert "the server did not answer in time" in line
        assert "One that wants TLS at once, as on port 465, is smtps:" in line
        assert line.count("smtps:") == 1

    def test_a_port_that_begins_tls_later(
        self, fail: Callable[..., tuple[int, str]], serve: Callable[..., Server]
    ) -> None:
        """The other way round."""
        status, line = fail("--via", f"smtps://localhost:{serve().port}")

        assert status == 77
        assert "does not speak TLS at once (smtp: begins it by STARTTLS" in line
        assert "--ca" not in line

    def test_an_unknown_host(self, fail: Callable[..., tuple[int, str]]) -> None:
        """One that no name server could know."""
        status, line = fail("--via", "smtp://mail..example.org")

        assert status == 68
        assert line.endswith("; check the name of the host\n")

    def test_an_unknown_certificate(self, fail: Callable[..., tuple[int, str]], secure: Server) -> None:
        """It says whose it is, and how to trust it."""
        status, line = fail("--via", f"smtp://localhost:{secure.port}", "--tls", "require")

        assert status == 77
        assert "the server is not to be trusted as localhost (its certificate is for localhost, mail.test)" in line
        assert "; --ca FILE or --fingerprint HEX says so here" in line
        assert "ca= or" not in line

    def test_a_certificate_for_another_name(
        self, fail: Callable[..., tuple[int, str]], secure: Server, certificates: Certificates
    ) -> None:
        """It says both."""
        status, line = fail("--via", f"smtp://127.0.0.1:{secure.port}?tls=require", "--ca", certificates.ca)

        assert status == 77
        assert "not to be trusted as 127.0.0.1 (its certificate is for localhost, mail.test)" in line
        assert "; --server-name NAME says what its certificate is for" in line
        assert "ca= or" not in line

    def test_a_certificate_of_another_fingerprint(
        self, fail: Callable[..., tuple[int, str]], secure: Server, certificates: Certificates
    ) -> None:
        """It says which it is."""
        status, line = fail("--via", f"smtp://localhost:{secure.port}", "--fingerprint", "00" * 32)

        assert status == 77
        assert certificates.fingerprint in line

    def test_no_tls_where_it_is_wanted(
        self, fail: Callable[..., tuple[int, str]], serve: Callable[..., Server]
    ) -> None:
        """It says how to do without."""
        status, line = fail("--via", f"smtp://localhost:{serve().port}", "--tls", "require")

        assert status == 77
        assert "TLS is required and the server does not offer STARTTLS" in line
        assert line.endswith("; --tls off says so here\n")
        assert "tls=" not in line

    def test_a_login_where_tls_comes_first(
        self, fail: Callable[..., tuple[int, str]], secure: Server, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """On this machine TLS is not required, and the server does not say before it how one can log in."""
        road = f"smtp://localhost:{secure.port}"

        status, line = fail("--via", road, "--user", "me", "--password-command", "echo 'sec$ret'")

        assert status == 77
        assert "no mechanism will do" in line
        assert "it offers STARTTLS (--tls require)" in line
        assert "check --user" not in line
        assert main(["--via", road, "--server-info"]) == 0
        assert "\nTLS: none (STARTTLS is offered: --tls require)\n" in capsys.readouterr().out

    def test_a_message_where_a_login_comes_first(
        self, fail: Callable[..., tuple[int, str]], serve: Callable[..., Server]
    ) -> None:
        """RFC 4954, section 6: 530."""
        server = serve()
        server.box.refusals["you@x.org"] = ["530 5.7.0 authentication required"]

        status, line = fail("--via", f"smtp://localhost:{server.port}")

        assert status == 77
        assert "it wants a login or TLS first (--user and --password-command, or --tls require)" in line

    def test_a_sender_that_is_no_address(self, fail: Callable[..., tuple[int, str]]) -> None:
        """It says that it is the sender."""
        status, line = fail("--via", "null:", "-f", "me")

        assert (status, line) == (
            65,
            "cartero-send: -f: expected an address such as me@example.org, found 'me'\n",
        )

    def test_a_sender_of_an_account_that_is_no_address(
        self, accounts: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It says that it is in the account."""
        accounts("[default]\nurl = 'null:'\nfrom = 'me'\n")

        assert main(["-s", "x", "you@x.org"], stdin=io.BytesIO(b"Hi!")) == 65

        assert "from of the account: expected an address" in capsys.readouterr().err

    def test_a_certificate_file_that_is_none(
        self, fail: Callable[..., tuple[int, str]], secure: Server, tmp_path: Path
    ) -> None:
        """It is a setting that is wrong."""
        status, line = fail("--via", f"smtp://localhost:{secure.port}", "--ca", tmp_path / "none.pem")

        assert status == 66
        assert f"cannot read a certificate or key from {tmp_path}/none.pem: No such file or directory" in line

    @pytest.mark.parametrize("has_key", [False, True], ids=["usual-alone", "usual-with-its-key"])
    def test_a_certificate_of_ours_that_is_none(
        self,
        fail: Callable[..., tuple[int, str]],
        secure: Server,
        certificates: Certificates,
        tmp_path: Path,
        *,
        has_key: bool,
    ) -> None:
        """SECURITY: the files are named, and what is in them is not shown."""
        (tmp_path / "key.pem").write_text("sec$ret", encoding="utf-8")
        key = ("--key", tmp_path / "key.pem") if has_key else ()

        status, line = fail(
            *("--via", f"smtp://localhost:{secure.port}", "--ca", certificates.ca),
            *("--cert", tmp_path / "none.pem", *key),
        )

        assert status == 66
        files = f"{tmp_path}/none.pem or its key {tmp_path}/key.pem" if has_key else f"{tmp_path}/none.pem"
        assert f"cannot read a certificate or key from {files}: " in line

    def test_a_wrong_password(
        self, fail: Callable[..., tuple[int, str]], secure: Server, certificates: Certificates
    ) -> None:
        """It says what to look at, and is not tried again."""
        arguments = ("--password-command", "echo wrong", "--ca", certificates.ca, "--retry", "3")

        status, line = fail("--via", f"smtp://me@localhost:{secure.port}", *arguments)

        assert status == 77
        assert "the server does not take these credentials" in line
        assert line.endswith("; check --user, and what --password-command or --token-command prints\n")

    def test_no_password(self, fail: Callable[..., tuple[int, str]], secure: Server) -> None:
        """It says how one is given."""
        status, line = fail("--via", f"smtp://me@localhost:{secure.port}")

        assert status == 64
        assert "expected a password or token for me, found none; --password-command COMMAND prints it" in line

    def test_a_command_that_prints_no_password(
        self, fail: Callable[..., tuple[int, str]], secure: Server, certificates: Certificates
    ) -> None:
        """It is the command that failed, and not the server."""
        status, line = fail(
            *("--via", f"smtp://me@localhost:{secure.port}", "--password-command", "exit 3", "--ca", certificates.ca)
        )

        assert status == 77
        assert "the command for the secret printed none, and ended with 3" in line

    @pytest.mark.parametrize("address", ["you", "a@b@c", "x y@x.org"])
    def test_a_bad_address(
        self, fail: Callable[..., tuple[int, str]], serve: Callable[..., Server], address: str
    ) -> None:
        """It says which one, before anything is sent."""
        server = serve()

        status, line = fail("--via", f"smtp://localhost:{server.port}", address)

        assert status == 65
        assert "expected" in line
        assert server.box.envelopes == []

    def test_an_option_for_another_road(self, fail: Callable[..., tuple[int, str]]) -> None:
        """It is not silently left out."""
        status, line = fail("--via", "null:", "--tls", "require")

        assert status == 64
        assert "--tls is for smtp:, " in line

    def test_a_mistake_in_an_account(
        self, fail: Callable[..., tuple[int, str]], accounts: Callable[[str], Path]
    ) -> None:
        """It says where that is."""
        path = accounts("[default]\nurl = 'smpt://localhost'\n")

        status, line = fail()

        assert status == 78
        assert f"[default] in {path}: no sender is called smpt:" in line
