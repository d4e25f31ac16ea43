"""What the house tests look at: the files of the two packages, their tests and their pages."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("mimekit", "cartero")
DOCS = ROOT / "docs"


def rooms() -> list[Path]:
    """Every module of both packages that is more than a package's door, relative to the root."""
    return sorted(
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name not in {"__init__.py", "__main__.py"}
    )


def package_files() -> list[Path]:
    """Every Python file of both packages."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def files_of_tests() -> list[Path]:
    """Every file of tests."""
    return sorted((ROOT / "tests").rglob("test_*.py"))
