"""What is said on one connection, by raw sockets and the standard library's client."""

from __future__ import annotations

import base64
import smtplib

import pytest

from cartero import Envelope
from cartero.testing import Drop, FaultyServer, Octets, Reset, Sleep
from cartero.testing.script import Action
from tests.certificates import STRANGER, client_context, server_context
from tests.client import Client

BEGUN = b"EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n"
SENT = BEGUN + b"DATA\r\n"
PLAIN = base64.b64encode(b"\0ana\0s3cret")


class TestGreeting:
    def test_the_server_speaks_first(self) -> None:
        """RFC 5321, section 3.1."""
        with FaultyServer() as server, Client(server.port) as client:
            assert client.reply() == b"220 localhost ESMTP\r\n"

    def test_it_announces_what_it_is_told_to(self) -> None:
        """RFC 5321, section 4.1.1.1; STARTTLS and AUTH where there is something behind them."""
        context = server_context("localhost")
        with (
            FaultyServer(extensions=["SIZE 100"], tls=context, users={"a": "b"}, mechanisms=["PLAIN"]) as server,
            Client(server.port) as client,
        ):
            client.reply()

            assert client.ask(b"EHLO me") == (
                b"250-localhost greets me\r\n250-SIZE 100\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
            )

    def test_the_old_greeting(self) -> None:
        """RFC 5321, section 3.2: HELO, where EHLO is not known."""
        with FaultyServer({"EHLO": b"502 what?"}) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
            client.sendmail("a@x", ["b@x"], "Hi!")

        assert server.connections[0].verbs == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT"]

    @pytest.mark.parametrize(
        ("lmtp", "codes"),
        [pytest.param(True, [250, 500, 500], id="lmtp"), pytest.param(False, [500, 250, 250], id="smtp")],
    )
    def test_each_protocol_has_its_own(self, lmtp: bool, codes: list[int]) -> None:
        """RFC 2033, section 4.1: LHLO in place of HELO and EHLO."""
        with FaultyServer(lmtp=lmtp) as server, Client(server.port) as client:
            client.reply()
            client.say(b"LHLO me\r\nEHLO me\r\nHELO me\r\n")

            assert client.codes(3) == codes


class TestReplies:
    def test_replies_to_what_came_together_go_together_and_in_order(self) -> None:
        """RFC 2920, section 3.2."""
        with FaultyServer({"RCPT": [None, b"550 no"]}) as server, Client(server.port) as client:
            client.reply()
            client.say(
                b"EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nNOOP\r\nVRFY b\r\nRSET\r\nX\r\n"
            )

            assert client.codes(8) == [250, 250, 250, 550, 250, 252, 250, 500]

    def test_what_is_scripted_is_said_as_it_stands(self) -> None:
        """Latin-1, no code, half a line: what servers say."""
        script: dict[str, Action | list[Action]] = {
            "NOOP": [b"250 caf\xe9", (Octets(b"25"), Octets(b"0 ok\r\n")), b"what?\n"]
        }
        with FaultyServer(script) as server, Client(server.port) as client:
            client.reply()
            client.say(b"NOOP\r\nNOOP\r\nNOOP\r\n")

            assert [client.hear() for _ in range(3)] == [b"250 caf\xe9\r\n", b"250 ok\r\n", b"what?\n"]

    def test_a_reply_that_was_not_asked_for(self) -> None:
        """RFC 5321, section 3.8: a server may close with 421 at any time."""
        with FaultyServer({"RSET": (None, b"421 bye", Drop())}) as server, Client(server.port) as client:
            client.reply()
            client.say(b"RSET\r\n")

            assert client.rest() == b"250 2.0.0 ok\r\n421 bye\r\n"

    def test_a_sleep_keeps_nothing_back(self) -> None:
        """What was said before it is heard before it."""
        with FaultyServer({"RCPT": Sleep(60)}) as server, Client(server.port) as client:
            client.reply()
            client.say(BEGUN)

            assert client.codes(2) == [250, 250]

    def test_a_sleep_ends(self) -> None:
        """And then what would have happened does."""
        with FaultyServer({"NOOP": Sleep(0.01)}) as server, Client(server.port) as client:
            client.reply()

            assert client.ask(b"NOOP") == b"250 2.0.0 ok\r\n"

    @pytest.mark.parametrize("event", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot"])
    def test_a_drop_is_an_end(self, event: str) -> None:
        """At whatever stage; what was said before it is heard."""
        with FaultyServer({event: Drop()}) as server, Client(server.port) as client:
            client.say(SENT + b".\r\n")

            assert b"".join(iter(client.hear, b"")).count(b"354") == (event in {"body", "dot"})

    @pytest.mark.parametrize("event", ["connect", "MAIL", "dot"])
    def test_a_reset_is_none(self, event: str) -> None:
        """It is an error where a drop is an end."""
        with FaultyServer({event: (Sleep(0.01), Reset())}) as server, Client(server.port) as client:
            client.say(SENT + b".\r\n")

            with pytest.raises(ConnectionResetError):
                client.rest()

    def test_whoever_says_nothing_is_sent_away(self) -> None:
        """RFC 5321, section 4.5.3.2.7, in less than five minutes."""
        with FaultyServer(idle=0.05) as server, Client(server.port) as client:
            client.ask(b"NOOP")

            assert client.rest() == b"250 2.0.0 ok\r\n421 4.4.2 idle for too long\r\n"

    def test_or_without_a_word(self) -> None:
        """As a firewall does."""
        with FaultyServer({"idle": Drop()}, idle=0.05) as server, Client(server.port) as client:
            client.reply()

            assert client.rest() == b""

    def test_quit(self) -> None:
        """RFC 5321, section 4.1.1.10: the server closes, if it said so."""
        with FaultyServer({"QUIT": [b"500 what?"]}) as server, Client(server.port) as client:
            client.reply()

            assert client.ask(b"QUIT") == b"500 what?\r\n"
            assert client.ask(b"QUIT") == b"221 2.0.0 bye\r\n"
            assert client.rest() == b""


class TestTransaction:
    def test_a_message_comes_as_it_was_sent(self) -> None:
        """By the standard library's client."""
        octets = b"Subject: dots\r\n\r\n.\r\n..\r\n.a\r\nend"
        with FaultyServer() as server, smtplib.SMTP("127.0.0.1", server.port) as client:
            client.sendmail("a@x", ["b@x", "c@x"], octets, mail_options=["BODY=8BITMIME"])

        [transaction] = server.transactions
        assert server.accepted == [(Envelope("a@x", ["b@x", "c@x"]), octets + b"\r\n")]
        assert transaction.wire == b"Subject: dots\r\n\r\n..\r\n...\r\n..a\r\nend\r\n.\r\n"
        assert transaction.parameters == {"SIZE": "31", "BODY": "8BITMIME"}

    def test_parameters_are_kept(self) -> None:
        """RFC 3461, section 4: of MAIL, and of each RCPT."""
        with FaultyServer() as server, Client(server.port) as client:
            client.reply()
            client.say(b"MAIL FROM:<> ret=HDRS ENVID=x=y\r\nRCPT TO:<b@x> NOTIFY=NEVER\r\nRCPT TO: <c@x>\r\n")

            assert client.codes(3) == [250, 250, 250]

        assert server.transactions[0].parameters == {"RET": "HDRS", "ENVID": "x=y"}
        assert server.transactions[0].recipients == {"b@x": {"NOTIFY": "NEVER"}, "c@x": {}}

    @pytest.mark.parametrize(
        ("command", "reply"),
        [
            pytest.param(
                b"MAIL FROM:<a@x> SMTPUTF8", b"555 5.5.4 no such parameter: SMTPUTF8\r\n", id="usual-parameter"
            ),
            pytest.param(b"MAIL FROM:<a@x> BODY=8BITMIME", b"555 5.5.4 no such parameter: BODY\r\n", id="usual-body"),
            pytest.param(b"MAIL FROM:<a@x> SIZE=101", b"552 5.3.4 too large\r\n", id="usual-size"),
            pytest.param(b"MAIL FROM:<a@x> SIZE=100", b"250 2.1.0 ok\r\n", id="usual-size-in-the-limit"),
            pytest.param(b"MAIL FROM:<a@x> SIZE=big", b"250 2.1.0 ok\r\n", id="odd-size"),
            pytest.param(b"MAIL a@x", b"501 5.5.4 expected an address in angle brackets\r\n", id="usual-no-from"),
            pytest.param(b"MAIL FROM:a@x", b"501 5.5.4 expected an address in angle brackets\r\n", id="usual-no-path"),
            pytest.param(b'MAIL FROM:<"a>b"@x>', b"250 2.1.0 ok\r\n", id="odd-quoted"),
            pytest.param(b"MAIL FROM:<\xff>", b"250 2.1.0 ok\r\n", id="hostile-octets"),
            pytest.param(b"RCPT TO:<a@x>", b"503 5.5.1 MAIL comes first\r\n", id="usual-order"),
            pytest.param(b"DATA", b"503 5.5.1 no recipients\r\n", id="usual-order-of-data"),
            pytest.param(b"STARTTLS", b"502 5.5.1 no TLS here\r\n", id="usual-no-tls"),
            pytest.param(b"AUTH PLAIN", b"504 5.5.4 no such mechanism\r\n", id="usual-no-auth"),
        ],
    )
    def test_what_is_wrong_is_refused(self, command: bytes, reply: bytes) -> None:
        """What was not announced cannot be asked for (RFC 5321, section 4.1.1.11), and the order counts."""
        with FaultyServer(extensions=["SIZE 100"]) as server, Client(server.port) as client:
            client.reply()

            assert client.ask(command) == reply

    def test_there_is_one_at_a_time(self) -> None:
        """RFC 5321, section 4.1.4; RSET and a greeting end one."""
        with FaultyServer({"RSET": [b"500 no"]}) as server, Client(server.port) as client:
            client.reply()
            mail = b"MAIL FROM:<a@x>\r\n"
            client.say(mail + mail + b"RSET\r\n" + mail + b"RSET\r\n" + mail + b"HELO me\r\n" + mail)

            assert client.codes(8) == [250, 503, 500, 503, 250, 250, 250, 250]

    def test_what_follows_from_a_reply_follows_from_its_code(self) -> None:
        """A recipient that was taken by script is one; 251 and 252 take too (RFC 5321, section 3.3)."""
        with FaultyServer({"RCPT": [b"252 maybe", b"450 no", b"x"]}) as server, Client(server.port) as client:
            client.reply()
            client.say(BEGUN + b"RCPT TO:<c@x>\r\nRCPT TO:<d@x>\r\nDATA\r\n")
            client.codes(4)
            client.hear()
            client.reply()
            client.ask(b".")

        assert server.accepted == [(Envelope("a@x", ["b@x"]), b"")]

    def test_data_that_is_not_gone_ahead_with(self) -> None:
        """250 in place of 354: what comes are commands."""
        with FaultyServer({"DATA": b"250 ok"}) as server, Client(server.port) as client:
            client.reply()
            client.say(SENT + b"NOOP\r\n")

            assert client.codes(5) == [250, 250, 250, 250, 250]

    def test_data_that_nobody_began(self) -> None:
        """A script may want a body all the same."""
        with FaultyServer({"DATA": b"354 go on", "RCPT": b"250 ok"}) as server, Client(server.port) as client:
            client.reply()
            client.say(b"RCPT TO:<a@x>\r\nDATA\r\n.\r\n")

            assert client.codes(3) == [250, 354, 250]

        assert (server.transactions, server.accepted) == ([], [])

    def test_a_reply_before_the_end_of_the_body(self) -> None:
        """And one at its end, as servers that have run out of space."""
        with (
            FaultyServer({"body": b"552 enough", "dot": b"250 ok"}, body_after=5) as server,
            Client(server.port) as client,
        ):
            client.reply()
            client.say(SENT)
            client.codes(4)
            client.say(b"12345")
            early = client.reply()

            assert (early, client.ask(b"\r\n.")) == (b"552 enough\r\n", b"250 ok\r\n")

    def test_a_message_over_the_size(self) -> None:
        """RFC 1870, section 6.3: also one that did not say so."""
        with FaultyServer(extensions=["SIZE 3"]) as server, Client(server.port) as client:
            client.reply()
            client.say(SENT + b"Hi!\r\n.\r\n")

            assert client.codes(5) == [250, 250, 250, 354, 552]

        assert server.transactions[0].complete
        assert server.accepted == []

    def test_a_message_whose_reply_is_lost(self) -> None:
        """RFC 1047: the server has it, and the client does not know."""
        with FaultyServer({"dot": Drop()}) as server, Client(server.port) as client:
            client.say(SENT + b"Hi!\r\n.\r\n")
            client.rest()

        [transaction] = server.transactions
        assert (transaction.complete, transaction.octets, transaction.accepted) == (True, b"Hi!\r\n", [])


class TestLMTP:
    @pytest.mark.parametrize(
        ("dot", "replies", "accepted"),
        [
            pytest.param(None, [250, 250], ["b@x", "c@x"], id="usual"),
            pytest.param((b"250 a", b"550 b"), [250, 550], ["b@x"], id="usual-one-each"),
            pytest.param(b"451 later", [451, 451], [], id="usual-one-for-each"),
            pytest.param(Sleep(0.01, then=b"451 x"), [451, 451], [], id="odd-one-for-each-after-a-sleep"),
            pytest.param((b"250 a", Drop()), [250], ["b@x"], id="hostile-one-only"),
        ],
    )
    def test_there_is_a_reply_for_each_recipient(
        self, dot: bytes | None, replies: list[int], accepted: list[str]
    ) -> None:
        """RFC 2033, section 4.2: for each that RCPT took, in their order."""
        with (
            FaultyServer({"dot": dot, "RCPT": [None, b"550 no"]}, lmtp=True) as server,
            Client(server.port) as client,
        ):
            client.reply()
            client.say(b"LHLO me\r\nMAIL FROM:<a@x>\r\n" + b"".join(b"RCPT TO:<%c@x>\r\n" % name for name in b"bdc"))
            client.say(b"DATA\r\n.\r\n")
            client.codes(6)

            assert client.codes(len(replies)) == replies
            assert server.transactions[0].accepted == accepted


class TestChunks:
    def test_a_message_in_chunks(self) -> None:
        """RFC 3030, section 4.1; the last reply is the event ``dot``."""
        with FaultyServer({"dot": b"250 all of it"}) as server, Client(server.port) as client:
            client.reply()
            client.say(BEGUN + b"BDAT 5\r\n.\r\nHiBDAT 3 LAST\r\n!\r\nNOOP\r\n")

            assert client.codes(6) == [250, 250, 250, 250, 250, 250]

        assert server.accepted == [(Envelope("a@x", ["b@x"]), b".\r\nHi!\r\n")]

    def test_a_chunk_that_is_refused_ends_the_transaction(self) -> None:
        """RFC 3030, section 2: and the next ones are read and refused."""
        with FaultyServer({"BDAT": [b"452 full"]}) as server, Client(server.port) as client:
            client.reply()
            client.say(BEGUN + b"BDAT 2\r\nHiBDAT 3 LAST\r\n!\r\nNOOP\r\n")

            assert client.codes(6) == [250, 250, 250, 452, 503, 250]

        assert server.accepted == []

    @pytest.mark.parametrize(
        ("extensions", "command", "code"),
        [
            pytest.param(["CHUNKING"], b"BDAT much", 501, id="usual-no-size"),
            pytest.param(["CHUNKING"], b"BDAT", 501, id="usual-nothing"),
            pytest.param([], b"BDAT 0 LAST", 503, id="usual-not-announced"),
        ],
    )
    def test_a_chunk_that_cannot_be(self, extensions: list[str], command: bytes, code: int) -> None:
        """RFC 3030, section 2."""
        with FaultyServer(extensions=extensions) as server, Client(server.port) as client:
            client.reply()
            client.say(BEGUN + command + b"\r\n")

            assert client.codes(4)[-1] == code

    def test_the_body_may_break_in_a_chunk(self) -> None:
        """The event ``body`` counts the octets of all of them."""
        with FaultyServer({"body": Reset()}, body_after=4) as server, Client(server.port) as client:
            client.say(BEGUN + b"BDAT 2\r\nHiBDAT 9 LAST\r\n!!")
            with pytest.raises(ConnectionResetError):
                client.rest()

        assert (server.transactions[0].wire, server.transactions[0].complete) == (b"Hi!!", False)


class TestTLS:
    def test_starttls(self) -> None:
        """RFC 3207, section 4; what is announced then is another thing."""
        with (
            FaultyServer(tls=server_context("localhost"), users={"ana": "s3cret"}) as server,
            smtplib.SMTP("localhost", server.port) as client,
        ):
            client.starttls(context=client_context())
            client.login("ana", "s3cret")
            client.sendmail("a@x", ["b@x"], "Hi!")

            assert not client.has_extn("STARTTLS")

        [connection] = server.connections
        assert (connection.secure, connection.user) == (True, "ana")

    def test_tls_from_the_first_octet(self) -> None:
        """RFC 8314, section 3."""
        with FaultyServer(tls=server_context("localhost"), implicit_tls=True) as server:
            with smtplib.SMTP_SSL("localhost", server.port, context=client_context()) as client:
                client.sendmail("a@x", ["b@x"], "Hi!")

            assert server.connections[0].secure
            assert "STARTTLS" not in server.connections[0].verbs

    @pytest.mark.parametrize(
        "script",
        [
            pytest.param({"STARTTLS": b"454 4.7.0 not now"}, id="usual-not-now"),
            pytest.param({"STARTTLS": (b"220 go", Drop())}, id="hostile-drop-in-place-of-it"),
        ],
    )
    def test_no_tls(self, script: dict[str, bytes]) -> None:
        """The client is to notice."""
        context = server_context("localhost")
        with (
            FaultyServer(script, tls=context) as server,
            smtplib.SMTP("localhost", server.port) as client,
            pytest.raises((smtplib.SMTPException, OSError)),
        ):
            client.starttls(context=client_context(STRANGER))

        assert not server.connections[0].secure

    def test_what_was_sent_in_clear_behind_it_is_not_heard(self) -> None:
        """RFC 3207, section 4.2; by script, the server injects in turn."""
        with (
            FaultyServer({"STARTTLS": b"220 go\r\n250 injected\r\n"}, tls=server_context("127.0.0.1")) as server,
            Client(server.port) as client,
        ):
            client.reply()
            client.say(b"STARTTLS\r\nMAIL FROM:<evil@x>\r\n")
            assert client.codes(2) == [220, 250]
            client.secure(client_context())

            assert client.ask(b"NOOP") == b"250 2.0.0 ok\r\n"

        assert server.connections[0].commands == ["STARTTLS", "NOOP"]


class TestAuth:
    @pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
    def test_the_standard_librarys_mechanisms(self, mechanism: str) -> None:
        """RFC 4954, section 4."""
        with (
            FaultyServer(users={"ana": "s3cret"}, mechanisms=[mechanism]) as server,
            smtplib.SMTP("127.0.0.1", server.port) as client,
        ):
            code, _ = client.login("ana", "s3cret")

            assert (code, server.connections[0].user) == (235, "ana")

    @pytest.mark.parametrize(
        ("script", "said", "codes"),
        [
            pytest.param({}, [b"AUTH PLAIN " + PLAIN], [235], id="usual-at-once"),
            pytest.param({}, [b"auth plain", PLAIN], [334, 235], id="usual-when-asked"),
            pytest.param({}, [b"AUTH PLAIN AAA="], [535], id="usual-wrong"),
            pytest.param({}, [b"AUTH PLAIN", b"*"], [334, 501], id="usual-cancelled"),
            pytest.param({}, [b"AUTH PLAIN ?"], [501], id="usual-no-base64"),
            pytest.param({}, [b"AUTH NTLM"], [504], id="usual-unknown"),
            pytest.param({"AUTH": b"454 later"}, [b"AUTH PLAIN " + PLAIN], [454], id="usual-scripted"),
            pytest.param({"auth": [b"334 VQ=="]}, [b"AUTH PLAIN", b"", PLAIN], [334, 334, 535], id="odd-asked-twice"),
            pytest.param({"AUTH": b"235 come in"}, [b"AUTH PLAIN AAA="], [235], id="odd-whoever-it-is"),
        ],
    )
    def test_a_dialogue(self, script: dict[str, bytes], said: list[bytes], codes: list[int]) -> None:
        """RFC 4954, section 4: who is let in may send, and nobody else."""
        with FaultyServer(script, users={"ana": "s3cret"}) as server, Client(server.port) as client:
            client.reply()

            assert [int(client.ask(line)[:3]) for line in said] == codes
            assert client.ask(b"MAIL FROM:<a@x>")[:3] == (b"250" if codes[-1] == 235 else b"530")

        assert server.connections[0].responses == [line.decode() for line in said[1:]]
