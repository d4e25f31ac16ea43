"""What a server says, put together from octets."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero.smtp.replies import GarbageError, Reply, ReplyReader


def read(octets: bytes, *, size: int = 1 << 20) -> tuple[list[Reply], str]:
    """The replies in *octets*, which come *size* at a time; and why there are no more, if they are garbage."""
    reader, replies = ReplyReader(), []
    for place in range(0, len(octets), size):
        reader.feed(octets[place : place + size])
        try:
            while reply := reader.take():
                replies.append(reply)
        except GarbageError as error:
            return replies, str(error)
    return replies, ""


class TestReading:
    @pytest.mark.parametrize(
        ("octets", "reply"),
        [
            pytest.param(b"250 ok\r\n", Reply(250, ("ok",)), id="usual-one-line"),
            pytest.param(b"250-one\r\n250-\r\n250 three\r\n", Reply(250, ("one", "", "three")), id="usual-many"),
            pytest.param(b"250\r\n", Reply(250, ("",)), id="odd-no-text"),
            pytest.param(b"250 \r\n", Reply(250, ("",)), id="odd-no-text-but-a-space"),
            pytest.param(b"250-one\r\n250\r\n", Reply(250, ("one", "")), id="odd-last-line-bare"),
            pytest.param(b"250 ok\n", Reply(250, ("ok",)), id="odd-line-feed-alone"),
            pytest.param("250 größer\r\n".encode(), Reply(250, ("größer",)), id="odd-utf-8"),
            pytest.param("550 größer\r\n".encode("latin-1"), Reply(550, ("größer",)), id="odd-latin-1"),
            pytest.param(b"299 \t two  \r\n", Reply(299, ("\t two  ",)), id="odd-white-space"),
        ],
    )
    def test_a_reply_is_a_code_and_lines(self, octets: bytes, reply: Reply) -> None:
        """RFC 5321, section 4.2.1: three digits, a hyphen on each line but the last, text."""
        assert read(octets) == ([reply], "")

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(b"hello\r\n", id="odd-no-code"),
            pytest.param(b"\r\n", id="odd-nothing"),
            pytest.param(b"250ok\r\n", id="odd-no-space"),
            pytest.param(b"150 ok\r\n", id="odd-1yz"),
            pytest.param(b"600 ok\r\n", id="odd-6yz"),
            pytest.param(b"250-one\r\n251 two\r\n", id="odd-two-codes"),
            pytest.param(b"250 o\rk\r\n", id="hostile-return-in-it"),
            pytest.param(b"\xd9\xa2\xd9\xa5\xd9\xa0 ok\r\n", id="hostile-digits-of-another-script"),
            pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="odd-another-protocol"),
            pytest.param(b"250 " + b"x" * 5_000 + b"\r\n", id="hostile-long-line"),
            pytest.param(b"250 " + b"x" * 5_000, id="hostile-line-without-end"),
            pytest.param(b"250-\r\n" * 100_000, id="hostile-lines-without-end"),
            pytest.param(b"250-" + b"x" * 4_000 + b"\r\n" * 2, id="hostile-lines-and-nothing"),
        ],
    )
    def test_garbage_is_no_reply(self, octets: bytes) -> None:
        """What follows cannot be understood, so nothing is read from it; and no line fills the memory."""
        replies, problem = read(octets)

        assert replies == []
        assert problem

    def test_what_was_said_before_garbage_holds(self) -> None:
        """Whether they come together is chance; the first may say that a message was taken."""
        assert read(b"250 taken\r\n\x15\x03\x01\r\n250 no\r\n")[0] == [Reply(250, ("taken",))]

    def test_garbage_stays(self) -> None:
        """Nobody is in step again by luck."""
        reader = ReplyReader()
        reader.feed(b"!\r\n")

        assert reader.feed(b"250 ok\r\n")
        assert not reader.is_idle
        for _ in range(2):
            with pytest.raises(GarbageError):
                reader.take()

    def test_enough_is_a_reply_or_the_end(self) -> None:
        """A wire reads on until then."""
        reader = ReplyReader()

        assert [reader.feed(octets) for octets in (b"25", b"0-a\r\n", b"250 b\r", b"\n", b"")] == [
            False,
            False,
            False,
            True,
            True,
        ]
        assert reader.is_closed

    def test_idle_is_nothing_left(self) -> None:
        """A part of a reply is something that was not asked for, too."""
        reader = ReplyReader()
        states = [reader.is_idle]
        for octets in b"25", b"0-a\r\n", b"250 b\r\n":
            reader.feed(octets)
            states.append(reader.is_idle)
        reader.take()

        assert [*states, reader.is_idle] == [True, False, False, False, True]

    def test_octet_by_octet_takes_no_longer_than_it_must(self) -> None:
        """SECURITY: a server that says its most, an octet at a time."""
        octets = (b"250-" + b"x" * 4_000 + b"\r\n") * 16 + b"250 x\r\n"
        start = time.process_time()

        replies, _ = read(octets, size=1)

        assert len(replies[0].lines) == 17
        assert time.process_time() - start < 1


class TestMeaning:
    @pytest.mark.parametrize(
        ("reply", "enhanced", "text"),
        [
            pytest.param(Reply(250, ("2.1.5 ok",)), "2.1.5", "ok", id="usual"),
            pytest.param(Reply(550, ("5.1.1 no", "5.1.1 one")), "5.1.1", "no one", id="usual-on-each-line"),
            pytest.param(Reply(550, ("5.1.1", "who")), "5.1.1", "who", id="odd-alone-on-a-line"),
            pytest.param(Reply(550, ("5.1.1 no", "5.1.10 of", "5.1.1")), "5.1.1", "no 5.1.10 of", id="odd-longer"),
            pytest.param(Reply(250, ("ok",)), "", "ok", id="usual-none"),
            pytest.param(Reply(550, ("2.1.5 ok",)), "", "2.1.5 ok", id="odd-another-class"),
            pytest.param(Reply(554, ("5.7.1.2 x",)), "", "5.7.1.2 x", id="odd-an-address"),
            pytest.param(Reply(554, ("5.7.1234 x",)), "", "5.7.1234 x", id="odd-too-many-digits"),
            pytest.param(Reply(250, ("", "two")), "", "two", id="odd-empty-line"),
        ],
    )
    def test_the_enhanced_code_is_told_from_the_text(self, reply: Reply, enhanced: str, text: str) -> None:
        """RFC 2034, section 4: at the beginning of each line, of the class of the reply code."""
        assert (reply.enhanced, reply.text) == (enhanced, text)

    @pytest.mark.parametrize(
        ("code", "is_positive", "is_temporary"),
        [(200, True, False), (299, True, False), (354, False, False), (421, False, True), (550, False, False)],
    )
    def test_the_first_digit_says_what_it_means(self, code: int, is_positive: bool, is_temporary: bool) -> None:
        """RFC 5321, section 4.2.1."""
        reply = Reply(code, ("",))

        assert (reply.is_positive, reply.is_temporary) == (is_positive, is_temporary)

    @pytest.mark.parametrize(
        ("code", "text", "seconds"),
        [
            pytest.param(450, "4.2.0 Greylisted for 300 seconds", 300, id="usual"),
            pytest.param(451, "greylisted, try again in 5 minutes", 300, id="usual-minutes"),
            pytest.param(451, "wait 60s", 60, id="usual-short"),
            pytest.param(451, "later", None, id="usual-not-said"),
            pytest.param(550, "blocked for 300 seconds", None, id="odd-for-good"),
            pytest.param(451, "for 99999 minutes", None, id="hostile-months"),
            pytest.param(451, "9" * 4_000 + " seconds", None, id="hostile-long"),
        ],
    )
    def test_a_server_may_say_when(self, code: int, text: str, seconds: float | None) -> None:
        """Greylisting often does, and whoever comes back earlier is sent away again."""
        assert Reply(code, (text,)).retry_after == seconds

    def test_replies_are_values(self) -> None:
        """Equal by meaning."""
        assert Reply(250, ("ok",)) == Reply(250, ("ok",))
        assert hash(Reply(250, ("ok",))) == hash(Reply(250, ("ok",)))


_texts = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
_replies = st.builds(Reply, st.integers(200, 599), st.lists(_texts, min_size=1, max_size=4).map(tuple))


def _written(reply: Reply) -> bytes:
    *lines, last = reply.lines
    return "".join([*(f"{reply.code}-{line}\r\n" for line in lines), f"{reply.code} {last}\r\n"]).encode()


@given(st.lists(_replies), st.sampled_from([b"", b"!\r\n", b"250", b"250-a\r\n"]), st.integers(1, 9))
def test_replies_are_read_the_same_however_they_are_cut(replies: list[Reply], end: bytes, size: int) -> None:
    """TCP keeps octets in order, and nothing else."""
    octets = b"".join(map(_written, replies)) + end

    assert read(octets, size=size) == read(octets)
    assert read(octets)[0] == replies


@given(st.binary(max_size=200), st.integers(1, 9))
def test_nothing_raises_on_any_octets(octets: bytes, size: int) -> None:
    """A server may say anything; at worst it is garbage, and that in one way."""
    assert read(octets, size=size) == read(octets)
