"""A password or token that a command prints."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from cartero import ConnectError
from cartero.senders import _secret
from cartero.senders._secret import awaited_from_command, from_command

if TYPE_CHECKING:
    from collections.abc import Callable

    Fetch = Callable[[str], str]


def awaited(command: str) -> str:
    """What a program that awaits gets."""

    async def main() -> str:
        return await awaited_from_command(command)()

    return asyncio.run(main())


fetches = pytest.mark.parametrize(
    "fetch", [lambda command: from_command(command)(), awaited], ids=["blocking", "awaiting"]
)


@fetches
@pytest.mark.parametrize(
    ("command", "secret"),
    [
        pytest.param("echo s3cret", "s3cret", id="usual"),
        pytest.param("printf 's3cret\\r\\nuser: me\\n'", "s3cret", id="usual-first-line"),
        pytest.param("printf 's3 cret '", "s3 cret ", id="odd-spaces"),
        pytest.param("printf 'gr\\303\\274n'", "grün", id="odd-utf-8"),
    ],
)
def test_the_first_line_is_the_secret(fetch: Fetch, command: str, secret: str) -> None:
    """As password managers print them."""
    assert fetch(command) == secret


@fetches
@pytest.mark.parametrize(
    ("command", "status"),
    [
        pytest.param("echo s3cret; exit 3", 3, id="usual-failed"),
        pytest.param("true", 0, id="usual-nothing"),
        pytest.param("echo; echo s3cret", 0, id="odd-empty-line"),
        pytest.param("no-such-command-s3cr3t 2>&-", 127, id="usual-no-such-command"),
    ],
)
def test_a_command_that_fails_is_an_error(fetch: Fetch, command: str, status: int) -> None:
    """It says how the command ended; neither the command nor what it printed is shown."""
    with pytest.raises(ConnectError, match=f"printed none, and ended with {status}") as caught:
        fetch(command)

    assert caught.value.stage == "AUTH"
    assert "s3cr" not in str(caught.value)


@fetches
def test_a_command_that_hangs_is_ended(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending never hangs."""
    monkeypatch.setattr(_secret, "_PATIENCE", 0.1)

    with pytest.raises(ConnectError, match="did not run to its end"):
        fetch("exec sleep 5")


@fetches
def test_a_command_that_cannot_run_is_an_error(fetch: Fetch) -> None:
    """Here, because the system takes no command as long as this one."""
    with pytest.raises(ConnectError, match="did not run to its end"):
        fetch(f"echo {'x' * (1 << 22)}")


def test_others_go_on_while_it_runs() -> None:
    """A password manager that asks its user holds up nobody else."""

    async def main() -> float:
        start = time.monotonic()
        await asyncio.gather(*(awaited_from_command("sleep 0.3; echo x")() for _ in range(4)))
        return time.monotonic() - start

    assert asyncio.run(main()) < 1


def test_who_gives_up_ends_it() -> None:
    """No process is left behind."""

    async def main() -> float:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(awaited_from_command("exec sleep 5")(), 0.1)
        return time.monotonic() - start

    assert asyncio.run(main()) < 2
