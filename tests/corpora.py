"""The real messages that the laws run over, where they are present.

They are no part of the project: a folder of real messages, ``../shared/corpora`` beside the repository or what
$CARTERO_CORPORA names, searched for ``*.eml``. Each message comes twice: as it is, and with CRLF line ends. Where
there is no such folder, a test that asks for them is skipped and says so.

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

_ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("CARTERO_CORPORA") or _ROOT.parent / "shared" / "corpora")
ABSENT = "there is no folder of real messages: put one at ../shared/corpora, or name it in $CARTERO_CORPORA"

_LINE_END = re.compile(rb"\r?\n")


class RealMessage(NamedTuple):
    """One message of the folder; its octets are read when asked for."""

    path: Path
    crlf: bool

    @property
    def octets(self) -> bytes:
        """The message as it is on disk or, where `crlf` says so, with each line end written as CRLF."""
        octets = self.path.read_bytes()
        return _LINE_END.sub(b"\r\n", octets) if self.crlf else octets

    def __str__(self) -> str:
        name = self.path.relative_to(FOLDER).with_suffix("").as_posix()
        return f"{name}-crlf" if self.crlf else name


def messages() -> list[RealMessage]:
    """Every message, as it is and with CRLF line ends, in a steady order; none where there is no folder."""
    return [RealMessage(path, crlf) for path in sorted(FOLDER.glob("**/*.eml")) for crlf in (False, True)]


def required_messages() -> list[RealMessage]:
    """Every message, for a test that goes through them itself; skips that test where there are none."""
    return messages() or pytest.skip(ABSENT)
