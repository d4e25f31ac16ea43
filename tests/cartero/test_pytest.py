"""The fixtures of pytest's, in runs of their own: pytest finds them as it does for those who install cartero."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

# Loaded here, so that a run inside this one finds them, and forgets none of them at its end.
import cartero.testing
from tests.house.sources import ROOT

pytest_plugins = ["pytester"]

_IMPORTED = "import sys; import pytest, cartero{}; print(*sys.modules, sep='\\n')"
_SENDS = """
    import smtplib
    import cartero

    MAIL = b"From: me@example.org\\r\\nTo: you@example.org\\r\\nSubject: Hi\\r\\n\\r\\nHello\\r\\n"
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A run in this process, with our plugin and no other that is not pytest's."""
    return pytester.runpytest_inprocess("-W", "error", *arguments)


@pytest.fixture(autouse=True)
def _without_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for most people."""
    monkeypatch.delenv("CARTERO_URL", raising=False)


class TestMailcatcher:
    def test_it_takes_the_mail_of_any_client(self, pytester: pytest.Pytester) -> None:
        """It runs while the test does."""
        pytester.makepyfile(
            _SENDS
            + """
    def test_one(mailcatcher):
        with smtplib.SMTP(mailcatcher.host, mailcatcher.port) as client:
            client.sendmail("me@example.org", ["you@example.org"], MAIL)
        assert bytes(mailcatcher.outbox[0].message) == MAIL

    def test_another(mailcatcher):
        assert mailcatcher.outbox == []
            """
        )

        run(pytester).assert_outcomes(passed=2)

    def test_it_can_be_another(self, pytester: pytest.Pytester) -> None:
        """A fixture of the same name, nearer to the test, is the one that counts: `outbox` has its mail then."""
        pytester.makeconftest(
            """
    import pytest
    from cartero.testing import MailCatcher

    @pytest.fixture
    def mailcatcher():
        with MailCatcher(lmtp=True) as catcher:
            yield catcher
            """
        )
        pytester.makepyfile(
            _SENDS
            + """
    def test_lmtp(mailcatcher, outbox):
        assert cartero.connect().name.startswith("lmtp://")
        cartero.connect().send(MAIL)
        assert outbox is mailcatcher.outbox
        outbox.assert_sent(to="you@example.org", count=1)
            """
        )

        run(pytester).assert_outcomes(passed=1)


class TestOutbox:
    def test_a_program_without_a_url_sends_there(self, pytester: pytest.Pytester) -> None:
        """It, and the programs it starts, find it in ``$CARTERO_URL``; behind the test all is as it was."""
        pytester.makepyfile(
            _SENDS
            + """
    import os, subprocess, sys

    def test_here(outbox):
        cartero.connect().send(MAIL)
        assert [mail.message["Subject"] for mail in outbox] == ["Hi"]

    def test_elsewhere(outbox, mailcatcher):
        script = "import cartero, sys; cartero.connect().send(sys.stdin.buffer.read())"
        subprocess.run([sys.executable, "-c", script], input=MAIL, check=True)
        outbox.assert_sent(subject="Hi", text="Hello", count=1)
        assert os.environ["CARTERO_URL"] == mailcatcher.url

    def test_behind_it():
        assert "CARTERO_URL" not in os.environ
            """
        )

        run(pytester).assert_outcomes(passed=3)

    def test_what_fails_says_what_was_sent_instead(self, pytester: pytest.Pytester) -> None:
        """And points to the line in the test."""
        pytester.makepyfile(
            _SENDS
            + """
    def test_subject(outbox):
        cartero.connect().send(MAIL)
        outbox.assert_sent(subject="Bye")
            """
        )

        result = run(pytester)

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                ">*outbox.assert_sent(subject=*Bye*)",
                "E*expected at least 1 message with the subject 'Bye', found 0; these were sent:",
                "E*1. 'Hi' from me@example.org to you@example.org: not with the subject 'Bye'",
            ]
        )


class TestARealRun:
    """As everybody starts it: a process of its own."""

    def test_with_its_fixtures(self, pytester: pytest.Pytester) -> None:
        """They are listed, with what they are for, and nothing is left behind that a warning would tell of."""
        pytester.makepyfile(
            _SENDS + "    def test_it(outbox):\n        cartero.connect().send(MAIL)\n        outbox[0]\n"
        )

        listed = pytester.runpytest_subprocess("--fixtures")
        done = pytester.runpytest_subprocess("-W", "error")

        listed.stdout.fnmatch_lines(["mailcatcher*", "*SMTP server*", "outbox*"])
        done.assert_outcomes(passed=1)

    def test_without_the_extra(self, pytester: pytest.Pytester) -> None:
        """The error says what to install; tests that use no fixture of it pass."""
        pytester.makeconftest("import sys\nsys.modules['aiosmtpd'] = None\n")
        pytester.makepyfile("def test_mail(outbox): pass\n\ndef test_no_mail(): pass\n")

        done = pytester.runpytest_subprocess()

        done.assert_outcomes(passed=1, errors=1)
        done.stdout.fnmatch_lines(["E*pip install 'cartero-mail[[]server]'*"])

    def test_whoever_does_not_use_it_imports_no_server(self, pytester: pytest.Pytester) -> None:
        """Every run of pytest loads the plugin, wherever cartero is installed; none shall be much slower for it."""
        pytester.makepyfile(
            """
    import sys

    def test_nothing():
        heavy = {"cartero.testing", "cartero.servers", "aiosmtpd"} & set(sys.modules)
        assert (heavy, "cartero._pytest" in sys.modules) == (set(), True)
            """
        )

        pytester.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)


def test_importing_it_loads_no_more_than_pytest_and_cartero_have() -> None:
    """Neither asyncio, nor a server."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}

    def loaded(script: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    assert loaded(_IMPORTED.format(", cartero._pytest")) - loaded(_IMPORTED.format("")) == {"cartero._pytest"}


def test_pytest_finds_it() -> None:
    """By the entry point of the distribution; ``-p no:cartero`` leaves it out."""
    [found] = entry_points(group="pytest11", name="cartero")

    assert found.value == "cartero._pytest"
    assert cartero.testing.MailCatcher.__module__ == "cartero.testing.catcher"
