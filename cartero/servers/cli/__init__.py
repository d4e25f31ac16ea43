"""The command ``cartero-serve``: mail comes in, and goes on by any road."""

from ._run import command, main

__all__ = ["command", "main"]
