"""How an entity holds what it holds: what an edit touches, and what a body means once a header changes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from mimekit import BadValue, Forbidden, MIMEMessage, MIMEPart, parse, policy

_CTE = "Content-Transfer-Encoding"
MULTIPART = (
    b"Subject: kept\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n--b  \n\ntwo\n--b--\nepilogue\n"
)
DIGEST = b"Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: in\n\nx\n--d--\n"


class TestLaziness:
    def test_nothing_is_found_before_it_is_asked_for(self) -> None:
        """Being asked is the only trigger: `repr`, `len` of the source and parsing force nothing."""
        message = parse(MULTIPART)

        repr(message)

        assert message._headers is None
        assert message._parts is None

    def test_parts_are_made_once(self) -> None:
        """Who asks twice gets the same part."""
        message = parse(MULTIPART)

        assert message.parts[0] is message.parts[0]


class TestContentTypeEdits:
    def test_without_its_type_a_multipart_is_text_and_every_octet_stays(self) -> None:
        """RFC 2045, section 5.2: what has no Content-Type is text/plain; an edit touches what it edits."""
        message = parse(MULTIPART)
        first = message.parts[0]

        del message["Content-Type"]

        assert bytes(message) == MULTIPART.replace(b"Content-Type: multipart/mixed; boundary=b\n", b"")
        assert not message.is_multipart()
        assert message.get_content() == MULTIPART.partition(b"\n\n")[2].decode()
        assert first.get_content() == "one"

    @pytest.mark.parametrize(
        "retype",
        [
            pytest.param(lambda message: message.__delitem__("Content-Type"), id="deleted"),
            pytest.param(lambda message: message.set_header("Content-Type", "text/plain"), id="text"),
            pytest.param(lambda message: message.set_header("Content-Type", "message/rfc822"), id="message"),
        ],
    )
    @pytest.mark.parametrize("source", [b"", b"Subject: received\n\nhello\n"], ids=["composed", "promoted"])
    def test_what_was_composed_of_parts_keeps_them(
        self, source: bytes, retype: Callable[[MIMEMessage], object]
    ) -> None:
        """Nothing that was attached is lost without a word."""
        message = parse(source) if source else MIMEMessage()
        message.add_attachment(b"x", "image", "png", filename="a.png")
        before = bytes(message)

        with pytest.raises(Forbidden, match="another multipart type"):
            retype(message)

        assert bytes(message) == before
        message["Content-Type"] = "multipart/report"
        assert parse(bytes(message)).get_content_type() == "multipart/report"
        message.clear_content()
        retype(message)

    def test_what_holds_no_part_any_more_can_be_anything(self) -> None:
        """There is nothing to be lost."""
        message = MIMEMessage()
        message.remove(message.add_attachment(b"x", "image", "png"))

        message["Content-Type"] = "text/plain"

        assert not message.is_multipart()

    def test_with_its_type_set_again_it_is_opened_again(self) -> None:
        """The octets mean what the header says they mean."""
        message = parse(MULTIPART)
        del message["Content-Type"]

        message["Content-Type"] = "multipart/mixed; boundary=b"

        assert [part.get_content() for part in message.parts] == ["one", "two"]

    def test_a_text_that_is_called_multipart_is_opened(self) -> None:
        """The same for what never was one."""
        message = parse(b"Subject: a\n\n--b\n\none\n--b--\n")

        message["Content-Type"] = "multipart/mixed; boundary=b"

        assert [part.get_content() for part in message.parts] == ["one"]

    def test_an_edit_inside_is_kept_when_the_type_goes(self) -> None:
        """What was edited before is written, and then is text."""
        message = parse(MULTIPART)
        message.parts[0]["X-Tag"] = "a"

        message["Content-Type"] = "text/plain"

        assert "X-Tag: a\n" in str(message.get_content())

    def test_another_subtype_keeps_boundary_and_parts(self) -> None:
        """Only the word changes; the boundary is put in where it is not given."""
        message = parse(MULTIPART)
        first = message.parts[0]

        message["Content-Type"] = "multipart/alternative"

        assert message.parts[0] is first
        assert message["Content-Type"] == "multipart/alternative; boundary=b"

    @pytest.mark.parametrize("value", ["multipart/mixed; boundary=other", "multipart/alternative; boundary=other"])
    def test_another_boundary_is_refused(self, value: str) -> None:
        """The boundary of a parsed multipart cannot be set."""
        message = parse(MULTIPART)

        with pytest.raises(Forbidden, match="boundary"):
            message["Content-Type"] = value

        assert bytes(message) == MULTIPART

    def test_a_message_stays_a_message_under_its_other_name(self) -> None:
        """RFC 6532, section 3.7: message/global is message/rfc822 with UTF-8 in its headers."""
        message = parse(b"Content-Type: message/rfc822\n\nSubject: in\n\nx\n")
        inner = message.parts[0]

        message["Content-Type"] = "message/global"

        assert message.parts == (inner,)

    def test_a_digest_that_is_none_any_more_holds_texts(self) -> None:
        """RFC 2046, section 5.1.5: in a digest the default type is message/rfc822, elsewhere text/plain."""
        message = parse(DIGEST)

        message["Content-Type"] = "multipart/mixed"

        assert [part.get_content_type() for part in message.parts] == ["text/plain"]

    def test_a_second_type_changes_nothing(self) -> None:
        """RFC 2045, section 5: the first says it all, so parts that somebody holds are still the message's."""
        message = parse(MULTIPART)
        part = message.parts[0]

        message.add_header("Content-Type", "text/html")
        part.set_content("new")

        assert b"new" in bytes(message)


class TestTransferEncodingEdits:
    def test_another_transfer_encoding_reads_the_same_octets_otherwise(self) -> None:
        """RFC 2045, section 6.1; the octets on the wire are not touched."""
        message = parse(b"Content-Transfer-Encoding: base64\n\naGVsbG8=\n")

        del message["Content-Transfer-Encoding"]

        assert bytes(message) == b"\naGVsbG8=\n"
        assert message.get_content() == "aGVsbG8=\n"

    @pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit", "binary"])
    def test_what_was_composed_is_encoded_anew(self, encoding: str) -> None:
        """RFC 2045, section 6.1: the field says how the content stands, so the content stands as it says."""
        part = MIMEPart().set_content("hello\n")

        part["Content-Transfer-Encoding"] = encoding

        assert part.get_content() == parse(bytes(part)).get_content() == "hello\n"
        assert part["Content-Transfer-Encoding"] == encoding

    @pytest.mark.parametrize(
        "change", [lambda part: part.set_header(_CTE, "7bit"), lambda part: part.__delitem__(_CTE)]
    )
    def test_an_encoding_that_cannot_carry_the_content_is_refused(self, change: Callable[[MIMEPart], None]) -> None:
        """RFC 2045, section 6.1: without the field it is 7bit."""
        part = MIMEPart().set_content(b"\0\n", "application", "pdf")
        before = bytes(part)

        with pytest.raises(BadValue, match="7bit cannot carry"):
            change(part)

        assert bytes(part) == before

    def test_a_multipart_is_not_encoded(self) -> None:
        """RFC 2045, section 6.4: no encoding but 7bit, 8bit or binary is permitted there."""
        message = parse(MULTIPART)
        first = message.parts[0]

        with pytest.raises(Forbidden, match="7bit, 8bit or binary"):
            message["Content-Transfer-Encoding"] = "base64"
        message["Content-Transfer-Encoding"] = "8bit"

        assert message.parts[0] is first

    def test_a_message_that_was_encoded_is_read_anew(self) -> None:
        """What stood in base64 does not stand there in clear."""
        inner = base64.encodebytes(b"Subject: in\n\nx\n")
        message = parse(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner)
        assert message.parts[0]["subject"] == "in"

        del message["Content-Transfer-Encoding"]

        assert message.parts[0]["subject"] is None


class TestEdits:
    def test_an_edit_marks_what_is_around_it_and_nothing_beside_it(self) -> None:
        """A part that was not edited is copied from its source."""
        message = parse(MULTIPART)

        message.parts[0]["X-Tag"] = "a"

        assert message.composed
        assert message.parts[0].composed
        assert not message.parts[1].composed
        assert bytes(message) == MULTIPART.replace(b"--b\n\none", b"--b\nX-Tag: a\n\none")

    def test_a_refused_edit_marks_nothing(self) -> None:
        """A caller's mistake leaves the message as it was, also for those who ask whether it was edited."""
        message = parse(MULTIPART)

        with pytest.raises(BadValue):
            message.parts[0].set_content("x", cte="nonsense")

        assert not message.composed
        assert not message.parts[0].composed

    def test_an_edit_inside_a_signed_part_is_refused(self) -> None:
        """RFC 1847, section 2.1: what is signed must not be changed."""
        signature = b"--s\nContent-Type: application/x\n\nsig\n--s--\n"
        source = b"Content-Type: multipart/signed; boundary=s\n\n--s\n\ntext\n" + signature
        message = parse(source)

        with pytest.raises(Forbidden, match="signature"):
            message.parts[0].set_content("other")
        with pytest.raises(Forbidden, match="signature"):
            message.parts[1]["X-Tag"] = "a"

        assert bytes(message) == source

    @pytest.mark.parametrize(
        ("head", "body", "edit"),
        [
            pytest.param(
                b"Content-Type: multipart/mixed; boundary=a\n",
                b"--a\nX: 1\n\nhi\n--a--\n",
                lambda message: message.set_header("Content-Type", "text/plain"),
                id="another type",
            ),
            pytest.param(
                b"Content-Type: multipart/mixed; boundary=a\nX: 1\n",
                b"--a\nX: 1\n\nhi\n--a--\n",
                lambda message: message.__delitem__("content-type"),
                id="no type",
            ),
            pytest.param(b"X: 1\nX: 2\n", b"\r", lambda message: message.__delitem__("x"), id="no field"),
        ],
    )
    def test_a_body_without_empty_line_before_it_gets_one(
        self, head: bytes, body: bytes, edit: Callable[[MIMEPart], None]
    ) -> None:
        """RFC 5322, section 2.1: without the field in front its first lines would be read as fields."""
        message = parse(head + body)

        edit(message)

        assert parse(bytes(message)).octets == message.octets == body

    def test_the_first_field_of_a_body_without_headers_gets_an_empty_line_behind_it(self) -> None:
        """RFC 5322, section 2.1: header and body are separated by an empty line."""
        message = parse(b"  indented text\n")

        message["Subject"] = "a"

        assert bytes(message) == b"Subject: a\n\n  indented text\n"

    def test_a_field_inside_an_attached_message_never_becomes_one_of_its_container(self) -> None:
        """The same where the container came without its empty line."""
        message = parse(b"Content-Type: message/rfc822\n")

        message.parts[0]["X-Inner"] = "a"

        again = parse(bytes(message))
        assert again.keys() == ["Content-Type"]
        assert again.parts[0].keys() == ["X-Inner"]


class TestPlace:
    def test_a_part_among_others_keeps_how_it_stands_there(self) -> None:
        """Its Content-ID, its disposition and its name outlast its content, unless new ones are given."""
        page = MIMEMessage().set_content("<p>", "html")
        image = page.add_related(b"old", "image", "png", cid="logo", filename="l.png")

        image.set_content(b"new", "image", "gif")

        assert image["content-id"] == "<logo>"
        assert image.get_filename() == "l.png"
        assert image["content-type"] == "image/gif"

    def test_a_message_of_its_own_keeps_nothing_of_its_content(self) -> None:
        """As ``EmailMessage``: new content, new Content-* fields."""
        message = MIMEMessage().set_content(b"x", "image", "png", filename="l.png")

        message.set_content("text")

        assert message.get_filename() is None
        assert message["content-disposition"] is None

    def test_a_part_of_a_digest_says_what_it_is_once_it_leaves_it(self) -> None:
        """RFC 2046, section 5.1.5: the default type there is another."""
        message = parse(DIGEST)
        part = message.parts[0]

        message.remove(part)

        assert part["Content-Type"] == "message/rfc822"
        assert part.parts[0]["subject"] == "in"


class TestEncodedMessages:
    def test_an_edit_inside_is_encoded_again_as_it_came(self) -> None:
        """An edit touches what it edits: the transfer encoding is the sender's choice."""
        inner = base64.encodebytes(b"Subject: in\n\nx\n")
        message = parse(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + inner)

        message.parts[0]["Subject"] = "edited"

        again = parse(bytes(message))
        assert again["content-transfer-encoding"] == "base64"
        assert bytes(again.parts[0]) == b"Subject: edited\n\nx\n"

    def test_only_so_many_inside_each_other_are_opened(self) -> None:
        """SECURITY: each costs its size anew, so a limit ends in a leaf."""
        source = b"Subject: innermost\n\nx\n"
        for _ in range(12):
            head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            source = head + base64.encodebytes(source)

        depth = sum(1 for _ in parse(source).walk())

        assert depth == 9


class TestOddPlaces:
    def test_inside_mail_whose_lines_end_in_cr_an_encoded_message_is_edited(self) -> None:
        """What is encoded begins anew, whatever was written before it."""
        inner = base64.b64encode(b"Subject: a\n\nbody")
        message = parse(b"Content-Type: message/rfc822\rContent-Transfer-Encoding: base64\r\r" + inner)

        message.parts[0]["X-New"] = "v"

        assert parse(bytes(message)).parts[0].items() == [("Subject", "a"), ("X-New", "v")]

    def test_what_becomes_a_message_is_read_in_its_transfer_encoding(self) -> None:
        """The header says how the octets are to be read, also where it was not they that it came with."""
        part = MIMEMessage().set_content(b"Subject: in\n\n\xff", "application", "x", cte="base64")

        part.set_header("Content-Type", "message/rfc822")

        assert part.parts[0]["subject"] == parse(bytes(part)).parts[0]["subject"] == "in"

    def test_a_multipart_without_empty_line_is_text_once_its_type_is_gone(self) -> None:
        """Its first part does not become its header."""
        message = parse(b"Content-Type: multipart/mixed; boundary=B\n--B\nContent-Type: image/png\n\nx\n--B--\n")

        del message["Content-Type"]

        assert parse(bytes(message)).get_content_type() == message.get_content_type() == "text/plain"

    def test_a_refused_edit_moves_no_line(self) -> None:
        """Not around the part either."""
        message = parse(b"Content-Type: message/rfc822\nc")
        before = bytes(message)

        with pytest.raises(BadValue):
            message.parts[0].set_content("x", cte="nonsense")

        assert bytes(message) == before


class TestLabels:
    """RFC 2045, section 6.4: what holds 8bit says so itself."""

    def test_what_is_composed_around_8bit_is_8bit(self) -> None:
        """Whenever that comes to stand inside."""
        inner = MIMEMessage().set_content("hi")
        outer = MIMEMessage().set_content(inner)
        before = outer["Content-Transfer-Encoding"]

        inner.add_attachment(parse(b"Subject: x\n\ncaf\xc3\xa9\n"))

        assert before == "7bit"
        assert [part.transfer_encoding() for part in outer.walk()] == ["8bit", "8bit", "7bit", "8bit", ""]

    def test_content_set_later_counts_too(self) -> None:
        """Under a policy that lets it be 8bit."""
        message = MIMEMessage(policy=policy.SMTPUTF8).set_content("one")
        message.add_attachment("two", filename="a.txt")

        message.parts[1].set_content("zwölf")

        assert message["Content-Transfer-Encoding"] == "8bit"

    def test_what_was_composed_in_a_received_message_says_so_too(self) -> None:
        """Its own body is gone; what stands there now is ours."""
        inner = MIMEMessage(policy=policy.SMTPUTF8).set_content("two")
        outer = parse(b"Subject: x\n\none\n").set_content(inner)
        promoted = parse(b"Subject: x\n\none\n", policy=policy.SMTPUTF8)

        inner.set_content("zwölf")
        promoted.add_attachment("zwölf")

        assert (outer["Content-Transfer-Encoding"], promoted["Content-Transfer-Encoding"]) == ("8bit", "8bit")

    def test_around_what_is_encoded_nothing_is_8bit(self) -> None:
        """What stands in base64 is ASCII, whatever it holds."""
        inner = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
            b"Subject: in\n\nx\n"
        )
        outer = MIMEMessage().set_content(parse(inner))

        outer.parts[0].parts[0].add_attachment(parse(b"Subject: x\n\ncaf\xc3\xa9\n"))

        assert outer["Content-Transfer-Encoding"] == "7bit"
        assert bytes(outer).isascii()

    def test_what_was_received_keeps_its_label(self) -> None:
        """An edit touches what it edits."""
        message = parse(MULTIPART)

        message.attach(MIMEPart(policy=policy.SMTPUTF8).set_content("zwölf"))

        assert message["Content-Transfer-Encoding"] is None

    def test_a_line_too_long_for_a_message_is_encoded_when_it_comes_later(self) -> None:
        """RFC 2046, section 5.2.1: an attached message has no line over 998 octets, also not the day after."""
        inner = MIMEMessage().set_content("hi")
        outer = MIMEMessage().set_content(inner)
        inner.make_mixed()

        inner.attach(parse(b"\n" + b"x" * 2000))

        assert max(map(len, bytes(outer).splitlines())) <= 998
        assert parse(bytes(outer)).parts[0].parts[1].octets == b"x" * 2000

    def test_a_line_too_long_inside_a_signed_part_is_refused(self) -> None:
        """The error says what it is about, and what can be done."""
        signed = parse(
            b"Subject: s\nContent-Type: multipart/signed; boundary=b\n\n--b\n\n" + b"x" * 2000 + b"\n--b\n\ny\n--b--\n"
        )
        message = MIMEMessage().set_content("hi")
        before = bytes(message)

        with pytest.raises(Forbidden, match=r"998 octets.*multipart/signed.*octet-stream"):
            message.add_attachment(signed)

        assert bytes(message) == before


@pytest.mark.parametrize("given", [b"From: a@b.c", "From: a@b.c", 3, None], ids=["octets", "text", "int", "None"])
def test_a_message_is_made_with_a_policy(given: Any) -> None:
    """As in the standard library, the one argument is the policy; octets are for `parse`."""
    with pytest.raises(BadValue, match=rf"expected a mimekit Policy.* found {type(given).__name__}; parse\(\) reads"):
        MIMEMessage(given)
