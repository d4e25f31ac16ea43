"""What both wires do alike: the claims, for a way of waiting that each of their test files brings."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest

from cartero import TLS, BadURL, ConnectError, SendingError, Timeouts
from cartero.smtp.conversation import Conversation
from cartero.smtp.parcel import Parcel
from cartero.smtp.transaction import Transaction
from cartero.steps import Ask, Receive, Secure, Send
from cartero.wires.place import Place
from tests.certificates import AUTHORITY, EXPIRED, MINE, OTHER, RIGHT, WRONG, fingerprint, server_context
from tests.peer import Peer, hold, read_all, read_line, reset
from tests.smtpscript import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cartero.steps import Step, Steps
    from cartero.wires import awaiting, blocking

_T = TypeVar("_T")
LARGE = bytes(range(256)) * 40_000  # ten megabytes: more than any buffer holds
OFF = TLS("off")


class Way(Protocol):
    """A way of waiting."""

    def open(self, place: Place, tls: TLS = OFF, *, timeout: float = 5, secure: bool = False) -> None:
        """Open a wire; it is closed with this."""

    @property
    def wire(self) -> blocking.Wire | awaiting.Wire:
        """What was opened."""

    def run(self, steps: Steps[_T]) -> _T:
        """Run *steps* over it."""

    def idle(self, seconds: float = 0.05) -> None:
        """Let time go by."""

    def early(self) -> bytes:
        """What the wire keeps that nobody asked for."""

    def close(self) -> None:
        """Close what was opened, if it was."""


class Line:
    """Enough is a line, or the end. Mutable."""

    def __init__(self) -> None:
        self.octets = b""
        self.is_closed = False

    def feed(self, octets: bytes) -> bool:
        """Whether there is enough."""
        assert not self.octets.endswith(b"\n")
        self.octets += octets
        self.is_closed = not octets
        return self.is_closed or self.octets.endswith(b"\n")


def one(step: Step) -> Steps[bool | str | None]:
    """The result of *step*."""
    return (yield step)


def line(way: Way, *, timeout: float = 5) -> bytes:
    """The next line."""
    reader = Line()
    way.run(one(Receive(reader, timeout=timeout)))
    return reader.octets


def at(peer: Peer, host: str = "127.0.0.1") -> Place:
    """Where *peer* is."""
    return Place(host, peer.port)


def _keep_talking(way: Way) -> None:
    for _ in range(20):
        way.idle(0.01)
        way.run(one(Send([b"NOOP\n"], timeout=5)))


def _error(way: Way, steps: Steps[object]) -> SendingError | None:
    """What *steps* raise."""
    try:
        way.run(steps)
    except SendingError as error:
        return error
    return None


def scripted(server: ScriptedServer, peer: socket.socket) -> None:
    """Let *server* talk over *peer* until it is gone."""
    peer.sendall(server.give(1_000))
    while not server.is_gone and (octets := peer.recv(65_536)):
        server.take(octets)
        peer.sendall(server.give(100_000))


def wait(peer: socket.socket) -> None:
    """Say nothing until the other side closes."""
    read_all(peer)


def says(octets: bytes) -> Callable[[socket.socket], None]:
    """A server that says *octets* and no more."""

    def serve(peer: socket.socket) -> None:
        peer.sendall(octets)
        wait(peer)

    return serve


def hears(end: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """A server that hears something, and comes to its *end*."""

    def serve(peer: socket.socket) -> None:
        peer.recv(1_000)
        end(peer)

    return serve


class TheWire:
    """The claims."""

    # -- octets to and fro -------------------------------------------------------------------------

    def test_what_is_sent_arrives_and_the_answer_comes_back(self, way: Way) -> None:
        """Several pieces are one stream."""
        with Peer(lambda peer: peer.sendall(read_line(peer).upper())) as peer:
            way.open(at(peer))
            step = Send([b"he", b"llo\n"], timeout=5)

            assert way.run(one(step)) is True
            assert step.sent_size == 6
            assert line(way) == b"HELLO\n"

    def test_what_comes_in_pieces_is_put_together(self, way: Way) -> None:
        """TCP keeps octets in order, and nothing else."""

        def serve(peer: socket.socket) -> None:
            for octet in b"250 ok\n":
                peer.send(bytes([octet]))
                time.sleep(0.005)

        with Peer(serve) as peer:
            way.open(at(peer))

            assert line(way) == b"250 ok\n"

    def test_the_end_is_told(self, way: Way) -> None:
        """A FIN is an answer too."""
        with Peer(lambda peer: peer.sendall(b"half")) as peer:
            way.open(at(peer))
            reader = Line()

            way.run(one(Receive(reader, timeout=5)))
            way.run(one(Receive(again := Line(), timeout=5)))

        assert (reader.octets, reader.is_closed) == (b"half", True)
        assert again.is_closed

    def test_a_crash_is_an_error(self, way: Way) -> None:
        """A RST."""

        def serve(peer: socket.socket) -> None:
            read_line(peer)
            time.sleep(0.05)
            reset(peer)

        with Peer(serve) as peer:
            way.open(at(peer))
            way.run(one(Send([b"x\n"], timeout=5)))

            with pytest.raises(ConnectionError):
                line(way)

    @pytest.mark.parametrize("octets", [b"", b"250-"], ids=["nothing", "half-a-line"])
    def test_silence_is_an_error_in_time(self, way: Way, octets: bytes) -> None:
        """A send must not hang."""
        with Peer(says(octets)) as peer:
            way.open(at(peer))

            with pytest.raises(TimeoutError, match="in time"):
                line(way, timeout=0.05)
            way.close()

    def test_the_time_is_for_all_of_an_answer(self, way: Way) -> None:
        """SECURITY: an octet now and then would hold a program for ever."""

        def serve(peer: socket.socket) -> None:
            while True:
                peer.sendall(b"2")
                time.sleep(0.02)

        with Peer(serve) as peer:
            way.open(at(peer))
            start = time.monotonic()

            with pytest.raises(TimeoutError):
                line(way, timeout=0.1)

            assert time.monotonic() - start < 1
            way.close()

    # -- answers in the middle of sending ----------------------------------------------------------

    def test_a_large_message_goes_whole(self, way: Way) -> None:
        """However slowly it is taken."""
        found: list[bytes] = []

        def serve(peer: socket.socket) -> None:
            time.sleep(0.05)
            found.append(read_all(peer))

        with Peer(serve) as peer:
            way.open(at(peer))
            step = Send([LARGE, b"end"], timeout=5, watch=True)

            assert way.run(one(step)) is True
            way.close()

        assert found == [LARGE + b"end"]
        assert step.sent_size == len(LARGE) + 3

    def test_an_answer_before_its_time_stops_who_watches(self, way: Way) -> None:
        """RFC 5321, section 4.2.5: a server may refuse in the middle; nobody sends the rest for nothing."""

        def serve(peer: socket.socket) -> None:
            peer.recv(1_000)
            time.sleep(0.1)
            peer.sendall(b"552 too large\n")
            hold(peer)

        with Peer(serve) as peer:
            way.open(at(peer))
            step = Send([LARGE[:100_000], LARGE, LARGE], timeout=5, watch=True)

            assert way.run(one(step)) is False
            assert step.sent_size < len(LARGE) * 2
            assert line(way) == b"552 too large\n"
            way.close()

    def test_an_answer_to_a_small_piece_is_seen_before_the_next(self, way: Way) -> None:
        """It need not block to be looked at."""

        def serve(peer: socket.socket) -> None:
            peer.recv(10)
            peer.sendall(b"552 too large\n")
            wait(peer)

        def pieces() -> Iterator[bytes]:
            yield b"one"
            time.sleep(0.05)
            yield b"two"

        with Peer(serve) as peer:
            way.open(at(peer))
            step = Send(pieces(), timeout=5, watch=True)

            assert way.run(one(step)) is False
            assert step.sent_size == 3
            way.close()

    def test_who_does_not_watch_hears_it_later(self, way: Way) -> None:
        """RFC 2920, section 3.1: answers come while commands go; both sides would wait for ever if nobody read."""
        answers = b"250 ok, and so on" * 30_000 + b"\n"

        def serve(peer: socket.socket) -> None:
            peer.sendall(answers)
            time.sleep(0.1)
            wait(peer)

        with Peer(serve) as peer:
            way.open(at(peer))

            assert way.run(one(Send([LARGE, LARGE], timeout=5))) is True
            assert line(way) == answers
            way.close()

    def test_a_flood_does_not_fill_the_memory(self, way: Way) -> None:
        """SECURITY: what nobody asked for is kept up to a limit."""

        def serve(peer: socket.socket) -> None:
            while True:
                peer.sendall(b"2" * 65_536)

        with Peer(serve) as peer:
            way.open(at(peer))

            with pytest.raises(TimeoutError):
                way.run(one(Send([LARGE, LARGE], timeout=0.2)))
            way.idle()

            assert 65_536 <= len(way.early()) <= 1_000_000
            way.close()

    def test_who_takes_nothing_is_given_up(self, way: Way) -> None:
        """RFC 5321, section 4.5.3.2.5: there is a time for each piece; and not all of it has gone."""
        with Peer(hold) as peer:
            way.open(at(peer))
            step = Send([LARGE, b"end"], timeout=0.1, watch=True)

            with pytest.raises(TimeoutError):
                way.run(one(step))

            assert step.sent_size < len(LARGE)
            way.close()

    @pytest.mark.parametrize("watch", [True, False], ids=["watching", "not-watching"])
    def test_what_was_said_before_hanging_up_is_heard(self, way: Way, watch: bool) -> None:
        """The reason is worth more than the error number."""

        def serve(peer: socket.socket) -> None:
            peer.recv(1_000)
            peer.sendall(b"421 going down\n")

        with Peer(serve) as peer:
            way.open(at(peer))
            step = Send([b"x", LARGE, LARGE], timeout=5, watch=watch)

            assert way.run(one(step)) is False
            assert step.sent_size < len(LARGE) * 2
            assert line(way) == b"421 going down\n"

    @pytest.mark.parametrize("end", [socket.socket.close, reset], ids=["FIN", "RST"])
    @pytest.mark.parametrize("watch", [True, False], ids=["watching", "not-watching"])
    def test_hanging_up_without_a_word_is_an_error(
        self, way: Way, watch: bool, end: Callable[[socket.socket], None]
    ) -> None:
        """Not all went, and nothing was said."""
        with Peer(hears(end)) as peer:
            way.open(at(peer))

            with pytest.raises(ConnectionError):
                way.run(one(Send([b"x", LARGE, LARGE], timeout=5, watch=watch)))

    def test_it_is_heard_although_writing_fails_at_once(self, way: Way) -> None:
        """As where a server closes while it has not read all: what comes then is a RST."""

        def serve(peer: socket.socket) -> None:
            peer.recv(1)
            peer.sendall(b"421 going down\n")

        def late() -> Iterator[bytes]:
            peer.done.wait(5)
            time.sleep(0.01)
            yield b"y"

        with Peer(serve) as peer:
            way.open(at(peer))
            way.run(one(Send([b"xyz"], timeout=5)))
            step = Send(late(), timeout=5)

            assert way.run(one(step)) is False
            assert step.sent_size == 0
            assert line(way) == b"421 going down\n"

    def test_under_tls_it_is_an_error_or_an_answer(self, way: Way) -> None:
        """What asyncio has not read by then is lost; it is never taken for what it is not."""

        def serve(peer: socket.socket) -> None:
            with RIGHT.wrap_socket(peer, server_side=True) as under_tls:
                under_tls.recv(1)
                under_tls.sendall(b"421 going down\n")

        def late() -> Iterator[bytes]:
            peer.done.wait(5)
            time.sleep(0.01)
            yield b"y"

        with Peer(serve) as peer:
            way.open(at(peer, "localhost"), TLS(ca=AUTHORITY), secure=True)
            way.run(one(Send([b"xyz" * 10_000], timeout=5)))
            step = Send(late(), timeout=5)
            try:
                has_gone = way.run(one(step))
            except OSError:  # of `ssl`, too
                has_gone = False

        assert not has_gone
        assert step.sent_size == 0

    def test_what_fails_at_once_has_not_gone(self, way: Way) -> None:
        """So there is no doubt about it."""

        def late() -> Iterator[bytes]:
            peer.done.wait(5)
            time.sleep(0.01)
            yield b"y"

        with Peer(hears(reset)) as peer:
            way.open(at(peer))
            way.run(one(Send([b"x"], timeout=5)))
            step = Send(late(), timeout=5)

            with pytest.raises(ConnectionError):
                way.run(one(step))

        assert step.sent_size == 0

    def test_nothing_is_sent_to_who_has_hung_up(self, way: Way) -> None:
        """Sooner or later that is an error; it may take one write to find out."""
        with Peer(socket.socket.close) as peer:
            way.open(at(peer))
            peer.done.wait(5)

            with pytest.raises(ConnectionError):
                _keep_talking(way)

    # -- what was not asked for --------------------------------------------------------------------

    def test_a_quiet_connection_has_no_input(self, way: Way) -> None:
        """It may be used again."""
        with Peer(wait) as peer:
            way.open(at(peer))
            way.idle()

            assert not way.wire.has_input()
            way.close()

    @pytest.mark.parametrize("octets", [b"421 idle\n", b""], ids=["goodbye", "closed"])
    def test_what_comes_unasked_is_input(self, way: Way, octets: bytes) -> None:
        """RFC 5321, section 3.8: it is 421, or the end; the connection is of no more use. What was said, is kept."""
        with Peer(lambda peer: peer.sendall(octets)) as peer:
            way.open(at(peer))
            peer.done.wait(5)
            way.idle()

            assert way.wire.has_input()
            assert way.wire.has_input()
            assert line(way) == octets

    def test_a_crash_is_input(self, way: Way) -> None:
        """A RST while nobody was looking."""
        with Peer(hears(reset)) as peer:
            way.open(at(peer))
            way.run(one(Send([b"x"], timeout=5)))
            peer.done.wait(5)
            way.idle()

            assert way.wire.has_input()

    def test_what_comes_unasked_is_kept_and_the_rest_is_heard_too(self, way: Way) -> None:
        """However much it is."""
        octets = b"2" * 1_000_000 + b"\n"
        with Peer(says(octets)) as peer:
            way.open(at(peer))
            way.idle()

            assert way.wire.has_input()
            assert line(way) == octets
            way.close()

    # -- steps -------------------------------------------------------------------------------------

    def test_a_conversation_returns_what_it_comes_to(self, way: Way) -> None:
        """And one that asks for nothing asks for nothing."""

        def steps() -> Steps[int]:
            yield from ()
            return 7

        with Peer(wait) as peer:
            way.open(at(peer))

            assert way.run(steps()) == 7
            way.close()

    def test_an_error_is_the_conversations_to_handle(self, way: Way) -> None:
        """It knows what an error means where it stands."""

        def steps() -> Steps[str]:
            try:
                yield Ask(lambda: str(1 / 0))
            except ZeroDivisionError:
                answer = yield Ask(lambda: "token")
                return str(answer)
            return ""

        with Peer(wait) as peer:
            way.open(at(peer))

            assert way.run(steps()) == "token"
            way.close()

    def test_a_secret_is_text(self, way: Way) -> None:
        """What the caller's function returns may be anything."""
        with Peer(wait) as peer:
            way.open(at(peer))

            with pytest.raises(ConnectError, match="found bytes"):
                way.run(one(Ask(lambda: b"token")))  # type: ignore[arg-type, return-value]  # that is the point
            way.close()

    def test_a_conversation_that_is_stopped_knows_it_at_once(self, way: Way) -> None:
        """Before anybody thinks of using its connection again."""

        def pieces() -> Iterator[bytes]:
            raise KeyboardInterrupt
            yield b""

        known: list[str] = []

        def steps() -> Steps[None]:
            try:
                yield Send(pieces(), timeout=5)
            finally:
                known.append("stopped")

        stopped = steps()
        with Peer(wait) as peer:
            way.open(at(peer))
            with pytest.raises(KeyboardInterrupt):
                way.run(stopped)

            assert known == ["stopped"]
            way.close()

    def test_closing_twice_is_closing_once(self, way: Way) -> None:
        """It never raises."""
        with Peer(wait) as peer:
            way.open(at(peer))
            way.wire.close()
            way.wire.close()
            way.close()

    @pytest.mark.parametrize("size", [0, 20, 70, 100, 125, 145, 170, 1_000, 300_000])
    @pytest.mark.parametrize("end", [socket.socket.close, reset], ids=["FIN", "RST"])
    @pytest.mark.parametrize("chunked", [False, True], ids=["DATA", "BDAT"])
    def test_of_two_messages_nobody_is_told_wrong_wherever_the_server_dies(
        self, way: Way, size: int, end: Callable[[socket.socket], None], chunked: bool
    ) -> None:
        """RFC 1047: who is told not to have a message has it not, or it is sent twice; there may be a doubt."""
        server = ScriptedServer(extensions=["PIPELINING"])
        talk = Conversation(own_name="me.example", timeouts=Timeouts(command=5, data=5, final=5))
        large = Parcel("me", {"a": "a"}, lambda: [LARGE[:100_000], LARGE[:100_000]], size=None)
        first = Transaction(talk, large, chunked=chunked)
        second = Transaction(talk, Parcel("me", {"b": "b"}, lambda: [b"2\r\n"], size=None), chunked=chunked)

        def serve(peer: socket.socket) -> None:
            scripted(server, peer)
            end(peer)

        with Peer(serve) as peer:
            way.open(at(peer))
            way.run(talk.open(starttls="off", login=None, is_private=True))
            server.dies_after = size
            errors = [_error(way, first.run(following=second))]
            if talk.is_usable:
                errors.append(_error(way, second.run()))
            way.close()

        for error, who in zip(errors, "ab", strict=False):
            has_it = any(who in mail.recipients for mail in server.delivered)
            assert has_it is (error is None) or (error is not None and error.ambiguous)

    # -- where to ----------------------------------------------------------------------------------

    def test_a_wire_knows_its_own_address(self, way: Way) -> None:
        """RFC 5321, section 4.1.3: a host without a name is called by its address."""
        with Peer(wait) as peer:
            way.open(at(peer))

            assert way.wire.own_address == "127.0.0.1"
            assert (way.wire.peer_certificate, way.wire.tls_version) == (None, "")
            way.close()

    def test_ipv6(self, way: Way) -> None:
        """RFC 5321, section 4.1.3: as good an address as any."""
        try:
            peer = Peer(wait, family=socket.AF_INET6)
        except OSError:
            pytest.skip("this machine has none")
        with peer:
            way.open(at(peer, "::1"))

            assert way.wire.own_address == "::1"
            way.close()

    def test_a_socket_file(self, way: Way, tmp_path: Path) -> None:
        """Where LMTP servers listen; this end has no address."""
        path = str(tmp_path / "lmtp")
        with Peer(lambda peer: peer.sendall(b"220 here\n"), family=socket.AF_UNIX, path=path):
            way.open(Place(path=path))

            assert line(way) == b"220 here\n"
            assert way.wire.own_address == ""
            way.close()

    def test_nobody_listens(self, way: Way) -> None:
        """Host and port are in the text; it may be there later."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]

            with pytest.raises(ConnectError, match=f"127.0.0.1:{port}") as caught:
                way.open(Place("127.0.0.1", port))

        assert (caught.value.stage, caught.value.temporary) == ("connect", True)
        assert isinstance(caught.value.__cause__, OSError)

    def test_there_is_no_such_file(self, way: Way, tmp_path: Path) -> None:
        """Of a server that does not run, perhaps."""
        with pytest.raises(ConnectError, match="No such file") as caught:
            way.open(Place(path=str(tmp_path / "lmtp")))

        assert (caught.value.stage, caught.value.temporary) == ("connect", True)

    def test_there_is_no_such_host(self, way: Way) -> None:
        """RFC 6761, section 6.4: a name that is never found."""
        with pytest.raises(ConnectError, match=r"nowhere\.invalid") as caught:
            way.open(Place("nowhere.invalid", 25))

        assert caught.value.stage == "resolve"

    def test_no_host_can_be_called_so(self, way: Way) -> None:
        """RFC 1035, section 2.3.4: a label has 63 octets at most."""
        with pytest.raises(ConnectError) as caught:
            way.open(Place("x" * 64 + ".example", 25))

        assert caught.value.stage == "resolve"

    # -- TLS ---------------------------------------------------------------------------------------

    def secured(
        self, way: Way, tls: TLS, *, certificate: ssl.SSLContext = RIGHT, host: str = "localhost", secure: bool = False
    ) -> None:
        """A line to and fro under TLS."""

        def serve(peer: socket.socket) -> None:
            if not secure:
                read_line(peer)
            with certificate.wrap_socket(peer, server_side=True) as under_tls:
                under_tls.sendall(read_line(under_tls).upper())
                read_line(under_tls)

        with Peer(serve) as peer:
            try:
                way.open(at(peer, host), tls, secure=secure)
                if not secure:
                    way.run(one(Send([b"STARTTLS\n"], timeout=5)))
                    way.run(one(Secure(timeout=5)))
                way.run(one(Send([b"hello\n"], timeout=5)))
                assert line(way) == b"HELLO\n"
                assert way.wire.tls_version.startswith("TLSv1.")
                assert way.wire.peer_certificate
                assert not way.wire.has_input()
            finally:
                way.close()

    @pytest.mark.parametrize("secure", [True, False], ids=["at-once", "later"])
    @pytest.mark.parametrize(
        "tls",
        [
            pytest.param(TLS(ca=AUTHORITY), id="authority"),
            pytest.param(TLS("opportunistic"), id="opportunistic"),
            pytest.param(TLS("opportunistic", ca=AUTHORITY), id="opportunistic-authority"),
        ],
    )
    def test_a_certificate_that_is_believed(self, way: Way, tls: TLS, secure: bool) -> None:
        """RFC 3207, section 4.1; RFC 7435, section 3: who asks for no certificate gets encryption all the same."""
        self.secured(way, tls, secure=secure)

    @pytest.mark.parametrize("secure", [True, False], ids=["at-once", "later"])
    @pytest.mark.parametrize(
        ("tls", "certificate", "words"),
        [
            pytest.param(TLS(), RIGHT, ["localhost", "ca=", "certificate"], id="unknown-authority"),
            pytest.param(TLS(ca=AUTHORITY), WRONG, ["localhost", "other.example"], id="wrong-name"),
            pytest.param(TLS("opportunistic", ca=AUTHORITY), WRONG, ["other.example"], id="opportunistic-wrong-name"),
            pytest.param(TLS(ca=AUTHORITY), EXPIRED, ["expired"], id="expired"),
            pytest.param(TLS(fingerprint="0" * 64), RIGHT, ["fingerprint"], id="fingerprint"),
        ],
    )
    def test_one_that_is_not(
        self, way: Way, tls: TLS, certificate: ssl.SSLContext, words: list[str], secure: bool
    ) -> None:
        """RFC 6125, section 6: both names are in the text, and what to do; trying again is no use."""
        with pytest.raises(ConnectError) as caught:
            self.secured(way, tls, certificate=certificate, secure=secure)

        assert [word for word in words if word not in str(caught.value)] == []
        assert (caught.value.stage, caught.value.temporary) == ("TLS", False)

    def test_the_certificate_may_be_for_another_name(self, way: Way) -> None:
        """A server behind an address."""
        self.secured(way, TLS(ca=AUTHORITY, server_name="localhost"), host="127.0.0.1")

    def test_a_fingerprint_is_enough(self, way: Way) -> None:
        """Whoever signed it, and for whomever."""
        self.secured(way, TLS(fingerprint=fingerprint(OTHER)), certificate=WRONG)

    def test_a_client_may_show_a_certificate(self, way: Way, tmp_path: Path) -> None:
        """RFC 8446, section 4.3.2: where the server asks for one."""
        key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
        MINE.private_key_pem.write_to_path(str(key))
        MINE.cert_chain_pems[0].write_to_path(str(chain))
        tls = TLS(ca=AUTHORITY, certificate=chain, key=key)

        self.secured(way, tls, certificate=server_context("localhost", asks_for_certificate=True))

    def test_a_server_that_speaks_no_tls(self, way: Way) -> None:
        """The commonest mistake of all: the scheme of the other port."""
        with Peer(says(b"220 mx.example here\r\n")) as peer:
            with pytest.raises(ConnectError, match="smtps: at once") as caught:
                way.open(at(peer), TLS(ca=AUTHORITY), secure=True)
            way.close()

        assert caught.value.temporary is False

    @pytest.mark.parametrize("end", [socket.socket.close, reset], ids=["FIN", "RST"])
    def test_a_server_that_hangs_up_then(self, way: Way, end: Callable[[socket.socket], None]) -> None:
        """It may go better next time."""
        with (
            Peer(hears(end)) as peer,
            pytest.raises(ConnectError) as caught,
        ):
            way.open(at(peer), TLS(ca=AUTHORITY), secure=True)

        assert (caught.value.stage, caught.value.temporary) == ("TLS", True)

    def test_a_server_that_hung_up_before(self, way: Way) -> None:
        """Between 220 and TLS."""
        with Peer(socket.socket.close) as peer:
            way.open(at(peer), TLS(ca=AUTHORITY))
            peer.done.wait(5)
            way.idle()

            with pytest.raises(ConnectError) as caught:
                way.run(one(Secure(timeout=5)))

        assert (caught.value.stage, caught.value.temporary) == ("TLS", True)

    def test_a_server_that_says_nothing_then(self, way: Way) -> None:
        """TLS has its time, too."""
        with Peer(wait) as peer:
            with pytest.raises(ConnectError) as caught:
                way.open(at(peer), TLS(ca=AUTHORITY), secure=True, timeout=0.1)
            way.close()

        assert (caught.value.stage, caught.value.temporary) == ("TLS", True)

    def test_what_was_said_in_clear_is_not_taken_for_what_is_said_under_it(self, way: Way) -> None:
        """SECURITY: CVE-2011-0411."""
        with Peer(says(b"250 evil\r\n")) as peer:
            way.open(at(peer), TLS(ca=AUTHORITY))
            way.idle()
            assert way.wire.has_input()

            with pytest.raises(ConnectError, match="in the middle"):
                way.run(one(Secure(timeout=5)))
            way.close()

    def test_a_socket_file_has_no_name_that_a_certificate_could_have(self, way: Way, tmp_path: Path) -> None:
        """It is to be said whose is expected."""
        path = str(tmp_path / "lmtp")
        with Peer(wait, family=socket.AF_UNIX, path=path):
            with pytest.raises(BadURL, match="server_name="):
                way.open(Place(path=path), TLS(ca=AUTHORITY), secure=True)
            way.close()

    def test_a_file_without_certificates(self, way: Way, tmp_path: Path) -> None:
        """A setting to be mended, and no news of the server."""
        (tmp_path / "ca.pem").write_text("nothing")
        with Peer(wait) as peer:
            with pytest.raises(BadURL, match="certificate"):
                way.open(at(peer), TLS(ca=tmp_path / "ca.pem"), secure=True)
            way.close()

    def test_a_large_message_goes_whole_under_tls(self, way: Way) -> None:
        """Records, buffers of the library, and buffers of the system."""
        found: list[int] = []

        def serve(peer: socket.socket) -> None:
            with RIGHT.wrap_socket(peer, server_side=True) as under_tls:
                time.sleep(0.05)
                size = 0
                while size < len(LARGE) + 3:
                    size += len(under_tls.recv(65_536))
                found.append(size)
                under_tls.sendall(b"250 ok\n")
                read_line(under_tls)

        with Peer(serve) as peer:
            way.open(at(peer, "localhost"), TLS(ca=AUTHORITY), secure=True)
            step = Send([LARGE, b"end"], timeout=5, watch=True)

            assert way.run(one(step)) is True
            assert line(way) == b"250 ok\n"
            assert step.sent_size == len(LARGE) + 3
            way.close()

        assert found == [len(LARGE) + 3]

    def test_an_answer_before_its_time_stops_it_under_tls(self, way: Way) -> None:
        """As in the clear."""

        def serve(peer: socket.socket) -> None:
            with RIGHT.wrap_socket(peer, server_side=True) as under_tls:
                under_tls.recv(1_000)
                under_tls.sendall(b"552 too large\n")
                hold(under_tls)

        with Peer(serve) as peer:
            way.open(at(peer, "localhost"), TLS(ca=AUTHORITY), secure=True)
            step = Send([LARGE, LARGE, LARGE], timeout=5, watch=True)

            assert way.run(one(step)) is False
            assert line(way) == b"552 too large\n"
            way.close()
