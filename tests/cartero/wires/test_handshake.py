"""Connections under TLS that tell whose certificate they do not believe."""

from __future__ import annotations

import contextlib
import ssl
import threading
from socket import socketpair

import pytest

from cartero import TLS
from cartero.wires import handshake
from tests.certificates import AUTHORITY, server_context


def untrusted(*names: str) -> list[str]:
    """What the error says of a certificate for *names*, where another one is expected."""
    ours, theirs = socketpair()
    context = server_context(*names)

    def serve() -> None:
        with contextlib.suppress(OSError), context.wrap_socket(theirs, server_side=True):
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    with (
        TLS(ca=AUTHORITY)
        .context()
        .wrap_socket(ours, server_hostname="expected.example", do_handshake_on_connect=False) as connection
    ):
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            connection.do_handshake()
        thread.join()
    theirs.close()
    return list(caught.value.certificate_names)  # type: ignore[attr-defined]  # that is what the room is for


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param(["one.example"], ["one.example"], id="usual"),
        pytest.param(["*.example", "127.0.0.1"], ["*.example", "127.0.0.1"], id="usual-several"),
        pytest.param(
            [f"{number}.example" for number in range(9)], [f"{number}.example" for number in range(5)], id="odd"
        ),
    ],
)
def test_the_names_in_the_certificate_are_told(names: list[str], told: list[str]) -> None:
    """RFC 6125, section 6.2: of what is expected and what is there, both; a few are enough."""
    assert untrusted(*names) == told


def test_where_there_is_no_certificate_there_are_no_names() -> None:
    """Python has no public way to a certificate that is not believed; what fails is left out."""
    context = TLS().context()
    connection = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x.example")

    assert handshake._names(connection) == []
