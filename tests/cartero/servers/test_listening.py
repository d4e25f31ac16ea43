"""Where a server listens."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from cartero.servers._listening import BACKLOG, bound_at, why_not

if TYPE_CHECKING:
    from pathlib import Path


class TestBoundAt:
    def test_who_connects_is_heard(self, tmp_path: Path) -> None:
        """The socket file is made."""
        path = str(tmp_path / "door")

        with bound_at(path) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.listen(BACKLOG)
            client.connect(path)
            connection, _ = listener.accept()
            connection.close()

    def test_a_file_at_which_nobody_listens_is_replaced(self, tmp_path: Path) -> None:
        """As one of a program that was killed."""
        path = str(tmp_path / "door")
        bound_at(path).close()

        bound_at(path).close()

    def test_a_file_at_which_somebody_listens_is_not(self, tmp_path: Path) -> None:
        """The other one goes on."""
        path = str(tmp_path / "door")
        with bound_at(path) as listener, socket.socket(socket.AF_UNIX) as client:
            listener.listen(BACKLOG)
            with pytest.raises(OSError, match="in use"):
                bound_at(path)
            client.connect(path)

    def test_any_other_file_stays(self, tmp_path: Path) -> None:
        """It may be dear to somebody."""
        (tmp_path / "door").write_text("dear", encoding="utf-8")

        with pytest.raises(FileExistsError, match="File exists"):
            bound_at(str(tmp_path / "door"))

        assert (tmp_path / "door").read_text(encoding="utf-8") == "dear"


class TestWhyNot:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            pytest.param(
                OSError(errno.EADDRINUSE, "error while attempting to bind"), "Address already in use", id="usual"
            ),
            pytest.param(
                socket.gaierror(-2, "Name or service not known"), "Name or service not known", id="usual-name"
            ),
            pytest.param(OSError("AF_UNIX path too long"), "AF_UNIX path too long", id="odd-without-a-number"),
            pytest.param(
                OSError("could not bind on any address out of [('192.0.2.1', 25)]"),
                "Cannot assign requested address",
                id="odd-python-3.13",
            ),
        ],
    )
    def test_it_is_what_the_system_says(self, error: OSError, words: str) -> None:
        """Whoever wrapped it."""
        assert why_not(error) == words
