"""The rules of structure: the promotion matrix, one place for each part, what fits in a message/rfc822, copies."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

import pytest

from mimekit import BadValue, Forbidden, MIMEMessage, MIMEPart, parse, policy
from mimekit._structure import make_cid
from tests.trees import leaf, message, multipart, shape

HTML, PLAIN, PNG = leaf("text/html"), leaf("text/plain"), leaf("image/png")
SIGNATURE = leaf("application/pgp-signature")
LONG = "y" * 2_000

# what can only be wrapped whole
WHOLE = ("MAKE_MIXED", "ADD_ATTACHMENT", "mixed({})", "MAKE_MIXED", "ADD_ATTACHMENT", "mixed({} pdf)")
KINDS: dict[str, tuple[bytes, str, str, str, str, str, str]] = {
    # a source, then what each of the six calls makes of it, or in capitals the call that its refusal names, in the
    # order of CALLS: the three that make something of it, the three that add something to it
    "html": (
        HTML,
        "related({})",
        "alternative({})",
        "mixed({})",
        "related({} png)",
        "alternative({} x)",
        "mixed({} pdf)",
    ),
    "rfc822(plain)": (
        *(message(PLAIN), "related({})", "alternative({})", "mixed({})"),
        *("related({} png)", "alternative({} x)", "mixed({} pdf)"),
    ),
    "related(html png)": (
        *(multipart("related", HTML, PNG), "ADD_RELATED", "alternative({})", "mixed({})"),
        *("related(html png png)", "alternative({} x)", "mixed({} pdf)"),
    ),
    "alternative(plain html)": (
        *(multipart("alternative", PLAIN, HTML), "EMBED", "ADD_ALTERNATIVE", "mixed({})"),
        *("EMBED", "alternative(plain html x)", "mixed({} pdf)"),
    ),
    "mixed(plain png)": (
        *(multipart("mixed", PLAIN, PNG), "EMBED", "GET_BODY().MAKE_ALTERNATIVE", "ADD_ATTACHMENT"),
        *("EMBED", "GET_BODY().ADD_ALTERNATIVE", "mixed(plain png pdf)"),
    ),
    "signed(plain pgp-signature)": (
        multipart("signed", PLAIN, SIGNATURE),
        *WHOLE,
    ),
    "encrypted(pgp-encrypted octet-stream)": (
        multipart("encrypted", leaf("application/pgp-encrypted"), leaf("application/octet-stream")),
        *WHOLE,
    ),
    "report(plain delivery-status)": (
        multipart("report", PLAIN, leaf("message/delivery-status")),
        *WHOLE,
    ),
    "digest(rfc822(plain))": (
        multipart("digest", b"\nSubject: a\n\nb"),
        *WHOLE,
    ),
    "x-unknown(plain)": (
        multipart("x-unknown", PLAIN),
        *WHOLE,
    ),
    # a multipart that could not be opened
    "related": (
        leaf("multipart/related"),
        *WHOLE,
    ),
    "mixed": (
        leaf("multipart/mixed; boundary=none"),
        *WHOLE,
    ),
}
CALLS: dict[str, Callable[[MIMEPart], object]] = {
    "make_related": lambda part: part.make_related(),
    "make_alternative": lambda part: part.make_alternative(),
    "make_mixed": lambda part: part.make_mixed(),
    "add_related": lambda part: part.add_related(b"\x89PNG", "image", "png"),
    "add_alternative": lambda part: part.add_alternative("richer", "x"),
    "add_attachment": lambda part: part.add_attachment(b"%PDF", "application", "pdf"),
}
_CELLS = [
    (kind, row[0], call, outcome) for kind, row in KINDS.items() for call, outcome in zip(CALLS, row[1:], strict=True)
]


def cells(*, allowed: bool) -> pytest.MarkDecorator:
    """The cells of the matrix that allow the call, or those that refuse it."""
    rows = [
        pytest.param(kind, source, call, outcome, id=f"{call} on {kind}")
        for kind, source, call, outcome in _CELLS
        if outcome.isupper() is not allowed
    ]
    return pytest.mark.parametrize(("kind", "source", "call", "outcome"), rows)


def composed(source: bytes) -> MIMEMessage:
    """The same tree, nothing of it as it was received."""
    message = parse(source)
    for part in message.walk():
        part.set_header("X-Touched", "yes")
    return message


class TestMatrix:
    """The email6 proposal: you can only promote, not demote."""

    @cells(allowed=True)
    def test_what_is_allowed_gives_this_tree(self, kind: str, source: bytes, call: str, outcome: str) -> None:
        """From non-multipart to related, alternative and mixed, from related to alternative, from those to mixed."""
        tree = parse(source)

        CALLS[call](tree)

        assert shape(tree) == shape(parse(bytes(tree))) == outcome.format(kind)

    @cells(allowed=False)
    def test_what_is_not_allowed_names_the_call_that_helps(
        self, kind: str, source: bytes, call: str, outcome: str
    ) -> None:
        """The matrix is strict: what it does not allow raises, and nothing has changed."""
        tree = parse(source)

        with pytest.raises(Forbidden, match=re.escape(f"{outcome.lower()}(")) as caught:
            CALLS[call](tree)

        assert f"{call}() does not work on multipart/{kind.partition('(')[0]}: " in str(caught.value)
        assert (bytes(tree), tree.composed, shape(tree)) == (source, False, kind)

    @cells(allowed=True)
    def test_it_is_allowed_in_place(self, kind: str, source: bytes, call: str, outcome: str) -> None:
        """Promotion works in place on any node."""
        tree = parse(multipart("x-outer", PNG, source))

        CALLS[call](tree.parts[1])

        assert shape(parse(bytes(tree))) == f"x-outer(png {outcome.format(kind)})"

    @cells(allowed=True)
    def test_what_it_was_stays_octet_for_octet(self, kind: str, source: bytes, call: str, outcome: str) -> None:
        """What is wrapped, or added to, is not touched; only its Content-* fields stand one floor lower."""
        tree = parse(source)
        before = [part.source for part in tree.parts] or [tree.octets]

        CALLS[call](tree)

        read = parse(bytes(tree))
        wrapped = outcome.startswith(("related({}", "alternative({}", "mixed({}"))
        kept = read.parts[0] if wrapped else read
        assert ([part.source for part in kept.parts] or [kept.octets])[: len(before)] == before
        assert shape(kept).startswith(kind.rstrip(")"))

    @pytest.mark.parametrize("call", CALLS)
    @pytest.mark.parametrize("kind", ["html", "related(html png)", "alternative(plain html)", "mixed(plain png)"])
    def test_it_is_the_same_for_what_was_composed(self, kind: str, call: str) -> None:
        """Where a part comes from is no matter."""
        outcome = next(row[3] for row in _CELLS if (row[0], row[2]) == (kind, call))
        tree = MIMEMessage()
        if kind == "html":
            tree.set_content("<p>", "html")
        else:
            tree.set_content(
                [MIMEPart().set_content(b"", *_type(name)) for name in _names(kind)], kind.partition("(")[0]
            )

        if outcome.isupper():
            with pytest.raises(Forbidden, match=re.escape(f"{outcome.lower()}(")):
                CALLS[call](tree)
        else:
            CALLS[call](tree)

        assert shape(parse(bytes(tree))) == (kind if outcome.isupper() else outcome.format(kind))


def _names(kind: str) -> list[str]:
    return kind.partition("(")[2].rstrip(")").split()


def _type(subtype: str) -> tuple[str, str]:
    return "image" if subtype == "png" else "text", subtype


class TestAdvice:
    """An error names the call that does what was wanted."""

    @pytest.mark.parametrize(
        ("call", "advice"),
        [
            pytest.param(lambda m: m.add_alternative("x"), "it has no body yet; attach", id="a version of no body"),
            pytest.param(lambda m: m.set_content("x"), r"attach\(MIMEPart\(\).set_content\(text\)\)", id="a text"),
            pytest.param(lambda m: m.embed(b"x", "image", "png"), r"attach\(.*html", id="an image in no page"),
        ],
    )
    def test_a_file_without_text_takes_a_text(self, call: Callable[[MIMEMessage], object], advice: str) -> None:
        """The text need not come first in a program."""
        message = MIMEMessage()
        message.add_attachment(b"x", "application", "pdf")

        with pytest.raises(Forbidden, match=advice):
            call(message)
        message.attach(MIMEPart().set_content("<p>", "html"))

        assert message.embed(b"x", "image", "png", cid="cid:a@b") == "a@b"
        assert shape(parse(bytes(message))) == "mixed(pdf related(html png))"


class TestPlaces:
    """A part has one place: adding one that stands elsewhere, or a message to itself, is refused."""

    @pytest.mark.parametrize("call", ["add_related", "add_alternative", "add_attachment", "set_content"])
    def test_a_message_is_not_added_to_itself(self, call: str) -> None:
        """What would contain itself could never be written."""
        tree = MIMEMessage().set_content("text")
        tree["Subject"] = "x"
        before = bytes(tree)

        with pytest.raises(Forbidden, match="cannot be added to itself; add a copy of it"):
            getattr(tree, call)(tree)

        assert bytes(tree) == before
        MIMEMessage().add_attachment(tree)  # it still stands nowhere

    def test_nor_is_it_attached_to_itself(self) -> None:
        """`attach` has the same rule."""
        tree = parse(multipart("mixed", PLAIN))

        with pytest.raises(Forbidden, match="cannot be added to itself"):
            tree.attach(tree)

    def test_nor_to_what_stands_in_it(self) -> None:
        """However deep."""
        source = multipart("mixed", multipart("mixed", PLAIN))
        tree = parse(source)

        for call in (tree.parts[0].attach, tree.parts[0].parts[0].add_attachment):
            with pytest.raises(Forbidden, match="cannot be added to itself"):
                call(tree)

        assert bytes(tree) == source

    def test_nor_in_a_list(self) -> None:
        """A list of parts is adopted like each of them; what is refused is not half done."""
        tree = MIMEMessage().set_content("text")
        before = bytes(tree)

        with pytest.raises(Forbidden, match="cannot be added to itself"):
            tree.add_attachment([tree], "mixed")

        assert bytes(tree) == before

    @pytest.mark.parametrize("call", ["attach", "add_related", "add_alternative", "add_attachment", "set_content"])
    def test_a_part_that_stands_elsewhere_is_refused(self, call: str) -> None:
        """The error says how to get it into a second place: by a copy."""
        elsewhere = parse(multipart("mixed", PLAIN, PNG))
        tree = MIMEMessage().set_content([], "mixed") if call == "attach" else MIMEMessage()
        before = bytes(tree)

        with pytest.raises(Forbidden, match="one place"):
            getattr(tree, call)(elsewhere.parts[0])

        assert bytes(tree) == before
        assert shape(elsewhere) == "mixed(plain png)"

    def test_a_part_given_twice_is_refused(self) -> None:
        """A list that has it twice gives it two places."""
        part = MIMEPart().set_content("text")

        with pytest.raises(Forbidden, match="one place"):
            MIMEMessage().set_content([part, part], "mixed")

        MIMEMessage().set_content([part], "mixed")

    def test_a_copy_may_stand_beside_it(self) -> None:
        """What the error advises works."""
        tree = parse(multipart("mixed", PLAIN, PNG))

        tree.attach(copy.copy(tree.parts[1]))

        assert shape(parse(bytes(tree))) == "mixed(plain png png)"

    def test_what_was_removed_may_be_added_again(self) -> None:
        """Removing a part takes it from its place."""
        tree = parse(multipart("mixed", PLAIN, PNG))
        part = tree.parts[0]

        tree.remove(part)
        tree.attach(part)

        assert shape(parse(bytes(tree))) == "mixed(png plain)"


class TestLineEnds:
    """QUIRK: very old mail ends its lines in CR alone; a reader takes a whole message for one form."""

    @pytest.mark.parametrize(
        ("outer", "inner"),
        [
            pytest.param(PLAIN, HTML.replace(b"\n", b"\r"), id="CR in LF"),
            pytest.param(PLAIN.replace(b"\n", b"\r"), HTML, id="LF in CR"),
            pytest.param(PLAIN.replace(b"\n", b"\r"), HTML.replace(b"\n", b"\r\n"), id="CRLF in CR"),
        ],
    )
    def test_a_part_of_another_form_is_refused(self, outer: bytes, inner: bytes) -> None:
        """It would come back as something else; its content can be added."""
        tree, part = parse(outer), parse(inner)

        with pytest.raises(Forbidden, match="add the content"):
            tree.add_alternative(part)
        with pytest.raises(Forbidden, match="add the content"):
            tree.add_alternative(MIMEPart().set_content([part], "mixed") if b"\n" in inner else [part], "mixed")
        tree.add_alternative(part.octets, "text", "html")

        assert [read.octets for read in parse(bytes(tree)).parts] == [b"text", b"text"]

    def test_parts_of_one_form_go_together(self) -> None:
        """CR beside CR, and what is composed takes it."""
        tree = parse(PLAIN.replace(b"\n", b"\r"))

        tree.add_alternative(parse(HTML.replace(b"\n", b"\r")))

        assert shape(parse(bytes(tree))) == "alternative(plain html)"
        assert b"\n" not in bytes(tree)


class TestAttachedMessages:
    """RFC 2046, section 5.2.1: message/rfc822 is 7bit or 8bit, so its lines have at most 998 octets."""

    def test_what_fits_is_not_changed(self) -> None:
        """An attached message is what it was, octet for octet."""
        inner = parse(leaf(body="y" * 998))
        part = MIMEPart().set_content(inner)

        assert not inner.composed
        assert bytes(inner) in bytes(part)

    @pytest.mark.parametrize(
        "body",
        [pytest.param(LONG, id="a long line"), pytest.param("a\rb", id="a lone CR"), pytest.param("a\0b", id="a NUL")],
    )
    def test_a_leaf_that_does_not_fit_is_encoded_anew(self, body: str) -> None:
        """A line over 998 octets inside it means that its inner leaf is re-encoded."""
        inner = parse(multipart("mixed", leaf("text/plain", body), leaf("text/plain", "short", "X-Kept: yes")))

        part = MIMEPart().set_content(inner)

        read = parse(bytes(part)).parts[0]
        assert [one.octets.decode() for one in read.parts] == [body, "short"]
        assert read.parts[1].source == leaf("text/plain", "short", "X-Kept: yes")
        assert max(map(len, bytes(part).split(b"\n"))) <= 998

    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(leaf("text/plain", LONG, f"X-Long: {LONG}"), id="in a header too"),
            pytest.param(
                multipart("mixed", leaf(body=LONG), multipart("signed", leaf(body=LONG))), id="in a signed part"
            ),
            pytest.param(
                multipart("mixed", leaf(body=LONG)).replace(b"\n--", f"\n{LONG}\n--".encode(), 1), id="outside"
            ),
        ],
    )
    def test_what_cannot_be_encoded_is_refused_and_left_alone(self, source: bytes) -> None:
        """What cannot be kept is refused, before anything is changed."""
        inner = parse(source)

        with pytest.raises((BadValue, Forbidden)):
            MIMEMessage().set_content(inner)

        assert bytes(inner) == source
        assert not inner.composed


class TestCopies:
    def test_a_copy_is_changed_apart(self) -> None:
        """A part has one place, so a copy has parts of its own."""
        source = multipart("mixed", PLAIN, multipart("alternative", PLAIN, HTML))
        tree = composed(source)
        before = bytes(tree)

        twin = copy.deepcopy(tree)
        twin.parts[1].parts[0].set_content("other")
        twin.remove(twin.parts[0])
        twin["Subject"] = "other"

        assert bytes(tree) == before
        assert bytes(twin) != before
        assert shape(twin) == "mixed(alternative(plain html))"

    def test_a_copy_of_a_part_stands_nowhere(self) -> None:
        """It can be added anywhere."""
        tree = parse(multipart("mixed", PLAIN, PNG))

        MIMEMessage().set_content([copy.copy(tree.parts[0])], "mixed")

        assert shape(tree) == "mixed(plain png)"

    def test_an_untouched_copy_shares_its_octets(self) -> None:
        """Octets and fields, which never change, are shared."""
        tree = parse(multipart("mixed", PLAIN, PNG))

        twin = copy.copy(tree)

        assert twin._whole is tree._whole
        assert bytes(twin) == bytes(tree)

    def test_nesting_costs_no_recursion_wild_16(self) -> None:
        """2,000 deep, composed and received."""
        received = parse(b"Content-Type: message/rfc822\n\n" * 900 + b"Subject: in\n\ntext")
        built = MIMEMessage().set_content("text")
        for _ in range(2_000):
            outer = MIMEMessage()
            outer.set_content([built], "mixed")
            built = outer

        for tree in (received, built):
            twin = copy.deepcopy(tree)
            assert bytes(twin) == bytes(tree)
            assert len(list(twin.walk())) == len(list(tree.walk()))

    def test_a_copy_of_a_digested_message_is_a_message(self) -> None:
        """RFC 2046, section 5.1.5: it is one by its place only, and a copy stands nowhere."""
        tree = parse(multipart("digest", b"\nSubject: a\n\nb", b"\nSubject: c\n\nd"))
        tree.parts[1].set_header("X-Touched", "yes")

        twins = [copy.copy(part) for part in tree.parts]

        assert [shape(twin) for twin in twins] == ["rfc822(plain)"] * 2
        assert shape(parse(bytes(twins[1]))) == "rfc822(plain)"


class TestTellingTheRoot:
    def test_a_related_says_of_which_type_its_root_is(self) -> None:
        """RFC 2387, section 3.1: the type parameter must be specified."""
        promoted, listed, begun = MIMEMessage().set_content("<p>", "html"), MIMEMessage(), MIMEMessage()
        promoted.make_related()
        listed.set_content([MIMEPart().set_content("<p>", "html")], "related")
        begun.make_related()
        begun.add_related("<p>", "html")

        assert [message.get_param("type") for message in (promoted, listed, begun)] == ["text/html"] * 3

    def test_what_the_caller_says_stays(self) -> None:
        """Explicit params win."""
        part = MIMEPart().set_content([MIMEPart().set_content("<p>", "html")], "related", params={"type": "a/b"})

        assert part.get_param("type") == "a/b"

    def test_what_was_received_says_what_it_said(self) -> None:
        """An edit touches what it edits."""
        part = parse(b"Content-Type: multipart/related; boundary=b\n\n--b\n\n<p>\n--b--\n")

        part.add_related(b"x", "image", "png")

        assert part.get_param("type") is None


class TestContentIds:
    def test_a_new_one_is_used_once(self) -> None:
        """RFC 2045, section 7: Content-ID values must be generated to be world-unique."""
        assert len({make_cid() for _ in range(100)}) == 100

    def test_it_tells_nothing_of_the_machine(self) -> None:
        """What a host is called is nobody's business, and ``.invalid`` is nobody's name (RFC 2606, section 2)."""
        assert re.fullmatch(r"[0-9a-f]{24}@mimekit\.invalid", make_cid())


def test_a_part_that_needs_smtputf8_is_refused_by_a_message_without_wild_19() -> None:
    """RFC 6531, section 3.2: what was accepted can be written, so what could not be is refused when it is added."""
    part = MIMEPart(policy=policy.SMTPUTF8).set_content("x", headers={"Reply-To": "jürgen@example.org"})
    message = MIMEMessage().set_content("text")
    before = bytes(message)

    with pytest.raises(BadValue, match="SMTPUTF8"):
        message.add_alternative(part)

    assert bytes(message) == before


def test_a_part_made_for_smtputf8_that_needs_none_of_it_is_added() -> None:
    """Only what could not be written is refused."""
    part = MIMEPart(policy=policy.SMTPUTF8).set_content("x", headers={"Reply-To": "Jürgen <j@example.org>"})

    MIMEMessage().set_content("text").add_alternative(part)

    assert part["reply-to"] == "Jürgen <j@example.org>"
