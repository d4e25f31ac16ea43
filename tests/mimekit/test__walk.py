"""Questions about a tree: bodies, attachments, parts by Content-ID."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mimekit import BadValue, MIMEMessage, parse
from tests.trees import called, leaf, message, multipart, shape

PLAIN, HTML, PNG, PDF = (
    leaf("text/plain", "t"),
    leaf("text/html", "h"),
    leaf("image/png", "i"),
    leaf("application/pdf", "p"),
)
SIGNATURE = leaf("application/pkcs7-signature", "s")
STATUS = leaf("message/delivery-status", "d")
INVITE = leaf("text/calendar", "c")
FILE = "Content-Disposition: attachment"
MARKED = leaf("text/html", "m", FILE)
VERSIONS = multipart("alternative", PLAIN, HTML)
PAGE = multipart("related", HTML, PNG)
ROOT = leaf("text/html", "h", "Content-ID: <root@x>")

TREES = {
    # usual
    "a text": PLAIN,
    "a page": HTML,
    "versions": VERSIONS,
    "a page with its image": PAGE,
    "text, or a page with its image": multipart("alternative", PLAIN, PAGE),
    "all of it": multipart("mixed", multipart("alternative", PLAIN, PAGE), PDF),
    "an invitation": multipart("mixed", multipart("alternative", PLAIN, HTML, INVITE), PDF),
    "a signed text": multipart("signed", PLAIN, SIGNATURE),
    "signed versions": multipart("signed", VERSIONS, SIGNATURE),
    "a bounce": multipart("report", PLAIN, STATUS, message(HTML)),
    # odd
    "a root that is not first": multipart("related", PNG, ROOT, params='; start="<root@x>"'),
    "a root named without brackets": multipart("related", PNG, ROOT, params='; start="root@x"'),
    "a root that is not there": multipart("related", HTML, PNG, params='; start="<gone@x>"'),
    "a root that has versions": multipart("related", VERSIONS, PNG),
    "two texts": multipart("mixed", PLAIN, leaf("text/plain", "u")),
    "a page before a text": multipart("mixed", HTML, PLAIN),
    "text, image, text": multipart("mixed", PLAIN, PNG, leaf("text/plain", "u")),
    "a file first": multipart("mixed", PDF, PLAIN),
    "versions and a footer": multipart("mixed", VERSIONS, leaf("text/plain", "footer")),
    "a mixed in a mixed": multipart("mixed", multipart("mixed", PLAIN, PNG), PDF),
    "signed in a mixed": multipart("mixed", multipart("signed", VERSIONS, SIGNATURE), leaf("text/plain", "footer")),
    "a page marked as file": multipart("mixed", PLAIN, MARKED),
    "only a page marked as file": MARKED,
    "a text marked as file first": multipart("mixed", leaf("text/plain", "m", FILE), PLAIN),
    "versions marked as file": multipart(
        "mixed", PLAIN, multipart("alternative", leaf(body="x"), HTML, fields=(FILE,))
    ),
    "a version marked as file": multipart("alternative", PLAIN, MARKED),
    "a version with a name": multipart(
        "alternative", PLAIN, leaf("text/calendar", "c", "Content-Disposition: inline; filename=i.ics")
    ),
    "only a file": PDF,
    "only a table": leaf("text/csv", "v"),
    # hostile
    "an attached message and nothing else": multipart("mixed", message(HTML)),
    "an attached message first": multipart("mixed", message(HTML), PLAIN),
    "a message in a message": message(HTML),
    "a digest": multipart("digest", b"\nSubject: a\n\nin it", b"\nSubject: b\n\nin it"),
    "a multipart without boundary": leaf("multipart/mixed", "unopened"),
    "a related without parts": leaf("multipart/related; boundary=none", "unopened"),
    "a type nobody knows": multipart("x-unknown", PNG, HTML),
}


def table(rows: dict[str, Sequence[object]]) -> pytest.MarkDecorator:
    """A row for each tree, none forgotten."""
    assert rows.keys() == TREES.keys()
    return pytest.mark.parametrize(
        ("source", "expected"), [pytest.param(TREES[name], tuple(row), id=name) for name, row in rows.items()]
    )


class TestBody:
    @table(
        {
            # by default, html, text
            "a text": ("t", None, "t"),
            "a page": ("h", "h", None),
            "versions": ("h", "h", "t"),
            "a page with its image": ("related", "h", None),
            "text, or a page with its image": ("related", "h", "t"),
            "all of it": ("related", "h", "t"),
            "an invitation": ("h", "h", "t"),
            "a signed text": ("t", None, "t"),
            "signed versions": ("h", "h", "t"),
            "a bounce": ("t", None, "t"),
            "a root that is not first": ("related", "h", None),
            "a root named without brackets": ("related", "h", None),
            "a root that is not there": ("related", "h", None),
            "a root that has versions": ("related", "h", "t"),
            "two texts": ("t", None, "t"),
            "a page before a text": ("h", "h", None),
            "text, image, text": ("t", None, "t"),
            "a file first": ("t", None, "t"),
            "versions and a footer": ("h", "h", "t"),
            "a mixed in a mixed": ("t", None, "t"),
            "signed in a mixed": ("h", "h", "t"),
            "a page marked as file": ("t", None, "t"),
            "only a page marked as file": (None, None, None),
            "a text marked as file first": ("t", None, "t"),
            "versions marked as file": ("t", None, "t"),
            "a version marked as file": ("t", None, "t"),
            "a version with a name": ("t", None, "t"),
            "only a file": (None, None, None),
            "only a table": (None, None, None),
            "an attached message and nothing else": (None, None, None),
            "an attached message first": ("t", None, "t"),
            "a message in a message": (None, None, None),
            "a digest": (None, None, None),
            "a multipart without boundary": (None, None, None),
            "a related without parts": (None, None, None),
            "a type nobody knows": ("h", "h", None),
        }
    )
    def test_the_body_is_found_wherever_it_stands_wild_15(
        self, source: bytes, expected: tuple[str | None, ...]
    ) -> None:
        """In related whose root is not first, signed, report, nested mixed, text-image-text; no attached one."""
        tree = parse(source)

        found = [tree.get_body(), tree.get_body(("html",)), tree.get_body(("text",))]

        assert tuple(map(called, found)) == expected

    @pytest.mark.parametrize(
        ("name", "preferences", "expected"),
        [
            pytest.param("versions", ("html", "plain"), "h", id="the first preference"),
            pytest.param("versions", ("plain", "html"), "t", id="the order is the caller's"),
            pytest.param("versions", ["text"], "t", id="a list"),
            pytest.param("versions", "html", "h", id="one word"),
            pytest.param("a text", ("html", "text"), "t", id="the second where there is no first"),
            pytest.param("all of it", ("related", "text"), "related", id="related without html"),
            pytest.param("versions", ("related", "text"), "t", id="related where there is none"),
            pytest.param("all of it", ("text", "related"), "t", id="related last"),
            pytest.param("an invitation", ("calendar", "text"), "c", id="a version of another type"),
            pytest.param("an invitation", ("text", "calendar"), "t", id="a version of another type last"),
            pytest.param("all of it", ("calendar", "html"), "h", id="a version there is none of"),
            pytest.param("only a table", ("csv", "text"), "v", id="a text of another type"),
        ],
    )
    def test_preferences_are_ranked(self, name: str, preferences: Sequence[str], expected: str) -> None:
        """The email6 proposal: *preferencelist* indicates the order of preference for the part returned."""
        assert called(parse(TREES[name]).get_body(preferences)) == expected

    @pytest.mark.parametrize("name", TREES)
    def test_text_is_another_name_of_plain(self, name: str) -> None:
        """``"plain"`` is the same as ``"text"``."""
        tree = parse(TREES[name])

        assert tree.get_body(("text",)) is tree.get_body(("plain",))

    @pytest.mark.parametrize("preferences", [("related",), (), ("calendar",), "related"])
    def test_neither_text_nor_html_is_an_error(self, preferences: Sequence[str]) -> None:
        """The email6 proposal: the preferences must always contain at least one of text or html."""
        with pytest.raises(BadValue, match='must hold "text" or "html"'):
            parse(PLAIN).get_body(preferences)

    def test_a_related_to_be_filled_has_no_root(self) -> None:
        """It is what stands for the page, with nothing in it yet."""
        empty = MIMEMessage().set_content([], "related")

        assert empty.get_body() is empty
        assert empty.get_body(("html",)) is None
        assert list(empty.iter_attachments(recursive=True)) == []

    def test_the_body_is_the_part_itself(self) -> None:
        """What is found is edited in its place."""
        tree = parse(TREES["all of it"])
        page = tree.get_body(("html",))
        assert page is not None

        page.set_content("new", "html")

        assert called(parse(bytes(tree)).get_body(("html",))) == "new"


class TestAttachments:
    @table(
        {
            # direct parts, every file
            "a text": ([], []),
            "a page": ([], []),
            "versions": ([], []),
            "a page with its image": (["i"], ["i"]),
            "text, or a page with its image": ([], ["i"]),
            "all of it": (["p"], ["i", "p"]),
            "an invitation": (["p"], ["p"]),
            "a signed text": (["s"], ["s"]),
            "signed versions": (["s"], ["s"]),
            "a bounce": (["d", "rfc822"], ["d", "rfc822"]),
            "a root that is not first": (["i"], ["i"]),
            "a root named without brackets": (["i"], ["i"]),
            "a root that is not there": (["i"], ["i"]),
            "a root that has versions": (["i"], ["i"]),
            "two texts": (["u"], ["u"]),
            "a page before a text": (["t"], ["t"]),
            "text, image, text": (["i", "u"], ["i", "u"]),
            "a file first": (["p"], ["p"]),
            "versions and a footer": ([], []),
            "a mixed in a mixed": (["mixed", "p"], ["i", "p"]),
            "signed in a mixed": (["signed"], ["s"]),
            "a page marked as file": (["m"], ["m"]),
            "only a page marked as file": ([], ["m"]),
            "a text marked as file first": (["m"], ["m"]),
            "versions marked as file": (["alternative"], ["x", "h"]),
            "a version marked as file": ([], ["m"]),
            "a version with a name": ([], ["c"]),
            "only a file": ([], ["p"]),
            "only a table": ([], ["v"]),
            "an attached message and nothing else": (["rfc822"], ["rfc822"]),
            "an attached message first": (["rfc822"], ["rfc822"]),
            "a message in a message": ([], ["rfc822"]),
            "a digest": (["rfc822", "rfc822"], ["rfc822", "rfc822"]),
            "a multipart without boundary": ([], ["unopened"]),
            "a related without parts": ([], ["unopened"]),
            "a type nobody knows": (["i"], ["i"]),
        }
    )
    def test_every_file_is_found_wherever_it_stands_wild_15(
        self, source: bytes, expected: tuple[list[str], list[str]]
    ) -> None:
        """Every direct part but the body candidates; recursive, those in signed, nested and related ones too."""
        tree = parse(source)

        direct = [called(part) for part in tree.iter_attachments()]
        flat = [called(part) for part in tree.iter_attachments(recursive=True)]

        assert (direct, flat) == expected

    @pytest.mark.parametrize("name", TREES)
    def test_nothing_is_a_body_and_a_file_at_once(self, name: str) -> None:
        """A message is a body and attachments; what one call gives the other does not."""
        tree = parse(TREES[name])
        bodies = [tree.get_body((kind,)) for kind in ("text", "html")]

        assert not [part for part in tree.iter_attachments(recursive=True) if part in bodies]


class TestParts:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param(PLAIN, None, id="a leaf"),
            pytest.param(leaf("multipart/mixed", "unopened"), None, id="a multipart that could not be opened"),
            pytest.param(STATUS, None, id="a message type that is none"),
            pytest.param(VERSIONS, ["t", "h"], id="a multipart"),
            pytest.param(message(HTML), ["h"], id="a message"),
        ],
    )
    def test_direct_parts_are_iterated(self, source: bytes, expected: list[str] | None) -> None:
        """The email6 proposal: all of the parts of any multipart, and None on a non-multipart."""
        tree = parse(source)
        parts = tree.iter_parts()

        assert (None if parts is None else [called(part) for part in parts]) == expected
        assert [called(part) for part in tree.parts] == (expected or [])

    def test_an_empty_multipart_has_parts_to_iterate(self) -> None:
        """A multipart to be filled is one already."""
        parts = MIMEMessage().set_content([], "mixed").iter_parts()

        assert parts is not None
        assert list(parts) == []

    def test_walk_goes_into_everything_each_before_its_parts(self) -> None:
        """``walk()`` enters attached messages, as in the standard library."""
        tree = parse(multipart("mixed", VERSIONS, message(PAGE), PDF))

        walked = [part.get_content_subtype() for part in tree.walk()]

        assert walked == ["mixed", "alternative", "plain", "html", "rfc822", "related", "html", "png", "pdf"]

    def test_nesting_costs_no_recursion_wild_16(self) -> None:
        """500 nested multiparts, 1,000 nested messages: no recursion."""
        multiparts, messages = PLAIN, b"Content-ID: <deep@x>\n\nt"
        for _ in range(500):
            multiparts = multipart("mixed", multiparts, PDF)
        for _ in range(1_000):
            messages = b"Content-Type: message/rfc822\n\n" + messages

        deep, inner = parse(multiparts), parse(messages)

        assert called(deep.get_body()) == "t"
        assert len(list(deep.iter_attachments(recursive=True))) == 500
        assert len(list(inner.walk())) == 1_001
        assert inner.get_part("deep@x") is None
        assert deep.get_part("none@x") is None


class TestContentIds:
    @pytest.mark.parametrize("cid", ["img1@x", "<img1@x>", " <img1@x> "])
    def test_a_part_is_found_with_or_without_brackets(self, cid: str) -> None:
        """RFC 2392, section 2: a cid URL names a Content-ID without its angle brackets."""
        tree = parse(
            multipart("mixed", multipart("related", HTML, leaf("image/png", "i", "Content-ID: <img1@x>")), PDF)
        )

        assert called(tree.get_part(cid)) == "i"

    @pytest.mark.parametrize(
        ("field", "cid"),
        [
            pytest.param("Content-ID: img1", "img1", id="without brackets"),
            pytest.param("Content-ID: <img 1>", "img1", id="with a space"),
            pytest.param("content-id:   <IMG1@x> (an image)", "<IMG1@x>", id="with a comment"),
        ],
    )
    def test_an_odd_identifier_is_found(self, field: str, cid: str) -> None:
        """Pages name what stands there."""
        assert called(parse(multipart("related", HTML, leaf("image/png", "i", field))).get_part(cid)) == "i"

    def test_the_first_of_two_is_found(self) -> None:
        """An identifier is for one part; where two have it, the first stands."""
        twice = [leaf("image/png", name, "Content-ID: <a@x>") for name in "ij"]

        assert called(parse(multipart("related", HTML, *twice)).get_part("a@x")) == "i"

    def test_a_message_finds_itself(self) -> None:
        """At or below the part that is asked."""
        tree = parse(leaf("text/plain", "t", "Content-ID: <a@x>"))

        assert tree.get_part("a@x") is tree

    def test_attached_messages_are_not_entered(self) -> None:
        """Another message has identifiers of its own."""
        tree = parse(multipart("mixed", PLAIN, message(leaf("image/png", "i", "Content-ID: <a@x>"))))

        assert tree.get_part("a@x") is None

    @pytest.mark.parametrize("cid", ["gone@x", "", "<>"])
    def test_what_is_not_there_is_none(self, cid: str) -> None:
        """A search that finds nothing says so."""
        assert parse(TREES["all of it"]).get_part(cid) is None


class TestPage:
    """Where an image goes that the page shows: `embed` asks."""

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param(HTML, "related(html gif)", id="a page"),
            pytest.param(VERSIONS, "alternative(plain related(html gif))", id="versions"),
            pytest.param(PAGE, "related(html png gif)", id="a page with its image"),
            pytest.param(TREES["a root that is not first"], "related(png html gif)", id="a root that is not first"),
            pytest.param(
                TREES["a root that has versions"],
                "related(alternative(plain html) png gif)",
                id="a root that has versions",
            ),
            pytest.param(
                multipart("related", multipart("alternative", PLAIN, multipart("alternative", HTML)), PNG),
                "related(alternative(plain alternative(html)) png gif)",
                id="versions of versions",
            ),
            pytest.param(TREES["all of it"], "mixed(alternative(plain related(html png gif)) pdf)", id="in a mixed"),
            pytest.param(
                multipart("mixed", VERSIONS, PDF),
                "mixed(alternative(plain related(html gif)) pdf)",
                id="versions in a mixed",
            ),
            pytest.param(multipart("mixed", HTML, PDF), "mixed(related(html gif) pdf)", id="a page in a mixed"),
            pytest.param(
                multipart("related", multipart("mixed", PNG, HTML), PDF),
                "related(mixed(png related(html gif)) pdf)",
                id="a mixed in a related",
            ),
        ],
    )
    def test_it_is_the_related_that_begins_with_the_page(self, source: bytes, expected: str) -> None:
        """`embed` finds the HTML body wherever it is in the tree, and makes it related when it is not yet."""
        tree = parse(source)

        tree.embed(b"GIF89a", "image", "gif")

        assert shape(tree) == shape(parse(bytes(tree))) == expected
