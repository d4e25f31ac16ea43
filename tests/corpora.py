"""The messages that the laws run over: a few of our own writing, and real ones where they are present.

Those of ours stand in ``tests/corpus``. The real ones are no part of the project: a folder of them,
``../shared/corpora`` beside the repository or what $CARTERO_CORPORA names, searched for ``*.eml``. Each message comes
twice: as it is, and with CRLF line ends. Where there is no such folder, a test that asks for real ones is skipped and
says so.

    @pytest.mark.corpus
    def test_what_is_parsed_is_written_back() -> None:
        for real in corpora.required_messages():
            assert bytes(mimekit.parse(real.octets)) == real.octets, real
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import mimekit

_ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("CARTERO_CORPORA") or _ROOT.parent / "shared" / "corpora")
OWN = _ROOT / "tests" / "corpus"
ABSENT = "there is no folder of real messages: put one at ../shared/corpora, or name it in $CARTERO_CORPORA"

_LINE_END = re.compile(rb"\r?\n")


class RealMessage(NamedTuple):
    """One message of a folder; its octets are read when asked for."""

    path: Path
    crlf: bool

    @property
    def folder(self) -> str:
        """The folder it stands in, as it is called here."""
        return self.path.parent.name

    @property
    def octets(self) -> bytes:
        """The message as it is on disk or, where `crlf` says so, with each line end written as CRLF."""
        octets = self.path.read_bytes()
        return _LINE_END.sub(b"\r\n", octets) if self.crlf else octets

    def __str__(self) -> str:
        name = f"{self.folder}/{self.path.stem}"
        return f"{name}-crlf" if self.crlf else name


def messages(*folders: Path) -> list[RealMessage]:
    """Every message, as it is and with CRLF line ends, in a steady order; of all folders if none is given."""
    found = [path for folder in folders or (OWN, FOLDER) for path in sorted(folder.glob("**/*.eml"))]
    return [RealMessage(path, crlf) for path in found for crlf in (False, True)]


def required_messages() -> list[RealMessage]:
    """Every real message, for a test that goes through them itself; skips that test where there are none."""
    return messages(FOLDER) or pytest.skip(ABSENT)


def required_pages() -> list[str]:
    """The HTML of every real message; skips the test that asks where there is none."""
    parts = [part for real in required_messages() if not real.crlf for part in mimekit.parse(real.octets).walk()]
    return [str(part.get_content()) for part in parts if part.get_content_type() == "text/html"]
