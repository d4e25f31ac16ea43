"""The command ``mimekit``: look at mail, take its files out, say what is wrong with it."""

from ._run import main

__all__ = ["main"]
