"""Addresses: values, what is read from any mail, and what is written."""

from __future__ import annotations

import email.headerregistry
import email.policy
import re
import types

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit import _folding
from mimekit.errors import BadValue
from mimekit.values.address import Address, Addresses, Group

# What a name may hold: anything but CR, LF, NUL and surrogates; more often what has a meaning in addresses.
_FORBIDDEN = "\r\n\0"
_HARD = st.sampled_from(
    [
        "=?utf-8?q?x?=",
        "=?",
        "?=",
        '"',
        "\\",
        "  ",
        "\t",
        "a@b.org",
        ",",
        ";",
        ":",
        "<",
        ">",
        "(",
        ")",
        ".",
        "'",
        "é",
        "mailto",
    ]
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_FORBIDDEN), max_size=12)
_ATEXT = "abcXYZ019!#$%&'*+-/=?^_`{|}~"


def display_names() -> st.SearchStrategy[str]:
    """Names that mail can carry."""
    return st.lists(st.one_of(_HARD, _TEXT, st.sampled_from(["Ana", " ", "é"])), max_size=5).map("".join)


def usernames(*, is_ascii: bool = True) -> st.SearchStrategy[str]:
    """Local parts, unquoted: dot-atoms, and whatever quotes can hold."""
    atoms = st.text(_ATEXT, min_size=1, max_size=8)
    printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    hard = st.sampled_from(["=?utf-8?q?x?=", '"', "\\", "'", "..", "@", " ", ">", ",", ".", "a"])
    quotable = st.lists(st.one_of(hard, st.text(printable, max_size=5)), min_size=1, max_size=4).map("".join)
    either = st.one_of(st.lists(atoms, min_size=1, max_size=3).map(".".join), quotable.map(lambda text: text or "a"))
    return either if is_ascii else st.one_of(either, st.sampled_from(["jürgen", "用户", "a é"]))


def domains() -> st.SearchStrategy[str]:
    """Domains: any dot-atom of ASCII, and literals."""
    atoms = st.text(_ATEXT, min_size=1, max_size=8)
    literals = st.sampled_from(["[192.0.2.1]", "[IPv6:2001:db8::1]", "[]", "[a,b;(c)<d>@e]"])
    odd = st.sampled_from(["=?a?q?b?=", "x.org?=", "b.org'", "=?a?q?b", "xn--strae-oqa.de"])
    return st.one_of(st.lists(atoms, min_size=1, max_size=3).map(".".join), literals, odd)


@st.composite
def addresses(draw: st.DrawFn, *, is_ascii: bool = True) -> Address:
    """Addresses that may be written, local ones without a domain among them."""
    username = draw(usernames(is_ascii=is_ascii))
    domain = draw(domains()) if "@" in username else draw(st.one_of(st.just(""), domains(), domains()))
    return Address(draw(st.one_of(st.just(""), display_names())), username, domain)


@st.composite
def groups(draw: st.DrawFn, *, is_ascii: bool = True) -> Group:
    """Groups that may be written, with a name or without."""
    name = draw(st.one_of(st.none(), display_names()))
    return Group(name, draw(st.lists(addresses(is_ascii=is_ascii), min_size=name is None, max_size=3)))


def lists(*, is_ascii: bool = True) -> st.SearchStrategy[list[Address | Group]]:
    """What a field may hold."""
    return st.lists(st.one_of(addresses(is_ascii=is_ascii), groups(is_ascii=is_ascii)), min_size=1, max_size=4)


def carried(value: Addresses, *, utf8: bool = False) -> Addresses:
    """What a reader makes of *value* once it is written, folded, and on the way."""
    field = _folding.fold("To", value.encode_body(utf8=utf8, offset=4))
    assert max(map(len, field.encode().split(b"\r\n"))) <= 998
    return Addresses.parse("To", field.encode().decode("latin-1").partition(":")[2])


def shown(value: Addresses) -> list[str]:
    """The groups of *value*, each as a readable text; the quotes of names make them differ."""
    return [str(group) for group in value.groups]


def read(body: str) -> list[str]:
    """The groups in a raw field body, as readable texts."""
    return shown(Addresses.parse("To", body))


# RFC 5322, appendix A.1.1 to A.6.3: each field body, and the groups in it.
_APPENDIX = [
    ("A.1.1-from", " John Doe <jdoe@machine.example>", ["John Doe <jdoe@machine.example>"]),
    ("A.1.2-from", ' "Joe Q. Public" <john.q.public@example.com>', ['"Joe Q. Public" <john.q.public@example.com>']),
    (
        "A.1.2-to",
        " Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
        ["Mary Smith <mary@x.test>", "jdoe@example.org", "Who? <one@y.test>"],
    ),
    (
        "A.1.2-cc",
        r' <boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>',
        ["boss@nil.test", r'"Giant; \"Big\" Box" <sysservices@example.net>'],
    ),
    (
        "A.1.3-to",
        " A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
        ["A Group: Ed Jones <c@a.test>, joe@where.test, John <jdoe@one.test>;"],
    ),
    ("A.1.3-cc", " Undisclosed recipients:;", ["Undisclosed recipients:;"]),
    (
        "A.2-reply-to",
        ' "Mary Smith: Personal Account" <smith@home.example>',
        ['"Mary Smith: Personal Account" <smith@home.example>'],
    ),
    (
        "A.5-from",
        " Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
        ["Pete <pete@silly.test>"],
    ),
    (
        "A.5-to",
        """A Group(Some people)
     :Chris Jones <c@(Chris's host.)public.example>,
         joe@example.org,
  John <jdoe@one.test> (my dear friend); (the end of the group)
""",
        ["A Group: Chris Jones <c@public.example>, joe@example.org, John <jdoe@one.test>;"],
    ),
    ("A.5-cc", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", ["Hidden recipients:;"]),
    ("A.6.1-from", " Joe Q. Public <john.q.public@example.com>", ['"Joe Q. Public" <john.q.public@example.com>']),
    (
        "A.6.1-to",
        " Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
        ["Mary Smith <mary@example.net>", "jdoe@test.example"],
    ),
    ("A.6.3-from", " John Doe <jdoe@machine(comment).  example>", ["John Doe <jdoe@machine.example>"]),
    ("A.6.3-to", " Mary Smith\r\n  \r\n          <mary@example.net>", ["Mary Smith <mary@example.net>"]),
]

_WILD = [
    ("usual-address-as-name", "info@x.org <real@y.org>", ['"info@x.org" <real@y.org>']),
    ("usual-name-in-comment", "a@x.org (Name)", ["Name <a@x.org>"]),
    ("usual-local-user-and-name", "root (Charlie Root)", ["Charlie Root <root>"]),
    ("usual-semicolon", "a@x.org; b@y.org", ["a@x.org", "b@y.org"]),
    ("usual-trailing-comma", "a@x.org,", ["a@x.org"]),
    ("usual-no-recipients", "unlisted-recipients:; (no To-header on input)", ["unlisted-recipients:;"]),
    ("usual-name-with-comma", "Doe, John <j@x.org>, b@y.org", ['"Doe, John" <j@x.org>', "b@y.org"]),
    ("usual-two-commas", "Doe, John, Jr. <j@x.org>", ['"Doe, John, Jr." <j@x.org>']),
    ("usual-only-a-name", "John Doe", ["John Doe:;"]),
    ("usual-only-a-quoted-name", '"John"', ["John:;"]),
    ("usual-local", "root", ["root"]),
    ("usual-in-quotes", '"a@b.org"', ["a@b.org"]),
    ("usual-in-quotes-and-brackets", '<"a@b.org">', ["a@b.org"]),
    ("usual-in-quotes-with-comment", '"a@b.org" (Ana)', ["Ana <a@b.org>"]),
    ("usual-in-single-quotes", "'a@b.org'", ["a@b.org"]),
    ("usual-in-single-quotes-and-brackets", "'Ana' <'a@b.org'>", ["'Ana' <a@b.org>"]),
    ("usual-mailto", "mailto:a@b.org", ["a@b.org"]),
    ("usual-mailto-in-brackets", "Ana <MAILTO: a@b.org>", ["Ana <a@b.org>"]),
    ("usual-empty-brackets", "<>", []),
    ("usual-empty-brackets-and-name", "Ana <>", ["Ana:;"]),
    ("odd-empty-brackets-and-quotes", '"" <>', []),
    ("odd-empty-brackets-and-address", "a@b.org <>", ["a@b.org"]),
    ("odd-no-comma", "<a@b.org> <c@d.org>", ["a@b.org", "c@d.org"]),
    ("odd-no-comma-names", "A <a@b.org> C <c@d.org>", ["A <a@b.org>", "C <c@d.org>"]),
    ("odd-no-comma-bare", "a@b.org c@d.org", ["a@b.org", "c@d.org"]),
    ("odd-no-comma-bare-names", "A a@b.org C c@d.org", ["A <a@b.org>", "C <c@d.org>"]),
    ("odd-name-behind", "<a@b.org> Ana", ["Ana <a@b.org>"]),
    ("odd-name-behind-bare", "a@b.org Ana", ["Ana <a@b.org>"]),
    ("odd-names-on-both-sides", "Ana <a@b.org> Maria", ["Ana <a@b.org>"]),
    ("odd-comment-behind-brackets", "<a@b.org> (Ana)", ["Ana <a@b.org>"]),
    ("odd-empty-name", '"" <a@b.org>, c@d.org', ["a@b.org", "c@d.org"]),
    ("odd-empty-quotes", '"" Ana <a@b.org>', ["Ana <a@b.org>"]),
    ("odd-unclosed-bracket", "Ana <a@b.org", ["Ana <a@b.org>"]),
    ("odd-unclosed-bracket-among-others", "Ana <a@b.org, <c@d.org>", ["Ana <a@b.org>", "c@d.org"]),
    ("odd-two-brackets", "<<a@b.org>>", ["a@b.org"]),
    ("odd-lone-bracket", "a@b.org>", ["a@b.org"]),
    ("odd-route", "<@a,@b:c@d.org>", ["c@d.org"]),
    ("odd-white-space", "a . b @ c . d", ["a.b@c.d"]),
    ("odd-white-space-in-brackets", "< a . b @ c . d >", ["a.b@c.d"]),
    ("odd-dot-and-space", "john. doe@x.org", ["john.doe@x.org"]),
    ("odd-dot-in-name", "John Q. a@x.org", ['"John Q." <a@x.org>']),
    ("odd-domain-and-space", "a@x. org", ["a@x.org"]),
    ("odd-space-in-local-part", "<john doe@x.org>", ['"john doe"@x.org']),
    ("odd-space-in-domain", "Ana <a@x org>", ['"Ana <a@x org>":;']),
    ("odd-words-in-brackets", "Ana <not an address>", ['"Ana <not an address>":;']),
    ("odd-two-at", "a@b@c.org", ['"a@b"@c.org']),
    ("odd-nothing-before", "@b.org", ['"@b.org":;']),
    ("odd-nothing-behind", "a@", ['"a@":;']),
    ("odd-nothing-behind-in-brackets", "Ana <a@>", ['"Ana <a@>":;']),
    ("odd-only-dots-behind", "a@...", ['"a@...":;']),
    ("odd-dots", "a@b..org.", ["a@b.org"]),
    ("odd-dots-before", "a..b@c.org", ['"a..b"@c.org']),
    ("odd-quoted-pieces", '"a"."b"@c.org', ["a.b@c.org"]),
    ("odd-lone-quote", 'John "Doe <a@b.org>', ["John Doe <a@b.org>"]),
    ("odd-quotes-behind-a-lone-one", '"x <c@d.org>, y\\" <e@f.org>', ["x <c@d.org>", '"y\\"" <e@f.org>']),
    ("odd-lone-parenthesis", "John (x <a@b.org>, (y) <c@d.org>", ['"John (x" <a@b.org>', '"(y)" <c@d.org>']),
    ("odd-closing-parenthesis", "John ) <a@b.org>", ['"John )" <a@b.org>']),
    ("odd-escaped-quotes", '\\"John\\" <a@b.org>', ['"\\"John\\"" <a@b.org>']),
    ("odd-backslash", "CORP\\john <a@b.org>", ['"CORP\\\\john" <a@b.org>']),
    ("odd-list-tag", "[x] Ana <a@b.org>", ['"[x] Ana" <a@b.org>']),
    ("odd-half-literal", "a@[x <b@c.org>", ['"a@[x" <b@c.org>']),
    ("odd-literal", "Ana <a@[IPv6:::1]>, b@ [192.0.2.1]", ["Ana <a@[IPv6:::1]>", "b@[192.0.2.1]"]),
    ("odd-no-space", '"Ana"<a@b.org>,"Doe"c@d.org', ["Ana <a@b.org>", "Doe <c@d.org>"]),
    ("odd-words-side-by-side", 'John "X" Doe"Y" <a@b.org>', ["John X DoeY <a@b.org>"]),
    ("odd-two-quoted", '"J" "D"E <a@b.org>', ["J DE <a@b.org>"]),
    ("odd-group-without-end", "All: a@b.org, c@d.org", ["All: a@b.org, c@d.org;"]),
    ("odd-group-in-group", "a:b:c@d.org;e@f.org", ["a:;", "b: c@d.org;", "e@f.org"]),
    ("odd-group-behind-address", "A <a@b.org>: c@d.org", ["A <a@b.org>", "c@d.org"]),
    ("odd-group-without-name", ": a@b.org;", ["a@b.org"]),
    ("odd-group-with-nobody", "All: a@b.org, John Doe;", ["All: a@b.org;", "John Doe:;"]),
    ("odd-groups-and-others", "a@b.org, All:c@d.org,; , e@f.org", ["a@b.org", "All: c@d.org;", "e@f.org"]),
    ("odd-local-users", "root, admin, ops, John <j@x.org>", ["root", "admin", "ops", "John <j@x.org>"]),
    ("odd-word-and-bare-address", "root, <j@x.org>", ["root", "j@x.org"]),
    ("odd-word-and-empty", "Doe,, John <j@x.org>", ["Doe", "John <j@x.org>"]),
    ("odd-word-and-no-address", "Doe, John <>", ["Doe", "John:;"]),
    ("odd-only-a-comment", "(nobody)", []),
    ("odd-nothing", "", []),
    ("hostile-many", ",;:<>", []),
    ("hostile-long-domain", "a@" + "b" * 900, ['"a@' + "b" * 900 + '":;']),
    ("hostile-long-bracket", "Ana <a@" + "b" * 900 + ">", ['"Ana <a@' + "b" * 900 + '>":;']),
    ("hostile-long-word", "a" * 900, ["a" * 900 + ":;"]),
]

_WORDS = [
    ("usual", "=?utf-8?q?J=C3=BCrgen?= <j@x.org>", ["Jürgen <j@x.org>"]),
    ("usual-two", "=?utf-8?q?J=C3?= =?utf-8?q?=BCrgen?= Doe <j@x.org>", ["Jürgen Doe <j@x.org>"]),
    (
        "usual-specials",
        "=?utf-8?q?Doe,_J=C3=BC?= <j@x.org>, =?utf-8?q?a@b?= <c@d.org>",
        ['"Doe, Jü" <j@x.org>', '"a@b" <c@d.org>'],
    ),
    ("usual-in-quotes", '"=?utf-8?q?J=C3=BCrgen?=" <j@x.org>', ["Jürgen <j@x.org>"]),
    ("usual-no-space", "=?utf-8?q?J=C3=BCrgen?=<j@x.org>", ["Jürgen <j@x.org>"]),
    ("usual-list", "=?utf-8?q?=C3=BC?= <a@b.org>, C <c@d.org>", ["ü <a@b.org>", "C <c@d.org>"]),
    ("odd-before-bare-address", "=?utf-8?q?J=C3=BCrgen?=j@x.org", ["Jürgen <j@x.org>"]),
    ("odd-comment", "j@x.org (=?utf-8?q?J=C3=BCrgen?=)", ["Jürgen <j@x.org>"]),
    ("odd-group", "=?utf-8?q?=C3=BC?= : a@b.org;", ["ü: a@b.org;"]),
    ("odd-spaces-inside", "=?utf-8?q?J=C3=BC rgen?= <j@x.org>", ["Jü rgen <j@x.org>"]),
    ("odd-address-inside", "=?utf-8?q?a=40b.org?=", ['"a@b.org":;']),
    ("odd-local-part", "=?utf-8?q?x?=@b.org", ['"=?utf-8?q?x?="@b.org']),
    ("odd-broken", "=?utf-8?q?x <j@x.org>", ['"=?utf-8?q?x" <j@x.org>']),
    ("odd-mixed", '=?utf-8?q?=C3=BC?= "a  b" c <j@x.org>', ['"ü a  b c" <j@x.org>']),
    ("hostile-line-break", "=?utf-8?q?a=0D=0ABcc:x?= <j@x.org>", ['"a\ufffd\ufffdBcc:x" <j@x.org>']),
]


def table(rows: list[tuple[str, str, list[str]]]) -> pytest.MarkDecorator:
    """Rows of a body and the groups in it."""
    return pytest.mark.parametrize(("body", "expected"), [pytest.param(b, e, id=i) for i, b, e in rows])


class TestReading:
    """What stands in a received field."""

    @table(_APPENDIX)
    def test_the_examples_of_the_standard_are_read(self, body: str, expected: list[str]) -> None:
        """RFC 5322, appendix A."""
        assert read(body) == expected

    @table(_WILD)
    def test_whatever_is_written_is_read_wild_07(self, body: str, expected: list[str]) -> None:
        """A value, never an error: RFC 5322, section 4.4, and what no standard knows."""
        assert read(body) == expected

    @table(_WORDS)
    def test_encoded_words_are_read_wild_13(self, body: str, expected: list[str]) -> None:
        """RFC 2047, section 5 (3), and what is written against it."""
        assert read(body) == expected

    @table(_WORDS)
    def test_the_text_is_read_as_the_same(self, body: str, expected: list[str]) -> None:
        """A decoded name with specials is quoted, so that nothing changes its meaning."""
        value = Addresses.parse("To", body)

        assert str(value) == ", ".join(expected)
        assert (
            Addresses.parse("To", str(value).encode().decode("latin-1")).addresses == value.addresses or "=?" in value
        )

    @pytest.mark.parametrize(
        "body",
        [pytest.param("J\xc3\xbcrgen <j@x.org>", id="utf-8"), pytest.param("J\xfcrgen <j@x.org>", id="windows-1252")],
    )
    def test_raw_octets_are_read_wild_08(self, body: str) -> None:
        """RFC 6532; and what was sent before it."""
        value = Addresses.parse("To", body)

        assert value == "Jürgen <j@x.org>"
        assert value.addresses == (Address("Jürgen", "j", "x.org"),)
        assert [defect.code for defect in value.defects] == ["8bit-in-header"]

    def test_plain_text_is_kept_as_it_stands(self) -> None:
        """The text of a value is the field body, unfolded."""
        assert Addresses.parse("To", " a@b.org ,\r\n\t(x) c@d.org\r\n") == "a@b.org ,\t(x) c@d.org"

    def test_controls_become_replacement_characters(self) -> None:
        """A decoded value never holds CR, LF or NUL."""
        value = Addresses.parse("To", "a\0b <a@b.org>\rx")

        assert value == "a\ufffdb <a@b.org>\ufffdx"
        assert [defect.code for defect in value.defects] == ["control-in-value", "bad-address"]

    def test_a_sound_field_has_no_defects(self) -> None:
        """Comments are allowed, and so is an empty group."""
        value = Addresses.parse("To", '"A. B" <a@b.org>, all (x) : c@[1.2.3.4] ;, "a b"@c.org')

        assert value.defects == ()

    @pytest.mark.parametrize(
        "body",
        [
            "a@b.org,",
            "J. Doe <a@b.org>",
            "root",
            "a@b.org; c@d.org",
            "x:; a@b.org",
            "a..b@c.org",
            "a@b <c@d>",
            "\x01 <a@b>",
        ],
    )
    def test_what_breaks_the_grammar_is_a_defect(self, body: str) -> None:
        """RFC 5322, section 4: what must not be generated."""
        assert [defect.code for defect in Addresses.parse("To", body).defects] == ["bad-address"]

    def test_a_broken_encoded_word_is_a_defect(self) -> None:
        """RFC 2047, section 2."""
        assert [d.code for d in Addresses.parse("To", "=?utf-8?q?x <j@x.org>").defects] == ["bad-encoded-word"]

    def test_an_ascii_domain_is_left_alone(self) -> None:
        """RFC 5891: nobody asked to see it in another script."""
        value = Addresses.parse("To", "a@xn--strae-oqa.de")

        assert value.addresses[0].domain == "xn--strae-oqa.de"

    def test_address_is_the_first_or_none(self) -> None:
        """As SingleAddressHeader has it."""
        assert Addresses.parse("Sender", "a@b.org, c@d.org").address == Address("", "a", "b.org")
        assert Addresses.parse("Sender", "").address is None

    def test_a_bare_address_is_a_group_without_a_name(self) -> None:
        """As in the standard library."""
        value = Addresses.parse("To", "a@b.org, All: c@d.org;")

        assert value.groups == (Group(None, [Address("", "a", "b.org")]), Group("All", [Address("", "c", "d.org")]))
        assert value.addresses == (Address("", "a", "b.org"), Address("", "c", "d.org"))

    @pytest.mark.parametrize(
        "opening", ["(", "()(", "<", '"', '"\\', "@", ":", "=?utf-8?q?", "(x", "a@b,", "<a", "@a:", "a, "]
    )
    def test_nothing_recurses_wild_16(self, opening: str) -> None:
        """Nine hundred nested comments are no reason to fail, nor ten thousand."""
        value = Addresses.parse("To", opening * 10_000 + "a@b.org" + ")" * 900)

        assert isinstance(value.addresses, tuple)

    @given(
        st.lists(
            st.one_of(_HARD, st.sampled_from(["a", " ", "@", "[", "]", "\r\n ", "\0", "mailto:"]), _TEXT), max_size=12
        )
    )
    def test_nothing_raises(self, pieces: list[str]) -> None:
        """Law 4; and what is read can be composed and written again, but for what needs SMTPUTF8."""
        body = "".join(pieces).encode().decode("latin-1")

        value = Addresses.parse("To", body)

        assert all(ord(character) not in {0, 10, 13} for character in value)
        if all(address.addr_spec.isascii() for address in value.addresses):
            assert carried(Addresses.compose("To", value)).groups == value.groups

    @given(lists())
    def test_a_list_is_read_the_same_by_both_ways(self, given_: list[Address | Group]) -> None:
        """The quick way for usual addresses and the full grammar agree."""
        body = Addresses.compose("To", given_).encode_body()

        assert Addresses.parse("To", body + ",").groups == Addresses.parse("To", "," + body).groups


class TestComposing:
    """The value for a field to be written."""

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            pytest.param("a@b.org", "a@b.org", id="usual-text"),
            pytest.param('"Ana" <a@b.org>,c@d.org', '"Ana" <a@b.org>,c@d.org', id="usual-valid-text-is-kept"),
            pytest.param(Address("Doe, John", "a", "b.org"), '"Doe, John" <a@b.org>', id="usual-address"),
            pytest.param(Group("All", [Address("", "a", "b.org")]), "All: a@b.org;", id="usual-group"),
            pytest.param(
                [Address("", "a", "b.org"), "c@d.org, Ana <e@f.org>"],
                "a@b.org, c@d.org, Ana <e@f.org>",
                id="usual-list",
            ),
            pytest.param(
                email.headerregistry.Address("Ana", "a", "b.org"), "Ana <a@b.org>", id="usual-standard-library"
            ),
            pytest.param(
                [email.headerregistry.Group("All", (email.headerregistry.Address("", "a", "b.org"),))],
                "All: a@b.org;",
                id="usual-standard-library-group",
            ),
            pytest.param((a for a in ["a@b.org"]), "a@b.org", id="usual-iterator"),
            pytest.param("a@b.org; c@d.org", "a@b.org, c@d.org", id="odd-semicolon"),
            pytest.param("J. Doe <a@b.org>", '"J. Doe" <a@b.org>', id="odd-dot"),
            pytest.param("a@b.org (Ana)", "Ana <a@b.org>", id="odd-name-in-comment"),
            pytest.param("mailto:a@b.org", "a@b.org", id="odd-mailto"),
            pytest.param("root", "root", id="odd-local"),
            pytest.param("root, a@b.org", "<root>, a@b.org", id="odd-local-in-list"),
            pytest.param("=?utf-8?q?=C3=BC?= <a@b.org>", "ü <a@b.org>", id="odd-encoded-word"),
            pytest.param(
                '"=?utf-8?q?=C3=BC?=" <a@b.org>', '"=?utf-8?q?=C3=BC?=" <a@b.org>', id="odd-literal-look-alike"
            ),
            pytest.param(
                Group(None, [Address("", "a", "b.org"), Address("", "c", "d.org")]),
                "a@b.org, c@d.org",
                id="odd-no-name",
            ),
            pytest.param(
                Addresses.parse("To", "Doe, John <a@b.org>"), '"Doe, John" <a@b.org>', id="odd-read-and-broken"
            ),
            pytest.param(Addresses.parse("To", '"Ana"  <a@b.org>'), '"Ana"  <a@b.org>', id="odd-read-and-sound"),
            pytest.param(
                [Addresses.parse("To", "Doe, John <a@b.org>")], '"Doe, John" <a@b.org>', id="odd-read-in-list"
            ),
        ],
    )
    def test_whatever_holds_addresses_is_taken(self, value: object, text: str) -> None:
        """A text, an address, a group, the standard library's, or several."""
        composed = Addresses.compose("To", value)

        assert composed == text
        assert composed.defects == ()
        assert carried(composed).groups == composed.groups

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            pytest.param('"Ana <a@b.org>', r"closing quote at 0, found '\"Ana", id="usual-quote"),
            pytest.param("a@b.org Ana", "one address", id="usual-text-after"),
            pytest.param("<a@b.org> Ana", "end after an address at 10, found 'Ana'", id="usual-text-after-brackets"),
            pytest.param("a@b@c.org", "second @", id="usual-two-at"),
            pytest.param("a@", "an address at 0, found 'a@'", id="usual-nothing-after"),
            pytest.param("@b.org", "an address at 0", id="usual-nothing-before"),
            pytest.param("a b@c.org", "one address", id="usual-space"),
            pytest.param("a @b.org", "white space", id="usual-space-before-at"),
            pytest.param("John Doe", "an address at 0", id="usual-no-address"),
            pytest.param("Ana <>", "between '<' and '>'", id="usual-empty-brackets"),
            pytest.param("<>", "between '<' and '>'", id="usual-only-brackets"),
            pytest.param("<a@b.org", "'>' after '<' at 0", id="odd-unclosed"),
            pytest.param("a@b.org>", "'<' before '>' at 7", id="odd-unopened"),
            pytest.param("Doe, John <a@b.org>", "quotes around a name with a comma", id="odd-comma"),
            pytest.param("<a@b.org> <c@d.org>", "a comma between", id="odd-no-comma"),
            pytest.param("All: a@b.org", "';' after a group at 12, found the end", id="odd-group"),
            pytest.param("<@a:b@c.org>", "without a route", id="odd-route"),
            pytest.param("Ana (x) <a@b.org>", "no comment beside a name at 4", id="odd-comment"),
            pytest.param("Ana ( <a@b.org>", "closing parenthesis", id="odd-parenthesis"),
            pytest.param("a@b..org", "a dot too many in its domain at 0, found 'a@b..org'", id="odd-dots"),
            pytest.param("a@.org", "a dot too many in its domain", id="odd-dot-first"),
            pytest.param("a@b.org\r\nBcc: c@d.org", "carriage return", id="hostile-crlf"),
            pytest.param("a\x07 <a@b.org>", "no control character", id="hostile-control"),
            pytest.param("a@ü_ü.org", "internationalized domain name", id="hostile-domain"),
        ],
    )
    def test_a_text_that_leaves_doubt_is_refused(self, text: str, complaint: str) -> None:
        """Law 8: never a silently lost recipient or character; and the error says where."""
        with pytest.raises(BadValue, match=complaint):
            Addresses.compose("To", text)

    @pytest.mark.parametrize("value", [None, 7, b"a@b.org", {"a@b.org": 1}, [7], [["a@b.org"]], Address])
    def test_other_things_are_refused(self, value: object) -> None:
        """What is no address is not turned into a text."""
        with pytest.raises(BadValue):
            Addresses.compose("To", value)

    @pytest.mark.parametrize("value", ["a@b.org, c@d.org", "All: a@b.org;", "All:;"])
    @pytest.mark.parametrize("name", ["Sender", "resent-sender"])
    def test_a_sender_is_one_address(self, name: str, value: object) -> None:
        """RFC 5322, section 3.6.2: sender = "Sender:" mailbox CRLF."""
        with pytest.raises(BadValue, match="expected one address"):
            Addresses.compose(name, value)

    @pytest.mark.parametrize("value", ["", " ", [], ()], ids=["text", "space", "list", "tuple"])
    @pytest.mark.parametrize("name", ["To", "cc", "From", "Sender", "Reply-To", "Resent-To", "Return-Path"])
    def test_a_field_without_an_address_is_refused(self, name: str, value: object) -> None:
        """RFC 5322, section 3.4: address-list = (address *("," address)); there is one at least."""
        with pytest.raises(BadValue, match="expected at least one address; leave the field out"):
            Addresses.compose(name, value)

    @pytest.mark.parametrize("value", ["", []], ids=["text", "list"])
    @pytest.mark.parametrize("name", ["Bcc", "resent-bcc"])
    def test_a_field_that_hides_them_may_be_empty(self, name: str, value: object) -> None:
        """RFC 5322, section 3.6.3: bcc = "Bcc:" [address-list / CFWS] CRLF."""
        assert Addresses.compose(name, value) == ""

    def test_a_value_that_came_empty_is_taken(self) -> None:
        """What is read can always be written."""
        assert Addresses.compose("To", Addresses.parse("From", " ")) == ""

    def test_a_sender_is_taken(self) -> None:
        """RFC 5322, section 3.6.2."""
        assert Addresses.compose("Sender", Address("Ana", "a", "b.org")).address == Address("Ana", "a", "b.org")

    @pytest.mark.parametrize("value", ["<>", Addresses.parse("Return-Path", " <>")], ids=["text", "read"])
    def test_a_return_path_may_be_empty(self, value: str) -> None:
        """RFC 5322, section 3.6.7: path = angle-addr / "<" ">"."""
        composed = Addresses.compose("Return-Path", value)

        assert composed.encode_body() == composed == "<>"
        assert composed.addresses == ()


class TestText:
    """What people see and copy."""

    @given(addresses(is_ascii=False))
    def test_its_text_is_read_as_the_same(self, address: Address) -> None:
        """What people see and copy means what it shows."""
        assert Address.parse(str(address)) == address


class TestWriting:
    """The field body."""

    @pytest.mark.parametrize(
        ("value", "body"),
        [
            pytest.param(Address("Ana", "a", "b.org"), "Ana <a@b.org>", id="usual"),
            pytest.param(Address("Jürgen", "a", "b.org"), "=?utf-8?q?J=C3=BCrgen?= <a@b.org>", id="usual-encoded"),
            pytest.param(
                Address("Ü, J.", "a", "b.org"), "=?utf-8?b?w5wsIEou?= <a@b.org>", id="usual-no-quotes-around-words"
            ),
            pytest.param(Group("Ü", [Address("", "a", "b.org")]), "=?utf-8?b?w5w=?= : a@b.org;", id="usual-group"),
            pytest.param(Address("", "a", "straße.de"), "a@xn--strae-oqa.de", id="usual-domain"),
            pytest.param(
                Address("=?utf-8?q?x?=", "a", "b.org"),
                "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@b.org>",
                id="odd-look-alike",
            ),
            pytest.param(Address("a\tb", "a", "b.org"), "=?utf-8?b?YQli?= <a@b.org>", id="odd-tab"),
        ],
    )
    def test_it_is_ascii_and_valid_wild_17(self, value: object, body: str) -> None:
        """RFC 2047, section 5 (3): encoded words in a phrase, never in quotes. RFC 5891 for domains."""
        assert Addresses.compose("To", value).encode_body() == body

    def test_with_utf8_all_is_readable(self) -> None:
        """RFC 6532, section 3.2."""
        value = Addresses.compose("To", [Address("Ü, J.", "jürgen", "straße.de"), Group("Ü")])

        assert value.encode_body(utf8=True) == '"Ü, J." <jürgen@xn--strae-oqa.de>, Ü:;'

    def test_a_local_part_outside_ascii_needs_smtputf8_wild_17(self) -> None:
        """RFC 6531, section 3.3; never an encoded word."""
        with pytest.raises(BadValue, match="SMTPUTF8"):
            Addresses.compose("To", Address("", "jürgen", "example.org")).encode_body()

    def test_a_domain_that_no_host_has_is_refused_when_written(self) -> None:
        """It may be read, but it goes nowhere."""
        value = Addresses.parse("To", "a@\xfc_.org")

        with pytest.raises(BadValue, match="internationalized"):
            value.encode_body()

    def test_comments_are_not_written(self) -> None:
        """Nobody reads them, and programs trip over them."""
        assert Addresses.parse("To", "Ana (x) <a@b.org>").encode_body() == "Ana <a@b.org>"

    @pytest.mark.parametrize(
        "name", ["x" * 3000, "ü" * 3000, '"' * 3000, "a b " * 800, " " * 3000], ids=lambda name: repr(name[:4])
    )
    def test_a_long_name_can_be_folded_wild_20(self, name: str) -> None:
        """RFC 5322, section 2.1.1: 998 octets on a line."""
        value = Addresses.compose("To", Address(name, "a", "b.org"))

        assert carried(value).addresses == carried(value, utf8=True).addresses == value.addresses

    def test_a_long_text_is_written_with_spaces(self) -> None:
        """A list without any could not be folded."""
        value = Addresses.compose("To", ",".join(["user@example.org"] * 100))

        assert carried(value).addresses == value.addresses
        assert value.startswith("user@example.org, user@example.org")

    def test_spaces_beside_encoded_words_are_kept_wild_17(self) -> None:
        """Never gaining or losing a space."""
        value = Addresses.compose("To", [Address(" Ü  b ", "a", "b.org"), Address(" c ", "c", "d.org")])

        assert carried(value).addresses == value.addresses

    @given(lists())
    @example([Address("", "'a", "b.org'")])
    @example([Address("", "root"), Address("John", "j", "x.org")])
    @example([Group("mailto", [Address("", "a", "b.org")])])
    @example([Address("", "a", "=?a?q?b"), Address("?=", "a", "x.org?=")])
    @example([Address("\ufeffa\x85\u2028", "a", "b.org")])
    def test_what_is_written_is_read_back(self, given_: list[Address | Group]) -> None:
        """Law 6."""
        value = Addresses.compose("To", given_)

        again = carried(value)

        assert (again, again.groups, again.addresses) == (str(value), value.groups, value.addresses)
        assert re.fullmatch(r"[\x20-\x7e]*", value.encode_body())

    @given(lists(is_ascii=False))
    @example([Address("\ufeffa\x85\u2028", "a", "b.org")])
    def test_what_is_written_in_utf8_is_read_back(self, given_: list[Address | Group]) -> None:
        """Law 6, with RFC 6532."""
        value = Addresses.compose("To", given_)

        again = carried(value, utf8=True)

        assert (again, again.groups, again.addresses) == (str(value), value.groups, value.addresses)

    @given(lists(is_ascii=False))
    def test_the_text_composes_to_the_same(self, given_: list[Address | Group]) -> None:
        """Who copies the text of a field copies its addresses."""
        value = Addresses.compose("To", given_)

        assert Addresses.compose("To", str(value)).groups == value.groups
        assert Addresses.compose("To", value) == value

    @given(st.lists(addresses(), min_size=1, max_size=4))
    def test_the_standard_library_reads_the_same(self, given_: list[Address]) -> None:
        """Where it is right: names and specs of the usual kind."""
        usual = [
            address.replace(
                display_name=re.sub(r"[^A-Za-zÀ-ÿ ,.]", "", address.display_name).strip(), domain="example.org"
            )
            for address in [*given_, Address("Ana", "ana")]
            if re.fullmatch("[a-z]+", address.username)
        ]
        body = Addresses.compose("To", usual).encode_body()

        header = email.policy.default.header_factory("To", body)

        found = [(each.display_name, each.username, each.domain) for each in header.addresses]
        assert [re.sub(" +", " ", name) for name, _, _ in found] == [re.sub(" +", " ", a.display_name) for a in usual]
        assert [parts[1:] for parts in found] == [(address.username, address.domain) for address in usual]


def test_the_null_reverse_path_is_no_defect() -> None:
    """RFC 5321, section 4.5.5: it is on every bounce."""
    assert Addresses.parse("Return-Path", " <>").defects == ()
    assert Addresses.parse("To", " <>").defects != ()


@pytest.mark.parametrize("text", ["<mailto:@x>", "<mailto:@x:y@z>", "mailto:@", "<mailto::@x>"])
def test_a_mailto_before_half_a_route_is_read(text: str) -> None:
    """Bad mail is never an exception."""
    value = Addresses.parse("Cc", text)

    assert value.defects != ()
    assert isinstance(value.addresses, tuple)


def test_a_group_of_somebody_elses_may_hold_ours() -> None:
    """Whoever took the names of the standard library is understood (RFC 5322, section 3.4)."""
    ours = Address("Ada", "ada", "example.org")
    theirs = types.SimpleNamespace(display_name="Friends", addresses=[ours])

    assert Addresses.compose("To", theirs).groups == (Group("Friends", [ours]),)
