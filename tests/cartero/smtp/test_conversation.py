"""The talk with a server: its beginning, its end, and the replies between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartero import AuthenticationFailed, BadURL, ConnectError, Timeouts
from cartero.smtp.conversation import Conversation, Login, reason
from cartero.smtp.replies import GarbageError
from cartero.steps import Ask, Receive, Secure, Send
from tests.smtpscript import ScriptedServer, drive, recite

if TYPE_CHECKING:
    from cartero.steps import Step, Steps
    from tests.smtpscript import Answer

Lines = list[tuple[str, str]]


def conversation(*, is_lmtp: bool = False, trace: Lines | None = None) -> Conversation:
    """A talk that has not begun."""
    told: Lines = [] if trace is None else trace
    return Conversation(
        own_name="me.example", timeouts=Timeouts(), is_lmtp=is_lmtp, trace=lambda way, line: told.append((way, line))
    )


def opened(
    server: ScriptedServer,
    *,
    starttls: str = "off",
    login: Login | None = None,
    is_private: bool = True,
    trace: Lines | None = None,
) -> Conversation:
    """A talk with *server*, which has begun."""
    talk = conversation(is_lmtp=server.is_lmtp, trace=trace)
    drive(talk.open(starttls=starttls, login=login, is_private=is_private), server)
    return talk


def refused(server: ScriptedServer, **how: object) -> ConnectError:
    """Why there is no talk with *server*."""
    with pytest.raises(ConnectError) as caught:
        opened(server, **how)  # type: ignore[arg-type]  # what `opened` takes
    return caught.value


class TestTimeouts:
    def test_they_are_those_of_the_standard_or_less(self) -> None:
        """RFC 5321, section 4.5.3.2: ten minutes for the final reply, so that nothing is sent twice."""
        timeouts = Timeouts()

        assert (timeouts.connect, timeouts.command, timeouts.data, timeouts.final) == (30, 60, 180, 600)
        assert Timeouts(final=3) == Timeouts(final=3.0)

    @pytest.mark.parametrize("seconds", [0, -1, 1e7, float("inf"), float("nan"), "60", None])
    def test_each_is_a_number_of_seconds(self, seconds: object) -> None:
        """Never to wait, or for ever, is a mistake."""
        with pytest.raises(BadURL, match="timeout data"):
            Timeouts(data=seconds)  # type: ignore[arg-type]  # that is the point


class TestGreeting:
    def test_the_client_waits_to_be_spoken_to(self) -> None:
        """RFC 5321, section 4.3.1: no command before the greeting."""
        steps = conversation().open(starttls="off", login=None, is_private=True)

        assert isinstance(next(steps), Receive)

    def test_what_the_server_can_do_is_asked_with_ehlo(self) -> None:
        """RFC 5321, section 4.1.1.1."""
        server = ScriptedServer(extensions=["SIZE 1000", "8BITMIME"])

        talk = opened(server)

        assert server.commands == ["EHLO me.example"]
        assert dict(talk.capabilities.extensions) == {"SIZE": "1000", "8BITMIME": ""}
        assert talk.greeting is not None
        assert (talk.greeting.code, talk.is_usable, talk.is_in_step) == (220, True, True)

    def test_lmtp_has_a_greeting_of_its_own(self) -> None:
        """RFC 2033, section 4.1: LHLO, and nothing older than that."""
        server = ScriptedServer(is_lmtp=True)
        opened(server)
        old = ScriptedServer({"LHLO": 502}, is_lmtp=True)

        error = refused(old)

        assert server.commands == ["LHLO me.example"]
        assert (error.code, error.stage) == (502, "LHLO")
        assert "HELO me.example" not in old.commands

    @pytest.mark.parametrize("code", [500, 501, 502, 503, 504])
    def test_an_old_server_is_spoken_to_as_it_can(self, code: int) -> None:
        """RFC 5321, section 3.2: HELO; its answer tells of no extension."""
        server = ScriptedServer({"EHLO": code, "HELO": "250-hello\r\n250 PIPELINING"})

        talk = opened(server)

        assert server.commands == ["EHLO me.example", "HELO me.example"]
        assert dict(talk.capabilities.extensions) == {}

    @pytest.mark.parametrize(
        ("stage", "told"),
        [("EHLO", {"EHLO": "550 5.7.1 not you"}), ("HELO", {"EHLO": 500, "HELO": "550 5.7.1 not you"})],
    )
    def test_a_server_that_does_not_want_us_says_so(self, stage: str, told: dict[str, Answer | list[Answer]]) -> None:
        """RFC 5321, section 4.1.1.10: who was refused says QUIT all the same."""
        server = ScriptedServer(told)

        error = refused(server)

        assert (error.stage, error.code, error.enhanced, error.temporary) == (stage, 550, "5.7.1", False)
        assert server.commands[-1] == "QUIT"

    @pytest.mark.parametrize(("greeting", "temporary"), [("554 no mail here", False), ("450 busy", True)])
    def test_a_server_may_refuse_at_once(self, greeting: str, temporary: bool) -> None:
        """RFC 5321, section 3.1: 554 in place of a greeting; it waits for QUIT."""
        server = ScriptedServer()
        server.give(1_000)
        server.say(greeting)

        error = refused(server)

        assert (error.stage, error.temporary) == ("greeting", temporary)
        assert server.commands == ["QUIT"]

    def test_who_says_421_is_not_spoken_to(self) -> None:
        """RFC 5321, section 3.8: it closes."""
        server = ScriptedServer({"EHLO": "421 4.3.2 going down"})

        error = refused(server)

        assert (error.stage, error.code, error.temporary) == ("EHLO", 421, True)
        assert server.commands == ["EHLO me.example"]

    def test_a_connection_that_breaks_was_not_used(self) -> None:
        """Nothing was sent; the same message may be sent again."""
        server = ScriptedServer({"EHLO": "drop"})

        error = refused(server)

        assert (error.stage, error.temporary) == ("EHLO", True)
        assert isinstance(error.__cause__, ConnectionResetError)

    def test_something_else_that_answers_is_no_mail_server(self) -> None:
        """RFC 5321, section 4.2: there is no use in trying again."""
        server = ScriptedServer()
        server.give(1_000)
        server.say("SSH-2.0-OpenSSH_9.2")

        error = refused(server)

        assert (error.stage, error.temporary) == ("greeting", False)
        assert "no reply" in str(error)

    def test_a_server_that_does_not_even_greet_may_wait_for_tls(self) -> None:
        """RFC 8314, section 3.3: on a port where TLS comes first, both wait for the other."""
        server = ScriptedServer()
        server.give(1_000)

        error = refused(server)

        assert "smtps:" in str(error)
        assert (error.stage, error.temporary) == ("greeting", True)


def _step(steps: Steps[None], octets: bytes, kind: type[Step]) -> Step:
    """The first step of *kind* that *steps* come to, where *octets* are what the server says."""
    step = next(steps)
    rest = octets
    while not isinstance(step, kind):
        if isinstance(step, Receive):
            end = rest.index(b"\n") + 1
            while not step.reader.feed(rest[:end]):
                rest = rest[end:]
                end = rest.index(b"\n") + 1
            rest = rest[end:]
        step = steps.send(True if isinstance(step, Send) else None)
    return step


class TestTLS:
    def test_the_talk_begins_anew_under_it(self) -> None:
        """RFC 3207, section 4.2: what was said before is forgotten, extensions above all."""
        talk = conversation()
        steps = talk.open(starttls="require", login=None, is_private=False)
        _step(steps, b"220 here\r\n250-here\r\n250-SIZE 1000\r\n250 STARTTLS\r\n220 go\r\n", Secure)
        _received(steps.send(None), steps).reader.feed(b"250 here\r\n")
        with pytest.raises(StopIteration):
            steps.send(None)

        assert dict(talk.capabilities.extensions) == {}
        assert talk.is_usable

    def test_what_is_said_before_it_begins_is_refused(self) -> None:
        """SECURITY: somebody in the middle would speak for the server (CVE-2011-0411)."""
        server = ScriptedServer({"STARTTLS": "220 go\r\n250-evil\r\n250 AUTH PLAIN"}, extensions=["STARTTLS"])

        error = refused(server, starttls="opportunistic")

        assert error.stage == "STARTTLS"
        assert "in the middle" in str(error)
        assert server.commands[-1] == "STARTTLS"

    def test_a_server_without_it_is_left_where_it_is_required(self) -> None:
        """SECURITY: whoever takes the word out of the answer to EHLO gets nothing."""
        error = refused(ScriptedServer(), starttls="require")

        assert (error.stage, error.temporary) == ("STARTTLS", False)
        assert "tls=off" in str(error)

    @pytest.mark.parametrize("told", [454, 500])
    def test_a_refusal_is_one_where_it_is_required(self, told: int) -> None:
        """RFC 3207, section 4: 454 says that it may be there later."""
        server = ScriptedServer({"STARTTLS": told}, extensions=["STARTTLS"])

        error = refused(server, starttls="require")

        assert (error.stage, error.code, error.temporary) == ("STARTTLS", told, told == 454)

    @pytest.mark.parametrize(
        "server",
        [ScriptedServer(), ScriptedServer({"STARTTLS": 454}, extensions=["STARTTLS"])],
        ids=["not-offered", "refused"],
    )
    def test_where_it_is_not_required_it_goes_on_without(self, server: ScriptedServer) -> None:
        """RFC 7435, section 3: opportunistic security is better than none, and no worse."""
        assert opened(server, starttls="opportunistic").is_usable

    def test_who_says_421_is_left_all_the_same(self) -> None:
        """RFC 5321, section 3.8."""
        server = ScriptedServer({"STARTTLS": 421}, extensions=["STARTTLS"])

        assert refused(server, starttls="opportunistic").code == 421

    def test_a_certificate_that_is_not_believed_ends_it(self) -> None:
        """What the wire says is passed on; there is nobody to say QUIT to."""
        talk = conversation()
        steps = talk.open(starttls="require", login=None, is_private=False)
        _step(steps, b"220 here\r\n250-here\r\n250 STARTTLS\r\n220 go\r\n", Secure)

        with pytest.raises(ConnectError, match="wrong name"):
            steps.throw(ConnectError("wrong name", stage="TLS"))

        assert not talk.is_usable


def _received(step: Step, steps: Steps[None]) -> Receive:
    while not isinstance(step, Receive):
        step = steps.send(True)
    return step


class TestLogin:
    def test_the_secret_is_said_once_and_traced_never(self) -> None:
        """RFC 4954, section 4: an initial response goes with the command."""
        server, lines = ScriptedServer(extensions=["AUTH PLAIN"]), Lines()
        login = Login("me", password="secret")

        opened(server, login=login, trace=lines)

        assert server.commands[-1] == "AUTH PLAIN AG1lAHNlY3JldA=="
        assert (">", "AUTH PLAIN ****") in lines
        assert "secret" not in repr(login)
        assert "AG1lAHNlY3JldA" not in repr(lines)

    def test_a_mechanism_may_be_a_dialogue(self) -> None:
        """RFC 4954, section 4: 334 and a challenge, until there is another reply."""
        server = ScriptedServer({"AUTH": "334 VXNlcm5hbWU6", "bWU=": "334 UGFzc3dvcmQ6"}, extensions=["AUTH LOGIN"])
        lines: Lines = []

        opened(server, login=Login("me", password="secret"), trace=lines)

        assert server.commands[-3:] == ["AUTH LOGIN", "bWU=", "c2VjcmV0"]
        assert [line for way, line in lines if way == ">"][-3:] == ["AUTH LOGIN ****", "****", "****"]

    @pytest.mark.parametrize(
        ("code", "temporary"), [(535, False), (454, True), (504, False)], ids=["refused", "not-now", "no-mechanism"]
    )
    def test_a_refusal_is_final_and_says_what_there_is(self, code: int, temporary: bool) -> None:
        """SECURITY: another mechanism would be another wrong password, and they are counted."""
        server = ScriptedServer({"AUTH": code}, extensions=["AUTH PLAIN LOGIN"])

        with pytest.raises(AuthenticationFailed, match="PLAIN, LOGIN") as caught:
            opened(server, login=Login("me", password="secret"))

        assert (caught.value.code, caught.value.temporary, caught.value.stage) == (code, temporary, "AUTH")
        assert "secret" not in str(caught.value)
        assert [line for line in server.commands if line.startswith("AUTH")] == ["AUTH PLAIN AG1lAHNlY3JldA=="]
        assert server.commands[-1] == "QUIT"

    def test_a_server_that_never_ends_asking_is_left(self) -> None:
        """SECURITY: 334 for ever."""
        server = ScriptedServer({"AUTH": "334 ", "": "334 "}, extensions=["AUTH PLAIN"])

        with pytest.raises(AuthenticationFailed):
            opened(server, login=Login("me", password="secret"))

    def test_a_challenge_is_base64(self) -> None:
        """RFC 4954, section 4."""
        server = ScriptedServer({"AUTH": "334 größer"}, extensions=["AUTH LOGIN"])

        assert "base64" in str(refused(server, login=Login("me", password="secret")))

    def test_a_secret_may_be_fetched_when_it_is_needed(self) -> None:
        """Tokens end after an hour; passwords stand in a store."""
        server = ScriptedServer(extensions=["AUTH XOAUTH2"])
        fetched: list[str] = []

        def fetch() -> str:
            fetched.append("token")
            return "token"

        login = Login("me", token=fetch)
        assert fetched == []
        opened(server, login=login)

        assert fetched == ["token"]
        assert server.commands[-1].startswith("AUTH XOAUTH2 ")

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (FileNotFoundError(2, "No such file or directory"), "cannot be fetched: No such file or directory"),
            (OSError("secret"), "cannot be fetched: OSError"),
            (LookupError("secret"), "cannot be fetched: LookupError"),
            (ConnectError("the store is shut", stage="AUTH"), "the store is shut"),
        ],
        ids=["file", "text", "any", "ours"],
    )
    def test_a_secret_that_cannot_be_fetched_is_no_broken_connection(self, error: Exception, text: str) -> None:
        """The function is the caller's, and what it says may hold anything."""
        steps = conversation().open(starttls="off", login=Login("me", password=str), is_private=True)
        _step(steps, b"220 here\r\n250-here\r\n250 AUTH PLAIN\r\n", Ask)

        with pytest.raises(ConnectError) as caught:
            steps.throw(error)

        assert text in str(caught.value)
        assert caught.value.stage == "AUTH"
        assert "secret" not in str(caught.value)

    def test_nothing_is_said_where_others_listen(self) -> None:
        """RFC 4954, section 4: PLAIN only under TLS."""
        server = ScriptedServer(extensions=["AUTH PLAIN"])

        error = refused(server, login=Login("me", password="secret"), is_private=False)

        assert isinstance(error, AuthenticationFailed)
        assert server.commands == ["EHLO me.example"]

    def test_who_offers_starttls_may_log_in_behind_it(self) -> None:
        """RFC 3207, section 4.2: what is offered under TLS is another list."""
        error = refused(ScriptedServer(extensions=["STARTTLS"]), login=Login("me", password="secret"))

        assert "the server offers none; it offers STARTTLS (tls=require)" in str(error)


class TestGoodbye:
    def test_it_is_said_and_heard(self) -> None:
        """RFC 5321, section 4.1.1.10."""
        server = ScriptedServer()
        talk = opened(server)

        drive(talk.quit(), server)

        assert server.commands[-1] == "QUIT"
        assert not talk.is_usable

    @pytest.mark.parametrize("told", ["drop", "!!", "554 no"], ids=["dropped", "garbage", "refused"])
    def test_whatever_the_answer_is(self, told: str) -> None:
        """What was accepted is accepted."""
        server = ScriptedServer({"QUIT": told})
        talk = opened(server)

        drive(talk.quit(), server)

        assert not talk.is_usable

    def test_it_is_not_said_into_a_message(self) -> None:
        """RFC 5321, section 4.1.1.4: after DATA, it would be a line of text."""
        server = ScriptedServer()
        talk = opened(server)
        talk.begun = object()

        drive(talk.quit(), server)

        assert "QUIT" not in server.commands


class TestReasons:
    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (TimeoutError("x"), "the server did not answer in time"),
            (BrokenPipeError(32, "Broken pipe"), "the connection broke: Broken pipe"),
            (ConnectionResetError("closed"), "the connection broke: closed"),
            (OSError(), "the connection broke: OSError"),
            (GarbageError("what it says is no reply"), "what it says is no reply"),
        ],
        ids=["late", "broken", "closed", "bare", "garbage"],
    )
    def test_an_error_is_told_in_a_few_words(self, error: Exception, text: str) -> None:
        """Whoever reads the log may not know the word EPIPE."""
        assert reason(error) == text


def test_a_talk_may_have_no_listener() -> None:
    """The trace is for who looks for a mistake."""
    server = ScriptedServer()
    talk = Conversation(own_name="me.example", timeouts=Timeouts())

    drive(talk.open(starttls="off", login=None, is_private=True), server)

    assert talk.is_usable


_said = st.lists(
    st.sampled_from(
        [
            *(
                b"220 here\r\n",
                b"250 ok\r\n",
                b"250-here\r\n",
                b"250 AUTH PLAIN\r\n",
                b"250 STARTTLS\r\n",
                b"235 in\r\n",
            ),
            *(
                b"334 \r\n",
                b"334 !\r\n",
                b"421 no\r\n",
                b"454 no\r\n",
                b"502 no\r\n",
                b"535 no\r\n",
                b"!",
                b"\r\n",
                b"\xff",
            ),
        ]
    )
).map(b"".join)


@given(
    _said,
    st.sampled_from(["require", "opportunistic", "off"]),
    st.sampled_from(["", "LOGIN", "XOAUTH2"]),
    st.integers(1, 9),
)
def test_whatever_a_server_says_it_is_a_talk_or_an_error(
    octets: bytes, starttls: str, mechanism: str, piece_size: int
) -> None:
    """One ``except CarteroError`` is always enough."""
    talk = conversation()
    login = Login("me", password="secret", token=lambda: "token", mechanism=mechanism)

    error = None
    try:
        recite(talk.open(starttls=starttls, login=login, is_private=True), octets, piece_size=piece_size)
    except ConnectError as raised:
        error = raised

    assert talk.is_usable is (error is None)
    assert error is None or error.stage
