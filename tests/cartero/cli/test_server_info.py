"""What a server says of itself. How it is asked is in ``test_network``."""

from __future__ import annotations

from cartero.cli._server_info import _certificate, _lines

FACTS: dict[str, object] = {
    "sender": "smtp://mx",
    "greeting": "220 mx",
    "tls": "",
    "mechanisms": [],
    "extensions": {},
    "most_octets": None,
}


def test_what_is_not_said_is_said_so() -> None:
    """An old server says little."""
    assert list(_lines({**FACTS, "certificate": None})) == [
        "smtp://mx",
        "greeting: 220 mx",
        "TLS: none",
        "largest message: no limit is said",
        "log in by: nothing",
        "extensions:",
    ]


def test_a_certificate_that_cannot_be_read_has_a_fingerprint() -> None:
    """On a Python that does not show it."""
    certificate = _certificate(b"x", {}, is_believed=False)

    lines = list(_lines({**FACTS, "certificate": certificate}))

    assert lines[3:8] == [
        "certificate: for nobody",
        "certified by: ",
        "valid until: ",
        "fingerprint: 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        "believed: no; this may be any server",
    ]


def test_who_certified_it_is_called_as_people_call_it() -> None:
    """The organization, then the rest; each name once."""
    issuer = ((("countryName", "US"),), (("organizationName", "Let's Encrypt"),), (("commonName", "R3"),))

    certificate = _certificate(b"x", {"issuer": issuer, "notAfter": "Jan  1 00:00:00 3000 GMT"}, is_believed=True)

    assert certificate is not None
    assert (certificate["issuer"], certificate["until"]) == ("Let's Encrypt, R3", "Jan  1 00:00:00 3000 GMT")
