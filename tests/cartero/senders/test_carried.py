"""What the mail API can carry of a message, and what is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from cartero import BadAddress, BadEnvelope, BadMessage, Envelope
from cartero.senders import _carried as room
from cartero.senders._carried import Carried, carried
from cartero.senders.preparation import prepare
from mimekit import Address, Calendar, FileManager, Group, MimeError, MIMEMessage, MIMEPart, parse
from tests import corpora, strategies

KEPT = ("From", "To", "Cc", "Subject", "Content-Type", "Content-Transfer-Encoding")
HEAD = b"From: me@x.org\r\nTo: you@x.org\r\n"


def message(**fields: object) -> MIMEMessage:
    """A short one, with *fields*."""
    made = MIMEMessage()
    for name, value in {"From": "me@x.org", "To": "you@x.org", **fields}.items():
        made[name.replace("_", "-")] = value
    return made.set_content("Hi!\n")


def taken(made: Any, *, envelope: Envelope | None = None) -> Carried:
    """What the API would be given for it."""
    return carried(prepare(made, envelope=envelope), forbidden=["exe", "bat"])


def properties(made: Any, **options: Any) -> dict[str, object]:
    """Those of what the API would be given for it."""
    return taken(made, **options).properties


class TestFields:
    def test_a_message_in_a_nutshell(self) -> None:
        """The fields with a place of their own; Date, Message-ID and what describes the content are the API's."""
        assert taken(message(Subject="Hello")) == (
            {"sender": "me@x.org", "subject": "Hello", "to": ["you@x.org"], "body": "Hi!\n"},
            [],
        )

    def test_names_are_in_ascii_and_texts_are_not(self) -> None:
        """RFC 2047, section 5: encoded words in the names beside addresses, which every road understands."""
        made = message(Subject="Grüße 世界", Reply_To=Address("Zoë, D.", "zoe", "bücher.example"))

        found = properties(made)

        assert found["subject"] == "Grüße 世界"
        assert found["reply_to"] == "=?utf-8?b?Wm/DqywgRC4=?= <zoe@xn--bcher-kva.example>"

    def test_everybody_is_given_singly(self) -> None:
        """A comma in a name is no comma between two."""
        made = message(Cc=[Address("Doe, Jane", "jane", "x.org"), Address("", "bo", "x.org")])

        assert properties(made)["cc"] == ['"Doe, Jane" <jane@x.org>', "bo@x.org"]

    def test_what_the_api_lets_through_is_carried(self) -> None:
        """Spelled as it wants it, whatever the case of the field."""
        octets = HEAD + (
            b"in-reply-to: <1@x>\r\nReferences: <0@x>\r\n <1@x>\r\nLIST-ID: <l.x.org>\r\n"
            b"List-Unsubscribe: <https://x.org/out>\r\nAuto-Submitted: auto-generated\r\n"
            b"On-Behalf-Of: b\xc3\xb6@x.org\r\n"
            b"Resent-Date: Mon, 11 Nov 2019 11:11:11 +0000\r\nResent-From: r@x.org\r\nResent-To: s@x.org\r\n\r\n"
        )

        assert properties(octets, envelope=Envelope("me@x.org", ["you@x.org"]))["headers"] == {
            "In-Reply-To": "<1@x>",
            "References": "<0@x> <1@x>",
            "List-Id": "<l.x.org>",
            "List-Unsubscribe": "<https://x.org/out>",
            "Auto-Submitted": "auto-generated",
            "On-Behalf-Of": "=?utf-8?b?YsO2QHgub3Jn?=",
            "Resent-Date": "Mon, 11 Nov 2019 11:11:11 +0000",
            "Resent-From": "r@x.org",
            "Resent-To": "s@x.org",
        }

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            pytest.param(b"X-Mailer: x\r\n", "cannot carry the field X-Mailer", id="usual-x"),
            pytest.param(b"List-Unsubscribe-Post: a\r\n", "the field List-Unsubscribe-Post", id="usual-one-click"),
            pytest.param(b"DKIM-Signature: v=1\r\n", "the field DKIM-Signature", id="usual-dkim"),
            pytest.param(b"Received: from x\r\n", "the field Received", id="odd-received"),
            pytest.param(b"References: <1@x>\r\nreferences: <2@x>\r\n", "takes one field references", id="odd-twice"),
            pytest.param(b"Subject: 1\r\nSubject: 2\r\n", "one field Subject, and there are 2", id="odd-two-subjects"),
            pytest.param(b"To: b@x.org\r\n", "takes one field To, and there are 2", id="odd-two-to"),
            pytest.param(b"Sender: you@x.org\r\n", "a Sender who is not the author", id="usual-sender"),
            pytest.param(
                b"Reply-To: a@x.org, b@x.org\r\n", "one address in Reply-To, and there are 2", id="usual-reply"
            ),
            pytest.param(b"Cc: friends: you@x.org;\r\n", "no groups, such as the one in Cc: friends", id="odd-group"),
        ],
    )
    def test_what_it_cannot_carry_is_refused(self, fields: bytes, problem: str) -> None:
        """By its name, before anything is sent: nothing is lost without a word."""
        with pytest.raises(BadMessage, match=problem):
            taken(HEAD + fields + b"\r\nHi\r\n", envelope=Envelope("me@x.org", ["you@x.org"]))

    def test_what_is_no_address_is_refused(self) -> None:
        """Nobody would learn that it got no mail."""
        with pytest.raises(BadAddress, match="expected addresses in Cc, found: 'junk mail'"):
            taken(HEAD + b"Cc: junk mail, you@x.org\r\n\r\n", envelope=Envelope("me@x.org", ["you@x.org"]))

    def test_a_subject_that_was_lost_before_is_refused(self) -> None:
        """A character that stands for others is not sent in their place."""
        octets = HEAD + b"Subject: =?utf-8?q?a=00b?=\r\n\r\n"

        with pytest.raises(BadMessage, match="the Subject holds octets that are no characters"):
            taken(octets)

    def test_a_replacement_character_of_yours_is_carried(self) -> None:
        """It is a character as any other."""
        assert properties(message(Subject="What is \N{REPLACEMENT CHARACTER}?"))["subject"] == "What is \ufffd?"

    def test_a_name_in_octets_of_its_own_is_carried(self) -> None:
        """RFC 5322, section 2.2, has ASCII only; mail with UTF-8 in its fields is read all the same."""
        octets = "From: me@x.org\r\nTo: Zoë <zoe@bücher.example>\r\n\r\n".encode()

        assert properties(octets)["to"] == ["=?utf-8?q?Zo=C3=AB?= <zoe@xn--bcher-kva.example>"]

    def test_a_sender_who_is_the_author_says_nothing_new(self) -> None:
        """RFC 5322, section 3.6.2: then it should not be there."""
        assert properties(message(Sender="Me <me@X.org>"))["sender"] == "me@x.org"

    @pytest.mark.parametrize(
        "author", [pytest.param("a@x.org, b@x.org", id="odd-two"), pytest.param("nobody:;", id="odd-none")]
    )
    def test_one_author_is_needed(self, author: str) -> None:
        """The API has one sender."""
        with pytest.raises(BadMessage, match="takes one address in From, and there are"):
            taken(message(From=author), envelope=Envelope("a@x.org", ["you@x.org"]))

    def test_an_empty_group_is_nobody(self) -> None:
        """RFC 5322, section 3.6.3: how people write that they name nobody."""
        made = message(To=[Group("undisclosed-recipients", [])], Bcc="ana@x.org")

        assert {name: people for name, people in properties(made).items() if name in {"to", "cc", "bcc"}} == {
            "bcc": ["ana@x.org"]
        }


class TestEnvelope:
    def test_who_is_not_named_is_hidden(self) -> None:
        """Envelope recipients beyond To and Cc: the API's Bcc is how it gets to them."""
        envelope = Envelope("me@x.org", ["you@x.org", "zoe@bücher.example", "ana@x.org"])

        assert properties(message(), envelope=envelope)["bcc"] == ["zoe@xn--bcher-kva.example", "ana@x.org"]

    def test_bcc_is_hidden(self) -> None:
        """And not shown in the message."""
        assert properties(message(Bcc="ana@x.org"))["bcc"] == ["ana@x.org"]

    def test_a_name_in_another_script_is_the_same_person(self) -> None:
        """RFC 5890, section 2.3.2.1: two forms of one domain. RFC 5321, section 2.4: its case says nothing."""
        found = properties(message(To="a@Bücher.example"), envelope=Envelope("me@X.ORG", ["a@xn--bcher-kva.EXAMPLE"]))

        assert (found["to"], "bcc" in found) == (["a@xn--bcher-kva.example"], False)

    def test_who_is_left_out_is_named(self) -> None:
        """The API would send to him all the same."""
        with pytest.raises(BadEnvelope, match=r"the envelope leaves out bo@x\.org"):
            taken(message(Cc="bo@x.org"), envelope=Envelope("me@x.org", ["you@x.org"]))

    @pytest.mark.parametrize(
        ("sender", "found"), [pytest.param("bounces@x.org", r"bounces@x\.org"), pytest.param("", "the null sender")]
    )
    def test_another_sender_is_refused(self, sender: str, found: str) -> None:
        """Failures would be reported elsewhere than was asked."""
        with pytest.raises(BadEnvelope, match=rf"from the address in From, me@x\.org, not from {found}"):
            taken(message(), envelope=Envelope(sender, ["you@x.org"]))


class TestParts:
    def test_text_page_image_and_file(self) -> None:
        """Versions of one body, and files; the image by the Content-ID by which the page shows it."""
        made = message()
        made.add_alternative("<img src='cid:logo'>", subtype="html")
        made.embed(b"\x89PNG\r\n\x1a\n", "image", "png", cid="logo", filename="lögo.png")
        made.add_attachment(bytes(range(256)), "application", "octet-stream", filename="März.bin")

        found = taken(made)

        assert (found.properties["body"], found.properties["html"]) == ("Hi!\n", "<img src='cid:logo'>")
        assert found.files == [
            ("lögo.png", b"\x89PNG\r\n\x1a\n", "<logo>"),
            ("März.bin", bytes(range(256)), None),
        ]

    def test_an_amp_page_is_carried(self) -> None:
        """A version the API has a place for."""
        made = message()
        made.add_alternative("<html amp4email></html>", subtype="x-amp-html")
        made.add_alternative("<p>Hi!</p>", subtype="html")

        found = properties(made)

        assert (found["amp_html"], found["html"]) == ("<html amp4email></html>", "<p>Hi!</p>")

    def test_a_page_alone_is_carried(self) -> None:
        """Without a plain version."""
        made = MIMEMessage()
        made["From"], made["To"] = "me@x.org", "you@x.org"

        found = properties(made.set_content("<p>Hi!</p>", subtype="html"))

        assert (found["html"], "body" in found) == ("<p>Hi!</p>", False)

    def test_an_empty_page_is_nothing(self) -> None:
        """The API refuses one; an empty text it takes."""
        made = message().set_content("")
        made.add_alternative("", subtype="html")

        found = properties(made)

        assert (found["body"], "html" in found) == ("", False)

    def test_a_message_that_is_one_file(self) -> None:
        """Without any text."""
        made = MIMEMessage()
        made["From"], made["To"] = "me@x.org", "you@x.org"
        made.set_content(b"%PDF-", "application", "pdf", filename="a.pdf")

        assert taken(made).files == [("a.pdf", b"%PDF-", None)]

    def test_an_image_in_a_page_gets_a_name(self) -> None:
        """The page shows it by its Content-ID; the API alone wants a name."""
        made = message()
        made.add_alternative("<img src='cid:a'><img src='cid:b'>", subtype="html")
        made.embed(b"GIF89a", "image", "gif", cid="a")
        made.embed(b"\xff\xd8\xff", "image", "jpeg", cid="b")

        assert [(file.name, file.content_id) for file in taken(made).files] == [
            ("image1.gif", "<a>"),
            ("image2.jpg", "<b>"),
        ]

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            pytest.param("a.exe", "'a.exe'", id="usual-program"),
            pytest.param("A.BAT", "'A.BAT'", id="usual-upper-case"),
            pytest.param("README", "'README'", id="usual-no-ending"),
            pytest.param(".profile", "'.profile'", id="odd-hidden"),
            pytest.param(None, "of type application/octet-stream has none", id="usual-no-name"),
        ],
    )
    def test_a_name_the_api_does_not_take_is_refused(self, name: str | None, problem: str) -> None:
        """It would refuse the message; here the file is named."""
        made = message()
        made.add_attachment(b"x", "application", "octet-stream", filename=name)

        with pytest.raises(BadMessage, match=problem):
            taken(made)

    def test_an_image_without_a_name_or_page_is_refused(self) -> None:
        """Nothing shows it, so it is a file."""
        made = message()
        made.add_attachment(b"GIF89a", "image", "gif")

        with pytest.raises(BadMessage, match="one of type image/gif has none"):
            taken(made)

    def test_what_is_too_large_is_refused(self, tmp_path: Path) -> None:
        """Before all of it is read: 32 MB in all."""
        path = tmp_path / "large.bin"
        path.write_bytes(b"x" * (room._SIZE_LIMIT - len("Hi!\n") - 10))
        made = message()
        made.add_attachment(path, content_manager=FileManager)
        taken(made)
        made.add_attachment(b"x" * 11, "application", "octet-stream", filename="more.bin")

        with pytest.raises(BadMessage, match=r"takes 32 MB in all, and more\.bin is what goes beyond"):
            taken(made)

    def test_a_text_that_is_too_large_is_refused(self) -> None:
        """Octets count, not characters."""
        with pytest.raises(BadMessage, match="the text is what goes beyond"):
            taken(message().set_content("ä" * (room._SIZE_LIMIT // 2 + 1)))

    @pytest.mark.parametrize(
        ("part", "kind"),
        [
            pytest.param(parse(b"Subject: inner\n\ninner text\n"), "message/rfc822", id="usual-message"),
            pytest.param(
                MIMEPart().set_content(b"a: b\n", "message", "delivery-status", cte="7bit"),
                "message/delivery-status",
                id="odd-report",
            ),
        ],
    )
    def test_an_attached_message_is_refused(self, part: Any, kind: str) -> None:
        """The API has no place for one; its own way would put the inner text in place of the outer."""
        made = message()
        made.add_attachment(part)

        with pytest.raises(BadMessage, match=f"a part of type {kind}"):
            taken(made)

    def test_an_invitation_beside_the_text_is_refused(self) -> None:
        """The API would drop the version."""
        made = message()
        made.add_alternative(Calendar("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"))

        with pytest.raises(BadMessage, match="not a further version or text: text/calendar"):
            taken(made)

    @pytest.mark.parametrize(
        ("octets", "problem"),
        [
            pytest.param(
                b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b--\r\n",
                "a part of type multipart/signed",
                id="usual-signed",
            ),
            pytest.param(
                b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi\r\n--b\r\n\r\nfooter\r\n--b--\r\n",
                "one of type text/plain has none",
                id="odd-footer",
            ),
            pytest.param(
                b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
                b"--b\r\n\r\none\r\n--b\r\nContent-Type: text/x-amp-html\r\n\r\n\r\n"
                b"--b\r\nContent-Type: text/x-amp-html\r\n\r\n2\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
                "not a further version or text: text/plain",
                id="odd-two-texts",
            ),
            pytest.param(
                b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfe\x00\xd8\r\n",
                "the text of type text/plain holds octets",
                id="hostile-charset",
            ),
        ],
    )
    def test_what_it_has_no_place_for_is_refused(self, octets: bytes, problem: str) -> None:
        """Two versions of one kind, a second text, what is signed, characters that are none."""
        with pytest.raises(BadMessage, match=problem):
            taken(HEAD + octets)


@given(made=strategies.built_messages(messages=False))
def test_what_is_taken_is_whole(made: MIMEMessage) -> None:
    """Any message that is not refused: the text, the page and each file are in what the API is given."""
    try:
        found = taken(made)
    except (BadMessage, BadEnvelope, MimeError):
        return

    files = [part.octets for part in made.iter_attachments(recursive=True)]
    assert [file.octets for file in found.files] == files
    text = made.get_body(("text",))
    assert text is None or found.properties["body"] == text.get_content()


@given(octets=strategies.anything())
def test_whatever_octets_there_are_they_are_carried_or_refused(octets: bytes) -> None:
    """Bad mail is an error that says so, and no other."""
    with contextlib.suppress(BadMessage, BadEnvelope, MimeError):
        assert taken(octets).properties["sender"]
    with contextlib.suppress(BadMessage, BadEnvelope, MimeError):
        assert taken(HEAD + octets).properties["sender"]


@pytest.mark.corpus
def test_real_mail_is_carried_or_refused() -> None:
    """Nothing else comes of it, without the fields that tell of its way, too."""
    for real in corpora.required_messages()[::3]:
        message = parse(real.octets)
        for name in set(message.keys()) - set(KEPT):
            del message[name]
        with contextlib.suppress(BadMessage, BadEnvelope, MimeError):
            taken(message)
