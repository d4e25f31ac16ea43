"""The pages' shell examples: each page is one session, in an empty folder, and shows what really comes out."""

from __future__ import annotations

import os
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
# each command as its entry point has it, wherever it is installed
_SCRIPT = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from {{package}}.cli import main
sys.exit(main())
"""
_OF_THIS_MACHINE = ("CARTERO_URL", "XDG_CONFIG_HOME")


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a session finds: the two commands, and a home of its own without settings."""
    commands = tmp_path_factory.mktemp("bin")
    for name, package in {"mimekit": "mimekit", "cartero-send": "cartero"}.items():
        (commands / name).write_text(_SCRIPT.format(package=package), encoding="utf-8")
        (commands / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THIS_MACHINE}
    home = tmp_path_factory.mktemp("home")
    return {**kept, "PATH": f"{commands}{os.pathsep}{kept['PATH']}", "HOME": str(home)}


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
def test_a_shell_example_does_what_it_shows(page: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """Every example is run; ``...`` in what is shown stands for what differs each time."""
    assert _BASH is not None

    for command, shown in _session(page):
        done = subprocess.run(
            [_BASH, "-ec", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        expected = ".*".join(re.escape(piece) for piece in "\n".join(shown).split("..."))

        assert done.returncode == 0, done.stderr
        assert re.fullmatch(expected, done.stdout.rstrip("\n"), re.DOTALL), done.stdout
