"""The rules we cite: each is listed on ``rfcs.rst``, and nothing else is."""

from __future__ import annotations

import re

from tests.house.sources import DOCS, ROOT, package_files

_NUMBER = r"(?:[A-Z]\.)?\d+(?:\.\d+)*(?:\(\d+\))?"
_CITED = re.compile(
    rf"\bRFC (\d{{3,5}})(?:,? (?:(?:sections?|appendix) )?({_NUMBER}(?:(?:,| and|, and) {_NUMBER})*)(?![\w-]))?"
)
_HEADING = re.compile(r"^RFC (\d+)\b.*\n-+$", re.MULTILINE)
_LISTED = re.compile(rf"^\* ({_NUMBER}):", re.MULTILINE)


def _cited_in(text: str) -> set[tuple[str, str]]:
    """Each RFC and section that *text* cites; an empty section for the whole RFC."""
    flat = re.sub(r"\s+(?:#\s+)?", " ", text)
    return {
        (rfc, section.partition("(")[0])
        for rfc, sections in _CITED.findall(flat)
        for section in (re.findall(_NUMBER, sections) or [""])
    }


def _cited() -> set[tuple[str, str]]:
    """What the packages and the pages cite; the page that lists it does not count."""
    pages = [*ROOT.glob("*.rst"), *(page for page in DOCS.rglob("*.rst") if "_build" not in page.parts)]
    files = [*package_files(), *(page for page in pages if page.name != "rfcs.rst")]
    return set().union(*(_cited_in(file.read_text(encoding="utf-8")) for file in files))


def _listed() -> set[tuple[str, str]]:
    text = (DOCS / "rfcs.rst").read_text(encoding="utf-8")
    _, *pieces = _HEADING.split(text)
    return {
        (rfc, section)
        for rfc, piece in zip(pieces[::2], pieces[1::2], strict=True)
        for section in ["", *_LISTED.findall(piece)]
    }


def test_every_section_cited_is_listed() -> None:
    """Who reads ``RFC 2046, section 5.1.1`` in a docstring finds on one page what that section is about."""
    assert _cited() - _listed() == set()


def test_every_section_listed_is_cited() -> None:
    """The page lists what is obeyed, not what its authors have read."""
    cited = _cited() | {(rfc, "") for rfc, _section in _cited()}

    assert _listed() - cited == set()


def test_citations_are_found_in_every_form_we_write() -> None:
    """Docstrings write ``RFC n, section m``, comments ``RFC n m``; lists and line breaks do not hide one."""
    text = "RFC 1, no. RFC 2046, sections 5.1, 5.1.1\n  and 5.2. # RFC 5322\n  # 3.6.4: RFC 2047, section 5(3) RFC 6532"

    assert _cited_in(text) == {
        ("2046", "5.1"),
        ("2046", "5.1.1"),
        ("2046", "5.2"),
        ("5322", "3.6.4"),
        ("2047", "5"),
        ("6532", ""),
    }
