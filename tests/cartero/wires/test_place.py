"""Where a connection goes."""

from __future__ import annotations

import socket

import pytest

from cartero import ConnectError
from cartero.wires.place import Place, describe_failure, host_name


class TestPlaces:
    @pytest.mark.parametrize(
        ("place", "text"),
        [
            pytest.param(Place("mx.example", 25), "mx.example:25", id="usual"),
            pytest.param(Place("::1", 24), "[::1]:24", id="usual-ipv6"),
            pytest.param(Place(path="/run/lmtp"), "/run/lmtp", id="usual-file"),
        ],
    )
    def test_a_place_is_written_as_people_do(self, place: Place, text: str) -> None:
        """RFC 3986, section 3.2.2: brackets around an address with colons."""
        assert str(place) == text

    @pytest.mark.parametrize(
        ("place", "is_local"),
        [
            pytest.param(Place("localhost", 25), True, id="usual-name"),
            pytest.param(Place("LocalHost.", 25), True, id="odd-name"),
            pytest.param(Place("127.0.0.1", 25), True, id="usual-address"),
            pytest.param(Place("127.8.9.10", 25), True, id="odd-address"),
            pytest.param(Place("::1", 25), True, id="usual-ipv6"),
            pytest.param(Place(path="/run/lmtp"), True, id="usual-file"),
            pytest.param(Place("mx.example", 25), False, id="usual-elsewhere"),
            pytest.param(Place("10.0.0.1", 25), False, id="usual-private"),
            pytest.param(Place("127.0.0.1.evil.example", 25), False, id="hostile-begins-like-one"),
            pytest.param(Place("localhost.evil.example", 25), False, id="hostile-begins-like-localhost"),
        ],
    )
    def test_on_this_machine_nobody_listens(self, place: Place, is_local: bool) -> None:
        """RFC 1122, section 3.2.1.3: 127/8 never leaves it. SECURITY: whoever is there may be told a password."""
        assert place.is_local is is_local


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            pytest.param("mx.example", "mx.example", id="usual"),
            pytest.param("b\u00fccher.example", "xn--bcher-kva.example", id="usual-beyond-ascii"),
            pytest.param("mx.example.", "mx.example.", id="odd-dot-at-the-end"),
            pytest.param("fe80::1%eth0", "fe80::1%eth0", id="odd-zone"),
            pytest.param("", "", id="odd-none"),
        ],
    )
    def test_a_host_is_looked_up_in_ascii(self, text: str, name: str) -> None:
        """RFC 5891, section 4.4."""
        assert host_name(text) == name
        assert Place(text, 25).looked_up == name

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("a..example", id="odd-empty-label"),
            pytest.param(".example", id="odd-dot-first"),
            pytest.param("x" * 64 + ".example", id="odd-long-label"),
            pytest.param("\u2665.example", id="odd-no-letter"),
            pytest.param("mx\0.example", id="hostile-nul"),
            pytest.param("mx\n.example", id="hostile-line-feed"),
        ],
    )
    def test_some_can_be_nobodys(self, text: str) -> None:
        """RFC 1035, section 2.3.4; RFC 5892, section 2."""
        with pytest.raises(ConnectError, match="no host can be called") as caught:
            _ = Place(text, 25).looked_up

        assert (caught.value.stage, caught.value.temporary) == ("resolve", False)
        assert "\n" not in str(caught.value)


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            pytest.param(TimeoutError(), "mx.example:25 does not answer; many networks", id="late"),
            pytest.param(ConnectionRefusedError(111, "x"), "nothing listens at mx.example:25", id="refused"),
            pytest.param(
                socket.gaierror(-2, "Name or service not known"), "mx.example:25: Name or service", id="unknown"
            ),
            pytest.param(OSError("Multiple exceptions: ..."), "mx.example:25: Multiple exceptions", id="several"),
        ],
    )
    def test_it_is_said_where_and_why(self, error: OSError, words: str) -> None:
        """Host and port are in the text: half of all mistakes are there."""
        assert words in describe_failure(error, Place("mx.example", 25))

    def test_another_port_needs_no_hint(self) -> None:
        """Who is told to do what was done already, reads no further."""
        assert describe_failure(TimeoutError(), Place("mx.example", 587)) == "mx.example:587 does not answer"

    def test_a_file_has_no_port(self) -> None:
        """It may have been left behind by a server that is gone."""
        error = ConnectionRefusedError(111, "Connection refused")

        assert describe_failure(error, Place(path="/run/lmtp")) == "cannot connect to /run/lmtp: Connection refused"
