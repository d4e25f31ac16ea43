"""Who may log in. Each hash takes some 50 ms, so that there are few here."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from cartero import BadURL
from cartero.servers import passwords as room
from cartero.servers.passwords import Users, hashed, is_hash_of, password_line

if TYPE_CHECKING:
    from pathlib import Path

# As passlib 1.7.4 writes them, in its own tests: from RFC 7914, section 12.
VECTORS = [
    ("", "$scrypt$ln=4,r=1,p=1$$d9ZXYjhleyA7GcpCwYoEl/FrSETjB0ro39/6P+3iFEI"),
    ("password", "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"),
]
SECRET = "correct horse"
HASH = hashed(SECRET)


class TestHashes:
    @pytest.mark.parametrize(("password", "written"), VECTORS[1:], ids=["rfc-7914"])
    def test_they_are_those_of_other_tools(self, password: str, written: str) -> None:
        """RFC 7914, section 12, in the form of passlib."""
        assert is_hash_of(written, password)
        assert not is_hash_of(written, f"{password}x")

    def test_each_has_a_salt_of_its_own(self) -> None:
        """Two with one password look different; any text is a password."""
        first = hashed("p\u00e4ss:\ud800")

        assert first != hashed("p\u00e4ss:\ud800")
        assert is_hash_of(first, "p\u00e4ss:\ud800")

    @pytest.mark.parametrize(
        "written",
        [
            pytest.param("", id="odd-nothing"),
            pytest.param(SECRET, id="hostile-plain"),
            pytest.param(HASH + "\n", id="odd-line-end"),
            pytest.param(HASH[:-4], id="odd-short"),
            pytest.param(HASH.replace("ln=14", "ln=0"), id="odd-no-cost"),
            pytest.param(HASH.replace("ln=14", "ln=21"), id="hostile-cost"),
            pytest.param(HASH.replace("r=8", "r=0"), id="odd-no-block"),
            pytest.param(HASH.replace("ln=14,r=8", "ln=20,r=99"), id="hostile-memory"),
            pytest.param(HASH.rpartition("$")[0] + "$A", id="odd-base64"),
        ],
    )
    def test_what_is_no_hash_is_of_nothing(self, written: str) -> None:
        """And takes neither time nor memory without end."""
        assert not is_hash_of(written, SECRET)

    @pytest.mark.parametrize("user", ["", "#ana", "a:b", "a\nb", "a\u2028b"])
    def test_not_everything_is_the_name_of_a_user(self, user: str) -> None:
        """It stands before a colon, on one line."""
        with pytest.raises(BadURL, match="expected the name of a user"):
            password_line(user, SECRET)


class TestFiles:
    def test_a_line_for_each_user(self, tmp_path: Path) -> None:
        """Comments and empty lines aside; whoever is not there takes as long as who is."""
        file = tmp_path / "users"
        file.write_text(f"# people\n\n{password_line('ana', SECRET)}\nbob: {HASH}\n", encoding="utf-8")
        users = Users(file)

        async def main() -> list[bool]:
            asked = [("ana", SECRET), ("bob", SECRET), ("bob", "wrong"), ("eve", SECRET), ("eve", ""), ("", "")]
            return await asyncio.gather(*(users.knows(user, password) for user, password in asked))

        assert asyncio.run(main()) == [True, True, False, False, False, False]

    def test_who_is_not_there_takes_as_long(self, tmp_path: Path) -> None:
        """Else one could ask who is there."""
        file = tmp_path / "users"
        file.write_text(f"ana:{HASH}\n", encoding="utf-8")
        users = Users(str(file))

        def seconds(user: str) -> float:
            start = time.process_time()
            assert not asyncio.run(users.knows(user, "wrong"))
            return time.process_time() - start

        assert seconds("eve") > seconds("ana") / 3

    def test_it_is_read_again_when_it_has_changed(self, tmp_path: Path) -> None:
        """Even by another file of the same size; in loops one after the other."""
        file = tmp_path / "users"
        file.write_text(f"ana:{HASH}\n", encoding="utf-8")
        users = Users(file)
        other = tmp_path / "other"
        other.write_text(f"bob:{HASH}\n", encoding="utf-8")
        status = file.stat()
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))

        before = asyncio.run(users.knows("bob", SECRET))
        other.replace(file)

        assert not before
        assert asyncio.run(users.knows("bob", SECRET))

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"ana:secret-word\n", id="hostile-plain"),
            pytest.param(b"secret-word\n", id="odd-no-colon"),
            pytest.param(b":" + HASH.encode() + b"\n", id="odd-no-user"),
            pytest.param(b"ana:" + HASH.encode() + b" secret-word\n", id="odd-more"),
        ],
    )
    def test_a_line_that_is_something_else_is_not_shown(self, tmp_path: Path, text: bytes) -> None:
        """It may be a password; the error names its place."""
        file = tmp_path / "users"
        file.write_bytes(b"# people\n" + text)

        with pytest.raises(BadURL, match=r"on line 2 of .*users, found something else") as caught:
            Users(file)

        assert "secret-word" not in str(caught.value)

    @pytest.mark.parametrize("name", ["none", "", "octets"])
    def test_a_file_that_cannot_be_read_is_told_of(self, tmp_path: Path, name: str) -> None:
        """When it is set; or, where it goes later, when somebody logs in."""
        (tmp_path / "octets").write_bytes(b"ana:\xff\n")

        with pytest.raises(BadURL, match="cannot read the users in"):
            Users(tmp_path / name)

    @pytest.mark.parametrize("source", [None, 7, b"users"])
    def test_what_is_neither_is_refused(self, source: Any) -> None:
        """A path, or a function."""
        with pytest.raises(BadURL, match="expected a file of users, or a function"):
            Users(source)


class TestFunctions:
    @pytest.mark.parametrize("form", ["plain", "asynchronous", "awaitable"])
    def test_it_is_asked(self, form: str) -> None:
        """With the user and the password, and its answer is yes or no."""

        def plain(user: str, password: str) -> Any:
            return (user, password) == ("ana", SECRET) and 1

        async def asynchronous(user: str, password: str) -> bool:
            return bool(plain(user, password))

        forms: dict[str, Any] = {
            "plain": plain,
            "asynchronous": asynchronous,
            "awaitable": lambda *asked: asynchronous(*asked),  # noqa: PLW0108 - that is the point
        }
        users = Users(forms[form])

        assert asyncio.run(users.knows("ana", SECRET)) is True
        assert asyncio.run(users.knows("ana", "wrong")) is False

    def test_what_it_raises_is_raised(self) -> None:
        """The session says that it went wrong, and no more."""

        def check(_user: str, _password: str) -> bool:
            raise LookupError("no database")

        with pytest.raises(LookupError, match="no database"):
            asyncio.run(Users(check).knows("ana", SECRET))


def test_the_work_is_that_of_password_tools() -> None:
    """As passlib has it: some 50 ms, and 16 MB."""
    assert HASH.startswith("$scrypt$ln=14,r=8,p=1$")
    assert room._MOST_AT_ONCE <= 8
