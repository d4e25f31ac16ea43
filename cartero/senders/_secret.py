"""A password or token that a command of the user's prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConnectError

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 60.0  # seconds: it may ask the user for something


def from_command(command: str) -> Callable[[], str]:
    """What runs *command* in the shell, and gives the first line it prints.

    The result raises `ConnectError` where the command fails; what it printed is never shown.
    """

    def fetch() -> str:
        import subprocess  # noqa: PLC0415 - few need it

        try:
            # its own settings, which nobody else can write
            done = subprocess.run(  # noqa: S602
                command, shell=True, stdout=subprocess.PIPE, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConnectError("the command for the secret did not run to its end", stage="AUTH") from error
        line = done.stdout.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
        if done.returncode or not line:
            raise ConnectError(
                f"the command for the secret printed none, and ended with {done.returncode}", stage="AUTH"
            )
        return line

    return fetch
