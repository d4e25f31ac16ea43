"""The server that keeps what it is sent."""

from __future__ import annotations

import asyncio
import gc
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

import cartero
from cartero import AuthenticationFailed, BadURL, ConnectError, Envelope, MemorySender, SendingError, aio
from cartero.servers import ServerLimits
from cartero.testing import FaultyServer, MailCatcher
from tests.certificates import AUTHORITY, RIGHT, STRANGER, client_context
from tests.rich_mail import RICH, rich_message, told

MAIL = (
    b"From: me@example.org\r\nTo: you@example.org\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
    b"Message-ID: <1@example.org>\r\n\r\n.Hello\r\n..\r\n"
)
ENVELOPE = Envelope("me@example.org", ["you@example.org"])
with_sockets = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")


def handed_in(client: smtplib.SMTP, octets: bytes = MAIL) -> None:
    """What smtplib sends of *octets*."""
    with client:
        client.sendmail("me@example.org", ["you@example.org"], octets)


@contextmanager
def nothing_left() -> Iterator[None]:
    """No thread is left behind, and nothing that the collector of garbage complains of."""
    threads = set(threading.enumerate())
    yield
    gc.collect()
    assert set(threading.enumerate()) <= threads


class TestOutbox:
    def test_it_has_what_smtplib_sent(self) -> None:
        """Octet for octet: no Received field, and every dot."""
        with MailCatcher() as mail:
            handed_in(smtplib.SMTP(mail.host, mail.port))

            [caught] = mail.outbox

        assert caught.envelope == ENVELOPE
        assert bytes(caught.message) == MAIL

    def test_it_is_what_a_memory_sender_has(self) -> None:
        """So that a test can go from one to the other."""
        memory = MemorySender()
        memory.send(MAIL, envelope=ENVELOPE)
        with MailCatcher() as mail:
            cartero.connect(mail.url).send(MAIL, envelope=ENVELOPE)

        [caught], [remembered] = mail.outbox, memory.outbox
        assert type(mail.outbox) is type(memory.outbox)
        assert (caught.envelope, caught.message_id) == (remembered.envelope, remembered.message_id)
        assert bytes(caught.message) == bytes(remembered.message)

    def test_it_is_there_when_the_client_has_been_told_yes(self) -> None:
        """Nobody has to wait for what they sent themselves."""
        with MailCatcher() as mail, cartero.connect(mail.url) as sender:
            for number in range(1, 51):
                sender.send(MAIL)

                assert len(mail.outbox) == number

    def test_it_has_assertions(self) -> None:
        """Those of `MemorySender`, which say what came instead."""
        with MailCatcher() as mail:
            cartero.connect(mail.url).send(MAIL)

        assert mail.outbox.assert_sent(to="you@example.org", text=".Hello", count=1) == mail.outbox
        with pytest.raises(
            AssertionError, match=r"1\. '' from me@example\.org to you@example\.org: not with the subject"
        ):
            mail.outbox.assert_sent(subject="Hello")

    def test_it_can_be_emptied(self) -> None:
        """Between two halves of a test."""
        with MailCatcher() as mail:
            cartero.connect(mail.url).send(MAIL)

            mail.clear()

            assert mail.outbox == []
            mail.outbox.assert_not_sent()

    def test_a_rich_message_comes_as_it_went(self) -> None:
        """The standard library reads all of it."""
        with MailCatcher() as mail:
            cartero.connect(mail.url).send(rich_message())

        [caught] = mail.outbox
        assert told(bytes(caught.message)) == RICH
        assert caught.envelope.recipients == ("you@example.org", "hid@example.org")

    @pytest.mark.parametrize("lmtp", [pytest.param(False, id="usual-smtp"), pytest.param(True, id="usual-lmtp")])
    def test_addresses_in_other_scripts_and_nobody_come_through(self, lmtp: bool) -> None:
        """RFC 6531, section 3.4; RFC 5321, section 4.5.5 for the bounce."""
        with MailCatcher(lmtp=lmtp) as mail, cartero.connect(mail.url) as sender:
            sender.send(MAIL, envelope=Envelope("зоя@example.org", ["josé@example.org"]))
            sender.send(MAIL, envelope=Envelope("", ["you@example.org"]))

        assert [each.envelope.sender for each in mail.outbox] == ["зоя@example.org", ""]

    def test_what_is_over_a_limit_is_refused(self) -> None:
        """The limits are those of the servers."""
        with MailCatcher(limits=ServerLimits(size=100)) as mail, pytest.raises(SendingError, match="100"):
            cartero.connect(mail.url).send(MAIL + b"x" * 100)

        assert mail.outbox == []


class TestClients:
    """Whoever speaks SMTP or LMTP."""

    def test_the_message_of_the_standard_library(self) -> None:
        """As applications make it that have no other."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "me@example.org", "you@example.org", "Grüße"
        message.set_content("Hallo")
        with MailCatcher() as mail, smtplib.SMTP(mail.host, mail.port) as client:
            client.send_message(message)

        mail.outbox.assert_sent(to="you@example.org", subject="Grüße", text="Hallo", count=1)

    def test_starttls(self) -> None:
        """RFC 3207: offered with a certificate, and taken by who wants it."""
        with MailCatcher(tls=RIGHT) as mail, smtplib.SMTP("localhost", mail.port) as client:
            client.starttls(context=client_context())
            client.sendmail("me@example.org", ["you@example.org"], MAIL)
            handed_in(smtplib.SMTP("localhost", mail.port))

        assert [bytes(each.message) for each in mail.outbox] == [MAIL, MAIL]

    def test_tls_from_the_first_octet_on(self) -> None:
        """RFC 8314, section 3.3."""
        with MailCatcher(tls=RIGHT, implicit_tls=True) as mail:
            handed_in(smtplib.SMTP_SSL("localhost", mail.port, context=client_context()))

            assert mail.url == f"smtps://127.0.0.1:{mail.port}"
        assert bytes(mail.outbox[0].message) == MAIL

    @pytest.mark.parametrize(
        ("implicit_tls", "scheme"), [pytest.param(False, "smtp", id="starttls"), pytest.param(True, "smtps", id="tls")]
    )
    def test_our_own_senders_over_tls(self, implicit_tls: bool, scheme: str) -> None:
        """Those who trust the certificate, and those who do not."""
        with MailCatcher(tls=RIGHT, implicit_tls=implicit_tls) as mail, nothing_left():
            cartero.connect(f"{scheme}://localhost:{mail.port}?ca={AUTHORITY}").send(MAIL)
            with pytest.raises(ConnectError):
                cartero.connect(f"{scheme}://localhost:{mail.port}?ca={STRANGER}").send(MAIL)

        assert len(mail.outbox) == 1

    def test_lmtp(self) -> None:
        """RFC 2033: one that greets by LHLO, over a port here."""
        with MailCatcher(lmtp=True) as mail:
            handed_in(smtplib.LMTP(mail.host, mail.port))
            receipt = cartero.connect(mail.url).send(MAIL, envelope=Envelope("me@example.org", ["a@b.org", "c@b.org"]))

        assert receipt.accepted == ("a@b.org", "c@b.org")
        assert [bytes(each.message) for each in mail.outbox] == [MAIL, MAIL]
        assert mail.url == f"lmtp://127.0.0.1:{mail.port}"

    @with_sockets
    @pytest.mark.parametrize(
        ("lmtp", "scheme"), [pytest.param(True, "lmtp", id="usual-lmtp"), pytest.param(False, "smtp", id="odd-smtp")]
    )
    def test_a_socket_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lmtp: bool, scheme: str) -> None:
        """As mail servers take mail by LMTP; a relative path is one in the folder of when it was made."""
        monkeypatch.chdir(tmp_path)
        with MailCatcher(lmtp=lmtp, path=Path("a b")) as mail:
            monkeypatch.chdir("/")
            assert (mail.host, mail.port, mail.url) == ("", 0, f"{scheme}://{tmp_path}/a%20b")
            cartero.connect(mail.url).send(MAIL)

        assert bytes(mail.outbox[0].message) == MAIL
        assert not (tmp_path / "a b").exists()

    def test_the_asynchronous_senders(self) -> None:
        """A catcher in a thread, a client in a loop."""

        async def send() -> None:
            await asyncio.gather(*(aio.connect(mail.url).send(MAIL) for _ in range(5)))

        with MailCatcher() as mail:
            asyncio.run(send())

            assert len(mail.outbox) == 5


class TestUsers:
    """AUTH is offered where there are users, and nobody else may send."""

    @pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
    def test_who_has_the_password_may_send(self, mechanism: str) -> None:
        """RFC 4954, section 4."""
        with MailCatcher(users={"ana": "s3crét"}) as mail:
            cartero.connect(f"smtp://ana:s3cr%C3%A9t@{mail.host}:{mail.port}?auth={mechanism}").send(MAIL)

        assert len(mail.outbox) == 1

    def test_smtplib_logs_in(self) -> None:
        """Its own choice among what is offered."""
        with MailCatcher(users={"ana": "secret"}) as mail, smtplib.SMTP(mail.host, mail.port) as client:
            client.login("ana", "secret")
            client.sendmail("me@example.org", ["you@example.org"], MAIL)

        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(
        "login", [pytest.param("ana:wrong", id="usual-password"), pytest.param("bo:secret", id="usual-user")]
    )
    def test_who_has_not_may_not(self, login: str) -> None:
        """The error is that of a real server."""
        with MailCatcher(users={"ana": "secret"}) as mail, pytest.raises(AuthenticationFailed):
            cartero.connect(f"smtp://{login}@{mail.host}:{mail.port}").send(MAIL)

        assert mail.outbox == []

    def test_who_does_not_log_in_may_not(self) -> None:
        """A program that forgot to is found out."""
        with MailCatcher(users={"ana": "secret"}) as mail, pytest.raises(SendingError, match="login"):
            cartero.connect(mail.url).send(MAIL)

        assert mail.outbox == []

    def test_no_users_are_none(self) -> None:
        """A mapping that is empty is as if there were none: everybody may send."""
        with MailCatcher(users={}) as mail:
            cartero.connect(mail.url).send(MAIL)

        assert len(mail.outbox) == 1


def sent_by_a_thread(mail: MailCatcher, *, after: float = 0.0, times: int = 1) -> threading.Thread:
    """A thread that sends in a moment."""

    def send() -> None:
        time.sleep(after)
        for _ in range(times):
            cartero.connect(mail.url).send(MAIL)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


class TestWait:
    def test_what_is_there_is_not_waited_for(self) -> None:
        """All of it comes back, be it more."""
        with MailCatcher() as mail, cartero.connect(mail.url) as sender:
            list(sender.send_all([MAIL, MAIL]))

            assert mail.wait(timeout=0) == mail.outbox
            assert len(mail.wait(2)) == 2

    def test_another_thread_is_waited_for(self) -> None:
        """As soon as there are enough, it goes on."""
        with MailCatcher() as mail:
            thread = sent_by_a_thread(mail, after=0.05, times=3)

            found = mail.wait(3)

            thread.join()
        assert [bytes(each.message) for each in found] == [MAIL] * 3

    def test_another_program_is_waited_for(self) -> None:
        """The one under test, say."""
        script = (
            "import smtplib, sys; smtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail('a@b.org', ['c@d.org'], 'Hi')"
        )
        with MailCatcher() as mail, subprocess.Popen([sys.executable, "-c", script, str(mail.port)]):
            [caught] = mail.wait(timeout=60)

        assert caught.envelope == Envelope("a@b.org", ["c@d.org"])
        assert bytes(caught.message) == b"Hi\r\n"

    @pytest.mark.parametrize(
        ("count", "text"),
        [
            pytest.param(1, "^expected 1 message within 0.01 seconds, found 0; nothing was sent$", id="usual-none"),
            pytest.param(
                2, "^expected 2 messages within 0.01 seconds, found 1; these were sent:\n  1. ", id="usual-few"
            ),
        ],
    )
    def test_in_vain(self, count: int, text: str) -> None:
        """It says what did come."""
        with MailCatcher() as mail:
            for _ in range(count - 1):
                cartero.connect(mail.url).send(MAIL)

            with pytest.raises(TimeoutError, match=text):
                mail.wait(count, timeout=0.01)
            with pytest.raises(TimeoutError, match=text):
                asyncio.run(mail.wait_async(count, timeout=0.01))

    def test_a_loop_waits_for_a_thread(self) -> None:
        """Also where the catcher is in another thread."""
        with MailCatcher() as mail:
            thread = sent_by_a_thread(mail, after=0.05, times=2)

            found = asyncio.run(mail.wait_async(2))

            thread.join()
        assert len(found) == 2

    def test_a_loop_that_was_closed_keeps_nobody_from_sending(self) -> None:
        """Its program waited for mail, and was given up."""
        with MailCatcher() as mail:
            loop = asyncio.new_event_loop()
            task = loop.create_task(mail.wait_async())
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

            cartero.connect(mail.url).send(MAIL)

            assert len(mail.wait()) == 1
            task.get_coro().close()


class TestInALoop:
    def test_it_runs_in_the_loop_that_runs(self) -> None:
        """In no thread of its own."""

        async def test() -> None:
            async with MailCatcher() as mail:
                assert threading.active_count() == before
                await aio.connect(mail.url).send(MAIL)

                assert await mail.wait_async() == mail.outbox
                assert bytes(mail.outbox[0].message) == MAIL

        before = threading.active_count()
        asyncio.run(test())

    def test_a_message_that_comes_later_is_waited_for(self) -> None:
        """The loop goes on meanwhile."""

        async def test() -> None:
            async with MailCatcher() as mail, asyncio.TaskGroup() as tasks:
                waiting = tasks.create_task(mail.wait_async(2))
                for _ in range(2):
                    await asyncio.to_thread(cartero.connect(mail.url).send, MAIL)
                assert len(await waiting) == 2

        asyncio.run(test())

    def test_to_block_it_is_a_mistake(self) -> None:
        """It could take no mail, and the test would hang for as long as it waits."""

        async def test() -> None:
            async with MailCatcher() as mail:
                with pytest.raises(RuntimeError, match=r"await mail\.wait_async"):
                    mail.wait()

        asyncio.run(test())

    def test_another_loop_and_another_thread_may_wait(self) -> None:
        """It is their own that they block, or none."""

        async def test() -> None:
            async with MailCatcher() as mail:
                waiting = asyncio.gather(
                    asyncio.to_thread(mail.wait), asyncio.to_thread(lambda: asyncio.run(mail.wait_async()))
                )
                await aio.connect(mail.url).send(MAIL)
                assert [len(found) for found in await waiting] == [1, 1]
            with MailCatcher() as other:
                await aio.connect(other.url).send(MAIL)
                assert len(other.wait()) == 1

        asyncio.run(test())


class TestMany:
    def test_two_of_them_do_not_meet(self) -> None:
        """Each has a port, and an outbox, of its own."""
        with MailCatcher() as one, MailCatcher(lmtp=True) as other:
            cartero.connect(one.url).send(MAIL)

            assert one.port != other.port
            assert (len(one.outbox), len(other.outbox)) == (1, 0)

    def test_many_threads_send_at_once(self) -> None:
        """None of what they send is lost, nor mixed up with another's."""

        def send(number: int) -> None:
            octets = MAIL + b"%d\r\n" % number
            with smtplib.SMTP(mail.host, mail.port) as client:
                client.sendmail("me@example.org", [f"{number}@example.org"], octets)

        with MailCatcher() as mail, ThreadPoolExecutor(20) as threads:
            list(threads.map(send, range(200)))

            assert len(mail.outbox) == 200
            for number in range(200):
                [found] = mail.outbox.assert_sent(to=f"{number}@example.org")
                assert bytes(found.message) == MAIL + b"%d\r\n" % number


class TestAddress:
    def test_before_it_runs_it_has_none(self) -> None:
        """Who forgot the ``with`` is told so, and not that nothing listens at port 0."""
        mail = MailCatcher()

        for ask in (lambda: mail.port, lambda: mail.url):
            with pytest.raises(RuntimeError, match="with MailCatcher"):
                ask()

    def test_it_shows_itself(self) -> None:
        """Also before it runs."""
        mail = MailCatcher()
        assert repr(mail) == "<MailCatcher smtp 127.0.0.1:0>"
        with mail:
            assert repr(mail) == f"<MailCatcher smtp 127.0.0.1:{mail.port}>"

    def test_it_may_run_again(self) -> None:
        """At the same place; what came before is there."""
        mail = MailCatcher()
        for number in (1, 2):
            with mail:
                cartero.connect(mail.url).send(MAIL)

            assert len(mail.outbox) == number

    @with_sockets
    def test_a_path_where_nobody_can_listen(self, tmp_path: Path) -> None:
        """As the servers have it; and nothing is left behind."""
        with (
            nothing_left(),
            pytest.raises(ConnectError, match="cannot listen"),
            MailCatcher(path=tmp_path / "no" / "no"),
        ):
            pytest.fail("it runs")  # pragma: no cover

    def test_implicit_tls_needs_a_certificate(self) -> None:
        """It says so when it is made."""
        with pytest.raises(BadURL, match="certificate"):
            MailCatcher(implicit_tls=True)

    def test_without_the_extra_it_says_which(self) -> None:
        """In an environment that has no aiosmtpd."""
        script = (
            "import sys; sys.modules['aiosmtpd'] = None\n"
            "from cartero.testing import MailCatcher\n"
            "try:\n    with MailCatcher(): pass\n"
            "except ValueError as error: print(error)"
        )

        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

        assert "pip install 'cartero-mail[server]'" in done.stdout


def idle(mail: MailCatcher) -> smtplib.SMTP:
    """A client that has been greeted, and says no more."""
    return smtplib.SMTP(mail.host, mail.port)


def secure(mail: MailCatcher) -> smtplib.SMTP:
    """The same over TLS."""
    client = smtplib.SMTP("localhost", mail.port)
    client.starttls(context=client_context())
    return client


def in_the_middle(mail: MailCatcher) -> smtplib.SMTP:
    """One in the middle of a message."""
    client = idle(mail)
    client.ehlo()
    client.mail("me@example.org")
    client.rcpt("you@example.org")
    assert client.docmd("DATA")[0] == 354
    client.send(b"Subject: Hel")
    return client


def guessing(mail: MailCatcher) -> smtplib.SMTP:
    """One that waits to be told that its password is wrong."""
    client = idle(mail)
    client.ehlo()
    client.putcmd("AUTH", "PLAIN AGEAYg==")
    time.sleep(0.05)
    return client


class TestEnd:
    @pytest.mark.parametrize(
        "client",
        [
            pytest.param(idle, id="usual-idle"),
            pytest.param(secure, id="usual-idle-over-tls"),
            pytest.param(in_the_middle, id="hostile-in-the-middle"),
            pytest.param(guessing, id="hostile-guessing"),
        ],
    )
    def test_whoever_is_there_is_told(self, client: Callable[[MailCatcher], smtplib.SMTP]) -> None:
        """RFC 5321, section 3.8: a server that goes says 421; a test does not wait, and nothing is left."""
        with nothing_left(), MailCatcher(tls=RIGHT, users={"ana": "x"} if client is guessing else None) as mail:
            there = client(mail)
            before = time.monotonic()

        assert time.monotonic() - before < 2
        assert there.getreply()[0] == 421
        there.close()

    def test_a_tls_that_never_comes_about_holds_nothing_up(self) -> None:
        """A client that connects, and says nothing of what TLS wants."""
        with nothing_left(), MailCatcher(tls=RIGHT, implicit_tls=True) as mail:
            silent = socket.create_connection((mail.host, mail.port))
            before = time.monotonic()

        assert time.monotonic() - before < 2
        silent.close()

    def test_a_certificate_that_is_not_believed_leaves_nothing(self) -> None:
        """The client goes in the middle of TLS."""
        with nothing_left(), MailCatcher(tls=RIGHT, implicit_tls=True) as mail, pytest.raises(ssl.SSLError):
            smtplib.SMTP_SSL("localhost", mail.port, context=client_context(STRANGER))

    def test_nobody_listens_then(self) -> None:
        """And what came can be looked at."""
        with MailCatcher() as mail:
            cartero.connect(mail.url).send(MAIL)

        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP(mail.host, mail.port)
        assert len(mail.outbox) == 1

    def test_in_a_loop_too(self) -> None:
        """The loop lives on, with nothing of it left."""

        async def test() -> None:
            async with MailCatcher() as mail:
                reader, writer = await asyncio.open_connection(mail.host, mail.port)
                await reader.readline()
            assert (await reader.read()).startswith(b"421 ")
            writer.close()
            assert len(asyncio.all_tasks()) == 1

        asyncio.run(test())


def test_the_one_that_fails_is_another() -> None:
    """Both are servers for tests, and are asked in the same way where they are."""
    with MailCatcher() as catcher, FaultyServer({"dot": b"550 5.7.1 no"}) as faulty:
        cartero.connect(catcher.url).send(MAIL)
        with pytest.raises(SendingError):
            cartero.connect(faulty.url).send(MAIL)


class TestGoodbye:
    def test_who_is_about_to_leave_may_say_so(self) -> None:
        """A worker that has sent its mail, and says QUIT while the test ends, is told nothing else than always."""
        said: list[object] = []

        def work(port: int) -> None:
            client = smtplib.SMTP("127.0.0.1", port)
            client.sendmail("me@example.org", ["you@example.org"], MAIL)
            said.append(client.quit()[0])

        for _ in range(5):
            with MailCatcher() as mail:
                worker = threading.Thread(target=work, args=[mail.port])
                worker.start()
                mail.wait()
            worker.join()

        assert said == [221] * 5

    def test_in_a_loop_too(self) -> None:
        """The same, awaited."""

        async def main() -> bytes:
            async with MailCatcher() as mail:
                reader, writer = await asyncio.open_connection(mail.host, mail.port)
                await reader.readline()
                asyncio.get_running_loop().call_later(0.005, writer.write, b"QUIT\r\n")
            said = await reader.read()
            writer.close()
            return said

        assert asyncio.run(main()).startswith(b"221 ")
