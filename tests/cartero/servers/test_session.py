"""One client of a server: what is said to what it says. Long, for there is much that a client can say."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from cartero import Envelope, Outcome, Receipt, SendingError
from cartero.servers import Delivery, LMTPServer, ServerLimits, SMTPServer, _session
from cartero.servers.passwords import password_line
from tests.certificates import client_context, server_context
from tests.client import Client
from tests.receiving import TEXT, Kept, enveloped, hello, sent, serving, talking

if TYPE_CHECKING:
    from pathlib import Path

    from cartero.servers.smtp import MailServer

SECURE = server_context("127.0.0.1")
TRUST = client_context()
SECRET = "correct horse"


def base64(text: str) -> bytes:
    """*text* as a client of AUTH says it."""
    return b64encode(text.encode())


PLAIN = base64(f"\0ana\0{SECRET}")


async def ana(user: str, password: str) -> bool:
    """Knows one user."""
    return (user, password) == ("ana", SECRET)


def _wait_until_nobody_is_inside(server: MailServer) -> None:
    for _ in range(300):
        if not server._door.sessions:
            return
        time.sleep(0.01)
    pytest.fail("somebody is inside")


@pytest.fixture
def kept() -> Kept:
    """Where mail goes."""
    return Kept()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who guesses passwords is not made to wait."""
    monkeypatch.setattr(_session, "_PAUSE", 0.0)


class TestGreeting:
    def test_what_can_be_done_is_said(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.1.1.1; neither TLS nor AUTH, where there is none."""
        with serving(kind, kept, limits=ServerLimits(size=1_000)) as server, Client(server.port) as client:
            assert client.reply() == b"220 mx.example cartero\r\n"
            said = client.ask(hello(kind)).split(b"\r\n")

        assert said[0] == b"250-mx.example"
        extensions = {line[4:] for line in said[1:-1]}
        assert extensions == {b"SIZE 1000", b"8BITMIME", b"SMTPUTF8", b"PIPELINING", b"ENHANCEDSTATUSCODES"}

    @pytest.mark.parametrize(
        ("greeting", "code"),
        [(b"EHLO me.example", b"250-"), (b"HELO me.example", b"250 "), (b"EHLO", b"501 "), (b"HELO", b"501 ")],
    )
    def test_smtp_is_greeted_so(self, kept: Kept, greeting: bytes, code: bytes) -> None:
        """RFC 5321, section 4.1.1.1."""
        with serving(SMTPServer, kept) as server, Client(server.port) as client:
            client.reply()

            assert client.ask(greeting)[:4] == code
            assert client.ask(b"LHLO me.example").startswith(b"500 ")

    @pytest.mark.parametrize("greeting", [b"EHLO me.example", b"HELO me.example", b"LHLO"])
    def test_lmtp_is_not(self, kept: Kept, greeting: bytes) -> None:
        """RFC 2033, section 4.1: HELO and EHLO must not begin it."""
        with serving(LMTPServer, kept) as server, Client(server.port) as client:
            client.reply()

            assert client.ask(greeting)[:1] == b"5"
            assert client.ask(b"MAIL FROM:<>").startswith(b"503 5.5.1")

    def test_it_may_come_again(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.1.4: it ends what was begun."""
        with serving(kind, kept) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@example.org>")
            client.ask(hello(kind))

            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"503 ")
            assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"250 ")

    @pytest.mark.parametrize(
        ("command", "protocol"), [(b"HELO me.example", "SMTP"), (b"EHLO me.example", "ESMTP")], ids=["helo", "ehlo"]
    )
    def test_how_it_came_is_noted(self, kept: Kept, command: bytes, protocol: str) -> None:
        """RFC 3848."""
        with serving(SMTPServer, kept) as server, Client(server.port) as client:
            client.reply()
            client.ask(command)
            sent(client)

        hop = kept.hop
        assert hop.tokens["with"] == protocol
        assert (hop.tokens["from"], hop.comments) == ("me.example", ("[127.0.0.1]",))
        assert hop.tokens["for"] == "<you@example.org>"


class TestMessages:
    def test_it_is_taken_as_it_is(self, kind: type[MailServer], kept: Kept) -> None:
        """With a Received field in front, and untouched behind it."""
        text = b"Subject: hello\r\nBcc: x@example.org\r\n\r\n..dots\r\n\x00\xff\r\n"
        with serving(kind, kept) as server, talking(server) as client:
            assert sent(client, text=text) == [b"250 2.0.0 taken\r\n"]

        ((envelope, _),) = kept.mails
        assert envelope == Envelope("me@example.org", ["you@example.org"])
        assert kept.texts == [text.replace(b"..", b".")]
        assert kept.hop.tokens["with"] == ("LMTP" if kind is LMTPServer else "ESMTP")

    def test_two_on_one_connection(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.1.1.5: nothing of the first is in the second."""
        with serving(kind, kept) as server, talking(server) as client:
            sent(client, b"a@example.org", text=b"1\r\n")
            sent(client, b"b@example.org", text=b"2\r\n", sender=b"")
            assert client.ask(b"QUIT").startswith(b"221 ")
            assert client.rest() == b""

        assert [envelope for envelope, _ in kept.mails] == [
            Envelope("me@example.org", ["a@example.org"]),
            Envelope("", ["b@example.org"]),
        ]
        assert kept.texts == [b"1\r\n", b"2\r\n"]

    def test_all_in_one_write(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 2920, section 3.1, and beyond it: even the text and the next message come along."""
        one = b"MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\nDATA\r\ntext\r\n.\r\n"
        with serving(kind, kept) as server, Client(server.port) as client:
            client.say(hello(kind) + b"\r\n" + one * 3 + b"RSET\r\nQUIT\r\n")

            assert client.codes(2) == [220, 250]
            assert client.codes(12) == [250, 250, 354, 250] * 3
            assert client.codes(2) == [250, 221]

        assert kept.texts == [b"text\r\n"] * 3

    def test_octet_by_octet(self, kind: type[MailServer], kept: Kept) -> None:
        """TCP knows no lines."""
        with serving(kind, kept) as server, talking(server) as client:
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for octet in b"MAIL FROM:<>\r\nRCPT TO:<you@example.org>\r\nDATA\r\na\r\n..\r\n.\r\n":
                client.say(bytes([octet]))

            assert client.codes(4) == [250, 250, 354, 250]

        assert kept.texts == [b"a\r\n.\r\n"]

    def test_a_large_one(self, kind: type[MailServer], kept: Kept) -> None:
        """In many pieces."""
        text = b"x" * 998 + b"\r\n"
        with serving(kind, kept) as server, talking(server) as client:
            assert sent(client, text=text * 3_000)[0].startswith(b"250 ")

        assert kept.texts == [text * 3_000]

    @pytest.mark.parametrize(
        ("command", "address"),
        [
            pytest.param(b'RCPT TO:<"a b\\"c"@example.org>', '"a b\\"c"@example.org', id="odd-quoted"),
            pytest.param(b"RCPT TO:<@a.example,@b.example:you@example.org>", "you@example.org", id="odd-route"),
            pytest.param(b"rcpt to:<postmaster>", "postmaster", id="odd-postmaster"),
            pytest.param(b"RCPT TO: <you@example.org>", "you@example.org", id="odd-blank"),
            pytest.param(
                b"RCPT TO:<you@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;you+2B@example.org",
                "you@example.org",
                id="usual-dsn",
            ),
        ],
    )
    def test_recipients_as_they_are_written(self, kept: Kept, command: bytes, address: str) -> None:
        """RFC 5321, section 4.1.2; RFC 3461, section 4."""
        with serving(SMTPServer, kept) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@example.org> RET=HDRS ENVID=x BODY=8bitmime SIZE=10 AUTH=<>")
            assert client.ask(command) == b"250 2.1.5 go on\r\n"
            client.ask(b"DATA")
            assert client.ask(b"hello\r\n.").startswith(b"250 ")

        assert kept.mails[0][0].recipients == (address,)

    def test_addresses_beyond_ascii(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 6531, section 3.4: where SMTPUTF8 was said, and only there; section 4.3 for the trace."""
        with serving(kind, kept) as server, talking(server) as client:
            assert client.ask("MAIL FROM:<j\u00f6@example.org>".encode()).startswith(b"553 5.6.7")
            assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"250 ")
            assert client.ask("RCPT TO:<j\u00f6@example.org>".encode()).startswith(b"553 5.6.7")
            client.ask(b"RSET")
            sent(client, "j\u00f6@example.org".encode(), sender="j\u00f6@example.org".encode(), parameters=b" SMTPUTF8")
            assert client.ask(b"MAIL FROM:<\xff@example.org> SMTPUTF8").startswith(b"501 5.1.7")

        ((envelope, _),) = kept.mails
        assert envelope == Envelope("j\u00f6@example.org", ["j\u00f6@example.org"])
        assert kept.hop.tokens["with"] in {"UTF8SMTP", "UTF8LMTP"}
        assert "for" not in kept.hop.tokens

    def test_several_recipients_do_not_see_each_other(self, kept: Kept) -> None:
        """RFC 5321, section 7.2."""
        with serving(SMTPServer, kept) as server, talking(server) as client:
            sent(client, b"a@example.org", b"b@example.org")

        assert b"@example.org" not in kept.mails[0][1].as_bytes()


class TestReplies:
    def test_in_lmtp_each_recipient_has_one(self) -> None:
        """RFC 2033, section 4.2: in their order, and as often as they were named."""
        yes, no = Outcome(accepted=True), Outcome(accepted=False, code=452, enhanced="4.2.2", reply="full")
        kept = Kept(Receipt({"a@example.org": yes, "b@example.org": no}))
        with serving(LMTPServer, kept) as server, talking(server) as client:
            replies = sent(client, b"a@example.org", b"b@example.org", b"a@Example.org", replies=3)
            assert client.ask(b"NOOP").startswith(b"250 ")

        assert replies == [b"250 2.0.0 taken\r\n", b"452 4.2.2 full\r\n", b"250 2.0.0 taken\r\n"]
        assert kept.mails[0][0].recipients == ("a@example.org", "b@example.org")

    def test_in_smtp_all_have_one(self) -> None:
        """RFC 5321, section 3.3: it is no, with the names of those who do not have it."""
        yes, no = Outcome(accepted=True), Outcome(accepted=False, code=452, reply="full")
        kept = Kept(Receipt({"a@example.org": yes, "b@example.org": no}))
        with serving(SMTPServer, kept) as server, talking(server) as client:
            (reply,) = sent(client, b"a@example.org", b"b@example.org")
            assert client.ask(b"NOOP").startswith(b"250 ")

        assert reply == b"554 5.3.0 delivered to others, and not to <b@example.org> (full)\r\n"

    @pytest.mark.parametrize(
        ("error", "reply"),
        [
            pytest.param(SendingError("x", code=550, enhanced="5.1.1", reply="gone"), b"550 5.1.1 gone", id="refused"),
            pytest.param(LookupError("secret"), b"451 4.3.0 the message cannot be taken now", id="mistake"),
        ],
    )
    def test_what_is_not_taken_is_refused(self, kind: type[MailServer], error: Exception, reply: bytes) -> None:
        """250 is for what was taken alone."""
        count = 2 if kind is LMTPServer else 1
        with serving(kind, Kept(error)) as server, talking(server) as client:
            replies = sent(client, b"a@example.org", b"b@example.org", replies=count)
            assert sent(client)[0].startswith(b"250 ")

        assert len(replies) == count
        assert all(each.startswith(reply) for each in replies)

    @pytest.mark.parametrize(("count", "code"), [(100, b"250 "), (101, b"554 5.4.6")])
    def test_what_goes_round_in_circles_is_refused(
        self, kind: type[MailServer], kept: Kept, count: int, code: bytes
    ) -> None:
        """RFC 5321, section 6.3."""
        hop = b"Received: from a.example by b.example; Mon, 11 Nov 2002 11:11:11 +0100\r\n"
        with serving(kind, kept) as server, talking(server) as client:
            assert sent(client, text=hop * count + TEXT)[0].startswith(code)

        assert len(kept.mails) == (code == b"250 ")

    def test_a_mistake_in_a_room_is_not_shown(self, kind: type[MailServer], caplog: pytest.LogCaptureFixture) -> None:
        """It is in the log; what comes after it might be text that would be taken for commands, so it is the end."""

        class Broken(Delivery):
            async def take(self, *_: Any, **__: Any) -> Any:
                raise LookupError("secret")

        with serving(kind, Broken("null:")) as server, talking(server) as client:
            enveloped(client)
            client.say(TEXT + b".\r\nMAIL FROM:<x@example.org>\r\n")

            assert client.rest() == b"451 4.3.0 something went wrong here; come again later\r\n"
        assert "a session with 127.0.0.1 went wrong" in caplog.text
        assert "LookupError: secret" in caplog.text


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "reply"),
        [
            pytest.param(b"NOOP", b"250 ", id="usual-noop"),
            pytest.param(b"NOOP and more", b"250 ", id="usual-noop-with-words"),
            pytest.param(b"noop", b"250 ", id="odd-case"),
            pytest.param(b"RSET", b"250 ", id="usual-rset"),
            pytest.param(b"RSET now", b"501 ", id="odd-rset"),
            pytest.param(b"HELP", b"250 ", id="usual-help"),
            pytest.param(b"HELP MAIL", b"250 ", id="usual-help-with-one"),
            pytest.param(b"VRFY ana", b"252 2.5.0", id="usual-vrfy"),
            pytest.param(b"VRFY <\xff(((", b"252 2.5.0", id="hostile-vrfy"),
            pytest.param(b"EXPN list", b"502 ", id="usual-expn"),
            pytest.param(b"QUIT now", b"501 ", id="odd-quit"),
            pytest.param(b"MAIL", b"501 5.5.4", id="odd-mail"),
            pytest.param(b"MAIL FROM:me@example.org", b"501 5.5.4", id="odd-no-brackets"),
            pytest.param(b"MAIL FROM:<me@example.org> FUTURE=1", b"555 5.5.4", id="odd-parameter"),
            pytest.param(b"MAIL FROM:<me@example.org> " + b"X" * 4_000, b"555 5.5.4", id="hostile-parameter"),
            pytest.param(b"MAIL FROM:<me@example.org> NOTIFY=NEVER", b"555 5.5.4", id="odd-parameter-of-rcpt"),
            pytest.param(b"MAIL FROM:<me@example.org> BODY=BINARYMIME", b"501 5.5.4", id="odd-body"),
            pytest.param(b"MAIL FROM:<me@example.org> BODY", b"501 5.5.4", id="odd-body-of-nothing"),
            pytest.param(b"MAIL FROM:<me@example.org> SIZE=x", b"501 5.5.4", id="odd-size"),
            pytest.param(b"MAIL FROM:<me@example.org> SIZE=" + b"9" * 4_000, b"501 5.5.4", id="hostile-size"),
            pytest.param("MAIL FROM:<me@example.org> SIZE=\u0661".encode(), b"501 5.5.4", id="hostile-digit"),
            pytest.param(b"MAIL FROM:<me@example.org> SIZE", b"250 2.1.0", id="odd-size-of-nothing"),
            pytest.param(b"MAIL FROM:<me@example.org> SIZE=52428801", b"552 5.3.4", id="usual-large"),
            pytest.param(b"RCPT TO:<you@example.org>", b"503 5.5.1", id="odd-rcpt-first"),
            pytest.param(b"DATA", b"503 5.5.1", id="odd-data-first"),
            pytest.param(b"DATA now", b"501 5.5.4", id="odd-data"),
            pytest.param(b"BDAT 10 LAST", b"500 ", id="odd-bdat"),
            pytest.param(b"STARTTLS", b"454 ", id="odd-starttls"),
            pytest.param(b"AUTH PLAIN", b"500 ", id="odd-auth"),
            pytest.param(b"", b"500 ", id="odd-empty"),
            pytest.param(b"\xff\xfe", b"500 ", id="hostile-octets"),
            pytest.param(b"GET / HTTP/1.1", b"500 ", id="hostile-http"),
            pytest.param(b"NOOP " + b"x" * 5_000, b"500 ", id="hostile-long"),
            pytest.param(b"x" * 1_000_000, b"500 ", id="hostile-very-long"),
        ],
    )
    def test_each_has_its_reply(
        self, kind: type[MailServer], kept: Kept, command: bytes, reply: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        """RFC 5321, section 4.3.2; and the talk goes on, and nobody fills the log."""
        with serving(kind, kept) as server, talking(server) as client:
            said = client.ask(command)
            assert said.startswith(reply)
            assert len(said) <= 512
            assert client.ask(b"RSET").startswith(b"250 ")
            assert sent(client)[0].startswith(b"250 ")

        assert [record for record in caplog.records if record.name == "cartero"] == []

    def test_the_order_is_kept(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.1.4."""
        with serving(kind, kept) as server, talking(server) as client:
            assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"250 ")
            assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"503 ")
            assert client.ask(b"DATA").startswith(b"503 ")
            assert client.ask(b"RCPT TO:<>").startswith(b"501 5.1.3")
            assert client.ask(b"RCPT TO:<you@example.org> SIZE=1").startswith(b"555 5.5.4")
            assert client.ask(b"RSET").startswith(b"250 ")
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"503 ")

    def test_who_only_guesses_is_sent_away(self, kept: Kept) -> None:
        """RFC 5321, section 7.8."""
        with serving(SMTPServer, kept) as server, talking(server) as client:
            client.say(b"FOO\r\n" * 50)

            assert client.rest().count(b"\r\n") <= 20

    @pytest.mark.parametrize(
        "command",
        [
            pytest.param(b"RCPT TO:<a@example.org>\nDATA", id="hostile-lf"),
            pytest.param(b"RCPT TO:<a@example.org>\rDATA", id="hostile-cr"),
            pytest.param(b"NOOP\nRCPT TO:<a@example.org>", id="hostile-in-noop"),
            pytest.param(b"NOOP\n\nRCPT TO:<a@example.org>", id="hostile-in-noop-twice"),
        ],
    )
    def test_a_line_end_in_a_command_hides_no_other(self, kind: type[MailServer], kept: Kept, command: bytes) -> None:
        """RFC 5321, section 2.3.8: nothing of that line is done."""
        with serving(kind, kept) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@example.org>")

            assert client.ask(command).startswith(b"500 ")
            assert client.ask(b"DATA").startswith(b"503 ")

    @pytest.mark.parametrize(
        "end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n\x00.\r\n", b"\n\n.\r\n"]
    )
    def test_no_second_message_hides_in_a_text(self, kind: type[MailServer], kept: Kept, end: bytes) -> None:
        """What is the end of a message to others is none here, and the message is refused, or goes on as one."""
        hidden = b"MAIL FROM:<x@example.org>\r\nRCPT TO:<y@example.org>\r\nDATA\r\nhidden\r\n"
        with serving(kind, kept) as server, talking(server) as client:
            (reply,) = sent(client, text=b"Subject: x\r\n\r\nhello" + end + hidden)
            assert client.ask(b"NOOP").startswith(b"250 ")

        if b"\x00" in end:
            assert reply.startswith(b"250 ")
            assert [text.count(b"hidden") for text in kept.texts] == [1]
        else:
            assert reply.startswith(b"550 5.6.0")
            assert kept.mails == []


class TestLimits:
    def test_recipients(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.5.3.1.10: 452, and those before are served."""
        with serving(kind, kept, limits=ServerLimits(recipients=2)) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@example.org>")
            codes = [client.ask(b"RCPT TO:<a%d@example.org>" % number)[:9] for number in range(4)]
            client.ask(b"DATA")
            client.say(TEXT + b".\r\n")
            assert client.reply().startswith(b"250 ")

        assert codes == [b"250 2.1.5"] * 2 + [b"452 4.5.3"] * 2
        assert kept.mails[0][0].recipients == ("a0@example.org", "a1@example.org")

    @pytest.mark.parametrize(
        ("text", "reply"),
        [
            pytest.param(b"x" * 98 + b"\r\n" + b"y" * 899 + b"\r\n", b"552 5.3.4", id="size"),
            pytest.param(b"x" * 99 + b"\r\n", b"550 5.6.0 a line is longer", id="line"),
            pytest.param(b"x" * 1_000_000 + b"\r\n", b"552 5.3.4", id="endless"),
        ],
    )
    def test_text(self, kind: type[MailServer], kept: Kept, text: bytes, reply: bytes) -> None:
        """RFC 1870, section 6.3; each recipient is told; and the next message is another one."""
        count = 2 if kind is LMTPServer else 1
        with serving(kind, kept, limits=ServerLimits(size=1_000, line=100)) as server, talking(server) as client:
            replies = sent(client, b"a@example.org", b"b@example.org", text=text, replies=count)
            assert sent(client)[0].startswith(b"250 ")

        assert all(each.startswith(reply) for each in replies)
        assert kept.texts == [TEXT]

    def test_what_is_held(self, kind: type[MailServer], kept: Kept) -> None:
        """While another message is handed on there is no room; and then there is."""
        kept.may_end.clear()
        with (
            serving(kind, kept, limits=ServerLimits(held=100_000)) as server,
            talking(server) as first,
            talking(server) as second,
        ):
            enveloped(first)
            first.say(TEXT + b".\r\n")
            assert kept.begun.wait(5)
            assert sent(second)[0].startswith(b"452 4.3.1")
            kept.may_end.set()
            assert first.reply().startswith(b"250 ")
            assert sent(second)[0].startswith(b"250 ")

    def test_what_is_held_of_a_client_that_is_gone(self, kind: type[MailServer], kept: Kept) -> None:
        """It is being handed on all the same; else who hangs up could fill the memory."""
        kept.may_end.clear()
        with serving(kind, kept, limits=ServerLimits(held=100_000)) as server, talking(server) as second:
            with talking(server) as first:
                enveloped(first)
                first.say(TEXT + b".\r\n")
                assert kept.begun.wait(5)
                first.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(0.05)
            assert sent(second)[0].startswith(b"452 4.3.1")
            kept.may_end.set()
            for _ in range(100):
                if (reply := sent(second)[0]).startswith(b"250 "):
                    break
                time.sleep(0.01)
            assert reply.startswith(b"250 ")

        assert len(kept.mails) == 2

    def test_rate(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 3463, section 3.8: a host that sends too much may come again."""
        with serving(kind, kept, limits=ServerLimits(rate=1 / 60)) as server:
            with talking(server) as client:
                assert sent(client)[0].startswith(b"250 ")
                assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"450 4.7.1")
            with talking(server) as client:
                assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"450 4.7.1")

    def test_silence(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.5.3.2.7; and it is told."""
        with serving(kind, kept, limits=ServerLimits(idle=0.1)) as server, talking(server) as client:
            assert client.rest() == b"421 4.4.2 nothing was said for too long\r\n"

    def test_silence_in_a_text(self, kind: type[MailServer], kept: Kept) -> None:
        """Nothing of it is taken."""
        with serving(kind, kept, limits=ServerLimits(idle=0.1)) as server, talking(server) as client:
            enveloped(client)
            client.say(TEXT)
            assert client.rest() == b"421 4.4.2 nothing was said for too long\r\n"

        assert kept.mails == []

    def test_a_text_that_comes_too_slowly(self, kind: type[MailServer], kept: Kept) -> None:
        """It never pauses for long, and never ends."""
        with serving(kind, kept, limits=ServerLimits(time=0.15)) as server, talking(server) as client:
            enveloped(client)
            start = time.monotonic()
            with pytest.raises(OSError):  # noqa: PT011, PT012 - reset, or a pipe without another end
                while time.monotonic() < start + 5:
                    client.say(b"x\r\n")
                    time.sleep(0.01)

        assert time.monotonic() - start < 2
        assert kept.mails == []

    def test_a_text_for_which_there_is_no_time(self, kind: type[MailServer], kept: Kept) -> None:
        """It is told."""
        with serving(kind, kept, limits=ServerLimits(time=1e-9)) as server, talking(server) as client:
            enveloped(client)
            assert client.rest() == b"421 4.4.2 the message takes too long to arrive\r\n"

    def test_a_text_that_never_stops(self, kept: Kept) -> None:
        """However fast it comes: the time is over."""
        with serving(SMTPServer, kept, limits=ServerLimits(time=0.15)) as server, talking(server) as client:
            enveloped(client)
            start = time.monotonic()
            with pytest.raises(OSError):  # noqa: PT011, PT012 - as above
                while time.monotonic() < start + 5:
                    client.say(b"x" * 998 + b"\r\n" + b"y" * 100_000)

        assert time.monotonic() - start < 2

    def test_who_does_not_read(self, kept: Kept) -> None:
        """Replies that nobody takes are not kept for ever, nor is the connection."""
        with serving(SMTPServer, kept, limits=ServerLimits(idle=0.15)) as server:
            assert server._server is not None
            server._server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
            with talking(server) as client:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                client.say(b"HELP\r\n" * 10_000)
                _wait_until_nobody_is_inside(server)

    def test_a_slow_steady_client_is_served(self, kept: Kept) -> None:
        """What is limited is silence."""
        with serving(SMTPServer, kept, limits=ServerLimits(idle=0.15)) as server, talking(server) as client:
            enveloped(client)
            for _ in range(5):
                client.say(b"x\r\n")
                time.sleep(0.06)
            assert client.ask(b".").startswith(b"250 ")

        assert kept.texts == [b"x\r\n" * 5]


class TestHangingUp:
    def test_half_a_message_is_none(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 5321, section 4.1.1.4: only the end of the text makes it one."""
        with serving(kind, kept) as server, talking(server) as client:
            enveloped(client)
            client.say(TEXT + b".\r")
            client.socket.shutdown(socket.SHUT_WR)
            assert client.rest() == b""

        assert kept.mails == []

    def test_who_says_no_more_may_still_be_told(self, kind: type[MailServer], kept: Kept) -> None:
        """Half a connection is enough for a reply."""
        with serving(kind, kept) as server, talking(server) as client:
            enveloped(client)
            client.say(TEXT + b".\r\n")
            client.socket.shutdown(socket.SHUT_WR)
            assert client.rest() == b"250 2.0.0 taken\r\n"

        assert kept.texts == [TEXT]

    @pytest.mark.parametrize("is_rude", [False, True], ids=["closed", "reset"])
    def test_what_was_taken_is_handed_on(
        self,
        kind: type[MailServer],
        kept: Kept,
        is_rude: bool,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """The client does not know, and will come again; twice is better than never (RFC 5321, section 6.1)."""
        kept.may_end.clear()
        with serving(kind, kept) as server:
            with talking(server) as client:
                enveloped(client)
                client.say(TEXT + b".\r\n")
                assert kept.begun.wait(5)
                if is_rude:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            threading.Timer(0.05, kept.may_end.set).start()

        assert kept.texts == [TEXT]
        assert [record for record in caplog.records if record.name != "mail.log"] == []

    def test_in_the_middle_of_anything(self, kind: type[MailServer], kept: Kept) -> None:
        """And others are served."""
        said = hello(kind) + b"\r\nMAIL FROM:<>\r\nRCPT TO:<you@example.org>\r\nDATA\r\nhello\r\n"
        with serving(kind, kept) as server:
            for place in range(0, len(said), 3):
                with Client(server.port) as client:
                    client.say(said[:place])
            with talking(server) as client:
                assert sent(client)[0].startswith(b"250 ")

        assert len(kept.mails) == 1


def _loop(server: MailServer) -> asyncio.AbstractEventLoop:
    session = next(iter(server._door.sessions))
    assert isinstance(session, _session.Session)
    return session.loop


class TestTLS:
    def test_it_is_begun(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 3207: offered before, not within; the greeting is said again; RFC 3848 for the trace."""
        with serving(kind, kept, tls=SECURE) as server, talking(server) as client:
            assert b"STARTTLS\r\n" in client.ask(hello(kind))
            assert client.ask(b"STARTTLS now").startswith(b"501 ")
            assert client.ask(b"STARTTLS").startswith(b"220 ")
            client.secure(TRUST)
            assert client.ask(b"MAIL FROM:<>").startswith(b"503 ")
            assert b"STARTTLS" not in client.ask(hello(kind))
            assert client.ask(b"STARTTLS").startswith(b"503 5.5.1")
            assert sent(client)[0].startswith(b"250 ")

        assert kept.hop.tokens["with"] in {"ESMTPS", "LMTPS"}

    def test_it_begins_at_once(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 8314, section 3.3."""
        with serving(kind, kept, tls=SECURE, implicit_tls=True) as server, Client(server.port) as client:
            client.secure(TRUST)
            assert client.reply().startswith(b"220 ")
            assert b"STARTTLS" not in client.ask(hello(kind))
            assert client.ask(b"STARTTLS").startswith((b"454 ", b"503 "))
            assert sent(client)[0].startswith(b"250 ")

        assert kept.hop.tokens["with"] in {"ESMTPS", "LMTPS"}

    def test_what_was_said_before_it_is_forgotten(self, kind: type[MailServer], kept: Kept) -> None:
        """RFC 3207, section 4.2: somebody on the way may have put it there."""
        with serving(kind, kept, tls=SECURE) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<evil@example.org>")
            client.say(b"STARTTLS\r\n" + hello(kind) + b"\r\nMAIL FROM:<evil@example.org>\r\n")
            assert client.reply().startswith(b"220 ")
            client.secure(TRUST)
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"503 ")
            assert client.ask(b"NOOP").startswith(b"250 ")

    @pytest.mark.parametrize("end", ["garbage", "closed"])
    def test_who_does_not_begin_it_is_gone(
        self, kind: type[MailServer], kept: Kept, end: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And is no place at the door; nobody fills the log."""
        with serving(kind, kept, tls=SECURE) as server:
            with talking(server) as client:
                client.ask(b"STARTTLS")
                if end == "garbage":
                    client.say(b"NOOP\r\n" * 10)
                    client.rest()
            _wait_until_nobody_is_inside(server)

        assert [record for record in caplog.records if record.name == "cartero"] == []

    def test_who_waits_with_it_for_too_long_is_gone(self, kept: Kept) -> None:
        """And is no place at the door."""
        with serving(SMTPServer, kept, tls=SECURE, limits=ServerLimits(idle=0.1)) as server, talking(server) as client:
            client.ask(b"STARTTLS")
            assert client.rest().startswith(b"421 ")
            _wait_until_nobody_is_inside(server)

    def test_a_stop_finds_all_of_them(self, kind: type[MailServer], kept: Kept) -> None:
        """Who is about to begin TLS, and who does not answer within it."""
        with serving(kind, kept, tls=SECURE) as server, talking(server) as about, talking(server) as within:
            about.ask(b"STARTTLS")
            within.ask(b"STARTTLS")
            within.secure(TRUST)
            within.ask(b"NOOP")
            start = time.monotonic()
            asyncio.run_coroutine_threadsafe(server.stop(), _loop(server)).result(5)
            assert within.rest() == b"421 4.3.2 this server stops now\r\n"
            assert about.rest() == b"421 4.3.2 this server stops now\r\n"

        assert time.monotonic() - start < 0.9

    def test_the_end_of_tls_is_the_end(self, kept: Kept) -> None:
        """There is no half of it; what was taken is handed on."""
        with serving(SMTPServer, kept, tls=SECURE, implicit_tls=True) as server, Client(server.port) as client:
            client.secure(TRUST)
            client.reply()
            client.ask(b"EHLO me.example")
            enveloped(client)
            client.say(TEXT + b".\r\n")
            assert isinstance(client.socket, ssl.SSLSocket)
            assert client.reply().startswith(b"250 ")
            client.socket.unwrap()

        assert len(kept.mails) == 1


class TestLogins:
    @pytest.mark.parametrize(
        "said",
        [
            pytest.param([b"AUTH PLAIN " + PLAIN], id="usual-plain"),
            pytest.param([b"auth plain " + PLAIN], id="odd-case"),
            pytest.param([b"AUTH PLAIN", PLAIN], id="usual-plain-on-request"),
            pytest.param([b"AUTH PLAIN " + base64(f"ana\0ana\0{SECRET}")], id="usual-identity"),
            pytest.param([b"AUTH LOGIN", base64("ana"), base64(SECRET)], id="usual-login"),
            pytest.param([b"AUTH login " + base64("ana"), base64(SECRET)], id="odd-login-with-user"),
        ],
    )
    def test_who_is_known_is_let_in(self, kind: type[MailServer], kept: Kept, said: list[bytes]) -> None:
        """RFC 4954, section 4; RFC 4616; and once is enough."""
        with serving(kind, kept, users=ana) as server, talking(server) as client:
            assert b"AUTH PLAIN LOGIN" in client.ask(hello(kind))
            assert client.ask(b"MAIL FROM:<me@example.org>").startswith(b"250 ")
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"550 5.7.1")
            assert client.ask(said[0]).startswith(b"503 5.5.1")
            client.ask(b"RSET")
            for line in said[:-1]:
                assert client.ask(line).startswith(b"334 ")
            assert client.ask(said[-1]).startswith(b"235 2.7.0")
            assert client.ask(said[0]).startswith(b"503 ")
            assert sent(client)[0].startswith(b"250 ")

        assert kept.hop.tokens["with"] in {"ESMTPA", "LMTPA"}

    @pytest.mark.parametrize(
        ("said", "reply"),
        [
            pytest.param([b"AUTH PLAIN", b"*"], b"501 5.7.0", id="usual-given-up"),
            pytest.param([b"AUTH LOGIN", b"*"], b"501 5.7.0", id="usual-login-given-up"),
            pytest.param([b"AUTH LOGIN", base64("ana"), b"*"], b"501 5.7.0", id="usual-login-given-up-late"),
            pytest.param([b"AUTH PLAIN ***"], b"501 5.5.2", id="odd-base64"),
            pytest.param([b"AUTH PLAIN", b"***"], b"501 5.5.2", id="odd-base64-on-request"),
            pytest.param([b"AUTH PLAIN \xff"], b"501 5.5.2", id="hostile-octets"),
            pytest.param([b"AUTH PLAIN ="], b"535 5.7.8", id="odd-nothing"),
            pytest.param([b"AUTH PLAIN " + base64("ana")], b"535 5.7.8", id="odd-half"),
            pytest.param([b"AUTH PLAIN " + base64(f"eva\0ana\0{SECRET}")], b"535 5.7.8", id="odd-for-somebody-else"),
            pytest.param([b"AUTH PLAIN", b"x" * 300_000], b"535 5.7.8", id="hostile-long"),
            pytest.param([b"AUTH PLAIN", PLAIN + b"\nNOOP"], b"535 5.7.8", id="hostile-lf"),
            pytest.param([b"AUTH PLAIN a b"], b"501 ", id="odd-more"),
            pytest.param([b"AUTH CRAM-MD5"], b"504 ", id="odd-mechanism"),
            pytest.param([b"AUTH"], b"501 ", id="odd-none"),
            pytest.param(["AUTH \u2003".encode()], b"501 ", id="hostile-blank"),
        ],
    )
    @pytest.mark.usefixtures("impatient")
    def test_who_is_not_is_not(
        self, kept: Kept, said: list[bytes], reply: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        """RFC 4954, section 4; the talk goes on, and no password is in the log."""
        with serving(SMTPServer, kept, users=ana) as server, talking(server) as client:
            for line in said[:-1]:
                assert client.ask(line).startswith(b"334 ")
            assert client.ask(said[-1]).startswith(reply)
            client.say(b"NOOP\r\n")
            while not (line := client.reply()).startswith(b"250 "):
                assert line.startswith(b"500 ")
            client.ask(b"MAIL FROM:<me@example.org>")
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"550 5.7.1")

        assert [record.levelname for record in caplog.records if record.levelname == "ERROR"] == []

    @pytest.mark.usefixtures("impatient")
    def test_three_times_is_enough(self, kind: type[MailServer], kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
        """Who guesses is sent away, whatever was said already, and is in the log; what was guessed is not."""
        wrong = b"AUTH PLAIN " + base64("\0ana\0secret-guess") + b"\r\n"
        with serving(kind, kept, users=ana) as server, talking(server) as client:
            client.say(wrong * 3 + b"AUTH PLAIN " + PLAIN + b"\r\n")
            replies = client.rest().split(b"\r\n")

        assert [reply[:9] for reply in replies] == [b"535 5.7.8", b"535 5.7.8", b"421 4.7.0", b""]
        assert caplog.text.count("a login of 'ana' from 127.0.0.1 failed") == 3
        assert "secret-guess" not in caplog.text

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param([b"AUTH LOGIN", base64("ana"), b"secret-word"], id="usual-not-encoded"),
            pytest.param([b"AUTH PLAIN", b"secret-word"], id="odd-plain-not-encoded"),
            pytest.param([b"AUTH PLAIN secret-word"], id="odd-at-once-not-encoded"),
        ],
    )
    def test_a_password_in_the_wrong_form_is_in_no_log(
        self, kind: type[MailServer], kept: Kept, caplog: pytest.LogCaptureFixture, said: list[bytes]
    ) -> None:
        """Of nobody here, however much is written."""
        with (
            caplog.at_level("DEBUG", "cartero"),
            caplog.at_level("DEBUG", "mail.log"),
            serving(kind, kept, users=ana) as server,
            talking(server) as client,
        ):
            for line in said[:-1]:
                assert client.ask(line).startswith(b"334 ")
            assert client.ask(said[-1]) == b"501 5.5.2 expected base64\r\n"

        assert "has come" in caplog.text
        assert "secret-word" not in caplog.text

    def test_a_login_is_no_reason_to_warn(self, kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
        """Not of how a library that is used here is used, at least."""
        with serving(SMTPServer, kept, users=ana) as server, talking(server) as client:
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"235 ")

        assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []

    def test_who_guesses_waits(self) -> None:
        """A second, with a limit on connections, makes guessing slow."""
        assert _session._PAUSE >= 1
        assert _session._MOST_LOGINS <= 5

    def test_where_others_may_listen_it_is_under_tls_alone(self, kept: Kept) -> None:
        """RFC 4954, section 4: no password in the clear."""
        with serving(SMTPServer, kept, host="0.0.0.0", users=ana, tls=SECURE) as server, talking(server) as client:  # noqa: S104 - that is the point
            assert b"AUTH" not in client.ask(b"EHLO me.example")
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"538 ")
            client.ask(b"STARTTLS")
            client.secure(TRUST)
            assert b"AUTH PLAIN LOGIN" in client.ask(b"EHLO me.example")
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"235 ")
            assert sent(client)[0].startswith(b"250 ")

        assert kept.hop.tokens["with"] == "ESMTPSA"

    def test_a_login_before_tls_is_none_within(self, kept: Kept) -> None:
        """RFC 3207, section 4.2: what was learnt before is forgotten."""
        with serving(SMTPServer, kept, users=ana, tls=SECURE) as server, talking(server) as client:
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"235 ")
            client.ask(b"STARTTLS")
            client.secure(TRUST)
            client.ask(b"EHLO me.example")
            client.ask(b"MAIL FROM:<me@example.org>")
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"550 5.7.1")

    def test_in_the_order_of_smtp(self, kept: Kept) -> None:
        """RFC 4954, section 4: behind EHLO, which HELO is not."""
        with serving(SMTPServer, kept, users=ana) as server, Client(server.port) as client:
            client.reply()
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"503 ")
            client.ask(b"HELO me.example")
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"500 ")

    @pytest.mark.parametrize("kind_of_error", [LookupError, SystemExit], ids=["usual", "odd-exit"])
    def test_what_asks_may_fail(
        self, kept: Kept, caplog: pytest.LogCaptureFixture, kind_of_error: type[BaseException]
    ) -> None:
        """RFC 4954, section 6: the client may come again, and is told no more; the log says it."""

        def check(_user: str, _password: str) -> bool:
            raise kind_of_error("the database is gone")

        with serving(SMTPServer, kept, users=check) as server, talking(server) as client:
            reply = client.ask(b"AUTH PLAIN " + PLAIN)
            client.ask(b"MAIL FROM:<me@example.org>")
            assert client.ask(b"RCPT TO:<you@example.org>").startswith(b"550 ")

        assert reply == b"454 4.7.0 nobody can log in now; come again later\r\n"
        assert "the database is gone" in caplog.text

    def test_a_file_that_changes_while_it_runs(
        self, kind: type[MailServer], kept: Kept, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Who is put in can log in; a line that is broken stops all, and is not shown."""
        file = tmp_path / "users"
        file.write_text("# nobody yet\n", encoding="utf-8")
        with serving(kind, kept, users=file) as server, talking(server) as client:
            file.write_text(f"{password_line('ana', SECRET)}\n", encoding="utf-8")
            assert client.ask(b"AUTH PLAIN " + PLAIN).startswith(b"235 ")
            file.write_text("ana:secret-word\n", encoding="utf-8")
            with talking(server) as other:
                assert other.ask(b"AUTH PLAIN " + PLAIN).startswith(b"454 4.7.0 ")

        assert "on line 1 of" in caplog.text
        assert "secret-word" not in caplog.text


class TestRelaying:
    def test_a_domain_of_its_own(self, kept: Kept) -> None:
        """From everybody, and nothing else."""
        with serving(SMTPServer, kept, domains=["example.org"]) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@other.example>")
            replies = [
                client.ask(b"RCPT TO:<%s>" % address)[:9]
                for address in (
                    b"you@example.org",
                    b"you@other.example",
                    b"Postmaster",
                    b"@example.org:x@other.example",
                )
            ]

        assert replies == [b"250 2.1.5", b"550 5.7.1", b"250 2.1.5", b"550 5.7.1"]

    def test_networks(self, kept: Kept) -> None:
        """Beside the domains."""
        settings: dict[str, Any] = {"domains": ["example.org"], "networks": ["127.0.0.0/8"]}
        with serving(SMTPServer, kept, **settings) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@other.example>")
            assert client.ask(b"RCPT TO:<you@other.example>").startswith(b"250 ")


class TestGoodbye:
    def test_it_is_said_once(self, kept: Kept) -> None:
        """However often the session is closed."""

        async def main() -> bytes:
            async with SMTPServer("127.0.0.1", to=kept) as server:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                await reader.readline()
                [session] = server._door.sessions
                session.close()
                session.close()
                said = await reader.read()
                writer.close()
            return said

        assert asyncio.run(main()).count(b"421") == 1


class TestRefusals:
    def test_who_is_refused_all_the_time_is_sent_away(self, kept: Kept) -> None:
        """Somebody tries out addresses, or does not listen."""
        with serving(SMTPServer, kept, domains=["example.org"]) as server, talking(server) as client:
            client.ask(b"MAIL FROM:<me@example.org>")
            for number in range(100):
                assert client.ask(b"RCPT TO:<a%d@example.net>" % number).startswith(b"550 ")

            assert client.ask(b"RCPT TO:<you@example.net>").startswith(b"550 ")
            assert client.reply().startswith(b"421 4.7.0 too many refusals")
