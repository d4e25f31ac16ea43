"""mimekit._boundary: boundaries chosen once, and again only where they must be."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, Forbidden, MIMEMessage, MIMEPart, _boundary, parse, policy
from tests.strategies import boundaries

BCHARS = "'()+_,-./:=?"  # RFC 2046, section 5.1.1, beside letters, digits and space


def multipart(*parts: bytes, boundary: bytes = b"B", closed: bool = True) -> bytes:
    """A received multipart of *parts*."""
    delimiter = b"\n--" + boundary
    body = b"".join(delimiter + b"\n" + part for part in parts) + (delimiter + b"--\n" if closed else b"\n")
    return b"Content-Type: multipart/mixed; boundary=" + boundary + b"\n" + body


def built(*parts: MIMEPart, boundary: str | None = None) -> MIMEMessage:
    """A composed multipart of *parts*."""
    return MIMEMessage().set_content(list(parts), "mixed", boundary)


def text(content: str) -> MIMEPart:
    """A part that holds *content* as it stands."""
    return MIMEPart().set_content(content)


def leaves(message: MIMEPart) -> list[bytes]:
    """What the leaves of *message* hold, in order."""
    return [part.octets for part in message.walk() if not part.is_multipart()]


def check_sound(message: MIMEPart) -> None:
    """Assert that *message*, once written, is read back as it is, by the standard's rules for boundaries."""
    octets = bytes(message)
    again = parse(octets)

    assert [part.get_content_type() for part in again.walk()] == [part.get_content_type() for part in message.walk()]
    assert leaves(again) == leaves(message)
    for part in again.walk():
        boundary = part.get_boundary()
        if part.get_content_maintype() == "multipart" and boundary is not None:
            for below in part.parts:
                lines = below.source.replace(b"\r", b"\n").split(b"\n")
                assert not [line for line in lines if line.startswith(b"--" + boundary.encode())]


class TestChoose:
    """A new boundary."""

    def test_no_two_are_the_same(self) -> None:
        """RFC 2046, section 5.1.1: it must not appear in any of the parts."""
        assert len({_boundary.choose() for _ in range(100)}) == 100

    def test_it_may_be_one_and_stands_in_no_encoded_content(self) -> None:
        """RFC 2045, section 6.7: "=_" can never appear in quoted-printable, nor in base64."""
        boundary = _boundary.choose()

        assert _boundary.check(boundary) == boundary
        assert boundary.startswith("=_")


class TestCheck:
    """Boundaries that are given."""

    @pytest.mark.parametrize(
        "boundary",
        [
            pytest.param("gc0pJq0M:08jU534c0p", id="usual: the standard's"),
            pytest.param("simple boundary", id="usual: with a space"),
            pytest.param("B", id="odd: the shortest"),
            pytest.param("b" * 70, id="odd: the longest"),
            pytest.param(BCHARS, id="odd: every special character"),
            pytest.param("--", id="odd: dashes"),
            pytest.param(" B", id="odd: begins with a space"),
        ],
    )
    def test_what_the_standard_allows_is_taken(self, boundary: str) -> None:
        """RFC 2046, section 5.1.1: 1 to 70 characters known to be very robust, not ending with white space."""
        assert _boundary.check(boundary) == boundary

    @pytest.mark.parametrize(
        "boundary",
        [
            pytest.param("", id="usual: nothing"),
            pytest.param("b" * 71, id="usual: too long"),
            pytest.param("B ", id="odd: ends in a space"),
            pytest.param("a;b", id="odd: another special character"),
            pytest.param('a"b', id="odd: a quote"),
            pytest.param("a\tb", id="odd: a tab"),
            pytest.param("bé", id="odd: not ASCII"),
            pytest.param("a\r\nBcc: x@example.org", id="hostile: a line end"),
            pytest.param("a\0", id="hostile: NUL"),
            pytest.param("\ud800", id="hostile: half a character"),
        ],
    )
    def test_what_it_does_not_is_refused_wild_18(self, boundary: str) -> None:
        """RFC 2046, section 5.1.1; a line break would forge a field."""
        with pytest.raises(BadValue, match="a boundary is 1 to 70"):
            _boundary.check(boundary)

    @given(boundaries())
    def test_one_that_is_taken_divides(self, boundary: str) -> None:
        """What you compose is valid, and comes back."""
        message = built(text("one"), text("two"), boundary=boundary)

        assert parse(bytes(message)).get_boundary() == boundary
        assert leaves(parse(bytes(message))) == [b"one", b"two"]


class TestNoCollision:
    """Boundaries that stay."""

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param("text", id="usual"),
            pytest.param("-- \nsignature", id="usual: a signature"),
            pytest.param("x--B\n -- B\n-B\n--b", id="odd: no delimiters"),
            pytest.param("--", id="odd: dashes"),
            pytest.param("--" * 100, id="hostile: many dashes"),
        ],
    )
    def test_a_boundary_that_occurs_nowhere_stays(self, content: str) -> None:
        """A boundary is chosen once."""
        message = built(text(content), boundary="B")

        assert _boundary.collisions(message) == []
        assert message.get_boundary() == "B"

    def test_a_line_that_is_encoded_is_no_line(self) -> None:
        """base64 has no dashes, and quoted-printable writes them another way."""
        message = built(
            MIMEPart().set_content("--B\n", cte="base64"),
            MIMEPart().set_content("--B é", cte="quoted-printable"),
            boundary="B",
        )

        assert _boundary.collisions(message) == []
        check_sound(message)

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(
                multipart(multipart(b"\none", boundary=b"abcd"), b"\ntwo", boundary=b"abc"), id="usual: begins alike"
            ),
            pytest.param(
                multipart(multipart(b"\none", boundary=b"abc"), b"\ntwo", boundary=b"abcd"), id="usual: the other way"
            ),
            pytest.param(multipart(multipart(b"\none"), b"\ntwo"), id="odd: the same twice"),
            pytest.param(multipart(b"\n--Bx\none", b"\n--B--x\ntwo"), id="odd: in a text"),
            pytest.param(
                multipart(multipart(b"\none", boundary=b"abcd", closed=False), boundary=b"abc"), id="odd: no end"
            ),
        ],
    )
    def test_what_was_received_together_was_told_apart_already(self, octets: bytes) -> None:
        """Received boundaries that begin alike stay: an edit touches what it edits."""
        message = parse(octets)

        for part in message.walk():
            part["X-Mark"] = "x"

        assert _boundary.collisions(message) == []
        assert leaves(parse(bytes(message))) == leaves(parse(octets))

    def test_a_part_may_be_added_beside_those_that_begin_alike(self) -> None:
        """Only the new part is looked at for the old boundary."""
        octets = multipart(multipart(b"\none", boundary=b"abcd"), b"\ntwo", boundary=b"abc")
        message = parse(octets)

        message.attach(text("three"))

        assert _boundary.collisions(message) == []
        assert leaves(parse(bytes(message))) == [b"one", b"two", b"three"]

    def test_a_part_that_is_moved_among_its_own_stays_as_it_is(self) -> None:
        """What stood inside a multipart and still does was told apart from it."""
        message = parse(multipart(b"\none", multipart(b"\ntwo", boundary=b"BC")))
        part = message.parts[0]

        message.remove(part)
        message.attach(part)

        assert _boundary.collisions(message) == []
        assert leaves(parse(bytes(message))) == [b"two", b"one"]

    def test_an_encoded_message_shows_no_line(self) -> None:
        """Whatever stands in it, edited or not, is encoded out here; within it the same rules hold."""
        inner = multipart(b"\n--Bx\none", boundary=b"C")
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"
        message = built(parse(head + inner), boundary="B")

        message.parts[0].parts[0].parts[0]["X-Mark"] = "x"

        assert _boundary.collisions(message) == []
        assert leaves(parse(bytes(message))) == [b"--Bx\none"]


class TestCollision:
    """Boundaries that are chosen anew."""

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param("--B\n", id="usual: the delimiter"),
            pytest.param("text\n--B--\n", id="usual: the closing one"),
            pytest.param("text\n--Bx", id="odd: a line that begins with it"),
            pytest.param("text\n--B", id="odd: the last line"),
        ],
    )
    def test_a_text_that_holds_the_boundary(self, content: str) -> None:
        """RFC 2046, section 5.1.1: boundary delimiters must not appear within the encapsulated material."""
        message = built(text(content), boundary="B")

        assert _boundary.collisions(message) == [message]
        check_sound(message)
        assert message.get_boundary() != "B"

    def test_octets_between_carriage_returns_are_looked_at_too(self) -> None:
        """Another reader may take a CR alone for the end of a line."""
        message = built(MIMEPart().set_content(b"x\r--B\r", "application", "x", cte="binary"), boundary="B")

        assert _boundary.collisions(message) == [message]

    def test_a_copy_of_a_composed_message_attached_to_itself(self) -> None:
        """The outer one is told from the inner one by a boundary of its own."""
        message = built(text("one"), boundary="B")

        message.add_attachment(copy.copy(message))

        assert leaves(message) == [b"one", b"one"]
        check_sound(message)

    @pytest.mark.parametrize("subject", [b"", b"Subject: x\n"])
    @pytest.mark.parametrize("closed", [True, False])
    @pytest.mark.parametrize("edited", [True, False])
    def test_a_copy_of_a_received_message_attached_to_itself(self, subject: bytes, closed: bool, edited: bool) -> None:
        """It was received in the same place, and stands in another now."""
        message = parse(subject + multipart(b"\none", closed=closed))
        twin = copy.copy(message)
        if edited:
            twin.parts[0]["X-Mark"] = "x"

        message.add_attachment(twin)

        assert bytes(message).count(b"boundary=B\n") == 1
        check_sound(message)

    def test_a_copy_in_a_copy_in_a_copy(self) -> None:
        """Each gets its own."""
        message = parse(multipart(b"\none"))

        for _ in range(3):
            message.add_attachment(copy.copy(message))

        assert len(leaves(message)) == 8
        check_sound(message)

    def test_a_part_that_is_moved_into_another(self) -> None:
        """It was told apart from those around it, and not from its neighbour."""
        message = parse(multipart(multipart(b"\none", boundary=b"C"), b"\n--C\ntwo"))
        first, second = message.parts

        message.remove(second)
        first.attach(second)

        assert _boundary.collisions(message) == [first]
        check_sound(message)

    def test_a_multipart_that_is_moved_into_another(self) -> None:
        """What stands in it goes with it."""
        message = parse(multipart(multipart(b"\none", boundary=b"C"), multipart(b"\n--C\ntwo", boundary=b"D")))
        first, second = message.parts

        message.remove(second)
        first.attach(second)
        second.parts[0]["X-Mark"] = "x"

        assert _boundary.collisions(message) == [first]
        check_sound(message)

    def test_a_received_message_in_a_multipart_with_a_given_boundary(self) -> None:
        """Only the outer boundary changes; what was received stays octet for octet."""
        received = parse(multipart(b"\none", boundary=b"BC"))
        message = built(boundary="B")

        message.attach(received)
        written = bytes(message)

        assert multipart(b"\none", boundary=b"BC") in written
        assert message.get_boundary() != "B"
        check_sound(message)

    @pytest.mark.parametrize("place", ["preamble", "epilogue"])
    def test_what_stands_around_received_parts_counts_too(self, place: str) -> None:
        """A preamble is not looked at by readers, and a delimiter in it would be."""
        received = multipart(b"\none", boundary=b"C")
        received = received.replace(b"\n\n--C\n", b"\n\n--B\n--C\n", 1) if place == "preamble" else received + b"--B\n"
        inner = parse(received)
        message = built(boundary="B")
        message.attach(inner)

        inner.parts[0]["X-Mark"] = "x"

        assert _boundary.collisions(message) == [message]
        assert leaves(parse(bytes(message))) == [b"one"]

    def test_parts_that_were_only_looked_at_count_too(self) -> None:
        """Reading changes nothing of what is found."""
        inner = parse(multipart(b"\none", boundary=b"BC"))
        message = built(boundary="B")
        message.attach(inner)

        inner["X-Mark"] = "x"
        list(message.walk())

        assert _boundary.collisions(message) == [message]

    def test_a_received_boundary_may_be_longer_than_allowed(self) -> None:
        """It is met by a line that begins with all of it."""
        boundary = "b" * 80
        message = parse(multipart(b"\none", boundary=boundary.encode()))

        message.attach(text("--" + boundary[:75]))
        before = _boundary.collisions(message)
        message.attach(text("--" + boundary))

        assert (before, _boundary.collisions(message)) == ([], [message])
        check_sound(message)

    def test_without_parts_nothing_collides(self) -> None:
        """A multipart whose last part was taken out."""
        message = parse(multipart(b"\none"))

        message.remove(message.parts[0])

        assert _boundary.collisions(message) == []
        # RFC 2046 5.1.1: an empty part stands for none
        assert bytes(message) == b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\n\n--B--\n"
        assert [bytes(part) for part in parse(bytes(message)).parts] == [b"\n"]

    def test_a_boundary_that_never_occurs_may_be_that_of_what_is_around(self) -> None:
        """RFC 2046, section 5.1.2: the outer delimiters must be told from the inner ones, whoever has looked inside."""
        inner = multipart(multipart(boundary=b"A"), boundary=b"Z")
        message = built(text("one"), boundary="A")
        message.attach(parse(inner))
        message.attach(text("last"))

        octets = bytes(message)

        assert message.all_defects()
        assert bytes(message) == octets
        check_sound(message)

    @pytest.mark.parametrize(
        ("boundary", "delimiters"),
        [
            pytest.param(b'"a\n b"', (b"a b", b"a b"), id="folded"),
            pytest.param(b'"a\n b"', (b"a b", b"ab"), id="folded, and once without its white space"),
            pytest.param(b'"a\n b"', (b"ab", b"ab"), id="folded, and without its white space"),
            pytest.param(b'"caf\xe9"', (b"caf\xe9", b"caf\xe9"), id="8-bit"),
            pytest.param(b'"=?utf-8?q?a?="', (b"=?utf-8?q?a?=",) * 2, id="like an encoded word"),
        ],
    )
    @pytest.mark.parametrize(
        "edit",
        [
            pytest.param(lambda message: message.set_param("x", "y"), id="a parameter"),
            pytest.param(lambda message: message.set_header("Content-Type", message["Content-Type"]), id="itself"),
            pytest.param(lambda message: message.set_header("Content-Type", "multipart/related"), id="another type"),
        ],
    )
    def test_a_boundary_that_cannot_be_said_again_is_chosen_anew(
        self, boundary: bytes, delimiters: tuple[bytes, bytes], edit: Callable[[MIMEPart], None]
    ) -> None:
        """RFC 2046, section 5.1.1: what the header says once it is written is what stands before the parts."""
        one, two = delimiters
        message = parse(
            b"Content-Type: multipart/mixed; boundary=%b\n\n--%b\n\nx\n--%b\n\ny\n--%b--\n" % (boundary, one, two, one)
        )

        edit(message)

        check_sound(message)
        assert leaves(parse(bytes(message))) == [b"x", b"y"]

    def test_behind_a_byte_order_mark_a_line_begins_once_fields_stand_there(self) -> None:
        """RFC 2046, section 5.1.1: it was no delimiter before, and must be none now."""
        message = parse(multipart(b"\xef\xbb\xbf--B\nsecret"))

        message.parts[0].add_header("X-New", "x")

        assert len(parse(bytes(message)).parts) == 1
        check_sound(message)

    def test_a_boundary_that_stands_around_cannot_be_given(self) -> None:
        """RFC 2046, section 5.1.2: the outer delimiters would be taken for those inside."""
        message = parse(multipart(b"\none"))

        with pytest.raises(Forbidden, match="stands around"):
            message.parts[0]["Content-Type"] = "multipart/mixed; boundary=B"

        assert not message.composed
        message.parts[0]["Content-Type"] = "multipart/mixed; boundary=C"

    @pytest.mark.parametrize("kind", ["multipart/related", "multipart/related; boundary=B"])
    def test_a_copy_in_what_it_is_a_copy_of_can_be_called_something_else(self, kind: str) -> None:
        """Both have one boundary until they are written; then the one that is not the source's is chosen anew."""
        message = parse(multipart(b"\none"))
        twin = message.add_attachment(copy.copy(message))

        twin["Content-Type"] = kind

        assert [part.get_content_subtype() for part in parse(bytes(message)).walk()] == [
            *("mixed", "plain", "related", "plain"),
        ]
        check_sound(message)

    def test_several_at_once(self) -> None:
        """One line may collide with every multipart around it, and each is found once."""
        innermost = built(text("--B\n--Bx\n--BC\n"), boundary="BC")
        inner = built(innermost, boundary="B")
        message = built(inner, text("--B"), boundary="B")

        found = _boundary.collisions(message)

        assert sorted(map(id, found)) == sorted(map(id, [innermost, inner, message]))
        check_sound(message)

    def test_only_the_one_that_collides(self) -> None:
        """The others are as they were chosen."""
        inner = built(text("--B\n"), boundary="C")
        message = built(inner, text("--C\n"), boundary="B")

        assert _boundary.collisions(message) == [message]
        check_sound(message)
        assert inner.get_boundary() == "C"

    @pytest.mark.parametrize(
        "inner",
        [
            pytest.param(multipart(b"\none", closed=False), id="usual: without its end"),
            pytest.param(multipart(closed=False), id="odd: without any delimiter"),
            pytest.param(b"Content-Type: message/rfc822\n\n" + multipart(closed=False), id="odd: in a message"),
        ],
    )
    def test_a_multipart_that_would_take_new_delimiters_for_its_own(self, inner: bytes) -> None:
        """The same boundary twice, and the inner one still open where a part is added."""
        message = parse(multipart(inner, closed=False))
        before = leaves(message)

        message.attach(text("new"))

        assert _boundary.collisions(message) == [message]
        check_sound(message)
        assert leaves(message) == [*before, b"new"]

    @pytest.mark.parametrize("boundary", ['"B C"', '"B\n C"'])
    def test_a_boundary_that_was_folded_counts_in_both_forms(self, boundary: str) -> None:
        """With the white space of the fold, and without."""
        inner = f"Content-Type: multipart/mixed; boundary={boundary}\n\nno delimiter".encode()
        message = built(parse(inner), boundary="B C")

        assert _boundary.collisions(message) == [message]

    def test_an_edited_one_that_would_take_them(self) -> None:
        """It is compared by its name, whatever stands in it."""
        message = parse(multipart(multipart(b"\none", closed=False), closed=False))

        message.parts[0].parts[0]["X-Mark"] = "x"
        message.attach(text("new"))

        check_sound(message)
        assert leaves(message) == [b"one\n\n", b"new"]

    def test_in_an_encoded_message_boundaries_collide_as_well(self) -> None:
        """Within it the same rules hold."""
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n"
        message = parse(head + multipart(b"\none"))

        message.parts[0].attach(text("--B\n"))

        assert _boundary.collisions(message) == [message.parts[0]]
        assert leaves(parse(bytes(message))) == [b"one", b"--B\n"]

    def test_writing_again_changes_nothing(self) -> None:
        """A boundary is chosen once, and again only if it collides."""
        message = built(text("--B\n"), boundary="B")

        first, second = bytes(message), bytes(message)

        assert first == second

    @given(st.lists(st.sampled_from(["--", "B", "C", "\n", "--B\n", "--BC--\n", "x"]), max_size=12).map("".join))
    def test_a_text_comes_back_whatever_it_holds(self, content: str) -> None:
        """What you compose is valid, and comes back."""
        received = parse(multipart(multipart(b"\none", boundary=b"C"), b"\ntwo"))
        composed = built(built(text(content), boundary="BC"), text(content), boundary="B")

        received.attach(text(content))
        composed.add_attachment(received)

        check_sound(composed)
        assert [leaf.replace(b"\r\n", b"\n").decode() for leaf in leaves(composed)] == [content] * 2 + [
            "one",
            "two",
            content,
        ]

    def test_a_policy_changes_nothing_of_it(self) -> None:
        """Lines are lines, whichever way they end."""
        message = built(text("one\n--B\n"), boundary="B")

        written = message.as_bytes(policy=policy.default.replace(linesep="\n"))

        assert leaves(parse(written)) == [b"one\n--B\n"]
