"""Law 3: an edit touches what it edits. Every other octet is the source's own.

A machine of edits goes over generated and real messages: after each step the octets are compared with those before
it, but for the span of what was edited, and the tree in memory with the tree read again.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import mimekit
from mimekit import Forbidden, MIMEMessage, MimeError, MIMEPart
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

    def step(self, path: Path, edit: Callable[[MIMEPart], object], expected: Rule, *, rebound: bool = False) -> bool:
        """Make one edit, and compare every octet; False where it was refused, and nothing changed.

        With *rebound* the edit may force another boundary.
        """
        try:
            edit(splices.find(self.message, path))
        except MimeError:
            assert bytes(self.message) == self.before
            return False
        after = bytes(self.message)
        assert bytes(self.message) == after
        if not (rebound and self._boundaries(after) != self._boundaries(self.before)):
            old, new = splices.locate(self.before, after, path)
            assert splices.fits(new.source, *expected(old, new)), (self.before, after)
        self._compare_trees(after)
        self.before = after
        return True

    def _boundaries(self, octets: bytes) -> list[str | None]:
        return [part.get_boundary() for part in mimekit.parse(octets).walk() if part.is_multipart()]

    def _compare_trees(self, after: bytes) -> None:
        again = mimekit.parse(after)
        if self._has_no_octets_of_its_own():
            self.message = again
            return
        assert shape(self.message) == shape(again), (self.before, after)

    def _has_no_octets_of_its_own(self) -> bool:
        """Whether something in it is told apart in memory only.

        A multipart whose last part was removed is written as one without any. And where the fields are followed by
        lines that are none, the last field before the empty line decides which of them are part of the head.
        """
        for part in self.message.walk():
            if part.get_content_maintype() == "multipart" and part.is_multipart() and not part.parts:
                return True
            items = part.headers.items()
            if items and isinstance(items[-1], bytes):
                return True
        return False

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
                path, lambda part: part.replace_header(name, value), lambda old, new: splices.field_replaced(old, new, name)
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
        self.step(path, lambda part: part.set_content(*given, **kw), _content_changed)

    def promote(self, chance: int, method: str) -> None:
        """Make something a multipart in its place."""
        path, part = self.pick(chance)
        bare = part.get_content_maintype() != "multipart" and not _has_content(part)
        self.step(path, lambda part: getattr(part, method)(), _content_changed if bare else _promoted)

    def attach(self, chance: int, part: MIMEPart, *, rebound: bool = False) -> None:
        """Put a part behind the others of a multipart."""
        found = [path for path, node in splices.paths(self.message) if node.get_content_maintype() == "multipart" and node.parts]
        if found:
            seen = content(part)
            path = found[chance % len(found)]
            if self.step(path, lambda node: node.attach(part), splices.part_attached, rebound=rebound):
                assert content(splices.find(self.message, path).parts[-1]) == seen

    def add_attachment(self, chance: int, *given: object, **kw: object) -> None:
        """Add a file wherever the matrix lets one."""
        path, part = self.pick(chance)
        is_mixed = part.get_content_type() == "multipart/mixed" and bool(part.parts)
        bare = not _has_content(part) and part.get_content_maintype() != "multipart"
        law: Rule = splices.part_attached if is_mixed else _content_changed if bare else _promoted
        self.step(path, lambda part: part.add_attachment(*given, **kw), law, rebound=True)

    def remove(self, chance: int) -> MIMEPart | None:
        """Take a part out."""
        found = [path for path, _part in splices.paths(self.message) if path]
        if not found:
            return None
        path = found[chance % len(found)]
        part = splices.find(self.message, path)
        seen = shape(part)
        removed = self.step(
            path[:-1], lambda around: around.remove(part), lambda old, _new: splices.part_removed(old, path[-1])
        )
        if not removed:
            return None
        assert shape(part)[1:] == seen[1:]
        return part

    def embed(self, octets: bytes) -> None:
        """Add an image to the page, wherever it is."""
        page = self.message.get_body(("html",))
        path = next((path for path, part in splices.paths(self.message) if part is page), ())
        around = splices.find(self.message, path[:-1])
        if path and around.get_content_type() == "multipart/related" and around.get_body(("html",)) is page:
            self.step(path[:-1], lambda _around: self.message.embed(octets, "image", "png"), splices.part_attached)
        else:
            self.step(path, lambda _page: self.message.embed(octets, "image", "png"), _promoted)


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
    assert moved.body == old.body
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
            self.edits.attach(chance, self.removed.pop(), rebound=True)

    @rule(chance=_chances)
    def attach_a_copy(self, chance: int) -> None:
        """Attach the message to itself, with every boundary it has."""
        assume(len(self.edits.before) < 4_000)
        self.edits.add_attachment(chance, mimekit.parse(self.edits.before))

    @rule(octets=strategies.octets())
    def embed(self, octets: bytes) -> None:
        """Add an image to the page."""
        self.edits.embed(octets)


TestAnyEdits = AnyEdits.TestCase
