"""From options to servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartero import BadURL
from cartero.cli._exits import ConfigurationError, NoInputError, UsageError
from cartero.servers import LMTPServer, SMTPServer, XMLRPCServer
from cartero.servers.cli._parser import parse_options
from cartero.servers.cli._places import Listening, servers
from cartero.servers.passwords import password_line


def made(*arguments: str) -> Listening:
    """The servers for *arguments*, whose mail goes nowhere."""
    return servers(parse_options([*arguments, "--via", "null:"]))


def place(text: str) -> str:
    """Where *text* says a server listens."""
    [(_, server)] = made("--smtp", text, "--allow", "10.0.0.0/8").servers
    return str(server.place)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("127.0.0.1:2525", "127.0.0.1:2525", id="usual-address"),
        pytest.param("mail.example.org:25", "mail.example.org:25", id="usual-name"),
        pytest.param("[::1]:2525", "[::1]:2525", id="usual-v6"),
        pytest.param("unix:run/smtp", "run/smtp", id="usual-socket-file"),
        pytest.param("2525", "127.0.0.1:2525", id="odd-port-alone"),
    ],
)
def test_a_place_is_a_host_and_a_port_or_a_path(text: str, found: str) -> None:
    """A port alone is open to this machine alone."""
    assert place(text) == found


@pytest.mark.parametrize("text", ["", "localhost", "::1:25", "127.0.0.1:70000", "host:", ":25", "unix:", "smtp://h:25"])
def test_what_is_no_place_is_refused(text: str) -> None:
    """With the option, and what was expected."""
    with pytest.raises(UsageError, match="--smtp: expected"):
        place(text)


class TestRoad:
    def test_the_environment_names_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As for cartero-send."""
        monkeypatch.setenv("CARTERO_URL", "maildir:inbox")

        listening = servers(parse_options(["--smtp", "1"]))

        assert str(listening) == "listening: SMTP at 127.0.0.1:1; mail goes to maildir:inbox"

    def test_a_road_must_be_named(self) -> None:
        """Mail that goes nowhere is to be asked for."""
        with pytest.raises(ConfigurationError, match="--via console:"):
            servers(parse_options(["--smtp", "1"]))

    def test_what_the_environment_says_may_be_wrong(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is said where."""
        monkeypatch.setenv("CARTERO_URL", "nonsense:")

        with pytest.raises(ConfigurationError, match=r"^\$CARTERO_URL: "):
            servers(parse_options(["--smtp", "1"]))

    def test_what_the_command_line_says_may_be_wrong(self) -> None:
        """It is told before anybody connects."""
        with pytest.raises(BadURL, match="no sender is called nonsense"):
            servers(parse_options(["--smtp", "1", "--via", "nonsense:"]))

    def test_its_password_is_not_told(self) -> None:
        """What is said stands in logs."""
        listening = servers(parse_options(["--smtp", "1", "--via", "smtp://me:secret@mx.example.org"]))

        assert "secret" not in str(listening)


class TestAccess:
    def test_an_open_relay_is_refused(self) -> None:
        """RFC 5321, section 7.9: who carries on anything for anybody is abused."""
        with pytest.raises(ConfigurationError, match="who may send by this server"):
            made("--smtp", "0.0.0.0:25")

    def test_users_beyond_this_machine_need_tls(self, tmp_path: Path) -> None:
        """RFC 4954, section 4: a password in the clear is told to everybody on the way."""
        users = tmp_path / "users"
        users.write_text(password_line("ana", "x"), encoding="utf-8")

        with pytest.raises(ConfigurationError, match="--tls-cert"):
            made("--smtp", "0.0.0.0:587", "--users", str(users))

    def test_users_log_in_where_they_submit(self, tmp_path: Path, certificate: tuple[str, str]) -> None:
        """A mail server that delivers by LMTP has no user here."""
        users = tmp_path / "users"
        users.write_text(password_line("ana", "x"), encoding="utf-8")
        cert, key = certificate

        found = made(
            *("--smtp", "0.0.0.0:587", "--smtps", "0.0.0.0:465", "--lmtp", "unix:lmtp"),
            *("--users", str(users), "--tls-cert", cert, "--tls-key", key),
        ).servers

        assert [(name, type(server)) for name, server in found] == [
            ("SMTP", SMTPServer),
            ("SMTPS", SMTPServer),
            ("LMTP", LMTPServer),
        ]
        assert [getattr(server, "_door").access.users is not None for _, server in found] == [True, True, False]  # noqa: B009 - of any of them

    def test_a_file_of_users_that_is_not_there_is_told(self) -> None:
        """Nobody could log in."""
        with pytest.raises(BadURL, match="cannot read the users in nowhere"):
            made("--smtp", "1", "--users", "nowhere")

    def test_a_network_that_is_none_is_told(self) -> None:
        """A slip there would let in others."""
        with pytest.raises(ConfigurationError, match=r"10\.0\.0\.0/99"):
            made("--smtp", "1", "--allow", "10.0.0.0/99")


class TestLimits:
    def test_they_reach_every_server(self) -> None:
        """Each by its option, and the others as they are."""
        [(_, one), (_, other)] = made("--smtp", "1", "--lmtp", "2", "--max-size", "1K", "--rate", "0.5").servers

        assert isinstance(one, SMTPServer)
        assert isinstance(other, LMTPServer)
        assert one._door.limits == other._door.limits
        assert (one._door.limits.size, one._door.limits.rate, one._door.limits.recipients) == (1_024, 0.5, 1_000)

    def test_one_delivery_is_shared(self) -> None:
        """So that a URL is the same Maildir, by whichever door mail comes."""
        [(_, one), (_, other)] = made("--smtp", "1", "--smtp", "2").servers

        assert isinstance(one, SMTPServer)
        assert isinstance(other, SMTPServer)
        assert one._door.delivery is other._door.delivery


class TestCertificate:
    def test_key_and_certificate_may_be_one_file(self, tmp_path: Path, certificate: tuple[str, str]) -> None:
        """As many tools write them."""
        both = tmp_path / "both.pem"
        both.write_text("".join(Path(path).read_text(encoding="ascii") for path in certificate), encoding="ascii")

        made("--smtps", "1", "--tls-cert", str(both))

    def test_a_file_that_is_not_there_is_named(self, certificate: tuple[str, str]) -> None:
        """Of two, the one that is meant."""
        with pytest.raises(NoInputError, match="cannot read nowhere: No such file"):
            made("--smtp", "1", "--tls-cert", certificate[0], "--tls-key", "nowhere")

    @pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
    def test_what_is_no_certificate_is_told(self, tmp_path: Path, text: str) -> None:
        """And not when the first client comes."""
        path = tmp_path / "x.pem"
        path.write_text(text, encoding="ascii")

        with pytest.raises(NoInputError, match="expected a certificate and its key"):
            made("--smtp", "1", "--tls-cert", str(path))

    def test_a_key_of_another_certificate_is_told(self, certificate: tuple[str, str], tmp_path: Path) -> None:
        """Two files are easily confused."""
        from tests.certificates import OTHER  # noqa: PLC0415 - made when imported

        other = tmp_path / "other.pem"
        other.write_bytes(OTHER.private_key_pem.bytes())

        with pytest.raises(NoInputError, match=r"cert\.pem and .*other\.pem"):
            made("--smtp", "1", "--tls-cert", certificate[0], "--tls-key", str(other))


class TestCalls:
    """XML-RPC."""

    def test_a_token_is_the_first_line_of_a_file(self, tmp_path: Path, certificate: tuple[str, str]) -> None:
        """No command line has it; over HTTPS where that is asked for."""
        path, (cert, key) = tmp_path / "token", certificate
        path.write_text("s3cret\nmore\n", encoding="utf-8")

        listening = made(
            *("--xmlrpc", "0.0.0.0:8025", "--xmlrpcs", "8443", "--token-file", str(path)),
            *("--tls-cert", cert, "--tls-key", key),
        )

        assert str(listening).startswith("listening: XML-RPC at 0.0.0.0:8025, XML-RPC over TLS at 127.0.0.1:8443;")
        servers_of_calls = [server for _, server in listening.servers if isinstance(server, XMLRPCServer)]
        assert [(server._token, server._tls is not None) for server in servers_of_calls] == [
            ("s3cret", False),
            ("s3cret", True),
        ]

    def test_the_environment_has_it_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As $CARTERO_URL has passwords."""
        monkeypatch.setenv("CARTERO_TOKEN", "s3cret")

        [(_, server)] = made("--xmlrpc", "8025").servers

        assert isinstance(server, XMLRPCServer)
        assert server._token == "s3cret"

    def test_without_one_only_this_machine_comes_in(self) -> None:
        """As an open relay."""
        made("--xmlrpc", "8025")
        with pytest.raises(ConfigurationError, match="set a token"):
            made("--xmlrpc", "0.0.0.0:8025")

    @pytest.mark.parametrize("octets", [b"", b"\n", b"\xff\n"])
    def test_what_is_no_token_is_told(self, octets: bytes, tmp_path: Path) -> None:
        """A file that is empty would let in everybody, or nobody."""
        path = tmp_path / "token"
        path.write_bytes(octets)

        with pytest.raises(NoInputError, match="token"):
            made("--xmlrpc", "8025", "--token-file", str(path))

    def test_a_token_that_cannot_be_shown_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is not told what it is."""
        monkeypatch.setenv("CARTERO_TOKEN", "two words")

        with pytest.raises(ConfigurationError, match="visible ASCII") as refused:
            made("--xmlrpc", "8025")

        assert "two words" not in str(refused.value)
