"""Building a message: promotion, embedding, attaching, removing, and what is refused inside signed parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mimekit import BadValue, ContentManager, Forbidden, MIMEMessage, MIMEPart, NoHandler, parse
from tests.trees import leaf, message, multipart, shape

PLAIN, HTML, PNG = leaf("text/plain"), leaf("text/html"), leaf("image/png")


def image(**kw: Any) -> MIMEPart:
    """A part that is free to be placed."""
    return MIMEPart().set_content(b"\x89PNG", "image", "png", **kw)


class TestPromotion:
    def test_the_proposals_example_is_built(self) -> None:
        """The email6 proposal: a natural way of building up messages without having to think about MIME structure."""
        whole = MIMEMessage()
        whole["To"] = "email-sig@python.org"
        whole.set_content("My test [image1]\n")
        page = MIMEMessage().set_content("<p>My test <img src=cid:image1>", "html")
        page.add_related(b"\xff\xd8", "image", "jpeg", cid="image1")
        whole.make_alternative()
        whole.add_alternative(page)
        whole.add_attachment(b"<x/>", "application", "xml", filename="spreadsheet.xml")

        read = parse(bytes(whole))

        assert shape(read) == "mixed(alternative(plain related(html jpeg)) xml)"
        assert sorted(read.keys()) == ["Content-Type", "MIME-Version", "To"]
        assert [part.get_all("mime-version") for part in read.walk()] == [["1.0"], *[None] * 6]

    def test_content_fields_move_down_and_others_stay(self) -> None:
        """What it was becomes the first part, its Content-* fields as they stand; the message keeps its own."""
        fields = ("Subject: s", "Content-Language: en", "X-Own: kept", "Content-ID: <a@x>")
        whole = parse(leaf("Text/Plain ; charset = utf-8", "text", *fields))

        whole.make_mixed()

        assert whole.keys() == ["Subject", "X-Own", "Content-Type", "MIME-Version"]
        assert whole.parts[0].source == (
            b"Content-Type: Text/Plain ; charset = utf-8\nContent-Language: en\nContent-ID: <a@x>\n\ntext"
        )

    def test_a_line_that_is_no_field_stays_where_it_stood(self) -> None:
        """It belongs to nobody, and is kept."""
        whole = parse(leaf("text/html", "h", "no field", "Subject: s"))

        whole.make_mixed()

        assert bytes(whole).startswith(b"no field\nSubject: s\nContent-Type: multipart/mixed;")

    @pytest.mark.parametrize("call", ["make_related", "make_alternative", "make_mixed"])
    def test_a_boundary_may_be_chosen(self, call: str) -> None:
        """``make_related(boundary=None)``: the caller's, or one that occurs nowhere else."""
        whole = parse(HTML)

        getattr(whole, call)("my boundary")

        assert whole.get_boundary() == "my boundary"
        assert b"\n--my boundary\n" in bytes(whole)

    @pytest.mark.parametrize("boundary", ["x" * 71, "a ", "ü", "a\nb", 'a"b'])
    def test_a_boundary_that_cannot_be_is_refused(self, boundary: str) -> None:
        """RFC 2046, section 5.1.1; the message is as it was."""
        whole = parse(HTML)

        with pytest.raises(BadValue, match="boundary"):
            whole.make_mixed(boundary)

        assert bytes(whole) == HTML

    def test_a_boundary_that_occurs_in_a_part_is_chosen_anew(self) -> None:
        """RFC 2046, section 5.1.1: a boundary delimiter must not appear inside any of the parts."""
        whole = parse(leaf("text/plain", "--taken"))

        whole.make_mixed("taken")
        whole.add_attachment(b"x", "image", "png")

        assert shape(parse(bytes(whole))) == "mixed(plain png)"
        assert whole.get_boundary() != "taken"

    def test_what_holds_nothing_becomes_an_empty_multipart(self) -> None:
        """There is nothing to be its first part."""
        whole = MIMEMessage()

        whole.make_mixed()

        assert (whole.parts, whole.is_multipart(), whole["mime-version"]) == ((), True, "1.0")
        whole.add_attachment(b"x", "image", "png")
        assert shape(parse(bytes(whole))) == "mixed(png)"

    @pytest.mark.parametrize(
        ("subtype", "call", "expected"),
        [
            pytest.param("mixed", lambda whole: whole.add_attachment(image()), "mixed(png)", id="filled"),
            pytest.param("mixed", lambda whole: whole.attach(image()), "mixed(png)", id="attached to"),
            pytest.param("related", lambda whole: whole.attach(image()), "related(png)", id="related"),
            pytest.param("alternative", lambda whole: whole.add_attachment(image()), "mixed(png)", id="promoted"),
        ],
    )
    def test_a_type_set_by_hand_is_where_parts_go(
        self, subtype: str, call: Callable[[MIMEPart], object], expected: str
    ) -> None:
        """``msg["Content-Type"] = "multipart/mixed"`` makes an empty one of it, and no part inside another."""
        whole = MIMEMessage()
        whole["Content-Type"] = f"multipart/{subtype}"

        call(whole)

        read = parse(bytes(whole))
        assert shape(read) == expected
        assert read["mime-version"] == "1.0"
        assert not read.all_defects()

    def test_a_digested_message_can_be_promoted(self) -> None:
        """What was a message by its place says so once it stands in another."""
        tree = parse(multipart("digest", b"\nSubject: a\n\nb"))

        tree.parts[0].make_mixed()

        assert shape(parse(bytes(tree))) == "digest(mixed(rfc822(plain)))"

    def test_only_the_part_that_is_promoted_changes(self) -> None:
        """``msg.get_body().add_alternative(...)`` is how a version is added later."""
        source = multipart("mixed", PLAIN, leaf("image/png", "i", "X-Odd :  y"), fields=("Subject :  s",))
        tree = parse(source)
        body = tree.get_body()
        assert body is not None

        body.add_alternative("<p>", "html")

        start, end = parse(source).parts[0].span or (0, 0)
        assert bytes(tree) == source[:start] + body.source + source[end:]
        assert shape(parse(bytes(tree))) == "mixed(alternative(plain html) png)"


class TestAdding:
    @pytest.mark.parametrize(
        ("call", "keywords", "disposition"),
        [
            pytest.param("add_related", {}, "inline", id="related"),
            pytest.param("add_alternative", {}, None, id="alternative"),
            pytest.param("add_attachment", {}, "attachment", id="attachment"),
            pytest.param("add_related", {"filename": "a.png"}, "inline; filename=a.png", id="related with a name"),
            pytest.param(
                "add_attachment", {"filename": "a.png"}, "attachment; filename=a.png", id="attachment with a name"
            ),
            pytest.param(
                "add_alternative", {"filename": "a.png"}, "inline; filename=a.png", id="alternative with a name"
            ),
            pytest.param("add_related", {"disposition": "attachment"}, "attachment", id="related, said otherwise"),
            pytest.param("add_attachment", {"disposition": "inline"}, "inline", id="attachment, said otherwise"),
            pytest.param("add_alternative", {"disposition": "inline"}, "inline", id="alternative, said otherwise"),
            pytest.param(
                "add_attachment", {"headers": ["Content-Disposition: inline"]}, "inline", id="said in a header"
            ),
        ],
    )
    def test_the_new_part_is_returned_with_its_disposition(
        self, call: str, keywords: dict[str, Any], disposition: str | None
    ) -> None:
        """Inline for what the content refers to, attachment for a file, unless said otherwise."""
        whole = parse(HTML)

        part = getattr(whole, call)(b"\x89PNG", "image", "png", **keywords)

        assert part is whole.parts[-1]
        assert part["content-disposition"] == parse(bytes(whole)).parts[-1]["content-disposition"] == disposition

    def test_a_disposition_may_be_said_by_position(self) -> None:
        """The email6 proposal: ``(bytes, maintype, subtype, cte, disposition, filename, ...)``."""
        whole = parse(HTML)

        part = whole.add_related(b"\x89PNG", "image", "png", None, "attachment", "a.png")

        assert part["content-disposition"] == "attachment; filename=a.png"

    @pytest.mark.parametrize("call", ["add_related", "add_alternative", "add_attachment", "attach"])
    def test_a_part_is_taken_as_it_is(self, call: str) -> None:
        """A part handed in becomes that part; its disposition stays where it has one."""
        whole = parse(HTML)
        whole.make_related()
        part = image(disposition="inline", filename="a.png", cid="a")
        before = bytes(part)

        getattr(whole, call)(part)

        assert whole.parts[-1] is part
        assert bytes(part).replace(b"\n", b"\r\n") == before
        assert parse(bytes(whole)).parts[-1].octets == b"\x89PNG"

    def test_nothing_goes_beside_a_part(self) -> None:
        """Arguments that would be lost are refused."""
        whole = parse(HTML)

        with pytest.raises(BadValue, match="nothing beside it"):
            whole.add_related(image(), cid="a")

        assert bytes(whole) == HTML

    def test_a_message_is_attached_whole(self) -> None:
        """One that has message fields (From, Subject) is attached as message/rfc822, with its octets."""
        inner = parse(leaf("text/html", "in", "Subject:  odd "))
        whole = MIMEMessage().set_content("see below")

        part = whole.add_attachment(inner, filename="a.eml")

        assert part.get_content() is inner
        assert shape(parse(bytes(whole))) == "mixed(plain rfc822(html))"
        assert inner.source in bytes(whole)
        assert part["content-disposition"] == "attachment; filename=a.eml"

    def test_a_message_with_content_fields_only_is_a_part(self) -> None:
        """Nothing of it is a message's but its class."""
        whole = MIMEMessage().set_content("see below")

        whole.add_attachment(MIMEMessage().set_content("<p>", "html"))

        assert shape(parse(bytes(whole))) == "mixed(plain html)"

    @pytest.mark.parametrize("call", ["add_related", "add_alternative"])
    def test_elsewhere_a_message_is_a_part(self, call: str) -> None:
        """Handed to add_related or add_alternative it becomes that part, whatever its fields."""
        whole = parse(HTML)

        getattr(whole, call)(parse(leaf("text/html", "in", "Subject: s")))

        assert shape(parse(bytes(whole))).endswith("(html html)")

    def test_a_part_of_a_digest_stays_a_message_elsewhere(self) -> None:
        """RFC 2046, section 5.1.5: its type was its place's, and is now its own."""
        digest = parse(multipart("digest", b"\nSubject: a\n\nb", leaf("text/plain")))
        whole = parse(multipart("mixed", PLAIN))
        part = digest.parts[0]

        digest.remove(part)
        whole.attach(part)

        assert shape(whole) == shape(parse(bytes(whole))) == "mixed(plain rfc822(plain))"
        assert shape(parse(bytes(digest))) == "digest(plain)"

    def test_a_text_stays_a_text_in_a_digest(self) -> None:
        """RFC 2046, section 5.1.5, the other way round."""
        whole = MIMEMessage().set_content([parse(b"X-Y: z\n\ntext"), MIMEPart()], "digest")

        assert shape(whole) == shape(parse(bytes(whole))) == "digest(plain plain)"

    @pytest.mark.parametrize("call", ["add_related", "add_alternative", "add_attachment", "embed"])
    @pytest.mark.parametrize(
        ("args", "error"),
        [
            pytest.param((b"x",), BadValue, id="no type"),
            pytest.param((object(),), NoHandler, id="no handler"),
            pytest.param(("a", "b c"), BadValue, id="a bad subtype"),
            pytest.param((), BadValue, id="nothing"),
        ],
    )
    def test_a_mistake_changes_nothing(self, call: str, args: tuple[object, ...], error: type[Exception]) -> None:
        """The message is then as it was before."""
        whole = parse(HTML)

        with pytest.raises(error):
            getattr(whole, call)(*args)

        assert bytes(whole) == HTML
        assert not whole.composed

    def test_what_is_added_takes_the_line_ends_of_the_message(self) -> None:
        """What was parsed keeps its own line ends, and what is added to it takes the ones it uses most."""
        crlf = parse(HTML.replace(b"\n", b"\r\n"))
        lf = parse(HTML)

        for whole in (crlf, lf):
            whole.add_attachment("a\nb\n", filename="a.txt")

        assert bytes(crlf).count(b"\n") == bytes(crlf).count(b"\r\n")
        assert b"\r" not in bytes(lf)


class TestEmbed:
    def test_it_gives_the_identifier_for_the_page(self) -> None:
        """Without angle brackets, ready for ``cid:``; one is made where none is given."""
        whole = parse(HTML)

        cids = [whole.embed(b"1", "image", "png"), whole.embed(b"2", "image", "png", cid="<logo@x>")]

        assert cids[1] == "logo@x"
        read = parse(bytes(whole))
        assert shape(read) == "related(html png png)"
        assert [part.octets for cid in cids if (part := read.get_part(cid))] == [b"1", b"2"]
        assert [part["content-disposition"] for part in read.parts[1:]] == ["inline", "inline"]

    @pytest.mark.parametrize(
        "source",
        [
            pytest.param(PLAIN, id="a text"),
            pytest.param(multipart("mixed", PLAIN, PNG), id="a text and a file"),
            pytest.param(leaf("text/html", "h", "Content-Disposition: attachment"), id="a page that is a file"),
            pytest.param(message(HTML), id="a page in an attached message"),
        ],
    )
    def test_without_a_page_it_is_refused(self, source: bytes) -> None:
        """The error names the calls that make one."""
        whole = parse(source)

        with pytest.raises(Forbidden, match=r"no HTML body to embed in; .*html"):
            whole.embed(b"1", "image", "png")

        assert bytes(whole) == source

    @pytest.mark.parametrize(
        ("given", "cid", "expected"),
        [
            pytest.param(image(), "logo@x", "logo@x", id="named here"),
            pytest.param(image(cid="own@x"), None, "own@x", id="named already"),
            pytest.param(image(cid="own@x"), "logo@x", "logo@x", id="named anew"),
            pytest.param(image(), None, "", id="not named"),
        ],
    )
    def test_a_part_is_embedded_itself(self, given: MIMEPart, cid: str | None, expected: str) -> None:
        """As everywhere a part can be given in place of content."""
        whole = parse(HTML)

        found = whole.embed(given, cid=cid)

        assert found == (expected or found)
        assert whole.get_part(found) is given
        assert given["content-disposition"] == "inline"
        assert (shape(parse(bytes(whole))), whole.get_body(("html",)) is whole.parts[0]) == ("related(html png)", True)

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param(b"Content-ID:  <ok@x>\n", "ok@x", id="spaced"),
            pytest.param(b"Content-Id: plain\nContent-ID: <second@x>\n", "plain", id="twice"),
            pytest.param(b"Content-ID: <image 001.png@01C>\n", "image001.png@01C", id="damaged"),
        ],
    )
    def test_an_identifier_that_was_received_stays(self, fields: bytes, expected: str) -> None:
        """An edit touches what it edits."""
        whole, given = parse(HTML), parse(b"Content-Type: image/png\n" + fields + b"\nQ")

        assert whole.embed(given) == expected
        assert fields in bytes(whole)
        assert whole.get_part(expected) is given

    def test_in_signed_mail_nothing_is_advised_that_is_refused(self) -> None:
        """What is signed cannot be changed, so no call helps."""
        whole = parse(multipart("signed", PLAIN, leaf("application/pgp-signature", "s")))

        with pytest.raises(Forbidden, match="what is signed cannot be changed"):
            whole.embed(b"1", "image", "png")

    def test_a_bad_identifier_is_refused(self) -> None:
        """RFC 2045, section 7: a Content-ID is a message identifier."""
        whole = parse(HTML)

        with pytest.raises(BadValue):
            whole.embed(b"1", "image", "png", cid="a b")

        assert bytes(whole) == HTML

    @pytest.mark.parametrize(
        "add",
        [
            pytest.param(lambda page: page.embed(b"1", "image", "png", cid="<logo@x>"), id="content"),
            pytest.param(lambda page: page.embed(image(cid="logo@x")), id="a part"),
            pytest.param(lambda page: page.embed(image(cid="other@x"), cid="logo@x"), id="a part named anew"),
            pytest.param(lambda page: page.embed(image(), cid="page@x"), id="that of the page"),
            pytest.param(lambda page: page.embed(image(), cid="version@x"), id="that of a version of it"),
            pytest.param(lambda page: page.add_related(b"1", "image", "png", cid="logo@x"), id="add_related"),
        ],
    )
    def test_an_identifier_that_is_taken_is_refused(self, add: Callable[[MIMEPart], object]) -> None:
        """RFC 2045, section 7: it is unique; the page would show one image in both places."""
        page = leaf("text/html", "h", "Content-ID: <page@x>")
        versions = multipart("alternative", leaf("text/plain", "p", "Content-ID: <version@x>"), page)
        source = multipart("related", versions, leaf("image/png", "i", "Content-ID: <logo@x>"))
        whole = parse(source)

        with pytest.raises(BadValue, match="names one part"):
            add(whole)

        assert bytes(whole) == source

    @pytest.mark.parametrize(
        ("edit", "free", "taken"),
        [
            pytest.param(lambda page, logo: page.remove(logo), {"logo@x"}, {"inner@x"}, id="a part taken out"),
            pytest.param(
                lambda _page, logo: logo.set_header("Content-ID", "<new@x>"), {"logo@x"}, {"new@x"}, id="a part renamed"
            ),
            pytest.param(lambda _page, logo: logo.__delitem__("Content-ID"), {"logo@x"}, set(), id="a part unnamed"),
            pytest.param(lambda _page, logo: logo.set_content("x", cid="new@x"), {"logo@x"}, {"new@x"}, id="filled"),
            pytest.param(
                lambda page, _logo: page.parts[2].attach(image(cid="new@x")), set(), {"new@x"}, id="attached deeper"
            ),
            pytest.param(lambda page, _logo: page.parts[2].clear_content(), {"inner@x"}, set(), id="a list cleared"),
            pytest.param(
                lambda page, _logo: page.parts[2].parts[0].set_header("Content-ID", "<new@x>"),
                {"inner@x"},
                {"new@x"},
                id="renamed deeper",
            ),
            pytest.param(
                lambda page, _logo: page.parts[3].set_header("Content-Type", "multipart/mixed; boundary=x"),
                set(),
                {"new@x"},
                id="parts found in a text",
            ),
        ],
    )
    def test_what_is_taken_follows_every_edit(
        self, edit: Callable[[MIMEPart, MIMEPart], object], free: set[str], taken: set[str]
    ) -> None:
        """Of all that stands beside the page, whatever was known of it when something was added before."""
        page = MIMEMessage().set_content("<p>", "html")
        logo = page.add_related(b"1", "image", "png", cid="logo@x")
        page.add_related([image(cid="inner@x")], "mixed")
        page.add_related(MIMEPart().set_content("--x\nContent-ID: <new@x>\n\n--x--"))
        page.embed(image(), cid="before@x")

        edit(page, logo)

        for cid in taken | {"before@x"}:
            with pytest.raises(BadValue, match="names one part"):
                page.embed(image(), cid=cid)
        for cid in free:
            page.embed(image(), cid=cid)
            assert page.get_part(cid) is page.parts[-1]

    def test_what_was_refused_takes_no_identifier(self) -> None:
        """Where content could not be set, what was there has its name again."""
        page = MIMEMessage().set_content("<p>", "html")
        logo = page.add_related(b"1", "image", "png", cid="logo@x")
        manager = ContentManager()

        def add_and_fail(part: MIMEPart, _content: object) -> None:
            part.set_header("Content-ID", "<other@x>")
            page.embed(image(), cid="new@x")
            raise NoHandler

        manager.add_set_handler(bytes, add_and_fail)
        with pytest.raises(NoHandler):
            logo.set_content(b"2", content_manager=manager)

        with pytest.raises(BadValue):
            page.embed(image(), cid="logo@x")

    def test_a_part_that_was_refused_keeps_its_identifier(self) -> None:
        """What is refused changes nothing."""
        given, whole = image(cid="own@x"), parse(HTML)
        whole.embed(image(), cid="logo@x")

        with pytest.raises(BadValue):
            whole.embed(given, cid="logo@x")

        assert given["content-id"] == "<own@x>"
        assert whole.embed(given) == "own@x"


class TestRemoving:
    def test_a_part_goes_and_the_others_stay(self) -> None:
        """Its siblings, preamble and epilogue are the source's own, octet for octet."""
        source = multipart("mixed", PLAIN, leaf("image/png", "i", "X-Odd:  y"), HTML) + b"epilogue"
        tree = parse(source)
        part = tree.parts[1]
        start, end = part.span or (0, 0)
        delimiter = f"--{tree.get_boundary()}\n".encode()

        tree.remove(part)

        assert bytes(tree) == source[: start - len(delimiter)] + source[end + 1 :]
        assert bytes(part) == source[start:end]

    @pytest.mark.parametrize("given", [None, "x", 5, b""])
    def test_only_a_part_can_be_removed(self, given: Any) -> None:
        """A caller's mistake is a BadValue."""
        with pytest.raises(BadValue, match="expected a MIMEPart"):
            parse(multipart("mixed", PLAIN)).remove(given)

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_any_of_them_may_go(self, place: int) -> None:
        """The first and the last too."""
        tree = parse(multipart("mixed", PLAIN, HTML, PNG))

        tree.remove(tree.parts[place])

        left = ["plain", "html", "png"]
        del left[place]
        assert shape(parse(bytes(tree))) == f"mixed({' '.join(left)})"

    def test_the_last_one_may_go(self) -> None:
        """What is left is a multipart to be filled."""
        tree = parse(multipart("mixed", PLAIN))

        tree.remove(tree.parts[0])
        empty = tree.is_multipart(), tree.parts
        tree.attach(image())

        assert empty == (True, ())
        assert shape(parse(bytes(tree))) == "mixed(png)"

    @pytest.mark.parametrize(
        ("source", "choose"),
        [
            pytest.param(multipart("mixed", PLAIN), lambda _tree: image(), id="a stranger"),
            pytest.param(multipart("mixed", PLAIN), lambda tree: tree, id="itself"),
            pytest.param(message(PLAIN), lambda tree: tree.parts[0], id="the message of a message"),
            pytest.param(PLAIN, lambda _tree: image(), id="from a leaf"),
        ],
    )
    def test_only_a_part_of_a_multipart_can_be_removed(
        self, source: bytes, choose: Callable[[MIMEPart], MIMEPart]
    ) -> None:
        """Which stands here or below; nothing happens else."""
        tree = parse(source)

        with pytest.raises(Forbidden, match="must be a part of a multipart"):
            tree.remove(choose(tree))

        assert bytes(tree) == source

    def test_a_part_is_removed_from_wherever_it_stands(self) -> None:
        """Who found a file by ``iter_attachments(recursive=True)`` need not look for what holds it."""
        tree = parse(multipart("mixed", PLAIN, multipart("mixed", PLAIN, leaf("application/pdf"), leaf("image/png"))))
        files = list(tree.iter_attachments(recursive=True))

        for file in files:
            tree.remove(file)

        assert [part.get_content_type() for part in files] == ["application/pdf", "image/png"]
        assert shape(parse(bytes(tree))) == "mixed(plain mixed(plain))"

    def test_a_message_taken_out_is_one_again(self) -> None:
        """RFC 2045, section 4: MIME-Version stands at the top of a message that holds something, and there alone."""
        inner, empty = MIMEMessage().set_content("x"), MIMEMessage()
        tree = MIMEMessage().set_content([inner, empty], "mixed")
        inside = "mime-version" in inner

        tree.remove(inner)
        tree.remove(empty)

        assert (inside, inner["mime-version"], empty["mime-version"]) == (False, "1.0", None)

    def test_what_is_signed_keeps_its_parts(self) -> None:
        """Wherever the call was made."""
        tree = parse(multipart("mixed", multipart("signed", PLAIN, PLAIN)))

        with pytest.raises(Forbidden, match="multipart/signed"):
            tree.remove(tree.parts[0].parts[0])


class TestAttaching:
    @pytest.mark.parametrize("source", [PLAIN, message(PLAIN), leaf("multipart/mixed", "unopened")])
    def test_what_is_no_multipart_holds_no_parts(self, source: bytes) -> None:
        """The error names the calls that make one of it."""
        tree = parse(source)

        with pytest.raises(Forbidden, match=r"add_attachment\(\) or make_mixed\(\)"):
            tree.attach(image())

        assert bytes(tree) == source

    @pytest.mark.parametrize("subtype", ["mixed", "related", "alternative", "digest", "x-unknown"])
    def test_any_multipart_takes_a_part(self, subtype: str) -> None:
        """`attach` asks for no more; what is meant is the caller's to know."""
        tree = parse(multipart(subtype, leaf("text/plain")))

        tree.attach(image())

        assert shape(parse(bytes(tree))) == f"{subtype}(plain png)"

    def test_a_missing_end_is_written(self) -> None:
        """A line end is completed, and the multipart closed, where something is added behind."""
        source = multipart("mixed", PLAIN)
        tree = parse(source[: source.rindex(b"\n--")])

        tree.attach(image())

        assert bytes(tree).startswith(source[: source.rindex(b"\n--")])
        assert shape(parse(bytes(tree))) == "mixed(plain png)"
        assert "missing-close-delimiter" not in {defect.code for defect in parse(bytes(tree)).defects}


class TestSigned:
    """A signature is over octets: inside a signed part every edit is refused."""

    SOURCE = multipart(
        "mixed",
        multipart("signed", multipart("mixed", HTML, message(PLAIN)), leaf("application/pgp-signature", "s")),
        leaf("image/png", "i"),
    )
    EDITS: dict[str, Callable[[MIMEPart], object]] = {  # noqa: RUF012 -- a table
        "item": lambda part: part.__setitem__("X-New", "a"),
        "set_header": lambda part: part.set_header("X-New", "a"),
        "add_header": lambda part: part.add_header("X-New", "a"),
        "replace_header": lambda part: part.replace_header("Content-Type", "text/x-log"),
        "del": lambda part: part.__delitem__("Content-Type"),
        "set_param": lambda part: part.set_param("a", "b"),
        "set_content": lambda part: part.set_content("new"),
        "clear_content": lambda part: part.clear_content(),
        "make_mixed": lambda part: part.make_mixed(),
        "add_attachment": lambda part: part.add_attachment(b"x", "image", "png"),
    }

    @pytest.mark.parametrize("edit", EDITS)
    @pytest.mark.parametrize("place", [2, 3, 4, 5, 6])
    def test_no_edit_is_allowed_inside_wild_04(self, edit: str, place: int) -> None:
        """multipart/signed parts are octet-exact, always; what asks for less is refused."""
        tree = parse(self.SOURCE)
        part = list(tree.walk())[place]

        with pytest.raises(Forbidden, match="signature"):
            self.EDITS[edit](part)

        assert bytes(tree) == self.SOURCE

    def test_parts_are_neither_added_nor_removed(self) -> None:
        """The signed multipart holds the two it is made of."""
        tree = parse(self.SOURCE)
        signed = tree.parts[0]

        for call in (
            lambda: signed.attach(image()),
            lambda: signed.remove(signed.parts[1]),
            lambda: signed.parts[0].attach(image()),
            lambda: tree.embed(b"x", "image", "png"),
            lambda: signed.set_content("new"),
        ):
            with pytest.raises(Forbidden):
                call()

        assert bytes(tree) == self.SOURCE

    def test_all_around_it_may_change_wild_04(self) -> None:
        """RFC 1847, section 2.1: the signed part is transmitted as it was signed, whatever is said of it outside."""
        tree = parse(self.SOURCE)
        signed = tree.parts[0].source.partition(b"\n\n")[2]

        tree["Subject"] = "new"
        tree.parts[0]["X-Outside"] = "the signed part's own header is not signed"
        tree.parts[1].set_content("new")
        tree.add_attachment(b"x", "image", "png")
        tree.remove(tree.parts[1])

        assert bytes(tree).count(signed) == 1
        assert parse(bytes(tree)).parts[0].octets == parse(self.SOURCE).parts[0].octets

    def test_it_may_be_wrapped_or_dropped_whole(self) -> None:
        """A signature is not broken by what stands beside it."""
        source = multipart("signed", HTML, leaf("application/pgp-signature", "s"))
        wrapped, cleared = parse(source), parse(source)

        wrapped.add_attachment(b"x", "image", "png")
        cleared.clear_content()

        assert parse(bytes(wrapped)).parts[0].octets == parse(source).octets
        assert bytes(cleared) == b"\n"


class TestUuencodedMessages:
    def test_what_is_read_only_is_not_edited(self) -> None:
        """RFC 2045, section 6.1 has no uuencode: it is read, and never written."""
        source = leaf(
            "message/rfc822", "begin 644 a\n,4W5B:F5C=#H@80H*\n`\nend\n", "Content-Transfer-Encoding: x-uuencode"
        )
        tree = parse(source)

        with pytest.raises(Forbidden, match="change a copy of it"):
            tree.parts[0]["X-New"] = "a"

        assert bytes(tree) == source


def test_what_is_no_part_is_not_attached() -> None:
    """A caller's mistake is a BadValue."""
    given: Any = "text"

    with pytest.raises(BadValue, match="expected a MIMEPart, found str"):
        MIMEMessage().set_content([], "mixed").attach(given)


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        pytest.param(lambda m: m.make_mixed(boundary=3), "a boundary is a str, not int", id="make_mixed"),
        pytest.param(lambda m: m.make_related(3), "a boundary is a str, not int", id="make_related"),
        pytest.param(lambda m: m.embed(b"x", "a", "b", cid=3), "a Content-ID is a str, not int", id="embed"),
        pytest.param(lambda m: m.get_part(3), "a Content-ID is a str, not int", id="get_part"),
        pytest.param(lambda m: m.get_part(None), "a Content-ID is a str, not NoneType", id="get_part of None"),
        pytest.param(lambda m: m.get_body(None), 'must hold "text" or "html", and is None', id="get_body"),
        pytest.param(lambda m: m.get_body(3), 'must hold "text" or "html", and is 3', id="get_body of a number"),
    ],
)
def test_things_of_another_type_are_refused(call: Callable[[Any], object], problem: str) -> None:
    """A caller's mistake says what was expected and found, and leaves the message as it was."""
    page = MIMEMessage().set_content("<p>", "html")
    before = bytes(page)

    with pytest.raises(BadValue, match=problem):
        call(page)

    assert bytes(page) == before
