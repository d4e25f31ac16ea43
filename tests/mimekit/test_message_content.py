"""The content of a message: setting it, getting it, its octets, and what an edit leaves alone."""

from __future__ import annotations

import email.contentmanager
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from mimekit import BadValue, Forbidden, MIMEMessage, MIMEPart, NoHandler, Policy, RawDataManager, parse
from tests import strategies
from tests.trees import called, leaf, message, multipart, shape

PART_FIELDS = (
    *("Content-ID: <logo@x>", "Content-Disposition: inline; filename=l.txt", "Content-Description: a logo"),
    *("Content-Location: l.txt", "Content-Language: en", "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==", "X-Own: kept"),
)


class TestGetting:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param(leaf("text/plain; charset=utf-8", "grüße\r\n"), "grüße\n", id="text"),
            pytest.param(leaf("text/csv", "a,b"), "a,b", id="any text"),
            pytest.param(leaf("image/png", "cA==", "Content-Transfer-Encoding: base64"), b"p", id="octets"),
            pytest.param(leaf("message/partial; id=a", "Status: 5.1.1"), b"Status: 5.1.1", id="a piece"),
            pytest.param(leaf("multipart/mixed", "unopened"), b"unopened", id="a multipart that could not be opened"),
        ],
    )
    def test_it_is_what_the_type_says(self, source: bytes, expected: object) -> None:
        """The email6 proposal: a string if the maintype of the part is text, and bytes otherwise."""
        assert parse(source).get_content() == expected

    def test_a_message_gives_the_message(self) -> None:
        """A message/rfc822 holds one message, and that is its content."""
        outer = parse(message(leaf("text/html")))

        assert outer.get_content() is outer.parts[0]
        assert isinstance(outer.parts[0], MIMEMessage)

    def test_a_multipart_has_no_single_content(self) -> None:
        """The error names what helps."""
        with pytest.raises(Forbidden, match=r"get_body\(.*iter_attachments\(\) and iter_parts\(\)"):
            parse(multipart("mixed", leaf())).get_content()

    def test_the_manager_may_be_an_instance_or_a_class(self) -> None:
        """``content_manager=`` wins over the policy's."""

        class Loud(RawDataManager):
            def get_content(self, part: Any, /, *args: object, **kw: object) -> object:
                return str(super().get_content(part, *args, **kw)).upper()

        part = parse(leaf(body="hello"))

        assert part.get_content(content_manager=Loud) == part.get_content(content_manager=Loud()) == "HELLO"
        assert MIMEPart().set_content("x", content_manager=Loud).octets == b"x"


class TestSetting:
    def test_it_returns_the_part_itself(self) -> None:
        """``msg.set_content(...)`` returns msg, to go on with."""
        part, whole = MIMEPart(), MIMEMessage()

        assert part.set_content("x") is part
        assert whole.set_content("x") is whole

    def test_a_message_gets_its_mime_version_a_part_none(self) -> None:
        """RFC 2045, section 4: MIME-Version stands at the top level of a message, and is not required below."""
        whole, part = MIMEMessage().set_content("x"), MIMEPart().set_content("x")

        assert whole["mime-version"] == "1.0"
        assert "mime-version" not in part
        assert "mime-version" not in MIMEMessage().add_attachment(whole.blank().set_content("y"))

    def test_a_mime_version_that_stands_there_stays(self) -> None:
        """It is said once."""
        whole = parse(b"Mime-Version: 1.0 (as it came)\n\nold").set_content("x")

        assert bytes(whole).startswith(b"Mime-Version: 1.0 (as it came)\n")

    def test_the_body_is_replaced_and_other_fields_are_not(self) -> None:
        """An edit touches what it edits; the line ends are those of the source."""
        whole = parse(leaf("text/html; charset=latin-1", "<p>old", "Subject: =?utf-8?q?s?=", "X-Y:  z\t"))

        whole.set_content("new\nlines\n")

        assert bytes(whole) == (
            b"Subject: =?utf-8?q?s?=\nX-Y:  z\t\nContent-Type: text/plain; charset=us-ascii\n"
            b"Content-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\nnew\nlines\n"
        )

    def test_a_part_among_others_keeps_how_it_stands_there(self) -> None:
        """Its Content-ID, disposition, file name and description stay, so that what refers to it still finds it."""
        tree = parse(multipart("related", leaf("text/html"), leaf("text/plain", "old", *PART_FIELDS)))

        tree.parts[1].set_content("new")

        part = parse(bytes(tree)).parts[1]
        assert part.keys() == [
            *("Content-ID", "Content-Disposition", "Content-Description", "Content-Location"),
            *("X-Own", "Content-Type", "Content-Transfer-Encoding"),
        ]
        assert (part.get_filename(), part.get_content()) == ("l.txt", "new")

    def test_unless_new_ones_are_given(self) -> None:
        """What is said counts."""
        tree = parse(multipart("related", leaf("text/html"), leaf("text/plain", "old", *PART_FIELDS)))

        tree.parts[1].set_content("new", disposition="attachment", filename="n.txt", cid="other")

        part = parse(bytes(tree)).parts[1]
        assert part.get_all("content-disposition") == ["attachment; filename=n.txt"]
        assert part.get_all("content-id") == ["<other>"]

    def test_a_root_message_does_not(self) -> None:
        """It stands among nothing; a whole new content has none of the old one's description."""
        whole = parse(leaf("text/plain", "old", *PART_FIELDS))

        whole.set_content("new")

        assert whole.keys() == ["X-Own", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]

    @pytest.mark.parametrize("subtype", ["mixed", "alternative", "related", "signed", "x-unknown"])
    def test_a_multipart_is_not_overwritten(self, subtype: str) -> None:
        """Its parts would be lost; the error names the calls that help."""
        source = multipart(subtype, leaf(), leaf("image/png"))
        tree = parse(source)

        with pytest.raises(Forbidden, match=r"which set_content\(\) would drop; .*clear_content\(\)"):
            tree.set_content("new")

        assert bytes(tree) == source

    def test_an_empty_multipart_neither(self) -> None:
        """It is a multipart all the same."""
        with pytest.raises(Forbidden):
            MIMEMessage().set_content([], "mixed").set_content("new")

    def test_a_multipart_that_could_not_be_opened_is_a_leaf(self) -> None:
        """It has no parts to lose."""
        assert parse(leaf("multipart/mixed", "unopened")).set_content("new").get_content() == "new"

    def test_an_attached_message_can_be_replaced(self) -> None:
        """A message/rfc822 is a leaf to the matrix, and its message goes free."""
        tree = parse(multipart("mixed", leaf(), message(leaf("text/html", "in"))))
        inner = tree.parts[1].parts[0]

        tree.parts[1].set_content("instead")
        tree.attach(inner)

        assert shape(parse(bytes(tree))) == "mixed(plain plain html)"

    @given(strategies.text_contents())
    def test_a_text_comes_back_equal(self, content: strategies.Text) -> None:
        r"""A `str` comes back equal, its CRLFs as ``\n``; no newline is added at its end."""
        whole = MIMEMessage().set_content(content.text, content.subtype, charset=content.charset)

        assert whole.get_content() == parse(bytes(whole)).get_content() == content.text.replace("\r\n", "\n")

    @given(strategies.data_contents())
    def test_octets_come_back_equal(self, content: strategies.Data) -> None:
        """Bytes come back octet for octet."""
        whole = MIMEMessage().set_content(*content)

        assert whole.octets == parse(bytes(whole)).octets == content.octets

    def test_what_fails_changes_nothing(self) -> None:
        """The message is then as it was before, and so is a part that was handed in."""
        source = multipart("mixed", leaf(), message(leaf("text/html", "in")))
        tree = parse(source)
        before = list(tree.walk())
        free = MIMEMessage().set_content("free")

        with pytest.raises(BadValue):
            tree.parts[1].set_content(free, cid="a b")
        with pytest.raises(NoHandler):
            tree.parts[1].set_content(object())

        assert bytes(tree) == source
        assert not tree.composed
        assert list(tree.walk()) == before
        MIMEMessage().set_content([free], "mixed")
        with pytest.raises(Forbidden, match="one place"):
            MIMEMessage().set_content([before[-1]], "mixed")


class TestClearing:
    def test_the_content_and_all_that_describes_it_goes(self) -> None:
        """Every Content-* field, and nothing else."""
        tree = parse(multipart("mixed", leaf(), leaf("image/png"), fields=("Subject: s", "Content-Language: en")))
        parts = tree.parts

        tree.clear_content()

        assert bytes(tree) == b"Subject: s\n\n"
        assert (tree.parts, tree.is_multipart(), tree.get_content()) == ((), False, "")
        MIMEMessage().set_content(list(parts), "mixed")  # they stand nowhere now

    def test_it_can_then_be_filled(self) -> None:
        """What `set_content` advises works."""
        tree = parse(multipart("mixed", leaf(), leaf("image/png"), fields=("Subject: s",)))

        tree.clear_content()
        tree.set_content("new")

        assert parse(bytes(tree)).items()[0] == ("Subject", "s")
        assert called(parse(bytes(tree))) == "new"


class TestOctets:
    @pytest.mark.parametrize(
        ("source", "octets"),
        [
            pytest.param(leaf("image/png", "cA==", "Content-Transfer-Encoding: base64"), b"p", id="base64"),
            pytest.param(
                leaf("text/plain", "=C3=BC=\n!", "Content-Transfer-Encoding: quoted-printable"), b"\xc3\xbc!", id="qp"
            ),
            pytest.param(leaf("text/plain; charset=latin-1", "a\r\nb"), b"a\r\nb", id="no line end is changed"),
            pytest.param(leaf("message/rfc822", "Subject: a\n\nb"), b"Subject: a\n\nb", id="a message"),
            pytest.param(b"Subject: a", b"", id="no body"),
        ],
    )
    def test_only_the_transfer_encoding_is_undone(self, source: bytes, octets: bytes) -> None:
        """``part.octets`` is the content with only its transfer encoding undone."""
        assert parse(source).octets == octets

    def test_of_a_multipart_they_are_its_body(self) -> None:
        """As it stands, or as it would be written once it is edited."""
        tree = parse(multipart("mixed", leaf(body="one"), leaf(body="two")))
        before = tree.octets

        tree.parts[0].set_header("X-New", "a")

        assert before == tree.as_bytes().partition(b"\n\n")[2].replace(b"X-New: a\n", b"", 1)
        assert tree.octets == bytes(tree).partition(b"\n\n")[2]

    def test_a_multipart_is_never_encoded_as_a_whole(self) -> None:
        """RFC 2045, section 6.4: what claims more stands in clear."""
        tree = parse(multipart("mixed", leaf(body="one"), fields=("Content-Transfer-Encoding: base64",)))

        assert shape(tree) == "mixed(plain)"
        assert b"one" in tree.octets

    def test_composed_text_has_the_line_ends_it_is_written_with(self) -> None:
        """What is read is what would be read back."""
        crlf, own = MIMEMessage().set_content("a\nb"), parse(b"Subject: x\n\nold").set_content("a\nb")

        assert (crlf.octets, own.octets) == (b"a\r\nb", b"a\nb")
        assert (parse(bytes(crlf)).octets, parse(bytes(own)).octets) == (crlf.octets, own.octets)

    def test_source_is_the_parts_own_octets(self) -> None:
        """``part.source``: as they stand, header and all."""
        one = leaf("text/plain", "b25l", "Content-Transfer-Encoding: base64", "X-Y:  z")
        tree = parse(multipart("mixed", one, leaf("image/png")))
        part = tree.parts[0]

        before = part.source
        part["X-New"] = "a"

        assert before == one
        assert part.source == bytes(part) == one.replace(b"X-Y:  z\n", b"X-Y:  z\nX-New: a\n")

    def test_span_is_where_it_stood(self) -> None:
        """In octets of what was parsed; None for what was composed."""
        source = multipart("mixed", leaf(body="one"), multipart("alternative", leaf(body="two")))
        tree = parse(source)

        spans = [part.span for part in tree.walk()]
        tree.parts[0].set_content("other")

        assert [source[slice(*span)] for span in spans if span] == [part.source for part in parse(source).walk()]
        assert tree.parts[0].span == spans[1]
        assert MIMEPart().span is None

    def test_composed_says_whether_it_was_touched(self) -> None:
        """An edit anywhere inside makes all around it composed, and nothing beside it."""
        tree = parse(multipart("mixed", leaf(body="one"), multipart("alternative", leaf(body="two"))))
        untouched = [part.composed for part in tree.walk()]

        tree.parts[1].parts[0]["X-New"] = "a"

        assert untouched == [False] * 4
        assert [part.composed for part in tree.walk()] == [True, False, True, True]
        assert MIMEMessage().composed


class TestTransferEncodedMessages:
    """QUIRK: RFC 2046, section 5.2.1 forbids it and people send it: a message/rfc822 in base64."""

    SOURCE = leaf("message/rfc822", "U3ViamVjdDogYQoKb2xk", "Content-Transfer-Encoding: base64")

    def test_it_is_read_as_the_message_it_is_wild_11(self) -> None:
        """A base64 or quoted-printable message/rfc822 is read as the message it is."""
        inner = parse(self.SOURCE).parts[0]

        assert (inner["subject"], inner.get_content()) == ("a", "old")

    def test_what_is_edited_in_it_is_encoded_again(self) -> None:
        """As it came, so that nothing else has to change."""
        tree = parse(self.SOURCE)

        tree.parts[0].set_content("new")

        assert bytes(tree).startswith(self.SOURCE.partition(b"\n\n")[0] + b"\n\n")
        assert parse(bytes(tree)).parts[0].get_content() == "new"
        assert b"new" not in bytes(tree)
        assert b"new" in tree.octets


@pytest.mark.parametrize(
    ("manager", "problem"),
    [
        pytest.param("x", "expected a content manager, .* found str", id="a text"),
        pytest.param(dict, "expected a content manager, .* found dict", id="a class of something else"),
        pytest.param(email.contentmanager.raw_data_manager, "use mimekit.RawDataManager", id="the standard library's"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda m, manager: m.set_content("a", content_manager=manager), id="set"),
        pytest.param(lambda m, manager: m.get_content(content_manager=manager), id="get"),
        pytest.param(lambda m, manager: m.add_attachment("a", content_manager=manager), id="add"),
        pytest.param(lambda _m, manager: Policy(content_manager=manager), id="policy"),
    ],
)
def test_what_is_no_manager_is_refused(call: Callable[[Any, Any], object], manager: object, problem: str) -> None:
    """A caller's mistake says what was expected and found, and leaves the message as it was."""
    part = MIMEMessage().set_content("x")
    before = bytes(part)

    with pytest.raises(BadValue, match=problem):
        call(part, manager)

    assert bytes(part) == before


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        pytest.param(
            lambda m: m.set_content(b"x", "a", "b", name="x"),
            "set_content\\(\\) of bytes: .*'name'; it takes maintype, subtype, cte, .*, headers$",
            id="a keyword of set_content",
        ),
        pytest.param(
            lambda m: m.add_attachment(b"x", "a", "b", name="x"), "set_content\\(\\) of bytes: .*'name'", id="of add_*"
        ),
        pytest.param(
            lambda m: m.set_content("x", *"abcdefghi"), "set_content\\(\\) of str: too many positional", id="too many"
        ),
        pytest.param(
            lambda m: m.get_content(errors="ignore"), "get_content\\(\\) of text/plain: .*'errors'", id="of get_content"
        ),
    ],
)
def test_arguments_nobody_takes_are_refused(call: Callable[[Any], object], problem: str) -> None:
    """The error names the call, and what it takes."""
    part = MIMEMessage().set_content("x")
    before = bytes(part)

    with pytest.raises(BadValue, match=problem):
        call(part)

    assert bytes(part) == before
