"""How a message stands in a mailbox that is one file, and what the standard library reads there."""

from __future__ import annotations

import contextlib
import mailbox
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from cartero.senders._forms import FORMS, whole_lines
from cartero.senders._ondisk import StepFailed
from tests import corpora, strategies

READERS = {"mbox": mailbox.mbox, "mmdf": mailbox.MMDF, "babyl": mailbox.Babyl}

# What would end a message, or begin one, in one of the forms.
_TELLING = [b"From ", b">From ", b">>From a Thu Aug 22 12:36:23 2002", b"\x1f", b"\x1f\x0c", b"\x01" * 4, b"\x01" * 3]
_TELLING += [b"*** EOOH ***", b"\n", b"\r\n", b"\r", b"", b"Subject: x\n", b"\x0c\n1,,\n", b"BABYL OPTIONS:\n", b" "]
telling = st.lists(st.one_of(st.sampled_from(_TELLING), strategies.octets(max_size=4)), max_size=12).map(b"".join)


def pieces_of(octets: bytes, size: int) -> Iterable[bytes]:
    """*octets*, *size* at a time."""
    return (octets[start : start + size] for start in range(0, len(octets), size))


def written(form: str, messages: Iterable[bytes], *, sender: str = "me@x.org", size: int = 1 << 20) -> bytes:
    """A mailbox that holds *messages*."""
    octets = b""
    for message in messages:
        octets += FORMS[form].before(octets[-8:])
        octets += b"".join(FORMS[form].entry(pieces_of(message, size), sender))
    return octets


def read_back(form: str, octets: bytes) -> list[bytes]:
    """What the standard library reads in such a mailbox; an mbox's quotes are taken off."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box"
        path.write_bytes(octets)
        with contextlib.closing(READERS[form](path, create=False)) as box:
            found = [box.get_bytes(key) for key in sorted(box.keys())]
    return [re.sub(rb"(?m)^>(?=>*From )", b"", message) for message in found] if form == "mbox" else found


def with_a_line_end(form: str, octets: bytes) -> bytes:
    """*octets* as an mbox has them; as they are, in the others."""
    return octets if form != "mbox" or octets.endswith(b"\n") else octets + b"\n"


def kept(form: str, messages: Iterable[bytes]) -> list[bytes]:
    """Those of *messages* that are not refused."""
    return [message for message in messages if not is_refused(form, message)]


def is_refused(form: str, message: bytes) -> bool:
    """Whether that form cannot hold *message*."""
    try:
        written(form, [message])
    except StepFailed:
        return True
    return False


@pytest.mark.parametrize("form", FORMS)
class TestEveryForm:
    """What holds for all of them."""

    @given(messages=st.lists(st.one_of(telling, strategies.anything()), max_size=3), size=st.integers(1, 30))
    def test_the_standard_library_reads_what_was_written(self, form: str, messages: list[bytes], size: int) -> None:
        """Octet for octet, or refused; whatever the pieces."""
        messages = kept(form, messages)

        found = read_back(form, written(form, messages, size=size))

        assert found == [with_a_line_end(form, message) for message in messages]

    def test_pieces_make_no_difference(self, form: str) -> None:
        """What is quoted is found across their edges."""
        message = b"From: a\n\nOne\nFrom here\n>From there\n\n"

        assert len({written(form, [message], size=size) for size in range(1, 40)}) == 1

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(b"", id="odd-empty"),
            pytest.param(b"\n", id="odd-line-end"),
            pytest.param(b"\nFrom \n", id="hostile-nothing-but-from"),
            pytest.param(b"no fields", id="odd-no-empty-line"),
            pytest.param(b"a: b\r\n\r\nc\r\n", id="usual-crlf"),
            pytest.param(b"\r\n\r\na: b\r\n\r\nc", id="odd-crlf-first"),
            pytest.param(b"\n\na: b\n\nc", id="odd-empty-lines-first"),
            pytest.param(b"a: b\n*** EOOH ***\nc: d\n\ne", id="hostile-end-of-headers"),
            pytest.param(b"a: b\r\n*** EOOH ***\r\nc: d\r\n\r\ne", id="hostile-end-of-headers-crlf"),
        ],
    )
    def test_messages_of_odd_shapes_come_back(self, form: str, message: bytes) -> None:
        """A ready message is anything."""
        assert read_back(form, written(form, [message, b"a: b\n\nnext\n"])) == [
            with_a_line_end(form, message),
            b"a: b\n\nnext\n",
        ]

    @pytest.mark.corpus
    def test_real_mail_comes_back(self, form: str) -> None:
        """Every message, as it is and in the form of the wire."""
        messages = [message.octets for message in corpora.required_messages()]

        found = read_back(form, written_at_once(form, messages))

        assert found == [with_a_line_end(form, message) for message in messages]


def written_at_once(form: str, messages: list[bytes]) -> bytes:
    """As `written`, for many."""
    pieces: list[bytes] = []
    tail = b""
    for message in messages:
        entry = FORMS[form].before(tail) + b"".join(FORMS[form].entry([message], "me@x.org"))
        pieces.append(entry)
        tail = entry[-8:]
    return b"".join(pieces)


class TestMbox:
    """An mbox, which is of the form mboxrd."""

    @given(st.lists(telling, min_size=1, max_size=3))
    def test_mimekit_reads_the_messages_as_they_were(self, messages: list[bytes]) -> None:
        """`mimekit.read_mbox` takes the quotes off."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(written("mbox", messages))
            file.flush()
            found = [message.as_bytes() for message in mimekit.read_mbox(file.name, variant="mboxrd")]

        assert found == [with_a_line_end("mbox", message) for message in messages]

    def test_the_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """RFC 4155, appendix A: a line ``From sender date``, the message, an empty line."""
        monkeypatch.setattr("time.gmtime", lambda: (2002, 8, 22, 12, 36, 23, 3, 234, 0))

        octets = written("mbox", [b"a: b\n\nFrom A to B\n>From B to C\n> From\nfrom\n"])

        assert octets == (
            b"From me@x.org Thu Aug 22 12:36:23 2002\na: b\n\n>From A to B\n>>From B to C\n> From\nfrom\n\n"
        )

    @pytest.mark.parametrize(
        ("sender", "said"),
        [
            pytest.param("me@x.org", b"me@x.org", id="usual"),
            pytest.param("", b"MAILER-DAEMON", id="usual-null"),
            pytest.param("jörg@x.org", rb"j\xf6rg@x.org", id="odd-not-ascii"),
            pytest.param('"a b"@x.org', b'"a b"@x.org', id="odd-quoted"),
            pytest.param("a" * 300 + "@x.org", b"MAILER-DAEMON", id="hostile-long"),
        ],
    )
    def test_the_sender_stands_before_the_message(self, sender: str, said: bytes) -> None:
        """In ASCII, which is all the standard library reads there."""
        octets = written("mbox", [b"a: b\n\n"], sender=sender)

        assert octets.startswith(b"From " + said + b" ")
        with tempfile.NamedTemporaryFile() as file:
            file.write(octets)
            file.flush()
            with contextlib.closing(mailbox.mbox(file.name)) as box:
                [message] = box
                assert message.get_from().startswith(said.decode())

    @pytest.mark.parametrize(
        ("tail", "before"),
        [
            pytest.param(b"", b"", id="usual-new"),
            pytest.param(b"Hi!\n\n", b"", id="usual"),
            pytest.param(b"Hi!\r\n\r\n", b"", id="odd-crlf"),
            pytest.param(b"Hi!\n", b"\n", id="odd-no-empty-line"),
            pytest.param(b"Hi", b"\n\n", id="odd-begun-and-not-ended"),
        ],
    )
    def test_an_empty_line_stands_before_it(self, tail: bytes, before: bytes) -> None:
        """Whatever another program has left there."""
        assert FORMS["mbox"].before(tail) == before


class TestMMDF:
    """An MMDF file."""

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(b"a: b\n\n\x01\x01\x01\x01\nc", id="hostile-end"),
            pytest.param(b"a: b\n\n\x01\x01\x01\x01", id="hostile-at-the-end"),
            pytest.param(b"\x01\x01\x01\x01\r\n", id="hostile-crlf"),
            pytest.param(b"\x01\x01\x01\x01 and more", id="hostile-more-behind"),
        ],
    )
    def test_a_line_that_would_end_the_message_is_refused(self, message: bytes) -> None:
        """What cannot be kept is refused."""
        with pytest.raises(StepFailed, match="a line of it begins with four") as caught:
            written("mmdf", [message])

        assert (caught.value.stage, caught.value.temporary) == ("write", False)

    def test_what_was_begun_and_not_ended_is_ended(self) -> None:
        """As by a program that was killed; the next message is whole."""
        begun = written("mmdf", [b"a: b\n\none\n"])[:-9]

        octets = begun + FORMS["mmdf"].before(begun[-8:]) + written("mmdf", [b"a: b\n\ntwo\n"])

        assert read_back("mmdf", octets)[-1] == b"a: b\n\ntwo\n"


class TestBabyl:
    """A Babyl file."""

    def test_the_bytes(self) -> None:
        """The headers twice, the second time for people; as the standard library writes them."""
        octets = written("babyl", [b"a: b\r\n\r\nHi!\r\n"])

        assert octets == (
            b"BABYL OPTIONS:\nVersion: 5\nLabels:\n\x1f\x0c\n1,,\na: b\r\n\r\n*** EOOH ***\na: b\n\nHi!\r\n\n\x1f"
        )

    @pytest.mark.parametrize(
        "message",
        [
            pytest.param(b"a: b\n\n\x1f\nc", id="hostile-end"),
            pytest.param(b"a: b\n\n\x1f\x0c\n1,,\n", id="hostile-another"),
            pytest.param(b"\x1f", id="hostile-at-the-end"),
        ],
    )
    def test_a_line_that_would_end_the_message_is_refused(self, message: bytes) -> None:
        """What cannot be kept is refused."""
        with pytest.raises(StepFailed, match=r"a line of it begins with \^_, .* an mbox or a Maildir can hold it"):
            written("babyl", [message])

    @pytest.mark.parametrize("cut", [1, 2, 5], ids=lambda cut: f"odd-{cut}")
    def test_what_was_begun_and_not_ended_is_ended(self, cut: int) -> None:
        """As by a program that was killed; the next message is whole."""
        begun = written("babyl", [b"a: b\n\none\n"])[:-cut]

        octets = begun + FORMS["babyl"].before(begun[-8:]) + b"".join(FORMS["babyl"].entry([b"a: b\n\ntwo\n"], ""))

        assert read_back("babyl", octets)[-1] == b"a: b\n\ntwo\n"

    def test_another_programs_line_end_at_the_end_does_no_harm(self) -> None:
        """Some editors put one there."""
        octets = written("babyl", [b"a: b\n\none\n"]) + b"\n"

        octets += FORMS["babyl"].before(octets[-8:]) + b"".join(FORMS["babyl"].entry([b"a: b\n\ntwo\n"], ""))

        assert read_back("babyl", octets) == [b"a: b\n\none\n", b"a: b\n\ntwo\n"]


@given(octets=strategies.anything(), size=st.integers(1, 20))
def test_blocks_begin_where_lines_begin(octets: bytes, size: int) -> None:
    """And are all of it."""
    blocks = list(whole_lines(pieces_of(octets, size)))

    assert b"".join(blocks) == octets
    assert all(block.endswith(b"\n") for block in blocks[:-1])
    assert b"" not in blocks
