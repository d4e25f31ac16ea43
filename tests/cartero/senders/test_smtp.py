"""Mail over SMTP and LMTP: both senders, against servers that are there."""

from __future__ import annotations

import email
import email.message
import email.policy
import pickle
import socket
import subprocess
import sys
import threading
import time
import traceback
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Self

import pytest

from cartero import (
    DSN,
    TLS,
    AuthenticationFailed,
    BadAddress,
    BadMessage,
    Cancelled,
    CarteroError,
    ConnectError,
    Envelope,
    Limits,
    SendingError,
    SMTPSender,
    Timeouts,
)
from cartero.senders._secret import from_command
from cartero.testing import Drop, FaultyServer, Reset
from cartero.wires.place import Place, describe_failure
from mimekit import FileManager, MIMEMessage, parse, policy
from tests import corpora
from tests.certificates import AUTHORITY
from tests.house.sources import ROOT
from tests.mailservers import NO_SINK, PASSWORD, SECURE, SINK, Inbox, Script, Sink, closing, serve, sleeping
from tests.ports import unused_port
from tests.rich_mail import RICH, rich_message, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cartero import Receipt

    Make = Callable[..., Any]

ELSEWHERE = "127.1"  # this machine, by a name that does not look like it
EXTENSIONS = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")


def mail(number: int = 1, *, to: str = "you@example.org", subject: str = "hello") -> bytes:
    """A ready message."""
    return (
        f"From: me@example.org\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\n"
        f"Message-ID: <{number}@example.org>\r\n\r\n.dot\r\nHello {number}\r\n"
    ).encode()


class TestRoads:
    """The rich message, over each road there is."""

    @pytest.mark.parametrize(
        ("server", "settings"),
        [
            pytest.param({}, {}, id="usual-plain"),
            pytest.param({"starttls": True, "require_starttls": True}, {"tls": "ca"}, id="usual-starttls"),
            pytest.param({"secure": True}, {"tls": "ca", "protocol": "smtps"}, id="usual-smtps"),
            pytest.param({"lmtp": True}, {"protocol": "lmtp"}, id="usual-lmtp"),
            pytest.param({"enable_SMTPUTF8": True}, {}, id="odd-smtputf8"),
            pytest.param({"lmtp": True, "path": "lmtp.sock"}, {"protocol": "lmtp"}, id="odd-lmtp-socket-file"),
        ],
    )
    def test_a_rich_message_arrives_as_it_was_sent(
        self, smtp: Make, server: dict[str, Any], settings: dict[str, Any], tmp_path: Path
    ) -> None:
        """What the server has, another reader reads equal; Bcc is in the envelope alone."""
        inbox = Inbox()
        if "path" in server:
            server = {**server, "path": str(tmp_path / server["path"])}
        if "tls" in settings:
            settings = {**settings, "tls": TLS(ca=AUTHORITY)}

        with serve(inbox, **server) as address:
            receipt = smtp(address, **settings).send(rich_message())

        [mail] = inbox.mails
        assert (mail.sender, mail.recipients) == ("me@example.org", ["you@example.org", "hid@example.org"])
        assert receipt.accepted == ("you@example.org", "hid@example.org")
        assert receipt.recipients["you@example.org"].reply == "queued as 1"
        assert told(mail.octets) == RICH

    @pytest.mark.peer
    @pytest.mark.skipif(SINK is None, reason=NO_SINK)
    @pytest.mark.parametrize("options", [(), ("-L",), ("-p", "-8", "-e")], ids=["smtp", "lmtp", "bare"])
    def test_a_rich_message_arrives_at_a_sink(self, smtp: Make, options: tuple[str, ...], tmp_path: Path) -> None:
        """A server of another house, with extensions and without any."""
        with Sink(tmp_path, *options) as sink:
            smtp(sink.address, protocol="lmtp" if "-L" in options else "smtp").send(rich_message())

        [octets] = sink.messages()
        assert told(octets) == RICH

    def test_lmtp_says_what_became_of_each(self, smtp: Make) -> None:
        """RFC 2033, section 4.2: one reply for each recipient, after the final dot."""
        inbox = Inbox()
        envelope = Envelope("me@example.org", ["full@x.org", "no@x.org", "you@x.org"])

        with serve(inbox, lmtp=True) as address:
            receipt = smtp(address, protocol="lmtp").send(mail(), envelope=envelope)

        assert receipt.accepted == ("you@x.org",)
        assert receipt.refused == {"full@x.org": "the mailbox is full", "no@x.org": "nobody here"}
        assert [outcome.code for outcome in receipt.recipients.values()] == [552, 550, 250]

    def test_a_socket_file_is_named_in_the_receipt(self, tmp_path: Path) -> None:
        """The name is a URL that makes the same sender again."""
        sender = SMTPSender(path=tmp_path / "lmtp", protocol="lmtp")

        assert sender.name == f"lmtp://{tmp_path}/lmtp"


class TestEnvelope:
    """Who it goes to, and what is said of it."""

    def test_some_may_be_refused(self, smtp: Make) -> None:
        """RFC 5321, section 3.3: the message goes to those that were accepted; the receipt says who was not."""
        inbox = Inbox()
        envelope = Envelope("me@x.org", ["no@x.org", "you@x.org", "later@x.org"])

        with serve(inbox) as address:
            receipt = smtp(address).send(mail(), envelope=envelope)

        assert receipt.accepted == ("you@x.org",)
        assert receipt.refused == {"no@x.org": "nobody here", "later@x.org": "try again in 30 seconds"}
        assert [outcome.temporary for outcome in receipt.recipients.values()] == [False, False, True]
        assert inbox.mails[0].recipients == ["you@x.org"]

    def test_where_all_are_refused_there_is_no_receipt(self, smtp: Make) -> None:
        """The error has what the receipt would have had."""
        with serve(Inbox()) as address, pytest.raises(SendingError) as caught:
            smtp(address).send(mail(), envelope=Envelope("me@x.org", ["no@x.org", "later@x.org"]))

        error = caught.value
        assert (error.stage, error.temporary, error.ambiguous) == ("RCPT", True, False)
        assert list(error.recipients) == ["no@x.org", "later@x.org"]
        assert error.refused["no@x.org"] == "nobody here"
        assert error.sender == f"smtp://127.0.0.1:{address.port}"
        assert error.message_id == "<1@example.org>"
        assert error.retry_after == 30

    def test_the_null_path_goes_as_it_is(self, smtp: Make) -> None:
        """RFC 5321, section 4.5.5: a bounce comes from nobody."""
        with Script() as server:
            smtp(server.address).send(mail(), envelope=Envelope("", ["you@x.org"]))

        assert "MAIL FROM:<>" in [line for _, line in server.said]

    def test_a_domain_goes_in_its_ascii_form(self, smtp: Make) -> None:
        """RFC 6531, section 3.2: everybody understands that."""
        with Script("SMTPUTF8", "8BITMIME") as server:
            receipt = smtp(server.address).send(mail(), envelope=Envelope("me@bücher.example", ["you@bücher.example"]))

        assert [line for _, line in server.said][1:3] == [
            "MAIL FROM:<me@xn--bcher-kva.example>",
            "RCPT TO:<you@xn--bcher-kva.example>",
        ]
        assert receipt.accepted == ("you@bücher.example",)

    def test_a_local_part_needs_smtputf8(self, smtp: Make) -> None:
        """RFC 6531, section 3.1: said before MAIL, so that nothing is left half done."""
        with Script(*EXTENSIONS) as server, pytest.raises(BadAddress, match="SMTPUTF8") as caught:
            smtp(server.address).send(mail(), envelope=Envelope("me@x.org", ["jörg@x.org"]))

        assert caught.value.address == "jörg@x.org"
        assert server.verbs() == ["EHLO", "QUIT"]

    def test_a_local_part_goes_where_it_is_understood(self, smtp: Make) -> None:
        """RFC 6531, section 3.4: and MAIL says so."""
        inbox = Inbox()
        with serve(inbox, enable_SMTPUTF8=True) as address:
            smtp(address).send(mail(), envelope=Envelope("me@x.org", ["jörg@bücher.example"]))

        assert inbox.mails[0].recipients == ["jörg@bücher.example"]
        assert "SMTPUTF8" in inbox.mails[0].mail_options

    def test_headers_in_utf8_say_so(self, smtp: Make) -> None:
        """A message written for SMTPUTF8 goes as that where the server can, and in ASCII where not."""
        message = rich_message(policy=policy.SMTPUTF8)

        with Script("SMTPUTF8", "8BITMIME") as utf8, Script("8BITMIME") as plain:
            smtp(utf8.address).send(message)
            smtp(plain.address).send(message)

        assert "SMTPUTF8" in utf8.said[1][1]
        assert "Grüße".encode() in utf8.messages[0]
        assert "SMTPUTF8" not in plain.said[1][1]
        assert told(plain.messages[0]) == RICH

    def test_notifications_are_asked_for(self, smtp: Make) -> None:
        """RFC 3461, section 4: where the server can do it, and of nobody else."""
        dsn = DSN(["failure", "delay"], ret="hdrs", envid="a+b")
        with Script("DSN") as server, Script() as bare:
            smtp(server.address, dsn=dsn).send(mail())
            smtp(bare.address, dsn=dsn).send(mail())

        assert [line for _, line in server.said][1:3] == [
            "MAIL FROM:<me@example.org> RET=HDRS ENVID=a+2Bb",
            "RCPT TO:<you@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;you@example.org",
        ]
        assert bare.said[1][1] == "MAIL FROM:<me@example.org>"

    def test_this_host_says_its_name(self, smtp: Make) -> None:
        """RFC 5321, section 4.1.1.1; or the one it is given."""
        inbox = Inbox()
        with serve(inbox) as address:
            smtp(address, own_name="me.example.org").send(mail())
            smtp(address).send(mail())

        assert inbox.hellos[0] == "me.example.org"
        assert "." in inbox.hellos[1] or inbox.hellos[1].startswith("[")


class TestOctets:
    """What the server has of the message."""

    def test_a_ready_message_goes_as_it_is(self, smtp: Make) -> None:
        """Octet for octet, dots and all."""
        inbox = Inbox()
        with serve(inbox) as address:
            smtp(address).send(mail(), envelope=Envelope("a@x.org", ["b@x.org"]))

        assert inbox.mails[0].octets == mail()

    def test_the_standard_librarys_message_goes_too(self, smtp: Make) -> None:
        """Its addresses make the envelope; it is completed as one of ours is."""
        message = email.message.EmailMessage()
        message["From"], message["To"], message["Bcc"] = "me@x.org", "you@x.org", "hid@x.org"
        message["Subject"] = "Grüße"
        message.set_content("Hörst du?\n", cte="8bit")
        inbox = Inbox()

        with serve(inbox) as address:
            smtp(address).send(message)

        [taken] = inbox.mails
        assert taken.recipients == ["you@x.org", "hid@x.org"]
        read = email.message_from_bytes(taken.octets, policy=email.policy.SMTP)
        assert isinstance(read, email.message.EmailMessage)
        assert (read["Subject"], read["Bcc"], read.get_content().strip()) == ("Grüße", None, "Hörst du?")
        assert read["Message-ID"]

    def test_a_file_that_changes_meanwhile_is_not_sent(self, smtp: Make, tmp_path: Path) -> None:
        """What has gone of the message has no end, so nobody gets it; and the connection is not used again."""
        path = tmp_path / "large.bin"
        path.write_bytes(b"x" * (4 << 20))
        message = MIMEMessage().set_content("see there")
        message["From"], message["To"] = "me@x.org", "you@x.org"
        message.add_attachment(path, content_manager=FileManager)

        def trace(direction: str, line: str) -> None:
            if (direction, line[:3]) == ("<", "354"):
                path.write_bytes(b"y")

        with Script(*EXTENSIONS) as server, smtp(server.address, trace=trace) as sender:
            with pytest.raises(BadMessage):
                sender.send(message)
            sender.send(mail(2))

        assert server.messages == [mail(2)]
        assert server.connection_count == 2

    def test_a_line_feed_becomes_a_line_end(self, smtp: Make) -> None:
        """RFC 5321, section 2.3.8: on the wire there is no other."""
        inbox = Inbox()
        with serve(inbox) as address:
            smtp(address).send(mail().replace(b"\r\n", b"\n") + b"no end", envelope=Envelope("a@x.org", ["b@x.org"]))

        assert inbox.mails[0].octets == mail() + b"no end\r\n"

    def test_a_lone_carriage_return_is_refused_with_its_place(self, smtp: Make) -> None:
        """What hides a second message is not sent. Before MAIL."""
        octets = mail() + b"one\r.\r\nMAIL FROM:<evil@x.org>\r\n"
        with Script() as server, pytest.raises(BadMessage, match=rf"at octet {len(mail()) + 3}\b.*repair=True"):
            smtp(server.address).send(octets, envelope=Envelope("a@x.org", ["b@x.org"]))

        assert "MAIL" not in server.verbs()

    def test_a_lone_carriage_return_can_be_repaired(self, smtp: Make) -> None:
        """Then it is a line end; and the dot behind it, the first of its line."""
        with Script() as server:
            smtp(server.address, repair=True).send(mail() + b"one\r.\r\n", envelope=Envelope("a@x.org", ["b@x.org"]))

        [octets] = server.messages
        assert octets.endswith(b"one\r\n.\r\n")

    @pytest.mark.parametrize("chunking", [True, False])
    def test_chunks_are_used_where_they_can_be(self, smtp: Make, chunking: bool) -> None:
        """RFC 3030: no dots are doubled. It can be switched off, for servers that only say they can."""
        with Script("CHUNKING", *EXTENSIONS) as server:
            smtp(server.address, chunking=chunking).send(mail())

        assert ("BDAT" in server.verbs()) is chunking
        assert server.messages == [mail()]

    def test_what_is_too_large_is_not_sent(self, smtp: Make) -> None:
        """RFC 1870, section 6.1: said before MAIL."""
        with Script("SIZE 100") as server, pytest.raises(SendingError, match=r"has \d+ octets, .* takes 100") as caught:
            smtp(server.address).send(mail())

        assert server.verbs() == ["EHLO", "QUIT"]
        assert (caught.value.stage, caught.value.temporary) == ("SIZE", False)
        assert list(caught.value.refused) == ["you@example.org"]

    def test_the_size_is_said(self, smtp: Make) -> None:
        """RFC 1870, section 6: the server can refuse at once."""
        with Script("SIZE 0") as server:
            smtp(server.address).send(mail())

        assert server.said[1][1] == f"MAIL FROM:<me@example.org> SIZE={len(mail())}"

    @pytest.mark.parametrize("extension", ["CHUNKING", "PIPELINING"])
    def test_it_is_that_of_what_arrives(self, smtp: Make, extension: str) -> None:
        """RFC 1870, section 5: with the line end that the last line did not have."""
        with Script("SIZE 0", extension) as server:
            smtp(server.address).send(mail() + b"\r\n.Bye")

        [message] = server.messages
        assert message == mail() + b"\r\n.Bye\r\n"
        assert server.said[1][1] == f"MAIL FROM:<me@example.org> SIZE={len(message)}"

    def test_8_bit_octets_are_announced(self, smtp: Make) -> None:
        """RFC 6152, section 3."""
        octets = mail() + "Grüße\r\n".encode()
        with Script("8BITMIME") as server:
            smtp(server.address).send(octets, envelope=Envelope("a@x.org", ["b@x.org"]))

        assert server.said[1][1] == "MAIL FROM:<a@x.org> BODY=8BITMIME"
        assert server.messages[0].endswith("Grüße\r\n".encode())

    def test_8_bit_octets_are_encoded_where_they_must(self, smtp: Make) -> None:
        """RFC 6152, section 3: for a server that takes none; and the text stays the same."""
        head = mail().replace(b"Subject", b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nSubject")
        with Script() as server:
            smtp(server.address).send(head + "Grüße\r\n".encode(), envelope=Envelope("a@x.org", ["b@x.org"]))

        [octets] = server.messages
        assert octets.isascii()
        assert email.message_from_bytes(octets, policy=email.policy.SMTP).get_content().endswith("Grüße\r\n")

    @pytest.mark.parametrize("call", ["SMTPSender({}).send(message)", "asyncio.run(AsyncSMTPSender({}).send(message))"])
    def test_a_large_file_goes_in_little_memory(self, call: str, tmp_path: Path) -> None:
        """64 MB by its path, in a process of its own: no copy of it, nor of what it is encoded to."""
        path = tmp_path / "large.bin"
        with path.open("wb") as file:
            for number in range(64):
                file.write(bytes([number]) * (1 << 20))
        script = """
import asyncio, resource, sys, tracemalloc
from cartero import SMTPSender
from cartero.aio import AsyncSMTPSender
from mimekit import FileManager, MIMEMessage
message = MIMEMessage()
message["From"], message["To"] = "me@example.org", "you@example.org"
message.set_content("see there")
message.add_attachment(sys.argv[1], content_manager=FileManager)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tracemalloc.start()
CALL
print(tracemalloc.get_traced_memory()[1], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""
        with Counting() as server:
            done = subprocess.run(
                [sys.executable, "-c", script.replace("CALL", call.format(f"'127.0.0.1', {server.port}")), str(path)],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            )

        traced, resident = map(int, done.stdout.split())
        assert server.octet_count > 64 * (1 << 20) * 4 / 3
        assert traced < 8 * (1 << 20)
        assert resident < 32 * (1 << 20)


class Counting:
    """A server that takes one message, and keeps nothing of it but the count of its octets."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.octet_count = 0
        self._thread = threading.Thread(target=self._take)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(60)
        self._listener.close()

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for reply in (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
                if reply[:3] != b"220":
                    connection.recv(1000)
                connection.sendall(reply)
            end = b""
            while not end.endswith(b"\r\n.\r\n"):
                piece = connection.recv(1 << 20)
                self.octet_count += len(piece)
                end = (end + piece)[-5:]
            connection.sendall(b"250 taken\r\n")
            connection.recv(100)
            connection.sendall(b"221 bye\r\n")


class TestConnections:
    """How many there are, and for how long."""

    def test_without_with_each_message_has_its_own(self, smtp: Make) -> None:
        """Whoever forgets ``with`` pays for it, and leaves nothing open."""
        with Script(*EXTENSIONS) as server:
            sender = smtp(server.address)
            sender.send(mail(1))
            sender.send(mail(2))

        assert server.connection_count == 2
        assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"] * 2

    def test_with_keeps_one(self, smtp: Make) -> None:
        """One connection, and a goodbye at its end."""
        with Script(*EXTENSIONS) as server, smtp(server.address) as sender:
            sender.send(mail(1))
            sender.send(mail(2))

        assert server.connection_count == 1
        assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "QUIT"]

    def test_one_takes_so_many_messages(self, smtp: Make) -> None:
        """Then there is another one, for servers that want it so."""
        with Script(*EXTENSIONS) as server, smtp(server.address, limits=Limits(messages=2)) as sender:
            for number in range(5):
                sender.send(mail(number))

        assert [server.verbs(one).count("MAIL") for one in range(3)] == [2, 2, 1]

    def test_one_that_waited_long_is_not_used_again(self, smtp: Make) -> None:
        """What a server or a router between has forgotten is not found out the slow way."""
        with Script(*EXTENSIONS) as server, smtp(server.address, limits=Limits(idle=0.05)) as sender:
            sender.send(mail(1))
            time.sleep(0.1)
            sender.send(mail(2))

        assert server.connection_count == 2
        assert server.verbs(0)[-1] == "QUIT"

    @pytest.mark.parametrize("farewell", [b"", b"421 4.4.2 idle for too long\r\n"], ids=["silent", "421"])
    def test_one_that_was_closed_is_replaced_without_a_word(self, smtp: Make, farewell: bytes) -> None:
        """RFC 5321, section 3.8: a server may close when it wants; nothing was sent, so nothing is lost."""
        with (
            Script(*EXTENSIONS, dot=[closing(b"250 ok\r\n" + farewell), b"250 ok\r\n"]) as server,
            smtp(server.address) as sender,
        ):
            sender.send(mail(1))
            time.sleep(0.1)
            receipt = sender.send(mail(2))

        assert receipt.accepted == ("you@example.org",)
        assert (server.connection_count, len(server.messages)) == (2, 2)

    @pytest.mark.parametrize("extensions", [EXTENSIONS, ()], ids=["pipelined", "step by step"])
    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA"])
    @pytest.mark.parametrize("answer", [None, closing(b"421 4.3.2 going down\r\n")], ids=["silent", "421"])
    def test_one_that_dies_before_the_message_is_replaced(
        self, smtp: Make, event: str, answer: Any, extensions: tuple[str, ...]
    ) -> None:
        """It may be found out only when it is used; nothing was sent."""
        positive = b"354 go\r\n" if event == "DATA" else b"250 ok\r\n"
        table: dict[str, Any] = {event: [positive, answer, positive]}
        with Script(*extensions, **table) as server, smtp(server.address) as sender:
            sender.send(mail(1))
            receipt = sender.send(mail(2))

        assert receipt.accepted == ("you@example.org",)
        assert (server.connection_count, server.messages) == (2, [mail(1), mail(2)])

    @pytest.mark.parametrize(
        "death", [Drop(), Reset(), (b"421 4.3.2 going down", Drop())], ids=["closed", "reset", "421"]
    )
    @pytest.mark.parametrize("event", ["MAIL", "RCPT", "DATA"])
    @pytest.mark.parametrize("secure", [True, False], ids=["smtps", "starttls"])
    def test_one_under_tls_that_dies_is_replaced_too(self, smtp: Make, event: str, death: Any, secure: bool) -> None:
        """It breaks in other ways, which say the same."""
        script = {event: [None, death, None]}
        with FaultyServer(script, tls=SECURE, implicit_tls=secure) as server:
            sender = smtp(
                "127.0.0.1", server.port, protocol="smtps" if secure else "smtp", tls=TLS(ca=AUTHORITY), chunking=False
            )
            with sender:
                sender.send(mail(1))
                sender.send(mail(2))

        assert [octets for _, octets in server.accepted] == [mail(1), mail(2)]
        assert len(server.connections) == 2

    def test_all_that_were_kept_may_have_died(self) -> None:
        """A server that was restarted closed each; the message goes all the same."""
        gate = threading.Barrier(3, timeout=10)

        def together(connection: socket.socket) -> bool:
            gate.wait()
            connection.sendall(b"250 ok\r\n")
            return True

        with Script(
            *EXTENSIONS, dot=[together] * 3 + [b"250 ok\r\n"], MAIL=[b"250 ok\r\n"] * 3 + [None] * 3 + [b"250 ok\r\n"]
        ) as server:
            sender = SMTPSender(server.address.host, server.address.port)
            with sender:
                threads = [threading.Thread(target=sender.send, args=(mail(one),)) for one in range(3)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                receipt = sender.send(mail(4))

        assert receipt.accepted == ("you@example.org",)
        assert (server.connection_count, len(server.messages)) == (4, 4)

    @pytest.mark.parametrize("answer", [None, closing(b"421 4.3.2 going down\r\n")], ids=["silent", "421"])
    def test_a_new_one_that_dies_is_an_error(self, smtp: Make, answer: Any) -> None:
        """A server that always does so is not asked for ever."""
        with Script(*EXTENSIONS, MAIL=answer) as server, pytest.raises(SendingError) as caught:
            smtp(server.address).send(mail())

        assert (caught.value.stage, caught.value.temporary, caught.value.ambiguous) == ("MAIL", True, False)
        assert server.connection_count == 1

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(None, id="usual-closed"),
            pytest.param(sleeping(0.5), id="usual-silent"),
            pytest.param(b"what?\r\n", id="hostile-no-reply"),
        ],
    )
    def test_nothing_is_sent_twice_that_may_have_arrived(self, smtp: Make, answer: Any) -> None:
        """RFC 1047: behind the final dot nobody knows; whoever is told can decide."""
        with (
            Script(*EXTENSIONS, dot=[b"250 ok\r\n", answer]) as server,
            smtp(server.address, timeouts=Timeouts(final=0.2)) as sender,
        ):
            sender.send(mail(1))
            with pytest.raises(SendingError) as caught:
                sender.send(mail(2))

        assert (caught.value.stage, caught.value.ambiguous, caught.value.temporary) == ("dot", True, False)
        assert "it may have been delivered all the same" in str(caught.value)
        assert (server.connection_count, len(server.messages)) == (1, 2)

    def test_a_refusal_leaves_it_usable(self, smtp: Make) -> None:
        """RFC 5321, section 4.1.1.5: RSET ends what came to nothing."""
        inbox = Inbox()
        with serve(inbox) as address, smtp(address) as sender:
            for one in (mail(1, to="no@x.org"), mail(2, subject="spam")):
                with pytest.raises(SendingError):
                    sender.send(one)
            sender.send(mail(3))

        assert inbox.connection_count == 1
        assert inbox.mails[-1].octets == mail(3)

    def test_its_rate_is_kept(self, smtp: Make) -> None:
        """So many messages begin in a second."""
        with Script(*EXTENSIONS) as server:
            start = time.monotonic()
            receipts = list(smtp(server.address, limits=Limits(rate=4)).send_all([mail(1), mail(2)]))
            took = time.monotonic() - start

        assert len(receipts) == 2
        assert 0.25 <= took < 5

    def test_threads_share_a_sender(self) -> None:
        """Each message has a connection to itself; there are no more than was said, and they are used again."""
        inbox = Inbox("PIPELINING")
        with serve(inbox) as address:
            sender = SMTPSender(address.host, address.port, limits=Limits(connections=3))
            errors: list[Exception] = []

            def work(first: int) -> None:
                try:
                    for number in range(first, first + 10):
                        sender.send(mail(number, to=f"you{number}@example.org"))
                except CarteroError as error:
                    errors.append(error)

            with sender:
                threads = [threading.Thread(target=work, args=(10 * one,)) for one in range(8)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()

        assert errors == []
        assert inbox.connection_count <= 3
        assert len({one.octets for one in inbox.mails}) == len(inbox.mails) == 80
        assert all(f"To: {one.recipients[0]}\r\n".encode() in one.octets for one in inbox.mails)

    def test_a_place_is_free_again_when_connecting_fails(self, smtp: Make) -> None:
        """A server that comes back finds the sender as it was."""
        with Script(connect=[b"554 no\r\n"] * 2 + [b"220 hi\r\n"]) as server:
            sender = smtp(server.address, limits=Limits(connections=1))
            for _ in range(2):
                with pytest.raises(ConnectError):
                    sender.send(mail())
            assert sender.send(mail())

    def test_who_waits_for_a_place_that_never_comes_free_is_told(self) -> None:
        """One more between the receipts of `send_all` needs one more; no program is to hang for ever."""
        limits, timeouts = Limits(connections=1), Timeouts(final=0.3)
        with (
            Script() as server,
            SMTPSender(server.address.host, server.address.port, limits=limits, timeouts=timeouts) as sender,
        ):
            receipts = sender.send_all([mail(1), mail(2)])
            next(receipts)
            with pytest.raises(ConnectError, match="no connection came free: 1 may be open, and 1 are in use"):
                sender.send(mail(3))
            assert len(list(receipts)) == 1

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    def test_an_interrupted_talk_is_not_gone_on_with(self, kind: type[BaseException]) -> None:
        """Who interrupts a message may send another one: not into the middle of the first."""
        interrupts = [True]

        def trace(direction: str, line: str) -> None:
            if (direction, line[:3]) == ("<", "354") and interrupts:
                interrupts.clear()
                raise kind

        with Script(*EXTENSIONS) as server, SMTPSender(server.address.host, server.address.port, trace=trace) as sender:
            with pytest.raises(kind):
                sender.send(mail(1))
            sender.send(mail(2))

        assert server.messages == [mail(2)]
        assert server.connection_count == 2


class TestSendAll:
    """Many messages, one after the other."""

    def test_all_go_over_one_connection(self, smtp: Make) -> None:
        """A receipt each, in their order; each envelope rides with the end of the message in front of it."""
        inbox = Inbox("PIPELINING")
        spoken: list[str] = []

        with serve(inbox) as address:
            sender = smtp(address, trace=lambda direction, line: spoken.append(direction + line))
            receipts = list(sender.send_all([mail(one) for one in range(5)]))

        assert [receipt.message_id for receipt in receipts] == [f"<{one}@example.org>" for one in range(5)]
        assert [one.octets for one in inbox.mails] == [mail(one) for one in range(5)]
        assert inbox.connection_count == 1
        # RFC 2920 3.1: the next envelope goes where "go on" was the last that was heard
        heard = [spoken[at - 1][:4] for at, line in enumerate(spoken) if line.startswith(">MAIL")]
        assert heard == ["<250", *["<354"] * 4]

    def test_receipts_come_as_they_are_had(self, smtp: Make) -> None:
        """At the first of them, no other message has gone."""
        with Script(*EXTENSIONS) as server:
            receipts = smtp(server.address).send_all([mail(1), mail(2)])
            assert server.connection_count == 0
            next(receipts)
            assert len(server.messages) == 1
            next(receipts)
            assert len(server.messages) == 2
            receipts.close()

    def test_who_stops_early_leaves_nothing_half_sent(self, smtp: Make) -> None:
        """The envelope that rode ahead comes to nothing, and QUIT is not taken for the text of the message."""
        inbox = Inbox("PIPELINING")
        with serve(inbox) as address:
            receipts = smtp(address).send_all(mail(one) for one in range(5))
            next(receipts)
            start = time.monotonic()
            receipts.close()
            took = time.monotonic() - start

        assert [one.octets for one in inbox.mails] == [mail(0)]
        assert took < 1

    @pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelined", "step by step"])
    def test_those_that_are_refused_do_not_stop_the_others(self, smtp: Make, extensions: tuple[str, ...]) -> None:
        """``on_failure`` is told of each; the rest goes over the same connection."""
        inbox = Inbox(*extensions)
        messages: list[Any] = [
            mail(0),
            mail(1, to="no@x.org"),
            mail(2, subject="spam"),
            (mail(3), Envelope("a@x.org", ["no@x.org", "b@x.org"])),
            mail(5) + b"lone\rhere",
            b"Subject: to nobody\r\n\r\n",
            mail(6),
        ]
        failed: list[tuple[Any, str]] = []

        with serve(inbox) as address:
            receipts = list(
                smtp(address).send_all(
                    messages, on_failure=lambda one, error: failed.append((one, type(error).__name__))
                )
            )

        assert [receipt.accepted for receipt in receipts] == [("you@example.org",), ("b@x.org",), ("you@example.org",)]
        assert failed == [
            (messages[1], "SendingError"),
            (messages[2], "SendingError"),
            (messages[4], "BadMessage"),
            (messages[5], "BadEnvelope"),
        ]
        assert [one.octets for one in inbox.mails if b"spam" not in one.octets] == [mail(0), mail(3), mail(6)]
        assert inbox.connection_count == 1

    def test_without_on_failure_the_first_error_ends_it(self, smtp: Make) -> None:
        """What was sent is sent; what stood behind it is not."""
        inbox = Inbox("PIPELINING")
        done: list[Receipt] = []
        with serve(inbox) as address, pytest.raises(SendingError) as caught:
            done.extend(smtp(address).send_all([mail(1), mail(2, to="no@x.org"), mail(3)]))

        assert [receipt.message_id for receipt in done] == ["<1@example.org>"]
        assert caught.value.message_id == "<2@example.org>"
        assert [one.octets for one in inbox.mails] == [mail(1)]

    def test_a_connection_that_dies_between_two_is_replaced(self, smtp: Make) -> None:
        """The envelope that rode ahead was lost with it, and is said again."""
        dot = [closing(b"250 ok\r\n421 4.7.0 enough\r\n"), b"250 ok\r\n"]
        with Script(*EXTENSIONS, dot=dot) as server:
            receipts = list(smtp(server.address).send_all([mail(1), mail(2), mail(3)]))

        assert len(receipts) == 3
        assert server.messages == [mail(1), mail(2), mail(3)]
        assert server.connection_count == 2

    def test_one_message_may_be_changed_into_the_next(self, smtp: Make) -> None:
        """A mail merge does so; each gets what was meant for it, though the next is asked for before it goes."""
        message = parse(mail())

        def letters() -> Iterator[MIMEMessage]:
            for name in ("ana", "bo", "cy"):
                del message["To"]
                message["To"] = f"{name}@example.org"
                message.set_content(f"Hello {name}")
                yield message

        inbox = Inbox("PIPELINING")
        with serve(inbox) as address:
            list(smtp(address).send_all(letters()))

        got = [(one.recipients[0].split("@")[0], str(parse(one.octets).get_content()).strip()) for one in inbox.mails]
        assert got == [("ana", "Hello ana"), ("bo", "Hello bo"), ("cy", "Hello cy")]

    def test_what_was_given_before_an_error_of_yours_is_sent(self, smtp: Make) -> None:
        """The error comes behind the receipt of the message that stood in front of it."""

        def letters() -> Iterator[bytes]:
            yield mail(1)
            raise LookupError("no more")

        done: list[Receipt] = []
        with Script(*EXTENSIONS) as server, pytest.raises(LookupError):
            done.extend(smtp(server.address).send_all(letters()))

        assert len(done) == len(server.messages) == 1

    def test_hooks_are_called(self, smtp: Make) -> None:
        """For each message: before it is sent, and with what became of it."""
        inbox = Inbox("PIPELINING")
        told: list[tuple[str, str]] = []

        def before(one: Any) -> Any:
            if one.message_id == "<2@example.org>":
                raise Cancelled("not this one")
            return one.replace(envelope=one.envelope.replace(sender="bounce@x.org"))

        with serve(inbox) as address:
            sender = smtp(address)
            sender.sender.before_send.append(before)
            sender.sender.after_send.append(lambda one, result: told.append((one.message_id, type(result).__name__)))
            failed: list[str] = []
            messages = [mail(1), mail(2), mail(3, to="no@x.org"), mail(4)]
            list(sender.send_all(messages, on_failure=lambda _, error: failed.append(type(error).__name__)))

        # what is not let go is told when its turn to be prepared comes
        assert told == [
            ("<2@example.org>", "Cancelled"),
            ("<1@example.org>", "Receipt"),
            ("<3@example.org>", "SendingError"),
            ("<4@example.org>", "Receipt"),
        ]
        assert failed == ["Cancelled", "SendingError"]
        assert {one.sender for one in inbox.mails} == {"bounce@x.org"}

    def test_each_connection_takes_its_share(self, smtp: Make) -> None:
        """No envelope rides ahead of a message that goes over another one."""
        with Script(*EXTENSIONS) as server:
            list(smtp(server.address, limits=Limits(messages=2)).send_all([mail(one) for one in range(5)]))

        assert [server.verbs(one) for one in range(2)] == [["EHLO", *["MAIL", "RCPT", "DATA"] * 2, "QUIT"]] * 2
        assert server.messages == [mail(one) for one in range(5)]

    def test_other_mail_may_go_meanwhile(self, smtp: Make) -> None:
        """It has a connection of its own."""
        inbox = Inbox("PIPELINING")
        with serve(inbox) as address:
            sender = smtp(address)
            for number, _ in enumerate(sender.send_all([mail(1), mail(2)])):
                sender.send(mail(10 + number))

        assert sorted(one.octets for one in inbox.mails) == sorted(mail(one) for one in (1, 2, 10, 11))


class TestWhatGoesWrong:
    """What users will meet: each error says what was found and what to do."""

    def refusal(self, sender: Any) -> CarteroError:
        """What it raises; one line that names the sender."""
        with pytest.raises(CarteroError) as caught:
            sender.send(mail())
        text = str(caught.value)
        assert "\n" not in text
        assert sender.name in text
        assert pickle.loads(pickle.dumps(caught.value)).__dict__ == caught.value.__dict__  # noqa: S301 - our own
        assert getattr(caught.value, "message_id", "") == "<1@example.org>"
        return caught.value

    def test_nothing_listens(self, smtp: Make) -> None:
        """A wrong port, or a server that is down."""
        port = unused_port()

        error = self.refusal(smtp("127.0.0.1", port))

        assert f"nothing listens at 127.0.0.1:{port}: is the port right?" in str(error)
        assert isinstance(error, ConnectError)
        assert (error.stage, error.temporary) == ("connect", True)

    def test_nothing_listens_at_any_address(self, smtp: Make) -> None:
        """A name that has two, such as this one may."""
        port = unused_port()

        assert f"nothing listens at localhost:{port}" in str(self.refusal(smtp("localhost", port)))

    def test_nothing_answers(self, smtp: Make) -> None:
        """A firewall that drops what it does not like; here, a server that accepts no more."""
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
            port = listener.getsockname()[1]
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            error = self.refusal(smtp("127.0.0.1", port, timeouts=Timeouts(connect=0.2)))
            for one in waiting:
                one.close()

        assert f"127.0.0.1:{port} does not answer" in str(error)
        assert isinstance(error, ConnectError)
        assert (error.stage, error.temporary) == ("connect", True)

    def test_a_port_that_is_blocked_is_known_for_it(self) -> None:
        """RFC 6409, section 3.1: mail is handed in elsewhere."""
        assert describe_failure(TimeoutError(), Place("mx", 25)).startswith("mx:25 does not answer; many networks")

    def test_no_such_host(self, smtp: Make) -> None:
        """RFC 6761, section 6.4: this name exists nowhere."""
        error = self.refusal(smtp("mail.invalid", tls="off"))

        assert "mail.invalid" in str(error)
        assert isinstance(error, ConnectError)
        assert error.stage == "resolve"

    @pytest.mark.parametrize("host", ["mail..example", "x" * 64, "b\xfcc\u0140\u200bher"])
    def test_no_host_can_be_called_so(self, smtp: Make, host: str) -> None:
        """RFC 1035, section 2.3.4: said as any other host that is not there."""
        error = self.refusal(smtp(host, tls="off"))

        assert "no host can be called" in str(error)
        assert isinstance(error, ConnectError)
        assert error.stage == "resolve"

    def test_no_such_socket_file(self, smtp: Make, tmp_path: Path) -> None:
        """The path is named."""
        error = self.refusal(smtp(path=tmp_path / "lmtp", protocol="lmtp"))

        assert f"cannot connect to {tmp_path}/lmtp: No such file" in str(error)

    def test_tls_at_once_to_a_server_that_begins_it_later(self, smtp: Make) -> None:
        """smtps: where smtp: is right."""
        with serve(Inbox(), starttls=True) as address:
            error = self.refusal(smtp(address, protocol="smtps", tls=TLS(ca=AUTHORITY)))

        assert "does not speak TLS at once (smtp: begins it by STARTTLS, smtps: at once)" in str(error)
        assert isinstance(error, ConnectError)
        assert (error.stage, error.temporary) == ("TLS", False)

    def test_no_tls_to_a_server_that_speaks_it_at_once(self, smtp: Make) -> None:
        """smtp: where smtps: is right: both wait for the other to begin."""
        with serve(Inbox(), secure=True) as address:
            error = self.refusal(smtp(address, tls=TLS(ca=AUTHORITY), timeouts=Timeouts(connect=0.2)))

        assert "did not answer in time" in str(error)
        assert "smtps:" in str(error)
        assert isinstance(error, ConnectError)
        assert (error.stage, error.temporary) == ("greeting", True)

    def test_a_server_that_says_nothing_more(self, smtp: Make) -> None:
        """Each command has its time."""
        with Script(MAIL=sleeping(0.5)) as server:
            error = self.refusal(smtp(server.address, timeouts=Timeouts(command=0.1)))

        assert isinstance(error, SendingError)
        assert (error.stage, error.temporary, error.ambiguous) == ("MAIL", True, False)

    @pytest.mark.parametrize("protocol", ["smtp", "smtps"])
    def test_a_certificate_nobody_knows(self, smtp: Make, protocol: str) -> None:
        """The error names whose it is, and what to say to believe it."""
        with serve(Inbox(), secure=protocol == "smtps", starttls=protocol == "smtp") as address:
            error = self.refusal(smtp(address, protocol=protocol, tls="require"))

        assert "not to be trusted as 127.0.0.1" in str(error)
        assert "ca= or fingerprint=" in str(error)
        assert isinstance(error, ConnectError)
        assert (error.stage, error.temporary) == ("TLS", False)

    def test_a_certificate_for_somebody_else(self, smtp: Make) -> None:
        """Both names stand there."""
        with serve(Inbox(), secure=True) as address:
            error = self.refusal(smtp(address, protocol="smtps", tls=TLS(ca=AUTHORITY, server_name="mail.example.org")))

        assert "not to be trusted as mail.example.org" in str(error)

    def test_tls_is_required_of_a_server_that_has_none(self, smtp: Make) -> None:
        """RFC 3207, section 6: somebody may have taken the offer out."""
        with serve(Inbox()) as address:
            error = self.refusal(smtp(address, tls="require"))

        assert "the server does not offer STARTTLS (tls=off" in str(error)

    def test_a_wrong_password(self, smtp: Make) -> None:
        """It is tried once: a second time may lock the account."""
        with serve(Inbox(), starttls=True) as address:
            error = self.refusal(smtp(address, user="me", password="wr0ng-pass", tls=TLS(ca=AUTHORITY)))

        assert isinstance(error, AuthenticationFailed)
        assert "the server does not take these credentials" in str(error)
        assert error.code == 535

    @pytest.mark.parametrize(
        "reply", [b"530 5.7.0 Must issue a STARTTLS command first\r\n", b"530 5.7.0 Authentication required\r\n"]
    )
    def test_a_server_that_wants_something_first(self, smtp: Make, reply: bytes) -> None:
        """RFC 4954, section 6, and RFC 3207, section 4: 530, and what to do about it."""
        with Script(MAIL=reply) as server:
            error = self.refusal(smtp(server.address))

        assert "user= and password=, or tls=" in str(error)
        assert reply[10:].decode().strip() in str(error)


class TestSecrets:
    """Nobody sees them but the server."""

    def test_a_login(self, smtp: Make) -> None:
        """Text, or a function that is asked for each connection."""
        inbox = Inbox()
        asked = []

        def password() -> str:
            asked.append(1)
            return PASSWORD

        with serve(inbox, starttls=True) as address:
            for secret in (PASSWORD, password):
                sender = smtp(address, user="me@x.org", password=secret, tls=TLS(ca=AUTHORITY))
                sender.send(mail())
                sender.send(mail())

        assert [one.login for one in inbox.mails] == ["me@x.org"] * 4
        assert len(asked) == 2

    @pytest.mark.parametrize("is_right", [True, False])
    @pytest.mark.parametrize("auth", [None, "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"])
    @pytest.mark.parametrize("how", ["text", "function", "command"])
    def test_no_trace_and_no_error_shows_it(
        self, smtp: Make, auth: str | None, how: str, is_right: bool, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither as it is nor in base64."""
        secret = PASSWORD if is_right else PASSWORD + "x"
        given = {"text": secret, "function": lambda: secret, "command": from_command(f"echo {secret}")}[how]
        kind = "token" if auth in {"XOAUTH2", "OAUTHBEARER"} else "password"
        seen: list[str] = []
        with FaultyServer(users={"me": PASSWORD}) as server:
            sender = smtp(
                "127.0.0.1",
                server.port,
                user="me",
                auth=auth,
                trace=lambda direction, line: seen.append(direction + line),
                **{kind: given},
            )
            seen += [repr(sender), sender.name, repr(vars(sender.sender))]
            try:
                seen.append(repr(sender.send(mail())))
            except AuthenticationFailed as error:
                assert not is_right
                seen += [str(error), repr(error), repr(pickle.dumps(error)), *traceback.format_exception(error)]

        assert len(server.accepted) == is_right
        shown = "\n".join([*seen, caplog.text])
        assert ">AUTH" in shown
        assert secret not in shown
        for before in ("", "\0me\0", "me ", "user=me\x01auth=Bearer ", "n,a=me,\x01auth=Bearer "):
            assert b64(before + secret) not in shown

    @pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
    def test_a_token_is_fetched_for_each_connection(self, smtp: Make, mechanism: str) -> None:
        """RFC 7628, section 3.1: it is valid for an hour or so; the function knows when to fetch another."""
        asked = []

        def access_token() -> str:
            asked.append(1)
            return "ya29.a0Af"

        with FaultyServer(users={"me@gmail.example": "ya29.a0Af"}, mechanisms=[mechanism, "PLAIN"]) as server:
            sender = smtp("127.0.0.1", server.port, user="me@gmail.example", token=access_token)
            sender.send(mail(1))
            with sender:
                sender.send(mail(2))
                sender.send(mail(3))

        assert len(server.accepted) == 3
        assert len(asked) == 2

    @pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
    def test_a_token_that_has_expired_is_tried_once(self, smtp: Make, mechanism: str) -> None:
        """RFC 7628, section 3.2.3: the server says why, and then no."""
        with (
            FaultyServer(users={"me": "new"}, mechanisms=[mechanism]) as server,
            pytest.raises(AuthenticationFailed) as caught,
        ):
            smtp("127.0.0.1", server.port, user="me", token="old").send(mail())

        assert (caught.value.code, caught.value.temporary, caught.value.stage) == (535, False, "AUTH")
        assert server.accepted == []

    @pytest.mark.parametrize("mode", ["require", "opportunistic"])
    def test_who_is_known_is_told_the_password(self, smtp: Make, mode: Any) -> None:
        """Under TLS with a certificate that is believed, nobody else hears it."""
        with FaultyServer(tls=SECURE, users={"me": PASSWORD}, mechanisms=["PLAIN"]) as server:
            tls = TLS(mode, ca=AUTHORITY, server_name="localhost")
            smtp(ELSEWHERE, server.port, user="me", password=PASSWORD, tls=tls).send(mail())

        assert server.accepted

    def test_who_may_be_anybody_is_not_told_the_password(self, smtp: Make) -> None:
        """TLS with any certificate may be with somebody in the middle; a mechanism that shows nothing is used there."""
        login: dict[str, Any] = {"user": "me", "password": PASSWORD, "tls": "opportunistic"}
        with FaultyServer(tls=SECURE, users={"me": PASSWORD}, mechanisms=["PLAIN", "LOGIN"]) as server:
            with pytest.raises(AuthenticationFailed, match="PLAIN would show the secret to others"):
                smtp(ELSEWHERE, server.port, **login).send(mail())
            assert server.accepted == []
            smtp(ELSEWHERE, server.port, **login, auth="PLAIN").send(mail())

        with FaultyServer(tls=SECURE, users={"me": PASSWORD}, mechanisms=["PLAIN", "CRAM-MD5"]) as other:
            smtp(ELSEWHERE, other.port, **login).send(mail())

        assert (len(server.accepted), len(other.accepted)) == (1, 1)

    def test_a_function_that_fails_sends_nothing(self, smtp: Make) -> None:
        """One ``except CarteroError`` is enough; the next message finds everything as it was."""
        answers: list[Any] = [LookupError("no token in the drawer"), 3, PASSWORD]

        def password() -> str:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]  # the mistake

        with FaultyServer(users={"me": PASSWORD}) as server:
            sender = smtp("127.0.0.1", server.port, user="me", password=password, limits=Limits(connections=1))
            with pytest.raises(ConnectError, match="the password or token cannot be fetched: LookupError") as caught:
                sender.send(mail())
            with pytest.raises(ConnectError, match="expected a password or token as text, found int"):
                sender.send(mail())
            sender.send(mail())

        assert len(server.accepted) == 1
        assert (caught.value.stage, type(caught.value.__cause__)) == ("AUTH", LookupError)
        assert "drawer" not in str(caught.value)


def b64(text: str) -> str:
    """*text* as it goes over the wire, without what may depend on what follows it."""
    return b64encode(text.encode()).decode().rstrip("=")[:-1]


@pytest.mark.corpus
def test_every_real_message_arrives_unharmed(smtp: Make) -> None:
    """As it was, after canonical line ends; what holds a lone carriage return is refused before MAIL, and repaired."""
    inbox, envelope = Inbox(), Envelope("a@x.org", ["b@x.org"])
    sent: list[bytes] = []
    refused = 0
    with (
        serve(inbox, data_size_limit=1 << 27, enable_SMTPUTF8=True) as address,
        smtp(address) as sender,
        smtp(address, repair=True) as repairing,
    ):
        for real in corpora.required_messages():
            octets = real.octets
            canonical = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
            if max(map(len, canonical.split(b"\n"))) > 900:
                continue  # aiosmtpd takes no lines as long as these
            try:
                sender.send(octets, envelope=envelope)
            except BadMessage:
                refused += 1
                repairing.send(octets, envelope=envelope)
            sent.append(canonical if canonical.endswith(b"\r\n") or not canonical else canonical + b"\r\n")

    assert len(sent) > 1_000
    assert [mail.octets for mail in inbox.mails] == sent
    assert refused < 20


@pytest.mark.corpus
@pytest.mark.peer
@pytest.mark.skipif(SINK is None, reason=NO_SINK)
def test_every_real_message_reaches_a_sink(tmp_path: Path) -> None:
    """All in one connection at a time, with lines of any length; the sink says that it has each."""
    envelope = Envelope("a@x.org", ["b@x.org"])
    messages = [real.octets for real in corpora.required_messages() if not real.crlf]
    with Sink(tmp_path) as sink:
        sender = SMTPSender(sink.address.host, sink.address.port, repair=True, limits=Limits(messages=5_000))
        receipts = list(sender.send_all((octets, envelope) for octets in messages))
        kept = sorted(sink.messages())

    assert len(receipts) == len(messages)
    canonical = [octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n") for octets in messages]
    assert kept == sorted(one if one.endswith(b"\r\n") else one + b"\r\n" for one in canonical)
