"""Mail to the console."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

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
    with pytest.raises(SendingError, match="cannot write the message: No space left on device") as caught:
        ConsoleSender(Full()).send(MAIL)

    assert str(caught.value).endswith("No space left on device (write, console:)")
    assert (caught.value.stage, list(caught.value.refused)) == ("write", ["you@x.org"])
    assert caught.value.message_id == "<1@x>"


def test_a_closed_stream_is_an_error() -> None:
    """It may have been closed after the sender was made."""
    stream = io.StringIO()
    sender = ConsoleSender(stream)
    stream.close()

    with pytest.raises(SendingError) as caught:
        sender.send(MAIL)

    assert str(caught.value) == "cannot write the message: I/O operation on closed file (write, console:)"
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_stream_for_reading_is_an_error(tmp_path: Path) -> None:
    """Nothing can be written to it."""
    (tmp_path / "out").write_bytes(b"")

    with (
        (tmp_path / "out").open(encoding="utf-8") as stream,
        pytest.raises(SendingError, match=r"cannot write the message: not writable \(write, console:\)"),
    ):
        ConsoleSender(stream).send(MAIL)


def test_no_console_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service may be started without a standard output."""
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SendingError, match="there is no standard output"):
        ConsoleSender().send(MAIL)


@pytest.mark.parametrize("stream", ["x", io.BytesIO(), 3], ids=["text", "binary", "int"])
def test_what_is_no_text_stream_is_refused(stream: Any) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadURL, match=f"expected a text stream open for writing, found {type(stream).__name__}"):
        ConsoleSender(stream)
