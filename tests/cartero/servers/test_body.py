"""The text behind DATA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero.servers import ServerLimits
from cartero.servers._body import Body
from cartero.servers._gauge import Gauge
from cartero.smtp.data import stuffed

TRACE = b"Received: here\r\n"


def body(*pieces: bytes, gauge: Gauge | None = None, **limits: int) -> Body:
    """A body that was fed with *pieces*."""
    made = Body(gauge or Gauge(ServerLimits(**limits)), TRACE)
    for piece in pieces:
        made.feed(piece)
    return made


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    """*octets* in pieces that begin at these places."""
    ends = sorted({place % (len(octets) + 1) for place in places} | {len(octets)})
    return [piece for piece in map(octets.__getitem__, map(slice, [0, *ends], ends)) if piece]


def texts() -> st.SearchStrategy[bytes]:
    """Texts made of what makes trouble, with CRLF line ends alone; the last line is ended."""
    pieces = st.sampled_from([b".", b"..", b"\r\n", b"\r\n.", b"\r\n..", b"a", b"ab.c", b"x" * 70, b"\x00\xff"])
    return st.lists(pieces, max_size=12).map(lambda found: b"".join([*found, b"\r\n"]))


class TestDots:
    @given(texts(), st.lists(st.integers(0, 10_000), max_size=20))
    def test_what_a_sender_stuffs_comes_out_as_it_was(self, text: bytes, places: list[int]) -> None:
        """RFC 5321, section 4.5.2, wherever the text is cut on its way."""
        sent = b"".join(stuffed([text]))

        for each in (body(*cut(sent, places)), body(sent), body(*cut(sent, [*range(len(sent))]))):
            assert (each.is_done, each.rest, each.refusal) == (True, b"", "")
            assert each.octets == TRACE + text

    @given(texts(), st.lists(st.integers(0, 10_000), max_size=6))
    def test_what_comes_behind_the_end_is_left(self, text: bytes, places: list[int]) -> None:
        """RFC 2920, section 3.1: the next commands may come along."""
        sent = b"".join(stuffed([text])) + b"QUIT\r\n"
        each = body()
        left = b""
        for piece in cut(sent, places):
            if each.is_done:
                left += piece
            else:
                each.feed(piece)

        assert each.is_done
        assert each.rest + left == b"QUIT\r\n"

    @pytest.mark.parametrize(
        ("sent", "text"),
        [
            pytest.param(b".\r\n", b"", id="usual-nothing"),
            pytest.param(b"\r\n.\r\n", b"\r\n", id="usual-empty-line"),
            pytest.param(b"..\r\n.\r\n", b".\r\n", id="usual-dot"),
            pytest.param(b".a\r\n.\r\n", b"a\r\n", id="odd-not-doubled"),
            pytest.param(b"a\r\n...\r\n.\r\n", b"a\r\n..\r\n", id="usual-dots"),
        ],
    )
    def test_a_dot_in_front_of_a_line_is_taken_away(self, sent: bytes, text: bytes) -> None:
        """RFC 5321, section 4.5.2."""
        for each in (body(sent), body(*cut(sent, [*range(len(sent))]))):
            assert (each.octets, each.is_done, each.rest) == (TRACE + text, True, b"")

    def test_without_the_end_it_goes_on(self) -> None:
        """What is there may be the beginning of it."""
        assert not body(b"a\r\n.\r").is_done


class TestLineEnds:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"a\nb\r\n", id="hostile-lf"),
            pytest.param(b"a\rb\r\n", id="hostile-cr"),
            pytest.param(b"a\n.\nMAIL FROM:<x@example.org>\r\n", id="hostile-lf-dot-lf"),
            pytest.param(b"a\r.\rb\r\n", id="hostile-cr-dot-cr"),
            pytest.param(b"a\n.\r\nb\r\n", id="hostile-lf-dot-crlf"),
            pytest.param(b"a\r\n.\nb\r\n", id="hostile-crlf-dot-lf"),
            pytest.param(b"a\r\n.\rb\r\n", id="hostile-crlf-dot-cr"),
            pytest.param(b"a\r.\r\nb\r\n", id="hostile-cr-dot-crlf"),
            pytest.param(b"\na\r\n", id="hostile-lf-first"),
            pytest.param(b"a\r\r\nb\r\n", id="hostile-two-cr"),
            pytest.param(b"a\n\r\nb\r\n", id="hostile-lf-crlf"),
            pytest.param(b"a\r\n\r", id="hostile-cr-last"),
        ],
    )
    def test_a_text_with_others_than_crlf_is_refused_to_its_end(self, text: bytes) -> None:
        """RFC 5321, section 2.3.8: what ends a line, or the message, for others and not here is not handed on."""
        sent = text + b"\r\n.\r\n"

        for each in (body(sent), body(*cut(sent, [*range(len(sent))]))):
            assert each.refusal.startswith("550 5.6.0 a line ends in a lone CR or LF")
            assert (each.is_done, each.rest, each.octets) == (True, b"", b"")

    @given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a"]), max_size=14), st.lists(st.integers(0, 99), max_size=8))
    def test_nothing_is_kept_with_another_line_end(self, pieces: list[bytes], places: list[int]) -> None:
        """However it is cut: the text ends where CRLF, dot and CRLF stand first, and holds CRLF alone."""
        sent = b"".join(pieces)
        each = body()
        for piece in cut(sent, places):
            if not each.is_done:
                each.feed(piece)

        end = (b"\r\n" + sent).find(b"\r\n.\r\n")
        assert each.is_done is (end >= 0)
        text = each.octets.removeprefix(TRACE)
        assert text.count(b"\r\n") == text.count(b"\r") == text.count(b"\n")
        if each.is_done and not each.refusal:
            assert b"".join(stuffed([text])) == sent[: end + 3] or b"\r\n." in b"\r\n" + sent


class TestLimits:
    @pytest.mark.parametrize(("size", "is_taken"), [(10, True), (9, False)])
    def test_the_size_is_that_of_the_message(self, size: int, is_taken: bool) -> None:
        """RFC 1870, section 5: without the dots that were put in, and without the end."""
        for each in (
            body(b"..bcdefgh\r\n.\r\n", size=size),
            body(*cut(b"..bcdefgh\r\n.\r\n", [*range(14)]), size=size),
        ):
            assert each.is_done
            assert (each.refusal == "") is is_taken
            assert is_taken or each.refusal.startswith(f"552 5.3.4 the message is larger than the {size} octets")

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"12345678\r\n" * 9, id="usual-all"),
            pytest.param(b"\r\n" * 50, id="usual-empty"),
            pytest.param(b"12345678\r\na\r\n12345678\r\n", id="usual-some"),
        ],
    )
    def test_lines_up_to_the_limit_are_taken(self, text: bytes) -> None:
        """RFC 5321, section 4.5.3.1.6: the end of the line is part of it."""
        sent = text + b".\r\n"

        for each in (body(sent, line=10), body(*cut(sent, [*range(len(sent))]), line=10)):
            assert (each.is_done, each.refusal) == (True, "")

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"123456789\r\n", id="odd-alone"),
            pytest.param(b"a\r\n123456789\r\n", id="odd-last"),
            pytest.param(b"123456789\r\na\r\n", id="odd-first"),
            pytest.param(b"a\r\n123456789\r\na\r\n", id="odd-among-others"),
        ],
    )
    def test_a_line_over_the_limit_is_refused(self, text: bytes) -> None:
        """Wherever it stands, and however it comes."""
        sent = text + b".\r\n"

        for each in (body(sent, line=10), body(*cut(sent, [*range(len(sent))]), line=10)):
            assert each.refusal == "550 5.6.0 a line is longer than the 10 octets that are taken"
            assert each.is_done

    def test_an_endless_line_takes_no_memory(self) -> None:
        """It is refused before its end comes, and nothing is kept of it."""
        gauge = Gauge(ServerLimits(line=1_000, held=100_000))
        each = body(*[b"x" * 1_000] * 100, gauge=gauge)

        assert each.refusal.startswith("550 5.6.0 a line is longer")
        assert each.octets == b""
        assert gauge.hold(100_000)

    def test_an_endless_message_takes_no_memory(self) -> None:
        """It is read to its end, and not kept."""
        gauge = Gauge(ServerLimits(size=1_000, held=100_000))
        each = body(*[b"x" * 98 + b"\r\n"] * 100, gauge=gauge)

        assert each.refusal.startswith("552 5.3.4")
        assert gauge.hold(100_000)

    def test_no_more_is_held_than_may_be(self) -> None:
        """Who comes too late may come again, when the others have let go."""
        gauge = Gauge(ServerLimits(held=150_000))
        text = b"x" * 98 + b"\r\n"
        first, second = body(text, gauge=gauge), body(text, gauge=gauge)

        third = body(text, gauge=gauge)

        assert (first.refusal, second.refusal) == ("", "")
        assert third.refusal.startswith("452 4.3.1 too much mail is on its way now")
        first.let_go()
        first.let_go()
        assert body(text, gauge=gauge).refusal == ""
        assert body(text, gauge=gauge).refusal != ""

    def test_a_large_message_is_held_whole(self) -> None:
        """In steps, and in pieces that are larger."""
        gauge = Gauge(ServerLimits(held=1_000_000))
        each = body(*[(b"x" * 98 + b"\r\n") * 1_000] * 3, gauge=gauge)

        assert each.refusal == ""
        assert not gauge.hold(710_000)
        assert gauge.hold(500_000)

    def test_another_may_hold_it_further(self) -> None:
        """It was handed on, and is there until that is done, whatever becomes of the client."""
        gauge = Gauge(ServerLimits(held=70_000))
        each = body(b"text\r\n.\r\n", gauge=gauge)

        let_go = each.handed_on()
        each.let_go()

        assert not gauge.hold(70_000)
        let_go()
        assert gauge.hold(70_000)


class TestBeginning:
    @pytest.mark.parametrize("text", [b" half a field\r\n", b"\thalf\r\n"], ids=["hostile-space", "hostile-tab"])
    def test_half_a_field_is_refused(self, text: bytes) -> None:
        """RFC 5322, section 2.2.3: behind the trace it would be more of that, and so changed."""
        for each in (body(text + b".\r\n"), body(*cut(text + b".\r\n", [*range(30)]))):
            assert each.is_done
            assert each.refusal.startswith("550 5.6.0 the message begins with a blank")

    def test_with_nothing_in_front_it_is_taken(self) -> None:
        """As a catcher of mail takes it."""
        each = Body(Gauge(ServerLimits()), b"")
        each.feed(b" half a field\r\n.\r\n")

        assert (each.refusal, each.octets) == ("", b" half a field\r\n")
