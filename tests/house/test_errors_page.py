"""The page on errors: every exception and every defect code, with its rule."""

from __future__ import annotations

import csv
import inspect
import re
from types import ModuleType

import pytest

import cartero.errors
import mimekit.errors
from tests.house.sources import DOCS

_PAGE = (DOCS / "reference" / "errors.rst").read_text(encoding="utf-8")
_ROW = re.compile(r'^ {3}(".*")$', re.MULTILINE)


@pytest.mark.parametrize("module", [mimekit.errors, cartero.errors], ids=["mimekit", "cartero"])
def test_every_exception_is_on_the_page(module: ModuleType) -> None:
    """Who catches something finds it explained."""
    errors = {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, Exception) and name[0] != "_"
    }
    package = module.__name__.partition(".")[0]

    assert {name for name in errors if f".. autoexception:: {package}.{name}\n" not in _PAGE} == set()


def test_every_defect_code_is_on_the_page_with_its_rule() -> None:
    """A code is a promise to programs: the page lists each as the code has it, in the same order."""
    rows = {code.strip("`"): (message, rfc) for code, message, rfc in csv.reader(_ROW.findall(_PAGE))}

    assert rows == mimekit.errors._RULES
