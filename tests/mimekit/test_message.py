"""`MIMEPart` and `MIMEMessage`: defects, copies, and what looking at one costs.

What else they do is in ``test_message_fields``, ``test_message_content``, ``test_message_structure`` and
``test_message_writing``.
"""

from __future__ import annotations

import base64
import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given

from mimekit import Defect, MIMEMessage, MIMEPart, parse, policy
from tests import strategies
from tests.trees import leaf, message, multipart, shape

TREE = multipart(
    "mixed",
    multipart("alternative", leaf("text/plain", "one"), leaf("text/html", "two")),
    message(leaf("image/png", "three", "X-Odd:  y")),
    fields=("Subject: s",),
)


class TestLooking:
    @pytest.mark.parametrize(
        "look", [repr, bool, id, hash, lambda tree: tree == 1, lambda tree: tree.span, bytes, str, copy.copy]
    )
    def test_it_forces_nothing(self, look: object) -> None:
        """Being asked is the only trigger: repr, ==, a debugger or writing it parse no header and find no part."""
        assert callable(look)
        tree = parse(TREE)

        look(tree)

        assert tree._headers is None
        assert tree._parts is None
        assert tree._whole is not None
        assert tree._whole.layout.fields_end == -1

    def test_a_subject_forces_no_other_field_and_no_part(self) -> None:
        """The block is divided, and one value is made."""
        tree = parse(TREE)

        assert tree["subject"] == "s"

        assert list(tree.headers._block._values.values()) == ["s"]
        assert tree._parts is None

    @pytest.mark.parametrize(
        ("made", "expected"),
        [
            pytest.param(parse(b"Subject: a\n\nb"), "<MIMEMessage parsed 0:13>", id="parsed"),
            pytest.param(MIMEMessage(), "<MIMEMessage composed text/plain>", id="composed"),
            pytest.param(MIMEPart(), "<MIMEPart composed text/plain>", id="a part"),
            pytest.param(
                parse(b"Subject: a\n\nb").set_content("<p>", "html"), "<MIMEMessage edited text/html 0:13>", id="edited"
            ),
            pytest.param(
                parse(multipart("mixed", b"\nb")).parts[0], "<MIMEPart parsed text/plain 65:67>", id="a parsed part"
            ),
        ],
    )
    def test_repr_says_what_it_is(self, made: MIMEPart, expected: str) -> None:
        """What a debugger shows: the class, its state, its type if that is known, its place; nothing is read for it."""
        assert repr(made) == expected

    def test_a_part_equals_itself_only(self) -> None:
        """A mutable thing is compared by identity, as in the standard library."""
        assert parse(TREE) != parse(TREE)
        assert len({parse(TREE), parse(TREE)}) == 2


class TestKinds:
    def test_messages_are_messages_and_parts_are_parts(self) -> None:
        """What is parsed, or stands in a message/rfc822, is a message; the rest are parts."""
        kinds = [type(part).__name__ for part in parse(TREE).walk()]

        assert kinds == ["MIMEMessage", "MIMEPart", "MIMEPart", "MIMEPart", "MIMEPart", "MIMEMessage"]

    def test_octets_can_be_read_as_a_message_of_its_policy(self) -> None:
        """A worker that finds a message asks the part to read it."""
        part = MIMEPart(policy=policy.SMTPUTF8)

        read = part.parse_part(b"Subject: a\n\nb")

        assert (read["subject"], read.policy, type(read)) == ("a", policy.SMTPUTF8, MIMEMessage)

    def test_parts_are_the_same_every_time(self) -> None:
        """They are made once, so that an edit of one is not lost."""
        tree = parse(TREE)

        assert [id(part) for part in tree.walk()] == [id(part) for part in tree.walk()]


class TestDefects:
    def test_they_are_those_of_the_entity_itself(self) -> None:
        """Structure, fields and the encoding of its content; those of its parts are `all_defects`."""
        source = multipart("mixed", leaf("text/plain; charset=nonsense", "\xe9"), leaf("image/png", "a", "Date: never"))
        tree = parse(source[: source.rindex(b"\n--")].replace(b"multipart/mixed;", b"multipart/mixed; charset;"))

        found = [[defect.code for defect in part.defects] for part in tree.walk()]

        assert found == [["missing-close-delimiter", "bad-parameter"], ["unknown-charset"], ["bad-date"]]
        assert [defect.code for defect in tree.all_defects()] == [code for codes in found for code in codes]

    @pytest.mark.parametrize(
        ("source", "defect"),
        [
            pytest.param(b"A: b\nno field\nC: d\n\n", Defect("stray-line", 5), id="a line among the headers"),
            pytest.param(b"\xef\xbb\xbfA: b\n\n", Defect("byte-order-mark", 0), id="a byte order mark"),
            pytest.param(b"A: b\nbody", Defect("missing-separator", 5), id="no empty line"),
            pytest.param(b"A: b\nDate: never\n\n", Defect("bad-date", 5), id="a field"),
            pytest.param(b"Content-Type: multipart/mixed\n\nx", Defect("missing-boundary", 0), id="no boundary"),
            pytest.param(b"Content-Transfer-Encoding: base64\n\nYQ=a", Defect("bad-base64", 37), id="an encoding"),
            pytest.param(b"A: b\n\nab\xe9", Defect("undeclared-8bit", 6), id="a charset"),
        ],
    )
    def test_they_say_where(self, source: bytes, defect: Defect) -> None:
        """The place in octets from the start of what was parsed."""
        assert defect in parse(source).defects

    def test_the_places_in_a_part_count_from_the_start_of_all(self) -> None:
        """One number for one octet, wherever it stands."""
        source = multipart("mixed", leaf("text/plain"), leaf("image/png", "x", "Date: never"))

        (defect,) = parse(source).all_defects()

        assert defect == Defect("bad-date", source.index(b"Date"))

    @pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"x-unknown"])
    def test_a_multipart_claims_no_transfer_encoding(self, encoding: bytes) -> None:
        """RFC 2045, section 6.4: no encoding but 7bit, 8bit or binary is permitted."""
        start = b"Content-Type: multipart/mixed; boundary=b\n"
        tree = parse(start + b"Content-Transfer-Encoding: " + encoding + b"\n\n--b\n\nx\n--b--\n")

        assert tree.defects == (Defect("multipart-encoded", len(start)),)

    def test_a_field_that_stands_once_stands_twice(self) -> None:
        """RFC 5322, section 3.6; readers differ in which one they show."""
        source = b"From: a@b.c\nReceived: x\nfrom: d@e.f\nReceived: y\n\nx"
        tree = MIMEMessage()
        tree["Subject"] = "a"
        tree.add_header("Subject", "b")

        defects = [found for found in parse(source).defects if found.code != "bad-received"]

        assert defects == [Defect("repeated-field", source.index(b"from:"))]
        assert tree.defects == (Defect("repeated-field"),)

    def test_encoded_messages_in_each_other_have_a_limit(self) -> None:
        """Each costs its size anew; the innermost is left unopened, with a defect."""
        octets = b"Subject: inmost\n\nx\n"
        for _level in range(9):
            head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            octets = head + base64.encodebytes(octets)

        tree = parse(octets)

        *_, inmost = tree.walk()
        assert (inmost.get_content_type(), inmost.parts, inmost.is_multipart()) == ("message/rfc822", (), False)
        assert [found.code for found in inmost.defects] == ["message-encoded", "depth-limit"]
        assert inmost.defects == inmost.defects

    def test_utf8_in_a_header_is_right_where_the_policy_has_it(self) -> None:
        """RFC 6532, section 3.2; and what is no UTF-8 is wrong there too."""
        utf8, latin = "Subject: grüße\n\n".encode(), "Subject: grüße\n\n".encode("latin-1")

        assert parse(utf8).defects == (Defect("8bit-in-header", 0),)
        assert parse(utf8, policy=policy.SMTPUTF8.replace(strict=True)).defects == ()
        assert parse(latin, policy=policy.SMTPUTF8).defects == (Defect("8bit-in-header", 0),)

    def test_what_is_composed_has_none(self) -> None:
        """What you compose is valid."""
        tree = MIMEMessage().set_content("grüße")
        tree["Subject"] = "grüße"
        tree.add_attachment(b"x", "application", "pdf", filename="a b.pdf")

        assert tree.all_defects() == parse(bytes(tree)).all_defects() == ()

    def test_what_is_mended_has_none_left(self) -> None:
        """A defect is of what stands there now."""
        tree = parse(b"Date: never\nContent-Transfer-Encoding: base64\n\nYQ=a")

        tree["Date"] = "Mon, 2 Nov 2020 10:00:00 +0100"
        tree.set_content("new")

        assert tree.defects == ()

    def test_a_header_beyond_the_limit_is_left_unread(self) -> None:
        """SECURITY: the rest stays in the body, and no encoding of it is looked at."""
        source = b"A: b\n" * 9 + b"Content-Transfer-Encoding: base64\n\n!"

        tree = parse(source, policy=policy.default.replace(max_header_size=20))

        assert [defect.code for defect in tree.defects] == ["header-limit"]
        assert bytes(tree) == source


class TestCopies:
    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda tree: pickle.loads(pickle.dumps(tree))])  # noqa: S301
    @given(made=strategies.built_messages() | strategies.sources().map(lambda source: parse(source.octets)))
    def test_a_copy_is_the_same_message(self, copied: object, made: MIMEMessage) -> None:
        """Octets, structure, values, state, class and policy."""
        assert callable(copied)
        twin = copied(made)

        assert twin is not made
        assert isinstance(twin, MIMEMessage)
        assert (bytes(twin), shape(twin), twin.items()) == (bytes(made), shape(made), made.items())
        assert (twin.composed, repr(twin.policy)) == (made.composed, repr(made.policy))

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda tree: pickle.loads(pickle.dumps(tree))])  # noqa: S301
    def test_editing_a_copy_edits_nothing_else(self, copied: object) -> None:
        """No part, header or boundary is shared, half edited or not."""
        assert callable(copied)
        tree = parse(TREE)
        tree.parts[0].parts[0]["X-New"] = "a"
        before = bytes(tree)
        twin = copied(tree)

        twin["Subject"] = "other"
        twin.parts[0].parts[1].set_content("other")
        twin.parts[0].parts[0]["X-New"] = "b"
        twin.parts[0].remove(twin.parts[0].parts[0])
        twin.add_attachment(b"x", "image", "png")

        assert bytes(tree) == before

    def test_a_part_is_pickled_alone(self) -> None:
        """As its own octets."""
        part = parse(TREE).parts[0]

        twin = pickle.loads(pickle.dumps(part))  # noqa: S301

        assert type(twin) is MIMEPart
        assert twin.source == part.source

    def test_a_composed_one_stays_composed(self) -> None:
        """Who sends it gives it a Date, as before."""
        twin = pickle.loads(pickle.dumps(MIMEMessage().set_content("x")))  # noqa: S301

        assert twin.composed

    def test_what_has_no_content_yet_has_none_pickled(self) -> None:
        """The first thing added to it is its first part."""
        made = MIMEMessage()
        made["Subject"] = "x"

        twin = pickle.loads(pickle.dumps(made))  # noqa: S301  # our own
        twin.add_attachment(b"x", "application", "pdf")

        assert len(twin.parts) == 1

    def test_nesting_costs_no_recursion(self) -> None:
        """2,000 deep, through every way of copying."""
        tree = MIMEMessage().set_content("text")
        for _ in range(2_000):
            tree = MIMEMessage().set_content([tree], "mixed")

        assert bytes(copy.copy(tree)) == bytes(copy.deepcopy(tree)) == bytes(tree)
        assert bytes(pickle.loads(pickle.dumps(tree))) == bytes(tree)  # noqa: S301


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda part: pickle.loads(pickle.dumps(part))])  # noqa: S301 -- ours
def test_a_part_of_a_digest_taken_alone_says_that_it_is_a_message(copied: Callable[[MIMEPart], MIMEPart]) -> None:
    """RFC 2046, section 5.1.5: only in a digest is that the default."""
    digest = parse(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhi\n--b--\n")

    twin = copied(digest.parts[0])
    twin["X-Tag"] = "a"

    assert twin.get_content_type() == parse(bytes(twin)).get_content_type() == "message/rfc822"
    assert twin.parts[0]["subject"] == "x"
