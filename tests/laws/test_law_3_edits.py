"""Law 3: an edit touches what it edits. Every other octet is the source's own.

A machine of edits goes over generated and real messages: after each step the octets are compared with those before
it, but for the span of what was edited, and the tree in memory with the tree read again.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import mimekit
from mimekit import Forbidden, MimeError, MIMEMessage, MIMEPart, _walk
from tests import corpora, strategies
from tests.laws import real, splices
from tests.laws.seen import content, shape
from tests.laws.splices import Path, Piece, Place

Rule = Callable[[Place, Place], list[Piece]]


class Edits:
    """A message under edit, and its octets before the next one."""

    def __init__(self, message: MIMEMessage) -> None:
        self.message = message
        self.before = bytes(message)

    def pick(self, chance: int) -> tuple[Path, MIMEPart]:
        """One of its entities."""
        found = list(splices.paths(self.message))
        return found[chance % len(found)]

    def step(self, path: Path, edit: Callable[[MIMEPart], object], expected: Rule) -> bool:
        """Make one edit, and compare every octet; False where it was refused, and nothing changed."""
        try:
            edit(splices.find(self.message, path))
        except MimeError:
            assert bytes(self.message) == self.before
            return False
        after = bytes(self.message)
        assert bytes(self.message) == after
        if not (self._is_rebound(after, path) or self._is_labelled(after, path)):
            old, new = splices.locate(self.before, after, path)
            pieces = expected(old, new)
            if not splices.fits(new.source, *pieces):
                # the line end before a delimiter is that of the empty line behind the fields, where a part is empty:
                # then it comes or goes with what stands there
                assert splices.has_empty_part(old) or splices.has_empty_part(new), (self.before, after)
                assert splices.fits(*map(splices.without_line_ends, (new.source, *pieces))), (self.before, after)
        self._compare_trees(after)
        self.before = after
        return True

    def _is_rebound(self, after: bytes, path: Path) -> bool:
        """Whether a boundary was chosen anew; it must have occurred in a part (RFC 2046, section 5.1.1)."""
        old, new = mimekit.parse(self.before), mimekit.parse(after)
        for length in range(len(path) + 1):
            one, other = splices.find(old, path[:length]), splices.find(new, path[:length])
            boundary = one.get_boundary() or ""
            if (
                not one.parts
                or one.get_content_type() != other.get_content_type()
                or other.get_boundary("") == boundary
            ):
                continue
            begins = re.compile(rb"(?:\A|[\r\n])--" + re.escape(boundary.encode()))
            assert any(begins.search(part.source) for part in other.parts), (self.before, after)
            return True
        return False

    def _is_labelled(self, after: bytes, path: Path) -> bool:
        """Whether something around says now that it is 8bit; it must be (RFC 2045, section 6.4)."""
        old, new = mimekit.parse(self.before), mimekit.parse(after)
        for length in range(len(path) + 1):
            one, other = splices.find(old, path[:length]), splices.find(new, path[:length])
            if other.parts and one.transfer_encoding() != other.transfer_encoding() == "8bit":
                # a multipart whose 8-bit part has gone keeps its label, and what is made around it says the same
                says = any(below.transfer_encoding() == "8bit" for part in other.parts for below in part.walk())
                assert says or not other.octets.isascii()
                return True
        return False

    def _compare_trees(self, after: bytes) -> None:
        again = mimekit.parse(after)
        emptied = [path for path, part in splices.paths(self.message) if part.is_multipart() and not part.parts]
        for path in emptied:
            # RFC 2046 5.1.1: a multipart whose last part was removed is written with one that is empty
            assert [bytes(part).strip() for part in splices.find(again, path).parts] == [b""]
        if emptied:
            self.message = again
            return
        assert shape(self.message) == shape(again), (self.before, after)

    # -- edits -----------------------------------------------------------------------------------------

    def set_header(self, chance: int, name: str, value: str) -> None:
        """Set one field."""
        path, _part = self.pick(chance)
        self.step(path, lambda part: part.set_header(name, value), lambda old, new: splices.field_set(old, new, name))

    def add_header(self, chance: int, name: str, value: str) -> None:
        """Append one field."""
        path, _part = self.pick(chance)
        self.step(path, lambda part: part.add_header(name, value), lambda old, new: splices.field_added(old, new, name))

    def replace_header(self, chance: int, value: str) -> None:
        """Replace one of the fields that stand there, of those that hold text."""
        path, part = self.pick(chance)
        names = [name for name in part.keys() if name.lower() in {"subject", "x-empty", "x-tab", "x-8bit", "x-mailer"}]  # noqa: SIM118
        if names:
            name = names[chance % len(names)]
            self.step(
                path,
                lambda part: part.replace_header(name, value),
                lambda old, new: splices.field_replaced(old, new, name),
            )

    def delete_header(self, chance: int) -> None:
        """Delete every field of some name that says nothing of the body."""
        path, part = self.pick(chance)
        names = [name for name in part.keys() if name.lower() not in {"content-type", "content-transfer-encoding"}]  # noqa: SIM118
        if names:
            name = names[chance % len(names)]

            def edit(part: MIMEPart) -> None:
                del part[name]

            self.step(path, edit, lambda old, _new: splices.field_deleted(old, name))

    def set_content(self, chance: int, *given: object, **kw: object) -> None:
        """Give a leaf other content."""
        path, _part = self.pick(chance)
        self.step(path, lambda part: part.set_content(*given, content_manager=None, **kw), _content_changed)

    def promote(self, chance: int, method: str) -> None:
        """Make something a multipart in its place."""
        path, part = self.pick(chance)
        bare = part.get_content_maintype() != "multipart" and not _has_content(part)
        self.step(path, lambda part: getattr(part, method)(), _content_changed if bare else _promoted)

    def attach(self, chance: int, part: MIMEPart) -> None:
        """Put a part behind the others of a multipart."""
        found = [
            path
            for path, node in splices.paths(self.message)
            if node.get_content_maintype() == "multipart" and node.parts
        ]
        if found:
            seen = content(part)
            path = found[chance % len(found)]
            attached = self.step(path, lambda node: node.attach(part), splices.part_attached)
            # text among lines that end in CR alone ends its lines so, and nothing says that they are line ends
            if attached and b"\n" in self.before:
                assert content(splices.find(self.message, path).parts[-1]) == seen

    def add_attachment(self, chance: int, *given: object, **kw: object) -> None:
        """Add a file wherever the matrix lets one."""
        path, part = self.pick(chance)
        is_mixed = part.get_content_type() == "multipart/mixed" and bool(part.parts)
        bare = not _has_content(part) and part.get_content_maintype() != "multipart"
        law: Rule = splices.part_attached if is_mixed else _content_changed if bare else _promoted
        self.step(path, lambda part: part.add_attachment(*given, content_manager=None, **kw), law)

    def remove(self, chance: int) -> MIMEPart | None:
        """Take a part out."""
        found = [path for path, _part in splices.paths(self.message) if path]
        if not found:
            return None
        path = found[chance % len(found)]
        part = splices.find(self.message, path)
        seen = [content(below) for below in part.walk()]
        removed = self.step(
            path[:-1], lambda around: around.remove(part), lambda old, _new: splices.part_removed(old, path[-1])
        )
        if not removed:
            return None
        # among lines that end in CR alone text ends its lines so; out of them it has its own again
        assert b"\n" not in self.before or [content(below) for below in part.walk()] == seen
        return part

    def embed(self, octets: bytes) -> None:
        """Add an image to the page, wherever it is."""
        page = self.message.get_body(("html",))
        # a page that a related begins with has its images beside it, any other becomes a related where it stands
        around = None if page is None else _walk.related_around(page)
        path = next((path for path, part in splices.paths(self.message) if part is (around or page)), ())
        law: Rule = splices.part_attached if around else _promoted
        self.step(path, lambda _part: self.message.embed(octets, "image", "png"), law)


def _has_content(part: MIMEPart) -> bool:
    return part._body is not None or any(name.lower().startswith("content-") for name in part.keys())  # noqa: SIM118


def _content_changed(old: Place, new: Place) -> list[Piece]:
    """What is no Content-* field stays as it stands; a MIME-Version may be added."""
    _compare_other_fields(old, new)
    return splices.entity_changed(old, new)


def _promoted(old: Place, new: Place) -> list[Piece]:
    """What it was is the first part, its Content-* fields and its body as they stood."""
    _compare_other_fields(old, new)
    moved = splices.place_of(new.part.parts[0])
    stated = moved.raw_fields(content=True)
    assert stated == old.raw_fields(content=True) or stated == [b"Content-Type: message/rfc822"]
    # a composed message ends in a line end, which is none of its octets once it is a part
    assert splices.fits(old.body, moved.body, b"" if old.after else splices.MAYBE_END)
    return splices.entity_changed(old, new)


def _compare_other_fields(old: Place, new: Place) -> None:
    before, after = old.raw_fields(content=False), new.raw_fields(content=False)
    assert after in (before, [*before, b"MIME-Version: 1.0"])


# -- the machine ---------------------------------------------------------------------------------------

_real = [message for message in corpora.messages() if message.path.stat().st_size < 10_000]
_starts = st.one_of(
    strategies.sources(multipart=True),
    strategies.sources(),
    *([st.sampled_from(_real)] if _real else []),
)
_chances = st.integers(0, 10_000)
_subtypes = st.sampled_from(["plain", "html"])


class AnyEdits(RuleBasedStateMachine):
    """Set, add, delete and replace fields, set content, add, remove and promote parts, anywhere in the tree."""

    def __init__(self) -> None:
        super().__init__()
        self.edits = Edits(MIMEMessage())
        self.removed: list[MIMEPart] = []
        self.copied = 0

    @initialize(start=_starts)
    def begin(self, start: strategies.Source | corpora.RealMessage) -> None:
        """A generated or a real message."""
        self.edits = Edits(mimekit.parse(start.octets))

    @rule(chance=_chances, name=st.sampled_from(["Subject", "X-New", "Comments", "X-Tab"]), value=strategies.texts())
    def set_header(self, chance: int, name: str, value: str) -> None:
        """Set one field."""
        self.edits.set_header(chance, name, value)

    @rule(chance=_chances, value=strategies.texts())
    def add_header(self, chance: int, value: str) -> None:
        """Append one field."""
        self.edits.add_header(chance, "X-New", value)

    @rule(chance=_chances, value=strategies.texts())
    def replace_header(self, chance: int, value: str) -> None:
        """Replace one field."""
        self.edits.replace_header(chance, value)

    @rule(chance=_chances)
    def delete_header(self, chance: int) -> None:
        """Delete the fields of one name."""
        self.edits.delete_header(chance)

    @rule(chance=_chances, content=strategies.text_contents())
    def set_text(self, chance: int, content: strategies.Text) -> None:
        """Give a leaf another text."""
        self.edits.set_content(chance, content.text, content.subtype, charset=content.charset)

    @rule(chance=_chances, content=strategies.data_contents())
    def set_octets(self, chance: int, content: strategies.Data) -> None:
        """Give a leaf other octets."""
        self.edits.set_content(chance, *content)

    @rule(chance=_chances, method=st.sampled_from(["make_mixed", "make_alternative", "make_related"]))
    def promote(self, chance: int, method: str) -> None:
        """Make something a multipart in its place."""
        self.edits.promote(chance, method)

    @rule(chance=_chances, content=strategies.data_contents(), filename=strategies.file_names())
    def add_attachment(self, chance: int, content: strategies.Data, filename: str) -> None:
        """Add a file."""
        self.edits.add_attachment(chance, *content, filename=filename)

    @rule(chance=_chances, content=strategies.text_contents())
    def attach(self, chance: int, content: strategies.Text) -> None:
        """Put a new part behind others."""
        self.edits.attach(chance, MIMEPart().set_content(content.text, content.subtype, charset=content.charset))

    @rule(chance=_chances)
    def remove(self, chance: int) -> None:
        """Take a part out."""
        part = self.edits.remove(chance)
        if part is not None:
            self.removed.append(part)

    @rule(chance=_chances)
    def put_back(self, chance: int) -> None:
        """Put a part that was taken out somewhere else."""
        if self.removed and self.removed[-1]._parent is None:
            self.edits.attach(chance, self.removed.pop())

    @rule(chance=_chances)
    def attach_a_copy(self, chance: int) -> None:
        """Attach the message to itself, with every boundary it has."""
        # each doubles it; its size depends on boundaries, which are chosen anew in each run
        assume(self.copied < 2)
        self.copied += 1
        self.edits.add_attachment(chance, mimekit.parse(self.edits.before))

    @rule(octets=strategies.octets())
    def embed(self, octets: bytes) -> None:
        """Add an image to the page."""
        self.edits.embed(octets)


TestAnyEdits = AnyEdits.TestCase


# -- each rule of the law by itself --------------------------------------------------------------------


_FRAMED = (
    b"DKIM-Signature: v=1; b=a\tb\n  c==\nX-Odd:  \xe9\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n\n"
    b"--b \t\n\none\n--b\nX-Two: 2\n\n\ntwo\n\n--b--  \nepilogue\n\n"
)
_SIGNED = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
    b"Content-Type: multipart/signed; boundary=s; protocol=x/y\r\n\r\n--s\r\nSubject:  odd \r\n\r\nhello  \r\n"
    b"--s\r\nContent-Type: x/y\r\n\r\nabc\r\n--s--\r\n--o--\r\n"
)


def test_preamble_epilogue_delimiters_and_padding_stay() -> None:
    """After adding one part, every other octet is the source's own: preamble, epilogue, delimiters, padding."""
    message = mimekit.parse(_FRAMED)

    message.attach(MIMEPart().set_content("three"))

    assert bytes(message) == _FRAMED.replace(
        b"\n--b--",
        b"\n--b\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\nthree\n--b--",
    )


def test_a_signature_over_the_header_stays_as_it_was() -> None:
    """A DKIM-Signature stays as it was, whatever stands beside it."""
    message = mimekit.parse(_FRAMED)

    message["Subject"] = "new"
    message.parts[1].set_content("other")
    message.remove(message.parts[0])
    message.make_mixed() if message.get_content_type() != "multipart/mixed" else message.add_attachment(b"x", "a", "b")

    assert bytes(message).startswith(b"DKIM-Signature: v=1; b=a\tb\n  c==\nX-Odd:  \xe9\n")


_IN_SIGNED: dict[str, Callable[[MIMEPart], object]] = {
    "set a field": lambda signed: signed.parts[0].set_header("Subject", "y"),
    "add a field": lambda signed: signed.parts[0].add_header("X", "y"),
    "delete a field": lambda signed: signed.parts[0].__delitem__("subject"),
    "replace a field": lambda signed: signed.parts[0].replace_header("subject", "y"),
    "set content": lambda signed: signed.parts[0].set_content("y"),
    "clear content": lambda signed: signed.parts[0].clear_content(),
    "set a parameter": lambda signed: signed.parts[0].set_param("charset", "y"),
    "promote": lambda signed: signed.parts[0].make_mixed(),
    "add a file": lambda signed: signed.parts[0].add_attachment(b"x", "a", "b"),
    "attach": lambda signed: signed.attach(MIMEPart().set_content("x")),
    "remove": lambda signed: signed.remove(signed.parts[1]),
}


@pytest.mark.parametrize("edit", _IN_SIGNED.values(), ids=_IN_SIGNED)
def test_a_signed_part_stays_signed(edit: Callable[[MIMEPart], object]) -> None:
    """Inside a signed part every edit is refused, and nothing has changed."""
    message = mimekit.parse(_SIGNED)

    with pytest.raises(Forbidden):
        edit(message.parts[0])

    assert bytes(message) == _SIGNED


def test_around_a_signed_part_everything_can_be_edited() -> None:
    """A signed part stays octet-exact while something is added beside it, and when it is wrapped whole."""
    message = mimekit.parse(_SIGNED)
    signed = message.parts[0].source

    message.add_attachment(b"x", "application", "pdf")
    message["Subject"] = "y"
    message.parts[0]["X-Beside"] = "z"

    assert bytes(message).count(signed.partition(b"\r\n\r\n")[2]) == 1
    assert mimekit.parse(bytes(message)).parts[0].source.replace(b"X-Beside: z\r\n", b"") == signed


@given(strategies.sources(multipart=True, lone_cr=False))
def test_a_message_attached_to_itself_gets_another_boundary(source: strategies.Source) -> None:
    """A boundary that would now occur in a part is chosen anew."""
    message = mimekit.parse(source.octets)
    assume(message.parts and message.get_content_type() not in {"multipart/signed", "multipart/digest"})
    copy = mimekit.parse(source.octets)
    count = len(message.parts)

    message.attach(copy)

    again = mimekit.parse(bytes(message))
    assert again.get_boundary() != copy.get_boundary()
    assert again.parts[-1].source == copy.source
    assert len(again.parts) == count + 1


def test_a_boundary_that_occurs_nowhere_else_is_kept() -> None:
    """A boundary is chosen once, and again only if it collides."""
    message = mimekit.parse(_FRAMED)

    message.attach(MIMEPart().set_content("-- b\n--a\n --b"))

    assert message.get_boundary() == "b"
    assert len(mimekit.parse(bytes(message)).parts) == 3


_COMPLETED = {
    "behind a last field": (b"Subject: x", b"Subject: x\r\nX: y\r\n"),
    "before a body without an empty line": (b"no field\n", b"X: y\n\nno field\n"),
    "behind a delimiter": (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\n",
    ),
}


@pytest.mark.parametrize(("octets", "expected"), _COMPLETED.values(), ids=_COMPLETED)
def test_a_line_end_is_completed_where_something_is_added_behind_it(octets: bytes, expected: bytes) -> None:
    """The exceptions are what validity forces: a line end completed where something is added behind it."""
    message = mimekit.parse(octets)

    list(message.walk())[-1]["X"] = "y"

    assert bytes(message) == expected


def test_a_part_without_content_leaves_no_half_line_end() -> None:
    """What stood before a part that is removed keeps its end, though the next delimiter brings none of its own."""
    message = mimekit.parse(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\n--b--\n")

    message.remove(message.parts[1])

    assert bytes(message) == b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n"


def test_an_empty_message_before_a_delimiter_gets_no_line_end() -> None:
    """A delimiter behind an empty body has no line end of its own, and is given none when a field goes."""
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\nContent-Type: message/rfc822\n\nSubject: z\n\n--b--\n"
    )
    message = mimekit.parse(octets)

    del message.parts[0]["X"]

    assert bytes(message) == octets.replace(b"X: y\n", b"")


def test_boundaries_that_were_received_together_stay_when_their_part_moves() -> None:
    """A boundary that another begins with told them apart when they came, and does so still."""
    inner = b"Content-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n"
    octets = b"Content-Type: multipart/related; boundary=b\n\n--b\n" + inner + b"--b--\n"
    message = mimekit.parse(octets)

    message.make_mixed()

    assert octets.partition(b"\n\n")[2] in bytes(message)


def test_a_message_that_was_saved_with_a_byte_order_mark_is_a_message_where_it_is_attached() -> None:
    """What stands before the headers of an attached message hides none of them."""
    message = mimekit.MIMEMessage().set_content("see")

    message.add_attachment(mimekit.parse(b"\xef\xbb\xbfSubject: x\r\n\r\nbody\r\n"))

    attached = mimekit.parse(bytes(message)).parts[1].parts[0]
    assert attached["Subject"] == "x"
    assert attached.source == b"\xef\xbb\xbfSubject: x\r\n\r\nbody\r\n"


def test_a_message_that_stands_uuencoded_is_not_edited_in_place() -> None:
    """Uuencode is read and not written, so that an edit in it is refused at once and not when it is written."""
    encoded = b"begin 644 x\n" + binascii.b2a_uu(b"Subject: xx\n\nbody\n") + b"`\nend\n"
    octets = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: x-uuencode\n\n" + encoded
    message = mimekit.parse(octets)
    assert message.parts[0]["Subject"] == "xx"

    with pytest.raises(Forbidden, match="uuencoded"):
        message.parts[0]["Subject"] = "y"

    assert bytes(message) == octets


def test_lone_cr_does_not_meet_lf_in_one_message() -> None:
    """What ends its lines in CR alone would hold no lines at all beside LF."""
    old = b"Content-Type: multipart/mixed; boundary=b\r\r--b\r\rx\r--b--\r"
    message = mimekit.parse(old)

    with pytest.raises(Forbidden):
        message.add_attachment(mimekit.parse(b"Subject: x\n\nhello\n"))
    with pytest.raises(Forbidden):
        mimekit.parse(old.replace(b"\r", b"\n")).attach(mimekit.parse(old).parts[0].__deepcopy__({}))

    assert bytes(message) == old


@given(strategies.soups(), st.data())
def test_damaged_mail_can_be_edited(octets: bytes, data: st.DataObject) -> None:
    """An edit of damaged mail is made or refused; it is written the same twice, and never raises then."""
    message = mimekit.parse(octets)
    parts = list(message.walk())
    part = parts[data.draw(st.integers(0, len(parts) - 1))]
    edit = data.draw(st.sampled_from(_ANY_EDITS))

    try:
        edit(part)
    except MimeError:
        assert bytes(message) == octets
        return

    after = bytes(message)
    assert bytes(message) == after
    assert message.composed


_ANY_EDITS: tuple[Callable[[MIMEPart], object], ...] = (
    lambda part: part.set_header("Subject", "x"),
    lambda part: part.add_header("X-New", "x"),
    lambda part: part.set_content("new\n--B\n"),
    lambda part: part.make_mixed(),
    lambda part: part.add_attachment(b"x", "image", "png", filename="a.png"),
    lambda part: part.attach(MIMEPart().set_content("x")),
    lambda part: part.remove(part.parts[0] if part.parts else part),
    lambda part: part.embed(b"x", "image", "png"),
)


@pytest.mark.corpus
@real.every_batch
def test_edits_of_real_messages_touch_what_they_edit(batch: real.Batch) -> None:
    """A few edits of chance anywhere in every real message, and every octet that was not edited is the source's own."""

    def law(octets: bytes) -> None:
        chance, edits = real.chance(octets), Edits(mimekit.parse(octets))
        steps: list[Callable[[int], object]] = [
            lambda at: edits.set_header(at, "Subject", "größer"),
            lambda at: edits.add_header(at, "X-New", "one two"),
            lambda at: edits.replace_header(at, "other"),
            edits.delete_header,
            lambda at: edits.set_content(at, "new\nlines\n", "html"),
            lambda at: edits.promote(at, "make_mixed"),
            lambda at: edits.add_attachment(at, b"\0\r\n", "image", "png", filename="ü.png"),
            lambda at: edits.attach(at, MIMEPart().set_content("part")),
            edits.remove,
            lambda _at: edits.embed(b"image"),
        ]
        for step in chance.sample(steps, 4):
            step(chance.randrange(10_000))

    real.hold(batch, law)
