"""The lines and the text that a client sends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero.servers._reader import Reader

if TYPE_CHECKING:
    from collections.abc import Coroutine

_LIMIT = 64


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What it gives, in a loop of its own."""
    return asyncio.run(coroutine)


def stream(*pieces: bytes, ended: bool = True) -> asyncio.StreamReader:
    """A stream that holds these; it needs a running loop."""
    made = asyncio.StreamReader(limit=_LIMIT)
    for piece in pieces:
        made.feed_data(piece)
    if ended:
        made.feed_eof()
    return made


async def lines(octets: bytes) -> list[bytes]:
    """All that are read of *octets*."""
    reader, found = Reader(stream(octets)), []
    while True:
        try:
            found.append(await reader.readuntil())
        except asyncio.CancelledError:
            return found


class TestLines:
    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            pytest.param(b"NOOP\r\nQUIT\r\n", [b"NOOP\r\n", b"QUIT\r\n"], id="usual"),
            pytest.param(b"NOOP\r\nQUIT", [b"NOOP\r\n"], id="usual-half-a-line"),
            pytest.param(b"\r\n", [b"\r\n"], id="odd-empty"),
            pytest.param(b"NOOP\nQUIT\r\nRSET\r\n", [b"\r\n", b"RSET\r\n"], id="hostile-lf"),
            pytest.param(b"NOOP\nRSET\nQUIT\r\n", [b"\r\n"], id="hostile-lf-twice"),
            pytest.param(b"NOOP\rQUIT\r\nRSET\r\n", [b"\r\n", b"RSET\r\n"], id="hostile-cr"),
            pytest.param(b"NOOP\r\r\nRSET\r\n", [b"\r\n", b"RSET\r\n"], id="hostile-cr-at-end"),
            pytest.param(b"NOOP\n.\r\nRSET\r\n", [b"\r\n", b"RSET\r\n"], id="hostile-dot"),
            pytest.param(b"NOOP\n", [b"\r\n"], id="odd-lf-alone"),
        ],
    )
    def test_a_line_ends_in_crlf_and_nothing_else_does(self, octets: bytes, expected: list[bytes]) -> None:
        """RFC 5321, section 2.3.8: what follows a lone CR or LF is no command, and nothing on that line is."""
        assert run(lines(octets)) == expected

    @given(st.lists(st.sampled_from([b"NOOP", b"\r", b"\n", b"\r\n", b"."]), max_size=12))
    def test_no_command_comes_out_of_the_middle_of_a_line(self, pieces: list[bytes]) -> None:
        """Each line that is given is one between two CRLFs, whole."""
        octets = b"".join(pieces)
        between = octets.split(b"\r\n")[:-1]

        for line in run(lines(octets)):
            assert line == b"\r\n" or line.removesuffix(b"\r\n") in between

    @pytest.mark.parametrize("size", [_LIMIT + 1, _LIMIT * 2, _LIMIT * 5 + 3])
    @pytest.mark.parametrize("end", [b"\r\n", b"\nNOOP\r\n", b"\rNOOP\r\n"])
    def test_one_that_is_too_long_is_none(self, size: int, end: bytes) -> None:
        """It is read to its end, however it comes, and the next one is another one."""
        octets = b"x" * size + end + b"RSET\r\n"

        async def main(step: int) -> list[bytes]:
            source = stream(ended=False)
            reader, lines = Reader(source), []
            task = asyncio.create_task(reader.readuntil())
            for place in range(0, len(octets), step):
                source.feed_data(octets[place : place + step])
                await asyncio.sleep(0)
            lines.append(await task)
            return [*lines, await reader.readuntil()]

        assert {tuple(run(main(step))) for step in (1, 7, 64, 65, 500)} == {(b"\r\n", b"RSET\r\n")}


class TestText:
    def test_it_comes_as_it_is_there(self) -> None:
        """What was read too much comes again, in front of the rest."""

        async def main() -> list[bytes]:
            reader = Reader(stream(b"text\r\n", b"more"))
            found = [await reader.read(100)]
            reader.put_back(b"NOOP\r\nRSET\r\nrest ")
            found += [await reader.readuntil(), await reader.readuntil(), await reader.read(100)]
            return found

        assert run(main()) == [b"text\r\nmore", b"NOOP\r\n", b"RSET\r\n", b"rest "]

    def test_at_its_end_nobody_is_left(self) -> None:
        """The task is over."""

        async def main() -> None:
            with pytest.raises(asyncio.CancelledError):
                await Reader(stream()).read(100)

        run(main())

    def test_many_lines_behind_a_text_take_no_time(self) -> None:
        """A client that sends a hundred thousand is no burden."""

        async def main() -> int:
            reader = Reader(stream(b"", ended=False))
            reader.put_back(b"\r\n" * 100_000)
            for _ in range(100_000):
                await reader.readuntil()
            return 1

        assert run(asyncio.wait_for(main(), 5)) == 1


class TestTLS:
    def test_what_was_said_before_it_is_forgotten(self) -> None:
        """RFC 3207, section 4.2: half a line of it, too."""

        async def main() -> bytes:
            source = stream(b"MAIL\nFROM", ended=False)
            reader = Reader(source)
            await reader.readuntil()
            reader.clear()
            source.feed_data(b"NOOP\r\n")
            return await reader.readuntil()

        assert run(main()) == b"NOOP\r\n"

    def test_it_is_for_the_stream_what_the_session_takes_it_for(self) -> None:
        """The transport of TLS is set there by aiosmtpd, which empties what is held."""

        async def main() -> None:
            source = stream(b"NOOP\r\n")
            reader = Reader(source)
            transport = object()
            reader._transport = transport
            reader._buffer.clear()

            assert source._transport is reader._transport is transport  # type: ignore[attr-defined]
            assert source.at_eof()

        run(main())
