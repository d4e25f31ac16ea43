"""mimekit.values.listing: what a mailing list says of itself."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.base import HeaderValue
from mimekit.values.listing import ListField, ListId

urls = st.from_regex(r"[a-z][a-z0-9+.-]{0,5}:[!-;=?-~]{1,60}", fullmatch=True)
list_ids = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,9}(\.[a-z0-9-]{1,9}){0,4}", fullmatch=True)
phrases = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\0") | st.sampled_from(' \t"\\<>(),.=?é'), max_size=300
) | st.sampled_from(["=?utf-8?q?a?=", "=?", '"', "a  b", "x" * 2000, "é" * 200, "a <b>"])
scraps = st.lists(st.sampled_from([*'<>()"\\ a@,;:.\t\0é', "\r\n ", "=?utf-8?q?a?=", "<http:a>", "<a.b>", "NO"])).map(
    "".join
)


def written(value: HeaderValue, *, utf8: bool = True) -> str:
    """The field body of *value* as it goes out, folded, its octets as characters."""
    body = value.encode_body(utf8=utf8, offset=len(value.name) + 2)
    return fold(value.name, body).encode().decode("latin-1").partition(":")[2].removesuffix("\r\n")


class TestReadingUrls:
    """What came is read."""

    @pytest.mark.parametrize(
        ("name", "body", "expected", "comment"),
        [
            pytest.param(
                "List-Help",
                "<mailto:list@host.com?subject=help> (List Instructions)",
                ["mailto:list@host.com?subject=help"],
                "List Instructions",
                id="usual: RFC 2369 3.1",
            ),
            pytest.param(
                "List-Help",
                "<ftp://ftp.host.com/list.txt> (FTP),\r\n    <mailto:list@host.com?subject=help>",
                ["ftp://ftp.host.com/list.txt", "mailto:list@host.com?subject=help"],
                "FTP",
                id="usual: RFC 2369 3.1, two",
            ),
            pytest.param(
                "List-Unsubscribe",
                "(Use this command to get off the list)\r\n     <mailto:list-manager@host.com?body=unsubscribe%20list>",
                ["mailto:list-manager@host.com?body=unsubscribe%20list"],
                "Use this command to get off the list",
                id="usual: RFC 2369 3.2",
            ),
            pytest.param(
                "List-Subscribe",
                "<http://www.host.com/list.cgi?cmd=sub&lst=list>,\r\n"
                " <mailto:list-manager@host.com?body=subscribe%20list>",
                [
                    "http://www.host.com/list.cgi?cmd=sub&lst=list",
                    "mailto:list-manager@host.com?body=subscribe%20list",
                ],
                "",
                id="usual: RFC 2369 3.3",
            ),
            pytest.param(
                "List-Post",
                "<mailto:moderator@host.com> (Postings are Moderated)",
                ["mailto:moderator@host.com"],
                "Postings are Moderated",
                id="usual: RFC 2369 3.4",
            ),
            pytest.param(
                "List-Owner",
                "<mailto:listmom@host.com> (Contact Person for Help)",
                ["mailto:listmom@host.com"],
                "Contact Person for Help",
                id="usual: RFC 2369 3.5",
            ),
            pytest.param(
                "List-Archive",
                "<http://www.host.com/list/archive/> (Web Archive)",
                ["http://www.host.com/list/archive/"],
                "Web Archive",
                id="usual: RFC 2369 3.6",
            ),
            pytest.param(
                "List-Unsubscribe",
                "<mailto:listrequest@example.com?subject=unsubscribe>,\r\n"
                "\t<https://example.com/unsubscribe.html?opaque=123456789>",
                [
                    "mailto:listrequest@example.com?subject=unsubscribe",
                    "https://example.com/unsubscribe.html?opaque=123456789",
                ],
                "",
                id="usual: RFC 8058 8.2",
            ),
            pytest.param("List-Help", "<http:a,b;(c)>", ["http:a,b;(c)"], "", id="odd: marks within"),
            pytest.param(
                "List-Help",
                "<http:a> (\\(=?utf-8?q?=C3=A9?= =?utf-8?q?t=C3=A9?=\\))",
                ["http:a"],
                "(été)",
                id="odd: encoded words in a comment",
            ),
        ],
    )
    def test_what_the_grammar_allows_is_read_without_a_defect(
        self, name: str, body: str, expected: list[str], comment: str
    ) -> None:
        """RFC 2369, section 2: URLs in angle brackets, commas between, comments anywhere."""
        value = ListField.parse(name, body)

        assert (value.urls, value.comment, value.defects) == (tuple(expected), comment, ())

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            pytest.param("<http:a\r\n b\tc>", ["http:abc"], id="usual: white space within is ignored"),
            pytest.param("http://a.example/x,y, mailto:b@c", ["http://a.example/x,y", "mailto:b@c"], id="odd: bare"),
            pytest.param("http:a,mailto:b@c", ["http:a", "mailto:b@c"], id="odd: bare without space"),
            pytest.param('"http:a"', ["http:a"], id="odd: in quotes"),
            pytest.param("<http:a> <mailto:b>", ["http:a", "mailto:b"], id="odd: no comma"),
            pytest.param("<http:a>,", ["http:a"], id="odd: a comma behind"),
            pytest.param("<http:a> and more", ["http:a"], id="odd: words"),
            pytest.param("<http:a", ["http:a"], id="odd: no end"),
            pytest.param("<no url>", ["nourl"], id="odd: no URL in it"),
            pytest.param("soon", [], id="odd: a word"),
            pytest.param("NO", [], id="odd: NO where it means nothing"),
            pytest.param("", [], id="hostile: empty"),
            pytest.param("," * 5000, [], id="hostile: commas"),
        ],
    )
    def test_whatever_else_stands_there_is_read(self, body: str, expected: list[str]) -> None:
        """RFC 2369, section 2: white space within the brackets MUST be ignored; the rest is for tolerance."""
        value = ListField.parse("List-Help", body)

        assert value.urls == tuple(expected)
        assert [defect.code for defect in value.defects] == ["bad-list-field"]

    @pytest.mark.parametrize("body", ["NO", "no", " NO (posting not allowed on this list)"])
    def test_a_list_may_be_closed(self, body: str) -> None:
        """RFC 2369, section 3.4: in those cases the List-Post field contains the special value "NO"."""
        value = ListField.parse("List-Post", body)

        assert (value.is_closed, value.urls, value.defects) == (True, (), ())
        assert not ListField.parse("List-Help", body).is_closed

    def test_one_click_is_known(self) -> None:
        """RFC 8058, section 3.1: the single key/value pair List-Unsubscribe=One-Click."""
        value = ListField.parse("List-Unsubscribe-Post", " List-Unsubscribe=One-Click")
        other = ListField.parse("List-Unsubscribe-Post", " List-Unsubscribe=Two-Clicks")

        assert (value.is_one_click, value.urls, value.defects) == (True, (), ())
        assert (other.is_one_click, [defect.code for defect in other.defects]) == (False, ["bad-list-field"])

    def test_a_value_is_copied_and_pickled(self) -> None:
        """Reading before or after a copy gives the same."""
        value = ListField.parse("List-Help", " <http:a>")
        copies = [copy.copy(value), pickle.loads(pickle.dumps(value)), copy.deepcopy(value)]  # noqa: S301 - our own

        assert [(str(each), each.urls) for each in copies] == [("<http:a>", ("http:a",))] * 3


class TestComposingUrls:
    """What goes out is valid."""

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            pytest.param("List-Help", "http://a.example/?b=c,d", "<http://a.example/?b=c,d>", id="usual: a URL"),
            pytest.param("List-Help", "<http:a>", "<http:a>", id="usual: in brackets"),
            pytest.param("List-Help", ["mailto:a@b", "<http:c>"], "<mailto:a@b>, <http:c>", id="usual: two"),
            pytest.param("List-Help", " <http:a> (why), <b:c> ", "<http:a> (why), <b:c>", id="usual: a text"),
            pytest.param("List-Post", "NO (sorry)", "NO (sorry)", id="usual: closed"),
            pytest.param(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click",
                "List-Unsubscribe=One-Click",
                id="usual: RFC 8058",
            ),
            pytest.param("List-Help", "<http:(a)> (b)", "<http:(a)> (b)", id="odd: parentheses in a URL"),
        ],
    )
    def test_urls_get_their_brackets(self, name: str, value: object, expected: str) -> None:
        """RFC 2369, section 2."""
        composed = ListField.compose(name, value)

        assert composed == composed.encode_body() == expected
        assert composed.defects == ()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("List-Help", "", id="usual: empty"),
            pytest.param("List-Help", [], id="usual: none"),
            pytest.param("List-Help", 7, id="usual: a number"),
            pytest.param("List-Help", [7], id="usual: numbers"),
            pytest.param("List-Help", "see our page", id="usual: words"),
            pytest.param("List-Help", "NO", id="usual: NO where it means nothing"),
            pytest.param("List-Help", ["/help"], id="usual: no scheme"),
            pytest.param("List-Help", "http:a b", id="odd: white space"),
            pytest.param("List-Help", "<http:a b>", id="odd: white space in brackets"),
            pytest.param("List-Help", "<http:a> <http:b>", id="odd: no comma"),
            pytest.param("List-Help", "<http:a> and more", id="odd: words behind"),
            pytest.param("List-Help", "http://é.example/", id="odd: other than ASCII"),
            pytest.param("List-Help", "<http:a> (é)", id="odd: other than ASCII in a comment"),
            pytest.param("List-Help", "<http:a> (b", id="odd: a comment without an end"),
            pytest.param("List-Help", ["http:a>, <http:b"], id="odd: two in one"),
            pytest.param("List-Unsubscribe-Post", "http:a", id="odd: a URL where none may be"),
            pytest.param("List-Unsubscribe-Post", "List-Unsubscribe = One-Click", id="odd: spaces where none may be"),
            pytest.param("List-Help", ["http:a\r\nBcc: b@c"], id="hostile: another field"),
            pytest.param("List-Help", "<http:a>,\r\n <http:b>", id="hostile: folded already"),
            pytest.param("List-Help", "<http:a> (\0)", id="hostile: NUL"),
            pytest.param("List-Help", "<http:a> (\x07)", id="hostile: a control"),
            pytest.param("List-Help", "http:" + "a" * 990, id="hostile: no line holds it"),
            pytest.param("List-Help", f"<http:{'a' * 1000}>", id="hostile: no line holds it in its brackets"),
            pytest.param("List-Help", ":" * 5000 + "<", id="hostile: colons"),
        ],
    )
    def test_what_is_no_url_is_refused_wild_18(self, name: str, value: object) -> None:
        """RFC 2369, section 2; RFC 3986, section 2: the caller knows how to percent-encode."""
        with pytest.raises(BadValue):
            ListField.compose(name, value)

    def test_a_long_url_is_never_encoded_wild_03(self) -> None:
        """RFC 8058, section 3.1; RFC 5322, section 2.1.1."""
        long = [f"https://example.org/{letter * 950}" for letter in "ab"]
        composed = ListField.compose("List-Unsubscribe", long)
        lines = fold("List-Unsubscribe", composed.encode_body()).split("\r\n")

        assert max(map(len, lines)) <= 998
        assert "=?" not in "".join(lines)
        assert ListField.parse("List-Unsubscribe", written(composed)).urls == tuple(long)

    @given(st.lists(urls, min_size=1))
    def test_urls_written_are_read_back(self, items: list[str]) -> None:
        """DESIGN, law 6."""
        composed = ListField.compose("List-Subscribe", items)
        read = ListField.parse("List-Subscribe", written(composed, utf8=False))

        assert (read, read.urls, read.defects) == (composed, tuple(items), ())

    @given(scraps, st.sampled_from(["List-Post", "List-Help", "List-Unsubscribe-Post"]))
    def test_what_is_read_and_valid_can_be_written(self, body: str, name: str) -> None:
        """DESIGN, laws 4 and 6."""
        value = ListField.parse(name, body.encode().decode("latin-1"))
        if value.defects:
            return
        composed = ListField.compose(name, value)

        assert composed == value
        assert ListField.parse(name, written(composed)) == composed


class TestListId:
    """The identifier of a list."""

    @pytest.mark.parametrize(
        ("body", "item", "phrase"),
        [
            pytest.param(
                "List Header Mailing List <list-header.nisto.com>",
                "list-header.nisto.com",
                "List Header Mailing List",
                id="usual: RFC 2919 3",
            ),
            pytest.param(
                "<commonspace-users.list-id.within.com>",
                "commonspace-users.list-id.within.com",
                "",
                id="usual: no words",
            ),
            pytest.param(
                '"Lena\'s Personal Joke List"\r\n <lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost>',
                "lenas-jokes.da39efc25c530ad145d41b86f7420c3b.021999.localhost",
                "Lena's Personal Joke List",
                id="usual: quoted",
            ),
            pytest.param(
                '"An internal CMU List" <0Jks9449.list-id.cmu.edu>',
                "0Jks9449.list-id.cmu.edu",
                "An internal CMU List",
                id="usual: mixed case",
            ),
            pytest.param("=?utf-8?q?Gr=C3=BC=C3=9Fe?= <a.b>", "a.b", "Grüße", id="usual: an encoded word"),
            pytest.param('"=?utf-8?q?Gr=C3=BC=C3=9Fe?=" <a.b>', "a.b", "Grüße", id="odd: one in quotes"),
            pytest.param('a "b, c" (d) e <a.b> (f)', "a.b", "a b, c  e", id="odd: words and quotes and comments"),
            pytest.param("", "", "", id="hostile: empty"),
        ],
    )
    def test_words_and_identifier_are_told_apart(self, body: str, item: str, phrase: str) -> None:
        """RFC 2919, section 3: [phrase] "<" list-id ">"."""
        value = ListId.parse("List-Id", body)

        assert (value.id, value.phrase) == (item, phrase)
        assert [defect.code for defect in value.defects] == ["bad-list-field"] * (not item)

    @pytest.mark.parametrize(
        ("body", "text", "item", "codes"),
        [
            pytest.param("a.b.example", "<a.b.example>", "a.b.example", ["bad-list-field"], id="usual: no brackets"),
            pytest.param("the a.b list", '"the a.b list"', "", ["bad-list-field"], id="odd: words alone"),
            pytest.param("x <a b>", "x <ab>", "ab", ["bad-list-field"], id="odd: white space within"),
            pytest.param("x <a.b", "x <a.b>", "a.b", ["bad-list-field"], id="odd: no end"),
            pytest.param("x <a.b> y", "x <a.b>", "a.b", ["bad-list-field"], id="odd: words behind"),
            pytest.param('"x <a.b>', "x <a.b>", "a.b", [], id="odd: a lone quote"),
            pytest.param("\xe9 <a.b>", "é <a.b>", "a.b", ["8bit-in-header"], id="odd: raw octets"),
            pytest.param(
                "x <a\0b>", "x <a\ufffdb>", "a\ufffdb", ["control-in-value", "bad-list-field"], id="hostile: NUL"
            ),
        ],
    )
    def test_whatever_else_stands_there_is_read(self, body: str, text: str, item: str, codes: list[str]) -> None:
        """DESIGN, law 4."""
        value = ListId.parse("List-Id", body)

        assert (str(value), value.id) == (text, item)
        assert [defect.code for defect in value.defects] == codes

    @pytest.mark.parametrize(
        ("value", "text", "expected"),
        [
            pytest.param("a.b", "<a.b>", "<a.b>", id="usual: no words"),
            pytest.param("Ham and eggs <a.b>", "Ham and eggs <a.b>", "Ham and eggs <a.b>", id="usual: words"),
            pytest.param("Ham, eggs <a.b>", '"Ham, eggs" <a.b>', '"Ham, eggs" <a.b>', id="usual: quoted"),
            pytest.param("Grüße <a.b>", "Grüße <a.b>", "=?utf-8?b?R3LDvMOfZQ==?= <a.b>", id="usual: an encoded word"),
            pytest.param("a\tb <a.b>", '"a\tb" <a.b>', '"a\tb" <a.b>', id="odd: a tab"),
            pytest.param("a\x07 <a.b>", '"a\x07" <a.b>', "=?utf-8?q?a=07?= <a.b>", id="hostile: a control"),
        ],
    )
    def test_words_are_written_as_they_can_be(self, value: str, text: str, expected: str) -> None:
        """RFC 2047, section 5 (3): an encoded word stands for a word of a phrase."""
        composed = ListId.compose("List-Id", value)

        assert (str(composed), composed.encode_body()) == (text, expected)

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param("", id="usual: empty"),
            pytest.param(7, id="usual: a number"),
            pytest.param("words alone", id="usual: words alone"),
            pytest.param("x <a b>", id="usual: white space"),
            pytest.param("x <a.é>", id="usual: other than ASCII"),
            pytest.param("x <a.b", id="odd: no end"),
            pytest.param("x <a.b> y", id="odd: words behind would be lost"),
            pytest.param("x (y) <a.b>", id="odd: a comment would be lost"),
            pytest.param("x\r\ny <a.b>", id="hostile: a line end"),
            pytest.param("x\0 <a.b>", id="hostile: NUL"),
            pytest.param(f"<{'a' * 256}>", id="hostile: longer than may be"),
        ],
    )
    def test_what_cannot_stand_is_refused_wild_18(self, value: object) -> None:
        """RFC 2919, section 3: a dot-atom; nothing is lost in silence."""
        with pytest.raises(BadValue):
            ListId.compose("List-Id", value)

    @given(phrases, list_ids, st.booleans())
    def test_a_list_id_written_is_read_back(self, phrase: str, item: str, utf8: bool) -> None:
        """DESIGN, law 6: read raw, composed again, written and read."""
        value = ListId._of("List-Id", phrase.strip(" \t"), item)
        composed = ListId.compose("List-Id", value)
        read = ListId.parse("List-Id", written(composed, utf8=utf8))

        assert (read, read.id, read.phrase) == (composed, item, phrase.strip(" \t"))
        assert composed == value

    @given(scraps)
    def test_what_is_read_can_be_written(self, body: str) -> None:
        """DESIGN, laws 4 and 6."""
        value = ListId.parse("List-Id", body.encode().decode("latin-1"))
        try:
            composed = ListId.compose("List-Id", value)
        except BadValue:
            assert value.defects
            return

        assert composed == value
        assert ListId.parse("List-Id", written(composed, utf8=False)) == composed


@pytest.mark.parametrize("body", ["", "a", "a <>", "=?utf-8?q?=C3=A9?= <>", "(a <b.c>) d"])
def test_words_without_an_identifier_that_were_read_are_written(body: str) -> None:
    """What is read can always be written, and is not taken for an identifier then."""
    value = ListId.parse("List-Id", body)

    again = ListId.parse("List-Id", written(ListId.compose("List-Id", value), utf8=False))

    assert (again, again.phrase, again.id) == (value, value.phrase, value.id)
