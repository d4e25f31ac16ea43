"""``mimekit lint``: what is wrong with a message, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mimekit.cli import main

SOURCE = b"Subject: x\nstray\nDate: never\nSubject: y\n\n"
Write = Callable[[bytes], str]
Give = Callable[[bytes], None]


def test_each_defect_has_its_line(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """With severity, place, field, code and rule."""
    path = write(SOURCE)

    assert main(["lint", path]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: warning at 11: a line among the headers is no field [stray-line; RFC 5322, section 2.2]",
        f"{path}: error at 17: Date: a date that cannot be read [bad-date; RFC 5322, section 3.3]",
        (
            f"{path}: warning at 29: Subject: a field that stands once, for the second time; the first counts "
            "[repeated-field; RFC 5322, section 3.6]"
        ),
    ]


def test_a_defect_of_the_structure_is_in_no_field(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where one begins at the same place."""
    give(b"Content-Type: multipart/mixed\n\nx")

    assert main(["lint"]) == 1
    assert capsys.readouterr().out.startswith("-: error at 0: a multipart without a boundary parameter [")


def test_a_defect_without_a_place(give: Give, capsys: pytest.CaptureFixture[str]) -> None:
    """Not every one stands somewhere that can be pointed at."""
    inner = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
    give(inner + b"RGF0ZTogbmV2ZXIKCg==\n")

    assert main(["lint"]) == 1
    assert "-: " in capsys.readouterr().out


def test_programs_read_json(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """One list."""
    path = write(SOURCE)

    assert main(["lint", "--json", path]) == 1

    stray, date, _repeated = json.loads(capsys.readouterr().out)
    assert (stray["file"], stray["code"], stray["offset"], stray["severity"]) == (path, "stray-line", 11, "warning")
    assert (stray["field"], date["field"]) == (None, "Date")
    assert date["rfc"] == "RFC 5322, section 3.3"


def test_good_mail_is_good(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to say to people, an empty list to programs."""
    path = write(b"Subject: x\n\nhello\n")

    assert main(["lint", path]) == 0
    assert main(["lint", "--json", path]) == 0
    assert capsys.readouterr().out == "[]\n"


def test_what_cannot_be_read_is_worse_than_a_defect(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are looked at."""
    assert main(["lint", "no/such.eml", write(SOURCE)]) == 66
    assert "bad-date" in capsys.readouterr().out


def test_a_terminal_shows_what_is_severe(write: Write, terminal: Callable[..., Any]) -> None:
    """An error is red."""
    pytest.importorskip("rich", reason="rich is not installed")
    shown = terminal("stdout")

    assert main(["lint", write(SOURCE)]) == 1
    assert "\x1b[1;31merror\x1b[0m at 17: Date: a date" in shown.shown()
