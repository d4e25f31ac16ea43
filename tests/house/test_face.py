"""The face: what is public is in ``__all__``, and on one reference page."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.sources import DOCS, PACKAGES

_DOCUMENTED = re.compile(r"^ *\.\. auto(?:class|exception|function|data)::[ ]+([\w.]+)", re.MULTILINE)
_PAGES = sorted((DOCS / "reference").glob("*.rst"))
_FACES = (*PACKAGES, "cartero.servers")
# public rooms that have a name of their own: what they define is on a page too
_DOORS = (
    "cartero.aio",
    "cartero.integrations.flask",
    "cartero.integrations.django",
    "cartero.testing",
    "mimekit.interop",
    "mimekit.policy",
    "mimekit.reply",
)


def _documented() -> list[str]:
    """Every name that a reference page documents, with its module; once for every time."""
    return [name for page in _PAGES for name in _DOCUMENTED.findall(page.read_text(encoding="utf-8"))]


def _found(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _promised(package: str) -> set[str]:
    module = importlib.import_module(package)
    return {f"{package}.{name}" for name in module.__all__ if not isinstance(getattr(module, name), ModuleType)}


@pytest.mark.parametrize("package", _FACES)
def test_the_face_is_what_all_says(package: str) -> None:
    """The face equals ``__all__``: a name imported by accident is no promise, and a promise is no accident."""
    module = importlib.import_module(package)
    face = {name for name, value in vars(module).items() if name[0] != "_" and not isinstance(value, ModuleType)}

    assert face | {name for name in module.__all__ if isinstance(vars(module)[name], ModuleType)} == set(module.__all__)


@pytest.mark.parametrize("package", _FACES)
def test_all_says_nothing_twice(package: str) -> None:
    """A list that is compared is a set."""
    names = list(importlib.import_module(package).__all__)

    assert len(names) == len(set(names))


@pytest.mark.parametrize("package", _FACES)
def test_the_face_is_on_the_reference_pages(package: str) -> None:
    """Public is what the reference documents: all of ``__all__``, and nothing else under the package's own name."""
    documented = {name for name in _documented() if name.rpartition(".")[0] == package}

    assert _promised(package) == documented


@pytest.mark.parametrize("door", _DOORS)
def test_what_a_public_room_defines_is_on_a_page(door: str) -> None:
    """A room that the face or a page names is part of the face."""
    module = importlib.import_module(door)
    shown = [_found(name) for name in _documented()]
    defined = [
        value
        for name, value in vars(module).items()
        if name[0] != "_" and (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == door
    ]

    assert [value for value in defined if value not in shown] == []


def test_every_name_on_a_page_is_there_once() -> None:
    """A name that is explained twice is explained differently, sooner or later."""
    documented = _documented()

    assert sorted(documented) == sorted(set(documented))
    assert all(_found(name) is not None for name in documented)


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.stem)
def test_a_reference_page_opens_with_an_example(page: Path) -> None:
    """Reference pages open with an example, and every example is run."""
    text = page.read_text(encoding="utf-8")
    example = re.search(r"^ *(?:>>>|\$) ", text, re.MULTILINE)
    described = re.search(r"^ *\.\. (?:auto\w+|program)::", text, re.MULTILINE)

    assert example is not None
    assert described is None or example.start() < described.start()
