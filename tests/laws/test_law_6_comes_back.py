"""Law 6: what you compose is valid, and comes back: equal values, text and octets."""

from __future__ import annotations

import datetime as dt
import email
import email.message
import email.policy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mimekit
from mimekit import Address, Group, MIMEMessage, policy
from mimekit.values.base import HeaderValue
from tests import strategies
from tests.laws import real
from tests.laws.seen import meaning, shape

_NARROW = policy.default.replace(max_line_length=30)
_SMTPUTF8 = policy.SMTPUTF8


def _check_valid(octets: bytes, *, utf8: bool = False) -> None:
    """What RFC 5322, section 2.1.1, RFC 2045, section 2.7 and RFC 2047, section 2 ask of what is written."""
    _check_lines(octets, utf8=utf8)
    head = octets.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        assert line.strip(b" \t"), "a line of white space alone"
        words = re.findall(rb"(?<!\")=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=", line)
        assert all(len(word) <= 75 for word in words)
        if words and b"name=" not in line:
            assert len(line) <= 76, line


def _check_lines(octets: bytes, *, utf8: bool) -> None:
    assert octets.count(b"\r") == octets.count(b"\n") == octets.count(b"\r\n")
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\0" not in octets
    if not utf8:
        assert octets.isascii()


def _written(name: str, value: object, chosen: mimekit.Policy = policy.default) -> tuple[MIMEMessage, MIMEMessage]:
    """A message with that field, and the same read again."""
    message = MIMEMessage(policy=chosen)
    message[name] = value
    octets = bytes(message)
    _check_valid(octets + b"\r\n\r\n", utf8=chosen.utf8)
    return message, mimekit.parse(octets, policy=chosen)


@pytest.mark.parametrize("chosen", [policy.default, _NARROW, _SMTPUTF8], ids=["default", "narrow", "utf8"])
class TestFields:
    """Reading back what was composed gives equal values."""

    @given(name=strategies.header_names(free=False), text=strategies.texts(max_size=12))
    def test_a_text_comes_back(self, chosen: mimekit.Policy, name: str, text: str) -> None:
        """Any text without CR, LF and NUL: the same characters, those at its ends too."""
        written, again = _written(name, text, chosen)

        assert again[name] == text
        assert again.keys() == written.keys() == [name]

    @given(given_=st.lists(strategies.addresses() | strategies.groups(), min_size=1, max_size=5))
    def test_addresses_and_groups_come_back(self, chosen: mimekit.Policy, given_: list[Address | Group]) -> None:
        """RFC 5322, section 3.4: each with its name, in its group."""
        written, again = _written("To", given_, chosen)

        wanted = [item if isinstance(item, Group) else Group(None, [item]) for item in given_]
        assert list(getattr(again["To"], "groups")) == wanted  # noqa: B009 -- which class it is is the registry's
        assert getattr(again["To"], "addresses") == getattr(written["To"], "addresses")  # noqa: B009 -- as above

    @given(address=strategies.addresses())
    def test_one_address_comes_back_from_its_text(self, chosen: mimekit.Policy, address: Address) -> None:
        """What an address shows can be given as text again."""
        again = _written("Sender", str(address), chosen)[1]

        assert getattr(again["Sender"], "address") == address  # noqa: B009 -- which class it is is the registry's

    @given(moment=strategies.dates())
    def test_a_date_comes_back(self, chosen: mimekit.Policy, moment: dt.datetime) -> None:
        """RFC 5322, section 3.3: the moment and its zone, to the second; a naive one is written ``-0000``."""
        again = _written("Date", moment, chosen)[1]

        read = getattr(again["Date"], "datetime")  # noqa: B009 -- which class it is is the registry's
        assert read == moment
        assert read.utcoffset() == moment.utcoffset()

    @given(ids=st.lists(strategies.message_ids(), min_size=1, max_size=20))
    def test_message_ids_come_back(self, chosen: mimekit.Policy, ids: list[str]) -> None:
        """RFC 5322, section 3.6.4: the same identifiers in order, none of them an encoded word."""
        written, again = _written("References", ids, chosen)

        assert list(getattr(again["References"], "ids")) == ids  # noqa: B009 -- which class it is is the registry's
        assert all(one.encode() in bytes(written) for one in ids)

    @given(params=strategies.params(), name=strategies.file_names())
    def test_parameters_and_file_names_come_back(
        self, chosen: mimekit.Policy, params: dict[str, str], name: str
    ) -> None:
        """RFC 2231: any characters, any length, in their order."""
        part = MIMEMessage(policy=chosen).set_content(b"x", "application", "pdf", params=params, filename=name)

        again = mimekit.parse(bytes(part), policy=chosen)

        _check_valid(bytes(part), utf8=chosen.utf8)
        assert again.get_filename() == name
        assert {key: again.get_param(key) for key in params} == params

    @given(built=strategies.built_messages())
    def test_what_was_read_is_set_again(self, chosen: mimekit.Policy, built: MIMEMessage) -> None:
        """What is read can always be written."""
        for part in mimekit.parse(bytes(built)).walk():
            for name, value in part.items():
                _set_again(name, value, chosen)


class TestContents:
    """A `str` comes back equal, its CRLFs as LF; bytes come back octet for octet."""

    @pytest.mark.parametrize("chosen", [policy.default, _SMTPUTF8], ids=["7bit", "8bit"])
    @given(content=strategies.text_contents())
    def test_a_text_comes_back(self, chosen: mimekit.Policy, content: strategies.Text) -> None:
        """Any characters, in any charset that was asked for."""
        message = MIMEMessage(policy=chosen).set_content(content.text, content.subtype, charset=content.charset)
        octets = bytes(message)

        _check_valid(octets, utf8=chosen is _SMTPUTF8)
        wanted = content.text.replace("\r\n", "\n")
        assert message.get_content() == wanted
        assert mimekit.parse(octets).get_content() == wanted

    @given(content=strategies.text_contents(), cte=st.sampled_from(["base64", "quoted-printable"]))
    def test_a_text_comes_back_in_any_transfer_encoding(self, content: strategies.Text, cte: str) -> None:
        """Whichever transfer encoding is asked for: the same text."""
        message = MIMEMessage().set_content(content.text, cte=cte, charset=content.charset)

        _check_valid(bytes(message))
        assert mimekit.parse(bytes(message)).get_content() == content.text.replace("\r\n", "\n")

    @pytest.mark.parametrize("chosen", [policy.default, _SMTPUTF8], ids=["7bit", "8bit"])
    @given(content=strategies.data_contents())
    def test_octets_come_back(self, chosen: mimekit.Policy, content: strategies.Data) -> None:
        """Bytes and files come back octet for octet."""
        message = MIMEMessage(policy=chosen).set_content(*content)

        _check_valid(bytes(message), utf8=chosen is _SMTPUTF8)
        assert mimekit.parse(bytes(message)).get_content() == content.octets

    @given(text=strategies.bodies())
    def test_a_text_file_comes_back_octet_for_octet(self, text: str) -> None:
        """Text attachments: line ends neither added nor changed."""
        octets = text.encode()
        message = MIMEMessage().set_content("see the file")
        message.add_attachment(octets, "text", "plain", filename="a.txt")

        again = mimekit.parse(bytes(message))

        assert [part.octets for part in again.iter_attachments()] == [octets]

    @given(inner=strategies.built_messages(max_parts=1))
    def test_an_attached_message_comes_back(self, inner: MIMEMessage) -> None:
        """RFC 2046, section 5.2.1: a message is carried as it is, in 7bit or 8bit."""
        seen = shape(inner)
        message = MIMEMessage().set_content("see the message")
        message.add_attachment(inner)

        attached = mimekit.parse(bytes(message)).parts[1]

        assert attached["Content-Transfer-Encoding"] in {"7bit", "8bit"}
        assert shape(attached.parts[0]) == seen


class TestMessages:
    """A message built through the face."""

    @given(strategies.built_messages(messages=False))
    def test_what_is_built_is_valid(self, message: MIMEMessage) -> None:
        """Every octet we compose obeys RFC 5322, 2045, 2046, 2047 and 2231."""
        octets = bytes(message)

        _check_valid(octets)
        # the one rule broken by choice, for programs that know no RFC 2231: see Policy.outlook_names
        assert {found.code for found in mimekit.parse(octets).all_defects()} <= {"encoded-word-in-parameter"}

    @given(
        strategies.built_messages()
        | strategies.built_messages(messages=False, option=policy.default.replace(linesep="\n"))
    )
    def test_what_is_built_comes_back(self, message: MIMEMessage) -> None:
        """Reading it back gives equal values, text and octets."""
        assert shape(mimekit.parse(bytes(message))) == shape(message)

    @given(strategies.built_messages(messages=False))
    def test_line_ends_are_the_only_difference_a_policy_makes(self, message: MIMEMessage) -> None:
        """What you build is written with CRLF by default; ``linesep`` changes that and nothing else."""
        octets = message.as_bytes(policy=policy.default.replace(linesep="\n"))

        if b"\r" not in octets:
            assert octets.replace(b"\n", b"\r\n") == bytes(message)


_words = st.text(st.characters(categories=["L", "N"], max_codepoint=0xFFFF), min_size=1, max_size=12)
_sayings = st.lists(_words, min_size=1, max_size=12).map(" ".join)
# it puts a space between two encoded words of one name
_safe_addresses = st.builds(
    Address, _words, st.text(strategies.ASCII_LETTERS, min_size=1, max_size=9), st.just("example.org")
)


class TestStandardLibrary:
    """The standard library's parser is an oracle where it is right: plain words, names, text and octets."""

    @given(
        subject=_sayings,
        sender=_safe_addresses,
        to=st.lists(_safe_addresses, min_size=1, max_size=4),
        text=_sayings,
        data=strategies.octets(),
        name=_words,
    )
    def test_it_reads_what_we_write(
        self, subject: str, sender: Address, to: list[Address], text: str, data: bytes, name: str
    ) -> None:
        """The standard library reads the same subject, addresses, text, file name and octets."""
        message = MIMEMessage()
        message["Subject"], message["From"], message["To"] = subject, sender, to
        message.set_content(text + "\n")
        message.add_attachment(data, "application", "pdf", filename=f"{name}.pdf")

        theirs = email.message_from_bytes(bytes(message), policy=email.policy.default)

        assert isinstance(theirs, email.message.EmailMessage)
        assert theirs["Subject"] == subject
        assert [
            (found.display_name, found.addr_spec) for found in (*theirs["From"].addresses, *theirs["To"].addresses)
        ] == [(wanted.display_name, wanted.addr_spec) for wanted in (sender, *to)]
        body, attachment = theirs.get_body(), next(theirs.iter_attachments())
        assert body is not None
        assert body.get_content().replace("\r\n", "\n") == text + "\n"
        assert attachment.get_content() == data
        assert attachment.get_filename() == f"{name}.pdf"
        assert not theirs.defects

    @given(strategies.built_messages(messages=False))
    def test_it_finds_the_same_parts(self, message: MIMEMessage) -> None:
        """The standard library finds the same tree of types, and the same octets in its leaves."""
        theirs = email.message_from_bytes(bytes(message), policy=email.policy.default)

        assert [part.get_content_type() for part in theirs.walk()] == [
            part.get_content_type() for part in message.walk()
        ]
        assert [part.get_payload(decode=True) for part in theirs.walk() if not part.is_multipart()] == [
            part.octets for part in message.walk() if not part.is_multipart()
        ]


@pytest.mark.corpus
@real.every_batch
def test_what_is_read_from_real_messages_can_be_written(batch: real.Batch) -> None:
    """Every header value read is set on a new message, and comes back as the same text, whatever is wrong with it."""

    def law(octets: bytes) -> None:
        for part in mimekit.parse(octets).walk():
            for name, value in part.items():
                _set_again(name, value)

    real.hold(batch, law)


_PIECES = (
    *(
        "a",
        "b.c",
        "a b",
        " ",
        "\t",
        ",",
        ";",
        ":",
        "<",
        ">",
        "<>",
        "(",
        ")",
        '"',
        "\\",
        "@",
        "=",
        "%",
        "*",
        "'",
        "1",
        "NO",
    ),
    *(
        "\x01",
        "\0",
        "\r",
        "\n ",
        "\x85",
        "\xe9",
        "é".encode().decode("latin-1"),
        "=?utf-8?q?=C3=A9_?=",
        "=?x?q?=00?=",
        "=?",
    ),
    *("<a@b.c>", "text/plain", "attachment", "filename=", "charset*=", "mailto:a@b", "; 1 Nov 2002 10:00 +0100", "1.0"),
)
_FIELDS = (
    *("From", "Sender", "Return-Path", "Date", "Received", "References", "Message-ID", "List-Post", "List-Id"),
    *("List-Unsubscribe-Post", "DKIM-Signature", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding"),
    *("MIME-Version", "Subject", "X-Tag"),
)


@pytest.mark.parametrize("chosen", [policy.default, _SMTPUTF8], ids=["default", "utf8"])
@pytest.mark.parametrize("name", _FIELDS)
@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=8))
def test_what_is_read_can_always_be_written(chosen: mimekit.Policy, name: str, pieces: list[str]) -> None:
    """Every value of a received field can be set on another message: same text, same meaning, also without SMTPUTF8."""
    for value in mimekit.parse(f"{name}: {''.join(pieces)}\n\n".encode("latin-1")).get_all(name, []) or []:
        _set_again(name, value, chosen)


def _set_again(name: str, value: HeaderValue, chosen: mimekit.Policy = policy.default) -> None:
    """Set *value* on a new message: it is taken, and comes back as the same text that means the same.

    What came 8-bit, which is a defect, goes so where the field has no other way to say it.
    """
    message = MIMEMessage(policy=chosen)

    message[name] = value
    octets = bytes(message)

    _check_lines(octets, utf8=chosen.utf8 or bool(value.defects))
    [again] = mimekit.parse(octets, policy=chosen).values()
    assert meaning(again) == meaning(value)
