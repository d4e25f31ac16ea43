"""mimekit._block: a header block divided into fields, each found by name and by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit._block import Block, divide, divide_fields
from mimekit.values.address import Addresses


def divided(octets: bytes, *, start: int = 0, end: int | None = None, is_whole: bool = True) -> Block:
    """A block of LF or CR lines, or what stands between two places."""
    newline = b"\r" if b"\n" not in octets and b"\r" in octets else b"\n"
    block = (divide_fields if is_whole else divide)(octets, start, len(octets) if end is None else end, newline=newline)
    assert block is not None
    return block


class TestNames:
    """Fields found by name."""

    @pytest.mark.parametrize(
        ("block", "body"),
        [
            pytest.param(b"A: b\nX: c\nD: e\n", " c", id="usual"),
            pytest.param(b"A: b\r\nx: c\r\n", " c\r", id="usual: CRLF, lower case"),
            pytest.param(b"X: c", " c", id="odd: no line end"),
            pytest.param(b"X \t: c\n", " c", id="odd: white space before the colon"),
            pytest.param(b"X: c\n\td\n e\nF: g\n", " c\n\td\n e", id="odd: folded"),
            pytest.param(b"X: c\n d", " c\n d", id="odd: folded, no line end"),
            pytest.param(b"X: one\nX: two\n", " one", id="odd: twice"),
            pytest.param(b"X:\n", "", id="odd: empty"),
            pytest.param(b"X: caf\xe9\n", " caf\xe9", id="odd: 8-bit"),
            pytest.param(b"A: b\rX: c\rD: e", " c", id="odd: CR alone"),
            pytest.param(b"A: x: b\n", None, id="hostile: in another body"),
            pytest.param(b"A: b\n x: c\n", None, id="hostile: in a continuation"),
            pytest.param(b"Xy: b\nx y\nx", None, id="hostile: the beginning of another name"),
            pytest.param(b"", None, id="hostile: nothing"),
        ],
    )
    def test_the_first_field_of_a_name_is_found(self, block: bytes, body: str | None) -> None:
        """RFC 5322, section 1.2.2: field names are compared without regard to case."""
        assert divided(block, is_whole=False).body_of("x") == body

    def test_only_the_block_is_divided(self) -> None:
        """Offsets are those of the source."""
        block = divided(b"X: outside\n\nX: inside\n\nX: below\n", start=12, end=22)

        assert block.body_of("x") == " inside"
        assert block.body_of("content-type") is None
        assert block.span(0) == (12, 22)

    @pytest.mark.parametrize("others", [0, 300], ids=["short", "long"])
    def test_every_place_of_a_name_is_known(self, others: int) -> None:
        """However many fields there are beside it, and once or more often."""
        block = divided(b"X: 1\nA: 2\nx : 3\n" + b"B: 4\nC: 5\n" * (others // 2))

        assert block.places("x") == [0, 2]
        assert block.places("a") == [1]
        assert block.places("none") == []
        assert (block.spelled[2], block.spelled[:3]) == ("x", ["X", "A", "x"])

    def test_a_name_that_stands_once_among_names_that_do(self) -> None:
        """Nothing more is looked at."""
        assert divided(b"X: 1\nA: 2\n").places("a") == [1]


class TestPlaces:
    """Where fields stand."""

    def test_whoever_asks_for_places_finds_them_counted(self) -> None:
        """One is looked for; from the second on all are known, or many would cost what many times all do."""
        block = divided(b"X: 1\nY: 2\n")

        assert (block.span(1), block._ends) == ((5, 10), None)
        assert (block.span(0), block._ends) == ((0, 5), [0, 5, 10])

    @pytest.mark.parametrize("is_whole", [True, False])
    def test_each_field_of_a_long_block_stands_behind_the_one_before(self, is_whole: bool) -> None:
        """Counted anew or kept, it is the same place."""
        octets = b"X : 1\n 2\nY: 3\n" * 200
        block = divided(octets, is_whole=is_whole)

        assert b"".join(map(block.octets, range(400))) == octets
        assert [block.octets(place) for place in (0, 199, 201, 399)] == [b"X : 1\n 2\n", *[b"Y: 3\n"] * 3]

    def test_lines_that_are_no_field_stand_between(self) -> None:
        """RFC 5322, section 2.2: a field is a name, a colon and a body; what is none keeps its octets."""
        octets = b"junk\nX: 1\nmore junk\n--a: b\nY: 2\n z\n"
        block = divided(octets, is_whole=False)

        assert block.has_strays
        assert block.names == ["x", "y"]
        assert block.order() == [~0, 0, ~1, 1]
        assert [block.octets(place) for place in block.order()] == [
            b"junk\n",
            b"X: 1\n",
            b"more junk\n--a: b\n",
            b"Y: 2\n z\n",
        ]

    @given(
        st.lists(
            st.sampled_from([b"A: b\n", b"X-Y :\n", b"c:d\r\n", b"E:f\n\tg\n", b":\n", b"h i\n", b" j\n", b"--k:\n"])
        )
    )
    def test_every_octet_is_in_one_place(self, lines: list[bytes]) -> None:
        """Untouched means untouched: nothing between the places, nothing in two of them."""
        octets = b"".join(lines)
        block = divided(octets, is_whole=False)

        assert b"".join(map(block.octets, block.order())) == octets
        assert [block.span(place)[0] for place in block.order()][1:] == [
            block.span(place)[1] for place in block.order()
        ][:-1]

    @given(
        st.lists(st.sampled_from([b"A: b\n", b"X-Y :\n", b"c:d\r\n", b"E:f\n\tg\n"])),
        st.sampled_from(
            [b"", b"stray\n", b"--x: y\n", b": e\n", b" z\n", b"a b: c\n", b"\xe9: x\n", b"\0:\n", b"F: g"]
        ),
    )
    def test_both_ways_of_dividing_agree(self, lines: list[bytes], last: bytes) -> None:
        """Where there is nothing but fields, the short way gives what the long one does; else it gives nothing."""
        octets = b"".join(lines) + last

        one, other = divide_fields(octets, 0, len(octets), newline=b"\n"), divided(octets, is_whole=False)

        assert (one is None) is other.has_strays
        if one is not None:
            assert (one.names, one.spelled, one.order()) == (other.names, other.spelled, other.order())
            assert list(map(one.span, one.order())) == list(map(other.span, other.order()))
            assert list(map(one.body, one.order())) == list(map(other.body, other.order()))


class TestValues:
    """What fields mean."""

    def test_a_value_is_made_once(self) -> None:
        """When it is asked for, alone or with all others."""
        block = divided(b"To: a@b\nSubject: x\n")

        one = block.value(0)

        assert isinstance(one, Addresses)
        assert block.value(0) is one
        assert block.values()[0] is one
        assert block.values() == block.values() == ["a@b", "x"]
