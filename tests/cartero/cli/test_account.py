"""Where the road comes from: the command line, the environment, or an account."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cartero.cli import _account
from cartero.cli._account import own_file, settle
from cartero.cli._exits import ConfigurationError
from cartero.cli._options import Options
from cartero.cli._parser import parse_options

Accounts = Callable[[str], Path]
TWO = """
[default]
url = "smtp://me@mail.example.org:587"
from = "me@example.org"
sender_name = "Me"
local_recipient = "root@example.org"
password_command = "pass mail"
timeout = 20
retry = 2
tls = "require"
dsn = "Failure,delay"
ca = "~/ca.pem"
cert = "cert.pem"
dkim = "example.org:s1:keys/s1.pem"

[work]
url = "null:"
dkim = ["a.org:s:/a.pem", "b.org:s:/b.pem"]
"""


def settled(*arguments: str) -> Options:
    """The options, with what an account has."""
    options = parse_options(arguments)
    settle(options)
    return options


class TestWhere:
    def test_the_command_line_goes_before_all(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        """SECURITY: and takes nothing from an account, whose password is for another server."""
        accounts(TWO)
        monkeypatch.setenv("CARTERO_URL", "console:")

        options = settled("--via", "memory:")

        assert (options.via, options.origin, options.password_command, options.sender) == ("memory:", "", None, None)

    def test_the_environment_goes_before_the_default(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        """SECURITY: and takes nothing from it either."""
        accounts(TWO)
        monkeypatch.setenv("CARTERO_URL", "console:")

        options = settled()

        assert (options.via, options.origin, options.password_command) == ("console:", "$CARTERO_URL", None)

    def test_an_account_that_is_named_goes_before_the_environment(
        self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was said, and not only set."""
        path = accounts(TWO)
        monkeypatch.setenv("CARTERO_URL", "console:")

        options = settled("--account", "work")

        assert (options.via, options.origin) == ("null:", f"[work] in {path}")
        assert options.dkim == ["a.org:s:/a.pem", "b.org:s:/b.pem"]

    def test_else_it_is_the_default(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        """With all its settings; paths begin in the folder of the file, and ~ is the user's."""
        folder = accounts(TWO).parent
        monkeypatch.setenv("HOME", str(folder / "home"))

        options = settled()

        assert (options.via, options.sender, options.sender_name) == (
            "smtp://me@mail.example.org:587",
            "me@example.org",
            "Me",
        )
        assert (options.own_address, options.local_recipient) == ("me@example.org", "root@example.org")
        assert (options.password_command, options.tls, options.dsn) == ("pass mail", "require", "failure,delay")
        assert (options.timeout, options.retry) == (20, 2)
        assert (options.ca, options.cert) == (str(folder / "home" / "ca.pem"), str(folder / "cert.pem"))
        assert options.dkim == [f"example.org:s1:{folder}/keys/s1.pem"]
        assert options.composing == ""

    def test_what_the_command_line_says_stays(self, accounts: Accounts) -> None:
        """The account has the rest."""
        accounts(TWO)

        options = settled("-f", "other@example.org", "--timeout", "5", "--dkim", "a:b:c", "--tls", "off")

        assert (options.sender, options.timeout, options.dkim) == ("other@example.org", 5.0, ["a:b:c"])
        assert (options.tls, options.sender_name) == ("off", "Me")

    def test_how_to_log_in_is_said_in_one_place(self, accounts: Accounts) -> None:
        """A token in place of a password, for one."""
        accounts(TWO)

        options = settled("--token-command", "token")

        assert (options.token_command, options.password_command) == ("token", None)

    def test_without_any_there_is_none(self, accounts: Accounts) -> None:
        """Which is said when it is needed."""
        assert settled().via is None
        accounts("[work]\nurl = 'null:'\n")
        assert settled().via is None

    def test_the_machine_has_accounts_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """For programs that run as nobody in particular; the user's file goes before it."""
        monkeypatch.setattr(_account, "SYSTEM_FILE", str(tmp_path / "system.toml"))
        (tmp_path / "system.toml").write_text("[default]\nurl = 'console:'\n", encoding="utf-8")

        assert settled().via == "console:"

    def test_the_file_is_where_such_files_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The XDG base directories."""
        monkeypatch.delenv("XDG_CONFIG_HOME")
        monkeypatch.setenv("HOME", "/home/me")

        assert own_file() == "/home/me/.config/cartero.toml"

    def test_what_reads_it_is_imported_only_then(self, tmp_path: Path) -> None:
        """Most have no accounts, and a command's start is most of its cost."""
        script = (
            "import sys; from cartero.cli import main; main(['--via', 'null:', '-t']); print('tomllib' in sys.modules)"
        )

        done = subprocess.run(
            [sys.executable, "-c", script],
            input=b"From: a@x.org\nTo: b@x.org\n\n",
            capture_output=True,
            check=True,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
            cwd=Path(__file__).parents[3],
        )

        assert done.stdout.endswith(b"False\n")


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            pytest.param("[default", "is no TOML", id="usual-syntax"),
            pytest.param("[default]\n", r"\[default\] in .*: expected url = 'smtp://me@host:587'", id="usual-no-url"),
            pytest.param(
                "default = 1\n", r"no account is called default in .* \(there is default\)", id="odd-no-table"
            ),
            pytest.param("[default]\nurl = 'x:'\nform = 'a'", "no setting form .there are url, from,", id="usual-typo"),
            pytest.param("[default]\nurl = 1", "expected a text, in quotes, for url", id="usual-no-text"),
            pytest.param(
                "[default]\nurl = 'x:'\ntimeout = 'a'", "expected a number, for timeout", id="usual-no-number"
            ),
            pytest.param("[default]\nurl = 'x:'\nretry = true", "expected a number, for retry", id="odd-truth"),
            pytest.param("[default]\nurl = 'x:'\nretry = -1", "expected a number, for retry", id="odd-negative"),
            pytest.param("[default]\nurl = 'x:'\ntls = 'no'", "one of require, opportunistic, off", id="usual-tls"),
            pytest.param("[default]\nurl = 'x:'\ndsn = 'no'", "some of never, delay", id="usual-dsn"),
            pytest.param("[default]\nurl = 'x:'\ndkim = 'a:b'", "'DOMAIN:SELECTOR:KEYFILE'", id="usual-dkim"),
            pytest.param("[default]\nurl = 'x:'\ndkim = 7", "'DOMAIN:SELECTOR:KEYFILE'", id="odd-dkim"),
        ],
    )
    def test_each_is_said_with_its_place(self, accounts: Accounts, text: str, problem: str) -> None:
        """And with what was expected."""
        accounts(text)

        with pytest.raises(ConfigurationError, match=problem):
            settled()

    def test_an_account_there_is_not_is_named(self, accounts: Accounts) -> None:
        """With those there are."""
        with pytest.raises(ConfigurationError, match=r"no account is called work: there is no file .*cartero\.toml"):
            settled("--account", "work")
        accounts(TWO)
        with pytest.raises(ConfigurationError, match=r"called home in .* \(there is default, work\)"):
            settled("--account", "home")
        accounts("")
        with pytest.raises(ConfigurationError, match=r"\(there is none\)"):
            settled("--account", "home")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="here everything can be read")
    def test_a_file_that_cannot_be_read_is_named(self, accounts: Accounts) -> None:
        """It may be somebody else's."""
        accounts(TWO).chmod(0)

        with pytest.raises(ConfigurationError, match=r"cannot read .*: Permission denied"):
            settled()

    def test_a_file_that_vanishes_is_named(self, tmp_path: Path) -> None:
        """Between two looks."""
        with pytest.raises(ConfigurationError, match=r"cannot read .*none: No such file"):
            _account._read(str(tmp_path / "none"))


@pytest.mark.skipif(os.name != "posix", reason="permissions are other things here")
class TestReaders:
    @pytest.mark.parametrize(
        ("secret", "mode", "is_told"),
        [
            pytest.param("password = 'x'", 0o644, True, id="usual-others"),
            pytest.param("password = 'x'", 0o640, True, id="usual-group"),
            pytest.param("password = 'x'", 0o600, False, id="usual-nobody"),
            pytest.param("password_command = 'x'", 0o644, False, id="usual-no-password"),
            pytest.param("[b]\nurl = 'smtp://me:x@mx'", 0o644, True, id="usual-in-a-url"),
            pytest.param("[b]\nurl = 'smtp://me:$X@mx'", 0o644, False, id="usual-variable"),
            pytest.param("[b]\nurl = 'smtp://mx:25'", 0o644, False, id="usual-port"),
        ],
    )
    def test_a_password_that_others_can_read_is_complained_of(
        self, accounts: Accounts, capsys: pytest.CaptureFixture[str], secret: str, mode: int, is_told: bool
    ) -> None:
        """SECURITY: the mail goes all the same, and the line says what to do."""
        path = accounts(f"[default]\nurl = 'null:'\n{secret}\n")
        path.chmod(mode)

        settled()

        told = f"cartero-send: warning: others can read the password in {path}: chmod 600 {path}\n"
        assert capsys.readouterr().err == (told if is_told else "")

    def test_a_group_may_read_that_of_the_machine(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Those who may send."""
        path = tmp_path / "system.toml"
        monkeypatch.setattr(_account, "SYSTEM_FILE", str(path))
        path.write_text("[default]\nurl = 'null:'\npassword = 'x'\n", encoding="utf-8")
        path.chmod(0o640)

        settled()

        assert capsys.readouterr().err == ""
