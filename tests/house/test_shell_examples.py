"""The pages' shell examples: each page is one session, in an empty folder, and shows what really comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import DOCS, ROOT

_BASH = shutil.which("bash")
_BLOCK = re.compile(r"^\.\. code-block:: console\n\n((?:   .*\n|\n)+)", re.MULTILINE)
_ALL_PAGES = sorted(page for page in DOCS.rglob("*.rst") if "_build" not in page.parts)
_PAGES = [page for page in _ALL_PAGES if _BLOCK.search(page.read_text(encoding="utf-8"))]
# the command as its entry point has it, wherever it is installed
_SETTING = f"""set -e
export PYTHONPATH='{ROOT}'
mimekit() {{ '{sys.executable}' -c 'import mimekit.cli, sys; sys.exit(mimekit.cli.main())' "$@"; }}
cartero-send() {{ '{sys.executable}' -c 'import cartero.cli, sys; sys.exit(cartero.cli.main())' "$@"; }}
"""


def _session(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of the page with the lines that are shown to come of it; ``> `` continues a command."""
    commands: list[tuple[str, list[str]]] = []
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in re.sub(r"^ {3}", "", block, flags=re.MULTILINE).strip("\n").split("\n"):
            if line.startswith("$ "):
                commands.append((line[2:], []))
            elif line.startswith("> "):
                command, shown = commands.pop()
                commands.append((f"{command}\n{line[2:]}", shown))
            else:
                commands[-1][1].append(line)
    return commands


@pytest.mark.skipif(_BASH is None, reason="there is no bash here")
@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_a_shell_example_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    """Every example is run; ``...`` in what is shown stands for what differs each time."""
    assert _BASH is not None

    for command, shown in _session(page):
        script = _SETTING + command
        done = subprocess.run(
            [_BASH, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        expected = ".*".join(re.escape(piece) for piece in "\n".join(shown).split("..."))

        assert done.returncode == 0, done.stderr
        assert re.fullmatch(expected, done.stdout.rstrip("\n"), re.DOTALL), done.stdout
