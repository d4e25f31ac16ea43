"""The grammar of address lists; what it makes of whole fields is in ``test_address.py``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.values.addrgrammar import USUAL, _Named, _Reader, read_addresses
from mimekit.values.addrtokens import Reading, Token, tokenize


def test_groups_are_names_with_their_members() -> None:
    """RFC 5322, section 3.4; a bare address has None for a name."""
    found = read_addresses("a@b.org, All: Ana <c@d.org>;", 0, Reading(), words_in_quotes=True)

    assert found == [(None, [("", "a", "b.org")]), ("All", [("Ana", "c", "d.org")])]


def test_reading_begins_where_it_is_told() -> None:
    """Behind the usual addresses, which need no grammar."""
    reading = Reading()

    assert read_addresses("a@b.org, x y", 8, reading, words_in_quotes=True) == [("x y", [])]
    assert reading.trouble == ("an address", 8)


@pytest.mark.parametrize(("in_quotes", "name"), [(True, "x"), (False, "=?utf-8?q?x?=")])
def test_encoded_words_in_quotes_are_read_if_wanted(in_quotes: bool, name: str) -> None:
    """RFC 2047, section 5 (3): they must not stand there; received mail has them."""
    found = read_addresses('"=?utf-8?q?x?=" <a@b.org>', 0, Reading(), words_in_quotes=in_quotes)

    assert found == [(None, [(name, "a", "b.org")])]


@pytest.mark.parametrize(
    ("text", "is_strict"),
    [
        pytest.param('"J. D" <a@b.org>, All: c@d.org, e@f.org;, g@[1.2.3.4]', True, id="usual"),
        pytest.param("(x) a@b.org", True, id="usual-comment"),
        pytest.param("J. D <a@b.org>", False, id="odd-dot"),
        pytest.param("a@b.org,,c@d.org", False, id="odd-empty-element"),
        pytest.param("All: a@b.org; c@d.org", False, id="odd-no-comma-behind-a-group"),
        pytest.param("All: a@b.org,;", False, id="odd-empty-member"),
        pytest.param("root", False, id="odd-local"),
        pytest.param("a..b@c.org", False, id="odd-dots"),
    ],
)
def test_strict_is_what_the_standard_wants_written(text: str, is_strict: bool) -> None:
    """RFC 5322, section 3.4, without what section 4.4 allows only to readers."""
    reading = Reading()

    read_addresses(text, 0, reading, words_in_quotes=True)

    assert reading.is_strict is is_strict


@pytest.mark.parametrize("text", ["a@b.org", "Ana <a@b.org>", '"Doe, J" <a@b.org> ', "J. D <a@b.org>,", "<a@b.org>"])
def test_the_usual_is_found_by_one_expression(text: str) -> None:
    """Nearly every field there is."""
    assert USUAL.fullmatch(text)


@pytest.mark.parametrize(
    "text", ["'a@b.org'", "Ana a@b.org", "a@b.org>", "<a@b.org", "Doe, J <a@b.org>", "a@b..org", '"a\\"" <a@b>']
)
def test_what_is_odd_is_left_to_the_grammar(text: str) -> None:
    """A wrong quick answer would be worse than a slow one."""
    assert USUAL.fullmatch(text) is None


class _Slow(_Reader):
    """The grammar alone."""

    __slots__ = ()

    def _skip_usual(self, _tokens: list[Token], index: int, _text: str, _place: int) -> tuple[int, bool]:
        return index, False


_ENTRIES = st.sampled_from(
    [
        *("a@b.org", "Ana <a@b.org>", '"Doe, J" <a@b.org>', "J. D <a@b.org>", "<a@b.org>", "=?utf-8?q?=C3=A4?= <a@b>"),
        *("", " ", "root", "Doe", "Doe <a@b.org>", "All: a@b.org", "a@b.org;", ";", "a@b.org (x)", "a@b c@d", "<", '"'),
    ]
)


@given(st.lists(_ENTRIES, max_size=6).map(",".join), st.booleans())
def test_the_short_way_and_the_long_way_agree(text: str, in_quotes: bool) -> None:
    """What stands between two odd ones is read as if it stood alone."""
    quick, slow = Reading(), Reading()
    reader = _Slow(slow, words_in_quotes=in_quotes)

    found = read_addresses(text, 0, quick, words_in_quotes=in_quotes)
    reader.read(tokenize(text, 0, slow), text)

    assert _flat(found) == _flat(reader.groups)
    assert (quick.is_strict, quick.codes, quick.trouble) == (slow.is_strict, slow.codes, slow.trouble)


def _flat(groups: list[_Named]) -> list[_Named]:
    """Each address without a group as a group of its own."""
    return [
        (name, [member] if name is None else members)
        for name, members in groups
        for member in (members if name is None else [("", "", "")])
    ]
