"""The command line of `mimekit`: what may be said, and what was."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from mimekit.cli._exits import UsageError
from mimekit.cli._options import parse_options


class TestFiles:
    @pytest.mark.parametrize(
        ("arguments", "files"),
        [
            pytest.param([], ["-"], id="standard-input"),
            pytest.param(["-"], ["-"], id="standard-input-by-its-name"),
            pytest.param(["a", "--json", "b"], ["a", "b"], id="options-among-them"),
            pytest.param(["a", "--", "--json"], ["a", "--json"], id="called-like-an-option"),
            pytest.param(["--json", "--", "-", "--"], ["-", "--"], id="after-the-end-of-options"),
        ],
    )
    def test_files_stand_anywhere(self, arguments: list[str], files: list[str]) -> None:
        """POSIX, utility syntax guideline 10: after ``--`` all are operands."""
        assert parse_options(["lint", *arguments]).files == files


class TestOptions:
    def test_each_command_has_its_own(self) -> None:
        """And none of the others."""
        page = parse_options(["html", "-d", "out", "--remote-images"])

        assert (page.command, page.directory, page.remote_images) == ("html", "out", True)
        assert parse_options(["extract", "--directory", "out"]).directory == "out"
        assert parse_options(["extract"]).directory is None
        assert parse_options(["lint", "--json"]).json

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param([], id="nothing"),
            pytest.param(["nonsense"], id="no-command"),
            pytest.param(["--nonsense"], id="no-option"),
            pytest.param(["show", "--nonsense"], id="no-option-of-it"),
            pytest.param(["show", "--json"], id="option-of-another"),
            pytest.param(["html", "--remote"], id="abbreviated"),
            pytest.param(["extract", "-d"], id="no-value"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, arguments: list[str]) -> None:
        """With a way to help."""
        with pytest.raises(UsageError, match=r"\(try --help\)$"):
            parse_options(arguments)

    def test_the_command_line_of_the_process_is_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As the entry point calls it."""
        monkeypatch.setattr("sys.argv", ["anything", "text", "a.eml"])

        assert parse_options(None).files == ["a.eml"]


class TestAsked:
    def test_help_lists_the_commands(self) -> None:
        """Whatever else is said."""
        asked = parse_options(["--help"]).asked

        assert asked.startswith("usage: mimekit COMMAND")
        assert all(f"\n  {name} " in asked for name in ("show", "text", "html", "extract", "lint"))
        assert max(map(len, asked.splitlines())) <= 80

    def test_help_of_a_command_lists_its_options(self) -> None:
        """And what it does."""
        asked = parse_options(["html", "a.eml", "-h"]).asked

        assert asked.startswith("usage: mimekit html [options] [FILE ...]\n\nPrint the page")
        assert "--remote-images" in asked

    def test_the_version(self) -> None:
        """That of the distribution."""
        assert parse_options(["--version"]).asked == f"mimekit {version('cartero-mail')}\n"
