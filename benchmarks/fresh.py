"""What can only be seen in a process of its own: what an import costs, and how much memory something takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .measure import Sample

_IMPORT = "import time; before = time.process_time(); import {modules}; print(time.process_time() - before)"
# The most that was resident so far, by Linux' own account of this process: ru_maxrss would begin with our parent's.
_RESIDENT = """
import re, sys
import mimekit
def resident():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read())[1]) * 1024
before = resident()
{work}
print(resident() - before)
"""
_TRACED = """
import sys, tracemalloc
import mimekit
tracemalloc.start()
{work}
print(tracemalloc.get_traced_memory()[1])
"""
#: Reads the message in a file, and the octets of its attachment.
DETACH = """
with open(sys.argv[1], "rb") as file:
    source = file.read()
[part] = mimekit.parse(source).iter_attachments()
octets = part.octets
"""
#: Reads the subject of each message of an mbox.
SUBJECTS = """
for message in mimekit.read_mbox(sys.argv[1]):
    message["subject"]
"""
#: Attaches a file by its path, and writes the message to another.
ATTACH_FILE = """
message = mimekit.MIMEMessage().set_content("The numbers are in the file.")
message.add_attachment(sys.argv[1], content_manager=mimekit.FileManager)
with open(sys.argv[1] + ".eml", "wb") as file:
    message.write_to(file)
"""
#: Writes the attachment of the message in a file to a file beside it.
EXTRACT_FILE = """
import os
[part] = mimekit.parse_file(sys.argv[1], mmap=True).iter_attachments()
part.get_content(content_manager=mimekit.FileManager(os.path.dirname(sys.argv[1])))
"""


def importing(modules: str) -> Sample:
    """What takes the CPU time of importing *modules* into a fresh interpreter that has not even its ``site``."""
    return lambda: float(_run(_IMPORT.format(modules=modules)))


def resident(work: str, argument: Path) -> int | None:
    """By how many octets the resident memory of a process grew at most while it did *work*; None if not on Linux."""
    if not Path("/proc/self/status").exists():
        return None
    return int(_run(_RESIDENT.format(work=work), str(argument)))


def traced(work: str, argument: Path) -> int:
    """How many octets Python had allocated at most while it did *work*."""
    return int(_run(_TRACED.format(work=work), str(argument)))


def _run(script: str, *arguments: str) -> str:
    """What *script* prints in an interpreter that looks for modules where we do, and runs nothing else at its start."""
    start = f"import sys; sys.path[:] = {_paths()!r}\n"
    command = [sys.executable, "-I", "-S", "-c", start + script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _paths() -> Sequence[str]:
    root = str(Path(__file__).resolve().parents[1])
    return [root, *(path for path in sys.path if path and path != root)]
