"""The parts of an address as text: what they may hold, and when they are quoted or encoded."""

from __future__ import annotations

import pytest

from mimekit.values.addrspec import flaw, is_dot_atom, phrase, shown_phrase, shown_spec


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("john.doe", True, id="usual"),
        pytest.param("jürgen", True, id="usual-not-ascii"),
        pytest.param("", False, id="odd-empty"),
        pytest.param("a..b", False, id="odd-dots"),
        pytest.param("a b", False, id="odd-space"),
        pytest.param("a\x85b", False, id="hostile-control"),
    ],
)
def test_a_dot_atom_is_atoms_and_single_dots(text: str, expected: bool) -> None:
    """RFC 5322, section 3.2.3; RFC 6532, section 3.2."""
    assert is_dot_atom(text) is expected


@pytest.mark.parametrize(
    ("username", "domain", "said"),
    [
        pytest.param("a", "b.org", None, id="usual"),
        pytest.param("root", "", None, id="usual-local"),
        pytest.param("a b", "[192.0.2.1]", None, id="odd-quotable"),
        pytest.param("", "b.org", "expected a username, found none", id="odd-no-username"),
        pytest.param("a@b.org", "", "an addr_spec holds", id="odd-both-in-one"),
        pytest.param("a", "b..org", "expected a domain", id="odd-empty-label"),
        pytest.param("a\n", "b.org", "(U+000A)", id="hostile-line-feed"),
        pytest.param("a", "b" * 900, "at most 800 octets, found 902", id="hostile-long"),
        pytest.param('"' * 400, "b.org", "found 808", id="hostile-long-when-quoted"),
    ],
)
def test_a_flaw_says_what_was_expected(username: str, domain: str, said: str | None) -> None:
    """RFC 5322, section 3.4.1; and what fits on a line."""
    found = flaw(username, domain)

    assert found == said or (said is not None and found is not None and said in found)


@pytest.mark.parametrize(
    ("username", "shown"),
    [
        pytest.param("a.b", "a.b@x.org", id="usual"),
        pytest.param("a b", '"a b"@x.org', id="odd-space"),
        pytest.param('"', '"\\""@x.org', id="odd-quote"),
        pytest.param("'a", '"\'a"@x.org', id="odd-single-quote"),
        pytest.param("=?", '"=?"@x.org', id="hostile-encoded-word"),
    ],
)
def test_a_local_part_is_quoted_where_it_must_be(username: str, shown: str) -> None:
    """RFC 5322, section 3.4.1: local-part = dot-atom / quoted-string."""
    assert shown_spec(username, "x.org") == shown


@pytest.mark.parametrize(
    ("name", "shown", "written"),
    [
        pytest.param("Ana Doe", "Ana Doe", "Ana Doe", id="usual"),
        pytest.param("Doe, Ana", '"Doe, Ana"', '"Doe, Ana"', id="usual-comma"),
        pytest.param("Zoë", "Zoë", "=?utf-8?q?Zo=C3=AB?=", id="usual-not-ascii"),
        pytest.param("", '""', '""', id="odd-empty"),
        pytest.param("a  b", '"a  b"', '"a  b"', id="odd-spaces"),
        pytest.param("MailTo", '"MailTo"', '"MailTo"', id="odd-mailto"),
        pytest.param("=?", '"=?"', "=?utf-8?b?PT8=?=", id="hostile-encoded-word"),
        pytest.param("a\x07", '"a\x07"', "=?utf-8?q?a=07?=", id="hostile-control"),
    ],
)
def test_a_name_is_words_quotes_or_encoded_words(name: str, shown: str, written: str) -> None:
    """RFC 5322, section 3.2.5; RFC 2047, section 5 (3): never an encoded word in quotes."""
    assert shown_phrase(name) == shown
    assert phrase(name, utf8=False, offset=4) == written


@pytest.mark.parametrize("name", ["a\x85", "a\u2028b", "\ufeffa"])
def test_with_utf8_what_is_not_safe_is_encoded_still(name: str) -> None:
    """RFC 6532, section 3.2 allows it, and other programs take it for a line end or a mark."""
    assert phrase(name, utf8=True, offset=4).startswith("=?utf-8?")
