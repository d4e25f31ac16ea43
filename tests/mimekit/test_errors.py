"""mimekit.errors: exceptions for callers' mistakes, and defects."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

from mimekit import errors
from mimekit.errors import (
    BadValue,
    ChangedFile,
    Defect,
    Forbidden,
    MimeError,
    MissingExtra,
    MissingField,
    MissingFile,
    NoHandler,
    ParseError,
)


class TestExceptions:
    """The tree, sorted by what a caller can do."""

    @pytest.mark.parametrize(
        ("leaf", "builtin"),
        [
            (BadValue, ValueError),
            (ParseError, ValueError),
            (Forbidden, ValueError),
            (NoHandler, LookupError),
            (MissingField, KeyError),
            (MissingFile, FileNotFoundError),
            (ChangedFile, OSError),
            (MissingExtra, ImportError),
        ],
    )
    def test_each_is_a_builtin_it_resembles_too(self, leaf: type[Exception], builtin: type[Exception]) -> None:
        """Leaves also derive from the builtin they resemble; one ``except MimeError`` is always enough."""
        assert issubclass(leaf, MimeError)
        assert issubclass(leaf, builtin)

    def test_the_tree_in_the_docstring_is_the_tree(self) -> None:
        """The module's docstring shows the tree."""
        shown = dict(re.findall(r"\|- (\w+) +\((\w+)\)", errors.__doc__ or ""))

        raised = {name: made for name, made in vars(errors).items() if inspect.isclass(made) and name != "Defect"}

        assert shown.keys() == raised.keys() - {"MimeError"}
        assert all(shown[name] in {base.__name__ for base in raised[name].__mro__} for name in shown)

    def test_a_missing_field_says_its_sentence(self) -> None:
        """A KeyError shows what it is given in quotes, as a key; here it is a sentence."""
        assert str(MissingField("there is no 'x' to replace")) == "there is no 'x' to replace"

    def test_a_missing_file_names_its_path(self) -> None:
        """Facts are attributes."""
        error = MissingFile(2, "No such file or directory", "a.eml")

        assert (error.errno, error.filename) == (2, "a.eml")

    def test_a_changed_file_names_its_path(self) -> None:
        """In the attribute that each `OSError` has, and in its sentence."""
        error = ChangedFile("a.pdf")

        assert error.filename == "a.pdf"
        assert str(error).startswith("a.pdf is not what it was when it was attached")

    def test_a_parse_error_carries_its_defect(self) -> None:
        """``strict=True`` raises the first defect; the sentence says what, where, and by which rule."""
        error = ParseError(Defect("stray-line", 11))

        assert error.defect == Defect("stray-line", 11)
        assert str(error) == "a line among the headers is no field at 11 (RFC 5322, section 2.2)"

    @pytest.mark.parametrize(
        "error",
        [
            BadValue("a"),
            Forbidden("a"),
            NoHandler("a"),
            MissingField("a"),
            MissingFile(2, "a", "b"),
            ChangedFile("a"),
            MissingExtra("a"),
            ParseError(Defect("stray-line", 1)),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_errors_travel_between_processes(self, error: MimeError) -> None:
        """What is raised in a worker is shown by its parent."""
        again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- our own octets

        assert (type(again), str(again)) == (type(error), str(error))


class TestDefect:
    """Something in received mail that breaks a rule and could still be read."""

    def test_it_says_what_where_and_by_which_rule(self) -> None:
        """The code is for programs, the sentence for people."""
        defect = Defect("missing-close-delimiter", 120)

        assert (defect.code, defect.offset) == ("missing-close-delimiter", 120)
        assert (defect.message, defect.rfc) == ("a multipart without its closing delimiter", "RFC 2046, section 5.1.1")
        assert str(defect) == "a multipart without its closing delimiter at 120 (RFC 2046, section 5.1.1)"
        assert repr(defect) == "Defect('missing-close-delimiter', 120)"

    def test_it_may_have_no_one_place(self) -> None:
        """The offset is None where there is no one place."""
        defect = Defect("bad-date")

        assert defect.offset is None
        assert str(defect) == "a date that cannot be read (RFC 5322, section 3.3)"
        assert repr(defect) == "Defect('bad-date', None)"

    @pytest.mark.parametrize("code", sorted(errors._RULES))
    def test_every_code_has_a_sentence_and_a_section(self, code: str) -> None:
        """A defect breaks a rule, and the rule stands somewhere."""
        defect = Defect(code, 0)

        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert re.fullmatch(r"RFC \d{4}, section \d+(\.\d+)*", defect.rfc)
        assert defect.message == defect.message.strip(" .")

    def test_a_code_of_nobody_is_refused(self) -> None:
        """A misspelled code would never be found by a program."""
        with pytest.raises(KeyError, match="no-such-code"):
            Defect("no-such-code")

    def test_it_is_a_value(self) -> None:
        """Frozen, equal by meaning."""
        defect = Defect("bad-date", 1)

        assert defect == Defect("bad-date", 1)
        assert (
            len({defect, Defect("bad-date", 1), Defect("bad-date", 2), Defect("bad-date"), Defect("bad-address", 1)})
            == 4
        )
        assert defect != "bad-date"
        with pytest.raises(AttributeError):
            defect.code = "bad-address"  # type: ignore[misc]  # what a caller may try

    def test_it_can_be_placed_elsewhere(self) -> None:
        """A room below knows offsets in what it was given; the room above knows where that stands."""
        defect = Defect("bad-base64", 3)

        assert (defect.at(103), defect.at(None)) == (Defect("bad-base64", 103), Defect("bad-base64"))
        assert defect.offset == 3

    def test_it_can_be_copied_and_pickled(self) -> None:
        """Values travel between processes."""
        defect = Defect("bad-date", 1)

        for twin in (copy.copy(defect), copy.deepcopy(defect), pickle.loads(pickle.dumps(defect))):  # noqa: S301
            assert twin == defect
