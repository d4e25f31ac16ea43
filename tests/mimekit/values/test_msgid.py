"""mimekit.values.msgid: identifiers of messages and parts."""

from __future__ import annotations

import copy
import pickle
import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.msgid import MessageIds, make_msgid

ids = st.from_regex(r"[!#-'*-;=?A-~]{1,30}@[!#-'*-;=?A-~]{1,30}", fullmatch=True)
odd_ids = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="<>"), min_size=1)
scraps = st.lists(st.sampled_from([*'<>()"\\ a@,;.\t\0é', "\r\n ", "=?utf-8?q?", "<a@b>"])).map("".join)
names = st.sampled_from(["Message-ID", "Content-ID", "In-Reply-To", "References"])


def written(value: MessageIds) -> str:
    """The field body of *value* as it goes out, folded, its octets as characters."""
    octets = fold(value.name, value.encode_body(utf8=True)).encode()
    return octets.decode("latin-1").partition(":")[2].removesuffix("\r\n")


class TestReading:
    """What came is read."""

    @pytest.mark.parametrize(
        ("name", "body", "expected"),
        [
            pytest.param(
                "Message-ID", "<1234@local.machine.example>", ["<1234@local.machine.example>"], id="usual: RFC 5322 A.1"
            ),
            pytest.param("In-Reply-To", "<3456@example.net>", ["<3456@example.net>"], id="usual: RFC 5322 A.2"),
            pytest.param(
                "References",
                "<1234@local.machine.example> <3456@example.net>",
                ["<1234@local.machine.example>", "<3456@example.net>"],
                id="usual: RFC 5322 A.2 references",
            ),
            pytest.param(
                "Message-ID", "<testabcd.1234@silly.test>", ["<testabcd.1234@silly.test>"], id="usual: RFC 5322 A.5"
            ),
            pytest.param("References", "<a@b>\r\n\t<c@d>\r\n <e@f>", ["<a@b>", "<c@d>", "<e@f>"], id="usual: folded"),
            pytest.param("References", "<a@b><c@d>", ["<a@b>", "<c@d>"], id="odd: no space between"),
            pytest.param("References", "(c) <a@b> (d (e)) <c@d>", ["<a@b>", "<c@d>"], id="odd: comments"),
            pytest.param("Message-ID", "<a@[127.0.0.1]>", ["<a@[127.0.0.1]>"], id="odd: a literal"),
            pytest.param("Message-ID", "<a@host.(none)>", ["<a@host.(none)>"], id="odd: parentheses within"),
            pytest.param("Message-ID", '<"a"@b>', ['<"a"@b>'], id="odd: quotes within"),
        ],
    )
    def test_what_the_grammar_allows_is_read_without_a_defect(self, name: str, body: str, expected: list[str]) -> None:
        """RFC 5322, section 3.6.4: 1*msg-id."""
        value = MessageIds.parse(name, body)

        assert value.ids == tuple(expected)
        assert (value.id, value.defects) == (expected[0], ())

    @pytest.mark.parametrize(
        ("name", "body", "expected"),
        [
            pytest.param("In-Reply-To", 'Your message of "Mon, 1 Jan <x>." <a@b>', ["<a@b>"], id="usual: a phrase"),
            pytest.param("In-Reply-To", "<a@b>; from ana@c.d on Mon, Sep 02", ["<a@b>"], id="usual: a phrase behind"),
            pytest.param(
                "In-Reply-To", "Message from Ana <ana@c.d> of 1 Jan <a@b>", ["<a@b>"], id="usual: with an address"
            ),
            pytest.param("In-Reply-To", "Message from ana <a@b>", ["<a@b>"], id="usual: with a name"),
            pytest.param("In-Reply-To", "ana@c.d's message of Monday", [], id="odd: a phrase alone"),
            pytest.param("References", "<a@b>, <c@d>,<e@f>", ["<a@b>", "<c@d>", "<e@f>"], id="odd: commas"),
            pytest.param("References", "a@b, c@d;e@f", ["<a@b>", "<c@d>", "<e@f>"], id="odd: no brackets"),
            pytest.param("References", "12345", ["<12345>"], id="odd: a word"),
            pytest.param("Content-ID", "image1.png", ["<image1.png>"], id="odd: a word as name of a part"),
            pytest.param("Content-ID", "my image", ["<myimage>"], id="odd: words as name of a part"),
            pytest.param("Message-ID", "id a@b x", ["<a@b>"], id="odd: among words"),
            pytest.param("Message-ID", "<a@b> <c@d>", ["<a@b>", "<c@d>"], id="odd: two where one may be"),
            pytest.param("Message-ID", "<12345>", ["<12345>"], id="odd: no at sign"),
            pytest.param("Message-ID", "(c) <12345>", ["<12345>"], id="odd: no at sign, and a comment"),
            pytest.param("Message-ID", "<a b\r\n\t@ c>", ["<ab@c>"], id="odd: spaces and folds within"),
            pytest.param("Message-ID", "<<a@b>>", ["<a@b>"], id="odd: brackets twice"),
            pytest.param("Message-ID", "<a@b", ["<a@b>"], id="odd: no end"),
            pytest.param("References", "<a@b <c@d> e", ["<a@b>", "<c@d>"], id="odd: no end but the next"),
            pytest.param("Message-ID", '"<a@b>"', ["<a@b>"], id="odd: in quotes"),
            pytest.param("Message-ID", "", [], id="hostile: empty"),
            pytest.param("Message-ID", "<>", [], id="hostile: nothing in it"),
            pytest.param("References", "(" * 5000, ["<" + "(" * 5000 + ">"], id="hostile: comments"),
        ],
    )
    def test_whatever_else_stands_there_is_read(self, name: str, body: str, expected: list[str]) -> None:
        """RFC 5322, section 4.5.4: phrases, which mean nothing; and what people made of them."""
        value = MessageIds.parse(name, body)

        assert value.ids == tuple(expected)
        assert value.id == (expected[0] if expected else "")
        assert [defect.code for defect in value.defects] == ["bad-message-id"]

    def test_the_text_is_the_body_unfolded(self) -> None:
        """RFC 5322, section 2.2.3; encoded words mean nothing in identifiers (RFC 2047, section 5)."""
        value = MessageIds.parse("References", " <=?utf-8?q?a?=@b>\r\n  <\xe9@d>")

        assert value == "<=?utf-8?q?a?=@b>  <é@d>"
        assert [defect.code for defect in value.defects] == ["8bit-in-header"]

    def test_a_value_is_copied_and_pickled(self) -> None:
        """Reading before or after a copy gives the same."""
        value = MessageIds.parse("References", " <a@b> <c@d>")
        copies = [copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))]  # noqa: S301 - our own

        assert [(str(each), each.ids, each.name) for each in copies] == [(str(value), value.ids, "References")] * 3

    @given(names, scraps)
    def test_what_is_read_can_be_written(self, name: str, body: str) -> None:
        """DESIGN, laws 4 and 6: whatever came, its identifiers go out again; what is valid unchanged."""
        value = MessageIds.parse(name, body.encode().decode("latin-1"))
        try:
            composed = MessageIds.compose(name, value)
        except BadValue:
            assert len(value.ids) != 1
            return

        assert composed.ids == value.ids
        assert composed == value or value.defects
        assert MessageIds.parse(name, written(composed)) == composed


class TestComposing:
    """What goes out is valid."""

    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            pytest.param("Message-ID", "<a@b>", "<a@b>", id="usual: one"),
            pytest.param("Content-ID", "logo", "<logo>", id="usual: without brackets"),
            pytest.param("References", ["<a@b>", "c@d"], "<a@b> <c@d>", id="usual: a list"),
            pytest.param("References", (item for item in ("a@b",)), "<a@b>", id="usual: an iterator"),
            pytest.param("References", "<a@b>\t (why) <c@d>", "<a@b>\t (why) <c@d>", id="usual: a valid text"),
            pytest.param("References", " a@b, <c@d> ", "<a@b> <c@d>", id="odd: a text that is not quite"),
            pytest.param("Message-ID", '<"a(b)"@c>', '<"a(b)"@c>', id="odd: quotes"),
        ],
    )
    def test_identifiers_get_their_brackets(self, name: str, value: object, expected: str) -> None:
        """RFC 5322, section 3.6.4: msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]."""
        composed = MessageIds.compose(name, value)

        assert composed == composed.encode_body() == expected
        assert composed.ids == MessageIds.parse(name, expected).ids
        assert composed.defects == ()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            pytest.param("Message-ID", "", id="usual: empty"),
            pytest.param("References", [], id="usual: none"),
            pytest.param("References", 7, id="usual: a number"),
            pytest.param("References", [7], id="usual: numbers"),
            pytest.param("Message-ID", ["<a@b>", "<c@d>"], id="usual: two where one may be"),
            pytest.param("Message-ID", "<a@b> <c@d>", id="usual: two in a text"),
            pytest.param("Message-ID", "a b@c", id="odd: white space"),
            pytest.param("Message-ID", "<a b@c>", id="odd: white space in brackets"),
            pytest.param("Message-ID", "<a@b", id="odd: one bracket"),
            pytest.param("Message-ID", "<a@b>>", id="odd: too many brackets"),
            pytest.param("Message-ID", "<>", id="odd: nothing in brackets"),
            pytest.param("References", ["a\u00a0b"], id="odd: other white space"),
            pytest.param("In-Reply-To", "Your message <a@b>", id="odd: a phrase would be lost"),
            pytest.param("References", "<a@b> (why) c@d", id="odd: a comment would be lost"),
            pytest.param("References", ["<a@b>\r\nBcc: x@y"], id="hostile: another field"),
            pytest.param("References", "<a@b>\r\n <c@d>", id="hostile: folded already"),
            pytest.param("References", "<a@b> (\0)", id="hostile: NUL"),
            pytest.param("Message-ID", "<a\x7f@b>", id="hostile: a control"),
            pytest.param("Message-ID", "<a\ud800@b>", id="hostile: half a character"),
            pytest.param("Message-ID", "<" + "a" * 995 + ">", id="hostile: no line holds it"),
            pytest.param("References", ["é" * 498], id="hostile: no line holds its octets"),
        ],
    )
    def test_what_is_no_identifier_is_refused_wild_18(self, name: str, value: object) -> None:
        """RFC 5322, section 3.6.4; nothing is lost in silence."""
        with pytest.raises(BadValue):
            MessageIds.compose(name, value)

    def test_a_long_list_is_folded_and_never_encoded_wild_03(self) -> None:
        """RFC 5322, sections 2.1.1 and 3.6.4: identifiers are left as they are, up to 998 on a line."""
        many = [f"<{number}.{'x' * 90}@example.org>" for number in range(500)]
        composed = MessageIds.compose("References", many)
        lines = fold("References", composed.encode_body()).split("\r\n")

        assert max(map(len, lines)) < 120
        assert not any("=?" in line for line in lines)
        assert MessageIds.parse("References", written(composed)).ids == tuple(many)

    def test_the_longest_identifier_has_a_line_of_its_own_wild_03(self) -> None:
        """RFC 5322, section 2.1.1: 998 characters, the CRLF not counted."""
        longest = f"<{'a' * 994}>"
        composed = MessageIds.compose("Resent-Message-ID", longest)
        lines = fold("Resent-Message-ID", composed.encode_body()).split("\r\n")

        assert f" {longest}" in lines
        assert max(map(len, lines)) <= 998

    def test_other_than_ascii_needs_utf8(self) -> None:
        """RFC 6532, section 3.3."""
        composed = MessageIds.compose("Message-ID", "<é@example.org>")

        assert composed.encode_body(utf8=True) == "<é@example.org>"
        with pytest.raises(BadValue, match="SMTPUTF8"):
            composed.encode_body()

    @given(st.lists(ids, min_size=1))
    def test_identifiers_written_are_read_back(self, items: list[str]) -> None:
        """DESIGN, law 6."""
        composed = MessageIds.compose("References", items)
        read = MessageIds.parse("References", written(composed))

        assert (read, read.ids, read.defects) == (composed, tuple(f"<{item}>" for item in items), ())

    @given(st.lists(odd_ids, min_size=1))
    def test_odd_identifiers_written_are_read_back(self, items: list[str]) -> None:
        """DESIGN, law 6: threads hold together, whatever the identifiers others made."""
        composed = MessageIds.compose("References", [f"<{item}>" for item in items])
        read = MessageIds.parse("References", written(composed))

        assert (read, read.ids) == (composed, composed.ids)


class TestMakeMsgid:
    """New identifiers."""

    def test_each_is_new(self) -> None:
        """RFC 5322, section 3.6.4: the message identifier is globally unique."""
        assert len({make_msgid() for _ in range(1000)}) == 1000

    def test_it_is_valid(self) -> None:
        """RFC 5322, section 3.6.4: dot-atom-text on both sides."""
        assert re.fullmatch(r"<[0-9a-f]+\.[0-9a-f]{20}@mail\.example\.org>", make_msgid(domain="mail.example.org"))

    def test_it_tells_nothing_of_this_machine(self) -> None:
        """Nobody asked for the host's name to be in every message."""
        assert make_msgid().endswith("@localhost>")
        assert socket.gethostname() not in make_msgid(domain="example.org")

    @pytest.mark.parametrize("domain", ["", "a b", "é.example", "a>", "a@b", "a\r\n", "a" * 256])
    def test_a_domain_that_cannot_stand_is_refused(self, domain: str) -> None:
        """RFC 5322, section 3.6.4."""
        with pytest.raises(BadValue):
            make_msgid(domain=domain)
