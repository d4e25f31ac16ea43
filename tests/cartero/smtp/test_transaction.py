"""One message over an open conversation."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import DSN, BadMessage, Outcome, SendingError
from cartero.smtp.conversation import Conversation, Timeouts
from cartero.smtp.parcel import Parcel
from cartero.smtp.transaction import Transaction
from cartero.steps import Receive, Send
from tests.smtpscript import Delivered, ScriptedServer, drive, recite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cartero.steps import Steps
    from tests.smtpscript import Answer

A, B, C = "a@x.org", "b@x.org", "c@x.org"
HELLO = b"Subject: hi\r\n\r\n.dot\r\n"
LARGE = b"Subject: hi\r\n\r\n" + b"." * 70_000 + b"\r\n.\r\n" + b"x" * 140_000 + b"\r\n"


def parcel(*recipients: str, octets: bytes = HELLO, sender: str = "me@x.org") -> Parcel:
    """A message to *recipients*."""
    pieces = [octets[place : place + 66_000] for place in range(0, len(octets), 66_000)]
    return Parcel(sender, {each: each for each in recipients or (A,)}, lambda: pieces, size=len(octets))


def talk(server: ScriptedServer) -> Conversation:
    """A conversation with *server*, which has begun."""
    conversation = Conversation(own_name="me.example", timeouts=Timeouts(), is_lmtp=server.is_lmtp)
    drive(conversation.open(starttls="off", login=None, is_private=True), server)
    server.commands.clear()
    return conversation


class Result(NamedTuple):
    """What became of a message, whichever way it was said."""

    outcomes: Mapping[str, Outcome]
    error: SendingError | None


def result(server: ScriptedServer, transaction: Transaction, following: Transaction | None = None) -> Result:
    """What *transaction* comes to."""
    try:
        return Result(drive(transaction.run(following=following), server), None)
    except SendingError as error:
        return Result(error.recipients, error)


def send(server: ScriptedServer, conversation: Conversation, sent: Parcel, *, chunked: bool = False) -> Result:
    """What becomes of *sent*."""
    return result(server, Transaction(conversation, sent, chunked=chunked))


class TestTaken:
    def test_everybody_is_told_of_and_the_server_has_what_was_sent(self) -> None:
        """RFC 5321, section 3.3: MAIL, RCPT, DATA, and the dots of the message as they were."""
        server = ScriptedServer()
        conversation = talk(server)

        outcomes, error = send(server, conversation, parcel(A, B))

        assert error is None
        assert outcomes == {A: Outcome(accepted=True, reply="dot", code=250), B: outcomes[A]}
        assert server.delivered == [Delivered("me@x.org", (A, B), HELLO)]
        assert conversation.is_usable

    def test_what_the_sender_asked_for_stands_in_the_parameters(self) -> None:
        """RFC 1870 SIZE, RFC 6152 BODY, RFC 6531 SMTPUTF8, RFC 3461 DSN: each where the server has it."""
        server = ScriptedServer(extensions=["SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN"])
        sent = Parcel(
            "", {A: A}, lambda: (HELLO,), size=7, is_8bit=True, is_utf8=True, dsn=DSN(["delay"], ret="hdrs", envid="1")
        )

        send(server, talk(server), sent)

        assert server.commands[0] == "MAIL FROM:<> SIZE=7 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=1"
        assert server.commands[1] == f"RCPT TO:<{A}> NOTIFY=DELAY ORCPT=rfc822;{A}"

    def test_a_server_that_has_no_extension_is_told_of_none(self) -> None:
        """RFC 5321, section 2.2.1: parameters are for servers that announced them."""
        server = ScriptedServer(extensions=[])
        sent = Parcel("me@x.org", {A: A}, lambda: (HELLO,), size=7, is_8bit=True, dsn=DSN(["delay"], ret="hdrs"))

        send(server, talk(server), sent)

        assert server.commands == ["MAIL FROM:<me@x.org>", f"RCPT TO:<{A}>", "DATA"]

    def test_a_size_that_is_not_known_is_not_said(self) -> None:
        """RFC 1870, section 6: the parameter is optional."""
        server = ScriptedServer(extensions=["SIZE 1000"])

        send(server, talk(server), Parcel("me@x.org", {A: A}, lambda: (HELLO,), size=None))

        assert server.commands[0] == "MAIL FROM:<me@x.org>"

    @pytest.mark.parametrize("code", [250, 251, 252, 200])
    def test_any_2yz_takes_a_recipient(self, code: int) -> None:
        """RFC 5321, section 4.2.1: the first digit says whether it was done; 252 does so too."""
        server = ScriptedServer({f"RCPT {A}": code})

        outcomes, _ = send(server, talk(server), parcel())

        assert outcomes[A].accepted


class TestRefusals:
    def test_each_recipient_has_an_answer_of_its_own(self) -> None:
        """RFC 5321, section 3.3: one that is refused does not stop the others."""
        server = ScriptedServer({f"RCPT {A}": "450 4.2.1 later", f"RCPT {C}": "550 5.1.1 who"})

        outcomes, error = send(server, talk(server), parcel(A, B, C))

        assert error is None
        assert outcomes == {
            A: Outcome(accepted=False, reply="later", code=450, enhanced="4.2.1", temporary=True),
            B: Outcome(accepted=True, reply="dot", code=250),
            C: Outcome(accepted=False, reply="who", code=550, enhanced="5.1.1"),
        }

    @pytest.mark.parametrize("stage", ["MAIL", f"RCPT {A}", "DATA", "dot"])
    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    def test_where_nobody_gets_it_the_stage_and_the_reply_are_told(self, stage: str, extensions: list[str]) -> None:
        """A caller has to know whether to try again, and when."""
        server = ScriptedServer({stage: "451 4.7.1 greylisted, in 5 minutes"}, extensions=extensions)

        _, error = send(server, talk(server), parcel())

        assert error is not None
        assert (error.stage, error.code, error.enhanced) == (stage.partition(" ")[0], 451, "4.7.1")
        assert (error.temporary, error.ambiguous, error.retry_after) == (True, False, 300)
        assert error.refused == {A: "greylisted, in 5 minutes"}
        assert server.delivered == []

    def test_one_that_may_yet_get_it_makes_the_whole_temporary(self) -> None:
        """Who tries again reaches somebody."""
        server = ScriptedServer({f"RCPT {A}": 450, f"RCPT {B}": 550})

        _, error = send(server, talk(server), parcel(A, B))

        assert error is not None
        assert error.temporary

    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    def test_a_transaction_that_came_to_nothing_is_reset_before_the_next(self, extensions: list[str]) -> None:
        """RFC 5321, section 4.1.1.5: RSET; a second MAIL would be out of place."""
        server = ScriptedServer({f"RCPT {A}": [550, 250]}, extensions=extensions)
        conversation = talk(server)
        send(server, conversation, parcel(A))

        outcomes, _ = send(server, conversation, parcel(A))

        assert outcomes[A].accepted
        assert server.commands.count("RSET") == 1

    def test_a_refusal_of_mail_needs_no_reset(self) -> None:
        """RFC 5321, section 3.3: nothing has begun."""
        server = ScriptedServer({"MAIL": [550, 250]})
        conversation = talk(server)
        send(server, conversation, parcel())

        outcomes, _ = send(server, conversation, parcel())

        assert outcomes[A].accepted
        assert "RSET" not in server.commands

    def test_a_server_that_wants_a_message_for_nobody_is_left(self) -> None:
        """RFC 2920, section 3.1: 354 although each recipient was refused; what is sent now would be the message."""
        server = ScriptedServer({f"RCPT {A}": 550}, lets_data_begin=True)
        conversation = talk(server)

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert (error.code, error.stage) == (550, "RCPT")
        assert not conversation.is_usable


class TestWrongCodes:
    @pytest.mark.parametrize(
        ("stage", "code"),
        [("MAIL", 354), (f"RCPT {A}", 334), ("DATA", 250), ("DATA", 334), ("BDAT", 354), ("dot", 354)],
        ids=["MAIL-354", "RCPT-334", "DATA-250", "DATA-334", "BDAT-354", "dot-354"],
    )
    def test_a_reply_that_means_nothing_there_ends_the_conversation(self, stage: str, code: int) -> None:
        """RFC 5321, section 4.3.2: which replies there may be; whoever says another is out of step."""
        server = ScriptedServer({stage: code}, extensions=["PIPELINING", "CHUNKING"])
        conversation = talk(server)

        _, error = send(server, conversation, parcel(octets=LARGE), chunked=stage == "BDAT")

        assert error is not None
        assert str(code) in str(error)
        assert (error.temporary, error.ambiguous) == (stage != "dot", stage == "dot")
        assert not conversation.is_usable

    def test_a_yes_to_data_after_all_were_refused_does_not_hide_the_refusal(self) -> None:
        """What is known of each recipient is told, and the conversation ends."""
        server = ScriptedServer({f"RCPT {A}": 550, "DATA": 250}, lets_data_begin=True)
        conversation = talk(server)

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert error.code == 550
        assert not conversation.is_usable

    def test_more_than_was_asked_for_ends_the_conversation(self) -> None:
        """RFC 5321, section 4.2: one reply a command. The message was taken all the same."""
        server = ScriptedServer({"dot": "250 ok\r\n250 and more"})
        conversation = talk(server)

        outcomes, _ = send(server, conversation, parcel())

        assert outcomes[A].accepted
        assert not conversation.is_usable

    def test_garbage_behind_the_verdict_does_not_hide_it(self) -> None:
        """Who said 250 has the message."""
        server = ScriptedServer({"dot": "250 ok\r\n!!"})
        conversation = talk(server)

        outcomes, _ = send(server, conversation, parcel())

        assert outcomes[A].accepted
        assert not conversation.is_usable


class TestGoodbye:
    @pytest.mark.parametrize("stage", ["MAIL", f"RCPT {A}", f"RCPT {B}", "DATA", "dot"])
    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    def test_421_refuses_the_rest_and_ends_the_conversation(self, stage: str, extensions: list[str]) -> None:
        """RFC 5321, section 3.8: whatever it is the answer to, the server closes."""
        server = ScriptedServer({stage: "421 4.3.2 going down"}, extensions=extensions)
        conversation = talk(server)

        _, error = send(server, conversation, parcel(A, B))

        assert error is not None
        assert (error.code, error.temporary, error.ambiguous) == (421, True, False)
        assert error.refused == {A: "going down", B: "going down"}
        assert not conversation.is_usable

    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    def test_421_to_rset_is_for_the_message_behind_it(self, extensions: list[str]) -> None:
        """Nothing of it may be sent to who is about to close."""
        server = ScriptedServer({"RSET": "421 going down", f"RCPT {A}": [550, 250]}, extensions=extensions)
        conversation = talk(server)
        send(server, conversation, parcel())

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert (error.code, error.stage, error.temporary) == (421, "RSET", True)
        assert server.delivered == []


class TestBroken:
    def test_before_the_end_it_is_certain_that_nobody_got_it(self) -> None:
        """RFC 5321, section 4.1.1.4: without the dot, there is no message."""
        server = ScriptedServer(dies_after=len(b"MAIL FROM:<me@x.org>\r\n") + len("EHLO me.example\r\n"))
        conversation = talk(server)

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert isinstance(error.__cause__, ConnectionError)
        assert (error.stage, error.temporary, error.ambiguous) == ("RCPT", True, False)
        assert error.refused == {A: "the connection broke: the server closed the connection"}
        assert not conversation.is_usable

    def test_after_the_end_it_is_not_known(self) -> None:
        """RFC 1047: the gap between the dot and its reply."""
        server = ScriptedServer({"dot": "drop"})
        conversation = talk(server)

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert "may have been delivered all the same" in str(error)
        assert (error.stage, error.ambiguous, error.temporary, error.refused) == ("dot", True, False, {})
        assert server.delivered != []
        assert not conversation.is_usable

    def test_what_was_known_is_not_lost(self) -> None:
        """Each recipient was refused before the connection broke: that is the news, and it does not pass."""
        server = ScriptedServer({f"RCPT {A}": "550 5.1.1 who", "DATA": "!!"}, lets_data_begin=True)
        conversation = talk(server)

        _, error = send(server, conversation, parcel())

        assert error is not None
        assert (error.code, error.temporary, error.refused) == (550, False, {A: "who"})
        assert not conversation.is_usable

    def test_a_message_that_cannot_be_read_ends_the_conversation(self) -> None:
        """Its first half has gone, and nothing can follow it."""

        def pieces() -> Iterator[bytes]:
            yield LARGE
            raise BadMessage("the disk is gone")

        server = ScriptedServer()
        conversation = talk(server)
        sent = Parcel("me@x.org", {A: A}, pieces, size=None)

        with pytest.raises(BadMessage):
            drive(Transaction(conversation, sent).run(), server)

        assert not conversation.is_usable
        assert server.delivered == []

    def test_a_program_that_is_stopped_ends_the_conversation(self) -> None:
        """A wire closes the steps when a task is cancelled or a key is pressed."""
        server = ScriptedServer()
        conversation = talk(server)
        steps = Transaction(conversation, parcel()).run()
        next(steps)

        steps.close()

        assert not conversation.is_usable


class TestChunks:
    def test_what_is_said_too_much_before_it_is_not_its_verdict(self) -> None:
        """RFC 5321, section 3.8: 421 means the connection; where no DATA is between, not the message."""
        server = ScriptedServer(extensions=["PIPELINING", "CHUNKING"])
        conversation = talk(server)
        steps = Transaction(conversation, parcel(), chunked=True).run()
        step = next(steps)
        while not isinstance(step, Receive):
            step = steps.send(None)
        step.reader.feed(b"250 ok\r\n250 ok\r\n421 idle\r\n")

        with pytest.raises(SendingError) as caught:
            steps.send(None)

        assert (caught.value.code, caught.value.temporary, caught.value.ambiguous) == (421, True, False)
        assert server.delivered == []

    def test_a_small_message_is_one_chunk(self) -> None:
        """RFC 3030, section 2: BDAT, its size, LAST; no dots are added."""
        server = ScriptedServer(extensions=["PIPELINING", "CHUNKING"])

        outcomes, _ = send(server, talk(server), parcel(), chunked=True)

        assert outcomes[A].accepted
        assert server.delivered == [Delivered("me@x.org", (A,), HELLO)]
        assert server.commands[-1] == f"BDAT {len(HELLO)} LAST"

    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    def test_a_large_one_is_several_and_only_the_last_reply_is_the_verdict(self, extensions: list[str]) -> None:
        """RFC 3030, section 2: each chunk has a reply; 250 to one that is not the last takes no message."""
        server = ScriptedServer({"BDAT": "250 go on", "dot": "550 spam"}, extensions=extensions)
        conversation = talk(server)
        sent = Parcel("me@x.org", {A: A}, lambda: (LARGE[:150_000], LARGE[150_000:], b"end"), size=None)

        _, error = send(server, conversation, sent, chunked=True)

        assert error is not None
        assert (error.stage, error.reply) == ("dot", "spam")
        assert conversation.is_usable

    @pytest.mark.parametrize("octets", [b"", b"one", b"one\r\n", LARGE, LARGE[:-2]], ids=len)
    def test_what_is_sent_is_what_there_was_its_last_line_ended(self, octets: bytes) -> None:
        """RFC 5321, section 2.3.8: a message is lines."""
        server = ScriptedServer(extensions=["PIPELINING", "CHUNKING"])
        pieces = [*(octets[place : place + 66_000] for place in range(0, len(octets), 66_000)), b""]
        sent = Parcel("me@x.org", {A: A}, lambda: pieces, size=None)

        send(server, talk(server), sent, chunked=True)

        assert server.delivered[0].octets == (octets if octets.endswith(b"\n") or not octets else octets + b"\r\n")

    @pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["alone", "pipelined"])
    @pytest.mark.parametrize("place", [0, 1, 2, 3])
    def test_a_chunk_refused_ends_it(self, place: int, extensions: list[str]) -> None:
        """RFC 3030, section 2: the transaction has failed, and no other chunk may follow."""
        told: list[Answer] = [250, 250, 250, 250]
        told[place] = "552 5.3.4 too large"
        server = ScriptedServer({"BDAT": told}, extensions=extensions)
        conversation = talk(server)
        sent = Parcel("me@x.org", {A: A}, lambda: [b"x" * 70_000] * 4, size=None)

        _, error = send(server, conversation, sent, chunked=True)

        assert error is not None
        assert (error.stage, error.code, error.temporary, error.ambiguous) == ("BDAT", 552, False, False)
        assert not conversation.is_usable
        assert server.delivered == []

    @pytest.mark.parametrize("chunk_count", [2, 5])
    def test_who_hangs_up_in_the_middle_is_heard(self, chunk_count: int) -> None:
        """The answer that says why may stand behind one that does not."""
        server = ScriptedServer({"BDAT": [250, "421 4.3.1 disk full"]}, extensions=["PIPELINING"])
        sent = Parcel("me@x.org", {A: A}, lambda: [b"x" * 70_000] * chunk_count, size=None)

        _, error = send(server, talk(server), sent, chunked=True)

        assert error is not None
        assert (error.code, error.temporary, error.ambiguous) == (421, True, False)

    @pytest.mark.parametrize("size", [1_000, 80_000, 150_000, 210_000])
    def test_a_break_before_the_end_leaves_no_doubt(self, size: int) -> None:
        """RFC 3030, section 2: without LAST, there is no message; whatever was said of its chunks."""
        server = ScriptedServer(extensions=["PIPELINING"])
        conversation = talk(server)
        server.dies_after = size
        sent = Parcel("me@x.org", {A: A}, lambda: [b"x" * 70_000] * 3, size=None)

        _, error = send(server, conversation, sent, chunked=True)

        assert error is not None
        assert (error.temporary, error.ambiguous, set(error.refused)) == (True, False, {A})

    def test_a_message_refused_at_its_end_is_reset(self) -> None:
        """RFC 3030, section 2: after a chunk that failed, RSET clears the transaction."""
        server = ScriptedServer({"dot": [550, 250]}, extensions=["PIPELINING"])
        conversation = talk(server)
        send(server, conversation, parcel(), chunked=True)

        outcomes, _ = send(server, conversation, parcel(), chunked=True)

        assert outcomes[A].accepted
        assert server.commands.count("RSET") == 1


class TestEarlyAnswers:
    def test_an_answer_in_the_middle_stops_it(self) -> None:
        """RFC 5321, section 4.2.5: it may be refused; what follows would be taken for commands, so it ends."""
        conversation = talk(ScriptedServer())
        steps = Transaction(conversation, parcel(octets=LARGE)).run()
        _answered(steps, b"250 ok\r\n250 ok\r\n354 go\r\n")

        error = _stopped(steps, b"552 5.3.4 too large\r\n")

        assert (error.stage, error.code, error.ambiguous, error.temporary) == ("body", 552, False, False)
        assert not conversation.is_usable

    def test_a_yes_in_the_middle_is_garbage(self) -> None:
        """It cannot mean the message, which has not ended."""
        conversation = talk(ScriptedServer())
        steps = Transaction(conversation, parcel(octets=LARGE)).run()
        _answered(steps, b"250 ok\r\n250 ok\r\n354 go\r\n")

        error = _stopped(steps, b"250 ok\r\n")

        assert "in the middle of the message" in str(error)
        assert (error.ambiguous, error.refused) == (False, {A: "it answers 250 in the middle of the message"})

    def test_an_answer_and_a_hanging_up_before_the_last_octet(self) -> None:
        """The last piece did not go whole: nobody has the message."""
        conversation = talk(ScriptedServer())
        steps = Transaction(conversation, parcel()).run()
        last = _answered(steps, b"250 ok\r\n250 ok\r\n354 go\r\n")
        last.sent_size = len(HELLO)

        error = _stopped(steps, b"421 going down\r\n")

        assert (error.stage, error.code, error.ambiguous, error.temporary) == ("body", 421, False, True)


def _answered(steps: Steps[object], octets: bytes) -> Send:
    """Run *steps* up to the message, with *octets* as answers; the step that sends it, which is small."""
    step = next(steps)
    while not isinstance(step, Receive):
        step = steps.send(None)
    step.reader.feed(octets)
    last = steps.send(None)
    assert isinstance(last, Send)
    return last


def _stopped(steps: Steps[object], octets: bytes) -> SendingError:
    """What is raised where *octets* come before the end."""
    receive = steps.send(False)
    assert isinstance(receive, Receive)
    receive.reader.feed(octets)
    with pytest.raises(SendingError) as caught:
        steps.send(None)
    return caught.value


class TestLMTP:
    def test_there_is_a_verdict_for_each_recipient_that_was_taken(self) -> None:
        """RFC 2033, section 4.2: in the order of RCPT, and none for who was refused there."""
        server = ScriptedServer({f"RCPT {B}": 550, f"dot {C}": "452 4.2.2 full"}, is_lmtp=True)
        conversation = talk(server)

        outcomes, _ = send(server, conversation, parcel(A, B, C))

        assert {who: outcome.code for who, outcome in outcomes.items()} == {A: 250, B: 550, C: 452}
        assert server.delivered == [Delivered("me@x.org", (A,), HELLO)]
        assert conversation.is_usable

    def test_a_break_between_the_verdicts_leaves_the_rest_unknown(self) -> None:
        """Some have it for certain, some have not, and of others nobody knows."""
        server = ScriptedServer({f"dot {B}": 550, f"dot {C}": "drop"}, is_lmtp=True)

        _, error = send(server, talk(server), parcel(A, B, C))

        assert error is not None
        assert (error.accepted, error.refused) == ((A,), {B: "dot"})
        assert (error.ambiguous, set(error.recipients)) == (True, {A, B})


class TestRiding:
    """The envelope of the next message goes with the end of this one."""

    @pytest.mark.parametrize("chunked", [False, True], ids=["DATA", "BDAT"])
    @pytest.mark.parametrize("octets", [HELLO, LARGE], ids=["small", "large"])
    def test_it_is_sent_in_the_same_write(self, octets: bytes, chunked: bool) -> None:
        """RFC 2920, section 3.1: what follows the message may go with it."""
        server = ScriptedServer(extensions=["PIPELINING", "CHUNKING"])
        conversation = talk(server)
        first, second = (Transaction(conversation, parcel(who, octets=octets), chunked=chunked) for who in (A, B))

        drive(first.run(following=second), server)

        assert conversation.begun is second
        drive(second.run(), server)
        assert [mail.recipients for mail in server.delivered] == [(A,), (B,)]
        assert conversation.is_usable

    def test_a_server_that_cannot_pipeline_gets_it_in_its_turn(self) -> None:
        """RFC 2920, section 3: only where it was announced."""
        server = ScriptedServer(extensions=[])
        conversation = talk(server)
        first, second = Transaction(conversation, parcel(A)), Transaction(conversation, parcel(B))

        drive(first.run(following=second), server)

        assert conversation.begun is None
        assert result(server, second).outcomes[B].accepted

    def test_one_that_rides_is_next(self) -> None:
        """Another would hear its answers: mail for the wrong people."""
        server = ScriptedServer()
        conversation = talk(server)
        drive(Transaction(conversation, parcel(A)).run(following=Transaction(conversation, parcel(B))), server)

        with pytest.raises(AssertionError):
            drive(Transaction(conversation, parcel(C)).run(), server)

    @pytest.mark.parametrize("size", range(len(HELLO) + 40))
    def test_a_break_in_it_is_in_doubt_only_where_all_of_the_message_may_have_gone(self, size: int) -> None:
        """The wire says how much went; the end of the message is one place in that."""
        conversation = talk(ScriptedServer())
        riders = Transaction(conversation, parcel(B))
        steps = Transaction(conversation, parcel(octets=HELLO)).run(following=riders)
        last = _answered(steps, b"250 ok\r\n250 ok\r\n354 go\r\n")
        last.sent_size = size

        with pytest.raises(SendingError) as caught:
            steps.throw(BrokenPipeError())

        # a dot more in a line of it, and a dot at its end
        assert caught.value.ambiguous == (size >= len(HELLO) + len(b".") + len(b".\r\n"))

    def test_a_verdict_is_heard_although_what_rode_with_it_did_not_go_whole(self) -> None:
        """The server took the message, and hung up: that is no reason to send it again."""
        conversation = talk(ScriptedServer())
        riders = Transaction(conversation, parcel(B))
        steps = Transaction(conversation, parcel(octets=HELLO)).run(following=riders)
        last = _answered(steps, b"250 ok\r\n250 ok\r\n354 go\r\n")
        last.sent_size = len(HELLO) + 10
        receive = steps.send(False)
        assert isinstance(receive, Receive)
        receive.reader.feed(b"250 taken\r\n")

        with pytest.raises(StopIteration) as ended:
            steps.send(None)

        assert ended.value.value[A].accepted


# -- laws ----------------------------------------------------------------------------------------------

_codes = st.sampled_from([250, 251, 450, 452, 550, 554])


class Told(NamedTuple):
    """What a server says to a message."""

    mail: int
    rcpts: tuple[int, ...]
    data: int
    dots: tuple[int, ...]

    def replies(self, sender: str, *recipients: str) -> dict[str, Answer | list[Answer]]:
        """For `ScriptedServer`."""
        return {
            f"MAIL {sender}": self.mail,
            **{f"RCPT {who}": code for who, code in zip(recipients, self.rcpts, strict=True)},
            f"DATA {sender}": self.data,
            f"dot {sender}": self.dots[0],
            **{f"dot {who}": code for who, code in zip(recipients, self.dots, strict=True)},
        }


_three = st.tuples(_codes, _codes, _codes)
tellings = st.builds(Told, _codes, _three, st.sampled_from([354, 354, 354, 451, 554]), _three)
ways = st.fixed_dictionaries({"is_lmtp": st.booleans(), "lets_data_begin": st.booleans()})
extensions = st.sampled_from([(), ("PIPELINING",), ("PIPELINING",)])
messages = st.lists(st.sampled_from([b"a", b".", b"..", b"\r\n", b"\r\n.\r\n", b"x" * 70_000])).map(b"".join)


def _same(results: Iterable[Result]) -> bool:
    facts = [
        (one.outcomes, one.error and (one.error.stage, one.error.code, one.error.temporary, one.error.refused))
        for one in results
    ]
    return all(fact == facts[0] for fact in facts)


@given(tellings, ways, st.booleans(), messages, st.integers(1, 12))
def test_pipelined_or_not_the_same_becomes_of_it(
    told: Told, way: dict[str, bool], chunked: bool, octets: bytes, piece_size: int
) -> None:
    """RFC 2920, section 3: pipelining changes when something is said, and never what."""
    results = []
    for extensions in (), ("PIPELINING",):
        server = ScriptedServer(told.replies("me@x.org", A, B, C), extensions=extensions, **way)
        steps = Transaction(talk(server), parcel(A, B, C, octets=octets), chunked=chunked).run()
        try:
            results.append(Result(drive(steps, server, piece_size=piece_size), None))
        except SendingError as error:
            results.append(Result(error.recipients, error))

    assert _same(results)


def _two(
    server: ScriptedServer, octets: bytes, *, rides: bool, chunked: bool
) -> Iterator[tuple[Transaction, Transaction | None]]:
    """Two messages one behind the other, each to its own people, as far as the conversation will do."""
    conversation = talk(server)
    first = Transaction(conversation, parcel(A, B, C, octets=octets, sender="1"), chunked=chunked)
    second = Transaction(conversation, parcel(*"def", octets=b"2\r\n", sender="2"), chunked=chunked)
    yield first, second if rides else None
    if conversation.is_usable:
        yield second, None


@given(tellings, tellings, ways, extensions, st.booleans(), st.booleans(), messages)
def test_who_is_told_to_have_it_has_it_and_nobody_else(
    told: Told, then: Told, way: dict[str, bool], extensions: list[str], rides: bool, chunked: bool, octets: bytes
) -> None:
    """The one promise of a receipt."""
    replies = told.replies("1", A, B, C) | then.replies("2", *"def")
    server = ScriptedServer(replies, extensions=extensions, **way)

    results = [result(server, *each) for each in _two(server, octets, rides=rides, chunked=chunked)]

    for who in (A, B, C, *"def"):
        has_it = [mail for mail in server.delivered if who in mail.recipients]
        told_so = [each for each in results if who in each.outcomes and each.outcomes[who].accepted]
        assert len(has_it) == len(told_so) <= 1
    assert not any(each.error and each.error.ambiguous for each in results)


@given(tellings, tellings, ways, extensions, st.booleans(), st.booleans(), messages, st.integers(0, 1_000))
def test_who_is_told_not_to_have_it_has_it_not_wherever_the_server_dies(
    told: Told,
    then: Told,
    way: dict[str, bool],
    extensions: list[str],
    rides: bool,
    chunked: bool,
    octets: bytes,
    size: int,
) -> None:
    """Sent again without a doubt is only what was not sent."""
    replies = told.replies("1", A, B, C) | then.replies("2", *"def")
    server = ScriptedServer(replies, extensions=extensions, **way)
    transactions = _two(server, octets, rides=rides, chunked=chunked)
    first = next(transactions)
    server.dies_after = size

    results = [result(server, *each) for each in itertools.chain([first], transactions)]

    for each, people in zip(results, ((A, B, C), tuple("def")), strict=False):
        for who in people:
            has_it = any(who in mail.recipients for mail in server.delivered)
            said = each.outcomes[who].accepted if who in each.outcomes else False
            assert has_it == said or (each.error is not None and each.error.ambiguous and who not in each.error.refused)


_said = st.lists(
    st.sampled_from(
        [
            *(
                b"250 ok\r\n",
                b"250 ok\r\n",
                b"250-more\r\n",
                b"354 go\r\n",
                b"354 go\r\n",
                b"421 no\r\n",
                b"451 no\r\n",
            ),
            *(b"550 no\r\n", b"!", b"\r\n", b"\xff"),
        ]
    ),
    max_size=12,
).map(b"".join)


@given(_said, extensions, st.booleans(), st.booleans(), messages, st.integers(1, 9))
def test_whatever_a_server_says_something_is_known_of_everybody_or_there_is_a_doubt(
    said: bytes, extensions: list[str], is_lmtp: bool, chunked: bool, octets: bytes, piece_size: int
) -> None:
    """Nobody is forgotten, and nothing else is raised."""
    conversation = talk(ScriptedServer(extensions=extensions, is_lmtp=is_lmtp))
    steps = Transaction(conversation, parcel(A, B, C, octets=octets), chunked=chunked).run()

    try:
        known = {*recite(steps, said, piece_size=piece_size)}
    except SendingError as error:
        known = {*error.accepted, *error.refused}
        if error.ambiguous:
            known = {A, B, C}
            assert not conversation.is_usable

    assert known == {A, B, C}
