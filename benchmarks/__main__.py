"""``python -m benchmarks``."""

from __future__ import annotations

from .command import main

main()
