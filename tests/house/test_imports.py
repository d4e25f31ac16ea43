"""What ``import mimekit`` costs: nothing that opens connections, and not the standard library's `email`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.house.sources import ROOT

_HEAVY = ("email", "socket", "ssl", "asyncio", "selectors", "http", "dataclasses", "typing_extensions", "logging")
_SCRIPT = "import sys; sys.path.insert(0, '.'); import {module}; print(*sys.modules, sep='\\n')"


def _loaded_by(module: str) -> set[str]:
    """The modules a fresh interpreter has loaded when *module* has been imported."""
    # Without the variables by which coverage and others load themselves into every interpreter.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}
    script = _SCRIPT.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", _HEAVY)
def test_importing_mimekit_loads_nothing_heavy(name: str) -> None:
    """A pure middle: no network below it, `email` only in ``mimekit.interop``, and quick to start."""
    assert name not in _loaded_by("mimekit")


def test_interop_is_the_door_to_email() -> None:
    """Who asks for it gets it, and pays for it."""
    assert "email" in _loaded_by("mimekit.interop")


@pytest.mark.parametrize("name", ["socket", "ssl", "asyncio"])
def test_importing_cartero_opens_no_network(name: str) -> None:
    """The roads there are today lead to files, lists and consoles; a command's start is most of its cost."""
    assert name not in _loaded_by("cartero")


@pytest.mark.parametrize("name", ["email", "asyncio", "ssl", "logging", "dataclasses", "subprocess", "rich", "tomllib"])
def test_a_command_that_sends_loads_nothing_heavy(name: str) -> None:
    """A command's start is most of its cost: nothing that a message to a server, without TLS, has no use for."""
    assert name not in _loaded_by(
        "cartero.cli._one, cartero.cli._compose, cartero.senders.smtp, cartero.senders._smtpurl"
    )


@pytest.mark.parametrize("name", ["django"])
def test_importing_cartero_loads_no_framework(name: str) -> None:
    """Each has its room in ``cartero.integrations``, for those who have it."""
    assert name not in _loaded_by("cartero, cartero.aio, cartero.integrations")
