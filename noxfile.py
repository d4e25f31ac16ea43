"""One session a check; ``nox`` runs them all, ``nox -s types`` one of them."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Does it work?"""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Is every branch taken by a test?"""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", "--cov", env={"HYPOTHESIS_PROFILE": "ci"})


@nox.session
def docs(session: nox.Session) -> None:
    """Do the docs tell the truth?"""
    session.install("-e", ".[test,docs]")
    session.run("python", "-m", "sphinx", "-q", "-n", "-W", "docs", "docs/_build")
    session.run("python", "-m", "pytest", "--doctest-glob=*.rst", "docs", "README.rst")
    session.run("python", "-m", "pytest", "--doctest-modules", "mimekit", "cartero")


@nox.session
def tidy(session: nox.Session) -> None:
    """Is it tidy?"""
    session.install(".[dev]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Is it typed?"""
    session.install("-e", ".[dev]")
    session.run("mypy")


@nox.session
def rooms(session: nox.Session) -> None:
    """Is everything in its room?"""
    session.install("-e", ".[dev]")
    session.run("lint-imports")


@nox.session(default=False)
def benchmarks(session: nox.Session) -> None:
    """Is it fast? ``nox -s benchmarks -- --quick`` takes a look; all of it takes its time."""
    session.install("-e", ".[bench]")
    session.run("python", "-m", "benchmarks", *session.posargs)
