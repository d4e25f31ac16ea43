"""The command ``cartero-send``: mail from a shell."""

from ._run import main

__all__ = ["main"]
