"""Mail to the console."""

from __future__ import annotations

import errno
import io
import os
import sys

import pytest

from cartero import BadURL, ConsoleSender, SendingError

MAIL = b"From: me@x.org\nTo: you@x.org\nDate: x\nMessage-ID: <1@x>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nHi!\n"


def test_it_prints_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """On the standard output as it is at that moment."""
    receipt = ConsoleSender().send(MAIL)

    assert "Subject: Grüße\n" in capsys.readouterr().out
    assert receipt.accepted == ("you@x.org",)


def test_it_prints_where_it_is_told() -> None:
    """Any text stream will do."""
    stream = io.StringIO()

    ConsoleSender(stream).send(MAIL)

    assert "\nHi!\n" in stream.getvalue()


def test_a_console_of_few_characters_gets_escapes() -> None:
    """Better than no mail at all."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    ConsoleSender(stream).send(MAIL)

    stream.seek(0)
    assert r"Subject: Gr\xfc\xdfe" in stream.read()


class Full(io.StringIO):
    """A stream on a full disk."""

    def flush(self) -> None:
        """Fail, as a file does when its buffer is written."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_console_that_cannot_be_written_is_an_error() -> None:
    """Nobody has read it."""
    with pytest.raises(SendingError, match="cannot print: No space left on device at write by console:") as caught:
        ConsoleSender(Full()).send(MAIL)

    assert list(caught.value.refused) == ["you@x.org"]
    assert caught.value.message_id == "<1@x>"


def test_no_console_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service may be started without a standard output."""
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SendingError, match="there is no standard output"):
        ConsoleSender().send(MAIL)


def test_what_is_no_stream_is_refused() -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match="expected a text stream open for writing, found str"):
        ConsoleSender("x")  # type: ignore[arg-type]  # the mistake
