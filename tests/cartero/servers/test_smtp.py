"""The server for SMTP, and what it has in common with that for LMTP: its start, its end, and its settings."""

from __future__ import annotations

import asyncio
import os
import smtplib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from cartero import BadURL, ConnectError, Envelope, MemorySender, SMTPSender, connect
from cartero.servers import Delivery, LMTPServer, ServerLimits, SMTPServer
from cartero.servers._session import Session
from cartero.testing import FaultyServer
from tests.certificates import client_context, server_context
from tests.client import Client
from tests.ports import unused_port
from tests.receiving import HOST, TEXT, Kept, enveloped, sent, serving, talking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cartero.servers.smtp import MailServer

SECURE = server_context("127.0.0.1")
TRUST = client_context()


class TestSettings:
    @pytest.mark.parametrize(
        "settings",
        [
            pytest.param({}, id="odd-nowhere"),
            pytest.param({"host": HOST, "path": "socket"}, id="odd-two-places"),
            pytest.param({"host": HOST, "implicit_tls": True}, id="odd-no-certificate"),
            pytest.param({"host": HOST, "tls": "cert.pem"}, id="odd-path-of-a-certificate"),
            pytest.param({"host": "0.0.0.0"}, id="hostile-open"),  # noqa: S104 - that is the point
            pytest.param({"host": "::"}, id="hostile-open-ipv6"),
            pytest.param({"host": "192.0.2.1", "tls": SECURE}, id="hostile-open-with-tls"),
            pytest.param({"host": HOST, "users": 7}, id="odd-users"),
            pytest.param({"host": HOST, "networks": ["x"]}, id="odd-network"),
            pytest.param({"host": HOST, "to": "nowhere:"}, id="odd-destination"),
            pytest.param({"host": HOST, "own_name": "the mail server"}, id="odd-name"),
        ],
    )
    def test_what_cannot_be_is_refused_at_once(self, kind: type[MailServer], settings: dict[str, Any]) -> None:
        """Before anybody listens; nobody but this machine may send by a server that names nobody."""
        with pytest.raises(BadURL):
            kind(**({"to": "null:"} | settings))

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
    def test_on_this_machine_nobody_need_be_named(self, kind: type[MailServer], host: str) -> None:
        """Nobody else can come in."""
        assert str(kind(host, 25, to="null:").place).endswith(":25")

    def test_it_says_what_it_is(self, kind: type[MailServer], tmp_path: Path) -> None:
        """And where."""
        assert repr(kind(HOST, 2525, to="null:")) == f"<{kind.__name__} 127.0.0.1:2525>"
        assert repr(kind(path=tmp_path / "x", to="null:")) == f"<{kind.__name__} {tmp_path}/x>"
        assert kind(path="x", to="null:").port == 0

    def test_its_name_is_that_of_the_host(self) -> None:
        """If no other is said."""
        with serving(SMTPServer, "null:", own_name=None) as server, Client(server.port) as client:
            assert client.reply().startswith(f"220 {socket.gethostname()} ".encode())


class TestClients:
    def test_the_standard_library_delivers(self) -> None:
        """With TLS and AUTH."""
        kept = Kept()
        settings: dict[str, Any] = {"tls": SECURE, "users": lambda user, password: (user, password) == ("ana", "x")}
        with serving(SMTPServer, kept, **settings) as server, smtplib.SMTP(HOST, server.port) as client:
            client.starttls(context=TRUST)
            client.login("ana", "x")
            assert client.sendmail("me@example.org", ["you@example.org"], TEXT) == {}

        assert kept.texts == [TEXT]

    def test_a_sender_of_this_project_delivers(self) -> None:
        """All that is in its envelope."""
        kept = Kept()
        envelope = Envelope("", ['"a b"@example.org', "j\u00f6@example.org"])
        with serving(SMTPServer, kept) as server:
            assert SMTPSender(HOST, server.port).send(TEXT, envelope=envelope).accepted == envelope.recipients

        assert kept.mails[0][0] == envelope
        assert kept.texts == [TEXT]

    def test_over_a_socket_file(self, kind: type[MailServer], tmp_path: Path) -> None:
        """There the client has no address."""
        kept = Kept()
        with serving(kind, kept, path=tmp_path / "socket") as server, talking(server) as client:
            assert sent(client)[0].startswith(b"250 ")

        assert not (tmp_path / "socket").exists()
        hop = kept.hop
        assert (hop.tokens["from"], hop.comments) == ("me.example", ())

    def test_what_the_next_server_refuses_is_refused(self) -> None:
        """RFC 5321, section 4.2.1: by its code and its words."""
        with FaultyServer({"RCPT": [b"550 5.1.1 no such user", b"250 ok", b"550 5.1.1 no such user"]}) as next_one:
            with serving(SMTPServer, next_one.url) as server, talking(server) as client:
                assert sent(client)[0].startswith(b"550 5.1.1 no such user")
                (reply,) = sent(client, b"a@example.org", b"b@example.org")
                assert reply.startswith(b"554 5.3.0 delivered to others, and not to <b@example.org> (no such user")
                assert sent(client)[0].startswith(b"250 ")

            assert [envelope.recipients for envelope, _ in next_one.accepted] == [
                ("a@example.org",),
                ("you@example.org",),
            ]

    def test_what_is_not_there_is_for_later(self, kind: type[MailServer]) -> None:
        """Nothing is lost: the client has it still."""
        with FaultyServer() as gone:
            url = gone.url
        with serving(kind, url) as server, talking(server) as client:
            assert sent(client)[0].startswith(b"451 4.4.1")

    def test_servers_may_share_what_hands_on(self) -> None:
        """One sender for both; the first to stop waits for its own mail alone."""
        sender = MemorySender()
        delivery = Delivery(sender)
        with serving(SMTPServer, delivery) as one, serving(LMTPServer, delivery) as other:
            for server in (one, other):
                with talking(server) as client:
                    assert sent(client)[0].startswith(b"250 ")

        assert len(sender.outbox) == 2
        assert sender._holders == 0


class TestConnections:
    @pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "tls"])
    def test_one_too_many_is_told_so(self, kind: type[MailServer], is_secure: bool) -> None:
        """RFC 5321, section 3.8; those inside go on, and who leaves makes room."""
        settings: dict[str, Any] = {"tls": SECURE, "implicit_tls": True} if is_secure else {}
        with serving(kind, Kept(), limits=ServerLimits(connections=1), **settings) as server:
            with Client(server.port) as inside:
                if is_secure:
                    inside.secure(TRUST)
                inside.reply()
                with Client(server.port) as outside:
                    if is_secure:
                        outside.secure(TRUST)
                    assert outside.rest() == b"421 4.3.2 too many connections; come again later\r\n"
                assert inside.ask(b"NOOP").startswith(b"250 ")
                assert inside.ask(b"QUIT").startswith(b"221 ")
            with Client(server.port) as outside:
                if is_secure:
                    outside.secure(TRUST)
                assert outside.reply().startswith(b"220 ")

    def test_who_never_begins_tls_takes_no_more_room_than_those_inside(self) -> None:
        """The others are closed at once; when time is over for these, who does begin it is served."""
        limits = ServerLimits(connections=5, idle=1.0)
        with serving(SMTPServer, Kept(), limits=limits, tls=SECURE, implicit_tls=True) as server:
            crowd = [socket.create_connection((HOST, server.port), timeout=5) for _ in range(100)]
            assert [each.recv(1) for each in crowd[5:]] == [b""] * 95
            assert len(server._door.securing) == 5

            assert {each.recv(1) for each in crowd} == {b""}
            with Client(server.port) as client:
                client.secure(TRUST)
                assert client.reply().startswith(b"220 ")
                assert server._door.securing == set()
            for each in crowd:
                each.close()

    def test_a_thousand_at_once(self) -> None:
        """Each is told, and those inside are served."""
        kept = Kept()
        with serving(SMTPServer, kept, limits=ServerLimits(connections=5)) as server, talking(server) as inside:
            others = [Client(server.port) for _ in range(4)]
            assert [other.reply()[:3] for other in others] == [b"220"] * 4
            for _ in range(4):
                crowd = [socket.create_connection((HOST, server.port), timeout=5) for _ in range(250)]
                assert {each.recv(100) for each in crowd} == {b"421 4.3.2 too many connections; come again later\r\n"}
                assert sent(inside)[0].startswith(b"250 ")
                for each in crowd:
                    each.close()
            assert [other.ask(b"NOOP")[:3] for other in others] == [b"250"] * 4
            for other in others:
                other.socket.close()

        assert len(kept.mails) == 4

    def test_a_burst_before_anybody_is_looked_at(self) -> None:
        """The listening queue holds them; the limit holds all the same."""

        async def main() -> list[bytes]:
            server = SMTPServer(HOST, to="null:", limits=ServerLimits(connections=5))
            async with server:
                crowd = [socket.create_connection((HOST, server.port), timeout=5) for _ in range(200)]
                await asyncio.sleep(0.2)
                greetings = [each.recv(100)[:3] for each in crowd]
                for each in crowd:
                    each.close()
                return greetings

        greetings = asyncio.run(main())

        assert (greetings.count(b"220"), greetings.count(b"421")) == (5, 195)


def stopping(server: MailServer) -> Callable[[], None]:
    """Begin to stop *server*, from beside its loop; what waits until it has stopped."""
    session = next(iter(server._door.sessions))
    assert isinstance(session, Session)
    return lambda: asyncio.run_coroutine_threadsafe(server.stop(), session.loop).result(5)


class TestStopping:
    def test_who_is_there_is_told(self, kind: type[MailServer]) -> None:
        """RFC 5321, section 3.8: who says nothing, and who is in the middle of a message, of which nothing is taken."""
        kept = Kept()
        with serving(kind, kept) as server, talking(server) as idle, talking(server) as busy:
            enveloped(busy)
            busy.say(TEXT)
            stopping(server)()

            assert idle.rest() == busy.rest() == b"421 4.3.2 this server stops now\r\n"
            with pytest.raises(ConnectionRefusedError):
                Client(server.port)
            asyncio.run(server.stop())  # once is enough

        assert kept.mails == []

    def test_what_is_being_handed_on_is_acknowledged(self, kind: type[MailServer]) -> None:
        """Its client is told before the end; nothing that was acknowledged is lost."""
        kept = Kept()
        kept.may_end.clear()
        with serving(kind, kept) as server, talking(server) as client:
            enveloped(client)
            client.say(TEXT + b".\r\nMAIL FROM:<x@example.org>\r\n")
            assert kept.begun.wait(5)
            threading.Timer(0.1, kept.may_end.set).start()
            stopping(server)()

            assert kept.texts == [TEXT]
            client.socket.settimeout(0.05)
            assert client.rest() == b"250 2.0.0 taken\r\n421 4.3.2 this server stops now\r\n"

    def test_who_hangs_up_is_waited_for_no_less(self, kind: type[MailServer]) -> None:
        """The message was taken on."""
        kept = Kept()
        kept.may_end.clear()
        with serving(kind, kept) as server, talking(server) as other:
            with talking(server) as client:
                enveloped(client)
                client.say(TEXT + b".\r\n")
                assert kept.begun.wait(5)
            threading.Timer(0.1, kept.may_end.set).start()
            stopping(server)()
            assert kept.texts == [TEXT]
            assert other.rest().startswith(b"421 ")

    def test_one_of_two_that_share_waits_for_its_own(self) -> None:
        """What hands on goes on for the other one."""
        kept = Kept()
        kept.may_end.clear()
        delivery = Delivery(kept)
        with (
            serving(SMTPServer, delivery) as one,
            serving(SMTPServer, delivery) as other,
            talking(one) as client,
            talking(other) as second,
        ):
            enveloped(client)
            client.say(TEXT + b".\r\n")
            assert kept.begun.wait(5)
            threading.Timer(0.1, kept.may_end.set).start()
            stopping(one)()
            assert kept.texts == [TEXT]
            assert client.rest().startswith(b"250 ")
            assert sent(second)[0].startswith(b"250 ")

    def test_who_comes_when_it_stops_is_told(self) -> None:
        """He was in the queue."""
        with serving(SMTPServer, "null:") as server:
            server._door.is_closing = True
            with Client(server.port) as client:
                assert client.rest() == b"421 4.3.2 this server stops now\r\n"

    def test_who_is_about_to_begin_tls_is_let_go(self) -> None:
        """Nobody waits for one who may never do so."""

        async def main() -> bytes:
            server = SMTPServer(HOST, to="null:", tls=SECURE, implicit_tls=True)
            async with server:
                client = socket.create_connection((HOST, server.port), timeout=5)
                await asyncio.sleep(0.2)
                assert len(server._door.securing) == 1
            await asyncio.sleep(0)
            with client:
                return client.recv(1)

        assert asyncio.run(main()) == b""

    def test_it_can_be_started_again(self, kind: type[MailServer], tmp_path: Path) -> None:
        """At the same place; sessions are not those of a server that stops."""
        kept = Kept()
        for place in ({"host": HOST}, {"path": tmp_path / "socket"}):
            server = kind(**place, to=kept, own_name="mx.example")

            async def main(server: MailServer = server) -> None:
                for _ in range(2):
                    async with server:
                        await asyncio.to_thread(self._talk, server)

            asyncio.run(main())

        assert len(kept.mails) == 8

    @staticmethod
    def _talk(server: MailServer) -> None:
        with talking(server) as client:
            assert sent(client)[0].startswith(b"250 ")
            assert sent(client)[0].startswith(b"250 ")

    def test_a_sender_that_cannot_be_closed(self) -> None:
        """The error is raised; nobody listens any more, and the sessions are over."""

        class Stuck(MemorySender):
            def _close(self) -> None:
                raise ConnectError("it is stuck")

        async def main() -> None:
            server = SMTPServer(HOST, to=Stuck())
            await server.start()
            reader, writer = await asyncio.open_connection(HOST, server.port)
            await reader.readline()
            with pytest.raises(ConnectError, match="it is stuck"):
                await server.stop()
            assert (await reader.read()).startswith(b"421 ")
            writer.close()
            await writer.wait_closed()

        asyncio.run(main())


class TestStarting:
    def test_a_port_in_use(self, kind: type[MailServer]) -> None:
        """It is told, and can be tried again when the port is free."""
        sender = MemorySender()
        with socket.create_server((HOST, 0)) as other:
            server = kind(HOST, other.getsockname()[1], to=sender)

            async def fail() -> None:
                with pytest.raises(ConnectError, match=r"cannot listen at 127.0.0.1:[0-9]+: .*in use") as caught:
                    await server.start()
                assert caught.value.stage == "listen"

            asyncio.run(fail())
            assert sender._holders == 0
        asyncio.run(self._run(server))

    @staticmethod
    async def _run(server: MailServer) -> None:
        async with server:
            assert server._server is not None

    def test_a_name_that_no_host_can_have(self, kind: type[MailServer]) -> None:
        """RFC 1035, section 2.3.4: it is told, and what hands on is let go."""
        sender = MemorySender()
        server = kind(f"{'a' * 70}.example", to=sender, networks=["10.0.0.0/8"])

        with pytest.raises(ConnectError, match="no host can be called") as caught:
            asyncio.run(server.start())

        assert caught.value.stage == "resolve"
        assert sender._holders == 0

    def test_a_port_that_no_host_has(self, kind: type[MailServer]) -> None:
        """It is told when the server is made."""
        with pytest.raises(BadURL, match="up to 65535"):
            kind(HOST, 70_000, to="null:")

    def test_users_who_could_never_log_in(self, kind: type[MailServer]) -> None:
        """RFC 4954, section 4: no password goes in the clear from beyond this machine."""
        with pytest.raises(BadURL, match="without TLS"):
            kind("0.0.0.0", to="null:", users=lambda *_: True)  # noqa: S104 - not started

    @pytest.mark.parametrize(
        "there_is",
        [pytest.param(True, id="usual-a-file-in-its-place"), pytest.param(False, id="usual-no-folder-for-it")],
    )
    def test_a_mailbox_that_cannot_be_is_told_at_once(
        self, kind: type[MailServer], tmp_path: Path, there_is: bool
    ) -> None:
        """And not with the first message."""
        if there_is:
            (tmp_path / "box").touch()
        url = f"maildir:{tmp_path / 'box' if there_is else tmp_path / 'none' / 'box'}"
        with pytest.raises(ConnectError, match="cannot open the Maildir"):
            asyncio.run(kind(HOST, to=url).start())

    def test_a_server_that_is_away_may_come_back(self, kind: type[MailServer]) -> None:
        """What hands on to it starts all the same."""
        pytest.importorskip("h11", reason="h11 is not installed")

        async def main() -> None:
            async with kind(HOST, to=f"xmlrpc+http://127.0.0.1:{unused_port()}"):
                pass

        asyncio.run(main())

    def test_twice_is_a_mistake(self, kind: type[MailServer]) -> None:
        """And does not end the first."""

        async def main() -> None:
            async with kind(HOST, to="null:") as server:
                with pytest.raises(ConnectError, match="it does so already"):
                    await server.start()
                await asyncio.to_thread(self._greet, server)

        asyncio.run(main())

    @staticmethod
    def _greet(server: MailServer) -> None:
        with Client(server.place.path or server.port) as client:
            assert client.reply().startswith(b"220 ")

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            pytest.param("none/socket", "No such file", id="odd-no-folder"),
            pytest.param("file", "File exists", id="hostile-file"),
            pytest.param(".", "File exists", id="hostile-folder"),
            pytest.param("x" * 200, "too long", id="odd-long"),
        ],
    )
    def test_a_path_that_cannot_be_one(self, kind: type[MailServer], tmp_path: Path, path: str, words: str) -> None:
        """What is there stays there."""
        (tmp_path / "file").write_text("precious", encoding="utf-8")

        with pytest.raises(ConnectError, match=f"cannot listen at .*{words}"):
            asyncio.run(self._run(kind(path=tmp_path / path, to="null:")))

        assert (tmp_path / "file").read_text(encoding="utf-8") == "precious"

    def test_a_socket_file_that_was_left_is_replaced(self, kind: type[MailServer], tmp_path: Path) -> None:
        """As of a program that was killed."""
        path = tmp_path / "socket"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))

        asyncio.run(self._run(kind(path=path, to="null:")))

        assert not path.exists()

    def test_one_at_which_somebody_listens_is_not(self, kind: type[MailServer], tmp_path: Path) -> None:
        """Nobody's mail is taken away."""
        with serving(kind, "null:", path=tmp_path / "socket") as server:
            with pytest.raises(ConnectError, match=r"cannot listen at .*in use"):
                asyncio.run(self._run(kind(path=tmp_path / "socket", to="null:")))
            self._greet(server)

    def test_one_whose_queue_is_full_is_not(self, tmp_path: Path) -> None:
        """It is busy, and not gone; and nobody waits for it."""
        path = str(tmp_path / "socket")
        with socket.socket(socket.AF_UNIX) as busy, socket.socket(socket.AF_UNIX) as one:
            busy.bind(path)
            busy.listen(0)
            one.connect(path)
            start = time.monotonic()
            with pytest.raises(ConnectError, match="in use"):
                asyncio.run(self._run(SMTPServer(path=path, to="null:")))

        assert time.monotonic() - start < 2
        assert os.path.exists(path)  # noqa: PTH110 - of a str

    def test_what_cannot_hand_on_does_not_listen(self, kind: type[MailServer], tmp_path: Path) -> None:
        """And can be tried again when it can."""
        folder = tmp_path / "folder"

        class Fussy(MemorySender):
            def _open(self) -> None:
                if not folder.is_dir():
                    raise ConnectError("the folder is not there")

        server = kind(HOST, to=Fussy())

        with pytest.raises(ConnectError, match="the folder is not there"):
            asyncio.run(self._run(server))
        folder.mkdir()
        asyncio.run(self._run(server))

    def test_without_the_extra_it_says_what_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What speaks SMTP is not installed with the rest."""
        import sys  # noqa: PLC0415 - here alone

        monkeypatch.delitem(sys.modules, "cartero.servers._session")
        monkeypatch.setitem(sys.modules, "aiosmtpd.smtp", None)

        with pytest.raises(BadURL, match=r"pip install 'cartero-mail\[server\]'"):
            asyncio.run(self._run(SMTPServer(HOST, to="null:")))
        with pytest.raises(BadURL, match="needs the extra"):
            asyncio.run(self._run(LMTPServer(HOST, to="null:")))


def test_a_url_is_enough(tmp_path: Path) -> None:
    """From one server to the next, and into a file."""
    with (
        serving(LMTPServer, f"maildir:{tmp_path}/inbox") as last,
        serving(SMTPServer, f"lmtp://127.0.0.1:{last.port}") as first,
    ):
        connect(f"smtp://127.0.0.1:{first.port}").send(TEXT, envelope=Envelope("", ["you@example.org"]))

    (file,) = (tmp_path / "inbox" / "new").iterdir()
    assert file.read_bytes().replace(b"\r\n", b"\n").endswith(TEXT.replace(b"\r\n", b"\n"))
    assert file.read_bytes().count(b"Received: ") == 2
