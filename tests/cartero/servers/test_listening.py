"""Where a server listens."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Any

import pytest

from cartero import BadURL
from cartero.servers._listening import BACKLOG, bound_at, place_of, why_not

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


class TestPlaceOf:
    @pytest.mark.parametrize(
        ("host", "port", "path", "problem"),
        [
            pytest.param(25, 0, None, "a host", id="usual-the-port-alone"),
            pytest.param("localhost", "25", None, "a port", id="odd-port-as-text"),
            pytest.param("localhost", 25, 7, "a path", id="odd-path"),
            pytest.param("localhost", -1, None, "up to 65535", id="odd-below"),
            pytest.param("localhost", 65_536, None, "up to 65535", id="odd-above"),
            pytest.param("", 0, None, "expected a host", id="usual-nothing"),
            pytest.param("localhost", 0, "door", "expected a host", id="odd-both"),
        ],
    )
    def test_what_is_none_is_refused(self, host: Any, port: Any, path: Any, problem: str) -> None:
        """With words, and when the server is made."""
        with pytest.raises(BadURL, match=problem):
            place_of(host, port, path)


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
