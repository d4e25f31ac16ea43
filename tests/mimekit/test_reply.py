"""Replies, replies to all, and messages passed on."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given

from mimekit import Address, BadValue, Forbidden, MIMEMessage, MIMEPart, parse, policy
from mimekit.content.body import read_body
from mimekit.interop import from_email
from mimekit.reply import forward, reply, reply_all
from mimekit.values.address import Addresses
from tests import strategies
from tests.laws import real
from tests.trees import called, leaf, message, multipart, shape


def received(*fields: str, body: str = "Hello") -> MIMEMessage:
    """A message from Ana with further *fields*; one of them may be another From."""
    head = [*([] if any(field.startswith("From:") for field in fields) else ["From: ana@a.example"]), *fields]
    return parse("\n".join([*head, "", body]).encode())


def written(value: MIMEMessage, name: str) -> str | None:
    """The field *name* after *value* was written and read again."""
    return parse(bytes(value))[name]


def specs(value: MIMEMessage, name: str) -> list[str]:
    """The bare addresses in the field *name*."""
    found = value[name]
    return [address.addr_spec for address in found.addresses] if isinstance(found, Addresses) else []


def theirs(value: MIMEMessage) -> EmailMessage:
    """The same message as the standard library reads it."""
    return email.message_from_bytes(bytes(value), policy=email.policy.default)


class TestRecipients:
    @pytest.mark.parametrize(
        ("fields", "to", "cc"),
        [
            # usual
            pytest.param([], ["ana@a.example"], [], id="From"),
            pytest.param(["Reply-To: r@r.example"], ["r@r.example"], [], id="Reply-To"),
            pytest.param(["Reply-To: r@r.example, s@s.example"], ["r@r.example", "s@s.example"], [], id="two"),
            pytest.param(
                ["To: me@m.example, Ben <ben@b.example>", "Cc: eva@e.example"],
                ["ana@a.example"],
                ["ben@b.example", "eva@e.example"],
                id="everybody",
            ),
            pytest.param(["To: me@m.example"], ["ana@a.example"], [], id="to me alone"),
            pytest.param(
                ["To: friends: ben@b.example, eva@e.example;"],
                ["ana@a.example"],
                ["ben@b.example", "eva@e.example"],
                id="a group",
            ),
            # odd
            pytest.param(["Reply-To:"], ["ana@a.example"], [], id="an empty Reply-To"),
            pytest.param(["To: undisclosed-recipients:;"], ["ana@a.example"], [], id="an empty group"),
            pytest.param(
                ["To: Ana <ana@A.EXAMPLE>, ben@b.example, Ben <ben@b.example>"],
                ["ana@a.example"],
                ["ben@b.example"],
                id="twice",
            ),
            pytest.param(
                ["To: b@straße.de", "Cc: b@xn--strae-oqa.de"], ["ana@a.example"], ["b@xn--strae-oqa.de"], id="IDN twice"
            ),
            pytest.param(
                ["To: ben@b.example", "To: eva@e.example"],
                ["ana@a.example"],
                ["ben@b.example", "eva@e.example"],
                id="two fields",
            ),
            pytest.param(
                ["Mail-Followup-To: l@l.example", "Mail-Reply-To: p@p.example"],
                ["ana@a.example"],
                [],
                id="fields of no standard",
            ),
            pytest.param(["List-Post: <mailto:l@l.example>"], ["ana@a.example"], [], id="a list"),
            pytest.param(["From: root"], ["root"], [], id="local"),
            # one's own
            pytest.param(
                ["From: me@m.example", "To: ben@b.example", "Cc: eva@e.example"],
                ["ben@b.example"],
                ["eva@e.example"],
                id="one's own message",
            ),
            pytest.param(["From: me@m.example", "To: me@m.example"], ["me@m.example"], [], id="one's own to oneself"),
            pytest.param(["From: me@m.example", "Cc: eva@e.example"], ["eva@e.example"], [], id="one's own with a Cc"),
        ],
    )
    def test_authors_are_answered_and_all_get_a_copy(self, fields: list[str], to: list[str], cc: list[str]) -> None:
        """RFC 5322, section 3.6.2: Reply-To says where replies go, else From; 3.6.3: the others may be in Cc."""
        made = reply_all(received(*fields), me="me@m.example")

        assert (specs(made, "To"), specs(made, "Cc")) == (to, cc)
        assert ("Cc" in made) is bool(cc)

    def test_a_reply_is_for_the_author_alone(self) -> None:
        """RFC 5322, section 3.6.2: a reply goes to Reply-To, else From."""
        original = received("To: me@m.example, ben@b.example", "Cc: eva@e.example")

        made = reply(original, sender="me@m.example")

        assert specs(made, "To") == ["ana@a.example"]
        assert "Cc" not in made

    def test_a_reply_to_oneself_goes_on_to_the_same_people(self) -> None:
        """Who answers what they wrote has something to add; a copy is for the replies to all."""
        original = received("From: me@m.example", "To: ben@b.example", "Cc: eva@e.example")

        assert specs(reply(original, me="me@m.example"), "To") == ["ben@b.example"]
        assert specs(reply(received("From: me@m.example", "Cc: e@e.example"), me="me@m.example"), "To") == [
            "me@m.example"
        ]

    def test_names_are_kept(self) -> None:
        """A name is how people are addressed, and needs quotes and words as ever."""
        made = reply(received("From: =?utf-8?q?Wei=C3=9F=2C_J=C3=BCrgen?= <j@a.example>"))

        assert written(made, "To") == '"Weiß, Jürgen" <j@a.example>'

    @pytest.mark.parametrize("answer", [reply, reply_all])
    @pytest.mark.parametrize(
        "field", ["From:", "From: <>", "From: nobody:;", "X-From: a@b.c", "From: \nReply-To: <>"], ids=repr
    )
    def test_where_nobody_is_named_nobody_is_answered(
        self, answer: Callable[[MIMEPart], MIMEMessage], field: str
    ) -> None:
        """An error that says what is missing."""
        with pytest.raises(Forbidden, match="nobody can be answered: no address stands in From"):
            answer(parse(f"{field}\nSubject: x\n\n".encode()))

    def test_an_address_that_needs_smtputf8_is_refused_without(self) -> None:
        """RFC 6531, section 3.3: a local part in another script is for those who speak SMTPUTF8."""
        octets = "From: jürgen@a.example\n\n".encode()

        with pytest.raises(BadValue, match="expected SMTPUTF8"):
            reply(parse(octets))
        assert specs(reply(parse(octets, policy=policy.SMTPUTF8)), "To") == ["jürgen@a.example"]


class TestSender:
    @pytest.mark.parametrize(
        ("choices", "expected"),
        [
            pytest.param({}, None, id="nobody said"),
            pytest.param({"sender": "Me <me@m.example>"}, "Me <me@m.example>", id="a text"),
            pytest.param({"sender": Address("Me", "me", "m.example")}, "Me <me@m.example>", id="an address"),
            pytest.param({"me": "me@m.example"}, "me@m.example", id="me"),
            pytest.param({"me": ["x@m.example", "me@m.example"]}, "x@m.example", id="the first of mine"),
            pytest.param({"me": ["x@m.example", "Me <work@W.example>"]}, "Me <work@W.example>", id="the one addressed"),
            pytest.param({"me": ["x@m.example", "c@c.example"]}, "c@c.example", id="the one with a copy"),
            pytest.param({"sender": "s@s.example", "me": "work@w.example"}, "s@s.example", id="sender and me"),
        ],
    )
    def test_from_is_who_answers(self, choices: dict[str, Any], expected: str | None) -> None:
        """The address a message came to is the one it is answered from."""
        original = received("To: ben@b.example, work@w.example", "Cc: c@c.example, s@s.example")

        made = reply_all(original, **choices)

        assert made["From"] == expected
        assert not {*specs(made, "From")} & {*specs(made, "To"), *specs(made, "Cc")}

    def test_forwards_have_one_too(self) -> None:
        """Who passes something on writes it."""
        made = forward(received(), to=["ben@b.example", Address("Eva", "eva", "e.example")], sender="me@m.example")

        assert (made["From"], made["To"]) == ("me@m.example", "ben@b.example, Eva <eva@e.example>")
        assert "To" not in forward(received())

    @pytest.mark.parametrize("answer", [reply, reply_all, forward])
    def test_what_is_no_message_is_refused(self, answer: Callable[..., MIMEMessage]) -> None:
        """A caller's mistake is a BadValue that says what helps."""
        with pytest.raises(BadValue, match=r"found EmailMessage; mimekit\.interop\.from_email\(\) makes one"):
            answer(EmailMessage())
        with pytest.raises(BadValue, match=r"found bytes$"):
            answer(b"From: a@b.c\n\n")
        with pytest.raises(BadValue, match="the text is a str, not bytes"):
            answer(received(), b"text")
        with pytest.raises(BadValue, match="expected"):
            answer(received(), sender="nobody at all")


class TestSubject:
    @pytest.mark.parametrize(
        ("subject", "bare"),
        [
            # usual
            pytest.param("Numbers", "Numbers", id="none"),
            *(
                pytest.param(f"{word} Numbers", "Numbers", id=word)
                for word in ("Re:", "RE:", "re:", "Re[2]:", "AW:", "Aw:", "SV:", "Antw:", "Fwd:", "FW:", "Fw:", "WG:")
            ),
            pytest.param("Re: RE: Fwd: AW: Numbers", "Numbers", id="repeated"),
            pytest.param("[list] Numbers", "[list] Numbers", id="a list"),
            pytest.param("[list] Re: Numbers", "[list] Numbers", id="behind a list"),
            pytest.param("Re: [list] Re: Numbers", "[list] Numbers", id="around a list"),
            pytest.param("[list] Re: [list] Re: Numbers", "[list] Numbers", id="a list twice"),
            pytest.param("[a] Re: [b] Re: Numbers", "[a] [b] Numbers", id="two lists"),
            # odd
            pytest.param("Re:Numbers", "Numbers", id="no space"),
            pytest.param("Re : Numbers", "Numbers", id="a space before"),
            pytest.param("Re(3): Numbers", "Numbers", id="counted in parentheses"),
            pytest.param("Re^2: Re*3: Numbers", "Numbers", id="counted otherwise"),
            pytest.param("Re\uff1a Numbers", "Numbers", id="a wide colon"),
            pytest.param("Regarding: Numbers", "Regarding: Numbers", id="a word"),
            pytest.param("Re Numbers", "Re Numbers", id="no colon"),
            pytest.param("Numbers (was Re: Figures)", "Numbers (was Re: Figures)", id="in the middle"),
            pytest.param("=?utf-8?q?AW=3A_Gr=C3=BC=C3=9Fe?=", "Grüße", id="in an encoded word"),
            # hostile
            pytest.param("", "", id="empty"),
            pytest.param("Re: ", "", id="nothing behind it"),
            pytest.param("Re:" * 5_000 + " x", "x", id="many"),
            pytest.param("[" * 50_000, "[" * 50_000, id="brackets"),
        ],
    )
    def test_one_word_says_what_it_is(self, subject: str, bare: str) -> None:
        """RFC 5322, section 3.6.5: "Re: " stands in front once."""
        original = received(f"Subject: {subject}")

        assert reply(original)["Subject"] == f"Re: {bare}".strip()
        assert forward(original)["Subject"] == f"Fwd: {bare}".strip()

    def test_a_missing_one_is_an_empty_one(self) -> None:
        """A reply says that it is one all the same."""
        assert written(reply(received()), "Subject") == "Re:"

    @given(strategies.subjects())
    def test_answering_twice_changes_nothing(self, subject: str) -> None:
        """Once is enough, whatever the subject."""
        original = received()
        original["Subject"] = subject

        once = reply(original, sender="b@b.example")
        twice = reply(once)

        assert twice["Subject"] == once["Subject"]


class TestThread:
    @pytest.mark.parametrize(
        ("fields", "answered", "references"),
        [
            # usual
            pytest.param(["Message-ID: <3@x>"], "<3@x>", "<3@x>", id="the first"),
            pytest.param(["Message-ID: <3@x>", "References: <1@x> <2@x>"], "<3@x>", "<1@x> <2@x> <3@x>", id="more"),
            pytest.param(["Message-ID: <3@x>", "In-Reply-To: <2@x>"], "<3@x>", "<2@x> <3@x>", id="In-Reply-To"),
            pytest.param(
                ["Message-ID: <3@x>", "References: <1@x>", "In-Reply-To: <2@x>"], "<3@x>", "<1@x> <3@x>", id="both"
            ),
            pytest.param(["Message-ID: <3@x>", "In-Reply-To: <1@x> <2@x>"], "<3@x>", "<3@x>", id="In-Reply-To of two"),
            pytest.param([], None, None, id="nothing"),
            pytest.param(["References: <1@x>"], None, "<1@x>", id="no Message-ID"),
            # odd
            pytest.param(["Message-ID: 3@x", "References: 1@x 2@x"], "<3@x>", "<1@x> <2@x> <3@x>", id="no brackets"),
            pytest.param(["Message-ID: <3 3@x>"], "<33@x>", "<33@x>", id="a space"),
            pytest.param(["Message-ID: <3@x>", "References: <3@x> <1@x> <1@x>"], "<3@x>", "<1@x> <3@x>", id="twice"),
            pytest.param(
                ["Message-ID: <3@x>", 'In-Reply-To: Your message of "Monday" <2@x>'],
                "<3@x>",
                "<2@x> <3@x>",
                id="a phrase",
            ),
            # hostile
            pytest.param(["Message-ID: <ü@x>", "References: <1@x> <ü@x>"], None, "<1@x>", id="8-bit"),
            pytest.param(
                ["Message-ID: <3@x>", f"References: <1@x> <{'y' * 2_000}@x>"],
                "<3@x>",
                "<1@x> <3@x>",
                id="longer than a line",
            ),
            pytest.param(["Message-ID: ", "References: ,"], None, None, id="empty"),
        ],
    )
    def test_a_reply_is_in_the_thread(self, fields: list[str], answered: str | None, references: str | None) -> None:
        """RFC 5322, section 3.6.4: In-Reply-To is the parent; References are the parent's, and the parent."""
        made = reply(received(*fields))

        assert (written(made, "In-Reply-To"), written(made, "References")) == (answered, references)

    @pytest.mark.parametrize(("count", "size"), [(5, 20), (15, 40), (40, 40), (3, 900), (400, 10), (1, 900), (2, 900)])
    def test_long_threads_are_trimmed_in_the_middle(self, count: int, size: int) -> None:
        """RFC 5537, section 3.4.4: to 998 characters, the first identifier and the last two always kept."""
        ids = [f"<{number:0{size}}@x>" for number in range(count)]
        original = received(f"References: {' '.join(ids)}", "Message-ID: <parent@x>")
        before = [*ids, "<parent@x>"]

        found = str(written(reply(original), "References")).split()

        assert found[0] == before[0]
        assert found[1:] == before[len(before) - len(found) + 1 :]
        assert len(found) >= min(3, len(before))
        written_size = len("References: " + " ".join(found))
        assert written_size <= 998 or len(found) <= 3
        missing = before[1 : len(before) - len(found) + 1]
        assert not missing or written_size + len(missing[-1]) + 1 > 998

    def test_a_forward_begins_a_thread(self) -> None:
        """RFC 5322, section 3.6.4 is about replies."""
        made = forward(received("Message-ID: <3@x>"))

        assert "In-Reply-To" not in made
        assert "References" not in made


class TestQuoted:
    @pytest.mark.parametrize(
        ("fields", "line"),
        [
            pytest.param([], "ana@a.example wrote:", id="no date"),
            pytest.param(
                ["Date: Fri, 1 May 2026 09:30:00 +0200 (CEST)", "From: Ana <a@a.example>"],
                "On Fri, 01 May 2026 09:30:00 +0200, Ana wrote:",
                id="a date and a name",
            ),
            pytest.param(["Date: yesterday"], "ana@a.example wrote:", id="no date to be read"),
            pytest.param(
                ["Date: Thu, 18 Jul 0102 19:51:35 -0100"],
                "On Thu, 18 Jul 0102 19:51:35 -0100, ana@a.example wrote:",
                id="a year of no mail",
            ),
            pytest.param(["From: Ana <a@a.example>, b@b.example"], "Ana, b@b.example wrote:", id="two"),
            pytest.param(["From:", "Reply-To: r@r.example"], "r@r.example wrote:", id="no From"),
        ],
    )
    def test_a_line_says_who_wrote_it(self, fields: list[str], line: str) -> None:
        """Who, and when, where the message tells."""
        assert reply(received(*fields)).get_content() == f"{line}\n> Hello\n"

    def test_what_you_write_stands_above(self) -> None:
        """A blank line between, however it ends."""
        made = reply(received(body="> How?\nSo.\n-- \nAna\n"), "Fine.\n\n", cut_signature=True)

        assert made.get_content() == "Fine.\n\nana@a.example wrote:\n>> How?\n> So.\n"

    def test_a_signature_is_quoted_unless_told_otherwise(self) -> None:
        """Nothing is left out that nobody asked to leave out."""
        assert reply(received(body="So.\n-- \nAna\n")).get_content() == "ana@a.example wrote:\n> So.\n> -- \n> Ana\n"

    @pytest.mark.parametrize("answer", [reply, reply_all])
    def test_nothing_is_quoted_by_request(self, answer: Callable[..., MIMEMessage]) -> None:
        """Some answers need no quote."""
        assert answer(received(), "Fine.", quote=False).get_content() == "Fine.\n"

    @pytest.mark.parametrize("body", ["", "\n\n", "-- \nAna"], ids=["empty", "blank", "a signature alone"])
    def test_where_there_is_nothing_nobody_wrote_it(self, body: str) -> None:
        """No line that says who wrote nothing."""
        assert reply(received(body=body), "Fine.", cut_signature=True).get_content() == "Fine.\n"

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            pytest.param("; format=flowed", "> one line\n>> quoted\n", id="flowed"),
            pytest.param("; format=Flowed; delsp=Yes", "> oneline\n>> quoted\n", id="DelSp"),
            pytest.param("; format=fixed", "> one \n> line\n>> quoted\n", id="fixed"),
        ],
    )
    def test_flowed_text_is_quoted_by_paragraphs(self, params: str, expected: str) -> None:
        """RFC 3676, section 4.5: it is unfolded before it is quoted."""
        original = received(f"Content-Type: text/plain{params}", body="one \nline\n> quoted")

        assert reply(original).get_content() == f"ana@a.example wrote:\n{expected}"

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param(multipart("alternative", leaf(body="t"), leaf("text/html", "<p>h")), "t", id="versions"),
            pytest.param(multipart("alternative", leaf(body=" "), leaf("text/html", "<p>h")), "h", id="a blank text"),
            pytest.param(multipart("mixed", message(leaf(body="m")), leaf(body="t")), "t", id="a message first"),
            pytest.param(
                leaf("text/plain; charset=iso-8859-1", "gr=FC=DFe", "Content-Transfer-Encoding: quoted-printable"),
                "grüße",
                id="encoded",
            ),
            pytest.param(leaf("image/png", "i"), None, id="an image"),
        ],
    )
    def test_the_plain_text_is_quoted(self, source: bytes, expected: str | None) -> None:
        """The text for people who read text, else the words of the page; nothing of attached messages."""
        made = reply(parse(b"From: a@b.c\n" + source), "Fine.")

        assert made.get_content() == ("Fine.\n" if expected is None else f"Fine.\n\na@b.c wrote:\n> {expected}\n")


class TestPageAsText:
    """A page without a plain text beside it."""

    def test_its_text_is_quoted(self) -> None:
        """As it is rendered."""
        made = reply(received("Content-Type: text/html", body="<p>One</p><p>two<br>three</p>"))

        assert made.get_content() == "ana@a.example wrote:\n> One\n>\n> two\n> three\n"


IMAGE = leaf("image/png", "i", "Content-ID: <i@x>", "Content-Disposition: inline")
PDF = leaf("application/pdf", "p", "Content-Disposition: attachment; filename=a.pdf")
PAGE = leaf("text/html", '<!doctype html>\n<img src="cid:i@x">')


def passed_on(source: bytes, **choices: Any) -> MIMEMessage:
    """The message of *source* from Ana, passed on and read again."""
    return parse(bytes(forward(parse(b"From: ana@a.example\n" + source), "See:", **choices)))


class TestNothingIsLost:
    @pytest.mark.parametrize(
        "source",
        [
            multipart("mixed", leaf("text/plain", "PRECIOUS", "Content-Disposition: inline; filename=n.txt"), IMAGE),
            multipart("encrypted", leaf("text/plain", "PRECIOUS")),
            multipart("digest", leaf("text/plain", "PRECIOUS")),
            multipart("signed", IMAGE, leaf("text/plain", "PRECIOUS")),
            multipart("mixed", leaf("text/plain", "one"), IMAGE, leaf("text/plain", "PRECIOUS")),
            multipart("mixed", leaf("text/html", "one"), IMAGE, leaf("text/html", "PRECIOUS")),
        ],
        ids=["named", "encrypted", "digest", "signed", "text, image, text", "page, image, page"],
    )
    def test_a_text_is_passed_on_wherever_it_stands(self, source: bytes) -> None:
        """In the text, or as a file."""
        assert b"PRECIOUS" in bytes(forward(parse(b"From: ana@a.example\n" + source), "See:"))

    def test_what_dkim_signs_is_not_encoded_anew(self) -> None:
        """It goes as a file, octet for octet."""
        source = b"DKIM-Signature: v=1\r\nFrom: a@b.c\r\n\r\n" + b"y" * 1_200 + b"\r\n"

        made = forward(parse(source), attached=True)

        (part,) = made.iter_attachments()
        assert (part.get_content_type(), part.octets) == ("application/octet-stream", source)

    def test_case_makes_no_other_mailbox(self) -> None:
        """Servers may tell it in a local part; none does."""
        original = parse(b"From: Bob@x.org\nTo: Me@x.org, bob@x.org, cy@x.org\n\nhi")

        made = reply_all(original, me="me@x.org")

        assert (made["To"], made["Cc"]) == ("Bob@x.org", "cy@x.org")


class TestForwardInline:
    def test_the_fields_people_read_stand_above_the_text(self) -> None:
        """As they read them: decoded, in one order."""
        original = received(
            "Cc: c@c.example",
            "To: t@t.example",
            "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
            "Date: Fri, 1 May 2026 09:30:00 +0200",
            "Bcc: b@b.example",
            "Received: from a by b",
            body="> Hi\n-- \nAna\n",
        )

        assert forward(original, "See:\n").get_content() == (
            "See:\n\n"
            "---------- Forwarded message ----------\n"
            "From: ana@a.example\n"
            "Date: Fri, 1 May 2026 09:30:00 +0200\n"
            "Subject: Grüße\n"
            "To: t@t.example\n"
            "Cc: c@c.example\n\n"
            "> Hi\n-- \nAna\n"
        )

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            # usual
            pytest.param(leaf(), "plain", id="a text"),
            pytest.param(leaf("text/html", "h"), "alternative(plain html)", id="a page"),
            pytest.param(multipart("mixed", leaf(), PDF), "mixed(plain pdf)", id="a file"),
            pytest.param(multipart("alternative", leaf(), PAGE), "alternative(plain html)", id="versions"),
            pytest.param(multipart("related", PAGE, IMAGE), "alternative(plain related(html png))", id="an image"),
            pytest.param(
                multipart("mixed", multipart("alternative", leaf(), multipart("related", PAGE, IMAGE)), PDF),
                "mixed(alternative(plain related(html png)) pdf)",
                id="all of it",
            ),
            pytest.param(multipart("mixed", PAGE, IMAGE), "alternative(plain related(html png))", id="an image beside"),
            pytest.param(
                multipart(
                    "related", leaf("text/html", '<img src="a.png">'), leaf("image/png", "i", "Content-Location: a.png")
                ),
                "alternative(plain related(html png))",
                id="an image by its place",
            ),
            pytest.param(
                multipart("mixed", leaf("text/html", "h"), leaf("image/png", "i", "Content-Location: a.png")),
                "mixed(alternative(plain html) png)",
                id="a place beside",
            ),
            pytest.param(
                multipart("related", leaf("text/html", "h"), IMAGE),
                "mixed(alternative(plain html) png)",
                id="not shown",
            ),
            pytest.param(
                multipart(
                    "related",
                    leaf("text/html", "<img src=CID:a%26&amp;@x>"),
                    leaf("image/gif", "g", "Content-ID: <a&&@x>"),
                    IMAGE,
                ),
                "mixed(alternative(plain related(html gif)) png)",
                id="an image named in other words",
            ),
            pytest.param(multipart("mixed", leaf(), IMAGE), "mixed(plain png)", id="an image without a page"),
            pytest.param(multipart("mixed", leaf(), message(PAGE)), "mixed(plain rfc822(html))", id="a message"),
            pytest.param(
                multipart("alternative", leaf(), leaf("text/calendar", "c")),
                "mixed(plain calendar)",
                id="an invitation",
            ),
            pytest.param(multipart("mixed", leaf(), IMAGE, leaf()), "mixed(plain png)", id="text, image, text"),
            pytest.param(multipart("digest", b"\nSubject: a\n\nin it"), "mixed(plain rfc822(plain))", id="a digest"),
            # odd
            pytest.param(PDF, "mixed(plain pdf)", id="a file alone"),
            pytest.param(message(leaf()), "mixed(plain rfc822(plain))", id="a message alone"),
            pytest.param(
                leaf("text/html", "h", "Content-Disposition: attachment"), "mixed(plain html)", id="a page as file"
            ),
            pytest.param(
                multipart("mixed", leaf(), leaf("text/csv", "v", "Subject: a", "X-Note: b")),
                "mixed(plain csv)",
                id="fields of a message",
            ),
            pytest.param(leaf("multipart/mixed", "unopened"), "mixed(plain mixed)", id="unopened"),
            pytest.param(b"\n", "plain", id="nothing"),
        ],
    )
    def test_everything_comes_along(self, source: bytes, expected: str) -> None:
        """The text, the page with its images, every file; parts that the page does not show are files."""
        assert shape(passed_on(source)) == expected

    @pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
    def test_files_are_carried_octet_for_octet(self, end: bytes) -> None:
        """The part as it stood: its fields, their folding, the encoded lines."""
        odd = b'Content-Type:  image/PNG\n\t; name="a b"\nX-Odd\t: x\nContent-Transfer-Encoding: base64\n\naGVs\nbG8=\n'
        source = multipart("mixed", leaf(), odd).replace(b"\n", end)

        made = passed_on(source)

        assert made.parts[1].source == parse(source).parts[1].source
        assert made.parts[1].octets == b"hello"

    def test_a_file_alone_leaves_the_fields_of_its_message(self) -> None:
        """They are shown above the text; what describes the content goes with it."""
        part = passed_on(b"Subject: a\nMIME-Version: 1.0\n" + PDF).parts[1]

        assert [field.raw for field in part.headers] == PDF.splitlines(keepends=True)[:2]
        assert part.octets == b"p"

    def test_the_page_has_the_same_above_it(self) -> None:
        """Behind the doctype and before all else, so that nothing in the page hides it; as text, not as markup."""
        original = parse(b"From: <b>@a.example\nSubject: 1 < 2 & 3\n" + PAGE)

        page = forward(original, "<See>").get_body(("html",))

        assert page is not None
        assert page.get_content() == (
            "<!doctype html><div>&lt;See&gt;<br>\n<br>\n---------- Forwarded message ----------<br>\n"
            f"From: {str(original['From']).replace('<', '&lt;').replace('>', '&gt;')}<br>\n"
            'Subject: 1 &lt; 2 &amp; 3<br>\n</div>\n\n<img src="cid:i@x">'
        )

    def test_image_and_page_still_find_each_other(self) -> None:
        """RFC 2392: the Content-ID stays what the page calls it."""
        assert called(passed_on(multipart("related", PAGE, IMAGE)).get_part("i@x")) == "i"

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            pytest.param(multipart("mixed", leaf(), PDF), ["application/pdf", b"p", "a.pdf"], id="a file"),
            pytest.param(multipart("mixed", leaf(), leaf("image/png")), ["image/png", b"text", None], id="no name"),
            pytest.param(
                multipart("mixed", leaf(), leaf("text/x-a; charset=utf-8", "a\nb")),
                ["text/x-a", b"a\rb", None],
                id="a text",
            ),
            pytest.param(
                multipart("mixed", leaf(), leaf("", "a", "Content-Disposition: attachment")),
                ["application/octet-stream", b"a", None],
                id="no type",
            ),
            pytest.param(
                multipart("mixed", leaf(), message(leaf())),
                ["application/octet-stream", b"Subject: attached\r\rtext", None],
                id="a message",
            ),
        ],
    )
    def test_lines_that_end_in_cr_alone_are_taken_in(self, source: bytes, expected: list[object]) -> None:
        """Such a part cannot stand among others, so it is made anew; its octets are the same."""
        original = parse((b"From: a@b.c\n" + source).replace(b"\n", b"\r"))

        part = parse(bytes(forward(original))).parts[1]

        assert [part.get_content_type(), part.octets, part.get_filename()] == expected

    def test_images_of_such_lines_keep_their_name(self) -> None:
        """The page still shows them."""
        source = (b"From: a@b.c\n" + multipart("related", PAGE, IMAGE)).replace(b"\n", b"\r")

        made = parse(bytes(forward(parse(source))))

        assert shape(made) == "alternative(plain related(html png))"
        assert called(made.get_part("i@x")) == "i"


class TestForwardAttached:
    @pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
    def test_the_message_is_attached_octet_for_octet(self, end: bytes) -> None:
        """RFC 2046, section 5.2.1: the message itself, every field with it."""
        source = (b"From:  Ana <a@b.c>\nSubject: a/b\nX-Odd\t:x\n" + multipart("mixed", leaf(), PDF)).replace(
            b"\n", end
        )

        made = parse(bytes(forward(parse(source), "See:", attached=True)))
        text, part = made.parts

        assert text.get_content() == "See:"
        assert (part.get_content_type(), part.get_filename()) == ("message/rfc822", "b.eml")
        assert part.parts[0].source == source
        assert part.is_attachment()

    def test_a_text_is_not_needed(self) -> None:
        """The attachment alone."""
        made = forward(received(), attached=True)

        assert shape(made) == "mixed(rfc822(plain))"
        assert [part.get_filename() for part in made.iter_attachments()] == ["message.eml"]

    def test_a_message_without_fields_is_one_all_the_same(self) -> None:
        """What it is called decides, not what it holds."""
        assert shape(forward(parse(b"\ntext"), attached=True)) == "mixed(rfc822(plain))"

    @pytest.mark.parametrize(
        "source",
        [b"From: a@b.c\r\rtext", multipart("signed", leaf(body="x" * 1_000))],
        ids=["CR alone", "a long line in a signed part"],
    )
    def test_what_cannot_be_a_message_is_attached_as_octets(self, source: bytes) -> None:
        """Not lost, and not changed."""
        (part,) = parse(bytes(forward(parse(source), attached=True))).parts

        assert (part.get_content_type(), part.octets) == ("application/octet-stream", source)

    @pytest.mark.parametrize("body", [b"te\0xt\n", b"x" * 1_000], ids=["a NUL", "a long line"])
    def test_a_part_that_needs_it_is_encoded(self, body: bytes) -> None:
        """RFC 2046, section 5.2.1: what is attached is lines of at most 998 octets; its content is the same."""
        original = parse(b"From: a@b.c\n\n" + body)

        (part,) = parse(bytes(forward(original, attached=True))).parts

        assert part.get_content_type() == "message/rfc822"
        assert part.parts[0].octets == body
        assert bytes(original).endswith(body)


FORMS: dict[str, Callable[[MIMEPart], MIMEMessage]] = {
    "reply": lambda original: reply(original, "Hällo", sender="me@m.example"),
    "reply_all": lambda original: reply_all(original, "Hällo", sender="me@m.example", cut_signature=True),
    "forward": lambda original: forward(original, "Hällo", to="to@t.example", sender="me@m.example"),
    "forward attached": lambda original: forward(original, "Hällo", to="to@t.example", attached=True),
}


def _nobody(original: MIMEMessage, form: Callable[[MIMEPart], MIMEMessage]) -> bool:
    """Whether no author is named, or one of those who would be answered cannot be without SMTPUTF8."""
    authors = [name for name in ("Reply-To", "From") if specs(original, name)][:1]
    asked = [*authors, *(("To", "Cc") if form is FORMS["reply_all"] else ())]
    return form in {FORMS["reply"], FORMS["reply_all"]} and not (
        authors and all(spec.rpartition("@")[0].isascii() for name in asked for spec in specs(original, name))
    )


def _check_answer(original: MIMEMessage, form: Callable[[MIMEPart], MIMEMessage]) -> None:
    """The answer is one that the standard library reads as we do, and the original is what it was."""
    before = bytes(original)
    try:
        made = form(original)
    except (BadValue, Forbidden):
        assert _nobody(original, form)
        return
    finally:
        assert bytes(original) == before
    outside = theirs(made)
    read = parse(bytes(made))
    body, ours = outside.get_body(("plain",)), made.get_body(("text",))
    assert body is not None
    assert ours is not None
    assert bytes(read) == bytes(made)
    for name in ("From", "To", "Cc"):
        addresses = [a.addr_spec for a in outside[name].addresses] if name in outside else []
        # RFC 2047 5 (3): no encoded word stands in a quoted string, but the standard library reads one there
        assert addresses == specs(made, name) or "=?" in str(made[name])
    for name in ("Subject", "In-Reply-To", "References"):
        assert read[name] == made[name]
    assert body.get_content().replace("\r\n", "\n") == ours.get_content()
    assert shape(read) == shape(made)


@real.every_batch
@pytest.mark.corpus
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_message_at_hand_can_be_answered(batch: real.Batch, form: Callable[[MIMEPart], MIMEMessage]) -> None:
    """The answer reads back right, and the message answered is unchanged; but for mail that names nobody."""
    real.hold(batch, lambda octets: _check_answer(parse(octets), form))


@real.every_batch
@pytest.mark.corpus
def test_every_file_at_hand_is_passed_on(batch: real.Batch) -> None:
    """Octet for octet, whatever it is; attached, all of the message is."""

    def law(octets: bytes) -> None:
        original = parse(octets)
        read = [id(part) for part in read_body(original)[1]]  # which stands in the text, joined with others perhaps
        found = [part for part in original.iter_attachments(recursive=True) if id(part) not in read]
        files = [(part.get_content_type(), part.octets) for part in found]
        made = parse(bytes(forward(original)))
        passed = [(part.get_content_type(), part.octets) for part in made.walk()]
        assert [file for file in files if file not in passed] == []
        (whole,) = parse(bytes(forward(original, attached=True))).parts
        held = whole.parts[0].source if whole.is_multipart() else whole.octets
        long = any(len(line) > 998 for line in octets.split(b"\n"))
        assert held == octets or long

    real.hold(batch, law)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(original=strategies.built_messages())
def test_every_built_message_can_be_answered(original: MIMEMessage, form: Callable[[MIMEPart], MIMEMessage]) -> None:
    """What was composed is answered as what was received is."""
    before = bytes(original)

    made = form(original)

    assert bytes(original) == before
    assert bytes(parse(bytes(made))) == bytes(made)
    assert shape(parse(bytes(made))) == shape(made)
    assert shape(from_email(theirs(made))).count("(") == shape(made).count("(")


@given(strategies.anything())
def test_bad_mail_is_answered_or_refused(octets: bytes) -> None:
    """No byte string makes it raise anything but what is documented."""
    for form in FORMS.values():
        original = parse(octets)
        try:
            made = form(original)
        except (BadValue, Forbidden):
            assert form in {FORMS["reply"], FORMS["reply_all"]}
            continue
        assert bytes(parse(bytes(made))) == bytes(made)
        assert bytes(original) == octets
