"""Messages composed of plain fields."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import BadAddress, BadMessage, CarteroError, MemorySender
from cartero import envelope as envelopes
from cartero._fields import FIELDS
from cartero.struct import from_struct
from mimekit import Address, MIMEMessage, parse
from tests import strategies

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LOGO: dict[str, Any] = {"content": PNG, "cid": "logo"}


def composed(**fields: Any) -> MIMEMessage:
    """The message of *fields*, from somebody to somebody, as it is read."""
    return parse(bytes(from_struct({"from": "me@x.org", "to": "you@x.org", **fields})[0]))


def show(message: Any) -> Any:
    """The types of *message* and its parts."""
    parts = message.iter_parts()
    return (
        message.get_content_type()
        if parts is None
        else (message.get_content_subtype(), *(show(part) for part in parts))
    )


class TestCompose:
    """What a message is made of."""

    @given(
        author=strategies.addresses(),
        to=st.lists(strategies.addresses(), max_size=3),
        subject=strategies.subjects(),
        text=strategies.bodies(),
        content=strategies.octets(),
        name=strategies.file_names(),
    )
    def test_every_field_comes_back(
        self, author: Address, to: list[Address], subject: str, text: str, content: bytes, name: str
    ) -> None:
        """What is composed is read back equal."""
        message = composed(
            **{"from": str(author), "to": [str(address) for address in to]},
            subject=subject,
            text=text,
            attachments=[{"filename": name, "type": "application/x-any", "content": content}],
        )

        [part] = message.iter_attachments()
        body = message.get_body(["plain"])
        assert (part.get_filename(), part.octets, part.get_content_type()) == (name, content, "application/x-any")
        assert body is not None
        assert body.get_content() == text.replace("\r\n", "\n")
        assert message["Subject"] in {subject or None, subject.strip(" \t") or None, subject}
        assert message["From"] is not None
        assert message["From"].addresses[0].username == author.username
        assert len(message["To"].addresses if message["To"] is not None else ()) == len(to)

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            pytest.param({}, "text/plain", id="usual-nothing"),
            pytest.param({"text": "Hi"}, "text/plain", id="usual-text"),
            pytest.param({"html": "<p>Hi"}, ("alternative", "text/plain", "text/html"), id="usual-html"),
            pytest.param(
                {"html": '<img src="cid:logo">', "attachments": [LOGO, {"content": b"%PDF-1.7"}]},
                (
                    "mixed",
                    ("alternative", "text/plain", ("related", "text/html", "image/png")),
                    "application/pdf",
                ),
                id="usual-all",
            ),
            pytest.param(
                {"attachments": [{"content": b""}]},
                ("mixed", "text/plain", _U := "application/octet-stream"),
                id="odd-empty-file",
            ),
            pytest.param({"text": "", "html": ""}, "text/plain", id="odd-empty"),
            pytest.param(
                {"attachments": [{"content": b"Subject: x\n\n", "type": "message/rfc822"}]},
                ("mixed", "text/plain", ("rfc822", "text/plain")),
                id="odd-message",
            ),
        ],
    )
    def test_the_structure_follows_from_what_is_there(self, fields: dict[str, Any], expected: Any) -> None:
        """Nobody has to know MIME."""
        assert show(composed(**fields)) == expected

    def test_a_page_without_text_gets_one(self) -> None:
        """For those who read no HTML; an empty text is none."""
        body = composed(html="<p>Hello <b>you</b>", text="").get_body(["plain"])

        assert body is not None
        assert body.get_content() == "Hello you"

    def test_a_type_may_have_parameters(self) -> None:
        """As in a Content-Type."""
        message = composed(
            attachments=[
                {"filename": "März.csv", "type": "text/csv; charset=iso-8859-1", "content": "é".encode("latin-1")}
            ]
        )

        [part] = message.iter_attachments()
        assert (part.get_content(), part.get_filename()) == ("é", "März.csv")

    def test_without_a_type_it_follows_from_name_and_octets(self) -> None:
        """As everywhere in mimekit; what tells nothing is octets."""
        files = [{"filename": "a.csv", "content": b"1"}, {"content": PNG}, {"content": b"\1\2"}]

        parts = composed(attachments=files).iter_attachments()

        assert [part.get_content_type() for part in parts] == ["text/csv", "image/png", "application/octet-stream"]

    def test_inline_without_a_page_is_a_disposition(self) -> None:
        """Shown where it stands, if the reader does."""
        [part] = composed(attachments=[{"content": PNG, "inline": True}]).iter_attachments()

        assert part.get_content_disposition() == "inline"

    def test_headers_are_fields(self) -> None:
        """One or several of a name."""
        message = composed(headers={"Reply-To": "Ana <ana@x.org>", "X-Tag": ["a", "ü"], "X-None": []})

        assert message["Reply-To"] == "Ana <ana@x.org>"
        assert message.get_all("X-Tag") == ["a", "ü"]
        assert "X-None" not in message

    def test_bcc_is_in_the_envelope_alone(self) -> None:
        """RFC 5322, section 3.6.3: its addresses are not to be shown."""
        sender = MemorySender()
        message, envelope = from_struct({"from": "me@x.org", "to": "you@x.org", "bcc": "ana@x.org", "cc": ""})

        sender.send(message, envelope=envelope)

        [mail] = sender.outbox
        assert mail.envelope.recipients == ("you@x.org", "ana@x.org")
        assert "Bcc" not in mail.message
        assert {"Date", "Message-ID"} <= set(mail.message.keys())

    def test_recipients_decide_if_nobody_in_bcc_is_lost(self) -> None:
        """Domains are compared without case."""
        fields = {"from": "me@x.org", "sender": "", "recipients": ["you@x.org", "ana@x.org"], "bcc": "ana@X.org"}

        _, envelope = from_struct(fields)

        assert envelope is not None
        assert envelope.recipients == ("you@x.org", "ana@x.org")

    def test_many_in_bcc_are_looked_at_once_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fields come from elsewhere: who names thousands must not keep the server busy for minutes."""
        looked_at: list[object] = []
        checked = envelopes._checked

        def counted(given: str | Address) -> str:
            looked_at.append(given)
            return checked(given)

        monkeypatch.setattr(envelopes, "_checked", counted)
        everybody = [f"u{number}@x.org" for number in range(200)]

        from_struct({"from": "me@x.org", "sender": "", "recipients": everybody, "bcc": everybody})

        assert len(looked_at) < 1_000


class TestRefusals:
    """Whatever a program in another language gets wrong."""

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            pytest.param(
                {"from": ""}, "^from: expected the address of the author, found nothing", id="usual-no-author"
            ),
            pytest.param({"to": "Lovelace, Ada <a@x>"}, "^to: To: expected quotes around a name", id="usual-comma"),
            pytest.param({"subjet": "x"}, "^subjet: no such key", id="usual-misspelled"),
            pytest.param({"subject": 3}, "^subject: expected text, found int", id="usual-number"),
            pytest.param({"html": "a.html"}, "^html: expected a page, found what may be its path", id="usual-path"),
            pytest.param(
                {"html": '<img src="cid:x">'}, "^html: the page refers to .* not given: 'x'", id="usual-no-image"
            ),
            pytest.param(
                {"html": "<p>", "attachments": [LOGO]}, "^html: .* not refer .* 'logo'", id="usual-spare-image"
            ),
            pytest.param({"attachments": [LOGO]}, r"^attachments\[0\].cid: expected html", id="usual-no-page"),
            pytest.param(
                {"html": "<img src=cid:logo>", "attachments": [LOGO, LOGO]},
                r"^attachments\[1\].cid: there are two of 'logo'",
                id="odd-two-images",
            ),
            pytest.param(
                {"attachments": [{"filename": "a"}]}, r"\[0\].content: .* found nothing", id="usual-no-content"
            ),
            pytest.param({"attachments": {"a": b""}}, "^attachments: expected a list", id="odd-no-list"),
            pytest.param(
                {"attachments": [{"content": b"", "type": "pdf"}]},
                r"^attachments\[0\].type: this cannot be written as a content type: 'pdf'",
                id="usual-half-a-type",
            ),
            pytest.param(
                {"attachments": [{"content": b"", "type": "multipart/mixed"}]},
                r"^attachments\[0\]: octets cannot become multipart",
                id="odd-multipart",
            ),
            pytest.param({"headers": {"Subject": "x"}}, r"^headers\.Subject: cannot be said here", id="odd-own-key"),
            pytest.param({"headers": {"content-type": "x"}}, r"^headers\.content-type: cannot", id="odd-content-field"),
            pytest.param({"headers": {"Resent-To": "c@x"}}, r"^headers\.Resent-To: cannot", id="hostile-resent"),
            pytest.param({"headers": {"Date": "today"}}, r"^headers\.Date: Date: expected a date", id="usual-date"),
            pytest.param(
                {"headers": {"In-Reply-To": ["<1@x>", "<2@x>"]}}, r"^headers\.In-Reply-To: stands once", id="odd-twice"
            ),
            pytest.param({"headers": {"X\nY": "z"}}, r"^headers\.'X\\nY': a field name", id="hostile-name"),
            pytest.param({"headers": {"X": "a\r\nBcc: b@x"}}, r"^headers\.X: X: a carriage return", id="hostile-value"),
            pytest.param({"subject": "a\nb"}, "^subject: Subject: a line feed", id="hostile-subject"),
            pytest.param({"text": "\ud800"}, "^text: a lone surrogate", id="hostile-text"),
            pytest.param({"html": "<p>\ud800"}, "^html: a lone surrogate", id="hostile-html"),
            pytest.param(
                {"attachments": [{"content": b"", "filename": "a\r\nb"}]},
                r"^attachments\[0\]: filename: a carriage return",
                id="hostile-file-name",
            ),
            pytest.param({"sender": "", "recipients": ["a@x"], "bcc": "b@x"}, "^bcc: b@x is not in", id="odd-lost-bcc"),
        ],
    )
    def test_the_error_names_the_key(self, fields: dict[str, Any], problem: str) -> None:
        """And says what mimekit says."""
        with pytest.raises(BadMessage, match=problem):
            composed(**fields)

    @pytest.mark.parametrize("key", ["from", "to", "cc", "bcc"])
    def test_what_is_no_address_is_refused(self, key: str) -> None:
        """RFC 5322, section 3.4.1: an address has a domain."""
        with pytest.raises(BadAddress, match=f"^{key}: expected one bare address .*'junk'"):
            composed(**{key: "junk"})

    def test_a_group_without_members_may_stand(self) -> None:
        """RFC 5322, section 3.4: it hides who else gets it."""
        assert composed(to="undisclosed-recipients:;", bcc="a@x")["To"] == "undisclosed-recipients:;"

    @given(st.dictionaries(st.sampled_from(FIELDS), st.text() | st.lists(st.text(), max_size=2) | st.binary()))
    def test_nothing_else_is_raised(self, fields: dict[str, Any]) -> None:
        """Whatever stands in the fields, what is composed can be written."""
        try:
            message, _ = from_struct({"from": "me@x.org", **fields})
        except CarteroError:
            return

        assert bytes(message)
