"""What the figures were measured on, for the head of the table."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from . import peers


def described() -> dict[str, str]:
    """Python, the processor, and the version of every library."""
    versions = {name: version or "not installed, left out" for name, version in peers.versions().items()}
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}",
        "processor": f"{_processor()}, {os.cpu_count()} of them",
        **versions,
    }


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
