"""Who may log in at a server: a file of users and of what their passwords hash to, or a function.

The hash is scrypt (RFC 7914), written as password tools write it: ``$scrypt$ln=14,r=8,p=1$SALT$HASH``.
"""

from __future__ import annotations

import asyncio
import binascii
import inspect
import os
import re
from concurrent.futures import ThreadPoolExecutor

from .._reason import reason_of
from ..errors import BadURL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    # Whether there is such a user, with that password.
    Check: TypeAlias = Callable[[str, str], bool | Awaitable[bool]]

_COST, _BLOCK, _LANES = 14, 8, 1  # as passlib has them: some 50 ms, and 16 MB
_MOST_COST = 20
_SALT_SIZE = 16
_HASH_SIZE = 32
_WRITTEN = re.compile(
    r"\$scrypt\$ln=(?P<cost>[0-9]{1,2}),r=(?P<block>[0-9]{1,2}),p=(?P<lanes>[0-9]{1,2})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<hash>[A-Za-z0-9+/]+)"
)
_MOST_AT_ONCE = 4  # hashes reckoned at a time, for each takes memory


class Users:
    """Who may log in.

    Args:
        source: the path of a file, with a line ``USER:HASH`` for each user, as `password_line` makes them; it is read
            again when it has changed. Or a function, plain or asynchronous, which is called with the user and the
            password and says whether that is right; a plain one is called in another thread.

    Raises:
        BadURL: *source* is neither; or the file cannot be read, or holds something else.
    """

    def __init__(self, source: str | os.PathLike[str] | Check) -> None:
        self._check: Check | None = None
        self._path = ""
        self._seen: tuple[int, ...] = ()
        self._hashes: dict[str, str] = {}
        self._nobody = ""
        self._workers = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="cartero-passwords")
        if callable(source):
            self._check = source
        elif isinstance(source, str | os.PathLike):
            self._path = os.fspath(source)
            # What a user who is not there costs shall be what one who is does.
            self._nobody = hashed("")
            self._read()
        else:
            raise BadURL(f"expected a file of users, or a function that knows them, found {type(source).__name__}")

    async def knows(self, user: str, password: str) -> bool:
        """Whether there is *user*, with *password*. What a function of yours raises is raised."""
        if self._check is None:
            self._read()
            written = self._hashes.get(user)
            loop = asyncio.get_running_loop()
            is_right = await loop.run_in_executor(self._workers, is_hash_of, written or self._nobody, password)
            return is_right and written is not None
        if inspect.iscoroutinefunction(self._check):
            return bool(await self._check(user, password))
        answer = await asyncio.to_thread(self._check, user, password)
        return bool(await answer if inspect.isawaitable(answer) else answer)

    def _read(self) -> None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - once for each login
            seen = found.st_mtime_ns, found.st_size, found.st_ino
            if seen == self._seen:
                return
            with open(self._path, encoding="utf-8") as file:  # noqa: PTH123
                lines = file.read().splitlines()
        except (OSError, ValueError) as error:
            raise BadURL(f"cannot read the users in {self._path}: {reason_of(error)}") from error
        hashes: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            user, _, written = line.partition(":")
            if not user or _WRITTEN.fullmatch(written.strip()) is None:
                # SECURITY: what stands there may be a password.
                raise BadURL(f"expected USER:$scrypt$... on line {number} of {self._path}, found something else")
            hashes[user] = written.strip()
        self._hashes, self._seen = hashes, seen


def hashed(password: str) -> str:
    """What *password* hashes to, with a salt of its own."""
    salt = os.urandom(_SALT_SIZE)
    found = _scrypt(password, salt, _COST, _BLOCK, _LANES)
    return f"$scrypt$ln={_COST},r={_BLOCK},p={_LANES}${_encoded(salt)}${_encoded(found)}"


def password_line(user: str, password: str) -> str:
    """A line for a file of users.

    Raises:
        BadURL: nobody can be called *user*.
    """
    if not user or user.startswith("#") or not user.isprintable() or ":" in user:
        raise BadURL(f"expected the name of a user, without a colon, found {user!r}")
    return f"{user}:{hashed(password)}"


def is_hash_of(written: str, password: str) -> bool:
    """Whether *password* hashes to what is *written*."""
    import hmac  # noqa: PLC0415 - when somebody logs in

    found = _WRITTEN.fullmatch(written)
    if found is None or not 1 <= int(found["cost"]) <= _MOST_COST:
        return False
    try:
        made = _scrypt(password, _decoded(found["salt"]), int(found["cost"]), int(found["block"]), int(found["lanes"]))
        return hmac.compare_digest(made, _decoded(found["hash"]))
    except ValueError:
        return False


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    import hashlib  # noqa: PLC0415 - when somebody logs in

    memory = 128 * block * ((1 << cost) + lanes + 2) + 1_048_576
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=1 << cost,
        r=block,
        p=lanes,
        maxmem=memory,
        dklen=_HASH_SIZE,
    )


def _encoded(octets: bytes) -> str:
    return binascii.b2a_base64(octets, newline=False).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))
