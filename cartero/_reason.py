"""Why something failed, in the few words that stand behind what was being done."""

from __future__ import annotations


def reason_of(error: Exception) -> str:
    """What the system said, without the number and the path before and behind it; else what *error* says, or is."""
    return getattr(error, "strerror", None) or str(error).rstrip(".") or type(error).__name__
