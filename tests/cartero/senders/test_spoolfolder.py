"""The folders of a spool on disk."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cartero import ConnectError
from cartero.senders._spooled import Spooled, UnreadableError
from cartero.senders._spoolfolder import SpoolFolder

RECORD = Spooled(sender="me@x.org", recipients=["ana@x.org"], message_id="<1@x>", spooled_at=1, next_try=1)


@pytest.fixture
def spool(tmp_path: Path) -> SpoolFolder:
    """An empty one."""
    spool = SpoolFolder(str(tmp_path / "queue"))
    spool.open()
    return spool


def add(spool: SpoolFolder) -> str:
    """A message in ``new``; its name."""
    name = spool.write([b"one\n", b"two\n"], RECORD)
    spool.move(name, "tmp", "new")
    return name


def files(spool: SpoolFolder, folder: str) -> dict[str, bytes]:
    """What stands in the messages of *folder*."""
    return {path.name: path.read_bytes() for path in Path(spool.at(folder)).glob("*/*")}


class TestWriting:
    """A new message."""

    def test_it_is_whole_in_tmp(self, spool: SpoolFolder) -> None:
        """And for its owner alone, whatever the umask."""
        before = os.umask(0)
        try:
            name = spool.write([b"one\n", b"two\n"], RECORD)
        finally:
            os.umask(before)

        assert files(spool, "tmp") == {"message.eml": b"one\ntwo\n", "envelope.json": RECORD.as_bytes()}
        assert Path(spool.at("tmp", name)).stat().st_mode & 0o777 == 0o700
        assert Path(spool.at("tmp", name, "message.eml")).stat().st_mode & 0o777 == 0o600

    def test_nothing_is_left_of_one_that_cannot_be_written(self, spool: SpoolFolder) -> None:
        """Half a message is none."""

        def pieces() -> list[bytes]:
            raise KeyError

        with pytest.raises(KeyError):
            spool.write((piece for piece in pieces()), RECORD)

        assert list(Path(spool.at("tmp")).iterdir()) == []

    def test_the_oldest_comes_first(self, spool: SpoolFolder) -> None:
        """Mail is sent in the order it came, as far as that can be done."""
        names = [add(spool) for _ in range(5)]

        assert spool.waiting() == names

    def test_making_it_twice_changes_nothing(self, spool: SpoolFolder) -> None:
        """Every sender and every runner makes it."""
        add(spool)

        spool.open()

        assert len(spool.waiting()) == 1

    def test_a_file_in_its_place_is_told(self, tmp_path: Path) -> None:
        """It is not written over."""
        (tmp_path / "queue").write_bytes(b"mine")

        with pytest.raises(ConnectError, match="cannot open the spool: Not a directory"):
            SpoolFolder(str(tmp_path / "queue")).open()

    def test_a_system_that_cannot_sync_folders_need_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Windows."""
        monkeypatch.delattr(os, "O_DIRECTORY")
        spool = SpoolFolder(str(tmp_path / "queue"))
        spool.open()

        assert add(spool) in spool.waiting()


class TestClaim:
    """One process at a time."""

    def test_who_comes_second_gets_nothing(self, spool: SpoolFolder) -> None:
        """Until the first has let go."""
        name = add(spool)

        with spool.claim(name) as first, spool.claim(name) as second:
            assert first is not None
            assert second is None
        with spool.claim(name) as third:
            assert third is not None

    def test_who_comes_late_gets_nothing(self, spool: SpoolFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between the look and the lock another process has sent it."""
        import fcntl  # noqa: PLC0415 - where there is one

        name = add(spool)
        real = fcntl.flock

        def late(file: int, how: int) -> None:
            spool.move(name, "new", "tmp")
            real(file, how)

        monkeypatch.setattr(fcntl, "flock", late)
        with spool.claim(name) as claim:
            assert claim is None

    @pytest.mark.parametrize("junk", ["folder", "file", "none"])
    def test_what_is_no_message_is_left_alone(self, spool: SpoolFolder, junk: str) -> None:
        """Somebody's notes."""
        if junk == "folder":
            Path(spool.at("new", "junk")).mkdir()
        elif junk == "file":
            Path(spool.at("new", "junk")).write_bytes(b"")

        with spool.claim("junk") as claim:
            assert claim is None

    def test_what_is_known_of_it_is_written_over(self, spool: SpoolFolder) -> None:
        """The new record, or the old one; even where a dead runner left a half-written one."""
        name = add(spool)
        Path(spool.at("new", name, "envelope.json.new")).write_bytes(b"{")

        with spool.claim(name) as claim:
            assert claim is not None
            claim.write(RECORD.replace(attempts=3))
            assert claim.read().attempts == 3

        assert sorted(files(spool, "new")) == ["envelope.json", "message.eml"]

    def test_what_nothing_is_known_of_is_told(self, spool: SpoolFolder) -> None:
        """It cannot be sent."""
        name = add(spool)
        Path(spool.at("new", name, "envelope.json")).unlink()

        with spool.claim(name) as claim:
            assert claim is not None
            with pytest.raises(UnreadableError, match=r"there is no envelope\.json"):
                claim.read()

    def test_what_everybody_has_is_taken_away(self, spool: SpoolFolder) -> None:
        """Nothing is left of it."""
        with spool.claim(add(spool)) as claim:
            assert claim is not None
            claim.finish()

        assert files(spool, "new") == files(spool, "tmp") == {}

    def test_what_is_put_aside_says_why(self, spool: SpoolFolder) -> None:
        """For people, beside the message."""
        with spool.claim(add(spool)) as claim:
            assert claim is not None
            claim.put_aside("failed", RECORD.replace(replies={"ana@x.org": "550 gone"}))

        assert files(spool, "new") == {}
        aside = files(spool, "failed")
        assert aside["reply.txt"].endswith(b"\nana@x.org: 550 gone\n")
        assert Spooled.parse(aside["envelope.json"]).replies == {"ana@x.org": "550 gone"}
        assert aside["message.eml"] == b"one\ntwo\n"

    def test_a_copy_is_put_aside_for_some(self, spool: SpoolFolder) -> None:
        """The others still wait."""
        with spool.claim(add(spool)) as claim:
            assert claim is not None
            claim.copy_aside("failed", RECORD.replace(replies={"ana@x.org": "550 gone"}))

        assert files(spool, "new")["message.eml"] == files(spool, "failed")["message.eml"]
        assert b"550 gone" in files(spool, "failed")["reply.txt"]
        assert files(spool, "tmp") == {}


class TestSweep:
    """What was left in ``tmp``."""

    def test_what_is_old_is_removed(self, spool: SpoolFolder) -> None:
        """The Maildir page: after 36 hours."""
        names = [spool.write([b"x"], RECORD) for _ in range(2)]
        old = time.time() - 37 * 3600
        os.utime(spool.at("tmp", names[0]), (old, old))

        spool.sweep()

        assert [path.name for path in Path(spool.at("tmp")).iterdir()] == names[1:]

    def test_where_it_cannot_be_looked_at_nothing_is_removed(self, spool: SpoolFolder) -> None:
        """It is tidiness, and stops nobody who sends."""
        Path(spool.at("tmp")).rmdir()

        spool.sweep()


class TestWaiting:
    """What stands in ``new``."""

    def test_a_spool_that_cannot_be_read_is_closed(self, spool: SpoolFolder) -> None:
        """As one that cannot be opened is."""
        Path(spool.at("new")).rmdir()

        with pytest.raises(ConnectError, match="cannot open the spool: No such file or directory"):
            spool.waiting()
