"""A server that takes mail by XML-RPC."""

from __future__ import annotations

import asyncio
import mailbox
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xmlrpc.client import Binary, ProtocolError, ServerProxy

import pytest
from hypothesis import HealthCheck, given, settings

from cartero import (
    AuthenticationFailed,
    BadURL,
    Cancelled,
    ConnectError,
    Envelope,
    MailObject,
    MemorySender,
    Receipt,
    SendingError,
    XMLRPCSender,
    aio,
    connect,
)
from cartero.servers import Delivery, XMLRPCServer, running
from mimekit import MIMEMessage
from tests import strategies
from tests.certificates import AUTHORITY, RIGHT
from tests.ports import unused_port
from tests.rich_mail import RICH, rich_message, told
from tests.xmlrpc_clients import MAIL, STRUCT, Client, serving


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


_IPV6 = pytest.mark.skipif(not _has_ipv6(), reason="there is no IPv6 here")
ENVELOPE = Envelope("me@x.org", ["you@x.org"])


def url(server: XMLRPCServer) -> str:
    """Where a sender finds it."""
    return f"xmlrpc+http://127.0.0.1:{server.port}"


class TestSenders:
    """Who sends."""

    def test_a_rich_message_arrives(self) -> None:
        """All of it, as the standard library reads it."""
        office = MemorySender()
        with serving(office) as server:
            receipt = connect(url(server)).send(rich_message())

        [mail] = office.outbox
        assert told(bytes(mail.message)) == RICH
        assert mail.envelope.recipients == receipt.accepted == ("you@example.org", "hid@example.org")

    def test_a_sender_that_awaits_is_a_sender(self) -> None:
        """On the same wire."""
        office = MemorySender()

        async def send() -> Receipt:
            return await aio.connect(url(server)).send(MAIL, envelope=ENVELOPE)

        with serving(office) as server:
            assert asyncio.run(send()).accepted == ("you@x.org",)

        assert len(office.outbox) == 1

    def test_many_go_in_few_calls(self) -> None:
        """Each has its result."""
        office = MemorySender()
        with serving(office) as server:
            receipts = list(connect(f"{url(server)}/RPC2").send_all([(MAIL, ENVELOPE)] * 50))

        assert [receipt.accepted for receipt in receipts] == [("you@x.org",)] * 50
        assert len(office.outbox) == 50

    def test_many_send_at_once(self) -> None:
        """Each message is taken once."""
        office = MemorySender()

        def send(number: int) -> Receipt:
            return connect(url(server)).send(b"X-Number: %d\r\n" % number + MAIL, envelope=ENVELOPE)

        with serving(office) as server, ThreadPoolExecutor(16) as threads:
            list(threads.map(send, range(200)))

        assert sorted(int(str(mail.message["X-Number"])) for mail in office.outbox) == list(range(200))

    def test_what_is_refused_is_raised_there(self) -> None:
        """As if the server's sender were your own."""
        office = MemorySender()
        office.before_send.append(_closed)
        with serving(office) as server, pytest.raises(Cancelled, match="the office is closed"):
            connect(url(server)).send(MAIL)

    def test_what_is_too_large_is_told(self) -> None:
        """Whether one limit or the other says so."""
        with serving(limits={"size": 1_000}) as server:
            for size in (2_000, 2_000_000):
                with pytest.raises(SendingError, match="larger") as caught:
                    connect(url(server)).send(MAIL + bytes(size), envelope=ENVELOPE)
                assert not caught.value.temporary
                assert not caught.value.ambiguous

    @pytest.mark.parametrize("host", ["localhost", pytest.param("::1", marks=_IPV6)])
    def test_it_may_have_another_name(self, host: str) -> None:
        """Or an address of the other kind."""
        server = XMLRPCServer(host, 0, to=MemorySender())
        with running(server):
            receipt = connect(f"xmlrpc+http://{server.place}").send(MAIL)

        assert receipt.accepted

    def test_a_secret_is_kept_by_tls(self) -> None:
        """RFC 3848 has no word for it; the registry has HTTPS."""
        office = MemorySender()
        server = XMLRPCServer("127.0.0.1", 0, to=office, token="s3cret", tls=RIGHT)
        with running(server):
            address = f"xmlrpc+https://:s3cret@localhost:{server.port}"
            assert connect(f"{address}?ca={AUTHORITY}").send(MAIL).accepted
            with pytest.raises(AuthenticationFailed):
                connect(f"{address.replace('s3cret', 'wrong')}?ca={AUTHORITY}").send(MAIL)
            with pytest.raises(ConnectError):
                connect(f"xmlrpc+https://:s3cret@127.0.0.1:{server.port}").send(MAIL)

        [mail] = office.outbox
        assert b"with HTTPS id" in bytes(mail.message)

    def test_a_path_of_its_own_is_the_only_one(self) -> None:
        """Whoever looks for a server looks elsewhere."""
        with serving(url_path="/in/post%20box") as server:
            assert connect(f"{url(server)}/in/post%20box").send(MAIL).accepted
            with pytest.raises(ConnectError, match="look at the host and the path"):
                connect(url(server)).send(MAIL)

    def test_a_socket_file_is_a_place(self, tmp_path: Path) -> None:
        """For programs on this machine; one that a killed program left is no hindrance."""
        path = tmp_path / "post"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        office = MemorySender()
        server = XMLRPCServer(path=path, to=office)
        with running(server):
            with Client(str(path)) as client:
                assert "error" not in client.mail(STRUCT)[0]
            with pytest.raises(ConnectError, match="listen"), running(XMLRPCServer(path=path, to=office)):
                pass
            assert server.port == 0

        assert not path.exists()
        assert bytes(office.outbox[0].message).startswith(b"Received: from unknown\r\n")


def _closed(_: MailObject) -> MailObject:
    raise Cancelled("the office is closed")


class TestStrangers:
    """The standard library's client, which nobody here wrote."""

    def test_it_sends_fields_and_octets(self) -> None:
        """A program that knows no MIME, and one that does."""
        office = MemorySender()
        with serving(office) as server, ServerProxy(f"http://127.0.0.1:{server.port}") as proxy:
            results: Any = proxy.mail.send(
                [
                    {"from": "Zoë <me@x.org>", "to": "you@x.org", "subject": "Grüße 😀", "text": "Hé"},
                    {"sender": "me@x.org", "recipients": ["you@x.org"], "message": Binary(MAIL)},
                ]
            )

        assert [result["recipients"][0]["accepted"] for result in results] == [True, True]
        assert office.outbox[0].message["Subject"] == "Grüße 😀"
        assert bytes(office.outbox[1].message).endswith(MAIL)

    def test_it_finds_the_methods(self) -> None:
        """By the name that others have for that."""
        with serving() as server, ServerProxy(f"http://127.0.0.1:{server.port}/RPC2") as proxy:
            assert proxy.system.listMethods() == ["mail.send", "system.listMethods"]

    def test_it_shows_a_token(self) -> None:
        """As a header."""
        headers = [("Authorization", "Bearer s3cret")]
        with serving(token="s3cret") as server:
            address = f"http://127.0.0.1:{server.port}"
            with ServerProxy(address, headers=headers) as proxy:
                assert proxy.mail.send([]) == []
            with ServerProxy(address) as proxy, pytest.raises(ProtocolError) as caught:
                proxy.mail.send([])

        assert caught.value.errcode == 401


class TestDestinations:
    """Where it goes on to."""

    def test_a_url(self, tmp_path: Path) -> None:
        """Several at once, and each is on the disk when it is told."""
        server = XMLRPCServer("127.0.0.1", 0, to=f"maildir:{tmp_path / 'in'}")
        with running(server), ThreadPoolExecutor(10) as threads:
            receipts = list(threads.map(lambda _: connect(url(server)).send(MAIL, envelope=ENVELOPE), range(30)))
            assert all(Path(receipt.location).exists() for receipt in receipts)

        assert len(mailbox.Maildir(tmp_path / "in")) == 30

    def test_no_more_senders_are_opened_than_a_few(self) -> None:
        """A server may have more clients than the next one takes connections."""

        def slow(_envelope: Envelope, _message: MIMEMessage) -> None:
            time.sleep(0.03)

        last = XMLRPCServer("127.0.0.1", 0, to=slow)
        with running(last):
            first = XMLRPCServer("127.0.0.1", 0, to=url(last))
            with running(first), ThreadPoolExecutor(20) as threads:
                list(threads.map(lambda _: connect(url(first)).send(MAIL), range(20)))
                most = sum(thread.name == "cartero-xmlrpc" for thread in threading.enumerate())

        assert most <= 20 + 8

    def test_a_function(self) -> None:
        """One message after the other."""
        inside = []

        def to(_envelope: Envelope, message: MIMEMessage) -> None:
            inside.append(True)
            assert inside == [True]
            assert message["Message-ID"] == "<1@x>"
            time.sleep(0.01)
            inside.clear()

        with serving(to) as server, ThreadPoolExecutor(5) as threads:
            receipts = list(threads.map(lambda _: connect(url(server)).send(MAIL), range(10)))

        assert all(receipt.accepted for receipt in receipts)

    def test_a_function_that_awaits(self) -> None:
        """In the loop of the server, several at once."""
        names = set()
        together = asyncio.Event()

        async def to(envelope: Envelope, _message: MIMEMessage) -> Receipt | None:
            names.add(threading.current_thread().name)
            if envelope.recipients == ("a@x.org",):
                await asyncio.wait_for(together.wait(), 5)
            else:
                together.set()
            return None

        with serving(to) as server, ThreadPoolExecutor(2) as threads:
            ones = [
                threads.submit(connect(url(server)).send, MAIL, envelope=Envelope("me@x.org", [recipient]))
                for recipient in ("a@x.org", "b@x.org")
            ]
            assert all(one.result().accepted for one in ones)

        assert names == {"cartero-servers"}

    def test_a_function_that_awaits_may_fail(self) -> None:
        """As any other."""

        async def to(_envelope: Envelope, _message: MIMEMessage) -> None:
            raise SendingError("full", code=452, temporary=True)

        with serving(to) as server, pytest.raises(SendingError, match="full") as caught:
            connect(url(server)).send(MAIL)

        assert caught.value.code == 452

    def test_a_sender_that_awaits(self) -> None:
        """Held open in the loop of the server."""
        office = MemorySender()
        with serving(office) as last, serving(aio.connect(url(last))) as first:
            assert connect(url(first)).send(MAIL, envelope=ENVELOPE).accepted

        octets = bytes(office.outbox[0].message)
        assert octets.count(b"Received:") == 2
        assert octets.endswith(MAIL)

    def test_a_delivery_that_servers_share(self) -> None:
        """Mail comes in by one door or the other."""
        office = MemorySender()
        delivery = Delivery(office)
        with serving(delivery) as one, serving(delivery) as other:
            for server in (one, other):
                assert connect(url(server)).send(MAIL).accepted

        assert len(office.outbox) == 2

    def test_some_may_be_refused(self) -> None:
        """It is told recipient by recipient, in the words of the sender that it goes on to."""
        office = MemorySender([{"bad@x.org": "550 5.1.1 No such user"}])
        with serving(office) as server:
            receipt = connect(url(server)).send(MAIL, envelope=Envelope("me@x.org", ["you@x.org", "bad@x.org"]))

        assert receipt.accepted == ("you@x.org",)
        outcome = receipt.recipients["bad@x.org"]
        assert (outcome.code, outcome.enhanced, outcome.reply) == (550, "5.1.1", "No such user")

    def test_all_may_be_refused(self) -> None:
        """Then there is no receipt."""
        office = MemorySender(["450 4.2.1 Try later"])
        with serving(office) as server, pytest.raises(SendingError) as caught:
            connect(url(server)).send(MAIL)

        assert caught.value.temporary
        assert caught.value.recipients["you@x.org"].code == 450

    def test_one_that_cannot_be_opened_is_told(self) -> None:
        """When it starts, and not to the first client."""
        server = XMLRPCServer("127.0.0.1", 0, to=connect(f"xmlrpc+http://127.0.0.1:{unused_port()}"))

        with pytest.raises(ConnectError), running(server):
            pass


class TestPlaces:
    """Where it listens."""

    def test_a_place_that_is_taken_is_told(self) -> None:
        """With the place."""
        with (
            serving() as server,
            pytest.raises(ConnectError, match=rf"127.0.0.1:{server.port}") as caught,
            running(XMLRPCServer("127.0.0.1", server.port, to=MemorySender())),
        ):
            pass

        assert caught.value.stage == "listen"

    def test_it_is_shown_with_its_place(self) -> None:
        """And never with its token."""
        server = XMLRPCServer("127.0.0.1", 8025, to=MemorySender(), token="s3cret")

        assert repr(server) == "<XMLRPCServer 127.0.0.1:8025>"

    def test_stopping_what_does_not_run_does_nothing(self) -> None:
        """It may be stopped twice."""

        async def stop() -> None:
            server = XMLRPCServer("127.0.0.1", 0, to=MemorySender())
            await server.stop()
            await server.start()
            await server.stop()
            await server.stop()

        asyncio.run(stop())

    def test_it_needs_an_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Which is named."""
        monkeypatch.setitem(sys.modules, "cartero.servers._lobby", None)

        with (
            pytest.raises(BadURL, match=r"cartero-mail\[server\]"),
            running(XMLRPCServer("127.0.0.1", 0, to=MemorySender())),
        ):
            pass

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            pytest.param({}, "expected a host", id="usual-nowhere"),
            pytest.param({"host": "127.0.0.1", "path": "x"}, "expected a host", id="usual-two-places"),
            pytest.param({"host": "0.0.0.0"}, "set a token", id="hostile-open"),  # noqa: S104 - it is refused
            pytest.param({"host": "::"}, "set a token", id="hostile-open-6"),
            pytest.param({"host": "mail.example.org"}, "set a token", id="hostile-name"),
            pytest.param({"host": "127.0.0.1", "token": ""}, "visible ASCII", id="odd-empty-token"),
            pytest.param({"host": "127.0.0.1", "token": "a b"}, "visible ASCII", id="odd-space"),
            pytest.param({"host": "127.0.0.1", "token": "é"}, "visible ASCII", id="odd-letter"),
            pytest.param({"host": "127.0.0.1", "token": 1}, "visible ASCII", id="odd-number"),
            pytest.param({"host": "127.0.0.1", "url_path": "RPC2"}, "path as it stands in a URL", id="odd-path"),
            pytest.param({"host": "127.0.0.1", "url_path": "/a b"}, "path as it stands in a URL", id="odd-space-there"),
            pytest.param({"host": "127.0.0.1", "to": 1}, "takes mail", id="odd-destination"),
        ],
    )
    def test_settings_that_contradict_each_other_are_told(self, arguments: dict[str, Any], problem: str) -> None:
        """When it is made."""
        with pytest.raises(BadURL, match=problem):
            XMLRPCServer(**{"to": MemorySender(), **arguments})

    def test_a_name_that_no_host_can_have(self) -> None:
        """RFC 1035, section 2.3.4: it is told, and what hands on is let go."""
        sender = MemorySender()
        server = XMLRPCServer(f"{'a' * 70}.example", 0, to=sender, token="s3cret")

        with pytest.raises(ConnectError, match="no host can be called") as caught:
            asyncio.run(server.start())

        assert caught.value.stage == "resolve"
        assert sender._holders == 0

    def test_with_a_token_it_listens_to_all(self) -> None:
        """That is what a token is for."""
        server = XMLRPCServer("0.0.0.0", 0, to=MemorySender(), token="s3cret")  # noqa: S104 - as above
        with running(server):
            sender = XMLRPCSender(f"http://127.0.0.1:{server.port}", token="s3cret")
            assert sender.send(MAIL).accepted


@given(strategies.octets())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_message_arrives_as_it_was(message: bytes) -> None:
    """Octet for octet, whatever they are, behind the trace."""
    office = MemorySender()
    server = XMLRPCServer("127.0.0.1", 0, to=office)
    with running(server):
        connect(url(server)).send(message, envelope=ENVELOPE)

    assert bytes(office.outbox[0].message).endswith(message)
