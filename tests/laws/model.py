"""A message as a tree of plain nodes, with the rules of the email6 proposal: what messages of ours are compared with.

Nothing here knows how mimekit does it. A node refuses before it changes anything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

Told = tuple[object, ...]


class Refused(Exception):
    """The rules do not allow it."""


# The matrix of the proposal: what it is -> what may be called on it. One can promote, never demote.
_EVERYTHING = ("make_related", "make_alternative", "make_mixed", "add_related", "add_alternative", "add_attachment")
_VALID = {
    "multipart/related": ("add_related", "add_alternative", "add_attachment", "make_alternative", "make_mixed"),
    "multipart/alternative": ("add_alternative", "add_attachment", "make_mixed"),
    "multipart/mixed": ("add_attachment",),
}
# signed, report and their like can only be wrapped whole
_OTHER = ("add_attachment", "make_mixed")
_MADE = {"add_related": "make_related", "add_alternative": "make_alternative", "add_attachment": "make_mixed"}
_DISPOSITIONS = {"add_related": "inline", "add_attachment": "attachment"}
_NAMES = {"text/plain": "text", "text/html": "html", "multipart/related": "related"}


@dataclasses.dataclass(eq=False)
class Node:
    """One part: a leaf with its content, or a multipart or message/rfc822 with what is in it."""

    kind: str = ""  # nothing was set yet
    content: str | bytes = ""
    parts: list[Node] = dataclasses.field(default_factory=list)
    disposition: str | None = None
    filename: str | None = None
    cid: str | None = None
    fields: list[tuple[str, str]] = dataclasses.field(default_factory=list)  # those that are not Content-*
    boundary: str | None = None  # the one that is asked for
    given: object = None  # the object it is made of, where that is neither its content nor a list of its parts
    on_disk: bool = False  # its content stands in a file, called *filename*, and is given by its path
    parent: Node | None = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts, self.parts = self.parts, []
        for part in parts:
            self._adopt(part)

    @property
    def is_multipart(self) -> bool:
        """Whether it is a multipart of any kind."""
        return self.kind.startswith("multipart/")

    @property
    def is_message(self) -> bool:
        """Whether it has fields of a message."""
        return bool(self.fields)

    def walk(self) -> Iterator[Node]:
        """It and everything in it, each before its parts."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def above(self) -> Iterator[Node]:
        """Everything around it, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def told(self) -> Told:
        """All of it as one comparable value."""
        content: object = self.content
        if isinstance(content, str):
            content = content.replace("\r\n", "\n")
        if self.parts or self.is_multipart:
            content = tuple(part.told() for part in self.parts)
        return (self.kind or "text/plain", self.disposition, self.filename, self.cid, tuple(self.fields), content)

    def write(self) -> None:
        """RFC 2046, section 5.1.1: a multipart has at least one part, so an empty one is written with an empty part."""
        for node in list(self.walk()):
            node.kind = node.kind or "text/plain"
            if node.is_multipart and not node.parts:
                empty = Node("text/plain")
                # RFC 2046, section 5.1.5: in a digest it is a message
                part = Node("message/rfc822", parts=[empty]) if node.kind == "multipart/digest" else empty
                node.parts, part.parent = [part], node

    # -- edits -----------------------------------------------------------------------------------------

    def _refuse_in_signed(self) -> None:
        if any(node.kind == "multipart/signed" for node in self.above()):
            raise Refused

    def _refuse_around(self, new: Node) -> None:
        """A part has one place, and is not put into itself."""
        if new.parent is not None or new is self or new in self.above():
            raise Refused

    def _allow(self, method: str) -> None:
        self._refuse_in_signed()
        if method not in (_VALID.get(self.kind, _OTHER) if self.is_multipart else _EVERYTHING):
            raise Refused

    def make(self, method: str) -> None:
        """Turn it into a multipart whose first part is what it was."""
        self._allow(method)
        inner = Node(self.kind, self.content, self.parts, self.disposition, self.filename, self.cid)
        had_content = bool(inner.kind or inner.disposition or inner.cid)
        self.kind, self.content = method.replace("make_", "multipart/"), ""
        self.parts = [inner] if had_content else []
        self.disposition = self.filename = self.cid = None
        inner.parent = self

    def add(self, method: str, new: Node, *, handed: bool = False) -> None:
        """Add *new*, a part that was *handed* over or is made of what was given."""
        self._allow(method)
        self._refuse_around(new)
        if handed and method == "add_attachment" and new.is_message:
            new, handed = Node("message/rfc822", parts=[new]), False
        if method == "add_related" and new.cid is not None and self.find(new.cid) is not None:
            raise Refused
        if not handed or new.disposition is None:
            new.disposition = new.disposition or _DISPOSITIONS.get(method) or (new.stated() and "inline")
        if self.kind != _MADE[method].replace("make_", "multipart/"):
            self.make(_MADE[method])
        self._adopt(new)

    def _adopt(self, new: Node) -> None:
        self.parts.append(new)
        new.parent = self
        if self.kind == "multipart/digest":
            # RFC 2046, section 5.1.5: in a digest it must say that it is a text, even while it has none
            new.kind = new.kind or "text/plain"

    def stated(self) -> str | None:
        """A file name makes an attachment of it where nothing else is said."""
        return self.disposition or ("attachment" if self.filename is not None else None)

    def embed(self, new: Node, *, handed: bool = False) -> None:
        """Add *new* beside the page, wherever that is."""
        page = self.body(("html",))
        if page is None:
            raise Refused
        (page.related_around() or page).add("add_related", new, handed=handed)

    def related_around(self) -> Node | None:
        """The related that this page, or the alternative it is a version in, is the first part of."""
        root = self
        for node in self.above():
            if node.kind != "multipart/alternative":
                return node if node.kind == "multipart/related" and node.parts[0] is root else None
            root = node
        return None

    def set_content(self, new: Node) -> None:
        """Fill it; how it stands among other parts it keeps, unless that is said too."""
        self._refuse_in_signed()
        if self.is_multipart:
            raise Refused
        if self.parent is None or new.stated() is not None:
            self.disposition, self.filename = new.stated(), new.filename
        if self.parent is None or new.cid is not None:
            self.cid = new.cid
        self._drop()
        self.kind, self.content, self.parts = new.kind, new.content, new.parts
        for part in self.parts:
            part.parent = self

    def clear_content(self) -> None:
        """Drop what it holds, and what is said of it."""
        self._refuse_in_signed()
        self._drop()
        self.kind, self.content, self.parts = "", "", []
        self.disposition = self.filename = self.cid = None

    def _drop(self) -> None:
        for part in self.parts:
            part.parent = None

    def attach(self, part: Node) -> None:
        """Put *part* behind the others."""
        self._refuse_in_signed()
        if not self.is_multipart or self.kind == "multipart/signed":
            raise Refused
        self._refuse_around(part)
        self._adopt(part)

    def remove(self, part: Node) -> None:
        """Take *part*, which stands anywhere below, out."""
        holder = part.parent
        if holder is None or self not in part.above() or not holder.is_multipart:
            raise Refused
        part._refuse_in_signed()
        holder.parts.remove(part)
        part.parent = None

    def copied(self) -> Node:
        """The same apart, standing nowhere."""
        twin = Node(self.kind, self.content, [part.copied() for part in self.parts], self.disposition, self.filename)
        twin.cid, twin.fields = self.cid, list(self.fields)
        return twin

    def set_cid(self, cid: str) -> None:
        """What it is called by a page."""
        self._refuse_in_signed()
        self.cid = cid

    def retype(self, kind: str) -> None:
        """Call a multipart another one; its parts stay."""
        self._refuse_in_signed()
        self.kind = kind

    def delete_field(self, name: str) -> None:
        """All of that name."""
        found = [field for field in self.fields if field[0] == name]
        if found:
            self._refuse_in_signed()
            self.fields = [field for field in self.fields if field[0] != name]

    def set_field(self, name: str, value: str) -> None:
        """A Subject stands once, in its place; any other field is appended."""
        self._refuse_in_signed()
        names = [name for name, _value in self.fields]
        if name == "Subject" and name in names:
            self.fields[names.index(name)] = (name, value)
        else:
            self.fields.append((name, value))

    # -- questions -------------------------------------------------------------------------------------

    def body(self, preferences: Sequence[str]) -> Node | None:
        """The first candidate of the kind that is preferred most."""
        found = list(self._candidates())
        for name in preferences:
            for node in found:
                if _NAMES[node.kind or "text/plain"] == name:
                    return node
        return None

    def _candidates(self) -> Iterator[Node]:
        if self.disposition == "attachment":
            return
        if (self.kind or "text/plain") in _NAMES:
            yield self
        for part in self._bodies():
            yield from part._candidates()

    def _bodies(self) -> list[Node]:
        """The parts in which a body is looked for."""
        if self.kind == "multipart/related":
            return self.parts[:1]
        if self.kind == "multipart/alternative":
            return self.parts
        return (
            [part for part in self.parts if part.is_multipart or part is self._first_text()]
            if self.is_multipart
            else []
        )

    def _first_text(self) -> Node | None:
        texts = (part for part in self.parts if part.kind in {"", "text/plain", "text/html"})
        return next((part for part in texts if part.disposition != "attachment"), None)

    def find(self, cid: str) -> Node | None:
        """The first that is called so, not looking into messages."""
        if self.cid == cid:
            return self
        inside = (part.find(cid) for part in self.parts if self.is_multipart)
        return next((found for found in inside if found is not None), None)

    def attachments(self) -> list[Node]:
        """All of the parts that are not alternative, related, or the first text; of a related, what its page shows."""
        if not self.is_multipart or self.kind == "multipart/alternative":
            return []
        if self.kind == "multipart/related":
            return self.parts[1:]
        bodies = ("multipart/alternative", "multipart/related")
        return [
            part
            for part in self.parts
            if part.disposition == "attachment" or not (part is self._first_text() or part.kind in bodies)
        ]
