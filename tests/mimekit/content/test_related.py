"""A page and what it shows as parts of a message, and back."""

from __future__ import annotations

import email
import email.policy
import io
import wave
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimekit import BadValue, Calendar, Forbidden, Image, MIMEMessage, MIMEPart, NoHandler, Webpage, parse, policy
from mimekit.content.media import Media
from mimekit.content.objects import ObjectManager
from mimekit.content.webpage import Resource
from mimekit.html.totext import totext
from tests import corpora, strategies

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
OBJECTS = policy.default.replace(content_manager=ObjectManager)
PAGE = Webpage('<p>My test <img src="cid:image1" alt="me"></p>\n', {"image1": Image(PNG, filename="myimage.png")})
_PIECES = (
    *("<img src='cid:a'>", "<img src=a.png>", "<base href='http://[x'>", "<base href=//x>", "<p style='a:url(b)'>"),
    *("\n--b\n", "Content-ID: <a>\n", "Content-Location: a.png\n", "Content-Type: image/png\n", "Content-Type: x\n"),
    *("Content-Type: text/html\n", "\n", "--b--", "Content-Location: http://[\n", "Content-Type: text/calendar\n"),
    *("Content-Type: multipart/related; boundary=b\n", "Content-Disposition: inline; filename==?utf-8?q?=00?=\n"),
)


def message(*args: Any, **kw: Any) -> MIMEMessage:
    """A message with that content."""
    return MIMEMessage(policy=OBJECTS).set_content(*args, **kw)


def shape(part: MIMEPart) -> list[str]:
    """The types of all parts."""
    return [one.get_content_type() for one in part.walk()]


def related(*parts: str, root: str = "Content-Type: text/html\n\n{html}", html: str = "", params: str = "") -> MIMEPart:
    """A received multipart/related."""
    text = "".join(f"--b\n{part}\n" for part in (root.replace("{html}", html), *parts))
    return parse(f"Content-Type: multipart/related; boundary=b{params}\n\n{text}--b--\n".encode(), policy=OBJECTS)


def read(part: MIMEPart) -> Webpage:
    """The page it holds."""
    page = part.get_content()
    assert isinstance(page, Webpage)
    return page


class TestSetting:
    def test_a_message_has_a_text_too(self) -> None:
        """RFC 2046, section 5.1.4: the plainest version first. RFC 2387, section 3.1: the type of the root."""
        msg = message(PAGE)

        assert shape(msg) == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
        plain, page = msg.parts
        assert plain.get_content() == "My test [me]"
        assert page.get_param("type") == "text/html"
        assert msg["MIME-Version"] == "1.0"
        assert [part["MIME-Version"] for part in msg.walk()][1:] == [None] * 4
        image = page.parts[1]
        assert image["Content-ID"] == "<image1>"
        assert image["Content-Disposition"] == "inline; filename=myimage.png"

    def test_a_text_may_be_given(self) -> None:
        """Who has a better one gives it."""
        assert message(PAGE, text="My test").get_body(("plain",)).get_content() == "My test"  # type: ignore[union-attr]
        assert shape(MIMEPart(policy=OBJECTS).set_content(PAGE, text=""))[:2] == ["multipart/alternative", "text/plain"]

    def test_a_text_may_be_left_out(self) -> None:
        """Not everybody wants one."""
        assert shape(message(PAGE, alternative=False)) == ["multipart/related", "text/html", "image/png"]
        with pytest.raises(BadValue, match="text"):
            message(PAGE, alternative=False, text="x")
        with pytest.raises(BadValue, match="text"):
            message(PAGE, text=3)

    def test_a_part_is_the_page_alone(self) -> None:
        """It is one version among others, and the text is another."""
        assert shape(MIMEPart(policy=OBJECTS).set_content(PAGE)) == ["multipart/related", "text/html", "image/png"]
        assert shape(MIMEPart(policy=OBJECTS).set_content(PAGE, alternative=True))[0] == "multipart/alternative"

    def test_a_message_among_parts_is_a_part(self) -> None:
        """A message that was added as a version is one; a message that is attached is a whole one."""
        msg = message("Hello")
        version = MIMEMessage(policy=OBJECTS)
        msg.add_alternative(version)
        inner = message("Hello")
        inner["Subject"] = "inner"
        msg.add_attachment(inner)

        version.set_content(PAGE)
        inner.set_content(PAGE)

        assert shape(msg) == [
            *("multipart/mixed", "multipart/alternative", "text/plain"),
            *("multipart/related", "text/html", "image/png"),
            *("message/rfc822", "multipart/alternative", "text/plain"),
            *("multipart/related", "text/html", "image/png"),
        ]

    def test_a_version_of_a_text(self) -> None:
        """The proposal's second example: the text is there already."""
        msg = message("My test [image1]\n")
        part = msg.add_alternative(PAGE)

        assert shape(msg) == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
        assert part.get_content() == PAGE

    def test_a_body_is_exchanged(self) -> None:
        """No version stands in another version."""
        msg = message("Hello")
        msg.add_alternative("<p>Hello", "html")
        page = msg.get_body(("html",))
        assert page is not None

        page.set_content(PAGE)

        assert shape(msg) == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]

    def test_a_file_and_a_piece(self) -> None:
        """A page can be attached, or belong to another."""
        msg = message("Hello")
        msg.add_attachment(PAGE)
        assert shape(msg)[2:] == ["multipart/related", "text/html", "image/png"]
        assert msg.parts[1].is_attachment()
        msg = message("<p>", "html")
        msg.add_related(PAGE)
        assert shape(msg)[2:] == ["multipart/related", "text/html", "image/png"]

    def test_a_page_without_objects_is_html(self) -> None:
        """Nothing is related to it; it comes back as text."""
        msg = message(Webpage("<p>Hello"), headers={"X-A": "b"})

        assert shape(msg) == ["multipart/alternative", "text/plain", "text/html"]
        assert (msg.parts[1].get_content(), msg["X-A"]) == ("<p>Hello", "b")
        assert shape(message(Webpage("<p>Hello"), alternative=False)) == ["text/html"]

    def test_boundary_fields_and_charset(self) -> None:
        """The outermost has them; the charset is the page's own, until another is said."""
        page = Webpage(io.BytesIO(b"<meta charset=koi8-r>\xd4\xc5\xd3\xd4<img src=cid:a>"), {"a": PNG})

        part = MIMEPart(policy=OBJECTS).set_content(page, boundary="edge", headers={"Content-Location": "a.html"})

        assert (part.get_boundary(), part["Content-Location"]) == ("edge", "a.html")
        assert part.parts[0].get_content_charset() == "koi8-r"
        assert read(part).charset == "koi8-r"
        assert part.get_content() == page
        part = MIMEPart(policy=OBJECTS).set_content(page, charset="utf-8")
        assert part.parts[0].get_content_charset() == "utf-8"
        msg = message(page, boundary="edge")
        assert (msg.get_content_type(), msg.get_boundary()) == ("multipart/alternative", "edge")

    def test_it_is_sent_again_and_again(self) -> None:
        """A value is not used up; a part in it is copied."""
        inner = MIMEPart(policy=OBJECTS).set_content(PNG, filename="a.png", disposition="attachment")
        bare = MIMEPart(policy=OBJECTS).set_content(PNG)
        page = Webpage("<img src=cid:a><img src=cid:b>", {"a": inner, "b": bare})

        for _ in range(2):
            _root, first, second = message(page, alternative=False).parts
            assert (first["Content-ID"], first["Content-Disposition"]) == ("<a>", "attachment; filename=a.png")
            assert (second["Content-ID"], second["Content-Disposition"]) == ("<b>", "inline")
        assert inner["Content-ID"] is None

    def test_objects_of_any_type(self) -> None:
        """Whatever the manager knows."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setparams((1, 1, 8_000, 0, "NONE", "not compressed"))
            writer.writeframes(b"\0\1")
        theirs = EmailMessage()
        theirs.set_content("theirs")
        ours = MIMEMessage()
        ours["Subject"] = "ours"
        objects = {
            "a": wave.open(io.BytesIO(file.getvalue())),  # noqa: SIM115 -- handed on
            "b": theirs,
            "c": ours.set_content("x"),
            "d": Calendar("BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        }
        page = Webpage("".join(f"<a href=cid:{cid}>" for cid in objects), objects)

        msg = parse(bytes(message(page, alternative=False)), policy=OBJECTS)

        kinds = [part.get_content_type() for part in msg.parts]
        assert kinds == ["text/html", "audio/wav", "message/rfc822", "message/rfc822", "text/calendar"]
        assert [part.get_content_disposition() for part in msg.parts[1:]] == ["inline"] * 4
        assert ours._parent is None
        found = read(msg).resources
        assert found["c"]["subject"] == "ours"  # type: ignore[index]  # a message
        assert found["d"] == objects["d"]

    def test_an_object_that_nobody_knows_is_refused(self) -> None:
        """The message is then as it was before."""
        msg = message("Hello")
        with pytest.raises(NoHandler):
            msg.add_alternative(Webpage("<a href=cid:a>", {"a": 3}))

        assert shape(msg) == ["text/plain"]

    def test_a_page_is_taken_as_it_is(self) -> None:
        """What else is known of it follows from it."""
        with pytest.raises(BadValue, match="alternative"):
            message(PAGE, "html")


class TestComingBack:
    @given(strategies.webpages(min_size=1))
    def test_what_was_set_comes_back(self, page: Webpage) -> None:
        """Law 6: from the octets, too."""
        msg = message(page)

        for found in (msg, parse(bytes(msg), policy=OBJECTS)):
            body = found.get_body()
            assert body is not None
            assert body.get_content() == page
            plain = found.get_body(("plain",))
            assert plain is not None
            assert plain.get_content() == totext(page.html)

    @given(strategies.webpages(min_size=1))
    def test_what_was_read_is_set_again(self, page: Webpage) -> None:
        """A second time it is what it was the first time."""
        first = parse(bytes(message(page, alternative=False)), policy=OBJECTS).get_content()

        assert parse(bytes(message(first, alternative=False)), policy=OBJECTS).get_content() == first

    @given(strategies.webpages(min_size=1))
    def test_the_standard_library_sees_the_same(self, page: Webpage) -> None:
        """Structure, identifiers and octets."""
        ours = message(page)
        theirs = email.message_from_bytes(bytes(ours), policy=email.policy.default)

        assert [part.get_content_type() for part in theirs.walk()] == shape(ours)
        leaves = [part for part in theirs.walk() if "content-id" in part]
        objects = [found for found in page.resources.values() if isinstance(found, Media)]
        assert [part.get_payload(decode=True) for part in leaves] == [found.octets for found in objects]

    def test_a_page_from_disk_comes_back(self, tmp_path: Path) -> None:
        """With its files, their names and types."""
        for name, octets in {
            "page.html": b"<meta charset=koi8-r>\xd4\xc5\r\n<link rel=stylesheet href=a.css><img src='\xd4.png'>",
            "a.css": "@import 'b.css'; p { a: url(x.woff2); content: 'é' }".encode(),
            "b.css": b"@import 'a.css'",
            "x.woff2": b"wOF2\0\1\0\0",
            "т.png": PNG,
        }.items():
            (tmp_path / name).write_bytes(octets)
        page = Webpage.from_file(tmp_path / "page.html")

        msg = parse(bytes(message(page)), policy=OBJECTS)

        assert len(page.resources) == 4
        body = msg.get_body()
        assert body is not None
        assert body.get_content() == page
        assert read(body).charset == "koi8-r"

    def test_the_page_on_the_wire_is_the_authors(self) -> None:
        """Its octets, but for line ends."""
        octets = "<meta charset=utf-8>\n<p  CLASS=a>é &nbsp;<img src=cid:a>\n".encode()
        msg = parse(bytes(message(Webpage(io.BytesIO(octets), {"a": PNG}), alternative=False)))

        assert msg.parts[0].octets == octets.replace(b"\n", b"\r\n")


class TestReading:
    def test_a_root_may_be_named(self) -> None:
        """RFC 2387, section 3.2: start says which part is the root."""
        found = related(
            "Content-Type: text/html\nContent-ID: <r>\n\n<img src=cid:a>",
            root="Content-Type: image/png\nContent-ID: <a>\n\nx",
            params='; start="<r>"',
        )

        assert read(found) == Webpage("<img src=cid:a>", {"a": Image(b"x", subtype="png")})

    def test_versions_inside(self) -> None:
        """Apple Mail has the alternative in the related."""
        root = (
            "Content-Type: multipart/alternative; boundary=c\n\n--c\n\nHello\n"
            "--c\nContent-Type: text/html\n\n<img src=cid:a>\n--c--"
        )

        assert read(related("Content-ID: <a>\nContent-Type: image/png\n\nx", root=root)).html == "<img src=cid:a>"

    @pytest.mark.parametrize(
        "root",
        [
            pytest.param("Content-Type: text/plain\n\n<p>", id="text"),
            pytest.param("Content-Type: application/xop+xml\n\n<p>", id="another"),
            pytest.param("Content-Type: text/html\nContent-Disposition: attachment\n\n<p>", id="attachment"),
            pytest.param(
                "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/related; boundary=d\n\n"
                "--d\nContent-Type: text/html\n\n<p>\n--d--\n--c--",
                id="too-deep",
            ),
        ],
    )
    def test_what_has_no_page_is_refused_as_others_are(self, root: str) -> None:
        """There is no single content."""
        with pytest.raises(Forbidden, match="iter_parts"):
            related(root=root).get_content()

    def test_what_could_not_be_opened_is_octets(self) -> None:
        """As with every multipart."""
        assert parse(b"Content-Type: multipart/related\n\nx", policy=OBJECTS).get_content() == b"x"

    @pytest.mark.parametrize(
        ("html", "fields", "expected"),
        [
            pytest.param("cid:a%40b", "Content-ID: <a@b>", "cid:a%40b", id="encoded"),
            pytest.param("cid:a%40b", "Content-ID: <a%40b>", "cid:a%2540b", id="not-encoded"),
            pytest.param("cid:<a@b>", "Content-ID: <a@b>", "cid:a@b", id="brackets"),
            pytest.param("cid:A@b", "Content-ID: <a@B>", "cid:a@B", id="case"),
            pytest.param("cid:c@d", "Content-ID: <a@b>", "cid:c@d", id="another"),
            pytest.param("cid:a b", "Content-ID: <a b>", "cid:ab", id="space"),
            pytest.param("cid:", "Content-ID: <>", "cid:", id="empty"),
            pytest.param(f"cid:{'x' * 2_000}", f"Content-ID: <{'x' * 2_000}>", "cid:1@mimekit.invalid", id="too-long"),
            pytest.param("x/a.png", "Content-Location: x/a.png", "cid:1@mimekit.invalid", id="place"),
            pytest.param("x/a.png", "Content-ID: <a>\nContent-Location: x/a.png", "cid:a", id="place-and-id"),
            pytest.param("http://x/a", "Content-Location: <http://x/\n a>", "cid:1@mimekit.invalid", id="place-folded"),
            pytest.param("x.png", "X-A: b", "x.png", id="nothing"),
        ],
    )
    def test_a_reference_becomes_one_that_fits(self, html: str, fields: str, expected: str) -> None:
        """RFC 2392, section 2; RFC 2557, section 4; and what senders make of them."""
        page = read(related(f"Content-Type: image/png\n{fields}\n\nx", html=f"<img src='{html}'><a href='{html}'>"))

        assert page.html == f"<img src='{expected}'><a href='{html}'>"

    @pytest.mark.parametrize(
        ("url", "base", "place"),
        [
            ("a.png", "Content-Location: http://x/y/z.html", "http://x/y/a.png"),
            ("http://x/y/a.png", "Content-Location: http://x/y/z.html", "a.png"),
            ("//[/a.png", "Content-Location: http://x/", "//[/a.png"),
            ("//[/b.png", "Content-Location: http://x/", "//[/a.png"),
            ("a.png", "", "http://w/a.png"),
            ("", "Content-Location: http://x/b.png", "http://x/b.png"),
            ("a.png", f"Content-Location: http://{'x' * 5_000}/", "a.png"),
        ],
    )
    def test_places_are_resolved(self, url: str, base: str, place: str) -> None:
        """RFC 2557, section 5: against the base, else the place of the page, else that of the whole."""
        found = related(
            f"Content-Type: image/png\nContent-ID: <a>\nContent-Location: {place}\n\nx",
            root=f"Content-Type: text/html\n{base}\n\n<img src='{url}'>".replace("\n\n\n", "\n\n"),
            params="\nContent-Location: http://w/",
        )

        assert read(found).html == ("<img src='cid:a'>" if "a" in url else f"<img src='{url}'>")

    def test_a_base_in_the_page_counts_first(self) -> None:
        """As in browsers; it may itself be relative."""
        found = related(
            "Content-ID: <a>\nContent-Type: image/png\nContent-Location: http://x/y/a.png\n\nx",
            html="<base href=y/><img src=a.png>",
            params="\nContent-Location: http://x/",
        )

        assert read(found).html == "<base href=y/><img src=cid:a>"

    def test_no_part_is_lost(self) -> None:
        """Those of one Content-ID, and those without any, have one of their own."""
        part = "Content-Type: image/png\n{}\n\nx"
        found = related(
            part.format("Content-ID: <a>"),
            part.format("Content-ID: <a>"),
            part.format("X-A: b"),
            part.format("Content-ID: <3@mimekit.invalid>"),
            part.format("Content-ID: <>"),
        )

        assert list(read(found).resources) == [
            "a",
            "2.a",
            "3@mimekit.invalid",
            "4.3@mimekit.invalid",
            "5@mimekit.invalid",
        ]

    @pytest.mark.parametrize(
        ("part", "expected"),
        [
            pytest.param("Content-Type: text/css; charset=x\n\np", Resource(b"p", "text/css", params={"charset": "x"})),
            pytest.param('Content-Type: font/woff; name="a"\n\np', Resource(b"p", "font/woff", filename="a")),
            pytest.param("Content-Type: image/a=b\n\np", Image(b"p", subtype="a"), id="damaged-type"),
            pytest.param("Content-Type: message/x\n\np", b"p", id="message-of-another-kind"),
            pytest.param("X-A: b\n\np", Resource(b"p", "text/plain"), id="no-type"),
        ],
    )
    def test_what_parts_become(self, part: str, expected: object) -> None:
        """What can be sent again as it is, else octets."""
        page = read(related(f"Content-ID: <a>\n{part}", html="<a href=cid:a>"))

        assert page.resources["a"] == expected
        assert message(page).get_body().get_content().html == page.html  # type: ignore[union-attr]

    def test_parts_in_parts(self) -> None:
        """A multipart stands for itself."""
        found = related("Content-ID: <a>\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--")

        assert read(found).resources == {"a": found.parts[1]}
        assert shape(message(read(found), alternative=False))[2:] == ["multipart/mixed", "text/plain"]

    def test_octets_that_begin_as_something_keep_that(self) -> None:
        """What nobody could name is named when it is sent again."""
        found = related("Content-ID: <a>\nContent-Type: message/x\n\n%PDF-1.7", html="<a href=cid:a>")

        assert shape(message(read(found), alternative=False))[2:] == ["application/pdf"]

    @given(strategies.anything())
    def test_nothing_raises_on_any_octets(self, octets: bytes) -> None:
        """Law 4: what is no page says so, and everything else is something."""
        for part in parse(octets, policy=OBJECTS).walk():
            try:
                part.get_content()
            except Forbidden:
                assert part.is_multipart()

    @given(st.lists(st.sampled_from(_PIECES), max_size=30))
    def test_nothing_raises_on_damaged_pages(self, pieces: list[str]) -> None:
        """Law 4, for what nearly is a page; and what was read can be sent."""
        head = "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>"
        page = parse((head + "".join(pieces)).encode(), policy=OBJECTS).get_content()

        assert isinstance(page, Webpage)
        assert bytes(message(page))

    def test_many_in_each_other(self) -> None:
        """Law 5: nothing recurses, and each is gone through once."""
        depth = 3_000
        heads = [f"Content-Type: multipart/related; boundary=b{number}\n\n--b{number}\n" for number in range(depth)]
        deep = OBJECTS.replace(max_depth=depth + 1)
        outer = parse(("".join(heads) + "Content-Type: text/html\n\n<p>").encode(), policy=deep)
        inner = parse(
            "".join(
                f"{head}Content-Type: text/html\n\n<p>\n--b{number}\n" for number, head in enumerate(heads)
            ).encode(),
            policy=deep,
        )

        for part in outer.walk():
            if part.is_multipart() and part.parts[0].is_multipart():
                with pytest.raises(Forbidden):
                    part.get_content()
        assert [len(read(part).resources) for part in inner.walk() if part.is_multipart()][:-1] == [1] * (depth - 1)

    def test_many_references_to_a_far_place(self) -> None:
        """Law 5: resolving takes no longer for a long base."""
        base = "http://x/" + "y/" * 100_000
        html = "<img src=a>" * 5_000
        found = related("Content-Location: b\n\nx", html=f"<base href='{base}'>{html}")

        assert len(read(found).resources) == 1

    @pytest.mark.corpus
    def test_real_pages_are_read(self) -> None:
        """Every related in real mail is a page, or says why not; and each can be sent again."""
        pages = 0
        for real in corpora.required_messages():
            for part in parse(real.octets, policy=OBJECTS).walk():
                if part.get_content_type() == "multipart/related" and part.is_multipart():
                    try:
                        page = part.get_content()
                    except Forbidden:
                        assert part.get_body(("html",)) not in part.parts, real
                        continue
                    again = parse(bytes(message(page, alternative=False)), policy=OBJECTS)
                    assert again.get_content() in (page, read(part).html), real
                    pages += 1
        assert pages
