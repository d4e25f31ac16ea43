"""A password or token that a command of the user's prints."""

from __future__ import annotations

from contextlib import suppress

from ..errors import ConnectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# What runs commands is imported when one is run: few need it.
# ruff: noqa: PLC0415

_PATIENCE = 60.0  # seconds: it may ask the user for something


def from_command(command: str) -> Callable[[], str]:
    """What runs *command* in the shell, and gives the first line it prints.

    The result raises `ConnectError` where the command fails; what it printed is never shown.
    """

    def fetch() -> str:
        import subprocess

        try:
            # its own settings, which nobody else can write
            done = subprocess.run(  # noqa: S602
                command, shell=True, stdout=subprocess.PIPE, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _not_ended() from error
        return _first_line(done.stdout, done.returncode)

    return fetch


def awaited_from_command(command: str) -> Callable[[], Awaitable[str]]:
    """The same for a program that awaits: others go on while the command runs."""

    async def fetch() -> str:
        import asyncio

        try:
            process = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
        except OSError as error:
            raise _not_ended() from error
        try:
            async with asyncio.timeout(_PATIENCE):
                printed, _ = await process.communicate()
        except BaseException as error:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise _not_ended() from error
            raise
        assert process.returncode is not None  # it has ended
        return _first_line(printed, process.returncode)

    return fetch


def _not_ended() -> ConnectError:
    return ConnectError("the command for the secret did not run to its end", stage="AUTH")


def _first_line(printed: bytes, status: int) -> str:
    line = printed.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if status or not line:
        raise ConnectError(f"the command for the secret printed none, and ended with {status}", stage="AUTH")
    return line
