"""mimekit.values.brackets: what stands in angle brackets, and what between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit.values.brackets import are_comments, comment_end, find_brackets

scraps = st.lists(st.sampled_from([*'<>()"\\ ab,;@\t'])).map("".join)


class TestFindBrackets:
    """Items, and what is between them."""

    @pytest.mark.parametrize(
        ("text", "items", "rest", "comments", "is_whole"),
        [
            pytest.param("<a>", ["a"], "<>", [], True, id="usual: one"),
            pytest.param("<a> <b>,<c>", ["a", "b", "c"], "<> <>,<>", [], True, id="usual: many"),
            pytest.param("(x) <a> (y (z))", ["a"], "  <>  ", ["x", "y (z)"], True, id="usual: comments"),
            pytest.param("", [], "", [], True, id="odd: nothing"),
            pytest.param("<a(b)>", ["a(b)"], "<>", [], True, id="odd: parentheses within"),
            pytest.param('<"a"> "<b>"', ['"a"'], '<> "<b>"', [], True, id="odd: quotes"),
            pytest.param('"\\"<b>" <a>', ["a"], '"\\"<b>" <>', [], True, id="odd: quoted quote"),
            pytest.param("(\\)<b>) <a>", ["a"], "  <>", ["\\)<b>"], True, id="odd: quoted parenthesis"),
            pytest.param("<a\t b>", ["ab"], "<>", [], False, id="odd: white space within"),
            pytest.param("<<a>>", ["a"], "<>>", [], False, id="odd: twice"),
            pytest.param("<a", ["a"], "<>", [], False, id="hostile: no end"),
            pytest.param("<a b c", ["a"], "<> b c", [], False, id="hostile: no end but white space"),
            pytest.param("<a <b>", ["a", "b"], "<><>", [], False, id="hostile: no end but the next"),
            pytest.param("<>", [], "<>", [], False, id="hostile: empty"),
            pytest.param("< >", [], "<>", [], False, id="hostile: white space alone"),
            pytest.param("<", [], "<>", [], False, id="hostile: nothing behind"),
            pytest.param('" <a> (b', ["a"], '" <> (b', [], False, id="hostile: lone marks"),
            pytest.param(
                "(" * 900 + ")" * 899 + "<a>", ["a"], "(" * 900 + ")" * 899 + "<>", [], False, id="hostile: nested"
            ),
        ],
    )
    def test_items_are_told_from_what_is_between(
        self, text: str, items: list[str], rest: str, comments: list[str], *, is_whole: bool
    ) -> None:
        """RFC 5322, section 3.2.2: comments and quotes hold anything, brackets too."""
        found = find_brackets(text)

        assert (found.items, found.rest, found.comments, found.is_whole) == (items, rest, comments, is_whole)

    @given(scraps)
    def test_no_item_is_empty_or_holds_space(self, text: str) -> None:
        """What is found can stand in brackets again."""
        for item in find_brackets(text).items:
            assert item
            assert not set(item) & set("<> \t")


class TestComments:
    """Where comments end."""

    @pytest.mark.parametrize(
        ("text", "end"),
        [
            pytest.param("(a) b", 3, id="usual"),
            pytest.param("(a(b)c)", 7, id="odd: nested"),
            pytest.param("(a\\)b)", 6, id="odd: quoted pair"),
            pytest.param("(a", -1, id="hostile: no end"),
        ],
    )
    def test_a_comment_ends_with_its_own_parenthesis(self, text: str, end: int) -> None:
        """RFC 5322, section 3.2.2: comments nest."""
        assert comment_end(text, 0) == end

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("", True, id="usual: none"),
            pytest.param(" (a) (b(c))\t", True, id="usual: two"),
            pytest.param("(a) b", False, id="odd: a word"),
            pytest.param("(a) (b", False, id="hostile: no end"),
        ],
    )
    def test_comments_are_known_from_words(self, text: str, *, expected: bool) -> None:
        """RFC 5322, section 3.2.2: CFWS."""
        assert are_comments(text) is expected
