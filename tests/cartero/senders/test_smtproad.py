"""The settings both SMTP senders share, and what they make of them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from cartero import TLS, BadURL, SMTPSender, aio
from cartero.senders import _smtproad
from cartero.senders._smtproad import SMTPRoad
from tests.mailservers import Script

if TYPE_CHECKING:
    from pathlib import Path

both = pytest.mark.parametrize("kind", [SMTPSender, aio.AsyncSMTPSender])


@both
class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "problem"),
        [
            pytest.param({}, "expected the host of a mail server, found none", id="usual-no-host"),
            pytest.param({"host": "mx", "port": 0}, "expected a port from 1 to 65535, found 0", id="usual-port-zero"),
            pytest.param({"host": "mx", "port": 65_536}, "found 65536", id="usual-port-too-high"),
            pytest.param({"host": "mx", "path": "x"}, "a host or the path of a socket, found both", id="odd-both"),
            pytest.param(
                {"port": 25, "path": "x"}, "a host or the path of a socket, found both", id="odd-port-of-a-file"
            ),
            pytest.param(
                {"host": "mx", "protocol": "esmtp"}, "expected smtp, smtps or lmtp, found 'esmtp'", id="usual-protocol"
            ),
            pytest.param(
                {"host": "mx", "user": "me"}, "expected a password or token for me, found none", id="usual-no-password"
            ),
            pytest.param(
                {"host": "mx", "user": "me", "password": "s3cret", "auth": "NTLM"},
                "expected one of .*PLAIN.* as auth, found 'NTLM'",
                id="usual-auth",
            ),
            pytest.param(
                {"host": "mx", "user": "me", "password": "s3cret", "auth": "xoauth2"},
                "expected a token for XOAUTH2, found none",
                id="usual-auth-without-token",
            ),
            pytest.param(
                {"host": "mx", "user": "me", "token": "s3cret", "auth": "PLAIN"},
                "expected a password for PLAIN, found none",
                id="usual-auth-without-password",
            ),
            pytest.param({"host": "mx", "password": "s3cret"}, "of use only beside its user", id="usual-no-user"),
            pytest.param({"host": "mx", "token": "s3cret"}, "of use only beside its user", id="usual-token-alone"),
            pytest.param(
                {"host": "mx", "tls": "never"}, "expected require, opportunistic or off for tls", id="usual-tls"
            ),
            pytest.param({"host": "mx", "protocol": "smtps", "tls": TLS("off")}, "smtps is TLS from", id="usual-smtps"),
            pytest.param({"path": "x", "tls": "require"}, "a socket file has no host", id="odd-tls-at-a-socket"),
            pytest.param({"host": "mx", "tls": 5}, "expected require, .* for tls, found 5", id="odd-tls"),
            pytest.param({"host": None}, "expected the host of a mail server, found none", id="odd-host-none"),
            pytest.param({"host": b"mx"}, "expected text as host, found b'mx'", id="odd-host-octets"),
            pytest.param(
                {"host": "smtp://me:s3cret@mx"}, r"found a URL: cartero\.connect\(url\) takes one", id="usual-url"
            ),
            pytest.param(
                {"host": "mx:25"}, "found mx:25: the port is an argument of its own", id="usual-host-and-port"
            ),
            pytest.param({"host": "[::1]:25"}, "the port is an argument of its own", id="odd-address-and-port"),
            pytest.param({"host": "mx", "port": "587"}, "expected a number as port, found '587'", id="usual-port-text"),
            pytest.param({"path": 5}, "expected the path of a socket, found 5", id="odd-path"),
            pytest.param({"host": "mx", "timeouts": 10}, r"expected Timeouts\(...\) as timeouts", id="usual-timeouts"),
            pytest.param(
                {"host": "mx", "limits": 10}, r"expected Limits\(...\) as limits, found 10", id="usual-limits"
            ),
            pytest.param({"host": "mx", "dsn": "never"}, r"expected DSN\(...\) as dsn, found 'never'", id="usual-dsn"),
            pytest.param({"host": "mx", "trace": True}, "expected a function as trace, found True", id="usual-trace"),
            pytest.param({"host": "mx", "user": 5, "password": "s3cret"}, "expected text as user", id="odd-user"),
            pytest.param(
                {"host": "mx", "protocol": []}, r"expected smtp, smtps or lmtp, found \[\]", id="odd-protocol"
            ),
            pytest.param({"host": "mx", "own_name": "me"}, "expected a domain name of this host", id="usual-own-name"),
            pytest.param({"host": "mx", "own_name": "a.b\r\nRSET"}, "found 'a.b\\\\r", id="hostile-own-name"),
        ],
    )
    def test_what_cannot_be_is_refused_at_once(self, kind: Any, settings: dict[str, Any], problem: str) -> None:
        """Before the first message; no password is shown."""
        with pytest.raises(BadURL, match=problem) as caught:
            kind(**settings)

        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("settings", "name"),
        [
            pytest.param({"host": "mx"}, "smtp://mx:25", id="usual-relay"),
            pytest.param({"host": "mx", "user": "me", "token": "t"}, "smtp://me@mx:587", id="usual-submission"),
            pytest.param({"host": "mx", "protocol": "smtps"}, "smtps://mx:465", id="usual-smtps"),
            pytest.param({"host": "mx", "protocol": "lmtp"}, "lmtp://mx:24", id="usual-lmtp"),
            pytest.param({"host": "mx", "port": 26, "user": "me", "password": "p"}, "smtp://me@mx:26", id="odd-port"),
        ],
    )
    def test_the_port_follows_from_the_rest(self, kind: Any, settings: dict[str, Any], name: str) -> None:
        """RFC 6409, section 3.1: who logs in hands in mail at 587."""
        assert kind(**settings).name == name

    @pytest.mark.parametrize(
        ("settings", "mode"),
        [
            pytest.param({"host": "mx"}, "require", id="usual-remote"),
            pytest.param({"host": "localhost"}, "off", id="usual-local"),
            pytest.param({"host": "127.0.0.1", "protocol": "smtps"}, "require", id="usual-smtps"),
            pytest.param({"path": "x"}, "off", id="usual-socket"),
            pytest.param({"host": "mx", "tls": "off"}, "off", id="usual-said"),
            pytest.param({"path": "x", "tls": TLS(server_name="mx")}, "require", id="odd-socket-with-a-name"),
        ],
    )
    def test_tls_is_required_of_others(self, kind: Any, settings: dict[str, Any], mode: str) -> None:
        """RFC 8314, section 3: mail is handed in under TLS; on this machine nobody listens on the way."""
        assert kind(**settings)._tls.mode == mode

    def test_a_relative_socket_is_named_as_it_is(
        self, kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its name is a URL of the same meaning."""
        monkeypatch.chdir(tmp_path)

        assert kind(path="run/lmtp", protocol="lmtp").name == "lmtp:run/lmtp"


class TestOwnName:
    def test_it_is_the_domain_name_of_this_host(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """RFC 5321, section 4.1.1.1: if it has one."""
        monkeypatch.setattr(os, "uname", lambda: os.uname_result(("", "me.example.org", "", "", "")))

        assert _smtproad._own_name("192.0.2.1") == "me.example.org"

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            pytest.param("192.0.2.1", "[192.0.2.1]", id="usual-ipv4"),
            pytest.param("fe80::1%eth0", "[IPv6:fe80::1]", id="usual-ipv6"),
            pytest.param("", "localhost", id="odd-socket-file"),
        ],
    )
    @pytest.mark.parametrize("has_uname", [True, False])
    def test_else_its_address(self, address: str, name: str, has_uname: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        """RFC 5321, section 4.1.3: an address literal. The network is not asked, which might take its time."""
        if has_uname:
            monkeypatch.setattr(os, "uname", lambda: os.uname_result(("", "laptop", "", "", "")))
        else:
            monkeypatch.delattr(os, "uname")
            monkeypatch.setenv("COMPUTERNAME", "LAPTOP")

        assert _smtproad._own_name(address) == name


def test_a_trace_shows_the_talk() -> None:
    """It can be set later, too."""
    lines: list[str] = []
    with Script() as server:
        sender = SMTPSender(server.address.host, server.address.port)
        sender.trace = lambda direction, line: lines.append(f"{direction} {line}")
        sender.send(b"From: a@x.org\r\nTo: b@x.org\r\n\r\n")

    assert lines[0] == "< 220 hello"
    assert re.fullmatch(r"> EHLO \S+", lines[1])
    assert lines[-2:] == ["> QUIT", "< 221 bye"]


def test_a_trace_that_fails_is_not_what_became_of_the_message(caplog: pytest.LogCaptureFixture) -> None:
    """As where it is written to a pipe that nobody reads any more: the message has been taken all the same."""

    def trace(_direction: str, _line: str) -> None:
        raise BrokenPipeError

    with Script() as server:
        sender = SMTPSender(server.address.host, server.address.port, trace=trace)
        receipt = sender.send(b"From: a@x.org\r\nTo: b@x.org\r\n\r\n")

    assert receipt.accepted == ("b@x.org",)
    assert {record.getMessage() for record in caplog.records} == {"a trace function failed"}


def test_it_is_no_sender_by_itself() -> None:
    """How it waits is what makes it one."""
    with pytest.raises(TypeError, match="abstract"):
        SMTPRoad("mx")  # type: ignore[abstract]
