"""What is said on standard error."""

from __future__ import annotations

import errno
import io
import logging
import sys
from collections.abc import Iterator

import pytest

from cartero.servers.cli._log import begin, end, say
from cartero.servers.cli._options import Options

_own = logging.getLogger("cartero")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    level, mail_level = _own.level, logging.getLogger("mail.log").level
    yield
    _own.setLevel(level)
    logging.getLogger("mail.log").setLevel(mail_level)


def told(capsys: pytest.CaptureFixture[str], **settings: bool) -> list[str]:
    """The lines that are written of one record of each level."""
    options = Options()
    options.__dict__.update(settings)
    handler = begin(options)
    _own.debug("somebody has come")
    _own.info("mail was taken")
    _own.warning("mail was not taken")
    end(handler)
    _own.warning("nobody hears this")
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        pytest.param({}, 2, id="usual"),
        pytest.param({"quiet": True}, 1, id="usual-quiet"),
        pytest.param({"verbose": True}, 3, id="usual-verbose"),
    ],
)
def test_as_much_is_said_as_is_asked_for(
    settings: dict[str, bool], lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each, with the name of the command in front."""
    found = told(capsys, **settings)

    assert len(found) == lines
    assert found[-1] == "cartero-serve: mail was not taken"


def mistake() -> None:
    """Log one."""
    try:
        int("the secret")
    except ValueError:
        _own.exception("a session went wrong")


def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What it says may be anything; its kind is what a log needs."""
    handler = begin(Options())
    mistake()
    end(handler)

    assert capsys.readouterr().err == "cartero-serve: a session went wrong (ValueError; -v shows where)\n"


def test_where_a_mistake_happened_is_said_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Who looks for it needs the traceback."""
    options = Options()
    options.verbose = True
    handler = begin(options)
    mistake()
    end(handler)

    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "cartero-serve: a session went wrong"
    assert rest[-1] == "ValueError: invalid literal for int() with base 10: 'the secret'"


def test_what_a_client_said_begins_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A log in which clients write is none; nor is a terminal that they drive."""
    say("from <a\r\ncartero-serve: all is well\x1b[2J>")

    assert capsys.readouterr().err == "cartero-serve: from <a cartero-serve: all is well\\x1b[2J>\n"


def test_nobody_may_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may have no standard error, or a broken one; mail is taken all the same."""
    monkeypatch.setattr(sys, "stderr", None)
    options = Options()
    options.verbose = True
    handler = begin(options)
    mistake()
    monkeypatch.setattr(sys, "stderr", _Full())
    mistake()
    end(handler)


class _Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")
