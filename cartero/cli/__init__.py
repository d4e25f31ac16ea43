"""The command ``cartero-send``: mail from a shell."""

from ._run import command, main

__all__ = ["command", "main"]
