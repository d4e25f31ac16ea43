"""Writing a message: to octets, to text, to a file, in chunks, and for people to look at."""

from __future__ import annotations

import base64
import email.policy
import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from mimekit import BadValue, FileManager, MIMEMessage, MIMEPart, parse, policy
from tests import strategies
from tests.laws import work
from tests.trees import leaf, multipart

LF = policy.default.replace(linesep="\n")


def built() -> MIMEMessage:
    """A message with a text, a page and a file, all of it composed."""
    message = MIMEMessage()
    message["Subject"] = "grüße"
    message.set_content("hällo\n")
    message.add_alternative("<p>hällo\n", "html")
    message.add_attachment(b"a\r\nb\n", "application", "pdf", filename="ü.pdf")
    return message


class TestWays:
    @given(strategies.built_messages())
    def test_every_way_gives_the_same_octets(self, message: MIMEMessage) -> None:
        """Same message, same bytes: whole, in chunks, into a file, and a second time."""
        file = io.BytesIO()

        message.write_to(file)

        octets = bytes(message)
        assert octets == message.as_bytes() == b"".join(message.iter_bytes()) == file.getvalue() == message.source

    def test_every_way_takes_a_policy(self) -> None:
        """``policy=`` for one writing; the message keeps its own."""
        message, file = built(), io.BytesIO()

        message.write_to(file, policy=LF)

        octets = message.as_bytes(policy=LF)
        assert octets == b"".join(message.iter_bytes(policy=LF)) == file.getvalue()
        assert message.policy is policy.default
        assert b"\r" not in octets
        assert octets == bytes(message).replace(b"\r\n", b"\n")

    def test_a_narrower_policy_encodes_what_another_left_8bit(self) -> None:
        """RFC 6152, section 1: a server that does not say 8BITMIME takes none."""
        message = MIMEMessage(policy=policy.SMTPUTF8).set_content("grüße")
        message.add_attachment("zwölf", filename="a.txt")

        narrow = message.as_bytes(policy=policy.SMTP)

        assert narrow.isascii()
        assert not bytes(message).isascii()
        assert [part.get_content() for part in parse(narrow).parts] == ["grüße", "zwölf"]

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(parse(b"Subject: x\n\ncaf\xc3\xa9\n"), id="received"),
            pytest.param(MIMEMessage().set_content("grüße", cte="8bit"), id="asked for"),
            pytest.param(
                MIMEMessage(policy=policy.SMTPUTF8).set_content(
                    [MIMEPart(policy=policy.SMTPUTF8).set_content(word) for word in ("grüße", "=")], "signed"
                ),
                id="signed",
            ),
        ],
    )
    def test_what_is_not_the_policys_stays_8bit(self, message: MIMEMessage) -> None:
        """What was received, signed or asked for is written as it is."""
        assert message.as_bytes(policy=policy.SMTP) == bytes(message)
        assert not bytes(message).isascii()

    def test_nothing_is_written_of_what_cannot_be(self) -> None:
        """RFC 6531, section 3.3: a part deep inside may need SMTPUTF8."""
        message = MIMEMessage(policy=policy.SMTPUTF8).set_content("x")
        inner = MIMEMessage(policy=policy.SMTPUTF8).set_content("y")
        inner["To"] = "jürgen@example.org"
        message.add_attachment(inner)
        file = io.BytesIO()

        with pytest.raises(BadValue, match="SMTPUTF8"):
            message.write_to(file, policy=policy.SMTP)

        assert file.getvalue() == b""

    def test_large_content_is_written_in_chunks(self) -> None:
        """No second copy of a file is made to write it."""
        message = MIMEMessage().set_content(bytes(3_000_000), "application", "pdf")

        sizes = [len(chunk) for chunk in message.iter_bytes()]

        assert max(sizes) < 1_500_000
        assert parse(bytes(message)).octets == bytes(3_000_000)

    def test_a_large_message_is_written_in_pieces(self) -> None:
        """Neither the whole nor a part of it is copied at once; `bytes` gives the source itself."""
        source = multipart("mixed", leaf("text/plain"), leaf("text/plain", "y" * 3_000_000))
        untouched, edited, alone = parse(source), parse(source), parse(source).parts[1]
        edited.parts[0]["X-New"] = "a"

        for message in (untouched, edited, alone):
            assert max(map(len, message.iter_bytes())) <= 1 << 20
            assert b"".join(message.iter_bytes()) == bytes(message)
        assert bytes(untouched) is source

    @pytest.mark.parametrize("cte", ["base64", "quoted-printable", "8bit"])
    def test_writing_large_content_takes_little_memory(self, cte: str) -> None:
        """Beside the content, which is there already: a piece and what it is encoded as."""
        message = MIMEMessage().set_content(("ü" * 30 + "\n") * 200_000, cte=cte)

        with open(os.devnull, "wb") as nowhere, work.peak_memory() as memory:  # noqa: PTH123 -- as people do
            message.write_to(nowhere)

        assert memory.peak < 10_000_000

    def test_a_large_body_behind_an_edited_header_is_written_in_chunks(self) -> None:
        """Only the header is new, and the body need not be in memory twice."""
        message = parse(b"Subject: x\n\n" + b"line\n" * 1_000_000)
        message["Subject"] = "y"

        chunks = list(message.iter_bytes())

        assert max(map(len, chunks)) <= 1 << 20
        assert b"".join(chunks) == b"Subject: y\n\n" + b"line\n" * 1_000_000

    def test_a_part_is_written_on_its_own(self) -> None:
        """Each entity is octets of its own."""
        message = parse(multipart("mixed", leaf("text/html", "h", "X-Y:  z"), leaf("image/png")))

        assert bytes(message.parts[0]) == leaf("text/html", "h", "X-Y:  z")


class TestLineEnds:
    def test_what_is_composed_has_crlf(self) -> None:
        """RFC 5322, section 2.1: each line ends in CRLF; `bytes` gives what goes on the wire."""
        octets = bytes(built())

        assert octets.count(b"\n") == octets.count(b"\r") == octets.count(b"\r\n")

    @pytest.mark.parametrize("eol", [b"\n", b"\r\n"])
    def test_what_was_parsed_keeps_its_own(self, eol: bytes) -> None:
        """Whatever the policy says: an untouched message is its octets."""
        source = multipart("mixed", leaf("text/html"), leaf("image/png")).replace(b"\n", eol)
        message = parse(source)

        assert message.as_bytes(policy=policy.SMTP) == message.as_bytes(policy=LF) == source

        message["X-New"] = "a"

        assert message.as_bytes(policy=policy.SMTP).count(b"\n") == message.as_bytes().count(eol)

    def test_the_most_used_line_end_is_taken(self) -> None:
        """What is added to a mixture takes the one it uses most."""
        message = parse(b"A: b\r\nC: d\n\nx\ny\n")

        message["E"] = "f"

        assert bytes(message) == b"A: b\r\nC: d\nE: f\n\nx\ny\n"


class TestText:
    def test_as_string_has_newlines(self) -> None:
        r"""What you build is written with ``\n`` by ``as_string()``."""
        text = built().as_string()

        assert "\r" not in text
        assert text == built_text(text)

    def test_it_takes_a_policy(self) -> None:
        """For one who wants CRLF in a `str`."""
        message = MIMEMessage().set_content("a\nb")

        assert "a\r\nb" in message.as_string(policy=policy.SMTP)

    @given(strategies.anything())
    def test_str_never_raises_wild_19(self, octets: bytes) -> None:
        """Every message can be written to bytes and to str, whatever was parsed; octets of nothing are U+FFFD."""
        message = parse(octets)

        assert str(message) == message.as_string() == octets.decode("utf-8", "replace")
        assert bytes(message) == octets

    @given(strategies.built_messages())
    def test_what_was_built_can_be_printed_wild_24(self, message: MIMEMessage) -> None:
        """``print(msg)`` and ``as_string()`` never raise; ``bytes()`` is the same, save line ends."""
        assert str(message) == message.as_bytes(policy=LF).decode("utf-8", "replace")

    @pytest.mark.parametrize("option", [policy.default, policy.SMTPUTF8, policy.default.replace(cte_type="8bit")])
    def test_8bit_text_can_be_printed_wild_24(self, option: policy.Policy) -> None:
        """People see what it says, where it is not encoded."""
        message = MIMEMessage(policy=option).set_content("grüße")

        assert ("grüße" in str(message)) is (option.cte_type == "8bit")

    @pytest.mark.parametrize("octets", [b"\xff", b"a\xe9b", b"\xc3", b"\xed\xa0\x80"])
    def test_octets_of_no_text_are_shown_so_wild_24(self, octets: bytes) -> None:
        """``as_string()`` shows octets that decode to nothing as U+FFFD."""
        message = parse(b"Content-Type: text/plain; charset=latin-1\n\n" + octets)

        assert "\ufffd" in str(message)


def built_text(text: str) -> str:
    """*text* read and written again."""
    return parse(text.encode("ascii")).as_string()


class TestBoundaries:
    def test_a_boundary_is_chosen_once(self) -> None:
        """Same message, same bytes: writing twice is writing once."""
        message = built()
        first = bytes(message)

        second = bytes(message)

        assert first == second

    def test_what_is_quoted_in_a_part_does_not_end_it(self) -> None:
        """A message that holds another one's octets as text is still read for what it is."""
        inner = built()
        message = MIMEMessage().set_content(inner.as_string())
        message.make_mixed(inner.get_boundary())

        read = parse(bytes(message))

        assert len(read.parts) == 1
        assert read.parts[0].get_content() == inner.as_string()


def test_what_holds_nothing_can_be_written() -> None:
    """An empty message is an empty header."""
    assert bytes(MIMEMessage()) == b"\r\n"
    assert str(MIMEPart()) == "\n"


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("f.eml", id="a path as text"),
        pytest.param(Path("f.eml"), id="a path"),
        pytest.param(io.StringIO(), id="a file of text"),
        pytest.param(io.BufferedReader(io.BytesIO()), id="a file open for reading"),
        pytest.param(object(), id="no file"),
    ],
)
def test_what_takes_no_octets_is_refused(file: Any) -> None:
    """A caller's mistake says what was expected and found."""
    with pytest.raises(BadValue, match=rf"write_to\(\) expects .*'wb'\), not {type(file).__name__}"):
        built().write_to(file)


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param("SMTP", id="its name"),
        pytest.param(email.policy.SMTP, id="the standard library's"),
        pytest.param(0, id="a number"),
    ],
)
@pytest.mark.parametrize("way", ["as_bytes", "as_string", "iter_bytes"])
def test_what_is_no_policy_is_refused(way: str, chosen: object) -> None:
    """The standard library's policies look alike, and mean other things."""
    with pytest.raises(BadValue, match=f"expected a mimekit Policy.* found {type(chosen).__name__}"):
        getattr(built(), way)(policy=chosen)


class TestSize:
    """How large it is, before it is written."""

    @pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 114, 57 * 1_024, 57 * 1_024 + 1])
    @pytest.mark.parametrize("linesep", ["\r\n", "\n"])
    def test_base64_is_reckoned(self, size: int, linesep: str) -> None:
        """RFC 2045, section 6.8: four characters for three octets, and 76 on a line."""
        message = MIMEMessage().set_content("x")
        message.add_attachment(bytes(size), "image", "png", cte="base64")
        policy = message.policy.replace(linesep=linesep)

        assert message.written_size(policy=policy) == len(message.as_bytes(policy=policy))

    def test_what_stands_encoded_in_another_is_encoded(self) -> None:
        """An edited message in base64 in a message: how long that is depends on all of it."""
        inner = b"Content-Type: text/plain\n\nhello\n"
        source = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        message = parse(source + base64.encodebytes(inner))
        message.parts[0].set_content(b"abc", "image", "png")

        assert message.written_size() == len(bytes(message))

    def test_a_file_is_not_read_for_it(self, tmp_path: Path) -> None:
        """A gigabyte has a size before anybody has read it."""
        path = tmp_path / "huge.bin"
        with path.open("wb") as file:
            file.truncate(1 << 30)
        message = MIMEMessage().set_content("x")
        message.add_attachment(path, content_manager=FileManager)

        assert message.written_size() > (1 << 30) * 4 // 3
