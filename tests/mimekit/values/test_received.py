"""mimekit.values.received: where a message was."""

from __future__ import annotations

import copy
import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._folding import fold
from mimekit.errors import BadValue
from mimekit.values.received import Received

scraps = st.lists(
    st.sampled_from(
        [
            "from ",
            "by ",
            "with ",
            "id ",
            "for ",
            "a.example",
            "<a@b>",
            *';()"\\ \té\0',
            "\r\n ",
            "1 Nov 2002 10:00 +0100",
        ]
    )
).map("".join)


def written(value: Received) -> str:
    """The field body of *value* as it goes out, folded, its octets as characters."""
    octets = fold(value.name, value.encode_body(utf8=True)).encode()
    return octets.decode("latin-1").partition(":")[2].removesuffix("\r\n")


class TestReading:
    """What came is read."""

    @pytest.mark.parametrize(
        ("body", "tokens", "comments", "moment"),
        [
            pytest.param(
                "from x.y.test\r\n   by example.net\r\n   via TCP\r\n   with ESMTP\r\n   id ABC12345\r\n"
                "   for <mary@example.net>;  21 Nov 1997 10:05:43 -0600",
                {
                    "from": "x.y.test",
                    "by": "example.net",
                    "via": "TCP",
                    "with": "ESMTP",
                    "id": "ABC12345",
                    "for": "<mary@example.net>",
                },
                (),
                "1997-11-21T10:05:43-06:00",
                id="usual: RFC 5322 A.4",
            ),
            pytest.param(
                "from node.example by x.y.test; 21 Nov 1997 10:01:22 -0600",
                {"from": "node.example", "by": "x.y.test"},
                (),
                "1997-11-21T10:01:22-06:00",
                id="usual: RFC 5322 A.4, the first hop",
            ),
            pytest.param(
                "from a (a.example [192.0.2.1]) by b with Microsoft SMTP Server (TLS; x) id 15.1;"
                " Mon, 11 Nov 2002 11:11:11 +0000 (GMT; winter)",
                {"from": "a", "by": "b", "with": "Microsoft SMTP Server", "id": "15.1"},
                ("a.example [192.0.2.1]", "TLS; x"),
                "2002-11-11T11:11:11+00:00",
                id="usual: comments with semicolons",
            ),
            pytest.param(
                "(qmail 7 invoked by uid 500); 11 Nov 2002 11:11:11 -0000",
                {},
                ("qmail 7 invoked by uid 500",),
                "2002-11-11T11:11:11",
                id="odd: qmail",
            ),
            pytest.param(
                'junk FROM "a; b" BY c for d for e; 11 Nov 2002 11:11 +0100',
                {"from": '"a; b"', "by": "c", "for": "d for e"},
                (),
                "2002-11-11T11:11:00+01:00",
                id="odd: quotes, capitals, a keyword twice",
            ),
            pytest.param(
                "from by b; 11 Nov 2002 11:11 +0100",
                {"from": "", "by": "b"},
                (),
                "2002-11-11T11:11:00+01:00",
                id="odd: nothing behind a keyword",
            ),
        ],
    )
    def test_a_hop_is_read(self, body: str, tokens: dict[str, str], comments: tuple[str, ...], moment: str) -> None:
        """RFC 5321, section 4.4: Time-stamp-line."""
        value = Received.parse("Received", body)

        assert (dict(value.tokens), value.comments) == (tokens, comments)
        assert value.datetime is not None
        assert (value.datetime.isoformat(), value.defects) == (moment, ())

    @pytest.mark.parametrize(
        ("body", "tokens", "year", "codes"),
        [
            pytest.param(
                "from a by b; 11 Nov 02 11:11 EST", {"from": "a", "by": "b"}, 2002, ["obsolete-date"], id="usual"
            ),
            pytest.param("from a by b", {"from": "a", "by": "b"}, None, ["bad-received"], id="odd: no semicolon"),
            pytest.param("from a; yesterday", {"from": "a"}, None, ["bad-date"], id="odd: no date"),
            pytest.param("from a;", {"from": "a"}, None, ["bad-date"], id="odd: nothing behind"),
            pytest.param("by b (c; 11 Nov 2002 11:11 +0100", {"by": "b"}, 2002, [], id="odd: a comment without an end"),
            pytest.param('by "b; 11 Nov 2002 11:11 +0100', {"by": '"b'}, 2002, [], id="odd: a lone quote"),
            pytest.param("by b) c; 11 Nov 2002 11:11 +0100", {"by": "b) c"}, 2002, [], id="odd: a lone parenthesis"),
            pytest.param(
                "by \xe9; 11 Nov 2002 11:11 +0100", {"by": "é"}, 2002, ["8bit-in-header"], id="odd: raw octets"
            ),
            pytest.param("", {}, None, ["bad-received"], id="hostile: empty"),
            pytest.param(";" * 5000, {}, None, ["bad-date"], id="hostile: semicolons"),
        ],
    )
    def test_whatever_else_stands_there_is_read(
        self, body: str, tokens: dict[str, str], year: int | None, codes: list[str]
    ) -> None:
        """DESIGN, law 4."""
        value = Received.parse("Received", body)

        assert {keyword: word.rstrip(";") for keyword, word in value.tokens.items()} == tokens
        assert (value.datetime.year if value.datetime else None) == year
        assert [defect.code for defect in value.defects] == codes

    def test_what_is_read_cannot_be_changed(self) -> None:
        """A value is frozen."""
        value = Received.parse("Received", "by b; 11 Nov 2002 11:11 +0100")

        with pytest.raises(TypeError):
            value.tokens["by"] = "c"  # type: ignore[index]  # what is tried here

    def test_a_value_is_copied_and_pickled(self) -> None:
        """Reading before or after a copy gives the same."""
        value = Received.parse("Received", "by b; 11 Nov 2002 11:11 +0100")
        copies = [copy.copy(value), copy.deepcopy(value)]
        assert dict(value.tokens) == {"by": "b"}
        copies += [copy.deepcopy(value), pickle.loads(pickle.dumps(value))]  # noqa: S301 - our own

        assert [(str(each), dict(each.tokens), each.datetime) for each in copies] == [
            (str(value), {"by": "b"}, value.datetime)
        ] * 4


class TestComposing:
    """What goes out is valid."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            pytest.param(
                " by b (c; d); Mon, 11 Nov 2002 11:11:11 +0100 (CET) ",
                "by b (c; d); Mon, 11 Nov 2002 11:11:11 +0100 (CET)",
                id="usual: valid",
            ),
            pytest.param("by b;11 Nov 02 EST", "by b; Mon, 11 Nov 2002 00:00:00 -0500", id="odd: an obsolete date"),
        ],
    )
    def test_a_hop_is_kept_and_its_date_made_valid(self, value: str, expected: str) -> None:
        """RFC 5322, sections 3.6.7 and 4.3."""
        composed = Received.compose("Received", value)

        assert composed == composed.encode_body() == expected
        assert composed.datetime is not None
        assert composed.defects == ()

    @pytest.mark.parametrize(
        "value",
        [
            pytest.param(dt.datetime(2002, 11, 11, tzinfo=dt.UTC), id="usual: no text"),
            pytest.param("by b", id="usual: no date"),
            pytest.param("by b; soon", id="usual: no date behind the semicolon"),
            pytest.param("by b; 11 Nov 1802 11:11 +0000", id="odd: before mail"),
            pytest.param("by b\r\nBcc: x@y; 11 Nov 2002 11:11 +0000", id="hostile: another field"),
            pytest.param("by b\0; 11 Nov 2002 11:11 +0000", id="hostile: NUL"),
            pytest.param(f"by {'b' * 1000}; 11 Nov 2002 11:11 +0000", id="hostile: no line holds it"),
        ],
    )
    def test_what_is_no_hop_is_refused_wild_18(self, value: object) -> None:
        """RFC 5322, section 3.6.7: received = *received-token ";" date-time."""
        with pytest.raises(BadValue):
            Received.compose("Received", value)

    def test_other_than_ascii_needs_utf8(self) -> None:
        """RFC 6532, section 3."""
        composed = Received.compose("Received", "by é; Mon, 11 Nov 2002 11:11:11 +0100")

        assert composed.encode_body(utf8=True) == composed
        with pytest.raises(BadValue, match="SMTPUTF8"):
            composed.encode_body()

    @given(scraps)
    def test_what_is_read_can_be_written(self, body: str) -> None:
        """DESIGN, laws 4 and 6."""
        value = Received.parse("Received", body.encode().decode("latin-1"))
        try:
            composed = Received.compose("Received", value)
        except BadValue:
            assert value.datetime is None
            return
        read = Received.parse("Received", written(composed))

        assert (read, read.tokens, read.datetime) == (composed, value.tokens, value.datetime)
        assert Received.compose("Received", read) == composed
