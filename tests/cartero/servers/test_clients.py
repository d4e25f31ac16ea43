"""Clients that nobody here wrote, at each door: ``swaks``, ``smtp-source`` of Postfix, and the standard library's."""

from __future__ import annotations

import os
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartero.servers import LMTPServer, SMTPServer, running
from cartero.servers.passwords import password_line
from mimekit import parse
from tests.certificates import AUTHORITY, client_context, server_context

_SWAKS = shutil.which("swaks")
_SOURCE = shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
needs_swaks = pytest.mark.skipif(_SWAKS is None, reason="there is no swaks here: it is in Debian's package swaks")
needs_source = pytest.mark.skipif(_SOURCE is None, reason="there is no smtp-source here: it is in Debian's postfix")
_MAIL = "From: me@example.org\r\nTo: you@example.org\r\nSubject: Hi\r\n\r\nHello!\r\n.\r\n..\r\n"
_DOORS = ["starttls", "tls", "lmtp"]


class House:
    """A server with a door of each kind, all into one Maildir; who comes by SMTP over TLS logs in as ana."""

    def __init__(self, folder: Path) -> None:
        users = folder / "users"
        users.write_text(password_line("ana", "s3cret"), encoding="utf-8")
        self.box = folder / "box"
        to, tls = f"maildir:{self.box}", server_context("localhost", "127.0.0.1")
        self.path = str(folder / "lmtp")
        self.starttls = SMTPServer("127.0.0.1", to=to, tls=tls, users=users)
        self.tls = SMTPServer("127.0.0.1", to=to, tls=tls, implicit_tls=True, users=users)
        self.open = SMTPServer("127.0.0.1", to=to)
        self.lmtp = LMTPServer(path=self.path, to=to)
        self.lmtp_port = LMTPServer("127.0.0.1", to=to)

    @property
    def mails(self) -> list[bytes]:
        """What has arrived."""
        return [path.read_bytes() for path in (self.box / "new").iterdir()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server with all doors open."""
    made = House(tmp_path)
    with running(made.starttls, made.tls, made.open, made.lmtp, made.lmtp_port):
        yield made


@pytest.mark.parametrize("door", _DOORS)
def test_smtplib_delivers(door: str, house: House) -> None:
    """With STARTTLS or TLS and a login; over LMTP with neither."""
    context = client_context()
    client: smtplib.SMTP
    if door == "lmtp":
        client = smtplib.LMTP(house.path)
    elif door == "tls":
        client = smtplib.SMTP_SSL("localhost", house.tls.port, context=context)
    else:
        client = smtplib.SMTP("localhost", house.starttls.port)
        client.starttls(context=context)
    with client:
        if door != "lmtp":
            client.login("ana", "s3cret")
        # QUIRK: smtplib reads one reply over LMTP, however many recipients there are.
        recipients = ["you@example.org"] if door == "lmtp" else ["you@example.org", "hid@example.org"]
        refused = client.sendmail("me@example.org", recipients, _MAIL)

    assert refused == {}
    [octets] = house.mails
    assert octets.decode().endswith(_MAIL)
    expected = {"starttls": b"ESMTPSA", "tls": b"ESMTPSA", "lmtp": b"LMTP"}
    assert b" with " + expected[door] + b" id " in octets


@pytest.mark.parametrize("door", ["starttls", "tls"])
def test_who_has_not_logged_in_is_refused(door: str, house: House) -> None:
    """RFC 5321, section 7.9: mail for others is not carried for anybody; nor is a wrong password a login."""
    context = client_context()
    with (
        smtplib.SMTP_SSL("localhost", house.tls.port, context=context)
        if door == "tls"
        else smtplib.SMTP("localhost", house.starttls.port) as client
    ):
        if door == "starttls":
            client.starttls(context=context)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("ana", "wrong")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("me@example.org", ["you@example.org"], _MAIL)

    assert not list((house.box / "new").iterdir())


def test_a_client_that_does_not_believe_the_certificate_goes_away(house: House) -> None:
    """And the server serves the next one."""
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL("localhost", house.tls.port, context=ssl.create_default_context())

    test_smtplib_delivers("tls", house)


@pytest.mark.peer
@needs_swaks
@pytest.mark.parametrize("door", _DOORS)
def test_swaks_delivers(door: str, house: House) -> None:
    """It ends with 0 where the message was taken."""
    login = ["--auth", "PLAIN", "--auth-user", "ana", "--auth-password", "s3cret", "--tls-ca-path", AUTHORITY]
    arguments = {
        "starttls": ["--server", "localhost", "--port", str(house.starttls.port), "--tls", "--tls-verify", *login],
        "tls": ["--server", "localhost", "--port", str(house.tls.port), "--tls-on-connect", "--tls-verify", *login],
        "lmtp": ["--socket", house.path, "--protocol", "LMTP"],
    }[door]
    assert _SWAKS is not None

    done = subprocess.run(
        [_SWAKS, *arguments, "--from", "me@example.org", "--to", "you@example.org,ana@example.org", "--body", "Hello!"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    [octets] = house.mails
    assert parse(octets).get_text().strip() == "Hello!"
    assert b" with LMTP id " in octets if door == "lmtp" else b" with ESMTPSA id " in octets


@pytest.mark.peer
@needs_swaks
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_logs_in(mechanism: str, house: House) -> None:
    """By each mechanism; where the password is wrong, it ends with its status for that."""
    swaks = [_SWAKS or "", "--server", f"localhost:{house.starttls.port}", "--tls", "--to", "you@example.org"]
    login = ["--auth", mechanism, "--auth-user", "ana", "--auth-password"]

    ends = [
        subprocess.run([*swaks, *login, password], capture_output=True, check=False).returncode
        for password in ("s3cret", "wrong")
    ]

    assert ends == [0, 28]


@pytest.mark.peer
@needs_source
@pytest.mark.parametrize("door", ["smtp", "lmtp"])
def test_smtp_source_delivers(door: str, house: House) -> None:
    """Many messages over several connections at once."""
    assert _SOURCE is not None
    port = (house.lmtp_port if door == "lmtp" else house.open).port
    arguments = ["-L"] if door == "lmtp" else []

    done = subprocess.run(
        [
            *(_SOURCE, *arguments, "-s", "4", "-m", "40", "-l", "5000", "-r", "3"),
            *("-f", "me@example.org", "-t", "you@example.org", f"inet:127.0.0.1:{port}"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(house.mails) == 40
    assert {len(octets) >= 5_000 for octets in house.mails} == {True}
