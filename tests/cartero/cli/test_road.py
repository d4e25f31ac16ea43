"""The sender that the options name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartero import SMTPSender
from cartero.cli._exits import ConfigurationError, UsageError
from cartero.cli._parser import parse_options
from cartero.cli._road import _url, road, signers


def written(url: str, *arguments: str, password: str | None = None) -> str:
    """What becomes of *url* by *arguments*."""
    options = parse_options(arguments)
    options.password = password
    return _url(url, options)


class TestURL:
    @pytest.mark.parametrize(
        ("url", "arguments", "expected"),
        [
            pytest.param("maildir:a b", [], "maildir:a b", id="usual-untouched"),
            pytest.param("smtp://mx", ["--tls", "off"], "smtp://mx?tls=off", id="usual-added"),
            pytest.param(
                "smtp://mx?tls=off&ca=a", ["--tls", "require"], "smtp://mx?ca=a&tls=require", id="usual-replaced"
            ),
            pytest.param("smtp://mx:25", ["--user", "a@b"], "smtp://a%40b@mx:25", id="usual-user"),
            pytest.param("smtp://me:$X@mx", ["--user", "you"], "smtp://you:$X@mx", id="usual-other-user"),
            pytest.param(
                "smtp://me:$X@mx?token_command=t",
                ["--password-command", "pass 'a&b' $HOME"],
                "smtp://me@mx?password_command=pass%20%27a%26b%27%20%24HOME",
                id="usual-command-in-place-of-password",
            ),
            pytest.param(
                "smtp://me@mx?password_command=p",
                ["--token-command", "t"],
                "smtp://me@mx?token_command=t",
                id="usual-token",
            ),
            pytest.param(
                "smtp://mx?connect=1&data=2&final=3",
                ["--timeout", "5"],
                "smtp://mx?final=3&timeout=5.0",
                id="usual-timeout",
            ),
            pytest.param(
                "smtp://mx",
                [
                    "--cert",
                    "a",
                    "--key",
                    "b",
                    "--auth",
                    "LOGIN",
                    "--dsn",
                    "delay,failure",
                    "--fingerprint",
                    "00",
                    "--ca",
                    "ü",
                ],
                "smtp://mx?ca=%C3%BC&fingerprint=00&certificate=a&key=b&auth=LOGIN&notify=delay%2Cfailure",
                id="usual-all",
            ),
            pytest.param("lmtp:///run/a b", ["--timeout", "5"], "lmtp:///run/a%20b?timeout=5.0", id="odd-socket"),
            pytest.param(
                "xmlrpc+https://:$T@host/RPC2?batch=5",
                ["--token-command", "t", "--ca", "a"],
                "xmlrpc+https://host/RPC2?batch=5&ca=a&token_command=t",
                id="odd-xmlrpc",
            ),
            pytest.param("smtp://[::1]:25", ["--user", "me"], "smtp://me@[::1]:25", id="odd-ipv6"),
        ],
    )
    def test_options_go_before_it(self, url: str, arguments: list[str], expected: str) -> None:
        """And what they do not speak of stays."""
        assert written(url, *arguments) == expected

    def test_a_password_of_the_account_names_no_variable(self) -> None:
        """SECURITY: whatever characters it has, it is what it is."""
        assert written("smtp://me:old@mx", password="$HOME:@/?#%é") == "smtp://me:%24HOME%3A%40%2F%3F%23%25%C3%A9@mx"

    @pytest.mark.parametrize(
        ("arguments", "password", "problem"),
        [
            pytest.param(["--tls", "off"], None, "--tls is for smtp:, .*, and this road is null:", id="usual"),
            pytest.param(["--password-command", "x"], None, "--password-command is for", id="usual-two-words"),
            pytest.param(["--user", "me"], None, "--user is for", id="usual-user"),
            pytest.param([], "secret", "--password is for", id="odd-password"),
        ],
    )
    def test_another_road_has_no_such_options(self, arguments: list[str], password: str | None, problem: str) -> None:
        """None of them is silently left out."""
        with pytest.raises(UsageError, match=problem):
            written("null:", *arguments, password=password)


class TestRoad:
    def test_a_mistake_on_the_command_line_is_one_of_the_command_line(self) -> None:
        """And one in a setting says which setting."""
        options = parse_options(["--via", "null:", "--tls", "off"])

        with pytest.raises(UsageError, match=r"^--tls is for"):
            road(options)
        options.origin = "$CARTERO_URL"
        with pytest.raises(ConfigurationError, match=r"^\$CARTERO_URL: --tls is for"):
            road(options)

    def test_talk_is_shown_where_there_is_some_and_it_is_wanted(self) -> None:
        """With -v."""
        loud, quiet = (road(parse_options(["--via", "smtp://mx", *talk])) for talk in (["-v"], []))

        assert isinstance(loud, SMTPSender)
        assert isinstance(quiet, SMTPSender)
        assert loud.trace is not None
        assert quiet.trace is None


class TestSigners:
    @pytest.mark.parametrize("given", ["example.org", "example.org:s1", "example.org:s1:", ""])
    def test_what_names_no_key_is_refused(self, given: str) -> None:
        """The text says what was expected."""
        with pytest.raises(UsageError, match=f"expected DOMAIN:SELECTOR:KEYFILE behind --dkim, found '{given}'"):
            signers(parse_options(["--dkim", given]))

    @pytest.mark.parametrize(
        ("octets", "problem"),
        [
            pytest.param(None, "--dkim x.org:s1: cannot read the key file .*: No such file", id="usual-missing"),
            pytest.param(b"secret", "--dkim x.org:s1: expected a private key in PEM", id="usual-no-key"),
        ],
    )
    def test_a_key_that_is_none_is_a_setting_that_is_wrong(
        self, tmp_path: Path, octets: bytes | None, problem: str
    ) -> None:
        """SECURITY: what is in the file is not shown."""
        if octets is not None:
            (tmp_path / "key.pem").write_bytes(octets)

        with pytest.raises(ConfigurationError, match=problem) as caught:
            signers(parse_options(["--dkim", f"x.org:s1:{tmp_path}/key.pem"]))

        assert "secret" not in str(caught.value)
