"""Any sequence of edits, legal or not, makes the message that the rules of the proposal make.

A machine builds a message and beside it a tree of plain nodes. What the rules refuse must be refused and change
nothing; what they allow must give the same tree in memory, written and parsed again, and read by the standard library.
"""

from __future__ import annotations

import copy
import email
import email.policy
import hashlib
import io
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import mimekit
from mimekit import ContentManager, FileManager, Image, MimeError, MIMEMessage, MIMEPart, Policy, RawDataManager
from mimekit.content.objects import ObjectManager
from tests import strategies
from tests.laws.model import Node, Refused, Told


@pytest.fixture(autouse=True, scope="module")
def _in_an_empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where files are that are attached."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("files"))
        yield


# -- a node as a part, and a part as what the node tells ------------------------------------------------


def built(node: Node, chosen: Policy) -> MIMEPart:
    """A part that is what *node* is."""
    part = MIMEMessage(policy=chosen) if node.fields else MIMEPart(policy=chosen)
    for name, value in node.fields:
        part[name] = value
    if node.kind:
        args, kw = arguments(node, chosen)
        part.set_content(*args, **kw)
    node.disposition = node.stated()
    return part


def arguments(node: Node, chosen: Policy) -> tuple[list[Any], dict[str, Any]]:
    """What `set_content` is given for it."""
    maintype, _slash, subtype = node.kind.partition("/")
    said = {
        "disposition": node.disposition,
        "filename": node.filename,
        "cid": node.cid,
        "boundary": node.boundary,
    }
    kw: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if node.on_disk:
        kw.pop("filename")  # which follows from the path
        return [_on_disk(node)], kw | {"content_manager": FileManager}
    if node.given is not None:
        # a page, with a text before it or without
        text = str(node.parts[0].content) if node.kind == "multipart/alternative" else None
        return [node.given], {"text": text, "alternative": text is not None, "content_manager": ObjectManager}
    if maintype == "multipart":
        return [[built(part, chosen) for part in node.parts], subtype], kw
    if maintype == "message":
        return [built(node.parts[0], chosen)], kw
    return [node.content, *([subtype] if maintype == "text" else [maintype, subtype])], kw


def _on_disk(node: Node) -> Path:
    """The path of a file with its name and its content, which is never changed."""
    octets = node.content.encode() if isinstance(node.content, str) else node.content
    path = Path(hashlib.sha256(octets).hexdigest(), node.filename or "")
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_bytes(octets)
    return path


def seen(part: MIMEPart, *, octets: bool = False) -> Told:
    """What a part tells, as `Node.told` has it; with *octets* those of a text, not the text."""
    fields = tuple((name, str(value)) for name, value in part.items() if _is_of_message(name))
    cid = part["Content-ID"]
    content: object = tuple(seen(below, octets=octets) for below in part.parts) if part.is_multipart() else part.octets
    if part.get_content_maintype() == "text" and not octets:
        content = part.get_content()
    return (
        *(part.get_content_type(), part.get_content_disposition(), part.get_filename()),
        *(None if cid is None else str(cid).strip("<>"), fields, content),
    )


def seen_by_email(part: Any) -> Told:
    """The same, as the standard library has it."""
    fields = tuple((name, str(value)) for name, value in part.items() if _is_of_message(name))
    cid = part["Content-ID"]
    content = tuple(map(seen_by_email, part.iter_parts())) if part.is_multipart() else part.get_payload(decode=True)
    return (
        *(part.get_content_type(), part.get_content_disposition(), part.get_filename()),
        *(None if cid is None else str(cid).strip("<>"), fields, content),
    )


def _is_of_message(name: str) -> bool:
    return not name.lower().startswith(("content-", "mime-"))


def check_written(message: MIMEPart, node: Node) -> bytes:
    """Written, it is what *node* is once written, by both doors and for the standard library; so it is twice."""
    octets = bytes(message)
    node.write()

    again = mimekit.parse(octets, policy=message.policy)

    assert bytes(message) == octets == b"".join(message.iter_bytes())
    assert seen(again) == node.told()
    assert seen(mimekit.parse_file(io.BytesIO(octets))) == node.told()
    theirs = email.message_from_bytes(octets, policy=email.policy.default)
    assert seen_by_email(theirs) == seen(again, octets=True)
    return octets


@given(chosen=strategies.policies(), node=strategies.part_nodes())
def test_lists_of_parts_come_back(chosen: Policy, node: Node) -> None:
    """``set_content(parts, subtype)``, nested at will, messages among them."""
    check_written(built(node, chosen), node)


# -- the machine ---------------------------------------------------------------------------------------

_MANY = 40  # parts; a copy of a message in itself doubles them
_MANAGERS = [RawDataManager, ObjectManager]
_chances = st.integers(0, 10_000)
_cids = st.sampled_from(["a@b", "c@d"])
_embedded = strategies.leaf_nodes() | strategies.image_nodes() | strategies.file_nodes()


_MISTAKES: list[Callable[[MIMEPart], object]] = [
    lambda part: part.make_mixed("ends in a space "),
    lambda part: part.attach("no part"),  # type: ignore[arg-type]  # the mistake
    lambda part: part.remove(part),
    lambda part: part.set_content(b"x", "multipart", "mixed"),
    lambda part: part.set_content("\ud800"),
    lambda part: part.add_attachment(object()),
    lambda part: part.add_attachment(b"x", "image", "png", filename="a\nb"),
    lambda part: part.add_attachment(part),
    lambda part: part.embed(b"x", "image", "png", cid="a b"),
]


class Building(RuleBasedStateMachine):
    """Set and clear content, add, make, embed, attach and remove, anywhere in the tree."""

    def __init__(self) -> None:
        super().__init__()
        self.message: MIMEPart = MIMEMessage()
        self.model = Node()
        self.removed: list[tuple[MIMEPart, Node]] = []

    @initialize(chosen=strategies.policies(), manager=st.sampled_from(_MANAGERS), start=strategies.nodes())
    def begin(self, chosen: Policy, manager: type[ContentManager], start: Node) -> None:
        """With any content."""
        self.message = MIMEMessage(policy=chosen.replace(content_manager=manager))
        args, kw = arguments(start, chosen)
        self.message.set_content(*args, **kw)
        self.model.set_content(start)

    def pick(self, chance: int) -> tuple[MIMEPart, Node]:
        """One of its parts, or itself."""
        both = list(zip(self.message.walk(), self.model.walk(), strict=True))
        return both[chance % len(both)]

    def step(self, edit: Callable[[], object], law: Callable[[], None]) -> object:
        """Make an edit by both, or see both refuse it; gives what the edit returned."""
        try:
            law()
        except Refused:
            with pytest.raises(MimeError):
                edit()
            return None
        return edit()

    # -- content and fields

    @rule(chance=_chances, new=strategies.nodes())
    def set_content(self, chance: int, new: Node) -> None:
        """Fill something with other content."""
        part, node = self.pick(chance)
        args, kw = arguments(new, part.policy)
        self.step(lambda: part.set_content(*args, **kw), lambda: node.set_content(new))

    @rule(chance=_chances)
    def clear_content(self, chance: int) -> None:
        """Drop what something holds."""
        part, node = self.pick(chance)
        # RFC 2046, section 5.1.5: in a digest, what says nothing is a message, and nothing is one without fields
        assume(node.parent is None or node.parent.kind != "multipart/digest")
        self.step(part.clear_content, node.clear_content)

    @rule(chance=_chances, name=st.sampled_from(["Subject", "X-Tag"]), value=strategies.plain_sayings())
    def set_field(self, chance: int, name: str, value: str) -> None:
        """Set a field of something."""
        part, node = self.pick(chance)
        self.step(lambda: part.__setitem__(name, value), lambda: node.set_field(name, value))

    @rule(chance=_chances, name=st.sampled_from(["Subject", "X-Tag"]))
    def delete_field(self, chance: int, name: str) -> None:
        """Delete fields of something."""
        part, node = self.pick(chance)
        self.step(lambda: part.__delitem__(name), lambda: node.delete_field(name))

    @rule(chance=_chances, cid=_cids)
    def set_cid(self, chance: int, cid: str) -> None:
        """Name something, be the name taken or not."""
        part, node = self.pick(chance)
        self.step(lambda: part.set_header("Content-ID", f"<{cid}>"), lambda: node.set_cid(cid))

    @rule(chance=_chances, kind=strategies.multipart_types())
    def retype(self, chance: int, kind: str) -> None:
        """Call a multipart another one."""
        part, node = self.pick(chance)
        # RFC 2046, section 5.1.5: in a digest, and there alone, a part that says nothing is a message
        if node.is_multipart and "multipart/digest" not in {node.kind, kind}:
            self.step(lambda: part.set_header("Content-Type", kind), lambda: node.retype(kind))

    # -- structure

    @rule(
        chance=_chances,
        method=st.sampled_from(["make_related", "make_alternative", "make_mixed"]),
        boundary=strategies.asked_boundaries(),
    )
    def make(self, chance: int, method: str, boundary: str | None) -> None:
        """Make something a multipart."""
        part, node = self.pick(chance)
        self.step(lambda: getattr(part, method)(boundary), lambda: node.make(method))

    @rule(chance=_chances, method=strategies.adding_methods(), new=strategies.content_nodes())
    def add(self, chance: int, method: str, new: Node) -> None:
        """Add a text, octets, a list of parts, a file or a page."""
        part, node = self.pick(chance)
        args, kw = arguments(new, part.policy)
        self.step(lambda: getattr(part, method)(*args, **kw), lambda: node.add(method, new))

    @rule(chance=_chances, method=strategies.adding_methods(), new=strategies.image_nodes())
    def add_image(self, chance: int, method: str, new: Node) -> None:
        """Add an object that brings its type and its name."""
        part, node = self.pick(chance)
        [content, _main, subtype], kw = arguments(new, part.policy)
        image = Image(content, subtype=subtype, filename=kw.pop("filename", None))
        self.step(
            lambda: getattr(part, method)(image, content_manager=ObjectManager, **kw), lambda: node.add(method, new)
        )

    @rule(
        chance=_chances,
        method=strategies.adding_methods(),
        new=strategies.part_nodes(),
        chosen=strategies.policies(),
    )
    def add_part(self, chance: int, method: str, new: Node, chosen: Policy) -> None:
        """Add a part that is ready, or a message, made with a policy of its own."""
        self._hand_over(chance, method, built(new, chosen), new)

    @rule(chance=_chances, method=strategies.adding_methods())
    def add_removed(self, chance: int, method: str) -> None:
        """Add what was taken out."""
        if self.removed:
            self._hand_over(chance, method, *self.removed[-1])

    @rule(chance=_chances, new=strategies.message_nodes())
    def add_foreign(self, chance: int, new: Node) -> None:
        """Attach a message of the standard library's."""
        part, node = self.pick(chance)
        theirs = email.message_from_bytes(bytes(built(new, self.message.policy)))
        new.write()
        self.step(
            lambda: part.add_attachment(theirs, content_manager=ObjectManager),
            lambda: node.add("add_attachment", Node("message/rfc822", parts=[new])),
        )

    @rule(chance=_chances, other=_chances, method=strategies.adding_methods())
    def add_copy(self, chance: int, other: int, method: str) -> None:
        """Add a copy of what stands in it, be it all of it."""
        part, node = self.pick(other)
        if len(list(self.model.walk())) + len(list(node.walk())) < _MANY:
            self._hand_over(chance, method, copy.copy(part), node.copied())

    @rule(chance=_chances, other=_chances, method=strategies.adding_methods())
    def add_what_stands(self, chance: int, other: int, method: str) -> None:
        """A part has one place, and a message does not stand in itself."""
        self._hand_over(chance, method, *self.pick(other))

    def _hand_over(self, chance: int, method: str, given_: MIMEPart, new: Node) -> None:
        part, node = self.pick(chance)
        self.step(lambda: getattr(part, method)(given_), lambda: node.add(method, new, handed=True))
        assert seen(given_) == new.told()

    @rule(chance=_chances, new=_embedded, cid=st.none() | _cids)
    def embed(self, chance: int, new: Node, cid: str | None) -> None:
        """Add something that the page shows."""
        part, node = self.pick(chance)
        new.cid = None
        args, kw = arguments(new, part.policy)
        new.cid = cid
        found = self.step(lambda: part.embed(*args, cid=cid, **kw), lambda: node.embed(new))
        if found is not None:
            assert cid in {None, found}
            new.cid = str(found)

    @rule(chance=_chances, new=_embedded, cid=st.none() | _cids)
    def embed_part(self, chance: int, new: Node, cid: str | None) -> None:
        """Add a part that is ready."""
        part, node = self.pick(chance)
        given_, own = built(new, part.policy), new.cid
        new.cid = cid or own
        found = self.step(lambda: part.embed(given_, cid=cid), lambda: node.embed(new, handed=True))
        new.cid = own if found is None else str(found)
        assert new.cid in {found, own}
        assert seen(given_) == new.told()

    @rule(chance=_chances, new=strategies.part_nodes())
    def attach(self, chance: int, new: Node) -> None:
        """Put a part behind the others."""
        part, node = self.pick(chance)
        given_ = built(new, part.policy)
        self.step(lambda: part.attach(given_), lambda: node.attach(new))

    @rule(chance=st.just(0) | _chances, other=_chances)
    def remove(self, chance: int, other: int) -> None:
        """Take something out of the message, or of something else."""
        around, node = self.pick(chance)
        part, wanted = self.pick(other)
        self.step(lambda: around.remove(part), lambda: node.remove(wanted))
        if wanted.parent is None and wanted is not self.model:
            self.removed.append((part, wanted))

    @rule(chance=_chances, mistake=st.sampled_from(_MISTAKES))
    def err(self, chance: int, mistake: Callable[[MIMEPart], object]) -> None:
        """What nothing allows."""
        part, _node = self.pick(chance)
        with pytest.raises(MimeError):
            mistake(part)

    # -- looking

    @rule(chosen=strategies.policies())
    def write(self, chosen: Policy) -> None:
        """Write it, which changes nothing, also as another policy asks."""
        wanted = self.model.copied()
        check_written(self.message, wanted)
        assert seen(mimekit.parse(self.message.as_bytes(policy=chosen))) == wanted.told()

    @rule()
    def read(self) -> None:
        """Go on with what is read."""
        octets = check_written(self.message, self.model)
        self.message = mimekit.parse(octets, policy=self.message.policy)
        self.removed.clear()

    @rule(twice=st.booleans())
    def copy(self, twice: bool) -> None:
        """Go on with a copy, which has parts of its own."""
        before, octets = self.message, bytes(self.message)
        self.removed.clear()
        self.message = copy.copy(copy.deepcopy(before) if twice else before)
        assert not {id(part) for part in before.walk()} & {id(part) for part in self.message.walk()}
        assert bytes(self.message) == octets

    @rule()
    def pickle(self) -> None:
        """Go on with what was packed and unpacked, which has in itself what was in files."""
        self.message = pickle.loads(pickle.dumps(self.message))  # noqa: S301 -- our own
        self.removed.clear()
        if self.model.kind:  # one that was never filled still is not
            self.model.write()

    @invariant()
    def it_is_what_the_model_is(self) -> None:
        """In memory: its tree, its bodies and its attachments."""
        assert seen(self.message) == self.model.told()
        for part, node in zip(self.message.walk(), self.model.walk(), strict=True):
            assert _told(part.iter_attachments()) == [one.told() for one in node.attachments()]
            for preferences in (("related", "html", "text"), ("html",), ("text",), ("text", "html")):
                found, wanted = part.get_body(preferences), node.body(preferences)
                assert (found and seen(found)) == (wanted and wanted.told())
            for cid in ("a@b", "c@d"):
                found, wanted = part.get_part(cid), node.find(cid)
                assert (found and seen(found)) == (wanted and wanted.told())

    def teardown(self) -> None:
        """Everything written is read again."""
        check_written(self.message, self.model)


def _told(parts: Iterator[MIMEPart]) -> list[Told]:
    return [seen(part) for part in parts]


TestBuilding = Building.TestCase
TestBuilding.settings = settings(stateful_step_count=30)
