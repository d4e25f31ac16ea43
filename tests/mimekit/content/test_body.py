"""The body as one plain text, whatever versions and pieces it came in."""

from __future__ import annotations

import pytest
from hypothesis import given

import mimekit
from mimekit import parse
from tests import strategies
from tests.laws import real, work
from tests.trees import leaf, message, multipart

PLAIN = leaf("text/plain", "plain\n")
PAGE = leaf("text/html", "<p>page</p>")
BLANK = leaf("text/plain", " \n")
IMAGE = leaf("image/png", "i", "Content-Disposition: inline; filename=i.png")
FOOTER = leaf("text/plain", "-- \nlist\n")
NAMED = leaf("text/plain", "a patch\n", "Content-Disposition: inline; filename=a.patch")
ATTACHED = leaf("text/plain", "attached\n", "Content-Disposition: attachment")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(PLAIN, "plain\n", id="usual: plain"),
        pytest.param(PAGE, "page", id="usual: a page"),
        pytest.param(multipart("alternative", PLAIN, PAGE), "plain\n", id="usual: both"),
        pytest.param(multipart("mixed", PLAIN, ATTACHED, NAMED), "plain\n", id="usual: files"),
        pytest.param(multipart("related", PAGE, IMAGE), "page", id="usual: a page with images"),
        pytest.param(multipart("mixed", multipart("alternative", PLAIN, PAGE), IMAGE), "plain\n", id="usual: deeper"),
        pytest.param(multipart("mixed", PLAIN, IMAGE, FOOTER), "plain\n\n-- \nlist", id="usual: text, image, text"),
        pytest.param(multipart("signed", PLAIN, leaf("text/plain", "sig")), "plain\n", id="usual: signed"),
        pytest.param(multipart("report", PLAIN, message(PLAIN)), "plain\n", id="usual: a report"),
        pytest.param(multipart("mixed", PAGE, IMAGE, PAGE), "page\n\npage", id="odd: page, image, page"),
        pytest.param(multipart("alternative", BLANK, PAGE), "page", id="odd: nothing in the plain one"),
        pytest.param(multipart("alternative", PLAIN, PLAIN), "plain\n", id="odd: two plain ones"),
        pytest.param(
            multipart("alternative", PLAIN, multipart("mixed", PAGE, IMAGE, PAGE)), "plain\n", id="odd: Apple Mail"
        ),
        pytest.param(multipart("alternative", leaf("text/calendar", "x"), PAGE), "page", id="odd: an invitation"),
        pytest.param(leaf("text/plain", "", "Content-Disposition: inline"), "", id="odd: empty"),
        pytest.param(ATTACHED, "", id="odd: an attachment alone"),
        pytest.param(multipart("mixed", message(PLAIN)), "", id="odd: an attached message"),
        pytest.param(multipart("digest", PLAIN), "plain\n", id="odd: a digest"),
        pytest.param(multipart("encrypted", PLAIN, IMAGE), "plain\n", id="odd: encrypted, and not"),
        pytest.param(multipart("mixed", NAMED, IMAGE), "a patch\n", id="odd: a body with a file name"),
        pytest.param(multipart("mixed", NAMED, FOOTER), "-- \nlist\n", id="odd: a file before a text"),
        pytest.param(multipart("signed", IMAGE, PLAIN), "plain\n", id="odd: a text behind what is signed"),
        pytest.param(leaf("image/png", "i"), "", id="odd: an image"),
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\n\nnothing", "", id="hostile: no part"),
        pytest.param(b"Content-Type: multipart/related; boundary=b\n\nnothing", "", id="hostile: no root"),
        pytest.param(b"plain", "plain", id="hostile: no header"),
    ],
)
def test_people_read_the_text(source: bytes, expected: str) -> None:
    """Plain where there is such a version, else the page; what stands in a row, joined."""
    assert parse(source).get_text() == expected


def test_a_flowed_text_is_unfolded() -> None:
    """RFC 3676, section 4.1; DelSp, section 4.2."""
    body = "a long \nline\n"

    assert parse(leaf("text/plain; format=flowed", body)).get_text() == "a long line\n"
    assert parse(leaf("text/plain; format=Flowed; delsp=YES", body)).get_text() == "a longline\n"
    assert parse(leaf("text/plain; format=fixed", body)).get_text() == body


def test_nothing_is_entered_twice_and_nothing_recurses() -> None:
    """Alternatives in each other cost what they are long."""

    def of_size(size: int) -> int:
        head = b"".join(b"Content-Type: multipart/alternative; boundary=%d\n\n--%d\n" % (n, n) for n in range(size))
        deep = work.parse_wide(head + b"\nplain\n")
        list(deep.walk())
        return work.of(deep.get_text)

    assert work.growth(of_size, 40) <= work.LIMIT


@given(strategies.anything())
def test_whatever_it_is_there_is_text(octets: bytes) -> None:
    """Bad mail is never an exception, and reading changes nothing."""
    tree = parse(octets)

    assert isinstance(tree.get_text(), str)
    assert bytes(tree) == octets


@pytest.mark.corpus
@real.every_batch
def test_real_messages_have_text(batch: real.Batch) -> None:
    """Where they have a plain body with something in it, that is where it begins."""

    def law(octets: bytes) -> None:
        tree = mimekit.parse(octets)
        text = tree.get_text()
        body = tree.get_body(("text",))
        if body is not None and not body.get_param("format"):
            content = body.get_content()
            assert isinstance(content, str)
            assert not content.strip() or content.strip("\n") in text
        assert bytes(tree) == octets

    real.hold(batch, law)
