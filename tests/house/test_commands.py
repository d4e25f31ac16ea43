"""The two commands of the README: one line each, and the very ones that are checked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from enum import IntEnum

import pytest

from cartero.cli._exits import Exit
from cartero.servers.cli._exits import Exit as ServeExit
from mimekit.cli._exits import Exit as MimekitExit
from mimekit.cli._options import COMMANDS, parse_options
from tests.house.sources import ROOT

_BASH = shutil.which("bash")
_README = (ROOT / "README.rst").read_text(encoding="utf-8")


def _block(name: str) -> list[str]:
    """The lines of the code block that is called *name*."""
    found = re.search(rf"^\.\. code-block:: sh\n   :name: {name}\n\n((?:   .*\n)+)", _README, re.MULTILINE)
    assert found is not None
    return [line.strip() for line in found[1].splitlines()]


@pytest.mark.parametrize("name", ["try-command", "test-command"])
def test_a_command_is_one_line_that_makes_its_own_environment(name: str) -> None:
    """Each can be pasted on a fresh machine with nothing but CPython."""
    lines = _block(name)

    assert len(lines) == 1
    assert lines[0].startswith("python3 -m venv .venv && .venv/bin/python -m pip install ")


@pytest.mark.skipif(_BASH is None, reason="there is no bash here, and so no .ci/run")
@pytest.mark.parametrize("name", ["try-command", "test-command"])
def test_what_is_checked_is_what_the_readme_says(name: str) -> None:
    """``.ci/run`` keeps no second copy of a command; it takes the README's."""
    assert _BASH is not None

    shown = subprocess.run(
        [_BASH, str(ROOT / ".ci" / "run"), "--show", name], capture_output=True, text=True, check=True
    )

    assert shown.stdout.splitlines() == _block(name)


@pytest.mark.parametrize(
    ("command", "room"), [("cartero-send", "cartero.cli"), ("cartero-serve", "cartero.servers.cli")]
)
def test_every_option_of_a_command_is_on_its_page(command: str, room: str) -> None:
    """What ``--help`` lists, the reference explains."""
    page = (ROOT / "docs" / "reference" / f"{command}.rst").read_text(encoding="utf-8")
    script = f"import {room}, sys; sys.exit({room}.main(['--help']))"

    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    listed = set(re.findall(r"^ +(?:-\w\b.*?, )?(--[\w-]+)", shown.stdout, re.MULTILINE))
    assert listed == set(re.findall(r"(--[\w-]+)", "\n".join(re.findall(r"^\.\. option:: .*", page, re.MULTILINE))))


@pytest.mark.parametrize(("command", "exits"), [("cartero-send", Exit), ("cartero-serve", ServeExit)])
def test_every_exit_status_is_on_the_page(command: str, exits: type[IntEnum]) -> None:
    """A script that asks what happened is told in numbers."""
    page = (ROOT / "docs" / "reference" / f"{command}.rst").read_text(encoding="utf-8")

    assert {int(number) for number in re.findall(r"^ ?([ \d]\d)  \S", page, re.MULTILINE)} == set(exits)


def test_every_option_and_status_of_mimekit_is_on_its_page() -> None:
    """What ``--help`` lists, the reference explains; and what the shell is told."""
    page = (ROOT / "docs" / "reference" / "mimekit.rst").read_text(encoding="utf-8")
    shown = "".join(parse_options([*command, "--help"]).asked for command in ([], *([name] for name in COMMANDS)))

    assert set(re.findall(r"--[a-z][\w-]*", shown)) == set(re.findall(r"--[a-z][\w-]*", page))
    assert set(COMMANDS) == set(re.findall(r"^``([a-z]+)``", page, re.MULTILINE))
    statuses = page[page.index("The exit status is") :]
    assert {int(number) for number in re.findall(r"\b\d+\b", statuses)} == set(MimekitExit)


def test_both_commands_stand_near_the_top() -> None:
    """Who opens the README sees them first."""
    lines = _README.splitlines()

    assert lines.index("   :name: test-command") < 45
