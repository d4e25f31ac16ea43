"""mimekit._writer: entity to octets."""

from __future__ import annotations

import base64
import copy
import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mimekit import BadValue, MIMEMessage, MIMEPart, _writer, parse, policy, transfer
from mimekit.entity import Content
from tests.strategies import bodies
from tests.strategies import octets as some_octets

MULTIPART = b"Content-Type: multipart/mixed; boundary=B\n\n"


def rewritten(octets: bytes) -> bytes:
    """*octets* parsed, with a field set and dropped in every part, and written."""
    message = parse(octets)
    for part in list(message.walk()):
        part["X-Mark"] = "x"
        del part["X-Mark"]
    return bytes(message)


def part_of(message: MIMEPart, *path: int) -> MIMEPart:
    """The part that stands at *path* below *message*."""
    for place in path:
        message = message.parts[place]
    return message


class TestUntouched:
    """What was received and not edited."""

    @pytest.mark.parametrize("octets", [b"", b"A: b\r\n\r\nc\n", b"A: b", MULTIPART + b"--B\n\nc\n--B--\n"])
    def test_it_is_copied_unread(self, octets: bytes) -> None:
        """Its line ends concern nobody: of a file that is mapped, counting them would read all of it at once."""
        message = parse(octets)

        assert b"".join(message.iter_bytes()) == b"".join(message.iter_bytes(policy=policy.SMTPUTF8)) == octets
        assert message._whole is not None
        assert message._whole.source._form is None

    def test_a_part_of_it_is_copied_too(self) -> None:
        """From where it begins to where it ends."""
        [part] = parse(MULTIPART + b"--B\nA: b\n\nc\n--B--\n").parts

        assert b"".join(part.iter_bytes()) == b"A: b\n\nc"


class TestHead:
    """Header blocks with something new in them."""

    @pytest.mark.parametrize(
        ("octets", "expected"),
        [
            pytest.param(b"A: b\r\n\r\nc", b"A: b\r\nX: y\r\n\r\nc", id="usual: CRLF"),
            pytest.param(b"A: b\n\nc", b"A: b\nX: y\n\nc", id="usual: LF"),
            pytest.param(b"A: b\r\rc", b"A: b\rX: y\r\rc", id="odd: CR alone"),
            pytest.param(b"A: b\r\r\n\r\r\nc", b"A: b\r\r\nX: y\r\n\r\r\nc", id="odd: CR CR LF"),
            pytest.param(b"A: b\r\nC: d\n\ne\n", b"A: b\r\nC: d\nX: y\n\ne\n", id="odd: both"),
            pytest.param(b"A: b\n", b"A: b\nX: y\n", id="odd: no empty line"),
            pytest.param(b"A: b", b"A: b\r\nX: y\r\n", id="odd: no line end"),
            pytest.param(b"A: b\nC: d", b"A: b\nC: d\nX: y\n", id="odd: no last line end"),
            pytest.param(b"", b"X: y\r\n", id="odd: nothing"),
            pytest.param(b"\nc", b"X: y\n\nc", id="odd: no field"),
            pytest.param(b"\n", b"X: y\n\n", id="odd: nothing but an empty line"),
            pytest.param(b"A: b\njunk\nC: d\n\ne", b"A: b\njunk\nC: d\nX: y\n\ne", id="odd: a stray line"),
            pytest.param(b"A: b\nhello\n", b"A: b\nX: y\nhello\n", id="odd: the body behind a missing empty line"),
            pytest.param(b"hello: no\0\nhello", b"hello: no\0\nX: y\nhello", id="odd: NUL"),
            pytest.param(b"hello", b"X: y\r\n\r\nhello", id="hostile: no header at all"),
            pytest.param(b" A: b\n", b"X: y\n\n A: b\n", id="hostile: what would continue the new field"),
            pytest.param(b"A: b\nC: d\r", b"A: b\nC: d\r\nX: y\n", id="hostile: a lone CR at the end"),
            pytest.param(b"A: b\r", b"A: b\rX: y\r", id="hostile: a lone CR and nothing else"),
            pytest.param(b"\xef\xbb\xbfA: b\n\nc", b"\xef\xbb\xbfA: b\nX: y\n\nc", id="hostile: a byte order mark"),
        ],
    )
    def test_a_new_field_touches_nothing_else_wild_02(self, octets: bytes, expected: bytes) -> None:
        """After setting one field every other octet is the source's own, a line end completed behind it aside."""
        message = parse(octets)

        message["X"] = "y"

        assert bytes(message) == expected
        assert (parse(expected)["x"], parse(expected).octets) == ("y", parse(octets).octets)

    @pytest.mark.parametrize(
        "octets",
        [
            pytest.param(MULTIPART + b"--B\n\none\n--B\n\ntwo\n--B--\n", id="usual"),
            pytest.param(MULTIPART + b"pre\n--B \n--B\n\ntwo\n--B--  \nepi", id="odd: padding, an empty part"),
            pytest.param(MULTIPART.replace(b"\n", b"\r") + b"--B\r\rone\r--B--", id="odd: CR alone"),
            pytest.param(MULTIPART + b"--B\r\n\none\r\n\n--B\r\n\r\r\ntwo\n--B", id="hostile: mixed, no end"),
            pytest.param(
                b"Content-Type: message/rfc822\n\n" + MULTIPART + b"--B\nA: b\r\n\nx\r", id="hostile: a lone CR"
            ),
        ],
    )
    def test_an_edit_undone_leaves_every_octet(self, octets: bytes) -> None:
        """What is written piece by piece is what stood there."""
        assert rewritten(octets) == octets

    def test_a_byte_order_mark_stays_in_front_wild_12(self) -> None:
        """It is no part of the first field."""
        message = parse(b"\xef\xbb\xbfSubject: a\n\nb")

        message["Subject"] = "c"

        assert bytes(message) == b"\xef\xbb\xbfSubject: c\n\nb"

    def test_a_content_gets_the_empty_line_that_was_missing(self) -> None:
        """RFC 5322, section 2.1: the body is separated from the header section by an empty line."""
        message = parse(b"MIME-Version: 1.0\nSubject: a")

        message.set_content("b\n")

        assert bytes(message).startswith(b"MIME-Version: 1.0\nSubject: a\nContent-Type: text/plain")
        assert bytes(message).endswith(b"\n\nb\n")

    def test_a_composed_head_without_fields_is_an_empty_line(self) -> None:
        """RFC 2046, section 5.1: a body part without header fields begins with a blank line."""
        assert bytes(MIMEPart()) == b"\r\n"

    def test_what_the_policy_forbids_is_refused_wild_17(self) -> None:
        """A message made with SMTPUTF8 cannot be written without."""
        message = MIMEMessage(policy=policy.SMTPUTF8)
        message["To"] = "jürgen@example.org"

        with pytest.raises(BadValue):
            message.as_bytes(policy=policy.default)

        assert bytes(message) == "To: jürgen@example.org\r\n\r\n".encode()


class TestLineEnd:
    """The line end that what is composed takes."""

    @pytest.mark.parametrize(
        ("octets", "eol"),
        [
            pytest.param(b"A: b\r\n\r\n", b"\r\n", id="usual: CRLF"),
            pytest.param(b"A: b\n\n", b"\n", id="usual: LF"),
            pytest.param(b"A: b\r\r", b"\r", id="odd: CR alone"),
            pytest.param(b"", b"\r\n", id="odd: nothing"),
        ],
    )
    def test_what_was_parsed_keeps_its_own(self, octets: bytes, eol: bytes) -> None:
        """The policy's line end is for what is composed."""
        assert _writer.line_end(parse(octets), policy.default) == eol

    def test_what_is_added_takes_those_around_it(self) -> None:
        """A new part belongs to the message it stands in."""
        message = parse(MULTIPART + b"--B\n\none\n--B--\n")

        part = message.add_attachment("two\n", filename="a.txt")

        assert _writer.line_end(part, policy.default) == b"\n"
        assert b"\r" not in bytes(message)

    @pytest.mark.parametrize("linesep", ["\r\n", "\n"])
    def test_what_is_composed_takes_the_policys(self, linesep: str) -> None:
        """What you build is written with CRLF; ``policy.linesep`` changes it."""
        message = MIMEMessage(policy=policy.default.replace(linesep=linesep))
        message["Subject"] = "word " * 30
        message.set_content("one\ntwo\n")
        message.add_attachment(b"x" * 200, filename="a.bin", maintype="application", subtype="octet-stream")

        written = bytes(message)

        lines = written.count(b"\n")
        assert written.count(b"\r\n") == (lines if linesep == "\r\n" else 0)

    def test_an_attached_message_keeps_its_own(self) -> None:
        """Bytes and files come back octet for octet, and so does a message."""
        attached = parse(b"Subject: a\n\nb\n")
        message = MIMEMessage().set_content("see below\n")

        message.add_attachment(attached)

        assert b"\r\n\r\nSubject: a\n\nb\n\r\n--" in bytes(message)


class TestMultipart:
    """Parts among delimiters."""

    def test_a_composed_multipart(self) -> None:
        """RFC 2046, section 5.1.1: the CRLF in front belongs to the delimiter; the message ends with a line end."""
        message = MIMEMessage()
        message.set_content([MIMEPart().set_content("one"), MIMEPart().set_content("two\n")], "mixed", "B")

        assert bytes(message) == (
            b"Content-Type: multipart/mixed; boundary=B\r\n"
            b"MIME-Version: 1.0\r\n"
            b"\r\n"
            b"--B\r\n"
            b"Content-Type: text/plain; charset=us-ascii\r\n"
            b"Content-Transfer-Encoding: 7bit\r\n"
            b"\r\n"
            b"one\r\n"
            b"--B\r\n"
            b"Content-Type: text/plain; charset=us-ascii\r\n"
            b"Content-Transfer-Encoding: 7bit\r\n"
            b"\r\n"
            b"two\r\n"
            b"\r\n"
            b"--B--\r\n"
        )

    def test_a_composed_multipart_inside_another_ends_in_its_delimiter(self) -> None:
        """The line end behind it belongs to the delimiter that follows."""
        inner = MIMEPart().set_content([MIMEPart().set_content("one")], "mixed", "C")
        message = MIMEMessage().set_content([inner], "mixed", "B")

        assert bytes(message).endswith(b"one\r\n--C--\r\n--B--\r\n")

    def test_a_received_multipart_keeps_what_stands_around_its_parts_wild_01(self) -> None:
        """Preamble, epilogue, delimiters, padding, sibling parts: every other octet is the source's own."""
        octets = MULTIPART + b"preamble\n\n--B \t\n\none\n\n--B\n--B--  \nepilogue\n--B\nno part"
        message = parse(octets)

        part_of(message, 0)["X"] = "y"

        assert bytes(message) == octets.replace(b"\n--B \t\n\none", b"\n--B \t\nX: y\n\none")

    def test_an_added_part_stands_behind_the_last(self) -> None:
        """The delimiters that were there stay."""
        octets = MULTIPART + b"preamble\n--B  \n\none\n--B--  \nepilogue"
        message = parse(octets)

        message.attach(MIMEPart().set_content("two"))

        new = b"\n--B\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\ntwo"
        assert bytes(message) == octets.replace(b"one", b"one" + new)

    @pytest.mark.parametrize(
        ("place", "expected"),
        [
            pytest.param(0, b"preamble\n--B \n\ntwo\n--B--\t\nepilogue", id="the first"),
            pytest.param(1, b"preamble\n--B \n\none\n--B--\t\nepilogue", id="the last"),
        ],
    )
    def test_a_removed_part_takes_one_delimiter_with_it(self, place: int, expected: bytes) -> None:
        """The first delimiter stays, because no line end may stand in front of it."""
        message = parse(MULTIPART + b"preamble\n--B \n\none\n--B\n\ntwo\n--B--\t\nepilogue")

        message.remove(message.parts[place])

        assert bytes(message) == MULTIPART + expected

    def test_a_missing_close_delimiter_stays_missing_where_nothing_is_added_wild_01(self) -> None:
        """An edit touches what it edits."""
        octets = MULTIPART + b"--B\n\none\n--B\n\ntwo\n"
        message = parse(octets)

        part_of(message, 0)["X"] = "y"

        assert bytes(message) == octets.replace(b"--B\n\none", b"--B\nX: y\n\none")

    def test_a_multipart_gets_its_close_delimiter_with_a_new_part(self) -> None:
        """What is composed is valid: RFC 2046, section 5.1.1."""
        octets = MULTIPART + b"--B\n\none\n"
        message = parse(octets)

        message.attach(MIMEPart().set_content("two"))

        new = b"\n--B\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\ntwo\n--B--\n"
        assert bytes(message) == octets + new
        assert parse(bytes(message)).all_defects() == ()

    @pytest.mark.parametrize(
        ("body", "place", "expected"),
        [
            pytest.param(b"--B\n\none\n--B", 1, b"--B\n\none\n--B\nX: y\n", id="usual: the source ends in a delimiter"),
            pytest.param(b"--B\n\none\n--B\r", 1, b"--B\n\none\n--B\r\nX: y\n", id="odd: in a delimiter and a lone CR"),
            pytest.param(b"--B", 0, b"--B\nX: y\n", id="odd: nothing but a delimiter"),
            pytest.param(
                b"--B\n--B--", 0, b"--B\nX: y\n--B--", id="odd: an empty part, no line end in front of the next"
            ),
            pytest.param(b"--B\nA: b\n--B--", 0, b"--B\nA: b\nX: y\n--B--", id="odd: a header block without its end"),
            pytest.param(b"--B\nhello\n--B--", 0, b"--B\nX: y\n\nhello\n--B--", id="odd: no header block"),
        ],
    )
    def test_a_field_in_a_part_completes_the_line_before_it(self, body: bytes, place: int, expected: bytes) -> None:
        """A line end is completed where something is added behind it."""
        message = parse(MULTIPART + body)

        part_of(message, place)["X"] = "y"

        assert bytes(message) == MULTIPART + expected
        assert part_of(parse(bytes(message)), place)["x"] == "y"

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"--B\n\nold\n--B\n\ntwo\n--B--\n", id="usual"),
            pytest.param(b"--B\n--B\n\ntwo\n--B--\n", id="odd: the part was empty"),
            pytest.param(b"--B\n\n--B\n\ntwo\n--B--\n", id="odd: it was an empty line"),
            pytest.param(b"--B\nA: b\n--B\n\ntwo\n--B--\n", id="odd: its header block had no end"),
        ],
    )
    @pytest.mark.parametrize("content", ["new", "new\n", ""])
    def test_a_content_brings_the_line_end_its_delimiter_needs(self, body: bytes, content: str) -> None:
        """RFC 2046, section 5.1.1: a delimiter begins a line, and the line end in front is not content."""
        message = parse(MULTIPART + body)

        part_of(message, 0).set_content(content)

        first, second = parse(bytes(message)).parts
        assert (first.octets, second.octets) == (content.encode(), b"two")

    def test_a_lone_cr_at_the_end_of_content_stays_content(self) -> None:
        """It must not become half of the line end that belongs to the delimiter behind it."""
        message = parse(MULTIPART + b"--B\n\none\n--B\n\ntwo\n--B--\n")
        part = MIMEPart()
        part["Content-Transfer-Encoding"] = "binary"
        part.set_content(b"new\r", "application", "octet-stream", cte="binary")

        message.remove(message.parts[0])
        message.attach(part)
        message.attach(MIMEPart().set_content("last"))

        assert [part.octets for part in parse(bytes(message)).parts] == [b"two", b"new\r", b"last"]

    @pytest.mark.parametrize(
        "first",
        [
            pytest.param(b"", id="usual: nothing"),
            pytest.param(b"\n", id="usual: an empty line"),
            pytest.param(b"A: b\n", id="odd: a header block without its end"),
            pytest.param(b"Content-Type: message/rfc822\n\nA: b\n\n", id="odd: a message without a body"),
            pytest.param(MULTIPART.replace(b"=B", b"=C") + b"--C\n", id="odd: a multipart without its end"),
        ],
    )
    def test_an_untouched_part_brings_no_line_end_of_its_own(self, first: bytes) -> None:
        """A part that was empty, and ends in a header or an empty line, has no content to be set apart."""
        octets = MULTIPART + b"--B\n" + first + b"--B\n\ntwo\n--B--\n"
        message = parse(octets)

        part_of(message, 1)["X"] = "y"

        assert bytes(message) == octets.replace(b"--B\n\ntwo", b"--B\nX: y\n\ntwo")

    def test_a_multipart_inside_a_message_is_written_in_its_place(self) -> None:
        """message/rfc822: the message stands as it is, behind the empty line."""
        octets = b"Content-Type: message/rfc822\n\nSubject: a\n" + MULTIPART + b"--B\n\none\n--B--\n"
        message = parse(octets)

        part_of(message, 0, 0)["X"] = "y"

        assert bytes(message) == octets.replace(b"--B\n\none", b"--B\nX: y\n\none")

    @pytest.mark.parametrize(
        ("octets", "eol"),
        [
            pytest.param(b"Content-Type: message/rfc822\n", b"\n", id="odd: no empty line"),
            pytest.param(b"Content-Type: message/rfc822", b"\r\n", id="odd: no line end"),
        ],
    )
    def test_a_message_takes_the_empty_line_its_new_field_needs(self, octets: bytes, eol: bytes) -> None:
        """What now stands first in it must not be taken for a field of the part around it."""
        message = parse(octets)

        part_of(message, 0)["Subject"] = "a"

        assert bytes(message) == b"Content-Type: message/rfc822" + eol * 2 + b"Subject: a" + eol

    def test_deep_nesting_is_written_without_recursion_wild_16(self) -> None:
        """500 nested multiparts: no recursion."""
        octets = (
            b"".join(b"Content-Type: multipart/mixed; boundary=_%d\n\n--_%d\n" % (n, n) for n in range(500)) + b"\nx"
        )
        message = parse(octets)
        innermost = list(message.walk())[-1]

        innermost["X"] = "y"

        assert bytes(message) == octets[:-2] + b"X: y\n\nx"


class TestContent:
    """Leaves."""

    @pytest.mark.parametrize("size", [57 * 1_024 - 1, 57 * 1_024, 57 * 1_024 + 1, 57 * 1_024 * 2 + 100])
    def test_large_content_is_encoded_in_chunks(self, size: int) -> None:
        """RFC 2045, section 6.8: lines of 76, whichever way they were made."""
        content = bytes(range(256)) * (size // 256 + 1)
        part = MIMEPart().set_content(content[:size], "application", "octet-stream", cte="base64")

        body = b"".join(part.body_chunks())

        assert body == base64.encodebytes(content[:size]).replace(b"\n", b"\r\n").removesuffix(b"\r\n")

    @given(
        st.lists(
            st.sampled_from([b" ", b"\t", b"a", b"=", b"\xff", b"\r\n", b"\r", b"\n", b".", b"x" * 70, b"--"])
        ).map(lambda pieces: b"".join(pieces * 3)),
        st.sampled_from(["base64", "quoted-printable", "8bit", "binary"]),
        st.sampled_from([b"\r\n", b"\n"]),
        st.booleans(),
        st.integers(1, 4),
    )
    def test_pieces_do_not_show(self, octets: bytes, encoding: str, eol: bytes, text: bool, lines: int) -> None:
        """What is encoded piece by piece is what it would be in one piece, wherever it is cut."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_writer, "_CHUNK", 57 * lines)
            patch.setattr(_writer, "_PIECE", 7 * lines)

            written = b"".join(_writer._encoded(Content(octets, encoding, text=text), eol))

        assert written == transfer.encode(octets, encoding, linesep=eol, text=text)

    @given(st.lists(some_octets(), min_size=1, max_size=3))
    def test_octets_come_back_from_a_multipart_wild_20(self, contents: list[bytes]) -> None:
        """Bytes and files come back octet for octet, whatever stands around them."""
        message = parse(MULTIPART + b"--B\n\none\n--B--\n")

        for content in contents:
            message.attach(MIMEPart().set_content(content, "application", "octet-stream"))

        assert [part.octets for part in parse(bytes(message)).parts] == [b"one", *contents]

    def test_a_body_can_be_written_alone(self) -> None:
        """The octets behind the empty line."""
        message = parse(MULTIPART + b"pre\n--B\n\none\n--B--\nepi")

        untouched = b"".join(_writer.write_body(message, policy.default))
        part_of(message, 0)["X"] = "y"
        edited = b"".join(_writer.write_body(message, policy.default))

        assert (untouched, edited) == (b"pre\n--B\n\none\n--B--\nepi", b"pre\n--B\nX: y\n\none\n--B--\nepi")

    def test_nothing_has_no_body(self) -> None:
        """A message that nothing was put in."""
        assert b"".join(_writer.write_body(MIMEMessage(), policy.default)) == b""

    def test_a_composed_message_in_another_stands_as_it_is(self) -> None:
        """RFC 2046, section 5.2.1: a message/rfc822 is 7bit or 8bit."""
        attached = MIMEMessage()
        attached["Subject"] = "a"
        attached.set_content("b")
        part = MIMEPart().set_content(attached)

        assert bytes(part).endswith(b"\r\n\r\n" + bytes(attached))

    def test_writing_twice_gives_the_same(self) -> None:
        """Same message, same bytes."""
        message = MIMEMessage().set_content("a")
        message.add_attachment(b"b", filename="b.pdf")

        first, second = bytes(message), bytes(message)

        assert first == second == bytes(copy.copy(message))


class TestEncodedMessage:
    """A message/rfc822 that is transfer encoded, and edited."""

    HEAD = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: "

    @pytest.mark.parametrize("encoding", ["base64", "BASE64;", "quoted-printable"])
    def test_what_is_edited_in_it_is_encoded_again_wild_11(self, encoding: str) -> None:
        """An edit touches what it edits: its header says how it is encoded, and stays."""
        inner = b"Subject: caf=\nTo: x@example.org\n\nbody\n"
        body = quopri.encodestring(inner) if encoding.startswith("q") else base64.encodebytes(inner)
        octets = self.HEAD + encoding.encode() + b"\n\n" + body
        message = parse(octets)

        part_of(message, 0)["Subject"] = "new"
        written = bytes(message)

        assert written.startswith(self.HEAD + encoding.encode() + b"\n\n")
        again = part_of(parse(written), 0)
        assert (again.source, again["Subject"]) == (inner.replace(b"caf=", b"new"), "new")

    def test_one_in_another_is_encoded_twice_wild_11(self) -> None:
        """From the inside to the outside."""
        inner = self.HEAD + b"base64\n\n" + base64.encodebytes(b"Subject: a\n\nb\n")
        octets = self.HEAD + b"base64\n\n" + base64.encodebytes(inner)
        message = parse(octets)

        part_of(message, 0, 0)["X"] = "y"

        again = parse(bytes(message))
        assert part_of(again, 0, 0).source == b"Subject: a\nX: y\n\nb\n"
        assert part_of(again, 0).source.startswith(self.HEAD)

    def test_it_stands_among_others_wild_11(self) -> None:
        """What stands around it is the source's own."""
        wrapped = self.HEAD + b"base64\n\n" + base64.b64encode(b"Subject: a\n\nb\n")
        octets = MULTIPART + b"pre\n--B\n" + wrapped + b"\n--B \n\ntwo\n--B--\nepi"
        message = parse(octets)

        part_of(message, 0, 0)["X"] = "y"

        assert bytes(message) == octets.replace(
            base64.b64encode(b"Subject: a\n\nb\n"), base64.b64encode(b"Subject: a\nX: y\n\nb\n")
        )

    def test_an_unedited_one_is_not_encoded_again_wild_11(self) -> None:
        """Its lines are as long as they were."""
        octets = self.HEAD + b"base64\n\n" + base64.b64encode(b"Subject: a\n\n" + b"b" * 100)
        message = parse(octets)

        part_of(message, 0)  # opened
        message["X"] = "y"

        assert bytes(message) == octets.replace(b"base64\n", b"base64\nX: y\n")


class TestPieces:
    """Large content is encoded in pieces, and nobody sees where they were cut."""

    @given(some_octets(), st.sampled_from(["base64", "quoted-printable", "binary"]), st.sampled_from(["\n", "\r\n"]))
    def test_octets_are_what_they_are_in_one_piece(self, octets: bytes, cte: str, linesep: str) -> None:
        """Same message, same bytes, whatever is encoded at a time."""
        content = Content(octets, cte, text=False)

        assert _in_pieces(content, linesep) == transfer.encode(octets, cte, linesep=linesep.encode())

    @given(
        bodies(max_size=30), st.sampled_from(["base64", "quoted-printable", "8bit"]), st.sampled_from(["\n", "\r\n"])
    )
    @example(text="123456789\nx", cte="8bit", linesep="\n")  # the cut falls into the line end
    def test_a_text_is_what_it_is_in_one_piece(self, text: str, cte: str, linesep: str) -> None:
        """Its line ends, too, stay whole."""
        octets = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        content = Content(octets, cte, text=True)

        assert _in_pieces(content, linesep) == transfer.encode(octets, cte, linesep=linesep.encode(), text=True)

    def test_blanks_that_go_on_and_on_are_gone_over_once(self) -> None:
        """Time grows with the size of the text: what takes the square of it would not end here."""
        content = Content(b" " * (16 << 20), "quoted-printable", text=True)

        written = _in_pieces(content, "\n")

        assert transfer.undo(written, "quoted-printable") == content.octets


def _in_pieces(content: Content, linesep: str) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_writer, "_CHUNK", 57 * 12)
        patch.setattr(_writer, "_PIECE", 10)
        return b"".join(_writer._encoded(content, linesep.encode()))
