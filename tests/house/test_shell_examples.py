"""The pages' shell examples: each page is one session, in an empty folder, and shows what really comes out."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import DOCS, ROOT
from tests.ports import unused_port

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
_SERVER = re.compile(r"cartero-serve .*--via")  # a command that does not end by itself
_PORT = "2525"
_OF_THIS_MACHINE = ("CARTERO_URL", "XDG_CONFIG_HOME")


@pytest.fixture
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a session finds: the commands, and a home of its own without settings."""
    commands = tmp_path_factory.mktemp("bin")
    for name, package in {"mimekit": "mimekit", "cartero-send": "cartero", "cartero-serve": "cartero.servers"}.items():
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

    port = str(unused_port())  # in place of the one that pages name, at which somebody may listen
    with contextlib.ExitStack() as servers:
        for said, expected in _session(page):
            command, shown = said.replace(_PORT, port), [line.replace(_PORT, port) for line in expected]
            if _SERVER.match(command):
                assert servers.enter_context(_serving(command, tmp_path, environment)) == shown
                continue
            done = subprocess.run(
                [_BASH, "-ec", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            pattern = ".*".join(re.escape(piece) for piece in "\n".join(shown).split("..."))

            assert done.returncode == 0, done.stderr
            assert re.fullmatch(pattern, done.stdout.rstrip("\n"), re.DOTALL), done.stdout


@contextlib.contextmanager
def _serving(command: str, folder: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """A server that runs in another terminal as long as the page goes on; the line that it says when it listens."""
    assert _BASH is not None
    with subprocess.Popen(
        [_BASH, "-ec", f"exec {command}"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        yield [process.stderr.readline().rstrip("\n")]
        process.terminate()
        process.communicate()
    assert process.returncode == 0
