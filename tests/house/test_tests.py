"""The tests: a file for every room, a docstring for every test, a test for every line of mail in the wild."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, files_of_tests, rooms

_WILD_LINES = range(1, 25)


def _tests() -> list[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (path.relative_to(ROOT), node)
        for path in files_of_tests()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


@pytest.mark.parametrize("room", rooms(), ids=str)
def test_every_room_has_its_test_file(room: Path) -> None:
    """One test file a room, in the same place."""
    names = {room.stem, room.stem.lstrip("_")}

    assert any((ROOT / "tests" / room.parent / f"test_{name}.py").is_file() for name in names)


def test_every_test_has_a_docstring() -> None:
    """A test's docstring is the sentence that holds us to it."""
    bare = [f"{path}:{test.lineno} {test.name}" for path, test in _tests() if not ast.get_docstring(test)]

    assert bare == []


def test_every_line_of_mail_in_the_wild_has_a_test() -> None:
    """Each strange mail we know of has a number, and a test whose name ends in it: ``_wild_07``."""
    numbers = {int(found[1]) for _, test in _tests() if (found := re.search(r"_wild_(\d\d)$", test.name))}

    assert numbers == set(_WILD_LINES)


def test_no_name_only_looks_like_a_line_of_mail_in_the_wild() -> None:
    """A number in the middle of a name would not be found."""
    odd = [
        test.name
        for _, test in _tests()
        if re.search(r"_wild_\d", test.name) and not re.search(r"_wild_\d\d$", test.name)
    ]

    assert odd == []
